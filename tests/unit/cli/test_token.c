// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `token new --for`, `token narrow` and `token inspect` for tokens that end: wrong use first, then every
// chain, and what a narrowed token may not become.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "call.h"
#include "crypto/hash.h"
#include "macaroon.h"
#include "net/net.h"

static void setup(void)
{
    w3p_crypto_init();
    w3p_net_global_init();
}

TestSuite(cli_token, .init = setup, .timeout = 30);

#define NOW_S INT64_C(1769904000) // 2026-02-01T00:00:00Z
#define CID_A "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
#define CID_B "bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
#define STORE "--store.path=/nonexistent/w3pin.db"
#define NEW "token", "new", "--chain", "eth", "--uri", "//Alice"

static const int64_t now_ms = NOW_S * 1000;

static size_t count_lines(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

static char *minted(int64_t ttl_s)
{
    static const uint8_t key32[32] = {0x42};
    struct w3p_buf out;
    w3p_buf_init(&out, W3P_MACAROON_TEXT_MAX);
    struct w3p_macaroon_head head = {.kid = 3, .tid16 = {7, 7}, .issued_s = NOW_S - 60, .expires_s = NOW_S + ttl_s};
    cr_assert(eq(int, w3p_macaroon_mint(&out, key32, "gw.example", &head), W3P_OK));
    return w3p_buf_take(&out);
}

static json_t *inspect(const char *token, int code)
{
    struct outcome o;
    CALL(&o, w3p_cmd_token, token, "token", "inspect", "--json", "-");
    cr_assert(o.code == code, "%d %s%s", o.code, o.out, o.err);
    json_t *json = json_loads(o.out, JSON_REJECT_DUPLICATES, NULL);
    cr_assert(json != NULL, "%s", o.out);
    return json;
}

static char *text_of(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    cr_assert(text != NULL, "%s", key);
    return (char *)text;
}

static const struct {
    const char *words[14];
    int code;
    const char *says;
} wrong[] = {
    {{NEW, "--days", "3"}, 2, "--for"},
    {{NEW, "--scopes", "pin.read"}, 2, "--for"},
    {{NEW, "--label", "x"}, 2, "--for"},
    {{NEW, "--domain", "dapp.example"}, 2, "--for"},
    {{NEW, "--for", "https://gw.example", "--days", "367"}, 2, "366"},
    {{NEW, "--for", "https://gw.example", "--days", "0"}, 2, "--days"},
    {{NEW, "--for", "https://gw.example", "--ttl", "31622401"}, 2, "31622400"},
    {{NEW, "--for", "https://gw.example", "--ttl", "9", "--days", "1"}, 2, "once"},
    {{NEW, "--for", "https://gw.example", "--scopes", "pin.raed"}, 2, "pin.raed"},
    {{NEW, "--for", "https://gw.example", "--scopes", ""}, 2, "scope"},
    {{NEW, "--for", "gw.example"}, 1, "https://gw.example"},
    {{NEW, "--for", "ftp://gw.example"}, 1, "no URL"},
    {{NEW, "--for", "https://me:pw@gw.example"}, 1, "no URL"},
    {{NEW, "--for", "https://gw.example", "--domain", "https://dapp.example"}, 2, "is no host"},
    {{NEW, "--for", "https://gw.example", "--label", "two words"}, 1, "label"},
    {{"token", "new", "--chain", "ton", "--uri", "//Alice", "--for", "https://gw.example"}, 1, "sign no texts"},
    {{"token", "new", "--chain", "flow", "--uri", "//Alice"}, 2, "Flow accounts have their keys on the chain"},
    {{NEW, "--for", "https://gw.example", "--login", "https://gw.example"}, 2, "which?"},
    {{NEW, "--audience", "gw.example"}, 2, "goes with --login"},
    {{NEW, "--for", "https://gw.example", "--audience", "gw.example"}, 2, "goes with --login"},
    {{NEW, "--login", "gw.example"}, 1, "http://"},
    {{NEW, "--login", "ws://127.0.0.1:9"}, 1, "http:// or https://"},
    {{NEW, "--login", "http://127.0.0.1:9"}, 1, "127.0.0.1:9"},
    {{"token", "new", "--chain", "ton", "--uri", "//Alice", "--login", "http://127.0.0.1:9"}, 1, "sign no texts"},
    {{"token", "narrow"}, 2, "narrow by what"},
    {{"token", "narrow", "-"}, 2, "narrow by what"},
    {{"token", "narrow", "--days", "1", "a", "b"}, 2, "one TOKEN"},
    {{"token", "narrow", "--cid", "nonsense"}, 2, "nonsense"},
    {{"token", "narrow", "--origin", "app.example"}, 2, "no origin"},
    {{"token", "narrow", "--origin", "https://app.example/path"}, 2, "no origin"},
    {{"token", "narrow", "--max-bytes", "0"}, 2, "--max-bytes"},
    {{"token", "narrow", "--max-bytes", "1099511627776"}, 2, "1099511627775"},
    {{"token", "narrow", "--net", "10.0.0.1/8"}, 2, "10.0.0.1/8"},
    {{"token", "narrow", "--shout", "1"}, 2, "--shout"},
    {{"token", "narrow", "-d", "1"}, 2, "'-d' is not an option"},
    {{"token", "narrow", "--ttl", "9"}, 1, "only a minted token"}, // an empty stdin
    {{"token", "narrow", "--ttl", "9", "ZXRo"}, 1, "only a minted token"},
    {{"token", "narrow", "--ttl", "9", "w3s1_AA"}, 1, "not of the form"},
    {{"token", "narrow", "--ttl", "9", "Digest w3s1_AA"}, 1, "Bearer"},
    {{"token", "inspect", "-j"}, 2, "'-j' is not an option"},
    {{"token", "inspect", "--now", "yesterday"}, 2, "--now takes"},
    {{"token", "inspect", "--audience", "https://gw.example"}, 2, "--audience"},
    {{"token", "inspect", "--domains", "dapp.example"}, 2, "goes with --audience"},
    {{"token", "inspect", "--gateway", "http://127.0.0.1:9", "w3s1_AA"}, 1, "127.0.0.1:9"},
    {{"token", "inspect", "--gateway", "http://127.0.0.1:9", "w3s1_A!"}, 1, "not sent"},
    {{"token", "inspect", "--gateway", "gw.example", "w3s1_AA"}, 1, "http://"},
    {{"token", "inspect", "--origin", "https://app.example", "w3s1_AA"}, 2, "goes with --gateway"},
    {{"token", "keys", "me"}, 2, "one word too many"},
    {{"token", "keys", "--rotate", "--drop", "1"}, 2, "not both"},
    {{"token", "keys", "--drop", "256"}, 2, "1 to 255"},
    {{"token", "keys", "--drop", "0"}, 2, "1 to 255"},
    {{"token", "keys", STORE}, 1, "no gateway is running"},
    {{"token", "keys", "--rotate", STORE}, 1, "no gateway is running"},
    {{"token", "revoke"}, 2, "an ID, or --account"},
    {{"token", "revoke", "aa"}, 2, "32 or 64 hex digits"},
    {{"token", "revoke", "0707000000000000000000000000000G"}, 2, "32 or 64 hex digits"},
    {{"token", "revoke", "0707000000000000000000000000000a", "--account", "evm:0x00"}, 2, "an ID, or --account"},
    {{"token", "revoke", "--account", "alice"}, 2, "evm:0x"},
    {{"token", "revoke", "0707000000000000000000000000000a", STORE}, 1, "no gateway is running"},
    {{"token", "legacy", "eth-0x1a642f0e3c3af545e7acbd38b07251b3990914f1"}, 2, "on or off"},
    {{"token", "legacy", "eth-0x1a642f0e3c3af545e7acbd38b07251b3990914f1", "no"}, 2, "on or off"},
    {{"token", "legacy", "eth-0x1a", "off"}, 2, "evm:0x"},
    {{"token", "legacy", "eth-0x1a642f0e3c3af545e7acbd38b07251b3990914f1", "off", STORE}, 1, "no gateway is running"},
};

Test(cli_token, wrong_use_says_what_to_do)
{
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct outcome o;
        call(&o, &w3p_cmd_token, "", wrong[i].words);
        cr_expect(o.code == wrong[i].code, "%zu: %d %s%s", i, o.code, o.out, o.err);
        cr_expect(eq(str, o.out, ""), "%zu", i);
        cr_expect(count_lines(o.err) == 1 && strncmp(o.err, "w3pin token: ", 13) == 0, "%zu: %s", i, o.err);
        cr_expect(strstr(o.err, wrong[i].says) != NULL, "%zu: %s", i, o.err);
    }
}

static const struct {
    const char *chain, *claim;
} chains[] = {
    {"sub", "sub:"}, {"eth", "evm:0x"}, {"sol", "sol:"},   {"near", "near:"},
    {"ava", "ava:"}, {"elr", "mvx:"},   {"aptos", "apt:"}, {"algo", "algo:"},
};

Test(cli_token, self_issued_for_every_chain)
{
    w3p_clock_fake(&now_ms);
    for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++) {
        struct outcome o;
        CALL(&o, w3p_cmd_token, "", "token", "new", "--uri=//Alice", "--chain", chains[i].chain, "--for",
             "https://Gw.example/psa", "--scopes", "pin.read pin.write", "--days", "2", "--label", "laptop");
        cr_assert(o.code == 0 && count_lines(o.out) == 1, "%s: %s", chains[i].chain, o.err);
        json_t *json = inspect(o.out, 0);
        cr_expect(eq(str, text_of(json, "kind"), "self-issued"));
        cr_expect(strncmp(text_of(json, "identity"), chains[i].claim, strlen(chains[i].claim)) == 0);
        cr_expect(eq(str, text_of(json, "audience"), "gw.example"));
        cr_expect(eq(str, text_of(json, "domain"), "gw.example"));
        cr_expect(eq(str, text_of(json, "label"), "laptop"));
        cr_expect(eq(str, text_of(json, "expires"), "2026-02-03T00:00:00.000Z"));
        cr_expect(eq(u64, json_array_size(json_object_get(json, "scopes")), 2));
        cr_expect(eq(u64, strlen(text_of(json, "id")), 64));
        json_decref(json);
    }
}

Test(cli_token, inspect_knows_where_and_when_a_self_issued_one_holds)
{
    static const struct {
        const char *words[5];
        const char *reason;
    } places[] = {
        {{NULL}, "ok"},
        {{"--audience", "gw.example"}, "domain"},
        {{"--audience", "gw2.example"}, "audience"},
        {{"--audience", "gw2.example, gw.example", "--domains", "dapp.example"}, "ok"},
        {{"--audience", "gw.example", "--domains", "*"}, "ok"},
        {{"--audience", "gw.example", "--domains", "other.example"}, "domain"},
        {{"--now", "2026-02-01T00:59:59Z"}, "ok"},
        {{"--now", "2026-02-01T01:00:00Z"}, "expired"},
        {{"--now", "2026-01-31T23:58:59Z"}, "not_yet"},
    };
    struct outcome made, seen;
    w3p_clock_fake(&now_ms);
    CALL(&made, w3p_cmd_token, "", NEW, "--for", "https://gw.example", "--ttl=3600", "--domain", "dapp.example");
    cr_assert(made.code == 0, "%s", made.err);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        const char *words[9] = {"token", "inspect", "--json"};
        memcpy(words + 3, places[i].words, sizeof places[i].words);
        call(&seen, &w3p_cmd_token, made.out, words);
        json_t *json = json_loads(seen.out, JSON_REJECT_DUPLICATES, NULL);
        bool good = strcmp(places[i].reason, "ok") == 0;
        cr_expect(seen.code == (good ? 0 : 1), "%zu", i);
        cr_expect(eq(str, text_of(json, "reason"), (char *)places[i].reason), "%zu: %s", i, seen.out);
        // refused or not, it says what it claims
        cr_expect(strncmp(text_of(json, good ? "identity" : "claims"), "evm:0x", 6) == 0);
        cr_expect(eq(str, text_of(json, "audience"), "gw.example"));
        json_decref(json);
    }
    CALL(&seen, w3p_cmd_token, made.out, "token", "inspect");
    cr_expect(strstr(seen.out, "only at:   gw.example\npage:      dapp.example, which the gateway must list") != NULL);
    cr_expect(strstr(seen.out, "expires:   2026-02-01T01:00:00.000Z\n") != NULL, "%s", seen.out);
}

Test(cli_token, inspect_names_what_the_log_names)
{
    uint8_t hash32[32];
    char hex[9];
    char *token = minted(60);
    w3p_clock_fake(&now_ms);
    w3p_sha256(hash32, token, strlen(token));
    snprintf(hex, sizeof hex, "%02x%02x%02x%02x", hash32[0], hash32[1], hash32[2], hash32[3]);
    char header[1200];
    snprintf(header, sizeof header, "Bearer %s\r\n", token);
    json_t *bare = inspect(token, 1), *whole = inspect(header, 1);
    cr_expect(eq(str, text_of(bare, "trace"), hex));
    cr_expect(eq(str, text_of(whole, "trace"), hex));
    json_decref(bare);
    json_decref(whole);
    free(token);
}

// What tools that know only user names and passwords send.
Test(cli_token, a_minted_one_inside_basic_is_the_same)
{
    struct outcome o;
    struct w3p_buf plain, header;
    char *token = minted(60);
    w3p_clock_fake(&now_ms);
    w3p_buf_init(&plain, 2048);
    w3p_buf_init(&header, 4096);
    w3p_buf_printf(&plain, "w3s:%s", token);
    w3p_buf_put_str(&header, "Basic ");
    w3p_base64_encode(&header, plain.ptr, plain.len, W3P_BASE64_STD, W3P_BASE64_PADDED);
    json_t *json = inspect(w3p_buf_str(&header), 1);
    cr_expect(eq(str, text_of(json, "id"), "07070000000000000000000000000000"));
    CALL(&o, w3p_cmd_token, w3p_buf_str(&header), "token", "narrow", "--ttl=1");
    cr_expect(o.code == 0 && strncmp(o.out, "w3s1_", 5) == 0, "%s", o.err);
    json_decref(json);
    w3p_buf_deinit(&plain);
    w3p_buf_deinit(&header);
    free(token);
}

Test(cli_token, a_minted_one_is_not_called_valid_without_its_gateway)
{
    struct outcome o;
    char *token = minted(60), *old = minted(0 - 1);
    w3p_clock_fake(&now_ms);
    json_t *json = inspect(token, 1);
    cr_expect(eq(int, json_typeof(json_object_get(json, "valid")), JSON_NULL));
    cr_expect(eq(str, text_of(json, "kind"), "minted"));
    cr_expect(eq(str, text_of(json, "id"), "07070000000000000000000000000000"));
    cr_expect(eq(int, (int)json_integer_value(json_object_get(json, "kid")), 3));
    cr_expect(json_object_get(json, "identity") == NULL && json_object_get(json, "claims") == NULL);
    json_decref(json);
    CALL(&o, w3p_cmd_token, token, "token", "inspect");
    cr_expect(strstr(o.out, "valid:     unknown: only the gateway that minted it can tell\n") != NULL, "%s", o.out);
    cr_expect(strstr(o.out, "permits:   what the gateway gave it\n") != NULL, "%s", o.out);
    json = inspect(old, 1);
    cr_expect(eq(str, text_of(json, "reason"), "expired"));
    cr_expect(eq(int, json_typeof(json_object_get(json, "valid")), JSON_FALSE));
    json_decref(json);
    free(token);
    free(old);
}

Test(cli_token, narrowed_says_what_is_left)
{
    struct outcome o, seen;
    char *token = minted(3600);
    w3p_clock_fake(&now_ms);
    CALL(&o, w3p_cmd_token, token, "token", "narrow", "--scopes=pin.read,pin.write", "--ttl=60", "--cid=" CID_A,
         "--cid=" CID_B, "--origin=https://app.example", "--max-bytes=1000", "--net=10.0.0.0/8");
    cr_assert(o.code == 0 && count_lines(o.out) == 1, "%s", o.err);
    CALL(&seen, w3p_cmd_token, o.out, "token", "inspect");
    cr_expect(strstr(seen.out, "permits:   of what the gateway gave it, pin.read, pin.write\n"
                               "only for:  2 contents, which it does not name\n"
                               "only for:  contents of up to 1000 bytes\n"
                               "only for:  one page, which it does not name\n"
                               "only for:  clients of 10.0.0.0/8\n"
                               "issued:    2026-01-31T23:59:00.000Z\n"
                               "expires:   2026-02-01T00:01:00.000Z\n"
                               "id:        07070000000000000000000000000000\n"
                               "key:       3\n") != NULL,
              "%s", seen.out);
    json_t *json = inspect(o.out, 1), *left = json_object_get(json, "restrictions");
    cr_expect(eq(int, (int)json_integer_value(json_object_get(left, "cids")), 2));
    cr_expect(eq(str, text_of(left, "net"), "10.0.0.0/8"));
    json_decref(json);
    free(token);
}

Test(cli_token, narrowing_never_widens)
{
    static const struct {
        const char *words[3];
        const char *says;
    } wider[] = {
        {{"--scopes", "pin.read,pin.delete"}, "permits pin.read, and"},
        {{"--ttl", "61"}, "ends at 2026-02-01T00:01:00.000Z already"},
        {{"--cid", CID_B}, "other contents"},
        {{"--origin", "https://other.example"}, "another page"},
        {{"--max-bytes", "1001"}, "1000 bytes"},
        {{"--net", "192.0.2.0/24"}, "another network"},
    };
    static const struct {
        const char *words[3];
    } same[] = {{{"--scopes", "pin.read"}}, {{"--ttl", "60"}},
                {{"--cid", CID_A}},         {{"--origin", "https://app.example"}},
                {{"--max-bytes", "1000"}},  {{"--net", "10.1.0.0/16"}}};
    struct outcome o, more;
    char *token = minted(3600);
    w3p_clock_fake(&now_ms);
    CALL(&o, w3p_cmd_token, token, "token", "narrow", "--scopes=pin.read", "--ttl=60", "--cid=" CID_A,
         "--origin=https://app.example", "--max-bytes=1000", "--net=10.0.0.0/8");
    cr_assert(o.code == 0, "%s", o.err);
    for (size_t i = 0; i < sizeof(wider) / sizeof(wider[0]); i++) {
        CALL(&more, w3p_cmd_token, o.out, "token", "narrow", wider[i].words[0], wider[i].words[1]);
        cr_expect(more.code == 1 && more.out[0] == '\0', "%zu: %s", i, more.out);
        cr_expect(strstr(more.err, wider[i].says) != NULL, "%zu: %s", i, more.err);
        CALL(&more, w3p_cmd_token, o.out, "token", "narrow", same[i].words[0], same[i].words[1]);
        cr_expect(more.code == 0 && strlen(more.out) >= strlen(o.out), "%zu: %s", i, more.err);
    }
    free(token);
}

Test(cli_token, narrowing_ends_with_the_token_and_at_its_longest)
{
    struct outcome o;
    char *token = minted(60), *old = minted(-1);
    w3p_clock_fake(&now_ms);
    CALL(&o, w3p_cmd_token, old, "token", "narrow", "--scopes=pin.read");
    cr_expect(o.code == 1 && strstr(o.err, "this token ended at 2026-01-31T23:59:59.000Z") != NULL, "%s", o.err);
    snprintf(o.out, sizeof o.out, "%s", token);
    int times = 0;
    for (; times < 200; times++) {
        struct outcome more;
        CALL(&more, w3p_cmd_token, o.out, "token", "narrow", "--scopes=pin.read");
        if (more.code != 0) {
            cr_expect(strstr(more.err, "longer than 1024 characters or have over 32") != NULL, "%s", more.err);
            break;
        }
        o = more;
    }
    cr_expect(eq(int, times, W3P_MACAROON_CAVEATS_MAX));
    free(token);
    free(old);
}

Test(cli_token, inspect_says_why_a_chain_is_refused)
{
    static const char *const refused[][2] = {
        {"ZmxvdzEtYWFhYTpiYg==", "accepts\n"},                       // flow1-aaaa:bb, which is nothing at all
        {"ZmxvLWFhYWE6YmI=", "accepts: Flow accounts have their"},   // flo-aaaa:bb
        {"eHgtYWFhYS1iYi1jYzpkZA==", "accepts: tokens of the xx"},   // xx-aaaa-bb-cc:dd
        {"SHVvY2hhaW4tYWFhYTpiYg==", "accepts: tokens of HuoChain"}, // Huochain-aaaa:bb
    };
    struct outcome o, made;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        CALL(&o, w3p_cmd_token, refused[i][0], "token", "inspect");
        cr_expect(o.code == 1 && strstr(o.out, refused[i][1]) != NULL, "%zu: %s", i, o.out);
    }
    CALL(&made, w3p_cmd_token, "", "token", "new", "--chain=ton", "--uri=//Alice");
    CALL(&o, w3p_cmd_token, made.out, "token", "inspect");
    cr_expect(o.code == 1 && strstr(o.out, "accepts: the signature is right, but") != NULL, "%s", o.out);
    made.out[60] ^= 1; // in the address, or the signature
    CALL(&o, w3p_cmd_token, made.out, "token", "inspect");
    cr_expect(o.code == 1 && strstr(o.out, "signature is right") == NULL, "%s", o.out);
}
