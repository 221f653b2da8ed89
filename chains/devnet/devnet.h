// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a development chain as pure code: state, pool, blocks, the market pallet and simulated storage nodes. Checks
// signatures, nonces, eras and fees as Crust does, on the metadata bytes of a real Crust runtime.
// Threads: one at a time (the RPC server calls from its loop).  Must not: open sockets, read clocks or draw randomness
// by itself; its server is src/http/devnet_rpc.c.  Source: Crust's market pallet, spec 25.
//
// Calls that run: Market.place_storage_order, add_prepaid, calculate_reward; Balances.transfer, transfer_keep_alive;
// System.remark; Utility.batch and batch_all of these. Market.reward_merchant (nobody has rewards), set_enable_market,
// set_base_fee and System.set_heap_pages (nobody is root) fail as on the real chain. Every other call of the metadata
// is refused by the pool as "Transaction call is not expected" (1010), inside a batch too. Left out: the market's slow
// adjustment of its fees (write them with dev_setStorage), collateral and rewards of storage nodes, contents whose real
// size is not the ordered one, states of blocks that a fork gave up (their headers and bodies can be asked for).
#ifndef W3P_CHAINS_DEVNET_DEVNET_H
#define W3P_CHAINS_DEVNET_DEVNET_H

#include <jansson.h>

#include "base/bytes.h"

struct w3p_devnet;

struct w3p_devnet_conf {
    const char *runtime;     // "crust-25" (default), "rocky-4", "crust-1": metadata, market layout, call forms
    const char *const *fund; // development URIs, SS58 addresses or 0x public keys; each gets 1,000,000 CRU
    size_t fund_count;
    uint64_t replicas_after;    // blocks from inclusion to the first replica (6)
    uint64_t replicas_spread;   // all storage nodes have reported by replicas_after + spread (6)
    unsigned storage_nodes;     // 4
    unsigned finality_lag;      // blocks (2)
    uint8_t genesis_salt32[32]; // each start is a chain of its own
    uint64_t start_ms;          // wall clock of block 1
};

int w3p_devnet_create(struct w3p_devnet **out, struct w3p_errmsg *msg,
                      const struct w3p_devnet_conf *conf) W3P_NODISCARD;
void w3p_devnet_destroy(struct w3p_devnet *net);

// Makes one block from the pool; now_ms becomes Timestamp.Now.
void w3p_devnet_new_block(struct w3p_devnet *net, uint64_t now_ms);
// What the wall clock says: dev_newBlock and the pool's bans go by it. Without it they go by the chain's own time.
void w3p_devnet_set_clock(struct w3p_devnet *net, uint64_t now_ms);
// Heads, requests and headers are those of this node from here on: 0 makes the blocks, 1 is behind by the fault "lag".
// Making a block selects 0.
void w3p_devnet_select(struct w3p_devnet *net, unsigned node);
uint64_t w3p_devnet_best(const struct w3p_devnet *net);
uint64_t w3p_devnet_final(const struct w3p_devnet *net);
uint32_t w3p_devnet_spec_version(const struct w3p_devnet *net);

// The newest `depth` blocks are replaced by one more, all above the finalized one; W3P_E_RANGE when there are fewer.
// What was in them: goes back into the pool behind the new branch, or into the new branch one block later, or nowhere.
enum w3p_devnet_lost { W3P_DEVNET_LOST_LATER, W3P_DEVNET_LOST_MOVED, W3P_DEVNET_LOST_DROPPED };
int w3p_devnet_fork(struct w3p_devnet *net, struct w3p_errmsg *msg, uint64_t depth, enum w3p_devnet_lost lost,
                    uint64_t now_ms) W3P_NODISCARD;
// How many forks there were, and the last block that the newest one left as it was.
uint64_t w3p_devnet_forks(const struct w3p_devnet *net, uint64_t *height);

// One JSON-RPC request or batch, answered as text. `subscribe` methods are the server's business: it asks for
// w3p_devnet_header. Malformed input gives a JSON-RPC error, never a failure.
void w3p_devnet_handle(struct w3p_devnet *net, struct w3p_buf *reply, const char *text, size_t len);
// Header of a block as JSON (new reference), for notifications.
json_t *w3p_devnet_header(struct w3p_devnet *net, uint64_t number);

#endif
