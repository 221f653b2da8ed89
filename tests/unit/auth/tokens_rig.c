// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: tokens_rig.h.
#include "tokens_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/hash.h"

char path[300];
struct w3p_store *store;
struct w3p_db *reader;
static char dir[256];

void rig_open(const struct w3p_migration *first)
{
    const struct w3p_migration *const tables[] = {first, w3p_tokens_migrations};
    struct w3p_errmsg msg = {""};
    cr_assert(w3p_store_open(&store, &msg,
                             &(struct w3p_store_conf){.path = path,
                                                      .migrations = first != NULL ? tables : tables + 1,
                                                      .migration_table_count = first != NULL ? 2 : 1,
                                                      .queue_max = 10000,
                                                      .busy_timeout_ms = 5000}) == W3P_OK,
              "%s", msg.text);
    cr_assert(w3p_store_reader(&reader, &msg, store) == W3P_OK, "%s", msg.text);
}

void rig_shut(void)
{
    w3p_store_reader_close(reader);
    w3p_store_close(store);
}

void rig_setup(void)
{
    const char *base = getenv("TMPDIR");
    w3p_crypto_init();
    snprintf(dir, sizeof(dir), "%s/w3pin-tokens-XXXXXX", base != NULL ? base : "/tmp");
    cr_assert(mkdtemp(dir) != NULL);
    snprintf(path, sizeof(path), "%s/t.db", dir);
    rig_open(NULL);
}

void rig_teardown(void)
{
    static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
    char file[320];
    rig_shut();
    for (size_t i = 0; i < 4; i++) {
        snprintf(file, sizeof(file), "%s%s", path, ends[i]);
        unlink(file);
    }
    rmdir(dir);
}

static int add_many(struct job *job, struct w3p_db *db)
{
    int err = W3P_OK;
    for (unsigned i = 0; i < job->number && err == W3P_OK; i++) {
        memcpy(job->row.id, &i, sizeof(i));
        err = job->row.id_len == 16 ? w3p_tokens_add(db, job->who, &job->row, job->now_ms)
                                    : w3p_tokens_note(db, job->who, &job->row, job->now_ms);
    }
    return err;
}

int rig_run(struct w3p_write *self, struct w3p_db *db)
{
    struct job *job = (struct job *)self;
    switch (job->what) {
    case ADD:
        return w3p_tokens_add(db, job->who, &job->row, job->now_ms);
    case NOTE:
        return w3p_tokens_note(db, job->who, &job->row, job->now_ms);
    case REVOKE:
        return w3p_tokens_revoke(db, job->who, job->id, job->id_len, job->now_ms);
    case REVOKE_ANY:
        return w3p_tokens_revoke_any(db, job->id, job->id_len, job->now_ms);
    case LOGOUT:
        return w3p_tokens_logout_all(db, job->who, job->now_ms);
    case LEGACY:
        return w3p_tokens_set_legacy(db, job->who, (enum w3p_account_legacy)job->number);
    case PRUNE:
        return w3p_tokens_prune(db, job->now_ms, job->number);
    case NONCE:
        return w3p_nonce_use(db, job->id, job->expires_ms, job->now_ms);
    case ENSURE:
        return w3p_auth_key_ensure(db, job->now_ms);
    case ROTATE:
        return w3p_auth_key_rotate(db, &job->kid, job->now_ms);
    case DROP:
        return w3p_auth_key_drop(db, job->kid);
    case MANY:
        return add_many(job, db);
    }
    return W3P_E_INTERNAL;
}

int act(struct job job)
{
    job.write.run = rig_run;
    if (job.now_ms == 0)
        job.now_ms = NOW_MS;
    int err = w3p_store_write_wait(store, &job.write);
    cr_assert(eq(int, w3p_reader_fresh(reader), W3P_OK));
    return err;
}

struct w3p_token_row row_of(uint8_t first, size_t id_len, int64_t issued_s, int64_t expires_s)
{
    struct w3p_token_row row = {.id_len = (uint8_t)id_len,
                                .kid = id_len == 16 ? 1 : 0,
                                .scopes = W3P_SCOPES_PINS,
                                .issued_s = issued_s,
                                .expires_s = expires_s};
    row.id[0] = first;
    row.id[id_len - 1] = 0x77;
    snprintf(row.label, sizeof(row.label), "laptop %d", first);
    return row;
}

struct w3p_token_state state_of(const char *who, const struct w3p_token_row *row)
{
    struct w3p_token_state state;
    cr_assert(eq(int, w3p_tokens_state(reader, &state, who, row->id, row->id_len), W3P_OK));
    return state;
}

enum w3p_auth_reason verdict(const char *who, const struct w3p_token_row *row)
{
    struct w3p_token_state state = state_of(row->id_len == 16 ? NULL : who, row);
    return w3p_token_state_judge(&state, row->id_len, row->issued_s);
}

int64_t number_of(const char *sql)
{
    sqlite3_stmt *stmt = w3p_db_prepare_text(reader, sql);
    cr_assert(stmt != NULL);
    cr_assert(eq(int, w3p_db_step(stmt), 1));
    int64_t value = sqlite3_column_int64(stmt, 0);
    sqlite3_reset(stmt);
    return value;
}
