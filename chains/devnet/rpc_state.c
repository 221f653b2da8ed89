// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: state, metadata, version and runtime calls over JSON-RPC; and writing state from outside.
#include <string.h>

#include "devnet/rpc.h"
#include "substrate/scale.h"

#define VALUE_MAX (4u << 20) // bytes of a value that is set from outside

static void put_value(struct devnet_rpc *rpc, struct w3p_span key, const struct devnet_block *block)
{
    struct w3p_span value;
    if (w3p_devnet_get_at(&rpc->net->state, &value, key, block->number))
        w3p_json_hex0x(&rpc->out, value.ptr, value.len);
    else
        w3p_json_null(&rpc->out);
}

void w3p_devnet_rpc_storage(struct devnet_rpc *rpc)
{
    struct w3p_buf key;
    const struct devnet_block *block = NULL;
    w3p_buf_init(&key, DEVNET_KEY_MAX);
    if (w3p_devnet_hex(rpc, &key, w3p_devnet_param(rpc, 0)))
        block = w3p_devnet_block_param(rpc, 1, true);
    if (block != NULL)
        put_value(rpc, w3p_buf_span(&key), block);
    w3p_buf_deinit(&key);
}

static void put_change(struct devnet_rpc *rpc, const json_t *value, const struct devnet_block *block)
{
    struct w3p_buf key;
    w3p_buf_init(&key, DEVNET_KEY_MAX);
    if (w3p_devnet_hex(rpc, &key, value)) {
        w3p_json_begin_array(&rpc->out);
        w3p_json_hex0x(&rpc->out, key.ptr, key.len);
        put_value(rpc, w3p_buf_span(&key), block);
        w3p_json_end_array(&rpc->out);
    }
    w3p_buf_deinit(&key);
}

void w3p_devnet_rpc_query_storage_at(struct devnet_rpc *rpc)
{
    const json_t *keys = w3p_devnet_param(rpc, 0);
    size_t count = json_array_size(keys);
    if (!json_is_array(keys) || count > DEVNET_KEYS_ASKED_MAX) {
        w3p_devnet_rpc_fail(rpc, DEVNET_RPC_PARAMS, "Invalid params: expected an array of at most 1000 keys.", NULL);
        return;
    }
    const struct devnet_block *block = w3p_devnet_block_param(rpc, 1, true);
    if (block == NULL)
        return;
    w3p_json_begin_array(&rpc->out);
    w3p_json_begin_object(&rpc->out);
    w3p_json_key(&rpc->out, "block");
    w3p_json_hex0x(&rpc->out, block->hash32, 32);
    w3p_json_key(&rpc->out, "changes");
    w3p_json_begin_array(&rpc->out);
    for (size_t i = 0; i < count && rpc->code == 0; i++)
        put_change(rpc, json_array_get(keys, i), block);
    w3p_json_end_array(&rpc->out);
    w3p_json_end_object(&rpc->out);
    w3p_json_end_array(&rpc->out);
}

void w3p_devnet_rpc_metadata(struct devnet_rpc *rpc)
{
    const struct devnet_block *block = w3p_devnet_block_param(rpc, 0, true);
    if (block == NULL)
        return;
    const struct devnet_runtime *rt = w3p_devnet_runtime_at(rpc->net, block->number);
    w3p_json_hex0x(&rpc->out, rt->metadata.ptr, rt->metadata.len);
}

static struct w3p_span version_bytes(const struct devnet_runtime *rt)
{
    return w3p_md_const(w3p_md_pallet(rt->md, "System"), "Version")->value;
}

void w3p_devnet_rpc_runtime_version(struct devnet_rpc *rpc)
{
    const struct devnet_block *block = w3p_devnet_block_param(rpc, 0, true);
    struct w3p_reader r;
    if (block == NULL)
        return;
    struct w3p_span bytes = version_bytes(w3p_devnet_runtime_at(rpc->net, block->number));
    w3p_reader_init(&r, bytes.ptr, bytes.len);
    struct w3p_span spec = w3p_scale_bytes(&r, 64), impl = w3p_scale_bytes(&r, 64);
    w3p_json_begin_object(&rpc->out);
    w3p_json_key(&rpc->out, "specName");
    w3p_json_str_n(&rpc->out, (const char *)spec.ptr, spec.len);
    w3p_json_key(&rpc->out, "implName");
    w3p_json_str_n(&rpc->out, (const char *)impl.ptr, impl.len);
    w3p_json_int_field(&rpc->out, "authoringVersion", w3p_reader_le32(&r));
    w3p_json_int_field(&rpc->out, "specVersion", w3p_reader_le32(&r));
    w3p_json_int_field(&rpc->out, "implVersion", w3p_reader_le32(&r));
    w3p_json_key(&rpc->out, "apis");
    w3p_json_begin_array(&rpc->out);
    size_t apis = w3p_scale_length(&r, 64);
    for (size_t i = 0; i < apis; i++) {
        struct w3p_span id = w3p_reader_take(&r, 8);
        w3p_json_begin_array(&rpc->out);
        w3p_json_hex0x(&rpc->out, id.ptr, id.len);
        w3p_json_uint(&rpc->out, w3p_reader_le32(&r));
        w3p_json_end_array(&rpc->out);
    }
    w3p_json_end_array(&rpc->out);
    w3p_json_int_field(&rpc->out, "transactionVersion", w3p_reader_le32(&r));
    w3p_json_end_object(&rpc->out);
}

// extrinsic ‖ u32 length → weight u64, class u8, fee u128
static void call_query_info(struct devnet_rpc *rpc, struct w3p_buf *out, struct w3p_span data)
{
    struct devnet_call_info info;
    struct w3p_reader r;
    w3p_u128 fee;
    w3p_reader_init(&r, data.ptr, data.len);
    struct w3p_span xt = w3p_reader_take(&r, data.len < 4 ? 0 : data.len - 4);
    uint32_t len = w3p_reader_le32(&r); // what is charged is the length that is said
    if (r.err != W3P_OK || !w3p_devnet_dispatch_info(rpc->net, &info, &fee, xt, len)) {
        w3p_devnet_rpc_fail(rpc, DEVNET_RPC_CLIENT, "Client error: Execution: Wasmi(Trap(Trap { kind: Unreachable }))",
                            NULL);
        return;
    }
    w3p_buf_put_le64(out, info.weight);
    w3p_buf_put_u8(out, (uint8_t)info.class);
    w3p_buf_put_le128(out, fee);
}

static void run_call(struct devnet_rpc *rpc, struct w3p_buf *out, const char *name, struct w3p_span data)
{
    if (strcmp(name, "TransactionPaymentApi_query_info") == 0) {
        call_query_info(rpc, out, data);
    } else if (strcmp(name, "Core_version") == 0) {
        w3p_buf_put_span(out, version_bytes(&rpc->net->rt));
    } else if (strcmp(name, "Metadata_metadata") == 0) {
        w3p_scale_put_bytes(out, rpc->net->rt.metadata.ptr, rpc->net->rt.metadata.len);
    } else if (strcmp(name, "AccountNonceApi_account_nonce") == 0 && data.len == 32) {
        w3p_buf_put_le32(out, w3p_devnet_account(rpc->net, data.ptr).nonce);
    } else {
        char message[200];
        (void)snprintf(message, sizeof message,
                       "Client error: Execution: Other(\"Exported method %.80s is not found\")", name);
        w3p_devnet_rpc_fail(rpc, DEVNET_RPC_CLIENT, message, NULL);
    }
}

void w3p_devnet_rpc_call(struct devnet_rpc *rpc)
{
    const char *name = json_string_value(w3p_devnet_param(rpc, 0));
    const struct devnet_block *block = NULL;
    struct w3p_buf data, out;
    w3p_buf_init(&data, DEVNET_XT_BYTES_MAX);
    w3p_buf_init(&out, W3P_METADATA_MAX + 8);
    if (name == NULL)
        w3p_devnet_rpc_fail(rpc, DEVNET_RPC_PARAMS, "Invalid params: expected the name of a runtime call.", NULL);
    else if (w3p_devnet_hex(rpc, &data, w3p_devnet_param(rpc, 1)))
        block = w3p_devnet_block_param(rpc, 2, true);
    if (block != NULL) {
        rpc->net->state.seen = block->number; // until the next node is selected
        w3p_devnet_runtime_use(rpc->net, block->number);
        run_call(rpc, &out, name, w3p_buf_span(&data));
    }
    if (rpc->code == 0)
        w3p_json_hex0x(&rpc->out, out.ptr, out.len);
    w3p_buf_deinit(&data);
    w3p_buf_deinit(&out);
}

// One [key, value] pair. Nothing is written unless `execute`.
static bool set_pair(struct devnet_rpc *rpc, const json_t *pair, bool execute)
{
    const json_t *text = json_array_get(pair, 1);
    struct w3p_buf key, value;
    w3p_buf_init(&key, DEVNET_KEY_MAX);
    w3p_buf_init(&value, VALUE_MAX);
    bool ok = w3p_devnet_hex(rpc, &key, json_array_get(pair, 0));
    if (ok && text != NULL && !json_is_null(text))
        ok = w3p_devnet_hex(rpc, &value, text);
    if (ok && execute) {
        if (text == NULL || json_is_null(text))
            w3p_devnet_delete(&rpc->net->state, w3p_buf_span(&key));
        else
            w3p_devnet_put(&rpc->net->state, w3p_buf_span(&key), w3p_buf_span(&value));
    }
    w3p_buf_deinit(&key);
    w3p_buf_deinit(&value);
    return ok;
}

// All pairs or none; they belong to the best block.
void w3p_devnet_rpc_set_storage(struct devnet_rpc *rpc)
{
    const json_t *pairs = w3p_devnet_param(rpc, 0);
    size_t count = json_array_size(pairs);
    if (!json_is_array(pairs) || count > DEVNET_KEYS_ASKED_MAX || w3p_devnet_state_full(&rpc->net->state)) {
        w3p_devnet_rpc_fail(rpc, DEVNET_RPC_PARAMS, "Invalid params: expected at most 1000 [key, value] pairs.", NULL);
        return;
    }
    for (size_t i = 0; i < 2 * count; i++)
        if (!set_pair(rpc, json_array_get(pairs, i % count), i >= count))
            return;
    w3p_devnet_settle(&rpc->net->state);
    w3p_json_hex0x(&rpc->out, w3p_devnet_block(rpc->net, rpc->net->blocks.best)->hash32, 32);
}
