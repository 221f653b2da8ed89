// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: POST /auth/challenge and POST /auth/login: a text for a wallet to sign, and a token for its signature. A
// challenge is kept nowhere; a login writes its nonce and its token in one change and is answered once they are on the
// disk.
// Must not: say which part of a sign-in was wrong.
#include <string.h>

#include "base/clock.h"
#include "crypto/secret.h"
#include "http/auth_json.h"
#include "http/mint.h"

enum { ANSWER_MAX = 4 * W3P_SIWX_MAX + 8192 }; // escaped, and for Solana and NEAR twice

static struct w3p_auth_times times_of(const struct w3p_app *app)
{
    return (struct w3p_auth_times){.login_ttl_s = w3p_authn_login_ttl_s(app->authn),
                                   .ttl_max_s = w3p_authn_token_ttl_max_s(app->authn)};
}

// By which of its hosts the text names this gateway: the page's, if the page is the gateway's own.
static const char *audience_for(const struct w3p_app *app, const char *domain)
{
    const struct w3p_hosts *audiences = w3p_authn_audiences(app->authn);
    return w3p_hosts_have(audiences, w3p_span_str(domain)) ? domain : w3p_hosts_at(audiences, 0);
}

// The host of the page that asks: a browser says it in Origin. What is no browser speaks for the gateway's own host.
// False: the call is answered.
static bool take_domain(char out[W3P_HOST_MAX], struct w3p_call *call, const struct w3p_request *req)
{
    const struct w3p_app *app = req->app;
    const struct w3p_hosts *audiences = w3p_authn_audiences(app->authn);
    if (req->origin.len == 0) {
        memcpy(out, w3p_hosts_at(audiences, 0), strlen(w3p_hosts_at(audiences, 0)) + 1);
        return true;
    }
    if (w3p_host_of_uri(out, req->origin) == W3P_OK &&
        (w3p_hosts_have(audiences, w3p_span_str(out)) ||
         w3p_hosts_have(w3p_authn_domains(app->authn), w3p_span_str(out))))
        return true;
    w3p_reply_error(call, 403, "DOMAIN_NOT_ALLOWED",
                    "the page %.*s may not sign users in here; the operator lists such pages in auth.domains",
                    (int)(req->origin.len < W3P_HOST_MAX ? req->origin.len : W3P_HOST_MAX),
                    (const char *)req->origin.ptr);
    return false;
}

static void reply_challenge(struct w3p_call *call, const struct w3p_auth_challenge_answer *answer)
{
    struct w3p_buf body;
    struct w3p_json j;
    w3p_buf_init(&body, ANSWER_MAX);
    w3p_json_init(&j, &body);
    w3p_auth_write_challenge(&j, answer);
    w3p_reply_buf(call, &body);
}

// What the body could not tell: whether these words may stand in a text of that chain.
static void reply_unwritable(struct w3p_call *call, const struct w3p_auth_challenge_body *body)
{
    if (body->chain_id.len > 0)
        w3p_reply_error(call, 400, "INVALID_CHAIN_ID", "sign-in texts of %s name no such network",
                        body->wallet.scheme->name);
    else
        w3p_reply_error(call, 400, "INVALID_ADDRESS", "this spelling of the address cannot stand in a sign-in text");
}

static void challenge(struct w3p_call *call, const struct w3p_request *req, const uint8_t key32[32],
                      const struct w3p_auth_challenge_body *body)
{
    const struct w3p_app *app = req->app;
    char domain[W3P_HOST_MAX];
    uint8_t nonce32[32];
    struct w3p_buf text;
    struct w3p_login_wish wish = {.scheme = body->wallet.scheme,
                                  .address = body->wallet.address,
                                  .domain = domain,
                                  .scopes = body->scopes,
                                  .ttl_s = body->ttl_s,
                                  .label = body->label,
                                  .chain_id = body->chain_id,
                                  .now_ms = w3p_clock_wall_ms()};
    if (!take_domain(domain, call, req))
        return;
    wish.audience = audience_for(app, domain);
    w3p_buf_init(&text, W3P_SIWX_MAX);
    if (w3p_login_challenge(&text, nonce32, key32, &wish) == W3P_OK)
        reply_challenge(call, &(struct w3p_auth_challenge_answer){.scheme = wish.scheme,
                                                                  .text = w3p_buf_span(&text),
                                                                  .nonce32 = nonce32,
                                                                  .audience = wish.audience,
                                                                  .expires_ms = wish.now_ms + W3P_LOGIN_CHALLENGE_MS});
    else
        reply_unwritable(call, body);
    w3p_buf_deinit(&text);
}

void w3p_auth_challenge(struct w3p_call *call, const struct w3p_request *req)
{
    const struct w3p_app *app = req->app;
    struct w3p_auth_times times = times_of(app);
    struct w3p_auth_challenge_body body;
    struct w3p_psa_error error = {0};
    uint8_t key32[32];
    if (w3p_auth_challenge_parse(&body, &error, &times, (const char *)req->body.ptr, req->body.len) != W3P_OK) {
        w3p_reply_invalid(call, &error);
        return;
    }
    if (w3p_hosts_count(w3p_authn_audiences(app->authn)) == 0 || !w3p_authn_challenge_key(app->authn, key32))
        w3p_reply_error(call, 503, "AUDIENCE_UNKNOWN", "%s", W3P_AUTH_NO_AUDIENCE);
    else
        challenge(call, req, key32, &body);
    w3p_wipe(key32, sizeof key32);
    w3p_auth_challenge_deinit(&body);
}

// The page that answers is the one that showed the text: its browser says so.
static bool domain_fits(const struct w3p_login *login, const struct w3p_request *req)
{
    const struct w3p_app *app = req->app;
    const struct w3p_hosts *audiences = w3p_authn_audiences(app->authn);
    char host[W3P_HOST_MAX];
    if (req->origin.len == 0)
        return w3p_hosts_have(audiences, w3p_span_str(login->domain));
    return w3p_host_of_uri(host, req->origin) == W3P_OK && strcmp(host, login->domain) == 0 &&
           (w3p_hosts_have(audiences, w3p_span_str(host)) ||
            w3p_hosts_have(w3p_authn_domains(app->authn), w3p_span_str(host)));
}

// Whose nonce was used before is told apart here, so that it counts as a failure of its peer; two at the same moment
// are told apart by the writer.
static enum w3p_auth_reason check_nonce(const struct w3p_login *login, const struct w3p_request *req)
{
    struct w3p_db *db = ((struct w3p_app_thread *)req->thread_data)->db;
    int err = w3p_reader_fresh(db);
    if (err == W3P_OK)
        err = w3p_nonce_unused(db, login->nonce32);
    if (err == W3P_OK)
        return W3P_AUTH_OK;
    return err == W3P_E_EXISTS ? W3P_AUTH_NONCE : W3P_AUTH_STORE;
}

static enum w3p_auth_reason check_login(struct w3p_login *out, const struct w3p_request *req,
                                        const struct w3p_auth_login_body *body)
{
    const struct w3p_app *app = req->app;
    struct w3p_login_answer answer = {.scheme = body->wallet.scheme,
                                      .address = body->wallet.address,
                                      .message = body->message,
                                      .signature = body->signature,
                                      .callback_url = body->callback_url};
    uint8_t key32[32];
    if (!w3p_authn_challenge_key(app->authn, key32))
        return W3P_AUTH_KEY;
    enum w3p_auth_reason reason =
        w3p_login_check(out, &answer, key32, w3p_authn_audiences(app->authn), w3p_clock_wall_ms());
    w3p_wipe(key32, sizeof key32);
    if (reason == W3P_AUTH_OK && !domain_fits(out, req))
        reason = W3P_AUTH_DOMAIN;
    return reason == W3P_AUTH_OK ? check_nonce(out, req) : reason;
}

void w3p_auth_login(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_app *app = req->app;
    struct w3p_auth_login_body body;
    struct w3p_psa_error error = {0};
    struct w3p_login login;
    if (!w3p_call_may_fail(call))
        return;
    if (w3p_auth_login_parse(&body, &error, (const char *)req->body.ptr, req->body.len) != W3P_OK) {
        w3p_reply_invalid(call, &error);
        return;
    }
    bool looked_at = w3p_call_charge_verify(call);
    enum w3p_auth_reason reason = looked_at ? check_login(&login, req, &body) : W3P_AUTH_BUSY;
    w3p_auth_login_deinit(&body);
    if (!looked_at)
        return;
    if (reason != W3P_AUTH_OK) {
        w3p_caller_refuse(call, req, reason);
        return;
    }
    w3p_call_note_identity(call, login.identity.text);
    if (w3p_caller_listed(call, app, &login.identity))
        w3p_mint_begin(call, app,
                       &(struct w3p_mint){.identity = login.identity.text,
                                          .label = login.label,
                                          .scopes = login.scopes,
                                          .expires_s = w3p_clock_wall_ms() / 1000 + login.ttl_s,
                                          .login = &login});
}
