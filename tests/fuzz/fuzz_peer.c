// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: any bytes as addresses, as a list of networks (the first line) and as values of X-Forwarded-For (the other
// lines, in the order of the request). An address that is read is written and read as the same one; a network has its
// own address; who is not trusted is never passed over, and the walk is bounded.
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "http/peer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
    if (!truth)
        abort();
}

static void try_address(struct w3p_span text)
{
    struct w3p_peer peer, again;
    char shown[W3P_PEER_TEXT_MAX];
    if (w3p_peer_parse(&peer, text) != W3P_OK)
        return;
    w3p_peer_format(shown, &peer);
    must(w3p_peer_parse(&again, w3p_span_str(shown)) == W3P_OK && memcmp(&peer, &again, sizeof peer) == 0);
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    memcpy(&v6.sin6_addr, peer.addr16, sizeof peer.addr16);
    must(w3p_peer_of_sockaddr(&again, (struct sockaddr *)&v6) && memcmp(&peer, &again, sizeof peer) == 0);
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    memcpy(&v4.sin_addr, peer.addr16 + 12, 4);
    must(w3p_peer_of_sockaddr(&again, (struct sockaddr *)&v4) && memcmp(peer.addr16 + 12, again.addr16 + 12, 4) == 0);
    struct w3p_peer subject = w3p_peer_subject(&peer), twice = w3p_peer_subject(&subject);
    must(memcmp(&subject, &twice, sizeof subject) == 0);
}

static void try_nets(struct w3p_peer_nets *nets, struct w3p_span line)
{
    struct w3p_errmsg msg = {0};
    char *text = w3p_strndup((const char *)line.ptr, line.len);
    if (w3p_peer_nets_parse(nets, &msg, "key", text) != W3P_OK) {
        must(msg.text[0] != '\0');
        nets->len = 0;
    }
    for (size_t i = 0; i < nets->len; i++)
        must(nets->list[i].bits <= 128 && w3p_peer_nets_have(nets, &nets->list[i].net));
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct w3p_peer_nets nets;
    struct w3p_peer client = {{[10] = 0xff, [11] = 0xff, [12] = 10, [15] = 1}};
    const uint8_t *newline = size > 0 ? memchr(data, '\n', size) : NULL;
    struct w3p_span first = W3P_SPAN(data, newline != NULL ? (size_t)(newline - data) : size), rest = {0};
    unsigned hops = 0;
    bool goes_on = true;
    if (newline != NULL)
        rest = W3P_SPAN(newline + 1, size - first.len - 1);
    try_address(first);
    try_nets(&nets, first);
    while (goes_on && rest.len > 0) {
        const uint8_t *line = memrchr(rest.ptr, '\n', rest.len);
        size_t from = line != NULL ? (size_t)(line + 1 - rest.ptr) : 0;
        struct w3p_span value = W3P_SPAN(rest.ptr + from, rest.len - from);
        try_address(value);
        goes_on = w3p_peer_forwarded(&client, &hops, &nets, value);
        must(hops <= W3P_PEER_HOPS_MAX);
        must(!goes_on || hops == 0 || w3p_peer_nets_have(&nets, &client));
        rest.len = line != NULL ? from - 1 : 0;
    }
    return 0;
}
