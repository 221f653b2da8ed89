// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: form-encoded query strings; see query.h. Decodes into one allocation, each value with a NUL behind it.
#include "http/query.h"

#include <stdlib.h>
#include <string.h>

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

// Decodes one key or value to *at and moves *at behind its NUL.
static int decode(struct w3p_span *out, char **at, const char **why, const uint8_t *text, size_t len)
{
    char *start = *at, *end = start;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '%') {
            int high = i + 2 < len ? hex_value(text[i + 1]) : -1;
            int low = i + 2 < len ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                *why = "the query holds a '%' that is not followed by two hexadecimal digits";
                return W3P_E_INVALID;
            }
            if (high == 0 && low == 0) {
                *why = "the query holds a NUL byte";
                return W3P_E_INVALID;
            }
            *end++ = (char)(high << 4 | low);
            i += 2;
        } else {
            *end++ = text[i] == '+' ? ' ' : (char)text[i];
        }
    }
    *out = W3P_SPAN(start, (size_t)(end - start));
    *end++ = '\0';
    *at = end;
    return W3P_OK;
}

int w3p_query_parse(struct w3p_query *out, const char **why, struct w3p_span raw)
{
    int err = W3P_OK;
    *out = (struct w3p_query){0};
    if (raw.len > W3P_QUERY_BYTES_MAX) {
        *why = "the query is longer than 16384 bytes";
        return W3P_E_LIMIT;
    }
    if (raw.len > 0 && memchr(raw.ptr, 0, raw.len) != NULL) {
        *why = "the query holds a NUL byte";
        return W3P_E_INVALID;
    }
    // Decoding never grows; each parameter adds two NULs and has lost an '&' or '=' for at most one of them.
    out->text = w3p_calloc(raw.len + 2 * W3P_QUERY_PARAMS_MAX + 2, 1);
    char *at = out->text;
    for (size_t pos = 0; pos < raw.len && err == W3P_OK;) {
        const uint8_t *start = raw.ptr + pos;
        const uint8_t *amp = memchr(start, '&', raw.len - pos);
        size_t len = amp != NULL ? (size_t)(amp - start) : raw.len - pos;
        pos += len + 1;
        if (len == 0)
            continue;
        if (out->len == W3P_QUERY_PARAMS_MAX) {
            *why = "the query has more than 64 parameters";
            err = W3P_E_LIMIT;
            break;
        }
        const uint8_t *equals = memchr(start, '=', len);
        size_t key_len = equals != NULL ? (size_t)(equals - start) : len;
        size_t value_at = equals != NULL ? key_len + 1 : len;
        struct w3p_query_param *param = &out->params[out->len];
        err = decode(&param->key, &at, why, start, key_len);
        if (err == W3P_OK)
            err = decode(&param->value, &at, why, start + value_at, len - value_at);
        if (err == W3P_OK)
            out->len++;
    }
    if (err != W3P_OK)
        w3p_query_deinit(out);
    return err;
}

void w3p_query_deinit(struct w3p_query *query)
{
    free(query->text);
    *query = (struct w3p_query){0};
}

size_t w3p_query_find(const struct w3p_query *query, struct w3p_span *out, const char *key)
{
    size_t count = 0;
    for (size_t i = 0; i < query->len; i++) {
        if (!w3p_span_eq_str(query->params[i].key, key))
            continue;
        if (count++ == 0)
            *out = query->params[i].value;
    }
    return count;
}
