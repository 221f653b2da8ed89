// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: which texts of a gateway `token new --login` signs: its own challenges, and nothing that could be used
// elsewhere or for more.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "cli/token_web.h"
#include "crypto/hash.h"
#include "hosts.h"
#include "login.h"
#include "selfissued.h"

TestSuite(cli_token_web, .init = w3p_crypto_init, .timeout = 20);

#define ADDRESS "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
#define OTHER "0x5050A4F4b3f9338C3472dcC01A87C76A144b3c9c"
#define NOW_MS INT64_C(1769904000000)

static const struct w3p_scheme *eth(void)
{
    return w3p_scheme_find("eth", 3);
}

static struct w3p_login_wish challenge_wish(void)
{
    return (struct w3p_login_wish){.scheme = eth(),
                                   .address = w3p_span_str(ADDRESS),
                                   .domain = "gw.example",
                                   .audience = "gw.example",
                                   .scopes = W3P_SCOPES_PINS,
                                   .ttl_s = 3600,
                                   .now_ms = NOW_MS};
}

static const struct w3p_token_login wish = {.url = "https://gw.example/psa", .scopes = W3P_SCOPES_PINS};

static char *challenge(const struct w3p_login_wish *of)
{
    static const uint8_t key32[32] = {1};
    uint8_t nonce32[32];
    struct w3p_buf text;
    w3p_buf_init(&text, W3P_SIWX_MAX);
    cr_assert(eq(int, w3p_login_challenge(&text, nonce32, key32, of), W3P_OK));
    return w3p_buf_take(&text);
}

static int check(const char *text, const struct w3p_token_login *of, struct w3p_errmsg *msg)
{
    return w3p_token_ask_check(msg, eth(), w3p_span_str(ADDRESS), w3p_span_str(text), of);
}

static void expect(const struct w3p_login_wish *made, const struct w3p_token_login *of, int err, const char *says)
{
    struct w3p_errmsg msg = {{0}};
    char *text = challenge(made);
    cr_expect(eq(int, check(text, of, &msg), err), "%s: %s", says, msg.text);
    cr_expect(strstr(msg.text, says) != NULL, "%s: %s", says, msg.text);
    free(text);
}

Test(cli_token_web, a_text_that_could_be_used_elsewhere_is_not_signed)
{
    struct w3p_login_wish other = challenge_wish();
    struct w3p_token_login of = wish;
    other.audience = "bank.example"; // relayed from there
    expect(&other, &wish, W3P_E_FORBIDDEN, "signs people in as 'bank.example'");
    other = challenge_wish();
    other.domain = "dapp.example";
    expect(&other, &wish, W3P_E_FORBIDDEN, "for the page 'dapp.example'");
    other = challenge_wish();
    other.address = w3p_span_str(OTHER);
    expect(&other, &wish, W3P_E_FORBIDDEN, "another account");
    other = challenge_wish();
    other.scheme = w3p_scheme_find("ava", 3);
    other.address = w3p_span_str("avax1qd69nuwj95gta4akjgyxtj9ujmz4w8edwzfeen");
    expect(&other, &wish, W3P_E_FORBIDDEN, "another account");
    other = challenge_wish();
    other.scopes |= W3P_SCOPE_ACCOUNT_ADMIN;
    expect(&other, &wish, W3P_E_FORBIDDEN, "other scopes");
    other.scopes = W3P_SCOPE_PIN_READ;
    expect(&other, &wish, W3P_E_FORBIDDEN, "other scopes");
    of.url = "gw.example";
    other = challenge_wish();
    expect(&other, &of, W3P_E_INVALID, "names no host");
}

// What is signed for a login must not be a token by itself, nor anything else of ours.
Test(cli_token_web, a_text_that_is_more_than_a_login_is_not_signed)
{
    static const struct {
        const char *line, *says;
    } lines[] = {
        {"\n- urn:w3auth:scope:pin.delete", "grants more than a login: urn:w3auth:scope:pin.delete"},
        {"\n- https://bank.example/transfer", "grants more than a login: https://bank.example"},
        {"\n- urn:w3auth:login:scope:all", "grants more than a login"},
    };
    struct w3p_errmsg msg = {{0}};
    struct w3p_login_wish made = challenge_wish();
    char *text = challenge(&made);
    cr_expect(eq(int, check(text, &wish, &msg), W3P_OK), "%s", msg.text);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct w3p_buf more;
        w3p_buf_init(&more, 2 * W3P_SIWX_MAX);
        w3p_buf_printf(&more, "%s%s", text, lines[i].line);
        cr_expect(eq(int, check(w3p_buf_str(&more), &wish, &msg), W3P_E_FORBIDDEN), "%zu", i);
        cr_expect(strstr(msg.text, lines[i].says) != NULL, "%s", msg.text);
        w3p_buf_deinit(&more);
    }
    *strstr(text, "\nResources:") = '\0';
    cr_expect(eq(int, check(text, &wish, &msg), W3P_E_FORBIDDEN));
    cr_expect(strstr(msg.text, "for no login") != NULL, "%s", msg.text);
    cr_expect(eq(int, check("Pay 5 to Mallory", &wish, &msg), W3P_E_FORBIDDEN));
    cr_expect(strstr(msg.text, "no sign-in text") != NULL, "%s", msg.text);
    cr_expect(eq(int, check("", &wish, &msg), W3P_E_FORBIDDEN));
    free(text);
}

Test(cli_token_web, the_page_and_the_host_may_be_named)
{
    struct w3p_login_wish made = challenge_wish();
    struct w3p_token_login of = wish;
    made.domain = "dapp.example";
    of.domain = "dapp.example";
    expect(&made, &of, W3P_OK, "");
    of.url = "http://127.0.0.1:3000"; // a tunnel
    expect(&made, &of, W3P_E_FORBIDDEN, "--audience");
    of.audience = "Gw.Example";
    expect(&made, &of, W3P_OK, "");
    of.audience = "https://gw.example";
    expect(&made, &of, W3P_E_INVALID, "names no host");
}
