// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: Bech32: five bits a character and a BCH code of six characters over prefix and data.
#include "crypto/bech32.h"

#include <string.h>

#define CHECKSUM_CHARS 6

static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static uint32_t checksum_step(uint32_t state, unsigned value)
{
    static const uint32_t generator[5] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    uint32_t top = state >> 25;
    state = (state & 0x1ffffff) << 5 ^ value;
    for (unsigned i = 0; i < 5; i++)
        state ^= (top >> i & 1) != 0 ? generator[i] : 0;
    return state;
}

// The code covers the upper bits of all prefix characters, a zero, and their lower bits.
static uint32_t checksum_begin(const char *hrp, size_t hrp_len)
{
    uint32_t state = 1;
    for (size_t i = 0; i < hrp_len; i++)
        state = checksum_step(state, (uint8_t)hrp[i] >> 5);
    state = checksum_step(state, 0);
    for (size_t i = 0; i < hrp_len; i++)
        state = checksum_step(state, (uint8_t)hrp[i] & 31);
    return state;
}

// The text in lower case. False for a mixture, and for characters that no such text has.
static bool to_lower(char *out, const char *text, size_t len)
{
    bool lower = false, upper = false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c < 0x21 || c > 0x7e)
            return false;
        lower |= c >= 'a' && c <= 'z';
        upper |= c >= 'A' && c <= 'Z';
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return !(lower && upper);
}

// Values of five bits into bytes; what is left over must be less than five bits, all zero.
static int join_bits(uint8_t *out, size_t *out_len, const uint8_t *values, size_t count)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t used = 0;
    if (count * 5 / 8 > *out_len)
        return W3P_E_LIMIT;
    if (count * 5 % 8 >= 5)
        return W3P_E_INVALID;
    for (size_t i = 0; i < count; i++) {
        bits = bits << 5 | values[i];
        held += 5;
        if (held >= 8) {
            held -= 8;
            out[used++] = (uint8_t)(bits >> held);
        }
    }
    if ((bits & ((1u << held) - 1)) != 0) {
        memset(out, 0, used); // nothing half-read is left behind
        return W3P_E_INVALID;
    }
    *out_len = used;
    return W3P_OK;
}

int w3p_bech32_decode(uint8_t *out, size_t *out_len, const char *hrp, const char *text, size_t len)
{
    char lower[W3P_BECH32_TEXT_MAX];
    uint8_t values[W3P_BECH32_TEXT_MAX];
    size_t hrp_len = strlen(hrp), head = hrp_len + 1;
    if (hrp_len == 0 || len > W3P_BECH32_TEXT_MAX || len < head + CHECKSUM_CHARS || !to_lower(lower, text, len))
        return W3P_E_INVALID;
    if (memcmp(lower, hrp, hrp_len) != 0 || lower[hrp_len] != '1')
        return W3P_E_INVALID;
    uint32_t state = checksum_begin(hrp, hrp_len);
    for (size_t i = head; i < len; i++) {
        const char *at = memchr(alphabet, lower[i], sizeof(alphabet) - 1);
        if (at == NULL)
            return W3P_E_INVALID;
        values[i - head] = (uint8_t)(at - alphabet);
        state = checksum_step(state, values[i - head]);
    }
    if (state != 1)
        return W3P_E_INVALID;
    return join_bits(out, out_len, values, len - head - CHECKSUM_CHARS);
}

static void put_value(struct w3p_buf *out, uint32_t *state, unsigned value)
{
    *state = checksum_step(*state, value);
    w3p_buf_put_u8(out, (uint8_t)alphabet[value]);
}

int w3p_bech32_encode(struct w3p_buf *out, const char *hrp, const uint8_t *bytes, size_t len)
{
    size_t hrp_len = strlen(hrp), room = W3P_BECH32_TEXT_MAX - 1 - CHECKSUM_CHARS;
    if (len > room || hrp_len + (len * 8 + 4) / 5 > room)
        return W3P_E_LIMIT;
    uint32_t state = checksum_begin(hrp, hrp_len), bits = 0;
    unsigned held = 0;
    w3p_buf_put_str(out, hrp);
    w3p_buf_put_u8(out, '1');
    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | bytes[i];
        for (held += 8; held >= 5; held -= 5)
            put_value(out, &state, bits >> (held - 5) & 31);
    }
    if (held > 0)
        put_value(out, &state, bits << (5 - held) & 31);
    for (unsigned i = 0; i < CHECKSUM_CHARS; i++)
        state = checksum_step(state, 0);
    state ^= 1;
    for (unsigned i = 0; i < CHECKSUM_CHARS; i++)
        w3p_buf_put_u8(out, (uint8_t)alphabet[state >> (5 * (5 - i)) & 31]);
    return w3p_buf_status(out);
}
