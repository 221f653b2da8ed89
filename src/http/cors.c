// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what browsers need to let a page talk to the gateway. Bearer tokens ride in a header that scripts set
// themselves, so any origin may ask: "*" and never Allow-Credentials. "*" does not cover Authorization: it is named.
#include "http/http_h2o.h"

#define HEADER(req, name, value) add_header(req, H2O_STRLIT(name), H2O_STRLIT(value))

static void add_header(h2o_req_t *req, const char *name, size_t name_len, const char *value, size_t value_len)
{
    h2o_add_header_by_str(&req->pool, &req->res.headers, name, name_len, 1, NULL, value, value_len);
}

void w3p_cors_headers(h2o_req_t *req)
{
    HEADER(req, "access-control-allow-origin", "*");
    HEADER(req, "access-control-expose-headers",
           "X-Request-Id, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset");
    // What is answered there depends on the page that asks.
    if (req->path_normalized.len >= 6 && memcmp(req->path_normalized.base, "/auth/", 6) == 0)
        HEADER(req, "vary", "Origin");
}

void w3p_cors_preflight(h2o_req_t *req, const char *allow)
{
    h2o_iovec_t methods = h2o_strdup(&req->pool, allow, SIZE_MAX);
    add_header(req, H2O_STRLIT("access-control-allow-methods"), methods.base, methods.len);
    HEADER(req, "access-control-allow-headers", "Authorization, Content-Type, Idempotency-Key");
    HEADER(req, "access-control-max-age", "7200");
}
