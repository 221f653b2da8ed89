// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the list of orders in flight, their transitions as jobs of the writer, and sending: the same bytes again and
// again until they are in a block or provably dead.
// Threads: the engine's.  Source: Substrate 3 node RPC (sc-rpc-api, errors of author).
#include "engine_internal.h"

#include "base/clock.h"
#include "base/crash.h"

#include <string.h>

void w3p_engine_log(enum w3p_log_level level, const char *event, const struct w3p_order *order, const char *text)
{
    struct w3p_log_line line;

    w3p_log_begin(&line, level, event);
    w3p_log_int(&line, "order", order->id);
    w3p_log_str(&line, "cid", order->cid);
    w3p_log_hex(&line, "tx", order->tx.hash32, 32);
    w3p_log_int(&line, "nonce", order->tx.nonce);
    if (order->block > 0)
        w3p_log_int(&line, "block", (int64_t)order->block);
    if (order->price > 0)
        w3p_log_int(&line, "price", (int64_t)order->price);
    if (text != NULL && text[0] != '\0')
        w3p_log_str(&line, "msg", text);
    w3p_log_end(&line);
}

void w3p_engine_add(struct w3p_engine *engine, const struct w3p_order *order)
{
    size_t at = engine->flight_count;
    uint64_t first = order->tx.birth_block + 1;

    while (at > 0 && engine->flights[at - 1].order.tx.nonce > order->tx.nonce) {
        engine->flights[at] = engine->flights[at - 1];
        at--;
    }
    memset(&engine->flights[at], 0, sizeof(engine->flights[at]));
    engine->flights[at].order = *order;
    engine->flights[at].unclear_ms = W3P_UNCLEAR_MS;
    if (engine->flight_count == 0 || first < engine->cursor)
        engine->cursor = first;
    engine->flight_count++;
}

void w3p_engine_drop(struct w3p_engine *engine, size_t index)
{
    memmove(&engine->flights[index], &engine->flights[index + 1],
            (engine->flight_count - index - 1) * sizeof(engine->flights[0]));
    engine->flight_count--;
}

static int run_transit(struct w3p_write *self, struct w3p_db *db)
{
    struct w3p_transit_job *job = (struct w3p_transit_job *)self;
    int64_t now_ms = w3p_clock_wall_ms();
    int err = W3P_E_INTERNAL;

    switch (job->what) {
    case W3P_TRANSIT_SUBMITTED:
        err = w3p_order_submitted(db, &job->order, now_ms);
        W3P_CRASH_POINT_IF(job->order.state == W3P_ORDER_SIGNED, ORDER_SUBMITTED_WRITTEN);
        W3P_CRASH_POINT_IF(job->order.state == W3P_ORDER_IN_BLOCK, ORDER_RETRACTED_WRITTEN);
        break;
    case W3P_TRANSIT_IN_BLOCK:
        err = w3p_order_in_block(db, &job->order, now_ms);
        W3P_CRASH_POINT(ORDER_IN_BLOCK_WRITTEN);
        break;
    case W3P_TRANSIT_FINAL:
        err = w3p_order_final(db, &job->order, job->fee, now_ms);
        W3P_CRASH_POINT(ORDER_FINAL_WRITTEN);
        break;
    case W3P_TRANSIT_ENDED:
        err = w3p_order_ended(db, &job->content_state, &job->order, job->end, job->fee, &job->retry, now_ms);
        W3P_CRASH_POINT_IF(job->end == W3P_ORDER_LOST, ORDER_LOST_WRITTEN);
        W3P_CRASH_POINT_IF(job->end == W3P_ORDER_FAILED, ORDER_FAILED_WRITTEN);
        break;
    }
    return err;
}

static void pass_stored(const struct w3p_transit_job *job)
{
    (void)job; // without test hooks there is nothing to pass
    W3P_CRASH_POINT_IF(job->what == W3P_TRANSIT_SUBMITTED && job->order.state == W3P_ORDER_SIGNED,
                       ORDER_SUBMITTED_STORED);
    W3P_CRASH_POINT_IF(job->what == W3P_TRANSIT_SUBMITTED && job->order.state == W3P_ORDER_IN_BLOCK,
                       ORDER_RETRACTED_STORED);
    W3P_CRASH_POINT_IF(job->what == W3P_TRANSIT_IN_BLOCK, ORDER_IN_BLOCK_STORED);
    W3P_CRASH_POINT_IF(job->what == W3P_TRANSIT_FINAL, ORDER_FINAL_STORED);
    W3P_CRASH_POINT_IF(job->what == W3P_TRANSIT_FINAL && job->order.renewal, RENEWAL_FINAL_STORED);
    W3P_CRASH_POINT_IF(job->what == W3P_TRANSIT_ENDED && job->end == W3P_ORDER_LOST, ORDER_LOST_STORED);
    W3P_CRASH_POINT_IF(job->what == W3P_TRANSIT_ENDED && job->end == W3P_ORDER_FAILED, ORDER_FAILED_STORED);
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
    struct w3p_transit_job job = {.what = W3P_TRANSIT_SUBMITTED, .order = flight->order};
    int err;

    if (flight->order.state != W3P_ORDER_SIGNED)
        return W3P_OK;
    err = w3p_engine_transit(engine, msg, &job);
    if (err != W3P_OK)
        return err;
    flight->order.state = W3P_ORDER_SUBMITTED;
    w3p_engine_log(W3P_LOG_INFO, "order.submitted", &flight->order, NULL);
    return W3P_OK;
}

// Sends one order's bytes. Whatever the node says, the order stays what it is until a block or its death decides.
static int send_one(struct w3p_engine *engine, struct w3p_errmsg *msg, struct w3p_flight *flight)
{
    struct w3p_errmsg said = {{0}};
    enum w3p_submit result;
    int64_t wait_ms = W3P_RESEND_MS;
    int err = W3P_OK;

    W3P_CRASH_POINT(ORDER_SEND_BEFORE);
    result = engine->chain->ops->submit(engine->chain, &said, flight->order.tx.bytes, flight->order.tx.len);
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
        w3p_engine_log(W3P_LOG_WARN, "order.refused", &flight->order, said.text);
        w3p_engine_wait_for(engine, "the node refuses a signed order: %s", said.text);
        break;
    case W3P_SUBMIT_UNCLEAR:
        w3p_engine_log(W3P_LOG_DEBUG, "order.unclear", &flight->order, said.text);
        wait_ms = flight->unclear_ms;
        flight->unclear_ms = wait_ms * 2 > W3P_RESEND_MS ? W3P_RESEND_MS : wait_ms * 2;
        engine->unclear = true;
        break;
    }
    flight->next_send_ms = w3p_clock_mono_ms() + wait_ms;
    return err;
}

int w3p_engine_send_due(struct w3p_engine *engine, struct w3p_errmsg *msg)
{
    int err = W3P_OK;

    // Lowest nonce first: a pool takes the others only behind it. After an unclear answer the rest waits for the next
    // tick, so that a dead endpoint costs one timeout, not one per order.
    for (size_t i = 0; i < engine->flight_count && err == W3P_OK && !engine->unclear; i++) {
        struct w3p_flight *flight = &engine->flights[i];

        if (flight->order.state == W3P_ORDER_IN_BLOCK || flight->next_send_ms > w3p_clock_mono_ms() ||
            engine->head.best_number >= flight->order.tx.death_block)
            continue;
        err = send_one(engine, msg, flight);
    }
    return err;
}
