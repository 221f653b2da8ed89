// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: Avalanche wallets (X- and P-chain keys): secp256k1 with recovery over SHA-256 of a prefixed text. Accounts
// of its C-chain are Ethereum's.  Source: Avalanche's message prefix, BIP-173, CB58.
#include <string.h>

#include "crypto/bech32.h"
#include "crypto/cb58.h"
#include "crypto/hash.h"
#include "scheme.h"

#define HRP "avax" // what the field's verifier knows; keys of test networks have the same addresses with another one
#define SIGNATURE_BYTES 65
#define SIGNATURE_CHARS_MAX 96 // 69 bytes in base58 are 95 at most

static bool parse_address(struct w3p_address *out, const char *text, size_t len)
{
    size_t key_len = 20;
    if (w3p_bech32_decode(out->key, &key_len, HRP, text, len) != W3P_OK || key_len != 20)
        return false;
    out->key_len = 20;
    return true;
}

// len is at most W3P_AUTH_TEXT_MAX.
static void message_digest(uint8_t digest32[32], const char *text, size_t len)
{
    static const char prefix[] = "\x1a"
                                 "Avalanche Signed Message:\n";
    uint8_t msg[sizeof(prefix) - 1 + 4 + W3P_AUTH_TEXT_MAX], *at = msg + sizeof(prefix) - 1;
    memcpy(msg, prefix, sizeof(prefix) - 1);
    for (unsigned i = 0; i < 4; i++)
        *at++ = (uint8_t)(len >> (24 - 8 * i));
    memcpy(at, text, len);
    w3p_sha256(digest32, msg, (size_t)(at - msg) + len);
}

static void key_hash(uint8_t out20[20], const uint8_t pub33[33])
{
    uint8_t digest32[32];
    w3p_sha256(digest32, pub33, 33);
    w3p_ripemd160(out20, digest32, sizeof(digest32));
}

static enum w3p_verdict verify_text(const struct w3p_address *address, const char *text, size_t text_len,
                                    const char *sig_text, size_t sig_len)
{
    uint8_t sig65[SIGNATURE_BYTES], digest32[32], pub33[33], signer20[20];
    size_t bytes = sizeof(sig65);
    if (text_len > W3P_AUTH_TEXT_MAX || sig_len > SIGNATURE_CHARS_MAX ||
        w3p_cb58_decode(sig65, &bytes, sig_text, sig_len) != W3P_OK || bytes != SIGNATURE_BYTES || sig65[64] > 1)
        return W3P_SIG_MALFORMED;
    message_digest(digest32, text, text_len);
    enum w3p_verdict verdict = w3p_ecdsa_recover(pub33, sig65, sig65[64], digest32);
    if (verdict != W3P_SIG_VALID)
        return verdict;
    key_hash(signer20, pub33);
    return memcmp(signer20, address->key, sizeof(signer20)) == 0 ? W3P_SIG_VALID : W3P_SIG_INVALID;
}

static enum w3p_verdict verify(const struct w3p_token *token)
{
    return verify_text(&token->address, token->address.text, token->address.text_len, token->sig_text, token->sig_len);
}

static void identity(struct w3p_identity *out, const struct w3p_address *address)
{
    w3p_identity_set(out, W3P_IDENTITY_AVA, address->key, address->key_len);
}

static int address_of(struct w3p_buf *address, const struct w3p_keypair *key)
{
    uint8_t hash20[20];
    if (key->type != W3P_KEY_ECDSA)
        return W3P_E_UNSUPPORTED;
    key_hash(hash20, key->pub33);
    return w3p_bech32_encode(address, HRP, hash20, sizeof(hash20));
}

static int sign_text(struct w3p_buf *sig_text, const struct w3p_keypair *key, const char *text, size_t text_len)
{
    uint8_t digest32[32], sig65[SIGNATURE_BYTES];
    if (key->type != W3P_KEY_ECDSA)
        return W3P_E_UNSUPPORTED;
    if (text_len > W3P_AUTH_TEXT_MAX)
        return W3P_E_LIMIT;
    message_digest(digest32, text, text_len);
    w3p_ecdsa_sign(sig65, key, digest32);
    return w3p_cb58_encode(sig_text, sig65, sizeof(sig65));
}

static const char *const aliases[] = {"ava", "avalanche", NULL};

const struct w3p_scheme w3p_scheme_avalanche = {
    .name = "avalanche",
    .aliases = aliases,
    .key_type = W3P_KEY_ECDSA,
    .siwx_name = "Avalanche",
    .chain_id = "1",
    .parse_address = parse_address,
    .identity = identity,
    .address_of = address_of,
    .verify = verify,
    .verify_text = verify_text,
    .sign_text = sign_text,
};
