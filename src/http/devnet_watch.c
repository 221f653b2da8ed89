// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see devnet_watch.h. Everything is asked of the chain by its own JSON-RPC, as a client could.
#include "http/devnet_watch.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

enum { ANSWER_MAX = 64 << 20, REQUEST_SLACK = 256 };

json_t *w3p_devnet_call(struct w3p_devnet *net, char **error, const char *method, const char *params)
{
    struct w3p_buf request, reply;
    w3p_buf_init(&request, strlen(params) + REQUEST_SLACK);
    w3p_buf_init(&reply, ANSWER_MAX);
    w3p_buf_printf(&request, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}", method, params);
    w3p_devnet_handle(net, &reply, w3p_buf_str(&request), request.len);
    json_t *root = w3p_json_parse(NULL, w3p_buf_str(&reply), reply.len);
    json_t *result = json_incref(json_object_get(root, "result"));
    if (result == NULL && error != NULL)
        *error = json_dumps(json_object_get(root, "error"), JSON_COMPACT);
    json_decref(root);
    w3p_buf_deinit(&request);
    w3p_buf_deinit(&reply);
    return result;
}

void w3p_devnet_watch_deinit(struct w3p_devnet_watch *watch)
{
    free(watch->text);
    free(watch->last);
    *watch = (struct w3p_devnet_watch){0};
}

json_t *w3p_devnet_watch_storage(struct w3p_devnet_watch *watch, struct w3p_devnet *net)
{
    struct w3p_buf params;
    w3p_buf_init(&params, W3P_DEVNET_WATCH_TEXT_MAX + 16);
    w3p_buf_printf(&params, "[%s]", watch->text);
    json_t *sets = w3p_devnet_call(net, NULL, "state_queryStorageAt", w3p_buf_str(&params));
    json_t *set = json_incref(json_array_get(sets, 0));
    json_t *changes = json_object_get(set, "changes");
    char *text = changes != NULL ? json_dumps(changes, JSON_COMPACT) : NULL;
    json_decref(sets);
    w3p_buf_deinit(&params);
    if (text == NULL || (watch->last != NULL && strcmp(text, watch->last) == 0)) {
        free(text);
        json_decref(set);
        return NULL;
    }
    free(watch->last);
    watch->last = text;
    return set;
}

static bool hash_at(char out[72], struct w3p_devnet *net, uint64_t number)
{
    char params[32];
    (void)snprintf(params, sizeof params, "[%llu]", (unsigned long long)number);
    json_t *hash = w3p_devnet_call(net, NULL, "chain_getBlockHash", params);
    bool found = json_string_length(hash) > 0 && json_string_length(hash) < 72;
    if (found)
        memcpy(out, json_string_value(hash), json_string_length(hash) + 1);
    json_decref(hash);
    return found;
}

static bool block_holds(struct w3p_devnet *net, const char *hash, const char *extrinsic)
{
    char params[80];
    bool found = false;
    size_t index;
    json_t *value;
    (void)snprintf(params, sizeof params, "[\"%s\"]", hash);
    json_t *root = w3p_devnet_call(net, NULL, "chain_getBlock", params);
    json_array_foreach(json_object_get(json_object_get(root, "block"), "extrinsics"), index, value)
    {
        const char *text = json_string_value(value);
        found = found || (text != NULL && strcmp(text, extrinsic) == 0);
    }
    json_decref(root);
    return found;
}

json_t *w3p_devnet_watch_extrinsic(struct w3p_devnet_watch *watch, bool *ended, struct w3p_devnet *net)
{
    uint64_t best = w3p_devnet_best(net);
    char hash[72];
    *ended = false;
    uint64_t height, forks = w3p_devnet_forks(net, &height);
    if (watch->in_block != 0) {
        bool there = hash_at(hash, net, watch->in_block) && strcmp(hash, watch->block_hash) == 0;
        if (there && w3p_devnet_final(net) < watch->in_block)
            return NULL;
        *ended = there;
        json_t *told = json_pack("{s:s}", there ? "finalized" : "retracted", watch->block_hash);
        watch->in_block = 0;
        return told;
    }
    if (forks != watch->forks && height < watch->looked_at) // the blocks above are others now
        watch->looked_at = height;
    watch->forks = forks;
    while (watch->looked_at < best) {
        uint64_t number = ++watch->looked_at;
        if (!hash_at(hash, net, number) || !block_holds(net, hash, watch->text))
            continue;
        watch->in_block = number;
        memcpy(watch->block_hash, hash, sizeof watch->block_hash);
        return json_pack("{s:s}", "inBlock", hash);
    }
    return NULL;
}
