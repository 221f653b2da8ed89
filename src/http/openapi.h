// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the OpenAPI document of the public routes, made once at start from the route table and the descriptions of
// its handlers. Pure: no h2o, no pins.
// Threads: any; read-only after w3p_openapi_build.  Ownership: the caller calls w3p_openapi_deinit.
// Source: OpenAPI Specification 3.0.3, which validators and generators know best.
#ifndef W3P_HTTP_OPENAPI_H
#define W3P_HTTP_OPENAPI_H

#include "http/doc.h"

#define W3P_OPENAPI_MAX (1u << 20) // bytes of the document
#define W3P_OPENAPI_ETAG_MAX 40

struct w3p_openapi {
    char *text;
    size_t len;
    char etag[W3P_OPENAPI_ETAG_MAX]; // with its quotes; changes with the text
};
// routes ends with a NULL method; docs has one for each. W3P_E_INVALID with the place of a description that is missing,
// stands twice or is no JSON: a defect of the build, which a test finds.
int w3p_openapi_build(struct w3p_openapi *out, struct w3p_errmsg *msg, const struct w3p_route *routes,
                      const struct w3p_doc *const *docs) W3P_NODISCARD;
void w3p_openapi_deinit(struct w3p_openapi *doc);
// Whether the value of If-None-Match means the document of this tag. Weak comparison, as RFC 9110 wants for it.
bool w3p_openapi_matches(const char *etag, struct w3p_span if_none_match);

#endif
