// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: digests and randomness, thin over libsodium, nettle, OpenSSL and xxHash.
#include "crypto/hash.h"

#include <endian.h>
#include <nettle/hmac.h>
#include <nettle/sha2.h>
#include <nettle/sha3.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "crypto/internal.h"
#include "crypto/secret.h"

#define KECCAK256_RATE_BYTES 136

void w3p_crypto_init(void)
{
    if (sodium_init() < 0) {
        fputs("w3pin: libsodium does not start (no source of randomness?)\n", stderr);
        abort();
    }
}

void w3p_sha256(uint8_t out32[32], const void *bytes, size_t len)
{
    struct sha256_ctx state; // nettle's: it uses the processor's own instructions, and hashes of texts are on hot paths
    sha256_init(&state);
    sha256_update(&state, len, bytes);
    sha256_digest(&state, 32, out32);
}

// Fails only when OpenSSL has no memory left, or lacks the digest: both are ends of the program here.
static void openssl_digest(uint8_t *out, const EVP_MD *digest, const void *bytes, size_t len)
{
    if (EVP_Digest(bytes, len, out, NULL, digest, NULL) != 1)
        abort();
}

void w3p_sha512_256(uint8_t out32[32], const void *bytes, size_t len)
{
    openssl_digest(out32, EVP_sha512_256(), bytes, len);
}

void w3p_ripemd160(uint8_t out20[20], const void *bytes, size_t len)
{
    openssl_digest(out20, EVP_ripemd160(), bytes, len);
}

static void blake2b(uint8_t *out, size_t out_len, const void *bytes, size_t len, const uint8_t *key, size_t key_len)
{
    // fails for lengths that no caller may ask for
    if (crypto_generichash(out, out_len, bytes, len, key, key_len) != 0)
        abort();
}

void w3p_blake2b(uint8_t *out, size_t out_len, const void *bytes, size_t len)
{
    blake2b(out, out_len, bytes, len, NULL, 0);
}

void w3p_blake2b_256(uint8_t out32[32], const void *bytes, size_t len)
{
    blake2b(out32, 32, bytes, len, NULL, 0);
}

void w3p_blake2b_keyed_256(uint8_t out32[32], const uint8_t key32[32], const void *bytes, size_t len)
{
    blake2b(out32, 32, bytes, len, key32, 32);
}

void w3p_hmac_sha256(uint8_t out32[32], const uint8_t key32[32], const void *bytes, size_t len)
{
    struct hmac_sha256_ctx state;
    hmac_sha256_set_key(&state, 32, key32);
    hmac_sha256_update(&state, len, bytes);
    hmac_sha256_digest(&state, 32, out32);
    w3p_wipe(&state, sizeof state);
}

void w3p_keccak_permute(uint64_t lanes[25])
{
    struct sha3_state state;
    _Static_assert(sizeof state.a == 25 * sizeof(uint64_t), "25 lanes");
    memcpy(state.a, lanes, sizeof state.a);
    sha3_permute(&state);
    memcpy(lanes, state.a, sizeof state.a);
    w3p_wipe(&state, sizeof state); // signers run their witness through here
}

static void keccak_absorb(struct sha3_state *state, const uint8_t block[KECCAK256_RATE_BYTES])
{
    for (size_t i = 0; i < KECCAK256_RATE_BYTES / 8; i++) {
        uint64_t lane;
        memcpy(&lane, block + 8 * i, sizeof lane);
        state->a[i] ^= le64toh(lane);
    }
    sha3_permute(state);
}

void w3p_keccak256(uint8_t out32[32], const void *bytes, size_t len)
{
    struct sha3_state state = {0};
    const uint8_t *p = bytes;
    for (; len >= KECCAK256_RATE_BYTES; p += KECCAK256_RATE_BYTES, len -= KECCAK256_RATE_BYTES)
        keccak_absorb(&state, p);

    uint8_t last[KECCAK256_RATE_BYTES] = {0};
    if (len > 0)
        memcpy(last, p, len);
    last[len] = 0x01; // the padding before NIST's change: 0x06 would be SHA3-256
    last[KECCAK256_RATE_BYTES - 1] |= 0x80;
    keccak_absorb(&state, last);

    for (size_t i = 0; i < 4; i++) {
        uint64_t lane = htole64(state.a[i]);
        memcpy(out32 + 8 * i, &lane, sizeof lane);
    }
}

void w3p_twox64(uint8_t out8[8], const void *bytes, size_t len)
{
    uint64_t h = htole64(XXH64(bytes, len, 0));
    memcpy(out8, &h, sizeof h);
}

void w3p_twox128(uint8_t out16[16], const void *bytes, size_t len)
{
    uint64_t h[2] = {htole64(XXH64(bytes, len, 0)), htole64(XXH64(bytes, len, 1))};
    memcpy(out16, h, sizeof h);
}

uint64_t w3p_siphash(const uint8_t key16[16], const void *bytes, size_t len)
{
    uint8_t out8[crypto_shorthash_BYTES];
    uint64_t out;
    _Static_assert(sizeof out8 == sizeof out && crypto_shorthash_KEYBYTES == 16, "64 bits by a key of 128");
    (void)crypto_shorthash(out8, bytes, len, key16);
    memcpy(&out, out8, sizeof out);
    return le64toh(out);
}

void w3p_random(void *out, size_t len)
{
    randombytes_buf(out, len);
}

bool w3p_equal_ct(const void *a, const void *b, size_t len)
{
    return sodium_memcmp(a, b, len) == 0;
}
