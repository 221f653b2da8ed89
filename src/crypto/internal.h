// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the files of src/crypto share with each other and with nobody else: key construction per curve,
// derivation steps, the sponge's permutation.
// Threads: any.  Must not: be included outside src/crypto (and its tests).
#ifndef W3P_CRYPTO_INTERNAL_H
#define W3P_CRYPTO_INTERNAL_H

#include <secp256k1.h>

#include "crypto/keys.h"
#include "crypto/keystore.h"

// Keccak-f[1600] on 25 lanes.
void w3p_keccak_permute(uint64_t lanes[25]);

// True when the little-endian number is below the order of edwards25519's prime group. Public data only.
bool w3p_scalar25519_is_canonical(const uint8_t s32[32]);

// Both fill the whole key. The callers wipe.
void w3p_sr25519_from_seed(struct w3p_keypair *out, const uint8_t seed32[32]);
void w3p_ed25519_from_seed(struct w3p_keypair *out, const uint8_t seed32[32]);
int w3p_ecdsa_from_seed(struct w3p_keypair *out, const uint8_t seed32[32]) W3P_NODISCARD;

// One derivation step of schnorrkel's HDKD, in place.
void w3p_sr25519_derive_hard(struct w3p_keypair *key, const uint8_t chain_code32[32]);
void w3p_sr25519_derive_soft(struct w3p_keypair *key, const uint8_t chain_code32[32]);

// The same key in the form of keystores: the scalar times the cofactor 8, then the nonce. W3P_E_INVALID: no such key.
int w3p_sr25519_from_expanded(struct w3p_keypair *out, const uint8_t expanded64[64]) W3P_NODISCARD;
void w3p_sr25519_to_expanded(uint8_t expanded64[64], const struct w3p_keypair *key);

// The key in an opened keystore, checked against the store's address. On its own so that fuzzers pay no scrypt.
int w3p_keystore_decode(struct w3p_keypair *out, struct w3p_errmsg *msg, const struct w3p_keystore *store,
                        const uint8_t *plain, size_t len) W3P_NODISCARD;

// BIP39's English list, a word a line, 2048 lines; and where it ends.
extern const char w3p_bip39_english[], w3p_bip39_english_end[];

// H160 of an already parsed point.
void w3p_eth_address_from_point(uint8_t out20[20], const secp256k1_pubkey *point);

#endif
