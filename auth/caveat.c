// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: caveats from what a person writes, and what they add up to; see caveat.h.
#include "caveat.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/cid.h"
#include "crypto/hash.h"
#include "hosts.h"

#define ORIGIN_MAX 300
#define NET_TEXT_MAX 64
#define V4_BITS 96   // of an IPv6 address that is an IPv4 one
#define SHOWN_MAX 60 // of a text that is refused

void w3p_caveat_put_u40(uint8_t out5[5], uint64_t value)
{
    for (size_t i = 0; i < 5; i++)
        out5[i] = (uint8_t)(value >> (32 - 8 * i));
}

uint64_t w3p_caveat_u40(const uint8_t be5[5])
{
    uint64_t value = 0;
    for (size_t i = 0; i < 5; i++)
        value = value << 8 | be5[i];
    return value;
}

// The first bytes of SHA-256: what stands in a caveat for a content or an origin.
static void digest_of(uint8_t *out, size_t out_len, const void *bytes, size_t len)
{
    uint8_t digest32[32];
    w3p_sha256(digest32, bytes, len);
    memcpy(out, digest32, out_len);
}

static int shown(size_t len)
{
    return (int)(len < SHOWN_MAX ? len : SHOWN_MAX);
}

static void set(struct w3p_caveat *out, enum w3p_caveat_type type, const void *value, size_t len)
{
    *out = (struct w3p_caveat){.type = (uint8_t)type, .len = (uint8_t)len};
    memcpy(out->value, value, len);
}

static void set_u40(struct w3p_caveat *out, enum w3p_caveat_type type, uint64_t value)
{
    uint8_t be5[5];
    w3p_caveat_put_u40(be5, value);
    set(out, type, be5, sizeof be5);
}

int w3p_caveat_expires(struct w3p_caveat *out, int64_t expires_s)
{
    if (expires_s < 0 || expires_s > W3P_CAVEAT_U40_MAX)
        return W3P_E_RANGE;
    set_u40(out, W3P_CAVEAT_EXPIRES, (uint64_t)expires_s);
    return W3P_OK;
}

int w3p_caveat_max_bytes(struct w3p_caveat *out, uint64_t max_bytes)
{
    if (max_bytes > (uint64_t)W3P_CAVEAT_U40_MAX)
        return W3P_E_RANGE;
    set_u40(out, W3P_CAVEAT_MAX_BYTES, max_bytes);
    return W3P_OK;
}

void w3p_caveat_scopes(struct w3p_caveat *out, w3p_scopes scopes)
{
    const uint8_t be2[2] = {(uint8_t)(scopes >> 8), (uint8_t)scopes};
    set(out, W3P_CAVEAT_SCOPES, be2, sizeof be2);
}

int w3p_caveat_add_cid(struct w3p_caveat *list, struct w3p_errmsg *msg, const char *cid, size_t len)
{
    struct w3p_cid parsed;
    const char *why = "";
    uint8_t multihash[W3P_CID_KEY_MAX], digest16[W3P_CAVEAT_CID_BYTES];

    if (w3p_cid_parse(&parsed, &why, cid, len) != W3P_OK)
        return w3p_fail(msg, W3P_E_INVALID, "\"%.*s\": %s", shown(len), cid, why);
    digest_of(digest16, sizeof digest16, multihash, w3p_cid_multihash(multihash, &parsed));
    for (size_t at = 0; at < list->len; at += W3P_CAVEAT_CID_BYTES)
        if (memcmp(list->value + at, digest16, sizeof digest16) == 0)
            return W3P_OK;
    if (list->len + sizeof digest16 > W3P_CAVEAT_VALUE_MAX)
        return w3p_fail(msg, W3P_E_LIMIT, "one token can be bound to at most %d CIDs", W3P_CAVEAT_CIDS_MAX);
    list->type = W3P_CAVEAT_CIDS;
    memcpy(list->value + list->len, digest16, sizeof digest16);
    list->len = (uint8_t)(list->len + sizeof digest16);
    return W3P_OK;
}

int w3p_caveat_origin(struct w3p_caveat *out, struct w3p_errmsg *msg, const char *origin)
{
    char host[W3P_HOST_MAX];
    uint8_t origin8[8];
    struct w3p_span all = w3p_span_str(origin);
    size_t len = strlen(origin), skip = 0;
    const char *colon = strchr(origin, ':');

    if (colon != NULL && colon[1] == '/' && colon[2] == '/')
        skip = (size_t)(colon - origin) + 3;
    if (skip == 0 || len > ORIGIN_MAX - 1 || strcspn(origin + skip, "/?#") != len - skip ||
        w3p_host_of_uri(host, all) != W3P_OK)
        return w3p_fail(msg, W3P_E_INVALID, "\"%.*s\" is no origin; write https://app.example without a path",
                        shown(len), origin);
    bool tls = origin[4] == 's' || origin[4] == 'S';
    struct w3p_buf canonical;
    w3p_buf_init(&canonical, ORIGIN_MAX);
    w3p_buf_printf(&canonical, "%s://%s", tls ? "https" : "http", host);
    digest_of(origin8, sizeof origin8, canonical.ptr, canonical.len);
    w3p_buf_deinit(&canonical);
    set(out, W3P_CAVEAT_ORIGIN, origin8, sizeof origin8);
    return W3P_OK;
}

// Version, prefix length and address, as they stand in the token; 0: no network.
static size_t parse_net(uint8_t out[2 + 16], const char *text)
{
    char address[NET_TEXT_MAX];
    size_t len = strcspn(text, "/");
    uint64_t bits;

    if (len >= sizeof address)
        return 0;
    memcpy(address, text, len);
    address[len] = '\0';
    bool v4 = inet_pton(AF_INET, address, out + 2) == 1;
    if (!v4 && inet_pton(AF_INET6, address, out + 2) != 1)
        return 0;
    bits = v4 ? 32 : 128;
    if (text[len] == '/') {
        const char *digits = text + len + 1;
        if (w3p_u64_parse(&bits, digits, strlen(digits)) != W3P_OK || bits > (v4 ? 32 : 128))
            return 0;
    }
    out[0] = v4 ? 4 : 6;
    out[1] = (uint8_t)bits;
    return 2 + (v4 ? 4 : 16);
}

int w3p_caveat_net(struct w3p_caveat *out, struct w3p_errmsg *msg, const char *net)
{
    uint8_t value[2 + 16];
    size_t len = parse_net(value, net);
    struct w3p_restrictions scratch;

    if (len == 0)
        return w3p_fail(msg, W3P_E_INVALID, "\"%.*s\" is no network; write 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32",
                        shown(strlen(net)), net);
    w3p_restrictions_init(&scratch, 0);
    if (!w3p_restrictions_add(&scratch, W3P_CAVEAT_NET, value, len)) // what a reader would refuse
        return w3p_fail(msg, W3P_E_INVALID,
                        "\"%.*s\" has bits behind its prefix, or is IPv4 written as IPv6; write 10.0.0.0/8",
                        shown(strlen(net)), net);
    set(out, W3P_CAVEAT_NET, value, len);
    return W3P_OK;
}

void w3p_restrictions_init(struct w3p_restrictions *out, int64_t expires_s)
{
    *out = (struct w3p_restrictions){.scopes = W3P_SCOPES_ALL, .expires_s = expires_s};
}

static bool has_cid(const struct w3p_restrictions *r, const uint8_t digest16[W3P_CAVEAT_CID_BYTES])
{
    for (size_t i = 0; i < r->cid_count; i++)
        if (memcmp(r->cid16[i], digest16, W3P_CAVEAT_CID_BYTES) == 0)
            return true;
    return false;
}

// What is in this list, and in every one before it.
static bool add_cids(struct w3p_restrictions *r, const uint8_t *value, size_t len)
{
    struct w3p_restrictions before = *r;
    if (len == 0 || len % W3P_CAVEAT_CID_BYTES != 0 || len / W3P_CAVEAT_CID_BYTES > W3P_CAVEAT_CIDS_MAX)
        return false;
    r->has_cids = true;
    r->cid_count = 0;
    for (size_t at = 0; at < len; at += W3P_CAVEAT_CID_BYTES)
        if (!has_cid(r, value + at) && (!before.has_cids || has_cid(&before, value + at)))
            memcpy(r->cid16[r->cid_count++], value + at, W3P_CAVEAT_CID_BYTES);
    return true;
}

static bool add_origin(struct w3p_restrictions *r, const uint8_t *value, size_t len)
{
    if (len != sizeof r->origin8)
        return false;
    r->no_origin = r->has_origin && memcmp(r->origin8, value, len) != 0 ? true : r->no_origin;
    r->has_origin = true;
    memcpy(r->origin8, value, len);
    return true;
}

static bool bits_equal(const uint8_t a16[16], const uint8_t b16[16], unsigned bits)
{
    size_t whole = bits / 8;
    unsigned rest = bits % 8;
    return memcmp(a16, b16, whole) == 0 && (rest == 0 || (a16[whole] ^ b16[whole]) >> (8 - rest) == 0);
}

static const uint8_t v4_prefix[V4_BITS / 8] = {[10] = 0xff, [11] = 0xff};

static bool is_v4(const uint8_t net16[16])
{
    return memcmp(net16, v4_prefix, sizeof v4_prefix) == 0;
}

// The address as 128 bits, and how many of them count. False for what is not in its one form.
static bool read_net(uint8_t net16[16], unsigned *bits, const uint8_t *value, size_t len)
{
    static const uint8_t zeros[16];
    uint8_t behind[16];
    bool v4 = len == 2 + 4 && value[0] == 4;
    if (!v4 && !(len == 2 + 16 && value[0] == 6))
        return false;
    if (value[1] > (v4 ? 32 : 128))
        return false;
    *bits = value[1] + (v4 ? V4_BITS : 0u);
    memcpy(net16, v4_prefix, sizeof v4_prefix);
    memcpy(net16 + (v4 ? sizeof v4_prefix : 0), value + 2, len - 2);
    if (!v4 && is_v4(net16) && *bits >= V4_BITS)
        return false; // IPv4 has a spelling of its own
    memcpy(behind, net16, sizeof behind);
    memset(behind, 0, *bits / 8);
    if (*bits % 8 != 0)
        behind[*bits / 8] &= (uint8_t)(0xff >> *bits % 8);
    return memcmp(behind, zeros, sizeof behind) == 0;
}

// Two networks have nothing in common, or one of them lies in the other.
static bool add_net(struct w3p_restrictions *r, const uint8_t *value, size_t len)
{
    uint8_t net16[16];
    unsigned bits;
    if (!read_net(net16, &bits, value, len))
        return false;
    if (r->has_net && !bits_equal(r->net16, net16, bits < r->net_bits ? bits : r->net_bits))
        r->no_net = true;
    if (!r->has_net || bits > r->net_bits) {
        memcpy(r->net16, net16, sizeof net16);
        r->net_bits = bits;
    }
    r->has_net = true;
    return true;
}

bool w3p_restrictions_add(struct w3p_restrictions *r, uint8_t type, const uint8_t *value, size_t len)
{
    switch (type) {
    case W3P_CAVEAT_EXPIRES:
        if (len != 5)
            return false;
        if ((int64_t)w3p_caveat_u40(value) < r->expires_s)
            r->expires_s = (int64_t)w3p_caveat_u40(value);
        return true;
    case W3P_CAVEAT_SCOPES:
        if (len != 2)
            return false;
        r->scopes &= (w3p_scopes)(value[0] << 8 | value[1]);
        return true;
    case W3P_CAVEAT_CIDS:
        return add_cids(r, value, len);
    case W3P_CAVEAT_ORIGIN:
        return add_origin(r, value, len);
    case W3P_CAVEAT_MAX_BYTES:
        if (len != 5)
            return false;
        if (!r->has_max_bytes || w3p_caveat_u40(value) < r->max_bytes)
            r->max_bytes = w3p_caveat_u40(value);
        r->has_max_bytes = true;
        return true;
    case W3P_CAVEAT_NET:
        return add_net(r, value, len);
    default: // among them 5, a key that would have to sign each request
        return false;
    }
}

// Two that have nothing in common, where nothing is what was left.
static size_t put_nets(struct w3p_caveat *out, const struct w3p_restrictions *r)
{
    static const uint8_t v4_nothing[2][6] = {{4, 32, 0, 0, 0, 0}, {4, 32, 255, 255, 255, 255}};
    uint8_t value[2 + 16] = {6, (uint8_t)r->net_bits};
    if (r->no_net) {
        set(&out[0], W3P_CAVEAT_NET, v4_nothing[0], sizeof v4_nothing[0]);
        set(&out[1], W3P_CAVEAT_NET, v4_nothing[1], sizeof v4_nothing[1]);
        return 2;
    }
    if (is_v4(r->net16) && r->net_bits >= V4_BITS) {
        value[0] = 4;
        value[1] = (uint8_t)(r->net_bits - V4_BITS);
        memcpy(value + 2, r->net16 + V4_BITS / 8, 4);
        set(&out[0], W3P_CAVEAT_NET, value, 2 + 4);
    } else {
        memcpy(value + 2, r->net16, 16);
        set(&out[0], W3P_CAVEAT_NET, value, sizeof value);
    }
    return 1;
}

bool w3p_restrictions_any(const struct w3p_restrictions *r)
{
    return r->has_cids || r->has_origin || r->has_max_bytes || r->has_net;
}

void w3p_restrictions_format_net(char out[W3P_RESTRICTIONS_NET_MAX], const struct w3p_restrictions *r)
{
    bool v4 = is_v4(r->net16) && r->net_bits >= V4_BITS;
    char address[INET6_ADDRSTRLEN] = "";
    (void)inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? r->net16 + V4_BITS / 8 : r->net16, address, sizeof address);
    (void)snprintf(out, W3P_RESTRICTIONS_NET_MAX, "%s/%u", address, v4 ? r->net_bits - V4_BITS : r->net_bits);
}

size_t w3p_restrictions_caveats(struct w3p_caveat out[W3P_RESTRICTIONS_CAVEATS_MAX], const struct w3p_restrictions *r)
{
    static const uint8_t nothing[16];
    size_t n = 0;
    if (r->has_cids && r->cid_count == 0) // no list may be empty; nobody finds a content with this digest
        set(&out[n++], W3P_CAVEAT_CIDS, nothing, W3P_CAVEAT_CID_BYTES);
    else if (r->has_cids)
        set(&out[n++], W3P_CAVEAT_CIDS, r->cid16, r->cid_count * W3P_CAVEAT_CID_BYTES);
    if (r->has_origin)
        set(&out[n++], W3P_CAVEAT_ORIGIN, r->origin8, sizeof r->origin8);
    if (r->no_origin) {
        uint8_t other8[8];
        for (size_t i = 0; i < sizeof other8; i++)
            other8[i] = (uint8_t)~r->origin8[i];
        set(&out[n++], W3P_CAVEAT_ORIGIN, other8, sizeof other8);
    }
    if (r->has_max_bytes)
        set_u40(&out[n++], W3P_CAVEAT_MAX_BYTES, r->max_bytes);
    if (r->has_net)
        n += put_nets(out + n, r);
    return n;
}

bool w3p_restrictions_permit_cid(const struct w3p_restrictions *r, const uint8_t *multihash, size_t len)
{
    uint8_t digest16[W3P_CAVEAT_CID_BYTES];
    if (!r->has_cids)
        return true;
    digest_of(digest16, sizeof digest16, multihash, len);
    return has_cid(r, digest16);
}

bool w3p_restrictions_permit_bytes(const struct w3p_restrictions *r, uint64_t bytes)
{
    return !r->has_max_bytes || bytes <= r->max_bytes;
}

bool w3p_restrictions_permit_origin(const struct w3p_restrictions *r, const char *origin, size_t len)
{
    uint8_t origin8[8];
    if (!r->has_origin)
        return true;
    if (r->no_origin || origin == NULL || len == 0)
        return false;
    digest_of(origin8, sizeof origin8, origin, len);
    return memcmp(origin8, r->origin8, sizeof origin8) == 0;
}

bool w3p_restrictions_permit_addr(const struct w3p_restrictions *r, const uint8_t addr16[16])
{
    return !r->has_net || (!r->no_net && bits_equal(r->net16, addr16, r->net_bits));
}
