// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: TON wallets' W3Auth tokens: ed25519 over a digest that the token's third field gives. Nothing ties that
// digest to a sign-in: the signature of any of a wallet's transactions, which the chain shows to everybody, passes as
// well. So this scheme is off by default, and its wallets sign no texts here.  Source: the W3Auth token grammar (ton),
// ton_proof.
#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "scheme.h"

static bool parse_address(struct w3p_address *out, const char *text, size_t len)
{
    size_t key_len = 32;
    if (w3p_hex_decode(out->key, &key_len, text, len) != W3P_OK || key_len != 32)
        return false;
    out->key_len = 32;
    return true;
}

static enum w3p_verdict verify(const struct w3p_token *token)
{
    uint8_t sig64[64], digest32[32];
    size_t sig_len = sizeof(sig64), digest_len = sizeof(digest32);
    if (w3p_hex_decode(digest32, &digest_len, token->extra, token->extra_len) != W3P_OK || digest_len != 32 ||
        w3p_auth_base64(sig64, &sig_len, token->sig_text, token->sig_len) != W3P_OK || sig_len != 64)
        return W3P_SIG_MALFORMED;
    return w3p_ed25519_verify(sig64, token->address.key, digest32, sizeof(digest32));
}

static void identity(struct w3p_identity *out, const struct w3p_address *address)
{
    w3p_identity_set(out, W3P_IDENTITY_TON, address->key, address->key_len);
}

static int address_of(struct w3p_buf *address, const struct w3p_keypair *key)
{
    if (key->type != W3P_KEY_ED25519)
        return W3P_E_UNSUPPORTED;
    w3p_buf_put_hex(address, key->pub33, 32);
    return w3p_buf_status(address);
}

// A ton_proof without a domain and a time, whose payload is the address: no reader of the token can tell what was in
// it.
static void proof_digest(uint8_t digest32[32], const uint8_t key32[32], struct w3p_span address)
{
    static const char connect[] = "\xff\xff"
                                  "ton-connect",
                      item[] = "ton-proof-item-v2/";
    uint8_t inner[sizeof(item) - 1 + 4 + 32 + 4 + 8 + 64] = {0}, outer[sizeof(connect) - 1 + 32];
    memcpy(inner, item, sizeof(item) - 1);
    memcpy(inner + sizeof(item) - 1 + 4, key32, 32);
    memcpy(inner + sizeof(inner) - 64, address.ptr, address.len < 64 ? address.len : 64);
    memcpy(outer, connect, sizeof(connect) - 1);
    w3p_sha256(outer + sizeof(connect) - 1, inner, sizeof(inner));
    w3p_sha256(digest32, outer, sizeof(outer));
}

static int sign(struct w3p_buf *sig_text, struct w3p_buf *extra, const struct w3p_keypair *key, struct w3p_span address)
{
    uint8_t sig64[64], digest32[32];
    if (key->type != W3P_KEY_ED25519)
        return W3P_E_UNSUPPORTED;
    proof_digest(digest32, key->pub33, address);
    w3p_ed25519_sign(sig64, key, digest32, sizeof(digest32));
    w3p_buf_put_hex(extra, digest32, sizeof(digest32));
    w3p_base64_encode(sig_text, sig64, sizeof(sig64), W3P_BASE64_STD, W3P_BASE64_PADDED);
    return w3p_buf_status(extra) != W3P_OK ? W3P_E_LIMIT : w3p_buf_status(sig_text);
}

static const char *const aliases[] = {"ton", NULL};

const struct w3p_scheme w3p_scheme_ton = {
    .name = "ton",
    .aliases = aliases,
    .key_type = W3P_KEY_ED25519,
    .off_by_default = true,
    .has_extra = true,
    .parse_address = parse_address,
    .identity = identity,
    .address_of = address_of,
    .verify = verify,
    .sign = sign,
};
