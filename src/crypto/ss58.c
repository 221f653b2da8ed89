// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: SS58 text of 32-byte accounts. Shorter accounts and 33-byte keys of the format are not accounts here.
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/keys.h"

#define CHECKSUM_BYTES 2
#define RAW_MAX (2 + 32 + CHECKSUM_BYTES)
#define PREFIX_MAX 16383
#define PREFIX_ONE_BYTE_MAX 63

static void checksum(uint8_t out2[CHECKSUM_BYTES], const uint8_t *raw, size_t len)
{
    uint8_t text[7 + RAW_MAX], digest[64];
    memcpy(text, "SS58PRE", 7);
    memcpy(text + 7, raw, len);
    w3p_blake2b(digest, sizeof digest, text, 7 + len);
    memcpy(out2, digest, CHECKSUM_BYTES);
}

void w3p_ss58_format(char out[W3P_SS58_TEXT_MAX], uint16_t prefix, const uint8_t account32[32])
{
    uint8_t raw[RAW_MAX];
    size_t len = 0;
    struct w3p_buf text;
    if (prefix > PREFIX_MAX)
        abort();
    if (prefix <= PREFIX_ONE_BYTE_MAX) {
        raw[len++] = (uint8_t)prefix;
    } else {
        raw[len++] = (uint8_t)(0x40 | (prefix & 0xfc) >> 2);
        raw[len++] = (uint8_t)(prefix >> 8 | (prefix & 3) << 6);
    }
    memcpy(raw + len, account32, 32);
    len += 32;
    checksum(raw + len, raw, len);
    len += CHECKSUM_BYTES;

    w3p_buf_init(&text, W3P_SS58_TEXT_MAX - 1); // 36 bytes are at most 50 characters
    if (w3p_base58_encode(&text, raw, len) != W3P_OK || w3p_buf_status(&text) != W3P_OK)
        abort();
    memcpy(out, w3p_buf_str(&text), text.len + 1);
    w3p_buf_deinit(&text);
}

int w3p_ss58_parse(uint8_t account32[32], uint16_t *prefix, const char *text, size_t len)
{
    uint8_t raw[RAW_MAX], sum[CHECKSUM_BYTES];
    size_t raw_len = sizeof raw, head = 1;
    unsigned value;
    if (len >= W3P_SS58_TEXT_MAX || w3p_base58_decode(raw, &raw_len, text, len) != W3P_OK || raw_len < RAW_MAX - 1)
        return W3P_E_INVALID;
    value = raw[0];
    if (value > PREFIX_ONE_BYTE_MAX) {
        if (value > 0x7f)
            return W3P_E_INVALID; // reserved
        value = (value & 0x3f) << 2 | raw[1] >> 6 | (raw[1] & 0x3fu) << 8;
        head = 2;
        if (value <= PREFIX_ONE_BYTE_MAX)
            return W3P_E_INVALID; // has a shorter spelling
    }
    if (raw_len != head + 32 + CHECKSUM_BYTES)
        return W3P_E_INVALID;
    checksum(sum, raw, head + 32);
    if (memcmp(sum, raw + head + 32, CHECKSUM_BYTES) != 0)
        return W3P_E_INVALID;
    memcpy(account32, raw + head, 32);
    if (prefix != NULL)
        *prefix = (uint16_t)value;
    return W3P_OK;
}
