// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the client's side of the WebSocket opening handshake (RFC 6455 §4.1) on a connected socket of libcurl, and
// the bounded wait for that socket. Everything that the answer may not say ends the connection.
#include <poll.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/sha1.h"
#include "net/net_internal.h"

int w3p_net_ws_wait(struct w3p_net *net, struct w3p_errmsg *msg, short events, int64_t deadline_ms)
{
    if (w3p_net_interrupted(net))
        return w3p_fail(msg, W3P_E_CLOSED, "interrupted");
    int64_t rest = deadline_ms - w3p_clock_mono_ms();
    if (rest <= 0)
        return w3p_fail(msg, W3P_E_TIMEOUT, "%s: no whole answer in time", net->host);
    curl_socket_t fd = CURL_SOCKET_BAD;
    if (curl_easy_getinfo(net->easy, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK || fd == CURL_SOCKET_BAD)
        return w3p_fail(msg, W3P_E_CLOSED, "%s: connection closed", net->host);
    struct pollfd p = {.fd = fd, .events = events};
    // a failing poll() shows up in the next read or write
    (void)poll(&p, 1, rest < W3P_NET_SLICE_MS ? (int)rest : W3P_NET_SLICE_MS);
    return W3P_OK;
}

static int send_all(struct w3p_net *net, struct w3p_errmsg *msg, const struct w3p_buf *text, int64_t deadline_ms)
{
    size_t done = 0;
    while (done < text->len) {
        size_t n = 0;
        CURLcode code = curl_easy_send(net->easy, text->ptr + done, text->len - done, &n);
        done += n;
        if (code == CURLE_OK)
            continue;
        if (code != CURLE_AGAIN)
            return w3p_fail(msg, W3P_E_CLOSED, "%s: connection closed in the handshake", net->host);
        int err = w3p_net_ws_wait(net, msg, POLLOUT, deadline_ms);
        if (err != W3P_OK)
            return err;
    }
    return W3P_OK;
}

// Reads until the empty line; *head_len is the length up to and with it.
static int recv_head(struct w3p_net *net, struct w3p_errmsg *msg, struct w3p_buf *in, size_t *head_len,
                     int64_t deadline_ms)
{
    for (;;) {
        char chunk[1024];
        size_t n = 0;
        CURLcode code = curl_easy_recv(net->easy, chunk, sizeof(chunk), &n);
        if (code == CURLE_AGAIN) {
            int err = w3p_net_ws_wait(net, msg, POLLIN, deadline_ms);
            if (err != W3P_OK)
                return err;
            continue;
        }
        if (code != CURLE_OK || n == 0)
            return w3p_fail(msg, W3P_E_CLOSED, "%s: connection closed in the handshake", net->host);
        w3p_buf_put(in, chunk, n);
        if (w3p_buf_status(in) != W3P_OK)
            return w3p_fail(msg, W3P_E_LIMIT, "%s: handshake answer is too long", net->host);
        const uint8_t *end = memmem(in->ptr, in->len, "\r\n\r\n", 4);
        if (end != NULL) {
            *head_len = (size_t)(end - in->ptr) + 4;
            return W3P_OK;
        }
    }
}

static struct w3p_span trim(const uint8_t *ptr, const uint8_t *end)
{
    while (ptr < end && (*ptr == ' ' || *ptr == '\t'))
        ptr++;
    while (ptr < end && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return W3P_SPAN(ptr, (size_t)(end - ptr));
}

static bool eq_nocase(struct w3p_span a, const char *text)
{
    return a.len == strlen(text) && strncasecmp((const char *)a.ptr, text, a.len) == 0;
}

static bool has_token(struct w3p_span list, const char *token)
{
    const uint8_t *at = list.ptr, *end = list.ptr + list.len;
    while (at < end) {
        const uint8_t *comma = memchr(at, ',', (size_t)(end - at));
        const uint8_t *stop = comma != NULL ? comma : end;
        if (eq_nocase(trim(at, stop), token))
            return true;
        at = stop + 1;
    }
    return false;
}

static bool has_control(const uint8_t *at, const uint8_t *end)
{
    for (; at < end; at++)
        if ((*at < ' ' && *at != '\t') || *at == 0x7f)
            return true;
    return false;
}

struct answer {
    bool upgrade, connection, accept, refused;
    unsigned accepts; // lines that bring a Sec-WebSocket-Accept
};

static void take_line(struct answer *a, const uint8_t *line, const uint8_t *end, const char *accept)
{
    const uint8_t *colon = memchr(line, ':', (size_t)(end - line));
    if (colon == NULL || has_control(line, end)) {
        a->refused = true;
        return;
    }
    struct w3p_span name = W3P_SPAN(line, (size_t)(colon - line)), value = trim(colon + 1, end);
    if (eq_nocase(name, "Upgrade"))
        a->upgrade = eq_nocase(value, "websocket");
    else if (eq_nocase(name, "Connection"))
        a->connection = a->connection || has_token(value, "upgrade");
    else if (eq_nocase(name, "Sec-WebSocket-Accept"))
        a->accept = ++a->accepts == 1 && w3p_span_eq_str(value, accept);
    else if (eq_nocase(name, "Sec-WebSocket-Extensions") || eq_nocase(name, "Sec-WebSocket-Protocol"))
        a->refused = a->refused || value.len > 0; // we offered none
}

static int check_answer(struct w3p_net *net, struct w3p_errmsg *msg, struct w3p_span head, const char *accept)
{
    // the buffer ends with a NUL
    const char *status = w3p_span_has_prefix(head, "HTTP/1.1 ") ? (const char *)head.ptr + 9 : "";
    if (strspn(status, "0123456789") != 3 || (status[3] != ' ' && status[3] != '\r'))
        return w3p_fail(msg, W3P_E_PROTOCOL, "%s: does not speak HTTP", net->host);
    if (strncmp(status, "101", 3) != 0)
        return w3p_fail(msg, W3P_E_PROTOCOL, "%s: refuses the WebSocket upgrade with HTTP status %.3s", net->host,
                        status);
    struct answer a = {0};
    const uint8_t *line = head.ptr, *end = head.ptr + head.len - 2; // in front of the empty line
    for (const uint8_t *stop; line < end; line = stop + 2) {
        stop = memmem(line, (size_t)(end - line), "\r\n", 2);
        if (line == head.ptr)
            a.refused = has_control(line, stop); // a lone newline would be a second line to others
        else
            take_line(&a, line, stop, accept);
    }
    if (!a.upgrade || !a.connection || !a.accept || a.refused)
        return w3p_fail(msg, W3P_E_PROTOCOL, "%s: the WebSocket handshake is wrong", net->host);
    return W3P_OK;
}

int w3p_net_ws_handshake(struct w3p_net *net, struct w3p_errmsg *msg, struct w3p_buf *rest, int64_t deadline_ms)
{
    struct w3p_buf request, accept, in;
    uint8_t nonce16[16], digest20[20];
    size_t head_len = 0;

    w3p_buf_init(&request, W3P_NET_HEAD_MAX);
    w3p_buf_init(&accept, 256);
    w3p_buf_init(&in, W3P_NET_HEAD_MAX);
    w3p_random(nonce16, sizeof(nonce16));
    w3p_base64_encode(&accept, nonce16, sizeof(nonce16), W3P_BASE64_STD, W3P_BASE64_PADDED);
    w3p_buf_printf(&request,
                   "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n",
                   net->path, net->host, w3p_buf_str(&accept));
    w3p_buf_put_str(&accept, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    w3p_sha1(digest20, accept.ptr, accept.len);
    w3p_buf_reset(&accept);
    w3p_base64_encode(&accept, digest20, sizeof(digest20), W3P_BASE64_STD, W3P_BASE64_PADDED);

    int err = w3p_buf_status(&request);
    if (err == W3P_OK)
        err = send_all(net, msg, &request, deadline_ms);
    if (err == W3P_OK)
        err = recv_head(net, msg, &in, &head_len, deadline_ms);
    if (err == W3P_OK)
        err = check_answer(net, msg, W3P_SPAN(in.ptr, head_len), w3p_buf_str(&accept));
    if (err == W3P_OK) {
        w3p_buf_put(rest, in.ptr + head_len, in.len - head_len);
        err = w3p_buf_status(rest);
    }
    w3p_buf_deinit(&request);
    w3p_buf_deinit(&accept);
    w3p_buf_deinit(&in);
    return err;
}
