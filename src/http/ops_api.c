// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: /healthz (the process answers), /readyz (pins are accepted durably) and /openapi.json. None waits for a
// chain.
#include "http/caller.h"

#include "base/json.h"

const char *w3p_chain_word(enum w3p_chain_state state)
{
    switch (state) {
    case W3P_CHAIN_OK:
        return "ok";
    case W3P_CHAIN_UNREACHABLE:
        return "unreachable";
    case W3P_CHAIN_SYNCING:
        return "syncing";
    case W3P_CHAIN_STALE:
        return "stale";
    case W3P_CHAIN_STARTING:
        break;
    }
    return "starting";
}

void w3p_ops_healthz(struct w3p_call *call, const struct w3p_request *req)
{
    static const char body[] = "{\"ok\":true}";
    (void)req;
    w3p_reply_json(call, 200, body, sizeof body - 1);
}

static void put_endpoints(struct w3p_json *j, const struct w3p_app *app)
{
    struct w3p_endpoint_counts counts;
    app->endpoints(app->arg, &counts);
    w3p_json_key(j, "endpoints");
    w3p_json_begin_object(j);
    w3p_json_int_field(j, "all", (int64_t)counts.all);
    w3p_json_int_field(j, "healthy", (int64_t)counts.healthy);
    w3p_json_int_field(j, "voices", (int64_t)counts.voices);
    w3p_json_int_field(j, "contradicting", (int64_t)counts.contradicting);
    w3p_json_int_field(j, "subscribed", (int64_t)counts.subscribed);
    w3p_json_end_object(j);
}

void w3p_ops_readyz(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_app *app = req->app;
    struct w3p_engine_snapshot snapshot = {0};
    struct w3p_buf body;
    struct w3p_json j;
    bool ready = !app->draining && w3p_store_healthy(app->store);
    w3p_engine_snapshot(app->engine, &snapshot);
    w3p_buf_init(&body, 512);
    w3p_json_init(&j, &body);
    w3p_json_begin_object(&j);
    w3p_json_bool_field(&j, "ready", ready);
    w3p_json_str_field(&j, "chain", w3p_chain_word(snapshot.chain));
    w3p_json_int_field(&j, "best", (int64_t)snapshot.best_number);
    w3p_json_int_field(&j, "finalized", (int64_t)snapshot.final_number);
    w3p_json_int_field(&j, "queued", (int64_t)snapshot.queued);
    w3p_json_bool_field(&j, "paused", snapshot.paused);
    w3p_json_str_field(&j, "funds", w3p_funds_word(snapshot.money.funds));
    if (app->endpoints != NULL)
        put_endpoints(&j, app);
    w3p_json_end_object(&j);
    w3p_reply_json(call, ready ? 200 : 503, w3p_buf_str(&body), body.len);
    w3p_buf_deinit(&body);
}

void w3p_ops_openapi(struct w3p_call *call, const struct w3p_request *req)
{
    const struct w3p_openapi *doc = &((const struct w3p_app *)req->app)->openapi;
    w3p_call_add_header(call, "etag", doc->etag);
    w3p_call_add_header(call, "cache-control", "public, max-age=300");
    if (w3p_openapi_matches(doc->etag, req->if_none_match))
        w3p_reply_empty(call, 304);
    else
        w3p_reply_json(call, 200, doc->text, doc->len);
}
