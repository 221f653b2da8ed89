// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the text encodings of the field, strict in both directions: one byte string has exactly one accepted text
// in each encoding (wrong case, non-zero trailing bits, stray characters and white space are refused).
// Threads: any.  Ownership: writes into the caller's storage only.
#ifndef W3P_BASE_ENCODING_H
#define W3P_BASE_ENCODING_H

#include "base/bytes.h"

// Decoders: *out_len holds the room on entry and the decoded length on return. W3P_E_INVALID for text that is none,
// W3P_E_LIMIT when it does not fit.

// Hex of either case; no 0x. An odd count of digits is invalid.
int w3p_hex_decode(uint8_t *out, size_t *out_len, const char *text, size_t len) W3P_NODISCARD;
// The same after an optional "0x".
int w3p_hex0x_decode(uint8_t *out, size_t *out_len, const char *text, size_t len) W3P_NODISCARD;
void w3p_hex_encode(char *out_2n_plus_1, const uint8_t *bytes, size_t len);

enum w3p_base64_alphabet { W3P_BASE64_STD, W3P_BASE64_URL };
enum w3p_base64_padding { W3P_BASE64_PADDED, W3P_BASE64_UNPADDED };
int w3p_base64_decode(uint8_t *out, size_t *out_len, const char *text, size_t len, enum w3p_base64_alphabet alphabet,
                      enum w3p_base64_padding padding) W3P_NODISCARD;
void w3p_base64_encode(struct w3p_buf *out, const uint8_t *bytes, size_t len, enum w3p_base64_alphabet alphabet,
                       enum w3p_base64_padding padding);

// Base58, Bitcoin's alphabet. Quadratic, so inputs are capped at W3P_BASE58_TEXT_MAX characters / bytes.
#define W3P_BASE58_TEXT_MAX 192
int w3p_base58_decode(uint8_t *out, size_t *out_len, const char *text, size_t len) W3P_NODISCARD;
int w3p_base58_encode(struct w3p_buf *out, const uint8_t *bytes, size_t len) W3P_NODISCARD;

// Base32 of RFC 4648, lower case, no padding (multibase 'b'); upper case through the flag (multibase 'B').
int w3p_base32_decode(uint8_t *out, size_t *out_len, const char *text, size_t len, bool upper) W3P_NODISCARD;
void w3p_base32_encode(struct w3p_buf *out, const uint8_t *bytes, size_t len);
// Base36, lower case (multibase 'k') or upper ('K'). Quadratic, capped like base58.
int w3p_base36_decode(uint8_t *out, size_t *out_len, const char *text, size_t len, bool upper) W3P_NODISCARD;

// Multibase: the letter and what follows it. f/F, b/B, k/K, z, u (base64url) and m (base64), both unpadded; the case of
// the letter is the case of the text. W3P_E_UNSUPPORTED for another letter.
int w3p_multibase_decode(uint8_t *out, size_t *out_len, const char *text, size_t len) W3P_NODISCARD;

#endif
