// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: self-issued tokens: a sign-in text that a wallet signed once, carried inside the W3Auth token as
// base64("chain-address-m1.<base64 of the text>:signature"). It names this gateway, its scopes and its end, so it needs
// nothing of the server but the list of what was revoked.
// Threads: any; pure functions.  Must not: know what was revoked, accounts or HTTP.
// Source: EIP-4361 and CAIP-122 for the text; the third field is ours.
#ifndef W3P_AUTH_SELFISSUED_H
#define W3P_AUTH_SELFISSUED_H

#include "auth.h"
#include "crypto/keys.h"
#include "scope.h"
#include "signed_text.h"

#define W3P_SELFISSUED_PREFIX "m1."
#define W3P_SELFISSUED_SCOPE "urn:w3auth:scope:" // and the name of a scope: a resource of the text
#define W3P_SELFISSUED_LIFE_MAX_S (366 * 86400)

struct w3p_selfissued {
    struct w3p_identity identity;
    w3p_scopes scopes;
    int64_t issued_s, expires_s;
    uint8_t msgid32[32];                // SHA-256 of the text: what a revocation names
    char label[W3P_SIWX_LABEL_MAX + 1]; // the Request ID, cut to its first bytes
};

// True: a token of this kind (so w3p_token_verify is not for it).
bool w3p_selfissued_is(const struct w3p_token *token);
// The text inside. W3P_E_INVALID: not strict base64 without padding, or longer than W3P_SIWX_MAX.
int w3p_selfissued_text(char out[W3P_SIWX_MAX], size_t *out_len, const struct w3p_token *token) W3P_NODISCARD;

// Where and when a token is looked at.
struct w3p_selfissued_rules {
    const struct w3p_hosts *audiences, *domains; // domains: pages that may ask for it; NULL: the audiences only
    int64_t now_ms;
};
// Everything but revocation, the cheap checks before the signature: the text is of the fixed grammar (MESSAGE), is this
// wallet's (MESSAGE_ADDRESS), for this gateway (AUDIENCE) and from a page that may (DOMAIN), begins at most a minute in
// the future (NOT_YET), ends later than now (EXPIRED) and at most 366 days after Issued At (LIFETIME), names one scope
// or more and no other urn:w3auth: resource (SCOPES), and is signed. *out is filled on OK only.
enum w3p_auth_reason w3p_selfissued_check(struct w3p_selfissued *out, const struct w3p_token *token,
                                          const struct w3p_selfissued_rules *rules);

// For the command line: what a token shall say.
struct w3p_selfissued_wish {
    const char *audience; // URL of the gateway; its host is what the token is bound to
    const char *domain;   // NULL: that host
    const char *label;    // NULL: none
    w3p_scopes scopes;
    int64_t ttl_s, now_ms;
};
// Appends the token of this key. W3P_E_INVALID with a sentence for a wish that no gateway would accept;
// W3P_E_UNSUPPORTED for a scheme without texts or a key of another type.
int w3p_selfissued_make(struct w3p_buf *token, struct w3p_errmsg *msg, const struct w3p_scheme *scheme,
                        const struct w3p_keypair *key, const struct w3p_selfissued_wish *wish) W3P_NODISCARD;

#endif
