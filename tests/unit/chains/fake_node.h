// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a scripted Substrate node for tests: canned chain, metadata of the real runtime, a handful of storage items,
// and switches for everything that real nodes and emulators do differently or wrong.
#ifndef W3P_TESTS_UNIT_CHAINS_FAKE_NODE_H
#define W3P_TESTS_UNIT_CHAINS_FAKE_NODE_H

#include <jansson.h>
#include <stdatomic.h>

#include "base/bytes.h"
#include "unit/net/loopback.h"

struct fake_node {
    struct loopback lo; // first: the server gives it back
    uint8_t tag;        // fills the genesis hash
    atomic_uint best, final, spec;
    atomic_uint fork_from; // its blocks from this number on are others; 0: none
    atomic_bool syncing, dead, no_query_at, pruned;
    char *metadata_hex;
    struct {
        char *key, *value; // "0x…"
        unsigned at;       // this block only; 0: all that have none of their own
    } items[32];
    size_t item_count;
    const char *override_method, *override_reply; // a whole member: "\"result\":…" or "\"error\":…"
    const char *peer;                             // the node's name; NULL: one of its own; "": it does not say
    const char *extrinsics;                       // JSON array of every block
    atomic_uint requests, metadata_calls, query_calls, get_calls;
    char last_call[2048]; // arguments of the last state_call
};

// metadata: SCALE bytes. Serves HTTP.
void fake_node_start(struct fake_node *node, uint8_t tag, const uint8_t *metadata, size_t len);
void fake_node_stop(struct fake_node *node);
// key_hex and value_hex without 0x; value NULL takes the item away.
void fake_node_put(struct fake_node *node, const char *key_hex, const char *value_hex);
void fake_node_put_at(struct fake_node *node, unsigned number, const char *key_hex, const char *value_hex);
void fake_node_hash(const struct fake_node *node, uint8_t hash32[32], unsigned number);

#endif
