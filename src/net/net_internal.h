// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the files of src/net share: one connection, the interruptible libcurl transfer, and the two transports
// behind net.c's dispatch (net_http.c, net_ws.c).
// Must not: be included outside src/net.
#ifndef W3P_NET_NET_INTERNAL_H
#define W3P_NET_NET_INTERNAL_H

#include <curl/curl.h>
#include <stdatomic.h>

#include "net/net.h"

#define W3P_NET_SLICE_MS 100         // longest wait without a look at `interrupted`
#define W3P_NET_KEY_MIN 8            // characters of a part of a path that may be a key
#define W3P_NET_HEAD_MAX (16u << 10) // bytes of reply headers accepted

struct w3p_net_ws;

struct w3p_net {
    char *url;  // http(s):// always: ws becomes http, for libcurl
    char *host; // "example.org:9944" for the Host header and messages
    char *path; // path and query
    bool ws, loopback;
    struct w3p_net_conf conf; // conf.url is NULL; see url
    CURLM *multi;
    CURL *easy; // NULL until the first send
    bool in_multi;
    struct curl_slist *headers;
    struct w3p_buf reply; // http: the answer that waits for w3p_net_recv
    bool have_reply, too_long;
    size_t head_bytes;
    int64_t request_at_ms; // when the connection stood and the request began; 0: not yet
    char curl_error[CURL_ERROR_SIZE];
    struct w3p_net_ws *conn; // ws: the upgraded connection, NULL when there is none
    atomic_bool interrupted;
};

// Options that both transports want (timeouts, no redirects, no signals, TLS checks, proxies but not for loopback).
int w3p_net_easy_setup(struct w3p_net *net, struct w3p_errmsg *msg) W3P_NODISCARD;
// Runs the easy handle to its end, or to its limits in time or the interrupt. *code is libcurl's verdict when W3P_OK.
// The handle stays in the multi handle: a CONNECT_ONLY socket lives only as long as that.
int w3p_net_run(struct w3p_net *net, struct w3p_errmsg *msg, CURLcode *code) W3P_NODISCARD;
// The error for a failed transfer: W3P_E_UNREACHABLE only when the peer cannot have seen the request.
int w3p_net_curl_fail(struct w3p_net *net, struct w3p_errmsg *msg, CURLcode code) W3P_NODISCARD;
bool w3p_net_interrupted(const struct w3p_net *net);

int w3p_net_http_send(struct w3p_net *net, struct w3p_errmsg *msg, const char *text, size_t len) W3P_NODISCARD;
int w3p_net_http_recv(struct w3p_net *net, struct w3p_errmsg *msg, struct w3p_buf *out) W3P_NODISCARD;

int w3p_net_ws_send(struct w3p_net *net, struct w3p_errmsg *msg, const char *text, size_t len) W3P_NODISCARD;
int w3p_net_ws_recv(struct w3p_net *net, struct w3p_errmsg *msg, struct w3p_buf *out,
                    unsigned timeout_ms) W3P_NODISCARD;
void w3p_net_ws_drop(struct w3p_net *net);
// The HTTP/1.1 upgrade on a connected CONNECT_ONLY socket. Bytes behind the answer's head go to *rest.
int w3p_net_ws_handshake(struct w3p_net *net, struct w3p_errmsg *msg, struct w3p_buf *rest,
                         int64_t deadline_ms) W3P_NODISCARD;
// Waits at most one slice for the socket. events: POLLIN and POLLOUT. Fails on deadline and interrupt.
int w3p_net_ws_wait(struct w3p_net *net, struct w3p_errmsg *msg, short events, int64_t deadline_ms) W3P_NODISCARD;

#endif
