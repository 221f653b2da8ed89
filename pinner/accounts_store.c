// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: accounts_store.h.
#include "accounts_store.h"

#include "base/clock.h"
#include "pins.h"
#include "store/db.h"

const char w3p_accounts_1[] =
    "CREATE TABLE accounts("
    " id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, created_ms INTEGER NOT NULL,"
    " last_created_ms INTEGER NOT NULL, day INTEGER NOT NULL, pins_today INTEGER NOT NULL) STRICT;";

// accounts.promised: planck of promised_day, which is moved on like accounts.day. contents.promised_by: whose pin the
// promise was made for, NULL for the operator's own second try; promised_by_day: the account's promised_day then.
const char w3p_accounts_2[] = "ALTER TABLE accounts ADD COLUMN promised INTEGER NOT NULL DEFAULT 0;"
                              "ALTER TABLE accounts ADD COLUMN promised_day INTEGER NOT NULL DEFAULT 0;"
                              "ALTER TABLE contents ADD COLUMN promised_by INTEGER REFERENCES accounts(id);"
                              "ALTER TABLE contents ADD COLUMN promised_by_day INTEGER NOT NULL DEFAULT 0;";

int64_t w3p_account_find(struct w3p_db *db, const char *identity)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT id FROM accounts WHERE identity=?1");

    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_text(stmt, 1, identity, -1, SQLITE_STATIC);
    int got = w3p_db_step(stmt);
    int64_t id = got == 1 ? sqlite3_column_int64(stmt, 0) : got;
    sqlite3_reset(stmt);
    return id;
}

int w3p_account_take(struct w3p_db *db, int64_t *account_id, int64_t *created_ms, const char *identity, int64_t now_ms,
                     uint64_t pins_per_day)
{
    // A wall clock that is set back neither gives the day's pins anew nor makes a `created` twice. But a day further
    // ahead than tomorrow was a clock gone wrong: nobody waits for that one to come.
    sqlite3_stmt *stmt =
        w3p_db_prepare(db, "INSERT INTO accounts(identity, created_ms, last_created_ms, day, pins_today)"
                           " VALUES(?1, ?2, ?2, ?3, 1) ON CONFLICT(identity) DO UPDATE SET"
                           " last_created_ms = max(excluded.last_created_ms, last_created_ms + 1),"
                           " pins_today = iif(day BETWEEN excluded.day AND excluded.day + 1, pins_today + 1, 1),"
                           " day = iif(day = excluded.day + 1, day, excluded.day)"
                           " RETURNING id, last_created_ms, pins_today");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_text(stmt, 1, identity, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, now_ms);
    sqlite3_bind_int64(stmt, 3, w3p_clock_day(now_ms));
    int err = w3p_db_step(stmt) == 1 ? W3P_OK : W3P_E_IO;
    if (err == W3P_OK) {
        *account_id = sqlite3_column_int64(stmt, 0);
        *created_ms = sqlite3_column_int64(stmt, 1);
        uint64_t pins_today = (uint64_t)sqlite3_column_int64(stmt, 2);
        err = pins_per_day > 0 && pins_today > pins_per_day ? W3P_E_FORBIDDEN : W3P_OK;
    }
    int end = w3p_db_exec(stmt); // there is one row; steps to the end
    return err == W3P_OK && end != W3P_OK ? end : err;
}

// The check and the change are one statement, and the sum saturates, as those of the budget.
int w3p_account_promise(struct w3p_db *db, int64_t account_id, int64_t day, uint64_t planck, uint64_t limit)
{
    sqlite3_stmt *stmt =
        w3p_db_prepare(db, "UPDATE accounts SET"
                           " promised = min(iif(promised_day BETWEEN ?2 AND ?2 + 1, promised, 0),"
                           " 9223372036854775807 - ?3) + ?3,"
                           " promised_day = iif(promised_day = ?2 + 1, promised_day, ?2)"
                           " WHERE id = ?1"
                           " AND (?4 = 0 OR iif(promised_day BETWEEN ?2 AND ?2 + 1, promised, 0) <= ?4 - ?3)");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, account_id);
    sqlite3_bind_int64(stmt, 2, day);
    sqlite3_bind_int64(stmt, 3, planck > INT64_MAX ? INT64_MAX : (int64_t)planck);
    sqlite3_bind_int64(stmt, 4, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
    int err = w3p_db_exec(stmt);
    if (err != W3P_OK)
        return err;
    return sqlite3_changes(w3p_db_handle(db)) == 1 ? W3P_OK : W3P_E_LIMIT;
}

int w3p_account_unpromise(struct w3p_db *db, int64_t content_id)
{
    sqlite3_stmt *stmt =
        w3p_db_prepare(db, "UPDATE accounts SET promised = max(accounts.promised - c.promised, 0) FROM contents c"
                           " WHERE c.id = ?1 AND accounts.id = c.promised_by"
                           " AND accounts.promised_day = c.promised_by_day");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    return w3p_db_exec(stmt);
}
