// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: addresses, networks and X-Forwarded-For; see peer.h. The system's parser decides what an address is.
#include "http/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { V4_AT = 12, V4_BITS = 96, ENTRY_MAX = 64 };

static const uint8_t v4_prefix[V4_AT] = {[10] = 0xff, [11] = 0xff};

static void put_v4(struct w3p_peer *out, const void *addr4)
{
    memcpy(out->addr16, v4_prefix, V4_AT);
    memcpy(out->addr16 + V4_AT, addr4, 4);
}

static bool is_v4(const struct w3p_peer *peer)
{
    return memcmp(peer->addr16, v4_prefix, V4_AT) == 0;
}

bool w3p_peer_of_sockaddr(struct w3p_peer *out, const struct sockaddr *addr)
{
    if (addr->sa_family == AF_INET)
        put_v4(out, &((const struct sockaddr_in *)(const void *)addr)->sin_addr);
    else if (addr->sa_family == AF_INET6)
        memcpy(out->addr16, &((const struct sockaddr_in6 *)(const void *)addr)->sin6_addr, 16);
    else
        return false;
    return true;
}

static bool is_port(struct w3p_span text)
{
    uint64_t port;
    return w3p_u64_parse(&port, (const char *)text.ptr, text.len) == W3P_OK && port <= UINT16_MAX;
}

// Takes "[…]" and a port off; false when what is there is neither.
static bool bare_address(struct w3p_span *text)
{
    const uint8_t *colon = memchr(text->ptr, ':', text->len), *last = memrchr(text->ptr, ':', text->len);
    if (text->ptr[0] == '[') {
        const uint8_t *end = memchr(text->ptr, ']', text->len);
        if (end == NULL)
            return false;
        size_t rest = text->len - (size_t)(end + 1 - text->ptr);
        if (rest > 0 && (end[1] != ':' || !is_port(W3P_SPAN(end + 2, rest - 1))))
            return false;
        *text = W3P_SPAN(text->ptr + 1, (size_t)(end - text->ptr) - 1);
        return memchr(text->ptr, ':', text->len) != NULL;
    }
    if (colon != NULL && colon == last) {
        if (!is_port(W3P_SPAN(colon + 1, text->len - (size_t)(colon + 1 - text->ptr))))
            return false;
        text->len = (size_t)(colon - text->ptr);
    }
    return true;
}

int w3p_peer_parse(struct w3p_peer *out, struct w3p_span text)
{
    char copy[ENTRY_MAX];
    uint8_t addr16[16];
    if (text.len == 0 || text.len >= sizeof copy || memchr(text.ptr, '\0', text.len) != NULL || !bare_address(&text))
        return W3P_E_INVALID;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET, copy, addr16) == 1)
        put_v4(out, addr16);
    else if (inet_pton(AF_INET6, copy, addr16) == 1)
        memcpy(out->addr16, addr16, 16);
    else
        return W3P_E_INVALID;
    return W3P_OK;
}

void w3p_peer_format(char out[W3P_PEER_TEXT_MAX], const struct w3p_peer *peer)
{
    const char *text = is_v4(peer) ? inet_ntop(AF_INET, peer->addr16 + V4_AT, out, W3P_PEER_TEXT_MAX)
                                   : inet_ntop(AF_INET6, peer->addr16, out, W3P_PEER_TEXT_MAX);
    if (text == NULL)
        out[0] = '\0';
}

struct w3p_peer w3p_peer_subject(const struct w3p_peer *peer)
{
    struct w3p_peer out = *peer;
    if (!is_v4(peer))
        memset(out.addr16 + 8, 0, 8);
    return out;
}

static bool bits_equal(const struct w3p_peer *a, const struct w3p_peer *b, unsigned bits)
{
    size_t whole = bits / 8;
    if (memcmp(a->addr16, b->addr16, whole) != 0)
        return false;
    unsigned rest = bits % 8;
    return rest == 0 || (unsigned)(a->addr16[whole] ^ b->addr16[whole]) >> (8 - rest) == 0;
}

bool w3p_peer_nets_have(const struct w3p_peer_nets *nets, const struct w3p_peer *peer)
{
    for (size_t i = 0; i < nets->len; i++) {
        if (bits_equal(&nets->list[i].net, peer, nets->list[i].bits))
            return true;
    }
    return false;
}

static struct w3p_span trim(struct w3p_span text)
{
    for (; text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'); text.len--)
        text.ptr++;
    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    return text;
}

static bool has_bits_beyond(const struct w3p_peer *net, unsigned bits)
{
    struct w3p_peer cut = {0};
    memcpy(cut.addr16, net->addr16, (bits + 7) / 8);
    if (bits % 8 != 0)
        cut.addr16[bits / 8] &= (uint8_t)(0xff << (8 - bits % 8));
    return memcmp(cut.addr16, net->addr16, sizeof cut.addr16) != 0;
}

static int add_net(struct w3p_peer_nets *nets, struct w3p_errmsg *msg, const char *key, struct w3p_span entry)
{
    const uint8_t *slash = memchr(entry.ptr, '/', entry.len);
    struct w3p_span address = slash != NULL ? W3P_SPAN(entry.ptr, (size_t)(slash - entry.ptr)) : entry;
    struct w3p_peer net;
    uint64_t bits = 0;
    int shown = (int)(entry.len < 60 ? entry.len : 60);
    bool good = w3p_peer_parse(&net, address) == W3P_OK && memchr(address.ptr, '[', address.len) == NULL &&
                !(is_v4(&net) && memchr(address.ptr, ':', address.len) != NULL);
    unsigned base = good && is_v4(&net) ? V4_BITS : 0;
    if (good && slash != NULL)
        good =
            w3p_u64_parse(&bits, (const char *)slash + 1, entry.len - address.len - 1) == W3P_OK && bits <= 128 - base;
    if (!good)
        return w3p_fail(msg, W3P_E_INVALID, "%s: \"%.*s\" is no network; write 10.0.0.0/8, 2001:db8::/32 or 127.0.0.1",
                        key, shown, (const char *)entry.ptr);
    unsigned all = slash != NULL ? base + (unsigned)bits : 128;
    if (has_bits_beyond(&net, all))
        return w3p_fail(msg, W3P_E_INVALID,
                        "%s: \"%.*s\" has bits behind its prefix: is the prefix or the address wrong?", key, shown,
                        (const char *)entry.ptr);
    if (nets->len == W3P_PEER_NETS_MAX)
        return w3p_fail(msg, W3P_E_LIMIT, "%s: more than %d networks", key, W3P_PEER_NETS_MAX);
    nets->list[nets->len].net = net;
    nets->list[nets->len++].bits = all;
    return W3P_OK;
}

int w3p_peer_nets_parse(struct w3p_peer_nets *out, struct w3p_errmsg *msg, const char *key, const char *text)
{
    int err = W3P_OK;
    out->len = 0;
    for (const char *at = text; at != NULL && *at != '\0' && err == W3P_OK;) {
        size_t len = strcspn(at, ",");
        struct w3p_span entry = trim(W3P_SPAN(at, len));
        if (entry.len > 0) // "a,,b" and a comma at the end are harmless
            err = add_net(out, msg, key, entry);
        at += len;
        if (*at == ',')
            at++;
    }
    return err;
}

bool w3p_peer_forwarded(struct w3p_peer *peer, unsigned *hops, const struct w3p_peer_nets *trusted,
                        struct w3p_span value)
{
    while (value.len > 0) {
        const uint8_t *comma = memrchr(value.ptr, ',', value.len);
        size_t from = comma != NULL ? (size_t)(comma + 1 - value.ptr) : 0;
        struct w3p_span entry = trim(W3P_SPAN(value.ptr + from, value.len - from));
        value.len = comma != NULL ? from - 1 : 0;
        if (*hops == W3P_PEER_HOPS_MAX || w3p_peer_parse(peer, entry) != W3P_OK)
            return false;
        ++*hops;
        if (!w3p_peer_nets_have(trusted, peer))
            return false;
    }
    return true;
}
