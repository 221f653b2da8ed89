// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what clients send to the sign-in endpoints, and what these answer, as JSON. Pure: no h2o, no database.
// Threads: any.  Ownership: said per struct.
#ifndef W3P_HTTP_AUTH_JSON_H
#define W3P_HTTP_AUTH_JSON_H

#include "auth.h"
#include "caveat.h"
#include "http/psa_json.h"
#include "siwx.h"
#include "tokens_store.h"

#define W3P_AUTH_BODY_MAX 16384 // bytes of a POST under /auth
#define W3P_AUTH_CHAIN_ID_MAX 64
#define W3P_AUTH_NO_AUDIENCE                                                                                           \
    "this gateway does not know by which host clients reach it, so nobody can sign in; its operator sets "             \
    "auth.audience"

// The settings that bound a time to live.
struct w3p_auth_times {
    int64_t login_ttl_s; // what is usual, and the most without scopes that were chosen
    int64_t ttl_max_s;   // of any token
};

// Requests. On failure: W3P_E_INVALID with the reason and a sentence that names the field. Unknown fields are ignored,
// but for those of a token to be minted, where one that is misspelled would give a token that permits too much.

struct w3p_auth_wallet {
    const struct w3p_scheme *scheme;
    struct w3p_identity identity;
    struct w3p_span address; // as written
};

// POST /auth/challenge
struct w3p_auth_challenge_body {
    json_t *root; // what the spans borrow; w3p_auth_challenge_deinit
    struct w3p_auth_wallet wallet;
    struct w3p_span label, chain_id; // len 0: none
    w3p_scopes scopes;
    int64_t ttl_s;
};
int w3p_auth_challenge_parse(struct w3p_auth_challenge_body *out, struct w3p_psa_error *error,
                             const struct w3p_auth_times *times, const char *body, size_t len) W3P_NODISCARD;
void w3p_auth_challenge_deinit(struct w3p_auth_challenge_body *body);

// POST /auth/login
struct w3p_auth_login_body {
    json_t *root; // what the spans borrow; w3p_auth_login_deinit
    struct w3p_auth_wallet wallet;
    struct w3p_span message, signature, callback_url; // callback_url.len 0: none
};
int w3p_auth_login_parse(struct w3p_auth_login_body *out, struct w3p_psa_error *error, const char *body,
                         size_t len) W3P_NODISCARD;
void w3p_auth_login_deinit(struct w3p_auth_login_body *body);

// POST /auth/token
#define W3P_AUTH_MINT_CAVEATS_MAX 3 // contents, origin, size
struct w3p_auth_mint_body {
    w3p_scopes scopes;
    int64_t ttl_s;
    char label[W3P_SIWX_LABEL_MAX + 1]; // "": none
    struct w3p_caveat caveats[W3P_AUTH_MINT_CAVEATS_MAX];
    size_t caveat_count;
};
int w3p_auth_mint_parse(struct w3p_auth_mint_body *out, struct w3p_psa_error *error, const struct w3p_auth_times *times,
                        const char *body, size_t len) W3P_NODISCARD;

// POST /auth/legacy: {"off": true or false}
int w3p_auth_legacy_parse(bool *off, struct w3p_psa_error *error, const char *body, size_t len) W3P_NODISCARD;

// The id of a token in a path: 16 bytes of a minted one, 32 of a self-issued one, in lower-case hex. W3P_E_INVALID.
#define W3P_AUTH_ID_BYTES_MAX 32
int w3p_auth_id_parse(uint8_t id[W3P_AUTH_ID_BYTES_MAX], size_t *id_len, struct w3p_span text) W3P_NODISCARD;

// Answers.

// A time as RFC 3339, or null for 0.
void w3p_auth_write_time(struct w3p_json *j, const char *key, int64_t unix_s);
void w3p_auth_write_label(struct w3p_json *j, const char *label);             // "label": text, null for ""
void w3p_auth_write_scopes(struct w3p_json *j, w3p_scopes scopes);            // "scopes": [names]
void w3p_auth_write_id(struct w3p_json *j, const uint8_t *id, size_t id_len); // "id": hex, null for len 0

struct w3p_auth_challenge_answer {
    const struct w3p_scheme *scheme;
    struct w3p_span text; // a challenge, by w3p_login_challenge
    const uint8_t *nonce32;
    const char *audience;
    int64_t expires_ms;
};
// What the page hands to its wallet: the text, and for Solana and NEAR the fields that their wallets ask for instead.
void w3p_auth_write_challenge(struct w3p_json *j, const struct w3p_auth_challenge_answer *answer);

struct w3p_auth_minted {
    const char *token, *identity;
    const uint8_t *id16;
    w3p_scopes scopes;
    int64_t expires_s;
};
void w3p_auth_write_minted(struct w3p_json *j, const struct w3p_auth_minted *minted);
// An entry of a list; current: it is the credential of the request.
void w3p_auth_write_row(struct w3p_json *j, const struct w3p_token_row *row, bool current);
// "restrictions": null, or what a minted token permits less than its scopes say.
void w3p_auth_write_restrictions(struct w3p_json *j, const struct w3p_restrictions *restrictions);

#endif
