// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: new orders: takes contents from the queue (and renewals that are due), checks whether and at what price they
// may be ordered, signs, has the signed bytes on the disk, and only then puts them among those that are sent.
// Threads: the engine's.  Must not: send (engine_send.c), judge entries (engine_decide.c).
#include "engine_internal.h"

#include "base/clock.h"
#include "base/crash.h"
#include "operator_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_FOR_RENEWAL_MS 600000

enum verdict { PLACED, NEXT, STOP }; // STOP: the reason holds for all that follow

// One thing to write about a candidate.
struct place_job {
    struct w3p_write write;
    enum { JOB_INSERT, JOB_DEFER, JOB_REJECT, JOB_ADOPT } what;
    const struct w3p_candidate *candidate;
    unsigned spelling;
    struct w3p_order order;     // INSERT
    uint64_t planck_per_day;    // INSERT
    int64_t not_before_ms;      // DEFER, ADOPT
    const char *reason;         // DEFER, REJECT
    struct w3p_chain_file file; // ADOPT
    uint64_t at_block;          // ADOPT
};

static int run_place(struct w3p_write *self, struct w3p_db *db)
{
    struct place_job *job = (struct place_job *)self;
    int64_t now_ms = w3p_clock_wall_ms();
    int err = W3P_E_INTERNAL;

    switch (job->what) {
    case JOB_INSERT:
        if (w3p_pause_is_on(db)) // since the tick began: what came behind the switch is not ordered
            err = W3P_E_STATE;
        else
            err = w3p_order_insert(db, &job->order, job->spelling, job->planck_per_day, now_ms);
        W3P_CRASH_POINT(ORDER_SIGNED_WRITTEN);
        break;
    case JOB_DEFER:
        err = w3p_queue_defer(db, job->candidate->content_id, job->not_before_ms, job->reason);
        W3P_CRASH_POINT(QUEUE_DEFER_WRITTEN);
        break;
    case JOB_REJECT:
        err = w3p_queue_reject(db, job->candidate->content_id, job->reason);
        W3P_CRASH_POINT(QUEUE_REJECT_WRITTEN);
        break;
    case JOB_ADOPT:
        err = w3p_queue_adopt(db, job->candidate, job->spelling, &job->file, job->at_block, now_ms, job->not_before_ms);
        W3P_CRASH_POINT(QUEUE_ADOPT_WRITTEN);
        break;
    }
    return err;
}

static int write_place_job(struct w3p_engine *engine, struct w3p_errmsg *msg, struct place_job *job)
{
    int err;

    job->write.run = run_place;
    err = w3p_store_write_wait(engine->store, &job->write);
    W3P_CRASH_POINT_IF(job->what == JOB_INSERT, ORDER_SIGNED_STORED);
    W3P_CRASH_POINT_IF(job->what == JOB_INSERT && job->order.renewal, RENEWAL_SIGNED_STORED);
    W3P_CRASH_POINT_IF(job->what == JOB_DEFER, QUEUE_DEFER_STORED);
    W3P_CRASH_POINT_IF(job->what == JOB_REJECT, QUEUE_REJECT_STORED);
    W3P_CRASH_POINT_IF(job->what == JOB_ADOPT, QUEUE_ADOPT_STORED);
    if (err == W3P_OK || err == W3P_E_STATE || err == W3P_E_FUNDS || err == W3P_E_EXISTS)
        return err;
    return w3p_fail(msg, err, "an order could not be stored: %s", w3p_strerror(err));
}

// When what cannot be ordered now is looked at again.
static int64_t later(const struct w3p_engine *engine)
{
    return w3p_clock_wall_ms() + (int64_t)engine->settings.retry_wait_s * 1000;
}

// Looked at again later; the others go on. The reason stands in the content's row and is told to its own pins only.
static int defer(struct w3p_engine *engine, struct w3p_errmsg *msg, const struct w3p_candidate *candidate,
                 const char *reason)
{
    struct place_job job = {
        .what = JOB_DEFER, .candidate = candidate, .not_before_ms = later(engine), .reason = reason};

    if (candidate->renewal)
        job.not_before_ms = w3p_clock_wall_ms() + WAIT_FOR_RENEWAL_MS;
    return write_place_job(engine, msg, &job);
}

static int adopt(struct w3p_engine *engine, struct w3p_errmsg *msg, const struct w3p_candidate *candidate,
                 unsigned spelling, const struct w3p_chain_file *file)
{
    // A block less for new ones: the tracker looks at them in this same tick, and counts the replicas.
    uint64_t at_block = engine->head.final_number - (candidate->renewal || engine->head.final_number == 0 ? 0 : 1);
    struct place_job job = {.what = JOB_ADOPT,
                            .candidate = candidate,
                            .spelling = spelling,
                            .file = *file,
                            .at_block = at_block,
                            .not_before_ms = later(engine)};
    int err = write_place_job(engine, msg, &job);

    if (err == W3P_OK && !candidate->renewal)
        w3p_logf(W3P_LOG_INFO, "content.adopted", "%s is on chain already: no order", candidate->cids[spelling]);
    return err == W3P_E_STATE ? W3P_OK : err;
}

// The lowest nonce from the finalized one on that no order in flight holds: gaps that lost orders left come first.
static uint32_t free_nonce(const struct w3p_engine *engine)
{
    uint32_t nonce = engine->terms.nonce;

    for (size_t i = 0; i < engine->flight_count; i++) { // by nonce
        if (engine->flights[i].order.tx.nonce == nonce)
            nonce++;
    }
    return nonce;
}

struct cost {
    w3p_u128 total;    // price and fee
    w3p_u128 reserved; // with a margin of 1 % of the price: prices move between the quote and the block
};

static struct cost cost_of(const struct w3p_engine *engine, uint64_t size)
{
    const w3p_u128 too_much = ~(w3p_u128)0 / 4;
    w3p_u128 price = w3p_chain_price(&engine->terms, size), fee = engine->terms.tx_fee;
    struct cost cost = {.total = too_much, .reserved = too_much};

    // Monstrous prices stay unpayable instead of wrapping round.
    if (price < too_much / 4 && fee < too_much / 4) {
        cost.total = price + fee;
        cost.reserved = cost.total + price / 100;
    }
    return cost;
}

static w3p_u128 reserved_in_flight(const struct w3p_engine *engine)
{
    w3p_u128 sum = 0;

    for (size_t i = 0; i < engine->flight_count; i++)
        sum += engine->flights[i].order.reserved;
    return sum;
}

// May this order be paid? Reasons that are not the content's own stop the whole queue, oldest first.
static enum verdict check_money(struct w3p_engine *engine, struct w3p_errmsg *msg, int *err,
                                const struct w3p_candidate *candidate, const struct cost *cost)
{
    w3p_u128 need = reserved_in_flight(engine) + cost->reserved + engine->terms.existential_deposit;
    char text[128], have[40], want[40];

    *err = W3P_OK;
    // An order that no day can pay must not stand in the way of those that one can.
    bool too_dear = cost->total > engine->settings.max_order_planck;
    if (too_dear || (engine->settings.planck_per_day > 0 && cost->reserved > engine->settings.planck_per_day)) {
        w3p_u128_format(want, cost->total);
        (void)snprintf(text, sizeof(text), "an order would cost %s planck, more than %s allows", want,
                       too_dear ? "crust.max_order_planck" : "budget.planck_per_day");
        *err = defer(engine, msg, candidate, text);
        return NEXT;
    }
    if (need > engine->terms.usable_balance) {
        w3p_u128_format(want, need);
        w3p_u128_format(have, engine->terms.usable_balance);
        w3p_engine_wait_for(engine, "the operator account has %s planck, orders need %s", have, want);
        return STOP;
    }
    return PLACED;
}

// What the proof of an order's death will rest on must be right now: an order with a birth of long ago would count as
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

// What the attempt to store a signed order came to.
static enum verdict after_store(struct w3p_engine *engine, int *err, const struct w3p_order *order)
{
    switch (*err) {
    case W3P_OK:
        w3p_engine_add(engine, order);
        w3p_engine_log(W3P_LOG_INFO, "order.signed", order, NULL);
        return PLACED;
    case W3P_E_FUNDS:
        w3p_engine_wait_for(engine, "the budget of the day (budget.planck_per_day) is used up");
        *err = W3P_OK;
        return STOP;
    case W3P_E_STATE: // its last pin went, or a pin came that says it is larger
        *err = W3P_OK;
        return NEXT;
    case W3P_E_EXISTS:
        w3p_engine_log(W3P_LOG_ERROR, "order.duplicate", order, "the database refused a second live order");
        w3p_engine_wait_for(engine, "the database holds a live order of this content or nonce already");
        *err = W3P_OK;
        return STOP;
    default:
        return NEXT;
    }
}

static enum verdict after_failed_sign(struct w3p_engine *engine, struct w3p_errmsg *msg, int *err,
                                      const struct w3p_candidate *candidate, const struct w3p_errmsg *why)
{
    if (*err == W3P_E_STATE) { // a node a block behind, or one that lies: again at the next head
        w3p_engine_wait_for(engine, "%s", why->text);
        *err = W3P_OK;
        return STOP;
    }
    if (w3p_engine_is_outage(*err))
        *msg = *why;
    else
        *err = defer(engine, msg, candidate, why->text);
    return NEXT;
}

// Not proved that nothing came of the order before: this content waits, the others go on.
static enum verdict after_failed_proof(struct w3p_engine *engine, struct w3p_errmsg *msg, int *err,
                                       const struct w3p_candidate *candidate, const struct w3p_errmsg *why)
{
    if (w3p_engine_is_outage(*err) && *err != W3P_E_BUSY) {
        *msg = *why;
        return NEXT;
    }
    w3p_engine_wait_for(engine, "%s", why->text);
    *err = defer(engine, msg, candidate, why->text);
    return NEXT;
}

// Signs and stores. Nothing is sent before the commit.
static enum verdict sign_and_store(struct w3p_engine *engine, struct w3p_errmsg *msg, int *err,
                                   const struct w3p_candidate *candidate, const struct w3p_choice *choice,
                                   const struct cost *cost)
{
    struct place_job *job = w3p_calloc(1, sizeof(*job));
    struct w3p_order *order = &job->order;
    struct w3p_chain_order ask = {
        .cid = candidate->cids[choice->spelling], .size = choice->size, .nonce = free_nonce(engine)};
    struct w3p_errmsg why = {{0}};
    enum verdict verdict;

    *err = w3p_engine_may_pay_again(engine, &why, candidate, ask.nonce);
    if (*err != W3P_OK) {
        verdict = after_failed_proof(engine, msg, err, candidate, &why);
        goto out;
    }
    *err = engine->chain->ops->sign(engine->chain, &why, &order->tx, &ask);
    if (*err == W3P_OK)
        *err = check_tx(engine, &why, &order->tx, ask.nonce);
    if (*err != W3P_OK) {
        verdict = after_failed_sign(engine, msg, err, candidate, &why);
        goto out;
    }
    job->what = JOB_INSERT;
    job->candidate = candidate;
    job->spelling = choice->spelling;
    job->planck_per_day = engine->settings.planck_per_day;
    order->content_id = candidate->content_id;
    order->state = W3P_ORDER_SIGNED;
    order->renewal = candidate->renewal;
    (void)snprintf(order->cid, sizeof(order->cid), "%s", ask.cid);
    order->size = choice->size;
    order->wanted_size = candidate->size;
    order->reserved = w3p_engine_clamp(cost->reserved);
    order->day = w3p_clock_day(w3p_clock_wall_ms());
    W3P_CRASH_POINT(ORDER_SIGNED_UNSTORED);
    *err = write_place_job(engine, msg, job);
    verdict = after_store(engine, err, order);
out:
    free(job);
    return verdict;
}

static int reject_too_large(struct w3p_engine *engine, struct w3p_errmsg *msg, const struct w3p_candidate *candidate,
                            uint64_t size)
{
    struct place_job job = {.what = JOB_REJECT, .candidate = candidate};
    char text[128];
    int err;

    (void)snprintf(text, sizeof(text), "%llu bytes: larger than the chain accepts (less than %llu)",
                   (unsigned long long)size, (unsigned long long)engine->terms.size_max);
    if (candidate->renewal || candidate->size < engine->terms.size_max) // its entry on chain says so: that may change
        return defer(engine, msg, candidate, text);
    job.reason = text;
    err = write_place_job(engine, msg, &job);
    if (err == W3P_OK)
        w3p_logf(W3P_LOG_WARN, "content.rejected", "%s: %s", candidate->cids[0], text);
    return err == W3P_E_STATE ? W3P_OK : err;
}

static enum verdict place_one(struct w3p_engine *engine, struct w3p_errmsg *msg, int *err,
                              const struct w3p_candidate *candidate, const struct w3p_chain_file files[2])
{
    struct w3p_choice choice =
        w3p_engine_decide(candidate, files, engine->head.final_number, engine->settings.renew_before_blocks);
    enum verdict verdict;
    struct cost cost;

    if (choice.what == W3P_DECIDE_ADOPT) {
        *err = adopt(engine, msg, candidate, choice.spelling, &files[choice.spelling]);
        return NEXT;
    }
    if (choice.what == W3P_DECIDE_WAIT) {
        *err = defer(engine, msg, candidate,
                     candidate->renewal ? "the file's entry on chain cannot be renewed now"
                                        : "somebody ordered this file on chain with a smaller size and it has no "
                                          "replica yet: an order now would be lost with it");
        return NEXT;
    }
    if (choice.size >= engine->terms.size_max) {
        *err = reject_too_large(engine, msg, candidate, choice.size);
        return NEXT;
    }
    cost = cost_of(engine, choice.size);
    verdict = check_money(engine, msg, err, candidate, &cost);
    if (verdict != PLACED)
        return verdict;
    return sign_and_store(engine, msg, err, candidate, &choice, &cost);
}

// Entries of all candidates in both spellings, in one lookup. files[2 * i + spelling].
static int look_up(struct w3p_engine *engine, struct w3p_errmsg *msg, struct w3p_chain_file *files,
                   const struct w3p_candidate *candidates, size_t count)
{
    struct w3p_chain_file found[2 * W3P_PLACE_PER_TICK] = {0};
    const char *cids[2 * W3P_PLACE_PER_TICK] = {NULL};
    size_t slots[2 * W3P_PLACE_PER_TICK];
    size_t n = 0;
    int err;

    for (size_t i = 0; i < 2 * count; i++) {
        const char *cid = candidates[i / 2].cids[i % 2];

        memset(&files[i], 0, sizeof(files[i]));
        if (cid[0] != '\0') {
            cids[n] = cid;
            slots[n++] = i;
        }
    }
    err = engine->chain->ops->files(engine->chain, msg, found, cids, n, engine->head.final_hash32);
    W3P_CRASH_POINT(QUEUE_LOOKED_UP);
    for (size_t i = 0; err == W3P_OK && i < n; i++)
        files[slots[i]] = found[i];
    return err;
}

// Renewals first, but never more than a quarter of the room: neither side starves the other. More of the queue than
// there is room for: many turn out to need no order.
static int load_candidates(struct w3p_engine *engine, struct w3p_errmsg *msg, struct w3p_candidate *out, size_t *count)
{
    uint64_t until = engine->head.final_number + engine->settings.renew_before_blocks;
    size_t renewals = 0, queued = 0, room = engine->settings.max_in_flight - engine->flight_count;
    int64_t now_ms = w3p_clock_wall_ms();
    int err = W3P_OK;

    room = room > W3P_PLACE_PER_TICK ? W3P_PLACE_PER_TICK : room;
    if (engine->settings.renew_before_blocks > 0)
        err = w3p_queue_renewals(engine->db, out, &renewals, (room + 3) / 4, until, now_ms);
    if (err == W3P_OK)
        err = w3p_queue_due(engine->db, out + renewals, &queued, W3P_PLACE_PER_TICK - renewals, now_ms);
    if (err != W3P_OK)
        return w3p_fail(msg, err, "the queue could not be read: %s", w3p_strerror(err));
    *count = renewals + queued;
    return W3P_OK;
}

static bool is_full(const struct w3p_engine *engine)
{
    return engine->flight_count >= engine->settings.max_in_flight;
}

// One lookup for all; when that fails for a reason that is not the connection's, one for each, so that a bad entry
// holds up nobody else. Such a one waits.
static int place_candidates(struct w3p_engine *engine, struct w3p_errmsg *msg, const struct w3p_candidate *candidates,
                            size_t count)
{
    struct w3p_chain_file files[2 * W3P_PLACE_PER_TICK];
    struct w3p_errmsg why = {{0}};
    enum verdict verdict = NEXT;
    int err = look_up(engine, &why, files, candidates, count);

    if (w3p_engine_is_outage(err))
        return w3p_fail(msg, err, "%s", why.text);
    if (err != W3P_OK && count == 1)
        return defer(engine, msg, candidates, why.text);
    if (err != W3P_OK) {
        err = W3P_OK;
        for (size_t i = 0; err == W3P_OK && engine->blocked[0] == '\0' && !is_full(engine) && i < count; i++)
            err = place_candidates(engine, msg, &candidates[i], 1);
        return err;
    }
    for (size_t i = 0; err == W3P_OK && verdict != STOP && !is_full(engine) && i < count; i++)
        verdict = place_one(engine, msg, &err, &candidates[i], &files[2 * i]);
    if (err == W3P_OK && verdict == STOP) {
        memcpy(engine->blocked, engine->waiting, sizeof(engine->blocked));
        memcpy(engine->blocked_hash32, engine->head.final_hash32, 32);
    }
    return err;
}

// The market as a whole; in words when it takes no orders.
static bool is_market_open(struct w3p_engine *engine)
{
    if (!engine->terms.market_open)
        w3p_engine_wait_for(engine, "the storage market takes no orders now (switched off on chain)");
    else if (engine->terms.size_max < W3P_SIZE_MAX_LEAST)
        w3p_engine_wait_for(engine, "the chain's terms cannot be: files of at most %llu bytes",
                            (unsigned long long)engine->terms.size_max);
    else
        return true;
    return false;
}

// An order is born at the finalized block. When the best one is nearly an era ahead, it would be dead before it can
// land.
static bool has_time_to_land(struct w3p_engine *engine)
{
    uint64_t lag = engine->head.best_number - engine->head.final_number, era = engine->info.era_blocks;

    if (era == 0 || lag + 1 + era / 8 <= era)
        return true;
    w3p_engine_wait_for(engine, "the chain's finalized block is %llu blocks behind; orders live for %llu",
                        (unsigned long long)lag, (unsigned long long)era);
    return false;
}

int w3p_engine_place(struct w3p_engine *engine, struct w3p_errmsg *msg)
{
    struct w3p_candidate *candidates;
    size_t count = 0;
    int err = w3p_engine_terms(engine, msg);

    if (err != W3P_OK || w3p_engine_is_paused(engine) || !is_market_open(engine) || !has_time_to_land(engine))
        return err;
    if (engine->blocked[0] != '\0' && memcmp(engine->blocked_hash32, engine->head.final_hash32, 32) == 0) {
        w3p_engine_wait_for(engine, "%s", engine->blocked);
        return W3P_OK;
    }
    engine->blocked[0] = '\0';
    if (is_full(engine))
        return W3P_OK;
    candidates = w3p_calloc(W3P_PLACE_PER_TICK, sizeof(*candidates));
    err = load_candidates(engine, msg, candidates, &count);
    if (err == W3P_OK && count > 0)
        err = place_candidates(engine, msg, candidates, count);
    free(candidates);
    return err;
}
