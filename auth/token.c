// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the token envelope base64("chain-address[-extra]:signature"): strict reading, checking and making.
// One token has one accepted spelling per base64 dialect, so junk cannot make new names for old tokens.
// Must not: know a chain; that is the schemes' business.  Source: the W3Auth token grammar.
#include <string.h>

#include "base/encoding.h"
#include "scheme.h"

#define PLAIN_MAX (W3P_AUTH_HEADER_MAX / 4 * 3)

// What is inside is text. The decoder itself refuses stray and trailing bits.
static bool decode_base64(uint8_t *out, size_t *out_len, const char *text, size_t len)
{
    if (w3p_auth_base64(out, out_len, text, len) != W3P_OK)
        return false;
    for (size_t i = 0; i < *out_len; i++)
        if (out[i] < 0x21 || out[i] > 0x7e)
            return false;
    return true;
}

// "chain-address[-extra]", or a bare address of Substrate. The chain is named before the fields are counted, so that a
// token of a chain that is refused says so, however many fields that chain has. *extra borrows head; NULL: none.
static enum w3p_auth_reason parse_head(struct w3p_address *out, const struct w3p_scheme **scheme,
                                       struct w3p_span *extra, const char *head, size_t len)
{
    *extra = W3P_SPAN(NULL, 0);
    const char *dash = memchr(head, '-', len);
    const char *address = head;
    *scheme = &w3p_scheme_substrate;
    if (dash != NULL) {
        *scheme = w3p_scheme_find(head, (size_t)(dash - head));
        if (*scheme == NULL)
            return W3P_AUTH_CHAIN;
        address = dash + 1;
    }
    size_t address_len = len - (size_t)(address - head);
    dash = memchr(address, '-', address_len);
    if (dash != NULL) {
        *extra = W3P_SPAN(dash + 1, address_len - (size_t)(dash - address) - 1);
        address_len = (size_t)(dash - address);
        if (extra->len == 0 || memchr(extra->ptr, '-', extra->len) != NULL)
            return W3P_AUTH_GRAMMAR;
    }
    if (address_len == 0)
        return W3P_AUTH_GRAMMAR;
    if (!w3p_address_begin(out, *scheme, address, address_len) || !(*scheme)->parse_address(out, address, address_len))
        return W3P_AUTH_ADDRESS;
    return W3P_AUTH_OK;
}

// A field of the token; each has room for all that a header can hold.
static void fill(char *out, size_t *out_len, struct w3p_span text)
{
    if (text.len > 0)
        memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    *out_len = text.len;
}

enum w3p_auth_reason w3p_token_decode(struct w3p_token *out, const char *token, size_t len)
{
    uint8_t plain[PLAIN_MAX];
    size_t plain_len = sizeof(plain);

    out->scheme = NULL;
    out->sig_len = out->extra_len = 0;
    if (token == NULL || len == 0)
        return W3P_AUTH_MISSING;
    if (len > W3P_AUTH_HEADER_MAX)
        return W3P_AUTH_TOO_LONG;
    if (!decode_base64(plain, &plain_len, token, len))
        return W3P_AUTH_BASE64;

    const char *head = (const char *)plain;
    const char *colon = memchr(head, ':', plain_len);
    size_t head_len = colon != NULL ? (size_t)(colon - head) : plain_len;
    const struct w3p_scheme *scheme;
    struct w3p_span extra;
    enum w3p_auth_reason reason = parse_head(&out->address, &scheme, &extra, head, head_len);
    if (reason != W3P_AUTH_OK)
        return reason;
    size_t sig_len = colon != NULL ? plain_len - head_len - 1 : 0;
    if (sig_len == 0 || memchr(colon + 1, ':', sig_len) != NULL)
        return W3P_AUTH_GRAMMAR;
    fill(out->sig_text, &out->sig_len, W3P_SPAN(colon + 1, sig_len));
    fill(out->extra, &out->extra_len, extra);
    out->scheme = scheme;
    return W3P_AUTH_OK;
}

const char *w3p_token_refused(const char *token, size_t len)
{
    uint8_t plain[PLAIN_MAX];
    size_t plain_len = sizeof(plain);
    if (len == 0 || len > W3P_AUTH_HEADER_MAX || !decode_base64(plain, &plain_len, token, len))
        return NULL;
    const char *dash = memchr(plain, '-', plain_len);
    return dash != NULL ? w3p_scheme_refused((const char *)plain, (size_t)(dash - (const char *)plain)) : NULL;
}

enum w3p_auth_reason w3p_token_verify(struct w3p_identity *out, const struct w3p_token *token)
{
    return token->scheme->off_by_default ? W3P_AUTH_CHAIN : w3p_token_verify_any(out, token);
}

enum w3p_auth_reason w3p_token_verify_any(struct w3p_identity *out, const struct w3p_token *token)
{
    if ((token->extra_len > 0) != token->scheme->has_extra)
        return W3P_AUTH_GRAMMAR;
    enum w3p_auth_reason reason = w3p_auth_reason_of(token->scheme->verify(token));
    if (reason == W3P_AUTH_OK)
        token->scheme->identity(out, &token->address);
    return reason;
}

enum w3p_auth_reason w3p_auth_address(struct w3p_identity *out, const char *text, size_t len)
{
    if (text == NULL || len == 0)
        return W3P_AUTH_MISSING;
    if (len > W3P_AUTH_HEADER_MAX)
        return W3P_AUTH_TOO_LONG;
    struct w3p_address address;
    const struct w3p_scheme *scheme;
    struct w3p_span extra;
    enum w3p_auth_reason reason = parse_head(&address, &scheme, &extra, text, len);
    if (reason != W3P_AUTH_OK)
        return reason;
    if (extra.len > 0)
        return W3P_AUTH_GRAMMAR;
    scheme->identity(out, &address);
    return W3P_AUTH_OK;
}

int w3p_token_make(struct w3p_buf *out, const struct w3p_scheme *scheme, const struct w3p_keypair *key)
{
    struct w3p_buf address, extra, sig_text, plain;
    w3p_buf_init(&address, W3P_AUTH_HEADER_MAX);
    w3p_buf_init(&extra, W3P_AUTH_HEADER_MAX);
    w3p_buf_init(&sig_text, W3P_AUTH_HEADER_MAX);
    w3p_buf_init(&plain, PLAIN_MAX);

    int err = scheme->address_of(&address, key);
    if (err != W3P_OK)
        goto out;
    err = scheme->sign != NULL ? scheme->sign(&sig_text, &extra, key, w3p_buf_span(&address))
                               : scheme->sign_text(&sig_text, key, w3p_buf_str(&address), address.len);
    if (err != W3P_OK)
        goto out;
    w3p_buf_put_str(&plain, scheme->aliases[0]);
    w3p_buf_put_u8(&plain, '-');
    w3p_buf_put_span(&plain, w3p_buf_span(&address));
    if (extra.len > 0)
        w3p_buf_put_u8(&plain, '-');
    w3p_buf_put_span(&plain, w3p_buf_span(&extra));
    w3p_buf_put_u8(&plain, ':');
    w3p_buf_put_span(&plain, w3p_buf_span(&sig_text));
    err = w3p_buf_status(&plain);
    if (err != W3P_OK)
        goto out;
    w3p_base64_encode(out, plain.ptr, plain.len, W3P_BASE64_STD, W3P_BASE64_PADDED);
    err = w3p_buf_status(out);
out:
    w3p_buf_deinit(&address);
    w3p_buf_deinit(&extra);
    w3p_buf_deinit(&sig_text);
    w3p_buf_deinit(&plain);
    return err;
}
