// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: hex and base16/32/64, strict: one byte string, one text. The encodings whose radix is no power of two
// are in radix.c. Tables hold value + 1, so that absent characters become 255 and one OR finds them all.
#include "base/encoding.h"

#include <endian.h>
#include <string.h>

static const uint8_t hex_table[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

// clang-format off
#define BASE64_COMMON \
    ['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6, ['G'] = 7, ['H'] = 8, ['I'] = 9, ['J'] = 10, \
    ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, \
    ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, \
    ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, \
    ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, \
    ['u'] = 47, ['v'] = 48, ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, \
    ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62
// clang-format on

static const uint8_t base64_std_table[256] = {BASE64_COMMON, ['+'] = 63, ['/'] = 64};
static const uint8_t base64_url_table[256] = {BASE64_COMMON, ['-'] = 63, ['_'] = 64};

static inline unsigned look_up(const uint8_t table[256], char c)
{
    return (uint8_t)(table[(uint8_t)c] - 1);
}

// A decoder found a stray character late: leave no half-written output behind.
static int refuse(uint8_t *out, size_t written)
{
    if (written > 0)
        memset(out, 0, written);
    return W3P_E_INVALID;
}

// ---- hex ----

int w3p_hex_decode(uint8_t *out, size_t *out_len, const char *text, size_t len)
{
    size_t bytes = len / 2;
    if (len % 2 != 0)
        return W3P_E_INVALID;
    if (bytes > *out_len)
        return W3P_E_LIMIT;
    unsigned bad = 0;
    for (size_t i = 0; i < bytes; i++) {
        unsigned high = look_up(hex_table, text[2 * i]), low = look_up(hex_table, text[2 * i + 1]);
        bad |= high | low;
        out[i] = (uint8_t)(high << 4 | low);
    }
    if (bad > 15)
        return refuse(out, bytes);
    *out_len = bytes;
    return W3P_OK;
}

int w3p_hex0x_decode(uint8_t *out, size_t *out_len, const char *text, size_t len)
{
    if (len >= 2 && text[0] == '0' && text[1] == 'x')
        return w3p_hex_decode(out, out_len, text + 2, len - 2);
    return w3p_hex_decode(out, out_len, text, len);
}

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

// Eight digits at once: four bytes are spread over eight, one nibble in each, the high ones first.
static void put_hex8(char out8[8], const uint8_t bytes4[4])
{
    uint32_t four;
    memcpy(&four, bytes4, sizeof four);
    uint64_t x = le32toh(four);
    x = (x | x << 16) & UINT64_C(0x0000ffff0000ffff);
    x = (x | x << 8) & UINT64_C(0x00ff00ff00ff00ff);
    x = (x >> 4 | x << 8) & EACH_BYTE(15);
    x += EACH_BYTE('0') + ((x + EACH_BYTE(6)) >> 4 & EACH_BYTE(1)) * ('a' - '0' - 10);
    x = htole64(x);
    memcpy(out8, &x, sizeof x);
}

void w3p_hex_encode(char *out_2n_plus_1, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    size_t i = 0;
    for (; i + 4 <= len; i += 4)
        put_hex8(out_2n_plus_1 + 2 * i, bytes + i);
    for (; i < len; i++) {
        out_2n_plus_1[2 * i] = digits[bytes[i] >> 4];
        out_2n_plus_1[2 * i + 1] = digits[bytes[i] & 15];
    }
    out_2n_plus_1[2 * len] = '\0';
}

// ---- base64 ----

// Takes the '=' characters away; false when their number is wrong.
static bool strip_padding(const char *text, size_t *len)
{
    if (*len % 4 != 0)
        return false;
    for (int i = 0; i < 2 && *len > 0 && text[*len - 1] == '='; i++)
        --*len;
    return true;
}

int w3p_base64_decode(uint8_t *out, size_t *out_len, const char *text, size_t len, enum w3p_base64_alphabet alphabet,
                      enum w3p_base64_padding padding)
{
    const uint8_t *table = alphabet == W3P_BASE64_URL ? base64_url_table : base64_std_table;
    if (padding == W3P_BASE64_PADDED && !strip_padding(text, &len))
        return W3P_E_INVALID;
    size_t tail = len % 4, bytes = len / 4 * 3 + (tail == 0 ? 0 : tail - 1);
    if (tail == 1)
        return W3P_E_INVALID;
    if (bytes > *out_len)
        return W3P_E_LIMIT;
    unsigned bad = 0;
    uint8_t *to = out;
    const char *from = text, *full_end = text + (len - tail);
    for (; from < full_end; from += 4, to += 3) {
        unsigned a = look_up(table, from[0]), b = look_up(table, from[1]);
        unsigned c = look_up(table, from[2]), d = look_up(table, from[3]);
        bad |= a | b | c | d;
        to[0] = (uint8_t)(a << 2 | b >> 4);
        to[1] = (uint8_t)(b << 4 | c >> 2);
        to[2] = (uint8_t)(c << 6 | d);
    }
    if (tail >= 2) {
        unsigned a = look_up(table, from[0]), b = look_up(table, from[1]);
        unsigned c = tail == 3 ? look_up(table, from[2]) : 0;
        bad |= a | b | c;
        to[0] = (uint8_t)(a << 2 | b >> 4);
        if (tail == 3)
            to[1] = (uint8_t)(b << 4 | c >> 2);
        if ((tail == 2 && (b & 15) != 0) || (tail == 3 && (c & 3) != 0))
            bad = 255; // bits that no byte uses: a second spelling of the same bytes
    }
    if (bad > 63)
        return refuse(out, bytes);
    *out_len = bytes;
    return W3P_OK;
}

void w3p_base64_encode(struct w3p_buf *out, const uint8_t *bytes, size_t len, enum w3p_base64_alphabet alphabet,
                       enum w3p_base64_padding padding)
{
    const char *digits = alphabet == W3P_BASE64_URL
                             ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
                             : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char chunk[256];
    size_t used = 0;
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t bits = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                        (left > 2 ? (uint32_t)bytes[i + 2] : 0);
        chunk[used++] = digits[bits >> 18];
        chunk[used++] = digits[bits >> 12 & 63];
        if (left > 1)
            chunk[used++] = digits[bits >> 6 & 63];
        else if (padding == W3P_BASE64_PADDED)
            chunk[used++] = '=';
        if (left > 2)
            chunk[used++] = digits[bits & 63];
        else if (padding == W3P_BASE64_PADDED)
            chunk[used++] = '=';
        if (used > sizeof(chunk) - 4) {
            w3p_buf_put(out, chunk, used);
            used = 0;
        }
    }
    w3p_buf_put(out, chunk, used);
}

// ---- base32 ----

static unsigned base32_digit(char c, char letter_a)
{
    unsigned letter = (unsigned)(uint8_t)c - (uint8_t)letter_a;
    if (letter < 26)
        return letter;
    return c >= '2' && c <= '7' ? (unsigned)(c - '2') + 26 : 255;
}

int w3p_base32_decode(uint8_t *out, size_t *out_len, const char *text, size_t len, bool upper)
{
    size_t tail = len % 8, bytes = len / 8 * 5 + tail * 5 / 8, used = 0;
    if (tail == 1 || tail == 3 || tail == 6)
        return W3P_E_INVALID;
    if (bytes > *out_len)
        return W3P_E_LIMIT;
    uint32_t bits = 0, bad = 0;
    unsigned held = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned digit = base32_digit(text[i], upper ? 'A' : 'a');
        bad |= digit;
        bits = bits << 5 | (digit & 31);
        held += 5;
        if (held >= 8) {
            held -= 8;
            out[used++] = (uint8_t)(bits >> held);
        }
    }
    if (bad > 31 || (bits & ((1u << held) - 1)) != 0)
        return refuse(out, used);
    *out_len = used;
    return W3P_OK;
}

void w3p_base32_encode(struct w3p_buf *out, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | bytes[i];
        for (held += 8; held >= 5; held -= 5)
            w3p_buf_put_u8(out, (uint8_t)digits[bits >> (held - 5) & 31]);
    }
    if (held > 0)
        w3p_buf_put_u8(out, (uint8_t)digits[bits << (5 - held) & 31]);
}

// ---- multibase ----

// Hex of the other case would be a second spelling of the same bytes.
static bool has_letter_in(const char *text, size_t len, char first, char last)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] >= first && text[i] <= last)
            return true;
    return false;
}

int w3p_multibase_decode(uint8_t *out, size_t *out_len, const char *text, size_t len)
{
    if (len == 0)
        return W3P_E_INVALID;
    const char letter = *text++;
    len--;
    switch (letter) {
    case 'f':
        return has_letter_in(text, len, 'A', 'F') ? W3P_E_INVALID : w3p_hex_decode(out, out_len, text, len);
    case 'F':
        return has_letter_in(text, len, 'a', 'f') ? W3P_E_INVALID : w3p_hex_decode(out, out_len, text, len);
    case 'b':
    case 'B':
        return w3p_base32_decode(out, out_len, text, len, letter == 'B');
    case 'k':
    case 'K':
        return w3p_base36_decode(out, out_len, text, len, letter == 'K');
    case 'z':
        return w3p_base58_decode(out, out_len, text, len);
    case 'u':
        return w3p_base64_decode(out, out_len, text, len, W3P_BASE64_URL, W3P_BASE64_UNPADDED);
    case 'm':
        return w3p_base64_decode(out, out_len, text, len, W3P_BASE64_STD, W3P_BASE64_UNPADDED);
    default:
        return W3P_E_UNSUPPORTED;
    }
}
