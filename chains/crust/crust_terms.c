// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what decides whether an order may be placed: the market's switch and fees, the operator's balance and nonce,
// and an estimate of the transaction fee.
#include <string.h>

#include "base/clock.h"
#include "crust/crust_internal.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "substrate/account.h"
#include "substrate/dispatch.h"

#define TX_FEE_TTL_MS 300000
#define TX_FEE_FALLBACK 2000000000u // planck; three times what the runtime takes at its lowest fee multiplier

enum { OPEN, BASE, BYTE, KEYS, ACCOUNT, ITEMS };

// The value, or the entry's default when there is none.
static struct w3p_span value_of(const struct w3p_crust_item *item, const struct w3p_md_entry *entry)
{
    return item->present ? w3p_buf_span(&item->value) : entry->fallback;
}

static int take_balance(w3p_u128 *out, struct w3p_span value)
{
    struct w3p_reader r;
    w3p_reader_init(&r, value.ptr, value.len);
    *out = w3p_reader_le128(&r);
    return w3p_reader_end(&r);
}

static int take_account(struct w3p_chain_terms *out, const struct w3p_metadata *md, struct w3p_span value)
{
    struct w3p_account account;
    int err = w3p_account_decode(&account, md, value);
    if (err != W3P_OK)
        return err;
    out->nonce = account.nonce;
    out->usable_balance = account.available > account.frozen ? account.available - account.frozen : 0;
    return W3P_OK;
}

static int take_items(struct w3p_chain_terms *out, struct w3p_errmsg *msg, const struct w3p_crust_runtime *rt,
                      const struct w3p_crust_item *items)
{
    struct w3p_span open = value_of(&items[OPEN], rt->market_open);
    int err = open.len == 1 && open.ptr[0] <= 1 ? W3P_OK : W3P_E_INVALID;
    out->market_open = err == W3P_OK && open.ptr[0] == 1;
    if (err == W3P_OK && rt->base_fee != NULL)
        err = take_balance(&out->base_fee, value_of(&items[BASE], rt->base_fee));
    if (err == W3P_OK)
        err = take_balance(&out->per_mib_fee, value_of(&items[BYTE], rt->byte_fee));
    if (err == W3P_OK)
        err = take_balance(&out->keys_fee, value_of(&items[KEYS], rt->keys_fee));
    if (err == W3P_OK && items[ACCOUNT].present) // an account that does not exist has nothing
        err = take_account(out, rt->md, w3p_buf_span(&items[ACCOUNT].value));
    return err == W3P_OK ? W3P_OK : w3p_fail(msg, W3P_E_PROTOCOL, "fees or account have another form than expected");
}

static int read_terms(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_chain_terms *out,
                      const uint8_t at_hash32[32])
{
    const struct w3p_crust_runtime *rt = c->runtime;
    struct w3p_crust_item items[ITEMS];
    for (size_t i = 0; i < ITEMS; i++)
        w3p_crust_item_init(&items[i]);
    const char *market = rt->market->storage_prefix;
    w3p_crust_item_plain(&items[OPEN], market, rt->market_open->name);
    w3p_crust_item_plain(&items[BASE], market, rt->base_fee != NULL ? rt->base_fee->name : rt->byte_fee->name);
    w3p_crust_item_plain(&items[BYTE], market, rt->byte_fee->name);
    w3p_crust_item_plain(&items[KEYS], market, rt->keys_fee->name);
    w3p_storage_map_key(&items[ACCOUNT].key, rt->system->storage_prefix, rt->account, W3P_SPAN(c->account32, 32));
    int err = w3p_crust_read(c, msg, items, ITEMS, at_hash32);
    if (err == W3P_OK)
        err = take_items(out, msg, rt, items);
    if (err == W3P_OK && c->seen_at_ms != 0 && memcmp(c->seen.final_hash32, at_hash32, 32) == 0)
        err = w3p_crust_vote_terms(
            c, msg,
            &(struct w3p_crust_terms_view){
                .number = c->seen.final_number, .hash32 = at_hash32, .items = items, .count = ITEMS});
    for (size_t i = 0; i < ITEMS; i++)
        w3p_crust_item_deinit(&items[i]);
    return err;
}

// Signed by a key that is thrown away: an endpoint must never see a valid signature of the operator for something that
// is not on the disk.
int w3p_crust_dummy(struct w3p_crust *c, struct w3p_buf *out, const struct w3p_crust_runtime *rt,
                    const struct w3p_crust_dummy_call *what)
{
    struct w3p_xt_params params = {.spec_version = rt->spec_version,
                                   .tx_version = rt->tx_version,
                                   .era = w3p_era_at(c->settings->era_blocks, 0),
                                   .nonce = what->nonce,
                                   .address_form = rt->address_form};
    struct w3p_chain_order orders[W3P_CHAIN_BATCH_MAX];
    struct w3p_keypair *key = w3p_secret_alloc(sizeof(*key));
    struct w3p_buf call;
    uint8_t seed32[32];

    for (size_t i = 0; i < W3P_CHAIN_BATCH_MAX; i++)
        orders[i] = what->order;
    memcpy(params.genesis32, c->genesis32, 32);
    memcpy(params.birth_hash32, c->genesis32, 32);
    w3p_buf_init(&call, W3P_CHAIN_TX_MAX);
    w3p_random(seed32, sizeof(seed32));
    int err = w3p_keypair_from_seed(key, c->key != NULL ? c->key->type : W3P_KEY_SR25519, seed32);
    if (err == W3P_OK)
        err = w3p_crust_call_put(&call, rt, orders, what->n, what->batch);
    if (err == W3P_OK)
        err = w3p_xt_sign(out, NULL, rt->md, &params, key, w3p_buf_span(&call));
    w3p_buf_deinit(&call);
    w3p_secret_free(key);
    return err;
}

// RuntimeDispatchInfo: weight, class u8, partial fee u128.
static int take_fee(w3p_u128 *out, const struct w3p_metadata *md, const json_t *result)
{
    struct w3p_buf bytes;
    struct w3p_reader r;
    w3p_buf_init(&bytes, 64);
    int err = w3p_rpc_bytes(&bytes, result);
    w3p_reader_init(&r, bytes.ptr, bytes.len);
    (void)w3p_weight_read(&r, md, w3p_weight_type(md));
    w3p_reader_skip(&r, 1);
    w3p_u128 fee = w3p_reader_le128(&r);
    if (err == W3P_OK)
        err = w3p_reader_end(&r);
    if (err == W3P_OK)
        *out = fee;
    w3p_buf_deinit(&bytes);
    return err;
}

int w3p_crust_query_fee(struct w3p_crust *c, struct w3p_errmsg *msg, w3p_u128 *out, const struct w3p_metadata *md,
                        struct w3p_span xt, size_t len, const uint8_t at_hash32[32])
{
    struct w3p_buf args;
    json_t *result = NULL;
    w3p_buf_init(&args, xt.len + 4);
    w3p_buf_put_span(&args, xt);
    w3p_buf_put_le32(&args, (uint32_t)len);
    json_t *params = json_pack("[s, o, o]", "TransactionPaymentApi_query_info", w3p_rpc_hex(args.ptr, args.len),
                               w3p_rpc_hex(at_hash32, 32));
    int err = w3p_crust_rpc(c, msg, &result, NULL, "state_call", params, true);
    if (err == W3P_OK && take_fee(out, md, result) != W3P_OK)
        err = w3p_fail(msg, W3P_E_REMOTE, "the fee has another form than expected");
    json_decref(result);
    w3p_buf_deinit(&args);
    return err;
}

static int estimate_fee(struct w3p_crust *c, struct w3p_errmsg *msg, const uint8_t at_hash32[32])
{
    int64_t now = w3p_clock_mono_ms();
    if (c->tx_fee_at_ms != 0 && now - c->tx_fee_at_ms < TX_FEE_TTL_MS)
        return W3P_OK;
    struct w3p_buf xt;
    w3p_buf_init(&xt, W3P_CHAIN_TX_MAX);
    int err = w3p_crust_dummy(c, &xt, c->runtime, &(struct w3p_crust_dummy_call){W3P_CRUST_USUAL(c), .n = 1});
    if (err != W3P_OK) {
        err = w3p_fail(msg, err, "cannot build an extrinsic for the fee");
        goto out;
    }
    err = w3p_crust_query_fee(c, msg, &c->tx_fee, c->runtime->md, w3p_buf_span(&xt), xt.len, at_hash32);
    if (err != W3P_OK && err != W3P_E_REMOTE)
        goto out;
    if (err != W3P_OK)
        c->tx_fee = TX_FEE_FALLBACK;
    c->tx_fee_at_ms = now;
    err = W3P_OK;
out:
    w3p_buf_deinit(&xt);
    return err;
}

int w3p_crust_terms(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_terms *out,
                    const uint8_t at_hash32[32])
{
    struct w3p_crust *c = w3p_crust_of(chain);
    struct w3p_chain_terms terms = {0};
    int err = w3p_crust_ready(c, msg);
    if (err == W3P_OK)
        err = read_terms(c, msg, &terms, at_hash32);
    if (err == W3P_OK)
        err = estimate_fee(c, msg, at_hash32);
    if (err != W3P_OK)
        return w3p_crust_end(c, msg, err);
    terms.size_max = c->runtime->size_max;
    terms.existential_deposit = c->runtime->existential_deposit;
    terms.tx_fee = c->tx_fee;
    terms.tip = chain->tip;
    *out = terms;
    return W3P_OK;
}

int w3p_crust_order_fee(struct w3p_chain *chain, struct w3p_errmsg *msg, w3p_u128 *fee,
                        const struct w3p_chain_order *order, uint32_t nonce, const uint8_t at_hash32[32])
{
    struct w3p_crust *c = w3p_crust_of(chain);
    struct w3p_crust_dummy_call what = {.order = *order, .nonce = nonce, .n = 1};
    struct w3p_buf xt;
    w3p_buf_init(&xt, W3P_CHAIN_TX_MAX);
    int err = w3p_crust_ready(c, msg);
    if (err == W3P_OK && w3p_crust_dummy(c, &xt, c->runtime, &what) != W3P_OK)
        err = w3p_fail(msg, W3P_E_INVALID, "cannot build an extrinsic for the fee");
    if (err == W3P_OK)
        err = w3p_crust_query_fee(c, msg, fee, c->runtime->md, w3p_buf_span(&xt), xt.len, at_hash32);
    w3p_buf_deinit(&xt);
    return w3p_crust_end(c, msg, err);
}
