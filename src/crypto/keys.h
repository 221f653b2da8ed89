// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: signatures. sr25519, ed25519 and recoverable secp256k1: derive, sign, verify; and development URIs.
// Threads: any.  Ownership: key structs are plain values; keep secret ones in w3p_secret_alloc memory and wipe copies.
// Source: schnorrkel, RFC 8032, SEC 1, EIP-55, the SS58 registry, subkey's URIs.
#ifndef W3P_CRYPTO_KEYS_H
#define W3P_CRYPTO_KEYS_H

#include "base/bytes.h"

// Three-way on purpose: a forgotten '!' must not grant access.
enum w3p_verdict { W3P_SIG_VALID = 1, W3P_SIG_INVALID = 2, W3P_SIG_MALFORMED = 3 };

enum w3p_key_type { W3P_KEY_SR25519, W3P_KEY_ED25519, W3P_KEY_ECDSA };

// A signing key. public is 32 bytes (sr25519, ed25519) or 33 (compressed secp256k1).
struct w3p_keypair {
    enum w3p_key_type type;
    uint8_t secret64[64]; // sr25519: scalar ‖ nonce; ed25519: seed ‖ pub; ecdsa: secret key, 32 zeros
    uint8_t pub33[33];
    uint8_t pub_len;
};

// From a 32-byte seed (sr25519: mini-secret, ExpansionMode::Ed25519). W3P_E_INVALID: no valid key of that type.
int w3p_keypair_from_seed(struct w3p_keypair *out, enum w3p_key_type type, const uint8_t seed32[32]) W3P_NODISCARD;
// Development URIs: [0x<64 hex seed>] (//hard | /soft)*; without a seed the public development phrase is the root.
// No phrases and no ///password here. W3P_E_INVALID for other text, W3P_E_UNSUPPORTED for soft on ed25519/ecdsa.
int w3p_keypair_from_uri(struct w3p_keypair *out, struct w3p_errmsg *msg, enum w3p_key_type type,
                         const char *uri) W3P_NODISCARD;
#define W3P_SURI_MAX 1024 // bytes of a key text; bounds the number of its parts, too
// A secret's text: (BIP39 phrase | 0x<64 hex seed>) (//hard | /soft)* [///password, with a phrase only]. Numbers as
// parts are 256-bit ones. The sentence quotes nothing of the text. W3P_E_INVALID; W3P_E_UNSUPPORTED for soft parts on
// ed25519/ecdsa and for passwords beyond ASCII.
int w3p_keypair_from_suri(struct w3p_keypair *out, struct w3p_errmsg *msg, enum w3p_key_type type, const char *text,
                          size_t len) W3P_NODISCARD;
// Account id of Substrate: the public key, or blake2b-256 of it for ecdsa.
void w3p_keypair_account(uint8_t out32[32], const struct w3p_keypair *key);
// H160 of the public key (ecdsa only).
void w3p_keypair_eth_address(uint8_t out20[20], const struct w3p_keypair *key);

// sr25519, context "substrate". Randomised witness; random32 NULL draws it, tests pass their own.
// Verify: MALFORMED without schnorrkel's marker bit, for s >= L, for a key or R that is no point, for the identity key.
void w3p_sr25519_sign(uint8_t sig64[64], const struct w3p_keypair *key, const void *msg, size_t len,
                      const uint8_t *random32);
enum w3p_verdict w3p_sr25519_verify(const uint8_t sig64[64], const uint8_t pub32[32], const void *msg, size_t len);

// Verify: MALFORMED for s >= L; INVALID for everything else that libsodium refuses (small-order points among it).
void w3p_ed25519_sign(uint8_t sig64[64], const struct w3p_keypair *key, const void *msg, size_t len);
enum w3p_verdict w3p_ed25519_verify(const uint8_t sig64[64], const uint8_t pub32[32], const void *msg, size_t len);

// r ‖ s ‖ recovery id (0..1), low s.
void w3p_ecdsa_sign(uint8_t sig65[65], const struct w3p_keypair *key, const uint8_t digest32[32]);
// recid 0..3. MALFORMED for r, s or recid out of range and for high s; INVALID when no point fits.
enum w3p_verdict w3p_ecdsa_recover(uint8_t pub33[33], const uint8_t rs64[64], unsigned recid,
                                   const uint8_t digest32[32]);
// The same, straight to the H160 of the key (no compression and decompression in between).
enum w3p_verdict w3p_ecdsa_recover_eth(uint8_t address20[20], const uint8_t rs64[64], unsigned recid,
                                       const uint8_t digest32[32]);
// H160 of a compressed key: last 20 bytes of keccak-256 of the uncompressed point. W3P_E_INVALID: not a point.
int w3p_eth_address_from_pub(uint8_t out20[20], const uint8_t pub33[33]) W3P_NODISCARD;

// EIP-55 spelling, "0x" and 40 digits.
void w3p_eth_address_format(char out43[43], const uint8_t address20[20]);

#define W3P_SS58_TEXT_MAX 64
// SS58 of a 32-byte account; prefix 0..16383.
void w3p_ss58_format(char out[W3P_SS58_TEXT_MAX], uint16_t prefix, const uint8_t account32[32]);
// W3P_E_INVALID: bad alphabet, length, checksum or non-canonical prefix. prefix may be NULL.
int w3p_ss58_parse(uint8_t account32[32], uint16_t *prefix, const char *text, size_t len) W3P_NODISCARD;

#endif
