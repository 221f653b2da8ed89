// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the registry of the gateway's public routes, and the declarations that follow from it. A new route is one
// line here, its handler, and the handler's description (doc.h), without which nothing links.
#ifndef W3P_HTTP_GATEWAY_ROUTES_H
#define W3P_HTTP_GATEWAY_ROUTES_H

#include "http/doc.h"
#include "http/psa_json.h"

// Some clients send "{}" with every request: a small body that means nothing is passed over.
#define W3P_BODY_IGNORED_MAX 1024

// ROUTE(method, path, handler, most bytes of a body, budget)
// clang-format off
#define W3P_GATEWAY_ROUTES(ROUTE)                                                                                      \
    ROUTE("GET",    "/psa/pins",             w3p_psa_list, W3P_BODY_IGNORED_MAX, LIST)                                 \
    ROUTE("POST",   "/psa/pins",             w3p_psa_add, W3P_PSA_BODY_MAX,     WRITE)                                 \
    ROUTE("GET",    "/psa/pins/{requestid}", w3p_psa_get, W3P_BODY_IGNORED_MAX, POLL)                                  \
    ROUTE("POST",   "/psa/pins/{requestid}", w3p_psa_replace, W3P_PSA_BODY_MAX,     WRITE)                             \
    ROUTE("DELETE", "/psa/pins/{requestid}", w3p_psa_delete, W3P_BODY_IGNORED_MAX, WRITE)                              \
    ROUTE("GET",    "/price",                w3p_price, 0,                    PUBLIC)                                  \
    ROUTE("GET",    "/account",              w3p_account, W3P_BODY_IGNORED_MAX, LIST)                                  \
    ROUTE("GET",    "/healthz",              w3p_ops_healthz, 0,                    NONE)                              \
    ROUTE("GET",    "/readyz",               w3p_ops_readyz, 0,                    NONE)                               \
    ROUTE("GET",    "/openapi.json",         w3p_ops_openapi, 0,                    PUBLIC)
// clang-format on

#define W3P_DECLARE_ROUTE(method, path, handler, body_max, budget)                                                     \
    void handler(struct w3p_call *call, const struct w3p_request *req);                                                \
    extern const struct w3p_doc handler##_doc;
W3P_GATEWAY_ROUTES(W3P_DECLARE_ROUTE)
#undef W3P_DECLARE_ROUTE

#endif
