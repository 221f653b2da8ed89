// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: foreign JSON past our limits is refused without quoting it; the writer's output is always valid JSON.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

#include "base/json.h"

static const struct {
    const char *text;
    size_t len; // 0: strlen
    const char *word;
} refused[] = {
    {"", 0, "empty"},
    {" ", 0, ""},
    {"{", 0, "too early"},
    {"{}{}", 0, ""},
    {"{} x", 0, ""},
    {"[1,]", 0, ""},
    {"{\"a\":1,}", 0, ""},
    {"{'a':1}", 0, ""},
    {"{\"a\" 1}", 0, ""},
    {"[01]", 0, ""},
    {"[NaN]", 0, ""},
    {"[1] // comment", 0, ""},
    {"{\"a\":1,\"a\":2}", 0, "twice"},
    {"{\"a\":{\"b\":1,\"\\u0062\":2}}", 0, "twice"},
    {"[\"\\u0000\"]", 0, "NUL"},
    {"{\"\\u0000\":1}", 0, "NUL"},
    {"[\"a\0b\"]", 7, ""},
    {"[]\0", 3, ""},
    {"[\"\xff\"]", 0, "UTF-8"},
    {"[\"\xc0\x80\"]", 0, "UTF-8"},
    {"[\"\xed\xa0\x80\"]", 0, "UTF-8"},
    {"[\"\\ud800\"]", 0, ""},
    {"[\"a\nb\"]", 0, ""},
    {"[99999999999999999999999]", 0, "64-bit"},
    {"[\"unclosed", 0, ""},
    {"[\"unclosed\\", 0, ""},
    {"\xef\xbb\xbf{}", 0, ""},
};

Test(json, refuses_with_a_sentence)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct w3p_errmsg msg = {""};
        size_t len = refused[i].len != 0 ? refused[i].len : strlen(refused[i].text);
        json_t *json = w3p_json_parse(&msg, refused[i].text, len);
        cr_expect(json == NULL, "case %zu: %s", i, refused[i].text);
        cr_expect(msg.text[0] != '\0', "case %zu has no sentence", i);
        cr_expect(strstr(msg.text, refused[i].word) != NULL, "case %zu says: %s", i, msg.text);
        json_decref(json);
    }
    cr_expect(w3p_json_parse(NULL, "{", 1) == NULL);
}

Test(json, sentences_do_not_quote_the_text)
{
    struct w3p_errmsg msg;
    static const char *const texts[] = {"{\"token\": s3cret }", "{\"s3cret\":1,\"s3cret\":2}", "[\"s3cret"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        cr_expect(w3p_json_parse(&msg, texts[i], strlen(texts[i])) == NULL);
        cr_expect(strstr(msg.text, "s3cret") == NULL, "%s", msg.text);
    }
}

static json_t *parse_nested(char open, char close, size_t depth)
{
    struct w3p_buf text;
    w3p_buf_init(&text, 1 << 22);
    for (size_t i = 0; i < depth; i++)
        w3p_buf_put_str(&text, open == '[' ? "[" : "{\"k\":");
    w3p_buf_put_str(&text, "1");
    for (size_t i = 0; i < depth; i++)
        w3p_buf_put_u8(&text, (uint8_t)close);
    json_t *json = w3p_json_parse(NULL, w3p_buf_str(&text), text.len);
    w3p_buf_deinit(&text);
    return json;
}

Test(json, depth_is_bounded)
{
    static const char open[] = "[{", close[] = "]}";
    for (int i = 0; i < 2; i++) {
        json_t *fits = parse_nested(open[i], close[i], W3P_JSON_DEPTH_MAX);
        cr_expect(fits != NULL);
        json_decref(fits);
        cr_expect(parse_nested(open[i], close[i], W3P_JSON_DEPTH_MAX + 1) == NULL);
        cr_expect(parse_nested(open[i], close[i], 500000) == NULL);
    }
}

static json_t *parse_list(const char *item, size_t count)
{
    struct w3p_buf text;
    w3p_buf_init(&text, 1 << 22);
    w3p_buf_put_str(&text, "[0");
    for (size_t i = 0; i < count; i++)
        w3p_buf_put_str(&text, item);
    w3p_buf_put_str(&text, "]");
    json_t *json = w3p_json_parse(NULL, w3p_buf_str(&text), text.len);
    w3p_buf_deinit(&text);
    return json;
}

Test(json, the_number_of_values_is_bounded)
{
    json_t *fits = parse_list(",0", W3P_JSON_VALUES_MAX - 1);
    cr_expect(fits != NULL);
    json_decref(fits);
    cr_expect(parse_list(",0", W3P_JSON_VALUES_MAX) == NULL);
    fits = parse_list(",{}", W3P_JSON_VALUES_MAX / 2 - 1);
    cr_expect(fits != NULL);
    json_decref(fits);
    cr_expect(parse_list(",{}", W3P_JSON_VALUES_MAX / 2) == NULL);
    fits = parse_list(",\",[{\"", W3P_JSON_VALUES_MAX - 1); // in strings they cost nothing
    cr_expect(fits != NULL);
    json_decref(fits);
}

Test(json, depth_counts_no_brackets_in_strings)
{
    static const char text[] =
        "[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[\", {\"{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{\":[]}]";
    json_t *json = w3p_json_parse(NULL, text, strlen(text));
    cr_assert(json != NULL);
    json_decref(json);
    // Many brackets side by side are not deep.
    struct w3p_buf wide;
    w3p_buf_init(&wide, 4096);
    w3p_buf_put_str(&wide, "[0");
    for (int i = 0; i < 500; i++)
        w3p_buf_put_str(&wide, ",[]");
    w3p_buf_put_str(&wide, "]");
    json = w3p_json_parse(NULL, w3p_buf_str(&wide), wide.len);
    cr_assert(json != NULL && json_array_size(json) == 501);
    json_decref(json);
    w3p_buf_deinit(&wide);
}

Test(json, any_value_is_a_text)
{
    static const char *const texts[] = {"1", "\"a\"", "null", "true", "[]", " {} \n"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_t *json = w3p_json_parse(NULL, texts[i], strlen(texts[i]));
        cr_expect(json != NULL, "%s", texts[i]);
        json_decref(json);
    }
}

Test(json, writer_puts_commas)
{
    struct w3p_buf out;
    struct w3p_json j;
    w3p_buf_init(&out, 1024);
    w3p_json_init(&j, &out);
    w3p_json_begin_object(&j);
    w3p_json_str_field(&j, "a", "x");
    w3p_json_key(&j, "list");
    w3p_json_begin_array(&j);
    w3p_json_int(&j, -1);
    w3p_json_begin_object(&j);
    w3p_json_end_object(&j);
    w3p_json_begin_array(&j);
    w3p_json_end_array(&j);
    w3p_json_null(&j);
    w3p_json_end_array(&j);
    w3p_json_bool_field(&j, "b", true);
    w3p_json_int_field(&j, "min", INT64_MIN);
    w3p_json_key(&j, "max");
    w3p_json_uint(&j, UINT64_MAX);
    w3p_json_key(&j, "hex");
    w3p_json_hex0x(&j, (const uint8_t *)"\x00\xfe", 2);
    w3p_json_key(&j, "raw");
    w3p_json_raw(&j, "[1]", 3);
    w3p_json_str_field(&j, "none", NULL);
    w3p_json_bool_field(&j, "last", false);
    w3p_json_end_object(&j);
    cr_assert(w3p_buf_status(&out) == W3P_OK);
    cr_assert(eq(str, (char *)w3p_buf_str(&out),
                 "{\"a\":\"x\",\"list\":[-1,{},[],null],\"b\":true,\"min\":-9223372036854775808,"
                 "\"max\":18446744073709551615,\"hex\":\"0x00fe\",\"raw\":[1],\"none\":null,\"last\":false}"));
    w3p_buf_deinit(&out);
}

#define BAD "\xef\xbf\xbd"
static const struct {
    const char *text;
    size_t len;
    const char *written;
} strings[] = {
    {"", 0, "\"\""},
    {"plain", 5, "\"plain\""},
    {"a\"b\\c/", 6, "\"a\\\"b\\\\c/\""},
    {"\b\f\n\r\t\x01\x1f\x7f", 8, "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\""},
    {"a\0b", 3, "\"a\\u0000b\""},
    {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9, "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
    {"x\xff", 2, "\"x" BAD "\""},
    {"\x80y", 2, "\"" BAD "y\""},
    {"\xc3", 1, "\"" BAD "\""},               // cut
    {"\xc3\xa9", 1, "\"" BAD "\""},           // cut by its length
    {"\xc3(", 2, "\"" BAD "(\""},             // the next character survives
    {"\xe2\x82\"", 3, "\"" BAD BAD "\\\"\""}, // and is escaped
    {"\xc0\xaf", 2, "\"" BAD BAD "\""},       // overlong
    {"\xe0\x80\xaf", 3, "\"" BAD BAD BAD "\""},
    {"\xed\xa0\x80", 3, "\"" BAD BAD BAD "\""},         // surrogate
    {"\xf4\x90\x80\x80", 4, "\"" BAD BAD BAD BAD "\""}, // above U+10FFFF
    {"\xf0\x8f\xbf\xbf", 4, "\"" BAD BAD BAD BAD "\""},
    {"\xf5\x80\x80\x80", 4, "\"" BAD BAD BAD BAD "\""},
};

Test(json, strings_are_escaped)
{
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        struct w3p_buf out;
        struct w3p_json j;
        w3p_buf_init(&out, 128);
        w3p_json_init(&j, &out);
        w3p_json_str_n(&j, strings[i].text, strings[i].len);
        cr_expect(strcmp(w3p_buf_str(&out), strings[i].written) == 0, "case %zu: %s", i, w3p_buf_str(&out));
        w3p_buf_deinit(&out);
    }
}

Test(json, random_bytes_become_valid_json)
{
    uint32_t state = 99;
    for (int round = 0; round < 3000; round++) {
        char text[48];
        struct w3p_buf out;
        struct w3p_json j;
        for (size_t i = 0; i < sizeof(text); i++) {
            state = state * 1664525 + 1013904223;
            text[i] = (char)((state >> 30) == 0 ? state >> 24 : (state >> 16) | 0x80);
            text[i] = text[i] == '\0' ? 1 : text[i];
        }
        w3p_buf_init(&out, 1024);
        w3p_json_init(&j, &out);
        w3p_json_str_n(&j, text, sizeof(text));
        json_t *json = w3p_json_parse(NULL, w3p_buf_str(&out), out.len);
        cr_assert(json != NULL, "%s", w3p_buf_str(&out));
        json_decref(json);
        w3p_buf_deinit(&out);
    }
}

Test(json, a_full_buffer_is_told)
{
    struct w3p_buf out;
    struct w3p_json j;
    w3p_buf_init(&out, 10);
    w3p_json_init(&j, &out);
    w3p_json_begin_object(&j);
    w3p_json_str_field(&j, "key", "too long for ten bytes");
    w3p_json_end_object(&j);
    cr_assert(w3p_buf_status(&out) == W3P_E_LIMIT);
    w3p_buf_deinit(&out);
}

Test(json, one_special_character_at_any_place)
{
    static const char special[] = {'"', '\\', '\n', 0x1f, '\0', (char)0x80, (char)0xff};
    for (size_t len = 1; len <= 27; len++) {
        for (size_t at = 0; at <= len * sizeof special; at++) { // the last one: nothing special
            char text[27], want[27 + 8];
            size_t place = at / sizeof special;
            const char *escaped[] = {"\\\"", "\\\\", "\\n", "\\u001f", "\\u0000", "\xef\xbf\xbd", "\xef\xbf\xbd"};
            memset(text, 'x', len);
            if (place < len)
                text[place] = special[at % sizeof special];
            int want_len = snprintf(want, sizeof want, "\"%.*s%s%.*s\"", (int)place, "xxxxxxxxxxxxxxxxxxxxxxxxxxx",
                                    place < len ? escaped[at % sizeof special] : "",
                                    (int)(place < len ? len - place - 1 : 0), "xxxxxxxxxxxxxxxxxxxxxxxxxxx");
            struct w3p_buf buf;
            struct w3p_json j;
            w3p_buf_init(&buf, 100);
            w3p_json_init(&j, &buf);
            w3p_json_str_n(&j, text, len);
            cr_expect(buf.len == (size_t)want_len && memcmp(buf.ptr, want, buf.len) == 0, "%s, not %s",
                      w3p_buf_str(&buf), want);
            w3p_buf_deinit(&buf);
        }
    }
}
