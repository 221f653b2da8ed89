// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what keeps a content in the queue (market, money, budget, traps), that it says why, and that it goes on when
// the reason is gone; and contents that need no order at all.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

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

TestSuite(engine_gate, .init = setup, .fini = teardown, .timeout = 60);

static void expect_held(int64_t id, const char *why, bool own)
{
    rig_run(&rig, 3);
    for (int i = 0; i < 2; i++) { // the second time at the same head: the reason stays
        cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
        const char *told = own ? rig_reason(&rig) : rig_waiting(&rig);
        cr_assert(strstr(told, why) != NULL, "told: %s", told);
        rig_step(&rig);
    }
    cr_assert(eq(int, (int)rig.fake.signs, 0));
}

// For a reason that holds for all.
static void expect_waiting(int64_t id, const char *why)
{
    expect_held(id, why, false);
}

// For a reason of this content alone.
static void expect_deferred(int64_t id, const char *why)
{
    expect_held(id, why, true);
}

static void expect_ordered(int64_t id, unsigned blocks)
{
    rig_run(&rig, blocks);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 1));
}

Test(engine_gate, market_closed)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.terms.market_open = false;
    expect_waiting(id, "market");
    cr_assert(not(rig_snapshot(&rig).market_open));
    rig.fake.terms.market_open = true;
    expect_ordered(id, 5);
    cr_assert(rig_snapshot(&rig).market_open);
}

Test(engine_gate, balance_gone)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    // price 1600, its margin 16, fee 200, existential deposit 100000
    rig.fake.blocks[rig.fake.best].balance = 100000 + 1816 - 1;
    fake_mine(&rig.fake, 3);
    expect_waiting(id, "operator account");
    rig.fake.blocks[rig.fake.best].balance = 100000 + 1816;
    expect_ordered(id, 7);
}

Test(engine_gate, balance_counts_what_is_in_flight)
{
    for (unsigned i = 1; i <= 3; i++)
        (void)rig_pin(&rig, i, RIG_MIB);
    rig.fake.blocks[rig.fake.best].balance = 100000 + 2 * 1816 + 1000;
    fake_mine(&rig.fake, 3);
    rig_run(&rig, 3);
    cr_assert(eq(int, (int)rig.fake.signs, 2));
    cr_assert(eq(int, (int)rig_snapshot(&rig).queued, 1));
    rig_run(&rig, 20);
    cr_assert(eq(int, (int)rig.fake.signs, 2));
    rig.fake.blocks[rig.fake.best].balance += 10000;
    rig_run(&rig, 8);
    cr_assert(eq(int, (int)rig.fake.orders_ok, 3));
}

Test(engine_gate, price_above_the_cap)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB), cheap;

    rig.settings.max_order_planck = 1799; // price and fee are 1800
    rig_apply_settings(&rig);
    expect_deferred(id, "max_order_planck");
    rig.settings.max_order_planck = 1800;
    rig_apply_settings(&rig);
    expect_ordered(id, 20);
    cheap = rig_pin(&rig, 2, 1);
    (void)cheap;
}

// What was put off is not asked for again before its time.
Test(engine_gate, what_is_put_off_waits)
{
    unsigned before;

    (void)rig_pin(&rig, 1, RIG_MIB);
    rig.settings.max_order_planck = 1799;
    rig_apply_settings(&rig);
    rig_run(&rig, 1);
    before = rig.fake.files_calls;
    cr_assert(not(eq(uint, before, 0)));
    rig_run(&rig, 9); // 54 s
    cr_assert(eq(uint, rig.fake.files_calls, before));
    rig_run(&rig, 2);
    cr_assert(eq(uint, rig.fake.files_calls, before + 1));
}

Test(engine_gate, price_above_the_cap_does_not_hold_cheaper_ones_up)
{
    int64_t id = rig_pin(&rig, 1, 100 * RIG_MIB), cheap;

    rig.settings.max_order_planck = 2000;
    rig_apply_settings(&rig);
    cheap = rig_pin(&rig, 2, RIG_MIB);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
    cr_assert(eq(int, rig_state(&rig, cheap), W3P_CONTENT_SUBMITTED));
}

Test(engine_gate, an_order_that_no_day_can_pay_does_not_hold_others_up)
{
    int64_t id = rig_pin(&rig, 1, 100 * RIG_MIB), cheap;

    rig.settings.planck_per_day = 3000;
    rig_apply_settings(&rig);
    cheap = rig_pin(&rig, 2, RIG_MIB);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
    cr_assert(strstr(rig_reason(&rig), "planck_per_day") != NULL, "%s", rig_reason(&rig));
    cr_assert(eq(int, rig_state(&rig, cheap), W3P_CONTENT_SUBMITTED));
}

Test(engine_gate, a_full_disk_says_nothing_about_the_chain)
{
    struct rlimit before, none;
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig_step(&rig);
    cr_assert(eq(int, rig_snapshot(&rig).chain, W3P_CHAIN_OK));
    (void)rig_pin(&rig, 2, RIG_MIB);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &none);
    int err = w3p_engine_step(rig.engine);
    setrlimit(RLIMIT_FSIZE, &before);
    cr_assert(ne(int, err, W3P_OK));
    cr_assert(eq(int, rig_snapshot(&rig).chain, W3P_CHAIN_OK));
    cr_assert(strstr(rig_waiting(&rig), "stored") != NULL, "%s", rig_waiting(&rig));
    rig_wait_ms(&rig, 60000);
    rig_run(&rig, 20);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 2));
}

// Whoever has a queued pin reads `waiting`: it must not tell what others pin.
Test(engine_gate, the_reason_of_one_content_is_not_told_to_all)
{
    (void)rig_pin(&rig, 1, 100 * RIG_MIB);
    rig.settings.max_order_planck = 2000;
    rig_apply_settings(&rig);
    rig_run(&rig, 3);
    cr_assert(eq(str, (char *)rig_waiting(&rig), ""));
}

Test(engine_gate, budget_of_the_day)
{
    int64_t a = rig_pin(&rig, 1, RIG_MIB), b = rig_pin(&rig, 2, RIG_MIB);

    rig.settings.planck_per_day = 2 * 1816 - 1;
    rig_apply_settings(&rig);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, a), W3P_CONTENT_SUBMITTED));
    cr_assert(eq(int, rig_state(&rig, b), W3P_CONTENT_QUEUED));
    cr_assert(strstr(rig_waiting(&rig), "planck_per_day") != NULL);
    rig_run(&rig, 1);
    cr_assert(eq(int, rig_state(&rig, b), W3P_CONTENT_QUEUED));
    rig_run(&rig, 1);
    rig_wait_ms(&rig, 86400000); // a new day
    rig_run(&rig, 7);
    cr_assert(eq(int, rig_state(&rig, b), W3P_CONTENT_FINAL));
    cr_assert(eq(i64, rig_number(&rig, "SELECT count(*) FROM budget WHERE spent > 0"), 2));
}

// To the planck: both orders with their margins …
Test(engine_gate, budget_of_the_day_is_exact)
{
    int64_t a = rig_pin(&rig, 1, RIG_MIB), b = rig_pin(&rig, 2, RIG_MIB);

    rig.settings.planck_per_day = 2 * 1816;
    rig_apply_settings(&rig);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, a), W3P_CONTENT_SUBMITTED));
    cr_assert(eq(int, rig_state(&rig, b), W3P_CONTENT_SUBMITTED));
}

// … and one whose day has just as much as it needs.
Test(engine_gate, budget_of_the_day_for_one_order_is_exact)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.settings.planck_per_day = 1815;
    rig_apply_settings(&rig);
    expect_deferred(id, "planck_per_day");
    rig.settings.planck_per_day = 1816;
    rig_apply_settings(&rig);
    expect_ordered(id, 20);
}

Test(engine_gate, too_large_is_rejected_in_words)
{
    int64_t id = rig_pin(&rig, 1, (uint64_t)8 << 30), fits;
    char error[200];

    fits = rig_pin(&rig, 2, ((uint64_t)8 << 30) - 1);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_REJECTED));
    cr_assert(eq(int, rig_state(&rig, fits), W3P_CONTENT_SUBMITTED));
    rig_text(&rig, error, sizeof(error), "SELECT error FROM contents WHERE state = 8");
    cr_assert(strstr(error, "larger than the chain accepts") != NULL);
}

// What one answer of one node says must not fail pins for good.
Test(engine_gate, absurd_terms_and_entries_fail_no_pin)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.terms.size_max = 0;
    expect_waiting(id, "terms cannot be");
    rig.fake.terms.size_max = (uint64_t)8 << 30;
    *fake_file(&rig.fake, rig_cid(1)) =
        (struct w3p_chain_file){.exists = true, .size = UINT64_MAX, .expires_at_block = 5, .replicas = 2};
    fake_mine(&rig.fake, 3);
    expect_deferred(id, "larger than the chain accepts");
    fake_remove(&rig.fake, rig_cid(1));
    expect_ordered(id, 20);
}

Test(engine_gate, monstrous_prices_do_not_wrap_round)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.terms.base_fee = ~(w3p_u128)0;
    expect_deferred(id, "max_order_planck");
    rig.fake.terms.base_fee = ~(w3p_u128)0 - 600;
    rig_wait_ms(&rig, 60000);
    expect_deferred(id, "max_order_planck");
}

Test(engine_gate, griefing_trap)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    *fake_file(&rig.fake, rig_cid(1)) = (struct w3p_chain_file){.exists = true, .size = 1};
    fake_mine(&rig.fake, 3);
    expect_deferred(id, "smaller size");
    rig_run(&rig, 30);
    cr_assert(eq(int, (int)rig.fake.signs, 0));
    fake_remove(&rig.fake, rig_cid(1)); // closed by the chain as illegal
    expect_ordered(id, 20);
}

Test(engine_gate, griefing_trap_under_the_alternate_spelling_hurts_nobody)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    *fake_file(&rig.fake, rig_alternate(1)) = (struct w3p_chain_file){.exists = true, .size = 1};
    fake_mine(&rig.fake, 3);
    rig_step(&rig);
    expect_ordered(id, 5);
}

static const struct {
    const char *name;
    bool alternate;
    struct w3p_chain_file entry;
    int after; // contents.state
} adopted[] = {
    {"stored by others", false, {true, 77, 5000000, 5}, W3P_CONTENT_STORED},
    {"stored by others, other spelling", true, {true, 77, 5000000, 5}, W3P_CONTENT_STORED},
    {"few replicas", false, {true, 77, 5000000, 1}, W3P_CONTENT_FINAL},
    {"ordered, same size, no replica", false, {true, RIG_MIB, 0, 0}, W3P_CONTENT_FINAL},
    {"ordered larger, other spelling", true, {true, 2 * RIG_MIB, 0, 0}, W3P_CONTENT_FINAL},
};

ParameterizedTestParameters(engine_gate, already_on_chain)
{
    static int index[sizeof(adopted) / sizeof(adopted[0])];

    for (size_t i = 0; i < sizeof(adopted) / sizeof(adopted[0]); i++)
        index[i] = (int)i;
    return cr_make_param_array(int, index, sizeof(adopted) / sizeof(adopted[0]));
}

ParameterizedTest(int *i, engine_gate, already_on_chain)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);
    const char *cid = adopted[*i].alternate ? rig_alternate(1) : rig_cid(1);

    *fake_file(&rig.fake, cid) = adopted[*i].entry;
    fake_mine(&rig.fake, 3);
    rig_step(&rig);
    cr_assert(rig_state(&rig, id) == (enum w3p_content_state)adopted[*i].after, "%s", adopted[*i].name);
    rig_run(&rig, 20);
    cr_assert(rig_state(&rig, id) == (enum w3p_content_state)adopted[*i].after, "%s", adopted[*i].name);
    cr_assert(eq(int, (int)rig.fake.signs, 0));
    cr_assert(eq(i64, rig_number(&rig, "SELECT replicas FROM contents"), adopted[*i].entry.replicas));
    rig_store_replicas(&rig, cid, 4);
    rig_run(&rig, 25);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_STORED));
    cr_assert(eq(i64, rig_number(&rig, "SELECT replicas FROM contents"), 4));
}

// Somebody's larger order came first, and ours failed: his entry serves, and our order is no receipt for it.
Test(engine_gate, an_order_that_failed_is_no_receipt_of_what_another_ordered)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.fail_orders = 1;
    rig_step(&rig);
    rig_run(&rig, 4);
    cr_assert(eq(i64, rig_number(&rig, "SELECT order_id IS NOT NULL AND order_tx IS NOT NULL FROM contents"), 1));
    *fake_file(&rig.fake, rig_cid(1)) = (struct w3p_chain_file){.exists = true, .size = 2 * RIG_MIB};
    rig_run(&rig, 8);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.signs, 1));
    cr_assert(eq(i64,
                 rig_number(&rig, "SELECT order_id IS NULL AND order_tx IS NULL AND order_block + order_size = 0"
                                  " FROM contents"),
                 1));
    cr_assert(eq(i64, rig_number(&rig, "SELECT state FROM orders"), W3P_ORDER_FAILED)); // the books keep it
}

// A paid one stays what it was, also when it is adopted after all.
Test(engine_gate, an_order_that_was_paid_stays_the_receipt)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig_step(&rig);
    rig_run(&rig, 4);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    fake_remove(&rig.fake, rig_cid(1));
    rig_run(&rig, 3);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
    *fake_file(&rig.fake, rig_cid(1)) = (struct w3p_chain_file){.exists = true, .size = 4 * RIG_MIB};
    rig_run(&rig, 13);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.signs, 1));
    cr_assert(eq(i64, rig_number(&rig, "SELECT order_id FROM contents"), 1));
}

#define YEAR_MS 31536000000

// What was accepted while the clock was a year ahead does not wait for that year.
Test(engine_gate, a_clock_that_was_far_ahead_holds_nothing_up)
{
    int64_t before, ahead;

    rig.now_ms += YEAR_MS;
    ahead = rig_pin(&rig, 1, RIG_MIB);
    rig.now_ms -= YEAR_MS;
    before = rig_pin(&rig, 2, RIG_MIB);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, before), W3P_CONTENT_SUBMITTED));
    cr_assert(eq(int, rig_state(&rig, ahead), W3P_CONTENT_SUBMITTED));
    rig_run(&rig, 5);
    cr_assert(eq(int, (int)rig.fake.orders_ok, 2));
}

// What was put off a moment ago is not due because the clock went back a little.
Test(engine_gate, a_clock_that_is_set_back_by_an_hour_makes_nothing_due)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    *fake_file(&rig.fake, rig_cid(1)) = (struct w3p_chain_file){.exists = true, .size = 1};
    fake_mine(&rig.fake, 3);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
    rig.now_ms -= 3600000;
    unsigned calls = rig.fake.files_calls;
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.files_calls, (int)calls));
}

Test(engine_gate, expired_but_not_closed_is_ordered_again)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    *fake_file(&rig.fake, rig_cid(1)) =
        (struct w3p_chain_file){.exists = true, .size = 500, .expires_at_block = 5, .replicas = 2};
    fake_mine(&rig.fake, 3);
    rig_step(&rig);
    cr_assert(eq(i64, rig_number(&rig, "SELECT size FROM orders"), 500)); // a verified size is declared as it is
    expect_ordered(id, 5);
}

Test(engine_gate, nearly_over_is_ordered_for_its_expiry)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    *fake_file(&rig.fake, rig_cid(1)) =
        (struct w3p_chain_file){.exists = true, .size = 500, .expires_at_block = 400000, .replicas = 3};
    fake_mine(&rig.fake, 3);
    rig_step(&rig);
    rig_run(&rig, 4);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_STORED));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 1));
    cr_assert(lt(i64, 2592000, rig_number(&rig, "SELECT expires_at_block FROM contents")));
}

Test(engine_gate, one_unreadable_entry_does_not_hold_the_others_up)
{
    int64_t bad = rig_pin(&rig, 1, RIG_MIB), good;

    rig.fake.poison = rig_cid(1);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, bad), W3P_CONTENT_QUEUED));
    cr_assert(strstr(rig_reason(&rig), "poisoned") != NULL);
    good = rig_pin(&rig, 2, RIG_MIB);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, good), W3P_CONTENT_SUBMITTED));
    rig.fake.poison = NULL;
    rig_run(&rig, 16);
    cr_assert(eq(int, rig_state(&rig, bad), W3P_CONTENT_FINAL));
}

// … nor those that are asked for together with it, again and again.
Test(engine_gate, one_unreadable_entry_does_not_hold_its_neighbours_up)
{
    int64_t first = rig_pin(&rig, 1, RIG_MIB), bad = rig_pin(&rig, 2, RIG_MIB), last = rig_pin(&rig, 3, RIG_MIB);

    rig.fake.poison = rig_cid(2);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, first), W3P_CONTENT_SUBMITTED));
    cr_assert(eq(int, rig_state(&rig, bad), W3P_CONTENT_QUEUED));
    cr_assert(eq(int, rig_state(&rig, last), W3P_CONTENT_SUBMITTED));
}

Test(engine_gate, what_needs_no_order_does_not_wait_for_room)
{
    rig.settings.max_in_flight = 1;
    rig_apply_settings(&rig);
    for (unsigned i = 0; i < 10; i++) {
        *fake_file(&rig.fake, rig_cid(i)) =
            (struct w3p_chain_file){.exists = true, .size = 77, .expires_at_block = 5000000, .replicas = 5};
        (void)rig_pin(&rig, i, RIG_MIB);
    }
    for (unsigned i = 10; i < 13; i++)
        (void)rig_pin(&rig, i, RIG_MIB);
    fake_mine(&rig.fake, 3);
    rig_step(&rig);
    cr_assert(eq(i64, rig_number(&rig, "SELECT count(*) FROM contents WHERE state = 6"), 10));
    cr_assert(eq(int, (int)rig.engine->flight_count, 1));
    cr_assert(eq(int, (int)rig_snapshot(&rig).queued, 2));
}

Test(engine_gate, blocked_queue_asks_once_per_head)
{
    unsigned before;

    rig.fake.blocks[rig.fake.best].balance = 0;
    rig_run(&rig, 3);
    (void)rig_pin(&rig, 1, RIG_MIB);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.signs, 0));
    before = rig.fake.files_calls;
    cr_assert(not(eq(uint, before, 0)));
    for (int i = 0; i < 20; i++)
        rig_step(&rig);
    cr_assert(eq(uint, rig.fake.files_calls, before));
    rig_run(&rig, 1);
    cr_assert(eq(uint, rig.fake.files_calls, before + 1));
}

Test(engine_gate, what_could_be_ordered)
{
    cr_assert(w3p_engine_orderable(rig.engine, UINT64_MAX)); // nothing is known yet
    rig_step(&rig);
    cr_assert(w3p_engine_orderable(rig.engine, ((uint64_t)8 << 30) - 1));
    cr_assert(not(w3p_engine_orderable(rig.engine, (uint64_t)8 << 30)));
    rig.settings.max_order_planck = 1800;
    rig_apply_settings(&rig);
    cr_assert(w3p_engine_orderable(rig.engine, RIG_MIB)); // by the terms of before the restart
    cr_assert(not(w3p_engine_orderable(rig.engine, RIG_MIB + 1)));
}

// It is part of the price: of what is promised, of the caps, of what is set aside and of what is taken.
Test(engine_gate, tip)
{
    int64_t id;

    rig.fake.base.tip = 1000; // price 2600, its margin 26, fee 200
    rig_step(&rig);
    cr_assert(eq(u64, w3p_engine_estimate(rig.engine, RIG_MIB), 2800));
    rig.settings.max_order_planck = 2799;
    rig_apply_settings(&rig);
    cr_assert(not(w3p_engine_orderable(rig.engine, RIG_MIB)));
    id = rig_pin(&rig, 1, RIG_MIB);
    expect_deferred(id, "max_order_planck");
    rig.settings.max_order_planck = 2800;
    rig.settings.planck_per_day = 2825;
    rig_apply_settings(&rig);
    rig_wait_ms(&rig, 60000); // it was put off
    expect_deferred(id, "planck_per_day");
    rig.settings.planck_per_day = 2826;
    rig_apply_settings(&rig);
    expect_ordered(id, 20);
    rig_run(&rig, 5);
    cr_assert(eq(i64, rig_number(&rig, "SELECT price FROM orders"), 2600));
    cr_assert(eq(u64, (uint64_t)(1000000000 - rig.fake.blocks[rig.fake.best].balance), 2800));
    rig.fake.base.tip = 0; // another setting counts from the start on, before the chain is asked
    rig_apply_settings(&rig);
    cr_assert(eq(u64, w3p_engine_estimate(rig.engine, RIG_MIB), 1800));
}

Test(engine_gate, estimate_survives_a_restart)
{
    cr_assert(eq(u64, w3p_engine_estimate(rig.engine, RIG_MIB), 0));
    rig_step(&rig);
    cr_assert(eq(u64, w3p_engine_estimate(rig.engine, RIG_MIB), 1800));
    cr_assert(eq(u64, w3p_engine_estimate(rig.engine, RIG_MIB + 1), 1900));
    rig_restart(&rig);
    cr_assert(eq(u64, w3p_engine_estimate(rig.engine, RIG_MIB), 1800));
    cr_assert(eq(u64, w3p_engine_estimate(rig.engine, UINT64_MAX), 1800 + 100 * (((uint64_t)1 << 44) - 1)));
}
