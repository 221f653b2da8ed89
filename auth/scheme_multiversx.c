// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: MultiversX wallets (once Elrond): ed25519 over Keccak-256 of a prefixed text. Their W3Auth tokens name that
// digest in the third field. Nothing but the address may be in it: else what a wallet has signed on chain, for
// everybody to read, would be a login.  Source: the chain's signable messages, BIP-173.
#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/bech32.h"
#include "crypto/hash.h"
#include "scheme.h"

#define HRP "erd"
#define WRAPPED_MAX (2 + 2 * sizeof(((struct w3p_address *)0)->text))

static bool parse_address(struct w3p_address *out, const char *text, size_t len)
{
    size_t key_len = 32;
    if (w3p_bech32_decode(out->key, &key_len, HRP, text, len) != W3P_OK || key_len != 32)
        return false;
    out->key_len = 32;
    return true;
}

// len is at most W3P_AUTH_TEXT_MAX.
static void message_digest(uint8_t digest32[32], const char *text, size_t len)
{
    uint8_t msg[64 + W3P_AUTH_TEXT_MAX];
    int head = snprintf((char *)msg, 64, "\x17%s%zu", "Elrond Signed Message:\n", len);
    memcpy(msg + head, text, len);
    w3p_keccak256(digest32, msg, (size_t)head + len);
}

// The address as applications hand it to the wallet: its text in hex behind "0x". False: too long to be an address.
static bool hex_of_address(char out[WRAPPED_MAX], struct w3p_span address)
{
    if (2 + 2 * address.len >= WRAPPED_MAX)
        return false;
    memcpy(out, "0x", 2);
    w3p_hex_encode(out + 2, address.ptr, address.len);
    return true;
}

static bool signature_bytes(uint8_t sig64[64], const char *sig_text, size_t len)
{
    size_t bytes = 64;
    return w3p_hex_decode(sig64, &bytes, sig_text, len) == W3P_OK && bytes == 64;
}

static enum w3p_verdict verify_text(const struct w3p_address *address, const char *text, size_t text_len,
                                    const char *sig_text, size_t sig_len)
{
    uint8_t sig64[64], digest32[32];
    if (text_len > W3P_AUTH_TEXT_MAX || !signature_bytes(sig64, sig_text, sig_len))
        return W3P_SIG_MALFORMED;
    message_digest(digest32, text, text_len);
    return w3p_ed25519_verify(sig64, address->key, digest32, sizeof(digest32));
}

// True when this is the digest of the address: of its text, or of the hex of that.
static bool is_digest_of_address(const uint8_t digest32[32], const struct w3p_address *address)
{
    uint8_t wanted32[32];
    char hex[WRAPPED_MAX];
    if (!hex_of_address(hex, W3P_SPAN(address->text, address->text_len)))
        return false;
    message_digest(wanted32, hex, strlen(hex));
    if (memcmp(wanted32, digest32, sizeof(wanted32)) == 0)
        return true;
    message_digest(wanted32, address->text, address->text_len);
    return memcmp(wanted32, digest32, sizeof(wanted32)) == 0;
}

static enum w3p_verdict verify(const struct w3p_token *token)
{
    uint8_t sig64[64], digest32[32];
    size_t digest_len = sizeof(digest32);
    if (w3p_hex_decode(digest32, &digest_len, token->extra, token->extra_len) != W3P_OK || digest_len != 32 ||
        !signature_bytes(sig64, token->sig_text, token->sig_len))
        return W3P_SIG_MALFORMED;
    if (!is_digest_of_address(digest32, &token->address))
        return W3P_SIG_INVALID;
    return w3p_ed25519_verify(sig64, token->address.key, digest32, sizeof(digest32));
}

static void identity(struct w3p_identity *out, const struct w3p_address *address)
{
    w3p_identity_set(out, W3P_IDENTITY_MVX, address->key, address->key_len);
}

static int address_of(struct w3p_buf *address, const struct w3p_keypair *key)
{
    if (key->type != W3P_KEY_ED25519)
        return W3P_E_UNSUPPORTED;
    return w3p_bech32_encode(address, HRP, key->pub33, 32);
}

static int sign_text(struct w3p_buf *sig_text, const struct w3p_keypair *key, const char *text, size_t text_len)
{
    uint8_t sig64[64], digest32[32];
    if (key->type != W3P_KEY_ED25519)
        return W3P_E_UNSUPPORTED;
    if (text_len > W3P_AUTH_TEXT_MAX)
        return W3P_E_LIMIT;
    message_digest(digest32, text, text_len);
    w3p_ed25519_sign(sig64, key, digest32, sizeof(digest32));
    w3p_buf_put_hex(sig_text, sig64, sizeof(sig64));
    return w3p_buf_status(sig_text);
}

static int sign(struct w3p_buf *sig_text, struct w3p_buf *extra, const struct w3p_keypair *key, struct w3p_span address)
{
    uint8_t digest32[32];
    char hex[WRAPPED_MAX];
    if (!hex_of_address(hex, address))
        return W3P_E_LIMIT;
    message_digest(digest32, hex, strlen(hex));
    w3p_buf_put_hex(extra, digest32, sizeof(digest32));
    int err = sign_text(sig_text, key, hex, strlen(hex));
    return err != W3P_OK ? err : w3p_buf_status(extra);
}

static const char *const aliases[] = {"elrond", "elr", "multiversx", NULL};

const struct w3p_scheme w3p_scheme_multiversx = {
    .name = "multiversx",
    .aliases = aliases,
    .key_type = W3P_KEY_ED25519,
    .siwx_name = "MultiversX",
    .chain_id = "1",
    .has_extra = true,
    .parse_address = parse_address,
    .identity = identity,
    .address_of = address_of,
    .verify = verify,
    .sign = sign,
    .verify_text = verify_text,
    .sign_text = sign_text,
};
