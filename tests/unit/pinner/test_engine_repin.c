// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the engine and contents that are held: looked up at once, ordered when they are due and not before.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "engine_rig.h"
#include "repin_store.h"
#include "store/db.h"

#define HOUR_MS 3600000

static struct rig rig;

static void setup(void)
{
    rig_open(&rig);
    rig.settings.head_age_max_s = 0; // these tests let hours pass without blocks
    rig_apply_settings(&rig);
}

static void teardown(void)
{
    rig_close(&rig);
}

TestSuite(engine_repin, .init = setup, .fini = teardown, .timeout = 60);

struct sql_job {
    struct w3p_write write;
    const char *sql;
};

static int run_sql(struct w3p_write *self, struct w3p_db *db)
{
    return sqlite3_exec(w3p_db_handle(db), ((struct sql_job *)self)->sql, NULL, NULL, NULL) == SQLITE_OK
               ? W3P_OK
               : W3P_E_INTERNAL;
}

// As a replacement of the one account would leave it.
static void hold(int64_t content_id, int64_t until_ms)
{
    char sql[400];
    struct sql_job job = {.write = {.run = run_sql}, .sql = sql};

    (void)snprintf(sql, sizeof(sql),
                   "INSERT INTO accounts(id, identity, created_ms, last_created_ms, day, pins_today)"
                   " VALUES(1, 'alice', 1, 1, 1, 1) ON CONFLICT DO NOTHING;"
                   "UPDATE contents SET held_until_ms = %lld, repin_by = 1 WHERE id = %lld",
                   (long long)until_ms, (long long)content_id);
    cr_assert(eq(int, w3p_store_write_wait(rig.store, &job.write), W3P_OK));
}

static void store_by_others(void)
{
    *fake_file(&rig.fake, rig_cid(1)) =
        (struct w3p_chain_file){.exists = true, .size = RIG_MIB, .replicas = 3, .expires_at_block = 2000000};
    fake_mine(&rig.fake, 3); // and final
}

Test(engine_repin, ordered_when_it_is_due_and_not_before)
{
    int64_t due_ms = rig.now_ms + HOUR_MS / 2, id = rig_pin(&rig, 1, RIG_MIB);

    hold(id, due_ms);
    rig_run(&rig, 3);
    cr_expect(eq(i64, rig_orders(&rig), 0));
    cr_expect(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
    cr_expect(eq(i64, rig_number(&rig, "SELECT not_before_ms FROM contents"), due_ms)); // no look until then
    cr_expect(eq(i64, rig_number(&rig, "SELECT error IS NULL FROM contents"), 1));
    rig.now_ms = due_ms - 1;
    rig_step(&rig);
    cr_expect(eq(i64, rig_orders(&rig), 0));
    rig.now_ms = due_ms;
    rig_step(&rig);
    cr_expect(eq(i64, rig_orders(&rig), 1));
    cr_expect(
        eq(i64, rig_number(&rig, "SELECT repin_ms FROM accounts"), due_ms)); // and from here on the next one waits
    cr_expect(eq(i64, rig_number(&rig, "SELECT held_until_ms + (repin_by IS NOT NULL) FROM contents"), 0));
}

// What anybody ordered already costs nothing, and is not waited for.
Test(engine_repin, what_is_on_chain_is_adopted_at_once)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    hold(id, rig.now_ms + HOUR_MS);
    store_by_others();
    rig_run(&rig, 2);
    cr_expect(eq(int, rig_state(&rig, id), W3P_CONTENT_STORED));
    cr_expect(eq(i64, rig_orders(&rig), 0));
    cr_expect(eq(i64, rig_number(&rig, "SELECT repin_ms FROM accounts"), 0)); // nobody waits for that
}

// The wait was for an order of this account's. What is lost again later has others' pins by then.
Test(engine_repin, what_was_adopted_is_not_held_when_it_is_lost_again)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    hold(id, rig.now_ms + 20 * HOUR_MS);
    store_by_others();
    rig_run(&rig, 2);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_STORED));
    cr_assert(eq(i64, rig_pin(&rig, 1, RIG_MIB), id)); // without a replacement
    fake_file(&rig.fake, rig_cid(1))->exists = false;
    fake_mine(&rig.fake, rig.settings.recheck_blocks + 3);
    rig_step(&rig);
    cr_assert(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
    rig_wait_ms(&rig, HOUR_MS);
    rig_run(&rig, 2);
    cr_expect(eq(i64, rig_orders(&rig), 1));
    cr_expect(eq(i64, rig_number(&rig, "SELECT repin_ms FROM accounts"), 0)); // nor does anybody wait for that order
}

// A wait of a day is not slept through: what comes on chain meanwhile is found within the hour.
Test(engine_repin, a_long_wait_is_looked_at_now_and_then)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB), before_ms;

    hold(id, rig.now_ms + 20 * HOUR_MS);
    before_ms = rig.now_ms;
    rig_step(&rig);
    cr_expect(eq(i64, rig_number(&rig, "SELECT not_before_ms FROM contents"), before_ms + W3P_REPIN_LOOK_MS));
    store_by_others();
    rig_wait_ms(&rig, W3P_REPIN_LOOK_MS);
    rig_run(&rig, 2);
    cr_expect(eq(int, rig_state(&rig, id), W3P_CONTENT_STORED));
    cr_expect(eq(i64, rig_orders(&rig), 0));
}

// Several pins of one account that were replaced: none of them waits for another wait.
Test(engine_repin, what_waits_together_is_ordered_together)
{
    int64_t due_ms = rig.now_ms + HOUR_MS / 2;

    hold(rig_pin(&rig, 1, RIG_MIB), due_ms);
    hold(rig_pin(&rig, 2, RIG_MIB), due_ms);
    rig_run(&rig, 2);
    cr_expect(eq(i64, rig_orders(&rig), 0));
    rig.now_ms = due_ms;
    rig_step(&rig);
    cr_expect(eq(i64, rig_orders(&rig), 2));
}

Test(engine_repin, others_are_not_held_up)
{
    int64_t held = rig_pin(&rig, 1, RIG_MIB), free_one = rig_pin(&rig, 2, RIG_MIB);

    hold(held, rig.now_ms + HOUR_MS);
    rig_run(&rig, 8);
    cr_expect(eq(int, rig_state(&rig, held), W3P_CONTENT_QUEUED));
    cr_expect(eq(int, rig_state(&rig, free_one), W3P_CONTENT_FINAL));
    cr_expect(eq(i64, rig_number(&rig, "SELECT repin_ms FROM accounts"), 0));
}

// A time that only a wrong clock can have written.
Test(engine_repin, a_time_beyond_every_wait_holds_nothing)
{
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    hold(id, rig.now_ms + (int64_t)W3P_REPIN_WAIT_MAX_S * 1000 + 60000);
    rig_step(&rig);
    cr_expect(eq(int, rig_state(&rig, id), W3P_CONTENT_SUBMITTED));
    cr_expect(eq(i64, rig_orders(&rig), 1));
}

struct claim_job {
    struct w3p_write write;
    struct w3p_transaction *t;
    int64_t now_ms;
};

static int run_claim(struct w3p_write *self, struct w3p_db *db)
{
    struct claim_job *job = (struct claim_job *)self;

    struct w3p_refusal why = {0};

    return w3p_transaction_insert(db, &why, job->t, 0, job->now_ms);
}

// Cancelled and wanted anew, and held, between the engine's look and its signature.
Test(engine_repin, the_row_itself_refuses_an_order_before_its_time)
{
    static struct w3p_transaction t;
    struct claim_job job = {.write = {.run = run_claim}, .t = &t, .now_ms = rig.now_ms};
    int64_t id = rig_pin(&rig, 1, RIG_MIB);

    hold(id, rig.now_ms + 1);
    t.count = 1;
    t.tx.len = 4;
    t.orders[0] = (struct w3p_order){.content_id = id, .size = RIG_MIB, .wanted_size = RIG_MIB};
    cr_expect(eq(int, w3p_store_write_wait(rig.store, &job.write), W3P_E_STATE));
    cr_expect(eq(i64, rig_orders(&rig), 0));
    job.now_ms++;
    cr_expect(eq(int, w3p_store_write_wait(rig.store, &job.write), W3P_OK));
}
