// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: caller.h: from the header of a request to an account that may do what the route is for. What a flood of bad
// credentials costs is decided here: a look-up by a hash, the budget of the peer, and only then a signature.
#include "http/caller.h"

#include "base/log.h"

// One body for every reason; which one it was stands in the log.
void w3p_caller_refuse(struct w3p_call *call, const struct w3p_request *req, enum w3p_auth_reason reason)
{
    char trace[W3P_AUTH_TRACE_LEN + 1];
    w3p_call_note_reason(call, w3p_auth_reason_name(reason));
    if (reason == W3P_AUTH_STORE) {
        w3p_reply_error(call, 503, NULL, "the database cannot be read at the moment");
        return;
    }
    if (req->authorization_count > 0) {
        w3p_auth_trace(trace, (const char *)req->authorization.ptr, req->authorization.len);
        w3p_call_note_credential(call, trace);
    }
    if (w3p_call_charge_failure(call))
        w3p_reply_error(call, 401, NULL, "%s", W3P_CALLER_REFUSED);
}

// What a minted token says of the request itself: the page and the network that it may come from.
static enum w3p_auth_reason judge_request(const struct w3p_call *call, const struct w3p_request *req,
                                          const struct w3p_restrictions *restrictions)
{
    uint8_t addr16[16];
    if (!w3p_restrictions_permit_origin(restrictions, (const char *)req->origin.ptr, req->origin.len))
        return W3P_AUTH_ORIGIN;
    if (restrictions->has_net &&
        (!w3p_call_client_addr(addr16, call) || !w3p_restrictions_permit_addr(restrictions, addr16)))
        return W3P_AUTH_NETWORK;
    return W3P_AUTH_OK;
}

// A token that is known is let through whatever its peer did; everything else has to fit into the peer's budget of
// failures, and a signature into that of all peers, before it is looked at. NULL: the call is answered.
static struct w3p_auth_entry *sign_in(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_authn_thread *authn = ((struct w3p_app_thread *)req->thread_data)->authn;
    const char *header = (const char *)req->authorization.ptr;
    struct w3p_auth_entry *entry = NULL;
    enum w3p_auth_reason reason = req->authorization_count == 0 ? W3P_AUTH_MISSING : W3P_AUTH_DUPLICATE;
    if (req->authorization_count == 1)
        reason = w3p_authn_find(&entry, authn, header, req->authorization.len);
    if (reason == W3P_AUTH_OK)
        return entry;
    if (!w3p_call_may_fail(call))
        return NULL;
    if (reason == W3P_AUTH_UNKNOWN) {
        if (!w3p_call_charge_verify(call))
            return NULL;
        reason = w3p_authn_verify(&entry, authn, header, req->authorization.len);
    }
    if (reason == W3P_AUTH_OK)
        return entry;
    w3p_caller_refuse(call, req, reason);
    return NULL;
}

bool w3p_caller_permits(struct w3p_call *call, const struct w3p_caller *caller, unsigned scope)
{
    // Neither 0 nor W3P_ROUTE_PUBLIC is anything that a credential has.
    if (scope == W3P_ROUTE_ANY || (scope != 0 && (caller->entry->scopes & scope) == scope))
        return true;
    struct w3p_buf names;
    w3p_buf_init(&names, W3P_SCOPES_TEXT_MAX);
    w3p_scopes_format(&names, (w3p_scopes)(scope & W3P_SCOPES_ALL), ", ");
    w3p_call_note_reason(call, "scope");
    w3p_reply_error(call, 403, "INSUFFICIENT_SCOPE", "the access token does not permit this; it takes the scope %s",
                    names.len > 0 ? w3p_buf_str(&names) : "that nobody has");
    w3p_buf_deinit(&names);
    return false;
}

bool w3p_caller_listed(struct w3p_call *call, const struct w3p_app *app, const struct w3p_identity *identity)
{
    if (w3p_access_permits(app->access, identity))
        return true;
    w3p_call_note_reason(call, "not-allowed");
    if (w3p_call_charge_failure(call))
        w3p_reply_error(call, 403, NULL, "the account %s is not on the list of accounts that may use this gateway",
                        identity->text);
    return false;
}

bool w3p_caller_admit_any(struct w3p_caller *out, struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_app *app = req->app;
    struct w3p_app_thread *thread = req->thread_data;
    struct w3p_auth_entry *entry = sign_in(call, req);
    if (entry == NULL)
        return false;
    w3p_call_note_identity(call, entry->identity.text);
    enum w3p_auth_reason fits =
        entry->restrictions != NULL ? judge_request(call, req, entry->restrictions) : W3P_AUTH_OK;
    if (fits != W3P_AUTH_OK) {
        w3p_caller_refuse(call, req, fits);
        return false;
    }
    if (!w3p_caller_listed(call, app, &entry->identity)) {
        w3p_authn_turned_away(thread->authn, entry);
        return false;
    }
    if (!w3p_call_charge_account(call, entry->identity.text))
        return false;
    w3p_authn_admitted(thread->authn, entry);
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
    *out = (struct w3p_caller){.identity = entry->identity.text,
                               .account_id = entry->account_id,
                               .entry = entry,
                               .header = req->authorization,
                               .db = thread->db,
                               .app = app};
    return true;
}

bool w3p_caller_admit(struct w3p_caller *out, struct w3p_call *call, const struct w3p_request *req)
{
    return w3p_caller_admit_any(out, call, req) && w3p_caller_permits(call, out, req->scope);
}

void w3p_reply_invalid(struct w3p_call *call, const struct w3p_psa_error *error)
{
    w3p_call_note_reason(call, error->reason);
    w3p_reply_error(call, 400, error->reason, "%s", error->details);
}

void w3p_reply_store_failed(struct w3p_call *call)
{
    w3p_reply_error(call, 503, "STORE_FAILED", "the gateway cannot read its database at the moment");
}

char *w3p_unwritten_body(size_t *len, int *status, int err, const char *what)
{
    *status = 503;
    if (err == W3P_E_BUSY)
        return w3p_error_body(len, 503, NULL, "too many changes are waiting; try again in a moment");
    if (err == W3P_E_CLOSED)
        return w3p_error_body(len, 503, NULL, "the gateway is stopping; try again in a moment");
    return w3p_error_body(len, 503, "STORE_FAILED", "the %s could not be stored; nothing was changed", what);
}
