// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the development chain: what it refuses, and that its state and events are those of the real runtime.
#include "devnet_test.h"

#define PLACE_WEIGHT "c048f2b300000000" // of rocky-4

static const char *data_of(json_t *error)
{
    const char *data = json_string_value(json_object_get(error, "data"));
    return data != NULL ? data : "";
}

// Submits a remark with these parameters and expects this code and reason.
static void expect_refusal(struct chain *c, struct w3p_xt_params params, int code, const char *reason)
{
    struct w3p_buf call;
    w3p_buf_init(&call, 64);
    put_call(&call, c, "System", "remark");
    w3p_scale_put_bytes(&call, "hi", 2);
    json_t *error = submit_with(c, &c->alice, &params, &call);
    cr_assert(JSON_OBJECT == json_typeof(error), "was accepted, but: %s", reason);
    cr_assert(eq(int, (int)json_integer_value(json_object_get(error, "code")), code));
    cr_assert(eq(str, (char *)data_of(error), (char *)reason));
    json_decref(error);
    w3p_buf_deinit(&call);
}

Test(devnet, refuses_unknown_configuration)
{
    struct w3p_devnet *net = NULL;
    struct w3p_errmsg msg = {""};
    const char *bad[] = {"Alice"};
    struct w3p_devnet_conf conf = {.runtime = "kusama"};
    cr_assert(w3p_devnet_create(&net, &msg, &conf) == W3P_E_NOTFOUND && net == NULL);
    conf = (struct w3p_devnet_conf){.fund = bad, .fund_count = 1};
    cr_assert(w3p_devnet_create(&net, &msg, &conf) == W3P_E_INVALID && net == NULL);
    conf = (struct w3p_devnet_conf){.storage_nodes = 1000};
    cr_assert(w3p_devnet_create(&net, &msg, &conf) == W3P_E_RANGE && net == NULL);
}

Test(devnet, refuses_as_nodes_do)
{
    struct chain c;
    chain_init(&c, "rocky-4");
    chain_blocks(&c, 3);
    struct w3p_xt_params good = chain_params(&c, &c.alice), bad = good;
    bad.spec_version++;
    expect_refusal(&c, bad, 1010, "Transaction has a bad signature");
    bad = good;
    bad.tx_version++;
    expect_refusal(&c, bad, 1010, "Transaction has a bad signature");
    bad = good;
    bad.genesis32[3] ^= 1;
    expect_refusal(&c, bad, 1010, "Transaction has a bad signature");
    bad = good;
    bad.era = w3p_era_at(64, 3);
    expect_refusal(&c, bad, 1010, "Transaction has a bad signature"); // genesis is not the hash of block 3
    bad.era = w3p_era_at(64, 63);
    expect_refusal(&c, bad, 1010, "Transaction has an ancient birth block");
    bad = good;
    bad.tip = (w3p_u128)2000000 * 1000000000000u;
    expect_refusal(&c, bad, 1010, "Inability to pay some fees (e.g. account balance too low)");
    cr_assert(order_file(&c, &c.alice, CID_A, 1, 0) == 0);
    chain_blocks(&c, 1);
    expect_refusal(&c, good, 1010, "Transaction is outdated");
    chain_deinit(&c);
}

Test(devnet, refuses_bytes_that_are_no_extrinsic)
{
    static const struct {
        const char *hex;
        int code;
    } bad[] = {{"", 1001},     {"00", 1002},     {"04", 1001},
               {"0484", 1002}, {"048400", 1001}, {"280403000bdf91befba101", 1002}};
    struct chain c;
    chain_init(&c, "rocky-4");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct test_bytes bytes = test_hex(bad[i].hex);
        json_t *error = submit_bytes(&c, bytes.ptr, bytes.len);
        cr_assert(eq(int, (int)json_integer_value(json_object_get(error, "code")), bad[i].code), "%s", bad[i].hex);
        json_decref(error);
        free(bytes.ptr);
    }
    chain_deinit(&c);
}

Test(devnet, bans_invalid_and_included_bytes)
{
    struct chain c;
    struct w3p_buf call, xt;
    chain_init(&c, "rocky-4");
    struct w3p_xt_params params = chain_params(&c, &c.alice);
    w3p_buf_init(&call, 256);
    w3p_buf_init(&xt, 512);
    put_order(&call, &c, CID_A, 100, 0);
    cr_assert(w3p_xt_sign(&xt, NULL, c.md, &params, &c.alice, w3p_buf_span(&call)) == W3P_OK);
    static const int codes[] = {0, 1013, 1012};
    for (size_t i = 0; i < 3; i++) {
        json_t *result = submit_bytes(&c, xt.ptr, xt.len);
        cr_assert(eq(int, (int)json_integer_value(json_object_get(result, "code")), codes[i]));
        if (codes[i] == 1013)
            cr_assert(strlen(data_of(result)) == 66, "the hash is the data");
        json_decref(result);
        if (i == 1)
            chain_blocks(&c, 1);
    }
    // After half an hour the same bytes are what they are: outdated.
    w3p_devnet_set_clock(c.net, TEST_START_MS + 40u * 60 * 1000);
    json_t *result = submit_bytes(&c, xt.ptr, xt.len);
    cr_assert(eq(str, (char *)data_of(result), "Transaction is outdated"));
    json_decref(result);
    w3p_buf_deinit(&call);
    w3p_buf_deinit(&xt);
    chain_deinit(&c);
}

// Blocks 3 to 6 of the real Rocky runtime after the same extrinsics: their System.Events, byte by byte.
#define EVENTS_TIMESTAMP "00 00000000 0000 90d29d0900000000 02 00 00"
#define ALICE "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"
#define POT(name) "6d6f646c 63726d61726b6574 10" name "000000000000000000000000000000"
#define FILE_SUCCESS                                                                                                   \
    "00 01000000 1400" ALICE                                                                                           \
    "b8516d5971436863526e34566635794e5254587252725159466b456b58545844586e703474485663526b4c3267664d 00"
#define DEPOSIT(planck) "00 01000000 0f06" planck "000000000000000000000000 00"

Test(devnet, events_are_those_of_the_real_runtime)
{
    struct chain c;
    struct w3p_buf call;
    chain_init(&c, "rocky-4");
    chain_blocks(&c, 2);
    w3p_buf_init(&call, 256);
    put_call(&call, &c, "System", "remark");
    w3p_scale_put_bytes(&call, "hi", 2);
    cr_assert(submit_call(&c, &c.alice, &call) == 0);
    chain_blocks(&c, 1);
    char *events = chain_item(&c, "System", "Events");
    struct test_bytes got = test_hex(events);
    cr_assert(test_is_hex(got.ptr, got.len,
                          "0c" EVENTS_TIMESTAMP DEPOSIT("afa31e01") "00 01000000 0000 d8b11b0000000000 00 00 00"));
    free(got.ptr);
    free(events);

    cr_assert(order_file(&c, &c.alice, CID_A, 1048576, 0) == 0);
    chain_blocks(&c, 1);
    events = chain_item(&c, "System", "Events");
    got = test_hex(events);
    cr_assert(test_is_hex(
        got.ptr, got.len,
        "1c" EVENTS_TIMESTAMP "00 01000000 0502" ALICE POT(
            "72657365") "888a0100000000000000000000000000 00"
                        "00 01000000 0502" ALICE POT(
                            "7374616b") "a0180b00000000000000000000000000 00"
                                        "00 01000000 0502" ALICE
                                            POT("73746f72") "28c60200000000000000000000000000 00" FILE_SUCCESS DEPOSIT(
                                                "ec9dc30f") "00 01000000 0000" PLACE_WEIGHT "00 00 00"));
    free(got.ptr);
    free(events);

    cr_assert(order_file(&c, &c.alice, CID_A, 1048576, 5) == 0);
    chain_blocks(&c, 1);
    cr_assert(order_file(&c, &c.alice, CID_A, 5, 0) == 0);
    chain_blocks(&c, 1);
    cr_assert(events_end_with(&c, "00010000000001031401" PLACE_WEIGHT "000000"));
    char *file = chain_file(&c, CID_A);
    cr_assert(file != NULL);
    got = test_hex(file);
    // size, spower, expired_at 0, calculated_at 4, amount 2 * 181800 + 5, prepaid, reported, replicas
    cr_assert(
        test_is_hex(got.ptr, got.len, "0000100000000000 0000000000000000 00000000 04000000 56311600 00 00000000 00"));
    free(got.ptr);
    free(file);
    w3p_buf_deinit(&call);
    chain_deinit(&c);
}

// Fee and price together, as the real runtime took them for the same extrinsics.
Test(devnet, fees_are_those_of_the_real_runtime)
{
    struct chain c;
    struct w3p_buf call;
    uint8_t alice32[32];
    chain_init(&c, "rocky-4");
    w3p_keypair_account(alice32, &c.alice);
    chain_blocks(&c, 2);
    w3p_buf_init(&call, 256);
    put_call(&call, &c, "System", "remark");
    w3p_scale_put_bytes(&call, "hi", 2);
    w3p_u128 before = chain_account(&c, alice32).free;
    cr_assert(submit_call(&c, &c.alice, &call) == 0);
    chain_blocks(&c, 1);
    cr_assert(before - chain_account(&c, alice32).free == 23481499);
    before = chain_account(&c, alice32).free;
    cr_assert(order_file(&c, &c.alice, CID_A, 1048576, 0) == 0);
    chain_blocks(&c, 1);
    cr_assert(before - chain_account(&c, alice32).free == 331607736);
    cr_assert(chain_account(&c, alice32).nonce == 2);
    before = chain_account(&c, alice32).free;
    cr_assert(order_file(&c, &c.alice, CID_A, 1048576, 5) == 0);
    chain_blocks(&c, 1);
    w3p_u128 third = before - chain_account(&c, alice32).free;
    cr_assert(third == 332006992 - 400000, "the real one had a memo of four bytes");
    w3p_buf_deinit(&call);
    chain_deinit(&c);
}

Test(devnet, market_errors)
{
    struct chain c;
    struct w3p_buf call;
    chain_init(&c, "rocky-4");
    cr_assert(order_file(&c, &c.alice, "QmLarge", ((uint64_t)32 << 30) - 1, 0) == 0);
    chain_blocks(&c, 1);
    cr_assert(events_end_with(&c, "00010000000000" PLACE_WEIGHT "000000"));
    cr_assert(order_file(&c, &c.alice, "QmLarger", (uint64_t)32 << 30, 0) == 0);
    chain_blocks(&c, 1);
    cr_assert(events_end_with(&c, "00010000000001031404" PLACE_WEIGHT "000000"), "FileTooLarge");
    cr_assert(order_file(&c, &c.alice, "QmTip", 1, (w3p_u128)1000000 * 1000000000000u) == 0);
    chain_blocks(&c, 1);
    cr_assert(events_end_with(&c, "00010000000001031400" PLACE_WEIGHT "000000"), "InsufficientCurrency");

    w3p_buf_init(&call, 256);
    put_call(&call, &c, "Market", "add_prepaid");
    w3p_scale_put_bytes(&call, "nope", 4);
    w3p_scale_put_compact(&call, 1000);
    cr_assert(submit_call(&c, &c.alice, &call) == 0);
    chain_blocks(&c, 1);
    cr_assert(events_end_with(&c, "00010000000001031406" PLACE_WEIGHT "000000"), "FileNotExist");
    w3p_buf_reset(&call);
    put_call(&call, &c, "Market", "calculate_reward");
    w3p_scale_put_bytes(&call, "QmLarge", 7);
    cr_assert(submit_call(&c, &c.alice, &call) == 0);
    chain_blocks(&c, 1);
    cr_assert(events_end_with(&c, "0001000000000103140240b6acac00000000000000"), "NotInRewardPeriod");

    uint8_t key32[32];
    w3p_storage_prefix(key32, "Market", "EnableMarket");
    char params[200], hex[65];
    w3p_hex_encode(hex, key32, 32);
    (void)snprintf(params, sizeof params, "[[[\"0x%s\",\"0x00\"]]]", hex);
    json_decref(chain_call(&c, "dev_setStorage", params));
    cr_assert(order_file(&c, &c.alice, CID_A, 1, 0) == 0);
    chain_blocks(&c, 1);
    cr_assert(events_end_with(&c, "00010000000001031405" PLACE_WEIGHT "000000"), "PlaceOrderNotAvailable");
    w3p_buf_deinit(&call);
    chain_deinit(&c);
}

Test(devnet, batch_stops_and_batch_all_takes_back)
{
    struct chain c;
    struct w3p_buf call;
    chain_init(&c, "rocky-4");
    cr_assert(order_file(&c, &c.alice, "QmA", 100, 0) == 0);
    chain_blocks(&c, 1);
    w3p_buf_init(&call, 1024);
    put_call(&call, &c, "Utility", "batch");
    w3p_scale_put_compact(&call, 3);
    put_order(&call, &c, "QmC", 100, 0);
    put_order(&call, &c, "QmA", 1, 0);
    put_order(&call, &c, "QmD", 1, 0);
    cr_assert(submit_call(&c, &c.alice, &call) == 0);
    chain_blocks(&c, 1);
    cr_assert(events_end_with(&c, "00010000000000207e4c6901000000000000"), "the batch itself succeeds");
    char *events = chain_item(&c, "System", "Events"), *first = chain_file(&c, "QmC"), *third = chain_file(&c, "QmD");
    cr_assert(strstr(events, "000100000011000100000003140100") != NULL, "BatchInterrupted(1, Module(20, 1))");
    cr_assert(first != NULL && third == NULL);
    free(events);
    free(first);

    call.ptr[1] = w3p_md_call(w3p_md_pallet(c.md, "Utility"), "batch_all")->index;
    memcpy(memmem(call.ptr, call.len, "QmC", 3), "QmE", 3);
    cr_assert(submit_call(&c, &c.alice, &call) == 0);
    chain_blocks(&c, 1);
    cr_assert(events_end_with(&c, "00010000000001031401601f616901000000000000"));
    first = chain_file(&c, "QmE");
    events = chain_item(&c, "System", "Events");
    cr_assert(first == NULL, "taken back");
    cr_assert(strncmp(events, "0c", 2) == 0, "timestamp, deposit, failure: nothing of what was taken back");
    free(events);
    free(first);
    w3p_buf_deinit(&call);
    chain_deinit(&c);
}

Test(devnet, transfers_create_and_kill_accounts)
{
    struct chain c;
    struct w3p_buf call;
    uint8_t bob32[32], eve32[32] = "eve";
    chain_init(&c, "rocky-4");
    w3p_keypair_account(bob32, &c.bob);
    w3p_buf_init(&call, 256);
    put_call(&call, &c, "Balances", "transfer");
    w3p_buf_put(&call, eve32, 32);
    w3p_scale_put_compact(&call, 10);
    cr_assert(submit_call(&c, &c.bob, &call) == 0);
    chain_blocks(&c, 1);
    cr_assert(events_end_with(&c, "0001000000000103050458beff0c00000000000000"), "ExistentialDeposit");
    cr_assert(chain_account(&c, eve32).free == 0);

    // All but what the fee and a bit of dust need: the account goes, its nonce with it.
    w3p_u128 all = chain_account(&c, bob32).free - 49000000 - 50000000;
    w3p_buf_reset(&call);
    put_call(&call, &c, "Balances", "transfer");
    w3p_buf_put(&call, eve32, 32);
    w3p_scale_put_compact(&call, all);
    cr_assert(submit_call(&c, &c.bob, &call) == 0);
    chain_blocks(&c, 1);
    cr_assert(events_end_with(&c, "0001000000000058beff0c00000000000000"));
    cr_assert(chain_account(&c, bob32).free == 0 && chain_account(&c, bob32).nonce == 0);
    cr_assert(chain_account(&c, eve32).free == all);
    char *events = chain_item(&c, "System", "Events");
    cr_assert(strstr(events, "00010000000004") != NULL && strstr(events, "00010000000501") != NULL, "killed, dust");
    cr_assert(strstr(events, "00010000000003") != NULL && strstr(events, "00010000000500") != NULL, "new, endowed");
    free(events);
    w3p_buf_deinit(&call);
    chain_deinit(&c);
}

Test(devnet, replicas_arrive_in_the_layout_of_the_profile)
{
    static const char *const runtimes[] = {"crust-25", "rocky-4", "crust-1"};
    static const size_t pending_len[] = {38, 34, 66}, each_len[] = {140, 108, 103};
    for (size_t i = 0; i < 3; i++) {
        struct chain c;
        chain_init(&c, runtimes[i]);
        cr_assert(order_file(&c, &c.alice, CID_A, 100, 0) == 0);
        chain_blocks(&c, 6);
        char *file = chain_file(&c, CID_A);
        cr_assert(file != NULL, "%s", runtimes[i]);
        size_t pending = strlen(file) / 2;
        cr_assert(eq(sz, pending, pending_len[i]), "%s", runtimes[i]);
        free(file);
        static const unsigned steps[] = {1, 2, 2, 2};
        for (size_t k = 0; k < 4; k++) {
            chain_blocks(&c, steps[k]);
            file = chain_file(&c, CID_A);
            cr_assert(eq(sz, strlen(file) / 2, pending + (k + 1) * each_len[i]), "%s after %zu", runtimes[i], k + 1);
            free(file);
        }
        chain_deinit(&c);
    }
}

Test(devnet, first_replica_starts_the_clock_and_reorder_resets_it)
{
    struct chain c;
    chain_init(&c, NULL); // crust-25
    cr_assert(c.spec_version == 25);
    cr_assert(w3p_md_pallet(c.md, "Market")->index == 26);
    cr_assert(order_file(&c, &c.alice, CID_A, 100, 0) == 0);
    chain_blocks(&c, 7); // ordered in block 1, first replica in 7
    char *file = chain_file(&c, CID_A);
    struct test_bytes bytes = test_hex(file);
    struct w3p_reader r;
    w3p_reader_init(&r, bytes.ptr, bytes.len);
    w3p_reader_skip(&r, 16);
    cr_assert(w3p_reader_le32(&r) == 7 + 2592000);
    cr_assert(w3p_reader_le32(&r) == 7);
    (void)w3p_scale_compact(&r);
    (void)w3p_scale_compact(&r);
    cr_assert(w3p_reader_le32(&r) == 1, "reported");
    cr_assert(w3p_reader_le32(&r) == 4, "remaining paid");
    free(bytes.ptr);
    free(file);
    cr_assert(order_file(&c, &c.bob, CID_A, 100, 0) == 0);
    chain_blocks(&c, 1);
    file = chain_file(&c, CID_A);
    bytes = test_hex(file);
    w3p_reader_init(&r, bytes.ptr, bytes.len);
    w3p_reader_skip(&r, 16);
    cr_assert(w3p_reader_le32(&r) == 8 + 2592000, "reset, not added");
    free(bytes.ptr);
    free(file);
    cr_assert(order_file(&c, &c.alice, "QmLarge", (uint64_t)8 << 30, 0) == 0);
    chain_blocks(&c, 1);
    cr_assert(events_end_with(&c, "000100000000010"
                                  "31a04"
                                  "c07e577800000000000000"),
              "8 GiB is too large here");
    chain_deinit(&c);
}

// Injects an expired entry without replicas and calls calculate_reward.
static void expire(struct chain *c, const char *cid, const char *amount, const char *prepaid)
{
    struct w3p_buf key, params, call;
    chain_file_key(c, &key, cid);
    w3p_buf_init(&params, 4096);
    w3p_buf_put_str(&params, "[[[\"0x");
    w3p_buf_put_hex(&params, key.ptr, key.len);
    w3p_buf_printf(&params, "\",\"0x640000000000000000000000000000000100000001000000%s%s%s0000000000\"]]]", amount,
                   prepaid, c->spec_version == 25 ? "00000000" : "");
    json_decref(chain_call(c, "dev_setStorage", w3p_buf_str(&params)));
    w3p_buf_init(&call, 256);
    put_call(&call, c, "Market", "calculate_reward");
    w3p_scale_put_bytes(&call, cid, strlen(cid));
    cr_assert(submit_call(c, &c->alice, &call) == 0);
    w3p_buf_deinit(&key);
    w3p_buf_deinit(&params);
    w3p_buf_deinit(&call);
}

Test(devnet, expired_files_close_or_renew)
{
    struct chain c;
    chain_init(&c, "crust-25");
    chain_blocks(&c, 3);
    expire(&c, "QmPoor", "00", "00");
    chain_blocks(&c, 1);
    char *file = chain_file(&c, "QmPoor");
    cr_assert(file == NULL, "closed: %s", file);
    expire(&c, "QmRich", "00", "0300409f7a"); // prepaid, compact: enough for another period
    chain_blocks(&c, 1);
    file = chain_file(&c, "QmRich");
    cr_assert(file != NULL);
    free(file);
    char *events = chain_item(&c, "System", "Events");
    cr_assert(strstr(events, "00010000001a01" ALICE) != NULL, "RenewFileSuccess");
    free(events);
    chain_deinit(&c);
}

// The same calls on the real Rocky runtime: 5 % of the price to the caller, the amount stays, prepaid pays both.
Test(devnet, renewal_is_that_of_the_real_runtime)
{
    struct chain c;
    chain_init(&c, "rocky-4");
    chain_blocks(&c, 2);
    cr_assert(order_file(&c, &c.alice, CID_A, (uint64_t)30 << 30, 0) == 0); // so that the pot can pay
    chain_blocks(&c, 1);
    expire(&c, "renewPending", "a10f", "0700f2052a01");
    chain_blocks(&c, 1);
    char *file = chain_file(&c, "renewPending"), *events = chain_item(&c, "System", "Events");
    cr_assert(file != NULL);
    struct test_bytes got = test_hex(file);
    // amount 1000 + 181800, prepaid 5000000000 - 1010000 - 50500
    cr_assert(test_is_hex(got.ptr, got.len,
                          "6400000000000000 0000000000000000 00000000 04000000 42280b00 076cc3f52901 00000000 00"));
    cr_assert(strstr(events, ALICE "44c50000000000000000000000000000"
                                   "00") != NULL,
              "50500 planck for Alice");
    free(got.ptr);
    free(file);
    free(events);
    expire(&c, "exact", "00", "42a53d00"); // 1010000: enough for the price, not for the caller's share
    chain_blocks(&c, 1);
    file = chain_file(&c, "exact");
    cr_assert(file == NULL);
    chain_deinit(&c);
}
