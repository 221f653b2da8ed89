// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the delegates of every PinStatus, checked once at start. One address without a peer id would make
// `ipfs pin remote add` fail after the order was accepted.  Source: kubo, `ipfs pin remote`; RFC 6890 for the networks.
#include "http/app.h"

#include <string.h>

#include "base/json.h"
#include "base/multiaddr.h"
#include "http/peer.h"

enum { DELEGATES_MAX = 20, SHOWN_MAX = 100 };

// The PSA wants one at least. Port 1 of the client's own machine refuses at once, so nobody waits for a dial timeout;
// the peer id holds the ed25519 public key whose seed is 32 zero bytes.
#define LOOPBACK "/ip4/127.0.0.1/tcp/1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"
#define LIKE "such as /dns4/ipfs.example.org/tcp/4001/p2p/<peer id>"
// Networks that do not reach beyond a machine or a site.
#define SITE_NETS                                                                                                      \
    "0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16, ::/128, "       \
    "::1/128, fc00::/7, fe80::/10"

struct list {
    struct w3p_span items[DELEGATES_MAX];
    size_t len;
};

// For "%.*s".
static int shown(struct w3p_span item)
{
    return (int)(item.len < SHOWN_MAX ? item.len : SHOWN_MAX);
}

// Whether a checked multiaddr begins with an address of a machine or a site only.
static bool is_of_site(const struct w3p_peer_nets *nets, struct w3p_span item)
{
    const uint8_t *host = (const uint8_t *)memchr(item.ptr + 1, '/', item.len - 1) + 1;
    const uint8_t *end = memchr(host, '/', item.len - (size_t)(host - item.ptr));
    struct w3p_span value = W3P_SPAN(host, (size_t)(end != NULL ? end - host : item.ptr + item.len - host));
    struct w3p_peer peer;
    if (w3p_span_has_prefix(item, "/dns"))
        return w3p_span_eq_str(value, "localhost");
    return w3p_peer_parse(&peer, value) == W3P_OK && w3p_peer_nets_have(nets, &peer);
}

static int add_item(struct list *list, struct w3p_errmsg *msg, struct w3p_span item)
{
    const char *why = "not a multiaddr";
    if (item.len == 0)
        return w3p_fail(msg, W3P_E_INVALID, "psa.delegates has an empty item: take out the comma that is too many");
    if (w3p_multiaddr_check_delegate((const char *)item.ptr, item.len, &why) != W3P_OK)
        return w3p_fail(msg, W3P_E_INVALID, "psa.delegates: \"%.*s\": %s; write addresses " LIKE, shown(item), item.ptr,
                        why);
    for (size_t i = 0; i < list->len; i++) {
        if (list->items[i].len == item.len && memcmp(list->items[i].ptr, item.ptr, item.len) == 0)
            return w3p_fail(msg, W3P_E_EXISTS, "psa.delegates: \"%.*s\" stands there twice: take one out", shown(item),
                            item.ptr);
    }
    if (list->len == DELEGATES_MAX)
        return w3p_fail(msg, W3P_E_LIMIT, "psa.delegates: more than %d addresses: keep the best", DELEGATES_MAX);
    list->items[list->len++] = item;
    return W3P_OK;
}

// Cuts at commas; spaces around an item do not belong to it.
static int read_list(struct list *list, struct w3p_errmsg *msg, const char *text)
{
    int err = W3P_OK;
    for (const char *at = text; at != NULL && err == W3P_OK;) {
        const char *comma = strchr(at, ','), *item = at + strspn(at, " ");
        const char *end = comma != NULL ? comma : at + strlen(at);
        while (end > item && end[-1] == ' ')
            end--;
        at = comma != NULL ? comma + 1 : NULL;
        err = add_item(list, msg, W3P_SPAN((const uint8_t *)item, (size_t)(end - item)));
    }
    return err;
}

static int find_doubt(const struct list *list, struct w3p_errmsg *doubt, struct w3p_errmsg *msg)
{
    struct w3p_peer_nets nets;
    size_t count = 0, first = 0;
    int err = w3p_peer_nets_parse(&nets, msg, "psa.delegates", SITE_NETS);
    if (err != W3P_OK)
        return err;
    for (size_t i = 0; i < list->len; i++) {
        if (is_of_site(&nets, list->items[i]) && count++ == 0)
            first = i;
    }
    if (count > 0)
        (void)w3p_fail(
            doubt, W3P_OK,
            "psa.delegates: %zu of %zu addresses reach nobody outside this site, the first is \"%.*s\": give "
            "public ones, unless all clients are here",
            count, list->len, shown(list->items[first]), list->items[first].ptr);
    return W3P_OK;
}

int w3p_delegates_json(char **out, struct w3p_errmsg *doubt, struct w3p_errmsg *msg, const char *configured)
{
    struct list list = {0};
    struct w3p_buf buf;
    struct w3p_json j;
    bool is_set = configured != NULL && configured[strspn(configured, " ")] != '\0';
    doubt->text[0] = '\0';
    int err = read_list(&list, msg, is_set ? configured : LOOPBACK);
    if (err == W3P_OK && is_set)
        err = find_doubt(&list, doubt, msg);
    else if (err == W3P_OK)
        (void)w3p_fail(doubt, W3P_OK, "clients are told of no node that fetches their content: set psa.delegates");
    if (err != W3P_OK)
        return err;
    w3p_buf_init(&buf, DELEGATES_MAX * (W3P_MULTIADDR_MAX + 8));
    w3p_json_init(&j, &buf);
    w3p_json_begin_array(&j);
    for (size_t i = 0; i < list.len; i++)
        w3p_json_str_n(&j, (const char *)list.items[i].ptr, list.items[i].len);
    w3p_json_end_array(&j);
    err = w3p_buf_status(&buf);
    if (err == W3P_OK)
        *out = w3p_buf_take(&buf);
    w3p_buf_deinit(&buf);
    return err == W3P_OK ? W3P_OK : w3p_fail(msg, err, "psa.delegates is too long");
}
