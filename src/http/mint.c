// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: mint.h.
#include "http/mint.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "http/auth_json.h"
#include "macaroon.h"

enum { ANSWER_MAX = 4096 };

struct mint_job {
    struct w3p_write write; // first: the store gives it back
    struct w3p_async *async;
    struct w3p_authn *authn;
    struct w3p_identity identity;
    struct w3p_token_row row;
    bool is_login;
    uint8_t nonce32[32];
    int64_t nonce_expires_ms, challenge_s, now_ms;
    struct w3p_credential parent;
    char token[W3P_MACAROON_TEXT_MAX + 1];
};

void w3p_credential_of(struct w3p_credential *out, const struct w3p_caller *caller)
{
    const struct w3p_auth_entry *entry = caller->entry;
    *out = (struct w3p_credential){.identity = entry->identity, .id_len = entry->id_len, .issued_s = entry->issued_s};
    memcpy(out->id, entry->id, entry->id_len);
    w3p_auth_trace(out->trace, (const char *)caller->header.ptr, caller->header.len);
}

int w3p_credential_check(struct w3p_db *db, const struct w3p_credential *credential)
{
    struct w3p_token_state state;
    bool has_id = credential->id_len > 0;
    int err =
        w3p_tokens_state(db, &state, credential->identity.text, has_id ? credential->id : NULL, credential->id_len);
    if (err != W3P_OK || !has_id)
        return err;
    return w3p_token_state_judge(&state, credential->id_len, credential->issued_s) == W3P_AUTH_OK ? W3P_OK : W3P_E_AUTH;
}

// Each text is good once, and one of before the account's last logout as little as the tokens of before it. One of the
// same second is good, so that people who log out can log in at once.
static int use_challenge(struct w3p_db *db, const struct mint_job *job)
{
    struct w3p_token_state state;
    int err = w3p_nonce_use(db, job->nonce32, job->nonce_expires_ms, job->now_ms);
    if (err == W3P_OK)
        err = w3p_tokens_state(db, &state, job->identity.text, NULL, 0);
    if (err == W3P_OK && job->challenge_s + 1 < state.min_issued_s)
        err = W3P_E_AUTH;
    return err == W3P_E_EXISTS ? W3P_E_AUTH : err;
}

char *w3p_credential_refused(size_t *len, int *status, struct w3p_async *async, enum w3p_auth_reason reason,
                             const char *trace)
{
    w3p_async_note_refused(async, w3p_auth_reason_name(reason), trace);
    *status = 401;
    return w3p_error_body(len, 401, NULL, "%s", W3P_CALLER_REFUSED);
}

static int run_mint(struct w3p_write *self, struct w3p_db *db)
{
    struct mint_job *job = (struct mint_job *)self;
    int err;
    if (job->is_login) {
        err = use_challenge(db, job);
    } else {
        err = w3p_credential_check(db, &job->parent);
        if (err == W3P_OK)
            err = w3p_tokens_spare(db, job->identity.text, job->now_ms);
    }
    if (err == W3P_OK)
        err = w3p_authn_newcomer(job->authn, db, job->identity.text);
    return err == W3P_OK ? w3p_tokens_add(db, job->identity.text, &job->row, job->now_ms) : err;
}

static char *mint_error(size_t *len, int *status, int err, const struct mint_job *job)
{
    switch (err) {
    case W3P_E_AUTH:
        return w3p_credential_refused(len, status, job->async, job->is_login ? W3P_AUTH_NONCE : W3P_AUTH_REVOKED,
                                      job->is_login ? NULL : job->parent.trace);
    case W3P_E_LIMIT:
        *status = 409;
        return w3p_error_body(len, 409, "TOO_MANY_TOKENS",
                              "this account has %d tokens; revoke some of them, or wait until they expire",
                              job->is_login ? W3P_TOKENS_PER_ACCOUNT : W3P_TOKENS_BY_TOKENS);
    default:
        return w3p_unwritten_body(len, status, err, "token");
    }
}

static char *mint_answer(size_t *len, const struct mint_job *job)
{
    struct w3p_buf body;
    struct w3p_json j;
    w3p_buf_init(&body, ANSWER_MAX);
    w3p_json_init(&j, &body);
    w3p_auth_write_minted(&j, &(struct w3p_auth_minted){.token = job->token,
                                                        .identity = job->identity.text,
                                                        .id16 = job->row.id,
                                                        .scopes = job->row.scopes,
                                                        .expires_s = job->row.expires_s});
    *len = body.len;
    return w3p_buf_take(&body);
}

static void on_minted(struct w3p_write *self, int result) // writer thread
{
    struct mint_job *job = (struct mint_job *)self;
    size_t len = 0;
    int status = 200;
    char *body = result == W3P_OK ? mint_answer(&len, job) : mint_error(&len, &status, result, job);
    w3p_async_send(job->async, status, body, len);
    w3p_wipe(job->token, sizeof job->token);
    free(job);
}

// The text of the token, with a new id.
static int write_token(struct mint_job *job, const uint8_t key32[32], const char *audience, const struct w3p_mint *mint)
{
    struct w3p_macaroon_head head = {
        .kid = job->row.kid, .issued_s = job->row.issued_s, .expires_s = job->row.expires_s};
    struct w3p_buf plain, narrowed;
    memcpy(head.tid16, job->row.id, sizeof head.tid16);
    w3p_buf_init(&plain, W3P_MACAROON_TEXT_MAX);
    w3p_buf_init(&narrowed, W3P_MACAROON_TEXT_MAX);
    int err = w3p_macaroon_mint(&plain, key32, audience, &head);
    if (err == W3P_OK)
        err = w3p_macaroon_narrow(&narrowed, NULL, w3p_buf_str(&plain), plain.len, mint->caveats, mint->caveat_count);
    if (err == W3P_OK)
        memcpy(job->token, narrowed.ptr, narrowed.len); // the job is zeroed and a byte longer
    w3p_buf_deinit(&plain);
    w3p_buf_deinit(&narrowed);
    return err;
}

static struct mint_job *job_create(struct w3p_authn *authn, uint8_t kid, const struct w3p_mint *mint)
{
    struct mint_job *job = w3p_calloc(1, sizeof *job);
    job->write.run = run_mint;
    job->write.done = on_minted;
    job->authn = authn;
    job->now_ms = w3p_clock_wall_ms();
    job->row = (struct w3p_token_row){.id_len = W3P_TOKEN_MINTED_ID_BYTES,
                                      .kid = kid,
                                      .scopes = mint->scopes,
                                      .issued_s = job->now_ms / 1000,
                                      .expires_s = mint->expires_s};
    w3p_random(job->row.id, W3P_TOKEN_MINTED_ID_BYTES);
    memcpy(job->identity.text, mint->identity, strnlen(mint->identity, sizeof job->identity.text - 1));
    memcpy(job->row.label, mint->label, strnlen(mint->label, sizeof job->row.label - 1));
    job->is_login = mint->login != NULL;
    if (mint->login != NULL) {
        memcpy(job->nonce32, mint->login->nonce32, sizeof job->nonce32);
        job->nonce_expires_ms = mint->login->expires_ms;
        job->challenge_s = mint->login->issued_ms / 1000;
    } else {
        w3p_credential_of(&job->parent, mint->parent);
    }
    return job;
}

void w3p_mint_begin(struct w3p_call *call, struct w3p_app *app, const struct w3p_mint *mint)
{
    const struct w3p_hosts *audiences = w3p_authn_audiences(app->authn);
    uint8_t kid = 0, key32[32];
    if (w3p_hosts_count(audiences) == 0 || !w3p_authn_minting_key(app->authn, &kid, key32)) {
        w3p_reply_error(call, 503, "AUDIENCE_UNKNOWN", "%s", W3P_AUTH_NO_AUDIENCE);
        return;
    }
    struct mint_job *job = job_create(app->authn, kid, mint);
    int err = write_token(job, key32, w3p_hosts_at(audiences, 0), mint);
    w3p_wipe(key32, sizeof key32);
    if (err != W3P_OK)
        w3p_reply_error(call, 400, "TOO_MANY_RESTRICTIONS", "a token with all these restrictions would be too long");
    else
        job->async = w3p_async_begin(call);
    if (job->async == NULL) {
        free(job);
        return;
    }
    err = w3p_store_write(app->store, &job->write);
    if (err != W3P_OK)
        on_minted(&job->write, err);
}
