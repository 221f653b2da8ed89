// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: key texts with a secret: phrase or seed, derivation, password. Refusals first (nothing of the text may be in
// the sentence), then keys that @polkadot/keyring 14 derives; the first ones stand in its own suri.spec.
#include "unit/crypto/util.h"

#include <string.h>

#include "crypto/hash.h"
#include "crypto/keys.h"

TestSuite(suri, .init = w3p_crypto_init, .timeout = 20);

#define SEED "0x0101010101010101010101010101010101010101010101010101010101010102"
#define DEV "bottom drive obey lake curtain smoke basket hold race lonely fit walk"
#define WINNER "legal winner thank year wave sausage worth useful legal winner thank yellow"

static const struct {
    enum w3p_key_type type;
    const char *text;
    int err;
    const char *says;
} bad_cases[] = {
    {W3P_KEY_SR25519, "", W3P_E_INVALID, "begins with a phrase"},
    {W3P_KEY_SR25519, "//winner", W3P_E_INVALID, "begins with a phrase"},
    {W3P_KEY_SR25519, "/winner", W3P_E_INVALID, "begins with a phrase"},
    {W3P_KEY_SR25519, "///winner", W3P_E_INVALID, "begins with a phrase"},
    {W3P_KEY_SR25519, "winner", W3P_E_INVALID, "1 words"},
    {W3P_KEY_SR25519, "legal winner//0", W3P_E_INVALID, "2 words"},
    {W3P_KEY_SR25519, WINNER " winner", W3P_E_INVALID, "13 words"},
    {W3P_KEY_SR25519, WINNER "/", W3P_E_INVALID, "empty parts"},
    {W3P_KEY_SR25519, WINNER "//", W3P_E_INVALID, "empty parts"},
    {W3P_KEY_SR25519, WINNER "//winner/", W3P_E_INVALID, "empty parts"},
    {W3P_KEY_SR25519, WINNER "///", W3P_E_INVALID, "password after /// is empty"},
    {W3P_KEY_SR25519, WINNER "//winner///", W3P_E_INVALID, "password after /// is empty"},
    {W3P_KEY_SR25519, WINNER "///winn\xc3\xa9r", W3P_E_UNSUPPORTED, "beyond ASCII"},
    {W3P_KEY_SR25519, WINNER "///winner\t", W3P_E_UNSUPPORTED, "beyond ASCII"},
    {W3P_KEY_SR25519, WINNER "//win\nner", W3P_E_INVALID, "one line"},
    {W3P_KEY_SR25519, WINNER "//0x01", W3P_E_INVALID, "ambiguous"},
    {W3P_KEY_SR25519, SEED "///winner", W3P_E_INVALID, "belongs to a phrase"},
    {W3P_KEY_SR25519, SEED "0", W3P_E_INVALID, "64 hex digits"},
    {W3P_KEY_SR25519, SEED " ", W3P_E_INVALID, "64 hex digits"},
    {W3P_KEY_SR25519, "0x", W3P_E_INVALID, "64 hex digits"},
    {W3P_KEY_ED25519, WINNER "/winner", W3P_E_UNSUPPORTED, "only sr25519"},
    {W3P_KEY_ED25519, WINNER "//a/winner", W3P_E_UNSUPPORTED, "only sr25519"},
    {W3P_KEY_ECDSA, WINNER "/1", W3P_E_UNSUPPORTED, "only sr25519"},
    {W3P_KEY_ECDSA, "0x0000000000000000000000000000000000000000000000000000000000000000", W3P_E_INVALID, "secp256k1"},
};

Test(suri, refuses_without_a_word_of_the_secret_and_leaves_no_key)
{
    static const struct w3p_keypair zero;
    for (size_t i = 0; i < sizeof bad_cases / sizeof *bad_cases; i++) {
        struct w3p_keypair key;
        struct w3p_errmsg msg = {""};
        memset(&key, 0x5a, sizeof key);
        int err = w3p_keypair_from_suri(&key, &msg, bad_cases[i].type, bad_cases[i].text, strlen(bad_cases[i].text));
        cr_expect(err == bad_cases[i].err, "%zu: %s", i, msg.text);
        cr_expect(strstr(msg.text, bad_cases[i].says) != NULL, "%zu: %s", i, msg.text);
        cr_expect(memcmp(&key, &zero, sizeof key) == 0, "%zu", i);
        cr_expect(strstr(msg.text, "winn") == NULL && strstr(msg.text, "legal") == NULL &&
                      strstr(msg.text, "0101") == NULL,
                  "%s", msg.text);
    }
}

Test(suri, a_nul_inside_is_no_end)
{
    struct w3p_keypair key;
    cr_expect(w3p_keypair_from_suri(&key, NULL, W3P_KEY_SR25519, WINNER "\0x", sizeof WINNER + 1) == W3P_E_INVALID);
    cr_expect(w3p_keypair_from_suri(&key, NULL, W3P_KEY_SR25519, WINNER "//a\0b", sizeof WINNER + 4) == W3P_E_INVALID);
}

Test(suri, length_limit)
{
    char text[W3P_SURI_MAX + 1] = WINNER "//";
    struct w3p_keypair key;
    size_t len = strlen(text);
    memset(text + len, 'a', sizeof text - len);
    cr_expect(w3p_keypair_from_suri(&key, NULL, W3P_KEY_SR25519, text, W3P_SURI_MAX) == W3P_OK);
    cr_expect(w3p_keypair_from_suri(&key, NULL, W3P_KEY_SR25519, text, W3P_SURI_MAX + 1) == W3P_E_INVALID);
    cr_expect(memcmp(&key, &(struct w3p_keypair){0}, sizeof key) == 0); // nothing of the key before is left
    memcpy(text + len, "/", 1);                                         // the rest is a password
    cr_expect(w3p_keypair_from_suri(&key, NULL, W3P_KEY_SR25519, text, W3P_SURI_MAX) == W3P_OK);
}

static const struct {
    enum w3p_key_type type;
    const char *text, *pub;
} cases[] = {
    // clang-format off
    {W3P_KEY_SR25519, DEV, "46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a"},
    {W3P_KEY_SR25519, DEV "/foo", "40b9675df90efa6069ff623b0fdfcf706cd47ca7452a5056c7ad58194d23440a"},
    {W3P_KEY_SR25519, DEV "//foo//42/69", "725089b9daa228ccaef9999e39a3877337d6ce6edef39fbe0aaa4b8d024bf425"},
    {W3P_KEY_SR25519, DEV "//Alice///password", "32fc18294f88e02ec071e59bb3996aa21f4519d92593dc6e01fda2921d459b23"},
    {W3P_KEY_SR25519, WINNER, "625e25364c7b68e0a83065ccb40afed43f8fe933e669b24f3d69a57eddb3b715"},
    {W3P_KEY_SR25519, WINNER "///p", "6445affd5cdd3f3d41f27996d153a6b5acf348e3d3b251e894b5d2d50f1c9833"},
    {W3P_KEY_SR25519, WINNER "//a/b///p/q//r", "6437b1118a1651f5cea94e4ae8cd5155b4a217165ce96a90b3a4021ea20a4167"},
    {W3P_KEY_SR25519, WINNER "///  two  words ~", "d619ad3396a7fed8e79d5b926622e052b58e3cfb081b8811c62a95d601503c2e"},
    {W3P_KEY_ED25519, DEV "//Alice", "88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee"},
    {W3P_KEY_ED25519, WINNER "//0//1///secret", "32f26a8f61af00a486cf2eb9f1a44cc1cc50a403ec4f78125d1f07b9eaf034fb"},
    {W3P_KEY_ECDSA, DEV "//Alice", "020a1091341fe5664bfa1782d5e04779689068c916b04cb365ec3153755684d9a1"},
    {W3P_KEY_ECDSA, WINNER "//polkadot///secret", "0243bb96e876f6269eea479ae4f10e31c7896944c5d64f996d16a6fa415f3c6953"},
    {W3P_KEY_ECDSA, WINNER, "029880b9309f4eb50e731d563c26a5b8faf3e787d48b33648c544b512267b18069"},
    {W3P_KEY_SR25519, "fragile erode unique net know quantum fog raven truck tilt satoshi fee slogan brain shine//x", "e4ff99e59e87e1160f7f8f0c7b3c7bd56ddc678d3c7b574bcabebfbfe0227d4a"},
    {W3P_KEY_ED25519, "abandon crash wash warm gain wealth ten gain disorder now eight olympic panda atom bird announce climb volcano", "4840e0e9a7e34a8be1a63559076aa9d4dc576ccb9874f51eea6ae7a31f26c50c"},
    {W3P_KEY_ECDSA, "armed hotel motion office bacon huge woman grass weasel hammer scrub foster alert warfare business spell useless oxygen proud coast resemble///x", "02535dbbe244c9b12ae9a6236442872cb441afddbde44560049659d6b5723088b9"},
    // clang-format on
};

Test(suri, second_implementation)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct w3p_keypair key;
        struct w3p_errmsg msg = {""};
        int err = w3p_keypair_from_suri(&key, &msg, cases[i].type, cases[i].text, strlen(cases[i].text));
        cr_assert(err == W3P_OK, "%zu: %s", i, msg.text);
        CHECK_HEX(key.pub33, key.pub_len, cases[i].pub);
    }
}

// What development URIs derive from is the phrase that everybody knows.
Test(suri, development_uris_are_the_public_phrase)
{
    static const char *const paths[] = {"//Alice", "//Bob//stash", "/foo", "//42/69"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct w3p_keypair key, wanted;
        char text[200] = DEV;
        memcpy(text + sizeof DEV - 1, paths[i], strlen(paths[i]) + 1);
        cr_assert(w3p_keypair_from_suri(&key, NULL, W3P_KEY_SR25519, text, strlen(text)) == W3P_OK);
        cr_assert(w3p_keypair_from_uri(&wanted, NULL, W3P_KEY_SR25519, paths[i]) == W3P_OK);
        cr_assert(memcmp(&key, &wanted, sizeof key) == 0);
    }
}
