// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: any bytes as the address of an endpoint, and as a server's answer to our POST, to a node and to a gateway
// (of which every status is an answer). The answer goes over a socket of loopback: whenever the client waits, the
// target plays the server. What comes out is no longer than allowed, and an answer whose head the target can read
// itself is taken and refused by its status, type and length. Input: an address, a newline, the server's bytes. The
// server hangs up behind them.
#define CURL_DISABLE_TYPECHECK
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "net/net_internal.h"

#define REPLY_MAX 1000u
#define WAITS_MAX 2000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
    int listener, fd;
    const uint8_t *bytes;
    size_t len;
    unsigned waits;
    char url[64];
} server = {.listener = -1, .fd = -1};

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void serve(void)
{
    char request[4096];
    if (server.fd < 0)
        server.fd = accept4(server.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (server.fd < 0 || server.bytes == NULL || recv(server.fd, request, sizeof(request), 0) <= 0)
        return;
    // small enough for the socket's buffer
    require(send(server.fd, server.bytes, server.len, MSG_NOSIGNAL) == (ssize_t)server.len || server.len == 0);
    (void)shutdown(server.fd, SHUT_WR);
    server.bytes = NULL;
}

// In libcurl's place.
CURLMcode curl_multi_poll(CURLM *multi, struct curl_waitfd *extra, unsigned extra_count, int timeout_ms, int *count)
{
    (void)multi, (void)extra, (void)extra_count, (void)timeout_ms, (void)count;
    serve();
    require(server.waits++ < WAITS_MAX);
    return curl_multi_wait(multi, NULL, 0, 1, NULL);
}

static void start_server(void)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(addr);
    w3p_crypto_init();
    w3p_net_global_init();
    server.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    require(server.listener >= 0 && bind(server.listener, (struct sockaddr *)&addr, sizeof(addr)) == 0);
    require(listen(server.listener, 4) == 0);
    require(getsockname(server.listener, (struct sockaddr *)&addr, &len) == 0);
    snprintf(server.url, sizeof(server.url), "http://127.0.0.1:%u/rpc", ntohs(addr.sin_port));
}

// An address that is taken has a host and one of four schemes, and holds no user and no control character.
static void check_url(const char *url)
{
    struct w3p_net_conf conf = {
        .url = url, .reply_max_bytes = REPLY_MAX, .connect_timeout_ms = 1, .reply_timeout_ms = 1};
    struct w3p_net *net = NULL;
    struct w3p_errmsg msg = {""};
    int err = w3p_net_create(&net, &msg, &conf);
    require((err == W3P_OK) == (net != NULL) && (err == W3P_OK) == (msg.text[0] == '\0'));
    if (err != W3P_OK)
        return;
    const char *host = strstr(url, "://");
    require(host != NULL && w3p_net_host(net)[0] != '\0' && (url[0] == 'h' || url[0] == 'w'));
    for (const char *c = net->url; *c != '\0'; c++)
        require((uint8_t)*c > ' ' && *c != 0x7f);
    for (const char *c = w3p_net_host(net); *c != '\0'; c++)
        require((uint8_t)*c > ' ' && *c != 0x7f && *c != '@' && *c != '/');
    // what a node says of its own address: a key in the path is gone from it, and nothing becomes longer
    char *said = w3p_strdup(url);
    w3p_net_redact(net, said);
    require(strlen(said) == strlen(url));
    free(said);
    w3p_net_destroy(net);
}

// Nobody listens at port 1 of loopback, and an interrupted client says so.
static void check_unreachable(void)
{
    struct w3p_net_conf conf = {
        .url = "http://127.0.0.1:1/", .reply_max_bytes = 0, .connect_timeout_ms = 60000, .reply_timeout_ms = 60000};
    struct w3p_net *net = NULL;
    struct w3p_errmsg msg = {""};
    struct w3p_buf out;
    w3p_buf_init(&out, 16);
    require(w3p_net_create(&net, &msg, &conf) == W3P_E_INVALID && net == NULL);
    conf.reply_max_bytes = 16;
    require(w3p_net_create(&net, &msg, &conf) == W3P_OK);
    require(w3p_net_send(net, &msg, "{}", 2) == W3P_E_UNREACHABLE);
    w3p_net_interrupt(net);
    require(w3p_net_send(net, &msg, "{}", 2) == W3P_E_CLOSED && w3p_net_recv(net, &msg, &out, 0) == W3P_E_CLOSED);
    w3p_net_destroy(net);
    w3p_buf_deinit(&out);
}

// A head that this can read: a plain status line, at most one type, one length that is right. 0: it cannot.
static int plain_status(const char *text, size_t len, bool *json)
{
    const char *end = memmem(text, len, "\r\n\r\n", 4);
    unsigned status = 0;
    int used = 0;
    if (end == NULL || memchr(text, 0, len) != NULL || sscanf(text, "HTTP/1.1 %3u OK\r\n%n", &status, &used) != 1 ||
        used == 0)
        return 0;
    char want[128];
    size_t body = len - (size_t)(end + 4 - text), head = (size_t)(end + 4 - text);
    snprintf(want, sizeof(want), "HTTP/1.1 %03u OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
             status, body);
    *json = strlen(want) == head && memcmp(text, want, head) == 0;
    snprintf(want, sizeof(want), "HTTP/1.1 %03u OK\r\nContent-Length: %zu\r\n\r\n", status, body);
    bool bare = strlen(want) == head && memcmp(text, want, head) == 0;
    return (*json || bare) && status >= 200 && status != 204 && status != 304 && body > 0 ? (int)status : 0;
}

static void hang_up(void)
{
    if (server.fd >= 0)
        close(server.fd);
    server.fd = -1;
}

static void check_answer(const uint8_t *bytes, size_t len)
{
    struct w3p_net_conf conf = {
        .url = server.url, .reply_max_bytes = REPLY_MAX, .connect_timeout_ms = 60000, .reply_timeout_ms = 60000};
    struct w3p_net *net = NULL;
    struct w3p_errmsg msg = {""};
    struct w3p_buf out;
    bool json = false;
    w3p_buf_init(&out, REPLY_MAX);
    server.bytes = bytes;
    server.len = len;
    server.waits = 0;
    require(w3p_net_create(&net, &msg, &conf) == W3P_OK);
    int err = w3p_net_send(net, &msg, "{}", 2);
    if (err == W3P_OK)
        require(w3p_net_recv(net, &msg, &out, 0) == W3P_OK && out.len <= REPLY_MAX);
    if (err == W3P_OK)
        check_unreachable(); // a second client finds nobody
    require((err == W3P_OK) == (msg.text[0] == '\0'));
    require(w3p_net_recv(net, &msg, &out, 0) == W3P_E_STATE); // one answer for one message
    int status = plain_status((const char *)bytes, len, &json);
    const char *body = status != 0 ? (const char *)memmem(bytes, len, "\r\n\r\n", 4) + 4 : NULL;
    size_t body_len = status != 0 ? len - (size_t)(body - (const char *)bytes) : 0;
    bool wanted = body_len <= REPLY_MAX && (status == 200 || (json && status != 429 && (status < 300 || status > 399)));
    if (status != 0)
        require(wanted == (err == W3P_OK));
    if (status != 0 && wanted)
        require(out.len == body_len && memcmp(out.ptr, body, body_len) == 0);
    w3p_net_destroy(net);
    w3p_buf_deinit(&out);
    hang_up();
}

static void check_web(const uint8_t *bytes, size_t len)
{
    struct w3p_net_web ask = {.url = server.url,
                              .method = len % 2 == 0 ? "GET" : "POST",
                              .body = len % 2 == 0 ? NULL : "{}",
                              .authorization = "Bearer abc",
                              .origin = len % 3 == 0 ? NULL : "https://dapp.example",
                              .reply_max_bytes = REPLY_MAX,
                              .connect_timeout_ms = 60000,
                              .reply_timeout_ms = 60000};
    struct w3p_errmsg msg = {""};
    struct w3p_buf out;
    bool json = false;
    int answered = 0;
    w3p_buf_init(&out, REPLY_MAX / 2); // less than may arrive
    server.bytes = bytes;
    server.len = len;
    server.waits = 0;
    int err = w3p_net_web_call(&msg, &answered, &out, &ask);
    require((err == W3P_OK) == (msg.text[0] == '\0'));
    int status = plain_status((const char *)bytes, len, &json);
    const char *body = status != 0 ? (const char *)memmem(bytes, len, "\r\n\r\n", 4) + 4 : NULL;
    size_t body_len = status != 0 ? len - (size_t)(body - (const char *)bytes) : 0;
    if (status != 0)
        require((err == W3P_OK) == (body_len <= REPLY_MAX / 2));
    if (status != 0 && err == W3P_OK)
        require(answered == status && out.len == body_len && memcmp(out.ptr, body, body_len) == 0);
    w3p_buf_deinit(&out);
    hang_up();

    // what would be another header, is too long, or goes to no web server, is not sent
    static const char line_end[] = "Bearer a\r\nX: y";
    char *longest = w3p_calloc(1, W3P_NET_HEAD_MAX + 1);
    memset(longest, 'a', W3P_NET_HEAD_MAX);
    ask.authorization = line_end;
    require(w3p_net_web_call(&msg, &answered, &out, &ask) == W3P_E_INVALID);
    ask.authorization = longest;
    require(w3p_net_web_call(&msg, &answered, &out, &ask) == W3P_E_LIMIT);
    ask.url = "ws://127.0.0.1:1/";
    require(w3p_net_web_call(&msg, &answered, &out, &ask) == W3P_E_INVALID);
    ask.url = "nowhere";
    require(w3p_net_web_call(&msg, &answered, &out, &ask) == W3P_E_INVALID);
    free(longest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (server.listener < 0)
        start_server();
    const uint8_t *newline = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t url_len = newline != NULL ? (size_t)(newline - data) : size;
    char *url = w3p_strndup((const char *)data, url_len);
    check_url(url);
    free(url);
    if (newline != NULL && size - url_len - 1 <= 32768) {
        // no spare byte, and a NUL behind it for the reader of this file
        uint8_t *bytes = w3p_memdup(newline + 1, size - url_len - 1);
        check_answer(bytes, size - url_len - 1);
        check_web(bytes, size - url_len - 1);
        free(bytes);
    }
    return 0;
}
