// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: CB58: base58 with a checksum of SHA-256 (once, and its end: Bitcoin's base58check takes two and the
// beginning).
#include "crypto/cb58.h"

#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"

#define CHECKSUM_BYTES 4

static void checksum(uint8_t out4[CHECKSUM_BYTES], const uint8_t *bytes, size_t len)
{
    uint8_t digest32[32];
    w3p_sha256(digest32, bytes, len);
    memcpy(out4, digest32 + 32 - CHECKSUM_BYTES, CHECKSUM_BYTES);
}

int w3p_cb58_decode(uint8_t *out, size_t *out_len, const char *text, size_t len)
{
    uint8_t raw[W3P_BASE58_TEXT_MAX], sum4[CHECKSUM_BYTES];
    size_t raw_len = sizeof(raw);
    if (len > W3P_BASE58_TEXT_MAX || w3p_base58_decode(raw, &raw_len, text, len) != W3P_OK || raw_len < CHECKSUM_BYTES)
        return W3P_E_INVALID;
    raw_len -= CHECKSUM_BYTES;
    checksum(sum4, raw, raw_len);
    if (memcmp(sum4, raw + raw_len, CHECKSUM_BYTES) != 0)
        return W3P_E_INVALID;
    if (raw_len > *out_len)
        return W3P_E_LIMIT;
    memcpy(out, raw, raw_len);
    *out_len = raw_len;
    return W3P_OK;
}

int w3p_cb58_encode(struct w3p_buf *out, const uint8_t *bytes, size_t len)
{
    uint8_t raw[W3P_BASE58_TEXT_MAX];
    if (len > sizeof(raw) - CHECKSUM_BYTES)
        return W3P_E_LIMIT;
    if (len > 0)
        memcpy(raw, bytes, len);
    checksum(raw + len, raw, len);
    int err = w3p_base58_encode(out, raw, len + CHECKSUM_BYTES);
    return err != W3P_OK ? err : w3p_buf_status(out);
}
