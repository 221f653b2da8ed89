// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: Substrate wallets: sr25519, ed25519 or ecdsa over the address text, raw or wrapped in <Bytes>; and the
// Ethereum accounts that Substrate wallets hold (20-byte addresses), which are the same people as under `eth`.
// Source: polkadot.js signatureVerify. Keccak is for 20-byte addresses only, never for 32-byte accounts.
#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "scheme.h"

#define SS58_PREFIX_GENERIC 42
// Leading byte of a MultiSignature.
enum { MULTI_ED25519 = 0, MULTI_SR25519 = 1, MULTI_ECDSA = 2 };

// One signature scheme over one message. sig has the length of that scheme.
typedef enum w3p_verdict (*verify_fn)(const uint8_t *sig, const uint8_t *key32, const void *msg, size_t len);

static bool parse_address(struct w3p_address *out, const char *text, size_t len)
{
    if (len < 2 || text[0] != '0' || text[1] != 'x') {
        out->key_len = 32;
        return w3p_ss58_parse(out->key, NULL, text, len) == W3P_OK;
    }
    if (len == 42)
        return w3p_ethereum_parse_key(out, text, len);
    size_t key_len = sizeof(out->key);
    if (w3p_hex_decode(out->key, &key_len, text + 2, len - 2) != W3P_OK || key_len != 32)
        return false;
    out->key_len = 32;
    return true;
}

// Browser wallets always wrap, so that message comes first. text.len is at most W3P_AUTH_TEXT_MAX.
static enum w3p_verdict verify_either(verify_fn verify_one, const uint8_t *sig, const uint8_t *key32,
                                      struct w3p_span text)
{
    uint8_t wrapped[W3P_AUTH_TEXT_MAX + W3P_AUTH_WRAP_BYTES];
    size_t wrapped_len = w3p_auth_wrap(wrapped, text.ptr, text.len);
    enum w3p_verdict verdict = verify_one(sig, key32, wrapped, wrapped_len);
    if (verdict != W3P_SIG_INVALID)
        return verdict;
    return verify_one(sig, key32, text.ptr, text.len);
}

// The last byte tells the two apart before any curve work: schnorrkel marks bit 7, and a reduced ed25519 scalar
// leaves the top three bits clear.
static verify_fn scheme_of(const uint8_t sig64[64])
{
    if ((sig64[63] & 0x80) != 0)
        return w3p_sr25519_verify;
    return (sig64[63] & 0xe0) == 0 ? w3p_ed25519_verify : NULL;
}

static enum w3p_verdict verify_ecdsa_message(const uint8_t *sig65, const uint8_t *account32, const void *msg,
                                             size_t len)
{
    uint8_t digest32[32], pub33[33], signer32[32];
    w3p_blake2b_256(digest32, msg, len);
    enum w3p_verdict verdict = w3p_ecdsa_recover(pub33, sig65, sig65[64], digest32);
    if (verdict != W3P_SIG_VALID)
        return verdict;
    w3p_blake2b_256(signer32, pub33, sizeof(pub33));
    return memcmp(signer32, account32, sizeof(signer32)) == 0 ? W3P_SIG_VALID : W3P_SIG_INVALID;
}

static enum w3p_verdict verify_ecdsa(const uint8_t sig65[65], const uint8_t *account32, struct w3p_span text)
{
    if (sig65[64] > 1)
        return W3P_SIG_MALFORMED;
    return verify_either(verify_ecdsa_message, sig65, account32, text);
}

// 65 bytes are r ‖ s ‖ v, or a MultiSignature type before 64 bytes. Rarely both readings are possible (r begins with
// a zero byte, or an ed25519 scalar ends with 0 or 1): then the typed one is tried first.
static enum w3p_verdict verify65(const uint8_t sig65[65], const uint8_t *account32, struct w3p_span text)
{
    verify_fn verify_one = scheme_of(sig65 + 1);
    bool typed = (sig65[0] == MULTI_ED25519 && verify_one == w3p_ed25519_verify) ||
                 (sig65[0] == MULTI_SR25519 && verify_one == w3p_sr25519_verify);
    enum w3p_verdict verdict = W3P_SIG_MALFORMED;
    if (typed)
        verdict = verify_either(verify_one, sig65 + 1, account32, text);
    if (verdict == W3P_SIG_VALID || (typed && sig65[64] > 1))
        return verdict;
    return verify_ecdsa(sig65, account32, text);
}

// A recovery id of 0 or 1 says plain Keccak: of the 20 bytes, or of these in <Bytes>. All else is what Ethereum wallets
// do. So either way there are two recoveries at most.
static enum w3p_verdict verify_h160(const struct w3p_address *address, const char *sig_text, size_t len)
{
    uint8_t sig65[65], wrapped[20 + W3P_AUTH_WRAP_BYTES], digest32[32];
    size_t sig_len = sizeof(sig65);
    if (w3p_hex0x_decode(sig65, &sig_len, sig_text, len) != W3P_OK)
        return W3P_SIG_MALFORMED;
    if (sig_len != 65 || sig65[64] > 1)
        return w3p_ethereum_verify(address, sig_text, len);
    w3p_keccak256(digest32, address->key, 20);
    enum w3p_verdict verdict = w3p_ethereum_recovers(address->key, sig65, sig65[64], digest32);
    if (verdict != W3P_SIG_INVALID)
        return verdict;
    w3p_keccak256(digest32, wrapped, w3p_auth_wrap(wrapped, address->key, 20));
    return w3p_ethereum_recovers(address->key, sig65, sig65[64], digest32);
}

// The Ethereum accounts that these wallets hold sign texts as Ethereum wallets do.
static enum w3p_verdict verify_text(const struct w3p_address *address, const char *text, size_t text_len,
                                    const char *sig_text, size_t len)
{
    uint8_t sig[66];
    size_t sig_len = sizeof(sig);
    struct w3p_span msg = W3P_SPAN(text, text_len);
    if (address->key_len == 20)
        return w3p_scheme_ethereum.verify_text(address, text, text_len, sig_text, len);
    if (text_len > W3P_AUTH_TEXT_MAX || w3p_hex0x_decode(sig, &sig_len, sig_text, len) != W3P_OK)
        return W3P_SIG_MALFORMED;
    if (sig_len == 64) {
        verify_fn verify_one = scheme_of(sig);
        return verify_one != NULL ? verify_either(verify_one, sig, address->key, msg) : W3P_SIG_MALFORMED;
    }
    if (sig_len == 65)
        return verify65(sig, address->key, msg);
    if (sig_len == 66 && sig[0] == MULTI_ECDSA)
        return verify_ecdsa(sig + 1, address->key, msg);
    return W3P_SIG_MALFORMED;
}

static enum w3p_verdict verify(const struct w3p_token *token)
{
    const struct w3p_address *address = &token->address;
    if (address->key_len == 20)
        return verify_h160(address, token->sig_text, token->sig_len);
    // polkadot.js takes a text that begins with 0x for the bytes that it stands for; no SS58 text begins with 0.
    struct w3p_span msg = address->text[0] == '0' ? W3P_SPAN(address->key, sizeof(address->key))
                                                  : W3P_SPAN(address->text, address->text_len);
    return verify_text(address, (const char *)msg.ptr, msg.len, token->sig_text, token->sig_len);
}

static void identity(struct w3p_identity *out, const struct w3p_address *address)
{
    w3p_identity_set(out, address->key_len == 20 ? W3P_IDENTITY_EVM : W3P_IDENTITY_SUB, address->key, address->key_len);
}

static int address_of(struct w3p_buf *address, const struct w3p_keypair *key)
{
    uint8_t account32[32];
    char ss58[W3P_SS58_TEXT_MAX];
    w3p_keypair_account(account32, key);
    w3p_ss58_format(ss58, SS58_PREFIX_GENERIC, account32);
    w3p_buf_put_str(address, ss58);
    return w3p_buf_status(address);
}

static int sign_text(struct w3p_buf *sig_text, const struct w3p_keypair *key, const char *text, size_t text_len)
{
    uint8_t digest32[32], sig[65], wrapped[W3P_AUTH_TEXT_MAX + W3P_AUTH_WRAP_BYTES];
    size_t sig_len = 64;
    if (text_len > W3P_AUTH_TEXT_MAX)
        return W3P_E_LIMIT;
    size_t wrapped_len = w3p_auth_wrap(wrapped, text, text_len);
    switch (key->type) {
    case W3P_KEY_SR25519:
        w3p_sr25519_sign(sig, key, wrapped, wrapped_len, NULL);
        break;
    case W3P_KEY_ED25519:
        w3p_ed25519_sign(sig, key, wrapped, wrapped_len);
        break;
    case W3P_KEY_ECDSA:
        w3p_blake2b_256(digest32, wrapped, wrapped_len);
        w3p_ecdsa_sign(sig, key, digest32);
        sig_len = 65;
        break;
    }
    w3p_buf_put_str(sig_text, "0x");
    w3p_buf_put_hex(sig_text, sig, sig_len);
    return w3p_buf_status(sig_text);
}

static const char *const aliases[] = {"sub", "substrate", "crust", "cru", NULL};

const struct w3p_scheme w3p_scheme_substrate = {
    .name = "substrate",
    .aliases = aliases,
    .key_type = W3P_KEY_SR25519,
    .siwx_name = "Polkadot",
    .chain_id = NULL, // Talisman's texts have no such line
    .parse_address = parse_address,
    .identity = identity,
    .address_of = address_of,
    .verify = verify,
    .verify_text = verify_text,
    .sign_text = sign_text,
};
