// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: serve_auth.h: the hosts by which this gateway is reached, where the operator names none.
#include "cli/serve_auth.h"

#include <string.h>

#include "http/listen.h"

#define AUDIENCES_TEXT_MAX (2 * W3P_LISTEN_MAX * (W3P_LISTEN_TEXT_MAX + 2))

static bool is_loopback(const struct w3p_listen_addr *addr)
{
    if (addr->addr.any.sa_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&addr->addr.v6.sin6_addr);
    return ntohl(addr->addr.v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

static bool is_every_address(const struct w3p_listen_addr *addr)
{
    if (addr->addr.any.sa_family == AF_INET6)
        return IN6_IS_ADDR_UNSPECIFIED(&addr->addr.v6.sin6_addr);
    return addr->addr.v4.sin_addr.s_addr == htonl(INADDR_ANY);
}

// What listens everywhere could be meant by every name, and a port that is not known yet by none. That "localhost" is
// ours is only true of a gateway that nobody else reaches.
static void put_host(struct w3p_buf *out, const struct w3p_listen_addr *addr)
{
    char text[W3P_LISTEN_TEXT_MAX];
    uint16_t port = w3p_listen_port(addr);
    if (port == 0 || is_every_address(addr))
        return;
    w3p_listen_print(text, addr);
    w3p_buf_printf(out, "%s%s", out->len > 0 ? "," : "", text);
    if (is_loopback(addr))
        w3p_buf_printf(out, ",localhost:%u", (unsigned)port);
}

static int listed(struct w3p_buf *out, struct w3p_errmsg *msg, const char *text)
{
    struct w3p_listen list = {.len = 0};
    int err = text == NULL || text[0] == '\0' ? W3P_OK : w3p_listen_parse(&list, msg, text);
    for (size_t i = 0; err == W3P_OK && i < list.len; i++)
        put_host(out, &list.addrs[i]);
    return err;
}

int w3p_serve_authn(struct w3p_authn **out, struct w3p_errmsg *msg, const struct w3p_settings *settings)
{
    struct w3p_buf hosts;
    w3p_buf_init(&hosts, AUDIENCES_TEXT_MAX);
    int err = listed(&hosts, msg, settings->http.listen);
    if (err == W3P_OK)
        err = listed(&hosts, msg, settings->http.tls_listen);
    if (err == W3P_OK)
        err = w3p_authn_create(out, msg,
                               &(struct w3p_authn_conf){.settings = &settings->authn,
                                                        .audience = w3p_buf_str(&hosts),
                                                        .account_find = w3p_account_find});
    w3p_buf_deinit(&hosts);
    return err;
}
