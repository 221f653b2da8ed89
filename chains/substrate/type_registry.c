// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the portable type registry of metadata V14 and V15, byte by byte, every reference checked; and the width of
// all types whose values have one.
// Must not: follow references while reading: they may lead in circles.
#include <string.h>

#include "substrate/metadata_arena.h"
#include "substrate/scale.h"

#define PATH_MAX_PARTS 64u
#define PARAMS_MAX 64u
#define TYPE_MIN_BYTES 6u // id, path, parameters, kind, one byte of it, documentation
#define EXTRINSIC_NAME "UncheckedExtrinsic"

static bool going(const struct w3p_md_in *in)
{
    return in->r->err == W3P_OK;
}

static uint32_t read_id(struct w3p_md_in *in)
{
    uint64_t id = w3p_scale_compact(in->r);
    if (id >= W3P_TYPES_MAX)
        w3p_reader_fail(in->r, W3P_E_INVALID);
    return (uint32_t)id;
}

// Only its last part is kept.
static const char *read_path(struct w3p_md_in *in)
{
    struct w3p_span last = {NULL, 0};
    size_t parts = w3p_scale_length(in->r, PATH_MAX_PARTS);
    for (size_t i = 0; i < parts && going(in); i++)
        last = w3p_scale_bytes(in->r, W3P_MD_TEXT_MAX);
    if (last.len > 0 && memchr(last.ptr, 0, last.len) != NULL)
        w3p_reader_fail(in->r, W3P_E_INVALID);
    return going(in) ? w3p_md_words(in, last) : "";
}

static void read_params(struct w3p_type_params *out, struct w3p_md_in *in)
{
    *out = (struct w3p_type_params){W3P_TYPE_NONE, W3P_TYPE_NONE, W3P_TYPE_NONE};
    size_t count = w3p_scale_length(in->r, PARAMS_MAX);
    for (size_t i = 0; i < count && going(in); i++) {
        struct w3p_span name = w3p_scale_bytes(in->r, W3P_MD_TEXT_MAX);
        uint32_t type = w3p_scale_bool(in->r) ? read_id(in) : W3P_TYPE_NONE;
        if (w3p_span_eq_str(name, "Address"))
            out->address = type;
        else if (w3p_span_eq_str(name, "Signature"))
            out->signature = type;
    }
}

static size_t read_fields(const struct w3p_type_field **out, struct w3p_md_in *in)
{
    struct w3p_type_field *fields;
    size_t count = w3p_md_read_array(in, &fields, sizeof *fields, 4, W3P_MD_FIELDS_MAX);
    for (size_t i = 0; i < count && going(in); i++) {
        fields[i].name = w3p_scale_bool(in->r) ? w3p_md_read_text(in) : "";
        fields[i].type = read_id(in);
        if (w3p_scale_bool(in->r)) // the type as it stood in the source
            (void)w3p_scale_bytes(in->r, W3P_METADATA_MAX);
        w3p_md_skip_docs(in);
    }
    *out = fields;
    return count;
}

// Two alternatives of one number would make values ambiguous.
static void read_variants(struct w3p_type *type, struct w3p_md_in *in)
{
    struct w3p_type_variant *variants;
    bool seen[W3P_MD_INDEXED_MAX] = {false}, has_docs = strcmp(type->name, "Error") == 0;
    size_t count = w3p_md_read_array(in, &variants, sizeof *variants, 4, W3P_MD_INDEXED_MAX);
    for (size_t i = 0; i < count && going(in); i++) {
        variants[i].name = w3p_md_read_text(in);
        variants[i].field_count = (uint16_t)read_fields(&variants[i].fields, in);
        variants[i].index = w3p_reader_u8(in->r);
        if (has_docs)
            variants[i].doc = w3p_md_read_docs(in);
        else
            w3p_md_skip_docs(in);
        if (!has_docs)
            variants[i].doc = "";
        if (seen[variants[i].index])
            w3p_reader_fail(in->r, W3P_E_INVALID);
        seen[variants[i].index] = true;
    }
    type->of.variants = variants;
    type->count = (uint32_t)count;
}

static void read_tuple(struct w3p_type *type, struct w3p_md_in *in)
{
    struct w3p_type_field *fields;
    size_t count = w3p_md_read_array(in, &fields, sizeof *fields, 1, W3P_MD_FIELDS_MAX);
    for (size_t i = 0; i < count && going(in); i++)
        fields[i] = (struct w3p_type_field){"", read_id(in)};
    type->of.fields = fields;
    type->count = (uint32_t)count;
}

static void read_definition(struct w3p_type *type, struct w3p_md_in *in)
{
    static const uint8_t kinds[] = {W3P_TYPE_COMPOSITE, W3P_TYPE_VARIANT,   W3P_TYPE_SEQUENCE, W3P_TYPE_ARRAY,
                                    W3P_TYPE_COMPOSITE, W3P_TYPE_PRIMITIVE, W3P_TYPE_COMPACT,  W3P_TYPE_BITS};
    enum { COMPOSITE, VARIANT, SEQUENCE, ARRAY, TUPLE, PRIMITIVE, COMPACT, BITS, DEFINITIONS };
    uint8_t definition = w3p_reader_u8(in->r);
    type->kind = definition < DEFINITIONS ? kinds[definition] : W3P_TYPE_UNKNOWN;
    switch (definition) {
    case COMPOSITE:
        type->count = (uint32_t)read_fields(&type->of.fields, in);
        break;
    case VARIANT:
        read_variants(type, in);
        break;
    case ARRAY:
        type->count = w3p_reader_le32(in->r);
        type->item = read_id(in);
        break;
    case TUPLE:
        read_tuple(type, in);
        break;
    case PRIMITIVE:
        type->count = w3p_reader_u8(in->r);
        if (type->count >= W3P_PRIMITIVES)
            w3p_reader_fail(in->r, W3P_E_INVALID);
        break;
    case SEQUENCE:
    case COMPACT:
        type->item = read_id(in);
        break;
    case BITS:
        type->item = read_id(in);
        (void)read_id(in); // the order of the bits
        break;
    default:
        w3p_reader_fail(in->r, W3P_E_INVALID);
    }
}

static bool fields_are_there(const struct w3p_type_field *fields, size_t field_count, size_t types)
{
    for (size_t i = 0; i < field_count; i++)
        if (fields[i].type >= types)
            return false;
    return true;
}

static bool references_are_there(const struct w3p_type *type, size_t types)
{
    switch ((enum w3p_type_kind)type->kind) {
    case W3P_TYPE_COMPOSITE:
        return fields_are_there(type->of.fields, type->count, types);
    case W3P_TYPE_VARIANT:
        for (size_t i = 0; i < type->count; i++)
            if (!fields_are_there(type->of.variants[i].fields, type->of.variants[i].field_count, types))
                return false;
        return true;
    case W3P_TYPE_SEQUENCE:
    case W3P_TYPE_ARRAY:
    case W3P_TYPE_COMPACT:
    case W3P_TYPE_BITS:
        return type->item < types;
    case W3P_TYPE_PRIMITIVE:
    case W3P_TYPE_UNKNOWN:
    default:
        return true;
    }
}

void w3p_type_registry_read(struct w3p_types *types, struct w3p_type_params *extrinsic, struct w3p_md_in *in)
{
    struct w3p_type *list;
    *extrinsic = (struct w3p_type_params){W3P_TYPE_NONE, W3P_TYPE_NONE, W3P_TYPE_NONE};
    size_t count = w3p_md_read_array(in, &list, sizeof *list, TYPE_MIN_BYTES, W3P_TYPES_MAX);
    for (size_t i = 0; i < count && going(in); i++) {
        struct w3p_type_params params;
        if (read_id(in) != i) // ids are positions in every registry that there is
            w3p_reader_fail(in->r, W3P_E_INVALID);
        list[i].name = read_path(in);
        read_params(&params, in);
        read_definition(&list[i], in);
        w3p_md_skip_docs(in);
        if (strcmp(list[i].name, EXTRINSIC_NAME) == 0) {
            *extrinsic = params;
            extrinsic->of = (uint32_t)i;
        }
    }
    for (size_t i = 0; i < count && going(in); i++)
        if (!references_are_there(&list[i], count))
            w3p_reader_fail(in->r, W3P_E_INVALID);
    if (!going(in))
        return;
    w3p_type_widths(list, count);
    *types = (struct w3p_types){list, count};
}

// Bytes of each value as far as they follow from the widths known so far.
static uint64_t width_of(const struct w3p_type *type, const struct w3p_type *list)
{
    static const uint8_t primitives[W3P_PRIMITIVES] = {1, 4, 0, 1, 2, 4, 8, 16, 32, 1, 2, 4, 8, 16, 32};
    uint64_t sum = 0;
    switch ((enum w3p_type_kind)type->kind) {
    case W3P_TYPE_PRIMITIVE:
        return type->count == W3P_PRIMITIVE_STR ? W3P_TYPE_VARIABLE : primitives[type->count];
    case W3P_TYPE_COMPOSITE:
        for (size_t i = 0; i < type->count; i++) {
            if (list[type->of.fields[i].type].width == W3P_TYPE_VARIABLE)
                return W3P_TYPE_VARIABLE;
            sum += list[type->of.fields[i].type].width;
        }
        return sum;
    case W3P_TYPE_ARRAY:
        return list[type->item].width == W3P_TYPE_VARIABLE ? W3P_TYPE_VARIABLE
                                                           : (uint64_t)type->count * list[type->item].width;
    case W3P_TYPE_COMPACT: // of nothing it is nothing
        return list[type->item].width == 0 ? 0 : W3P_TYPE_VARIABLE;
    case W3P_TYPE_VARIANT: // which one it is must be looked at
    case W3P_TYPE_SEQUENCE:
    case W3P_TYPE_BITS:
    case W3P_TYPE_UNKNOWN:
    default:
        return W3P_TYPE_VARIABLE;
    }
}

// Round by round, since a type may come before its parts. What stands deeper than the rounds go, or in a circle, or is
// longer than any value, stays variable.
void w3p_type_widths(struct w3p_type *list, size_t count)
{
    bool changed = true;
    for (size_t i = 0; i < count; i++)
        list[i].width = W3P_TYPE_VARIABLE;
    for (unsigned round = 0; changed && round < W3P_TYPE_DEPTH_MAX; round++) {
        changed = false;
        for (size_t i = 0; i < count; i++) {
            if (list[i].width != W3P_TYPE_VARIABLE)
                continue;
            uint64_t width = width_of(&list[i], list);
            if (width >= W3P_TYPE_VARIABLE)
                continue;
            list[i].width = (uint32_t)width;
            changed = true;
        }
    }
}
