// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the devnet's server: one loop thread that owns the chain, JSON-RPC by POST / and by WebSocket on one port,
// blocks on a timer. Stands on the gateway's server, so a browser may speak to it and its limits hold here too.
#include "http/devnet_ws.h"

#include <stdlib.h>

#include "base/clock.h"
#include "http/app.h"

enum { CLIENTS_MAX = 256, DRAIN_MS = 1000, REQUEST_MS = 60000, IDLE_MS = 60000 };

struct w3p_devnet_server {
    struct w3p_server *server;
    struct w3p_http_settings settings;
    struct w3p_devnet_hub hub; // first touched on the loop thread
    struct w3p_devnet *net;
    struct w3p_loop *loop;
    unsigned block_ms;
    h2o_timeout_t block_timeout;
    h2o_timeout_entry_t block_entry, announce_entry;
};

static void on_block_due(h2o_timeout_entry_t *entry)
{
    struct w3p_devnet_server *self = H2O_STRUCT_FROM_MEMBER(struct w3p_devnet_server, block_entry, entry);
    h2o_timeout_link(self->loop->evloop, &self->block_timeout, &self->block_entry);
    w3p_devnet_new_block(self->net, (uint64_t)w3p_clock_wall_ms());
    w3p_devnet_hub_announce(&self->hub);
}

static void on_announce(h2o_timeout_entry_t *entry)
{
    struct w3p_devnet_server *self = H2O_STRUCT_FROM_MEMBER(struct w3p_devnet_server, announce_entry, entry);
    w3p_devnet_hub_announce(&self->hub);
}

static void on_changed(struct w3p_devnet_hub *hub)
{
    struct w3p_devnet_server *self = H2O_STRUCT_FROM_MEMBER(struct w3p_devnet_server, hub, hub);
    if (!self->loop->draining && !h2o_timeout_is_linked(&self->announce_entry))
        h2o_timeout_link(self->loop->evloop, &self->loop->ctx.zero_timeout, &self->announce_entry);
}

static void loop_started(void *arg, struct w3p_loop *loop)
{
    struct w3p_devnet_server *self = arg;
    self->loop = loop;
    w3p_devnet_hub_init(&self->hub, self->net);
    self->hub.changed = on_changed;
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
}

static void loop_ended(void *arg, struct w3p_loop *loop)
{
    struct w3p_devnet_server *self = arg;
    h2o_timeout_dispose(loop->evloop, &self->block_timeout);
}

static void on_post(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_devnet_server *self = req->app;
    struct w3p_buf reply;
    w3p_buf_init(&reply, W3P_DEVNET_REPLY_MAX);
    w3p_devnet_hub_handle(&self->hub, &reply, (const char *)req->body.ptr, req->body.len);
    w3p_reply_json(call, 200, w3p_buf_str(&reply), reply.len);
    w3p_buf_deinit(&reply);
}

static void on_get(struct w3p_call *call, const struct w3p_request *req)
{
    struct w3p_devnet_server *self = req->app;
    if (!w3p_devnet_hub_upgrade(&self->hub, call))
        w3p_reply_error(call, 400, NULL, "this is a JSON-RPC endpoint: POST to it, or open a WebSocket");
}

static const struct w3p_route routes[] = {{"POST", "/", on_post, W3P_DEVNET_MESSAGE_MAX}, {"GET", "/", on_get, 0}, {0}};

int w3p_devnet_server_start(struct w3p_devnet_server **out, struct w3p_errmsg *msg,
                            const struct w3p_devnet_server_conf *conf)
{
    struct w3p_devnet_server *self = w3p_calloc(1, sizeof *self);
    self->net = conf->net;
    self->block_ms = conf->block_ms;
    self->settings = (struct w3p_http_settings){.listen = w3p_strdup(conf->listen),
                                                .threads = 1,
                                                .request_timeout_ms = REQUEST_MS,
                                                .idle_timeout_ms = IDLE_MS,
                                                .drain_timeout_ms = DRAIN_MS,
                                                .max_connections = CLIENTS_MAX};
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

void w3p_devnet_server_stop(struct w3p_devnet_server *server)
{
    if (server == NULL)
        return;
    w3p_server_stop(server->server);
    free(server->settings.listen);
    free(server);
}
