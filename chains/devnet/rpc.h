// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: internal to the development chain: one JSON-RPC call, and what its methods share.
// Ownership: a call lives while it is answered.
#ifndef W3P_CHAINS_DEVNET_RPC_H
#define W3P_CHAINS_DEVNET_RPC_H

#include "base/json.h"
#include "devnet/core.h"

#define DEVNET_REQUEST_MAX ((size_t)15 << 20) // bytes, as Substrate's servers
#define DEVNET_REPLY_MAX ((size_t)64 << 20)
#define DEVNET_BATCH_MAX 1000u
#define DEVNET_KEYS_ASKED_MAX 1000u // keys or hashes in one call
#define DEVNET_ERROR_DATA_MAX 1024u

enum {
    DEVNET_RPC_PARSE = -32700,
    DEVNET_RPC_REQUEST = -32600,
    DEVNET_RPC_METHOD = -32601,
    DEVNET_RPC_PARAMS = -32602,
    DEVNET_RPC_SERVER = -32000,
    DEVNET_RPC_CLIENT = 4003 // state that is not there
};

struct devnet_rpc {
    struct w3p_devnet *net;
    const json_t *params; // an array, or NULL
    struct w3p_json out;  // the result; whatever is in it is dropped when `code` is set
    int code;
    struct w3p_errmsg message;
    char data[DEVNET_ERROR_DATA_MAX]; // may be empty
};

void w3p_devnet_rpc_fail(struct devnet_rpc *rpc, int code, const char *message, const char *data);

// Parameters by position. Each fails the call with DEVNET_RPC_PARAMS when the value has another form.
const json_t *w3p_devnet_param(const struct devnet_rpc *rpc, size_t at); // NULL when missing or null
bool w3p_devnet_hex(struct devnet_rpc *rpc, struct w3p_buf *out, const json_t *value);
bool w3p_devnet_hash_param(struct devnet_rpc *rpc, uint8_t hash32[32], size_t at);
// The block of an optional hash parameter, the best one without it. With `state` its state must still be there.
const struct devnet_block *w3p_devnet_block_param(struct devnet_rpc *rpc, size_t at, bool state);

void w3p_devnet_rpc_header(struct w3p_json *j, const struct devnet_block *block);

// rpc_author.c
void w3p_devnet_rpc_submit(struct devnet_rpc *rpc);
void w3p_devnet_rpc_pending(struct devnet_rpc *rpc);
void w3p_devnet_rpc_next_index(struct devnet_rpc *rpc);
void w3p_devnet_rpc_query_info(struct devnet_rpc *rpc);
// Weight, class and fee of the extrinsic in these bytes, as if it were `len` long; false when they are none.
bool w3p_devnet_dispatch_info(struct w3p_devnet *net, struct devnet_call_info *info, w3p_u128 *fee,
                              struct w3p_span bytes, size_t len);
// rpc_chain.c
void w3p_devnet_rpc_block_hash(struct devnet_rpc *rpc);
void w3p_devnet_rpc_block(struct devnet_rpc *rpc);
void w3p_devnet_rpc_get_header(struct devnet_rpc *rpc);
void w3p_devnet_rpc_finalized_head(struct devnet_rpc *rpc);
void w3p_devnet_rpc_new_block(struct devnet_rpc *rpc);
void w3p_devnet_rpc_fork(struct devnet_rpc *rpc);
// rpc_dev.c
void w3p_devnet_rpc_set_fault(struct devnet_rpc *rpc);
void w3p_devnet_rpc_faults(struct devnet_rpc *rpc);
// rpc_state.c
void w3p_devnet_rpc_storage(struct devnet_rpc *rpc);
void w3p_devnet_rpc_query_storage_at(struct devnet_rpc *rpc);
void w3p_devnet_rpc_metadata(struct devnet_rpc *rpc);
void w3p_devnet_rpc_runtime_version(struct devnet_rpc *rpc);
void w3p_devnet_rpc_call(struct devnet_rpc *rpc);
void w3p_devnet_rpc_set_storage(struct devnet_rpc *rpc);

#endif
