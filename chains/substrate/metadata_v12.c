// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: metadata version 12, byte by byte. No recursion: the layout has a fixed depth. Every count is bounded by the
// bytes that are left and by what an index byte can name.
// Must not: interpret types; they stay the strings that the runtime gives.
#include <string.h>

#include "substrate/metadata_arena.h"
#include "substrate/scale.h"

#define INDEXED_MAX 256u // pallets, calls, events and errors are named by one byte
#define ENTRIES_MAX 1024u
#define ARGS_MAX 64u
#define TEXT_MAX 4096u // longest name or type
#define DOC_MAX (64u << 10)
#define DOC_LINES_MAX 4096u
#define EXTENSIONS_MAX 64u

struct v12 {
    struct w3p_reader *r;
    struct w3p_md_arena *arena;
};

static const char *read_text(struct v12 *v)
{
    struct w3p_span bytes = w3p_scale_bytes(v->r, TEXT_MAX);
    if (bytes.len > 0 && memchr(bytes.ptr, 0, bytes.len) != NULL) {
        w3p_reader_fail(v->r, W3P_E_INVALID);
        bytes.len = 0;
    }
    return w3p_md_text(v->arena, bytes);
}

static struct w3p_span read_value(struct v12 *v)
{
    struct w3p_span bytes = w3p_scale_bytes(v->r, W3P_METADATA_MAX);
    return W3P_SPAN(w3p_md_text(v->arena, bytes), bytes.len);
}

static void skip_docs(struct v12 *v)
{
    size_t lines = w3p_scale_length(v->r, DOC_LINES_MAX);
    for (size_t i = 0; i < lines && v->r->err == W3P_OK; i++)
        (void)w3p_scale_bytes(v->r, DOC_MAX);
}

static struct w3p_span trimmed(struct w3p_span line)
{
    while (line.len > 0 && line.ptr[0] <= ' ')
        line = W3P_SPAN(line.ptr + 1, line.len - 1);
    while (line.len > 0 && line.ptr[line.len - 1] <= ' ')
        line.len--;
    return line;
}

// Lines trimmed and joined by one space; what is beyond DOC_MAX in total is refused.
static const char *read_docs(struct v12 *v)
{
    struct w3p_buf joined;
    w3p_buf_init(&joined, DOC_MAX);
    size_t lines = w3p_scale_length(v->r, DOC_LINES_MAX);
    for (size_t i = 0; i < lines && v->r->err == W3P_OK; i++) {
        struct w3p_span line = trimmed(w3p_scale_bytes(v->r, DOC_MAX));
        if (line.len == 0)
            continue;
        if (memchr(line.ptr, 0, line.len) != NULL)
            w3p_reader_fail(v->r, W3P_E_INVALID);
        if (joined.len > 0)
            w3p_buf_put_u8(&joined, ' ');
        w3p_buf_put_span(&joined, line);
    }
    if (joined.failed)
        w3p_reader_fail(v->r, W3P_E_LIMIT);
    const char *text = w3p_md_text(v->arena, w3p_buf_span(&joined));
    w3p_buf_deinit(&joined);
    return text;
}

// A count of elements, and the zeroed array for them.
static size_t begin_array(struct v12 *v, void *array_out, size_t element_size, size_t max)
{
    size_t count = w3p_scale_length(v->r, max);
    void *array = w3p_md_alloc(v->arena, count, element_size);
    memcpy(array_out, &array, sizeof array);
    return count;
}

static enum w3p_hasher read_hasher(struct v12 *v)
{
    uint8_t hasher = w3p_reader_u8(v->r);
    if (hasher > W3P_IDENTITY)
        w3p_reader_fail(v->r, W3P_E_INVALID);
    return (enum w3p_hasher)(hasher <= W3P_IDENTITY ? hasher : 0);
}

static void read_entry_type(struct w3p_md_entry *entry, struct v12 *v)
{
    enum { PLAIN, MAP, DOUBLE_MAP };
    switch (w3p_reader_u8(v->r)) {
    case PLAIN:
        entry->value_type = read_text(v);
        break;
    case MAP:
        entry->key_count = 1;
        entry->hashers[0] = read_hasher(v);
        entry->key_types[0] = read_text(v);
        entry->value_type = read_text(v);
        (void)w3p_scale_bool(v->r); // once "linked map"
        break;
    case DOUBLE_MAP:
        entry->key_count = 2;
        entry->hashers[0] = read_hasher(v);
        entry->key_types[0] = read_text(v);
        entry->key_types[1] = read_text(v);
        entry->value_type = read_text(v);
        entry->hashers[1] = read_hasher(v);
        break;
    default:
        w3p_reader_fail(v->r, W3P_E_INVALID);
    }
}

static void read_storage(struct w3p_md_pallet *pallet, struct v12 *v)
{
    struct w3p_md_entry *entries;
    if (!w3p_scale_bool(v->r))
        return;
    pallet->storage_prefix = read_text(v);
    size_t count = begin_array(v, &entries, sizeof *entries, ENTRIES_MAX);
    for (size_t i = 0; i < count && v->r->err == W3P_OK; i++) {
        entries[i].name = read_text(v);
        entries[i].is_default = w3p_scale_bool(v->r);
        read_entry_type(&entries[i], v);
        entries[i].fallback = read_value(v);
        skip_docs(v);
    }
    pallet->entries = entries;
    pallet->entry_count = count;
}

static void read_calls(struct w3p_md_pallet *pallet, struct v12 *v)
{
    struct w3p_md_call *calls;
    if (!w3p_scale_bool(v->r))
        return;
    size_t count = begin_array(v, &calls, sizeof *calls, INDEXED_MAX);
    for (size_t i = 0; i < count && v->r->err == W3P_OK; i++) {
        struct w3p_md_arg *args;
        calls[i].name = read_text(v);
        calls[i].index = (uint8_t)i;
        size_t arg_count = begin_array(v, &args, sizeof *args, ARGS_MAX);
        for (size_t k = 0; k < arg_count && v->r->err == W3P_OK; k++) {
            args[k].name = read_text(v);
            args[k].type = read_text(v);
        }
        calls[i].args = args;
        calls[i].arg_count = arg_count;
        skip_docs(v);
    }
    pallet->calls = calls;
    pallet->call_count = count;
}

static void read_events(struct w3p_md_pallet *pallet, struct v12 *v)
{
    struct w3p_md_event *events;
    if (!w3p_scale_bool(v->r))
        return;
    size_t count = begin_array(v, &events, sizeof *events, INDEXED_MAX);
    for (size_t i = 0; i < count && v->r->err == W3P_OK; i++) {
        const char **types;
        events[i].name = read_text(v);
        events[i].index = (uint8_t)i;
        size_t type_count = begin_array(v, &types, sizeof *types, ARGS_MAX);
        for (size_t k = 0; k < type_count && v->r->err == W3P_OK; k++)
            types[k] = read_text(v);
        events[i].types = types;
        events[i].type_count = type_count;
        skip_docs(v);
    }
    pallet->events = events;
    pallet->event_count = count;
}

static void read_consts(struct w3p_md_pallet *pallet, struct v12 *v)
{
    struct w3p_md_const *consts;
    size_t count = begin_array(v, &consts, sizeof *consts, ENTRIES_MAX);
    for (size_t i = 0; i < count && v->r->err == W3P_OK; i++) {
        consts[i].name = read_text(v);
        consts[i].type = read_text(v);
        consts[i].value = read_value(v);
        skip_docs(v);
    }
    pallet->consts = consts;
    pallet->const_count = count;
}

static void read_errors(struct w3p_md_pallet *pallet, struct v12 *v)
{
    struct w3p_md_error *errors;
    size_t count = begin_array(v, &errors, sizeof *errors, INDEXED_MAX);
    for (size_t i = 0; i < count && v->r->err == W3P_OK; i++) {
        errors[i].name = read_text(v);
        errors[i].doc = read_docs(v);
        errors[i].index = (uint8_t)i;
    }
    pallet->errors = errors;
    pallet->error_count = count;
}

void w3p_metadata_v12_read(struct w3p_metadata *md, struct w3p_md_arena *arena, struct w3p_reader *r)
{
    struct v12 v = {r, arena};
    struct w3p_md_pallet *pallets;
    const char **extensions;
    size_t count = begin_array(&v, &pallets, sizeof *pallets, INDEXED_MAX);
    for (size_t i = 0; i < count && r->err == W3P_OK; i++) {
        pallets[i].name = read_text(&v);
        read_storage(&pallets[i], &v);
        read_calls(&pallets[i], &v);
        read_events(&pallets[i], &v);
        read_consts(&pallets[i], &v);
        read_errors(&pallets[i], &v);
        pallets[i].index = w3p_reader_u8(r);
    }
    md->pallets = pallets;
    md->pallet_count = count;
    md->extrinsic_version = w3p_reader_u8(r);
    count = begin_array(&v, &extensions, sizeof *extensions, EXTENSIONS_MAX);
    for (size_t i = 0; i < count && r->err == W3P_OK; i++)
        extensions[i] = read_text(&v);
    md->extensions = extensions;
    md->extension_count = count;
}
