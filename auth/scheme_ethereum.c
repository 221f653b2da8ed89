// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: Ethereum and Polygon wallets: EIP-191 personal_sign over the address, secp256k1 with recovery.
// Source: EIP-191, EIP-55, EIP-2098, EIP-155. High s is refused by the recovery primitive.
#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "scheme.h"

bool w3p_ethereum_parse_key(struct w3p_address *out, const char *text, size_t len)
{
    size_t key_len = 20;
    if (len != 42 || text[0] != '0' || text[1] != 'x' ||
        w3p_hex_decode(out->key, &key_len, text + 2, len - 2) != W3P_OK || key_len != 20)
        return false;
    bool lower = false, upper = false;
    for (size_t i = 2; i < len; i++) {
        lower |= text[i] >= 'a';
        upper |= text[i] >= 'A' && text[i] <= 'F';
    }
    if (lower && upper) { // then the case is a checksum, and a wrong one is a typing error
        char spelled[43];
        w3p_eth_address_format(spelled, out->key);
        if (memcmp(spelled, text, len) != 0)
            return false;
    }
    out->key_len = 20;
    return true;
}

enum w3p_verdict w3p_ethereum_recovers(const uint8_t address20[20], const uint8_t rs64[64], unsigned recid,
                                       const uint8_t digest32[32])
{
    uint8_t signer20[20];
    enum w3p_verdict verdict = w3p_ecdsa_recover_eth(signer20, rs64, recid, digest32);
    if (verdict != W3P_SIG_VALID)
        return verdict;
    return memcmp(signer20, address20, sizeof(signer20)) == 0 ? W3P_SIG_VALID : W3P_SIG_INVALID;
}

// len is at most W3P_AUTH_TEXT_MAX.
static void eip191_digest(uint8_t digest32[32], const void *msg, size_t len)
{
    uint8_t text[64 + W3P_AUTH_TEXT_MAX];
    int head = snprintf((char *)text, 64, "\x19%s%zu", "Ethereum Signed Message:\n", len);
    memcpy(text + head, msg, len);
    w3p_keccak256(digest32, text, (size_t)head + len);
}

// r ‖ s ‖ v with v 0/1, 27/28 or 35 and above (EIP-155, by parity); or 64 bytes with the parity in the top bit of s
// (EIP-2098). False: no such form.
static bool split_signature(uint8_t rs64[64], unsigned *recid, const char *sig_text, size_t len)
{
    uint8_t sig[65];
    size_t sig_len = sizeof(sig);
    if (w3p_hex0x_decode(sig, &sig_len, sig_text, len) != W3P_OK || sig_len < 64)
        return false;
    memcpy(rs64, sig, 64);
    if (sig_len == 64) {
        *recid = rs64[32] >> 7;
        rs64[32] &= 0x7f;
        return true;
    }
    uint8_t v = sig[64];
    if (v <= 1)
        *recid = v;
    else if (v == 27 || v == 28)
        *recid = v - 27u;
    else if (v >= 35)
        *recid = (v - 35u) & 1u;
    else
        return false;
    return true;
}

static bool parse_address(struct w3p_address *out, const char *text, size_t len)
{
    return w3p_ethereum_parse_key(out, text, len);
}

static enum w3p_verdict verify_text(const struct w3p_address *address, const char *text, size_t text_len,
                                    const char *sig_text, size_t sig_len)
{
    uint8_t rs64[64], digest32[32];
    unsigned recid;
    if (text_len > W3P_AUTH_TEXT_MAX || !split_signature(rs64, &recid, sig_text, sig_len))
        return W3P_SIG_MALFORMED;
    eip191_digest(digest32, text, text_len);
    return w3p_ethereum_recovers(address->key, rs64, recid, digest32);
}

enum w3p_verdict w3p_ethereum_verify(const struct w3p_address *address, const char *sig_text, size_t len)
{
    uint8_t rs64[64], digest32[32];
    unsigned recid;
    if (!split_signature(rs64, &recid, sig_text, len))
        return W3P_SIG_MALFORMED;
    eip191_digest(digest32, address->text, address->text_len);
    enum w3p_verdict verdict = w3p_ethereum_recovers(address->key, rs64, recid, digest32);
    if (verdict != W3P_SIG_INVALID)
        return verdict;
    // Some wallets take the 0x text for hex and sign the 20 bytes that it stands for.
    eip191_digest(digest32, address->key, address->key_len);
    return w3p_ethereum_recovers(address->key, rs64, recid, digest32);
}

static enum w3p_verdict verify(const struct w3p_token *token)
{
    return w3p_ethereum_verify(&token->address, token->sig_text, token->sig_len);
}

static void identity(struct w3p_identity *out, const struct w3p_address *address)
{
    w3p_identity_set(out, W3P_IDENTITY_EVM, address->key, address->key_len);
}

static int address_of(struct w3p_buf *address, const struct w3p_keypair *key)
{
    uint8_t address20[20];
    char spelled[43];
    if (key->type != W3P_KEY_ECDSA)
        return W3P_E_UNSUPPORTED;
    w3p_keypair_eth_address(address20, key);
    w3p_eth_address_format(spelled, address20);
    w3p_buf_put_str(address, spelled);
    return w3p_buf_status(address);
}

static int sign_text(struct w3p_buf *sig_text, const struct w3p_keypair *key, const char *text, size_t text_len)
{
    uint8_t digest32[32], sig65[65];
    if (key->type != W3P_KEY_ECDSA)
        return W3P_E_UNSUPPORTED;
    if (text_len > W3P_AUTH_TEXT_MAX)
        return W3P_E_LIMIT;
    eip191_digest(digest32, text, text_len);
    w3p_ecdsa_sign(sig65, key, digest32);
    sig65[64] = (uint8_t)(sig65[64] + 27);
    w3p_buf_put_str(sig_text, "0x");
    w3p_buf_put_hex(sig_text, sig65, sizeof(sig65));
    return w3p_buf_status(sig_text);
}

static const char *const aliases[] = {"eth", "ethereum", "pol", "polygon", NULL};

const struct w3p_scheme w3p_scheme_ethereum = {
    .name = "ethereum",
    .aliases = aliases,
    .key_type = W3P_KEY_ECDSA,
    .siwx_name = "Ethereum",
    .chain_id = "1",
    .parse_address = parse_address,
    .identity = identity,
    .address_of = address_of,
    .verify = verify,
    .verify_text = verify_text,
    .sign_text = sign_text,
};
