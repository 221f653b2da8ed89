// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the messages that NEAR's wallets sign (signMessage): text, nonce and recipient in one digest.
// Threads: any; pure functions.  Must not: decide what a text or a recipient must be.
// Source: NEP-413; Borsh for the bytes.
#ifndef W3P_AUTH_NEP413_H
#define W3P_AUTH_NEP413_H

#include "crypto/keys.h"

#define W3P_NEP413_MAX 8192 // bytes of a payload

struct w3p_nep413 {
    struct w3p_span message, recipient;
    struct w3p_span callback_url; // ptr NULL: none
    uint8_t nonce32[32];
};
// SHA-256 of the tagged payload: what is signed. W3P_E_LIMIT beyond W3P_NEP413_MAX.
int w3p_nep413_digest(uint8_t digest32[32], const struct w3p_nep413 *payload) W3P_NODISCARD;
// sig_text: base64 (as wallets give it), 128 hex digits, or "ed25519:" and base58.
enum w3p_verdict w3p_nep413_verify(const struct w3p_nep413 *payload, const uint8_t pub32[32], struct w3p_span sig_text);

#endif
