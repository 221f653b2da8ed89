// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what our wrappers cost beside the bare primitives that they cannot do without, in one run on one core.
// One line each: microseconds of ours, of the bare primitive, and the ratio. About two seconds in all. Both sides
// of a pair take turns, and the best batch of each counts, so that a noisy machine shifts both alike.
#include <nettle/sha3.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/hash.h"
#include "crypto/keys.h"

#define PAIR_BUDGET_NS 220000000u
#define BATCH_NS 3000000u

static const char message[] = "<Bytes>5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY</Bytes>";
#define MESSAGE_LEN (sizeof message - 1)

static struct w3p_keypair sr, ed, ec;
static uint8_t sr_sig[64], ed_sig[64], ec_sig[65], digest[32], block[128];

static void must(bool ok)
{
    if (!ok) {
        fputs("bench_crypto: a primitive gave the wrong answer\n", stderr);
        exit(1);
    }
}

static void ours_ed25519(void)
{
    must(w3p_ed25519_verify(ed_sig, ed.pub33, message, MESSAGE_LEN) == W3P_SIG_VALID);
}
static void bare_ed25519(void)
{
    must(crypto_sign_verify_detached(ed_sig, (const uint8_t *)message, MESSAGE_LEN, ed.pub33) == 0);
}

static void ours_sr25519(void)
{
    must(w3p_sr25519_verify(sr_sig, sr.pub33, message, MESSAGE_LEN) == W3P_SIG_VALID);
}
static void bare_sr25519(void)
{
    uint8_t a[32], b[32], c[32];
    must(crypto_scalarmult_ristretto255_base(a, digest) == 0 &&
         crypto_scalarmult_ristretto255(b, digest, sr.pub33) == 0 && crypto_core_ristretto255_sub(c, a, b) == 0);
}

static void ours_sr25519_sign(void)
{
    uint8_t sig[64];
    w3p_sr25519_sign(sig, &sr, message, MESSAGE_LEN, NULL);
}
static void bare_sr25519_sign(void)
{
    uint8_t a[32];
    must(crypto_scalarmult_ristretto255_base(a, digest) == 0);
}

static void bare_recover(secp256k1_pubkey *point)
{
    secp256k1_ecdsa_recoverable_signature sig;
    must(secp256k1_ecdsa_recoverable_signature_parse_compact(secp256k1_context_static, &sig, ec_sig, ec_sig[64]) == 1 &&
         secp256k1_ecdsa_recover(secp256k1_context_static, point, &sig, digest) == 1);
}
static void ours_secp256k1(void)
{
    uint8_t pub[33];
    must(w3p_ecdsa_recover(pub, ec_sig, ec_sig[64], digest) == W3P_SIG_VALID);
}
static void bare_secp256k1(void)
{
    secp256k1_pubkey point;
    bare_recover(&point);
}
static void ours_eth_recover(void)
{
    uint8_t address[20];
    must(w3p_ecdsa_recover_eth(address, ec_sig, ec_sig[64], digest) == W3P_SIG_VALID);
}

static void ours_keccak(void)
{
    uint8_t out[32];
    w3p_keccak256(out, block, sizeof block);
}
static void bare_keccak(void)
{
    static struct sha3_state state;
    sha3_permute(&state);
}

static void ours_blake2b(void)
{
    uint8_t out[32];
    w3p_blake2b_256(out, block, sizeof block);
}
static void bare_blake2b(void)
{
    uint8_t out[32];
    crypto_generichash_blake2b(out, 32, block, sizeof block, NULL, 0);
}

static const struct pair {
    const char *name, *peer;
    void (*ours)(void), (*bare)(void);
} pairs[] = {
    {"ed25519 verify", "libsodium", ours_ed25519, bare_ed25519},
    {"sr25519 verify", "base mult + mult + sub", ours_sr25519, bare_sr25519},
    {"sr25519 sign", "base mult", ours_sr25519_sign, bare_sr25519_sign},
    {"secp256k1 recover", "libsecp256k1", ours_secp256k1, bare_secp256k1},
    {"secp256k1 to H160", "libsecp256k1", ours_eth_recover, bare_secp256k1},
    {"keccak-256 128 B", "nettle permutation", ours_keccak, bare_keccak},
    {"blake2b-256 128 B", "libsodium", ours_blake2b, bare_blake2b},
};

// Nanoseconds of one call, over one batch.
static double batch(void (*call)(void), unsigned count)
{
    uint64_t start = w3p_clock_mono_ns();
    for (unsigned i = 0; i < count; i++)
        call();
    return (double)(w3p_clock_mono_ns() - start) / count;
}

static void measure(const struct pair *p)
{
    double guess = batch(p->ours, 8), ours = guess, bare = batch(p->bare, 8);
    unsigned count = (unsigned)(BATCH_NS / (guess > 10 ? guess : 10)) + 1;
    uint64_t end = w3p_clock_mono_ns() + PAIR_BUDGET_NS;
    do {
        double a = batch(p->ours, count), b = batch(p->bare, count);
        ours = a < ours ? a : ours;
        bare = b < bare ? b : bare;
    } while (w3p_clock_mono_ns() < end);
    printf("%-18s %8.3f us   %-22s %8.3f us   ratio %.2f\n", p->name, ours / 1e3, p->peer, bare / 1e3, ours / bare);
}

int main(void)
{
    w3p_crypto_init();
    memset(digest, 0x0b, sizeof digest);
    memset(block, 0x5a, sizeof block);
    must(w3p_keypair_from_uri(&sr, NULL, W3P_KEY_SR25519, "//Alice") == W3P_OK &&
         w3p_keypair_from_uri(&ed, NULL, W3P_KEY_ED25519, "//Alice") == W3P_OK &&
         w3p_keypair_from_uri(&ec, NULL, W3P_KEY_ECDSA, "//Alice") == W3P_OK);
    w3p_sr25519_sign(sr_sig, &sr, message, MESSAGE_LEN, NULL);
    w3p_ed25519_sign(ed_sig, &ed, message, MESSAGE_LEN);
    w3p_ecdsa_sign(ec_sig, &ec, digest);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        measure(&pairs[i]);
    return 0;
}
