// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see selfissued.h. A resource of ours that we do not know is a promise that we cannot keep: it refuses the
// whole token, and so a text that was signed for a login is never a token.
#include "selfissued.h"

#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "grant.h"

#define NONCE_BYTES 16

bool w3p_selfissued_is(const struct w3p_token *token)
{
    return w3p_span_has_prefix(W3P_SPAN(token->extra, token->extra_len), W3P_SELFISSUED_PREFIX);
}

int w3p_selfissued_text(char out[W3P_SIWX_MAX], size_t *out_len, const struct w3p_token *token)
{
    size_t head = strlen(W3P_SELFISSUED_PREFIX), room = W3P_SIWX_MAX;
    if (!w3p_selfissued_is(token) ||
        w3p_base64_decode((uint8_t *)out, &room, token->extra + head, token->extra_len - head, W3P_BASE64_STD,
                          W3P_BASE64_UNPADDED) != W3P_OK)
        return W3P_E_INVALID;
    *out_len = room;
    return W3P_OK;
}

static enum w3p_auth_reason check_life(const struct w3p_siwx *siwx, int64_t now_ms)
{
    enum w3p_auth_reason reason = w3p_signed_text_times(siwx, now_ms);
    if (reason != W3P_AUTH_OK)
        return reason;
    if (!siwx->has_issued || !siwx->has_expires ||
        siwx->expires_ms - siwx->issued_ms > W3P_SELFISSUED_LIFE_MAX_S * INT64_C(1000))
        return W3P_AUTH_LIFETIME;
    return W3P_AUTH_OK;
}

static enum w3p_auth_reason read_scopes(w3p_scopes *out, const struct w3p_siwx *siwx)
{
    *out = 0;
    for (size_t i = 0; i < siwx->resource_count; i++) {
        w3p_scopes one;
        switch (w3p_grant_scope(&one, siwx->resources[i], W3P_SELFISSUED_SCOPE)) {
        case W3P_OK:
            *out |= one;
            break;
        case W3P_E_NOTFOUND: // somebody else's resource
            break;
        default:
            return W3P_AUTH_SCOPES;
        }
    }
    return *out != 0 ? W3P_AUTH_OK : W3P_AUTH_SCOPES;
}

enum w3p_auth_reason w3p_selfissued_check(struct w3p_selfissued *out, const struct w3p_token *token,
                                          const struct w3p_selfissued_rules *rules)
{
    char text[W3P_SIWX_MAX];
    size_t len;
    struct w3p_siwx siwx;
    w3p_scopes scopes;
    if (w3p_selfissued_text(text, &len, token) != W3P_OK)
        return W3P_AUTH_MESSAGE;
    enum w3p_auth_reason reason = w3p_signed_text_read(&siwx, NULL, &token->address, W3P_SPAN(text, len));
    if (reason == W3P_AUTH_OK)
        reason = w3p_signed_text_place(&siwx, rules->audiences, rules->domains);
    if (reason == W3P_AUTH_OK)
        reason = check_life(&siwx, rules->now_ms);
    if (reason == W3P_AUTH_OK)
        reason = read_scopes(&scopes, &siwx);
    if (reason == W3P_AUTH_OK)
        reason =
            w3p_signed_text_verify(&token->address, W3P_SPAN(text, len), W3P_SPAN(token->sig_text, token->sig_len));
    if (reason != W3P_AUTH_OK)
        return reason;

    memset(out, 0, sizeof(*out));
    token->scheme->identity(&out->identity, &token->address);
    out->scopes = scopes;
    out->issued_s = siwx.issued_ms / 1000;
    out->expires_s = siwx.expires_ms / 1000;
    w3p_sha256(out->msgid32, text, len);
    w3p_grant_label(out->label, siwx.request_id);
    return W3P_AUTH_OK;
}

// ---- making ----

static int check_wish(struct w3p_errmsg *msg, char host[W3P_HOST_MAX], const struct w3p_selfissued_wish *wish)
{
    char domain[W3P_HOST_MAX];
    if (w3p_host_of_uri(host, w3p_span_str(wish->audience)) != W3P_OK)
        return w3p_fail(msg, W3P_E_INVALID, "\"%s\" is no URL of a gateway; write https://gw.example", wish->audience);
    if (wish->domain != NULL && w3p_host_parse(domain, w3p_span_str(wish->domain)) != W3P_OK)
        return w3p_fail(msg, W3P_E_INVALID, "\"%s\" is no host of a page; write dapp.example", wish->domain);
    if (wish->scopes == 0 || (wish->scopes & ~W3P_SCOPES_ALL) != 0)
        return w3p_fail(msg, W3P_E_INVALID, "a self-issued token names at least one scope");
    if (wish->ttl_s < 1 || wish->ttl_s > W3P_SELFISSUED_LIFE_MAX_S)
        return w3p_fail(msg, W3P_E_INVALID, "a self-issued token lives at least a second and at most 366 days");
    if (wish->label != NULL && !w3p_siwx_is_label(w3p_span_str(wish->label)))
        return w3p_fail(msg, W3P_E_INVALID, "a label is at most %d letters, digits and -._~!$&'()*+,;=:@",
                        W3P_SIWX_LABEL_MAX);
    return W3P_OK;
}

static int write_text(struct w3p_buf *text, struct w3p_errmsg *msg, const struct w3p_scheme *scheme,
                      struct w3p_span address, const struct w3p_selfissued_wish *wish)
{
    struct w3p_siwx siwx;
    struct w3p_grant_texts resources;
    struct w3p_buf statement;
    char host[W3P_HOST_MAX], nonce[2 * NONCE_BYTES + 1];
    uint8_t random[NONCE_BYTES];
    int err = check_wish(msg, host, wish);
    if (err != W3P_OK)
        return err;
    w3p_random(random, sizeof(random));
    w3p_hex_encode(nonce, random, sizeof(random));
    w3p_buf_init(&statement, W3P_SIWX_MAX);
    w3p_grant_put_statement(&statement, host, wish->scopes, wish->ttl_s);

    w3p_signed_text_begin(&siwx, scheme, W3P_SPAN(NULL, 0));
    siwx.domain = w3p_span_str(wish->domain != NULL ? wish->domain : host);
    siwx.address = address;
    siwx.statement = w3p_buf_span(&statement);
    siwx.uri = w3p_span_str(wish->audience);
    siwx.nonce = w3p_span_str(nonce);
    if (wish->label != NULL)
        siwx.request_id = w3p_span_str(wish->label);
    siwx.issued_ms = wish->now_ms;
    siwx.expires_ms = wish->now_ms + wish->ttl_s * 1000;
    siwx.has_statement = siwx.has_issued = siwx.has_expires = true;
    w3p_grant_put_scopes(&siwx, &resources, W3P_SELFISSUED_SCOPE, wish->scopes);
    err = w3p_siwx_write(text, &siwx);
    w3p_buf_deinit(&statement);
    return err == W3P_OK ? W3P_OK : w3p_fail(msg, err, "the audience, the domain and the label make no sign-in text");
}

int w3p_selfissued_make(struct w3p_buf *token, struct w3p_errmsg *msg, const struct w3p_scheme *scheme,
                        const struct w3p_keypair *key, const struct w3p_selfissued_wish *wish)
{
    struct w3p_buf address, text, sig_text, plain;
    if (scheme->siwx_name == NULL)
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "wallets of %s sign no texts", scheme->name);
    w3p_buf_init(&address, W3P_AUTH_HEADER_MAX);
    w3p_buf_init(&text, W3P_SIWX_MAX);
    w3p_buf_init(&sig_text, W3P_AUTH_HEADER_MAX);
    w3p_buf_init(&plain, W3P_AUTH_HEADER_MAX / 4 * 3);
    int err = scheme->address_of(&address, key);
    if (err != W3P_OK)
        w3p_fail(msg, err, "%s needs a key of another type", scheme->name);
    if (err == W3P_OK)
        err = write_text(&text, msg, scheme, w3p_buf_span(&address), wish);
    if (err == W3P_OK && scheme->sign_text(&sig_text, key, w3p_buf_str(&text), text.len) != W3P_OK)
        err = w3p_fail(msg, W3P_E_UNSUPPORTED, "%s could not sign the text", scheme->name);
    if (err == W3P_OK) {
        w3p_buf_printf(&plain, "%s-%s-" W3P_SELFISSUED_PREFIX, scheme->aliases[0], w3p_buf_str(&address));
        w3p_base64_encode(&plain, text.ptr, text.len, W3P_BASE64_STD, W3P_BASE64_UNPADDED);
        w3p_buf_printf(&plain, ":%s", w3p_buf_str(&sig_text));
        w3p_base64_encode(token, plain.ptr, plain.len, W3P_BASE64_STD, W3P_BASE64_PADDED);
        if (plain.failed || token->failed)
            err = w3p_fail(msg, W3P_E_LIMIT, "the token would be longer than a header may be");
    }
    w3p_buf_deinit(&address);
    w3p_buf_deinit(&text);
    w3p_buf_deinit(&sig_text);
    w3p_buf_deinit(&plain);
    return err;
}
