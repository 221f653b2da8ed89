// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: numbers that no chain has, endpoints that are late or keep an order to themselves, and what an order is
// signed for.
#include "base/encoding.h"
#include "unit/chains/crust_rig.h"

#define CID "QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM"
#define ZERO32 "0000000000000000000000000000000000000000000000000000000000000000"
#define NO_BLOCK "\"result\":{\"number\":\"0x100000001\",\"parentHash\":\"0x" ZERO32 "\"}"

TestSuite(crust_guards, .timeout = 20);

Test(crust_guards, numbers_that_no_chain_has)
{
    struct rig rig;
    struct w3p_chain_head head;
    start_rig(&rig, 1);
    rig.node[0].override_method = "chain_getHeader";
    rig.node[0].override_reply = NO_BLOCK;
    cr_expect(ne(int, info(&rig), W3P_OK), "a block");
    rig.node[0].override_method = "state_getRuntimeVersion";
    rig.node[0].override_reply =
        "\"result\":{\"specName\":\"crust\",\"specVersion\":4294967300,\"transactionVersion\":1}";
    w3p_crust_of(rig.chain)->endpoints[0].retry_at_ms = 0;
    cr_expect(ne(int, info(&rig), W3P_OK), "a version");
    rig.node[0].override_method = NULL;
    w3p_crust_of(rig.chain)->endpoints[0].retry_at_ms = 0;
    cr_expect(eq(int, info(&rig), W3P_OK));
    rig.node[0].override_method = "chain_getHeader";
    rig.node[0].override_reply = NO_BLOCK;
    cr_expect(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &head), W3P_E_PROTOCOL), "a head");
    stop_rig(&rig);
}

Test(crust_guards, what_is_known_to_be_late_is_second_choice_from_the_start)
{
    struct rig rig;
    start_rig(&rig, 2);
    w3p_crust_of(rig.chain)->final_seen = 198;
    rig.node[1].best = 200;
    rig.node[1].final = 198;
    cr_assert(eq(int, info(&rig), W3P_OK));
    cr_expect(eq(int, w3p_crust_of(rig.chain)->current, 1));
    stop_rig(&rig);
}

// It knows the order and no block has it: perhaps it never told anybody.
Test(crust_guards, the_others_are_told_what_one_keeps)
{
    struct rig rig;
    start_rig(&rig, 2);
    cr_assert(eq(int, info(&rig), W3P_OK));
    cr_assert(eq(int, rig.node[1].lo.connections, 0));
    rig.node[0].override_method = "author_submitExtrinsic";
    rig.node[0].override_reply = "\"error\":{\"code\":1013,\"message\":\"Transaction Already Imported\"}";
    cr_expect(
        eq(int, (int)rig.chain->ops->submit(rig.chain, &rig.msg, (const uint8_t *)"xt", 2), (int)W3P_SUBMIT_ACCEPTED));
    cr_expect(eq(int, rig.node[1].lo.connections, 1));
    cr_expect(eq(i64, w3p_crust_of(rig.chain)->endpoints[0].retry_at_ms, 0), "a refusal with a reason is an answer");
    stop_rig(&rig);
}

Test(crust_guards, an_order_is_signed_for_the_runtime_of_now_and_with_a_key)
{
    struct rig rig;
    struct w3p_chain_tx tx;
    struct w3p_chain_order order = {.cid = CID, .size = 1048576};
    start_rig(&rig, 1);
    struct w3p_crust *c = w3p_crust_of(rig.chain);
    cr_assert(eq(int, info(&rig), W3P_OK));
    rig.node[0].spec = 5;
    c->runtime_checked_at_ms -= W3P_CRUST_SIGN_FRESH_MS;
    cr_assert(eq(int, info(&rig), W3P_OK));
    cr_expect(eq(u32, c->runtime->spec_version, 4));
    cr_expect(eq(int, rig.chain->ops->sign(rig.chain, &rig.msg, &tx, &order, 1, 7), W3P_OK), "%s", rig.msg.text);
    cr_expect(eq(u32, c->runtime->spec_version, 5));
    w3p_secret_free(c->key);
    c->key = NULL;
    cr_expect(eq(int, rig.chain->ops->sign(rig.chain, &rig.msg, &tx, &order, 1, 7), W3P_E_STATE));
    stop_rig(&rig);
}

// Two nodes behind one name: the best block is asked of the one that is behind.
Test(crust_guards, the_best_block_is_never_below_the_finalized_one)
{
    struct rig rig;
    struct w3p_chain_head head;
    uint8_t hash32[32];
    char reply[100] = "\"result\":\"0x";
    start_rig(&rig, 1);
    cr_assert(eq(int, info(&rig), W3P_OK));
    fake_node_hash(&rig.node[0], hash32, 11);
    w3p_hex_encode(reply + strlen(reply), hash32, 32);
    memcpy(reply + strlen(reply), "\"", 2);
    rig.node[0].final = 12;
    rig.node[0].override_method = "chain_getBlockHash";
    rig.node[0].override_reply = reply;
    cr_assert(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &head), W3P_OK), "%s", rig.msg.text);
    cr_expect(eq(u64, head.final_number, 12));
    cr_expect(eq(u64, head.best_number, 12));
    cr_expect(zero(int, memcmp(head.best_hash32, head.final_hash32, 32)));
    stop_rig(&rig);
}

// The next tick may come long after the time for which it is left alone.
Test(crust_guards, who_failed_gives_the_turn_away_however_late_the_next_call_is)
{
    struct rig rig;
    struct w3p_chain_head head;
    start_rig(&rig, 2);
    cr_assert(eq(int, info(&rig), W3P_OK));
    rig.node[0].override_method = "chain_getFinalizedHead";
    rig.node[0].override_reply = "\"result\":[{}]";
    cr_expect(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &head), W3P_E_PROTOCOL));
    cr_assert(ne(i64, w3p_crust_of(rig.chain)->endpoints[0].retry_at_ms, 0));
    w3p_crust_of(rig.chain)->endpoints[0].retry_at_ms = 1;
    cr_expect(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &head), W3P_OK), "%s", rig.msg.text);
    cr_expect(eq(int, w3p_crust_of(rig.chain)->current, 1));
    stop_rig(&rig);
}

// What it gave as its finalized head, or below that, it must have.
Test(crust_guards, blocks_that_a_node_lacks_pass_it_over)
{
    struct rig rig;
    struct w3p_chain_head head;
    uint8_t hash32[32];
    start_rig(&rig, 2);
    cr_assert(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &head), W3P_OK), "%s", rig.msg.text);
    rig.node[0].override_method = "chain_getHeader";
    rig.node[0].override_reply = "\"result\":null";
    rig.node[0].final = 11;
    cr_expect(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &head), W3P_E_PROTOCOL));
    rig.node[0].override_method = NULL;
    cr_expect(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &head), W3P_OK), "%s", rig.msg.text);
    cr_expect(eq(int, w3p_crust_of(rig.chain)->current, 1));
    cr_expect(eq(int, info(&rig), W3P_OK), "%s", rig.msg.text);
    rig.node[1].override_method = "chain_getBlockHash";
    rig.node[1].override_reply = "\"result\":null";
    cr_expect(eq(int, rig.chain->ops->block_hash(rig.chain, &rig.msg, hash32, head.final_number + 1), W3P_E_NOTFOUND));
    cr_expect(eq(int, rig.chain->ops->block_hash(rig.chain, &rig.msg, hash32, head.final_number), W3P_E_PROTOCOL));
    w3p_crust_of(rig.chain)->endpoints[0].retry_at_ms = 0;
    cr_expect(eq(int, rig.chain->ops->block_hash(rig.chain, &rig.msg, hash32, 9), W3P_OK), "%s", rig.msg.text);
    cr_expect(eq(int, w3p_crust_of(rig.chain)->current, 0));
    stop_rig(&rig);
}

Test(crust_guards, what_is_sent_again_is_told_to_all)
{
    struct rig rig;
    start_rig(&rig, 2);
    for (size_t i = 0; i < 2; i++) {
        rig.node[i].override_method = "author_submitExtrinsic";
        rig.node[i].override_reply =
            "\"result\":\"0x1111111111111111111111111111111111111111111111111111111111111111\"";
    }
    for (int i = 0; i < 3; i++) { // it takes them all, and puts none into a block
        cr_expect(eq(int, (int)rig.chain->ops->submit(rig.chain, &rig.msg, (const uint8_t *)"xt", 2),
                     (int)W3P_SUBMIT_ACCEPTED));
        cr_expect(eq(int, rig.node[1].requests > 0, i > 0), "%d", i);
    }
    unsigned before = rig.node[1].requests;
    cr_expect(
        eq(int, (int)rig.chain->ops->submit(rig.chain, &rig.msg, (const uint8_t *)"yt", 2), (int)W3P_SUBMIT_ACCEPTED));
    cr_expect(eq(int, (int)rig.node[1].requests, (int)before));
    for (unsigned i = 0; i < 2 * W3P_CRUST_SENT_MAX; i++) // more than are remembered
        (void)rig.chain->ops->submit(rig.chain, &rig.msg, (const uint8_t *)&i, sizeof(i));
    cr_expect(eq(int, (int)rig.node[1].requests, (int)before));
    stop_rig(&rig);
}
