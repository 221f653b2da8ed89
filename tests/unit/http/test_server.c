// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the server on loopback with a few tiny handlers: what goes over the wire, byte by byte.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "http/http.h"

enum { BODY_MAX = 1000 };

static _Atomic int async_replies;

static void on_hello(struct w3p_call *call, const struct w3p_request *req)
{
    (void)req;
    w3p_reply_json(call, 200, "{\"ok\":1}", 8);
}

static void on_echo(struct w3p_call *call, const struct w3p_request *req)
{
    char text[2048];
    int len =
        snprintf(text, sizeof text, "%.*s|%.*s|%.*s|%u|%.*s", (int)req->param.len, (const char *)req->param.ptr,
                 (int)req->query.len, (const char *)req->query.ptr, (int)req->body.len, (const char *)req->body.ptr,
                 req->authorization_count, (int)req->authorization.len, (const char *)req->authorization.ptr);
    w3p_reply_json(call, 200, text, (size_t)len);
}

static void *answer_later(void *arg)
{
    usleep(100000);
    size_t len = 0;
    char *body = w3p_error_body(&len, 409, NULL, "later");
    w3p_async_send(arg, 409, body, len);
    atomic_fetch_add(&async_replies, 1);
    return NULL;
}

static void on_later(struct w3p_call *call, const struct w3p_request *req)
{
    pthread_t thread;
    (void)req;
    struct w3p_async *async = w3p_async_begin(call);
    if (async == NULL)
        return;
    pthread_create(&thread, NULL, answer_later, async);
    pthread_detach(thread);
}

static void on_silent(struct w3p_call *call, const struct w3p_request *req)
{
    (void)call;
    (void)req;
}

static void on_twice(struct w3p_call *call, const struct w3p_request *req)
{
    (void)req;
    w3p_reply_json(call, 200, "1", 1);
    w3p_reply_json(call, 200, "2", 1);
    w3p_reply_error(call, 500, NULL, "three");
}

static void on_big(struct w3p_call *call, const struct w3p_request *req)
{
    size_t len = 30u << 20;
    char *body = calloc(1, len);
    (void)req;
    memset(body, ' ', len);
    w3p_reply_json(call, 200, body, len);
    free(body);
}

static const struct w3p_route routes[] = {{"GET", "/hello", on_hello, 0, 0, W3P_ROUTE_PUBLIC},
                                          {"GET", "/echo/{what}", on_echo, 0, 0, W3P_ROUTE_PUBLIC},
                                          {"POST", "/echo/{what}", on_echo, BODY_MAX, 0, W3P_ROUTE_PUBLIC},
                                          {"POST", "/large", on_hello, 600000, 0, W3P_ROUTE_PUBLIC},
                                          {"GET", "/later", on_later, 0, 0, W3P_ROUTE_PUBLIC},
                                          {"GET", "/silent", on_silent, 0, 0, W3P_ROUTE_PUBLIC},
                                          {"GET", "/big", on_big, 0, 0, W3P_ROUTE_PUBLIC},
                                          {"GET", "/twice", on_twice, 0, 0, W3P_ROUTE_PUBLIC},
                                          {0}};

static struct w3p_http_settings settings = {.threads = 1,
                                            .request_timeout_ms = 2000,
                                            .idle_timeout_ms = 1000,
                                            .drain_timeout_ms = 2000,
                                            .max_connections = 100,
                                            .http2 = true};
static struct w3p_server *server;
static uint16_t port;

static void start(void)
{
    struct w3p_errmsg msg = {0};
    settings.listen = (char *)"127.0.0.1:0";
    struct w3p_server_conf conf = {.settings = &settings, .routes = routes};
    cr_assert(eq(int, w3p_server_start(&server, &msg, &conf), W3P_OK), "%s", msg.text);
    port = w3p_server_port(server);
}

static void stop(void)
{
    w3p_server_stop(server);
}

TestSuite(server, .init = start, .fini = stop, .timeout = 30);

struct refusal {
    const char *request;
    int status;
    const char *reason, *details; // parts of the body
};
static const struct refusal refusals[] = {
    {"GET hello HTTP/1.1\r\nHost: x\r\n\r\n", 400, "BAD_REQUEST", "starts with"},
    {"GET http://x/hello HTTP/1.1\r\nHost: x\r\n\r\n", 400, "BAD_REQUEST", "starts with"},
    {"GET /he\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "BAD_REQUEST", "starts with"},
    {"GET /hello HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400, "BAD_REQUEST", "folded"},
    {"POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc", 400, "BAD_REQUEST",
     "length"},
    {"POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
     "BAD_REQUEST", "length"},
    {"POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\nabcde", 400, "BAD_REQUEST",
     "length"},
    // h2o refuses these before any handler
    {"POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n", 413, "PAYLOAD_TOO_LARGE", "body"},
    {"POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\nExpect: 100-continue\r\n\r\n", 413,
     "PAYLOAD_TOO_LARGE", "body"},
    {"POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: tea\r\n\r\nab", 417, "EXPECTATION_FAILED",
     "100-continue"},
    {"POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\nab", 400, "BAD_REQUEST", "rules"},
    {"POST /large HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\nab", 400, "BAD_REQUEST", "rules"},
    {"POST /large HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "BAD_REQUEST", "rules"},
    {"GE@T /hello HTTP/1.1\r\nHost: x\r\n\r\n", 400, "BAD_REQUEST", "token"},
    {"BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n", 405, "METHOD_NOT_ALLOWED", "takes GET"},
    {"BREW /nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404, "NOT_FOUND", "path"},
    {"get /hello HTTP/1.1\r\nHost: x\r\n\r\n", 405, "METHOD_NOT_ALLOWED", "takes GET"},
    {"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404, "NOT_FOUND", "path"},
    {"OPTIONS /nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404, "NOT_FOUND", "path"},
    {"GET /echo/a/b HTTP/1.1\r\nHost: x\r\n\r\n", 404, "NOT_FOUND", "path"},
    {"PUT /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405, "METHOD_NOT_ALLOWED", "GET, HEAD, POST"},
    {"GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 413, "PAYLOAD_TOO_LARGE", "at most 0"},
    {"GET /silent HTTP/1.1\r\nHost: x\r\n\r\n", 500, "INTERNAL_SERVER_ERROR", "not answered"},
};

Test(server, refuses_with_the_error_of_the_api)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct response got;
        client_exchange(&got, port, refusals[i].request);
        cr_expect(eq(int, got.status, refusals[i].status), "row %zu: %s", i, got.head);
        cr_assert(got.body != NULL);
        cr_expect(strstr(got.body, "{\"error\":{\"reason\":\"") == got.body, "row %zu: %s", i, got.body);
        cr_expect(strstr(got.body, refusals[i].reason) != NULL, "row %zu: %s", i, got.body);
        cr_expect(strstr(got.body, refusals[i].details) != NULL, "row %zu: %s", i, got.body);
        cr_expect(eq(str, (char *)client_header(&got, "content-type"), "application/json"));
        cr_expect(eq(str, (char *)client_header(&got, "access-control-allow-origin"), "*"));
        cr_expect(eq(sz, strlen(client_header(&got, "x-request-id")), 16));
        client_free_response(&got);
    }
}

Test(server, body_limits)
{
    char request[4096], body[BODY_MAX + 2];
    struct response got;
    memset(body, 'a', sizeof body);
    for (int extra = 0; extra < 2; extra++) {
        snprintf(request, sizeof request, "POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%.*s",
                 BODY_MAX + extra, BODY_MAX + extra, body);
        client_exchange(&got, port, request);
        cr_expect(eq(int, got.status, extra == 0 ? 200 : 413));
        client_free_response(&got);
    }
}

// The announced length decides; HEAD gets the same head and nothing behind it.
Test(server, refusals_before_the_body_end_the_connection)
{
    struct response got;
    struct client *client = client_open(port);
    client_send_str(client, "HEAD /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n");
    client_read(client, &got, false, 5000);
    cr_expect(eq(int, got.status, 413));
    cr_expect(eq(str, (char *)client_header(&got, "connection"), "close"));
    cr_expect(eq(sz, client->len, 0));
    cr_expect(client_closed(client, 1000));
    client_free_response(&got);
    client_close(client);
}

Test(server, expect_100_continue)
{
    struct response got;
    struct client *client = client_open(port);
    client_send_str(client, "POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    client_read(client, &got, false, 5000);
    cr_expect(eq(int, got.status, 100));
    client_free_response(&got);
    client_send_str(client, "hi");
    client_read(client, &got, true, 5000);
    cr_expect(eq(int, got.status, 200));
    cr_expect(eq(str, got.body, "x||hi|0|"));
    client_free_response(&got);
    client_close(client);
}

Test(server, many_headers)
{
    struct response got;
    struct client *client = client_open(port);
    client_send_str(client, "GET /hello HTTP/1.1\r\n");
    for (int i = 0; i < 101; i++)
        client_send_str(client, "a: b\r\n");
    client_send_str(client, "\r\n");
    client_read(client, &got, true, 5000);
    cr_expect(ne(int, got.status, 200));
    client_free_response(&got);
    client_close(client);
}

Test(server, answers)
{
    struct response got;
    client_exchange(&got, port, "GET /hello/ HTTP/1.1\r\nHost: x\r\n\r\n");
    cr_expect(eq(int, got.status, 200));
    cr_expect(eq(str, got.body, "{\"ok\":1}"));
    cr_expect(eq(str, (char *)client_header(&got, "content-type"), "application/json"));
    cr_expect(eq(str, (char *)client_header(&got, "cache-control"), "no-store"));
    cr_expect(eq(str, (char *)client_header(&got, "connection"), "keep-alive"));
    cr_expect(strstr(client_header(&got, "access-control-expose-headers"), "X-Request-Id") != NULL);
    client_free_response(&got);
    client_exchange(&got, port,
                    "POST /echo/a%20b?q=1&r=%41 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
    cr_expect(eq(int, got.status, 200));
    cr_expect(eq(str, got.body, "a b|q=1&r=%41|abcdefg|1|Bearer t"));
    client_free_response(&got);
}

Test(server, head_has_no_body)
{
    struct response got;
    struct client *client = client_open(port);
    client_send_str(client, "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client_read(client, &got, false, 5000);
    cr_expect(eq(int, got.status, 200));
    cr_expect(eq(str, (char *)client_header(&got, "content-length"), "8"));
    client_free_response(&got);
    client_read(client, &got, true, 5000);
    cr_expect(eq(int, got.status, 200));
    cr_expect(eq(str, got.body, "{\"ok\":1}"));
    client_free_response(&got);
    client_close(client);
}

Test(server, preflight_without_authentication)
{
    struct response got;
    client_exchange(&got, port,
                    "OPTIONS /echo/x HTTP/1.1\r\nHost: x\r\nOrigin: https://dapp.example\r\n"
                    "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization\r\n\r\n");
    cr_expect(eq(int, got.status, 204));
    cr_expect(eq(sz, got.body_len, 0));
    cr_expect(eq(str, (char *)client_header(&got, "access-control-allow-origin"), "*"));
    cr_expect(eq(str, (char *)client_header(&got, "access-control-allow-methods"), "GET, HEAD, POST, OPTIONS"));
    cr_expect(strstr(client_header(&got, "access-control-allow-headers"), "Authorization") != NULL);
    cr_expect(strstr(client_header(&got, "access-control-allow-headers"), "Content-Type") != NULL);
    cr_expect(strstr(client_header(&got, "access-control-allow-headers"), "Idempotency-Key") != NULL);
    cr_expect(lt(int, 0, (int)strtol(client_header(&got, "access-control-max-age"), NULL, 10)));
    cr_expect(eq(int, client_header_count(&got, "access-control-allow-credentials"), 0));
    cr_expect(eq(int, client_header_count(&got, "transfer-encoding"), 0));
    cr_expect(eq(int, client_header_count(&got, "content-length"), 0));
    client_free_response(&got);
}

Test(server, pipelined_requests_are_answered_in_order)
{
    struct response got;
    struct client *client = client_open(port);
    char ids[3][32];
    client_send_str(client, "GET /echo/1 HTTP/1.1\r\nHost: x\r\n\r\nGET /later HTTP/1.1\r\nHost: x\r\n\r\n"
                            "POST /echo/3 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
    for (int i = 0; i < 3; i++) {
        client_read(client, &got, true, 5000);
        cr_expect(eq(int, got.status, i == 1 ? 409 : 200));
        cr_expect(strncmp(got.body,
                          i == 0   ? "1|"
                          : i == 1 ? "{\"error\""
                                   : "3||hi",
                          i == 1 ? 8 : 2) == 0,
                  "%s", got.body);
        snprintf(ids[i], sizeof ids[i], "%s", client_header(&got, "x-request-id"));
        client_free_response(&got);
    }
    cr_expect(ne(str, ids[0], ids[1]));
    cr_expect(ne(str, ids[1], ids[2]));
    client_close(client);
}

Test(server, the_first_answer_is_the_only_one)
{
    struct response got;
    struct client *client = client_open(port);
    client_send_str(client, "GET /twice HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client_read(client, &got, true, 5000);
    cr_expect(eq(int, got.status, 200));
    cr_expect(eq(str, got.body, "1"));
    client_free_response(&got);
    client_read(client, &got, true, 5000);
    cr_expect(eq(str, got.body, "{\"ok\":1}"));
    client_free_response(&got);
    client_close(client);
}

// Far more than the hundred aborted ones after which its habits are looked at.
Test(server, a_connection_may_ask_many_times)
{
    struct client *client = client_open(port);
    for (int i = 0; i < 300; i++) {
        struct response got;
        client_send_str(client, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
        client_read(client, &got, true, 5000);
        cr_assert(eq(int, got.status, 200), "request %d", i);
        client_free_response(&got);
    }
    client_close(client);
}

Test(server, a_kept_connection_that_asks_nothing_is_closed)
{
    struct response got;
    struct client *client = client_open(port);
    client_send_str(client, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client_read(client, &got, true, 5000);
    cr_expect(eq(int, got.status, 200));
    client_free_response(&got);
    cr_expect(client_closed(client, 6000));
    client_close(client);
}

Test(server, duplicate_authorization_is_counted)
{
    struct response got;
    client_exchange(&got, port,
                    "GET /echo/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n");
    cr_expect(eq(str, got.body, "x|||2|Bearer a"));
    client_free_response(&got);
}

Test(server, async_reply_after_the_client_has_gone)
{
    struct response got;
    for (int i = 0; i < 5; i++) {
        struct client *client = client_open(port);
        client_send_str(client, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
        usleep(10000);
        client_close(client);
    }
    while (atomic_load(&async_replies) < 5)
        usleep(10000);
    client_exchange(&got, port, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    cr_expect(eq(int, got.status, 200));
    client_free_response(&got);
}

Test(server, upgrade_to_h2c_is_offered)
{
    struct response got;
    struct client *client = client_open(port);
    client_send_str(client, "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                            "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n");
    client_read(client, &got, false, 5000);
    cr_expect(eq(int, got.status, 101));
    client_free_response(&got);
    client_close(client);
    client = client_open(port);
    client_send(client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
    cr_expect(not(client_closed(client, 200)));
    client_close(client);
}

Test(server, slow_head_is_cut_off)
{
    struct client *client = client_open(port);
    client_send_str(client, "GET /hello HTTP/1.1\r\n");
    cr_expect(client_closed(client, 6000));
    client_close(client);
}

Test(server, reader_that_does_not_read_is_cut_off)
{
    static char sink[1 << 20];
    struct client *client = client_open(port);
    size_t total = 0;
    client_send_str(client, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
    sleep(4);
    for (ssize_t got; (got = recv(client->fd, sink, sizeof sink, 0)) > 0;) // what the kernel held, then the end
        total += (size_t)got;
    cr_expect(lt(sz, total, 30u << 20));
    client_close(client);
}

Test(server, stop_answers_what_is_in_work)
{
    struct response got;
    struct client *client = client_open(port), *idle = client_open(port);
    client_send_str(idle, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client_read(idle, &got, true, 5000);
    client_free_response(&got);
    client_send_str(client, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    usleep(30000);
    w3p_server_stop(server);
    server = NULL;
    client_read(client, &got, true, 5000);
    cr_expect(eq(int, got.status, 409));
    cr_expect(eq(str, (char *)client_header(&got, "connection"), "close"));
    cr_expect(client_closed(client, 1000));
    cr_expect(client_closed(idle, 1000));
    client_free_response(&got);
    client_close(client);
    client_close(idle);
}

Test(server_start, connection_cap, .timeout = 30)
{
    settings.max_connections = 2;
    start();
    struct response got;
    struct client *one = client_open(port), *two = client_open(port);
    client_send_str(one, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client_read(one, &got, true, 5000);
    client_free_response(&got);
    client_send_str(two, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client_read(two, &got, true, 5000);
    client_free_response(&got);
    struct client *three = client_open(port);
    cr_expect(client_closed(three, 500));
    client_close(one);
    client_close(three);
    usleep(50000);
    client_exchange(&got, port, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    cr_expect(eq(int, got.status, 200));
    client_free_response(&got);
    client_close(two);
    stop();
}

// The last descriptors are for the database and the chain: clients get none of them.
Test(server_start, descriptors_bound_the_connections, .timeout = 30)
{
    enum { LIMIT = 120, ALL = LIMIT - 64 - 9 }; // as the server reserves for one thread and one address
    struct rlimit limit = {.rlim_cur = LIMIT, .rlim_max = LIMIT};
    struct client *clients[ALL + 1];
    cr_assert(eq(int, setrlimit(RLIMIT_NOFILE, &limit), 0));
    start();
    for (int i = 0; i <= ALL; i++) {
        struct response got = {0};
        clients[i] = client_open(port);
        client_send_str(clients[i], "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
        if (i < ALL)
            client_read(clients[i], &got, true, 5000);
        cr_expect(eq(int, got.status, i < ALL ? 200 : 0));
        client_free_response(&got);
    }
    cr_expect(client_closed(clients[ALL], 500));
    for (int i = 0; i <= ALL; i++)
        client_close(clients[i]);
    stop();
}

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

Test(server_start, without_descriptors_it_waits, .timeout = 30)
{
    struct rlimit old, none;
    struct response got;
    start();
    getrlimit(RLIMIT_NOFILE, &old);
    int next = dup(STDERR_FILENO); // the client's descriptor will be the last
    close(next);
    none = (struct rlimit){.rlim_cur = (rlim_t)next + 1, .rlim_max = old.rlim_max};
    cr_assert(eq(int, setrlimit(RLIMIT_NOFILE, &none), 0));
    struct client *client = client_open(port);
    double before = cpu_seconds();
    client_send_str(client, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client_read(client, &got, true, 1000);
    cr_expect(eq(int, got.status, -1));
    cr_expect(lt(dbl, cpu_seconds() - before, 0.3));
    client_free_response(&got);
    cr_assert(eq(int, setrlimit(RLIMIT_NOFILE, &old), 0));
    client_read(client, &got, true, 5000);
    cr_expect(eq(int, got.status, 200));
    client_free_response(&got);
    client_close(client);
    stop();
}

// Answers of other threads and the end of 64 loops at the same moment.
Test(server_start, stops_with_many_threads, .timeout = 60)
{
    settings.threads = 64;
    settings.drain_timeout_ms = 500;
    for (int round = 0; round < 10; round++) {
        struct client *clients[8];
        int before = atomic_load(&async_replies);
        start();
        for (int i = 0; i < 8; i++) {
            clients[i] = client_open(port);
            client_send_str(clients[i], "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
        }
        usleep(95000);
        stop();
        while (atomic_load(&async_replies) < before + 8)
            usleep(1000);
        for (int i = 0; i < 8; i++) {
            struct response got;
            client_read(clients[i], &got, true, 1000);
            cr_expect(eq(int, got.status, 409));
            client_free_response(&got);
            client_close(clients[i]);
        }
    }
}

static void *refuse_thread(void *app)
{
    (void)app;
    return NULL;
}

Test(server_start, failures_leave_nothing_behind, .timeout = 30)
{
    struct w3p_errmsg msg = {0};
    struct w3p_server *other = NULL;
    char taken[32];
    start();
    snprintf(taken, sizeof taken, "127.0.0.1:%u", port);
    struct w3p_http_settings second = settings;
    second.listen = taken;
    struct w3p_server_conf conf = {.settings = &second, .routes = routes};
    cr_expect(eq(int, w3p_server_start(&other, &msg, &conf), W3P_E_IO));
    cr_expect(strstr(msg.text, taken) != NULL);
    cr_expect(other == NULL);
    second.listen = (char *)"127.0.0.1:0";
    conf.thread_init = refuse_thread;
    cr_expect(lt(int, w3p_server_start(&other, &msg, &conf), 0));
    cr_expect(other == NULL);
    stop();
}
