// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: signing in over the wire with the wallets of every scheme, on a real store: one token for a challenge,
// whatever comes at the same moment, and one answer for every failure.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "login.h"
#include "signin.h"

#define PAGE "https://dapp.example"

static void start(void)
{
    gateway_authn.domains = (char *)"dapp.example";
    gateway_start();
}

TestSuite(auth_api, .init = start, .fini = gateway_stop, .timeout = 120);

Test(auth_api, wallets_of_every_scheme_sign_in)
{
    size_t schemes = 0;
    for (const struct w3p_scheme *const *scheme = w3p_schemes(); *scheme != NULL; scheme++) {
        struct wallet wallet;
        int status;
        if ((*scheme)->siwx_name == NULL)
            continue;
        schemes++;
        wallet_open(&wallet, (*scheme)->aliases[0], "//Alice");
        json_t *token = wallet_sign_in(&wallet, "\"label\":\"gallery\"");
        cr_expect(eq(sz, strlen(signin_text(token, "id")), 32));
        json_t *me = gateway_json(&status, "GET", "/auth/whoami", signin_text(token, "token"), NULL);
        cr_expect(eq(int, status, 200), "%s", (*scheme)->name);
        cr_expect(eq(str, (char *)signin_text(me, "account"), (char *)signin_text(token, "account")));
        cr_expect(eq(str, (char *)signin_text(me, "kind"), "minted"));
        cr_expect(eq(str, (char *)signin_text(me, "id"), (char *)signin_text(token, "id")));
        cr_expect(eq(str, (char *)signin_text(me, "expires_at"), (char *)signin_text(token, "expires_at")));
        cr_expect(eq(sz, json_array_size(json_object_get(me, "scopes")), 4));
        cr_expect(eq(int, json_typeof(json_object_get(me, "restrictions")), JSON_NULL));
        json_decref(gateway_json(&status, "GET", "/psa/pins", signin_text(token, "token"), NULL));
        cr_expect(eq(int, status, 200));
        json_decref(me);
        json_decref(token);
    }
    cr_expect(lt(sz, 3, schemes));
}

// The same account as by its W3Auth token.
Test(auth_api, the_account_is_the_wallets)
{
    struct wallet wallet;
    int status;
    wallet_open(&wallet, "eth", "//Alice");
    json_t *token = wallet_sign_in(&wallet, ""),
           *me = gateway_json(&status, "GET", "/auth/whoami", gateway_token("Alice"), NULL);
    cr_expect(eq(int, status, 200));
    cr_expect(eq(str, (char *)signin_text(me, "account"), (char *)signin_text(token, "account")));
    cr_expect(eq(str, (char *)signin_text(me, "kind"), "w3auth"));
    cr_expect(eq(int, json_typeof(json_object_get(me, "expires_at")), JSON_NULL));
    cr_expect(eq(int, json_typeof(json_object_get(me, "id")), JSON_NULL));
    json_decref(me);
    json_decref(token);
}

static void expect_401(const char *what, const char *page, const char *body)
{
    struct response plain, got;
    gateway_request(&plain, "GET", "/psa/pins", "purposefullyInvalid", NULL);
    post_from(&got, page, "/auth/login", NULL, body);
    cr_expect(eq(int, got.status, 401), "%s: %s", what, got.body);
    cr_expect(eq(str, got.body, plain.body), "%s", what);
    cr_expect(eq(str, (char *)client_header(&got, "www-authenticate"), "Bearer"), "%s", what);
    cr_expect(eq(str, (char *)client_header(&got, "access-control-allow-origin"), "*"), "%s", what);
    client_free_response(&plain);
    client_free_response(&got);
}

Test(auth_api, every_failure_has_the_same_answer)
{
    struct wallet alice, bob;
    char body[8192], text[2600];
    wallet_open(&alice, "eth", "//Alice");
    wallet_open(&bob, "eth", "//Bob");
    json_t *challenge = wallet_challenge(&alice, NULL, "");
    const char *message = signin_text(challenge, "message");

    wallet_answer(body, sizeof body, &alice, message, "0x00");
    expect_401("no signature at all", NULL, body);
    wallet_sign(&bob, message);
    wallet_answer(body, sizeof body, &alice, message, bob.signature);
    expect_401("somebody else's signature", NULL, body);
    wallet_answer(body, sizeof body, &bob, message, bob.signature);
    expect_401("somebody else's challenge", NULL, body);
    snprintf(text, sizeof text, "%s", message);
    char *scope = strstr(text, "pin.read");
    cr_assert(scope != NULL);
    memcpy(strstr(text, "Nonce: ") + 7, "00000000", 8);
    wallet_sign(&alice, text);
    wallet_answer(body, sizeof body, &alice, text, alice.signature);
    expect_401("a nonce of the wallet's own", NULL, body);
    wallet_sign(&alice, message);
    wallet_answer(body, sizeof body, &alice, message, alice.signature);
    expect_401("another page than the one that asked", PAGE, body);
    expect_401("a page that is none", "null", body);
    json_decref(challenge);

    challenge = wallet_challenge(&alice, PAGE, "");
    wallet_sign(&alice, signin_text(challenge, "message"));
    wallet_answer(body, sizeof body, &alice, signin_text(challenge, "message"), alice.signature);
    expect_401("without the page that asked", NULL, body);
    expect_401("another page", "https://evil.example", body);
    struct response got;
    post_from(&got, PAGE, "/auth/login", NULL, body);
    cr_expect(eq(int, got.status, 200), "none of these has used the challenge up: %s", got.body);
    client_free_response(&got);
    expect_401("a second time", PAGE, body);
    json_decref(challenge);
}

Test(auth_api, pages_that_may_not_sign_users_in)
{
    static const char *const bad[] = {"https://evil.example", "https://dapp.example:8443", "null",
                                      "https://dapp.example.evil.example", "https://xn--dpp-cla.example"};
    struct wallet alice;
    char body[512];
    struct response got;
    wallet_open(&alice, "eth", "//Alice");
    snprintf(body, sizeof body, "{\"chain\":\"eth\",\"address\":\"%s\"}", alice.address);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        post_from(&got, bad[i], "/auth/challenge", NULL, body);
        cr_expect(eq(int, got.status, 403), "%s", bad[i]);
        cr_expect(strstr(got.body, "DOMAIN_NOT_ALLOWED") != NULL, "%s", got.body);
        client_free_response(&got);
    }
    post_from(&got, PAGE, "/auth/challenge", NULL, body);
    cr_expect(eq(int, got.status, 200));
    cr_expect(strstr(got.body, "\"message\":\"dapp.example wants you") != NULL, "%s", got.body);
    client_free_response(&got);
}

Test(auth_api, near_by_nep413)
{
    struct wallet wallet;
    char body[8192];
    uint8_t digest32[32], sig64[64], nonce[48];
    size_t nonce_len = sizeof nonce;
    struct response got;
    struct w3p_buf sig;
    wallet_open(&wallet, "near", "//Alice");
    json_t *challenge = wallet_challenge(&wallet, NULL, ""), *ask = json_object_get(challenge, "nep413");
    struct w3p_nep413 payload = {.message = w3p_span_str(signin_text(ask, "message")),
                                 .recipient = w3p_span_str(signin_text(ask, "recipient")),
                                 .callback_url = w3p_span_str("https://dapp.example/back")};
    cr_assert(eq(int,
                 w3p_base64_decode(nonce, &nonce_len, signin_text(ask, "nonce"), strlen(signin_text(ask, "nonce")),
                                   W3P_BASE64_STD, W3P_BASE64_PADDED),
                 W3P_OK));
    cr_assert(eq(sz, nonce_len, 32));
    memcpy(payload.nonce32, nonce, 32);
    cr_assert(eq(int, w3p_nep413_digest(digest32, &payload), W3P_OK));
    w3p_ed25519_sign(sig64, &wallet.key, digest32, 32);
    w3p_buf_init(&sig, 100);
    w3p_base64_encode(&sig, sig64, 64, W3P_BASE64_STD, W3P_BASE64_PADDED);
    wallet_answer(body, sizeof body, &wallet, signin_text(ask, "message"), w3p_buf_str(&sig));
    expect_401("the wallet signed a callback that is not told", NULL, body);
    memcpy(strrchr(body, '}'), ",\"callbackUrl\":\"https://dapp.example/back\"}", 43);
    post_from(&got, NULL, "/auth/login", NULL, body);
    cr_expect(eq(int, got.status, 200), "%s", got.body);
    client_free_response(&got);
    w3p_buf_deinit(&sig);
    json_decref(challenge);
}

// ---- at the same moment ----

struct racer {
    pthread_t thread;
    pthread_barrier_t *gate;
    const char *body;
    int status;
    char token[W3P_MACAROON_TEXT_MAX + 1];
};

static void *race(void *arg)
{
    struct racer *racer = arg;
    struct response got;
    pthread_barrier_wait(racer->gate);
    post_from(&got, NULL, "/auth/login", NULL, racer->body);
    racer->status = got.status;
    client_free_response(&got);
    return NULL;
}

Test(auth_api, of_two_logins_with_one_challenge_one_gets_a_token)
{
    enum { ROUNDS = 50, RACERS = 3 };
    struct wallet alice;
    char body[8192];
    wallet_open(&alice, "eth", "//Alice");
    for (int round = 0; round < ROUNDS; round++) {
        struct racer racers[RACERS] = {0};
        pthread_barrier_t gate;
        int good = 0, bad = 0;
        json_t *challenge = wallet_challenge(&alice, NULL, "");
        wallet_sign(&alice, signin_text(challenge, "message"));
        wallet_answer(body, sizeof body, &alice, signin_text(challenge, "message"), alice.signature);
        pthread_barrier_init(&gate, NULL, RACERS);
        for (int i = 0; i < RACERS; i++) {
            racers[i].gate = &gate;
            racers[i].body = body;
            cr_assert(eq(int, pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0));
        }
        for (int i = 0; i < RACERS; i++) {
            pthread_join(racers[i].thread, NULL);
            good += racers[i].status == 200 ? 1 : 0;
            bad += racers[i].status == 401 ? 1 : 0;
        }
        cr_assert(eq(int, good, 1), "round %d", round);
        cr_assert(eq(int, bad, RACERS - 1), "round %d: %d %d %d", round, racers[0].status, racers[1].status,
                  racers[2].status);
        pthread_barrier_destroy(&gate);
        json_decref(challenge);
    }
}

// ---- limits ----

struct fill_job {
    struct w3p_write write;
    const char *identity;
    unsigned count;
};

static int run_fill(struct w3p_write *self, struct w3p_db *db)
{
    const struct fill_job *job = (struct fill_job *)self;
    int64_t now_ms = w3p_clock_wall_ms();
    int err = W3P_OK;
    for (unsigned i = 0; i < job->count && err == W3P_OK; i++) {
        struct w3p_token_row row = {.id_len = W3P_TOKEN_MINTED_ID_BYTES,
                                    .kid = 1,
                                    .scopes = W3P_SCOPE_PIN_READ,
                                    .issued_s = now_ms / 1000,
                                    .expires_s = now_ms / 1000 + 3600};
        memcpy(row.id, &i, sizeof i);
        err = w3p_tokens_add(db, job->identity, &row, now_ms);
    }
    return err;
}

// A refusal uses nothing up: the same answer is good once there is room.
Test(auth_api, no_more_than_a_thousand_tokens)
{
    struct wallet alice;
    struct response got;
    char body[8192];
    int status;
    wallet_open(&alice, "eth", "//Alice");
    json_t *admin = wallet_sign_in(&alice, "\"scopes\":[\"account.admin\",\"token.mint\",\"pin.read\"]");
    const char *token = signin_text(admin, "token");
    struct fill_job job = {
        .write = {.run = run_fill}, .identity = signin_text(admin, "account"), .count = W3P_TOKENS_PER_ACCOUNT - 1};
    cr_assert(eq(int, w3p_store_write_wait(gateway_app.store, &job.write), W3P_OK));
    json_t *challenge = wallet_challenge(&alice, NULL, "");
    wallet_sign(&alice, signin_text(challenge, "message"));
    wallet_answer(body, sizeof body, &alice, signin_text(challenge, "message"), alice.signature);
    post_from(&got, NULL, "/auth/login", NULL, body);
    cr_expect(eq(int, got.status, 409), "%s", got.body);
    cr_expect(strstr(got.body, "TOO_MANY_TOKENS") != NULL);
    client_free_response(&got);
    json_decref(gateway_json(&status, "POST", "/auth/token", token, "{\"scopes\":[\"pin.read\"]}"));
    cr_expect(eq(int, status, 409));
    json_t *list = gateway_json(&status, "GET", "/auth/tokens", token, NULL);
    cr_expect(eq(sz, json_array_size(json_object_get(list, "tokens")), W3P_TOKENS_PER_ACCOUNT));
    cr_expect(eq(int, json_typeof(json_object_get(list, "more")), JSON_FALSE));
    json_decref(gateway_json(&status, "DELETE", "/auth/tokens/00000000000000000000000000000000", token, NULL));
    cr_expect(eq(int, status, 204));
    post_from(&got, NULL, "/auth/login", NULL, body);
    cr_expect(eq(int, got.status, 200), "%s", got.body);
    client_free_response(&got);
    json_decref(list);
    json_decref(challenge);
    json_decref(admin);
}

// Who was given a token that makes tokens does not keep the wallet out with them.
Test(auth_api, tokens_of_tokens_leave_room_for_the_wallet)
{
    struct wallet alice;
    int status;
    wallet_open(&alice, "eth", "//Alice");
    json_t *lent = wallet_sign_in(&alice, "\"scopes\":[\"token.mint\"]");
    const char *token = signin_text(lent, "token");
    struct fill_job job = {
        .write = {.run = run_fill}, .identity = signin_text(lent, "account"), .count = W3P_TOKENS_BY_TOKENS - 2};
    cr_assert(eq(int, w3p_store_write_wait(gateway_app.store, &job.write), W3P_OK));
    json_decref(gateway_json(&status, "POST", "/auth/token", token, "{\"scopes\":[\"token.mint\"]}"));
    cr_expect(eq(int, status, 200));
    json_t *refused = gateway_json(&status, "POST", "/auth/token", token, "{\"scopes\":[\"token.mint\"]}");
    cr_expect(eq(int, status, 409));
    const char *details = signin_text(json_object_get(refused, "error"), "details");
    cr_expect(strstr(details, "900 tokens") != NULL, "%s", details);
    json_t *owner = wallet_sign_in(&alice, "\"scopes\":[\"account.admin\"]");
    json_decref(gateway_json(&status, "POST", "/auth/logout-all", signin_text(owner, "token"), NULL));
    cr_expect(eq(int, status, 204));
    json_decref(owner);
    json_decref(refused);
    json_decref(lent);
}

// A gateway that has several names, asked by a page of its own.
static void start_named(void)
{
    gateway_authn.audience = (char *)GATEWAY_HOST ",localhost:3000";
    gateway_start();
}

Test(auth_api_named, by_the_name_that_the_page_has, .init = start_named, .fini = gateway_stop, .timeout = 30)
{
    struct wallet alice;
    struct response got;
    char body[8192];
    int status;
    wallet_open(&alice, "eth", "//Alice");
    json_t *challenge = wallet_challenge(&alice, "http://localhost:3000", ""),
           *plain = wallet_challenge(&alice, NULL, "");
    const char *text = signin_text(challenge, "message");
    cr_expect(strstr(text, "\nURI: https://localhost:3000/auth/login\n") != NULL, "%s", text);
    cr_expect(strstr(signin_text(plain, "message"), "\nURI: https://" GATEWAY_HOST "/auth/login\n") != NULL);
    wallet_sign(&alice, text);
    wallet_answer(body, sizeof body, &alice, text, alice.signature);
    post_from(&got, "http://localhost:3000", "/auth/login", NULL, body);
    cr_assert(eq(int, got.status, 200), "%s", got.body);
    json_t *token = json_loads(got.body, 0, NULL);
    json_decref(gateway_json(&status, "GET", "/psa/pins", signin_text(token, "token"), NULL));
    cr_expect(eq(int, status, 200));
    client_free_response(&got);
    json_decref(token);
    json_decref(challenge);
    json_decref(plain);
}

// Whoever is not on the list gets no token, and learns it only with a good signature.
static void start_listed(void)
{
    gateway_access.mode = W3P_ACCESS_ALLOWLIST;
    gateway_start();
}

Test(auth_api_listed, accounts_that_may_not, .init = start_listed, .fini = gateway_stop, .timeout = 30)
{
    struct wallet alice;
    struct response got;
    char body[8192];
    wallet_open(&alice, "eth", "//Alice");
    json_t *challenge = wallet_challenge(&alice, NULL, "");
    wallet_answer(body, sizeof body, &alice, signin_text(challenge, "message"), "0x00");
    expect_401("a bad signature", NULL, body);
    wallet_sign(&alice, signin_text(challenge, "message"));
    wallet_answer(body, sizeof body, &alice, signin_text(challenge, "message"), alice.signature);
    post_from(&got, NULL, "/auth/login", NULL, body);
    cr_expect(eq(int, got.status, 403), "%s", got.body);
    client_free_response(&got);
    json_decref(challenge);
}

// What a page's browser asks before it sends anything, and what it needs in every answer.
Test(auth_api, browsers)
{
    for (const struct w3p_route *route = w3p_gateway_routes; route->method != NULL; route++) {
        char request[512];
        struct response got;
        if (strncmp(route->path, "/auth/", 6) != 0)
            continue;
        for (int preflight = 0; preflight < 2; preflight++) {
            snprintf(request, sizeof request,
                     "%s %s HTTP/1.1\r\nHost: x\r\nOrigin: " PAGE "\r\nContent-Length: 0\r\n\r\n",
                     preflight ? "OPTIONS" : route->method, route->path);
            client_exchange(&got, gateway_port, request);
            cr_expect(eq(int, got.status == 204, preflight), "%s %d", route->path, got.status);
            cr_expect(eq(str, (char *)client_header(&got, "access-control-allow-origin"), "*"));
            cr_expect(eq(str, (char *)client_header(&got, "access-control-allow-credentials"), ""));
            cr_expect(eq(str, (char *)client_header(&got, "vary"), "Origin"), "%s", route->path);
            if (preflight)
                cr_expect(strstr(client_header(&got, "access-control-allow-headers"), "Authorization") != NULL &&
                          strstr(client_header(&got, "access-control-allow-methods"), route->method) != NULL);
            else
                cr_expect(eq(str, (char *)client_header(&got, "cache-control"), "no-store"), "%s", route->path);
            client_free_response(&got);
        }
    }
}

// ---- budgets ----

enum { BURST = 3 };
static int64_t now_ms = 1700000000000;

static void start_with(const struct w3p_limit_settings *limits)
{
    w3p_clock_fake(&now_ms);
    gateway_limits = limits;
    gateway_start();
}

static void start_failing(void)
{
    static const struct w3p_limit_settings limits = {{[W3P_BUDGET_FAILED] = {1, BURST}}};
    start_with(&limits);
}

static void start_verifying(void)
{
    static const struct w3p_limit_settings limits = {{[W3P_BUDGET_VERIFY] = {1, BURST}}};
    start_with(&limits);
}

static int send_login(const char *body)
{
    struct response got;
    post_from(&got, NULL, "/auth/login", NULL, body);
    int status = got.status;
    client_free_response(&got);
    return status;
}

// Also those of a challenge that was used: then not even a good one is looked at.
Test(auth_limits, failed_logins_of_a_peer, .init = start_failing, .fini = gateway_stop, .timeout = 30)
{
    struct wallet alice;
    char body[8192], good[8192];
    wallet_open(&alice, "eth", "//Alice");
    json_t *challenge = wallet_challenge(&alice, NULL, ""), *unused = wallet_challenge(&alice, NULL, "");
    wallet_sign(&alice, signin_text(challenge, "message"));
    wallet_answer(body, sizeof body, &alice, signin_text(challenge, "message"), alice.signature);
    wallet_sign(&alice, signin_text(unused, "message"));
    wallet_answer(good, sizeof good, &alice, signin_text(unused, "message"), alice.signature);
    cr_expect(eq(int, send_login(body), 200));
    for (int i = 0; i < BURST; i++)
        cr_expect(eq(int, send_login(body), 401));
    cr_expect(eq(int, send_login(body), 429));
    cr_expect(eq(int, send_login(good), 429));
    now_ms += 1000;
    cr_expect(eq(int, send_login(good), 200));
    json_decref(challenge);
    json_decref(unused);
}

Test(auth_limits, signatures_of_all_peers, .init = start_verifying, .fini = gateway_stop, .timeout = 30)
{
    struct wallet alice;
    char body[8192];
    wallet_open(&alice, "eth", "//Alice");
    for (int i = 0; i < BURST + 1; i++) {
        json_t *challenge = wallet_challenge(&alice, NULL, "");
        wallet_sign(&alice, signin_text(challenge, "message"));
        wallet_answer(body, sizeof body, &alice, signin_text(challenge, "message"), alice.signature);
        cr_expect(eq(int, send_login(body), i < BURST ? 200 : 429));
        json_decref(challenge);
    }
    now_ms += 1000;
    cr_expect(eq(int, send_login(body), 200), "it was not used up");
}

// A challenge is good for five minutes, to the second.
Test(auth_limits, challenges_expire, .init = start_failing, .fini = gateway_stop, .timeout = 30)
{
    struct wallet alice;
    char body[8192];
    wallet_open(&alice, "eth", "//Alice");
    for (int64_t late_ms = 0; late_ms <= 2; late_ms += 2) {
        json_t *challenge = wallet_challenge(&alice, NULL, "");
        wallet_sign(&alice, signin_text(challenge, "message"));
        wallet_answer(body, sizeof body, &alice, signin_text(challenge, "message"), alice.signature);
        now_ms += W3P_LOGIN_CHALLENGE_MS - 1 + late_ms;
        cr_expect(eq(int, send_login(body), late_ms == 0 ? 200 : 401));
        json_decref(challenge);
    }
}
