// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the money of a day, in planck: what was promised with a 202, and what signed orders may cost.
// Threads: writer jobs.  Must not: know prices, or of accounts more than whose promise it is.
#include "contents.h"

#include "accounts_store.h"
#include "store/db.h"

// The row is made first, then raised only where it still fits, so that the check and the change cannot fall apart. The
// sums saturate: an amount that no chain has must not stop what has no limit.
#define RAISE_SQL(column)                                                                                              \
    "UPDATE budget SET " column " = min(" column ", 9223372036854775807 - ?2) + ?2"                                    \
    " WHERE day = ?1 AND (?3 = 0 OR " column " <= ?3 - ?2)"

static int raise_day(struct w3p_db *db, const char *raise_sql, int64_t day, uint64_t planck, uint64_t limit)
{
    sqlite3_stmt *stmt;
    int err;

    if (limit > 0 && planck > limit)
        return W3P_E_FUNDS;
    stmt = w3p_db_prepare(db, "INSERT INTO budget(day) VALUES(?1) ON CONFLICT(day) DO NOTHING");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, day);
    err = w3p_db_exec(stmt);
    if (err != W3P_OK)
        return err;
    stmt = w3p_db_prepare(db, raise_sql);
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, day);
    sqlite3_bind_int64(stmt, 2, planck > INT64_MAX ? INT64_MAX : (int64_t)planck);
    sqlite3_bind_int64(stmt, 3, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
    err = w3p_db_exec(stmt);
    if (err != W3P_OK)
        return err;
    return sqlite3_changes(w3p_db_handle(db)) == 1 ? W3P_OK : W3P_E_FUNDS;
}

int w3p_budget_promise(struct w3p_db *db, int64_t day, uint64_t planck, uint64_t limit)
{
    return raise_day(db, RAISE_SQL("promised"), day, planck, limit);
}

int w3p_budget_spend(struct w3p_db *db, int64_t day, uint64_t planck, uint64_t limit)
{
    return raise_day(db, RAISE_SQL("spent"), day, planck, limit);
}

int w3p_budget_refund(struct w3p_db *db, int64_t day, uint64_t planck)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "UPDATE budget SET spent = max(spent - ?2, 0) WHERE day = ?1");

    if (stmt == NULL)
        return W3P_E_IO;
    if (planck > INT64_MAX)
        planck = INT64_MAX;
    sqlite3_bind_int64(stmt, 1, day);
    sqlite3_bind_int64(stmt, 2, (int64_t)planck);
    return w3p_db_exec(stmt);
}

int w3p_content_promise(struct w3p_db *db, int64_t content_id, int64_t account_id, int64_t day, uint64_t planck,
                        uint64_t limit)
{
    sqlite3_stmt *stmt;
    int err = w3p_budget_promise(db, day, planck, limit);

    if (err != W3P_OK)
        return err;
    stmt = w3p_db_prepare(db, "UPDATE contents SET promised = ?2, promised_day = ?3, promised_by = ?4,"
                              " promised_by_day = coalesce((SELECT promised_day FROM accounts WHERE id = ?4), 0)"
                              " WHERE id = ?1");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    sqlite3_bind_int64(stmt, 2, (int64_t)planck);
    sqlite3_bind_int64(stmt, 3, day);
    if (account_id > 0)
        sqlite3_bind_int64(stmt, 4, account_id);
    return w3p_db_exec(stmt);
}

int w3p_content_unpromise(struct w3p_db *db, int64_t content_id)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "UPDATE budget SET promised = max(budget.promised - c.promised, 0)"
                                            " FROM contents c WHERE c.id = ?1 AND budget.day = c.promised_day");
    int err;

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    err = w3p_db_exec(stmt);
    if (err == W3P_OK)
        err = w3p_account_unpromise(db, content_id);
    if (err != W3P_OK)
        return err;
    stmt = w3p_db_prepare(db, "UPDATE contents SET promised = 0 WHERE id = ?1");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    return w3p_db_exec(stmt);
}
