// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: buffers at and past their bound, sticky errors, decimal text at its limits, error words.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

Test(bytes, decimal_refuses_what_is_no_number)
{
    static const char *const texts[] = {"", "-1", "+1", " 1", "1 ", "01", "00", "1a", "0x1", "1.0", "1e3", "\xd9\xa1"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        w3p_u128 wide = 7;
        uint64_t narrow = 7;
        cr_expect(w3p_u128_parse(&wide, texts[i], strlen(texts[i])) == W3P_E_INVALID, "\"%s\"", texts[i]);
        cr_expect(w3p_u64_parse(&narrow, texts[i], strlen(texts[i])) == W3P_E_INVALID, "\"%s\"", texts[i]);
        cr_expect(wide == 7 && narrow == 7, "\"%s\" changed the output", texts[i]);
    }
    w3p_u128 wide;
    cr_expect(w3p_u128_parse(&wide, "1\0", 2) == W3P_E_INVALID);
    // Malformed wins over too large.
    cr_expect(w3p_u128_parse(&wide, "999999999999999999999999999999999999999999x", 43) == W3P_E_INVALID);
}

Test(bytes, digits_are_those_of_printf)
{
    for (uint64_t power = 1;; power *= 10) {
        const uint64_t values[] = {power - 1, power, power + 1, power / 7 * 9, UINT64_MAX - power};
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
            char text[W3P_U64_DIGITS_MAX + 1], want[W3P_U64_DIGITS_MAX + 1];
            memset(text, '#', sizeof text);
            size_t len = w3p_u64_digits(text, values[i]);
            size_t want_len = (size_t)snprintf(want, sizeof want, "%" PRIu64, values[i]);
            cr_expect(len == want_len && memcmp(text, want, len) == 0 && text[len] == '#', "%s", want);
        }
        if (power > UINT64_MAX / 10)
            break;
    }
}

Test(bytes, foreign_text_is_one_plain_line)
{
    char out[16] = "a: ";
    w3p_text_add_plain(out, sizeof out, "x\x1b[2J\r\n\n\ty\x7f\xc2\x9bz");
    cr_expect(eq(str, out, (char *)"a: x [2J y ??z"));
    w3p_text_add_plain(out, sizeof out, "\"much more than fits");
    cr_expect(eq(str, out, (char *)"a: x [2J y ??z\""));
    w3p_text_add_plain(out, sizeof out, "\n");
    cr_expect(eq(sz, strlen(out), sizeof out - 1));
}

Test(bytes, allocations_of_any_size_are_zeroed)
{
    for (size_t len = 0; len <= 4096; len += 64) {
        uint8_t *dirty = w3p_alloc(1, len);
        memset(dirty, 0xff, len);
        free(dirty);
        uint8_t *zeroed = w3p_calloc(len, 1);
        for (size_t i = 0; i < len; i++)
            cr_assert(zeroed[i] == 0, "%zu of %zu", i, len);
        free(zeroed);
    }
}

Test(bytes, decimal_stops_at_its_width)
{
    static const struct {
        const char *text;
        int wide, narrow;
    } cases[] = {
        {"0", W3P_OK, W3P_OK},
        {"18446744073709551615", W3P_OK, W3P_OK},
        {"18446744073709551616", W3P_OK, W3P_E_RANGE},
        {"10000000000000000000", W3P_OK, W3P_OK},
        {"100000000000000000000000000000000000000", W3P_OK, W3P_E_RANGE},
        {"340282366920938463463374607431768211455", W3P_OK, W3P_E_RANGE},
        {"340282366920938463463374607431768211456", W3P_E_RANGE, W3P_E_RANGE},
        {"340282366920938463463374607431768211460", W3P_E_RANGE, W3P_E_RANGE},
        {"3402823669209384634633746074317682114550", W3P_E_RANGE, W3P_E_RANGE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        w3p_u128 wide = 0;
        uint64_t narrow = 0;
        size_t len = strlen(cases[i].text);
        cr_expect(w3p_u128_parse(&wide, cases[i].text, len) == cases[i].wide, "%s", cases[i].text);
        cr_expect(w3p_u64_parse(&narrow, cases[i].text, len) == cases[i].narrow, "%s", cases[i].text);
        if (cases[i].wide != W3P_OK)
            continue;
        char text[40];
        w3p_u128_format(text, wide);
        cr_expect(strcmp(text, cases[i].text) == 0, "%s came back as %s", cases[i].text, text);
    }
}

Test(bytes, buffer_holds_exactly_its_maximum)
{
    struct w3p_buf buf;
    w3p_buf_init(&buf, 300);
    for (int i = 0; i < 300; i++)
        w3p_buf_put_u8(&buf, 'x');
    cr_assert(w3p_buf_status(&buf) == W3P_OK);
    cr_assert(buf.len == 300 && strlen(w3p_buf_str(&buf)) == 300);
    w3p_buf_put_u8(&buf, 'y');
    cr_assert(w3p_buf_status(&buf) == W3P_E_LIMIT);
    cr_assert(buf.len == 300 && buf.ptr[299] == 'x');
    w3p_buf_deinit(&buf);
}

Test(bytes, a_failed_put_changes_nothing_and_sticks)
{
    struct w3p_buf buf;
    w3p_buf_init(&buf, 10);
    w3p_buf_put_str(&buf, "12345678");
    w3p_buf_printf(&buf, "%s", "abc");
    w3p_buf_put_str(&buf, "z"); // would fit, but the error sticks
    w3p_buf_put_hex(&buf, (const uint8_t *)"", 0);
    cr_assert(w3p_buf_status(&buf) == W3P_E_LIMIT);
    cr_assert(eq(str, (char *)w3p_buf_str(&buf), "12345678"));
    w3p_buf_reset(&buf);
    cr_assert(w3p_buf_status(&buf) == W3P_OK);
    cr_assert(eq(str, (char *)w3p_buf_str(&buf), ""));
    w3p_buf_put_str(&buf, "1234567890");
    cr_assert(w3p_buf_status(&buf) == W3P_OK);
    w3p_buf_deinit(&buf);
}

Test(bytes, huge_lengths_do_not_wrap)
{
    struct w3p_buf buf;
    w3p_buf_init(&buf, SIZE_MAX);
    w3p_buf_put_u8(&buf, 'x');
    w3p_buf_put(&buf, "x", SIZE_MAX);
    cr_assert(w3p_buf_status(&buf) == W3P_E_LIMIT);
    w3p_buf_reset(&buf);
    w3p_buf_put_hex(&buf, (const uint8_t *)"x", SIZE_MAX / 2 + 1);
    cr_assert(w3p_buf_status(&buf) == W3P_E_LIMIT);
    w3p_buf_deinit(&buf);
}

Test(bytes, numbers_are_little_endian)
{
    struct w3p_buf buf;
    w3p_buf_init(&buf, 64);
    w3p_buf_put_le16(&buf, 0x0102);
    w3p_buf_put_le32(&buf, 0x03040506);
    w3p_buf_put_le64(&buf, 0x0708090a0b0c0d0eULL);
    w3p_buf_put_le128(&buf, (w3p_u128)1 << 127 | 5);
    static const uint8_t expected[] = {2, 1, 6, 5, 4, 3, 14, 13, 12, 11, 10, 9, 8, 7, 5,
                                       0, 0, 0, 0, 0, 0, 0,  0,  0,  0,  0,  0, 0, 0, 0x80};
    cr_assert(w3p_span_eq(w3p_buf_span(&buf), W3P_SPAN(expected, sizeof(expected))));
    w3p_buf_reset(&buf);
    w3p_buf_put_hex(&buf, expected, 8);
    cr_assert(eq(str, (char *)w3p_buf_str(&buf), "0201060504030e0d"));
    w3p_buf_deinit(&buf);
}

Test(bytes, take_hands_over_and_leaves_an_empty_buffer)
{
    struct w3p_buf buf;
    w3p_buf_init(&buf, 16);
    char *empty = w3p_buf_take(&buf);
    cr_assert(eq(str, empty, ""));
    w3p_buf_put_str(&buf, "text");
    char *text = w3p_buf_take(&buf);
    cr_assert(eq(str, text, "text"));
    cr_assert(buf.len == 0 && buf.ptr == NULL && buf.max == 16);
    free(empty);
    free(text);
}

Test(bytes, spans_compare_by_length_and_bytes)
{
    cr_expect(w3p_span_eq(w3p_span_str(NULL), W3P_SPAN_LIT("")));
    cr_expect(w3p_span_eq_str(W3P_SPAN("abc", 2), "ab"));
    cr_expect(w3p_span_eq_str(W3P_SPAN("ab\0c", 4), "ab") == false);
    cr_expect(w3p_span_has_prefix(W3P_SPAN_LIT("abc"), "ab"));
    cr_expect(w3p_span_has_prefix(W3P_SPAN_LIT("abc"), ""));
    cr_expect(w3p_span_has_prefix(W3P_SPAN_LIT("a"), "ab") == false);
}

Test(bytes, copies_are_terminated)
{
    char *all = w3p_strdup("word"), *part = w3p_strndup("word", 2), *more = w3p_strndup("word", 99);
    char *raw = w3p_memdup("a\0b", 3);
    cr_expect(eq(str, all, "word"));
    cr_expect(eq(str, part, "wo"));
    cr_expect(eq(str, more, "word"));
    cr_expect(memcmp(raw, "a\0b", 4) == 0);
    cr_expect(w3p_strdup(NULL) == NULL);
    void *nothing = w3p_calloc(0, 8);
    cr_expect(nothing != NULL);
    free(all);
    free(part);
    free(more);
    free(raw);
    free(nothing);
}

Test(err, every_code_has_words_of_its_own)
{
    for (int a = W3P_E_INTERNAL; a <= W3P_OK; a++) {
        cr_expect(strcmp(w3p_strerror(a), "unknown error") != 0, "%d", a);
        for (int b = W3P_E_INTERNAL; b < a; b++)
            cr_expect(strcmp(w3p_strerror(a), w3p_strerror(b)) != 0, "%d and %d", a, b);
    }
    cr_expect(eq(str, (char *)w3p_strerror(1), "unknown error"));
    cr_expect(eq(str, (char *)w3p_strerror(W3P_E_INTERNAL - 1), "unknown error"));
}

Test(err, fail_cuts_the_sentence_and_gives_the_code)
{
    struct w3p_errmsg msg;
    cr_assert(w3p_fail(&msg, W3P_E_BUSY, "%s %d", "word", 7) == W3P_E_BUSY);
    cr_assert(eq(str, msg.text, "word 7"));
    cr_assert(w3p_fail(&msg, W3P_E_IO, "%1000d", 1) == W3P_E_IO);
    cr_assert(strlen(msg.text) == sizeof(msg.text) - 1);
    cr_assert(w3p_fail(&msg, W3P_E_REMOTE, "it says: %s", "\x1b]0;own\x7f\n\xc3\xa4") == W3P_E_REMOTE);
    cr_expect(eq(str, msg.text, "it says: ?]0;own??\xc3\xa4"));
    cr_assert(w3p_fail(NULL, W3P_E_IO, "unseen") == W3P_E_IO);
}
