// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: addresses, lists of networks, X-Forwarded-For, connections of each peer.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "crypto/hash.h"
#include "http/peer.h"

static struct w3p_peer peer(const char *text)
{
    struct w3p_peer out = {0};
    cr_assert(eq(int, w3p_peer_parse(&out, w3p_span_str(text)), W3P_OK), "%s", text);
    return out;
}

static const char *shown(const struct w3p_peer *who)
{
    static char text[W3P_PEER_TEXT_MAX];
    w3p_peer_format(text, who);
    return text;
}

static const char *const bad_addresses[] = {"",
                                            " ",
                                            "1",
                                            "1.2.3",
                                            "1.2.3.4.5",
                                            "1.2.3.256",
                                            "01.2.3.4",
                                            "1.2.3.4:",
                                            "1.2.3.4:65536",
                                            "1.2.3.4:x",
                                            "1.2.3.4 ",
                                            ":80",
                                            ":",
                                            "::1:",
                                            "g::1",
                                            "[",
                                            "[]",
                                            "[::1",
                                            "[::1]80",
                                            "[::1]:",
                                            "[::1]:65536",
                                            "[1.2.3.4]",
                                            "[::1%lo]",
                                            "::1%lo",
                                            "unknown",
                                            "_hidden",
                                            "1.2.3.4/8",
                                            "11111111111111111111111111111111111111111111111111111111111111111"};

Test(peer, what_is_no_address)
{
    struct w3p_peer out;
    for (size_t i = 0; i < sizeof bad_addresses / sizeof bad_addresses[0]; i++) {
        memset(&out, 0x5a, sizeof out);
        cr_expect(eq(int, w3p_peer_parse(&out, w3p_span_str(bad_addresses[i])), W3P_E_INVALID), "%s", bad_addresses[i]);
        cr_expect(out.addr16[0] == 0x5a && out.addr16[15] == 0x5a);
    }
    cr_expect(eq(int, w3p_peer_parse(&out, W3P_SPAN_LIT("1.2.3.4\0")), W3P_E_INVALID));
}

static const char *const addresses[][2] = {{"192.0.2.1", "192.0.2.1"},
                                           {"192.0.2.1:80", "192.0.2.1"},
                                           {"2001:db8::1", "2001:db8::1"},
                                           {"[2001:db8::1]", "2001:db8::1"},
                                           {"[2001:DB8:0::1]:0", "2001:db8::1"},
                                           {"::ffff:192.0.2.1", "192.0.2.1"},
                                           {"[::ffff:192.0.2.1]:65535", "192.0.2.1"},
                                           {"::", "::"}};

Test(peer, what_is_an_address)
{
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        struct w3p_peer got = peer(addresses[i][0]);
        cr_expect(eq(str, (char *)shown(&got), (char *)addresses[i][1]));
    }
}

Test(peer, of_a_socket)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    struct w3p_peer got;
    inet_pton(AF_INET, "192.0.2.9", &v4.sin_addr);
    inet_pton(AF_INET6, "2001:db8::9", &v6.sin6_addr);
    cr_assert(w3p_peer_of_sockaddr(&got, (struct sockaddr *)&v4));
    cr_expect(eq(str, (char *)shown(&got), "192.0.2.9"));
    cr_assert(w3p_peer_of_sockaddr(&got, (struct sockaddr *)&v6));
    cr_expect(eq(str, (char *)shown(&got), "2001:db8::9"));
    cr_expect(eq(int, w3p_peer_of_sockaddr(&got, (struct sockaddr *)&un), 0));
}

Test(peer, an_ipv6_customer_is_one_subject)
{
    struct w3p_peer a = peer("2001:db8:1:2::1"), b = peer("2001:db8:1:2:ffff::1"), c = peer("2001:db8:1:3::1"),
                    d = peer("192.0.2.1"), e = peer("192.0.2.2");
    a = w3p_peer_subject(&a);
    b = w3p_peer_subject(&b);
    c = w3p_peer_subject(&c);
    d = w3p_peer_subject(&d);
    e = w3p_peer_subject(&e);
    cr_expect(memcmp(&a, &b, sizeof a) == 0);
    cr_expect(memcmp(&a, &c, sizeof a) != 0);
    cr_expect(memcmp(&d, &e, sizeof d) != 0);
}

static const char *const bad_nets[] = {
    "x",      "10.0.0.0/",      "10.0.0.0/33", "10.0.0.0/-1",  "10.0.0.0/08",         "10.0.0.1/8",   "10.0.0.0/8 x",
    "::/129", "2001:db8::1/32", "[::1]",       "127.0.0.1:80", "::ffff:10.0.0.0/104", "10.0.0.0/8,x", "10.0.0.0/7;",
    "/8"};

Test(peer, what_is_no_list_of_networks)
{
    struct w3p_peer_nets nets;
    struct w3p_errmsg msg;
    char many[1024] = "";
    for (size_t i = 0; i < sizeof bad_nets / sizeof bad_nets[0]; i++) {
        cr_expect(eq(int, w3p_peer_nets_parse(&nets, &msg, "the.key", bad_nets[i]), W3P_E_INVALID), "%s", bad_nets[i]);
        cr_expect(strncmp(msg.text, "the.key: \"", 10) == 0, "%s", msg.text);
    }
    for (size_t i = 0; i < W3P_PEER_NETS_MAX + 1; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), "10.0.0.%zu,", i);
    cr_expect(eq(int, w3p_peer_nets_parse(&nets, &msg, "the.key", many), W3P_E_LIMIT));
}

Test(peer, lists_of_networks)
{
    static const char *const inside[] = {
        "10.0.0.1", "10.255.255.255", "192.0.2.7", "2001:db8:ff::", "::1", "172.16.0.1", "172.31.255.255"};
    static const char *const outside[] = {
        "11.0.0.0", "9.255.255.255", "192.0.2.6", "2001:db9::", "::2", "172.32.0.0", "172.15.255.255", "::10.0.0.1"};
    struct w3p_peer_nets nets;
    struct w3p_errmsg msg;
    cr_assert(eq(int,
                 w3p_peer_nets_parse(&nets, &msg, "k", " 10.0.0.0/8,, 192.0.2.7 ,2001:db8::/32,::1/128,172.16.0.0/12,"),
                 W3P_OK));
    cr_expect(eq(sz, nets.len, 5));
    for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++) {
        struct w3p_peer who = peer(inside[i]);
        cr_expect(w3p_peer_nets_have(&nets, &who), "%s", inside[i]);
    }
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        struct w3p_peer who = peer(outside[i]);
        cr_expect(eq(int, w3p_peer_nets_have(&nets, &who), 0), "%s", outside[i]);
    }
    for (size_t i = 0; i < 2; i++) {
        cr_assert(eq(int, w3p_peer_nets_parse(&nets, &msg, "k", i == 0 ? NULL : ""), W3P_OK));
        cr_expect(eq(sz, nets.len, 0));
    }
    struct w3p_peer v4 = peer("10.0.0.1"), v6 = peer("2001:db8::1");
    cr_assert(eq(int, w3p_peer_nets_parse(&nets, &msg, "k", "0.0.0.0/0"), W3P_OK));
    cr_expect(w3p_peer_nets_have(&nets, &v4));
    cr_expect(eq(int, w3p_peer_nets_have(&nets, &v6), 0));
}

// Values of the header in the order of the request, and who the client is then. 10/8 is trusted, and the connection
// comes from 10.0.0.1.
struct forwarded {
    const char *values[3];
    const char *client;
};
static const struct forwarded forwarded[] = {
    {{NULL}, "10.0.0.1"},
    {{""}, "10.0.0.1"},
    {{"192.0.2.1"}, "192.0.2.1"},
    {{"1.1.1.1, 192.0.2.1"}, "192.0.2.1"}, // the left part is whatever the client wrote
    {{"1.1.1.1,192.0.2.1 ,\t10.0.0.2"}, "192.0.2.1"},
    {{"1.1.1.1", "192.0.2.1", "10.0.0.2, 10.0.0.3"}, "192.0.2.1"},
    {{"10.0.0.9, 10.0.0.2"}, "10.0.0.9"},
    {{"192.0.2.1:4711"}, "192.0.2.1"},
    {{"[2001:db8::1]:4711"}, "2001:db8::1"},
    {{"192.0.2.1, unknown"}, "10.0.0.1"}, // nobody to blame but the proxy that wrote it
    {{"192.0.2.1, , 10.0.0.2"}, "10.0.0.2"},
    {{"192.0.2.1", "for=1.1.1.1"}, "10.0.0.1"},
    {{","}, "10.0.0.1"},
};

Test(peer, forwarded_for)
{
    struct w3p_peer_nets trusted;
    struct w3p_errmsg msg;
    cr_assert(eq(int, w3p_peer_nets_parse(&trusted, &msg, "k", "10.0.0.0/8"), W3P_OK));
    for (size_t i = 0; i < sizeof forwarded / sizeof forwarded[0]; i++) {
        struct w3p_peer who = peer("10.0.0.1");
        unsigned hops = 0;
        for (size_t k = 3; k-- > 0;) {
            const char *value = forwarded[i].values[k];
            if (value != NULL && !w3p_peer_forwarded(&who, &hops, &trusted, w3p_span_str(value)))
                break;
        }
        cr_expect(eq(str, (char *)shown(&who), (char *)forwarded[i].client), "row %zu", i);
    }
}

Test(peer, forwarded_for_has_an_end)
{
    struct w3p_peer_nets trusted;
    struct w3p_errmsg msg;
    struct w3p_peer who = peer("10.0.0.1");
    char value[1024] = "192.0.2.1";
    unsigned hops = 0;
    cr_assert(eq(int, w3p_peer_nets_parse(&trusted, &msg, "k", "10.0.0.0/8"), W3P_OK));
    for (int i = W3P_PEER_HOPS_MAX; i > 0; i--)
        snprintf(value + strlen(value), sizeof value - strlen(value), ", 10.0.1.%d", i);
    cr_expect(eq(int, w3p_peer_forwarded(&who, &hops, &trusted, w3p_span_str(value)), 0));
    cr_expect(eq(str, (char *)shown(&who), "10.0.1.16"));
}

Test(peer, connections_are_counted)
{
    w3p_crypto_init();
    struct w3p_peer_counts *counts = w3p_peer_counts_create(5, 2);
    struct w3p_peer a = peer("192.0.2.1"), b = peer("2001:db8::1"), same = peer("2001:db8::2"), c = peer("192.0.2.3");
    cr_assert(w3p_peer_counts_enter(counts, &a));
    cr_assert(w3p_peer_counts_enter(counts, &a));
    cr_expect(eq(int, w3p_peer_counts_enter(counts, &a), 0));
    cr_assert(w3p_peer_counts_enter(counts, &b));
    cr_assert(w3p_peer_counts_enter(counts, &same));
    cr_expect(eq(int, w3p_peer_counts_enter(counts, &b), 0));
    w3p_peer_counts_leave(counts, &a);
    cr_expect(w3p_peer_counts_enter(counts, &a));
    cr_expect(eq(int, w3p_peer_counts_enter(counts, &a), 0));
    for (int i = 0; i < 100; i++) { // places come back
        cr_assert(w3p_peer_counts_enter(counts, &c));
        w3p_peer_counts_leave(counts, &c);
    }
    w3p_peer_counts_destroy(counts);
}

// As many peers as there is room for, and their places used again by others.
Test(peer, very_many_peers_are_counted)
{
    enum { PEERS = 3000 };
    w3p_crypto_init();
    struct w3p_peer_counts *counts = w3p_peer_counts_create(PEERS, 1);
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = 0; i <= PEERS; i++) {
            struct w3p_peer who = {
                {[10] = 0xff, [11] = 0xff, [12] = (uint8_t)round, [14] = (uint8_t)(i >> 8), [15] = (uint8_t)i}};
            cr_assert(eq(int, w3p_peer_counts_enter(counts, &who), i < PEERS), "%u", i);
            cr_assert(eq(int, w3p_peer_counts_enter(counts, &who), 0));
        }
        for (uint32_t i = PEERS; i-- > 0;) {
            struct w3p_peer who = {
                {[10] = 0xff, [11] = 0xff, [12] = (uint8_t)round, [14] = (uint8_t)(i >> 8), [15] = (uint8_t)i}};
            w3p_peer_counts_leave(counts, &who);
        }
    }
    w3p_peer_counts_destroy(counts);
}
