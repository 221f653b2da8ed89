// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the list of transactions in flight, their transitions as jobs of the writer, and sending: the same bytes
// again and again until they are in a block or provably dead. Threads: the engine's.  Source: Substrate 3 node RPC
// (sc-rpc-api, errors of author).
#include "engine_internal.h"

#include "base/clock.h"
#include "base/crash.h"

#include <stdlib.h>
#include <string.h>

void w3p_engine_log(enum w3p_log_level level, const char *event, const struct w3p_transaction *t, size_t item,
                    const char *text)
{
    const struct w3p_order *order = &t->orders[item == W3P_WHOLE ? 0 : item];
    struct w3p_log_line line;

    w3p_log_begin(&line, level, event);
    w3p_log_int(&line, "order", order->id);
    if (item == W3P_WHOLE && t->count > 1)
        w3p_log_int(&line, "orders", (int64_t)t->count);
    w3p_log_str(&line, "cid", order->cid);
    w3p_log_hex(&line, "tx", t->tx.hash32, 32);
    w3p_log_int(&line, "nonce", t->tx.nonce);
    if (t->block > 0)
        w3p_log_int(&line, "block", (int64_t)t->block);
    if (item != W3P_WHOLE && order->price > 0)
        w3p_log_int(&line, "price", (int64_t)order->price);
    if (text != NULL && text[0] != '\0')
        w3p_log_str(&line, "msg", text);
    w3p_log_end(&line);
}

void w3p_engine_add(struct w3p_engine *engine, struct w3p_transaction *t)
{
    size_t at = engine->flight_count;
    uint64_t first = t->tx.birth_block + 1;

    while (at > 0 && engine->flights[at - 1].t->tx.nonce > t->tx.nonce) {
        engine->flights[at] = engine->flights[at - 1];
        at--;
    }
    engine->flights[at] = (struct w3p_flight){.t = t, .unclear_ms = W3P_UNCLEAR_MS};
    if (engine->flight_count == 0 || first < engine->cursor)
        engine->cursor = first;
    engine->flight_count++;
}

void w3p_engine_drop(struct w3p_engine *engine, size_t index)
{
    free(engine->flights[index].t);
    memmove(&engine->flights[index], &engine->flights[index + 1],
            (engine->flight_count - index - 1) * sizeof(engine->flights[0]));
    engine->flight_count--;
}

uint64_t w3p_engine_orders_in_flight(const struct w3p_engine *engine)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < engine->flight_count; i++)
        sum += engine->flights[i].t->count;
    return sum;
}

// Does one of the orders end like this? For renewals, when `renewal`.
static bool ends_as(const struct w3p_transit_job *job, enum w3p_order_state state, bool renewal)
{
    if (job->what != W3P_TRANSIT_ENDED)
        return false;
    for (size_t i = 0; i < job->t->count; i++) {
        if (job->ends[i].state == state && (!renewal || job->t->orders[i].renewal))
            return true;
    }
    return false;
}

static int run_transit(struct w3p_write *self, struct w3p_db *db)
{
    struct w3p_transit_job *job = (struct w3p_transit_job *)self;
    int64_t now_ms = w3p_clock_wall_ms();
    int err = W3P_E_INTERNAL;

    switch (job->what) {
    case W3P_TRANSIT_SUBMITTED:
        err = w3p_transaction_submitted(db, job->t, now_ms);
        W3P_CRASH_POINT_IF(job->t->state == W3P_ORDER_SIGNED, ORDER_SUBMITTED_WRITTEN);
        W3P_CRASH_POINT_IF(job->t->state == W3P_ORDER_IN_BLOCK, ORDER_RETRACTED_WRITTEN);
        break;
    case W3P_TRANSIT_IN_BLOCK:
        err = w3p_transaction_in_block(db, job->t, now_ms);
        W3P_CRASH_POINT(ORDER_IN_BLOCK_WRITTEN);
        break;
    case W3P_TRANSIT_ENDED:
        err = w3p_transaction_ended(db, job->t, job->ends, now_ms);
        W3P_CRASH_POINT_IF(ends_as(job, W3P_ORDER_FINAL, false), ORDER_FINAL_WRITTEN);
        W3P_CRASH_POINT_IF(ends_as(job, W3P_ORDER_LOST, false), ORDER_LOST_WRITTEN);
        W3P_CRASH_POINT_IF(ends_as(job, W3P_ORDER_FAILED, false), ORDER_FAILED_WRITTEN);
        break;
    }
    return err;
}

static void pass_stored(const struct w3p_transit_job *job)
{
    bool failed = ends_as(job, W3P_ORDER_FAILED, false); // without test hooks there is nothing to pass

    (void)failed;
    W3P_CRASH_POINT_IF(job->what == W3P_TRANSIT_SUBMITTED && job->t->state == W3P_ORDER_SIGNED, ORDER_SUBMITTED_STORED);
    W3P_CRASH_POINT_IF(job->what == W3P_TRANSIT_SUBMITTED && job->t->state == W3P_ORDER_IN_BLOCK,
                       ORDER_RETRACTED_STORED);
    W3P_CRASH_POINT_IF(job->what == W3P_TRANSIT_IN_BLOCK, ORDER_IN_BLOCK_STORED);
    W3P_CRASH_POINT_IF(ends_as(job, W3P_ORDER_FINAL, false), ORDER_FINAL_STORED);
    W3P_CRASH_POINT_IF(ends_as(job, W3P_ORDER_FINAL, true), RENEWAL_FINAL_STORED);
    W3P_CRASH_POINT_IF(ends_as(job, W3P_ORDER_LOST, false), ORDER_LOST_STORED);
    W3P_CRASH_POINT_IF(failed, ORDER_FAILED_STORED);
    W3P_CRASH_POINT_IF(failed && job->t->count > 1, BATCH_INTERRUPTED_STORED);
}

int w3p_engine_transit(struct w3p_engine *engine, struct w3p_errmsg *msg, struct w3p_transit_job *job)
{
    int err;

    job->write.run = run_transit;
    err = w3p_store_write_wait(engine->store, &job->write);
    pass_stored(job);
    if (err != W3P_OK)
        return w3p_fail(msg, err, "the state of an order could not be stored: %s", w3p_strerror(err));
    return W3P_OK;
}

// The node has it, or had it: signed → submitted.
static int mark_sent(struct w3p_engine *engine, struct w3p_errmsg *msg, struct w3p_flight *flight)
{
    struct w3p_transit_job job = {.what = W3P_TRANSIT_SUBMITTED, .t = flight->t};
    int err;

    if (flight->t->state != W3P_ORDER_SIGNED)
        return W3P_OK;
    err = w3p_engine_transit(engine, msg, &job);
    if (err != W3P_OK)
        return err;
    flight->t->state = W3P_ORDER_SUBMITTED;
    w3p_engine_log(W3P_LOG_INFO, "order.submitted", flight->t, W3P_WHOLE, NULL);
    return W3P_OK;
}

// Sends the bytes of one. Whatever the node says, it stays what it is until a block or its death decides.
static int send_one(struct w3p_engine *engine, struct w3p_errmsg *msg, struct w3p_flight *flight)
{
    struct w3p_errmsg said = {{0}};
    enum w3p_submit result;
    int64_t wait_ms = W3P_RESEND_MS;
    int err = W3P_OK;

    W3P_CRASH_POINT(ORDER_SEND_BEFORE);
    result = engine->chain->ops->submit(engine->chain, &said, flight->t->tx.bytes, flight->t->tx.len);
    W3P_CRASH_POINT(ORDER_SEND_AFTER);
    switch (result) {
    case W3P_SUBMIT_ACCEPTED:
    case W3P_SUBMIT_BANNED: // known by its hash: it was there
        flight->unclear_ms = W3P_UNCLEAR_MS;
        err = mark_sent(engine, msg, flight);
        break;
    case W3P_SUBMIT_STALE: // in a block, it or another with its nonce: the scan tells which
        break;
    case W3P_SUBMIT_FUTURE:
    case W3P_SUBMIT_PRIORITY:
    case W3P_SUBMIT_FULL:
    case W3P_SUBMIT_PAYMENT:
        w3p_engine_wait_for(engine, "the node does not take the order now: %s", said.text);
        wait_ms = W3P_SOON_MS;
        break;
    case W3P_SUBMIT_BAD:
        w3p_engine_log(W3P_LOG_WARN, "order.refused", flight->t, W3P_WHOLE, said.text);
        w3p_engine_wait_for(engine, "the node refuses a signed order: %s", said.text);
        break;
    case W3P_SUBMIT_UNCLEAR:
        w3p_engine_log(W3P_LOG_DEBUG, "order.unclear", flight->t, W3P_WHOLE, said.text);
        wait_ms = flight->unclear_ms;
        flight->unclear_ms = wait_ms * 2 > W3P_RESEND_MS ? W3P_RESEND_MS : wait_ms * 2;
        engine->unclear = true;
        break;
    }
    flight->sent_ms = w3p_clock_mono_ms();
    flight->next_send_ms = flight->sent_ms + wait_ms;
    return err;
}

void w3p_engine_send_elsewhere(struct w3p_engine *engine)
{
    for (size_t i = 0; i < engine->flight_count; i++) {
        struct w3p_flight *flight = &engine->flights[i];

        if (flight->next_send_ms > flight->sent_ms + W3P_UNCLEAR_MS)
            flight->next_send_ms = flight->sent_ms + W3P_UNCLEAR_MS;
    }
}

int w3p_engine_send_due(struct w3p_engine *engine, struct w3p_errmsg *msg)
{
    int err = W3P_OK;

    // Lowest nonce first: a pool takes the others only behind it. After an unclear answer the rest waits for the next
    // tick, so that a dead endpoint costs one timeout, not one per order.
    for (size_t i = 0; i < engine->flight_count && err == W3P_OK && !engine->unclear; i++) {
        struct w3p_flight *flight = &engine->flights[i];

        if (flight->final.number > 0) // it is in a block
            continue;
        if (flight->t->state == W3P_ORDER_IN_BLOCK || flight->next_send_ms > w3p_clock_mono_ms() ||
            engine->head.best_number >= flight->t->tx.death_block)
            continue;
        err = send_one(engine, msg, flight);
    }
    return err;
}
