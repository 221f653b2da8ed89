// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: GET /price?size=, for everybody, and GET /account, for the account that is signed in. Neither waits for a
// chain: prices are those of the finalized block that the engine saw last.
#include "base/clock.h"
#include "http/caller.h"
#include "http/money_json.h"
#include "http/query.h"

enum { BODY_MAX = 4096 };

// The one parameter `size`. False: the call is answered.
static bool take_size(uint64_t *size, struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_query query;
    struct w3p_span value = {0};
    const char *why = NULL;
    if (w3p_query_parse(&query, &why, req->query) != W3P_OK) {
        w3p_reply_error(call, 400, NULL, "%s", why);
        return false;
    }
    size_t count = w3p_query_find(&query, &value, "size");
    bool good = count == 1 && w3p_u64_parse(size, (const char *)value.ptr, value.len) == W3P_OK && *size > 0 &&
                *size <= INT64_MAX;
    w3p_query_deinit(&query);
    if (!good)
        w3p_reply_error(call, 400, "INVALID_SIZE", "size must be given once, as a whole number of bytes above 0");
    return good;
}

void w3p_price(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_app *app = req->app;
    struct w3p_engine_snapshot snapshot = {0};
    struct w3p_buf body;
    struct w3p_json j;
    uint64_t size = 0;
    if (!take_size(&size, call, req))
        return;
    w3p_engine_snapshot(app->engine, &snapshot);
    if (!snapshot.money.priced) {
        w3p_reply_error(call, 503, "PRICE_UNKNOWN", "the chain's prices have not been read yet");
        return;
    }
    w3p_buf_init(&body, BODY_MAX);
    w3p_json_init(&j, &body);
    w3p_json_begin_object(&j);
    w3p_money_write_quote(&j, &snapshot.money, size, app->limits->max_order_planck, app->money->usd_micros);
    w3p_json_end_object(&j);
    w3p_call_add_header(call, "cache-control", "public, max-age=6");
    w3p_reply_json(call, 200, w3p_buf_str(&body), body.len);
    w3p_buf_deinit(&body);
}

static void number(struct w3p_json *j, const char *key, uint64_t value)
{
    w3p_json_key(j, key);
    w3p_json_uint(j, value);
}

// A limit of 0 is none.
static void limit(struct w3p_json *j, const char *key, uint64_t value)
{
    w3p_json_key(j, key);
    if (value > 0)
        w3p_json_uint(j, value);
    else
        w3p_json_null(j);
}

static void write_account(struct w3p_json *j, const struct w3p_caller *caller, const struct w3p_account_use *use,
                          const struct w3p_money *money)
{
    const struct w3p_app *app = caller->app;
    w3p_json_begin_object(j);
    w3p_json_str_field(j, "account", caller->identity);
    w3p_json_key(j, "may");
    w3p_json_begin_object(j);
    w3p_json_bool_field(j, "pin", true);
    limit(j, "pins_per_day", app->pins_per_day);
    if (app->planck_per_day > 0)
        w3p_money_amount(j, "planck_per_day", app->planck_per_day);
    else
        limit(j, "planck_per_day", 0);
    w3p_money_amount(j, "planck_per_order", app->limits->max_order_planck);
    if (money->terms.size_max > 0)
        number(j, "size_below", money->terms.size_max);
    w3p_json_end_object(j);
    w3p_json_key(j, "used");
    w3p_json_begin_object(j);
    number(j, "pins_today", use->pins_today);
    w3p_money_amount(j, "planck_today", use->promised_today);
    number(j, "queued", use->queued);
    number(j, "pinning", use->pinning);
    number(j, "pinned", use->pinned);
    number(j, "failed", use->failed);
    w3p_json_end_object(j);
    w3p_json_key(j, "spent");
    w3p_json_begin_object(j);
    w3p_money_amount_usd(j, "planck", use->spent, money, app->money->usd_micros);
    w3p_json_end_object(j);
    w3p_json_end_object(j);
}

void w3p_account(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_caller caller;
    struct w3p_account_use use = {0};
    struct w3p_engine_snapshot snapshot = {0};
    struct w3p_buf body;
    struct w3p_json j;
    if (!w3p_caller_admit(&caller, call, req))
        return;
    int err = w3p_reader_fresh(caller.db);
    if (err == W3P_OK)
        err = w3p_account_use(caller.db, &use, caller.identity, w3p_clock_day(w3p_clock_wall_ms()));
    if (err != W3P_OK) {
        w3p_reply_store_failed(call);
        return;
    }
    w3p_engine_snapshot(caller.app->engine, &snapshot);
    w3p_buf_init(&body, BODY_MAX);
    w3p_json_init(&j, &body);
    write_account(&j, &caller, &use, &snapshot.money);
    w3p_reply_json(call, 200, w3p_buf_str(&body), body.len);
    w3p_buf_deinit(&body);
}
