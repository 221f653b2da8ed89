// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: drives the Crust backend by hand, without the gateway: shows info, head and terms, looks up CIDs, and with
// --order places one order and follows it to finality through the table of operations. Ends with 0 when that worked.
//
//   chain_probe [--key //Alice] [--endpoints URL,…] [--wait SECONDS] [--order CID SIZE] [CID …]
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "crust/crust.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "net/net.h"

struct options {
    const char *key, *endpoints, *order_cid;
    uint64_t order_size, wait_s;
    const char *cids[16];
    size_t cid_count;
};

static int fail(const char *what, int err, const struct w3p_errmsg *msg)
{
    fprintf(stderr, "%s: %s (%d: %s)\n", what, msg->text, err, w3p_strerror(err));
    return err;
}

static const char *amount(w3p_u128 value)
{
    static char text[4][40];
    static unsigned next;
    char *out = text[next++ % 4];
    w3p_u128_format(out, value);
    return out;
}

static void print_hash(const char *name, const uint8_t *hash32)
{
    printf("%s 0x", name);
    for (size_t i = 0; i < 32; i++)
        printf("%02x", hash32[i]);
    printf("\n");
}

static int parse(struct options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        int left = argc - i - 1;
        if (strcmp(argv[i], "--key") == 0 && left >= 1) {
            o->key = argv[++i];
        } else if (strcmp(argv[i], "--endpoints") == 0 && left >= 1) {
            o->endpoints = argv[++i];
        } else if (strcmp(argv[i], "--wait") == 0 && left >= 1) {
            i++;
            if (w3p_u64_parse(&o->wait_s, argv[i], strlen(argv[i])) != W3P_OK)
                return -1;
        } else if (strcmp(argv[i], "--order") == 0 && left >= 2) {
            o->order_cid = argv[++i];
            i++;
            if (w3p_u64_parse(&o->order_size, argv[i], strlen(argv[i])) != W3P_OK)
                return -1;
        } else if (argv[i][0] != '-' && o->cid_count < sizeof(o->cids) / sizeof(o->cids[0])) {
            o->cids[o->cid_count++] = argv[i];
        } else {
            return -1;
        }
    }
    return 0;
}

static int show(struct w3p_chain *chain, struct w3p_chain_head *head, struct w3p_chain_terms *terms,
                const struct options *o)
{
    struct w3p_errmsg msg = {{0}};
    struct w3p_chain_info info;
    struct w3p_chain_file files[16];
    int err = chain->ops->info(chain, &msg, &info);
    if (err != W3P_OK)
        return fail("info", err, &msg);
    print_hash("genesis", info.genesis32);
    printf("account %s\nruntime %s %u, transactions %u, token %s (%u decimals)\n", info.address, info.spec_name,
           info.spec_version, info.tx_version, info.token_symbol, info.token_decimals);
    err = chain->ops->head(chain, &msg, head);
    if (err != W3P_OK)
        return fail("head", err, &msg);
    printf("best %" PRIu64 ", final %" PRIu64 " (%" PRId64 " ms old)%s\n", head->best_number, head->final_number,
           w3p_clock_wall_ms() - (int64_t)head->final_time_ms, head->syncing ? ", syncing" : "");
    err = chain->ops->terms(chain, &msg, terms, head->final_hash32);
    if (err != W3P_OK)
        return fail("terms", err, &msg);
    printf("market %s, base %s, per MiB %s, keys %s, below %" PRIu64 " bytes\n", terms->market_open ? "open" : "closed",
           amount(terms->base_fee), amount(terms->per_mib_fee), amount(terms->keys_fee), terms->size_max);
    printf("usable %s, deposit %s, transaction fee %s, nonce %u\n", amount(terms->usable_balance),
           amount(terms->existential_deposit), amount(terms->tx_fee), terms->nonce);
    err = chain->ops->files(chain, &msg, files, o->cids, o->cid_count, head->final_hash32);
    if (err != W3P_OK)
        return fail("files", err, &msg);
    for (size_t i = 0; i < o->cid_count; i++)
        printf("%s: %s, size %" PRIu64 ", %u replicas, expires at %" PRIu64 "\n", o->cids[i],
               files[i].exists ? "there" : "not there", files[i].size, files[i].replicas, files[i].expires_at_block);
    return W3P_OK;
}

static const char *verdict_name(enum w3p_submit verdict)
{
    static const char *const names[] = {"accepted", "banned",   "stale", "future", "bad",
                                        "payment",  "priority", "full",  "unclear"};
    return names[verdict];
}

// Looks through the blocks from `from` on until the transaction is in one, and that one is final.
static int follow(struct w3p_chain *chain, const struct w3p_chain_tx *tx, const struct options *o, uint64_t from)
{
    struct w3p_errmsg msg = {{0}};
    int64_t deadline = w3p_clock_mono_ms() + (int64_t)o->wait_s * 1000;
    uint64_t next = from, block = 0;
    uint8_t hash32[32];
    int32_t index = -1;

    while (w3p_clock_mono_ms() < deadline) {
        struct w3p_chain_head head;
        int err = chain->ops->head(chain, &msg, &head);
        for (; err == W3P_OK && block == 0 && next <= head.best_number; next++) {
            err = chain->ops->block_hash(chain, &msg, hash32, next);
            if (err == W3P_OK)
                err = chain->ops->find(chain, &msg, &index, (const uint8_t(*)[32])tx->hash32, 1, hash32);
            if (err == W3P_OK && index >= 0)
                block = next;
        }
        if (err != W3P_OK)
            return fail("follow", err, &msg);
        if (block != 0 && head.final_number >= block) {
            struct w3p_chain_outcome outcome;
            const struct w3p_chain_item *item = &outcome.items[0];
            err = chain->ops->outcome(chain, &msg, &outcome, &o->order_cid, 1, (uint32_t)index, hash32);
            if (err != W3P_OK)
                return fail("outcome", err, &msg);
            printf("block %" PRIu64 ", extrinsic %d: known %d, ok %d, permanent %d, price %s, fee %s, error \"%s\"\n",
                   block, index, outcome.known, item->end == W3P_ITEM_OK, item->permanent, amount(item->price),
                   amount(outcome.fee), item->error);
            return outcome.known && item->end == W3P_ITEM_OK ? W3P_OK : W3P_E_REMOTE;
        }
        nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    }
    fprintf(stderr, "not final in time\n");
    return W3P_E_TIMEOUT;
}

static int place_order(struct w3p_chain *chain, const struct w3p_chain_head *head, const struct w3p_chain_terms *terms,
                       const struct options *o)
{
    struct w3p_errmsg msg = {{0}};
    struct w3p_chain_tx tx;
    struct w3p_chain_order order = {.cid = o->order_cid, .size = o->order_size};
    printf("price %s\n", amount(w3p_chain_price(terms, o->order_size)));
    int err = chain->ops->sign(chain, &msg, &tx, &order, 1, terms->nonce);
    if (err != W3P_OK)
        return fail("sign", err, &msg);
    printf("%zu bytes, nonce %u, blocks %" PRIu64 "..%" PRIu64 "\n", tx.len, tx.nonce, tx.birth_block, tx.death_block);
    print_hash("transaction", tx.hash32);
    for (int i = 0; i < 2; i++) { // the same bytes twice: the second time must do no harm
        enum w3p_submit verdict = chain->ops->submit(chain, &msg, tx.bytes, tx.len);
        printf("submit: %s%s%s\n", verdict_name(verdict), verdict == W3P_SUBMIT_ACCEPTED ? "" : ": ",
               verdict == W3P_SUBMIT_ACCEPTED ? "" : msg.text);
    }
    return follow(chain, &tx, o, head->final_number + 1);
}

int main(int argc, char **argv)
{
    struct options o = {.key = "//Alice", .endpoints = "http://127.0.0.1:9944", .wait_s = 60};
    struct w3p_errmsg msg = {{0}};
    struct w3p_chain *chain = NULL;
    struct w3p_chain_head head;
    struct w3p_chain_terms terms;

    if (parse(&o, argc, argv) != 0) {
        fprintf(stderr,
                "usage: chain_probe [--key URI] [--endpoints URL,…] [--wait SECONDS] [--order CID SIZE] [CID …]\n");
        return 2;
    }
    w3p_crypto_init();
    w3p_net_global_init();
    char *endpoints = w3p_strdup(o.endpoints), *uri = w3p_strdup(o.key);
    struct w3p_crust_settings settings = {.endpoints = endpoints,
                                          .key_uri = uri,
                                          .era_blocks = 64,
                                          .connect_timeout_ms = 5000,
                                          .reply_timeout_ms = 20000,
                                          .reply_max_bytes = 16u << 20};
    struct w3p_keypair *key = w3p_secret_alloc(sizeof(*key));
    int err = w3p_keypair_from_uri(key, &msg, W3P_KEY_SR25519, o.key);
    if (err == W3P_OK)
        err = w3p_crust_create(&chain, &msg, &(struct w3p_crust_conf){.settings = &settings, .key = key});
    else
        w3p_secret_free(key);
    if (err != W3P_OK) {
        free(endpoints);
        free(uri);
        return fail("start", err, &msg) != W3P_OK;
    }
    err = show(chain, &head, &terms, &o);
    if (err == W3P_OK && o.order_cid != NULL)
        err = place_order(chain, &head, &terms, &o);
    chain->ops->destroy(chain);
    free(endpoints);
    free(uri);
    return err != W3P_OK;
}
