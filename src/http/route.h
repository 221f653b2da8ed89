// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: pure matching of a method and a path against the route table of http.h. No h2o, no allocation.
// Threads: any.  Ownership: results borrow the table and the path.
#ifndef W3P_HTTP_ROUTE_H
#define W3P_HTTP_ROUTE_H

#include "http/http.h"

// Bit numbers of w3p_route_match.methods. No path lists a method beyond these.
enum w3p_method {
    W3P_METHOD_GET,
    W3P_METHOD_HEAD,
    W3P_METHOD_POST,
    W3P_METHOD_PUT,
    W3P_METHOD_DELETE,
    W3P_METHOD_OPTIONS,
    W3P_METHOD_PATCH,
    W3P_METHOD_UNKNOWN
};
enum w3p_method w3p_method_parse(struct w3p_span text); // case-sensitive, as HTTP has it
bool w3p_method_is_token(struct w3p_span text);         // 1..32 token characters of RFC 9110

struct w3p_route_match {
    const struct w3p_route *route; // NULL: the path (if it exists at all) does not list this method
    struct w3p_span param;         // what {…} matched: one segment, never empty
    unsigned methods;              // what the path lists, with HEAD beside GET and OPTIONS always; 0: no such path
};
// One trailing slash is forgiven. HEAD finds the GET route.
void w3p_route_find(struct w3p_route_match *out, const struct w3p_route *routes, enum w3p_method method,
                    struct w3p_span path);

#define W3P_ROUTE_ALLOW_MAX 64
// "GET, HEAD, OPTIONS": the value of Allow and of Access-Control-Allow-Methods.
void w3p_route_allow(char out[W3P_ROUTE_ALLOW_MAX], unsigned methods);

#endif
