// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: money.h.
#include "money.h"

#include <stdio.h>

#define KEY_U64(key, field, hi, unit, fallback, help)                                                                  \
    {                                                                                                                  \
        key, W3P_CONF_U64, offsetof(struct w3p_money_settings, field), fallback, 0, hi, NULL, unit, help               \
    }

const struct w3p_conf_key w3p_money_conf_keys[] = {
    KEY_U64("budget.low_balance_planck", low_balance_planck, INT64_MAX, "planck", "0",
            "Alarm when the operator account has less than this; 0: only when it does not last, or not for one order."),
    KEY_U64("budget.low_runway_days", low_runway_days, 3650, "days", "7",
            "Alarm when the balance lasts for fewer days at what the last seven cost on average; 0: never for that."),
    KEY_U64("budget.usd_micros_per_token", usd_micros, 1000000000000, "", "0",
            "Millionths of a US dollar that one whole token is worth, for amounts in dollars beside those in planck; "
            "0 shows none."),
    {0}};

const char *w3p_funds_word(enum w3p_funds funds)
{
    switch (funds) {
    case W3P_FUNDS_OK:
        return "ok";
    case W3P_FUNDS_LOW:
        return "low";
    case W3P_FUNDS_EMPTY:
        return "empty";
    case W3P_FUNDS_UNKNOWN:
        break;
    }
    return "unknown";
}

bool w3p_money_quote(const struct w3p_money *money, uint64_t size, w3p_u128 *price, w3p_u128 *tx_fee)
{
    *price = *tx_fee = 0;
    if (!money->priced)
        return false;
    *price = w3p_chain_price(&money->terms, size);
    *tx_fee = money->terms.tx_fee;
    return true;
}

static enum w3p_funds judge(const struct w3p_money *money, const struct w3p_money_settings *settings,
                            uint64_t usual_size)
{
    w3p_u128 price, fee;

    (void)w3p_money_quote(money, usual_size, &price, &fee);
    if (price > money->available || fee > money->available - price)
        return W3P_FUNDS_EMPTY;
    if (money->terms.usable_balance < settings->low_balance_planck)
        return W3P_FUNDS_LOW;
    if (money->runway_days < settings->low_runway_days)
        return W3P_FUNDS_LOW;
    return W3P_FUNDS_OK;
}

void w3p_money_judge(struct w3p_money *money, const struct w3p_money_settings *settings, uint64_t usual_size)
{
    w3p_u128 have = money->terms.usable_balance, stays = money->terms.existential_deposit;

    money->available = 0;
    money->runway_days = W3P_RUNWAY_UNKNOWN;
    money->funds = W3P_FUNDS_UNKNOWN;
    if (!money->known)
        return;
    if (have > stays && have - stays > money->reserved)
        money->available = have - stays - money->reserved;
    if (money->daily > 0 && money->available / money->daily < W3P_RUNWAY_UNKNOWN)
        money->runway_days = (uint64_t)(money->available / money->daily);
    money->funds = judge(money, settings, usual_size);
}

bool w3p_money_usd(char out[W3P_USD_TEXT_MAX], w3p_u128 planck, unsigned decimals, uint64_t usd_micros)
{
    const w3p_u128 max = ~(w3p_u128)0;
    w3p_u128 token = 1, factor = (w3p_u128)usd_micros * 1000; // billionths
    char whole[40];

    out[0] = '\0';
    if (usd_micros == 0 || decimals == 0 || decimals > 30 || planck > max / factor)
        return false;
    for (unsigned i = 0; i < decimals; i++)
        token *= 10;
    w3p_u128 nanos = planck * factor / token;
    w3p_u128_format(whole, nanos / 1000000000);
    (void)snprintf(out, W3P_USD_TEXT_MAX, "%s.%09llu", whole, (unsigned long long)(nanos % 1000000000));
    return true;
}
