// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the type registry that every metadata version is decoded into, moving over one value of a type, and a short
// text of its encoding to compare forms with.
// Threads: immutable after the metadata is parsed, any.  Ownership: borrows from the metadata.
// Source: the scale-info crate's PortableRegistry.
#ifndef W3P_CHAINS_SUBSTRATE_TYPES_H
#define W3P_CHAINS_SUBSTRATE_TYPES_H

#include "base/reader.h"

#define W3P_TYPE_NONE UINT32_MAX
#define W3P_TYPE_VARIABLE UINT32_MAX   // width of a type whose values differ in length
#define W3P_TYPES_MAX 16384u           // types of one runtime; Kusama has about 800
#define W3P_TYPE_DEPTH_MAX 64u         // types inside types of one value
#define W3P_TYPE_STEPS_MAX (1u << 24)  // types looked at in one walk, whatever the registry says
#define W3P_TYPE_DESCRIPTION_MAX 1024u // characters

enum w3p_type_kind {
    W3P_TYPE_UNKNOWN,   // only its name is known (V12 and V13 give types as text)
    W3P_TYPE_COMPOSITE, // structs and tuples
    W3P_TYPE_VARIANT,
    W3P_TYPE_SEQUENCE,
    W3P_TYPE_ARRAY,
    W3P_TYPE_PRIMITIVE,
    W3P_TYPE_COMPACT,
    W3P_TYPE_BITS
};

enum w3p_primitive {
    W3P_PRIMITIVE_BOOL,
    W3P_PRIMITIVE_CHAR,
    W3P_PRIMITIVE_STR,
    W3P_PRIMITIVE_U8,
    W3P_PRIMITIVE_U16,
    W3P_PRIMITIVE_U32,
    W3P_PRIMITIVE_U64,
    W3P_PRIMITIVE_U128,
    W3P_PRIMITIVE_U256,
    W3P_PRIMITIVE_I8,
    W3P_PRIMITIVE_I16,
    W3P_PRIMITIVE_I32,
    W3P_PRIMITIVE_I64,
    W3P_PRIMITIVE_I128,
    W3P_PRIMITIVE_I256,
    W3P_PRIMITIVES
};

struct w3p_type_field {
    const char *name; // "" for none
    uint32_t type;
};

// One alternative of an enum. Calls, events and errors of a pallet are such.
struct w3p_type_variant {
    const char *name;
    const char *doc; // joined lines, trimmed; errors only, else ""
    const struct w3p_type_field *fields;
    uint16_t field_count;
    uint8_t index;
};

struct w3p_type {
    uint8_t kind;     // enum w3p_type_kind
    uint32_t width;   // bytes of each value, or W3P_TYPE_VARIABLE
    uint32_t item;    // of a sequence, an array, a compact; the store of bits
    uint32_t count;   // fields, variants, elements of an array; the enum w3p_primitive
    const char *name; // last part of its path, "" for none
    union {
        const struct w3p_type_field *fields;
        const struct w3p_type_variant *variants;
    } of;
};

struct w3p_types {
    const struct w3p_type *list;
    size_t count;
};

// NULL for an id that there is not.
const struct w3p_type *w3p_type_at(const struct w3p_types *types, uint32_t type);
// The variant with this index or name; NULL for none.
const struct w3p_type_variant *w3p_type_variant_at(const struct w3p_type *type, uint8_t index);
const struct w3p_type_variant *w3p_type_variant(const struct w3p_type *type, const char *name);
const char *w3p_primitive_name(enum w3p_primitive primitive);

// Moves over one value. steps: how many types may still be looked at, counted down. The reader fails with
// W3P_E_UNSUPPORTED when the type is not known, W3P_E_LIMIT for depth and steps, W3P_E_INVALID for bytes that are no
// value of it.
void w3p_type_skip(struct w3p_reader *r, const struct w3p_types *types, uint32_t type, size_t *steps);

// How values are encoded, as text: "u64", "Vec<u8>", "[u8;32]", "Compact<u128>", "Option<u32>", "(u32,bool)",
// "enum Name", the bare name of a type that is not known. Structs read as tuples, and what has one field as that field:
// "[u8;32]" for every AccountId32. Below `depth` levels "..".
void w3p_type_describe(struct w3p_buf *out, const struct w3p_types *types, uint32_t type, unsigned depth);
// Whether the description is this text.
bool w3p_type_is(const struct w3p_types *types, uint32_t type, const char *description);

#endif
