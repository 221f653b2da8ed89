// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: query strings and the filters of GET /pins. Whatever parses must keep the promises that pinner/ builds on.
#include <stdlib.h>

#include "http/psa_query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct w3p_psa_filter filter;
    struct w3p_psa_error err = {0};
    for (int strict = 0; strict < 2; strict++) {
        if (w3p_psa_filter_parse(&filter, &err, W3P_SPAN(data, size), strict != 0) != W3P_OK) {
            if (err.reason == NULL || err.details[0] == '\0')
                abort();
            continue;
        }
        const struct w3p_pin_query *query = &filter.query;
        if (query->limit < 1 || query->limit > W3P_LIST_LIMIT_MAX || query->status_mask == 0 ||
            query->status_mask > 15 || query->cid_count > W3P_PSA_CIDS_MAX ||
            query->meta_count > W3P_PSA_META_FILTERS_MAX)
            abort();
        w3p_psa_filter_deinit(&filter);
    }
    return 0;
}
