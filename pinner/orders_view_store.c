// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: orders_view_store.h. The columns of a row stand in VIEW and read_row alone.
#include "orders_view_store.h"

#include <stdio.h>
#include <string.h>

#include "store/db.h"

#define VIEW                                                                                                           \
    "SELECT c.id, c.state, c.cid, c.spelling, c.pins, c.attempts, c.replicas, c.replicas_known, c.size,"               \
    " c.not_before_ms, c.expires_at_block, c.error, " W3P_RECEIPT_COLUMNS " FROM contents c"
#define RECEIPT_AT 12                      // column
#define BY_INDEX(name) " INDEXED BY " name // few rows of many
#define NEWEST " LEFT JOIN orders o ON o.id = c.order_id LEFT JOIN extrinsics x ON x.id = o.tx"

static const char *const content_names[] = {"idle",  "queued", "signed",   "submitted", "in_block",
                                            "final", "stored", "renewing", "rejected"};
static const char *const order_names[] = {"none", "signed", "submitted", "in_block", "final", "failed", "lost"};

const char *w3p_content_state_name(enum w3p_content_state state)
{
    return (unsigned)state <= W3P_CONTENT_REJECTED ? content_names[state] : "unknown";
}

const char *w3p_order_state_name(enum w3p_order_state state)
{
    return (unsigned)state <= W3P_ORDER_LOST ? order_names[state] : "unknown";
}

static void read_cid(char out[W3P_CID_ORDER_MAX], const char *text, bool alternate)
{
    struct w3p_cid cid;

    out[0] = '\0';
    if (text == NULL || w3p_cid_parse(&cid, NULL, text, strlen(text)) != W3P_OK)
        return;
    if (!alternate || !w3p_cid_format_alternate(out, &cid))
        w3p_cid_format_order(out, &cid);
}

static void read_row(struct w3p_order_view *out, sqlite3_stmt *stmt)
{
    const char *error = (const char *)sqlite3_column_text(stmt, 11);

    *out = (struct w3p_order_view){.content_id = sqlite3_column_int64(stmt, 0),
                                   .state = (enum w3p_content_state)sqlite3_column_int(stmt, 1),
                                   .pins = w3p_db_u64(stmt, 4),
                                   .attempts = w3p_db_u64(stmt, 5),
                                   .replicas = w3p_db_u64(stmt, 6),
                                   .replicas_known = sqlite3_column_int(stmt, 7) != 0,
                                   .size = w3p_db_u64(stmt, 8),
                                   .not_before_ms = sqlite3_column_int64(stmt, 9),
                                   .expires_at_block = w3p_db_u64(stmt, 10)};
    read_cid(out->cid, (const char *)sqlite3_column_text(stmt, 2), sqlite3_column_int(stmt, 3) == 1);
    (void)snprintf(out->error, sizeof(out->error), "%s", error != NULL ? error : "");
    out->has_order = w3p_receipt_read(&out->order, stmt, RECEIPT_AT);
}

// The order of a queued content is one that came to nothing, so its age says nothing about the content.
static const char *sql_of(enum w3p_orders_filter filter)
{
    switch (filter) {
    case W3P_ORDERS_FAILED:
        return VIEW BY_INDEX("contents_rejected") NEWEST
            " WHERE c.id < ?1 AND c.state = 8 AND c.pins > 0 ORDER BY c.id DESC LIMIT ?2";
    case W3P_ORDERS_STUCK:
        return VIEW BY_INDEX("contents_open") NEWEST
            " WHERE c.id < ?1 AND c.state IN (1, 2, 3, 4, 5, 7) AND c.pins > 0 AND ("
            "(c.state = 1 AND (c.error IS NOT NULL OR c.not_before_ms <= ?3))"
            " OR (c.state IN (2, 3, 4, 7) AND o.created_ms <= ?3)"
            " OR (c.state = 5 AND coalesce(o.updated_ms, c.created_ms) <= ?4))"
            " ORDER BY c.id DESC LIMIT ?2";
    case W3P_ORDERS_ALL:
        break;
    }
    return VIEW NEWEST " WHERE c.id < ?1 ORDER BY c.id DESC LIMIT ?2";
}

int w3p_orders_view(struct w3p_db *db, struct w3p_order_view *out, size_t *count, size_t max,
                    enum w3p_orders_filter filter, int64_t before_id, int64_t now_ms)
{
    sqlite3_stmt *stmt;
    size_t n = 0;
    int err;

    *count = 0;
    if (max == 0 || max > W3P_ORDERS_LIMIT_MAX)
        return W3P_E_LIMIT;
    stmt = w3p_db_prepare(db, sql_of(filter));
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, before_id > 0 ? before_id : INT64_MAX);
    sqlite3_bind_int64(stmt, 2, (int64_t)max);
    if (filter == W3P_ORDERS_STUCK) {
        sqlite3_bind_int64(stmt, 3, now_ms - W3P_STUCK_ORDER_MS);
        sqlite3_bind_int64(stmt, 4, now_ms - W3P_STUCK_REPLICAS_MS);
    }
    while ((err = w3p_db_step(stmt)) == 1 && n < max)
        read_row(&out[n++], stmt);
    sqlite3_reset(stmt);
    if (err < 0)
        return err;
    *count = n;
    return W3P_OK;
}

int w3p_orders_view_one(struct w3p_db *db, struct w3p_order_view *out, int64_t content_id)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, VIEW NEWEST " WHERE c.id = ?1");
    int got;

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    got = w3p_db_step(stmt);
    if (got == 1)
        read_row(out, stmt);
    sqlite3_reset(stmt);
    return got == 1 ? W3P_OK : got == 0 ? W3P_E_NOTFOUND : got;
}

int w3p_contents_count(struct w3p_db *db, uint64_t *count, enum w3p_content_state state)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT n FROM content_counts WHERE state = ?1");
    int got;

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int(stmt, 1, (int)state);
    got = w3p_db_step(stmt);
    *count = got == 1 ? w3p_db_u64(stmt, 0) : 0;
    sqlite3_reset(stmt);
    return got < 0 ? got : W3P_OK;
}
