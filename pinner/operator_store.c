// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: operator_store.h.
#include "operator_store.h"

#include <stdio.h>
#include <string.h>

#include "store/db.h"

#define META_PAUSED "operator.paused"
#define STEP_MAX "1000000000000000" // of one promise when old ones are added up: no sum overflows

// promised: the sum of contents.promised, so that no pin pays for a scan of the queue. payer: whose pin it was that
// made a content be ordered. spent: what its orders took; an order's price and fee change once, when they are known.
// Triggers, so that no statement that moves money can forget them.
const char w3p_operator_1[] =
    "CREATE TABLE promised(id INTEGER PRIMARY KEY CHECK(id = 1), planck INTEGER NOT NULL) STRICT;"
    "INSERT INTO promised(id, planck) SELECT 1, coalesce(sum(min(promised, " STEP_MAX ")), 0) FROM contents"
    " WHERE promised > 0;"
    "CREATE TRIGGER contents_promised AFTER UPDATE OF promised ON contents WHEN old.promised <> new.promised BEGIN"
    " UPDATE promised SET planck = max(min(planck - old.promised, 9223372036854775807 - new.promised) + new.promised,"
    " 0); END;"
    "ALTER TABLE contents ADD COLUMN payer INTEGER REFERENCES accounts(id);"
    "ALTER TABLE accounts ADD COLUMN spent INTEGER NOT NULL DEFAULT 0;" W3P_OPERATOR_ORDERS_SPENT;

bool w3p_pause_is_on(struct w3p_db *db)
{
    char text[8];
    int err = w3p_meta_get(db, text, sizeof(text), META_PAUSED);

    return err != W3P_E_NOTFOUND && (err != W3P_OK || strcmp(text, "no") != 0);
}

int w3p_pause_set(struct w3p_db *db, bool on)
{
    return w3p_meta_put(db, META_PAUSED, on ? "yes" : "no");
}

// The first row of a statement into up to `n` numbers; zeros without a row.
static int read_numbers(uint64_t *out, size_t n, sqlite3_stmt *stmt)
{
    int got = w3p_db_step(stmt);

    for (size_t i = 0; i < n; i++)
        out[i] = got == 1 ? w3p_db_u64(stmt, (int)i) : 0;
    sqlite3_reset(stmt);
    return got < 0 ? got : W3P_OK;
}

int w3p_promised_total(struct w3p_db *db, uint64_t *planck)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT planck FROM promised WHERE id = 1");

    return stmt == NULL ? W3P_E_IO : read_numbers(planck, 1, stmt);
}

int w3p_budget_daily(struct w3p_db *db, uint64_t *planck, int64_t day, unsigned days)
{
    // total() is a float and cannot overflow; this is an estimate
    sqlite3_stmt *stmt =
        w3p_db_prepare(db, "SELECT CAST(min(total(spent) / (?1 - min(day) + 1), 9e18) AS INTEGER) FROM budget"
                           " WHERE day > ?1 - ?2 AND day <= ?1 AND spent > 0");

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, day);
    sqlite3_bind_int64(stmt, 2, days);
    return read_numbers(planck, 1, stmt);
}

int w3p_budget_of_day(struct w3p_db *db, uint64_t *promised, uint64_t *spent, int64_t day)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT promised, spent FROM budget WHERE day = ?1");
    uint64_t both[2];

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, day);
    int err = read_numbers(both, 2, stmt);
    *promised = both[0];
    *spent = both[1];
    return err;
}

int w3p_content_paid_for(struct w3p_db *db, int64_t content_id, int64_t account_id)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "UPDATE contents SET payer = ?2 WHERE id = ?1");

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    sqlite3_bind_int64(stmt, 2, account_id);
    return w3p_db_exec(stmt);
}

int w3p_account_use(struct w3p_db *db, struct w3p_account_use *out, const char *identity, int64_t day)
{
    sqlite3_stmt *stmt =
        w3p_db_prepare(db, "SELECT queued, pinning, pinned, failed, iif(day BETWEEN ?2 AND ?2 + 1, pins_today, 0),"
                           " spent, iif(promised_day BETWEEN ?2 AND ?2 + 1, promised, 0) FROM accounts"
                           " WHERE identity = ?1");
    uint64_t n[7];

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_text(stmt, 1, identity, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, day);
    int err = read_numbers(n, 7, stmt);
    *out = (struct w3p_account_use){.queued = n[0],
                                    .pinning = n[1],
                                    .pinned = n[2],
                                    .failed = n[3],
                                    .pins_today = n[4],
                                    .spent = n[5],
                                    .promised_today = n[6]};
    return err;
}

int w3p_pin_of_content(struct w3p_db *db, char requestid37[37], const char *identity, int64_t content_id)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT requestid FROM pins WHERE content = ?2 AND account ="
                                            " (SELECT id FROM accounts WHERE identity = ?1) LIMIT 1");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_text(stmt, 1, identity, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, content_id);
    int got = w3p_db_step(stmt);
    if (got == 1)
        (void)snprintf(requestid37, 37, "%s", (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_reset(stmt);
    return got == 1 ? W3P_OK : got == 0 ? W3P_E_NOTFOUND : got;
}

static int64_t read_id(sqlite3_stmt *stmt)
{
    int got = w3p_db_step(stmt);
    int64_t id = got == 1 ? sqlite3_column_int64(stmt, 0) : got;

    sqlite3_reset(stmt);
    return id;
}

int64_t w3p_content_find(struct w3p_db *db, const struct w3p_cid *cid)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT id FROM contents WHERE key = ?1");
    uint8_t key[W3P_CID_KEY_MAX];

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_blob(stmt, 1, key, (int)w3p_cid_key(key, cid), SQLITE_STATIC);
    return read_id(stmt);
}

int64_t w3p_rejected_next(struct w3p_db *db, int64_t after_id)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT id FROM contents INDEXED BY contents_rejected WHERE id > ?1 AND "
                                            "state = 8 AND pins > 0 ORDER BY id LIMIT 1");

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, after_id);
    return read_id(stmt);
}

static enum w3p_requeue judge_requeue(enum w3p_content_state state, bool wanted, bool live)
{
    if (live || state == W3P_CONTENT_SIGNED || state == W3P_CONTENT_SUBMITTED || state == W3P_CONTENT_IN_BLOCK ||
        state == W3P_CONTENT_RENEWING)
        return W3P_REQUEUE_LIVE;
    if (state == W3P_CONTENT_FINAL || state == W3P_CONTENT_STORED)
        return W3P_REQUEUE_STORED;
    if (!wanted)
        return W3P_REQUEUE_UNWANTED;
    return state == W3P_CONTENT_QUEUED ? W3P_REQUEUE_DUE : W3P_REQUEUE_QUEUED;
}

static int put_back(struct w3p_db *db, int64_t content_id, bool rejected, int64_t now_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(
        db, "UPDATE contents SET not_before_ms = ?2, held_until_ms = 0, error = NULL, attempts = iif(?3, 0, attempts)"
            " WHERE id = ?1");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    sqlite3_bind_int64(stmt, 2, now_ms);
    sqlite3_bind_int(stmt, 3, rejected);
    int err = w3p_db_exec(stmt);
    return err == W3P_OK && rejected ? w3p_content_set_state(db, content_id, W3P_CONTENT_QUEUED) : err;
}

int w3p_content_requeue(struct w3p_db *db, enum w3p_requeue *what, uint64_t *size, int64_t content_id, int64_t now_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(
        db, "SELECT c.state, c.pins, c.size, EXISTS(SELECT 1 FROM orders o WHERE o.content = c.id AND o.state IN"
            " (1, 2, 3)) FROM contents c WHERE c.id = ?1");
    uint64_t n[4];

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    int err = read_numbers(n, 4, stmt);
    if (err != W3P_OK)
        return err;
    *what = judge_requeue((enum w3p_content_state)n[0], n[1] > 0, n[3] != 0);
    *size = n[2];
    if (*what != W3P_REQUEUE_QUEUED && *what != W3P_REQUEUE_DUE)
        return W3P_OK;
    return put_back(db, content_id, *what == W3P_REQUEUE_QUEUED, now_ms);
}
