// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the chain's head. What belongs to a block's hash never changes, so that a head that was seen before costs
// two requests: its finalized and its best hash.
#include <string.h>

#include "base/clock.h"
#include "crust/crust_internal.h"

#define HEALTH_MS 10000 // a node whose head stands still is asked again whether it syncs

static int best_head(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_chain_head *out)
{
    struct w3p_crust_header header;
    json_t *result = NULL;
    int err = w3p_crust_rpc(c, msg, &result, NULL, "chain_getBlockHash", NULL, false);
    if (err != W3P_OK)
        return err;
    err = w3p_rpc_hash(out->best_hash32, result);
    json_decref(result);
    if (err != W3P_OK)
        return w3p_fail(msg, err, "node has no best block");
    if (c->seen_at_ms != 0 && memcmp(out->best_hash32, c->seen.best_hash32, 32) == 0) {
        out->best_number = c->seen.best_number;
        return W3P_OK;
    }
    err = w3p_crust_header(c, msg, &header, out->best_hash32);
    out->best_number = err == W3P_OK ? header.number : 0;
    return err;
}

static int final_hash(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_chain_head *out)
{
    json_t *result = NULL;
    int err = w3p_crust_rpc(c, msg, &result, NULL, "chain_getFinalizedHead", NULL, false);
    if (err != W3P_OK)
        return err;
    err = w3p_rpc_hash(out->final_hash32, result);
    json_decref(result);
    return err == W3P_OK ? W3P_OK : w3p_fail(msg, err, "finalized head is no hash");
}

static int final_time(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_chain_head *out)
{
    struct w3p_crust_item now;
    struct w3p_reader r;
    if (!c->runtime->has_timestamp)
        return W3P_OK;
    w3p_crust_item_init(&now);
    w3p_crust_item_plain(&now, w3p_md_pallet(c->runtime->md, "Timestamp")->storage_prefix, "Now");
    int err = w3p_crust_read(c, msg, &now, 1, out->final_hash32);
    w3p_reader_init(&r, now.value.ptr, now.value.len);
    if (err == W3P_OK && now.present) {
        out->final_time_ms = w3p_reader_le64(&r);
        if (w3p_reader_end(&r) != W3P_OK)
            err = w3p_fail(msg, W3P_E_PROTOCOL, "Timestamp.Now has another form than expected");
    }
    w3p_crust_item_deinit(&now);
    return err;
}

static bool is_syncing(struct w3p_crust *c)
{
    json_t *result = NULL;
    if (w3p_crust_rpc(c, NULL, &result, NULL, "system_health", NULL, true) != W3P_OK)
        return false;
    bool syncing = json_is_true(json_object_get(result, "isSyncing"));
    json_decref(result);
    return syncing;
}

// Number and time of the finalized head.
static int final_block(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_chain_head *out)
{
    struct w3p_crust_header header = {0};
    if (c->seen_at_ms != 0 && memcmp(out->final_hash32, c->seen.final_hash32, 32) == 0) {
        out->final_number = c->seen.final_number;
        out->final_time_ms = c->seen.final_time_ms;
        return W3P_OK;
    }
    int err = w3p_crust_header(c, msg, &header, out->final_hash32);
    out->final_number = header.number;
    return err == W3P_OK ? final_time(c, msg, out) : err;
}

static bool standing_still(const struct w3p_crust *c, const struct w3p_chain_head *head, int endpoint)
{
    return c->seen_at_ms != 0 && c->seen_endpoint == c->current && endpoint == c->current &&
           memcmp(head->best_hash32, c->seen.best_hash32, 32) == 0 && w3p_clock_mono_ms() - c->seen_at_ms < HEALTH_MS;
}

int w3p_crust_head(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_head *out)
{
    struct w3p_crust *c = w3p_crust_of(chain);
    struct w3p_chain_head head = {0};
    int err = w3p_crust_ready(c, msg), endpoint = c->current;
    // finalized first: the best block read after it is never below it
    if (err == W3P_OK)
        err = final_hash(c, msg, &head);
    if (err == W3P_OK)
        err = final_block(c, msg, &head);
    if (err == W3P_OK)
        err = best_head(c, msg, &head);
    if (err == W3P_E_NOTFOUND)
        err = w3p_fail(msg, W3P_E_PROTOCOL, "node does not have the block that it says is its head");
    if (err != W3P_OK)
        return w3p_crust_end(c, msg, err);
    if (head.best_number < head.final_number) { // two nodes behind one name
        head.best_number = head.final_number;
        memcpy(head.best_hash32, head.final_hash32, 32);
    }
    if (standing_still(c, &head, endpoint)) {
        head.syncing = c->seen.syncing;
    } else {
        head.syncing = is_syncing(c);
        c->seen_at_ms = w3p_clock_mono_ms();
    }
    head.source = (uint32_t)(c->current + 1);
    c->seen = head;
    c->seen_endpoint = c->current;
    w3p_crust_note_head(c, &head);
    *out = head;
    return W3P_OK;
}
