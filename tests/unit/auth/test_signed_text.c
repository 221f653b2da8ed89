// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: texts that the wallets' own libraries signed (Ethereum, Solana, Substrate, NEAR): the outside vectors, and
// signatures of contracts.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "auth_texts.h"
#include "base/encoding.h"
#include "base/reader.h"
#include "crypto/hash.h"
#include "nep413.h"
#include "scheme.h"
#include "signed_text.h"

TestSuite(auth_signed_text, .init = w3p_crypto_init, .timeout = 60);

static const struct {
    const char *chain, *scheme;
} kinds[] = {{"siwe", "eth"}, {"eip6492", "eth"}, {"siws-sol", "sol"}, {"siws-sub", "sub"}, {NULL, NULL}};

static const struct w3p_scheme *scheme_of(const char *chain)
{
    for (size_t i = 0; kinds[i].chain != NULL; i++)
        if (strcmp(chain, kinds[i].chain) == 0)
            return w3p_scheme_find(kinds[i].scheme, strlen(kinds[i].scheme));
    return NULL;
}

// As a login looks at a text whose URI is its own: the domain is the page's.
static enum w3p_auth_reason check_vector(const json_t *vector)
{
    const struct w3p_scheme *scheme = scheme_of(auth_texts_string(vector, "chain"));
    struct w3p_span message = w3p_span_str(auth_texts_string(vector, "message")),
                    sig = w3p_span_str(auth_texts_string(vector, "signature"));
    struct w3p_span spelled = w3p_span_str(auth_texts_string(vector, "address"));
    struct w3p_hosts *hosts = auth_texts_hosts(vector, "expect_domain"),
                     *pages = auth_texts_hosts(vector, "allowed_dapp_domains");
    struct w3p_address address;
    struct w3p_siwx siwx;
    enum w3p_auth_reason reason = W3P_AUTH_ADDRESS;
    if (w3p_address_begin(&address, scheme, (const char *)spelled.ptr, spelled.len) &&
        scheme->parse_address(&address, (const char *)spelled.ptr, spelled.len))
        reason = W3P_AUTH_OK;
    if (scheme == &w3p_scheme_substrate)
        message = w3p_siwx_unwrap(message);
    if (reason == W3P_AUTH_OK)
        reason = w3p_signed_text_read(&siwx, NULL, &address, message);
    if (reason == W3P_AUTH_OK && auth_texts_string(vector, "expect_domain")[0] != '\0' &&
        !w3p_hosts_have(hosts, siwx.domain) && !w3p_hosts_have(pages, siwx.domain))
        reason = W3P_AUTH_DOMAIN;
    if (reason == W3P_AUTH_OK)
        reason = w3p_signed_text_times(&siwx, auth_texts_time(vector, "now", siwx.issued_ms));
    if (reason == W3P_AUTH_OK)
        reason = w3p_signed_text_verify(&address, message, sig);
    w3p_hosts_destroy(hosts);
    w3p_hosts_destroy(pages);
    return reason;
}

// A NEAR vector gives the bytes that were signed: they are taken apart here and put together again by our code.
static enum w3p_auth_reason check_near(const json_t *vector)
{
    uint8_t bytes[4096], pub32[32];
    size_t len = sizeof(bytes), pub_len = sizeof(pub32);
    const char *hex = auth_texts_string(vector, "signedBytesHex"), *pub_hex = auth_texts_string(vector, "publicKey");
    const char *domain = auth_texts_string(vector, "expect_domain");
    struct w3p_reader r;
    struct w3p_nep413 payload = {.callback_url = {NULL, 0}};
    cr_assert(eq(int, w3p_hex0x_decode(bytes, &len, hex, strlen(hex)), W3P_OK));
    cr_assert(eq(int, w3p_hex0x_decode(pub32, &pub_len, pub_hex, strlen(pub_hex)), W3P_OK));
    w3p_reader_init(&r, bytes, len);
    if (w3p_reader_le32(&r) != 2147484061u)
        return W3P_AUTH_MESSAGE;
    payload.message = w3p_reader_take(&r, w3p_reader_le32(&r));
    struct w3p_span nonce = w3p_reader_take(&r, 32);
    payload.recipient = w3p_reader_take(&r, w3p_reader_le32(&r));
    uint8_t has_callback = w3p_reader_u8(&r);
    if (has_callback == 1)
        payload.callback_url = w3p_reader_take(&r, w3p_reader_le32(&r));
    if (w3p_reader_end(&r) != W3P_OK || has_callback > 1)
        return W3P_AUTH_MESSAGE;
    memcpy(payload.nonce32, nonce.ptr, 32);
    if (domain[0] != '\0' && !w3p_span_eq_str(payload.recipient, domain))
        return W3P_AUTH_AUDIENCE;
    return w3p_auth_reason_of(w3p_nep413_verify(&payload, pub32, w3p_span_str(auth_texts_string(vector, "signature"))));
}

Test(auth_signed_text, outside_vectors)
{
    json_t *all = auth_texts_load("auth_signed_text/outside_vectors"), *vector;
    size_t i, valid = 0, refused = 0;
    json_array_foreach(all, i, vector)
    {
        const char *chain = auth_texts_string(vector, "chain"), *note = auth_texts_string(vector, "note");
        bool near = strcmp(chain, "near") == 0;
        if (strcmp(auth_texts_string(vector, "class"), "modern") != 0 || (!near && scheme_of(chain) == NULL))
            continue;
        enum w3p_auth_reason reason = near ? check_near(vector) : check_vector(vector);
        if (json_is_true(json_object_get(vector, "valid"))) {
            cr_expect(reason == W3P_AUTH_OK, "%zu %s: %s: %s", i, chain, note, w3p_auth_reason_name(reason));
            valid++;
        } else {
            cr_expect(reason != W3P_AUTH_OK, "%zu %s: accepted, but: %s", i, chain, note);
            refused++;
        }
        if (strcmp(chain, "eip6492") == 0)
            cr_expect(eq(int, reason, W3P_AUTH_CONTRACT_WALLET));
    }
    cr_expect(valid >= 4 && refused >= 4, "%zu valid, %zu refused", valid, refused);
    json_decref(all);
}

#define ETH "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
#define MAGIC "6492649264926492649264926492649264926492649264926492649264926492"

Test(auth_signed_text, contracts_are_told_apart)
{
    static const struct {
        const char *sig;
        enum w3p_auth_reason reason;
    } sigs[] = {
        {"0x00" MAGIC, W3P_AUTH_CONTRACT_WALLET}, {"0xdeadbeef00000000" MAGIC, W3P_AUTH_CONTRACT_WALLET},
        {MAGIC, W3P_AUTH_SIGNATURE_FORM},         {"0x00" MAGIC "00", W3P_AUTH_SIGNATURE_FORM},
        {"0x6492", W3P_AUTH_SIGNATURE_FORM},      {"", W3P_AUTH_SIGNATURE_FORM},
    };
    struct w3p_address address;
    cr_assert(w3p_address_begin(&address, &w3p_scheme_ethereum, ETH, strlen(ETH)) &&
              w3p_scheme_ethereum.parse_address(&address, ETH, strlen(ETH)));
    for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
        cr_expect(
            eq(int, w3p_signed_text_verify(&address, w3p_span_str("text"), w3p_span_str(sigs[i].sig)), sigs[i].reason),
            "%s", sigs[i].sig);
}

Test(auth_signed_text, names_of_chains_and_spellings)
{
    static const char alice[] = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
                      alice2[] = "HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F",
                      bob[] = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty";
    static const struct {
        const char *name, *address;
        enum w3p_auth_reason reason;
    } texts[] = {
        {"Polkadot", alice, W3P_AUTH_OK},
        {"Substrate", alice, W3P_AUTH_OK},
        {"Polkadot", alice2, W3P_AUTH_OK}, // the same account with another SS58 prefix
        {"Polkadot", bob, W3P_AUTH_MESSAGE_ADDRESS},
        {"Polkadot", "x", W3P_AUTH_MESSAGE_ADDRESS},
        {"Kusama", alice, W3P_AUTH_MESSAGE}, // whose texts have version 1
        {"Solana", alice, W3P_AUTH_MESSAGE},
        {"polkadot", alice, W3P_AUTH_MESSAGE},
    };
    struct w3p_address address;
    cr_assert(w3p_address_begin(&address, &w3p_scheme_substrate, alice, strlen(alice)) &&
              w3p_scheme_substrate.parse_address(&address, alice, strlen(alice)));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct w3p_buf text;
        struct w3p_siwx siwx;
        w3p_buf_init(&text, 2000);
        w3p_buf_printf(&text,
                       "gw.example wants you to sign in with your %s account:\n%s\n\nURI: "
                       "https://gw.example/\nVersion: 1.0.0\nNonce: abcdefgh\nIssued At: 2026-01-01T00:00:00Z",
                       texts[i].name, texts[i].address);
        enum w3p_auth_reason reason = w3p_signed_text_read(&siwx, NULL, &address, w3p_buf_span(&text));
        cr_expect(reason == texts[i].reason, "%s %s: %s", texts[i].name, texts[i].address,
                  w3p_auth_reason_name(reason));
        w3p_buf_deinit(&text);
    }
    struct w3p_siwx siwx;
    static const char solana[] =
        "gw.example wants you to sign in with your Solana account:\n5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
    cr_expect(eq(int, w3p_signed_text_read(&siwx, NULL, &address, w3p_span_str(solana)), W3P_AUTH_MESSAGE_ADDRESS));
}

Test(auth_signed_text, nep413_forms)
{
    struct w3p_keypair key;
    uint8_t seed32[32] = {3}, digest32[32], sig64[64];
    cr_assert(eq(int, w3p_keypair_from_seed(&key, W3P_KEY_ED25519, seed32), W3P_OK));
    struct w3p_nep413 payload = {.message = w3p_span_str("hi"), .recipient = w3p_span_str("gw.example")};
    cr_assert(eq(int, w3p_nep413_digest(digest32, &payload), W3P_OK));
    w3p_ed25519_sign(sig64, &key, digest32, 32);
    struct w3p_buf text;
    w3p_buf_init(&text, 400);
    w3p_base64_encode(&text, sig64, 64, W3P_BASE64_STD, W3P_BASE64_PADDED);
    cr_expect(eq(int, w3p_nep413_verify(&payload, key.pub33, w3p_buf_span(&text)), W3P_SIG_VALID));
    w3p_buf_reset(&text);
    w3p_buf_put_hex(&text, sig64, 64);
    cr_expect(eq(int, w3p_nep413_verify(&payload, key.pub33, w3p_buf_span(&text)), W3P_SIG_VALID));
    cr_expect(eq(int, w3p_nep413_verify(&payload, key.pub33, W3P_SPAN(text.ptr, 126)), W3P_SIG_MALFORMED));
    w3p_buf_reset(&text);
    w3p_buf_put_str(&text, "ed25519:");
    cr_assert(eq(int, w3p_base58_encode(&text, sig64, 64), W3P_OK));
    cr_expect(eq(int, w3p_nep413_verify(&payload, key.pub33, w3p_buf_span(&text)), W3P_SIG_VALID));
    payload.callback_url = w3p_span_str(""); // one that is there, and empty, is not none
    cr_expect(eq(int, w3p_nep413_verify(&payload, key.pub33, w3p_buf_span(&text)), W3P_SIG_INVALID));
    static const char *const bad[] = {"", "ed25519:", "ed25519:0OIl", "ed25519:1", "zz", "secp256k1:11"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_expect(eq(int, w3p_nep413_verify(&payload, key.pub33, w3p_span_str(bad[i])), W3P_SIG_MALFORMED), "%s",
                  bad[i]);
    char *large = w3p_calloc(1, W3P_NEP413_MAX);
    payload.message = W3P_SPAN(large, W3P_NEP413_MAX);
    cr_expect(eq(int, w3p_nep413_digest(digest32, &payload), W3P_E_LIMIT));
    cr_expect(eq(int, w3p_nep413_verify(&payload, key.pub33, w3p_buf_span(&text)), W3P_SIG_MALFORMED));
    free(large);
    w3p_buf_deinit(&text);
}
