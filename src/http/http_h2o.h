// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the h2o files of this folder share: the loop threads, their connections, the call behind http.h.
// Threads: a loop and everything in it belong to its thread, but for what is marked otherwise.
// Must not: be included outside src/http.  Source: h2o 2.2.5, as Debian 12 has it.
#ifndef W3P_HTTP_H2O_H
#define W3P_HTTP_H2O_H

#include <h2o.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/log.h"
#include "http/http.h"
#include "http/listen.h"
#include "http/listen_unix.h"
#include "http/peer.h"

#define W3P_HTTP_ENTITY_MAX 1048576  // hard limit; above it 413 before the body has come (h2: the stream is refused)
#define W3P_HTTP_HEADERS_MAX 100     // h2 has no limit of its own
#define W3P_HTTP_STREAMS_MAX 32      // of one h2 connection, in work at once
#define W3P_HTTP_ASYNC_MAX 1024      // calls of one loop that wait for another thread
#define W3P_HTTP_ABORTS_MIN 100      // aborted requests of a connection before its habits are looked at
#define W3P_HTTP_LOOPS_MAX 64        // threads
#define W3P_HTTP_IDENTITY_MAX 80     // bytes of the identity in the access log
#define W3P_HTTP_TRACE_MAX 9         // of what stands there for a refused credential
#define W3P_HTTP_ACCEPT_BATCH 16     // connections taken before other events get their turn
#define W3P_HTTP_TELL_MS 60000       // between two log lines about refused connections
#define W3P_HTTP_LINGER_MS 2000      // after drain_timeout_ms: for closing what did not end by itself
#define W3P_HTTP_ACCEPT_PAUSE_MS 100 // when descriptors have run out

struct w3p_conn { // on_close.data of the socket
    struct w3p_conn *prev, *next;
    struct w3p_loop *loop;
    h2o_socket_t *sock;
    unsigned in_work; // requests between dispatch and log
    uint64_t started, aborted;
    int64_t writing_since_ms; // with nothing in work; 0: it is not
    bool is_h2, doomed;
    bool has_peer, trusted, counted; // has an address; may name its client; is in server->peer_counts
    struct w3p_peer peer;
    char peer_text[W3P_PEER_TEXT_MAX]; // for the access log, from its first line on
    SSL_CTX *tls; // a reference of its own: h2o keeps the pointer without one until the first bytes come
};

// For servers that need more than a route table (the devnet). All optional; called on the loop thread.
struct w3p_server_hooks {
    void *arg;
    size_t entity_max_bytes; // 0: W3P_HTTP_ENTITY_MAX
    void (*loop_started)(void *arg, struct w3p_loop *loop);
    void (*loop_draining)(void *arg, struct w3p_loop *loop);
    void (*loop_ended)(void *arg, struct w3p_loop *loop);
};

struct w3p_listener {
    h2o_socket_t *sock;
    struct w3p_loop *loop;
    h2o_accept_ctx_t *accept_ctx; // of the loop: plain or TLS
};

enum w3p_loop_state { W3P_LOOP_STARTING, W3P_LOOP_RUNNING, W3P_LOOP_FAILED };

struct w3p_loop {
    struct w3p_server *server;
    pthread_t thread;
    bool thread_started;
    enum w3p_loop_state state; // under server->mutex
    h2o_evloop_t *evloop;
    h2o_context_t ctx;
    h2o_accept_ctx_t accept_ctx, tls_accept_ctx;
    uint64_t tls_serial;           // the server's that tls_accept_ctx has; written under server->mutex
    h2o_multithread_receiver_t rx; // any thread sends
    struct w3p_listener listeners[W3P_LISTEN_MAX];
    int fds[W3P_LISTEN_MAX];
    h2o_timeout_t sweep_timeout, pause_timeout;
    h2o_timeout_entry_t sweep_entry, pause_entry;
    h2o_timeout_t tidy_timeout;
    h2o_timeout_entry_t tidy_entry;
    struct w3p_log_batch access_lines;
    struct w3p_conn *conns;
    size_t conn_count;
    size_t async_count;       // begun and not yet delivered
    _Atomic unsigned senders; // threads inside w3p_loop_send: the queue must not go yet
    bool draining;
    uint64_t id_seed, id_next;
    void *thread_data;
};

struct w3p_server {
    struct w3p_server_conf conf;
    struct w3p_server_hooks hooks;
    h2o_globalconf_t globalconf;
    bool globalconf_ready;
    struct w3p_loop *loops;
    size_t loop_count;
    struct w3p_listen listen;
    size_t plain_count;             // listeners before the TLS ones
    struct w3p_unix_file unix_file; // conf.unix_path
    SSL_CTX *tls;                   // for loops that have not taken it yet, under mutex; NULL: no TLS
    _Atomic uint64_t tls_serial;
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    _Atomic int stopping;
    _Atomic size_t conn_count;
    struct w3p_limiter *limiters[W3P_BUDGET_COUNT]; // NULL: no limit
    struct w3p_peer_nets trusted, uncounted;
    struct w3p_peer_counts *peer_counts; // NULL: no limit
    _Atomic int64_t refusals_told_ms;    // W3P_HTTP_TELL_MS
    _Atomic uint64_t refusals;           // since then
    _Atomic bool proxy_told;
    size_t conn_max; // http.max_connections, or what the descriptors permit
};

enum w3p_call_state { W3P_CALL_NEW, W3P_CALL_WAITING, W3P_CALL_ANSWERED };

struct w3p_call {
    h2o_req_t *req;
    struct w3p_loop *loop;
    struct w3p_request request;
    enum w3p_call_state state;
    bool is_head;
    enum w3p_budget budget; // of the route
    char id[17];
    char identity[W3P_HTTP_IDENTITY_MAX];
    char credential[W3P_HTTP_TRACE_MAX];
    const char *reason;
    uint64_t start_ns;
};

// server.c. hooks may be NULL.
int w3p_server_start_with(struct w3p_server **out, struct w3p_errmsg *msg, const struct w3p_server_conf *conf,
                          const struct w3p_server_hooks *hooks) W3P_NODISCARD;

// loop.c
void *w3p_loop_main(void *loop); // of its thread
struct w3p_conn *w3p_conn_of(const h2o_req_t *req);
void w3p_conn_shut(struct w3p_conn *conn); // the loop reads the end and closes as usual

// budget.c
int w3p_budgets_nets(struct w3p_peer_nets *trusted, struct w3p_peer_nets *uncounted, struct w3p_errmsg *msg,
                     const struct w3p_http_settings *settings) W3P_NODISCARD;
int w3p_budgets_open(struct w3p_server *server, struct w3p_errmsg *msg) W3P_NODISCARD; // conn_max is known
void w3p_budgets_close(struct w3p_server *server);
bool w3p_call_charge_peer(struct w3p_call *call) W3P_NODISCARD; // false: 429 is answered
// Text of the client that a trusted proxy speaks for; false: there is none.
bool w3p_call_client(char out[W3P_PEER_TEXT_MAX], const struct w3p_call *call);

// reply.c. Any thread; message NULL: wakes the loop. Nothing of the loop is touched behind it.
void w3p_loop_send(struct w3p_loop *loop, h2o_multithread_message_t *message);
// Makes an answer of h2o's own one of the API's: status as it is, headers and body ours (in the request's pool).
h2o_iovec_t w3p_reply_reshape(struct w3p_call *call);

// tidy.c: what may wait for W3P_HTTP_TIDY_MS
void w3p_tidy_init(struct w3p_loop *loop);
void w3p_tidy_soon(struct w3p_loop *loop);
void w3p_tidy_now(struct w3p_loop *loop);
void w3p_tidy_dispose(struct w3p_loop *loop); // before the thread's data goes

// tls.c
int w3p_tls_context(SSL_CTX **out, struct w3p_errmsg *msg, const struct w3p_http_settings *settings) W3P_NODISCARD;
bool w3p_tls_valid_now(const SSL_CTX *ctx);
void w3p_tls_log(const SSL_CTX *ctx, const char *what); // one line: serial and end of the certificate

// dispatch.c
int w3p_dispatch(h2o_handler_t *handler, h2o_req_t *req);
// Filter for what h2o refuses before there is a handler: a body too long, broken chunks, unknown expectations.
void w3p_dispatch_refused(h2o_filter_t *filter, h2o_req_t *req, h2o_ostream_t **slot);
struct w3p_call *w3p_call_of(h2o_req_t *req); // NULL: h2o answered by itself

// reply.c: the receiver of w3p_async_send
void w3p_async_deliver(h2o_multithread_receiver_t *rx, h2o_linklist_t *messages);

// access_log.c: fires once for each request, also for aborted ones
void w3p_access_log(h2o_logger_t *logger, h2o_req_t *req);

// guard.c
// Reason and sentence when the request must not reach a handler, else 0.
int w3p_guard_request(const char **reason, const char **details, h2o_req_t *req);
void w3p_guard_finished(struct w3p_conn *conn, const h2o_req_t *req); // abort budget
void w3p_guard_sweep(struct w3p_loop *loop);                          // peers that neither send nor read

// cors.c
void w3p_cors_headers(h2o_req_t *req);                      // on every reply
void w3p_cors_preflight(h2o_req_t *req, const char *allow); // beside them, on OPTIONS

#endif
