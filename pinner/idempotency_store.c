// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: idempotency_store.h.
#include "idempotency_store.h"

#include <stdio.h>
#include <string.h>

#include "store/db.h"

#define PRUNED_AT_ONCE 4

// pin_keys_age: what is past its life. pin_keys_oldest: an account's oldest. How many keys an account has stands in its
// own row, kept by triggers, so that nobody counts.
const char w3p_idempotency_1[] =
    "CREATE TABLE pin_keys("
    " account INTEGER NOT NULL REFERENCES accounts(id), key TEXT NOT NULL, request BLOB NOT NULL,"
    " requestid TEXT NOT NULL, created_ms INTEGER NOT NULL, PRIMARY KEY(account, key)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX pin_keys_age ON pin_keys(created_ms);"
    "CREATE INDEX pin_keys_oldest ON pin_keys(account, created_ms);"
    "ALTER TABLE accounts ADD COLUMN pin_keys INTEGER NOT NULL DEFAULT 0;"
    "CREATE TRIGGER pin_keys_new AFTER INSERT ON pin_keys BEGIN"
    " UPDATE accounts SET pin_keys = pin_keys + 1 WHERE id = new.account; END;"
    "CREATE TRIGGER pin_keys_gone AFTER DELETE ON pin_keys BEGIN"
    " UPDATE accounts SET pin_keys = pin_keys - 1 WHERE id = old.account; END;";

int w3p_idempotency_find(struct w3p_db *db, char requestid37[37], int64_t account_id, const char *key,
                         const uint8_t request32[32], int64_t now_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT request, requestid FROM pin_keys"
                                            " WHERE account = ?1 AND key = ?2 AND created_ms > ?3");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, account_id);
    sqlite3_bind_text(stmt, 2, key, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 3, now_ms - W3P_PIN_KEY_LIFE_MS);
    int got = w3p_db_step(stmt), err = got == 0 ? W3P_E_NOTFOUND : got;
    if (got == 1) {
        const void *request = sqlite3_column_blob(stmt, 0);
        bool same = sqlite3_column_bytes(stmt, 0) == 32 && memcmp(request, request32, 32) == 0;
        err = same ? W3P_OK : W3P_E_EXISTS;
        (void)snprintf(requestid37, 37, "%s", (const char *)sqlite3_column_text(stmt, 1));
    }
    sqlite3_reset(stmt);
    return err;
}

// With created_ms, or each of them would be looked for among all keys of its account.
static int prune(struct w3p_db *db, int64_t now_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(
        db, "DELETE FROM pin_keys WHERE (created_ms, account, key) IN (SELECT created_ms, account, key FROM pin_keys"
            " WHERE created_ms <= ?1 ORDER BY created_ms LIMIT ?2)");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, now_ms - W3P_PIN_KEY_LIFE_MS);
    sqlite3_bind_int(stmt, 2, PRUNED_AT_ONCE);
    return w3p_db_exec(stmt);
}

// Never the key that came just now, which is the oldest where the clock was set back.
static int drop_oldest(struct w3p_db *db, int64_t account_id, const char *key)
{
    sqlite3_stmt *stmt = w3p_db_prepare(
        db, "DELETE FROM pin_keys WHERE account = ?1 AND key = (SELECT key FROM pin_keys WHERE account = ?1"
            " AND key <> ?2 AND (SELECT pin_keys FROM accounts WHERE id = ?1) > ?3 ORDER BY created_ms LIMIT 1)");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, account_id);
    sqlite3_bind_text(stmt, 2, key, -1, SQLITE_STATIC);
    sqlite3_bind_int(stmt, 3, W3P_PIN_KEYS_MAX);
    return w3p_db_exec(stmt);
}

int w3p_idempotency_keep(struct w3p_db *db, int64_t account_id, const char *key, const uint8_t request32[32],
                         const char *requestid, int64_t now_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(
        db, "INSERT INTO pin_keys(account, key, request, requestid, created_ms) VALUES(?1, ?2, ?3, ?4, ?5)"
            " ON CONFLICT(account, key) DO UPDATE SET request = excluded.request,"
            " requestid = excluded.requestid, created_ms = excluded.created_ms");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, account_id);
    sqlite3_bind_text(stmt, 2, key, -1, SQLITE_STATIC);
    sqlite3_bind_blob(stmt, 3, request32, 32, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 4, requestid, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 5, now_ms);
    int err = w3p_db_exec(stmt);
    if (err == W3P_OK)
        err = prune(db, now_ms);
    return err == W3P_OK ? drop_oldest(db, account_id, key) : err;
}
