// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the writer: bounds, one sync per group, a failing job alone, a failing disk, draining, crash safety, the
// size of the write-ahead log.
#include "support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "store/writer.h"

static void quiet(void)
{
    w3p_log_set_level(W3P_LOG_OFF);
}

TestSuite(store_writer, .init = quiet, .fini = tmp_remove, .timeout = 60);

static void wait_all(sem_t *ended, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sem_wait(ended);
}

static struct insert_job *make_jobs(size_t count, sem_t *ended)
{
    struct insert_job *jobs = calloc(count, sizeof *jobs);
    sem_init(ended, 0, 0);
    for (size_t i = 0; i < count; i++)
        insert_job_init(&jobs[i], (int64_t)i + 1, ended);
    return jobs;
}

static void submit_all(struct w3p_store *store, struct insert_job *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cr_assert(eq(int, w3p_store_write(store, &jobs[i].write), W3P_OK));
}

static struct w3p_store *crowded;

static void *wait_for_one(void *arg)
{
    *(int *)arg = insert_now(crowded, 77);
    return NULL;
}

Test(store_writer, queue_is_bounded)
{
    struct w3p_store *store = open_store(tmp_path("n.db"), 3);
    struct gate gate;
    sem_t ended;
    struct insert_job *jobs = make_jobs(4, &ended);
    pthread_t thread;
    int waited = W3P_E_INTERNAL;

    gate_shut(&gate, store);
    submit_all(store, jobs, 3);
    cr_expect(eq(int, w3p_store_write(store, &jobs[3].write), W3P_E_BUSY));
    // one that waits is not refused: the order path goes on, however many clients there are
    crowded = store;
    cr_assert(eq(int, pthread_create(&thread, NULL, wait_for_one, &waited), 0));
    usleep(50000);
    gate_open(&gate);
    wait_all(&ended, 3);
    pthread_join(thread, NULL);
    cr_expect(eq(int, waited, W3P_OK));
    cr_expect(eq(i64, read_one(store, "SELECT count(*) FROM numbers WHERE n = 77"), 1));
    cr_expect(eq(uint, jobs[3].done_calls, 0u));
    cr_expect(eq(int, w3p_store_write(store, &jobs[3].write), W3P_OK)); // room again
    wait_all(&ended, 1);
    w3p_store_close(store);
    free(jobs);
}

static const struct {
    size_t jobs, syncs;
} groups[] = {{1, 1}, {2, 1}, {100, 1}, {512, 1}, {513, 2}, {1500, 3}};

// However many jobs gathered, one sync makes a whole group durable, and done() comes in the order of arrival.
Test(store_writer, one_sync_per_group)
{
    shim_install();
    for (size_t row = 0; row < sizeof groups / sizeof *groups; row++) {
        struct w3p_store *store = open_numbers();
        struct gate gate;
        sem_t ended;
        struct insert_job *jobs = make_jobs(groups[row].jobs, &ended);
        cr_assert(eq(int, insert_now(store, 0), W3P_OK)); // the log's header is synced with the first commit
        gate_shut(&gate, store);
        unsigned before = shim_wal_syncs, before_db = shim_db_syncs;
        submit_all(store, jobs, groups[row].jobs);
        gate_open(&gate);
        wait_all(&ended, groups[row].jobs);
        cr_expect(eq(uint, shim_wal_syncs - before, (unsigned)groups[row].syncs), "%zu jobs", groups[row].jobs);
        cr_expect(eq(uint, shim_db_syncs - before_db, 0u));
        for (size_t i = 0; i < groups[row].jobs; i++) {
            cr_expect(eq(int, jobs[i].result, W3P_OK));
            cr_expect(eq(uint, jobs[i].done_calls, 1u));
            cr_expect(eq(int, jobs[i].order, jobs[0].order + (int)i));
        }
        cr_expect(eq(i64, read_one(store, "SELECT count(*) FROM numbers"), (int64_t)groups[row].jobs + 1));
        w3p_store_close(store);
        free(jobs);
        unlink(tmp_path("n.db"));
    }
}

// Jobs 2 (own refusal) and 4 (constraint) go; their neighbours stay, before and after.
Test(store_writer, failing_job_undone_alone)
{
    struct w3p_store *store = open_numbers();
    struct gate gate;
    sem_t ended;
    struct insert_job *jobs = make_jobs(5, &ended);

    jobs[1].then = W3P_E_FUNDS;
    jobs[2].then = 42;
    jobs[3].n = 1;
    gate_shut(&gate, store);
    submit_all(store, jobs, 5);
    gate_open(&gate);
    wait_all(&ended, 5);
    cr_expect(eq(int, jobs[0].result, W3P_OK));
    cr_expect(eq(int, jobs[1].result, W3P_E_FUNDS));
    cr_expect(eq(int, jobs[2].result, 42));
    cr_expect(eq(int, jobs[3].result, W3P_E_EXISTS));
    cr_expect(eq(int, jobs[4].result, W3P_OK));
    cr_expect(eq(i64, read_one(store, "SELECT group_concat(n, '') FROM (SELECT n FROM numbers ORDER BY n)"), 135));
    cr_expect(w3p_store_healthy(store));
    w3p_store_close(store);
    free(jobs);
}

Test(store_writer, failing_job_in_a_group_of_one)
{
    struct w3p_store *store = open_numbers();
    struct insert_job job;

    insert_job_init(&job, 1, NULL);
    job.then = W3P_E_FORBIDDEN;
    cr_expect(eq(int, w3p_store_write_wait(store, &job.write), W3P_E_FORBIDDEN));
    cr_expect(eq(i64, read_one(store, "SELECT count(*) FROM numbers"), 0));
    cr_expect(eq(int, insert_now(store, 1), W3P_OK));
    cr_expect(eq(int, insert_now(store, 1), W3P_E_EXISTS));
    cr_expect(eq(i64, read_one(store, "SELECT count(*) FROM numbers"), 1));
    w3p_store_close(store);
}

// Leaves a SELECT and an INSERT … RETURNING in the middle, as a careless job would.
static int careless_run(struct w3p_write *self, struct w3p_db *db)
{
    (void)self;
    sqlite3_stmt *select = w3p_db_prepare(db, "SELECT n FROM numbers");
    sqlite3_stmt *insert = w3p_db_prepare(db, "INSERT INTO numbers(n) VALUES(50), (51) RETURNING n");
    return select && insert && w3p_db_step(select) == 1 && w3p_db_step(insert) == 1 ? W3P_OK : W3P_E_INTERNAL;
}

static void ignore_done(struct w3p_write *self, int result)
{
    (void)self;
    (void)result;
}

Test(store_writer, statements_left_open_do_no_harm)
{
    struct w3p_store *store = open_numbers();
    struct w3p_write careless = {.run = careless_run, .done = ignore_done};
    struct gate gate;
    sem_t ended;
    struct insert_job *jobs = make_jobs(2, &ended);

    cr_assert(eq(int, insert_now(store, 100), W3P_OK));
    gate_shut(&gate, store);
    submit_all(store, jobs, 1);
    cr_assert(eq(int, w3p_store_write(store, &careless), W3P_OK));
    cr_assert(eq(int, w3p_store_write(store, &jobs[1].write), W3P_OK));
    gate_open(&gate);
    wait_all(&ended, 2);
    cr_expect(eq(int, jobs[1].result, W3P_OK));
    cr_expect(eq(i64, read_one(store, "SELECT count(*) FROM numbers"), 5));
    w3p_store_close(store);
    free(jobs);
}

static const struct {
    const char *name;
    _Atomic bool *fault;
} faults[] = {{"sync", &shim_fail_sync}, {"write", &shim_fail_write}};

// A commit that fails fails for everybody in the group; the store says so and recovers by itself.
static void commit_fails(size_t row)
{
    shim_install();
    struct w3p_store *store = open_numbers();
    struct gate gate;
    sem_t ended;
    struct insert_job *jobs = make_jobs(10, &ended);

    jobs[4].then = W3P_E_FUNDS;
    cr_assert(eq(int, insert_now(store, 0), W3P_OK));
    gate_shut(&gate, store);
    submit_all(store, jobs, 10);
    *faults[row].fault = true;
    gate_open(&gate);
    wait_all(&ended, 10);
    cr_expect(not(w3p_store_healthy(store)));
    for (size_t i = 0; i < 10; i++)
        cr_expect(eq(int, jobs[i].result, W3P_E_IO));
    cr_expect(eq(i64, read_one(store, "SELECT count(*) FROM numbers"), 1));
    cr_expect(eq(int, insert_now(store, 20), W3P_E_IO)); // a group of one fails the same way
    *faults[row].fault = false;
    for (unsigned i = 0; i < 50 && !w3p_store_healthy(store); i++) // nobody writes: the writer tries by itself
        usleep(100000);
    cr_expect(w3p_store_healthy(store));
    cr_expect(eq(int, insert_now(store, 21), W3P_OK));
    w3p_store_close(store);
    store = open_numbers();
    cr_expect(eq(i64, read_one(store, "SELECT count(*) FROM numbers"), 2));
    w3p_store_close(store);
    free(jobs);
}

Test(store_writer, failing_sync)
{
    commit_fails(0);
}

Test(store_writer, full_disk)
{
    commit_fails(1);
}

static void *close_thread(void *store)
{
    w3p_store_close(store);
    return NULL;
}

// Everything accepted before the end is committed and told; what comes later is refused.
Test(store_writer, close_drains)
{
    struct w3p_store *store = open_numbers();
    struct gate gate;
    sem_t ended;
    enum { QUEUED = 2000, TRIES = 3000 };
    struct insert_job *jobs = make_jobs(QUEUED + TRIES, &ended);
    pthread_t closer;

    gate_shut(&gate, store);
    submit_all(store, jobs, QUEUED);
    cr_assert(eq(int, pthread_create(&closer, NULL, close_thread, store), 0));
    size_t accepted = QUEUED;
    int err = W3P_OK;
    while (accepted < QUEUED + TRIES && (err = w3p_store_write(store, &jobs[accepted].write)) == W3P_OK) {
        accepted++; // the closer was not there yet
        usleep(1000);
    }
    cr_expect(eq(int, err, W3P_E_CLOSED));
    sem_post(&gate.open);
    pthread_join(closer, NULL);
    size_t done = 0;
    for (size_t i = 0; i < accepted; i++)
        done += jobs[i].done_calls == 1 && jobs[i].result == W3P_OK;
    cr_expect(eq(sz, done, accepted));
    cr_expect(eq(int, access(tmp_path("n.db-wal"), F_OK), -1)); // all of it is in the database
    store = open_numbers();
    cr_expect(eq(i64, read_one(store, "SELECT count(*) FROM numbers"), (int64_t)accepted));
    w3p_store_close(store);
    free(jobs);
}

static int nested_run(struct w3p_write *self, struct w3p_db *db)
{
    (void)db;
    struct {
        struct w3p_write write;
        struct w3p_store *store;
    } *outer = (void *)self;
    return insert_now(outer->store, 5);
}

// A job that waited for another job would wait for ever.
Test(store_writer, waiting_on_the_writer_thread_is_refused)
{
    struct {
        struct w3p_write write;
        struct w3p_store *store;
    } outer = {.write = {.run = nested_run}, .store = open_numbers()};

    cr_expect(eq(int, w3p_store_write_wait(outer.store, &outer.write), W3P_E_STATE));
    w3p_store_close(outer.store);
}

enum { HAMMER_THREADS = 8, HAMMER_ROWS = 250 };
static struct w3p_store *hammered;

static void *hammer(void *arg)
{
    int64_t base = (int64_t)(intptr_t)arg * HAMMER_ROWS;
    struct w3p_db *db;
    struct w3p_errmsg msg;
    char sql[80];

    if (w3p_store_reader(&db, &msg, hammered) != W3P_OK)
        return "no reader";
    const char *fault = NULL;
    for (int64_t i = 0; i < HAMMER_ROWS && !fault; i++) {
        if (insert_now(hammered, base + i) != W3P_OK)
            fault = "insert";
        snprintf(sql, sizeof sql, "SELECT count(*) FROM numbers WHERE n=%lld", (long long)(base + i));
        if (query_one(db, sql) != 1)
            fault = "what was acknowledged is not read";
    }
    w3p_store_reader_close(db);
    return (void *)fault;
}

Test(store_writer, many_threads_read_their_writes)
{
    pthread_t threads[HAMMER_THREADS];

    hammered = open_numbers();
    for (intptr_t i = 0; i < HAMMER_THREADS; i++)
        cr_assert(eq(int, pthread_create(&threads[i], NULL, hammer, (void *)i), 0));
    for (size_t i = 0; i < HAMMER_THREADS; i++) {
        void *fault;
        pthread_join(threads[i], &fault);
        cr_expect(fault == NULL, "%s", (char *)fault);
    }
    cr_expect(eq(i64, read_one(hammered, "SELECT count(*) FROM numbers"), HAMMER_THREADS * HAMMER_ROWS));
    w3p_store_close(hammered);
}

static int ack_fd;

static void ack_done(struct w3p_write *self, int result)
{
    struct insert_job *job = (struct insert_job *)self;

    if (result == W3P_OK && write(ack_fd, &job->n, sizeof job->n) != sizeof job->n)
        _exit(2);
    free(job);
}

static void crash_child(int fd, int64_t start)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL); // never outlives the test
    struct w3p_store *store = open_numbers();

    ack_fd = fd;
    for (int64_t n = start;; n++) {
        struct insert_job *job = malloc(sizeof *job);
        insert_job_init(job, n, NULL);
        job->write.done = ack_done;
        while (w3p_store_write(store, &job->write) != W3P_OK)
            usleep(100);
        if (n % 50 == 0)
            usleep(200);
    }
}

// Five gateways die by SIGKILL in the middle of their work; each row that was acknowledged is there afterwards.
Test(store_writer, acknowledged_rows_survive_a_kill)
{
    int64_t last = 0;

    tmp_dir(); // one for parent and children
    for (int round = 0; round < 5; round++) {
        int fds[2];
        cr_assert(eq(int, pipe(fds), 0));
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            close(fds[0]);
            crash_child(fds[1], last + 1000000);
        }
        close(fds[1]);
        int64_t n, first = last + 1000000;
        for (int i = 0; i < 400 + round * 77; i++)
            cr_assert(eq(int, (int)read(fds[0], &n, sizeof n), (int)sizeof n));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        last = n;
        while (read(fds[0], &n, sizeof n) == (ssize_t)sizeof n)
            last = n; // written to the pipe before the end
        close(fds[0]);
        struct w3p_store *store = open_numbers(); // the dead one's lock is free
        char sql[120];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM numbers WHERE n BETWEEN %lld AND %lld", (long long)first,
                 (long long)last);
        cr_expect(eq(i64, read_one(store, sql), last - first + 1));
        cr_expect(
            eq(i64, read_one(store, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check='ok'"), 1));
        w3p_store_close(store);
    }
}

struct blob_job {
    struct w3p_write write;
    int64_t base;
};

// Dirties some 250 pages.
static int blob_run(struct w3p_write *self, struct w3p_db *db)
{
    sqlite3_stmt *stmt =
        w3p_db_prepare(db, "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 250)"
                           " INSERT INTO pages(n, bytes) SELECT ?1 + i, zeroblob(3500) FROM c");
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, ((struct blob_job *)self)->base);
    return w3p_db_exec(stmt);
}

static off_t wal_size(const char *name)
{
    struct stat st;

    return stat(tmp_path(name), &st) == 0 ? st.st_size : 0;
}

static struct w3p_store *open_pages(void)
{
    static const struct w3p_migration pages[] = {
        {"pages.1", "CREATE TABLE pages(n INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT"}, {NULL, NULL}};
    static const struct w3p_migration *const tables[] = {pages};
    struct w3p_store_conf conf = {.path = tmp_path("p.db"),
                                  .migrations = tables,
                                  .migration_table_count = 1,
                                  .queue_max = 10,
                                  .busy_timeout_ms = 50};
    struct w3p_store *store;
    struct w3p_errmsg msg;
    cr_assert(eq(int, w3p_store_open(&store, &msg, &conf), W3P_OK));
    return store;
}

Test(store_writer, log_stays_bounded_and_idle_time_folds_it)
{
    shim_install();
    struct w3p_store *store = open_pages();

    for (int64_t i = 0; i < 60; i++) { // 60 MB in all
        struct blob_job job = {.write = {.run = blob_run}, .base = i * 250};
        cr_assert(eq(int, w3p_store_write_wait(store, &job.write), W3P_OK));
        cr_assert(lt(long, wal_size("p.db-wal"), (W3P_WRITER_WAL_PAGES + 600L) * 4200));
    }
    unsigned before = shim_db_syncs;
    usleep((W3P_WRITER_IDLE_MS + 400) * 1000);
    cr_expect(lt(uint, before, shim_db_syncs)); // what the last groups left was folded back
    before = shim_db_syncs;
    usleep((W3P_WRITER_IDLE_MS + 400) * 1000);
    cr_expect(eq(uint, shim_db_syncs, before)); // once
    w3p_store_close(store);
}

// A reader in the middle of a statement keeps the log from being used anew, not the writer from writing.
Test(store_writer, slow_reader_does_not_stop_the_writer)
{
    shim_install();
    struct w3p_store *store = open_pages();
    struct w3p_errmsg msg;
    struct w3p_db *db;
    struct blob_job job = {.write = {.run = blob_run}, .base = 0};

    cr_assert(eq(int, w3p_store_write_wait(store, &job.write), W3P_OK));
    cr_assert(eq(int, w3p_store_reader(&db, &msg, store), W3P_OK));
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT n FROM pages");
    cr_assert(eq(int, w3p_db_step(stmt), 1));
    unsigned before = shim_db_syncs + shim_wal_syncs;
    for (int64_t i = 1; i < 40; i++) {
        job.base = i * 250;
        cr_assert(eq(int, w3p_store_write_wait(store, &job.write), W3P_OK));
    }
    cr_expect(lt(uint, shim_db_syncs + shim_wal_syncs - before, 39u + 60u)); // no checkpoint after every group
    cr_expect(lt(long, 35L * 250 * 4096, wal_size("p.db-wal")));
    sqlite3_reset(stmt);
    w3p_store_reader_close(db);
    for (int64_t i = 40; i < 60; i++) {
        job.base = i * 250;
        cr_assert(eq(int, w3p_store_write_wait(store, &job.write), W3P_OK));
    }
    cr_expect(lt(long, wal_size("p.db-wal"), 60L * 250 * 4096)); // used anew since
    w3p_store_close(store);
}
