// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: recoverable ECDSA: what must never reach the library, the one spelling of a signature, Ethereum and
// Substrate vectors, EIP-55.
#include "unit/crypto/util.h"

#include <pthread.h>
#include <stdio.h>

#include "crypto/hash.h"
#include "crypto/keys.h"

TestSuite(ecdsa, .init = w3p_crypto_init, .timeout = 60);

static const char eip55[] = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"; // of the secret 01…01
#define N "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
#define N_LESS_1 "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140"
#define HALF_N "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0"
#define HALF_N_PLUS_1 "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1"
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"
#define ONE "0000000000000000000000000000000000000000000000000000000000000001"
#define R "3df3c6aea3f118c4883c2cec65ec6f01201a60197caf3921fa0b3cfb9400d555"
#define S "7114f123953b328a7021607f5edcdded0382944431ff24abcfb9d7a4d3d84fa3"
#define HIGH_S "8eeb0edc6ac4cd758fde9f80a1232211b72c48a27d497b8ff01886e7fc5df19e"

static void personal_digest(uint8_t out32[32], const char *text)
{
    char buf[256];
    int len = snprintf(buf, sizeof buf,
                       "\x19"
                       "Ethereum Signed Message:\n%zu%s",
                       strlen(text), text);
    w3p_keccak256(out32, buf, (size_t)len);
}

struct recover_case {
    const char *why, *r, *s;
    unsigned recid;
    enum w3p_verdict verdict;
};
static const struct recover_case cases[] = {
    {"recid 4", R, S, 4, W3P_SIG_MALFORMED},
    {"recid 27", R, S, 27, W3P_SIG_MALFORMED},
    {"recid of a negative number", R, S, (unsigned)-1, W3P_SIG_MALFORMED},
    {"recid past the sign bit", R, S, 0x80000000u, W3P_SIG_MALFORMED},
    {"r = 0", ZERO, S, 0, W3P_SIG_MALFORMED},
    {"s = 0", R, ZERO, 0, W3P_SIG_MALFORMED},
    {"both 0", ZERO, ZERO, 0, W3P_SIG_MALFORMED},
    {"r = n", N, S, 0, W3P_SIG_MALFORMED},
    {"s = n", R, N, 0, W3P_SIG_MALFORMED},
    {"r and s all ones", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 3, W3P_SIG_MALFORMED},
    {"high s", R, HIGH_S, 0, W3P_SIG_MALFORMED},
    {"high s, other parity", R, HIGH_S, 1, W3P_SIG_MALFORMED},
    {"s = n - 1", R, N_LESS_1, 0, W3P_SIG_MALFORMED},
    {"s = (n + 1) / 2", R, HALF_N_PLUS_1, 0, W3P_SIG_MALFORMED},
    {"r + n is no field element", R, S, 2, W3P_SIG_INVALID},
    {"the same with the other parity", R, S, 3, W3P_SIG_INVALID},
    {"no point has this x", "0000000000000000000000000000000000000000000000000000000000000005", S, 0, W3P_SIG_INVALID},
    {"s = (n - 1) / 2 is the largest", R, HALF_N, 0, W3P_SIG_VALID},
    {"s = 1", R, ONE, 0, W3P_SIG_VALID},
    {"x = n + 2 is on the curve", "0000000000000000000000000000000000000000000000000000000000000002", S, 2,
     W3P_SIG_VALID},
    {"x = n + 1 is not", ONE, S, 2, W3P_SIG_INVALID},
    {"a wallet's", R, S, 1, W3P_SIG_VALID},
    {"another recovery id gives another key", R, S, 0, W3P_SIG_VALID},
};

Test(ecdsa, verdicts_and_untouched_output)
{
    uint8_t digest[32];
    personal_digest(digest, eip55);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct recover_case *c = &cases[i];
        uint8_t rs[64], pub[33], address[20], again[20];
        memset(pub, 0x77, sizeof pub);
        unhex(rs, 32, c->r);
        unhex(rs + 32, 32, c->s);
        cr_assert(eq(int, (int)w3p_ecdsa_recover(pub, rs, c->recid, digest), (int)c->verdict), "%s", c->why);
        cr_assert(eq(int, (int)w3p_ecdsa_recover_eth(address, rs, c->recid, digest), (int)c->verdict), "%s", c->why);
        if (c->verdict == W3P_SIG_VALID) {
            cr_assert(w3p_eth_address_from_pub(again, pub) == W3P_OK);
            cr_assert(memcmp(address, again, 20) == 0);
        } else {
            cr_assert(pub[0] == 0x77 && pub[32] == 0x77, "%s", c->why);
        }
    }
}

Test(ecdsa, recovers_the_wallet)
{
    uint8_t digest[32], rs[64], address[20];
    char text[43];
    personal_digest(digest, eip55);
    unhex(rs, 32, R);
    unhex(rs + 32, 32, S);
    cr_assert(w3p_ecdsa_recover_eth(address, rs, 1, digest) == W3P_SIG_VALID);
    w3p_eth_address_format(text, address);
    CHECK_TEXT(text, eip55);
    cr_assert(w3p_ecdsa_recover_eth(address, rs, 0, digest) == W3P_SIG_VALID);
    w3p_eth_address_format(text, address);
    cr_assert(strcmp(text, eip55) != 0);
}

Test(ecdsa, substrate_signature_of_polkadot)
{
    uint8_t digest[32], sig[64], pub[33];
    unhex(sig, 64,
          "85bc6c4e1187a07d24403a8922be6b7913be41a03e5785d9ec78a111876a0955"
          "1e63be9121d609c156e6c8943046cc09b8859c467d872e549f1c32e213645a2c");
    w3p_blake2b_256(digest, "w3pin test vector", 17);
    cr_assert(w3p_ecdsa_recover(pub, sig, 0, digest) == W3P_SIG_VALID);
    CHECK_HEX(pub, 33, "0390084fdbf27d2b79d26a4f13f0ccd982cb755a661969143c37cbc49ef5b91f27"); // //Bob
}

// @polkadot/keyring's "ethereum" pairs sign keccak-256 of the bare message; RFC 6979 makes it reproducible.
Test(ecdsa, sign_is_that_of_polkadot)
{
    struct w3p_keypair key;
    uint8_t seed[32], digest[32], sig[65], address[20];
    char text[43];
    memset(seed, 1, sizeof seed);
    cr_assert(w3p_keypair_from_seed(&key, W3P_KEY_ECDSA, seed) == W3P_OK);
    CHECK_HEX(key.pub33, 33, "031b84c5567b126440995d3ed5aaba0565d71e1834604819ff9c17f5e9d5dd078f");
    w3p_keypair_eth_address(address, &key);
    w3p_eth_address_format(text, address);
    CHECK_TEXT(text, eip55);
    w3p_keccak256(digest, "w3pin test vector", 17);
    w3p_ecdsa_sign(sig, &key, digest);
    CHECK_HEX(sig, 65,
              "660d0aeddbf172cbddd91f3ef9e4345621e6394c0683e4e805a49398dcd59976"
              "40ddce63fc4508aac8c00d90c23704dbd4d58de6ee7e9cb2e00a993cc31888a200");
}

Test(ecdsa, signatures_are_low_and_recover)
{
    struct w3p_keypair key;
    uint8_t seed[32] = {3}, digest[32], sig[65], pub[33], half[32];
    unsigned seen = 0;
    unhex(half, 32, HALF_N);
    cr_assert(w3p_keypair_from_seed(&key, W3P_KEY_ECDSA, seed) == W3P_OK);
    for (int i = 0; i < 200; i++) {
        w3p_sha256(digest, &i, sizeof i);
        w3p_ecdsa_sign(sig, &key, digest);
        cr_assert(sig[64] <= 1 && memcmp(sig + 32, half, 32) <= 0);
        cr_assert(w3p_ecdsa_recover(pub, sig, sig[64], digest) == W3P_SIG_VALID);
        cr_assert(memcmp(pub, key.pub33, 33) == 0);
        seen |= 1u << sig[64];
    }
    cr_assert(seen == 3);
}

Test(ecdsa, flipped_bits_never_give_the_signer)
{
    struct w3p_keypair key;
    uint8_t seed[32] = {3}, digest[32] = {8}, sig[65], pub[33];
    cr_assert(w3p_keypair_from_seed(&key, W3P_KEY_ECDSA, seed) == W3P_OK);
    w3p_ecdsa_sign(sig, &key, digest);
    for (unsigned bit = 0; bit < 8 * 65; bit++) {
        sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (w3p_ecdsa_recover(pub, sig, sig[64], digest) == W3P_SIG_VALID)
            cr_assert(memcmp(pub, key.pub33, 33) != 0, "bit %u", bit);
        sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void *sign_many(void *arg)
{
    struct w3p_keypair key;
    uint8_t seed[32] = {5}, digest[32] = {0}, sig[65], pub[33];
    uintptr_t good = 0;
    (void)arg;
    if (w3p_keypair_from_seed(&key, W3P_KEY_ECDSA, seed) != W3P_OK)
        return NULL;
    for (int i = 0; i < 50; i++) {
        digest[0] = (uint8_t)i;
        w3p_ecdsa_sign(sig, &key, digest);
        good += w3p_ecdsa_recover(pub, sig, sig[64], digest) == W3P_SIG_VALID && memcmp(pub, key.pub33, 33) == 0;
    }
    return (void *)good;
}

Test(ecdsa, first_use_from_many_threads)
{
    pthread_t threads[8];
    for (size_t i = 0; i < 8; i++)
        cr_assert(pthread_create(&threads[i], NULL, sign_many, NULL) == 0);
    for (size_t i = 0; i < 8; i++) {
        void *good = NULL;
        pthread_join(threads[i], &good);
        cr_assert(good == (void *)50);
    }
}

Test(ecdsa, address_of_what_is_no_point)
{
    static const char *const bad[] = {
        "000000000000000000000000000000000000000000000000000000000000000000",
        "020000000000000000000000000000000000000000000000000000000000000005",
        "04" R,
        "02fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint8_t pub[33], out[20];
        unhex(pub, 33, bad[i]);
        cr_assert(eq(int, w3p_eth_address_from_pub(out, pub), W3P_E_INVALID), "%s", bad[i]);
    }
}

Test(ecdsa, eip55_vectors)
{
    static const char *const all[] = {
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        uint8_t address[20];
        char text[43];
        unhex(address, 20, all[i] + 2);
        w3p_eth_address_format(text, address);
        CHECK_TEXT(text, all[i]);
    }
}
