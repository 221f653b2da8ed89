// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what an endpoint says that is not in use, beside the one that is: single questions, and the vote on what the
// one in use says of the market and of our account. One that makes it up (a market that is closed, an account without
// money, a nonce) would stop all orders and could go on for ever; with three nodes or more the others outvote it. Two
// nodes that contradict each other decide nothing.
// Must not: confirm an order's end or a second payment (crust_disprove.c).
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "crust/crust_internal.h"

#define VOTE_MS 60000      // between votes …
#define VOTE_SOON_MS 10000 // … when nobody had an opinion …
#define VOTE_SHARE 20      // … or so many times as long as the last one took

int w3p_crust_ask_hash(struct w3p_crust *c, struct w3p_errmsg *msg, size_t i, uint8_t hash32[32], const char *method,
                       json_t *params)
{
    json_t *result = NULL;
    int err = w3p_crust_ask(c, msg, i, &result, method, params);
    if (err == W3P_OK && w3p_rpc_hash(hash32, result) != W3P_OK)
        err = w3p_fail(msg, W3P_E_PROTOCOL, "%s: %s gives no hash", w3p_rpc_host(c->endpoints[i].rpc), method);
    json_decref(result);
    return err;
}

int w3p_crust_ask_final(struct w3p_crust *c, struct w3p_errmsg *msg, size_t i, uint64_t *number)
{
    json_t *header = NULL;
    uint8_t hash32[32];
    int err = w3p_crust_ask_hash(c, msg, i, hash32, "chain_getFinalizedHead", NULL);
    if (err == W3P_OK)
        err = w3p_crust_ask(c, msg, i, &header, "chain_getHeader", json_pack("[o]", w3p_rpc_hex(hash32, 32)));
    if (err == W3P_OK && (w3p_rpc_hex_number(number, json_object_get(header, "number")) != W3P_OK))
        err = w3p_fail(msg, W3P_E_PROTOCOL, "%s: header has no number", w3p_rpc_host(c->endpoints[i].rpc));
    json_decref(header);
    return err;
}

int w3p_crust_ask_item(struct w3p_crust *c, struct w3p_errmsg *msg, size_t i, struct w3p_crust_item *out,
                       const struct w3p_buf *key, const uint8_t at_hash32[32])
{
    json_t *result = NULL;
    int err = w3p_crust_ask(c, msg, i, &result, "state_getStorage",
                            json_pack("[o, o]", w3p_rpc_hex(key->ptr, key->len), w3p_rpc_hex(at_hash32, 32)));
    w3p_buf_reset(&out->value);
    out->present = err == W3P_OK && !json_is_null(result);
    if (out->present && w3p_rpc_bytes(&out->value, result) != W3P_OK)
        err = w3p_fail(msg, W3P_E_PROTOCOL, "%s: storage value is no hex text", w3p_rpc_host(c->endpoints[i].rpc));
    json_decref(result);
    return err;
}

int w3p_crust_compare_item(struct w3p_crust *c, struct w3p_errmsg *msg, size_t i, bool *same,
                           const struct w3p_crust_item *item, const uint8_t at_hash32[32])
{
    struct w3p_crust_item theirs;
    w3p_crust_item_init(&theirs);
    int err = w3p_crust_ask_item(c, msg, i, &theirs, &item->key, at_hash32);
    *same = err == W3P_OK && item->present == theirs.present && item->value.len == theirs.value.len &&
            (theirs.value.len == 0 || memcmp(theirs.value.ptr, item->value.ptr, theirs.value.len) == 0);
    w3p_crust_item_deinit(&theirs);
    return err;
}

void w3p_crust_contradicted(struct w3p_crust *c, size_t i, const struct w3p_errmsg *why)
{
    struct w3p_crust_endpoint *ep = &c->endpoints[i];
    int64_t now = w3p_clock_mono_ms();
    if (ep->against_at_ms == 0 || now - ep->against_at_ms >= W3P_CRUST_LOUD_MS)
        w3p_logf(W3P_LOG_ERROR, "chain.contradiction", "%s, but %s does not; one of them lies", why->text,
                 c->current >= 0 ? w3p_rpc_host(c->endpoints[c->current].rpc) : "the one in use");
    ep->against_at_ms = now;
    w3p_crust_watch_contradicted(c, i, why->text);
}

static void vote_on(struct w3p_crust *c, size_t i, const struct w3p_crust_terms_view *view,
                    struct w3p_crust_voices *agree, struct w3p_crust_voices *disagree, struct w3p_errmsg *against)
{
    const struct w3p_crust_peer *peer = &c->endpoints[i].peer;
    struct w3p_errmsg why = {{0}};
    uint8_t theirs32[32];
    uint64_t at = 0;
    bool same = true;

    if (w3p_crust_ask_final(c, &why, i, &at) != W3P_OK || at < view->number ||
        w3p_crust_ask_hash(c, &why, i, theirs32, "chain_getBlockHash", json_pack("[I]", (json_int_t)view->number)) !=
            W3P_OK)
        return; // silent, or behind
    same = memcmp(theirs32, view->hash32, 32) == 0;
    for (size_t k = 0; same && k < view->count; k++)
        if (w3p_crust_compare_item(c, &why, i, &same, &view->items[k], theirs32) != W3P_OK)
            return;
    w3p_crust_voices_add(same ? agree : disagree, peer);
    if (same)
        return;
    (void)w3p_fail(against, W3P_E_STATE, "%s: at block %llu it shows another market or account",
                   w3p_rpc_host(c->endpoints[i].rpc), (unsigned long long)view->number);
    w3p_crust_contradicted(c, i, against);
}

int w3p_crust_vote_terms(struct w3p_crust *c, struct w3p_errmsg *msg, const struct w3p_crust_terms_view *view)
{
    struct w3p_crust_voices agree = {.count = 0}, disagree = {.count = 0};
    struct w3p_errmsg against = {{0}};
    int64_t began_ms = w3p_clock_mono_ms(), took_ms, wait_ms;
    int current = c->current;

    if (c->endpoint_count < 3 || current < 0 || began_ms < c->vote_at_ms)
        return W3P_OK;
    w3p_crust_voices_add(&agree, &c->endpoints[current].peer);
    for (size_t i = 0; i < c->endpoint_count; i++)
        if ((int)i != current)
            vote_on(c, i, view, &agree, &disagree, &against);
    took_ms = w3p_clock_mono_ms() - began_ms;
    wait_ms = agree.opinions + disagree.opinions > 1 ? VOTE_MS : VOTE_SOON_MS;
    c->vote_at_ms = began_ms + took_ms + (took_ms * VOTE_SHARE > wait_ms ? took_ms * VOTE_SHARE : wait_ms);
    if (c->current != current || w3p_crust_voices_least(&disagree) < 2 ||
        w3p_crust_voices_least(&disagree) <= w3p_crust_voices_least(&agree))
        return W3P_OK;
    w3p_crust_outvote(c, &against);
    c->vote_at_ms = 0; // the next one, too
    return w3p_fail(msg, W3P_E_PROTOCOL, "the endpoint in use is outvoted: %.200s", against.text);
}
