// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: internal to the metadata decoders: the memory that a decoded metadata lives in, the reading of its common
// parts, the registry that type texts are turned into, and one decoder per family of versions.
// Ownership: everything in the arena dies with it.
#ifndef W3P_CHAINS_SUBSTRATE_METADATA_ARENA_H
#define W3P_CHAINS_SUBSTRATE_METADATA_ARENA_H

#include "base/reader.h"
#include "substrate/metadata.h"

#define W3P_MD_INDEXED_MAX 256u // pallets, calls, events and errors are named by one byte
#define W3P_MD_ENTRIES_MAX 1024u
#define W3P_MD_FIELDS_MAX 256u // arguments of a call, fields of a struct
#define W3P_MD_EXTENSIONS_MAX 64u
#define W3P_MD_TEXT_MAX 4096u // longest name or type

struct w3p_md_chunk;
struct w3p_md_arena {
    struct w3p_md_chunk *chunks;
    size_t front, back; // of the newest chunk: structs grow from the front, text from the back
    size_t total;       // bytes of all chunks
};

// The source and where what is read of it is kept. Failures stay in the reader.
struct w3p_md_in {
    struct w3p_reader *r;
    struct w3p_md_arena *arena;
};

// Zeroed, aligned. NULL when count is 0, and with a failed reader when W3P_METADATA_MEMORY_MAX is reached.
void *w3p_md_alloc(struct w3p_md_in *in, size_t count, size_t size);
const char *w3p_md_text(struct w3p_md_in *in, struct w3p_span bytes); // NUL-terminated copy, never NULL
// The same of words that people may be shown on a terminal: control characters are spaces in it.
const char *w3p_md_words(struct w3p_md_in *in, struct w3p_span bytes);

// metadata_read.c
const char *w3p_md_read_text(struct w3p_md_in *in);
struct w3p_span w3p_md_read_value(struct w3p_md_in *in);
void w3p_md_skip_docs(struct w3p_md_in *in);
const char *w3p_md_read_docs(struct w3p_md_in *in); // lines trimmed and joined by one space
uint8_t w3p_md_read_hasher(struct w3p_md_in *in);
// A count of elements of at least element_min bytes each, and the zeroed array for them (0 and NULL on failure).
size_t w3p_md_read_array(struct w3p_md_in *in, void *array_out, size_t element_size, size_t element_min, size_t max);

// type_text.c: a registry out of type texts.
struct w3p_type_texts;
struct w3p_type_texts *w3p_type_texts_create(struct w3p_md_in *in);
void w3p_type_texts_destroy(struct w3p_type_texts *texts);
uint32_t w3p_type_text(struct w3p_type_texts *texts, const char *text); // id of the type; unknown ones get one, too
void w3p_type_texts_finish(struct w3p_type_texts *texts, struct w3p_types *out);

// type_registry.c
// Names of the parameters of the extrinsic's type, which V14 has nowhere else.
struct w3p_type_params {
    uint32_t of, address, signature; // W3P_TYPE_NONE: not seen
};
void w3p_type_registry_read(struct w3p_types *types, struct w3p_type_params *extrinsic, struct w3p_md_in *in);
void w3p_type_widths(struct w3p_type *list, size_t count); // fills in the widths

// Each reads everything behind the version byte.
void w3p_metadata_v12_read(struct w3p_metadata *md, struct w3p_md_in *in); // and V13
void w3p_metadata_v14_read(struct w3p_metadata *md, struct w3p_md_in *in); // and V15

#endif
