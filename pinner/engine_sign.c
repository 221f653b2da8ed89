// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: new transactions: signs the orders that were decided on, has the signed bytes on the disk, and only then
// puts them among those that are sent. What nobody wants any more at that moment is left out of a new signature; the
// old one was neither stored nor sent. Threads: the engine's.  Must not: send (engine_send.c), decide what is ordered
// (engine_place.c).
#include "engine_internal.h"

#include "base/clock.h"
#include "base/crash.h"
#include "operator_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sign_job {
    struct w3p_write write;
    struct w3p_transaction *t;
    uint64_t planck_per_day;
    struct w3p_refusal why;
};

static int run_sign(struct w3p_write *self, struct w3p_db *db)
{
    struct sign_job *job = (struct sign_job *)self;
    int err;

    if (w3p_pause_is_on(db)) { // since the tick began: what came behind the switch is not ordered
        for (size_t i = 0; i < W3P_CHAIN_BATCH_MAX; i++)
            job->why.unwanted[i] = true;
        return W3P_E_STATE;
    }
    err = w3p_transaction_insert(db, &job->why, job->t, job->planck_per_day, w3p_clock_wall_ms());
    W3P_CRASH_POINT_IF(err == W3P_OK, ORDER_SIGNED_WRITTEN);
    return err;
}

static int store(struct w3p_engine *engine, struct w3p_errmsg *msg, struct w3p_transaction *t, struct w3p_refusal *why)
{
    struct sign_job job = {.write = {.run = run_sign}, .t = t, .planck_per_day = engine->settings.planck_per_day};
    bool renewal = false;
    int err;

    W3P_CRASH_POINT(ORDER_SIGNED_UNSTORED);
    err = w3p_store_write_wait(engine->store, &job.write);
    *why = job.why;
    for (size_t i = 0; i < t->count; i++)
        renewal = renewal || t->orders[i].renewal;
    W3P_CRASH_POINT(ORDER_SIGNED_STORED);
    W3P_CRASH_POINT_IF(t->count > 1, BATCH_SIGNED_STORED);
    W3P_CRASH_POINT_IF(renewal, RENEWAL_SIGNED_STORED);
    if (err == W3P_OK || err == W3P_E_STATE || err == W3P_E_FUNDS || err == W3P_E_EXISTS)
        return err;
    return w3p_fail(msg, err, "an order could not be stored: %s", w3p_strerror(err));
}

size_t w3p_engine_batch_max(const struct w3p_engine *engine)
{
    size_t most = engine->settings.batch_max;

    if (engine->batches_refused && engine->batches_refused_by == engine->info.spec_version)
        return 1;
    return engine->info.batch_max < 1 ? 1 : most > engine->info.batch_max ? engine->info.batch_max : most;
}

// The lowest nonce from the finalized one on that nothing in flight holds: gaps that lost transactions left come first.
static uint32_t free_nonce(const struct w3p_engine *engine)
{
    uint32_t nonce = engine->terms.nonce;

    for (size_t i = 0; i < engine->flight_count; i++) { // by nonce
        if (engine->flights[i].t->tx.nonce == nonce)
            nonce++;
    }
    return nonce;
}

// What the proof of a transaction's death will rest on must be right now: one with a birth of long ago would count as
// dead while its bytes may still land.
static int check_tx(const struct w3p_engine *engine, struct w3p_errmsg *msg, const struct w3p_chain_tx *tx,
                    uint32_t nonce)
{
    const struct w3p_chain_head *head = &engine->head;

    if (tx->len == 0 || tx->len > sizeof(tx->bytes) || tx->nonce != nonce || tx->death_block <= tx->birth_block ||
        tx->death_block - tx->birth_block > W3P_LIFE_MAX)
        return w3p_fail(msg, W3P_E_INTERNAL, "the signed order is not what was asked for");
    if (tx->birth_block < head->final_number || tx->birth_block - head->final_number > W3P_HEAD_JUMP_MAX ||
        (tx->birth_block == head->final_number && memcmp(tx->birth_hash32, head->final_hash32, 32) != 0))
        return w3p_fail(msg, W3P_E_STATE, "an order was signed upon another head than the one at %llu",
                        (unsigned long long)head->final_number);
    return W3P_OK;
}

static int sign(struct w3p_engine *engine, struct w3p_errmsg *why, struct w3p_transaction *t,
                const struct w3p_basket *basket)
{
    struct w3p_chain_order asks[W3P_CHAIN_BATCH_MAX] = {{0}};
    uint32_t nonce = free_nonce(engine);
    int err;

    memset(t, 0, sizeof(*t));
    for (size_t i = 0; i < basket->count; i++)
        asks[i] = (struct w3p_chain_order){
            .cid = basket->orders[i].cid, .size = basket->orders[i].size, .tip = engine->chain->tip};
    err = engine->chain->ops->sign(engine->chain, why, &t->tx, asks, basket->count, nonce);
    if (err == W3P_OK)
        err = check_tx(engine, why, &t->tx, nonce);
    t->state = W3P_ORDER_SIGNED;
    t->count = basket->count;
    memcpy(t->orders, basket->orders, basket->count * sizeof(basket->orders[0]));
    (void)snprintf(t->signer, sizeof(t->signer), "%s", engine->info.address);
    return err;
}

static void take_out(struct w3p_basket *basket, size_t at)
{
    basket->reserved -= basket->orders[at].reserved;
    basket->count--;
    memmove(&basket->orders[at], &basket->orders[at + 1], (basket->count - at) * sizeof(basket->orders[0]));
    memmove(&basket->files[at], &basket->files[at + 1], (basket->count - at) * sizeof(basket->files[0]));
    memmove(&basket->candidates[at], &basket->candidates[at + 1], (basket->count - at) * sizeof(basket->candidates[0]));
}

static int defer_only(struct w3p_engine *engine, struct w3p_errmsg *msg, const struct w3p_candidate *candidate,
                      const char *text)
{
    int err = w3p_engine_defer(engine, msg, candidate, text);

    return err == W3P_E_STATE ? W3P_OK : err;
}

// Which one cannot be signed is not told: each by itself.
static enum w3p_placing sign_each(struct w3p_engine *engine, struct w3p_errmsg *msg, int *err,
                                  struct w3p_basket *basket)
{
    struct w3p_basket *one = w3p_calloc(1, sizeof(*one));
    enum w3p_placing verdict = W3P_NEXT;

    for (size_t i = 0; i < basket->count && *err == W3P_OK && verdict != W3P_STOP &&
                       engine->flight_count < engine->settings.max_in_flight;
         i++) {
        one->count = 1;
        one->candidates[0] = basket->candidates[i];
        memcpy(one->files[0], basket->files[i], sizeof(one->files[0]));
        one->orders[0] = basket->orders[i];
        one->reserved = basket->orders[i].reserved;
        verdict = w3p_engine_sign(engine, msg, err, one);
    }
    free(one);
    return verdict;
}

static enum w3p_placing after_failed_sign(struct w3p_engine *engine, struct w3p_errmsg *msg, int *err,
                                          struct w3p_basket *basket, const struct w3p_errmsg *why)
{
    if (*err == W3P_E_STATE) { // a node a block behind, or one that lies: again at the next head
        w3p_engine_wait_for(engine, "%s", why->text);
        *err = W3P_OK;
        return W3P_STOP;
    }
    if (w3p_engine_is_outage(*err)) {
        *msg = *why;
        return W3P_NEXT;
    }
    *err = W3P_OK;
    if (basket->count > 1)
        return sign_each(engine, msg, err, basket);
    *err = defer_only(engine, msg, basket->candidates[0], why->text);
    return W3P_NEXT;
}

// What the attempt to store it came to. *again: with what is left in the basket.
static enum w3p_placing after_store(struct w3p_engine *engine, int *err, struct w3p_basket *basket,
                                    struct w3p_transaction **t, const struct w3p_refusal *why, bool *again)
{
    size_t before = basket->count;

    switch (*err) {
    case W3P_OK:
        for (size_t i = 0; i < (*t)->count; i++)
            w3p_engine_log(W3P_LOG_INFO, "order.signed", *t, i, NULL);
        w3p_engine_add(engine, *t);
        *t = NULL;
        return W3P_PLACED;
    case W3P_E_FUNDS:
        w3p_engine_wait_for(engine, "the budget of the day (budget.planck_per_day) is used up");
        while (basket->count > why->affordable)
            take_out(basket, basket->count - 1);
        break;
    case W3P_E_STATE: // the last pin went, or a pin came that says it is larger
        for (size_t i = basket->count; i-- > 0;) {
            if (why->unwanted[i])
                take_out(basket, i);
        }
        break;
    case W3P_E_EXISTS:
        w3p_engine_log(W3P_LOG_ERROR, "order.duplicate", *t, W3P_WHOLE, "the database refused a second live order");
        w3p_engine_wait_for(engine, "the database holds a live order of this content or nonce already");
        *err = W3P_OK;
        return W3P_STOP;
    default:
        return W3P_NEXT;
    }
    *again = basket->count > 0 && basket->count < before;
    enum w3p_placing verdict = *err == W3P_E_FUNDS ? W3P_STOP : W3P_NEXT;
    *err = W3P_OK;
    return verdict;
}

// What was ordered before is paid again only with proof, and that is a matter of the nonce: here, where it is known.
// Contents without it wait, the others go on.
static int prove_all(struct w3p_engine *engine, struct w3p_errmsg *msg, struct w3p_basket *basket)
{
    uint32_t nonce = free_nonce(engine);
    int err = W3P_OK;

    for (size_t i = basket->count; err == W3P_OK && i-- > 0;) {
        struct w3p_errmsg why = {{0}};

        err = w3p_engine_may_pay_again(engine, &why, basket->candidates[i], basket->files[i], nonce);
        if (err == W3P_OK)
            continue;
        if (w3p_engine_is_outage(err) && err != W3P_E_BUSY)
            return w3p_fail(msg, err, "%s", why.text);
        w3p_engine_wait_for(engine, "%s", why.text);
        err = defer_only(engine, msg, basket->candidates[i], why.text);
        take_out(basket, i);
    }
    return err;
}

// Each round but the last takes at least one order out of the basket.
enum w3p_placing w3p_engine_sign(struct w3p_engine *engine, struct w3p_errmsg *msg, int *err, struct w3p_basket *basket)
{
    struct w3p_transaction *t = w3p_calloc(1, sizeof(*t));
    enum w3p_placing verdict = W3P_NEXT;
    bool again, stop = false;

    *err = prove_all(engine, msg, basket);
    again = *err == W3P_OK && basket->count > 0;
    while (again) {
        struct w3p_errmsg said = {{0}};
        struct w3p_refusal why;

        again = false;
        *err = sign(engine, &said, t, basket);
        if (*err != W3P_OK) {
            verdict = after_failed_sign(engine, msg, err, basket, &said);
            break;
        }
        *err = store(engine, msg, t, &why);
        verdict = after_store(engine, err, basket, &t, &why, &again);
        stop = stop || verdict == W3P_STOP;
    }
    free(t);
    basket->count = 0;
    basket->reserved = 0;
    return stop ? W3P_STOP : verdict;
}
