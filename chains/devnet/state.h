// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: internal to the development chain: its state, key → values by block number, so that any kept block can be
// read and the chain can be cut back to a height. A mark and a rollback undo what a failed call wrote.
// Threads: one at a time.  Ownership: the state owns keys and values; spans it gives live until the block's end.
#ifndef W3P_CHAINS_DEVNET_STATE_H
#define W3P_CHAINS_DEVNET_STATE_H

#include "base/bytes.h"

#define DEVNET_STATE_KEYS_MAX (4u << 20)
#define DEVNET_STATE_BYTES_MAX ((size_t)512 << 20) // beyond, history is given up earlier
#define DEVNET_HISTORY_BLOCKS 1000u
#define DEVNET_HISTORY_BLOCKS_MIN 32u
#define DEVNET_KEY_MAX 4096u // bytes of a key

struct devnet_entry;
struct devnet_undo;

struct devnet_state {
    struct devnet_entry **slots; // open addressing, a power of two
    size_t slot_count, key_count;
    size_t bytes;       // keys and values, all versions
    uint64_t number;    // block that puts belong to
    uint64_t horizon;   // states before this block are gone
    uint64_t seen;      // what is read as the present: UINT64_MAX, or the head of a node that lags
    uint8_t root32[32]; // runs over everything that was put
    struct devnet_undo *undo;
    size_t undo_count, undo_cap;
};

void w3p_devnet_state_init(struct devnet_state *state);
void w3p_devnet_state_deinit(struct devnet_state *state);

// At the present, or at `seen`; false and an empty span when there is no value.
bool w3p_devnet_get(const struct devnet_state *state, struct w3p_span *value, struct w3p_span key);
// As of the end of a block that is not before the horizon.
bool w3p_devnet_get_at(const struct devnet_state *state, struct w3p_span *value, struct w3p_span key, uint64_t number);
void w3p_devnet_put(struct devnet_state *state, struct w3p_span key, struct w3p_span value);
void w3p_devnet_delete(struct devnet_state *state, struct w3p_span key);
bool w3p_devnet_state_full(const struct devnet_state *state); // too many keys: take no more work

size_t w3p_devnet_mark(const struct devnet_state *state);
void w3p_devnet_rollback(struct devnet_state *state, size_t mark);
// Nothing before now will be rolled back: frees what that would have needed.
void w3p_devnet_settle(struct devnet_state *state);
// Begins block `number`; forgets the undo log. Moves the horizon.
void w3p_devnet_state_next(struct devnet_state *state, uint64_t number);
// Forgets everything that was put in blocks above `number`, which is not below the horizon; root32 is that block's root
// from then on.
void w3p_devnet_state_cut(struct devnet_state *state, uint64_t number, const uint8_t root32[32]);

#endif
