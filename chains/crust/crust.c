// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the Crust backend: its configuration rows, its life, and the table of operations.
#include "crust/crust.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crust/crust_internal.h"
#include "crypto/secret.h"

#define TIP_MAX 1000000000000 // 1 CRU; many hundred times what an order costs
#define FIELD(name) offsetof(struct w3p_crust_settings, name)

const struct w3p_conf_key w3p_crust_conf_keys[] = {
    {.name = "crust.endpoints",
     .type = W3P_CONF_STRING,
     .offset = FIELD(endpoints),
     .fallback = "http://127.0.0.1:9944",
     .unit = "",
     .help = "Comma-separated JSON-RPC endpoints (http, https, ws, wss) of nodes of one chain; the first that works is "
             "used."},
    {.name = "crust.genesis",
     .type = W3P_CONF_STRING,
     .offset = FIELD(genesis),
     .fallback = "",
     .unit = "",
     .help =
         "Genesis hash that every endpoint must have (0x and 64 hex digits); when it is empty, the one seen first is "
         "kept in the database."},
    {.name = "crust.key_file",
     .type = W3P_CONF_STRING,
     .offset = FIELD(key_file),
     .fallback = "",
     .unit = "",
     .help =
         "File with the key of the account that pays for the orders, mode 0600: a seed of 64 hex digits, a phrase, or "
         "a JSON keystore of polkadot.js."},
    {.name = "crust.key_password_file",
     .type = W3P_CONF_STRING,
     .offset = FIELD(key_password_file),
     .fallback = "",
     .unit = "",
     .help = "File with the keystore's password, mode 0600; one line end behind it does not count."},
    {.name = "crust.key_scheme",
     .type = W3P_CONF_ENUM,
     .offset = FIELD(key_scheme),
     .fallback = "auto",
     .choices = "auto|sr25519|ed25519|ecdsa",
     .unit = "",
     .help = "What the key signs with; auto is the keystore's own scheme, else sr25519."},
    {.name = "crust.key_uri",
     .type = W3P_CONF_STRING,
     .offset = FIELD(key_uri),
     .fallback = "",
     .unit = "",
     .help = "Development key such as //Alice, instead of crust.key_file; refused on Crust mainnet."},
    {.name = "crust.era_blocks",
     .type = W3P_CONF_U64,
     .offset = FIELD(era_blocks),
     .fallback = "64",
     .min = 4,
     .max = 1024,
     .unit = "blocks",
     .help = "Life of a signed order, a power of two; it should be longer where finality lags."},
    {.name = "crust.connect_timeout_ms",
     .type = W3P_CONF_U64,
     .offset = FIELD(connect_timeout_ms),
     .fallback = "10000",
     .min = 100,
     .max = 120000,
     .unit = "ms",
     .help = "Longest wait for a connection to an endpoint."},
    {.name = "crust.reply_timeout_ms",
     .type = W3P_CONF_U64,
     .offset = FIELD(reply_timeout_ms),
     .fallback = "10000",
     .min = 100,
     .max = 120000,
     .unit = "ms",
     .help = "Longest wait for a whole answer of an endpoint."},
    {.name = "crust.reply_max_bytes",
     .type = W3P_CONF_U64,
     .offset = FIELD(reply_max_bytes),
     .fallback = "16777216",
     .min = 65536,
     .max = 268435456,
     .unit = "bytes",
     .help = "Longest answer accepted from an endpoint."},
    {.name = "crust.tip_planck",
     .type = W3P_CONF_U64,
     .offset = FIELD(tip_planck),
     .fallback = "0",
     .max = TIP_MAX,
     .unit = "planck",
     .help = "What each order offers the storage nodes above the market's price; it counts as part of the price."},
    {.name = "crust.address_format",
     .type = W3P_CONF_ENUM,
     .offset = FIELD(address_format),
     .fallback = "auto",
     .choices = "auto|raw|multiaddress",
     .unit = "",
     .help =
         "How the chain writes account ids in extrinsics; auto is what its metadata says, and where that does not tell "
         "(before V14) raw for the runtime named crust, else multiaddress."},
    {.name = NULL},
};

static int crust_info(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_info *out)
{
    struct w3p_crust *c = w3p_crust_of(chain);
    struct w3p_chain_info info = {0};
    int err = w3p_crust_end(c, msg, w3p_crust_ready(c, msg));
    // a runtime that is not known is the chain's only when every endpoint shows it
    for (size_t i = 1; err == W3P_E_UNSUPPORTED && i < c->endpoint_count; i++)
        err = w3p_crust_end(c, msg, w3p_crust_ready(c, msg));
    if (err != W3P_OK)
        return err;
    const struct w3p_crust_runtime *rt = c->runtime;
    memcpy(info.genesis32, c->genesis32, 32);
    memcpy(info.account32, c->account32, 32);
    uint16_t prefix = rt->ss58_prefix;
    if (!rt->has_ss58_prefix && c->ss58_property >= 0)
        prefix = (uint16_t)c->ss58_property;
    char text[W3P_SS58_TEXT_MAX] = "";
    if (c->key != NULL)
        w3p_ss58_format(text, prefix, c->account32);
    snprintf(info.address, sizeof(info.address), "%s", text);
    snprintf(info.spec_name, sizeof(info.spec_name), "%s", rt->spec_name);
    info.spec_version = rt->spec_version;
    info.tx_version = rt->tx_version;
    snprintf(info.token_symbol, sizeof(info.token_symbol), "%s", c->token_symbol);
    info.token_decimals = c->token_decimals;
    info.era_blocks = c->settings->era_blocks;
    info.batch_max = rt->has_batch ? W3P_CHAIN_BATCH_MAX : 1;
    *out = info;
    return W3P_OK;
}

static int crust_block_hash(struct w3p_chain *chain, struct w3p_errmsg *msg, uint8_t hash32[32], uint64_t number)
{
    struct w3p_crust *c = w3p_crust_of(chain);
    json_t *result = NULL;
    int err = w3p_crust_ready(c, msg);
    if (err != W3P_OK)
        return w3p_crust_end(c, msg, err);
    if (number > UINT32_MAX) // block numbers are u32, and some nodes fail on more
        return w3p_fail(msg, W3P_E_NOTFOUND, "no block has that number");
    err = w3p_crust_rpc(c, msg, &result, NULL, "chain_getBlockHash", json_pack("[I]", (json_int_t)number), false);
    if (err != W3P_OK)
        return w3p_crust_end(c, msg, err);
    if (json_is_null(result) && c->seen_at_ms != 0 && number <= c->seen.final_number)
        err = w3p_fail(msg, W3P_E_PROTOCOL, "node has no block %llu, and finalized a later one",
                       (unsigned long long)number);
    else if (json_is_null(result))
        err = w3p_fail(msg, W3P_E_NOTFOUND, "block %llu does not exist", (unsigned long long)number);
    else if (w3p_rpc_hash(hash32, result) != W3P_OK)
        err = w3p_fail(msg, W3P_E_PROTOCOL, "block hash has another form than expected");
    json_decref(result);
    return w3p_crust_end(c, msg, err);
}

static void crust_interrupt(struct w3p_chain *chain)
{
    struct w3p_crust *c = w3p_crust_of(chain);
    atomic_store(&c->interrupted, true);
    w3p_crust_watch_interrupt(c);
    for (size_t i = 0; i < c->endpoint_count; i++)
        w3p_rpc_interrupt(c->endpoints[i].rpc);
}

static void crust_destroy(struct w3p_chain *chain)
{
    struct w3p_crust *c = w3p_crust_of(chain);
    w3p_crust_watch_stop(chain);
    w3p_crust_endpoints_close(c);
    w3p_crust_runtime_free(c->runtime);
    w3p_secret_free(c->key);
    free(c);
}

static const struct w3p_chain_ops crust_ops = {
    .name = "crust",
    .info = crust_info,
    .head = w3p_crust_head,
    .block_hash = crust_block_hash,
    .terms = w3p_crust_terms,
    .files = w3p_crust_files,
    .sign = w3p_crust_sign,
    .submit = w3p_crust_submit,
    .find = w3p_crust_find,
    .outcome = w3p_crust_outcome,
    .disprove = w3p_crust_disprove,
    .distrust = w3p_crust_distrust,
    .interrupt = crust_interrupt,
    .destroy = crust_destroy,
};

static int check_settings(struct w3p_crust *c, struct w3p_errmsg *msg)
{
    const struct w3p_crust_settings *s = c->settings;
    if (s->era_blocks < 4 || s->era_blocks > 1024 || (s->era_blocks & (s->era_blocks - 1)) != 0)
        return w3p_fail(msg, W3P_E_INVALID, "crust.era_blocks must be a power of two from 4 to 1024");
    if (s->genesis != NULL && s->genesis[0] != '\0') {
        size_t len = sizeof(c->genesis32);
        if (w3p_hex0x_decode(c->genesis32, &len, s->genesis, strlen(s->genesis)) != W3P_OK || len != 32)
            return w3p_fail(msg, W3P_E_INVALID, "crust.genesis must be 0x and 64 hex digits");
        c->have_genesis = true;
    }
    return w3p_crust_endpoints_open(c, msg);
}

int w3p_crust_create(struct w3p_chain **out, struct w3p_errmsg *msg, const struct w3p_crust_conf *conf)
{
    struct w3p_crust *c = w3p_calloc(1, sizeof(*c));
    c->chain.ops = &crust_ops;
    c->chain.tip = conf->settings->tip_planck;
    c->settings = conf->settings;
    c->current = -1;
    atomic_init(&c->in_use, -1);
    c->ss58_property = -1;
    c->key = conf->key;
    if (c->key != NULL)
        w3p_keypair_account(c->account32, c->key);
    int err = check_settings(c, msg);
    if (err != W3P_OK) {
        crust_destroy(&c->chain);
        return err;
    }
    *out = &c->chain;
    return W3P_OK;
}

int w3p_crust_pin_genesis(struct w3p_chain *chain, struct w3p_errmsg *msg, const uint8_t genesis32[32])
{
    struct w3p_crust *c = w3p_crust_of(chain);
    if (c->have_genesis && memcmp(c->genesis32, genesis32, 32) != 0)
        return w3p_fail(msg, W3P_E_STATE, "the database belongs to another chain than crust.genesis");
    memcpy(c->genesis32, genesis32, 32);
    c->have_genesis = true;
    return W3P_OK;
}
