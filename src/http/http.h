// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the only face that h2o has for the rest of w3pin: requests, replies, routes, server.
// Threads: handlers run on a loop thread and never block; w3p_async_send from any thread.
// Ownership: a call and all its spans live until the handler replied, or returned without w3p_async_begin.
// Must not: know pins, tokens or chains. Files that include h2o.h stay in this folder and include http_h2o.h.
#ifndef W3P_HTTP_HTTP_H
#define W3P_HTTP_HTTP_H

#include "base/bytes.h"
#include "base/conf.h"
#include "http/limit.h"

struct w3p_call; // one request, h2o inside
struct w3p_server;

// Parts of the request, borrowed from it.
struct w3p_request {
    struct w3p_span method; // "GET" …
    struct w3p_span path;   // normalized: percent-decoded, no dot segments, no query
    struct w3p_span query;  // raw, without '?'
    struct w3p_span body;
    struct w3p_span authorization; // first one; see authorization_count
    unsigned authorization_count;
    struct w3p_span content_type, origin, if_none_match;
    struct w3p_span idempotency_key; // first one; see idempotency_key_count
    unsigned idempotency_key_count;
    struct w3p_span param; // what {…} of the route matched
    unsigned scope;        // of the route
    void *thread_data;     // what thread_init of the server made for this loop thread
    void *app;
};
const struct w3p_request *w3p_call_request(const struct w3p_call *call);
// Memory that lives as long as the call.
void *w3p_call_alloc(struct w3p_call *call, size_t len);
// For the access log: who it was (identity text, copied) and why a credential was refused (static string).
void w3p_call_note_identity(struct w3p_call *call, const char *identity);
void w3p_call_note_reason(struct w3p_call *call, const char *reason);
// Eight hex digits that stand for a credential that was refused (w3p_auth_trace); never the credential. Copied.
void w3p_call_note_credential(struct w3p_call *call, const char *trace);
// The address of the client, or of the one that a trusted proxy names; IPv4 as ::ffff:a.b.c.d. False: a UNIX socket.
bool w3p_call_client_addr(uint8_t addr16[16], const struct w3p_call *call);
void w3p_call_add_header(struct w3p_call *call, const char *name, const char *value); // copied

// Budgets of requests; the first three belong to accounts, the others to peers. Each answer that is counted says in
// X-RateLimit-Limit, -Remaining and -Reset (epoch seconds: when all of it is there again) what is left.
enum w3p_budget {
    W3P_BUDGET_NONE,   // health probes: they cost as little as a refusal
    W3P_BUDGET_POLL,   // one pin
    W3P_BUDGET_LIST,   // lists and sums
    W3P_BUDGET_WRITE,  // changes
    W3P_BUDGET_PUBLIC, // what everybody may ask; the peer is charged before the handler is called
    W3P_BUDGET_FAILED, // failed sign-ins
    W3P_BUDGET_VERIFY, // credentials to be verified, of all peers together
    W3P_BUDGET_COUNT
};
// Takes the request out of its route's budget. False: there is nothing left, 429 is answered.
bool w3p_call_charge_account(struct w3p_call *call, const char *account) W3P_NODISCARD;
// Before a credential is verified: may this peer fail once more? False: 429 is answered.
bool w3p_call_may_fail(struct w3p_call *call) W3P_NODISCARD;
// Counts a failed sign-in, before its answer. False: it was one too many, 429 is answered.
bool w3p_call_charge_failure(struct w3p_call *call) W3P_NODISCARD;
// Before a signature is looked at, and after w3p_call_may_fail: have all peers together not asked for too many?
// False: 429 is answered.
bool w3p_call_charge_verify(struct w3p_call *call) W3P_NODISCARD;

// Exactly one reply a call. Bodies are copied.
void w3p_reply_json(struct w3p_call *call, int status, const char *body, size_t len);
void w3p_reply_empty(struct w3p_call *call, int status);
// 200 with what was written, or 500 when that did not fit. Frees the buf.
void w3p_reply_buf(struct w3p_call *call, struct w3p_buf *body);
// {"error":{"reason":reason,"details":text}}; reason NULL: the usual one of that status.
void w3p_reply_error(struct w3p_call *call, int status, const char *reason, const char *fmt, ...) W3P_PRINTF(4, 5);

// Answer later, from another thread: begin on the loop thread, then exactly one send. The request may be gone by then.
// NULL: too many calls of this loop are waiting, 503 has been answered.
struct w3p_async;
struct w3p_async *w3p_async_begin(struct w3p_call *call);
// Before the send: as w3p_call_note_reason and w3p_call_note_credential. trace NULL: there was no credential.
void w3p_async_note_refused(struct w3p_async *async, const char *reason, const char *trace);
// body: malloc'ed JSON, taken over (NULL: none).
void w3p_async_send(struct w3p_async *async, int status, char *body, size_t len);
// The body of w3p_reply_error as malloc'ed text, for w3p_async_send.
char *w3p_error_body(size_t *len, int status, const char *reason, const char *fmt, ...) W3P_PRINTF(4, 5);

// What a route wants of a credential: bits of auth/scope.h, or one of these. 0 means that nobody said, so that nobody
// is let in.
#define W3P_ROUTE_PUBLIC 0x10000u // none: everybody may ask
#define W3P_ROUTE_ANY 0x20000u    // one that is good, whatever it permits

typedef void (*w3p_handler)(struct w3p_call *call, const struct w3p_request *req);
// The whole surface of the server is a table of these; methods that a path does not list get 405 with Allow, unknown
// paths 404, OPTIONS the preflight answer (before any authentication), HEAD what GET says without a body.
struct w3p_route {
    const char *method;
    const char *path; // "/psa/pins" or "/psa/pins/{requestid}"; one segment in braces at most, the last
    w3p_handler handler;
    size_t body_max_bytes; // soft limit: above it JSON 413. 0: no body accepted
    enum w3p_budget budget;
    unsigned scope; // see above; a guard in front of the handlers reads it, the server itself does not
};

struct w3p_http_settings {
    char *listen;             // see w3p_listen_parse; empty with tls_listen: TLS only
    char *tls_listen;         // the same with TLS (h2 and HTTP/1.1 by ALPN); NULL or empty: none
    char *tls_cert, *tls_key; // PEM files: certificate chain, private key
    uint64_t threads;         // 0: one per core
    uint64_t request_timeout_ms, idle_timeout_ms, drain_timeout_ms;
    uint64_t max_connections;
    uint64_t connections_per_peer;              // 0: no limit
    char *connections_exempt, *trusted_proxies; // networks, comma-separated; NULL or empty: none
    bool http2;
    bool access_log;
};
extern const struct w3p_conf_key w3p_http_conf_keys[];

struct w3p_limit_settings {
    struct w3p_limit_rate budgets[W3P_BUDGET_COUNT]; // per_s 0: no limit
};
extern const struct w3p_conf_key w3p_limit_conf_keys[];

#define W3P_HTTP_TIDY_MS 100
struct w3p_server_conf {
    const struct w3p_http_settings *settings; // while the server lives
    const struct w3p_limit_settings *limits;  // read at start; NULL: nothing is limited
    const char *unix_path;                    // a UNIX socket for its owner alone, instead of all addresses; NULL: none
    const struct w3p_route *routes;           // ends with a NULL method
    void *app;
    void *(*thread_init)(void *app); // on each loop thread before it accepts; NULL result: start fails
    void (*thread_deinit)(void *app, void *thread_data);
    // May be NULL: within W3P_HTTP_TIDY_MS of every request, so that the thread may keep something until then.
    void (*thread_tidy)(void *app, void *thread_data);
};
// What w3p_server_start would refuse for the settings alone: addresses, networks, certificate, key. Binds nothing.
// W3P_E_STATE: it would start, but the certificate is not valid today.
int w3p_server_check(struct w3p_errmsg *msg, const struct w3p_http_settings *settings) W3P_NODISCARD;
// Binds, starts the loop threads. W3P_E_IO with a sentence when an address cannot be bound.
int w3p_server_start(struct w3p_server **out, struct w3p_errmsg *msg, const struct w3p_server_conf *conf) W3P_NODISCARD;
// Port that was bound (for ":0"): of the first address of listen, of tls_listen; 0 without one.
uint16_t w3p_server_port(const struct w3p_server *server);
uint16_t w3p_server_tls_port(const struct w3p_server *server);
// Each address as it was bound: "http://127.0.0.1:3000", "https://[::1]:3001" …; false past the last one.
#define W3P_SERVER_URL_MAX 176
bool w3p_server_url(char out[W3P_SERVER_URL_MAX], const struct w3p_server *server, size_t index);
// Reads the certificate and its key again. From the return on every new connection gets them; those that are open, or
// in their handshake, keep what they began with. On any failure nothing changes. W3P_E_NOTFOUND: the server has no TLS.
// By the thread that starts and stops the server.
int w3p_server_reload(struct w3p_server *server, struct w3p_errmsg *msg) W3P_NODISCARD;
// Graceful: closes listeners, answers what is in flight (at most drain_timeout_ms), joins the threads.
void w3p_server_stop(struct w3p_server *server);

#endif
