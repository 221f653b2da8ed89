// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the gate before a second payment of one content, and before an order's end is believed. Each proof asks
// several endpoints several times: hundreds in one tick would take longer than what is signed in it lives, so a tick
// begins no further transaction behind W3P_PROOFS_PER_TICK of them, neither its end nor its signature.
// Threads: the engine's.  Must not: write anything.
#include "engine_internal.h"

#include "prior_store.h"

int w3p_engine_may_pay_again(struct w3p_engine *engine, struct w3p_errmsg *why, const struct w3p_candidate *candidate,
                             const struct w3p_chain_file files[2], uint32_t nonce)
{
    struct w3p_chain_prior prior;
    int err;

    if (engine->chain->ops->disprove == NULL)
        return W3P_OK;
    err = w3p_prior_load(engine->db, &prior, candidate->content_id);
    if (err == W3P_E_NOTFOUND)
        return W3P_OK;
    if (err != W3P_OK)
        return w3p_fail(why, err, "the order before could not be read: %s", w3p_strerror(err));
    prior.cids[0] = candidate->cids[0];
    prior.cids[1] = candidate->cids[1];
    prior.seen = files;
    prior.renewal = candidate->renewal;
    engine->proofs++;
    return engine->chain->ops->disprove(engine->chain, why, &prior, nonce, &engine->head);
}

int w3p_engine_believe_end(struct w3p_engine *engine, struct w3p_errmsg *msg, const struct w3p_transaction *t,
                           size_t item, bool lost)
{
    struct w3p_chain_prior prior = {.cids = {lost ? NULL : t->orders[item].cid, NULL},
                                    .settled_block = t->block > 0 ? t->block : t->tx.death_block,
                                    .nonce = t->tx.nonce,
                                    .renewal = true}; // silence does not stand in the way
    struct w3p_errmsg why = {{0}};
    int err;

    if (engine->chain->ops->disprove == NULL)
        return W3P_OK;
    engine->proofs++;
    prior.paid = true; // a nonce is no proof here, nor is a balance
    err = engine->chain->ops->disprove(engine->chain, &why, &prior, 0, &engine->head);
    return err == W3P_E_BUSY || err == W3P_OK ? W3P_OK : w3p_fail(msg, err, "%s", why.text);
}
