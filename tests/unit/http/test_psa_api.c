// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the pinning API over the wire, on a real store. psa_rule.rNN are ten rules that a
// real client breaks on; the first ones that need no wire are in test_psa_render.c.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gateway.h"

TestSuite(psa_rule, .timeout = 30);
TestSuite(psa_api, .init = gateway_start, .fini = gateway_stop, .timeout = 30);

static const char *text_of(const json_t *root, const char *key)
{
    const char *text = json_string_value(json_object_get(root, key));
    return text != NULL ? text : "(missing)";
}

static long count_of(const json_t *root)
{
    return (long)json_integer_value(json_object_get(root, "count"));
}

// Adds a pin and gives its requestid.
static void add(char id[40], char created[40], const char *token, unsigned n, const char *name)
{
    char body[512];
    int status;
    snprintf(body, sizeof body, "{\"cid\":\"%s\",\"name\":\"%s\",\"meta\":{\"app\":\"%u\"}}", gateway_cid(n), name, n);
    json_t *root = gateway_json(&status, "POST", "/psa/pins", token, body);
    cr_assert(eq(int, status, 202));
    snprintf(id, 40, "%s", text_of(root, "requestid"));
    if (created != NULL)
        snprintf(created, 40, "%s", text_of(root, "created"));
    json_decref(root);
}

Test(psa_rule, r01_r02_r03_pages_lose_and_repeat_nothing, .init = gateway_start, .fini = gateway_stop)
{
    enum { PINS = 25 };
    char ids[PINS][40], created[PINS][40], before[64] = "", target[256], seen[PINS][40];
    const char *token = gateway_token("Alice");
    int status, total = 0;
    for (unsigned i = 0; i < PINS; i++) {
        add(ids[i], created[i], token, i, "n");
        cr_expect(eq(sz, strlen(created[i]), 24));
        cr_expect(created[i][19] == '.' && created[i][23] == 'Z');
        cr_expect(i == 0 || strcmp(created[i - 1], created[i]) < 0, "unique and increasing");
    }
    for (int page = 0; page < 3; page++) {
        snprintf(target, sizeof target, "/psa/pins?limit=10&status=queued%s", before);
        json_t *root = gateway_json(&status, "GET", target, token, NULL);
        json_t *results = json_object_get(root, "results");
        cr_assert(eq(int, status, 200));
        cr_expect(eq(long, count_of(root), PINS - total), "count follows before");
        cr_assert(eq(sz, json_array_size(results), page < 2 ? 10 : 5));
        for (size_t i = 0; i < json_array_size(results); i++)
            snprintf(seen[total++], 40, "%s", text_of(json_array_get(results, i), "requestid"));
        snprintf(before, sizeof before, "&before=%s",
                 text_of(json_array_get(results, json_array_size(results) - 1), "created"));
        json_decref(root);
    }
    cr_assert(eq(int, total, PINS));
    for (int i = 0; i < PINS; i++)
        cr_expect(eq(str, seen[i], ids[PINS - 1 - i]), "newest first");
    snprintf(target, sizeof target, "/psa/pins?status=queued&after=%s", created[20]);
    json_t *root = gateway_json(&status, "GET", target, token, NULL);
    cr_expect(eq(long, count_of(root), 4), "after is strict");
    json_decref(root);
}

Test(psa_rule, r06_every_answer_is_typed, .init = gateway_start, .fini = gateway_stop)
{
    static const char *const targets[] = {"/psa/pins",         "/psa/pins/x", "/psa/nothing",
                                          "/psa/pins?limit=0", "/healthz",    "/readyz"};
    struct response got;
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        for (int authenticated = 0; authenticated < 2; authenticated++) {
            gateway_request(&got, "GET", targets[i], authenticated ? gateway_token("Alice") : NULL, NULL);
            cr_expect(eq(str, (char *)client_header(&got, "content-type"), "application/json"), "%s", targets[i]);
            cr_expect(eq(str, (char *)client_header(&got, "cache-control"), "no-store"), "%s", targets[i]);
            client_free_response(&got);
        }
    }
}

static void expect_failure(json_t *root, const char *reason)
{
    json_t *error = json_object_get(root, "error");
    cr_expect(eq(sz, json_object_size(root), 1));
    cr_expect(eq(sz, json_object_size(error), 2));
    cr_expect(eq(str, (char *)text_of(error, "reason"), (char *)reason));
    cr_expect(lt(sz, 10, strlen(text_of(error, "details"))));
    json_decref(root);
}

Test(psa_rule, r07_failures_have_one_shape, .init = gateway_start, .fini = gateway_stop)
{
    const char *token = gateway_token("Alice");
    int status;
    expect_failure(gateway_json(&status, "GET", "/psa/pins", NULL, NULL), "UNAUTHORIZED");
    cr_expect(eq(int, status, 401));
    expect_failure(gateway_json(&status, "GET", "/psa/pins", "purposefullyInvalid", NULL), "UNAUTHORIZED");
    cr_expect(eq(int, status, 401));
    expect_failure(gateway_json(&status, "GET", "/psa/pins/0190163d-8694-739b-aea5-966c26f8ad91", token, NULL),
                   "NOT_FOUND");
    cr_expect(eq(int, status, 404));
    expect_failure(gateway_json(&status, "POST", "/psa/pins", token, "{}"), "INVALID_CID");
    cr_expect(eq(int, status, 400));
    expect_failure(gateway_json(&status, "GET", "/psa/pins?meta=map%5Bapp%3Az%5D", token, NULL), "INVALID_META");
    cr_expect(eq(int, status, 400));
    expect_failure(gateway_json(&status, "PUT", "/psa/pins", token, "{}"), "METHOD_NOT_ALLOWED");
    cr_expect(eq(int, status, 405));
}

Test(psa_rule, r08_delegates_end_in_a_peer_id, .init = gateway_start, .fini = gateway_stop)
{
    int status;
    char body[256];
    snprintf(body, sizeof body, "{\"cid\":\"%s\"}", gateway_cid(1));
    json_t *root = gateway_json(&status, "POST", "/psa/pins", gateway_token("Alice"), body);
    json_t *delegates = json_object_get(root, "delegates");
    cr_assert(ge(sz, json_array_size(delegates), 1));
    cr_expect(strstr(json_string_value(json_array_get(delegates, 0)), "/p2p/") != NULL);
    json_decref(root);
}

Test(psa_rule, r09_no_redirects, .init = gateway_start, .fini = gateway_stop)
{
    static const char *const targets[] = {"/psa/pins/", "/psa/pins", "//psa/pins", "/psa", "/psa/", "/psa/./pins", "/"};
    struct response got;
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        gateway_request(&got, "GET", targets[i], gateway_token("Alice"), NULL);
        cr_expect(got.status < 300 || got.status >= 400, "%s", targets[i]);
        client_free_response(&got);
    }
    gateway_request(&got, "GET", "/psa/pins/", gateway_token("Alice"), NULL);
    cr_expect(eq(int, got.status, 200));
    client_free_response(&got);
}

Test(psa_rule, r10_reads_see_the_write, .init = gateway_start, .fini = gateway_stop)
{
    const char *token = gateway_token("Alice");
    for (unsigned i = 0; i < 20; i++) {
        char id[40], target[64];
        int status;
        add(id, NULL, token, i, "n");
        snprintf(target, sizeof target, "/psa/pins/%s", id);
        json_t *root = gateway_json(&status, "GET", target, token, NULL);
        cr_expect(eq(int, status, 200));
        cr_expect(eq(str, (char *)text_of(root, "requestid"), id));
        json_decref(root);
    }
}

Test(psa_api, one_401_for_every_reason)
{
    static const char *const headers[] = {"",
                                          "Authorization: Bearer x\r\n",
                                          "Authorization: Basic eA==\r\n",
                                          "Authorization: Digest x\r\n",
                                          "Authorization: \r\n",
                                          "Authorization: Bearer c3ViLTVHOnh4\r\n",
                                          "Authorization: Bearer a\r\nAuthorization: Bearer a\r\n"};
    char first[512] = "", request[8192];
    struct response got;
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        snprintf(request, sizeof request, "GET /psa/pins HTTP/1.1\r\nHost: x\r\n%s\r\n", headers[i]);
        client_exchange(&got, gateway_port, request);
        cr_expect(eq(int, got.status, 401), "row %zu", i);
        cr_expect(eq(str, (char *)client_header(&got, "www-authenticate"), "Bearer"));
        cr_expect(eq(str, (char *)client_header(&got, "access-control-allow-origin"), "*"));
        if (i == 0)
            snprintf(first, sizeof first, "%s", got.body);
        cr_expect(eq(str, got.body, first), "row %zu", i);
        client_free_response(&got);
    }
    // A good token twice is a duplicate too.
    snprintf(request, sizeof request,
             "GET /psa/pins HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nAuthorization: Bearer %s\r\n\r\n",
             gateway_token("Alice"), gateway_token("Alice"));
    client_exchange(&got, gateway_port, request);
    cr_expect(eq(int, got.status, 401));
    cr_expect(eq(str, got.body, first));
    client_free_response(&got);
}

Test(psa_api, another_account_sees_nothing)
{
    const char *alice = gateway_token("Alice"), *bob = gateway_token("Bob");
    char id[40], target[64], bob_id[40];
    struct response theirs, unknown;
    add(id, NULL, alice, 1, "n");
    add(bob_id, NULL, bob, 2, "m");
    snprintf(target, sizeof target, "/psa/pins/%s", id);
    for (const char *const *method = (const char *const[]){"GET", "DELETE", "POST", NULL}; *method != NULL; method++) {
        char body[200];
        snprintf(body, sizeof body, "{\"cid\":\"%s\"}", gateway_cid(3));
        const char *sent = strcmp(*method, "POST") == 0 ? body : NULL;
        gateway_request(&theirs, *method, target, bob, sent);
        gateway_request(&unknown, *method, "/psa/pins/0190163d-8694-739b-aea5-966c26f8ad91", bob, sent);
        cr_expect(eq(int, theirs.status, 404), "%s", *method);
        cr_expect(eq(int, unknown.status, 404), "%s", *method);
        cr_expect(eq(str, theirs.body, unknown.body), "%s", *method);
        client_free_response(&theirs);
        client_free_response(&unknown);
    }
    int status;
    json_decref(gateway_json(&status, "GET", target, alice, NULL));
    cr_expect(eq(int, status, 200));
}

Test(psa_api, replace_gives_a_new_requestid)
{
    const char *token = gateway_token("Alice");
    char id[40], target[64], body[200];
    int status;
    add(id, NULL, token, 1, "n");
    snprintf(target, sizeof target, "/psa/pins/%s", id);
    snprintf(body, sizeof body, "{\"cid\":\"%s\"}", gateway_cid(2));
    json_t *root = gateway_json(&status, "POST", target, token, body);
    cr_expect(eq(int, status, 202));
    cr_expect(ne(str, (char *)text_of(root, "requestid"), id));
    cr_expect(eq(str, (char *)text_of(json_object_get(root, "pin"), "cid"), (char *)gateway_cid(2)));
    json_decref(gateway_json(&status, "GET", target, token, NULL));
    cr_expect(eq(int, status, 404));
    snprintf(target, sizeof target, "/psa/pins/%s", text_of(root, "requestid"));
    json_decref(root);
    json_decref(gateway_json(&status, "GET", target, token, NULL));
    cr_expect(eq(int, status, 200));
}

Test(psa_api, delete_ends_with_202_and_nothing)
{
    const char *token = gateway_token("Alice");
    char id[40], target[64];
    struct response got;
    add(id, NULL, token, 1, "n");
    snprintf(target, sizeof target, "/psa/pins/%s", id);
    gateway_request(&got, "DELETE", target, token, NULL);
    cr_expect(eq(int, got.status, 202));
    cr_expect(eq(sz, got.body_len, 0));
    client_free_response(&got);
    gateway_request(&got, "DELETE", target, token, NULL);
    cr_expect(eq(int, got.status, 404));
    client_free_response(&got);
}

struct listing {
    const char *query;
    int count;
};
static const struct listing listings[] = {
    {"", 0}, // pinned only
    {"?status=queued", 4},
    {"?status=pinned,failed,pinning", 0},
    {"?name=report", 1}, // exact, every state
    {"?name=REPORT", 0},
    {"?name=REPORT&match=iexact", 1},
    {"?name=repor", 0}, // kubo sends no match: never a part
    {"?name=repor&match=partial", 2},
    {"?name=REPOR&match=ipartial", 2},
    {"?name=%25&match=partial", 1}, // no wildcard
    {"?name=report&status=pinned", 0},
    {"?meta=%7B%22app%22%3A%222%22%7D&status=queued", 1},
    {"?meta=%7B%22app%22%3A%22x%22%7D&status=queued", 0},
    {"?status=queued&limit=1", 4},
    {"?unknown=1&status=queued", 4},
};

Test(psa_api, lists)
{
    static const char *const names[] = {"report", "reports", "100%", "other"};
    const char *token = gateway_token("Alice");
    char id[40], target[256];
    for (unsigned i = 0; i < 4; i++)
        add(id, NULL, token, i, names[i]);
    add(id, NULL, gateway_token("Bob"), 9, "report");
    for (size_t i = 0; i < sizeof listings / sizeof listings[0]; i++) {
        int status;
        snprintf(target, sizeof target, "/psa/pins%s", listings[i].query);
        json_t *root = gateway_json(&status, "GET", target, token, NULL);
        cr_expect(eq(int, status, 200), "%s", target);
        cr_expect(eq(long, count_of(root), listings[i].count), "%s", target);
        json_decref(root);
    }
    int status;
    snprintf(target, sizeof target, "/psa/pins?status=queued&cid=%s", gateway_cid(2));
    json_t *root = gateway_json(&status, "GET", target, token, NULL);
    cr_expect(eq(long, count_of(root), 1));
    json_decref(root);
    root = gateway_json(&status, "GET", "/psa/pins?status=queued", gateway_token("Charlie"), NULL);
    cr_expect(eq(int, status, 200));
    cr_expect(eq(long, count_of(root), 0));
    json_decref(root);
}

Test(psa_api, echoes_what_the_client_wrote)
{
    int status;
    json_t *root = gateway_json(
        &status, "POST", "/psa/pins", gateway_token("Alice"),
        "{\"cid\":\"QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG\",\"name\":\"\xf0\x9f\x93\x8c \\\"x\\\"\","
        "\"meta\":{\"k\":\"v\\n\"},\"origins\":[\"/ip4/1.2.3.4/tcp/1\"]}");
    json_t *pin = json_object_get(root, "pin");
    cr_expect(eq(int, status, 202));
    cr_expect(eq(str, (char *)text_of(root, "status"), "queued"));
    cr_expect(eq(str, (char *)text_of(pin, "cid"), "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"));
    cr_expect(eq(str, (char *)text_of(pin, "name"), "\xf0\x9f\x93\x8c \"x\""));
    cr_expect(eq(str, (char *)text_of(json_object_get(pin, "meta"), "k"), "v\n"));
    cr_expect(eq(sz, json_array_size(json_object_get(pin, "origins")), 1));
    cr_expect(eq(str, (char *)text_of(json_object_get(root, "info"), "replicas_wanted"), "3"));
    json_decref(root);
}

Test(psa_api, post_without_a_body)
{
    int status;
    expect_failure(gateway_json(&status, "POST", "/psa/pins", gateway_token("Alice"), NULL), "INVALID_JSON");
    cr_expect(eq(int, status, 400));
    expect_failure(gateway_json(&status, "POST", "/psa/pins", gateway_token("Alice"), ""), "INVALID_JSON");
    cr_expect(eq(int, status, 400));
}

Test(psa_api, ready_until_it_drains)
{
    int status;
    json_t *root = gateway_json(&status, "GET", "/healthz", NULL, NULL);
    cr_expect(eq(int, status, 200));
    json_decref(root);
    root = gateway_json(&status, "GET", "/readyz", NULL, NULL);
    cr_expect(eq(int, status, 200));
    cr_expect(eq(int, json_is_true(json_object_get(root, "ready")), 1));
    cr_expect(eq(str, (char *)text_of(root, "chain"), "starting"));
    json_decref(root);
    gateway_app.draining = 1;
    root = gateway_json(&status, "GET", "/readyz", NULL, NULL);
    cr_expect(eq(int, status, 503));
    cr_expect(eq(int, json_is_true(json_object_get(root, "ready")), 0));
    json_decref(root);
}

static int ready_status(void)
{
    int status;
    json_t *root = gateway_json(&status, "GET", "/readyz", NULL, NULL);
    cr_expect(eq(int, json_is_true(json_object_get(root, "ready")), status == 200));
    json_decref(root);
    return status;
}

// A file that must not grow stands for a full disk.
Test(psa_api, not_ready_while_the_disk_takes_nothing)
{
    struct rlimit old, none;
    char body[200];
    int status, waited = 0;
    cr_assert(eq(int, getrlimit(RLIMIT_FSIZE, &old), 0));
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = old.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    snprintf(body, sizeof body, "{\"cid\":\"%s\"}", gateway_cid(1));
    cr_assert(eq(int, setrlimit(RLIMIT_FSIZE, &none), 0));
    json_decref(gateway_json(&status, "POST", "/psa/pins", gateway_token("Alice"), body));
    cr_expect(eq(int, status, 503));
    cr_expect(eq(int, ready_status(), 503));
    cr_assert(eq(int, setrlimit(RLIMIT_FSIZE, &old), 0));
    while (ready_status() != 200 && waited++ < 100)
        usleep(100000);
    cr_expect(lt(int, waited, 100));
    json_decref(gateway_json(&status, "POST", "/psa/pins", gateway_token("Alice"), body));
    cr_expect(eq(int, status, 202));
}

Test(psa_limits, accounts_and_budgets, .timeout = 30)
{
    const char *token = gateway_token("Alice");
    char id[40], body[200];
    int status;
    gateway_pins_per_day = 1;
    gateway_start();
    add(id, NULL, token, 1, "n");
    snprintf(body, sizeof body, "{\"cid\":\"%s\"}", gateway_cid(2));
    expect_failure(gateway_json(&status, "POST", "/psa/pins", token, body), "QUOTA_EXCEEDED");
    cr_expect(eq(int, status, 403));
    gateway_stop();
}

Test(psa_limits, money, .timeout = 30)
{
    const char *token = gateway_token("Alice");
    char id[40], body[200];
    int status;
    gateway_planck_per_day = 1500;
    gateway_price = 1000;
    gateway_start();
    add(id, NULL, token, 1, "n");
    snprintf(body, sizeof body, "{\"cid\":\"%s\"}", gateway_cid(2));
    expect_failure(gateway_json(&status, "POST", "/psa/pins", token, body), "INSUFFICIENT_FUNDS");
    cr_expect(eq(int, status, 409));
    gateway_stop();
}

static void expect_planck(const char *token, const char *limit, const char *used)
{
    int status;
    json_t *account = gateway_json(&status, "GET", "/account", token, NULL);
    const json_t *may = json_object_get(account, "may"), *has = json_object_get(account, "used");
    cr_expect(eq(str, (char *)json_string_value(json_object_get(may, "planck_per_day")), (char *)limit));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(has, "planck_today")), (char *)used));
    json_decref(account);
}

Test(psa_limits, planck_of_an_account, .timeout = 30)
{
    const char *token = gateway_token("Alice");
    char id[40], body[200];
    int status;
    gateway_account_planck = 1999;
    gateway_price = 1000;
    gateway_start();
    expect_planck(token, "1999", "0");
    add(id, NULL, token, 1, "n");
    snprintf(body, sizeof body, "{\"cid\":\"%s\"}", gateway_cid(2));
    json_t *refused = gateway_json(&status, "POST", "/psa/pins", token, body);
    cr_expect(eq(int, status, 403));
    const char *details = json_string_value(json_object_get(json_object_get(refused, "error"), "details"));
    cr_expect(details && strstr(details, "accounts.planck_per_day") != NULL, "%s", details ? details : "");
    expect_failure(refused, "QUOTA_EXCEEDED");
    expect_planck(token, "1999", "1000");
    add(id, NULL, gateway_token("Bob"), 2, "n");
    expect_planck(gateway_token("Bob"), "1999", "1000");
    gateway_stop();
}

Test(psa_limits, allowlist, .timeout = 30)
{
    int status;
    gateway_access.mode = W3P_ACCESS_ALLOWLIST;
    gateway_start();
    expect_failure(gateway_json(&status, "GET", "/psa/pins", gateway_token("Alice"), NULL), "FORBIDDEN");
    cr_expect(eq(int, status, 403));
    expect_failure(gateway_json(&status, "GET", "/psa/pins", "wrong", NULL), "UNAUTHORIZED");
    cr_expect(eq(int, status, 401));
    gateway_stop();
}
