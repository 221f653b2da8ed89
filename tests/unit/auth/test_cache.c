// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the cache of verified headers: hits, time to live, bounds, and that only whole equal headers are equal.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/hash.h"
#include "scheme.h"

static int64_t now_ms = 1000000;

static void start(void)
{
    w3p_crypto_init();
    w3p_clock_fake(&now_ms);
}

TestSuite(auth_cache, .init = start, .timeout = 120);

// A valid header of the n-th solana wallet (any n gives another account).
static void make_header(struct w3p_buf *out, uint16_t n)
{
    struct w3p_keypair key;
    uint8_t seed32[32] = {(uint8_t)n, (uint8_t)(n >> 8), 0x77};
    w3p_buf_init(out, W3P_AUTH_HEADER_MAX);
    w3p_buf_put_str(out, "Bearer ");
    cr_assert(w3p_keypair_from_seed(&key, W3P_KEY_ED25519, seed32) == W3P_OK);
    cr_assert(w3p_token_make(out, &w3p_scheme_solana, &key) == W3P_OK);
}

// The mark that a caller left in an entry tells a hit from a fresh verification.
static int64_t look(struct w3p_auth_cache *cache, const struct w3p_buf *header, int64_t mark)
{
    struct w3p_auth_entry *entry = NULL;
    if (w3p_auth_cached(&entry, cache, w3p_buf_str(header), header->len) != W3P_AUTH_OK)
        return -1;
    int64_t found = entry->account_id;
    entry->account_id = mark;
    return found;
}

Test(auth_cache, remembers_until_the_time_is_over)
{
    struct w3p_auth_cache *cache = w3p_auth_cache_create(64, 5000);
    struct w3p_buf header;
    make_header(&header, 1);
    cr_expect(look(cache, &header, 7) == 0);
    now_ms += 4999; // use does not prolong
    cr_expect(look(cache, &header, 8) == 7);
    now_ms += 1;
    cr_expect(look(cache, &header, 9) == 0);
    cr_expect(look(cache, &header, 0) == 9);
    now_ms -= 60000; // a clock that went back makes nothing live for ever
    cr_expect(look(cache, &header, 0) == 0);
    w3p_buf_deinit(&header);
    w3p_auth_cache_destroy(cache);
}

Test(auth_cache, refusals_are_not_stored)
{
    struct w3p_auth_cache *cache = w3p_auth_cache_create(64, 5000);
    struct w3p_auth_entry *entry = NULL;
    struct w3p_buf header;
    make_header(&header, 2);
    cr_expect(look(cache, &header, 5) == 0);
    static char longer[W3P_AUTH_HEADER_MAX + 1];
    memset(longer, 'A', sizeof(longer));
    cr_expect(w3p_auth_cached(&entry, cache, NULL, 0) == W3P_AUTH_MISSING);
    cr_expect(w3p_auth_cached(&entry, cache, longer, sizeof(longer)) == W3P_AUTH_TOO_LONG);
    for (int i = 0; i < 3; i++) {
        cr_expect(w3p_auth_cached(&entry, cache, w3p_buf_str(&header), header.len - 1) != W3P_AUTH_OK);
        cr_expect(w3p_auth_cached(&entry, cache, w3p_buf_str(&header), header.len + 1) != W3P_AUTH_OK); // with its NUL
    }
    cr_expect(entry == NULL);
    cr_expect(look(cache, &header, 0) == 5); // and they pushed nothing out
    w3p_buf_deinit(&header);
    w3p_auth_cache_destroy(cache);
}

Test(auth_cache, equal_beginnings_do_not_collide)
{
    // one wallet, one address: the headers differ only behind 60 equal characters
    struct w3p_auth_cache *cache = w3p_auth_cache_create(4, 5000);
    struct w3p_keypair key;
    struct w3p_errmsg msg;
    struct w3p_buf one, two;
    w3p_buf_init(&one, W3P_AUTH_HEADER_MAX);
    w3p_buf_init(&two, W3P_AUTH_HEADER_MAX);
    cr_assert(w3p_keypair_from_uri(&key, &msg, W3P_KEY_SR25519, "//Alice") == W3P_OK);
    w3p_buf_put_str(&one, "Bearer ");
    w3p_buf_put_str(&two, "Bearer ");
    cr_assert(w3p_token_make(&one, &w3p_scheme_substrate, &key) == W3P_OK);
    cr_assert(w3p_token_make(&two, &w3p_scheme_substrate, &key) == W3P_OK); // randomised
    cr_assert(one.len == two.len && memcmp(one.ptr, two.ptr, 60) == 0 && memcmp(one.ptr, two.ptr, one.len) != 0);
    cr_expect(look(cache, &one, 11) == 0);
    cr_expect(look(cache, &two, 22) == 0);
    cr_expect(look(cache, &one, 11) == 11);
    cr_expect(look(cache, &two, 22) == 22);
    // a changed last character must not find the entry of its neighbour
    struct w3p_auth_entry *entry;
    uint8_t *last = &one.ptr[one.len - 5];
    *last = *last == 'A' ? 'B' : 'A';
    cr_expect(w3p_auth_cached(&entry, cache, w3p_buf_str(&one), one.len) != W3P_AUTH_OK);
    w3p_buf_deinit(&one);
    w3p_buf_deinit(&two);
    w3p_auth_cache_destroy(cache);
}

Test(auth_cache, least_recently_used_gives_way)
{
    struct w3p_auth_cache *cache = w3p_auth_cache_create(4, 5000); // one set
    struct w3p_buf headers[6];
    for (uint16_t i = 0; i < 6; i++)
        make_header(&headers[i], i);
    for (int i = 0; i < 4; i++)
        cr_expect(look(cache, &headers[i], 100 + i) == 0);
    cr_expect(look(cache, &headers[0], 100) == 100); // now 1 is the oldest
    cr_expect(look(cache, &headers[4], 104) == 0);
    cr_expect(look(cache, &headers[0], 100) == 100);
    cr_expect(look(cache, &headers[2], 102) == 102);
    cr_expect(look(cache, &headers[3], 103) == 103);
    cr_expect(look(cache, &headers[4], 104) == 104);
    cr_expect(look(cache, &headers[1], 101) == 0);
    for (int i = 0; i < 6; i++)
        w3p_buf_deinit(&headers[i]);
    w3p_auth_cache_destroy(cache);
}

Test(auth_cache, bounds)
{
    static const size_t sizes[] = {0, 1, 2, 3, 5, 7, 64};
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        struct w3p_auth_cache *cache = w3p_auth_cache_create(sizes[s], 5000);
        size_t hits = 0;
        struct w3p_buf header;
        for (uint16_t n = 0; n < 100; n++) {
            make_header(&header, n);
            cr_expect(look(cache, &header, n + 1) == 0);
            cr_expect(look(cache, &header, n + 1) == (sizes[s] > 0 ? n + 1 : 0), "size %zu", sizes[s]);
            w3p_buf_deinit(&header);
        }
        // newest first: an old one that is looked up again would push out one that still has to be counted
        for (uint16_t n = 100; n-- > 0;) {
            make_header(&header, n);
            hits += look(cache, &header, n + 1) == n + 1;
            w3p_buf_deinit(&header);
        }
        cr_expect(hits <= sizes[s] && (sizes[s] == 0 || hits > 0), "%zu of %zu", hits, sizes[s]);
        w3p_auth_cache_destroy(cache);
    }
    struct w3p_auth_cache *cache = w3p_auth_cache_create(64, 0); // no time to live: nothing is kept
    struct w3p_buf header;
    make_header(&header, 3);
    cr_expect(look(cache, &header, 1) == 0);
    cr_expect(look(cache, &header, 1) == 0);
    w3p_buf_deinit(&header);
    w3p_auth_cache_destroy(cache);
    w3p_auth_cache_destroy(NULL);
}
