// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a Crust runtime whose metadata was read as V12, written as V14 or V15: the runtime that Crust would be on a
// newer Substrate. Types that V12 only names (FileInfo, AccountInfo) get the fields that they have on chain.
#ifndef W3P_TESTS_METADATA_CONVERT_H
#define W3P_TESTS_METADATA_CONVERT_H

#include "metadata_write.h"

// Types that V12 does not spell out.
static inline void mc_unknown(struct mw *w, const struct mw_basics *b, const char *name, uint32_t replicas,
                              uint32_t balances)
{
    const struct mw_field file[] = {{"file_size", b->u64},
                                    {"spower", b->u64},
                                    {"expired_at", b->u32},
                                    {"calculated_at", b->u32},
                                    {"amount", b->compact_u128},
                                    {"prepaid", b->compact_u128},
                                    {"reported_replica_count", b->u32},
                                    {"replicas", replicas}};
    const struct mw_field account[] = {
        {"nonce", b->u32}, {"consumers", b->u32}, {"providers", b->u32}, {"data", balances}};
    if (strcmp(name, "FileInfo") == 0)
        (void)mw_composite(w, name, file, 8);
    else if (strcmp(name, "AccountInfo") == 0)
        (void)mw_composite(w, name, account, 4);
    else
        (void)mw_composite(w, name, NULL, 0);
}

static inline void mc_fields(struct mw_field *out, const struct w3p_type_field *fields, size_t count, uint32_t base)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (struct mw_field){fields[i].name[0] != '\0' ? fields[i].name : NULL, base + fields[i].type};
}

static inline uint32_t mc_enum(struct mw *w, const char *name, const struct w3p_type_variant *list, size_t count,
                               uint32_t base)
{
    struct mw_variant *variants = w3p_calloc(count + 1, sizeof *variants);
    struct mw_field *fields = w3p_calloc(count * 64 + 1, sizeof *fields);
    for (size_t i = 0; i < count; i++) {
        mc_fields(&fields[i * 64], list[i].fields, list[i].field_count, base);
        variants[i] = (struct mw_variant){list[i].name, list[i].index, &fields[i * 64], list[i].field_count,
                                          list[i].doc[0] != '\0' ? list[i].doc : NULL};
    }
    uint32_t id = mw_enum(w, name, variants, count);
    free(variants);
    free(fields);
    return id;
}

// One type of the V12 registry under id `base` + its own.
static inline void mc_type(struct mw *w, const struct mw_basics *b, const struct w3p_type *type, uint32_t base,
                           uint32_t replicas, uint32_t balances)
{
    struct mw_field fields[64];
    switch ((enum w3p_type_kind)type->kind) {
    case W3P_TYPE_COMPOSITE:
        mc_fields(fields, type->of.fields, type->count, base);
        (void)mw_composite(w, type->name[0] != '\0' ? type->name : NULL, fields, type->count);
        break;
    case W3P_TYPE_VARIANT:
        (void)mc_enum(w, type->name, type->of.variants, type->count, base);
        break;
    case W3P_TYPE_SEQUENCE:
        (void)mw_of(w, 2, base + type->item);
        break;
    case W3P_TYPE_COMPACT:
        (void)mw_of(w, 6, base + type->item);
        break;
    case W3P_TYPE_ARRAY:
        (void)mw_array(w, base + type->item, type->count);
        break;
    case W3P_TYPE_PRIMITIVE:
        (void)mw_primitive(w, (enum w3p_primitive)type->count);
        break;
    case W3P_TYPE_UNKNOWN:
    case W3P_TYPE_BITS:
    default:
        mc_unknown(w, b, type->name, replicas, balances);
    }
}

static inline void mc_storage(struct w3p_buf *out, struct mw *w, const struct w3p_md_pallet *p, uint32_t base)
{
    w3p_buf_put_u8(out, p->storage_prefix != NULL);
    if (p->storage_prefix == NULL)
        return;
    mw_text(out, p->storage_prefix);
    w3p_scale_put_compact(out, p->entry_count);
    for (size_t i = 0; i < p->entry_count; i++) {
        const struct w3p_md_entry *e = &p->entries[i];
        mw_text(out, e->name);
        w3p_buf_put_u8(out, e->is_default);
        w3p_buf_put_u8(out, e->key_count > 0);
        if (e->key_count > 0) {
            struct mw_field keys[W3P_MD_KEYS_MAX];
            for (size_t k = 0; k < e->key_count; k++)
                keys[k] = (struct mw_field){NULL, base + e->key_types[k]};
            w3p_scale_put_compact(out, e->key_count);
            w3p_buf_put(out, e->hashers, e->key_count);
            w3p_scale_put_compact(out, e->key_count == 1 ? keys[0].type : mw_composite(w, NULL, keys, e->key_count));
        }
        w3p_scale_put_compact(out, base + e->value_type);
        w3p_scale_put_bytes(out, e->fallback.ptr, e->fallback.len);
        w3p_scale_put_compact(out, 0);
    }
}

static inline void mc_pallet(struct w3p_buf *out, struct mw *w, const struct w3p_md_pallet *p, uint32_t base,
                             unsigned version)
{
    mw_text(out, p->name);
    mc_storage(out, w, p, base);
    const struct {
        const char *name;
        const struct w3p_type_variant *list;
        size_t count;
    } enums[] = {
        {"Call", p->calls, p->call_count}, {"Event", p->events, p->event_count}, {"Error", p->errors, p->error_count}};
    for (size_t i = 0; i < 3; i++) {
        if (i == 2) {
            w3p_scale_put_compact(out, p->const_count);
            for (size_t k = 0; k < p->const_count; k++) {
                mw_text(out, p->consts[k].name);
                w3p_scale_put_compact(out, base + p->consts[k].type);
                w3p_scale_put_bytes(out, p->consts[k].value.ptr, p->consts[k].value.len);
                w3p_scale_put_compact(out, 0);
            }
        }
        w3p_buf_put_u8(out, enums[i].count > 0);
        if (enums[i].count > 0)
            w3p_scale_put_compact(out, mc_enum(w, enums[i].name, enums[i].list, enums[i].count, base));
    }
    w3p_buf_put_u8(out, p->index);
    if (version > 14)
        w3p_scale_put_compact(out, 0);
}

// The caller ends with w3p_buf_deinit(out).
static inline void mc_convert(struct w3p_buf *out, const struct w3p_metadata *md, unsigned version)
{
    struct mw w;
    struct w3p_buf pallets;
    struct mw_extension extensions[MW_EXTENSIONS];
    mw_init(&w);
    w3p_buf_init(&pallets, MW_MAX);
    struct mw_basics b = mw_basics(&w, false);
    const struct mw_field balances[] = {
        {"free", b.u128}, {"reserved", b.u128}, {"misc_frozen", b.u128}, {"fee_frozen", b.u128}};
    uint32_t data = mw_composite(&w, "AccountData", balances, 4);
    const struct mw_field replica[] = {{"who", b.hash},
                                       {"valid_at", b.u32},
                                       {"anchor", b.bytes},
                                       {"is_reported", b.boolean},
                                       {"created_at", mw_option(&w, b.u32)}};
    uint32_t replicas = mw_of(&w, 2, mw_composite(&w, "Replica", replica, 5));
    uint32_t base = w.count;
    for (size_t i = 0; i < md->types.count; i++)
        mc_type(&w, &b, &md->types.list[i], base, replicas, data);
    w3p_scale_put_compact(&pallets, md->pallet_count);
    for (size_t i = 0; i < md->pallet_count; i++)
        mc_pallet(&pallets, &w, &md->pallets[i], base, version);
    mw_usual_extensions(extensions, &b);
    mw_finish(out, &w, &b, version, &pallets, extensions, MW_EXTENSIONS);
    w3p_buf_deinit(&pallets);
}

#endif
