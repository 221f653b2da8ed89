// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the chain's terms: read once per finalized head, kept over a restart, and the estimate that other threads
// ask for. Threads: the engine's; w3p_engine_estimate and w3p_engine_orderable from any.
#include "engine_internal.h"

#include "base/clock.h"
#include "base/crash.h"

#include <stdio.h>
#include <string.h>

#define TERMS_SAVE_MS 600000

uint64_t w3p_engine_clamp(w3p_u128 planck)
{
    return planck > INT64_MAX ? INT64_MAX : (uint64_t)planck;
}

static void publish_terms(struct w3p_engine *engine)
{
    const struct w3p_chain_terms *terms = &engine->terms;

    atomic_store(&engine->est_base, w3p_engine_clamp(terms->base_fee));
    atomic_store(&engine->est_per_mib, w3p_engine_clamp(terms->per_mib_fee));
    atomic_store(&engine->est_keys, w3p_engine_clamp(terms->keys_fee));
    atomic_store(&engine->est_tx_fee, w3p_engine_clamp(terms->tx_fee));
    atomic_store(&engine->est_size_max, terms->size_max);
    atomic_store(&engine->est_known, true);
}

uint64_t w3p_engine_estimate(struct w3p_engine *engine, uint64_t size)
{
    struct w3p_chain_terms terms = {0};
    w3p_u128 price;

    if (!atomic_load(&engine->est_known))
        return 0;
    terms.base_fee = atomic_load(&engine->est_base);
    terms.per_mib_fee = atomic_load(&engine->est_per_mib);
    terms.keys_fee = atomic_load(&engine->est_keys);
    terms.tip = engine->chain->tip;
    price = w3p_chain_price(&terms, size);
    return price > INT64_MAX ? INT64_MAX : w3p_engine_clamp(price + atomic_load(&engine->est_tx_fee));
}

bool w3p_engine_orderable(struct w3p_engine *engine, uint64_t size)
{
    uint64_t size_max = atomic_load(&engine->est_size_max); // not kept over a restart

    return (size_max == 0 || size < size_max) && w3p_engine_estimate(engine, size) <= engine->settings.max_order_planck;
}

struct terms_job {
    struct w3p_write write;
    char text[128];
};

static int save_terms(struct w3p_write *self, struct w3p_db *db)
{
    int err = w3p_meta_put(db, W3P_META_TERMS, ((struct terms_job *)self)->text);

    W3P_CRASH_POINT(TERMS_WRITTEN);
    return err;
}

static void format_terms(char *out, size_t size, const struct w3p_engine *engine)
{
    (void)snprintf(out, size, "%llu %llu %llu %llu", (unsigned long long)atomic_load(&engine->est_base),
                   (unsigned long long)atomic_load(&engine->est_per_mib),
                   (unsigned long long)atomic_load(&engine->est_keys),
                   (unsigned long long)atomic_load(&engine->est_tx_fee));
}

void w3p_engine_load_terms(struct w3p_engine *engine, struct w3p_db *db)
{
    unsigned long long base, per_mib, keys, tx_fee;
    char text[128];

    if (w3p_meta_get(db, text, sizeof(text), W3P_META_TERMS) != W3P_OK ||
        sscanf(text, "%llu %llu %llu %llu", &base, &per_mib, &keys, &tx_fee) != 4)
        return;
    engine->terms = (struct w3p_chain_terms){
        .base_fee = base, .per_mib_fee = per_mib, .keys_fee = keys, .tip = engine->chain->tip, .tx_fee = tx_fee};
    publish_terms(engine);
}

int w3p_engine_terms(struct w3p_engine *engine, struct w3p_errmsg *msg)
{
    struct terms_job before = {{0}, {0}}, now = {.write = {.run = save_terms}};
    struct w3p_chain_terms terms = {0};
    int64_t mono_ms = w3p_clock_mono_ms();
    int err;

    if (engine->terms_known && memcmp(engine->terms_hash32, engine->head.final_hash32, 32) == 0)
        return W3P_OK;
    err = engine->chain->ops->terms(engine->chain, msg, &terms, engine->head.final_hash32);
    if (err != W3P_OK)
        return err;
    format_terms(before.text, sizeof(before.text), engine);
    engine->terms = terms;
    memcpy(engine->terms_hash32, engine->head.final_hash32, 32);
    engine->terms_block = engine->head.final_number;
    publish_terms(engine);
    format_terms(now.text, sizeof(now.text), engine);
    // Fees drift a little at every head: the saved ones may be some minutes old.
    if (strcmp(before.text, now.text) != 0 &&
        (!engine->terms_known || mono_ms - engine->terms_saved_ms >= TERMS_SAVE_MS)) {
        err = w3p_store_write_wait(engine->store, &now.write);
        W3P_CRASH_POINT(TERMS_STORED);
        if (err != W3P_OK)
            return w3p_fail(msg, err, "the terms of the chain could not be stored: %s", w3p_strerror(err));
        engine->terms_saved_ms = mono_ms;
    }
    engine->terms_known = true;
    return W3P_OK;
}
