// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what a budget costs a request: the subject's hash and one taking, of one account, of a hundred thousand that
// come at random (their places are not in the caches), and of one account that two threads ask for at once.
// usage: bench_limit [milliseconds a measurement, 500 by default]
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/hash.h"
#include "http/limit.h"

enum { BATCH = 256, BATCHES_MAX = 1 << 16, ACCOUNTS = 100000, TEXT_LEN = 46, MOST_NS = 200 };

static unsigned budget_ms = 500;
static struct w3p_limiter *limiter;
static _Atomic int all_there;

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right ? 1 : 0;
}

// Nanoseconds a request: the median of batches, so that a neighbour's load counts little.
static double measure(size_t count)
{
    struct w3p_limit_state state;
    uint64_t end = w3p_clock_mono_ns() + (uint64_t)budget_ms * 1000000, pick = 1;
    double *batches = w3p_calloc(BATCHES_MAX, sizeof *batches);
    size_t admitted = 0, done = 0;
    char who[TEXT_LEN] = "";
    while (done < BATCHES_MAX && w3p_clock_mono_ns() < end) {
        uint64_t begin = w3p_clock_mono_ns();
        for (int i = 0; i < BATCH; i++) {
            pick = pick * 6364136223846793005u + 1442695040888963407u;
            uint64_t number = (pick >> 33) % count;
            memcpy(who, &number, sizeof number);
            admitted += w3p_limiter_take(limiter, &state, w3p_limiter_subject(limiter, who, sizeof who), begin) ? 1 : 0;
        }
        batches[done++] = (double)(w3p_clock_mono_ns() - begin) / BATCH;
    }
    if (admitted == 0)
        exit(1);
    qsort(batches, done, sizeof *batches, compare);
    double median = batches[done / 2];
    free(batches);
    return median;
}

static void *measure_beside(void *out)
{
    atomic_fetch_add(&all_there, 1);
    while (atomic_load(&all_there) < 2)
        ;
    *(double *)out = measure(1);
    return NULL;
}

// A line "figure" for tests/bench/run: name, nanoseconds, the most that it may be.
static void report(const char *what, double each_ns)
{
    printf("figure\ta budget, %s\t%.0f\t%d\n", what, each_ns, MOST_NS);
}

int main(int argc, char **argv)
{
    pthread_t other;
    double mine = 0, others = 0;
    if (argc > 1) {
        long given = strtol(argv[1], NULL, 10);
        budget_ms = given >= 10 && given <= 60000 ? (unsigned)given : budget_ms;
    }
    w3p_crypto_init();
    limiter = w3p_limiter_create(&(struct w3p_limit_rate){.per_s = W3P_LIMIT_PER_S_MAX, .burst = W3P_LIMIT_BURST_MAX});
    report("one account", measure(1));
    report("100,000 accounts at random", measure(ACCOUNTS));
    if (pthread_create(&other, NULL, measure_beside, &others) != 0)
        return 1;
    (void)measure_beside(&mine);
    pthread_join(other, NULL);
    report("one account on two threads", mine > others ? mine : others);
    w3p_limiter_destroy(limiter);
    return 0;
}
