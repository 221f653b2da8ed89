// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `w3pin quote SIZE|CID`: what an order would cost now, asked of the chain itself. Price and transaction fee
// apart, to the planck. Needs no gateway. Must not: sign with the operator's key.
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/flags.h"
#include "cli/keyfile.h"
#include "cli/settings.h"
#include "crypto/secret.h"
#include "http/money_json.h"

struct quote {
    const char *word, *size_text;
    bool json, has_cid, has_key;
    struct w3p_cid cid;
    char order_cid[W3P_CID_ORDER_MAX];
    uint64_t size;
    struct w3p_chain_file file; // has_cid: its entry
    struct w3p_money money;     // tx_fee of this very order when has_cid
};

static bool is_number(const char *text)
{
    return text[strspn(text, "0123456789")] == '\0';
}

// What was asked for. size stays 0 when it is to be found out.
static int take_words(struct quote *q, struct w3p_errmsg *msg)
{
    const char *why = "";
    struct w3p_flag flag = {.name = "size", .value = q->size_text};
    if (q->word == NULL)
        return w3p_fail(msg, W3P_E_INVALID, "which size, or which CID? see --help");
    if (is_number(q->word)) {
        if (q->size_text != NULL)
            return w3p_fail(msg, W3P_E_INVALID, "--size goes with a CID");
        flag.value = q->word;
        return w3p_flag_u64(&q->size, msg, &flag, 1, INT64_MAX);
    }
    if (w3p_cid_parse(&q->cid, &why, q->word, strlen(q->word)) != W3P_OK)
        return w3p_fail(msg, W3P_E_INVALID, "'%.*s' is neither a size in bytes nor a CID: %s", w3p_word_shown(q->word),
                        q->word, why);
    q->has_cid = true;
    w3p_cid_format_order(q->order_cid, &q->cid);
    return q->size_text != NULL ? w3p_flag_u64(&q->size, msg, &flag, 1, INT64_MAX) : W3P_OK;
}

// The key's account tells the nonce, and with it the exact length of the transaction. Without one that can be read, the
// fee is that of an account's first transactions, a few bytes less.
static struct w3p_keypair *load_key(const struct w3p_crust_settings *s)
{
    struct w3p_errmsg ignored;
    if ((s->key_file[0] != '\0') == (s->key_uri[0] != '\0'))
        return NULL;
    struct w3p_keypair *key = w3p_secret_alloc(sizeof *key);
    int err = w3p_key_load(
        key, NULL, &ignored,
        &(struct w3p_key_source){
            .uri = s->key_uri, .path = s->key_file, .password_path = s->key_password_file, .wish = s->key_scheme});
    if (err == W3P_OK)
        return key;
    w3p_secret_free(key);
    return NULL;
}

static int ask_about_cid(struct quote *q, struct w3p_errmsg *msg, struct w3p_chain *chain, uint64_t default_size,
                         const uint8_t at_hash32[32])
{
    const char *cid = q->order_cid;
    int err = chain->ops->files(chain, msg, &q->file, &cid, 1, at_hash32);
    if (err != W3P_OK)
        return err;
    if (q->size == 0)
        q->size = q->file.exists && q->file.size > 0 ? q->file.size : default_size;
    struct w3p_chain_order order = {.cid = cid, .size = q->size, .tip = chain->tip};
    err = w3p_crust_order_fee(chain, msg, &q->money.terms.tx_fee, &order, q->money.terms.nonce, at_hash32);
    return err == W3P_E_REMOTE ? W3P_OK : err; // the node does not say: the estimate stays
}

static int ask(struct quote *q, struct w3p_errmsg *msg, struct w3p_chain *chain, const struct w3p_settings *settings)
{
    struct w3p_chain_head head;
    struct w3p_chain_info info;
    int err = chain->ops->info(chain, msg, &info);
    if (err == W3P_OK)
        err = chain->ops->head(chain, msg, &head);
    if (err == W3P_OK)
        err = chain->ops->terms(chain, msg, &q->money.terms, head.final_hash32);
    if (err == W3P_OK && q->has_cid)
        err = ask_about_cid(q, msg, chain, settings->engine.default_size, head.final_hash32);
    if (err != W3P_OK)
        return err;
    q->money.priced = q->money.known = true;
    q->money.at_block = head.final_number;
    q->money.decimals = info.token_decimals;
    (void)snprintf(q->money.symbol, sizeof q->money.symbol, "%s", info.token_symbol);
    return W3P_OK;
}

static void print_json(const struct quote *q, const struct w3p_settings *settings)
{
    struct w3p_buf out;
    struct w3p_json j;
    w3p_buf_init(&out, 4096);
    w3p_json_init(&j, &out);
    w3p_json_begin_object(&j);
    if (q->has_cid) {
        w3p_json_str_field(&j, "cid", q->order_cid);
        w3p_json_bool_field(&j, "on_chain", q->file.exists);
    }
    w3p_money_write_quote(&j, &q->money, q->size, settings->engine.max_order_planck, settings->money.usd_micros);
    w3p_json_end_object(&j);
    puts(w3p_buf_str(&out));
    w3p_buf_deinit(&out);
}

static void print_amount(const struct quote *q, const char *name, w3p_u128 planck, uint64_t usd_micros)
{
    char text[40], usd[W3P_USD_TEXT_MAX];
    w3p_u128_format(text, planck);
    printf("%-16s  %s planck", name, text);
    if (w3p_money_usd(usd, planck, q->money.decimals, usd_micros))
        printf(" (%s USD)", usd);
    putchar('\n');
}

static void print_text(const struct quote *q, const struct w3p_settings *settings)
{
    w3p_u128 price, fee, max = ~(w3p_u128)0;
    uint64_t usd = settings->money.usd_micros;
    (void)w3p_money_quote(&q->money, q->size, &price, &fee);
    w3p_u128 total = price > max - fee ? max : price + fee;
    if (q->has_cid)
        printf("cid               %s%s\n", q->order_cid, q->file.exists ? " (on chain already)" : "");
    printf("size              %llu bytes\n", (unsigned long long)q->size);
    print_amount(q, "price", price, usd);
    if (q->money.terms.tip > 0)
        print_amount(q, "tip, of the price", q->money.terms.tip, usd);
    print_amount(q, "transaction fee", fee, usd);
    print_amount(q, "total", total, usd);
    printf("at block          %llu (%s)\n", (unsigned long long)q->money.at_block,
           q->money.terms.market_open ? "the market is open" : "the market takes no orders now");
    if (q->size >= q->money.terms.size_max)
        printf("not orderable     the chain takes files below %llu bytes\n",
               (unsigned long long)q->money.terms.size_max);
    else if (total > settings->engine.max_order_planck)
        printf("not orderable     more than crust.max_order_planck (%llu)\n",
               (unsigned long long)settings->engine.max_order_planck);
}

static int run(int argc, char **argv)
{
    struct quote q = {0};
    const struct w3p_option options[] = {{"--json", &q.json, NULL}, {"--size", NULL, &q.size_text}, {0}};
    struct w3p_settings settings;
    struct w3p_errmsg msg;
    struct w3p_chain *chain = NULL;
    size_t count;
    int err = w3p_args_take(&q.word, &count, &msg, 1, options, &argc, argv);
    if (err == W3P_OK)
        err = take_words(&q, &msg);
    if (err == W3P_OK)
        err = w3p_settings_load(&settings, &msg, argc, argv);
    if (err != W3P_OK) {
        fprintf(stderr, "w3pin quote: %s\n", msg.text);
        return W3P_EXIT_USAGE;
    }
    w3p_log_set_level(W3P_LOG_OFF);
    struct w3p_crust_conf conf = {.settings = &settings.crust, .key = load_key(&settings.crust)};
    err = w3p_crust_create(&chain, &msg, &conf);
    if (err == W3P_OK)
        err = ask(&q, &msg, chain, &settings);
    if (err == W3P_OK)
        (q.json ? print_json : print_text)(&q, &settings);
    else
        fprintf(stderr, "w3pin quote: %s\n", msg.text);
    if (chain != NULL)
        chain->ops->destroy(chain);
    w3p_settings_free(&settings);
    return err == W3P_OK ? W3P_EXIT_OK : W3P_EXIT_FAILURE;
}

const struct w3p_command w3p_cmd_quote = {
    .name = "quote",
    .summary = "ask the chain what an order would cost",
    .usage = "usage: w3pin quote BYTES [--json] [--config FILE] [--section.key=value]...\n"
             "       w3pin quote CID [--size BYTES] [--json] ...\n\n"
             "Price and transaction fee of one order by the chain's terms at the finalized head. For a CID the fee is\n"
             "that of its very transaction, given the account of crust.key_file or crust.key_uri; its size is --size,\n"
             "else what its entry on chain says, else crust.default_size. For a size the fee is an estimate. Amounts\n"
             "in dollars appear at the rate of budget.usd_micros_per_token only. Needs no gateway.\n",
    .run = run,
};
