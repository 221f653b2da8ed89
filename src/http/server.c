// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the server: h2o's configuration, sockets and threads for the loops; start and stop.
// The configuration is read-only once the loops run; all else belongs to one loop (loop.c).
#include "http/http_h2o.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/log.h"

enum { FDS_OF_OTHERS = 64, FDS_OF_LOOP = 8 };

static int start_thread(struct w3p_loop *loop, struct w3p_errmsg *msg)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old); // signals are main's; SIGPIPE becomes EPIPE
    int err = pthread_create(&loop->thread, NULL, w3p_loop_main, loop);
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
    conf->http1.upgrade_to_http2 = settings->http2; // the preface of HTTP/2 without TLS, too
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

static int parse_addresses(struct w3p_listen *list, size_t *plain_count, struct w3p_errmsg *msg,
                           const struct w3p_http_settings *settings)
{
    int err = W3P_OK;
    if (is_set(settings->listen) || !is_set(settings->tls_listen))
        err = w3p_listen_parse(list, msg, settings->listen != NULL ? settings->listen : "");
    *plain_count = list->len;
    if (err == W3P_OK && is_set(settings->tls_listen))
        err = w3p_listen_parse(list, msg, settings->tls_listen);
    return err;
}

static int parse_all(struct w3p_server *server, struct w3p_errmsg *msg)
{
    if (server->conf.unix_path == NULL)
        return parse_addresses(&server->listen, &server->plain_count, msg, server->conf.settings);
    server->listen.len = server->plain_count = 1; // of one loop; bind_all knows no address of it
    return W3P_OK;
}

static int make_tls(SSL_CTX **out, struct w3p_errmsg *msg, const struct w3p_http_settings *settings)
{
    if (!is_set(settings->tls_cert) || !is_set(settings->tls_key))
        return w3p_fail(msg, W3P_E_INVALID, "http.tls_listen needs http.tls_cert and http.tls_key");
    return w3p_tls_context(out, msg, settings);
}

int w3p_server_check(struct w3p_errmsg *msg, const struct w3p_http_settings *settings)
{
    struct w3p_listen list = {.len = 0};
    struct w3p_peer_nets trusted, uncounted;
    SSL_CTX *tls = NULL;
    size_t plain_count;
    int err = parse_addresses(&list, &plain_count, msg, settings);
    if (err == W3P_OK)
        err = w3p_budgets_nets(&trusted, &uncounted, msg, settings);
    if (err == W3P_OK && list.len > plain_count)
        err = make_tls(&tls, msg, settings);
    if (tls != NULL && !w3p_tls_valid_now(tls))
        err = w3p_fail(msg, W3P_E_STATE, "http.tls_cert %.200s is not valid today: clients will refuse it",
                       settings->tls_cert);
    SSL_CTX_free(tls);
    return err;
}

static int open_tls(struct w3p_server *server, struct w3p_errmsg *msg)
{
    int err = make_tls(&server->tls, msg, server->conf.settings);
    if (err != W3P_OK)
        return err;
    w3p_tls_log(server->tls, "certificate");
    atomic_store(&server->tls_serial, 1);
    return W3P_OK;
}

static int bind_unix(struct w3p_server *server, struct w3p_errmsg *msg)
{
    int *fd = &server->loops[0].fds[0];
    int err = w3p_listen_unix(fd, &server->unix_file, msg, server->conf.unix_path);
    if (err == W3P_OK && listen(*fd, SOMAXCONN) != 0)
        err = w3p_fail(msg, W3P_E_IO, "cannot listen on %.120s: %s", server->conf.unix_path, strerror(errno));
    return err;
}

// Every address for every loop. Nobody is let in before all of them are ours.
static int bind_all(struct w3p_server *server, struct w3p_errmsg *msg)
{
    if (server->conf.unix_path != NULL)
        return bind_unix(server, msg);
    int err = server->listen.len > server->plain_count ? open_tls(server, msg) : W3P_OK;
    for (size_t i = 0; i < server->listen.len; i++) {
        for (size_t k = 0; k < server->loop_count && err == W3P_OK; k++)
            err = w3p_listen_bind(&server->loops[k].fds[i], msg, &server->listen.addrs[i], k == 0);
    }
    for (size_t i = 0; i < server->listen.len; i++) {
        for (size_t k = 0; k < server->loop_count && err == W3P_OK; k++) {
            if (listen(server->loops[k].fds[i], SOMAXCONN) != 0)
                err = w3p_fail(msg, W3P_E_IO, "cannot listen on %s: %s", server->listen.addrs[i].text, strerror(errno));
        }
    }
    return err;
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
    uint64_t others = FDS_OF_OTHERS + server->loop_count * (FDS_OF_LOOP + server->listen.len);
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
    server->loop_count = conf->unix_path != NULL ? 1 : thread_count(conf->settings);
    server->loops = w3p_calloc(server->loop_count, sizeof *server->loops);
    for (size_t i = 0; i < server->loop_count; i++) {
        server->loops[i].server = server;
        for (size_t k = 0; k < W3P_LISTEN_MAX; k++)
            server->loops[i].fds[k] = -1;
    }
    *out = NULL;
    int err = parse_all(server, msg);
    if (err == W3P_OK) {
        server->conn_max = connection_max(server); // before the sockets: it may make room for them
        err = w3p_budgets_open(server, msg);
    }
    if (err == W3P_OK)
        err = bind_all(server, msg);
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
    return server->plain_count > 0 ? w3p_listen_port(&server->listen.addrs[0]) : 0;
}

uint16_t w3p_server_tls_port(const struct w3p_server *server)
{
    size_t first = server->plain_count;
    return server->listen.len > first ? w3p_listen_port(&server->listen.addrs[first]) : 0;
}

bool w3p_server_url(char out[W3P_SERVER_URL_MAX], const struct w3p_server *server, size_t index)
{
    char text[W3P_LISTEN_TEXT_MAX];
    if (index >= server->listen.len)
        return false;
    w3p_listen_print(text, &server->listen.addrs[index]);
    (void)snprintf(out, W3P_SERVER_URL_MAX, "%s://%s", index < server->plain_count ? "http" : "https", text);
    return true;
}

int w3p_server_reload(struct w3p_server *server, struct w3p_errmsg *msg)
{
    SSL_CTX *fresh = NULL;
    if (server->tls == NULL)
        return w3p_fail(msg, W3P_E_NOTFOUND, "there is no certificate to read again: http.tls_listen is empty");
    int err = w3p_tls_context(&fresh, msg, server->conf.settings);
    if (err != W3P_OK)
        return err;
    pthread_mutex_lock(&server->mutex);
    SSL_CTX_free(server->tls);
    server->tls = fresh;
    uint64_t serial = atomic_fetch_add(&server->tls_serial, 1) + 1;
    pthread_mutex_unlock(&server->mutex);
    for (size_t i = 0; i < server->loop_count; i++)
        w3p_loop_send(&server->loops[i], NULL);
    pthread_mutex_lock(&server->mutex);
    for (size_t i = 0; i < server->loop_count; i++) {
        while (server->loops[i].tls_serial != serial)
            pthread_cond_wait(&server->cond, &server->mutex);
    }
    pthread_mutex_unlock(&server->mutex);
    w3p_tls_log(fresh, "new certificate");
    return W3P_OK;
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
    w3p_listen_unix_remove(&server->unix_file);
    if (held) {
        w3p_logf(W3P_LOG_ERROR, "http.stop", "a connection or an unanswered call outlived the drain timeout");
        return;
    }
    if (server->globalconf_ready)
        h2o_config_dispose(&server->globalconf);
    SSL_CTX_free(server->tls);
    w3p_budgets_close(server);
    pthread_cond_destroy(&server->cond);
    pthread_mutex_destroy(&server->mutex);
    free(server->loops);
    free(server);
}
