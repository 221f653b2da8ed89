// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: query strings and the filters of GET /pins. Whatever parses must keep the promises that pinner/ builds on.
#include <stdlib.h>
#include <string.h>

#include "http/psa_query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_percent(struct w3p_buf *out, struct w3p_span text)
{
    for (size_t i = 0; i < text.len; i++)
        w3p_buf_printf(out, "%%%02X", text.ptr[i]);
}

// With every byte of names and values written as %XX it is the same query.
static void check_spelling(struct w3p_span raw)
{
    struct w3p_query query, again;
    struct w3p_span first;
    const char *why = NULL;
    struct w3p_buf text;
    if (w3p_query_parse(&query, &why, raw) != W3P_OK) {
        if (why == NULL || query.text != NULL || query.len != 0)
            abort();
        return;
    }
    w3p_buf_init(&text, 4 * W3P_QUERY_BYTES_MAX);
    for (size_t i = 0; i < query.len; i++) {
        put_percent(&text, query.params[i].key);
        w3p_buf_put_str(&text, "=");
        put_percent(&text, query.params[i].value);
        w3p_buf_put_str(&text, "&");
        // both end with a NUL, too, and hold no other
        const char *key = (const char *)query.params[i].key.ptr;
        if (strlen(key) != query.params[i].key.len || w3p_query_find(&query, &first, key) == 0)
            abort();
        if (strlen((const char *)query.params[i].value.ptr) != query.params[i].value.len)
            abort();
    }
    if (text.len <= W3P_QUERY_BYTES_MAX) {
        if (w3p_query_parse(&again, &why, w3p_buf_span(&text)) != W3P_OK || again.len != query.len)
            abort();
        for (size_t i = 0; i < query.len; i++)
            if (!w3p_span_eq(query.params[i].key, again.params[i].key) ||
                !w3p_span_eq(query.params[i].value, again.params[i].value))
                abort();
        w3p_query_deinit(&again);
    }
    w3p_buf_deinit(&text);
    w3p_query_deinit(&query);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_spelling(W3P_SPAN(data, size));
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
