// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: listen addresses: parsing "127.0.0.1:3000,[::1]:3000" and binding sockets for several threads. No h2o.
// Threads: any.  Ownership: the caller closes the descriptors.
#ifndef W3P_HTTP_LISTEN_H
#define W3P_HTTP_LISTEN_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/bytes.h"

#define W3P_LISTEN_MAX 8 // addresses of one server

struct w3p_listen_addr {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } addr;
    socklen_t len;
    char text[64];
};
struct w3p_listen {
    struct w3p_listen_addr addrs[W3P_LISTEN_MAX];
    size_t len;
};

// Comma-separated IPv4:port and [IPv6]:port. Names are refused: what a server listens on must not depend on a resolver.
int w3p_listen_parse(struct w3p_listen *out, struct w3p_errmsg *msg, const char *text) W3P_NODISCARD;
// A listening, non-blocking socket with SO_REUSEPORT. Port 0 is replaced by the one that the kernel chose, so that
// further calls share it. The first call for an address fails if anybody else has it.
int w3p_listen_bind(int *fd, struct w3p_errmsg *msg, struct w3p_listen_addr *addr, bool first) W3P_NODISCARD;
uint16_t w3p_listen_port(const struct w3p_listen_addr *addr);

#endif
