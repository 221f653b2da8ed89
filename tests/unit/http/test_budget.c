// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: budgets of requests and connections of a whole gateway on loopback, with a clock that the test moves.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "gateway.h"

enum { BURST = 3 };
static int64_t now_ms = 1700000000000;
static const struct w3p_limit_settings limits = {{[W3P_BUDGET_POLL] = {1, BURST},
                                                  [W3P_BUDGET_LIST] = {1, BURST},
                                                  [W3P_BUDGET_WRITE] = {1, BURST},
                                                  [W3P_BUDGET_PUBLIC] = {1, BURST},
                                                  [W3P_BUDGET_FAILED] = {1, BURST}}};

static void start_with(const struct w3p_limit_settings *settings, const char *trusted)
{
    w3p_clock_fake(&now_ms);
    gateway_limits = settings;
    gateway_http.threads = 1; // one cache of tokens
    gateway_http.trusted_proxies = (char *)trusted;
    gateway_start();
}

static void start(void)
{
    start_with(&limits, NULL);
}

TestSuite(budget, .fini = gateway_stop, .timeout = 30);

static long number(const struct response *got, const char *header)
{
    const char *text = client_header(got, header);
    return text[0] != '\0' ? strtol(text, NULL, 10) : -1;
}

static unsigned lines_of(const struct response *got, const char *start)
{
    unsigned lines = 0;
    for (const char *at = got->head; (at = strcasestr(at, start)) != NULL; at++)
        lines++;
    return lines;
}

// The status; what is counted says how much is left and when all of it is back, what is refused says when to come.
static int ask(const char *method, const char *path, const char *token, const char *body, long remaining, long full_s)
{
    struct response got;
    gateway_request(&got, method, path, token, body);
    int status = got.status;
    cr_expect(eq(i64, number(&got, "x-ratelimit-remaining"), remaining), "%s %s: %s", method, path, got.head);
    cr_expect(eq(i64, number(&got, "x-ratelimit-limit"), remaining < 0 ? -1 : BURST), "%s", got.head);
    cr_expect(eq(i64, number(&got, "x-ratelimit-reset"), remaining < 0 ? -1 : now_ms / 1000 + full_s), "%s", got.head);
    cr_expect(eq(i64, number(&got, "retry-after"), status == 429 ? 1 : -1), "%s", got.head);
    cr_expect(eq(uint, lines_of(&got, "\nretry-after:"), status == 429 ? 1u : 0u), "%s", got.head);
    if (status == 429)
        cr_expect(strncmp(got.body, "{\"error\":{\"reason\":\"TOO_MANY_REQUESTS\",\"details\":\"", 49) == 0, "%s",
                  got.body);
    client_free_response(&got);
    return status;
}

#define UNKNOWN_PIN "/psa/pins/01900000-0000-7000-8000-000000000000"

struct spent {
    const char *method, *path, *body;
    int status;
    bool signs_in;
};
static const struct spent all_spent[] = {
    {"GET", UNKNOWN_PIN, NULL, 404, true},      {"GET", "/psa/pins", NULL, 200, true},
    {"GET", "/account", NULL, 200, true},       {"POST", "/psa/pins", "{", 400, true},
    {"DELETE", UNKNOWN_PIN, NULL, 404, true},   {"POST", UNKNOWN_PIN, "{}", 404, true},
    {"GET", "/price?size=x", NULL, 400, false}, {"GET", "/psa/pins?limit=0", NULL, 400, true},
};

Test(budget, each_is_spent_and_comes_back, .init = start)
{
    const char *alice = gateway_token("Alice");
    for (size_t i = 0; i < sizeof all_spent / sizeof all_spent[0]; i++) {
        const struct spent *row = &all_spent[i];
        const char *token = row->signs_in ? alice : NULL;
        for (long left = BURST; left-- > 0;)
            cr_expect(eq(int, ask(row->method, row->path, token, row->body, left, BURST - left), row->status), "%s",
                      row->path);
        cr_expect(eq(int, ask(row->method, row->path, token, row->body, 0, BURST), 429), "%s", row->path);
        now_ms += 1000;
        cr_expect(eq(int, ask(row->method, row->path, token, row->body, 0, BURST), row->status), "%s", row->path);
        cr_expect(eq(int, ask(row->method, row->path, token, row->body, 0, BURST), 429), "%s", row->path);
        now_ms += 60000;
    }
}

Test(budget, each_stands_alone, .init = start)
{
    const char *alice = gateway_token("Alice"), *bob = gateway_token("Bob");
    for (int i = 0; i < 2 * BURST; i++)
        (void)ask("GET", UNKNOWN_PIN, alice, NULL, i < BURST ? BURST - 1 - i : 0, i < BURST ? i + 1 : BURST);
    cr_expect(eq(int, ask("GET", "/psa/pins", alice, NULL, BURST - 1, 1), 200));
    cr_expect(eq(int, ask("DELETE", UNKNOWN_PIN, alice, NULL, BURST - 1, 1), 404));
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, bob, NULL, BURST - 1, 1), 404));
    cr_expect(eq(int, ask("GET", "/price?size=x", NULL, NULL, BURST - 1, 1), 400));
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, alice, NULL, 0, BURST), 429));
    for (int i = 0; i < 2 * BURST; i++) { // probes, and what has no handler
        cr_expect(eq(int, ask("GET", "/healthz", NULL, NULL, -1, 0), 200));
        cr_expect(eq(int, ask("GET", "/readyz", NULL, NULL, -1, 0), 200));
        cr_expect(eq(int, ask("OPTIONS", "/psa/pins", NULL, NULL, -1, 0), 204));
        cr_expect(eq(int, ask("GET", "/nothing", NULL, NULL, -1, 0), 404));
    }
}

Test(budget, failed_sign_ins_of_a_peer, .init = start)
{
    char wrong[1024];
    const char *alice = gateway_token("Alice"), *bob = gateway_token("Bob");
    snprintf(wrong, sizeof wrong, "%s", alice);
    wrong[strlen(wrong) - 12] ^= 1;
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, alice, NULL, BURST - 1, 1), 404));
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, NULL, NULL, 2, 1), 401));
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, "x", NULL, 1, 2), 401));
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, wrong, NULL, 0, 3), 401));
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, wrong, NULL, 0, 3), 429));
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, NULL, NULL, 0, 3), 429));
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, bob, NULL, 0, 3), 429));           // right, but not looked at
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, alice, NULL, BURST - 2, 2), 404)); // known
    now_ms += 1000;
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, bob, NULL, BURST - 1, 1), 404));
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, wrong, NULL, 0, 3), 401));
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, wrong, NULL, 0, 3), 429));
}

static void start_with_few_signatures(void)
{
    static const struct w3p_limit_settings few = {{[W3P_BUDGET_VERIFY] = {1, BURST}}};
    start_with(&few, NULL);
}

Test(budget, signatures_of_all_peers, .init = start_with_few_signatures)
{
    static const char *const names[] = {"Alice", "Bob", "Charlie"};
    char bad[1024], good[3][1024];
    for (int i = 0; i < 3; i++)
        snprintf(good[i], sizeof good[i], "%s", gateway_token(names[i]));
    snprintf(bad, sizeof bad, "%s", good[0]);
    bad[strlen(bad) - 20] ^= 1;
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, good[0], NULL, -1, 0), 404));
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, bad, NULL, -1, 0), 401));
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, good[1], NULL, -1, 0), 404));
    for (int i = 0; i < 2 * BURST; i++) { // what is remembered is free
        cr_expect(eq(int, ask("GET", UNKNOWN_PIN, good[i % 2], NULL, -1, 0), 404));
        cr_expect(eq(int, ask("GET", UNKNOWN_PIN, bad, NULL, -1, 0), 401));
        cr_expect(eq(int, ask("GET", UNKNOWN_PIN, NULL, NULL, -1, 0), 401));
        cr_expect(eq(int, ask("GET", UNKNOWN_PIN, good[2], NULL, 0, 3), 429));
    }
    now_ms += 1000;
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, good[2], NULL, -1, 0), 404));
}

static void start_with_few_of_both(void)
{
    static const struct w3p_limit_settings few = {{[W3P_BUDGET_VERIFY] = {1, BURST}, [W3P_BUDGET_FAILED] = {1, BURST}}};
    start_with(&few, NULL);
}

// Is it the peer's own budget that is used up?
static bool is_spent(const char *token)
{
    struct response got;
    gateway_request(&got, "GET", UNKNOWN_PIN, token, NULL);
    cr_expect(eq(int, got.status, 429));
    bool is_peers = strstr(got.body, "of this address") != NULL;
    client_free_response(&got);
    return is_peers;
}

Test(budget, more_signatures_than_there_are_cost_the_peer, .init = start_with_few_of_both)
{
    static const char *const names[] = {"Alice", "Bob", "Charlie", "Dave"};
    char good[4][1024];
    for (int i = 0; i < 4; i++)
        snprintf(good[i], sizeof good[i], "%s", gateway_token(names[i]));
    for (int i = 0; i < BURST; i++)
        cr_expect(eq(int, ask("GET", UNKNOWN_PIN, good[i], NULL, -1, 0), 404));
    for (int i = 0; i < BURST; i++)
        cr_expect(not(is_spent(good[3])));
    cr_expect(is_spent(good[3]));
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, good[0], NULL, -1, 0), 404)); // known
    now_ms += 1000;
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, good[3], NULL, -1, 0), 404));
}

static void start_with_a_list(void)
{
    gateway_access = (struct w3p_access_settings){.mode = W3P_ACCESS_ALLOWLIST};
    start();
}

Test(budget, accounts_that_are_not_allowed_fail, .init = start_with_a_list)
{
    const char *alice = gateway_token("Alice");
    for (long left = BURST; left-- > 0;)
        cr_expect(eq(int, ask("GET", UNKNOWN_PIN, alice, NULL, left, BURST - left), 403));
    cr_expect(eq(int, ask("GET", UNKNOWN_PIN, alice, NULL, 0, BURST), 429));
}

static void start_without_limits(void)
{
    static const struct w3p_limit_settings none;
    start_with(&none, NULL);
}

Test(budget, zero_is_no_limit, .init = start_without_limits)
{
    const char *alice = gateway_token("Alice");
    for (int i = 0; i < 20; i++) {
        cr_expect(eq(int, ask("GET", UNKNOWN_PIN, alice, NULL, -1, 0), 404));
        cr_expect(eq(int, ask("GET", UNKNOWN_PIN, NULL, NULL, -1, 0), 401));
        cr_expect(eq(int, ask("GET", "/price?size=x", NULL, NULL, -1, 0), 400));
    }
}

static int ask_for(const char *headers)
{
    struct response got;
    char request[512];
    snprintf(request, sizeof request, "GET /price?size=x HTTP/1.1\r\nHost: x\r\n%s\r\n", headers);
    client_exchange(&got, gateway_port, request);
    client_free_response(&got);
    return got.status;
}

static void start_behind_a_proxy(void)
{
    start_with(&limits, "127.0.0.0/8, 10.0.0.0/8");
}

Test(budget, clients_of_a_trusted_proxy, .init = start_behind_a_proxy)
{
    for (int i = 0; i < 2 * BURST; i++) {
        int wanted = i < BURST ? 400 : 429;
        cr_expect(eq(int, ask_for("X-Forwarded-For: 192.0.2.1\r\n"), wanted));
        cr_expect(eq(int, ask_for("X-Forwarded-For: 192.0.2.1, 192.0.2.2, 10.1.1.1\r\n"), wanted));
        cr_expect(eq(int, ask_for(""), wanted));
        cr_expect(eq(int, ask_for("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.3\r\n"), wanted));
    }
}

Test(budget, nobody_else_names_a_client, .init = start)
{
    char header[64];
    for (int i = 0; i < 2 * BURST; i++) {
        snprintf(header, sizeof header, "X-Forwarded-For: 192.0.2.%d\r\n", i);
        cr_expect(eq(int, ask_for(header), i < BURST ? 400 : 429));
    }
}

// Is the connection still there after a moment?
static bool stays(struct client *client)
{
    struct pollfd p = {.fd = client->fd, .events = POLLIN};
    return poll(&p, 1, 300) == 0;
}

static void open_many(bool counted, const char *exempt, const char *trusted)
{
    struct client *clients[4];
    gateway_http.connections_per_peer = 2;
    gateway_http.connections_exempt = (char *)exempt;
    start_with(NULL, trusted);
    for (int i = 0; i < 4; i++) {
        clients[i] = client_open(gateway_port);
        cr_expect(eq(int, stays(clients[i]), i < 2 || !counted), "%d", i);
    }
    client_close(clients[0]);
    struct client *again = NULL;
    for (int tries = 0; tries < 20; tries++) { // the server notices the end when it gets to it
        again = client_open(gateway_port);
        if (stays(again))
            break;
        client_close(again);
        again = NULL;
    }
    cr_expect(again != NULL, "a place that was left is not given again");
    if (again != NULL)
        client_close(again);
    for (int i = 1; i < 4; i++)
        client_close(clients[i]);
}

Test(budget, connections_of_a_peer)
{
    open_many(true, "10.0.0.0/8", "192.0.2.0/24");
}

Test(budget, connections_that_are_exempt)
{
    open_many(false, "127.0.0.0/8", NULL);
}

Test(budget, connections_of_trusted_proxies)
{
    open_many(false, NULL, "127.0.0.1");
}
