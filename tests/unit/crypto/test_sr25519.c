// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: sr25519 verdicts on forged input first, then vectors of polkadot-js, then flips of every bit.
#include "unit/crypto/util.h"

#include "crypto/hash.h"
#include "crypto/internal.h"
#include "crypto/keys.h"

TestSuite(sr25519, .init = w3p_crypto_init, .timeout = 60);

static const char address42[] = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
#define ALICE "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"
#define VALID                                                                                                          \
    "f262b087493c63e37b3fd2f9676ffb98fb329dc69feb33878a1d7b588657d64a"                                                 \
    "d93d90732bfbdfa6a9911c008d88b85ce9d361018fa44bc09579085ca14a818d"

struct sr_case {
    const char *why, *pub, *msg, *sig;
    enum w3p_verdict verdict;
};
static const struct sr_case cases[] = {
    {"no marker bit", ALICE, address42,
     "f262b087493c63e37b3fd2f9676ffb98fb329dc69feb33878a1d7b588657d64a"
     "d93d90732bfbdfa6a9911c008d88b85ce9d361018fa44bc09579085ca14a810d",
     W3P_SIG_MALFORMED},
    {"s + L", ALICE, address42,
     "f262b087493c63e37b3fd2f9676ffb98fb329dc69feb33878a1d7b588657d64a"
     "c61186d0455ef2fe7f2e14a36b829771e9d361018fa44bc09579085ca14a819d",
     W3P_SIG_MALFORMED},
    {"s = L", ALICE, address42,
     "f262b087493c63e37b3fd2f9676ffb98fb329dc69feb33878a1d7b588657d64a"
     "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000090",
     W3P_SIG_MALFORMED},
    {"s all ones", ALICE, address42,
     "f262b087493c63e37b3fd2f9676ffb98fb329dc69feb33878a1d7b588657d64a"
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     W3P_SIG_MALFORMED},
    {"s = L - 1", ALICE, address42,
     "f262b087493c63e37b3fd2f9676ffb98fb329dc69feb33878a1d7b588657d64a"
     "ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000090",
     W3P_SIG_INVALID},
    {"s = 0", ALICE, address42,
     "f262b087493c63e37b3fd2f9676ffb98fb329dc69feb33878a1d7b588657d64a"
     "0000000000000000000000000000000000000000000000000000000000000080",
     W3P_SIG_INVALID},
    {"identity key, forged without a secret", "0000000000000000000000000000000000000000000000000000000000000000",
     "5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM",
     "f262b087493c63e37b3fd2f9676ffb98fb329dc69feb33878a1d7b588657d64a"
     "1111111111111111111111111111111111111111111111111111111111110180",
     W3P_SIG_MALFORMED},
    {"key is no ristretto point (odd)", "d53593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d", address42,
     VALID, W3P_SIG_MALFORMED},
    {"key not reduced (p)", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", address42, VALID,
     W3P_SIG_MALFORMED},
    {"key all ones", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", address42, VALID,
     W3P_SIG_MALFORMED},
    {"R is no ristretto point", ALICE, address42,
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "d93d90732bfbdfa6a9911c008d88b85ce9d361018fa44bc09579085ca14a818d",
     W3P_SIG_MALFORMED},
    {"R is another point", ALICE, address42,
     "8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48"
     "d93d90732bfbdfa6a9911c008d88b85ce9d361018fa44bc09579085ca14a818d",
     W3P_SIG_INVALID},
    {"another context", ALICE, address42,
     "f262b087493c63e37b3fd2f9676ffb98fb329dc69feb33878a1d7b588657d64a"
     "04fddfcbbf830fa5141070b6eb1442677ff049103013a531fe7a662b9cced886",
     W3P_SIG_INVALID},
    {"another key", "8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48", address42, VALID,
     W3P_SIG_INVALID},
    {"another message", ALICE, "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQ", VALID, W3P_SIG_INVALID},
    {"bare message under a signature of the wrapped one",
     "f84d048da2ddae2d9d8fd6763f469566e8817a26114f39408de15547f6d47805", "message to sign",
     "48ce2c90e08651adfc8ecef84e916f6d1bb51ebebd16150ee12df247841a5437"
     "951ea0f9d632ca165e6ab391532e75e701be6a1caa88c8a6bcca3511f55b4183",
     W3P_SIG_INVALID},
    {"the same, wrapped", "f84d048da2ddae2d9d8fd6763f469566e8817a26114f39408de15547f6d47805",
     "<Bytes>message to sign</Bytes>",
     "48ce2c90e08651adfc8ecef84e916f6d1bb51ebebd16150ee12df247841a5437"
     "951ea0f9d632ca165e6ab391532e75e701be6a1caa88c8a6bcca3511f55b4183",
     W3P_SIG_VALID},
    {"polkadot-js known message", ALICE,
     "I hereby verify that I control 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
     "1037eb7e51613d0dcf5930ae518819c87d655056605764840d9280984e1b7063"
     "c4566b55bf292fcab07b369d01095879b50517beca4d26e6a65866e25fec0d83",
     W3P_SIG_VALID},
    {"deterministic witness", ALICE, address42, VALID, W3P_SIG_VALID},
    {"signed by @polkadot/keyring 14", "8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48",
     "w3pin test vector",
     "3e7414905034a1c1627ee04cc2310bfbb795785b0f20dd72ff47f0579431b577"
     "f536f9a71ab99f2090d2501e38372a440ed0ec411fef0bccf386c7987b6c538f",
     W3P_SIG_VALID},
    {"zero witness seed", ALICE, "hello",
     "e28c30f4af7f3ed42bbf7cf458f65bca1eba691ed1f5d51db8df2a0214aef91d"
     "f9e49a7fd71377e4154ac00c9a6806aced19f383a7f1fa96a58436036317768b",
     W3P_SIG_VALID},
};

Test(sr25519, verdicts)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct sr_case *c = &cases[i];
        uint8_t pub[32], sig[64];
        unhex(pub, 32, c->pub);
        unhex(sig, 64, c->sig);
        cr_assert(eq(int, (int)w3p_sr25519_verify(sig, pub, c->msg, strlen(c->msg)), (int)c->verdict), "%s", c->why);
    }
}

// 119 bytes put the head of the challenge exactly against the end of a STROBE block, 285 one block later: there the
// sponge must not be run twice. Signed by @polkadot/keyring with //Bob.
Test(sr25519, challenge_at_the_end_of_a_block)
{
    static const struct {
        size_t len;
        const char *sig;
    } table[] = {
        {119, "d2ca88ee81c9a807026946db1d00435b540d30c4144d74b6c2cdedf70ec4655f"
              "df585225feaab6c0d6b02d178c112e76f44e5ce80c9c36fc04d8de85fd0c0183"},
        {285, "dc310f6068a15e090ec1273dc480f9b781f876aeafab7872ec4c000eeae1da62"
              "845c542d46372fe1aee1632522b1cfbadd30ab84d31580f2da186c2a9a8e5688"},
    };
    uint8_t msg[285], pub[32], sig[64];
    memset(msg, 'z', sizeof msg);
    unhex(pub, 32, "8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        unhex(sig, 64, table[i].sig);
        cr_assert(w3p_sr25519_verify(sig, pub, msg, table[i].len) == W3P_SIG_VALID);
    }
}

static void alice(struct w3p_keypair *out)
{
    struct w3p_errmsg msg;
    cr_assert(w3p_keypair_from_uri(out, &msg, W3P_KEY_SR25519, "//Alice") == W3P_OK);
}

Test(sr25519, sign_with_given_randomness)
{
    static const uint8_t zero[32];
    struct w3p_keypair key;
    uint8_t sig[64];
    alice(&key);
    w3p_sr25519_sign(sig, &key, "hello", 5, zero);
    CHECK_HEX(sig, 64,
              "e28c30f4af7f3ed42bbf7cf458f65bca1eba691ed1f5d51db8df2a0214aef91d"
              "f9e49a7fd71377e4154ac00c9a6806aced19f383a7f1fa96a58436036317768b");
}

Test(sr25519, no_bit_of_a_signature_is_free)
{
    struct w3p_keypair key;
    uint8_t sig[64];
    alice(&key);
    w3p_sr25519_sign(sig, &key, address42, 48, NULL);
    for (unsigned bit = 0; bit < 512; bit++) {
        sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
        cr_assert(w3p_sr25519_verify(sig, key.pub33, address42, 48) != W3P_SIG_VALID, "bit %u", bit);
        sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    cr_assert(w3p_sr25519_verify(sig, key.pub33, address42, 48) == W3P_SIG_VALID);
}

Test(sr25519, no_bit_of_a_key_is_free)
{
    struct w3p_keypair key;
    uint8_t sig[64];
    alice(&key);
    w3p_sr25519_sign(sig, &key, address42, 48, NULL);
    for (unsigned bit = 0; bit < 256; bit++) {
        key.pub33[bit / 8] ^= (uint8_t)(1u << bit % 8);
        cr_assert(w3p_sr25519_verify(sig, key.pub33, address42, 48) != W3P_SIG_VALID, "bit %u", bit);
        key.pub33[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

Test(sr25519, messages_of_all_lengths_and_fresh_witnesses)
{
    struct w3p_keypair key;
    uint8_t sig[64], again[64], *msg = w3p_calloc(1, 700);
    alice(&key);
    for (size_t len = 0; len <= 700; len += 7) {
        w3p_sr25519_sign(sig, &key, msg, len, NULL);
        w3p_sr25519_sign(again, &key, msg, len, NULL);
        cr_assert(memcmp(sig, again, 32) != 0);
        cr_assert(w3p_sr25519_verify(sig, key.pub33, msg, len) == W3P_SIG_VALID);
        cr_assert(w3p_sr25519_verify(again, key.pub33, msg, len) == W3P_SIG_VALID);
        if (len > 0)
            cr_assert(w3p_sr25519_verify(sig, key.pub33, msg, len - 1) == W3P_SIG_INVALID);
    }
    free(msg);
}

Test(sr25519, scalar_order)
{
    struct {
        const char *s;
        bool canonical;
    } table[] = {
        {"0000000000000000000000000000000000000000000000000000000000000000", true},
        {"ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", true},
        {"edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", false},
        {"eed3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", false},
        {"0000000000000000000000000000000000000000000000000000000001000010", false},
        {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0f", true},
        {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        uint8_t s[32];
        unhex(s, 32, table[i].s);
        cr_assert(w3p_scalar25519_is_canonical(s) == table[i].canonical, "%s", table[i].s);
    }
}
