// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the order path. One thread that takes queued contents, checks and signs them, several in one transaction
// where there are several, has the signed bytes on the disk before the first send, submits, follows them to finality,
// and keeps the replica cache fresh.
// Threads: start, stop, wake and the snapshot from any thread.  Must not: know HTTP or accounts.
// Order states: contents.h. An order is signed a second time only when the first can never land.
#ifndef W3P_PINNER_ENGINE_H
#define W3P_PINNER_ENGINE_H

#include "base/conf.h"
#include "chain.h"
#include "money.h"
#include "store/store.h"

// Configuration rows: crust.min_replicas, crust.default_size, crust.max_in_flight, crust.batch_max,
// crust.max_order_planck, budget.planck_per_day, engine.poll_ms …
struct w3p_engine_settings {
    uint64_t min_replicas, default_size, max_in_flight, batch_max, max_order_planck, planck_per_day, poll_ms,
        max_attempts;
    uint64_t retry_wait_s;        // of what cannot be ordered yet
    uint64_t renew_before_blocks; // 0: never renew
    uint64_t recheck_blocks;
    uint64_t head_age_max_s; // an older finalized head: nothing is signed; 0: any age is good
};

extern const struct w3p_conf_key w3p_engine_conf_keys[];

// Rows of the table `meta`: what the database is bound to (written and checked by whoever wires the modules).
#define W3P_META_GENESIS "chain.genesis"
#define W3P_META_ACCOUNT "chain.account"
// The terms last seen (the engine's own).
#define W3P_META_TERMS "chain.terms"

struct w3p_engine;
struct w3p_engine_conf {
    struct w3p_store *store;
    struct w3p_chain *chain; // borrowed
    const struct w3p_engine_settings *settings;
    // Called on the engine's thread at the first contact, after every loss of the connection and when the chain's info
    // changes, before anything is concluded or signed: records the chain in the database, or refuses it (then nothing
    // happens, `waiting` says msg, and it is asked again at the next tick). NULL: every chain is fine.
    int (*bind)(void *arg, struct w3p_errmsg *msg, const struct w3p_chain_info *info);
    void *bind_arg;
    const struct w3p_money_settings *money; // of the alarm; NULL: only when it is not enough for one order
};
int w3p_engine_create(struct w3p_engine **out, struct w3p_errmsg *msg,
                      const struct w3p_engine_conf *conf) W3P_NODISCARD;
int w3p_engine_start(struct w3p_engine *engine) W3P_NODISCARD;
void w3p_engine_stop(struct w3p_engine *engine); // interrupts the chain, joins
void w3p_engine_destroy(struct w3p_engine *engine);

void w3p_engine_wake(struct w3p_engine *engine);
// Somebody saw a new finalized head: wakes. While such calls go on, an engine without work does not poll.
void w3p_engine_told(struct w3p_engine *engine);
// Planck that an order of this size costs with its fee, by the terms last seen (they survive a restart); 0: unknown.
uint64_t w3p_engine_estimate(struct w3p_engine *engine, uint64_t size);
// Would an order of this size be placed, by those terms and crust.max_order_planck? True while they are not known.
bool w3p_engine_orderable(struct w3p_engine *engine, uint64_t size);
// Planck that the operator account can still promise, beside what orders in flight take, as it was last seen.
#define W3P_AVAILABLE_UNKNOWN UINT64_MAX
uint64_t w3p_engine_available(struct w3p_engine *engine);

enum w3p_chain_state { W3P_CHAIN_STARTING, W3P_CHAIN_OK, W3P_CHAIN_UNREACHABLE, W3P_CHAIN_SYNCING, W3P_CHAIN_STALE };
struct w3p_engine_snapshot {
    enum w3p_chain_state chain;
    uint64_t best_number, final_number;
    uint64_t queued, in_flight; // orders
    bool market_open;
    bool paused;            // by the operator: no new orders
    struct w3p_money money; // as of the last tick
    char waiting[160];      // why no queued order moves, "" when they do; names no content: every account may read it
};
void w3p_engine_snapshot(struct w3p_engine *engine, struct w3p_engine_snapshot *out);

#endif
