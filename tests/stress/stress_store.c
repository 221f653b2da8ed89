// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the store under many threads, for the thread sanitizer: writers that wait, writers that do not and often
// find the queue full, readers beside them, and a close with jobs still queued. Counts: each accepted job is done
// exactly once, an acknowledged row is there for whoever asks afterwards, and the rows are the jobs that said OK.
// Usage: stress_store FOLDER (its databases are left there).
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "store/db.h"

enum { ROUNDS = 3, WRITERS = 6, READERS = 3, JOBS = 300, QUEUE = 32, REFUSE_EACH = 17 };

static const struct w3p_migration numbers[] = {{"numbers.1", "CREATE TABLE numbers(n INTEGER PRIMARY KEY) STRICT"},
                                               {NULL, NULL}};

static struct w3p_store *store;
static _Atomic long committed, refused, busy, accepted, done_calls;
static _Atomic bool readers_stop;

static void require(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "stress_store: %s\n", what);
        exit(1);
    }
}

struct job {
    struct w3p_write write; // first: run and done get a pointer to it
    int64_t n;
};

static int insert(struct w3p_write *self, struct w3p_db *db)
{
    const struct job *job = (const struct job *)(void *)self;
    if (job->n % REFUSE_EACH == 0)
        return W3P_E_INVALID; // undone alone
    sqlite3_stmt *stmt = w3p_db_prepare(db, "INSERT INTO numbers(n) VALUES(?1)");
    sqlite3_bind_int64(stmt, 1, job->n);
    return w3p_db_exec(stmt);
}

static void count(int64_t n, int result)
{
    require(result == (n % REFUSE_EACH == 0 ? W3P_E_INVALID : W3P_OK), "a job has another result than its own");
    atomic_fetch_add(result == W3P_OK ? &committed : &refused, 1);
}

static void done(struct w3p_write *self, int result)
{
    count(((struct job *)(void *)self)->n, result);
    atomic_fetch_add(&done_calls, 1);
}

static int64_t rows(struct w3p_db *db, int64_t from, int64_t to)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT count(*) FROM numbers WHERE n BETWEEN ?1 AND ?2");
    sqlite3_bind_int64(stmt, 1, from);
    sqlite3_bind_int64(stmt, 2, to);
    require(w3p_db_step(stmt) == 1, "a count gives no row");
    int64_t out = sqlite3_column_int64(stmt, 0);
    sqlite3_reset(stmt);
    return out;
}

static struct w3p_db *reader_open(void)
{
    struct w3p_db *db = NULL;
    struct w3p_errmsg msg;
    require(w3p_store_reader(&db, &msg, store) == W3P_OK, "no reader");
    return db;
}

static void *write_and_read(void *arg)
{
    int64_t first = *(int64_t *)arg;
    struct w3p_db *db = reader_open();
    for (int64_t n = first; n < first + JOBS; ++n) {
        struct job job = {.write.run = insert, .n = n};
        int result = w3p_store_write_wait(store, &job.write);
        count(n, result);
        require(w3p_reader_fresh(db) == W3P_OK, "no fresh state"); // kept, often until the next row
        require(rows(db, n, n) == (result == W3P_OK), "an acknowledged row is not there");
    }
    w3p_store_reader_close(db);
    return NULL;
}

static struct job flood[WRITERS][JOBS]; // outlive their threads: some are still queued at the close

static void *write_without_waiting(void *arg)
{
    int64_t first = *(int64_t *)arg;
    for (int64_t i = 0; i < JOBS; ++i) {
        struct job *job = &flood[first / JOBS][i];
        *job = (struct job){.write = {.run = insert, .done = done}, .n = first + i};
        int err = w3p_store_write(store, &job->write);
        require(err == W3P_OK || err == W3P_E_BUSY, "a job is neither taken nor refused");
        atomic_fetch_add(err == W3P_OK ? &accepted : &busy, 1);
        if (err == W3P_E_BUSY)
            usleep(500);
    }
    return NULL;
}

static void *read_only(void *arg)
{
    (void)arg;
    struct w3p_db *db = reader_open();
    for (int64_t before = 0, i = 0; !atomic_load(&readers_stop); i++) {
        if (i % 8 == 7)
            w3p_reader_rest(db);
        else
            require(w3p_reader_fresh(db) == W3P_OK, "no fresh state");
        int64_t now = rows(db, 0, INT64_MAX);
        require(now >= before, "rows went away");
        require(w3p_store_healthy(store), "the disk is well and the store is not");
        before = now;
    }
    w3p_store_reader_close(db);
    return NULL;
}

static void open_at(const char *path)
{
    const struct w3p_migration *tables[] = {numbers};
    struct w3p_errmsg msg;
    struct w3p_store_conf conf = {
        .path = path, .migrations = tables, .migration_table_count = 1, .queue_max = QUEUE, .busy_timeout_ms = 5000};
    require(w3p_store_open(&store, &msg, &conf) == W3P_OK, "does not open");
}

static void one_round(const char *path)
{
    pthread_t writers[WRITERS], readers[READERS];
    int64_t first[WRITERS];
    atomic_store(&committed, 0);
    atomic_store(&readers_stop, false);
    open_at(path);
    for (int i = 0; i < READERS; ++i)
        require(pthread_create(&readers[i], NULL, read_only, NULL) == 0, "no thread");
    for (int i = 0; i < WRITERS; ++i) {
        first[i] = (int64_t)i * JOBS;
        void *(*work)(void *) = i % 2 == 0 ? write_and_read : write_without_waiting;
        require(pthread_create(&writers[i], NULL, work, &first[i]) == 0, "no thread");
    }
    for (int i = 0; i < WRITERS; ++i)
        (void)pthread_join(writers[i], NULL);
    atomic_store(&readers_stop, true);
    for (int i = 0; i < READERS; ++i)
        (void)pthread_join(readers[i], NULL);
    w3p_store_close(store);
    require(atomic_load(&done_calls) == atomic_load(&accepted), "an accepted job was not done once");

    open_at(path);
    struct w3p_db *db = reader_open();
    require(rows(db, 0, INT64_MAX) == atomic_load(&committed), "the rows are not the jobs that said OK");
    w3p_store_reader_close(db);
    w3p_store_close(store);
}

int main(int argc, char **argv)
{
    char path[512];
    require(argc == 2, "usage: stress_store FOLDER");
    w3p_log_set_level(W3P_LOG_ERROR);
    for (int i = 0; i < ROUNDS; ++i) {
        (void)snprintf(path, sizeof path, "%s/stress-%d-%d.db", argv[1], (int)getpid(), i);
        one_round(path);
    }
    require(atomic_load(&busy) > 0, "the queue was never full: nothing was tried");
    printf("%ld jobs accepted and done, %ld refused by themselves, %ld times the queue was full\n",
           atomic_load(&accepted), atomic_load(&refused), atomic_load(&busy));
    return 0;
}
