// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the five operations of the Pinning Service API: translates requests for pinner/pins.h and its results back.
// Reads happen on the loop thread; changes are answered by the store's writer once they are on the disk.
// Must not: decide anything about pins.  Source: IPFS Pinning Service API 1.0.0.
#include "http/caller.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "http/psa_json.h"
#include "http/psa_query.h"
#include "http/restrict.h"

enum { UUID_LEN = 36, PIN_USUAL_LEN = 1000 };

static struct w3p_psa_render render_for(const struct w3p_app *app, struct w3p_engine_snapshot *snapshot)
{
    w3p_engine_snapshot(app->engine, snapshot);
    return (struct w3p_psa_render){
        .delegates_json = app->delegates_json, .replicas_wanted = app->min_replicas, .waiting = snapshot->waiting};
}

static void reply_no_pin(struct w3p_call *call)
{
    w3p_reply_error(call, 404, NULL, "%s", W3P_NO_PIN);
}

// The {requestid} of the path as a C string; false for what cannot be one of ours.
static bool requestid_of(char out37[UUID_LEN + 1], const struct w3p_request *req)
{
    if (req->param.len != UUID_LEN || w3p_uuid_check((const char *)req->param.ptr, req->param.len) != W3P_OK)
        return false;
    memcpy(out37, req->param.ptr, UUID_LEN);
    out37[UUID_LEN] = '\0';
    return true;
}

void w3p_psa_list(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_caller caller;
    struct w3p_psa_filter filter;
    struct w3p_psa_error error = {0};
    struct w3p_engine_snapshot snapshot; // render_for fills it
    struct w3p_pin_page page = {0};
    struct w3p_buf body;
    struct w3p_json j;
    if (!w3p_caller_admit(&caller, call, req))
        return;
    if (w3p_psa_filter_parse(&filter, &error, req->query, caller.app->psa->strict_default_status) != W3P_OK) {
        w3p_reply_invalid(call, &error);
        return;
    }
    if (!w3p_restrict_list(call, &caller, &filter.query)) {
        w3p_psa_filter_deinit(&filter);
        return;
    }
    w3p_buf_init(&body, W3P_PSA_PAGE_BUF_MAX);
    w3p_buf_reserve(&body, filter.query.limit * PIN_USUAL_LEN);
    w3p_json_init(&j, &body);
    int err = w3p_reader_fresh(caller.db);
    if (err == W3P_OK && caller.account_id != 0)
        err = w3p_pins_list(caller.db, &page, caller.account_id, &filter.query);
    if (err == W3P_OK) {
        struct w3p_psa_render render = render_for(caller.app, &snapshot);
        w3p_psa_write_page(&j, &page, &render);
        err = w3p_buf_status(&body);
    }
    if (err == W3P_OK)
        w3p_reply_json(call, 200, w3p_buf_str(&body), body.len);
    else
        w3p_reply_store_failed(call);
    w3p_buf_deinit(&body);
    w3p_pin_page_deinit(&page);
    w3p_psa_filter_deinit(&filter);
}

void w3p_psa_get(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_caller caller;
    struct w3p_pin pin = {0};
    struct w3p_engine_snapshot snapshot; // render_for fills it
    struct w3p_buf body;
    struct w3p_json j;
    char requestid[UUID_LEN + 1];
    if (!w3p_caller_admit(&caller, call, req))
        return;
    int err = W3P_E_NOTFOUND;
    if (caller.account_id != 0 && requestid_of(requestid, req)) {
        err = w3p_reader_fresh(caller.db);
        if (err == W3P_OK)
            err = w3p_pins_get(caller.db, &pin, caller.account_id, requestid);
    }
    if (err == W3P_OK && !w3p_restrict_sees(&caller, pin.cid)) {
        w3p_pin_deinit(&pin);
        err = W3P_E_NOTFOUND;
    }
    if (err == W3P_E_NOTFOUND) {
        reply_no_pin(call);
        return;
    }
    if (err != W3P_OK) {
        w3p_reply_store_failed(call);
        return;
    }
    struct w3p_psa_render render = render_for(caller.app, &snapshot);
    w3p_buf_init(&body, W3P_PSA_PAGE_BUF_MAX);
    w3p_buf_reserve(&body, PIN_USUAL_LEN);
    w3p_json_init(&j, &body);
    w3p_psa_write_pin(&j, &pin, &render);
    w3p_reply_json(call, 200, w3p_buf_str(&body), body.len);
    w3p_buf_deinit(&body);
    w3p_pin_deinit(&pin);
}

// A change on its way through the store's writer.
struct change {
    struct w3p_async *async;
    struct w3p_app *app;
};

static char *change_error(size_t *len, int *status, int err)
{
    switch (err) {
    case W3P_E_NOTFOUND:
        *status = 404;
        return w3p_error_body(len, 404, NULL, "%s", W3P_NO_PIN);
    case W3P_E_FORBIDDEN:
        *status = 403;
        return w3p_error_body(len, 403, "QUOTA_EXCEEDED", "this account has used up its pins of today (UTC)");
    case W3P_E_LIMIT:
        *status = 403;
        return w3p_error_body(len, 403, "QUOTA_EXCEEDED",
                              "the orders for this account's pins of today (UTC) would cost more than it may have "
                              "(accounts.planck_per_day)");
    case W3P_E_FUNDS:
        *status = 409;
        return w3p_error_body(
            len, 409, NULL,
            "what the gateway may spend on orders today (UTC), or what it has on chain, does not cover this pin");
    case W3P_E_EXISTS:
        *status = 422;
        return w3p_error_body(len, 422, "IDEMPOTENCY_KEY_REUSED",
                              "another request was sent with this Idempotency-Key; send a new one with a new key");
    case W3P_E_STATE:
        *status = 404;
        return w3p_error_body(len, 404, NULL,
                              "the pin that this Idempotency-Key made has been deleted or replaced since; to pin anew, "
                              "send a new key");
    case W3P_E_RANGE:
        *status = 400;
        return w3p_error_body(len, 400, "INVALID_META", "meta.size is larger than the gateway orders");
    default:
        return w3p_unwritten_body(len, status, err, "pin");
    }
}

static void change_end(struct change *change, int status, char *body, size_t len)
{
    w3p_async_send(change->async, status, body, len);
    free(change);
}

static void on_changed(void *arg, int err, const struct w3p_pin *pin) // writer thread
{
    struct change *change = arg;
    struct w3p_engine_snapshot snapshot; // render_for fills it
    struct w3p_buf body;
    struct w3p_json j;
    size_t len = 0;
    int status = 202;
    char *text = NULL;
    if (err != W3P_OK) {
        text = change_error(&len, &status, err);
    } else if (pin != NULL) {
        struct w3p_psa_render render = render_for(change->app, &snapshot);
        w3p_buf_init(&body, W3P_PSA_PAGE_BUF_MAX);
        w3p_json_init(&j, &body);
        w3p_psa_write_pin(&j, pin, &render);
        len = body.len;
        text = w3p_buf_take(&body);
    }
    change_end(change, status, text, len);
}

static struct change *change_begin(struct w3p_call *call, struct w3p_app *app)
{
    struct w3p_async *async = w3p_async_begin(call);
    if (async == NULL)
        return NULL;
    struct change *change = w3p_calloc(1, sizeof *change);
    *change = (struct change){.async = async, .app = app};
    return change;
}

// The key of a request: "" for none. False: it is answered.
static bool take_key(char out[W3P_PIN_KEY_MAX + 1], struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_psa_error error = {.reason = "INVALID_IDEMPOTENCY_KEY",
                                  .details = "there is more than one Idempotency-Key"};
    out[0] = '\0';
    if (req->idempotency_key_count == 0)
        return true;
    if (req->idempotency_key_count == 1 &&
        w3p_psa_key_parse(out, &error, (const char *)req->idempotency_key.ptr, req->idempotency_key.len) == W3P_OK)
        return true;
    w3p_reply_invalid(call, &error);
    return false;
}

// Add (requestid NULL) and replace differ in one call only.
static void put_pin(struct w3p_call *call, const struct w3p_request *req, const struct w3p_caller *caller,
                    const char *requestid)
{
    struct w3p_psa_error error = {0};
    struct w3p_psa_pin pin;
    char key[W3P_PIN_KEY_MAX + 1];
    uint8_t request32[32];
    if (!take_key(key, call, req))
        return;
    if (w3p_psa_pin_parse(&pin, &error, (const char *)req->body.ptr, req->body.len) != W3P_OK) {
        w3p_reply_invalid(call, &error);
        return;
    }
    if (!w3p_restrict_new(call, caller, &pin.cid, pin.size)) {
        w3p_psa_pin_deinit(&pin);
        return;
    }
    struct w3p_pin_spec spec = {.identity = caller->identity,
                                .cid_text = pin.cid_text,
                                .cid = &pin.cid,
                                .name = pin.name,
                                .meta = pin.meta,
                                .origins = pin.origins,
                                .size = pin.size};
    if (key[0] != '\0') {
        w3p_psa_pin_fingerprint(request32, &pin, requestid);
        spec.key = key;
        spec.request32 = request32;
    }
    struct change *change = change_begin(call, caller->app);
    if (change != NULL) {
        struct w3p_pins *pins = caller->app->pins;
        int err = requestid == NULL ? w3p_pins_add(pins, &spec, on_changed, change)
                                    : w3p_pins_replace(pins, requestid, &spec, on_changed, change);
        if (err != W3P_OK)
            on_changed(change, err, NULL);
    }
    w3p_psa_pin_deinit(&pin);
}

void w3p_psa_add(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_caller caller;
    if (w3p_caller_admit(&caller, call, req))
        put_pin(call, req, &caller, NULL);
}

void w3p_psa_add_as(struct w3p_call *call, const struct w3p_request *req, const char *identity)
{
    put_pin(call, req, &(struct w3p_caller){.identity = identity, .app = req->app}, NULL);
}

void w3p_psa_replace(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_caller caller;
    char requestid[UUID_LEN + 1];
    if (!w3p_caller_admit(&caller, call, req))
        return;
    if (caller.account_id == 0 || !requestid_of(requestid, req))
        reply_no_pin(call);
    else if (w3p_restrict_pin(call, &caller, requestid))
        put_pin(call, req, &caller, requestid);
}

void w3p_psa_delete(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_caller caller;
    char requestid[UUID_LEN + 1];
    if (!w3p_caller_admit(&caller, call, req))
        return;
    if (caller.account_id == 0 || !requestid_of(requestid, req)) {
        reply_no_pin(call);
        return;
    }
    if (!w3p_restrict_pin(call, &caller, requestid))
        return;
    struct change *change = change_begin(call, caller.app);
    if (change == NULL)
        return;
    int err = w3p_pins_delete(caller.app->pins, caller.identity, requestid, on_changed, change);
    if (err != W3P_OK)
        on_changed(change, err, NULL);
}
