// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: repin_store.h.
#include "repin_store.h"

#include <string.h>

#include "store/db.h"

// accounts.repin_ms: when the last order was signed that a replacement of this account caused. contents.repin_by: whose
// replacement is why this one is queued, NULL where anything else is. held_until_ms stands in the pins, too, which say
// it to their clients; 0: not held.
const char w3p_repin_1[] =
    "ALTER TABLE accounts ADD COLUMN repin_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE contents ADD COLUMN repin_by INTEGER REFERENCES accounts(id);"
    "ALTER TABLE contents ADD COLUMN held_until_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE pins ADD COLUMN held_until_ms INTEGER NOT NULL DEFAULT 0;"
    "CREATE TRIGGER pins_held AFTER UPDATE OF held_until_ms ON contents WHEN old.held_until_ms <> new.held_until_ms"
    " BEGIN UPDATE pins SET held_until_ms = new.held_until_ms WHERE content = new.id; END;";

bool w3p_repin_is_name(const char *name)
{
    static const char head[] = "policy/", tail[] = "/mfs";
    size_t len = name ? strlen(name) : 0, ends = sizeof head - 1 + sizeof tail - 1;

    return len > ends && memcmp(name, head, sizeof head - 1) == 0 &&
           memcmp(name + len - (sizeof tail - 1), tail, sizeof tail - 1) == 0 &&
           memchr(name + sizeof head - 1, '/', len - ends) == NULL;
}

// When what a replacement of this account wants may be ordered.
static int due_of(struct w3p_db *db, int64_t *due_ms, int64_t account_id, int64_t wait_ms, int64_t now_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT repin_ms FROM accounts WHERE id = ?1");

    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, account_id);
    int got = w3p_db_step(stmt);
    int64_t last_ms = got == 1 ? sqlite3_column_int64(stmt, 0) : 0;
    sqlite3_reset(stmt);
    if (last_ms > now_ms) // the clock was set back
        last_ms = now_ms;
    *due_ms = last_ms > now_ms - wait_ms ? last_ms + wait_ms : now_ms;
    return got < 0 ? got : W3P_OK;
}

// not_before_ms of a content that was just queued is now: what is on chain already is found at once.
static int hold(struct w3p_db *db, int64_t content_id, int64_t by, int64_t until_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "UPDATE contents SET repin_by = ?2, held_until_ms = ?3 WHERE id = ?1");

    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    if (by > 0)
        sqlite3_bind_int64(stmt, 2, by);
    sqlite3_bind_int64(stmt, 3, until_ms);
    return w3p_db_exec(stmt);
}

static int hold_for_less(struct w3p_db *db, bool *sooner, int64_t content_id, int64_t by, int64_t due_ms,
                         int64_t now_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(
        db, "UPDATE contents SET repin_by = ?2, held_until_ms = iif(?3 > ?4, ?3, 0),"
            " not_before_ms = min(not_before_ms, ?3) WHERE id = ?1 AND state = 1 AND held_until_ms > ?3");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    if (by > 0)
        sqlite3_bind_int64(stmt, 2, by);
    sqlite3_bind_int64(stmt, 3, due_ms);
    sqlite3_bind_int64(stmt, 4, now_ms);
    int err = w3p_db_exec(stmt);
    *sooner = err == W3P_OK && sqlite3_changes(w3p_db_handle(db)) == 1;
    return err;
}

int w3p_repin_take(struct w3p_db *db, bool *sooner, int64_t content_id, enum w3p_content_state state,
                   enum w3p_demand demand, int64_t by, int64_t wait_ms, int64_t now_ms)
{
    int64_t due_ms = now_ms;

    *sooner = false;
    if (state != W3P_CONTENT_QUEUED)
        return W3P_OK; // ordered, or on chain
    int err = by > 0 ? due_of(db, &due_ms, by, wait_ms, now_ms) : W3P_OK;
    if (err != W3P_OK)
        return err;
    if (demand != W3P_DEMAND_NEW)
        return hold_for_less(db, sooner, content_id, by, due_ms, now_ms);
    return hold(db, content_id, by, due_ms > now_ms ? due_ms : 0);
}

int w3p_repin_put_off(struct w3p_db *db, int64_t content_id, int64_t now_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "UPDATE contents SET not_before_ms = min(held_until_ms, ?2 + ?3),"
                                            " error = NULL WHERE id = ?1 AND state = 1 AND held_until_ms > ?2");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    sqlite3_bind_int64(stmt, 2, now_ms);
    sqlite3_bind_int64(stmt, 3, W3P_REPIN_LOOK_MS);
    return w3p_db_exec(stmt);
}

static int begin_wait(struct w3p_db *db, int64_t content_id, int64_t now_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "UPDATE accounts SET repin_ms = ?2 WHERE id ="
                                            " (SELECT repin_by FROM contents WHERE id = ?1)");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    sqlite3_bind_int64(stmt, 2, now_ms);
    return w3p_db_exec(stmt);
}

int w3p_repin_ordered(struct w3p_db *db, int64_t content_id, int64_t now_ms)
{
    int err = begin_wait(db, content_id, now_ms);

    return err == W3P_OK ? hold(db, content_id, 0, 0) : err; // another order of it would be another one's
}
