// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see login.h. The MAC is over the fields in our own layout, so a wallet that writes the text anew gives the
// same one, and one that changes any field does not.
#include "login.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "grant.h"
#include "nep413.h"
#include "scheme.h"

#define RANDOM_BYTES 16
#define MAC_BYTES 16
#define NONCE_DIGITS (2 * (RANDOM_BYTES + MAC_BYTES))

static bool begin_address(struct w3p_address *out, const struct w3p_scheme *scheme, struct w3p_span text)
{
    const char *spelled = (const char *)text.ptr;
    return w3p_address_begin(out, scheme, spelled, text.len) && scheme->parse_address(out, spelled, text.len);
}

// ---- the nonce ----

// random16 ‖ MAC over everything that the text says beside it.
static int make_nonce(uint8_t nonce32[32], const uint8_t random16[RANDOM_BYTES], const uint8_t key32[32],
                      const struct w3p_siwx *siwx)
{
    static const char purpose[] = "w3pin challenge"; // its NUL ends it
    char digits[NONCE_DIGITS + 1];
    uint8_t mac32[32];
    struct w3p_buf bytes;
    struct w3p_siwx plain = *siwx;
    memcpy(nonce32, random16, RANDOM_BYTES);
    memset(nonce32 + RANDOM_BYTES, 0, MAC_BYTES);
    w3p_hex_encode(digits, nonce32, 32);
    plain.nonce = W3P_SPAN(digits, NONCE_DIGITS);
    plain.uri_scheme = W3P_SPAN(NULL, 0);
    plain.chain_id_last = plain.two_gaps = false;

    w3p_buf_init(&bytes, sizeof(purpose) + W3P_SIWX_MAX);
    w3p_buf_put(&bytes, purpose, sizeof(purpose));
    int err = w3p_siwx_write(&bytes, &plain);
    if (err == W3P_OK) {
        w3p_hmac_sha256(mac32, key32, bytes.ptr, bytes.len);
        memcpy(nonce32 + RANDOM_BYTES, mac32, MAC_BYTES);
    }
    w3p_buf_deinit(&bytes);
    return err;
}

static bool is_lower_hex(struct w3p_span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!(text.ptr[i] >= '0' && text.ptr[i] <= '9') && !(text.ptr[i] >= 'a' && text.ptr[i] <= 'f'))
            return false;
    return true;
}

static enum w3p_auth_reason check_nonce(uint8_t nonce32[32], const uint8_t key32[32], const struct w3p_siwx *siwx)
{
    uint8_t wanted32[32];
    size_t len = 32;
    if (siwx->nonce.len != NONCE_DIGITS || !is_lower_hex(siwx->nonce) ||
        w3p_hex_decode(nonce32, &len, (const char *)siwx->nonce.ptr, siwx->nonce.len) != W3P_OK ||
        make_nonce(wanted32, nonce32, key32, siwx) != W3P_OK)
        return W3P_AUTH_NONCE;
    return w3p_equal_ct(wanted32, nonce32, sizeof(wanted32)) ? W3P_AUTH_OK : W3P_AUTH_NONCE;
}

// ---- the challenge ----

// The statement, the resources and the names that a text borrows.
struct texts {
    struct w3p_grant_texts scopes;
    struct w3p_buf statement;
    char uri[W3P_HOST_MAX + 32], ttl[64], address[43], digits[NONCE_DIGITS + 1];
};

static void fill_fields(struct w3p_siwx *siwx, struct texts *texts, const struct w3p_login_wish *wish,
                        const struct w3p_address *address)
{
    w3p_signed_text_begin(siwx, wish->scheme, wish->chain_id);
    siwx->domain = w3p_span_str(wish->domain);
    siwx->address = wish->address;
    if (wish->scheme == &w3p_scheme_ethereum) { // EIP-4361 wants the mixed-case spelling, whatever the page has
        w3p_eth_address_format(texts->address, address->key);
        siwx->address = w3p_span_str(texts->address);
    }
    w3p_grant_put_statement(&texts->statement, wish->audience, wish->scopes, wish->ttl_s);
    siwx->statement = w3p_buf_span(&texts->statement);
    snprintf(texts->uri, sizeof(texts->uri), "https://%s" W3P_LOGIN_PATH, wish->audience);
    siwx->uri = w3p_span_str(texts->uri);
    if (wish->label.len > 0)
        siwx->request_id = wish->label;
    siwx->issued_ms = wish->now_ms;
    siwx->expires_ms = wish->now_ms + W3P_LOGIN_CHALLENGE_MS;
    siwx->has_statement = siwx->has_issued = siwx->has_expires = true;

    siwx->resources[siwx->resource_count++] = w3p_span_str(W3P_LOGIN_URN);
    w3p_grant_put_scopes(siwx, &texts->scopes, W3P_LOGIN_SCOPE, wish->scopes);
    snprintf(texts->ttl, sizeof(texts->ttl), W3P_LOGIN_TTL "%" PRId64, wish->ttl_s);
    siwx->resources[siwx->resource_count++] = w3p_span_str(texts->ttl);
}

int w3p_login_challenge(struct w3p_buf *text, uint8_t nonce32[32], const uint8_t key32[32],
                        const struct w3p_login_wish *wish)
{
    struct w3p_address address;
    struct w3p_siwx siwx;
    struct texts texts;
    uint8_t random16[RANDOM_BYTES], made32[32];
    if (wish->scheme->siwx_name == NULL)
        return W3P_E_UNSUPPORTED;
    if (!begin_address(&address, wish->scheme, wish->address) || wish->scopes == 0 ||
        (wish->scopes & ~W3P_SCOPES_ALL) != 0 || wish->ttl_s < 1 || !w3p_siwx_is_label(wish->label))
        return W3P_E_INVALID;
    w3p_buf_init(&texts.statement, W3P_SIWX_MAX);
    fill_fields(&siwx, &texts, wish, &address);
    w3p_random(random16, sizeof(random16));
    int err = make_nonce(made32, random16, key32, &siwx);
    if (err == W3P_OK) {
        w3p_hex_encode(texts.digits, made32, sizeof(made32));
        siwx.nonce = W3P_SPAN(texts.digits, NONCE_DIGITS);
        err = w3p_siwx_write(text, &siwx);
    }
    if (err == W3P_OK)
        memcpy(nonce32, made32, sizeof(made32));
    w3p_buf_deinit(&texts.statement);
    return err;
}

// ---- the answer ----

// The MAC says that these are ours, so this is only reading; what is not understood refuses all the same.
static enum w3p_auth_reason read_grant(struct w3p_login *out, const struct w3p_siwx *siwx)
{
    for (size_t i = 0; i < siwx->resource_count; i++) {
        struct w3p_span resource = siwx->resources[i];
        size_t head = strlen(W3P_LOGIN_TTL);
        uint64_t ttl_s;
        w3p_scopes one;
        if (w3p_grant_scope(&one, resource, W3P_LOGIN_SCOPE) == W3P_OK)
            out->scopes |= one;
        else if (w3p_span_has_prefix(resource, W3P_LOGIN_TTL) &&
                 w3p_u64_parse(&ttl_s, (const char *)resource.ptr + head, resource.len - head) == W3P_OK &&
                 ttl_s <= INT64_MAX)
            out->ttl_s = (int64_t)ttl_s;
        else if (!w3p_span_eq_str(resource, W3P_LOGIN_URN))
            return W3P_AUTH_SCOPES;
    }
    return out->scopes != 0 && out->ttl_s > 0 ? W3P_AUTH_OK : W3P_AUTH_SCOPES;
}

static enum w3p_auth_reason verify_near(const struct w3p_address *address, const struct w3p_login_answer *answer,
                                        const char *recipient, const uint8_t nonce32[32])
{
    struct w3p_nep413 payload = {
        .message = answer->message, .recipient = w3p_span_str(recipient), .callback_url = answer->callback_url};
    memcpy(payload.nonce32, nonce32, sizeof(payload.nonce32));
    enum w3p_auth_reason reason = w3p_auth_reason_of(w3p_nep413_verify(&payload, address->key, answer->signature));
    if (reason == W3P_AUTH_OK || answer->signature.len != 128)
        return reason;
    return w3p_signed_text_verify(address, answer->message, answer->signature); // plain text, in hex as tokens have it
}

enum w3p_auth_reason w3p_login_check(struct w3p_login *out, const struct w3p_login_answer *answer,
                                     const uint8_t key32[32], const struct w3p_hosts *audiences, int64_t now_ms)
{
    struct w3p_address address;
    struct w3p_siwx siwx;
    struct w3p_login login;
    struct w3p_span text = answer->message;
    char host[W3P_HOST_MAX];
    memset(&login, 0, sizeof(login));
    if (!begin_address(&address, answer->scheme, answer->address))
        return W3P_AUTH_ADDRESS;
    if (answer->scheme == &w3p_scheme_substrate)
        text = w3p_siwx_unwrap(text);
    enum w3p_auth_reason reason = w3p_signed_text_read(&siwx, NULL, &address, text);
    if (reason == W3P_AUTH_OK)
        reason = check_nonce(login.nonce32, key32, &siwx);
    if (reason == W3P_AUTH_OK &&
        (w3p_host_of_uri(host, siwx.uri) != W3P_OK || !w3p_hosts_have(audiences, w3p_span_str(host))))
        reason = W3P_AUTH_AUDIENCE;
    if (reason == W3P_AUTH_OK)
        reason = w3p_signed_text_times(&siwx, now_ms);
    if (reason == W3P_AUTH_OK)
        reason = read_grant(&login, &siwx);
    if (reason == W3P_AUTH_OK)
        reason = answer->scheme == &w3p_scheme_near ? verify_near(&address, answer, host, login.nonce32)
                                                    : w3p_signed_text_verify(&address, text, answer->signature);
    if (reason != W3P_AUTH_OK)
        return reason;

    answer->scheme->identity(&login.identity, &address);
    login.issued_ms = siwx.issued_ms;
    login.expires_ms = siwx.expires_ms;
    w3p_grant_label(login.label, siwx.request_id);
    memcpy(login.domain, siwx.domain.ptr,
           siwx.domain.len); // a host of at most W3P_HOST_MAX - 1 bytes, or no text of ours
    *out = login;
    return W3P_AUTH_OK;
}
