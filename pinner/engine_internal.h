// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the files of the engine share, and what its tests drive: one step at a time, without the thread.
// engine.c: life and thread.  engine_head.c: which chain it is and whether its head is believed.  engine_follow.c:
// transactions in flight.  engine_settle.c: what became of the orders of one.  engine_place.c: new orders.
// engine_sign.c: new transactions.  engine_send.c: the list of those in flight, and sending.  engine_terms.c: prices.
// engine_decide.c: whether to order at all, as a pure function.  engine_money.c: the operator's switch and purse.
// engine_again.c: the proof before a second payment.
// Threads: everything here runs on the engine's thread, but for the fields under `lock`.
#ifndef W3P_PINNER_ENGINE_INTERNAL_H
#define W3P_PINNER_ENGINE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "engine.h"
#include "base/log.h"
#include "orders_store.h"
#include "tracker.h"

#define W3P_FLIGHT_MAX 64                      // upper bound of crust.max_in_flight
#define W3P_NEAR_MAX 64                        // blocks above the finalized head that are watched
#define W3P_SCAN_PER_TICK 64                   // finalized blocks searched in one tick
#define W3P_PLACE_PER_LOOKUP 24                // contents looked up at once: both spellings of all fit one lookup
#define W3P_PLACE_PER_TICK 256                 // contents considered in one tick
#define W3P_PROOFS_PER_TICK 32                 // then no further transaction: each proof takes several requests
#define W3P_LIFE_MAX 65536                     // blocks that a transaction may live
#define W3P_SIZE_MAX_LEAST ((uint64_t)1 << 20) // a chain that takes less is none that we can know
#define W3P_RESEND_MS 30000                    // the same bytes again while an order is in no block
#define W3P_GIVE_UP_TICKS 5 // failed ticks in a row; then what cannot be read counts as pruned, and other proofs decide
#define W3P_SOON_MS 6000    // … after an answer that a block may change
#define W3P_UNCLEAR_MS 2000 // … after an answer that says nothing; doubles up to W3P_RESEND_MS
#define W3P_BACKOFF_MAX_MS 30000
#define W3P_TOLD_MS 20000        // heads that are told so seldom, or more often, …
#define W3P_TOLD_POLL_MS 10000   // … are asked for by the idle engine this often only
#define W3P_HEAD_JUMP_MAX 100000 // blocks that the finalized head may be ahead of the last one seen …
#define W3P_HEAD_BLOCK_MS 10     // … and one more for each of these that passed: no chain is that fast
#define W3P_HEAD_BACK_MS 600000  // a fresh head that stays below the highest one seen is believed after this

// A block that was searched.
struct w3p_near {
    uint64_t number;
    uint8_t hash32[32];
};

struct w3p_flight {
    struct w3p_transaction *t; // owned
    int64_t next_send_ms;      // monotonic
    int64_t sent_ms;           // … the last time; 0: never
    int64_t unclear_ms;        // wait after the next unclear answer
    // Its end is contradicted by another node: asked again at each finalized head but this one.
    uint8_t disputed_at32[32];
    size_t disputed_item; // … this order's, so that it is asked for first
    // … found in this finalized block, which is searched no more. number 0: in none
    struct w3p_near final;
    uint32_t final_index;
};

struct w3p_engine {
    struct w3p_store *store;
    struct w3p_chain *chain;
    struct w3p_engine_settings settings;
    struct w3p_db *db; // reader of the engine's thread, opened by its first step

    struct w3p_flight flights[W3P_FLIGHT_MAX]; // by nonce
    size_t flight_count;
    uint64_t cursor; // every finalized block below it was searched for every flight that it concerns
    struct w3p_near near[W3P_NEAR_MAX];
    uint8_t near_best32[32];     // best block of the last complete search
    bool batches_refused;        // a batch failed as a whole: single orders, while the runtime is …
    uint32_t batches_refused_by; // … this version

    bool bound; // `info` is of a chain that conf.bind accepted, and the connection held since
    struct w3p_chain_info info;
    int (*bind)(void *arg, struct w3p_errmsg *msg, const struct w3p_chain_info *info);
    void *bind_arg;

    struct w3p_chain_head head;
    uint32_t source;         // of the last head, also of one that was not believed
    uint64_t final_high;     // highest finalized block ever seen
    int64_t final_high_ms;   // wall clock when it was seen; 0: not known
    int64_t behind_since_ms; // monotonic; 0: the head is not behind
    struct w3p_chain_terms terms;
    bool terms_known;
    uint8_t terms_hash32[32]; // block that the terms belong to
    uint64_t terms_block;     // its number
    int64_t terms_saved_ms;
    uint64_t tracked_block;
    enum w3p_chain_state state;
    char waiting[160];
    unsigned failures; // ticks in a row
    unsigned proofs;   // asked for in this tick, see engine_again.c
    bool unclear;      // an answer to an order was lost in this tick
    char blocked[160]; // what stopped the queue at the head blocked_hash32; asked again at the next one
    uint8_t blocked_hash32[32];

    // The last terms, for w3p_engine_estimate on any thread. Read one by one: an estimate may mix two heads.
    _Atomic uint64_t est_base, est_per_mib, est_keys, est_tx_fee, est_size_max;
    atomic_bool est_known;

    struct w3p_money_settings money_settings;
    struct w3p_money money;
    int64_t funds_day; // of the last alarm
    bool paused;
    _Atomic uint64_t available; // w3p_engine_available

    pthread_mutex_t lock; // of what follows
    pthread_cond_t cond;
    pthread_t thread;
    bool running, stopping, woken;
    int64_t told_ms; // monotonic: last w3p_engine_told; 0: never
    struct w3p_engine_snapshot snapshot;
};

// One tick. W3P_OK, or why it ended early; the next one goes on from what is in the database.
int w3p_engine_step(struct w3p_engine *engine);

// Why queued orders do not move; the first reason of a tick stays.
void w3p_engine_wait_for(struct w3p_engine *engine, const char *fmt, ...) W3P_PRINTF(2, 3);
// The terms at the finalized head, read once per head.
int w3p_engine_terms(struct w3p_engine *engine, struct w3p_errmsg *msg) W3P_NODISCARD;
void w3p_engine_load_terms(struct w3p_engine *engine, struct w3p_db *db);
uint64_t w3p_engine_clamp(w3p_u128 planck); // to what a row can hold
bool w3p_engine_is_outage(int err);         // nothing can be learnt now: end the tick

// engine_head.c
// The chain is there and accepted.
int w3p_engine_meet(struct w3p_engine *engine, struct w3p_errmsg *msg) W3P_NODISCARD;
// Takes this head as the engine's. *usable is false when it is only waited for a better one. *state says whether new
// orders may be signed.
int w3p_engine_take_head(struct w3p_engine *engine, struct w3p_errmsg *msg, const struct w3p_chain_head *head,
                         bool *usable, enum w3p_chain_state *state) W3P_NODISCARD;

// engine_follow.c
int w3p_engine_load(struct w3p_engine *engine, struct w3p_errmsg *msg) W3P_NODISCARD;
int w3p_engine_follow(struct w3p_engine *engine, struct w3p_errmsg *msg) W3P_NODISCARD;
bool w3p_engine_caught_up(const struct w3p_engine *engine);
// The numbers above this head were false: what was concluded from them is forgotten.
void w3p_engine_rewind(struct w3p_engine *engine, const struct w3p_chain_head *head);

// engine_send.c
// One line for the transaction, or for its orders[item].
#define W3P_WHOLE SIZE_MAX
void w3p_engine_log(enum w3p_log_level level, const char *event, const struct w3p_transaction *t, size_t item,
                    const char *text);
void w3p_engine_add(struct w3p_engine *engine, struct w3p_transaction *t); // takes it over; there must be room
void w3p_engine_drop(struct w3p_engine *engine, size_t index);
uint64_t w3p_engine_orders_in_flight(const struct w3p_engine *engine);
int w3p_engine_send_due(struct w3p_engine *engine, struct w3p_errmsg *msg) W3P_NODISCARD;
// Another node is asked from now on: what the one before refused or kept to itself is sent without waiting, but nothing
// twice within W3P_UNCLEAR_MS, however often nodes take turns.
void w3p_engine_send_elsewhere(struct w3p_engine *engine);

// A transition of one transaction as a job, waited for. Memory changes only after the commit.
enum w3p_transit { W3P_TRANSIT_SUBMITTED, W3P_TRANSIT_IN_BLOCK, W3P_TRANSIT_ENDED };
struct w3p_transit_job {
    struct w3p_write write;
    enum w3p_transit what;
    const struct w3p_transaction *t;                // as it shall be
    struct w3p_order_end ends[W3P_CHAIN_BATCH_MAX]; // ENDED
};
int w3p_engine_transit(struct w3p_engine *engine, struct w3p_errmsg *msg, struct w3p_transit_job *job) W3P_NODISCARD;

// engine_settle.c
// Flight i is in this finalized block: what became of its orders. It stays in flight, `final`, when another node
// contradicts that; everything else goes on.
int w3p_engine_settle(struct w3p_engine *engine, struct w3p_errmsg *msg, size_t i, uint64_t number,
                      const uint8_t hash32[32], uint32_t index) W3P_NODISCARD;
// Flight i can never land any more, or its outcome is unknown and its orders' entries decide. Likewise.
int w3p_engine_bury(struct w3p_engine *engine, struct w3p_errmsg *msg, size_t i) W3P_NODISCARD;
int w3p_engine_settle_by_entries(struct w3p_engine *engine, struct w3p_errmsg *msg, size_t i) W3P_NODISCARD;

// engine_place.c
int w3p_engine_place(struct w3p_engine *engine, struct w3p_errmsg *msg) W3P_NODISCARD;
// Looked at again later; the others go on. The reason stands in the content's row and is told to its own pins only.
int w3p_engine_defer(struct w3p_engine *engine, struct w3p_errmsg *msg, const struct w3p_candidate *candidate,
                     const char *reason) W3P_NODISCARD;

// engine_sign.c
enum w3p_placing { W3P_PLACED, W3P_NEXT, W3P_STOP }; // STOP: the reason holds for all that follow
// What the next transaction is going to hold.
struct w3p_basket {
    size_t count, max;
    const struct w3p_candidate *candidates[W3P_CHAIN_BATCH_MAX];
    struct w3p_order orders[W3P_CHAIN_BATCH_MAX];
    struct w3p_chain_file files[W3P_CHAIN_BATCH_MAX][2]; // what was decided upon
    w3p_u128 reserved;                                   // of all orders in it
};
// Orders that one transaction may hold now.
size_t w3p_engine_batch_max(const struct w3p_engine *engine);
// Signs what is in the basket and stores it. Nothing is sent before the commit. The basket is empty afterwards.
enum w3p_placing w3p_engine_sign(struct w3p_engine *engine, struct w3p_errmsg *msg, int *err,
                                 struct w3p_basket *basket) W3P_NODISCARD;

// engine_money.c
#define W3P_PAUSED_WORDS "ordering is paused by the operator"
bool w3p_engine_is_paused(struct w3p_engine *engine); // then `waiting` says so
void w3p_engine_note_money(struct w3p_engine *engine);
w3p_u128 w3p_engine_reserved(const struct w3p_engine *engine); // of all orders in flight

// engine_again.c
// W3P_OK: this content was never ordered, or it is proved that it may be paid once more with this nonce; else as
// disprove in chain.h.
int w3p_engine_may_pay_again(struct w3p_engine *engine, struct w3p_errmsg *why, const struct w3p_candidate *candidate,
                             const struct w3p_chain_file files[2], uint32_t nonce) W3P_NODISCARD;
// W3P_E_STATE when another node contradicts that t->orders[item] came to nothing: then it is followed on. Of one that
// is lost the account tells, of one that failed in a block the file's entry, too.
int w3p_engine_believe_end(struct w3p_engine *engine, struct w3p_errmsg *msg, const struct w3p_transaction *t,
                           size_t item, bool lost) W3P_NODISCARD;

// engine_decide.c
enum w3p_decision {
    W3P_DECIDE_ORDER, // pay: declare choice.size under choice.spelling
    W3P_DECIDE_ADOPT, // it is on chain already: no order
    W3P_DECIDE_WAIT   // an entry that must not be fed: wait until it is gone or has replicas
};
struct w3p_choice {
    enum w3p_decision what;
    unsigned spelling;
    uint64_t size;
};
struct w3p_choice w3p_engine_decide(const struct w3p_candidate *candidate, const struct w3p_chain_file files[2],
                                    uint64_t final_number, uint64_t renew_before_blocks);

#endif
