// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the operator's purse: when it is low, how long it lasts, amounts in dollars; and the engine that tells it,
// and that places nothing while ordering is paused.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "engine_rig.h"
#include "operator_store.h"
#include "pins_support.h"

Test(money, dollars_only_where_they_can_be_counted)
{
    static const struct {
        w3p_u128 planck;
        unsigned decimals;
        uint64_t micros;
        const char *text; // NULL: none
    } cases[] = {
        {1000000000000, 12, 0, NULL},    // no rate
        {1000000000000, 0, 5000, NULL},  // decimals are not known
        {1000000000000, 31, 5000, NULL}, // … or cannot be
        {~(w3p_u128)0, 12, 5000, NULL},  // more than can be counted
        {0, 12, 5000, "0.000000000"},
        {1000000000000, 12, 5000, "0.005000000"}, // one CRU at half a cent
        {1500000000000, 12, 1000000, "1.500000000"},
        {199999, 12, 5000, "0.000000000"}, // cut, never rounded up
        {200000, 12, 5000, "0.000000001"},
        {INT64_MAX, 12, 1000000000000, "9223372036854.775807000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[W3P_USD_TEXT_MAX] = "x";
        bool got = w3p_money_usd(text, cases[i].planck, cases[i].decimals, cases[i].micros);
        cr_expect(eq(int, got, cases[i].text != NULL), "%zu", i);
        cr_expect(eq(str, text, (char *)(cases[i].text != NULL ? cases[i].text : "")), "%zu", i);
    }
}

static struct w3p_money purse(uint64_t balance)
{
    return (struct w3p_money){
        .priced = true,
        .known = true,
        .terms = {
            .base_fee = 10, .per_mib_fee = 5, .tx_fee = 2, .usable_balance = balance, .existential_deposit = 100}};
}

Test(money, what_is_available_and_when_it_is_low)
{
    static const struct {
        uint64_t balance, reserved, daily, low_balance, low_days;
        uint64_t available, days;
        enum w3p_funds funds;
    } cases[] = {
        {0, 0, 0, 0, 0, 0, W3P_RUNWAY_UNKNOWN, W3P_FUNDS_EMPTY},
        {100, 0, 0, 0, 0, 0, W3P_RUNWAY_UNKNOWN, W3P_FUNDS_EMPTY},  // the deposit stays
        {116, 0, 0, 0, 0, 16, W3P_RUNWAY_UNKNOWN, W3P_FUNDS_EMPTY}, // an order is 15 and 2
        {117, 0, 0, 0, 0, 17, W3P_RUNWAY_UNKNOWN, W3P_FUNDS_OK},
        {117, 1, 0, 0, 0, 16, W3P_RUNWAY_UNKNOWN, W3P_FUNDS_EMPTY},
        {117, 50, 0, 0, 0, 0, W3P_RUNWAY_UNKNOWN, W3P_FUNDS_EMPTY},
        {1000, 0, 0, 1000, 7, 900, W3P_RUNWAY_UNKNOWN, W3P_FUNDS_OK},
        {1000, 0, 0, 1001, 0, 900, W3P_RUNWAY_UNKNOWN, W3P_FUNDS_LOW},
        {1000, 0, 100, 0, 9, 900, 9, W3P_FUNDS_OK},
        {1000, 0, 100, 0, 10, 900, 9, W3P_FUNDS_LOW},
        {1000, 0, 1000, 0, 0, 900, 0, W3P_FUNDS_OK}, // no alarm wanted
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct w3p_money money = purse(cases[i].balance);
        struct w3p_money_settings settings = {.low_balance_planck = cases[i].low_balance,
                                              .low_runway_days = cases[i].low_days};
        money.reserved = cases[i].reserved;
        money.daily = cases[i].daily;
        w3p_money_judge(&money, &settings, RIG_MIB);
        cr_expect(eq(u64, (uint64_t)money.available, cases[i].available), "%zu", i);
        cr_expect(eq(u64, money.runway_days, cases[i].days), "%zu", i);
        cr_expect(eq(int, money.funds, cases[i].funds), "%zu", i);
    }
    struct w3p_money unknown = purse(0);
    unknown.known = false;
    w3p_money_judge(&unknown, &(struct w3p_money_settings){.low_balance_planck = 5}, RIG_MIB);
    cr_expect(eq(int, unknown.funds, W3P_FUNDS_UNKNOWN));
}

// ---- the engine ----

static struct rig rig;

static void setup(void)
{
    rig_open(&rig);
}

static void teardown(void)
{
    rig_close(&rig);
}

TestSuite(engine_money, .init = setup, .fini = teardown, .timeout = 60);

Test(engine_money, a_pause_stops_new_orders_and_follows_those_in_flight)
{
    rig.fake.hold = true;
    int64_t first = rig_pin(&rig, 1, RIG_MIB);
    rig_run(&rig, 1);
    cr_assert(eq(int, rig_state(&rig, first), W3P_CONTENT_SUBMITTED));
    pins_set_pause(rig.store, true);
    int64_t second = rig_pin(&rig, 2, RIG_MIB);
    rig.fake.hold = false;
    rig_run(&rig, 6);
    cr_expect(eq(int, rig_state(&rig, first), W3P_CONTENT_FINAL)); // followed to its end
    cr_expect(eq(int, rig_state(&rig, second), W3P_CONTENT_QUEUED));
    cr_expect(strstr(rig_waiting(&rig), "paused by the operator") != NULL, "%s", rig_waiting(&rig));
    cr_expect(rig_snapshot(&rig).paused);
    rig_restart(&rig);
    rig_run(&rig, 4);
    cr_expect(eq(int, rig_state(&rig, second), W3P_CONTENT_QUEUED)); // also after a restart
    cr_expect(eq(int, (int)rig.fake.orders_ok, 1));
    cr_expect(eq(int, (int)rig.fake.signs, 1)); // nothing is even signed
    pins_set_pause(rig.store, false);
    rig_run(&rig, 6);
    cr_expect(eq(int, rig_state(&rig, second), W3P_CONTENT_FINAL));
    cr_expect(not(rig_snapshot(&rig).paused));
}

// The switch is thrown while the engine is in the middle of a tick, the order signed and not yet stored.
static const struct w3p_chain_ops *fake_ops;

static int sign_and_pause(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_tx *out,
                          const struct w3p_chain_order *orders, size_t n, uint32_t nonce)
{
    pins_set_pause(rig.store, true);
    return fake_ops->sign(chain, msg, out, orders, n, nonce);
}

Test(engine_money, what_is_signed_when_the_switch_is_thrown_is_never_sent)
{
    fake_ops = rig.fake.base.ops;
    struct w3p_chain_ops ops = *fake_ops;
    ops.sign = sign_and_pause;
    rig.fake.base.ops = &ops;
    int64_t id = rig_pin(&rig, 1, RIG_MIB);
    rig_run(&rig, 6);
    cr_expect(eq(int, (int)rig.fake.signs, 1));
    cr_expect(eq(int, (int)rig.fake.submits, 0));
    cr_expect(eq(int, (int)rig_orders(&rig), 0));
    cr_expect(eq(int, rig_state(&rig, id), W3P_CONTENT_QUEUED));
    rig.fake.base.ops = fake_ops;
    pins_set_pause(rig.store, false);
    rig_run(&rig, 6);
    cr_expect(eq(int, rig_state(&rig, id), W3P_CONTENT_FINAL));
}

Test(engine_money, the_snapshot_tells_the_purse)
{
    struct w3p_engine_snapshot snapshot = rig_snapshot(&rig);
    cr_expect(not(snapshot.money.known));
    cr_expect(eq(u64, w3p_engine_available(rig.engine), W3P_AVAILABLE_UNKNOWN));
    rig_run(&rig, 4);
    snapshot = rig_snapshot(&rig);
    cr_assert(snapshot.money.known);
    cr_expect(eq(u64, snapshot.money.at_block, rig.fake.final));
    w3p_u128 price, fee;
    cr_expect(w3p_money_quote(&snapshot.money, RIG_MIB, &price, &fee));
    cr_expect(eq(u64, (uint64_t)(price + fee), w3p_engine_estimate(rig.engine, RIG_MIB)));
    uint64_t free = w3p_engine_available(rig.engine);
    w3p_u128 have = snapshot.money.terms.usable_balance - snapshot.money.terms.existential_deposit;
    cr_expect(eq(u64, free, (uint64_t)have));
    rig.fake.hold = true; // what is in flight is spoken for
    rig_pin(&rig, 1, RIG_MIB);
    rig_run(&rig, 1);
    int64_t reserved = rig_number(&rig, "SELECT sum(reserved) FROM orders");
    cr_expect(lt(i64, 0, reserved));
    cr_expect(eq(u64, w3p_engine_available(rig.engine), free - (uint64_t)reserved));
    rig.fake.hold = false;
    rig_run(&rig, 6);
}
