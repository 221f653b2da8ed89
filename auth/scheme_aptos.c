// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: Aptos wallets: ed25519 over a text in one of the envelopes that they put around it. What stands for the
// account is its public key and not its address, which is a hash and may be rotated to another key. Source: the
// wallets' signMessage. Envelopes with an address, an application or a chain id are refused: nothing in a token says
// what stood in them.
#include <string.h>

#include "base/encoding.h"
#include "scheme.h"

#define KEY_DIGITS 64
#define KEY_DIGITS_MIN 48   // wallets that drop leading zeros drop a few; a text much shorter is no key
#define TOKEN_NONCE "crust" // what applications give the wallet for a W3Auth token
#define ENVELOPE_MAX (64 + 2 * W3P_AUTH_TEXT_MAX)

// 0x or not; leading zeros may be missing, all of them or none.
static bool parse_address(struct w3p_address *out, const char *text, size_t len)
{
    char digits[KEY_DIGITS];
    size_t skip = len >= 2 && text[0] == '0' && text[1] == 'x' ? 2 : 0, count = len - skip, key_len = 32;
    if (count < KEY_DIGITS_MIN || count > KEY_DIGITS || (count < KEY_DIGITS && text[skip] == '0'))
        return false;
    memset(digits, '0', sizeof(digits));
    memcpy(digits + KEY_DIGITS - count, text + skip, count);
    if (w3p_hex_decode(out->key, &key_len, digits, sizeof(digits)) != W3P_OK)
        return false;
    out->key_len = 32;
    return true;
}

static bool signature_bytes(uint8_t sig64[64], const char *sig_text, size_t len)
{
    size_t bytes = 64;
    return w3p_hex0x_decode(sig64, &bytes, sig_text, len) == W3P_OK && bytes == 64;
}

static size_t join(char out[ENVELOPE_MAX], const struct w3p_span *parts, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > 0)
            memcpy(out + len, parts[i].ptr, parts[i].len);
        len += parts[i].len;
    }
    return len;
}

// What is signed for a text and a nonce, each at most W3P_AUTH_TEXT_MAX; returns its length.
static size_t envelope(char out[ENVELOPE_MAX], struct w3p_span text, struct w3p_span nonce)
{
    const struct w3p_span parts[] = {W3P_SPAN_LIT("APTOS\nmessage: "), text, W3P_SPAN_LIT("\nnonce: "), nonce};
    return join(out, parts, 4);
}

// What stands behind "Nonce: " in a sign-in text; empty when there is no such line.
static struct w3p_span nonce_of(const char *text, size_t len)
{
    static const char label[] = "\nNonce: ";
    const char *at = memmem(text, len, label, sizeof(label) - 1);
    if (at == NULL)
        return W3P_SPAN(text, 0);
    at += sizeof(label) - 1;
    size_t left = len - (size_t)(at - text);
    const char *end = memchr(at, '\n', left);
    return W3P_SPAN(at, end != NULL ? (size_t)(end - at) : left);
}

// In the envelope, whose nonce is then that of the text; or the text alone.
static enum w3p_verdict verify_text(const struct w3p_address *address, const char *text, size_t text_len,
                                    const char *sig_text, size_t sig_len)
{
    uint8_t sig64[64];
    char msg[ENVELOPE_MAX];
    if (text_len > W3P_AUTH_TEXT_MAX || !signature_bytes(sig64, sig_text, sig_len))
        return W3P_SIG_MALFORMED;
    size_t len = envelope(msg, W3P_SPAN(text, text_len), nonce_of(text, text_len));
    enum w3p_verdict verdict = w3p_ed25519_verify(sig64, address->key, msg, len);
    return verdict != W3P_SIG_INVALID ? verdict : w3p_ed25519_verify(sig64, address->key, text, text_len);
}

// Four messages of three wallets; the most common first.
static enum w3p_verdict verify(const struct w3p_token *token)
{
    static const struct {
        const char *before, *behind;
    } forms[] = {{"APTOS\nmessage: ", "\nnonce: " TOKEN_NONCE}, // Petra
                 {"", ""},
                 {"APTOS\nmessage: ", ""},    // Martian 0.2
                 {"{\"message\":\"", "\"}"}}; // Martian 0.1
    uint8_t sig64[64];
    char msg[ENVELOPE_MAX];
    enum w3p_verdict verdict = W3P_SIG_INVALID;
    if (!signature_bytes(sig64, token->sig_text, token->sig_len))
        return W3P_SIG_MALFORMED;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) && verdict == W3P_SIG_INVALID; i++) {
        const struct w3p_span parts[] = {w3p_span_str(forms[i].before),
                                         W3P_SPAN(token->address.text, token->address.text_len),
                                         w3p_span_str(forms[i].behind)};
        verdict = w3p_ed25519_verify(sig64, token->address.key, msg, join(msg, parts, 3));
    }
    return verdict;
}

static void identity(struct w3p_identity *out, const struct w3p_address *address)
{
    w3p_identity_set(out, W3P_IDENTITY_APT, address->key, address->key_len);
}

static int address_of(struct w3p_buf *address, const struct w3p_keypair *key)
{
    if (key->type != W3P_KEY_ED25519)
        return W3P_E_UNSUPPORTED;
    w3p_buf_put_str(address, "0x");
    w3p_buf_put_hex(address, key->pub33, 32);
    return w3p_buf_status(address);
}

static int sign_envelope(struct w3p_buf *sig_text, const struct w3p_keypair *key, struct w3p_span text,
                         struct w3p_span nonce)
{
    uint8_t sig64[64];
    char msg[ENVELOPE_MAX];
    if (key->type != W3P_KEY_ED25519)
        return W3P_E_UNSUPPORTED;
    if (text.len > W3P_AUTH_TEXT_MAX)
        return W3P_E_LIMIT;
    w3p_ed25519_sign(sig64, key, msg, envelope(msg, text, nonce));
    w3p_buf_put_str(sig_text, "0x");
    w3p_buf_put_hex(sig_text, sig64, sizeof(sig64));
    return w3p_buf_status(sig_text);
}

static int sign_text(struct w3p_buf *sig_text, const struct w3p_keypair *key, const char *text, size_t text_len)
{
    return sign_envelope(sig_text, key, W3P_SPAN(text, text_len), nonce_of(text, text_len));
}

static int sign(struct w3p_buf *sig_text, struct w3p_buf *extra, const struct w3p_keypair *key, struct w3p_span address)
{
    (void)extra;
    return sign_envelope(sig_text, key, address, W3P_SPAN_LIT(TOKEN_NONCE));
}

static const char *const aliases[] = {"aptos", "apt", NULL};

const struct w3p_scheme w3p_scheme_aptos = {
    .name = "aptos",
    .aliases = aliases,
    .key_type = W3P_KEY_ED25519,
    .siwx_name = "Aptos",
    .chain_id = "1",
    .parse_address = parse_address,
    .identity = identity,
    .address_of = address_of,
    .verify = verify,
    .sign = sign,
    .verify_text = verify_text,
    .sign_text = sign_text,
};
