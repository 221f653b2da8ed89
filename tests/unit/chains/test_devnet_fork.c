// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: forks, finality, a node that lags, pruned states and an upgrade of the runtime on the development chain.
#include "devnet/core.h"
#include "devnet_test.h"

#define CID_B "QmZzFSQTvkfqVvTeDr5LyAhBkv8aLcB9eykJSyfLmgEoQy"
#define MIB (1u << 20)

static void set_fault(struct chain *c, const char *text)
{
    struct w3p_errmsg msg = {""};
    cr_assert(w3p_devnet_fault_set(c->net, &msg, text) == W3P_OK, "%s: %s", text, msg.text);
}

static int fork_chain(struct chain *c, uint64_t depth, enum w3p_devnet_lost lost)
{
    return w3p_devnet_fork(c->net, NULL, depth, lost, TEST_START_MS + 6000 * w3p_devnet_best(c->net));
}

static w3p_u128 alice_free(struct chain *c, uint32_t *nonce)
{
    uint8_t account32[32];
    w3p_keypair_account(account32, &c->alice);
    struct chain_account account = chain_account(c, account32);
    *nonce = account.nonce;
    return account.free;
}

static bool has_file(struct chain *c, const char *cid)
{
    char *value = chain_file(c, cid);
    free(value);
    return value != NULL;
}

static size_t pending(struct chain *c)
{
    json_t *list = chain_call(c, "author_pendingExtrinsics", "[]");
    size_t count = json_array_size(list);
    json_decref(list);
    return count;
}

// "code" of the error to a call whose only parameter is this hash, 0 for an answer; *null: the answer was null.
static int code_of(struct chain *c, const char *method, const uint8_t hash32[32], bool *null)
{
    char params[80], hex[65];
    w3p_hex_encode(hex, hash32, 32);
    (void)snprintf(params, sizeof params, "[\"0x%s\"]", hex);
    json_t *answer = chain_call(c, method, params);
    int code = (int)json_integer_value(json_object_get(answer, "code"));
    *null = json_is_null(answer);
    json_decref(answer);
    return code;
}

Test(devnet_fork, refuses_what_cannot_be)
{
    static const char *const params[] = {"[]",
                                         "[null]",
                                         "[2]",
                                         "[{\"depth\":1}]",
                                         "[{\"lost\":\"later\"}]",
                                         "[{\"depth\":1,\"lost\":\"never\"}]",
                                         "[{\"depth\":-1,\"lost\":\"later\"}]",
                                         "[{\"depth\":1.5,\"lost\":\"later\"}]",
                                         "[{\"depth\":0,\"lost\":\"later\"}]",
                                         "[{\"depth\":3,\"lost\":\"moved\"}]",
                                         "[{\"depth\":9223372036854775807,\"lost\":\"later\"}]"};
    struct chain c;
    uint8_t before32[32], after32[32];
    chain_init(&c, "crust-25");
    cr_assert(fork_chain(&c, 1, W3P_DEVNET_LOST_LATER) == W3P_E_RANGE, "there is only the genesis block");
    chain_blocks(&c, 10);
    chain_hash(&c, before32, 10);
    cr_assert(w3p_devnet_final(c.net) == 8);
    for (size_t i = 0; i < sizeof params / sizeof params[0]; i++) {
        json_t *error = chain_call(&c, "dev_fork", params[i]);
        cr_assert(json_integer_value(json_object_get(error, "code")) == -32602, "%s", params[i]);
        json_decref(error);
    }
    cr_assert(fork_chain(&c, 0, W3P_DEVNET_LOST_LATER) == W3P_E_RANGE);
    cr_assert(fork_chain(&c, 3, W3P_DEVNET_LOST_LATER) == W3P_E_RANGE, "block 8 is final");
    chain_hash(&c, after32, 10);
    cr_assert(memcmp(before32, after32, 32) == 0 && w3p_devnet_best(c.net) == 10);
    set_fault(&c, "finality-halted");
    chain_blocks(&c, 100);
    cr_assert(fork_chain(&c, DEVNET_RETRACTED_MAX + 1, W3P_DEVNET_LOST_LATER) == W3P_E_RANGE);
    cr_assert(fork_chain(&c, DEVNET_RETRACTED_MAX, W3P_DEVNET_LOST_LATER) == W3P_OK);
    cr_assert(w3p_devnet_best(c.net) == 111 && w3p_devnet_final(c.net) == 8);
    chain_deinit(&c);
}

Test(devnet_fork, a_branch_has_other_hashes_and_the_lost_one_no_state)
{
    struct chain c;
    uint8_t old32[3][32], new32[32];
    bool null;
    chain_init(&c, "crust-25");
    chain_blocks(&c, 10);
    for (unsigned i = 0; i < 3; i++)
        chain_hash(&c, old32[i], 8 + i);
    cr_assert(fork_chain(&c, 2, W3P_DEVNET_LOST_LATER) == W3P_OK);
    cr_assert(w3p_devnet_best(c.net) == 11 && w3p_devnet_final(c.net) == 9, "finality follows the new branch");
    chain_hash(&c, new32, 8);
    cr_assert(memcmp(new32, old32[0], 32) == 0, "the finalized block stays");
    for (unsigned i = 1; i < 3; i++) {
        chain_hash(&c, new32, 8 + i);
        cr_assert(memcmp(new32, old32[i], 32) != 0, "block %u", 8 + i);
        cr_assert(code_of(&c, "chain_getHeader", old32[i], &null) == 0 && !null, "a node still has the lost header");
        cr_assert(code_of(&c, "chain_getBlock", old32[i], &null) == 0 && !null);
        cr_assert(code_of(&c, "state_getMetadata", old32[i], &null) == 4003);
    }
    uint64_t height = 0;
    cr_assert(w3p_devnet_forks(c.net, &height) == 1 && height == 8);
    chain_deinit(&c);
}

// What an order costs, and that it is taken once, wherever it lands.
static void order_over_a_fork(enum w3p_devnet_lost lost, bool lands)
{
    struct chain c;
    uint32_t nonce;
    chain_init(&c, "crust-25");
    chain_blocks(&c, 10);
    w3p_u128 rich = alice_free(&c, &nonce);
    cr_assert(order_file(&c, &c.alice, CID_A, MIB, 0) == 0);
    chain_blocks(&c, 2);
    w3p_u128 paid = alice_free(&c, &nonce);
    cr_assert(nonce == 1 && paid < rich && has_file(&c, CID_A));
    cr_assert(fork_chain(&c, 2, lost) == W3P_OK);
    cr_assert(has_file(&c, CID_A) == (lost == W3P_DEVNET_LOST_MOVED));
    cr_assert(pending(&c) == (lost == W3P_DEVNET_LOST_LATER ? 1 : 0));
    chain_blocks(&c, 3);
    if (!lands) {
        cr_assert(alice_free(&c, &nonce) == rich && nonce == 0 && !has_file(&c, CID_A));
        cr_assert(order_file(&c, &c.alice, CID_B, MIB, 0) == 0, "another extrinsic may have the nonce");
        chain_blocks(&c, 1);
        cr_assert(has_file(&c, CID_B) && !has_file(&c, CID_A));
    } else {
        cr_assert(has_file(&c, CID_A) && pending(&c) == 0);
        w3p_u128 now = alice_free(&c, &nonce);
        w3p_u128 drift = now > paid ? now - paid : paid - now; // the fee multiplier moves with the block
        cr_assert(nonce == 1 && drift < 1000000, "charged once");
    }
    chain_blocks(&c, 6 + 6 + 1);
    char *file = chain_file(&c, !lands ? CID_B : CID_A);
    cr_assert(file != NULL && strlen(file) > 4 * 2 * 130, "the storage nodes report to the branch that is left");
    free(file);
    chain_deinit(&c);
}

Test(devnet_fork, a_retracted_order_comes_back_from_the_pool)
{
    order_over_a_fork(W3P_DEVNET_LOST_LATER, true);
}

Test(devnet_fork, a_retracted_order_moves_to_another_block)
{
    order_over_a_fork(W3P_DEVNET_LOST_MOVED, true);
}

Test(devnet_fork, a_dropped_order_leaves_nothing)
{
    order_over_a_fork(W3P_DEVNET_LOST_DROPPED, false);
}

Test(devnet_fork, replicas_come_for_the_order_that_is_left_and_not_before)
{
    struct chain c;
    chain_init(&c, "crust-25");
    chain_blocks(&c, 10);
    cr_assert(order_file(&c, &c.alice, CID_A, MIB, 0) == 0);
    chain_blocks(&c, 1);
    cr_assert(fork_chain(&c, 1, W3P_DEVNET_LOST_DROPPED) == W3P_OK);
    chain_blocks(&c, 3);
    cr_assert(order_file(&c, &c.alice, CID_A, 2 * MIB, 0) == 0); // other bytes than the banned ones
    chain_blocks(&c, 1);
    char *ordered = chain_file(&c, CID_A);
    chain_blocks(&c, 5);
    char *waits = chain_file(&c, CID_A);
    cr_assert(ordered != NULL && waits != NULL && strcmp(ordered, waits) == 0, "the lost order is not reported");
    chain_blocks(&c, 1);
    char *reported = chain_file(&c, CID_A);
    cr_assert(reported != NULL && strcmp(reported, waits) != 0);
    free(ordered);
    free(waits);
    free(reported);
    chain_deinit(&c);
}

static struct w3p_buf signed_order(struct chain *c, uint64_t born, uint32_t nonce)
{
    struct w3p_xt_params params = chain_params(c, &c->alice);
    struct w3p_buf call, xt;
    w3p_buf_init(&call, 4096);
    w3p_buf_init(&xt, 4096);
    put_order(&call, c, CID_A, MIB, 0);
    params.nonce = nonce;
    params.era = w3p_era_at(64, born);
    chain_hash(c, params.birth_hash32, born);
    cr_assert(w3p_xt_sign(&xt, NULL, c->md, &params, &c->alice, w3p_buf_span(&call)) == W3P_OK);
    w3p_buf_deinit(&call);
    return xt;
}

static bool refused_with(struct chain *c, const struct w3p_buf *xt, int code, const char *word)
{
    json_t *answer = submit_bytes(c, xt->ptr, xt->len);
    const char *data = json_string_value(json_object_get(answer, "data"));
    bool same = json_integer_value(json_object_get(answer, "code")) == code &&
                (word == NULL || (data != NULL && strstr(data, word) != NULL));
    if (!same) {
        char *text = json_dumps(answer, JSON_ENCODE_ANY);
        fprintf(stderr, "%s\n", text);
        free(text);
    }
    json_decref(answer);
    return same;
}

Test(devnet_fork, an_era_born_in_a_lost_block_is_a_bad_signature)
{
    struct chain c;
    chain_init(&c, "crust-25");
    chain_blocks(&c, 10);
    struct w3p_buf waits = signed_order(&c, 10, 1), fresh = signed_order(&c, 10, 0), safe = signed_order(&c, 8, 0);
    json_t *hash = submit_bytes(&c, waits.ptr, waits.len); // has a gap before it
    cr_assert(pending(&c) == 1 && json_is_string(hash));
    json_decref(hash);
    cr_assert(fork_chain(&c, 1, W3P_DEVNET_LOST_LATER) == W3P_OK);
    cr_assert(pending(&c) == 0, "what waited goes");
    cr_assert(refused_with(&c, &waits, 1012, NULL), "and is banned");
    cr_assert(refused_with(&c, &fresh, 1010, "bad signature"));
    hash = submit_bytes(&c, safe.ptr, safe.len);
    cr_assert(hash != NULL && json_is_string(hash), "born in the finalized block");
    json_decref(hash);
    w3p_buf_deinit(&waits);
    w3p_buf_deinit(&fresh);
    w3p_buf_deinit(&safe);
    chain_deinit(&c);
}

Test(devnet_fork, the_same_bytes_are_banned_after_a_block_though_the_fork_took_it)
{
    struct chain c;
    chain_init(&c, "crust-25");
    chain_blocks(&c, 10);
    struct w3p_buf xt = signed_order(&c, 8, 0);
    json_t *hash = submit_bytes(&c, xt.ptr, xt.len);
    cr_assert(hash != NULL && json_is_string(hash));
    json_decref(hash);
    chain_blocks(&c, 1);
    cr_assert(fork_chain(&c, 1, W3P_DEVNET_LOST_DROPPED) == W3P_OK);
    cr_assert(refused_with(&c, &xt, 1012, NULL));
    w3p_buf_deinit(&xt);
    chain_deinit(&c);
}

Test(devnet_fork, a_fault_waits_for_something_to_retract)
{
    struct chain c;
    uint64_t height;
    chain_init(&c, "crust-25");
    set_fault(&c, "fork=2");
    chain_blocks(&c, 10);
    cr_assert(w3p_devnet_forks(c.net, &height) == 0);
    cr_assert(order_file(&c, &c.alice, CID_A, MIB, 0) == 0);
    chain_blocks(&c, 2);
    cr_assert(w3p_devnet_forks(c.net, &height) == 0 && has_file(&c, CID_A));
    chain_blocks(&c, 1);
    cr_assert(w3p_devnet_forks(c.net, &height) == 1 && height == 10 && !has_file(&c, CID_A));
    cr_assert(w3p_devnet_best(c.net) == 13 && !w3p_devnet_fault_on(c.net, W3P_DEVNET_FAULT_FORK));
    cr_assert(w3p_devnet_fault_state(c.net, W3P_DEVNET_FAULT_FORK)->fired == 1);
    chain_blocks(&c, 5);
    cr_assert(w3p_devnet_forks(c.net, &height) == 1 && has_file(&c, CID_A), "once");
    chain_deinit(&c);
}

Test(devnet_fork, finality_halts_lags_and_never_goes_back)
{
    struct chain c;
    chain_init(&c, "crust-25");
    chain_blocks(&c, 10);
    set_fault(&c, "finality-halted");
    chain_blocks(&c, 20);
    cr_assert(w3p_devnet_best(c.net) == 30 && w3p_devnet_final(c.net) == 8);
    w3p_devnet_fault_clear(c.net, W3P_DEVNET_FAULT_FINALITY_HALTED);
    set_fault(&c, "finality-lag=10");
    chain_blocks(&c, 1);
    cr_assert(w3p_devnet_final(c.net) == 21);
    set_fault(&c, "finality-lag=20");
    chain_blocks(&c, 1);
    cr_assert(w3p_devnet_final(c.net) == 21, "final is final");
    w3p_devnet_fault_clear(c.net, W3P_DEVNET_FAULT_FINALITY_LAG);
    chain_blocks(&c, 1);
    cr_assert(w3p_devnet_final(c.net) == 31);
    chain_deinit(&c);
}

static uint32_t next_index(struct chain *c)
{
    uint8_t account32[32];
    char params[80], hex[65];
    w3p_keypair_account(account32, &c->alice);
    w3p_hex_encode(hex, account32, 32);
    (void)snprintf(params, sizeof params, "[\"0x%s\"]", hex);
    json_t *number = chain_call(c, "system_accountNextIndex", params);
    uint32_t index = (uint32_t)json_integer_value(number);
    json_decref(number);
    return index;
}

Test(devnet_fork, a_second_node_knows_less)
{
    struct chain c;
    uint8_t new32[32], old32[32];
    bool null;
    chain_init(&c, "crust-25");
    set_fault(&c, "lag=5");
    chain_blocks(&c, 10);
    cr_assert(order_file(&c, &c.alice, CID_A, MIB, 0) == 0 && next_index(&c) == 1);
    chain_blocks(&c, 1);
    chain_hash(&c, new32, 11);
    chain_hash(&c, old32, 6);
    struct w3p_buf order = signed_order(&c, 11, 1), early = signed_order(&c, 4, 1);
    w3p_devnet_select(c.net, 1);
    cr_assert(w3p_devnet_best(c.net) == 6 && w3p_devnet_final(c.net) == 4);
    cr_assert(has_file(&c, CID_A) == false && next_index(&c) == 0 && pending(&c) == 0);
    cr_assert(code_of(&c, "chain_getHeader", new32, &null) == 0 && null);
    cr_assert(code_of(&c, "state_getMetadata", new32, &null) == 4003);
    cr_assert(code_of(&c, "state_getMetadata", old32, &null) == 0);
    cr_assert(refused_with(&c, &order, 1010, NULL), "its birth block is not there yet");
    json_t *hash = submit_bytes(&c, early.ptr, early.len);
    cr_assert(pending(&c) == 1 && json_is_string(hash));
    json_decref(hash);
    chain_blocks(&c, 4);
    w3p_devnet_select(c.net, 0);
    cr_assert(pending(&c) == 0 && next_index(&c) == 1, "it has not come over");
    chain_blocks(&c, 2);
    cr_assert(next_index(&c) == 2, "it has");
    w3p_devnet_select(c.net, 1);
    chain_blocks(&c, 6);
    w3p_devnet_select(c.net, 1);
    cr_assert(has_file(&c, CID_A) && pending(&c) == 0);
    w3p_buf_deinit(&order);
    w3p_buf_deinit(&early);
    chain_deinit(&c);
}

Test(devnet_fork, without_gossip_the_first_node_never_hears_of_it)
{
    struct chain c;
    chain_init(&c, "crust-25");
    set_fault(&c, "lag=3");
    set_fault(&c, "no-gossip");
    chain_blocks(&c, 10);
    struct w3p_buf xt = signed_order(&c, 5, 0);
    w3p_devnet_select(c.net, 1);
    json_t *hash = submit_bytes(&c, xt.ptr, xt.len);
    cr_assert(hash != NULL && json_is_string(hash));
    json_decref(hash);
    chain_blocks(&c, 20);
    cr_assert(has_file(&c, CID_A) == false);
    w3p_devnet_fault_clear(c.net, W3P_DEVNET_FAULT_NO_GOSSIP);
    chain_blocks(&c, 2);
    cr_assert(has_file(&c, CID_A));
    w3p_buf_deinit(&xt);
    chain_deinit(&c);
}

Test(devnet_fork, pruned_states_are_those_of_the_first_node)
{
    struct chain c;
    uint8_t kept32[32], gone32[32];
    bool null;
    chain_init(&c, "crust-25");
    chain_blocks(&c, 20);
    chain_hash(&c, kept32, 17);
    chain_hash(&c, gone32, 16);
    cr_assert(code_of(&c, "state_getMetadata", gone32, &null) == 0);
    set_fault(&c, "pruned=3");
    cr_assert(code_of(&c, "state_getMetadata", gone32, &null) == 4003);
    cr_assert(code_of(&c, "state_getMetadata", kept32, &null) == 0);
    cr_assert(code_of(&c, "chain_getBlock", gone32, &null) == 0 && !null, "the block stays");
    w3p_devnet_select(c.net, 1);
    cr_assert(code_of(&c, "state_getMetadata", gone32, &null) == 0);
    w3p_devnet_select(c.net, 0);
    w3p_devnet_fault_clear(c.net, W3P_DEVNET_FAULT_PRUNED);
    cr_assert(code_of(&c, "state_getMetadata", gone32, &null) == 0);
    chain_deinit(&c);
}

static uint32_t spec_at(struct chain *c, uint64_t number)
{
    uint8_t hash32[32];
    char params[80], hex[65];
    chain_hash(c, hash32, number);
    w3p_hex_encode(hex, hash32, 32);
    (void)snprintf(params, sizeof params, "[\"0x%s\"]", hex);
    json_t *version = chain_call(c, "state_getRuntimeVersion", params);
    uint32_t spec = (uint32_t)json_integer_value(json_object_get(version, "specVersion"));
    uint32_t tx = (uint32_t)json_integer_value(json_object_get(version, "transactionVersion"));
    json_decref(version);
    return spec * 10 + tx;
}

static void take_metadata(struct chain *c)
{
    json_t *text = chain_call(c, "state_getMetadata", "[]");
    struct test_bytes bytes = test_hex(json_string_value(text) + 2);
    w3p_metadata_destroy(c->md);
    cr_assert(w3p_metadata_parse(&c->md, NULL, bytes.ptr, bytes.len) == W3P_OK);
    free(bytes.ptr);
    json_decref(text);
}

static void upgrade_of(const char *runtime, uint32_t spec)
{
    struct chain c;
    chain_init(&c, runtime);
    const struct w3p_md_pallet *market = w3p_md_pallet(c.md, "Market");
    uint8_t index = market->index, call = w3p_md_call(market, "place_storage_order")->index;
    chain_blocks(&c, 10);
    struct w3p_buf old = signed_order(&c, 8, 0), waits = signed_order(&c, 8, 1);
    json_t *hash = submit_bytes(&c, waits.ptr, waits.len);
    cr_assert(hash != NULL && json_is_string(hash));
    json_decref(hash);
    set_fault(&c, "upgrade=2");
    chain_blocks(&c, 3);
    cr_assert(spec_at(&c, 11) == spec * 10 + 1 && spec_at(&c, 12) == (spec + 1) * 10 + 2);
    cr_assert(pending(&c) == 0, "what was signed for the old one goes");
    json_t *answer = submit_bytes(&c, old.ptr, old.len);
    cr_assert(answer != NULL && json_is_object(answer), "%s", runtime);
    json_decref(answer);
    take_metadata(&c);
    market = w3p_md_pallet(c.md, "Market");
    cr_assert(market->index != index && w3p_md_call(market, "place_storage_order")->index == call + 1);
    cr_assert(strcmp(w3p_md_pallet_at(c.md, index)->name, "Multisig") == 0, "the old index is another pallet's");
    c.spec_version = spec + 1;
    struct w3p_xt_params params = chain_params(&c, &c.alice);
    struct w3p_buf order;
    w3p_buf_init(&order, 4096);
    put_order(&order, &c, CID_A, MIB, 0);
    params.tx_version = 2;
    hash = submit_with(&c, &c.alice, &params, &order);
    cr_assert(hash != NULL && json_is_string(hash), "%s", runtime);
    json_decref(hash);
    chain_blocks(&c, 1);
    cr_assert(has_file(&c, CID_A));
    w3p_buf_deinit(&order);
    w3p_buf_deinit(&old);
    w3p_buf_deinit(&waits);
    chain_deinit(&c);
}

Test(devnet_fork, an_upgrade_moves_calls_from_one_block_on)
{
    upgrade_of("crust-25", 25);
    upgrade_of("rocky-4", 4);
    upgrade_of("crust-1", 1);
}

Test(devnet_fork, an_upgrade_in_a_lost_block_comes_with_the_other_branch)
{
    struct chain c;
    chain_init(&c, "crust-25");
    chain_blocks(&c, 10);
    set_fault(&c, "upgrade=2");
    chain_blocks(&c, 2);
    cr_assert(spec_at(&c, 12) == 262);
    cr_assert(fork_chain(&c, 2, W3P_DEVNET_LOST_LATER) == W3P_OK);
    cr_assert(spec_at(&c, 10) == 251 && spec_at(&c, 11) == 262 && w3p_devnet_best(c.net) == 13);
    cr_assert(w3p_devnet_spec_version(c.net) == 26);
    chain_deinit(&c);
}

Test(devnet_fork, a_market_that_is_off_takes_no_orders_until_it_is_on)
{
    struct chain c;
    chain_init(&c, "crust-25");
    chain_blocks(&c, 5);
    set_fault(&c, "market-off");
    cr_assert(order_file(&c, &c.alice, CID_A, MIB, 0) == 0);
    chain_blocks(&c, 1);
    char *open = chain_item(&c, "Market", "EnableMarket");
    cr_assert_str_eq(open, "00");
    free(open);
    cr_assert(has_file(&c, CID_A) == false);
    w3p_devnet_fault_clear(c.net, W3P_DEVNET_FAULT_MARKET_OFF);
    cr_assert(order_file(&c, &c.alice, CID_A, MIB, 0) == 0);
    chain_blocks(&c, 1);
    cr_assert(has_file(&c, CID_A));
    chain_deinit(&c);
}

Test(devnet_fork, a_balance_goes_and_comes_back_to_the_planck)
{
    struct chain c;
    uint32_t nonce;
    chain_init(&c, "crust-25");
    chain_blocks(&c, 5);
    w3p_u128 rich = alice_free(&c, &nonce);
    set_fault(&c, "balance-gone");
    cr_assert(alice_free(&c, &nonce) == 0);
    set_fault(&c, "balance-gone=12345planck");
    cr_assert(alice_free(&c, &nonce) == 12345);
    chain_blocks(&c, 1);
    cr_assert(order_file(&c, &c.alice, CID_A, MIB, 0) == 1010);
    w3p_devnet_fault_clear(c.net, W3P_DEVNET_FAULT_BALANCE_GONE);
    cr_assert(alice_free(&c, &nonce) == rich);
    chain_deinit(&c);
}

Test(devnet_fork, neither_money_nor_market_is_changed_by_a_fork_around_their_faults)
{
    struct chain c;
    uint32_t nonce;
    chain_init(&c, "crust-25");
    set_fault(&c, "finality-halted");
    chain_blocks(&c, 5);
    w3p_u128 rich = alice_free(&c, &nonce);
    set_fault(&c, "balance-gone"); // in the state of block 5, which the fork takes away
    cr_assert(fork_chain(&c, 2, W3P_DEVNET_LOST_LATER) == W3P_OK);
    cr_expect(alice_free(&c, &nonce) == 0, "the fault still lasts");
    set_fault(&c, "market-off");
    chain_blocks(&c, 3);
    w3p_devnet_fault_clear(c.net, W3P_DEVNET_FAULT_BALANCE_GONE);
    w3p_devnet_fault_clear(c.net, W3P_DEVNET_FAULT_MARKET_OFF);
    cr_expect(alice_free(&c, &nonce) == rich);
    cr_assert(fork_chain(&c, 2, W3P_DEVNET_LOST_LATER) == W3P_OK); // and what their end gave back
    cr_expect(alice_free(&c, &nonce) == rich);
    cr_assert(order_file(&c, &c.alice, CID_A, MIB, 0) == 0);
    chain_blocks(&c, 1);
    cr_expect(has_file(&c, CID_A), "the market is open");
    chain_deinit(&c);
}
