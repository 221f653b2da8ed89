// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the two tables of credentials that a thread remembers: time to live, bounds, who gives way, and that only
// whole equal headers are equal.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cache.h"
#include "crypto/hash.h"

static int64_t now_ms = 1000000;

static void start(void)
{
    w3p_crypto_init();
    w3p_clock_fake(&now_ms);
}

TestSuite(auth_cache, .init = start, .timeout = 120);

// The mark of what is remembered of this header, 0 when that is nothing. mark: what is remembered from now on.
static int64_t look(struct w3p_auth_cache *cache, const char *header, size_t len, int64_t mark)
{
    uint8_t digest32[32];
    w3p_auth_cache_digest(digest32, cache, header, len);
    struct w3p_auth_entry *entry = w3p_auth_cache_find(cache, digest32);
    int64_t found = entry != NULL ? entry->account_id : 0;
    if (entry == NULL)
        entry = w3p_auth_cache_put(cache, digest32, NULL);
    entry->account_id = mark;
    return found;
}

static int64_t look_n(struct w3p_auth_cache *cache, unsigned n, int64_t mark)
{
    char header[64];
    int len = snprintf(header, sizeof header, "Bearer number-%u", n);
    return look(cache, header, (size_t)len, mark);
}

Test(auth_cache, remembers_until_the_time_is_over)
{
    struct w3p_auth_cache *cache = w3p_auth_cache_create(64, 5000);
    cr_expect(look_n(cache, 1, 7) == 0);
    now_ms += 4999; // use does not prolong
    cr_expect(look_n(cache, 1, 8) == 7);
    now_ms += 1;
    cr_expect(look_n(cache, 1, 9) == 0);
    cr_expect(look_n(cache, 1, 9) == 9);
    now_ms -= 60000; // a clock that went back makes nothing live for ever
    cr_expect(look_n(cache, 1, 0) == 0);
    w3p_auth_cache_destroy(cache);
}

Test(auth_cache, equal_beginnings_do_not_collide)
{
    struct w3p_auth_cache *cache = w3p_auth_cache_create(4, 5000); // one set
    char one[600], two[600];
    memset(one, 'A', sizeof one);
    memset(two, 'A', sizeof two);
    two[sizeof two - 1] = 'B';
    cr_expect(look(cache, one, sizeof one, 11) == 0);
    cr_expect(look(cache, two, sizeof two, 22) == 0);
    cr_expect(look(cache, one, sizeof one - 1, 33) == 0, "a prefix");
    one[100] = '\0';
    cr_expect(look(cache, one, sizeof one, 44) == 0, "a NUL in the middle");
    cr_expect(look(cache, two, sizeof two, 22) == 22);
    cr_expect(look(cache, one, 100, 55) == 0, "what stands before the NUL");
    w3p_auth_cache_destroy(cache);
}

Test(auth_cache, least_recently_used_gives_way)
{
    struct w3p_auth_cache *cache = w3p_auth_cache_create(4, 5000); // one set
    for (unsigned i = 0; i < 4; i++)
        cr_expect(look_n(cache, i, 100 + i) == 0);
    cr_expect(look_n(cache, 0, 100) == 100); // now 1 is the oldest
    cr_expect(look_n(cache, 4, 104) == 0);
    cr_expect(look_n(cache, 0, 100) == 100);
    cr_expect(look_n(cache, 2, 102) == 102);
    cr_expect(look_n(cache, 3, 103) == 103);
    cr_expect(look_n(cache, 4, 104) == 104);
    cr_expect(look_n(cache, 1, 101) == 0);
    w3p_auth_cache_destroy(cache);
}

Test(auth_cache, bounds)
{
    static const size_t sizes[] = {0, 1, 2, 3, 5, 7, 64};
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        struct w3p_auth_cache *cache = w3p_auth_cache_create(sizes[s], 5000);
        size_t hits = 0;
        for (unsigned n = 0; n < 100; n++) {
            cr_expect(look_n(cache, n, n + 1) == 0);
            cr_expect(look_n(cache, n, n + 1) == (sizes[s] > 0 ? n + 1 : 0), "size %zu", sizes[s]);
        }
        // newest first: an old one that is looked up again would push out one that still has to be counted
        for (unsigned n = 100; n-- > 0;)
            hits += look_n(cache, n, n + 1) == n + 1;
        cr_expect(hits <= sizes[s] && (sizes[s] == 0 || hits > 0), "%zu of %zu", hits, sizes[s]);
        w3p_auth_cache_destroy(cache);
    }
    struct w3p_auth_cache *cache = w3p_auth_cache_create(64, 0); // no time to live: nothing is kept
    cr_expect(look_n(cache, 3, 1) == 0);
    cr_expect(look_n(cache, 3, 1) == 0);
    w3p_auth_cache_destroy(cache);
    w3p_auth_cache_destroy(NULL);
}

// A digest as the keyed hash would give it for the n-th header.
static void digest_of(uint8_t digest32[32], unsigned n)
{
    w3p_blake2b_256(digest32, &n, sizeof n);
}

Test(auth_cache, refusals_live_for_their_time)
{
    struct w3p_auth_refusals *refusals = w3p_auth_refusals_create();
    uint8_t digest32[32];
    digest_of(digest32, 1);
    cr_expect(eq(int, w3p_auth_refusals_find(refusals, digest32), W3P_AUTH_UNKNOWN));
    w3p_auth_refusals_put(refusals, digest32, W3P_AUTH_SIGNATURE);
    cr_expect(eq(int, w3p_auth_refusals_find(refusals, digest32), W3P_AUTH_SIGNATURE));
    for (unsigned byte = 0; byte < 16; byte++) { // every compared byte counts
        digest32[byte] ^= 1;
        cr_expect(eq(int, w3p_auth_refusals_find(refusals, digest32), W3P_AUTH_UNKNOWN), "byte %u", byte);
        digest32[byte] ^= 1;
    }
    now_ms += W3P_AUTH_REFUSAL_MS - 1;
    cr_expect(eq(int, w3p_auth_refusals_find(refusals, digest32), W3P_AUTH_SIGNATURE));
    now_ms += 1;
    cr_expect(eq(int, w3p_auth_refusals_find(refusals, digest32), W3P_AUTH_UNKNOWN));
    w3p_auth_refusals_put(refusals, digest32, W3P_AUTH_MAC);
    cr_expect(eq(int, w3p_auth_refusals_find(refusals, digest32), W3P_AUTH_MAC));
    now_ms -= 60000;
    cr_expect(eq(int, w3p_auth_refusals_find(refusals, digest32), W3P_AUTH_UNKNOWN));
    w3p_auth_refusals_destroy(refusals);
    w3p_auth_refusals_destroy(NULL);
}

Test(auth_cache, refusals_that_may_become_good_do_not_last)
{
    static const enum w3p_auth_reason passing[] = {
        W3P_AUTH_OK,    W3P_AUTH_MISSING, W3P_AUTH_DUPLICATE,  W3P_AUTH_NOT_YET, W3P_AUTH_EXPIRED,
        W3P_AUTH_KEY,   W3P_AUTH_REVOKED, W3P_AUTH_LEGACY_OFF, W3P_AUTH_BUSY,    W3P_AUTH_UNKNOWN,
        W3P_AUTH_STORE, W3P_AUTH_ORIGIN,  W3P_AUTH_NETWORK};
    for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++)
        cr_expect(not(w3p_auth_refusal_lasts(passing[i])), "%s", w3p_auth_reason_name(passing[i]));
    cr_expect(w3p_auth_refusal_lasts(W3P_AUTH_SIGNATURE));
    cr_expect(w3p_auth_refusal_lasts(W3P_AUTH_MAC));
}

// As many as came last are remembered, give or take, and no memory is taken for the others.
Test(auth_cache, a_million_refusals_take_no_more_memory)
{
    struct w3p_auth_refusals *refusals = w3p_auth_refusals_create();
    uint8_t digest32[32];
    unsigned found = 0;
    size_t before = mallinfo2().uordblks;
    for (unsigned n = 0; n < 1000000; n++) {
        digest_of(digest32, n);
        w3p_auth_refusals_put(refusals, digest32, W3P_AUTH_SIGNATURE);
    }
    cr_expect(eq(sz, mallinfo2().uordblks, before));
    for (unsigned n = 0; n < 1000000; n++) {
        digest_of(digest32, n);
        found += w3p_auth_refusals_find(refusals, digest32) == W3P_AUTH_SIGNATURE ? 1 : 0;
    }
    cr_expect(le(uint, found, W3P_AUTH_REFUSALS));
    cr_expect(ge(uint, found, W3P_AUTH_REFUSALS * 9 / 10), "%u", found); // every place is used
    w3p_auth_refusals_destroy(refusals);
}
