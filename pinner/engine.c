// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the engine's life, its thread, the order of work within one tick, and what other threads may ask.
// Threads and rules: engine.h, engine_internal.h.
#include "engine_internal.h"

#include "base/clock.h"
#include "operator_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define WAKE_MIN_MS 200 // many wakes in a row make one tick: each asks the node for its head

#define KEY_U64(key, field, fallback, lo, hi, unit, help)                                                              \
    {                                                                                                                  \
        key, W3P_CONF_U64, offsetof(struct w3p_engine_settings, field), fallback, lo, hi, NULL, unit, help             \
    }

const struct w3p_conf_key w3p_engine_conf_keys[] = {
    KEY_U64("crust.min_replicas", min_replicas, "3", 1, 200, "",
            "A pin counts as pinned from this many replicas on chain on."),
    KEY_U64("crust.default_size", default_size, "2147483648", 1, 8589934591, "bytes",
            "Size that is ordered for a pin without meta.size; too small a size loses the money."),
    KEY_U64("crust.max_in_flight", max_in_flight, "48", 1, W3P_FLIGHT_MAX, "",
            "Most transactions that are on their way at the same time, until their block is final."),
    KEY_U64("crust.batch_max", batch_max, "32", 1, W3P_CHAIN_BATCH_MAX, "",
            "Most orders in one transaction, where several wait; 1 sends each by itself."),
    KEY_U64("crust.max_order_planck", max_order_planck, "60000000000", 0, INT64_MAX, "planck",
            "Most that one order may cost together with its transaction fee."),
    KEY_U64("budget.planck_per_day", planck_per_day, "1000000000000", 0, INT64_MAX, "planck",
            "Most that all orders of a day (UTC) may cost; 0 sets no limit."),
    KEY_U64("engine.poll_ms", poll_ms, "1000", 50, 60000, "ms", "How often the chain is asked for its head."),
    KEY_U64("engine.max_attempts", max_attempts, "3", 1, 100, "",
            "Number of failed orders of one content after which its pins fail."),
    KEY_U64("engine.retry_wait_s", retry_wait_s, "60", 1, 3600, "s",
            "How long an order that cannot be placed yet waits before it is looked at again."),
    KEY_U64("engine.renew_before_blocks", renew_before_blocks, "432000", 0, 1296000, "blocks",
            "How long before its expiry a pinned content is ordered again; 0 never renews."),
    KEY_U64("engine.recheck_blocks", recheck_blocks, "600", 1, 100000, "blocks",
            "How often the entry of a stored content is looked at."),
    KEY_U64("engine.head_age_max_s", head_age_max_s, "120", 0, 86400, "s",
            "Nothing is signed while the finalized head is older than this; 0 accepts any age."),
    {0}};

bool w3p_engine_is_outage(int err)
{
    return err == W3P_E_UNREACHABLE || err == W3P_E_TIMEOUT || err == W3P_E_CLOSED || err == W3P_E_IO ||
           err == W3P_E_BUSY;
}

void w3p_engine_wait_for(struct w3p_engine *engine, const char *fmt, ...)
{
    va_list args;

    if (engine->waiting[0] != '\0')
        return;
    va_start(args, fmt);
    (void)vsnprintf(engine->waiting, sizeof(engine->waiting), fmt, args);
    va_end(args);
}

static int track(struct w3p_engine *engine, struct w3p_errmsg *msg)
{
    struct w3p_tracker_conf conf = {.store = engine->store,
                                    .chain = engine->chain,
                                    .db = engine->db,
                                    .min_replicas = engine->settings.min_replicas,
                                    .default_size = engine->settings.default_size,
                                    .max_attempts = engine->settings.max_attempts,
                                    .recheck_blocks = engine->settings.recheck_blocks,
                                    .retry_wait_ms = (int64_t)engine->settings.retry_wait_s * 1000,
                                    .size_max = engine->terms_known ? engine->terms.size_max : 0};
    int err;

    if (engine->tracked_block == engine->head.final_number)
        return W3P_OK;
    err = w3p_tracker_run(msg, &conf, &engine->head);
    if (err == W3P_OK)
        engine->tracked_block = engine->head.final_number;
    return err;
}

static int open_reader(struct w3p_engine *engine, struct w3p_errmsg *msg)
{
    int err;

    if (engine->db != NULL)
        return W3P_OK;
    err = w3p_store_reader(&engine->db, msg, engine->store);
    if (err == W3P_OK)
        err = w3p_engine_load(engine, msg);
    if (err != W3P_OK && engine->db != NULL) {
        w3p_store_reader_close(engine->db);
        engine->db = NULL;
    }
    return err;
}

// The work of a tick, in the order that keeps promises: what is under way first, then new orders, then looking.
static int work(struct w3p_engine *engine, struct w3p_errmsg *msg, enum w3p_chain_state *state)
{
    struct w3p_chain_head head = {0};
    bool usable = false;
    int err = open_reader(engine, msg);

    engine->unclear = false;
    engine->proofs = 0;
    if (err == W3P_OK)
        err = w3p_engine_meet(engine, msg);
    if (err == W3P_OK)
        err = engine->chain->ops->head(engine->chain, msg, &head);
    if (err == W3P_OK)
        err = w3p_engine_take_head(engine, msg, &head, &usable, state);
    if (err != W3P_OK || !usable)
        return err;
    err = w3p_engine_follow(engine, msg);
    if (err == W3P_OK)
        err = w3p_engine_send_due(engine, msg);
    if (err == W3P_OK && *state == W3P_CHAIN_OK && w3p_engine_caught_up(engine)) {
        err = w3p_engine_place(engine, msg);
        if (err == W3P_OK)
            err = w3p_engine_send_due(engine, msg);
    }
    if (err == W3P_OK)
        err = track(engine, msg);
    return err;
}

static void note_state(struct w3p_engine *engine, enum w3p_chain_state state, const char *text)
{
    bool was_down = engine->state == W3P_CHAIN_UNREACHABLE, is_down = state == W3P_CHAIN_UNREACHABLE;

    if (is_down && !was_down)
        w3p_logf(W3P_LOG_WARN, "chain.unreachable", "%s", text);
    else if (state == W3P_CHAIN_OK && engine->state != W3P_CHAIN_OK)
        w3p_logf(W3P_LOG_INFO, "chain.ok", "finalized head at %llu", (unsigned long long)engine->head.final_number);
    else if (state != engine->state && !is_down)
        w3p_logf(W3P_LOG_WARN, "chain.unfit", "%s", engine->waiting);
    engine->state = state;
}

static bool is_stopping(struct w3p_engine *engine)
{
    bool stopping;

    pthread_mutex_lock(&engine->lock);
    stopping = engine->stopping;
    pthread_mutex_unlock(&engine->lock);
    return stopping;
}

int w3p_engine_step(struct w3p_engine *engine)
{
    enum w3p_chain_state state = W3P_CHAIN_UNREACHABLE;
    struct w3p_errmsg msg = {{0}};
    uint64_t queued;
    int err;

    engine->waiting[0] = '\0';
    err = work(engine, &msg, &state);
    if (err == W3P_E_CLOSED && is_stopping(engine)) // else a connection that the node closed: trouble as any other
        return err;
    if (err != W3P_OK) {
        if (w3p_store_healthy(engine->store)) // a full disk says nothing about the chain
            state = W3P_CHAIN_UNREACHABLE;
        engine->bound = engine->bound && !w3p_engine_is_outage(err);
        engine->failures++;
        w3p_engine_wait_for(engine, "%s", msg.text[0] != '\0' ? msg.text : w3p_strerror(err));
    } else {
        engine->failures = 0;
    }
    note_state(engine, state, msg.text);
    queued = engine->db != NULL ? w3p_queue_length(engine->db) : 0;
    w3p_engine_note_money(engine);
    pthread_mutex_lock(&engine->lock);
    engine->snapshot.chain = state;
    engine->snapshot.best_number = engine->head.best_number;
    engine->snapshot.final_number = engine->head.final_number;
    engine->snapshot.queued = queued;
    engine->snapshot.in_flight = w3p_engine_orders_in_flight(engine);
    engine->snapshot.market_open = engine->terms_known && engine->terms.market_open;
    engine->snapshot.paused = engine->paused;
    engine->snapshot.money = engine->money;
    memcpy(engine->snapshot.waiting, engine->waiting, sizeof(engine->waiting));
    if (queued == 0 && engine->flight_count == 0 && err == W3P_OK) // an outage is there for the next pin, too
        engine->snapshot.waiting[0] = '\0';
    pthread_mutex_unlock(&engine->lock);
    return err;
}

void w3p_engine_snapshot(struct w3p_engine *engine, struct w3p_engine_snapshot *out)
{
    pthread_mutex_lock(&engine->lock);
    *out = engine->snapshot;
    pthread_mutex_unlock(&engine->lock);
}

static void add_ms(struct timespec *at, int64_t ms)
{
    at->tv_sec += (time_t)(ms / 1000);
    at->tv_nsec += (long)(ms % 1000) * 1000000;
    if (at->tv_nsec >= 1000000000) {
        at->tv_sec++;
        at->tv_nsec -= 1000000000;
    }
}

// So that many gateways do not come back to a node at the same moment. No randomness at boot: none is needed.
static int64_t jitter_ms(int64_t below_ms)
{
    uint32_t random = 0;

    if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random))
        return 0;
    return below_ms > 0 ? (int64_t)random % below_ms : 0;
}

// Nothing is under way, and new heads are told.
static bool is_told(struct w3p_engine *engine)
{
    bool told;

    pthread_mutex_lock(&engine->lock);
    told = engine->told_ms != 0 && w3p_clock_mono_ms() - engine->told_ms < W3P_TOLD_MS;
    told = told && engine->failures == 0 && engine->flight_count == 0 && engine->snapshot.queued == 0;
    pthread_mutex_unlock(&engine->lock);
    return told;
}

// Sleeps until the next tick is due; a wake shortens it, but to no less than WAKE_MIN_MS, and not while the chain is
// backed off from. False when the engine stops.
static bool sleep_between(struct w3p_engine *engine)
{
    int64_t wait_ms = (int64_t)engine->settings.poll_ms;
    struct timespec soon, late;
    bool go_on;

    if (engine->failures > 0) {
        unsigned doublings = engine->failures > 8 ? 8 : engine->failures;

        wait_ms <<= doublings;
        wait_ms = wait_ms > W3P_BACKOFF_MAX_MS ? W3P_BACKOFF_MAX_MS : wait_ms;
        wait_ms = wait_ms / 2 + jitter_ms(wait_ms / 2);
    }
    if (is_told(engine) && wait_ms < W3P_TOLD_POLL_MS)
        wait_ms = W3P_TOLD_POLL_MS;
    clock_gettime(CLOCK_MONOTONIC, &soon);
    late = soon;
    add_ms(&soon, engine->failures > 0 || wait_ms < WAKE_MIN_MS ? wait_ms : WAKE_MIN_MS);
    add_ms(&late, wait_ms);
    pthread_mutex_lock(&engine->lock);
    while (!engine->stopping && pthread_cond_timedwait(&engine->cond, &engine->lock, &soon) != ETIMEDOUT)
        ;
    while (!engine->stopping && !engine->woken &&
           pthread_cond_timedwait(&engine->cond, &engine->lock, &late) != ETIMEDOUT)
        ;
    engine->woken = false;
    go_on = !engine->stopping;
    pthread_mutex_unlock(&engine->lock);
    return go_on;
}

static void *engine_main(void *arg)
{
    struct w3p_engine *engine = arg;

    do
        (void)w3p_engine_step(engine); // its failure is in the snapshot, the log and the backoff
    while (sleep_between(engine));
    if (engine->db != NULL)
        w3p_store_reader_close(engine->db);
    engine->db = NULL;
    return NULL;
}

int w3p_engine_create(struct w3p_engine **out, struct w3p_errmsg *msg, const struct w3p_engine_conf *conf)
{
    struct w3p_engine *engine;
    pthread_condattr_t attr;
    struct w3p_db *db;
    int err = w3p_store_reader(&db, msg, conf->store);

    if (err != W3P_OK)
        return err;
    engine = w3p_calloc(1, sizeof(*engine));
    engine->store = conf->store;
    engine->chain = conf->chain;
    engine->settings = *conf->settings;
    engine->bind = conf->bind;
    engine->bind_arg = conf->bind_arg;
    if (engine->settings.max_in_flight > W3P_FLIGHT_MAX)
        engine->settings.max_in_flight = W3P_FLIGHT_MAX;
    if (conf->money != NULL)
        engine->money_settings = *conf->money;
    if (engine->settings.batch_max > W3P_CHAIN_BATCH_MAX)
        engine->settings.batch_max = W3P_CHAIN_BATCH_MAX;
    w3p_engine_load_terms(engine, db);
    w3p_engine_note_money(engine);
    engine->snapshot.paused = w3p_pause_is_on(db);
    engine->snapshot.money = engine->money;
    engine->snapshot.queued = w3p_queue_length(db);
    w3p_store_reader_close(db);
    pthread_mutex_init(&engine->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&engine->cond, &attr);
    pthread_condattr_destroy(&attr);
    *out = engine;
    return W3P_OK;
}

int w3p_engine_start(struct w3p_engine *engine)
{
    if (engine->running)
        return W3P_E_STATE;
    if (pthread_create(&engine->thread, NULL, engine_main, engine) != 0)
        return W3P_E_INTERNAL;
    engine->running = true;
    return W3P_OK;
}

void w3p_engine_stop(struct w3p_engine *engine)
{
    if (!engine->running)
        return;
    pthread_mutex_lock(&engine->lock);
    engine->stopping = true;
    pthread_cond_broadcast(&engine->cond);
    pthread_mutex_unlock(&engine->lock);
    engine->chain->ops->interrupt(engine->chain);
    pthread_join(engine->thread, NULL);
    engine->running = false;
}

void w3p_engine_wake(struct w3p_engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine->woken = true;
    pthread_cond_signal(&engine->cond);
    pthread_mutex_unlock(&engine->lock);
}

void w3p_engine_told(struct w3p_engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine->told_ms = w3p_clock_mono_ms();
    engine->woken = true;
    pthread_cond_signal(&engine->cond);
    pthread_mutex_unlock(&engine->lock);
}

void w3p_engine_destroy(struct w3p_engine *engine)
{
    if (engine == NULL)
        return;
    w3p_engine_stop(engine);
    if (engine->db != NULL)
        w3p_store_reader_close(engine->db);
    while (engine->flight_count > 0)
        w3p_engine_drop(engine, engine->flight_count - 1);
    pthread_cond_destroy(&engine->cond);
    pthread_mutex_destroy(&engine->lock);
    free(engine);
}
