// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: which chain it is, and whether its head is believed: every conclusion about orders and entries rests on
// block numbers, and a node may say any number. One that cannot be is refused; one of the past is waited out. Threads:
// the engine's.
#include "engine_internal.h"

#include "base/clock.h"

#include <string.h>

static bool same_info(const struct w3p_chain_info *a, const struct w3p_chain_info *b)
{
    return memcmp(a->genesis32, b->genesis32, 32) == 0 && memcmp(a->account32, b->account32, 32) == 0 &&
           strcmp(a->spec_name, b->spec_name) == 0 && a->spec_version == b->spec_version &&
           a->tx_version == b->tx_version;
}

int w3p_engine_meet(struct w3p_engine *engine, struct w3p_errmsg *msg)
{
    struct w3p_chain_info info = {0};
    int err = engine->chain->ops->info(engine->chain, msg, &info);

    if (err == W3P_OK && engine->bound && same_info(&info, &engine->info))
        return W3P_OK;
    engine->bound = false;
    if (err == W3P_OK && engine->bind != NULL)
        err = engine->bind(engine->bind_arg, msg, &info);
    if (err != W3P_OK)
        return err;
    engine->info = info;
    engine->bound = true;
    return W3P_OK;
}

// How old the finalized head is; 0 when it does not say, or is ahead of our clock.
static int64_t age_ms_of(const struct w3p_chain_head *head)
{
    int64_t now_ms = w3p_clock_wall_ms();

    return head->final_time_ms > 0 && now_ms > 0 && head->final_time_ms < (uint64_t)now_ms
               ? now_ms - (int64_t)head->final_time_ms
               : 0;
}

// What the head says about the chain. Only OK lets new orders be signed.
static enum w3p_chain_state judge_head(struct w3p_engine *engine, const struct w3p_chain_head *head)
{
    int64_t age_ms = age_ms_of(head);

    if (head->syncing) {
        w3p_engine_wait_for(engine, "the chain's node is syncing");
        return W3P_CHAIN_SYNCING;
    }
    if (engine->settings.head_age_max_s > 0 && age_ms > (int64_t)engine->settings.head_age_max_s * 1000) {
        w3p_engine_wait_for(engine, "the chain's finalized head is %lld s old", (long long)(age_ms / 1000));
        return W3P_CHAIN_STALE;
    }
    return W3P_CHAIN_OK;
}

// Numbers far ahead would make every order dead and every entry expired at once.
static bool is_too_far(const struct w3p_engine *engine, uint64_t number)
{
    int64_t passed_ms = w3p_clock_wall_ms() - engine->final_high_ms;
    uint64_t blocks = W3P_HEAD_JUMP_MAX + (passed_ms > 0 ? (uint64_t)passed_ms / W3P_HEAD_BLOCK_MS : 0);

    return engine->final_high_ms > 0 && number > engine->final_high && number - engine->final_high > blocks;
}

struct rewind_job {
    struct w3p_write write;
    const struct w3p_chain_head *head;
};

static int run_rewind(struct w3p_write *self, struct w3p_db *db)
{
    return w3p_tracked_rewind(db, ((struct rewind_job *)self)->head);
}

// A lower finalized head: another endpoint, or one that fell behind, shows the past, and nothing may be concluded from
// that. But a head that is of now, and stays lower, is the truth; then what was seen before was not.
static int rewind_if_lasting(struct w3p_engine *engine, struct w3p_errmsg *msg, const struct w3p_chain_head *head,
                             bool *rewound)
{
    struct rewind_job job = {.write = {.run = run_rewind}, .head = head};
    int64_t now_ms = w3p_clock_mono_ms(), most_s = (int64_t)engine->settings.head_age_max_s;
    int err;

    *rewound = false;
    if (head->syncing || head->final_time_ms == 0 || age_ms_of(head) > (most_s > 0 ? most_s : 120) * 1000)
        engine->behind_since_ms = 0;
    else if (engine->behind_since_ms == 0)
        engine->behind_since_ms = now_ms;
    if (engine->behind_since_ms == 0 || now_ms - engine->behind_since_ms < W3P_HEAD_BACK_MS)
        return W3P_OK;
    err = w3p_store_write_wait(engine->store, &job.write);
    if (err != W3P_OK)
        return w3p_fail(msg, err, "the chain's way back could not be stored: %s", w3p_strerror(err));
    w3p_logf(W3P_LOG_WARN, "chain.rewound", "the finalized head is at %llu, not at %llu as it was said before",
             (unsigned long long)head->final_number, (unsigned long long)engine->final_high);
    w3p_engine_rewind(engine, head);
    *rewound = true;
    return W3P_OK;
}

int w3p_engine_take_head(struct w3p_engine *engine, struct w3p_errmsg *msg, const struct w3p_chain_head *head,
                         bool *usable, enum w3p_chain_state *state)
{
    *usable = false;
    if (engine->source != head->source) // also one that is not usable: it may have refused what the next one takes
        w3p_engine_send_elsewhere(engine);
    engine->source = head->source;
    if (head->best_number < head->final_number)
        return w3p_fail(msg, W3P_E_PROTOCOL, "the node's best block is below its finalized one");
    if (is_too_far(engine, head->final_number)) {
        int err =
            w3p_fail(msg, W3P_E_PROTOCOL, "the node's finalized head is at %llu, which cannot be: %llu was the last",
                     (unsigned long long)head->final_number, (unsigned long long)engine->final_high);

        if (engine->chain->ops->distrust != NULL)
            engine->chain->ops->distrust(engine->chain, msg);
        return err;
    }
    if (head->final_number < engine->final_high) {
        bool rewound;
        int err = rewind_if_lasting(engine, msg, head, &rewound);

        if (err != W3P_OK || !rewound) {
            w3p_engine_wait_for(engine, "the node's finalized head is at %llu, %llu was seen before",
                                (unsigned long long)head->final_number, (unsigned long long)engine->final_high);
            *state = W3P_CHAIN_SYNCING;
            return err;
        }
    }
    engine->behind_since_ms = 0;
    engine->head = *head;
    engine->final_high = head->final_number;
    engine->final_high_ms = w3p_clock_wall_ms();
    *state = judge_head(engine, head);
    *usable = true;
    return W3P_OK;
}
