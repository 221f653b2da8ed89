// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: contents and their newest orders as the operator reads them: receipts, failures, what does not move.
// Threads: the connection's; reads only.  Must not: decide anything.
#ifndef W3P_PINNER_ORDERS_VIEW_STORE_H
#define W3P_PINNER_ORDERS_VIEW_STORE_H

#include "receipts_store.h"

enum w3p_orders_filter {
    W3P_ORDERS_ALL,
    W3P_ORDERS_FAILED, // refused for good: their pins are failed
    W3P_ORDERS_STUCK   // on their way for longer than below, or put off with a reason
};
#define W3P_STUCK_ORDER_MS 600000      // queued and due, or signed and not final
#define W3P_STUCK_REPLICAS_MS 21600000 // final and without enough replicas
#define W3P_ORDERS_LIMIT_MAX 1000

struct w3p_order_view {
    int64_t content_id;
    enum w3p_content_state state;
    char cid[W3P_CID_ORDER_MAX]; // as ordered
    uint64_t pins, attempts, replicas;
    bool replicas_known;
    uint64_t size;             // that the next order declares, or the newest one was made for
    int64_t not_before_ms;     // queued: when it is looked at
    uint64_t expires_at_block; // 0: not known
    char error[256];           // why it waits or was refused, in words; "" none
    bool has_order;
    struct w3p_receipt order; // the newest one, when has_order
};
// Newest contents first, those with an id below before_id (0: from the newest on). W3P_E_LIMIT when max is 0 or above
// W3P_ORDERS_LIMIT_MAX.
int w3p_orders_view(struct w3p_db *db, struct w3p_order_view *out, size_t *count, size_t max,
                    enum w3p_orders_filter filter, int64_t before_id, int64_t now_ms) W3P_NODISCARD;
// One content. W3P_E_NOTFOUND.
int w3p_orders_view_one(struct w3p_db *db, struct w3p_order_view *out, int64_t content_id) W3P_NODISCARD;
// How many contents are in a state.
int w3p_contents_count(struct w3p_db *db, uint64_t *count, enum w3p_content_state state) W3P_NODISCARD;

const char *w3p_content_state_name(enum w3p_content_state state); // one word
const char *w3p_order_state_name(enum w3p_order_state state);

#endif
