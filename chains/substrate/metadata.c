// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: owner of a decoded metadata: its memory, the choice of the decoder, and look-ups by name and index.
// Must not: know the layout of any version (metadata_v12.c and metadata_v14.c do).
#include <stdlib.h>
#include <string.h>

#include "substrate/metadata_arena.h"
#include "substrate/scale.h"

#define CHUNK_BYTES (64u << 10)
#define MAGIC_LEN 4

struct w3p_md_chunk {
    struct w3p_md_chunk *next;
    max_align_t bytes[];
};

// What w3p_metadata_parse really allocates.
struct owned_metadata {
    struct w3p_metadata md;
    struct w3p_md_arena arena;
};

// Room for so many bytes in the newest chunk, or in a new one.
static bool make_room(struct w3p_md_in *in, size_t need)
{
    struct w3p_md_arena *arena = in->arena;
    if (arena->back - arena->front >= need)
        return true;
    size_t cap = need > CHUNK_BYTES ? need : CHUNK_BYTES;
    if (cap > W3P_METADATA_MEMORY_MAX - arena->total) {
        w3p_reader_fail(in->r, W3P_E_LIMIT);
        return false;
    }
    struct w3p_md_chunk *chunk = w3p_calloc(1, sizeof *chunk + cap);
    chunk->next = arena->chunks;
    *arena = (struct w3p_md_arena){.chunks = chunk, .back = cap, .total = arena->total + cap};
    return true;
}

void *w3p_md_alloc(struct w3p_md_in *in, size_t count, size_t size)
{
    size_t align = _Alignof(max_align_t), need = (count * size + align - 1) / align * align;
    if (need == 0 || !make_room(in, need))
        return NULL;
    void *at = (uint8_t *)in->arena->chunks->bytes + in->arena->front;
    in->arena->front += need;
    return at;
}

const char *w3p_md_text(struct w3p_md_in *in, struct w3p_span bytes)
{
    if (bytes.len == 0 || !make_room(in, bytes.len + 1))
        return "";
    in->arena->back -= bytes.len + 1;
    char *text = (char *)in->arena->chunks->bytes + in->arena->back;
    memcpy(text, bytes.ptr, bytes.len);
    return text;
}

const char *w3p_md_words(struct w3p_md_in *in, struct w3p_span bytes)
{
    const char *copy = w3p_md_text(in, bytes);
    uint8_t *text =
        bytes.len > 0 && in->r->err == W3P_OK ? (uint8_t *)in->arena->chunks->bytes + in->arena->back : NULL;
    for (size_t i = 0; text != NULL && i < bytes.len; i++) {
        bool c1 = text[i] == 0xc2 && i + 1 < bytes.len && text[i + 1] >= 0x80 && text[i + 1] < 0xa0;
        if (c1)
            text[i + 1] = ' ';
        if (c1 || text[i] < ' ' || text[i] == 0x7f)
            text[i] = ' ';
    }
    return copy;
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

unsigned w3p_metadata_version(const uint8_t *bytes, size_t len)
{
    return len > MAGIC_LEN && memcmp(bytes, "meta", MAGIC_LEN) == 0 ? bytes[MAGIC_LEN] : 0;
}

int w3p_metadata_of_answer(struct w3p_span *out, struct w3p_span answer)
{
    struct w3p_reader r;
    w3p_reader_init(&r, answer.ptr, answer.len);
    bool some = w3p_scale_bool(&r);
    struct w3p_span inner = some ? w3p_scale_bytes(&r, W3P_METADATA_MAX) : W3P_SPAN(NULL, 0);
    int err = w3p_reader_end(&r);
    if (err == W3P_OK && !some)
        return W3P_E_NOTFOUND;
    if (err == W3P_OK)
        *out = inner;
    return err;
}

int w3p_metadata_parse(struct w3p_metadata **out, struct w3p_errmsg *msg, const uint8_t *bytes, size_t len)
{
    struct w3p_reader r;
    struct w3p_md_in in = {.r = &r};
    *out = NULL;
    if (len > W3P_METADATA_MAX)
        return w3p_fail(msg, W3P_E_LIMIT, "metadata of %zu bytes is above the limit of %u", len, W3P_METADATA_MAX);
    unsigned version = w3p_metadata_version(bytes, len);
    if (version == 0)
        return w3p_fail(msg, W3P_E_INVALID, "these bytes are no runtime metadata");
    if (version < W3P_METADATA_OLDEST || version > W3P_METADATA_NEWEST)
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "runtime metadata version %u is not supported (%d to %d are)", version,
                        W3P_METADATA_OLDEST, W3P_METADATA_NEWEST);

    struct owned_metadata *owned = w3p_calloc(1, sizeof *owned);
    in.arena = &owned->arena;
    owned->md.version = (uint8_t)version;
    owned->md.address_type = owned->md.signature_type = W3P_TYPE_NONE;
    w3p_reader_init(&r, bytes, len);
    w3p_reader_skip(&r, MAGIC_LEN + 1);
    if (version < 14)
        w3p_metadata_v12_read(&owned->md, &in);
    else
        w3p_metadata_v14_read(&owned->md, &in);
    owned->md.memory = sizeof *owned + owned->arena.total;
    int err = w3p_reader_end(&r);
    if (err == W3P_OK && has_twins(&owned->md))
        err = W3P_E_INVALID;
    if (err != W3P_OK) {
        w3p_metadata_destroy(&owned->md);
        const char *how = err == W3P_E_LIMIT ? "goes beyond a limit" : "is broken";
        return w3p_fail(msg, W3P_E_INVALID, "runtime metadata %s near byte %zu of %zu", how, r.pos, len);
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

static const struct w3p_type_variant *by_name(const struct w3p_type_variant *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    return NULL;
}

static const struct w3p_type_variant *by_index(const struct w3p_type_variant *list, size_t count, uint8_t index)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].index == index)
            return &list[i];
    return NULL;
}

const struct w3p_type_variant *w3p_md_call(const struct w3p_md_pallet *pallet, const char *name)
{
    return pallet != NULL ? by_name(pallet->calls, pallet->call_count, name) : NULL;
}

const struct w3p_type_variant *w3p_md_event(const struct w3p_md_pallet *pallet, const char *name)
{
    return pallet != NULL ? by_name(pallet->events, pallet->event_count, name) : NULL;
}

const struct w3p_type_variant *w3p_md_event_at(const struct w3p_md_pallet *pallet, uint8_t index)
{
    return pallet != NULL ? by_index(pallet->events, pallet->event_count, index) : NULL;
}

const struct w3p_type_variant *w3p_md_error_at(const struct w3p_md_pallet *pallet, uint8_t index)
{
    return pallet != NULL ? by_index(pallet->errors, pallet->error_count, index) : NULL;
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
