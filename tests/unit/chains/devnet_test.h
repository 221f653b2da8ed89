// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the tests of the development chain share: a chain with Alice and Bob, JSON-RPC calls, signed
// extrinsics. Must not: look behind the public interface.
#ifndef W3P_TESTS_UNIT_CHAINS_DEVNET_TEST_H
#define W3P_TESTS_UNIT_CHAINS_DEVNET_TEST_H

#include "chain_test.h"
#include "base/json.h"
#include "crypto/hash.h"
#include "devnet/devnet.h"
#include "substrate/extrinsic.h"
#include "substrate/scale.h"

#define CID_A "QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM"
#define TEST_START_MS 1700000000000u

struct chain {
    struct w3p_devnet *net;
    struct w3p_metadata *md;
    struct w3p_keypair alice, bob;
    uint32_t spec_version;
};

// The "result" or the "error" of one call; new reference.
static inline json_t *chain_raw(struct chain *c, const char *text)
{
    struct w3p_buf reply;
    w3p_buf_init(&reply, 64u << 20);
    w3p_devnet_handle(c->net, &reply, text, strlen(text));
    json_t *json = json_loads(w3p_buf_str(&reply), 0, NULL);
    cr_assert(json != NULL, "no JSON: %s", w3p_buf_str(&reply));
    w3p_buf_deinit(&reply);
    return json;
}

static inline json_t *chain_call(struct chain *c, const char *method, const char *params)
{
    struct w3p_buf text;
    w3p_buf_init(&text, 64u << 20);
    w3p_buf_printf(&text, "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"%s\",\"params\":%s}", method, params);
    json_t *reply = chain_raw(c, w3p_buf_str(&text));
    w3p_buf_deinit(&text);
    cr_assert(json_integer_value(json_object_get(reply, "id")) == 7);
    json_t *result = json_object_get(reply, "result");
    if (result == NULL)
        result = json_object_get(reply, "error");
    json_incref(result);
    json_decref(reply);
    return result;
}

static inline void chain_init_with(struct chain *c, struct w3p_devnet_conf conf)
{
    static const char *const fund[] = {"//Alice", "//Bob"};
    struct w3p_errmsg msg = {""};
    memset(c, 0, sizeof *c);
    conf.fund = fund;
    conf.fund_count = 2;
    conf.start_ms = TEST_START_MS;
    cr_assert(w3p_devnet_create(&c->net, &msg, &conf) == W3P_OK, "%s", msg.text);
    cr_assert(w3p_keypair_from_uri(&c->alice, &msg, W3P_KEY_SR25519, "//Alice") == W3P_OK);
    cr_assert(w3p_keypair_from_uri(&c->bob, &msg, W3P_KEY_SR25519, "//Bob") == W3P_OK);
    json_t *text = chain_call(c, "state_getMetadata", "[]");
    struct test_bytes bytes = test_hex(json_string_value(text) + 2);
    cr_assert(w3p_metadata_parse(&c->md, &msg, bytes.ptr, bytes.len) == W3P_OK, "%s", msg.text);
    json_t *version = chain_call(c, "state_getRuntimeVersion", "[]");
    c->spec_version = (uint32_t)json_integer_value(json_object_get(version, "specVersion"));
    free(bytes.ptr);
    json_decref(text);
    json_decref(version);
}

static inline void chain_init(struct chain *c, const char *runtime)
{
    chain_init_with(
        c, (struct w3p_devnet_conf){
               .runtime = runtime, .replicas_after = 6, .replicas_spread = 6, .storage_nodes = 4, .finality_lag = 2});
}

static inline void chain_deinit(struct chain *c)
{
    w3p_devnet_destroy(c->net);
    w3p_metadata_destroy(c->md);
}

static inline void chain_blocks(struct chain *c, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        w3p_devnet_new_block(c->net, TEST_START_MS + (w3p_devnet_best(c->net) + 1) * 6000);
}

static inline void chain_hash(struct chain *c, uint8_t hash32[32], uint64_t number)
{
    char params[32];
    (void)snprintf(params, sizeof params, "[%llu]", (unsigned long long)number);
    json_t *text = chain_call(c, "chain_getBlockHash", params);
    struct test_bytes bytes = test_hex(json_string_value(text) + 2);
    memcpy(hash32, bytes.ptr, 32);
    free(bytes.ptr);
    json_decref(text);
}

// state_getStorage of a key at a block (UINT64_MAX: now); hex without 0x to be freed, NULL for no value.
static inline char *chain_storage(struct chain *c, struct w3p_span key, uint64_t at)
{
    struct w3p_buf params;
    uint8_t hash32[32];
    w3p_buf_init(&params, 1 << 16);
    w3p_buf_put_str(&params, "[\"0x");
    w3p_buf_put_hex(&params, key.ptr, key.len);
    w3p_buf_put_str(&params, "\"");
    if (at != UINT64_MAX) {
        chain_hash(c, hash32, at);
        w3p_buf_put_str(&params, ",\"0x");
        w3p_buf_put_hex(&params, hash32, 32);
        w3p_buf_put_str(&params, "\"");
    }
    w3p_buf_put_str(&params, "]");
    json_t *value = chain_call(c, "state_getStorage", w3p_buf_str(&params));
    char *text = json_is_string(value) ? w3p_strdup(json_string_value(value) + 2) : NULL;
    json_decref(value);
    w3p_buf_deinit(&params);
    return text;
}

static inline char *chain_item(struct chain *c, const char *pallet, const char *item)
{
    uint8_t key32[32];
    w3p_storage_prefix(key32, pallet, item);
    return chain_storage(c, W3P_SPAN(key32, 32), UINT64_MAX);
}

static inline void chain_file_key(struct chain *c, struct w3p_buf *out, const char *cid)
{
    const struct w3p_md_pallet *market = w3p_md_pallet(c->md, "Market");
    const struct w3p_md_entry *entry = w3p_md_entry(market, "FilesV2");
    struct w3p_buf encoded;
    if (entry == NULL)
        entry = w3p_md_entry(market, "Files");
    w3p_buf_init(&encoded, 1024);
    w3p_buf_init(out, 1024);
    w3p_scale_put_bytes(&encoded, cid, strlen(cid));
    w3p_storage_map_key(out, "Market", entry, w3p_buf_span(&encoded));
    w3p_buf_deinit(&encoded);
}

static inline char *chain_file(struct chain *c, const char *cid)
{
    struct w3p_buf key;
    chain_file_key(c, &key, cid);
    char *value = chain_storage(c, w3p_buf_span(&key), UINT64_MAX);
    w3p_buf_deinit(&key);
    return value;
}

struct chain_account {
    uint32_t nonce;
    w3p_u128 free;
};
static inline struct chain_account chain_account(struct chain *c, const uint8_t account32[32])
{
    struct w3p_buf key;
    struct chain_account out = {0, 0};
    w3p_buf_init(&key, 128);
    w3p_storage_map_key(&key, "System", w3p_md_entry(w3p_md_pallet(c->md, "System"), "Account"),
                        W3P_SPAN(account32, 32));
    char *text = chain_storage(c, w3p_buf_span(&key), UINT64_MAX);
    if (text != NULL) {
        struct test_bytes bytes = test_hex(text);
        struct w3p_reader r;
        w3p_reader_init(&r, bytes.ptr, bytes.len);
        out.nonce = w3p_reader_le32(&r);
        w3p_reader_skip(&r, 8);
        out.free = w3p_reader_le128(&r);
        free(bytes.ptr);
    }
    free(text);
    w3p_buf_deinit(&key);
    return out;
}

// Calls -------------------------------------------------------------------------------------------------------------

static inline void put_call(struct w3p_buf *out, struct chain *c, const char *pallet, const char *call)
{
    const struct w3p_md_pallet *found = w3p_md_pallet(c->md, pallet);
    cr_assert(w3p_md_call(found, call) != NULL, "%s.%s", pallet, call);
    w3p_buf_put_u8(out, found->index);
    w3p_buf_put_u8(out, w3p_md_call(found, call)->index);
}

static inline void put_order(struct w3p_buf *out, struct chain *c, const char *cid, uint64_t size, w3p_u128 tip)
{
    put_call(out, c, "Market", "place_storage_order");
    w3p_scale_put_bytes(out, cid, strlen(cid));
    w3p_buf_put_le64(out, size);
    w3p_scale_put_compact(out, tip);
    if (w3p_md_call(w3p_md_pallet(c->md, "Market"), "place_storage_order")->field_count == 4)
        w3p_scale_put_bytes(out, "", 0);
}

static inline struct w3p_xt_params chain_params(struct chain *c, const struct w3p_keypair *key)
{
    struct w3p_xt_params params = {.spec_version = c->spec_version, .tx_version = 1};
    uint8_t account32[32];
    w3p_keypair_account(account32, key);
    params.nonce = chain_account(c, account32).nonce;
    chain_hash(c, params.genesis32, 0);
    memcpy(params.birth_hash32, params.genesis32, 32);
    return params;
}

// author_submitExtrinsic of raw bytes: the result (a string) or the error (an object).
static inline json_t *submit_bytes(struct chain *c, const uint8_t *bytes, size_t len)
{
    struct w3p_buf params;
    w3p_buf_init(&params, 16u << 20);
    w3p_buf_put_str(&params, "[\"0x");
    w3p_buf_put_hex(&params, bytes, len);
    w3p_buf_put_str(&params, "\"]");
    json_t *result = chain_call(c, "author_submitExtrinsic", w3p_buf_str(&params));
    w3p_buf_deinit(&params);
    return result;
}

static inline json_t *submit_with(struct chain *c, const struct w3p_keypair *key, const struct w3p_xt_params *params,
                                  const struct w3p_buf *call)
{
    struct w3p_buf xt;
    struct w3p_errmsg msg = {""};
    w3p_buf_init(&xt, 4u << 20);
    cr_assert(w3p_xt_sign(&xt, &msg, c->md, params, key, w3p_buf_span(call)) == W3P_OK, "%s", msg.text);
    json_t *result = submit_bytes(c, xt.ptr, xt.len);
    w3p_buf_deinit(&xt);
    return result;
}

// Signs and submits with the account's nonce; 0 when accepted, else the error's code.
static inline int submit_call(struct chain *c, const struct w3p_keypair *key, const struct w3p_buf *call)
{
    struct w3p_xt_params params = chain_params(c, key);
    json_t *result = submit_with(c, key, &params, call);
    int code = json_is_string(result) ? 0 : (int)json_integer_value(json_object_get(result, "code"));
    json_decref(result);
    return code;
}

static inline int order_file(struct chain *c, const struct w3p_keypair *key, const char *cid, uint64_t size,
                             w3p_u128 tip)
{
    struct w3p_buf call;
    w3p_buf_init(&call, 4096);
    put_order(&call, c, cid, size, tip);
    int code = submit_call(c, key, &call);
    w3p_buf_deinit(&call);
    return code;
}

// The last event record of the best block is an extrinsic's outcome. True when the events end with this hex.
static inline bool events_end_with(struct chain *c, const char *hex)
{
    char *events = chain_item(c, "System", "Events");
    size_t len = events != NULL ? strlen(events) : 0, want = strlen(hex);
    bool same = len >= want && strcmp(events + len - want, hex) == 0;
    if (!same)
        fprintf(stderr, "events %s\nwant … %s\n", events != NULL ? events : "none", hex);
    free(events);
    return same;
}

#endif
