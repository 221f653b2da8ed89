// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the guards in front of h2o 2.2.5: requests that its parsers let through, connections that open and abort
// streams without end, peers that neither send nor read.  Source: RFC 9112, RFC 9113, h2o 2.2.5.
#include "http/http_h2o.h"

#include <strings.h>

#include "base/clock.h"
#include "http/route.h"

static bool target_ok(h2o_iovec_t path)
{
    if (path.len == 0 || path.base[0] != '/')
        return false;
    unsigned bad = 0; // without a branch, so that the compiler takes many bytes at once
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.base[i];
        bad |= (unsigned)(c <= ' ') | (unsigned)(c >= 0x7f);
    }
    return bad == 0;
}

static bool name_is(const char *line, size_t len, const char *name, size_t name_len)
{
    return len > name_len && line[name_len] == ':' && strncasecmp(line, name, name_len) == 0;
}

// h2o decides silently between two lengths of a body and hides both from handlers; a proxy in front may decide the
// other way. The head still stands undisturbed in the socket's buffer while an HTTP/1 request is handled.
// h2o takes chunk sizes that others refuse ("0x10" as the last one), so what stands behind a body in chunks is never
// read as a request: the connection ends with it.
static bool framing_ambiguous(h2o_req_t *req)
{
    h2o_socket_t *sock = req->conn->callbacks->get_socket(req->conn);
    if (req->version >= 0x200 || req->entity.base == NULL || sock == NULL)
        return false;
    const char *at = sock->input->bytes, *end = at + sock->input->size;
    unsigned framings = 0;
    bool seen_line = false;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (newline == NULL)
            break;
        size_t len = (size_t)(newline - at);
        if (len == 0 || (len == 1 && at[0] == '\r')) {
            if (seen_line)
                break;
        } else {
            seen_line = true;
            bool coded = name_is(at, len, H2O_STRLIT("transfer-encoding"));
            if (coded)
                req->http1_is_persistent = 0;
            if (coded || name_is(at, len, H2O_STRLIT("content-length")))
                framings++;
        }
        at = newline + 1;
    }
    return framings > 1;
}

// A proxy that passes "Upgrade: h2c" on tunnels from then on whatever its client writes: nobody in there names a client
// but the client itself. Only an upgrade brings this header to a request of HTTP/2.
static void distrust_tunnel(h2o_req_t *req)
{
    if (req->version >= 0x200 && h2o_find_header(&req->headers, H2O_TOKEN_HTTP2_SETTINGS, -1) != -1)
        w3p_conn_of(req)->trusted = false;
}

static int refuse(const char **reason, const char **details, int status, const char *why, const char *text)
{
    *reason = why;
    *details = text;
    return status;
}

int w3p_guard_request(const char **reason, const char **details, h2o_req_t *req)
{
    distrust_tunnel(req);
    if (req->headers.size > W3P_HTTP_HEADERS_MAX)
        return refuse(reason, details, 431, "TOO_MANY_HEADERS", "the request has more than 100 header fields");
    for (size_t i = 0; i < req->headers.size; i++) {
        if (req->headers.entries[i].name->len == 0)
            return refuse(reason, details, 400, "BAD_REQUEST", "header fields must not be folded over several lines");
    }
    if (!w3p_method_is_token(W3P_SPAN(req->method.base, req->method.len)))
        return refuse(reason, details, 400, "BAD_REQUEST", "the method is not a token");
    if (!target_ok(req->input.path))
        return refuse(reason, details, 400, "BAD_REQUEST", "the target must be a path that starts with '/'");
    if (framing_ambiguous(req))
        return refuse(reason, details, 400, "BAD_REQUEST", "the request states the length of its body more than once");
    return 0;
}

void w3p_guard_finished(struct w3p_conn *conn, const h2o_req_t *req)
{
    conn->started++;
    if (req->res.status == 0 || req->timestamps.response_end_at.tv_sec == 0)
        conn->aborted++;
    if (!conn->doomed && conn->aborted > W3P_HTTP_ABORTS_MIN && conn->aborted * 2 > conn->started) {
        conn->doomed = true;
        w3p_conn_shut(conn);
    }
}

static bool older(const struct timeval *now, const struct timeval *then, uint64_t limit_ms)
{
    int64_t age_ms = (int64_t)(now->tv_sec - then->tv_sec) * 1000 + (now->tv_usec - then->tv_usec) / 1000;
    return then->tv_sec != 0 && age_ms > (int64_t)limit_ms;
}

// A request that does not finish arriving (h2o knows no time limit for those of h2) or whose answer nobody reads.
static int sweep_request(h2o_req_t *req, void *arg)
{
    const struct timeval *now = arg;
    h2o_socket_t *sock = req->conn->callbacks->get_socket(req->conn);
    if (sock == NULL) // h2c: the answer to its upgrade is still being written
        return 0;
    struct w3p_conn *conn = sock->on_close.data;
    const struct w3p_http_settings *settings = conn->loop->server->conf.settings;
    bool arriving = w3p_call_of(req) == NULL, leaving = req->timestamps.response_end_at.tv_sec == 0;
    if ((arriving && older(now, &req->timestamps.request_begin_at, settings->request_timeout_ms)) ||
        (leaving && older(now, &req->timestamps.response_start_at, settings->idle_timeout_ms)))
        w3p_conn_shut(conn);
    return 0;
}

// What is written beside answers: the 101 of an upgrade, messages of a WebSocket.
static void sweep_conn(struct w3p_conn *conn, int64_t now_ms)
{
    if (conn->in_work > 0 || !h2o_socket_is_writing(conn->sock))
        conn->writing_since_ms = 0;
    else if (conn->writing_since_ms == 0)
        conn->writing_since_ms = now_ms;
    else if (now_ms - conn->writing_since_ms > (int64_t)conn->loop->server->conf.settings->idle_timeout_ms)
        w3p_conn_shut(conn);
}

void w3p_guard_sweep(struct w3p_loop *loop)
{
    struct timeval now = *h2o_get_timestamp(&loop->ctx, NULL, NULL);
    int64_t now_ms = w3p_clock_mono_ms();
    const h2o_globalconf_t *conf = &loop->server->globalconf;
    conf->http1.callbacks.foreach_request(&loop->ctx, sweep_request, &now);
    conf->http2.callbacks.foreach_request(&loop->ctx, sweep_request, &now);
    for (struct w3p_conn *conn = loop->conns; conn != NULL; conn = conn->next)
        sweep_conn(conn, now_ms);
}
