// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: forks above the finalized block. The newest blocks are given up and another branch, one block longer, takes
// their place, in one step: as a node sees it when a longer branch comes. What the lost blocks held goes back into the
// pool, or is gone.
// Must not: touch anything at or below the finalized block.
#include <string.h>

#include "crypto/hash.h"
#include "devnet/core.h"

// Another branch has other hashes, whatever is in it.
static void branch_root(uint8_t root32[32], const struct devnet_block *parent, uint64_t fork_count)
{
    uint8_t parts[40];
    memcpy(parts, parent->state32, 32);
    for (size_t i = 0; i < 8; i++)
        parts[32 + i] = (uint8_t)(fork_count >> (8 * i));
    w3p_blake2b_256(root32, parts, sizeof parts);
}

static void cut(struct w3p_devnet *net, uint64_t height)
{
    uint8_t root32[32];
    size_t watched = net->watched_count;
    branch_root(root32, w3p_devnet_block(net, height), ++net->fork_count);
    net->fork_height = height;
    w3p_devnet_state_cut(&net->state, height, root32);
    w3p_devnet_blocks_cut(&net->blocks, height);
    while (watched > 0 && net->watched[watched - 1].since > height)
        watched--;
    w3p_devnet_unwatch(net, watched);
    w3p_devnet_upgrade_cut(net, height);
    w3p_devnet_select(net, 0);
    w3p_devnet_state_faults_again(net);
}

// Extrinsics of the blocks that were cut off just now, oldest first. The first of each block is the time.
static void return_extrinsics(struct w3p_devnet *net, uint64_t depth)
{
    const struct devnet_blocks *blocks = &net->blocks;
    uint64_t last = blocks->retracted_count;
    for (uint64_t k = 0; k < depth; k++) {
        const struct devnet_block *block = &blocks->retracted[(last - 1 - k) % DEVNET_RETRACTED_MAX];
        for (size_t i = 1; i < block->xt_count; i++)
            w3p_devnet_pool_return(net, block->xts[i].ptr, block->xts[i].len);
    }
}

int w3p_devnet_fork(struct w3p_devnet *net, struct w3p_errmsg *msg, uint64_t depth, enum w3p_devnet_lost lost,
                    uint64_t now_ms)
{
    w3p_devnet_select(net, 0);
    uint64_t best = w3p_devnet_best(net), room = best - w3p_devnet_final(net);
    room = room < DEVNET_RETRACTED_MAX ? room : DEVNET_RETRACTED_MAX;
    if (depth == 0 || depth > room || best - depth < net->state.horizon || best - depth + 1 < net->blocks.first)
        return w3p_fail(msg, W3P_E_RANGE, "a fork of %llu blocks cannot be: 1 to %llu are possible now",
                        (unsigned long long)depth, (unsigned long long)room);
    cut(net, best - depth);
    w3p_devnet_pool_recheck(net);
    uint64_t fork_count = net->fork_count, retracted = net->blocks.retracted_count;
    if (lost == W3P_DEVNET_LOST_MOVED)
        return_extrinsics(net, depth);
    for (uint64_t i = 0; i <= depth; i++)
        w3p_devnet_build(net, now_ms, lost == W3P_DEVNET_LOST_DROPPED || (lost == W3P_DEVNET_LOST_MOVED && i > 0));
    if (lost == W3P_DEVNET_LOST_LATER && fork_count == net->fork_count && retracted == net->blocks.retracted_count)
        return_extrinsics(net, depth);
    return W3P_OK;
}

static const struct {
    enum w3p_devnet_fault fault;
    enum w3p_devnet_lost lost;
} faults[] = {
    {W3P_DEVNET_FAULT_FORK, W3P_DEVNET_LOST_LATER},
    {W3P_DEVNET_FAULT_FORK_MOVED, W3P_DEVNET_LOST_MOVED},
    {W3P_DEVNET_FAULT_FORK_DROPPED, W3P_DEVNET_LOST_DROPPED},
};

bool w3p_devnet_fork_due(struct w3p_devnet *net, uint64_t now_ms)
{
    uint64_t best = w3p_devnet_best(net), room = best - w3p_devnet_final(net);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        uint64_t wanted = w3p_devnet_fault_state(net, faults[i].fault)->value;
        uint64_t depth = wanted < room ? wanted : room;
        if (!w3p_devnet_fault_on(net, faults[i].fault) || depth == 0 ||
            w3p_devnet_block(net, best - depth + 1)->xt_count <= 1)
            continue;
        if (w3p_devnet_fork(net, NULL, depth, faults[i].lost, now_ms) != W3P_OK)
            continue;
        w3p_devnet_fault_note(net, faults[i].fault);
        w3p_devnet_fault_clear(net, faults[i].fault);
        return true;
    }
    return false;
}

uint64_t w3p_devnet_forks(const struct w3p_devnet *net, uint64_t *height)
{
    *height = net->fork_height;
    return net->fork_count;
}
