// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: several orders in one transaction: when, how many, what each of them ends as, what it costs, and that nobody
// pays for what is not wanted any more.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "engine_rig.h"

static struct rig rig;

static void setup(void)
{
    rig_open(&rig);
    rig.settings.batch_max = W3P_CHAIN_BATCH_MAX;
    rig_apply_settings(&rig);
}

static void teardown(void)
{
    rig_close(&rig);
}

TestSuite(engine_batch, .init = setup, .fini = teardown, .timeout = 60);

static void pin_many(unsigned first, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        (void)rig_pin(&rig, first + i, RIG_MIB);
        rig_wait_ms(&rig, 1); // in this order
    }
}

static int64_t count_of(const char *what)
{
    char sql[200];

    (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", what);
    return rig_number(&rig, sql);
}

// Nobody pays for what the books do not know, and the other way round.
static void expect_books(void)
{
    w3p_u128 taken = 1000000000 - rig.fake.blocks[rig.fake.best].balance;

    cr_assert(eq(i64, rig_number(&rig, "SELECT sum(price + fee) FROM orders"), (int64_t)taken));
    cr_assert(eq(i64, rig_number(&rig, "SELECT sum(spent) FROM budget"), (int64_t)taken));
    cr_assert(eq(i64, count_of("extrinsics x WHERE fee <> (SELECT sum(fee) FROM orders WHERE tx = x.id)"), 0));
}

Test(engine_batch, one_alone_goes_by_itself_and_many_go_together)
{
    pin_many(1, 1);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.largest, 1));
    pin_many(2, 21);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.signs, 1 + 3)); // 8, 8 and 5
    cr_assert(eq(int, (int)rig.fake.largest, FAKE_BATCH));
    cr_assert(eq(i64, count_of("extrinsics"), 4));
    cr_assert(eq(i64, rig_number(&rig, "SELECT max(nonce) FROM extrinsics"), 3));
    cr_assert(eq(int, (int)rig_snapshot(&rig).in_flight, 22));
    rig_run(&rig, 6);
    cr_assert(eq(int, (int)rig.fake.orders_ok, 22));
    cr_assert(eq(i64, count_of("contents WHERE state = 5"), 22));
    cr_assert(eq(i64, count_of("orders WHERE state = 4 AND event = item AND price = 1600"), 22));
    cr_assert(eq(int, (int)rig_snapshot(&rig).in_flight, 0));
    expect_books();
}

Test(engine_batch, not_more_than_the_settings_allow)
{
    rig.settings.batch_max = 3;
    rig.settings.max_in_flight = 2;
    rig_apply_settings(&rig);
    pin_many(1, 10);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.signs, 2));
    cr_assert(eq(int, (int)rig_snapshot(&rig).in_flight, 6));
    cr_assert(eq(int, (int)rig_snapshot(&rig).queued, 4));
    rig_run(&rig, 8);
    cr_assert(eq(int, (int)rig.fake.signs, 4));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 10));
}

Test(engine_batch, a_chain_without_batches_gets_single_orders)
{
    rig.fake.info.batch_max = 1;
    pin_many(1, 5);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.signs, 5));
    rig_run(&rig, 5);
    cr_assert(eq(int, (int)rig.fake.orders_ok, 5));
}

// An old tick's knowledge would do: 0 is what a chain says that knows nothing of them.
Test(engine_batch, a_chain_that_says_nothing_of_batches_gets_single_orders)
{
    cr_assert(eq(int, (int)w3p_engine_batch_max(rig.engine), 1));
    rig_step(&rig);
    cr_assert(eq(int, (int)w3p_engine_batch_max(rig.engine), FAKE_BATCH));
}

Test(engine_batch, the_one_that_fails_fails_alone_and_those_behind_it_go_again_at_once)
{
    rig.fake.fail_cid = rig_cid(3);
    rig.fake.fail_permanent = true;
    pin_many(1, 6);
    rig_step(&rig);
    rig_run(&rig, 3);
    cr_assert(eq(i64, count_of("contents WHERE state = 5"), 2));
    cr_assert(eq(i64, count_of("contents WHERE state = 8 AND error LIKE '%Market.Scripted%'"), 1));
    cr_assert(eq(i64, count_of("contents WHERE state IN (2, 3) AND attempts = 0"), 3)); // signed in the same tick
    cr_assert(eq(i64, count_of("orders WHERE state = 5 AND error LIKE 'not tried%' AND fee = 0 AND event IS NULL"), 3));
    cr_assert(
        eq(i64, count_of("orders WHERE state = 5 AND error LIKE 'Market.Scripted%' AND fee > 0 AND event = 2"), 1));
    cr_assert(eq(int, (int)rig.fake.signs, 2));
    rig_run(&rig, 4);
    cr_assert(eq(i64, count_of("contents WHERE state = 5"), 5));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 5));
    cr_assert(eq(int, (int)rig.fake.orders_failed, 1));
    expect_books();
}

Test(engine_batch, a_failure_for_no_fault_of_its_own_is_tried_again_and_counts_nothing)
{
    rig.fake.fail_orders = 1;
    rig.fake.fail_blameless = true;
    pin_many(1, 4);
    rig_step(&rig);
    rig_run(&rig, 20);
    cr_assert(eq(i64, count_of("contents WHERE state = 5 AND attempts = 0"), 4));
    expect_books();
}

// A fee that is no multiple of the orders: to the planck all the same.
Test(engine_batch, the_fee_is_shared_exactly)
{
    rig.fake.terms.tx_fee = 1001;
    pin_many(1, 7);
    rig_step(&rig);
    rig_run(&rig, 5);
    cr_assert(eq(i64, rig_number(&rig, "SELECT fee FROM extrinsics"), 7 * 1001 - 3));
    cr_assert(eq(i64, rig_number(&rig, "SELECT max(fee) - min(fee) FROM orders"), 1));
    expect_books();
}

Test(engine_batch, a_fee_that_no_block_tells_is_estimated_for_all)
{
    rig.fake.silent_fee = true;
    pin_many(1, 3);
    rig_step(&rig);
    rig_run(&rig, 5);
    cr_assert(eq(i64, rig_number(&rig, "SELECT fee FROM extrinsics"), 600));
    cr_assert(eq(i64, rig_number(&rig, "SELECT sum(fee) FROM orders"), 600));
}

static int64_t leaving;

static void leave(void *arg)
{
    (void)arg;
    rig.fake.after_sign = NULL;
    rig_unpin(&rig, leaving);
}

static void grow(void *arg)
{
    (void)arg;
    rig.fake.after_sign = NULL;
    (void)rig_pin(&rig, 2, 2 * RIG_MIB);
}

// Between the decision and the commit a pin may go: the bytes that were signed with it are neither stored nor sent.
Test(engine_batch, what_nobody_wants_any_more_is_left_out_of_a_new_signature)
{
    leaving = rig_pin(&rig, 1, RIG_MIB);
    pin_many(2, 3);
    rig.fake.after_sign = leave;
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.signs, 2));
    cr_assert(eq(int, (int)rig.fake.submits, 1));
    cr_assert(eq(i64, count_of("extrinsics WHERE nonce = 0"), 1));
    cr_assert(eq(i64, rig_orders(&rig), 3));
    rig_run(&rig, 5);
    cr_assert(eq(int, rig_state(&rig, leaving), W3P_CONTENT_IDLE));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 3));
    expect_books();
}

Test(engine_batch, what_became_larger_is_left_out_and_ordered_as_large_as_it_is)
{
    pin_many(1, 3);
    rig.fake.after_sign = grow;
    rig_step(&rig);
    cr_assert(eq(i64, rig_orders(&rig), 2));
    cr_assert(eq(int, (int)rig.fake.submits, 1));
    rig_run(&rig, 6);
    cr_assert(eq(i64, count_of("orders WHERE state = 4 AND size = 2097152"), 1));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 3));
}

Test(engine_batch, the_last_one_gone_stores_nothing)
{
    leaving = rig_pin(&rig, 1, RIG_MIB);
    rig.fake.after_sign = leave;
    rig_step(&rig);
    cr_assert(eq(i64, count_of("extrinsics"), 0));
    cr_assert(eq(int, (int)rig.fake.submits, 0));
}

Test(engine_batch, a_day_pays_for_as_many_as_it_can)
{
    rig.settings.planck_per_day = 3 * 1816 + 1815; // each reserves 1816
    rig_apply_settings(&rig);
    pin_many(1, 6);
    rig_step(&rig);
    cr_assert(eq(i64, rig_orders(&rig), 3));
    cr_assert(eq(int, (int)rig.fake.submits, 1));
    cr_assert(strstr(rig_waiting(&rig), "planck_per_day") != NULL, "%s", rig_waiting(&rig));
    rig_run(&rig, 15);
    cr_assert(eq(int, (int)rig.fake.orders_ok, 4)); // what was reserved and not taken paid for one more
    cr_assert(rig_number(&rig, "SELECT spent FROM budget") <= (int64_t)rig.settings.planck_per_day);
}

Test(engine_batch, a_balance_pays_for_as_many_as_it_can)
{
    pin_many(1, 6);
    rig.fake.blocks[rig.fake.best].balance = 100000 + 4 * 1816 + 1815;
    fake_mine(&rig.fake, 3);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.orders_signed, 4));
    cr_assert(eq(int, (int)rig.fake.signs, 1));
    cr_assert(strstr(rig_waiting(&rig), "operator account") != NULL, "%s", rig_waiting(&rig));
    rig_run(&rig, 20);
    cr_assert(eq(int, (int)rig.fake.orders_ok, 5)); // what was reserved and not taken paid for one more
}

Test(engine_batch, one_too_dear_is_left_out_and_stops_nobody)
{
    rig.settings.max_order_planck = 2000;
    rig_apply_settings(&rig);
    pin_many(1, 2);
    int64_t dear = rig_pin(&rig, 3, 100 * RIG_MIB);
    pin_many(4, 2);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, dear), W3P_CONTENT_QUEUED));
    cr_assert(eq(int, (int)rig.fake.signs, 1));
    cr_assert(eq(int, (int)rig.fake.orders_signed, 4));
}

Test(engine_batch, one_that_cannot_be_signed_is_found_and_waits)
{
    rig.fake.unsignable = rig_cid(2);
    pin_many(1, 4);
    rig_step(&rig);
    cr_assert(eq(i64, rig_orders(&rig), 3));
    cr_assert(strstr(rig_reason(&rig), "cannot sign one") != NULL, "%s", rig_reason(&rig));
    rig_run(&rig, 5);
    cr_assert(eq(int, (int)rig.fake.orders_ok, 3));
}

Test(engine_batch, one_that_cannot_be_looked_up_waits)
{
    rig.fake.poison = rig_cid(2);
    pin_many(1, 4);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.signs, 1));
    cr_assert(eq(i64, rig_orders(&rig), 3));
}

static void slow_disk(void *arg)
{
    (void)arg;
    rig_wait_ms(&rig, 7);
}

// Put off one by one, at times of their own, they are due together all the same.
Test(engine_batch, what_waits_for_proof_together_goes_together)
{
    rig.fake.fail_cid = rig_cid(1);
    pin_many(1, 5);
    rig_step(&rig);
    rig.fake.disprove_err = W3P_E_BUSY;
    rig.fake.after_disprove = slow_disk;
    rig_run(&rig, 6);
    cr_assert(eq(i64, count_of("contents WHERE state = 1"), 5));
    cr_assert(eq(i64, rig_number(&rig, "SELECT count(DISTINCT not_before_ms) FROM contents WHERE attempts = 0"), 1));
    rig.fake.disprove_err = W3P_OK;
    rig.fake.fail_cid = NULL;
    rig_run(&rig, 15);
    cr_assert(eq(int, (int)rig.fake.orders_ok, 5));
    cr_assert(le(int, (int)rig.fake.signs, 3)); // the one that failed waits for another reason
}

// One fee, no attempt: then one by one, until the runtime is another.
Test(engine_batch, a_runtime_that_refuses_batches_gets_single_orders)
{
    rig.fake.refuse_batches = true;
    pin_many(1, 4);
    rig_step(&rig);
    rig_run(&rig, 8);
    cr_assert(eq(int, (int)rig.fake.signs, 1 + 4));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 4));
    cr_assert(eq(i64, count_of("contents WHERE attempts > 0"), 0));
    expect_books();
    rig.fake.refuse_batches = false;
    rig.fake.info.spec_version++;
    pin_many(5, 2);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.signs, 6));
}

Test(engine_batch, an_outcome_that_is_not_known_is_told_by_the_entries)
{
    rig.fake.outcomes_pruned = true;
    rig.fake.fail_cid = rig_cid(3);
    pin_many(1, 4);
    rig_step(&rig);
    rig_run(&rig, 4);
    cr_assert(eq(i64, count_of("orders WHERE state = 4"), 2));
    cr_assert(eq(i64, count_of("orders WHERE state = 5 AND fee = reserved"), 2));
    cr_assert(eq(i64, count_of("contents WHERE state = 5"), 2));
    rig.fake.fail_cid = NULL;
    rig_run(&rig, 20);
    cr_assert(eq(i64, count_of("contents WHERE state = 5"), 4));
}

Test(engine_batch, killed_at_every_tick)
{
    pin_many(1, 12);
    for (int i = 0; i < 12; i++) {
        rig_step(&rig);
        rig_restart(&rig);
        rig_step(&rig);
        fake_mine(&rig.fake, 1);
        rig_restart(&rig);
    }
    cr_assert(eq(i64, count_of("contents WHERE state = 5"), 12));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 12));
    cr_assert(eq(int, (int)rig.fake.signs, 2));
    expect_books();
}

Test(engine_batch, lost_as_a_whole_and_signed_again_as_a_whole)
{
    rig.fake.drop = true;
    pin_many(1, 5);
    rig_step(&rig);
    rig_run(&rig, 63);
    cr_assert(eq(i64, count_of("extrinsics WHERE state = 6"), 0)); // not final yet
    rig.fake.drop = false;
    rig_run(&rig, 8);
    cr_assert(eq(i64, count_of("extrinsics WHERE state = 6"), 1));
    cr_assert(eq(i64, count_of("orders WHERE state = 6"), 5));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 5));
    cr_assert(eq(int, (int)rig.fake.signs, 2));
    expect_books();
}

Test(engine_batch, retracted_and_in_another_block)
{
    pin_many(1, 5);
    rig_step(&rig);
    rig_run(&rig, 1);
    cr_assert(eq(i64, count_of("contents WHERE state = 4"), 5));
    fake_retract(&rig.fake, 1, false);
    rig.fake.hold = true;
    rig_run(&rig, 1);
    cr_assert(eq(i64, count_of("contents WHERE state = 3"), 5));
    cr_assert(eq(i64, count_of("extrinsics WHERE block = 0 AND block_hash IS NULL"), 1));
    rig.fake.hold = false;
    rig_run(&rig, 6);
    cr_assert(eq(int, (int)rig.fake.orders_ok, 5));
    cr_assert(eq(int, (int)rig.fake.signs, 1));
}

// A queue of thousands costs a tick no more than what fits into it.
Test(engine_batch, a_tick_looks_at_so_many_and_no_more)
{
    rig.settings.max_in_flight = W3P_FLIGHT_MAX;
    rig_apply_settings(&rig);
    for (unsigned i = 0; i < W3P_PLACE_PER_TICK + 50; i++)
        (void)rig_pin(&rig, i, RIG_MIB);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.orders_signed, W3P_PLACE_PER_TICK));
    cr_assert(
        eq(int, (int)rig.fake.files_calls, (W3P_PLACE_PER_TICK + W3P_PLACE_PER_LOOKUP - 1) / W3P_PLACE_PER_LOOKUP));
}
