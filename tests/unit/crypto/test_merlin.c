// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: Merlin's own vectors, and the properties that signing relies on.
#include "unit/crypto/util.h"

#include "crypto/hash.h"
#include "crypto/merlin.h"

TestSuite(merlin, .init = w3p_crypto_init, .timeout = 10);

Test(merlin, simple_vector)
{
    struct w3p_merlin t;
    uint8_t out[32];
    w3p_merlin_init(&t, "test protocol");
    w3p_merlin_append(&t, "some label", "some data", 9);
    w3p_merlin_challenge(&t, out, sizeof out, "challenge");
    CHECK_HEX(out, 32, "d5a21972d0d5fe320c0d263fac7fffb8145aa640af6e9bca177c03c7efcf0615");
}

// Crosses the rate of 166 bytes at many offsets; the value is in the test suites of several Merlin ports.
Test(merlin, complex_vector)
{
    struct w3p_merlin t;
    uint8_t challenge[32], big[1024];
    memset(big, 99, sizeof big);
    w3p_merlin_init(&t, "test protocol");
    w3p_merlin_append(&t, "step1", "some data", 9);
    for (int i = 0; i < 32; i++) {
        w3p_merlin_challenge(&t, challenge, sizeof challenge, "challenge");
        w3p_merlin_append(&t, "bigdata", big, sizeof big);
        w3p_merlin_append(&t, "challengedata", challenge, sizeof challenge);
    }
    CHECK_HEX(challenge, 32, "a8c933f54fae76e3f9bea93648c1308e7dfa2152dd51674ff3ca438351cf003c");
}

static void challenge_of(uint8_t out32[32], const char *label, const char *data)
{
    struct w3p_merlin t;
    w3p_merlin_init(&t, "p");
    w3p_merlin_append(&t, label, data, strlen(data));
    w3p_merlin_challenge(&t, out32, 32, "c");
}

Test(merlin, label_and_data_do_not_run_together)
{
    uint8_t a[32], b[32];
    challenge_of(a, "ab", "c");
    challenge_of(b, "a", "bc");
    cr_assert(memcmp(a, b, 32) != 0);
}

Test(merlin, witness_depends_on_every_input_and_leaves_the_transcript)
{
    struct w3p_merlin t, before;
    uint8_t nonce[32] = {1}, other[32] = {2}, a[64], b[64];
    w3p_merlin_init(&t, "p");
    before = t;
    w3p_merlin_witness(&t, a, "signing", nonce, nonce);
    cr_assert(memcmp(&t, &before, sizeof t) == 0);
    w3p_merlin_witness(&t, b, "signing", nonce, nonce);
    cr_assert(memcmp(a, b, 64) == 0);
    w3p_merlin_witness(&t, b, "signing", other, nonce);
    cr_assert(memcmp(a, b, 64) != 0);
    w3p_merlin_witness(&t, b, "signing", nonce, other);
    cr_assert(memcmp(a, b, 64) != 0);
    w3p_merlin_witness(&t, b, "other", nonce, nonce);
    cr_assert(memcmp(a, b, 64) != 0);
    w3p_merlin_append(&t, "more", "x", 1);
    w3p_merlin_witness(&t, b, "signing", nonce, nonce);
    cr_assert(memcmp(a, b, 64) != 0);
}
