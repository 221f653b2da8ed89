// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: every decoder refuses second spellings and short buffers; vectors of RFC 4648, of Bitcoin's
// base58 and of multibase; random bytes survive the way there and back.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

#include "base/encoding.h"

typedef int decoder(uint8_t *out, size_t *out_len, const char *text, size_t len);

static int base64_std(uint8_t *out, size_t *out_len, const char *text, size_t len)
{
    return w3p_base64_decode(out, out_len, text, len, W3P_BASE64_STD, W3P_BASE64_PADDED);
}

static int base64_std_unpadded(uint8_t *out, size_t *out_len, const char *text, size_t len)
{
    return w3p_base64_decode(out, out_len, text, len, W3P_BASE64_STD, W3P_BASE64_UNPADDED);
}

static int base64_url(uint8_t *out, size_t *out_len, const char *text, size_t len)
{
    return w3p_base64_decode(out, out_len, text, len, W3P_BASE64_URL, W3P_BASE64_PADDED);
}

static int base64_url_unpadded(uint8_t *out, size_t *out_len, const char *text, size_t len)
{
    return w3p_base64_decode(out, out_len, text, len, W3P_BASE64_URL, W3P_BASE64_UNPADDED);
}

static int base32_lower(uint8_t *out, size_t *out_len, const char *text, size_t len)
{
    return w3p_base32_decode(out, out_len, text, len, false);
}

static int base32_upper(uint8_t *out, size_t *out_len, const char *text, size_t len)
{
    return w3p_base32_decode(out, out_len, text, len, true);
}

static int base36_lower(uint8_t *out, size_t *out_len, const char *text, size_t len)
{
    return w3p_base36_decode(out, out_len, text, len, false);
}

static int base36_upper(uint8_t *out, size_t *out_len, const char *text, size_t len)
{
    return w3p_base36_decode(out, out_len, text, len, true);
}

static const struct {
    decoder *decode;
    const char *text;
} refused[] = {
    {w3p_hex_decode, "0"},
    {w3p_hex_decode, "abc"},
    {w3p_hex_decode, "0g"},
    {w3p_hex_decode, "g0"},
    {w3p_hex_decode, "0x00"},
    {w3p_hex_decode, " 00 "},
    {w3p_hex_decode, "00zz"}, // a lenient hex tail is a second spelling of a token
    {w3p_hex_decode, "0\xc3\xbf"},
    {w3p_hex0x_decode, "0x0"},
    {w3p_hex0x_decode, "0X00"},
    {w3p_hex0x_decode, "0x0x00"},
    {base64_std, "A"},
    {base64_std, "AA"},
    {base64_std, "AAA"},
    {base64_std, "A==="},
    {base64_std, "===="},
    {base64_std, "AA=A"},
    {base64_std, "AA==AAAA"},
    {base64_std, "AAAA===="},
    {base64_std, "AB=="}, // non-zero trailing bits
    {base64_std, "AAB="},
    {base64_std, "AA\n=="},
    {base64_std, "AAAA\n"},
    {base64_std, " AAA"},
    {base64_std, "AA-_"},
    {base64_std, "\xc1\xc1\xc1\xc1"}, // the eighth bit is not stripped
    {base64_std_unpadded, "AA=="},
    {base64_std_unpadded, "A"},
    {base64_std_unpadded, "AAAAA"},
    {base64_std_unpadded, "AB"},
    {base64_std_unpadded, "AAAAAAB"},
    {base64_url, "AA+/"},
    {base64_url_unpadded, "AA=="},
    {base64_url_unpadded, "A_"},
    {base32_lower, "a"},
    {base32_lower, "aaa"},
    {base32_lower, "aaaaaa"},
    {base32_lower, "AA"},
    {base32_lower, "a1"},
    {base32_lower, "a0"},
    {base32_lower, "a8"},
    {base32_lower, "ab"}, // non-zero trailing bits
    {base32_lower, "aaab"},
    {base32_lower, "aaaab"},
    {base32_lower, "aaaaaab"},
    {base32_lower, "aa======"},
    {base32_upper, "aa"},
    {base36_lower, "A"},
    {base36_lower, "a-"},
    {base36_upper, "a"},
    {w3p_base58_decode, "0"},
    {w3p_base58_decode, "O"},
    {w3p_base58_decode, "I"},
    {w3p_base58_decode, "l"},
    {w3p_base58_decode, "1 "},
    {w3p_base58_decode, "11111l"},
    {w3p_base58_decode, "2g\xff"},
    {w3p_multibase_decode, ""},
    {w3p_multibase_decode, "fAB"},
    {w3p_multibase_decode, "Fab"},
    {w3p_multibase_decode, "bAA"},
    {w3p_multibase_decode, "Baa"},
    {w3p_multibase_decode, "mAA=="},
};

Test(encoding, refuses_second_spellings)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        uint8_t out[32];
        size_t len = sizeof(out);
        memset(out, 0xee, sizeof(out));
        cr_expect(refused[i].decode(out, &len, refused[i].text, strlen(refused[i].text)) == W3P_E_INVALID,
                  "case %zu \"%s\"", i, refused[i].text);
        cr_expect(len == sizeof(out), "case %zu: the length changed", i);
        for (size_t b = 0; b < sizeof(out); b++)
            cr_expect(out[b] == 0xee || out[b] == 0, "case %zu: byte %zu is half written", i, b);
    }
    uint8_t out[4];
    size_t len = sizeof(out);
    cr_expect(w3p_hex_decode(out, &len, "00\0000", 4) == W3P_E_INVALID, "NUL inside");
    cr_expect(w3p_multibase_decode(out, &len, "x00", 3) == W3P_E_UNSUPPORTED);
}

static const struct {
    decoder *decode;
    const char *text, *bytes;
    size_t len;
} accepted[] = {
    {w3p_hex_decode, "", "", 0},
    {w3p_hex_decode, "00ff", "\x00\xff", 2},
    {w3p_hex_decode, "aBCdeF0123456789", "\xab\xcd\xef\x01\x23\x45\x67\x89", 8},
    {w3p_hex0x_decode, "0x", "", 0},
    {w3p_hex0x_decode, "0x0a", "\x0a", 1},
    {w3p_hex0x_decode, "0a", "\x0a", 1},
    // RFC 4648 §10
    {base64_std, "", "", 0},
    {base64_std, "Zg==", "f", 1},
    {base64_std, "Zm8=", "fo", 2},
    {base64_std, "Zm9v", "foo", 3},
    {base64_std, "Zm9vYg==", "foob", 4},
    {base64_std, "Zm9vYmE=", "fooba", 5},
    {base64_std, "Zm9vYmFy", "foobar", 6},
    {base64_std, "+/+/", "\xfb\xff\xbf", 3},
    {base64_std_unpadded, "Zm9vYg", "foob", 4},
    {base64_url, "-_-_", "\xfb\xff\xbf", 3},
    {base64_url_unpadded, "Zm9vYmE", "fooba", 5},
    {base32_lower, "", "", 0},
    {base32_lower, "my", "f", 1},
    {base32_lower, "mzxq", "fo", 2},
    {base32_lower, "mzxw6", "foo", 3},
    {base32_lower, "mzxw6yq", "foob", 4},
    {base32_lower, "mzxw6ytb", "fooba", 5},
    {base32_lower, "mzxw6ytboi", "foobar", 6},
    {base32_upper, "MZXW6YTBOI", "foobar", 6},
    // base58_encode_decode.json of Bitcoin Core
    {w3p_base58_decode, "", "", 0},
    {w3p_base58_decode, "2g", "\x61", 1},
    {w3p_base58_decode, "a3gV", "\x62\x62\x62", 3},
    {w3p_base58_decode, "2cFupjhnEsSn59qHXstmK2ffpLv2", "simply a long string", 20},
    {w3p_base58_decode, "1NS17iag9jJgTHD1VXjvLCEnZuQ3rJDE9L",
     "\x00\xeb\x15\x23\x1d\xfc\xeb\x60\x92\x58\x86\xb6\x7d\x06\x52\x99\x92\x59\x15\xae\xb1\x72\xc0\x66\x47", 25},
    {w3p_base58_decode, "ABnLTmg", "\x51\x6b\x6f\xcd\x0f", 5},
    {w3p_base58_decode, "1111111111", "\0\0\0\0\0\0\0\0\0\0", 10},
    // multibase/specification tests: basic.csv
    {w3p_multibase_decode, "f796573206d616e692021", "yes mani !", 10},
    {w3p_multibase_decode, "F796573206D616E692021", "yes mani !", 10},
    {w3p_multibase_decode, "bpfsxgidnmfxgsibb", "yes mani !", 10},
    {w3p_multibase_decode, "BPFSXGIDNMFXGSIBB", "yes mani !", 10},
    {w3p_multibase_decode, "k2lcpzo5yikidynfl", "yes mani !", 10},
    {w3p_multibase_decode, "K2LCPZO5YIKIDYNFL", "yes mani !", 10},
    {w3p_multibase_decode, "z7paNL19xttacUY", "yes mani !", 10},
    {w3p_multibase_decode, "meWVzIG1hbmkgIQ", "yes mani !", 10},
    {w3p_multibase_decode, "ueWVzIG1hbmkgIQ", "yes mani !", 10},
    {base36_lower, "00a", "\x00\x00\x0a", 3},
    {base36_upper, "0ZZ", "\x00\x05\x0f", 3},
};

Test(encoding, accepts_the_vectors)
{
    for (size_t i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++) {
        uint8_t out[32];
        size_t len = sizeof(out), text_len = strlen(accepted[i].text);
        cr_expect(accepted[i].decode(out, &len, accepted[i].text, text_len) == W3P_OK, "\"%s\"", accepted[i].text);
        cr_expect(len == accepted[i].len && memcmp(out, accepted[i].bytes, len) == 0, "\"%s\"", accepted[i].text);
        // Exactly enough room is enough, one byte less is not.
        len = accepted[i].len;
        cr_expect(accepted[i].decode(out, &len, accepted[i].text, text_len) == W3P_OK, "\"%s\"", accepted[i].text);
        if (accepted[i].len == 0)
            continue;
        len = accepted[i].len - 1;
        cr_expect(accepted[i].decode(out, &len, accepted[i].text, text_len) == W3P_E_LIMIT, "\"%s\"", accepted[i].text);
    }
}

Test(encoding, encoders_give_the_vectors)
{
    static const uint8_t address[] = {0x00, 0xeb, 0x15, 0x23, 0x1d, 0xfc, 0xeb, 0x60, 0x92, 0x58, 0x86, 0xb6, 0x7d,
                                      0x06, 0x52, 0x99, 0x92, 0x59, 0x15, 0xae, 0xb1, 0x72, 0xc0, 0x66, 0x47};
    struct w3p_buf out;
    char hex[9];
    w3p_buf_init(&out, 256);
    w3p_hex_encode(hex, address, 4);
    cr_expect(eq(str, hex, "00eb1523"));
    cr_expect(w3p_base58_encode(&out, address, sizeof(address)) == W3P_OK);
    cr_expect(eq(str, (char *)w3p_buf_str(&out), "1NS17iag9jJgTHD1VXjvLCEnZuQ3rJDE9L"));
    w3p_buf_reset(&out);
    w3p_base64_encode(&out, (const uint8_t *)"fooba", 5, W3P_BASE64_STD, W3P_BASE64_PADDED);
    w3p_base64_encode(&out, (const uint8_t *)"foob", 4, W3P_BASE64_STD, W3P_BASE64_PADDED);
    w3p_base64_encode(&out, (const uint8_t *)"\xfb\xff\xbf", 3, W3P_BASE64_URL, W3P_BASE64_PADDED);
    w3p_base64_encode(&out, (const uint8_t *)"foob", 4, W3P_BASE64_URL, W3P_BASE64_UNPADDED);
    cr_expect(eq(str, (char *)w3p_buf_str(&out), "Zm9vYmE=Zm9vYg==-_-_Zm9vYg"));
    w3p_buf_reset(&out);
    w3p_base32_encode(&out, (const uint8_t *)"foobar", 6);
    cr_expect(eq(str, (char *)w3p_buf_str(&out), "mzxw6ytboi"));
    w3p_buf_deinit(&out);
}

Test(encoding, quadratic_conversions_are_capped)
{
    char text[W3P_BASE58_TEXT_MAX + 1];
    uint8_t bytes[W3P_BASE58_TEXT_MAX + 1];
    memset(text, 'z', sizeof(text));
    size_t len = sizeof(bytes);
    cr_expect(w3p_base58_decode(bytes, &len, text, W3P_BASE58_TEXT_MAX) == W3P_OK);
    cr_expect(len == 141); // 192 digits of 5.858 bits
    len = sizeof(bytes);
    cr_expect(w3p_base58_decode(bytes, &len, text, sizeof(text)) == W3P_E_LIMIT);
    cr_expect(w3p_base36_decode(bytes, &len, text, sizeof(text), false) == W3P_E_LIMIT);
    memset(bytes, 0xff, sizeof(bytes));
    struct w3p_buf out;
    w3p_buf_init(&out, 1024);
    cr_expect(w3p_base58_encode(&out, bytes, sizeof(bytes)) == W3P_E_LIMIT);
    cr_expect(w3p_base58_encode(&out, bytes, W3P_BASE58_TEXT_MAX) == W3P_OK);
    cr_expect(out.len == 263);
    w3p_buf_reset(&out);
    memset(bytes, 0, sizeof(bytes));
    cr_expect(w3p_base58_encode(&out, bytes, W3P_BASE58_TEXT_MAX) == W3P_OK);
    cr_expect(out.len == W3P_BASE58_TEXT_MAX);
    w3p_buf_deinit(&out);
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static void expect_same(const char *name, decoder *decode, const struct w3p_buf *text, struct w3p_span bytes)
{
    uint8_t back[160];
    size_t len = sizeof(back);
    cr_expect(decode(back, &len, w3p_buf_str(text), text->len) == W3P_OK, "%s \"%s\"", name, w3p_buf_str(text));
    cr_expect(w3p_span_eq(W3P_SPAN(back, len), bytes), "%s \"%s\"", name, w3p_buf_str(text));
}

Test(encoding, random_bytes_come_back)
{
    uint32_t state = 20260101;
    for (int round = 0; round < 2000; round++) {
        uint8_t bytes[140];
        size_t len = next_random(&state) % (sizeof(bytes) + 1), zeros = next_random(&state) % 6;
        for (size_t i = 0; i < len; i++)
            bytes[i] = i < zeros ? 0 : (uint8_t)next_random(&state);
        struct w3p_span span = W3P_SPAN(bytes, len);
        struct w3p_buf text;
        w3p_buf_init(&text, 512);
        w3p_buf_put_hex(&text, bytes, len);
        expect_same("hex", w3p_hex_decode, &text, span);
        w3p_buf_reset(&text);
        w3p_base64_encode(&text, bytes, len, W3P_BASE64_STD, W3P_BASE64_PADDED);
        expect_same("base64", base64_std, &text, span);
        w3p_buf_reset(&text);
        w3p_base64_encode(&text, bytes, len, W3P_BASE64_URL, W3P_BASE64_UNPADDED);
        expect_same("base64url", base64_url_unpadded, &text, span);
        w3p_buf_reset(&text);
        w3p_base32_encode(&text, bytes, len);
        expect_same("base32", base32_lower, &text, span);
        w3p_buf_reset(&text);
        cr_expect(w3p_base58_encode(&text, bytes, len) == W3P_OK);
        expect_same("base58", w3p_base58_decode, &text, span);
        w3p_buf_deinit(&text);
    }
}

Test(encoding, hex_of_every_byte_at_every_place)
{
    uint8_t bytes[11];
    for (size_t len = 0; len <= sizeof bytes; len++) {
        for (unsigned value = 0; value < 256; value++) {
            char hex[2 * sizeof bytes + 2], want[2 * sizeof bytes + 1] = "";
            memset(hex, '#', sizeof hex);
            for (size_t i = 0; i < len; i++) {
                bytes[i] = (uint8_t)(value + 37 * i);
                snprintf(want + 2 * i, 3, "%02x", bytes[i]);
            }
            w3p_hex_encode(hex, bytes, len);
            cr_expect(strcmp(hex, want) == 0 && hex[2 * len + 1] == '#', "%s, not %s", hex, want);
        }
    }
}
