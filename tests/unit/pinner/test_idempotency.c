// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: requests that are sent once more with their Idempotency-Key: one pin, one count, one promise.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#include "idempotency_store.h"
#include "pins_support.h"
#include "store/db.h"

TestSuite(idempotency, .init = pins_setup, .fini = pins_teardown, .timeout = 60);

// `request` stands for everything that was asked.
static struct w3p_pin_spec spec_of(const char *identity, struct w3p_cid *cid, unsigned content, const char *key,
                                   unsigned request)
{
    static uint8_t request32[32];

    *cid = pins_cid(content);
    memset(request32, (int)request, sizeof request32);
    return (struct w3p_pin_spec){
        .identity = identity, .cid_text = pins_cid_text(content), .cid = cid, .key = key, .request32 = request32};
}

static struct pins_result add_keyed(const char *identity, unsigned content, const char *key, unsigned request)
{
    struct w3p_cid cid;
    struct w3p_pin_spec spec = spec_of(identity, &cid, content, key, request);

    return pins_add_spec(&spec);
}

static struct pins_result replace_keyed(const char *requestid, unsigned content, const char *key, unsigned request)
{
    struct w3p_cid cid;
    struct w3p_pin_spec spec = spec_of("alice", &cid, content, key, request);

    return pins_replace_spec(requestid, &spec);
}

static void expect_same(const struct pins_result *a, const struct pins_result *b)
{
    cr_expect(eq(int, b->err, W3P_OK));
    cr_expect(eq(str, (char *)b->requestid, (char *)a->requestid));
    cr_expect(eq(i64, b->created_ms, a->created_ms));
}

Test(idempotency, the_same_request_gives_the_same_pin_and_counts_once)
{
    pins_conf.pins_per_day = 1;
    pins_conf.planck_per_day = 100;
    pins_reopen();
    pins_price = 100;
    struct pins_result first = add_keyed("alice", 1, "k", 1);
    cr_assert(eq(int, first.err, W3P_OK));
    for (unsigned i = 0; i < 3; i++) {
        struct pins_result again = add_keyed("alice", 1, "k", 1);
        expect_same(&first, &again);
    }
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM pins"), 1));
    cr_expect(eq(i64, pins_number("SELECT pins FROM contents"), 1));
    cr_expect(eq(i64, pins_number("SELECT pins_today FROM accounts"), 1));
    cr_expect(eq(i64, pins_number("SELECT promised FROM budget"), 100));
    cr_expect(eq(uint, pins_wakes, 1u));
}

Test(idempotency, the_pin_is_shown_as_it_is_now)
{
    struct pins_result first = add_keyed("alice", 1, "k", 1);

    cr_expect(eq(int, first.status, W3P_PIN_QUEUED));
    pins_set_state(1, W3P_CONTENT_STORED);
    struct pins_result again = add_keyed("alice", 1, "k", 1);
    expect_same(&first, &again);
    cr_expect(eq(int, again.status, W3P_PIN_PINNED));
}

Test(idempotency, without_a_key_every_request_is_a_new_pin)
{
    struct pins_result first = pins_add("alice", 1, NULL, NULL), second = pins_add("alice", 1, NULL, NULL);

    cr_expect(ne(str, (char *)first.requestid, (char *)second.requestid));
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM contents"), 1)); // and one content, which is ordered once
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM pin_keys"), 0));
}

Test(idempotency, another_request_with_the_key_is_refused_and_changes_nothing)
{
    struct pins_result first = add_keyed("alice", 1, "k", 1), other = add_keyed("alice", 2, "k", 2);

    cr_expect(eq(int, other.err, W3P_E_EXISTS));
    cr_expect(not(other.has_pin));
    cr_expect(eq(int, replace_keyed(first.requestid, 2, "k", 3).err, W3P_E_EXISTS));
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM pins"), 1));
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM contents"), 1));
    struct pins_result again = add_keyed("alice", 1, "k", 1);
    expect_same(&first, &again);
}

Test(idempotency, keys_are_an_accounts_own)
{
    cr_assert(eq(int, pins_add("bob", 1, NULL, NULL).err, W3P_OK)); // has an account
    struct pins_result alice = add_keyed("alice", 1, "k", 1), bob = add_keyed("bob", 1, "k", 1);
    struct pins_result other = add_keyed("bob", 2, "K", 2);

    cr_expect(eq(int, bob.err, W3P_OK));
    cr_expect(ne(str, (char *)alice.requestid, (char *)bob.requestid));
    cr_expect(eq(int, other.err, W3P_OK)); // and case counts
    cr_expect(eq(i64, pins_number("SELECT pin_keys FROM accounts WHERE identity='bob'"), 2));
}

// A client that was told no, and may after all, is not told no for a day.
Test(idempotency, a_refusal_is_not_remembered)
{
    pins_conf.pins_per_day = 1;
    pins_conf.planck_per_day = 50;
    pins_reopen();
    pins_price = 100;
    cr_expect(eq(int, add_keyed("alice", 1, "k", 1).err, W3P_E_FUNDS));
    pins_price = 10;
    cr_expect(eq(int, add_keyed("alice", 1, "k", 1).err, W3P_OK));
    cr_expect(eq(int, add_keyed("alice", 2, "l", 2).err, W3P_E_FORBIDDEN));
    cr_expect(eq(int, add_keyed("alice", 1, "k", 1).err, W3P_OK)); // what was made is found beyond the quota
    pins_conf.pins_per_day = 2;
    pins_reopen();
    cr_expect(eq(int, add_keyed("alice", 3, "l", 3).err, W3P_OK)); // not even what was asked
    cr_expect(eq(int, replace_keyed("0190163d-8694-739b-aea5-966c26f8ad91", 2, "m", 4).err, W3P_E_NOTFOUND));
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM pin_keys"), 2));
}

Test(idempotency, a_replacement_whose_answer_was_lost_is_found)
{
    struct pins_result old = add_keyed("alice", 1, "a", 1), new = replace_keyed(old.requestid, 2, "r", 2);

    cr_assert(eq(int, new.err, W3P_OK));
    struct pins_result again = replace_keyed(old.requestid, 2, "r", 2);
    expect_same(&new, &again);
    cr_expect(eq(int, pins_replace("alice", old.requestid, 2).err, W3P_E_NOTFOUND)); // without the key
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM pins"), 1));
    cr_expect(eq(int, add_keyed("alice", 1, "a", 1).err, W3P_E_STATE)); // what "a" made is replaced
}

// To make it anew would undo what somebody decided later.
Test(idempotency, a_pin_that_was_deleted_stays_deleted)
{
    struct pins_result first = add_keyed("alice", 1, "k", 1);

    cr_expect(eq(int, pins_delete("alice", first.requestid), W3P_OK));
    struct pins_result again = add_keyed("alice", 1, "k", 1);
    cr_expect(eq(int, again.err, W3P_E_STATE));
    cr_expect(not(again.has_pin));
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM pins"), 0));
    cr_expect(eq(int, add_keyed("alice", 1, "another", 1).err, W3P_OK));
}

Test(idempotency, keys_survive_a_restart)
{
    struct pins_result first = add_keyed("alice", 1, "k", 1);

    pins_reopen();
    struct pins_result again = add_keyed("alice", 1, "k", 1);
    expect_same(&first, &again);
    cr_expect(eq(int, add_keyed("alice", 1, "k", 9).err, W3P_E_EXISTS));
}

Test(idempotency, a_key_lives_for_a_day_to_the_millisecond)
{
    struct pins_result first = add_keyed("alice", 1, "k", 1);

    pins_now_ms += W3P_PIN_KEY_LIFE_MS - 1;
    struct pins_result again = add_keyed("alice", 1, "k", 1);
    expect_same(&first, &again);
    pins_now_ms += 1;
    struct pins_result late = add_keyed("alice", 2, "k", 2); // free for anything
    cr_expect(eq(int, late.err, W3P_OK));
    cr_expect(ne(str, (char *)late.requestid, (char *)first.requestid));
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM pin_keys"), 1));
    cr_expect(eq(i64, pins_number("SELECT pin_keys FROM accounts"), 1));
    pins_now_ms -= 86400000; // a clock that is set back forgets nothing
    again = add_keyed("alice", 2, "k", 2);
    expect_same(&late, &again);
}

Test(idempotency, old_keys_go_as_new_ones_come)
{
    char key[16];

    for (unsigned i = 0; i < 20; i++) {
        (void)snprintf(key, sizeof key, "old %u", i);
        cr_assert(eq(int, add_keyed(i % 2 ? "alice" : "bob", i, key, i).err, W3P_OK));
        pins_now_ms += 1000;
    }
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM pin_keys"), 20));
    pins_now_ms += W3P_PIN_KEY_LIFE_MS;
    for (unsigned i = 0; i < 5; i++) { // four at a time, of any account
        (void)snprintf(key, sizeof key, "new %u", i);
        cr_assert(eq(int, add_keyed("carol", i, key, i).err, W3P_OK));
        cr_expect(eq(i64, pins_number("SELECT count(*) FROM pin_keys WHERE key LIKE 'old%'"), 16 - 4 * (int64_t)i));
    }
    cr_expect(eq(i64, pins_number("SELECT sum(pin_keys) FROM accounts"), 5));
}

Test(idempotency, an_account_has_so_many_keys_and_the_oldest_goes)
{
    char sql[400];

    cr_assert(eq(int, add_keyed("alice", 1, "first", 1).err, W3P_OK));
    cr_assert(eq(int, add_keyed("bob", 1, "first", 1).err, W3P_OK));
    pins_now_ms += 1;
    (void)snprintf(sql, sizeof sql,
                   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO"
                   " pin_keys SELECT (SELECT id FROM accounts WHERE identity='alice'), 'k' || i, x'', '-', %lld FROM n",
                   W3P_PIN_KEYS_MAX - 1, (long long)pins_now_ms);
    pins_sql(sql);
    cr_expect(eq(int, add_keyed("alice", 1, "first", 1).err, W3P_OK)); // as many as may be: all are there
    pins_now_ms += 1;
    cr_assert(eq(int, add_keyed("alice", 2, "last", 2).err, W3P_OK));
    cr_expect(eq(i64, pins_number("SELECT pin_keys FROM accounts WHERE identity='alice'"), W3P_PIN_KEYS_MAX));
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM pin_keys WHERE key = 'first'"), 1)); // bob's alone
    pins_now_ms -= 1000; // the newest by the clock is not the newest
    struct pins_result back = add_keyed("alice", 3, "back", 3);
    cr_assert(eq(int, back.err, W3P_OK));
    struct pins_result again = add_keyed("alice", 3, "back", 3);
    expect_same(&back, &again);
    cr_expect(eq(i64, pins_number("SELECT pin_keys FROM accounts WHERE identity='alice'"), W3P_PIN_KEYS_MAX));
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM pin_keys"), W3P_PIN_KEYS_MAX + 1));
}

static void expect_plan(const char *sql)
{
    sqlite3_stmt *stmt = w3p_db_prepare_text(pins_reader, sql);
    unsigned rows = 0;

    cr_assert(stmt != NULL);
    for (; w3p_db_step(stmt) == 1; rows++) {
        const char *text = (const char *)sqlite3_column_text(stmt, 3);
        cr_expect(strstr(text, "SCAN") == NULL && strstr(text, "TEMP B-TREE") == NULL, "%s: %s", sql, text);
    }
    cr_expect(rows > 0);
}

// With the statements of idempotency_store.c.
Test(idempotency, no_statement_reads_all_keys)
{
    expect_plan("EXPLAIN QUERY PLAN SELECT request, requestid FROM pin_keys"
                " WHERE account = ?1 AND key = ?2 AND created_ms > ?3");
    expect_plan(
        "EXPLAIN QUERY PLAN SELECT account, key FROM pin_keys WHERE created_ms <= ?1 ORDER BY created_ms LIMIT 4");
    expect_plan("EXPLAIN QUERY PLAN SELECT key FROM pin_keys WHERE account = ?1 AND key <> ?2"
                " AND (SELECT pin_keys FROM accounts WHERE id = ?1) > ?3 ORDER BY created_ms LIMIT 1");
}

// Counts what SQLite does for one key that comes.
struct keep_job {
    struct w3p_write write;
    int64_t account_id;
    unsigned steps; // of SQLite's machine, in hundreds
};

static int count_step(void *steps)
{
    ++*(unsigned *)steps;
    return 0;
}

static int run_keep(struct w3p_write *self, struct w3p_db *db)
{
    static const uint8_t request32[32];
    struct keep_job *job = (struct keep_job *)self;

    sqlite3_progress_handler(w3p_db_handle(db), 100, count_step, &job->steps);
    int err = w3p_idempotency_keep(db, job->account_id, "new", request32, "-", pins_now_ms);
    sqlite3_progress_handler(w3p_db_handle(db), 0, NULL, NULL);
    return err;
}

// All accounts share one writer: what one of them left behind holds nobody up.
Test(idempotency, ten_thousand_old_keys_of_one_account_cost_nobody_time)
{
    char sql[400];

    cr_assert(eq(int, add_keyed("alice", 1, "first", 1).err, W3P_OK));
    cr_assert(eq(int, add_keyed("bob", 1, "first", 1).err, W3P_OK));
    (void)snprintf(sql, sizeof sql,
                   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO"
                   " pin_keys SELECT (SELECT id FROM accounts WHERE identity='alice'), 'k' || i, x'', '-', %lld + i"
                   " FROM n",
                   W3P_PIN_KEYS_MAX - 1, (long long)pins_now_ms);
    pins_sql(sql);
    pins_now_ms += W3P_PIN_KEY_LIFE_MS + W3P_PIN_KEYS_MAX;
    struct keep_job job = {.write = {.run = run_keep}, .account_id = w3p_account_find(pins_reader, "bob")};
    cr_assert(eq(int, w3p_store_write_wait(pins_store, &job.write), W3P_OK));
    cr_expect(lt(uint, job.steps, 20u)); // a few statements, each of some ten rows
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM pin_keys"), W3P_PIN_KEYS_MAX + 2 - 4));
}

struct many {
    sem_t ended;
    struct pins_result results[40];
    _Atomic unsigned n;
};

static void on_one(void *arg, int err, const struct w3p_pin *pin)
{
    struct many *many = arg;
    struct pins_result *result = &many->results[many->n++];

    result->err = err;
    if (pin)
        memcpy(result->requestid, pin->requestid, sizeof pin->requestid);
    sem_post(&many->ended);
}

// They come to the writer together, and most into one transaction.
Test(idempotency, forty_at_the_same_moment_make_one_pin)
{
    static struct many many;
    struct w3p_cid cid;
    struct w3p_pin_spec spec = spec_of("alice", &cid, 1, "k", 1);

    sem_init(&many.ended, 0, 0);
    for (unsigned i = 0; i < 40; i++)
        cr_assert(eq(int, w3p_pins_add(pins_under_test, &spec, on_one, &many), W3P_OK));
    for (unsigned i = 0; i < 40; i++)
        sem_wait(&many.ended);
    for (unsigned i = 0; i < 40; i++) {
        cr_expect(eq(int, many.results[i].err, W3P_OK));
        cr_expect(eq(str, (char *)many.results[i].requestid, (char *)many.results[0].requestid));
    }
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM pins"), 1));
    cr_expect(eq(i64, pins_number("SELECT pins_today FROM accounts"), 1));
    sem_destroy(&many.ended);
}
