// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what became of one of our extrinsics inside its block, judged by the block's events with the metadata of the
// runtime that executed it. What cannot be decoded is "not known", never a guess.
#include <stdio.h>
#include <string.h>

#include "crust/crust_internal.h"
#include "substrate/dispatch.h"
#include "substrate/events.h"
#include "substrate/scale.h"

struct judge {
    struct w3p_chain_outcome *out;
    const struct w3p_metadata *md;
    const uint8_t *account32;
    const char *const *cids;
    size_t n;
    size_t next;     // first order that no success was seen of, nor of a later one
    size_t tried;    // orders that the runtime tried
    w3p_u128 price;  // taken since the last success
    uint32_t event;  // index of the record that is looked at
    bool completed;  // BatchCompleted or BatchInterrupted was seen
    bool impossible; // events contradict each other
};

static bool take_account(struct w3p_reader *r, const uint8_t account32[32])
{
    struct w3p_span who = w3p_reader_take(r, 32);
    return r->err == W3P_OK && memcmp(who.ptr, account32, 32) == 0;
}

// FileSuccess(AccountId, cid) for us: the next order of this CID succeeded, and took what was transferred since the one
// before.
static void take_file(struct judge *j, const struct w3p_event *ev)
{
    struct w3p_reader r;
    w3p_reader_init(&r, ev->args.ptr, ev->args.len);
    bool ours = take_account(&r, j->account32);
    struct w3p_span cid = w3p_scale_bytes(&r, W3P_CRUST_CID_MAX);
    if (!ours || w3p_reader_end(&r) != W3P_OK)
        return;
    j->impossible = j->impossible || j->completed;
    for (size_t i = j->next; i < j->n; i++) {
        struct w3p_chain_item *item = &j->out->items[i];
        if (!w3p_span_eq_str(cid, j->cids[i]))
            continue;
        *item = (struct w3p_chain_item){.end = W3P_ITEM_OK, .price = j->price, .event = j->event};
        j->price = 0;
        j->next = i + 1;
        return;
    }
}

// Transfer(from us, to, amount): the parts of a price.
static void take_transfer(struct judge *j, const struct w3p_event *ev)
{
    struct w3p_reader r;
    w3p_reader_init(&r, ev->args.ptr, ev->args.len);
    bool ours = take_account(&r, j->account32);
    w3p_reader_skip(&r, 32);
    w3p_u128 amount = w3p_reader_le128(&r);
    if (ours && w3p_reader_end(&r) == W3P_OK && amount <= ~(w3p_u128)0 - j->price)
        j->price += amount;
}

static void take_fee(struct judge *j, const struct w3p_event *ev)
{
    struct w3p_reader r;
    w3p_reader_init(&r, ev->args.ptr, ev->args.len);
    bool ours = take_account(&r, j->account32);
    w3p_u128 fee = w3p_reader_le128(&r);
    if (ours && r.err == W3P_OK)
        j->out->fee = fee;
}

// A DispatchError as the end of one order. False when it cannot be read.
static bool take_error(struct judge *j, struct w3p_chain_item *item, struct w3p_reader *r, uint32_t type)
{
    struct w3p_dispatch_error e = w3p_dispatch_error_read(r, j->md, type);
    if (r->err != W3P_OK)
        return false;
    *item = (struct w3p_chain_item){.end = W3P_ITEM_FAILED, .event = j->event};
    w3p_dispatch_error_format(item->error, sizeof(item->error), &e);
    bool market = e.error != NULL && strcmp(e.pallet->name, "Market") == 0;
    // FileSizeNotCorrect is not: somebody ordered the file larger meanwhile, and his entry serves us, too
    item->permanent = market && strcmp(e.error->name, "FileTooLarge") == 0;
    item->blameless = market && (strcmp(e.error->name, "PlaceOrderNotAvailable") == 0 ||
                                 strcmp(e.error->name, "InsufficientCurrency") == 0);
    return true;
}

// An order that the runtime says it went through, and that left no success.
static void mark_silent(struct judge *j, size_t i)
{
    struct w3p_chain_item *item = &j->out->items[i];
    if (item->end == W3P_ITEM_OK)
        return;
    *item = (struct w3p_chain_item){.end = W3P_ITEM_FAILED, .event = j->event};
    snprintf(item->error, sizeof(item->error), "the extrinsic succeeded, but placed no order of this CID");
}

// BatchInterrupted(index, error): the orders before it are done, the ones behind it were not tried.
static void take_interrupted(struct judge *j, const struct w3p_event *ev)
{
    struct w3p_reader r;
    w3p_reader_init(&r, ev->args.ptr, ev->args.len);
    uint32_t at = w3p_reader_le32(&r);
    uint32_t type = ev->event->field_count == 2 ? ev->event->fields[1].type : W3P_TYPE_NONE;
    j->impossible = j->impossible || j->completed || r.err != W3P_OK || at >= j->n || j->next > at ||
                    !take_error(j, &j->out->items[at], &r, type);
    j->completed = true;
    if (j->impossible)
        return;
    j->tried = at + 1;
    for (size_t i = 0; i < at; i++)
        mark_silent(j, i);
}

static void take_event(struct judge *j, const struct w3p_event *ev)
{
    if (w3p_event_is(ev, "Market", "FileSuccess")) {
        take_file(j, ev);
    } else if (w3p_event_is(ev, "Balances", "Transfer")) {
        take_transfer(j, ev);
    } else if (w3p_event_is(ev, "TransactionPayment", "TransactionFeePaid")) {
        take_fee(j, ev);
    } else if (j->n > 1 && w3p_event_is(ev, "Utility", "BatchInterrupted")) {
        take_interrupted(j, ev);
    } else if (j->n > 1 && w3p_event_is(ev, "Utility", "BatchCompleted")) {
        j->impossible = j->impossible || j->completed;
        j->completed = true;
    }
}

// ExtrinsicSuccess says nothing about the orders of a batch: that the batch itself must have told.
static void take_success(struct judge *j)
{
    j->out->known = !j->impossible && (j->n == 1 || j->completed);
    for (size_t i = 0; i < j->tried; i++)
        if (j->out->items[i].end == W3P_ITEM_NOT_TRIED)
            mark_silent(j, i);
}

static void take_failure(struct judge *j, const struct w3p_event *ev)
{
    struct w3p_reader r;
    struct w3p_chain_item item;
    w3p_reader_init(&r, ev->args.ptr, ev->args.len);
    uint32_t type = ev->event->field_count > 0 ? ev->event->fields[0].type : W3P_TYPE_NONE;
    j->out->known = take_error(j, &item, &r, type);
    j->out->batch_refused = j->n > 1;
    for (size_t i = 0; j->out->known && i < j->n; i++)
        j->out->items[i] = item; // transfers of a failed call do not count
}

size_t w3p_crust_judge(struct w3p_chain_outcome *out, const struct w3p_metadata *md, struct w3p_span events,
                       uint32_t index, const uint8_t account32[32], const char *const *cids, size_t n)
{
    struct w3p_events walk;
    struct w3p_event ev;
    struct judge j = {.out = out, .md = md, .account32 = account32, .cids = cids, .n = n, .tried = n};

    memset(out, 0, sizeof(*out));
    w3p_events_init(&walk, md, events.ptr, events.len);
    for (; w3p_events_next(&walk, &ev); j.event++) {
        if (ev.phase != W3P_PHASE_EXTRINSIC || ev.extrinsic != index)
            continue;
        // exactly one of these exists for an extrinsic, as its last record
        if (w3p_event_is(&ev, "System", "ExtrinsicSuccess")) {
            take_success(&j);
            break;
        }
        if (w3p_event_is(&ev, "System", "ExtrinsicFailed")) {
            take_failure(&j, &ev);
            break;
        }
        take_event(&j, &ev);
    }
    if (!out->known)
        memset(out, 0, sizeof(*out));
    return j.tried;
}

static int read_events(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_crust_item *item,
                       const uint8_t block_hash32[32])
{
    w3p_crust_item_init(item);
    item->value.max = W3P_CRUST_EVENTS_MAX;
    w3p_crust_item_plain(item, c->runtime->system->storage_prefix, "Events");
    return w3p_crust_read(c, msg, item, 1, block_hash32);
}

// The runtime that executed a block is the one in its parent's state. *old is set when that is not the current one.
static int runtime_of_block(struct w3p_crust *c, struct w3p_errmsg *msg, const struct w3p_crust_runtime **out,
                            struct w3p_crust_runtime **old, uint8_t parent32[32], const uint8_t block_hash32[32])
{
    struct w3p_crust_header header;
    struct w3p_crust_runtime version = {0};
    int err = w3p_crust_header(c, msg, &header, block_hash32);
    if (err == W3P_OK)
        err = w3p_crust_version_at(c, msg, &version, header.parent32);
    if (err != W3P_OK)
        return err;
    memcpy(parent32, header.parent32, 32);
    *out = c->runtime;
    if (version.spec_version == c->runtime->spec_version)
        return W3P_OK;
    err = w3p_crust_runtime_load(c, msg, old, header.parent32);
    *out = *old;
    return err;
}

// For good: the state is pruned, or the runtime cannot be read. A node that merely does not have the block yet is an
// error, to be asked again.
static bool never_known(int err, const struct w3p_errmsg *why)
{
    return err == W3P_E_UNSUPPORTED || (err == W3P_E_REMOTE && strcasestr(why->text, "discarded") != NULL);
}

// No event of these runtimes tells the fee: the one that executed the block is asked, by what it went by, which is its
// parent's state. What it does not say stays 0. A batch that was interrupted is charged as one of the orders that were
// tried, at the length that it has.
static int ask_fee(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_chain_outcome *out,
                   const struct w3p_crust_runtime *rt, size_t tried, size_t n, uint32_t index,
                   const uint8_t block_hash32[32], const uint8_t parent32[32])
{
    struct w3p_buf xt, part;

    w3p_buf_init(&xt, W3P_CHAIN_TX_MAX);
    w3p_buf_init(&part, W3P_CHAIN_TX_MAX);
    int err = w3p_crust_extrinsic(c, msg, &xt, index, block_hash32);
    if (err == W3P_OK && tried < n)
        err = w3p_crust_dummy(c, &part, rt,
                              &(struct w3p_crust_dummy_call){W3P_CRUST_USUAL(c), .n = tried, .batch = true});
    if (err == W3P_OK)
        err = w3p_crust_query_fee(c, msg, &out->fee, rt->md, w3p_buf_span(tried < n ? &part : &xt), xt.len, parent32);
    w3p_buf_deinit(&xt);
    w3p_buf_deinit(&part);
    return err == W3P_E_REMOTE || err == W3P_E_NOTFOUND ? W3P_OK : err;
}

// As the endpoint in use has it.
static int outcome_here(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_outcome *out,
                        const char *const *cids, size_t n, uint32_t index, const uint8_t block_hash32[32])
{
    struct w3p_crust *c = w3p_crust_of(chain);
    struct w3p_crust_item events = {0};
    struct w3p_crust_runtime *old = NULL;
    const struct w3p_crust_runtime *rt = NULL;
    struct w3p_errmsg why = {{0}};
    uint8_t parent32[32];
    size_t tried = 0;

    memset(out, 0, sizeof(*out));
    int err = w3p_crust_ready(c, msg);
    if (err != W3P_OK)
        return w3p_crust_end(c, msg, err);
    err = read_events(c, &why, &events, block_hash32);
    if (err == W3P_OK)
        err = runtime_of_block(c, &why, &rt, &old, parent32, block_hash32);
    if (err == W3P_OK && events.present)
        tried = w3p_crust_judge(out, rt->md, w3p_buf_span(&events.value), index, c->account32, cids, n);
    if (err == W3P_OK && out->known && out->fee == 0)
        err = ask_fee(c, &why, out, rt, tried, n, index, block_hash32, parent32);
    if (err != W3P_OK)
        memset(out, 0, sizeof(*out));
    w3p_crust_item_deinit(&events);
    w3p_crust_runtime_free(old);
    if (err == W3P_OK || never_known(err, &why))
        return W3P_OK;
    return w3p_crust_end(c, &why, w3p_fail(msg, err, "%s", why.text));
}

// What one node has pruned another may still have.
int w3p_crust_outcome(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_outcome *out,
                      const char *const *cids, size_t n, uint32_t index, const uint8_t block_hash32[32])
{
    struct w3p_crust *c = w3p_crust_of(chain);
    if (n < 1 || n > W3P_CHAIN_BATCH_MAX)
        return w3p_fail(msg, W3P_E_INVALID, "no transaction holds %zu orders", n);
    int err = outcome_here(chain, msg, out, cids, n, index, block_hash32), first = c->current;
    for (size_t i = 1; err == W3P_OK && !out->known && i < c->endpoint_count && w3p_crust_other_endpoint(c); i++)
        err = outcome_here(chain, msg, out, cids, n, index, block_hash32);
    w3p_crust_back_to(c, first);
    return err;
}
