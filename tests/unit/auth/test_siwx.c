// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: sign-in texts: what is refused and why, the forms that wallets make, and that what parses writes back to the
// same bytes.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "siwx.h"

TestSuite(auth_siwx, .init = w3p_crypto_init, .timeout = 30);

#define ETH "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
#define HEAD "gw.example wants you to sign in with your Ethereum account:\n" ETH "\n"
#define STATEMENT "\nPin to gw.example\n"
#define URI "\nURI: https://gw.example/\n"
#define MIDDLE "Version: 1\nChain ID: 1\nNonce: w3auth00TESTnonce\nIssued At: 2026-01-01T00:00:00Z"
#define TAIL                                                                                                           \
    "\nExpiration Time: 2026-12-31T00:00:00.5+01:00\nNot Before: 2026-01-02T00:00:00Z\nRequest ID: laptop"             \
    "\nResources:\n- urn:w3auth:scope:pin.read\n- ipfs://bafy/%20?x#[y]"
#define FULL HEAD STATEMENT URI MIDDLE TAIL
#define SOLANA "gw.example wants you to sign in with your Solana account:\nGyGKxMyg1p9SsHfm15MkNUu1u9TN2JtTspcdmrtGUdse"
#define POLKADOT                                                                                                       \
    "gw.example wants you to sign in with your Polkadot account:\n5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu\n"
#define NEAR "gw.example wants you to sign in with your NEAR account:\n8SFqwqnq4whPhs8icwHA2hQg3hUoN1qrCLK1SBx3WKwe\n"

static const char *const good[] = {
    FULL,
    HEAD "\n" URI MIDDLE,
    HEAD "\n" URI MIDDLE "\nResources:",
    HEAD STATEMENT URI MIDDLE "\nRequest ID: ",
    "https://" FULL,
    "http://" FULL,
    "localhost:3000 wants you to sign in with your Ethereum account:\n" ETH "\n\n" URI MIDDLE,
    "[::1]:3000 wants you to sign in with your Ethereum account:\n" ETH "\n\n" URI MIDDLE,
    SOLANA,
    SOLANA "\n\nOnly a \"statement\" with {any} <character> | ^ `",
    SOLANA "\n" URI MIDDLE TAIL,
    SOLANA "\n\nNonce: short",
    SOLANA "\n\nSign in\n\nResources:",
    SOLANA "\n\nSign in"
           "\n" URI "Version: 1\nNonce: abcdefgh\nIssued At: 2021-09-30T16:25:24.000Z\nChain ID: "
           "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d\nResources:\n- ipfs://Qm",
    POLKADOT URI "Version: 1.0.0\nNonce: 11c4b0b8-4d9f-4341-b095-bdfc1c219182\nIssued At: 2024-05-13T06:58:43.959Z",
    POLKADOT STATEMENT URI "Version: 1\nChain ID: polkadot\nNonce: a\nIssued At: 2024-05-13T06:58:43Z",
    NEAR URI "Version: 1",
    NEAR "\n" URI "Version: 1\nNonce: abcdefgh\nIssued At: 2026-01-01T00:00:00Z\nChain ID: mainnet",
};

static void expect_round_trip(const char *text, size_t len)
{
    struct w3p_siwx siwx;
    const char *why = "";
    struct w3p_buf again;
    w3p_buf_init(&again, 2 * W3P_SIWX_MAX);
    cr_expect(eq(int, w3p_siwx_parse(&siwx, &why, text, len), W3P_OK), "%s: %.*s", why, (int)len, text);
    cr_expect(eq(int, w3p_siwx_write(&again, &siwx), W3P_OK), "%.*s", (int)len, text);
    cr_expect(again.len == len && memcmp(again.ptr, text, len) == 0, "%.*s\n---\n%s", (int)len, text,
              w3p_buf_str(&again));
    w3p_buf_deinit(&again);
}

Test(auth_siwx, good_texts_write_back)
{
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        expect_round_trip(good[i], strlen(good[i]));
}

// Addresses without letters of both cases, which have their one spelling too.
Test(auth_siwx, addresses_of_one_case)
{
    static const struct {
        const char *address;
        int err;
    } addresses[] = {
        {"0x1111111111111111111111111111111111111111", W3P_OK},
        {"0x0000000000000000000000000000000000000000", W3P_OK},
        {"0xde709f2102306220921060314715629080e2fb77", W3P_OK}, // EIP-55's own examples of all lower and all upper case
        {"0x27b1fdb04752bbc536007a920d24acb045561c26", W3P_OK},
        {"0x52908400098527886E0F7030069857D2E4169EE7", W3P_OK},
        {"0x8617E340B3D01FA5F11F306F4090FD50E238070D", W3P_OK},
        {"0xDE709F2102306220921060314715629080E2FB77", W3P_E_INVALID},
        {"0x52908400098527886e0f7030069857d2e4169ee7", W3P_E_INVALID},
    };
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        struct w3p_buf text;
        struct w3p_siwx siwx;
        w3p_buf_init(&text, W3P_SIWX_MAX);
        w3p_buf_printf(&text, "gw.example wants you to sign in with your Ethereum account:\n%s\n\n%s",
                       addresses[i].address, URI MIDDLE);
        cr_expect(eq(int, w3p_siwx_parse(&siwx, NULL, w3p_buf_str(&text), text.len), addresses[i].err), "%s",
                  addresses[i].address);
        w3p_buf_deinit(&text);
    }
}

Test(auth_siwx, every_field_is_where_it_belongs)
{
    struct w3p_siwx siwx;
    static const char text[] = "https://" FULL;
    cr_assert(eq(int, w3p_siwx_parse(&siwx, NULL, text, strlen(text)), W3P_OK));
    const struct {
        struct w3p_span span;
        const char *value;
    } wanted[] = {
        {siwx.uri_scheme, "https"},
        {siwx.domain, "gw.example"},
        {siwx.chain_name, "Ethereum"},
        {siwx.address, ETH},
        {siwx.statement, "Pin to gw.example"},
        {siwx.uri, "https://gw.example/"},
        {siwx.version, "1"},
        {siwx.chain_id, "1"},
        {siwx.nonce, "w3auth00TESTnonce"},
        {siwx.issued, "2026-01-01T00:00:00Z"},
        {siwx.request_id, "laptop"},
        {siwx.resources[0], "urn:w3auth:scope:pin.read"},
        {siwx.resources[1], "ipfs://bafy/%20?x#[y]"},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        cr_expect(w3p_span_eq_str(wanted[i].span, wanted[i].value), "%s", wanted[i].value);
    cr_expect(eq(sz, siwx.resource_count, 2));
    cr_expect(siwx.has_statement && siwx.has_issued && siwx.has_expires && siwx.has_not_before && siwx.has_resources);
    cr_expect(eq(i64, siwx.issued_ms, 1767225600000));
    cr_expect(eq(i64, siwx.expires_ms, 1798675200500 - 3600000));
    cr_expect(eq(i64, siwx.not_before_ms, 1767312000000));
    cr_assert(eq(int, w3p_siwx_parse(&siwx, NULL, good[1], strlen(good[1])), W3P_OK));
    cr_expect(siwx.statement.ptr == NULL && siwx.request_id.ptr == NULL && siwx.expires.ptr == NULL);
    cr_expect(not(siwx.has_expires || siwx.has_not_before || siwx.has_statement || siwx.has_resources));
}

// One place of the full text of Ethereum, and what stands there instead.
static const struct {
    const char *from, *to, *why;
} edits[] = {
    {"gw.example wants", "wants", "first line"},
    {"gw.example wants", " wants", "no host"},
    {"gw.example wants", "gw.example  wants", "first line"},
    {"gw.example wants", "user@gw.example wants", "no host"},
    {"gw.example wants", "gw.example/ wants", "no host"},
    {"gw.example wants", "ftp://gw.example wants", "no host"},
    {"gw.example wants", "gw.\xd0\xb5xample wants", "ASCII"}, // a Cyrillic letter that looks like e
    {"gw.example wants", "gw.ex\xc3\xa4mple wants", "ASCII"},
    {"wants you", "wants You", "first line"},
    {" account:\n", " account\n", "first line"},
    {" account:\n", " account: \n", "first line"},
    {" account:\n", "  account:\n", "name of the chain"},
    {"your Ethereum", "your  Ethereum", "name of the chain"},
    {"your Ethereum account", "your account", "first line"},
    {"Ethereum", "Ether-eum", "name of the chain"},
    {ETH, "", "second line"},
    {ETH, " " ETH, "second line"},
    {ETH, "0x1a642f0e3c3af545e7acbd38b07251b3990914f1", "EIP-55"},
    {ETH, "0X1A642F0E3C3AF545E7ACBD38B07251B3990914F1", "none of Ethereum"},
    {ETH, "0x1A642f0E3c3aF545E7AcBD38b07251B3990914F1", "none of Ethereum"},
    {ETH, "GyGKxMyg1p9SsHfm15MkNUu1u9TN2JtTspcdmrtGUdse", "none of Ethereum"},
    {"F1\n\n", "F1\n", "empty lines"},
    {"F1\n\n", "F1\n\n\n", "no known field"},
    {"Pin to gw.example\n\n", "Pin to gw.example\n", "empty lines"},
    {"Pin to gw.example\n\n", "Pin to gw.example\n\n\n", "no known field"},
    {"Pin to gw.example\n\n", "\n\n", "no known field"}, // three empty lines
    {"Pin to gw.example\n\n", "", "empty lines"},        // one
    {"Pin to gw.example", "ok\nURI: https://evil.example", "empty lines"},
    {"Pin to gw.example", "ok\n\nURI: https://evil.example", "no known field"},
    {"Pin to gw.example", "URI: https://evil.example/", "empty lines"},
    {"Pin to gw.example", "Resources:", "empty lines"},
    {"Pin to gw.example", "Pin \"to\" gw.example", "statement"},
    {"Pin to gw.example", "Pin%20to gw.example", "statement"},
    {"Pin to", "Pin\tto", "ASCII"},
    {"Pin to", "Pin\rto", "ASCII"},
    {"Pin to", "Pin \x7f to", "ASCII"},
    {"URI: https", "URI:https", "no known field"},
    {"URI: https", "uri: https", "no known field"},
    {"URI: https", " URI: https", "no known field"},
    {"URI: https://gw.example/", "URI: ", "no URI"},
    {"URI: https://gw.example/", "URI: gw.example", "no URI"},
    {"URI: https://gw.example/", "URI: 1ttps://gw.example", "no URI"},
    {"URI: https://gw.example/", "URI: ht_ps://gw.example", "no URI"},
    {"URI: https://gw.example/", "URI: https://gw.example/ x", "no URI"},
    {"URI: https://gw.example/", "URI: https://gw.example/\\", "no URI"},
    {"URI: https://gw.example/", "URI: https://gw.example/%2", "no URI"},
    {"URI: https://gw.example/", "URI: https://gw.example/%zz", "no URI"},
    {"URI: https://gw.example/\n", "", "missing"},
    {"URI: https://gw.example/\n", "URI: https://gw.example/\nURI: https://gw.example/\n", "twice"},
    {"Version: 1\n", "Version: 2\n", "Version"},
    {"Version: 1\n", "Version: 1.0.0\n", "Version"},
    {"Version: 1\n", "Version: 01\n", "Version"},
    {"Version: 1\n", "Version: \n", "Version"},
    {"Version: 1\n", "", "missing"},
    {"Version: 1\n", "Version: 1\nVersion: 1\n", "twice"},
    {"Version: 1\n", "Version: 1\n\n", "no known field"},
    {"Version: 1\n", "Version: 1\r\n", "ASCII"},
    {"Chain ID: 1\n", "Chain ID: 0x1\n", "no number"},
    {"Chain ID: 1\n", "Chain ID: \n", "no number"},
    {"Chain ID: 1\n", "Chain Id: 1\n", "no known field"},
    {"Chain ID: 1\n", "", "missing"},
    {"Version: 1\nChain ID: 1\n", "Chain ID: 1\nVersion: 1\n", "out of order"},
    {"\nResources", "\nChain ID: 1\nResources", "twice"},
    {"Nonce: w3auth00TESTnonce", "Nonce: w3auth0", "Nonce"},
    {"Nonce: w3auth00TESTnonce", "Nonce: w3auth00-TEST", "Nonce"},
    {"Nonce: w3auth00TESTnonce\n", "", "missing"},
    {"2026-01-01T00:00:00Z", "2026-01-01", "a time"},
    {"2026-01-01T00:00:00Z", "2026-01-01 00:00:00Z", "a time"},
    {"2026-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "a time"},
    {"2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z ", "a time"},
    {"2026-12-31T00", "2026-13-31T00", "a time"},
    {"Not Before: 2", "Not Before: x", "a time"},
    {"\nIssued At: 2026-01-01T00:00:00Z", "", "missing"},
    {"Request ID: laptop", "Request ID: my laptop", "Request ID"},
    {"Request ID: laptop", "Request ID: a/b", "Request ID"},
    {"Request ID: laptop", "Request ID: a\nRequest ID: b", "twice"},
    {"Request ID: laptop", "Nonce: w3auth00TESTnonce", "twice or out of order"},
    {"Request ID: laptop", "X-Request ID: laptop", "no known field"},
    {"Resources:\n", "Resources: \n", "no known field"},
    {"Resources:\n", "Resources:\n\n", "after Resources"},
    {"Resources:\n", "Resources:\nResources:\n", "after Resources"},
    {"- urn:w3auth", "-urn:w3auth", "after Resources"},
    {"- urn:w3auth", "* urn:w3auth", "after Resources"},
    {"- urn:w3auth", "-  urn:w3auth", "after Resources"},
    {"- urn:w3auth:scope:pin.read", "- pin.read", "after Resources"},
    {"- urn:w3auth:scope:pin.read", "- ", "after Resources"},
    {"#[y]", "#[y]\n", "after Resources"},
    {"#[y]", "#[y]\nURI: https://evil.example", "after Resources"},
};

Test(auth_siwx, attack_23_every_change_of_form_is_refused)
{
    static const char full[] = FULL;
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        const char *at = strstr(full, edits[i].from), *why = "";
        cr_assert(at != NULL, "%s", edits[i].from);
        struct w3p_buf text;
        struct w3p_siwx siwx, zero;
        w3p_buf_init(&text, 4096);
        w3p_buf_put(&text, full, (size_t)(at - full));
        w3p_buf_put_str(&text, edits[i].to);
        w3p_buf_put_str(&text, at + strlen(edits[i].from));
        cr_expect(eq(int, w3p_siwx_parse(&siwx, &why, w3p_buf_str(&text), text.len), W3P_E_INVALID), "%s",
                  w3p_buf_str(&text));
        cr_expect(strstr(why, edits[i].why) != NULL, "'%s' for '%s': %s", edits[i].to, edits[i].from, why);
        memset(&zero, 0, sizeof(zero));
        cr_expect(memcmp(&siwx, &zero, sizeof(siwx)) == 0);
        w3p_buf_deinit(&text);
    }
}

static const char *const bad[] = {
    "",
    "\n",
    HEAD,
    HEAD "\n",
    HEAD "\n\n",
    HEAD URI MIDDLE, // one empty line is not Ethereum's
    HEAD STATEMENT,
    HEAD STATEMENT "\n",
    FULL "\n",
    "\n" FULL,
    " " FULL,
    "<Bytes>" FULL "</Bytes>",
    SOLANA "\n",
    SOLANA "\n\n",
    SOLANA "\n\n" URI MIDDLE, // two are not Solana's
    SOLANA "\n\nSign in\n",
    SOLANA "\n\nSign in\n\n",
    SOLANA "\n" URI "Version: 1\nChain ID: a\nNonce: abcdefgh\nChain ID: a",
    SOLANA "\n" URI "Version: 1\nResources:\n- urn:a:b\nChain ID: a",
    SOLANA "\n" URI "Version: 1\nNonce: \n",
    SOLANA "\n" URI "Version: 1\nChain ID: a b\n",
    POLKADOT "\n" URI "Version: 1.0.0\nNonce: abcdefgh\nIssued At: 2026-01-01T00:00:00Z",
    POLKADOT URI "Version: 1.0.1\nNonce: abcdefgh\nIssued At: 2026-01-01T00:00:00Z",
    POLKADOT URI "Version: 1.0.0\nIssued At: 2026-01-01T00:00:00Z",
    POLKADOT URI "Version: 1.0.0\nNonce: abcdefgh",
    NEAR "\nVersion: 1",
    NEAR URI "Version: 1.0.0",
    NEAR "\n\n" URI "Version: 1",
};

Test(auth_siwx, bad_texts)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct w3p_siwx siwx;
        const char *why = NULL;
        cr_expect(eq(int, w3p_siwx_parse(&siwx, &why, bad[i], strlen(bad[i])), W3P_E_INVALID), "%s", bad[i]);
        cr_expect(why != NULL, "%s", bad[i]);
    }
    struct w3p_siwx siwx;
    static const char nul[] = "gw.example wants you to sign in with your Solana account:\nGyGK\0Mm";
    cr_expect(eq(int, w3p_siwx_parse(&siwx, NULL, nul, sizeof(nul) - 1), W3P_E_INVALID));
}

// Whatever byte is lost, doubled or replaced: the text is refused, or it writes back as it is.
Test(auth_siwx, single_bytes)
{
    static const char full[] = FULL, replacements[] = "\n \r:-x1\x80";
    char text[sizeof(full)];
    for (size_t i = 0; i < sizeof(full) - 1; i++)
        for (size_t r = 0; r < sizeof(replacements) - 1; r++) {
            struct w3p_siwx siwx;
            memcpy(text, full, sizeof(full));
            text[i] = replacements[r];
            if (w3p_siwx_parse(&siwx, NULL, text, sizeof(full) - 1) == W3P_OK)
                expect_round_trip(text, sizeof(full) - 1);
        }
    for (size_t cut = 0; cut < sizeof(full) - 1; cut++) {
        struct w3p_siwx siwx;
        char *exact = w3p_memdup(full, cut);
        if (w3p_siwx_parse(&siwx, NULL, exact, cut) == W3P_OK)
            expect_round_trip(exact, cut);
        free(exact);
    }
}

Test(auth_siwx, bounds)
{
    struct w3p_buf text;
    struct w3p_siwx siwx;
    const char *why = "";
    w3p_buf_init(&text, 2 * W3P_SIWX_MAX);
    w3p_buf_put_str(&text, HEAD "\n" URI MIDDLE "\nResources:");
    for (int i = 0; i < W3P_SIWX_RESOURCES_MAX; i++)
        w3p_buf_put_str(&text, "\n- a:");
    cr_assert(eq(int, w3p_siwx_parse(&siwx, &why, w3p_buf_str(&text), text.len), W3P_OK), "%s", why);
    cr_expect(eq(sz, siwx.resource_count, W3P_SIWX_RESOURCES_MAX));
    w3p_buf_put_str(&text, "\n- a:");
    cr_expect(eq(int, w3p_siwx_parse(&siwx, &why, w3p_buf_str(&text), text.len), W3P_E_INVALID));
    cr_expect(strstr(why, "32") != NULL);

    w3p_buf_reset(&text);
    w3p_buf_put_str(&text, HEAD "\n" URI MIDDLE "\nRequest ID: ");
    while (text.len < W3P_SIWX_MAX)
        w3p_buf_put_u8(&text, 'a');
    expect_round_trip(w3p_buf_str(&text), text.len);
    w3p_buf_put_u8(&text, 'a');
    cr_expect(eq(int, w3p_siwx_parse(&siwx, &why, w3p_buf_str(&text), text.len), W3P_E_INVALID));
    cr_expect(strstr(why, "2048") != NULL);
    w3p_buf_deinit(&text);

    char label[W3P_SIWX_LABEL_MAX + 1];
    memset(label, 'a', sizeof(label));
    cr_expect(w3p_siwx_is_label(W3P_SPAN(label, W3P_SIWX_LABEL_MAX)));
    cr_expect(not(w3p_siwx_is_label(W3P_SPAN(label, W3P_SIWX_LABEL_MAX + 1))));
    cr_expect(w3p_siwx_is_label(w3p_span_str("")));
    cr_expect(w3p_siwx_is_label(w3p_span_str("my%20laptop")));
    static const char *const none[] = {"my laptop", "a/b", "a\nb", "%", "%2", "\xc3\xa4", "\"", "\x7f"};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        cr_expect(not(w3p_siwx_is_label(w3p_span_str(none[i]))), "%s", none[i]);
}

static struct w3p_siwx plain_fields(void)
{
    return (struct w3p_siwx){.domain = w3p_span_str("gw.example"),
                             .chain_name = w3p_span_str("Ethereum"),
                             .address = w3p_span_str(ETH),
                             .uri = w3p_span_str("https://gw.example/"),
                             .version = w3p_span_str("1"),
                             .chain_id = w3p_span_str("1"),
                             .nonce = w3p_span_str("w3auth00TESTnonce"),
                             .has_issued = true,
                             .issued_ms = 1767225600000};
}

Test(auth_siwx, attack_23_what_is_written_parses)
{
    struct w3p_buf out;
    w3p_buf_init(&out, 4096);
    struct w3p_siwx siwx = plain_fields();
    w3p_buf_put_str(&out, "before ");
    cr_assert(eq(int, w3p_siwx_write(&out, &siwx), W3P_OK));
    cr_expect(eq(str, (char *)w3p_buf_str(&out),
                 "before " HEAD "\n" URI
                 "Version: 1\nChain ID: 1\nNonce: w3auth00TESTnonce\nIssued At: 2026-01-01T00:00:00.000Z"));

    static const char *const injections[] = {"a\nb", "a\n\nURI: https://evil.example/", "a\r", "\xc3\xa4", "URI: x"};
    for (size_t i = 0; i < sizeof(injections) / sizeof(injections[0]); i++) {
        struct w3p_span evil = w3p_span_str(injections[i]);
        struct w3p_siwx one = plain_fields();
        one.statement = evil;
        one.has_statement = true;
        cr_expect(eq(int, w3p_siwx_write(&out, &one), W3P_E_INVALID), "%s", injections[i]);
    }
    // a line feed in a value would make another field of what follows it
    struct w3p_siwx one = plain_fields();
    one.request_id = w3p_span_str("a\nResources:\n- urn:w3auth:scope:account.admin");
    cr_expect(eq(int, w3p_siwx_write(&out, &one), W3P_E_INVALID));
    one = plain_fields();
    one.resources[0] = w3p_span_str("a:b\n- a:c");
    one.resource_count = 1;
    cr_expect(eq(int, w3p_siwx_write(&out, &one), W3P_E_INVALID));
    one.resource_count = W3P_SIWX_RESOURCES_MAX + 1;
    cr_expect(eq(int, w3p_siwx_write(&out, &one), W3P_E_INVALID));
    one = plain_fields();
    one.nonce = w3p_span_str("short");
    cr_expect(eq(int, w3p_siwx_write(&out, &one), W3P_E_INVALID));
    one.nonce = (struct w3p_span){NULL, 0};
    cr_expect(eq(int, w3p_siwx_write(&out, &one), W3P_E_INVALID));
    cr_expect(eq(sz, out.len, strlen("before " HEAD "\n" URI MIDDLE) + 4)); // nothing came after the first
    w3p_buf_deinit(&out);
    w3p_buf_init(&out, 100);
    cr_expect(eq(int, w3p_siwx_write(&out, &siwx), W3P_E_LIMIT));
    w3p_buf_deinit(&out);
}

Test(auth_siwx, unwraps_bytes)
{
    cr_expect(w3p_span_eq_str(w3p_siwx_unwrap(w3p_span_str("<Bytes>x</Bytes>")), "x"));
    cr_expect(w3p_span_eq_str(w3p_siwx_unwrap(w3p_span_str("<Bytes></Bytes>")), ""));
    static const char *const others[] = {
        "", "x", "<Bytes>x", "x</Bytes>", "<bytes>x</bytes>", "<Bytes/Bytes>", " <Bytes>x</Bytes>"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        cr_expect(w3p_span_eq_str(w3p_siwx_unwrap(w3p_span_str(others[i])), others[i]), "%s", others[i]);
}
