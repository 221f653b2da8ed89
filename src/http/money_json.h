// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: amounts and prices as JSON, the same wherever they are shown: planck as decimal strings (they pass 2^53),
// dollars beside them only at the operator's own rate. Pure. Threads: any.
#ifndef W3P_HTTP_MONEY_JSON_H
#define W3P_HTTP_MONEY_JSON_H

#include "base/json.h"
#include "money.h"

void w3p_money_amount(struct w3p_json *j, const char *key, w3p_u128 planck);
// "KEY": planck, and with a rate "KEY_usd".
void w3p_money_amount_usd(struct w3p_json *j, const char *key, w3p_u128 planck, const struct w3p_money *money,
                          uint64_t usd_micros);
// The members of a quote: size, price, tip (a part of the price), tx_fee, total, token, block … The prices must be
// known.
void w3p_money_write_quote(struct w3p_json *j, const struct w3p_money *money, uint64_t size, uint64_t order_max,
                           uint64_t usd_micros);

#endif
