// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the Crust backend against scripted nodes: what it reads, what it signs and sends, what it refuses, and how
// it goes from one endpoint to the next.
#include "unit/chains/crust_rig.h"

#define MARKET "5ebf094108ead4fefa73f7a3b13cb4a7"
#define SYSTEM "26aa394eea5630e07c48ae0c9558cef7"
#define ENABLE MARKET "f6cb5618504b5719970aa15e9e1c332d"
#define BASE_FEE MARKET "743463cc3aecb725f091ad4dc5be8363"
#define FILES MARKET "b3b78f30e9b952d60249b22fcdaaa76d"
#define EVENTS SYSTEM "80d41e5e16056765bc8461851072c9d7"
#define CID "QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM"
#define CID_KEY                                                                                                        \
    FILES "57f1d9eefda9b955"                                                                                           \
          "b8516d5971436863526e34566635794e5254587252725159466b456b58545844586e703474485663526b4c3267664d"
#define ED_ALICE "88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee"

TestSuite(crust, .timeout = 20);

#define FOUR "http://x/,http://x/,http://x/,http://x/,"

Test(crust, bad_settings)
{
    static const struct {
        const char *endpoints, *genesis;
        unsigned era;
    } bad[] = {{"", "", 64},
               {" , ", "", 64},
               {"ftp://x/", "", 64},
               {"http://x/,bogus", "", 64},
               {"http://x/", "", 63},
               {"http://x/", "", 2048},
               {"http://x/", "0x12", 64},
               {"http://x/", "no", 64},
               {FOUR FOUR FOUR FOUR FOUR, "", 64}};
    w3p_crypto_init();
    w3p_net_global_init();
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct rig rig = {0};
        rig.settings = (struct w3p_crust_settings){.endpoints = (char *)bad[i].endpoints,
                                                   .genesis = (char *)bad[i].genesis,
                                                   .era_blocks = bad[i].era,
                                                   .connect_timeout_ms = 500,
                                                   .reply_timeout_ms = 1000,
                                                   .reply_max_bytes = 1u << 20};
        cr_expect(ne(int, open_chain(&rig), W3P_OK), "%zu", i);
        cr_expect(lt(sz, 0, strlen(rig.msg.text)));
    }
}

Test(crust, info_and_head)
{
    struct rig rig;
    struct w3p_chain_info out;
    struct w3p_chain_head head;
    uint8_t hash32[32];
    start_rig(&rig, 1);
    cr_assert(eq(int, rig.chain->ops->info(rig.chain, &rig.msg, &out), W3P_OK), "%s", rig.msg.text);
    cr_expect(test_is_hex(out.account32, 32, ED_ALICE));
    cr_expect(eq(str, out.address, "cTKS5moMFjX87JSbY2XtTfJoRY3KYBPd2KaS3WjtgiHCMQGYL"));
    cr_expect(eq(str, out.spec_name, "crust"));
    cr_expect(eq(u32, out.spec_version, 4));
    cr_expect(eq(str, out.token_symbol, "CRU"));
    cr_expect(eq(uint, out.token_decimals, 12));
    cr_expect(eq(int, out.genesis32[31], 0x11));

    // Timestamp.Now
    fake_node_put(&rig.node[0], "f0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb", "e803000000000000");
    cr_assert(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &head), W3P_OK), "%s", rig.msg.text);
    cr_expect(eq(u64, head.best_number, 12));
    cr_expect(eq(u64, head.final_number, 10));
    cr_expect(eq(u64, head.final_time_ms, 1000));
    cr_expect(not(head.syncing));
    fake_node_hash(&rig.node[0], hash32, 10);
    cr_expect(zero(int, memcmp(hash32, head.final_hash32, 32)));
    cr_expect(eq(int, rig.chain->ops->block_hash(rig.chain, &rig.msg, hash32, 12), W3P_OK));
    cr_expect(zero(int, memcmp(hash32, head.best_hash32, 32)));
    cr_expect(eq(int, rig.chain->ops->block_hash(rig.chain, &rig.msg, hash32, 13), W3P_E_NOTFOUND));
    cr_expect(eq(int, rig.chain->ops->block_hash(rig.chain, &rig.msg, hash32, UINT64_MAX), W3P_E_NOTFOUND));
    cr_expect(strstr(rig.msg.text, "no block has that number") != NULL, "%s", rig.msg.text);
    cr_expect(eq(uint, rig.node[0].metadata_calls, 1));
    stop_rig(&rig);
}

#define ACCOUNT_KEY_ED                                                                                                 \
    SYSTEM "b99d880ec681799c0cf30e8886371da9"                                                                          \
           "280b197190fc1a763257f65171ea366e" ED_ALICE
#define Z16 "00000000000000000000000000000000"

static void expect_terms(struct rig *rig, bool open, unsigned base, unsigned balance, unsigned nonce)
{
    struct w3p_chain_terms t;
    uint8_t at32[32];
    fake_node_hash(&rig->node[0], at32, 10);
    cr_assert(eq(int, rig->chain->ops->terms(rig->chain, &rig->msg, &t, at32), W3P_OK), "%s", rig->msg.text);
    cr_expect(eq(int, t.market_open, open));
    cr_expect(eq(uint, (unsigned)t.base_fee, base));
    cr_expect(eq(uint, (unsigned)t.per_mib_fee, 10000));
    cr_expect(eq(uint, (unsigned)t.keys_fee, 1000000));
    cr_expect(eq(uint, (unsigned)t.usable_balance, balance));
    cr_expect(eq(uint, t.nonce, nonce));
    cr_expect(eq(uint, (unsigned)t.existential_deposit, 100000000));
    cr_expect(eq(u64, t.size_max, UINT64_C(0x800000000)));
    cr_expect(eq(uint, (unsigned)t.tx_fee, 332892452));
}

Test(crust, terms)
{
    struct rig rig;
    struct w3p_chain_terms t;
    uint8_t at32[32];
    start_rig(&rig, 1);
    expect_terms(&rig, false, 0, 0, 0); // defaults of the runtime, and an account that does not exist
    fake_node_put(&rig.node[0], ENABLE, "01");
    fake_node_put(&rig.node[0], BASE_FEE, "07000000000000000000000000000000");
    fake_node_put(&rig.node[0], ACCOUNT_KEY_ED,
                  "09000000000000000100000064000000000000000000000000000000" Z16
                  "0a0000000000000000000000000000001e000000000000000000000000000000");
    expect_terms(&rig, true, 7, 70, 9);
    // an AccountInfo with one counter less is 72 bytes long
    fake_node_put(&rig.node[0], ACCOUNT_KEY_ED,
                  "090000000000000064000000000000000000000000000000" Z16
                  "1e0000000000000000000000000000000a000000000000000000000000000000");
    expect_terms(&rig, true, 7, 70, 9);
    rig.node[0].no_query_at = true;
    expect_terms(&rig, true, 7, 70, 9);
    cr_expect(ge(uint, rig.node[0].get_calls, 5));
    // more is frozen than there is
    fake_node_put(&rig.node[0], ACCOUNT_KEY_ED,
                  "090000000000000064000000000000000000000000000000" Z16
                  "650000000000000000000000000000000a000000000000000000000000000000");
    expect_terms(&rig, true, 7, 0, 9);
    fake_node_put(&rig.node[0], ACCOUNT_KEY_ED,
                  "090000000000000064000000000000000000000000000000" Z16
                  "1e0000000000000000000000000000000a000000000000000000000000000000");
    // the fee is asked of a signature that is nobody's: an endpoint never sees one of the operator for what is not
    // stored
    cr_expect(strstr(rig.node[0].last_call, "516d") != NULL || strstr(rig.node[0].last_call, "6261667962") != NULL);
    cr_expect(strstr(rig.node[0].last_call, ED_ALICE) == NULL, "%s", rig.node[0].last_call);
    unsigned asked = rig.node[0].query_calls;
    expect_terms(&rig, true, 7, 70, 9);
    cr_expect(eq(uint, rig.node[0].query_calls, asked), "must not be asked again");
    fake_node_hash(&rig.node[0], at32, 10);
    fake_node_put(&rig.node[0], ENABLE, "02");
    cr_expect(eq(int, rig.chain->ops->terms(rig.chain, &rig.msg, &t, at32), W3P_E_PROTOCOL));
    fake_node_put(&rig.node[0], ENABLE, "0101");
    cr_expect(eq(int, rig.chain->ops->terms(rig.chain, &rig.msg, &t, at32), W3P_E_PROTOCOL));
    fake_node_put(&rig.node[0], ENABLE, "01");
    fake_node_put(&rig.node[0], BASE_FEE, "0700");
    cr_expect(eq(int, rig.chain->ops->terms(rig.chain, &rig.msg, &t, at32), W3P_E_PROTOCOL));
    stop_rig(&rig);
}

Test(crust, files)
{
    struct rig rig;
    struct w3p_chain_file out[120];
    const char *cids[120];
    uint8_t at32[32];
    start_rig(&rig, 1);
    for (size_t i = 0; i < 120; i++)
        cids[i] = i % 3 == 0 ? CID : i % 3 == 1 ? "QmPK1s3pNYLi9ERiq3BDxKa4XosgWwFRQUydHUtz4YgpqB" : "bafkqaaa";
    fake_node_put(&rig.node[0], CID_KEY, "000010000000000000000000000000000000000003000000be492100000000000000");
    fake_node_hash(&rig.node[0], at32, 10);
    for (int pass = 0; pass < 2; pass++) {
        cr_assert(eq(int, rig.chain->ops->files(rig.chain, &rig.msg, out, cids, 120, at32), W3P_OK), "%s",
                  rig.msg.text);
        for (size_t i = 0; i < 120; i++) {
            cr_assert(eq(int, out[i].exists, i % 3 == 0), "%zu", i);
            cr_assert(eq(u64, out[i].size, i % 3 == 0 ? 1048576 : 0));
        }
        cr_expect(eq(uint, rig.node[0].query_calls, pass == 0 ? 3 : 4));
        rig.node[0].no_query_at = true;
    }
    // an entry of another form stops everything, and nothing is half believed
    fake_node_put(&rig.node[0], CID_KEY, "0000100000000000");
    cr_expect(eq(int, rig.chain->ops->files(rig.chain, &rig.msg, out, cids, 3, at32), W3P_E_PROTOCOL));
    cr_expect(not(out[0].exists));
    memset(at32, 0x77, 32);
    cr_expect(eq(int, rig.chain->ops->files(rig.chain, &rig.msg, out, cids, 3, at32), W3P_E_REMOTE));
    cr_expect(eq(int, rig.chain->ops->files(rig.chain, &rig.msg, out, cids, 0, at32), W3P_OK));
    stop_rig(&rig);
}

Test(crust, signs_from_the_finalized_head)
{
    struct rig rig;
    struct w3p_chain_tx tx;
    struct w3p_chain_order order = {.cid = CID, .size = 1048576};
    struct w3p_xt xt;
    uint8_t hash32[32];
    start_rig(&rig, 1);
    cr_assert(eq(int, rig.chain->ops->sign(rig.chain, &rig.msg, &tx, &order, 1, 7), W3P_OK), "%s", rig.msg.text);
    cr_expect(eq(sz, tx.len, 163));
    cr_expect(eq(u64, tx.birth_block, 10));
    cr_expect(eq(u64, tx.death_block, 74));
    fake_node_hash(&rig.node[0], hash32, 10);
    cr_expect(zero(int, memcmp(hash32, tx.birth_hash32, 32)));
    w3p_xt_hash(hash32, tx.bytes, tx.len);
    cr_expect(zero(int, memcmp(hash32, tx.hash32, 32)));

    struct w3p_crust *c = w3p_crust_of(rig.chain);
    cr_assert(eq(int, w3p_xt_decode(&xt, c->runtime->md, W3P_ADDRESS_RAW, tx.bytes, tx.len), W3P_OK));
    cr_expect(eq(uint, xt.nonce, 7));
    cr_expect(zero(uint, (unsigned)xt.tip));
    cr_expect(test_is_hex(xt.call.ptr, xt.call.len,
                          "1400 b8516d5971436863526e34566635794e5254587252725159466b456b58545844586e703474485663526b4c"
                          "3267664d 0000100000000000 00 00"));
    struct w3p_xt_params params = {.spec_version = 4, .tx_version = 1};
    memset(params.genesis32, 0x11, 32);
    memcpy(params.birth_hash32, tx.birth_hash32, 32);
    struct w3p_buf extra, additional;
    w3p_buf_init(&extra, 200);
    w3p_buf_init(&additional, 200);
    params.era = xt.era;
    params.nonce = 7;
    cr_assert(eq(int, w3p_xt_extra(&extra, &additional, c->runtime->md, &params), W3P_OK));
    cr_expect(eq(int, (int)w3p_xt_verify(&xt, w3p_buf_span(&additional)), (int)W3P_SIG_VALID));
    w3p_buf_deinit(&extra);
    w3p_buf_deinit(&additional);

    order.is_folder = true;
    order.tip = 5;
    cr_assert(eq(int, rig.chain->ops->sign(rig.chain, &rig.msg, &tx, &order, 1, 7), W3P_OK));
    cr_expect(test_is_hex(tx.bytes + tx.len - 8, 8, "14 18 666f6c646572"));
    char longer[400];
    memset(longer, 'a', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    order.cid = longer;
    cr_expect(eq(int, rig.chain->ops->sign(rig.chain, &rig.msg, &tx, &order, 1, 7), W3P_E_INVALID));
    stop_rig(&rig);
}

Test(crust, submits)
{
    static const struct {
        const char *reply;
        enum w3p_submit verdict;
    } table[] = {
        {"\"result\":\"0x1111111111111111111111111111111111111111111111111111111111111111\"", W3P_SUBMIT_ACCEPTED},
        {"\"result\":true", W3P_SUBMIT_UNCLEAR},
        {"\"error\":{\"code\":1013,\"message\":\"Transaction Already Imported\"}", W3P_SUBMIT_ACCEPTED},
        {"\"error\":{\"message\":\"{\\\"invalid\\\":{\\\"stale\\\":null}}\"}", W3P_SUBMIT_STALE},
        {"\"error\":{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Transaction has a bad signature\"}",
         W3P_SUBMIT_BAD},
        {"\"neither\":1", W3P_SUBMIT_UNCLEAR},
    };
    struct rig rig;
    start_rig(&rig, 1);
    rig.node[0].override_method = "author_submitExtrinsic";
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        rig.node[0].override_reply = table[i].reply;
        w3p_crust_of(rig.chain)->endpoints[0].retry_at_ms = 0;
        cr_expect(
            eq(int, (int)rig.chain->ops->submit(rig.chain, &rig.msg, (const uint8_t *)"xt", 2), (int)table[i].verdict),
            "%s", table[i].reply);
    }
    rig.node[0].dead = true;
    cr_expect(
        eq(int, (int)rig.chain->ops->submit(rig.chain, &rig.msg, (const uint8_t *)"xt", 2), (int)W3P_SUBMIT_UNCLEAR));
    stop_rig(&rig);
}

Test(crust, finds_by_hash)
{
    struct rig rig;
    uint8_t hashes[3][32], at32[32];
    int32_t index[3];
    start_rig(&rig, 1);
    rig.node[0].extrinsics = "[\"0x0401\", \"0x0402\", \"0x0403\"]";
    w3p_blake2b_256(hashes[0], "\x04\x03", 2);
    w3p_blake2b_256(hashes[1], "\x04\x09", 2);
    w3p_blake2b_256(hashes[2], "\x04\x01", 2);
    fake_node_hash(&rig.node[0], at32, 11);
    cr_assert(eq(int, rig.chain->ops->find(rig.chain, &rig.msg, index, (const uint8_t(*)[32])hashes, 3, at32), W3P_OK));
    cr_expect(eq(int, index[0], 2));
    cr_expect(eq(int, index[1], -1));
    cr_expect(eq(int, index[2], 0));
    rig.node[0].extrinsics = "[\"0x0401\", 7]";
    cr_expect(eq(int, rig.chain->ops->find(rig.chain, &rig.msg, index, (const uint8_t(*)[32])hashes, 3, at32),
                 W3P_E_PROTOCOL));
    cr_expect(eq(int, index[2], -1));
    memset(at32, 9, 32);
    cr_expect(eq(int, rig.chain->ops->find(rig.chain, &rig.msg, index, (const uint8_t(*)[32])hashes, 3, at32),
                 W3P_E_NOTFOUND));
    stop_rig(&rig);
}

Test(crust, outcome)
{
    static const char *const cids[] = {CID};
    struct rig rig;
    struct w3p_chain_outcome out;
    uint8_t at32[32];
    start_rig(&rig, 1);
    fake_node_hash(&rig.node[0], at32, 11);
    fake_node_put(&rig.node[0], EVENTS, "0400010000000001031404c048f2b300000000000000");
    cr_assert(eq(int, rig.chain->ops->outcome(rig.chain, &rig.msg, &out, cids, 1, 1, at32), W3P_OK), "%s",
              rig.msg.text);
    cr_expect(out.known && out.items[0].end == W3P_ITEM_FAILED && out.items[0].permanent);
    cr_expect(strncmp(out.items[0].error, "Market.FileTooLarge", 19) == 0);
    cr_expect(out.fee == 0, "the block shows no such extrinsic, so nobody can say what it cost");
    rig.node[0].extrinsics = "[\"0x0401\", \"0x0402\"]";
    cr_assert(eq(int, rig.chain->ops->outcome(rig.chain, &rig.msg, &out, cids, 1, 1, at32), W3P_OK));
    cr_expect(out.known && out.fee == 332892452, "no event tells the fee: the runtime of the block is asked");
    // executed by another runtime: its metadata is fetched, and an unreadable one is "not known"
    unsigned asked = rig.node[0].metadata_calls;
    rig.node[0].spec = 5;
    cr_assert(eq(int, rig.chain->ops->outcome(rig.chain, &rig.msg, &out, cids, 1, 1, at32), W3P_OK));
    cr_expect(out.known);
    cr_expect(eq(uint, rig.node[0].metadata_calls, asked + 1));
    rig.node[0].metadata_hex[10] = 'f'; // another version of metadata
    rig.node[0].metadata_hex[11] = 'f';
    cr_assert(eq(int, rig.chain->ops->outcome(rig.chain, &rig.msg, &out, cids, 1, 1, at32), W3P_OK));
    cr_expect(not(out.known));
    rig.node[0].spec = 4;
    rig.node[0].pruned = true;
    cr_assert(eq(int, rig.chain->ops->outcome(rig.chain, &rig.msg, &out, cids, 1, 1, at32), W3P_OK), "%s",
              rig.msg.text);
    cr_expect(not(out.known), "state is gone");
    // a node that lags behind the block is no proof of anything
    rig.node[0].pruned = false;
    fake_node_hash(&rig.node[0], at32, 13);
    cr_expect(eq(int, rig.chain->ops->outcome(rig.chain, &rig.msg, &out, cids, 1, 1, at32), W3P_E_REMOTE));
    cr_expect(strstr(rig.msg.text, "UnknownBlock") != NULL, "%s", rig.msg.text);
    cr_expect(not(out.known));
    cr_expect(eq(int, rig.chain->ops->outcome(rig.chain, &rig.msg, &out, cids, 0, 1, at32), W3P_E_INVALID));
    cr_expect(eq(int, rig.chain->ops->outcome(rig.chain, &rig.msg, &out, cids, W3P_CHAIN_BATCH_MAX + 1, 1, at32),
                 W3P_E_INVALID));
    stop_rig(&rig);
}

// Utility.batch of the real runtime: 17 (0x11), 0; one order is a call by itself.
Test(crust, signs_batches_where_there_are_some)
{
    struct rig rig;
    struct w3p_chain_tx tx;
    struct w3p_chain_order orders[W3P_CHAIN_BATCH_MAX + 1] = {{.cid = "QmA", .size = 1}, {.cid = "QmB", .size = 2}};
    struct w3p_chain_info info;
    struct w3p_xt xt;
    start_rig(&rig, 1);
    cr_assert(eq(int, rig.chain->ops->info(rig.chain, &rig.msg, &info), W3P_OK));
    cr_expect(eq(sz, info.batch_max, W3P_CHAIN_BATCH_MAX));
    cr_assert(eq(int, rig.chain->ops->sign(rig.chain, &rig.msg, &tx, orders, 2, 7), W3P_OK), "%s", rig.msg.text);
    struct w3p_crust *c = w3p_crust_of(rig.chain);
    cr_assert(eq(int, w3p_xt_decode(&xt, c->runtime->md, W3P_ADDRESS_RAW, tx.bytes, tx.len), W3P_OK));
    cr_expect(test_is_hex(xt.call.ptr, xt.call.len,
                          "1100 08 1400 0c516d41 0100000000000000 00 00 1400 0c516d42 0200000000000000 00 00"));
    cr_expect(eq(int, rig.chain->ops->sign(rig.chain, &rig.msg, &tx, orders, 0, 7), W3P_E_INVALID));
    cr_expect(
        eq(int, rig.chain->ops->sign(rig.chain, &rig.msg, &tx, orders, W3P_CHAIN_BATCH_MAX + 1, 7), W3P_E_INVALID));
    c->runtime->has_batch = false; // as in a runtime without the pallet
    cr_assert(eq(int, rig.chain->ops->info(rig.chain, &rig.msg, &info), W3P_OK));
    cr_expect(eq(sz, info.batch_max, 1));
    cr_expect(eq(int, rig.chain->ops->sign(rig.chain, &rig.msg, &tx, orders, 2, 7), W3P_E_STATE));
    cr_expect(eq(int, rig.chain->ops->sign(rig.chain, &rig.msg, &tx, orders, 1, 7), W3P_OK));
    stop_rig(&rig);
}

Test(crust, goes_on_to_the_next_endpoint)
{
    struct rig rig;
    struct w3p_chain_head head;
    start_rig(&rig, 2);
    cr_assert(eq(int, info(&rig), W3P_OK));
    cr_expect(eq(int, w3p_crust_of(rig.chain)->current, 0));
    rig.node[0].dead = true;
    cr_assert(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &head), W3P_OK), "%s", rig.msg.text);
    cr_expect(eq(int, w3p_crust_of(rig.chain)->current, 1));
    rig.node[1].dead = true;
    cr_expect(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &head), W3P_E_UNREACHABLE));
    cr_expect(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &head), W3P_E_UNREACHABLE));
    cr_expect(strstr(rig.msg.text, "127.0.0.1") != NULL, "while they are left alone, too: %s", rig.msg.text);
    rig.node[0].dead = false;
    w3p_crust_of(rig.chain)->endpoints[0].retry_at_ms = 0;
    cr_assert(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &head), W3P_OK), "%s", rig.msg.text);
    cr_expect(eq(int, w3p_crust_of(rig.chain)->current, 0));
    stop_rig(&rig);
}

Test(crust, a_head_that_stands_still_costs_two_requests)
{
    struct rig rig;
    struct w3p_chain_head first, again;
    start_rig(&rig, 1);
    cr_assert(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &first), W3P_OK));
    unsigned asked = rig.node[0].requests;
    cr_assert(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &again), W3P_OK));
    cr_expect(eq(uint, rig.node[0].requests, asked + 2));
    cr_expect(zero(int, memcmp(&first, &again, sizeof(first))));
    rig.node[0].best = 13; // a new best block: its header, and the node's health
    cr_assert(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &again), W3P_OK));
    cr_expect(eq(uint, rig.node[0].requests, asked + 6));
    cr_expect(eq(u64, again.best_number, 13));
    cr_expect(eq(u64, again.final_number, 10));
    rig.node[0].final = 11;
    rig.node[0].syncing = true;
    rig.node[0].best = 14;
    cr_assert(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &again), W3P_OK));
    cr_expect(eq(u64, again.final_number, 11));
    cr_expect(again.syncing);
    stop_rig(&rig);
}

Test(crust, any_time_of_the_finalized_head)
{
    static const char *const times[] = {"0000000000000080", "ffffffffffffff7f", "ffffffffffffffff", "0100000000000000"};
    struct rig rig;
    struct w3p_chain_head head;
    start_rig(&rig, 2);
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        fake_node_put(&rig.node[0], "f0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb", times[i]);
        cr_expect(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &head), W3P_OK), "%s", rig.msg.text);
        cr_expect(eq(u64, head.final_number, 10));
    }
    stop_rig(&rig);
}

// Well-formed JSON of a wrong shape is no reason to ask the same endpoint for ever.
Test(crust, senseless_answers_pass_the_endpoint_over)
{
    static const struct {
        const char *method, *reply;
        int err;
    } table[] = {
        {"state_queryStorageAt", "\"result\":{}", W3P_E_PROTOCOL},
        {"state_getMetadata", "\"result\":\"0x6d6574610c04\"", W3P_E_PROTOCOL},
        {"state_getMetadata", "\"result\":\"0x6d65746163\"", W3P_E_UNSUPPORTED},
        {"state_getRuntimeVersion", "\"result\":[]", W3P_E_PROTOCOL},
        {"state_getRuntimeVersion",
         "\"result\":{\"specName\":\"cr\\u001b[2Just\",\"specVersion\":4,\"transactionVersion\":1}", W3P_E_PROTOCOL},
        {"state_getRuntimeVersion", "\"error\":{\"code\":-32601,\"message\":\"Method not found\"}", W3P_E_REMOTE}};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct rig rig;
        struct w3p_chain_terms terms;
        uint8_t at32[32];
        start_rig(&rig, 2);
        fake_node_hash(&rig.node[0], at32, 10);
        fake_node_put(&rig.node[0], ENABLE, "01");
        rig.node[0].override_method = table[i].method;
        rig.node[0].override_reply = table[i].reply;
        cr_expect(eq(int, rig.chain->ops->terms(rig.chain, &rig.msg, &terms, at32), table[i].err));
        cr_expect(eq(int, rig.chain->ops->terms(rig.chain, &rig.msg, &terms, at32), W3P_OK), "%s", rig.msg.text);
        cr_expect(eq(int, w3p_crust_of(rig.chain)->current, 1));
        stop_rig(&rig);
    }
}

Test(crust, metadata_of_one_endpoint_does_not_condemn_the_next)
{
    struct rig rig;
    start_rig(&rig, 2);
    rig.node[0].metadata_hex[10] = 'f'; // another version of metadata
    cr_expect(eq(int, info(&rig), W3P_OK), "%s", rig.msg.text);
    stop_rig(&rig);
    start_rig(&rig, 2);
    rig.node[0].metadata_hex[10] = rig.node[1].metadata_hex[10] = 'f';
    cr_expect(eq(int, info(&rig), W3P_E_UNSUPPORTED));
    stop_rig(&rig);
}

Test(crust, an_endpoint_that_takes_no_extrinsics_is_passed_over)
{
    struct rig rig;
    start_rig(&rig, 2);
    for (size_t i = 0; i < 2; i++)
        rig.node[i].override_method = "author_submitExtrinsic";
    rig.node[0].override_reply =
        "\"error\":{\"code\":-32601,\"message\":\"RPC call is unsafe to be called externally\"}";
    rig.node[1].override_reply = "\"result\":\"0x1111111111111111111111111111111111111111111111111111111111111111\"";
    cr_expect(
        eq(int, (int)rig.chain->ops->submit(rig.chain, &rig.msg, (const uint8_t *)"xt", 2), (int)W3P_SUBMIT_UNCLEAR));
    cr_expect(
        eq(int, (int)rig.chain->ops->submit(rig.chain, &rig.msg, (const uint8_t *)"xt", 2), (int)W3P_SUBMIT_ACCEPTED));
    stop_rig(&rig);
}

Test(crust, another_chain_is_dropped)
{
    struct rig rig;
    uint8_t genesis32[32];
    memset(&rig, 0, sizeof(rig));
    start_nodes(&rig, 2);
    rig.node[0].tag = 0x22;
    cr_assert(eq(int, open_chain(&rig), W3P_OK));
    memset(genesis32, 0x11, 32);
    cr_assert(eq(int, w3p_crust_pin_genesis(rig.chain, &rig.msg, genesis32), W3P_OK));
    cr_assert(eq(int, info(&rig), W3P_OK), "%s", rig.msg.text);
    cr_expect(eq(int, w3p_crust_of(rig.chain)->current, 1));
    cr_expect(w3p_crust_of(rig.chain)->endpoints[0].wrong_chain);
    // later the other one begins again with another chain
    rig.node[1].tag = 0x33;
    age(&rig);
    cr_expect(eq(int, info(&rig), W3P_E_STATE), "%s", rig.msg.text);
    cr_expect(eq(int, info(&rig), W3P_E_STATE), "%s", rig.msg.text);
    // asked again in the wait, nobody is called; the sentence that clients read is whole even so
    cr_expect(strstr(rig.msg.text, "another chain: asking again") != NULL, "%s", rig.msg.text);
    memset(genesis32, 0x12, 32);
    cr_expect(eq(int, w3p_crust_pin_genesis(rig.chain, &rig.msg, genesis32), W3P_E_STATE));
    stop_rig(&rig);
}

Test(crust, wrong_and_dead_is_not_all_wrong)
{
    struct rig rig;
    memset(&rig, 0, sizeof(rig));
    start_nodes(&rig, 2);
    rig.node[0].tag = 0x22;
    rig.node[1].dead = true;
    snprintf(rig.genesis, sizeof(rig.genesis), "0x1111111111111111111111111111111111111111111111111111111111111111");
    cr_assert(eq(int, open_chain(&rig), W3P_OK));
    cr_expect(eq(int, info(&rig), W3P_E_UNREACHABLE), "%s", rig.msg.text);
    stop_rig(&rig);
}

Test(crust, development_keys_never_meet_mainnet)
{
    struct rig rig;
    memset(&rig, 0, sizeof(rig));
    start_nodes(&rig, 1);
    rig.settings.key_uri = (char *)"//Alice";
    rig.node[0].override_method = "chain_getBlockHash";
    rig.node[0].override_reply = "\"result\":\"" W3P_CRUST_MAINNET_GENESIS "\"";
    cr_assert(eq(int, open_chain(&rig), W3P_OK));
    cr_expect(eq(int, info(&rig), W3P_E_STATE));
    cr_expect(strstr(rig.msg.text, "mainnet") != NULL, "%s", rig.msg.text);
    stop_rig(&rig);
}

Test(crust, syncing_and_late_endpoints_are_second_choice)
{
    struct rig rig;
    struct w3p_chain_head head;
    start_rig(&rig, 2);
    rig.node[0].syncing = true;
    cr_assert(eq(int, info(&rig), W3P_OK));
    cr_expect(eq(int, w3p_crust_of(rig.chain)->current, 1));
    rig.node[0].syncing = false;
    rig.node[1].dead = true;
    cr_assert(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &head), W3P_OK));
    cr_expect(eq(int, w3p_crust_of(rig.chain)->current, 0));
    // node 1 comes back far ahead: the one in use lags and has no new blocks
    rig.node[1].dead = false;
    rig.node[1].best = 200;
    rig.node[1].final = 198;
    w3p_crust_of(rig.chain)->endpoints[1].retry_at_ms = 0;
    rig.node[0].syncing = true;
    age(&rig);
    cr_assert(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &head), W3P_OK));
    cr_expect(head.syncing);
    cr_expect(eq(int, w3p_crust_of(rig.chain)->current, 1));
    stop_rig(&rig);
}

Test(crust, new_runtime_is_noticed)
{
    struct rig rig;
    struct w3p_chain_info out;
    start_rig(&rig, 1);
    cr_assert(eq(int, info(&rig), W3P_OK));
    rig.node[0].spec = 5;
    cr_assert(eq(int, rig.chain->ops->info(rig.chain, &rig.msg, &out), W3P_OK));
    cr_expect(eq(uint, out.spec_version, 4), "not looked at every time");
    age(&rig);
    cr_assert(eq(int, rig.chain->ops->info(rig.chain, &rig.msg, &out), W3P_OK));
    cr_expect(eq(uint, out.spec_version, 5));
    cr_expect(eq(uint, rig.node[0].metadata_calls, 2));
    age(&rig);
    cr_assert(eq(int, info(&rig), W3P_OK));
    cr_expect(eq(uint, rig.node[0].metadata_calls, 2), "same version, same metadata");
    stop_rig(&rig);
}

Test(crust, interrupted)
{
    struct rig rig;
    struct w3p_chain_head head;
    start_rig(&rig, 1);
    rig.chain->ops->interrupt(rig.chain);
    cr_expect(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &head), W3P_E_CLOSED));
    cr_expect(
        eq(int, (int)rig.chain->ops->submit(rig.chain, &rig.msg, (const uint8_t *)"xt", 2), (int)W3P_SUBMIT_UNCLEAR));
    stop_rig(&rig);
}
