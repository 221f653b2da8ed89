// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: listen addresses, and delegates.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/app.h"
#include "http/listen.h"

static const char *const bad_addresses[] = {"",
                                            "3000",
                                            "localhost",
                                            "127.0.0.1",
                                            "127.0.0.1:",
                                            "127.0.0.1:x",
                                            "127.0.0.1:65536",
                                            "[::1]",
                                            "[::1:3000",
                                            "::1:3000",
                                            "[zz]:1",
                                            "127.0.0.1:-1",
                                            ":3000",
                                            "127.0.0.1:80,,",
                                            "1.2.3:80",
                                            "0x7f.0.1:80",
                                            "2130706433:80",
                                            "[]:1",
                                            "a b:1",
                                            "[::ffff:127.0.0.1]:1",
                                            "[::1%]:1",
                                            "x.1:80",
                                            "[localhost]:1"};

Test(listen, refuses)
{
    for (size_t i = 0; i < sizeof bad_addresses / sizeof bad_addresses[0]; i++) {
        struct w3p_listen listen = {0};
        struct w3p_errmsg msg = {0};
        cr_expect(eq(int, w3p_listen_parse(&listen, &msg, bad_addresses[i]), W3P_E_INVALID), "%s", bad_addresses[i]);
        cr_expect(msg.text[0] != '\0');
    }
}

Test(listen, at_most_sixteen)
{
    struct w3p_listen listen = {0};
    for (size_t i = 0; i < W3P_LISTEN_MAX; i++)
        cr_assert(eq(int, w3p_listen_parse(&listen, NULL, "127.0.0.1:0"), W3P_OK));
    cr_expect(eq(int, w3p_listen_parse(&listen, NULL, "127.0.0.1:0"), W3P_E_LIMIT));
    cr_expect(eq(sz, listen.len, W3P_LISTEN_MAX));
}

// What would listen twice at one place, in one list or over two of them.
static const struct {
    const char *first, *second;
    bool same;
} pairs[] = {{"127.0.0.1:3000", "127.0.0.1:3000", true},  {"0.0.0.0:3000", "127.0.0.1:3000", true},
             {"127.0.0.2:3000", "0.0.0.0:3000", true},    {"[::1]:3000", "[0:0:0:0:0:0:0:1]:3000", true},
             {"[::]:3000", "[::1]:3000", true},           {"127.0.0.1:3000", "localhost:3000", true},
             {"127.0.0.1:3000", "127.0.0.1:3001", false}, {"127.0.0.1:3000", "127.0.0.2:3000", false},
             {"0.0.0.0:3000", "[::]:3000", false},        {"127.0.0.1:0", "127.0.0.1:0", false},
             {"[::1]:3000", "[::2]:3000", false}};

Test(listen, the_same_place_twice_is_refused)
{
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct w3p_listen listen = {0};
        struct w3p_errmsg msg = {0};
        cr_assert(eq(int, w3p_listen_parse(&listen, &msg, pairs[i].first), W3P_OK), "%s", msg.text);
        int err = w3p_listen_parse(&listen, &msg, pairs[i].second);
        cr_expect(eq(int, err, pairs[i].same ? W3P_E_INVALID : W3P_OK), "%s %s", pairs[i].first, pairs[i].second);
        if (pairs[i].same)
            cr_expect(strstr(msg.text, listen.addrs[0].text) != NULL, "%s", msg.text);
    }
}

Test(listen, names)
{
    struct w3p_listen listen = {0};
    struct w3p_errmsg msg = {0};
    cr_assert(eq(int, w3p_listen_parse(&listen, &msg, "localhost:3000"), W3P_OK), "%s", msg.text);
    cr_assert(lt(sz, 0, listen.len));
    for (size_t i = 0; i < listen.len; i++) {
        cr_expect(eq(int, w3p_listen_port(&listen.addrs[i]), 3000));
        cr_expect(strstr(listen.addrs[i].text, " (localhost)") != NULL, "%s", listen.addrs[i].text);
    }
    cr_expect(eq(int, w3p_listen_parse(&listen, &msg, "no-such-host.invalid:1"), W3P_E_IO));
    cr_expect(strstr(msg.text, "no-such-host.invalid") != NULL, "%s", msg.text);
}

Test(listen, parses)
{
    struct w3p_listen listen = {0};
    char text[W3P_LISTEN_TEXT_MAX];
    cr_assert(eq(int, w3p_listen_parse(&listen, NULL, "127.0.0.1:3000, [::1]:0"), W3P_OK));
    cr_assert(eq(sz, listen.len, 2));
    cr_expect(eq(int, w3p_listen_port(&listen.addrs[0]), 3000));
    cr_expect(eq(int, listen.addrs[1].addr.any.sa_family, AF_INET6));
    cr_expect(eq(int, w3p_listen_port(&listen.addrs[1]), 0));
    w3p_listen_print(text, &listen.addrs[0]);
    cr_expect(eq(str, text, "127.0.0.1:3000"));
    w3p_listen_print(text, &listen.addrs[1]);
    cr_expect(eq(str, text, "[::1]:0"));
}

Test(listen, first_bind_sees_another_server)
{
    struct w3p_listen list = {0};
    struct w3p_errmsg msg = {0};
    int first = -1, second = -1, third = -1;
    cr_assert(eq(int, w3p_listen_parse(&list, NULL, "127.0.0.1:0"), W3P_OK));
    cr_assert(eq(int, w3p_listen_bind(&first, &msg, &list.addrs[0], true), W3P_OK));
    cr_assert(eq(int, listen(first, 1), 0));
    cr_expect(lt(int, 0, w3p_listen_port(&list.addrs[0])));
    cr_expect(eq(int, w3p_listen_bind(&second, &msg, &list.addrs[0], false), W3P_OK));
    cr_expect(eq(int, w3p_listen_bind(&third, &msg, &list.addrs[0], true), W3P_E_IO));
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

Test(delegates, at_most_twenty)
{
    char *json = NULL, text[4096];
    size_t at = 0, twenty = 0;
    struct w3p_errmsg msg = {0};
    for (int i = 1; i <= 21; i++) {
        twenty = i == 21 ? at : 0;
        at += (size_t)snprintf(text + at, sizeof text - at, "%s/ip4/203.0.113.%d/tcp/4001/p2p/" PEER, i > 1 ? "," : "",
                               i);
    }
    cr_expect(eq(int, w3p_delegates_json(&json, &msg, text), W3P_E_LIMIT));
    cr_expect(json == NULL);
    text[twenty] = '\0';
    cr_assert(eq(int, w3p_delegates_json(&json, &msg, text), W3P_OK), "%s", msg.text);
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
