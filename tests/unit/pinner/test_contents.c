// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the life of a content row, and the database's own refusal of a second live order.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
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

TestSuite(contents, .init = setup, .fini = teardown, .timeout = 30);

struct content_job {
    struct w3p_write write;
    int (*op)(struct content_job *job, struct w3p_db *db);
    struct w3p_cid cid;
    uint64_t size;
    int64_t id;
    enum w3p_content_state state;
    enum w3p_demand demand;
    struct w3p_content_retry retry;
    struct w3p_transaction t;
    struct w3p_refusal why;
    uint64_t limit;
};

static int run(struct w3p_write *self, struct w3p_db *db)
{
    struct content_job *job = (struct content_job *)self;

    return job->op(job, db);
}

static int write_job(struct content_job *job, int (*op)(struct content_job *, struct w3p_db *))
{
    job->write = (struct w3p_write){.run = run};
    job->op = op;
    return w3p_store_write_wait(rig.store, &job->write);
}

static int op_acquire(struct content_job *job, struct w3p_db *db)
{
    return w3p_content_acquire(db, &job->id, &job->state, &job->demand, &job->cid, job->size, true, 5000);
}

static int op_release(struct content_job *job, struct w3p_db *db)
{
    return w3p_content_release(db, job->id);
}

static int op_set_state(struct content_job *job, struct w3p_db *db)
{
    return w3p_content_set_state(db, job->id, job->state);
}

static int op_retry(struct content_job *job, struct w3p_db *db)
{
    return w3p_content_retry(db, &job->state, job->id, &job->retry);
}

static int op_insert(struct content_job *job, struct w3p_db *db)
{
    return w3p_transaction_insert(db, &job->why, &job->t, job->limit, 5000);
}

static int op_reject(struct content_job *job, struct w3p_db *db)
{
    return w3p_queue_reject(db, job->id, "no");
}

static int op_adopt(struct content_job *job, struct w3p_db *db)
{
    struct w3p_candidate candidate = {.content_id = job->id};
    struct w3p_chain_file file = {.exists = true, .size = 7, .replicas = 9, .expires_at_block = 99};

    return w3p_queue_adopt(db, &candidate, 0, &file, 50, 5000, 0);
}

static int op_look(struct content_job *job, struct w3p_db *db)
{
    struct w3p_tracked look = {.content_id = job->id,
                               .state = W3P_CONTENT_FINAL,
                               .looked = true,
                               .file = {.exists = true, .size = 7, .replicas = 9, .expires_at_block = 99},
                               .verdict = W3P_TRACK_STORED};

    return w3p_tracked_apply(db, &look, 50, 5000, 1000, 3);
}

static struct w3p_cid parse(const char *text)
{
    struct w3p_cid cid;

    cr_assert(eq(int, w3p_cid_parse(&cid, NULL, text, strlen(text)), W3P_OK));
    return cid;
}

static struct content_job acquire(const char *text, uint64_t size)
{
    struct content_job job = {.cid = parse(text), .size = size};

    cr_assert(eq(int, write_job(&job, op_acquire), W3P_OK));
    return job;
}

static void set_state(int64_t id, enum w3p_content_state state)
{
    struct content_job job = {.id = id, .state = state};

    cr_assert(eq(int, write_job(&job, op_set_state), W3P_OK));
}

Test(contents, impossible_sizes)
{
    struct content_job job = {.cid = parse(rig_cid(1)), .size = 0};

    cr_assert(eq(int, write_job(&job, op_acquire), W3P_E_RANGE));
    job.size = (uint64_t)INT64_MAX + 1;
    cr_assert(eq(int, write_job(&job, op_acquire), W3P_E_RANGE));
    cr_assert(eq(i64, rig_number(&rig, "SELECT count(*) FROM contents"), 0));
}

Test(contents, release_of_what_is_not_there_or_not_held)
{
    struct content_job job = {.id = 99};

    cr_assert(eq(int, write_job(&job, op_release), W3P_E_NOTFOUND));
    job = acquire(rig_cid(1), 5);
    cr_assert(eq(int, write_job(&job, op_release), W3P_OK));
    cr_assert(eq(int, write_job(&job, op_release), W3P_E_STATE));
    cr_assert(eq(i64, rig_number(&rig, "SELECT pins FROM contents"), 0));
}

// Between the look and the writing a pin came or went: what was seen is about another state.
Test(contents, what_moved_on_is_neither_rejected_nor_adopted_nor_stored)
{
    struct content_job job = acquire(rig_cid(1), 5);

    set_state(job.id, W3P_CONTENT_SUBMITTED);
    cr_assert(eq(int, write_job(&job, op_reject), W3P_E_STATE));
    cr_assert(eq(int, write_job(&job, op_adopt), W3P_E_STATE));
    cr_assert(eq(int, write_job(&job, op_look), W3P_OK));
    cr_assert(eq(int, rig_state(&rig, job.id), W3P_CONTENT_SUBMITTED));
    cr_assert(
        eq(i64, rig_number(&rig, "SELECT error IS NULL AND replicas = 0 AND checked_block = 0 FROM contents"), 1));
    set_state(job.id, W3P_CONTENT_FINAL);
    cr_assert(eq(int, write_job(&job, op_look), W3P_OK));
    cr_assert(eq(int, rig_state(&rig, job.id), W3P_CONTENT_STORED));
}

Test(contents, spellings_are_one_content)
{
    struct content_job a = acquire(rig_cid(1), 5), b = acquire(rig_alternate(1), 5), c = acquire(rig_cid(2), 5);

    cr_assert(eq(int, a.demand, W3P_DEMAND_NEW));
    cr_assert(eq(int, b.demand, W3P_DEMAND_NONE));
    cr_assert(eq(i64, a.id, b.id));
    cr_assert(ne(i64, a.id, c.id));
    cr_assert(eq(i64, rig_number(&rig, "SELECT pins FROM contents WHERE id = 1"), 2));
    cr_assert(eq(i64, rig_number(&rig, "SELECT count(*) FROM contents WHERE cid LIKE 'Qm%'"), 2));
}

Test(contents, the_size_of_one_that_waits_is_raised_never_lowered)
{
    struct content_job job = acquire(rig_cid(1), 500);

    cr_assert(eq(int, acquire(rig_cid(1), 400).demand, W3P_DEMAND_NONE));
    cr_assert(eq(int, acquire(rig_cid(1), 500).demand, W3P_DEMAND_NONE));
    cr_assert(eq(i64, rig_number(&rig, "SELECT size FROM contents"), 500));
    cr_assert(eq(int, acquire(rig_cid(1), 600).demand, W3P_DEMAND_RAISED));
    cr_assert(eq(i64, rig_number(&rig, "SELECT size FROM contents"), 600));
    set_state(job.id, W3P_CONTENT_SUBMITTED); // for the order that may have to follow
    cr_assert(eq(int, acquire(rig_cid(1), 700).demand, W3P_DEMAND_LATER));
    cr_assert(eq(i64, rig_number(&rig, "SELECT size FROM contents"), 700));
    set_state(job.id, W3P_CONTENT_STORED);
    cr_assert(eq(int, acquire(rig_cid(1), 800).demand, W3P_DEMAND_NONE));
    cr_assert(eq(i64, rig_number(&rig, "SELECT size FROM contents"), 700));
}

Test(contents, rejected_and_idle_ones_start_again)
{
    struct content_job job = acquire(rig_cid(1), 500), again;

    job.retry = (struct w3p_content_retry){.counts = true, .permanent = true, .max_attempts = 3, .error = "no"};
    cr_assert(eq(int, write_job(&job, op_retry), W3P_OK));
    cr_assert(eq(int, (int)job.state, W3P_CONTENT_REJECTED));
    again = acquire(rig_cid(1), 100);
    cr_assert(eq(int, again.demand, W3P_DEMAND_NEW));
    cr_assert(eq(int, (int)again.state, W3P_CONTENT_QUEUED));
    cr_assert(eq(i64, rig_number(&rig, "SELECT size FROM contents"), 100));
    cr_assert(eq(i64, rig_number(&rig, "SELECT attempts FROM contents"), 0));
    cr_assert(eq(i64, rig_number(&rig, "SELECT error IS NULL FROM contents"), 1));
}

Test(contents, only_a_queued_one_is_cancelled_by_its_last_pin)
{
    struct content_job job = acquire(rig_cid(1), 5);

    set_state(job.id, W3P_CONTENT_SIGNED);
    cr_assert(eq(int, write_job(&job, op_release), W3P_OK));
    cr_assert(eq(int, rig_state(&rig, job.id), W3P_CONTENT_SIGNED));
}

Test(contents, retries_wait_longer_each_time_and_end)
{
    struct content_job job = acquire(rig_cid(1), 5);
    int64_t waits[] = {1000, 2000, 4000};

    job.retry = (struct w3p_content_retry){.counts = true, .max_attempts = 4, .now_ms = 100, .wait_ms = 1000};
    for (int i = 0; i < 3; i++) {
        cr_assert(eq(int, write_job(&job, op_retry), W3P_OK));
        cr_assert(eq(int, (int)job.state, W3P_CONTENT_QUEUED));
        cr_assert(eq(i64, rig_number(&rig, "SELECT not_before_ms FROM contents"), 100 + waits[i]));
    }
    cr_assert(eq(int, write_job(&job, op_retry), W3P_OK));
    cr_assert(eq(int, (int)job.state, W3P_CONTENT_REJECTED));
    set_state(job.id, W3P_CONTENT_QUEUED);
    job.retry.max_attempts = 100;
    for (int i = 0; i < 60; i++)
        cr_assert(eq(int, write_job(&job, op_retry), W3P_OK));
    cr_assert(eq(i64, rig_number(&rig, "SELECT not_before_ms FROM contents"), 100 + 3600000));
}

Test(contents, a_renewal_that_fails_leaves_it_stored)
{
    struct content_job job = acquire(rig_cid(1), 5);

    set_state(job.id, W3P_CONTENT_RENEWING);
    job.retry = (struct w3p_content_retry){.counts = true, .permanent = true, .max_attempts = 1, .error = "why"};
    cr_assert(eq(int, write_job(&job, op_retry), W3P_OK));
    cr_assert(eq(int, (int)job.state, W3P_CONTENT_STORED));
}

Test(contents, counts_follow_every_move)
{
    struct content_job a = acquire(rig_cid(1), 5);

    (void)acquire(rig_cid(2), 5);
    cr_assert(eq(i64, rig_number(&rig, "SELECT n FROM content_counts WHERE state = 1"), 2));
    set_state(a.id, W3P_CONTENT_STORED);
    set_state(a.id, W3P_CONTENT_STORED);
    cr_assert(eq(i64, rig_number(&rig, "SELECT n FROM content_counts WHERE state = 1"), 1));
    cr_assert(eq(i64, rig_number(&rig, "SELECT n FROM content_counts WHERE state = 6"), 1));
    cr_assert(eq(i64, rig_number(&rig, "SELECT sum(n) FROM content_counts"), 2));
}

static struct content_job order_for(int64_t content_id, uint8_t mark, uint32_t nonce)
{
    struct content_job job = {.t = {.count = 1}};

    job.t.orders[0] =
        (struct w3p_order){.content_id = content_id, .size = 5, .wanted_size = 5, .reserved = 10, .day = 1};
    job.t.tx.nonce = nonce;
    job.t.tx.death_block = 64;
    job.t.tx.bytes[0] = mark;
    job.t.tx.len = 1;
    job.t.tx.hash32[0] = mark;
    return job;
}

Test(contents, the_database_refuses_a_second_live_order)
{
    struct content_job a = acquire(rig_cid(1), 5), b = acquire(rig_cid(2), 5);
    struct content_job first = order_for(a.id, 1, 0), second = order_for(a.id, 2, 1), nonce = order_for(b.id, 3, 0);

    cr_assert(eq(int, write_job(&first, op_insert), W3P_OK));
    cr_assert(eq(int, rig_state(&rig, a.id), W3P_CONTENT_SIGNED));
    cr_assert(eq(int, write_job(&second, op_insert), W3P_E_EXISTS));
    set_state(a.id, W3P_CONTENT_QUEUED); // even if its state were wrong
    cr_assert(eq(int, write_job(&second, op_insert), W3P_E_EXISTS));
    cr_assert(eq(int, write_job(&nonce, op_insert), W3P_E_EXISTS));
    cr_assert(eq(i64, rig_orders(&rig), 1));
    cr_assert(eq(i64, rig_number(&rig, "SELECT spent FROM budget"), 10)); // refused ones cost nothing
}

Test(contents, an_order_for_what_nobody_wants_or_pays_is_not_written)
{
    struct content_job a = acquire(rig_cid(1), 5), job = order_for(a.id, 1, 0);

    job.limit = 9;
    cr_assert(eq(int, write_job(&job, op_insert), W3P_E_FUNDS));
    job.limit = 10;
    cr_assert(eq(int, write_job(&a, op_release), W3P_OK));
    cr_assert(eq(int, write_job(&job, op_insert), W3P_E_STATE));
    set_state(a.id, W3P_CONTENT_STORED);
    job.t.orders[0].renewal = true;
    cr_assert(eq(int, write_job(&job, op_insert), W3P_E_STATE));
    cr_assert(eq(i64, rig_orders(&rig), 0));
    cr_assert(eq(i64, rig_number(&rig, "SELECT coalesce(sum(spent), 0) FROM budget"), 0));
}

// Between the decision and the order a pin may come that says the content is larger: too small an order is lost.
Test(contents, an_order_for_one_that_grew_meanwhile_is_not_written)
{
    struct content_job a = acquire(rig_cid(1), 5), job = order_for(a.id, 1, 0);

    (void)acquire(rig_cid(1), 6);
    cr_assert(eq(int, write_job(&job, op_insert), W3P_E_STATE));
    cr_assert(eq(i64, rig_orders(&rig), 0));
    job.t.orders[0].wanted_size = job.t.orders[0].size = 6;
    cr_assert(eq(int, write_job(&job, op_insert), W3P_OK));
}

Test(contents, failed_renewals_do_not_count_against_the_next_order)
{
    struct content_job job = acquire(rig_cid(1), 5);

    job.retry = (struct w3p_content_retry){.counts = true, .max_attempts = 3, .error = "no"};
    for (int i = 0; i < 5; i++) {
        set_state(job.id, W3P_CONTENT_RENEWING);
        cr_assert(eq(int, write_job(&job, op_retry), W3P_OK));
        cr_assert(eq(int, (int)job.state, W3P_CONTENT_STORED));
    }
    cr_assert(eq(int, write_job(&job, op_retry), W3P_OK)); // it expires
    cr_assert(eq(int, (int)job.state, W3P_CONTENT_QUEUED));
    cr_assert(eq(i64, rig_number(&rig, "SELECT attempts FROM contents"), 0));
}

Test(contents, questions_of_every_tick_use_their_index)
{
    static const char *const plans[] = {
        "EXPLAIN QUERY PLAN SELECT id FROM contents WHERE state = 1 AND not_before_ms <= 5 ORDER BY not_before_ms, id",
        "EXPLAIN QUERY PLAN SELECT id FROM contents WHERE state = 5 AND checked_block < 5 ORDER BY checked_block, id",
        "EXPLAIN QUERY PLAN SELECT id FROM contents WHERE state = 6 AND checked_block < 5 ORDER BY checked_block, id",
        "EXPLAIN QUERY PLAN SELECT id FROM contents WHERE state = 6 AND pins > 0 AND expires_at_block > 0"
        " AND expires_at_block <= 5 ORDER BY expires_at_block",
        "EXPLAIN QUERY PLAN SELECT max(checked_block) FROM contents WHERE state = 6",
    };
    static const char *const indexes[] = {"contents_queue", "contents_final", "contents_stored", "contents_renew",
                                          "contents_stored"};

    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
        char detail[200];

        rig_plan(&rig, detail, sizeof(detail), plans[i]);
        cr_assert(strstr(detail, indexes[i]) != NULL, "%s", detail);
        cr_assert(strstr(detail, "TEMP B-TREE") == NULL, "%s", detail);
    }
}
