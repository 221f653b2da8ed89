// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: follows the transactions in flight: through finalized blocks one by one (what is found there is settled,
// what cannot land any more is lost), and through the blocks above, which may still be retracted. Threads: the
// engine's.
#include "engine_internal.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

int w3p_engine_load(struct w3p_engine *engine, struct w3p_errmsg *msg)
{
    struct w3p_transaction *live[W3P_FLIGHT_MAX];
    size_t count = 0;
    int err = w3p_transactions_live(engine->db, live, &count, W3P_FLIGHT_MAX);

    if (err != W3P_OK)
        (void)w3p_fail(msg, err, "the orders in flight could not be read: %s", w3p_strerror(err));
    engine->final_high = w3p_tracked_high_block(engine->db, &engine->final_high_ms);
    for (size_t i = 0; err == W3P_OK && i < count; i++) {
        if (live[i]->tx.birth_block > engine->final_high) { // it was signed upon a finalized block
            engine->final_high = live[i]->tx.birth_block;
            engine->final_high_ms = live[i]->signed_ms;
        }
        w3p_engine_add(engine, live[i]);
    }
    return err;
}

// The first finalized block not searched yet that some order could be in; UINT64_MAX when there is none.
static uint64_t next_to_scan(const struct w3p_engine *engine)
{
    uint64_t next = UINT64_MAX;

    for (size_t i = 0; i < engine->flight_count; i++) {
        const struct w3p_chain_tx *tx = &engine->flights[i].t->tx;
        uint64_t from = engine->cursor > tx->birth_block ? engine->cursor : tx->birth_block + 1;

        if (from <= tx->death_block && from < next)
            next = from;
    }
    return next;
}

bool w3p_engine_caught_up(const struct w3p_engine *engine)
{
    return next_to_scan(engine) > engine->head.final_number;
}

// index[i] for flight i. A block that the node does not have any more gives W3P_E_NOTFOUND.
static int find_flights(struct w3p_engine *engine, struct w3p_errmsg *msg, int32_t index[W3P_FLIGHT_MAX],
                        const uint8_t hash32[32])
{
    uint8_t hashes[W3P_FLIGHT_MAX][32];

    for (size_t i = 0; i < engine->flight_count; i++) {
        memcpy(hashes[i], engine->flights[i].t->tx.hash32, 32);
        index[i] = -1;
    }
    return engine->chain->ops->find(engine->chain, msg, index, (const uint8_t(*)[32])hashes, engine->flight_count,
                                    hash32);
}

static int canonical_hash(struct w3p_engine *engine, struct w3p_errmsg *msg, uint8_t hash32[32], uint64_t number)
{
    if (number == engine->head.final_number) {
        memcpy(hash32, engine->head.final_hash32, 32);
        return W3P_OK;
    }
    if (number == engine->head.best_number) {
        memcpy(hash32, engine->head.best_hash32, 32);
        return W3P_OK;
    }
    return engine->chain->ops->block_hash(engine->chain, msg, hash32, number);
}

static int scan_final(struct w3p_engine *engine, struct w3p_errmsg *msg, uint64_t number)
{
    int32_t index[W3P_FLIGHT_MAX];
    uint8_t hash32[32];
    int err = canonical_hash(engine, msg, hash32, number);

    if (err != W3P_OK)
        return err;
    err = find_flights(engine, msg, index, hash32);
    if (err == W3P_E_NOTFOUND && engine->failures >= W3P_GIVE_UP_TICKS)
        return W3P_OK; // pruned, not merely late: the nonce will tell whether the order was in there
    for (size_t i = engine->flight_count; err == W3P_OK && engine->proofs < W3P_PROOFS_PER_TICK && i-- > 0;) {
        if (index[i] >= 0 && engine->flights[i].final.number == 0)
            err = w3p_engine_settle(engine, msg, i, number, hash32, (uint32_t)index[i]);
    }
    return err;
}

// Was the end of this one contradicted at the finalized head of now? Then it is not asked for again.
static bool is_disputed(const struct w3p_engine *engine, const struct w3p_flight *flight)
{
    return memcmp(flight->disputed_at32, engine->head.final_hash32, 32) == 0;
}

// Those whose block was found and whose end other nodes contradicted. In a block that is not there (any more), the
// node that showed it lied: they are searched for again.
static int settle_disputed(struct w3p_engine *engine, struct w3p_errmsg *msg)
{
    int err = W3P_OK;

    for (size_t i = engine->flight_count; err == W3P_OK && engine->proofs < W3P_PROOFS_PER_TICK && i-- > 0;) {
        struct w3p_flight *flight = &engine->flights[i];
        struct w3p_near at = flight->final;
        uint8_t hash32[32];

        if (at.number == 0 || is_disputed(engine, flight))
            continue;
        err = canonical_hash(engine, msg, hash32, at.number);
        if (err == W3P_OK && memcmp(hash32, at.hash32, 32) == 0) {
            err = w3p_engine_settle(engine, msg, i, at.number, at.hash32, flight->final_index);
        } else if (err == W3P_OK) {
            flight->final.number = 0;
            if (engine->cursor > flight->t->tx.birth_block + 1)
                engine->cursor = flight->t->tx.birth_block + 1;
        }
    }
    return err;
}

static int follow_final(struct w3p_engine *engine, struct w3p_errmsg *msg)
{
    for (unsigned n = 0; n < W3P_SCAN_PER_TICK; n++) {
        uint64_t next = next_to_scan(engine);
        int err;

        if (next > engine->head.final_number)
            break;
        err = scan_final(engine, msg, next);
        if (err != W3P_OK || engine->proofs >= W3P_PROOFS_PER_TICK) // there may be more of ours in it
            return err;
        engine->cursor = next + 1;
    }
    return W3P_OK;
}

// Orders whose whole life lies in finalized, searched blocks that do not hold them. A nonce that is free proves them
// dead, and their contents may be signed for again. One that is used says that this order or a foreign one took it, in
// a block that could not be read or was not shown as it is: then the entry decides, and nothing is given back.
static int bury_dead(struct w3p_engine *engine, struct w3p_errmsg *msg)
{
    int err = W3P_OK;

    for (size_t i = engine->flight_count; err == W3P_OK && engine->proofs < W3P_PROOFS_PER_TICK && i-- > 0;) {
        struct w3p_transaction *t = engine->flights[i].t;
        const struct w3p_chain_tx *tx = &t->tx;

        if (engine->head.final_number < tx->death_block || engine->cursor <= tx->death_block ||
            is_disputed(engine, &engine->flights[i]))
            continue;
        err = w3p_engine_terms(engine, msg);
        if (err != W3P_OK)
            return err;
        if (engine->terms.nonce <= tx->nonce) {
            err = w3p_engine_bury(engine, msg, i);
            continue;
        }
        t->block = 0; // it was in none that is final
        w3p_engine_log(W3P_LOG_ERROR, "key.foreign_use", t, W3P_WHOLE,
                       "the nonce of this order is used, but the order was not found: does another program sign with "
                       "the operator key?");
        err = w3p_engine_settle_by_entries(engine, msg, i);
    }
    return err;
}

void w3p_engine_rewind(struct w3p_engine *engine, const struct w3p_chain_head *head)
{
    engine->cursor = head->final_number + 1;
    for (size_t i = 0; i < engine->flight_count; i++) {
        struct w3p_chain_tx *tx = &engine->flights[i].t->tx;

        engine->flights[i].final.number = 0;
        // A birth above the head was a false number, too. Its block was there when the order was signed, so that the
        // order dies no later than one signed upon the best block of now.
        if (tx->birth_block > head->final_number) {
            tx->death_block = head->best_number + (tx->death_block - tx->birth_block);
            tx->birth_block = head->final_number;
        }
        if (tx->birth_block + 1 < engine->cursor)
            engine->cursor = tx->birth_block + 1;
    }
    memset(engine->near, 0, sizeof(engine->near));
    memset(engine->near_best32, 0, sizeof(engine->near_best32));
    engine->tracked_block = 0;
}

static int place_in_block(struct w3p_engine *engine, struct w3p_errmsg *msg, struct w3p_flight *flight,
                          const struct w3p_near *near, uint32_t index)
{
    struct w3p_transaction t = *flight->t;
    struct w3p_transit_job job = {.what = W3P_TRANSIT_IN_BLOCK, .t = &t};
    int err;

    t.state = W3P_ORDER_IN_BLOCK;
    t.block = near->number;
    t.index = index;
    memcpy(t.block_hash32, near->hash32, 32);
    err = w3p_engine_transit(engine, msg, &job);
    if (err != W3P_OK)
        return err;
    *flight->t = t;
    for (size_t i = 0; i < t.count; i++)
        w3p_engine_log(W3P_LOG_INFO, "order.in_block", &t, i, NULL);
    return W3P_OK;
}

// Searches one block above the finalized head and remembers that it was.
static int scan_near(struct w3p_engine *engine, struct w3p_errmsg *msg, const struct w3p_near *near)
{
    int32_t index[W3P_FLIGHT_MAX];
    int err = find_flights(engine, msg, index, near->hash32);

    for (size_t i = 0; err == W3P_OK && i < engine->flight_count; i++) {
        const struct w3p_transaction *t = engine->flights[i].t;

        if (index[i] >= 0 && (t->state != W3P_ORDER_IN_BLOCK || memcmp(t->block_hash32, near->hash32, 32) != 0))
            err = place_in_block(engine, msg, &engine->flights[i], near, (uint32_t)index[i]);
    }
    if (err == W3P_OK)
        engine->near[near->number % W3P_NEAR_MAX] = *near;
    return err;
}

static uint64_t near_floor(const struct w3p_engine *engine)
{
    uint64_t best = engine->head.best_number, floor = engine->head.final_number + 1;

    return best >= W3P_NEAR_MAX && best - W3P_NEAR_MAX + 1 > floor ? best - W3P_NEAR_MAX + 1 : floor;
}

// Down from the best block to one that was searched before (its ancestors are the same then), and up again searching.
static int follow_near(struct w3p_engine *engine, struct w3p_errmsg *msg)
{
    struct w3p_near fresh[W3P_NEAR_MAX];
    uint64_t floor = near_floor(engine);
    size_t n = 0;
    int err;

    for (uint64_t h = engine->head.best_number; h >= floor && h > 0; h--) {
        const struct w3p_near *old = &engine->near[h % W3P_NEAR_MAX];

        fresh[n].number = h;
        err = canonical_hash(engine, msg, fresh[n].hash32, h);
        if (err != W3P_OK)
            return err;
        if (old->number == h && memcmp(old->hash32, fresh[n].hash32, 32) == 0)
            break;
        n++;
    }
    for (size_t i = 0; i < W3P_NEAR_MAX; i++) {
        if (engine->near[i].number > engine->head.best_number)
            engine->near[i].number = 0;
    }
    while (n > 0) {
        err = scan_near(engine, msg, &fresh[--n]);
        if (err != W3P_OK)
            return err;
    }
    return W3P_OK;
}

// Is the block that held this order still canonical? Finalized heights answer by the scan: an order that is still in
// flight after its block's height was searched was not in there.
static int still_there(struct w3p_engine *engine, struct w3p_errmsg *msg, const struct w3p_transaction *t, bool *there)
{
    const struct w3p_near *near = &engine->near[t->block % W3P_NEAR_MAX];
    uint8_t hash32[32];
    int err;

    *there = true;
    if (t->block <= engine->head.final_number) {
        *there = t->block >= engine->cursor;
        return W3P_OK;
    }
    if (t->block > engine->head.best_number) {
        *there = false;
        return W3P_OK;
    }
    if (near->number == t->block) {
        *there = memcmp(near->hash32, t->block_hash32, 32) == 0;
        return W3P_OK;
    }
    err = engine->chain->ops->block_hash(engine->chain, msg, hash32, t->block);
    if (err == W3P_OK)
        *there = memcmp(hash32, t->block_hash32, 32) == 0;
    return err;
}

static int check_retracted(struct w3p_engine *engine, struct w3p_errmsg *msg)
{
    for (size_t i = 0; i < engine->flight_count; i++) {
        struct w3p_flight *flight = &engine->flights[i];
        struct w3p_transit_job job = {.what = W3P_TRANSIT_SUBMITTED, .t = flight->t};
        bool there = true;
        int err;

        if (flight->t->state != W3P_ORDER_IN_BLOCK || flight->final.number > 0)
            continue;
        err = still_there(engine, msg, flight->t, &there);
        if (err != W3P_OK)
            return err;
        if (there)
            continue;
        err = w3p_engine_transit(engine, msg, &job);
        if (err != W3P_OK)
            return err;
        w3p_engine_log(W3P_LOG_WARN, "order.retracted", flight->t, W3P_WHOLE,
                       "its block is not part of the chain any more");
        flight->t->state = W3P_ORDER_SUBMITTED;
        flight->t->block = 0;
        flight->next_send_ms = 0; // the same bytes again, now
        memset(engine->near, 0, sizeof(engine->near));
    }
    return W3P_OK;
}

int w3p_engine_follow(struct w3p_engine *engine, struct w3p_errmsg *msg)
{
    bool new_best = memcmp(engine->near_best32, engine->head.best_hash32, 32) != 0;
    int err = settle_disputed(engine, msg);

    if (err == W3P_OK)
        err = follow_final(engine, msg);
    if (err == W3P_OK)
        err = bury_dead(engine, msg);
    if (err == W3P_OK && new_best && engine->flight_count > 0) {
        err = follow_near(engine, msg);
        if (err == W3P_OK)
            err = check_retracted(engine, msg);
        if (err == W3P_OK)
            memcpy(engine->near_best32, engine->head.best_hash32, 32);
    }
    return err;
}
