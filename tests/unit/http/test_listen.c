// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: listen addresses, and delegates.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <unistd.h>

#include "http/app.h"
#include "http/listen.h"

static const char *const bad_addresses[] = {"",           "3000",           "localhost:3000",  "127.0.0.1",
                                            "127.0.0.1:", "127.0.0.1:x",    "127.0.0.1:65536", "[::1]",
                                            "[::1:3000",  "::1:3000",       "[zz]:1",          "127.0.0.1:-1",
                                            ":3000",      "127.0.0.1:80,,", "1.2.3:80"};

Test(listen, refuses)
{
    for (size_t i = 0; i < sizeof bad_addresses / sizeof bad_addresses[0]; i++) {
        struct w3p_listen listen;
        struct w3p_errmsg msg = {0};
        cr_expect(eq(int, w3p_listen_parse(&listen, &msg, bad_addresses[i]), W3P_E_INVALID), "%s", bad_addresses[i]);
        cr_expect(msg.text[0] != '\0');
    }
    struct w3p_listen listen;
    const char *nine =
        "127.0.0.1:1,127.0.0.1:2,127.0.0.1:3,127.0.0.1:4,127.0.0.1:5,127.0.0.1:6,127.0.0.1:7,127.0.0.1:8,"
        "127.0.0.1:9";
    cr_expect(eq(int, w3p_listen_parse(&listen, NULL, nine), W3P_E_LIMIT));
}

Test(listen, parses)
{
    struct w3p_listen listen;
    cr_assert(eq(int, w3p_listen_parse(&listen, NULL, "127.0.0.1:3000, [::1]:0"), W3P_OK));
    cr_assert(eq(sz, listen.len, 2));
    cr_expect(eq(int, w3p_listen_port(&listen.addrs[0]), 3000));
    cr_expect(eq(int, listen.addrs[1].addr.any.sa_family, AF_INET6));
    cr_expect(eq(int, w3p_listen_port(&listen.addrs[1]), 0));
}

Test(listen, first_bind_sees_another_server)
{
    struct w3p_listen listen;
    struct w3p_errmsg msg = {0};
    int first = -1, second = -1, third = -1;
    cr_assert(eq(int, w3p_listen_parse(&listen, NULL, "127.0.0.1:0"), W3P_OK));
    cr_assert(eq(int, w3p_listen_bind(&first, &msg, &listen.addrs[0], true), W3P_OK));
    cr_expect(lt(int, 0, w3p_listen_port(&listen.addrs[0])));
    cr_expect(eq(int, w3p_listen_bind(&second, &msg, &listen.addrs[0], false), W3P_OK));
    cr_expect(eq(int, w3p_listen_bind(&third, &msg, &listen.addrs[0], true), W3P_E_IO));
    cr_expect(eq(int, third, -1));
    close(first);
    close(second);
}

#define PEER "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"

Test(delegates, default_is_one_valid_address)
{
    char *json = NULL;
    struct w3p_errmsg msg = {0};
    cr_assert(eq(int, w3p_delegates_json(&json, &msg, ""), W3P_OK), "%s", msg.text);
    cr_expect(eq(str, json, "[\"/ip4/127.0.0.1/tcp/1/p2p/" PEER "\"]"));
    free(json);
}

Test(delegates, list_without_doubles)
{
    char *json = NULL;
    struct w3p_errmsg msg = {0};
    const char *text = "/dns4/a.example/tcp/443/wss/p2p/" PEER " , /ip4/203.0.113.1/tcp/4001/p2p/" PEER
                       ",/ip4/203.0.113.1/tcp/4001/p2p/" PEER;
    cr_assert(eq(int, w3p_delegates_json(&json, &msg, text), W3P_OK), "%s", msg.text);
    cr_expect(
        eq(str, json, "[\"/dns4/a.example/tcp/443/wss/p2p/" PEER "\",\"/ip4/203.0.113.1/tcp/4001/p2p/" PEER "\"]"));
    free(json);
}

Test(delegates, without_peer_id_is_refused)
{
    char *json = NULL;
    struct w3p_errmsg msg = {0};
    cr_expect(lt(int, w3p_delegates_json(&json, &msg, "/ip4/203.0.113.1/tcp/4001"), 0));
    cr_expect(lt(int, w3p_delegates_json(&json, &msg, "/ip4/203.0.113.1/tcp/4001/p2p/" PEER ","), 0));
    cr_expect(json == NULL);
    cr_expect(msg.text[0] != '\0');
}
