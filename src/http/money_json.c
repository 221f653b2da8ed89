// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: money_json.h.
#include "http/money_json.h"

#include <stdio.h>

void w3p_money_amount(struct w3p_json *j, const char *key, w3p_u128 planck)
{
    char text[40];
    w3p_u128_format(text, planck);
    w3p_json_str_field(j, key, text);
}

void w3p_money_amount_usd(struct w3p_json *j, const char *key, w3p_u128 planck, const struct w3p_money *money,
                          uint64_t usd_micros)
{
    char name[64], text[W3P_USD_TEXT_MAX];
    w3p_money_amount(j, key, planck);
    if (!w3p_money_usd(text, planck, money->decimals, usd_micros))
        return;
    (void)snprintf(name, sizeof name, "%s_usd", key);
    w3p_json_str_field(j, name, text);
}

void w3p_money_write_quote(struct w3p_json *j, const struct w3p_money *money, uint64_t size, uint64_t order_max,
                           uint64_t usd_micros)
{
    w3p_u128 price, tx_fee, max = ~(w3p_u128)0;
    (void)w3p_money_quote(money, size, &price, &tx_fee);
    w3p_u128 total = price > max - tx_fee ? max : price + tx_fee;
    bool fits = money->terms.size_max == 0 || size < money->terms.size_max; // 0: not known since the start
    w3p_money_amount(j, "size", size);
    w3p_money_amount_usd(j, "price", price, money, usd_micros);
    w3p_money_amount_usd(j, "tip", money->terms.tip, money, usd_micros);
    w3p_money_amount_usd(j, "tx_fee", tx_fee, money, usd_micros);
    w3p_money_amount_usd(j, "total", total, money, usd_micros);
    if (money->symbol[0] != '\0') {
        w3p_json_str_field(j, "token", money->symbol);
        w3p_json_int_field(j, "decimals", money->decimals);
    }
    if (money->known) {
        w3p_json_int_field(j, "block", (int64_t)money->at_block);
        w3p_json_bool_field(j, "market_open", money->terms.market_open);
    }
    w3p_json_bool_field(j, "orderable", fits && total <= order_max);
}
