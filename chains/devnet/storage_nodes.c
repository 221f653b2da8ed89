// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: simulated storage nodes. A file that waits for replicas is watched; node i of n reports it at
// inclusion + replicas_after + i * spread / (n - 1). Who reports in a block follows from the blocks' numbers alone, so
// cutting the chain back needs no bookkeeping here beyond forgetting orders of blocks that are gone.
// Left out: contents whose real size differs from the ordered one.
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "devnet/core.h"

void w3p_devnet_watch_file(struct w3p_devnet *net, struct w3p_span cid)
{
    if (net->watched_count == DEVNET_ORDERS_WATCHED_MAX)
        return;
    if (net->watched_count == net->watched_cap) {
        size_t cap = net->watched_cap != 0 ? net->watched_cap * 2 : 64;
        struct devnet_watched *grown = w3p_calloc(cap, sizeof *grown);
        if (net->watched_count > 0)
            memcpy(grown, net->watched, net->watched_count * sizeof *grown);
        free(net->watched);
        net->watched = grown;
        net->watched_cap = cap;
    }
    struct devnet_watched *fresh = &net->watched[net->watched_count++];
    fresh->since = net->number;
    fresh->cid = (struct devnet_bytes){w3p_memdup(cid.len > 0 ? cid.ptr : (const uint8_t *)"", cid.len), cid.len};
}

void w3p_devnet_unwatch(struct w3p_devnet *net, size_t count)
{
    while (net->watched_count > count)
        free(net->watched[--net->watched_count].cid.ptr);
}

static uint64_t delay_of(const struct w3p_devnet *net, unsigned node)
{
    uint64_t steps = net->storage_nodes > 1 ? net->storage_nodes - 1 : 1;
    return net->replicas_after + node * net->replicas_spread / steps;
}

static struct devnet_replica replica_of(const struct w3p_devnet *net, unsigned node, uint8_t anchor64[64])
{
    struct devnet_replica replica = {.valid_at = (uint32_t)net->number,
                                     .anchor = W3P_SPAN(anchor64, 64),
                                     .is_reported = true,
                                     .has_created_at = true,
                                     .created_at = (uint32_t)net->number};
    uint8_t seed[] = {'n', 'o', 'd', 'e', (uint8_t)node, 0};
    w3p_blake2b_256(replica.who32, seed, sizeof seed);
    w3p_blake2b(anchor64, 64, seed, sizeof seed);
    seed[5] = 1;
    w3p_blake2b_256(replica.owner32, seed, sizeof seed);
    return replica;
}

// Entries of FileInfoV2 are a map: sorted by owner, one each. The older layouts are a list of nodes in order of
// arrival.
static void add_replica(struct w3p_devnet *net, struct w3p_span cid, unsigned node)
{
    struct devnet_file file;
    uint8_t anchor64[64];
    bool is_map = net->rt.layout == DEVNET_FILE_V2;
    if (!w3p_devnet_file_get(net, &file, cid) || file.replica_count == DEVNET_REPLICAS_MAX)
        return;
    struct devnet_replica fresh = replica_of(net, node, anchor64);
    size_t at = file.replica_count;
    for (size_t i = 0; i < file.replica_count; i++) {
        if (memcmp(file.replicas[i].who32, fresh.who32, 32) == 0)
            return;
        if (is_map && at == file.replica_count && memcmp(file.replicas[i].owner32, fresh.owner32, 32) > 0)
            at = i;
    }
    memmove(&file.replicas[at + 1], &file.replicas[at], (file.replica_count - at) * sizeof fresh);
    file.replicas[at] = fresh;
    file.replica_count++;
    file.reported++;
    if (file.expired_at == 0) {
        file.expired_at = (uint32_t)net->number + net->rt.file_duration;
        file.calculated_at = (uint32_t)net->number;
    }
    w3p_devnet_file_put(net, cid, &file);
}

// Orders so old that even a cut of the whole kept history would not bring them back to life.
static void forget_old(struct w3p_devnet *net)
{
    uint64_t age = net->replicas_after + net->replicas_spread + DEVNET_HISTORY_BLOCKS;
    size_t gone = 0;
    while (gone < net->watched_count && net->watched[gone].since + age < net->number)
        free(net->watched[gone++].cid.ptr);
    if (gone == 0)
        return;
    net->watched_count -= gone;
    memmove(net->watched, net->watched + gone, net->watched_count * sizeof *net->watched);
}

void w3p_devnet_report_replicas(struct w3p_devnet *net)
{
    forget_old(net);
    for (size_t i = net->watched_count; i > 0; i--) {
        const struct devnet_watched *file = &net->watched[i - 1];
        uint64_t age = net->number - file->since;
        if (age > net->replicas_after + net->replicas_spread)
            break;
        for (unsigned node = 0; node < net->storage_nodes; node++)
            if (delay_of(net, node) == age)
                add_replica(net, W3P_SPAN(file->cid.ptr, file->cid.len), node);
    }
}
