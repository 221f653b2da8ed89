// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: minted tokens: the vectors of another implementation, bit flips, minting and narrowing up to their bounds.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "crypto/hash.h"
#include "macaroon.h"
#include "vectors/macaroon.h"

#define VECTOR_COUNT (sizeof(macaroon_vectors) / sizeof(macaroon_vectors[0]))
#define DAY_S 1767225600 // 2026-01-01

static uint8_t key32[32];
static struct w3p_hosts *audiences;

static struct w3p_hosts *hosts_of(const char *list)
{
    struct w3p_hosts *hosts;
    struct w3p_errmsg msg;
    cr_assert(w3p_hosts_create(&hosts, &msg, "auth.audience", list, false) == W3P_OK, "%s", msg.text);
    return hosts;
}

static void setup(void)
{
    w3p_crypto_init();
    memset(key32, 0x42, sizeof(key32));
    audiences = hosts_of("other.example, gw.example");
}

static void teardown(void)
{
    w3p_hosts_destroy(audiences);
}

TestSuite(macaroon, .init = setup, .fini = teardown, .timeout = 60);

static enum w3p_auth_reason try_text(struct w3p_restrictions *out, const char *text, size_t len)
{
    struct w3p_macaroon macaroon;
    enum w3p_auth_reason reason = w3p_macaroon_decode(&macaroon, text, len);
    return reason == W3P_AUTH_OK ? w3p_macaroon_verify(out, &macaroon, key32, audiences) : reason;
}

static void mint_text(struct w3p_buf *out, const char *audience)
{
    struct w3p_macaroon_head head = {.kid = 1, .issued_s = DAY_S, .expires_s = DAY_S + 86400};
    memset(head.tid16, 7, sizeof(head.tid16));
    w3p_buf_init(out, W3P_MACAROON_TEXT_MAX);
    cr_assert(eq(int, w3p_macaroon_mint(out, key32, audience, &head), W3P_OK));
}

Test(macaroon, vectors)
{
    for (size_t i = 0; i < VECTOR_COUNT; i++) {
        struct w3p_restrictions left = {0};
        const char *note = macaroon_vectors[i].note, *token = macaroon_vectors[i].token;
        enum w3p_auth_reason reason = try_text(&left, token, strlen(token));
        cr_expect(reason == macaroon_vectors[i].reason, "%s: %s", note, w3p_auth_reason_name(reason));
        cr_expect(eq(u16, left.scopes, macaroon_vectors[i].scopes), "%s", note);
        cr_expect(eq(i64, left.expires_s, macaroon_vectors[i].expires_s), "%s", note);
    }
    struct w3p_buf mine;
    mint_text(&mine, "gw.example");
    cr_expect(eq(str, (char *)w3p_buf_str(&mine), (char *)macaroon_vectors[0].token));
    w3p_buf_deinit(&mine);
}

// Every single bit of every good vector, and every byte cut off.
Test(macaroon, bit_flips)
{
    size_t tried = 0;
    for (size_t i = 0; i < VECTOR_COUNT; i++) {
        const char *token = macaroon_vectors[i].token;
        uint8_t raw[W3P_MACAROON_RAW_MAX];
        size_t len = sizeof(raw);
        struct w3p_restrictions left;
        if (macaroon_vectors[i].scopes == 0)
            continue;
        cr_assert(w3p_base64_decode(raw, &len, token + 5, strlen(token) - 5, W3P_BASE64_URL, W3P_BASE64_UNPADDED) == 0);
        for (size_t bit = 0; bit < 8 * len + len; bit++, tried++) {
            struct w3p_buf text;
            w3p_buf_init(&text, 2 * W3P_MACAROON_TEXT_MAX);
            w3p_buf_put_str(&text, W3P_MACAROON_PREFIX);
            if (bit < 8 * len)
                raw[bit / 8] ^= (uint8_t)(1u << bit % 8);
            w3p_base64_encode(&text, raw, bit < 8 * len ? len : bit - 8 * len, W3P_BASE64_URL, W3P_BASE64_UNPADDED);
            if (bit < 8 * len)
                raw[bit / 8] ^= (uint8_t)(1u << bit % 8);
            cr_assert(try_text(&left, w3p_buf_str(&text), text.len) != W3P_AUTH_OK, "%s: %zu", macaroon_vectors[i].note,
                      bit);
            w3p_buf_deinit(&text);
        }
    }
    cr_assert(lt(sz, 10000, tried));
}

Test(macaroon, texts_that_are_none)
{
    struct w3p_macaroon macaroon;
    struct w3p_restrictions left;
    char text[W3P_MACAROON_TEXT_MAX + 2];
    const char *token = macaroon_vectors[0].token;
    size_t len = strlen(token);

    cr_expect(w3p_macaroon_decode(&macaroon, NULL, 0) == W3P_AUTH_MISSING);
    cr_expect(w3p_macaroon_decode(&macaroon, "", 0) == W3P_AUTH_MISSING);
    memset(text, 'A', sizeof(text));
    memcpy(text, W3P_MACAROON_PREFIX, 5);
    cr_expect(w3p_macaroon_decode(&macaroon, text, W3P_MACAROON_TEXT_MAX) == W3P_AUTH_MACAROON); // version 0
    cr_expect(w3p_macaroon_decode(&macaroon, text, W3P_MACAROON_TEXT_MAX + 1) == W3P_AUTH_TOO_LONG);
    for (size_t cut = 0; cut < len; cut++)
        cr_expect(try_text(&left, token, cut) != W3P_AUTH_OK, "%zu", cut);
    for (size_t i = 0; i < len; i++) { // a NUL ends nothing
        memcpy(text, token, len);
        text[i] = '\0';
        cr_expect(try_text(&left, text, len) == W3P_AUTH_MACAROON, "%zu", i);
    }
    cr_expect(w3p_macaroon_is(token, len) && !w3p_macaroon_is(token, 4) && !w3p_macaroon_is(NULL, 0));
}

Test(macaroon, audiences)
{
    struct w3p_macaroon macaroon;
    struct w3p_restrictions left;
    const char *token = macaroon_vectors[0].token;
    cr_assert(w3p_macaroon_decode(&macaroon, token, strlen(token)) == W3P_AUTH_OK);
    cr_expect(eq(int, macaroon.kid, 1));
    cr_expect(eq(i64, macaroon.issued_s, DAY_S));
    cr_expect(eq(i64, macaroon.expires_s, DAY_S + 86400));

    static const char *const others[] = {"", "other.example", "gw.example:3000", "gw.exampl", "*.example"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct w3p_hosts *hosts;
        struct w3p_errmsg msg;
        if (w3p_hosts_create(&hosts, &msg, "auth.audience", others[i], false) != W3P_OK)
            continue;
        cr_expect(w3p_macaroon_verify(&left, &macaroon, key32, hosts) == W3P_AUTH_MAC, "%s", others[i]);
        cr_expect(eq(u16, left.scopes, 0));
        w3p_hosts_destroy(hosts);
    }
    cr_expect(w3p_macaroon_verify(&left, &macaroon, key32, NULL) == W3P_AUTH_MAC);
    key32[31] ^= 1;
    cr_expect(w3p_macaroon_verify(&left, &macaroon, key32, audiences) == W3P_AUTH_MAC);
}

Test(macaroon, heads_that_cannot_be_minted)
{
    static const struct {
        int64_t issued_s, expires_s;
    } bad[] = {{10, 10}, {10, 9}, {-1, 10}, {0, W3P_CAVEAT_U40_MAX + 1}, {INT64_MAX, INT64_MIN}};
    struct w3p_buf out;
    char long_audience[258];
    w3p_buf_init(&out, W3P_MACAROON_TEXT_MAX);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct w3p_macaroon_head head = {.kid = 1, .issued_s = bad[i].issued_s, .expires_s = bad[i].expires_s};
        cr_expect(eq(int, w3p_macaroon_mint(&out, key32, "gw.example", &head), W3P_E_RANGE));
    }
    struct w3p_macaroon_head head = {.kid = 255, .issued_s = 0, .expires_s = W3P_CAVEAT_U40_MAX};
    memset(long_audience, 'a', sizeof(long_audience));
    long_audience[256] = '\0';
    cr_expect(eq(int, w3p_macaroon_mint(&out, key32, long_audience, &head), W3P_E_LIMIT));
    cr_expect(eq(int, w3p_macaroon_mint(&out, key32, "", &head), W3P_E_INVALID));
    cr_expect(eq(int, w3p_macaroon_mint(&out, key32, NULL, &head), W3P_E_INVALID));
    cr_expect(eq(sz, out.len, 0));
    long_audience[255] = '\0';
    cr_expect(eq(int, w3p_macaroon_mint(&out, key32, long_audience, &head), W3P_OK));
    w3p_buf_deinit(&out);
}

Test(macaroon, narrowing_never_widens)
{
    struct w3p_caveat more[3];
    struct w3p_buf text, less;
    struct w3p_restrictions left;
    struct w3p_errmsg msg;
    mint_text(&text, "gw.example");
    w3p_caveat_scopes(&more[0], W3P_SCOPE_PIN_READ | W3P_SCOPE_PIN_WRITE);
    cr_assert(eq(int, w3p_caveat_expires(&more[1], DAY_S + 60), W3P_OK));
    w3p_buf_init(&less, W3P_MACAROON_TEXT_MAX);
    cr_assert(eq(int, w3p_macaroon_narrow(&less, &msg, w3p_buf_str(&text), text.len, more, 2), W3P_OK));
    // whatever comes later, what was taken is gone
    w3p_caveat_scopes(&more[0], W3P_SCOPES_ALL);
    cr_assert(eq(int, w3p_caveat_expires(&more[1], W3P_CAVEAT_U40_MAX), W3P_OK));
    w3p_caveat_scopes(&more[2], W3P_SCOPE_PIN_READ | W3P_SCOPE_ACCOUNT_ADMIN);
    w3p_buf_reset(&text);
    cr_assert(eq(int, w3p_macaroon_narrow(&text, &msg, w3p_buf_str(&less), less.len, more, 3), W3P_OK));
    cr_assert(try_text(&left, w3p_buf_str(&text), text.len) == W3P_AUTH_OK);
    cr_expect(eq(u16, left.scopes, W3P_SCOPE_PIN_READ));
    cr_expect(eq(i64, left.expires_s, DAY_S + 60));
    cr_expect(eq(int, w3p_restrictions_any(&left), false));
    w3p_buf_deinit(&text);
    w3p_buf_deinit(&less);
}

Test(macaroon, narrowing_has_its_bounds)
{
    struct w3p_caveat more[W3P_MACAROON_CAVEATS_MAX + 1], empty = {.type = W3P_CAVEAT_CIDS}, list = {0};
    size_t longest = 0;
    struct w3p_buf text, out;
    struct w3p_errmsg msg;
    mint_text(&text, "gw.example");
    w3p_buf_init(&out, 2 * W3P_MACAROON_TEXT_MAX); // so that not the buffer is what refuses
    for (size_t i = 0; i <= W3P_MACAROON_CAVEATS_MAX; i++)
        w3p_caveat_scopes(&more[i], W3P_SCOPES_ALL);
    const char *plain = w3p_buf_str(&text);
    cr_expect(
        eq(int, w3p_macaroon_narrow(&out, &msg, plain, text.len, more, W3P_MACAROON_CAVEATS_MAX + 1), W3P_E_LIMIT));
    cr_expect(strstr(msg.text, "1024") != NULL && strstr(msg.text, "32") != NULL, "%s", msg.text);
    cr_expect(eq(int, w3p_macaroon_narrow(&out, &msg, plain, text.len, &empty, 1), W3P_E_INVALID));
    cr_expect(eq(int, w3p_macaroon_narrow(&out, &msg, plain, text.len - 1, more, 1), W3P_E_INVALID));
    cr_expect(eq(int, w3p_macaroon_narrow(&out, &msg, "sub-x:y", 7, more, 1), W3P_E_INVALID));
    cr_expect(eq(sz, out.len, 0));
    cr_expect(eq(int, w3p_macaroon_narrow(&out, &msg, plain, text.len, more, W3P_MACAROON_CAVEATS_MAX), W3P_OK));

    list.type = W3P_CAVEAT_CIDS; // 3 * 242 bytes are too many, 2 fit
    list.len = 240;
    more[0] = more[1] = more[2] = list;
    w3p_buf_reset(&out);
    cr_expect(eq(int, w3p_macaroon_narrow(&out, &msg, plain, text.len, more, 3), W3P_E_LIMIT));
    cr_expect(eq(sz, out.len, 0));
    cr_expect(eq(int, w3p_macaroon_narrow(&out, &msg, plain, text.len, more, 2), W3P_OK));
    for (size_t i = 0; i < VECTOR_COUNT;
         i++) { // the longest that there can be has no room for the shortest restriction
        size_t len = strlen(macaroon_vectors[i].token);
        if (len != W3P_MACAROON_TEXT_MAX || macaroon_vectors[i].scopes == 0)
            continue;
        w3p_caveat_scopes(&more[0], W3P_SCOPES_ALL);
        w3p_buf_reset(&out);
        cr_expect(eq(int, w3p_macaroon_narrow(&out, &msg, macaroon_vectors[i].token, len, more, 1), W3P_E_LIMIT));
        cr_expect(eq(sz, out.len, 0));
        longest++;
    }
    cr_expect(eq(sz, longest, 1));
    w3p_buf_deinit(&text);
    w3p_buf_deinit(&out);
}

static json_t *load_outside(void)
{
    char path[1024];
    const char *folder = getenv("W3PIN_TEST_DATA");
    json_error_t error;
    if (folder != NULL)
        snprintf(path, sizeof(path), "%s/w3auth_vectors.json", folder);
    else
        snprintf(path, sizeof(path), "%s/../../shared/data/w3auth_vectors.json", W3P_TEST_SOURCE_DIR);
    json_t *all = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (all == NULL) {
        fprintf(stderr, "SKIPPED: macaroon/outside: %s: %s\n", path, error.text);
        cr_skip_test("outside vectors are missing");
    }
    return all;
}

static const char *text_of(const json_t *vector, const char *key)
{
    return json_string_value(json_object_get(vector, key));
}

// What a gateway does with a token: key by kid, tag, revocation, end; then the vector's own requirements.
static bool accepts(const json_t *vector)
{
    struct w3p_macaroon macaroon;
    struct w3p_restrictions left;
    const char *token = text_of(vector, "token"), *domain = text_of(vector, "expect_domain"),
               *allowed = text_of(vector, "allowed_multihash_hex");
    char tid[33];
    int64_t now_ms;
    uint8_t key[32], multihash[80];
    size_t key_len = sizeof(key), multihash_len = sizeof(multihash), i;
    json_t *each;

    if (w3p_macaroon_decode(&macaroon, token, strlen(token)) != W3P_AUTH_OK || macaroon.kid != 1)
        return false;
    struct w3p_hosts *hosts = hosts_of(domain);
    cr_assert(w3p_hex_decode(key, &key_len, text_of(vector, "kid1_key_hex"), 64) == W3P_OK);
    enum w3p_auth_reason reason = w3p_macaroon_verify(&left, &macaroon, key, hosts);
    w3p_hosts_destroy(hosts);
    cr_assert(w3p_rfc3339_parse(&now_ms, text_of(vector, "now"), strlen(text_of(vector, "now"))) == W3P_OK);
    if (reason != W3P_AUTH_OK || now_ms >= 1000 * left.expires_s || now_ms + 60000 < 1000 * macaroon.issued_s)
        return false;
    w3p_hex_encode(tid, macaroon.tid16, 16);
    json_array_foreach(json_object_get(vector, "revoked_tids"), i,
                       each) if (strcmp(tid, json_string_value(each)) == 0) return false;
    if (allowed != NULL) {
        cr_assert(w3p_hex_decode(multihash, &multihash_len, allowed, strlen(allowed)) == W3P_OK);
        cr_expect(w3p_restrictions_permit_cid(&left, multihash, multihash_len));
        multihash[multihash_len - 1] ^= 1;
        cr_expect(eq(int, w3p_restrictions_permit_cid(&left, multihash, multihash_len), false));
    }
    json_t *scopes = json_object_get(vector, "scopes");
    w3p_scopes all = 0, one;
    json_array_foreach(scopes, i, each)
    {
        cr_assert(w3p_scope_parse(&one, json_string_value(each), json_string_length(each)) == W3P_OK);
        all |= one;
    }
    if (scopes != NULL)
        cr_expect(eq(u16, left.scopes, all), "%s", text_of(vector, "note"));
    return true;
}

Test(macaroon, outside)
{
    json_t *all = load_outside(), *vector;
    size_t i, tried = 0;
    json_array_foreach(all, i, vector)
    {
        if (strcmp(text_of(vector, "chain"), "w3s1") != 0)
            continue;
        tried++;
        cr_expect(accepts(vector) == json_is_true(json_object_get(vector, "valid")), "%s", text_of(vector, "note"));
    }
    cr_expect(lt(sz, 7, tried));
    json_decref(all);
}
