// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: Bech32 texts of byte strings, as some chains write their addresses; strict: all lower or all upper case, the
// prefix given, the checksum right, padding bits zero. One byte string has one lower-case text.
// Threads: any.  Ownership: writes into the caller's storage only.  Source: BIP-173 (Bech32m is another code).
#ifndef W3P_CRYPTO_BECH32_H
#define W3P_CRYPTO_BECH32_H

#include "base/bytes.h"

#define W3P_BECH32_TEXT_MAX 90 // characters, by the standard

// hrp: the text before the last '1', in lower case, not empty. *out_len: room on entry, decoded length on return.
// W3P_E_INVALID: no such text; W3P_E_LIMIT: more bytes than there is room for.
int w3p_bech32_decode(uint8_t *out, size_t *out_len, const char *hrp, const char *text, size_t len) W3P_NODISCARD;
// Lower case. W3P_E_LIMIT: the text would be longer than the standard allows, or than out.
int w3p_bech32_encode(struct w3p_buf *out, const char *hrp, const uint8_t *bytes, size_t len) W3P_NODISCARD;

#endif
