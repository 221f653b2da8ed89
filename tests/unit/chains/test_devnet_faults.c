// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the development chain's faults: the syntax of a setting, chances, counts and methods, and what becomes of
// the text of an answer. What becomes of the connection is in tests/e2e/test_faults_node.py.
#include "devnet/faults.h"
#include "devnet_test.h"

static bool sets(struct chain *c, const char *text)
{
    struct w3p_errmsg msg = {{0}};
    int err = w3p_devnet_fault_set(c->net, &msg, text);
    cr_assert(err == W3P_OK ? msg.text[0] == '\0' : msg.text[0] != '\0', "%s: %s", text, msg.text);
    return err == W3P_OK;
}

Test(devnet_faults, wrong_settings_are_refused_and_change_nothing)
{
    static const char *const bad[] = {"",
                                      "nothing",
                                      "delay=",
                                      "delay=,",
                                      "delay=5s",
                                      "delay=200",
                                      "delay=3600001ms",
                                      "delay=-1ms",
                                      "delay=1.5",
                                      "delay=0.1234567",
                                      "delay=0.",
                                      "delay=.5",
                                      "delay=x",
                                      "delay=-1x",
                                      "delay=@",
                                      "delay=taken",
                                      "delay=1x,",
                                      "1010-stale=@x",
                                      "1010-stale=5ms",
                                      "delay=@0123456789012345678901234567890123456789012345678901234567890123"};
    struct chain c;
    chain_init(&c, "crust-25");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_expect(not(sets(&c, bad[i])), "%s", bad[i]);
    for (unsigned i = 0; i < W3P_DEVNET_FAULT_COUNT; i++)
        cr_expect(not(w3p_devnet_fault_on(c.net, (enum w3p_devnet_fault)i)), "%u", i);
    chain_deinit(&c);
}

Test(devnet_faults, chances_counts_and_methods)
{
    struct chain c;
    unsigned hits = 0;
    uint64_t marks[2] = {0, 0};
    chain_init(&c, "crust-25");
    cr_assert(sets(&c, "delay=2x,7ms,@a"));
    cr_expect(not(w3p_devnet_fault_fires(c.net, W3P_DEVNET_FAULT_DELAY, "b")));
    cr_expect(w3p_devnet_fault_fires(c.net, W3P_DEVNET_FAULT_DELAY, "a"));
    cr_expect(eq(u64, w3p_devnet_fault_state(c.net, W3P_DEVNET_FAULT_DELAY)->value, 7));
    cr_expect(w3p_devnet_fault_fires(c.net, W3P_DEVNET_FAULT_DELAY, "a"));
    cr_expect(not(w3p_devnet_fault_fires(c.net, W3P_DEVNET_FAULT_DELAY, "a")));
    cr_expect(eq(u64, w3p_devnet_fault_state(c.net, W3P_DEVNET_FAULT_DELAY)->fired, 2));
    cr_assert(sets(&c, "reset=node2"));
    cr_expect(not(w3p_devnet_fault_fires(c.net, W3P_DEVNET_FAULT_RESET, "a")));
    w3p_devnet_select(c.net, 1);
    cr_expect(w3p_devnet_fault_fires(c.net, W3P_DEVNET_FAULT_RESET, "a"));
    w3p_devnet_select(c.net, 0);
    cr_assert(sets(&c, "reset"));
    cr_expect(not(w3p_devnet_fault_fires(c.net, W3P_DEVNET_FAULT_RESET, "dev_setFault")));
    cr_expect(w3p_devnet_fault_fires(c.net, W3P_DEVNET_FAULT_RESET, "system_chain"));
    cr_assert(sets(&c, "reset=0"));
    cr_expect(not(w3p_devnet_fault_on(c.net, W3P_DEVNET_FAULT_RESET)));
    for (unsigned pass = 0; pass < 2; pass++) { // the same seed, the same faults
        w3p_devnet_fault_seed(c.net, 42);
        cr_assert(sets(&c, "cut=0.25"));
        for (unsigned i = 0; i < 4000; i++) {
            bool hit = w3p_devnet_fault_fires(c.net, W3P_DEVNET_FAULT_CUT, "a");
            hits += hit;
            marks[pass] = marks[pass] * 31 + hit;
        }
    }
    cr_expect(hits > 1800 && hits < 2200, "%u of 8000", hits);
    cr_expect(eq(u64, marks[0], marks[1]));
    chain_deinit(&c);
}

// The fault set over JSON-RPC; the error's code, 0 for none.
static int set_rpc(struct chain *c, const char *params)
{
    char text[400];
    (void)snprintf(text, sizeof text, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"dev_setFault\",\"params\":%s}",
                   params);
    json_t *reply = chain_raw(c, text);
    json_t *error = json_object_get(reply, "error");
    int code = (int)json_integer_value(json_object_get(error, "code"));
    const char *names = json_string_value(json_object_get(error, "data"));
    cr_expect(names == NULL || strstr(names, "1014-priority") != NULL);
    json_decref(reply);
    return code;
}

Test(devnet_faults, are_set_over_rpc)
{
    static const struct {
        const char *params;
        bool ok, on;
    } cases[] = {{"[\"reset\"]", true, false},
                 {"[\"reset\",true]", true, true},
                 {"[\"reset\",null]", true, false},
                 {"[\"reset\",\"3x\"]", true, true},
                 {"[\"reset\",false]", true, false},
                 {"[\"reset\",0.5]", true, true},
                 {"[\"reset\",0]", true, false},
                 {"[\"reset\",1]", true, true},
                 {"[\"reset\",2]", false, true},
                 {"[\"reset\",[]]", false, true},
                 {"[\"reset=1\",true]", false, true},
                 {"[\"nothing\",true]", false, true},
                 {"[\"nothing\",null]", false, true},
                 {"[7]", false, true},
                 {"[]", false, true},
                 {"[\"all\",null]", true, false}};
    struct chain c;
    chain_init(&c, "crust-25");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect(eq(int, set_rpc(&c, cases[i].params), cases[i].ok ? 0 : -32602), "%s", cases[i].params);
        cr_expect(w3p_devnet_fault_on(c.net, W3P_DEVNET_FAULT_RESET) == cases[i].on, "%s", cases[i].params);
    }
    json_t *list = chain_raw(&c, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"dev_faults\"}");
    cr_expect(json_array_size(json_object_get(list, "result")) == W3P_DEVNET_FAULT_COUNT);
    json_decref(list);
    chain_deinit(&c);
}

static struct w3p_devnet_effect answer(struct chain *c, struct w3p_buf *reply, const char *text)
{
    struct w3p_devnet_effect effect;
    w3p_buf_init(reply, (size_t)64 << 20);
    w3p_devnet_answer(c->net, reply, &effect, text, strlen(text));
    return effect;
}

Test(devnet_faults, answers_are_spoilt_as_set)
{
    static const char ask[] = "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"system_chain\"}";
    static const struct {
        const char *set, *expected; // NULL: see the length
        size_t len;
        enum w3p_devnet_fate fate;
    } cases[] = {
        {"wrong-id=1x", "{\"jsonrpc\":\"2.0\",\"result\":\"Crust Development\",\"id\":6}", 0, W3P_DEVNET_SEND},
        {"malformed=1x", "{\"jsonrpc\":\"2.0\",\"result\":\"Crust Development\",\"id\":5", 0, W3P_DEVNET_SEND},
        {"deep=1x,3levels", "{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":[[[]]]}", 0, W3P_DEVNET_SEND},
        {"oversized=1x,1000bytes", NULL, 1000, W3P_DEVNET_SEND},
        {"oversized=1x", NULL, 33554432, W3P_DEVNET_SEND},
        {"request-lost=1x,@*", "", 0, W3P_DEVNET_LOSE},
        {"reset=1x", NULL, 10, W3P_DEVNET_RESET},
        {"close=1x", NULL, 10, W3P_DEVNET_CLOSE},
        {"cut=1x", NULL, 10, W3P_DEVNET_CUT},
        {"endless=1x", NULL, 10, W3P_DEVNET_ENDLESS},
        {"reply-lost=1x", NULL, 10, W3P_DEVNET_SEND}, // that is for extrinsics
        {"reply-lost=1x,@*", NULL, 10, W3P_DEVNET_LOSE},
    };
    struct chain c;
    struct w3p_buf reply;
    chain_init(&c, "crust-25");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert(sets(&c, cases[i].set));
        struct w3p_devnet_effect effect = answer(&c, &reply, ask);
        cr_expect(eq(int, effect.fate, cases[i].fate), "%s", cases[i].set);
        if (cases[i].expected != NULL)
            cr_expect(eq(str, (char *)w3p_buf_str(&reply), (char *)cases[i].expected), "%s", cases[i].set);
        else
            cr_expect(reply.len >= cases[i].len && reply.len < cases[i].len + 100, "%s: %zu", cases[i].set, reply.len);
        w3p_buf_deinit(&reply);
    }
    cr_assert(sets(&c, "delay=1x,9ms"));
    cr_assert(sets(&c, "duplicate=1x"));
    struct w3p_devnet_effect effect = answer(&c, &reply, ask);
    cr_expect(effect.twice && effect.delay_ms == 9);
    w3p_buf_deinit(&reply);
    effect = answer(&c, &reply, ask);
    cr_expect(effect.delay_ms == 0 && !effect.twice);
    w3p_buf_deinit(&reply);
    chain_deinit(&c);
}

Test(devnet_faults, a_batch_and_what_is_no_request_are_answered)
{
    struct chain c;
    struct w3p_buf reply;
    chain_init(&c, "crust-25");
    cr_assert(sets(&c, "wrong-id"));
    cr_assert(sets(&c, "oversized=200bytes"));
    (void)answer(&c, &reply, "[{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"system_chain\"}]");
    cr_expect(strstr(w3p_buf_str(&reply), "\"id\":6}") != NULL && reply.len >= 200);
    w3p_buf_deinit(&reply);
    static const char *const odd[] = {
        "", "[", "[]", "7", "{}", "[7]", "{\"method\":7}", "{\"method\":\"system_chain\"}"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        (void)answer(&c, &reply, odd[i]);
        cr_expect(strstr(w3p_buf_str(&reply), "\"error\"") != NULL, "%s", odd[i]);
        w3p_buf_deinit(&reply);
    }
    chain_deinit(&c);
}

Test(devnet_faults, the_usage_has_every_name)
{
    struct w3p_buf text;
    w3p_buf_init(&text, 65536);
    w3p_devnet_fault_usage(&text);
    for (unsigned i = 0; i < W3P_DEVNET_FAULT_COUNT; i++) {
        cr_expect(strstr(w3p_buf_str(&text), w3p_devnet_fault_rows[i].name) != NULL);
        cr_expect(w3p_devnet_fault_rows[i].help != NULL && w3p_devnet_fault_rows[i].name != NULL, "%u", i);
    }
    w3p_buf_deinit(&text);
}
