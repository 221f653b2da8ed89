// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: lists: every filter takes the client's text literally, paging loses and repeats nothing, count obeys
// the count that paging clients go by, and the plain list stays quick in a large table.
#include "pins_support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ALL 15u

TestSuite(pins_list, .init = pins_setup, .fini = pins_teardown, .timeout = 60);

static struct w3p_pin_page list(const char *identity, const struct w3p_pin_query *query)
{
    struct w3p_pin_page page = {.pins = NULL};

    cr_assert(eq(int, w3p_pins_list(pins_reader, &page, w3p_account_find(pins_reader, identity), query), W3P_OK));
    cr_assert(le(sz, page.len, (size_t)query->limit));
    cr_assert(ge(u64, page.count, page.len));
    for (size_t i = 1; i < page.len; i++)
        cr_assert(lt(i64, page.pins[i].created_ms, page.pins[i - 1].created_ms));
    return page;
}

static uint64_t count(const char *identity, const struct w3p_pin_query *query)
{
    struct w3p_pin_page page = list(identity, query);
    uint64_t found = page.count;

    w3p_pin_page_deinit(&page);
    return found;
}

Test(pins_list, bad_queries)
{
    static const struct {
        struct w3p_pin_query query;
        int err;
    } bad[] = {
        {{.status_mask = 0, .limit = 10}, W3P_E_INVALID},
        {{.status_mask = 16, .limit = 10}, W3P_E_INVALID},
        {{.status_mask = ALL, .limit = 0}, W3P_E_RANGE},
        {{.status_mask = ALL, .limit = W3P_LIST_LIMIT_MAX + 1}, W3P_E_RANGE},
        {{.status_mask = ALL, .limit = 10, .cid_count = 11}, W3P_E_LIMIT},
        {{.status_mask = ALL, .limit = 10, .meta_count = 65}, W3P_E_LIMIT},
        {{.status_mask = ALL, .limit = 10, .name = "x", .match = (enum w3p_match)4}, W3P_E_INVALID},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct w3p_pin_page page;
        cr_expect(eq(int, w3p_pins_list(pins_reader, &page, 1, &bad[i].query), bad[i].err), "row %zu", i);
    }
}

Test(pins_list, nobody_has_no_pins)
{
    struct w3p_pin_query query = {.status_mask = ALL, .limit = 10};

    pins_add("alice", 1, NULL, NULL);
    cr_expect(eq(u64, count("bob", &query), 0));
    cr_expect(eq(u64, count("alice", &query), 1));
}

static const struct {
    const char *name, *needle;
    int found; // bits: 1 exact, 2 iexact, 4 partial, 8 ipartial
} names[] = {
    {"plain", "plain", 15},
    {"plain", "PLAIN", 10},
    {"plain", "lai", 12},
    {"plain", "LAI", 8},
    {"plain", "plaim", 0},
    {"plain", "plain ", 0},
    {"100%", "100%", 15},
    {"1000", "100%", 0},
    {"a_c", "a_c", 15},
    {"abc", "a_c", 0},
    {"it's \"so\"", "'s \"", 12},
    {"back\\slash", "k\\s", 12},
    {"x' OR '1'='1", "' OR '1'='1", 12},
    {"[a-z]*?", "[a-z]*?", 15},
    {"m", "[a-z]", 0},
    {"Äpfel", "äpfel", 10},
    {"Äpfel", "ÄPFEL", 10},
    {"Äpfel", "PFE", 8},
    {"Äpfel", "apfel", 0}, // an accent is not dropped
    {"Straße", "STRAßE", 10},
    {"Straße", "strasse", 0},
    {"İzmir", "izmir", 10},
    {"ıspanak", "ISPANAK", 10},
    {"Привет Мир", "привет мир", 10},
    {"Привет Мир", "ЕТ М", 8},
    {"Привет Мир", "ет М", 12},
    {"ΣΊΣΥΦΟΣ", "σίσυφος", 10},
    {"🦀 crab", "🦀", 12},
    {"🦀 CRAB", "🦀 crab", 10},
    {"some", "", 12}, // the empty text is in every name, and equal to none of these
    {"", "", 15},
    {NULL, "", 0},
    {NULL, "NULL", 0},
};

Test(pins_list, names_match_literally)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct pins_result pin = pins_add("alice", 1, names[i].name, NULL);
        pins_add("bob", 1, names[i].needle, NULL);
        for (int match = W3P_MATCH_EXACT; match <= W3P_MATCH_IPARTIAL; match++) {
            struct w3p_pin_query query = {
                .status_mask = ALL, .limit = 10, .name = names[i].needle, .match = (enum w3p_match)match};
            cr_expect(eq(u64, count("alice", &query), names[i].found >> match & 1), "row %zu, match %d", i, match);
        }
        cr_assert(eq(int, pins_delete("alice", pin.requestid), W3P_OK));
    }
}

static const struct {
    const char *meta, *keys[3], *values[3];
    size_t pairs;
    unsigned found;
} metas[] = {
    {"{\"app\":\"x\",\"user\":\"u\"}", {"app"}, {"x"}, 1, 1},
    {"{\"app\":\"x\",\"user\":\"u\"}", {"user", "app"}, {"u", "x"}, 2, 1},
    {"{\"app\":\"x\",\"user\":\"u\"}", {"app", "user"}, {"x", "v"}, 2, 0}, // all of them
    {"{\"app\":\"x\"}", {"app", "user"}, {"x", "u"}, 2, 0},
    {"{\"app\":\"x\"}", {"App"}, {"x"}, 1, 0},
    {"{\"app\":\"x\"}", {"app"}, {"X"}, 1, 0},
    {"{\"app\":\"x\"}", {"app"}, {"%"}, 1, 0},
    {"{\"a.b\":\"1\"}", {"a.b"}, {"1"}, 1, 1},
    {"{\"a\":\"1\"}", {"a.b"}, {"1"}, 1, 0},
    {"{\"a\\\"b\":\"q\\\"'\"}", {"a\"b"}, {"q\"'"}, 1, 1},
    {"{\"$[0]\":\"x\"}", {"$[0]"}, {"x"}, 1, 1},
    {"{\"\":\"e\"}", {""}, {"e"}, 1, 1},
    {"{\"k\":\"\"}", {"k"}, {""}, 1, 1},
    {"{\"caf\\u00e9\":\"\\u2602\\ud83e\\udd80\"}", {"café"}, {"☂🦀"}, 1, 1},
    {"{\"café\":\"☂🦀\"}", {"café"}, {"☂🦀"}, 1, 1},
    {"{\"n\":\"1\"}", {"n"}, {"1"}, 1, 1},
    {"{\"n\":\"1.0\"}", {"n"}, {"1"}, 1, 0}, // texts, no numbers
    {"{\"n\":1}", {"n"}, {"1"}, 1, 0},
    {"{\"n\":{\"a\":\"b\"}}", {"n"}, {"{\"a\":\"b\"}"}, 1, 0},
    {"{\"back\\\\slash\":\"a\\nb\\/\"}", {"back\\slash"}, {"a\nb/"}, 1, 1},
    {"{}", {"a"}, {"b"}, 1, 0},
    {NULL, {"a"}, {"b"}, 1, 0},
};

Test(pins_list, meta)
{
    for (size_t i = 0; i < sizeof metas / sizeof *metas; i++) {
        struct pins_result pin = pins_add("alice", 1, NULL, metas[i].meta);
        struct w3p_pin_query query = {.status_mask = ALL,
                                      .limit = 10,
                                      .meta_keys = metas[i].keys,
                                      .meta_values = metas[i].values,
                                      .meta_count = metas[i].pairs};
        cr_expect(eq(u64, count("alice", &query), metas[i].found), "row %zu", i);
        cr_assert(eq(int, pins_delete("alice", pin.requestid), W3P_OK));
    }
}

Test(pins_list, cids_by_content)
{
    static const char v0_text[] = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG";
    char v1_text[W3P_CID_ORDER_MAX];
    struct w3p_cid cids[10];

    cr_assert(eq(int, w3p_cid_parse(&cids[0], NULL, v0_text, strlen(v0_text)), W3P_OK));
    cr_assert(w3p_cid_format_alternate(v1_text, &cids[0]));
    cr_assert(eq(int, w3p_cid_parse(&cids[1], NULL, v1_text, strlen(v1_text)), W3P_OK));
    struct w3p_pin_spec spec = {.identity = "alice", .cid_text = v0_text, .cid = &cids[0], .name = "v0"};
    cr_assert(eq(int, pins_add_spec(&spec).err, W3P_OK));
    for (unsigned i = 0; i < 8; i++)
        pins_add("alice", i, i < 4 ? "few" : "many", NULL);
    pins_add("bob", 20, NULL, NULL);
    pins_set_state(3, W3P_CONTENT_STORED);

    struct w3p_pin_query query = {.status_mask = ALL, .limit = 10, .cids = &cids[1], .cid_count = 1};
    cr_expect(eq(u64, count("alice", &query), 1)); // the other spelling
    query = (struct w3p_pin_query){.status_mask = ALL, .limit = 10, .cids = cids, .cid_count = 2};
    cr_expect(eq(u64, count("alice", &query), 1)); // both: once
    cr_expect(eq(u64, count("bob", &query), 0));
    for (unsigned i = 2; i < 10; i++)
        cids[i] = pins_cid(i - 2);
    query.cid_count = 10;
    cr_expect(eq(u64, count("alice", &query), 9));
    query.limit = 4;
    cr_expect(eq(u64, count("alice", &query), 9));
    query.status_mask = 1 << W3P_PIN_PINNED;
    cr_expect(eq(u64, count("alice", &query), 1));
    query.status_mask = ALL & ~(1u << W3P_PIN_PINNED);
    query.name = "few";
    cr_expect(eq(u64, count("alice", &query), 3));
    query.has_after = true;
    query.after_ms = PINS_NOW_MS + 1;
    cr_expect(eq(u64, count("alice", &query), 2));
    cids[0] = pins_cid(20); // bob's
    cids[1] = pins_cid(21); // nobody's
    query = (struct w3p_pin_query){.status_mask = ALL, .limit = 10, .cids = cids, .cid_count = 2};
    cr_expect(eq(u64, count("alice", &query), 0));
}

// Makes pins whose status is its number modulo four.
static void add_mixed(unsigned pins)
{
    static const enum w3p_content_state states[] = {W3P_CONTENT_QUEUED, W3P_CONTENT_FINAL, W3P_CONTENT_STORED,
                                                    W3P_CONTENT_REJECTED};
    for (unsigned i = 0; i < pins; i++) {
        char name[20];
        snprintf(name, sizeof name, "n%u", i);
        cr_assert(eq(int, pins_add("alice", i, name, NULL).err, W3P_OK));
        pins_add("bob", i, name, NULL);
        if (i % 4)
            pins_set_state(i, states[i % 4]);
    }
}

// Every mask, paged by 3 in both directions: each pin once, count falls by a page, and the last page says so.
Test(pins_list, paging_loses_nothing)
{
    enum { PINS = 41 };

    add_mixed(PINS);
    for (unsigned mask = 1; mask <= ALL; mask++) {
        uint64_t seen = 0, left = 0;
        unsigned expected = 0;
        for (unsigned i = 0; i < PINS; i++) {
            left += mask >> i % 4 & 1;
            expected += mask >> i % 4 & 1;
        }
        struct w3p_pin_query query = {.status_mask = mask, .limit = 3};
        for (;;) {
            struct w3p_pin_page page = list("alice", &query);
            cr_assert(eq(u64, page.count, left), "mask %u", mask);
            cr_assert(eq(sz, page.len, left < 3 ? left : 3));
            for (size_t i = 0; i < page.len; i++) {
                uint64_t n = 0;
                cr_assert(eq(int, w3p_u64_parse(&n, page.pins[i].name + 1, strlen(page.pins[i].name + 1)), W3P_OK));
                cr_assert(eq(u64, seen >> n & 1, 0));
                cr_assert(eq(int, page.pins[i].status, (int)(n % 4)));
                seen |= 1ull << n;
                query.before_ms = page.pins[i].created_ms;
            }
            query.has_before = true;
            left -= page.len;
            bool end = page.len == page.count;
            w3p_pin_page_deinit(&page);
            if (end)
                break;
        }
        cr_expect(eq(int, __builtin_popcountll(seen), (int)expected));
    }
}

Test(pins_list, before_and_after_are_strict)
{
    add_mixed(9); // created PINS_NOW_MS + 0 … 8
    struct w3p_pin_query query = {.status_mask = ALL, .limit = 2, .has_before = true, .before_ms = PINS_NOW_MS + 4};
    cr_expect(eq(u64, count("alice", &query), 4));
    query.has_after = true;
    query.after_ms = PINS_NOW_MS + 1;
    cr_expect(eq(u64, count("alice", &query), 2));
    query.has_before = false;
    cr_expect(eq(u64, count("alice", &query), 7));
    query.after_ms = PINS_NOW_MS + 8;
    cr_expect(eq(u64, count("alice", &query), 0));
    query.after_ms = INT64_MIN;
    cr_expect(eq(u64, count("alice", &query), 9));
    query.status_mask = 1 << W3P_PIN_QUEUED | 1 << W3P_PIN_FAILED;
    query.after_ms = PINS_NOW_MS + 3;
    query.limit = 1;
    struct w3p_pin_page page = list("alice", &query); // 4, 7 and 8; 3 is excluded
    cr_expect(eq(u64, page.count, 3));
    cr_expect(eq(str, page.pins[0].name, "n8"));
    w3p_pin_page_deinit(&page);
}

// A list is read from one snapshot: what was counted is what was read, whatever is written meanwhile.
Test(pins_list, reader_holds_no_snapshot_afterwards)
{
    struct w3p_pin_query query = {.status_mask = ALL, .limit = 1};

    for (unsigned i = 0; i < 5; i++) {
        pins_add("alice", i, NULL, NULL);
        cr_expect(eq(u64, count("alice", &query), i + 1));
    }
    struct w3p_pin_page page;
    query.limit = 0;
    cr_expect(eq(int, w3p_pins_list(pins_reader, &page, 1, &query), W3P_E_RANGE)); // nor after a refused one
    pins_add("alice", 9, NULL, NULL);
    query.limit = 1;
    cr_expect(eq(u64, count("alice", &query), 6));
}

// 100,000 pins of 1,000 accounts.
static void fill_table(void)
{
    pins_sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
             " INSERT INTO accounts(id, identity, created_ms, last_created_ms, day, pins_today)"
             " SELECT i, 'acct' || i, 0, 0, 0, 0 FROM n;"
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
             " INSERT INTO contents(id, key, cid, state, size, pins, created_ms)"
             " SELECT i, CAST(i AS BLOB), 'bafk' || i, 6, 1, 1, 0 FROM n;"
             "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)"
             " INSERT INTO pins(requestid, account, content, status, created_ms, cid, name)"
             " SELECT 'r' || i, i % 1000 + 1, i + 1, (i / 1000) % 4, i, 'bafk' || (i + 1), 'name ' || i FROM n;");
}

// CPU time: the machine may be busy with other tests.
static double microseconds(const struct w3p_pin_query *query, int64_t account, uint64_t expected_count)
{
    enum { ROUNDS = 400 };
    struct timespec from, to;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct w3p_pin_page page;
        cr_assert(eq(int, w3p_pins_list(pins_reader, &page, account, query), W3P_OK));
        cr_assert(eq(u64, page.count, expected_count));
        w3p_pin_page_deinit(&page);
    }
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    return ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / 1e3 / ROUNDS;
}

Test(pins_list, plain_lists_are_quick_in_a_large_table)
{
    struct w3p_pin_query one = {.status_mask = 1 << W3P_PIN_PINNED, .limit = 10};
    struct w3p_pin_query two = {.status_mask = 1 << W3P_PIN_PINNED | 1 << W3P_PIN_QUEUED, .limit = 10};
    struct w3p_pin_query all = {.status_mask = ALL, .limit = 10};
    struct w3p_pin_query named = {.status_mask = ALL, .limit = 10, .name = "NAME 5", .match = W3P_MATCH_IPARTIAL};

    fill_table();
    double one_us = microseconds(&one, 500, 25), two_us = microseconds(&two, 500, 50);
    double all_us = microseconds(&all, 500, 100), named_us = microseconds(&named, 500, 11);
    fprintf(stderr,
            "list of 10 out of 100 pins among 100,000: %.0f us one status, %.0f us two, %.0f us all, %.0f us by name\n",
            one_us, two_us, all_us, named_us);
    // Far above what it takes, far below a scan of the table, with sanitizers on a busy machine.
    cr_expect(lt(dbl, one_us, 2000.0));
    cr_expect(lt(dbl, two_us, 2000.0));
    cr_expect(lt(dbl, all_us, 2000.0));
}
