// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: signs one call on any Substrate chain with the client's own code, sends it, and prints what became of it by
// the client's own decoding of the block's events. The call is given by its names and its encoded arguments.
//
//   chain_call URL URI sr25519|ed25519|ecdsa PALLET CALL ARGUMENTS-HEX [15]     15: by the metadata V15 of a runtime
//   API
// Prints `metadata VERSION`, `account HEX`, one line for each event of the extrinsic, and as the last one
// `success ref_time N proof_size N class N pays yes|no` or `failed SENTENCE`. Ends with 0 when it was included.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "net/net.h"
#include "substrate/dispatch.h"
#include "substrate/events.h"
#include "substrate/extrinsic.h"
#include "substrate/rpc.h"

enum { BLOCKS_MAX = 64, TRIES_MAX = 200, CALL_MAX = 1 << 16 };

struct chain {
    struct w3p_rpc *rpc;
    struct w3p_metadata *md;
    struct w3p_xt_params params;
};

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "chain_call: %s: %s\n", what, why);
    exit(1);
}

static json_t *ask(struct chain *c, const char *method, json_t *params)
{
    struct w3p_errmsg msg = {""};
    json_t *result = NULL;
    if (w3p_rpc_call(c->rpc, &msg, &result, NULL, method, params) != W3P_OK)
        fail(method, msg.text);
    return result;
}

static void ask_bytes(struct w3p_buf *out, struct chain *c, const char *method, json_t *params)
{
    json_t *result = ask(c, method, params);
    if (w3p_rpc_bytes(out, result) != W3P_OK)
        fail(method, "no bytes");
    json_decref(result);
}

static void ask_hash(uint8_t hash32[32], struct chain *c, const char *method, json_t *params)
{
    json_t *result = ask(c, method, params);
    if (w3p_rpc_hash(hash32, result) != W3P_OK)
        fail(method, "no hash");
    json_decref(result);
}

static uint64_t number_of(const json_t *object, const char *key)
{
    uint64_t number = 0;
    if (w3p_rpc_hex_number(&number, json_object_get(object, key)) != W3P_OK)
        fail(key, "no number");
    return number;
}

static void load(struct chain *c, bool v15)
{
    struct w3p_errmsg msg = {""};
    struct w3p_buf bytes;
    w3p_buf_init(&bytes, W3P_METADATA_MAX);
    if (v15)
        ask_bytes(&bytes, c, "state_call", json_pack("[s, s]", "Metadata_metadata_at_version", "0x0f000000"));
    else
        ask_bytes(&bytes, c, "state_getMetadata", NULL);
    struct w3p_span metadata = w3p_buf_span(&bytes);
    if (v15 && w3p_metadata_of_answer(&metadata, w3p_buf_span(&bytes)) != W3P_OK)
        fail("metadata V15", "there is none");
    if (w3p_metadata_parse(&c->md, &msg, metadata.ptr, metadata.len) != W3P_OK ||
        w3p_xt_address_form(&c->params.address_form, &msg, c->md) != W3P_OK)
        fail("metadata", msg.text);
    w3p_buf_deinit(&bytes);
    printf("metadata %u\n", c->md->version);

    json_t *version = ask(c, "state_getRuntimeVersion", NULL);
    c->params.spec_version = (uint32_t)number_of(version, "specVersion");
    c->params.tx_version = (uint32_t)number_of(version, "transactionVersion");
    json_decref(version);
    ask_hash(c->params.genesis32, c, "chain_getBlockHash", json_pack("[i]", 0));
}

static uint64_t height_of(struct chain *c, const uint8_t hash32[32])
{
    json_t *header = ask(c, "chain_getHeader", json_pack("[o]", w3p_rpc_hex(hash32, 32)));
    uint64_t number = number_of(header, "number");
    json_decref(header);
    return number;
}

static uint32_t nonce_of(struct chain *c, const struct w3p_keypair *key)
{
    uint8_t account32[32];
    uint64_t nonce = 0;
    char address[W3P_SS58_TEXT_MAX];
    w3p_keypair_account(account32, key);
    w3p_ss58_format(address, 42, account32);
    json_t *result = ask(c, "system_accountNextIndex", json_pack("[s]", address));
    if (w3p_rpc_hex_number(&nonce, result) != W3P_OK)
        fail("nonce", "no number");
    json_decref(result);
    printf("account %s\n", address);
    return (uint32_t)nonce;
}

static void put_call(struct w3p_buf *out, const struct chain *c, char **words)
{
    const struct w3p_md_pallet *pallet = w3p_md_pallet(c->md, words[0]);
    const struct w3p_type_variant *call = w3p_md_call(pallet, words[1]);
    static uint8_t args[CALL_MAX];
    struct w3p_reader r;
    size_t len = sizeof args, steps = W3P_TYPE_STEPS_MAX;
    if (call == NULL)
        fail(words[1], "no such call");
    if (w3p_hex_decode(args, &len, words[2], strlen(words[2])) != W3P_OK)
        fail("arguments", "no hex");
    w3p_reader_init(&r, args, len);
    for (size_t i = 0; i < call->field_count; i++)
        w3p_type_skip(&r, &c->md->types, call->fields[i].type, &steps);
    if (w3p_reader_end(&r) != W3P_OK)
        fail("arguments", "are not of the types of this call");
    w3p_buf_put_u8(out, pallet->index);
    w3p_buf_put_u8(out, call->index);
    w3p_buf_put(out, args, len);
}

// Index of the extrinsic in this block, -1 for none.
static int index_in(struct chain *c, const uint8_t block32[32], const uint8_t hash32[32])
{
    json_t *block = ask(c, "chain_getBlock", json_pack("[o]", w3p_rpc_hex(block32, 32)));
    json_t *list = json_object_get(json_object_get(block, "block"), "extrinsics");
    int index = -1;
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct w3p_buf xt;
        uint8_t found32[32];
        w3p_buf_init(&xt, W3P_METADATA_MAX);
        if (w3p_rpc_bytes(&xt, json_array_get(list, i)) != W3P_OK)
            fail("block", "no extrinsics");
        w3p_xt_hash(found32, xt.ptr, xt.len);
        if (memcmp(found32, hash32, 32) == 0)
            index = (int)i;
        w3p_buf_deinit(&xt);
    }
    json_decref(block);
    return index;
}

static void print_end(const struct chain *c, const struct w3p_event *ev)
{
    struct w3p_reader r;
    char text[512];
    bool failed = w3p_event_is(ev, "System", "ExtrinsicFailed");
    w3p_reader_init(&r, ev->args.ptr, ev->args.len);
    if (failed) {
        struct w3p_dispatch_error e = w3p_dispatch_error_read(&r, c->md, ev->event->fields[0].type);
        w3p_dispatch_error_format(text, sizeof text, &e);
    }
    struct w3p_dispatch_info info = w3p_dispatch_info_read(&r, c->md, ev->event->fields[failed ? 1 : 0].type);
    if (w3p_reader_end(&r) != W3P_OK)
        fail("event", "its end cannot be read");
    if (failed)
        printf("failed %s\n", text);
    else
        printf("success ref_time %" PRIu64 " proof_size %" PRIu64 " class %u pays %s\n", info.weight.ref_time,
               info.weight.proof_size, info.class, info.pays_fee ? "yes" : "no");
}

static void print_events(struct chain *c, const uint8_t block32[32], int index)
{
    struct w3p_buf bytes;
    struct w3p_events events;
    struct w3p_event ev;
    uint8_t key32[32];
    unsigned ends = 0;
    w3p_storage_prefix(key32, "System", "Events");
    w3p_buf_init(&bytes, W3P_METADATA_MAX);
    ask_bytes(&bytes, c, "state_getStorage", json_pack("[o, o]", w3p_rpc_hex(key32, 32), w3p_rpc_hex(block32, 32)));
    w3p_events_init(&events, c->md, bytes.ptr, bytes.len);
    while (w3p_events_next(&events, &ev)) {
        if (ev.phase != W3P_PHASE_EXTRINSIC || ev.extrinsic != (uint32_t)index)
            continue;
        if (w3p_event_is(&ev, "System", "ExtrinsicSuccess") || w3p_event_is(&ev, "System", "ExtrinsicFailed")) {
            print_end(c, &ev);
            ends++;
        } else {
            printf("event %s.%s\n", ev.pallet->name, ev.event->name);
        }
    }
    if (events.reader.err != W3P_OK || ends != 1)
        fail("events", "cannot be walked to their end");
    w3p_buf_deinit(&bytes);
}

static void follow(struct chain *c, uint64_t next, const uint8_t hash32[32])
{
    for (int tries = 0; tries < TRIES_MAX; tries++) {
        uint8_t best32[32], block32[32];
        ask_hash(best32, c, "chain_getBlockHash", NULL);
        for (uint64_t best = height_of(c, best32); next <= best; next++) {
            ask_hash(block32, c, "chain_getBlockHash", json_pack("[I]", (json_int_t)next));
            int index = index_in(c, block32, hash32);
            if (index >= 0) {
                print_events(c, block32, index);
                return;
            }
        }
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
    fail("block", "not included in time");
}

static void run(struct chain *c, char **argv, bool v15)
{
    static const char *const types[] = {"sr25519", "ed25519", "ecdsa"};
    struct w3p_errmsg msg = {""};
    struct w3p_keypair key;
    struct w3p_buf call, xt;
    uint8_t hash32[32];
    int type = 0;
    while (type < 3 && strcmp(argv[3], types[type]) != 0)
        type++;
    if (type == 3 || w3p_keypair_from_uri(&key, &msg, (enum w3p_key_type)type, argv[2]) != W3P_OK)
        fail("key", msg.text);
    w3p_buf_init(&call, CALL_MAX);
    w3p_buf_init(&xt, CALL_MAX);
    load(c, v15);
    ask_hash(c->params.birth_hash32, c, "chain_getFinalizedHead", NULL);
    uint64_t head = height_of(c, c->params.birth_hash32);
    c->params.era = w3p_era_at(64, head);
    c->params.nonce = nonce_of(c, &key);
    put_call(&call, c, argv + 4);
    if (w3p_xt_sign(&xt, &msg, c->md, &c->params, &key, w3p_buf_span(&call)) != W3P_OK)
        fail("signing", msg.text);
    w3p_xt_hash(hash32, xt.ptr, xt.len);
    json_decref(ask(c, "author_submitExtrinsic", json_pack("[o]", w3p_rpc_hex(xt.ptr, xt.len))));
    follow(c, head + 1, hash32);
    w3p_buf_deinit(&call);
    w3p_buf_deinit(&xt);
}

int main(int argc, char **argv)
{
    struct chain c = {0};
    struct w3p_errmsg msg = {""};
    if (argc != 7 && argc != 8) {
        fprintf(stderr, "usage: chain_call URL URI TYPE PALLET CALL ARGUMENTS-HEX [15]\n");
        return 2;
    }
    w3p_crypto_init();
    w3p_net_global_init();
    struct w3p_net_conf conf = {
        .url = argv[1], .connect_timeout_ms = 5000, .reply_timeout_ms = 30000, .reply_max_bytes = 16u << 20};
    if (w3p_rpc_create(&c.rpc, &msg, &conf) != W3P_OK)
        fail("endpoint", msg.text);
    run(&c, argv, argc == 8);
    w3p_metadata_destroy(c.md);
    w3p_rpc_destroy(c.rpc);
    return 0;
}
