// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: messages to one JSON-RPC endpoint over http(s):// (POST) or ws(s):// (libcurl CONNECT_ONLY and wslay).
// Knows nothing of JSON. Every reply is bounded in bytes and time; redirects are never followed.
// Threads: one thread per connection; w3p_net_interrupt from any thread.  Ownership: the caller destroys.
#ifndef W3P_NET_NET_H
#define W3P_NET_NET_H

#include "base/bytes.h"

struct w3p_net;

struct w3p_net_conf {
    const char *url;        // http://, https://, ws://, wss://
    size_t reply_max_bytes; // a longer message ends the connection with W3P_E_LIMIT
    unsigned connect_timeout_ms;
    unsigned reply_timeout_ms; // from the end of sending to the whole message
};

// Checks the URL only; connects on the first send. W3P_E_INVALID for other schemes, credentials in it, no host.
int w3p_net_create(struct w3p_net **out, struct w3p_errmsg *msg, const struct w3p_net_conf *conf) W3P_NODISCARD;
void w3p_net_destroy(struct w3p_net *net);

// Sends one message. HTTP: performs the whole POST and keeps its answer for w3p_net_recv. WebSocket: connects and
// upgrades when needed, sends a text frame. W3P_E_UNREACHABLE, W3P_E_TIMEOUT, W3P_E_PROTOCOL, W3P_E_CLOSED …
// After W3P_E_UNREACHABLE the peer has seen nothing; after any other failure it may have seen the message.
int w3p_net_send(struct w3p_net *net, struct w3p_errmsg *msg, const char *text, size_t len) W3P_NODISCARD;
// Receives the next message. WebSocket: pings are answered, fragments joined; other messages (notifications) come in
// order, so a caller that waits for an id calls again. timeout_ms 0: the configured one.
int w3p_net_recv(struct w3p_net *net, struct w3p_errmsg *msg, struct w3p_buf *out, unsigned timeout_ms) W3P_NODISCARD;
// Drops the connection; the next send makes a new one.
void w3p_net_reset(struct w3p_net *net);
// Makes running and future calls of this connection end with W3P_E_CLOSED within 200 ms. For shutdown.
void w3p_net_interrupt(struct w3p_net *net);

// "example.org:9944": for logs and messages, since the path of an endpoint may hold an API key.
const char *w3p_net_host(const struct w3p_net *net);
// Overwrites every part of the URL's path and query that stands in the text and is long enough to be a key.
void w3p_net_redact(const struct w3p_net *net, char *text);

// One request to an HTTP server, and its answer. Redirects are not followed: nothing is sent to another host than that
// of the URL (but to a proxy of the environment, and for loopback not even that).
struct w3p_net_web {
    const char *url;           // http:// or https://, whole
    const char *method;        // "GET", "POST"
    const char *body;          // JSON, NULL: none
    const char *authorization; // value of that header, NULL: none
    const char *origin;        // likewise
    size_t reply_max_bytes;
    unsigned connect_timeout_ms, reply_timeout_ms;
};
// The whole answer goes to *reply, whatever its status. Errors as of w3p_net_create and w3p_net_send; W3P_E_INVALID
// also for a line end in a header.
int w3p_net_web_call(struct w3p_errmsg *msg, int *status, struct w3p_buf *reply,
                     const struct w3p_net_web *ask) W3P_NODISCARD;

// One HTTP/1.1 request over a UNIX socket of this machine, and its answer. The file must be a socket of this user or of
// root (root takes any), and no link.
#define W3P_NET_LOCAL_TARGET_MAX 1024
struct w3p_net_local {
    const char *socket_path;
    const char *method, *target; // "GET", "/orders?failed=1"
    const char *body;            // JSON, NULL: none
    unsigned timeout_ms;         // for all of it
};
// The whole answer goes to *reply, whatever its status. W3P_E_NOTFOUND: no such file, W3P_E_UNREACHABLE: nobody listens
// there, W3P_E_INVALID and W3P_E_FORBIDDEN: not a socket that may be trusted, W3P_E_TIMEOUT, W3P_E_LIMIT …
int w3p_net_local_call(struct w3p_errmsg *msg, int *status, struct w3p_buf *reply,
                       const struct w3p_net_local *ask) W3P_NODISCARD;

// Once per process, before threads.
void w3p_net_global_init(void);

#endif
