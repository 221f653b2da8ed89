// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the registry of the gateway's public routes, and the declarations that follow from it. A new route is one
// line here, its handler, and the handler's description (doc.h), without which nothing links. Its last column says what
// the caller's credential must permit; every route but the public ones has a handler that begins with
// w3p_caller_admit.
#ifndef W3P_HTTP_GATEWAY_ROUTES_H
#define W3P_HTTP_GATEWAY_ROUTES_H

#include "http/auth_json.h"
#include "http/doc.h"
#include "http/psa_json.h"
#include "scope.h"

// Some clients send "{}" with every request: a small body that means nothing is passed over.
#define W3P_BODY_IGNORED_MAX 1024

// ROUTE(method, path, handler, most bytes of a body, budget, scope)
// clang-format off
#define W3P_GATEWAY_ROUTES(ROUTE)                                                                                      \
    ROUTE("GET",    "/psa/pins",             w3p_psa_list, W3P_BODY_IGNORED_MAX, LIST, W3P_SCOPE_PIN_READ)             \
    ROUTE("POST",   "/psa/pins",             w3p_psa_add, W3P_PSA_BODY_MAX,     WRITE, W3P_SCOPE_PIN_WRITE)            \
    ROUTE("GET",    "/psa/pins/{requestid}", w3p_psa_get, W3P_BODY_IGNORED_MAX, POLL, W3P_SCOPE_PIN_READ)              \
    ROUTE("POST",   "/psa/pins/{requestid}", w3p_psa_replace, W3P_PSA_BODY_MAX,     WRITE, W3P_SCOPE_PIN_REPLACE)      \
    ROUTE("DELETE", "/psa/pins/{requestid}", w3p_psa_delete, W3P_BODY_IGNORED_MAX, WRITE, W3P_SCOPE_PIN_DELETE)        \
    ROUTE("GET",    "/price",                w3p_price, 0,                    PUBLIC, W3P_ROUTE_PUBLIC)                \
    ROUTE("GET",    "/account",              w3p_account, W3P_BODY_IGNORED_MAX, LIST, W3P_SCOPE_PIN_READ)              \
    ROUTE("POST",   "/auth/challenge",       w3p_auth_challenge, W3P_AUTH_BODY_MAX, PUBLIC, W3P_ROUTE_PUBLIC)          \
    ROUTE("POST",   "/auth/login",           w3p_auth_login, W3P_AUTH_BODY_MAX, PUBLIC, W3P_ROUTE_PUBLIC)              \
    ROUTE("POST",   "/auth/token",           w3p_token_mint, W3P_AUTH_BODY_MAX, WRITE, W3P_SCOPE_TOKEN_MINT)           \
    ROUTE("GET",    "/auth/whoami",          w3p_token_whoami, W3P_BODY_IGNORED_MAX, LIST, W3P_ROUTE_ANY)              \
    ROUTE("GET",    "/auth/tokens",          w3p_token_list, W3P_BODY_IGNORED_MAX, LIST, W3P_SCOPE_ACCOUNT_ADMIN)      \
    ROUTE("DELETE", "/auth/tokens/{id}",     w3p_token_revoke, W3P_BODY_IGNORED_MAX, WRITE, W3P_SCOPE_ACCOUNT_ADMIN)   \
    ROUTE("POST",   "/auth/logout-all",      w3p_token_logout_all, W3P_BODY_IGNORED_MAX, WRITE, W3P_SCOPE_ACCOUNT_ADMIN)\
    ROUTE("POST",   "/auth/legacy",          w3p_token_legacy, W3P_AUTH_BODY_MAX, WRITE, W3P_SCOPE_ACCOUNT_ADMIN)      \
    ROUTE("GET",    "/healthz",              w3p_ops_healthz, 0,                    NONE, W3P_ROUTE_PUBLIC)            \
    ROUTE("GET",    "/readyz",               w3p_ops_readyz, 0,                    NONE, W3P_ROUTE_PUBLIC)             \
    ROUTE("GET",    "/openapi.json",         w3p_ops_openapi, 0,                    PUBLIC, W3P_ROUTE_PUBLIC)
// clang-format on

#define W3P_DECLARE_ROUTE(method, path, handler, body_max, budget, scope)                                              \
    void handler(struct w3p_call *call, const struct w3p_request *req);                                                \
    extern const struct w3p_doc handler##_doc;
W3P_GATEWAY_ROUTES(W3P_DECLARE_ROUTE)
#undef W3P_DECLARE_ROUTE

#endif
