// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the transitions of an order row, each with its content, its pins and its money in one job.
// Threads and rules: orders_store.h.
#include "orders_store.h"

#include "base/crash.h"
#include "store/db.h"

#include <string.h>

static void copy_hash(uint8_t out32[32], sqlite3_stmt *stmt, int column)
{
    if (sqlite3_column_bytes(stmt, column) == 32)
        memcpy(out32, sqlite3_column_blob(stmt, column), 32);
}

// The spelling that an order of this content uses.
static int order_spelling(char out[W3P_CID_ORDER_MAX], const char *cid_text, int spelling)
{
    struct w3p_cid cid;
    int err = w3p_cid_parse(&cid, NULL, cid_text, strlen(cid_text));

    if (err != W3P_OK)
        return err;
    if (spelling == 0 || !w3p_cid_format_alternate(out, &cid))
        w3p_cid_format_order(out, &cid);
    return W3P_OK;
}

static int read_live(struct w3p_order *out, sqlite3_stmt *stmt)
{
    size_t len = (size_t)sqlite3_column_bytes(stmt, 9);
    const char *cid = (const char *)sqlite3_column_text(stmt, 15);

    memset(out, 0, sizeof(*out));
    if (len == 0 || len > sizeof(out->tx.bytes) || cid == NULL)
        return W3P_E_INVALID;
    out->id = sqlite3_column_int64(stmt, 0);
    out->content_id = sqlite3_column_int64(stmt, 1);
    out->state = (enum w3p_order_state)sqlite3_column_int(stmt, 2);
    out->size = (uint64_t)sqlite3_column_int64(stmt, 3);
    out->reserved = (uint64_t)sqlite3_column_int64(stmt, 4);
    out->day = sqlite3_column_int64(stmt, 5);
    out->tx.nonce = (uint32_t)sqlite3_column_int64(stmt, 6);
    out->tx.birth_block = (uint64_t)sqlite3_column_int64(stmt, 7);
    out->tx.death_block = (uint64_t)sqlite3_column_int64(stmt, 8);
    memcpy(out->tx.bytes, sqlite3_column_blob(stmt, 9), len);
    out->tx.len = len;
    copy_hash(out->tx.hash32, stmt, 10);
    copy_hash(out->tx.birth_hash32, stmt, 11);
    out->block = (uint64_t)sqlite3_column_int64(stmt, 12);
    copy_hash(out->block_hash32, stmt, 13);
    out->index = (uint32_t)sqlite3_column_int64(stmt, 14);
    out->renewal = sqlite3_column_int(stmt, 17) == W3P_CONTENT_RENEWING;
    out->signed_ms = sqlite3_column_int64(stmt, 18);
    return order_spelling(out->cid, cid, sqlite3_column_int(stmt, 16));
}

int w3p_orders_live(struct w3p_db *db, struct w3p_order *out, size_t *count, size_t max)
{
    sqlite3_stmt *stmt =
        w3p_db_prepare(db, "SELECT o.id, o.content, o.state, o.size, o.reserved, o.day, o.nonce, o.birth_block,"
                           " o.death_block, o.xt, o.xt_hash, o.birth_hash, o.block, o.block_hash, o.xt_index, c.cid,"
                           " c.spelling, c.state, o.created_ms FROM orders o JOIN contents c ON c.id = o.content"
                           " WHERE o.state IN (1, 2, 3) ORDER BY o.nonce");
    size_t n = 0;
    int err;

    if (stmt == NULL)
        return W3P_E_IO;
    while ((err = w3p_db_step(stmt)) == 1) {
        if (n == max) {
            err = W3P_E_LIMIT;
            break;
        }
        err = read_live(&out[n], stmt);
        if (err != W3P_OK)
            break;
        n++;
    }
    sqlite3_reset(stmt);
    if (err == W3P_OK)
        *count = n;
    return err;
}

// The content beside its order. One that is being renewed stays "renewing" until the order's end.
static int move_content(struct w3p_db *db, const struct w3p_order *order, enum w3p_content_state state)
{
    return order->renewal ? W3P_OK : w3p_content_set_state(db, order->content_id, state);
}

// Claims the content for this order: only where it still is what it was when the decision fell. Its promise is kept
// now.
static int claim_content(struct w3p_db *db, const struct w3p_order *order, unsigned spelling)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "UPDATE contents SET order_id = ?2, spelling = ?3, error = NULL,"
                                            " promised = 0 WHERE id = ?1 AND state = ?4 AND pins > 0 AND size = ?5");
    int err;

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, order->content_id);
    sqlite3_bind_int64(stmt, 2, order->id);
    sqlite3_bind_int64(stmt, 3, spelling);
    sqlite3_bind_int(stmt, 4, order->renewal ? W3P_CONTENT_STORED : W3P_CONTENT_QUEUED);
    sqlite3_bind_int64(stmt, 5, (int64_t)order->wanted_size);
    err = w3p_db_exec(stmt);
    if (err != W3P_OK)
        return err;
    if (sqlite3_changes(w3p_db_handle(db)) != 1)
        return W3P_E_STATE;
    return w3p_content_set_state(db, order->content_id, order->renewal ? W3P_CONTENT_RENEWING : W3P_CONTENT_SIGNED);
}

int w3p_order_insert(struct w3p_db *db, struct w3p_order *order, unsigned spelling, uint64_t planck_per_day,
                     int64_t now_ms)
{
    sqlite3_stmt *stmt;
    int err = w3p_budget_spend(db, order->day, order->reserved, planck_per_day);

    W3P_CRASH_POINT(ORDER_BUDGET_HALF);
    if (err != W3P_OK)
        return err;
    stmt = w3p_db_prepare(db, "INSERT INTO orders(content, state, size, nonce, birth_block, death_block, birth_hash,"
                              " xt, xt_hash, reserved, day, created_ms, updated_ms)"
                              " VALUES(?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, order->content_id);
    sqlite3_bind_int64(stmt, 2, (int64_t)order->size);
    sqlite3_bind_int64(stmt, 3, order->tx.nonce);
    sqlite3_bind_int64(stmt, 4, (int64_t)order->tx.birth_block);
    sqlite3_bind_int64(stmt, 5, (int64_t)order->tx.death_block);
    sqlite3_bind_blob(stmt, 6, order->tx.birth_hash32, 32, SQLITE_STATIC);
    sqlite3_bind_blob(stmt, 7, order->tx.bytes, (int)order->tx.len, SQLITE_STATIC);
    sqlite3_bind_blob(stmt, 8, order->tx.hash32, 32, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 9, (int64_t)order->reserved);
    sqlite3_bind_int64(stmt, 10, order->day);
    sqlite3_bind_int64(stmt, 11, now_ms);
    err = w3p_db_exec(stmt);
    if (err != W3P_OK)
        return err;
    W3P_CRASH_POINT(ORDER_INSERT_HALF);
    order->id = sqlite3_last_insert_rowid(w3p_db_handle(db));
    order->signed_ms = now_ms;
    return claim_content(db, order, spelling);
}

int w3p_order_submitted(struct w3p_db *db, const struct w3p_order *order, int64_t now_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "UPDATE orders SET state = 2, block = 0, block_hash = NULL, xt_index = 0,"
                                            " updated_ms = ?2 WHERE id = ?1 AND state IN (1, 3)");
    int err;

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, order->id);
    sqlite3_bind_int64(stmt, 2, now_ms);
    err = w3p_db_exec(stmt);
    return err == W3P_OK ? move_content(db, order, W3P_CONTENT_SUBMITTED) : err;
}

// State and place of an order that is in a block.
static int write_place(struct w3p_db *db, const struct w3p_order *order, enum w3p_order_state state, uint64_t price,
                       uint64_t fee, int64_t now_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "UPDATE orders SET state = ?2, block = ?3, block_hash = ?4, xt_index = ?5,"
                                            " price = ?6, fee = ?7, updated_ms = ?8 WHERE id = ?1");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, order->id);
    sqlite3_bind_int(stmt, 2, (int)state);
    sqlite3_bind_int64(stmt, 3, (int64_t)order->block);
    sqlite3_bind_blob(stmt, 4, order->block_hash32, 32, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 5, order->index);
    sqlite3_bind_int64(stmt, 6, (int64_t)price);
    sqlite3_bind_int64(stmt, 7, (int64_t)fee);
    sqlite3_bind_int64(stmt, 8, now_ms);
    return w3p_db_exec(stmt);
}

int w3p_order_in_block(struct w3p_db *db, const struct w3p_order *order, int64_t now_ms)
{
    int err = write_place(db, order, W3P_ORDER_IN_BLOCK, 0, 0, now_ms);

    return err == W3P_OK ? move_content(db, order, W3P_CONTENT_IN_BLOCK) : err;
}

// What was set aside and what was taken: the difference goes to or comes from the day of the order. The
// limit has no say here: the money is gone already.
static int true_up(struct w3p_db *db, const struct w3p_order *order, uint64_t taken)
{
    if (taken <= order->reserved)
        return w3p_budget_refund(db, order->day, order->reserved - taken);
    return w3p_budget_spend(db, order->day, taken - order->reserved, 0);
}

int w3p_order_final(struct w3p_db *db, const struct w3p_order *order, uint64_t fee, int64_t now_ms)
{
    sqlite3_stmt *stmt;
    int err = write_place(db, order, W3P_ORDER_FINAL, order->price, fee, now_ms);

    if (err == W3P_OK)
        err = true_up(db, order, order->price + fee);
    W3P_CRASH_POINT(ORDER_FINAL_HALF);
    if (err != W3P_OK)
        return err;
    // The entry is known to be there at the order's block: an older view of the chain says nothing about it.
    stmt = w3p_db_prepare(db, "UPDATE contents SET error = NULL, checked_block = max(checked_block, ?2),"
                              " attempts = iif(?3, 0, attempts) WHERE id = ?1");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, order->content_id);
    sqlite3_bind_int64(stmt, 2, (int64_t)order->block);
    sqlite3_bind_int(stmt, 3, order->renewal);
    err = w3p_db_exec(stmt);
    if (err != W3P_OK)
        return err;
    return w3p_content_set_state(db, order->content_id, order->renewal ? W3P_CONTENT_STORED : W3P_CONTENT_FINAL);
}

int w3p_order_ended(struct w3p_db *db, enum w3p_content_state *content_state, const struct w3p_order *order,
                    enum w3p_order_state end, uint64_t fee, const struct w3p_content_retry *retry, int64_t now_ms)
{
    sqlite3_stmt *stmt;
    int err;

    if (end == W3P_ORDER_FAILED)
        err = write_place(db, order, end, 0, fee, now_ms);
    else
        err = W3P_OK;
    if (err != W3P_OK)
        return err;
    stmt = w3p_db_prepare(db, "UPDATE orders SET state = ?2, error = ?3, updated_ms = ?4 WHERE id = ?1");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, order->id);
    sqlite3_bind_int(stmt, 2, (int)end);
    if (retry->error != NULL)
        sqlite3_bind_text(stmt, 3, retry->error, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 4, now_ms);
    err = w3p_db_exec(stmt);
    if (err == W3P_OK)
        err = true_up(db, order, end == W3P_ORDER_FAILED ? fee : 0);
    W3P_CRASH_POINT(ORDER_ENDED_HALF);
    if (err == W3P_OK)
        err = w3p_content_retry(db, content_state, order->content_id, retry);
    return err;
}
