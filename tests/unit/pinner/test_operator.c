// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the operator's rows: the switch, a second try for contents, what is promised and spent, the operator's own
// pins, and the views of orders.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "orders_view_store.h"
#include "pins_support.h"

static uint64_t available = UINT64_MAX;

static uint64_t get_available(void *arg)
{
    (void)arg;
    return available;
}

static void setup(void)
{
    pins_setup();
    pins_conf.available = get_available;
    available = UINT64_MAX;
    pins_price = 0;
    pins_reopen();
}

TestSuite(operator, .init = setup, .fini = pins_teardown, .timeout = 30);

static int64_t content(unsigned n)
{
    struct w3p_cid cid = pins_cid(n);
    return w3p_content_find(pins_reader, &cid);
}

// An order row as the engine would have left it, the newest of its content.
static void make_order(unsigned n, enum w3p_order_state state, int64_t signed_ms)
{
    char sql[800];
    snprintf(sql, sizeof sql,
             "INSERT INTO extrinsics(state, nonce, birth_block, death_block, birth_hash, xt, xt_hash, created_ms,"
             " updated_ms) VALUES(%d, %u, 10, 74, zeroblob(32), x'01', randomblob(32), %lld, %lld);"
             "INSERT INTO orders(content, tx, item, state, size, reserved, day, created_ms, updated_ms)"
             " VALUES(%lld, last_insert_rowid(), 0, %d, 4096, 500, 1, %lld, %lld)",
             (int)state, n, (long long)signed_ms, (long long)signed_ms, (long long)content(n), (int)state,
             (long long)signed_ms, (long long)signed_ms);
    pins_sql(sql);
    snprintf(sql, sizeof sql,
             "UPDATE contents SET order_id = (SELECT max(id) FROM orders WHERE content = %lld) WHERE id = %lld",
             (long long)content(n), (long long)content(n));
    pins_sql(sql);
}

// ---- the switch ----

Test(operator, the_switch_survives_and_what_cannot_be_read_is_on)
{
    cr_expect(not(w3p_pause_is_on(pins_reader)));
    pins_set_pause(pins_store, true);
    cr_expect(w3p_pause_is_on(pins_reader));
    pins_reopen();
    cr_expect(w3p_pause_is_on(pins_reader));
    pins_set_pause(pins_store, false);
    cr_expect(not(w3p_pause_is_on(pins_reader)));
    pins_sql("UPDATE meta SET value = 'perhaps, or rather not' WHERE key = 'operator.paused'");
    cr_expect(w3p_pause_is_on(pins_reader)); // no money is spent on a doubt
}

// ---- a second try ----

static enum w3p_requeue retry(unsigned n)
{
    enum w3p_requeue what = W3P_REQUEUE_UNWANTED;
    int err = w3p_pins_retry(pins_under_test, &what, content(n));
    cr_assert(eq(int, err, W3P_OK));
    return what;
}

static const struct {
    enum w3p_content_state state;
    enum w3p_requeue expect;
} tries[] = {
    {W3P_CONTENT_QUEUED, W3P_REQUEUE_DUE},     {W3P_CONTENT_SIGNED, W3P_REQUEUE_LIVE},
    {W3P_CONTENT_SUBMITTED, W3P_REQUEUE_LIVE}, {W3P_CONTENT_IN_BLOCK, W3P_REQUEUE_LIVE},
    {W3P_CONTENT_FINAL, W3P_REQUEUE_STORED},   {W3P_CONTENT_STORED, W3P_REQUEUE_STORED},
    {W3P_CONTENT_RENEWING, W3P_REQUEUE_LIVE},  {W3P_CONTENT_REJECTED, W3P_REQUEUE_QUEUED},
};

Test(operator, a_second_try_is_for_what_waits_or_was_refused)
{
    for (unsigned i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        pins_add("alice", i, NULL, NULL);
        pins_set_state(i, tries[i].state);
        unsigned wakes = pins_wakes;
        cr_expect(eq(int, retry(i), tries[i].expect), "%u", i);
        bool acts = tries[i].expect == W3P_REQUEUE_DUE || tries[i].expect == W3P_REQUEUE_QUEUED;
        cr_expect(eq(int, pins_wakes - wakes, acts ? 1 : 0), "%u", i);
    }
    cr_expect(eq(int, pins_number("SELECT count(*) FROM contents WHERE state = 1"), 2));
    cr_expect(
        eq(int, pins_number("SELECT count(*) FROM pins WHERE status = 0"), 4)); // queued, signed, submitted, again
}

Test(operator, a_second_try_begins_from_zero_and_at_once)
{
    pins_add("alice", 1, NULL, NULL);
    pins_sql("UPDATE contents SET attempts = 3, error = 'no', not_before_ms = 9000000000000000");
    pins_set_state(1, W3P_CONTENT_REJECTED);
    cr_expect(eq(int, retry(1), W3P_REQUEUE_QUEUED));
    cr_expect(eq(int, pins_number("SELECT count(*) FROM contents WHERE attempts = 0 AND error IS NULL"), 1));
    cr_expect(eq(i64, pins_number("SELECT not_before_ms FROM contents"), PINS_NOW_MS));
    // one that waits is looked at now, with the attempts that it had
    pins_sql("UPDATE contents SET attempts = 2, error = 'not yet', not_before_ms = 9000000000000000");
    cr_expect(eq(int, retry(1), W3P_REQUEUE_DUE));
    cr_expect(eq(int, pins_number("SELECT attempts FROM contents"), 2));
    cr_expect(eq(i64, pins_number("SELECT not_before_ms FROM contents"), PINS_NOW_MS));
}

Test(operator, no_second_try_beside_a_live_order_whatever_the_state_says)
{
    for (int state = W3P_ORDER_SIGNED; state <= W3P_ORDER_LOST; state++) {
        unsigned n = (unsigned)state;
        pins_add("alice", n, NULL, NULL);
        make_order(n, (enum w3p_order_state)state, PINS_NOW_MS);
        pins_set_state(n, W3P_CONTENT_REJECTED);
        cr_expect(eq(int, retry(n), state <= W3P_ORDER_IN_BLOCK ? W3P_REQUEUE_LIVE : W3P_REQUEUE_QUEUED), "%d", state);
    }
}

Test(operator, no_second_try_without_a_pin_or_without_money)
{
    enum w3p_requeue what;
    struct pins_result pin = pins_add("alice", 1, NULL, NULL);
    pins_set_state(1, W3P_CONTENT_REJECTED);
    cr_expect(eq(i64, w3p_rejected_next(pins_reader, 0), content(1)));
    pins_price = 100;
    available = 50;
    cr_expect(eq(int, w3p_pins_retry(pins_under_test, &what, content(1)), W3P_E_FUNDS));
    cr_expect(eq(int, pins_number("SELECT state FROM contents"), W3P_CONTENT_REJECTED)); // all of it was undone
    cr_expect(eq(int, pins_number("SELECT planck FROM promised"), 0));
    cr_assert(eq(int, pins_delete("alice", pin.requestid), W3P_OK));
    available = UINT64_MAX;
    cr_expect(eq(int, retry(1), W3P_REQUEUE_UNWANTED));
    cr_expect(eq(i64, w3p_rejected_next(pins_reader, 0), 0));
}

// ---- promises and the balance ----

static uint64_t promised(void)
{
    uint64_t planck = 1;
    cr_assert(eq(int, w3p_promised_total(pins_reader, &planck), W3P_OK));
    return planck;
}

Test(operator, a_promise_that_the_balance_cannot_keep_is_not_made)
{
    pins_price = 100;
    available = 303; // three, with one in a hundred more
    struct pins_result first = pins_add("alice", 1, NULL, NULL);
    cr_expect(eq(int, first.err, W3P_OK));
    cr_expect(eq(int, pins_add("bob", 2, NULL, NULL).err, W3P_OK));
    available = 302;
    cr_expect(eq(int, pins_add("bob", 3, NULL, NULL).err, W3P_E_FUNDS));
    available = 303;
    cr_expect(eq(int, pins_add("bob", 3, NULL, NULL).err, W3P_OK));
    cr_expect(eq(u64, promised(), 300));
    cr_expect(eq(int, pins_add("alice", 4, NULL, NULL).err, W3P_E_FUNDS));
    cr_expect(eq(int, pins_number("SELECT count(*) FROM contents"), 3)); // nothing of it is there
    cr_expect(eq(int, pins_add("carol", 1, NULL, NULL).err, W3P_OK));    // what is promised already costs nothing more
    cr_expect(eq(u64, promised(), 300));
    // a place is free again when a queued content is cancelled
    cr_assert(eq(int, pins_delete("bob", NULL), W3P_E_NOTFOUND));
    available = 302;
    cr_expect(eq(int, pins_replace("alice", first.requestid, 5).err, W3P_E_FUNDS));
    available = UINT64_MAX; // not known: accepted, and the engine looks again
    cr_expect(eq(int, pins_add("alice", 6, NULL, NULL).err, W3P_OK));
    available = 0;
    pins_price = 0; // neither is the price
    cr_expect(eq(int, pins_add("alice", 7, NULL, NULL).err, W3P_OK));
}

Test(operator, the_sum_of_promises_follows_every_one_and_saturates)
{
    pins_price = 70;
    struct pins_result pin = pins_add("alice", 1, NULL, NULL);
    pins_add("alice", 2, NULL, NULL);
    cr_expect(eq(u64, promised(), 140));
    cr_assert(eq(int, pins_delete("alice", pin.requestid), W3P_OK));
    cr_expect(eq(u64, promised(), 70));
    pins_sql("UPDATE contents SET promised = 0 WHERE promised > 0"); // as when it is signed
    cr_expect(eq(u64, promised(), 0));
    pins_sql("UPDATE contents SET promised = 9223372036854775807");
    cr_expect(eq(u64, promised(), INT64_MAX));
    pins_sql("UPDATE contents SET promised = 0");
    cr_expect(eq(u64, promised(), 0));
}

Test(operator, what_a_day_costs_on_average)
{
    static const struct {
        const char *rows;
        uint64_t daily;
    } budgets[] = {
        {"(100, 0, 0)", 0},                               // nothing yet
        {"(100, 5, 70)", 70},                             // the first day
        {"(98, 0, 70), (100, 0, 20)", 30},                // three days, one without orders
        {"(93, 0, 7000), (94, 0, 70), (100, 0, 70)", 20}, // the eighth day back does not count
        {"(101, 0, 7000), (100, 0, 10)", 10},             // nor what a wrong clock left in the future
        {"(99, 0, 9223372036854775807), (100, 0, 9223372036854775807)", 9000000000000000000u},
    };
    for (size_t i = 0; i < sizeof budgets / sizeof budgets[0]; i++) {
        char sql[200];
        uint64_t daily = 1;
        pins_sql("DELETE FROM budget");
        snprintf(sql, sizeof sql, "INSERT INTO budget(day, promised, spent) VALUES %s", budgets[i].rows);
        pins_sql(sql);
        cr_assert(eq(int, w3p_budget_daily(pins_reader, &daily, 100, 7), W3P_OK));
        cr_expect(eq(u64, daily, budgets[i].daily), "%zu", i);
    }
}

// ---- accounts ----

static struct w3p_account_use use_of(const char *identity)
{
    struct w3p_account_use use;
    cr_assert(eq(int, w3p_account_use(pins_reader, &use, identity, w3p_clock_day(pins_now_ms)), W3P_OK));
    return use;
}

Test(operator, an_account_is_told_what_its_pins_are_and_what_their_orders_took)
{
    cr_expect(eq(u64, use_of("nobody").queued, 0));
    pins_add("alice", 1, NULL, NULL);
    pins_add("alice", 2, NULL, NULL);
    pins_add("bob", 1, NULL, NULL); // it is ordered for alice already
    make_order(1, W3P_ORDER_SUBMITTED, PINS_NOW_MS);
    pins_sql("UPDATE orders SET state = 4, price = 1000, fee = 7");
    pins_set_state(1, W3P_CONTENT_STORED);
    struct w3p_account_use alice = use_of("alice"), bob = use_of("bob");
    cr_expect(eq(u64, alice.spent, 1007));
    cr_expect(eq(u64, bob.spent, 0));
    cr_expect(eq(u64, alice.pinned, 1));
    cr_expect(eq(u64, alice.queued, 1));
    cr_expect(eq(u64, alice.pins_today, 2));
    cr_expect(eq(u64, bob.pinned, 1));
    // an order that failed took its fee only; a second order counts, too
    make_order(2, W3P_ORDER_SUBMITTED, PINS_NOW_MS);
    pins_sql("UPDATE orders SET state = 5, fee = 9 WHERE price = 0");
    cr_expect(eq(u64, use_of("alice").spent, 1016));
    pins_now_ms += 86400000;
    cr_expect(eq(u64, use_of("alice").pins_today, 0));
    pins_now_ms -= 86400000;
}

Test(operator, its_own_pins_can_be_dropped_and_only_those)
{
    uint64_t count = 0;
    pins_add("alice", 1, NULL, NULL);
    pins_add(W3P_OPERATOR_IDENTITY, 1, NULL, NULL);
    pins_add(W3P_OPERATOR_IDENTITY, 1, "again", NULL);
    pins_add(W3P_OPERATOR_IDENTITY, 2, NULL, NULL);
    cr_assert(eq(int, w3p_pins_drop(pins_under_test, &count, W3P_OPERATOR_IDENTITY, content(1)), W3P_OK));
    cr_expect(eq(u64, count, 2));
    cr_expect(eq(int, pins_number("SELECT pins FROM contents WHERE id = 1"), 1));
    cr_expect(eq(int, pins_number("SELECT count(*) FROM pins"), 2));
    cr_assert(eq(int, w3p_pins_drop(pins_under_test, &count, W3P_OPERATOR_IDENTITY, content(2)), W3P_OK));
    cr_expect(eq(int, pins_number("SELECT state FROM contents WHERE id = 2"), W3P_CONTENT_IDLE));
    cr_assert(eq(int, w3p_pins_drop(pins_under_test, &count, W3P_OPERATOR_IDENTITY, content(2)), W3P_OK));
    cr_expect(eq(u64, count, 0));
}

// ---- views ----

static size_t view(struct w3p_order_view *rows, size_t max, enum w3p_orders_filter filter, int64_t before)
{
    size_t count = 99;
    cr_assert(eq(int, w3p_orders_view(pins_reader, rows, &count, max, filter, before, pins_now_ms), W3P_OK));
    return count;
}

Test(operator, views_have_bounds_and_pages)
{
    struct w3p_order_view rows[4];
    size_t count = 0;
    cr_expect(eq(int, w3p_orders_view(pins_reader, rows, &count, 0, W3P_ORDERS_ALL, 0, 0), W3P_E_LIMIT));
    cr_expect(eq(int, w3p_orders_view(pins_reader, rows, &count, W3P_ORDERS_LIMIT_MAX + 1, W3P_ORDERS_ALL, 0, 0),
                 W3P_E_LIMIT));
    cr_expect(eq(int, w3p_orders_view_one(pins_reader, rows, 1), W3P_E_NOTFOUND));
    cr_expect(eq(sz, view(rows, 4, W3P_ORDERS_ALL, 0), 0));
    for (unsigned i = 1; i <= 3; i++)
        pins_add("alice", i, NULL, NULL);
    cr_expect(eq(sz, view(rows, 2, W3P_ORDERS_ALL, 0), 2));
    cr_expect(eq(str, rows[0].cid, (char *)pins_cid_text(3)));
    cr_expect(eq(sz, view(rows, 2, W3P_ORDERS_ALL, rows[1].content_id), 1));
    cr_expect(eq(str, rows[0].cid, (char *)pins_cid_text(1)));
    cr_expect(not(rows[0].has_order));
    cr_expect(eq(u64, rows[0].size, 2048));
}

Test(operator, a_view_has_the_newest_order_and_the_contents_own_words)
{
    struct w3p_order_view row;
    pins_add("alice", 1, NULL, NULL);
    make_order(1, W3P_ORDER_FAILED, 4000);
    make_order(1, W3P_ORDER_SUBMITTED, 5000);
    pins_sql("UPDATE orders SET error = 'the order''s' WHERE created_ms = 5000");
    cr_assert(eq(int, w3p_orders_view_one(pins_reader, &row, content(1)), W3P_OK));
    cr_expect(row.has_order);
    cr_expect(eq(int, row.order.state, W3P_ORDER_SUBMITTED));
    cr_expect(eq(i64, row.order.signed_ms, 5000));
    cr_expect(eq(u64, row.order.size, 4096));
    cr_expect(eq(u64, row.size, 2048)); // that of the next one
    cr_expect(eq(str, row.order.error, "the order's"));
    cr_expect(eq(str, row.error, ""));
    pins_sql("UPDATE contents SET error = 'the content''s'");
    cr_assert(eq(int, w3p_orders_view_one(pins_reader, &row, content(1)), W3P_OK));
    cr_expect(eq(str, row.error, "the content's"));
}

Test(operator, failed_ones_are_those_that_pins_still_want)
{
    struct w3p_order_view rows[4];
    pins_add("alice", 1, NULL, NULL);
    struct pins_result gone = pins_add("alice", 2, NULL, NULL);
    pins_add("alice", 3, NULL, NULL);
    pins_set_state(1, W3P_CONTENT_REJECTED);
    pins_set_state(2, W3P_CONTENT_REJECTED);
    pins_sql("UPDATE contents SET error = 'Market.FileTooLarge' WHERE id = 1");
    cr_assert(eq(int, pins_delete("alice", gone.requestid), W3P_OK));
    cr_expect(eq(sz, view(rows, 4, W3P_ORDERS_FAILED, 0), 1));
    cr_expect(eq(str, rows[0].cid, (char *)pins_cid_text(1)));
    cr_expect(eq(str, rows[0].error, "Market.FileTooLarge"));
}

// state, milliseconds since it was due or signed or last changed, error; and whether that is called stuck
static const struct {
    enum w3p_content_state state;
    int64_t age_ms;
    const char *error;
    bool stuck;
} ages[] = {
    {W3P_CONTENT_QUEUED, W3P_STUCK_ORDER_MS - 1, "NULL", false},
    {W3P_CONTENT_QUEUED, W3P_STUCK_ORDER_MS, "NULL", true},
    {W3P_CONTENT_QUEUED, -60000, "'put off'", true},
    {W3P_CONTENT_SUBMITTED, W3P_STUCK_ORDER_MS - 1, "NULL", false},
    {W3P_CONTENT_SUBMITTED, W3P_STUCK_ORDER_MS, "NULL", true},
    {W3P_CONTENT_RENEWING, W3P_STUCK_ORDER_MS, "NULL", true},
    {W3P_CONTENT_FINAL, W3P_STUCK_REPLICAS_MS - 1, "NULL", false},
    {W3P_CONTENT_FINAL, W3P_STUCK_REPLICAS_MS, "NULL", true},
    {W3P_CONTENT_STORED, W3P_STUCK_REPLICAS_MS, "NULL", false},
    {W3P_CONTENT_REJECTED, W3P_STUCK_REPLICAS_MS, "'no'", false},
};

Test(operator, stuck_is_what_should_have_moved)
{
    struct w3p_order_view rows[2];
    for (unsigned i = 0; i < sizeof ages / sizeof ages[0]; i++) {
        char sql[256];
        pins_add("alice", i, NULL, NULL);
        if (ages[i].state != W3P_CONTENT_QUEUED)
            make_order(i, W3P_ORDER_FINAL, pins_now_ms - ages[i].age_ms);
        pins_set_state(i, ages[i].state);
        snprintf(sql, sizeof sql, "UPDATE contents SET not_before_ms = %lld, error = %s WHERE id = %lld",
                 (long long)(pins_now_ms - ages[i].age_ms), ages[i].error, (long long)content(i));
        pins_sql(sql);
        cr_expect(eq(sz, view(rows, 2, W3P_ORDERS_STUCK, 0), ages[i].stuck ? 1 : 0), "%u", i);
        pins_sql("UPDATE contents SET state = 0, pins = 0");
    }
}
