// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the chain is met and accepted before anything is concluded from it, and heads that cannot be are not
// believed: no order dies, no entry expires and nothing is signed on a number that a node merely says.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "engine_rig.h"
#include "store/db.h"

static struct rig rig;
static struct {
    int calls, err;
    char text[64];
    struct w3p_chain_info info;
} met;

static int on_bind(void *arg, struct w3p_errmsg *msg, const struct w3p_chain_info *info)
{
    cr_assert(arg == &met);
    met.calls++;
    met.info = *info;
    return met.err == W3P_OK ? W3P_OK : w3p_fail(msg, met.err, "%s", met.text);
}

static void setup(void)
{
    rig_open(&rig);
    memset(&met, 0, sizeof(met));
    rig.bind = on_bind;
    rig.bind_arg = &met;
    rig_apply_settings(&rig);
}

static void teardown(void)
{
    rig_close(&rig);
}

TestSuite(engine_head, .init = setup, .fini = teardown, .timeout = 60);

static void expect_nothing(int64_t id, const char *words)
{
    cr_assert(w3p_engine_step(rig.engine) != W3P_OK);
    cr_assert(strstr(rig_waiting(&rig), words) != NULL, "waiting: %s", rig_waiting(&rig));
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
    cr_assert(eq(int, (int)rig.fake.signs, 0));
}

Test(engine_head, a_refused_chain_gets_nothing_and_is_asked_again)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    met.err = W3P_E_STATE;
    (void)snprintf(met.text, sizeof(met.text), "this database belongs to another genesis");
    expect_nothing(id, "belongs to another genesis");
    expect_nothing(id, "belongs to another genesis");
    cr_assert(eq(int, met.calls, 2));
    met.err = W3P_OK;
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_SUBMITTED));
}

Test(engine_head, a_chain_without_info_gets_nothing)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.info_err = W3P_E_STATE;
    expect_nothing(id, "no info of this chain");
    cr_assert(eq(int, met.calls, 0));
    rig.fake.info_err = W3P_OK;
    rig_step(&rig);
    cr_assert(eq(int, met.calls, 1));
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_SUBMITTED));
}

// An order in flight is not judged by a chain that may be another one.
Test(engine_head, orders_in_flight_are_not_judged_by_a_refused_chain)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.drop = true;
    rig_step(&rig);
    rig.fake.info.genesis32[0] ^= 1;
    met.err = W3P_E_STATE;
    for (int i = 0; i < 100; i++) {
        fake_mine(&rig.fake, 1);
        (void)w3p_engine_step(rig.engine);
    }
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_SUBMITTED));
    cr_assert(eq(int, (int)rig.fake.signs, 1));
}

Test(engine_head, bound_once_per_connection_and_when_its_info_changes)
{
    rig_run(&rig, 5);
    cr_assert(eq(int, met.calls, 1));
    cr_assert(eq(str, met.info.spec_name, (char *)"fake"));
    rig.fake.down = W3P_E_UNREACHABLE;
    (void)w3p_engine_step(rig.engine);
    rig.fake.down = W3P_OK;
    rig_run(&rig, 5);
    cr_assert(eq(int, met.calls, 2));
    rig.fake.info.spec_version++;
    rig_run(&rig, 5);
    cr_assert(eq(int, met.calls, 3));
    cr_assert(eq(u32, met.info.spec_version, 2u));
    rig_restart(&rig);
    rig_run(&rig, 5);
    cr_assert(eq(int, met.calls, 4));
}

static const uint64_t absurd[] = {UINT32_MAX, INT64_MAX, UINT64_MAX, W3P_HEAD_JUMP_MAX + 1000};

// A stored content is not expired, and an order not dead, because a node says a huge number once.
Test(engine_head, impossible_heads_end_nothing)
{
    int64_t stored = rig_pin(&rig, 1, RIG_MIB), flying;

    rig_step(&rig);
    rig_run(&rig, 4);
    rig_store_replicas(&rig, rig_cid(1), 3);
    rig_run(&rig, 3);
    cr_assert(eq(int, rig_state(&rig, stored), W3P_CONTENT_STORED));
    rig.fake.hold = true;
    flying = rig_pin(&rig, 2, RIG_MIB);
    rig_step(&rig);
    for (int restarted = 0; restarted < 2; restarted++) {
        for (size_t i = 0; i < sizeof(absurd) / sizeof(absurd[0]); i++) {
            rig.fake.false_final = absurd[i];
            cr_assert(w3p_engine_step(rig.engine) == W3P_E_PROTOCOL, "%zu", i);
            cr_assert(strstr(rig_waiting(&rig), "cannot be") != NULL, "%s", rig_waiting(&rig));
        }
        rig_restart(&rig);
    }
    cr_assert(eq(int, rig_state(&rig, stored), W3P_CONTENT_STORED));
    cr_assert(eq(int, rig_state(&rig, flying), W3P_CONTENT_SUBMITTED));
    rig.fake.false_final = 0;
    rig.fake.hold = false;
    rig_run(&rig, 4);
    cr_assert(eq(int, rig_state(&rig, flying), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.signs, 2));
    cr_assert(eq(uint, rig.fake.distrusts, 2 * sizeof(absurd) / sizeof(absurd[0])), "another node was not asked for");
}

static const struct w3p_chain_ops *true_ops;

static int best_below_final(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_head *out)
{
    int err = true_ops->head(chain, msg, out);

    out->best_number = out->final_number - 1;
    return err;
}

Test(engine_head, a_best_block_below_the_finalized_one_is_refused)
{
    struct w3p_chain_ops ops = *rig.fake.base.ops;

    true_ops = rig.fake.base.ops;
    ops.head = best_below_final;
    rig.fake.base.ops = &ops;
    expect_nothing(rig_pin(&rig, 1, RIG_MIB), "below its finalized");
    rig.fake.base.ops = true_ops;
    rig_step(&rig);
    cr_assert(eq(int, (int)rig.fake.signs, 1));
}

Test(engine_head, a_long_absence_is_no_impossible_head)
{
    rig_step(&rig);
    rig.engine->final_high = 1;
    rig.engine->final_high_ms -= (int64_t)30 * 86400000;
    rig.fake.false_final = (uint64_t)30 * 14400;
    (void)w3p_engine_step(rig.engine);
    cr_assert(eq(u64, rig.engine->final_high, rig.fake.false_final));
}

static int run_falsify(struct w3p_write *self, struct w3p_db *db)
{
    int err = w3p_db_exec(w3p_db_prepare(db, "UPDATE contents SET checked_block = 5000000"));

    (void)self;
    return err != W3P_OK ? err
                         : w3p_db_exec(w3p_db_prepare(db, "UPDATE extrinsics SET birth_block = birth_block + 5000000,"
                                                          " death_block = death_block + 5000000 WHERE state < 4"));
}

// The first head ever seen was false, and looks and orders were based on it. The truth is accepted once it has lasted,
// and everything goes on from there: what flew is followed to its proven end, what is stored is looked at again.
Test(engine_head, a_false_first_head_is_outlived)
{
    int64_t lost, stored = rig_pin(&rig, 1, RIG_MIB);
    struct w3p_write falsify = {.run = run_falsify};
    unsigned blocks = 0;

    rig_step(&rig);
    rig_run(&rig, 4);
    lost = rig_pin(&rig, 2, RIG_MIB);
    rig.fake.drop = true;
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, lost), W3P_CONTENT_SUBMITTED));
    cr_assert(eq(int, w3p_store_write_wait(rig.store, &falsify), W3P_OK));
    rig_restart(&rig);
    rig_step(&rig);
    cr_assert(eq(int, (int)rig_snapshot(&rig).chain, W3P_CHAIN_SYNCING));
    while (rig.engine->final_high == 5000000 + 12 && blocks < 200) {
        rig_run(&rig, 1);
        blocks++;
    }
    cr_assert(eq(uint, blocks, W3P_HEAD_BACK_MS / 6000));
    cr_assert(eq(i64, rig_number(&rig, "SELECT max(checked_block) > 5000 FROM contents"), 0));
    cr_assert(eq(i64, rig_number(&rig, "SELECT max(birth_block) > 5000 FROM receipts"), 0));
    rig_run(&rig, 60);
    cr_assert(eq(int, rig_state(&rig, lost), W3P_CONTENT_SUBMITTED)); // no proof yet that it cannot land
    rig.fake.drop = false;
    rig_run(&rig, 20);
    cr_assert(eq(int, rig_state(&rig, lost), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 2));
    rig_store_replicas(&rig, rig_cid(1), 3);
    rig_run(&rig, 3);
    cr_assert(eq(int, rig_state(&rig, stored), W3P_CONTENT_STORED));
}

// An old head that stays is the past, however long it stays.
Test(engine_head, an_old_head_is_never_believed_against_a_newer_one)
{
    rig_step(&rig);
    rig.engine->final_high = 500;
    for (int i = 0; i < 100; i++) {
        rig_wait_ms(&rig, 60000);
        rig_step(&rig);
    }
    cr_assert(eq(u64, rig.engine->final_high, 500));
    cr_assert(eq(int, (int)rig_snapshot(&rig).chain, W3P_CHAIN_SYNCING));
}

Test(engine_head, absurd_times_are_no_age)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig.fake.false_time_ms = (uint64_t)1 << 63;
    rig_step(&rig);
    cr_assert(eq(int, (int)rig_snapshot(&rig).chain, W3P_CHAIN_OK));
    rig.fake.false_time_ms = UINT64_MAX;
    rig_run(&rig, 4);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
}
