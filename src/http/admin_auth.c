// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the operator does with keys, tokens and accounts over admin.socket: lists, rotates and drops the keys
// of minted tokens (never shows one), revokes a token or all of an account, switches W3Auth tokens of an account.
// Threads: the one loop of the admin server; handlers wait for the disk.
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/admin_auth.h"
#include "http/auth_json.h"
#include "http/caller.h"

enum { ANSWER_MAX = 32768 };

// ---- keys ----

void w3p_admin_keys(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_app *app = req->app;
    struct w3p_authn_key_info keys[W3P_AUTH_KEYS_MAX];
    struct w3p_buf body;
    struct w3p_json j;
    size_t count = w3p_authn_keys(app->authn, keys, W3P_AUTH_KEYS_MAX);
    w3p_buf_init(&body, ANSWER_MAX);
    w3p_json_init(&j, &body);
    w3p_json_begin_object(&j);
    w3p_json_key(&j, "keys");
    w3p_json_begin_array(&j);
    for (size_t i = 0; i < count && i < W3P_AUTH_KEYS_MAX; i++) {
        w3p_json_begin_object(&j);
        w3p_json_int_field(&j, "kid", keys[i].kid);
        w3p_json_bool_field(&j, "current", keys[i].current);
        w3p_auth_write_time(&j, "made", keys[i].made_ms / 1000);
        w3p_json_end_object(&j);
    }
    w3p_json_end_array(&j);
    w3p_json_end_object(&j);
    w3p_reply_buf(call, &body);
}

static void reply_kid(struct w3p_call *call, const char *key, unsigned kid)
{
    struct w3p_buf body;
    w3p_buf_init(&body, ANSWER_MAX);
    w3p_buf_printf(&body, "{\"%s\":%u}", key, kid);
    w3p_reply_buf(call, &body);
}

void w3p_admin_key_rotate(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_app *app = req->app;
    uint8_t kid = 0;
    switch (w3p_authn_key_rotate(app->authn, &kid)) {
    case W3P_OK:
        w3p_logf(W3P_LOG_WARN, "auth.key_made", "key %u makes new tokens from now on, by the operator", (unsigned)kid);
        reply_kid(call, "kid", kid);
        return;
    case W3P_E_LIMIT:
        w3p_reply_error(call, 409, "TOO_MANY_KEYS", "all %d numbers are in use; drop old keys first",
                        W3P_AUTH_KEYS_MAX);
        return;
    default:
        w3p_admin_store_failed(call);
    }
}

void w3p_admin_key_drop(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_app *app = req->app;
    uint64_t kid = 0;
    if (w3p_u64_parse(&kid, (const char *)req->param.ptr, req->param.len) != W3P_OK || kid > W3P_AUTH_KEYS_MAX)
        kid = 0; // no key has this number
    switch (w3p_authn_key_drop(app->authn, (uint8_t)kid)) {
    case W3P_OK:
        w3p_logf(W3P_LOG_WARN, "auth.key_dropped", "key %u and every token that it made, by the operator",
                 (unsigned)kid);
        reply_kid(call, "dropped", (unsigned)kid);
        return;
    case W3P_E_NOTFOUND:
        w3p_reply_error(call, 404, NULL, "there is no key with this number");
        return;
    case W3P_E_STATE:
        w3p_reply_error(call, 409, "KEY_IN_USE", "key %u makes the new tokens; make another one first", (unsigned)kid);
        return;
    default:
        w3p_admin_store_failed(call);
    }
}

// ---- tokens and accounts ----

struct change {
    struct w3p_write write; // first
    enum { REVOKE, LOGOUT_ALL, LEGACY } kind;
    struct w3p_identity identity;
    uint8_t id[W3P_TOKEN_ID_MAX];
    size_t id_len;
    bool off;
};

static int run_change(struct w3p_write *self, struct w3p_db *db)
{
    const struct change *change = (struct change *)self;
    int64_t now_ms = w3p_clock_wall_ms();
    switch (change->kind) {
    case REVOKE:
        return w3p_tokens_revoke_any(db, change->id, change->id_len, now_ms);
    case LOGOUT_ALL:
        return w3p_tokens_logout_all(db, change->identity.text, now_ms);
    case LEGACY:
        return w3p_tokens_set_legacy(db, change->identity.text,
                                     change->off ? W3P_ACCOUNT_LEGACY_OFF : W3P_ACCOUNT_LEGACY_ON);
    }
    return W3P_E_INTERNAL;
}

static void carry_out(struct w3p_call *call, struct w3p_app *app, struct change *change, const char *answer)
{
    change->write.run = run_change;
    int err = w3p_store_write_wait(app->store, &change->write);
    if (err == W3P_OK) {
        w3p_authn_revoked(app->authn);
        w3p_reply_json(call, 200, answer, strlen(answer));
    } else if (err == W3P_E_NOTFOUND) {
        w3p_reply_error(call, 404, NULL, "no token with this id was made or used here");
    } else {
        w3p_admin_store_failed(call);
    }
}

// "evm:0x…" as the log names accounts, or "eth-0x…" as wallets do.
static bool take_account(struct w3p_identity *out, const json_t *root)
{
    const json_t *value = json_object_get(root, "account");
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);
    return text != NULL &&
           (w3p_identity_parse(out, text, len) == W3P_OK || w3p_auth_address(out, text, len) == W3P_AUTH_OK);
}

// {"id":"…"} for one token, {"account":"…"} for all of an account.
void w3p_admin_revoke(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_errmsg msg = {{0}};
    struct change change = {.kind = REVOKE};
    json_t *root = w3p_json_parse(&msg, (const char *)req->body.ptr, req->body.len);
    const json_t *id = json_object_get(root, "id"), *account = json_object_get(root, "account");
    struct w3p_span text = W3P_SPAN(json_string_value(id), json_string_length(id));
    if (id != NULL && account == NULL && w3p_auth_id_parse(change.id, &change.id_len, text) == W3P_OK) {
        carry_out(call, req->app, &change, "{\"revoked\":true}");
    } else if (id == NULL && take_account(&change.identity, root)) {
        change.kind = LOGOUT_ALL;
        carry_out(call, req->app, &change, "{\"revoked\":true}");
    } else {
        w3p_reply_error(call, 400, NULL,
                        "say {\"id\":\"...\"} with 32 or 64 hex digits, or {\"account\":\"evm:0x...\"}");
    }
    json_decref(root);
}

// {"account":"…","off":true|false}; false: on, also where auth.legacy is for known accounts only. Where it is off it
// stays off.
void w3p_admin_legacy(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_errmsg msg = {{0}};
    struct change change = {.kind = LEGACY};
    json_t *root = w3p_json_parse(&msg, (const char *)req->body.ptr, req->body.len);
    const json_t *off = json_object_get(root, "off");
    change.off = json_is_true(off);
    if (json_is_boolean(off) && take_account(&change.identity, root))
        carry_out(call, req->app, &change, change.off ? "{\"legacy_off\":true}" : "{\"legacy_off\":false}");
    else
        w3p_reply_error(call, 400, NULL, "say {\"account\":\"evm:0x...\",\"off\":true} or false");
    json_decref(root);
}
