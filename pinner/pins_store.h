// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: rows of the table of pins: the columns that a client's view is made of, and the changes inside writer jobs.
// Threads: the connection's.  Must not: know accounts' quotas, budgets, HTTP.
#ifndef W3P_PINNER_PINS_STORE_H
#define W3P_PINNER_PINS_STORE_H

#include "contents.h"
#include "pins.h"

struct sqlite3_stmt;

// A client's view of pins p: what w3p_pins_row_read expects, in this order.
#define W3P_PINS_COLUMNS                                                                                               \
    "SELECT p.requestid, p.status, p.created_ms, p.cid, p.name, p.meta, p.origins, p.state, p.size, p.replicas_known," \
    " p.replicas, p.expires_at_block, p.checked_ms, p.error, p.order_tx, p.order_block, p.order_price, p.order_size,"  \
    " p.order_index, p.order_event, p.order_fee, p.held_until_ms"
#define W3P_PINS_VIEW W3P_PINS_COLUMNS " FROM pins p"
void w3p_pins_row_read(struct w3p_pin *out, struct sqlite3_stmt *stmt);

enum w3p_pin_status w3p_pins_status_of(enum w3p_content_state state);

struct w3p_pin_row {
    int64_t account_id, content_id, created_ms;
    enum w3p_pin_status status;
    const char *requestid, *cid, *name, *meta, *origins; // name, meta, origins may be NULL
};
int w3p_pins_row_insert(struct w3p_db *db, const struct w3p_pin_row *row) W3P_NODISCARD;
// The account's pin goes; its content is given for release. W3P_E_NOTFOUND for an unknown one and for another's.
int w3p_pins_row_delete(struct w3p_db *db, int64_t *content_id, const char *identity,
                        const char *requestid) W3P_NODISCARD;

#endif
