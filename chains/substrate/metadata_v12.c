// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: metadata versions 12 and 13, byte by byte. No recursion: the layout has a fixed depth. Every count is
// bounded by the bytes that are left and by what an index byte can name. Must not: interpret type texts (type_text.c
// does).
#include "substrate/metadata_arena.h"
#include "substrate/scale.h"

struct v12 {
    struct w3p_md_in *in;
    struct w3p_type_texts *texts;
    uint8_t version;
};

static bool going(const struct v12 *v)
{
    return v->in->r->err == W3P_OK;
}

static uint32_t read_type(struct v12 *v)
{
    return w3p_type_text(v->texts, w3p_md_read_text(v->in));
}

// V13: keys, then as many hashers.
static void read_n_map(struct w3p_md_entry *entry, struct v12 *v)
{
    struct w3p_reader *r = v->in->r;
    size_t keys = w3p_scale_length(r, W3P_MD_KEYS_MAX);
    for (size_t i = 0; i < keys && going(v); i++)
        entry->key_types[i] = read_type(v);
    if (keys == 0 || w3p_scale_length(r, W3P_MD_KEYS_MAX) != keys)
        w3p_reader_fail(r, W3P_E_INVALID);
    for (size_t i = 0; i < keys && going(v); i++)
        entry->hashers[i] = w3p_md_read_hasher(v->in);
    entry->key_count = (uint8_t)keys;
    entry->value_type = read_type(v);
}

static void read_entry_type(struct w3p_md_entry *entry, struct v12 *v)
{
    enum { PLAIN, MAP, DOUBLE_MAP, N_MAP };
    uint8_t kind = w3p_reader_u8(v->in->r);
    switch (kind) {
    case PLAIN:
        entry->value_type = read_type(v);
        break;
    case MAP:
        entry->key_count = 1;
        entry->hashers[0] = w3p_md_read_hasher(v->in);
        entry->key_types[0] = read_type(v);
        entry->value_type = read_type(v);
        (void)w3p_scale_bool(v->in->r); // once "linked map"
        break;
    case DOUBLE_MAP:
        entry->key_count = 2;
        entry->hashers[0] = w3p_md_read_hasher(v->in);
        entry->key_types[0] = read_type(v);
        entry->key_types[1] = read_type(v);
        entry->value_type = read_type(v);
        entry->hashers[1] = w3p_md_read_hasher(v->in);
        break;
    default:
        if (kind == N_MAP && v->version >= 13)
            read_n_map(entry, v);
        else
            w3p_reader_fail(v->in->r, W3P_E_INVALID);
    }
}

static void read_storage(struct w3p_md_pallet *pallet, struct v12 *v)
{
    struct w3p_md_entry *entries;
    if (!w3p_scale_bool(v->in->r))
        return;
    pallet->storage_prefix = w3p_md_read_text(v->in);
    size_t count = w3p_md_read_array(v->in, &entries, sizeof *entries, 6, W3P_MD_ENTRIES_MAX);
    for (size_t i = 0; i < count && going(v); i++) {
        entries[i].name = w3p_md_read_text(v->in);
        entries[i].is_default = w3p_scale_bool(v->in->r);
        read_entry_type(&entries[i], v);
        entries[i].fallback = w3p_md_read_value(v->in);
        w3p_md_skip_docs(v->in);
    }
    pallet->entries = entries;
    pallet->entry_count = count;
}

// Calls name their arguments, events do not.
static void read_variant(struct w3p_type_variant *variant, struct v12 *v, size_t index, bool named)
{
    struct w3p_type_field *fields;
    variant->name = w3p_md_read_text(v->in);
    variant->doc = "";
    variant->index = (uint8_t)index;
    size_t count = w3p_md_read_array(v->in, &fields, sizeof *fields, named ? 2 : 1, W3P_MD_FIELDS_MAX);
    for (size_t i = 0; i < count && going(v); i++) {
        fields[i].name = named ? w3p_md_read_text(v->in) : "";
        fields[i].type = read_type(v);
    }
    variant->fields = fields;
    variant->field_count = (uint16_t)count;
    w3p_md_skip_docs(v->in);
}

static size_t read_variants(const struct w3p_type_variant **out, struct v12 *v, bool named)
{
    struct w3p_type_variant *variants;
    if (!w3p_scale_bool(v->in->r))
        return 0;
    size_t count = w3p_md_read_array(v->in, &variants, sizeof *variants, 3, W3P_MD_INDEXED_MAX);
    for (size_t i = 0; i < count && going(v); i++)
        read_variant(&variants[i], v, i, named);
    *out = variants;
    return count;
}

static void read_consts(struct w3p_md_pallet *pallet, struct v12 *v)
{
    struct w3p_md_const *consts;
    size_t count = w3p_md_read_array(v->in, &consts, sizeof *consts, 4, W3P_MD_ENTRIES_MAX);
    for (size_t i = 0; i < count && going(v); i++) {
        consts[i].name = w3p_md_read_text(v->in);
        consts[i].type = read_type(v);
        consts[i].value = w3p_md_read_value(v->in);
        w3p_md_skip_docs(v->in);
    }
    pallet->consts = consts;
    pallet->const_count = count;
}

static void read_errors(struct w3p_md_pallet *pallet, struct v12 *v)
{
    struct w3p_type_variant *errors;
    size_t count = w3p_md_read_array(v->in, &errors, sizeof *errors, 2, W3P_MD_INDEXED_MAX);
    for (size_t i = 0; i < count && going(v); i++) {
        errors[i].name = w3p_md_read_text(v->in);
        errors[i].doc = w3p_md_read_docs(v->in);
        errors[i].index = (uint8_t)i;
    }
    pallet->errors = errors;
    pallet->error_count = count;
}

static void read_extensions(struct w3p_metadata *md, struct v12 *v)
{
    struct w3p_md_extension *extensions;
    size_t count = w3p_md_read_array(v->in, &extensions, sizeof *extensions, 1, W3P_MD_EXTENSIONS_MAX);
    for (size_t i = 0; i < count && going(v); i++)
        extensions[i] = (struct w3p_md_extension){w3p_md_read_text(v->in), W3P_TYPE_NONE, W3P_TYPE_NONE};
    md->extensions = extensions;
    md->extension_count = count;
}

void w3p_metadata_v12_read(struct w3p_metadata *md, struct w3p_md_in *in)
{
    struct v12 v = {in, w3p_type_texts_create(in), md->version};
    struct w3p_md_pallet *pallets;
    size_t count = w3p_md_read_array(in, &pallets, sizeof *pallets, 7, W3P_MD_INDEXED_MAX);
    for (size_t i = 0; i < count && going(&v); i++) {
        pallets[i].name = w3p_md_read_text(in);
        read_storage(&pallets[i], &v);
        pallets[i].call_count = read_variants(&pallets[i].calls, &v, true);
        pallets[i].event_count = read_variants(&pallets[i].events, &v, false);
        read_consts(&pallets[i], &v);
        read_errors(&pallets[i], &v);
        pallets[i].index = w3p_reader_u8(in->r);
    }
    md->pallets = pallets;
    md->pallet_count = count;
    md->extrinsic_version = w3p_reader_u8(in->r);
    read_extensions(md, &v);
    w3p_type_texts_finish(v.texts, &md->types);
    w3p_type_texts_destroy(v.texts);
}
