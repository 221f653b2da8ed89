// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: metadata versions 14 and 15 behind the type registry: pallets, extrinsic, and what V15 adds. Calls, events
// and errors are the variants of the enums that the pallets refer to. Must not: keep documentation, runtime APIs or
// custom values; nothing here uses them.
#include "substrate/metadata_arena.h"
#include "substrate/scale.h"

#define APIS_MAX 1024u
#define CUSTOM_MAX 1024u

struct v14 {
    struct w3p_md_in *in;
    const struct w3p_types *types;
    uint8_t version;
};

static bool going(const struct v14 *v)
{
    return v->in->r->err == W3P_OK;
}

// A reference into the registry.
static uint32_t read_type(struct v14 *v)
{
    uint64_t id = w3p_scale_compact(v->in->r);
    if (id >= v->types->count) {
        w3p_reader_fail(v->in->r, W3P_E_INVALID);
        return 0;
    }
    return (uint32_t)id;
}

// One key has its type; several are a tuple of them.
static void read_map(struct w3p_md_entry *entry, struct v14 *v)
{
    struct w3p_reader *r = v->in->r;
    size_t keys = w3p_scale_length(r, W3P_MD_KEYS_MAX);
    for (size_t i = 0; i < keys && going(v); i++)
        entry->hashers[i] = w3p_md_read_hasher(v->in);
    uint32_t key = read_type(v);
    entry->value_type = read_type(v);
    entry->key_count = (uint8_t)keys;
    const struct w3p_type *tuple = going(v) ? w3p_type_at(v->types, key) : NULL;
    bool fits = keys == 1 || (keys > 1 && tuple != NULL && tuple->kind == W3P_TYPE_COMPOSITE && tuple->count == keys);
    if (!fits)
        w3p_reader_fail(r, W3P_E_INVALID);
    for (size_t i = 0; fits && i < keys; i++)
        entry->key_types[i] = keys == 1 ? key : tuple->of.fields[i].type;
}

static void read_entry(struct w3p_md_entry *entry, struct v14 *v)
{
    enum { PLAIN, MAP };
    entry->name = w3p_md_read_text(v->in);
    entry->is_default = w3p_scale_bool(v->in->r);
    switch (w3p_reader_u8(v->in->r)) {
    case PLAIN:
        entry->value_type = read_type(v);
        break;
    case MAP:
        read_map(entry, v);
        break;
    default:
        w3p_reader_fail(v->in->r, W3P_E_INVALID);
    }
    entry->fallback = w3p_md_read_value(v->in);
    w3p_md_skip_docs(v->in);
}

static void read_storage(struct w3p_md_pallet *pallet, struct v14 *v)
{
    struct w3p_md_entry *entries;
    if (!w3p_scale_bool(v->in->r))
        return;
    pallet->storage_prefix = w3p_md_read_text(v->in);
    size_t count = w3p_md_read_array(v->in, &entries, sizeof *entries, 6, W3P_MD_ENTRIES_MAX);
    for (size_t i = 0; i < count && going(v); i++)
        read_entry(&entries[i], v);
    pallet->entries = entries;
    pallet->entry_count = count;
}

// The variants of the enum that is referred to.
static size_t read_enum(const struct w3p_type_variant **out, struct v14 *v)
{
    if (!w3p_scale_bool(v->in->r))
        return 0;
    const struct w3p_type *type = w3p_type_at(v->types, read_type(v));
    if (!going(v))
        return 0;
    if (type->kind != W3P_TYPE_VARIANT) {
        w3p_reader_fail(v->in->r, W3P_E_INVALID);
        return 0;
    }
    *out = type->of.variants;
    return type->count;
}

static void read_consts(struct w3p_md_pallet *pallet, struct v14 *v)
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

static void read_pallets(struct w3p_metadata *md, struct v14 *v)
{
    struct w3p_md_pallet *pallets;
    size_t count = w3p_md_read_array(v->in, &pallets, sizeof *pallets, 7, W3P_MD_INDEXED_MAX);
    for (size_t i = 0; i < count && going(v); i++) {
        pallets[i].name = w3p_md_read_text(v->in);
        read_storage(&pallets[i], v);
        pallets[i].call_count = read_enum(&pallets[i].calls, v);
        pallets[i].event_count = read_enum(&pallets[i].events, v);
        read_consts(&pallets[i], v);
        pallets[i].error_count = read_enum(&pallets[i].errors, v);
        pallets[i].index = w3p_reader_u8(v->in->r);
        if (v->version >= 15)
            w3p_md_skip_docs(v->in);
    }
    md->pallets = pallets;
    md->pallet_count = count;
}

static void read_extensions(struct w3p_metadata *md, struct v14 *v)
{
    struct w3p_md_extension *extensions;
    size_t count = w3p_md_read_array(v->in, &extensions, sizeof *extensions, 3, W3P_MD_EXTENSIONS_MAX);
    for (size_t i = 0; i < count && going(v); i++) {
        extensions[i].name = w3p_md_read_text(v->in);
        extensions[i].extra = read_type(v);
        extensions[i].additional = read_type(v);
    }
    md->extensions = extensions;
    md->extension_count = count;
}

// Address, call, signature and extra stand alone in V15; V14 has them as parameters of the extrinsic's type.
static void read_extrinsic(struct w3p_metadata *md, struct v14 *v, const struct w3p_type_params *params)
{
    if (v->version >= 15) {
        md->extrinsic_version = w3p_reader_u8(v->in->r);
        md->address_type = read_type(v);
        (void)read_type(v); // call
        md->signature_type = read_type(v);
        (void)read_type(v); // extra
    } else {
        uint32_t type = read_type(v);
        md->extrinsic_version = w3p_reader_u8(v->in->r);
        if (type == params->of && params->address < v->types->count && params->signature < v->types->count) {
            md->address_type = params->address;
            md->signature_type = params->signature;
        }
    }
    read_extensions(md, v);
}

static void skip_apis(struct v14 *v)
{
    size_t apis = w3p_scale_length(v->in->r, APIS_MAX);
    for (size_t i = 0; i < apis && going(v); i++) {
        (void)w3p_scale_bytes(v->in->r, W3P_MD_TEXT_MAX);
        size_t methods = w3p_scale_length(v->in->r, APIS_MAX);
        for (size_t k = 0; k < methods && going(v); k++) {
            (void)w3p_scale_bytes(v->in->r, W3P_MD_TEXT_MAX);
            size_t inputs = w3p_scale_length(v->in->r, W3P_MD_FIELDS_MAX);
            for (size_t n = 0; n < inputs && going(v); n++) {
                (void)w3p_scale_bytes(v->in->r, W3P_MD_TEXT_MAX);
                (void)read_type(v);
            }
            (void)read_type(v); // output
            w3p_md_skip_docs(v->in);
        }
        w3p_md_skip_docs(v->in);
    }
}

static void skip_custom(struct v14 *v)
{
    size_t values = w3p_scale_length(v->in->r, CUSTOM_MAX);
    for (size_t i = 0; i < values && going(v); i++) {
        (void)w3p_scale_bytes(v->in->r, W3P_MD_TEXT_MAX);
        (void)w3p_scale_compact(v->in->r); // may name a type that is not in the registry
        (void)w3p_scale_bytes(v->in->r, W3P_METADATA_MAX);
    }
}

void w3p_metadata_v14_read(struct w3p_metadata *md, struct w3p_md_in *in)
{
    struct v14 v = {in, &md->types, md->version};
    struct w3p_type_params params;
    w3p_type_registry_read(&md->types, &params, in);
    read_pallets(md, &v);
    read_extrinsic(md, &v, &params);
    (void)read_type(&v); // the runtime
    if (md->version < 15)
        return;
    skip_apis(&v);
    for (int i = 0; i < 3; i++) // the outer enums of calls, events and errors
        (void)read_type(&v);
    skip_custom(&v);
}
