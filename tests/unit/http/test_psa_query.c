// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the filters of GET /pins.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

#include "http/psa_query.h"

#define V0 "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"
#define V1 "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"

enum { QUEUED = 1, PINNING = 2, PINNED = 4, FAILED = 8, ALL = 15 };

struct refusal {
    const char *query, *reason, *details;
};
static const struct refusal refusals[] = {
    {"name=%", "INVALID_QUERY", "%"},
    {"name=%4x", "INVALID_QUERY", "%"},
    {"name=%00", "INVALID_QUERY", "NUL"},
    {"name=%ff", "INVALID_NAME", "name"},
    {"name=a&name=b", "INVALID_NAME", "name stands 2 times"},
    {"cid=", "INVALID_CID", "cid"},
    {"cid=nonsense", "INVALID_CID", "cid (number 1"},
    {"cid=" V0 ",", "INVALID_CID", "cid (number 2"},
    {"cid=" V0 "&cid=" V1, "INVALID_CID", "cid stands 2 times"},
    {"cid=" V0 "%2C" V0 "," V0 "," V0 "," V0 "," V0 "," V0 "," V0 "," V0 "," V0 "," V0, "INVALID_CID", "more than 10"},
    {"match=fuzzy", "INVALID_MATCH", "match"},
    {"match=", "INVALID_MATCH", "match"},
    {"match=EXACT", "INVALID_MATCH", "match"},
    {"status=", "INVALID_STATUS", "status"},
    {"status=done", "INVALID_STATUS", "status"},
    {"status=pinned,done", "INVALID_STATUS", "status"},
    {"status=Pinned", "INVALID_STATUS", "status"},
    {"status=pinned&status=failed", "INVALID_STATUS", "status stands 2 times"},
    {"before=yesterday", "INVALID_DATE", "before"},
    {"before=", "INVALID_DATE", "before"},
    {"after=2026-02-30T00:00:00Z", "INVALID_DATE", "after"},
    {"after=2026-01-01", "INVALID_DATE", "after"},
    {"after=2026-01-01T00:00:00+01:00", "INVALID_DATE", "after"}, // '+' is a space in a form
    {"limit=0", "INVALID_LIMIT", "limit"},
    {"limit=1001", "INVALID_LIMIT", "limit"},
    {"limit=-1", "INVALID_LIMIT", "limit"},
    {"limit=1e2", "INVALID_LIMIT", "limit"},
    {"limit=", "INVALID_LIMIT", "limit"},
    {"limit=10&limit=10", "INVALID_LIMIT", "limit stands 2 times"},
    {"limit=99999999999999999999", "INVALID_LIMIT", "limit"},
    {"meta=map%5Bapp%3Az%5D", "INVALID_META", "meta must be a JSON object"}, // what the Go client sends
    {"meta=", "INVALID_META", "meta"},
    {"meta=[]", "INVALID_META", "meta"},
    {"meta=%7B%22a%22%3A1%7D", "INVALID_META", "meta.a"},
    {"meta={\"a\":\"1\",\"a\":\"2\"}", "INVALID_META", "meta"},
    {"meta[a", "INVALID_META", "followed by a key"},
    {"meta[", "INVALID_META", "followed by a key"},
    {"meta[]=x", "INVALID_META", "followed by a key"},
    {"meta[a]b=x", "INVALID_META", "followed by a key"},
    {"meta%5Ba%5D=x&meta[a]=x", "INVALID_META", "twice"},
    {"meta=%7B%22a%22%3A%22x%22%7D&meta[a]=x", "INVALID_META", "twice"},
    {"meta=[]&meta[a]=x", "INVALID_META", "JSON object"},
    {"meta[a]=%ff", "INVALID_META", "UTF-8"},
    {"meta[%ff]=a", "INVALID_META", "UTF-8"},
    {"cid[]=" V0, "INVALID_QUERY", "cid[]"},
    {"cid%5B0%5D=" V0, "INVALID_QUERY", "cid[]"},
    {"status[]=failed", "INVALID_QUERY", "status[]"},
    {"name[=x", "INVALID_QUERY", "name[]"},
    {"match[]=exact", "INVALID_QUERY", "match[]"},
    {"before[]", "INVALID_QUERY", "before[]"},
    {"after[]=", "INVALID_QUERY", "after[]"},
    {"limit[x]=1", "INVALID_QUERY", "limit[]"},
};

Test(psa_query, refused_with_the_name_of_the_field)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct w3p_psa_filter filter;
        struct w3p_psa_error err = {0};
        int got = w3p_psa_filter_parse(&filter, &err, w3p_span_str(refusals[i].query), false);
        cr_expect(eq(int, got, W3P_E_INVALID), "row %zu: %s", i, refusals[i].query);
        cr_assert(err.reason != NULL, "row %zu", i);
        cr_expect(eq(str, (char *)err.reason, (char *)refusals[i].reason), "row %zu: %s", i, err.details);
        cr_expect(strstr(err.details, refusals[i].details) != NULL, "row %zu: %s", i, err.details);
    }
}

struct defaults {
    const char *query;
    bool strict;
    unsigned mask;
};
static const struct defaults default_rows[] = {
    {"", false, PINNED},
    {"", true, PINNED},
    {"cid=" V0, false, PINNED}, // Helia's isPinned trusts this
    {"limit=5", false, PINNED},
    {"name=x", false, ALL},
    {"match=exact", false, ALL},
    {"match=ipartial&name=x", false, ALL},
    {"name=x", true, PINNED},
    {"match=exact&name=x", true, PINNED},
    {"name=x&status=failed", false, FAILED},
    {"status=queued,pinning,pinned,failed", false, ALL},
    {"status=queued%2Cpinning", false, QUEUED | PINNING},
    {"status=pinned,pinned", true, PINNED},
    {"statuses=failed&page=2&page[size]=3&[]=x&[=&names[]=x", false, PINNED}, // unknown keys
};

Test(psa_query, status_without_a_filter)
{
    for (size_t i = 0; i < sizeof default_rows / sizeof default_rows[0]; i++) {
        struct w3p_psa_filter filter;
        struct w3p_psa_error err = {0};
        cr_assert(eq(int,
                     w3p_psa_filter_parse(&filter, &err, w3p_span_str(default_rows[i].query), default_rows[i].strict),
                     W3P_OK),
                  "row %zu: %s", i, err.details);
        cr_expect(eq(uint, filter.query.status_mask, default_rows[i].mask), "row %zu", i);
        cr_expect(filter.query.limit == (strstr(default_rows[i].query, "limit=5") != NULL ? 5 : 10), "row %zu", i);
        w3p_psa_filter_deinit(&filter);
    }
}

Test(psa_query, all_filters)
{
    struct w3p_psa_filter filter;
    struct w3p_psa_error err = {0};
    const char *query = "after=2026-01-01T00%3A00%3A00Z&before=2026-01-02T03%3A04%3A05.6789Z&cid=" V0 "%2C" V1
                        "&limit=1000&match=partial&meta=%7B%22app%22%3A%22a+b%22%2C%22k%22%3A%22%22%7D&name=a+%26%20b";
    cr_assert(eq(int, w3p_psa_filter_parse(&filter, &err, w3p_span_str(query), false), W3P_OK), "%s", err.details);
    cr_expect(eq(sz, filter.query.cid_count, 2));
    cr_expect(eq(int, filter.query.cids[0].version, 0));
    cr_expect(eq(int, filter.query.cids[1].version, 1));
    cr_expect(eq(str, (char *)filter.query.name, "a & b"));
    cr_expect(eq(int, filter.query.match, W3P_MATCH_PARTIAL));
    cr_expect(filter.query.has_before && filter.query.has_after);
    cr_expect(eq(i64, filter.query.after_ms, 1767225600000));
    cr_expect(eq(i64, filter.query.before_ms, 1767323045678));
    cr_expect(eq(uint, filter.query.limit, 1000));
    cr_assert(eq(sz, filter.query.meta_count, 2));
    cr_expect(eq(str, (char *)filter.query.meta_keys[0], "app"));
    cr_expect(eq(str, (char *)filter.query.meta_values[0], "a b"));
    w3p_psa_filter_deinit(&filter);
}

Test(psa_query, meta_as_javascript_writes_it)
{
    struct w3p_psa_filter filter;
    struct w3p_psa_error err = {0};
    const char *query = "meta%5Bapp%5D=z%20z&meta={\"j\":\"1\"}&meta[k[1]]=%C3%A4&meta[]]=";
    cr_assert(eq(int, w3p_psa_filter_parse(&filter, &err, w3p_span_str(query), false), W3P_OK), "%s", err.details);
    cr_assert(eq(sz, filter.query.meta_count, 4));
    static const char *const wanted[][2] = {{"app", "z z"}, {"j", "1"}, {"k[1]", "ä"}, {"]", ""}};
    for (size_t i = 0; i < 4; i++) {
        size_t at = 0;
        while (at < 4 && strcmp(filter.query.meta_keys[at], wanted[i][0]) != 0)
            at++;
        cr_assert(lt(sz, at, 4), "%s", wanted[i][0]);
        cr_expect(eq(str, (char *)filter.query.meta_values[at], (char *)wanted[i][1]));
    }
    w3p_psa_filter_deinit(&filter);
}

Test(psa_query, bounds_of_meta_as_javascript_writes_it)
{
    char query[1024];
    struct w3p_psa_filter filter;
    struct w3p_psa_error err = {0};
    for (int extra = 0; extra < 2; extra++) {
        size_t at = 0;
        for (int i = 0; i < W3P_PSA_META_FILTERS_MAX + extra; i++)
            at += (size_t)snprintf(query + at, sizeof query - at, "&meta[%d]=v", i);
        int got = w3p_psa_filter_parse(&filter, &err, w3p_span_str(query), false);
        cr_expect(eq(int, got, extra == 0 ? W3P_OK : W3P_E_INVALID));
        if (got == W3P_OK)
            w3p_psa_filter_deinit(&filter);
    }
}

Test(psa_query, bounds_of_meta)
{
    char query[1024];
    struct w3p_psa_filter filter;
    struct w3p_psa_error err = {0};
    for (int extra = 0; extra < 2; extra++) {
        size_t at = (size_t)snprintf(query, sizeof query, "meta={");
        for (int i = 0; i < W3P_PSA_META_FILTERS_MAX + extra; i++)
            at += (size_t)snprintf(query + at, sizeof query - at, "%s\"%d\":\"v\"", i > 0 ? "," : "", i);
        snprintf(query + at, sizeof query - at, "}");
        int got = w3p_psa_filter_parse(&filter, &err, w3p_span_str(query), false);
        cr_expect(eq(int, got, extra == 0 ? W3P_OK : W3P_E_INVALID));
        if (got == W3P_OK)
            w3p_psa_filter_deinit(&filter);
    }
}
