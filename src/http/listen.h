// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: listen addresses: parsing "127.0.0.1:3000, [::1]:3000, localhost:3000" and binding sockets for several
// threads. No h2o. An IPv6 socket takes IPv6 only, whatever the system's default is: a peer has one form of its
// address, and who wants both families says so with 0.0.0.0:3000,[::]:3000. Threads: any.  Ownership: the caller closes
// the descriptors.
#ifndef W3P_HTTP_LISTEN_H
#define W3P_HTTP_LISTEN_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/bytes.h"

#define W3P_LISTEN_MAX 16       // addresses of one server, those of names counted one by one
#define W3P_LISTEN_TEXT_MAX 160 // an address as text, with its name behind it

struct w3p_listen_addr {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } addr;
    socklen_t len;
    char text[W3P_LISTEN_TEXT_MAX]; // for messages: as it was asked for
};
struct w3p_listen {
    struct w3p_listen_addr addrs[W3P_LISTEN_MAX];
    size_t len;
};

// Appends comma-separated IPv4:port, [IPv6]:port and name:port to the list. A name stands for all its addresses that
// this machine has; the resolver is asked at once and may take its time. Two entries that ask for the same address and
// port are refused, 0.0.0.0 and [::] covering their family; port 0 is a different one each time.
int w3p_listen_parse(struct w3p_listen *list, struct w3p_errmsg *msg, const char *text) W3P_NODISCARD;
// A bound, non-blocking socket with SO_REUSEPORT; listen(2) is left to the caller, so that nobody is let in before all
// are bound. Port 0 is replaced by the one that the kernel chose, so that further calls share it. The first call for an
// address fails if anybody else listens there.
int w3p_listen_bind(int *fd, struct w3p_errmsg *msg, struct w3p_listen_addr *addr, bool first) W3P_NODISCARD;
uint16_t w3p_listen_port(const struct w3p_listen_addr *addr);
// "127.0.0.1:3000" or "[::1]:3000", as bound.
void w3p_listen_print(char out[W3P_LISTEN_TEXT_MAX], const struct w3p_listen_addr *addr);

#endif
