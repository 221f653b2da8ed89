// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: before a content is paid a second time: proof that the order before came to nothing. An endpoint is asked by
// itself here, whichever is in use, and everything is compared byte by byte: at one block all honest nodes have the
// same state.
//
// A node can hide an order that is in a block, and pretend that it died; whoever believes it pays twice. So a content
// that was ordered before is paid again only when `disprove` holds, which rests on this:
// - A new order with the nonce of the old one needs no proof: of two extrinsics with one nonce a chain takes one.
// - With endpoints of two or more nodes (crust_voices.c), a second node must have finalized the same block (by hash, at
//   or above the end of the old order's life) and show the same account and entries of the file there, which must be
//   those that the new order was decided upon. Of those that answer, more must agree than disagree; an endpoint that
//   the others outvote is left alone for minutes. When none answers the payment waits. A renewal does not: nothing but
//   the life that an entry has left speaks for or against it. One node against one: what they contradict each other
//   about waits, and nothing else does.
// - With one node, behind however many endpoints that all say the same, its word is all there is: W3P_CRUST_MARGIN more
//   finalized blocks, and a balance that did not drop by the cost of the old order between its birth and its end (where
//   the node still has those states). A lone node that lies in all of this consistently can cause as many payments of
//   one content as engine.max_attempts allows, within budget.planck_per_day.
// That holds for the orders behind an interrupted one of a batch, too, though the block's events say that they were not
// tried: they say so by that node's word. Events that are made up would have up to 31 orders paid twice at once, and
// the batch's nonce is used, so that nothing makes the second payment impossible. A proof of the events against the
// header's state root (state_getReadProof) would be no better: we do not verify finality, so the header is its word as
// well. The margin costs a minute, and catches a node that is merely wrong, such as one of several behind one name
// that shows a block of another branch.
// Must not: decide by what only one of several endpoints says.
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "crust/crust_internal.h"
#include "substrate/account.h"

#define KEYS_MAX 3 // the account and the file in two spellings

enum opinion { SILENT, AGREES, DISAGREES };

// What the endpoint in use says at a finalized block.
struct view {
    const struct w3p_chain_prior *prior;
    const struct w3p_chain_head *head;
    uint64_t number; // of the block that the items are of; 0: of none
    uint8_t hash32[32];
    struct w3p_crust_item items[KEYS_MAX]; // the account first
    const struct w3p_chain_file *seen[KEYS_MAX];
    size_t count;
};

static void open_view(struct w3p_crust *c, struct view *view)
{
    view->count = 1;
    w3p_crust_item_init(&view->items[0]);
    w3p_storage_map_key(&view->items[0].key, c->runtime->system->storage_prefix, c->runtime->account,
                        W3P_SPAN(c->account32, 32));
    for (size_t i = 0; i < 2; i++) {
        const char *cid = view->prior->cids[i];
        if (cid == NULL || cid[0] == '\0')
            continue;
        w3p_crust_item_init(&view->items[view->count]);
        view->seen[view->count] = view->prior->seen != NULL ? &view->prior->seen[i] : NULL;
        w3p_crust_file_key(&view->items[view->count++].key, c->runtime, cid);
    }
}

// The view of the finalized block `at`. The endpoint in use is asked and no other in its place: else one that says it
// has no state would be confirmed by what the others say themselves.
static int look_at(struct w3p_crust *c, struct w3p_errmsg *msg, struct view *view, uint64_t at)
{
    int err = c->current >= 0 ? W3P_OK : W3P_E_UNREACHABLE;
    if (view->number == at && at > 0)
        return W3P_OK;
    view->number = 0;
    memcpy(view->hash32, view->head->final_hash32, 32);
    if (err == W3P_OK && at != view->head->final_number)
        err = w3p_crust_ask_hash(c, msg, (size_t)c->current, view->hash32, "chain_getBlockHash",
                                 json_pack("[I]", (json_int_t)at));
    for (size_t k = 0; err == W3P_OK && k < view->count; k++)
        err = w3p_crust_ask_item(c, msg, (size_t)c->current, &view->items[k], &view->items[k].key, view->hash32);
    if (err == W3P_OK)
        view->number = at;
    return err;
}

// Is the entry that all agree on the one that the new order was decided upon? Else the endpoint in use says one thing
// when it is asked by itself, and another when it is compared.
static bool as_decided(const struct w3p_crust *c, const struct view *view, size_t k)
{
    const struct w3p_chain_file *seen = view->seen[k];
    const struct w3p_crust_item *item = &view->items[k];
    struct w3p_chain_file file = {.exists = false};
    if (seen == NULL)
        return true;
    if (item->present && w3p_crust_file_decode(&file, c->runtime->layout, item->value.ptr, item->value.len) != W3P_OK)
        return false;
    return file.exists == seen->exists && file.size == seen->size && file.replicas == seen->replicas &&
           file.expires_at_block == seen->expires_at_block;
}

static enum opinion ask_opinion(struct w3p_crust *c, struct w3p_errmsg *why, size_t i, struct view *view)
{
    const char *host = w3p_rpc_host(c->endpoints[i].rpc);
    uint8_t theirs32[32];
    uint64_t at = 0;
    bool same = false;

    if (w3p_crust_ask_final(c, why, i, &at) != W3P_OK)
        return SILENT;
    at = at < view->head->final_number ? at : view->head->final_number;
    if (at < view->prior->settled_block) {
        (void)w3p_fail(why, W3P_E_BUSY, "%s: its finalized block %llu is below %llu, where the order before ended",
                       host, (unsigned long long)at, (unsigned long long)view->prior->settled_block);
        return SILENT;
    }
    if (look_at(c, why, view, at) != W3P_OK ||
        w3p_crust_ask_hash(c, why, i, theirs32, "chain_getBlockHash", json_pack("[I]", (json_int_t)at)) != W3P_OK)
        return SILENT;
    if (memcmp(view->hash32, theirs32, 32) != 0) {
        (void)w3p_fail(why, W3P_E_STATE, "%s: another block is final at %llu", host, (unsigned long long)at);
        return DISAGREES;
    }
    for (size_t k = 0; k < view->count; k++) {
        if (w3p_crust_compare_item(c, why, i, &same, &view->items[k], theirs32) != W3P_OK)
            return SILENT;
        if (same && !as_decided(c, view, k)) {
            (void)w3p_fail(why, W3P_E_BUSY, "%s: at block %llu the entry of the file was another one than now", host,
                           (unsigned long long)at);
            return SILENT;
        }
        if (same)
            continue;
        (void)w3p_fail(why, W3P_E_STATE, "%s: at block %llu it shows another %s", host, (unsigned long long)at,
                       k == 0 ? "account" : "entry of the file");
        return DISAGREES;
    }
    return AGREES;
}

// What all endpoints say together.
struct vote {
    struct w3p_crust_voices all, agree, disagree;
    bool incomplete; // one is silent
    struct w3p_errmsg silent, against;
};

static void ask_all(struct w3p_crust *c, struct vote *vote, struct view *view)
{
    int current = c->current;
    for (size_t i = 0; i < c->endpoint_count; i++) {
        const struct w3p_crust_peer *peer = &c->endpoints[i].peer;
        enum opinion opinion = AGREES;
        struct w3p_errmsg why = {{0}};
        if ((int)i != current)
            opinion = ask_opinion(c, &why, i, view);
        w3p_crust_voices_add(&vote->all, peer);
        if (opinion == AGREES) {
            w3p_crust_voices_add(&vote->agree, peer);
        } else if (opinion == DISAGREES) {
            w3p_crust_voices_add(&vote->disagree, peer);
            vote->against = why;
            w3p_crust_contradicted(c, i, &why);
        } else {
            vote->silent = why;
            vote->incomplete = true;
        }
    }
}

static int by_others(struct w3p_crust *c, struct w3p_errmsg *msg, struct view *view, bool *alone)
{
    struct vote vote = {.incomplete = false};
    int current = c->current;

    ask_all(c, &vote, view);
    size_t agree = w3p_crust_voices_least(&vote.agree), disagree = w3p_crust_voices_least(&vote.disagree);
    if (c->current != current) // it failed meanwhile: the view is of no endpoint in use
        return w3p_fail(msg, W3P_E_BUSY, "the endpoint in use has changed");
    if (agree >= 2 && agree > disagree)
        return W3P_OK;
    *alone = disagree == 0 && !vote.incomplete && w3p_crust_voices_least(&vote.all) < 2;
    if (disagree == 0 && (*alone || view->prior->renewal))
        return W3P_OK;
    if (disagree == 0)
        return w3p_fail(msg, W3P_E_BUSY, "no second endpoint confirms what became of the order before: %.200s",
                        vote.silent.text);
    if (disagree > agree)
        w3p_crust_outvote(c, &vote.against);
    return w3p_fail(msg, W3P_E_STATE, "the endpoints contradict each other, nothing is paid again: %.200s",
                    vote.against.text);
}

// What the account has at a block, reserved and all. 0 when it does not exist.
static int balance_at(struct w3p_crust *c, struct w3p_errmsg *msg, w3p_u128 *out, const uint8_t at_hash32[32])
{
    struct w3p_account account = {0};
    struct w3p_crust_item item;

    w3p_crust_item_init(&item);
    w3p_storage_map_key(&item.key, c->runtime->system->storage_prefix, c->runtime->account, W3P_SPAN(c->account32, 32));
    int err = w3p_crust_read(c, msg, &item, 1, at_hash32);
    if (err == W3P_OK && item.present &&
        w3p_account_decode(&account, c->runtime->md, w3p_buf_span(&item.value)) != W3P_OK)
        err = w3p_fail(msg, W3P_E_PROTOCOL, "the account has another form than expected");
    *out = account.available;
    w3p_crust_item_deinit(&item);
    return err;
}

// What was paid behind the end of the order before says nothing about it: a queue that moves on pays all the time.
static int by_balance(struct w3p_crust *c, struct w3p_errmsg *msg, const struct w3p_chain_prior *prior)
{
    w3p_u128 before = 0, after = 0;
    struct w3p_errmsg why = {{0}};
    uint8_t end32[32];
    if (prior->paid)
        return W3P_OK;
    int err = balance_at(c, &why, &before, prior->birth_hash32);
    if (err == W3P_E_REMOTE || err == W3P_E_NOTFOUND)
        return W3P_OK; // pruned
    if (err == W3P_OK)
        err = c->chain.ops->block_hash(&c->chain, &why, end32, prior->settled_block);
    if (err == W3P_OK)
        err = balance_at(c, &why, &after, end32);
    if (err != W3P_OK)
        return w3p_fail(msg, err, "%s", why.text);
    if (before <= after || before - after < prior->explained || before - after - prior->explained < prior->cost)
        return W3P_OK;
    return w3p_fail(
        msg, W3P_E_STATE,
        "the balance has dropped by the cost of the order before, which the endpoint does not show: another "
        "one in crust.endpoints would tell");
}

static int by_itself(struct w3p_crust *c, struct w3p_errmsg *msg, const struct w3p_chain_prior *prior,
                     const struct w3p_chain_head *head)
{
    if (head->final_number < prior->settled_block + W3P_CRUST_MARGIN)
        return w3p_fail(msg, W3P_E_BUSY, "the order before ended at block %llu: it is paid again after block %llu",
                        (unsigned long long)prior->settled_block,
                        (unsigned long long)(prior->settled_block + W3P_CRUST_MARGIN));
    int err = by_balance(c, msg, prior);
    int64_t now = w3p_clock_mono_ms();
    size_t in_use = c->current >= 0 ? (size_t)c->current : 0;
    struct w3p_crust_endpoint *ep = &c->endpoints[in_use];
    if (err == W3P_E_STATE && (ep->against_at_ms == 0 || now - ep->against_at_ms >= W3P_CRUST_LOUD_MS)) {
        w3p_logf(W3P_LOG_ERROR, "chain.contradiction", "%s: %s", w3p_rpc_host(ep->rpc), msg->text);
        ep->against_at_ms = now;
        w3p_crust_watch_contradicted(c, in_use, msg->text);
    }
    return err;
}

int w3p_crust_disprove(struct w3p_chain *chain, struct w3p_errmsg *msg, const struct w3p_chain_prior *prior,
                       uint32_t new_nonce, const struct w3p_chain_head *head)
{
    struct w3p_crust *c = w3p_crust_of(chain);
    struct view view = {.prior = prior, .head = head};
    bool alone = false;

    if (!prior->paid && new_nonce == prior->nonce)
        return W3P_OK;
    int err = w3p_crust_ready(c, msg);
    if (err != W3P_OK)
        return w3p_crust_end(c, msg, err);
    if (c->endpoint_count == 1)
        return w3p_crust_end(c, msg, by_itself(c, msg, prior, head));
    open_view(c, &view);
    err = by_others(c, msg, &view, &alone);
    if (err == W3P_OK && alone)
        err = by_itself(c, msg, prior, head);
    for (size_t i = 0; i < view.count; i++)
        w3p_crust_item_deinit(&view.items[i]);
    return w3p_crust_end(c, msg, err);
}
