// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: submitting extrinsics, with the error codes and texts of Substrate 3 nodes, and asking for fees and nonces.
#include <string.h>

#include "base/encoding.h"
#include "crypto/keys.h"
#include "devnet/rpc.h"
#include "substrate/scale.h"

static const char *reason_of(enum devnet_verdict verdict)
{
    switch (verdict) {
    case DEVNET_STALE:
        return "Transaction is outdated";
    case DEVNET_BAD_PROOF:
        return "Transaction has a bad signature";
    case DEVNET_ANCIENT_BIRTH:
        return "Transaction has an ancient birth block";
    case DEVNET_PAYMENT:
        return "Inability to pay some fees (e.g. account balance too low)";
    case DEVNET_EXHAUSTS:
        return "Transaction would exhaust the block limits";
    case DEVNET_MANDATORY_CALL:
        return "Transaction dispatch is mandatory; transactions may not have mandatory dispatches.";
    case DEVNET_UNEXPECTED_CALL:
    case DEVNET_VALID:
    case DEVNET_UNDECODABLE:
    default:
        return "Transaction call is not expected";
    }
}

static void invalid(struct devnet_rpc *rpc, enum devnet_verdict verdict)
{
    if (verdict == DEVNET_UNDECODABLE)
        w3p_devnet_rpc_fail(rpc, 1002, "Verification Error: Execution(Wasmi(Trap(Trap { kind: Unreachable })))",
                            "Execution(Wasmi(Trap(Trap { kind: Unreachable })))");
    else
        w3p_devnet_rpc_fail(rpc, 1010, "Invalid Transaction", reason_of(verdict));
}

// Nodes see the bytes as one length-prefixed string before the runtime looks into them.
static bool is_framed(const struct w3p_buf *bytes)
{
    struct w3p_reader r;
    w3p_reader_init(&r, bytes->ptr, bytes->len);
    (void)w3p_scale_bytes(&r, DEVNET_XT_BYTES_MAX);
    return w3p_reader_end(&r) == W3P_OK;
}

static void submit(struct devnet_rpc *rpc, const struct w3p_buf *bytes)
{
    enum devnet_verdict verdict;
    uint8_t hash32[32];
    char text[67] = "0x";
    if (!is_framed(bytes)) {
        w3p_devnet_rpc_fail(rpc, 1001, "Extrinsic has invalid format: Not enough data to fill buffer", NULL);
        return;
    }
    enum devnet_submit submitted = w3p_devnet_pool_submit(rpc->net, &verdict, hash32, bytes->ptr, bytes->len);
    w3p_hex_encode(text + 2, hash32, 32);
    switch (submitted) {
    case DEVNET_SUBMIT_OK:
        w3p_json_str(&rpc->out, text);
        break;
    case DEVNET_SUBMIT_BANNED:
        w3p_devnet_rpc_fail(rpc, 1012, "Transaction is temporarily banned", NULL);
        break;
    case DEVNET_SUBMIT_KNOWN:
        w3p_devnet_rpc_fail(rpc, 1013, "Transaction Already Imported", text);
        break;
    case DEVNET_SUBMIT_LOW_PRIORITY:
        w3p_devnet_rpc_fail(rpc, 1014, "Priority is too low",
                            "The transaction has too low priority to replace another transaction already in the pool.");
        break;
    case DEVNET_SUBMIT_FULL:
        w3p_devnet_rpc_fail(rpc, 1016, "Immediately Dropped",
                            "The transaction couldn't enter the pool because of the limit");
        break;
    case DEVNET_SUBMIT_INVALID:
        invalid(rpc, verdict);
        break;
    }
}

void w3p_devnet_rpc_submit(struct devnet_rpc *rpc)
{
    struct w3p_buf bytes;
    w3p_buf_init(&bytes, DEVNET_XT_BYTES_MAX);
    if (w3p_devnet_hex(rpc, &bytes, w3p_devnet_param(rpc, 0)))
        submit(rpc, &bytes);
    w3p_buf_deinit(&bytes);
}

void w3p_devnet_rpc_pending(struct devnet_rpc *rpc)
{
    const struct devnet_pool *pool = &rpc->net->pool;
    w3p_json_begin_array(&rpc->out);
    for (size_t i = 0; i < pool->count; i++)
        w3p_json_hex0x(&rpc->out, pool->entries[i]->bytes.ptr, pool->entries[i]->bytes.len);
    w3p_json_end_array(&rpc->out);
}

void w3p_devnet_rpc_next_index(struct devnet_rpc *rpc)
{
    const json_t *value = w3p_devnet_param(rpc, 0);
    const char *text = json_string_value(value);
    uint8_t account32[32];
    size_t len = sizeof account32;
    bool ok = false;
    if (text != NULL && strncmp(text, "0x", 2) == 0)
        ok = w3p_hex0x_decode(account32, &len, text, strlen(text)) == W3P_OK && len == sizeof account32;
    else if (text != NULL)
        ok = w3p_ss58_parse(account32, NULL, text, strlen(text)) == W3P_OK;
    if (ok)
        w3p_json_uint(&rpc->out, w3p_devnet_pool_next_nonce(rpc->net, account32));
    else
        w3p_devnet_rpc_fail(rpc, DEVNET_RPC_PARAMS, "Invalid params: invalid ss58 address.", NULL);
}

bool w3p_devnet_dispatch_info(struct w3p_devnet *net, struct devnet_call_info *info, w3p_u128 *fee,
                              struct w3p_span bytes)
{
    struct w3p_xt xt;
    struct w3p_reader r;
    if (w3p_xt_decode(&xt, net->rt.md, W3P_ADDRESS_RAW, bytes.ptr, bytes.len) != W3P_OK)
        return false;
    w3p_reader_init(&r, xt.call.ptr, xt.call.len);
    *info = w3p_devnet_call_info(net, &r, 0);
    // The tip is no part of what this estimate is for.
    *fee = w3p_devnet_fee(net, info->weight, info->class, bytes.len, 0);
    return w3p_reader_end(&r) == W3P_OK;
}

void w3p_devnet_rpc_query_info(struct devnet_rpc *rpc)
{
    static const char *const classes[] = {"normal", "operational", "mandatory"};
    struct w3p_buf bytes;
    struct devnet_call_info info;
    w3p_u128 fee;
    char decimal[40];
    w3p_buf_init(&bytes, DEVNET_XT_BYTES_MAX);
    if (!w3p_devnet_hex(rpc, &bytes, w3p_devnet_param(rpc, 0)))
        goto out;
    if (!w3p_devnet_dispatch_info(rpc->net, &info, &fee, w3p_buf_span(&bytes))) {
        w3p_devnet_rpc_fail(rpc, 1, "Unable to query dispatch info.", "Could not decode the extrinsic");
        goto out;
    }
    w3p_u128_format(decimal, fee);
    w3p_json_begin_object(&rpc->out);
    w3p_json_str_field(&rpc->out, "class", classes[info.class]);
    w3p_json_str_field(&rpc->out, "partialFee", decimal);
    w3p_json_key(&rpc->out, "weight");
    w3p_json_uint(&rpc->out, info.weight);
    w3p_json_end_object(&rpc->out);
out:
    w3p_buf_deinit(&bytes);
}
