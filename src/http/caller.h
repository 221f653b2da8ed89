// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the guard in front of every handler that needs an account, and what a loop thread keeps for it. A handler
// begins with it and does nothing when it says no.
// Threads: the loop's own.  Ownership: borrowed from the thread until the next guarded call.
#ifndef W3P_HTTP_CALLER_H
#define W3P_HTTP_CALLER_H

#include "http/app.h"
#include "http/gateway_routes.h"

struct w3p_app_thread {
    struct w3p_db *db; // reader
    struct w3p_authn_thread *authn;
};

struct w3p_caller {
    const char *identity;
    int64_t account_id;                 // 0: has never pinned
    const struct w3p_auth_entry *entry; // what the credential permits
    struct w3p_span header;             // it came in this
    struct w3p_db *db;
    struct w3p_app *app;
};
// False: the call is answered already: 401 (one body for every reason), 403 (also when the credential does not permit
// what the table of routes says), 429, or 503 without a database.
bool w3p_caller_admit(struct w3p_caller *out, struct w3p_call *call, const struct w3p_request *req) W3P_NODISCARD;
// The same without a look at the scope of the route, for a handler that decides by itself and says so in its table row
// with W3P_ROUTE_ANY or a comment.
bool w3p_caller_admit_any(struct w3p_caller *out, struct w3p_call *call, const struct w3p_request *req) W3P_NODISCARD;
// Does the caller's credential permit this? False: 403 is answered.
bool w3p_caller_permits(struct w3p_call *call, const struct w3p_caller *caller, unsigned scope) W3P_NODISCARD;

// The one answer to a credential that is refused, 401, for whatever reason, which is noted in the log alone. It counts
// as a failure of the peer, so it may be 429. 503 for W3P_AUTH_STORE.
#define W3P_CALLER_REFUSED "the access token is missing or not valid"
void w3p_caller_refuse(struct w3p_call *call, const struct w3p_request *req, enum w3p_auth_reason reason);
// Is the account on the list of those that may use this gateway? False: 403 is answered, or 429.
bool w3p_caller_listed(struct w3p_call *call, const struct w3p_app *app,
                       const struct w3p_identity *identity) W3P_NODISCARD;

void w3p_reply_invalid(struct w3p_call *call, const struct w3p_psa_error *error); // 400: a body or query
void w3p_reply_store_failed(struct w3p_call *call);                               // 503: the database cannot be read
// The body, and in *status the status, for a change that could not be written, whatever it is ("pin"): 503.
char *w3p_unwritten_body(size_t *len, int *status, int err, const char *what);

// As w3p_psa_add for an identity that needs no token: of the admin socket.
void w3p_psa_add_as(struct w3p_call *call, const struct w3p_request *req, const char *identity);
const char *w3p_chain_word(enum w3p_chain_state state); // "ok", "unreachable" …

#endif
