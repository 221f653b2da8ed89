// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the state that a reader holds over several reads: nothing that was acknowledged is ever missing from it, it
// stands still in between, and it does not keep the write-ahead log for ever.
#include "support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "store/writer.h"

static struct w3p_store *store;
static struct w3p_db *db;

static struct w3p_db *reader(void)
{
    struct w3p_db *made;
    struct w3p_errmsg msg;

    cr_assert(eq(int, w3p_store_reader(&made, &msg, store), W3P_OK));
    return made;
}

static void setup(void)
{
    store = open_numbers();
    db = reader();
}

static void teardown(void)
{
    w3p_store_reader_close(db);
    w3p_store_close(store);
    tmp_remove();
}

TestSuite(store_reader, .init = setup, .fini = teardown, .timeout = 60);

#define COUNT "SELECT count(*) FROM numbers"

Test(store_reader, holds_one_state_until_it_is_asked_for_a_fresh_one)
{
    cr_expect(eq(int, insert_now(store, 1), W3P_OK));
    cr_assert(eq(int, w3p_reader_fresh(db), W3P_OK));
    cr_expect(eq(i64, query_one(db, COUNT), 1));
    cr_expect(eq(int, insert_now(store, 2), W3P_OK));
    cr_expect(eq(i64, query_one(db, COUNT), 1));
    cr_assert(eq(int, w3p_reader_fresh(db), W3P_OK));
    cr_expect(eq(i64, query_one(db, COUNT), 2));
    cr_assert(eq(int, w3p_reader_fresh(db), W3P_OK)); // nothing new: the same one
    cr_expect(eq(i64, query_one(db, COUNT), 2));
    cr_expect(eq(int, insert_now(store, 3), W3P_OK));
    w3p_reader_rest(db);
    w3p_reader_rest(db);
    cr_expect(eq(i64, query_one(db, COUNT), 3)); // without a state each statement reads the newest
}

Test(store_reader, job_that_failed_is_not_in_it)
{
    struct insert_job bad;

    insert_job_init(&bad, 7, NULL);
    bad.then = W3P_E_FORBIDDEN;
    cr_expect(eq(int, w3p_store_write_wait(store, &bad.write), W3P_E_FORBIDDEN));
    cr_assert(eq(int, w3p_reader_fresh(db), W3P_OK));
    cr_expect(eq(i64, query_one(db, COUNT), 0));
}

enum { READERS = 3, NUMBERS = 1500 };
static _Atomic int64_t acknowledged;
static _Atomic unsigned stale, reads;

static void *read_main(void *arg)
{
    struct w3p_db *mine = reader();

    (void)arg;
    while (acknowledged < NUMBERS) {
        int64_t at_least = acknowledged; // told to somebody before this read begins
        if (w3p_reader_fresh(mine) != W3P_OK || query_one(mine, COUNT) < at_least)
            stale++;
        reads++;
    }
    w3p_store_reader_close(mine);
    return NULL;
}

// A client that got its 202 from one thread asks another one.
Test(store_reader, every_thread_sees_what_was_acknowledged)
{
    pthread_t threads[READERS];

    for (size_t i = 0; i < READERS; i++)
        cr_assert(eq(int, pthread_create(&threads[i], NULL, read_main, NULL), 0));
    for (int64_t n = 1; n <= NUMBERS; n++) {
        cr_assert(eq(int, insert_now(store, n), W3P_OK));
        acknowledged = n;
    }
    for (size_t i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);
    cr_expect(eq(uint, stale, 0));
    cr_expect(lt(uint, READERS, reads));
}

static int fat_run(struct w3p_write *self, struct w3p_db *conn)
{
    (void)self;
    return w3p_db_exec(w3p_db_prepare(conn, "INSERT INTO fat(bytes) VALUES(zeroblob(400000))"));
}

static void fat_done(struct w3p_write *self, int result)
{
    (void)self;
    (void)result;
}

static int fat_table(struct w3p_write *self, struct w3p_db *conn)
{
    (void)self;
    return w3p_db_exec(w3p_db_prepare(conn, "CREATE TABLE fat(bytes BLOB)"));
}

// A reader that is asked before each read lets the log be folded back and begun anew: it does not grow with what is
// written.
Test(store_reader, log_is_begun_anew_under_a_reader_that_goes_on)
{
    struct w3p_write job = {.run = fat_table, .done = fat_done};
    struct stat wal;
    off_t longest = 0;

    cr_assert(eq(int, w3p_store_write_wait(store, &job), W3P_OK));
    for (unsigned i = 0; i < 200; i++) { // 80 MB, the log is folded at 16 MiB
        job = (struct w3p_write){.run = fat_run, .done = fat_done};
        cr_assert(eq(int, w3p_store_write_wait(store, &job), W3P_OK));
        for (unsigned k = 0; k < 20; k++) { // as a busy thread does, also while the log is being folded
            cr_assert(eq(int, w3p_reader_fresh(db), W3P_OK));
            cr_expect(eq(i64, query_one(db, "SELECT count(*) FROM fat"), i + 1));
        }
        if (i % 10 == 9)
            w3p_reader_rest(db); // … and from time to time
        cr_assert(eq(int, stat(tmp_path("n.db-wal"), &wal), 0));
        longest = wal.st_size > longest ? wal.st_size : longest;
    }
    cr_expect(lt(i64, (int64_t)longest, (int64_t)48 << 20));
}
