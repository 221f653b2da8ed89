// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what became of the orders of one transaction: each ends for itself, by what the block's events say of it, or
// by its entry where they say nothing.
// Threads: the engine's.  Must not: decide whether the transaction is in a block or dead (engine_follow.c).
#include "engine_internal.h"

#include "base/clock.h"

#include <string.h>

#define RETRY_WAIT_MS 30000

static void log_ends(const struct w3p_transaction *t, const struct w3p_transit_job *job)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct w3p_order_end *end = &job->ends[i];

        if (end->state == W3P_ORDER_FINAL)
            w3p_engine_log(W3P_LOG_INFO, "order.final", t, i, NULL);
        else
            w3p_engine_log(W3P_LOG_WARN, end->state == W3P_ORDER_LOST ? "order.lost" : "order.failed", t, i,
                           end->retry.error);
    }
}

// Nodes contradict each other about the end of flight i: it waits for the next finalized head, and nothing waits for
// it.
static int leave_disputed(struct w3p_engine *engine, size_t i, const struct w3p_transaction *t, size_t item,
                          const struct w3p_errmsg *why)
{
    struct w3p_flight *flight = &engine->flights[i];

    w3p_engine_wait_for(engine, "%s", why->text);
    flight->disputed_item = item;
    memcpy(flight->disputed_at32, engine->head.final_hash32, 32);
    flight->final.number = t->block;
    flight->final_index = t->index;
    memcpy(flight->final.hash32, t->block_hash32, 32);
    return W3P_OK;
}

// All orders of flight i end as the job says; their contents go on.
static int finish(struct w3p_engine *engine, struct w3p_errmsg *msg, size_t i, struct w3p_transit_job *job)
{
    int64_t now_ms = w3p_clock_wall_ms();
    struct w3p_errmsg why = {{0}};
    size_t item = 0;
    bool lost;
    int err = W3P_OK;

    job->what = W3P_TRANSIT_ENDED;
    for (size_t n = 0; err == W3P_OK && n < job->t->count; n++) {
        item = (engine->flights[i].disputed_item + n) % job->t->count;
        job->ends[item].retry.max_attempts = engine->settings.max_attempts;
        job->ends[item].retry.now_ms = now_ms;
        lost = job->ends[item].state == W3P_ORDER_LOST;
        if (job->ends[item].state != W3P_ORDER_FINAL && (n == 0 || !lost)) // lost ones are lost together
            err = w3p_engine_believe_end(engine, &why, job->t, item, lost);
    }
    if (err == W3P_E_STATE)
        return leave_disputed(engine, i, job->t, item, &why);
    if (err != W3P_OK)
        return w3p_fail(msg, err, "%s", why.text);
    err = w3p_engine_transit(engine, msg, job);
    if (err != W3P_OK)
        return err;
    log_ends(job->t, job);
    w3p_engine_drop(engine, i);
    return W3P_OK;
}

int w3p_engine_bury(struct w3p_engine *engine, struct w3p_errmsg *msg, size_t i)
{
    struct w3p_transaction t = *engine->flights[i].t;
    struct w3p_transit_job job = {.t = &t};

    t.block = 0;
    for (size_t k = 0; k < t.count; k++)
        job.ends[k].state = W3P_ORDER_LOST;
    return finish(engine, msg, i, &job);
}

// What was reserved counts as paid.
static int settle_by_entries(struct w3p_engine *engine, struct w3p_errmsg *msg, size_t i, struct w3p_transaction *t)
{
    struct w3p_transit_job job = {.t = t};
    struct w3p_chain_file files[W3P_CHAIN_BATCH_MAX] = {0};
    const char *cids[W3P_CHAIN_BATCH_MAX];
    int err;

    for (size_t k = 0; k < t->count; k++)
        cids[k] = t->orders[k].cid;
    err = engine->chain->ops->files(engine->chain, msg, files, cids, t->count, engine->head.final_hash32);
    if (err != W3P_OK)
        return err;
    for (size_t k = 0; k < t->count; k++) {
        struct w3p_order *order = &t->orders[k];

        job.ends[k].state = files[k].exists ? W3P_ORDER_FINAL : W3P_ORDER_FAILED;
        order->price = files[k].exists ? order->reserved : 0;
        order->fee = files[k].exists ? 0 : order->reserved;
        job.ends[k].retry =
            (struct w3p_content_retry){.counts = true,
                                       .wait_ms = RETRY_WAIT_MS,
                                       .error = "the order left no file on chain, and its outcome is unknown"};
    }
    return finish(engine, msg, i, &job);
}

int w3p_engine_settle_by_entries(struct w3p_engine *engine, struct w3p_errmsg *msg, size_t i)
{
    struct w3p_transaction t = *engine->flights[i].t;

    return settle_by_entries(engine, msg, i, &t);
}

// The fee in equal parts on those that were tried; the first ones bear what is left, so that the sum is exact.
static void share_fee(struct w3p_transaction *t, const struct w3p_chain_outcome *outcome, uint64_t fee)
{
    uint64_t tried = 0, rest, n = 0;

    for (size_t k = 0; k < t->count; k++)
        tried += outcome->items[k].end != W3P_ITEM_NOT_TRIED ? 1 : 0;
    if (tried == 0)
        return; // no outcome has that
    rest = fee % tried;
    for (size_t k = 0; k < t->count; k++) {
        if (outcome->items[k].end != W3P_ITEM_NOT_TRIED)
            t->orders[k].fee = fee / tried + (n++ < rest ? 1 : 0);
    }
}

static void judge_item(struct w3p_order *order, struct w3p_order_end *end, struct w3p_chain_item *item,
                       bool batch_refused)
{
    order->event = item->end != W3P_ITEM_NOT_TRIED ? (int64_t)item->event : -1;
    order->price = item->end == W3P_ITEM_OK ? w3p_engine_clamp(item->price) : 0;
    item->error[sizeof(item->error) - 1] = '\0';
    switch (item->end) {
    case W3P_ITEM_OK:
        end->state = W3P_ORDER_FINAL;
        break;
    case W3P_ITEM_FAILED:
        end->state = W3P_ORDER_FAILED;
        end->retry = (struct w3p_content_retry){.counts = !item->blameless && !batch_refused,
                                                .permanent = item->permanent && !batch_refused,
                                                .wait_ms = batch_refused ? 0 : RETRY_WAIT_MS,
                                                .error = item->error[0] != '\0' ? item->error : "the order failed"};
        break;
    case W3P_ITEM_NOT_TRIED: // due again at once
        end->state = W3P_ORDER_FAILED;
        end->retry.error = "not tried: another order of the same transaction failed";
        break;
    }
}

// A runtime that refuses batches as such would take a fee for each: single orders, until it is another one.
static void note_refused_batch(struct w3p_engine *engine, const struct w3p_transaction *t,
                               const struct w3p_chain_item *item)
{
    w3p_engine_log(W3P_LOG_WARN, "batch.refused", t, W3P_WHOLE, item->error);
    engine->batches_refused = true;
    engine->batches_refused_by = engine->info.spec_version;
}

int w3p_engine_settle(struct w3p_engine *engine, struct w3p_errmsg *msg, size_t i, uint64_t number,
                      const uint8_t hash32[32], uint32_t index)
{
    struct w3p_transaction t = *engine->flights[i].t;
    struct w3p_transit_job job = {.t = &t};
    struct w3p_chain_outcome outcome = {0};
    const char *cids[W3P_CHAIN_BATCH_MAX];
    uint64_t fee;
    int err;

    for (size_t k = 0; k < t.count; k++)
        cids[k] = t.orders[k].cid;
    err = engine->chain->ops->outcome(engine->chain, msg, &outcome, cids, t.count, index, hash32);
    if (err != W3P_OK && (w3p_engine_is_outage(err) || engine->failures < W3P_GIVE_UP_TICKS))
        return err;
    t.block = number;
    t.index = index;
    memcpy(t.block_hash32, hash32, 32);
    if (err != W3P_OK || !outcome.known)
        return settle_by_entries(engine, msg, i, &t);
    fee = w3p_engine_clamp(outcome.fee);
    if (fee == 0) { // the chain does not say: as estimated, also in the first tick after a start
        err = w3p_engine_terms(engine, msg);
        if (err != W3P_OK)
            return err;
        fee = w3p_engine_clamp(w3p_engine_clamp(engine->terms.tx_fee) * (w3p_u128)t.count);
    }
    share_fee(&t, &outcome, fee);
    for (size_t k = 0; k < t.count; k++)
        judge_item(&t.orders[k], &job.ends[k], &outcome.items[k], outcome.batch_refused);
    err = finish(engine, msg, i, &job);
    if (err == W3P_OK && outcome.batch_refused)
        note_refused_batch(engine, &t, &outcome.items[0]);
    return err;
}
