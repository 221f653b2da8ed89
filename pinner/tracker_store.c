// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the rows that the tracker looks at, and its verdicts written down.
// Threads and rules: tracker.h.
#include "tracker.h"

#include "store/db.h"

#include <string.h>

// With the size that the newest order declared: a pin that came since may want more.
#define TRACKED                                                                                                        \
    "SELECT id, cid, spelling, iif(order_size > 0, order_size, size), chain_size, replicas, expires_at_block"          \
    " FROM contents"

static int read_tracked(struct w3p_tracked *t, sqlite3_stmt *stmt, enum w3p_content_state state)
{
    const char *text = (const char *)sqlite3_column_text(stmt, 1);
    struct w3p_cid cid;

    memset(t, 0, sizeof(*t));
    if (text == NULL || w3p_cid_parse(&cid, NULL, text, strlen(text)) != W3P_OK)
        return W3P_E_INVALID;
    if (sqlite3_column_int(stmt, 2) == 0 || !w3p_cid_format_alternate(t->cid, &cid))
        w3p_cid_format_order(t->cid, &cid);
    t->content_id = sqlite3_column_int64(stmt, 0);
    t->state = state;
    t->size = (uint64_t)sqlite3_column_int64(stmt, 3);
    t->chain_size = (uint64_t)sqlite3_column_int64(stmt, 4);
    t->replicas = (uint32_t)sqlite3_column_int64(stmt, 5);
    t->expires_at_block = (uint64_t)sqlite3_column_int64(stmt, 6);
    return W3P_OK;
}

int w3p_tracked_load(struct w3p_db *db, struct w3p_tracked *out, size_t *count, size_t max,
                     enum w3p_content_state state, uint64_t checked_before)
{
    sqlite3_stmt *stmt;
    size_t n = 0;
    int err = W3P_OK;

    // Two texts, not one parameter: a partial index serves only a query that spells its condition out.
    if (state == W3P_CONTENT_FINAL)
        stmt =
            w3p_db_prepare(db, TRACKED " WHERE state = 5 AND checked_block < ?1 ORDER BY checked_block, id LIMIT ?2");
    else
        stmt =
            w3p_db_prepare(db, TRACKED " WHERE state = 6 AND checked_block < ?1 ORDER BY checked_block, id LIMIT ?2");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, (int64_t)checked_before);
    sqlite3_bind_int64(stmt, 2, (int64_t)max);
    while (n < max && (err = w3p_db_step(stmt)) == 1) {
        if (read_tracked(&out[n], stmt, state) == W3P_OK)
            n++;
    }
    sqlite3_reset(stmt);
    if (err < 0)
        return err;
    *count = n;
    return W3P_OK;
}

// The look itself; with the entry when it was found. W3P_E_STATE when the content moved on meanwhile.
static int write_look(struct w3p_db *db, const struct w3p_tracked *t, uint64_t at_block, int64_t now_ms)
{
    sqlite3_stmt *stmt;
    int err;

    if (t->verdict == W3P_TRACK_SAME)
        stmt = w3p_db_prepare(db, "UPDATE contents SET checked_block = ?2, checked_ms = iif(?3 > 0, ?3, checked_ms)"
                                  " WHERE id = ?1 AND state = ?4");
    else
        stmt = w3p_db_prepare(db, "UPDATE contents SET checked_block = ?2, checked_ms = ?3, chain_size = ?5,"
                                  " replicas = ?6, replicas_known = 1, expires_at_block = ?7"
                                  " WHERE id = ?1 AND state = ?4");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, t->content_id);
    sqlite3_bind_int64(stmt, 2, (int64_t)at_block);
    sqlite3_bind_int64(stmt, 3, t->looked ? now_ms : 0);
    sqlite3_bind_int(stmt, 4, (int)t->state);
    if (t->verdict != W3P_TRACK_SAME) {
        sqlite3_bind_int64(stmt, 5, (int64_t)t->file.size);
        sqlite3_bind_int64(stmt, 6, t->file.replicas);
        sqlite3_bind_int64(stmt, 7, (int64_t)t->file.expires_at_block);
    }
    err = w3p_db_exec(stmt);
    if (err != W3P_OK)
        return err;
    return sqlite3_changes(w3p_db_handle(db)) == 1 ? W3P_OK : W3P_E_STATE;
}

static int write_stored(struct w3p_db *db, int64_t content_id)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "UPDATE contents SET attempts = 0, not_before_ms = 0, error = NULL"
                                            " WHERE id = ?1");
    int err;

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    err = w3p_db_exec(stmt);
    return err == W3P_OK ? w3p_content_set_state(db, content_id, W3P_CONTENT_STORED) : err;
}

int w3p_tracked_apply(struct w3p_db *db, const struct w3p_tracked *t, uint64_t at_block, int64_t now_ms,
                      int64_t wait_ms, uint64_t max_attempts)
{
    struct w3p_content_retry retry = {.counts = true,
                                      .max_attempts = max_attempts,
                                      .now_ms = now_ms,
                                      .wait_ms = wait_ms,
                                      .size_min = t->size_min,
                                      .error = t->error};
    enum w3p_content_state next;
    int err = write_look(db, t, at_block, now_ms);

    if (err == W3P_E_STATE)
        return W3P_OK;
    if (err != W3P_OK)
        return err;
    if (t->verdict == W3P_TRACK_STORED)
        return write_stored(db, t->content_id);
    if (t->verdict == W3P_TRACK_GONE)
        return w3p_content_retry(db, &next, t->content_id, &retry);
    return W3P_OK;
}

uint64_t w3p_tracked_high_block(struct w3p_db *db, int64_t *seen_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(
        db, "SELECT * FROM (SELECT checked_block AS block, checked_ms FROM contents WHERE state = 5"
            " ORDER BY checked_block DESC LIMIT 1) UNION ALL SELECT * FROM (SELECT checked_block, checked_ms"
            " FROM contents WHERE state = 6 ORDER BY checked_block DESC LIMIT 1) ORDER BY block DESC LIMIT 1");
    uint64_t high = 0;

    *seen_ms = 0;
    if (stmt == NULL)
        return 0;
    if (w3p_db_step(stmt) == 1) {
        high = (uint64_t)sqlite3_column_int64(stmt, 0);
        *seen_ms = sqlite3_column_int64(stmt, 1);
    }
    sqlite3_reset(stmt);
    return high;
}

int w3p_tracked_rewind(struct w3p_db *db, const struct w3p_chain_head *head)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "UPDATE contents SET checked_block = ?1 WHERE checked_block > ?1");
    int err;

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, (int64_t)head->final_number);
    err = w3p_db_exec(stmt);
    if (err != W3P_OK)
        return err;
    stmt = w3p_db_prepare(db, "UPDATE extrinsics SET birth_block = ?1, death_block = ?2 + death_block - birth_block"
                              " WHERE state IN (1, 2, 3) AND birth_block > ?1");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, (int64_t)head->final_number);
    sqlite3_bind_int64(stmt, 2, (int64_t)head->best_number);
    return w3p_db_exec(stmt);
}
