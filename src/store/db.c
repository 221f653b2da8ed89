// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: one SQLite connection with its settings and its caches of prepared statements.
// Must not: know the writer's queue, the lock or any table.
#include "store/conn.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/fold.h"

#define WRITER_CACHE_KIB 32768
#define READER_CACHE_KIB 4096
#define READER_MMAP_BYTES 16777216 // of the file, for each reader: memory stays small however large the file is

sqlite3 *w3p_db_handle(struct w3p_db *db)
{
    return db->handle;
}

uint64_t w3p_db_u64(sqlite3_stmt *stmt, int column)
{
    int64_t value = sqlite3_column_int64(stmt, column);
    return value > 0 ? (uint64_t)value : 0;
}

static sqlite3_stmt *prepare(struct w3p_db *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK || !stmt) {
        w3p_logf(W3P_LOG_ERROR, "store.sql", "%s, preparing: %.200s", sqlite3_errmsg(db->handle), sql);
        sqlite3_finalize(stmt);
        return NULL;
    }
    return stmt;
}

static sqlite3_stmt *fresh(sqlite3_stmt *stmt)
{
    sqlite3_reset(stmt); // gives the error of the last step again, which was reported then
    sqlite3_clear_bindings(stmt);
    return stmt;
}

sqlite3_stmt *w3p_db_prepare(struct w3p_db *db, const char *sql)
{
    size_t slot = (size_t)(((uint64_t)(uintptr_t)sql * 0x9e3779b97f4a7c15u) >> 32) % W3P_DB_LITERALS;

    for (; db->literals[slot].sql; slot = (slot + 1) % W3P_DB_LITERALS)
        if (db->literals[slot].sql == sql)
            return fresh(db->literals[slot].stmt);
    if (db->literal_count == W3P_DB_LITERALS_MAX) {
        w3p_logf(W3P_LOG_ERROR, "store.sql", "more than %d statements on one connection", W3P_DB_LITERALS_MAX);
        return NULL;
    }
    sqlite3_stmt *stmt = prepare(db, sql);
    if (stmt) {
        db->literals[slot] = (struct w3p_db_literal){.sql = sql, .stmt = stmt};
        db->literal_count++;
    }
    return stmt;
}

sqlite3_stmt *w3p_db_prepare_text(struct w3p_db *db, const char *sql)
{
    struct w3p_db_text *oldest = &db->texts[0];
    size_t len = strlen(sql);

    db->tick++;
    for (size_t i = 0; i < W3P_DB_TEXTS; i++) {
        struct w3p_db_text *text = &db->texts[i];
        if (text->sql && text->len == len && memcmp(text->sql, sql, len) == 0) {
            text->used = db->tick;
            return fresh(text->stmt);
        }
        if (text->used < oldest->used)
            oldest = text;
    }
    if (len > W3P_DB_TEXT_MAX) {
        w3p_logf(W3P_LOG_ERROR, "store.sql", "a composed statement of %zu bytes", len);
        return NULL;
    }
    sqlite3_stmt *stmt = prepare(db, sql);
    if (stmt) {
        sqlite3_finalize(oldest->stmt);
        free(oldest->sql);
        *oldest = (struct w3p_db_text){.sql = w3p_strndup(sql, len), .len = len, .stmt = stmt, .used = db->tick};
    }
    return stmt;
}

int w3p_db_step(sqlite3_stmt *stmt)
{
    int code = sqlite3_step(stmt);

    if (code == SQLITE_ROW)
        return 1;
    if (code == SQLITE_DONE)
        return 0;
    if ((code & 0xff) == SQLITE_CONSTRAINT)
        return W3P_E_EXISTS;
    w3p_logf(W3P_LOG_ERROR, "store.sql", "%s (code %d), running: %.200s", sqlite3_errmsg(sqlite3_db_handle(stmt)),
             sqlite3_extended_errcode(sqlite3_db_handle(stmt)), sqlite3_sql(stmt));
    return W3P_E_IO;
}

int w3p_db_exec(sqlite3_stmt *stmt)
{
    int err = stmt ? w3p_db_step(stmt) : W3P_E_IO;

    sqlite3_reset(stmt);
    return err < 0 ? err : W3P_OK;
}

int w3p_db_run(struct w3p_db *db, const char *sql)
{
    return w3p_db_exec(w3p_db_prepare(db, sql));
}

void w3p_db_settle(struct w3p_db *db)
{
    for (sqlite3_stmt *stmt = sqlite3_next_stmt(db->handle, NULL); stmt; stmt = sqlite3_next_stmt(db->handle, stmt))
        if (sqlite3_stmt_busy(stmt))
            sqlite3_reset(stmt);
}

// journal_mode answers with the mode that it left the database in; everything else is silent.
static int set_wal(struct w3p_db *db, struct w3p_errmsg *msg, const char *path)
{
    sqlite3_stmt *stmt = NULL;
    bool wal = false;

    int code = sqlite3_prepare_v2(db->handle, "PRAGMA journal_mode=WAL", -1, &stmt, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(stmt);
    if (code == SQLITE_ROW)
        wal = sqlite3_stricmp((const char *)sqlite3_column_text(stmt, 0), "wal") == 0;
    sqlite3_finalize(stmt);
    if (wal)
        return W3P_OK;
    if ((code & 0xff) == SQLITE_NOTADB)
        return w3p_fail(msg, W3P_E_INVALID, "%s is not a database: move it away or change store.path", path);
    return w3p_fail(msg, W3P_E_IO, "%s cannot be used with a write-ahead log (%s): is it on a network file system?",
                    path, code == SQLITE_ROW ? "refused" : sqlite3_errmsg(db->handle));
}

static int configure(struct w3p_db *db, struct w3p_errmsg *msg, const char *path, enum w3p_db_mode mode)
{
    char sql[480];

    if (mode == W3P_DB_WRITER) {
        int err = set_wal(db, msg, path);
        if (err != W3P_OK)
            return err;
    }
    snprintf(sql, sizeof sql,
             "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;"
             "PRAGMA secure_delete=OFF; PRAGMA journal_size_limit=67108864;"
             "PRAGMA cache_size=-%d; PRAGMA query_only=%s; PRAGMA mmap_size=%d;",
             mode == W3P_DB_WRITER ? WRITER_CACHE_KIB : READER_CACHE_KIB, mode == W3P_DB_WRITER ? "OFF" : "ON",
             mode == W3P_DB_WRITER ? 0 : READER_MMAP_BYTES);
    if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK ||
        w3p_store_fold_register(db->handle) != SQLITE_OK)
        return w3p_fail(msg, W3P_E_IO, "cannot set up %s: %s", path, sqlite3_errmsg(db->handle));
    return W3P_OK;
}

// The statistics of SQLite's allocator are a lock that all connections share, and nobody reads them. Debian's SQLite
// has no lookaside memory either, so every statement takes it many times.
static void without_statistics(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); // refused when SQLite is in use already: then it is only slower
}

int w3p_db_open(struct w3p_db **out, struct w3p_errmsg *msg, const char *path, unsigned busy_timeout_ms,
                enum w3p_db_mode mode)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct w3p_db *db = w3p_calloc(1, sizeof *db);
    int err = W3P_OK;

    (void)pthread_once(&once, without_statistics);

    // Readers open for writing too (query_only holds them back): a read-only one cannot share the WAL's index.
    if (sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        err = w3p_fail(msg, W3P_E_IO, "cannot open %s: %s", path,
                       db->handle ? sqlite3_errmsg(db->handle) : "out of memory");
    if (err == W3P_OK) {
        sqlite3_extended_result_codes(db->handle, 1);
        sqlite3_busy_timeout(db->handle, (int)(busy_timeout_ms & 0x7fffffff));
        err = configure(db, msg, path, mode);
    }
    if (err != W3P_OK) {
        w3p_db_close(db);
        return err;
    }
    *out = db;
    return W3P_OK;
}

void w3p_db_close(struct w3p_db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < W3P_DB_LITERALS; i++)
        sqlite3_finalize(db->literals[i].stmt);
    for (size_t i = 0; i < W3P_DB_TEXTS; i++) {
        sqlite3_finalize(db->texts[i].stmt);
        free(db->texts[i].sql);
    }
    sqlite3_close_v2(db->handle);
    free(db);
}
