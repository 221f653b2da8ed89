// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the keys of minted tokens and the challenges that were answered; see tokens_store.h.
#include <string.h>

#include "crypto/hash.h"
#include "crypto/secret.h"
#include "store/db.h"
#include "tokens_store.h"

#define NONCE_KEPT_MS INT64_C(3600000) // longer than it needs: a clock that is set back does not make it new
#define NONCES_PRUNED_AT_ONCE 4        // by each that is used: more than come

int w3p_auth_keys_read(struct w3p_db *db, struct w3p_auth_key keys[W3P_AUTH_KEYS_MAX], size_t *count)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT kid, key, made_ms, current FROM auth_keys ORDER BY kid");
    size_t n = 0;
    int got;

    *count = 0;
    if (!stmt)
        return W3P_E_IO;
    while ((got = w3p_db_step(stmt)) == 1 && n < W3P_AUTH_KEYS_MAX && sqlite3_column_bytes(stmt, 1) == 32) {
        struct w3p_auth_key *key = &keys[n++];
        *key = (struct w3p_auth_key){.kid = (uint8_t)w3p_db_u64(stmt, 0),
                                     .made_ms = sqlite3_column_int64(stmt, 2),
                                     .current = w3p_db_u64(stmt, 3) == 1};
        memcpy(key->key32, sqlite3_column_blob(stmt, 1), 32);
    }
    sqlite3_reset(stmt);
    if (got != 0) {
        w3p_wipe(keys, n * sizeof *keys);
        return W3P_E_IO;
    }
    *count = n;
    return W3P_OK;
}

// The number after the current key's that is free; 0: none is. *keys counts them.
static int next_kid(struct w3p_db *db, uint8_t *kid, size_t *keys)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT kid, current FROM auth_keys");
    bool taken[W3P_AUTH_KEYS_MAX + 1] = {false};
    unsigned newest = 0;
    int got;

    if (!stmt)
        return W3P_E_IO;
    for (*keys = 0; (got = w3p_db_step(stmt)) == 1; ++*keys) {
        uint64_t number = w3p_db_u64(stmt, 0);
        if (number <= W3P_AUTH_KEYS_MAX)
            taken[number] = true;
        if (w3p_db_u64(stmt, 1) == 1)
            newest = (unsigned)number;
    }
    sqlite3_reset(stmt);
    if (got != 0)
        return got;
    *kid = 0;
    for (unsigned i = 0; i < W3P_AUTH_KEYS_MAX && *kid == 0; i++) {
        unsigned candidate = (newest + i) % W3P_AUTH_KEYS_MAX + 1;
        *kid = taken[candidate] ? 0 : (uint8_t)candidate;
    }
    return *kid != 0 ? W3P_OK : W3P_E_LIMIT;
}

int w3p_auth_key_rotate(struct w3p_db *db, uint8_t *kid, int64_t now_ms)
{
    size_t keys;
    uint8_t key32[32], number;
    int err = next_kid(db, &number, &keys);
    if (err != W3P_OK)
        return err;
    sqlite3_stmt *old = w3p_db_prepare(db, "UPDATE auth_keys SET current = 0 WHERE current = 1");
    if (!old)
        return W3P_E_IO;
    err = w3p_db_exec(old);
    if (err != W3P_OK)
        return err;
    sqlite3_stmt *stmt = w3p_db_prepare(db, "INSERT INTO auth_keys(kid, key, made_ms, current) VALUES(?1, ?2, ?3, 1)");
    if (!stmt)
        return W3P_E_IO;
    w3p_random(key32, sizeof key32);
    sqlite3_bind_int(stmt, 1, number);
    sqlite3_bind_blob(stmt, 2, key32, sizeof key32, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 3, now_ms);
    err = w3p_db_exec(stmt);
    sqlite3_clear_bindings(stmt); // they point to what is wiped
    w3p_wipe(key32, sizeof key32);
    if (err == W3P_OK)
        *kid = number;
    return err;
}

int w3p_auth_key_ensure(struct w3p_db *db, int64_t now_ms)
{
    size_t keys;
    uint8_t kid;
    int err = next_kid(db, &kid, &keys);
    return err == W3P_OK && keys == 0 ? w3p_auth_key_rotate(db, &kid, now_ms) : err == W3P_E_LIMIT ? W3P_OK : err;
}

static int delete_tokens(struct w3p_db *db, uint8_t kid)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "DELETE FROM auth_tokens WHERE kid = ?1");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int(stmt, 1, kid);
    return w3p_db_exec(stmt);
}

int w3p_auth_key_drop(struct w3p_db *db, uint8_t kid)
{
    sqlite3_stmt *look = w3p_db_prepare(db, "SELECT current FROM auth_keys WHERE kid = ?1");
    sqlite3_stmt *stmt = w3p_db_prepare(db, "DELETE FROM auth_keys WHERE kid = ?1");
    if (!look || !stmt)
        return W3P_E_IO;
    sqlite3_bind_int(look, 1, kid);
    int got = w3p_db_step(look);
    bool current = got == 1 && w3p_db_u64(look, 0) == 1;
    sqlite3_reset(look);
    if (got < 0)
        return got;
    if (got == 0)
        return W3P_E_NOTFOUND;
    if (current)
        return W3P_E_STATE;
    sqlite3_bind_int(stmt, 1, kid);
    int err = w3p_db_exec(stmt);
    return err == W3P_OK ? delete_tokens(db, kid) : err;
}

int w3p_nonce_use(struct w3p_db *db, const uint8_t nonce32[32], int64_t expires_ms, int64_t now_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "INSERT INTO auth_nonces(nonce, expires_ms) VALUES(?1, ?2)");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_blob(stmt, 1, nonce32, 32, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, expires_ms + NONCE_KEPT_MS);
    int err = w3p_db_exec(stmt);
    return err == W3P_OK ? w3p_tokens_prune(db, now_ms, NONCES_PRUNED_AT_ONCE) : err;
}

int w3p_nonce_unused(struct w3p_db *db, const uint8_t nonce32[32])
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT 1 FROM auth_nonces WHERE nonce = ?1");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_blob(stmt, 1, nonce32, 32, SQLITE_STATIC);
    int got = w3p_db_step(stmt);
    sqlite3_reset(stmt);
    return got == 1 ? W3P_E_EXISTS : got;
}
