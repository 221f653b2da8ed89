// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a database of the time when each order was an extrinsic of its own, opened by this program: nothing is lost,
// what was under way goes on, and nothing is ordered twice.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine_rig.h"
#include "pins.h"

#define STATES 6

static struct rig rig;

static void setup(void)
{
    rig_open(&rig);
}

static void teardown(void)
{
    rig_close(&rig);
}

TestSuite(orders_migration, .init = setup, .fini = teardown, .timeout = 60);

static void run_sql(sqlite3 *db, const char *sql)
{
    cr_assert(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
}

// The tables as they were before this step.
static void make_old(const char *path, const char *step)
{
    static struct w3p_migration old_pins[16];
    const struct w3p_migration *const tables[] = {w3p_contents_migrations, old_pins};
    struct w3p_store_conf conf = {
        .path = path, .migrations = tables, .migration_table_count = 2, .queue_max = 16, .busy_timeout_ms = 1000};
    struct w3p_errmsg msg = {""};
    struct w3p_store *store;
    size_t n = 0;

    while (strcmp(w3p_pins_migrations[n].name, step) != 0) {
        old_pins[n] = w3p_pins_migrations[n];
        n++;
        cr_assert(lt(sz, n, 15));
        cr_assert(w3p_pins_migrations[n].name != NULL);
    }
    cr_assert(w3p_store_open(&store, &msg, &conf) == W3P_OK, "%s", msg.text);
    w3p_store_close(store);
}

// A content, its pin's account and its order, one for each state of an order.
static void fill(sqlite3 *db)
{
    static const int content_states[] = {0,
                                         W3P_CONTENT_SIGNED,
                                         W3P_CONTENT_SUBMITTED,
                                         W3P_CONTENT_RENEWING,
                                         W3P_CONTENT_FINAL,
                                         W3P_CONTENT_REJECTED,
                                         W3P_CONTENT_QUEUED};
    char sql[1000];

    run_sql(db, "INSERT INTO accounts(id, identity, pins_today, day, last_created_ms, created_ms)"
                " VALUES(1, 'a', 0, 0, 0, 0); INSERT INTO budget(day, spent) VALUES(7, 500);");
    for (int state = 1; state <= STATES; state++) {
        (void)snprintf(
            sql, sizeof(sql),
            "INSERT INTO contents(id, key, cid, state, size, pins, created_ms, payer, not_before_ms)"
            " VALUES(%d, x'0%d', '%s', %d, %d, 1, 0, 1, 1800003600000);"
            "INSERT INTO orders(id, content, state, size, nonce, birth_block, death_block, birth_hash, xt,"
            " xt_hash, block, block_hash, xt_index, price, fee, reserved, day, error, created_ms, updated_ms)"
            " VALUES(%d, %d, %d, %d, %d, 8, 72, randomblob(32), x'aa0%d', x'%064d', %d, %s, 2, %d, %d, 50, 7,"
            " NULL, 11, 12);"
            "UPDATE contents SET order_id = %d WHERE id = %d;",
            state, state, rig_cid((unsigned)state), content_states[state], 1000 + state, 100 + state, state, state,
            1000 + state, 20 + state, state, state, state > 2 ? 9 : 0, state > 2 ? "randomblob(32)" : "NULL",
            state == 4 ? 40 : 0, state == 4 || state == 5 ? 5 : 0, 100 + state, state);
        run_sql(db, sql);
    }
}

static int64_t number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt;
    int64_t value;

    cr_assert(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    cr_assert(eq(int, sqlite3_step(stmt), SQLITE_ROW));
    value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return value;
}

static sqlite3 *open_file(const char *path)
{
    sqlite3 *db;

    cr_assert(eq(int, sqlite3_open(path, &db), SQLITE_OK));
    return db;
}

// The rig's own file, as it was before this step.
static void begin_with_old(const char *step, void (*fill_it)(sqlite3 *db))
{
    sqlite3 *db;

    w3p_engine_destroy(rig.engine);
    w3p_store_close(rig.store);
    cr_assert(zero(int, unlink(rig.path)));
    make_old(rig.path, step);
    db = open_file(rig.path);
    run_sql(db, "PRAGMA foreign_keys=ON");
    fill_it(db);
    sqlite3_close(db);
    rig.engine = NULL;
    rig_reopen(&rig);
}

static const char *const as_before[] = {
    "SELECT count(*) = 6 FROM orders o JOIN extrinsics x ON x.id = o.tx AND x.state = o.state AND o.item = 0",
    "SELECT count(*) = 6 FROM orders WHERE size = 1000 + state AND reserved = 50 AND day = 7 AND created_ms = 11",
    "SELECT count(*) = 6 FROM extrinsics WHERE nonce = 20 + state AND birth_block = 8 AND length(birth_hash) = 32",
    "SELECT count(*) = 6 FROM receipts WHERE hex(xt_hash) LIKE '%0' || state AND death_block = 72 AND signer IS NULL",
    "SELECT count(*) = 6 FROM contents c JOIN receipts r ON r.id = c.order_id AND r.content = c.id"
    " AND c.order_tx = r.xt_hash AND c.order_block = r.block AND c.order_price = r.price AND c.order_size = r.size",
    "SELECT count(*) = 6 FROM contents c JOIN receipts r ON r.id = c.order_id AND c.order_block_hash IS r.block_hash"
    " AND c.order_index = r.xt_index AND c.order_fee = r.fee AND c.order_event IS NULL AND c.order_signer IS NULL",
    "SELECT price = 40 AND fee = 5 AND block = 9 AND xt_index = 2 FROM receipts WHERE state = 4",
    "SELECT spent = 0 FROM accounts", // triggers slept
    "SELECT spent = 500 FROM budget",
    "SELECT count(*) = 0 FROM sqlite_schema WHERE name LIKE '%\\_3' ESCAPE '\\'",
};

Test(orders_migration, nothing_is_lost)
{
    sqlite3 *db;

    begin_with_old("orders.1", fill);
    db = open_file(rig.path);
    for (size_t i = 0; i < sizeof(as_before) / sizeof(as_before[0]); i++)
        cr_expect(eq(i64, number(db, as_before[i]), 1), "%s", as_before[i]);
    cr_expect(eq(i64, number(db, "SELECT count(*) FROM pragma_foreign_key_check"), 0));
    cr_expect(
        ne(int, sqlite3_exec(db, "UPDATE extrinsics SET nonce = 21 WHERE state = 2", NULL, NULL, NULL), SQLITE_OK),
        "a second live use of a nonce");
    run_sql(db, "UPDATE orders SET price = 41 WHERE state = 4; UPDATE extrinsics SET block = 10 WHERE state = 4");
    cr_expect(eq(i64, number(db, "SELECT order_price * 100 + order_block FROM contents WHERE id = 4"), 4110));
    cr_expect(eq(i64, number(db, "SELECT spent FROM accounts"), 1));
    sqlite3_close(db);
}

// Dead as the fake chain tells: all three live ones are buried, each with its content, and what was no renewal is
// ordered again.
Test(orders_migration, what_was_under_way_goes_on)
{
    begin_with_old("orders.1", fill);
    rig_store_replicas(&rig, rig_cid(3), 3);
    fake_mine(&rig.fake, 70);
    rig_step(&rig);
    cr_expect(eq(i64, rig_number(&rig, "SELECT count(*) FROM extrinsics WHERE state = 6"), 4));
    cr_expect(eq(int, rig_state(&rig, 1), W3P_CONTENT_SUBMITTED));
    cr_expect(eq(int, rig_state(&rig, 2), W3P_CONTENT_SUBMITTED));
    cr_expect(eq(int, rig_state(&rig, 3), W3P_CONTENT_STORED));
    cr_expect(eq(int, (int)rig.fake.signs, 2));
}

// An order of the time when pins did not show all of its receipt, and one of before, of which there is less to show.
static void fill_receipts(sqlite3 *db)
{
    run_sql(
        db,
        "INSERT INTO accounts(id, identity, pins_today, day, last_created_ms, created_ms) VALUES(1, 'a', 0, 0, 0, 0);"
        "INSERT INTO contents(id, key, cid, state, size, pins, created_ms)"
        " VALUES(1, x'01', 'one', 6, 5, 1, 0), (2, x'02', 'two', 6, 5, 1, 0);"
        "INSERT INTO extrinsics(id, state, nonce, birth_block, death_block, birth_hash, xt, xt_hash, signer, block,"
        " block_hash, xt_index, fee, created_ms, updated_ms)"
        " VALUES(1, 4, 0, 8, 72, randomblob(32), x'00', randomblob(32), 'me', 9, CAST(zeroblob(31) || x'51' AS BLOB), "
        "3, 8, 1, 1),"
        " (2, 4, 1, 8, 72, randomblob(32), x'00', randomblob(32), NULL, 10, CAST(zeroblob(31) || x'52' AS BLOB), 2, 8, "
        "1, 1);"
        "INSERT INTO orders(id, content, tx, item, state, size, price, fee, event, reserved, day, created_ms,"
        " updated_ms) VALUES(1, 1, 1, 0, 4, 5, 40, 8, 0, 0, 0, 1, 1), (2, 2, 2, 0, 4, 5, 40, 8, NULL, 0, 0, 1, 1);"
        "INSERT INTO pins(requestid, account, content, status, created_ms, cid)"
        " VALUES('r1', 1, 1, 2, 10, 'one'), ('r2', 1, 2, 2, 11, 'two');"
        "UPDATE contents SET order_id = id;");
}

// What the pin's own view shows of its order: the signer, and the last byte of the block's hash.
static void expect_whole_receipt(const char *requestid, const char *signer, int hash_end)
{
    struct w3p_errmsg msg;
    struct w3p_db *db;
    struct w3p_pin pin;

    cr_assert(eq(int, w3p_store_reader(&db, &msg, rig.store), W3P_OK));
    cr_expect(eq(int, w3p_pins_get(db, &pin, 2, requestid), W3P_E_NOTFOUND), "another account's");
    cr_assert(eq(int, w3p_pins_get(db, &pin, 1, requestid), W3P_OK));
    cr_expect(eq(str, pin.order_signer, (char *)signer));
    cr_expect(pin.has_block_hash && pin.order_block_hash[0] == 0 && pin.order_block_hash[31] == hash_end);
    w3p_pin_deinit(&pin);
    w3p_store_reader_close(db);
}

// The version before looked into the contents for these two.
Test(orders_migration, whole_receipts_stand_in_the_pins)
{
    sqlite3 *db;

    begin_with_old("pins.6", fill_receipts);
    expect_whole_receipt("r1", "me", 0x51);
    expect_whole_receipt("r2", "", 0x52);
    cr_expect(eq(i64, rig_number(&rig, "SELECT count(*) FROM signers"), 1));
    db = open_file(rig.path);
    run_sql(db, "UPDATE contents SET order_signer = 'another', order_block_hash = CAST(zeroblob(31) || x'53' AS BLOB)");
    sqlite3_close(db);
    expect_whole_receipt("r1", "another", 0x53);
    expect_whole_receipt("r2", "another", 0x53);
}

Test(orders_migration, receipts_are_brought_along)
{
    static const char *const now[] = {
        "SELECT count(*) = 2 FROM pins p JOIN contents c ON c.id = p.content JOIN receipts r ON r.id = c.order_id"
        " AND c.order_block_hash = r.block_hash AND p.order_index = r.xt_index AND p.order_event IS r.event"
        " AND p.order_fee = r.fee AND c.order_signer IS r.signer AND p.order_price = r.price",
        "SELECT order_event = 0 AND order_index = 3 FROM pins WHERE requestid = 'r1'",
        "SELECT order_event IS NULL AND order_index = 2 FROM pins WHERE requestid = 'r2'",
    };
    sqlite3 *db;

    begin_with_old("receipts.1", fill_receipts);
    db = open_file(rig.path);
    for (size_t i = 0; i < sizeof(now) / sizeof(now[0]); i++)
        cr_expect(eq(i64, number(db, now[i]), 1), "%s", now[i]);
    run_sql(db, "UPDATE orders SET fee = 9 WHERE id = 2; UPDATE extrinsics SET xt_index = 4 WHERE id = 2");
    cr_expect(eq(i64, number(db, "SELECT order_fee * 10 + order_index FROM pins WHERE requestid = 'r2'"), 94));
    sqlite3_close(db);
}
