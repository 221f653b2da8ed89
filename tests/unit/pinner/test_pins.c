// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: changes of pins: what is refused and leaves nothing behind, quotas and money, one content however often it
// is pinned, replacement in one piece, what a deletion cancels.
#include "pins_support.h"
#include "store/db.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

TestSuite(pins, .init = pins_setup, .fini = pins_teardown, .timeout = 30);

static const char *const nobody_ids[] = {"", "x", "0190f5c0-0000-7000-8000-000000000000",
                                         "0190f5c0-0000-7000-8000-000000000000-and-more-of-it", "' OR 1=1 --"};

static void expect_nothing_stored(void)
{
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM pins"), 0));
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM contents"), 0));
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM accounts"), 0));
    cr_expect(eq(i64, pins_number("SELECT coalesce(sum(promised), 0) FROM budget"), 0));
    cr_expect(eq(uint, pins_wakes, 0u));
}

static int forbid(void *arg, int action, const char *a, const char *b, const char *c, const char *d)
{
    (void)arg;
    (void)action;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return SQLITE_DENY;
}

// A read that failed must not look like an account without pins: the client would see its pins gone.
Test(pins, an_account_that_cannot_be_read_is_an_error)
{
    sqlite3 *db = w3p_db_handle(pins_reader);

    cr_assert(eq(i64, w3p_account_find(pins_reader, "alice"), 0));
    cr_assert(eq(int, sqlite3_set_authorizer(db, forbid, NULL), SQLITE_OK)); // the statement is there; its step fails
    cr_assert(eq(i64, w3p_account_find(pins_reader, "alice"), W3P_E_IO));
    cr_assert(eq(int, sqlite3_set_authorizer(db, NULL, NULL), SQLITE_OK));
    sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, 1); // no statement can be prepared any more
    cr_assert(eq(i64, w3p_account_find(pins_reader, "alice"), W3P_E_IO));
}

Test(pins, unknown_requestids)
{
    struct w3p_pin pin;

    for (size_t i = 0; i < sizeof nobody_ids / sizeof *nobody_ids; i++) {
        cr_expect(eq(int, pins_delete("alice", nobody_ids[i]), W3P_E_NOTFOUND));
        cr_expect(eq(int, pins_replace("alice", nobody_ids[i], 1).err, W3P_E_NOTFOUND));
        cr_expect(eq(int, w3p_pins_get(pins_reader, &pin, 1, nobody_ids[i]), W3P_E_NOTFOUND));
    }
    expect_nothing_stored();
    cr_expect(eq(i64, w3p_account_find(pins_reader, "alice"), 0));
}

Test(pins, impossible_size)
{
    struct w3p_cid cid = pins_cid(1);
    struct w3p_pin_spec spec = {
        .identity = "alice", .cid_text = pins_cid_text(1), .cid = &cid, .size = (uint64_t)INT64_MAX + 1};

    struct pins_result result = pins_add_spec(&spec);
    cr_expect(eq(int, result.err, W3P_E_RANGE));
    cr_expect(not(result.has_pin));
    expect_nothing_stored();
}

Test(pins, full_queue)
{
    struct w3p_cid cid = pins_cid(1);
    struct w3p_pin_spec spec = {.identity = "alice", .cid_text = pins_cid_text(1), .cid = &cid};

    pins_store_conf.queue_max = 0;
    pins_reopen();
    cr_expect(eq(int, w3p_pins_add(pins_under_test, &spec, NULL, NULL), W3P_E_BUSY));
    cr_expect(eq(int, w3p_pins_replace(pins_under_test, "x", &spec, NULL, NULL), W3P_E_BUSY));
    cr_expect(eq(int, w3p_pins_delete(pins_under_test, "alice", "x", NULL, NULL), W3P_E_BUSY));
}

Test(pins, status_names)
{
    enum w3p_pin_status status = W3P_PIN_FAILED;

    cr_expect(eq(int, w3p_pin_status_parse(&status, "pinne", 5), W3P_E_INVALID));
    cr_expect(eq(int, w3p_pin_status_parse(&status, "Pinned", 6), W3P_E_INVALID));
    cr_expect(eq(int, w3p_pin_status_parse(&status, "", 0), W3P_E_INVALID));
    cr_expect(eq(int, status, W3P_PIN_FAILED));
    for (unsigned i = W3P_PIN_QUEUED; i <= W3P_PIN_FAILED; i++) {
        const char *name = w3p_pin_status_name((enum w3p_pin_status)i);
        cr_expect(eq(int, w3p_pin_status_parse(&status, name, strlen(name)), W3P_OK));
        cr_expect(eq(int, status, (int)i));
    }
    cr_expect(eq(str, (char *)w3p_pin_status_name((enum w3p_pin_status)17), "queued"));
}

Test(pins, everything_comes_back)
{
    struct w3p_cid cid = pins_cid(7);
    struct w3p_pin_spec spec = {.identity = "alice",
                                .cid_text = "the client's own spelling",
                                .cid = &cid,
                                .name = "a 'quoted' % name ☂",
                                .meta = "{\"app\":\"x\"}",
                                .origins = "[\"/ip4/1.2.3.4/tcp/4001/p2p/Qm\"]",
                                .size = 4096};
    struct w3p_pin pin;

    struct pins_result result = pins_add_spec(&spec);
    cr_assert(eq(int, result.err, W3P_OK));
    cr_expect(eq(int, result.status, W3P_PIN_QUEUED));
    cr_expect(eq(i64, result.created_ms, PINS_NOW_MS));
    cr_expect(eq(int, w3p_uuid_check(result.requestid, 36), W3P_OK));
    cr_expect(eq(uint, pins_wakes, 1u));
    cr_assert(
        eq(int, w3p_pins_get(pins_reader, &pin, w3p_account_find(pins_reader, "alice"), result.requestid), W3P_OK));
    cr_expect(eq(str, pin.requestid, result.requestid));
    cr_expect(eq(str, pin.cid, "the client's own spelling"));
    cr_expect(eq(str, pin.name, (char *)spec.name));
    cr_expect(eq(str, pin.meta, (char *)spec.meta));
    cr_expect(eq(str, pin.origins, (char *)spec.origins));
    cr_expect(eq(str, (char *)pin.details, (char *)w3p_content_state_words(W3P_CONTENT_QUEUED)));
    cr_expect(eq(u64, pin.order_size, 4096));
    cr_expect(pin.error == NULL);
    cr_expect(not(pin.has_replicas));
    cr_expect(not(pin.has_order));
    w3p_pin_deinit(&pin);
}

Test(pins, tenants_do_not_meet)
{
    struct w3p_pin pin;
    struct pins_result alice = pins_add("alice", 1, "a", NULL), bob = pins_add("bob", 1, "b", NULL);
    int64_t alice_id = w3p_account_find(pins_reader, "alice"), bob_id = w3p_account_find(pins_reader, "bob");

    cr_assert(alice_id > 0 && bob_id > 0 && alice_id != bob_id);
    cr_expect(eq(int, w3p_pins_get(pins_reader, &pin, bob_id, alice.requestid), W3P_E_NOTFOUND));
    cr_expect(eq(int, pins_delete("bob", alice.requestid), W3P_E_NOTFOUND));
    cr_expect(eq(int, pins_delete("carol", alice.requestid), W3P_E_NOTFOUND));
    cr_expect(eq(int, pins_replace("bob", alice.requestid, 2).err, W3P_E_NOTFOUND));
    cr_expect(eq(int, pins_replace("carol", alice.requestid, 2).err, W3P_E_NOTFOUND));
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM pins"), 2));
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM contents"), 1)); // nothing of the refused replacements
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM accounts"), 2));
    cr_expect(eq(int, pins_delete("alice", alice.requestid), W3P_OK));
    cr_expect(eq(int, pins_delete("alice", alice.requestid), W3P_E_NOTFOUND));
    cr_assert(eq(int, w3p_pins_get(pins_reader, &pin, bob_id, bob.requestid), W3P_OK));
    cr_expect(eq(str, pin.name, "b"));
    w3p_pin_deinit(&pin);
}

static void count_done(void *arg, int err, const struct w3p_pin *pin)
{
    (void)pin;
    if (err == W3P_OK)
        sem_post(arg);
}

// Clients page by `created`: a thousand pins in one millisecond, and a clock that goes back.
Test(pins, created_is_unique_and_rises)
{
    sem_t ended;

    sem_init(&ended, 0, 0);
    for (unsigned i = 0; i < 1000; i++) {
        struct w3p_cid cid = pins_cid(i);
        struct w3p_pin_spec spec = {.identity = "alice", .cid_text = "x", .cid = &cid};
        cr_assert(eq(int, w3p_pins_add(pins_under_test, &spec, count_done, &ended), W3P_OK));
    }
    for (unsigned i = 0; i < 1000; i++)
        sem_wait(&ended);
    cr_expect(eq(i64, pins_number("SELECT count(DISTINCT created_ms) FROM pins"), 1000));
    cr_expect(eq(i64, pins_number("SELECT max(created_ms) FROM pins"), PINS_NOW_MS + 999));
    cr_expect(eq(i64,
                 pins_number("SELECT count(*) FROM pins a JOIN pins b ON b.content = a.content + 1"
                             " WHERE b.created_ms <= a.created_ms"),
                 0));
    pins_now_ms -= 3600000;
    struct pins_result back = pins_add("alice", 1, NULL, NULL);
    cr_expect(eq(i64, back.created_ms, PINS_NOW_MS + 1000));
    cr_expect(eq(i64, pins_add("bob", 1, NULL, NULL).created_ms, pins_now_ms)); // each account its own
    cr_expect(eq(int, pins_delete("alice", back.requestid), W3P_OK));
    cr_expect(eq(i64, pins_add("alice", 1, NULL, NULL).created_ms, PINS_NOW_MS + 1001)); // never again
}

Test(pins, quota_of_the_day)
{
    pins_conf.pins_per_day = 3;
    pins_reopen();
    for (unsigned i = 0; i < 3; i++)
        cr_expect(eq(int, pins_add("alice", i, NULL, NULL).err, W3P_OK));
    struct pins_result fourth = pins_add("alice", 4, NULL, NULL);
    cr_expect(eq(int, fourth.err, W3P_E_FORBIDDEN));
    cr_expect(not(fourth.has_pin));
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM contents"), 3));
    cr_expect(eq(i64, pins_number("SELECT pins_today FROM accounts"), 3)); // a refused one does not count
    cr_expect(eq(int, pins_add("bob", 4, NULL, NULL).err, W3P_OK));
    pins_now_ms -= 86400000; // the clock is set back: still the same three
    cr_expect(eq(int, pins_add("alice", 4, NULL, NULL).err, W3P_E_FORBIDDEN));
    for (unsigned i = 5; i < 7; i++)
        cr_expect(eq(int, pins_add("bob", i, NULL, NULL).err, W3P_OK));
    pins_now_ms += 86400000; // and forth again
    cr_expect(eq(int, pins_add("bob", 7, NULL, NULL).err, W3P_E_FORBIDDEN));
    pins_now_ms += 86400000;
    for (unsigned i = 0; i < 3; i++)
        cr_expect(eq(int, pins_add("alice", 4 + i, NULL, NULL).err, W3P_OK));
    cr_expect(eq(int, pins_add("alice", 7, NULL, NULL).err, W3P_E_FORBIDDEN));
}

// A clock that was years ahead for a moment must not make one day of all that time.
Test(pins, quota_after_a_clock_that_was_far_ahead)
{
    struct w3p_account_use use;

    pins_conf.pins_per_day = 2;
    pins_reopen();
    pins_now_ms += 400 * 86400000LL;
    for (unsigned i = 0; i < 2; i++)
        cr_expect(eq(int, pins_add("alice", i, NULL, NULL).err, W3P_OK));
    pins_now_ms -= 400 * 86400000LL;
    cr_assert(eq(int, w3p_account_use(pins_reader, &use, "alice", w3p_clock_day(pins_now_ms)), W3P_OK));
    cr_expect(eq(u64, use.pins_today, 0));
    for (unsigned i = 2; i < 4; i++)
        cr_expect(eq(int, pins_add("alice", i, NULL, NULL).err, W3P_OK));
    cr_assert(eq(int, w3p_account_use(pins_reader, &use, "alice", w3p_clock_day(pins_now_ms)), W3P_OK));
    cr_expect(eq(u64, use.pins_today, 2));
    cr_expect(eq(int, pins_add("alice", 4, NULL, NULL).err, W3P_E_FORBIDDEN));
    pins_now_ms += 86400000;
    cr_expect(eq(int, pins_add("alice", 4, NULL, NULL).err, W3P_OK));
}

Test(pins, money_of_the_day)
{
    pins_conf.planck_per_day = 250;
    pins_reopen();
    pins_price = 100;
    cr_expect(eq(int, pins_add("alice", 1, NULL, NULL).err, W3P_OK));
    cr_expect(eq(int, pins_add("bob", 1, NULL, NULL).err, W3P_OK)); // one order serves both: no second promise
    cr_expect(eq(i64, pins_number("SELECT sum(promised) FROM budget"), 100));
    cr_expect(eq(int, pins_add("bob", 2, NULL, NULL).err, W3P_OK));
    struct pins_result third = pins_add("carol", 3, NULL, NULL);
    cr_expect(eq(int, third.err, W3P_E_FUNDS));
    cr_expect(not(third.has_pin));
    cr_expect(eq(i64, pins_number("SELECT sum(promised) FROM budget"), 200));
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM contents"), 2));
    cr_expect(eq(i64, w3p_account_find(pins_reader, "carol"), 0)); // undone whole
    cr_expect(eq(uint, pins_wakes, 2u));
    cr_expect(eq(int, pins_add("carol", 2, NULL, NULL).err, W3P_OK)); // what is ordered costs nothing more
    pins_price = 0;                                                   // not known: nothing to promise
    cr_expect(eq(int, pins_add("carol", 3, NULL, NULL).err, W3P_OK));
    pins_price = 100;
    cr_expect(eq(int, pins_add("carol", 4, NULL, NULL).err, W3P_E_FUNDS));
    pins_now_ms += 86400000;
    cr_expect(eq(int, pins_add("carol", 4, NULL, NULL).err, W3P_OK));
}

// Whoever pins and unpins all day must not use up the money of all.
Test(pins, money_of_what_is_not_ordered_is_given_back)
{
    pins_conf.planck_per_day = 250;
    pins_reopen();
    pins_price = 100;
    for (unsigned i = 0; i < 10; i++) {
        struct pins_result one = pins_add("alice", i, NULL, NULL);
        cr_assert(eq(int, one.err, W3P_OK), "%u", i);
        cr_expect(eq(i64, pins_number("SELECT sum(promised) FROM budget"), 100));
        one = pins_replace("alice", one.requestid, 100 + i);
        cr_assert(eq(int, one.err, W3P_OK), "%u", i);
        cr_expect(eq(i64, pins_number("SELECT sum(promised) FROM budget"), 100));
        if (i % 2 == 0)
            pins_now_ms += 86400000; // given back to the day that it was taken from
        cr_expect(eq(int, pins_delete("alice", one.requestid), W3P_OK));
        cr_expect(eq(i64, pins_number("SELECT sum(promised) FROM budget"), 0));
    }
    pins_add("alice", 1, NULL, NULL);
    struct pins_result bob = pins_add("bob", 1, NULL, NULL);
    cr_expect(eq(int, pins_delete("bob", bob.requestid), W3P_OK)); // alice still wants it
    cr_expect(eq(i64, pins_number("SELECT sum(promised) FROM budget"), 100));
}

static bool below_a_thousand(void *arg, uint64_t size)
{
    (void)arg;
    return size < 1000;
}

// A tenant who says an impossible size must not fail the pins of the others that wait for the same content.
Test(pins, impossible_sizes_are_their_own_pins_trouble)
{
    struct w3p_cid cid = pins_cid(1);
    struct w3p_pin_spec alice = {.identity = "alice", .cid_text = pins_cid_text(1), .cid = &cid, .size = 500},
                        bob = {.identity = "bob", .cid_text = pins_cid_text(1), .cid = &cid, .size = 600},
                        eve = {.identity = "eve", .cid_text = pins_cid_text(1), .cid = &cid, .size = 1000};

    pins_conf.orderable = below_a_thousand;
    pins_reopen();
    cr_expect(eq(int, pins_add_spec(&alice).err, W3P_OK));
    cr_expect(eq(int, pins_add_spec(&eve).err, W3P_OK));
    cr_expect(eq(i64, pins_number("SELECT size FROM contents"), 500));
    cr_expect(eq(int, pins_add_spec(&bob).err, W3P_OK));
    cr_expect(eq(i64, pins_number("SELECT size FROM contents"), 600));
    cid = pins_cid(2);
    cr_expect(eq(int, pins_add_spec(&eve).err, W3P_OK)); // alone, it says so and fails with words
    cr_expect(eq(i64, pins_number("SELECT max(size) FROM contents"), 1000));
}

// Both spellings of a dag-pb content are one content; each pin keeps its client's spelling.
Test(pins, one_content_for_both_spellings)
{
    static const char v0_text[] = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG";
    char v1_text[W3P_CID_ORDER_MAX];
    struct w3p_cid v0, v1;
    struct w3p_pin pin;

    cr_assert(eq(int, w3p_cid_parse(&v0, NULL, v0_text, strlen(v0_text)), W3P_OK));
    cr_assert(w3p_cid_format_alternate(v1_text, &v0));
    cr_assert(eq(int, w3p_cid_parse(&v1, NULL, v1_text, strlen(v1_text)), W3P_OK));
    struct w3p_pin_spec one = {.identity = "alice", .cid_text = v1_text, .cid = &v1};
    struct w3p_pin_spec two = {.identity = "alice", .cid_text = v0_text, .cid = &v0};
    struct pins_result first = pins_add_spec(&one), second = pins_add_spec(&two);
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM contents"), 1));
    cr_expect(eq(i64, pins_number("SELECT pins FROM contents"), 2));
    cr_expect(eq(uint, pins_wakes, 1u)); // one order
    int64_t alice = w3p_account_find(pins_reader, "alice");
    cr_assert(eq(int, w3p_pins_get(pins_reader, &pin, alice, first.requestid), W3P_OK));
    cr_expect(eq(str, pin.cid, v1_text));
    w3p_pin_deinit(&pin);
    cr_assert(eq(int, w3p_pins_get(pins_reader, &pin, alice, second.requestid), W3P_OK));
    cr_expect(eq(str, pin.cid, (char *)v0_text));
    w3p_pin_deinit(&pin);
}

static const struct {
    enum w3p_content_state state;
    enum w3p_pin_status status;
} states[] = {
    {W3P_CONTENT_SIGNED, W3P_PIN_QUEUED},    {W3P_CONTENT_SUBMITTED, W3P_PIN_QUEUED},
    {W3P_CONTENT_IN_BLOCK, W3P_PIN_PINNING}, {W3P_CONTENT_FINAL, W3P_PIN_PINNING},
    {W3P_CONTENT_STORED, W3P_PIN_PINNED},    {W3P_CONTENT_RENEWING, W3P_PIN_PINNED},
    {W3P_CONTENT_REJECTED, W3P_PIN_FAILED},  {W3P_CONTENT_QUEUED, W3P_PIN_QUEUED},
};

// A state of the content is the status of all its pins, and of a new one from its first answer on.
Test(pins, status_follows_the_content)
{
    char sql[80];
    unsigned pins = 2;

    pins_add("alice", 1, NULL, NULL);
    pins_add("bob", 1, NULL, NULL);
    pins_add("bob", 2, NULL, NULL);
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        pins_set_state(1, states[i].state);
        snprintf(sql, sizeof sql, "SELECT count(*) FROM pins WHERE content=1 AND status=%d", (int)states[i].status);
        cr_expect(eq(i64, pins_number(sql), pins), "state %d", (int)states[i].state);
        if (states[i].state != W3P_CONTENT_REJECTED) {
            unsigned wakes = pins_wakes;
            cr_expect(eq(int, pins_add("carol", 1, NULL, NULL).status, states[i].status));
            cr_expect(eq(uint, pins_wakes, wakes));
            pins++;
        }
        cr_expect(eq(i64, pins_number("SELECT status FROM pins WHERE content=2"), W3P_PIN_QUEUED));
    }
}

// A new POST after `failed` makes a new order, and the pins that had failed wait again.
Test(pins, pin_after_failure_orders_again)
{
    struct pins_result old = pins_add("alice", 1, NULL, NULL);
    struct w3p_pin pin;

    pins_set_state(1, W3P_CONTENT_REJECTED);
    cr_expect(eq(int, pins_add("bob", 1, NULL, NULL).status, W3P_PIN_QUEUED));
    cr_expect(eq(uint, pins_wakes, 2u));
    cr_assert(eq(int, w3p_pins_get(pins_reader, &pin, w3p_account_find(pins_reader, "alice"), old.requestid), W3P_OK));
    cr_expect(eq(int, pin.status, W3P_PIN_QUEUED));
    w3p_pin_deinit(&pin);
}

Test(pins, last_pin_of_a_queued_content_cancels)
{
    struct pins_result alice = pins_add("alice", 1, NULL, NULL), bob = pins_add("bob", 1, NULL, NULL);

    cr_expect(eq(int, pins_delete("alice", alice.requestid), W3P_OK));
    cr_expect(eq(i64, pins_number("SELECT state FROM contents"), W3P_CONTENT_QUEUED));
    cr_expect(eq(int, pins_delete("bob", bob.requestid), W3P_OK));
    cr_expect(eq(i64, pins_number("SELECT state FROM contents"), W3P_CONTENT_IDLE));
    cr_expect(eq(i64, pins_number("SELECT pins FROM contents"), 0));
    cr_expect(eq(int, pins_add("bob", 1, NULL, NULL).status, W3P_PIN_QUEUED));
    cr_expect(eq(i64, pins_number("SELECT state FROM contents"), W3P_CONTENT_QUEUED));
    cr_expect(eq(uint, pins_wakes, 2u));
}

Test(pins, replace)
{
    struct pins_result old = pins_add("alice", 1, "old", NULL);
    struct pins_result new = pins_replace("alice", old.requestid, 2);
    struct w3p_pin pin;
    int64_t alice = w3p_account_find(pins_reader, "alice");

    cr_assert(eq(int, new.err, W3P_OK));
    cr_expect(ne(str, new.requestid, old.requestid));
    cr_expect(lt(i64, old.created_ms, new.created_ms));
    cr_expect(eq(int, w3p_pins_get(pins_reader, &pin, alice, old.requestid), W3P_E_NOTFOUND));
    cr_assert(eq(int, w3p_pins_get(pins_reader, &pin, alice, new.requestid), W3P_OK));
    cr_expect(pin.name == NULL); // nothing is taken over
    w3p_pin_deinit(&pin);
    cr_expect(eq(i64, pins_number("SELECT state FROM contents WHERE id=1"), W3P_CONTENT_IDLE));
    cr_expect(eq(i64, pins_number("SELECT state FROM contents WHERE id=2"), W3P_CONTENT_QUEUED));
    cr_expect(eq(int, pins_replace("alice", old.requestid, 3).err, W3P_E_NOTFOUND)); // gone
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM contents"), 2));
}

// Helia changes metadata by replacing a pin with its own CID. No order is cancelled, none is placed.
Test(pins, replace_with_the_same_content)
{
    struct pins_result old = pins_add("alice", 1, NULL, NULL);

    pins_price = 100;
    struct pins_result new = pins_replace("alice", old.requestid, 1);
    cr_assert(eq(int, new.err, W3P_OK));
    cr_expect(eq(i64, pins_number("SELECT state FROM contents"), W3P_CONTENT_QUEUED));
    cr_expect(eq(i64, pins_number("SELECT pins FROM contents"), 1));
    cr_expect(eq(uint, pins_wakes, 1u));
    cr_expect(eq(i64, pins_number("SELECT coalesce(sum(promised), 0) FROM budget"), 0));
    pins_set_state(1, W3P_CONTENT_STORED);
    cr_expect(eq(int, pins_replace("alice", new.requestid, 1).status, W3P_PIN_PINNED));
    cr_expect(eq(uint, pins_wakes, 1u));
}

// The new pin is refused: the old one is as it was.
Test(pins, replace_is_all_or_nothing)
{
    struct w3p_pin pin;

    pins_conf.pins_per_day = 2;
    pins_conf.planck_per_day = 10;
    pins_reopen();
    struct pins_result old = pins_add("alice", 1, NULL, NULL);
    pins_price = 100;
    cr_expect(eq(int, pins_replace("alice", old.requestid, 2).err, W3P_E_FUNDS));
    pins_price = 0;
    cr_expect(eq(int, pins_add("alice", 3, NULL, NULL).err, W3P_OK));
    cr_expect(eq(int, pins_replace("alice", old.requestid, 2).err, W3P_E_FORBIDDEN));
    int64_t alice = w3p_account_find(pins_reader, "alice");
    cr_assert(eq(int, w3p_pins_get(pins_reader, &pin, alice, old.requestid), W3P_OK));
    w3p_pin_deinit(&pin);
    cr_expect(eq(i64, pins_number("SELECT pins FROM contents WHERE id=1"), 1));
    cr_expect(eq(i64, pins_number("SELECT state FROM contents WHERE id=1"), W3P_CONTENT_QUEUED));
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM contents"), 2));
}

static int get(const char *identity, const char *requestid)
{
    struct w3p_pin pin = {.cid = NULL};
    int err = w3p_pins_get(pins_reader, &pin, w3p_account_find(pins_reader, identity), requestid);

    if (err == W3P_OK)
        cr_expect(eq(str, pin.requestid, (char *)requestid));
    w3p_pin_deinit(&pin);
    return err;
}

// A pin is found by the time in its id; `created` of an account never repeats, so that time may lie ahead of the clock.
// Ids of gateways that did not take them from there are found, too, and nobody's ids are another's.
Test(pins, found_by_the_time_of_its_id)
{
    struct pins_result first = pins_add("alice", 1, NULL, NULL), second = pins_add("alice", 2, NULL, NULL);
    struct pins_result others = pins_add("bob", 1, NULL, NULL);
    char near[37];

    cr_expect(eq(i64, w3p_uuid7_time(first.requestid), first.created_ms));
    cr_expect(eq(i64, w3p_uuid7_time(second.requestid), first.created_ms + 1));
    cr_expect(eq(i64, w3p_uuid7_time(others.requestid), first.created_ms));
    cr_expect(eq(int, get("alice", first.requestid), W3P_OK));
    cr_expect(eq(int, get("alice", second.requestid), W3P_OK));
    cr_expect(eq(int, get("bob", first.requestid), W3P_E_NOTFOUND));
    cr_expect(eq(int, get("alice", others.requestid), W3P_E_NOTFOUND));
    memcpy(near, first.requestid, sizeof near);
    near[35] = near[35] == '0' ? '1' : '0'; // right time, wrong id
    cr_expect(eq(int, get("alice", near), W3P_E_NOTFOUND));
    pins_sql("UPDATE pins SET requestid = '01900000-0000-7000-8000-000000000000' WHERE account = 1 AND content = 1");
    cr_expect(eq(int, get("alice", "01900000-0000-7000-8000-000000000000"), W3P_OK));
    cr_expect(eq(int, get("bob", "01900000-0000-7000-8000-000000000000"), W3P_E_NOTFOUND));
    cr_expect(eq(int, get("alice", first.requestid), W3P_E_NOTFOUND));
}

// What a client sees of an order, and that what waits for a new one shows nothing of the old.
Test(pins, info_of_an_order)
{
    struct pins_result result = pins_add("alice", 1, NULL, NULL);
    int64_t alice = w3p_account_find(pins_reader, "alice");
    struct w3p_pin pin;

    pins_sql("INSERT INTO extrinsics(id, state, nonce, birth_block, death_block, birth_hash, xt, xt_hash, signer,"
             " created_ms, updated_ms) VALUES(3, 2, 0, 1, 2, x'00', x'01',"
             " x'a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90', 'the signer', 1, 1);"
             "INSERT INTO orders(id, content, tx, item, state, size, reserved, day, created_ms, updated_ms)"
             " VALUES(5, 1, 3, 0, 4, 4000, 0, 0, 1, 1);"
             "UPDATE contents SET order_id=5, replicas=4, replicas_known=1, expires_at_block=999, checked_ms=1234,"
             " error='why not' WHERE id=1");
    pins_set_state(1, W3P_CONTENT_SUBMITTED);
    cr_assert(eq(int, w3p_pins_get(pins_reader, &pin, alice, result.requestid), W3P_OK));
    cr_expect(pin.has_order && pin.order_tx[0] == 0xa1 && pin.order_tx[31] == 0x90);
    cr_expect(eq(str, pin.order_signer, "the signer"));
    cr_expect(not(pin.has_block_hash));
    cr_expect(not(pin.has_event));
    cr_expect(eq(u64, pin.order_block + pin.price_paid + pin.fee_paid, 0));
    w3p_pin_deinit(&pin);
    pins_sql("UPDATE extrinsics SET block = 77, xt_index = 3, block_hash = "
             " x'b1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f91';"
             "UPDATE orders SET price = 123456789, fee = 4321, event = 0");
    pins_set_state(1, W3P_CONTENT_STORED);
    cr_assert(eq(int, w3p_pins_get(pins_reader, &pin, alice, result.requestid), W3P_OK));
    cr_expect(eq(int, pin.status, W3P_PIN_PINNED));
    cr_expect(pin.has_replicas && pin.replicas == 4);
    cr_expect(pin.has_order && pin.order_tx[0] == 0xa1 && pin.order_tx[31] == 0x90);
    cr_expect(eq(u64, pin.order_block, 77));
    cr_expect(pin.has_block_hash && pin.order_block_hash[0] == 0xb1 && pin.order_block_hash[31] == 0x91);
    cr_expect(eq(u64, pin.order_index, 3));
    cr_expect(pin.has_event && pin.order_event == 0);
    cr_expect(eq(u64, pin.order_size, 4000));
    cr_expect(eq(u64, pin.price_paid, 123456789));
    cr_expect(eq(u64, pin.fee_paid, 4321));
    cr_expect(eq(u64, pin.expires_at_block, 999));
    cr_expect(eq(i64, pin.checked_at_ms, 1234));
    cr_expect(eq(str, pin.error, "why not"));
    cr_expect(eq(str, (char *)pin.details, (char *)w3p_content_state_words(W3P_CONTENT_STORED)));
    w3p_pin_deinit(&pin);
    pins_sql("UPDATE extrinsics SET state = 2, block = 0, xt_index = 0, block_hash = NULL"); // out of its block again
    cr_assert(eq(int, w3p_pins_get(pins_reader, &pin, alice, result.requestid), W3P_OK));
    cr_expect(not(pin.has_block_hash));
    cr_expect(eq(u64, pin.order_block + pin.order_index, 0));
    w3p_pin_deinit(&pin);
    pins_set_state(1, W3P_CONTENT_QUEUED);
    cr_assert(eq(int, w3p_pins_get(pins_reader, &pin, alice, result.requestid), W3P_OK));
    cr_expect(not(pin.has_order));
    cr_expect(eq(u64, pin.order_block + pin.price_paid, 0));
    cr_expect(eq(u64, pin.order_size, 2048));
    w3p_pin_deinit(&pin);
}
