// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: listen addresses and sockets; see listen.h.
#include "http/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int parse_port(uint16_t *out, const char *text, size_t len)
{
    uint64_t port = 0;
    if (w3p_u64_parse(&port, text, len) != W3P_OK || port > UINT16_MAX)
        return W3P_E_INVALID;
    *out = htons((uint16_t)port);
    return W3P_OK;
}

static int parse_one(struct w3p_listen_addr *out, const char *text, size_t len)
{
    char host[64];
    const char *colon = memrchr(text, ':', len);
    if (colon == NULL)
        return W3P_E_INVALID;
    size_t host_len = (size_t)(colon - text);
    bool bracketed = host_len >= 2 && text[0] == '[' && text[host_len - 1] == ']';
    if (bracketed) {
        text++;
        host_len -= 2;
    }
    if (host_len == 0 || host_len >= sizeof host)
        return W3P_E_INVALID;
    memcpy(host, text, host_len);
    host[host_len] = '\0';
    const char *port = colon + 1;
    size_t port_len = len - (size_t)(port - text) - (bracketed ? 1 : 0);
    if (bracketed) {
        out->len = sizeof out->addr.v6;
        out->addr.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6};
        if (inet_pton(AF_INET6, host, &out->addr.v6.sin6_addr) != 1)
            return W3P_E_INVALID;
        return parse_port(&out->addr.v6.sin6_port, port, port_len);
    }
    out->len = sizeof out->addr.v4;
    out->addr.v4 = (struct sockaddr_in){.sin_family = AF_INET};
    if (inet_pton(AF_INET, host, &out->addr.v4.sin_addr) != 1)
        return W3P_E_INVALID;
    return parse_port(&out->addr.v4.sin_port, port, port_len);
}

int w3p_listen_parse(struct w3p_listen *out, struct w3p_errmsg *msg, const char *text)
{
    *out = (struct w3p_listen){0};
    for (const char *at = text; at != NULL;) {
        const char *comma = strchr(at, ',');
        size_t len = comma != NULL ? (size_t)(comma - at) : strlen(at);
        const char *item = at;
        at = comma != NULL ? comma + 1 : NULL;
        for (; len > 0 && item[0] == ' '; len--)
            item++;
        for (; len > 0 && item[len - 1] == ' ';)
            len--;
        if (out->len == W3P_LISTEN_MAX)
            return w3p_fail(msg, W3P_E_LIMIT, "more than %d listen addresses", W3P_LISTEN_MAX);
        struct w3p_listen_addr *addr = &out->addrs[out->len];
        if (parse_one(addr, item, len) != W3P_OK)
            return w3p_fail(msg, W3P_E_INVALID,
                            "\"%.*s\" is not an address to listen on; write 127.0.0.1:3000 or [::1]:3000",
                            (int)(len < 80 ? len : 80), item);
        (void)snprintf(addr->text, sizeof addr->text, "%.*s", (int)(len < 63 ? len : 63), item);
        out->len++;
    }
    return W3P_OK;
}

uint16_t w3p_listen_port(const struct w3p_listen_addr *addr)
{
    return ntohs(addr->addr.any.sa_family == AF_INET6 ? addr->addr.v6.sin6_port : addr->addr.v4.sin_port);
}

static int open_socket(const struct w3p_listen_addr *addr, bool share)
{
    int on = 1;
    int fd = socket(addr->addr.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        (share && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) ||
        (addr->addr.any.sa_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) ||
        bind(fd, &addr->addr.any, addr->len) != 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

int w3p_listen_bind(int *fd, struct w3p_errmsg *msg, struct w3p_listen_addr *addr, bool first)
{
    *fd = -1;
    if (first && w3p_listen_port(addr) != 0) {
        // SO_REUSEPORT would silently share the port with another gateway of the same user: look without it first.
        int probe = open_socket(addr, false);
        if (probe < 0)
            return w3p_fail(msg, W3P_E_IO, "cannot listen on %s: %s", addr->text, strerror(errno));
        close(probe);
    }
    int sock = open_socket(addr, true);
    socklen_t len = sizeof addr->addr;
    if (sock < 0 || listen(sock, SOMAXCONN) != 0 || getsockname(sock, &addr->addr.any, &len) != 0) {
        int err = w3p_fail(msg, W3P_E_IO, "cannot listen on %s: %s", addr->text, strerror(errno));
        if (sock >= 0)
            close(sock);
        return err;
    }
    *fd = sock;
    return W3P_OK;
}
