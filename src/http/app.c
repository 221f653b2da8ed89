// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what each loop thread of the gateway owns, the guard that turns a header into an account, the route table.
#include "http/caller.h"

#include <stdlib.h>

#include "base/log.h"

void *w3p_app_thread_init(void *app_arg)
{
    struct w3p_app *app = app_arg;
    struct w3p_errmsg msg = {0};
    struct w3p_app_thread *thread = w3p_calloc(1, sizeof *thread);
    if (w3p_store_reader(&thread->db, &msg, app->store) != W3P_OK) {
        w3p_logf(W3P_LOG_ERROR, "http.thread", "%s", msg.text);
        free(thread);
        return NULL;
    }
    thread->cache = w3p_auth_cache_create((size_t)app->psa->cache_entries, (unsigned)app->psa->cache_ttl_ms);
    return thread;
}

void w3p_app_thread_deinit(void *app, void *thread_data)
{
    struct w3p_app_thread *thread = thread_data;
    (void)app;
    w3p_auth_cache_destroy(thread->cache);
    w3p_store_reader_close(thread->db);
    free(thread);
}

_Static_assert(W3P_HTTP_TIDY_MS <= W3P_READER_HOLD_MS, "a reader would hold its state for too long");

void w3p_app_thread_tidy(void *app, void *thread_data)
{
    (void)app;
    w3p_reader_rest(((struct w3p_app_thread *)thread_data)->db);
}

static enum w3p_auth_reason authenticate(struct w3p_auth_entry **entry, struct w3p_app_thread *thread,
                                         const struct w3p_request *req)
{
    if (req->authorization_count == 0)
        return W3P_AUTH_MISSING;
    if (req->authorization_count > 1)
        return W3P_AUTH_DUPLICATE;
    return w3p_auth_cached(entry, thread->cache, (const char *)req->authorization.ptr, req->authorization.len);
}

// A token that is known is let through whatever its peer did; everything else has to fit into the peer's budget of
// failures before a signature is looked at. NULL: the call is answered.
static struct w3p_auth_entry *sign_in(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_app_thread *thread = req->thread_data;
    struct w3p_auth_entry *entry = NULL;
    if (req->authorization_count == 1)
        entry = w3p_auth_cache_find(thread->cache, (const char *)req->authorization.ptr, req->authorization.len);
    if (entry != NULL)
        return entry;
    if (!w3p_call_may_fail(call))
        return NULL;
    enum w3p_auth_reason reason = authenticate(&entry, thread, req);
    if (reason == W3P_AUTH_OK)
        return entry;
    w3p_call_note_reason(call, w3p_auth_reason_name(reason));
    if (w3p_call_charge_failure(call))
        w3p_reply_error(call, 401, NULL, "the access token is missing or not valid");
    return NULL;
}

bool w3p_caller_admit(struct w3p_caller *out, struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_app *app = req->app;
    struct w3p_app_thread *thread = req->thread_data;
    struct w3p_auth_entry *entry = sign_in(call, req);
    if (entry == NULL)
        return false;
    w3p_call_note_identity(call, entry->identity.text);
    if (!w3p_access_permits(app->access, &entry->identity)) {
        w3p_call_note_reason(call, "not-allowed");
        if (w3p_call_charge_failure(call))
            w3p_reply_error(call, 403, NULL, "the account %s is not on the list of accounts that may use this gateway",
                            entry->identity.text);
        return false;
    }
    if (!w3p_call_charge_account(call, entry->identity.text))
        return false;
    if (entry->account_id == 0) {
        int64_t found = w3p_reader_fresh(thread->db);
        if (found == W3P_OK)
            found = w3p_account_find(thread->db, entry->identity.text);
        if (found < 0) {
            w3p_reply_error(call, 503, NULL, "the database cannot be read at the moment");
            return false;
        }
        entry->account_id = found;
    }
    *out = (struct w3p_caller){
        .identity = entry->identity.text, .account_id = entry->account_id, .db = thread->db, .app = app};
    return true;
}

#define TABLE_ROW(method, path, handler, body_max, budget) {method, path, handler, body_max, W3P_BUDGET_##budget},
#define TABLE_DOC(method, path, handler, body_max, budget) &handler##_doc,
const struct w3p_route w3p_gateway_routes[] = {W3P_GATEWAY_ROUTES(TABLE_ROW){0}};
const struct w3p_doc *const w3p_gateway_docs[] = {W3P_GATEWAY_ROUTES(TABLE_DOC) NULL};
