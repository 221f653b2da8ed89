// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the faults that are a state of the chain: a market that is off, accounts that have nothing left. What they
// write belongs to the best block, as all that is written from outside, so a fork may take it away.
#include <string.h>

#include "devnet/core.h"
#include "substrate/scale.h"

void w3p_devnet_market_off_changed(struct w3p_devnet *net, bool on, uint64_t value)
{
    (void)value;
    net->market_touched = net->market_touched || on;
    if (!net->market_touched)
        return;
    w3p_devnet_put_item(net, "Market", net->rt.enable_item, W3P_SPAN(on ? "\0" : "\1", 1));
    w3p_devnet_settle(&net->state);
}

// What the fault took from an account stands in the state, too, so that a fork takes both back or neither.
static void taken_key(uint8_t key64[64], const uint8_t account32[32])
{
    w3p_storage_prefix(key64, "Devnet", "Taken");
    memcpy(key64 + 32, account32, 32);
}

static w3p_u128 taken_from(const struct w3p_devnet *net, const uint8_t account32[32])
{
    uint8_t key64[64];
    struct w3p_span value = {0};
    struct w3p_reader r;
    taken_key(key64, account32);
    if (!w3p_devnet_get(&net->state, &value, W3P_SPAN(key64, sizeof key64)))
        return 0;
    w3p_reader_init(&r, value.ptr, value.len);
    return w3p_reader_le128(&r);
}

static void put_taken(struct w3p_devnet *net, const uint8_t account32[32], w3p_u128 planck)
{
    uint8_t key64[64], le16[16];
    taken_key(key64, account32);
    for (size_t i = 0; i < sizeof le16; i++)
        le16[i] = (uint8_t)(planck >> (8 * i));
    w3p_devnet_put(&net->state, W3P_SPAN(key64, sizeof key64), W3P_SPAN(le16, sizeof le16));
}

// The free balance of every account of --fund becomes `value`; what was above it comes back with the end of the fault.
void w3p_devnet_balance_gone_changed(struct w3p_devnet *net, bool on, uint64_t value)
{
    for (size_t i = 0; i < net->funded_count; i++) {
        const uint8_t *account32 = net->funded[i];
        struct devnet_account account = w3p_devnet_account(net, account32);
        w3p_u128 before = taken_from(net, account32);
        account.free += before;
        w3p_u128 taken = on && account.free > value ? account.free - value : 0;
        account.free -= taken;
        if (taken == before)
            continue;
        w3p_devnet_account_put(net, account32, &account);
        put_taken(net, account32, taken);
    }
    w3p_devnet_settle(&net->state);
}

void w3p_devnet_state_faults_again(struct w3p_devnet *net)
{
    static const enum w3p_devnet_fault faults[] = {W3P_DEVNET_FAULT_MARKET_OFF, W3P_DEVNET_FAULT_BALANCE_GONE};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        const struct w3p_devnet_fault_state *state = w3p_devnet_fault_state(net, faults[i]);
        w3p_devnet_fault_rows[faults[i]].changed(net, state->on, state->value);
    }
}
