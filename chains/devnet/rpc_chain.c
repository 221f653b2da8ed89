// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: blocks, headers and hashes over JSON-RPC.
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "devnet/rpc.h"
#include "substrate/rpc.h"

#define BLOCK_MS 6000u
#define NEW_BLOCKS_MAX 1000u // in one dev_newBlock

void w3p_devnet_rpc_header(struct w3p_json *j, const struct devnet_block *block)
{
    char number[24];
    (void)snprintf(number, sizeof number, "0x%llx", (unsigned long long)block->number);
    w3p_json_begin_object(j);
    w3p_json_key(j, "parentHash");
    w3p_json_hex0x(j, block->parent32, 32);
    w3p_json_str_field(j, "number", number);
    w3p_json_key(j, "stateRoot");
    w3p_json_hex0x(j, block->state32, 32);
    w3p_json_key(j, "extrinsicsRoot");
    w3p_json_hex0x(j, block->extrinsics32, 32);
    w3p_json_key(j, "digest");
    w3p_json_begin_object(j);
    w3p_json_key(j, "logs");
    w3p_json_begin_array(j);
    w3p_json_end_array(j);
    w3p_json_end_object(j);
    w3p_json_end_object(j);
}

json_t *w3p_devnet_header(struct w3p_devnet *net, uint64_t number)
{
    const struct devnet_block *block = w3p_devnet_block(net, number);
    struct w3p_buf text;
    struct w3p_json j;
    if (block == NULL)
        return NULL;
    w3p_buf_init(&text, 4096);
    w3p_json_init(&j, &text);
    w3p_devnet_rpc_header(&j, block);
    json_t *header = w3p_json_parse(NULL, w3p_buf_str(&text), text.len);
    w3p_buf_deinit(&text);
    return header;
}

static void put_hash_of(struct devnet_rpc *rpc, const json_t *value)
{
    uint64_t number = 0;
    if (w3p_rpc_hex_number(&number, value) != W3P_OK) {
        w3p_devnet_rpc_fail(rpc, DEVNET_RPC_PARAMS, "Invalid params: expected a block number.", NULL);
        return;
    }
    const struct devnet_block *block = w3p_devnet_block(rpc->net, number);
    if (block != NULL)
        w3p_json_hex0x(&rpc->out, block->hash32, 32);
    else
        w3p_json_null(&rpc->out);
}

void w3p_devnet_rpc_block_hash(struct devnet_rpc *rpc)
{
    const json_t *value = w3p_devnet_param(rpc, 0);
    if (value == NULL) {
        w3p_json_hex0x(&rpc->out, w3p_devnet_block(rpc->net, w3p_devnet_best(rpc->net))->hash32, 32);
    } else if (!json_is_array(value)) {
        put_hash_of(rpc, value);
    } else if (json_array_size(value) > DEVNET_KEYS_ASKED_MAX) {
        w3p_devnet_rpc_fail(rpc, DEVNET_RPC_PARAMS, "Invalid params: too many numbers.", NULL);
    } else {
        w3p_json_begin_array(&rpc->out);
        for (size_t i = 0; i < json_array_size(value) && rpc->code == 0; i++)
            put_hash_of(rpc, json_array_get(value, i));
        w3p_json_end_array(&rpc->out);
    }
}

void w3p_devnet_rpc_block(struct devnet_rpc *rpc)
{
    const struct devnet_block *block = w3p_devnet_block_param(rpc, 0, false);
    if (block == NULL) {
        w3p_json_null(&rpc->out);
        return;
    }
    w3p_json_begin_object(&rpc->out);
    w3p_json_key(&rpc->out, "block");
    w3p_json_begin_object(&rpc->out);
    w3p_json_key(&rpc->out, "header");
    w3p_devnet_rpc_header(&rpc->out, block);
    w3p_json_key(&rpc->out, "extrinsics");
    w3p_json_begin_array(&rpc->out);
    for (size_t i = 0; i < block->xt_count; i++)
        w3p_json_hex0x(&rpc->out, block->xts[i].ptr, block->xts[i].len);
    w3p_json_end_array(&rpc->out);
    w3p_json_end_object(&rpc->out);
    w3p_json_key(&rpc->out, "justification");
    w3p_json_null(&rpc->out);
    w3p_json_end_object(&rpc->out);
}

void w3p_devnet_rpc_get_header(struct devnet_rpc *rpc)
{
    const struct devnet_block *block = w3p_devnet_block_param(rpc, 0, false);
    if (block != NULL)
        w3p_devnet_rpc_header(&rpc->out, block);
    else
        w3p_json_null(&rpc->out);
}

void w3p_devnet_rpc_finalized_head(struct devnet_rpc *rpc)
{
    const struct devnet_block *block = w3p_devnet_block(rpc->net, w3p_devnet_final(rpc->net));
    w3p_json_hex0x(&rpc->out, block != NULL ? block->hash32 : rpc->net->blocks.genesis.hash32, 32);
}

void w3p_devnet_rpc_new_block(struct devnet_rpc *rpc)
{
    const json_t *count = json_object_get(w3p_devnet_param(rpc, 0), "count");
    json_int_t blocks = count != NULL ? json_integer_value(count) : 1;
    if (blocks < 1 || blocks > NEW_BLOCKS_MAX) {
        w3p_devnet_rpc_fail(rpc, DEVNET_RPC_PARAMS, "Invalid params: count must be 1 to 1000.", NULL);
        return;
    }
    for (json_int_t i = 0; i < blocks; i++) {
        struct w3p_reader last = w3p_devnet_item(rpc->net, "Timestamp", "Now");
        uint64_t next_ms = w3p_reader_le64(&last) + BLOCK_MS;
        w3p_devnet_new_block(rpc->net, rpc->net->now_ms > next_ms ? rpc->net->now_ms : next_ms);
    }
    w3p_json_hex0x(&rpc->out, w3p_devnet_block(rpc->net, rpc->net->blocks.best)->hash32, 32);
}

// {"depth": blocks, "lost": "later", "moved" or "dropped"}: the answer is the new best block's hash.
void w3p_devnet_rpc_fork(struct devnet_rpc *rpc)
{
    static const char *const names[] = {"later", "moved", "dropped"};
    const json_t *options = w3p_devnet_param(rpc, 0), *depth = json_object_get(options, "depth");
    const char *lost = json_string_value(json_object_get(options, "lost"));
    struct w3p_errmsg msg = {"Invalid params: expected {\"depth\": blocks, \"lost\": \"later|moved|dropped\"}."};
    unsigned how = 0;
    while (how < 3 && (lost == NULL || strcmp(lost, names[how]) != 0))
        how++;
    int err = how < 3 && json_is_integer(depth) && json_integer_value(depth) >= 0 ? W3P_OK : W3P_E_INVALID;
    if (err == W3P_OK)
        err = w3p_devnet_fork(rpc->net, &msg, (uint64_t)json_integer_value(depth), (enum w3p_devnet_lost)how,
                              rpc->net->now_ms);
    if (err == W3P_OK)
        w3p_json_hex0x(&rpc->out, w3p_devnet_block(rpc->net, w3p_devnet_best(rpc->net))->hash32, 32);
    else
        w3p_devnet_rpc_fail(rpc, DEVNET_RPC_PARAMS, msg.text, NULL);
}
