// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: rows of `extrinsics` and `orders` in memory, the transitions of a transaction together with its orders and
// their contents, and what the order path takes from the queue. Every transition changes the transaction, its orders,
// their contents, the status of the pins and the budget in one job of the writer, or nothing.
// Threads: w3p_transactions_live and w3p_queue_* on the thread of the w3p_db; the rest in writer jobs.
// Must not: speak to a chain, decide anything.
#ifndef W3P_PINNER_ORDERS_STORE_H
#define W3P_PINNER_ORDERS_STORE_H

#include "contents.h"

// One order of a transaction.
struct w3p_order {
    int64_t id, content_id;
    bool renewal;                // of a content that is stored
    unsigned spelling;           // insert: which one the order uses
    char cid[W3P_CID_ORDER_MAX]; // as it stands in the order
    uint64_t size, reserved;     // reserved: planck of the budget of `day`
    uint64_t wanted_size;        // insert: the content's size when this was decided
    uint64_t price, fee;         // taken, once ended
    int64_t event;               // index of the event that told the end, -1: none
    int64_t day;
};

// A signed extrinsic from its signature to its end.
struct w3p_transaction {
    int64_t id;
    enum w3p_order_state state;
    int64_t signed_ms; // wall clock
    uint64_t block;    // in_block: where
    uint8_t block_hash32[32];
    uint32_t index;
    char signer[96];
    struct w3p_chain_tx tx;
    size_t count; // of orders, at least 1
    struct w3p_order orders[W3P_CHAIN_BATCH_MAX];
};

// Transactions that are neither final nor failed nor lost, by nonce, as allocated ones that the caller frees.
// W3P_E_LIMIT when there are more than max.
int w3p_transactions_live(struct w3p_db *db, struct w3p_transaction **out, size_t *count, size_t max) W3P_NODISCARD;

// What stands against a transaction as it was signed.
struct w3p_refusal {
    bool unwanted[W3P_CHAIN_BATCH_MAX]; // contents that nobody wants any more (no longer stored, for a renewal), or
                                        // that have become larger
    size_t affordable;                  // so many of the first orders fit the budget of the day
};
// Signed: the rows, the contents, the money. The ids are set. W3P_E_STATE when some contents are unwanted, else
// W3P_E_FUNDS when not all are affordable: *why tells which, and nothing was written. W3P_E_EXISTS when a content or
// the nonce already has a live order.
int w3p_transaction_insert(struct w3p_db *db, struct w3p_refusal *why, struct w3p_transaction *t,
                           uint64_t planck_per_day, int64_t now_ms) W3P_NODISCARD;
// Sent, or out of a block again.
int w3p_transaction_submitted(struct w3p_db *db, const struct w3p_transaction *t, int64_t now_ms) W3P_NODISCARD;
// Where it is: t->block, block_hash32, index.
int w3p_transaction_in_block(struct w3p_db *db, const struct w3p_transaction *t, int64_t now_ms) W3P_NODISCARD;

// How one order ended. FINAL: order->price and fee were taken. FAILED: the fee was. LOST: nothing. What was reserved
// beyond that goes back to the budget. Without success the content follows `retry`.
struct w3p_order_end {
    enum w3p_order_state state;
    struct w3p_content_retry retry;
    enum w3p_content_state content_state; // out: of what failed or was lost
};
// All of them at once; those in a block at t->block …
int w3p_transaction_ended(struct w3p_db *db, const struct w3p_transaction *t, struct w3p_order_end *ends,
                          int64_t now_ms) W3P_NODISCARD;

// A content that may be ordered now, or renewed.
struct w3p_candidate {
    int64_t content_id;
    bool renewal;
    char cids[2][W3P_CID_ORDER_MAX]; // order spelling and the alternate one ("" if there is none)
    unsigned spelling;               // renewal: which of them the entry lives under
    uint64_t size;
    uint64_t last_order_block; // block of our own newest order when it is final, else 0
    int64_t held_until_ms;     // not ordered before (repin_store.h)
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
