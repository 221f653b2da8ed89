// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: foreign bytes as a minted token, as the inside of one with the right tag, and as what people write for its
// restrictions. Beside not crashing: a text that is read has no other spelling, a right tag with one bit changed is
// wrong, restrictions read back as they were, and one more caveat never permits more.
// The first byte: T the text of a token; C caveats that are put into one; S scopes, O origin,
// N network, I CIDs with blanks between them. Anything else is tried as a text.
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "macaroon.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t key32[32] = {0x42};
static struct w3p_hosts *audiences;

static void require(bool truth)
{
    if (!truth)
        abort();
}

// What is left after one more caveat permits nothing that was not permitted before.
static void require_no_more(const struct w3p_restrictions *less, const struct w3p_restrictions *more)
{
    static const uint8_t addrs[3][16] = {{[10] = 0xff, 0xff, 10, 0, 0, 1}, {0x20, 0x01, 0x0d, 0xb8}, {0}};
    static const uint8_t multihash[34] = {0x12, 0x20};
    static const char origin[] = "https://app.example";
    require((less->scopes & ~more->scopes) == 0);
    require(less->expires_s <= more->expires_s);
    for (size_t i = 0; i < 3; i++)
        require(!w3p_restrictions_permit_addr(less, addrs[i]) || w3p_restrictions_permit_addr(more, addrs[i]));
    for (uint64_t bytes = 1; bytes != 0; bytes <<= 1)
        require(!w3p_restrictions_permit_bytes(less, bytes) || w3p_restrictions_permit_bytes(more, bytes));
    require(!w3p_restrictions_permit_cid(less, multihash, 34) || w3p_restrictions_permit_cid(more, multihash, 34));
    require(!w3p_restrictions_permit_origin(less, origin, sizeof(origin) - 1) ||
            w3p_restrictions_permit_origin(more, origin, sizeof(origin) - 1));
    require(!w3p_restrictions_any(more) || w3p_restrictions_any(less));
}

// What is shown of a network is that network.
static void check_net_text(const struct w3p_restrictions *r)
{
    char text[W3P_RESTRICTIONS_NET_MAX];
    struct w3p_caveat caveat;
    struct w3p_restrictions again;
    if (!r->has_net || r->no_net)
        return;
    w3p_restrictions_format_net(text, r);
    require(w3p_caveat_net(&caveat, NULL, text) == W3P_OK);
    w3p_restrictions_init(&again, 0);
    require(w3p_restrictions_add(&again, caveat.type, caveat.value, caveat.len));
    require(again.net_bits == r->net_bits && memcmp(again.net16, r->net16, sizeof(again.net16)) == 0);
}

// Written as caveats and read again they are the same to every question.
static void check_again(const struct w3p_restrictions *r)
{
    struct w3p_caveat caveats[W3P_RESTRICTIONS_CAVEATS_MAX];
    struct w3p_restrictions again;
    size_t count = w3p_restrictions_caveats(caveats, r);
    require(count <= W3P_RESTRICTIONS_CAVEATS_MAX);
    w3p_restrictions_init(&again, r->expires_s);
    again.scopes = r->scopes;
    for (size_t i = 0; i < count; i++)
        require(w3p_restrictions_add(&again, caveats[i].type, caveats[i].value, caveats[i].len));
    require_no_more(&again, r);
    require_no_more(r, &again);
    check_net_text(r);
}

static void check_text(const char *text, size_t len)
{
    static struct w3p_macaroon macaroon;
    struct w3p_restrictions left;
    struct w3p_buf again;
    enum w3p_auth_reason reason = w3p_macaroon_decode(&macaroon, text, len);
    require(reason != W3P_AUTH_OK || w3p_macaroon_is(text, len));
    require(w3p_auth_reason_name(reason)[0] != '\0');
    if (reason != W3P_AUTH_OK)
        return;
    require(macaroon.issued_s < macaroon.expires_s);
    w3p_buf_init(&again, W3P_MACAROON_TEXT_MAX);
    w3p_buf_put_str(&again, W3P_MACAROON_PREFIX);
    w3p_base64_encode(&again, macaroon.raw, macaroon.raw_len, W3P_BASE64_URL, W3P_BASE64_UNPADDED);
    require(w3p_span_eq(w3p_buf_span(&again), W3P_SPAN(text, len)));
    w3p_buf_deinit(&again);
    (void)w3p_macaroon_verify(&left, &macaroon, key32, audiences);
}

// A token of these caveats, whatever they are, with the tags that belong to them as far as they are caveats.
static void make_token(struct w3p_buf *out, const uint8_t *caveats, size_t len)
{
    struct w3p_macaroon_head head = {.kid = 1, .issued_s = 1000, .expires_s = INT64_C(1) << 39};
    static struct w3p_macaroon plain;
    uint8_t tag32[32];
    struct w3p_buf text;
    w3p_buf_init(&text, W3P_MACAROON_TEXT_MAX);
    require(w3p_macaroon_mint(&text, key32, "gw.example", &head) == W3P_OK);
    require(w3p_macaroon_decode(&plain, w3p_buf_str(&text), text.len) == W3P_AUTH_OK);
    w3p_buf_deinit(&text);
    memcpy(tag32, plain.raw + W3P_MACAROON_HEADER_BYTES, sizeof(tag32));
    for (size_t at = 0; at + 2 <= len && len - at - 2 >= caveats[at + 1]; at += 2 + (size_t)caveats[at + 1])
        w3p_hmac_sha256(tag32, tag32, caveats + at, 2 + (size_t)caveats[at + 1]);
    w3p_buf_init(&text, W3P_MACAROON_RAW_MAX * 2);
    w3p_buf_put(&text, plain.raw, W3P_MACAROON_HEADER_BYTES);
    w3p_buf_put(&text, caveats, len);
    w3p_buf_put(&text, tag32, sizeof(tag32));
    w3p_buf_put_str(out, W3P_MACAROON_PREFIX);
    w3p_base64_encode(out, text.ptr, text.len, W3P_BASE64_URL, W3P_BASE64_UNPADDED);
    w3p_buf_deinit(&text);
}

// One caveat at a time by the holder, as far as they are good: never more rights, never another text than in one go.
static void check_narrowing(const struct w3p_macaroon *whole, const struct w3p_buf *whole_text)
{
    static struct w3p_macaroon step;
    struct w3p_restrictions before, after;
    struct w3p_buf text, longer;
    struct w3p_errmsg msg;
    w3p_buf_init(&text, W3P_MACAROON_TEXT_MAX);
    w3p_buf_init(&longer, W3P_MACAROON_TEXT_MAX);
    make_token(&text, NULL, 0);
    w3p_restrictions_init(&before, whole->expires_s);
    for (size_t at = 0; at < whole->caveats_len;) {
        const uint8_t *bytes = whole->raw + W3P_MACAROON_HEADER_BYTES + at;
        struct w3p_caveat caveat = {.type = bytes[0], .len = bytes[1]};
        memcpy(caveat.value, bytes + 2, caveat.len);
        w3p_buf_reset(&longer);
        require(w3p_macaroon_narrow(&longer, &msg, w3p_buf_str(&text), text.len, &caveat, 1) == W3P_OK);
        require(w3p_macaroon_decode(&step, w3p_buf_str(&longer), longer.len) == W3P_AUTH_OK);
        require(w3p_macaroon_verify(&after, &step, key32, audiences) == W3P_AUTH_OK);
        require_no_more(&after, &before);
        before = after;
        w3p_buf_reset(&text);
        w3p_buf_put_span(&text, w3p_buf_span(&longer));
        at += 2 + (size_t)caveat.len;
    }
    require(w3p_span_eq(w3p_buf_span(&text), w3p_buf_span(whole_text)));
    w3p_buf_deinit(&text);
    w3p_buf_deinit(&longer);
}

static void check_caveats(const uint8_t *caveats, size_t len)
{
    static struct w3p_macaroon macaroon;
    struct w3p_restrictions left;
    struct w3p_buf text;
    w3p_buf_init(&text, 4 * W3P_MACAROON_TEXT_MAX);
    if (len > W3P_MACAROON_RAW_MAX)
        return;
    make_token(&text, caveats, len);
    enum w3p_auth_reason reason = w3p_macaroon_decode(&macaroon, w3p_buf_str(&text), text.len);
    require(reason == (text.len > W3P_MACAROON_TEXT_MAX ? W3P_AUTH_TOO_LONG : W3P_AUTH_OK));
    if (reason == W3P_AUTH_OK)
        reason = w3p_macaroon_verify(&left, &macaroon, key32, audiences);
    if (reason == W3P_AUTH_OK) {
        check_again(&left);
        check_narrowing(&macaroon, &text);
        macaroon.raw[len % macaroon.raw_len] ^= 1;
        require(w3p_macaroon_verify(&left, &macaroon, key32, audiences) != W3P_AUTH_OK);
        require(left.scopes == 0 && left.expires_s == 0);
    } else {
        struct w3p_caveat none;
        w3p_caveat_scopes(&none, 0);
        require(w3p_macaroon_narrow(&text, NULL, w3p_buf_str(&text), text.len, &none, 1) == W3P_E_INVALID);
    }
    w3p_buf_deinit(&text);
}

// What a maker takes is what a reader takes, and more words never lead to another caveat.
static void check_words(uint8_t kind, const char *text)
{
    struct w3p_caveat made = {0};
    struct w3p_restrictions r;
    struct w3p_errmsg msg = {""};
    w3p_scopes scopes = 0;
    int err = W3P_E_INVALID;
    if (kind == 'S') {
        err = w3p_scopes_parse(&scopes, &msg, text);
        w3p_caveat_scopes(&made, scopes);
    } else if (kind == 'O') {
        err = w3p_caveat_origin(&made, &msg, text);
    } else if (kind == 'N') {
        err = w3p_caveat_net(&made, &msg, text);
    }
    for (const char *at = text; kind == 'I' && *at != '\0';) {
        size_t len = strcspn(at, " ");
        err = w3p_caveat_add_cid(&made, &msg, at, len);
        if (err != W3P_OK)
            break;
        at += len + (at[len] == ' ' ? 1 : 0);
    }
    require((err == W3P_OK) == (msg.text[0] == '\0') || text[0] == '\0');
    if (err != W3P_OK)
        return;
    w3p_restrictions_init(&r, 0);
    require(w3p_restrictions_add(&r, made.type, made.value, made.len));
    require(kind != 'S' || r.scopes == scopes);
    check_again(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct w3p_errmsg msg;
    uint8_t kind = size > 0 ? data[0] : 0;
    if (audiences == NULL) {
        w3p_crypto_init();
        require(w3p_hosts_create(&audiences, &msg, "audience", "gw.example", false) == W3P_OK);
    }
    if (kind == 'C') {
        uint8_t *copy = w3p_memdup(data + 1, size - 1);
        check_caveats(copy, size - 1);
        free(copy);
    } else if (kind == 'S' || kind == 'O' || kind == 'N' || kind == 'I') {
        char *text = w3p_strndup((const char *)data + 1, size - 1);
        check_words(kind, text);
        free(text);
    } else {
        size_t skip = kind == 'T' ? 1 : 0;
        check_text((const char *)data + skip, size - skip);
    }
    return 0;
}
