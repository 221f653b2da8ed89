// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the guard in front of the gateway's handlers, on loopback: every route and every scope, refused credentials
// in the log.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "gateway.h"
#include "http/caller.h"

TestSuite(caller, .fini = gateway_stop, .timeout = 60);

// A path of the table with an id that fits its braces.
static void real_path(char out[128], const struct w3p_route *route)
{
    size_t len = strcspn(route->path, "{");
    snprintf(out, 128, "%.*s%s", (int)len, route->path,
             route->path[len] == '{' ? "01890000-0000-7000-8000-000000000000" : "");
}

static int reason_is(const struct response *got, const char *reason)
{
    char text[64];
    snprintf(text, sizeof text, "\"reason\":\"%s\"", reason);
    return got->body != NULL && strstr(got->body, text) != NULL;
}

static int statuses_with(const char *token)
{
    int refused = 0;
    for (const struct w3p_route *route = w3p_gateway_routes; route->method != NULL; route++) {
        char path[128];
        struct response got;
        real_path(path, route);
        gateway_request(&got, route->method, path, token, NULL);
        cr_expect(eq(int, got.status == 401, route->scope != W3P_ROUTE_PUBLIC), "%s %s: %d", route->method, path,
                  got.status);
        refused += got.status == 401 ? 1 : 0;
        client_free_response(&got);
    }
    return refused;
}

// A handler that forgets the guard would answer something else.
Test(caller, every_route_but_the_public_ones_wants_a_credential, .init = gateway_start)
{
    cr_expect(ge(int, statuses_with(NULL), 6));
    statuses_with("AAAA");
}

static void ask_every_route(const char *token, unsigned bit)
{
    for (const struct w3p_route *route = w3p_gateway_routes; route->method != NULL; route++) {
        char path[128];
        struct response got;
        bool fits = route->scope == W3P_ROUTE_PUBLIC || route->scope == W3P_ROUTE_ANY || route->scope == 1u << bit;
        real_path(path, route);
        gateway_request(&got, route->method, path, token, NULL);
        cr_expect(eq(int, got.status == 403 && reason_is(&got, "INSUFFICIENT_SCOPE"), !fits), "%s %s with %s: %d %s",
                  route->method, path, w3p_scope_name(bit), got.status, got.body);
        for (unsigned i = 0; !fits && i < W3P_SCOPE_COUNT; i++) // the sentence names what is missing
            cr_expect(eq(int, strstr(got.body, w3p_scope_name(i)) != NULL, route->scope == 1u << i), "%s", got.body);
        client_free_response(&got);
    }
}

Test(caller, every_route_and_every_scope, .init = gateway_start)
{
    for (unsigned bit = 0; bit < W3P_SCOPE_COUNT; bit++)
        ask_every_route(gateway_minted(NULL, "Alice", (w3p_scopes)(1u << bit), NULL, 0), bit);
}

static void start_with_w3auth_for_lists(void)
{
    gateway_authn.legacy_scopes = (char *)"pin.read";
    gateway_start();
}

Test(caller, w3auth_tokens_have_the_scopes_of_the_settings, .init = start_with_w3auth_for_lists)
{
    ask_every_route(gateway_token("Alice"), 0);
}

static void nothing(void)
{
}

// A row without a scope, and one with more than one.
static void on_defect(struct w3p_call *call, const struct w3p_request *req)
{
    static const unsigned wanted[] = {0, W3P_ROUTE_PUBLIC, W3P_SCOPE_PIN_READ | W3P_SCOPE_PIN_DELETE,
                                      W3P_SCOPE_PIN_READ};
    struct w3p_caller caller;
    if (!w3p_caller_admit_any(&caller, call, req) ||
        !w3p_caller_permits(call, &caller, wanted[(req->param.ptr[0] - '0') & 3]))
        return;
    w3p_reply_json(call, 200, "{}", 2);
}

Test(caller, what_nobody_has, .init = nothing)
{
    static const struct w3p_route routes[] = {{"GET", "/x/{n}", on_defect, 0, W3P_BUDGET_NONE, 0}, {0}};
    struct w3p_server *server;
    struct w3p_errmsg msg;
    start_with_w3auth_for_lists();
    struct w3p_server_conf conf = {.settings = &gateway_http,
                                   .routes = routes,
                                   .app = &gateway_app,
                                   .thread_init = w3p_app_thread_init,
                                   .thread_deinit = w3p_app_thread_deinit};
    cr_assert(eq(int, w3p_server_start(&server, &msg, &conf), W3P_OK));
    for (int n = 0; n < 4; n++) {
        char request[2048];
        struct response got;
        snprintf(request, sizeof request, "GET /x/%d HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", n,
                 gateway_token("Alice"));
        client_exchange(&got, w3p_server_port(server), request);
        cr_expect(eq(int, got.status, n == 3 ? 200 : 403), "%d: %s", n, got.body);
        client_free_response(&got);
    }
    w3p_server_stop(server);
}

Test(caller, the_log_names_a_refused_credential_and_never_shows_it, .init = nothing)
{
    char *text = calloc(1, 65536), good[1024], bad[1024], trace[W3P_AUTH_TRACE_LEN + 1], wanted[64];
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO), status;
    gateway_http.access_log = true;
    gateway_start();
    w3p_log_set_level(W3P_LOG_INFO);
    snprintf(good, sizeof good, "%s", gateway_token("Alice"));
    snprintf(bad, sizeof bad, "%s", good);
    bad[60] = bad[60] == 'A' ? 'B' : 'A';
    dup2(fileno(file), STDERR_FILENO);
    json_decref(gateway_json(&status, "GET", "/account", bad, NULL));
    cr_expect(eq(int, status, 401));
    json_decref(gateway_json(&status, "GET", "/account", good, NULL));
    cr_expect(eq(int, status, 200));
    json_decref(gateway_json(&status, "GET", "/account", NULL, NULL));
    gateway_stop();
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    cr_assert(fread(text, 1, 65535, file) < 65535);
    fclose(file);
    w3p_auth_trace(trace, bad, strlen(bad));
    snprintf(wanted, sizeof wanted, "\"credential\":\"%s\"", trace);
    cr_expect(strstr(text, wanted) != NULL, "%s", text);
    const char *first = strstr(text, "\"credential\"");
    cr_expect(first != NULL && strstr(first + 1, "\"credential\"") == NULL, "once, and not of good ones: %s", text);
    cr_expect(strstr(text, "\"reason\":\"missing\"") != NULL);
    cr_expect(strstr(text, good) == NULL && strstr(text, bad) == NULL);
    cr_expect(strstr(text, good + strlen(good) - 40) == NULL);
    free(text);
    gateway_start(); // for the suite's end
}

static int ask_with(const char *token, const char *headers)
{
    char request[2048];
    struct response got;
    snprintf(request, sizeof request, "GET /account HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s\r\n", token,
             headers);
    client_exchange(&got, gateway_port, request);
    int status = got.status;
    if (status == 401) // as every other
        cr_expect(strcmp(got.body, "{\"error\":{\"reason\":\"UNAUTHORIZED\",\"details\":\"the access token is missing "
                                   "or not valid\"}}") == 0,
                  "%s", got.body);
    client_free_response(&got);
    return status;
}

static void start_behind_a_proxy(void)
{
    gateway_http.trusted_proxies = (char *)"127.0.0.1";
    gateway_start();
}

Test(caller, pages_and_networks_of_minted_tokens, .init = start_behind_a_proxy)
{
    struct w3p_caveat origin, net;
    struct w3p_errmsg msg;
    cr_assert(eq(int, w3p_caveat_origin(&origin, &msg, "https://app.example"), W3P_OK));
    cr_assert(eq(int, w3p_caveat_net(&net, &msg, "192.0.2.0/24"), W3P_OK));
    const char *page = gateway_minted(NULL, "Alice", W3P_SCOPES_PINS, &origin, 1);
    for (int i = 0; i < 2; i++) { // verified, and remembered
        cr_expect(eq(int, ask_with(page, ""), 401));
        cr_expect(eq(int, ask_with(page, "Origin: https://app.example\r\n"), 200));
        cr_expect(eq(int, ask_with(page, "Origin: https://app.example.net\r\n"), 401));
        cr_expect(eq(int, ask_with(page, "Origin: null\r\n"), 401));
        cr_expect(eq(int, ask_with(page, "Origin: http://app.example\r\n"), 401));
    }
    const char *here = gateway_minted(NULL, "Alice", W3P_SCOPES_PINS, &net, 1);
    for (int i = 0; i < 2; i++) {
        cr_expect(eq(int, ask_with(here, ""), 401)); // 127.0.0.1
        cr_expect(eq(int, ask_with(here, "X-Forwarded-For: 192.0.2.9\r\n"), 200));
        cr_expect(eq(int, ask_with(here, "X-Forwarded-For: 192.0.2.9, 198.51.100.1\r\n"), 401));
    }
}

// Every loop thread knows the token, on connections that stay open; then none does.
Test(caller, a_revocation_counts_at_the_next_request_of_every_thread, .init = gateway_start)
{
    enum { CONNECTIONS = 40, ROUNDS = 3 };
    struct client *clients[CONNECTIONS];
    char request[2048], other_request[2048];
    struct response got;
    uint8_t id16[16];
    for (int i = 0; i < CONNECTIONS; i++)
        clients[i] = client_open(gateway_port);
    for (int round = 0; round < ROUNDS; round++) {
        static const char form[] = "GET /account HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n";
        snprintf(request, sizeof request, form, gateway_minted(id16, "Alice", W3P_SCOPES_PINS, NULL, 0));
        snprintf(other_request, sizeof other_request, form, gateway_minted(NULL, "Alice", W3P_SCOPES_PINS, NULL, 0));
        for (int i = 0; i < CONNECTIONS; i++) {
            client_send_str(clients[i], request);
            client_read(clients[i], &got, true, 5000);
            cr_expect(eq(int, got.status, 200));
            client_free_response(&got);
        }
        gateway_revoke(id16);
        for (int i = 0; i < CONNECTIONS; i++)
            client_send_str(clients[i], request);
        for (int i = 0; i < CONNECTIONS; i++) {
            client_read(clients[i], &got, true, 5000);
            cr_expect(eq(int, got.status, 401), "round %d, connection %d", round, i);
            client_free_response(&got);
            client_send_str(clients[i], other_request);
            client_read(clients[i], &got, true, 5000);
            cr_expect(eq(int, got.status, 200));
            client_free_response(&got);
        }
    }
    for (int i = 0; i < CONNECTIONS; i++)
        client_close(clients[i]);
}
