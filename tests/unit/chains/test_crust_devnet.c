// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the Crust backend against the simulated chain in one process: an order from signature to replicas on each of
// the three runtimes, and what the pool says to bytes that are used up, forged, early or not paid for.
#include "unit/chains/chain_test.h"

#include <criterion/parameterized.h>
#include <pthread.h>

#include "crust/crust_internal.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "devnet/devnet.h"
#include "unit/net/loopback.h"

#define CID "QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM"
#define TIP UINT64_C(5000000011)
#define START_MS UINT64_C(1800000000000)

struct world {
    struct loopback lo; // first: the server gives it back
    pthread_mutex_t lock;
    struct w3p_devnet *net;
    struct w3p_crust_settings settings;
    struct w3p_chain *chain;
    struct w3p_errmsg msg;
    uint64_t now_ms;
};

static void serve(struct loopback *lo, int fd)
{
    struct world *w = (struct world *)(void *)lo;
    static char request[70000];
    while (loopback_request(fd, request, sizeof(request))) {
        struct w3p_buf reply;
        const char *body = strstr(request, "\r\n\r\n") + 4;
        w3p_buf_init(&reply, 1u << 20);
        pthread_mutex_lock(&w->lock);
        w3p_devnet_handle(w->net, &reply, body, strlen(body));
        pthread_mutex_unlock(&w->lock);
        loopback_http(fd, 200, "application/json", w3p_buf_str(&reply));
        w3p_buf_deinit(&reply);
    }
}

static void blocks(struct world *w, unsigned n)
{
    pthread_mutex_lock(&w->lock);
    for (; n > 0; n--)
        w3p_devnet_new_block(w->net, w->now_ms += 6000);
    pthread_mutex_unlock(&w->lock);
}

static void start_world(struct world *w, const char *runtime, const char *uri)
{
    static const char *const fund[] = {"//Alice"};
    struct w3p_devnet_conf conf = {.runtime = runtime,
                                   .fund = fund,
                                   .fund_count = 1,
                                   .replicas_after = 6,
                                   .replicas_spread = 6,
                                   .storage_nodes = 4,
                                   .finality_lag = 2,
                                   .start_ms = START_MS};
    memset(w, 0, sizeof(*w));
    w3p_crypto_init();
    w3p_net_global_init();
    pthread_mutex_init(&w->lock, NULL);
    w->now_ms = START_MS;
    cr_assert(eq(int, w3p_devnet_create(&w->net, &w->msg, &conf), W3P_OK), "%s", w->msg.text);
    blocks(w, 5);
    loopback_start(&w->lo, "http", serve);
    w->settings = (struct w3p_crust_settings){.tip_planck = TIP,
                                              .endpoints = w->lo.url,
                                              .era_blocks = 64,
                                              .connect_timeout_ms = 1000,
                                              .reply_timeout_ms = 5000,
                                              .reply_max_bytes = 1u << 20};
    struct w3p_keypair *key = w3p_secret_alloc(sizeof(*key));
    cr_assert(eq(int, w3p_keypair_from_uri(key, NULL, W3P_KEY_SR25519, uri), W3P_OK));
    cr_assert(eq(int, w3p_crust_create(&w->chain, &w->msg, &(struct w3p_crust_conf){&w->settings, key}), W3P_OK));
}

static void stop_world(struct world *w)
{
    w->chain->ops->destroy(w->chain);
    loopback_stop(&w->lo);
    w3p_devnet_destroy(w->net);
}

static struct w3p_chain_head head_of(struct world *w)
{
    struct w3p_chain_head head = {0};
    cr_assert(eq(int, w->chain->ops->head(w->chain, &w->msg, &head), W3P_OK), "%s", w->msg.text);
    return head;
}

static struct w3p_chain_terms terms_of(struct world *w)
{
    struct w3p_chain_terms terms = {0};
    struct w3p_chain_head head = head_of(w);
    cr_assert(eq(int, w->chain->ops->terms(w->chain, &w->msg, &terms, head.final_hash32), W3P_OK), "%s", w->msg.text);
    return terms;
}

static struct w3p_chain_tx signed_order(struct world *w, uint64_t size, uint32_t nonce)
{
    struct w3p_chain_tx tx = {0};
    struct w3p_chain_order order = {.cid = CID, .size = size, .tip = w->chain->tip};
    cr_assert(eq(int, w->chain->ops->sign(w->chain, &w->msg, &tx, &order, 1, nonce), W3P_OK), "%s", w->msg.text);
    return tx;
}

static enum w3p_submit submit(struct world *w, const struct w3p_chain_tx *tx)
{
    return w->chain->ops->submit(w->chain, &w->msg, tx->bytes, tx->len);
}

// What became of it in the best block.
static struct w3p_chain_outcome outcome_of_batch(struct world *w, const struct w3p_chain_tx *tx,
                                                 const char *const *cids, size_t n)
{
    struct w3p_chain_outcome out = {0};
    struct w3p_chain_head head = head_of(w);
    int32_t index = -1;
    const uint8_t(*hash)[32] = (const uint8_t(*)[32])tx->hash32;
    cr_assert(eq(int, w->chain->ops->find(w->chain, &w->msg, &index, hash, 1, head.best_hash32), W3P_OK));
    cr_assert(ge(int, index, 0), "not in the block");
    cr_assert(
        eq(int, w->chain->ops->outcome(w->chain, &w->msg, &out, cids, n, (uint32_t)index, head.best_hash32), W3P_OK),
        "%s", w->msg.text);
    return out;
}

static struct w3p_chain_outcome outcome_in_best(struct world *w, const struct w3p_chain_tx *tx)
{
    static const char *const cids[] = {CID};
    return outcome_of_batch(w, tx, cids, 1);
}

TestSuite(crust_devnet, .timeout = 30);

static const char *const runtimes[] = {"crust-25", "rocky-4", "crust-1"};

ParameterizedTestParameters(crust_devnet, order)
{
    static int index[] = {0, 1, 2};
    return cr_make_param_array(int, index, 3);
}

ParameterizedTest(int *i, crust_devnet, order)
{
    static struct world w;
    struct w3p_chain_file file;
    const char *const cids[] = {CID};
    start_world(&w, runtimes[*i], "//Alice");
    struct w3p_chain_terms before = terms_of(&w);
    cr_expect(before.market_open);
    cr_expect(before.tip == TIP);
    cr_expect(zero(uint, before.nonce));
    struct w3p_chain_tx tx = signed_order(&w, 5000000, 0);
    cr_expect(eq(int, (int)submit(&w, &tx), (int)W3P_SUBMIT_ACCEPTED), "%s", w.msg.text);
    cr_expect(eq(int, (int)submit(&w, &tx), (int)W3P_SUBMIT_ACCEPTED), "%s", w.msg.text);
    blocks(&w, 1);
    struct w3p_chain_outcome out = outcome_in_best(&w, &tx);
    cr_expect(out.known && out.items[0].end == W3P_ITEM_OK, "%s", out.items[0].error);
    cr_expect(out.items[0].price == w3p_chain_price(&before, 5000000));
    blocks(&w, 14);
    // what is gone from the account is the price and a fee near the estimate
    struct w3p_chain_terms after = terms_of(&w);
    w3p_u128 fee = before.usable_balance - after.usable_balance - out.items[0].price;
    cr_expect(eq(uint, after.nonce, 1));
    cr_expect(fee > before.tx_fee * 9 / 10 && fee < before.tx_fee * 11 / 10);
    struct w3p_chain_head head = head_of(&w);
    cr_assert(eq(int, w.chain->ops->files(w.chain, &w.msg, &file, cids, 1, head.final_hash32), W3P_OK));
    cr_expect(file.exists);
    cr_expect(eq(u64, file.size, 5000000));
    cr_expect(ge(u32, file.replicas, 3));
    cr_expect(lt(u64, 2592000, file.expires_at_block));
    stop_world(&w);
}

Test(crust_devnet, too_large_fails_for_good)
{
    static struct world w;
    start_world(&w, "crust-25", "//Alice");
    struct w3p_chain_terms terms = terms_of(&w);
    struct w3p_chain_tx tx = signed_order(&w, terms.size_max, 0);
    cr_expect(eq(int, (int)submit(&w, &tx), (int)W3P_SUBMIT_ACCEPTED));
    blocks(&w, 1);
    struct w3p_chain_outcome out = outcome_in_best(&w, &tx);
    cr_expect(out.known && out.items[0].end == W3P_ITEM_FAILED && out.items[0].permanent);
    cr_expect(out.items[0].price == 0);
    cr_expect(strncmp(out.items[0].error, "Market.FileTooLarge: ", 21) == 0, "%s", out.items[0].error);
    stop_world(&w);
}

static struct w3p_chain_tx signed_batch(struct world *w, const char *const *cids, const uint64_t *sizes, size_t n)
{
    struct w3p_chain_tx tx = {0};
    struct w3p_chain_order orders[W3P_CHAIN_BATCH_MAX] = {{0}};
    for (size_t i = 0; i < n; i++)
        orders[i] = (struct w3p_chain_order){.cid = cids[i], .size = sizes[i], .tip = w->chain->tip};
    cr_assert(eq(int, w->chain->ops->sign(w->chain, &w->msg, &tx, orders, n, 0), W3P_OK), "%s", w->msg.text);
    cr_assert(eq(int, (int)submit(w, &tx), (int)W3P_SUBMIT_ACCEPTED), "%s", w->msg.text);
    return tx;
}

// What is gone from the account is what the outcome says of the orders and the transaction, to the planck.
static void expect_books(struct world *w, const struct w3p_chain_terms *before, const struct w3p_chain_outcome *out,
                         size_t n)
{
    w3p_u128 taken = out->fee;
    blocks(w, 4); // final
    for (size_t i = 0; i < n; i++)
        taken += out->items[i].price;
    struct w3p_chain_terms after = terms_of(w);
    cr_expect(taken == before->usable_balance - after.usable_balance, "%llu, not %llu",
              (unsigned long long)(before->usable_balance - after.usable_balance), (unsigned long long)taken);
    cr_expect(eq(uint, after.nonce, 1));
}

ParameterizedTestParameters(crust_devnet, batch)
{
    static int index[] = {0, 1, 2};
    return cr_make_param_array(int, index, 3);
}

ParameterizedTest(int *i, crust_devnet, batch)
{
    static const char *const cids[] = {CID, "QmW1", "QmW2", "QmW3"};
    static const uint64_t sizes[] = {5000000, 1, 3 << 20, 7};
    static struct world w;
    struct w3p_chain_info info;
    start_world(&w, runtimes[*i], "//Alice");
    cr_assert(eq(int, w.chain->ops->info(w.chain, &w.msg, &info), W3P_OK));
    cr_expect(eq(sz, info.batch_max, W3P_CHAIN_BATCH_MAX));
    struct w3p_chain_terms before = terms_of(&w);
    struct w3p_chain_tx tx = signed_batch(&w, cids, sizes, 4);
    blocks(&w, 1);
    struct w3p_chain_outcome out = outcome_of_batch(&w, &tx, cids, 4);
    cr_assert(out.known && !out.batch_refused);
    for (size_t k = 0; k < 4; k++) {
        cr_expect(eq(int, (int)out.items[k].end, (int)W3P_ITEM_OK), "%zu: %s", k, out.items[k].error);
        cr_expect(out.items[k].price == w3p_chain_price(&before, sizes[k]), "%zu", k);
        cr_expect(k == 0 || out.items[k].event > out.items[k - 1].event);
    }
    cr_expect(out.fee < 4 * before.tx_fee && out.fee > 2 * before.tx_fee);
    expect_books(&w, &before, &out, 4);
    stop_world(&w);
}

// The second is too large: the first is done, the others were not tried, and the fee is that of two.
Test(crust_devnet, a_batch_with_one_that_fails)
{
    static const char *const cids[] = {CID, "QmW1", "QmW2", "QmW3"};
    static struct world w;
    start_world(&w, "crust-25", "//Alice");
    struct w3p_chain_terms before = terms_of(&w);
    const uint64_t sizes[] = {5000000, before.size_max, 1, 1};
    struct w3p_chain_tx tx = signed_batch(&w, cids, sizes, 4);
    blocks(&w, 1);
    struct w3p_chain_outcome out = outcome_of_batch(&w, &tx, cids, 4);
    cr_assert(out.known);
    cr_expect(eq(int, (int)out.items[0].end, (int)W3P_ITEM_OK));
    cr_expect(out.items[0].price == w3p_chain_price(&before, sizes[0]));
    cr_expect(eq(int, (int)out.items[1].end, (int)W3P_ITEM_FAILED));
    cr_expect(out.items[1].permanent && out.items[1].price == 0);
    cr_expect(strncmp(out.items[1].error, "Market.FileTooLarge: ", 21) == 0, "%s", out.items[1].error);
    cr_expect(eq(int, (int)out.items[2].end, (int)W3P_ITEM_NOT_TRIED));
    cr_expect(eq(int, (int)out.items[3].end, (int)W3P_ITEM_NOT_TRIED));
    expect_books(&w, &before, &out, 4);
    stop_world(&w);
}

Test(crust_devnet, the_largest_batch_fits)
{
    static char texts[W3P_CHAIN_BATCH_MAX][160];
    const char *cids[W3P_CHAIN_BATCH_MAX];
    uint64_t sizes[W3P_CHAIN_BATCH_MAX];
    static struct world w;
    for (size_t i = 0; i < W3P_CHAIN_BATCH_MAX; i++) {
        memset(texts[i], 'a' + (int)(i % 26), sizeof(texts[i]) - 1);
        texts[i][0] = (char)('A' + i / 26);
        cids[i] = texts[i];
        sizes[i] = i + 1;
    }
    start_world(&w, "crust-25", "//Alice");
    struct w3p_chain_terms before = terms_of(&w);
    struct w3p_chain_tx tx = signed_batch(&w, cids, sizes, W3P_CHAIN_BATCH_MAX);
    cr_expect(lt(sz, 5000, tx.len));
    blocks(&w, 1);
    struct w3p_chain_outcome out = outcome_of_batch(&w, &tx, cids, W3P_CHAIN_BATCH_MAX);
    cr_assert(out.known);
    for (size_t i = 0; i < W3P_CHAIN_BATCH_MAX; i++)
        cr_expect(eq(int, (int)out.items[i].end, (int)W3P_ITEM_OK), "%zu: %s", i, out.items[i].error);
    expect_books(&w, &before, &out, W3P_CHAIN_BATCH_MAX);
    stop_world(&w);
}

Test(crust_devnet, what_the_pool_refuses)
{
    static struct world w;
    start_world(&w, "crust-25", "//Alice");
    struct w3p_chain_tx tx = signed_order(&w, 1000, 0), forged = tx;
    forged.bytes[60] ^= 1; // inside the signature
    cr_expect(eq(int, (int)submit(&w, &forged), (int)W3P_SUBMIT_BAD), "%s", w.msg.text);
    cr_expect(eq(int, (int)submit(&w, &tx), (int)W3P_SUBMIT_ACCEPTED), "%s", w.msg.text);
    blocks(&w, 1);
    enum w3p_submit again = submit(&w, &tx);
    cr_expect(again == W3P_SUBMIT_STALE || again == W3P_SUBMIT_BANNED, "%d %s", (int)again, w.msg.text);
    struct w3p_chain_tx used = signed_order(&w, 2000, 0);
    cr_expect(eq(int, (int)submit(&w, &used), (int)W3P_SUBMIT_STALE), "%s", w.msg.text);
    struct w3p_chain_tx late = signed_order(&w, 3000, 1);
    blocks(&w, 80);
    cr_expect(eq(int, (int)submit(&w, &late), (int)W3P_SUBMIT_BAD), "%s", w.msg.text);
    stop_world(&w);
}

Test(crust_devnet, an_empty_account_cannot_pay)
{
    static struct world w;
    start_world(&w, "crust-25", "//Bob");
    cr_expect(terms_of(&w).usable_balance == 0);
    struct w3p_chain_tx tx = signed_order(&w, 1000, 0);
    cr_expect(eq(int, (int)submit(&w, &tx), (int)W3P_SUBMIT_PAYMENT), "%s", w.msg.text);
    stop_world(&w);
}
