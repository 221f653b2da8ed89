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
    case DEVNET_FUTURE:
        return "Transaction will be valid in the future";
    case DEVNET_CUSTOM:
        return "Custom error: 7";
    case DEVNET_MANDATORY_CALL:
        return "Transaction dispatch is mandatory; transactions may not have mandatory dispatches.";
    case DEVNET_BAD_MANDATORY:
        return "A call was labelled as mandatory, but resulted in an Error.";
    case DEVNET_UNEXPECTED_CALL:
    case DEVNET_UNKNOWN_VALIDITY:
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
    else if (verdict == DEVNET_UNKNOWN_VALIDITY)
        w3p_devnet_rpc_fail(rpc, 1011, "Unknown Transaction Validity",
                            "Could not lookup information required to validate the transaction");
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

// What the pool, or a fault in its place, says of an extrinsic.
static void put_submitted(struct devnet_rpc *rpc, enum devnet_submit submitted, enum devnet_verdict verdict,
                          const uint8_t hash32[32])
{
    char text[67] = "0x";
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

struct refusal {
    enum w3p_devnet_fault fault;
    enum devnet_submit submit;
    enum devnet_verdict verdict;
};
static const struct refusal refusals[] = {
    {W3P_DEVNET_FAULT_STALE, DEVNET_SUBMIT_INVALID, DEVNET_STALE},
    {W3P_DEVNET_FAULT_FUTURE, DEVNET_SUBMIT_INVALID, DEVNET_FUTURE},
    {W3P_DEVNET_FAULT_BAD_PROOF, DEVNET_SUBMIT_INVALID, DEVNET_BAD_PROOF},
    {W3P_DEVNET_FAULT_ANCIENT, DEVNET_SUBMIT_INVALID, DEVNET_ANCIENT_BIRTH},
    {W3P_DEVNET_FAULT_PAYMENT, DEVNET_SUBMIT_INVALID, DEVNET_PAYMENT},
    {W3P_DEVNET_FAULT_EXHAUSTS, DEVNET_SUBMIT_INVALID, DEVNET_EXHAUSTS},
    {W3P_DEVNET_FAULT_CALL, DEVNET_SUBMIT_INVALID, DEVNET_UNEXPECTED_CALL},
    {W3P_DEVNET_FAULT_MANDATORY, DEVNET_SUBMIT_INVALID, DEVNET_MANDATORY_CALL},
    {W3P_DEVNET_FAULT_BAD_MANDATORY, DEVNET_SUBMIT_INVALID, DEVNET_BAD_MANDATORY},
    {W3P_DEVNET_FAULT_CUSTOM, DEVNET_SUBMIT_INVALID, DEVNET_CUSTOM},
    {W3P_DEVNET_FAULT_UNKNOWN, DEVNET_SUBMIT_INVALID, DEVNET_UNKNOWN_VALIDITY},
    {W3P_DEVNET_FAULT_BANNED, DEVNET_SUBMIT_BANNED, DEVNET_VALID},
    {W3P_DEVNET_FAULT_KNOWN, DEVNET_SUBMIT_KNOWN, DEVNET_VALID},
    {W3P_DEVNET_FAULT_PRIORITY, DEVNET_SUBMIT_LOW_PRIORITY, DEVNET_VALID},
    {W3P_DEVNET_FAULT_POOL_FULL, DEVNET_SUBMIT_FULL, DEVNET_VALID},
};

// The refusal that a fault asks for now, NULL: none. *taken: the pool gets the extrinsic all the same.
static const struct refusal *refused(struct w3p_devnet *net, bool *taken)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        *taken = w3p_devnet_fault_state(net, refusals[i].fault)->taken;
        if (w3p_devnet_fault_fires(net, refusals[i].fault, NULL))
            return &refusals[i];
    }
    return NULL;
}

static void submit(struct devnet_rpc *rpc, const struct w3p_buf *bytes)
{
    enum devnet_submit submitted = DEVNET_SUBMIT_OK;
    enum devnet_verdict verdict = DEVNET_VALID;
    uint8_t hash32[32];
    bool taken = true;
    if (!is_framed(bytes)) {
        w3p_devnet_rpc_fail(rpc, 1001, "Extrinsic has invalid format: Not enough data to fill buffer", NULL);
        return;
    }
    w3p_xt_hash(hash32, bytes->ptr, bytes->len);
    const struct refusal *refusal = refused(rpc->net, &taken);
    if (refusal == NULL || taken)
        submitted = w3p_devnet_pool_submit(rpc->net, &verdict, hash32, bytes->ptr, bytes->len);
    if (refusal != NULL)
        put_submitted(rpc, refusal->submit, refusal->verdict, hash32);
    else
        put_submitted(rpc, submitted, verdict, hash32);
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
    const struct devnet_pool *pool = &rpc->net->node->pool;
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
                              struct w3p_span bytes, size_t len)
{
    struct w3p_xt xt;
    struct w3p_reader r;
    if (w3p_xt_decode(&xt, net->rt.md, W3P_ADDRESS_RAW, bytes.ptr, bytes.len) != W3P_OK)
        return false;
    w3p_reader_init(&r, xt.call.ptr, xt.call.len);
    *info = w3p_devnet_call_info(net, &r, 0);
    // The tip is no part of what this estimate is for.
    *fee = w3p_devnet_fee(net, info->weight, info->class, len, 0);
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
    if (!w3p_devnet_dispatch_info(rpc->net, &info, &fee, w3p_buf_span(&bytes), bytes.len)) {
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
