// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the money of a day: limits are exact, days are apart, refunds never go below zero.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

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

TestSuite(budget, .init = setup, .fini = teardown, .timeout = 30);

struct money_job {
    struct w3p_write write;
    enum { PROMISE, SPEND, REFUND } what;
    int64_t day;
    uint64_t planck, limit;
};

static int run(struct w3p_write *self, struct w3p_db *db)
{
    struct money_job *job = (struct money_job *)self;

    if (job->what == PROMISE)
        return w3p_budget_promise(db, job->day, job->planck, job->limit);
    if (job->what == SPEND)
        return w3p_budget_spend(db, job->day, job->planck, job->limit);
    return w3p_budget_refund(db, job->day, job->planck);
}

static int money(int what, int64_t day, uint64_t planck, uint64_t limit)
{
    struct money_job job = {.write = {.run = run}, .what = what, .day = day, .planck = planck, .limit = limit};

    return w3p_store_write_wait(rig.store, &job.write);
}

Test(budget, what_does_not_fit_changes_nothing)
{
    cr_assert(eq(int, money(SPEND, 7, 101, 100), W3P_E_FUNDS));
    cr_assert(eq(int, money(PROMISE, 7, 101, 100), W3P_E_FUNDS));
    cr_assert(eq(i64, rig_number(&rig, "SELECT coalesce(sum(spent + promised), 0) FROM budget"), 0));
    cr_assert(eq(int, money(SPEND, 7, UINT64_MAX, INT64_MAX), W3P_E_FUNDS));
    cr_assert(eq(int, money(SPEND, 7, INT64_MAX, INT64_MAX), W3P_OK));
    cr_assert(eq(int, money(SPEND, 7, 1, INT64_MAX), W3P_E_FUNDS)); // never wraps round
}

Test(budget, limits_are_exact)
{
    cr_assert(eq(int, money(SPEND, 7, 60, 100), W3P_OK));
    cr_assert(eq(int, money(SPEND, 7, 41, 100), W3P_E_FUNDS));
    cr_assert(eq(int, money(SPEND, 7, 40, 100), W3P_OK));
    cr_assert(eq(int, money(SPEND, 7, 1, 100), W3P_E_FUNDS));
    cr_assert(eq(int, money(SPEND, 7, 0, 100), W3P_OK));
}

Test(budget, promises_and_spendings_are_apart_and_so_are_days)
{
    cr_assert(eq(int, money(PROMISE, 7, 100, 100), W3P_OK));
    cr_assert(eq(int, money(SPEND, 7, 100, 100), W3P_OK));
    cr_assert(eq(int, money(PROMISE, 8, 100, 100), W3P_OK));
    cr_assert(eq(int, money(PROMISE, 8, 1, 100), W3P_E_FUNDS));
    cr_assert(eq(int, money(PROMISE, 8, 1, 0), W3P_OK)); // 0: no limit
    cr_assert(eq(i64, rig_number(&rig, "SELECT count(*) FROM budget"), 2));
}

Test(budget, refunds)
{
    cr_assert(eq(int, money(REFUND, 7, 5, 0), W3P_OK)); // a day that nothing was spent on
    cr_assert(eq(int, money(SPEND, 7, 100, 100), W3P_OK));
    cr_assert(eq(int, money(REFUND, 7, 30, 0), W3P_OK));
    cr_assert(eq(int, money(SPEND, 7, 31, 100), W3P_E_FUNDS));
    cr_assert(eq(int, money(SPEND, 7, 30, 100), W3P_OK));
    cr_assert(eq(int, money(REFUND, 7, UINT64_MAX, 0), W3P_OK));
    cr_assert(eq(i64, rig_number(&rig, "SELECT spent FROM budget"), 0));
}

// Money that is gone is written down, whatever the amount: an order must not hang on it.
Test(budget, without_a_limit_nothing_is_refused)
{
    cr_assert(eq(int, money(SPEND, 7, 5, 0), W3P_OK));
    cr_assert(eq(int, money(SPEND, 7, UINT64_MAX, 0), W3P_OK));
    cr_assert(eq(i64, rig_number(&rig, "SELECT spent FROM budget"), INT64_MAX));
    cr_assert(eq(int, money(SPEND, 7, INT64_MAX, 0), W3P_OK));
    cr_assert(eq(i64, rig_number(&rig, "SELECT spent FROM budget"), INT64_MAX));
    cr_assert(eq(int, money(SPEND, 7, 1, INT64_MAX), W3P_E_FUNDS));
    cr_assert(eq(int, money(PROMISE, 7, UINT64_MAX, 0), W3P_OK));
    cr_assert(eq(int, money(PROMISE, 7, UINT64_MAX, UINT64_MAX), W3P_E_FUNDS));
}
