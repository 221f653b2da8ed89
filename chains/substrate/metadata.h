// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: runtime metadata, decoded once into what w3pin needs: calls, storage entries, constants, events, errors and
// signed extensions, all by types of one registry. V12 to V15; nothing above sees which version it was.
// Threads: immutable after parse, any.  Ownership: the metadata owns copies of everything; strings are NUL-terminated.
// Source: the frame-metadata crate, v12 to v15.
#ifndef W3P_CHAINS_SUBSTRATE_METADATA_H
#define W3P_CHAINS_SUBSTRATE_METADATA_H

#include "base/bytes.h"
#include "substrate/types.h"

#define W3P_METADATA_MAX (4u << 20)         // bytes accepted from an endpoint
#define W3P_METADATA_MEMORY_MAX (16u << 20) // bytes that the decoded form may take; Kusama's V14 takes 0.25 MiB
#define W3P_METADATA_OLDEST 12
#define W3P_METADATA_NEWEST 15
#define W3P_MD_KEYS_MAX 8 // keys of one storage map

enum w3p_hasher {
    W3P_BLAKE2_128,
    W3P_BLAKE2_256,
    W3P_BLAKE2_128_CONCAT,
    W3P_TWOX128,
    W3P_TWOX256,
    W3P_TWOX64_CONCAT,
    W3P_IDENTITY
};

struct w3p_md_const {
    const char *name;
    uint32_t type;
    struct w3p_span value;
};
struct w3p_md_entry {
    const char *name;
    bool is_default;                  // modifier: absent means the default value
    uint8_t key_count;                // 0: plain
    uint8_t hashers[W3P_MD_KEYS_MAX]; // enum w3p_hasher
    uint32_t key_types[W3P_MD_KEYS_MAX];
    uint32_t value_type;
    struct w3p_span fallback;
};
struct w3p_md_pallet {
    const char *name;
    uint8_t index;
    const char *storage_prefix; // NULL: no storage
    const struct w3p_md_entry *entries;
    size_t entry_count;
    const struct w3p_type_variant *calls;
    size_t call_count;
    const struct w3p_type_variant *events;
    size_t event_count;
    const struct w3p_md_const *consts;
    size_t const_count;
    const struct w3p_type_variant *errors;
    size_t error_count;
};
struct w3p_md_extension {
    const char *name;
    uint32_t extra, additional; // types; W3P_TYPE_NONE before V14
};
struct w3p_metadata {
    uint8_t version, extrinsic_version;
    struct w3p_types types;
    const struct w3p_md_pallet *pallets;
    size_t pallet_count;
    const struct w3p_md_extension *extensions; // in order
    size_t extension_count;
    uint32_t address_type, signature_type; // of extrinsics; W3P_TYPE_NONE where the metadata does not tell
    size_t memory;                         // bytes that all this takes
};

// W3P_E_UNSUPPORTED for versions that are not known, W3P_E_INVALID for everything broken (trailing bytes too).
int w3p_metadata_parse(struct w3p_metadata **out, struct w3p_errmsg *msg, const uint8_t *bytes,
                       size_t len) W3P_NODISCARD;
void w3p_metadata_destroy(struct w3p_metadata *md);
// The version that these bytes say they have; 0 when they are no metadata.
unsigned w3p_metadata_version(const uint8_t *bytes, size_t len);
// The metadata inside the answer of the runtime API Metadata_metadata_at_version, an Option of bytes; *out borrows.
// W3P_E_NOTFOUND: the runtime does not have that version.
int w3p_metadata_of_answer(struct w3p_span *out, struct w3p_span answer) W3P_NODISCARD;

// Look-ups by name; NULL when there is none.
const struct w3p_md_pallet *w3p_md_pallet(const struct w3p_metadata *md, const char *name);
const struct w3p_md_pallet *w3p_md_pallet_at(const struct w3p_metadata *md, uint8_t index);
const struct w3p_type_variant *w3p_md_call(const struct w3p_md_pallet *pallet, const char *name);
const struct w3p_type_variant *w3p_md_event(const struct w3p_md_pallet *pallet, const char *name);
const struct w3p_type_variant *w3p_md_event_at(const struct w3p_md_pallet *pallet, uint8_t index);
const struct w3p_type_variant *w3p_md_error_at(const struct w3p_md_pallet *pallet, uint8_t index);
const struct w3p_md_const *w3p_md_const(const struct w3p_md_pallet *pallet, const char *name);
const struct w3p_md_entry *w3p_md_entry(const struct w3p_md_pallet *pallet, const char *name);

// twox128(prefix) ‖ twox128(item), and the key of a map's element (key bytes are SCALE-encoded).
// Only maps with one key; twox256 and double maps make the buf fail.
void w3p_storage_prefix(uint8_t out32[32], const char *prefix, const char *item);
void w3p_storage_map_key(struct w3p_buf *out, const char *prefix, const struct w3p_md_entry *entry,
                         struct w3p_span key);

#endif
