// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: rows of `orders` in memory, the transitions of an order together with its content, and what the order path
// takes from the queue. Every transition changes the order, its content, the status of the pins and the budget in one
// job of the writer, or nothing.
// Threads: w3p_orders_live and w3p_queue_* on the thread of the w3p_db; the rest in writer jobs.
// Must not: speak to a chain, decide anything.
#ifndef W3P_PINNER_ORDERS_STORE_H
#define W3P_PINNER_ORDERS_STORE_H

#include "contents.h"

// An order from its signature to its end.
struct w3p_order {
    int64_t id, content_id;
    enum w3p_order_state state;
    bool renewal;                // of a content that is stored
    char cid[W3P_CID_ORDER_MAX]; // as it stands in the order
    uint64_t size, reserved;     // reserved: planck of the budget of `day`
    uint64_t wanted_size;        // insert: the content's size when this was decided
    uint64_t price;              // taken, once final
    int64_t day, signed_ms;      // wall clock
    uint64_t block;              // in_block: where
    uint8_t block_hash32[32];
    uint32_t index;
    struct w3p_chain_tx tx;
};

// Orders that are neither final nor failed nor lost, by nonce. W3P_E_LIMIT when there are more than max.
int w3p_orders_live(struct w3p_db *db, struct w3p_order *out, size_t *count, size_t max) W3P_NODISCARD;

// Signed: the row, the content, the money. order->id is set. W3P_E_STATE when the content is no longer wanted (no
// longer stored, for a renewal) or has become larger, W3P_E_FUNDS when the day's budget does not cover it, W3P_E_EXISTS
// when the content or the nonce already has a live order.
int w3p_order_insert(struct w3p_db *db, struct w3p_order *order, unsigned spelling, uint64_t planck_per_day,
                     int64_t now_ms) W3P_NODISCARD;
// Sent, or out of a block again.
int w3p_order_submitted(struct w3p_db *db, const struct w3p_order *order, int64_t now_ms) W3P_NODISCARD;
// Where it is: order->block, block_hash32, index.
int w3p_order_in_block(struct w3p_db *db, const struct w3p_order *order, int64_t now_ms) W3P_NODISCARD;
// Finalized and good: order->block … as above, and order->price. What was reserved beyond price and fee goes back to
// the budget.
int w3p_order_final(struct w3p_db *db, const struct w3p_order *order, uint64_t fee, int64_t now_ms) W3P_NODISCARD;
// Ended without success: FAILED (fee is gone) or LOST (nothing is). The content follows `retry`.
int w3p_order_ended(struct w3p_db *db, enum w3p_content_state *content_state, const struct w3p_order *order,
                    enum w3p_order_state end, uint64_t fee, const struct w3p_content_retry *retry,
                    int64_t now_ms) W3P_NODISCARD;

// A content that may be ordered now, or renewed.
struct w3p_candidate {
    int64_t content_id;
    bool renewal;
    char cids[2][W3P_CID_ORDER_MAX]; // order spelling and the alternate one ("" if there is none)
    unsigned spelling;               // renewal: which of them the entry lives under
    uint64_t size;
    uint64_t last_order_block; // block of our own newest order when it is final, else 0
};
// Queued, wanted and due, oldest first.
int w3p_queue_due(struct w3p_db *db, struct w3p_candidate *out, size_t *count, size_t max,
                  int64_t now_ms) W3P_NODISCARD;
// Stored, wanted, and expiring at or before this block; soonest first.
int w3p_queue_renewals(struct w3p_db *db, struct w3p_candidate *out, size_t *count, size_t max, uint64_t until_block,
                       int64_t now_ms) W3P_NODISCARD;
// Not now: looked at again later. The reason is kept with the content.
int w3p_queue_defer(struct w3p_db *db, int64_t content_id, int64_t not_before_ms, const char *reason) W3P_NODISCARD;
// Never: queued → rejected.
int w3p_queue_reject(struct w3p_db *db, int64_t content_id, const char *reason) W3P_NODISCARD;
// On chain without an order of ours: queued → final; a renewal that is not needed notes the new expiry, and is not
// asked for again before not_before_ms.
int w3p_queue_adopt(struct w3p_db *db, const struct w3p_candidate *candidate, unsigned spelling,
                    const struct w3p_chain_file *file, uint64_t at_block, int64_t now_ms,
                    int64_t not_before_ms) W3P_NODISCARD;
uint64_t w3p_queue_length(struct w3p_db *db);

#endif
