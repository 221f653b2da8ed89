// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: new orders: takes contents from the queue (and renewals that are due), checks whether and at what price they
// may be ordered, and fills transactions with them: one that is alone goes at once, many go together.
// Threads: the engine's.  Must not: judge entries (engine_decide.c), sign (engine_sign.c).
#include "engine_internal.h"

#include "base/clock.h"
#include "base/crash.h"
#include "repin_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_FOR_RENEWAL_MS 600000

// One thing to write about a candidate.
struct place_job {
    struct w3p_write write;
    enum { JOB_DEFER, JOB_REJECT, JOB_ADOPT, JOB_HOLD } what;
    const struct w3p_candidate *candidate;
    unsigned spelling;
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
    case JOB_HOLD:
        err = w3p_repin_put_off(db, job->candidate->content_id, now_ms);
        break;
    }
    return err;
}

static int write_place_job(struct w3p_engine *engine, struct w3p_errmsg *msg, struct place_job *job)
{
    int err;

    job->write.run = run_place;
    err = w3p_store_write_wait(engine->store, &job->write);
    W3P_CRASH_POINT_IF(job->what == JOB_DEFER, QUEUE_DEFER_STORED);
    W3P_CRASH_POINT_IF(job->what == JOB_REJECT, QUEUE_REJECT_STORED);
    W3P_CRASH_POINT_IF(job->what == JOB_ADOPT, QUEUE_ADOPT_STORED);
    if (err == W3P_OK || err == W3P_E_STATE)
        return err;
    return w3p_fail(msg, err, "what was decided on a content could not be stored: %s", w3p_strerror(err));
}

// When what cannot be ordered now is looked at again. On a whole second: what is put off one by one in a moment is due
// together, and goes in one transaction.
static int64_t later(const struct w3p_engine *engine)
{
    int64_t due_ms = w3p_clock_wall_ms() + (int64_t)engine->settings.retry_wait_s * 1000;

    return (due_ms + 999) / 1000 * 1000;
}

int w3p_engine_defer(struct w3p_engine *engine, struct w3p_errmsg *msg, const struct w3p_candidate *candidate,
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

// May this order be paid? Reasons that are not the content's own stop the whole queue, oldest first.
static enum w3p_placing check_money(struct w3p_engine *engine, struct w3p_errmsg *msg, int *err,
                                    const struct w3p_candidate *candidate, const struct cost *cost, w3p_u128 in_basket)
{
    w3p_u128 need = w3p_engine_reserved(engine) + in_basket + cost->reserved + engine->terms.existential_deposit;
    char text[128], have[40], want[40];

    *err = W3P_OK;
    // An order that no day can pay must not stand in the way of those that one can.
    bool too_dear = cost->total > engine->settings.max_order_planck;
    if (too_dear || (engine->settings.planck_per_day > 0 && cost->reserved > engine->settings.planck_per_day)) {
        w3p_u128_format(want, cost->total);
        (void)snprintf(text, sizeof(text), "an order would cost %s planck, more than %s allows", want,
                       too_dear ? "crust.max_order_planck" : "budget.planck_per_day");
        *err = w3p_engine_defer(engine, msg, candidate, text);
        return W3P_NEXT;
    }
    if (need > engine->terms.usable_balance) {
        w3p_u128_format(want, need);
        w3p_u128_format(have, engine->terms.usable_balance);
        w3p_engine_wait_for(engine, "the operator account has %s planck, orders need %s", have, want);
        return W3P_STOP;
    }
    return W3P_PLACED;
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
        return w3p_engine_defer(engine, msg, candidate, text);
    job.reason = text;
    err = write_place_job(engine, msg, &job);
    if (err == W3P_OK)
        w3p_logf(W3P_LOG_WARN, "content.rejected", "%s: %s", candidate->cids[0], text);
    return err == W3P_E_STATE ? W3P_OK : err;
}

// An order of this CID is in it already: contents differ in their CIDs, and no chain should be asked to tell.
static bool is_in(const struct w3p_basket *basket, const struct w3p_candidate *candidate, const char *cid)
{
    for (size_t i = 0; i < basket->count; i++) {
        if (basket->orders[i].content_id == candidate->content_id || strcmp(basket->orders[i].cid, cid) == 0)
            return true;
    }
    return false;
}

// Into the basket; a basket that is full becomes a transaction.
static enum w3p_placing take_in(struct w3p_engine *engine, struct w3p_errmsg *msg, int *err, struct w3p_basket *basket,
                                const struct w3p_candidate *candidate, const struct w3p_chain_file files[2],
                                const struct w3p_choice *choice, const struct cost *cost)
{
    const char *cid = candidate->cids[choice->spelling];
    struct w3p_order *order = &basket->orders[basket->count];

    if (is_in(basket, candidate, cid))
        return W3P_NEXT;
    *order = (struct w3p_order){.content_id = candidate->content_id,
                                .renewal = candidate->renewal,
                                .spelling = choice->spelling,
                                .size = choice->size,
                                .wanted_size = candidate->size,
                                .reserved = w3p_engine_clamp(cost->reserved),
                                .event = -1,
                                .day = w3p_clock_day(w3p_clock_wall_ms())};
    (void)snprintf(order->cid, sizeof(order->cid), "%s", cid);
    memcpy(basket->files[basket->count], files, sizeof(basket->files[0]));
    basket->candidates[basket->count++] = candidate;
    basket->reserved += order->reserved;
    return basket->count < basket->max ? W3P_PLACED : w3p_engine_sign(engine, msg, err, basket);
}

static enum w3p_placing place_one(struct w3p_engine *engine, struct w3p_errmsg *msg, int *err,
                                  struct w3p_basket *basket, const struct w3p_candidate *candidate,
                                  const struct w3p_chain_file files[2])
{
    struct w3p_choice choice =
        w3p_engine_decide(candidate, files, engine->head.final_number, engine->settings.renew_before_blocks);
    enum w3p_placing verdict;
    struct cost cost;

    if (choice.what == W3P_DECIDE_ADOPT) {
        *err = adopt(engine, msg, candidate, choice.spelling, &files[choice.spelling]);
        return W3P_NEXT;
    }
    if (choice.what == W3P_DECIDE_WAIT) {
        *err = w3p_engine_defer(engine, msg, candidate,
                                candidate->renewal
                                    ? "the file's entry on chain cannot be renewed now"
                                    : "somebody ordered this file on chain with a smaller size and it has no "
                                      "replica yet: an order now would be lost with it");
        return W3P_NEXT;
    }
    if (choice.size >= engine->terms.size_max) {
        *err = reject_too_large(engine, msg, candidate, choice.size);
        return W3P_NEXT;
    }
    if (!candidate->renewal && w3p_repin_holds(candidate->held_until_ms, w3p_clock_wall_ms())) {
        *err = write_place_job(engine, msg, &(struct place_job){.what = JOB_HOLD, .candidate = candidate});
        return W3P_NEXT;
    }
    cost = cost_of(engine, choice.size);
    verdict = check_money(engine, msg, err, candidate, &cost, basket->reserved);
    if (verdict != W3P_PLACED)
        return verdict;
    return take_in(engine, msg, err, basket, candidate, files, &choice, &cost);
}

// Entries of all candidates in both spellings, in one lookup. files[2 * i + spelling].
static int look_up(struct w3p_engine *engine, struct w3p_errmsg *msg, struct w3p_chain_file *files,
                   const struct w3p_candidate *candidates, size_t count)
{
    struct w3p_chain_file found[2 * W3P_PLACE_PER_LOOKUP] = {0};
    const char *cids[2 * W3P_PLACE_PER_LOOKUP] = {NULL};
    size_t slots[2 * W3P_PLACE_PER_LOOKUP];
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
    size_t room = (engine->settings.max_in_flight - engine->flight_count) * w3p_engine_batch_max(engine);
    size_t renewals = 0, queued = 0, most = room < W3P_PLACE_PER_LOOKUP ? W3P_PLACE_PER_LOOKUP : room;
    int64_t now_ms = w3p_clock_wall_ms();
    int err = W3P_OK;

    most = most > W3P_PLACE_PER_TICK ? W3P_PLACE_PER_TICK : most;
    room = room > most ? most : room;
    if (engine->settings.renew_before_blocks > 0)
        err = w3p_queue_renewals(engine->db, out, &renewals, (room + 3) / 4, until, now_ms);
    if (err == W3P_OK)
        err = w3p_queue_due(engine->db, out + renewals, &queued, most - renewals, now_ms);
    if (err != W3P_OK)
        return w3p_fail(msg, err, "the queue could not be read: %s", w3p_strerror(err));
    *count = renewals + queued;
    return W3P_OK;
}

static bool is_full(const struct w3p_engine *engine)
{
    return engine->flight_count >= engine->settings.max_in_flight || engine->proofs >= W3P_PROOFS_PER_TICK;
}

static void note_blocked(struct w3p_engine *engine)
{
    memcpy(engine->blocked, engine->waiting, sizeof(engine->blocked));
    memcpy(engine->blocked_hash32, engine->head.final_hash32, 32);
}

// One lookup for a group; when that fails for a reason that is not the connection's, one for each, so that a bad entry
// holds up nobody else. Such a one waits.
static int place_group(struct w3p_engine *engine, struct w3p_errmsg *msg, struct w3p_basket *basket,
                       const struct w3p_candidate *candidates, size_t count)
{
    struct w3p_chain_file files[2 * W3P_PLACE_PER_LOOKUP];
    struct w3p_errmsg why = {{0}};
    enum w3p_placing verdict = W3P_NEXT;
    int err = look_up(engine, &why, files, candidates, count);

    if (w3p_engine_is_outage(err))
        return w3p_fail(msg, err, "%s", why.text);
    if (err != W3P_OK && count == 1)
        return w3p_engine_defer(engine, msg, candidates, why.text);
    if (err != W3P_OK) {
        err = W3P_OK;
        for (size_t i = 0; err == W3P_OK && engine->blocked[0] == '\0' && !is_full(engine) && i < count; i++)
            err = place_group(engine, msg, basket, &candidates[i], 1);
        return err;
    }
    for (size_t i = 0; err == W3P_OK && verdict != W3P_STOP && !is_full(engine) && i < count; i++)
        verdict = place_one(engine, msg, &err, basket, &candidates[i], &files[2 * i]);
    if (err == W3P_OK && verdict == W3P_STOP)
        note_blocked(engine);
    return err;
}

// All candidates, group by group; what is left in the basket at the end goes, too, however little it is.
static int place_candidates(struct w3p_engine *engine, struct w3p_errmsg *msg, const struct w3p_candidate *candidates,
                            size_t count)
{
    struct w3p_basket *basket = w3p_calloc(1, sizeof(*basket));
    int err = W3P_OK;

    basket->max = w3p_engine_batch_max(engine);
    for (size_t i = 0; err == W3P_OK && engine->blocked[0] == '\0' && !is_full(engine) && i < count;
         i += W3P_PLACE_PER_LOOKUP)
        err = place_group(engine, msg, basket, &candidates[i],
                          count - i < W3P_PLACE_PER_LOOKUP ? count - i : W3P_PLACE_PER_LOOKUP);
    if (err == W3P_OK && basket->count > 0 && w3p_engine_sign(engine, msg, &err, basket) == W3P_STOP && err == W3P_OK)
        note_blocked(engine);
    free(basket);
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
