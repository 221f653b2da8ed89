// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what a sign-in text grants, in its two forms: resources (urn:w3auth:…) that the gateway reads, and a
// statement in words that the person reads before signing.
// Threads: any; pure functions.  Must not: decide whether somebody may have it.
#ifndef W3P_AUTH_GRANT_H
#define W3P_AUTH_GRANT_H

#include "scope.h"
#include "siwx.h"

#define W3P_GRANT_URN "urn:w3auth:"

// One resource. W3P_E_NOTFOUND: not one of ours; W3P_E_INVALID: one of ours (whatever the case of its letters), but not
// the prefix and the name of a scope.
int w3p_grant_scope(w3p_scopes *out, struct w3p_span resource, const char *prefix) W3P_NODISCARD;

// A resource for each scope, after those that are there. store holds their texts.
#define W3P_GRANT_RESOURCE_MAX 64
struct w3p_grant_texts {
    char text[W3P_SCOPE_COUNT][W3P_GRANT_RESOURCE_MAX];
};
void w3p_grant_put_scopes(struct w3p_siwx *siwx, struct w3p_grant_texts *store, const char *prefix, w3p_scopes scopes);

// "Let the holder of this token use gw.example for 12 hours: list pins, add pins."
void w3p_grant_put_statement(struct w3p_buf *out, const char *host, w3p_scopes scopes, int64_t ttl_s);

// The Request ID as a label: its first W3P_SIWX_LABEL_MAX bytes.
void w3p_grant_label(char out[W3P_SIWX_LABEL_MAX + 1], struct w3p_span request_id);

#endif
