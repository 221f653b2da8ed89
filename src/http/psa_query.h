// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the query of GET /pins → struct w3p_pin_query, or the field that is wrong. Pure: no h2o, no database.
// Threads: any.  Ownership: the filter owns what its query points to.  Source: IPFS Pinning Service API 1.0.0.
#ifndef W3P_HTTP_PSA_QUERY_H
#define W3P_HTTP_PSA_QUERY_H

#include "http/psa_json.h"
#include "http/query.h"

#define W3P_PSA_CIDS_MAX 10
#define W3P_PSA_META_FILTERS_MAX 16

struct w3p_psa_filter {
    struct w3p_pin_query query;
    struct w3p_cid cids[W3P_PSA_CIDS_MAX];
    const char *meta_keys[W3P_PSA_META_FILTERS_MAX], *meta_values[W3P_PSA_META_FILTERS_MAX];
    json_t *meta;
    struct w3p_query params;
};
// strict_default_status: without `status` always pinned only; else every state when `name` or `match` is given.
int w3p_psa_filter_parse(struct w3p_psa_filter *out, struct w3p_psa_error *err, struct w3p_span raw_query,
                         bool strict_default_status) W3P_NODISCARD;
void w3p_psa_filter_deinit(struct w3p_psa_filter *filter);

#endif
