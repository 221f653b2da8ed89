// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the JSON writer (valid output for any input bytes) and the guarded door to jansson. Writes into the
// caller's buffer only.
#include "base/json.h"

#include <stdio.h>
#include <string.h>

void w3p_json_init(struct w3p_json *j, struct w3p_buf *out)
{
    *j = (struct w3p_json){.out = out};
}

static void separate(struct w3p_json *j)
{
    if (j->comma)
        w3p_buf_put_u8(j->out, ',');
    j->comma = true;
}

static void open_with(struct w3p_json *j, uint8_t bracket)
{
    separate(j);
    w3p_buf_put_u8(j->out, bracket);
    j->comma = false;
}

static void close_with(struct w3p_json *j, uint8_t bracket)
{
    w3p_buf_put_u8(j->out, bracket);
    j->comma = true;
}

void w3p_json_begin_object(struct w3p_json *j)
{
    open_with(j, '{');
}

void w3p_json_end_object(struct w3p_json *j)
{
    close_with(j, '}');
}

void w3p_json_begin_array(struct w3p_json *j)
{
    open_with(j, '[');
}

void w3p_json_end_array(struct w3p_json *j)
{
    close_with(j, ']');
}

void w3p_json_key(struct w3p_json *j, const char *key)
{
    size_t len = strlen(key), comma = j->comma ? 1 : 0;
    uint8_t *at = w3p_buf_claim(j->out, comma + len + 3);
    j->comma = false;
    if (at == NULL)
        return;
    at[0] = ',';
    at += comma;
    at[0] = '"';
    memcpy(at + 1, key, len);
    memcpy(at + 1 + len, "\":", 2);
}

static bool is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

// Whether one of eight bytes may not be plain. Says yes too often (a borrow runs on), never no by mistake.
static bool any_special(uint64_t word)
{
    uint64_t quote = word ^ EACH_BYTE('"'), backslash = word ^ EACH_BYTE('\\');
    uint64_t below = (word - EACH_BYTE(0x20)) & ~word;
    uint64_t equal = ((quote - EACH_BYTE(1)) & ~quote) | ((backslash - EACH_BYTE(1)) & ~backslash);
    return ((word | below | equal) & EACH_BYTE(0x80)) != 0;
}

// How many bytes from the first on need no change.
static size_t plain_run(const uint8_t *at, size_t len)
{
    size_t run = 0;
    uint64_t word;
    for (; len - run >= sizeof(word); run += sizeof(word)) {
        memcpy(&word, at + run, sizeof(word));
        if (any_special(word))
            break;
    }
    if (len - run < sizeof(word) && len >= sizeof(word)) { // the rest, with some that are known to be plain before it
        memcpy(&word, at + len - sizeof(word), sizeof(word));
        run = any_special(word) ? run : len;
    }
    while (run < len && is_plain(at[run]))
        run++;
    return run;
}

static void put_escape(struct w3p_buf *out, uint8_t c)
{
    static const char digits[] = "0123456789abcdef";
    static const char letters[0x20] = {['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    char text[6] = {'\\', (char)c};
    size_t len = 2;
    if (c < 0x20 && letters[c] != '\0') {
        text[1] = letters[c];
    } else if (c < 0x20) {
        memcpy(text + 1, "u00", 3);
        text[4] = digits[c >> 4];
        text[5] = digits[c & 15];
        len = 6;
    }
    w3p_buf_put(out, text, len);
}

static void put_plain(struct w3p_json *j, const uint8_t *text, size_t len)
{
    uint8_t *at = w3p_buf_claim(j->out, len + 2);
    if (at == NULL)
        return;
    at[0] = '"';
    memcpy(at + 1, text, len);
    at[1 + len] = '"';
}

void w3p_json_str_n(struct w3p_json *j, const char *text, size_t len)
{
    const uint8_t *at = (const uint8_t *)text;
    struct w3p_buf *out = j->out;
    separate(j);
    if (len > 0 && plain_run(at, len) == len) { // most are
        put_plain(j, at, len);
        return;
    }
    w3p_buf_put_u8(out, '"');
    for (size_t i = 0; i < len;) {
        size_t run = i;
        while (run < len) { // the longest piece that needs no change goes out in one copy
            size_t step = at[run] >= 0x80 ? w3p_utf8_len(at + run, len - run) : plain_run(at + run, len - run);
            if (step == 0)
                break;
            run += step;
        }
        w3p_buf_put(out, at + i, run - i);
        i = run;
        if (i == len)
            break;
        if (at[i] >= 0x80)
            w3p_buf_put(out, "\xef\xbf\xbd", 3); // U+FFFD for each byte that belongs to no character
        else
            put_escape(out, at[i]);
        i++;
    }
    w3p_buf_put_u8(out, '"');
}

void w3p_json_str(struct w3p_json *j, const char *text)
{
    if (text == NULL)
        w3p_json_null(j);
    else
        w3p_json_str_n(j, text, strlen(text));
}

void w3p_json_hex0x(struct w3p_json *j, const uint8_t *bytes, size_t len)
{
    separate(j);
    w3p_buf_put(j->out, "\"0x", 3);
    w3p_buf_put_hex(j->out, bytes, len);
    w3p_buf_put_u8(j->out, '"');
}

static void put_digits(struct w3p_json *j, uint64_t value)
{
    char digits[W3P_U64_DIGITS_MAX];
    w3p_buf_put(j->out, digits, w3p_u64_digits(digits, value));
}

void w3p_json_int(struct w3p_json *j, int64_t value)
{
    separate(j);
    if (value < 0)
        w3p_buf_put_u8(j->out, '-');
    put_digits(j, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void w3p_json_uint(struct w3p_json *j, uint64_t value)
{
    separate(j);
    put_digits(j, value);
}

void w3p_json_bool(struct w3p_json *j, bool value)
{
    separate(j);
    w3p_buf_put_str(j->out, value ? "true" : "false");
}

void w3p_json_null(struct w3p_json *j)
{
    separate(j);
    w3p_buf_put(j->out, "null", 4);
}

void w3p_json_raw(struct w3p_json *j, const char *json, size_t len)
{
    separate(j);
    w3p_buf_put(j->out, json, len);
}

void w3p_json_str_field(struct w3p_json *j, const char *key, const char *text)
{
    w3p_json_key(j, key);
    w3p_json_str(j, text);
}

void w3p_json_int_field(struct w3p_json *j, const char *key, int64_t value)
{
    w3p_json_key(j, key);
    w3p_json_int(j, value);
}

void w3p_json_bool_field(struct w3p_json *j, const char *key, bool value)
{
    w3p_json_key(j, key);
    w3p_json_bool(j, value);
}

// ---- reading ----

// What would cost too much to parse, by brackets and commas outside strings; NULL: nothing. The text may be no JSON at
// all: then jansson says so afterwards.
static const char *too_much(const char *text, size_t len)
{
    size_t depth = 0, values = 0;
    bool in_string = false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            depth++;
            values++;
        } else if (c == ',') {
            values++;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
        if (depth > W3P_JSON_DEPTH_MAX)
            return "is nested too deep";
        if (values > W3P_JSON_VALUES_MAX) // "{}," is three bytes, and hundreds once parsed
            return "has too many values";
    }
    return NULL;
}

json_t *w3p_json_parse(struct w3p_errmsg *msg, const char *text, size_t len)
{
    if (len == 0) {
        w3p_fail(msg, W3P_E_INVALID, "empty where JSON was expected");
        return NULL;
    }
    const char *excess = too_much(text, len);
    if (excess != NULL) {
        w3p_fail(msg, W3P_E_LIMIT, "JSON %s", excess);
        return NULL;
    }
    json_error_t error;
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (json != NULL)
        return json;
    // jansson's own sentence quotes the text, which may hold a credential.
    const char *what = "not valid JSON";
    switch (json_error_code(&error)) {
    case json_error_duplicate_key:
        what = "JSON object with a key that occurs twice";
        break;
    case json_error_null_character:
    case json_error_null_byte_in_key:
        what = "JSON string with a NUL character";
        break;
    case json_error_invalid_utf8:
        what = "JSON text that is not UTF-8";
        break;
    case json_error_numeric_overflow:
        what = "JSON number outside the 64-bit range";
        break;
    case json_error_premature_end_of_input:
        what = "JSON text that ends too early";
        break;
    default:
        break;
    }
    w3p_fail(msg, W3P_E_INVALID, "%s (line %d, column %d)", what, error.line, error.column);
    return NULL;
}
