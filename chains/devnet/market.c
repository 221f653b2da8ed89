// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the market pallet: orders, prepaid amounts, the end of a file. The order of checks, transfers and events is
// that of the real runtime; so is that a transfer which fails in the middle leaves the earlier ones standing.
// Left out: the slow adjustment of fees (they change only through dev_setStorage), and paying storage nodes.
#include <string.h>

#include "devnet/core.h"
#include "substrate/scale.h"

#define MIB 1048576u
#define CID_MAX (1u << 20)  // bytes of a cid argument
#define MEMO_MAX (4u << 20) // bytes of a memo argument
#define REWARD_PERSONS 4u   // remaining_paid_count of a new file

struct price {
    w3p_u128 base, staking, storage, reserved; // base is part of reserved
};

// Account of a pot: "modl" ‖ module id ‖ SCALE string, padded with zeros.
static void pot_account(uint8_t out32[32], const struct w3p_devnet *net, const char *name)
{
    memset(out32, 0, 32);
    memcpy(out32, "modl", 4);
    memcpy(out32 + 4, net->rt.market_id8, sizeof net->rt.market_id8);
    out32[12] = (uint8_t)(strlen(name) << 2);
    memcpy(out32 + 13, name, strlen(name));
}

// 72 % of the bytes' and keys' part is the stakers', 18 % the storage nodes', the rest and the base fee is reserved.
static struct price price_of(const struct w3p_devnet *net, uint64_t size)
{
    w3p_u128 mib = size / MIB + (size % MIB != 0 ? 1 : 0), bytes;
    if (__builtin_mul_overflow(w3p_devnet_item_u128(net, "Market", net->rt.byte_fee_item), mib, &bytes))
        bytes = 0;
    w3p_u128 part = w3p_devnet_add(bytes, w3p_devnet_item_u128(net, "Market", net->rt.keys_fee_item));
    struct price price = {.base = w3p_devnet_item_u128(net, "Market", "FileBaseFee")};
    price.staking = w3p_devnet_perbill(net->rt.staking_perbill, part);
    price.storage = w3p_devnet_perbill(net->rt.storage_perbill, part);
    price.reserved = w3p_devnet_add(part - price.staking - price.storage, price.base);
    return price;
}

static w3p_u128 price_total(const struct price *price)
{
    return w3p_devnet_add(w3p_devnet_add(price->staking, price->storage), price->reserved);
}

static w3p_u128 usable_balance(const struct w3p_devnet *net, const uint8_t who32[32])
{
    struct devnet_account account = w3p_devnet_account(net, who32);
    w3p_u128 frozen = account.misc_frozen > account.fee_frozen ? account.misc_frozen : account.fee_frozen;
    return account.free > frozen ? account.free - frozen : 0;
}

// reserved, staking, storage: the runtime's order.
static struct devnet_failure pay(struct w3p_devnet *net, const uint8_t from32[32], const struct price *price)
{
    static const char *const pots[3] = {"rese", "stak", "stor"};
    const w3p_u128 amounts[3] = {price->reserved, price->staking, price->storage};
    for (size_t i = 0; i < 3; i++) {
        uint8_t pot32[32];
        pot_account(pot32, net, pots[i]);
        struct devnet_failure failure = w3p_devnet_transfer(net, from32, pot32, amounts[i], false);
        if (failure.fault != DEVNET_OK)
            return failure;
    }
    return DEVNET_SUCCESS;
}

static void emit_file(struct w3p_devnet *net, const char *event, const uint8_t *who32, struct w3p_span cid,
                      const w3p_u128 *amount)
{
    struct w3p_buf *out = w3p_devnet_event_begin(net, "Market", event);
    if (out == NULL)
        return;
    if (who32 != NULL)
        w3p_buf_put(out, who32, 32);
    w3p_scale_put_bytes(out, cid.ptr, cid.len);
    if (amount != NULL)
        w3p_buf_put_le128(out, *amount);
    w3p_devnet_event_end(net);
}

static uint32_t now_block(const struct w3p_devnet *net)
{
    return (uint32_t)net->number;
}

static void upsert(struct w3p_devnet *net, struct w3p_span cid, struct devnet_file *file, bool known, uint64_t size,
                   w3p_u128 amount)
{
    if (!known) {
        memset(file, 0, sizeof *file);
        file->size = size;
        file->calculated_at = now_block(net);
        file->remaining_paid = REWARD_PERSONS;
        uint32_t keys = w3p_devnet_item_u32(net, "Market", "FileKeysCount");
        w3p_devnet_put_item_u32(net, "Market", "FileKeysCount", keys + 1);
    } else {
        // The older runtimes bring a file that has begun up to date first.
        if (file->expired_at != 0 && net->rt.layout != DEVNET_FILE_V2)
            file->calculated_at = now_block(net);
        file->expired_at = file->replica_count > 0 ? now_block(net) + net->rt.file_duration : 0;
    }
    file->amount = w3p_devnet_add(file->amount, amount);
    w3p_devnet_file_put(net, cid, file);
    if (file->replica_count == 0)
        w3p_devnet_watch_file(net, cid);
}

struct devnet_failure w3p_devnet_place_order(struct w3p_devnet *net, const uint8_t who32[32], struct w3p_reader *args,
                                             bool execute)
{
    struct w3p_span cid = w3p_scale_bytes(args, CID_MAX);
    uint64_t size = w3p_reader_le64(args);
    w3p_u128 tips = w3p_scale_compact_u128(args);
    if (net->rt.has_memo)
        (void)w3p_scale_bytes(args, MEMO_MAX);
    if (!execute || args->err != W3P_OK)
        return DEVNET_SUCCESS;

    struct w3p_reader enabled = w3p_devnet_item(net, "Market", net->rt.enable_item);
    if (!w3p_scale_bool(&enabled))
        return w3p_devnet_module_error(net, "Market", "PlaceOrderNotAvailable");
    struct devnet_file file;
    bool known = w3p_devnet_file_get(net, &file, cid);
    if (known && file.size > size)
        return w3p_devnet_module_error(net, "Market", "FileSizeNotCorrect");
    uint64_t charged = known ? file.size : size;
    if (charged >= net->rt.file_size_max)
        return w3p_devnet_module_error(net, "Market", "FileTooLarge");
    struct price price = price_of(net, charged);
    if (usable_balance(net, who32) < w3p_devnet_add(price_total(&price), tips))
        return w3p_devnet_module_error(net, "Market", "InsufficientCurrency");
    price.storage = w3p_devnet_add(price.storage, tips);
    struct devnet_failure failure = pay(net, who32, &price);
    if (failure.fault != DEVNET_OK)
        return failure;
    upsert(net, cid, &file, known, charged, price.storage);
    uint32_t orders = w3p_devnet_item_u32(net, "Market", "OrdersCount");
    w3p_devnet_put_item_u32(net, "Market", "OrdersCount", orders + 1);
    w3p_devnet_put_item(net, "Market", "HasNewOrder", W3P_SPAN_LIT("\1"));
    emit_file(net, "FileSuccess", who32, cid, NULL);
    return DEVNET_SUCCESS;
}

struct devnet_failure w3p_devnet_add_prepaid(struct w3p_devnet *net, const uint8_t who32[32], struct w3p_reader *args,
                                             bool execute)
{
    struct w3p_span cid = w3p_scale_bytes(args, CID_MAX);
    w3p_u128 amount = w3p_scale_compact_u128(args);
    if (!execute || args->err != W3P_OK)
        return DEVNET_SUCCESS;
    if (usable_balance(net, who32) < amount)
        return w3p_devnet_module_error(net, "Market", "InsufficientCurrency");
    struct devnet_file file;
    if (!w3p_devnet_file_get(net, &file, cid))
        return w3p_devnet_module_error(net, "Market", "FileNotExist");
    uint8_t pot32[32];
    pot_account(pot32, net, "stor");
    struct devnet_failure failure = w3p_devnet_transfer(net, who32, pot32, amount, false);
    if (failure.fault != DEVNET_OK)
        return failure;
    file.prepaid = w3p_devnet_add(file.prepaid, amount);
    w3p_devnet_file_put(net, cid, &file);
    emit_file(net, "AddPrepaidSuccess", who32, cid, &amount);
    return DEVNET_SUCCESS;
}

// From the storage pot. A pot that cannot pay pays nothing: the calls that end here do not fail for it.
static void pay_from_pot(struct w3p_devnet *net, const uint8_t to32[32], w3p_u128 amount)
{
    uint8_t pot32[32];
    pot_account(pot32, net, "stor");
    (void)w3p_devnet_transfer(net, pot32, to32, amount, false);
}

static void renew(struct w3p_devnet *net, const uint8_t who32[32], struct w3p_span cid, struct devnet_file *file,
                  const struct price *price)
{
    uint8_t pot32[32];
    pot_account(pot32, net, "rese");
    pay_from_pot(net, pot32, price->reserved);
    pot_account(pot32, net, "stak");
    pay_from_pot(net, pot32, price->staking);
    file->prepaid -= price_total(price);
    file->amount = w3p_devnet_add(file->amount, price->storage);
    bool pending = file->replica_count == 0;
    file->expired_at = pending ? 0 : now_block(net) + net->rt.file_duration;
    file->calculated_at = now_block(net);
    file->remaining_paid = pending ? REWARD_PERSONS : file->remaining_paid;
    w3p_devnet_file_put(net, cid, file);
    if (pending)
        w3p_devnet_watch_file(net, cid);
    emit_file(net, "RenewFileSuccess", who32, cid, NULL);
}

static void close_file(struct w3p_devnet *net, struct w3p_span cid, const struct devnet_file *file)
{
    uint8_t pot32[32];
    pot_account(pot32, net, "rese");
    pay_from_pot(net, pot32, w3p_devnet_add(file->amount, file->prepaid));
    w3p_devnet_file_delete(net, cid);
    uint32_t keys = w3p_devnet_item_u32(net, "Market", "FileKeysCount");
    w3p_devnet_put_item_u32(net, "Market", "FileKeysCount", keys > 0 ? keys - 1 : 0);
    emit_file(net, "FileClosed", NULL, cid, NULL);
}

// Whoever calls is paid: the leftover amount with FileInfoV2, a share of the new price before.
static void renew_or_close(struct w3p_devnet *net, const uint8_t who32[32], struct w3p_span cid,
                           struct devnet_file *file)
{
    struct price price = price_of(net, file->size);
    w3p_u128 reward = w3p_devnet_perbill(net->rt.renew_perbill, price_total(&price));
    bool renews = file->prepaid >= w3p_devnet_add(price_total(&price), reward);
    if (net->rt.renew_perbill == 0) {
        pay_from_pot(net, who32, file->amount);
        file->amount = 0;
    } else if (renews) {
        pay_from_pot(net, who32, reward);
        file->prepaid -= reward;
    }
    if (renews)
        renew(net, who32, cid, file, &price);
    else
        close_file(net, cid, file);
}

struct devnet_failure w3p_devnet_calculate_reward(struct w3p_devnet *net, const uint8_t who32[32],
                                                  struct w3p_reader *args, bool execute)
{
    struct w3p_span cid = w3p_scale_bytes(args, CID_MAX);
    struct devnet_file file;
    if (!execute || args->err != W3P_OK || !w3p_devnet_file_get(net, &file, cid))
        return DEVNET_SUCCESS;
    if (file.expired_at == 0)
        return w3p_devnet_module_error(net, "Market", "NotInRewardPeriod");
    if (now_block(net) < file.expired_at) {
        file.calculated_at = now_block(net);
        w3p_devnet_file_put(net, cid, &file);
    } else {
        renew_or_close(net, who32, cid, &file);
    }
    emit_file(net, "CalculateSuccess", NULL, cid, NULL);
    return DEVNET_SUCCESS;
}

void w3p_devnet_market_genesis(struct w3p_devnet *net)
{
    static const char *const pots[3] = {"rese", "stak", "stor"};
    struct devnet_account account = {.providers = 1, .free = net->rt.existential_deposit};
    for (size_t i = 0; i < 3; i++) {
        uint8_t pot32[32];
        pot_account(pot32, net, pots[i]);
        w3p_devnet_account_put(net, pot32, &account);
    }
    w3p_devnet_put_item(net, "Market", net->rt.enable_item, W3P_SPAN_LIT("\1"));
}
