// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: restrictions of minted tokens: from what a person writes to what a request may do.
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "base/cid.h"
#include "caveat.h"
#include "crypto/hash.h"

#define V0 "QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM"

TestSuite(caveat, .init = w3p_crypto_init, .timeout = 10);

static void add(struct w3p_restrictions *r, const struct w3p_caveat *caveat)
{
    cr_assert(w3p_restrictions_add(r, caveat->type, caveat->value, caveat->len));
}

Test(caveat, numbers_out_of_range)
{
    struct w3p_caveat made = {.type = 99};
    cr_expect(eq(int, w3p_caveat_expires(&made, -1), W3P_E_RANGE));
    cr_expect(eq(int, w3p_caveat_expires(&made, W3P_CAVEAT_U40_MAX + 1), W3P_E_RANGE));
    cr_expect(eq(int, w3p_caveat_max_bytes(&made, (uint64_t)W3P_CAVEAT_U40_MAX + 1), W3P_E_RANGE));
    cr_expect(eq(int, w3p_caveat_max_bytes(&made, UINT64_MAX), W3P_E_RANGE));
    cr_expect(eq(int, made.type, 99));
    cr_expect(eq(int, w3p_caveat_expires(&made, 0), W3P_OK));
    cr_expect(eq(int, w3p_caveat_max_bytes(&made, (uint64_t)W3P_CAVEAT_U40_MAX), W3P_OK));
    cr_expect(eq(u64, w3p_caveat_u40(made.value), (uint64_t)W3P_CAVEAT_U40_MAX));
}

Test(caveat, texts_that_are_none)
{
    static const char *const origins[] = {"",
                                          "app.example",
                                          "https://",
                                          "https://app.example/",
                                          "ftp://app.example",
                                          "null",
                                          "https://app.example?x",
                                          "https://user@app.example",
                                          "https//app.example",
                                          "*",
                                          "https://app example",
                                          "https://\xc3\xa9.example",
                                          "://app.example",
                                          "https:///x"};
    static const char *const nets[] = {"",
                                       "/",
                                       "10.0.0.0/",
                                       "10.0.0.0/33",
                                       "10.0.0.1/8",
                                       "10.0.0/8",
                                       "10.0.0.0/8/8",
                                       "010.0.0.1",
                                       "::1/129",
                                       "2001:db8::1/32",
                                       "::ffff:10.0.0.1",
                                       "host",
                                       "10.0.0.0/-1",
                                       "10.0.0.0/ 8",
                                       "fe80::1%eth0",
                                       " 10.0.0.1",
                                       "10.0.0.0/8,11.0.0.0/8"};
    static const char *const cids[] = {"", "Qm", "x", "bafy", V0 " "};
    struct w3p_caveat made = {.type = 99};
    struct w3p_errmsg msg;
    for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
        msg.text[0] = '\0';
        cr_expect(eq(int, w3p_caveat_origin(&made, &msg, origins[i]), W3P_E_INVALID), "%s", origins[i]);
        cr_expect(strstr(msg.text, "https://app.example without a path") != NULL, "%s", msg.text);
    }
    for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
        msg.text[0] = '\0';
        cr_expect(eq(int, w3p_caveat_net(&made, &msg, nets[i]), W3P_E_INVALID), "%s", nets[i]);
        cr_expect(strstr(msg.text, "10.0.0.0/8") != NULL, "%s", msg.text);
    }
    for (size_t i = 0; i < sizeof(cids) / sizeof(cids[0]); i++)
        cr_expect(eq(int, w3p_caveat_add_cid(&made, &msg, cids[i], strlen(cids[i])), W3P_E_INVALID), "%s", cids[i]);
    char host[400] = "https://";
    memset(host + 8, 'a', 380);
    cr_expect(eq(int, w3p_caveat_origin(&made, NULL, host), W3P_E_INVALID));
    cr_expect(eq(int, made.type, 99));
}

// One content, whatever its spelling; one list has room for fifteen.
Test(caveat, lists_of_cids)
{
    struct w3p_cid cid;
    struct w3p_caveat list = {0};
    struct w3p_restrictions r;
    struct w3p_errmsg msg;
    char text[W3P_CID_ORDER_MAX];
    uint8_t multihash[W3P_CID_KEY_MAX];

    cr_assert(eq(int, w3p_cid_parse(&cid, NULL, V0, strlen(V0)), W3P_OK));
    size_t len = w3p_cid_multihash(multihash, &cid);
    cr_expect(eq(sz, len, 34));
    cr_assert(eq(int, w3p_caveat_add_cid(&list, &msg, V0, strlen(V0)), W3P_OK));
    cr_assert(w3p_cid_format_alternate(text, &cid));
    cr_assert(eq(int, w3p_caveat_add_cid(&list, &msg, text, strlen(text)), W3P_OK));
    cr_expect(eq(int, list.len, 16));
    w3p_restrictions_init(&r, 0);
    add(&r, &list);
    cr_expect(w3p_restrictions_permit_cid(&r, multihash, len));
    for (int i = 1; i < W3P_CAVEAT_CIDS_MAX + 1; i++) {
        cid.digest[0] = (uint8_t)(cid.digest[0] + 1);
        w3p_cid_format_order(text, &cid);
        int err = w3p_caveat_add_cid(&list, &msg, text, strlen(text));
        cr_expect(eq(int, err, i < W3P_CAVEAT_CIDS_MAX ? W3P_OK : W3P_E_LIMIT));
    }
    cr_expect(eq(int, list.len, 240));
    cr_expect(strstr(msg.text, "15 CIDs") != NULL, "%s", msg.text);
    (void)w3p_cid_multihash(multihash, &cid);
    cr_expect(eq(int, w3p_restrictions_permit_cid(&r, multihash, len), false));
}

// What is left is what is in every list; with nothing left nothing is permitted, also through a minted child.
Test(caveat, lists_intersect)
{
    struct w3p_restrictions r, again;
    struct w3p_caveat out[W3P_RESTRICTIONS_CAVEATS_MAX];
    uint8_t lists[3][48], digest32[32];
    for (uint8_t i = 0; i < 9; i++) { // lists {0 1 2} {1 2 3} {5 6 7}
        uint8_t n = (uint8_t)(i % 3 + (i / 3 == 2 ? 5 : i / 3));
        w3p_sha256(digest32, &n, 1);
        memcpy(lists[i / 3] + i % 3 * 16, digest32, 16);
    }
    w3p_restrictions_init(&r, 0);
    cr_expect(w3p_restrictions_permit_cid(&r, (uint8_t[]){9}, 1));
    for (size_t n = 0; n < 3; n++) {
        cr_assert(w3p_restrictions_add(&r, W3P_CAVEAT_CIDS, lists[n], 48));
        w3p_restrictions_init(&again, 0);
        size_t count = w3p_restrictions_caveats(out, &r);
        cr_assert(eq(sz, count, 1));
        add(&again, &out[0]);
        for (uint8_t i = 0; i < 9; i++) {
            bool in = n == 0 ? i < 3 : n == 1 ? i == 1 || i == 2 : false;
            cr_expect(eq(int, w3p_restrictions_permit_cid(&r, &i, 1), in), "%zu %d", n, i);
            cr_expect(eq(int, w3p_restrictions_permit_cid(&again, &i, 1), in), "%zu %d", n, i);
        }
    }
}

Test(caveat, origins)
{
    struct w3p_restrictions r, again;
    struct w3p_caveat a, b, out[W3P_RESTRICTIONS_CAVEATS_MAX];
    w3p_restrictions_init(&r, 0);
    cr_expect(w3p_restrictions_permit_origin(&r, NULL, 0));
    cr_assert(eq(int, w3p_caveat_origin(&a, NULL, "HTTPS://App.Example:443"), W3P_OK));
    add(&r, &a);
    cr_expect(w3p_restrictions_permit_origin(&r, "https://app.example", 19));
    static const char *const others[] = {"",
                                         "null",
                                         "http://app.example",
                                         "https://app.example:444",
                                         "https://app.example/",
                                         "app.example",
                                         "https://app.exampl"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        cr_expect(eq(int, w3p_restrictions_permit_origin(&r, others[i], strlen(others[i])), false), "%s", others[i]);
    cr_expect(eq(int, w3p_restrictions_permit_origin(&r, NULL, 0), false));
    add(&r, &a); // the same again
    cr_expect(w3p_restrictions_permit_origin(&r, "https://app.example", 19));
    cr_assert(eq(int, w3p_caveat_origin(&b, NULL, "http://localhost:5173"), W3P_OK));
    add(&r, &b);
    add(&r, &b); // the second of two is not made good by saying it again
    cr_expect(eq(int, w3p_restrictions_permit_origin(&r, "https://app.example", 19), false));
    cr_expect(eq(int, w3p_restrictions_permit_origin(&r, "http://localhost:5173", 21), false));
    w3p_restrictions_init(&again, 0);
    cr_assert(eq(sz, w3p_restrictions_caveats(out, &r), 2));
    add(&again, &out[0]);
    cr_expect(w3p_restrictions_permit_origin(&again, "http://localhost:5173", 21));
    add(&again, &out[1]);
    cr_expect(eq(int, w3p_restrictions_permit_origin(&again, "http://localhost:5173", 21), false));
}

static bool permits_addr(const struct w3p_restrictions *r, const char *text)
{
    uint8_t addr16[16] = {[10] = 0xff, [11] = 0xff};
    if (inet_pton(AF_INET, text, addr16 + 12) != 1)
        cr_assert(eq(int, inet_pton(AF_INET6, text, addr16), 1));
    return w3p_restrictions_permit_addr(r, addr16);
}

Test(caveat, networks)
{
    static const struct {
        const char *a, *b, *in, *out; // b: NULL or a second caveat; in: NULL: nothing fits
    } all[] = {{"10.0.0.0/8", NULL, "10.255.255.255", "11.0.0.0"},
               {"192.0.2.7", NULL, "192.0.2.7", "192.0.2.6"},
               {"0.0.0.0/0", NULL, "255.1.2.3", "2001:db8::1"},
               {"2001:db8::/33", NULL, "2001:db8:7fff::1", "2001:db8:8000::1"},
               {"2001:db8::1", NULL, "2001:db8::1", "2001:db8::"},
               {"10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "10.2.0.0"},
               {"10.1.0.0/16", "10.0.0.0/8", "10.1.2.3", "10.2.0.0"},
               {"10.1.0.0/16", "10.2.0.0/16", NULL, "10.1.2.3"},
               {"10.1.0.0/16", "10.2.0.0/16", NULL, "10.2.2.3"},
               {"10.1.0.0/16", "2001:db8::/32", NULL, "10.1.0.1"},
               {"2001:db8::/32", "2001:db8:1::/48", "2001:db8:1::5", "2001:db8:2::5"}};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct w3p_caveat caveat, out[W3P_RESTRICTIONS_CAVEATS_MAX];
        struct w3p_restrictions r, again;
        struct w3p_errmsg msg;
        w3p_restrictions_init(&r, 0);
        w3p_restrictions_init(&again, 0);
        cr_expect(permits_addr(&r, all[i].out));
        cr_assert(w3p_caveat_net(&caveat, &msg, all[i].a) == W3P_OK, "%s", msg.text);
        add(&r, &caveat);
        if (all[i].b != NULL) {
            cr_assert(w3p_caveat_net(&caveat, &msg, all[i].b) == W3P_OK, "%s", msg.text);
            add(&r, &caveat);
        }
        size_t count = w3p_restrictions_caveats(out, &r);
        for (size_t n = 0; n < count; n++)
            add(&again, &out[n]);
        cr_expect(eq(int, permits_addr(&r, all[i].out), false), "%zu", i);
        cr_expect(eq(int, permits_addr(&again, all[i].out), false), "%zu", i);
        if (all[i].in != NULL)
            cr_expect(permits_addr(&r, all[i].in) && permits_addr(&again, all[i].in), "%zu", i);
        cr_expect(eq(sz, count, all[i].in != NULL ? 1 : 2));
    }
}

Test(caveat, bytes_and_the_rest)
{
    struct w3p_restrictions r;
    struct w3p_caveat caveat, out[W3P_RESTRICTIONS_CAVEATS_MAX];
    w3p_restrictions_init(&r, 500);
    cr_expect(w3p_restrictions_permit_bytes(&r, UINT64_MAX));
    static const uint64_t limits[] = {1000, 100, 200};
    for (size_t i = 0; i < 3; i++) {
        cr_assert(eq(int, w3p_caveat_max_bytes(&caveat, limits[i]), W3P_OK));
        add(&r, &caveat);
    }
    cr_expect(w3p_restrictions_permit_bytes(&r, 100) && !w3p_restrictions_permit_bytes(&r, 101));
    cr_expect(w3p_restrictions_any(&r));
    cr_assert(eq(sz, w3p_restrictions_caveats(out, &r), 1));
    cr_expect(eq(u64, w3p_caveat_u40(out[0].value), 100u));
    cr_expect(eq(i64, r.expires_s, 500));
    cr_expect(eq(u16, r.scopes, W3P_SCOPES_ALL));
}

// Type and length alone decide for most; every combination is tried.
Test(caveat, every_type_and_length)
{
    static const uint8_t zeros[256];
    for (unsigned type = 0; type < 256; type++) {
        for (size_t len = 0; len < 256; len++) {
            struct w3p_restrictions r;
            w3p_restrictions_init(&r, 0);
            bool fits = ((type == 1 || type == 6) && len == 5) || (type == 2 && len == 2) || (type == 4 && len == 8) ||
                        (type == 3 && len > 0 && len % 16 == 0); // a network of family 0 is none
            cr_assert(eq(int, w3p_restrictions_add(&r, (uint8_t)type, zeros, len), fits), "%u %zu", type, len);
        }
    }
}
