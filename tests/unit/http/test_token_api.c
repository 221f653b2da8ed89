// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what accounts do with their tokens, over the wire on a real store: a token never makes one that permits
// more, what is revoked is refused at the next request on every thread, nobody touches another's.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "crypto/hash.h"
#include "selfissued.h"
#include "signin.h"

TestSuite(token_api, .init = gateway_start, .fini = gateway_stop, .timeout = 60);

#define ALL "\"scopes\":[\"pin.read\",\"pin.write\",\"pin.replace\",\"pin.delete\",\"token.mint\",\"account.admin\"]"

static json_t *sign_in(const char *uri, const char *more)
{
    struct wallet wallet;
    wallet_open(&wallet, "eth", uri);
    return wallet_sign_in(&wallet, more);
}

static int status_of(const char *method, const char *path, const char *token, const char *body)
{
    int status;
    json_decref(gateway_json(&status, method, path, token, body));
    return status;
}

static void expect_reason(const char *method, const char *path, const char *token, const char *body, int status,
                          const char *reason)
{
    int got;
    json_t *root = gateway_json(&got, method, path, token, body);
    cr_expect(eq(int, got, status), "%s %s %s", method, path, body);
    cr_expect(eq(str, (char *)signin_text(json_object_get(root, "error"), "reason"), (char *)reason), "%s %s", path,
              body);
    json_decref(root);
}

static json_t *mint(const char *token, const char *body)
{
    int status;
    json_t *root = gateway_json(&status, "POST", "/auth/token", token, body);
    cr_assert(eq(int, status, 200), "%s: %s", body, signin_text(json_object_get(root, "error"), "details"));
    return root;
}

static json_t *whoami(const char *token)
{
    int status;
    json_t *root = gateway_json(&status, "GET", "/auth/whoami", token, NULL);
    cr_assert(eq(int, status, 200));
    return root;
}

Test(token_api, a_token_never_makes_one_that_permits_more)
{
    json_t *whole = sign_in("//Alice", ALL),
           *some = mint(signin_text(whole, "token"), "{\"scopes\":[\"token.mint\",\"pin.read\"],\"ttl\":60}");
    const char *token = signin_text(some, "token");
    expect_reason("POST", "/auth/token", token, "{\"scopes\":[\"pin.read\",\"pin.write\"]}", 403, "INSUFFICIENT_SCOPE");
    expect_reason("POST", "/auth/token", token, "{\"scopes\":[\"account.admin\"]}", 403, "INSUFFICIENT_SCOPE");
    expect_reason("POST", "/auth/token", token, "{\"scopes\":[\"ipfs.add\"]}", 403, "INSUFFICIENT_SCOPE");
    expect_reason("GET", "/auth/tokens", token, NULL, 403, "INSUFFICIENT_SCOPE");
    expect_reason("POST", "/auth/legacy", token, "{\"off\":true}", 403, "INSUFFICIENT_SCOPE");
    json_t *child = mint(token, "{\"scopes\":[\"pin.read\"],\"ttl\":86400}");
    cr_expect(eq(str, (char *)signin_text(child, "expires_at"), (char *)signin_text(some, "expires_at")),
              "it does not outlive the one that asked");
    expect_reason("POST", "/auth/token", signin_text(child, "token"), "{\"scopes\":[\"pin.read\"]}", 403,
                  "INSUFFICIENT_SCOPE");
    cr_expect(eq(int, status_of("GET", "/psa/pins", signin_text(child, "token"), NULL), 200));
    expect_reason("POST", "/psa/pins", signin_text(child, "token"), "{}", 403, "INSUFFICIENT_SCOPE");
    json_decref(whole);
    json_decref(some);
    json_decref(child);
}

Test(token_api, w3auth_tokens_make_none)
{
    expect_reason("POST", "/auth/token", gateway_token("Alice"), "{\"scopes\":[\"pin.read\"]}", 403,
                  "INSUFFICIENT_SCOPE");
    expect_reason("GET", "/auth/tokens", gateway_token("Alice"), NULL, 403, "INSUFFICIENT_SCOPE");
    expect_reason("POST", "/auth/logout-all", gateway_token("Alice"), NULL, 403, "INSUFFICIENT_SCOPE");
    expect_reason("POST", "/auth/token", NULL, "{\"scopes\":[\"pin.read\"]}", 401, "UNAUTHORIZED");
}

static void pin_body(char out[256], unsigned n, const char *size)
{
    snprintf(out, 256, "{\"cid\":\"%s\"%s%s%s}", gateway_cid(n), size != NULL ? ",\"meta\":{\"size\":\"" : "",
             size != NULL ? size : "", size != NULL ? "\"}" : "");
}

// The restrictions of a token hold for its pins, and for the tokens that it makes.
Test(token_api, contents_and_sizes)
{
    char body[512], pin[256], path[80], listed[80];
    json_t *whole = sign_in("//Alice", ALL);
    const char *all = signin_text(whole, "token");
    int status;
    pin_body(pin, 9, NULL);
    json_t *other = gateway_json(&status, "POST", "/psa/pins", all, pin);
    cr_assert(eq(int, status, 202));
    snprintf(listed, sizeof listed, "%s", gateway_cid(1));
    snprintf(body, sizeof body, "{" ALL ",\"cids\":[\"%s\"],\"max_bytes\":1000}", listed);
    json_t *some = mint(all, body), *me = whoami(signin_text(some, "token"));
    const char *token = signin_text(some, "token");
    cr_expect(eq(int, (int)json_integer_value(json_object_get(json_object_get(me, "restrictions"), "cids")), 1));
    cr_expect(
        eq(int, (int)json_integer_value(json_object_get(json_object_get(me, "restrictions"), "max_bytes")), 1000));
    for (int generation = 0; generation < 2; generation++) {
        pin_body(pin, 2, "10");
        expect_reason("POST", "/psa/pins", token, pin, 403, "TOKEN_RESTRICTED");
        pin_body(pin, 1, "1001");
        expect_reason("POST", "/psa/pins", token, pin, 403, "TOKEN_RESTRICTED");
        pin_body(pin, 1, NULL); // 2048 is the usual size here
        expect_reason("POST", "/psa/pins", token, pin, 403, "TOKEN_RESTRICTED");
        pin_body(pin, 1, "1000");
        json_t *mine = gateway_json(&status, "POST", "/psa/pins", token, pin);
        cr_expect(eq(int, status, 202));
        snprintf(path, sizeof path, "/psa/pins/%s", signin_text(other, "requestid"));
        cr_expect(eq(int, status_of("GET", path, token, NULL), 404));
        cr_expect(eq(int, status_of("POST", path, token, pin), 404));
        cr_expect(eq(int, status_of("DELETE", path, token, NULL), 404));
        snprintf(path, sizeof path, "/psa/pins/%s", signin_text(mine, "requestid"));
        cr_expect(eq(int, status_of("GET", path, token, NULL), 200));
        pin_body(pin, 2, "10");
        expect_reason("POST", path, token, pin, 403, "TOKEN_RESTRICTED");
        expect_reason("GET", "/psa/pins?status=queued", token, NULL, 403, "TOKEN_RESTRICTED");
        snprintf(body, sizeof body, "/psa/pins?status=queued&cid=%s,%s", listed, gateway_cid(9));
        expect_reason("GET", body, token, NULL, 403, "TOKEN_RESTRICTED");
        snprintf(body, sizeof body, "/psa/pins?status=queued&cid=%s", listed);
        cr_expect(eq(int, status_of("GET", body, token, NULL), 200));
        cr_expect(eq(int, status_of("DELETE", path, token, NULL), 202));
        json_decref(mine);
        json_t *child = mint(token, "{" ALL "}");
        json_decref(some);
        some = child;
        token = signin_text(some, "token");
    }
    json_decref(other);
    json_decref(me);
    json_decref(some);
    json_decref(whole);
}

Test(token_api, a_page_of_its_own)
{
    struct response got;
    json_t *whole = sign_in("//Alice", ALL);
    json_t *some = mint(signin_text(whole, "token"), "{\"scopes\":[\"pin.write\"],\"origin\":\"https://app.example\"}");
    static const char *const bad[] = {NULL, "https://evil.example", "http://app.example", "https://app.example:8443"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        post_from(&got, bad[i], "/psa/pins", signin_text(some, "token"), "{}");
        cr_expect(eq(int, got.status, 401), "%s", bad[i] != NULL ? bad[i] : "none");
        client_free_response(&got);
    }
    post_from(&got, "https://app.example", "/psa/pins", signin_text(some, "token"), "{}");
    cr_expect(eq(int, got.status, 400)); // no CID
    client_free_response(&got);
    json_decref(some);
    json_decref(whole);
}

static json_t *find(const json_t *list, const char *id)
{
    size_t index;
    json_t *row;
    json_array_foreach(json_object_get(list, "tokens"), index, row)
    {
        if (strcmp(signin_text(row, "id"), id) == 0)
            return row;
    }
    return NULL;
}

static void revoke_path(char out[96], const char *id)
{
    snprintf(out, 96, "/auth/tokens/%s", id);
}

Test(token_api, listed_and_revoked)
{
    char path[96];
    int status;
    json_t *admin = sign_in("//Alice", ALL),
           *gallery = mint(signin_text(admin, "token"), "{\"scopes\":[\"pin.read\"],\"label\":\"gallery\"}");
    const char *token = signin_text(admin, "token"), *id = signin_text(gallery, "id");
    json_t *list = gateway_json(&status, "GET", "/auth/tokens", token, NULL);
    cr_expect(eq(sz, json_array_size(json_object_get(list, "tokens")), 2));
    cr_expect(eq(str, (char *)signin_text(find(list, id), "label"), "gallery"));
    cr_expect(eq(str, (char *)signin_text(find(list, id), "kind"), "minted"));
    cr_expect(eq(int, json_typeof(json_object_get(find(list, id), "current")), JSON_FALSE));
    cr_expect(eq(int, json_typeof(json_object_get(find(list, signin_text(admin, "id")), "current")), JSON_TRUE));
    cr_expect(eq(int, json_typeof(json_object_get(find(list, id), "revoked")), JSON_NULL));
    json_decref(list);

    revoke_path(path, id);
    cr_expect(eq(int, status_of("GET", "/psa/pins", signin_text(gallery, "token"), NULL), 200));
    cr_expect(eq(int, status_of("DELETE", path, token, NULL), 204));
    cr_expect(eq(int, status_of("GET", "/psa/pins", signin_text(gallery, "token"), NULL), 401));
    cr_expect(eq(int, status_of("DELETE", path, token, NULL), 204), "again changes nothing");
    list = gateway_json(&status, "GET", "/auth/tokens", token, NULL);
    const json_t *row = find(list, id);
    cr_expect(row == NULL || json_string_value(json_object_get(row, "revoked")) != NULL);
    json_decref(list);

    json_t *bob = sign_in("//Bob", ALL);
    revoke_path(path, signin_text(bob, "id"));
    expect_reason("DELETE", path, token, NULL, 404, "NOT_FOUND");
    cr_expect(eq(int, status_of("GET", "/psa/pins", signin_text(bob, "token"), NULL), 200), "another's is untouched");
    static const char *const bad[] = {"x", "00", "00112233445566778899AABBCCDDEEFF",
                                      "00112233445566778899aabbccddeeff"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        revoke_path(path, bad[i]);
        expect_reason("DELETE", path, token, NULL, 404, "NOT_FOUND");
    }
    json_decref(bob);
    json_decref(gallery);
    json_decref(admin);
}

Test(token_api, whoever_has_a_whole_token_may_end_it)
{
    char path[96];
    json_t *reader = sign_in("//Alice", "\"scopes\":[\"pin.read\"]"), *other = sign_in("//Alice", "");
    struct w3p_caveat caveats[2];
    struct w3p_buf narrow;
    w3p_caveat_scopes(&caveats[0], W3P_SCOPE_PIN_READ);
    cr_assert(eq(int, w3p_caveat_max_bytes(&caveats[1], 1000), W3P_OK));
    for (size_t i = 0; i < 2; i++) { // narrowed tokens have the id of the one that they were narrowed from
        const char *from = signin_text(other, "token");
        w3p_buf_init(&narrow, W3P_MACAROON_TEXT_MAX);
        cr_assert(eq(int, w3p_macaroon_narrow(&narrow, NULL, from, strlen(from), &caveats[i], 1), W3P_OK));
        revoke_path(path, signin_text(other, "id"));
        cr_expect(eq(int, status_of("GET", "/psa/pins", w3p_buf_str(&narrow), NULL), 200));
        expect_reason("DELETE", path, w3p_buf_str(&narrow), NULL, 403, "INSUFFICIENT_SCOPE");
        w3p_buf_deinit(&narrow);
    }
    cr_expect(eq(int, status_of("GET", "/psa/pins", signin_text(other, "token"), NULL), 200));
    expect_reason("DELETE", path, signin_text(reader, "token"), NULL, 403, "INSUFFICIENT_SCOPE");
    revoke_path(path, signin_text(reader, "id"));
    cr_expect(eq(int, status_of("DELETE", path, signin_text(reader, "token"), NULL), 204));
    cr_expect(eq(int, status_of("GET", "/psa/pins", signin_text(reader, "token"), NULL), 401));
    json_decref(reader);
    json_decref(other);
}

static void self_issued(struct w3p_buf *token, char id[65], const char *uri, w3p_scopes scopes)
{
    struct wallet wallet;
    struct w3p_errmsg msg = {0};
    struct w3p_token decoded;
    char text[W3P_SIWX_MAX];
    uint8_t hash32[32];
    size_t len;
    wallet_open(&wallet, "eth", uri);
    w3p_buf_init(token, W3P_AUTH_HEADER_MAX);
    cr_assert(eq(int,
                 w3p_selfissued_make(token, &msg, wallet.scheme, &wallet.key,
                                     &(struct w3p_selfissued_wish){.audience = "https://" GATEWAY_HOST,
                                                                   .label = "kubo",
                                                                   .scopes = scopes,
                                                                   .ttl_s = 3600,
                                                                   .now_ms = w3p_clock_wall_ms()}),
                 W3P_OK),
              "%s", msg.text);
    cr_assert(eq(int, w3p_token_decode(&decoded, w3p_buf_str(token), token->len), W3P_AUTH_OK));
    cr_assert(eq(int, w3p_selfissued_text(text, &len, &decoded), W3P_OK));
    w3p_sha256(hash32, text, len);
    w3p_hex_encode(id, hash32, 32);
}

Test(token_api, a_self_issued_token_is_revoked_before_its_first_use)
{
    struct w3p_buf token;
    char id[65], path[96];
    json_t *admin = sign_in("//Alice", ALL), *bob = sign_in("//Bob", ALL);
    self_issued(&token, id, "//Alice", W3P_SCOPES_PINS);
    revoke_path(path, id);
    cr_expect(eq(int, status_of("DELETE", path, signin_text(bob, "token"), NULL), 204), "of his own, if he had one");
    cr_expect(eq(int, status_of("GET", "/psa/pins", w3p_buf_str(&token), NULL), 200));
    cr_expect(eq(int, status_of("DELETE", path, signin_text(admin, "token"), NULL), 204));
    cr_expect(eq(int, status_of("GET", "/psa/pins", w3p_buf_str(&token), NULL), 401));
    w3p_buf_deinit(&token);
    self_issued(&token, id, "//Alice", W3P_SCOPES_ALL);
    revoke_path(path, id);
    cr_expect(eq(int, status_of("DELETE", path, signin_text(admin, "token"), NULL), 204));
    cr_expect(eq(int, status_of("GET", "/psa/pins", w3p_buf_str(&token), NULL), 401));
    w3p_buf_deinit(&token);
    json_decref(admin);
    json_decref(bob);
}

static bool has_row(const char *identity, const char *id)
{
    struct w3p_db *db;
    struct w3p_errmsg msg = {0};
    struct w3p_token_state state;
    uint8_t id32[32];
    size_t len = sizeof id32;
    cr_assert(eq(int, w3p_hex_decode(id32, &len, id, strlen(id)), W3P_OK));
    cr_assert(eq(int, w3p_store_reader(&db, &msg, gateway_app.store), W3P_OK), "%s", msg.text);
    cr_assert(eq(int, w3p_tokens_state(db, &state, identity, id32, sizeof id32), W3P_OK));
    w3p_store_reader_close(db);
    return state.known;
}

static int wait_for_writer(struct w3p_write *self, struct w3p_db *db)
{
    (void)self;
    (void)db;
    return W3P_OK;
}

// A wallet is free, so what is written for one that may not use the gateway has no end.
Test(token_api, strangers_write_nothing)
{
    static const char *const uris[] = {"//Alice", "//Bob"};
    static char alice[W3P_IDENTITY_MAX];
    gateway_stop();
    for (int i = 0; i < 2; i++) {
        struct w3p_buf token;
        struct w3p_identity identity;
        struct wallet wallet;
        char id[65], spelled[200];
        struct w3p_write last = {.run = wait_for_writer};
        wallet_open(&wallet, "eth", uris[i]);
        snprintf(spelled, sizeof spelled, "eth-%s", wallet.address);
        cr_assert(eq(int, w3p_auth_address(&identity, spelled, strlen(spelled)), W3P_AUTH_OK));
        if (i == 0) {
            snprintf(alice, sizeof alice, "%s", identity.text);
            gateway_access = (struct w3p_access_settings){.mode = W3P_ACCESS_ALLOWLIST, .allow = alice};
            gateway_start();
        }
        self_issued(&token, id, uris[i], W3P_SCOPES_PINS);
        for (int again = 0; again < 2; again++)
            cr_expect(eq(int, status_of("GET", "/psa/pins", w3p_buf_str(&token), NULL), i == 0 ? 200 : 403));
        cr_assert(eq(int, w3p_store_write_wait(gateway_app.store, &last), W3P_OK));
        cr_expect(eq(int, has_row(identity.text, id), i == 0));
        w3p_buf_deinit(&token);
    }
}

Test(token_api, a_self_issued_token_makes_minted_ones)
{
    struct w3p_buf token;
    char id[65];
    self_issued(&token, id, "//Alice", W3P_SCOPE_TOKEN_MINT | W3P_SCOPE_PIN_READ);
    json_t *me = whoami(w3p_buf_str(&token)), *child = mint(w3p_buf_str(&token), "{\"scopes\":[\"pin.read\"]}");
    cr_expect(eq(str, (char *)signin_text(me, "kind"), "self-issued"));
    cr_expect(eq(str, (char *)signin_text(me, "id"), id));
    cr_expect(eq(str, (char *)signin_text(me, "label"), "kubo"));
    cr_expect(eq(str, (char *)signin_text(me, "account"), (char *)signin_text(child, "account")));
    expect_reason("POST", "/auth/token", w3p_buf_str(&token), "{\"scopes\":[\"pin.write\"]}", 403,
                  "INSUFFICIENT_SCOPE");
    json_decref(me);
    json_decref(child);
    w3p_buf_deinit(&token);
}

Test(token_api, log_out_everywhere)
{
    struct w3p_buf self;
    char id[65];
    json_t *one = sign_in("//Alice", ALL), *two = sign_in("//Alice", ""), *bob = sign_in("//Bob", "");
    self_issued(&self, id, "//Alice", W3P_SCOPES_PINS);
    cr_expect(eq(int, status_of("GET", "/psa/pins", w3p_buf_str(&self), NULL), 200));
    cr_expect(eq(int, status_of("GET", "/psa/pins", signin_text(two, "token"), NULL), 200));
    cr_expect(eq(int, status_of("POST", "/auth/logout-all", signin_text(one, "token"), NULL), 204));
    cr_expect(eq(int, status_of("GET", "/psa/pins", signin_text(one, "token"), NULL), 401));
    cr_expect(eq(int, status_of("GET", "/psa/pins", signin_text(two, "token"), NULL), 401));
    cr_expect(eq(int, status_of("GET", "/psa/pins", w3p_buf_str(&self), NULL), 401));
    cr_expect(eq(int, status_of("GET", "/psa/pins", signin_text(bob, "token"), NULL), 200));
    json_t *again = sign_in("//Alice", "");
    cr_expect(eq(int, status_of("GET", "/psa/pins", signin_text(again, "token"), NULL), 200));
    json_decref(one);
    json_decref(two);
    json_decref(bob);
    json_decref(again);
    w3p_buf_deinit(&self);
}

// An answer that somebody keeps back for after the logout.
Test(token_api, log_out_everywhere_ends_what_was_signed_before)
{
    struct wallet alice;
    struct response got;
    char body[8192];
    wallet_open(&alice, "eth", "//Alice");
    json_t *admin = sign_in("//Alice", ALL), *challenge = wallet_challenge(&alice, NULL, "");
    wallet_sign(&alice, signin_text(challenge, "message"));
    wallet_answer(body, sizeof body, &alice, signin_text(challenge, "message"), alice.signature);
    for (int64_t second = w3p_clock_wall_ms() / 1000; w3p_clock_wall_ms() / 1000 == second;)
        usleep(20000);
    cr_expect(eq(int, status_of("POST", "/auth/logout-all", signin_text(admin, "token"), NULL), 204));
    post_from(&got, NULL, "/auth/login", NULL, body);
    cr_expect(eq(int, got.status, 401), "%s", got.body);
    client_free_response(&got);
    json_t *again = sign_in("//Alice", ""); // at once
    cr_expect(eq(int, status_of("GET", "/psa/pins", signin_text(again, "token"), NULL), 200));
    json_decref(admin);
    json_decref(challenge);
    json_decref(again);
}

Test(token_api, w3auth_tokens_are_switched_off)
{
    json_t *admin = sign_in("//Alice", ALL);
    const char *token = signin_text(admin, "token");
    cr_expect(eq(int, status_of("GET", "/psa/pins", gateway_token("Alice"), NULL), 200));
    expect_reason("POST", "/auth/legacy", token, "{\"off\":1}", 400, "INVALID_OFF");
    cr_expect(eq(int, status_of("POST", "/auth/legacy", token, "{\"off\":true}"), 200));
    cr_expect(eq(int, status_of("GET", "/psa/pins", gateway_token("Alice"), NULL), 401));
    cr_expect(eq(int, status_of("GET", "/psa/pins", gateway_token("Bob"), NULL), 200));
    json_t *me = whoami(token);
    cr_expect(eq(int, json_typeof(json_object_get(me, "legacy_off")), JSON_TRUE));
    json_decref(me);
    cr_expect(eq(int, status_of("POST", "/auth/legacy", token, "{\"off\":false}"), 200));
    cr_expect(eq(int, status_of("GET", "/psa/pins", gateway_token("Alice"), NULL), 200));
    me = whoami(token);
    cr_expect(eq(int, json_typeof(json_object_get(me, "legacy_off")), JSON_FALSE));
    json_decref(me);
    json_decref(admin);
}

// Connections go to either loop thread; both have the token in their caches.
Test(token_api, a_revocation_counts_on_every_thread_at_once)
{
    enum { CONNECTIONS = 16, ROUNDS = 10 };
    static const char *const endings[] = {"DELETE", "POST"};
    char request[2048], path[96];
    for (int round = 0; round < ROUNDS; round++) {
        struct client *clients[CONNECTIONS];
        struct response got;
        json_t *admin = sign_in("//Alice", ALL), *used = sign_in("//Alice", "");
        snprintf(request, sizeof request, "GET /psa/pins HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n",
                 signin_text(used, "token"));
        for (size_t i = 0; i < CONNECTIONS; i++) {
            clients[i] = client_open(gateway_port);
            client_send_str(clients[i], request);
            client_read(clients[i], &got, true, 5000);
            cr_assert(eq(int, got.status, 200));
            client_free_response(&got);
        }
        revoke_path(path, signin_text(used, "id"));
        cr_assert(
            eq(int,
               status_of(endings[round & 1], round & 1 ? "/auth/logout-all" : path, signin_text(admin, "token"), NULL),
               204));
        for (size_t i = 0; i < CONNECTIONS; i++)
            client_send_str(clients[i], request);
        for (size_t i = 0; i < CONNECTIONS; i++) {
            client_read(clients[i], &got, true, 5000);
            cr_expect(eq(int, got.status, 401), "round %d", round);
            client_free_response(&got);
            client_close(clients[i]);
        }
        json_decref(admin);
        json_decref(used);
    }
}

// ---- what changed while a change waited ----

static sem_t gate;

static int run_hold(struct w3p_write *self, struct w3p_db *db)
{
    (void)self;
    (void)db;
    sem_wait(&gate);
    return W3P_OK;
}

static void on_held(struct w3p_write *self, int result)
{
    (void)result;
    free(self);
}

static void send(struct client *client, const char *method, const char *path, const char *token, const char *body)
{
    char request[2048];
    snprintf(request, sizeof request,
             "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %zu\r\n\r\n%s", method, path,
             token, strlen(body), body);
    client_send_str(client, request);
    usleep(100000); // until it waits for the writer, behind those before it
}

// The writer is held up: the token is revoked first, and then two requests act on its word that were let in before.
Test(token_api, a_credential_is_looked_at_again_when_it_acts)
{
    static const struct {
        const char *path, *body;
    } acts[] = {{"/auth/token", "{\"scopes\":[\"account.admin\"]}"}, {"/auth/legacy", "{\"off\":true}"}};
    char path[96];
    struct response got;
    struct client *clients[3];
    json_t *admin = sign_in("//Alice", ALL), *other = sign_in("//Alice", ALL);
    struct w3p_write *hold = calloc(1, sizeof *hold);
    *hold = (struct w3p_write){.run = run_hold, .done = on_held};
    sem_init(&gate, 0, 0);
    cr_assert(eq(int, w3p_store_write(gateway_app.store, hold), W3P_OK));
    for (size_t i = 0; i < 3; i++)
        clients[i] = client_open(gateway_port);
    revoke_path(path, signin_text(other, "id"));
    send(clients[0], "DELETE", path, signin_text(admin, "token"), "");
    for (size_t i = 0; i < 2; i++)
        send(clients[i + 1], "POST", acts[i].path, signin_text(other, "token"), acts[i].body);
    sem_post(&gate);
    for (size_t i = 0; i < 3; i++) {
        client_read(clients[i], &got, i > 0, 5000);
        cr_expect(eq(int, got.status, i == 0 ? 204 : 401), "%zu", i);
        client_free_response(&got);
        client_close(clients[i]);
    }
    cr_expect(eq(int, status_of("GET", "/psa/pins", gateway_token("Alice"), NULL), 200));
    json_decref(admin);
    json_decref(other);
}
