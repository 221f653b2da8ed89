// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the replica tracker. Looks ordered contents up on chain at finalized heads, many per call, and keeps what it
// saw: replicas, expiry, and whether the entry is still there. The oldest look comes first, so nobody starves.
// Threads: the engine's.  Must not: order anything, know pins.
#ifndef W3P_PINNER_TRACKER_H
#define W3P_PINNER_TRACKER_H

#include "contents.h"

#define W3P_TRACK_FINAL_MAX 500  // contents without enough replicas yet, per finalized head
#define W3P_TRACK_STORED_MAX 250 // stored ones, per finalized head
#define W3P_TRACK_SPLITS_MAX 32  // groups that are halved to find the entry that cannot be read, per finalized head

// A content to look at, and what was found.
struct w3p_tracked {
    int64_t content_id;
    enum w3p_content_state state; // FINAL or STORED when loaded
    char cid[W3P_CID_ORDER_MAX];  // the spelling its entry lives under
    uint64_t size;                // as ordered
    uint64_t chain_size, expires_at_block;
    uint32_t replicas;
    bool looked;                // false: could not be looked up, only its turn has passed
    struct w3p_chain_file file; // valid when looked
    // Verdict:
    enum { W3P_TRACK_SAME, W3P_TRACK_CHANGED, W3P_TRACK_STORED, W3P_TRACK_GONE } verdict;
    uint64_t size_min; // gone: what the next order declares at least
    const char *error; // gone: why, a literal
};

struct w3p_tracker_conf {
    struct w3p_store *store;
    struct w3p_chain *chain;
    struct w3p_db *db; // reader of the calling thread
    uint64_t min_replicas, default_size, max_attempts, recheck_blocks;
    int64_t retry_wait_ms; // a vanished entry is looked for once more, after this, before anything is ordered again
    uint64_t size_max;     // the chain's, 0: not known
};
// One pass at this finalized head, bounded by the numbers above. Groups that cannot be read lose their turn only.
int w3p_tracker_run(struct w3p_errmsg *msg, const struct w3p_tracker_conf *conf,
                    const struct w3p_chain_head *head) W3P_NODISCARD;
// The verdict about one content at a finalized block: fills verdict, size_min and error.
void w3p_tracker_judge(struct w3p_tracked *t, const struct w3p_tracker_conf *conf, uint64_t final_number);

// Contents of one state, last looked at before this block, longest ago first.
int w3p_tracked_load(struct w3p_db *db, struct w3p_tracked *out, size_t *count, size_t max,
                     enum w3p_content_state state, uint64_t checked_before) W3P_NODISCARD;
// Writer job: one content's verdict; what is gone waits wait_ms before it is ordered again. Nothing but the time of the
// look when its state is another by now.
int w3p_tracked_apply(struct w3p_db *db, const struct w3p_tracked *t, uint64_t at_block, int64_t now_ms,
                      int64_t wait_ms, uint64_t max_attempts) W3P_NODISCARD;
// The highest finalized block that any look or order was based on; 0: none. An endpoint behind it shows the past.
// *seen_ms: wall clock of that look; 0: not known.
uint64_t w3p_tracked_high_block(struct w3p_db *db, int64_t *seen_ms);
// Writer job: looks and births of live orders above this block were at numbers that the chain does not have.
int w3p_tracked_rewind(struct w3p_db *db, const struct w3p_chain_head *head) W3P_NODISCARD;

#endif
