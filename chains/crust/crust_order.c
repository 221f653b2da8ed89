// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: an order's extrinsic: the call, the signature, the sending, and the search for it in a block.
// Must not: keep anything; what was signed is the engine's to store before it is sent.
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "crust/crust_internal.h"
#include "substrate/scale.h"

#define EXTRINSIC_MAX (6u << 20) // the runtime's limit of a whole block is 5 MiB

static int put_order(struct w3p_buf *out, const struct w3p_crust_runtime *rt, const struct w3p_chain_order *order)
{
    size_t len = strlen(order->cid);
    if (len == 0 || len > W3P_CRUST_CID_MAX)
        return W3P_E_INVALID;
    w3p_buf_put_u8(out, rt->market->index);
    w3p_buf_put_u8(out, rt->call_index);
    w3p_scale_put_bytes(out, order->cid, len);
    w3p_buf_put_le64(out, order->size);
    w3p_scale_put_compact(out, order->tip);
    if (rt->call_has_memo) // Crust's convention for directories
        w3p_scale_put_bytes(out, "folder", order->is_folder ? 6 : 0);
    return W3P_OK;
}

int w3p_crust_call_put(struct w3p_buf *out, const struct w3p_crust_runtime *rt, const struct w3p_chain_order *orders,
                       size_t n, bool batch)
{
    int err = n >= 1 && n <= (batch ? W3P_CHAIN_BATCH_MAX : 1u) ? W3P_OK : W3P_E_INVALID;
    if (err == W3P_OK && batch && !rt->has_batch)
        err = W3P_E_STATE;
    if (err == W3P_OK && batch) {
        w3p_buf_put_u8(out, rt->utility_index);
        w3p_buf_put_u8(out, rt->batch_index);
        w3p_scale_put_compact(out, n);
    }
    for (size_t i = 0; err == W3P_OK && i < n; i++)
        err = put_order(out, rt, &orders[i]);
    return err == W3P_OK ? w3p_buf_status(out) : err;
}

// The era is born at the finalized head: phases are exact for periods up to 4096, and settings allow 1024.
static int set_era(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_xt_params *params, struct w3p_chain_tx *tx)
{
    uint64_t head = 0;
    int err = w3p_crust_final_head(c, msg, params->birth_hash32, &head);
    if (err != W3P_OK)
        return err;
    params->era = w3p_era_at(c->settings->era_blocks, head);
    tx->birth_block = w3p_era_birth(params->era, head);
    tx->death_block = w3p_era_death(params->era, head);
    memcpy(tx->birth_hash32, params->birth_hash32, 32);
    return W3P_OK;
}

int w3p_crust_sign(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_tx *out,
                   const struct w3p_chain_order *orders, size_t n, uint32_t nonce)
{
    struct w3p_crust *c = w3p_crust_of(chain);
    struct w3p_chain_tx tx = {.nonce = nonce};
    struct w3p_buf call, xt;

    if (c->key == NULL)
        return w3p_fail(msg, W3P_E_STATE, "there is no operator key");
    w3p_buf_init(&call, W3P_CHAIN_TX_MAX);
    w3p_buf_init(&xt, W3P_CHAIN_TX_MAX);
    if (w3p_clock_mono_ms() - c->runtime_checked_at_ms >= W3P_CRUST_SIGN_FRESH_MS)
        c->runtime_checked_at_ms = 0;
    int err = w3p_crust_ready(c, msg);
    if (err != W3P_OK)
        goto out;
    const struct w3p_crust_runtime *rt = c->runtime;
    // no tip: an order's tip (crust.tip_planck) goes to the storage nodes, this one would go to the block's author
    struct w3p_xt_params params = {.spec_version = rt->spec_version,
                                   .tx_version = rt->tx_version,
                                   .nonce = nonce,
                                   .address_form = rt->address_form};
    memcpy(params.genesis32, c->genesis32, 32);
    err = set_era(c, msg, &params, &tx);
    if (err != W3P_OK)
        goto out;
    err = w3p_crust_call_put(&call, rt, orders, n, n > 1);
    if (err == W3P_E_STATE)
        err = w3p_fail(msg, err, "the runtime takes no batches now");
    else if (err != W3P_OK)
        err = w3p_fail(msg, W3P_E_INVALID, "CID is too long for an order");
    if (err != W3P_OK)
        goto out;
    err = w3p_xt_sign(&xt, msg, rt->md, &params, c->key, w3p_buf_span(&call));
    if (err != W3P_OK)
        goto out;
    memcpy(tx.bytes, xt.ptr, xt.len);
    tx.len = xt.len;
    w3p_xt_hash(tx.hash32, tx.bytes, tx.len);
    *out = tx;
out:
    w3p_buf_deinit(&call);
    w3p_buf_deinit(&xt);
    return w3p_crust_end(c, msg, err);
}

static enum w3p_submit verdict_of_code(int64_t code)
{
    switch (code) {
    case 1001: // cannot be decoded
    case 1019: // no tags: never ready
        return W3P_SUBMIT_BAD;
    case 1012:
        return W3P_SUBMIT_BANNED;
    case 1013:
        return W3P_SUBMIT_ACCEPTED;
    case 1014:
        return W3P_SUBMIT_PRIORITY;
    case 1016:
        return W3P_SUBMIT_FULL;
    default: // 1002, 1010 and all others: the text tells
        return W3P_SUBMIT_UNCLEAR;
    }
}

enum w3p_submit w3p_crust_submit_verdict(const struct w3p_rpc_error *error)
{
    // Substrate 3 sentences, the enum names of 2020, and the JSON of emulators; the first match counts
    static const struct {
        const char *text;
        enum w3p_submit verdict;
    } texts[] = {
        {"already imported", W3P_SUBMIT_ACCEPTED},
        {"temporarily banned", W3P_SUBMIT_BANNED},
        {"too low priority", W3P_SUBMIT_PRIORITY},
        {"priority is too low", W3P_SUBMIT_PRIORITY},
        {"immediately dropped", W3P_SUBMIT_FULL},
        {"outdated", W3P_SUBMIT_STALE},
        {"stale", W3P_SUBMIT_STALE},
        {"future", W3P_SUBMIT_FUTURE},
        {"inability to pay", W3P_SUBMIT_PAYMENT},
        {"payment", W3P_SUBMIT_PAYMENT},
        {"bad signature", W3P_SUBMIT_BAD},
        {"badproof", W3P_SUBMIT_BAD},
        {"bad proof", W3P_SUBMIT_BAD},
        {"ancient birth block", W3P_SUBMIT_BAD},
        {"ancientbirthblock", W3P_SUBMIT_BAD},
        {"call is not expected", W3P_SUBMIT_BAD},
        {"mandatory", W3P_SUBMIT_BAD},
        {"custom error", W3P_SUBMIT_BAD},
        {"exhaust", W3P_SUBMIT_FULL},
    };
    enum w3p_submit verdict = error->has_code ? verdict_of_code(error->code) : W3P_SUBMIT_UNCLEAR;
    // a code of its own outside the pool's range (rate limits, unknown method) says nothing about the extrinsic
    bool pool = !error->has_code || (error->code >= 1000 && error->code < 1100) || error->code == 1;
    for (size_t i = 0; pool && verdict == W3P_SUBMIT_UNCLEAR && i < sizeof(texts) / sizeof(texts[0]); i++)
        if (strcasestr(error->text, texts[i].text) != NULL)
            return texts[i].verdict;
    return verdict;
}

// Were these bytes sent before? They are in no block then: the node may be keeping them to itself.
static bool sent_before(struct w3p_crust *c, const uint8_t *bytes, size_t len)
{
    uint8_t hash32[32];
    w3p_xt_hash(hash32, bytes, len);
    for (size_t i = 0; i < W3P_CRUST_SENT_MAX; i++)
        if (memcmp(c->sent[i], hash32, sizeof(c->sent[i])) == 0)
            return true;
    memcpy(c->sent[c->sent_next], hash32, sizeof(c->sent[0]));
    c->sent_next = (c->sent_next + 1) % W3P_CRUST_SENT_MAX;
    return false;
}

enum w3p_submit w3p_crust_submit(struct w3p_chain *chain, struct w3p_errmsg *msg, const uint8_t *bytes, size_t len)
{
    struct w3p_crust *c = w3p_crust_of(chain);
    struct w3p_rpc_error error = {0};
    json_t *result = NULL;
    uint8_t hash32[32];
    enum w3p_submit verdict = W3P_SUBMIT_UNCLEAR;
    bool again = sent_before(c, bytes, len);

    // no look at the runtime first: the bytes are signed already
    int err = w3p_crust_rpc(c, msg, &result, &error, "author_submitExtrinsic",
                            json_pack("[o]", w3p_rpc_hex(bytes, len)), true);
    if (err == W3P_E_REMOTE)
        verdict = w3p_crust_submit_verdict(&error);
    else if (err == W3P_OK && w3p_rpc_hash(hash32, result) == W3P_OK)
        verdict = W3P_SUBMIT_ACCEPTED;
    else if (err == W3P_OK)
        err = w3p_fail(msg, W3P_E_PROTOCOL, "answer to author_submitExtrinsic is no hash");
    if ((verdict == W3P_SUBMIT_ACCEPTED || verdict == W3P_SUBMIT_BANNED) && (again || err == W3P_E_REMOTE))
        w3p_crust_tell_others(c, bytes, len);
    if (verdict == W3P_SUBMIT_BAD || verdict == W3P_SUBMIT_STALE || verdict == W3P_SUBMIT_FUTURE)
        w3p_crust_doubt(c);
    if (err == W3P_E_REMOTE) // it answers, but takes no extrinsics or cannot say why: perhaps another one can
        err = verdict == W3P_SUBMIT_UNCLEAR ? W3P_E_PROTOCOL : W3P_OK;
    (void)w3p_crust_end(c, msg, err);
    json_decref(result);
    return verdict;
}

// Index of the extrinsic with this hash, -1: none.
static void match(int32_t *index, const uint8_t (*hashes32)[32], size_t n, const uint8_t hash32[32], size_t at)
{
    for (size_t i = 0; i < n; i++)
        if (index[i] < 0 && memcmp(hashes32[i], hash32, 32) == 0)
            index[i] = (int32_t)at;
}

// The extrinsics of a block: an array in *result.
static int block_list(struct w3p_crust *c, struct w3p_errmsg *msg, json_t **result, const json_t **list,
                      const uint8_t block_hash32[32])
{
    json_t *params = json_pack("[o]", w3p_rpc_hex(block_hash32, 32));
    int err = w3p_crust_rpc(c, msg, result, NULL, "chain_getBlock", params, false);
    if (err != W3P_OK)
        return err;
    *list = json_object_get(json_object_get(*result, "block"), "extrinsics");
    if (json_is_null(*result))
        return w3p_fail(msg, W3P_E_NOTFOUND, "node does not have that block");
    if (!json_is_array(*list))
        return w3p_fail(msg, W3P_E_PROTOCOL, "block has another form than expected");
    return W3P_OK;
}

int w3p_crust_extrinsic(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_buf *out, uint32_t index,
                        const uint8_t block_hash32[32])
{
    json_t *result = NULL;
    const json_t *list = NULL;
    int err = block_list(c, msg, &result, &list, block_hash32);
    if (err == W3P_OK && index >= json_array_size(list))
        err = w3p_fail(msg, W3P_E_NOTFOUND, "block has no extrinsic %u", (unsigned)index);
    if (err == W3P_OK && w3p_rpc_bytes(out, json_array_get(list, index)) != W3P_OK)
        err = w3p_fail(msg, W3P_E_PROTOCOL, "extrinsic of a block is no hex text");
    json_decref(result);
    return err;
}

int w3p_crust_find(struct w3p_chain *chain, struct w3p_errmsg *msg, int32_t *index, const uint8_t (*hashes32)[32],
                   size_t n, const uint8_t block_hash32[32])
{
    struct w3p_crust *c = w3p_crust_of(chain);
    struct w3p_buf xt;
    json_t *result = NULL;
    const json_t *list = NULL;

    for (size_t i = 0; i < n; i++)
        index[i] = -1;
    w3p_buf_init(&xt, EXTRINSIC_MAX);
    int err = w3p_crust_ready(c, msg);
    if (err == W3P_OK)
        err = block_list(c, msg, &result, &list, block_hash32);
    for (size_t k = 0; err == W3P_OK && k < json_array_size(list); k++) {
        uint8_t hash32[32];
        w3p_buf_reset(&xt);
        if (w3p_rpc_bytes(&xt, json_array_get(list, k)) != W3P_OK) {
            err = w3p_fail(msg, W3P_E_PROTOCOL, "extrinsic of a block is no hex text");
            break;
        }
        w3p_xt_hash(hash32, xt.ptr, xt.len);
        match(index, hashes32, n, hash32, k);
    }
    for (size_t i = 0; err != W3P_OK && i < n; i++)
        index[i] = -1;
    json_decref(result);
    w3p_buf_deinit(&xt);
    return w3p_crust_end(c, msg, err);
}
