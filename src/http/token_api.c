// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what an account does with its tokens: makes one that permits less, lists them, revokes them, logs out
// everywhere, switches W3Auth tokens off, asks what a token is.
// What changes here is told to the caches before anybody is told: w3p_authn_revoked.
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "http/auth_json.h"
#include "http/mint.h"

enum { ANSWER_MAX = 2048, LIST_MAX = 1 << 20, LISTED_MAX = 2 * W3P_TOKENS_PER_ACCOUNT, CAVEATS_MAX = 16 };

_Static_assert(W3P_RESTRICTIONS_CAVEATS_MAX + W3P_AUTH_MINT_CAVEATS_MAX <= CAVEATS_MAX, "both must fit");

// ---- POST /auth/token ----

// The new token permits nothing that the one that asks does not: its scopes, its end, its restrictions.
static void mint(struct w3p_call *call, const struct w3p_caller *caller, const struct w3p_auth_mint_body *body)
{
    struct w3p_caveat caveats[CAVEATS_MAX];
    const struct w3p_auth_entry *entry = caller->entry;
    size_t count = entry->restrictions != NULL ? w3p_restrictions_caveats(caveats, entry->restrictions) : 0;
    int64_t expires_s = w3p_clock_wall_ms() / 1000 + body->ttl_s;
    if (entry->expires_s > 0 && expires_s > entry->expires_s)
        expires_s = entry->expires_s;
    memcpy(caveats + count, body->caveats, body->caveat_count * sizeof caveats[0]);
    w3p_mint_begin(call, caller->app,
                   &(struct w3p_mint){.identity = caller->identity,
                                      .label = body->label,
                                      .scopes = body->scopes,
                                      .expires_s = expires_s,
                                      .caveats = caveats,
                                      .caveat_count = count + body->caveat_count,
                                      .parent = caller});
}

void w3p_token_mint(struct w3p_call *call, const struct w3p_request *req)
{
    const struct w3p_app *app = req->app;
    struct w3p_auth_times times = {.login_ttl_s = w3p_authn_login_ttl_s(app->authn),
                                   .ttl_max_s = w3p_authn_token_ttl_max_s(app->authn)};
    struct w3p_auth_mint_body body;
    struct w3p_psa_error error = {0};
    struct w3p_caller caller;
    if (!w3p_caller_admit(&caller, call, req))
        return;
    if (w3p_auth_mint_parse(&body, &error, &times, (const char *)req->body.ptr, req->body.len) != W3P_OK) {
        w3p_reply_invalid(call, &error);
        return;
    }
    if (w3p_caller_permits(call, &caller, body.scopes))
        mint(call, &caller, &body);
}

// ---- GET /auth/whoami ----

void w3p_token_whoami(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_caller caller;
    struct w3p_token_state state = {0};
    struct w3p_buf body;
    struct w3p_json j;
    if (!w3p_caller_admit(&caller, call, req))
        return;
    const struct w3p_auth_entry *entry = caller.entry;
    if (w3p_reader_fresh(caller.db) != W3P_OK ||
        w3p_tokens_state(caller.db, &state, caller.identity, NULL, 0) != W3P_OK) {
        w3p_reply_store_failed(call);
        return;
    }
    w3p_buf_init(&body, ANSWER_MAX);
    w3p_json_init(&j, &body);
    w3p_json_begin_object(&j);
    w3p_json_str_field(&j, "account", caller.identity);
    w3p_json_str_field(&j, "kind", w3p_auth_kind_name(entry->kind));
    w3p_auth_write_id(&j, entry->id, entry->id_len);
    w3p_auth_write_label(&j, entry->label);
    w3p_auth_write_scopes(&j, entry->scopes);
    w3p_auth_write_time(&j, "expires_at", entry->expires_s);
    w3p_auth_write_restrictions(&j, entry->restrictions);
    w3p_json_bool_field(&j, "legacy_off", state.legacy == W3P_ACCOUNT_LEGACY_OFF);
    w3p_json_end_object(&j);
    w3p_reply_buf(call, &body);
}

// ---- GET /auth/tokens ----

static bool is_own(const struct w3p_auth_entry *entry, const uint8_t *id, size_t id_len)
{
    return entry->id_len == id_len && memcmp(entry->id, id, id_len) == 0;
}

// Page by page until there are no more, or LISTED_MAX are written. *more: the latter.
static int write_tokens(struct w3p_json *j, bool *more, const struct w3p_caller *caller)
{
    struct w3p_token_row *rows = w3p_calloc(W3P_TOKENS_PAGE_MAX, sizeof *rows);
    struct w3p_token_row last;
    int64_t now_ms = w3p_clock_wall_ms();
    size_t written = 0, count = W3P_TOKENS_PAGE_MAX;
    int err = W3P_OK;
    while (err == W3P_OK && count == W3P_TOKENS_PAGE_MAX && written < LISTED_MAX) {
        err = w3p_tokens_page(caller->db, rows, W3P_TOKENS_PAGE_MAX, &count, caller->identity,
                              written > 0 ? &last : NULL, now_ms);
        for (size_t i = 0; err == W3P_OK && i < count; i++)
            w3p_auth_write_row(j, &rows[i], is_own(caller->entry, rows[i].id, rows[i].id_len));
        written += count;
        if (count > 0)
            last = rows[count - 1];
    }
    *more = written >= LISTED_MAX && count == W3P_TOKENS_PAGE_MAX;
    free(rows);
    return err;
}

void w3p_token_list(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_caller caller;
    struct w3p_buf body;
    struct w3p_json j;
    bool more = false;
    if (!w3p_caller_admit(&caller, call, req))
        return;
    w3p_buf_init(&body, LIST_MAX);
    w3p_json_init(&j, &body);
    w3p_json_begin_object(&j);
    w3p_json_key(&j, "tokens");
    w3p_json_begin_array(&j);
    int err = w3p_reader_fresh(caller.db);
    if (err == W3P_OK)
        err = write_tokens(&j, &more, &caller);
    w3p_json_end_array(&j);
    w3p_json_bool_field(&j, "more", more);
    w3p_json_end_object(&j);
    if (err == W3P_OK) {
        w3p_reply_buf(call, &body);
        return;
    }
    w3p_buf_deinit(&body);
    w3p_reply_store_failed(call);
}

// ---- changes ----

enum change_kind { REVOKE, LOGOUT_ALL, LEGACY };
struct change {
    struct w3p_write write; // first: the store gives it back
    struct w3p_async *async;
    struct w3p_app *app;
    enum change_kind kind;
    struct w3p_credential by; // whose credential asked
    uint8_t id[W3P_TOKEN_ID_MAX];
    size_t id_len;
    bool off;
};

static int run_change(struct w3p_write *self, struct w3p_db *db)
{
    struct change *change = (struct change *)self;
    const char *identity = change->by.identity.text;
    int64_t now_ms = w3p_clock_wall_ms();
    int err = w3p_credential_check(db, &change->by);
    if (err != W3P_OK)
        return err;
    switch (change->kind) {
    case REVOKE:
        return w3p_tokens_revoke(db, identity, change->id, change->id_len, now_ms);
    case LOGOUT_ALL:
        return w3p_tokens_logout_all(db, identity, now_ms);
    case LEGACY:
        return w3p_tokens_set_legacy(db, identity, change->off ? W3P_ACCOUNT_LEGACY_OFF : W3P_ACCOUNT_LEGACY_DEFAULT);
    }
    return W3P_E_INTERNAL;
}

static char *change_error(size_t *len, int *status, int err, const struct change *change)
{
    switch (err) {
    case W3P_E_NOTFOUND:
        *status = 404;
        return w3p_error_body(len, 404, NULL, "this account has no token with this id");
    case W3P_E_AUTH:
        return w3p_credential_refused(len, status, change->async, W3P_AUTH_REVOKED, change->by.trace);
    case W3P_E_LIMIT:
        *status = 409;
        return w3p_error_body(
            len, 409, "TOO_MANY_REVOCATIONS",
            "this account has revoked %d tokens that have not expired yet; log out everywhere instead",
            W3P_REVOKED_PER_ACCOUNT);
    default:
        return w3p_unwritten_body(len, status, err, "change");
    }
}

static void on_changed(struct w3p_write *self, int result) // writer thread
{
    struct change *change = (struct change *)self;
    size_t len = 0;
    int status = change->kind == LEGACY ? 200 : 204;
    char *body = NULL;
    if (result != W3P_OK) {
        body = change_error(&len, &status, result, change);
    } else {
        w3p_authn_revoked(change->app->authn);
        if (change->kind == LEGACY) {
            body = w3p_strdup(change->off ? "{\"legacy_off\":true}" : "{\"legacy_off\":false}");
            len = strlen(body);
        }
    }
    w3p_async_send(change->async, status, body, len);
    free(change);
}

static void change_begin(struct w3p_call *call, const struct w3p_caller *caller, const struct change *wish)
{
    struct w3p_async *async = w3p_async_begin(call);
    if (async == NULL)
        return;
    struct change *change = w3p_memdup(wish, sizeof *wish);
    change->write = (struct w3p_write){.run = run_change, .done = on_changed};
    change->async = async;
    change->app = caller->app;
    w3p_credential_of(&change->by, caller);
    int err = w3p_store_write(caller->app->store, &change->write);
    if (err != W3P_OK)
        on_changed(&change->write, err);
}

// Whoever has a whole token may end it. Who was given a narrowed one would end that of its giver, which has its id.
static bool may_end_itself(const struct w3p_caller *caller, const struct change *change)
{
    const struct w3p_auth_entry *entry = caller->entry;
    struct w3p_token_state state = {0};
    if (!is_own(entry, change->id, change->id_len) || entry->restrictions != NULL)
        return false;
    return w3p_reader_fresh(caller->db) == W3P_OK &&
           w3p_tokens_state(caller->db, &state, caller->identity, entry->id, entry->id_len) == W3P_OK &&
           (!state.known || (entry->scopes == state.row.scopes && entry->expires_s == state.row.expires_s));
}

void w3p_token_revoke(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_caller caller;
    struct change change = {.kind = REVOKE};
    if (!w3p_caller_admit_any(&caller, call, req))
        return;
    bool is_id = w3p_auth_id_parse(change.id, &change.id_len, req->param) == W3P_OK;
    if (!(is_id && may_end_itself(&caller, &change)) && !w3p_caller_permits(call, &caller, req->scope))
        return;
    if (is_id)
        change_begin(call, &caller, &change);
    else
        w3p_reply_error(call, 404, NULL, "this account has no token with this id");
}

void w3p_token_logout_all(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_caller caller;
    if (w3p_caller_admit(&caller, call, req))
        change_begin(call, &caller, &(struct change){.kind = LOGOUT_ALL});
}

void w3p_token_legacy(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_caller caller;
    struct w3p_psa_error error = {0};
    struct change change = {.kind = LEGACY};
    if (!w3p_caller_admit(&caller, call, req))
        return;
    if (w3p_auth_legacy_parse(&change.off, &error, (const char *)req->body.ptr, req->body.len) == W3P_OK)
        change_begin(call, &caller, &change);
    else
        w3p_reply_invalid(call, &error);
}
