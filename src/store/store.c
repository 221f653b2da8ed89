// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: store.h: puts the lock, the schema, the writer and the readers together, and keeps the table `meta`.
// Must not: know the tables of other modules.
#include "store/store.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/conn.h"
#include "store/lockfile.h"
#include "store/schema.h"
#include "store/writer.h"

struct w3p_store {
    char *path; // absolute
    unsigned busy_timeout_ms;
    int lock_fd;
    struct w3p_writer writer;
};

static void store_free(struct w3p_store *store)
{
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    free(store->path);
    free(store);
}

int w3p_store_open(struct w3p_store **out, struct w3p_errmsg *msg, const struct w3p_store_conf *conf)
{
    struct w3p_store *store = w3p_calloc(1, sizeof *store);
    struct w3p_db *db = NULL;

    store->lock_fd = -1;
    store->busy_timeout_ms = conf->busy_timeout_ms;
    int err = w3p_store_path_resolve(&store->path, msg, conf->path);
    if (err == W3P_OK)
        err = w3p_store_lock(&store->lock_fd, msg, store->path);
    if (err == W3P_OK)
        err = w3p_store_file_prepare(msg, store->path);
    if (err == W3P_OK)
        err = w3p_db_open(&db, msg, store->path, conf->busy_timeout_ms, W3P_DB_WRITER);
    if (err == W3P_OK)
        err = w3p_schema_apply(db, msg, conf);
    if (err != W3P_OK)
        goto out;
    w3p_writer_init(&store->writer, db, conf->queue_max);
    db = NULL; // the writer's
    err = w3p_writer_start(&store->writer, msg);
out:
    w3p_db_close(db);
    if (err != W3P_OK)
        store_free(store);
    else
        *out = store;
    return err;
}

void w3p_store_close(struct w3p_store *store)
{
    if (!store)
        return;
    w3p_writer_stop(&store->writer);
    store_free(store);
}

bool w3p_store_healthy(const struct w3p_store *store)
{
    return store->writer.healthy;
}

int w3p_store_write(struct w3p_store *store, struct w3p_write *job)
{
    return w3p_writer_submit(&store->writer, job);
}

int w3p_store_write_wait(struct w3p_store *store, struct w3p_write *job)
{
    return w3p_writer_submit_wait(&store->writer, job);
}

int w3p_store_reader(struct w3p_db **out, struct w3p_errmsg *msg, struct w3p_store *store)
{
    int err = w3p_db_open(out, msg, store->path, store->busy_timeout_ms, W3P_DB_READER);

    if (err == W3P_OK)
        (*out)->commits = &store->writer.commits;
    return err;
}

// The count is read before the state is taken: what is committed in between is seen now and only looked for again.
int w3p_reader_fresh(struct w3p_db *db)
{
    uint64_t count = atomic_load(&db->commits->count);
    bool held = !sqlite3_get_autocommit(db->handle);

    if (held && count == db->commits_seen)
        return W3P_OK;
    w3p_reader_rest(db);
    db->commits_seen = count;
    return atomic_load(&db->commits->log_is_long) ? W3P_OK : w3p_db_run(db, "BEGIN");
}

void w3p_reader_rest(struct w3p_db *db)
{
    if (!sqlite3_get_autocommit(db->handle))
        (void)!w3p_db_run(db, "COMMIT"); // nothing was written
}

void w3p_store_reader_close(struct w3p_db *db)
{
    w3p_db_close(db);
}

int w3p_meta_get(struct w3p_db *db, char *out, size_t out_size, const char *key)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT value FROM meta WHERE key=?1");
    int err = W3P_E_IO;

    if (!stmt)
        return err;
    sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
    int got = w3p_db_step(stmt);
    if (got == 1) {
        const char *value = (const char *)sqlite3_column_text(stmt, 0);
        size_t size = (size_t)sqlite3_column_bytes(stmt, 0) + 1;
        err = size > out_size ? W3P_E_LIMIT : W3P_OK;
        if (err == W3P_OK)
            memcpy(out, value, size);
    } else if (got == 0) {
        err = W3P_E_NOTFOUND;
    }
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt); // the key is the caller's
    return err;
}

int w3p_meta_put(struct w3p_db *db, const char *key, const char *value)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "INSERT INTO meta(key, value) VALUES(?1, ?2)"
                                            " ON CONFLICT(key) DO UPDATE SET value=excluded.value");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 2, value, -1, SQLITE_STATIC);
    int err = w3p_db_exec(stmt);
    sqlite3_clear_bindings(stmt);
    return err;
}
