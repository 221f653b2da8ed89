// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: rows that serve the operator's hand and the question what money is spoken for: the switch that stops new
// orders, the sum of all promises, what days and accounts have cost, and contents put back into the queue.
// Threads: reads on the thread of the w3p_db; changes in writer jobs.  Must not: speak to a chain, know HTTP.
#ifndef W3P_PINNER_OPERATOR_STORE_H
#define W3P_PINNER_OPERATOR_STORE_H

#include "contents.h"

extern const char w3p_operator_1[]; // schema, behind those of contents, accounts and pins
// What the orders of an account took, kept beside it; made again whenever the table of orders is.
#define W3P_OPERATOR_ORDERS_SPENT                                                                                      \
    "CREATE TRIGGER orders_spent AFTER UPDATE OF price, fee ON orders"                                                 \
    " WHEN old.price <> new.price OR old.fee <> new.fee BEGIN"                                                         \
    " UPDATE accounts SET spent = max(min(spent - old.price, 9223372036854775807 - new.price) + new.price, 0)"         \
    " WHERE id = (SELECT payer FROM contents WHERE id = new.content);"                                                 \
    " UPDATE accounts SET spent = max(min(spent - old.fee, 9223372036854775807 - new.fee) + new.fee, 0)"               \
    " WHERE id = (SELECT payer FROM contents WHERE id = new.content); END;"

// The operator's identity in the table of accounts: no wallet's, those have a chain in front.
#define W3P_OPERATOR_IDENTITY "operator"

// No new orders while it is on; what is in flight is followed. Survives a restart. A row that cannot be read counts as
// on: no money is spent then.
bool w3p_pause_is_on(struct w3p_db *db);
int w3p_pause_set(struct w3p_db *db, bool on) W3P_NODISCARD;

// Everything that was promised to queued contents and is not signed yet, whatever the day.
int w3p_promised_total(struct w3p_db *db, uint64_t *planck) W3P_NODISCARD;
// Average of what signed orders cost on a day, over the last `days` days up to `day`, or since the first one. 0: none.
int w3p_budget_daily(struct w3p_db *db, uint64_t *planck, int64_t day, unsigned days) W3P_NODISCARD;
// Of one day: what was promised and what signed orders may cost.
int w3p_budget_of_day(struct w3p_db *db, uint64_t *promised, uint64_t *spent, int64_t day) W3P_NODISCARD;

// This account's pin is why the content is ordered: its orders are counted as the account's, fees included.
int w3p_content_paid_for(struct w3p_db *db, int64_t content_id, int64_t account_id) W3P_NODISCARD;
struct w3p_account_use {
    uint64_t queued, pinning, pinned, failed; // pins
    uint64_t pins_today;
    uint64_t promised_today; // planck
    uint64_t spent;          // planck taken for orders that this account's pins caused, and for their transactions
};
// All zero for an identity without an account.
int w3p_account_use(struct w3p_db *db, struct w3p_account_use *out, const char *identity, int64_t day) W3P_NODISCARD;

// A pin of this account on this content: W3P_E_NOTFOUND when there is none.
int w3p_pin_of_content(struct w3p_db *db, char requestid37[37], const char *identity, int64_t content_id) W3P_NODISCARD;

// A content by its CID, 0: none. Negative: an error.
int64_t w3p_content_find(struct w3p_db *db, const struct w3p_cid *cid);
// The next rejected content with pins, by id, after this id. 0: none. Negative: an error.
int64_t w3p_rejected_next(struct w3p_db *db, int64_t after_id);

enum w3p_requeue {
    W3P_REQUEUE_QUEUED,  // was rejected: queued again, attempts from zero
    W3P_REQUEUE_DUE,     // waits in the queue: is looked at now
    W3P_REQUEUE_LIVE,    // an order is under way: nothing is done
    W3P_REQUEUE_STORED,  // there is nothing to try again
    W3P_REQUEUE_UNWANTED // no pin wants it
};
// Never beside a live order, whatever the content's state says. *size is what will be ordered.
int w3p_content_requeue(struct w3p_db *db, enum w3p_requeue *what, uint64_t *size, int64_t content_id,
                        int64_t now_ms) W3P_NODISCARD;

#endif
