// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a chain in memory for the engine's tests: blocks with their state, finality that lags, forks, a pool, and a
// script of mishaps. It counts what must never happen: an order for an entry that is alive.
// Must not: be clever. It charges as Crust's market pallet does.
#ifndef W3P_TESTS_FAKE_CHAIN_H
#define W3P_TESTS_FAKE_CHAIN_H

#include "chain.h"

#define FAKE_BLOCKS 1024
#define FAKE_FILES 64
#define FAKE_POOL 64
#define FAKE_BLOCK_TXS 16
#define FAKE_BATCH 8 // orders in one transaction
#define FAKE_SCRIPT 16

struct fake_tx {
    struct {
        char cid[W3P_CID_ORDER_MAX];
        uint64_t size, tip;
    } items[FAKE_BATCH];
    uint64_t birth, death;
    uint32_t nonce;
    uint32_t salt;
    uint32_t count; // 0: foreign, takes a nonce only
    uint32_t padding;
};
struct fake_outcome {
    w3p_u128 fee;
    bool batch_refused;
    struct w3p_chain_item items[FAKE_BATCH];
};
struct fake_file {
    char cid[W3P_CID_ORDER_MAX];
    struct w3p_chain_file entry;
};
struct fake_block {
    uint8_t hash32[32];
    uint64_t time_ms;
    uint32_t nonce; // of the account after this block
    w3p_u128 balance;
    struct fake_file *files;
    size_t file_count;
    struct fake_tx txs[FAKE_BLOCK_TXS];
    struct fake_outcome outcomes[FAKE_BLOCK_TXS];
    size_t tx_count;
};

enum fake_submit {
    FAKE_NORMAL,
    FAKE_LOSE_REPLY,   // it is in the pool, the answer is lost
    FAKE_LOSE_REQUEST, // it never arrives
    FAKE_ANSWER        // + enum w3p_submit: this answer, and it does not arrive
};

struct fake_chain {
    struct w3p_chain base;
    struct fake_block *blocks; // canonical, 0..best
    uint64_t best, final;
    unsigned fork; // makes the hashes of another branch different
    struct fake_tx pool[FAKE_POOL];
    size_t pool_count;
    struct w3p_chain_terms terms; // nonce and balance come from the block
    uint64_t duration;            // blocks that an order buys
    int64_t *now_ms;              // of block times

    // What goes wrong:
    int down;                                        // this error from every call
    int files_err, sign_err, info_err, disprove_err; // from these alone
    struct w3p_chain_info info;
    const char *unsignable;        // sign() fails with INVALID when this CID is among the orders
    void (*after_sign)(void *arg); // called when something was signed and is not stored yet
    void *after_sign_arg;
    void (*after_disprove)(void *arg); // called when a proof was asked for
    const char *poison;                // files() fails with PROTOCOL when this CID is asked for
    bool finality_halted;
    bool hold; // no transaction gets into a block
    bool drop; // the pool takes, says so, and forgets
    bool syncing;
    uint32_t source;      // the node that answers
    uint64_t false_final; // > 0: the number that the finalized head is said to have
    uint64_t false_time_ms;
    uint64_t birth_shift; // signed orders claim to be born so much earlier, and to die so
    w3p_u128 false_price; // > 0: what outcomes say was taken
    bool silent_fee;      // outcomes do not say what the transaction cost
    bool outcomes_pruned;
    uint64_t bodies_pruned_below;
    unsigned fail_orders; // so many orders fail when executed
    const char *fail_cid; // the order of this one fails
    bool refuse_batches;  // a transaction of several orders fails as a whole
    bool fail_permanent, fail_blameless;
    int script[FAKE_SCRIPT]; // answers to the next submissions
    size_t script_len, script_at;
    struct w3p_chain_file anything; // when exists: the entry of every CID that is not listed

    // What was seen:
    _Atomic unsigned heads;
    unsigned distrusts;
    unsigned signs, orders_signed, largest, submits, orders_ok, orders_failed, double_orders, files_calls;
    uint64_t renew_ok_blocks; // an order for an entry with at most this life left is a renewal
    bool closed;
    unsigned disproofs; // and the last of them:
    struct w3p_chain_prior prior;
    uint32_t prior_new_nonce;
};

void fake_init(struct fake_chain *fake, int64_t *now_ms);
void fake_deinit(struct fake_chain *fake);
void fake_mine(struct fake_chain *fake, unsigned blocks);
// Takes the last blocks away (never finalized ones); their transactions return to the pool, or vanish.
void fake_retract(struct fake_chain *fake, unsigned blocks, bool to_pool);
// The entry of this CID in the newest block, made when there is none; seen once that block is final.
struct w3p_chain_file *fake_file(struct fake_chain *fake, const char *cid);
void fake_remove(struct fake_chain *fake, const char *cid);
void fake_foreign(struct fake_chain *fake); // another program signs with the same key
void fake_script(struct fake_chain *fake, int answer);

#endif
