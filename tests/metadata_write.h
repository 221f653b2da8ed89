// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: writes metadata V14 and V15 for tests: type by type, or a whole runtime that was read as V12. Nothing that
// the client has is used for it but SCALE, so that what it reads back was not written by its own mistake.
// Must not: hold state.
#ifndef W3P_TESTS_METADATA_WRITE_H
#define W3P_TESTS_METADATA_WRITE_H

#include <stdlib.h>
#include <string.h>

#include "substrate/metadata.h"
#include "substrate/scale.h"

#define MW_MAX (8u << 20)

// Types so far.
struct mw {
    struct w3p_buf types;
    uint32_t count;
};

struct mw_field {
    const char *name; // NULL: none
    uint32_t type;
};
struct mw_variant {
    const char *name;
    uint8_t index;
    const struct mw_field *fields;
    size_t count;
    const char *doc; // NULL: none
};

static inline void mw_text(struct w3p_buf *out, const char *text)
{
    w3p_scale_put_bytes(out, text, strlen(text));
}

static inline void mw_init(struct mw *w)
{
    w3p_buf_init(&w->types, MW_MAX);
    w->count = 0;
}

// id and path; the definition comes next, then mw_end.
static inline void mw_begin(struct mw *w, const char *name)
{
    w3p_scale_put_compact(&w->types, w->count);
    w3p_scale_put_compact(&w->types, name != NULL ? 2 : 0);
    if (name != NULL) {
        mw_text(&w->types, "crate");
        mw_text(&w->types, name);
    }
}

static inline uint32_t mw_end(struct mw *w)
{
    w3p_scale_put_compact(&w->types, 0);
    return w->count++;
}

static inline uint32_t mw_primitive(struct mw *w, enum w3p_primitive primitive)
{
    mw_begin(w, NULL);
    w3p_buf_put(&w->types, "\0\5", 2);
    w3p_buf_put_u8(&w->types, (uint8_t)primitive);
    return mw_end(w);
}

// tag 2: sequence, 6: compact
static inline uint32_t mw_of(struct mw *w, uint8_t tag, uint32_t item)
{
    mw_begin(w, NULL);
    w3p_buf_put_u8(&w->types, 0);
    w3p_buf_put_u8(&w->types, tag);
    w3p_scale_put_compact(&w->types, item);
    return mw_end(w);
}

static inline uint32_t mw_array(struct mw *w, uint32_t item, uint32_t len)
{
    mw_begin(w, NULL);
    w3p_buf_put(&w->types, "\0\3", 2);
    w3p_buf_put_le32(&w->types, len);
    w3p_scale_put_compact(&w->types, item);
    return mw_end(w);
}

static inline void mw_fields(struct w3p_buf *out, const struct mw_field *fields, size_t count)
{
    w3p_scale_put_compact(out, count);
    for (size_t i = 0; i < count; i++) {
        w3p_buf_put_u8(out, fields[i].name != NULL);
        if (fields[i].name != NULL)
            mw_text(out, fields[i].name);
        w3p_scale_put_compact(out, fields[i].type);
        w3p_buf_put(out, "\0\0", 2); // no type name, no documentation
    }
}

static inline uint32_t mw_composite(struct mw *w, const char *name, const struct mw_field *fields, size_t count)
{
    mw_begin(w, name);
    w3p_buf_put(&w->types, "\0\0", 2);
    mw_fields(&w->types, fields, count);
    return mw_end(w);
}

static inline uint32_t mw_enum(struct mw *w, const char *name, const struct mw_variant *variants, size_t count)
{
    mw_begin(w, name);
    w3p_buf_put(&w->types, "\0\1", 2);
    w3p_scale_put_compact(&w->types, count);
    for (size_t i = 0; i < count; i++) {
        mw_text(&w->types, variants[i].name);
        mw_fields(&w->types, variants[i].fields, variants[i].count);
        w3p_buf_put_u8(&w->types, variants[i].index);
        w3p_scale_put_compact(&w->types, variants[i].doc != NULL);
        if (variants[i].doc != NULL)
            mw_text(&w->types, variants[i].doc);
    }
    return mw_end(w);
}

static inline uint32_t mw_option(struct mw *w, uint32_t type)
{
    struct mw_field field = {NULL, type};
    struct mw_variant list[] = {{"None", 0, NULL, 0, NULL}, {"Some", 1, &field, 1, NULL}};
    return mw_enum(w, "Option", list, 2);
}

// What every runtime has besides its pallets.
struct mw_basics {
    uint32_t u8, u32, u64, u128, nothing, hash, bytes, boolean, compact_u32, compact_u128, era, signature,
        multi_address, runtime, extrinsic;
};

static inline struct mw_basics mw_basics(struct mw *w, bool multi)
{
    struct mw_basics b;
    b.u8 = mw_primitive(w, W3P_PRIMITIVE_U8);
    b.u32 = mw_primitive(w, W3P_PRIMITIVE_U32);
    b.u64 = mw_primitive(w, W3P_PRIMITIVE_U64);
    b.u128 = mw_primitive(w, W3P_PRIMITIVE_U128);
    b.boolean = mw_primitive(w, W3P_PRIMITIVE_BOOL);
    b.nothing = mw_composite(w, "Nothing", NULL, 0);
    uint32_t bytes32 = mw_array(w, b.u8, 32);
    b.hash = mw_composite(w, "H256", &(struct mw_field){NULL, bytes32}, 1);
    b.bytes = mw_of(w, 2, b.u8);
    b.compact_u32 = mw_of(w, 6, b.u32);
    b.compact_u128 = mw_of(w, 6, b.u128);
    b.era = mw_enum(w, "Era", &(struct mw_variant){"Immortal", 0, NULL, 0, NULL}, 1);
    struct mw_field sig64 = {NULL, mw_array(w, b.u8, 64)}, sig65 = {NULL, mw_array(w, b.u8, 65)}, id = {NULL, b.hash};
    struct mw_variant kinds[] = {
        {"Ed25519", 0, &sig64, 1, NULL}, {"Sr25519", 1, &sig64, 1, NULL}, {"Ecdsa", 2, &sig65, 1, NULL}};
    b.signature = mw_enum(w, "MultiSignature", kinds, 3);
    b.multi_address = mw_enum(w, "MultiAddress", &(struct mw_variant){"Id", 0, &id, 1, NULL}, 1);
    b.runtime = mw_composite(w, "Runtime", NULL, 0);
    mw_begin(w, "UncheckedExtrinsic");
    w3p_scale_put_compact(&w->types, 2); // parameters
    mw_text(&w->types, "Address");
    w3p_buf_put_u8(&w->types, 1);
    w3p_scale_put_compact(&w->types, multi ? b.multi_address : b.hash);
    mw_text(&w->types, "Signature");
    w3p_buf_put_u8(&w->types, 1);
    w3p_scale_put_compact(&w->types, b.signature);
    w3p_buf_put(&w->types, "\0\0", 2);
    b.extrinsic = mw_end(w);
    return b;
}

struct mw_extension {
    const char *name;
    uint32_t extra, additional;
};

static inline void mw_extensions(struct w3p_buf *out, const struct mw_extension *list, size_t count)
{
    w3p_scale_put_compact(out, count);
    for (size_t i = 0; i < count; i++) {
        mw_text(out, list[i].name);
        w3p_scale_put_compact(out, list[i].extra);
        w3p_scale_put_compact(out, list[i].additional);
    }
}

#define MW_EXTENSIONS 7
static inline void mw_usual_extensions(struct mw_extension out[MW_EXTENSIONS], const struct mw_basics *b)
{
    const struct mw_extension usual[MW_EXTENSIONS] = {{"CheckSpecVersion", b->nothing, b->u32},
                                                      {"CheckTxVersion", b->nothing, b->u32},
                                                      {"CheckGenesis", b->nothing, b->hash},
                                                      {"CheckMortality", b->era, b->hash},
                                                      {"CheckNonce", b->compact_u32, b->nothing},
                                                      {"CheckWeight", b->nothing, b->nothing},
                                                      {"ChargeTransactionPayment", b->compact_u128, b->nothing}};
    memcpy(out, usual, sizeof usual);
}

// pallets: their count and their bytes. The types are all there by now; w is done with.
static inline void mw_finish(struct w3p_buf *out, struct mw *w, const struct mw_basics *b, unsigned version,
                             const struct w3p_buf *pallets, const struct mw_extension *extensions, size_t count)
{
    w3p_buf_init(out, MW_MAX);
    w3p_buf_put_str(out, "meta");
    w3p_buf_put_u8(out, (uint8_t)version);
    w3p_scale_put_compact(out, w->count);
    w3p_buf_put(out, w->types.ptr, w->types.len);
    w3p_buf_put(out, pallets->ptr, pallets->len);
    if (version == 14)
        w3p_scale_put_compact(out, b->extrinsic);
    w3p_buf_put_u8(out, 4);
    if (version > 14) { // address, call, signature, extra
        w3p_scale_put_compact(out, b->hash);
        w3p_scale_put_compact(out, b->nothing);
        w3p_scale_put_compact(out, b->signature);
        w3p_scale_put_compact(out, b->nothing);
    }
    mw_extensions(out, extensions, count);
    w3p_scale_put_compact(out, b->runtime);
    if (version > 14) { // one API with one method of one input, the outer enums, one custom value
        w3p_scale_put_compact(out, 1);
        mw_text(out, "Core");
        w3p_scale_put_compact(out, 1);
        mw_text(out, "version");
        w3p_scale_put_compact(out, 1);
        mw_text(out, "at");
        w3p_scale_put_compact(out, b->hash);
        w3p_scale_put_compact(out, b->u32);
        w3p_buf_put(out,
                    "\4\x0c"
                    "doc"
                    "\0",
                    6);
        for (int i = 0; i < 3; i++)
            w3p_scale_put_compact(out, b->nothing);
        w3p_scale_put_compact(out, 1);
        mw_text(out, "custom");
        w3p_scale_put_compact(out, b->u8);
        w3p_scale_put_bytes(out, "\7", 1);
    }
    w3p_buf_deinit(&w->types);
}

#endif
