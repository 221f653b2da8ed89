// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: one event loop and its thread: accepting, connections, the sweep, and the graceful end.
// Threads: everything here runs on the loop's thread.
#include "http/http_h2o.h"

#include <errno.h>
#include <sched.h>
#include <sys/random.h>

#include "base/clock.h"

enum { SWEEP_MS = 1000, DRAIN_STEP_MS = 10 };

struct w3p_conn *w3p_conn_of(const h2o_req_t *req)
{
    return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

void w3p_conn_shut(struct w3p_conn *conn)
{
    (void)shutdown(h2o_socket_get_fd(conn->sock), SHUT_RDWR);
}

static void on_conn_closed(void *data)
{
    struct w3p_conn *conn = data;
    struct w3p_loop *loop = conn->loop;
    if (conn->prev != NULL)
        conn->prev->next = conn->next;
    else
        loop->conns = conn->next;
    if (conn->next != NULL)
        conn->next->prev = conn->prev;
    loop->conn_count--;
    atomic_fetch_sub(&loop->server->conn_count, 1);
    if (conn->counted)
        w3p_peer_counts_leave(loop->server->peer_counts, &conn->peer);
    SSL_CTX_free(conn->tls);
    free(conn);
}

// At most one line a minute, and how many connections it stands for.
static void tell_refusal(struct w3p_server *server, const struct w3p_peer *peer)
{
    char text[W3P_PEER_TEXT_MAX];
    int64_t now_ms = w3p_clock_mono_ms(), told_ms = atomic_load(&server->refusals_told_ms);
    atomic_fetch_add(&server->refusals, 1);
    if ((told_ms != 0 && now_ms - told_ms < W3P_HTTP_TELL_MS) ||
        !atomic_compare_exchange_strong(&server->refusals_told_ms, &told_ms, now_ms))
        return;
    w3p_peer_format(text, peer);
    w3p_logf(W3P_LOG_WARN, "http.peer_full",
             "%s has http.connections_per_peer=%llu connections open, so a further one was closed; %llu in all since "
             "the last such line",
             text, (unsigned long long)server->conf.settings->connections_per_peer,
             (unsigned long long)atomic_exchange(&server->refusals, 0));
}

// Who it is, and whether he has room for one more.
static bool conn_admit(struct w3p_conn *conn)
{
    struct w3p_server *server = conn->loop->server;
    struct sockaddr_storage storage;
    struct sockaddr *addr = (struct sockaddr *)&storage;
    conn->has_peer = h2o_socket_getpeername(conn->sock, addr) > 0 && w3p_peer_of_sockaddr(&conn->peer, addr);
    conn->trusted = conn->has_peer && w3p_peer_nets_have(&server->trusted, &conn->peer);
    if (!conn->has_peer || conn->trusted || server->peer_counts == NULL ||
        w3p_peer_nets_have(&server->uncounted, &conn->peer))
        return true;
    conn->counted = w3p_peer_counts_enter(server->peer_counts, &conn->peer);
    if (!conn->counted)
        tell_refusal(server, &conn->peer);
    return conn->counted;
}

static void conn_open(struct w3p_listener *listener, h2o_socket_t *sock)
{
    struct w3p_loop *loop = listener->loop;
    struct w3p_server *server = loop->server;
    if (atomic_fetch_add(&server->conn_count, 1) >= server->conn_max) {
        atomic_fetch_sub(&server->conn_count, 1);
        h2o_socket_close(sock);
        return;
    }
    struct w3p_conn *conn = w3p_calloc(1, sizeof *conn);
    *conn = (struct w3p_conn){.next = loop->conns, .loop = loop, .sock = sock, .tls = listener->accept_ctx->ssl_ctx};
    if (!conn_admit(conn)) {
        atomic_fetch_sub(&server->conn_count, 1);
        h2o_socket_close(sock);
        free(conn);
        return;
    }
    if (conn->tls != NULL)
        SSL_CTX_up_ref(conn->tls);
    if (loop->conns != NULL)
        loop->conns->prev = conn;
    loop->conns = conn;
    loop->conn_count++;
    sock->on_close.cb = on_conn_closed;
    sock->on_close.data = conn;
    h2o_accept(listener->accept_ctx, sock);
}

static void on_accept(h2o_socket_t *listener_sock, const char *err)
{
    struct w3p_listener *listener = listener_sock->data;
    struct w3p_loop *loop = listener->loop;
    if (err != NULL)
        return;
    for (unsigned i = 0; i < W3P_HTTP_ACCEPT_BATCH; i++) {
        h2o_socket_t *sock = h2o_evloop_socket_accept(listener_sock);
        if (sock != NULL) {
            conn_open(listener, sock);
            continue;
        }
        // Without a descriptor or memory for one the listener stays readable: wait a little instead of spinning.
        if ((errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) &&
            !h2o_timeout_is_linked(&loop->pause_entry)) {
            for (size_t k = 0; k < W3P_LISTEN_MAX && loop->listeners[k].sock != NULL; k++)
                h2o_socket_read_stop(loop->listeners[k].sock);
            h2o_timeout_link(loop->evloop, &loop->pause_timeout, &loop->pause_entry);
        }
        break;
    }
}

static void on_pause_over(h2o_timeout_entry_t *entry)
{
    struct w3p_loop *loop = H2O_STRUCT_FROM_MEMBER(struct w3p_loop, pause_entry, entry);
    for (size_t k = 0; k < W3P_LISTEN_MAX && loop->listeners[k].sock != NULL; k++)
        h2o_socket_read_start(loop->listeners[k].sock, on_accept);
}

static void on_sweep(h2o_timeout_entry_t *entry)
{
    struct w3p_loop *loop = H2O_STRUCT_FROM_MEMBER(struct w3p_loop, sweep_entry, entry);
    w3p_guard_sweep(loop);
    h2o_timeout_link(loop->evloop, &loop->sweep_timeout, &loop->sweep_entry);
}

// The loop's reference to the server's newest certificate. Connections have their own.
static void take_tls(struct w3p_loop *loop)
{
    struct w3p_server *server = loop->server;
    SSL_CTX *old = loop->tls_accept_ctx.ssl_ctx;
    if (atomic_load(&server->tls_serial) == loop->tls_serial)
        return;
    pthread_mutex_lock(&server->mutex);
    SSL_CTX_up_ref(server->tls);
    loop->tls_accept_ctx.ssl_ctx = server->tls;
    loop->tls_serial = atomic_load(&server->tls_serial);
    pthread_cond_signal(&server->cond);
    pthread_mutex_unlock(&server->mutex);
    SSL_CTX_free(old);
}

static bool loop_open(struct w3p_loop *loop)
{
    struct w3p_server *server = loop->server;
    loop->evloop = h2o_evloop_create();
    h2o_context_init(&loop->ctx, loop->evloop, &server->globalconf);
    loop->accept_ctx = (h2o_accept_ctx_t){.ctx = &loop->ctx, .hosts = server->globalconf.hosts};
    loop->tls_accept_ctx = loop->accept_ctx;
    take_tls(loop);
    h2o_multithread_register_receiver(loop->ctx.queue, &loop->rx, w3p_async_deliver);
    h2o_timeout_init(loop->evloop, &loop->sweep_timeout, SWEEP_MS);
    h2o_timeout_init(loop->evloop, &loop->pause_timeout, W3P_HTTP_ACCEPT_PAUSE_MS);
    loop->sweep_entry.cb = on_sweep;
    loop->pause_entry.cb = on_pause_over;
    if (getrandom(&loop->id_seed, sizeof loop->id_seed, 0) != (ssize_t)sizeof loop->id_seed)
        loop->id_seed = w3p_clock_mono_ns();
    w3p_tidy_init(loop);
    if (server->conf.thread_init != NULL) {
        loop->thread_data = server->conf.thread_init(server->conf.app);
        if (loop->thread_data == NULL)
            return false;
    }
    h2o_timeout_link(loop->evloop, &loop->sweep_timeout, &loop->sweep_entry);
    for (size_t i = 0; i < W3P_LISTEN_MAX && loop->fds[i] >= 0; i++) {
        struct w3p_listener *listener = &loop->listeners[i];
        listener->loop = loop;
        listener->accept_ctx = i < server->plain_count ? &loop->accept_ctx : &loop->tls_accept_ctx;
        listener->sock = h2o_evloop_socket_create(loop->evloop, loop->fds[i], H2O_SOCKET_FLAG_DONT_READ);
        listener->sock->data = listener;
        loop->fds[i] = -1;
        h2o_socket_read_start(listener->sock, on_accept);
    }
    if (server->hooks.loop_started != NULL)
        server->hooks.loop_started(server->hooks.arg, loop);
    return true;
}

static void loop_close(struct w3p_loop *loop)
{
    struct w3p_server *server = loop->server;
    w3p_tidy_dispose(loop);
    if (loop->thread_data != NULL && server->conf.thread_deinit != NULL)
        server->conf.thread_deinit(server->conf.app, loop->thread_data);
    h2o_timeout_unlink(&loop->sweep_entry);
    h2o_timeout_unlink(&loop->pause_entry);
    h2o_timeout_unlink(&loop->ctx.http2._graceful_shutdown_timeout); // h2o leaves it behind and asserts that it is gone
    h2o_timeout_dispose(loop->evloop, &loop->sweep_timeout);
    h2o_timeout_dispose(loop->evloop, &loop->pause_timeout);
    h2o_multithread_unregister_receiver(loop->ctx.queue, &loop->rx);
    h2o_multithread_queue_t *queue = loop->ctx.queue;
    h2o_context_dispose(&loop->ctx);
    h2o_evloop_destroy(loop->evloop);
    if (H2O_LIBRARY_VERSION_MAJOR == 0 && H2O_LIBRARY_VERSION_MINOR == 13)
        free(queue); // this version destroys it without freeing it
    loop->evloop = NULL;
    SSL_CTX_free(loop->tls_accept_ctx.ssl_ctx);
}

static bool loop_busy(const struct w3p_loop *loop)
{
    return loop->conn_count > 0 || loop->async_count > 0;
}

// Connections that ask for nothing: h1 ones between two requests, and upgraded ones. h2 says GOAWAY by itself.
static void shut_conns(struct w3p_loop *loop, bool all)
{
    for (struct w3p_conn *conn = loop->conns; conn != NULL; conn = conn->next) {
        bool idle =
            conn->in_work == 0 && !conn->is_h2 && conn->sock->input->size == 0 && !h2o_socket_is_writing(conn->sock);
        if (all || idle)
            w3p_conn_shut(conn);
    }
}

static void run_until(struct w3p_loop *loop, int64_t deadline_ms, bool all)
{
    while (loop_busy(loop) && w3p_clock_mono_ms() < deadline_ms) {
        h2o_evloop_run(loop->evloop, DRAIN_STEP_MS); // first: what has arrived already is still answered
        shut_conns(loop, all);
    }
}

static void loop_drain(struct w3p_loop *loop)
{
    struct w3p_server *server = loop->server;
    loop->draining = true;
    for (size_t i = 0; i < W3P_LISTEN_MAX && loop->listeners[i].sock != NULL; i++) {
        on_accept(loop->listeners[i].sock, NULL); // who knocked before the end is let in
        h2o_socket_close(loop->listeners[i].sock);
        loop->listeners[i].sock = NULL;
    }
    h2o_timeout_unlink(&loop->pause_entry);
    if (server->hooks.loop_draining != NULL)
        server->hooks.loop_draining(server->hooks.arg, loop);
    h2o_context_request_shutdown(&loop->ctx);
    int64_t deadline_ms = w3p_clock_mono_ms() + (int64_t)server->conf.settings->drain_timeout_ms;
    run_until(loop, deadline_ms, false);
    run_until(loop, w3p_clock_mono_ms() + W3P_HTTP_LINGER_MS, true);
}

static void set_state(struct w3p_loop *loop, enum w3p_loop_state state)
{
    pthread_mutex_lock(&loop->server->mutex);
    loop->state = state;
    pthread_cond_signal(&loop->server->cond);
    pthread_mutex_unlock(&loop->server->mutex);
}

void *w3p_loop_main(void *arg)
{
    struct w3p_loop *loop = arg;
    struct w3p_server *server = loop->server;
    if (!loop_open(loop)) {
        loop_close(loop);
        set_state(loop, W3P_LOOP_FAILED);
        return NULL;
    }
    set_state(loop, W3P_LOOP_RUNNING);
    while (!atomic_load(&server->stopping)) {
        h2o_evloop_run(loop->evloop, SWEEP_MS);
        take_tls(loop);
    }
    loop_drain(loop);
    if (server->hooks.loop_ended != NULL)
        server->hooks.loop_ended(server->hooks.arg, loop);
    w3p_tidy_now(loop);
    // Somebody still holds a call: its answer must find the loop's queue, so the memory stays until the process ends.
    if (loop_busy(loop))
        return NULL;
    while (atomic_load(&loop->senders) > 0) // all have been delivered, but one may not be out of h2o yet
        sched_yield();
    loop_close(loop);
    return NULL;
}
