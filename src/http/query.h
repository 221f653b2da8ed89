// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the query string of a URL, application/x-www-form-urlencoded: '+' is a space, %XX are bytes. Strict where a
// silent repair would change what a client asked for. Pure: no h2o.
// Threads: any, one object at a time.  Ownership: values live in the object until w3p_query_deinit.
#ifndef W3P_HTTP_QUERY_H
#define W3P_HTTP_QUERY_H

#include "base/bytes.h"

#define W3P_QUERY_BYTES_MAX 16384
#define W3P_QUERY_PARAMS_MAX 64

struct w3p_query_param {
    struct w3p_span key, value; // decoded; NUL-terminated behind len
};
struct w3p_query {
    struct w3p_query_param params[W3P_QUERY_PARAMS_MAX];
    size_t len;
    char *text; // what the params point into
};

// W3P_E_INVALID (a broken %-escape, %00) or W3P_E_LIMIT; *why is a static sentence.
int w3p_query_parse(struct w3p_query *out, const char **why, struct w3p_span raw) W3P_NODISCARD;
void w3p_query_deinit(struct w3p_query *query);
// How often the key stands there; *out is its first value.
size_t w3p_query_find(const struct w3p_query *query, struct w3p_span *out, const char *key);

#endif
