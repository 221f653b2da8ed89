// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: admin_json.h.
#include "http/admin_json.h"

#include <stdio.h>

#include "base/clock.h"
#include "http/caller.h"
#include "http/money_json.h"

static void number(struct w3p_json *j, const char *key, uint64_t value)
{
    w3p_json_key(j, key);
    w3p_json_uint(j, value);
}

static void moment(struct w3p_json *j, const char *key, int64_t wall_ms)
{
    char text[W3P_RFC3339_LEN + 1];
    if (wall_ms <= 0)
        return;
    w3p_rfc3339_format(text, wall_ms);
    w3p_json_str_field(j, key, text);
}

static void write_money(struct w3p_json *j, const struct w3p_admin_status *status, uint64_t usd_micros)
{
    const struct w3p_money *money = &status->snapshot.money;
    w3p_json_key(j, "money");
    w3p_json_begin_object(j);
    w3p_json_str_field(j, "funds", w3p_funds_word(money->funds));
    if (money->known) {
        w3p_money_amount_usd(j, "balance", money->terms.usable_balance, money, usd_micros);
        w3p_money_amount_usd(j, "available", money->available, money, usd_micros);
        w3p_money_amount(j, "reserved", money->reserved);
        number(j, "at_block", money->at_block);
    }
    w3p_money_amount(j, "promised", status->promised);
    w3p_money_amount(j, "promised_today", status->promised_today);
    w3p_money_amount(j, "spent_today", status->spent_today);
    w3p_money_amount(j, "planck_per_day", status->planck_per_day);
    w3p_money_amount_usd(j, "daily", money->daily, money, usd_micros);
    w3p_json_key(j, "runway_days");
    if (money->runway_days != W3P_RUNWAY_UNKNOWN && money->known)
        w3p_json_uint(j, money->runway_days);
    else
        w3p_json_null(j);
    if (money->symbol[0] != '\0') {
        w3p_json_str_field(j, "token", money->symbol);
        w3p_json_int_field(j, "decimals", money->decimals);
    }
    w3p_json_end_object(j);
}

void w3p_admin_write_status(struct w3p_buf *out, const struct w3p_admin_status *status, uint64_t usd_micros)
{
    const struct w3p_engine_snapshot *snapshot = &status->snapshot;
    struct w3p_json j;
    w3p_json_init(&j, out);
    w3p_json_begin_object(&j);
    w3p_json_str_field(&j, "version", W3P_VERSION);
    w3p_json_int_field(&j, "pid", status->pid);
    w3p_json_bool_field(&j, "store_healthy", status->store_healthy);
    w3p_json_str_field(&j, "chain", w3p_chain_word(snapshot->chain));
    number(&j, "best", snapshot->best_number);
    number(&j, "finalized", snapshot->final_number);
    w3p_json_bool_field(&j, "paused", snapshot->paused);
    number(&j, "queued", snapshot->queued);
    number(&j, "in_flight", snapshot->in_flight);
    number(&j, "failed", status->rejected);
    w3p_json_str_field(&j, "waiting", snapshot->waiting);
    write_money(&j, status, usd_micros);
    w3p_json_end_object(&j);
}

// "BLOCK-PLACE": what block explorers call a transaction or an event.
static void place(struct w3p_json *j, const char *key, uint64_t block, uint64_t place)
{
    char text[48];
    (void)snprintf(text, sizeof text, "%llu-%llu", (unsigned long long)block, (unsigned long long)place);
    w3p_json_str_field(j, key, text);
}

static void write_block(struct w3p_json *j, const struct w3p_receipt *receipt)
{
    if (receipt->block == 0)
        return;
    number(j, "block", receipt->block);
    number(j, "index", receipt->index);
    place(j, "extrinsic", receipt->block, receipt->index);
    if (receipt->has_block_hash) {
        w3p_json_key(j, "block_hash");
        w3p_json_hex0x(j, receipt->block_hash32, 32);
    }
    if (receipt->event >= 0)
        place(j, "event", receipt->block, (uint64_t)receipt->event);
}

static void write_receipt(struct w3p_json *j, const struct w3p_receipt *receipt)
{
    w3p_json_begin_object(j);
    w3p_json_int_field(j, "id", receipt->id);
    w3p_json_str_field(j, "state", w3p_order_state_name(receipt->state));
    w3p_json_key(j, "tx");
    w3p_json_hex0x(j, receipt->tx_hash32, 32);
    number(j, "nonce", receipt->nonce);
    if (receipt->signer[0] != '\0')
        w3p_json_str_field(j, "signer", receipt->signer);
    write_block(j, receipt);
    w3p_money_amount(j, "size", receipt->size);
    w3p_money_amount(j, "price", receipt->price);
    w3p_money_amount(j, "fee", receipt->fee);
    if (receipt->items > 1) {
        number(j, "item", receipt->item);
        number(j, "items", receipt->items);
        w3p_money_amount(j, "tx_fee", receipt->tx_fee);
    }
    if (receipt->error[0] != '\0')
        w3p_json_str_field(j, "error", receipt->error);
    moment(j, "signed_at", receipt->signed_ms);
    moment(j, "updated_at", receipt->updated_ms);
    w3p_json_end_object(j);
}

static void write_row(struct w3p_json *j, const struct w3p_order_view *row)
{
    w3p_json_begin_object(j);
    w3p_json_int_field(j, "id", row->content_id);
    w3p_json_str_field(j, "cid", row->cid);
    w3p_json_str_field(j, "state", w3p_content_state_name(row->state));
    w3p_money_amount(j, "size", row->size);
    number(j, "pins", row->pins);
    number(j, "attempts", row->attempts);
    if (row->replicas_known)
        number(j, "replicas", row->replicas);
    if (row->expires_at_block > 0)
        number(j, "expires_at_block", row->expires_at_block);
    if (row->state == W3P_CONTENT_QUEUED)
        moment(j, "not_before", row->not_before_ms);
    if (row->error[0] != '\0')
        w3p_json_str_field(j, "error", row->error);
    if (row->has_order) {
        w3p_json_key(j, "order");
        write_receipt(j, &row->order);
    }
    w3p_json_end_object(j);
}

// The beginning that both lists share.
static void begin_list(struct w3p_json *j, struct w3p_buf *out, struct w3p_db *db, const struct w3p_order_view *rows,
                       size_t count)
{
    char signer[96] = "";
    w3p_json_init(j, out);
    w3p_json_begin_object(j);
    if (w3p_meta_get(db, signer, sizeof signer, W3P_META_ACCOUNT) == W3P_OK)
        w3p_json_str_field(j, "signer", signer);
    w3p_json_key(j, "orders");
    w3p_json_begin_array(j);
    for (size_t i = 0; i < count; i++)
        write_row(j, &rows[i]);
    w3p_json_end_array(j);
}

void w3p_admin_write_orders(struct w3p_buf *out, struct w3p_db *db, const struct w3p_order_view *rows, size_t count,
                            bool more)
{
    struct w3p_json j;
    begin_list(&j, out, db, rows, count);
    w3p_json_bool_field(&j, "more", more);
    w3p_json_end_object(&j);
}

void w3p_admin_write_receipts(struct w3p_buf *out, struct w3p_db *db, const struct w3p_admin_receipts *all)
{
    struct w3p_json j;
    begin_list(&j, out, db, &all->row, 1);
    w3p_json_key(&j, "receipts");
    w3p_json_begin_array(&j);
    for (size_t i = 0; i < all->count; i++)
        write_receipt(&j, &all->receipts[i]);
    w3p_json_end_array(&j);
    w3p_json_key(&j, "paid");
    w3p_json_begin_object(&j);
    number(&j, "orders", all->paid.orders);
    w3p_money_amount(&j, "price", all->paid.price);
    w3p_money_amount(&j, "fee", all->paid.fee);
    w3p_json_end_object(&j);
    w3p_json_bool_field(&j, "more", all->more);
    w3p_json_end_object(&j);
}
