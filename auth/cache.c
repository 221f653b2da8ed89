// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: credentials that were good, remembered for a while. Four-way sets indexed by a keyed hash of the header
// value: at most four compares a look-up, the least recently used gives way, fixed memory but for restrictions.
// Must not: store a refusal, or the header itself.
#include "cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "caveat.h"
#include "crypto/hash.h"

#define WAYS_MAX 4
enum { EMPTY = 0, DEMOTED = 1 }; // of a slot's last use; the ticks begin behind them

struct slot {
    uint8_t digest32[32];
    int64_t verified_ms;
    uint64_t used; // tick of the last use
    struct w3p_auth_entry entry;
    struct w3p_restrictions *restrictions; // owned
};

struct w3p_auth_cache {
    uint8_t key32[32]; // random for each cache: nobody outside can aim at a set
    size_t set_count, ways;
    unsigned ttl_ms;
    uint64_t tick;
    struct slot spare; // what is given when nothing is remembered
    struct slot *slots;
};

struct w3p_auth_cache *w3p_auth_cache_create(size_t entries_max, unsigned ttl_ms)
{
    struct w3p_auth_cache *cache = w3p_calloc(1, sizeof(*cache));
    w3p_random(cache->key32, sizeof(cache->key32));
    cache->ttl_ms = ttl_ms;
    cache->tick = DEMOTED;
    if (entries_max == 0 || ttl_ms == 0)
        return cache;
    cache->ways = entries_max < WAYS_MAX ? entries_max : WAYS_MAX;
    cache->set_count = entries_max / cache->ways;
    cache->slots = w3p_calloc(cache->set_count * cache->ways, sizeof(*cache->slots));
    return cache;
}

void w3p_auth_cache_destroy(struct w3p_auth_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < cache->set_count * cache->ways; i++)
        free(cache->slots[i].restrictions);
    free(cache->spare.restrictions);
    free(cache->slots);
    free(cache);
}

void w3p_auth_cache_digest(uint8_t digest32[32], const struct w3p_auth_cache *cache, const char *header, size_t len)
{
    w3p_blake2b_keyed_256(digest32, cache->key32, header, len);
}

static bool is_fresh(const struct w3p_auth_cache *cache, const struct slot *slot, int64_t now_ms)
{
    return slot->used != EMPTY && now_ms >= slot->verified_ms && now_ms - slot->verified_ms < (int64_t)cache->ttl_ms;
}

static struct slot *set_of(const struct w3p_auth_cache *cache, const uint8_t digest32[32])
{
    uint64_t index;
    memcpy(&index, digest32, sizeof(index));
    return cache->slots + (index % cache->set_count) * cache->ways;
}

// The slot to overwrite: one that is empty or over its time, else the least recently used.
static struct slot *victim_in(const struct w3p_auth_cache *cache, struct slot *set, int64_t now_ms)
{
    struct slot *victim = &set[0];
    for (size_t i = 0; i < cache->ways; i++) {
        if (!is_fresh(cache, &set[i], now_ms))
            return &set[i];
        if (set[i].used < victim->used)
            victim = &set[i];
    }
    return victim;
}

struct w3p_auth_entry *w3p_auth_cache_find(struct w3p_auth_cache *cache, const uint8_t digest32[32])
{
    if (cache->slots == NULL)
        return NULL;
    struct slot *set = set_of(cache, digest32);
    int64_t now_ms = w3p_clock_mono_ms();
    for (size_t i = 0; i < cache->ways; i++) {
        struct slot *slot = &set[i];
        if (!is_fresh(cache, slot, now_ms) || !w3p_equal_ct(slot->digest32, digest32, 32))
            continue;
        slot->used = ++cache->tick;
        return &slot->entry;
    }
    return NULL;
}

void w3p_auth_cache_demote(struct w3p_auth_cache *cache, struct w3p_auth_entry *entry)
{
    struct slot *slot = (struct slot *)(void *)((char *)entry - offsetof(struct slot, entry));
    if (cache->slots != NULL)
        slot->used = DEMOTED;
}

struct w3p_auth_entry *w3p_auth_cache_put(struct w3p_auth_cache *cache, const uint8_t digest32[32],
                                          const struct w3p_restrictions *restrictions)
{
    struct slot *slot = &cache->spare;
    int64_t now_ms = w3p_clock_mono_ms();
    if (cache->slots != NULL)
        slot = victim_in(cache, set_of(cache, digest32), now_ms);
    free(slot->restrictions);
    *slot = (struct slot){.verified_ms = now_ms, .used = ++cache->tick};
    memcpy(slot->digest32, digest32, sizeof(slot->digest32));
    if (restrictions != NULL) {
        slot->restrictions = w3p_calloc(1, sizeof(*restrictions));
        *slot->restrictions = *restrictions;
        slot->entry.restrictions = slot->restrictions;
    }
    return &slot->entry;
}
