// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the operator's money looks like now: prices, balance, how long it lasts, and whether that is cause for
// alarm. Pure, but for the settings. Threads: any.  Amounts are planck.
// Must not: know SQLite, HTTP, or who asks.
#ifndef W3P_PINNER_MONEY_H
#define W3P_PINNER_MONEY_H

#include "base/conf.h"
#include "chain.h"

// Configuration rows: budget.low_balance_planck, budget.low_runway_days, budget.usd_micros_per_token
struct w3p_money_settings {
    uint64_t low_balance_planck, low_runway_days; // alarm below; 0: no such alarm
    uint64_t usd_micros;                          // millionths of a dollar for a whole token; 0: no dollars are shown
};
extern const struct w3p_conf_key w3p_money_conf_keys[];

enum w3p_funds {
    W3P_FUNDS_UNKNOWN,
    W3P_FUNDS_OK,
    W3P_FUNDS_LOW,  // below what the operator wants to be told of
    W3P_FUNDS_EMPTY // not enough for one more order of the usual size
};
const char *w3p_funds_word(enum w3p_funds funds);

#define W3P_MONEY_DAYS 7 // what was spent in these is taken for what will be
#define W3P_RUNWAY_UNKNOWN UINT64_MAX

struct w3p_money {
    bool priced; // the prices in `terms` are known, perhaps from before a restart
    bool known;  // … and everything in it is of this finalized block
    uint64_t at_block;
    struct w3p_chain_terms terms;
    char symbol[16];   // of the token, "" when not known
    unsigned decimals; // 0 when not known
    w3p_u128 reserved; // for orders in flight
    uint64_t daily;    // spent on a day, on average; 0: nothing yet
    // w3p_money_judge:
    w3p_u128 available;   // may still be promised: balance without what must stay and what is reserved
    uint64_t runway_days; // whole days that `available` lasts at `daily`; W3P_RUNWAY_UNKNOWN
    enum w3p_funds funds;
};
void w3p_money_judge(struct w3p_money *money, const struct w3p_money_settings *settings, uint64_t usual_size);

// Price of an order, terms.tip in it, and the fee of its transaction, apart. False while prices are not known.
bool w3p_money_quote(const struct w3p_money *money, uint64_t size, w3p_u128 *price, w3p_u128 *tx_fee);

#define W3P_USD_TEXT_MAX 64
// "0.000123456", cut to a billionth of a dollar. False (and "") without a rate, without known decimals, or when it is
// more than can be counted.
bool w3p_money_usd(char out[W3P_USD_TEXT_MAX], w3p_u128 planck, unsigned decimals, uint64_t usd_micros);

#endif
