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
    const char *cid;
    bool file_success;
};

static bool take_account(struct w3p_reader *r, const uint8_t account32[32])
{
    struct w3p_span who = w3p_reader_take(r, 32);
    return r->err == W3P_OK && memcmp(who.ptr, account32, 32) == 0;
}

// FileSuccess(AccountId, cid) for us, Transfer(from us, to, amount): the parts of the price, and the fee where the
// runtime tells it.
static void take_event(struct judge *j, const struct w3p_event *ev)
{
    struct w3p_reader r;
    w3p_reader_init(&r, ev->args.ptr, ev->args.len);
    if (w3p_event_is(ev, "Market", "FileSuccess")) {
        bool ours = take_account(&r, j->account32);
        struct w3p_span cid = w3p_scale_bytes(&r, W3P_CRUST_CID_MAX);
        if (ours && w3p_reader_end(&r) == W3P_OK && w3p_span_eq_str(cid, j->cid))
            j->file_success = true;
    } else if (w3p_event_is(ev, "Balances", "Transfer")) {
        bool ours = take_account(&r, j->account32);
        w3p_reader_skip(&r, 32);
        w3p_u128 amount = w3p_reader_le128(&r);
        if (ours && w3p_reader_end(&r) == W3P_OK && amount <= ~(w3p_u128)0 - j->out->price)
            j->out->price += amount;
    } else if (w3p_event_is(ev, "TransactionPayment", "TransactionFeePaid")) {
        bool ours = take_account(&r, j->account32);
        w3p_u128 fee = w3p_reader_le128(&r);
        if (ours && r.err == W3P_OK)
            j->out->fee = fee;
    }
}

static void take_success(struct judge *j)
{
    j->out->known = true;
    j->out->ok = j->file_success;
    if (!j->out->ok)
        snprintf(j->out->error, sizeof(j->out->error), "the extrinsic succeeded, but placed no order of this CID");
}

static void take_failure(struct judge *j, const struct w3p_event *ev)
{
    struct w3p_reader r;
    w3p_reader_init(&r, ev->args.ptr, ev->args.len);
    uint32_t type = ev->event->field_count > 0 ? ev->event->fields[0].type : W3P_TYPE_NONE;
    struct w3p_dispatch_error e = w3p_dispatch_error_read(&r, j->md, type);
    if (r.err != W3P_OK)
        return;
    j->out->known = true;
    j->out->price = 0; // transfers of a failed call do not count
    w3p_dispatch_error_format(j->out->error, sizeof(j->out->error), &e);
    bool market = e.error != NULL && strcmp(e.pallet->name, "Market") == 0;
    j->out->permanent =
        market && (strcmp(e.error->name, "FileSizeNotCorrect") == 0 || strcmp(e.error->name, "FileTooLarge") == 0);
    j->out->blameless = market && (strcmp(e.error->name, "PlaceOrderNotAvailable") == 0 ||
                                   strcmp(e.error->name, "InsufficientCurrency") == 0);
}

void w3p_crust_judge(struct w3p_chain_outcome *out, const struct w3p_metadata *md, struct w3p_span events,
                     uint32_t index, const uint8_t account32[32], const char *cid)
{
    struct w3p_events walk;
    struct w3p_event ev;
    struct judge j = {.out = out, .md = md, .account32 = account32, .cid = cid};

    memset(out, 0, sizeof(*out));
    w3p_events_init(&walk, md, events.ptr, events.len);
    while (w3p_events_next(&walk, &ev)) {
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
// parent's state. What it does not say stays 0.
static int ask_fee(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_chain_outcome *out,
                   const struct w3p_metadata *md, uint32_t index, const uint8_t block_hash32[32],
                   const uint8_t parent32[32])
{
    struct w3p_buf xt;

    w3p_buf_init(&xt, W3P_CHAIN_TX_MAX);
    int err = w3p_crust_extrinsic(c, msg, &xt, index, block_hash32);
    if (err == W3P_OK)
        err = w3p_crust_query_fee(c, msg, &out->fee, md, w3p_buf_span(&xt), parent32);
    w3p_buf_deinit(&xt);
    return err == W3P_E_REMOTE || err == W3P_E_NOTFOUND ? W3P_OK : err;
}

// As the endpoint in use has it.
static int outcome_here(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_outcome *out, const char *cid,
                        uint32_t index, const uint8_t block_hash32[32])
{
    struct w3p_crust *c = w3p_crust_of(chain);
    struct w3p_crust_item events = {0};
    struct w3p_crust_runtime *old = NULL;
    const struct w3p_crust_runtime *rt = NULL;
    struct w3p_errmsg why = {{0}};
    uint8_t parent32[32];

    memset(out, 0, sizeof(*out));
    int err = w3p_crust_ready(c, msg);
    if (err != W3P_OK)
        return w3p_crust_end(c, msg, err);
    err = read_events(c, &why, &events, block_hash32);
    if (err == W3P_OK)
        err = runtime_of_block(c, &why, &rt, &old, parent32, block_hash32);
    if (err == W3P_OK && events.present)
        w3p_crust_judge(out, rt->md, w3p_buf_span(&events.value), index, c->account32, cid);
    if (err == W3P_OK && out->known && out->fee == 0)
        err = ask_fee(c, &why, out, rt->md, index, block_hash32, parent32);
    if (err != W3P_OK)
        memset(out, 0, sizeof(*out));
    w3p_crust_item_deinit(&events);
    w3p_crust_runtime_free(old);
    if (err == W3P_OK || never_known(err, &why))
        return W3P_OK;
    return w3p_crust_end(c, &why, w3p_fail(msg, err, "%s", why.text));
}

// What one node has pruned another may still have.
int w3p_crust_outcome(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_outcome *out, const char *cid,
                      uint32_t index, const uint8_t block_hash32[32])
{
    struct w3p_crust *c = w3p_crust_of(chain);
    int err = outcome_here(chain, msg, out, cid, index, block_hash32), first = c->current;
    for (size_t i = 1; err == W3P_OK && !out->known && i < c->endpoint_count && w3p_crust_other_endpoint(c); i++)
        err = outcome_here(chain, msg, out, cid, index, block_hash32);
    w3p_crust_back_to(c, first);
    return err;
}
