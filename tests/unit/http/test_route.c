// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the route table lookup.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "http/route.h"

static void handler(struct w3p_call *call, const struct w3p_request *req)
{
    (void)call;
    (void)req;
}

static const struct w3p_route routes[] = {{"GET", "/psa/pins", handler, 0, 0, W3P_ROUTE_PUBLIC},
                                          {"POST", "/psa/pins", handler, 10, 0, W3P_ROUTE_PUBLIC},
                                          {"GET", "/psa/pins/{requestid}", handler, 0, 0, W3P_ROUTE_PUBLIC},
                                          {"DELETE", "/psa/pins/{requestid}", handler, 0, 0, W3P_ROUTE_PUBLIC},
                                          {"GET", "/", handler, 0, 0, W3P_ROUTE_PUBLIC},
                                          {0}};

struct row {
    enum w3p_method method;
    const char *path;
    int route; // index, -1: none
    const char *allow, *param;
};
static const struct row rows[] = {
    {W3P_METHOD_GET, "/nothing", -1, "", ""},
    {W3P_METHOD_GET, "", -1, "", ""},
    {W3P_METHOD_GET, "/psa/pin", -1, "", ""},
    {W3P_METHOD_GET, "/psa/pinsx", -1, "", ""},
    {W3P_METHOD_GET, "/psa/pins/a/b", -1, "", ""},
    {W3P_METHOD_GET, "/psa/pins//", -1, "", ""},
    {W3P_METHOD_PUT, "/psa/pins", -1, "GET, HEAD, POST, OPTIONS", ""},
    {W3P_METHOD_POST, "/psa/pins/abc", -1, "GET, HEAD, DELETE, OPTIONS", ""},
    {W3P_METHOD_UNKNOWN, "/psa/pins", -1, "GET, HEAD, POST, OPTIONS", ""},
    {W3P_METHOD_OPTIONS, "/psa/pins/abc", -1, "GET, HEAD, DELETE, OPTIONS", ""},
    {W3P_METHOD_GET, "/psa/pins", 0, "GET, HEAD, POST, OPTIONS", ""},
    {W3P_METHOD_HEAD, "/psa/pins", 0, "GET, HEAD, POST, OPTIONS", ""},
    {W3P_METHOD_POST, "/psa/pins", 1, "GET, HEAD, POST, OPTIONS", ""},
    {W3P_METHOD_POST, "/psa/pins/", 1, "GET, HEAD, POST, OPTIONS", ""},
    {W3P_METHOD_GET, "/psa/pins/abc", 2, "GET, HEAD, DELETE, OPTIONS", "abc"},
    {W3P_METHOD_GET, "/psa/pins/abc/", 2, "GET, HEAD, DELETE, OPTIONS", "abc"},
    {W3P_METHOD_DELETE, "/psa/pins/x", 3, "GET, HEAD, DELETE, OPTIONS", "x"},
    {W3P_METHOD_GET, "/", 4, "GET, HEAD, OPTIONS", ""},
};

Test(route, table)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct w3p_route_match match;
        char allow[W3P_ROUTE_ALLOW_MAX];
        w3p_route_find(&match, routes, rows[i].method, w3p_span_str(rows[i].path));
        w3p_route_allow(allow, match.methods);
        cr_expect(eq(str, allow, (char *)rows[i].allow), "row %zu", i);
        cr_expect(w3p_span_eq_str(match.param, rows[i].param), "row %zu", i);
        cr_expect(match.route == (rows[i].route < 0 ? NULL : &routes[rows[i].route]), "row %zu", i);
    }
}

Test(route, methods)
{
    cr_expect(eq(int, w3p_method_parse(W3P_SPAN_LIT("get")), W3P_METHOD_UNKNOWN));
    cr_expect(eq(int, w3p_method_parse(W3P_SPAN_LIT("BREW")), W3P_METHOD_UNKNOWN));
    cr_expect(eq(int, w3p_method_parse(W3P_SPAN_LIT("GET")), W3P_METHOD_GET));
    cr_expect(eq(int, w3p_method_parse(W3P_SPAN_LIT("PATCH")), W3P_METHOD_PATCH));
    cr_expect(not(w3p_method_is_token(W3P_SPAN_LIT("G ET"))));
    cr_expect(not(w3p_method_is_token(W3P_SPAN_LIT(""))));
    cr_expect(not(w3p_method_is_token(W3P_SPAN_LIT("G\0T"))));
    cr_expect(not(w3p_method_is_token(W3P_SPAN_LIT("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG"))));
    cr_expect(w3p_method_is_token(W3P_SPAN_LIT("M-SEARCH")));
}
