// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the body of POST /pins: what is refused names its field, what clients really send is taken.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/psa_json.h"

#define CID "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"

struct refusal {
    const char *body, *reason, *details; // details: a part that names the field
};
static const struct refusal refusals[] = {
    {"", "INVALID_JSON", "JSON"},
    {"{", "INVALID_JSON", "JSON"},
    {"nonsense", "INVALID_JSON", "JSON"},
    {"[]", "INVALID_JSON", "object"},
    {"\"" CID "\"", "INVALID_JSON", "object"},
    {"null", "INVALID_JSON", "object"},
    {"{\"cid\":\"" CID "\"} x", "INVALID_JSON", "JSON"},
    {"{\"cid\":\"" CID "\",\"cid\":\"" CID "\"}", "INVALID_JSON", "JSON"},
    {"{}", "INVALID_CID", "cid is missing"},
    {"{\"cid\":null}", "INVALID_CID", "cid must be a string"},
    {"{\"cid\":1}", "INVALID_CID", "cid must be a string"},
    {"{\"cid\":\"\"}", "INVALID_CID", "cid: "},
    {"{\"cid\":\"QmCIDToBePinned\"}", "INVALID_CID", "cid: "},
    {"{\"cid\":\" " CID "\"}", "INVALID_CID", "cid: "},
    {"{\"cid\":\"/ipfs/" CID "\"}", "INVALID_CID", "cid: "},
    {"{\"cid\":\"bafkqaaa\"}", "INVALID_CID", "cid: "},
    {"{\"cid\":\"" CID "\",\"name\":5}", "INVALID_NAME", "name must be a string"},
    {"{\"cid\":\"" CID "\",\"name\":[\"a\"]}", "INVALID_NAME", "name must be a string"},
    {"{\"cid\":\"" CID "\",\"name\":\"a\\u0000b\"}", "INVALID_JSON", "JSON"},
    {"{\"cid\":\"" CID "\",\"origins\":\"/ip4/1.2.3.4\"}", "INVALID_ORIGINS", "origins must be an array"},
    {"{\"cid\":\"" CID "\",\"origins\":{}}", "INVALID_ORIGINS", "origins must be an array"},
    {"{\"cid\":\"" CID "\",\"origins\":[\"/ip4/1.2.3.4/tcp/1\",7]}", "INVALID_ORIGINS", "origins[1]"},
    {"{\"cid\":\"" CID "\",\"meta\":[]}", "INVALID_META", "meta must be an object"},
    {"{\"cid\":\"" CID "\",\"meta\":\"x\"}", "INVALID_META", "meta must be an object"},
    {"{\"cid\":\"" CID "\",\"meta\":{\"a\":\"1\",\"n\":2}}", "INVALID_META", "meta.n must be a string"},
    {"{\"cid\":\"" CID "\",\"meta\":{\"deep\":{\"a\":\"b\"}}}", "INVALID_META", "meta.deep must be a string"},
    {"{\"cid\":\"" CID "\",\"meta\":{\"a\":null}}", "INVALID_META", "meta.a must be a string"},
    {"{\"cid\":\"" CID "\",\"meta\":{\"size\":\"12 MB\"}}", "INVALID_META", "meta.size"},
    {"{\"cid\":\"" CID "\",\"meta\":{\"size\":\"-1\"}}", "INVALID_META", "meta.size"},
    {"{\"cid\":\"" CID "\",\"meta\":{\"size\":\"0\"}}", "INVALID_META", "meta.size"},
    {"{\"cid\":\"" CID "\",\"meta\":{\"size\":\"99999999999999999999\"}}", "INVALID_META", "meta.size"},
};

Test(psa_body, refused_with_the_name_of_the_field)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct w3p_psa_pin pin;
        struct w3p_psa_error err = {0};
        int got = w3p_psa_pin_parse(&pin, &err, refusals[i].body, strlen(refusals[i].body));
        cr_expect(eq(int, got, W3P_E_INVALID), "row %zu", i);
        cr_assert(err.reason != NULL, "row %zu", i);
        cr_expect(eq(str, (char *)err.reason, (char *)refusals[i].reason), "row %zu: %s", i, err.details);
        cr_expect(strstr(err.details, refusals[i].details) != NULL, "row %zu: %s", i, err.details);
        cr_expect(pin.cid_text == NULL && pin.meta == NULL && pin.name == NULL && pin.origins == NULL, "row %zu", i);
    }
}

static int parse_name_of(unsigned characters, const char *character)
{
    char body[4096];
    struct w3p_psa_pin pin;
    struct w3p_psa_error err = {0};
    size_t at = (size_t)snprintf(body, sizeof body, "{\"cid\":\"" CID "\",\"name\":\"");
    for (unsigned i = 0; i < characters; i++)
        at += (size_t)snprintf(body + at, sizeof body - at, "%s", character);
    at += (size_t)snprintf(body + at, sizeof body - at, "\"}");
    int result = w3p_psa_pin_parse(&pin, &err, body, at);
    if (result == W3P_OK)
        w3p_psa_pin_deinit(&pin);
    else
        cr_expect(eq(str, (char *)err.reason, "INVALID_NAME"));
    return result;
}

Test(psa_body, names_are_counted_in_characters)
{
    cr_expect(eq(int, parse_name_of(255, "a"), W3P_OK));
    cr_expect(eq(int, parse_name_of(256, "a"), W3P_E_INVALID));
    cr_expect(eq(int, parse_name_of(255, "\xf0\x9f\x93\x8c"), W3P_OK));
    cr_expect(eq(int, parse_name_of(256, "\xf0\x9f\x93\x8c"), W3P_E_INVALID));
}

static const char *const broken_utf8[] = {
    "\x80", "\xc0\xaf", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "a\xff"};

Test(psa_body, names_are_valid_text)
{
    struct w3p_psa_error err = {0};
    for (size_t i = 0; i < sizeof broken_utf8 / sizeof broken_utf8[0]; i++)
        cr_expect(eq(int, w3p_psa_name_check(&err, broken_utf8[i], strlen(broken_utf8[i])), W3P_E_INVALID), "row %zu",
                  i);
    cr_expect(eq(int, w3p_psa_name_check(&err, "a\0b", 3), W3P_E_INVALID));
    cr_expect(eq(int, w3p_psa_name_check(&err, "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", 10), W3P_OK));
}

Test(psa_body, what_kubo_sends)
{
    static const char body[] =
        "{\"cid\":\"" CID "\",\"name\":\"a \\u0026 b\",\"origins\":[\"/ip4/10.0.0.1/tcp/4001/p2p/Qm\","
        "\"/ip4/10.0.0.1/udp/4001/quic-v1/webtransport/certhash/uE/p2p/Qm\",\"not a multiaddr\","
        "\"/new-transport/7\",\"/ip4/10.0.0.1/tcp/4001/p2p/Qm\"]}\n";
    struct w3p_psa_pin pin;
    struct w3p_psa_error err = {0};
    cr_assert(eq(int, w3p_psa_pin_parse(&pin, &err, body, sizeof body - 1), W3P_OK), "%s", err.details);
    cr_expect(eq(str, pin.cid_text, CID));
    cr_expect(eq(str, pin.name, "a & b"));
    cr_expect(eq(str, pin.origins,
                 "[\"/ip4/10.0.0.1/tcp/4001/p2p/Qm\","
                 "\"/ip4/10.0.0.1/udp/4001/quic-v1/webtransport/certhash/uE/p2p/Qm\",\"/new-transport/7\"]"));
    cr_expect(pin.meta == NULL);
    cr_expect(eq(u64, pin.size, 0));
    w3p_psa_pin_deinit(&pin);
}

Test(psa_body, the_first_twenty_origins_are_kept)
{
    char body[8192];
    size_t at = (size_t)snprintf(body, sizeof body, "{\"cid\":\"" CID "\",\"origins\":[");
    for (int i = 0; i < 60; i++)
        at += (size_t)snprintf(body + at, sizeof body - at, "%s\"/ip4/10.0.0.%d/tcp/4001\"", i > 0 ? "," : "", i);
    at += (size_t)snprintf(body + at, sizeof body - at, "]}");
    struct w3p_psa_pin pin;
    struct w3p_psa_error err = {0};
    cr_assert(eq(int, w3p_psa_pin_parse(&pin, &err, body, at), W3P_OK));
    cr_expect(strstr(pin.origins, "10.0.0.19/") != NULL);
    cr_expect(strstr(pin.origins, "10.0.0.20/") == NULL);
    w3p_psa_pin_deinit(&pin);
}

Test(psa_body, origins_that_are_no_plain_text_are_dropped)
{
    static const char body[] = "{\"cid\":\"" CID "\",\"origins\":[\"/\",\"/a b\",\"/a\\u0001\",\"/a\\\"b\",\"/a\\\\b\","
                               "\"/\\u00e9\",\"/a\\u007f\",\"dns4/x\",\"/ok/1\"]}";
    struct w3p_psa_pin pin;
    struct w3p_psa_error err = {0};
    cr_assert(eq(int, w3p_psa_pin_parse(&pin, &err, body, sizeof body - 1), W3P_OK), "%s", err.details);
    cr_expect(eq(str, pin.origins, "[\"/ok/1\"]"));
    w3p_psa_pin_deinit(&pin);
}

Test(psa_body, optional_fields)
{
    static const char body[] = "{\"unknown\":{\"a\":[1]},\"cid\":\"QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG\","
                               "\"name\":null,\"origins\":null,\"meta\":{\"size\":\"4096\",\"app\":\"x\\\"y\"}}";
    struct w3p_psa_pin pin;
    struct w3p_psa_error err = {0};
    cr_assert(eq(int, w3p_psa_pin_parse(&pin, &err, body, sizeof body - 1), W3P_OK), "%s", err.details);
    cr_expect(pin.name == NULL);
    cr_expect(pin.origins == NULL);
    cr_expect(eq(str, pin.meta, "{\"size\":\"4096\",\"app\":\"x\\\"y\"}"));
    cr_expect(eq(u64, pin.size, 4096));
    w3p_psa_pin_deinit(&pin);
}

Test(psa_body, bounds_of_meta)
{
    static char body[W3P_PSA_BODY_MAX];
    struct w3p_psa_pin pin;
    struct w3p_psa_error err = {0};
    size_t at = (size_t)snprintf(body, sizeof body, "{\"cid\":\"" CID "\",\"meta\":{\"a\":\"");
    memset(body + at, 'x', W3P_PIN_JSON_MAX);
    at += W3P_PIN_JSON_MAX;
    at += (size_t)snprintf(body + at, sizeof body - at, "\"}}");
    cr_expect(eq(int, w3p_psa_pin_parse(&pin, &err, body, at), W3P_E_INVALID));
    cr_expect(eq(str, (char *)err.reason, "INVALID_META"));
    at = (size_t)snprintf(body, sizeof body, "{\"cid\":\"" CID "\",\"meta\":{");
    for (int i = 0; i <= W3P_PSA_META_MAX; i++)
        at += (size_t)snprintf(body + at, sizeof body - at, "%s\"%d\":\"\"", i > 0 ? "," : "", i);
    at += (size_t)snprintf(body + at, sizeof body - at, "}}");
    cr_expect(eq(int, w3p_psa_pin_parse(&pin, &err, body, at), W3P_E_INVALID));
    cr_expect(strstr(err.details, "more than 1000") != NULL);
}
