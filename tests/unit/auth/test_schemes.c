// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: each scheme with fresh signatures: all messages and encodings that wallets use, all spellings of one
// account, and nothing across curves, chains or contexts.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "scheme.h"

TestSuite(auth_schemes, .init = w3p_crypto_init, .timeout = 120);

static const uint8_t seed32[32] = {0x31, 0x41, 0x59, 0x26, 0x53, 0x58, 0x97, 0x93, 0x23, 0x84, 0x62,
                                   0x64, 0x33, 0x83, 0x27, 0x95, 0x02, 0x88, 0x41, 0x97, 0x16, 0x93,
                                   0x99, 0x37, 0x51, 0x05, 0x82, 0x09, 0x74, 0x94, 0x45, 0x92};

static struct w3p_keypair make_key(enum w3p_key_type type)
{
    struct w3p_keypair key;
    cr_assert(w3p_keypair_from_seed(&key, type, seed32) == W3P_OK);
    return key;
}

// The whole way: text into a token, token into a header, header into an identity ("" when refused).
static struct w3p_identity identity_of(const char *chain, const char *address, const char *sig_text)
{
    struct w3p_identity identity = {.text = ""};
    struct w3p_buf plain, header;
    w3p_buf_init(&plain, 2000);
    w3p_buf_init(&header, W3P_AUTH_HEADER_MAX);
    w3p_buf_printf(&plain, "%s-%s:%s", chain, address, sig_text);
    w3p_buf_put_str(&header, "Bearer ");
    w3p_base64_encode(&header, plain.ptr, plain.len, W3P_BASE64_URL, W3P_BASE64_UNPADDED);
    if (w3p_auth_verify(&identity, w3p_buf_str(&header), header.len) != W3P_AUTH_OK)
        cr_expect(eq(str, identity.text, ""));
    w3p_buf_deinit(&plain);
    w3p_buf_deinit(&header);
    return identity;
}

static void hex_of(char *out, const uint8_t *sig, size_t len)
{
    memcpy(out, "0x", 2);
    w3p_hex_encode(out + 2, sig, len);
}

// ---- Ethereum

static void personal_sign(uint8_t sig65[65], const struct w3p_keypair *key, const void *msg, size_t len)
{
    struct w3p_buf text;
    uint8_t digest32[32];
    w3p_buf_init(&text, 4096);
    w3p_buf_printf(&text,
                   "\x19"
                   "Ethereum Signed Message:\n%zu",
                   len);
    w3p_buf_put(&text, msg, len);
    w3p_keccak256(digest32, text.ptr, text.len);
    w3p_ecdsa_sign(sig65, key, digest32);
    w3p_buf_deinit(&text);
}

struct eth_wallet {
    struct w3p_keypair key;
    uint8_t address20[20];
    char eip55[43], lower[43], upper[43], identity[W3P_IDENTITY_MAX];
};

static struct eth_wallet make_eth(void)
{
    struct eth_wallet w;
    w.key = make_key(W3P_KEY_ECDSA);
    w3p_keypair_eth_address(w.address20, &w.key);
    w3p_eth_address_format(w.eip55, w.address20);
    hex_of(w.lower, w.address20, 20);
    memcpy(w.upper, w.lower, sizeof(w.upper));
    for (char *c = w.upper + 2; *c != '\0'; c++)
        if (*c >= 'a')
            *c = (char)(*c - 'a' + 'A');
    snprintf(w.identity, sizeof(w.identity), "evm:%s", w.lower);
    return w;
}

Test(auth_schemes, ethereum_spellings_are_one_account)
{
    struct eth_wallet w = make_eth();
    static const char *const chains[] = {"eth", "ethereum", "pol", "polygon", "ETH", "Polygon", "eTh"};
    const char *texts[] = {w.eip55, w.lower, w.upper};
    for (size_t t = 0; t < 3; t++) {
        uint8_t sig[65];
        char hex[2 + 130 + 1];
        personal_sign(sig, &w.key, texts[t], 42);
        hex_of(hex, sig, 65);
        for (size_t c = 0; c < sizeof(chains) / sizeof(chains[0]); c++)
            cr_expect(eq(str, identity_of(chains[c], texts[t], hex).text, w.identity), "%s %s", chains[c], texts[t]);
        cr_expect(eq(str, identity_of("eth", texts[t], hex + 2).text, w.identity), "without 0x");
        // the same wallet's signature of another spelling is one over another text
        cr_expect(eq(str, identity_of("eth", texts[(t + 1) % 3], hex).text, ""));
    }
}

Test(auth_schemes, ethereum_recovery_ids)
{
    struct eth_wallet w = make_eth();
    uint8_t sig[65];
    char hex[2 + 130 + 1];
    personal_sign(sig, &w.key, w.eip55, 42);
    unsigned recid = sig[64];
    for (unsigned v = 0; v < 256; v++) {
        sig[64] = (uint8_t)v;
        hex_of(hex, sig, 65);
        bool wanted = v == recid || v == 27 + recid || (v >= 35 && (v - 35) % 2 == recid);
        bool accepted = identity_of("eth", w.eip55, hex).text[0] != '\0';
        cr_expect(accepted == wanted, "v %u", v);
    }
    sig[32] |= (uint8_t)(recid << 7);
    hex_of(hex, sig, 64);
    cr_expect(eq(str, identity_of("eth", w.eip55, hex).text, w.identity), "EIP-2098");
    sig[32] ^= 0x80;
    hex_of(hex, sig, 64);
    cr_expect(eq(str, identity_of("eth", w.eip55, hex).text, ""), "EIP-2098, other parity");
}

// The reason that the log gives, of a text with this signature.
static enum w3p_auth_reason reason_of(const char *chain, const char *address, const char *sig_text)
{
    struct w3p_identity identity = {.text = ""};
    struct w3p_buf plain, token;
    static struct w3p_token decoded;
    w3p_buf_init(&plain, 2000);
    w3p_buf_init(&token, W3P_AUTH_HEADER_MAX);
    w3p_buf_printf(&plain, "%s-%s:%s", chain, address, sig_text);
    w3p_base64_encode(&token, plain.ptr, plain.len, W3P_BASE64_URL, W3P_BASE64_UNPADDED);
    cr_assert(w3p_token_decode(&decoded, w3p_buf_str(&token), token.len) == W3P_AUTH_OK);
    enum w3p_auth_reason reason = w3p_token_verify(&identity, &decoded);
    cr_expect(eq(str, identity.text, ""));
    w3p_buf_deinit(&plain);
    w3p_buf_deinit(&token);
    return reason;
}

Test(auth_schemes, ethereum_signatures_of_other_lengths)
{
    struct eth_wallet w = make_eth();
    uint8_t sig[66] = {0};
    char hex[2 + 132 + 1];
    personal_sign(sig, &w.key, w.lower, 42);
    hex_of(hex, sig, 65);
    cr_expect(eq(str, identity_of("eth", w.eip55, hex).text, ""));
    cr_expect(reason_of("eth", w.eip55, hex) == W3P_AUTH_SIGNATURE); // one of another text: well formed
    for (size_t len = 1; len <= 66; len++) {
        if (len == 64 || len == 65)
            continue;
        hex_of(hex, sig, len);
        cr_expect(reason_of("eth", w.lower, hex) == W3P_AUTH_SIGNATURE_FORM, "%zu bytes", len);
    }
}

Test(auth_schemes, ethereum_raw_address_bytes)
{
    struct eth_wallet w = make_eth();
    uint8_t sig[65];
    char hex[2 + 130 + 1];
    personal_sign(sig, &w.key, w.address20, 20);
    hex_of(hex, sig, 65);
    cr_expect(eq(str, identity_of("eth", w.eip55, hex).text, w.identity));
    cr_expect(eq(str, identity_of("eth", w.lower, hex).text, w.identity));
    uint8_t digest32[32];
    w3p_keccak256(digest32, w.address20, 20); // a bare transaction-like hash is no personal message
    w3p_ecdsa_sign(sig, &w.key, digest32);
    hex_of(hex, sig, 65);
    cr_expect(eq(str, identity_of("eth", w.eip55, hex).text, ""));
}

// ---- Substrate

Test(auth_schemes, substrate_prefixes_are_one_account)
{
    static const uint16_t prefixes[] = {0, 2, 5, 42, 63, 64, 66, 88, 255, 1284, 16383};
    static const char *const chains[] = {"sub", "substrate", "crust", "cru", "SUB"};
    struct w3p_keypair key = make_key(W3P_KEY_SR25519);
    char wanted[W3P_IDENTITY_MAX], before[W3P_SS58_TEXT_MAX] = "";
    memcpy(wanted, "sub:", 4);
    w3p_hex_encode(wanted + 4, key.pub33, 32);
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        char text[W3P_SS58_TEXT_MAX], hex[2 + 128 + 1];
        uint8_t sig[64];
        w3p_ss58_format(text, prefixes[i], key.pub33);
        w3p_sr25519_sign(sig, &key, text, strlen(text), NULL);
        hex_of(hex, sig, 64);
        const char *chain = chains[i % (sizeof(chains) / sizeof(chains[0]))];
        cr_expect(eq(str, identity_of(chain, text, hex).text, wanted), "prefix %u", prefixes[i]);
        if (before[0] != '\0')
            cr_expect(eq(str, identity_of("sub", before, hex).text, ""), "signed for prefix %u", prefixes[i]);
        memcpy(before, text, sizeof(before));
    }
}

// A public key in hex is the same account, and what polkadot.js signs for that text are the bytes that it stands for.
Test(auth_schemes, substrate_hex_key_signs_its_bytes)
{
    struct w3p_keypair key = make_key(W3P_KEY_SR25519);
    char wanted[W3P_IDENTITY_MAX], text[2 + 64 + 1], hex[2 + 128 + 1];
    uint8_t sig[64], wrapped[32 + W3P_AUTH_WRAP_BYTES];
    memcpy(wanted, "sub:", 4);
    w3p_hex_encode(wanted + 4, key.pub33, 32);
    hex_of(text, key.pub33, 32);
    w3p_sr25519_sign(sig, &key, text, 66, NULL);
    hex_of(hex, sig, 64);
    cr_expect(eq(str, identity_of("sub", text, hex).text, ""), "the text itself");
    w3p_sr25519_sign(sig, &key, key.pub33, 32, NULL);
    hex_of(hex, sig, 64);
    cr_expect(eq(str, identity_of("sub", text, hex).text, wanted), "raw");
    w3p_sr25519_sign(sig, &key, wrapped, w3p_auth_wrap(wrapped, key.pub33, 32), NULL);
    hex_of(hex, sig, 64);
    cr_expect(eq(str, identity_of("sub", text, hex).text, wanted), "in <Bytes>");
}

// Signs text or <Bytes>text</Bytes> with any key of Substrate; returns the length.
static size_t sign_substrate(uint8_t sig65[65], const struct w3p_keypair *key, const char *text, bool wrap)
{
    uint8_t msg[200], digest32[32];
    size_t len = strlen(text);
    if (wrap)
        len = w3p_auth_wrap(msg, text, len);
    else
        memcpy(msg, text, len);
    switch (key->type) {
    case W3P_KEY_SR25519:
        w3p_sr25519_sign(sig65, key, msg, len, NULL);
        return 64;
    case W3P_KEY_ED25519:
        w3p_ed25519_sign(sig65, key, msg, len);
        return 64;
    case W3P_KEY_ECDSA:
        w3p_blake2b_256(digest32, msg, len);
        w3p_ecdsa_sign(sig65, key, digest32);
        return 65;
    }
    return 0;
}

Test(auth_schemes, substrate_kinds_of_keys)
{
    // MultiSignature numbers are not the order of our enum
    static const uint8_t multi[] = {[W3P_KEY_SR25519] = 1, [W3P_KEY_ED25519] = 0, [W3P_KEY_ECDSA] = 2};
    for (int type = W3P_KEY_SR25519; type <= W3P_KEY_ECDSA; type++) {
        struct w3p_keypair key = make_key((enum w3p_key_type)type);
        uint8_t account32[32];
        char text[W3P_SS58_TEXT_MAX], wanted[W3P_IDENTITY_MAX] = "sub:";
        w3p_keypair_account(account32, &key);
        w3p_hex_encode(wanted + 4, account32, 32);
        w3p_ss58_format(text, 66, account32);
        for (int wrap = 0; wrap < 2; wrap++) {
            uint8_t sig[66];
            char hex[2 + 132 + 1];
            size_t len = sign_substrate(sig + 1, &key, text, wrap);
            hex_of(hex, sig + 1, len);
            cr_expect(eq(str, identity_of("sub", text, hex).text, wanted), "type %d wrap %d", type, wrap);
            for (unsigned prefix = 0; prefix < 4; prefix++) {
                sig[0] = (uint8_t)prefix;
                hex_of(hex, sig, len + 1);
                bool fine = prefix == multi[type];
                cr_expect(eq(str, identity_of("sub", text, hex).text, fine ? wanted : ""), "type %d prefix %u", type,
                          prefix);
            }
        }
    }
}

// Ids above 1 stand for an r beyond the group's order, which Substrate takes for no signature at all.
Test(auth_schemes, substrate_recovery_ids)
{
    struct w3p_keypair key = make_key(W3P_KEY_ECDSA);
    uint8_t account32[32], sig[65];
    char text[W3P_SS58_TEXT_MAX], hex[2 + 130 + 1];
    w3p_keypair_account(account32, &key);
    w3p_ss58_format(text, 42, account32);
    sign_substrate(sig, &key, text, false);
    unsigned recid = sig[64];
    for (unsigned v = 0; v < 256; v++) {
        sig[64] = (uint8_t)v;
        hex_of(hex, sig, 65);
        if (v == recid)
            cr_expect(identity_of("sub", text, hex).text[0] == 's');
        else
            cr_expect(reason_of("sub", text, hex) == (v < 2 ? W3P_AUTH_SIGNATURE : W3P_AUTH_SIGNATURE_FORM), "v %u", v);
    }
}

// 65 bytes that could be read both ways: ed25519 with its type byte whose last byte is 0 or 1, and ecdsa whose r begins
// with zero. Both must be found; the search is bounded and deterministic.
Test(auth_schemes, substrate_ambiguous_length)
{
    struct w3p_keypair key = make_key(W3P_KEY_ED25519);
    uint8_t account32[32], sig[66];
    char text[W3P_SS58_TEXT_MAX], hex[2 + 130 + 1];
    bool found = false;
    for (uint16_t prefix = 0; prefix < 64 && !found; prefix++) {
        w3p_ss58_format(text, prefix, key.pub33);
        sig[0] = 0;
        sign_substrate(sig + 1, &key, text, true);
        found = sig[64] <= 1;
    }
    cr_assert(found);
    hex_of(hex, sig, 65);
    cr_expect(identity_of("sub", text, hex).text[0] == 's');

    key = make_key(W3P_KEY_ECDSA);
    w3p_keypair_account(account32, &key);
    found = false;
    for (uint16_t prefix = 0; prefix < 16384 && !found; prefix++) {
        w3p_ss58_format(text, prefix, account32);
        sign_substrate(sig, &key, text, true);
        found = sig[0] == 0 && (sig[64] & 0xe0) == 0;
    }
    cr_assert(found);
    hex_of(hex, sig, 65);
    cr_expect(identity_of("sub", text, hex).text[0] == 's');
}

Test(auth_schemes, substrate_holds_ethereum_accounts)
{
    struct eth_wallet w = make_eth();
    uint8_t msg[20 + W3P_AUTH_WRAP_BYTES], digest32[32], sig[65];
    char hex[2 + 130 + 1];
    size_t len = w3p_auth_wrap(msg, w.address20, 20);
    const struct w3p_span messages[] = {W3P_SPAN(w.address20, 20), W3P_SPAN(msg, len)};
    for (size_t i = 0; i < 2; i++) {
        w3p_keccak256(digest32, messages[i].ptr, messages[i].len);
        w3p_ecdsa_sign(sig, &w.key, digest32);
        hex_of(hex, sig, 65);
        cr_expect(eq(str, identity_of("sub", w.eip55, hex).text, w.identity), "message %zu", i);
        cr_expect(eq(str, identity_of("sub", w.lower, hex).text, w.identity), "message %zu", i);
        cr_expect(eq(str, identity_of("eth", w.eip55, hex).text, ""), "message %zu", i);
    }
    personal_sign(sig, &w.key, w.eip55, 42);
    sig[64] += 27;
    hex_of(hex, sig, 65);
    cr_expect(eq(str, identity_of("sub", w.eip55, hex).text, w.identity));

    // Keccak never for a 32-byte account that ends with the address
    uint8_t account32[32] = {1, 2, 3};
    char text[W3P_SS58_TEXT_MAX];
    memcpy(account32 + 12, w.address20, 20);
    w3p_ss58_format(text, 42, account32);
    w3p_keccak256(digest32, text, strlen(text));
    w3p_ecdsa_sign(sig, &w.key, digest32);
    hex_of(hex, sig, 65);
    cr_expect(eq(str, identity_of("sub", text, hex).text, ""));
}

// ---- Solana and NEAR

Test(auth_schemes, solana_and_near_stay_two_accounts)
{
    struct w3p_keypair key = make_key(W3P_KEY_ED25519);
    struct w3p_buf text, base58, base64;
    uint8_t sig[64];
    char hex[2 + 128 + 1], sol[W3P_IDENTITY_MAX] = "sol:", near[W3P_IDENTITY_MAX] = "near:";
    w3p_buf_init(&text, 100);
    w3p_buf_init(&base58, 100);
    w3p_buf_init(&base64, 100);
    w3p_hex_encode(sol + 4, key.pub33, 32);
    w3p_hex_encode(near + 5, key.pub33, 32);
    cr_assert(w3p_base58_encode(&text, key.pub33, 32) == W3P_OK);
    w3p_ed25519_sign(sig, &key, text.ptr, text.len);
    hex_of(hex, sig, 64);
    cr_assert(w3p_base58_encode(&base58, sig, 64) == W3P_OK);
    w3p_base64_encode(&base64, sig, 64, W3P_BASE64_STD, W3P_BASE64_PADDED);
    const char *address = w3p_buf_str(&text);

    cr_expect(eq(str, identity_of("sol", address, hex).text, sol));
    cr_expect(eq(str, identity_of("solana", address, hex + 2).text, sol));
    cr_expect(eq(str, identity_of("sol", address, w3p_buf_str(&base58)).text, sol));
    cr_expect(eq(str, identity_of("sol", address, w3p_buf_str(&base64)).text, sol));
    cr_expect(eq(str, identity_of("near", address, hex + 2).text, near));
    cr_expect(eq(str, identity_of("NEA", address, hex + 2).text, near));
    cr_expect(eq(str, identity_of("near", address, w3p_buf_str(&base58)).text, ""));
    hex[2 + 126] = '\0'; // 63 bytes
    cr_expect(reason_of("near", address, hex + 2) == W3P_AUTH_SIGNATURE_FORM);
    cr_expect(reason_of("sol", address, w3p_buf_str(&base58) + 2) == W3P_AUTH_SIGNATURE_FORM);
    // the implicit account signs its own, other text
    cr_expect(eq(str, identity_of("near", near + 5, hex + 2).text, ""));
    w3p_ed25519_sign(sig, &key, near + 5, 64);
    hex_of(hex, sig, 64);
    cr_expect(eq(str, identity_of("near", near + 5, hex + 2).text, near));
    cr_expect(eq(str, identity_of("sol", near + 5, hex + 2).text, ""));
    w3p_buf_deinit(&text);
    w3p_buf_deinit(&base58);
    w3p_buf_deinit(&base64);
}

// ---- all

// Texts: what sign_text makes, verify_text takes, for that text and key alone.
static void check_texts(const struct w3p_scheme *scheme, const struct w3p_keypair *key)
{
    static char long_text[W3P_AUTH_TEXT_MAX + 1];
    static const char *const texts[] = {"", "a", "two\nlines", long_text};
    struct w3p_buf text, sig;
    static struct w3p_address address, other;
    struct w3p_keypair other_key;
    uint8_t other_seed32[32] = {9, 9, 9};
    memset(long_text, 'x', W3P_AUTH_TEXT_MAX);
    w3p_buf_init(&text, 200);
    cr_assert(scheme->address_of(&text, key) == W3P_OK);
    cr_assert(w3p_address_begin(&address, scheme, w3p_buf_str(&text), text.len));
    cr_assert(scheme->parse_address(&address, address.text, address.text_len));
    w3p_buf_reset(&text);
    cr_assert(w3p_keypair_from_seed(&other_key, key->type, other_seed32) == W3P_OK);
    cr_assert(scheme->address_of(&text, &other_key) == W3P_OK);
    cr_assert(w3p_address_begin(&other, scheme, w3p_buf_str(&text), text.len));
    cr_assert(scheme->parse_address(&other, other.text, other.text_len));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const char *msg = texts[i];
        size_t len = strlen(msg);
        w3p_buf_init(&sig, 1000);
        cr_assert(scheme->sign_text(&sig, key, msg, len) == W3P_OK, "%s %zu", scheme->name, i);
        const char *sig_text = w3p_buf_str(&sig);
        cr_expect(scheme->verify_text(&address, msg, len, sig_text, sig.len) == W3P_SIG_VALID, "%s %zu", scheme->name,
                  i);
        cr_expect(scheme->verify_text(&other, msg, len, sig_text, sig.len) == W3P_SIG_INVALID);
        cr_expect(scheme->verify_text(&address, "b", 1, sig_text, sig.len) == W3P_SIG_INVALID);
        cr_expect(scheme->verify_text(&address, msg, W3P_AUTH_TEXT_MAX + 1, sig_text, sig.len) == W3P_SIG_MALFORMED);
        cr_expect(scheme->verify_text(&address, msg, len, sig_text, sig.len - 1) == W3P_SIG_MALFORMED);
        cr_expect(scheme->verify_text(&address, msg, len, "", 0) == W3P_SIG_MALFORMED);
        w3p_buf_deinit(&sig);
    }
    w3p_buf_init(&sig, 1000);
    cr_expect(scheme->sign_text(&sig, key, long_text, W3P_AUTH_TEXT_MAX + 1) == W3P_E_LIMIT);
    w3p_buf_deinit(&sig);
    w3p_buf_init(&sig, 10); // a buffer that is too small is an error, not half a signature
    cr_expect(scheme->sign_text(&sig, key, "a", 1) == W3P_E_LIMIT);
    w3p_buf_deinit(&sig);
    w3p_buf_deinit(&text);
}

Test(auth_schemes, texts)
{
    for (const struct w3p_scheme *const *scheme = w3p_schemes(); *scheme != NULL; scheme++) {
        struct w3p_keypair key = make_key((*scheme)->key_type);
        bool named = (*scheme)->siwx_name != NULL;
        cr_assert(named == ((*scheme)->verify_text != NULL));
        cr_assert(named == ((*scheme)->sign_text != NULL));
        if (named)
            check_texts(*scheme, &key);
    }
    struct w3p_keypair ed25519 = make_key(W3P_KEY_ED25519), ecdsa = make_key(W3P_KEY_ECDSA);
    check_texts(&w3p_scheme_substrate, &ed25519);
    check_texts(&w3p_scheme_substrate, &ecdsa);
}

// The Ethereum account that a Substrate wallet holds signs texts as Ethereum wallets do.
Test(auth_schemes, texts_of_ethereum_accounts_in_substrate_wallets)
{
    struct eth_wallet w = make_eth();
    static struct w3p_address address;
    struct w3p_buf sig;
    w3p_buf_init(&sig, 1000);
    cr_assert(w3p_address_begin(&address, &w3p_scheme_substrate, w.eip55, 42));
    cr_assert(w3p_scheme_substrate.parse_address(&address, w.eip55, 42));
    cr_assert(w3p_scheme_ethereum.sign_text(&sig, &w.key, "a", 1) == W3P_OK);
    cr_expect(w3p_scheme_substrate.verify_text(&address, "a", 1, w3p_buf_str(&sig), sig.len) == W3P_SIG_VALID);
    cr_expect(w3p_scheme_substrate.verify_text(&address, "b", 1, w3p_buf_str(&sig), sig.len) == W3P_SIG_INVALID);
    w3p_buf_deinit(&sig);
}

Test(auth_schemes, refused_by_name)
{
    static const char *const names[] = {"flow", "flo", "FLOW", "xx", "huochain", "mimir"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *sentence = w3p_scheme_refused(names[i], strlen(names[i]));
        cr_assert(sentence != NULL, "%s", names[i]);
        cr_expect(strlen(sentence) > 20);
        cr_expect(w3p_scheme_find(names[i], strlen(names[i])) == NULL);
    }
    cr_expect(w3p_scheme_refused("", 0) == NULL);
    cr_expect(w3p_scheme_refused("flows", 5) == NULL);
    for (const struct w3p_scheme *const *scheme = w3p_schemes(); *scheme != NULL; scheme++)
        for (const char *const *alias = (*scheme)->aliases; *alias != NULL; alias++)
            cr_expect(w3p_scheme_refused(*alias, strlen(*alias)) == NULL, "%s", *alias);
}

Test(auth_schemes, registry)
{
    size_t count = 0;
    for (const struct w3p_scheme *const *scheme = w3p_schemes(); *scheme != NULL; scheme++, count++) {
        bool has_name = false;
        for (const char *const *alias = (*scheme)->aliases; *alias != NULL; alias++) {
            cr_expect(w3p_scheme_find(*alias, strlen(*alias)) == *scheme, "%s", *alias);
            has_name |= strcmp(*alias, (*scheme)->name) == 0;
        }
        cr_expect(has_name, "%s", (*scheme)->name);
    }
    cr_expect(count == 9);
    cr_expect(w3p_scheme_find("", 0) == NULL);
    cr_expect(w3p_scheme_find("eth", 2) == NULL);
    cr_expect(w3p_scheme_find("ethx", 4) == NULL);
    cr_expect(w3p_scheme_find("eth\0", 4) == NULL);
}
