// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: receipts: all orders of a content, newest first, page by page; what they took, exactly; what pins show of
// them after each step of an order's life; nothing made up where something was never noted.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "engine_rig.h"
#include "receipts_store.h"
#include "store/db.h"

static struct rig rig;
static struct w3p_db *db;

static void setup(void)
{
    struct w3p_errmsg msg;

    rig_open(&rig);
    cr_assert(eq(int, w3p_store_reader(&db, &msg, rig.store), W3P_OK));
}

static void teardown(void)
{
    w3p_store_reader_close(db);
    rig_close(&rig);
}

TestSuite(receipts, .init = setup, .fini = teardown, .timeout = 30);

static int read_some(struct w3p_receipt *out, size_t *count, size_t max, int64_t content_id, int64_t before)
{
    return w3p_receipts_of(db, out, count, max, content_id, before);
}

struct sql_job {
    struct w3p_write write;
    const char *sql;
};

static int run_sql(struct w3p_write *self, struct w3p_db *writer)
{
    const char *sql = ((struct sql_job *)self)->sql;

    return sqlite3_exec(w3p_db_handle(writer), sql, NULL, NULL, NULL) == SQLITE_OK ? W3P_OK : W3P_E_INTERNAL;
}

static void write_sql(const char *sql)
{
    struct sql_job job = {.write = {.run = run_sql}, .sql = sql};

    cr_assert(eq(int, w3p_store_write_wait(rig.store, &job.write), W3P_OK), "%s", sql);
}

// An order that ended as `state`, alone in its transaction; its number is its id.
static void insert(int64_t id, int64_t content, int state, uint64_t price, uint64_t fee)
{
    char sql[700];

    (void)snprintf(sql, sizeof(sql),
                   "INSERT INTO extrinsics(id, state, nonce, birth_block, death_block, birth_hash, xt, xt_hash, fee,"
                   " created_ms, updated_ms) VALUES(%lld, %d, %lld, 1, 65, x'00', x'01', randomblob(32), %llu, 7, 8);"
                   "INSERT INTO orders(id, content, tx, item, state, size, price, fee, reserved, day, created_ms,"
                   " updated_ms) VALUES(%lld, %lld, %lld, 0, %d, 5000, %llu, %llu, 0, 0, 7, 8)",
                   (long long)id, state, (long long)id, (unsigned long long)fee, (long long)id, (long long)content,
                   (long long)id, state, (unsigned long long)price, (unsigned long long)fee);
    write_sql(sql);
}

Test(receipts, of_nothing_there_are_none)
{
    struct w3p_receipt one;
    struct w3p_paid paid = {.orders = 9};
    size_t count = 9;

    cr_expect(eq(int, read_some(&one, &count, 0, 1, 0), W3P_E_LIMIT));
    cr_expect(eq(int, read_some(&one, &count, W3P_RECEIPTS_LIMIT_MAX + 1, 1, 0), W3P_E_LIMIT));
    cr_expect(eq(int, read_some(&one, &count, 1, 77, 0), W3P_OK));
    cr_expect(eq(sz, count, 0));
    cr_expect(eq(int, w3p_receipts_paid(db, &paid, 77), W3P_OK));
    cr_expect(eq(u64, paid.orders, 0));
    cr_expect(paid.price == 0 && paid.fee == 0);
}

Test(receipts, newest_first_and_page_by_page)
{
    struct w3p_receipt page[2];
    size_t count;
    int64_t a = rig_pin(&rig, 1, 5000), b = rig_pin(&rig, 2, 5000);

    for (int64_t i = 1; i <= 6; i++)
        insert(i, i == 4 ? b : a, W3P_ORDER_FAILED, 0, (uint64_t)i);
    cr_assert(eq(int, read_some(page, &count, 2, a, 0), W3P_OK));
    cr_assert(eq(sz, count, 2));
    cr_expect(eq(i64, page[0].id, 6));
    cr_expect(eq(i64, page[1].id, 5));
    cr_assert(eq(int, read_some(page, &count, 2, a, page[1].id), W3P_OK));
    cr_assert(eq(sz, count, 2));
    cr_expect(eq(i64, page[0].id, 3)); // 4 is another content's
    cr_assert(eq(int, read_some(page, &count, 2, a, page[1].id), W3P_OK));
    cr_assert(eq(sz, count, 1));
    cr_expect(eq(i64, page[0].id, 1));
    cr_assert(eq(int, read_some(page, &count, 2, a, page[0].id), W3P_OK));
    cr_expect(eq(sz, count, 0));
}

Test(receipts, what_was_paid_is_exact_however_much)
{
    struct w3p_paid paid;
    char price[40], fee[40];
    int64_t a = rig_pin(&rig, 1, 5000);

    insert(1, a, W3P_ORDER_FINAL, INT64_MAX, INT64_MAX);
    insert(2, a, W3P_ORDER_FINAL, INT64_MAX, 1);
    insert(3, a, W3P_ORDER_FAILED, 0, 999999999);
    insert(4, a, W3P_ORDER_LOST, 0, 0);
    insert(5, rig_pin(&rig, 2, 1), W3P_ORDER_FINAL, 1, 1);
    cr_assert(eq(int, w3p_receipts_paid(db, &paid, a), W3P_OK));
    w3p_u128_format(price, paid.price);
    w3p_u128_format(fee, paid.fee);
    cr_expect(eq(u64, paid.orders, 4));
    cr_expect(eq(str, price, "18446744073709551614"));
    cr_expect(eq(str, fee, "9223372037854775807"));
}

Test(receipts, what_was_never_noted_is_not_made_up)
{
    struct w3p_receipt one;
    size_t count;

    insert(1, rig_pin(&rig, 1, 5000), W3P_ORDER_FINAL, 40, 5);
    cr_assert(eq(int, read_some(&one, &count, 1, 1, 0), W3P_OK));
    cr_assert(eq(sz, count, 1));
    cr_expect(eq(str, one.signer, ""));
    cr_expect(eq(i64, one.event, -1));
    cr_expect(eq(u64, one.block, 0));
    cr_expect(not(one.has_block_hash));
    cr_expect(eq(str, one.error, ""));
    cr_expect(eq(u64, one.items, 1));
}

// ---- an order's life ----

static struct w3p_receipt newest(int64_t content)
{
    struct w3p_receipt one;
    size_t count;

    cr_assert(eq(int, read_some(&one, &count, 1, content, 0), W3P_OK));
    cr_assert(eq(sz, count, 1));
    return one;
}

// Does the content, which pins show, say the same as the receipt?
static void expect_shown(int64_t content, const struct w3p_receipt *r)
{
    char sql[700];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM contents c JOIN receipts r ON r.id = c.order_id AND c.order_tx = r.xt_hash"
                   " AND c.order_block_hash IS r.block_hash AND c.order_index = r.xt_index AND c.order_event IS r.event"
                   " AND c.order_fee = r.fee AND c.order_signer IS r.signer AND c.order_price = r.price"
                   " AND c.order_block = r.block WHERE c.id = %lld AND r.id = %lld AND r.price = %llu AND r.fee = %llu",
                   (long long)content, (long long)r->id, (unsigned long long)r->price, (unsigned long long)r->fee);
    cr_expect(eq(i64, rig_number(&rig, sql), 1));
}

Test(receipts, from_the_signature_to_the_end)
{
    int64_t a = rig_pin(&rig, 1, 5000);
    struct w3p_receipt r;

    (void)snprintf(rig.fake.info.address, sizeof(rig.fake.info.address), "the operator");
    rig_step(&rig);
    r = newest(a);
    cr_expect(eq(int, (int)r.state, W3P_ORDER_SUBMITTED));
    cr_expect(eq(str, r.signer, "the operator"));
    cr_expect(eq(u64, r.block, 0));
    cr_expect(not(r.has_block_hash));
    cr_expect(eq(u64, r.price + r.fee, 0));
    expect_shown(a, &r);
    rig_run(&rig, 4);
    cr_assert(eq(int, rig_state(&rig, a), W3P_CONTENT_FINAL));
    r = newest(a);
    cr_expect(eq(int, (int)r.state, W3P_ORDER_FINAL));
    cr_expect(lt(u64, 0, r.block));
    cr_expect(r.has_block_hash);
    cr_expect(eq(u64, r.price, (uint64_t)w3p_chain_price(&rig.fake.terms, 5000)));
    cr_expect(eq(u64, r.fee, 200));
    cr_expect(eq(u64, r.fee, r.tx_fee));
    cr_expect(eq(i64, r.event, 0));
    cr_expect(eq(u64, r.size, 5000));
    expect_shown(a, &r);
}

// Each order keeps its own words: also when a later one is under way, or the pin shows something newer.
Test(receipts, a_failure_is_named_with_its_own_order)
{
    struct w3p_receipt page[3];
    size_t count;
    int64_t a = rig_pin(&rig, 1, 5000);

    rig.fake.fail_orders = 1;
    rig_step(&rig);
    rig_run(&rig, 20);
    cr_assert(eq(int, rig_state(&rig, a), W3P_CONTENT_FINAL));
    cr_assert(eq(int, read_some(page, &count, 3, a, 0), W3P_OK));
    cr_assert(eq(sz, count, 2));
    cr_expect(eq(int, (int)page[0].state, W3P_ORDER_FINAL));
    cr_expect(eq(str, page[0].error, ""));
    cr_expect(eq(int, (int)page[1].state, W3P_ORDER_FAILED));
    cr_expect(eq(str, page[1].error, "Market.Scripted: it failed"));
    cr_expect(eq(u64, page[1].price, 0));
    cr_expect(lt(u64, 0, page[1].fee));
    cr_expect(lt(u64, 0, page[1].block));
    expect_shown(a, &page[0]);
}
