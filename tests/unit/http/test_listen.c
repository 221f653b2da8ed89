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

// The JSON of a list that is fine, or NULL; *doubt and *msg as they come.
static char *delegates(struct w3p_errmsg *doubt, struct w3p_errmsg *msg, const char *text)
{
    char *json = NULL;
    *msg = (struct w3p_errmsg){0};
    int err = w3p_delegates_json(&json, doubt, msg, text);
    bool fine = err == W3P_OK;
    cr_expect(fine == (json != NULL), "%s: %s", text, msg->text);
    cr_expect(fine == (msg->text[0] == '\0'), "%s: %s", text, msg->text);
    return json;
}

Test(delegates, default_is_one_valid_address)
{
    struct w3p_errmsg msg, doubt;
    const char *const unset[] = {"", "  ", NULL};
    for (size_t i = 0; i < 3; i++) {
        char *json = delegates(&doubt, &msg, unset[i]);
        cr_assert(json != NULL);
        cr_expect(eq(str, json, "[\"/ip4/127.0.0.1/tcp/1/p2p/" PEER "\"]"));
        cr_expect(strstr(doubt.text, "set psa.delegates") != NULL, "%s", doubt.text);
        free(json);
    }
}

Test(delegates, in_their_order_and_without_the_spaces_around_them)
{
    struct w3p_errmsg msg, doubt;
    char *json =
        delegates(&doubt, &msg, " /dns4/a.example/tcp/443/wss/p2p/" PEER " , /ip4/203.0.113.1/tcp/4001/p2p/" PEER);
    cr_assert(json != NULL);
    cr_expect(
        eq(str, json, "[\"/dns4/a.example/tcp/443/wss/p2p/" PEER "\",\"/ip4/203.0.113.1/tcp/4001/p2p/" PEER "\"]"));
    cr_expect(eq(str, doubt.text, ""));
    free(json);
}

Test(delegates, at_most_twenty)
{
    char *json, text[4096];
    size_t at = 0, twenty = 0;
    struct w3p_errmsg msg, doubt;
    for (int i = 1; i <= 21; i++) {
        twenty = i == 21 ? at : 0;
        at += (size_t)snprintf(text + at, sizeof text - at, "%s/ip4/203.0.113.%d/tcp/4001/p2p/" PEER, i > 1 ? "," : "",
                               i);
    }
    cr_expect(delegates(&doubt, &msg, text) == NULL);
    cr_expect(strstr(msg.text, "more than 20") != NULL, "%s", msg.text);
    text[twenty] = '\0';
    json = delegates(&doubt, &msg, text);
    cr_assert(json != NULL, "%s", msg.text);
    free(json);
}

Test(delegates, without_peer_id_is_refused)
{
    struct w3p_errmsg msg, doubt;
    cr_expect(delegates(&doubt, &msg, "/ip4/203.0.113.1/tcp/4001") == NULL);
    cr_expect(strstr(msg.text, "/p2p/") != NULL, "%s", msg.text);
}

Test(delegates, refused_with_what_to_do)
{
    static const char *const good = "/ip4/203.0.113.1/tcp/4001/p2p/" PEER;
    static const struct {
        const char *head, *tail, *says;
    } rows[] = {
        {"", ",", "empty item"},
        {",", "", "empty item"},
        {"/dns4/a.example/tcp/1/p2p/" PEER ",,", "", "empty item"},
        {"", ", ", "empty item"},
        {"/ip4/203.0.113.1/tcp/4001/p2p/" PEER ", ", "", "twice"},
        {"/ip4/203.0.113.1/tcp /4001/p2p/" PEER ",", "", "protocol"},
        {"/ip4/203.0.113.1/tcp/4001/p2p/12D3KooWnobody,", "", "peer id"},
        {"203.0.113.1:4001,", "", "slash"},
    };
    struct w3p_errmsg msg, doubt;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512];
        (void)snprintf(text, sizeof text, "%s%s%s", rows[i].head, good, rows[i].tail);
        cr_expect(delegates(&doubt, &msg, text) == NULL, "%s", text);
        cr_expect(strstr(msg.text, rows[i].says) != NULL, "%s: %s", text, msg.text);
    }
}

Test(delegates, that_reach_nobody_elsewhere_are_doubted)
{
    static const char *const
        near[] = {"ip4/127.0.0.1",   "ip4/10.0.0.1",   "ip4/172.16.0.1",  "ip4/172.31.255.255",  "ip4/192.168.255.1",
                  "ip4/169.254.9.9", "ip4/100.64.0.1", "ip4/100.127.0.1", "ip4/0.0.0.0",         "ip6/::1",
                  "ip6/::",          "ip6/fd00::1",    "ip6/fe80::1",     "ip6/::ffff:10.0.0.1", "dns4/localhost"},
        *const far[] = {"ip4/11.0.0.1",        "ip4/172.32.0.1", "ip4/172.15.0.1",        "ip4/192.169.0.1",
                        "ip4/100.128.0.1",     "ip4/128.0.0.1",  "ip6/2001:db8::1",       "ip6/fec0::1",
                        "ip6/::ffff:11.0.0.1", "dns4/a.example", "dns4/localhost.example"};
    struct w3p_errmsg msg, doubt;
    char text[512];
    for (size_t i = 0; i < sizeof near / sizeof near[0] + sizeof far / sizeof far[0]; i++) {
        bool is_near = i < sizeof near / sizeof near[0];
        const char *host = is_near ? near[i] : far[i - sizeof near / sizeof near[0]];
        (void)snprintf(text, sizeof text, "/dns4/b.example/tcp/1/p2p/" PEER ",/%s/tcp/4001/p2p/" PEER, host);
        char *json = delegates(&doubt, &msg, text);
        cr_assert(json != NULL, "%s", msg.text);
        cr_expect(is_near == (strstr(doubt.text, host) != NULL), "%s: %s", host, doubt.text);
        cr_expect(is_near == (strstr(doubt.text, "1 of 2 ") != NULL), "%s: %s", host, doubt.text);
        free(json);
    }
}
