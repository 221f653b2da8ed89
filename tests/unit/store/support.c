// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: support.h.
#include "support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[256];

const char *tmp_dir(void)
{
    if (!dir[0]) {
        const char *base = getenv("TMPDIR");
        snprintf(dir, sizeof dir, "%s/w3pin-store-XXXXXX", base ? base : "/tmp");
        cr_assert(mkdtemp(dir) != NULL);
    }
    return dir;
}

const char *tmp_path(const char *name)
{
    static char paths[4][600];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", tmp_dir(), name);
    return path;
}

void tmp_remove(void)
{
    if (!dir[0])
        return;
    DIR *listing = opendir(dir);
    for (struct dirent *entry; listing && (entry = readdir(listing));) {
        char path[600];
        snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path);
    }
    if (listing)
        closedir(listing);
    rmdir(dir);
}

const struct w3p_migration numbers_migrations[] = {
    {"numbers.1", "CREATE TABLE numbers(n INTEGER PRIMARY KEY) STRICT"},
    {NULL, NULL},
};

struct w3p_store *open_store(const char *name, size_t queue_max)
{
    static const struct w3p_migration *const tables[] = {numbers_migrations};
    struct w3p_store_conf conf = {.path = name,
                                  .migrations = tables,
                                  .migration_table_count = 1,
                                  .queue_max = queue_max,
                                  .busy_timeout_ms = 1000};
    struct w3p_store *store = NULL;
    struct w3p_errmsg msg = {""};

    int err = w3p_store_open(&store, &msg, &conf);
    cr_assert(err == W3P_OK, "%s", msg.text);
    return store;
}

struct w3p_store *open_numbers(void)
{
    return open_store(tmp_path("n.db"), 100000);
}

int64_t query_one(struct w3p_db *db, const char *sql)
{
    sqlite3_stmt *stmt = w3p_db_prepare_text(db, sql);
    cr_assert(stmt != NULL);
    cr_assert(eq(int, w3p_db_step(stmt), 1));
    int64_t value = sqlite3_column_int64(stmt, 0);
    sqlite3_reset(stmt);
    return value;
}

int64_t read_one(struct w3p_store *store, const char *sql)
{
    struct w3p_db *db;
    struct w3p_errmsg msg;

    cr_assert(eq(int, w3p_store_reader(&db, &msg, store), W3P_OK));
    int64_t value = query_one(db, sql);
    w3p_store_reader_close(db);
    return value;
}

static int insert_run(struct w3p_write *self, struct w3p_db *db)
{
    struct insert_job *job = (struct insert_job *)self;
    sqlite3_stmt *stmt = w3p_db_prepare(db, "INSERT INTO numbers(n) VALUES(?1)");

    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, job->n);
    int err = w3p_db_exec(stmt);
    return err == W3P_OK ? job->then : err;
}

static void insert_done(struct w3p_write *self, int result)
{
    static _Atomic int order;
    struct insert_job *job = (struct insert_job *)self;

    job->result = result;
    job->order = ++order;
    job->done_calls++;
    if (job->ended)
        sem_post(job->ended);
}

void insert_job_init(struct insert_job *job, int64_t n, sem_t *ended)
{
    *job = (struct insert_job){.write = {.run = insert_run, .done = insert_done}, .n = n, .ended = ended};
}

int insert_now(struct w3p_store *store, int64_t n)
{
    struct insert_job job;

    insert_job_init(&job, n, NULL);
    return w3p_store_write_wait(store, &job.write);
}

static int gate_run(struct w3p_write *self, struct w3p_db *db)
{
    struct gate *gate = (struct gate *)self;

    (void)db;
    sem_post(&gate->entered);
    while (sem_wait(&gate->open) != 0 && errno == EINTR)
        ;
    return W3P_OK;
}

static void gate_done(struct w3p_write *self, int result)
{
    struct gate *gate = (struct gate *)self;

    (void)result;
    sem_post(&gate->ended);
}

void gate_shut(struct gate *gate, struct w3p_store *store)
{
    *gate = (struct gate){.write = {.run = gate_run, .done = gate_done}};
    sem_init(&gate->entered, 0, 0);
    sem_init(&gate->open, 0, 0);
    sem_init(&gate->ended, 0, 0);
    cr_assert(eq(int, w3p_store_write(store, &gate->write), W3P_OK));
    sem_wait(&gate->entered);
}

void gate_open(struct gate *gate)
{
    sem_post(&gate->open);
    sem_wait(&gate->ended);
}

_Atomic unsigned shim_wal_syncs, shim_db_syncs;
_Atomic bool shim_fail_sync, shim_fail_write;
static sqlite3_vfs shim_vfs;
static sqlite3_vfs *real_vfs;
static const sqlite3_io_methods *real_wal, *real_db; // they lock differently
static sqlite3_io_methods wal_methods, db_methods;

static const sqlite3_io_methods *real_methods(const sqlite3_file *file)
{
    return file->pMethods == &wal_methods ? real_wal : real_db;
}

static int shim_sync(sqlite3_file *file, int flags)
{
    if (file->pMethods == &wal_methods)
        shim_wal_syncs++;
    else
        shim_db_syncs++;
    return shim_fail_sync ? SQLITE_IOERR_FSYNC : real_methods(file)->xSync(file, flags);
}

static int shim_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
    return shim_fail_write ? SQLITE_FULL : real_methods(file)->xWrite(file, bytes, len, at);
}

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    (void)vfs;
    int code = real_vfs->xOpen(real_vfs, name, file, flags, out_flags);
    if (code != SQLITE_OK || !(flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_DB)))
        return code;
    bool wal = (flags & SQLITE_OPEN_WAL) != 0;
    const sqlite3_io_methods **real = wal ? &real_wal : &real_db;
    sqlite3_io_methods *ours = wal ? &wal_methods : &db_methods;
    if (!*real) {
        *real = file->pMethods;
        *ours = **real;
        ours->xSync = shim_sync;
        ours->xWrite = shim_write;
    }
    cr_assert(file->pMethods == *real); // one kind of each per process
    file->pMethods = ours;
    return code;
}

void shim_install(void)
{
    real_vfs = sqlite3_vfs_find(NULL);
    shim_vfs = *real_vfs;
    shim_vfs.zName = "w3p-test-shim";
    shim_vfs.xOpen = shim_open;
    cr_assert(eq(int, sqlite3_vfs_register(&shim_vfs, 1), SQLITE_OK));
}
