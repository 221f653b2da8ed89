// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: prior_store.h.
#include "prior_store.h"

#include "store/db.h"

#include <string.h>

// Orders near the old one that explain why the account has less: bounded, and near it when it came to nothing.
#define NEAR_SQL                                                                                                       \
    "(SELECT coalesce(sum(p.price + p.fee), 0) FROM receipts p WHERE o.state <> 4 AND p.id > o.id - 2048"              \
    " AND p.id < o.id + 2048 AND p.id <> o.id AND p.state IN (4, 5) AND p.block > o.birth_block)"

// What an order takes that is paid: what was reserved, without the margin of 1 % for a price that moves. A failed order
// is charged its fee and no more: to the planck, since prices may be small beside fees.
static uint64_t cost_of(uint64_t reserved, uint64_t fee)
{
    return fee > 0 && fee < reserved ? fee + (reserved - fee) / 101 * 100 : reserved / 101 * 100;
}

int w3p_prior_load(struct w3p_db *db, struct w3p_chain_prior *out, int64_t content_id)
{
    sqlite3_stmt *stmt = w3p_db_prepare(
        db, "SELECT o.state, o.nonce, o.birth_block, o.birth_hash, o.death_block, o.block, o.reserved, " NEAR_SQL
            ", o.fee FROM receipts o WHERE o.content = ?1 ORDER BY o.id DESC LIMIT 1");
    int err;

    memset(out, 0, sizeof(*out));
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    err = w3p_db_step(stmt);
    if (err == 1) {
        int state = sqlite3_column_int(stmt, 0);
        uint64_t death = (uint64_t)sqlite3_column_int64(stmt, 4), block = (uint64_t)sqlite3_column_int64(stmt, 5);

        out->paid = state == W3P_ORDER_FINAL;
        out->nonce = (uint32_t)sqlite3_column_int64(stmt, 1);
        out->birth_block = (uint64_t)sqlite3_column_int64(stmt, 2);
        if (sqlite3_column_bytes(stmt, 3) == 32)
            memcpy(out->birth_hash32, sqlite3_column_blob(stmt, 3), 32);
        out->settled_block = state == W3P_ORDER_LOST || block == 0 ? death : block;
        out->cost = cost_of((uint64_t)sqlite3_column_int64(stmt, 6), (uint64_t)sqlite3_column_int64(stmt, 8));
        out->explained = (uint64_t)sqlite3_column_int64(stmt, 7);
    }
    sqlite3_reset(stmt);
    return err == 1 ? W3P_OK : err == 0 ? W3P_E_NOTFOUND : err;
}
