// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: replies of JSON-RPC taken apart, the errors of nodes and emulators, hex values, and calls to a server that
// answers with the wrong id, with noise, or never for us.
#include "unit/chains/chain_test.h"

#include <criterion/parameterized.h>

#include "crust/crust_internal.h"
#include "crypto/hash.h"
#include "substrate/rpc.h"
#include "unit/chains/fake_node.h"

TestSuite(rpc, .timeout = 20);

static const struct {
    const char *reply;
    int err;
    bool has_code;
    int code;
    const char *text; // of the error
} replies[] = {
    {"", W3P_E_PROTOCOL, false, 0, NULL},
    {"nonsense", W3P_E_PROTOCOL, false, 0, NULL},
    {"[]", W3P_E_PROTOCOL, false, 0, NULL},
    {"{\"id\":7}", W3P_E_PROTOCOL, false, 0, NULL},
    {"{\"id\":7,\"result\":1,\"result\":2}", W3P_E_PROTOCOL, false, 0, NULL},
    {"{\"id\":7,\"result\":1} trailing", W3P_E_PROTOCOL, false, 0, NULL},
    {"{\"id\":8,\"result\":1}", W3P_E_NOTFOUND, false, 0, NULL},
    {"{\"id\":\"7\",\"result\":1}", W3P_E_NOTFOUND, false, 0, NULL},
    {"{\"id\":-7,\"result\":1}", W3P_E_NOTFOUND, false, 0, NULL},
    {"{\"jsonrpc\":\"2.0\",\"method\":\"chain_newHead\",\"params\":{}}", W3P_E_NOTFOUND, false, 0, NULL},
    {"{\"id\":null,\"result\":1}", W3P_E_NOTFOUND, false, 0, NULL},
    {"{\"id\":null,\"error\":{\"code\":-32700,\"message\":\"Parse error\"}}", W3P_E_REMOTE, true, -32700,
     "Parse error"},
    {"{\"id\":7,\"error\":{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Transaction is outdated\"}}",
     W3P_E_REMOTE, true, 1010, "Invalid Transaction: Transaction is outdated"},
    {"{\"id\":7,\"error\":{\"message\":\"{\\\"invalid\\\":{\\\"payment\\\":null}}\"}}", W3P_E_REMOTE, false, 0,
     "{\"invalid\":{\"payment\":null}}"},
    {"{\"id\":7,\"error\":{\"code\":\"1010\",\"message\":\"a\\n\\tb\\u00e9\",\"data\":{\"x\":1}}}", W3P_E_REMOTE, false,
     0, "a b??: {\"x\":1}"},
    {"{\"id\":7,\"error\":\"boom\"}", W3P_E_REMOTE, false, 0, "boom"},
    {"{\"id\":7,\"result\":1,\"error\":\"boom\"}", W3P_E_REMOTE, false, 0, "boom"},
    {"{\"id\":7,\"error\":{}}", W3P_E_REMOTE, false, 0, ""},
    {"{\"id\":7,\"error\":null,\"result\":null}", W3P_OK, false, 0, NULL},
    {"{\"jsonrpc\":\"2.0\",\"result\":\"0x00\",\"id\":7}", W3P_OK, false, 0, NULL},
};

ParameterizedTestParameters(rpc, reply)
{
    static int index[sizeof(replies) / sizeof(replies[0])];
    for (int i = 0; i < (int)(sizeof(replies) / sizeof(replies[0])); i++)
        index[i] = i;
    return cr_make_param_array(int, index, sizeof(replies) / sizeof(replies[0]));
}

ParameterizedTest(int *i, rpc, reply)
{
    struct w3p_rpc_error error = {0};
    struct w3p_errmsg msg = {{0}};
    json_t *result = NULL;
    const char *text = replies[*i].reply;
    cr_assert(eq(int, w3p_rpc_parse(&result, &error, &msg, 7, text, strlen(text)), replies[*i].err), "%s", text);
    cr_expect(eq(int, result != NULL, replies[*i].err == W3P_OK));
    if (replies[*i].text != NULL) {
        cr_expect(eq(str, error.text, (char *)replies[*i].text));
        cr_expect(eq(int, error.has_code, replies[*i].has_code));
        cr_expect(eq(int, (int)error.code, replies[*i].code));
    }
    json_decref(result);
}

Test(rpc, long_error_text_is_cut)
{
    struct w3p_rpc_error error = {0};
    struct w3p_errmsg msg = {{0}};
    json_t *result = NULL;
    struct w3p_buf text;
    w3p_buf_init(&text, 100000);
    w3p_buf_put_str(&text, "{\"id\":7,\"error\":{\"message\":\"");
    for (int i = 0; i < 5000; i++)
        w3p_buf_put_str(&text, "word ");
    w3p_buf_put_str(&text, "\"}}");
    cr_expect(eq(int, w3p_rpc_parse(&result, &error, &msg, 7, w3p_buf_str(&text), text.len), W3P_E_REMOTE));
    cr_expect(eq(sz, strlen(error.text), sizeof(error.text) - 1));
    w3p_buf_deinit(&text);
}

static const struct {
    const char *json;
    int err;
    uint64_t value;
} numbers[] = {
    {"\"\"", W3P_E_PROTOCOL, 0},
    {"\"0x\"", W3P_E_PROTOCOL, 0},
    {"\"12\"", W3P_E_PROTOCOL, 0},
    {"\"0x1g\"", W3P_E_PROTOCOL, 0},
    {"\"0x10000000000000000\"", W3P_E_PROTOCOL, 0},
    {"-1", W3P_E_PROTOCOL, 0},
    {"null", W3P_E_PROTOCOL, 0},
    {"1.5", W3P_E_PROTOCOL, 0},
    {"\"0x2a\"", W3P_OK, 42},
    {"\"0x0000000000000000000000000000002A\"", W3P_OK, 42},
    {"\"0xffffffffffffffff\"", W3P_OK, UINT64_MAX},
    {"42", W3P_OK, 42},
};

Test(rpc, hex_numbers)
{
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        json_t *value = json_loads(numbers[i].json, JSON_DECODE_ANY, NULL);
        uint64_t got = 0;
        cr_expect(eq(int, w3p_rpc_hex_number(&got, value), numbers[i].err), "%s", numbers[i].json);
        cr_expect(eq(u64, got, numbers[i].value), "%s", numbers[i].json);
        json_decref(value);
    }
}

#define HASH "91b171bb158e2d3848fa23a9f1c25182fb8e20313b2c1eb49219da7a70ce90c3"

Test(rpc, hashes)
{
    static const char *const bad[] = {"",
                                      "0x",
                                      HASH,
                                      "0x" HASH "00",
                                      "0x" HASH "0",
                                      "0X" HASH,
                                      "00" HASH,
                                      "0xg1b171bb158e2d3848fa23a9f1c25182fb8e20313b2c1eb49219da7a70ce90c3"};
    uint8_t hash32[32] = {0};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        json_t *value = json_string(bad[i]);
        cr_expect(eq(int, w3p_rpc_hash(hash32, value), W3P_E_PROTOCOL), "%s", bad[i]);
        json_decref(value);
    }
    cr_expect(eq(int, w3p_rpc_hash(hash32, NULL), W3P_E_PROTOCOL));
    cr_expect(eq(u8, hash32[0], 0));
    json_t *value = json_string("0x" HASH);
    cr_expect(eq(int, w3p_rpc_hash(hash32, value), W3P_OK));
    cr_expect(test_is_hex(hash32, 32, HASH));
    json_decref(value);
}

Test(rpc, hex_bytes)
{
    static const char *const bad[] = {"", "0", "0x0", "00", "0xzz", "x000"};
    struct w3p_buf out;
    w3p_buf_init(&out, 4);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        json_t *value = json_string(bad[i]);
        cr_expect(eq(int, w3p_rpc_bytes(&out, value), W3P_E_PROTOCOL), "%s", bad[i]);
        json_decref(value);
    }
    cr_expect(eq(int, w3p_rpc_bytes(&out, NULL), W3P_E_PROTOCOL));
    json_t *value = json_string("0x0102030405");
    cr_expect(eq(int, w3p_rpc_bytes(&out, value), W3P_E_LIMIT));
    json_decref(value);
    value = json_string("0x01Ab");
    cr_expect(eq(int, w3p_rpc_bytes(&out, value), W3P_OK));
    cr_expect(test_is_hex(out.ptr, out.len, "01ab"));
    json_decref(value);
    value = w3p_rpc_hex(out.ptr, out.len);
    cr_expect(eq(str, (char *)json_string_value(value), "0x01ab"));
    json_decref(value);
    w3p_buf_deinit(&out);
}

static const struct {
    const char *error; // error object of a node
    enum w3p_submit verdict;
} verdicts[] = {
    {"{\"code\":1001,\"message\":\"Extrinsic has invalid format: Codec error\"}", W3P_SUBMIT_BAD},
    {"{\"code\":1002,\"message\":\"Verification Error: Runtime error\",\"data\":\"x\"}", W3P_SUBMIT_UNCLEAR},
    {"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Transaction is outdated\"}", W3P_SUBMIT_STALE},
    {"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Transaction will be valid in the future\"}",
     W3P_SUBMIT_FUTURE},
    {"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Transaction has a bad signature\"}",
     W3P_SUBMIT_BAD},
    {"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Transaction has an ancient birth block\"}",
     W3P_SUBMIT_BAD},
    {"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Inability to pay some fees (e.g. account balance "
     "too "
     "low)\"}",
     W3P_SUBMIT_PAYMENT},
    {"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Payment\"}", W3P_SUBMIT_PAYMENT},
    {"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Stale\"}", W3P_SUBMIT_STALE},
    {"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Transaction would exhaust the block limits\"}",
     W3P_SUBMIT_FULL},
    {"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Custom error: 7\"}", W3P_SUBMIT_BAD},
    {"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"Tranaction dispatch is mandatory; transactions may "
     "not have mandatory dispatches.\"}",
     W3P_SUBMIT_BAD},
    {"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"A call was labelled as mandatory, but resulted in "
     "an Error.\"}",
     W3P_SUBMIT_BAD},
    {"{\"code\":1010,\"message\":\"Invalid Transaction\",\"data\":\"something new\"}", W3P_SUBMIT_UNCLEAR},
    {"{\"code\":1011,\"message\":\"Unknown Transaction Validity\"}", W3P_SUBMIT_UNCLEAR},
    {"{\"code\":1012,\"message\":\"Transaction is temporarily banned\"}", W3P_SUBMIT_BANNED},
    {"{\"code\":1013,\"message\":\"Transaction Already Imported\",\"data\":\"0x00\"}", W3P_SUBMIT_ACCEPTED},
    {"{\"code\":1014,\"message\":\"Priority is too low: (1 vs 2)\"}", W3P_SUBMIT_PRIORITY},
    {"{\"code\":1015,\"message\":\"Cycle Detected\"}", W3P_SUBMIT_UNCLEAR},
    {"{\"code\":1016,\"message\":\"Immediately Dropped\"}", W3P_SUBMIT_FULL},
    {"{\"code\":-32601,\"message\":\"Method not found\"}", W3P_SUBMIT_UNCLEAR},
    {"{\"code\":-32005,\"message\":\"payment required: rate limit\"}", W3P_SUBMIT_UNCLEAR},
    {"{\"message\":\"{\\\"invalid\\\":{\\\"payment\\\":null}}\"}", W3P_SUBMIT_PAYMENT},
    {"{\"message\":\"{\\\"invalid\\\":{\\\"stale\\\":null}}\"}", W3P_SUBMIT_STALE},
    {"{\"message\":\"{\\\"invalid\\\":{\\\"future\\\":null}}\"}", W3P_SUBMIT_FUTURE},
    {"{\"message\":\"{\\\"invalid\\\":{\\\"badProof\\\":null}}\"}", W3P_SUBMIT_BAD},
    {"{\"message\":\"{\\\"invalid\\\":{\\\"ancientBirthBlock\\\":null}}\"}", W3P_SUBMIT_BAD},
    {"{\"message\":\"{\\\"unknown\\\":{\\\"cannotLookup\\\":null}}\"}", W3P_SUBMIT_UNCLEAR},
    {"{\"code\":1,\"message\":\"1010: Invalid Transaction: Transaction is outdated\"}", W3P_SUBMIT_STALE},
    {"{}", W3P_SUBMIT_UNCLEAR},
};

ParameterizedTestParameters(rpc, submit_verdict)
{
    static int index[sizeof(verdicts) / sizeof(verdicts[0])];
    for (int i = 0; i < (int)(sizeof(verdicts) / sizeof(verdicts[0])); i++)
        index[i] = i;
    return cr_make_param_array(int, index, sizeof(verdicts) / sizeof(verdicts[0]));
}

ParameterizedTest(int *i, rpc, submit_verdict)
{
    struct w3p_rpc_error error = {0};
    json_t *result = NULL;
    char text[512];
    snprintf(text, sizeof(text), "{\"id\":1,\"error\":%s}", verdicts[*i].error);
    cr_assert(eq(int, w3p_rpc_parse(&result, &error, NULL, 1, text, strlen(text)), W3P_E_REMOTE));
    cr_expect(eq(int, (int)w3p_crust_submit_verdict(&error), (int)verdicts[*i].verdict), "%s", verdicts[*i].error);
}

static void serve_wrong_id(struct loopback *lo, int fd)
{
    char request[4096];
    (void)lo;
    while (loopback_request(fd, request, sizeof(request)))
        loopback_http(fd, 200, "application/json", "{\"jsonrpc\":\"2.0\",\"id\":999,\"result\":true}");
}

static void serve_notifications(struct loopback *lo, int fd)
{
    char text[512];
    size_t len = 0;
    unsigned id = 0;
    if (!loopback_upgrade(fd))
        return;
    while (loopback_read_frame(fd, text, sizeof(text), &len) == 1) {
        for (size_t i = 0; i < lo->number; i++)
            loopback_frame(fd, 0x81, "{\"method\":\"noise\",\"params\":{}}", 30);
        if (sscanf(text, "{\"jsonrpc\":\"2.0\",\"id\":%u", &id) != 1)
            return;
        int n = snprintf(text, sizeof(text), "{\"id\":%u,\"result\":\"mine\"}", id);
        loopback_frame(fd, 0x81, text, (size_t)n);
    }
}

static struct w3p_rpc *open_rpc(const struct loopback *lo)
{
    struct w3p_rpc *rpc = NULL;
    struct w3p_errmsg msg = {{0}};
    struct w3p_net_conf conf = {
        .url = lo->url, .reply_max_bytes = 10000, .connect_timeout_ms = 1000, .reply_timeout_ms = 1000};
    w3p_crypto_init();
    w3p_net_global_init();
    cr_assert(eq(int, w3p_rpc_create(&rpc, &msg, &conf), W3P_OK));
    return rpc;
}

Test(rpc, an_answer_to_somebody_else)
{
    struct loopback lo = {0};
    struct w3p_errmsg msg = {{0}};
    json_t *result = NULL;
    loopback_start(&lo, "http", serve_wrong_id);
    struct w3p_rpc *rpc = open_rpc(&lo);
    cr_expect(eq(int, w3p_rpc_call(rpc, &msg, &result, NULL, "system_chain", NULL), W3P_E_PROTOCOL));
    cr_expect(result == NULL);
    cr_expect(strncmp(msg.text, "system_chain: ", 14) == 0, "%s", msg.text);
    w3p_rpc_destroy(rpc);
    loopback_stop(&lo);
}

static void serve_quoted_key(struct loopback *lo, int fd)
{
    char request[4096];
    (void)lo;
    while (loopback_request(fd, request, sizeof(request)))
        loopback_http(fd, 200, "application/json",
                      "{\"id\":1,\"error\":{\"code\":-32001,\"message\":\"no such project: 0123456789abcdef, nor "
                      "verysecret\",\"data\":\"/v3/0123456789abcdef?k=verysecret\"}}");
}

// Providers take their key in the URL, and some quote it in their errors.
Test(rpc, a_key_in_the_url_is_not_passed_on)
{
    struct loopback lo = {0};
    struct w3p_errmsg msg = {{0}};
    struct w3p_rpc_error error;
    json_t *result = NULL;
    loopback_start(&lo, "http", serve_quoted_key);
    size_t len = strlen(lo.url);
    snprintf(lo.url + len, sizeof(lo.url) - len, "/v3/0123456789abcdef?k=verysecret");
    struct w3p_rpc *rpc = open_rpc(&lo);
    cr_expect(eq(int, w3p_rpc_call(rpc, &msg, &result, &error, "system_chain", NULL), W3P_E_REMOTE));
    for (int i = 0; i < 2; i++) {
        const char *text = i == 0 ? msg.text : error.text;
        cr_expect(strstr(text, "no such project: ****************, nor **********") != NULL, "%s", text);
        cr_expect(strstr(text, "0123456789abcdef") == NULL && strstr(text, "verysecret") == NULL, "%s", text);
    }
    w3p_rpc_destroy(rpc);
    loopback_stop(&lo);
}

static void serve_quoted_stars(struct loopback *lo, int fd)
{
    char request[4096];
    (void)lo;
    while (loopback_request(fd, request, sizeof(request)))
        loopback_http(
            fd, 200, "application/json",
            "{\"id\":1,\"error\":{\"code\":-32001,\"message\":\"no such project: *********, nor ********\"}}");
}

// Somebody copied a URL whose key was hidden.
Test(rpc, a_key_of_stars_does_not_keep_it_busy)
{
    struct loopback lo = {0};
    struct w3p_errmsg msg = {{0}};
    json_t *result = NULL;
    loopback_start(&lo, "http", serve_quoted_stars);
    size_t len = strlen(lo.url);
    snprintf(lo.url + len, sizeof(lo.url) - len, "/v3/********");
    struct w3p_rpc *rpc = open_rpc(&lo);
    cr_expect(eq(int, w3p_rpc_call(rpc, &msg, &result, NULL, "system_chain", NULL), W3P_E_REMOTE));
    cr_expect(strstr(msg.text, "no such project: *********, nor ********") != NULL, "%s", msg.text);
    w3p_rpc_destroy(rpc);
    loopback_stop(&lo);
}

Test(rpc, notifications_are_passed_over_up_to_a_bound)
{
    struct loopback lo = {.number = W3P_RPC_SKIP_MAX};
    struct w3p_errmsg msg = {{0}};
    json_t *result = NULL;
    loopback_start(&lo, "ws", serve_notifications);
    struct w3p_rpc *rpc = open_rpc(&lo);
    for (int i = 0; i < 3; i++) {
        cr_assert(eq(int, w3p_rpc_call(rpc, &msg, &result, NULL, "system_chain", NULL), W3P_OK), "%s", msg.text);
        cr_expect(eq(str, (char *)json_string_value(result), "mine"));
        json_decref(result);
        result = NULL;
    }
    cr_expect(eq(int, lo.connections, 1));
    lo.number = W3P_RPC_SKIP_MAX + 1;
    cr_expect(eq(int, w3p_rpc_call(rpc, &msg, &result, NULL, "system_chain", json_pack("[i]", 1)), W3P_E_PROTOCOL));
    w3p_rpc_destroy(rpc);
    loopback_stop(&lo);
}

static void serve_notices(struct loopback *lo, int fd)
{
    static const char *const texts[] = {
        "{\"jsonrpc\":\"2.0\",\"id\":9,\"result\":1}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"chain_newHead\",\"params\":{}}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"chain_finalizedHead\"}", "{\"jsonrpc\":\"2.0\",\"method\":[],\"params\":{}}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"chain_finalizedHead\",\"params\":{\"result\":7}}"};
    char text[512];
    size_t len = 0;
    if (!loopback_upgrade(fd) || loopback_read_frame(fd, text, sizeof(text), &len) < 0)
        return;
    loopback_frame(fd, 0x81, "{\"id\":1,\"result\":\"s\"}", 21);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        loopback_frame(fd, 0x81, texts[i], strlen(texts[i]));
    loopback_frame(fd, 0x81, lo->text, strlen(lo->text));
    (void)loopback_read_frame(fd, text, sizeof(text), &len); // until the client goes away
}

Test(rpc, notices_of_a_subscription)
{
    static const char *const last[] = {"nonsense", "[", ""};
    w3p_net_global_init();
    for (size_t k = 0; k < sizeof(last) / sizeof(last[0]); k++) {
        struct loopback lo = {.text = last[k]};
        struct w3p_errmsg msg = {{0}};
        struct w3p_rpc *rpc = NULL;
        json_t *result = NULL;
        loopback_start(&lo, "ws", serve_notices);
        struct w3p_net_conf conf = {
            .url = lo.url, .reply_max_bytes = 4096, .connect_timeout_ms = 1000, .reply_timeout_ms = 1000};
        cr_assert(eq(int, w3p_rpc_create(&rpc, &msg, &conf), W3P_OK));
        cr_expect(eq(int, w3p_rpc_notice(rpc, &msg, &result, "chain_finalizedHead", 50), W3P_E_STATE));
        cr_assert(eq(int, w3p_rpc_call(rpc, &msg, &result, NULL, "chain_subscribeFinalizedHeads", NULL), W3P_OK), "%s",
                  msg.text);
        json_decref(result);
        for (int i = 0; i < 4; i++)
            cr_expect(eq(int, w3p_rpc_notice(rpc, &msg, &result, "chain_finalizedHead", 500), W3P_E_NOTFOUND), "%d", i);
        cr_assert(eq(int, w3p_rpc_notice(rpc, &msg, &result, "chain_finalizedHead", 500), W3P_OK), "%s", msg.text);
        cr_expect(eq(int, (int)json_integer_value(json_object_get(result, "result")), 7));
        json_decref(result);
        cr_expect(eq(int, w3p_rpc_notice(rpc, &msg, &result, "chain_finalizedHead", 500), W3P_E_PROTOCOL));
        cr_expect(eq(int, w3p_rpc_notice(rpc, &msg, &result, "chain_finalizedHead", 50), W3P_E_STATE), "dropped");
        w3p_rpc_destroy(rpc);
        loopback_stop(&lo);
    }
}
