// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: receipts_store.h.
#include "receipts_store.h"

#include <stdio.h>
#include <string.h>

#include "store/db.h"

// The rest of what a client is shown of the newest order, beside its content as contents.2 has it. What is not known
// of orders from before stays NULL or 0, and is not shown. An extrinsic that changes its state alone moves nothing.
const char w3p_receipts_1[] =
    "ALTER TABLE contents ADD COLUMN order_block_hash BLOB;"
    "ALTER TABLE contents ADD COLUMN order_index INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE contents ADD COLUMN order_event INTEGER;"
    "ALTER TABLE contents ADD COLUMN order_fee INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE contents ADD COLUMN order_signer TEXT;"
    "DROP TRIGGER contents_order_new; DROP TRIGGER contents_order_changed; DROP TRIGGER contents_order_moved;"
    "UPDATE contents SET order_block_hash = r.block_hash, order_index = r.xt_index, order_event = r.event,"
    " order_fee = r.fee, order_signer = r.signer FROM receipts r WHERE r.id = contents.order_id;"
    "CREATE TRIGGER contents_order_new AFTER UPDATE OF order_id ON contents WHEN new.order_id IS NOT NULL BEGIN"
    " UPDATE contents SET order_tx = r.xt_hash, order_block = r.block, order_price = r.price, order_size = r.size,"
    " order_block_hash = r.block_hash, order_index = r.xt_index, order_event = r.event, order_fee = r.fee,"
    " order_signer = r.signer FROM receipts r WHERE r.id = new.order_id AND contents.id = new.id; END;"
    "CREATE TRIGGER contents_order_changed AFTER UPDATE OF price, fee, event, size ON orders BEGIN"
    " UPDATE contents SET order_price = new.price, order_size = new.size, order_event = new.event,"
    " order_fee = new.fee WHERE id = new.content AND order_id = new.id; END;"
    "CREATE TRIGGER contents_order_moved AFTER UPDATE OF block, block_hash, xt_index ON extrinsics"
    " WHEN old.block IS NOT new.block OR old.block_hash IS NOT new.block_hash OR old.xt_index IS NOT new.xt_index BEGIN"
    " UPDATE contents SET order_block = new.block, order_block_hash = new.block_hash, order_index = new.xt_index"
    " FROM orders o WHERE o.tx = new.id AND contents.id = o.content AND contents.order_id = o.id; END;";

static void column_text(char *out, size_t room, sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);

    (void)snprintf(out, room, "%s", text != NULL ? text : "");
}

bool w3p_receipt_read(struct w3p_receipt *out, sqlite3_stmt *stmt, int first)
{
    *out = (struct w3p_receipt){.event = -1};
    if (sqlite3_column_bytes(stmt, first + 3) != 32)
        return false;
    memcpy(out->tx_hash32, sqlite3_column_blob(stmt, first + 3), 32);
    out->id = sqlite3_column_int64(stmt, first);
    out->state = (enum w3p_order_state)sqlite3_column_int(stmt, first + 1);
    column_text(out->signer, sizeof(out->signer), stmt, first + 2);
    out->nonce = w3p_db_u64(stmt, first + 4);
    out->item = w3p_db_u64(stmt, first + 5);
    out->items = w3p_db_u64(stmt, first + 6);
    out->block = w3p_db_u64(stmt, first + 7);
    out->has_block_hash = sqlite3_column_bytes(stmt, first + 8) == 32;
    if (out->has_block_hash)
        memcpy(out->block_hash32, sqlite3_column_blob(stmt, first + 8), 32);
    out->index = w3p_db_u64(stmt, first + 9);
    if (sqlite3_column_type(stmt, first + 10) != SQLITE_NULL)
        out->event = sqlite3_column_int64(stmt, first + 10);
    out->size = w3p_db_u64(stmt, first + 11);
    out->price = w3p_db_u64(stmt, first + 12);
    out->fee = w3p_db_u64(stmt, first + 13);
    out->tx_fee = w3p_db_u64(stmt, first + 14);
    out->signed_ms = sqlite3_column_int64(stmt, first + 15);
    out->updated_ms = sqlite3_column_int64(stmt, first + 16);
    column_text(out->error, sizeof(out->error), stmt, first + 17);
    return true;
}

int w3p_receipts_of(struct w3p_db *db, struct w3p_receipt *out, size_t *count, size_t max, int64_t content_id,
                    int64_t before_id)
{
    sqlite3_stmt *stmt;
    size_t n = 0;
    int err = 0;

    *count = 0;
    if (max == 0 || max > W3P_RECEIPTS_LIMIT_MAX)
        return W3P_E_LIMIT;
    stmt = w3p_db_prepare(db, "SELECT " W3P_RECEIPT_COLUMNS " FROM orders o JOIN extrinsics x ON x.id = o.tx"
                              " WHERE o.content = ?1 AND o.id < ?2 ORDER BY o.id DESC LIMIT ?3");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    sqlite3_bind_int64(stmt, 2, before_id > 0 ? before_id : INT64_MAX);
    sqlite3_bind_int64(stmt, 3, (int64_t)max);
    while (n < max && (err = w3p_db_step(stmt)) == 1) {
        if (w3p_receipt_read(&out[n], stmt, 0))
            n++;
    }
    sqlite3_reset(stmt);
    if (err < 0)
        return err;
    *count = n;
    return W3P_OK;
}

#define PART "1000000000" // sums of numbers below it and of what is left fit, however large the amounts are

int w3p_receipts_paid(struct w3p_db *db, struct w3p_paid *out, int64_t content_id)
{
    sqlite3_stmt *stmt =
        w3p_db_prepare(db, "SELECT count(*), coalesce(sum(price / " PART "), 0), coalesce(sum(price % " PART "), 0),"
                           " coalesce(sum(fee / " PART "), 0), coalesce(sum(fee % " PART "), 0)"
                           " FROM orders WHERE content = ?1");
    int got;

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    got = w3p_db_step(stmt);
    *out = (struct w3p_paid){.orders = 0};
    if (got == 1) {
        out->orders = w3p_db_u64(stmt, 0);
        out->price = (w3p_u128)w3p_db_u64(stmt, 1) * 1000000000 + w3p_db_u64(stmt, 2);
        out->fee = (w3p_u128)w3p_db_u64(stmt, 3) * 1000000000 + w3p_db_u64(stmt, 4);
    }
    sqlite3_reset(stmt);
    return got < 0 ? got : W3P_OK;
}
