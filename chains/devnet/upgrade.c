// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: which runtime the chain has at which block, and the change from one to the next: at the end of a block, so
// that its state names the new runtime while its events are the old one's. What waits in the pool was signed for the
// old one and goes.
#include "base/log.h"
#include "devnet/core.h"

const struct devnet_runtime *w3p_devnet_runtime_at(const struct w3p_devnet *net, uint64_t number)
{
    size_t i = net->runtime_count - 1;
    while (i > 0 && net->runtimes[i].from > number)
        i--;
    return &net->runtimes[i].rt;
}

void w3p_devnet_runtime_use(struct w3p_devnet *net, uint64_t number)
{
    net->rt = *w3p_devnet_runtime_at(net, number);
}

uint32_t w3p_devnet_spec_version(const struct w3p_devnet *net)
{
    return net->rt.spec_version;
}

void w3p_devnet_upgrade_due(struct w3p_devnet *net)
{
    struct w3p_errmsg msg;
    if (net->blocks.best < net->upgrade_at || net->runtime_count == DEVNET_RUNTIMES_MAX)
        return;
    struct devnet_era_of_runtime *next = &net->runtimes[net->runtime_count];
    net->upgrade_at = UINT64_MAX;
    if (w3p_devnet_runtime_moved(&next->rt, &msg, &net->rt) != W3P_OK) {
        w3p_logf(W3P_LOG_ERROR, "devnet.upgrade", "%s", msg.text);
        return;
    }
    next->from = net->blocks.best;
    net->runtime_count++;
    w3p_devnet_select(net, 0);
    w3p_devnet_pool_recheck(net);
    w3p_devnet_fault_note(net, W3P_DEVNET_FAULT_UPGRADE);
}

void w3p_devnet_upgrade_cut(struct w3p_devnet *net, uint64_t height)
{
    struct devnet_era_of_runtime *last = &net->runtimes[net->runtime_count - 1];
    if (net->runtime_count == 1 || last->from <= height)
        return;
    w3p_devnet_runtime_deinit(&last->rt);
    net->runtime_count--;
    net->upgrade_at = height + 1; // it comes with the other branch, too
}

void w3p_devnet_upgrade_changed(struct w3p_devnet *net, bool on, uint64_t value)
{
    net->upgrade_at = on ? net->blocks.best + value : UINT64_MAX;
}
