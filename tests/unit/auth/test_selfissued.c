// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: self-issued tokens: each rule refuses with its own reason, every scheme's wallet can make one, and the
// outside vectors of this form give their verdicts.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "auth_texts.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "crypto/hash.h"
#include "grant.h"
#include "selfissued.h"

TestSuite(auth_selfissued, .init = w3p_crypto_init, .timeout = 60);

#define NOW_MS INT64_C(1769904000000) // 2026-02-01
#define DAY_MS INT64_C(86400000)
#define ETH "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
#define ETH_IDENTITY "evm:0x1a642f0e3c3af545e7acbd38b07251b3990914f1"

struct scene {
    struct w3p_hosts *audiences, *domains;
    struct w3p_selfissued_rules rules;
    struct w3p_keypair key;
};

static void begin(struct scene *s)
{
    uint8_t seed32[32];
    memset(seed32, 1, sizeof(seed32));
    cr_assert(eq(int, w3p_keypair_from_seed(&s->key, W3P_KEY_ECDSA, seed32), W3P_OK));
    cr_assert(eq(int, w3p_hosts_create(&s->audiences, NULL, "a", "gw.example,gw.example:3000", false), W3P_OK));
    cr_assert(eq(int, w3p_hosts_create(&s->domains, NULL, "d", "dapp.example", true), W3P_OK));
    s->rules = (struct w3p_selfissued_rules){s->audiences, s->domains, NOW_MS};
}

static void end(struct scene *s)
{
    w3p_hosts_destroy(s->audiences);
    w3p_hosts_destroy(s->domains);
}

static struct w3p_siwx fields(void)
{
    return (struct w3p_siwx){.domain = w3p_span_str("gw.example"),
                             .chain_name = w3p_span_str("Ethereum"),
                             .address = w3p_span_str(ETH),
                             .uri = w3p_span_str("https://gw.example/"),
                             .version = w3p_span_str("1"),
                             .chain_id = w3p_span_str("1"),
                             .nonce = w3p_span_str("w3auth00TESTnonce"),
                             .request_id = w3p_span_str("laptop"),
                             .has_issued = true,
                             .issued_ms = NOW_MS - DAY_MS,
                             .has_expires = true,
                             .expires_ms = NOW_MS + DAY_MS,
                             .resources = {w3p_span_str("urn:w3auth:scope:pin.read"), w3p_span_str("ipfs://bafy"),
                                           w3p_span_str("urn:w3auth:scope:pin.delete")},
                             .resource_count = 3};
}

// A token of these words as they are, signed by the scene's key.
static enum w3p_auth_reason check_words(struct w3p_selfissued *out, const struct scene *s, const char *head,
                                        struct w3p_span text)
{
    static struct w3p_token token;
    struct w3p_buf sig, plain, base64;
    w3p_buf_init(&sig, 1000);
    w3p_buf_init(&plain, 6000);
    w3p_buf_init(&base64, 8000);
    cr_assert(eq(int, w3p_scheme_find("eth", 3)->sign_text(&sig, &s->key, (const char *)text.ptr, text.len), W3P_OK));
    w3p_buf_put_str(&plain, head);
    w3p_base64_encode(&plain, text.ptr, text.len, W3P_BASE64_STD, W3P_BASE64_UNPADDED);
    w3p_buf_printf(&plain, ":%s", w3p_buf_str(&sig));
    w3p_base64_encode(&base64, plain.ptr, plain.len, W3P_BASE64_STD, W3P_BASE64_PADDED);
    enum w3p_auth_reason reason = w3p_token_decode(&token, w3p_buf_str(&base64), base64.len);
    if (reason == W3P_AUTH_OK)
        reason = w3p_selfissued_check(out, &token, &s->rules);
    w3p_buf_deinit(&sig);
    w3p_buf_deinit(&plain);
    w3p_buf_deinit(&base64);
    return reason;
}

static enum w3p_auth_reason check_fields(struct w3p_selfissued *out, const struct scene *s, const struct w3p_siwx *siwx)
{
    struct w3p_buf text;
    w3p_buf_init(&text, W3P_SIWX_MAX);
    cr_assert(eq(int, w3p_siwx_write(&text, siwx), W3P_OK));
    enum w3p_auth_reason reason = check_words(out, s, "eth-" ETH "-m1.", w3p_buf_span(&text));
    w3p_buf_deinit(&text);
    return reason;
}

Test(auth_selfissued, what_it_says)
{
    struct scene s;
    struct w3p_selfissued out;
    begin(&s);
    struct w3p_siwx siwx = fields();
    cr_assert(eq(int, check_fields(&out, &s, &siwx), W3P_AUTH_OK));
    cr_expect(eq(str, out.identity.text, ETH_IDENTITY));
    cr_expect(eq(int, out.scopes, W3P_SCOPE_PIN_READ | W3P_SCOPE_PIN_DELETE));
    cr_expect(eq(i64, out.issued_s, (NOW_MS - DAY_MS) / 1000));
    cr_expect(eq(i64, out.expires_s, (NOW_MS + DAY_MS) / 1000));
    cr_expect(eq(str, out.label, "laptop"));
    struct w3p_buf text;
    uint8_t digest32[32];
    w3p_buf_init(&text, W3P_SIWX_MAX);
    cr_assert(eq(int, w3p_siwx_write(&text, &siwx), W3P_OK));
    w3p_sha256(digest32, text.ptr, text.len);
    cr_expect(memcmp(digest32, out.msgid32, 32) == 0);
    w3p_buf_deinit(&text);

    siwx.domain = w3p_span_str("dapp.example");
    siwx.uri = w3p_span_str("http://GW.example:3000/psa");
    siwx.request_id = w3p_span_str("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggghhhh");
    cr_assert(eq(int, check_fields(&out, &s, &siwx), W3P_AUTH_OK));
    cr_expect(eq(sz, strlen(out.label), W3P_SIWX_LABEL_MAX));
    siwx.request_id = W3P_SPAN(NULL, 0);
    cr_assert(eq(int, check_fields(&out, &s, &siwx), W3P_AUTH_OK));
    cr_expect(eq(str, out.label, ""));
    end(&s);
}

static void expect_reason(const struct scene *s, const struct w3p_siwx *siwx, enum w3p_auth_reason wanted,
                          const char *note)
{
    struct w3p_selfissued out, before;
    memset(&out, 0x55, sizeof(out));
    before = out;
    enum w3p_auth_reason reason = check_fields(&out, s, siwx);
    cr_expect(reason == wanted, "%s: %s", note, w3p_auth_reason_name(reason));
    cr_expect(wanted == W3P_AUTH_OK || memcmp(&out, &before, sizeof(out)) == 0, "%s", note);
}

Test(auth_selfissued, attack_4_places)
{
    static const struct {
        const char *uri, *domain;
        enum w3p_auth_reason reason;
    } places[] = {
        {"https://evil.example/", "gw.example", W3P_AUTH_AUDIENCE},
        {"https://gw.example.evil.example/", "gw.example", W3P_AUTH_AUDIENCE},
        {"https://gw.example:3001/", "gw.example", W3P_AUTH_AUDIENCE},
        {"https://gw.example@evil.example/", "gw.example", W3P_AUTH_AUDIENCE},
        {"https://dapp.example/", "dapp.example", W3P_AUTH_AUDIENCE},
        {"urn:gw.example", "gw.example", W3P_AUTH_AUDIENCE},
        {"did:web:gw.example", "gw.example", W3P_AUTH_AUDIENCE},
        {"https://gw.example/", "evil.example", W3P_AUTH_DOMAIN},
        {"https://gw.example/", "evil.gw.example", W3P_AUTH_DOMAIN},
        {"https://gw.example/", "dapp.example:8080", W3P_AUTH_DOMAIN},
        {"https://gw.example/", "xn--gw-bja.example", W3P_AUTH_DOMAIN},
        {"https://gw.example/", "GW.example", W3P_AUTH_DOMAIN}, // browsers never spell it so
        {"https://gw.example/", "gw.example:3000", W3P_AUTH_OK},
        {"https://gw.example/a?b#c", "dapp.example", W3P_AUTH_OK},
    };
    struct scene s;
    begin(&s);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct w3p_siwx siwx = fields();
        siwx.uri = w3p_span_str(places[i].uri);
        siwx.domain = w3p_span_str(places[i].domain);
        expect_reason(&s, &siwx, places[i].reason, places[i].uri);
    }
    struct w3p_siwx siwx = fields();
    s.rules.domains = NULL;
    expect_reason(&s, &siwx, W3P_AUTH_OK, "own host without a list of pages");
    siwx.domain = w3p_span_str("dapp.example");
    expect_reason(&s, &siwx, W3P_AUTH_DOMAIN, "a page without a list of pages");
    s.rules.audiences = NULL;
    expect_reason(&s, &siwx, W3P_AUTH_AUDIENCE, "a gateway that has no name");
    end(&s);
}

Test(auth_selfissued, attack_24_times)
{
    enum { CLOCK_MS = W3P_SIGNED_TEXT_CLOCK_MS };
    static const int64_t cap_ms = 366 * DAY_MS;
    const struct {
        int64_t issued_ms, expires_ms, not_before_ms; // from now; not_before_ms 0: none
        enum w3p_auth_reason reason;
    } times[] = {
        {CLOCK_MS + 1, DAY_MS, 0, W3P_AUTH_NOT_YET},
        {CLOCK_MS, DAY_MS, 0, W3P_AUTH_OK},
        {0, DAY_MS, CLOCK_MS + 1, W3P_AUTH_NOT_YET},
        {0, DAY_MS, CLOCK_MS, W3P_AUTH_OK},
        {-DAY_MS, 0, 0, W3P_AUTH_EXPIRED},
        {-DAY_MS, -1, 0, W3P_AUTH_EXPIRED},
        {-DAY_MS, 1, 0, W3P_AUTH_OK},
        {0, cap_ms + 1, 0, W3P_AUTH_LIFETIME},
        {-1, cap_ms, 0, W3P_AUTH_LIFETIME},
        {0, cap_ms, 0, W3P_AUTH_OK},
        {-NOW_MS, cap_ms, 0, W3P_AUTH_LIFETIME},
    };
    struct scene s;
    begin(&s);
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        struct w3p_siwx siwx = fields();
        char note[20];
        siwx.issued_ms = NOW_MS + times[i].issued_ms;
        siwx.expires_ms = NOW_MS + times[i].expires_ms;
        siwx.not_before_ms = NOW_MS + times[i].not_before_ms;
        siwx.has_not_before = times[i].not_before_ms != 0;
        snprintf(note, sizeof(note), "case %zu", i);
        expect_reason(&s, &siwx, times[i].reason, note);
    }
    struct w3p_siwx siwx = fields();
    siwx.has_expires = false;
    expect_reason(&s, &siwx, W3P_AUTH_LIFETIME, "no end");
    end(&s);
}

Test(auth_selfissued, scopes)
{
    static const struct {
        const char *resource;
        enum w3p_auth_reason reason;
    } more[] = {
        {"urn:w3auth:scope:pin.admin", W3P_AUTH_SCOPES},
        {"urn:w3auth:scope:", W3P_AUTH_SCOPES},
        {"urn:w3auth:scope:PIN.READ", W3P_AUTH_SCOPES},
        {"urn:w3auth:scope:pin.read,pin.write", W3P_AUTH_SCOPES},
        {"urn:w3auth:login", W3P_AUTH_SCOPES},
        {"urn:w3auth:login:scope:pin.read", W3P_AUTH_SCOPES},
        {"urn:w3auth:", W3P_AUTH_SCOPES},
        {"urn:w3auth:ttl:60", W3P_AUTH_SCOPES},
        {"URN:W3Auth:cid:bafy", W3P_AUTH_SCOPES},
        {"URN:W3AUTH:scope:pin.read", W3P_AUTH_SCOPES},
        {"urn:w3auth2:scope:nothing", W3P_AUTH_OK},
        {"urn:w3a:scope:pins:rw", W3P_AUTH_OK},
        {"https://gw.example/scope/pin.read", W3P_AUTH_OK},
        {"urn:w3auth:scope:account.admin", W3P_AUTH_OK},
        {"urn:w3auth:scope:pin.read", W3P_AUTH_OK}, // twice
    };
    struct scene s;
    begin(&s);
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        struct w3p_siwx siwx = fields();
        siwx.resources[siwx.resource_count++] = w3p_span_str(more[i].resource);
        expect_reason(&s, &siwx, more[i].reason, more[i].resource);
    }
    struct w3p_siwx siwx = fields();
    siwx.resources[0] = siwx.resources[2] = siwx.resources[1];
    expect_reason(&s, &siwx, W3P_AUTH_SCOPES, "nothing of ours");
    siwx.resource_count = 0;
    expect_reason(&s, &siwx, W3P_AUTH_SCOPES, "no resources");
    end(&s);
}

Test(auth_selfissued, forms)
{
    struct scene s;
    struct w3p_selfissued out;
    begin(&s);
    struct w3p_buf text;
    w3p_buf_init(&text, W3P_SIWX_MAX + 10);
    struct w3p_siwx siwx = fields();
    cr_assert(eq(int, w3p_siwx_write(&text, &siwx), W3P_OK));
    struct w3p_span good = w3p_buf_span(&text);
    cr_expect(eq(int, check_words(&out, &s, "eth-" ETH "-m1.", good), W3P_AUTH_OK));
    cr_expect(eq(int, check_words(&out, &s, "pol-" ETH "-m1.", good), W3P_AUTH_OK));
    cr_expect(eq(int, check_words(&out, &s, "eth-0x1a642f0e3c3af545e7acbd38b07251b3990914f1-m1.", good), W3P_AUTH_OK));
    cr_expect(eq(int, check_words(&out, &s, "eth-" ETH "-m2.", good), W3P_AUTH_MESSAGE));
    cr_expect(eq(int, check_words(&out, &s, "eth-" ETH "-M1.", good), W3P_AUTH_MESSAGE));
    cr_expect(eq(int, check_words(&out, &s, "eth-" ETH "-m1.=", good), W3P_AUTH_MESSAGE));
    cr_expect(eq(int, check_words(&out, &s, "eth-" ETH "-m1.A", good), W3P_AUTH_MESSAGE));
    cr_expect(eq(int, check_words(&out, &s, "eth-0x5050A4F4b3f9338C3472dcC01A87C76A144b3c9c-m1.", good),
                 W3P_AUTH_MESSAGE_ADDRESS));
    cr_expect(eq(int, check_words(&out, &s, "sol-GyGKxMyg1p9SsHfm15MkNUu1u9TN2JtTspcdmrtGUdse-m1.", good),
                 W3P_AUTH_MESSAGE_ADDRESS));
    cr_expect(eq(int, check_words(&out, &s, "eth-" ETH "-m1.", w3p_span_str("x")), W3P_AUTH_MESSAGE));
    cr_expect(eq(int, check_words(&out, &s, "eth-" ETH "-m1.", W3P_SPAN(good.ptr, good.len - 1)),
                 W3P_AUTH_SCOPES)); // pin.delet
    w3p_buf_put_str(&text, "\n");
    cr_expect(eq(int, check_words(&out, &s, "eth-" ETH "-m1.", w3p_buf_span(&text)), W3P_AUTH_MESSAGE));
    while (text.len <= W3P_SIWX_MAX)
        w3p_buf_put_u8(&text, 'x');
    cr_expect(eq(int, check_words(&out, &s, "eth-" ETH "-m1.", w3p_buf_span(&text)), W3P_AUTH_MESSAGE));
    w3p_buf_deinit(&text);

    uint8_t other32[32];
    memset(other32, 2, sizeof(other32));
    cr_assert(eq(int, w3p_keypair_from_seed(&s.key, W3P_KEY_ECDSA, other32), W3P_OK));
    expect_reason(&s, &siwx, W3P_AUTH_SIGNATURE, "another key");
    end(&s);
}

// The signature is looked at last: a text that is not good enough costs no curve.
Test(auth_selfissued, cheap_checks_come_first)
{
    struct scene s;
    begin(&s);
    uint8_t other32[32];
    memset(other32, 2, sizeof(other32));
    cr_assert(eq(int, w3p_keypair_from_seed(&s.key, W3P_KEY_ECDSA, other32), W3P_OK));
    struct w3p_siwx siwx = fields();
    siwx.resource_count = 0;
    expect_reason(&s, &siwx, W3P_AUTH_SCOPES, "scopes before the signature");
    siwx.expires_ms = NOW_MS;
    expect_reason(&s, &siwx, W3P_AUTH_EXPIRED, "times before scopes");
    siwx.domain = w3p_span_str("evil.example");
    expect_reason(&s, &siwx, W3P_AUTH_DOMAIN, "places before times");
    siwx.uri = w3p_span_str("https://evil.example/");
    expect_reason(&s, &siwx, W3P_AUTH_AUDIENCE, "the audience before the domain");
    end(&s);
}

static enum w3p_auth_reason check_made(struct w3p_selfissued *out, const struct w3p_buf *base64,
                                       const struct w3p_selfissued_rules *rules)
{
    static struct w3p_token token;
    enum w3p_auth_reason reason = w3p_token_decode(&token, w3p_buf_str(base64), base64->len);
    if (reason != W3P_AUTH_OK)
        return reason;
    cr_expect(w3p_selfissued_is(&token));
    struct w3p_identity nobody = {.text = "untouched"};
    cr_expect(w3p_token_verify_any(&nobody, &token) != W3P_AUTH_OK, "a self-issued token counts as a W3Auth token");
    return w3p_selfissued_check(out, &token, rules);
}

Test(auth_selfissued, every_scheme_can_make_one)
{
    struct scene s;
    size_t made = 0;
    begin(&s);
    for (const struct w3p_scheme *const *scheme = w3p_schemes(); *scheme != NULL; scheme++) {
        struct w3p_keypair key;
        struct w3p_buf token;
        struct w3p_errmsg msg = {.text = ""};
        struct w3p_selfissued out;
        uint8_t seed32[32];
        memset(seed32, 7, sizeof(seed32));
        cr_assert(eq(int, w3p_keypair_from_seed(&key, (*scheme)->key_type, seed32), W3P_OK));
        w3p_buf_init(&token, W3P_AUTH_HEADER_MAX);
        struct w3p_selfissued_wish wish = {
            "https://gw.example:3000/psa", "dapp.example", "my-kubo", W3P_SCOPES_ALL, 90 * 86400, NOW_MS};
        int err = w3p_selfissued_make(&token, &msg, *scheme, &key, &wish);
        if ((*scheme)->siwx_name == NULL) {
            cr_expect(eq(int, err, W3P_E_UNSUPPORTED));
        } else {
            cr_assert(eq(int, err, W3P_OK), "%s: %s", (*scheme)->name, msg.text);
            enum w3p_auth_reason reason = check_made(&out, &token, &s.rules);
            cr_expect(reason == W3P_AUTH_OK, "%s: %s", (*scheme)->name, w3p_auth_reason_name(reason));
            cr_expect(eq(int, out.scopes, W3P_SCOPES_ALL));
            cr_expect(eq(i64, out.expires_s - out.issued_s, 90 * 86400));
            cr_expect(eq(str, out.label, "my-kubo"));
            s.rules.now_ms = NOW_MS + 90 * DAY_MS;
            cr_expect(eq(int, check_made(&out, &token, &s.rules), W3P_AUTH_EXPIRED));
            s.rules.now_ms = NOW_MS;
            made++;
        }
        w3p_buf_deinit(&token);
    }
    cr_expect(made >= 4);
    end(&s);
}

Test(auth_selfissued, impossible_wishes)
{
    struct scene s;
    begin(&s);
    const struct w3p_scheme *eth = w3p_scheme_find("eth", 3);
    static const struct {
        struct w3p_selfissued_wish wish;
        const char *word;
    } wishes[] = {
        {{"gw.example", NULL, NULL, 1, 60, NOW_MS}, "no URL"},
        {{"https://gw.example", "https://dapp.example", NULL, 1, 60, NOW_MS}, "no host"},
        {{"https://gw.example", NULL, NULL, 0, 60, NOW_MS}, "scope"},
        {{"https://gw.example", NULL, NULL, 0x100, 60, NOW_MS}, "scope"},
        {{"https://gw.example", NULL, NULL, 1, 0, NOW_MS}, "366"},
        {{"https://gw.example", NULL, NULL, 1, 366 * 86400 + 1, NOW_MS}, "366"},
        {{"https://gw.example", NULL, "two words", 1, 60, NOW_MS}, "label"},
        {{"https://gw.example/a b", NULL, NULL, 1, 60, NOW_MS}, "no sign-in text"},
    };
    for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
        struct w3p_buf token;
        struct w3p_errmsg msg = {.text = ""};
        w3p_buf_init(&token, W3P_AUTH_HEADER_MAX);
        cr_expect(eq(int, w3p_selfissued_make(&token, &msg, eth, &s.key, &wishes[i].wish), W3P_E_INVALID), "%zu", i);
        cr_expect(strstr(msg.text, wishes[i].word) != NULL, "%s", msg.text);
        cr_expect(eq(sz, token.len, 0));
        w3p_buf_deinit(&token);
    }
    struct w3p_buf token;
    struct w3p_errmsg msg;
    struct w3p_selfissued_wish wish = {"https://gw.example", NULL, NULL, 1, 60, NOW_MS};
    w3p_buf_init(&token, W3P_AUTH_HEADER_MAX);
    cr_expect(eq(int, w3p_selfissued_make(&token, &msg, w3p_scheme_find("sol", 3), &s.key, &wish), W3P_E_UNSUPPORTED));
    w3p_buf_deinit(&token);
    w3p_buf_init(&token, 100);
    cr_expect(eq(int, w3p_selfissued_make(&token, &msg, eth, &s.key, &wish), W3P_E_LIMIT));
    w3p_buf_deinit(&token);
    end(&s);
}

// A person reads what is granted, and for how long.
Test(auth_selfissued, statement)
{
    static const struct {
        w3p_scopes scopes;
        int64_t ttl_s;
        const char *text;
    } statements[] = {
        {W3P_SCOPE_PIN_READ | W3P_SCOPE_PIN_WRITE, 43200,
         "Let the holder of this token use gw.example for 12 hours: list pins, add pins."},
        {W3P_SCOPE_ACCOUNT_ADMIN, 86400, "Let the holder of this token use gw.example for 1 day: manage the account."},
        {W3P_SCOPE_GW_READ, 61, "Let the holder of this token use gw.example for 61 seconds: read content."},
    };
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        struct w3p_buf out;
        w3p_buf_init(&out, 500);
        w3p_grant_put_statement(&out, "gw.example", statements[i].scopes, statements[i].ttl_s);
        cr_expect(eq(str, (char *)w3p_buf_str(&out), (char *)statements[i].text));
        w3p_buf_deinit(&out);
    }
}

// Vectors with `now`, `expect_domain`, `allowed_dapp_domains` and an identity.
static enum w3p_auth_reason check_vector(struct w3p_selfissued *out, const json_t *vector)
{
    static struct w3p_token token;
    struct w3p_selfissued_rules rules;
    struct w3p_hosts *audiences = auth_texts_hosts(vector, "expect_domain"),
                     *domains = auth_texts_hosts(vector, "allowed_dapp_domains");
    struct w3p_buf header;
    struct w3p_span text;
    w3p_buf_init(&header, 2 * W3P_AUTH_HEADER_MAX);
    w3p_buf_printf(&header, "Bearer %s", auth_texts_string(vector, "token"));
    rules = (struct w3p_selfissued_rules){audiences, domains, auth_texts_time(vector, "now", NOW_MS)};
    enum w3p_auth_reason reason = w3p_auth_header(&text, w3p_buf_str(&header), header.len);
    if (reason == W3P_AUTH_OK)
        reason = w3p_token_decode(&token, (const char *)text.ptr, text.len);
    if (reason == W3P_AUTH_OK)
        reason = w3p_selfissued_check(out, &token, &rules);
    w3p_buf_deinit(&header);
    w3p_hosts_destroy(audiences);
    w3p_hosts_destroy(domains);
    return reason;
}

Test(auth_selfissued, outside_vectors)
{
    json_t *all = auth_texts_load("auth_selfissued/outside_vectors"), *vector;
    size_t i, valid = 0, refused = 0;
    json_array_foreach(all, i, vector)
    {
        const char *class = auth_texts_string(vector, "class"), *chain = auth_texts_string(vector, "chain"),
                   *note = auth_texts_string(vector, "note"), *identity = auth_texts_string(vector, "identity");
        struct w3p_selfissued out;
        if (strcmp(class, "proposed") != 0 || strcmp(chain, "w3s1") == 0)
            continue;
        enum w3p_auth_reason reason = check_vector(&out, vector);
        if (json_is_true(json_object_get(vector, "valid"))) {
            cr_expect(reason == W3P_AUTH_OK, "%zu: %s: %s", i, note, w3p_auth_reason_name(reason));
            if (reason == W3P_AUTH_OK && identity[0] != '\0')
                cr_expect(eq(str, out.identity.text, (char *)identity), "%zu: %s", i, note);
            valid++;
        } else {
            cr_expect(reason != W3P_AUTH_OK, "%zu: accepted, but: %s", i, note);
            refused++;
        }
    }
    cr_expect(valid > 0 && refused > 0, "%zu valid, %zu refused", valid, refused);
    json_decref(all);
}
