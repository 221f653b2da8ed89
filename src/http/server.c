// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the server: one event loop a thread with listeners of its own, connections, graceful stop.
// h2o's configuration is read-only once the loops run; all else belongs to one loop.
#include "http/http_h2o.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/log.h"

enum { SWEEP_MS = 1000, DRAIN_STEP_MS = 10, FDS_OF_OTHERS = 64, FDS_OF_LOOP = 8 };

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
    free(conn);
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
    *conn = (struct w3p_conn){.next = loop->conns, .loop = loop, .sock = sock};
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

static bool loop_open(struct w3p_loop *loop)
{
    struct w3p_server *server = loop->server;
    loop->evloop = h2o_evloop_create();
    h2o_context_init(&loop->ctx, loop->evloop, &server->globalconf);
    loop->accept_ctx = (h2o_accept_ctx_t){.ctx = &loop->ctx, .hosts = server->globalconf.hosts};
    loop->tls_accept_ctx = loop->accept_ctx;
    loop->tls_accept_ctx.ssl_ctx = server->tls;
    h2o_multithread_register_receiver(loop->ctx.queue, &loop->rx, w3p_async_deliver);
    h2o_timeout_init(loop->evloop, &loop->sweep_timeout, SWEEP_MS);
    h2o_timeout_init(loop->evloop, &loop->pause_timeout, W3P_HTTP_ACCEPT_PAUSE_MS);
    loop->sweep_entry.cb = on_sweep;
    loop->pause_entry.cb = on_pause_over;
    if (getrandom(&loop->id_seed, sizeof loop->id_seed, 0) != (ssize_t)sizeof loop->id_seed)
        loop->id_seed = w3p_clock_mono_ns();
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

static void *loop_main(void *arg)
{
    struct w3p_loop *loop = arg;
    struct w3p_server *server = loop->server;
    if (!loop_open(loop)) {
        loop_close(loop);
        set_state(loop, W3P_LOOP_FAILED);
        return NULL;
    }
    set_state(loop, W3P_LOOP_RUNNING);
    while (!atomic_load(&server->stopping))
        h2o_evloop_run(loop->evloop, SWEEP_MS);
    loop_drain(loop);
    if (server->hooks.loop_ended != NULL)
        server->hooks.loop_ended(server->hooks.arg, loop);
    // Somebody still holds a call: its answer must find the loop's queue, so the memory stays until the process ends.
    if (loop_busy(loop))
        return NULL;
    while (atomic_load(&loop->senders) > 0) // all have been delivered, but one may not be out of h2o yet
        sched_yield();
    loop_close(loop);
    return NULL;
}

static int start_thread(struct w3p_loop *loop, struct w3p_errmsg *msg)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old); // signals are main's; SIGPIPE becomes EPIPE
    int err = pthread_create(&loop->thread, NULL, loop_main, loop);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (err != 0)
        return w3p_fail(msg, W3P_E_IO, "cannot start a thread: %s", strerror(err));
    loop->thread_started = true;
    pthread_mutex_lock(&loop->server->mutex);
    while (loop->state == W3P_LOOP_STARTING)
        pthread_cond_wait(&loop->server->cond, &loop->server->mutex);
    enum w3p_loop_state state = loop->state;
    pthread_mutex_unlock(&loop->server->mutex);
    if (state == W3P_LOOP_FAILED)
        return w3p_fail(msg, W3P_E_INTERNAL, "a server thread could not open what it needs");
    return W3P_OK;
}

static void configure(struct w3p_server *server)
{
    const struct w3p_http_settings *settings = server->conf.settings;
    h2o_globalconf_t *conf = &server->globalconf;
    h2o_config_init(conf);
    server->globalconf_ready = true;
    conf->server_name = h2o_iovec_init(H2O_STRLIT("w3pin"));
    conf->max_request_entity_size =
        server->hooks.entity_max_bytes != 0 ? server->hooks.entity_max_bytes : W3P_HTTP_ENTITY_MAX;
    conf->handshake_timeout = settings->request_timeout_ms;
    conf->http1.req_timeout = settings->request_timeout_ms;
    conf->http2.idle_timeout = settings->idle_timeout_ms;
    conf->http2.graceful_shutdown_timeout = settings->drain_timeout_ms;
    conf->http2.max_concurrent_requests_per_connection = W3P_HTTP_STREAMS_MAX;
    h2o_hostconf_t *host = h2o_config_register_host(conf, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    h2o_create_handler(path, sizeof(h2o_handler_t))->on_req = w3p_dispatch;
    h2o_create_logger(path, sizeof(h2o_logger_t))->log_access = w3p_access_log;
    h2o_create_filter(&host->fallback_path, sizeof(h2o_filter_t))->on_setup_ostream = w3p_dispatch_refused;
    h2o_create_logger(&host->fallback_path, sizeof(h2o_logger_t))->log_access = w3p_access_log;
}

static bool is_set(const char *text)
{
    return text != NULL && text[0] != '\0';
}

// Binds one list for every loop, behind the `first` listeners that there are already.
static int bind_list(struct w3p_server *server, struct w3p_errmsg *msg, size_t *first, uint16_t *port, const char *text)
{
    struct w3p_listen listen;
    int err = w3p_listen_parse(&listen, msg, text);
    if (err == W3P_OK && *first + listen.len > W3P_LISTEN_MAX)
        err = w3p_fail(msg, W3P_E_LIMIT, "more than %d listen addresses", W3P_LISTEN_MAX);
    for (size_t i = 0; err == W3P_OK && i < listen.len; i++) {
        for (size_t k = 0; k < server->loop_count && err == W3P_OK; k++)
            err = w3p_listen_bind(&server->loops[k].fds[*first + i], msg, &listen.addrs[i], k == 0);
    }
    if (err != W3P_OK)
        return err;
    *port = w3p_listen_port(&listen.addrs[0]);
    *first += listen.len;
    return W3P_OK;
}

static int bind_all(struct w3p_server *server, struct w3p_errmsg *msg)
{
    const struct w3p_http_settings *settings = server->conf.settings;
    size_t count = 0;
    int err = W3P_OK;
    if (is_set(settings->listen) || !is_set(settings->tls_listen))
        err = bind_list(server, msg, &count, &server->port, settings->listen != NULL ? settings->listen : "");
    server->plain_count = count;
    if (err != W3P_OK || !is_set(settings->tls_listen))
        return err;
    if (!is_set(settings->tls_cert) || !is_set(settings->tls_key))
        return w3p_fail(msg, W3P_E_INVALID, "http.tls_listen needs http.tls_cert and http.tls_key");
    err = w3p_tls_context(&server->tls, msg, settings->tls_cert, settings->tls_key);
    return err == W3P_OK ? bind_list(server, msg, &count, &server->tls_port, settings->tls_listen) : err;
}

static size_t thread_count(const struct w3p_http_settings *settings)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t count = settings->threads != 0 ? settings->threads : cores > 0 ? (uint64_t)cores : 1;
    return count < W3P_HTTP_LOOPS_MAX ? (size_t)count : W3P_HTTP_LOOPS_MAX;
}

// Descriptors are shared with the database and the chain: clients must not take the last ones. The soft limit of the
// process is raised where that is permitted.
static size_t connection_max(const struct w3p_server *server)
{
    uint64_t wanted = server->conf.settings->max_connections;
    uint64_t others = FDS_OF_OTHERS + server->loop_count * (FDS_OF_LOOP + W3P_LISTEN_MAX);
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return (size_t)wanted;
    if (limit.rlim_cur < wanted + others && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max < wanted + others ? limit.rlim_max : wanted + others;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
            (void)getrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur >= wanted + others)
        return (size_t)wanted;
    size_t max = limit.rlim_cur > others ? (size_t)(limit.rlim_cur - others) : 1;
    w3p_logf(W3P_LOG_WARN, "http.descriptors",
             "the limit of open files (%llu) permits %zu connections, not http.max_connections=%llu; raise it to %llu "
             "(ulimit -n, LimitNOFILE=)",
             (unsigned long long)limit.rlim_cur, max, (unsigned long long)wanted,
             (unsigned long long)(wanted + others));
    return max;
}

int w3p_server_start_with(struct w3p_server **out, struct w3p_errmsg *msg, const struct w3p_server_conf *conf,
                          const struct w3p_server_hooks *hooks)
{
    struct w3p_server *server = w3p_calloc(1, sizeof *server);
    server->conf = *conf;
    if (hooks != NULL)
        server->hooks = *hooks;
    pthread_mutex_init(&server->mutex, NULL);
    pthread_cond_init(&server->cond, NULL);
    server->loop_count = thread_count(conf->settings);
    server->conn_max = connection_max(server);
    server->loops = w3p_calloc(server->loop_count, sizeof *server->loops);
    for (size_t i = 0; i < server->loop_count; i++) {
        server->loops[i].server = server;
        for (size_t k = 0; k < W3P_LISTEN_MAX; k++)
            server->loops[i].fds[k] = -1;
    }
    *out = NULL;
    int err = bind_all(server, msg);
    if (err == W3P_OK)
        configure(server);
    for (size_t i = 0; i < server->loop_count && err == W3P_OK; i++)
        err = start_thread(&server->loops[i], msg);
    if (err != W3P_OK) {
        w3p_server_stop(server);
        return err;
    }
    *out = server;
    return W3P_OK;
}

int w3p_server_start(struct w3p_server **out, struct w3p_errmsg *msg, const struct w3p_server_conf *conf)
{
    return w3p_server_start_with(out, msg, conf, NULL);
}

uint16_t w3p_server_port(const struct w3p_server *server)
{
    return server->port;
}

uint16_t w3p_server_tls_port(const struct w3p_server *server)
{
    return server->tls_port;
}

void w3p_server_stop(struct w3p_server *server)
{
    bool held = false;
    if (server == NULL)
        return;
    for (size_t i = 0; i < server->loop_count; i++) // a loop that is awake may be done before its wake-up is sent
        atomic_fetch_add(&server->loops[i].senders, 1);
    atomic_store(&server->stopping, 1);
    for (size_t i = 0; i < server->loop_count; i++) {
        if (server->loops[i].thread_started && server->loops[i].state == W3P_LOOP_RUNNING)
            w3p_loop_send(&server->loops[i], NULL);
        atomic_fetch_sub(&server->loops[i].senders, 1);
    }
    for (size_t i = 0; i < server->loop_count; i++) {
        struct w3p_loop *loop = &server->loops[i];
        if (loop->thread_started)
            pthread_join(loop->thread, NULL);
        for (size_t k = 0; k < W3P_LISTEN_MAX; k++) {
            if (loop->fds[k] >= 0)
                close(loop->fds[k]);
        }
        held = held || loop->evloop != NULL;
    }
    if (held) {
        w3p_logf(W3P_LOG_ERROR, "http.stop", "a connection or an unanswered call outlived the drain timeout");
        return;
    }
    if (server->globalconf_ready)
        h2o_config_dispose(&server->globalconf);
    SSL_CTX_free(server->tls);
    pthread_cond_destroy(&server->cond);
    pthread_mutex_destroy(&server->mutex);
    free(server->loops);
    free(server);
}
