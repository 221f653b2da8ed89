// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: runtime metadata, decoded once into what w3pin needs: calls with argument types, storage entries, constants,
// events with argument types, errors, signed extensions. V12 today; the model has room for V13-V15.
// Threads: immutable after parse, any.  Ownership: the metadata owns copies of everything; strings are NUL-terminated.
// Source: the frame-metadata crate, v12 to v14.
#ifndef W3P_CHAINS_SUBSTRATE_METADATA_H
#define W3P_CHAINS_SUBSTRATE_METADATA_H

#include "base/bytes.h"

#define W3P_METADATA_MAX (4u << 20) // bytes accepted from an endpoint

enum w3p_hasher {
    W3P_BLAKE2_128,
    W3P_BLAKE2_256,
    W3P_BLAKE2_128_CONCAT,
    W3P_TWOX128,
    W3P_TWOX256,
    W3P_TWOX64_CONCAT,
    W3P_IDENTITY
};

struct w3p_md_arg {
    const char *name, *type;
};
struct w3p_md_call {
    const char *name;
    uint8_t index;
    const struct w3p_md_arg *args;
    size_t arg_count;
};
struct w3p_md_event {
    const char *name;
    uint8_t index;
    const char *const *types;
    size_t type_count;
};
struct w3p_md_error {
    const char *name, *doc;
    uint8_t index;
}; // doc: joined lines, trimmed
struct w3p_md_const {
    const char *name, *type;
    struct w3p_span value;
};
struct w3p_md_entry {
    const char *name;
    bool is_default;  // modifier: absent means the default value
    size_t key_count; // 0: plain
    enum w3p_hasher hashers[2];
    const char *key_types[2];
    const char *value_type;
    struct w3p_span fallback;
};
struct w3p_md_pallet {
    const char *name;
    uint8_t index;
    const char *storage_prefix; // NULL: no storage
    const struct w3p_md_entry *entries;
    size_t entry_count;
    const struct w3p_md_call *calls;
    size_t call_count; // NULL when the pallet has none
    const struct w3p_md_event *events;
    size_t event_count;
    const struct w3p_md_const *consts;
    size_t const_count;
    const struct w3p_md_error *errors;
    size_t error_count;
};
struct w3p_metadata {
    uint8_t version, extrinsic_version;
    const struct w3p_md_pallet *pallets;
    size_t pallet_count;
    const char *const *extensions;
    size_t extension_count; // names, in order
};

// W3P_E_UNSUPPORTED for versions that are not known, W3P_E_INVALID for everything broken (trailing bytes too).
int w3p_metadata_parse(struct w3p_metadata **out, struct w3p_errmsg *msg, const uint8_t *bytes,
                       size_t len) W3P_NODISCARD;
void w3p_metadata_destroy(struct w3p_metadata *md);

// Look-ups by name; NULL when there is none.
const struct w3p_md_pallet *w3p_md_pallet(const struct w3p_metadata *md, const char *name);
const struct w3p_md_pallet *w3p_md_pallet_at(const struct w3p_metadata *md, uint8_t index);
const struct w3p_md_call *w3p_md_call(const struct w3p_md_pallet *pallet, const char *name);
const struct w3p_md_event *w3p_md_event(const struct w3p_md_pallet *pallet, const char *name);
const struct w3p_md_event *w3p_md_event_at(const struct w3p_md_pallet *pallet, uint8_t index);
const struct w3p_md_error *w3p_md_error_at(const struct w3p_md_pallet *pallet, uint8_t index);
const struct w3p_md_const *w3p_md_const(const struct w3p_md_pallet *pallet, const char *name);
const struct w3p_md_entry *w3p_md_entry(const struct w3p_md_pallet *pallet, const char *name);

// twox128(prefix) ‖ twox128(item), and the key of a map's element (key bytes are SCALE-encoded).
// Only maps with one key; twox256 and double maps make the buf fail.
void w3p_storage_prefix(uint8_t out32[32], const char *prefix, const char *item);
void w3p_storage_map_key(struct w3p_buf *out, const char *prefix, const struct w3p_md_entry *entry,
                         struct w3p_span key);

#endif
