// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: key URIs. Refusals first (no sentence may repeat the seed), then the public vectors of Substrate's wiki and
// keys that @polkadot/keyring 14 derives.
#include "unit/crypto/util.h"

#include "crypto/hash.h"
#include "crypto/keys.h"

TestSuite(keypair, .init = w3p_crypto_init, .timeout = 10);

#define SEED "0x0101010101010101010101010101010101010101010101010101010101010102"
#define X40 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define Y31 "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
#define U256_MAX "115792089237316195423570985008687907853269984665640564039457584007913129639935"
#define U256_MAX_PLUS_1 "115792089237316195423570985008687907853269984665640564039457584007913129639936"
#define SECP_N "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
#define ZERO_SEED "0x0000000000000000000000000000000000000000000000000000000000000000"

struct bad_case {
    enum w3p_key_type type;
    const char *uri;
    int err;
};
static const struct bad_case bad_cases[] = {
    {W3P_KEY_SR25519, "", W3P_E_INVALID},
    {W3P_KEY_SR25519, "/", W3P_E_INVALID},
    {W3P_KEY_SR25519, "//", W3P_E_INVALID},
    {W3P_KEY_SR25519, "///", W3P_E_INVALID},
    {W3P_KEY_SR25519, "////", W3P_E_INVALID},
    {W3P_KEY_SR25519, "//Alice/", W3P_E_INVALID},
    {W3P_KEY_SR25519, "//Alice//", W3P_E_INVALID},
    {W3P_KEY_SR25519, "//Alice///password", W3P_E_INVALID},
    {W3P_KEY_SR25519, "///password", W3P_E_INVALID},
    {W3P_KEY_SR25519, "Alice", W3P_E_INVALID},
    {W3P_KEY_SR25519, " //Alice", W3P_E_INVALID},
    {W3P_KEY_SR25519, "bottom drive obey lake curtain smoke basket hold race lonely fit walk", W3P_E_INVALID},
    {W3P_KEY_SR25519, "bottom drive//Alice", W3P_E_INVALID},
    {W3P_KEY_SR25519, "0x", W3P_E_INVALID},
    {W3P_KEY_SR25519, "0x01//a", W3P_E_INVALID},
    {W3P_KEY_SR25519, SEED "0", W3P_E_INVALID},
    {W3P_KEY_SR25519, SEED "00", W3P_E_INVALID},
    {W3P_KEY_SR25519, SEED "a//b", W3P_E_INVALID},
    {W3P_KEY_SR25519, SEED " ", W3P_E_INVALID},
    {W3P_KEY_SR25519, SEED "/", W3P_E_INVALID},
    {W3P_KEY_SR25519, "0X0101010101010101010101010101010101010101010101010101010101010102", W3P_E_INVALID},
    {W3P_KEY_SR25519, "0101010101010101010101010101010101010101010101010101010101010102", W3P_E_INVALID},
    {W3P_KEY_SR25519, "0x010101010101010101010101010101010101010101010101010101010101010g", W3P_E_INVALID},
    {W3P_KEY_SR25519, "//" U256_MAX_PLUS_1, W3P_E_INVALID},
    {W3P_KEY_SR25519, "//" U256_MAX "0", W3P_E_INVALID},
    {W3P_KEY_SR25519, "//0x01", W3P_E_INVALID},
    {W3P_KEY_ED25519, "/soft", W3P_E_UNSUPPORTED},
    {W3P_KEY_ED25519, "//Alice/soft", W3P_E_UNSUPPORTED},
    {W3P_KEY_ECDSA, "//Alice/1", W3P_E_UNSUPPORTED},
    {W3P_KEY_ECDSA, ZERO_SEED, W3P_E_INVALID},
    {W3P_KEY_ECDSA, SECP_N, W3P_E_INVALID},
    {W3P_KEY_ECDSA, SECP_N "//a", W3P_E_INVALID},
};

Test(keypair, refuses_uri_and_leaves_no_key)
{
    static const struct w3p_keypair zero;
    for (size_t i = 0; i < sizeof bad_cases / sizeof *bad_cases; i++) {
        const struct bad_case *c = &bad_cases[i];
        struct w3p_keypair key = {0};
        struct w3p_errmsg msg = {""};
        cr_assert(eq(int, w3p_keypair_from_uri(&key, &msg, c->type, c->uri), c->err), "%s", c->uri);
        cr_assert(memcmp(&key, &zero, sizeof key) == 0, "%s", c->uri);
        cr_assert(strlen(msg.text) > 10, "%s", c->uri);
        cr_assert(strstr(msg.text, "0101") == NULL && strstr(msg.text, "Alice") == NULL, "%s", msg.text);
        cr_assert(eq(int, w3p_keypair_from_uri(&key, NULL, c->type, c->uri), c->err));
    }
}

Test(keypair, length_limit)
{
    char uri[1100] = "//";
    struct w3p_keypair key;
    memset(uri + 2, 'a', 1022);
    cr_assert(w3p_keypair_from_uri(&key, NULL, W3P_KEY_SR25519, uri) == W3P_OK); // 1024 characters
    uri[1024] = 'a';
    cr_assert(w3p_keypair_from_uri(&key, NULL, W3P_KEY_SR25519, uri) == W3P_E_INVALID);
    for (size_t i = 0; i < 1024; i += 2)
        memcpy(uri + i, "/a", 2);
    uri[1024] = '\0'; // 512 soft parts
    cr_assert(w3p_keypair_from_uri(&key, NULL, W3P_KEY_SR25519, uri) == W3P_OK);
}

Test(keypair, unknown_type)
{
    static const uint8_t seed[32] = {1};
    struct w3p_keypair key;
    cr_assert(w3p_keypair_from_seed(&key, (enum w3p_key_type)77, seed) == W3P_E_INVALID);
    cr_assert(w3p_keypair_from_uri(&key, NULL, (enum w3p_key_type)77, "//Alice") == W3P_E_INVALID);
}

struct uri_case {
    enum w3p_key_type type;
    const char *uri, *pub;
};
static const struct uri_case uri_cases[] = {
    {W3P_KEY_SR25519, "//Alice", "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"},
    {W3P_KEY_SR25519, "//Bob", "8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48"},
    {W3P_KEY_SR25519, "/foo", "40b9675df90efa6069ff623b0fdfcf706cd47ca7452a5056c7ad58194d23440a"},
    {W3P_KEY_SR25519, "//foo", "547d4a55642ec7ebadc0bd29b6e570b8c926059b3c0655d4948075e9a7e6f31e"},
    {W3P_KEY_SR25519, "//0", "2afba9278e30ccf6a6ceb3a8b6e336b70068f045c666f2e7f4f9cc5f47db8972"},
    {W3P_KEY_SR25519, "//foo/bar", "3841947ffcde6f5fef26fb68b59bb8665637e30e32ec2051f99cf6b9c674fe09"},
    {W3P_KEY_SR25519, "/foo//bar", "dc142f7476a7b0aa262aeccf207f1d18daa90762db393006741e8a31f39dbc53"},
    {W3P_KEY_SR25519, "//foo/bar//42/69", "a2e56b06407a6d1e819d2fc33fa0ec604b29c2e868b70b3696bb049b8725934b"},
    {W3P_KEY_SR25519, "//polkadot/0/" X40, "d0f57cbca80e531e0c18e4550d9bc7f6f2f34480f12ebbd198c7f3fe26124e73"},
    {W3P_KEY_SR25519, "/18446744073709551616", "4ed380dacb1a97b9a44c4e9be887e2bda236f7f033abc2453597467de0936a75"},
    {W3P_KEY_SR25519, "//" U256_MAX, "1c8fb626077c63e22f53f7c8d29fb31ffc1c740c3b7515429b115954311de203"},
    {W3P_KEY_SR25519, "//007", "ba8e2c7594dd74730f3ca835e95455d199261897edc9735d602ea29615e2b10b"},
    {W3P_KEY_SR25519, "//7", "ba8e2c7594dd74730f3ca835e95455d199261897edc9735d602ea29615e2b10b"},
    {W3P_KEY_SR25519, "//\xc5\xbb\xc3\xb3\xc5\x82w",
     "20e1ccf1a5d24fcd6b7b4b7b4b9eba1b3582ce7fb8efd8729e142576c5b0cd62"},
    {W3P_KEY_SR25519, "//" Y31, "fa21d6492b90eda7584d3bd8e010036cb8a6302d875634a5390ab0927eb52d00"},
    {W3P_KEY_SR25519, "//" Y31 "y", "d6e28aa3c5e8a61726055c9a092452474e140c00bd01b8bf949db81e5dc40259"},
    {W3P_KEY_SR25519, "//" Y31 Y31 "yyyyyyyy", "6205984a895895a6f448c4f23bdbcfd950820f2edcf47502880593f0059bf021"},
    {W3P_KEY_SR25519, "//" Y31 Y31 "y", "287e61660300983838398d7dbebd54a96baa46d470c90abb5a07acff1038fa14"},
    {W3P_KEY_SR25519, "//" Y31 Y31 "yy", "56bc6ab8218914c4fc68daf85c1c9110cc481b60fe58e765c9ba12cc7b6c4b06"},
    {W3P_KEY_SR25519, SEED, "002374b3dfce49d7626b369be96f6e69672fce02922a2a77af0f4efa41d9915d"},
    {W3P_KEY_SR25519, SEED "//a", "02c8edf724d64f4108e1035895188b81d5878623ce3b86a5b0e00be06343685e"},
    {W3P_KEY_ED25519, "//Alice", "88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee"},
    {W3P_KEY_ED25519, "//Bob//1", "03d42e7a6b0dc9d58f453fea2bcc25f8c8ac6141e1ae260a9acb2ac2bb62d4b8"},
    {W3P_KEY_ED25519, SEED, "2654bf46fd7a6c5c04a4351265233fa932102042617661f2825a7b88dcf71271"},
    {W3P_KEY_ED25519, SEED "//a", "82490faaf47e54734680cda5642d0a32a3febd7167e66d61d52726bd4104c1a0"},
    {W3P_KEY_ECDSA, "//Alice", "020a1091341fe5664bfa1782d5e04779689068c916b04cb365ec3153755684d9a1"},
    {W3P_KEY_ECDSA, "//Bob", "0390084fdbf27d2b79d26a4f13f0ccd982cb755a661969143c37cbc49ef5b91f27"},
    {W3P_KEY_ECDSA, "//Bob//stash", "03b9a427c7067d109c69e55d3d196a7d84d5f607fe30c3896846bfdf72a3d782b9"},
    {W3P_KEY_ECDSA, SEED, "03c050c3f0b8d45b9e093a91cb96d097b24100e66585d0d8561e01c1231837493f"},
    {W3P_KEY_ECDSA, SEED "//a", "03694e59ec4241d51879edd09394dcf6500d24f2dbb8313e1a255878d7f183f638"},
};

Test(keypair, uri_vectors)
{
    for (size_t i = 0; i < sizeof uri_cases / sizeof *uri_cases; i++) {
        const struct uri_case *c = &uri_cases[i];
        struct w3p_keypair key;
        struct w3p_errmsg msg = {""};
        cr_assert(eq(int, w3p_keypair_from_uri(&key, &msg, c->type, c->uri), W3P_OK), "%s: %s", c->uri, msg.text);
        cr_assert(key.type == c->type && key.pub_len == strlen(c->pub) / 2);
        CHECK_HEX(key.pub33, key.pub_len, c->pub);
    }
}

Test(keypair, the_development_phrase)
{
    struct w3p_keypair key, alice;
    uint8_t seed[32];
    unhex(seed, 32, "fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e");
    cr_assert(w3p_keypair_from_seed(&key, W3P_KEY_SR25519, seed) == W3P_OK);
    CHECK_HEX(key.pub33, 32, "46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a");
    // known pair of polkadot-js, whose scalar is multiplied by 8: 28b0ae22… / 8
    CHECK_HEX(key.secret64, 64,
              "05d65584630d16cd4af6d0bec10f34bb504a5dcb62dba2122d49f5a663763d0a"
              "fd190cce74df356432b410bd64682309d6dedb27c76845daf388557cbac3ca34");
    cr_assert(w3p_keypair_from_uri(&key, NULL, W3P_KEY_SR25519,
                                   "0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e//Alice") ==
              W3P_OK);
    cr_assert(w3p_keypair_from_uri(&alice, NULL, W3P_KEY_SR25519, "//Alice") == W3P_OK);
    cr_assert(memcmp(key.secret64, alice.secret64, 64) == 0);
}

Test(keypair, mini_secrets)
{
    struct w3p_keypair key, alice;
    uint8_t seed[32];
    unhex(seed, 32, "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a");
    cr_assert(w3p_keypair_from_seed(&key, W3P_KEY_SR25519, seed) == W3P_OK);
    cr_assert(w3p_keypair_from_uri(&alice, NULL, W3P_KEY_SR25519, "//Alice") == W3P_OK);
    cr_assert(memcmp(key.secret64, alice.secret64, 64) == 0);
    CHECK_HEX(key.pub33, 32, "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d");

    cr_assert(w3p_keypair_from_uri(&alice, NULL, W3P_KEY_ED25519, "//Alice") == W3P_OK);
    CHECK_HEX(alice.secret64, 32, "abf8e5bdbe30c65656c0a3cbd181ff8a56294a69dfedd27982aace4a76909115");
    cr_assert(memcmp(alice.secret64 + 32, alice.pub33, 32) == 0);

    cr_assert(w3p_keypair_from_uri(&alice, NULL, W3P_KEY_ECDSA, "//Alice") == W3P_OK);
    CHECK_HEX(alice.secret64, 32, "cb6df9de1efca7a3998a8ead4e02159d5fa99c3e0d4fd6432667390bb4726854");
}

Test(keypair, accounts)
{
    struct w3p_keypair key;
    uint8_t account[32];
    char text[W3P_SS58_TEXT_MAX];
    static const struct {
        enum w3p_key_type type;
        uint16_t prefix;
        const char *text;
    } table[] = {
        {W3P_KEY_SR25519, 66, "cTM8suyN19VZb7JEPRNvtezyfpEAJyYxHkk1n5J4XEr6XroRa"},
        {W3P_KEY_SR25519, 42, "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"},
        {W3P_KEY_ED25519, 66, "cTKS5moMFjX87JSbY2XtTfJoRY3KYBPd2KaS3WjtgiHCMQGYL"},
        {W3P_KEY_ECDSA, 42, "5C7C2Z5sWbytvHpuLTvzKunnnRwQxft1jiqrLD5rhucQ5S9X"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cr_assert(w3p_keypair_from_uri(&key, NULL, table[i].type, "//Alice") == W3P_OK);
        w3p_keypair_account(account, &key);
        w3p_ss58_format(text, table[i].prefix, account);
        CHECK_TEXT(text, table[i].text);
    }
}

Test(keypair, soft_children_sign)
{
    struct w3p_keypair key, again;
    uint8_t sig[64];
    cr_assert(w3p_keypair_from_uri(&key, NULL, W3P_KEY_SR25519, "//Alice//c/1") == W3P_OK);
    cr_assert(w3p_keypair_from_uri(&again, NULL, W3P_KEY_SR25519, "//Alice//c/1") == W3P_OK);
    cr_assert(memcmp(key.secret64, again.secret64, 64) == 0 && memcmp(key.pub33, again.pub33, 33) == 0);
    cr_assert(w3p_keypair_from_uri(&again, NULL, W3P_KEY_SR25519, "//Bob//c/1") == W3P_OK);
    cr_assert(memcmp(key.secret64 + 32, again.secret64 + 32, 32) != 0); // the witness seed is the parent's child, too
    w3p_sr25519_sign(sig, &key, "m", 1, NULL);
    cr_assert(w3p_sr25519_verify(sig, key.pub33, "m", 1) == W3P_SIG_VALID);
}
