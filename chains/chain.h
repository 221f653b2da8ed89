// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: order backends behind one small interface. A backend is a const table of functions in its own file
// (chains/crust/crust.c is the first); the engine in pinner/ is the only caller.
// Threads: one thread (the engine's) calls everything but `interrupt`. All calls block, bounded by the endpoint's
// timeouts.  Ownership: said per field.  Amounts are planck (the chain's smallest unit).
// Must not: know accounts, pins, SQLite or HTTP.
#ifndef W3P_CHAINS_CHAIN_H
#define W3P_CHAINS_CHAIN_H

#include "base/cid.h"

struct w3p_chain; // a backend's own state

// What the engine and the operator need to know once per connection.
struct w3p_chain_info {
    uint8_t genesis32[32];
    uint8_t account32[32]; // the operator account that pays
    char address[96];      // its text form on this chain
    char spec_name[64];
    uint32_t spec_version, tx_version;
    char token_symbol[16]; // "CRU"
    unsigned token_decimals;
    uint64_t era_blocks; // life of a signed order in blocks
    size_t batch_max;    // orders that one transaction may hold; 1: the chain has no batches in a form that is known
};

struct w3p_chain_head {
    uint64_t best_number, final_number;
    uint8_t best_hash32[32], final_hash32[32];
    uint64_t final_time_ms; // Timestamp.Now at the finalized head; 0 when the chain has none
    bool syncing;
    uint32_t source; // which of the chain's nodes says so: another number, another pool
};

// Everything that decides whether an order may be placed and what it costs, read at one finalized block.
struct w3p_chain_terms {
    bool market_open;
    w3p_u128 base_fee, per_mib_fee, keys_fee; // price(size) = base + per_mib * ceil(size / MiB) + keys + tip
    w3p_u128 tip;                             // of the chain's setting; not the chain's word
    uint64_t size_max;                        // sizes must be below this
    w3p_u128 usable_balance;                  // of the operator, transaction fees still to be paid from it
    w3p_u128 existential_deposit;
    w3p_u128 tx_fee; // estimate for a transaction of one order; one of n costs at most n times as much
    uint32_t nonce;  // of the operator account at that block
};

// A file's entry on chain at one block.
struct w3p_chain_file {
    bool exists;
    uint64_t size;
    uint64_t expires_at_block; // 0: no replica yet
    uint32_t replicas;
};

struct w3p_chain_order {
    const char *cid; // order spelling, borrowed
    uint64_t size;   // bytes, as declared
    w3p_u128 tip;    // for those who store it; part of its price
    bool is_folder;
};

// A signed extrinsic, of one order or of several: what must be on the disk before the first send.
#define W3P_CHAIN_BATCH_MAX 32 // orders in it
#define W3P_CHAIN_TX_MAX 8192  // room for so many, each with the longest CID
struct w3p_chain_tx {
    uint8_t bytes[W3P_CHAIN_TX_MAX];
    size_t len;
    uint8_t hash32[32];
    uint32_t nonce;
    uint64_t birth_block, death_block; // valid in (birth, death]; can never land in a block above death
    uint8_t birth_hash32[32];
};

enum w3p_submit {
    W3P_SUBMIT_ACCEPTED, // in the pool now, or already there (1013)
    W3P_SUBMIT_BANNED,   // 1012: look at the chain first, then send the same bytes again
    W3P_SUBMIT_STALE,    // nonce below the account's: it, or a foreign one, is in a block
    W3P_SUBMIT_FUTURE,   // nonce gap
    W3P_SUBMIT_BAD,      // can never be valid as it is (bad signature, ancient birth block)
    W3P_SUBMIT_PAYMENT,  // account cannot pay the fee
    W3P_SUBMIT_PRIORITY, // 1014: another extrinsic holds this nonce in the pool
    W3P_SUBMIT_FULL,     // pool full: later
    W3P_SUBMIT_UNCLEAR   // no usable answer: it may or may not be there
};

// What became of a transaction inside one block, order by order.
enum w3p_item_end {
    W3P_ITEM_NOT_TRIED, // an order before it in the same transaction failed: nothing happened for this one
    W3P_ITEM_OK,        // our own extrinsic's FileSuccess for us and this CID
    W3P_ITEM_FAILED
};
struct w3p_chain_item {
    enum w3p_item_end end;
    bool permanent;  // failed in a way that the same order will fail again (too large)
    bool blameless;  // failed for a reason that is not the order's own (market off, balance gone)
    w3p_u128 price;  // taken for the order
    uint32_t event;  // index among the block's events of the one that tells this
    char error[160]; // "Market.FileTooLarge: The file is too large. …" when it failed
};
struct w3p_chain_outcome {
    bool known;         // false: state pruned or undecodable; judge by files()
    bool batch_refused; // of several orders, and it failed as a whole: none was tried for itself
    w3p_u128 fee;       // taken for the transaction, 0 when the chain does not say
    struct w3p_chain_item items[W3P_CHAIN_BATCH_MAX];
};

// The newest order of a content that is to be paid once more, and which is not in flight any more.
struct w3p_chain_prior {
    const char *cids[2];               // both spellings, borrowed; NULL: there is none
    const struct w3p_chain_file *seen; // [2], their entries as the new order was decided upon; NULL: none was
    bool paid;                         // it was final: its entry is gone or runs out
    bool renewal;                      // … and runs out
    uint64_t settled_block; // above it nothing can come of that order any more: its death, or the block that it is in
    uint32_t nonce;
    uint64_t birth_block;
    uint8_t birth_hash32[32];
    w3p_u128 cost;      // what it was signed for, with its fee
    w3p_u128 explained; // what the account paid for other orders from then on until settled_block
};

struct w3p_chain_ops {
    const char *name; // "crust"

    // Makes connection and metadata fresh if they are not: any call does it by itself; this one reports.
    int (*info)(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_info *out);
    int (*head)(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_head *out);
    // Canonical hash at a height; W3P_E_NOTFOUND above the best block.
    int (*block_hash)(struct w3p_chain *chain, struct w3p_errmsg *msg, uint8_t hash32[32], uint64_t number);
    int (*terms)(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_terms *out,
                 const uint8_t at_hash32[32]);
    // State of n CIDs (order spelling) at one block, in one round trip per W3P_CHAIN_FILES_MAX.
    int (*files)(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_file *out, const char *const *cids,
                 size_t n, const uint8_t at_hash32[32]);
    // Signs a transaction of 1 to info.batch_max orders, no CID twice, with an era that starts at the finalized head.
    // One order is a call by itself. W3P_E_STATE when this cannot be signed now, but perhaps at the next head.
    int (*sign)(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_tx *out,
                const struct w3p_chain_order *orders, size_t n, uint32_t nonce);
    // Sends these exact bytes. msg says what the node said, in words.
    enum w3p_submit (*submit)(struct w3p_chain *chain, struct w3p_errmsg *msg, const uint8_t *bytes, size_t len);
    // Which of n transaction hashes are in the block: index[i] is the extrinsic's index or -1.
    int (*find)(struct w3p_chain *chain, struct w3p_errmsg *msg, int32_t *index, const uint8_t (*hashes32)[32],
                size_t n, const uint8_t block_hash32[32]);
    // cids: of the transaction's n orders, in its order.
    int (*outcome)(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_outcome *out,
                   const char *const *cids, size_t n, uint32_t index, const uint8_t block_hash32[32]);
    // May what that order was for be paid once more, by an order with new_nonce? Nodes may lie: what proves it is said
    // in crust/crust.h. W3P_OK; W3P_E_BUSY: not proved yet, ask again later; W3P_E_STATE: the nodes contradict each
    // other, or the account's balance says that it was paid. msg says it in words. NULL: every chain's word is good.
    int (*disprove)(struct w3p_chain *chain, struct w3p_errmsg *msg, const struct w3p_chain_prior *prior,
                    uint32_t new_nonce, const struct w3p_chain_head *head);
    // The finalized head that `head` gave cannot be: another node, if there is one, is asked from now on. NULL: there
    // is only one.
    void (*distrust)(struct w3p_chain *chain, const struct w3p_errmsg *why);
    void (*interrupt)(struct w3p_chain *chain); // any thread: running and later calls end soon with W3P_E_CLOSED
    void (*destroy)(struct w3p_chain *chain);
};

struct w3p_chain {
    const struct w3p_chain_ops *ops; // first member of every backend's state
    w3p_u128 tip;                    // that every order offers; never changes, any thread
};

#define W3P_CHAIN_FILES_MAX 50

// Price of an order; saturates at the type's maximum on overflow.
w3p_u128 w3p_chain_price(const struct w3p_chain_terms *terms, uint64_t size);

#endif
