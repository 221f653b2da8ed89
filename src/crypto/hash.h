// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the digests of the field, thin over libsodium, nettle, OpenSSL and xxHash.
// Threads: any.  Ownership: writes into the caller's storage.
#ifndef W3P_CRYPTO_HASH_H
#define W3P_CRYPTO_HASH_H

#include "base/bytes.h"

// Call once before anything else of src/crypto (starts libsodium). Aborts when that fails.
void w3p_crypto_init(void);

void w3p_sha256(uint8_t out32[32], const void *bytes, size_t len);
// SHA-512 with other beginning values, cut to 256 bits (FIPS 180-4): not the first half of SHA-512.
void w3p_sha512_256(uint8_t out32[32], const void *bytes, size_t len);
void w3p_ripemd160(uint8_t out20[20], const void *bytes, size_t len);
void w3p_blake2b(uint8_t *out, size_t out_len /* 16..64 */, const void *bytes, size_t len);
void w3p_blake2b_256(uint8_t out32[32], const void *bytes, size_t len);
void w3p_blake2b_keyed_256(uint8_t out32[32], const uint8_t key32[32], const void *bytes, size_t len);
void w3p_hmac_sha256(uint8_t out32[32], const uint8_t key32[32], const void *bytes, size_t len); // out may be the key
// Keccak-256 with the original padding (Ethereum), not SHA3-256.
void w3p_keccak256(uint8_t out32[32], const void *bytes, size_t len);
// Substrate's twox: XXH64 with seeds 0 (and 1), little endian.
void w3p_twox64(uint8_t out8[8], const void *bytes, size_t len);
void w3p_twox128(uint8_t out16[16], const void *bytes, size_t len);

// SipHash-2-4: for tables that strangers fill, whose places they must not be able to choose.
uint64_t w3p_siphash(const uint8_t key16[16], const void *bytes, size_t len);

void w3p_random(void *out, size_t len);
bool w3p_equal_ct(const void *a, const void *b, size_t len); // constant time

#endif
