// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the chain itself: genesis, and one block after the other: the time, what the pool has ready, the reports of
// storage nodes, the fee multiplier.
// Must not: know JSON.
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/keys.h"
#include "crypto/secret.h"
#include "devnet/core.h"
#include "substrate/scale.h"

#define FUND_CRU 1000000u
#define BLOCK_MS 6000u
#define TIMESTAMP_WEIGHT 161338000u
#define ONE ((w3p_u128)1000000000000000000u) // FixedU128
#define MULTIPLIER_MIN (ONE / 1000000000u)
#define ADJUSTMENT ((w3p_u128)10000000000000) // 1/100000

// Plain items -------------------------------------------------------------------------------------------------------

struct w3p_reader w3p_devnet_item(const struct w3p_devnet *net, const char *prefix, const char *item)
{
    uint8_t key32[32];
    struct w3p_span value;
    struct w3p_reader r;
    w3p_storage_prefix(key32, prefix, item);
    if (!w3p_devnet_get(&net->state, &value, W3P_SPAN(key32, 32))) {
        const struct w3p_md_entry *entry = w3p_md_entry(w3p_md_pallet(net->rt.md, prefix), item);
        value = entry != NULL ? entry->fallback : W3P_SPAN(NULL, 0);
    }
    w3p_reader_init(&r, value.ptr, value.len);
    return r;
}

uint32_t w3p_devnet_item_u32(const struct w3p_devnet *net, const char *prefix, const char *item)
{
    struct w3p_reader r = w3p_devnet_item(net, prefix, item);
    return w3p_reader_le32(&r);
}

w3p_u128 w3p_devnet_item_u128(const struct w3p_devnet *net, const char *prefix, const char *item)
{
    struct w3p_reader r = w3p_devnet_item(net, prefix, item);
    return w3p_reader_le128(&r);
}

void w3p_devnet_put_item(struct w3p_devnet *net, const char *prefix, const char *item, struct w3p_span value)
{
    uint8_t key32[32];
    w3p_storage_prefix(key32, prefix, item);
    w3p_devnet_put(&net->state, W3P_SPAN(key32, 32), value);
}

static void put_number(struct w3p_devnet *net, const char *prefix, const char *item, w3p_u128 value, size_t width)
{
    uint8_t le[16];
    for (size_t i = 0; i < width; i++)
        le[i] = (uint8_t)(value >> (8 * i));
    w3p_devnet_put_item(net, prefix, item, W3P_SPAN(le, width));
}

void w3p_devnet_put_item_u32(struct w3p_devnet *net, const char *prefix, const char *item, uint32_t value)
{
    put_number(net, prefix, item, value, 4);
}

void w3p_devnet_put_item_u128(struct w3p_devnet *net, const char *prefix, const char *item, w3p_u128 value)
{
    put_number(net, prefix, item, value, 16);
}

// Genesis -----------------------------------------------------------------------------------------------------------

static int parse_account(uint8_t out32[32], struct w3p_errmsg *msg, const char *text)
{
    struct w3p_keypair key;
    size_t len = 32;
    if (strncmp(text, "0x", 2) == 0 && w3p_hex0x_decode(out32, &len, text, strlen(text)) == W3P_OK && len == 32)
        return W3P_OK;
    if (text[0] != '/')
        return w3p_ss58_parse(out32, NULL, text, strlen(text)) == W3P_OK
                   ? W3P_OK
                   : w3p_fail(msg, W3P_E_INVALID, "%.80s is neither a URI nor an address nor a public key", text);
    int err = w3p_keypair_from_uri(&key, msg, W3P_KEY_SR25519, text);
    if (err == W3P_OK)
        w3p_keypair_account(out32, &key);
    w3p_wipe(&key, sizeof key);
    return err;
}

static int genesis(struct w3p_devnet *net, struct w3p_errmsg *msg, const struct w3p_devnet_conf *conf)
{
    net->funded = w3p_calloc(conf->fund_count + 1, sizeof *net->funded);
    struct devnet_account rich = {.providers = 1, .free = FUND_CRU * DEVNET_CRU};
    struct devnet_account poor = {.providers = 1, .free = DEVNET_CRU};
    w3p_u128 issuance = 2 * DEVNET_CRU + 3 * net->rt.existential_deposit; // treasury, author, three pots
    for (size_t i = 0; i < conf->fund_count; i++) {
        uint8_t account32[32];
        int err = parse_account(account32, msg, conf->fund[i]);
        if (err != W3P_OK)
            return err;
        w3p_devnet_account_put(net, account32, &rich);
        memcpy(net->funded[net->funded_count++], account32, 32);
        issuance += rich.free;
    }
    w3p_devnet_account_put(net, w3p_devnet_treasury32, &poor);
    w3p_devnet_account_put(net, w3p_devnet_author32, &poor);
    w3p_devnet_market_genesis(net);
    w3p_devnet_put_item_u128(net, "Balances", "TotalIssuance", issuance);
    w3p_devnet_put_item_u32(net, "System", "Number", 0);
    uint8_t root64[64];
    memcpy(root64, net->state.root32, 32);
    memcpy(root64 + 32, net->salt32, 32);
    w3p_blake2b_256(net->state.root32, root64, sizeof root64);
    w3p_devnet_blocks_push(&net->blocks, net->state.root32, NULL, 0);
    return W3P_OK;
}

int w3p_devnet_create(struct w3p_devnet **out, struct w3p_errmsg *msg, const struct w3p_devnet_conf *conf)
{
    *out = NULL;
    w3p_crypto_init();
    if (conf->storage_nodes > DEVNET_STORAGE_NODES_MAX || conf->replicas_after > UINT32_MAX ||
        conf->replicas_spread > UINT32_MAX)
        return w3p_fail(msg, W3P_E_RANGE, "at most %u storage nodes, and delays below 2^32 blocks",
                        DEVNET_STORAGE_NODES_MAX);
    struct w3p_devnet *net = w3p_calloc(1, sizeof *net);
    net->replicas_after = conf->replicas_after;
    net->replicas_spread = conf->replicas_spread;
    net->storage_nodes = conf->storage_nodes;
    net->finality_lag = conf->finality_lag;
    net->now_ms = conf->start_ms > BLOCK_MS ? conf->start_ms - BLOCK_MS : 0;
    memcpy(net->salt32, conf->genesis_salt32, 32);
    net->upgrade_at = UINT64_MAX;
    w3p_devnet_nodes_init(net);
    w3p_devnet_state_init(&net->state);
    w3p_devnet_blocks_init(&net->blocks);
    w3p_buf_init(&net->events, DEVNET_EVENTS_BYTES_MAX);
    net->xts = w3p_calloc(DEVNET_BLOCK_XTS_MAX, sizeof *net->xts);
    int err = w3p_devnet_runtime_init(&net->runtimes[0].rt, msg, conf->runtime);
    if (err == W3P_OK) {
        net->runtime_count = 1;
        w3p_devnet_runtime_use(net, 0);
        err = genesis(net, msg, conf);
    }
    if (err != W3P_OK) {
        w3p_devnet_destroy(net);
        return err;
    }
    *out = net;
    return W3P_OK;
}

void w3p_devnet_destroy(struct w3p_devnet *net)
{
    if (net == NULL)
        return;
    w3p_devnet_nodes_deinit(net);
    w3p_devnet_unwatch(net, 0);
    free(net->funded);
    free(net->watched);
    free(net->xts);
    w3p_buf_deinit(&net->events);
    w3p_devnet_blocks_deinit(&net->blocks);
    w3p_devnet_state_deinit(&net->state);
    while (net->runtime_count > 0)
        w3p_devnet_runtime_deinit(&net->runtimes[--net->runtime_count].rt);
    free(net);
}

void w3p_devnet_set_clock(struct w3p_devnet *net, uint64_t now_ms)
{
    if (now_ms > net->now_ms)
        net->now_ms = now_ms;
}

// A block -----------------------------------------------------------------------------------------------------------

static void take_extrinsic(struct w3p_devnet *net, const uint8_t *bytes, size_t len)
{
    net->xts[net->xt_count++] = (struct devnet_bytes){w3p_memdup(bytes, len), len};
    net->xt_bytes += len;
}

static void end_extrinsic(struct w3p_devnet *net, const struct devnet_outcome *outcome, enum devnet_class class)
{
    bool ok = outcome->failure.fault == DEVNET_OK;
    struct w3p_buf *out = w3p_devnet_event_begin(net, "System", ok ? "ExtrinsicSuccess" : "ExtrinsicFailed");
    if (out != NULL) {
        if (!ok)
            w3p_devnet_put_failure(out, outcome->failure);
        w3p_buf_put_le64(out, outcome->weight);
        w3p_buf_put_u8(out, (uint8_t) class);
        w3p_buf_put_u8(out, 0); // pays
        w3p_devnet_event_end(net);
    }
    net->weights[class] += outcome->weight + net->rt.limits[class].base_extrinsic;
}

static void set_timestamp(struct w3p_devnet *net, uint64_t now_ms)
{
    struct w3p_buf body, xt;
    const struct w3p_md_pallet *timestamp = w3p_md_pallet(net->rt.md, "Timestamp");
    w3p_buf_init(&body, 32);
    w3p_buf_init(&xt, 64);
    w3p_buf_put_u8(&body, 4); // unsigned, version 4
    w3p_buf_put_u8(&body, timestamp != NULL ? timestamp->index : 0);
    w3p_buf_put_u8(&body, 0);
    w3p_scale_put_compact(&body, now_ms);
    w3p_scale_put_bytes(&xt, body.ptr, body.len);
    take_extrinsic(net, xt.ptr, xt.len);
    put_number(net, "Timestamp", "Now", now_ms, 8);
    end_extrinsic(net, &(struct devnet_outcome){DEVNET_SUCCESS, TIMESTAMP_WEIGHT}, DEVNET_MANDATORY);
    w3p_buf_deinit(&body);
    w3p_buf_deinit(&xt);
}

static bool has_room(const struct w3p_devnet *net, const struct devnet_pooled *entry)
{
    const struct devnet_call_info *info = &entry->checked.info;
    const struct devnet_class_limit *limit = &net->rt.limits[info->class];
    uint64_t more = info->weight + limit->base_extrinsic, all = more;
    for (size_t i = 0; i < DEVNET_CLASSES; i++)
        all += net->weights[i];
    return net->xt_count < DEVNET_BLOCK_XTS_MAX && net->weights[info->class] + more <= limit->max_total &&
           all <= net->rt.max_block && net->xt_bytes + entry->bytes.len <= limit->max_length &&
           net->events.len < DEVNET_EVENTS_BYTES_MAX / 2;
}

static enum devnet_applied apply(struct w3p_devnet *net, const struct devnet_pooled *entry)
{
    const struct devnet_checked *checked = &entry->checked;
    const uint8_t *signer32 = checked->xt.signer32;
    w3p_u128 fee = w3p_devnet_fee(net, checked->info.weight, checked->info.class, entry->bytes.len, checked->xt.tip);
    if (!has_room(net, entry))
        return DEVNET_NO_ROOM;
    w3p_devnet_ban(net, entry->hash32);
    if (w3p_devnet_recheck(net, checked, net->number) != DEVNET_VALID)
        return DEVNET_DROPPED;
    struct devnet_account account = w3p_devnet_account(net, signer32);
    account.nonce++;
    w3p_devnet_account_put(net, signer32, &account);
    if (!w3p_devnet_withdraw_fee(net, signer32, fee, checked->xt.tip != 0, true)) {
        account.nonce--;
        w3p_devnet_account_put(net, signer32, &account);
        return DEVNET_DROPPED;
    }
    net->xt_index = (uint32_t)net->xt_count;
    take_extrinsic(net, entry->bytes.ptr, entry->bytes.len);
    struct w3p_reader r;
    w3p_reader_init(&r, checked->xt.call.ptr, checked->xt.call.len);
    struct devnet_outcome outcome = w3p_devnet_dispatch(net, signer32, &r, 0);
    w3p_u128 due = w3p_devnet_fee(net, outcome.weight, checked->info.class, entry->bytes.len, checked->xt.tip);
    w3p_devnet_settle_fee(net, signer32, fee, due, checked->xt.tip);
    end_extrinsic(net, &outcome, checked->info.class);
    return DEVNET_APPLIED;
}

// Slow adjustment to a quarter of the normal weight, as the transaction payment pallet has it. An operational class is
// not counted.
static void adjust_multiplier(struct w3p_devnet *net)
{
    w3p_u128 previous = w3p_devnet_item_u128(net, "TransactionPayment", "NextFeeMultiplier");
    w3p_u128 limit = net->rt.limits[DEVNET_NORMAL].max_total, target = limit / 4;
    w3p_u128 weight = net->weights[DEVNET_NORMAL] < limit ? net->weights[DEVNET_NORMAL] : limit;
    w3p_u128 gap = weight > target ? weight - target : target - weight;
    w3p_u128 diff = w3p_devnet_mul(gap, ONE) / (limit > 0 ? limit : 1);
    w3p_u128 first = w3p_devnet_mul(ADJUSTMENT, diff) / ONE;
    w3p_u128 second = w3p_devnet_mul(ADJUSTMENT * ADJUSTMENT / ONE / 2, w3p_devnet_mul(diff, diff) / ONE) / ONE;
    w3p_u128 step = weight >= target ? first + second : first - (second < first ? second : first);
    step = w3p_devnet_mul(step, previous) / ONE;
    w3p_u128 next = weight >= target ? w3p_devnet_add(previous, step) : previous - (step < previous ? step : previous);
    w3p_devnet_put_item_u128(net, "TransactionPayment", "NextFeeMultiplier",
                             next > MULTIPLIER_MIN ? next : MULTIPLIER_MIN);
}

static void put_events(struct w3p_devnet *net)
{
    struct w3p_buf all;
    w3p_buf_init(&all, DEVNET_EVENTS_BYTES_MAX + 8);
    w3p_scale_put_compact(&all, net->event_count);
    w3p_buf_put_span(&all, w3p_buf_span(&net->events));
    w3p_devnet_put_item(net, "System", "Events", w3p_buf_span(&all));
    w3p_devnet_put_item_u32(net, "System", "EventCount", net->event_count);
    w3p_buf_deinit(&all);
}

static void begin_block(struct w3p_devnet *net)
{
    net->number = net->blocks.best + 1;
    net->xt_index = net->event_count = 0;
    net->xt_count = net->xt_bytes = 0;
    memset(net->weights, 0, sizeof net->weights);
    net->weights[DEVNET_MANDATORY] = net->rt.base_block;
    w3p_buf_reset(&net->events);
    w3p_devnet_state_next(&net->state, net->number);
    const struct devnet_block *parent = w3p_devnet_block(net, net->blocks.best);
    w3p_devnet_put_item_u32(net, "System", "Number", (uint32_t)net->number);
    w3p_devnet_put_item(net, "System", "ParentHash", W3P_SPAN(parent->hash32, 32));
    if (w3p_devnet_fault_on(net, W3P_DEVNET_FAULT_MARKET_OFF))
        w3p_devnet_put_item(net, "Market", net->rt.enable_item, W3P_SPAN("\0", 1));
}

static void finalize(struct w3p_devnet *net)
{
    uint64_t lag = net->finality_lag, best = net->blocks.best;
    if (w3p_devnet_fault_on(net, W3P_DEVNET_FAULT_FINALITY_LAG))
        lag = w3p_devnet_fault_state(net, W3P_DEVNET_FAULT_FINALITY_LAG)->value;
    if (!w3p_devnet_fault_on(net, W3P_DEVNET_FAULT_FINALITY_HALTED) && best > lag && best - lag > net->final)
        net->final = best - lag;
}

void w3p_devnet_build(struct w3p_devnet *net, uint64_t now_ms, bool with_pool)
{
    struct w3p_reader last = w3p_devnet_item(net, "Timestamp", "Now");
    uint64_t last_ms = w3p_reader_le64(&last);
    begin_block(net);
    now_ms = now_ms > last_ms ? now_ms : last_ms + 1;
    w3p_devnet_set_clock(net, now_ms);
    set_timestamp(net, now_ms);
    if (with_pool)
        w3p_devnet_pool_drain(net, apply);
    w3p_devnet_report_replicas(net);
    adjust_multiplier(net);
    put_events(net);
    struct devnet_bytes *xts = w3p_memdup(net->xts, net->xt_count * sizeof *xts);
    w3p_devnet_blocks_push(&net->blocks, net->state.root32, xts, net->xt_count);
    finalize(net);
    w3p_devnet_upgrade_due(net);
    w3p_devnet_nodes_after_block(net);
}

void w3p_devnet_new_block(struct w3p_devnet *net, uint64_t now_ms)
{
    w3p_devnet_select(net, 0);
    if (!w3p_devnet_fork_due(net, now_ms))
        w3p_devnet_build(net, now_ms, true);
}
