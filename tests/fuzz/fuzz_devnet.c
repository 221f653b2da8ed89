// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: any bytes as a JSON-RPC message to the simulated chain, and as the call of an extrinsic that //Alice signs.
// Every reply is JSON with one of result and error and the id of its request; after any call the events of the block
// can be walked by our own decoder, and no planck appears from nowhere. Input: '{' and a message, or 'c' and a call.
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/json.h"
#include "crust/crust_internal.h"
#include "crypto/hash.h"
#include "devnet/devnet.h"
#include "substrate/events.h"
#include "substrate/scale.h"

#define START_MS UINT64_C(1700000000000)
#define REPLY_MAX (64u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static struct w3p_devnet *new_chain(void)
{
    static const char *const fund[] = {"//Alice"};
    struct w3p_devnet *net = NULL;
    struct w3p_devnet_conf conf = {.runtime = "rocky-4",
                                   .fund = fund,
                                   .fund_count = 1,
                                   .replicas_after = 1,
                                   .storage_nodes = 2,
                                   .finality_lag = 1,
                                   .start_ms = START_MS};
    require(w3p_devnet_create(&net, NULL, &conf) == W3P_OK);
    return net;
}

static json_t *ask(struct w3p_devnet *net, const char *text, size_t len)
{
    struct w3p_buf reply;
    w3p_buf_init(&reply, REPLY_MAX);
    w3p_devnet_handle(net, &reply, text, len);
    json_t *json = NULL;
    if (reply.len > 0) {
        json = json_loadb(w3p_buf_str(&reply), reply.len, JSON_REJECT_DUPLICATES, NULL);
        require(json != NULL);
    }
    w3p_buf_deinit(&reply);
    return json;
}

static void check_reply(const json_t *reply, const json_t *request)
{
    const json_t *id = json_object_get(request, "id"), *answered = json_object_get(reply, "id");
    bool result = json_object_get(reply, "result") != NULL, error = json_object_get(reply, "error") != NULL;
    require(json_is_object(reply) && result != error && answered != NULL);
    require(strcmp(json_string_value(json_object_get(reply, "jsonrpc")), "2.0") == 0);
    if (json_is_string(id) || json_is_number(id))
        require(json_equal(id, answered));
    else
        require(json_is_null(answered));
    if (error)
        require(json_is_integer(json_object_get(json_object_get(reply, "error"), "code")));
}

static void check_message(const uint8_t *data, size_t size)
{
    struct w3p_devnet *net = new_chain();
    json_t *request = w3p_json_parse(NULL, (const char *)data, size);
    json_t *reply = ask(net, (const char *)data, size);
    if (json_is_array(reply)) {
        require(json_is_array(request) && json_array_size(reply) <= json_array_size(request));
        for (size_t i = 0; i < json_array_size(reply); i++)
            require(json_is_object(json_array_get(reply, i)));
    } else if (reply != NULL) {
        check_reply(reply, json_is_object(request) ? request : NULL);
    } else {
        require(json_is_array(request) || (json_is_object(request) && json_object_get(request, "id") == NULL));
    }
    json_decref(reply);
    json_decref(request);
    w3p_devnet_destroy(net);
}

// ---- calls ----

static json_t *call(struct w3p_devnet *net, const char *method, const char *params)
{
    struct w3p_buf text;
    w3p_buf_init(&text, REPLY_MAX);
    w3p_buf_printf(&text, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}", method, params);
    json_t *reply = ask(net, w3p_buf_str(&text), text.len);
    json_t *result = json_incref(json_object_get(reply, "result"));
    json_decref(reply);
    w3p_buf_deinit(&text);
    return result;
}

static void storage(struct w3p_buf *out, struct w3p_devnet *net, struct w3p_span key)
{
    struct w3p_buf params;
    w3p_buf_init(&params, 1024);
    w3p_buf_put_str(&params, "[\"0x");
    w3p_buf_put_hex(&params, key.ptr, key.len);
    w3p_buf_put_str(&params, "\"]");
    json_t *value = call(net, "state_getStorage", w3p_buf_str(&params));
    w3p_buf_reset(out);
    if (json_is_string(value))
        require(w3p_rpc_bytes(out, value) == W3P_OK);
    json_decref(value);
    w3p_buf_deinit(&params);
}

static w3p_u128 free_balance(struct w3p_devnet *net, const struct w3p_metadata *md, const uint8_t account32[32])
{
    const struct w3p_md_pallet *system = w3p_md_pallet(md, "System");
    struct w3p_buf key, value;
    struct w3p_reader r;
    w3p_buf_init(&key, 128);
    w3p_buf_init(&value, 1024);
    w3p_storage_map_key(&key, "System", w3p_md_entry(system, "Account"), W3P_SPAN(account32, 32));
    storage(&value, net, w3p_buf_span(&key));
    w3p_reader_init(&r, value.ptr, value.len);
    w3p_reader_skip(&r, 4 + 4 * 2); // nonce, two counters of references
    w3p_u128 balance = w3p_reader_le128(&r);
    w3p_buf_deinit(&key);
    w3p_buf_deinit(&value);
    return balance;
}

static void check_events(struct w3p_devnet *net, const struct w3p_metadata *md)
{
    uint8_t key32[32];
    struct w3p_buf bytes;
    struct w3p_events events;
    struct w3p_event event;
    w3p_buf_init(&bytes, W3P_CRUST_EVENTS_MAX);
    w3p_storage_prefix(key32, "System", "Events");
    storage(&bytes, net, W3P_SPAN(key32, 32));
    w3p_events_init(&events, md, bytes.ptr, bytes.len);
    while (w3p_events_next(&events, &event))
        ;
    require(w3p_reader_end(&events.reader) == W3P_OK);
    w3p_buf_deinit(&bytes);
}

static void sign(struct w3p_buf *params, struct w3p_devnet *net, const struct w3p_metadata *md,
                 const struct w3p_keypair *key, struct w3p_span bytes)
{
    struct w3p_xt_params with = {.spec_version = 4, .tx_version = 1};
    struct w3p_buf xt;
    json_t *genesis = call(net, "chain_getBlockHash", "[0]"), *version = call(net, "state_getRuntimeVersion", "[]");
    require(w3p_rpc_hash(with.genesis32, genesis) == W3P_OK);
    memcpy(with.birth_hash32, with.genesis32, 32);
    with.spec_version = (uint32_t)json_integer_value(json_object_get(version, "specVersion"));
    with.tx_version = (uint32_t)json_integer_value(json_object_get(version, "transactionVersion"));
    w3p_buf_init(&xt, 1u << 20);
    require(w3p_xt_sign(&xt, NULL, md, &with, key, bytes) == W3P_OK);
    w3p_buf_put_str(params, "[\"0x");
    w3p_buf_put_hex(params, xt.ptr, xt.len);
    w3p_buf_put_str(params, "\"]");
    w3p_buf_deinit(&xt);
    json_decref(genesis);
    json_decref(version);
}

static void check_call(const uint8_t *data, size_t size)
{
    static struct w3p_metadata *md;
    struct w3p_devnet *net = new_chain();
    struct w3p_keypair alice;
    uint8_t account32[32];
    struct w3p_buf params;
    if (md == NULL) {
        struct w3p_buf bytes;
        json_t *text = call(net, "state_getMetadata", "[]");
        w3p_buf_init(&bytes, W3P_METADATA_MAX);
        require(w3p_rpc_bytes(&bytes, text) == W3P_OK && w3p_metadata_parse(&md, NULL, bytes.ptr, bytes.len) == W3P_OK);
        w3p_buf_deinit(&bytes);
        json_decref(text);
    }
    require(w3p_keypair_from_uri(&alice, NULL, W3P_KEY_SR25519, "//Alice") == W3P_OK);
    w3p_keypair_account(account32, &alice);
    w3p_buf_init(&params, 4u << 20);
    sign(&params, net, md, &alice, W3P_SPAN(data, size));
    w3p_u128 before = free_balance(net, md, account32);
    require(before > 0);
    json_t *info = call(net, "payment_queryInfo", w3p_buf_str(&params));
    json_t *hash = call(net, "author_submitExtrinsic", w3p_buf_str(&params));
    w3p_devnet_new_block(net, START_MS + 6000);
    check_events(net, md);
    json_t *header = call(net, "chain_getHeader", "[]"), *same = w3p_devnet_header(net, w3p_devnet_best(net));
    require(header != NULL && json_equal(header, same) && w3p_devnet_header(net, UINT32_MAX) == NULL);
    json_decref(header);
    json_decref(same);
    json_t *block = call(net, "chain_getBlock", "[]");
    require(json_array_size(json_object_get(json_object_get(block, "block"), "extrinsics")) >= (hash != NULL ? 2 : 1));
    json_decref(block);
    w3p_u128 after = free_balance(net, md, account32);
    require(hash != NULL ? after < before : after == before);
    json_decref(info);
    json_decref(hash);
    w3p_buf_deinit(&params);
    w3p_devnet_destroy(net);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    w3p_crypto_init();
    if (size > 0 && data[0] == '{')
        check_message(data + 1, size - 1);
    else if (size > 0 && data[0] == 'c')
        check_call(data + 1, size - 1);
    return 0;
}
