// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the devnet's server: one loop thread that owns the chain, JSON-RPC by POST / and by WebSocket on one port
// (on another one the node that lags), blocks on a timer. Stands on the gateway's server, so a browser may speak to it
// and its limits hold here too.
#include "http/devnet_ws.h"

#include <stdlib.h>

#include "base/clock.h"
#include "http/app.h"

enum { NODES = 2, CLIENTS_MAX = 256, DRAIN_MS = 1000, REQUEST_MS = 60000, IDLE_MS = 60000 };

struct w3p_devnet_server {
    struct w3p_server *server;
    struct w3p_http_settings settings;
    struct w3p_devnet_hub hubs[NODES]; // by node; first touched on the loop thread
    struct w3p_devnet_fates fates;
    bool has_second;
    uint16_t second_port;
    struct w3p_devnet *net;
    struct w3p_loop *loop;
    unsigned block_ms;
    h2o_timeout_t block_timeout;
    h2o_timeout_entry_t block_entry, announce_entry;
};

static void announce(struct w3p_devnet_server *self)
{
    for (size_t i = 0; i < NODES; i++)
        w3p_devnet_hub_announce(&self->hubs[i]);
}

static void on_block_due(h2o_timeout_entry_t *entry)
{
    struct w3p_devnet_server *self = H2O_STRUCT_FROM_MEMBER(struct w3p_devnet_server, block_entry, entry);
    h2o_timeout_link(self->loop->evloop, &self->block_timeout, &self->block_entry);
    w3p_devnet_new_block(self->net, (uint64_t)w3p_clock_wall_ms());
    announce(self);
}

static void on_announce(h2o_timeout_entry_t *entry)
{
    struct w3p_devnet_server *self = H2O_STRUCT_FROM_MEMBER(struct w3p_devnet_server, announce_entry, entry);
    announce(self);
}

static void on_changed(struct w3p_devnet_hub *hub)
{
    struct w3p_devnet_server *self = H2O_STRUCT_FROM_MEMBER(struct w3p_devnet_server, hubs, hub - hub->node);
    if (!self->loop->draining && !h2o_timeout_is_linked(&self->announce_entry))
        h2o_timeout_link(self->loop->evloop, &self->loop->ctx.zero_timeout, &self->announce_entry);
}

// The port of an address that is IPv4 or IPv6.
static uint16_t port_of(const struct sockaddr_storage *addr)
{
    return ntohs(addr->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)addr)->sin6_port
                                             : ((const struct sockaddr_in *)addr)->sin_port);
}

// What the kernel chose for the last address that is listened on: the second node's.
static uint16_t last_port(const struct w3p_loop *loop)
{
    struct sockaddr_storage addr = {0};
    socklen_t len = sizeof addr;
    size_t last = 0;
    while (last + 1 < W3P_LISTEN_MAX && loop->listeners[last + 1].sock != NULL)
        last++;
    int fd = h2o_socket_get_fd(loop->listeners[last].sock);
    return getsockname(fd, (struct sockaddr *)&addr, &len) == 0 ? port_of(&addr) : 0;
}

static struct w3p_devnet_hub *hub_of(struct w3p_devnet_server *self, const struct w3p_call *call)
{
    struct sockaddr_storage addr = {0};
    h2o_conn_t *conn = call->req->conn;
    bool second = self->has_second && conn->callbacks->get_sockname(conn, (struct sockaddr *)&addr) > 0 &&
                  port_of(&addr) == self->second_port;
    return &self->hubs[second ? 1 : 0];
}

static void loop_started(void *arg, struct w3p_loop *loop)
{
    struct w3p_devnet_server *self = arg;
    self->loop = loop;
    w3p_devnet_fates_init(&self->fates, loop);
    for (unsigned i = 0; i < NODES; i++) {
        w3p_devnet_hub_init(&self->hubs[i], self->net, i);
        self->hubs[i].changed = on_changed;
        self->hubs[i].fates = &self->fates;
    }
    if (self->has_second)
        self->second_port = last_port(loop);
    self->announce_entry.cb = on_announce;
    self->block_entry.cb = on_block_due;
    h2o_timeout_init(loop->evloop, &self->block_timeout, self->block_ms > 0 ? self->block_ms : 1);
    if (self->block_ms > 0)
        h2o_timeout_link(loop->evloop, &self->block_timeout, &self->block_entry);
}

static void loop_draining(void *arg, struct w3p_loop *loop)
{
    struct w3p_devnet_server *self = arg;
    (void)loop;
    h2o_timeout_unlink(&self->block_entry);
    h2o_timeout_unlink(&self->announce_entry);
    w3p_devnet_fates_stop(&self->fates);
}

static void loop_ended(void *arg, struct w3p_loop *loop)
{
    struct w3p_devnet_server *self = arg;
    w3p_devnet_fates_deinit(&self->fates);
    h2o_timeout_dispose(loop->evloop, &self->block_timeout);
}

static void on_post(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_devnet_server *self = req->app;
    struct w3p_devnet_effect effect;
    struct w3p_buf reply;
    w3p_buf_init(&reply, W3P_DEVNET_REPLY_MAX);
    w3p_devnet_hub_handle(hub_of(self, call), &reply, &effect, (const char *)req->body.ptr, req->body.len);
    w3p_devnet_fate_post(&self->fates, call, &effect, &reply);
    w3p_buf_deinit(&reply);
}

static void on_get(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_devnet_server *self = req->app;
    if (!w3p_devnet_hub_upgrade(hub_of(self, call), call))
        w3p_reply_error(call, 400, NULL, "this is a JSON-RPC endpoint: POST to it, or open a WebSocket");
}

static const struct w3p_route routes[] = {
    {"POST", "/", on_post, W3P_DEVNET_MESSAGE_MAX, W3P_BUDGET_NONE, W3P_ROUTE_PUBLIC},
    {"GET", "/", on_get, 0, W3P_BUDGET_NONE, W3P_ROUTE_PUBLIC},
    {0}};

static char *listen_list(const struct w3p_devnet_server_conf *conf)
{
    struct w3p_buf list;
    w3p_buf_init(&list, 4096);
    w3p_buf_put_str(&list, conf->listen);
    if (conf->second_listen != NULL)
        w3p_buf_printf(&list, ",%s", conf->second_listen);
    char *text = w3p_strdup(w3p_buf_str(&list));
    w3p_buf_deinit(&list);
    return text;
}

int w3p_devnet_server_start(struct w3p_devnet_server **out, struct w3p_errmsg *msg,
                            const struct w3p_devnet_server_conf *conf)
{
    struct w3p_devnet_server *self = w3p_calloc(1, sizeof *self);
    self->net = conf->net;
    self->block_ms = conf->block_ms;
    self->has_second = conf->second_listen != NULL;
    self->settings = (struct w3p_http_settings){.listen = listen_list(conf),
                                                .threads = 1,
                                                .request_timeout_ms = REQUEST_MS,
                                                .idle_timeout_ms = IDLE_MS,
                                                .drain_timeout_ms = DRAIN_MS,
                                                .max_connections = CLIENTS_MAX,
                                                .http2 = true};
    struct w3p_server_conf server_conf = {.settings = &self->settings, .routes = routes, .app = self};
    struct w3p_server_hooks hooks = {.arg = self,
                                     .entity_max_bytes = W3P_DEVNET_MESSAGE_MAX + 1,
                                     .loop_started = loop_started,
                                     .loop_draining = loop_draining,
                                     .loop_ended = loop_ended};
    int err = w3p_server_start_with(&self->server, msg, &server_conf, &hooks);
    *out = NULL;
    if (err != W3P_OK) {
        free(self->settings.listen);
        free(self);
        return err;
    }
    *out = self;
    return W3P_OK;
}

uint16_t w3p_devnet_server_port(const struct w3p_devnet_server *server)
{
    return w3p_server_port(server->server);
}

uint16_t w3p_devnet_server_second_port(const struct w3p_devnet_server *server)
{
    return server->second_port;
}

void w3p_devnet_server_stop(struct w3p_devnet_server *server)
{
    if (server == NULL)
        return;
    w3p_server_stop(server->server);
    free(server->settings.listen);
    free(server);
}
