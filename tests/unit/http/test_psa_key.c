// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the Idempotency-Key: what is taken for one, which requests are the same, and its answers over the wire.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway.h"
#include "http/psa_json.h"

#define CID "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
#define OTHER_CID "QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM"

static int parse(char *out, const char *text, size_t len)
{
    struct w3p_psa_error err = {0};
    char *copy = malloc(len + 1); // the sanitizer sees a byte too many
    memcpy(copy, text, len);
    int got = w3p_psa_key_parse(out, &err, copy, len);
    cr_expect(got == W3P_OK || (err.reason != NULL && strstr(err.details, "Idempotency-Key") != NULL));
    free(copy);
    return got;
}

Test(psa_key, what_is_no_key)
{
    static const char *const bad[] = {"",           " \t",     "\"",       "\"\"", "\"a",         "\"a\"b\"",
                                      "\"a\"; q=1", "\"a\\\"", "\"a\\b\"", "a\tb", "caf\xc3\xa9", "\"\x7f\"",
                                      "\x01",       "\"\\\"",  "a\nb"};
    char out[W3P_PIN_KEY_MAX + 1], text[W3P_PIN_KEY_MAX + 4];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_expect(eq(int, parse(out, bad[i], strlen(bad[i])), W3P_E_INVALID), "row %zu", i);
    cr_expect(eq(int, parse(out, "a\0b", 3), W3P_E_INVALID));
    memset(text, 'x', sizeof text);
    cr_expect(eq(int, parse(out, text, W3P_PIN_KEY_MAX + 1), W3P_E_INVALID));
    text[0] = text[W3P_PIN_KEY_MAX + 2] = '"';
    cr_expect(eq(int, parse(out, text, W3P_PIN_KEY_MAX + 3), W3P_E_INVALID)); // one too many between the quotes
}

Test(psa_key, what_clients_send)
{
    static const char *const good[][2] = {
        {"8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"},
        {"\"8e03978e-40d5\"", "8e03978e-40d5"},
        {"a", "a"},
        {" \ta\t ", "a"},
        {"a b~!", "a b~!"},
        {"\" \"", " "},
        {"a\"b", "a\"b"},
        {"a\\b", "a\\b"},
        {"\"a\\\"b\\\\c\"", "a\"b\\c"}};
    char out[W3P_PIN_KEY_MAX + 1], text[W3P_PIN_KEY_MAX + 4];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        cr_expect(eq(int, parse(out, good[i][0], strlen(good[i][0])), W3P_OK), "row %zu", i);
        cr_expect(eq(str, out, (char *)good[i][1]));
    }
    memset(text, 'x', sizeof text);
    cr_expect(eq(int, parse(out, text, W3P_PIN_KEY_MAX), W3P_OK));
    cr_expect(eq(sz, strlen(out), W3P_PIN_KEY_MAX));
    text[0] = text[W3P_PIN_KEY_MAX + 1] = '"';
    cr_expect(eq(int, parse(out, text, W3P_PIN_KEY_MAX + 2), W3P_OK));
}

static void print_of(uint8_t out32[32], const char *body, const char *requestid)
{
    struct w3p_psa_pin pin;
    struct w3p_psa_error err = {0};
    cr_assert(eq(int, w3p_psa_pin_parse(&pin, &err, body, strlen(body)), W3P_OK), "%s: %s", body, err.details);
    w3p_psa_pin_fingerprint(out32, &pin, requestid);
    w3p_psa_pin_deinit(&pin);
}

Test(psa_key, which_requests_are_the_same)
{
    static const char *const same[] = {
        "{\"cid\":\"" CID "\",\"name\":\"n\",\"meta\":{\"a\":\"1\",\"b\":\"2\"}}",
        "{ \"meta\" : {\"b\":\"2\", \"a\":\"1\"}, \"name\":\"\\u006e\", \"cid\":\"" CID "\", \"more\": [1] }\n",
    };
    static const char *const others[] = {
        "{\"cid\":\"" CID "\",\"name\":\"n\",\"meta\":{\"a\":\"1\",\"b\":\"3\"}}",
        "{\"cid\":\"" CID "\",\"name\":\"n\",\"meta\":{\"a\":\"2\",\"b\":\"1\"}}",
        "{\"cid\":\"" CID "\",\"name\":\"n\",\"meta\":{\"a\":\"1\",\"b\":\"2\",\"size\":\"9\"}}",
        "{\"cid\":\"" CID "\",\"name\":\"n\"}",
        "{\"cid\":\"" CID "\",\"name\":\"\"}",
        "{\"cid\":\"" CID "\"}",
        "{\"cid\":\"" CID "\",\"origins\":[\"/ip4/1.2.3.4/tcp/1\"]}",
        "{\"cid\":\"" CID "\",\"name\":\"[\\\"/ip4/1.2.3.4/tcp/1\\\"]\"}",
        "{\"cid\":\"" OTHER_CID "\",\"name\":\"n\",\"meta\":{\"a\":\"1\",\"b\":\"2\"}}",
    };
    enum { OTHERS = sizeof others / sizeof others[0] };
    uint8_t prints[OTHERS + 3][32], again[32];
    print_of(prints[0], same[0], NULL);
    print_of(again, same[1], NULL);
    cr_expect(memcmp(prints[0], again, 32) == 0);
    print_of(prints[1], same[0], "0190163d-8694-739b-aea5-966c26f8ad91");
    print_of(prints[2], same[0], "0190163d-8694-739b-aea5-966c26f8ad92");
    for (size_t i = 0; i < OTHERS; i++)
        print_of(prints[i + 3], others[i], NULL);
    for (size_t i = 0; i < OTHERS + 3; i++) {
        for (size_t k = 0; k < i; k++)
            cr_expect(memcmp(prints[i], prints[k], 32) != 0, "%zu and %zu", i, k);
    }
}

// One POST with these header lines.
static json_t *post(int *status, const char *target, const char *headers, const char *body)
{
    char request[4096];
    struct response got;
    snprintf(request, sizeof request,
             "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%sContent-Length: %zu\r\n\r\n%s", target,
             gateway_token("Alice"), headers, strlen(body), body);
    client_exchange(&got, gateway_port, request);
    *status = got.status;
    json_t *root = got.body != NULL ? json_loads(got.body, JSON_REJECT_DUPLICATES, NULL) : NULL;
    client_free_response(&got);
    return root;
}

static void expect_refused(int wanted, const char *reason, const char *target, const char *headers, const char *body)
{
    int status;
    json_t *root = post(&status, target, headers, body);
    const char *got = json_string_value(json_object_get(json_object_get(root, "error"), "reason"));
    cr_expect(eq(int, status, wanted), "%s", headers);
    cr_expect(eq(str, (char *)(got != NULL ? got : ""), (char *)reason), "%s", headers);
    cr_expect(eq(sz, json_object_size(json_object_get(root, "error")), 2));
    json_decref(root);
}

static void id_of(char out40[40], const char *target, const char *headers, const char *body)
{
    int status;
    json_t *root = post(&status, target, headers, body);
    const char *id = json_string_value(json_object_get(root, "requestid"));
    cr_assert(eq(int, status, 202), "%s", headers);
    snprintf(out40, 40, "%s", id != NULL ? id : "");
    json_decref(root);
}

#define BODY "{\"cid\":\"" CID "\"}"

Test(psa_key, over_the_wire, .init = gateway_start, .fini = gateway_stop, .timeout = 30)
{
    char first[40], again[40], old[100];
    int status;
    expect_refused(400, "INVALID_IDEMPOTENCY_KEY", "/psa/pins", "Idempotency-Key: \"a\r\n", BODY);
    expect_refused(400, "INVALID_IDEMPOTENCY_KEY", "/psa/pins", "Idempotency-Key:\r\n", BODY);
    expect_refused(400, "INVALID_IDEMPOTENCY_KEY", "/psa/pins", "Idempotency-Key: a\r\nidempotency-key: a\r\n", BODY);
    id_of(first, "/psa/pins", "Idempotency-Key: \"a\"\r\n", BODY);
    id_of(again, "/psa/pins", "IDEMPOTENCY-KEY:   a \r\n", " " BODY "\n"); // quotes are the header's, not the key's
    cr_expect(eq(str, first, again));
    expect_refused(422, "IDEMPOTENCY_KEY_REUSED", "/psa/pins", "Idempotency-Key: a\r\n", "{\"cid\":\"" OTHER_CID "\"}");
    snprintf(old, sizeof old, "/psa/pins/%s", first);
    expect_refused(422, "IDEMPOTENCY_KEY_REUSED", old, "Idempotency-Key: a\r\n", BODY);
    expect_refused(400, "INVALID_IDEMPOTENCY_KEY", old, "Idempotency-Key:\r\n", BODY);
    id_of(first, old, "Idempotency-Key: r\r\n", BODY);
    id_of(again, old, "Idempotency-Key: r\r\n", BODY); // though the pin of the path is gone
    cr_expect(eq(str, first, again));
    expect_refused(404, "NOT_FOUND", old, "", BODY);
    expect_refused(404, "NOT_FOUND", "/psa/pins", "Idempotency-Key: a\r\n", BODY); // replaced
    id_of(again, "/psa/pins", "", BODY);
    cr_expect(ne(str, first, again));
    json_t *list = gateway_json(&status, "GET", "/psa/pins?status=queued", gateway_token("Alice"), NULL);
    cr_expect(eq(i64, json_integer_value(json_object_get(list, "count")), 2));
    json_decref(list);
}
