// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: prior_store.h.
#include "prior_store.h"

#include "store/db.h"

#include <string.h>

// Block above which nothing can come of order o.
#define SETTLED_SQL "iif(o.state = 6 OR o.block = 0, o.death_block, o.block)"

// Other orders that explain why the account has less there than at the birth of one that came to nothing. Bounded, in
// number and in what one of them counts: a price that a node made up must not overflow the sum. Too little explained
// only delays.
#define EXPLAINED_SQL                                                                                                  \
    "(SELECT coalesce(sum(min(price, 100000000000000) + min(fee, 100000000000000)), 0) FROM (SELECT p.price, p.fee"    \
    " FROM extrinsics x INDEXED BY extrinsics_block JOIN orders p ON p.tx = x.id WHERE o.state <> 4 AND x.state IN"    \
    " (4, 5) AND x.block > o.birth_block AND x.block <= " SETTLED_SQL " AND p.id <> o.id LIMIT 32768))"

// What an order takes that is paid: what was reserved, without the margin of 1 % for a price that moves. A failed order
// is charged its fee and no more: to the planck, since prices may be small beside fees.
static uint64_t cost_of(uint64_t reserved, uint64_t fee)
{
    return fee > 0 && fee < reserved ? fee + (reserved - fee) / 101 * 100 : reserved / 101 * 100;
}

int w3p_prior_load(struct w3p_db *db, struct w3p_chain_prior *out, int64_t content_id)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT o.state, o.nonce, o.birth_block, o.birth_hash, " SETTLED_SQL
                                            ", o.reserved, " EXPLAINED_SQL
                                            ", o.fee FROM receipts o WHERE o.content = ?1 ORDER BY o.id DESC LIMIT 1");
    int err;

    memset(out, 0, sizeof(*out));
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    err = w3p_db_step(stmt);
    if (err == 1) {
        out->paid = sqlite3_column_int(stmt, 0) == W3P_ORDER_FINAL;
        out->nonce = (uint32_t)sqlite3_column_int64(stmt, 1);
        out->birth_block = (uint64_t)sqlite3_column_int64(stmt, 2);
        if (sqlite3_column_bytes(stmt, 3) == 32)
            memcpy(out->birth_hash32, sqlite3_column_blob(stmt, 3), 32);
        out->settled_block = (uint64_t)sqlite3_column_int64(stmt, 4);
        out->cost = cost_of((uint64_t)sqlite3_column_int64(stmt, 5), (uint64_t)sqlite3_column_int64(stmt, 7));
        out->explained = (uint64_t)sqlite3_column_int64(stmt, 6);
    }
    sqlite3_reset(stmt);
    return err == 1 ? W3P_OK : err == 0 ? W3P_E_NOTFOUND : err;
}
