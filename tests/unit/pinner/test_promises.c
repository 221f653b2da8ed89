// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what a change of pins promises: a raised size promises more, a replaced pin's promise makes room, what is
// known costs nothing; each to the planck, and a refusal changes nothing. A byte costs one planck here.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "pins_support.h"

#define LATER 1000 // a content that nobody pinned before

static uint64_t available, byte_price;

static uint64_t get_available(void *arg)
{
    (void)arg;
    return available;
}

static uint64_t by_the_byte(void *arg, uint64_t size)
{
    (void)arg;
    return size * byte_price;
}

static void setup(void)
{
    pins_setup();
    pins_conf.available = get_available;
    pins_conf.estimate = by_the_byte;
    available = UINT64_MAX;
    byte_price = 1;
    pins_reopen();
}

TestSuite(promises, .init = setup, .fini = pins_teardown, .timeout = 30);

static struct pins_result add(const char *identity, unsigned n, uint64_t size)
{
    struct w3p_cid cid = pins_cid(n);
    struct w3p_pin_spec spec = {.identity = identity, .cid_text = pins_cid_text(n), .cid = &cid, .size = size};

    return pins_add_spec(&spec);
}

static struct pins_result replace(const char *identity, const struct pins_result *old, unsigned n, uint64_t size)
{
    struct w3p_cid cid = pins_cid(n);
    struct w3p_pin_spec spec = {.identity = identity, .cid_text = pins_cid_text(n), .cid = &cid, .size = size};

    return pins_replace_spec(old->requestid, &spec);
}

static int64_t promised(void)
{
    int64_t total = pins_number("SELECT planck FROM promised");

    cr_expect(eq(i64, pins_number("SELECT coalesce(sum(promised), 0) FROM contents"), total));
    return total;
}

static int64_t promised_on(int days_ago)
{
    char sql[100];

    snprintf(sql, sizeof sql, "SELECT coalesce(sum(promised), 0) FROM budget WHERE day = %lld",
             (long long)(pins_now_ms / 86400000 - days_ago));
    return pins_number(sql);
}

// ---- a size that is raised ----

Test(promises, a_raise_beyond_the_balance_is_refused_and_changes_nothing)
{
    cr_assert(eq(int, add("alice", 1, 1000).err, W3P_OK));
    available = 2019; // for 2000, with one in a hundred more, a planck is missing
    cr_expect(eq(int, add("bob", 1, 2000).err, W3P_E_FUNDS));
    cr_expect(eq(i64, promised(), 1000));
    cr_expect(eq(i64, pins_number("SELECT size * 10 + pins FROM contents"), 10001));
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM pins"), 1));
    available = 2020;
    cr_expect(eq(int, add("bob", 1, 2000).err, W3P_OK));
    cr_expect(eq(i64, promised(), 2000));
    cr_expect(eq(i64, pins_number("SELECT size * 10 + pins FROM contents"), 20002));
}

Test(promises, a_raise_beyond_the_day_is_refused_and_changes_nothing)
{
    pins_conf.planck_per_day = 2999;
    pins_reopen();
    cr_assert(eq(int, add("alice", 1, 1000).err, W3P_OK));
    cr_assert(eq(int, add("alice", 2, 1000).err, W3P_OK));
    cr_expect(eq(int, add("bob", 1, 2000).err, W3P_E_FUNDS));
    cr_expect(eq(i64, promised(), 2000));
    cr_expect(eq(int, add("bob", 1, 1999).err, W3P_OK)); // the day's last planck
    cr_expect(eq(i64, promised_on(0), 2999));
    cr_expect(eq(int, add("bob", 3, 1).err, W3P_E_FUNDS));
}

Test(promises, a_raised_size_raises_the_promise)
{
    cr_assert(eq(int, add("alice", 1, 1000).err, W3P_OK));
    cr_assert(eq(int, add("alice", 1, 3000).err, W3P_OK));
    cr_expect(eq(i64, promised(), 3000));
    cr_expect(eq(i64, promised_on(0), 3000));
    // no larger: nothing moves, at whatever price
    byte_price = 7;
    cr_assert(eq(int, add("bob", 1, 3000).err, W3P_OK));
    cr_assert(eq(int, add("bob", 1, 5).err, W3P_OK));
    cr_expect(eq(i64, promised(), 3000));
    // on another day it is that day's money
    byte_price = 1;
    pins_now_ms += 86400000;
    cr_assert(eq(int, add("carol", 1, 4000).err, W3P_OK));
    cr_expect(eq(i64, promised(), 4000));
    cr_expect(eq(i64, promised_on(1), 0));
    cr_expect(eq(i64, promised_on(0), 4000));
    pins_now_ms -= 86400000;
}

Test(promises, a_raise_at_a_price_that_is_not_known_keeps_the_promise)
{
    cr_assert(eq(int, add("alice", 1, 1000).err, W3P_OK));
    byte_price = 0;
    cr_assert(eq(int, add("bob", 1, 3000).err, W3P_OK));
    cr_expect(eq(i64, promised(), 1000));
    // and one that was made without a price is made whole by the next raise
    cr_assert(eq(int, add("bob", 2, 1000).err, W3P_OK));
    cr_expect(eq(i64, promised(), 1000));
    byte_price = 1;
    cr_assert(eq(int, add("alice", 2, 1001).err, W3P_OK));
    cr_expect(eq(i64, promised(), 2001));
}

// The account whose pin made the content be ordered stays the one that it is counted for.
Test(promises, a_raise_does_not_change_who_pays)
{
    cr_assert(eq(int, add("alice", 1, 1000).err, W3P_OK));
    cr_assert(eq(int, add("bob", 1, 3000).err, W3P_OK));
    cr_expect(eq(i64,
                 pins_number("SELECT count(*) FROM contents c JOIN accounts a ON a.id = c.payer"
                             " WHERE a.identity = 'alice'"),
                 1));
}

// ---- a replacement ----

Test(promises, a_replaced_pins_promise_makes_room)
{
    struct pins_result pin = add("alice", 1, 1000);

    available = 1009; // not even one order
    cr_expect(eq(int, replace("alice", &pin, 2, 1000).err, W3P_E_FUNDS));
    cr_expect(eq(i64, pins_number("SELECT state * 10 + pins FROM contents WHERE id = 1"), 11)); // as it was
    cr_expect(eq(i64, promised(), 1000));
    available = 1010; // one of them
    struct pins_result next = replace("alice", &pin, 2, 1000);
    cr_assert(eq(int, next.err, W3P_OK));
    cr_expect(eq(i64, promised(), 1000));
    cr_expect(eq(i64, pins_number("SELECT promised FROM contents WHERE id = 1"), 0));
    cr_expect(eq(int, replace("alice", &next, 3, 1001).err, W3P_E_FUNDS));
    cr_expect(eq(int, replace("alice", &next, 3, 999).err, W3P_OK));
    cr_expect(eq(i64, promised(), 999));
}

Test(promises, a_replaced_pins_promise_makes_room_in_the_day_that_it_was_made)
{
    pins_conf.planck_per_day = 1000;
    pins_reopen();
    struct pins_result pin = add("alice", 1, 1000);

    pin = replace("alice", &pin, 2, 1000);
    cr_assert(eq(int, pin.err, W3P_OK));
    cr_expect(eq(i64, promised_on(0), 1000));
    pins_now_ms += 86400000;
    cr_assert(eq(int, add("bob", 3, 1).err, W3P_OK));
    cr_expect(eq(int, replace("alice", &pin, 4, 1000).err, W3P_E_FUNDS)); // yesterday's room is not today's
    cr_expect(eq(int, replace("alice", &pin, 4, 999).err, W3P_OK));
    cr_expect(eq(i64, promised_on(0), 1000));
    cr_expect(eq(i64, promised_on(1), 0));
    pins_now_ms -= 86400000;
}

Test(promises, no_room_is_made_by_what_others_want_or_what_is_ordered)
{
    struct pins_result pin = add("alice", 1, 1000);

    cr_assert(eq(int, add("bob", 1, 1000).err, W3P_OK));
    available = 2019;
    cr_expect(eq(int, replace("alice", &pin, 2, 1000).err, W3P_E_FUNDS));
    available = 2020;
    pin = replace("alice", &pin, 2, 1000);
    cr_assert(eq(int, pin.err, W3P_OK));
    cr_expect(eq(i64, promised(), 2000));
    pins_sql("UPDATE contents SET promised = 0 WHERE id = 2"); // as when it is signed
    pins_set_state(2, W3P_CONTENT_SIGNED);
    available = 2019;
    cr_expect(eq(int, replace("alice", &pin, 3, 1000).err, W3P_E_FUNDS));
    available = 2020;
    cr_expect(eq(int, replace("alice", &pin, 3, 1000).err, W3P_OK));
    cr_expect(eq(i64, pins_number("SELECT state FROM contents WHERE id = 2"), W3P_CONTENT_SIGNED));
}

Test(promises, what_is_known_costs_and_promises_nothing)
{
    static const enum w3p_content_state known[] = {W3P_CONTENT_QUEUED,   W3P_CONTENT_SIGNED, W3P_CONTENT_SUBMITTED,
                                                   W3P_CONTENT_IN_BLOCK, W3P_CONTENT_FINAL,  W3P_CONTENT_STORED,
                                                   W3P_CONTENT_RENEWING};
    enum { STATES = sizeof known / sizeof known[0] };
    struct pins_result mine[STATES], other;

    for (unsigned i = 0; i < STATES; i++) {
        mine[i] = add("alice", i, 1000);
        other = add("bob", i, 1000);
        cr_assert(eq(int, mine[i].err + other.err, W3P_OK));
        pins_set_state(i, known[i]);
    }
    pins_sql("UPDATE contents SET promised = 0 WHERE state <> 1");
    struct pins_result loose = add("alice", LATER, 1);
    cr_assert(eq(int, loose.err, W3P_OK));
    available = 1000; // less than what is promised with its margin: nothing new is possible
    cr_assert(eq(int, add("alice", LATER + 1, 1).err, W3P_E_FUNDS));
    for (unsigned i = 0; i < STATES; i++) {
        // its own CID with other words: neither its order nor its money moves
        mine[i] = replace("alice", &mine[i], i, 1000);
        cr_expect(eq(int, mine[i].err, W3P_OK), "%u", i);
        cr_expect(eq(i64, promised(), 1001), "%u", i);
        cr_expect(eq(int, mine[i].status, i < 3 ? W3P_PIN_QUEUED : i < 5 ? W3P_PIN_PINNING : W3P_PIN_PINNED), "%u", i);
    }
    // one queued pin after the other becomes one of a content that is known
    loose = replace("alice", &loose, STATES - 2, 5000); // stored: larger than it was ordered, and still no order
    cr_assert(eq(int, loose.err, W3P_OK));
    cr_expect(eq(i64, promised(), 1000));
    cr_expect(eq(i64, pins_number("SELECT sum(state <> 1 AND promised > 0) FROM contents"), 0));
    // the only pin of a queued content, replaced by itself: not cancelled
    available = UINT64_MAX;
    loose = add("carol", LATER + 2, 10);
    byte_price = 2; // a promise that is kept is not made again
    loose = replace("carol", &loose, LATER + 2, 10);
    cr_expect(eq(int, loose.err, W3P_OK));
    cr_expect(eq(i64, promised(), 1010));
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM contents WHERE state = 1 AND pins = 1 AND promised = 10"), 1));
}

Test(promises, a_replacement_by_itself_with_a_larger_size_promises_the_rest)
{
    struct pins_result pin = add("alice", 1, 1000);

    available = 1514;
    cr_expect(eq(int, replace("alice", &pin, 1, 1500).err, W3P_E_FUNDS));
    available = 1515;
    cr_expect(eq(int, replace("alice", &pin, 1, 1500).err, W3P_OK));
    cr_expect(eq(i64, promised(), 1500));
}

// ---- what one account may promise in a day ----

static struct w3p_account_use use_of(const char *identity)
{
    struct w3p_account_use use;

    cr_assert(eq(int, w3p_account_use(pins_reader, &use, identity, pins_now_ms / 86400000), W3P_OK));
    return use;
}

static void set_account_limit(uint64_t planck)
{
    pins_conf.account_planck_per_day = planck;
    pins_reopen();
}

Test(promises, an_account_has_its_planck_of_the_day_and_none_more)
{
    set_account_limit(3000);
    cr_assert(eq(int, add("alice", 1, 1000).err, W3P_OK));
    cr_expect(eq(int, add("alice", 2, 3001).err, W3P_E_LIMIT)); // alone too much
    cr_expect(eq(int, add("alice", 2, 2001).err, W3P_E_LIMIT)); // by a planck
    cr_expect(eq(u64, use_of("alice").promised_today, 1000));
    cr_expect(eq(u64, use_of("alice").pins_today, 1)); // undone whole
    cr_expect(eq(i64, promised(), 1000));
    cr_expect(eq(i64, promised_on(0), 1000));
    cr_expect(eq(int, add("alice", 2, 2000).err, W3P_OK)); // the last planck
    cr_expect(eq(u64, use_of("alice").promised_today, 3000));
    cr_expect(eq(int, add("alice", 3, 1).err, W3P_E_LIMIT));
    cr_expect(eq(int, add("alice", 1, 1000).err, W3P_OK)); // known: costs nothing
    cr_expect(eq(u64, use_of("alice").promised_today, 3000));
    // another account has its own
    cr_expect(eq(u64, use_of("bob").promised_today, 0));
    cr_expect(eq(int, add("bob", 4, 3000).err, W3P_OK));
    cr_expect(eq(int, add("bob", 5, 1).err, W3P_E_LIMIT));
    cr_expect(eq(i64, promised(), 6000));
    pins_reopen(); // a restart forgets nothing
    cr_expect(eq(u64, use_of("alice").promised_today, 3000));
    cr_expect(eq(int, add("alice", 3, 1).err, W3P_E_LIMIT));
    set_account_limit(0); // no limit
    cr_expect(eq(int, add("alice", 3, 1).err, W3P_OK));
    cr_expect(eq(u64, use_of("alice").promised_today, 3001));
}

Test(promises, an_accounts_planck_come_anew_with_the_day)
{
    struct pins_result late;

    set_account_limit(1000);
    late = add("alice", 1, 1000);
    cr_assert(eq(int, late.err, W3P_OK));
    pins_now_ms += 86400000;
    cr_expect(eq(u64, use_of("alice").promised_today, 0));
    cr_assert(eq(int, add("alice", 2, 600).err, W3P_OK));
    cr_expect(eq(int, pins_delete("alice", late.requestid), W3P_OK)); // yesterday's makes no room today
    cr_expect(eq(u64, use_of("alice").promised_today, 600));
    cr_expect(eq(int, add("alice", 3, 401).err, W3P_E_LIMIT));
    cr_expect(eq(int, add("alice", 3, 400).err, W3P_OK));
    pins_now_ms -= 86400000; // a clock that is set back gives nothing anew …
    cr_expect(eq(u64, use_of("alice").promised_today, 1000));
    cr_expect(eq(int, add("alice", 4, 1).err, W3P_E_LIMIT));
    pins_now_ms += 400 * 86400000LL; // … and one that went wrong by far keeps nobody out
    cr_expect(eq(int, add("alice", 4, 1000).err, W3P_OK));
    pins_now_ms -= 400 * 86400000LL;
    cr_expect(eq(u64, use_of("alice").promised_today, 0));
    cr_expect(eq(int, add("alice", 5, 1000).err, W3P_OK));
    cr_expect(eq(int, add("alice", 6, 1).err, W3P_E_LIMIT));
}

Test(promises, what_is_not_ordered_is_given_back_to_the_account)
{
    struct pins_result pin, raised;

    set_account_limit(1000);
    pin = add("alice", 1, 1000);
    cr_assert(eq(int, pin.err, W3P_OK));
    cr_expect(eq(int, replace("alice", &pin, 2, 1001).err, W3P_E_LIMIT));
    pin = replace("alice", &pin, 2, 1000);
    cr_assert(eq(int, pin.err, W3P_OK));
    cr_expect(eq(u64, use_of("alice").promised_today, 1000));
    cr_expect(eq(int, pins_delete("alice", pin.requestid), W3P_OK));
    cr_expect(eq(u64, use_of("alice").promised_today, 0));
    // with the clock set back, too
    pin = add("alice", 1, 700);
    pins_now_ms -= 86400000;
    raised = add("alice", 2, 300);
    cr_expect(eq(u64, use_of("alice").promised_today, 1000));
    cr_expect(eq(int, pins_delete("alice", raised.requestid), W3P_OK));
    cr_expect(eq(u64, use_of("alice").promised_today, 700));
    pins_now_ms += 86400000;
    // what is signed is not given back
    pins_sql("UPDATE contents SET promised = 0 WHERE id = 1");
    pins_set_state(1, W3P_CONTENT_SIGNED);
    cr_expect(eq(int, pins_delete("alice", pin.requestid), W3P_OK));
    cr_expect(eq(u64, use_of("alice").promised_today, 700));
    cr_expect(eq(int, add("alice", 3, 301).err, W3P_E_LIMIT));
    cr_expect(eq(int, add("alice", 3, 300).err, W3P_OK));
}

// Nobody uses up another one's planck.
Test(promises, a_raised_promise_is_the_accounts_that_raised_it)
{
    set_account_limit(3000);
    cr_assert(eq(int, add("alice", 1, 1000).err, W3P_OK));
    cr_assert(eq(int, add("alice", 1, 2000).err, W3P_OK)); // her own: the difference
    cr_expect(eq(u64, use_of("alice").promised_today, 2000));
    cr_expect(eq(int, add("bob", 1, 3001).err, W3P_E_LIMIT));
    cr_expect(eq(u64, use_of("alice").promised_today, 2000)); // as it was
    cr_assert(eq(int, add("bob", 1, 3000).err, W3P_OK));
    cr_expect(eq(u64, use_of("alice").promised_today, 0));
    cr_expect(eq(u64, use_of("bob").promised_today, 3000));
    cr_expect(eq(i64, promised(), 3000));
}

// The operator's second try is nobody's: neither counted, nor given back to whose pin it was once.
Test(promises, a_second_try_counts_for_no_account)
{
    enum w3p_requeue what = W3P_REQUEUE_UNWANTED;
    struct pins_result pin;

    set_account_limit(1000);
    pin = add("alice", 1, 1000);
    cr_assert(eq(int, pin.err, W3P_OK));
    pins_sql("UPDATE contents SET promised = 0 WHERE id = 1");
    pins_set_state(1, W3P_CONTENT_REJECTED);
    cr_assert(eq(int, w3p_pins_retry(pins_under_test, &what, 1), W3P_OK));
    cr_assert(eq(int, what, W3P_REQUEUE_QUEUED));
    cr_expect(eq(i64, promised(), 1000));
    cr_expect(eq(u64, use_of("alice").promised_today, 1000));
    cr_expect(eq(int, pins_delete("alice", pin.requestid), W3P_OK));
    cr_expect(eq(i64, promised(), 0));
    cr_expect(eq(u64, use_of("alice").promised_today, 1000));
}
