// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: sign-in without stored challenges: what every scheme's wallet answers is accepted, and each thing that is
// not as it was given is refused.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "login.h"
#include "nep413.h"
#include "scheme.h"
#include "selfissued.h"

TestSuite(auth_login, .init = w3p_crypto_init, .timeout = 60);

#define NOW_MS INT64_C(1769904000000) // 2026-02-01

struct scene {
    const struct w3p_scheme *scheme;
    struct w3p_keypair key;
    struct w3p_buf address, text, sig;
    struct w3p_login_wish wish;
    struct w3p_hosts *audiences;
    uint8_t key32[32], nonce32[32];
};

static void begin(struct scene *s, const struct w3p_scheme *scheme)
{
    uint8_t seed32[32];
    memset(s, 0, sizeof(*s));
    memset(seed32, 9, sizeof(seed32));
    memset(s->key32, 0x42, sizeof(s->key32));
    s->scheme = scheme;
    w3p_buf_init(&s->address, 200);
    w3p_buf_init(&s->text, W3P_SIWX_MAX);
    w3p_buf_init(&s->sig, 2000);
    cr_assert(eq(int, w3p_keypair_from_seed(&s->key, scheme->key_type, seed32), W3P_OK));
    cr_assert(eq(int, scheme->address_of(&s->address, &s->key), W3P_OK));
    cr_assert(eq(int, w3p_hosts_create(&s->audiences, NULL, "a", "gw.example", false), W3P_OK));
    s->wish = (struct w3p_login_wish){.scheme = scheme,
                                      .address = w3p_buf_span(&s->address),
                                      .domain = "dapp.example",
                                      .audience = "gw.example",
                                      .scopes = W3P_SCOPE_PIN_READ | W3P_SCOPE_PIN_WRITE,
                                      .ttl_s = 43200,
                                      .label = w3p_span_str("phone"),
                                      .now_ms = NOW_MS};
}

static void end(struct scene *s)
{
    w3p_buf_deinit(&s->address);
    w3p_buf_deinit(&s->text);
    w3p_buf_deinit(&s->sig);
    w3p_hosts_destroy(s->audiences);
}

static void challenge(struct scene *s)
{
    w3p_buf_reset(&s->text);
    cr_assert(eq(int, w3p_login_challenge(&s->text, s->nonce32, s->key32, &s->wish), W3P_OK));
}

static enum w3p_auth_reason answer(struct w3p_login *out, struct scene *s, struct w3p_span message, struct w3p_span sig,
                                   int64_t now_ms)
{
    struct w3p_login_answer given = {s->scheme, w3p_buf_span(&s->address), message, sig, W3P_SPAN(NULL, 0)};
    return w3p_login_check(out, &given, s->key32, s->audiences, now_ms);
}

// The scene's wallet signs whatever it is shown.
static enum w3p_auth_reason sign_and_answer(struct w3p_login *out, struct scene *s, struct w3p_span message)
{
    w3p_buf_reset(&s->sig);
    cr_assert(eq(int, s->scheme->sign_text(&s->sig, &s->key, (const char *)message.ptr, message.len), W3P_OK));
    return answer(out, s, message, w3p_buf_span(&s->sig), NOW_MS + 1000);
}

Test(auth_login, every_scheme_signs_in)
{
    size_t schemes = 0;
    for (const struct w3p_scheme *const *scheme = w3p_schemes(); *scheme != NULL; scheme++) {
        if ((*scheme)->siwx_name == NULL)
            continue;
        struct scene s;
        struct w3p_login login;
        struct w3p_identity identity;
        struct w3p_buf head;
        begin(&s, *scheme);
        challenge(&s);
        enum w3p_auth_reason reason = sign_and_answer(&login, &s, w3p_buf_span(&s.text));
        cr_expect(reason == W3P_AUTH_OK, "%s: %s\n%s", (*scheme)->name, w3p_auth_reason_name(reason),
                  w3p_buf_str(&s.text));
        w3p_buf_init(&head, 500);
        w3p_buf_printf(&head, "%s-%s", (*scheme)->name, w3p_buf_str(&s.address));
        cr_assert(eq(int, w3p_auth_address(&identity, w3p_buf_str(&head), head.len), W3P_AUTH_OK));
        w3p_buf_deinit(&head);
        cr_expect(eq(str, login.identity.text, identity.text));
        cr_expect(eq(int, login.scopes, W3P_SCOPE_PIN_READ | W3P_SCOPE_PIN_WRITE));
        cr_expect(eq(i64, login.ttl_s, 43200));
        cr_expect(eq(i64, login.expires_ms, NOW_MS + W3P_LOGIN_CHALLENGE_MS));
        cr_expect(eq(str, login.label, "phone"));
        cr_expect(eq(str, login.domain, "dapp.example"));
        cr_expect(memcmp(login.nonce32, s.nonce32, 32) == 0);

        struct w3p_login untouched;
        memset(&untouched, 0x55, sizeof(untouched));
        struct w3p_login refused = untouched;
        s.sig.ptr[s.sig.len / 2] ^= 1; // another hex digit, or none
        reason = answer(&refused, &s, w3p_buf_span(&s.text), w3p_buf_span(&s.sig), NOW_MS);
        cr_expect(reason == W3P_AUTH_SIGNATURE || reason == W3P_AUTH_SIGNATURE_FORM, "%s",
                  w3p_auth_reason_name(reason));
        cr_expect(memcmp(&refused, &untouched, sizeof(refused)) == 0);
        end(&s);
        schemes++;
    }
    cr_expect(schemes >= 4);
}

Test(auth_login, text_says_what_is_granted)
{
    struct scene s;
    begin(&s, w3p_scheme_find("eth", 3));
    struct w3p_buf wanted;
    w3p_buf_init(&wanted, 2048);
    challenge(&s);
    w3p_buf_printf(
        &wanted,
        "dapp.example wants you to sign in with your Ethereum account:\n%s\n\nLet the holder of this token use "
        "gw.example for 12 hours: list pins, add pins.\n\nURI: https://gw.example/auth/login\nVersion: 1\nChain "
        "ID: 1\nNonce: ",
        w3p_buf_str(&s.address));
    w3p_buf_put_hex(&wanted, s.nonce32, 32);
    w3p_buf_put_str(&wanted,
                    "\nIssued At: 2026-02-01T00:00:00.000Z\nExpiration Time: 2026-02-01T00:05:00.000Z\nRequest ID: "
                    "phone\nResources:\n- urn:w3auth:login\n- urn:w3auth:login:scope:pin.read\n- "
                    "urn:w3auth:login:scope:pin.write\n- urn:w3auth:login:ttl:43200");
    cr_expect(eq(str, (char *)w3p_buf_str(&s.text), (char *)w3p_buf_str(&wanted)));
    uint8_t first32[32];
    memcpy(first32, s.nonce32, 32);
    challenge(&s);
    cr_expect(memcmp(first32, s.nonce32, 16) != 0); // random
    cr_expect(memcmp(first32 + 16, s.nonce32 + 16, 16) != 0);
    w3p_buf_deinit(&wanted);
    end(&s);
}

// Each edit is signed by the right wallet, so only the nonce's MAC can tell.
Test(auth_login, attack_23_a_changed_field_is_refused)
{
    static const struct {
        const char *from, *to;
    } edits[] = {
        {"dapp.example wants", "evil.example wants"},
        {"12 hours: list", "12 hours: count"},
        {"add pins.\n", "add pins\n"},
        {"https://gw.example/auth/login", "https://gw.example/auth/login2"},
        {"https://gw.example/auth/login", "http://gw.example/auth/login"},
        {"https://gw.example/auth/login", "https://gw.example:443/auth/login"},
        {"Chain ID: 1\n", "Chain ID: 137\n"},
        {"00:00:00.000Z", "00:00:00.001Z"},
        {"00:00:00.000Z", "00:00:00Z"},
        {"00:05:00.000Z", "00:06:00.000Z"},
        {"\nExpiration Time: 2026-02-01T00:05:00.000Z", ""},
        {"\nRequest ID: phone", "\nNot Before: 2026-02-01T00:00:00Z\nRequest ID: phone"},
        {"phone", "laptop"},
        {"\nRequest ID: phone", ""},
        {"- urn:w3auth:login\n", ""},
        {"scope:pin.write", "scope:account.admin"},
        {"\n- urn:w3auth:login:scope:pin.write", ""},
        {"\n- urn:w3auth:login:ttl", "\n- urn:w3auth:login:scope:account.admin\n- urn:w3auth:login:ttl"},
        {"ttl:43200", "ttl:31622400"},
        {"ttl:43200", "ttl:43200\n- urn:w3auth:login:ttl:31622400"},
    };
    struct scene s;
    struct w3p_login login;
    begin(&s, w3p_scheme_find("eth", 3));
    challenge(&s);
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        struct w3p_buf text;
        const char *all = w3p_buf_str(&s.text), *at = strstr(all, edits[i].from);
        cr_assert(at != NULL, "%s", edits[i].from);
        w3p_buf_init(&text, W3P_SIWX_MAX);
        w3p_buf_put(&text, all, (size_t)(at - all));
        w3p_buf_put_str(&text, edits[i].to);
        w3p_buf_put_str(&text, at + strlen(edits[i].from));
        enum w3p_auth_reason reason = sign_and_answer(&login, &s, w3p_buf_span(&text));
        cr_expect(reason == W3P_AUTH_NONCE, "%s: %s", edits[i].to, w3p_auth_reason_name(reason));
        w3p_buf_deinit(&text);
    }
    cr_expect(eq(int, sign_and_answer(&login, &s, w3p_buf_span(&s.text)), W3P_AUTH_OK));
    end(&s);
}

Test(auth_login, attack_6_nonces_of_others)
{
    struct scene s;
    struct w3p_login login;
    begin(&s, w3p_scheme_find("eth", 3));
    challenge(&s);
    s.key32[31] ^= 1; // another gateway, or a key that was dropped
    cr_expect(eq(int, sign_and_answer(&login, &s, w3p_buf_span(&s.text)), W3P_AUTH_NONCE));
    s.key32[31] ^= 1;
    char *nonce = strstr((char *)s.text.ptr, "Nonce: ") + 7, saved[64];
    memcpy(saved, nonce, 64);
    static const size_t places[] = {0, 31, 32, 63};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        nonce[places[i]] = nonce[places[i]] == '0' ? '1' : '0';
        cr_expect(eq(int, sign_and_answer(&login, &s, w3p_buf_span(&s.text)), W3P_AUTH_NONCE), "%zu", places[i]);
        memcpy(nonce, saved, 64);
    }
    // the same number in other digits would be another name for one use
    for (size_t i = 0; i < 64; i++)
        if (nonce[i] >= 'a')
            nonce[i] = (char)(nonce[i] - 'a' + 'A');
    cr_expect(eq(int, sign_and_answer(&login, &s, w3p_buf_span(&s.text)), W3P_AUTH_NONCE));
    memset(nonce, 'z', 64);
    cr_expect(eq(int, sign_and_answer(&login, &s, w3p_buf_span(&s.text)), W3P_AUTH_NONCE));
    memcpy(nonce, saved, 64);
    cr_expect(eq(int, sign_and_answer(&login, &s, w3p_buf_span(&s.text)), W3P_AUTH_OK));
    memmove(nonce + 62, nonce + 64, strlen(nonce + 64) + 1);
    cr_expect(eq(int, sign_and_answer(&login, &s, W3P_SPAN(s.text.ptr, s.text.len - 2)), W3P_AUTH_NONCE));
    end(&s);
}

Test(auth_login, attack_24_times_and_places)
{
    struct scene s;
    struct w3p_login login;
    begin(&s, w3p_scheme_find("eth", 3));
    challenge(&s);
    cr_assert(eq(int, sign_and_answer(&login, &s, w3p_buf_span(&s.text)), W3P_AUTH_OK));
    struct w3p_span text = w3p_buf_span(&s.text), sig = w3p_buf_span(&s.sig);
    cr_expect(eq(int, answer(&login, &s, text, sig, NOW_MS + W3P_LOGIN_CHALLENGE_MS - 1), W3P_AUTH_OK));
    cr_expect(eq(int, answer(&login, &s, text, sig, NOW_MS + W3P_LOGIN_CHALLENGE_MS), W3P_AUTH_EXPIRED));
    cr_expect(eq(int, answer(&login, &s, text, sig, NOW_MS - W3P_SIGNED_TEXT_CLOCK_MS - 1), W3P_AUTH_NOT_YET));
    struct w3p_hosts *others = NULL;
    cr_assert(eq(int, w3p_hosts_create(&others, NULL, "a", "gw2.example", false), W3P_OK));
    w3p_hosts_destroy(s.audiences);
    s.audiences = others;
    cr_expect(eq(int, answer(&login, &s, text, sig, NOW_MS), W3P_AUTH_AUDIENCE));
    end(&s);
}

Test(auth_login, another_account)
{
    struct scene s, other;
    struct w3p_login login;
    begin(&s, w3p_scheme_find("eth", 3));
    begin(&other, w3p_scheme_find("eth", 3));
    uint8_t seed32[32];
    memset(seed32, 10, sizeof(seed32));
    cr_assert(eq(int, w3p_keypair_from_seed(&other.key, W3P_KEY_ECDSA, seed32), W3P_OK));
    w3p_buf_reset(&other.address);
    cr_assert(eq(int, other.scheme->address_of(&other.address, &other.key), W3P_OK));
    challenge(&s);
    cr_expect(eq(int, sign_and_answer(&login, &other, w3p_buf_span(&s.text)),
                 W3P_AUTH_MESSAGE_ADDRESS)); // says it is its own
    cr_assert(eq(int, sign_and_answer(&login, &s, w3p_buf_span(&s.text)), W3P_AUTH_OK));
    w3p_buf_reset(&other.sig);
    cr_assert(eq(int, other.scheme->sign_text(&other.sig, &other.key, w3p_buf_str(&s.text), s.text.len), W3P_OK));
    cr_expect(eq(int, answer(&login, &s, w3p_buf_span(&s.text), w3p_buf_span(&other.sig), NOW_MS), W3P_AUTH_SIGNATURE));
    s.scheme = w3p_scheme_find("sol", 3);
    cr_expect(eq(int, answer(&login, &s, w3p_buf_span(&s.text), w3p_buf_span(&s.sig), NOW_MS), W3P_AUTH_ADDRESS));
    s.scheme = w3p_scheme_find("eth", 3);
    cr_expect(eq(int, answer(&login, &s, w3p_span_str(""), w3p_buf_span(&s.sig), NOW_MS), W3P_AUTH_MESSAGE));
    end(&s);
    end(&other);
}

// A wallet may lay out the same fields in another way that its family has, and wrap them.
Test(auth_login, layouts_of_wallets)
{
    struct scene s;
    struct w3p_login login;
    struct w3p_siwx siwx;
    struct w3p_buf text;
    begin(&s, w3p_scheme_find("sol", 3));
    challenge(&s);
    w3p_buf_init(&text, W3P_SIWX_MAX);
    cr_assert(eq(int, w3p_siwx_parse(&siwx, NULL, w3p_buf_str(&s.text), s.text.len), W3P_OK));
    siwx.chain_id_last = true;
    siwx.uri_scheme = w3p_span_str("https");
    cr_assert(eq(int, w3p_siwx_write(&text, &siwx), W3P_OK));
    cr_expect(not(w3p_span_eq(w3p_buf_span(&text), w3p_buf_span(&s.text))));
    cr_expect(eq(int, sign_and_answer(&login, &s, w3p_buf_span(&text)), W3P_AUTH_OK));
    siwx.has_statement = false; // but not with a field less
    w3p_buf_reset(&text);
    cr_assert(eq(int, w3p_siwx_write(&text, &siwx), W3P_OK));
    cr_expect(eq(int, sign_and_answer(&login, &s, w3p_buf_span(&text)), W3P_AUTH_NONCE));
    end(&s);

    begin(&s, w3p_scheme_find("sub", 3));
    challenge(&s);
    w3p_buf_reset(&text);
    w3p_buf_printf(&text, "<Bytes>%s</Bytes>", w3p_buf_str(&s.text));
    cr_expect(eq(int, sign_and_answer(&login, &s, w3p_buf_span(&s.text)), W3P_AUTH_OK));
    cr_expect(eq(int, answer(&login, &s, w3p_buf_span(&text), w3p_buf_span(&s.sig), NOW_MS), W3P_AUTH_OK));
    end(&s);
    begin(&s, w3p_scheme_find("eth", 3)); // others never wrap
    challenge(&s);
    w3p_buf_reset(&text);
    w3p_buf_printf(&text, "<Bytes>%s</Bytes>", w3p_buf_str(&s.text));
    cr_expect(eq(int, sign_and_answer(&login, &s, w3p_buf_span(&text)), W3P_AUTH_MESSAGE));
    end(&s);
    w3p_buf_deinit(&text);
}

// A login text is worth nothing as a token, and the text of a token nothing as a login.
Test(auth_login, attack_6_login_text_as_a_token)
{
    static struct w3p_token token;
    struct scene s;
    struct w3p_login login;
    struct w3p_selfissued selfissued;
    struct w3p_buf plain, base64;
    begin(&s, w3p_scheme_find("eth", 3));
    s.wish.domain = "gw.example";
    challenge(&s);
    cr_assert(eq(int, sign_and_answer(&login, &s, w3p_buf_span(&s.text)), W3P_AUTH_OK));
    w3p_buf_init(&plain, 4000);
    w3p_buf_init(&base64, 5000);
    w3p_buf_printf(&plain, "eth-%s-m1.", w3p_buf_str(&s.address));
    w3p_base64_encode(&plain, s.text.ptr, s.text.len, W3P_BASE64_STD, W3P_BASE64_UNPADDED);
    w3p_buf_printf(&plain, ":%s", w3p_buf_str(&s.sig));
    w3p_base64_encode(&base64, plain.ptr, plain.len, W3P_BASE64_STD, W3P_BASE64_PADDED);
    cr_assert(eq(int, w3p_token_decode(&token, w3p_buf_str(&base64), base64.len), W3P_AUTH_OK));
    struct w3p_selfissued_rules rules = {s.audiences, NULL, NOW_MS};
    cr_expect(eq(int, w3p_selfissued_check(&selfissued, &token, &rules), W3P_AUTH_SCOPES));

    struct w3p_selfissued_wish wish = {"https://gw.example/auth/login", NULL, NULL, W3P_SCOPES_ALL, 60, NOW_MS};
    char text[W3P_SIWX_MAX];
    size_t len;
    w3p_buf_reset(&base64);
    cr_assert(eq(int, w3p_selfissued_make(&base64, NULL, s.scheme, &s.key, &wish), W3P_OK));
    cr_assert(eq(int, w3p_token_decode(&token, w3p_buf_str(&base64), base64.len), W3P_AUTH_OK));
    cr_assert(eq(int, w3p_selfissued_check(&selfissued, &token, &rules), W3P_AUTH_OK));
    cr_assert(eq(int, w3p_selfissued_text(text, &len, &token), W3P_OK));
    cr_expect(eq(int, answer(&login, &s, W3P_SPAN(text, len), W3P_SPAN(token.sig_text, token.sig_len), NOW_MS),
                 W3P_AUTH_NONCE));
    w3p_buf_deinit(&plain);
    w3p_buf_deinit(&base64);
    end(&s);
}

Test(auth_login, impossible_wishes)
{
    struct scene s;
    begin(&s, w3p_scheme_find("eth", 3));
    const struct w3p_login_wish good = s.wish;
    struct w3p_login_wish wishes[8];
    for (size_t i = 0; i < 8; i++)
        wishes[i] = good;
    wishes[0].address = w3p_span_str("GyGKxMyg1p9SsHfm15MkNUu1u9TN2JtTspcdmrtGUdse");
    wishes[1].scopes = 0;
    wishes[2].scopes = 0x100;
    wishes[3].ttl_s = 0;
    wishes[4].label = w3p_span_str("my phone");
    wishes[5].label = w3p_span_str("a\nResources:\n- urn:w3auth:scope:pin.read");
    wishes[6].chain_id = w3p_span_str("mainnet");
    wishes[7].domain = "dapp.example/x";
    uint8_t untouched32[32];
    memset(untouched32, 0x55, sizeof(untouched32));
    memcpy(s.nonce32, untouched32, 32);
    for (size_t i = 0; i < 8; i++) {
        cr_expect(eq(int, w3p_login_challenge(&s.text, s.nonce32, s.key32, &wishes[i]), W3P_E_INVALID), "%zu", i);
        cr_expect(s.text.len == 0 && memcmp(s.nonce32, untouched32, 32) == 0);
    }
    s.wish.chain_id = w3p_span_str("137");
    s.wish.label = W3P_SPAN(NULL, 0);
    s.wish.address = w3p_span_str("0x1a642f0e3c3af545e7acbd38b07251b3990914f1"); // any case in, the mixed one out
    challenge(&s);
    cr_expect(strstr(w3p_buf_str(&s.text), "\n0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1\n") != NULL);
    cr_expect(strstr(w3p_buf_str(&s.text), "Chain ID: 137\n") != NULL &&
              strstr(w3p_buf_str(&s.text), "Request ID") == NULL);
    w3p_buf_deinit(&s.text);
    w3p_buf_init(&s.text, 100);
    cr_expect(eq(int, w3p_login_challenge(&s.text, s.nonce32, s.key32, &good), W3P_E_LIMIT));
    end(&s);
}

static void sign_near(struct scene *s, const char *recipient, const char *callback_url, const uint8_t nonce32[32])
{
    uint8_t digest32[32], sig64[64];
    struct w3p_nep413 payload = {.message = w3p_buf_span(&s->text),
                                 .recipient = w3p_span_str(recipient),
                                 .callback_url = w3p_span_str(callback_url)};
    memcpy(payload.nonce32, nonce32, 32);
    cr_assert(eq(int, w3p_nep413_digest(digest32, &payload), W3P_OK));
    w3p_ed25519_sign(sig64, &s->key, digest32, 32);
    w3p_buf_reset(&s->sig);
    w3p_base64_encode(&s->sig, sig64, 64, W3P_BASE64_STD, W3P_BASE64_PADDED);
}

Test(auth_login, near_signs_a_message)
{
    struct scene s;
    struct w3p_login login;
    uint8_t zero32[32] = {0};
    begin(&s, w3p_scheme_find("near", 4));
    challenge(&s);
    struct w3p_login_answer given = {s.scheme, w3p_buf_span(&s.address), w3p_buf_span(&s.text), W3P_SPAN(NULL, 0),
                                     W3P_SPAN(NULL, 0)};
    sign_near(&s, "gw.example", NULL, s.nonce32);
    given.signature = w3p_buf_span(&s.sig);
    cr_expect(eq(int, w3p_login_check(&login, &given, s.key32, s.audiences, NOW_MS), W3P_AUTH_OK));
    given.callback_url = w3p_span_str("https://dapp.example/done");
    cr_expect(eq(int, w3p_login_check(&login, &given, s.key32, s.audiences, NOW_MS), W3P_AUTH_SIGNATURE));
    sign_near(&s, "gw.example", "https://dapp.example/done", s.nonce32);
    given.signature = w3p_buf_span(&s.sig);
    cr_expect(eq(int, w3p_login_check(&login, &given, s.key32, s.audiences, NOW_MS), W3P_AUTH_OK));
    given.callback_url = w3p_span_str("https://evil.example/done");
    cr_expect(eq(int, w3p_login_check(&login, &given, s.key32, s.audiences, NOW_MS), W3P_AUTH_SIGNATURE));
    given.callback_url = W3P_SPAN(NULL, 0);
    sign_near(&s, "evil.example", NULL, s.nonce32);
    given.signature = w3p_buf_span(&s.sig);
    cr_expect(eq(int, w3p_login_check(&login, &given, s.key32, s.audiences, NOW_MS), W3P_AUTH_SIGNATURE));
    sign_near(&s, "gw.example", NULL, zero32);
    given.signature = w3p_buf_span(&s.sig);
    cr_expect(eq(int, w3p_login_check(&login, &given, s.key32, s.audiences, NOW_MS), W3P_AUTH_SIGNATURE));
    given.signature = w3p_span_str("AAAA");
    cr_expect(eq(int, w3p_login_check(&login, &given, s.key32, s.audiences, NOW_MS), W3P_AUTH_SIGNATURE_FORM));
    end(&s);
}
