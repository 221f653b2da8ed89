// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: sign-in without stored challenges: the text that a wallet shall sign, and the check of the answer. A
// challenge is recognised by its nonce, 16 random bytes and the first 16 of a MAC over the whole text under a key of
// this gateway; the caller remembers only the nonces that were used, until they expire.
// Threads: any; pure functions but for the random bytes.
// Must not: know what was used, mint tokens, or know HTTP (the caller compares domain and page).
// Source: EIP-4361, CAIP-122, Solana's wallet standard, NEP-413; the stateless nonce is ours.
#ifndef W3P_AUTH_LOGIN_H
#define W3P_AUTH_LOGIN_H

#include "auth.h"
#include "scope.h"
#include "signed_text.h"

#define W3P_LOGIN_URN "urn:w3auth:login" // a resource of each challenge; self-issued tokens refuse it
#define W3P_LOGIN_SCOPE W3P_LOGIN_URN ":scope:"
#define W3P_LOGIN_TTL W3P_LOGIN_URN ":ttl:"
#define W3P_LOGIN_PATH "/auth/login"
#define W3P_LOGIN_CHALLENGE_MS 300000 // how long a challenge may be answered

struct w3p_login_wish {
    const struct w3p_scheme *scheme;
    struct w3p_span address;
    const char *domain;   // host of the page
    const char *audience; // host of this gateway
    w3p_scopes scopes;
    int64_t ttl_s;                   // of the token that is asked for
    struct w3p_span label, chain_id; // len 0: none, and the scheme's own
    int64_t now_ms;
};
// Appends the text and gives its nonce. W3P_E_INVALID: no address of that chain, no scope or no time, a label or chain
// id that may not stand in a text (w3p_siwx_is_label), a domain that is no host; W3P_E_UNSUPPORTED: a scheme whose
// wallets sign no texts; W3P_E_LIMIT: text is full.
int w3p_login_challenge(struct w3p_buf *text, uint8_t nonce32[32], const uint8_t key32[32],
                        const struct w3p_login_wish *wish) W3P_NODISCARD;

struct w3p_login_answer {
    const struct w3p_scheme *scheme;
    struct w3p_span address;
    struct w3p_span message; // the text as the wallet signed it; wallets may lay the fields out anew
    struct w3p_span signature;
    struct w3p_span callback_url; // of NEP-413; ptr NULL: none
};
struct w3p_login {
    struct w3p_identity identity;
    w3p_scopes scopes;
    int64_t ttl_s;
    int64_t issued_ms, expires_ms; // of the challenge, so of its nonce
    uint8_t nonce32[32];
    char label[W3P_SIWX_LABEL_MAX + 1];
    char domain[W3P_HOST_MAX]; // the page that showed the text
};
// The cheap checks before the signature. NONCE: not a text that this key made, or a field was changed; AUDIENCE: its
// host is none of the audiences any more; EXPIRED, NOT_YET, MESSAGE and so on as for self-issued tokens. NEAR's wallets
// sign NEP-413 with the text as message, the nonce's 32 bytes and the audience as recipient, or the text alone.
// *out is filled on OK only. That the nonce was not used before is the caller's to ensure.
enum w3p_auth_reason w3p_login_check(struct w3p_login *out, const struct w3p_login_answer *answer,
                                     const uint8_t key32[32], const struct w3p_hosts *audiences, int64_t now_ms);

#endif
