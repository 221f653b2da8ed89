// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: an order is placed once, whatever gets lost between us and the node, and whenever the process dies.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "engine_rig.h"
#include "store/db.h"

static struct rig rig;

static void setup(void)
{
    rig_open(&rig);
}

static void teardown(void)
{
    rig_close(&rig);
}

TestSuite(engine_orders, .init = setup, .fini = teardown, .timeout = 60);

// From wherever it is to pinned: exactly one order succeeded on chain.
static void expect_one_order(int64_t id)
{
    rig_run(&rig, 8);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    rig_store_replicas(&rig, rig_cid(1), 3);
    rig_run(&rig, 4);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_STORED));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 1));
}

Test(engine_orders, reply_lost_after_acceptance)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    fake_script(&rig.fake, FAKE_LOSE_REPLY);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_SIGNED)); // nothing is known about it
    rig_wait_ms(&rig, W3P_UNCLEAR_MS);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_SUBMITTED));
    expect_one_order(id);
    cr_assert(eq(int, (int)rig.fake.signs, 1));
}

Test(engine_orders, request_lost_again_and_again)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    for (int i = 0; i < 4; i++)
        fake_script(&rig.fake, FAKE_LOSE_REQUEST);
    for (int i = 0; i < 5; i++) {
        rig_step(&rig);
        rig_wait_ms(&rig, W3P_RESEND_MS);
    }
    cr_assert(eq(int, (int)rig.fake.submits, 5));
    expect_one_order(id);
    cr_assert(eq(int, (int)rig.fake.signs, 1));
}

Test(engine_orders, unclear_answers_are_spaced_out)
{
    (void)rig_pin(&rig, 1, RIG_MIB);
    for (int i = 0; i < 3; i++)
        fake_script(&rig.fake, FAKE_LOSE_REQUEST);
    rig_step(&rig);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.submits, 1));
    rig_wait_ms(&rig, W3P_UNCLEAR_MS);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.submits, 2));
    rig_wait_ms(&rig, W3P_UNCLEAR_MS);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.submits, 2)); // the second wait is twice as long
    rig_wait_ms(&rig, W3P_UNCLEAR_MS);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.submits, 3));
}

Test(engine_orders, killed_between_signing_and_sending)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    fake_script(&rig.fake, FAKE_LOSE_REQUEST);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_SIGNED));
    rig_restart(&rig);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_SUBMITTED));
    expect_one_order(id);
    cr_assert(eq(int, (int)rig.fake.signs, 1));
}

Test(engine_orders, killed_between_sending_and_answer)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    fake_script(&rig.fake, FAKE_LOSE_REPLY);
    rig_step(&rig);
    rig_restart(&rig);
    fake_mine(&rig.fake, 1); // in a block before the new process has looked
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_IN_BLOCK));
    expect_one_order(id);
    cr_assert(eq(int, (int)rig.fake.signs, 1));
}

Test(engine_orders, killed_at_every_tick)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    for (int i = 0; i < 12; i++) {
        rig_step(&rig);
        rig_restart(&rig);
        rig_step(&rig);
        fake_mine(&rig.fake, 1);
        rig_restart(&rig);
    }
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 1));
    cr_assert(eq(int, (int)rig.fake.signs, 1));
}

Test(engine_orders, killed_and_down_for_longer_than_the_order_lives)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig_step(&rig);
    w3p_engine_destroy(rig.engine);
    rig.engine = NULL;
    fake_mine(&rig.fake, 300); // landed in the first of them
    rig_restart(&rig);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.signs, 1));
}

static const struct {
    int answer;
    enum w3p_content_state after; // the answer alone
} answers[] = {
    {FAKE_ANSWER + W3P_SUBMIT_BANNED, W3P_CONTENT_SUBMITTED}, {FAKE_ANSWER + W3P_SUBMIT_PRIORITY, W3P_CONTENT_SIGNED},
    {FAKE_ANSWER + W3P_SUBMIT_FUTURE, W3P_CONTENT_SIGNED},    {FAKE_ANSWER + W3P_SUBMIT_FULL, W3P_CONTENT_SIGNED},
    {FAKE_ANSWER + W3P_SUBMIT_PAYMENT, W3P_CONTENT_SIGNED},   {FAKE_ANSWER + W3P_SUBMIT_BAD, W3P_CONTENT_SIGNED},
    {FAKE_ANSWER + W3P_SUBMIT_STALE, W3P_CONTENT_SIGNED},     {FAKE_ANSWER + W3P_SUBMIT_UNCLEAR, W3P_CONTENT_SIGNED},
};

ParameterizedTestParameters(engine_orders, no_answer_makes_a_second_signature)
{
    static int index[sizeof(answers) / sizeof(answers[0])];

    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
        index[i] = (int)i;
    return cr_make_param_array(int, index, sizeof(answers) / sizeof(answers[0]));
}

ParameterizedTest(int *i, engine_orders, no_answer_makes_a_second_signature)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    fake_script(&rig.fake, answers[*i].answer);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), (int)answers[*i].after));
    cr_assert(eq(int, (int)rig.fake.pool_count, 0));
    rig_wait_ms(&rig, W3P_RESEND_MS);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_SUBMITTED));
    expect_one_order(id);
    cr_assert(eq(int, (int)rig.fake.signs, 1));
}

Test(engine_orders, resent_while_in_no_block_and_not_after)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.hold = true;
    rig_step(&rig);
    rig_run(&rig, 11); // 66 s
    cr_assert(eq(int, (int)rig.fake.submits, 3));
    rig.fake.hold = false;
    rig_run(&rig, 1);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_IN_BLOCK));
    rig.fake.finality_halted = true; // it stays in its block for longer than a sent one waits
    rig_run(&rig, 20);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_IN_BLOCK));
    cr_assert(eq(int, (int)rig.fake.submits, 3));
}

// What one node refused or keeps to itself goes to the next one without the wait; nodes that take turns get it no more
// often than any other.
Test(engine_orders, another_node_is_sent_it_at_once)
{
    (void)rig_pin(&rig, 1, RIG_MIB);
    rig.fake.hold = true;
    rig.fake.source = 1;
    fake_script(&rig.fake, FAKE_ANSWER + W3P_SUBMIT_BAD);
    rig_step(&rig);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.submits, 1));
    rig_wait_ms(&rig, W3P_UNCLEAR_MS);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.submits, 1), "the same node is not asked again so soon");
    rig.fake.source = 2;
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.submits, 2));
    for (uint32_t i = 0; i < 8; i++) {
        rig.fake.source = 1 + i % 2;
        rig_step(&rig);
    }
    cr_assert(eq(int, (int)rig.fake.submits, 2), "nothing twice within the shortest wait");
    rig_wait_ms(&rig, W3P_UNCLEAR_MS);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.submits, 3));
    cr_assert(eq(int, (int)rig.fake.signs, 1));
}

Test(engine_orders, what_can_land_no_more_is_not_sent)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);
    uint64_t death;
    unsigned before;

    rig.fake.drop = true;
    rig.fake.finality_halted = true; // or its death would be proved, and a new one signed
    rig_step(&rig);
    death = (uint64_t)rig_number(&rig, "SELECT death_block FROM receipts");
    while (rig.fake.best < death)
        rig_run(&rig, 1);
    before = rig.fake.submits;
    cr_assert(ge(uint, before, 5));
    rig_run(&rig, 20);
    cr_assert(eq(uint, rig.fake.submits, before));
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_SUBMITTED));
}

Test(engine_orders, a_dead_endpoint_costs_one_timeout_a_tick)
{
    for (unsigned i = 1; i <= 4; i++) {
        (void)rig_pin(&rig, i, RIG_MIB);
        fake_script(&rig.fake, FAKE_LOSE_REQUEST);
    }
    rig_step(&rig);
    cr_assert(eq(int, (int)rig_snapshot(&rig).in_flight, 4));
    cr_assert(eq(int, (int)rig.fake.submits, 1));
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.submits, 2));
}

Test(engine_orders, two_pins_of_one_content)
{
    int64_t a = rig_pin(&rig, 1, RIG_MIB), b = rig_pin(&rig, 1, RIG_MIB);

    cr_assert(eq(i64, a, b));
    rig_step(&rig);
    (void)rig_pin(&rig, 1, RIG_MIB);
    expect_one_order(a);
    (void)rig_pin(&rig, 1, RIG_MIB);
    rig_run(&rig, 10);
    cr_assert(eq(i64, rig_orders(&rig), 1));
}

Test(engine_orders, last_pin_gone_while_queued)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig_unpin(&rig, id);
    rig_run(&rig, 5);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_IDLE));
    cr_assert(eq(i64, rig_orders(&rig), 0));
    cr_assert(eq(int, (int)rig.fake.signs, 0));
    (void)rig_pin(&rig, 1, RIG_MIB); // wanted again
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_SUBMITTED));
}

Test(engine_orders, last_pin_gone_after_signing_is_followed_to_the_end)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    fake_script(&rig.fake, FAKE_LOSE_REQUEST);
    rig_step(&rig);
    rig_unpin(&rig, id);
    rig_wait_ms(&rig, W3P_RESEND_MS);
    rig_step(&rig);
    expect_one_order(id);
}

Test(engine_orders, price_fee_and_place_are_recorded_and_the_rest_refunded)
{
    int64_t id = rig_pin(&rig, 1, 3 * RIG_MIB);

    rig_step(&rig);
    cr_assert(eq(i64, rig_number(&rig, "SELECT reserved FROM orders"), 1800 + 18 + 200));
    cr_assert(eq(i64, rig_number(&rig, "SELECT spent FROM budget"), 2018));
    rig_run(&rig, 4);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(i64, rig_number(&rig, "SELECT price FROM orders"), 1800));
    cr_assert(eq(i64, rig_number(&rig, "SELECT fee FROM orders"), 200));
    cr_assert(eq(i64, rig_number(&rig, "SELECT block FROM receipts"), 11));
    cr_assert(eq(i64, rig_number(&rig, "SELECT spent FROM budget"), 2000));
    cr_assert(eq(i64, rig_number(&rig, "SELECT length(block_hash) FROM receipts"), 32));
}

// Found by the kill test: the first tick after a start settles before it has read the terms.
Test(engine_orders, a_fee_that_no_block_tells_is_estimated_also_after_a_restart)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.silent_fee = true;
    rig_step(&rig);
    fake_mine(&rig.fake, 8);
    rig_restart(&rig);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(i64, rig_number(&rig, "SELECT fee FROM orders"), 200));
    cr_assert(eq(i64, rig_number(&rig, "SELECT spent FROM budget"), 1600 + 200));
}

Test(engine_orders, several_in_flight_take_consecutive_nonces)
{
    for (unsigned i = 1; i <= 12; i++)
        (void)rig_pin(&rig, i, RIG_MIB);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig_snapshot(&rig).in_flight, 8));
    cr_assert(eq(int, (int)rig_snapshot(&rig).queued, 4));
    cr_assert(eq(i64, rig_number(&rig, "SELECT max(nonce) - min(nonce) FROM receipts"), 7));
    rig_run(&rig, 12);
    cr_assert(eq(int, (int)rig.fake.orders_ok, 12));
    cr_assert(eq(int, (int)rig.fake.signs, 12));
    cr_assert(eq(int, (int)rig_snapshot(&rig).in_flight, 0));
    cr_assert(eq(i64, rig_number(&rig, "SELECT count(*) FROM contents WHERE state = 5"), 12));
}

Test(engine_orders, oldest_first)
{
    rig.settings.max_in_flight = 1;
    rig_apply_settings(&rig);
    int64_t first = rig_pin(&rig, 1, RIG_MIB);
    rig_wait_ms(&rig, 5);
    int64_t second = rig_pin(&rig, 2, RIG_MIB);

    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, first), W3P_CONTENT_SUBMITTED));
    cr_assert(eq(int, rig_state(&rig, second), W3P_CONTENT_QUEUED));
}

static int run_trigger(struct w3p_write *self, struct w3p_db *db)
{
    (void)self;
    return w3p_db_exec(w3p_db_prepare(db, "CREATE TRIGGER full BEFORE INSERT ON orders BEGIN"
                                          " SELECT raise(ABORT, 'no'); END"));
}

Test(engine_orders, nothing_is_sent_that_is_not_on_the_disk)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);
    struct w3p_write trigger = {.run = run_trigger};

    cr_assert(eq(int, w3p_store_write_wait(rig.store, &trigger), W3P_OK));
    rig_run(&rig, 3);
    cr_assert(ge(int, (int)rig.fake.signs, 1));
    cr_assert(eq(int, (int)rig.fake.submits, 0));
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
    cr_assert(eq(int, (int)rig_snapshot(&rig).in_flight, 0));
}

Test(engine_orders, an_order_that_cannot_be_signed_waits_without_holding_others_up)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.sign_err = W3P_E_UNSUPPORTED;
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
    cr_assert(strstr(rig_reason(&rig), "cannot sign this") != NULL);
    rig.fake.sign_err = W3P_OK;
    int64_t other = rig_pin(&rig, 2, RIG_MIB);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, other), W3P_CONTENT_SUBMITTED));
    rig_run(&rig, 15);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
}
