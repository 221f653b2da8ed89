// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: replaced pins that wait for each other: who is held, until when, and what lets go of it.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "pins_support.h"
#include "repin_store.h"
#include "store/db.h"

#define WAIT_S 3600
#define WAIT_MS (WAIT_S * 1000)

static void setup(void)
{
    pins_setup();
    pins_conf.repin_wait_s = WAIT_S;
    pins_reopen();
}

TestSuite(repin, .init = setup, .fini = pins_teardown, .timeout = 60);

static int64_t number_of(unsigned content, const char *column)
{
    char sql[W3P_CID_ORDER_MAX + 100];

    (void)snprintf(sql, sizeof sql, "SELECT coalesce(%s, 0) FROM contents WHERE cid='%s'", column,
                   pins_cid_text(content));
    return pins_number(sql);
}

static int64_t held(unsigned content)
{
    return number_of(content, "held_until_ms");
}

struct order_job {
    struct w3p_write write;
    int64_t content_id;
};

static int run_order(struct w3p_write *self, struct w3p_db *db)
{
    return w3p_repin_ordered(db, ((struct order_job *)self)->content_id, pins_now_ms);
}

// What the engine does when it signs, and what follows.
static void order(unsigned content)
{
    struct order_job job = {.write = {.run = run_order}, .content_id = number_of(content, "id")};

    cr_assert(eq(int, w3p_store_write_wait(pins_store, &job.write), W3P_OK));
    pins_set_state(content, W3P_CONTENT_FINAL);
}

static struct pins_result replace(const char *identity, const struct pins_result *old, unsigned content)
{
    struct pins_result result = pins_replace(identity, old->requestid, content);

    cr_assert(eq(int, result.err, W3P_OK));
    return result;
}

// Alice's content 1, replaced by 2, which was ordered just now.
static struct pins_result replaced_and_ordered(void)
{
    struct pins_result pin = pins_add("alice", 1, NULL, NULL);

    order(1);
    pin = replace("alice", &pin, 2);
    cr_expect(eq(i64, held(2), 0)); // the first one is not held
    order(2);
    return pin;
}

Test(repin, one_order_within_the_wait_and_the_last_state_is_the_one)
{
    pins_price = 100;
    struct pins_result pin = replaced_and_ordered();
    int64_t due_ms = pins_now_ms + WAIT_MS;

    for (unsigned i = 3; i < 12; i++) {
        pins_now_ms += 300000;
        pin = replace("alice", &pin, i);
        cr_expect(eq(i64, held(i), due_ms), "%u", i);
        cr_expect(eq(i64, number_of(i, "not_before_ms"), pins_now_ms), "%u", i); // looked up at once
        cr_expect(eq(i64, number_of(i, "state"), W3P_CONTENT_QUEUED));
        if (i > 3)
            cr_expect(eq(i64, number_of(i - 1, "state"), W3P_CONTENT_IDLE));
    }
    cr_expect(eq(i64, pins_number("SELECT sum(promised > 0) FROM contents WHERE state = 1"), 1));
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM contents WHERE state = 1"), 1));
    cr_expect(eq(i64, number_of(2, "state"), W3P_CONTENT_FINAL)); // the state before stays ordered
    pins_now_ms = due_ms;
    order(11);
    pins_now_ms += WAIT_MS - 1;
    pin = replace("alice", &pin, 12);
    cr_expect(eq(i64, held(12), pins_now_ms + 1));
    pins_now_ms += 1; // over, to the millisecond
    pin = replace("alice", &pin, 13);
    cr_expect(eq(i64, held(13), 0));
}

Test(repin, what_is_held_says_so_to_its_pins)
{
    struct pins_result pin = replaced_and_ordered();
    struct w3p_pin got;
    int64_t alice = w3p_account_find(pins_reader, "alice"), due_ms = pins_now_ms + WAIT_MS;

    pin = replace("alice", &pin, 3);
    cr_assert(eq(int, w3p_pins_get(pins_reader, &got, alice, pin.requestid), W3P_OK));
    cr_expect(eq(i64, got.held_until_ms, due_ms));
    w3p_pin_deinit(&got);
    pins_now_ms = due_ms;
    cr_assert(eq(int, w3p_pins_get(pins_reader, &got, alice, pin.requestid), W3P_OK));
    cr_expect(eq(i64, got.held_until_ms, 0)); // over
    w3p_pin_deinit(&got);
    pins_now_ms = due_ms - 1;
    order(3);
    cr_assert(eq(int, w3p_pins_get(pins_reader, &got, alice, pin.requestid), W3P_OK));
    cr_expect(eq(i64, got.held_until_ms, 0)); // ordered
    w3p_pin_deinit(&got);
}

Test(repin, names_of_policies)
{
    static const char *const yes[] = {"policy/12D3KooW/mfs", "policy/x/mfs", "policy/mfs/mfs"};
    static const char *const no[] = {"",
                                     "policy",
                                     "policy/mfs",
                                     "policy//mfs",
                                     "policy/x/mfs/",
                                     "policy/x/y/mfs",
                                     "Policy/x/mfs",
                                     "a policy/x/mfs",
                                     "policy/x/mfs2",
                                     "policy/x/xmfs",
                                     "policy/x"};

    cr_expect(not(w3p_repin_is_name(NULL)));
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
        cr_expect(w3p_repin_is_name(yes[i]), "%s", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        cr_expect(not(w3p_repin_is_name(no[i])), "%s", no[i]);
}

// Where kubo does not find its pin, it posts a new one of the same name.
Test(repin, a_policys_post_is_a_replacement_and_others_are_not)
{
    (void)replaced_and_ordered();
    cr_expect(eq(int, pins_add("alice", 3, "policy/12D3KooW/mfs", NULL).err, W3P_OK));
    cr_expect(eq(i64, held(3), pins_now_ms + WAIT_MS));
    cr_expect(eq(int, pins_add("alice", 4, "policy", NULL).err, W3P_OK));
    cr_expect(eq(i64, held(4), 0));
    order(4);
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM contents WHERE repin_by IS NOT NULL"), 1));
}

Test(repin, a_first_posts_order_does_not_make_a_replacement_wait)
{
    struct pins_result pin = pins_add("alice", 1, NULL, NULL);

    order(1);
    pin = replace("alice", &pin, 2);
    cr_expect(eq(i64, held(2), 0));
    pin = replace("alice", &pin, 3); // 2 was not ordered: nothing to wait for
    cr_expect(eq(i64, held(3), 0));
    cr_expect(eq(i64, number_of(2, "state"), W3P_CONTENT_IDLE));
}

Test(repin, accounts_do_not_wait_for_each_other)
{
    (void)replaced_and_ordered();
    struct pins_result bob = pins_add("bob", 20, NULL, NULL);

    bob = replace("bob", &bob, 21);
    cr_expect(eq(i64, held(21), 0));
}

Test(repin, whoever_wants_it_without_a_wait_has_it_ordered_at_once)
{
    struct pins_result pin = replaced_and_ordered();

    pin = replace("alice", &pin, 3);
    pins_now_ms += 1000;
    unsigned wakes = pins_wakes;
    cr_expect(eq(int, pins_add("bob", 3, NULL, NULL).err, W3P_OK));
    cr_expect(eq(i64, held(3), 0));
    cr_expect(number_of(3, "not_before_ms") <= pins_now_ms);
    cr_expect(eq(i64, pins_number("SELECT count(*) FROM pins WHERE held_until_ms > 0"), 0));
    cr_expect(eq(uint, pins_wakes, wakes + 1)); // the engine need not find out
    pins_now_ms += 1000;
    order(3); // was not alice's replacement's order
    cr_expect(eq(i64, pins_number("SELECT repin_ms FROM accounts WHERE identity='alice'"), pins_now_ms - 2000));
    pin = replace("alice", &pin, 4);
    cr_expect(eq(i64, held(4), pins_now_ms - 2000 + WAIT_MS));
    cr_expect(eq(int, pins_add("alice", 4, NULL, NULL).err, W3P_OK)); // and alice herself
    cr_expect(eq(i64, held(4), 0));
}

Test(repin, of_two_waits_the_shorter_one_counts)
{
    struct pins_result alice = replaced_and_ordered(), bob = pins_add("bob", 20, NULL, NULL);

    bob = replace("bob", &bob, 21);
    pins_now_ms += 60000;
    order(21);
    int64_t bobs_ms = pins_now_ms + WAIT_MS;
    bob = replace("bob", &bob, 5);
    cr_expect(eq(i64, held(5), bobs_ms));
    alice = replace("alice", &alice, 5);
    cr_expect(eq(i64, held(5), bobs_ms - 60000));
    struct pins_result again = pins_add("bob", 22, "policy/b/mfs", NULL);
    cr_expect(eq(int, pins_replace("bob", again.requestid, 5).err, W3P_OK)); // not longer again
    cr_expect(eq(i64, held(5), bobs_ms - 60000));
    cr_expect(eq(i64,
                 pins_number("SELECT count(*) FROM contents c, accounts a WHERE c.repin_by = a.id AND"
                             " a.identity = 'alice' AND c.held_until_ms > 0"),
                 1));
}

// Helia changes metadata by replacing a pin with its own CID.
Test(repin, the_same_content_stays_as_it_is)
{
    struct pins_result pin = replaced_and_ordered();

    pin = replace("alice", &pin, 2); // ordered
    cr_expect(eq(i64, held(2), 0));
    cr_expect(eq(i64, number_of(2, "state"), W3P_CONTENT_FINAL));
    pin = replace("alice", &pin, 3);
    int64_t due_ms = held(3);
    pins_now_ms += 1000;
    pin = replace("alice", &pin, 3); // held
    cr_expect(eq(i64, held(3), due_ms));
    pins_set_state(3, W3P_CONTENT_STORED);
    pin = replace("alice", &pin, 3);
    cr_expect(eq(int, pin.status, W3P_PIN_PINNED));
}

Test(repin, a_hold_ends_with_what_it_was_for)
{
    struct pins_result pin = replaced_and_ordered();

    pin = replace("alice", &pin, 3);
    cr_expect(lt(i64, pins_now_ms, held(3)));
    cr_expect(eq(int, pins_delete("alice", pin.requestid), W3P_OK));
    cr_expect(eq(int, pins_add("bob", 3, NULL, NULL).err, W3P_OK)); // idle until now
    cr_expect(eq(i64, held(3), 0));
    cr_expect(eq(i64, number_of(3, "repin_by"), 0));
}

Test(repin, the_operator_lets_go)
{
    struct pins_result pin = replaced_and_ordered();
    enum w3p_requeue what;

    pin = replace("alice", &pin, 3);
    cr_assert(eq(int, w3p_pins_retry(pins_under_test, &what, number_of(3, "id")), W3P_OK));
    cr_expect(eq(int, what, W3P_REQUEUE_DUE));
    cr_expect(eq(i64, held(3), 0));
}

Test(repin, a_wrong_clock_holds_for_no_longer_than_the_wait)
{
    struct pins_result pin = replaced_and_ordered();

    pins_now_ms -= 7 * 86400000LL;
    pin = replace("alice", &pin, 3);
    cr_expect(eq(i64, held(3), pins_now_ms + WAIT_MS));
    cr_expect(not(w3p_repin_holds(pins_now_ms + 86400001, pins_now_ms)));
    cr_expect(w3p_repin_holds(pins_now_ms + 86400000, pins_now_ms));
    cr_expect(not(w3p_repin_holds(pins_now_ms, pins_now_ms)));
}

Test(repin, without_a_wait_nothing_is_held)
{
    pins_conf.repin_wait_s = 0;
    pins_reopen();
    struct pins_result pin = replaced_and_ordered();

    pin = replace("alice", &pin, 3);
    cr_expect(eq(i64, held(3), 0));
    cr_expect(eq(i64, number_of(3, "repin_by"), 0));
}
