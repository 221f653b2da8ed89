// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what `w3pin token` asks a gateway over HTTP: a sign-in, and what a token is worth there.
// Must not: send a token, or a signature, to another host than the one that was named; be included outside src/cli.
#ifndef W3P_CLI_TOKEN_WEB_H
#define W3P_CLI_TOKEN_WEB_H

#include "auth.h"
#include "base/json.h"
#include "scope.h"

struct w3p_token_login {
    const char *url;      // of the gateway, with or without /psa
    const char *audience; // host by which it calls itself; NULL: that of the URL
    const char *domain;   // host of the page that signs in, in its one spelling; NULL: the gateway itself
    const char *label;    // NULL: none
    w3p_scopes scopes;
    int64_t ttl_s; // 0: what the gateway gives
};
// Asks for a challenge, signs it, and appends the minted token. Only a text that is for this gateway, this wallet, this
// page, and for nothing beyond what is asked here is signed: W3P_E_FORBIDDEN for another one. W3P_E_AUTH and
// W3P_E_REMOTE: the gateway refuses, in its own words.
int w3p_token_ask_login(struct w3p_buf *token, struct w3p_errmsg *msg, const struct w3p_scheme *scheme,
                        const struct w3p_keypair *key, const struct w3p_token_login *wish) W3P_NODISCARD;
// The check of the text alone.
int w3p_token_ask_check(struct w3p_errmsg *msg, const struct w3p_scheme *scheme, struct w3p_span address,
                        struct w3p_span text, const struct w3p_token_login *wish) W3P_NODISCARD;

// What the gateway says of a token (without "Bearer "): its answer to GET /auth/whoami, a new reference. origin: the
// page that asks, as browsers say it; NULL: none.
// W3P_E_AUTH: it refuses the token, in its own words.
int w3p_token_ask_whoami(json_t **out, struct w3p_errmsg *msg, const char *url, const char *origin,
                         struct w3p_span token) W3P_NODISCARD;

#endif
