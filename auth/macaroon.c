// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the text of minted tokens, and the chain of their tags; see macaroon.h.
#include "macaroon.h"

#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

#define VERSION 1
#define PREFIX_LEN (sizeof(W3P_MACAROON_PREFIX) - 1)
#define DOMAIN_SEPARATOR "w3s1" // with its NUL
#define CAVEAT_HEAD 2           // type and length

enum { KID_AT = 1, TID_AT = 2, ISSUED_AT = 18, EXPIRES_AT = 23 };

bool w3p_macaroon_is(const char *text, size_t len)
{
    return text != NULL && w3p_span_has_prefix(W3P_SPAN(text, len), W3P_MACAROON_PREFIX);
}

enum w3p_auth_reason w3p_macaroon_decode(struct w3p_macaroon *out, const char *text, size_t len)
{
    size_t raw_len = sizeof out->raw;

    memset(out, 0, offsetof(struct w3p_macaroon, raw));
    out->raw_len = out->caveats_len = 0;
    if (text == NULL || len == 0)
        return W3P_AUTH_MISSING;
    if (len > W3P_MACAROON_TEXT_MAX)
        return W3P_AUTH_TOO_LONG;
    if (!w3p_macaroon_is(text, len) ||
        w3p_base64_decode(out->raw, &raw_len, text + PREFIX_LEN, len - PREFIX_LEN, W3P_BASE64_URL,
                          W3P_BASE64_UNPADDED) != W3P_OK ||
        raw_len < W3P_MACAROON_HEADER_BYTES + W3P_MACAROON_TAG_BYTES || out->raw[0] != VERSION)
        return W3P_AUTH_MACAROON;
    int64_t issued_s = (int64_t)w3p_caveat_u40(out->raw + ISSUED_AT);
    int64_t expires_s = (int64_t)w3p_caveat_u40(out->raw + EXPIRES_AT);
    if (expires_s <= issued_s)
        return W3P_AUTH_MACAROON;
    out->kid = out->raw[KID_AT];
    memcpy(out->tid16, out->raw + TID_AT, sizeof out->tid16);
    out->issued_s = issued_s;
    out->expires_s = expires_s;
    out->raw_len = raw_len;
    out->caveats_len = raw_len - W3P_MACAROON_HEADER_BYTES - W3P_MACAROON_TAG_BYTES;
    return W3P_AUTH_OK;
}

// The next caveat, whole, and *at behind it. False at the end, and where what is left is none: then *at is not the end.
static bool next_caveat(struct w3p_span *out, size_t *at, const struct w3p_macaroon *macaroon)
{
    const uint8_t *caveats = macaroon->raw + W3P_MACAROON_HEADER_BYTES;
    size_t left = macaroon->caveats_len - *at;
    if (left < CAVEAT_HEAD || left - CAVEAT_HEAD < caveats[*at + 1])
        return false;
    *out = W3P_SPAN(caveats + *at, CAVEAT_HEAD + caveats[*at + 1]);
    *at += out->len;
    return true;
}

enum w3p_auth_reason w3p_macaroon_restrictions(struct w3p_restrictions *out, const struct w3p_macaroon *macaroon)
{
    struct w3p_span caveat;
    size_t at = 0, count = 0;
    bool good = true;

    w3p_restrictions_init(out, macaroon->expires_s);
    while (good && next_caveat(&caveat, &at, macaroon))
        good = count++ < W3P_MACAROON_CAVEATS_MAX &&
               w3p_restrictions_add(out, caveat.ptr[0], caveat.ptr + CAVEAT_HEAD, caveat.len - CAVEAT_HEAD);
    if (good && at == macaroon->caveats_len)
        return W3P_AUTH_OK;
    memset(out, 0, sizeof *out);
    return W3P_AUTH_CAVEAT;
}

// The tag of a header without caveats.
static void first_tag(uint8_t tag32[W3P_MACAROON_TAG_BYTES], const uint8_t key32[32], const char *audience,
                      size_t audience_len, const uint8_t header28[W3P_MACAROON_HEADER_BYTES])
{
    uint8_t bytes[sizeof(DOMAIN_SEPARATOR) + 1 + W3P_MACAROON_AUDIENCE_MAX + W3P_MACAROON_HEADER_BYTES];
    size_t len = sizeof(DOMAIN_SEPARATOR);
    memcpy(bytes, DOMAIN_SEPARATOR, len);
    bytes[len++] = (uint8_t)audience_len;
    memcpy(bytes + len, audience, audience_len);
    len += audience_len;
    memcpy(bytes + len, header28, W3P_MACAROON_HEADER_BYTES);
    w3p_hmac_sha256(tag32, key32, bytes, len + W3P_MACAROON_HEADER_BYTES);
}

static bool is_audience(const char *audience, size_t len)
{
    return audience != NULL && len > 0 && len <= W3P_MACAROON_AUDIENCE_MAX;
}

static bool tag_fits(const struct w3p_macaroon *macaroon, const uint8_t key32[32], const char *audience)
{
    uint8_t tag32[W3P_MACAROON_TAG_BYTES];
    struct w3p_span caveat;
    size_t at = 0, len = strlen(audience);

    if (!is_audience(audience, len))
        return false;
    first_tag(tag32, key32, audience, len, macaroon->raw);
    while (next_caveat(&caveat, &at, macaroon))
        w3p_hmac_sha256(tag32, tag32, caveat.ptr, caveat.len);
    bool fits = w3p_equal_ct(tag32, macaroon->raw + macaroon->raw_len - sizeof tag32, sizeof tag32);
    w3p_wipe(tag32, sizeof tag32); // of a refused token it is what the right one would be
    return fits;
}

enum w3p_auth_reason w3p_macaroon_verify(struct w3p_restrictions *out, const struct w3p_macaroon *macaroon,
                                         const uint8_t key32[32], const struct w3p_hosts *audiences)
{
    enum w3p_auth_reason reason = w3p_macaroon_restrictions(out, macaroon);
    if (reason != W3P_AUTH_OK)
        return reason;
    for (size_t i = 0; i < w3p_hosts_count(audiences); i++)
        if (tag_fits(macaroon, key32, w3p_hosts_at(audiences, i)))
            return W3P_AUTH_OK;
    memset(out, 0, sizeof *out);
    return W3P_AUTH_MAC;
}

static int put_text(struct w3p_buf *out, const struct w3p_macaroon *macaroon)
{
    w3p_buf_put_str(out, W3P_MACAROON_PREFIX);
    w3p_base64_encode(out, macaroon->raw, macaroon->raw_len, W3P_BASE64_URL, W3P_BASE64_UNPADDED);
    return w3p_buf_status(out);
}

int w3p_macaroon_mint(struct w3p_buf *out, const uint8_t key32[32], const char *audience,
                      const struct w3p_macaroon_head *head)
{
    struct w3p_macaroon made = {.raw = {VERSION}};
    size_t len = audience != NULL ? strlen(audience) : 0;

    if (len == 0)
        return W3P_E_INVALID;
    if (!is_audience(audience, len))
        return W3P_E_LIMIT;
    if (head->issued_s < 0 || head->expires_s > W3P_CAVEAT_U40_MAX || head->expires_s <= head->issued_s)
        return W3P_E_RANGE;
    made.raw[KID_AT] = head->kid;
    memcpy(made.raw + TID_AT, head->tid16, sizeof head->tid16);
    w3p_caveat_put_u40(made.raw + ISSUED_AT, (uint64_t)head->issued_s);
    w3p_caveat_put_u40(made.raw + EXPIRES_AT, (uint64_t)head->expires_s);
    first_tag(made.raw + W3P_MACAROON_HEADER_BYTES, key32, audience, len, made.raw);
    made.raw_len = W3P_MACAROON_HEADER_BYTES + W3P_MACAROON_TAG_BYTES;
    int err = put_text(out, &made);
    w3p_wipe(&made, sizeof made);
    return err;
}

// Puts the caveat where the tag stands, and the tag that it makes behind it.
static int append(struct w3p_macaroon *macaroon, const struct w3p_caveat *caveat)
{
    uint8_t tag32[W3P_MACAROON_TAG_BYTES], *end = macaroon->raw + macaroon->raw_len - sizeof tag32;
    size_t len = CAVEAT_HEAD + (size_t)caveat->len;

    if (len > sizeof macaroon->raw - macaroon->raw_len)
        return W3P_E_LIMIT;
    memcpy(tag32, end, sizeof tag32);
    end[0] = caveat->type;
    end[1] = caveat->len;
    memcpy(end + CAVEAT_HEAD, caveat->value, caveat->len);
    w3p_hmac_sha256(end + len, tag32, end, len);
    macaroon->raw_len += len;
    macaroon->caveats_len += len;
    w3p_wipe(tag32, sizeof tag32); // it is a token with fewer restrictions
    return W3P_OK;
}

int w3p_macaroon_narrow(struct w3p_buf *out, struct w3p_errmsg *msg, const char *text, size_t len,
                        const struct w3p_caveat *more, size_t count)
{
    struct w3p_macaroon macaroon;
    struct w3p_restrictions restrictions, scratch;
    int err = W3P_OK;

    enum w3p_auth_reason reason = w3p_macaroon_decode(&macaroon, text, len);
    if (reason == W3P_AUTH_OK)
        reason = w3p_macaroon_restrictions(&restrictions, &macaroon);
    if (reason != W3P_AUTH_OK) {
        err = w3p_fail(msg, W3P_E_INVALID, "only a minted token can be narrowed: %s", w3p_auth_reason_sentence(reason));
        goto out;
    }
    for (size_t i = 0; i < count; i++) {
        if (!w3p_restrictions_add(&restrictions, more[i].type, more[i].value, more[i].len)) {
            err = w3p_fail(msg, W3P_E_INVALID, "an empty restriction, or one that no gateway knows");
            goto out;
        }
        if (append(&macaroon, &more[i]) != W3P_OK || w3p_macaroon_restrictions(&scratch, &macaroon) != W3P_AUTH_OK) {
            err =
                w3p_fail(msg, W3P_E_LIMIT, "the token would be longer than %d characters or have over %d restrictions",
                         W3P_MACAROON_TEXT_MAX, W3P_MACAROON_CAVEATS_MAX);
            goto out;
        }
    }
    err = put_text(out, &macaroon);
out:
    w3p_wipe(&macaroon, sizeof macaroon);
    return err;
}
