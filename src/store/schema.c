// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: schema.h. A file of another program or of a newer w3pin is refused before anything in it changes.
#include "store/schema.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/crash.h"

static const struct w3p_migration store_migrations[] = {
    {"store.1", "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;"},
    {NULL, NULL},
};

static int sql_failed(struct w3p_db *db, struct w3p_errmsg *msg, const struct w3p_store_conf *conf, const char *what)
{
    int code = sqlite3_errcode(db->handle) & 0xff;

    if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
        return w3p_fail(msg, W3P_E_INVALID, "%s is not an intact database (%s): restore a copy or change store.path",
                        conf->path, sqlite3_errmsg(db->handle));
    return w3p_fail(msg, W3P_E_IO, "%s, %s: %s", conf->path, what, sqlite3_errmsg(db->handle));
}

static int query_int(struct w3p_db *db, int64_t *out, const char *sql)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, sql);
    int got = stmt ? w3p_db_step(stmt) : W3P_E_IO;

    if (got == 1)
        *out = sqlite3_column_int64(stmt, 0);
    sqlite3_reset(stmt);
    return got == 1 ? W3P_OK : W3P_E_IO;
}

// Ours, or empty: then it becomes ours.
static int claim(struct w3p_db *db, struct w3p_errmsg *msg, const struct w3p_store_conf *conf)
{
    int64_t id, objects;
    char sql[600];

    if (query_int(db, &id, "PRAGMA application_id") != W3P_OK ||
        query_int(db, &objects, "SELECT count(*) FROM sqlite_schema") != W3P_OK)
        return sql_failed(db, msg, conf, "reading");
    if (id == W3P_STORE_APPLICATION_ID)
        return W3P_OK;
    if (id != 0 || objects != 0)
        return w3p_fail(msg, W3P_E_INVALID, "%s is the database of another program: change store.path", conf->path);
    snprintf(
        sql, sizeof sql,
        "BEGIN IMMEDIATE; PRAGMA application_id=%d;"
        "CREATE TABLE migrations(name TEXT PRIMARY KEY, applied_ms INTEGER NOT NULL) WITHOUT ROWID, STRICT; COMMIT;",
        W3P_STORE_APPLICATION_ID);
    if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
        return sql_failed(db, msg, conf, "creating");
    return W3P_OK;
}

// All steps that this binary knows, the store's own first. Two of one name would be a bug of ours.
static int collect(const struct w3p_migration **steps, size_t *count, struct w3p_errmsg *msg,
                   const struct w3p_store_conf *conf)
{
    *count = 0;
    for (size_t table = 0; table <= conf->migration_table_count; table++) {
        const struct w3p_migration *step = table ? conf->migrations[table - 1] : store_migrations;
        for (; step->name; step++) {
            for (size_t i = 0; i < *count; i++)
                if (strcmp(steps[i]->name, step->name) == 0)
                    return w3p_fail(msg, W3P_E_INTERNAL, "two migrations are named %s", step->name);
            if (*count == W3P_STORE_MIGRATIONS_MAX)
                return w3p_fail(msg, W3P_E_INTERNAL, "more than %d migrations", W3P_STORE_MIGRATIONS_MAX);
            steps[(*count)++] = step;
        }
    }
    return W3P_OK;
}

static int refuse_newer(struct w3p_db *db, struct w3p_errmsg *msg, const struct w3p_migration *const *steps,
                        size_t count, const struct w3p_store_conf *conf)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT name FROM migrations");
    int err = W3P_OK, got = 0;

    while (err == W3P_OK && stmt && (got = w3p_db_step(stmt)) == 1) {
        const char *name = (const char *)sqlite3_column_text(stmt, 0);
        bool known = false;
        for (size_t i = 0; i < count && !known; i++)
            known = strcmp(steps[i]->name, name) == 0;
        if (!known)
            err = w3p_fail(msg, W3P_E_UNSUPPORTED,
                           "%s was written by a newer w3pin (it has step %.60s): run that version, or restore a copy",
                           conf->path, name);
    }
    if (err == W3P_OK && (!stmt || got < 0))
        err = sql_failed(db, msg, conf, "reading its migrations");
    sqlite3_reset(stmt);
    return err;
}

static int applied(struct w3p_db *db, bool *out, const char *name)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT 1 FROM migrations WHERE name=?1");

    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
    int got = w3p_db_step(stmt);
    sqlite3_reset(stmt);
    *out = got == 1;
    return got < 0 ? got : W3P_OK;
}

static int apply(struct w3p_db *db, const struct w3p_migration *step)
{
    int err = w3p_db_run(db, "BEGIN IMMEDIATE");
    if (err != W3P_OK)
        return err;
    if (sqlite3_exec(db->handle, step->sql, NULL, NULL, NULL) != SQLITE_OK)
        return W3P_E_IO;
    sqlite3_stmt *stmt = w3p_db_prepare(db, "INSERT INTO migrations(name, applied_ms) VALUES(?1, ?2)");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_text(stmt, 1, step->name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, w3p_clock_wall_ms());
    err = w3p_db_exec(stmt);
    W3P_CRASH_POINT(SCHEMA_WRITTEN);
    if (err == W3P_OK)
        err = w3p_db_run(db, "COMMIT");
    W3P_CRASH_POINT(SCHEMA_STORED);
    return err;
}

int w3p_schema_apply(struct w3p_db *db, struct w3p_errmsg *msg, const struct w3p_store_conf *conf)
{
    const struct w3p_migration *steps[W3P_STORE_MIGRATIONS_MAX];
    size_t count;

    int err = collect(steps, &count, msg, conf);
    if (err == W3P_OK)
        err = claim(db, msg, conf);
    if (err == W3P_OK)
        err = refuse_newer(db, msg, steps, count, conf);
    for (size_t i = 0; i < count && err == W3P_OK; i++) {
        bool done = false;
        if (applied(db, &done, steps[i]->name) != W3P_OK)
            return sql_failed(db, msg, conf, "reading its migrations");
        if (!done && apply(db, steps[i]) != W3P_OK) {
            err = sql_failed(db, msg, conf, steps[i]->name);
            if (!sqlite3_get_autocommit(db->handle))
                (void)!w3p_db_run(db, "ROLLBACK");
        }
    }
    return err;
}
