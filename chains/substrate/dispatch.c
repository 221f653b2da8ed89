// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: DispatchError and DispatchInfo by the types of the runtime that wrote them.
#include "substrate/dispatch.h"

#include <stdio.h>
#include <string.h>

#include "substrate/scale.h"

#define MODULE_OLD 2 // bytes: pallet, error
#define MODULE_NEW 5 // bytes: pallet, error as the first of four

static void read_module(struct w3p_dispatch_error *e, struct w3p_reader *r, const struct w3p_metadata *md,
                        struct w3p_span bytes)
{
    if (r->err == W3P_OK && bytes.len != MODULE_OLD && bytes.len != MODULE_NEW)
        w3p_reader_fail(r, W3P_E_UNSUPPORTED);
    if (r->err != W3P_OK)
        return;
    e->is_module = true;
    e->pallet_index = bytes.ptr[0];
    e->error_index = bytes.ptr[1];
    e->pallet = w3p_md_pallet_at(md, e->pallet_index);
    e->error = w3p_md_error_at(e->pallet, e->error_index);
}

struct w3p_dispatch_error w3p_dispatch_error_read(struct w3p_reader *r, const struct w3p_metadata *md, uint32_t type)
{
    struct w3p_dispatch_error e = {.kind = "", .detail = ""};
    size_t steps = W3P_TYPE_STEPS_MAX;
    const struct w3p_type *error = w3p_type_at(&md->types, type);
    if (error == NULL || error->kind != W3P_TYPE_VARIANT)
        w3p_reader_fail(r, W3P_E_UNSUPPORTED);
    const struct w3p_type_variant *kind = w3p_type_variant_at(error, w3p_reader_u8(r));
    if (kind == NULL)
        w3p_reader_fail(r, W3P_E_INVALID);
    if (r->err != W3P_OK)
        return e;
    e.kind = kind->name;
    size_t start = r->pos;
    for (size_t i = 0; i < kind->field_count; i++)
        w3p_type_skip(r, &md->types, kind->fields[i].type, &steps);
    struct w3p_span bytes = W3P_SPAN(r->ptr + start, r->pos - start);
    const struct w3p_type *inner = kind->field_count == 1 ? w3p_type_at(&md->types, kind->fields[0].type) : NULL;
    if (strcmp(kind->name, "Module") == 0) {
        read_module(&e, r, md, bytes);
    } else if (r->err == W3P_OK && inner != NULL && inner->kind == W3P_TYPE_VARIANT) {
        const struct w3p_type_variant *detail = w3p_type_variant_at(inner, bytes.ptr[0]);
        e.detail = detail != NULL ? detail->name : "";
    }
    return e;
}

void w3p_dispatch_error_format(char *out, size_t room, const struct w3p_dispatch_error *e)
{
    if (e->is_module && e->error == NULL)
        snprintf(out, room, "error %u of pallet %u", e->error_index, e->pallet_index);
    else if (e->is_module && e->error->doc[0] != '\0')
        snprintf(out, room, "%s.%s: %s", e->pallet->name, e->error->name, e->error->doc);
    else if (e->is_module)
        snprintf(out, room, "%s.%s", e->pallet->name, e->error->name);
    else if (e->detail[0] != '\0')
        snprintf(out, room, "%s: %s", e->kind, e->detail);
    else
        snprintf(out, room, "%s", e->kind);
}

struct w3p_weight w3p_weight_read(struct w3p_reader *r, const struct w3p_metadata *md, uint32_t type)
{
    struct w3p_weight weight = {0, 0};
    if (w3p_type_is(&md->types, type, "u64")) {
        weight.ref_time = w3p_reader_le64(r);
    } else if (w3p_type_is(&md->types, type, "(Compact<u64>,Compact<u64>)")) {
        weight.ref_time = w3p_scale_compact(r);
        weight.proof_size = w3p_scale_compact(r);
    } else {
        w3p_reader_fail(r, W3P_E_UNSUPPORTED);
    }
    return weight;
}

static const struct w3p_type *info_type(const struct w3p_metadata *md, uint32_t type)
{
    const struct w3p_type *info = w3p_type_at(&md->types, type);
    return info != NULL && info->kind == W3P_TYPE_COMPOSITE && info->count == 3 ? info : NULL;
}

uint32_t w3p_weight_type(const struct w3p_metadata *md)
{
    const struct w3p_type_variant *success = w3p_md_event(w3p_md_pallet(md, "System"), "ExtrinsicSuccess");
    const struct w3p_type *info =
        success != NULL && success->field_count == 1 ? info_type(md, success->fields[0].type) : NULL;
    return info != NULL ? info->of.fields[0].type : W3P_TYPE_NONE;
}

struct w3p_dispatch_info w3p_dispatch_info_read(struct w3p_reader *r, const struct w3p_metadata *md, uint32_t type)
{
    struct w3p_dispatch_info out = {.pays_fee = true};
    const struct w3p_type *info = info_type(md, type);
    if (info == NULL) {
        w3p_reader_fail(r, W3P_E_UNSUPPORTED);
        return out;
    }
    out.weight = w3p_weight_read(r, md, info->of.fields[0].type);
    out.class = w3p_reader_u8(r);
    uint8_t pays = w3p_reader_u8(r); // Pays::Yes is 0
    out.pays_fee = pays == 0;
    if (out.class > 2 || pays > 1)
        w3p_reader_fail(r, W3P_E_INVALID);
    return out;
}
