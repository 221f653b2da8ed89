// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: listen addresses and sockets; see listen.h.
#include "http/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HOST_MAX 64 // bytes of a name or an address, with its end

// "host:port" taken apart.
struct item {
    const char *text;
    size_t len;
    char host[HOST_MAX];
    bool bracketed;
    in_port_t port_be;
};

static int fail_item(struct w3p_errmsg *msg, const struct item *item)
{
    return w3p_fail(msg, W3P_E_INVALID,
                    "\"%.*s\" is not an address to listen on; write 127.0.0.1:3000, [::1]:3000 or localhost:3000",
                    (int)(item->len < 80 ? item->len : 80), item->text);
}

static bool split(struct item *item)
{
    uint64_t port = 0;
    const char *colon = memrchr(item->text, ':', item->len);
    if (colon == NULL)
        return false;
    const char *host = item->text;
    size_t host_len = (size_t)(colon - host), port_len = item->len - host_len - 1;
    item->bracketed = host_len >= 2 && host[0] == '[' && host[host_len - 1] == ']';
    if (item->bracketed) {
        host++;
        host_len -= 2;
    }
    if (host_len == 0 || host_len >= HOST_MAX || w3p_u64_parse(&port, colon + 1, port_len) != W3P_OK ||
        port > UINT16_MAX)
        return false;
    memcpy(item->host, host, host_len);
    item->host[host_len] = '\0';
    item->port_be = htons((uint16_t)port);
    return true;
}

// A host name's last label does not begin with a digit: "1.2.3" and "0x7f.1" are mistyped addresses, which the resolver
// would take for some other one.
static bool is_name(const char *host)
{
    const char *dot = strrchr(host, '.');
    const char *label = dot != NULL ? dot + 1 : host;
    size_t good = strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");
    return host[good] == '\0' && label[0] != '\0' && (label[0] < '0' || label[0] > '9');
}

static in_port_t port_be_of(const struct w3p_listen_addr *addr)
{
    return addr->addr.any.sa_family == AF_INET6 ? addr->addr.v6.sin6_port : addr->addr.v4.sin_port;
}

uint16_t w3p_listen_port(const struct w3p_listen_addr *addr)
{
    return ntohs(port_be_of(addr));
}

void w3p_listen_print(char out[W3P_LISTEN_TEXT_MAX], const struct w3p_listen_addr *addr)
{
    char host[NI_MAXHOST] = "?";
    (void)getnameinfo(&addr->addr.any, addr->len, host, sizeof host, NULL, 0, NI_NUMERICHOST);
    (void)snprintf(out, W3P_LISTEN_TEXT_MAX, addr->addr.any.sa_family == AF_INET6 ? "[%.80s]:%u" : "%.80s:%u", host,
                   (unsigned)w3p_listen_port(addr));
}

static bool overlap(const struct w3p_listen_addr *a, const struct w3p_listen_addr *b)
{
    if (a->addr.any.sa_family != b->addr.any.sa_family || port_be_of(a) != port_be_of(b) || port_be_of(a) == 0)
        return false;
    if (a->addr.any.sa_family == AF_INET) {
        in_addr_t left = a->addr.v4.sin_addr.s_addr, right = b->addr.v4.sin_addr.s_addr;
        return left == right || left == htonl(INADDR_ANY) || right == htonl(INADDR_ANY);
    }
    const struct in6_addr *left = &a->addr.v6.sin6_addr, *right = &b->addr.v6.sin6_addr;
    return IN6_IS_ADDR_UNSPECIFIED(left) || IN6_IS_ADDR_UNSPECIFIED(right) ||
           (IN6_ARE_ADDR_EQUAL(left, right) && a->addr.v6.sin6_scope_id == b->addr.v6.sin6_scope_id);
}

static int add(struct w3p_listen *list, struct w3p_errmsg *msg, const struct w3p_listen_addr *addr)
{
    if (list->len == W3P_LISTEN_MAX)
        return w3p_fail(msg, W3P_E_LIMIT, "more than %d listen addresses", W3P_LISTEN_MAX);
    for (size_t i = 0; i < list->len; i++) {
        if (overlap(&list->addrs[i], addr))
            return w3p_fail(msg, W3P_E_INVALID, "%s and %s are the same place to listen on; keep one of them",
                            list->addrs[i].text, addr->text);
    }
    list->addrs[list->len++] = *addr;
    return W3P_OK;
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

static void set_port(struct w3p_listen_addr *addr, in_port_t port_be)
{
    if (addr->addr.any.sa_family == AF_INET6)
        addr->addr.v6.sin6_port = port_be;
    else
        addr->addr.v4.sin_port = port_be;
}

// /etc/hosts says "::1 localhost" also where IPv6 is off.
static bool machine_has(struct w3p_listen_addr addr)
{
    set_port(&addr, 0);
    int fd = open_socket(&addr, false);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

// Resolvers give an address twice when two lines of /etc/hosts do.
static bool contains(const struct w3p_listen *list, size_t first, const struct w3p_listen_addr *addr)
{
    for (size_t i = first; i < list->len; i++) {
        if (strcmp(list->addrs[i].text, addr->text) == 0)
            return true;
    }
    return false;
}

// Adds what the resolver knows for the host; for a bracketed one that is the address itself, with its scope.
static int add_resolved(struct w3p_listen *list, struct w3p_errmsg *msg, const struct item *item)
{
    struct addrinfo *found = NULL;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_family = item->bracketed ? AF_INET6 : AF_UNSPEC,
                             .ai_flags = item->bracketed ? AI_NUMERICHOST : 0};
    int code = getaddrinfo(item->host, NULL, &hints, &found);
    if (code != 0)
        return item->bracketed ? fail_item(msg, item)
                               : w3p_fail(msg, W3P_E_IO, "cannot listen on %s: %s", item->host,
                                          code == EAI_SYSTEM ? strerror(errno) : gai_strerror(code));
    size_t before = list->len;
    int err = W3P_OK;
    for (const struct addrinfo *at = found; at != NULL && err == W3P_OK; at = at->ai_next) {
        struct w3p_listen_addr addr = {.len = at->ai_addrlen};
        char text[W3P_LISTEN_TEXT_MAX];
        if ((at->ai_family != AF_INET && at->ai_family != AF_INET6) || at->ai_addrlen > sizeof addr.addr)
            continue;
        memcpy(&addr.addr, at->ai_addr, at->ai_addrlen);
        set_port(&addr, item->port_be);
        w3p_listen_print(text, &addr);
        (void)snprintf(addr.text, sizeof addr.text, item->bracketed ? "%.90s" : "%.90s (%s)", text, item->host);
        if (item->bracketed || (machine_has(addr) && !contains(list, before, &addr)))
            err = add(list, msg, &addr);
    }
    freeaddrinfo(found);
    if (err == W3P_OK && list->len == before)
        err = w3p_fail(msg, W3P_E_IO, "cannot listen on %s: none of its addresses belongs to this machine", item->host);
    return err;
}

static int add_item(struct w3p_listen *list, struct w3p_errmsg *msg, struct item *item)
{
    struct w3p_listen_addr addr = {.len = sizeof addr.addr.v4};
    struct in6_addr mapped;
    if (!split(item))
        return fail_item(msg, item);
    addr.addr.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = item->port_be};
    if (!item->bracketed && inet_pton(AF_INET, item->host, &addr.addr.v4.sin_addr) == 1) {
        w3p_listen_print(addr.text, &addr);
        return add(list, msg, &addr);
    }
    // An IPv4 address in IPv6 clothes would need a socket for both families.
    if (item->bracketed && inet_pton(AF_INET6, item->host, &mapped) == 1 && IN6_IS_ADDR_V4MAPPED(&mapped))
        return fail_item(msg, item);
    if (!item->bracketed && !is_name(item->host))
        return fail_item(msg, item);
    return add_resolved(list, msg, item);
}

int w3p_listen_parse(struct w3p_listen *list, struct w3p_errmsg *msg, const char *text)
{
    int err = W3P_OK;
    for (const char *at = text; at != NULL && err == W3P_OK;) {
        const char *comma = strchr(at, ',');
        struct item item = {.text = at, .len = comma != NULL ? (size_t)(comma - at) : strlen(at)};
        at = comma != NULL ? comma + 1 : NULL;
        for (; item.len > 0 && item.text[0] == ' '; item.len--)
            item.text++;
        for (; item.len > 0 && item.text[item.len - 1] == ' ';)
            item.len--;
        err = add_item(list, msg, &item);
    }
    return err;
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
    if (sock < 0 || getsockname(sock, &addr->addr.any, &len) != 0) {
        int err = w3p_fail(msg, W3P_E_IO, "cannot listen on %s: %s", addr->text, strerror(errno));
        if (sock >= 0)
            close(sock);
        return err;
    }
    *fd = sock;
    return W3P_OK;
}
