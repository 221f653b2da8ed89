// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the transaction pool of a node: one extrinsic an account and nonce, replacement by priority, waiting ones
// with a gap before them, bans of what was found invalid or has just gone into a block.
// Must not: look inside calls.
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "devnet/core.h"

#define NO_ROOM_TRIES 16u // extrinsics that may find no room in a block before it counts as full

static void drop_entry(struct devnet_pool *pool, size_t at)
{
    struct devnet_pooled *entry = pool->entries[at];
    pool->bytes -= entry->bytes.len;
    free(entry->bytes.ptr);
    free(entry);
    pool->entries[at] = pool->entries[--pool->count];
}

void w3p_devnet_pool_deinit(struct devnet_pool *pool)
{
    while (pool->count > 0)
        drop_entry(pool, pool->count - 1);
}

void w3p_devnet_ban(struct w3p_devnet *net, const uint8_t hash32[32])
{
    struct devnet_ban *ban = &net->node->pool.bans[net->node->pool.ban_at++ % DEVNET_BANS_MAX];
    memcpy(ban->hash32, hash32, 32);
    ban->until_ms = net->now_ms + DEVNET_BAN_MS;
}

static bool is_banned(const struct w3p_devnet *net, const uint8_t hash32[32])
{
    for (size_t i = 0; i < DEVNET_BANS_MAX; i++)
        if (memcmp(net->node->pool.bans[i].hash32, hash32, 32) == 0 && net->node->pool.bans[i].until_ms > net->now_ms)
            return true;
    return false;
}

static size_t find_hash(const struct devnet_pool *pool, const uint8_t hash32[32])
{
    size_t at = 0;
    while (at < pool->count && memcmp(pool->entries[at]->hash32, hash32, 32) != 0)
        at++;
    return at;
}

static size_t find_nonce(const struct devnet_pool *pool, const uint8_t account32[32], uint32_t nonce)
{
    size_t at = 0;
    while (at < pool->count && (pool->entries[at]->checked.xt.nonce != nonce ||
                                memcmp(pool->entries[at]->checked.xt.signer32, account32, 32) != 0))
        at++;
    return at;
}

// How many nonces from `first` on the pool holds without a gap.
static uint32_t ready_count(const struct devnet_pool *pool, const uint8_t account32[32], uint32_t first)
{
    uint8_t seen[DEVNET_POOL_MAX / 8] = {0};
    for (size_t i = 0; i < pool->count; i++) {
        const struct w3p_xt *xt = &pool->entries[i]->checked.xt;
        uint32_t ahead = xt->nonce - first;
        if (xt->nonce >= first && ahead < DEVNET_POOL_MAX && memcmp(xt->signer32, account32, 32) == 0)
            seen[ahead / 8] |= (uint8_t)(1u << ahead % 8);
    }
    uint32_t count = 0;
    while (count < DEVNET_POOL_MAX && (seen[count / 8] >> count % 8 & 1) != 0)
        count++;
    return count;
}

uint32_t w3p_devnet_pool_next_nonce(const struct w3p_devnet *net, const uint8_t account32[32])
{
    uint32_t nonce = w3p_devnet_account(net, account32).nonce;
    return nonce + ready_count(&net->node->pool, account32, nonce);
}

// Whether an extrinsic that has to wait for others before it would be one too many.
static bool too_many_waiting(const struct w3p_devnet *net, const struct w3p_xt *xt)
{
    uint32_t next = w3p_devnet_pool_next_nonce(net, xt->signer32);
    size_t waiting = 0, of_account = 0;
    if (xt->nonce <= next)
        return false;
    for (size_t i = 0; i < net->node->pool.count; i++) {
        const struct w3p_xt *other = &net->node->pool.entries[i]->checked.xt;
        bool same = memcmp(other->signer32, xt->signer32, 32) == 0;
        if (same && other->nonce > next)
            of_account++;
        if (!same ? other->nonce > w3p_devnet_account(net, other->signer32).nonce : other->nonce > next)
            waiting++;
    }
    return of_account >= DEVNET_FUTURE_ACCOUNT_MAX || waiting >= DEVNET_FUTURE_MAX;
}

static void add_entry(struct devnet_pool *pool, const struct devnet_checked *checked, const uint8_t hash32[32],
                      const uint8_t *bytes, size_t len)
{
    struct devnet_pooled *entry = w3p_calloc(1, sizeof *entry);
    entry->bytes = (struct devnet_bytes){w3p_memdup(bytes, len), len};
    entry->checked = *checked;
    // The spans of the checked extrinsic move with the bytes.
    entry->checked.xt.sig.ptr = entry->bytes.ptr + (checked->xt.sig.ptr - bytes);
    entry->checked.xt.extra.ptr = entry->bytes.ptr + (checked->xt.extra.ptr - bytes);
    entry->checked.xt.call.ptr = entry->bytes.ptr + (checked->xt.call.ptr - bytes);
    entry->arrival = pool->arrivals++;
    memcpy(entry->hash32, hash32, 32);
    pool->entries[pool->count++] = entry;
    pool->bytes += len;
}

static enum devnet_submit take(struct w3p_devnet *net, enum devnet_verdict *verdict, const uint8_t hash32[32],
                               const uint8_t *bytes, size_t len)
{
    struct devnet_pool *pool = &net->node->pool;
    struct devnet_checked checked;
    *verdict = DEVNET_VALID;
    if (find_hash(pool, hash32) < pool->count)
        return DEVNET_SUBMIT_KNOWN;
    *verdict = w3p_devnet_validate(net, &checked, bytes, len);
    if (*verdict != DEVNET_VALID) {
        if (*verdict != DEVNET_UNDECODABLE)
            w3p_devnet_ban(net, hash32);
        return DEVNET_SUBMIT_INVALID;
    }
    size_t same = find_nonce(pool, checked.xt.signer32, checked.xt.nonce);
    bool replaces = same < pool->count;
    if (replaces && pool->entries[same]->checked.priority >= checked.priority)
        return DEVNET_SUBMIT_LOW_PRIORITY;
    bool full = pool->count >= DEVNET_POOL_MAX || pool->bytes + len > DEVNET_POOL_BYTES_MAX;
    if ((full && !replaces) || w3p_devnet_state_full(&net->state) || (!replaces && too_many_waiting(net, &checked.xt)))
        return DEVNET_SUBMIT_FULL;
    if (replaces)
        drop_entry(pool, same);
    add_entry(pool, &checked, hash32, bytes, len);
    pool->entries[pool->count - 1]->since = net->blocks.best;
    return DEVNET_SUBMIT_OK;
}

enum devnet_submit w3p_devnet_pool_submit(struct w3p_devnet *net, enum devnet_verdict *verdict, uint8_t hash32[32],
                                          const uint8_t *bytes, size_t len)
{
    *verdict = DEVNET_VALID;
    w3p_xt_hash(hash32, bytes, len);
    return is_banned(net, hash32) ? DEVNET_SUBMIT_BANNED : take(net, verdict, hash32, bytes, len);
}

void w3p_devnet_pool_return(struct w3p_devnet *net, const uint8_t *bytes, size_t len)
{
    enum devnet_verdict verdict;
    uint8_t hash32[32];
    w3p_xt_hash(hash32, bytes, len);
    (void)take(net, &verdict, hash32, bytes, len);
}

void w3p_devnet_pool_recheck(struct w3p_devnet *net)
{
    struct devnet_pool *pool = &net->node->pool;
    for (size_t i = pool->count; i > 0; i--) {
        struct devnet_pooled *entry = pool->entries[i - 1];
        struct devnet_checked checked;
        if (w3p_devnet_validate(net, &checked, entry->bytes.ptr, entry->bytes.len) == DEVNET_VALID) {
            entry->checked = checked;
            continue;
        }
        w3p_devnet_ban(net, entry->hash32);
        drop_entry(pool, i - 1);
    }
}

static int by_account_and_nonce(const void *a, const void *b)
{
    const struct w3p_xt *x = &(*(struct devnet_pooled *const *)a)->checked.xt;
    const struct w3p_xt *y = &(*(struct devnet_pooled *const *)b)->checked.xt;
    int order = memcmp(x->signer32, y->signer32, 32);
    return order != 0 ? order : (x->nonce > y->nonce) - (x->nonce < y->nonce);
}

// One account's extrinsics that can go one after the other: entries[at .. end).
struct run {
    size_t at, end;
};

// Runs that begin with their account's nonce. entries are sorted.
static size_t find_runs(struct run *runs, const struct w3p_devnet *net, struct devnet_pooled *const *entries,
                        size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count;) {
        const struct w3p_xt *first = &entries[i]->checked.xt;
        uint32_t nonce = w3p_devnet_account(net, first->signer32).nonce;
        size_t end = i;
        struct run run = {0, 0};
        for (; end < count && memcmp(entries[end]->checked.xt.signer32, first->signer32, 32) == 0; end++) {
            if (entries[end]->checked.xt.nonce != nonce)
                continue;
            if (run.end == 0)
                run.at = end;
            run.end = end + 1;
            nonce++;
        }
        if (run.end != 0)
            runs[found++] = run;
        i = end;
    }
    return found;
}

static bool goes_before(const struct devnet_pooled *a, const struct devnet_pooled *b)
{
    if (a->checked.priority != b->checked.priority)
        return a->checked.priority > b->checked.priority;
    return a->arrival < b->arrival;
}

static size_t pick_run(const struct run *runs, size_t count, struct devnet_pooled *const *entries)
{
    size_t best = count;
    for (size_t i = 0; i < count; i++)
        if (runs[i].at < runs[i].end && (best == count || goes_before(entries[runs[i].at], entries[runs[best].at])))
            best = i;
    return best;
}

void w3p_devnet_pool_drain(struct w3p_devnet *net, devnet_apply apply)
{
    struct devnet_pool *pool = &net->node->pool;
    size_t count = pool->count, refused = 0;
    if (count == 0)
        return;
    qsort(pool->entries, count, sizeof pool->entries[0], by_account_and_nonce);
    struct run *runs = w3p_calloc(count, sizeof *runs);
    bool *gone = w3p_calloc(count, sizeof *gone);
    size_t run_count = find_runs(runs, net, pool->entries, count);
    while (refused < NO_ROOM_TRIES) {
        size_t best = pick_run(runs, run_count, pool->entries);
        if (best == run_count)
            break;
        size_t at = runs[best].at++;
        enum devnet_applied applied = apply(net, pool->entries[at]);
        if (applied != DEVNET_APPLIED)
            runs[best].at = runs[best].end; // what follows has a gap before it now
        gone[at] = applied != DEVNET_NO_ROOM;
        refused += applied == DEVNET_NO_ROOM ? 1 : 0;
    }
    for (size_t i = count; i > 0; i--) // from the end: a drop moves only entries that are done
        if (gone[i - 1])
            drop_entry(pool, i - 1);
    free(runs);
    free(gone);
}

void w3p_devnet_pool_sweep(struct w3p_devnet *net)
{
    for (size_t i = net->node->pool.count; i > 0; i--) {
        const struct devnet_pooled *entry = net->node->pool.entries[i - 1];
        uint32_t nonce = w3p_devnet_account(net, entry->checked.xt.signer32).nonce;
        bool over = w3p_devnet_best(net) + 1 >= entry->checked.death;
        if (over || entry->checked.xt.nonce < nonce)
            drop_entry(&net->node->pool, i - 1);
    }
}
