// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: attacks on credentials that need very many tries: signatures with random bits turned over, and time as a
// hint at the right tag of a minted token.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "base/clock.h"
#include "crypto/hash.h"
#include "macaroon.h"

enum { FLIPS = 100000, TIMED = 100000, TIMED_BEFORE = 1000, ROUNDS_MAX = 5 };

TestSuite(attack, .init = w3p_crypto_init, .timeout = 110);

// A sequence that is the same in each run (xorshift64*).
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

// One to eight bits of the signature turned over, and never back to what it was.
static void flip(uint8_t flipped64[64], const uint8_t sig64[64], uint64_t *state)
{
    memcpy(flipped64, sig64, 64);
    while (memcmp(flipped64, sig64, 64) == 0) {
        for (uint64_t bits = 1 + next_random(state) % 8; bits > 0; bits--) {
            uint64_t bit = next_random(state) >> 55;
            flipped64[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

Test(attack, attack_02_a_hundred_thousand_flips)
{
    static const char text[] = "a text that a wallet signed";
    struct w3p_keypair key;
    struct w3p_errmsg msg;
    uint64_t state = 20261121;
    uint8_t sig64[64], flipped64[64];
    unsigned refused = 0;
    cr_assert(eq(int, w3p_keypair_from_uri(&key, &msg, W3P_KEY_ED25519, "//Flips"), W3P_OK));
    w3p_ed25519_sign(sig64, &key, text, sizeof text);
    cr_assert(w3p_ed25519_verify(sig64, key.pub33, text, sizeof text) == W3P_SIG_VALID);
    for (unsigned n = 0; n < FLIPS; n++) {
        flip(flipped64, sig64, &state);
        refused += w3p_ed25519_verify(flipped64, key.pub33, text, sizeof text) != W3P_SIG_VALID ? 1 : 0;
    }
    cr_expect(eq(uint, refused, FLIPS));
}

// ---- time

struct times {
    double count, mean, squares; // as Welford adds them up
};

static void add(struct times *times, double value)
{
    double from_mean = value - times->mean;
    times->count++;
    times->mean += from_mean / times->count;
    times->squares += from_mean * (value - times->mean);
}

// The square of Welch's t of two sets of times.
static double welch_squared(const struct times *a, const struct times *b)
{
    double variance_a = a->squares / (a->count - 1) / a->count, variance_b = b->squares / (b->count - 1) / b->count;
    return (a->mean - b->mean) * (a->mean - b->mean) / (variance_a + variance_b);
}

static double time_of(const struct w3p_macaroon *macaroon, const uint8_t key32[32], const struct w3p_hosts *hosts)
{
    struct w3p_restrictions left;
    uint64_t begin = w3p_clock_mono_ns();
    enum w3p_auth_reason reason = w3p_macaroon_verify(&left, macaroon, key32, hosts);
    uint64_t end = w3p_clock_mono_ns();
    cr_assert(reason == W3P_AUTH_MAC);
    return (double)(end - begin);
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

// Tags wrong in their first byte against those wrong in their last, in random order. What takes more than four times
// the usual was interrupted, and counts as so much.
static double round_of_tries(const struct w3p_macaroon wrong[2], const uint8_t key32[32], const struct w3p_hosts *hosts,
                             uint64_t *state)
{
    struct times times[2] = {{0}};
    double usual[TIMED_BEFORE];
    for (unsigned n = 0; n < TIMED_BEFORE; n++)
        usual[n] = time_of(&wrong[n % 2], key32, hosts);
    qsort(usual, TIMED_BEFORE, sizeof usual[0], by_size);
    double most = 4 * usual[TIMED_BEFORE / 2];
    for (unsigned n = 0; n < TIMED; n++) {
        unsigned kind = (unsigned)(next_random(state) >> 63);
        double ns = time_of(&wrong[kind], key32, hosts);
        add(&times[kind], ns < most ? ns : most);
    }
    return welch_squared(&times[0], &times[1]);
}

// A comparison that stops at the first difference would be found byte by byte. 4.5 is exceeded by chance once in a
// hundred thousand rounds; where time tells something, every round exceeds it.
Test(attack, attack_13_time_tells_nothing_of_a_tag)
{
    static const uint8_t key32[32] = {42};
    static struct w3p_macaroon wrong[2];
    struct w3p_macaroon_head head = {.kid = 1, .issued_s = 1, .expires_s = 1000};
    struct w3p_hosts *hosts = NULL;
    struct w3p_errmsg msg;
    struct w3p_buf text;
    uint64_t state = 4711;
    double least = 1e18;
    cr_assert(eq(int, w3p_hosts_create(&hosts, &msg, "test", "gw.example", false), W3P_OK));
    w3p_buf_init(&text, W3P_MACAROON_TEXT_MAX);
    cr_assert(eq(int, w3p_macaroon_mint(&text, key32, "gw.example", &head), W3P_OK));
    for (unsigned kind = 0; kind < 2; kind++) {
        cr_assert(eq(int, w3p_macaroon_decode(&wrong[kind], w3p_buf_str(&text), text.len), W3P_AUTH_OK));
        wrong[kind].raw[wrong[kind].raw_len - (kind == 0 ? W3P_MACAROON_TAG_BYTES : 1)] ^= 1;
    }
    for (unsigned round = 0; round < ROUNDS_MAX && least >= 4.5 * 4.5; round++) {
        double t = round_of_tries(wrong, key32, hosts, &state);
        least = t < least ? t : least;
    }
    cr_expect(lt(dbl, least, 4.5 * 4.5), "the square of t is %f", least);
    w3p_buf_deinit(&text);
    w3p_hosts_destroy(hosts);
}
