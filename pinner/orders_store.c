// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the transitions of a transaction, each with its orders, their contents, pins and money in one job.
// Threads and rules: orders_store.h.
#include "orders_store.h"

#include "base/crash.h"
#include "repin_store.h"
#include "store/db.h"

#include <stdlib.h>
#include <string.h>

static void copy_hash(uint8_t out32[32], sqlite3_stmt *stmt, int column)
{
    if (sqlite3_column_bytes(stmt, column) == 32)
        memcpy(out32, sqlite3_column_blob(stmt, column), 32);
}

// The spelling that an order of this content uses.
static int order_spelling(char out[W3P_CID_ORDER_MAX], const char *cid_text, unsigned spelling)
{
    struct w3p_cid cid;
    int err = w3p_cid_parse(&cid, NULL, cid_text, strlen(cid_text));

    if (err != W3P_OK)
        return err;
    if (spelling == 0 || !w3p_cid_format_alternate(out, &cid))
        w3p_cid_format_order(out, &cid);
    return W3P_OK;
}

static int read_transaction(struct w3p_transaction *out, sqlite3_stmt *stmt)
{
    size_t len = (size_t)sqlite3_column_bytes(stmt, 5);
    const char *signer = (const char *)sqlite3_column_text(stmt, 12);

    if (len == 0 || len > sizeof(out->tx.bytes))
        return W3P_E_INVALID;
    out->id = sqlite3_column_int64(stmt, 0);
    out->state = (enum w3p_order_state)sqlite3_column_int(stmt, 1);
    out->tx.nonce = (uint32_t)sqlite3_column_int64(stmt, 2);
    out->tx.birth_block = (uint64_t)sqlite3_column_int64(stmt, 3);
    out->tx.death_block = (uint64_t)sqlite3_column_int64(stmt, 4);
    memcpy(out->tx.bytes, sqlite3_column_blob(stmt, 5), len);
    out->tx.len = len;
    copy_hash(out->tx.hash32, stmt, 6);
    copy_hash(out->tx.birth_hash32, stmt, 7);
    out->block = (uint64_t)sqlite3_column_int64(stmt, 8);
    copy_hash(out->block_hash32, stmt, 9);
    out->index = (uint32_t)sqlite3_column_int64(stmt, 10);
    out->signed_ms = sqlite3_column_int64(stmt, 11);
    if (signer != NULL && strlen(signer) < sizeof(out->signer))
        memcpy(out->signer, signer, strlen(signer) + 1);
    return W3P_OK;
}

static int read_order(struct w3p_order *out, sqlite3_stmt *stmt)
{
    const char *cid = (const char *)sqlite3_column_text(stmt, 5);

    if (cid == NULL)
        return W3P_E_INVALID;
    out->id = sqlite3_column_int64(stmt, 0);
    out->content_id = sqlite3_column_int64(stmt, 1);
    out->size = (uint64_t)sqlite3_column_int64(stmt, 2);
    out->reserved = (uint64_t)sqlite3_column_int64(stmt, 3);
    out->day = sqlite3_column_int64(stmt, 4);
    out->spelling = sqlite3_column_int(stmt, 6) != 0;
    out->renewal = sqlite3_column_int(stmt, 7) == W3P_CONTENT_RENEWING;
    out->event = -1;
    return order_spelling(out->cid, cid, out->spelling);
}

static int read_orders(struct w3p_db *db, struct w3p_transaction *t)
{
    sqlite3_stmt *stmt =
        w3p_db_prepare(db, "SELECT o.id, o.content, o.size, o.reserved, o.day, c.cid, c.spelling, c.state FROM orders o"
                           " JOIN contents c ON c.id = o.content WHERE o.tx = ?1 ORDER BY o.item");
    int err;

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, t->id);
    while ((err = w3p_db_step(stmt)) == 1) {
        if (t->count == W3P_CHAIN_BATCH_MAX) {
            err = W3P_E_LIMIT;
            break;
        }
        err = read_order(&t->orders[t->count], stmt);
        if (err != W3P_OK)
            break;
        t->count++;
    }
    sqlite3_reset(stmt);
    return err == W3P_OK && t->count == 0 ? W3P_E_INVALID : err;
}

int w3p_transactions_live(struct w3p_db *db, struct w3p_transaction **out, size_t *count, size_t max)
{
    sqlite3_stmt *stmt =
        w3p_db_prepare(db, "SELECT id, state, nonce, birth_block, death_block, xt, xt_hash, birth_hash, block,"
                           " block_hash, xt_index, created_ms, signer FROM extrinsics WHERE state IN (1, 2, 3)"
                           " ORDER BY nonce");
    size_t n = 0;
    int err;

    if (stmt == NULL)
        return W3P_E_IO;
    while ((err = w3p_db_step(stmt)) == 1) {
        if (n == max) {
            err = W3P_E_LIMIT;
            break;
        }
        out[n] = w3p_calloc(1, sizeof(**out));
        err = read_transaction(out[n++], stmt);
        if (err != W3P_OK)
            break;
    }
    sqlite3_reset(stmt);
    for (size_t i = 0; err == W3P_OK && i < n; i++)
        err = read_orders(db, out[i]);
    *count = err == W3P_OK ? n : 0;
    while (err != W3P_OK && n > 0)
        free(out[--n]);
    return err;
}

// The content beside its order. One that is being renewed stays "renewing" until the order's end.
static int move_contents(struct w3p_db *db, const struct w3p_transaction *t, enum w3p_content_state state)
{
    int err = W3P_OK;

    for (size_t i = 0; err == W3P_OK && i < t->count; i++) {
        W3P_CRASH_POINT_IF(i > 0, BATCH_MOVE_HALF);
        if (!t->orders[i].renewal)
            err = w3p_content_set_state(db, t->orders[i].content_id, state);
    }
    return err;
}

// Claims the content for this order: only where it still is what it was when the decision fell. Its promise is kept
// now.
static int claim_content(struct w3p_db *db, const struct w3p_order *order, int64_t now_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "UPDATE contents SET order_id = ?2, spelling = ?3, error = NULL,"
                                            " promised = 0 WHERE id = ?1 AND state = ?4 AND pins > 0 AND size = ?5"
                                            " AND (state <> 1 OR held_until_ms NOT BETWEEN ?6 + 1 AND ?6 + ?7)");
    int err;

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, order->content_id);
    sqlite3_bind_int64(stmt, 2, order->id);
    sqlite3_bind_int64(stmt, 3, order->spelling);
    sqlite3_bind_int(stmt, 4, order->renewal ? W3P_CONTENT_STORED : W3P_CONTENT_QUEUED);
    sqlite3_bind_int64(stmt, 5, (int64_t)order->wanted_size);
    sqlite3_bind_int64(stmt, 6, now_ms);
    sqlite3_bind_int64(stmt, 7, (int64_t)W3P_REPIN_WAIT_MAX_S * 1000);
    err = w3p_db_exec(stmt);
    if (err != W3P_OK)
        return err;
    if (sqlite3_changes(w3p_db_handle(db)) != 1)
        return W3P_E_STATE;
    if (!order->renewal)
        err = w3p_repin_ordered(db, order->content_id, now_ms);
    if (err != W3P_OK)
        return err;
    return w3p_content_set_state(db, order->content_id, order->renewal ? W3P_CONTENT_RENEWING : W3P_CONTENT_SIGNED);
}

static int insert_extrinsic(struct w3p_db *db, struct w3p_transaction *t, int64_t now_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(
        db, "INSERT INTO extrinsics(state, nonce, birth_block, death_block, birth_hash, xt, xt_hash, signer,"
            " created_ms, updated_ms) VALUES(1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)");
    int err;

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, t->tx.nonce);
    sqlite3_bind_int64(stmt, 2, (int64_t)t->tx.birth_block);
    sqlite3_bind_int64(stmt, 3, (int64_t)t->tx.death_block);
    sqlite3_bind_blob(stmt, 4, t->tx.birth_hash32, 32, SQLITE_STATIC);
    sqlite3_bind_blob(stmt, 5, t->tx.bytes, (int)t->tx.len, SQLITE_STATIC);
    sqlite3_bind_blob(stmt, 6, t->tx.hash32, 32, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 7, t->signer, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 8, now_ms);
    err = w3p_db_exec(stmt);
    t->id = sqlite3_last_insert_rowid(w3p_db_handle(db));
    t->signed_ms = now_ms;
    return err;
}

static int insert_order(struct w3p_db *db, struct w3p_transaction *t, size_t item, int64_t now_ms)
{
    struct w3p_order *order = &t->orders[item];
    sqlite3_stmt *stmt =
        w3p_db_prepare(db, "INSERT INTO orders(content, tx, item, state, size, reserved, day, created_ms, updated_ms)"
                           " VALUES(?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?7)");
    int err;

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, order->content_id);
    sqlite3_bind_int64(stmt, 2, t->id);
    sqlite3_bind_int64(stmt, 3, (int64_t)item);
    sqlite3_bind_int64(stmt, 4, (int64_t)order->size);
    sqlite3_bind_int64(stmt, 5, (int64_t)order->reserved);
    sqlite3_bind_int64(stmt, 6, order->day);
    sqlite3_bind_int64(stmt, 7, now_ms);
    err = w3p_db_exec(stmt);
    if (err != W3P_OK)
        return err;
    W3P_CRASH_POINT(ORDER_INSERT_HALF);
    W3P_CRASH_POINT_IF(item > 0, BATCH_INSERT_HALF);
    order->id = sqlite3_last_insert_rowid(w3p_db_handle(db));
    order->event = -1;
    return claim_content(db, order, now_ms);
}

int w3p_transaction_insert(struct w3p_db *db, struct w3p_refusal *why, struct w3p_transaction *t,
                           uint64_t planck_per_day, int64_t now_ms)
{
    bool unwanted = false;
    int err = insert_extrinsic(db, t, now_ms);

    *why = (struct w3p_refusal){.affordable = t->count};
    for (size_t i = 0; err == W3P_OK && i < t->count; i++) {
        err = insert_order(db, t, i, now_ms);
        why->unwanted[i] = err == W3P_E_STATE;
        unwanted = unwanted || why->unwanted[i];
        if (err == W3P_E_STATE)
            err = W3P_OK; // all of them are to be known
    }
    if (err == W3P_OK && unwanted)
        return W3P_E_STATE;
    for (size_t i = 0; err == W3P_OK && i < t->count; i++) {
        err = w3p_budget_spend(db, t->orders[i].day, t->orders[i].reserved, planck_per_day);
        if (err == W3P_E_FUNDS)
            why->affordable = i;
        W3P_CRASH_POINT(ORDER_BUDGET_HALF);
    }
    return err;
}

// The transaction's own row; its orders have the same state while none has ended.
static int write_state(struct w3p_db *db, const struct w3p_transaction *t, enum w3p_order_state state, uint64_t fee,
                       int64_t now_ms)
{
    bool placed = t->block > 0 && state != W3P_ORDER_SUBMITTED;
    sqlite3_stmt *stmt = w3p_db_prepare(db, "UPDATE extrinsics SET state = ?2, block = ?3, block_hash = ?4,"
                                            " xt_index = ?5, fee = ?6, updated_ms = ?7 WHERE id = ?1");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, t->id);
    sqlite3_bind_int(stmt, 2, (int)state);
    sqlite3_bind_int64(stmt, 3, placed ? (int64_t)t->block : 0);
    if (placed)
        sqlite3_bind_blob(stmt, 4, t->block_hash32, 32, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 5, placed ? t->index : 0);
    sqlite3_bind_int64(stmt, 6, (int64_t)fee);
    sqlite3_bind_int64(stmt, 7, now_ms);
    return w3p_db_exec(stmt);
}

static int move_all(struct w3p_db *db, const struct w3p_transaction *t, enum w3p_order_state state,
                    enum w3p_content_state content_state, int64_t now_ms)
{
    sqlite3_stmt *stmt;
    int err = write_state(db, t, state, 0, now_ms);

    if (err != W3P_OK)
        return err;
    stmt = w3p_db_prepare(db, "UPDATE orders SET state = ?2, updated_ms = ?3 WHERE tx = ?1");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, t->id);
    sqlite3_bind_int(stmt, 2, (int)state);
    sqlite3_bind_int64(stmt, 3, now_ms);
    err = w3p_db_exec(stmt);
    return err == W3P_OK ? move_contents(db, t, content_state) : err;
}

int w3p_transaction_submitted(struct w3p_db *db, const struct w3p_transaction *t, int64_t now_ms)
{
    return move_all(db, t, W3P_ORDER_SUBMITTED, W3P_CONTENT_SUBMITTED, now_ms);
}

int w3p_transaction_in_block(struct w3p_db *db, const struct w3p_transaction *t, int64_t now_ms)
{
    return move_all(db, t, W3P_ORDER_IN_BLOCK, W3P_CONTENT_IN_BLOCK, now_ms);
}

// What was set aside and what was taken: the difference goes to or comes from the day of the order. The
// limit has no say here: the money is gone already.
static int true_up(struct w3p_db *db, const struct w3p_order *order, uint64_t taken)
{
    if (taken <= order->reserved)
        return w3p_budget_refund(db, order->day, order->reserved - taken);
    return w3p_budget_spend(db, order->day, taken - order->reserved, 0);
}

static int write_end(struct w3p_db *db, const struct w3p_order *order, const struct w3p_order_end *end, int64_t now_ms)
{
    const char *error = end->state == W3P_ORDER_FINAL ? NULL : end->retry.error;
    sqlite3_stmt *stmt = w3p_db_prepare(db, "UPDATE orders SET state = ?2, price = ?3, fee = ?4, event = ?5,"
                                            " error = ?6, updated_ms = ?7 WHERE id = ?1");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, order->id);
    sqlite3_bind_int(stmt, 2, (int)end->state);
    sqlite3_bind_int64(stmt, 3, end->state == W3P_ORDER_FINAL ? (int64_t)order->price : 0);
    sqlite3_bind_int64(stmt, 4, end->state == W3P_ORDER_LOST ? 0 : (int64_t)order->fee);
    if (order->event >= 0)
        sqlite3_bind_int64(stmt, 5, order->event);
    if (error != NULL)
        sqlite3_bind_text(stmt, 6, error, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 7, now_ms);
    return w3p_db_exec(stmt);
}

// The entry is known to be there at the order's block: an older view of the chain says nothing about it.
static int finish_content(struct w3p_db *db, const struct w3p_order *order, uint64_t block)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "UPDATE contents SET error = NULL, checked_block = max(checked_block, ?2),"
                                            " attempts = iif(?3, 0, attempts) WHERE id = ?1");
    int err;

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, order->content_id);
    sqlite3_bind_int64(stmt, 2, (int64_t)block);
    sqlite3_bind_int(stmt, 3, order->renewal);
    err = w3p_db_exec(stmt);
    if (err != W3P_OK)
        return err;
    return w3p_content_set_state(db, order->content_id, order->renewal ? W3P_CONTENT_STORED : W3P_CONTENT_FINAL);
}

static int end_order(struct w3p_db *db, const struct w3p_transaction *t, size_t item, struct w3p_order_end *end,
                     int64_t now_ms)
{
    const struct w3p_order *order = &t->orders[item];
    int err = write_end(db, order, end, now_ms);

    if (err != W3P_OK)
        return err;
    switch (end->state) {
    case W3P_ORDER_FINAL:
        err = true_up(db, order, order->price + order->fee);
        W3P_CRASH_POINT(ORDER_FINAL_HALF);
        return err == W3P_OK ? finish_content(db, order, t->block) : err;
    case W3P_ORDER_FAILED:
        err = true_up(db, order, order->fee);
        break;
    default: // lost
        err = true_up(db, order, 0);
        break;
    }
    W3P_CRASH_POINT(ORDER_ENDED_HALF);
    return err == W3P_OK ? w3p_content_retry(db, &end->content_state, order->content_id, &end->retry) : err;
}

int w3p_transaction_ended(struct w3p_db *db, const struct w3p_transaction *t, struct w3p_order_end *ends,
                          int64_t now_ms)
{
    enum w3p_order_state state = ends[0].state;
    uint64_t fee = 0;
    int err;

    for (size_t i = 0; i < t->count; i++) {
        if (ends[i].state == W3P_ORDER_FINAL)
            state = W3P_ORDER_FINAL;
        if (ends[i].state != W3P_ORDER_LOST)
            fee = fee > INT64_MAX - t->orders[i].fee ? INT64_MAX : fee + t->orders[i].fee;
    }
    err = write_state(db, t, state, fee, now_ms);
    for (size_t i = 0; err == W3P_OK && i < t->count; i++) {
        W3P_CRASH_POINT_IF(i > 0, BATCH_END_HALF);
        err = end_order(db, t, i, &ends[i], now_ms);
    }
    return err;
}
