// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: form-encoded query strings.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

#include "http/query.h"

static const char *const broken[] = {"a=%", "a=%4", "a=%4g", "a=%g4", "%zz=1", "a=%00", "a=1&b=%", "a=%%41"};

Test(query, broken_escapes_are_refused)
{
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct w3p_query query;
        const char *why = NULL;
        cr_expect(eq(int, w3p_query_parse(&query, &why, w3p_span_str(broken[i])), W3P_E_INVALID), "%s", broken[i]);
        cr_expect(why != NULL, "%s", broken[i]);
        cr_expect(query.text == NULL);
    }
    struct w3p_query query;
    const char *why = NULL;
    cr_expect(eq(int, w3p_query_parse(&query, &why, W3P_SPAN("a=\0b", 4)), W3P_E_INVALID));
}

Test(query, bounds)
{
    static char text[W3P_QUERY_BYTES_MAX + 2];
    struct w3p_query query;
    const char *why = NULL;
    memset(text, 'a', sizeof text);
    cr_expect(eq(int, w3p_query_parse(&query, &why, W3P_SPAN(text, W3P_QUERY_BYTES_MAX + 1)), W3P_E_LIMIT));
    cr_expect(eq(int, w3p_query_parse(&query, &why, W3P_SPAN(text, W3P_QUERY_BYTES_MAX)), W3P_OK));
    w3p_query_deinit(&query);
    size_t at = 0;
    for (int i = 0; i < W3P_QUERY_PARAMS_MAX; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%sk%d", i > 0 ? "&" : "", i);
    cr_assert(eq(int, w3p_query_parse(&query, &why, W3P_SPAN(text, at)), W3P_OK));
    cr_expect(eq(sz, query.len, W3P_QUERY_PARAMS_MAX));
    cr_expect(w3p_span_eq_str(query.params[63].key, "k63"));
    cr_expect(eq(sz, query.params[63].value.len, 0));
    w3p_query_deinit(&query);
    memcpy(text + at, "&z", 2);
    cr_expect(eq(int, w3p_query_parse(&query, &why, W3P_SPAN(text, at + 2)), W3P_E_LIMIT));
}

Test(query, decodes)
{
    struct w3p_query query;
    const char *why = NULL;
    struct w3p_span value = {0};
    const char *raw = "&a=x+y%2Bz&&b=&c&=v&a=2&d=%C3%a9=1&n%61me=q";
    cr_assert(eq(int, w3p_query_parse(&query, &why, w3p_span_str(raw)), W3P_OK));
    cr_expect(eq(sz, query.len, 7));
    cr_expect(eq(sz, w3p_query_find(&query, &value, "a"), 2));
    cr_expect(eq(str, (char *)value.ptr, "x y+z"));
    cr_expect(eq(sz, w3p_query_find(&query, &value, "b"), 1));
    cr_expect(eq(sz, value.len, 0));
    cr_expect(eq(sz, w3p_query_find(&query, &value, "c"), 1));
    cr_expect(eq(sz, w3p_query_find(&query, &value, ""), 1));
    cr_expect(eq(sz, w3p_query_find(&query, &value, "d"), 1));
    cr_expect(eq(str, (char *)value.ptr, "\xc3\xa9=1"));
    cr_expect(eq(sz, w3p_query_find(&query, &value, "name"), 1));
    cr_expect(eq(sz, w3p_query_find(&query, &value, "missing"), 0));
    w3p_query_deinit(&query);
    cr_assert(eq(int, w3p_query_parse(&query, &why, (struct w3p_span){0}), W3P_OK));
    cr_expect(eq(sz, query.len, 0));
    w3p_query_deinit(&query);
}
