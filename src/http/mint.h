// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: minting a token: its row in the database, in one change with the nonce that a login uses up, and its text in
// the answer once that is on the disk. For a login and for a token that another one asks for.
// Threads: begin on a loop thread; the answer comes from the store's writer.  Ownership: everything is copied.
#ifndef W3P_HTTP_MINT_H
#define W3P_HTTP_MINT_H

#include "caveat.h"
#include "http/caller.h"
#include "login.h"

struct w3p_mint {
    const char *identity, *label;
    w3p_scopes scopes;
    int64_t expires_s;
    const struct w3p_caveat *caveats; // what it permits less than its scopes say
    size_t caveat_count;
    // Why: one of them, the other is NULL.
    const struct w3p_login *login;   // its nonce is used up
    const struct w3p_caller *parent; // the credential that asks must still be good when the row is written
};
// Answers the call, now or later: 200 with the token, the usual 401 when the nonce was used, the account logged out
// everywhere since the challenge, or the parent was revoked meanwhile, 409 when the account has W3P_TOKENS_PER_ACCOUNT
// tokens (W3P_TOKENS_BY_TOKENS for a parent), 503.
void w3p_mint_begin(struct w3p_call *call, struct w3p_app *app, const struct w3p_mint *mint);

// Whether the credential of a request is still good, in a job of the writer that acts on its word. W3P_E_AUTH: no.
struct w3p_credential {
    struct w3p_identity identity;
    uint8_t id[W3P_TOKEN_ID_MAX];
    size_t id_len;
    int64_t issued_s;
    char trace[W3P_AUTH_TRACE_LEN + 1]; // for the log
};
void w3p_credential_of(struct w3p_credential *out, const struct w3p_caller *caller);
int w3p_credential_check(struct w3p_db *db, const struct w3p_credential *credential) W3P_NODISCARD;
// The answer to a job whose check said no: the usual 401, and what the log says of it.
char *w3p_credential_refused(size_t *len, int *status, struct w3p_async *async, enum w3p_auth_reason reason,
                             const char *trace);

#endif
