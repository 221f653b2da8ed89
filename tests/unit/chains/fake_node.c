// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see fake_node.h.
#include "unit/chains/fake_node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/encoding.h"

// one loopback server for all test programs; each program is all files of its own folder
#include "unit/net/loopback.c"

void fake_node_hash(const struct fake_node *node, uint8_t hash32[32], unsigned number)
{
    memset(hash32, node->tag, 32);
    if (number == 0)
        return;
    memset(hash32, 0xb1, 4);
    memcpy(hash32 + 4, &number, sizeof(number));
    if (node->fork_from > 0 && number >= node->fork_from)
        hash32[8] = 0xf0;
}

static json_t *hash_json(const struct fake_node *node, unsigned number)
{
    uint8_t hash32[32];
    char text[67] = "0x";
    fake_node_hash(node, hash32, number);
    w3p_hex_encode(text + 2, hash32, 32);
    return json_string(text);
}

static bool number_of(const struct fake_node *node, const json_t *hash, unsigned *number)
{
    for (*number = 0; *number <= node->best; (*number)++) {
        json_t *mine = hash_json(node, *number);
        bool same = json_equal(mine, hash);
        json_decref(mine);
        if (same)
            return true;
    }
    return false;
}

static json_t *value_of(const struct fake_node *node, const char *key, unsigned number)
{
    const char *value = NULL;
    for (size_t i = 0; key != NULL && i < node->item_count; i++) {
        if (strcasecmp(node->items[i].key, key) != 0 || (node->items[i].at != 0 && node->items[i].at != number))
            continue;
        if (value == NULL || node->items[i].at != 0)
            value = node->items[i].value;
    }
    return value != NULL ? json_string(value) : json_null();
}

static json_t *header_json(const struct fake_node *node, unsigned number)
{
    char hex[16];
    snprintf(hex, sizeof(hex), "0x%08x", number); // zero-padded, as emulators do
    return json_pack("{s:s, s:o}", "number", hex, "parentHash", hash_json(node, number == 0 ? 0 : number - 1));
}

static json_t *query(struct fake_node *node, const json_t *keys, unsigned number)
{
    json_t *changes = json_array();
    for (size_t i = 0; i < json_array_size(keys); i++) {
        const char *key = json_string_value(json_array_get(keys, i));
        json_t *value = value_of(node, key, number);
        if (json_is_null(value) && i % 2 == 0) // nodes leave some out and say null for others
            json_decref(value);
        else
            json_array_append_new(changes, json_pack("[s, o]", key, value));
    }
    return json_pack("[{s:o, s:o}]", "block", hash_json(node, node->best), "changes", changes);
}

static json_t *error(int code, const char *message)
{
    return json_pack("{s:{s:i, s:s}}", "error", "code", code, "message", message);
}

static json_t *state(struct fake_node *node, const char *method, const json_t *params)
{
    const json_t *first = json_array_get(params, 0), *at = json_array_get(params, json_array_size(params) - 1);
    unsigned number = 0;
    bool wants_block = json_array_size(params) > 1 || strncmp(method, "state_get", 9) == 0;
    if (wants_block && json_array_size(params) > 0 && !number_of(node, at, &number))
        return error(4003, "Client error: UnknownBlock: Header was not found in the database");
    if (wants_block && node->pruned && number != node->best)
        return error(4003, "Client error: UnknownBlock: State already discarded for BlockId::Hash");
    if (strcmp(method, "state_getRuntimeVersion") == 0)
        return json_pack("{s:{s:s, s:i, s:i}}", "result", "specName", "crust", "specVersion", (int)node->spec,
                         "transactionVersion", 1);
    if (strcmp(method, "state_getMetadata") == 0) {
        node->metadata_calls++;
        return json_pack("{s:s}", "result", node->metadata_hex);
    }
    if (strcmp(method, "state_queryStorageAt") == 0) {
        node->query_calls++;
        return node->no_query_at ? error(-32601, "Method not found")
                                 : json_pack("{s:o}", "result", query(node, first, number));
    }
    if (strcmp(method, "state_getStorage") == 0) {
        node->get_calls++;
        return json_pack("{s:o}", "result", value_of(node, json_string_value(first), number));
    }
    // weight 2_019_000_000, class normal, fee 332_892_452
    if (strcmp(method, "state_call") == 0) {
        const char *args = json_string_value(json_array_get(params, 1));
        snprintf(node->last_call, sizeof(node->last_call), "%s", args != NULL ? args : "");
        return json_pack("{s:s}", "result", "0xc048577800000000002489d713000000000000000000000000");
    }
    return NULL;
}

static json_t *chain(struct fake_node *node, const char *method, const json_t *params)
{
    const json_t *first = json_array_get(params, 0);
    unsigned number = 0;
    if (strcmp(method, "chain_getBlockHash") == 0) {
        number = first != NULL ? (unsigned)json_integer_value(first) : node->best;
        return json_pack("{s:o}", "result", number > node->best ? json_null() : hash_json(node, number));
    }
    if (strcmp(method, "chain_getFinalizedHead") == 0)
        return json_pack("{s:o}", "result", hash_json(node, node->final));
    if (strcmp(method, "chain_getHeader") == 0)
        return json_pack("{s:o}", "result", number_of(node, first, &number) ? header_json(node, number) : json_null());
    if (strcmp(method, "chain_getBlock") == 0) {
        if (!number_of(node, first, &number))
            return json_pack("{s:n}", "result");
        return json_pack("{s:{s:{s:o}}}", "result", "block", "extrinsics",
                         json_loads(node->extrinsics != NULL ? node->extrinsics : "[]", 0, NULL));
    }
    return NULL;
}

static json_t *answer(struct fake_node *node, const char *method, const json_t *params)
{
    json_t *reply = NULL;
    if (strncmp(method, "chain_", 6) == 0)
        reply = chain(node, method, params);
    else if (strncmp(method, "state_", 6) == 0)
        reply = state(node, method, params);
    else if (strcmp(method, "system_health") == 0)
        reply = json_pack("{s:{s:b}}", "result", "isSyncing", (int)node->syncing);
    else if (strcmp(method, "system_localPeerId") == 0 && node->peer == NULL)
        reply = json_pack("{s:s}", "result", node->lo.url); // a name of its own
    else if (strcmp(method, "system_localPeerId") == 0 && node->peer[0] != '\0')
        reply = json_pack("{s:s}", "result", node->peer);
    else if (strcmp(method, "system_properties") == 0)
        reply = json_pack("{s:{s:s, s:i, s:i}}", "result", "tokenSymbol", "CRU", "tokenDecimals", 12, "ss58Format", 66);
    return reply != NULL ? reply : error(-32601, "Method not found");
}

static void serve(struct loopback *lo, int fd)
{
    struct fake_node *node = (struct fake_node *)(void *)lo;
    static _Thread_local char request[70000];
    while (!node->dead && loopback_request(fd, request, sizeof(request)) && !node->dead) {
        json_t *ask = json_loads(strstr(request, "\r\n\r\n") + 4, 0, NULL), *reply = NULL;
        const char *method = json_string_value(json_object_get(ask, "method"));
        node->requests++;
        if (node->override_method != NULL && strcmp(method, node->override_method) == 0) {
            char text[4096];
            snprintf(text, sizeof(text), "{%s}", node->override_reply);
            reply = json_loads(text, 0, NULL);
        } else {
            reply = answer(node, method, json_object_get(ask, "params"));
        }
        json_object_set(reply, "id", json_object_get(ask, "id"));
        char *text = json_dumps(reply, 0);
        loopback_http(fd, 200, "application/json", text);
        free(text);
        json_decref(reply);
        json_decref(ask);
    }
}

void fake_node_start(struct fake_node *node, uint8_t tag, const uint8_t *metadata, size_t len)
{
    node->tag = tag;
    node->best = 12;
    node->final = 10;
    node->spec = 4;
    node->metadata_hex = w3p_calloc(2 * len + 3, 1);
    memcpy(node->metadata_hex, "0x", 2);
    w3p_hex_encode(node->metadata_hex + 2, metadata, len);
    loopback_start(&node->lo, "http", serve);
}

void fake_node_stop(struct fake_node *node)
{
    loopback_stop(&node->lo);
    free(node->metadata_hex);
    for (size_t i = 0; i < node->item_count; i++) {
        free(node->items[i].key);
        free(node->items[i].value);
    }
}

void fake_node_put(struct fake_node *node, const char *key_hex, const char *value_hex)
{
    fake_node_put_at(node, 0, key_hex, value_hex);
}

void fake_node_put_at(struct fake_node *node, unsigned number, const char *key_hex, const char *value_hex)
{
    char *key = w3p_calloc(strlen(key_hex) + 3, 1);
    char *value = value_hex != NULL ? w3p_calloc(strlen(value_hex) + 3, 1) : NULL;
    memcpy(key, "0x", 2);
    memcpy(key + 2, key_hex, strlen(key_hex));
    if (value != NULL) {
        memcpy(value, "0x", 2);
        memcpy(value + 2, value_hex, strlen(value_hex));
    }
    for (size_t i = 0; i < node->item_count; i++) {
        if (strcmp(node->items[i].key, key) == 0 && node->items[i].at == number) {
            free(node->items[i].key);
            free(node->items[i].value);
            node->items[i].key = key;
            node->items[i].value = value;
            return;
        }
    }
    node->items[node->item_count].at = number;
    node->items[node->item_count].key = key;
    node->items[node->item_count++].value = value;
}
