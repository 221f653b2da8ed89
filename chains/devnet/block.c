// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the kept blocks: headers, hashes and bodies of the newest DEVNET_BLOCKS_MAX, the genesis block for ever, and
// the last ones of lost branches. Roots are deterministic digests, not tries.
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "devnet/core.h"
#include "substrate/scale.h"

void w3p_devnet_blocks_init(struct devnet_blocks *blocks)
{
    memset(blocks, 0, sizeof *blocks);
    blocks->ring = w3p_calloc(DEVNET_BLOCKS_MAX, sizeof *blocks->ring);
    blocks->retracted = w3p_calloc(DEVNET_RETRACTED_MAX, sizeof *blocks->retracted);
    blocks->first = 1;
}

static void drop_block(struct devnet_block *block)
{
    for (size_t i = 0; i < block->xt_count; i++)
        free(block->xts[i].ptr);
    free(block->xts);
    memset(block, 0, sizeof *block);
}

void w3p_devnet_blocks_deinit(struct devnet_blocks *blocks)
{
    drop_block(&blocks->genesis);
    for (size_t i = 0; blocks->ring != NULL && i < DEVNET_BLOCKS_MAX; i++)
        drop_block(&blocks->ring[i]);
    for (size_t i = 0; blocks->retracted != NULL && i < DEVNET_RETRACTED_MAX; i++)
        drop_block(&blocks->retracted[i]);
    free(blocks->ring);
    free(blocks->retracted);
    memset(blocks, 0, sizeof *blocks);
}

const struct devnet_block *w3p_devnet_block(const struct w3p_devnet *net, uint64_t number)
{
    const struct devnet_blocks *blocks = &net->blocks;
    if (number == 0)
        return &blocks->genesis;
    if (number < blocks->first || number > w3p_devnet_best(net))
        return NULL;
    return &blocks->ring[number % DEVNET_BLOCKS_MAX];
}

const struct devnet_block *w3p_devnet_block_by_hash(const struct w3p_devnet *net, const uint8_t hash32[32])
{
    for (uint64_t number = w3p_devnet_best(net); number > 0 && number >= net->blocks.first; number--) {
        const struct devnet_block *block = &net->blocks.ring[number % DEVNET_BLOCKS_MAX];
        if (memcmp(block->hash32, hash32, 32) == 0)
            return block;
    }
    return memcmp(net->blocks.genesis.hash32, hash32, 32) == 0 ? &net->blocks.genesis : NULL;
}

const struct devnet_block *w3p_devnet_retracted(const struct w3p_devnet *net, const uint8_t hash32[32])
{
    const struct devnet_blocks *blocks = &net->blocks;
    for (size_t i = 0; i < DEVNET_RETRACTED_MAX && i < blocks->retracted_count; i++)
        if (memcmp(blocks->retracted[i].hash32, hash32, 32) == 0)
            return &blocks->retracted[i];
    return NULL;
}

void w3p_devnet_blocks_cut(struct devnet_blocks *blocks, uint64_t number)
{
    for (; blocks->best > number && blocks->best >= blocks->first; blocks->best--) {
        struct devnet_block *block = &blocks->ring[blocks->best % DEVNET_BLOCKS_MAX];
        struct devnet_block *slot = &blocks->retracted[blocks->retracted_count++ % DEVNET_RETRACTED_MAX];
        blocks->bytes -= block->xt_bytes;
        drop_block(slot);
        *slot = *block;
        memset(block, 0, sizeof *block);
    }
}

static void extrinsics_root(struct devnet_block *block)
{
    uint8_t pair[64] = {0};
    for (size_t i = 0; i < block->xt_count; i++) {
        w3p_blake2b_256(pair + 32, block->xts[i].ptr, block->xts[i].len);
        w3p_blake2b_256(pair, pair, sizeof pair);
    }
    memcpy(block->extrinsics32, pair, 32);
}

static void hash_header(struct devnet_block *block)
{
    struct w3p_buf header;
    w3p_buf_init(&header, 256);
    w3p_buf_put(&header, block->parent32, 32);
    w3p_scale_put_compact(&header, block->number);
    w3p_buf_put(&header, block->state32, 32);
    w3p_buf_put(&header, block->extrinsics32, 32);
    w3p_scale_put_compact(&header, 0); // no digest
    w3p_blake2b_256(block->hash32, header.ptr, header.len);
    w3p_buf_deinit(&header);
}

static void drop_oldest(struct devnet_blocks *blocks)
{
    struct devnet_block *oldest = &blocks->ring[blocks->first % DEVNET_BLOCKS_MAX];
    blocks->bytes -= oldest->xt_bytes;
    drop_block(oldest);
    blocks->first++;
}

void w3p_devnet_blocks_push(struct devnet_blocks *blocks, const uint8_t state32[32], struct devnet_bytes *xts,
                            size_t xt_count)
{
    struct devnet_block block = {.xts = xts, .xt_count = xt_count};
    const struct devnet_block *parent = &blocks->genesis;
    if (blocks->best > 0)
        parent = &blocks->ring[blocks->best % DEVNET_BLOCKS_MAX];
    for (size_t i = 0; i < xt_count; i++)
        block.xt_bytes += xts[i].len;
    memcpy(block.state32, state32, 32);
    extrinsics_root(&block);
    if (!blocks->has_genesis) {
        hash_header(&block);
        blocks->genesis = block;
        blocks->has_genesis = true;
        return;
    }
    block.number = parent->number + 1;
    memcpy(block.parent32, parent->hash32, 32);
    hash_header(&block);
    if (blocks->best + 1 - blocks->first == DEVNET_BLOCKS_MAX)
        drop_oldest(blocks);
    blocks->best = block.number;
    blocks->ring[block.number % DEVNET_BLOCKS_MAX] = block;
    blocks->bytes += block.xt_bytes;
    while (blocks->bytes > DEVNET_BODIES_BYTES_MAX && blocks->first < blocks->best)
        drop_oldest(blocks);
}
