// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: single HTTP requests with a credential: what is sent, what comes back, and that nothing goes elsewhere.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "crypto/hash.h"
#include "net/net.h"
#include "unit/net/loopback.h"

static void start(void)
{
    w3p_crypto_init();
    w3p_net_global_init();
}

TestSuite(net_web, .init = start, .timeout = 20);

static char seen[4096]; // the last request

static void serve_keep(struct loopback *lo, int fd)
{
    if (loopback_request(fd, seen, sizeof seen))
        loopback_http(fd, (int)lo->number, "application/json", lo->text);
}

static void serve_elsewhere(struct loopback *lo, int fd)
{
    char head[256];
    if (!loopback_request(fd, seen, sizeof seen))
        return;
    snprintf(head, sizeof head, "HTTP/1.1 307 Go\r\nLocation: %s/other\r\nContent-Length: 2\r\n\r\n{}", lo->url);
    loopback_put_text(fd, head);
}

static struct w3p_net_web asking(const char *url)
{
    return (struct w3p_net_web){
        .url = url, .method = "GET", .reply_max_bytes = 100, .connect_timeout_ms = 1000, .reply_timeout_ms = 1000};
}

static int call(struct w3p_errmsg *msg, int *status, char *body, size_t room, const struct w3p_net_web *ask)
{
    struct w3p_buf reply;
    w3p_buf_init(&reply, room - 1);
    int err = w3p_net_web_call(msg, status, &reply, ask);
    snprintf(body, room, "%s", w3p_buf_str(&reply));
    w3p_buf_deinit(&reply);
    return err;
}

Test(net_web, bad_requests_reach_nobody)
{
    struct loopback lo = {.text = "{}", .number = 200};
    struct w3p_errmsg msg = {{0}};
    char body[64];
    int status = 0;
    loopback_start(&lo, "http", serve_keep);
    struct w3p_net_web bad[5];
    for (size_t i = 0; i < 5; i++)
        bad[i] = asking(lo.url);
    bad[0].authorization = "Bearer a\r\nX-More: b";
    bad[1].origin = "https://app.example\n";
    bad[2].url = "ws://127.0.0.1:1/";
    bad[3].url = "http://me:pw@127.0.0.1:1/";
    bad[4].url = "gw.example";
    for (size_t i = 0; i < 5; i++)
        cr_expect(eq(int, call(&msg, &status, body, sizeof body, &bad[i]), W3P_E_INVALID), "%zu: %s", i, msg.text);
    loopback_stop(&lo);
    cr_expect(eq(int, lo.connections, 0));
    cr_expect(eq(int, status, 0));
}

Test(net_web, sends_its_headers_and_gives_any_answer)
{
    static const size_t statuses[] = {200, 401, 429, 503};
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        struct loopback lo = {.text = "{\"x\":1}", .number = statuses[i]};
        struct w3p_errmsg msg = {{0}};
        char body[64], url[96];
        int status = 0;
        loopback_start(&lo, "http", serve_keep);
        snprintf(url, sizeof url, "%s/auth/whoami", lo.url);
        struct w3p_net_web ask = asking(url);
        ask.authorization = "Bearer abc";
        ask.origin = "https://app.example";
        cr_expect(eq(int, call(&msg, &status, body, sizeof body, &ask), W3P_OK), "%s", msg.text);
        cr_expect(eq(int, status, (int)statuses[i]));
        cr_expect(eq(str, body, "{\"x\":1}"));
        cr_expect(strncmp(seen, "GET /rpc/auth/whoami HTTP/1.1\r\n", 31) == 0, "%s", seen);
        cr_expect(strstr(seen, "\r\nAuthorization: Bearer abc\r\n") != NULL, "%s", seen);
        cr_expect(strstr(seen, "\r\nOrigin: https://app.example\r\n") != NULL, "%s", seen);
        loopback_stop(&lo);
    }
}

Test(net_web, posts_a_body_and_no_credential_unless_asked)
{
    struct loopback lo = {.text = "{}", .number = 200};
    struct w3p_errmsg msg = {{0}};
    char body[64];
    int status = 0;
    loopback_start(&lo, "http", serve_keep);
    struct w3p_net_web ask = asking(lo.url);
    ask.method = "POST";
    ask.body = "{\"a\":2}";
    cr_expect(eq(int, call(&msg, &status, body, sizeof body, &ask), W3P_OK), "%s", msg.text);
    cr_expect(strncmp(seen, "POST /rpc HTTP/1.1\r\n", 20) == 0 && strstr(seen, "\r\n\r\n{\"a\":2}") != NULL, "%s",
              seen);
    cr_expect(strstr(seen, "Authorization") == NULL && strstr(seen, "Origin") == NULL, "%s", seen);
    loopback_stop(&lo);
}

Test(net_web, follows_no_redirect)
{
    struct loopback lo = {0};
    struct w3p_errmsg msg = {{0}};
    char body[64];
    int status = 0;
    loopback_start(&lo, "http", serve_elsewhere);
    struct w3p_net_web ask = asking(lo.url);
    ask.authorization = "Bearer abc";
    cr_expect(eq(int, call(&msg, &status, body, sizeof body, &ask), W3P_OK), "%s", msg.text);
    cr_expect(eq(int, status, 307));
    cr_expect(eq(int, lo.connections, 1));
    cr_expect(strstr(seen, "/other") == NULL);
    loopback_stop(&lo);
}

Test(net_web, answers_are_bounded)
{
    char text[102], body[64];
    memset(text, 'x', 101);
    text[101] = '\0';
    struct loopback lo = {.text = text, .number = 200};
    struct w3p_errmsg msg = {{0}};
    int status = 0;
    loopback_start(&lo, "http", serve_keep);
    struct w3p_net_web ask = asking(lo.url);
    cr_expect(eq(int, call(&msg, &status, body, sizeof body, &ask), W3P_E_LIMIT));
    cr_expect(eq(int, status, 0));
    loopback_stop(&lo);
}
