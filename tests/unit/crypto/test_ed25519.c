// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: ed25519 verdicts: forgeries that laxer libraries accept, RFC 8032, and a signature of polkadot-js.
#include "unit/crypto/util.h"

#include "crypto/hash.h"
#include "crypto/keys.h"

TestSuite(ed25519, .init = w3p_crypto_init, .timeout = 60);

struct ed_case {
    const char *why, *pub, *msg, *sig;
    enum w3p_verdict verdict;
};
static const struct ed_case cases[] = {
    {"S + L: a second spelling of a valid signature",
     "ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1", "GyGKxMyg1p9SsHfm15MkNUu1u9TN2JtTspcdmrtGUdse",
     "10daaf9f8b8f2743e45cf1f72b9b742286addcde4fcc2cbaea08f66a9b9dbebd"
     "bae68e0618a67d1e6b67ca8937019f3dad67ddd08b0c9c942903fc3928bc3a12",
     W3P_SIG_MALFORMED},
    {"small-order key 01…", "0100000000000000000000000000000000000000000000000000000000000000",
     "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM",
     "5866666666666666666666666666666666666666666666666666666666666666"
     "0100000000000000000000000000000000000000000000000000000000000000",
     W3P_SIG_INVALID},
    {"small-order key ec…", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
     "Gx9dDNxzpALCowVuZb7pBceBLJugLA8sPa6TJDXrpfeW",
     "5866666666666666666666666666666666666666666666666666666666666666"
     "0100000000000000000000000000000000000000000000000000000000000000",
     W3P_SIG_INVALID},
    {"small-order key 00…", "0000000000000000000000000000000000000000000000000000000000000000",
     "11111111111111111111111111111111",
     "2f1132ca61ab38dff00f2fea3228f24c6c71d58085b80e47e19515cb27e8d047"
     "0400000000000000000000000000000000000000000000000000000000000000",
     W3P_SIG_INVALID},
    {"small-order key 26…", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
     "3ctC68zTqpRDQShoondiQKDHwZDAUjRyxiPNdg8cD6Pe",
     "2c7be86ab07488ba43e8e03d85a67625cfbf98c8544de4c877241b7aaafc7fe3"
     "0a00000000000000000000000000000000000000000000000000000000000000",
     W3P_SIG_INVALID},
    {"bit of R", "ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1",
     "GyGKxMyg1p9SsHfm15MkNUu1u9TN2JtTspcdmrtGUdse",
     "10daaf9f8b8e2743e45cf1f72b9b742286addcde4fcc2cbaea08f66a9b9dbebd"
     "cd1299a9fd426bc694cad2e65807c028ad67ddd08b0c9c942903fc3928bc3a02",
     W3P_SIG_INVALID},
    {"a Solana address", "ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1",
     "GyGKxMyg1p9SsHfm15MkNUu1u9TN2JtTspcdmrtGUdse",
     "10daaf9f8b8f2743e45cf1f72b9b742286addcde4fcc2cbaea08f66a9b9dbebd"
     "cd1299a9fd426bc694cad2e65807c028ad67ddd08b0c9c942903fc3928bc3a02",
     W3P_SIG_VALID},
    {"key not on the curve", "0200000000000000000000000000000000000000000000000000000000000000", "x",
     "10daaf9f8b8f2743e45cf1f72b9b742286addcde4fcc2cbaea08f66a9b9dbebd"
     "cd1299a9fd426bc694cad2e65807c028ad67ddd08b0c9c942903fc3928bc3a02",
     W3P_SIG_INVALID},
    {"RFC 8032 test 1", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
     W3P_SIG_VALID},
    {"RFC 8032 test 2", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "r",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
     W3P_SIG_VALID},
    {"signed by @polkadot/keyring 14", "d17c2d7823ebf260fd138f2d7e27d114c0145d968b5ff5006125f2414fadae69",
     "w3pin test vector",
     "961e7417570353980b5ff645321882f7065a13132e00253eabad44d28ae3235e"
     "e3c25f1ce4ee69a4bfd6f2d5caa060fcef3ca10f95ac8a6aa56e74989c500b0b",
     W3P_SIG_VALID},
};

Test(ed25519, verdicts)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct ed_case *c = &cases[i];
        uint8_t pub[32], sig[64];
        unhex(pub, 32, c->pub);
        unhex(sig, 64, c->sig);
        cr_assert(eq(int, (int)w3p_ed25519_verify(sig, pub, c->msg, strlen(c->msg)), (int)c->verdict), "%s", c->why);
    }
}

Test(ed25519, sign_is_that_of_polkadot)
{
    struct w3p_keypair key;
    struct w3p_errmsg msg;
    uint8_t sig[64];
    cr_assert(w3p_keypair_from_uri(&key, &msg, W3P_KEY_ED25519, "//Bob") == W3P_OK);
    w3p_ed25519_sign(sig, &key, "w3pin test vector", 17);
    CHECK_HEX(sig, 64,
              "961e7417570353980b5ff645321882f7065a13132e00253eabad44d28ae3235e"
              "e3c25f1ce4ee69a4bfd6f2d5caa060fcef3ca10f95ac8a6aa56e74989c500b0b");
}

// The worked example of a Crust order: 135 bytes of payload, signed raw.
Test(ed25519, signs_a_crust_order)
{
    static const char payload_hex[] =
        "1a00b8516d5971436863526e34566635794e5254587252725159466b456b58545844586e703474485663526b4c3267664d"
        "000010000000000000008502"
        "1c00"
        "1900000001000000"
        "8b404e7ed8789d813982b9cb4c8b664c05b3fbf433309f603af014ec9ce56a8c"
        "1111111111111111111111111111111111111111111111111111111111111111";
    struct w3p_keypair key;
    struct w3p_errmsg msg;
    uint8_t payload[135], sig[64];
    unhex(payload, sizeof payload, payload_hex);
    cr_assert(w3p_keypair_from_uri(&key, &msg, W3P_KEY_ED25519, "//Alice") == W3P_OK);
    w3p_ed25519_sign(sig, &key, payload, sizeof payload);
    CHECK_HEX(sig, 64,
              "1af4afd03d3d69494c4a00c2965ae85591751901a7d46f3f1375c9d7b346f5c5"
              "3f172fd077c8f3bcd7e4f1f545475a728f33047ae18604c517b16972a98a6f05");
}

Test(ed25519, no_bit_of_a_signature_is_free)
{
    struct w3p_keypair key;
    uint8_t sig[64], seed[32] = {9};
    cr_assert(w3p_keypair_from_seed(&key, W3P_KEY_ED25519, seed) == W3P_OK);
    w3p_ed25519_sign(sig, &key, "message", 7);
    cr_assert(w3p_ed25519_verify(sig, key.pub33, "message", 7) == W3P_SIG_VALID);
    cr_assert(w3p_ed25519_verify(sig, key.pub33, "message", 6) == W3P_SIG_INVALID);
    for (unsigned bit = 0; bit < 512; bit++) {
        sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
        cr_assert(w3p_ed25519_verify(sig, key.pub33, "message", 7) != W3P_SIG_VALID, "bit %u", bit);
        sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}
