// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what is special about the wallets of Avalanche, MultiversX, Aptos, Algorand and TON, beyond the headers of
// the vectors: lengths at their borders, envelopes of texts, and that one key is an account of its own on each chain.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/bech32.h"
#include "crypto/cb58.h"
#include "crypto/hash.h"
#include "scheme.h"

TestSuite(auth_chains, .init = w3p_crypto_init, .timeout = 60);

static struct w3p_keypair make_key(enum w3p_key_type type)
{
    uint8_t seed32[32];
    struct w3p_keypair key;
    memset(seed32, 5, sizeof(seed32));
    cr_assert(w3p_keypair_from_seed(&key, type, seed32) == W3P_OK);
    return key;
}

static bool is_address(const struct w3p_scheme *scheme, const char *text)
{
    static struct w3p_address address;
    cr_assert(w3p_address_begin(&address, scheme, text, strlen(text)));
    return scheme->parse_address(&address, address.text, address.text_len);
}

// The address of a key, ready for verify_text.
static const struct w3p_address *own_address(const struct w3p_scheme *scheme, const struct w3p_keypair *key)
{
    static struct w3p_address address;
    struct w3p_buf text;
    w3p_buf_init(&text, 200);
    cr_assert(scheme->address_of(&text, key) == W3P_OK);
    cr_assert(w3p_address_begin(&address, scheme, w3p_buf_str(&text), text.len));
    cr_assert(scheme->parse_address(&address, address.text, address.text_len));
    w3p_buf_deinit(&text);
    return &address;
}

Test(auth_chains, bech32_addresses_of_other_lengths)
{
    static const struct {
        const struct w3p_scheme *scheme;
        const char *hrp;
        size_t bytes;
    } cases[] = {{&w3p_scheme_avalanche, "avax", 20}, {&w3p_scheme_multiversx, "erd", 32}};
    static const uint8_t zeros[50] = {0};
    for (size_t i = 0; i < 2; i++)
        for (size_t len = 0; len < 48; len++) {
            struct w3p_buf text;
            w3p_buf_init(&text, 100);
            cr_assert(w3p_bech32_encode(&text, cases[i].hrp, zeros, len) == W3P_OK);
            cr_expect(is_address(cases[i].scheme, w3p_buf_str(&text)) == (len == cases[i].bytes), "%s %zu",
                      cases[i].hrp, len);
            w3p_buf_deinit(&text);
        }
}

Test(auth_chains, avalanche_signatures_of_other_forms)
{
    struct w3p_keypair key = make_key(W3P_KEY_ECDSA);
    const struct w3p_address *address = own_address(&w3p_scheme_avalanche, &key);
    uint8_t sig[70] = {0};
    size_t sig_len = 65;
    struct w3p_buf text;
    w3p_buf_init(&text, 200);
    cr_assert(w3p_scheme_avalanche.sign_text(&text, &key, "a", 1) == W3P_OK);
    cr_assert(w3p_cb58_decode(sig, &sig_len, w3p_buf_str(&text), text.len) == W3P_OK && sig_len == 65);
    unsigned recid = sig[64];
    for (unsigned v = 0; v < 256; v++) { // 2 and 3 stand for an r beyond the group's order: no wallet makes one
        sig[64] = (uint8_t)v;
        w3p_buf_reset(&text);
        cr_assert(w3p_cb58_encode(&text, sig, 65) == W3P_OK);
        enum w3p_verdict verdict = w3p_scheme_avalanche.verify_text(address, "a", 1, w3p_buf_str(&text), text.len);
        cr_expect(verdict == (v == recid ? W3P_SIG_VALID : v < 2 ? W3P_SIG_INVALID : W3P_SIG_MALFORMED), "v %u", v);
    }
    sig[64] = (uint8_t)recid;
    for (size_t len = 0; len <= sizeof(sig); len++) {
        w3p_buf_reset(&text);
        cr_assert(w3p_cb58_encode(&text, sig, len) == W3P_OK);
        enum w3p_verdict verdict = w3p_scheme_avalanche.verify_text(address, "a", 1, w3p_buf_str(&text), text.len);
        cr_expect(verdict == (len == 65 ? W3P_SIG_VALID : W3P_SIG_MALFORMED), "%zu bytes", len);
    }
    w3p_buf_deinit(&text);
}

// 48 to 64 digits, and what is missing are zeros.
Test(auth_chains, aptos_keys_of_other_lengths)
{
    char digits[70];
    for (size_t count = 0; count < sizeof(digits); count++) {
        memset(digits, '7', sizeof(digits));
        digits[count] = '\0';
        cr_expect(is_address(&w3p_scheme_aptos, digits) == (count >= 48 && count <= 64), "%zu digits", count);
        digits[0] = '0'; // a zero that was not dropped
        if (count > 0)
            cr_expect(is_address(&w3p_scheme_aptos, digits) == (count == 64), "0 and %zu digits", count - 1);
        if (count > 1) {
            digits[1] = 'x';
            cr_expect(is_address(&w3p_scheme_aptos, digits) == (count >= 50 && count <= 66), "0x, %zu digits",
                      count - 2);
            digits[1] = 'X';
            cr_expect(is_address(&w3p_scheme_aptos, digits) == false);
        }
    }
}

// Signs bytes as they are, in hex.
static enum w3p_verdict aptos_verdict(const char *text, const char *is_signed)
{
    struct w3p_keypair key = make_key(W3P_KEY_ED25519);
    uint8_t sig64[64];
    char hex[129];
    w3p_ed25519_sign(sig64, &key, is_signed, strlen(is_signed));
    w3p_hex_encode(hex, sig64, sizeof(sig64));
    return w3p_scheme_aptos.verify_text(own_address(&w3p_scheme_aptos, &key), text, strlen(text), hex, 128);
}

Test(auth_chains, aptos_envelope_has_the_nonce_of_the_text)
{
    static const char text[] = "a wants you to\n\nNonce: abcdef12\nIssued At: x";
    cr_expect(aptos_verdict(text, "APTOS\nmessage: a wants you to\n\nNonce: abcdef12\nIssued At: x\nnonce: abcdef13") ==
              W3P_SIG_INVALID);
    cr_expect(aptos_verdict(text, "APTOS\nmessage: a wants you to\n\nNonce: abcdef12\nIssued At: x\nnonce: ") ==
              W3P_SIG_INVALID);
    cr_expect(aptos_verdict(text, "APTOS\nmessage: a wants you to\n\nNonce: abcdef12\nIssued At: x") ==
              W3P_SIG_INVALID);
    cr_expect(aptos_verdict(text, "APTOS\nmessage: a wants you to\n\nNonce: abcdef12\nIssued At: x\nnonce: abcdef12") ==
              W3P_SIG_VALID);
    cr_expect(aptos_verdict(text, text) == W3P_SIG_VALID);
    // the nonce in the last line, and no nonce at all
    cr_expect(aptos_verdict("a\nNonce: 12345678", "APTOS\nmessage: a\nNonce: 12345678\nnonce: 12345678") ==
              W3P_SIG_VALID);
    cr_expect(aptos_verdict("a", "APTOS\nmessage: a\nnonce: ") == W3P_SIG_VALID);
    cr_expect(aptos_verdict("a", "APTOS\nmessage: a\nnonce: crust") == W3P_SIG_INVALID); // that is a W3Auth token's
}

Test(auth_chains, algorand_addresses_of_other_lengths)
{
    struct w3p_keypair key = make_key(W3P_KEY_ED25519);
    char text[64] = "";
    memcpy(text, own_address(&w3p_scheme_algorand, &key)->text, 58);
    cr_expect(is_address(&w3p_scheme_algorand, text));
    text[57]++; // bits of it that stand for no byte
    cr_expect(is_address(&w3p_scheme_algorand, text) == false);
    text[57]--;
    text[58] = 'A';
    text[59] = '\0';
    cr_expect(is_address(&w3p_scheme_algorand, text) == false);
    text[57] = '\0';
    cr_expect(is_address(&w3p_scheme_algorand, text) == false);
}

// All of them with one key: nobody's account is somebody else's on another chain.
Test(auth_chains, one_key_is_an_account_of_its_own_on_each_chain)
{
    struct w3p_identity seen[16];
    size_t count = 0;
    for (const struct w3p_scheme *const *scheme = w3p_schemes(); *scheme != NULL; scheme++) {
        struct w3p_keypair key = make_key((*scheme)->key_type);
        struct w3p_identity again;
        memset(&seen[count], 'x', sizeof(seen[count]));
        (*scheme)->identity(&seen[count], own_address(*scheme, &key));
        cr_assert(w3p_identity_parse(&again, seen[count].text, strlen(seen[count].text)) == W3P_OK, "%s",
                  seen[count].text);
        cr_expect(eq(str, again.text, seen[count].text));
        for (size_t i = 0; i < count; i++)
            cr_expect(ne(str, seen[i].text, seen[count].text));
        count++;
    }
}

// With the operator's switch and without it; and no text of its wallets is taken either way.
Test(auth_chains, ton_is_off_until_it_is_switched_on)
{
    struct w3p_keypair key = make_key(W3P_KEY_ED25519);
    struct w3p_buf text;
    static struct w3p_token token;
    struct w3p_identity identity = {.text = ""};
    w3p_buf_init(&text, 1000);
    cr_assert(w3p_token_make(&text, &w3p_scheme_ton, &key) == W3P_OK);
    cr_assert(w3p_token_decode(&token, w3p_buf_str(&text), text.len) == W3P_AUTH_OK);
    cr_expect(w3p_token_verify(&identity, &token) == W3P_AUTH_CHAIN);
    cr_expect(eq(str, identity.text, ""));
    cr_expect(w3p_token_verify_any(&identity, &token) == W3P_AUTH_OK);
    cr_expect(strncmp(identity.text, "ton:", 4) == 0);
    cr_expect(w3p_scheme_ton.verify_text == NULL && w3p_scheme_ton.sign_text == NULL);
    static const char *const bad[] = {"", "00", "zz", "m1.AAAA"}; // digests that are none
    for (size_t i = 0; i < 4; i++) {
        token.extra_len = strlen(bad[i]);
        memcpy(token.extra, bad[i], token.extra_len + 1);
        cr_expect(w3p_token_verify_any(&identity, &token) == (i == 0 ? W3P_AUTH_GRAMMAR : W3P_AUTH_SIGNATURE_FORM));
    }
    w3p_buf_deinit(&text);
}
