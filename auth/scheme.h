// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the files of this folder share: the schemes, and small helpers for writing one.
// Threads: any; pure functions.  Must not: be included outside auth/ and its tests.
#ifndef W3P_AUTH_SCHEME_H
#define W3P_AUTH_SCHEME_H

#include "auth.h"

extern const struct w3p_scheme w3p_scheme_substrate, w3p_scheme_ethereum, w3p_scheme_solana, w3p_scheme_near,
    w3p_scheme_avalanche, w3p_scheme_multiversx, w3p_scheme_aptos, w3p_scheme_algorand, w3p_scheme_ton;

// Hex digits after "evm:0x", "sub:" … make the text.
void w3p_identity_set(struct w3p_identity *out, const char *prefix, const uint8_t *key, size_t key_len);
#define W3P_IDENTITY_EVM "evm:0x"
#define W3P_IDENTITY_SUB "sub:"
#define W3P_IDENTITY_SOL "sol:"
#define W3P_IDENTITY_NEAR "near:"
#define W3P_IDENTITY_AVA "ava:"
#define W3P_IDENTITY_MVX "mvx:"
#define W3P_IDENTITY_APT "apt:"
#define W3P_IDENTITY_ALGO "algo:"
#define W3P_IDENTITY_TON "ton:"

enum w3p_auth_reason w3p_auth_reason_of(enum w3p_verdict verdict);

// Fills everything but the key. False when the text does not fit.
bool w3p_address_begin(struct w3p_address *out, const struct w3p_scheme *scheme, const char *text, size_t len);
// Base64 in the standard or the URL alphabet, padded or not, never a mixture; strict otherwise. As w3p_base64_decode.
int w3p_auth_base64(uint8_t *out, size_t *out_len, const char *text, size_t len) W3P_NODISCARD;
// ASCII only, whatever the locale; word is lower case.
bool w3p_auth_word_is(const char *word, const char *text, size_t len);

// 0x and 40 hex digits; mixed case must be the EIP-55 spelling. Fills key and key_len only.
bool w3p_ethereum_parse_key(struct w3p_address *out, const char *text, size_t len);
// EIP-191 over the address text, or over its 20 bytes.
enum w3p_verdict w3p_ethereum_verify(const struct w3p_address *address, const char *sig_text, size_t len);
// VALID when the signer of the digest has this address.
enum w3p_verdict w3p_ethereum_recovers(const uint8_t address20[20], const uint8_t rs64[64], unsigned recid,
                                       const uint8_t digest32[32]);

// "<Bytes>" text "</Bytes>", as browser wallets of Substrate sign. out holds text_len + W3P_AUTH_WRAP_BYTES.
#define W3P_AUTH_WRAP_BYTES 15
size_t w3p_auth_wrap(uint8_t *out, const void *text, size_t text_len);

#endif
