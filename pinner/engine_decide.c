// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: whether a content has to be ordered, seen its entries on chain at one finalized block. Pure.
// Source: Crust's market pallet, spec 25 (what place_storage_order does with a CID that is known).
//
// One entry (of one spelling), in the order of preference:
//
//   entry                                         | decision
//   ----------------------------------------------+-----------------------------------------------------------------
//   replicas, and life enough                     | adopt: somebody stores it, no order
//   no replica, never had one, size >= ours       | adopt: somebody ordered it, a second order buys nothing
//   no replica now, but had one, life enough      | adopt: likewise (the tracker sees it end)
//   alive, but its life is nearly over            | order under this spelling: resets the expiry
//   no replica, never had one, size < ours        | wait: an order would be charged, and lost, at that size
//   expired, not closed yet                       | order under this spelling: starts it again
//   none                                          | order
//
// "Life enough" is more than renew_before blocks. With an order of our own in the books it is also enough while more
// than half of what that order bought is left: else a chain with short lives would be paid at every look.
// A size that had a replica was verified by the chain (too large is corrected, too small is removed): it is declared as
// it stands. The alternate spelling counts only where something alive is under it: a trap there hurts nobody who orders
// here. A renewal looks at its own entry only; one that is gone is the tracker's affair: wait.
#include "engine_internal.h"

enum rank { RANK_NONE, RANK_EXPIRED, RANK_TRAPPED, RANK_SHORT, RANK_PENDING, RANK_LIVE };

static bool life_enough(const struct w3p_chain_file *file, uint64_t last_order_block, uint64_t final_number,
                        uint64_t renew_before_blocks)
{
    uint64_t left = file->expires_at_block - final_number;

    if (left > renew_before_blocks)
        return true;
    return last_order_block > 0 && file->expires_at_block > last_order_block &&
           left > (file->expires_at_block - last_order_block) / 2;
}

static enum rank rank_entry(const struct w3p_chain_file *file, const struct w3p_candidate *candidate,
                            uint64_t final_number, uint64_t renew_before_blocks)
{
    if (!file->exists)
        return RANK_NONE;
    if (file->expires_at_block == 0 && file->replicas == 0)
        return file->size >= candidate->size ? RANK_PENDING : RANK_TRAPPED;
    if (file->expires_at_block == 0)
        return RANK_LIVE; // a replica and no expiry: just reported
    if (file->expires_at_block <= final_number)
        return RANK_EXPIRED;
    if (!life_enough(file, candidate->last_order_block, final_number, renew_before_blocks))
        return RANK_SHORT;
    return file->replicas > 0 ? RANK_LIVE : RANK_PENDING;
}

struct w3p_choice w3p_engine_decide(const struct w3p_candidate *candidate, const struct w3p_chain_file files[2],
                                    uint64_t final_number, uint64_t renew_before_blocks)
{
    struct w3p_choice choice = {.what = W3P_DECIDE_ORDER, .spelling = candidate->spelling, .size = candidate->size};
    enum rank best;

    if (!candidate->renewal) {
        enum rank other = RANK_NONE;

        choice.spelling = 0;
        best = rank_entry(&files[0], candidate, final_number, renew_before_blocks);
        if (candidate->cids[1][0] != '\0')
            other = rank_entry(&files[1], candidate, final_number, renew_before_blocks);
        if (other >= RANK_SHORT && other > best) {
            best = other;
            choice.spelling = 1;
        }
    } else {
        best = rank_entry(&files[choice.spelling], candidate, final_number, renew_before_blocks);
        if (best == RANK_NONE)
            best = RANK_TRAPPED;
    }
    if (best == RANK_LIVE || best == RANK_PENDING)
        choice.what = W3P_DECIDE_ADOPT;
    else if (best == RANK_TRAPPED)
        choice.what = W3P_DECIDE_WAIT;
    else if (best == RANK_SHORT || best == RANK_EXPIRED)
        choice.size = files[choice.spelling].size > 0 ? files[choice.spelling].size : candidate->size;
    return choice;
}
