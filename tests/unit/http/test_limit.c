// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: budgets of requests with a clock that the test moves: one subject, very many, and several threads.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <pthread.h>
#include <stdatomic.h>

#include "crypto/hash.h"
#include "http/limit.h"

#define S UINT64_C(1000000000)

static struct w3p_limiter *limiter;
static struct w3p_limit_state state;

static void make(uint64_t per_s, uint64_t burst)
{
    w3p_crypto_init();
    limiter = w3p_limiter_create(&(struct w3p_limit_rate){.per_s = per_s, .burst = burst});
}

static void drop(void)
{
    w3p_limiter_destroy(limiter);
}

static uint64_t subject(uint64_t n)
{
    return w3p_limiter_subject(limiter, &n, sizeof n);
}

static bool take(uint64_t who, uint64_t now_ns)
{
    return w3p_limiter_take(limiter, &state, who, now_ns);
}

TestSuite(limit, .fini = drop, .timeout = 60);

Test(limit, a_burst_and_then_so_many_a_second)
{
    make(10, 3);
    uint64_t who = subject(1), now = 50 * S;
    for (uint64_t left = 3; left-- > 0;) {
        cr_assert(take(who, now));
        cr_expect(eq(u64, state.limit, 3));
        cr_expect(eq(u64, state.remaining, left));
        cr_expect(eq(u64, state.retry_ns, 0));
        cr_expect(eq(u64, state.full_ns, (3 - left) * S / 10));
    }
    for (int i = 0; i < 3; i++) { // being refused costs nothing
        cr_assert(eq(int, take(who, now), 0));
        cr_expect(eq(u64, state.remaining, 0));
        cr_expect(eq(u64, state.retry_ns, S / 10));
        cr_expect(eq(u64, state.full_ns, 3 * S / 10));
    }
    cr_expect(eq(int, take(who, now + S / 10 - 1), 0));
    cr_expect(eq(u64, state.retry_ns, 1));
    cr_expect(take(who, now + S / 10));
    cr_expect(eq(int, take(who, now + S / 10), 0));
    cr_expect(take(who, now + S));
    cr_expect(eq(u64, state.remaining, 2)); // a long rest gives the burst back and no more
}

Test(limit, asking_takes_nothing)
{
    make(1, 2);
    uint64_t who = subject(1);
    for (int i = 0; i < 10; i++)
        cr_assert(w3p_limiter_has(limiter, &state, who, S));
    cr_expect(eq(u64, state.remaining, 1));
    cr_assert(take(who, S));
    cr_assert(take(who, S));
    cr_expect(eq(int, w3p_limiter_has(limiter, &state, who, S), 0));
    cr_expect(eq(u64, state.retry_ns, S));
    cr_expect(w3p_limiter_has(limiter, &state, who, 2 * S));
}

Test(limit, subjects_do_not_know_each_other)
{
    make(1, 5);
    for (int i = 0; i < 6; i++)
        cr_expect(eq(int, take(subject(1), S), i < 5));
    cr_expect(take(subject(2), S));
    cr_expect(eq(u64, state.remaining, 4));
}

Test(limit, the_largest_numbers)
{
    make(1, W3P_LIMIT_BURST_MAX);
    cr_assert(take(subject(1), UINT64_MAX / 2));
    cr_expect(eq(u64, state.remaining, W3P_LIMIT_BURST_MAX - 1));
    drop();
    make(W3P_LIMIT_PER_S_MAX, 1);
    cr_assert(take(subject(1), S));
    cr_expect(eq(int, take(subject(1), S), 0));
    cr_expect(take(subject(1), S + S / W3P_LIMIT_PER_S_MAX));
}

// What the default budget for failed sign-ins sees when a million addresses come within ten seconds, and one of them
// has more to hide than the others.
Test(limit, a_million_addresses_neither_clear_a_debt_nor_keep_others_out)
{
    enum { MILLION = 1000000, EACH_NS = 10000 };
    make(5, 500);
    uint64_t culprit = subject(0), admitted = 0, refused = 0;
    for (int i = 0; i < 500; i++)
        cr_assert(take(culprit, S));
    for (uint64_t i = 1; i <= MILLION; i++) {
        uint64_t now = S + i * EACH_NS;
        refused += take(subject(i), now) ? 0 : 1;
        if (i % 1000 == 0)
            admitted += take(culprit, now) ? 1 : 0;
    }
    cr_expect(eq(u64, refused, 0));
    cr_expect(le(u64, admitted, 50), "%lu", (unsigned long)admitted); // ten seconds of five
}

// Faster than any server answers: time stands still while four times as many come as there are places. Leaving and
// coming back must not be a way to a new burst.
Test(limit, a_full_table_gives_each_place_one_burst)
{
    make(1, 2);
    uint64_t admitted = 0;
    for (int round = 0; round < 5; round++) {
        for (uint64_t i = 0; i < 4 * W3P_LIMIT_SLOTS; i++)
            admitted += take(subject(i), S) ? 1 : 0;
    }
    cr_expect(le(u64, admitted, 2 * W3P_LIMIT_SLOTS), "%lu", (unsigned long)admitted);
    cr_expect(le(u64, W3P_LIMIT_SLOTS, admitted));
}

enum { THREADS = 4, TRIES = 500000, BURST = 1000000 };
static _Atomic uint64_t admitted_of_all;
static pthread_barrier_t all_there;

static void *hammer(void *arg)
{
    struct w3p_limit_state mine;
    uint64_t admitted = 0;
    pthread_barrier_wait(&all_there);
    for (int i = 0; i < TRIES; i++) {
        if (w3p_limiter_take(limiter, &mine, *(uint64_t *)arg, S))
            admitted++;
    }
    atomic_fetch_add(&admitted_of_all, admitted);
    return NULL;
}

Test(limit, threads_share_one_budget)
{
    make(10, BURST);
    pthread_t threads[THREADS];
    uint64_t who = subject(7);
    pthread_barrier_init(&all_there, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        cr_assert(pthread_create(&threads[i], NULL, hammer, &who) == 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&all_there);
    // never more; fewer only when a thread lost 64 races in a row
    cr_expect(le(u64, admitted_of_all, BURST));
    cr_expect(le(u64, BURST - 100, admitted_of_all), "%lu", (unsigned long)admitted_of_all);
}
