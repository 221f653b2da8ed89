// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: one JSON line a request, on stderr within W3P_HTTP_TIDY_MS. Never the Authorization header (of a refused
// one eight digits of its hash), never the query (people put secrets there), nor what may be a token in the path.
#include "http/http_h2o.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

enum { PATH_SHOWN_MAX = 512, SEGMENT_SHOWN_MAX = 64, SEGMENT_CUT = 8, METHOD_SHOWN_MAX = 32 };

static void log_text(struct w3p_log_line *line, const char *key, struct w3p_span text, size_t max)
{
    w3p_json_key(&line->json, key);
    w3p_json_str_n(&line->json, (const char *)text.ptr, text.len < max ? text.len : max);
}

// Somebody always puts a token where an id belongs. No id of any route is as long as the shortest token.
static void log_path(struct w3p_log_line *line, struct w3p_span path)
{
    char shown[PATH_SHOWN_MAX + 1 + SEGMENT_SHOWN_MAX];
    size_t len = 0;
    for (size_t at = 0, end; at < path.len && len < PATH_SHOWN_MAX; at = end) {
        end = at + 1;
        while (end < path.len && path.ptr[end] != '/')
            end++;
        bool is_long = end - at > 1 + SEGMENT_SHOWN_MAX;
        size_t take = is_long ? 1 + SEGMENT_CUT : end - at;
        memcpy(shown + len, path.ptr + at, take);
        len += take;
        if (is_long) {
            memcpy(shown + len, "...", 3);
            len += 3;
        }
    }
    log_text(line, "path", W3P_SPAN(shown, len), PATH_SHOWN_MAX);
}

// The connection's own address, in words once for all its requests; "": it has none.
static const char *peer_text(struct w3p_conn *conn, const h2o_req_t *req)
{
    struct sockaddr_storage storage;
    struct sockaddr *sa = (struct sockaddr *)&storage;
    if (conn->peer_text[0] != '\0' || req->conn->callbacks->get_peername(req->conn, sa) == 0)
        return conn->peer_text;
    if (sa->sa_family == AF_INET)
        inet_ntop(AF_INET, &((struct sockaddr_in *)&storage)->sin_addr, conn->peer_text, sizeof conn->peer_text);
    else if (sa->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&storage)->sin6_addr, conn->peer_text, sizeof conn->peer_text);
    else if (sa->sa_family == AF_UNIX)
        (void)snprintf(conn->peer_text, sizeof conn->peer_text, "unix");
    return conn->peer_text;
}

static void write_line(struct w3p_call *call, const h2o_req_t *req)
{
    struct w3p_log_line line;
    char client[W3P_PEER_TEXT_MAX];
    w3p_log_begin(&line, W3P_LOG_INFO, "http.access");
    if (!line.on)
        return;
    w3p_log_str(&line, "id", call->id);
    log_text(&line, "method", call->request.method, METHOD_SHOWN_MAX);
    log_path(&line, call->request.path);
    w3p_log_int(&line, "status", req->res.status);
    w3p_log_int(&line, "bytes", (int64_t)req->bytes_sent);
    w3p_log_int(&line, "us", (int64_t)((w3p_clock_mono_ns() - call->start_ns) / 1000));
    if (call->identity[0] != '\0')
        w3p_log_str(&line, "identity", call->identity);
    if (call->reason != NULL)
        w3p_log_str(&line, "reason", call->reason);
    if (call->credential[0] != '\0')
        w3p_log_str(&line, "credential", call->credential);
    const char *peer = peer_text(w3p_conn_of(call->req), req);
    if (peer[0] != '\0')
        w3p_log_str(&line, "peer", peer);
    if (w3p_call_client(client, call))
        w3p_log_str(&line, "client", client);
    w3p_log_str(&line, "protocol", req->version >= 0x200 ? "h2" : req->version == 0x101 ? "http/1.1" : "http/1.0");
    if (req->res.status == 0 || req->timestamps.response_end_at.tv_sec == 0)
        w3p_log_str(&line, "ended", "aborted");
    w3p_log_end_later(&line, &call->loop->access_lines);
    w3p_tidy_soon(call->loop);
}

void w3p_access_log(h2o_logger_t *logger, h2o_req_t *req)
{
    (void)logger;
    struct w3p_call *call = w3p_call_of(req);
    if (call == NULL)
        return;
    struct w3p_conn *conn = w3p_conn_of(req);
    if (call->loop->server->conf.settings->access_log)
        write_line(call, req);
    conn->in_work--;
    w3p_guard_finished(conn, req);
}
