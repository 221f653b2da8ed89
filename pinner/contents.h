// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: contents (what is stored once, however many pins name it), their signed orders, and the budget: the tables
// that pins.c and engine.c share. One row of `contents` per codec and multihash; one row of `extrinsics` per signed
// transaction, with one row of `orders` or several; a content that waits in the queue has no order row yet.
// Threads: readers anywhere; everything that changes rows runs inside a writer job.
// Must not: know accounts, HTTP, or how a chain is spoken to.
#ifndef W3P_PINNER_CONTENTS_H
#define W3P_PINNER_CONTENTS_H

#include "base/cid.h"
#include "chain.h"
#include "store/store.h"

// Stored as these integers: never renumber.
enum w3p_content_state {
    W3P_CONTENT_IDLE = 0, // no pins, nothing ordered (cancelled in the queue)
    W3P_CONTENT_QUEUED = 1,
    W3P_CONTENT_SIGNED = 2,
    W3P_CONTENT_SUBMITTED = 3,
    W3P_CONTENT_IN_BLOCK = 4,
    W3P_CONTENT_FINAL = 5,
    W3P_CONTENT_STORED = 6,
    W3P_CONTENT_RENEWING = 7,
    W3P_CONTENT_REJECTED = 8
};
enum w3p_order_state { // of an order, and of the extrinsic that it is in
    W3P_ORDER_SIGNED = 1,
    W3P_ORDER_SUBMITTED = 2,
    W3P_ORDER_IN_BLOCK = 3,
    W3P_ORDER_FINAL = 4,  // ours, succeeded, finalized; an extrinsic: at least one of its orders
    W3P_ORDER_FAILED = 5, // finalized with a dispatch error, or not tried behind one
    W3P_ORDER_LOST = 6    // proved: can never land
};

// Columns, for the joins of pins_store.c:
//   contents(id, key BLOB UNIQUE, cid TEXT, spelling, state, size, pins, order_id, attempts, not_before_ms, chain_size,
//            replicas, replicas_known, expires_at_block, checked_block, checked_ms, error TEXT, created_ms, promised,
//            promised_day, promised_by, promised_by_day, order_tx BLOB, order_block, order_price, order_size,
//            order_block_hash BLOB, order_index, order_event, order_fee, order_signer TEXT)
//     cid is the order spelling; spelling is 1 when the entry on chain lives under the alternate one. order_id is the
//     newest order. size is what would be declared; chain_size what the entry says. 0 (and NULL): not known yet.
//     order_tx … are columns of that order, kept by triggers for those who read pins.
//     promised is the money of promised_day that is set aside for its first order, 0 once that is signed;
//     promised_by is whose pin asked for it (accounts_store.c).
//   extrinsics(id, state, nonce, birth_block, death_block, birth_hash BLOB, xt BLOB, xt_hash BLOB, signer TEXT, block,
//          block_hash, xt_index, fee, created_ms, updated_ms)
//     signer is the paying account's address; NULL: signed before that was noted. fee: of the whole transaction.
//   orders(id, content, tx → extrinsics, item, state, size, price, fee, event, reserved, day, error TEXT, created_ms,
//          updated_ms)
//     item: place in the extrinsic. price and fee are what was taken, 0 until final; the fees of an extrinsic's orders
//     add up to its own. event: index of the event that told the end. reserved: set aside of the budget at signing.
//   receipts: a view of orders with the extrinsic's columns, for those who read.
//   budget(day PRIMARY KEY, promised, spent)
//   content_counts(state PRIMARY KEY, n): kept by triggers, so that no reader counts rows.
extern const struct w3p_migration w3p_contents_migrations[];
extern const char w3p_orders_1[]; // extrinsics beside orders; behind operator.1, which hangs a trigger on orders
extern const char w3p_orders_2[]; // indexes

// What one pin more means for the order of its content.
enum w3p_demand {
    W3P_DEMAND_NONE,   // as before
    W3P_DEMAND_NEW,    // there will be one, of this size
    W3P_DEMAND_RAISED, // the one that waits in the queue will be of this size, which is larger than it was
    W3P_DEMAND_LATER   // one is under way; if another has to follow, it will be of this size, which is larger
};
// For a new pin: finds or creates the content of this CID and counts one pin more. A content that is new, idle or
// rejected becomes queued, with this size. The size of one that waits or is under way is raised, never lowered, and
// only when `raises`: a size that cannot be ordered must not fail the pins of others. W3P_E_RANGE for size 0 or above
// INT64_MAX.
int w3p_content_acquire(struct w3p_db *db, int64_t *content_id, enum w3p_content_state *state, enum w3p_demand *demand,
                        const struct w3p_cid *cid, uint64_t size, bool raises, int64_t now_ms) W3P_NODISCARD;
// A pin less. The last pin of a content that is still queued cancels it (IDLE).
int w3p_content_release(struct w3p_db *db, int64_t content_id) W3P_NODISCARD;

// Moves a content, and the status of its pins with it.
int w3p_content_set_state(struct w3p_db *db, int64_t content_id, enum w3p_content_state state) W3P_NODISCARD;

// What follows when an order came to nothing or what was stored is gone.
struct w3p_content_retry {
    bool counts;    // one attempt more; at max_attempts the content is rejected
    bool permanent; // rejected at once
    uint64_t max_attempts;
    int64_t now_ms, wait_ms; // not before wait_ms from now; doubled with every attempt that counts, an hour at most
    uint64_t size_min;       // the next order declares at least this; 0: as before
    const char *error;       // in words; NULL: none
};
// Renewing → stored; else without pins → idle; else → queued or rejected. Gives the new state.
int w3p_content_retry(struct w3p_db *db, enum w3p_content_state *state, int64_t content_id,
                      const struct w3p_content_retry *retry) W3P_NODISCARD;

// The money of a day, in planck. promise: at the 202, against `limit` (0: none); W3P_E_FUNDS when it does not fit.
// spend: when an order is signed, likewise. refund: what was reserved and not charged.
// Without a limit no amount is refused: the sums saturate.
int w3p_budget_promise(struct w3p_db *db, int64_t day, uint64_t planck, uint64_t limit) W3P_NODISCARD;
int w3p_budget_spend(struct w3p_db *db, int64_t day, uint64_t planck, uint64_t limit) W3P_NODISCARD;
int w3p_budget_refund(struct w3p_db *db, int64_t day, uint64_t planck) W3P_NODISCARD;
// The promise for one content, kept with it, and whose it is (0: nobody's, else after w3p_account_promise); given back,
// to the account too, when it turns out that no order is signed for it.
int w3p_content_promise(struct w3p_db *db, int64_t content_id, int64_t account_id, int64_t day, uint64_t planck,
                        uint64_t limit) W3P_NODISCARD;
int w3p_content_unpromise(struct w3p_db *db, int64_t content_id) W3P_NODISCARD;

// What a client reads about a state, without the volatile part ("waiting to be ordered" …).
const char *w3p_content_state_words(enum w3p_content_state state);

// Provided by pins_store.c: keeps pins.status (what lists filter by) in step. Called by every state change.
// PSA: queued, signed, submitted → queued; in_block, final → pinning; stored, renewing → pinned; rejected → failed.
int w3p_pins_content_changed(struct w3p_db *db, int64_t content_id, enum w3p_content_state state) W3P_NODISCARD;

#endif
