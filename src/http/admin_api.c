// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the command line asks of a running gateway, over admin.socket alone: its state, its orders, a second
// try, the switch for new orders, orders for the operator's own account.
// Threads: the one loop of the admin server. Handlers here may wait for the disk: nobody else waits for them.
// Must not: be in the route table of a server that listens on an address.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/admin_auth.h"
#include "http/admin_json.h"
#include "http/caller.h"
#include "http/psa_json.h"
#include "http/query.h"

enum { LIST_DEFAULT = 50, RETRY_MAX = 1000, SMALL_BODY_MAX = 1024, STATUS_MAX = 8192 };

static struct w3p_db *db_of(const struct w3p_request *req)
{
    return ((struct w3p_app_thread *)req->thread_data)->db;
}

void w3p_admin_store_failed(struct w3p_call *call)
{
    w3p_reply_error(call, 503, "STORE_FAILED", "the gateway's database fails at the moment; see its log");
}

// ---- GET /status ----

static void get_status(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_app *app = req->app;
    struct w3p_db *db = db_of(req);
    struct w3p_admin_status status = {.store_healthy = w3p_store_healthy(app->store),
                                      .planck_per_day = app->limits->planck_per_day,
                                      .pid = (int64_t)getpid()};
    struct w3p_buf body;
    w3p_engine_snapshot(app->engine, &status.snapshot);
    int err = w3p_reader_fresh(db);
    status.snapshot.paused = w3p_pause_is_on(db); // the engine's view is a tick old
    if (err == W3P_OK)
        err = w3p_promised_total(db, &status.promised);
    if (err == W3P_OK)
        err = w3p_budget_of_day(db, &status.promised_today, &status.spent_today, w3p_clock_day(w3p_clock_wall_ms()));
    if (err == W3P_OK)
        err = w3p_contents_count(db, &status.rejected, W3P_CONTENT_REJECTED);
    if (err != W3P_OK) {
        w3p_admin_store_failed(call);
        return;
    }
    w3p_buf_init(&body, STATUS_MAX);
    w3p_admin_write_status(&body, &status, app->money->usd_micros);
    w3p_reply_buf(call, &body);
}

// ---- GET /orders ----

struct list_query {
    enum w3p_orders_filter filter;
    uint64_t limit, before;
};

static bool take_number(uint64_t *out, const struct w3p_query *query, const char *key, uint64_t min, uint64_t max)
{
    struct w3p_span value = {0};
    size_t count = w3p_query_find(query, &value, key);
    if (count == 0)
        return true;
    return count == 1 && w3p_u64_parse(out, (const char *)value.ptr, value.len) == W3P_OK && *out >= min && *out <= max;
}

static bool take_filter(enum w3p_orders_filter *out, const struct w3p_query *query)
{
    static const char *const names[] = {"all", "failed", "stuck"};
    struct w3p_span value = {0};
    size_t count = w3p_query_find(query, &value, "filter");
    for (size_t i = 0; i < 3; i++) {
        if (count == 1 && w3p_span_eq_str(value, names[i])) {
            *out = (enum w3p_orders_filter)i;
            return true;
        }
    }
    return count == 0;
}

// `filters`: the list has a filter.
static bool take_list(struct list_query *out, struct w3p_call *call, const struct w3p_request *req, bool filters)
{
    struct w3p_query query;
    struct w3p_span value = {0};
    const char *why = filters ? "filter is all, failed or stuck; limit is 1 to 1000; before is the id of a row"
                              : "limit is 1 to 1000; before is the id of an order; there is no filter";
    *out = (struct list_query){.limit = LIST_DEFAULT};
    bool good = w3p_query_parse(&query, &why, req->query) == W3P_OK;
    if (good) {
        good = (filters ? take_filter(&out->filter, &query) : w3p_query_find(&query, &value, "filter") == 0) &&
               take_number(&out->limit, &query, "limit", 1, W3P_ORDERS_LIMIT_MAX) &&
               take_number(&out->before, &query, "before", 1, INT64_MAX);
        w3p_query_deinit(&query);
    }
    if (!good)
        w3p_reply_error(call, 400, NULL, "%s", why);
    return good;
}

static void get_orders(struct w3p_call *call, const struct w3p_request *req)
{
    struct list_query query;
    struct w3p_db *db = db_of(req);
    struct w3p_buf body;
    size_t count = 0;
    if (!take_list(&query, call, req, true))
        return;
    struct w3p_order_view *rows = w3p_calloc((size_t)query.limit, sizeof *rows);
    int err = w3p_reader_fresh(db);
    if (err == W3P_OK)
        err = w3p_orders_view(db, rows, &count, (size_t)query.limit, query.filter, (int64_t)query.before,
                              w3p_clock_wall_ms());
    if (err == W3P_OK) {
        w3p_buf_init(&body, W3P_ADMIN_PAGE_MAX);
        w3p_admin_write_orders(&body, db, rows, count, count == query.limit);
        w3p_reply_buf(call, &body);
    } else {
        w3p_admin_store_failed(call);
    }
    free(rows);
}

// ---- contents by CID ----

// The content of the CID text. False: the call is answered.
static bool find_content(int64_t *content_id, struct w3p_call *call, const struct w3p_request *req,
                         struct w3p_span text)
{
    struct w3p_cid cid;
    const char *why = "it is none";
    if (w3p_cid_parse(&cid, &why, (const char *)text.ptr, text.len) != W3P_OK) {
        w3p_reply_error(call, 400, "INVALID_CID", "not a CID: %s", why);
        return false;
    }
    int err = w3p_reader_fresh(db_of(req));
    int64_t found = err == W3P_OK ? w3p_content_find(db_of(req), &cid) : err;
    if (found < 0)
        w3p_admin_store_failed(call);
    else if (found == 0)
        w3p_reply_error(call, 404, NULL, "this gateway has no pin and no order of that CID");
    *content_id = found;
    return found > 0;
}

static int read_receipts(struct w3p_admin_receipts *out, struct w3p_db *db, int64_t content_id,
                         const struct list_query *query)
{
    int err = w3p_orders_view_one(db, &out->row, content_id);
    if (err == W3P_OK)
        err = w3p_receipts_of(db, out->receipts, &out->count, (size_t)query->limit, content_id, (int64_t)query->before);
    if (err == W3P_OK)
        err = w3p_receipts_paid(db, &out->paid, content_id);
    out->more = out->count == query->limit;
    return err;
}

// The content and all of its orders, page by page.
static void get_order(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_admin_receipts all = {.count = 0};
    struct list_query query;
    struct w3p_buf body;
    int64_t content_id = 0;
    if (!take_list(&query, call, req, false) || !find_content(&content_id, call, req, req->param))
        return;
    all.receipts = w3p_calloc((size_t)query.limit, sizeof *all.receipts);
    if (read_receipts(&all, db_of(req), content_id, &query) == W3P_OK) {
        w3p_buf_init(&body, W3P_ADMIN_PAGE_MAX);
        w3p_admin_write_receipts(&body, db_of(req), &all);
        w3p_reply_buf(call, &body);
    } else {
        w3p_admin_store_failed(call);
    }
    free(all.receipts);
}

static void post_order(struct w3p_call *call, const struct w3p_request *req)
{
    w3p_psa_add_as(call, req, W3P_OPERATOR_IDENTITY);
}

static void delete_order(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_app *app = req->app;
    struct w3p_buf body;
    uint64_t count = 0;
    int64_t content_id = 0;
    if (!find_content(&content_id, call, req, req->param))
        return;
    if (w3p_pins_drop(app->pins, &count, W3P_OPERATOR_IDENTITY, content_id) != W3P_OK) {
        w3p_admin_store_failed(call);
        return;
    }
    w3p_buf_init(&body, SMALL_BODY_MAX);
    w3p_buf_printf(&body, "{\"removed\":%llu}", (unsigned long long)count);
    w3p_reply_buf(call, &body);
}

// ---- POST /retry ----

struct retry_counts {
    uint64_t by[W3P_REQUEUE_UNWANTED + 1], unfunded;
    int64_t after; // 0: all were seen
};

// Gives false when the store fails. No money for one is no reason to pass over the others.
static bool retry_one(struct retry_counts *counts, struct w3p_app *app, int64_t content_id)
{
    enum w3p_requeue what = W3P_REQUEUE_UNWANTED;
    int err = w3p_pins_retry(app->pins, &what, content_id);
    if (err == W3P_OK)
        counts->by[what]++;
    else if (err == W3P_E_FUNDS)
        counts->unfunded++;
    return err == W3P_OK || err == W3P_E_FUNDS;
}

static bool retry_failed(struct retry_counts *counts, const struct w3p_request *req, int64_t after)
{
    for (unsigned i = 0; i < RETRY_MAX; i++) {
        int64_t id = w3p_rejected_next(db_of(req), after);
        if (id <= 0) {
            counts->after = 0;
            return id == 0;
        }
        if (!retry_one(counts, req->app, id))
            return false;
        counts->after = after = id;
    }
    return true;
}

static void reply_counts(struct w3p_call *call, const struct retry_counts *counts)
{
    static const char *const names[] = {"queued", "due", "live", "stored", "unwanted"};
    struct w3p_buf body;
    struct w3p_json j;
    w3p_buf_init(&body, SMALL_BODY_MAX);
    w3p_json_init(&j, &body);
    w3p_json_begin_object(&j);
    for (size_t i = 0; i <= W3P_REQUEUE_UNWANTED; i++)
        w3p_json_int_field(&j, names[i], (int64_t)counts->by[i]);
    w3p_json_int_field(&j, "unfunded", (int64_t)counts->unfunded);
    w3p_json_int_field(&j, "after", counts->after);
    w3p_json_end_object(&j);
    w3p_reply_buf(call, &body);
}

// {"cid":"…"} for one, {"failed":true} for all that were refused, {"failed":true,"after":ID} for the next thousand.
static void post_retry(struct w3p_call *call, const struct w3p_request *req)
{
    struct retry_counts counts = {0};
    struct w3p_errmsg msg = {{0}};
    int64_t content_id = 0;
    json_t *root = w3p_json_parse(&msg, (const char *)req->body.ptr, req->body.len);
    const json_t *cid = json_object_get(root, "cid"), *after = json_object_get(root, "after");
    bool failed = json_is_true(json_object_get(root, "failed")), good = true;
    if (json_is_string(cid) && !failed) {
        if (!find_content(&content_id, call, req, W3P_SPAN(json_string_value(cid), json_string_length(cid))))
            goto out;
        good = retry_one(&counts, req->app, content_id);
    } else if (failed && cid == NULL && (after == NULL || json_is_integer(after))) {
        good = w3p_reader_fresh(db_of(req)) == W3P_OK && retry_failed(&counts, req, json_integer_value(after));
    } else {
        w3p_reply_error(call, 400, NULL, "say {\"cid\":\"...\"} or {\"failed\":true}");
        goto out;
    }
    if (good)
        reply_counts(call, &counts);
    else
        w3p_admin_store_failed(call);
out:
    json_decref(root);
}

// ---- the switch ----

struct pause_job {
    struct w3p_write write;
    bool on;
};

static int run_pause(struct w3p_write *self, struct w3p_db *db)
{
    return w3p_pause_set(db, ((struct pause_job *)self)->on);
}

static void set_pause(struct w3p_call *call, const struct w3p_request *req, bool on)
{
    struct w3p_app *app = req->app;
    struct pause_job job = {.write = {.run = run_pause}, .on = on};
    if (w3p_store_write_wait(app->store, &job.write) != W3P_OK) {
        w3p_admin_store_failed(call);
        return;
    }
    w3p_logf(W3P_LOG_WARN, on ? "orders.paused" : "orders.resumed", "by the operator");
    w3p_engine_wake(app->engine);
    w3p_reply_json(call, 200, on ? "{\"paused\":true}" : "{\"paused\":false}", on ? 15 : 16);
}

static void post_pause(struct w3p_call *call, const struct w3p_request *req)
{
    set_pause(call, req, true);
}

static void post_resume(struct w3p_call *call, const struct w3p_request *req)
{
    set_pause(call, req, false);
}

// Whoever reaches the socket is the operator: nobody signs in.
const struct w3p_route w3p_admin_routes[] = {
    {"GET", "/status", get_status, 0, W3P_BUDGET_NONE, W3P_ROUTE_PUBLIC},
    {"GET", "/orders", get_orders, 0, W3P_BUDGET_NONE, W3P_ROUTE_PUBLIC},
    {"GET", "/order/{cid}", get_order, 0, W3P_BUDGET_NONE, W3P_ROUTE_PUBLIC},
    {"POST", "/order", post_order, W3P_PSA_BODY_MAX, W3P_BUDGET_NONE, W3P_ROUTE_PUBLIC},
    {"DELETE", "/order/{cid}", delete_order, 0, W3P_BUDGET_NONE, W3P_ROUTE_PUBLIC},
    {"POST", "/retry", post_retry, SMALL_BODY_MAX, W3P_BUDGET_NONE, W3P_ROUTE_PUBLIC},
    {"POST", "/pause", post_pause, SMALL_BODY_MAX, W3P_BUDGET_NONE, W3P_ROUTE_PUBLIC},
    {"POST", "/resume", post_resume, SMALL_BODY_MAX, W3P_BUDGET_NONE, W3P_ROUTE_PUBLIC},
    {"GET", "/auth/keys", w3p_admin_keys, 0, W3P_BUDGET_NONE, W3P_ROUTE_PUBLIC},
    {"POST", "/auth/keys", w3p_admin_key_rotate, SMALL_BODY_MAX, W3P_BUDGET_NONE, W3P_ROUTE_PUBLIC},
    {"DELETE", "/auth/keys/{kid}", w3p_admin_key_drop, 0, W3P_BUDGET_NONE, W3P_ROUTE_PUBLIC},
    {"POST", "/auth/revoke", w3p_admin_revoke, SMALL_BODY_MAX, W3P_BUDGET_NONE, W3P_ROUTE_PUBLIC},
    {"POST", "/auth/accounts/legacy", w3p_admin_legacy, SMALL_BODY_MAX, W3P_BUDGET_NONE, W3P_ROUTE_PUBLIC},
    {0}};
