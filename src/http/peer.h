// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: who is at the other end: addresses, lists of networks, what a trusted proxy says of its client, and how many
// connections each peer has. One peer is one IPv4 address or one IPv6 /64 (what a single customer is given).
// Threads: any; a w3p_peer_counts has a lock of its own, for connections and not for requests.
// Must not: look a name up, or believe a header of somebody who is not on the list.  Source: RFC 4291, RFC 7239 §7.4.
#ifndef W3P_HTTP_PEER_H
#define W3P_HTTP_PEER_H

#include <sys/socket.h>

#include "base/bytes.h"

#define W3P_PEER_NETS_MAX 64 // networks of one list
#define W3P_PEER_HOPS_MAX 16 // addresses of X-Forwarded-For that are looked at, from the right
#define W3P_PEER_TEXT_MAX 46

// IPv4 as ::ffff:a.b.c.d, also when it came as such over IPv6.
struct w3p_peer {
    uint8_t addr16[16];
};
bool w3p_peer_of_sockaddr(struct w3p_peer *out, const struct sockaddr *addr); // false: neither IPv4 nor IPv6
// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80". W3P_E_INVALID otherwise.
int w3p_peer_parse(struct w3p_peer *out, struct w3p_span text) W3P_NODISCARD;
void w3p_peer_format(char out[W3P_PEER_TEXT_MAX], const struct w3p_peer *peer);
// The part that stands for the peer in tables: an IPv6 address without its last 64 bits.
struct w3p_peer w3p_peer_subject(const struct w3p_peer *peer);

struct w3p_peer_nets {
    struct {
        struct w3p_peer net;
        unsigned bits; // of the 128
    } list[W3P_PEER_NETS_MAX];
    size_t len;
};
// "10.0.0.0/8, 2001:db8::/32, 127.0.0.1". text may be NULL. key is the configuration key, for the sentence.
int w3p_peer_nets_parse(struct w3p_peer_nets *out, struct w3p_errmsg *msg, const char *key,
                        const char *text) W3P_NODISCARD;
bool w3p_peer_nets_have(const struct w3p_peer_nets *nets, const struct w3p_peer *peer);

// Walks one X-Forwarded-For value from the right. *peer is the address that the hop to the right of it stated, at first
// the connection's own, which must be trusted. True: go on with the header value before this one, if there is one;
// false: *peer is the client, the first address that is not trusted. What is no address ends the walk.
bool w3p_peer_forwarded(struct w3p_peer *peer, unsigned *hops, const struct w3p_peer_nets *trusted,
                        struct w3p_span value);

// How many connections each peer has, at most per_peer; room for `connections` in all.
struct w3p_peer_counts;
struct w3p_peer_counts *w3p_peer_counts_create(size_t connections, size_t per_peer);     // never NULL
void w3p_peer_counts_destroy(struct w3p_peer_counts *counts);                            // NULL is fine
bool w3p_peer_counts_enter(struct w3p_peer_counts *counts, const struct w3p_peer *peer); // false: it has its share
void w3p_peer_counts_leave(struct w3p_peer_counts *counts, const struct w3p_peer *peer); // after each enter

#endif
