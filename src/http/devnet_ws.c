// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see devnet_ws.h. A client may vanish inside h2o_websocket_proceed, so nothing of it is touched behind a call
// of that; inside its own callback messages are only queued, h2o sends them when the callback is over.
#include "http/devnet_ws.h"

#include "base/clock.h"

#include <h2o/websocket.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "http/devnet_watch.h"

enum topic_kind { TOPIC_BEST, TOPIC_ALL, TOPIC_FINAL, TOPIC_VERSION, TOPIC_STORAGE, TOPIC_EXTRINSIC };

struct topic {
    enum topic_kind kind;
    const char *subscribe, *unsubscribe, *notification;
};
// The second spelling of a method is an alias of Substrate's.
static const struct topic topics[] = {
    {TOPIC_BEST, "chain_subscribeNewHeads", "chain_unsubscribeNewHeads", "chain_newHead"},
    {TOPIC_BEST, "chain_subscribeNewHead", "chain_unsubscribeNewHead", "chain_newHead"},
    {TOPIC_ALL, "chain_subscribeAllHeads", "chain_unsubscribeAllHeads", "chain_allHead"},
    {TOPIC_FINAL, "chain_subscribeFinalizedHeads", "chain_unsubscribeFinalizedHeads", "chain_finalizedHead"},
    {TOPIC_FINAL, "chain_subscribeFinalisedHeads", "chain_unsubscribeFinalisedHeads", "chain_finalizedHead"},
    {TOPIC_VERSION, "state_subscribeRuntimeVersion", "state_unsubscribeRuntimeVersion", "state_runtimeVersion"},
    {TOPIC_STORAGE, "state_subscribeStorage", "state_unsubscribeStorage", "state_storage"},
    {TOPIC_EXTRINSIC, "author_submitAndWatchExtrinsic", "author_unwatchExtrinsic", "author_extrinsicUpdate"},
    {TOPIC_VERSION, "chain_subscribeRuntimeVersion", "chain_unsubscribeRuntimeVersion", "state_runtimeVersion"},
};
enum { TOPIC_COUNT = sizeof topics / sizeof topics[0] };

struct subscription {
    const struct topic *topic;
    uint64_t id;
    struct w3p_devnet_watch watch;
};
struct w3p_devnet_client {
    struct w3p_devnet_client *prev, *next;
    struct w3p_devnet_hub *hub;
    h2o_websocket_conn_t *ws;
    struct subscription subscriptions[W3P_DEVNET_SUBSCRIPTIONS_MAX];
    size_t subscription_count;
};

void w3p_devnet_hub_init(struct w3p_devnet_hub *hub, struct w3p_devnet *net, unsigned node)
{
    uint64_t height;
    w3p_devnet_select(net, node);
    *hub = (struct w3p_devnet_hub){.net = net,
                                   .node = node,
                                   .next_subscription = 1,
                                   .told_best = w3p_devnet_best(net),
                                   .told_final = w3p_devnet_final(net),
                                   .told_forks = w3p_devnet_forks(net, &height),
                                   .told_spec = w3p_devnet_spec_version(net)};
}

static void client_gone(struct w3p_devnet_client *client)
{
    if (client->prev != NULL)
        client->prev->next = client->next;
    else
        client->hub->clients = client->next;
    if (client->next != NULL)
        client->next->prev = client->prev;
    for (size_t i = 0; i < client->subscription_count; i++)
        w3p_devnet_watch_deinit(&client->subscriptions[i].watch);
    w3p_devnet_fate_forget(client->hub->fates, client);
    h2o_websocket_close(client->ws);
    free(client);
}

int w3p_devnet_client_fd(const struct w3p_devnet_client *client)
{
    return h2o_socket_get_fd(client->ws->sock);
}

void w3p_devnet_client_close(struct w3p_devnet_client *client)
{
    (void)wslay_event_queue_close(client->ws->ws_ctx, WSLAY_CODE_GOING_AWAY, NULL, 0);
}

void w3p_devnet_client_proceed(struct w3p_devnet_client *client)
{
    if (client->ws->sock != NULL) // NULL: the upgrade is still being written
        h2o_websocket_proceed(client->ws);
}

void w3p_devnet_client_queue(struct w3p_devnet_client *client, const struct w3p_buf *text)
{
    struct wslay_event_msg message = {.opcode = WSLAY_TEXT_FRAME, .msg = text->ptr, .msg_length = text->len};
    if (wslay_event_get_queued_msg_length(client->ws->ws_ctx) > W3P_DEVNET_QUEUE_MAX) {
        if (client->ws->sock != NULL)
            (void)shutdown(h2o_socket_get_fd(client->ws->sock), SHUT_RDWR);
        return;
    }
    (void)wslay_event_queue_msg(client->ws->ws_ctx, &message);
}

static void queue_notification(struct w3p_devnet_client *client, const struct subscription *sub, const char *result)
{
    struct w3p_buf text;
    w3p_buf_init(&text, W3P_DEVNET_REPLY_MAX);
    w3p_buf_printf(&text,
                   "{\"jsonrpc\":\"2.0\",\"method\":\"%s\",\"params\":{\"subscription\":\"%016llx\",\"result\":%s}}",
                   sub->topic->notification, (unsigned long long)sub->id, result);
    w3p_devnet_client_queue(client, &text);
    w3p_buf_deinit(&text);
}

// {"jsonrpc":"2.0","result":…,"id":…}; value is JSON.
static void queue_reply(struct w3p_devnet_client *client, const json_t *id, const char *member, const char *value)
{
    struct w3p_buf text;
    char *id_text = id != NULL ? json_dumps(id, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    w3p_buf_init(&text, W3P_DEVNET_MESSAGE_MAX + 1024);
    w3p_buf_printf(&text, "{\"jsonrpc\":\"2.0\",\"%s\":%s,\"id\":%s}", member, value,
                   id_text != NULL ? id_text : "null");
    w3p_devnet_client_queue(client, &text);
    free(id_text);
    w3p_buf_deinit(&text);
}

// JSON text of a header, or of the runtime version; the caller frees. NULL: there is none.
static char *head_text(struct w3p_devnet_hub *hub, uint64_t number)
{
    json_t *header = w3p_devnet_header(hub->net, number);
    char *text = header != NULL ? json_dumps(header, JSON_COMPACT) : NULL;
    json_decref(header);
    return text;
}

static char *version_text(struct w3p_devnet_hub *hub)
{
    json_t *version = w3p_devnet_call(hub->net, NULL, "state_getRuntimeVersion", "[]");
    char *text = version != NULL ? json_dumps(version, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    json_decref(version);
    return text;
}

static void drop_subscription(struct w3p_devnet_client *client, size_t index)
{
    w3p_devnet_watch_deinit(&client->subscriptions[index].watch);
    client->subscriptions[index] = client->subscriptions[--client->subscription_count];
}

// Tells what a watch has to say. False: the subscription has ended.
static bool tell_watch(struct w3p_devnet_client *client, struct subscription *sub)
{
    struct w3p_devnet *net = client->hub->net;
    bool ended = false, storage = sub->topic->kind == TOPIC_STORAGE;
    json_t *news;
    while (!ended && (news = storage ? w3p_devnet_watch_storage(&sub->watch, net)
                                     : w3p_devnet_watch_extrinsic(&sub->watch, &ended, net)) != NULL) {
        char *text = json_dumps(news, JSON_COMPACT);
        queue_notification(client, sub, text);
        free(text);
        json_decref(news);
    }
    return !ended;
}

static char *invalid_params(void)
{
    return w3p_strdup("{\"code\":-32602,\"message\":\"Invalid params\"}");
}

// Prepares the watch of a new subscription. NULL, or the error for the client; the caller frees it.
static char *watch_begin(struct w3p_devnet_watch *watch, struct w3p_devnet_hub *hub, const struct topic *topic,
                         const json_t *params)
{
    const json_t *first = json_array_get(params, 0);
    char *error = NULL,
         *text = json_dumps(topic->kind == TOPIC_STORAGE ? first : params, JSON_COMPACT | JSON_ENCODE_ANY);
    bool fits = text != NULL && strlen(text) <= W3P_DEVNET_WATCH_TEXT_MAX;
    if (topic->kind == TOPIC_STORAGE && fits && json_is_array(first)) {
        watch->text = text;
        return NULL;
    }
    if (topic->kind != TOPIC_EXTRINSIC || !fits || !json_is_string(first)) {
        error = invalid_params();
        goto out;
    }
    watch->looked_at = w3p_devnet_best(hub->net);
    json_t *hash = w3p_devnet_call(hub->net, &error, "author_submitExtrinsic", text);
    if (hash != NULL)
        watch->text = w3p_strdup(json_string_value(first));
    else if (error == NULL)
        error = invalid_params();
    json_decref(hash);
out:
    free(text);
    return error;
}

static void subscribe(struct w3p_devnet_client *client, const struct topic *topic, const json_t *id,
                      const json_t *params)
{
    struct w3p_devnet_hub *hub = client->hub;
    struct w3p_devnet_watch watch = {0};
    bool watched = topic->kind == TOPIC_STORAGE || topic->kind == TOPIC_EXTRINSIC;
    char value[24], *first = NULL;
    char *error = NULL;
    if (client->subscription_count == W3P_DEVNET_SUBSCRIPTIONS_MAX)
        error = w3p_strdup("{\"code\":-32006,\"message\":\"Too many subscriptions on the connection\"}");
    else if (watched)
        error = watch_begin(&watch, hub, topic, params);
    if (error != NULL) {
        queue_reply(client, id, "error", error);
        free(error);
        return;
    }
    struct subscription *sub = &client->subscriptions[client->subscription_count++];
    *sub = (struct subscription){.topic = topic, .id = hub->next_subscription++, .watch = watch};
    (void)snprintf(value, sizeof value, "\"%016llx\"", (unsigned long long)sub->id);
    queue_reply(client, id, "result", value);
    // What has not been announced yet comes with the announcement.
    if (topic->kind == TOPIC_VERSION)
        first = version_text(hub);
    else if (topic->kind == TOPIC_EXTRINSIC)
        first = w3p_strdup("\"ready\"");
    else if (!watched)
        first = head_text(hub, topic->kind == TOPIC_FINAL ? hub->told_final : hub->told_best);
    if (first != NULL)
        queue_notification(client, sub, first);
    if (topic->kind == TOPIC_STORAGE)
        (void)tell_watch(client, sub);
    free(first);
}

// rpc_methods with the subscriptions, which the chain itself does not know: clients build their interface from it.
static void answer_methods(struct w3p_devnet_client *client, const json_t *id)
{
    json_t *result = w3p_devnet_call(client->hub->net, NULL, "rpc_methods", "[]");
    json_t *methods = json_object_get(result, "methods");
    for (size_t i = 0; json_is_array(methods) && i < TOPIC_COUNT; i++) {
        json_array_append_new(methods, json_string(topics[i].subscribe));
        json_array_append_new(methods, json_string(topics[i].unsubscribe));
    }
    char *text = result != NULL ? json_dumps(result, JSON_COMPACT) : NULL;
    queue_reply(client, id, "result", text != NULL ? text : "null");
    free(text);
    json_decref(result);
}

static void unsubscribe(struct w3p_devnet_client *client, const json_t *id, const json_t *params)
{
    const char *text = json_string_value(json_array_get(params, 0));
    bool found = false;
    for (size_t i = 0; text != NULL && i < client->subscription_count && !found; i++) {
        char own[24];
        (void)snprintf(own, sizeof own, "%016llx", (unsigned long long)client->subscriptions[i].id);
        if (strcmp(own, text) == 0) {
            drop_subscription(client, i);
            found = true;
        }
    }
    queue_reply(client, id, "result", found ? "true" : "false");
}

// True when the message was about a subscription, and has been answered.
static bool handle_subscription(struct w3p_devnet_client *client, const char *text, size_t len)
{
    json_t *root = w3p_json_parse(NULL, text, len);
    const char *method = json_string_value(json_object_get(root, "method"));
    const json_t *id = json_object_get(root, "id");
    bool handled = method != NULL && strcmp(method, "rpc_methods") == 0;
    if (handled)
        answer_methods(client, id);
    for (size_t i = 0; method != NULL && i < TOPIC_COUNT && !handled; i++) {
        if (strcmp(method, topics[i].subscribe) == 0) {
            subscribe(client, &topics[i], id, json_object_get(root, "params"));
            handled = true;
        } else if (strcmp(method, topics[i].unsubscribe) == 0) {
            unsubscribe(client, id, json_object_get(root, "params"));
            handled = true;
        }
    }
    json_decref(root);
    return handled;
}

void w3p_devnet_hub_handle(struct w3p_devnet_hub *hub, struct w3p_buf *reply, struct w3p_devnet_effect *effect,
                           const char *text, size_t len)
{
    w3p_devnet_select(hub->net, hub->node);
    w3p_devnet_set_clock(hub->net, (uint64_t)w3p_clock_wall_ms());
    w3p_devnet_answer(hub->net, reply, effect, text, len);
    if (w3p_devnet_best(hub->net) != hub->told_best || w3p_devnet_final(hub->net) != hub->told_final)
        hub->changed(hub);
}

static void on_message(h2o_websocket_conn_t *ws, const struct wslay_event_on_msg_recv_arg *arg)
{
    struct w3p_devnet_client *client = ws->data;
    struct w3p_devnet_effect effect;
    struct w3p_buf reply;
    if (arg == NULL) {
        client_gone(client);
        return;
    }
    w3p_devnet_select(client->hub->net, client->hub->node);
    if (arg->opcode != WSLAY_TEXT_FRAME && arg->opcode != WSLAY_BINARY_FRAME)
        return;
    if (handle_subscription(client, (const char *)arg->msg, arg->msg_length))
        return;
    w3p_buf_init(&reply, W3P_DEVNET_REPLY_MAX);
    w3p_devnet_hub_handle(client->hub, &reply, &effect, (const char *)arg->msg, arg->msg_length);
    if (reply.len > 0 || effect.fate != W3P_DEVNET_SEND)
        w3p_devnet_fate_ws(client->hub->fates, client, &effect, &reply);
    w3p_buf_deinit(&reply);
}

bool w3p_devnet_hub_upgrade(struct w3p_devnet_hub *hub, struct w3p_call *call)
{
    const char *key = NULL;
    if (call->req->version >= 0x200 || h2o_is_websocket_handshake(call->req, &key) != 0 || key == NULL)
        return false;
    struct w3p_devnet_client *client = w3p_calloc(1, sizeof *client);
    client->hub = hub;
    client->next = hub->clients;
    if (hub->clients != NULL)
        hub->clients->prev = client;
    hub->clients = client;
    call->state = W3P_CALL_ANSWERED;
    client->ws = h2o_upgrade_to_websocket(call->req, key, client, on_message);
    wslay_event_config_set_max_recv_msg_length(client->ws->ws_ctx, W3P_DEVNET_MESSAGE_MAX);
    return true;
}

// The kind NewHeads also goes to those who want all heads.
static void tell(struct w3p_devnet_hub *hub, enum topic_kind what, char *text)
{
    for (struct w3p_devnet_client *client = hub->clients; client != NULL && text != NULL; client = client->next) {
        for (size_t i = 0; i < client->subscription_count; i++) {
            enum topic_kind kind = client->subscriptions[i].topic->kind;
            if (kind == what || (what == TOPIC_BEST && kind == TOPIC_ALL))
                queue_notification(client, &client->subscriptions[i], text);
        }
    }
    free(text);
}

static void tell_watches(struct w3p_devnet_hub *hub)
{
    for (struct w3p_devnet_client *client = hub->clients; client != NULL; client = client->next) {
        for (size_t i = client->subscription_count; i-- > 0;) {
            if (client->subscriptions[i].watch.text != NULL && !tell_watch(client, &client->subscriptions[i]))
                drop_subscription(client, i);
        }
    }
}

static uint64_t first_untold(uint64_t told, uint64_t now)
{
    if (now <= told) // a fork went back: the head that is now best
        return now;
    return now - told > W3P_DEVNET_HEADS_MAX ? now - W3P_DEVNET_HEADS_MAX + 1 : told + 1;
}

// Blocks of another branch at heights that were told before: new, but not the best.
static void tell_branch(struct w3p_devnet_hub *hub)
{
    uint64_t height, forks = w3p_devnet_forks(hub->net, &height);
    if (forks != hub->told_forks) {
        for (uint64_t n = height + 1; n <= hub->told_best; n++)
            tell(hub, TOPIC_ALL, head_text(hub, n));
    }
    hub->told_forks = forks;
}

void w3p_devnet_hub_announce(struct w3p_devnet_hub *hub)
{
    w3p_devnet_select(hub->net, hub->node);
    uint64_t best = w3p_devnet_best(hub->net), final = w3p_devnet_final(hub->net);
    tell_branch(hub);
    if (best != hub->told_best) {
        for (uint64_t n = first_untold(hub->told_best, best); n <= best; n++)
            tell(hub, TOPIC_BEST, head_text(hub, n));
    }
    if (final != hub->told_final) {
        for (uint64_t n = first_untold(hub->told_final, final); n <= final; n++)
            tell(hub, TOPIC_FINAL, head_text(hub, n));
    }
    if (w3p_devnet_spec_version(hub->net) != hub->told_spec)
        tell(hub, TOPIC_VERSION, version_text(hub));
    hub->told_spec = w3p_devnet_spec_version(hub->net);
    if (best != hub->told_best || final != hub->told_final)
        tell_watches(hub);
    hub->told_best = best;
    hub->told_final = final;
    for (struct w3p_devnet_client *client = hub->clients, *next; client != NULL; client = next) {
        next = client->next;
        w3p_devnet_client_proceed(client);
    }
}
