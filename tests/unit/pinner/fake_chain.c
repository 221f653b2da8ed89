// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: fake_chain.h.
#include "fake_chain.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"

#define ERA 64
#define LAG 2

static struct fake_chain *self_of(struct w3p_chain *chain)
{
    return (struct fake_chain *)chain;
}

static int trouble(struct fake_chain *fake, struct w3p_errmsg *msg)
{
    if (fake->closed)
        return w3p_fail(msg, W3P_E_CLOSED, "closed");
    return fake->down != W3P_OK ? w3p_fail(msg, fake->down, "the fake chain is down") : W3P_OK;
}

static struct fake_block *block_of(struct fake_chain *fake, const uint8_t hash32[32])
{
    for (uint64_t i = fake->best + 1; i-- > 0;)
        if (memcmp(fake->blocks[i].hash32, hash32, 32) == 0)
            return &fake->blocks[i];
    return NULL;
}

static struct fake_file *file_in(struct fake_block *block, const char *cid)
{
    for (size_t i = 0; i < block->file_count; i++)
        if (strcmp(block->files[i].cid, cid) == 0)
            return &block->files[i];
    return NULL;
}

static void tx_hash(uint8_t hash32[32], const struct fake_tx *tx)
{
    w3p_blake2b_256(hash32, tx, sizeof(*tx));
}

static int op_head(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_head *out)
{
    struct fake_chain *fake = self_of(chain);
    int err = trouble(fake, msg);

    fake->heads++;
    if (err != W3P_OK)
        return err;
    *out = (struct w3p_chain_head){.best_number = fake->best,
                                   .final_number = fake->final,
                                   .final_time_ms = fake->blocks[fake->final].time_ms,
                                   .syncing = fake->syncing,
                                   .source = fake->source};
    memcpy(out->best_hash32, fake->blocks[fake->best].hash32, 32);
    memcpy(out->final_hash32, fake->blocks[fake->final].hash32, 32);
    if (fake->false_final > 0)
        out->final_number = out->best_number = fake->false_final;
    if (fake->false_time_ms > 0)
        out->final_time_ms = fake->false_time_ms;
    return W3P_OK;
}

static int op_block_hash(struct w3p_chain *chain, struct w3p_errmsg *msg, uint8_t hash32[32], uint64_t number)
{
    struct fake_chain *fake = self_of(chain);
    int err = trouble(fake, msg);

    if (err == W3P_OK && number > fake->best)
        err = w3p_fail(msg, W3P_E_NOTFOUND, "above the best block");
    if (err == W3P_OK)
        memcpy(hash32, fake->blocks[number].hash32, 32);
    return err;
}

static int op_terms(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_terms *out,
                    const uint8_t at_hash32[32])
{
    struct fake_chain *fake = self_of(chain);
    struct fake_block *block = block_of(fake, at_hash32);
    int err = trouble(fake, msg);

    if (err != W3P_OK)
        return err;
    if (block == NULL)
        return w3p_fail(msg, W3P_E_NOTFOUND, "no such block");
    *out = fake->terms;
    out->tip = chain->tip;
    out->nonce = block->nonce;
    out->usable_balance = block->balance;
    return W3P_OK;
}

static int op_files(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_file *out,
                    const char *const *cids, size_t n, const uint8_t at_hash32[32])
{
    struct fake_chain *fake = self_of(chain);
    struct fake_block *block = block_of(fake, at_hash32);
    int err = trouble(fake, msg);

    cr_assert(n > 0 && n <= W3P_CHAIN_FILES_MAX, "a group of %zu", n);
    fake->files_calls++;
    if (err == W3P_OK && fake->files_err != W3P_OK)
        err = w3p_fail(msg, fake->files_err, "files cannot be read");
    if (err != W3P_OK)
        return err;
    if (block == NULL)
        return w3p_fail(msg, W3P_E_NOTFOUND, "no such block");
    for (size_t i = 0; i < n; i++) {
        struct fake_file *file = file_in(block, cids[i]);

        if (fake->poison != NULL && strcmp(cids[i], fake->poison) == 0)
            return w3p_fail(msg, W3P_E_PROTOCOL, "poisoned entry");
        out[i] = file != NULL ? file->entry : fake->anything;
    }
    return W3P_OK;
}

static int op_sign(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_tx *out,
                   const struct w3p_chain_order *orders, size_t n, uint32_t nonce)
{
    struct fake_chain *fake = self_of(chain);
    struct fake_tx tx;
    int err = trouble(fake, msg);

    cr_assert(n >= 1 && n <= fake->info.batch_max, "%zu orders", n);
    if (err == W3P_OK && fake->sign_err != W3P_OK)
        err = w3p_fail(msg, fake->sign_err, "cannot sign this");
    for (size_t i = 0; err == W3P_OK && i < n; i++)
        if (fake->unsignable != NULL && strcmp(orders[i].cid, fake->unsignable) == 0)
            err = w3p_fail(msg, W3P_E_INVALID, "cannot sign one of them");
    if (err != W3P_OK)
        return err;
    memset(&tx, 0, sizeof(tx)); // padding is hashed too
    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(tx.items[i].cid, sizeof(tx.items[i].cid), "%s", orders[i].cid);
        tx.items[i].size = orders[i].size;
        tx.items[i].tip = (uint64_t)orders[i].tip;
        for (size_t k = 0; k < i; k++)
            cr_assert(strcmp(orders[i].cid, orders[k].cid) != 0, "twice in one transaction");
    }
    tx.count = (uint32_t)n;
    tx.nonce = nonce;
    tx.birth = fake->final;
    tx.death = fake->final + ERA;
    tx.salt = ++fake->signs;
    fake->orders_signed += (unsigned)n;
    fake->largest = n > fake->largest ? (unsigned)n : fake->largest;
    memcpy(out->bytes, &tx, sizeof(tx));
    out->len = sizeof(tx);
    tx_hash(out->hash32, &tx);
    out->nonce = nonce;
    out->birth_block = tx.birth;
    out->death_block = tx.death;
    out->birth_block -= fake->birth_shift;
    out->death_block -= fake->birth_shift;
    memcpy(out->birth_hash32, fake->blocks[fake->final].hash32, 32);
    if (fake->after_sign != NULL)
        fake->after_sign(fake->after_sign_arg);
    return W3P_OK;
}

static bool same_tx(const struct fake_tx *a, const struct fake_tx *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

static enum w3p_submit to_pool(struct fake_chain *fake, struct w3p_errmsg *msg, const struct fake_tx *tx)
{
    for (size_t i = 0; i < fake->pool_count; i++) {
        if (same_tx(&fake->pool[i], tx))
            return W3P_SUBMIT_ACCEPTED; // already imported
        if (fake->pool[i].nonce == tx->nonce) {
            (void)w3p_fail(msg, 0, "priority is too low");
            return W3P_SUBMIT_PRIORITY;
        }
    }
    if (tx->death <= fake->best) {
        (void)w3p_fail(msg, 0, "ancient birth block");
        return W3P_SUBMIT_BAD;
    }
    if (tx->nonce < fake->blocks[fake->best].nonce)
        return W3P_SUBMIT_STALE;
    cr_assert(fake->pool_count < FAKE_POOL);
    if (!fake->drop)
        fake->pool[fake->pool_count++] = *tx;
    return W3P_SUBMIT_ACCEPTED;
}

static enum w3p_submit op_submit(struct w3p_chain *chain, struct w3p_errmsg *msg, const uint8_t *bytes, size_t len)
{
    struct fake_chain *fake = self_of(chain);
    struct fake_tx tx;
    int answer = FAKE_NORMAL;

    cr_assert(len == sizeof(tx), "the bytes are not the signed ones");
    memcpy(&tx, bytes, sizeof(tx));
    if (trouble(fake, msg) != W3P_OK)
        return W3P_SUBMIT_UNCLEAR;
    fake->submits++;
    if (fake->script_at < fake->script_len)
        answer = fake->script[fake->script_at++];
    if (answer == FAKE_NORMAL)
        return to_pool(fake, msg, &tx);
    (void)w3p_fail(msg, 0, "scripted");
    if (answer == FAKE_LOSE_REPLY)
        (void)to_pool(fake, msg, &tx);
    return answer >= FAKE_ANSWER ? (enum w3p_submit)(answer - FAKE_ANSWER) : W3P_SUBMIT_UNCLEAR;
}

static int op_find(struct w3p_chain *chain, struct w3p_errmsg *msg, int32_t *index, const uint8_t (*hashes32)[32],
                   size_t n, const uint8_t block_hash32[32])
{
    struct fake_chain *fake = self_of(chain);
    struct fake_block *block = block_of(fake, block_hash32);
    int err = trouble(fake, msg);

    if (err != W3P_OK)
        return err;
    if (block == NULL || (uint64_t)(block - fake->blocks) < fake->bodies_pruned_below)
        return w3p_fail(msg, W3P_E_NOTFOUND, "no such block here");
    for (size_t i = 0; i < n; i++) {
        index[i] = -1;
        for (size_t k = 0; k < block->tx_count; k++) {
            uint8_t hash32[32];

            tx_hash(hash32, &block->txs[k]);
            if (memcmp(hash32, hashes32[i], 32) == 0)
                index[i] = (int32_t)k + 1; // index 0 is the timestamp's
        }
    }
    return W3P_OK;
}

static int op_outcome(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_outcome *out,
                      const char *const *cids, size_t n, uint32_t index, const uint8_t block_hash32[32])
{
    struct fake_chain *fake = self_of(chain);
    struct fake_block *block = block_of(fake, block_hash32);
    int err = trouble(fake, msg);

    if (err != W3P_OK)
        return err;
    if (block == NULL)
        return w3p_fail(msg, W3P_E_NOTFOUND, "no such block");
    cr_assert(index >= 1 && index <= block->tx_count);
    cr_assert(block->txs[index - 1].count == n);
    memset(out, 0, sizeof(*out));
    out->known = !fake->outcomes_pruned;
    out->fee = fake->silent_fee ? 0 : block->outcomes[index - 1].fee;
    out->batch_refused = block->outcomes[index - 1].batch_refused;
    for (size_t i = 0; i < n; i++) {
        cr_assert(strcmp(block->txs[index - 1].items[i].cid, cids[i]) == 0);
        out->items[i] = block->outcomes[index - 1].items[i];
        if (fake->false_price > 0)
            out->items[i].price = fake->false_price;
    }
    return W3P_OK;
}

static int op_disprove(struct w3p_chain *chain, struct w3p_errmsg *msg, const struct w3p_chain_prior *prior,
                       uint32_t new_nonce, const struct w3p_chain_head *head)
{
    struct fake_chain *fake = self_of(chain);

    fake->disproofs++;
    fake->prior = *prior;
    fake->prior_new_nonce = new_nonce;
    cr_assert(head->final_number <= fake->final);
    if (fake->after_disprove != NULL)
        fake->after_disprove(NULL);
    return fake->disprove_err != W3P_OK ? w3p_fail(msg, fake->disprove_err, "no proof") : W3P_OK;
}

static void op_interrupt(struct w3p_chain *chain)
{
    self_of(chain)->closed = true;
}

static int op_info(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_info *out)
{
    struct fake_chain *fake = self_of(chain);
    int err = trouble(fake, msg);

    if (err == W3P_OK && fake->info_err != W3P_OK)
        err = w3p_fail(msg, fake->info_err, "no info of this chain");
    if (err == W3P_OK)
        *out = fake->info;
    return err;
}

static void op_distrust(struct w3p_chain *chain, const struct w3p_errmsg *why)
{
    (void)why;
    self_of(chain)->distrusts++;
}

static void op_destroy(struct w3p_chain *chain)
{
    (void)chain;
}

static const struct w3p_chain_ops ops = {"fake",      op_info,     op_head,      op_block_hash, op_terms,
                                         op_files,    op_sign,     op_submit,    op_find,       op_outcome,
                                         op_disprove, op_distrust, op_interrupt, op_destroy};

static void seal(struct fake_chain *fake, uint64_t number)
{
    struct {
        uint64_t number, fork;
    } seed = {number, fake->fork};

    w3p_blake2b_256(fake->blocks[number].hash32, &seed, sizeof(seed));
    fake->blocks[number].time_ms = (uint64_t)*fake->now_ms;
}

void fake_init(struct fake_chain *fake, int64_t *now_ms)
{
    w3p_crypto_init();
    memset(fake, 0, sizeof(*fake));
    fake->base.ops = &ops;
    fake->blocks = w3p_calloc(FAKE_BLOCKS, sizeof(*fake->blocks));
    fake->now_ms = now_ms;
    fake->duration = 2592000;
    fake->info =
        (struct w3p_chain_info){.era_blocks = ERA, .spec_name = "fake", .spec_version = 1, .batch_max = FAKE_BATCH};
    fake->terms = (struct w3p_chain_terms){.market_open = true,
                                           .base_fee = 1000,
                                           .per_mib_fee = 100,
                                           .keys_fee = 500,
                                           .size_max = (uint64_t)8 << 30,
                                           .existential_deposit = 100000,
                                           .tx_fee = 200};
    fake->blocks[0].balance = 1000000000;
    fake->blocks[0].files = w3p_calloc(FAKE_FILES, sizeof(struct fake_file));
    seal(fake, 0);
    fake_mine(fake, 10);
}

void fake_deinit(struct fake_chain *fake)
{
    for (uint64_t i = 0; i < FAKE_BLOCKS; i++)
        free(fake->blocks[i].files);
    free(fake->blocks);
}

static struct w3p_chain_file *entry_of(struct fake_block *block, const char *cid)
{
    struct fake_file *file = file_in(block, cid);

    if (file == NULL) {
        cr_assert(block->file_count < FAKE_FILES);
        file = &block->files[block->file_count++];
        memset(file, 0, sizeof(*file));
        (void)snprintf(file->cid, sizeof(file->cid), "%s", cid);
    }
    return &file->entry;
}

// place_storage_order, as far as money and entries go. False when it failed.
static bool place(struct fake_chain *fake, struct fake_block *block, uint64_t number, const char *cid, uint64_t size,
                  uint64_t tip, struct w3p_chain_item *item)
{
    struct w3p_chain_file *entry;
    uint64_t charged = size;

    *item = (struct w3p_chain_item){.end = W3P_ITEM_OK};
    if (fake->fail_orders > 0 || !fake->terms.market_open ||
        (fake->fail_cid != NULL && strcmp(fake->fail_cid, cid) == 0)) {
        fake->fail_orders -= fake->fail_orders > 0 ? 1 : 0;
        fake->orders_failed++;
        item->end = W3P_ITEM_FAILED;
        item->permanent = fake->fail_permanent;
        item->blameless = fake->fail_blameless;
        (void)snprintf(item->error, sizeof(item->error), "Market.Scripted: it failed");
        return false;
    }
    entry = entry_of(block, cid);
    if (entry->exists) {
        bool alive = entry->expires_at_block == 0 || entry->expires_at_block > number + fake->renew_ok_blocks;

        fake->double_orders += alive ? 1 : 0;
        charged = entry->size;
    }
    cr_assert(charged <= size);
    item->price = w3p_chain_price(&fake->terms, charged) + tip;
    cr_assert(block->balance >= item->price, "overdrawn");
    block->balance -= item->price;
    if (!entry->exists)
        *entry = (struct w3p_chain_file){.exists = true, .size = size};
    else
        entry->expires_at_block = entry->replicas > 0 ? number + fake->duration : 0;
    fake->orders_ok++;
    return true;
}

// As Utility.batch does: up to the first that fails. A batch costs a little less than as many single transactions.
static void execute(struct fake_chain *fake, struct fake_block *block, uint64_t number, const struct fake_tx *tx,
                    struct fake_outcome *outcome)
{
    memset(outcome, 0, sizeof(*outcome));
    outcome->fee = fake->terms.tx_fee * (tx->count > 0 ? tx->count : 1) - (tx->count > 1 ? tx->count / 2 : 0);
    block->balance -= outcome->fee;
    if (fake->refuse_batches && tx->count > 1) {
        outcome->batch_refused = true;
        for (size_t i = 0; i < tx->count; i++) {
            outcome->items[i].end = W3P_ITEM_FAILED;
            (void)snprintf(outcome->items[i].error, sizeof(outcome->items[i].error), "BadOrigin");
        }
        return;
    }
    for (size_t i = 0; i < tx->count; i++) {
        bool placed =
            place(fake, block, number, tx->items[i].cid, tx->items[i].size, tx->items[i].tip, &outcome->items[i]);

        outcome->items[i].event = (uint32_t)i;
        if (!placed)
            break;
    }
}

static void include(struct fake_chain *fake, struct fake_block *block, uint64_t number)
{
    bool again = true;

    while (again && block->tx_count < FAKE_BLOCK_TXS) {
        again = false;
        for (size_t i = 0; i < fake->pool_count; i++) {
            struct fake_tx tx = fake->pool[i];

            if (tx.nonce != block->nonce || number > tx.death)
                continue;
            block->txs[block->tx_count] = tx;
            block->nonce++;
            execute(fake, block, number, &tx, &block->outcomes[block->tx_count++]);
            fake->pool[i] = fake->pool[--fake->pool_count];
            again = true;
            break;
        }
    }
}

void fake_mine(struct fake_chain *fake, unsigned blocks)
{
    while (blocks-- > 0) {
        struct fake_block *parent = &fake->blocks[fake->best], *block = parent + 1;

        cr_assert(fake->best + 1 < FAKE_BLOCKS);
        *fake->now_ms += 6000;
        fake->best++;
        free(block->files);
        memset(block, 0, sizeof(*block));
        block->nonce = parent->nonce;
        block->balance = parent->balance;
        block->files = w3p_memdup(parent->files, FAKE_FILES * sizeof(struct fake_file));
        block->file_count = parent->file_count;
        seal(fake, fake->best);
        if (!fake->hold)
            include(fake, block, fake->best);
        for (size_t i = fake->pool_count; i-- > 0;)
            if (fake->pool[i].death <= fake->best || fake->pool[i].nonce < block->nonce)
                fake->pool[i] = fake->pool[--fake->pool_count];
        if (!fake->finality_halted && fake->best > LAG)
            fake->final = fake->best - LAG;
    }
}

void fake_retract(struct fake_chain *fake, unsigned blocks, bool to_pool_again)
{
    fake->fork++;
    while (blocks-- > 0) {
        struct fake_block *block = &fake->blocks[fake->best];

        cr_assert(fake->best > fake->final);
        for (size_t i = 0; i < block->tx_count; i++) {
            for (size_t k = 0; k < block->txs[i].count; k++)
                fake->orders_ok -= block->outcomes[i].items[k].end == W3P_ITEM_OK ? 1 : 0;
            if (to_pool_again)
                fake->pool[fake->pool_count++] = block->txs[i];
        }
        fake->best--;
    }
}

struct w3p_chain_file *fake_file(struct fake_chain *fake, const char *cid)
{
    struct w3p_chain_file *entry = entry_of(&fake->blocks[fake->best], cid);

    entry->exists = true;
    return entry;
}

void fake_remove(struct fake_chain *fake, const char *cid)
{
    *fake_file(fake, cid) = (struct w3p_chain_file){0};
}

void fake_foreign(struct fake_chain *fake)
{
    struct fake_tx *tx = &fake->pool[fake->pool_count++];

    memset(tx, 0, sizeof(*tx));
    tx->nonce = fake->blocks[fake->best].nonce;
    tx->death = UINT64_MAX;
    tx->salt = 1000000 + tx->nonce;
}

void fake_script(struct fake_chain *fake, int answer)
{
    cr_assert(fake->script_len < FAKE_SCRIPT);
    fake->script[fake->script_len++] = answer;
}
