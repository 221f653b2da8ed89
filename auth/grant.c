// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see grant.h.
#include "grant.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// What a person reads; in the order of the scopes' bits.
static const char *const words[W3P_SCOPE_COUNT] = {
    "list pins", "add pins",     "replace pins",     "delete pins",
    "add files", "read content", "make more tokens", "manage the account",
};

// Names of URNs and of their namespaces are the same in either case (RFC 8141).
static bool is_ours(struct w3p_span resource)
{
    static const char urn[] = W3P_GRANT_URN;
    if (resource.len < sizeof(urn) - 1)
        return false;
    for (size_t i = 0; i < sizeof(urn) - 1; i++) {
        uint8_t c = resource.ptr[i];
        if (c >= 'A' && c <= 'Z')
            c = (uint8_t)(c - 'A' + 'a');
        if (c != (uint8_t)urn[i])
            return false;
    }
    return true;
}

int w3p_grant_scope(w3p_scopes *out, struct w3p_span resource, const char *prefix)
{
    if (!is_ours(resource))
        return W3P_E_NOTFOUND;
    if (!w3p_span_has_prefix(resource, prefix))
        return W3P_E_INVALID;
    size_t head = strlen(prefix);
    return w3p_scope_parse(out, (const char *)resource.ptr + head, resource.len - head);
}

void w3p_grant_put_scopes(struct w3p_siwx *siwx, struct w3p_grant_texts *store, const char *prefix, w3p_scopes scopes)
{
    for (unsigned i = 0; i < W3P_SCOPE_COUNT; i++) {
        if ((scopes & 1u << i) == 0 || siwx->resource_count == W3P_SIWX_RESOURCES_MAX)
            continue;
        snprintf(store->text[i], sizeof(store->text[i]), "%s%s", prefix, w3p_scope_name(i));
        siwx->resources[siwx->resource_count++] = w3p_span_str(store->text[i]);
    }
}

void w3p_grant_put_statement(struct w3p_buf *out, const char *host, w3p_scopes scopes, int64_t ttl_s)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    size_t unit = 0;
    while (units[unit].seconds > 1 && ttl_s % units[unit].seconds != 0)
        unit++;
    int64_t count = ttl_s / units[unit].seconds;
    w3p_buf_printf(out, "Let the holder of this token use %s for %" PRId64 " %s%s: ", host, count, units[unit].name,
                   count == 1 ? "" : "s");
    const char *before = "";
    for (unsigned i = 0; i < W3P_SCOPE_COUNT; i++) {
        if ((scopes & 1u << i) == 0)
            continue;
        w3p_buf_put_str(out, before);
        w3p_buf_put_str(out, words[i]);
        before = ", ";
    }
    w3p_buf_put_u8(out, '.');
}

void w3p_grant_label(char out[W3P_SIWX_LABEL_MAX + 1], struct w3p_span request_id)
{
    size_t len = request_id.len < W3P_SIWX_LABEL_MAX ? request_id.len : W3P_SIWX_LABEL_MAX;
    if (len > 0)
        memcpy(out, request_id.ptr, len);
    out[len] = '\0';
}
