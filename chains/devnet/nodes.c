// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: whose sight of the chain is asked for. The first node makes the blocks. The second has the same chain some
// blocks later, with a pool of its own: to it newer blocks, nonces and runtimes do not exist yet.
#include <stdlib.h>

#include "devnet/core.h"

void w3p_devnet_nodes_init(struct w3p_devnet *net)
{
    for (size_t i = 0; i < DEVNET_NODES; i++) {
        net->nodes[i] = w3p_calloc(1, sizeof *net->nodes[i]);
        net->nodes[i]->kept = UINT64_MAX;
    }
    net->node = net->nodes[0];
}

void w3p_devnet_nodes_deinit(struct w3p_devnet *net)
{
    for (size_t i = 0; i < DEVNET_NODES; i++) {
        if (net->nodes[i] != NULL)
            w3p_devnet_pool_deinit(&net->nodes[i]->pool);
        free(net->nodes[i]);
    }
}

void w3p_devnet_select(struct w3p_devnet *net, unsigned node)
{
    net->node = net->nodes[node < DEVNET_NODES ? node : 0];
    uint64_t best = w3p_devnet_best(net);
    net->state.seen = net->node == net->nodes[0] ? UINT64_MAX : best;
    w3p_devnet_runtime_use(net, best);
}

uint64_t w3p_devnet_best(const struct w3p_devnet *net)
{
    return net->blocks.best > net->node->lag ? net->blocks.best - net->node->lag : 0;
}

uint64_t w3p_devnet_final(const struct w3p_devnet *net)
{
    uint64_t best = w3p_devnet_best(net), final = best > net->finality_lag ? best - net->finality_lag : 0;
    return net->node == net->nodes[0] || final > net->final ? net->final : final;
}

bool w3p_devnet_has_state(const struct w3p_devnet *net, uint64_t number)
{
    return number >= net->state.horizon && w3p_devnet_best(net) - number <= net->node->kept;
}

// What came to the second node reaches the first one late, or never.
static void pass_on(struct w3p_devnet *net)
{
    struct devnet_node *second = net->nodes[1];
    for (size_t i = 0; i < second->pool.count; i++) {
        struct devnet_pooled *entry = second->pool.entries[i];
        enum devnet_verdict verdict;
        uint8_t hash32[32];
        if (entry->passed_on || net->blocks.best - entry->since < second->lag ||
            w3p_devnet_fault_on(net, W3P_DEVNET_FAULT_NO_GOSSIP))
            continue;
        entry->passed_on = true;
        (void)w3p_devnet_pool_submit(net, &verdict, hash32, entry->bytes.ptr, entry->bytes.len);
    }
}

void w3p_devnet_nodes_after_block(struct w3p_devnet *net)
{
    for (unsigned i = DEVNET_NODES; i > 0; i--) { // ends with the first one selected
        w3p_devnet_select(net, i - 1);
        w3p_devnet_pool_sweep(net);
    }
    pass_on(net);
}

void w3p_devnet_lag_changed(struct w3p_devnet *net, bool on, uint64_t value)
{
    net->nodes[1]->lag = on ? value : 0;
}

void w3p_devnet_pruned_changed(struct w3p_devnet *net, bool on, uint64_t value)
{
    net->nodes[0]->kept = on ? value : UINT64_MAX;
}
