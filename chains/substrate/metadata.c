// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: owner of a decoded metadata: its memory, the choice of the decoder, and look-ups by name and index.
// Must not: know the layout of any version (metadata_v12.c does).
#include <stdlib.h>
#include <string.h>

#include "substrate/metadata_arena.h"

#define CHUNK_BYTES (64u << 10)
#define MAGIC_LEN 4

struct w3p_md_chunk {
    struct w3p_md_chunk *next;
    size_t cap;
    max_align_t bytes[];
};

// What w3p_metadata_parse really allocates.
struct owned_metadata {
    struct w3p_metadata md;
    struct w3p_md_arena arena;
};

void *w3p_md_alloc(struct w3p_md_arena *arena, size_t count, size_t size)
{
    size_t align = sizeof(max_align_t), need = (count * size + align - 1) / align * align;
    if (need == 0)
        return NULL;
    if (arena->chunks == NULL || arena->chunks->cap - arena->used < need) {
        size_t cap = need > CHUNK_BYTES ? need : CHUNK_BYTES;
        struct w3p_md_chunk *chunk = w3p_calloc(1, sizeof *chunk + cap);
        chunk->cap = cap;
        chunk->next = arena->chunks;
        arena->chunks = chunk;
        arena->used = 0;
    }
    void *at = (uint8_t *)arena->chunks->bytes + arena->used;
    arena->used += need;
    return at;
}

char *w3p_md_text(struct w3p_md_arena *arena, struct w3p_span bytes)
{
    char *text = w3p_md_alloc(arena, bytes.len + 1, 1);
    if (bytes.len > 0)
        memcpy(text, bytes.ptr, bytes.len);
    return text;
}

// Two pallets under one index or name would make look-ups ambiguous.
static bool has_twins(const struct w3p_metadata *md)
{
    for (size_t i = 0; i < md->pallet_count; i++)
        for (size_t k = 0; k < i; k++)
            if (md->pallets[i].index == md->pallets[k].index || strcmp(md->pallets[i].name, md->pallets[k].name) == 0)
                return true;
    return false;
}

int w3p_metadata_parse(struct w3p_metadata **out, struct w3p_errmsg *msg, const uint8_t *bytes, size_t len)
{
    struct w3p_reader r;
    *out = NULL;
    if (len > W3P_METADATA_MAX)
        return w3p_fail(msg, W3P_E_LIMIT, "metadata of %zu bytes is above the limit of %u", len, W3P_METADATA_MAX);
    w3p_reader_init(&r, bytes, len);
    struct w3p_span magic = w3p_reader_take(&r, MAGIC_LEN);
    uint8_t version = w3p_reader_u8(&r);
    if (r.err != W3P_OK || !w3p_span_eq_str(magic, "meta"))
        return w3p_fail(msg, W3P_E_INVALID, "these bytes are no runtime metadata");
    if (version != 12)
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "runtime metadata version %u is not supported", version);

    struct owned_metadata *owned = w3p_calloc(1, sizeof *owned);
    owned->md.version = version;
    w3p_metadata_v12_read(&owned->md, &owned->arena, &r);
    int err = w3p_reader_end(&r);
    if (err == W3P_OK && has_twins(&owned->md))
        err = W3P_E_INVALID;
    if (err != W3P_OK) {
        w3p_metadata_destroy(&owned->md);
        return w3p_fail(msg, W3P_E_INVALID, "runtime metadata is broken near byte %zu of %zu", r.pos, len);
    }
    *out = &owned->md;
    return W3P_OK;
}

void w3p_metadata_destroy(struct w3p_metadata *md)
{
    if (md == NULL)
        return;
    struct owned_metadata *owned = (struct owned_metadata *)(void *)md;
    for (struct w3p_md_chunk *chunk = owned->arena.chunks, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    free(owned);
}

const struct w3p_md_pallet *w3p_md_pallet(const struct w3p_metadata *md, const char *name)
{
    for (size_t i = 0; i < md->pallet_count; i++)
        if (strcmp(md->pallets[i].name, name) == 0)
            return &md->pallets[i];
    return NULL;
}

const struct w3p_md_pallet *w3p_md_pallet_at(const struct w3p_metadata *md, uint8_t index)
{
    for (size_t i = 0; i < md->pallet_count; i++)
        if (md->pallets[i].index == index)
            return &md->pallets[i];
    return NULL;
}

const struct w3p_md_call *w3p_md_call(const struct w3p_md_pallet *pallet, const char *name)
{
    for (size_t i = 0; pallet != NULL && i < pallet->call_count; i++)
        if (strcmp(pallet->calls[i].name, name) == 0)
            return &pallet->calls[i];
    return NULL;
}

const struct w3p_md_event *w3p_md_event(const struct w3p_md_pallet *pallet, const char *name)
{
    for (size_t i = 0; pallet != NULL && i < pallet->event_count; i++)
        if (strcmp(pallet->events[i].name, name) == 0)
            return &pallet->events[i];
    return NULL;
}

const struct w3p_md_event *w3p_md_event_at(const struct w3p_md_pallet *pallet, uint8_t index)
{
    for (size_t i = 0; pallet != NULL && i < pallet->event_count; i++)
        if (pallet->events[i].index == index)
            return &pallet->events[i];
    return NULL;
}

const struct w3p_md_error *w3p_md_error_at(const struct w3p_md_pallet *pallet, uint8_t index)
{
    for (size_t i = 0; pallet != NULL && i < pallet->error_count; i++)
        if (pallet->errors[i].index == index)
            return &pallet->errors[i];
    return NULL;
}

const struct w3p_md_const *w3p_md_const(const struct w3p_md_pallet *pallet, const char *name)
{
    for (size_t i = 0; pallet != NULL && i < pallet->const_count; i++)
        if (strcmp(pallet->consts[i].name, name) == 0)
            return &pallet->consts[i];
    return NULL;
}

const struct w3p_md_entry *w3p_md_entry(const struct w3p_md_pallet *pallet, const char *name)
{
    for (size_t i = 0; pallet != NULL && i < pallet->entry_count; i++)
        if (strcmp(pallet->entries[i].name, name) == 0)
            return &pallet->entries[i];
    return NULL;
}
