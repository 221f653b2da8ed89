// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the bodies of the sign-in endpoints: what is refused names its field, nothing that would widen a token is
// passed over, and the answers say what wallets ask for.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

#include "http/auth_json.h"
#include "login.h"

#define ETH "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
#define WALLET "\"chain\":\"eth\",\"address\":\"" ETH "\""
#define CID "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"

static const struct w3p_auth_times times = {.login_ttl_s = 3600, .ttl_max_s = 86400};

struct refusal {
    const char *body, *reason, *details; // details: a part of the sentence
};

static const struct refusal of_json[] = {
    {"", "INVALID_JSON", "JSON"},
    {"{", "INVALID_JSON", "JSON"},
    {"[]", "INVALID_JSON", "object"},
    {"null", "INVALID_JSON", "object"},
    {"{} x", "INVALID_JSON", "JSON"},
    {"{\"label\":\"a\",\"label\":\"b\"}", "INVALID_JSON", "JSON"},
    {"{\"label\":\"a\\u0000b\"}", "INVALID_JSON", "JSON"},
};

static const struct refusal of_wallets[] = {
    {"{}", "INVALID_CHAIN", "chain is missing"},
    {"{\"chain\":null}", "INVALID_CHAIN", "chain is missing"},
    {"{\"chain\":1}", "INVALID_CHAIN", "chain must be a text"},
    {"{\"chain\":\"\"}", "INVALID_CHAIN", "chain must be a text"},
    {"{\"chain\":\"bitcoin\",\"address\":\"x\"}", "INVALID_CHAIN", "kind of wallet"},
    {"{\"chain\":\"huochain\",\"address\":\"x\"}", "INVALID_CHAIN", "private key"},
    {"{\"chain\":\"FLOW\",\"address\":\"x\"}", "INVALID_CHAIN", "Flow"},
    {"{\"chain\":\"mimir\",\"address\":\"x\"}", "INVALID_CHAIN", "Mimir"},
    {"{\"chain\":\"ton\",\"address\":\"x\"}", "INVALID_CHAIN", "ton"},
    {"{\"chain\":\"eth\"}", "INVALID_ADDRESS", "address is missing"},
    {"{\"chain\":\"eth\",\"address\":[]}", "INVALID_ADDRESS", "address must be a text"},
    {"{\"chain\":\"eth\",\"address\":\"0x12\"}", "INVALID_ADDRESS", "ethereum"},
    {"{\"chain\":\"eth\",\"address\":\" " ETH "\"}", "INVALID_ADDRESS", "ethereum"},
    {"{\"chain\":\"sol\",\"address\":\"" ETH "\"}", "INVALID_ADDRESS", "solana"},
    {"{\"chain\":\"eth\",\"address\":\"" ETH ":x\"}", "INVALID_ADDRESS", "ethereum"},
};

static const struct refusal of_challenges[] = {
    {"{" WALLET ",\"scopes\":\"pin.read\"}", "INVALID_SCOPES", "array"},
    {"{" WALLET ",\"scopes\":[]}", "INVALID_SCOPES", "at least one"},
    {"{" WALLET ",\"scopes\":[\"pin.read\",\"pin.everything\"]}", "INVALID_SCOPES", "scopes[1]"},
    {"{" WALLET ",\"scopes\":[7]}", "INVALID_SCOPES", "scopes[0]"},
    {"{" WALLET ",\"ttl\":\"60\"}", "INVALID_TTL", "whole number"},
    {"{" WALLET ",\"ttl\":0}", "INVALID_TTL", "1 to 86400"},
    {"{" WALLET ",\"ttl\":-1}", "INVALID_TTL", "1 to 86400"},
    {"{" WALLET ",\"ttl\":1.5}", "INVALID_TTL", "whole number"},
    {"{" WALLET ",\"scopes\":[\"pin.read\"],\"ttl\":86401}", "INVALID_TTL", "1 to 86400"},
    {"{" WALLET ",\"ttl\":3601}", "INVALID_TTL", "needs scopes"},
    {"{" WALLET ",\"label\":\"\"}", "INVALID_LABEL", "label"},
    {"{" WALLET ",\"label\":\"two words\"}", "INVALID_LABEL", "1 to 64"},
    {"{" WALLET ",\"label\":\"a\\nb\"}", "INVALID_LABEL", "1 to 64"},
    {"{" WALLET ",\"label\":5}", "INVALID_LABEL", "text"},
    {"{" WALLET ",\"cids\":[\"" CID "\"]}", "UNKNOWN_FIELD", "cids"},
    {"{" WALLET ",\"origin\":\"https://app.example\"}", "UNKNOWN_FIELD", "origin"},
    {"{" WALLET ",\"max_bytes\":1000}", "UNKNOWN_FIELD", "POST /auth/token"},
    {"{" WALLET ",\"chain_id\":1}", "INVALID_CHAIN_ID", "text"},
    {"{" WALLET ",\"chain_id\":\"1\\nURI: x\"}", "INVALID_CHAIN_ID", "letters"},
};

static const struct refusal of_logins[] = {
    {"{" WALLET "}", "INVALID_MESSAGE", "message is missing"},
    {"{" WALLET ",\"message\":{}}", "INVALID_MESSAGE", "message must be a text"},
    {"{" WALLET ",\"message\":\"m\"}", "INVALID_SIGNATURE", "signature is missing"},
    {"{" WALLET ",\"message\":\"m\",\"signature\":\"\"}", "INVALID_SIGNATURE", "signature must be a text"},
    {"{" WALLET ",\"message\":\"m\",\"signature\":\"s\",\"callbackUrl\":1}", "INVALID_CALLBACK", "callbackUrl"},
};

static const struct refusal of_mints[] = {
    {"{}", "INVALID_SCOPES", "scopes is missing"},
    {"{\"scopes\":null}", "INVALID_SCOPES", "scopes is missing"},
    {"{\"scopes\":[]}", "INVALID_SCOPES", "at least one"},
    {"{\"scopes\":[\"pin.read\"],\"cid\":\"" CID "\"}", "UNKNOWN_FIELD", "'cid'"},
    {"{\"scopes\":[\"pin.read\"],\"maxBytes\":1}", "UNKNOWN_FIELD", "'maxBytes'"},
    {"{\"scopes\":[\"pin.read\"],\"ttl\":86401}", "INVALID_TTL", "1 to 86400"},
    {"{\"scopes\":[\"pin.read\"],\"label\":\"a b\"}", "INVALID_LABEL", "label"},
    {"{\"scopes\":[\"pin.read\"],\"cids\":\"" CID "\"}", "INVALID_CIDS", "array"},
    {"{\"scopes\":[\"pin.read\"],\"cids\":[]}", "INVALID_CIDS", "1 to 15"},
    {"{\"scopes\":[\"pin.read\"],\"cids\":[\"" CID "\",\"x\"]}", "INVALID_CIDS", "cids[1]"},
    {"{\"scopes\":[\"pin.read\"],\"origin\":\"app.example\"}", "INVALID_ORIGIN", "origin"},
    {"{\"scopes\":[\"pin.read\"],\"origin\":\"https://app.example/x\"}", "INVALID_ORIGIN", "origin"},
    {"{\"scopes\":[\"pin.read\"],\"origin\":1}", "INVALID_ORIGIN", "origin"},
    {"{\"scopes\":[\"pin.read\"],\"max_bytes\":0}", "INVALID_MAX_BYTES", "max_bytes"},
    {"{\"scopes\":[\"pin.read\"],\"max_bytes\":\"1\"}", "INVALID_MAX_BYTES", "max_bytes"},
    {"{\"scopes\":[\"pin.read\"],\"max_bytes\":1099511627776}", "INVALID_MAX_BYTES", "max_bytes"},
};

static const struct refusal of_switches[] = {
    {"{}", "INVALID_OFF", "off"},
    {"{\"off\":null}", "INVALID_OFF", "off"},
    {"{\"off\":1}", "INVALID_OFF", "off"},
    {"{\"off\":\"true\"}", "INVALID_OFF", "off"},
};

enum body { CHALLENGE, LOGIN, MINT, LEGACY };

static int parse(struct w3p_psa_error *error, enum body body, const char *text, size_t len)
{
    struct w3p_auth_challenge_body challenge;
    struct w3p_auth_login_body login;
    struct w3p_auth_mint_body mint;
    bool off;
    int err = W3P_E_INTERNAL;

    switch (body) {
    case CHALLENGE:
        err = w3p_auth_challenge_parse(&challenge, error, &times, text, len);
        w3p_auth_challenge_deinit(&challenge);
        break;
    case LOGIN:
        err = w3p_auth_login_parse(&login, error, text, len);
        w3p_auth_login_deinit(&login);
        break;
    case MINT:
        return w3p_auth_mint_parse(&mint, error, &times, text, len);
    case LEGACY:
        return w3p_auth_legacy_parse(&off, error, text, len);
    }
    return err;
}

static void expect_refused(enum body body, const struct refusal *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct w3p_psa_error error = {0};
        cr_expect(eq(int, parse(&error, body, rows[i].body, strlen(rows[i].body)), W3P_E_INVALID), "%s", rows[i].body);
        cr_assert(error.reason != NULL, "%s", rows[i].body);
        cr_expect(eq(str, (char *)error.reason, (char *)rows[i].reason), "%s: %s", rows[i].body, error.details);
        cr_expect(strstr(error.details, rows[i].details) != NULL, "%s: %s", rows[i].body, error.details);
    }
}

#define EXPECT_REFUSED(body, rows) expect_refused(body, rows, sizeof rows / sizeof rows[0])

Test(auth_json, refused_with_the_name_of_the_field)
{
    for (enum body body = CHALLENGE; body <= LEGACY; body++)
        EXPECT_REFUSED(body, of_json);
    EXPECT_REFUSED(CHALLENGE, of_wallets);
    EXPECT_REFUSED(LOGIN, of_wallets);
    EXPECT_REFUSED(CHALLENGE, of_challenges);
    EXPECT_REFUSED(LOGIN, of_logins);
    EXPECT_REFUSED(MINT, of_mints);
    EXPECT_REFUSED(LEGACY, of_switches);
}

Test(auth_json, nesting_is_bounded)
{
    char text[2000];
    struct w3p_psa_error error = {0};
    size_t at = (size_t)snprintf(text, sizeof text, "{" WALLET ",\"more\":");
    for (int i = 0; i < W3P_JSON_DEPTH_MAX + 1; i++)
        text[at++] = '[';
    for (int i = 0; i < W3P_JSON_DEPTH_MAX + 1; i++)
        text[at++] = ']';
    text[at++] = '}';
    cr_expect(eq(int, parse(&error, CHALLENGE, text, at), W3P_E_INVALID));
    cr_expect(eq(str, (char *)error.reason, "INVALID_JSON"));
}

Test(auth_json, bounds_of_lists_and_texts)
{
    char text[8000], label[70] = "";
    struct w3p_psa_error error = {0};
    for (int count = 64; count <= 65; count++) {
        size_t at = (size_t)snprintf(text, sizeof text, "{\"scopes\":[");
        for (int i = 0; i < count; i++)
            at += (size_t)snprintf(text + at, sizeof text - at, "%s\"pin.read\"", i > 0 ? "," : "");
        at += (size_t)snprintf(text + at, sizeof text - at, "]}");
        cr_expect(eq(int, parse(&error, MINT, text, at), count == 64 ? W3P_OK : W3P_E_INVALID), "%d", count);
        memset(label, 'x', (size_t)count);
        at = (size_t)snprintf(text, sizeof text, "{\"scopes\":[\"pin.read\"],\"label\":\"%s\"}", label);
        cr_expect(eq(int, parse(&error, MINT, text, at), count == 64 ? W3P_OK : W3P_E_INVALID), "%d", count);
    }
    for (int count = W3P_CAVEAT_CIDS_MAX; count <= W3P_CAVEAT_CIDS_MAX + 1; count++) {
        size_t at = (size_t)snprintf(text, sizeof text, "{\"scopes\":[\"pin.read\"],\"cids\":[");
        for (int i = 0; i < count; i++)
            at += (size_t)snprintf(text + at, sizeof text - at, "%s\"" CID "\"", i > 0 ? "," : "");
        at += (size_t)snprintf(text + at, sizeof text - at, "]}");
        cr_expect(eq(int, parse(&error, MINT, text, at), count == W3P_CAVEAT_CIDS_MAX ? W3P_OK : W3P_E_INVALID));
    }
}

Test(auth_json, what_a_challenge_may_say)
{
    static const char small[] = "{" WALLET ",\"future\":[1],\"cids\":null}";
    static const char full[] = "{" WALLET ",\"scopes\":[\"token.mint\",\"pin.read\",\"pin.read\"],\"ttl\":86400,"
                               "\"label\":\"gallery-7\",\"chain_id\":\"137\"}";
    struct w3p_auth_challenge_body body;
    struct w3p_psa_error error = {0};
    cr_assert(eq(int, w3p_auth_challenge_parse(&body, &error, &times, small, strlen(small)), W3P_OK), "%s",
              error.details);
    cr_expect(eq(int, body.scopes, W3P_SCOPES_PINS));
    cr_expect(eq(i64, body.ttl_s, 3600));
    cr_expect(eq(sz, body.label.len, 0));
    cr_expect(eq(sz, body.chain_id.len, 0));
    cr_expect(eq(str, body.wallet.identity.text, "evm:0x1a642f0e3c3af545e7acbd38b07251b3990914f1"));
    w3p_auth_challenge_deinit(&body);
    cr_assert(eq(int, w3p_auth_challenge_parse(&body, &error, &times, full, strlen(full)), W3P_OK), "%s",
              error.details);
    cr_expect(eq(int, body.scopes, W3P_SCOPE_TOKEN_MINT | W3P_SCOPE_PIN_READ));
    cr_expect(eq(i64, body.ttl_s, 86400));
    cr_expect(w3p_span_eq_str(body.label, "gallery-7"));
    cr_expect(w3p_span_eq_str(body.chain_id, "137"));
    w3p_auth_challenge_deinit(&body);
}

Test(auth_json, restrictions_of_a_token_become_caveats)
{
    static const char text[] = "{\"scopes\":[\"pin.write\"],\"ttl\":60,\"label\":\"l\",\"cids\":[\"" CID "\"],"
                               "\"origin\":\"https://App.example\",\"max_bytes\":1000}";
    struct w3p_auth_mint_body body;
    struct w3p_psa_error error = {0};
    struct w3p_restrictions r;
    struct w3p_cid cid;
    uint8_t multihash[64] = {0x12, 0x20};
    const char *why = NULL;
    cr_assert(eq(int, w3p_auth_mint_parse(&body, &error, &times, text, strlen(text)), W3P_OK), "%s", error.details);
    cr_expect(eq(i64, body.ttl_s, 60));
    cr_expect(eq(str, body.label, "l"));
    w3p_restrictions_init(&r, 100);
    for (size_t i = 0; i < body.caveat_count; i++)
        cr_assert(w3p_restrictions_add(&r, body.caveats[i].type, body.caveats[i].value, body.caveats[i].len));
    cr_assert(eq(int, w3p_cid_parse(&cid, &why, CID, strlen(CID)), W3P_OK));
    memcpy(multihash + 2, cid.digest, 32);
    cr_expect(w3p_restrictions_permit_cid(&r, multihash, 34));
    multihash[2] ^= 1;
    cr_expect(not(w3p_restrictions_permit_cid(&r, multihash, 34)));
    cr_expect(w3p_restrictions_permit_origin(&r, "https://app.example", 19));
    cr_expect(not(w3p_restrictions_permit_origin(&r, "http://app.example", 18)));
    cr_expect(w3p_restrictions_permit_bytes(&r, 1000));
    cr_expect(not(w3p_restrictions_permit_bytes(&r, 1001)));
}

Test(auth_json, ids)
{
    static const char *const bad[] = {"",
                                      "0",
                                      "00112233445566778899aabbccddeef",
                                      "00112233445566778899aabbccddeeff0",
                                      "00112233445566778899AABBCCDDEEFF",
                                      "0x112233445566778899aabbccddeeff",
                                      "00112233445566778899aabbccddeegg"};
    static const char good[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    uint8_t id[W3P_AUTH_ID_BYTES_MAX];
    size_t len = 0;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_expect(eq(int, w3p_auth_id_parse(id, &len, w3p_span_str(bad[i])), W3P_E_INVALID), "%s", bad[i]);
    cr_expect(eq(int, w3p_auth_id_parse(id, &len, W3P_SPAN(good, 32)), W3P_OK));
    cr_expect(eq(sz, len, 16));
    cr_expect(eq(int, w3p_auth_id_parse(id, &len, W3P_SPAN(good, 64)), W3P_OK));
    cr_expect(eq(sz, len, 32));
    cr_expect(eq(int, id[31], 0xff));
}

// ---- answers ----

static json_t *challenge_of(const char *chain, const char *address)
{
    uint8_t key32[32] = {7}, nonce32[32];
    struct w3p_buf text, body;
    struct w3p_json j;
    struct w3p_login_wish wish = {.scheme = w3p_scheme_find(chain, strlen(chain)),
                                  .address = w3p_span_str(address),
                                  .domain = "dapp.example",
                                  .audience = "gw.example",
                                  .scopes = W3P_SCOPES_PINS,
                                  .ttl_s = 60,
                                  .label = w3p_span_str("l"),
                                  .now_ms = 1700000000000};
    w3p_buf_init(&text, W3P_SIWX_MAX);
    w3p_buf_init(&body, 16384);
    cr_assert(eq(int, w3p_login_challenge(&text, nonce32, key32, &wish), W3P_OK), "%s", chain);
    w3p_json_init(&j, &body);
    w3p_auth_write_challenge(&j, &(struct w3p_auth_challenge_answer){.scheme = wish.scheme,
                                                                     .text = w3p_buf_span(&text),
                                                                     .nonce32 = nonce32,
                                                                     .audience = wish.audience,
                                                                     .expires_ms = 1700000300000});
    json_t *root = json_loads(w3p_buf_str(&body), JSON_REJECT_DUPLICATES, NULL);
    cr_assert(root != NULL, "%s", w3p_buf_str(&body));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(root, "message")), (char *)w3p_buf_str(&text)));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(root, "expires_at")), "2023-11-14T22:18:20.000Z"));
    w3p_buf_deinit(&text);
    w3p_buf_deinit(&body);
    return root;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "(missing)";
}

Test(auth_json, challenges_say_what_each_wallet_asks_for)
{
    static const char base58[] = "GJRs4FwHtemZ5ZE9x3FNvJ8TMwitKTh21yxdRPqn7npE";
    json_t *eth = challenge_of("eth", ETH), *sol = challenge_of("sol", base58), *near = challenge_of("near", base58);
    json_t *sub = challenge_of("sub", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
    const json_t *input = json_object_get(sol, "sign_in"), *payload = json_object_get(near, "nep413");
    cr_expect(eq(str, (char *)text_of(eth, "format"), "eip4361"));
    cr_expect(eq(str, (char *)text_of(sub, "format"), "caip122"));
    cr_expect(eq(str, (char *)text_of(sol, "format"), "siws"));
    cr_expect(eq(str, (char *)text_of(near, "format"), "nep413"));
    cr_expect(eq(sz, json_object_size(eth), 4));
    cr_expect(eq(sz, json_object_size(sub), 4));
    cr_expect(eq(str, (char *)text_of(input, "domain"), "dapp.example"));
    cr_expect(eq(str, (char *)text_of(input, "address"), (char *)base58));
    cr_expect(eq(str, (char *)text_of(input, "uri"), "https://gw.example/auth/login"));
    cr_expect(eq(str, (char *)text_of(input, "chainId"), "mainnet"));
    cr_expect(eq(str, (char *)text_of(input, "requestId"), "l"));
    cr_expect(eq(str, (char *)text_of(input, "nonce"), (char *)text_of(sol, "nonce")));
    cr_expect(eq(str, (char *)text_of(input, "issuedAt"), "2023-11-14T22:13:20.000Z"));
    cr_expect(eq(sz, json_array_size(json_object_get(input, "resources")), 6));
    cr_expect(eq(str, (char *)text_of(payload, "message"), (char *)text_of(near, "message")));
    cr_expect(eq(str, (char *)text_of(payload, "recipient"), "gw.example"));
    cr_expect(eq(sz, strlen(text_of(payload, "nonce")), 44));
    json_decref(eth);
    json_decref(sub);
    json_decref(sol);
    json_decref(near);
}
