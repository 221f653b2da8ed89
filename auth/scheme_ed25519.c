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

static enum w3p_verdict verify_bytes(const struct w3p_address *address, const uint8_t *sig, size_t sig_len)
{
    if (sig_len != 64)
        return W3P_SIG_MALFORMED;
    return w3p_ed25519_verify(sig, address->key, address->text, address->text_len);
}

static enum w3p_verdict verify_near(const struct w3p_address *address, const char *sig_text, size_t len)
{
    uint8_t sig[64];
    size_t sig_len = sizeof(sig);
    if (w3p_hex_decode(sig, &sig_len, sig_text, len) != W3P_OK)
        return W3P_SIG_MALFORMED;
    return verify_bytes(address, sig, sig_len);
}

// Wallets give bytes, and applications write them in one of three ways; the length tells which.
static enum w3p_verdict verify_solana(const struct w3p_address *address, const char *sig_text, size_t len)
{
    uint8_t sig[64];
    size_t sig_len = sizeof(sig);
    int err;
    if (len >= 128)
        err = w3p_hex0x_decode(sig, &sig_len, sig_text, len);
    else if (len == 88 && sig_text[87] == '=')
        err = w3p_base64_decode(sig, &sig_len, sig_text, len, W3P_BASE64_STD, W3P_BASE64_PADDED);
    else if (len <= 88)
        err = w3p_base58_decode(sig, &sig_len, sig_text, len);
    else
        err = W3P_E_INVALID;
    return err == W3P_OK ? verify_bytes(address, sig, sig_len) : W3P_SIG_MALFORMED;
}

static void identity_solana(struct w3p_identity *out, const struct w3p_address *address)
{
    w3p_identity_set(out, W3P_IDENTITY_SOL, address->key, address->key_len);
}

static void identity_near(struct w3p_identity *out, const struct w3p_address *address)
{
    w3p_identity_set(out, W3P_IDENTITY_NEAR, address->key, address->key_len);
}

static int sign(struct w3p_buf *address, struct w3p_buf *sig_text, const struct w3p_keypair *key)
{
    uint8_t sig[64];
    if (key->type != W3P_KEY_ED25519)
        return W3P_E_UNSUPPORTED;
    int err = w3p_base58_encode(address, key->pub33, 32);
    if (err != W3P_OK)
        return err;
    if (w3p_buf_status(address) != W3P_OK)
        return W3P_E_LIMIT;
    w3p_ed25519_sign(sig, key, address->ptr, address->len);
    w3p_buf_put_hex(sig_text, sig, sizeof(sig));
    return w3p_buf_status(sig_text);
}

static const char *const solana_aliases[] = {"sol", "solana", NULL};
static const char *const near_aliases[] = {"near", "nea", NULL};

const struct w3p_scheme w3p_scheme_solana = {
    .name = "solana",
    .aliases = solana_aliases,
    .key_type = W3P_KEY_ED25519,
    .parse_address = parse_base58_key,
    .verify = verify_solana,
    .identity = identity_solana,
    .sign = sign,
};

const struct w3p_scheme w3p_scheme_near = {
    .name = "near",
    .aliases = near_aliases,
    .key_type = W3P_KEY_ED25519,
    .parse_address = parse_near,
    .verify = verify_near,
    .identity = identity_near,
    .sign = sign,
};
