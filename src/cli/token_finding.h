// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what `w3pin token inspect` finds out about a token, and how it is shown.
// Must not: be included outside src/cli/token*.c.
#ifndef W3P_CLI_TOKEN_FINDING_H
#define W3P_CLI_TOKEN_FINDING_H

#include "authn.h"
#include "base/json.h"
#include "macaroon.h"

enum w3p_validity { W3P_VALIDITY_NO, W3P_VALIDITY_YES, W3P_VALIDITY_UNKNOWN };
struct w3p_token_finding {
    enum w3p_validity valid;
    enum w3p_auth_reason reason;
    const char *more; // more exact than the reason's sentence, behind it; NULL: nothing. Not owned
    bool asked;       // the gateway was asked: `valid` is its word, and if it is yes, identity, scopes and end are too
    char trace[W3P_AUTH_TRACE_LEN + 1];
    bool has_kind; // false: nothing below is filled
    enum w3p_auth_kind kind;
    struct w3p_identity identity; // "" of a minted token, which does not say whose it is. A claim unless valid
    const char *chain;            // NULL likewise
    char address[sizeof((struct w3p_address){0}.text)];
    // of a self-issued or minted token
    bool has_body;                                     // they could be read
    char audience[W3P_HOST_MAX], domain[W3P_HOST_MAX]; // self-issued
    char id[2 * W3P_AUTH_ID_MAX + 1], label[W3P_AUTH_LABEL_MAX + 1];
    int64_t issued_s, expires_s; // 0: not said
    w3p_scopes scopes;
    struct w3p_restrictions restrictions; // minted
    unsigned kid;                         // minted
};

// Where and when the token is judged.
struct w3p_token_place {
    const struct w3p_hosts *audiences; // NULL: the gateway that it names
    const struct w3p_hosts *domains;   // with audiences only; may be NULL
    int64_t now_ms;
};
// text: a token, or a whole header value when there is a space in it.
void w3p_token_examine(struct w3p_token_finding *out, struct w3p_span text, const struct w3p_token_place *place);

// What the gateway answered (w3p_token_ask_whoami); NULL: it refuses, and says why.
void w3p_token_examine_answer(struct w3p_token_finding *f, const json_t *answer, const char *why);

// On stdout.
void w3p_token_print_text(const struct w3p_token_finding *finding);
void w3p_token_print_json(const struct w3p_token_finding *finding);

#endif
