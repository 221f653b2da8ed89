// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the operator's side of a tick: whether new orders are switched off, and what the money looks like, with the
// alarm when it runs low. Threads: the engine's; w3p_engine_available from any.
// Must not: decide about an order (engine_place.c).
#include "engine_internal.h"

#include "base/clock.h"
#include "operator_store.h"

#include <stdio.h>

bool w3p_engine_is_paused(struct w3p_engine *engine)
{
    engine->paused = w3p_pause_is_on(engine->db);
    if (engine->paused)
        w3p_engine_wait_for(engine, W3P_PAUSED_WORDS);
    return engine->paused;
}

w3p_u128 w3p_engine_reserved(const struct w3p_engine *engine)
{
    w3p_u128 sum = 0;

    for (size_t i = 0; i < engine->flight_count; i++) {
        const struct w3p_transaction *t = engine->flights[i].t;

        for (size_t k = 0; k < t->count; k++)
            sum += t->orders[k].reserved;
    }
    return sum;
}

// One line when it gets worse or better, and one a day while it is bad.
static void alarm_when_low(struct w3p_engine *engine, enum w3p_funds before, int64_t day)
{
    const struct w3p_money *money = &engine->money;
    bool low = money->funds == W3P_FUNDS_LOW || money->funds == W3P_FUNDS_EMPTY;
    char have[40], days[64] = "";

    if (money->funds == W3P_FUNDS_UNKNOWN || (money->funds == before && (!low || engine->funds_day == day)))
        return;
    engine->funds_day = day;
    w3p_u128_format(have, money->terms.usable_balance);
    if (money->runway_days != W3P_RUNWAY_UNKNOWN)
        (void)snprintf(days, sizeof(days), ", for about %llu days as the last ones were",
                       (unsigned long long)money->runway_days);
    if (low)
        w3p_logf(W3P_LOG_WARN, "funds.low", "the operator account has %s planck left%s%s: send it some", have, days,
                 money->funds == W3P_FUNDS_EMPTY ? ", not enough for one order of the usual size" : "");
    else if (before != W3P_FUNDS_UNKNOWN)
        w3p_logf(W3P_LOG_INFO, "funds.ok", "the operator account has %s planck%s", have, days);
}

void w3p_engine_note_money(struct w3p_engine *engine)
{
    struct w3p_money *money = &engine->money;
    enum w3p_funds before = money->funds;
    int64_t day = w3p_clock_day(w3p_clock_wall_ms());

    if (engine->db != NULL)
        engine->paused = w3p_pause_is_on(engine->db);
    money->priced = atomic_load(&engine->est_known);
    money->known = engine->terms_known;
    money->at_block = engine->terms_block;
    money->terms = engine->terms;
    money->reserved = w3p_engine_reserved(engine);
    money->decimals = engine->bound ? engine->info.token_decimals : money->decimals;
    if (engine->bound)
        (void)snprintf(money->symbol, sizeof(money->symbol), "%s", engine->info.token_symbol);
    if (engine->db == NULL || w3p_budget_daily(engine->db, &money->daily, day, W3P_MONEY_DAYS) != W3P_OK)
        money->daily = 0;
    w3p_money_judge(money, &engine->money_settings, engine->settings.default_size);
    atomic_store(&engine->available, money->known ? w3p_engine_clamp(money->available) : W3P_AVAILABLE_UNKNOWN);
    alarm_when_low(engine, before, day);
}

uint64_t w3p_engine_available(struct w3p_engine *engine)
{
    return atomic_load(&engine->available);
}
