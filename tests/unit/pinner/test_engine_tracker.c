// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: replicas, entries that vanish or expire, renewal, and that a hundred thousand stored contents cost nothing.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
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

TestSuite(engine_tracker, .init = setup, .fini = teardown, .timeout = 120);

static int64_t pin_and_store(unsigned n)
{
    int64_t id = rig_pin(&rig, n, RIG_MIB);

    rig_step(&rig);
    rig_run(&rig, 4);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    rig_store_replicas(&rig, rig_cid(n), 3);
    rig_run(&rig, 3);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_STORED));
    return id;
}

Test(engine_tracker, an_entry_removed_before_its_first_replica_is_ordered_larger_and_not_for_ever)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);
    int64_t size = RIG_MIB;

    rig_step(&rig);
    for (int round = 1; round <= 3; round++) {
        rig_run(&rig, 8);
        cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
        cr_assert(eq(int, (int)rig.fake.orders_ok, round));
        fake_remove(&rig.fake, rig_cid(1));
        rig_run(&rig, 3);
        if (round == 3)
            break;
        cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
        size *= 2;
        cr_assert(eq(i64, rig_number(&rig, "SELECT size FROM contents"), size));
        rig_run(&rig, 4);
        cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED)); // a second look comes first
        rig_run(&rig, 10u * (unsigned)round - 3);
    }
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_REJECTED));
    rig_run(&rig, 100);
    cr_assert(eq(int, (int)rig.fake.orders_ok, 3));
}

Test(engine_tracker, an_entry_that_was_overlooked_once_is_not_paid_again)
{
    int64_t id = pin_and_store(1);
    struct w3p_chain_file *entry;

    // The node denies the entry for some blocks, then shows it again.
    struct w3p_chain_file saved = *fake_file(&rig.fake, rig_cid(1));
    fake_remove(&rig.fake, rig_cid(1));
    rig_run(&rig, 25);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
    entry = fake_file(&rig.fake, rig_cid(1));
    *entry = saved;
    rig_run(&rig, 25);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_STORED));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 1));
}

Test(engine_tracker, too_few_replicas_are_not_enough)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig_step(&rig);
    rig_run(&rig, 4);
    rig_store_replicas(&rig, rig_cid(1), 2);
    rig_run(&rig, 30);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(i64, rig_number(&rig, "SELECT replicas FROM contents"), 2));
    cr_assert(eq(i64, rig_number(&rig, "SELECT replicas_known FROM contents"), 1));
    rig_store_replicas(&rig, rig_cid(1), 3);
    rig_run(&rig, 3);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_STORED));
    cr_assert(lt(i64, 1800000000000, rig_number(&rig, "SELECT checked_ms FROM contents")));
    rig_store_replicas(&rig, rig_cid(1), 1); // some left: stored until closed or expired
    rig_run(&rig, 30);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_STORED));
    cr_assert(eq(i64, rig_number(&rig, "SELECT replicas FROM contents"), 1));
}

Test(engine_tracker, a_stored_entry_that_vanishes_is_ordered_again)
{
    int64_t id = pin_and_store(1);

    fake_remove(&rig.fake, rig_cid(1));
    rig_run(&rig, 25);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
    cr_assert(eq(i64, rig_number(&rig, "SELECT size FROM contents"), RIG_MIB)); // it was large enough
    rig_run(&rig, 20);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 2));
}

Test(engine_tracker, expired_without_pins_is_let_go)
{
    int64_t id;

    rig.fake.duration = 30;
    id = pin_and_store(1);
    rig_unpin(&rig, id);
    rig_run(&rig, 60);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_IDLE));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 1));
}

Test(engine_tracker, renewal_resets_the_expiry_once)
{
    int64_t id;

    rig.settings.renew_before_blocks = 50;
    rig.fake.renew_ok_blocks = 51;
    rig_apply_settings(&rig);
    rig.fake.duration = 200;
    id = pin_and_store(1);
    rig_run(&rig, 120);
    cr_assert(eq(int, (int)rig.fake.orders_ok, 1));
    for (int i = 0; i < 40 && rig_state(&rig, id) != W3P_CONTENT_RENEWING; i++)
        rig_run(&rig, 1);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_RENEWING));
    rig_restart(&rig); // the order path knows that it is one
    for (int i = 0; i < 4; i++) {
        rig_run(&rig, 1);
        cr_assert(ge(int, rig_state(&rig, id), W3P_CONTENT_STORED)); // pinned without a break
    }
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_STORED));
    cr_assert(eq(int, (int)rig.fake.orders_ok, 2));
    rig_run(&rig, 100);
    cr_assert(eq(int, (int)rig.fake.orders_ok, 2));
    cr_assert(lt(i64, (int64_t)rig.fake.best, rig_number(&rig, "SELECT expires_at_block FROM contents")));
}

static int put_off_for_a_year(struct w3p_write *self, struct w3p_db *db)
{
    (void)self;
    return w3p_queue_defer(db, 1, rig.now_ms + 31536000000, NULL);
}

Test(engine_tracker, a_renewal_put_off_while_the_clock_was_far_ahead_is_due)
{
    rig.settings.renew_before_blocks = 50;
    rig.fake.renew_ok_blocks = 51;
    rig_apply_settings(&rig);
    rig.fake.duration = 100;
    (void)pin_and_store(1);
    cr_assert(eq(int, w3p_store_write_wait(rig.store, &(struct w3p_write){.run = put_off_for_a_year}), W3P_OK));
    rig_run(&rig, 80);
    cr_assert(eq(int, (int)rig.fake.orders_ok, 2));
}

// Who pins it again while it is under way may know better how large it is: that is what comes after the order that was
// too small.
Test(engine_tracker, the_largest_size_that_a_pin_said_is_what_is_ordered_next)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    rig_step(&rig);
    rig_run(&rig, 2);
    (void)rig_pin(&rig, 1, 5 * RIG_MIB);
    rig_run(&rig, 6);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    cr_assert(eq(i64, rig_number(&rig, "SELECT order_size FROM contents"), (int64_t)RIG_MIB));
    fake_remove(&rig.fake, rig_cid(1));
    rig_run(&rig, 18);
    cr_assert(eq(i64, rig_number(&rig, "SELECT max(size) FROM orders"), (int64_t)(5 * RIG_MIB)));
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
    fake_remove(&rig.fake, rig_cid(1));
    rig_run(&rig, 30);
    cr_assert(eq(i64, rig_number(&rig, "SELECT max(size) FROM orders"), (int64_t)(10 * RIG_MIB)));
}

Test(engine_tracker, short_lives_are_not_renewed_at_every_look)
{
    // The chain sells less life than renew_before asks for: half of what was bought has to be over.
    rig.fake.duration = 100;
    (void)pin_and_store(1);
    rig_run(&rig, 40);
    cr_assert(eq(int, (int)rig.fake.orders_ok, 1));
    rig_run(&rig, 400);
    cr_assert(ge(int, (int)rig.fake.orders_ok, 5));
    cr_assert(le(int, (int)rig.fake.orders_ok, 9));
}

Test(engine_tracker, failed_renewal_leaves_it_stored_with_the_error)
{
    int64_t id;
    char error[200];

    rig.settings.renew_before_blocks = 50;
    rig_apply_settings(&rig);
    rig.fake.duration = 60;
    id = pin_and_store(1);
    rig.fake.fail_orders = 1;
    rig.fake.fail_permanent = true;
    for (int i = 0; i < 60 && rig.fake.orders_failed == 0; i++)
        rig_run(&rig, 1);
    rig_run(&rig, 3);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_STORED));
    rig_text(&rig, error, sizeof(error), "SELECT error FROM contents");
    cr_assert(strstr(error, "Market.Scripted") != NULL);
    rig_run(&rig, 12);
    cr_assert(eq(int, (int)rig.fake.orders_ok, 2)); // and it is tried again
}

Test(engine_tracker, without_pins_nothing_is_renewed)
{
    int64_t id;

    rig.settings.renew_before_blocks = 50;
    rig_apply_settings(&rig);
    rig.fake.duration = 60;
    id = pin_and_store(1);
    rig_unpin(&rig, id);
    rig_run(&rig, 40);
    cr_assert(eq(int, (int)rig.fake.signs, 1));
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_STORED));
}

Test(engine_tracker, one_unreadable_entry_loses_its_turn_only)
{
    int64_t bad = rig_pin(&rig, 1, RIG_MIB), good = rig_pin(&rig, 2, RIG_MIB);

    rig_step(&rig);
    rig_run(&rig, 4);
    rig.fake.poison = rig_cid(1);
    rig_store_replicas(&rig, rig_cid(2), 3);
    rig_run(&rig, 4);
    cr_assert(eq(int, (int)rig_snapshot(&rig).chain, W3P_CHAIN_OK));
    cr_assert(eq(int, rig_state(&rig, bad), W3P_CONTENT_FINAL));
    cr_assert(eq(int, rig_state(&rig, good), W3P_CONTENT_STORED)); // though it is asked for with the bad one
    rig.fake.poison = NULL;
    rig_store_replicas(&rig, rig_cid(1), 3);
    rig_run(&rig, 3);
    cr_assert(eq(int, rig_state(&rig, bad), W3P_CONTENT_STORED));
}

// Nothing was learnt, so nobody has had its turn.
Test(engine_tracker, an_outage_is_no_look)
{
    int64_t id = pin_and_store(1), looked;

    rig_run(&rig, 1);
    looked = rig_number(&rig, "SELECT checked_block FROM contents");
    rig.engine->settings.recheck_blocks = 1;
    rig.fake.files_err = W3P_E_UNREACHABLE;
    fake_mine(&rig.fake, 10);
    cr_assert(w3p_engine_step(rig.engine) != W3P_OK);
    cr_assert(eq(i64, rig_number(&rig, "SELECT checked_block FROM contents"), looked));
    rig.fake.files_err = W3P_OK;
    rig_run(&rig, 2);
    cr_assert(lt(i64, looked, rig_number(&rig, "SELECT checked_block FROM contents")));
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_STORED));
}

Test(engine_tracker, the_larger_order_is_one_that_the_chain_takes)
{
    const struct w3p_tracker_conf conf = {.default_size = 100, .size_max = 1000};
    static const uint64_t sizes[][2] = {{10, 100}, {60, 120}, {499, 998}, {500, 999}, {999, 999}, {UINT64_MAX, 999}};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct w3p_tracked t = {.looked = true, .size = sizes[i][0], .state = W3P_CONTENT_FINAL};

        w3p_tracker_judge(&t, &conf, 50);
        cr_assert(eq(int, (int)t.verdict, (int)W3P_TRACK_GONE));
        cr_assert(eq(u64, t.size_min, sizes[i][1]));
    }
}

struct bulk_job {
    struct w3p_write write;
    unsigned from, to;
    int state;
};

static int run_bulk(struct w3p_write *self, struct w3p_db *db)
{
    struct bulk_job *job = (struct bulk_job *)self;
    int err = W3P_OK;

    for (unsigned i = job->from; err == W3P_OK && i < job->to; i++) {
        sqlite3_stmt *stmt =
            w3p_db_prepare(db, "INSERT INTO contents(key, cid, state, size, pins, created_ms, checked_block,"
                               " expires_at_block) VALUES(?1, ?2, ?3, 1000, 1, 1, 5, 9000000)");
        char key[16];

        if (stmt == NULL)
            return W3P_E_IO;
        (void)snprintf(key, sizeof(key), "bulk%u", i);
        sqlite3_bind_blob(stmt, 1, key, (int)strlen(key), SQLITE_STATIC);
        sqlite3_bind_text(stmt, 2, rig_cid(i), -1, SQLITE_STATIC);
        sqlite3_bind_int(stmt, 3, job->state);
        err = w3p_db_exec(stmt);
    }
    return err;
}

static void insert_many(unsigned count, int state)
{
    for (unsigned i = 0; i < count; i += 10000) {
        struct bulk_job job = {.write = {.run = run_bulk}, .from = 1000 + i, .to = 1000 + i + 10000, .state = state};

        cr_assert(eq(int, w3p_store_write_wait(rig.store, &job.write), W3P_OK));
    }
}

static int64_t real_ms(void)
{
    int64_t ms;

    w3p_clock_fake(NULL);
    ms = w3p_clock_mono_ms();
    w3p_clock_fake(&rig.now_ms);
    return ms;
}

Test(engine_tracker, a_hundred_thousand_stored_contents)
{
    int64_t start, id;

    insert_many(100000, W3P_CONTENT_STORED);
    rig.fake.anything =
        (struct w3p_chain_file){.exists = true, .size = 1000, .expires_at_block = 9000000, .replicas = 3};
    w3p_engine_destroy(rig.engine);
    w3p_store_close(rig.store);
    rig.engine = NULL;
    rig.store = NULL;
    start = real_ms();
    rig_restart(&rig);
    cr_assert(lt(i64, real_ms() - start, 200));
    fake_mine(&rig.fake, 30); // all of them are due
    start = real_ms();
    rig_step(&rig);
    cr_assert(eq(i64, rig_number(&rig, "SELECT count(*) FROM contents WHERE checked_block > 5"), W3P_TRACK_STORED_MAX));
    for (int i = 0; i < 50; i++)
        rig_step(&rig);                          // no new head: nothing to do
    cr_assert(lt(i64, real_ms() - start, 1000)); // sanitizers included
    rig.fake.anything.exists = false;
    rig.fake.anything.size = 0;
    rig.fake.files_err = W3P_OK;
    id = rig_pin(&rig, 1, RIG_MIB);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_SUBMITTED));
    cr_assert(eq(i64, rig_number(&rig, "SELECT n FROM content_counts WHERE state = 6"), 100000));
}

Test(engine_tracker, unfinished_ones_take_turns)
{
    insert_many(10000, W3P_CONTENT_FINAL);
    rig.fake.anything =
        (struct w3p_chain_file){.exists = true, .size = 1000, .expires_at_block = 9000000, .replicas = 1};
    rig_run(&rig, 10);
    cr_assert(
        eq(i64, rig_number(&rig, "SELECT count(*) FROM contents WHERE checked_block > 5"), 10 * W3P_TRACK_FINAL_MAX));
    rig_run(&rig, 10);
    cr_assert(eq(i64, rig_number(&rig, "SELECT count(*) FROM contents WHERE checked_block > 5"), 10000));
}
