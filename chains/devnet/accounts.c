// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: accounts and balances: existential deposits, transfers and fees, in the order of checks and with the events
// of Substrate 3's balances pallet.
// Must not: know extrinsics or the market.
#include <string.h>

#include "crypto/hash.h"
#include "devnet/core.h"

#define ACCOUNT_LEN 76
#define TREASURY_PERCENT 80u // of a fee; the author has the rest

const uint8_t w3p_devnet_treasury32[32] = "modlpy/trsry";
const uint8_t w3p_devnet_author32[32] = "w3pin devnet author";

void w3p_devnet_account_key(struct w3p_buf *out, const uint8_t account32[32])
{
    static const struct w3p_md_entry entry = {.name = "Account", .key_count = 1, .hashers = {W3P_BLAKE2_128_CONCAT}};
    w3p_storage_map_key(out, "System", &entry, W3P_SPAN(account32, 32));
}

struct devnet_account w3p_devnet_account(const struct w3p_devnet *net, const uint8_t account32[32])
{
    struct devnet_account account = {0};
    struct w3p_buf key;
    struct w3p_span value;
    w3p_buf_init(&key, 128);
    w3p_devnet_account_key(&key, account32);
    if (w3p_devnet_get(&net->state, &value, w3p_buf_span(&key)) && value.len >= ACCOUNT_LEN) {
        struct w3p_reader r;
        w3p_reader_init(&r, value.ptr, value.len);
        account.nonce = w3p_reader_le32(&r);
        account.consumers = w3p_reader_le32(&r);
        account.providers = w3p_reader_le32(&r);
        account.free = w3p_reader_le128(&r);
        account.reserved = w3p_reader_le128(&r);
        account.misc_frozen = w3p_reader_le128(&r);
        account.fee_frozen = w3p_reader_le128(&r);
    }
    w3p_buf_deinit(&key);
    return account;
}

static bool has_data(const struct devnet_account *account)
{
    return (account->free | account->reserved | account->misc_frozen | account->fee_frozen) != 0;
}

void w3p_devnet_account_put(struct w3p_devnet *net, const uint8_t account32[32], const struct devnet_account *account)
{
    struct w3p_buf key, value;
    w3p_buf_init(&key, 128);
    w3p_buf_init(&value, ACCOUNT_LEN);
    w3p_devnet_account_key(&key, account32);
    w3p_buf_put_le32(&value, account->nonce);
    w3p_buf_put_le32(&value, account->consumers);
    w3p_buf_put_le32(&value, account->providers);
    w3p_buf_put_le128(&value, account->free);
    w3p_buf_put_le128(&value, account->reserved);
    w3p_buf_put_le128(&value, account->misc_frozen);
    w3p_buf_put_le128(&value, account->fee_frozen);
    w3p_devnet_put(&net->state, w3p_buf_span(&key), w3p_buf_span(&value));
    w3p_buf_deinit(&key);
    w3p_buf_deinit(&value);
}

static void account_remove(struct w3p_devnet *net, const uint8_t account32[32])
{
    struct w3p_buf key;
    w3p_buf_init(&key, 128);
    w3p_devnet_account_key(&key, account32);
    w3p_devnet_delete(&net->state, w3p_buf_span(&key));
    w3p_buf_deinit(&key);
}

static void emit_account(struct w3p_devnet *net, const char *pallet, const char *event, const uint8_t account32[32],
                         const w3p_u128 *amount)
{
    struct w3p_buf *out = w3p_devnet_event_begin(net, pallet, event);
    if (out == NULL)
        return;
    w3p_buf_put(out, account32, 32);
    if (amount != NULL)
        w3p_buf_put_le128(out, *amount);
    w3p_devnet_event_end(net);
}

static void treasury_deposit(struct w3p_devnet *net, w3p_u128 amount)
{
    struct devnet_account treasury = w3p_devnet_account(net, w3p_devnet_treasury32);
    treasury.free = w3p_devnet_add(treasury.free, amount);
    w3p_devnet_account_put(net, w3p_devnet_treasury32, &treasury);
    struct w3p_buf *out = w3p_devnet_event_begin(net, "Treasury", "Deposit");
    if (out == NULL)
        return;
    w3p_buf_put_le128(out, amount);
    w3p_devnet_event_end(net);
}

// Writes an account after its balance changed. An account below the existential deposit is removed, and what it still
// had is given back as dust: the caller cleans it up with clean_dust at the point where the real pallet does.
static w3p_u128 store_changed(struct w3p_devnet *net, const uint8_t account32[32], struct devnet_account *account,
                              bool is_new)
{
    w3p_u128 total = w3p_devnet_add(account->free, account->reserved);
    if (total < net->rt.existential_deposit) {
        if (!is_new) {
            account_remove(net, account32);
            emit_account(net, "System", "KilledAccount", account32, NULL);
        }
        return total;
    }
    if (is_new && account->providers == 0) {
        account->providers = 1;
        emit_account(net, "System", "NewAccount", account32, NULL);
    }
    w3p_devnet_account_put(net, account32, account);
    if (is_new)
        emit_account(net, "Balances", "Endowed", account32, &account->free);
    return 0;
}

static void clean_dust(struct w3p_devnet *net, const uint8_t account32[32], w3p_u128 dust)
{
    if (dust == 0)
        return;
    emit_account(net, "Balances", "DustLost", account32, &dust);
    treasury_deposit(net, dust);
}

static struct devnet_failure check_transfer(const struct w3p_devnet *net, const struct devnet_account *from,
                                            const struct devnet_account *to, w3p_u128 amount, bool keep_alive)
{
    w3p_u128 deposit = net->rt.existential_deposit;
    if (from->free < amount)
        return w3p_devnet_module_error(net, "Balances", "InsufficientBalance");
    if (to->free + amount < amount)
        return w3p_devnet_module_error(net, "Balances", "Overflow");
    if (w3p_devnet_add(to->free + amount, to->reserved) < deposit)
        return w3p_devnet_module_error(net, "Balances", "ExistentialDeposit");
    if (from->free - amount < from->misc_frozen)
        return w3p_devnet_module_error(net, "Balances", "LiquidityRestrictions");
    bool may_die = !keep_alive && from->consumers == 0;
    if (!may_die && w3p_devnet_add(from->free - amount, from->reserved) < deposit)
        return w3p_devnet_module_error(net, "Balances", "KeepAlive");
    return DEVNET_SUCCESS;
}

struct devnet_failure w3p_devnet_transfer(struct w3p_devnet *net, const uint8_t from32[32], const uint8_t to32[32],
                                          w3p_u128 amount, bool keep_alive)
{
    if (amount == 0 || memcmp(from32, to32, 32) == 0)
        return DEVNET_SUCCESS;
    struct devnet_account from = w3p_devnet_account(net, from32), to = w3p_devnet_account(net, to32);
    bool to_is_new = !has_data(&to), from_is_new = !has_data(&from);
    struct devnet_failure failure = check_transfer(net, &from, &to, amount, keep_alive);
    if (failure.fault != DEVNET_OK)
        return failure;
    from.free -= amount;
    to.free += amount;
    w3p_u128 dust = store_changed(net, from32, &from, from_is_new);
    (void)store_changed(net, to32, &to, to_is_new);
    clean_dust(net, from32, dust);
    struct w3p_buf *out = w3p_devnet_event_begin(net, "Balances", "Transfer");
    if (out != NULL) {
        w3p_buf_put(out, from32, 32);
        w3p_buf_put(out, to32, 32);
        w3p_buf_put_le128(out, amount);
        w3p_devnet_event_end(net);
    }
    return DEVNET_SUCCESS;
}

bool w3p_devnet_withdraw_fee(struct w3p_devnet *net, const uint8_t account32[32], w3p_u128 fee, bool has_tip,
                             bool execute)
{
    if (fee == 0)
        return true;
    struct devnet_account account = w3p_devnet_account(net, account32);
    w3p_u128 deposit = net->rt.existential_deposit;
    if (account.free < fee)
        return false;
    w3p_u128 left = account.free - fee;
    bool dies =
        w3p_devnet_add(left, account.reserved) < deposit && w3p_devnet_add(account.free, account.reserved) >= deposit;
    w3p_u128 frozen = account.fee_frozen;
    if (has_tip && account.misc_frozen > frozen)
        frozen = account.misc_frozen;
    if (dies || left < frozen)
        return false;
    if (execute) {
        account.free = left;
        w3p_devnet_account_put(net, account32, &account);
    }
    return true;
}

void w3p_devnet_settle_fee(struct w3p_devnet *net, const uint8_t payer32[32], w3p_u128 taken, w3p_u128 due,
                           w3p_u128 tip)
{
    struct devnet_account payer = w3p_devnet_account(net, payer32);
    if (taken > due && has_data(&payer)) {
        payer.free = w3p_devnet_add(payer.free, taken - due);
        w3p_devnet_account_put(net, payer32, &payer);
    } else {
        due = taken;
    }
    w3p_u128 fee = due - tip, treasury = fee * TREASURY_PERCENT / 100 + tip * TREASURY_PERCENT / 100;
    treasury_deposit(net, treasury);
    struct devnet_account author = w3p_devnet_account(net, w3p_devnet_author32);
    author.free = w3p_devnet_add(author.free, due - treasury);
    w3p_devnet_account_put(net, w3p_devnet_author32, &author);
}
