// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the engine's tests stand on: a database in a directory of its own, the fake chain, an engine that is
// stepped by hand, a clock that stands still, pins without accounts.
#ifndef W3P_TESTS_ENGINE_RIG_H
#define W3P_TESTS_ENGINE_RIG_H

#include "engine_internal.h"
#include "fake_chain.h"

#define RIG_MIB ((uint64_t)1 << 20)

struct rig {
    char dir[128], path[160];
    struct w3p_store *store;
    struct fake_chain fake;
    struct w3p_engine *engine;
    struct w3p_engine_settings settings;
    int64_t now_ms;
    int (*bind)(void *arg, struct w3p_errmsg *msg, const struct w3p_chain_info *info); // of the next engine
    void *bind_arg;
};

void rig_open(struct rig *rig);
void rig_close(struct rig *rig);
// As after a kill: the engine's memory is gone, what was committed stays.
void rig_restart(struct rig *rig);
void rig_reopen(struct rig *rig);         // what was closed by the test
void rig_apply_settings(struct rig *rig); // settings changed: a new engine

// The n-th CID of the tests, in its order spelling (Qm…), and its base32 spelling.
const char *rig_cid(unsigned n);
const char *rig_alternate(unsigned n);
int64_t rig_pin(struct rig *rig, unsigned n, uint64_t size); // the content's id
void rig_unpin(struct rig *rig, int64_t content_id);

void rig_step(struct rig *rig);                 // must succeed
void rig_run(struct rig *rig, unsigned blocks); // a block, a step, and so on
void rig_wait_ms(struct rig *rig, int64_t ms);  // time passes without blocks

int64_t rig_number(struct rig *rig, const char *sql); // one value
void rig_text(struct rig *rig, char *out, size_t size, const char *sql);
void rig_plan(struct rig *rig, char *out, size_t size, const char *sql); // all details of EXPLAIN QUERY PLAN
enum w3p_content_state rig_state(struct rig *rig, int64_t content_id);
int64_t rig_orders(struct rig *rig); // rows, however they ended
void rig_store_replicas(struct rig *rig, const char *cid, uint32_t replicas);
const char *rig_waiting(struct rig *rig);
// What the first queued content is told of its own.
const char *rig_reason(struct rig *rig);
struct w3p_engine_snapshot rig_snapshot(struct rig *rig);

#endif
