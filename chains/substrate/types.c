// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: values by their types. A registry is foreign: it may refer to itself, nest without end or multiply nothing
// by everything, so each walk counts its depth and its steps. Must not: believe a length further than there are bytes
// behind it.
#include "substrate/types.h"

#include <string.h>

#include "substrate/scale.h"

#define IS_DEPTH_MAX 16u

const struct w3p_type *w3p_type_at(const struct w3p_types *types, uint32_t type)
{
    return type < types->count ? &types->list[type] : NULL;
}

const struct w3p_type_variant *w3p_type_variant_at(const struct w3p_type *type, uint8_t index)
{
    if (type == NULL || type->kind != W3P_TYPE_VARIANT)
        return NULL;
    for (size_t i = 0; i < type->count; i++)
        if (type->of.variants[i].index == index)
            return &type->of.variants[i];
    return NULL;
}

const struct w3p_type_variant *w3p_type_variant(const struct w3p_type *type, const char *name)
{
    if (type == NULL || type->kind != W3P_TYPE_VARIANT)
        return NULL;
    for (size_t i = 0; i < type->count; i++)
        if (strcmp(type->of.variants[i].name, name) == 0)
            return &type->of.variants[i];
    return NULL;
}

const char *w3p_primitive_name(enum w3p_primitive primitive)
{
    static const char *const names[W3P_PRIMITIVES] = {"bool", "char", "str", "u8",  "u16", "u32",  "u64", "u128",
                                                      "u256", "i8",   "i16", "i32", "i64", "i128", "i256"};
    return primitive < W3P_PRIMITIVES ? names[primitive] : "";
}

struct walk {
    struct w3p_reader *r;
    const struct w3p_types *types;
    size_t *steps;
};

static void skip_type(struct walk *w, uint32_t id, unsigned depth);

static void skip_fields(struct walk *w, const struct w3p_type_field *fields, size_t count, unsigned depth)
{
    for (size_t i = 0; i < count && w->r->err == W3P_OK; i++)
        skip_type(w, fields[i].type, depth);
}

static void skip_items(struct walk *w, uint32_t item, uint64_t count, unsigned depth)
{
    const struct w3p_type *type = w3p_type_at(w->types, item);
    if (type == NULL) {
        w3p_reader_fail(w->r, W3P_E_UNSUPPORTED);
    } else if (type->width != W3P_TYPE_VARIABLE) {
        w3p_reader_skip(w->r, (size_t)(count * type->width)); // both below 2^32
    } else {
        for (uint64_t i = 0; i < count && w->r->err == W3P_OK; i++)
            skip_type(w, item, depth);
    }
}

static void skip_variant(struct walk *w, const struct w3p_type *type, unsigned depth)
{
    const struct w3p_type_variant *variant = w3p_type_variant_at(type, w3p_reader_u8(w->r));
    if (w->r->err != W3P_OK)
        return;
    if (variant == NULL)
        w3p_reader_fail(w->r, W3P_E_INVALID);
    else
        skip_fields(w, variant->fields, variant->field_count, depth);
}

// A compact bit count, then as many whole words of the store type as hold them.
static void skip_bits(struct walk *w, const struct w3p_type *type)
{
    const struct w3p_type *store = w3p_type_at(w->types, type->item);
    uint64_t bits = w3p_scale_compact(w->r);
    if (store == NULL || store->width == 0 || store->width > 8) {
        w3p_reader_fail(w->r, W3P_E_UNSUPPORTED);
        return;
    }
    if (bits > (uint64_t)w3p_reader_left(w->r) * 8) {
        w3p_reader_fail(w->r, W3P_E_INVALID);
        return;
    }
    uint64_t word = 8u * (uint64_t)store->width;
    w3p_reader_skip(w->r, (size_t)((bits + word - 1) / word * store->width));
}

static void skip_known(struct walk *w, const struct w3p_type *type, unsigned depth)
{
    switch ((enum w3p_type_kind)type->kind) {
    case W3P_TYPE_COMPOSITE:
        skip_fields(w, type->of.fields, type->count, depth);
        break;
    case W3P_TYPE_VARIANT:
        skip_variant(w, type, depth);
        break;
    case W3P_TYPE_SEQUENCE:
        skip_items(w, type->item, w3p_scale_length(w->r, w3p_reader_left(w->r)), depth);
        break;
    case W3P_TYPE_ARRAY:
        skip_items(w, type->item, type->count, depth);
        break;
    case W3P_TYPE_PRIMITIVE: // only text has no width
        (void)w3p_scale_bytes(w->r, w3p_reader_left(w->r));
        break;
    case W3P_TYPE_COMPACT:
        (void)w3p_scale_compact_u128(w->r);
        break;
    case W3P_TYPE_BITS:
        skip_bits(w, type);
        break;
    case W3P_TYPE_UNKNOWN:
    default:
        w3p_reader_fail(w->r, W3P_E_UNSUPPORTED);
    }
}

static void skip_type(struct walk *w, uint32_t id, unsigned depth)
{
    const struct w3p_type *type = w3p_type_at(w->types, id);
    if (type == NULL)
        w3p_reader_fail(w->r, W3P_E_UNSUPPORTED);
    else if (depth == 0 || *w->steps == 0)
        w3p_reader_fail(w->r, W3P_E_LIMIT);
    else if (--*w->steps, type->width != W3P_TYPE_VARIABLE)
        w3p_reader_skip(w->r, type->width);
    else
        skip_known(w, type, depth - 1);
}

void w3p_type_skip(struct w3p_reader *r, const struct w3p_types *types, uint32_t type, size_t *steps)
{
    struct walk w = {r, types, steps};
    if (r->err == W3P_OK)
        skip_type(&w, type, W3P_TYPE_DEPTH_MAX);
}

static void describe_tuple(struct w3p_buf *out, const struct w3p_types *types, const struct w3p_type *type,
                           unsigned depth)
{
    if (type->count == 1) {
        w3p_type_describe(out, types, type->of.fields[0].type, depth);
        return;
    }
    w3p_buf_put_u8(out, '(');
    for (size_t i = 0; i < type->count && !out->failed; i++) {
        if (i > 0)
            w3p_buf_put_u8(out, ',');
        w3p_type_describe(out, types, type->of.fields[i].type, depth);
    }
    w3p_buf_put_u8(out, ')');
}

static void describe_variant(struct w3p_buf *out, const struct w3p_types *types, const struct w3p_type *type,
                             unsigned depth)
{
    const struct w3p_type_variant *none = w3p_type_variant_at(type, 0), *some = w3p_type_variant_at(type, 1);
    bool option = type->count == 2 && none != NULL && some != NULL && strcmp(none->name, "None") == 0 &&
                  none->field_count == 0 && strcmp(some->name, "Some") == 0 && some->field_count == 1;
    if (!option) {
        w3p_buf_printf(out, "enum %s", type->name);
        return;
    }
    w3p_buf_put_str(out, "Option<");
    w3p_type_describe(out, types, some->fields[0].type, depth);
    w3p_buf_put_u8(out, '>');
}

static void describe_item(struct w3p_buf *out, const struct w3p_types *types, const char *head, uint32_t item,
                          const char *tail, unsigned depth)
{
    w3p_buf_put_str(out, head);
    w3p_type_describe(out, types, item, depth);
    w3p_buf_put_str(out, tail);
}

void w3p_type_describe(struct w3p_buf *out, const struct w3p_types *types, uint32_t id, unsigned depth)
{
    const struct w3p_type *type = w3p_type_at(types, id);
    if (type == NULL || depth == 0) {
        w3p_buf_put_str(out, type == NULL ? "?" : "..");
        return;
    }
    switch ((enum w3p_type_kind)type->kind) {
    case W3P_TYPE_COMPOSITE:
        describe_tuple(out, types, type, depth - 1);
        break;
    case W3P_TYPE_VARIANT:
        describe_variant(out, types, type, depth - 1);
        break;
    case W3P_TYPE_SEQUENCE:
        describe_item(out, types, "Vec<", type->item, ">", depth - 1);
        break;
    case W3P_TYPE_ARRAY:
        describe_item(out, types, "[", type->item, ";", depth - 1);
        w3p_buf_printf(out, "%u]", type->count);
        break;
    case W3P_TYPE_PRIMITIVE:
        w3p_buf_put_str(out, w3p_primitive_name((enum w3p_primitive)type->count));
        break;
    case W3P_TYPE_COMPACT:
        describe_item(out, types, "Compact<", type->item, ">", depth - 1);
        break;
    case W3P_TYPE_BITS:
        describe_item(out, types, "Bits<", type->item, ">", depth - 1);
        break;
    case W3P_TYPE_UNKNOWN:
    default:
        w3p_buf_put_str(out, type->name);
    }
}

bool w3p_type_is(const struct w3p_types *types, uint32_t type, const char *description)
{
    struct w3p_buf text;
    w3p_buf_init(&text, W3P_TYPE_DESCRIPTION_MAX);
    w3p_type_describe(&text, types, type, IS_DEPTH_MAX);
    bool same = !text.failed && strcmp(w3p_buf_str(&text), description) == 0;
    w3p_buf_deinit(&text);
    return same;
}
