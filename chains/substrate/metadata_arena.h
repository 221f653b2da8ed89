// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: internal to the metadata decoders: the allocation that a decoded metadata lives in, and one decoder per
// version.
// Ownership: everything in the arena dies with it.
#ifndef W3P_CHAINS_SUBSTRATE_METADATA_ARENA_H
#define W3P_CHAINS_SUBSTRATE_METADATA_ARENA_H

#include "base/reader.h"
#include "substrate/metadata.h"

struct w3p_md_chunk;
struct w3p_md_arena {
    struct w3p_md_chunk *chunks;
    size_t used; // bytes used of the newest chunk
};

void *w3p_md_alloc(struct w3p_md_arena *arena, size_t count, size_t size); // zeroed, aligned; NULL for none
char *w3p_md_text(struct w3p_md_arena *arena, struct w3p_span bytes);      // NUL-terminated copy

// Reads everything behind the version byte. Failures stay in the reader.
void w3p_metadata_v12_read(struct w3p_metadata *md, struct w3p_md_arena *arena, struct w3p_reader *r);

#endif
