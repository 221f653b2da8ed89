// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: base58 and base36, the encodings whose radix is no power of two. Both are big-integer conversions with
// leading zero digits for leading zero bytes; quadratic, and therefore capped at W3P_BASE58_TEXT_MAX.
#include "base/encoding.h"

#include <string.h>

// Several digits at a time into 32-bit limbs: 58^5 and 36^6 are the largest powers below 2^32.
struct radix {
    uint32_t base;
    unsigned chunk_digits;
};
static const struct radix radix58 = {58, 5};
static const struct radix radix36 = {36, 6};
#define POWER_58_5 656356768u

#define LIMBS_MAX (W3P_BASE58_TEXT_MAX / 4 + 1)

static const char base58_digits[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

static unsigned base58_digit(char c)
{
    // Letters run on but for I, O and l, which look like digits.
    if (c >= '1' && c <= '9')
        return (unsigned)(c - '1');
    if (c >= 'A' && c <= 'Z' && c != 'I' && c != 'O')
        return (unsigned)(c - 'A') + 9 - (c > 'I') - (c > 'O');
    if (c >= 'a' && c <= 'z' && c != 'l')
        return (unsigned)(c - 'a') + 33 - (c > 'l');
    return 255;
}

static unsigned base36_lower_digit(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a') + 10 : 255;
}

static unsigned base36_upper_digit(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    return c >= 'A' && c <= 'Z' ? (unsigned)(c - 'A') + 10 : 255;
}

// number = number * factor + addend, little-endian limbs.
static void multiply_add(uint32_t *limbs, size_t *count, uint32_t factor, uint32_t addend)
{
    uint64_t carry = addend;
    for (size_t i = 0; i < *count; i++) {
        carry += (uint64_t)limbs[i] * factor;
        limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0)
        limbs[(*count)++] = (uint32_t)carry;
}

static int radix_decode(uint8_t *out, size_t *out_len, const char *text, size_t len, const struct radix *radix,
                        unsigned (*digit_of)(char))
{
    if (len > W3P_BASE58_TEXT_MAX)
        return W3P_E_LIMIT;
    uint32_t limbs[LIMBS_MAX];
    size_t count = 0, zeros = 0;
    while (zeros < len && digit_of(text[zeros]) == 0)
        zeros++;
    for (size_t i = zeros; i < len;) {
        uint32_t chunk = 0, power = 1;
        for (unsigned n = 0; n < radix->chunk_digits && i < len; n++, i++) {
            unsigned digit = digit_of(text[i]);
            if (digit == 255)
                return W3P_E_INVALID;
            chunk = chunk * radix->base + digit;
            power *= radix->base;
        }
        multiply_add(limbs, &count, power, chunk);
    }
    size_t bytes = 4 * count;
    while (bytes > 0 && (uint8_t)(limbs[(bytes - 1) / 4] >> (8 * ((bytes - 1) % 4))) == 0)
        bytes--;
    if (zeros + bytes > *out_len)
        return W3P_E_LIMIT;
    if (zeros > 0)
        memset(out, 0, zeros);
    for (size_t i = 0; i < bytes; i++)
        out[zeros + bytes - 1 - i] = (uint8_t)(limbs[i / 4] >> (8 * (i % 4)));
    *out_len = zeros + bytes;
    return W3P_OK;
}

int w3p_base58_decode(uint8_t *out, size_t *out_len, const char *text, size_t len)
{
    return radix_decode(out, out_len, text, len, &radix58, base58_digit);
}

int w3p_base36_decode(uint8_t *out, size_t *out_len, const char *text, size_t len, bool upper)
{
    return radix_decode(out, out_len, text, len, &radix36, upper ? base36_upper_digit : base36_lower_digit);
}

int w3p_base58_encode(struct w3p_buf *out, const uint8_t *bytes, size_t len)
{
    if (len > W3P_BASE58_TEXT_MAX)
        return W3P_E_LIMIT;
    size_t zeros = 0;
    while (zeros < len && bytes[zeros] == 0)
        zeros++;
    uint32_t limbs[LIMBS_MAX] = {0};
    size_t count = (len - zeros + 3) / 4;
    for (size_t i = 0; i < len - zeros; i++)
        limbs[i / 4] |= (uint32_t)bytes[len - 1 - i] << (8 * (i % 4));
    // Digits come out from the least significant end.
    char text[2 * W3P_BASE58_TEXT_MAX];
    size_t at = sizeof(text);
    while (count > 0) {
        uint64_t rest = 0;
        for (size_t i = count; i > 0; i--) {
            rest = rest << 32 | limbs[i - 1];
            limbs[i - 1] = (uint32_t)(rest / POWER_58_5);
            rest %= POWER_58_5;
        }
        if (limbs[count - 1] == 0)
            count--;
        for (unsigned n = 0; n < radix58.chunk_digits && (count > 0 || rest != 0); n++, rest /= 58)
            text[--at] = base58_digits[rest % 58];
    }
    while (zeros-- > 0)
        text[--at] = base58_digits[0];
    w3p_buf_put(out, text + at, sizeof(text) - at);
    return w3p_buf_status(out);
}
