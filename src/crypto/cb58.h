// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: CB58, Avalanche's text of byte strings: base58 of the bytes and the last four of their SHA-256.
// Threads: any.  Ownership: writes into the caller's storage only.
#ifndef W3P_CRYPTO_CB58_H
#define W3P_CRYPTO_CB58_H

#include "base/bytes.h"

// Decoding is quadratic, so texts are bounded as base58 is (W3P_BASE58_TEXT_MAX). *out_len: room on entry, decoded
// length on return. W3P_E_INVALID: no such text, or a wrong checksum; W3P_E_LIMIT: more bytes than there is room for.
int w3p_cb58_decode(uint8_t *out, size_t *out_len, const char *text, size_t len) W3P_NODISCARD;
// W3P_E_LIMIT: too long for base58, or for out.
int w3p_cb58_encode(struct w3p_buf *out, const uint8_t *bytes, size_t len) W3P_NODISCARD;

#endif
