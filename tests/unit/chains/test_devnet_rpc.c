// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the development chain's JSON-RPC, pool and history: broken requests, batches, blocks by number and hash,
// state at old blocks, replacement and gaps of nonces.
#include "devnet_test.h"

static int code_of(json_t *reply)
{
    int code = (int)json_integer_value(json_object_get(json_object_get(reply, "error"), "code"));
    json_decref(reply);
    return code;
}

Test(devnet_rpc, refuses_broken_requests)
{
    static const struct {
        const char *text;
        int code;
    } bad[] = {
        {"", -32700},
        {"{", -32700},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"system_chain\"}", -32700},
        {"7", -32600},
        {"[]", -32600},
        {"{\"id\":1,\"method\":\"system_chain\"}", -32600},
        {"{\"jsonrpc\":\"2.0\",\"id\":1}", -32600},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"nothing\"}", -32601},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"state_queryStorage\",\"params\":[]}", -32601},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system_chain\",\"params\":{}}", -32602},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"state_getStorage\",\"params\":[]}", -32602},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"state_getStorage\",\"params\":[\"00\"]}", -32602},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"state_getStorage\",\"params\":[\"0x0\"]}", -32602},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"state_getStorage\",\"params\":[\"0x00\",\"0x00\"]}", -32602},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"chain_getBlockHash\",\"params\":[-1]}", -32602},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"chain_getBlockHash\",\"params\":[\"0xz\"]}", -32602},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system_accountNextIndex\",\"params\":[\"cTM8\"]}", -32602},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"author_submitExtrinsic\",\"params\":[\"0x\"]}", 1001},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"dev_newBlock\",\"params\":[{\"count\":0}]}", -32602},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"dev_newBlock\",\"params\":[{\"count\":100000}]}", -32602},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"dev_setStorage\",\"params\":[[[\"0x00\"],[7,\"0x\"]]]}", -32602},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"state_call\",\"params\":[\"Core_nothing\",\"0x\"]}", 4003},
    };
    struct chain c;
    chain_init(&c, "crust-25");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert(eq(int, code_of(chain_raw(&c, bad[i].text)), bad[i].code), "%s", bad[i].text);
    cr_assert(w3p_devnet_best(c.net) == 0);
    chain_deinit(&c);
}

Test(devnet_rpc, batches_and_notifications)
{
    struct chain c;
    struct w3p_buf reply, text;
    chain_init(&c, "crust-25");
    json_t *batch = chain_raw(&c, "[{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"system_chain\"},7,"
                                  "{\"jsonrpc\":\"2.0\",\"method\":\"dev_newBlock\"},"
                                  "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"nothing\"}]");
    cr_assert(json_array_size(batch) == 3, "the notification has no answer");
    cr_assert(eq(str, (char *)json_string_value(json_object_get(json_array_get(batch, 0), "id")), "a"));
    cr_assert(w3p_devnet_best(c.net) == 1, "and was done");
    json_decref(batch);
    w3p_buf_init(&reply, 1000);
    const char *quiet = "[{\"jsonrpc\":\"2.0\",\"method\":\"system_chain\"}]";
    w3p_devnet_handle(c.net, &reply, quiet, strlen(quiet));
    cr_assert(reply.len == 0);
    w3p_buf_init(&text, 1 << 20);
    w3p_buf_put_str(&text, "[0");
    for (size_t i = 0; i < 1000; i++)
        w3p_buf_put_str(&text, ",0");
    w3p_buf_put_str(&text, "]");
    json_t *error = chain_raw(&c, w3p_buf_str(&text));
    cr_assert(JSON_OBJECT == json_typeof(error), "one error for a batch that is too long");
    json_decref(error);
    char *huge = w3p_calloc(1, ((size_t)16 << 20) + 1);
    memset(huge, ' ', (size_t)16 << 20);
    cr_assert(eq(int, code_of(chain_raw(&c, huge)), -32600));
    free(huge);
    w3p_buf_deinit(&text);
    w3p_buf_deinit(&reply);
    chain_deinit(&c);
}

// Long ids: even the errors behind the results that fit do not fit.
Test(devnet_rpc, a_batch_that_is_too_long_to_answer_is_an_error, .timeout = 60)
{
    struct chain c;
    struct w3p_buf text;
    chain_init(&c, "crust-25");
    w3p_buf_init(&text, 4 << 20);
    for (size_t i = 0; i < 1000; i++)
        w3p_buf_printf(&text, "%c{\"jsonrpc\":\"2.0\",\"id\":\"%02000d\",\"method\":\"state_getMetadata\"}",
                       i > 0 ? ',' : '[', 7);
    w3p_buf_put_str(&text, "]");
    cr_assert(eq(int, code_of(chain_raw(&c, w3p_buf_str(&text))), -32000));
    w3p_buf_deinit(&text);
    chain_deinit(&c);
}

Test(devnet_rpc, blocks_by_number_and_hash)
{
    struct chain c;
    uint8_t first32[32], second32[32], genesis32[32];
    chain_init(&c, "crust-25");
    chain_blocks(&c, 5);
    chain_hash(&c, genesis32, 0);
    chain_hash(&c, first32, 1);
    chain_hash(&c, second32, 2);
    json_t *header = w3p_devnet_header(c.net, 2), *none = w3p_devnet_header(c.net, 6);
    cr_assert(none == NULL);
    cr_assert(eq(str, (char *)json_string_value(json_object_get(header, "number")), "0x2"));
    const char *parent = json_string_value(json_object_get(header, "parentHash"));
    cr_assert(test_is_hex(first32, 32, parent + 2));

    // The hash is that of the SCALE header.
    struct w3p_buf scale;
    uint8_t hash32[32];
    w3p_buf_init(&scale, 256);
    static const char *const roots[] = {"stateRoot", "extrinsicsRoot"};
    w3p_buf_put(&scale, first32, 32);
    w3p_scale_put_compact(&scale, 2);
    for (size_t i = 0; i < 2; i++) {
        struct test_bytes root = test_hex(json_string_value(json_object_get(header, roots[i])) + 2);
        w3p_buf_put(&scale, root.ptr, root.len);
        free(root.ptr);
    }
    w3p_buf_put_u8(&scale, 0);
    w3p_blake2b_256(hash32, scale.ptr, scale.len);
    cr_assert(memcmp(hash32, second32, 32) == 0);
    w3p_buf_deinit(&scale);
    json_decref(header);

    json_t *many = chain_call(&c, "chain_getBlockHash", "[[0,\"0x0005\",6]]");
    cr_assert(json_array_size(many) == 3 && json_is_null(json_array_get(many, 2)));
    json_decref(many);
    json_t *final = chain_call(&c, "chain_getFinalizedHead", "[]");
    chain_hash(&c, hash32, 3);
    cr_assert(test_is_hex(hash32, 32, json_string_value(final) + 2));
    cr_assert(w3p_devnet_final(c.net) == 3);
    json_decref(final);
    json_t *unknown =
        chain_call(&c, "chain_getBlock", "[\"0x0000000000000000000000000000000000000000000000000000000000000000\"]");
    cr_assert(JSON_NULL == json_typeof(unknown));
    json_decref(unknown);
    json_t *best = chain_call(&c, "chain_getBlock", "[]"), *block = json_object_get(best, "block");
    cr_assert(json_array_size(json_object_get(block, "extrinsics")) == 1, "the time");
    json_decref(best);
    chain_deinit(&c);
}

Test(devnet_rpc, every_start_is_a_chain_of_its_own)
{
    struct chain a, b;
    uint8_t hash_a[32], hash_b[32];
    chain_init(&a, "crust-25");
    chain_init_with(&b, (struct w3p_devnet_conf){.genesis_salt32 = {1}});
    chain_hash(&a, hash_a, 0);
    chain_hash(&b, hash_b, 0);
    cr_assert(memcmp(hash_a, hash_b, 32) != 0);
    chain_deinit(&b);
    chain_init(&b, "crust-25");
    chain_blocks(&a, 3);
    chain_blocks(&b, 3);
    chain_hash(&a, hash_a, 3);
    chain_hash(&b, hash_b, 3);
    cr_assert(memcmp(hash_a, hash_b, 32) == 0, "and the same one when all is the same");
    chain_deinit(&a);
    chain_deinit(&b);
}

Test(devnet_rpc, state_of_old_blocks, .timeout = 60)
{
    struct chain c;
    struct w3p_buf key;
    chain_init(&c, "crust-25");
    chain_file_key(&c, &key, CID_A);
    cr_assert(order_file(&c, &c.alice, CID_A, 100, 0) == 0);
    chain_blocks(&c, 8);
    char *before = chain_storage(&c, w3p_buf_span(&key), 0), *pending = chain_storage(&c, w3p_buf_span(&key), 6);
    char *live = chain_storage(&c, w3p_buf_span(&key), 7);
    cr_assert(before == NULL && pending != NULL && live != NULL && strlen(live) > strlen(pending));
    free(pending);
    free(live);

    uint8_t number32[32];
    w3p_storage_prefix(number32, "System", "Number");
    chain_blocks(&c, 1100);
    char *kept = chain_storage(&c, W3P_SPAN(number32, 32), 200), *now = chain_storage(&c, w3p_buf_span(&key), 1108);
    cr_assert(eq(str, kept, "c8000000"));
    cr_assert(now != NULL);
    free(kept);
    free(now);
    char params[120], hex[65];
    uint8_t hash32[32];
    chain_hash(&c, hash32, 50);
    w3p_hex_encode(hex, hash32, 32);
    (void)snprintf(params, sizeof params, "[\"0x00\",\"0x%s\"]", hex);
    json_t *error = chain_call(&c, "state_getStorage", params);
    const char *message = json_string_value(json_object_get(error, "message"));
    cr_assert(message != NULL && strstr(message, "State already discarded") != NULL);
    json_decref(error);
    w3p_buf_deinit(&key);
    chain_deinit(&c);
}

Test(devnet_rpc, query_storage_at_maps_keys_to_values)
{
    struct chain c;
    chain_init(&c, "crust-25");
    json_t *set = chain_call(&c, "dev_setStorage", "[[[\"0x01\",\"0xaa\"],[\"0x02\",\"0x\"],[\"0x03\",null]]]");
    cr_assert(JSON_STRING == json_typeof(set));
    json_t *sets = chain_call(&c, "state_queryStorageAt", "[[\"0x01\",\"0x02\",\"0x03\",\"0x04\"]]");
    json_t *changes = json_object_get(json_array_get(sets, 0), "changes");
    static const char *const values[] = {"0xaa", "0x", NULL, NULL};
    cr_assert(json_array_size(changes) == 4);
    for (size_t i = 0; i < 4; i++) {
        const char *value = json_string_value(json_array_get(json_array_get(changes, i), 1));
        cr_assert(values[i] == NULL ? value == NULL : value != NULL && strcmp(value, values[i]) == 0, "key %zu", i);
    }
    json_decref(set);
    json_decref(sets);
    chain_deinit(&c);
}

static unsigned extrinsics_in(struct chain *c, uint64_t number)
{
    char params[80], hex[65];
    uint8_t hash32[32];
    chain_hash(c, hash32, number);
    w3p_hex_encode(hex, hash32, 32);
    (void)snprintf(params, sizeof params, "[\"0x%s\"]", hex);
    json_t *block = chain_call(c, "chain_getBlock", params);
    size_t count = json_array_size(json_object_get(json_object_get(block, "block"), "extrinsics"));
    json_decref(block);
    return (unsigned)count;
}

static int order_at_nonce(struct chain *c, uint32_t nonce, w3p_u128 tip, const char *cid)
{
    struct w3p_buf call;
    struct w3p_xt_params params = chain_params(c, &c->alice);
    params.nonce = nonce;
    params.tip = tip;
    w3p_buf_init(&call, 256);
    put_order(&call, c, cid, 100, 0);
    json_t *result = submit_with(c, &c->alice, &params, &call);
    int code = (int)json_integer_value(json_object_get(result, "code"));
    json_decref(result);
    w3p_buf_deinit(&call);
    return code;
}

Test(devnet_rpc, pool_waits_for_gaps_and_replaces_by_tip)
{
    struct chain c;
    chain_init(&c, "crust-25");
    cr_assert(order_at_nonce(&c, 2, 0, "QmC") == 0);
    cr_assert(order_at_nonce(&c, 1, 0, "QmB") == 0);
    chain_blocks(&c, 1);
    cr_assert(extrinsics_in(&c, 1) == 1, "nothing but the time while nonce 0 is missing");
    json_t *index =
        chain_call(&c, "system_accountNextIndex", "[\"cTM8suyN19VZb7JEPRNvtezyfpEAJyYxHkk1n5J4XEr6XroRa\"]");
    cr_assert(json_integer_value(index) == 0);
    json_decref(index);
    cr_assert(order_at_nonce(&c, 0, 1000, "QmA") == 0);
    cr_assert(eq(int, order_at_nonce(&c, 0, 5, "QmX"), 1014));
    cr_assert(order_at_nonce(&c, 0, 2000, "QmY") == 0, "more tip replaces");
    index = chain_call(&c, "system_accountNextIndex", "[\"cTM8suyN19VZb7JEPRNvtezyfpEAJyYxHkk1n5J4XEr6XroRa\"]");
    cr_assert(json_integer_value(index) == 3, "the pool counts");
    json_decref(index);
    json_t *pending = chain_call(&c, "author_pendingExtrinsics", "[]");
    cr_assert(json_array_size(pending) == 3);
    json_decref(pending);
    chain_blocks(&c, 1);
    cr_assert(extrinsics_in(&c, 2) == 4);
    char *replaced = chain_file(&c, "QmA"), *there = chain_file(&c, "QmY");
    cr_assert(replaced == NULL && there != NULL);
    free(there);
    chain_deinit(&c);
}

Test(devnet_rpc, waiting_extrinsics_are_bounded, .timeout = 60)
{
    struct chain c;
    chain_init(&c, "crust-25");
    for (uint32_t i = 0; i < 64; i++)
        cr_assert(order_at_nonce(&c, 10 + i, 0, "QmC") == 0);
    cr_assert(eq(int, order_at_nonce(&c, 100, 0, "QmC"), 1016));
    cr_assert(order_at_nonce(&c, 0, 0, "QmC") == 0, "what can go now still goes");
    chain_deinit(&c);
}

Test(devnet_rpc, mortal_extrinsics_die)
{
    struct chain c;
    struct w3p_buf call;
    chain_init(&c, "crust-25");
    chain_blocks(&c, 5);
    w3p_buf_init(&call, 256);
    put_order(&call, &c, CID_A, 100, 0);
    struct w3p_xt_params params = chain_params(&c, &c.alice);
    params.era = w3p_era_at(4, 5);
    params.nonce = 1; // waits for nonce 0, which never comes
    chain_hash(&c, params.birth_hash32, 5);
    json_decref(submit_with(&c, &c.alice, &params, &call));
    json_t *pending = chain_call(&c, "author_pendingExtrinsics", "[]");
    cr_assert(json_array_size(pending) == 1);
    json_decref(pending);
    chain_blocks(&c, 4);
    pending = chain_call(&c, "author_pendingExtrinsics", "[]");
    cr_assert(json_array_size(pending) == 0, "death block reached");
    json_decref(pending);
    w3p_buf_deinit(&call);
    chain_deinit(&c);
}

Test(devnet_rpc, blocks_are_bounded_by_weight, .timeout = 120)
{
    struct chain c;
    struct w3p_buf call;
    chain_init(&c, "crust-25");
    w3p_buf_init(&call, 1 << 20);
    put_call(&call, &c, "Utility", "batch");
    w3p_scale_put_compact(&call, 300);
    for (unsigned i = 0; i < 300; i++)
        put_order(&call, &c, "QmBatch", 1, 0);
    struct w3p_xt_params params = chain_params(&c, &c.alice);
    for (params.nonce = 0; params.nonce < 3; params.nonce++) {
        json_t *result = submit_with(&c, &c.alice, &params, &call);
        cr_assert(JSON_STRING == json_typeof(result));
        json_decref(result);
    }
    chain_blocks(&c, 2);
    cr_assert(extrinsics_in(&c, 1) == 3, "two batches of 300 orders fit, three do not");
    cr_assert(extrinsics_in(&c, 2) == 2);
    w3p_buf_deinit(&call);
    chain_deinit(&c);
}

Test(devnet_rpc, query_info_agrees_with_the_fee_taken)
{
    struct chain c;
    struct w3p_buf call, xt, params;
    chain_init(&c, "crust-25");
    w3p_buf_init(&call, 256);
    w3p_buf_init(&xt, 512);
    w3p_buf_init(&params, 4096);
    put_order(&call, &c, CID_A, 1, 0);
    struct w3p_xt_params xt_params = chain_params(&c, &c.alice);
    cr_assert(w3p_xt_sign(&xt, NULL, c.md, &xt_params, &c.alice, w3p_buf_span(&call)) == W3P_OK);
    w3p_buf_put_str(&params, "[\"0x");
    w3p_buf_put_hex(&params, xt.ptr, xt.len);
    w3p_buf_put_str(&params, "\"]");
    json_t *info = chain_call(&c, "payment_queryInfo", w3p_buf_str(&params));
    const char *fee = json_string_value(json_object_get(info, "partialFee"));
    w3p_u128 want = (125000000u + 2019000000u) * (w3p_u128)3 / 10 + 100000 * (w3p_u128)xt.len, got = 0;
    cr_assert(fee != NULL && w3p_u128_parse(&got, fee, strlen(fee)) == W3P_OK && got == want, "%s", fee);

    w3p_buf_reset(&params);
    w3p_buf_put_str(&params, "[\"TransactionPaymentApi_query_info\",\"0x");
    w3p_buf_put_hex(&params, xt.ptr, xt.len);
    w3p_buf_printf(&params, "%02zx000000\"]", xt.len);
    json_t *scale = chain_call(&c, "state_call", w3p_buf_str(&params));
    struct test_bytes bytes = test_hex(json_string_value(scale) + 2);
    struct w3p_reader r;
    w3p_reader_init(&r, bytes.ptr, bytes.len);
    cr_assert(w3p_reader_le64(&r) == 2019000000u && w3p_reader_u8(&r) == 0 && w3p_reader_le128(&r) == want);
    free(bytes.ptr);
    json_decref(info);
    json_decref(scale);
    w3p_buf_deinit(&call);
    w3p_buf_deinit(&xt);
    w3p_buf_deinit(&params);
    chain_deinit(&c);
}
