// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: writer.h. Group commit needs no timer: while one group is being synced to the disk the next one gathers.
#include "store/writer.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/log.h"

// Undoes what the job did. A savepoint that cannot be rolled back means a broken transaction: SQLite gave it up.
static void undo(struct w3p_db *db)
{
    if (!sqlite3_get_autocommit(db->handle) &&
        (w3p_db_run(db, "ROLLBACK TO job") != W3P_OK || w3p_db_run(db, "RELEASE job") != W3P_OK) &&
        !sqlite3_get_autocommit(db->handle))
        (void)!w3p_db_run(db, "ROLLBACK");
}

// W3P_OK when the transaction still stands afterwards, whatever the job's own result. A group of one needs no
// savepoint: the transaction is the job.
static int run_job(struct w3p_db *db, struct w3p_write *job, bool alone)
{
    int err = alone ? W3P_OK : w3p_db_run(db, "SAVEPOINT job");

    if (err != W3P_OK)
        return err;
    job->result = job->run(job, db);
    w3p_db_settle(db);
    if (!alone && job->result < 0)
        undo(db);
    else if (!alone)
        err = w3p_db_run(db, "RELEASE job");
    return sqlite3_get_autocommit(db->handle) ? W3P_E_IO : err;
}

static void group_ended(struct w3p_writer *writer, int err)
{
    bool healthy = err == W3P_OK;

    if (healthy != writer->healthy)
        w3p_logf(healthy ? W3P_LOG_INFO : W3P_LOG_ERROR, "store.health",
                 healthy ? "writing works again" : "a commit failed: nothing is accepted until one succeeds");
    writer->healthy = healthy;
}

static void run_group(struct w3p_writer *writer, struct w3p_write *jobs)
{
    struct w3p_db *db = writer->db;
    bool alone = jobs->next == NULL;

    int err = w3p_db_run(db, "BEGIN IMMEDIATE");
    W3P_CRASH_POINT(GROUP_BEGUN);
    for (struct w3p_write *job = jobs; job && err == W3P_OK; job = job->next)
        err = run_job(db, job, alone);
    if (err == W3P_OK && alone && jobs->result < 0) {
        (void)!w3p_db_run(db, "ROLLBACK"); // nothing was committed, so nothing is known about the disk
    } else {
        W3P_CRASH_POINT(COMMIT_BEFORE);
        if (err == W3P_OK)
            err = w3p_db_run(db, "COMMIT");
        W3P_CRASH_POINT(COMMIT_AFTER);
        if (err != W3P_OK && !sqlite3_get_autocommit(db->handle))
            (void)!w3p_db_run(db, "ROLLBACK");
        group_ended(writer, err);
    }
    atomic_fetch_add(&writer->commits.count, 1);
    for (struct w3p_write *job = jobs, *next; job; job = next) {
        next = job->next; // done() may free the job
        job->done(job, err == W3P_OK ? job->result : W3P_E_IO);
    }
}

// A passive checkpoint never waits for readers; when one of them holds it back, the next try comes a quarter later.
static void checkpoint(struct w3p_writer *writer)
{
    int mode = writer->wal_pages >= W3P_WRITER_WAL_PAGES_HARD ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
    int in_log = 0, folded = 0;

    W3P_CRASH_POINT(CHECKPOINT_BEFORE);
    int code = sqlite3_wal_checkpoint_v2(writer->db->handle, NULL, mode, &in_log, &folded);
    W3P_CRASH_POINT(CHECKPOINT_AFTER);
    if (folded > 0)
        writer->wal_folded = folded;
    writer->checkpoint_at = writer->wal_pages + W3P_WRITER_WAL_PAGES / 4;
    if (code != SQLITE_OK && code != SQLITE_BUSY)
        w3p_logf(W3P_LOG_WARN, "store.checkpoint", "%s; the write-ahead log grows", sqlite3_errstr(code));
}

static int on_commit(void *arg, sqlite3 *handle, const char *schema, int pages)
{
    struct w3p_writer *writer = arg;

    (void)handle;
    (void)schema;
    if (pages <= writer->wal_pages) { // it was folded whole, and this commit began it anew
        writer->wal_folded = 0;
        writer->checkpoint_at = W3P_WRITER_WAL_PAGES;
    }
    writer->wal_pages = pages;
    atomic_store(&writer->commits.log_is_long, pages >= W3P_WRITER_WAL_PAGES);
    return SQLITE_OK;
}

static bool worth_folding(const struct w3p_writer *writer)
{
    return writer->wal_pages - writer->wal_folded >= W3P_WRITER_WAL_PAGES_IDLE;
}

static int probe_run(struct w3p_write *job, struct w3p_db *db)
{
    char now[24];

    (void)job;
    snprintf(now, sizeof now, "%lld", (long long)w3p_clock_wall_ms());
    return w3p_meta_put(db, "store.probe", now);
}

static void probe_done(struct w3p_write *job, int result)
{
    (void)job;
    (void)result;
}

// Nothing was asked for some time: fold the log back, or look whether the disk takes writes again (nobody may be
// sending any while /readyz says 503).
static void idle(struct w3p_writer *writer)
{
    struct w3p_write probe = {.run = probe_run, .done = probe_done};

    if (!writer->healthy)
        run_group(writer, &probe);
    else if (worth_folding(writer))
        checkpoint(writer);
}

static void sleep_until_work(struct w3p_writer *writer)
{
    unsigned ms = !writer->healthy ? W3P_WRITER_PROBE_MS : W3P_WRITER_IDLE_MS;
    bool forever = writer->healthy && !worth_folding(writer);
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(ms / 1000);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    writer->sleeping = true;
    if (forever)
        pthread_cond_wait(&writer->wake, &writer->lock);
    else
        pthread_cond_timedwait(&writer->wake, &writer->lock, &until);
    writer->sleeping = false;
}

// The next group in the order of arrival; NULL when nothing came in time.
static struct w3p_write *take_group(struct w3p_writer *writer, bool *closing)
{
    pthread_mutex_lock(&writer->lock);
    if (!writer->head && !writer->closing)
        sleep_until_work(writer);
    struct w3p_write *group = writer->head, **end = &group;
    size_t taken = 0;
    while (*end && taken < W3P_WRITER_GROUP_MAX) {
        end = &(*end)->next;
        taken++;
    }
    writer->head = *end;
    *end = NULL;
    if (!writer->head)
        writer->tail = &writer->head;
    writer->queued -= taken;
    *closing = writer->closing;
    pthread_mutex_unlock(&writer->lock);
    return group;
}

static void *writer_main(void *arg)
{
    struct w3p_writer *writer = arg;

    for (;;) {
        bool closing;
        struct w3p_write *group = take_group(writer, &closing);
        if (group)
            run_group(writer, group);
        else if (closing)
            return NULL;
        else
            idle(writer);
        if (writer->wal_pages >= writer->checkpoint_at)
            checkpoint(writer);
    }
}

void w3p_writer_init(struct w3p_writer *writer, struct w3p_db *db, size_t queue_max)
{
    pthread_condattr_t monotonic;

    *writer = (struct w3p_writer){.db = db, .queue_max = queue_max, .healthy = true};
    writer->tail = &writer->head;
    writer->checkpoint_at = W3P_WRITER_WAL_PAGES;
    pthread_mutex_init(&writer->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&writer->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    // Replaces SQLite's own checkpoints: none may happen inside a commit that a client waits for.
    sqlite3_wal_hook(db->handle, on_commit, writer);
}

static void writer_deinit(struct w3p_writer *writer)
{
    pthread_cond_destroy(&writer->wake);
    pthread_mutex_destroy(&writer->lock);
    w3p_db_close(writer->db); // the last connection folds the log back and removes it
}

int w3p_writer_start(struct w3p_writer *writer, struct w3p_errmsg *msg)
{
    int code = pthread_create(&writer->thread, NULL, writer_main, writer);

    if (code == 0)
        return W3P_OK;
    writer_deinit(writer);
    return w3p_fail(msg, W3P_E_INTERNAL, "cannot start the store's writer: %s", strerror(code));
}

void w3p_writer_stop(struct w3p_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    writer->closing = true;
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
    writer_deinit(writer);
}

static int submit(struct w3p_writer *writer, struct w3p_write *job, size_t queue_max)
{
    int err = W3P_OK;

    job->next = NULL;
    job->result = W3P_E_IO;
    pthread_mutex_lock(&writer->lock);
    if (writer->closing) {
        err = W3P_E_CLOSED;
    } else if (writer->queued >= queue_max) {
        err = W3P_E_BUSY;
    } else {
        *writer->tail = job;
        writer->tail = &job->next;
        writer->queued++;
        if (writer->sleeping)
            pthread_cond_signal(&writer->wake);
    }
    pthread_mutex_unlock(&writer->lock);
    return err;
}

int w3p_writer_submit(struct w3p_writer *writer, struct w3p_write *job)
{
    return submit(writer, job, writer->queue_max);
}

struct waiting_job {
    struct w3p_write write;
    struct w3p_write *job;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool is_done;
    int result;
};

static int waiting_run(struct w3p_write *self, struct w3p_db *db)
{
    struct w3p_write *job = ((struct waiting_job *)self)->job;

    return job->run(job, db);
}

static void waiting_done(struct w3p_write *self, int result)
{
    struct waiting_job *waiting = (struct waiting_job *)self;

    pthread_mutex_lock(&waiting->lock);
    waiting->result = result;
    waiting->is_done = true;
    pthread_cond_signal(&waiting->ended);
    pthread_mutex_unlock(&waiting->lock);
}

int w3p_writer_submit_wait(struct w3p_writer *writer, struct w3p_write *job)
{
    struct waiting_job waiting = {.write = {.run = waiting_run, .done = waiting_done}, .job = job};

    if (pthread_equal(pthread_self(), writer->thread))
        return W3P_E_STATE; // would wait for itself
    pthread_mutex_init(&waiting.lock, NULL);
    pthread_cond_init(&waiting.ended, NULL);
    int err = submit(writer, &waiting.write, SIZE_MAX);
    if (err == W3P_OK) {
        pthread_mutex_lock(&waiting.lock);
        while (!waiting.is_done)
            pthread_cond_wait(&waiting.ended, &waiting.lock);
        pthread_mutex_unlock(&waiting.lock);
        err = waiting.result;
    }
    pthread_cond_destroy(&waiting.ended);
    pthread_mutex_destroy(&waiting.lock);
    return err;
}
