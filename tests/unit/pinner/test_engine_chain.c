// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: forks, halted finality, orders that die, a key that somebody else uses, failed and unknown outcomes, and a
// chain that cannot be reached. A second signature exists only after the proof that the first can never land.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "engine_rig.h"

static struct rig rig;

static void setup(void)
{
    rig_open(&rig);
}

static void teardown(void)
{
    rig_close(&rig);
}

TestSuite(engine_chain, .init = setup, .fini = teardown, .timeout = 60);

Test(engine_chain, retracted_block_and_inclusion_elsewhere)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig_step(&rig);
    rig_run(&rig, 1);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_IN_BLOCK));
    fake_retract(&rig.fake, 1, false);
    rig.fake.hold = true;
    rig_run(&rig, 1);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_SUBMITTED));
    cr_assert(eq(int, (int)rig.fake.submits, 2)); // the same bytes, at once
    cr_assert(eq(int, (int)rig.fake.pool_count, 1));
    rig.fake.hold = false;
    rig_run(&rig, 1);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_IN_BLOCK));
    rig_run(&rig, 2);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(i64, rig_number(&rig, "SELECT block FROM receipts"), 12));
    cr_assert(eq(int, (int)rig.fake.signs, 1));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 1));
}

Test(engine_chain, a_shorter_branch_takes_the_order_out)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig_step(&rig);
    rig_run(&rig, 1);
    fake_retract(&rig.fake, 1, true);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_SUBMITTED));
    rig_run(&rig, 1);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_IN_BLOCK));
    rig_run(&rig, 3);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.signs, 1));
}

Test(engine_chain, reincluded_at_the_same_height_in_another_block)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);
    uint8_t before[32];

    rig_step(&rig);
    rig_run(&rig, 1);
    memcpy(before, rig.engine->flights[0].t->block_hash32, 32);
    fake_retract(&rig.fake, 1, true);
    rig_run(&rig, 1);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_IN_BLOCK));
    cr_assert(memcmp(before, rig.engine->flights[0].t->block_hash32, 32) != 0);
    rig_restart(&rig);
    rig_run(&rig, 3);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
}

Test(engine_chain, retracted_while_the_gateway_was_down)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig_step(&rig);
    rig_run(&rig, 1);
    fake_retract(&rig.fake, 1, false);
    rig.fake.hold = true;
    fake_mine(&rig.fake, 5); // the height of the lost block is final by now
    rig_restart(&rig);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_SUBMITTED));
    rig.fake.hold = false;
    rig_step(&rig);
    rig_run(&rig, 4);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.signs, 1));
}

Test(engine_chain, finality_halted)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.finality_halted = true;
    rig_step(&rig);
    rig_run(&rig, 1);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_IN_BLOCK));
    rig_run(&rig, 100); // longer than the order could live, and than what is watched above the finalized head
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_IN_BLOCK));
    cr_assert(eq(int, (int)rig_snapshot(&rig).chain, W3P_CHAIN_STALE));
    int64_t other = rig_pin(&rig, 2, RIG_MIB);
    rig_run(&rig, 2);
    cr_assert(eq(int, rig_state(&rig, other), W3P_CONTENT_QUEUED)); // nothing new is signed
    cr_assert(strstr(rig_waiting(&rig), "finalized head") != NULL);
    cr_assert(eq(int, (int)rig.fake.signs, 1));
    rig.fake.finality_halted = false;
    rig_run(&rig, 8);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(int, rig_state(&rig, other), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 2));
}

Test(engine_chain, nothing_is_signed_that_could_not_land)
{
    rig.settings.head_age_max_s = 0; // any age: only the blocks count
    rig_apply_settings(&rig);
    rig.fake.finality_halted = true;
    rig_run(&rig, 70); // the era of an order that is born at the finalized block is over
    int64_t id = rig_pin(&rig, 1, RIG_MIB);
    rig_run(&rig, 5);
    cr_assert(eq(int, (int)rig.fake.signs, 0));
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
    cr_assert(strstr(rig_waiting(&rig), "blocks behind") != NULL, "%s", rig_waiting(&rig));
    rig.fake.finality_halted = false;
    rig_run(&rig, 8);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.signs, 1));
}

Test(engine_chain, an_era_over_without_inclusion_is_proved_before_a_second_signature)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.drop = true;
    rig_step(&rig);
    cr_assert(eq(u64, rig.engine->flights[0].t->tx.death_block, 8 + 64));
    while (rig.fake.final < 71) {
        rig_run(&rig, 1);
        cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_SUBMITTED));
    }
    cr_assert(eq(int, (int)rig.fake.signs, 1));
    cr_assert(lt(i64, 0, rig_number(&rig, "SELECT spent FROM budget")));
    rig.fake.drop = false;
    rig_run(&rig, 1); // death is final
    cr_assert(eq(int, (int)rig.fake.signs, 2));
    cr_assert(eq(i64, rig_number(&rig, "SELECT state FROM orders ORDER BY id LIMIT 1"), W3P_ORDER_LOST));
    cr_assert(eq(i64, rig_number(&rig, "SELECT attempts FROM contents"), 0));     // not a failure of the content's
    cr_assert(eq(i64, rig_number(&rig, "SELECT spent FROM budget"), 1616 + 200)); // the first one's was given back
    rig_run(&rig, 4);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 1));
}

Test(engine_chain, lost_without_a_pin_is_not_ordered_again)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.drop = true;
    rig_step(&rig);
    rig_unpin(&rig, id);
    rig_run(&rig, 70);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_IDLE));
    cr_assert(eq(int, (int)rig.fake.signs, 1));
}

Test(engine_chain, foreign_use_of_the_key)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    fake_script(&rig.fake, FAKE_LOSE_REQUEST);
    fake_foreign(&rig.fake);
    rig_step(&rig);
    rig_run(&rig, 40);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_SIGNED)); // its nonce is gone, but only death proves
    cr_assert(eq(int, (int)rig.fake.signs, 1));
    rig_run(&rig, 40);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.signs, 2));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 1));
    cr_assert(eq(i64, rig_number(&rig, "SELECT max(nonce) FROM receipts"), 1));
    // Whether the first one was paid is not known for sure: its money stays spent, and it counts as an attempt.
    cr_assert(eq(i64, rig_number(&rig, "SELECT spent FROM budget"), 1616 + 200 + 1600 + 200));
    cr_assert(eq(i64, rig_number(&rig, "SELECT attempts FROM contents"), 1));
}

// A node that hides the blocks' contents and denies the entry at the same time is paid a bounded number of times.
Test(engine_chain, orders_that_vanish_with_their_nonce_are_not_repeated_for_ever)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    for (int i = 0; i < 1000; i++) {
        if (rig.fake.pool_count == 0 && i % 10 == 0)
            fake_foreign(&rig.fake);
        if (rig.fake.script_len == FAKE_SCRIPT)
            rig.fake.script_len = rig.fake.script_at = 0;
        while (rig.fake.script_len < FAKE_SCRIPT)
            fake_script(&rig.fake, FAKE_LOSE_REQUEST);
        if (rig.fake.best + 1 < FAKE_BLOCKS)
            rig_run(&rig, 1);
    }
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_REJECTED));
    cr_assert(eq(int, (int)rig.fake.signs, 3));
}

// An order that counts as dead while its bytes may land would be signed again and again.
Test(engine_chain, an_order_with_a_false_birth_is_neither_stored_nor_sent)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig_run(&rig, 100);
    id = rig_pin(&rig, 2, RIG_MIB);
    unsigned signs = rig.fake.signs;
    int64_t orders = rig_orders(&rig);
    for (uint64_t shift = 1; shift <= 65; shift += 32) {
        rig.fake.birth_shift = shift;
        rig_run(&rig, 1);
        cr_assert(strstr(rig_waiting(&rig), "another head") != NULL, "%s", rig_waiting(&rig));
    }
    cr_assert(eq(int, (int)rig.fake.signs, (int)signs + 3));
    cr_assert(eq(i64, rig_orders(&rig), orders));
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
    rig.fake.birth_shift = 0;
    rig_run(&rig, 4);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
}

Test(engine_chain, an_absurd_price_does_not_hang_the_order)
{
    int64_t first = rig_pin(&rig, 1, RIG_MIB), second = rig_pin(&rig, 2, RIG_MIB);

    rig.fake.false_price = ~(w3p_u128)0;
    rig_step(&rig);
    rig_run(&rig, 4);
    cr_assert(eq(int, rig_state(&rig, first), W3P_CONTENT_FINAL));
    cr_assert(eq(int, rig_state(&rig, second), W3P_CONTENT_FINAL));
    cr_assert(eq(i64, rig_number(&rig, "SELECT spent FROM budget"), INT64_MAX));
}

Test(engine_chain, a_connection_that_the_node_closes_is_trouble)
{
    (void)rig_pin(&rig, 1, RIG_MIB);
    rig_step(&rig);
    rig.fake.down = W3P_E_CLOSED;
    (void)w3p_engine_step(rig.engine);
    cr_assert(eq(int, (int)rig_snapshot(&rig).chain, W3P_CHAIN_UNREACHABLE));
    cr_assert(eq(uint, rig.engine->failures, 1u));
}

Test(engine_chain, a_gap_left_by_a_lost_order_is_filled_first)
{
    int64_t a = rig_pin(&rig, 1, RIG_MIB), b, c;

    rig.fake.drop = true;
    rig_step(&rig); // nonce 0, never lands
    rig_run(&rig, 10);
    rig.fake.drop = false;
    b = rig_pin(&rig, 2, RIG_MIB);
    for (int i = 0; i < 12; i++)
        fake_script(&rig.fake, FAKE_ANSWER + W3P_SUBMIT_FUTURE); // nonce 0 is missing in every pool
    rig_run(&rig, 1);
    cr_assert(eq(u32, rig.engine->flights[1].t->tx.nonce, 1));
    rig.fake.script_len = rig.fake.script_at = 0;
    rig.fake.hold = true;
    rig.fake.drop = true;
    rig_run(&rig, 58); // the first is dead
    cr_assert(eq(int, rig_state(&rig, a), W3P_CONTENT_SUBMITTED));
    rig.fake.drop = false;
    c = rig_pin(&rig, 3, RIG_MIB);
    rig_run(&rig, 1);
    cr_assert(eq(int, (int)rig.engine->flight_count, 3));
    cr_assert(eq(u32, rig.engine->flights[0].t->tx.nonce, 0));
    cr_assert(eq(i64, rig.engine->flights[0].t->orders[0].content_id, a));
    cr_assert(eq(u32, rig.engine->flights[2].t->tx.nonce, 2));
    rig.fake.hold = false;
    rig_wait_ms(&rig, W3P_RESEND_MS);
    rig_step(&rig);
    rig_run(&rig, 6);
    cr_assert(eq(int, rig_state(&rig, a), W3P_CONTENT_FINAL));
    cr_assert(eq(int, rig_state(&rig, b), W3P_CONTENT_FINAL));
    cr_assert(eq(int, rig_state(&rig, c), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 3));
}

Test(engine_chain, permanent_dispatch_error_rejects)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);
    char error[200];

    rig.fake.fail_orders = 1;
    rig.fake.fail_permanent = true;
    rig_step(&rig);
    rig_run(&rig, 4);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_REJECTED));
    rig_text(&rig, error, sizeof(error), "SELECT error FROM contents");
    cr_assert(strstr(error, "Market.Scripted") != NULL);
    cr_assert(eq(i64, rig_number(&rig, "SELECT spent FROM budget"), 200)); // the fee is gone, the price is not
    cr_assert(eq(i64, rig_number(&rig, "SELECT fee FROM orders"), 200));
    rig_run(&rig, 30);
    cr_assert(eq(int, (int)rig.fake.signs, 1));
    (void)rig_pin(&rig, 1, RIG_MIB); // a new request makes a new order
    rig_step(&rig);
    rig_run(&rig, 4);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
}

Test(engine_chain, transient_dispatch_error_is_tried_again_a_bounded_number_of_times)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.fail_orders = 99;
    rig_step(&rig);
    rig_run(&rig, 3);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
    cr_assert(eq(int, (int)rig.fake.signs, 1)); // not at once
    rig_run(&rig, 5);
    cr_assert(eq(int, (int)rig.fake.signs, 2));
    rig_run(&rig, 100);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_REJECTED));
    cr_assert(eq(int, (int)rig.fake.signs, 3));
    cr_assert(eq(int, (int)rig.fake.orders_failed, 3));
}

Test(engine_chain, a_failure_that_is_not_the_orders_own_never_rejects)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.fail_orders = 5; // a market that is off, an account that is empty: more often than max_attempts
    rig.fake.fail_blameless = true;
    rig_step(&rig);
    for (unsigned i = 0; i < 60 && rig.fake.orders_ok == 0; i++) {
        rig_run(&rig, 1);
        cr_assert(ne(int, rig_state(&rig, id), W3P_CONTENT_REJECTED));
    }
    rig_run(&rig, 4);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.orders_failed, 5));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 1));
}

Test(engine_chain, transient_dispatch_error_then_success)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.fail_orders = 2;
    rig_step(&rig);
    rig_run(&rig, 40);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 1));
}

Test(engine_chain, pruned_outcome_is_judged_by_the_entry)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.outcomes_pruned = true;
    rig_step(&rig);
    rig_run(&rig, 3);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(i64, rig_number(&rig, "SELECT state FROM orders"), W3P_ORDER_FINAL));
}

Test(engine_chain, pruned_outcome_without_entry_is_a_failure)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.outcomes_pruned = true;
    rig.fake.fail_orders = 1;
    rig_step(&rig);
    rig_run(&rig, 3);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
    rig_run(&rig, 10);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 1));
}

Test(engine_chain, a_long_absence_is_caught_up_before_anything_is_concluded)
{
    int64_t early = rig_pin(&rig, 1, RIG_MIB), late, fresh;

    rig.fake.hold = true;
    rig_step(&rig);
    rig_run(&rig, 50);
    rig.fake.hold = false;
    fake_mine(&rig.fake, 1); // the first lands
    rig.fake.hold = true;
    late = rig_pin(&rig, 2, RIG_MIB);
    rig_step(&rig);
    fake_mine(&rig.fake, 40);
    rig.fake.hold = false;
    fake_mine(&rig.fake, 100); // and the second, more blocks later than one tick searches
    fresh = rig_pin(&rig, 3, RIG_MIB);
    rig_restart(&rig);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, early), W3P_CONTENT_FINAL));
    cr_assert(eq(int, rig_state(&rig, late), W3P_CONTENT_SUBMITTED)); // its death is final, but not searched to
    cr_assert(eq(int, rig_state(&rig, fresh), W3P_CONTENT_QUEUED));   // nor is anything signed meanwhile
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, late), W3P_CONTENT_FINAL));
    cr_assert(eq(int, rig_state(&rig, fresh), W3P_CONTENT_SUBMITTED));
    cr_assert(eq(i64, rig_number(&rig, "SELECT count(*) FROM orders WHERE state = 4"), 2));
    cr_assert(eq(int, (int)rig.fake.signs, 3));
}

static void add_flight(uint32_t nonce, uint64_t birth)
{
    struct w3p_transaction *t = w3p_calloc(1, sizeof(*t));

    t->tx.nonce = nonce;
    t->tx.birth_block = birth;
    t->tx.death_block = birth + 64;
    w3p_engine_add(rig.engine, t);
}

Test(engine_chain, the_search_starts_at_the_oldest_birth)
{
    add_flight(0, 70); // a gap that was filled late: low nonce, late birth
    add_flight(1, 10);
    cr_assert(eq(u64, rig.engine->cursor, 11));
    add_flight(2, 20);
    cr_assert(eq(u64, rig.engine->cursor, 11));
}

// Steps that may fail, with time between them.
static void step_anyhow(unsigned times)
{
    while (times-- > 0) {
        (void)w3p_engine_step(rig.engine);
        rig_wait_ms(&rig, 1000);
    }
}

Test(engine_chain, pruned_blocks_leave_the_nonce_and_the_entry_as_proof)
{
    int64_t landed = rig_pin(&rig, 1, RIG_MIB), lost;

    rig_step(&rig);
    fake_mine(&rig.fake, 100);
    rig.fake.bodies_pruned_below = 100;
    rig_restart(&rig);
    step_anyhow(2);
    cr_assert(eq(int, rig_state(&rig, landed), W3P_CONTENT_SUBMITTED)); // perhaps the node is only late
    step_anyhow(6);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, landed), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.signs, 1));
    cr_assert(eq(i64, rig_number(&rig, "SELECT state FROM orders"), W3P_ORDER_FINAL)); // paid, not lost
    rig.fake.drop = true;
    lost = rig_pin(&rig, 2, RIG_MIB);
    rig_run(&rig, 1);
    fake_mine(&rig.fake, 100);
    rig.fake.bodies_pruned_below = rig.fake.best - 1;
    rig.fake.drop = false;
    step_anyhow(8);
    rig_run(&rig, 4);
    cr_assert(eq(int, rig_state(&rig, lost), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.signs, 3));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 2));
}

Test(engine_chain, unreachable_and_back)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.down = W3P_E_UNREACHABLE;
    step_anyhow(3);
    cr_assert(eq(int, (int)rig_snapshot(&rig).chain, W3P_CHAIN_UNREACHABLE));
    cr_assert(strstr(rig_waiting(&rig), "down") != NULL);
    cr_assert(eq(int, (int)rig_snapshot(&rig).queued, 1));
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
    rig.fake.down = W3P_OK;
    rig_step(&rig);
    cr_assert(eq(int, (int)rig_snapshot(&rig).chain, W3P_CHAIN_OK));
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_SUBMITTED));
    cr_assert(eq(str, (char *)rig_waiting(&rig), ""));
}

Test(engine_chain, an_outage_is_told_to_the_next_pin_too)
{
    rig.fake.down = W3P_E_UNREACHABLE;
    step_anyhow(1);
    cr_assert(eq(int, (int)rig_snapshot(&rig).queued, 0));
    cr_assert(strstr(rig_waiting(&rig), "down") != NULL, "a pin that comes before the next look has its reason");
    rig.fake.down = W3P_OK;
    rig_step(&rig);
    cr_assert(eq(str, (char *)rig_waiting(&rig), ""));
}

Test(engine_chain, syncing_node_signs_nothing)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.syncing = true;
    rig_run(&rig, 2);
    cr_assert(eq(int, (int)rig_snapshot(&rig).chain, W3P_CHAIN_SYNCING));
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
}

Test(engine_chain, only_an_older_head_is_unhealthy)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig_wait_ms(&rig, -3600000); // our clock is behind the chain's
    rig_step(&rig);
    cr_assert(eq(int, (int)rig_snapshot(&rig).chain, W3P_CHAIN_OK));
    rig_wait_ms(&rig, 3600000 + 121000);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig_snapshot(&rig).chain, W3P_CHAIN_STALE));
    (void)id;
}

Test(engine_chain, an_endpoint_that_is_behind_proves_nothing)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);
    uint64_t best = rig.fake.best, final = rig.fake.final;

    rig_step(&rig);
    rig_run(&rig, 5);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    rig_step(&rig);
    rig_restart(&rig);
    uint64_t true_best = rig.fake.best, true_final = rig.fake.final;
    rig.fake.best = best;
    rig.fake.final = final;
    rig_step(&rig);
    cr_assert(eq(int, (int)rig_snapshot(&rig).chain, W3P_CHAIN_SYNCING));
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL)); // the entry is not there yet, in the past
    rig.fake.best = true_best;
    rig.fake.final = true_final;
    rig_run(&rig, 2);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.signs, 1));
}
