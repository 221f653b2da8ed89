// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: Algorand wallets: ed25519 over "MX" and the text. An account that was rekeyed still signs in with its first
// key here: only the chain knows of the other one.  Source: Algorand's signBytes and address text, FIPS 180-4.
#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "scheme.h"

#define CHECKSUM_BYTES 4
#define ADDRESS_CHARS 58 // of base32, for the key and its checksum

static void checksum(uint8_t out4[CHECKSUM_BYTES], const uint8_t key32[32])
{
    uint8_t digest32[32];
    w3p_sha512_256(digest32, key32, 32);
    memcpy(out4, digest32 + 32 - CHECKSUM_BYTES, CHECKSUM_BYTES);
}

static bool parse_address(struct w3p_address *out, const char *text, size_t len)
{
    uint8_t raw[32 + CHECKSUM_BYTES], sum4[CHECKSUM_BYTES];
    size_t raw_len = sizeof(raw);
    if (len != ADDRESS_CHARS || w3p_base32_decode(raw, &raw_len, text, len, true) != W3P_OK)
        return false;
    checksum(sum4, raw);
    if (memcmp(sum4, raw + 32, CHECKSUM_BYTES) != 0)
        return false;
    memcpy(out->key, raw, 32);
    out->key_len = 32;
    return true;
}

// Without this prefix a text could be a transaction. len is at most W3P_AUTH_TEXT_MAX; returns the whole length.
static size_t message(uint8_t out[2 + W3P_AUTH_TEXT_MAX], const void *text, size_t len)
{
    memcpy(out, "MX", 2);
    memcpy(out + 2, text, len);
    return 2 + len;
}

static enum w3p_verdict verify_text(const struct w3p_address *address, const char *text, size_t text_len,
                                    const char *sig_text, size_t sig_len)
{
    uint8_t sig64[64], msg[2 + W3P_AUTH_TEXT_MAX];
    size_t bytes = sizeof(sig64);
    if (text_len > W3P_AUTH_TEXT_MAX || w3p_auth_base64(sig64, &bytes, sig_text, sig_len) != W3P_OK || bytes != 64)
        return W3P_SIG_MALFORMED;
    return w3p_ed25519_verify(sig64, address->key, msg, message(msg, text, text_len));
}

static enum w3p_verdict verify(const struct w3p_token *token)
{
    return verify_text(&token->address, token->address.text, token->address.text_len, token->sig_text, token->sig_len);
}

static void identity(struct w3p_identity *out, const struct w3p_address *address)
{
    w3p_identity_set(out, W3P_IDENTITY_ALGO, address->key, address->key_len);
}

static int address_of(struct w3p_buf *address, const struct w3p_keypair *key)
{
    uint8_t raw[32 + CHECKSUM_BYTES];
    if (key->type != W3P_KEY_ED25519)
        return W3P_E_UNSUPPORTED;
    memcpy(raw, key->pub33, 32);
    checksum(raw + 32, raw);
    size_t before = address->len;
    w3p_base32_encode(address, raw, sizeof(raw));
    if (w3p_buf_status(address) != W3P_OK)
        return W3P_E_LIMIT;
    for (size_t i = before; i < address->len; i++)
        if (address->ptr[i] >= 'a')
            address->ptr[i] = (uint8_t)(address->ptr[i] - 'a' + 'A');
    return W3P_OK;
}

static int sign_text(struct w3p_buf *sig_text, const struct w3p_keypair *key, const char *text, size_t text_len)
{
    uint8_t sig64[64], msg[2 + W3P_AUTH_TEXT_MAX];
    if (key->type != W3P_KEY_ED25519)
        return W3P_E_UNSUPPORTED;
    if (text_len > W3P_AUTH_TEXT_MAX)
        return W3P_E_LIMIT;
    w3p_ed25519_sign(sig64, key, msg, message(msg, text, text_len));
    w3p_base64_encode(sig_text, sig64, sizeof(sig64), W3P_BASE64_STD, W3P_BASE64_PADDED);
    return w3p_buf_status(sig_text);
}

static const char *const aliases[] = {"algo", "algorand", NULL};

const struct w3p_scheme w3p_scheme_algorand = {
    .name = "algorand",
    .aliases = aliases,
    .key_type = W3P_KEY_ED25519,
    .siwx_name = "Algorand",
    .chain_id = "mainnet-v1.0",
    .parse_address = parse_address,
    .identity = identity,
    .address_of = address_of,
    .verify = verify,
    .verify_text = verify_text,
    .sign_text = sign_text,
};
