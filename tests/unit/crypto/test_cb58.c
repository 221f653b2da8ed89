// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: CB58 both ways. The first texts are those that Avalanche's own implementations are tested with.
#include "unit/crypto/util.h"

#include "crypto/cb58.h"
#include "crypto/hash.h"

TestSuite(cb58, .init = w3p_crypto_init, .timeout = 10);

static int decode(const char *text)
{
    uint8_t out[W3P_BASE58_TEXT_MAX];
    size_t out_len = sizeof out;
    return w3p_cb58_decode(out, &out_len, text, strlen(text));
}

Test(cb58, refuses)
{
    static const char *const bad[] = {
        "",           "1",
        "111",        // three bytes: less than a checksum
        "4h3c99oJgN", // the beginning of SHA-256
        "4h3c6RH52R", // Bitcoin's checksum
        "4h3cAa8Jb",  "4h3cAa8JbF", "14h3cAa8JbE", "4h3cAa8JbE1", "4h3cAa8JbE ", "4h3cAa8Jb0",
    };
    char longest[W3P_BASE58_TEXT_MAX + 2];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect(decode(bad[i]) == W3P_E_INVALID, "%s", bad[i]);
    memset(longest, '1', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    cr_expect(decode(longest) == W3P_E_INVALID);
    cr_expect(decode(longest + 1) == W3P_E_INVALID);
}

static const struct {
    const char *hex, *text;
} cases[] = {
    {"", "45PJLL"},
    {"00", "1c7hwa"},
    {"000102030405060708ff", "15sPzhL1ouhqybrehT"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "11111111111111111111111111111111LpoYY"},
    {"616263", "4h3cAa8JbE"},
};

Test(cb58, both_ways)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bytes[64], out[64];
        size_t len = strlen(cases[i].hex) / 2, out_len = len; // the room is exact
        struct w3p_buf text;
        unhex(bytes, len, cases[i].hex);
        w3p_buf_init(&text, 100);
        cr_assert(w3p_cb58_encode(&text, bytes, len) == W3P_OK);
        CHECK_TEXT(w3p_buf_str(&text), cases[i].text);
        cr_assert(w3p_cb58_decode(out, &out_len, cases[i].text, text.len) == W3P_OK, "%s", cases[i].text);
        cr_assert(out_len == len && memcmp(out, bytes, len) == 0);
        if (len > 0) {
            size_t less = len - 1;
            cr_expect(w3p_cb58_decode(out, &less, cases[i].text, text.len) == W3P_E_LIMIT);
        }
        w3p_buf_deinit(&text);
    }
}

Test(cb58, bounds_of_what_is_made)
{
    uint8_t bytes[W3P_BASE58_TEXT_MAX] = {0};
    struct w3p_buf text;
    w3p_buf_init(&text, 1000);
    cr_expect(w3p_cb58_encode(&text, bytes, sizeof bytes - 3) == W3P_E_LIMIT);
    cr_expect(text.len == 0);
    cr_expect(w3p_cb58_encode(&text, bytes, sizeof bytes - 4) == W3P_OK);
    w3p_buf_deinit(&text);
    w3p_buf_init(&text, 5);
    cr_expect(w3p_cb58_encode(&text, bytes, 1) == W3P_E_LIMIT);
    w3p_buf_deinit(&text);
}
