// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: messages over a WebSocket: libcurl makes the (TLS) connection, wslay the frames. Messages, fragments and
// control frames are bounded; received messages wait in a short queue.
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

#include "base/clock.h"
#include "crypto/hash.h"
#include "net/net_internal.h"

#define CONTROL_QUEUE_MAX 256 // frames that wait to be sent: a peer that floods pings is cut off
#define FRAMES_MAX 65536      // without a whole message: each fragment costs more memory than its bytes

struct message {
    struct message *next;
    size_t len;
    uint8_t bytes[];
};

struct w3p_net_ws {
    struct w3p_net *net;
    wslay_event_context_ptr ctx;
    struct w3p_buf rest; // bytes that came with the handshake
    size_t rest_pos;
    struct message *first, **last;
    size_t frames;       // since the last whole message
    int64_t deadline_ms; // of the call that is going on
    bool eof;
};

static bool flooded(const struct w3p_net_ws *ws)
{
    return ws->frames > FRAMES_MAX || wslay_event_get_queued_msg_count(ws->ctx) > CONTROL_QUEUE_MAX;
}

// wslay reads on for as long as there are bytes, and some peers never stop.
static bool read_enough(const struct w3p_net_ws *ws)
{
    return ws->first != NULL || flooded(ws) || w3p_net_interrupted(ws->net) || w3p_clock_mono_ms() >= ws->deadline_ms;
}

static ssize_t on_recv(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags, void *user)
{
    struct w3p_net_ws *ws = user;
    (void)flags;
    if (read_enough(ws)) { // one message at a time: what follows waits in the socket
        wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    if (ws->rest_pos < ws->rest.len) {
        size_t n = ws->rest.len - ws->rest_pos < len ? ws->rest.len - ws->rest_pos : len;
        memcpy(buf, ws->rest.ptr + ws->rest_pos, n);
        ws->rest_pos += n;
        return (ssize_t)n;
    }
    size_t n = 0;
    CURLcode code = curl_easy_recv(ws->net->easy, buf, len, &n);
    if (code == CURLE_OK && n > 0)
        return (ssize_t)n;
    ws->eof = ws->eof || code != CURLE_AGAIN;
    wslay_event_set_error(ctx, code == CURLE_AGAIN ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static ssize_t on_send(wslay_event_context_ptr ctx, const uint8_t *data, size_t len, int flags, void *user)
{
    struct w3p_net_ws *ws = user;
    size_t n = 0;
    (void)flags;
    CURLcode code = curl_easy_send(ws->net->easy, data, len, &n);
    if (code == CURLE_OK && n > 0)
        return (ssize_t)n;
    bool again = code == CURLE_OK || code == CURLE_AGAIN;
    ws->eof = ws->eof || !again;
    wslay_event_set_error(ctx, again ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static int on_mask(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, void *user)
{
    (void)ctx;
    (void)user;
    w3p_random(buf, len);
    return 0;
}

static void on_frame(wslay_event_context_ptr ctx, const struct wslay_event_on_frame_recv_start_arg *arg, void *user)
{
    struct w3p_net_ws *ws = user;
    (void)ctx;
    (void)arg;
    ws->frames++;
}

static void on_message(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *arg, void *user)
{
    struct w3p_net_ws *ws = user;
    (void)ctx;
    if (wslay_is_ctrl_frame(arg->opcode))
        return;
    struct message *m = w3p_calloc(1, sizeof(*m) + arg->msg_length + 1);
    m->len = arg->msg_length;
    if (arg->msg_length > 0)
        memcpy(m->bytes, arg->msg, arg->msg_length);
    *ws->last = m;
    ws->last = &m->next;
    ws->frames = 0;
}

void w3p_net_ws_drop(struct w3p_net *net)
{
    struct w3p_net_ws *ws = net->conn;
    if (ws == NULL)
        return;
    net->conn = NULL;
    while (ws->first != NULL) {
        struct message *m = ws->first;
        ws->first = m->next;
        free(m);
    }
    if (ws->ctx != NULL)
        wslay_event_context_free(ws->ctx);
    w3p_buf_deinit(&ws->rest);
    free(ws);
}

static int connect_socket(struct w3p_net *net, struct w3p_errmsg *msg)
{
    int err = w3p_net_easy_setup(net, msg);
    if (err != W3P_OK)
        return err;
    // a server that picks HTTP/2 in ALPN could not be upgraded
    if (curl_easy_setopt(net->easy, CURLOPT_CONNECT_ONLY, 1L) != CURLE_OK ||
        curl_easy_setopt(net->easy, CURLOPT_SSL_ENABLE_ALPN, 0L) != CURLE_OK ||
        curl_easy_setopt(net->easy, CURLOPT_HTTPPROXYTUNNEL, 1L) != CURLE_OK)
        return w3p_fail(msg, W3P_E_INTERNAL, "libcurl refuses an option");
    CURLcode code = CURLE_OK;
    err = w3p_net_run(net, msg, &code);
    if (err == W3P_OK && code != CURLE_OK) {
        err = w3p_net_curl_fail(net, msg, code);
        if (err != W3P_E_PROTOCOL)
            err = W3P_E_UNREACHABLE; // whatever happened, no message of ours was on the way
    }
    return err;
}

static int ws_open(struct w3p_net *net, struct w3p_errmsg *msg)
{
    w3p_net_reset(net);
    int err = connect_socket(net, msg);
    if (err != W3P_OK)
        return err;
    static const struct wslay_event_callbacks callbacks = {.recv_callback = on_recv,
                                                           .send_callback = on_send,
                                                           .genmask_callback = on_mask,
                                                           .on_frame_recv_start_callback = on_frame,
                                                           .on_msg_recv_callback = on_message};
    struct w3p_net_ws *ws = w3p_calloc(1, sizeof(*ws));
    ws->net = net;
    ws->last = &ws->first;
    w3p_buf_init(&ws->rest, W3P_NET_HEAD_MAX);
    net->conn = ws;
    err = w3p_net_ws_handshake(net, msg, &ws->rest, w3p_clock_mono_ms() + net->conf.reply_timeout_ms);
    if (err == W3P_E_TIMEOUT || (err == W3P_E_CLOSED && !w3p_net_interrupted(net)))
        err = W3P_E_UNREACHABLE; // the handshake carries no message
    if (err != W3P_OK)
        return err;
    if (wslay_event_context_client_init(&ws->ctx, &callbacks, ws) != 0)
        abort();
    wslay_event_config_set_max_recv_msg_length(ws->ctx, net->conf.reply_max_bytes);
    return W3P_OK;
}

// Moves frames both ways as far as the socket goes without waiting, and not beyond the deadline.
static int pump(struct w3p_net *net, struct w3p_errmsg *msg, int64_t deadline_ms)
{
    struct w3p_net_ws *ws = net->conn;
    int bad = 0;
    ws->deadline_ms = deadline_ms;
    if (ws->first == NULL && wslay_event_want_read(ws->ctx))
        bad = wslay_event_recv(ws->ctx);
    if (flooded(ws))
        return w3p_fail(msg, W3P_E_LIMIT, "%s: too many frames without a message", net->host);
    if (bad == 0 && wslay_event_want_write(ws->ctx))
        bad = wslay_event_send(ws->ctx);
    if (ws->first != NULL)
        return W3P_OK; // a whole message counts, whatever comes after it
    // wslay meets a message above the limit, before it takes memory for it, with a close frame
    if (wslay_event_get_close_sent(ws->ctx) && wslay_event_get_status_code_sent(ws->ctx) == WSLAY_CODE_MESSAGE_TOO_BIG)
        return w3p_fail(msg, W3P_E_LIMIT, "%s: message is longer than %zu bytes", net->host, net->conf.reply_max_bytes);
    if (wslay_event_get_close_received(ws->ctx) || ws->eof)
        return w3p_fail(msg, W3P_E_CLOSED, "%s: connection closed", net->host);
    if (bad != 0 || !wslay_event_get_read_enabled(ws->ctx))
        return w3p_fail(msg, W3P_E_PROTOCOL, "%s: broken WebSocket frame", net->host);
    return W3P_OK;
}

int w3p_net_ws_send(struct w3p_net *net, struct w3p_errmsg *msg, const char *text, size_t len)
{
    int err = W3P_OK;
    int64_t deadline = w3p_clock_mono_ms() + net->conf.reply_timeout_ms;
    // a connection that died while idle is found before anything is written to it
    if (net->conn == NULL || pump(net, NULL, deadline) != W3P_OK)
        err = ws_open(net, msg);
    if (err != W3P_OK)
        goto out;
    struct w3p_net_ws *ws = net->conn;
    struct wslay_event_msg m = {.opcode = WSLAY_TEXT_FRAME, .msg = (const uint8_t *)text, .msg_length = len};
    if (wslay_event_queue_msg(ws->ctx, &m) != 0) {
        err = w3p_fail(msg, W3P_E_CLOSED, "%s: connection closed", net->host);
        goto out;
    }
    deadline = w3p_clock_mono_ms() + net->conf.reply_timeout_ms;
    for (;;) {
        err = pump(net, msg, deadline);
        if (err != W3P_OK || !wslay_event_want_write(ws->ctx))
            break;
        err = w3p_net_ws_wait(net, msg, ws->first == NULL ? POLLIN | POLLOUT : POLLOUT, deadline);
        if (err != W3P_OK)
            break;
    }
out:
    if (err != W3P_OK)
        w3p_net_reset(net);
    return err;
}

int w3p_net_ws_recv(struct w3p_net *net, struct w3p_errmsg *msg, struct w3p_buf *out, unsigned timeout_ms)
{
    struct w3p_net_ws *ws = net->conn;
    if (ws == NULL)
        return w3p_fail(msg, W3P_E_STATE, "%s: nothing was sent", net->host);
    int64_t deadline = w3p_clock_mono_ms() + timeout_ms;
    int err = W3P_OK;
    while (ws->first == NULL) {
        err = pump(net, msg, deadline);
        if (err != W3P_OK || ws->first != NULL)
            break;
        err = w3p_net_ws_wait(net, msg, (short)(POLLIN | (wslay_event_want_write(ws->ctx) ? POLLOUT : 0)), deadline);
        if (err != W3P_OK)
            break;
    }
    if (err != W3P_OK) {
        w3p_net_reset(net);
        return err;
    }
    struct message *m = ws->first;
    w3p_buf_put(out, m->bytes, m->len);
    ws->first = m->next;
    if (ws->first == NULL)
        ws->last = &ws->first;
    free(m);
    if (w3p_buf_status(out) != W3P_OK)
        return w3p_fail(msg, W3P_E_LIMIT, "%s: message is longer than %zu bytes", net->host, out->max);
    return W3P_OK;
}
