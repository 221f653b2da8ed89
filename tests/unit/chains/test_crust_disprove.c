// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the Crust backend takes for proof that an order came to nothing, against nodes that lie, lag, are away,
// and outvote each other; and the health of each that the operator is shown.
#include "unit/chains/chain_test.h"

#include <unistd.h>

#include "crust/crust_internal.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "unit/chains/fake_node.h"

#define NODES 4
#define FILES "5ebf094108ead4fefa73f7a3b13cb4a7b3b78f30e9b952d60249b22fcdaaa76d"
#define ACCOUNT_KEY_ED                                                                                                 \
    "26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9280b197190fc1a763257f65171ea366e"                 \
    "88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee"
#define CID "QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM"
#define CID_KEY                                                                                                        \
    FILES "57f1d9eefda9b955"                                                                                           \
          "b8516d5971436863526e34566635794e5254587252725159466b456b58545844586e703474485663526b4c3267664d"
#define ENTRY "00001000000000000000000000000000000000000000000000000000000000"

struct rig {
    struct fake_node node[NODES];
    size_t count;
    struct w3p_crust_settings settings;
    struct w3p_chain *chain;
    struct w3p_errmsg msg;
    char endpoints[300];
    struct w3p_chain_prior prior;
    struct w3p_chain_head head;
};

static void start_rig(struct rig *rig, size_t n)
{
    struct test_bytes metadata = test_rocky_bytes();
    struct w3p_keypair *key;

    memset(rig, 0, sizeof(*rig));
    w3p_crypto_init();
    w3p_net_global_init();
    rig->count = n;
    for (size_t i = 0; i < n; i++) {
        size_t at = strlen(rig->endpoints);
        fake_node_start(&rig->node[i], 0x11, metadata.ptr, metadata.len);
        snprintf(rig->endpoints + at, sizeof(rig->endpoints) - at, "%s,", rig->node[i].lo.url);
    }
    free(metadata.ptr);
    rig->settings = (struct w3p_crust_settings){.endpoints = rig->endpoints,
                                                .era_blocks = 64,
                                                .connect_timeout_ms = 500,
                                                .reply_timeout_ms = 1000,
                                                .reply_max_bytes = 1u << 20};
    key = w3p_secret_alloc(sizeof(*key));
    cr_assert(eq(int, w3p_keypair_from_uri(key, NULL, W3P_KEY_ED25519, "//Alice"), W3P_OK));
    cr_assert(eq(
        int, w3p_crust_create(&rig->chain, &rig->msg, &(struct w3p_crust_conf){.settings = &rig->settings, .key = key}),
        W3P_OK));
    rig->prior = (struct w3p_chain_prior){
        .cids = {CID, NULL}, .settled_block = 9, .nonce = 4, .birth_block = 3, .cost = 1000, .explained = 0};
    fake_node_hash(&rig->node[0], rig->prior.birth_hash32, 3);
    cr_assert(eq(int, rig->chain->ops->head(rig->chain, &rig->msg, &rig->head), W3P_OK), "%s", rig->msg.text);
    cr_assert(eq(u64, rig->head.final_number, 10));
}

static void stop_rig(struct rig *rig)
{
    rig->chain->ops->destroy(rig->chain);
    for (size_t i = 0; i < rig->count; i++)
        fake_node_stop(&rig->node[i]);
}

static int disprove(struct rig *rig)
{
    return rig->chain->ops->disprove(rig->chain, &rig->msg, &rig->prior, 5, &rig->head);
}

// As if what the endpoints failed with were long ago.
static void forgive(struct rig *rig)
{
    struct w3p_crust *c = w3p_crust_of(rig->chain);
    for (size_t i = 0; i < c->endpoint_count; i++) {
        c->endpoints[i].failures = 0;
        c->endpoints[i].retry_at_ms = 0;
    }
}

// The account's free balance at one block (0: at all others), as 16 hex digits.
static void set_balance(struct fake_node *node, unsigned number, const char *free16)
{
    char value[200];
    snprintf(value, sizeof(value), "0500000000000000%s%016d%032d%032d%032d", free16, 0, 0, 0, 0);
    fake_node_put_at(node, number, ACCOUNT_KEY_ED, value);
}

TestSuite(crust_disprove, .timeout = 30);

Test(crust_disprove, a_second_endpoint_has_to_say_the_same)
{
    struct rig rig;
    start_rig(&rig, 2);
    cr_expect(eq(int, disprove(&rig), W3P_OK), "%s", rig.msg.text);

    fake_node_put(&rig.node[1], CID_KEY, ENTRY); // the second one has the order that the first one hides
    cr_expect(eq(int, disprove(&rig), W3P_E_STATE));
    cr_expect(strstr(rig.msg.text, "contradict") != NULL, "%s", rig.msg.text);
    cr_expect(lt(i64, 0, w3p_crust_of(rig.chain)->endpoints[1].against_at_ms));
    rig.prior.renewal = true;
    cr_expect(eq(int, disprove(&rig), W3P_E_STATE), "nor is it renewed");
    rig.prior.renewal = false;
    fake_node_put(&rig.node[1], CID_KEY, NULL);
    cr_expect(eq(int, disprove(&rig), W3P_OK), "%s", rig.msg.text);

    set_balance(&rig.node[1], 0, "00000000000000a0"); // another account at the same block
    cr_expect(eq(int, disprove(&rig), W3P_E_STATE), "%s", rig.msg.text);
    set_balance(&rig.node[0], 0, "00000000000000a0");
    cr_expect(eq(int, disprove(&rig), W3P_OK), "%s", rig.msg.text);

    rig.node[1].fork_from = 10; // another chain from the finalized block on
    cr_expect(eq(int, disprove(&rig), W3P_E_STATE), "%s", rig.msg.text);
    stop_rig(&rig);
}

Test(crust_disprove, silence_is_no_proof)
{
    struct rig rig;
    start_rig(&rig, 2);
    rig.node[1].dead = true;
    for (int i = 0; i < 2; i++) { // while it is left alone, too
        cr_expect(eq(int, disprove(&rig), W3P_E_BUSY));
        cr_expect(strstr(rig.msg.text, "no second endpoint") != NULL, "%s", rig.msg.text);
    }
    rig.prior.renewal = true; // not let to expire because an endpoint is away
    cr_expect(eq(int, disprove(&rig), W3P_OK), "%s", rig.msg.text);
    rig.prior.renewal = false;
    rig.node[1].dead = false;
    forgive(&rig);
    cr_expect(eq(int, disprove(&rig), W3P_OK), "%s", rig.msg.text);
    rig.node[1].pruned = true;
    cr_expect(eq(int, disprove(&rig), W3P_E_BUSY), "%s", rig.msg.text);
    stop_rig(&rig);
}

Test(crust_disprove, a_node_behind_confirms_from_the_old_orders_end_on)
{
    struct rig rig;
    start_rig(&rig, 2);
    rig.node[1].final = 8; // the old one may still land after that
    cr_expect(eq(int, disprove(&rig), W3P_E_BUSY));
    cr_expect(strstr(rig.msg.text, "below 9") != NULL, "%s", rig.msg.text);
    rig.node[1].final = 9;
    cr_expect(eq(int, disprove(&rig), W3P_OK), "%s", rig.msg.text);
    fake_node_put_at(&rig.node[0], 10, CID_KEY, ENTRY); // it may be right: its block is compared, not the newest
    cr_expect(eq(int, disprove(&rig), W3P_OK), "%s", rig.msg.text);
    fake_node_put_at(&rig.node[1], 9, CID_KEY, ENTRY);
    cr_expect(eq(int, disprove(&rig), W3P_E_STATE), "%s", rig.msg.text);
    fake_node_put_at(&rig.node[1], 9, CID_KEY, NULL);
    set_balance(&rig.node[1], 9, "00000000000000a0");
    cr_expect(eq(int, disprove(&rig), W3P_E_STATE), "%s", rig.msg.text);
    set_balance(&rig.node[0], 9, "00000000000000a0");
    cr_expect(eq(int, disprove(&rig), W3P_OK), "%s", rig.msg.text);
    rig.node[1].fork_from = 9;
    cr_expect(eq(int, disprove(&rig), W3P_E_STATE), "%s", rig.msg.text);
    stop_rig(&rig);
}

Test(crust_disprove, senseless_answers_are_silence)
{
    static const struct {
        const char *method, *reply;
    } table[] = {
        {"chain_getFinalizedHead", "\"result\":7"}, {"chain_getHeader", "\"result\":{\"number\":[]}"},
        {"state_getStorage", "\"result\":{}"},      {"state_getStorage", "\"result\":\"0x0\""},
        {"chain_getBlockHash", "\"result\":null"},  {"state_getStorage", "\"error\":{\"code\":1,\"message\":\"no\"}"}};
    struct rig rig;
    start_rig(&rig, 2);
    cr_expect(eq(int, disprove(&rig), W3P_OK), "%s", rig.msg.text);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        rig.node[1].override_reply = table[i].reply;
        rig.node[1].override_method = table[i].method;
        cr_expect(eq(int, disprove(&rig), W3P_E_BUSY), "%zu %s", i, rig.msg.text);
        forgive(&rig);
    }
    stop_rig(&rig);
}

Test(crust_disprove, most_of_three_decide)
{
    struct rig rig;
    start_rig(&rig, 3);
    fake_node_put(&rig.node[2], CID_KEY, ENTRY);
    cr_expect(eq(int, disprove(&rig), W3P_OK), "two against one: %s", rig.msg.text);
    fake_node_put(&rig.node[1], CID_KEY, ENTRY); // now the one in use stands alone
    cr_expect(eq(int, disprove(&rig), W3P_E_STATE));
    cr_expect(eq(int, rig.chain->ops->head(rig.chain, &rig.msg, &rig.head), W3P_OK), "%s", rig.msg.text);
    cr_expect(ne(int, w3p_crust_of(rig.chain)->current, 0), "the outvoted one is left alone");
    cr_expect(eq(int, disprove(&rig), W3P_OK), "%s", rig.msg.text);
    stop_rig(&rig);
}

Test(crust_disprove, two_against_two_pay_nothing)
{
    struct rig rig;
    start_rig(&rig, 4);
    fake_node_put(&rig.node[2], CID_KEY, ENTRY);
    fake_node_put(&rig.node[3], CID_KEY, ENTRY);
    cr_expect(eq(int, disprove(&rig), W3P_E_STATE));
    cr_expect(eq(int, w3p_crust_of(rig.chain)->current, 0), "nobody is outvoted");
    stop_rig(&rig);
}

// What two endpoints of one node say is what one says.
static void expect_alone(struct rig *rig)
{
    rig->head.final_number = 18;
    cr_expect(eq(int, disprove(rig), W3P_E_BUSY));
    cr_expect(strstr(rig->msg.text, "after block 19") != NULL, "%s", rig->msg.text);
    rig->head.final_number = 19;
    cr_expect(eq(int, disprove(rig), W3P_OK), "%s", rig->msg.text);
}

// The endpoint in use says that there is no entry when the order is decided upon, and the truth when it is compared.
Test(crust_disprove, what_is_agreed_on_must_be_what_was_decided_upon)
{
    struct w3p_chain_file seen[2] = {{.exists = false}, {.exists = false}};
    struct rig rig;
    start_rig(&rig, 2);
    rig.prior.seen = seen;
    cr_expect(eq(int, disprove(&rig), W3P_OK), "%s", rig.msg.text);
    fake_node_put(&rig.node[0], CID_KEY, ENTRY);
    fake_node_put(&rig.node[1], CID_KEY, ENTRY);
    cr_expect(eq(int, disprove(&rig), W3P_E_BUSY));
    cr_expect(strstr(rig.msg.text, "another one than now") != NULL, "%s", rig.msg.text);
    seen[0] = (struct w3p_chain_file){.exists = true, .size = 0x100000};
    cr_expect(eq(int, disprove(&rig), W3P_OK), "%s", rig.msg.text);
    seen[0].size++;
    cr_expect(eq(int, disprove(&rig), W3P_E_BUSY));
    stop_rig(&rig);
}

// It has no state to be compared, it says: that of the other one is no second opinion on itself.
Test(crust_disprove, a_node_without_the_state_is_not_confirmed)
{
    struct rig rig;
    start_rig(&rig, 2);
    rig.node[0].override_reply = "\"error\":{\"code\":4003,\"message\":\"State already discarded\"}";
    rig.node[0].override_method = "state_getStorage";
    cr_expect(eq(int, disprove(&rig), W3P_E_BUSY), "%s", rig.msg.text);
    stop_rig(&rig);
}

Test(crust_disprove, two_urls_of_one_node_are_one_voice)
{
    struct rig rig;
    start_rig(&rig, 2);
    rig.node[0].peer = rig.node[1].peer = "12D3KooWMcAHcs97R49PLZjGUKDbP1fr9iijeepod8fkktHTLCgN";
    w3p_crust_doubt(w3p_crust_of(rig.chain)); // asked its name again
    expect_alone(&rig);
    rig.node[1].dead = true; // a name is no proof that the silent one is this one
    cr_expect(eq(int, disprove(&rig), W3P_E_BUSY));
    cr_expect(strstr(rig.msg.text, "no second endpoint") != NULL, "%s", rig.msg.text);
    stop_rig(&rig);
}

Test(crust_disprove, a_node_that_does_not_say_who_it_is_confirms_nobody)
{
    struct rig rig;
    start_rig(&rig, 2);
    rig.node[1].peer = "";
    expect_alone(&rig);
    rig.head.final_number = 10;
    fake_node_put(&rig.node[1], CID_KEY, ENTRY); // but it is heard
    cr_expect(eq(int, disprove(&rig), W3P_E_STATE), "%s", rig.msg.text);
    stop_rig(&rig);
}

Test(crust_disprove, no_node_outvotes_another_by_two_urls)
{
    struct rig rig;
    start_rig(&rig, 3);
    rig.node[1].peer = rig.node[2].peer = "twins";
    fake_node_put(&rig.node[1], CID_KEY, ENTRY);
    fake_node_put(&rig.node[2], CID_KEY, ENTRY);
    cr_expect(eq(int, disprove(&rig), W3P_E_STATE));
    cr_expect(eq(int, w3p_crust_of(rig.chain)->current, 0), "one against one");
    rig.node[2].peer = ""; // nor by one of them keeping silent about its name
    for (size_t i = 0; i < 3; i++)
        w3p_crust_of(rig.chain)->endpoints[i].checked_at_ms = 0;
    cr_expect(eq(int, disprove(&rig), W3P_E_STATE));
    cr_expect(eq(int, w3p_crust_of(rig.chain)->current, 0));
    stop_rig(&rig);
}

Test(crust_disprove, the_same_nonce_is_proof_in_itself)
{
    struct rig rig;
    start_rig(&rig, 2);
    rig.node[1].dead = true;
    cr_expect(eq(int, rig.chain->ops->disprove(rig.chain, &rig.msg, &rig.prior, 4, &rig.head), W3P_OK));
    rig.prior.paid = true; // its nonce was used: nothing new can have it
    cr_expect(eq(int, rig.chain->ops->disprove(rig.chain, &rig.msg, &rig.prior, 4, &rig.head), W3P_E_BUSY));
    stop_rig(&rig);
}

Test(crust_disprove, a_lone_endpoint_must_show_more_blocks_and_the_money)
{
    struct rig rig;
    start_rig(&rig, 1);
    cr_expect(eq(int, disprove(&rig), W3P_E_BUSY));
    cr_expect(strstr(rig.msg.text, "after block 19") != NULL, "%s", rig.msg.text);
    rig.head.final_number = 18;
    cr_expect(eq(int, disprove(&rig), W3P_E_BUSY));
    rig.head.final_number = 19;
    cr_expect(eq(int, disprove(&rig), W3P_OK), "%s", rig.msg.text);
    rig.node[0].pruned = true; // the balance at its birth is not known any more
    cr_expect(eq(int, disprove(&rig), W3P_OK), "%s", rig.msg.text);
    stop_rig(&rig);
}

Test(crust_disprove, a_balance_that_dropped_by_the_order_speaks_against_it)
{
    struct rig rig;
    start_rig(&rig, 1);
    rig.head.final_number = 19;
    set_balance(&rig.node[0], 0, "f401000000000000"); // 500
    set_balance(&rig.node[0], 3, "dc05000000000000"); // 1500 at the birth of the order
    cr_expect(eq(int, disprove(&rig), W3P_E_STATE));
    cr_expect(strstr(rig.msg.text, "balance") != NULL, "%s", rig.msg.text);
    rig.prior.cost = 1001;
    cr_expect(eq(int, disprove(&rig), W3P_OK), "%s", rig.msg.text);
    rig.prior.cost = 1000;
    rig.prior.explained = 1; // that much went for others
    cr_expect(eq(int, disprove(&rig), W3P_OK), "%s", rig.msg.text);
    rig.prior.explained = 0;
    rig.prior.paid = true; // it was paid: its cost is no news
    cr_expect(eq(int, disprove(&rig), W3P_OK), "%s", rig.msg.text);
    stop_rig(&rig);
}

// A queue that moves on pays for other contents all the time.
Test(crust_disprove, a_balance_that_dropped_after_the_order_had_ended_says_nothing)
{
    struct rig rig;
    start_rig(&rig, 1);
    rig.head.final_number = 19;
    set_balance(&rig.node[0], 0, "f401000000000000"); // 500
    set_balance(&rig.node[0], 3, "dc05000000000000"); // 1500 at the birth of the order …
    set_balance(&rig.node[0], 9, "dc05000000000000"); // … and where it ended
    cr_expect(eq(int, disprove(&rig), W3P_OK), "%s", rig.msg.text);
    set_balance(&rig.node[0], 9, "f401000000000000");
    set_balance(&rig.node[0], 0, "dc05000000000000"); // what came in later does not hide it
    cr_expect(eq(int, disprove(&rig), W3P_E_STATE));
    stop_rig(&rig);
}

static int read_terms(struct rig *rig)
{
    struct w3p_chain_terms terms;
    w3p_crust_of(rig->chain)->vote_at_ms = 0;
    int err = rig->chain->ops->head(rig->chain, &rig->msg, &rig->head);
    return err == W3P_OK ? rig->chain->ops->terms(rig->chain, &rig->msg, &terms, rig->head.final_hash32) : err;
}

Test(crust_disprove, terms_that_most_of_three_contradict_are_not_believed)
{
    struct rig rig;
    start_rig(&rig, 3);
    struct w3p_crust *c = w3p_crust_of(rig.chain);
    set_balance(&rig.node[2], 0, "00000000000000a0");
    cr_expect(eq(int, read_terms(&rig), W3P_OK), "two against one: %s", rig.msg.text);
    set_balance(&rig.node[1], 0, "00000000000000a0");
    rig.node[1].final = 9; // it does not know the block yet
    cr_expect(eq(int, read_terms(&rig), W3P_OK), "one against one: %s", rig.msg.text);
    rig.node[1].final = 10;
    rig.node[1].peer = rig.node[2].peer = "twins";
    for (size_t i = 0; i < 3; i++)
        c->endpoints[i].checked_at_ms = 0;
    cr_expect(eq(int, read_terms(&rig), W3P_OK), "one node by two URLs: %s", rig.msg.text);
    cr_expect(eq(int, c->current, 0));
    rig.node[1].peer = NULL;
    for (size_t i = 0; i < 3; i++)
        c->endpoints[i].checked_at_ms = 0;
    cr_expect(eq(int, read_terms(&rig), W3P_E_PROTOCOL));
    cr_expect(strstr(rig.msg.text, "outvoted") != NULL, "%s", rig.msg.text);
    cr_expect(eq(int, read_terms(&rig), W3P_OK), "%s", rig.msg.text);
    cr_expect(ne(int, c->current, 0));
    stop_rig(&rig);
}

Test(crust_disprove, terms_that_two_of_four_contradict_are_believed)
{
    struct rig rig;
    start_rig(&rig, 4);
    set_balance(&rig.node[2], 0, "00000000000000a0");
    set_balance(&rig.node[3], 0, "00000000000000a0");
    cr_expect(eq(int, read_terms(&rig), W3P_OK), "%s", rig.msg.text);
    cr_expect(eq(int, w3p_crust_of(rig.chain)->current, 0));
    stop_rig(&rig);
}

static void ignore(void *arg)
{
    (void)arg;
}

Test(crust_disprove, health_of_every_endpoint)
{
    struct rig rig;
    struct w3p_crust_endpoint_status s[W3P_CRUST_STATUS_MAX];
    start_rig(&rig, 2);
    cr_expect(eq(sz, w3p_crust_status(rig.chain, s, 2), 0), "nobody looks yet");
    rig.node[1].tag = 0x22;                                   // another chain
    w3p_rpc_reset(w3p_crust_of(rig.chain)->endpoints[0].rpc); // the scripted node takes one connection at a time
    cr_assert(eq(int, w3p_crust_watch_start(rig.chain, &rig.msg, ignore, NULL), W3P_OK));
    cr_expect(eq(int, w3p_crust_watch_start(rig.chain, &rig.msg, ignore, NULL), W3P_E_STATE));
    for (int i = 0; i < 500 && (w3p_crust_status(rig.chain, s, 2) < 2 || s[1].checked_ms == 0); i++)
        usleep(10000);
    cr_expect(s[0].healthy, "%s", s[0].error);
    cr_expect(s[0].in_use);
    cr_expect(eq(u64, s[0].final_number, 10));
    cr_expect(strstr(rig.node[0].lo.url, s[0].host) != NULL);
    cr_expect(s[1].wrong_chain);
    cr_expect(not(s[1].healthy));
    cr_expect(strstr(s[1].error, "another chain") != NULL, "%s", s[1].error);
    cr_expect(not(s[0].contradicts));
    w3p_crust_watch_contradicted(w3p_crust_of(rig.chain), 0, "it lies");
    cr_expect(eq(sz, w3p_crust_status(rig.chain, s, 1), 2), "no more than there is room for");
    cr_expect(s[0].contradicts);
    w3p_crust_watch_stop(rig.chain);
    stop_rig(&rig);
}
