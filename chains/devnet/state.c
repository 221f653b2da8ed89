// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the versioned key-value store of the development chain.
// Must not: know what keys mean.
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "devnet/state.h"

#define SLOTS_FIRST 1024u
#define UNDO_FIRST 256u

struct version {
    uint64_t number;
    uint8_t *bytes; // NULL: no value as of this block
    size_t len;
};

struct devnet_entry {
    uint64_t hash;
    struct version *versions; // oldest first, at least one
    size_t count, cap;
    size_t key_len;
    uint8_t key[];
};

// How to take back one put: the entry's newest version goes, and `before` (of the same block) comes back if there was.
struct devnet_undo {
    struct devnet_entry *entry;
    struct version before;
    bool replaced;
};

void w3p_devnet_state_init(struct devnet_state *state)
{
    memset(state, 0, sizeof *state);
    state->slot_count = SLOTS_FIRST;
    state->slots = w3p_calloc(state->slot_count, sizeof *state->slots);
    state->seen = UINT64_MAX;
}

void w3p_devnet_settle(struct devnet_state *state)
{
    for (size_t i = 0; i < state->undo_count; i++)
        free(state->undo[i].before.bytes);
    state->undo_count = 0;
}

void w3p_devnet_state_deinit(struct devnet_state *state)
{
    w3p_devnet_settle(state);
    free(state->undo);
    for (size_t i = 0; i < state->slot_count; i++) {
        struct devnet_entry *entry = state->slots[i];
        for (size_t k = 0; entry != NULL && k < entry->count; k++)
            free(entry->versions[k].bytes);
        if (entry != NULL)
            free(entry->versions);
        free(entry);
    }
    free(state->slots);
    memset(state, 0, sizeof *state);
}

static uint64_t hash_key(struct w3p_span key)
{
    uint8_t digest[8];
    uint64_t hash;
    w3p_twox64(digest, key.ptr, key.len);
    memcpy(&hash, digest, sizeof hash);
    return hash;
}

static size_t find_slot(const struct devnet_state *state, struct w3p_span key, uint64_t hash)
{
    size_t at = hash & (state->slot_count - 1);
    for (;; at = (at + 1) & (state->slot_count - 1)) {
        const struct devnet_entry *entry = state->slots[at];
        if (entry == NULL || (entry->hash == hash && w3p_span_eq(W3P_SPAN(entry->key, entry->key_len), key)))
            return at;
    }
}

static void grow(struct devnet_state *state)
{
    struct devnet_entry **old = state->slots;
    size_t old_count = state->slot_count;
    state->slot_count *= 2;
    state->slots = w3p_calloc(state->slot_count, sizeof *state->slots);
    for (size_t i = 0; i < old_count; i++)
        if (old[i] != NULL)
            state->slots[find_slot(state, W3P_SPAN(old[i]->key, old[i]->key_len), old[i]->hash)] = old[i];
    free(old);
}

static struct devnet_entry *find_or_add(struct devnet_state *state, struct w3p_span key)
{
    uint64_t hash = hash_key(key);
    size_t at = find_slot(state, key, hash);
    if (state->slots[at] != NULL)
        return state->slots[at];
    if ((state->key_count + 1) * 2 > state->slot_count) {
        grow(state);
        at = find_slot(state, key, hash);
    }
    struct devnet_entry *entry = w3p_calloc(1, sizeof *entry + key.len);
    entry->hash = hash;
    entry->key_len = key.len;
    if (key.len > 0)
        memcpy(entry->key, key.ptr, key.len);
    state->slots[at] = entry;
    state->key_count++;
    state->bytes += sizeof *entry + key.len;
    return entry;
}

bool w3p_devnet_get_at(const struct devnet_state *state, struct w3p_span *value, struct w3p_span key, uint64_t number)
{
    const struct devnet_entry *entry = state->slots[find_slot(state, key, hash_key(key))];
    *value = W3P_SPAN(NULL, 0);
    for (size_t i = entry != NULL ? entry->count : 0; i > 0; i--) {
        const struct version *version = &entry->versions[i - 1];
        if (version->number > number)
            continue;
        if (version->bytes == NULL)
            return false;
        *value = W3P_SPAN(version->bytes, version->len);
        return true;
    }
    return false;
}

bool w3p_devnet_get(const struct devnet_state *state, struct w3p_span *value, struct w3p_span key)
{
    return w3p_devnet_get_at(state, value, key, state->seen);
}

bool w3p_devnet_state_full(const struct devnet_state *state)
{
    return state->key_count >= DEVNET_STATE_KEYS_MAX || state->bytes >= 2 * DEVNET_STATE_BYTES_MAX;
}

// Drops versions that no kept block can see: all before the newest one that is not after the horizon.
static void prune(struct devnet_state *state, struct devnet_entry *entry)
{
    size_t keep = 0;
    while (keep + 1 < entry->count && entry->versions[keep + 1].number <= state->horizon)
        keep++;
    for (size_t i = 0; i < keep; i++) {
        state->bytes -= entry->versions[i].len;
        free(entry->versions[i].bytes);
    }
    if (keep > 0)
        memmove(entry->versions, entry->versions + keep, (entry->count - keep) * sizeof *entry->versions);
    entry->count -= keep;
}

static void remember(struct devnet_state *state, struct devnet_undo undo)
{
    if (state->undo_count == state->undo_cap) {
        size_t cap = state->undo_cap != 0 ? state->undo_cap * 2 : UNDO_FIRST;
        struct devnet_undo *grown = w3p_calloc(cap, sizeof *grown);
        if (state->undo_count > 0)
            memcpy(grown, state->undo, state->undo_count * sizeof *grown);
        free(state->undo);
        state->undo = grown;
        state->undo_cap = cap;
    }
    state->undo[state->undo_count++] = undo;
}

static void write_version(struct devnet_state *state, struct w3p_span key, struct version fresh)
{
    struct devnet_entry *entry = find_or_add(state, key);
    struct version *newest = entry->count > 0 ? &entry->versions[entry->count - 1] : NULL;
    if (newest != NULL && newest->number == fresh.number) {
        remember(state, (struct devnet_undo){.entry = entry, .before = *newest, .replaced = true});
        state->bytes -= newest->len;
        *newest = fresh;
    } else {
        prune(state, entry);
        if (entry->count == entry->cap) {
            size_t cap = entry->cap != 0 ? entry->cap * 2 : 2;
            struct version *grown = w3p_calloc(cap, sizeof *grown);
            if (entry->count > 0)
                memcpy(grown, entry->versions, entry->count * sizeof *grown);
            free(entry->versions);
            entry->versions = grown;
            entry->cap = cap;
        }
        entry->versions[entry->count++] = fresh;
        remember(state, (struct devnet_undo){.entry = entry});
    }
    state->bytes += fresh.len;
}

static void fold_root(struct devnet_state *state, struct w3p_span key, struct w3p_span value)
{
    uint8_t parts[96];
    memcpy(parts, state->root32, 32);
    w3p_blake2b_256(parts + 32, key.ptr, key.len);
    w3p_blake2b_256(parts + 64, value.ptr, value.len);
    w3p_blake2b_256(state->root32, parts, sizeof parts);
}

void w3p_devnet_put(struct devnet_state *state, struct w3p_span key, struct w3p_span value)
{
    struct version fresh = {.number = state->number, .len = value.len};
    fresh.bytes = w3p_memdup(value.len > 0 ? value.ptr : (const uint8_t *)"", value.len);
    fold_root(state, key, value);
    write_version(state, key, fresh);
}

void w3p_devnet_delete(struct devnet_state *state, struct w3p_span key)
{
    fold_root(state, key, W3P_SPAN(NULL, 0));
    write_version(state, key, (struct version){.number = state->number});
}

size_t w3p_devnet_mark(const struct devnet_state *state)
{
    return state->undo_count;
}

void w3p_devnet_rollback(struct devnet_state *state, size_t mark)
{
    while (state->undo_count > mark) {
        struct devnet_undo *undo = &state->undo[--state->undo_count];
        struct devnet_entry *entry = undo->entry;
        struct version *newest = &entry->versions[entry->count - 1];
        state->bytes -= newest->len;
        free(newest->bytes);
        if (undo->replaced) {
            *newest = undo->before;
            state->bytes += newest->len;
        } else {
            entry->count--;
        }
    }
}

void w3p_devnet_state_next(struct devnet_state *state, uint64_t number)
{
    w3p_devnet_settle(state);
    state->number = number;
    if (number > DEVNET_HISTORY_BLOCKS && state->horizon < number - DEVNET_HISTORY_BLOCKS)
        state->horizon = number - DEVNET_HISTORY_BLOCKS;
    // Above the limit of bytes the horizon runs after the head, two blocks for one.
    if (state->bytes > DEVNET_STATE_BYTES_MAX && state->horizon + DEVNET_HISTORY_BLOCKS_MIN < number)
        state->horizon += state->horizon + DEVNET_HISTORY_BLOCKS_MIN + 1 < number ? 2 : 1;
}

void w3p_devnet_state_cut(struct devnet_state *state, uint64_t number, const uint8_t root32[32])
{
    w3p_devnet_settle(state);
    for (size_t i = 0; i < state->slot_count; i++) {
        struct devnet_entry *entry = state->slots[i];
        while (entry != NULL && entry->count > 0 && entry->versions[entry->count - 1].number > number) {
            struct version *newest = &entry->versions[--entry->count];
            state->bytes -= newest->len;
            free(newest->bytes);
        }
    }
    state->number = number;
    memcpy(state->root32, root32, sizeof state->root32);
}
