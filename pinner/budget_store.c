// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the money of a day, in planck: what was promised with a 202, and what signed orders may cost.
// Threads: writer jobs.  Must not: know accounts or prices.
#include "contents.h"

#include "store/db.h"

// One statement for both columns' checks: the row is made first, then raised only where it still fits, so that the
// check and the change cannot fall apart.
static int raise_day(struct w3p_db *db, const char *raise_sql, int64_t day, uint64_t planck, uint64_t limit)
{
    sqlite3_stmt *stmt;
    int err;

    if (planck > INT64_MAX)
        return W3P_E_FUNDS;
    if (limit == 0 || limit > INT64_MAX)
        limit = INT64_MAX;
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
    sqlite3_bind_int64(stmt, 2, (int64_t)planck);
    sqlite3_bind_int64(stmt, 3, (int64_t)limit);
    err = w3p_db_exec(stmt);
    if (err != W3P_OK)
        return err;
    return sqlite3_changes(w3p_db_handle(db)) == 1 ? W3P_OK : W3P_E_FUNDS;
}

int w3p_budget_promise(struct w3p_db *db, int64_t day, uint64_t planck, uint64_t limit)
{
    return raise_day(db, "UPDATE budget SET promised = promised + ?2 WHERE day = ?1 AND promised <= ?3 - ?2", day,
                     planck, limit);
}

int w3p_budget_spend(struct w3p_db *db, int64_t day, uint64_t planck, uint64_t limit)
{
    return raise_day(db, "UPDATE budget SET spent = spent + ?2 WHERE day = ?1 AND spent <= ?3 - ?2", day, planck,
                     limit);
}

int w3p_budget_charge(struct w3p_db *db, int64_t day, uint64_t planck)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "INSERT INTO budget(day, spent) VALUES(?1, ?2) ON CONFLICT(day)"
                                            " DO UPDATE SET spent = min(spent, ?3 - ?2) + ?2");

    if (stmt == NULL)
        return W3P_E_IO;
    if (planck > INT64_MAX)
        planck = INT64_MAX;
    sqlite3_bind_int64(stmt, 1, day);
    sqlite3_bind_int64(stmt, 2, (int64_t)planck);
    sqlite3_bind_int64(stmt, 3, INT64_MAX);
    return w3p_db_exec(stmt);
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

int w3p_content_promise(struct w3p_db *db, int64_t content_id, int64_t day, uint64_t planck, uint64_t limit)
{
    sqlite3_stmt *stmt;
    int err = w3p_budget_promise(db, day, planck, limit);

    if (err != W3P_OK)
        return err;
    stmt = w3p_db_prepare(db, "UPDATE contents SET promised = ?2, promised_day = ?3 WHERE id = ?1");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    sqlite3_bind_int64(stmt, 2, (int64_t)planck);
    sqlite3_bind_int64(stmt, 3, day);
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
    if (err != W3P_OK)
        return err;
    stmt = w3p_db_prepare(db, "UPDATE contents SET promised = 0 WHERE id = ?1");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    return w3p_db_exec(stmt);
}
