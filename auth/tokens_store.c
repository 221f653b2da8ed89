// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: tokens by their ids, and what accounts switched off; see tokens_store.h. Keys and challenges are
// keys_store.c.
#include "tokens_store.h"

#include <stdio.h>
#include <string.h>

#include "store/db.h"

#define PRUNED_AT_ONCE 4 // by each that is added: more than come
// How much longer the row of a self-issued token stays that was revoked: a clock that is fast and then set right does
// not bring the token back. Minted ones need none: without a row they are dead.
#define KEPT_S 86400
#define SQL_TEXT(number) #number
#define SQL_NUMBER(number) SQL_TEXT(number)
#define MARK                                                                                                           \
    "UPDATE auth_tokens SET revoked_ms = iif(revoked_ms = 0, ?2, revoked_ms),"                                         \
    " expires_s = expires_s + iif(revoked_ms = 0 AND length(id) = 32, " SQL_NUMBER(KEPT_S) ", 0)"

// auth_tokens.id: 16 bytes of a minted token, 32 of a self-issued one. Its key ends with the account because anybody
// may revoke any message id, for himself. auth_tokens_account: an account's, to count; auth_tokens_age and
// auth_nonces_age: what is past its life. auth_keys_current: one key makes the new tokens.
static const char tokens_1[] =
    "CREATE TABLE auth_keys("
    " kid INTEGER PRIMARY KEY, key BLOB NOT NULL, made_ms INTEGER NOT NULL, current INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX auth_keys_current ON auth_keys(current) WHERE current = 1;"
    "CREATE TABLE auth_accounts("
    " account TEXT PRIMARY KEY, min_issued_s INTEGER NOT NULL DEFAULT 0, legacy INTEGER NOT NULL DEFAULT 0)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE auth_tokens("
    " id BLOB NOT NULL, account TEXT NOT NULL, kid INTEGER NOT NULL, scopes INTEGER NOT NULL,"
    " issued_s INTEGER NOT NULL, expires_s INTEGER NOT NULL, revoked_ms INTEGER NOT NULL, label TEXT NOT NULL,"
    " PRIMARY KEY(id, account)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX auth_tokens_account ON auth_tokens(account, expires_s, revoked_ms);"
    "CREATE INDEX auth_tokens_age ON auth_tokens(expires_s);"
    "CREATE TABLE auth_nonces(nonce BLOB PRIMARY KEY, expires_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX auth_nonces_age ON auth_nonces(expires_ms);";

// An account's, to list.
static const char tokens_2[] = "CREATE INDEX auth_tokens_list ON auth_tokens(account, issued_s, id);";

const struct w3p_migration w3p_tokens_migrations[] = {{"tokens.1", tokens_1}, {"tokens.2", tokens_2}, {NULL, NULL}};

static int64_t seconds(int64_t ms)
{
    return ms / 1000;
}

static bool is_id(size_t len)
{
    return len == W3P_TOKEN_MINTED_ID_BYTES || len == W3P_TOKEN_MESSAGE_ID_BYTES;
}

// Up to `most` rows of one of the two statements.
static int prune_by(sqlite3_stmt *stmt, int64_t before, unsigned most)
{
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, before);
    sqlite3_bind_int64(stmt, 2, most);
    return w3p_db_exec(stmt);
}

int w3p_tokens_prune(struct w3p_db *db, int64_t now_ms, unsigned most)
{
    int err = prune_by(w3p_db_prepare(db, "DELETE FROM auth_tokens WHERE (id, account) IN (SELECT id, account"
                                          " FROM auth_tokens WHERE expires_s <= ?1 ORDER BY expires_s LIMIT ?2)"),
                       seconds(now_ms), most);
    if (err != W3P_OK)
        return err;
    return prune_by(w3p_db_prepare(db, "DELETE FROM auth_nonces WHERE nonce IN (SELECT nonce FROM auth_nonces"
                                       " WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT ?2)"),
                    now_ms, most);
}

// How many unexpired tokens of the account are revoked, or are not; it counts no further than one past `most`.
static int64_t count(struct w3p_db *db, const char *identity, bool revoked, unsigned most, int64_t now_ms)
{
    sqlite3_stmt *stmt =
        w3p_db_prepare(db, "SELECT count(*) FROM (SELECT 1 FROM auth_tokens WHERE account = ?1 AND expires_s > ?2"
                           " AND (revoked_ms <> 0) = ?3 LIMIT ?4)");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_text(stmt, 1, identity, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, seconds(now_ms));
    sqlite3_bind_int(stmt, 3, revoked);
    sqlite3_bind_int64(stmt, 4, (int64_t)most + 1);
    int got = w3p_db_step(stmt);
    int64_t found = got == 1 ? sqlite3_column_int64(stmt, 0) : W3P_E_IO;
    sqlite3_reset(stmt);
    return found;
}

// W3P_E_EXISTS when the account has this id.
static int insert(struct w3p_db *db, const char *identity, const struct w3p_token_row *row)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "INSERT INTO auth_tokens(id, account, kid, scopes, issued_s, expires_s,"
                                            " revoked_ms, label) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_blob(stmt, 1, row->id, row->id_len, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 2, identity, -1, SQLITE_STATIC);
    sqlite3_bind_int(stmt, 3, row->kid);
    sqlite3_bind_int(stmt, 4, row->scopes);
    sqlite3_bind_int64(stmt, 5, row->issued_s);
    sqlite3_bind_int64(stmt, 6, row->expires_s);
    sqlite3_bind_int64(stmt, 7, row->revoked_ms);
    sqlite3_bind_text(stmt, 8, row->label, -1, SQLITE_STATIC);
    return w3p_db_exec(stmt);
}

static int check_room(struct w3p_db *db, const char *identity, unsigned most, int64_t now_ms)
{
    int64_t live = count(db, identity, false, most, now_ms);
    if (live < 0)
        return W3P_E_IO;
    return live < most ? W3P_OK : W3P_E_LIMIT;
}

static int add(struct w3p_db *db, const char *identity, const struct w3p_token_row *row, int64_t now_ms)
{
    int err = check_room(db, identity, W3P_TOKENS_PER_ACCOUNT, now_ms);
    if (err == W3P_OK)
        err = insert(db, identity, row);
    return err == W3P_OK ? w3p_tokens_prune(db, now_ms, PRUNED_AT_ONCE) : err;
}

int w3p_tokens_spare(struct w3p_db *db, const char *identity, int64_t now_ms)
{
    return check_room(db, identity, W3P_TOKENS_BY_TOKENS, now_ms);
}

int w3p_tokens_add(struct w3p_db *db, const char *identity, const struct w3p_token_row *row, int64_t now_ms)
{
    struct w3p_token_state state;
    if (row->id_len != W3P_TOKEN_MINTED_ID_BYTES)
        return W3P_E_INVALID;
    int err = w3p_tokens_state(db, &state, NULL, row->id, row->id_len);
    if (err == W3P_OK && state.known) // whoever's it is: a minted id has one row
        err = W3P_E_EXISTS;
    return err == W3P_OK ? add(db, identity, row, now_ms) : err;
}

int w3p_tokens_note(struct w3p_db *db, const char *identity, const struct w3p_token_row *row, int64_t now_ms)
{
    struct w3p_token_state state;
    if (row->id_len != W3P_TOKEN_MESSAGE_ID_BYTES)
        return W3P_E_INVALID;
    int err = w3p_tokens_state(db, &state, identity, row->id, row->id_len);
    if (err != W3P_OK || state.known)
        return err;
    return add(db, identity, row, now_ms);
}

// Keeps the revoked rows of an account below their bound. A minted token without a row is as dead as one that is
// marked.
static int trim_revoked(struct w3p_db *db, const char *identity, int64_t now_ms)
{
    int64_t revoked = count(db, identity, true, W3P_REVOKED_PER_ACCOUNT, now_ms);
    if (revoked <= W3P_REVOKED_PER_ACCOUNT)
        return revoked < 0 ? W3P_E_IO : W3P_OK;
    sqlite3_stmt *stmt =
        w3p_db_prepare(db, "DELETE FROM auth_tokens WHERE (id, account) IN (SELECT id, account FROM auth_tokens"
                           " WHERE account = ?1 AND revoked_ms <> 0 AND length(id) = ?2 ORDER BY expires_s LIMIT 1)");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_text(stmt, 1, identity, -1, SQLITE_STATIC);
    sqlite3_bind_int(stmt, 2, W3P_TOKEN_MINTED_ID_BYTES);
    int err = w3p_db_exec(stmt);
    if (err != W3P_OK)
        return err;
    return sqlite3_changes(w3p_db_handle(db)) > 0 ? W3P_OK : W3P_E_LIMIT;
}

// Marks the rows of this id, of one account or (NULL) of all. *found: how many there are, revoked before or not.
static int mark(struct w3p_db *db, int *found, const char *identity, const uint8_t *id, size_t id_len, int64_t now_ms)
{
    sqlite3_stmt *stmt = identity != NULL ? w3p_db_prepare(db, MARK " WHERE id = ?1 AND account = ?3")
                                          : w3p_db_prepare(db, MARK " WHERE id = ?1");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_blob(stmt, 1, id, (int)id_len, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, now_ms);
    if (identity != NULL)
        sqlite3_bind_text(stmt, 3, identity, -1, SQLITE_STATIC);
    int err = w3p_db_exec(stmt);
    *found = err == W3P_OK ? sqlite3_changes(w3p_db_handle(db)) : 0;
    return err;
}

int w3p_tokens_revoke(struct w3p_db *db, const char *identity, const uint8_t *id, size_t id_len, int64_t now_ms)
{
    int found = 0, err = is_id(id_len) ? mark(db, &found, identity, id, id_len, now_ms) : W3P_E_NOTFOUND;
    if (err == W3P_OK && found == 0 && id_len != W3P_TOKEN_MESSAGE_ID_BYTES)
        err = W3P_E_NOTFOUND;
    if (err == W3P_OK && found == 0) {
        struct w3p_token_row row = {.id_len = (uint8_t)id_len,
                                    .expires_s = seconds(now_ms) + W3P_TOKEN_LIFE_MAX_S + KEPT_S,
                                    .revoked_ms = now_ms};
        memcpy(row.id, id, id_len);
        err = insert(db, identity, &row);
    }
    return err == W3P_OK ? trim_revoked(db, identity, now_ms) : err;
}

int w3p_tokens_revoke_any(struct w3p_db *db, const uint8_t *id, size_t id_len, int64_t now_ms)
{
    int found = 0, err = is_id(id_len) ? mark(db, &found, NULL, id, id_len, now_ms) : W3P_E_NOTFOUND;
    return err == W3P_OK && found == 0 ? W3P_E_NOTFOUND : err;
}

// A clock that was set back does not let old tokens in again.
static int raise_min_issued(struct w3p_db *db, const char *identity, int64_t min_issued_s)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "INSERT INTO auth_accounts(account, min_issued_s) VALUES(?1, ?2)"
                                            " ON CONFLICT(account) DO UPDATE SET"
                                            " min_issued_s = max(min_issued_s, excluded.min_issued_s)");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_text(stmt, 1, identity, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, min_issued_s);
    return w3p_db_exec(stmt);
}

// Rows that refuse nothing more go; those of self-issued tokens from the future, or never seen, must stay and say so.
int w3p_tokens_logout_all(struct w3p_db *db, const char *identity, int64_t now_ms)
{
    int64_t min_issued_s = seconds(now_ms) + 1;
    sqlite3_stmt *gone = w3p_db_prepare(db, "DELETE FROM auth_tokens WHERE account = ?1"
                                            " AND (length(id) = ?2 OR issued_s BETWEEN 1 AND ?3 - 1)");
    sqlite3_stmt *marked = w3p_db_prepare(db, MARK " WHERE account = ?1 AND revoked_ms = 0");
    if (!gone || !marked)
        return W3P_E_IO;
    sqlite3_bind_text(gone, 1, identity, -1, SQLITE_STATIC);
    sqlite3_bind_int(gone, 2, W3P_TOKEN_MINTED_ID_BYTES);
    sqlite3_bind_int64(gone, 3, min_issued_s);
    int err = w3p_db_exec(gone);
    if (err != W3P_OK)
        return err;
    sqlite3_bind_text(marked, 1, identity, -1, SQLITE_STATIC);
    sqlite3_bind_int64(marked, 2, now_ms);
    err = w3p_db_exec(marked);
    return err == W3P_OK ? raise_min_issued(db, identity, min_issued_s) : err;
}

int w3p_tokens_set_legacy(struct w3p_db *db, const char *identity, enum w3p_account_legacy legacy)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "INSERT INTO auth_accounts(account, legacy) VALUES(?1, ?2)"
                                            " ON CONFLICT(account) DO UPDATE SET legacy = excluded.legacy");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_text(stmt, 1, identity, -1, SQLITE_STATIC);
    sqlite3_bind_int(stmt, 2, (int)legacy);
    return w3p_db_exec(stmt);
}

// The columns id, kid, scopes, issued_s, expires_s, revoked_ms, label, from the first given.
static void read_row(struct w3p_token_row *out, sqlite3_stmt *stmt, int first)
{
    int len = sqlite3_column_bytes(stmt, first);
    *out = (struct w3p_token_row){.id_len = (uint8_t)(is_id((size_t)len) ? len : 0),
                                  .kid = (uint8_t)w3p_db_u64(stmt, first + 1),
                                  .scopes = (w3p_scopes)(w3p_db_u64(stmt, first + 2) & W3P_SCOPES_ALL),
                                  .issued_s = sqlite3_column_int64(stmt, first + 3),
                                  .expires_s = sqlite3_column_int64(stmt, first + 4),
                                  .revoked_ms = sqlite3_column_int64(stmt, first + 5)};
    if (out->id_len > 0)
        memcpy(out->id, sqlite3_column_blob(stmt, first), out->id_len);
    if (out->revoked_ms != 0 && out->id_len == W3P_TOKEN_MESSAGE_ID_BYTES)
        out->expires_s -= KEPT_S;
    (void)snprintf(out->label, sizeof out->label, "%s", (const char *)sqlite3_column_text(stmt, first + 6));
}

int w3p_tokens_page(struct w3p_db *db, struct w3p_token_row *rows, size_t most, size_t *count_out, const char *identity,
                    const struct w3p_token_row *after, int64_t now_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(
        db, "SELECT id, kid, scopes, issued_s, expires_s, revoked_ms, label FROM auth_tokens WHERE account = ?1"
            " AND expires_s > ?2 AND (issued_s, id) < (?3, ?4) ORDER BY issued_s DESC, id DESC"
            " LIMIT ?5");
    size_t n = 0, limit = most < W3P_TOKENS_PAGE_MAX ? most : W3P_TOKENS_PAGE_MAX;
    int got;

    *count_out = 0;
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_text(stmt, 1, identity, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, seconds(now_ms));
    sqlite3_bind_int64(stmt, 3, after != NULL ? after->issued_s : INT64_MAX);
    sqlite3_bind_blob(stmt, 4, after != NULL ? (const void *)after->id : "", after != NULL ? after->id_len : 0,
                      SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 5, (int64_t)limit);
    while ((got = w3p_db_step(stmt)) == 1)
        read_row(&rows[n++], stmt, 0);
    sqlite3_reset(stmt);
    if (got == 0)
        *count_out = n;
    return got;
}

// The statement's columns: account, min_issued_s, legacy, and those of read_row.
static int read_state(struct w3p_token_state *out, sqlite3_stmt *stmt)
{
    int got = w3p_db_step(stmt);
    if (got == 1) {
        out->min_issued_s = sqlite3_column_int64(stmt, 1); // 0 where the account switched nothing
        out->legacy = (enum w3p_account_legacy)sqlite3_column_int(stmt, 2);
        out->known = sqlite3_column_type(stmt, 3) != SQLITE_NULL;
        (void)snprintf(out->identity.text, sizeof out->identity.text, "%s", (const char *)sqlite3_column_text(stmt, 0));
        if (out->known)
            read_row(&out->row, stmt, 3);
    }
    sqlite3_reset(stmt);
    return got < 0 ? got : W3P_OK;
}

int w3p_tokens_state(struct w3p_db *db, struct w3p_token_state *out, const char *identity, const uint8_t *id,
                     size_t id_len)
{
    sqlite3_stmt *stmt =
        identity == NULL
            ? w3p_db_prepare(db, "SELECT t.account, a.min_issued_s, a.legacy, t.id, t.kid, t.scopes, t.issued_s,"
                                 " t.expires_s, t.revoked_ms, t.label FROM auth_tokens t"
                                 " LEFT JOIN auth_accounts a ON a.account = t.account"
                                 " WHERE t.id = ?1 AND length(t.id) = 16")
            : w3p_db_prepare(db, "SELECT w.who, a.min_issued_s, a.legacy, t.id, t.kid, t.scopes, t.issued_s,"
                                 " t.expires_s, t.revoked_ms, t.label FROM (SELECT ?2 AS who) w"
                                 " LEFT JOIN auth_accounts a ON a.account = w.who"
                                 " LEFT JOIN auth_tokens t ON t.id = ?1 AND t.account = w.who");

    memset(out, 0, sizeof *out);
    if (!stmt)
        return W3P_E_IO;
    if (id_len > 0)
        sqlite3_bind_blob(stmt, 1, id, (int)id_len, SQLITE_STATIC);
    if (identity != NULL)
        sqlite3_bind_text(stmt, 2, identity, -1, SQLITE_STATIC);
    return read_state(out, stmt);
}

enum w3p_auth_reason w3p_token_state_judge(const struct w3p_token_state *state, size_t id_len, int64_t issued_s)
{
    bool refused = state->row.revoked_ms != 0;
    if (id_len == W3P_TOKEN_MINTED_ID_BYTES)
        refused = refused || !state->known; // w3p_tokens_logout_all takes the rows away
    else if (id_len == W3P_TOKEN_MESSAGE_ID_BYTES)
        refused = refused || issued_s < state->min_issued_s;
    return refused ? W3P_AUTH_REVOKED : W3P_AUTH_OK;
}
