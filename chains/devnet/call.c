// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: calls: reading them to their end, their weight, and running them. The table says which calls of the runtime
// are simulated; weights are those of the real runtime.
// Must not: check signatures, nonces or fees.
#include <string.h>

#include "devnet/core.h"
#include "substrate/scale.h"

#define BYTES_MAX DEVNET_XT_BYTES_MAX
#define BATCH_MAX (1u << 20) // calls; each is at least two bytes
#define PLACE_WEIGHT 0       // the profile's

typedef struct devnet_failure (*run_call)(struct w3p_devnet *net, const uint8_t who32[32], struct w3p_reader *args,
                                          bool execute);

static struct devnet_failure run_remark(struct w3p_devnet *net, const uint8_t who32[32], struct w3p_reader *args,
                                        bool execute)
{
    (void)net, (void)who32, (void)execute;
    (void)w3p_scale_bytes(args, BYTES_MAX);
    return DEVNET_SUCCESS;
}

// dest and value, shared by both kinds of transfer.
static struct devnet_failure run_any_transfer(struct w3p_devnet *net, const uint8_t who32[32], struct w3p_reader *args,
                                              bool execute, bool keep_alive)
{
    struct w3p_span to = w3p_reader_take(args, 32);
    w3p_u128 amount = w3p_scale_compact_u128(args);
    if (!execute || args->err != W3P_OK)
        return DEVNET_SUCCESS;
    return w3p_devnet_transfer(net, who32, to.ptr, amount, keep_alive);
}

static struct devnet_failure run_transfer(struct w3p_devnet *net, const uint8_t who32[32], struct w3p_reader *args,
                                          bool execute)
{
    return run_any_transfer(net, who32, args, execute, false);
}

static struct devnet_failure run_transfer_keep_alive(struct w3p_devnet *net, const uint8_t who32[32],
                                                     struct w3p_reader *args, bool execute)
{
    return run_any_transfer(net, who32, args, execute, true);
}

static struct devnet_failure run_timestamp(struct w3p_devnet *net, const uint8_t who32[32], struct w3p_reader *args,
                                           bool execute)
{
    (void)net, (void)who32, (void)execute;
    (void)w3p_scale_compact(args);
    return (struct devnet_failure){.fault = DEVNET_BAD_ORIGIN};
}

// Nobody has rewards in this simulation.
static struct devnet_failure run_reward_merchant(struct w3p_devnet *net, const uint8_t who32[32],
                                                 struct w3p_reader *args, bool execute)
{
    (void)who32, (void)args, (void)execute;
    return w3p_devnet_module_error(net, "Market", "NotEnoughReward");
}

// Calls of the root origin: a signer is never root.
static struct devnet_failure run_root_bool(struct w3p_devnet *net, const uint8_t who32[32], struct w3p_reader *args,
                                           bool execute)
{
    (void)net, (void)who32, (void)execute;
    (void)w3p_scale_bool(args);
    return (struct devnet_failure){.fault = DEVNET_BAD_ORIGIN};
}

static struct devnet_failure run_root_compact(struct w3p_devnet *net, const uint8_t who32[32], struct w3p_reader *args,
                                              bool execute)
{
    (void)net, (void)who32, (void)execute;
    (void)w3p_scale_compact_u128(args);
    return (struct devnet_failure){.fault = DEVNET_BAD_ORIGIN};
}

static struct devnet_failure run_root_u64(struct w3p_devnet *net, const uint8_t who32[32], struct w3p_reader *args,
                                          bool execute)
{
    (void)net, (void)who32, (void)execute;
    (void)w3p_reader_le64(args);
    return (struct devnet_failure){.fault = DEVNET_BAD_ORIGIN};
}

struct call_def {
    const char *pallet, *call;
    uint64_t weight;
    enum devnet_class class;
    run_call run; // NULL: a batch
};

static const struct call_def calls[] = {
    {"Market", "place_storage_order", PLACE_WEIGHT, DEVNET_NORMAL, w3p_devnet_place_order},
    {"Market", "add_prepaid", 3019000000u, DEVNET_NORMAL, w3p_devnet_add_prepaid},
    {"Market", "calculate_reward", 2897000000u, DEVNET_NORMAL, w3p_devnet_calculate_reward},
    {"Market", "reward_merchant", 896000000u, DEVNET_NORMAL, run_reward_merchant},
    {"Market", "set_enable_market", 1000, DEVNET_NORMAL, run_root_bool},
    {"Market", "set_base_fee", 1000, DEVNET_NORMAL, run_root_compact},
    {"Balances", "transfer", 218087000u, DEVNET_NORMAL, run_transfer},
    {"Balances", "transfer_keep_alive", 188971000u, DEVNET_NORMAL, run_transfer_keep_alive},
    {"System", "remark", 1815000, DEVNET_NORMAL, run_remark},
    {"System", "set_heap_pages", 102463000u, DEVNET_OPERATIONAL, run_root_u64},
    {"Timestamp", "set", 161338000u, DEVNET_MANDATORY, run_timestamp},
    {"Utility", "batch", 19612000u, DEVNET_NORMAL, NULL},
    {"Utility", "batch_all", 21934000u, DEVNET_NORMAL, NULL},
};

static uint64_t batch_weight(bool all, size_t count)
{
    return all ? 21934000u + 1503000u * (uint64_t)count : 19612000u + 1988000u * (uint64_t)count;
}

static const struct call_def *read_index(const struct w3p_devnet *net, struct w3p_reader *r)
{
    uint8_t pallet_index = w3p_reader_u8(r), call_index = w3p_reader_u8(r);
    const struct w3p_md_pallet *pallet = w3p_md_pallet_at(net->rt.md, pallet_index);
    if (r->err != W3P_OK || pallet == NULL || call_index >= pallet->call_count) {
        w3p_reader_fail(r, W3P_E_INVALID);
        return NULL;
    }
    const char *name = pallet->calls[call_index].name;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (strcmp(calls[i].pallet, pallet->name) == 0 && strcmp(calls[i].call, name) == 0)
            return &calls[i];
    w3p_reader_fail(r, W3P_E_UNSUPPORTED);
    return NULL;
}

static bool is_all(const struct call_def *def)
{
    return strcmp(def->call, "batch_all") == 0;
}

static struct devnet_call_info batch_info(struct w3p_devnet *net, const struct call_def *def, struct w3p_reader *r,
                                          unsigned depth)
{
    size_t count = w3p_scale_length(r, BATCH_MAX);
    // A batch is operational when all calls in it are; an empty one is, too.
    struct devnet_call_info info = {batch_weight(is_all(def), count), DEVNET_OPERATIONAL};
    for (size_t i = 0; i < count && r->err == W3P_OK; i++) {
        struct devnet_call_info inner = w3p_devnet_call_info(net, r, depth + 1);
        info.weight = inner.weight > UINT64_MAX - info.weight ? UINT64_MAX : info.weight + inner.weight;
        if (inner.class != DEVNET_OPERATIONAL)
            info.class = DEVNET_NORMAL;
    }
    return info;
}

struct devnet_call_info w3p_devnet_call_info(struct w3p_devnet *net, struct w3p_reader *r, unsigned depth)
{
    static const uint8_t nobody32[32];
    const struct call_def *def = NULL;
    if (depth > DEVNET_CALL_DEPTH_MAX)
        w3p_reader_fail(r, W3P_E_INVALID);
    else
        def = read_index(net, r);
    if (def == NULL)
        return (struct devnet_call_info){0, DEVNET_NORMAL};
    if (def->run == NULL)
        return batch_info(net, def, r, depth);
    (void)def->run(net, nobody32, r, false);
    return (struct devnet_call_info){def->weight == PLACE_WEIGHT ? net->rt.place_weight : def->weight, def->class};
}

static void skip_calls(struct w3p_devnet *net, struct w3p_reader *r, size_t count, unsigned depth)
{
    for (size_t i = 0; i < count; i++)
        (void)w3p_devnet_call_info(net, r, depth);
}

static void emit_interrupted(struct w3p_devnet *net, size_t index, struct devnet_failure failure)
{
    struct w3p_buf *out = w3p_devnet_event_begin(net, "Utility", "BatchInterrupted");
    if (out == NULL)
        return;
    w3p_buf_put_le32(out, (uint32_t)index);
    w3p_devnet_put_failure(out, failure);
    w3p_devnet_event_end(net);
}

// batch stops at the first failure and succeeds; batch_all takes everything back and fails.
static struct devnet_outcome dispatch_batch(struct w3p_devnet *net, const uint8_t who32[32], bool all,
                                            struct w3p_reader *r, unsigned depth)
{
    size_t count = w3p_scale_length(r, BATCH_MAX), mark = w3p_devnet_mark(&net->state);
    size_t events_len = net->events.len, watched = net->watched_count;
    uint32_t event_count = net->event_count;
    struct devnet_outcome outcome = {DEVNET_SUCCESS, 0};
    for (size_t i = 0; i < count; i++) {
        struct devnet_outcome inner = w3p_devnet_dispatch(net, who32, r, depth + 1);
        outcome.weight += inner.weight;
        if (inner.failure.fault == DEVNET_OK)
            continue;
        outcome.weight += batch_weight(all, i + 1);
        skip_calls(net, r, count - i - 1, depth + 1);
        if (!all) {
            emit_interrupted(net, i, inner.failure);
            return outcome;
        }
        w3p_devnet_rollback(&net->state, mark);
        net->events.len = events_len;
        net->event_count = event_count;
        w3p_devnet_unwatch(net, watched);
        outcome.failure = inner.failure;
        return outcome;
    }
    if (w3p_devnet_event_begin(net, "Utility", "BatchCompleted") != NULL)
        w3p_devnet_event_end(net);
    outcome.weight += batch_weight(all, count);
    return outcome;
}

struct devnet_outcome w3p_devnet_dispatch(struct w3p_devnet *net, const uint8_t who32[32], struct w3p_reader *r,
                                          unsigned depth)
{
    struct w3p_reader ahead = *r;
    struct devnet_call_info info = w3p_devnet_call_info(net, &ahead, depth);
    const struct call_def *def = read_index(net, r);
    if (def == NULL || ahead.err != W3P_OK)
        return (struct devnet_outcome){{.fault = DEVNET_OTHER}, info.weight};
    if (def->run == NULL)
        return dispatch_batch(net, who32, is_all(def), r, depth);
    return (struct devnet_outcome){def->run(net, who32, r, true), info.weight};
}

struct devnet_failure w3p_devnet_module_error(const struct w3p_devnet *net, const char *pallet, const char *error)
{
    const struct w3p_md_pallet *found = w3p_md_pallet(net->rt.md, pallet);
    for (size_t i = 0; found != NULL && i < found->error_count; i++)
        if (strcmp(found->errors[i].name, error) == 0)
            return (struct devnet_failure){DEVNET_MODULE, found->index, found->errors[i].index};
    return (struct devnet_failure){.fault = DEVNET_OTHER};
}

void w3p_devnet_put_failure(struct w3p_buf *out, struct devnet_failure failure)
{
    w3p_buf_put_u8(out, (uint8_t)failure.fault);
    if (failure.fault == DEVNET_MODULE) {
        w3p_buf_put_u8(out, failure.pallet);
        w3p_buf_put_u8(out, failure.error);
    }
}

struct w3p_buf *w3p_devnet_event_begin(struct w3p_devnet *net, const char *pallet, const char *event)
{
    const struct w3p_md_pallet *found = w3p_md_pallet(net->rt.md, pallet);
    const struct w3p_type_variant *variant = w3p_md_event(found, event);
    if (variant == NULL)
        return NULL;
    w3p_buf_put_u8(&net->events, 0); // phase: an extrinsic
    w3p_buf_put_le32(&net->events, net->xt_index);
    w3p_buf_put_u8(&net->events, found->index);
    w3p_buf_put_u8(&net->events, variant->index);
    return &net->events;
}

void w3p_devnet_event_end(struct w3p_devnet *net)
{
    w3p_buf_put_u8(&net->events, 0); // no topics
    net->event_count++;
}
