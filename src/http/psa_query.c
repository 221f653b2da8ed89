// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: list filters; see psa_query.h. A filter that cannot be understood is refused, never dropped: `rm` of clients
// deletes what a list returns. Unknown keys are ignored; a known key that stands there twice is refused.
#include "http/psa_query.h"

#include <string.h>

#include "base/clock.h"

enum { ALL_STATUSES = 1 << W3P_PIN_QUEUED | 1 << W3P_PIN_PINNING | 1 << W3P_PIN_PINNED | 1 << W3P_PIN_FAILED };

// 1: *value is set; 0: not there; negative: there more than once.
static int take(struct w3p_span *value, struct w3p_psa_error *err, const struct w3p_query *params, const char *key,
                const char *reason)
{
    size_t count = w3p_query_find(params, value, key);
    if (count > 1)
        return w3p_psa_fail(err, reason, "%s stands %zu times in the query; give it once", key, count);
    return (int)count;
}

// Cuts the next item off a comma list; false at the end. An empty list has one empty item.
static bool next_item(struct w3p_span *item, struct w3p_span *rest, bool *more)
{
    if (!*more)
        return false;
    const uint8_t *comma = rest->len > 0 ? memchr(rest->ptr, ',', rest->len) : NULL;
    *more = comma != NULL;
    size_t len = comma != NULL ? (size_t)(comma - rest->ptr) : rest->len;
    *item = W3P_SPAN(rest->ptr, len);
    if (comma != NULL)
        *rest = W3P_SPAN(comma + 1, rest->len - len - 1);
    return true;
}

static int parse_cids(struct w3p_psa_filter *out, struct w3p_psa_error *err)
{
    struct w3p_span list, item;
    int found = take(&list, err, &out->params, "cid", "INVALID_CID");
    if (found <= 0)
        return found;
    bool more = true;
    while (next_item(&item, &list, &more)) {
        if (out->query.cid_count == W3P_PSA_CIDS_MAX)
            return w3p_psa_fail(err, "INVALID_CID", "cid lists more than %d CIDs", W3P_PSA_CIDS_MAX);
        const char *why = NULL;
        struct w3p_cid *cid = &out->cids[out->query.cid_count];
        if (w3p_cid_parse(cid, &why, (const char *)item.ptr, item.len) != W3P_OK)
            return w3p_psa_fail(err, "INVALID_CID", "cid (number %zu in the list): %s", out->query.cid_count + 1,
                                why != NULL ? why : "not a content identifier");
        out->query.cid_count++;
    }
    out->query.cids = out->cids;
    return W3P_OK;
}

static int parse_name(struct w3p_psa_filter *out, struct w3p_psa_error *err)
{
    struct w3p_span name;
    int found = take(&name, err, &out->params, "name", "INVALID_NAME");
    if (found <= 0)
        return found;
    if (w3p_psa_name_check(err, (const char *)name.ptr, name.len) != W3P_OK)
        return W3P_E_INVALID;
    out->query.name = (const char *)name.ptr;
    return W3P_OK;
}

static int parse_match(struct w3p_psa_filter *out, struct w3p_psa_error *err, bool *given)
{
    static const char *const names[] = {"exact", "iexact", "partial", "ipartial"}; // as enum w3p_match
    struct w3p_span match;
    int found = take(&match, err, &out->params, "match", "INVALID_MATCH");
    if (found <= 0)
        return found;
    *given = true;
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (w3p_span_eq_str(match, names[i])) {
            out->query.match = (enum w3p_match)i;
            return W3P_OK;
        }
    }
    return w3p_psa_fail(err, "INVALID_MATCH", "match must be exact, iexact, partial or ipartial");
}

static int parse_status(struct w3p_psa_filter *out, struct w3p_psa_error *err)
{
    struct w3p_span list, item;
    int found = take(&list, err, &out->params, "status", "INVALID_STATUS");
    if (found <= 0)
        return found;
    bool more = true;
    while (next_item(&item, &list, &more)) {
        enum w3p_pin_status status;
        if (w3p_pin_status_parse(&status, (const char *)item.ptr, item.len) != W3P_OK)
            return w3p_psa_fail(err, "INVALID_STATUS", "status must be a list of queued, pinning, pinned, failed");
        out->query.status_mask |= 1u << status;
    }
    return W3P_OK;
}

static int parse_time(struct w3p_psa_filter *out, struct w3p_psa_error *err, const char *key, bool *has, int64_t *ms)
{
    struct w3p_span text;
    int found = take(&text, err, &out->params, key, "INVALID_DATE");
    if (found <= 0)
        return found;
    if (w3p_rfc3339_parse(ms, (const char *)text.ptr, text.len) != W3P_OK)
        return w3p_psa_fail(err, "INVALID_DATE", "%s must be a date-time of RFC 3339, such as 2026-01-02T03:04:05.678Z",
                            key);
    *has = true;
    return W3P_OK;
}

static int parse_limit(struct w3p_psa_filter *out, struct w3p_psa_error *err)
{
    struct w3p_span text;
    uint64_t limit = 0;
    int found = take(&text, err, &out->params, "limit", "INVALID_LIMIT");
    if (found <= 0)
        return found;
    if (w3p_u64_parse(&limit, (const char *)text.ptr, text.len) != W3P_OK || limit < 1 || limit > W3P_LIST_LIMIT_MAX)
        return w3p_psa_fail(err, "INVALID_LIMIT", "limit must be a number from 1 to %d", W3P_LIST_LIMIT_MAX);
    out->query.limit = (unsigned)limit;
    return W3P_OK;
}

// JavaScript's client writes an object as one meta[KEY]=VALUE for each key of it.
static int take_meta_fields(struct w3p_psa_filter *out, struct w3p_psa_error *err)
{
    for (size_t i = 0; i < out->params.len; i++) {
        struct w3p_span key = out->params.params[i].key, value = out->params.params[i].value;
        if (!w3p_span_has_prefix(key, "meta["))
            continue;
        key = W3P_SPAN(key.ptr + 5, key.len - 5);
        if (key.len < 2 || key.ptr[key.len - 1] != ']')
            return w3p_psa_fail(err, "INVALID_META", "meta[ must be followed by a key and ]");
        key.len--;
        if (out->meta == NULL)
            out->meta = json_object();
        if (json_object_getn(out->meta, (const char *)key.ptr, key.len) != NULL)
            return w3p_psa_fail(err, "INVALID_META", "meta has one of its keys twice");
        if (json_object_setn_new(out->meta, (const char *)key.ptr, key.len,
                                 json_stringn((const char *)value.ptr, value.len)) != 0)
            return w3p_psa_fail(err, "INVALID_META", "meta[KEY]=VALUE must be valid UTF-8 text");
    }
    return W3P_OK;
}

static int parse_meta(struct w3p_psa_filter *out, struct w3p_psa_error *err)
{
    struct w3p_span text;
    int found = take(&text, err, &out->params, "meta", "INVALID_META");
    if (found < 0)
        return found;
    if (found > 0) {
        out->meta = w3p_json_parse(NULL, (const char *)text.ptr, text.len);
        if (out->meta == NULL || !json_is_object(out->meta))
            return w3p_psa_fail(err, "INVALID_META", "meta must be a JSON object whose values are strings");
    }
    if (take_meta_fields(out, err) != W3P_OK)
        return W3P_E_INVALID;
    if (json_object_size(out->meta) > W3P_PSA_META_FILTERS_MAX)
        return w3p_psa_fail(err, "INVALID_META", "meta filters by more than %d fields", W3P_PSA_META_FILTERS_MAX);
    const char *key;
    json_t *value;
    json_object_foreach(out->meta, key, value)
    {
        if (!json_is_string(value))
            return w3p_psa_fail(err, "INVALID_META", "meta.%.48s must be a string", key);
        out->meta_keys[out->query.meta_count] = key;
        out->meta_values[out->query.meta_count++] = json_string_value(value);
    }
    out->query.meta_keys = out->meta_keys;
    out->query.meta_values = out->meta_values;
    return W3P_OK;
}

// cid[]=A and the like: some libraries write lists so. Passed over, the list would be of everything.
static int refuse_brackets(const struct w3p_query *params, struct w3p_psa_error *err)
{
    static const char *const names[] = {"cid", "name", "match", "status", "before", "after", "limit"};
    for (size_t i = 0; i < params->len; i++) {
        const struct w3p_span key = params->params[i].key;
        const uint8_t *bracket = key.len > 0 ? memchr(key.ptr, '[', key.len) : NULL;
        if (bracket == NULL)
            continue;
        struct w3p_span name = W3P_SPAN(key.ptr, (size_t)(bracket - key.ptr));
        for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
            if (w3p_span_eq_str(name, names[n]))
                return w3p_psa_fail(err, "INVALID_QUERY", "%s[] is not understood; write %s=VALUE, lists with commas",
                                    names[n], names[n]);
        }
    }
    return W3P_OK;
}

int w3p_psa_filter_parse(struct w3p_psa_filter *out, struct w3p_psa_error *err, struct w3p_span raw_query,
                         bool strict_default_status)
{
    const char *why = NULL;
    bool match_given = false;
    *out = (struct w3p_psa_filter){.query = {.limit = W3P_LIST_LIMIT_DEFAULT, .match = W3P_MATCH_EXACT}};
    if (w3p_query_parse(&out->params, &why, raw_query) != W3P_OK)
        return w3p_psa_fail(err, "INVALID_QUERY", "%s", why);
    struct w3p_pin_query *query = &out->query;
    if (refuse_brackets(&out->params, err) != W3P_OK || parse_cids(out, err) != W3P_OK ||
        parse_name(out, err) != W3P_OK || parse_match(out, err, &match_given) != W3P_OK ||
        parse_status(out, err) != W3P_OK ||
        parse_time(out, err, "before", &query->has_before, &query->before_ms) != W3P_OK ||
        parse_time(out, err, "after", &query->has_after, &query->after_ms) != W3P_OK ||
        parse_limit(out, err) != W3P_OK || parse_meta(out, err) != W3P_OK) {
        w3p_psa_filter_deinit(out);
        return W3P_E_INVALID;
    }
    if (query->status_mask == 0) {
        bool named = query->name != NULL || match_given;
        query->status_mask = named && !strict_default_status ? ALL_STATUSES : 1u << W3P_PIN_PINNED;
    }
    return W3P_OK;
}

void w3p_psa_filter_deinit(struct w3p_psa_filter *filter)
{
    json_decref(filter->meta);
    w3p_query_deinit(&filter->params);
    *filter = (struct w3p_psa_filter){0};
}
