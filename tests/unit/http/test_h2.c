// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: HTTP/2 frames written by hand: an honest request, too many headers, streams aborted without end.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "http/http.h"

static _Atomic unsigned calls;
static _Atomic unsigned sent_later;

static void on_hello(struct w3p_call *call, const struct w3p_request *req)
{
    char text[64];
    atomic_fetch_add(&calls, 1);
    int len = snprintf(text, sizeof text, "{\"authorizations\":%u}", req->authorization_count);
    w3p_reply_json(call, 200, text, (size_t)len);
}

static void *answer_later(void *arg)
{
    usleep(20000);
    w3p_async_send(arg, 202, NULL, 0);
    atomic_fetch_add(&sent_later, 1);
    return NULL;
}

static void on_later(struct w3p_call *call, const struct w3p_request *req)
{
    pthread_t thread;
    pthread_attr_t attr;
    (void)req;
    struct w3p_async *async = w3p_async_begin(call);
    if (async == NULL)
        return;
    atomic_fetch_add(&calls, 1);
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, 65536);
    if (pthread_create(&thread, &attr, answer_later, async) != 0)
        answer_later(async);
    pthread_attr_destroy(&attr);
}

enum { HELD_MAX = 2048 };
static struct w3p_async *held[HELD_MAX];

static void on_hold(struct w3p_call *call, const struct w3p_request *req)
{
    (void)req;
    struct w3p_async *async = w3p_async_begin(call);
    if (async != NULL)
        held[atomic_fetch_add(&calls, 1)] = async;
}

static const struct w3p_route routes[] = {{"GET", "/hello", on_hello, 0, 0, W3P_ROUTE_PUBLIC},
                                          {"GET", "/later", on_later, 0, 0, W3P_ROUTE_PUBLIC},
                                          {"GET", "/hold", on_hold, 0, 0, W3P_ROUTE_PUBLIC},
                                          {0}};
static struct w3p_http_settings settings = {.listen = (char *)"127.0.0.1:0",
                                            .threads = 1,
                                            .request_timeout_ms = 5000,
                                            .idle_timeout_ms = 5000,
                                            .drain_timeout_ms = 1000,
                                            .max_connections = 50,
                                            .http2 = true};
static struct w3p_server *server;

static void start(void)
{
    struct w3p_errmsg msg = {0};
    struct w3p_server_conf conf = {.settings = &settings, .routes = routes};
    cr_assert(eq(int, w3p_server_start(&server, &msg, &conf), W3P_OK), "%s", msg.text);
}

static void stop(void)
{
    w3p_server_stop(server);
}

TestSuite(h2, .init = start, .fini = stop, .timeout = 60);

static size_t put_frame(uint8_t *out, uint8_t type, uint8_t flags, uint32_t stream, const void *payload, size_t len)
{
    const uint8_t head[9] = {
        (uint8_t)(len >> 16),    (uint8_t)(len >> 8),     (uint8_t)len,           type,           flags,
        (uint8_t)(stream >> 24), (uint8_t)(stream >> 16), (uint8_t)(stream >> 8), (uint8_t)stream};
    memcpy(out, head, 9);
    if (len > 0)
        memcpy(out + 9, payload, len);
    return 9 + len;
}

// GET path, then `extra` bytes of further fields.
static size_t put_get(uint8_t *out, uint32_t stream, const char *path, const void *extra, size_t extra_len)
{
    uint8_t block[16384];
    size_t at = 0, len = strlen(path);
    block[at++] = 0x82; // :method GET
    block[at++] = 0x86; // :scheme http
    block[at++] = 0x01; // :authority x
    block[at++] = 1;
    block[at++] = 'x';
    block[at++] = 0x04; // :path
    block[at++] = (uint8_t)len;
    memcpy(block + at, path, len);
    at += len;
    if (extra_len > 0)
        memcpy(block + at, extra, extra_len);
    return put_frame(out, 1, 5, stream, block, at + extra_len);
}

static struct client *open_h2(void)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    struct client *client = client_open(w3p_server_port(server));
    client_send(client, preface, sizeof preface - 1);
    return client;
}

// Reads frames until one of this type on this stream; its payload length, -1 when none comes.
static int read_frame(struct client *client, uint8_t type, uint32_t stream, uint8_t *payload, size_t room)
{
    uint8_t head[9];
    for (;;) {
        struct pollfd p = {.fd = client->fd, .events = POLLIN};
        if (poll(&p, 1, 5000) <= 0 || recv(client->fd, head, 9, MSG_WAITALL) != 9)
            return -1;
        size_t len = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
        uint32_t id = (uint32_t)head[5] << 24 | (uint32_t)head[6] << 16 | (uint32_t)head[7] << 8 | head[8];
        cr_assert(len <= room);
        if (len > 0 && recv(client->fd, payload, len, MSG_WAITALL) != (ssize_t)len)
            return -1;
        if (head[3] == type && id == stream)
            return (int)len;
    }
}

static void expect_body(const void *extra, size_t extra_len, const char *part)
{
    uint8_t frame[20000], payload[16400];
    struct client *client = open_h2();
    size_t len = put_get(frame, 1, "/hello", extra, extra_len);
    client_send(client, (const char *)frame, len);
    int got = read_frame(client, 0, 1, payload, sizeof payload - 1);
    cr_assert(lt(int, 0, got));
    payload[got] = '\0';
    cr_expect(strstr((char *)payload, part) != NULL, "%s", (char *)payload);
    client_close(client);
}

Test(h2, answers)
{
    expect_body(NULL, 0, "{\"authorizations\":0}");
}

Test(h2, two_authorizations_are_counted)
{
    static const uint8_t twice[] = {0x0f, 0x08, 1, 'a', 0x0f, 0x08, 1, 'b'}; // static index 23
    expect_body(twice, sizeof twice, "{\"authorizations\":2}");
}

Test(h2, too_many_headers)
{
    uint8_t fields[120 * 5];
    for (size_t i = 0; i < 120; i++)
        memcpy(fields + 5 * i, "\0\1z\1v", 5);
    expect_body(fields, sizeof fields, "TOO_MANY_HEADERS");
}

static void expect_alive(void)
{
    struct response got;
    client_exchange(&got, w3p_server_port(server), "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    cr_expect(eq(int, got.status, 200));
    client_free_response(&got);
}

// Frames keep the connection alive for h2o; a body that never ends must not.
Test(h2_slow, body_that_never_ends_is_cut_off, .timeout = 30)
{
    uint8_t frame[256];
    settings.request_timeout_ms = 500;
    start();
    struct client *client = open_h2();
    size_t len = put_get(frame, 1, "/hello", NULL, 0);
    frame[4] = 4; // END_HEADERS without END_STREAM
    client_send(client, (const char *)frame, len);
    bool closed = false;
    for (int i = 0; i < 50 && !closed; i++) {
        len = put_frame(frame, 6, 0, 0, "12345678", 8);
        closed = send(client->fd, frame, len, MSG_NOSIGNAL) < 0 || client_closed(client, 100);
    }
    cr_expect(closed);
    expect_alive();
    client_close(client);
    stop();
}

static bool attacked(const char *path, unsigned streams)
{
    static uint8_t frames[64 * 1024];
    struct client *client = open_h2();
    bool closed = false;
    for (unsigned i = 0; i < streams && !closed; i += 100) {
        size_t at = 0;
        for (unsigned k = 0; k < 100; k++) {
            uint32_t stream = 2 * (i + k) + 1;
            at += put_get(frames + at, stream, path, NULL, 0);
            at += put_frame(frames + at, 3, 0, stream, "\0\0\0\x08", 4);
        }
        for (size_t done = 0; done < at && !closed;) {
            ssize_t sent = send(client->fd, frames + done, at - done, MSG_NOSIGNAL);
            closed = sent <= 0;
            done += sent > 0 ? (size_t)sent : 0;
        }
        char sink[65536];
        while (!closed) {
            ssize_t got = recv(client->fd, sink, sizeof sink, MSG_DONTWAIT);
            closed = got == 0;
            if (got <= 0)
                break;
        }
    }
    closed = closed || client_closed(client, 2000);
    client_close(client);
    return closed;
}

Test(h2, aborting_waiting_requests_ends_the_connection)
{
    cr_expect(attacked("/later", 20000));
    cr_expect(lt(uint, atomic_load(&calls), 6000));
    expect_alive();
    while (atomic_load(&sent_later) < atomic_load(&calls) - 1)
        usleep(10000);
}

// A stream that is reset behind its answer cost no more than an honest request; it must not cost the others theirs.
Test(h2, aborting_answered_requests_hurts_nobody)
{
    (void)attacked("/hello", 20000);
    expect_alive();
}

Test(h2, stop_says_goodbye)
{
    uint8_t frame[256], payload[16400];
    struct client *client = open_h2();
    size_t len = put_get(frame, 1, "/hello", NULL, 0);
    client_send(client, (const char *)frame, len);
    cr_assert(lt(int, 0, read_frame(client, 0, 1, payload, sizeof payload)));
    len = put_get(frame, 3, "/later", NULL, 0);
    client_send(client, (const char *)frame, len);
    usleep(10000);
    w3p_server_stop(server);
    server = NULL;
    cr_expect(ge(int, read_frame(client, 1, 3, payload, sizeof payload), 0));
    cr_expect(client_closed(client, 2000));
    client_close(client);
}

// 32 streams of a connection, 1024 waiting calls of a loop: beyond, an answer at once.
Test(h2, waiting_calls_are_bounded)
{
    enum { CONNECTIONS = 32, STREAMS = 32 };
    uint8_t frames[STREAMS * 64], payload[16400];
    struct client *clients[CONNECTIONS + 1];
    for (int c = 0; c <= CONNECTIONS; c++) {
        size_t at = 0;
        clients[c] = open_h2();
        for (uint32_t k = 0; k < (c < CONNECTIONS ? STREAMS : 1); k++)
            at += put_get(frames + at, 2 * k + 1, "/hold", NULL, 0);
        for (int wait = 0; c == CONNECTIONS && atomic_load(&calls) < CONNECTIONS * STREAMS && wait < 500; wait++)
            usleep(10000);
        client_send(clients[c], (const char *)frames, at);
    }
    cr_assert(eq(uint, atomic_load(&calls), CONNECTIONS * STREAMS));
    int got = read_frame(clients[CONNECTIONS], 0, 1, payload, sizeof payload - 1);
    cr_assert(lt(int, 0, got));
    payload[got] = '\0';
    cr_expect(strstr((char *)payload, "BUSY") != NULL, "%s", (char *)payload);
    for (unsigned i = 0; i < CONNECTIONS * STREAMS; i++)
        w3p_async_send(held[i], 202, NULL, 0);
    cr_expect(ge(int, read_frame(clients[0], 1, 2 * STREAMS - 1, payload, sizeof payload), 0));
    expect_alive();
    for (int c = 0; c <= CONNECTIONS; c++)
        client_close(clients[c]);
}
