// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the route table lookup; see route.h. The table has a few dozen rows, so a scan costs less than a hash.
#include "http/route.h"

#include <string.h>

static const char *const method_names[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"};
enum { METHOD_COUNT = sizeof method_names / sizeof method_names[0], METHOD_LEN_MAX = 32 };

enum w3p_method w3p_method_parse(struct w3p_span text)
{
    for (unsigned i = 0; i < METHOD_COUNT; i++) {
        if (text.len > 0 && text.ptr[0] == (uint8_t)method_names[i][0] && w3p_span_eq_str(text, method_names[i]))
            return (enum w3p_method)i;
    }
    return W3P_METHOD_UNKNOWN;
}

bool w3p_method_is_token(struct w3p_span text)
{
    if (text.len == 0 || text.len > METHOD_LEN_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!alnum && (c == 0 || strchr("!#$%&'*+-.^_`|~", c) == NULL))
            return false;
    }
    return true;
}

// Whether `path` is what the pattern describes; *param gets what stands for the braces.
static bool path_matches(struct w3p_span *param, const char *pattern, struct w3p_span path)
{
    const char *brace = strchr(pattern, '{');
    *param = (struct w3p_span){0};
    if (brace == NULL)
        return w3p_span_eq_str(path, pattern);
    size_t fixed = (size_t)(brace - pattern);
    if (path.len <= fixed || memcmp(path.ptr, pattern, fixed) != 0)
        return false;
    struct w3p_span rest = W3P_SPAN(path.ptr + fixed, path.len - fixed);
    if (memchr(rest.ptr, '/', rest.len) != NULL)
        return false;
    *param = rest;
    return true;
}

void w3p_route_find(struct w3p_route_match *out, const struct w3p_route *routes, enum w3p_method method,
                    struct w3p_span path)
{
    *out = (struct w3p_route_match){0};
    if (method == W3P_METHOD_HEAD)
        method = W3P_METHOD_GET;
    if (path.len > 1 && path.ptr[path.len - 1] == '/')
        path.len--;
    char letter = path.len > 1 ? (char)path.ptr[1] : '\0'; // behind the slash: most patterns have another one
    for (const struct w3p_route *route = routes; route->method != NULL; route++) {
        struct w3p_span param;
        if ((route->path[1] != letter && route->path[1] != '{') || !path_matches(&param, route->path, path))
            continue;
        enum w3p_method listed = w3p_method_parse(w3p_span_str(route->method));
        out->methods |= 1u << listed | 1u << W3P_METHOD_OPTIONS;
        if (listed == W3P_METHOD_GET)
            out->methods |= 1u << W3P_METHOD_HEAD;
        if (listed == method && out->route == NULL) {
            out->route = route;
            out->param = param;
        }
    }
}

void w3p_route_allow(char out[W3P_ROUTE_ALLOW_MAX], unsigned methods)
{
    size_t at = 0;
    for (unsigned i = 0; i < METHOD_COUNT; i++) {
        size_t len = strlen(method_names[i]);
        if ((methods >> i & 1) == 0 || at + len + 3 > W3P_ROUTE_ALLOW_MAX)
            continue;
        if (at > 0) {
            out[at++] = ',';
            out[at++] = ' ';
        }
        memcpy(out + at, method_names[i], len);
        at += len;
    }
    out[at] = '\0';
}
