// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: Solana and NEAR wallets: plain ed25519 over the address text. Two tables; the same key on both chains
// stays two accounts.  Source: the W3Auth token grammar (sol, nea).
#include <string.h>

#include "base/encoding.h"
#include "scheme.h"

static bool parse_base58_key(struct w3p_address *out, const char *text, size_t len)
{
    size_t key_len = sizeof(out->key);
    if (len > W3P_BASE58_TEXT_MAX || w3p_base58_decode(out->key, &key_len, text, len) != W3P_OK || key_len != 32)
        return false;
    out->key_len = 32;
    return true;
}

// The public key in base58, or an implicit account: the key in 64 lower-case hex digits. Named accounts would need a
// look at the chain.
static bool parse_near(struct w3p_address *out, const char *text, size_t len)
{
    if (len != 64)
        return parse_base58_key(out, text, len);
    for (size_t i = 0; i < len; i++)
        if (text[i] >= 'A' && text[i] <= 'F')
            return false;
    size_t key_len = sizeof(out->key);
    if (w3p_hex_decode(out->key, &key_len, text, len) != W3P_OK)
        return false;
    out->key_len = 32;
    return true;
}

static bool near_signature(uint8_t sig64[64], const char *sig_text, size_t len)
{
    size_t sig_len = 64;
    return w3p_hex_decode(sig64, &sig_len, sig_text, len) == W3P_OK && sig_len == 64;
}

// Wallets give bytes, and applications write them in one of three ways; the length tells which.
static bool solana_signature(uint8_t sig64[64], const char *sig_text, size_t len)
{
    size_t sig_len = 64;
    int err;
    if (len >= 128)
        err = w3p_hex0x_decode(sig64, &sig_len, sig_text, len);
    else if (len == 88 && sig_text[87] == '=')
        err = w3p_base64_decode(sig64, &sig_len, sig_text, len, W3P_BASE64_STD, W3P_BASE64_PADDED);
    else if (len <= 88)
        err = w3p_base58_decode(sig64, &sig_len, sig_text, len);
    else
        err = W3P_E_INVALID;
    return err == W3P_OK && sig_len == 64;
}

static enum w3p_verdict verify_text_near(const struct w3p_address *address, const char *text, size_t text_len,
                                         const char *sig_text, size_t sig_len)
{
    uint8_t sig64[64];
    if (text_len > W3P_AUTH_TEXT_MAX || !near_signature(sig64, sig_text, sig_len))
        return W3P_SIG_MALFORMED;
    return w3p_ed25519_verify(sig64, address->key, text, text_len);
}

static enum w3p_verdict verify_text_solana(const struct w3p_address *address, const char *text, size_t text_len,
                                           const char *sig_text, size_t sig_len)
{
    uint8_t sig64[64];
    if (text_len > W3P_AUTH_TEXT_MAX || !solana_signature(sig64, sig_text, sig_len))
        return W3P_SIG_MALFORMED;
    return w3p_ed25519_verify(sig64, address->key, text, text_len);
}

// Both sign their address like any other text.
static enum w3p_verdict verify(const struct w3p_token *token)
{
    return token->scheme->verify_text(&token->address, token->address.text, token->address.text_len, token->sig_text,
                                      token->sig_len);
}

static void identity_solana(struct w3p_identity *out, const struct w3p_address *address)
{
    w3p_identity_set(out, W3P_IDENTITY_SOL, address->key, address->key_len);
}

static void identity_near(struct w3p_identity *out, const struct w3p_address *address)
{
    w3p_identity_set(out, W3P_IDENTITY_NEAR, address->key, address->key_len);
}

static int address_of(struct w3p_buf *address, const struct w3p_keypair *key)
{
    if (key->type != W3P_KEY_ED25519)
        return W3P_E_UNSUPPORTED;
    int err = w3p_base58_encode(address, key->pub33, 32);
    return err != W3P_OK ? err : w3p_buf_status(address);
}

static int sign_text(struct w3p_buf *sig_text, const struct w3p_keypair *key, const char *text, size_t text_len)
{
    uint8_t sig[64];
    if (key->type != W3P_KEY_ED25519)
        return W3P_E_UNSUPPORTED;
    if (text_len > W3P_AUTH_TEXT_MAX)
        return W3P_E_LIMIT;
    w3p_ed25519_sign(sig, key, text, text_len);
    w3p_buf_put_hex(sig_text, sig, sizeof(sig));
    return w3p_buf_status(sig_text);
}

static const char *const solana_aliases[] = {"sol", "solana", NULL};
static const char *const near_aliases[] = {"near", "nea", NULL};

const struct w3p_scheme w3p_scheme_solana = {
    .name = "solana",
    .aliases = solana_aliases,
    .key_type = W3P_KEY_ED25519,
    .siwx_name = "Solana",
    .chain_id = "mainnet",
    .parse_address = parse_base58_key,
    .identity = identity_solana,
    .address_of = address_of,
    .verify = verify,
    .verify_text = verify_text_solana,
    .sign_text = sign_text,
};

const struct w3p_scheme w3p_scheme_near = {
    .name = "near",
    .aliases = near_aliases,
    .key_type = W3P_KEY_ED25519,
    .siwx_name = "NEAR",
    .chain_id = "mainnet",
    .parse_address = parse_near,
    .identity = identity_near,
    .address_of = address_of,
    .verify = verify,
    .verify_text = verify_text_near,
    .sign_text = sign_text,
};
