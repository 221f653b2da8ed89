// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the runtime's signed extensions check, in their order, and what an extrinsic costs.
// Must not: change state.
#include <string.h>

#include "devnet/core.h"

#define MULTIPLIER_ONE ((w3p_u128)1000000000000000000u) // FixedU128

static w3p_u128 weight_fee(const struct w3p_devnet *net, uint64_t weight)
{
    uint64_t capped = weight < net->rt.max_block ? weight : net->rt.max_block;
    return w3p_devnet_perbill(net->rt.weight_to_fee_perbill, capped);
}

w3p_u128 w3p_devnet_fee(const struct w3p_devnet *net, uint64_t weight, enum devnet_class class, size_t len,
                        w3p_u128 tip)
{
    w3p_u128 multiplier = w3p_devnet_item_u128(net, "TransactionPayment", "NextFeeMultiplier");
    w3p_u128 fee = weight_fee(net, net->rt.limits[class].base_extrinsic);
    fee = w3p_devnet_add(fee, w3p_devnet_mul(net->rt.length_fee, len));
    fee = w3p_devnet_add(fee, w3p_devnet_mul(weight_fee(net, weight), multiplier) / MULTIPLIER_ONE);
    return w3p_devnet_add(fee, tip);
}

// Fee per share of a block, whichever of weight and length is scarcer, and the weight on top.
static uint64_t priority_of(const struct w3p_devnet *net, const struct devnet_call_info *info, size_t len, w3p_u128 fee)
{
    uint64_t by_weight = net->rt.max_block / (info->weight > 0 ? info->weight : 1);
    uint64_t by_length = net->rt.limits[DEVNET_NORMAL].max_length / (len > 0 ? len : 1);
    w3p_u128 priority = w3p_devnet_mul(fee, by_weight < by_length ? by_weight : by_length);
    priority = w3p_devnet_add(priority, info->weight);
    if (info->class == DEVNET_OPERATIONAL)
        priority = w3p_devnet_add(priority, UINT64_MAX / 2);
    return priority > UINT64_MAX ? UINT64_MAX : (uint64_t)priority;
}

// Parts behind the call that are not in the extrinsic but signed with it. False when the birth block is too old, or is
// still to come.
static bool put_additional(struct w3p_buf *out, const struct w3p_devnet *net, const struct w3p_xt *xt, uint64_t next)
{
    struct w3p_xt_params params = {.spec_version = net->rt.spec_version, .tx_version = net->rt.tx_version};
    struct w3p_buf extra;
    uint64_t birth = w3p_era_birth(xt->era, next);
    const struct devnet_block *block = w3p_devnet_block(net, birth);
    bool in_reach = birth == 0 || next - birth <= (uint64_t)net->rt.block_hash_count + 1;
    if (birth >= next || !in_reach || block == NULL)
        return false;
    memcpy(params.genesis32, net->blocks.genesis.hash32, 32);
    memcpy(params.birth_hash32, block->hash32, 32);
    w3p_buf_init(&extra, 64);
    int err = w3p_xt_extra(&extra, out, net->rt.md, &params);
    w3p_buf_deinit(&extra);
    return err == W3P_OK;
}

static enum devnet_verdict check_call(struct w3p_devnet *net, struct devnet_checked *out)
{
    struct w3p_reader r;
    w3p_reader_init(&r, out->xt.call.ptr, out->xt.call.len);
    out->info = w3p_devnet_call_info(net, &r, 0);
    if (r.err == W3P_E_UNSUPPORTED)
        return DEVNET_UNEXPECTED_CALL;
    return w3p_reader_end(&r) == W3P_OK ? DEVNET_VALID : DEVNET_UNDECODABLE;
}

enum devnet_verdict w3p_devnet_recheck(struct w3p_devnet *net, const struct devnet_checked *checked, uint64_t next)
{
    struct devnet_account account = w3p_devnet_account(net, checked->xt.signer32);
    if (next >= checked->death)
        return DEVNET_BAD_PROOF;
    if (checked->xt.nonce < account.nonce)
        return DEVNET_STALE;
    if (!w3p_devnet_withdraw_fee(net, checked->xt.signer32, checked->fee, checked->xt.tip != 0, false))
        return DEVNET_PAYMENT;
    return DEVNET_VALID;
}

static enum devnet_verdict check_limits(const struct w3p_devnet *net, const struct devnet_checked *checked, size_t len)
{
    const struct devnet_class_limit *limit = &net->rt.limits[checked->info.class];
    if (checked->info.class == DEVNET_MANDATORY)
        return DEVNET_MANDATORY_CALL;
    return len > limit->max_length || checked->info.weight > limit->max_extrinsic ? DEVNET_EXHAUSTS : DEVNET_VALID;
}

enum devnet_verdict w3p_devnet_validate(struct w3p_devnet *net, struct devnet_checked *out, const uint8_t *bytes,
                                        size_t len)
{
    struct w3p_buf additional;
    uint64_t next = w3p_devnet_best(net) + 1;
    memset(out, 0, sizeof *out);
    if (w3p_xt_decode(&out->xt, net->rt.md, W3P_ADDRESS_RAW, bytes, len) != W3P_OK)
        return DEVNET_UNDECODABLE;
    enum devnet_verdict verdict = check_call(net, out);
    if (verdict != DEVNET_VALID)
        return verdict;
    w3p_buf_init(&additional, 256);
    if (!put_additional(&additional, net, &out->xt, next))
        verdict = DEVNET_ANCIENT_BIRTH;
    else if (w3p_xt_verify(&out->xt, w3p_buf_span(&additional)) != W3P_SIG_VALID)
        verdict = DEVNET_BAD_PROOF;
    w3p_buf_deinit(&additional);
    if (verdict != DEVNET_VALID)
        return verdict;
    out->death = w3p_era_death(out->xt.era, next);
    out->fee = w3p_devnet_fee(net, out->info.weight, out->info.class, len, out->xt.tip);
    out->priority = priority_of(net, &out->info, len, out->fee);
    verdict = w3p_devnet_recheck(net, out, next);
    if (verdict == DEVNET_STALE)
        return verdict;
    enum devnet_verdict limits = check_limits(net, out, len);
    return limits != DEVNET_VALID ? limits : verdict;
}
