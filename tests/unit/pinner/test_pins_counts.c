// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what is kept beside the rows so that nobody has to count or join: pins of each status in the account's row,
// the order's face in the content's row. Both equal what the rows say after any change, and in a database of before.
#include "pins_support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/db.h"

TestSuite(pins_counts, .init = pins_setup, .fini = pins_teardown, .timeout = 60);

// Accounts whose counts are not those of their pins.
#define WRONG_COUNTS                                                                                                   \
    "SELECT count(*) FROM accounts a WHERE queued <> (SELECT count(*) FROM pins WHERE account=a.id AND status=0)"      \
    " OR pinning <> (SELECT count(*) FROM pins WHERE account=a.id AND status=1)"                                       \
    " OR pinned <> (SELECT count(*) FROM pins WHERE account=a.id AND status=2)"                                        \
    " OR failed <> (SELECT count(*) FROM pins WHERE account=a.id AND status=3)"
// Contents that show another order than their newest.
#define WRONG_ORDERS                                                                                                   \
    "SELECT count(*) FROM contents c LEFT JOIN receipts o ON o.id = c.order_id WHERE c.order_tx IS NOT o.xt_hash"      \
    " OR c.order_block <> coalesce(o.block, 0) OR c.order_price <> coalesce(o.price, 0)"                               \
    " OR c.order_size <> coalesce(o.size, 0) OR c.order_block_hash IS NOT o.block_hash"                                \
    " OR c.order_index <> coalesce(o.xt_index, 0) OR c.order_event IS NOT o.event"                                     \
    " OR c.order_fee <> coalesce(o.fee, 0) OR c.order_signer IS NOT o.signer"
// Pins that show something else than their content.
#define WRONG_SHOWN                                                                                                    \
    "SELECT count(*) FROM pins p JOIN contents c ON c.id = p.content WHERE p.state <> c.state OR p.size <> c.size"     \
    " OR p.replicas_known <> c.replicas_known OR p.replicas <> c.replicas"                                             \
    " OR p.expires_at_block <> c.expires_at_block OR p.checked_ms <> c.checked_ms OR p.error IS NOT c.error"           \
    " OR p.order_tx IS NOT c.order_tx OR p.order_block <> c.order_block OR p.order_price <> c.order_price"             \
    " OR p.order_size <> c.order_size"                                                                                 \
    " OR p.order_index <> c.order_index OR p.order_event IS NOT c.order_event OR p.order_fee <> c.order_fee"           \
    " OR p.order_block_hash IS NOT c.order_block_hash"                                                                 \
    " OR (SELECT address FROM signers s WHERE s.id = p.signer) IS NOT c.order_signer"

enum { ACCOUNTS = 4, CONTENTS = 12, KEPT = 64, STEPS = 400 };
static const char *const names[ACCOUNTS] = {"alice", "bob", "carol", "dave"};
static struct {
    unsigned account;
    char requestid[37];
} kept[KEPT];
static size_t kept_len;

static void step(unsigned *seed)
{
    unsigned what = (unsigned)rand_r(seed) % 10, account = (unsigned)rand_r(seed) % ACCOUNTS,
             content = (unsigned)rand_r(seed) % CONTENTS + 1;

    if (what < 4 && kept_len < KEPT) {
        struct pins_result made = pins_add(names[account], content, NULL, NULL);
        cr_assert(eq(int, made.err, W3P_OK));
        kept[kept_len].account = account;
        memcpy(kept[kept_len++].requestid, made.requestid, sizeof made.requestid);
    } else if (what < 7 && kept_len > 0) {
        size_t at = (size_t)rand_r(seed) % kept_len;
        if (what == 6) {
            struct pins_result made = pins_replace(names[kept[at].account], kept[at].requestid, content);
            cr_assert(eq(int, made.err, W3P_OK));
            memcpy(kept[at].requestid, made.requestid, sizeof made.requestid);
        } else {
            cr_assert(eq(int, pins_delete(names[kept[at].account], kept[at].requestid), W3P_OK));
            kept[at] = kept[--kept_len];
        }
    } else { // one content's state is the status of many pins; 0 to 8
        char sql[W3P_CID_ORDER_MAX + 80];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM contents WHERE cid = '%s' AND pins > 0",
                 pins_cid_text(content));
        if (pins_number(sql) == 1)
            pins_set_state(content, (enum w3p_content_state)(1 + (unsigned)rand_r(seed) % 8));
    }
}

// Everything that a pin has from its content, whoever writes it.
static void change_contents(unsigned value)
{
    char sql[600];

    snprintf(sql, sizeof sql,
             "UPDATE contents SET size = size + 1, replicas_known = %u, replicas = %u, expires_at_block = %u,"
             " checked_ms = %u, error = iif(%u, 'e%u', NULL), order_tx = x'%08x', order_block = %u, order_price = %u,"
             " order_size = %u, order_block_hash = x'%08x', order_index = %u, order_event = nullif(%u, 10),"
             " order_fee = %u, order_signer = 's%u' WHERE id %% 3 = %u",
             value & 1, value, value + 1, value + 2, value & 2, value, value, value + 3, value + 4, value + 5,
             value + 6, value + 7, value + 8, value + 9, value, value % 3);
    pins_sql(sql);
}

Test(pins_counts, equal_the_rows_after_random_changes)
{
    unsigned seed = 20260801;

    for (unsigned i = 0; i < STEPS; i++) {
        step(&seed);
        if (i % 20 == 0)
            cr_assert(eq(i64, pins_number(WRONG_COUNTS), 0), "after step %u", i);
        if (i % 7 == 0)
            change_contents(i);
        cr_assert(eq(i64, pins_number(WRONG_SHOWN), 0), "after step %u", i);
    }
    cr_expect(eq(i64, pins_number(WRONG_COUNTS), 0));
    cr_expect(lt(i64, 5, pins_number("SELECT count(*) FROM pins")));
    pins_sql("UPDATE accounts SET pinned = pinned + 1 WHERE identity = 'alice'");
    cr_expect(eq(i64, pins_number(WRONG_COUNTS), 1)); // the check sees a wrong one
}

static int64_t account_id(const char *identity)
{
    return w3p_account_find(pins_reader, identity);
}

// Every set of statuses, with and without a cursor: the page and the count are those of a walk through the rows.
Test(pins_counts, lists_of_every_set_of_statuses)
{
    char sql[200];
    int64_t alice;

    for (unsigned i = 0; i < 60; i++) {
        pins_add("alice", i, NULL, NULL);
        pins_now_ms += 10;
    }
    for (unsigned i = 0; i < 60; i++) // few have failed, most are pinned
        pins_set_state(i, i % 20 == 0  ? W3P_CONTENT_REJECTED
                          : i % 9 == 0 ? W3P_CONTENT_FINAL
                          : i % 7 == 0 ? W3P_CONTENT_QUEUED
                                       : W3P_CONTENT_STORED);
    alice = account_id("alice");
    for (unsigned mask = 1; mask <= 15; mask++)
        for (unsigned cursor = 0; cursor < 2; cursor++) {
            struct w3p_pin_query query = {
                .status_mask = mask, .limit = 3, .has_before = cursor == 1, .before_ms = PINS_NOW_MS + 400};
            struct w3p_pin_page page;
            cr_assert(eq(int, w3p_pins_list(pins_reader, &page, alice, &query), W3P_OK));
            snprintf(sql, sizeof sql, "SELECT count(*) FROM pins WHERE (1 << status) & %u AND created_ms < %lld", mask,
                     cursor ? (long long)query.before_ms : INT64_MAX);
            cr_expect(eq(u64, page.count, (uint64_t)pins_number(sql)), "mask %u, cursor %u", mask, cursor);
            for (size_t i = 0; i < page.len; i++) {
                snprintf(sql, sizeof sql,
                         "SELECT created_ms FROM pins WHERE (1 << status) & %u AND created_ms < %lld"
                         " ORDER BY created_ms DESC LIMIT 1 OFFSET %zu",
                         mask, cursor ? (long long)query.before_ms : INT64_MAX, i);
                cr_expect(eq(i64, page.pins[i].created_ms, pins_number(sql)), "mask %u, row %zu", mask, i);
            }
            w3p_pin_page_deinit(&page);
        }
}

// The longest statement: every filter at once.
Test(pins_counts, most_meta_keys_with_two_statuses)
{
    static const char *keys[64], *values[64];
    struct w3p_pin_query query = {.status_mask = 5,
                                  .limit = 10,
                                  .meta_keys = keys,
                                  .meta_values = values,
                                  .meta_count = 64,
                                  .name = "x",
                                  .match = W3P_MATCH_IPARTIAL,
                                  .has_before = true,
                                  .has_after = true};
    struct w3p_pin_page page;

    pins_add("alice", 1, "x", NULL);
    for (size_t i = 0; i < 64; i++)
        keys[i] = values[i] = "k";
    query.before_ms = INT64_MAX;
    cr_assert(eq(int, w3p_pins_list(pins_reader, &page, account_id("alice"), &query), W3P_OK));
    cr_expect(eq(u64, page.count, 0));
    w3p_pin_page_deinit(&page);
}

static void open_with(const struct w3p_migration *contents, const struct w3p_migration *pins, const char *name,
                      const char *sql)
{
    const struct w3p_migration *const tables[] = {contents, pins};
    struct w3p_store_conf conf = {
        .path = name, .migrations = tables, .migration_table_count = 2, .queue_max = 16, .busy_timeout_ms = 1000};
    struct w3p_store *store;
    struct w3p_errmsg msg = {""};
    sqlite3 *handle;

    int err = w3p_store_open(&store, &msg, &conf);
    cr_assert(err == W3P_OK, "%s", msg.text);
    w3p_store_close(store);
    cr_assert(eq(int, sqlite3_open(name, &handle), SQLITE_OK));
    cr_expect(sqlite3_exec(handle, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(handle));
    sqlite3_close(handle);
}

static int64_t number_in(const char *name, const char *sql)
{
    sqlite3 *handle;
    sqlite3_stmt *stmt;

    cr_assert(eq(int, sqlite3_open(name, &handle), SQLITE_OK));
    cr_assert(eq(int, sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL), SQLITE_OK), "%s", sqlite3_errmsg(handle));
    cr_assert(eq(int, sqlite3_step(stmt), SQLITE_ROW));
    int64_t value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(handle);
    return value;
}

// A database of the first version, with pins in it, opened by this one.
Test(pins_counts, database_of_before_is_brought_along)
{
    const struct w3p_migration old_contents[] = {w3p_contents_migrations[0], {NULL, NULL}};
    const struct w3p_migration old_pins[] = {w3p_pins_migrations[0], w3p_pins_migrations[1], {NULL, NULL}};
    char name[400], file[420];

    snprintf(name, sizeof name, "%s.before", pins_store_conf.path);
    open_with(
        old_contents, old_pins, name,
        "INSERT INTO accounts VALUES(1, 'a', 0, 0, 0, 0), (2, 'b', 0, 0, 0, 0);"
        "INSERT INTO contents(id, key, cid, state, size, pins, created_ms)"
        " VALUES(1, x'01', 'one', 6, 5, 2, 0), (2, x'02', 'two', 1, 5, 1, 0);"
        "INSERT INTO orders(id, content, state, size, nonce, birth_block, death_block, birth_hash, xt, xt_hash, block,"
        " price, reserved, day, created_ms, updated_ms)"
        " VALUES(9, 1, 4, 5, 0, 1, 2, x'00', x'00', x'abcd', 77, 88, 0, 0, 0, 0);"
        "UPDATE contents SET order_id = 9 WHERE id = 1;"
        "INSERT INTO pins(requestid, account, content, status, created_ms, cid, name)"
        " VALUES('r2', 1, 2, 0, 20, 'two', 'n'), ('r1', 1, 1, 2, 10, 'one', NULL), ('r3', 2, 1, 2, 10, 'one', NULL)");
    open_with(w3p_contents_migrations, w3p_pins_migrations, name, "UPDATE orders SET price = 99 WHERE id = 9");
    cr_expect(eq(i64, number_in(name, "SELECT count(*) FROM pins"), 3));
    cr_expect(eq(i64, number_in(name, WRONG_COUNTS), 0));
    cr_expect(eq(i64, number_in(name, "SELECT queued * 10 + pinned FROM accounts WHERE id = 1"), 11));
    cr_expect(eq(i64, number_in(name, WRONG_ORDERS), 0));
    cr_expect(eq(i64, number_in(name, WRONG_SHOWN), 0));
    cr_expect(
        eq(i64, number_in(name, "SELECT order_block * 100 + order_price FROM pins WHERE requestid = 'r3'"), 7799));
    cr_expect(eq(i64, number_in(name, "SELECT order_block * 100 + order_price FROM contents WHERE id = 1"), 7799));
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    for (size_t i = 0; i < 4; i++) {
        snprintf(file, sizeof file, "%s%s", name, suffixes[i]);
        remove(file);
    }
}
