// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: internal to the development chain: what its parts share. One file each: core.c (creation, blocks), block.c
// (kept blocks), fork.c, nodes.c (who sees what of it), upgrade.c, state_faults.c, accounts.c (balances), market.c and
// market_file.c (orders), call.c (decoding and dispatch), validity.c (checks and fees), pool.c, storage_nodes.c,
// rpc*.c. Threads: one at a time.
#ifndef W3P_CHAINS_DEVNET_CORE_H
#define W3P_CHAINS_DEVNET_CORE_H

#include "base/reader.h"
#include "devnet/devnet.h"
#include "devnet/faults.h"
#include "devnet/runtime.h"
#include "devnet/state.h"
#include "substrate/extrinsic.h"

#define DEVNET_BLOCKS_MAX 20000u                    // kept besides the genesis block
#define DEVNET_BODIES_BYTES_MAX ((size_t)256 << 20) // of their extrinsics
#define DEVNET_EVENTS_BYTES_MAX ((size_t)16 << 20)  // of one block
#define DEVNET_XT_BYTES_MAX ((size_t)4 << 20)       // of one extrinsic
#define DEVNET_BLOCK_XTS_MAX 4096u                  // extrinsics in a block
#define DEVNET_CALL_DEPTH_MAX 32u                   // calls inside calls
#define DEVNET_POOL_MAX 8192u                       // extrinsics
#define DEVNET_POOL_BYTES_MAX ((size_t)20 << 20)
#define DEVNET_FUTURE_MAX 512u        // of them with a gap before their nonce
#define DEVNET_FUTURE_ACCOUNT_MAX 64u // of one account
#define DEVNET_BANS_MAX 4096u
#define DEVNET_BAN_MS (30u * 60 * 1000)
#define DEVNET_STORAGE_NODES_MAX 64u
#define DEVNET_ORDERS_WATCHED_MAX (1u << 20)
#define DEVNET_RETRACTED_MAX 64u // blocks of lost branches that can still be asked for
#define DEVNET_NODES 2u          // 0 makes the blocks, 1 lags behind it
#define DEVNET_RUNTIMES_MAX 2u
#define DEVNET_CRU ((w3p_u128)1000000000000u) // planck

// Failures ---------------------------------------------------------------------------------------------------------

enum devnet_fault {
    DEVNET_OK = -1,
    DEVNET_OTHER = 0,
    DEVNET_CANNOT_LOOKUP = 1,
    DEVNET_BAD_ORIGIN = 2,
    DEVNET_MODULE = 3
};

// DispatchError of Substrate 3: a module's error is two bytes.
struct devnet_failure {
    enum devnet_fault fault;
    uint8_t pallet, error;
};
#define DEVNET_SUCCESS ((struct devnet_failure){.fault = DEVNET_OK})

struct devnet_failure w3p_devnet_module_error(const struct w3p_devnet *net, const char *pallet, const char *error);
void w3p_devnet_put_failure(struct w3p_buf *out, struct devnet_failure failure);

// Accounts ---------------------------------------------------------------------------------------------------------

struct devnet_account {
    uint32_t nonce, consumers, providers;
    w3p_u128 free, reserved, misc_frozen, fee_frozen;
};

void w3p_devnet_account_key(struct w3p_buf *out, const uint8_t account32[32]);
struct devnet_account w3p_devnet_account(const struct w3p_devnet *net, const uint8_t account32[32]);
void w3p_devnet_account_put(struct w3p_devnet *net, const uint8_t account32[32], const struct devnet_account *account);
struct devnet_failure w3p_devnet_transfer(struct w3p_devnet *net, const uint8_t from32[32], const uint8_t to32[32],
                                          w3p_u128 amount, bool keep_alive);
// Whether a fee with this tip could be taken now; takes it when asked to.
bool w3p_devnet_withdraw_fee(struct w3p_devnet *net, const uint8_t account32[32], w3p_u128 fee, bool has_tip,
                             bool execute);
// Gives back what was taken too much, and pays treasury and author.
void w3p_devnet_settle_fee(struct w3p_devnet *net, const uint8_t payer32[32], w3p_u128 taken, w3p_u128 due,
                           w3p_u128 tip);
extern const uint8_t w3p_devnet_treasury32[32], w3p_devnet_author32[32];

// Market -----------------------------------------------------------------------------------------------------------

#define DEVNET_REPLICAS_MAX 200u

struct devnet_replica {
    uint8_t owner32[32], who32[32];
    uint32_t valid_at;
    struct w3p_span anchor;
    bool is_reported;
    bool has_created_at;
    uint32_t created_at;
};
struct devnet_file {
    uint64_t size, spower;
    uint32_t expired_at, calculated_at;
    w3p_u128 amount, prepaid;
    uint32_t reported, remaining_paid;
    size_t replica_count;
    struct devnet_replica replicas[DEVNET_REPLICAS_MAX];
    struct w3p_span used_groups; // tuple layout: the map of groups with its count, kept as it is
    uint64_t used_size;
    uint32_t reported_groups;
};

// False when there is none, or none that decodes. Spans borrow from the state.
bool w3p_devnet_file_get(const struct w3p_devnet *net, struct devnet_file *out, struct w3p_span cid);
void w3p_devnet_file_put(struct w3p_devnet *net, struct w3p_span cid, const struct devnet_file *file);
void w3p_devnet_file_delete(struct w3p_devnet *net, struct w3p_span cid);

struct devnet_failure w3p_devnet_place_order(struct w3p_devnet *net, const uint8_t who32[32], struct w3p_reader *args,
                                             bool execute);
struct devnet_failure w3p_devnet_add_prepaid(struct w3p_devnet *net, const uint8_t who32[32], struct w3p_reader *args,
                                             bool execute);
struct devnet_failure w3p_devnet_calculate_reward(struct w3p_devnet *net, const uint8_t who32[32],
                                                  struct w3p_reader *args, bool execute);
void w3p_devnet_market_genesis(struct w3p_devnet *net);

// Simulated storage nodes: `watch` when a file waits for replicas, `report` once in every block.
void w3p_devnet_watch_file(struct w3p_devnet *net, struct w3p_span cid);
void w3p_devnet_report_replicas(struct w3p_devnet *net);
void w3p_devnet_unwatch(struct w3p_devnet *net, size_t count); // forgets all after the first `count`

// Calls ------------------------------------------------------------------------------------------------------------

struct devnet_call_info {
    uint64_t weight;
    enum devnet_class class;
};
struct devnet_outcome {
    struct devnet_failure failure;
    uint64_t weight; // really used
};

// Reads one call to its end without running it. Fails the reader with W3P_E_INVALID for bytes that are no call and
// with W3P_E_UNSUPPORTED for calls that the simulation leaves out.
struct devnet_call_info w3p_devnet_call_info(struct w3p_devnet *net, struct w3p_reader *r, unsigned depth);
struct devnet_outcome w3p_devnet_dispatch(struct w3p_devnet *net, const uint8_t who32[32], struct w3p_reader *r,
                                          unsigned depth);

// Events of the block that is being made. begin gives NULL when the runtime has no such event.
struct w3p_buf *w3p_devnet_event_begin(struct w3p_devnet *net, const char *pallet, const char *event);
void w3p_devnet_event_end(struct w3p_devnet *net);

// Validity and fees ------------------------------------------------------------------------------------------------

enum devnet_verdict {
    DEVNET_VALID,
    DEVNET_STALE,
    DEVNET_BAD_PROOF,
    DEVNET_ANCIENT_BIRTH,
    DEVNET_PAYMENT,
    DEVNET_EXHAUSTS,
    DEVNET_MANDATORY_CALL,
    DEVNET_UNEXPECTED_CALL,
    DEVNET_UNDECODABLE,
    DEVNET_FUTURE, // this and what follows: by a fault only
    DEVNET_CUSTOM,
    DEVNET_BAD_MANDATORY,
    DEVNET_UNKNOWN_VALIDITY
};

struct devnet_checked {
    struct w3p_xt xt;
    struct devnet_call_info info;
    w3p_u128 fee;
    uint64_t priority, death;
};

w3p_u128 w3p_devnet_fee(const struct w3p_devnet *net, uint64_t weight, enum devnet_class class, size_t len,
                        w3p_u128 tip);
// Everything, signature included, as the next block would see it. A nonce ahead of the account's is valid.
enum devnet_verdict w3p_devnet_validate(struct w3p_devnet *net, struct devnet_checked *out, const uint8_t *bytes,
                                        size_t len);
// What may have changed since: nonce, era, payment. `next` is the number of the block to be.
enum devnet_verdict w3p_devnet_recheck(struct w3p_devnet *net, const struct devnet_checked *checked, uint64_t next);

// Blocks -----------------------------------------------------------------------------------------------------------

struct devnet_bytes {
    uint8_t *ptr;
    size_t len;
};
struct devnet_block {
    uint64_t number;
    uint8_t hash32[32], parent32[32], state32[32], extrinsics32[32];
    struct devnet_bytes *xts;
    size_t xt_count, xt_bytes;
};

struct devnet_blocks {
    struct devnet_block genesis; // valid once has_genesis
    bool has_genesis;
    struct devnet_block *ring; // DEVNET_BLOCKS_MAX, block n at n % DEVNET_BLOCKS_MAX
    uint64_t first, best;      // kept numbers; best 0: only the genesis block
    size_t bytes;
    struct devnet_block *retracted; // DEVNET_RETRACTED_MAX, a ring
    uint64_t retracted_count;       // ever
};

void w3p_devnet_blocks_init(struct devnet_blocks *blocks);
void w3p_devnet_blocks_deinit(struct devnet_blocks *blocks);
// NULL when the block is not kept or not there yet, for the node that is asked.
const struct devnet_block *w3p_devnet_block(const struct w3p_devnet *net, uint64_t number);
const struct devnet_block *w3p_devnet_block_by_hash(const struct w3p_devnet *net, const uint8_t hash32[32]);
// The same for blocks of lost branches. Their states are gone.
const struct devnet_block *w3p_devnet_retracted(const struct w3p_devnet *net, const uint8_t hash32[32]);
// Takes the extrinsics over, computes roots and hash, and makes the block the best.
void w3p_devnet_blocks_push(struct devnet_blocks *blocks, const uint8_t state32[32], struct devnet_bytes *xts,
                            size_t xt_count);
// Moves the blocks above `number` to the retracted ones.
void w3p_devnet_blocks_cut(struct devnet_blocks *blocks, uint64_t number);

// Pool -------------------------------------------------------------------------------------------------------------

struct devnet_pooled {
    uint8_t hash32[32];
    struct devnet_bytes bytes;
    struct devnet_checked checked; // spans into bytes
    uint64_t arrival;
    uint64_t since; // best block of the chain when it came
    bool passed_on; // the first node was given it, too
};
struct devnet_ban {
    uint8_t hash32[32];
    uint64_t until_ms;
};
struct devnet_pool {
    struct devnet_pooled *entries[DEVNET_POOL_MAX];
    size_t count, bytes;
    uint64_t arrivals;
    struct devnet_ban bans[DEVNET_BANS_MAX]; // a ring
    size_t ban_at;
};

enum devnet_submit {
    DEVNET_SUBMIT_OK,
    DEVNET_SUBMIT_BANNED,
    DEVNET_SUBMIT_KNOWN,
    DEVNET_SUBMIT_LOW_PRIORITY,
    DEVNET_SUBMIT_FULL,
    DEVNET_SUBMIT_INVALID // see the verdict
};

void w3p_devnet_pool_deinit(struct devnet_pool *pool);
enum devnet_submit w3p_devnet_pool_submit(struct w3p_devnet *net, enum devnet_verdict *verdict, uint8_t hash32[32],
                                          const uint8_t *bytes, size_t len);
// Back from a block that is no longer there: a ban does not count.
void w3p_devnet_pool_return(struct w3p_devnet *net, const uint8_t *bytes, size_t len);
// After a fork or an upgrade: what is not valid any more goes, and is banned.
void w3p_devnet_pool_recheck(struct w3p_devnet *net);
// The account's nonce with everything of the pool that follows it without a gap.
uint32_t w3p_devnet_pool_next_nonce(const struct w3p_devnet *net, const uint8_t account32[32]);
// Tries what is ready in the order of priority, each account's by nonce. Applied and dropped entries leave the pool.
enum devnet_applied { DEVNET_APPLIED, DEVNET_DROPPED, DEVNET_NO_ROOM };
typedef enum devnet_applied (*devnet_apply)(struct w3p_devnet *net, const struct devnet_pooled *entry);
void w3p_devnet_pool_drain(struct w3p_devnet *net, devnet_apply apply);
// After a block: what can never be valid any more goes.
void w3p_devnet_pool_sweep(struct w3p_devnet *net);
void w3p_devnet_ban(struct w3p_devnet *net, const uint8_t hash32[32]);

// The chain --------------------------------------------------------------------------------------------------------

struct devnet_watched {
    uint64_t since; // block of the order
    struct devnet_bytes cid;
};

// One node's sight of the chain.
struct devnet_node {
    struct devnet_pool pool;
    uint64_t lag;  // blocks that it is behind; what came to it reaches the first one so much later
    uint64_t kept; // states of this many blocks below its head can be read
};

// From which block's state on a runtime is the one to be.
struct devnet_era_of_runtime {
    uint64_t from;
    struct devnet_runtime rt;
};

struct w3p_devnet {
    struct devnet_runtime rt; // a view of the one in `runtimes` that is asked for now
    struct devnet_era_of_runtime runtimes[DEVNET_RUNTIMES_MAX];
    size_t runtime_count;
    uint64_t upgrade_at; // block at whose end the next runtime begins; UINT64_MAX: none
    struct devnet_state state;
    struct devnet_blocks blocks;
    struct devnet_node *nodes[DEVNET_NODES], *node; // node: the one that is asked now

    uint64_t final;
    bool market_touched;              // by its fault, ever
    uint64_t fork_count, fork_height; // fork_height: the last block that the newest fork left as it was
    uint64_t replicas_after, replicas_spread, finality_lag, now_ms;
    unsigned storage_nodes;
    uint8_t salt32[32];
    struct w3p_devnet_faults faults;
    uint8_t (*funded)[32]; // accounts of --fund
    size_t funded_count;
    struct devnet_watched *watched; // by block, oldest first
    size_t watched_count, watched_cap;

    // The block that is being made.
    uint64_t number;
    uint32_t xt_index, event_count;
    struct w3p_buf events; // records without their count
    struct devnet_bytes *xts;
    size_t xt_count, xt_bytes;
    uint64_t weights[DEVNET_CLASSES];
};

// Makes one block; with_pool: from what the pool has ready.
void w3p_devnet_build(struct w3p_devnet *net, uint64_t now_ms, bool with_pool);
// fork.c: makes the fork that a fault asks for, when there is something to retract. True: it did.
bool w3p_devnet_fork_due(struct w3p_devnet *net, uint64_t now_ms);
// nodes.c
void w3p_devnet_nodes_init(struct w3p_devnet *net);
void w3p_devnet_nodes_deinit(struct w3p_devnet *net);
void w3p_devnet_nodes_after_block(struct w3p_devnet *net);
bool w3p_devnet_has_state(const struct w3p_devnet *net, uint64_t number); // of a block that is there
// Faults that change the chain when they are set and cleared (struct w3p_devnet_fault_row).
void w3p_devnet_lag_changed(struct w3p_devnet *net, bool on, uint64_t value);
void w3p_devnet_pruned_changed(struct w3p_devnet *net, bool on, uint64_t value);
void w3p_devnet_upgrade_changed(struct w3p_devnet *net, bool on, uint64_t value);
void w3p_devnet_market_off_changed(struct w3p_devnet *net, bool on, uint64_t value);
void w3p_devnet_balance_gone_changed(struct w3p_devnet *net, bool on, uint64_t value);
// After a fork: what the two above have set or given back may be in a block that is gone.
void w3p_devnet_state_faults_again(struct w3p_devnet *net);
// upgrade.c: the runtime that a block's state names; the one that executes the block after it.
const struct devnet_runtime *w3p_devnet_runtime_at(const struct w3p_devnet *net, uint64_t number);
void w3p_devnet_runtime_use(struct w3p_devnet *net, uint64_t number);
void w3p_devnet_upgrade_due(struct w3p_devnet *net);
void w3p_devnet_upgrade_cut(struct w3p_devnet *net, uint64_t height);

void w3p_devnet_put_item(struct w3p_devnet *net, const char *prefix, const char *item, struct w3p_span value);
// A plain item as a reader; what is missing reads as the metadata's default.
struct w3p_reader w3p_devnet_item(const struct w3p_devnet *net, const char *prefix, const char *item);
uint32_t w3p_devnet_item_u32(const struct w3p_devnet *net, const char *prefix, const char *item);
w3p_u128 w3p_devnet_item_u128(const struct w3p_devnet *net, const char *prefix, const char *item);
void w3p_devnet_put_item_u32(struct w3p_devnet *net, const char *prefix, const char *item, uint32_t value);
void w3p_devnet_put_item_u128(struct w3p_devnet *net, const char *prefix, const char *item, w3p_u128 value);

#endif
