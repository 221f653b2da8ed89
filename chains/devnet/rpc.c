// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: JSON-RPC 2.0 of the development chain: requests, batches, notifications, errors, and the table of methods.
// Must not: touch the chain but through the methods.
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "devnet/rpc.h"

#ifndef W3P_VERSION
#define W3P_VERSION "0"
#endif

struct method {
    const char *name;
    void (*run)(struct devnet_rpc *rpc);
};

static void system_health(struct devnet_rpc *rpc)
{
    w3p_json_begin_object(&rpc->out);
    w3p_json_bool_field(&rpc->out, "isSyncing", false);
    w3p_json_int_field(&rpc->out, "peers", 0);
    w3p_json_bool_field(&rpc->out, "shouldHavePeers", false);
    w3p_json_end_object(&rpc->out);
}

static void system_chain(struct devnet_rpc *rpc)
{
    w3p_json_str(&rpc->out, "Crust Development");
}

static void system_name(struct devnet_rpc *rpc)
{
    w3p_json_str(&rpc->out, "w3pin devnet");
}

// Of an ed25519 key that nobody has: each node of each chain has one of its own.
static void system_local_peer_id(struct devnet_rpc *rpc)
{
    struct w3p_devnet *net = rpc->net;
    bool second = net->node != net->nodes[0] && !w3p_devnet_fault_on(net, W3P_DEVNET_FAULT_SAME_PEER);
    uint8_t id[38] = {0x00, 0x24, 0x08, 0x01, 0x12, 0x20};
    struct w3p_buf text;
    w3p_buf_init(&text, 2 * sizeof id);
    memcpy(id + 6, w3p_devnet_block(net, 0)->hash32, 32);
    id[37] ^= second ? 1 : 0;
    if (w3p_base58_encode(&text, id, sizeof id) == W3P_OK)
        w3p_json_str(&rpc->out, w3p_buf_str(&text));
    else
        w3p_devnet_rpc_fail(rpc, DEVNET_RPC_SERVER, "no peer id", NULL);
    w3p_buf_deinit(&text);
}

static void system_version(struct devnet_rpc *rpc)
{
    w3p_json_str(&rpc->out, W3P_VERSION);
}

static void system_properties(struct devnet_rpc *rpc)
{
    w3p_json_begin_object(&rpc->out);
    w3p_json_int_field(&rpc->out, "ss58Format", 66);
    w3p_json_int_field(&rpc->out, "tokenDecimals", 12);
    w3p_json_str_field(&rpc->out, "tokenSymbol", "CRU");
    w3p_json_end_object(&rpc->out);
}

static void rpc_methods(struct devnet_rpc *rpc);

static const struct method methods[] = {
    {"author_pendingExtrinsics", w3p_devnet_rpc_pending},
    {"author_submitExtrinsic", w3p_devnet_rpc_submit},
    {"chain_getBlock", w3p_devnet_rpc_block},
    {"chain_getBlockHash", w3p_devnet_rpc_block_hash},
    {"chain_getFinalizedHead", w3p_devnet_rpc_finalized_head},
    {"chain_getHeader", w3p_devnet_rpc_get_header},
    {"dev_faults", w3p_devnet_rpc_faults},
    {"dev_fork", w3p_devnet_rpc_fork},
    {"dev_newBlock", w3p_devnet_rpc_new_block},
    {"dev_setFault", w3p_devnet_rpc_set_fault},
    {"dev_setStorage", w3p_devnet_rpc_set_storage},
    {"payment_queryInfo", w3p_devnet_rpc_query_info},
    {"rpc_methods", rpc_methods},
    {"state_call", w3p_devnet_rpc_call},
    {"state_getMetadata", w3p_devnet_rpc_metadata},
    {"state_getRuntimeVersion", w3p_devnet_rpc_runtime_version},
    {"state_getStorage", w3p_devnet_rpc_storage},
    {"state_queryStorageAt", w3p_devnet_rpc_query_storage_at},
    {"system_accountNextIndex", w3p_devnet_rpc_next_index},
    {"system_chain", system_chain},
    {"system_health", system_health},
    {"system_localPeerId", system_local_peer_id},
    {"system_name", system_name},
    {"system_properties", system_properties},
    {"system_version", system_version},
};
#define METHOD_COUNT (sizeof methods / sizeof methods[0])

static void rpc_methods(struct devnet_rpc *rpc)
{
    w3p_json_begin_object(&rpc->out);
    w3p_json_key(&rpc->out, "methods");
    w3p_json_begin_array(&rpc->out);
    for (size_t i = 0; i < METHOD_COUNT; i++)
        w3p_json_str(&rpc->out, methods[i].name);
    w3p_json_end_array(&rpc->out);
    w3p_json_int_field(&rpc->out, "version", 1);
    w3p_json_end_object(&rpc->out);
}

void w3p_devnet_rpc_fail(struct devnet_rpc *rpc, int code, const char *message, const char *data)
{
    if (rpc->code != 0)
        return;
    rpc->code = code;
    (void)w3p_fail(&rpc->message, code, "%s", message);
    (void)snprintf(rpc->data, sizeof rpc->data, "%s", data != NULL ? data : "");
}

static void bad_params(struct devnet_rpc *rpc, const char *why)
{
    w3p_devnet_rpc_fail(rpc, DEVNET_RPC_PARAMS, why, NULL);
}

const json_t *w3p_devnet_param(const struct devnet_rpc *rpc, size_t at)
{
    const json_t *value = json_array_get(rpc->params, at);
    return json_is_null(value) ? NULL : value;
}

bool w3p_devnet_hex(struct devnet_rpc *rpc, struct w3p_buf *out, const json_t *value)
{
    const char *text = json_string_value(value);
    size_t digits = text != NULL ? json_string_length(value) : 0, len = digits / 2 + 1;
    if (text == NULL || strncmp(text, "0x", 2) != 0) {
        bad_params(rpc, "Invalid params: expected a 0x-prefixed hex string.");
        return false;
    }
    uint8_t *bytes = w3p_calloc(len, 1);
    int err = w3p_hex0x_decode(bytes, &len, text, digits);
    if (err == W3P_OK)
        w3p_buf_put(out, bytes, len);
    free(bytes);
    if (err != W3P_OK || out->failed) {
        bad_params(rpc, err != W3P_OK ? "Invalid params: invalid hex." : "Invalid params: value is too long.");
        return false;
    }
    return true;
}

bool w3p_devnet_hash_param(struct devnet_rpc *rpc, uint8_t hash32[32], size_t at)
{
    struct w3p_buf bytes;
    w3p_buf_init(&bytes, 32);
    bool ok = w3p_devnet_hex(rpc, &bytes, w3p_devnet_param(rpc, at));
    if (ok && bytes.len != 32) {
        bad_params(rpc, "Invalid params: invalid length, expected a 32-byte hash.");
        ok = false;
    }
    if (ok)
        memcpy(hash32, bytes.ptr, 32);
    w3p_buf_deinit(&bytes);
    return ok;
}

const struct devnet_block *w3p_devnet_block_param(struct devnet_rpc *rpc, size_t at, bool state)
{
    uint8_t hash32[32];
    char text[65], message[160];
    if (w3p_devnet_param(rpc, at) == NULL)
        return w3p_devnet_block(rpc->net, w3p_devnet_best(rpc->net));
    if (!w3p_devnet_hash_param(rpc, hash32, at))
        return NULL;
    const struct devnet_block *block = w3p_devnet_block_by_hash(rpc->net, hash32);
    const struct devnet_block *retracted = block == NULL ? w3p_devnet_retracted(rpc->net, hash32) : NULL;
    if (!state)
        return block != NULL ? block : retracted;
    if (block != NULL && w3p_devnet_has_state(rpc->net, block->number))
        return block;
    w3p_hex_encode(text, hash32, 32);
    (void)snprintf(message, sizeof message, "Client error: UnknownBlock: %s BlockId::Hash(0x%s)",
                   block == NULL && retracted == NULL ? "Header was not found in the database:"
                                                      : "State already discarded for",
                   text);
    w3p_devnet_rpc_fail(rpc, DEVNET_RPC_CLIENT, message, NULL);
    return NULL;
}

// Requests ----------------------------------------------------------------------------------------------------------

static void put_error(struct w3p_json *j, int code, const char *message, const char *data)
{
    w3p_json_key(j, "error");
    w3p_json_begin_object(j);
    w3p_json_int_field(j, "code", code);
    w3p_json_str_field(j, "message", message);
    if (data != NULL && data[0] != '\0')
        w3p_json_str_field(j, "data", data);
    w3p_json_end_object(j);
}

static void put_id(struct w3p_json *j, const json_t *id)
{
    char *text = json_is_string(id) || json_is_number(id) ? json_dumps(id, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    w3p_json_key(j, "id");
    if (text != NULL)
        w3p_json_raw(j, text, strlen(text));
    else
        w3p_json_null(j);
    free(text);
}

static void reply_error(struct w3p_json *j, const json_t *id, int code, const char *message)
{
    w3p_json_begin_object(j);
    w3p_json_str_field(j, "jsonrpc", "2.0");
    put_error(j, code, message, NULL);
    put_id(j, id);
    w3p_json_end_object(j);
}

static void run_method(struct devnet_rpc *rpc, const char *name)
{
    bool dev = strncmp(name, "dev_", 4) == 0; // about the chain itself, whichever node is asked
    unsigned node = rpc->net->node == rpc->net->nodes[0] ? 0 : 1;
    for (size_t i = 0; i < METHOD_COUNT; i++)
        if (strcmp(methods[i].name, name) == 0) {
            w3p_devnet_select(rpc->net, dev ? 0 : node);
            methods[i].run(rpc);
            w3p_devnet_select(rpc->net, node);
            return;
        }
    w3p_devnet_rpc_fail(rpc, DEVNET_RPC_METHOD, "Method not found", NULL);
}

static void answer(struct w3p_devnet *net, struct w3p_json *j, const json_t *request)
{
    const json_t *id = json_object_get(request, "id"), *params = json_object_get(request, "params");
    const char *version = json_string_value(json_object_get(request, "jsonrpc"));
    const char *name = json_string_value(json_object_get(request, "method"));
    struct w3p_buf result;
    struct devnet_rpc rpc = {.net = net, .params = params};
    if (name == NULL || version == NULL || strcmp(version, "2.0") != 0) {
        reply_error(j, id, DEVNET_RPC_REQUEST, "Invalid Request");
        return;
    }
    w3p_buf_init(&result, DEVNET_REPLY_MAX);
    w3p_json_init(&rpc.out, &result);
    if (params != NULL && !json_is_null(params) && !json_is_array(params))
        bad_params(&rpc, "Invalid params: expected an array.");
    else
        run_method(&rpc, name);
    if (result.failed || j->out->len + result.len > DEVNET_REPLY_MAX - 4096)
        w3p_devnet_rpc_fail(&rpc, DEVNET_RPC_SERVER, "The reply would be too long", NULL);
    if (id != NULL) { // else a notification: done, and no word about it
        w3p_json_begin_object(j);
        w3p_json_str_field(j, "jsonrpc", "2.0");
        if (rpc.code != 0) {
            put_error(j, rpc.code, rpc.message.text, rpc.data);
        } else {
            w3p_json_key(j, "result");
            w3p_json_raw(j, w3p_buf_str(&result), result.len);
        }
        put_id(j, id);
        w3p_json_end_object(j);
    }
    w3p_buf_deinit(&result);
}

static void answer_batch(struct w3p_devnet *net, struct w3p_json *j, const json_t *batch)
{
    size_t count = json_array_size(batch);
    if (count == 0 || count > DEVNET_BATCH_MAX) {
        reply_error(j, NULL, DEVNET_RPC_REQUEST, count == 0 ? "Invalid Request" : "The batch is too long");
        return;
    }
    w3p_json_begin_array(j);
    for (size_t i = 0; i < count; i++)
        answer(net, j, json_array_get(batch, i));
    w3p_json_end_array(j);
}

void w3p_devnet_handle(struct w3p_devnet *net, struct w3p_buf *reply, const char *text, size_t len)
{
    struct w3p_buf out;
    struct w3p_json j;
    struct w3p_errmsg msg;
    w3p_buf_init(&out, DEVNET_REPLY_MAX);
    w3p_json_init(&j, &out);
    if (len > DEVNET_REQUEST_MAX) {
        reply_error(&j, NULL, DEVNET_RPC_REQUEST, "The request is too long");
    } else {
        json_t *request = w3p_json_parse(&msg, text, len);
        if (request == NULL)
            reply_error(&j, NULL, DEVNET_RPC_PARSE, "Parse error");
        else if (json_is_array(request))
            answer_batch(net, &j, request);
        else
            answer(net, &j, request);
        json_decref(request);
    }
    if (out.failed) { // the errors of a batch whose results fill the reply
        w3p_buf_reset(&out);
        w3p_json_init(&j, &out);
        reply_error(&j, NULL, DEVNET_RPC_SERVER, "The reply would be too long");
    }
    bool silent = out.len == 2 && memcmp(out.ptr, "[]", 2) == 0; // a batch of notifications
    if (!silent)
        w3p_buf_put(reply, w3p_buf_str(&out), out.len);
    w3p_buf_deinit(&out);
}
