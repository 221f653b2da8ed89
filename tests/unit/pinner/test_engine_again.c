// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a content that was ordered before is paid again only when the chain's backend has proved that nothing came
// of the order before; and an order's end that other nodes contradict is not believed.
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

TestSuite(engine_again, .init = setup, .fini = teardown, .timeout = 60);

Test(engine_again, nothing_failed_is_paid_again_without_proof)
{
    static const int errors[] = {W3P_E_BUSY, W3P_E_STATE, W3P_E_PROTOCOL, W3P_E_REMOTE};
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.fail_orders = 1;
    rig_step(&rig);
    rig_run(&rig, 4);
    cr_assert(eq(i64, rig_number(&rig, "SELECT state FROM orders"), W3P_ORDER_FAILED));
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        rig.fake.disprove_err = errors[i];
        rig_wait_ms(&rig, 61000);
        rig_run(&rig, 2);
        cr_assert(eq(int, (int)rig.fake.signs, 1), "%zu", i);
        cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
        cr_assert(strstr(rig_reason(&rig), "no proof") != NULL, "%s", rig_reason(&rig));
    }
    rig.fake.disprove_err = W3P_OK;
    rig_wait_ms(&rig, 61000);
    rig_run(&rig, 5);
    cr_assert(eq(int, (int)rig.fake.signs, 2));
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
}

Test(engine_again, one_without_proof_does_not_hold_up_the_others)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB), other;

    rig.fake.fail_orders = 1;
    rig_step(&rig);
    rig_run(&rig, 4);
    rig.fake.disprove_err = W3P_E_STATE;
    other = rig_pin(&rig, 2, RIG_MIB);
    rig_wait_ms(&rig, 61000);
    rig_run(&rig, 5);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
    cr_assert(eq(int, rig_state(&rig, other), W3P_CONTENT_FINAL));
}

Test(engine_again, a_first_order_needs_no_proof)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.disprove_err = W3P_E_STATE;
    rig_step(&rig);
    rig_run(&rig, 4);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.disproofs, 0));
}

// One step, and how many proofs it asked for.
static unsigned proofs_of_a_step(void)
{
    unsigned before = rig.fake.disproofs;

    rig_run(&rig, 1);
    return rig.fake.disproofs - before;
}

Test(engine_again, a_tick_asks_for_so_many_proofs_and_the_next_one_goes_on)
{
    enum { PINS = 60, BATCH = 8 };
    unsigned most = 0, proofs, blocks = 0;

    rig.settings.batch_max = BATCH;
    rig.settings.max_in_flight = 32;
    rig_apply_settings(&rig);
    for (unsigned i = 1; i <= PINS; i++)
        (void)rig_pin(&rig, i, RIG_MIB);
    rig.fake.drop = true;
    rig_step(&rig);
    cr_assert(eq(i64, rig_orders(&rig), PINS));
    for (; rig_number(&rig, "SELECT count(*) FROM orders WHERE state = 6") < PINS; blocks++) {
        proofs = proofs_of_a_step();
        most = proofs > most ? proofs : most;
        rig.fake.drop = rig_orders(&rig) == PINS; // the second ones land
        cr_assert(lt(u32, blocks, 100));
    }
    for (; rig_number(&rig, "SELECT count(*) FROM contents WHERE state = 5") < PINS; blocks++) {
        proofs = proofs_of_a_step();
        most = proofs > most ? proofs : most;
        cr_assert(lt(u32, blocks, 200));
    }
    cr_assert(lt(u32, W3P_PROOFS_PER_TICK - 1, most));
    cr_assert(lt(u32, most, W3P_PROOFS_PER_TICK + 2 * BATCH)); // a batch is not torn, and what is left goes, too
    cr_assert(eq(int, (int)rig.fake.double_orders, 0));
}

// A transaction that is lost takes one proof, however many orders it holds: so each is one order here.
Test(engine_again, a_tick_buries_so_many_and_the_next_one_goes_on)
{
    enum { PINS = 60 };
    unsigned most = 0, proofs, blocks = 0;

    rig.settings.batch_max = 1;
    rig.settings.max_in_flight = PINS;
    rig_apply_settings(&rig);
    for (unsigned i = 1; i <= PINS; i++)
        (void)rig_pin(&rig, i, RIG_MIB);
    rig.fake.drop = true;
    rig_step(&rig);
    cr_assert(eq(i64, rig_orders(&rig), PINS));
    for (; rig_number(&rig, "SELECT count(*) FROM orders WHERE state = 6") < PINS; blocks++) {
        proofs = proofs_of_a_step();
        most = proofs > most ? proofs : most;
        cr_assert(lt(u32, blocks, 200));
    }
    cr_assert(eq(u32, most, W3P_PROOFS_PER_TICK));
}

Test(engine_again, a_death_that_another_node_contradicts_is_not_believed)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.drop = true;
    rig_step(&rig);
    rig.fake.disprove_err = W3P_E_STATE;
    while (rig.fake.final < 75) {
        fake_mine(&rig.fake, 1);
        rig.now_ms += 6000;
        (void)w3p_engine_step(rig.engine);
    }
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_SUBMITTED));
    cr_assert(eq(int, (int)rig.fake.signs, 1));
    cr_assert(strstr(rig_waiting(&rig), "no proof") != NULL, "%s", rig_waiting(&rig));
    rig.fake.disprove_err = W3P_E_BUSY; // nobody contradicts, nobody confirms: dead, and the next one waits for proof
    rig_step(&rig);
    cr_assert(eq(i64, rig_number(&rig, "SELECT state FROM orders"), W3P_ORDER_SUBMITTED), "asked again at a new head");
    rig_run(&rig, 1);
    cr_assert(eq(i64, rig_number(&rig, "SELECT state FROM orders"), W3P_ORDER_LOST));
    cr_assert(eq(int, (int)rig.fake.signs, 1));
}

Test(engine_again, an_end_that_is_contradicted_stops_nothing_else)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB), other;
    unsigned asked, submits;

    rig.fake.fail_orders = 1;
    rig.fake.disprove_err = W3P_E_STATE;
    rig_step(&rig);
    rig_run(&rig, 4);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_IN_BLOCK));
    cr_assert(strstr(rig_waiting(&rig), "no proof") != NULL, "%s", rig_waiting(&rig));
    other = rig_pin(&rig, 2, RIG_MIB);
    rig_step(&rig);
    submits = rig.fake.submits;
    rig_run(&rig, 5);
    cr_assert(eq(int, rig_state(&rig, other), W3P_CONTENT_FINAL));
    asked = rig.fake.disproofs;
    rig_step(&rig);
    rig_wait_ms(&rig, W3P_RESEND_MS);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.disproofs, (int)asked), "once at each finalized head");
    rig_run(&rig, 70); // past its death: it is in a block, and neither lost nor sent again
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_IN_BLOCK));
    cr_assert(eq(int, (int)rig.fake.submits, (int)submits));
    rig_restart(&rig); // found again
    rig_run(&rig, 2);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_IN_BLOCK));
    rig.fake.disprove_err = W3P_OK;
    rig_run(&rig, 1);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
    cr_assert(eq(i64, rig_number(&rig, "SELECT state FROM orders WHERE id = 1"), W3P_ORDER_FAILED));
    rig_wait_ms(&rig, 31000);
    rig_run(&rig, 4);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.signs, 3));
}

// The node that showed the block is outvoted: in the block that the others have at this height the order succeeded.
Test(engine_again, a_contradicted_block_that_is_gone_is_searched_for_again)
{
    struct w3p_flight *flight = &rig.engine->flights[0];

    (void)rig_pin(&rig, 1, RIG_MIB);
    rig.fake.fail_orders = 1;
    rig.fake.disprove_err = W3P_E_STATE;
    rig_step(&rig);
    rig_run(&rig, 4);
    cr_assert(lt(u64, 0, flight->final.number));
    flight->final.hash32[0] ^= 1;
    rig.fake.blocks[flight->final.number].outcomes[0].items[0] =
        (struct w3p_chain_item){.end = W3P_ITEM_OK, .price = 1};
    rig_run(&rig, 2);
    cr_assert(eq(i64, rig_number(&rig, "SELECT state FROM orders WHERE id = 1"), W3P_ORDER_FINAL));
}

Test(engine_again, what_the_books_know_of_the_order_before)
{
    struct w3p_chain_prior *prior = &rig.fake.prior;
    uint64_t birth;

    (void)rig_pin(&rig, 1, RIG_MIB);
    rig.fake.drop = true;
    rig_step(&rig);
    birth = rig.engine->flights[0].t->tx.birth_block;
    while (rig.fake.final < birth + 64)
        rig_run(&rig, 1);
    cr_assert(eq(int, (int)rig.fake.signs, 2));
    cr_assert(not(prior->paid));
    cr_assert(not(prior->renewal));
    cr_assert(eq(u64, prior->settled_block, birth + 64));
    cr_assert(eq(u64, prior->birth_block, birth));
    cr_assert(memcmp(prior->birth_hash32, rig.fake.blocks[birth].hash32, 32) == 0);
    cr_assert(eq(u32, prior->nonce, 0));
    cr_assert(eq(u32, rig.fake.prior_new_nonce, 0));
    cr_assert(lt(u64, 1600, (uint64_t)prior->cost));
    cr_assert(lt(u64, (uint64_t)prior->cost, 1817)); // 1616 and a fee of 200, and no margin
    cr_assert(eq(u64, (uint64_t)prior->explained, 0));
}

// Content 1 fails in the same block as two others are paid.
static void fail_beside_two(void)
{
    rig.fake.fail_cid = rig_cid(1);
    for (unsigned i = 1; i <= 3; i++) {
        (void)rig_pin(&rig, i, RIG_MIB);
        rig_wait_ms(&rig, 1);
    }
    rig_step(&rig);
    rig_run(&rig, 4);
    cr_assert(eq(i64, rig_number(&rig, "SELECT count(DISTINCT block) FROM receipts WHERE state IN (4, 5)"), 1));
    rig.fake.fail_cid = NULL;
}

// With a queue that moves on, later payments would add up to any sum.
Test(engine_again, what_was_paid_up_to_its_end_explains_and_nothing_later)
{
    fail_beside_two();
    rig.fake.disprove_err = W3P_E_BUSY;
    for (unsigned i = 4; i <= 9; i++)
        (void)rig_pin(&rig, i, RIG_MIB);
    rig_run(&rig, 20);
    cr_assert(eq(i64, rig_number(&rig, "SELECT count(*) FROM orders WHERE state = 4"), 8));
    cr_assert(lt(uint, 1, rig.fake.disproofs));
    cr_assert(eq(u64, (uint64_t)rig.fake.prior.explained, 2 * (1600 + 200)));
    cr_assert(eq(i64, rig_number(&rig, "SELECT block FROM receipts WHERE content = 1 ORDER BY id LIMIT 1"),
                 (int64_t)rig.fake.prior.settled_block));
}

// Sums of what a node says must not end in an error that stays in the books.
Test(engine_again, prices_that_a_node_made_up_do_not_stop_the_engine)
{
    rig.fake.false_price = INT64_MAX / 4 * 3; // two of them are more than a sum can hold
    fail_beside_two();
    cr_assert(eq(i64, rig_number(&rig, "SELECT min(price) FROM orders WHERE state = 4"), INT64_MAX / 4 * 3));
    rig.fake.false_price = 0;
    rig_wait_ms(&rig, 31000);
    rig_run(&rig, 5);
    cr_assert(eq(int, rig_state(&rig, 1), W3P_CONTENT_FINAL));
}
