// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: URLs, and POST against servers that answer too much, too slowly, elsewhere, or not at all.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "crypto/hash.h"
#include "net/net.h"
#include "unit/net/loopback.h"

static void start(void)
{
    w3p_crypto_init();
    w3p_net_global_init();
}

TestSuite(net_http, .init = start, .timeout = 20);

static const struct {
    const char *url;
    int err;
} urls[] = {
    {"ftp://example.org/", W3P_E_INVALID},
    {"example.org:9944", W3P_E_INVALID},
    {"", W3P_E_INVALID},
    {"http://", W3P_E_INVALID},
    {"http:///path", W3P_E_INVALID},
    {"http://u@example.org/", W3P_E_INVALID},
    {"wss://u:p@example.org/", W3P_E_INVALID},
    {"http://example.org/#f", W3P_E_INVALID},
    {"http://exa mple.org/", W3P_E_INVALID},
    {"http://example.org:99999/", W3P_E_INVALID},
    {"HTTP://example.org/", W3P_E_INVALID},
    {"http://127.0.0.1:9944", W3P_OK},
    {"wss://rpc.crust.network/path?key=1", W3P_OK},
    {"ws://[::1]:9944", W3P_OK},
};

ParameterizedTestParameters(net_http, url)
{
    static int index[sizeof(urls) / sizeof(urls[0])];
    for (int i = 0; i < (int)(sizeof(urls) / sizeof(urls[0])); i++)
        index[i] = i;
    return cr_make_param_array(int, index, sizeof(urls) / sizeof(urls[0]));
}

ParameterizedTest(int *i, net_http, url)
{
    struct w3p_net *net = NULL;
    struct w3p_errmsg msg = {{0}};
    struct w3p_net_conf conf = {
        .url = urls[*i].url, .reply_max_bytes = 100, .connect_timeout_ms = 100, .reply_timeout_ms = 100};
    cr_assert(eq(int, w3p_net_create(&net, &msg, &conf), urls[*i].err), "%s: %s", urls[*i].url, msg.text);
    w3p_net_destroy(net);
}

Test(net_http, settings_that_cannot_be)
{
    static char longest[2050];
    const struct w3p_net_conf good = {
        .url = "http://127.0.0.1:9", .reply_max_bytes = 100, .connect_timeout_ms = 100, .reply_timeout_ms = 100};
    struct w3p_net_conf bad[5] = {good, good, good, good, good};
    struct w3p_errmsg msg = {{0}};
    struct w3p_net *net = NULL;
    memset(longest, 'a', sizeof(longest) - 1);
    memcpy(longest, "http://h/", 9);
    bad[0].url = longest;
    bad[1].url = NULL;
    bad[2].reply_max_bytes = 0;
    bad[3].connect_timeout_ms = 0;
    bad[4].reply_timeout_ms = 0;
    for (size_t i = 0; i < 5; i++)
        cr_expect(eq(int, w3p_net_create(&net, &msg, &bad[i]), W3P_E_INVALID), "%zu", i);
    cr_expect(eq(ptr, net, NULL));
    longest[2048] = '\0';
    cr_assert(eq(int, w3p_net_create(&net, &msg, &bad[0]), W3P_OK), "%s", msg.text);
    w3p_net_destroy(net);
}

static int ask(struct loopback *lo, struct w3p_net **net, struct w3p_errmsg *msg, struct w3p_buf *reply)
{
    if (*net == NULL) {
        struct w3p_net_conf conf = {
            .url = lo->url, .reply_max_bytes = 1000, .connect_timeout_ms = 1000, .reply_timeout_ms = 400};
        cr_assert(eq(int, w3p_net_create(net, msg, &conf), W3P_OK));
    }
    int err = w3p_net_send(*net, msg, "{\"id\":1}", 8);
    return err == W3P_OK ? w3p_net_recv(*net, msg, reply, 0) : err;
}

static void serve_echo(struct loopback *lo, int fd)
{
    char request[4096];
    (void)lo;
    while (loopback_request(fd, request, sizeof(request)))
        loopback_http(fd, 200, "application/json", strstr(request, "\r\n\r\n") + 4);
}

static void serve_long(struct loopback *lo, int fd)
{
    char request[4096], body[1002];
    (void)lo;
    memset(body, 'x', 1001);
    body[1001] = '\0';
    if (loopback_request(fd, request, sizeof(request)))
        loopback_http(fd, 200, "application/json", body);
}

static void serve_endless(struct loopback *lo, int fd)
{
    char request[4096];
    (void)lo;
    if (!loopback_request(fd, request, sizeof(request)))
        return;
    loopback_put_text(fd, "HTTP/1.1 200 OK\r\n\r\n");
    for (int i = 0; i < 5000; i++)
        loopback_put_text(fd, "more and more and more and more ");
}

static void serve_endless_head(struct loopback *lo, int fd)
{
    char request[4096];
    (void)lo;
    if (!loopback_request(fd, request, sizeof(request)))
        return;
    loopback_put_text(fd, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 5000; i++)
        loopback_put_text(fd, "X-More: more and more and more and more\r\n");
}

static void serve_drip(struct loopback *lo, int fd)
{
    char request[4096];
    (void)lo;
    if (!loopback_request(fd, request, sizeof(request)))
        return;
    loopback_put_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
    for (int i = 0; i < 40; i++) {
        loopback_put_text(fd, "x");
        usleep(50000);
    }
}

static void serve_half(struct loopback *lo, int fd)
{
    char request[4096];
    (void)lo;
    if (loopback_request(fd, request, sizeof(request)))
        loopback_put_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf");
}

static void serve_nothing(struct loopback *lo, int fd)
{
    char request[4096];
    (void)lo;
    (void)loopback_request(fd, request, sizeof(request));
}

static void serve_silent(struct loopback *lo, int fd)
{
    char request[4096];
    (void)lo;
    (void)loopback_request(fd, request, sizeof(request));
    usleep(900000);
}

static void serve_redirect(struct loopback *lo, int fd)
{
    char request[4096], head[256];
    if (!loopback_request(fd, request, sizeof(request)))
        return;
    snprintf(head, sizeof(head),
             "HTTP/1.1 307 Go\r\nLocation: %s/other\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
             lo->url);
    loopback_put_text(fd, head);
}

static void serve_page(struct loopback *lo, int fd)
{
    char request[4096];
    (void)lo;
    if (loopback_request(fd, request, sizeof(request)))
        loopback_http(fd, 502, "text/html", "<h1>Bad gateway</h1>");
}

static void serve_too_many_requests(struct loopback *lo, int fd)
{
    char request[4096];
    (void)lo;
    if (loopback_request(fd, request, sizeof(request)))
        loopback_http(fd, 429, "application/json", "{\"error\":\"slow down\"}");
}

static void serve_noise(struct loopback *lo, int fd)
{
    char request[4096];
    (void)lo;
    if (loopback_request(fd, request, sizeof(request)))
        loopback_put_text(fd, "SSH-2.0-OpenSSH_9.2\r\n");
}

static const struct {
    const char *name;
    void (*serve)(struct loopback *lo, int fd);
    int err;
} bad[] = {
    {"reply too long", serve_long, W3P_E_LIMIT},
    {"reply without end", serve_endless, W3P_E_LIMIT},
    {"head without end", serve_endless_head, W3P_E_LIMIT},
    {"slow drip", serve_drip, W3P_E_TIMEOUT},
    {"half a reply", serve_half, W3P_E_CLOSED},
    {"closes without a word", serve_nothing, W3P_E_CLOSED},
    {"says nothing", serve_silent, W3P_E_TIMEOUT},
    {"redirect", serve_redirect, W3P_E_PROTOCOL},
    {"error page", serve_page, W3P_E_PROTOCOL},
    {"too many requests", serve_too_many_requests, W3P_E_PROTOCOL}, // a limiter's JSON is no node's answer
    {"not HTTP", serve_noise, W3P_E_PROTOCOL},
};

ParameterizedTestParameters(net_http, bad_server)
{
    static int index[sizeof(bad) / sizeof(bad[0])];
    for (int i = 0; i < (int)(sizeof(bad) / sizeof(bad[0])); i++)
        index[i] = i;
    return cr_make_param_array(int, index, sizeof(bad) / sizeof(bad[0]));
}

ParameterizedTest(int *i, net_http, bad_server)
{
    struct loopback lo = {0};
    struct w3p_net *net = NULL;
    struct w3p_errmsg msg = {{0}};
    struct w3p_buf reply;
    w3p_buf_init(&reply, 10000);
    loopback_start(&lo, "http", bad[*i].serve);
    int64_t before = w3p_clock_mono_ms();
    cr_expect(eq(int, ask(&lo, &net, &msg, &reply), bad[*i].err), "%s: %s", bad[*i].name, msg.text);
    cr_expect(lt(long, (long)(w3p_clock_mono_ms() - before), 3000));
    cr_expect(eq(sz, reply.len, 0));
    cr_expect(lt(sz, 0, strlen(msg.text)));
    w3p_net_destroy(net);
    loopback_stop(&lo);
    w3p_buf_deinit(&reply);
}

Test(net_http, keeps_the_connection_and_answers_once)
{
    struct loopback lo = {0};
    struct w3p_net *net = NULL;
    struct w3p_errmsg msg = {{0}};
    struct w3p_buf reply;
    w3p_buf_init(&reply, 10000);
    loopback_start(&lo, "http", serve_echo);
    for (int i = 0; i < 3; i++) {
        w3p_buf_reset(&reply);
        cr_assert(eq(int, ask(&lo, &net, &msg, &reply), W3P_OK), "%s", msg.text);
        cr_assert(eq(str, (char *)w3p_buf_str(&reply), "{\"id\":1}"));
    }
    cr_expect(eq(int, w3p_net_recv(net, &msg, &reply, 0), W3P_E_STATE));
    cr_expect(eq(int, lo.connections, 1));
    w3p_net_reset(net);
    w3p_buf_reset(&reply);
    cr_expect(eq(int, ask(&lo, &net, &msg, &reply), W3P_OK));
    cr_expect(eq(int, lo.connections, 2));
    w3p_net_destroy(net);
    loopback_stop(&lo);
    w3p_buf_deinit(&reply);
}

static void serve_error_object(struct loopback *lo, int fd)
{
    char request[4096];
    (void)lo;
    if (loopback_request(fd, request, sizeof(request)))
        loopback_http(fd, 500, "application/json; charset=utf-8", "{\"error\":1}");
}

Test(net_http, passes_json_behind_an_error_status)
{
    struct loopback lo = {0};
    struct w3p_net *net = NULL;
    struct w3p_errmsg msg = {{0}};
    struct w3p_buf reply;
    w3p_buf_init(&reply, 10000);
    loopback_start(&lo, "http", serve_error_object);
    cr_expect(eq(int, ask(&lo, &net, &msg, &reply), W3P_OK));
    cr_expect(eq(str, (char *)w3p_buf_str(&reply), "{\"error\":1}"));
    w3p_net_destroy(net);
    loopback_stop(&lo);
    w3p_buf_deinit(&reply);
}

Test(net_http, loopback_needs_no_proxy)
{
    struct loopback lo = {0};
    struct w3p_net *net = NULL;
    struct w3p_errmsg msg = {{0}};
    struct w3p_buf reply;
    w3p_buf_init(&reply, 10000);
    cr_assert(eq(int, setenv("http_proxy", "http://127.0.0.1:1", 1), 0));
    loopback_start(&lo, "http", serve_echo);
    cr_expect(eq(int, ask(&lo, &net, &msg, &reply), W3P_OK), "%s", msg.text);
    w3p_net_destroy(net);
    loopback_stop(&lo);
    w3p_buf_deinit(&reply);
}

Test(net_http, nobody_there)
{
    struct loopback lo = {0};
    struct w3p_net *net = NULL;
    struct w3p_errmsg msg = {{0}};
    struct w3p_buf reply;
    w3p_buf_init(&reply, 10000);
    loopback_start(&lo, "http", serve_echo);
    loopback_stop(&lo);
    cr_expect(eq(int, ask(&lo, &net, &msg, &reply), W3P_E_UNREACHABLE));
    w3p_net_destroy(net);
}

static void *interrupt_soon(void *arg)
{
    usleep(100000);
    w3p_net_interrupt(arg);
    return NULL;
}

static const char *const schemes[] = {"http", "ws"};

ParameterizedTestParameters(net_http, interrupt)
{
    static int index[] = {0, 1};
    return cr_make_param_array(int, index, 2);
}

ParameterizedTest(int *i, net_http, interrupt)
{
    struct loopback lo = {0};
    struct w3p_net *net = NULL;
    struct w3p_errmsg msg = {{0}};
    pthread_t thread;
    loopback_start(&lo, schemes[*i], serve_silent);
    struct w3p_net_conf conf = {
        .url = lo.url, .reply_max_bytes = 1000, .connect_timeout_ms = 5000, .reply_timeout_ms = 5000};
    cr_assert(eq(int, w3p_net_create(&net, &msg, &conf), W3P_OK));
    pthread_create(&thread, NULL, interrupt_soon, net);
    int64_t before = w3p_clock_mono_ms();
    cr_expect(eq(int, w3p_net_send(net, &msg, "{}", 2), W3P_E_CLOSED));
    cr_expect(lt(long, (long)(w3p_clock_mono_ms() - before), 500));
    cr_expect(eq(int, w3p_net_send(net, &msg, "{}", 2), W3P_E_CLOSED));
    pthread_join(thread, NULL);
    w3p_net_destroy(net);
    loopback_stop(&lo);
}
