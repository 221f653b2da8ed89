// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the order path takes from the contents: the queue, renewals that are due, and what becomes of one that
// is not ordered now.
// Threads and rules: orders_store.h.
#include "orders_store.h"

#include "store/db.h"

#include <stdio.h>
#include <string.h>

// Nothing is put off for longer. A time beyond was written while the wall clock was wrong: it is due.
#define FAR_MS "7200000"

#define CANDIDATES                                                                                                     \
    "SELECT c.id, c.cid, c.spelling, c.size, coalesce((SELECT o.block FROM receipts o WHERE o.id = c.order_id"         \
    " AND o.state = 4), 0), c.held_until_ms FROM contents c"
#define QUEUED CANDIDATES " WHERE c.state = 1 AND c.pins > 0"
#define OLDEST " ORDER BY c.not_before_ms, c.id LIMIT ?2"

// Columns of CANDIDATES: id, cid, spelling, size, block of the newest order when final, until when it is held.
static int read_candidates(struct w3p_candidate *out, size_t *count, size_t max, sqlite3_stmt *stmt, bool renewal)
{
    size_t n = 0;
    int err = W3P_OK;

    while (n < max && (err = w3p_db_step(stmt)) == 1) {
        struct w3p_candidate *c = &out[n];
        const char *text = (const char *)sqlite3_column_text(stmt, 1);
        struct w3p_cid cid;

        memset(c, 0, sizeof(*c));
        if (text == NULL || w3p_cid_parse(&cid, NULL, text, strlen(text)) != W3P_OK)
            continue; // only rows of ours are here: cannot be
        c->content_id = sqlite3_column_int64(stmt, 0);
        c->renewal = renewal;
        w3p_cid_format_order(c->cids[0], &cid);
        if (!w3p_cid_format_alternate(c->cids[1], &cid))
            c->cids[1][0] = '\0';
        c->spelling = sqlite3_column_int(stmt, 2) == 1 && c->cids[1][0] != '\0' ? 1 : 0;
        c->size = (uint64_t)sqlite3_column_int64(stmt, 3);
        c->last_order_block = (uint64_t)sqlite3_column_int64(stmt, 4);
        c->held_until_ms = sqlite3_column_int64(stmt, 5);
        n++;
    }
    sqlite3_reset(stmt);
    if (err < 0)
        return err;
    *count = n;
    return W3P_OK;
}

// Those that the condition lets through.
static int read_queued(struct w3p_db *db, struct w3p_candidate *out, size_t *count, size_t max, const char *sql,
                       int64_t now_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, sql);

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, now_ms);
    sqlite3_bind_int64(stmt, 2, (int64_t)max);
    return read_candidates(out, count, max, stmt, false);
}

int w3p_queue_due(struct w3p_db *db, struct w3p_candidate *out, size_t *count, size_t max, int64_t now_ms)
{
    size_t lost = 0;
    int err = read_queued(db, out, count, max, QUEUED " AND c.not_before_ms <= ?1" OLDEST, now_ms);

    if (err == W3P_OK && *count < max)
        err = read_queued(db, out + *count, &lost, max - *count, QUEUED " AND c.not_before_ms > ?1 + " FAR_MS OLDEST,
                          now_ms);
    *count += err == W3P_OK ? lost : 0;
    return err;
}

int w3p_queue_renewals(struct w3p_db *db, struct w3p_candidate *out, size_t *count, size_t max, uint64_t until_block,
                       int64_t now_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(
        db, CANDIDATES " WHERE c.state = 6 AND c.pins > 0 AND c.expires_at_block > 0 AND c.expires_at_block <= ?1 AND"
                       " (c.not_before_ms <= ?2 OR c.not_before_ms > ?2 + " FAR_MS ")"
                       " ORDER BY c.expires_at_block LIMIT ?3");

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, (int64_t)(until_block > INT64_MAX ? INT64_MAX : until_block));
    sqlite3_bind_int64(stmt, 2, now_ms);
    sqlite3_bind_int64(stmt, 3, (int64_t)max);
    return read_candidates(out, count, max, stmt, true);
}

int w3p_queue_defer(struct w3p_db *db, int64_t content_id, int64_t not_before_ms, const char *reason)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "UPDATE contents SET not_before_ms = ?2, error = ?3"
                                            " WHERE id = ?1 AND state IN (1, 6)");

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    sqlite3_bind_int64(stmt, 2, not_before_ms);
    if (reason != NULL)
        sqlite3_bind_text(stmt, 3, reason, -1, SQLITE_STATIC);
    return w3p_db_exec(stmt);
}

int w3p_queue_reject(struct w3p_db *db, int64_t content_id, const char *reason)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "UPDATE contents SET error = ?2 WHERE id = ?1 AND state = 1");
    int err;

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    sqlite3_bind_text(stmt, 2, reason, -1, SQLITE_STATIC);
    err = w3p_db_exec(stmt);
    if (err != W3P_OK)
        return err;
    if (sqlite3_changes(w3p_db_handle(db)) != 1)
        return W3P_E_STATE;
    err = w3p_content_unpromise(db, content_id);
    return err == W3P_OK ? w3p_content_set_state(db, content_id, W3P_CONTENT_REJECTED) : err;
}

// What stands on chain was not ordered by an order that failed or was lost: that is no receipt of it any more.
static int forget_dead_order(struct w3p_db *db, int64_t content_id)
{
    sqlite3_stmt *stmt =
        w3p_db_prepare(db, "UPDATE contents SET order_id = NULL, order_tx = NULL, order_block = 0, order_price = 0,"
                           " order_size = 0 WHERE id = ?1 AND order_id IN"
                           " (SELECT id FROM orders WHERE content = ?1 AND state IN (5, 6))");

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    return w3p_db_exec(stmt);
}

// Nothing is held any more: when the entry is lost again, it is ordered for whoever has a pin by then.
int w3p_queue_adopt(struct w3p_db *db, const struct w3p_candidate *candidate, unsigned spelling,
                    const struct w3p_chain_file *file, uint64_t at_block, int64_t now_ms, int64_t not_before_ms)
{
    sqlite3_stmt *stmt =
        w3p_db_prepare(db, "UPDATE contents SET spelling = ?2, chain_size = ?3, replicas = ?4, replicas_known = 1,"
                           " expires_at_block = ?5, checked_block = ?6, checked_ms = ?7, error = NULL,"
                           " not_before_ms = ?9, held_until_ms = 0, repin_by = NULL WHERE id = ?1 AND state = ?8");
    int err;

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, candidate->content_id);
    sqlite3_bind_int64(stmt, 2, spelling);
    sqlite3_bind_int64(stmt, 3, (int64_t)file->size);
    sqlite3_bind_int64(stmt, 4, file->replicas);
    sqlite3_bind_int64(stmt, 5, (int64_t)file->expires_at_block);
    sqlite3_bind_int64(stmt, 6, (int64_t)at_block);
    sqlite3_bind_int64(stmt, 7, now_ms);
    sqlite3_bind_int(stmt, 8, candidate->renewal ? W3P_CONTENT_STORED : W3P_CONTENT_QUEUED);
    sqlite3_bind_int64(stmt, 9, not_before_ms);
    err = w3p_db_exec(stmt);
    if (err != W3P_OK)
        return err;
    if (sqlite3_changes(w3p_db_handle(db)) != 1)
        return W3P_E_STATE;
    if (candidate->renewal)
        return W3P_OK;
    err = forget_dead_order(db, candidate->content_id);
    if (err == W3P_OK)
        err = w3p_content_unpromise(db, candidate->content_id);
    return err == W3P_OK ? w3p_content_set_state(db, candidate->content_id, W3P_CONTENT_FINAL) : err;
}

uint64_t w3p_queue_length(struct w3p_db *db)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT n FROM content_counts WHERE state = 1");
    uint64_t n = 0;

    if (stmt == NULL)
        return 0;
    if (w3p_db_step(stmt) == 1)
        n = (uint64_t)sqlite3_column_int64(stmt, 0);
    sqlite3_reset(stmt);
    return n;
}
