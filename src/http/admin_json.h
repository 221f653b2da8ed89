// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the operator is shown, as JSON. Amounts are decimal strings of planck. Threads: any.
#ifndef W3P_HTTP_ADMIN_JSON_H
#define W3P_HTTP_ADMIN_JSON_H

#include "base/json.h"
#include "engine.h"
#include "orders_view_store.h"

#define W3P_ADMIN_PAGE_MAX 4194304 // bytes of a list

struct w3p_admin_status {
    struct w3p_engine_snapshot snapshot;
    bool store_healthy;
    uint64_t promised, promised_today, spent_today, planck_per_day; // planck
    uint64_t rejected;                                              // contents
    int64_t pid;
};
void w3p_admin_write_status(struct w3p_buf *out, const struct w3p_admin_status *status, uint64_t usd_micros);

// {"signer":…,"orders":[…],"more":…}: the account that the database is bound to; contents, each with its newest order
void w3p_admin_write_orders(struct w3p_buf *out, struct w3p_db *db, const struct w3p_order_view *rows, size_t count,
                            bool more);

// All orders of one content, newest first.
struct w3p_admin_receipts {
    struct w3p_order_view row;
    struct w3p_receipt *receipts;
    size_t count;
    bool more;
    struct w3p_paid paid; // for all of them, also those on other pages
};
// {"signer":…,"orders":[…],"receipts":[…],"paid":{…},"more":…}
void w3p_admin_write_receipts(struct w3p_buf *out, struct w3p_db *db, const struct w3p_admin_receipts *all);

#endif
