// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: replaced pins that do not order as often as they are replaced. A client that pins a folder anew at every
// change (kubo's MFS policy: every five minutes) would pay for hundreds of states a day. A content that a replacement
// wants waits, once its account had an order for such a one, until `wait` is over since then; what is replaced
// meanwhile leaves the queue unpaid, and the state of the end is ordered. What is on chain already is adopted
// without waiting, and what anybody wants without a replacement is ordered at once. The state before stands on chain
// for as long as it was ordered for, so that there is no gap. Threads: writer jobs.  Must not: know what a content
// costs.
#ifndef W3P_PINNER_REPIN_STORE_H
#define W3P_PINNER_REPIN_STORE_H

#include "contents.h"

// Longest wait. A time further ahead was written while the wall clock was wrong, and holds nothing.
#define W3P_REPIN_WAIT_MAX_S 86400
// A content that is held is looked up on the chain at least this often.
#define W3P_REPIN_LOOK_MS 3600000

extern const char w3p_repin_1[]; // schema, behind those of accounts, contents, pins

// Whether a pin of this name replaces one before it though it is posted anew: "policy/<peer id>/mfs", kubo's.
bool w3p_repin_is_name(const char *name);
static inline bool w3p_repin_holds(int64_t held_until_ms, int64_t now_ms)
{
    return held_until_ms > now_ms && held_until_ms - now_ms <= (int64_t)W3P_REPIN_WAIT_MAX_S * 1000;
}

// A pin more, counted already (w3p_content_acquire), on a content in this state with this demand. by: the account whose
// replacement it is; 0: it is none, or none waits. Holds a new demand where it has to wait; on one that is queued it
// never lengthens what others wait. *sooner: the content may be ordered sooner than before.
int w3p_repin_take(struct w3p_db *db, bool *sooner, int64_t content_id, enum w3p_content_state state,
                   enum w3p_demand demand, int64_t by, int64_t wait_ms, int64_t now_ms) W3P_NODISCARD;
// The queue passes over what is held: looked at again when it is due. Nothing happens to one that is not held any more.
int w3p_repin_put_off(struct w3p_db *db, int64_t content_id, int64_t now_ms) W3P_NODISCARD;
// An order of this content is signed: from now on the account waits whose replacement caused it.
int w3p_repin_ordered(struct w3p_db *db, int64_t content_id, int64_t now_ms) W3P_NODISCARD;

#endif
