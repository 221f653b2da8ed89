// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a budget of requests for each of very many subjects (accounts, peers): `burst` at once, `per_s` a second.
// A subject's whole state is one number, the moment at which its debt is paid (GCRA: each request adds 1/per_s s), so
// that taking is one compare-and-swap and all threads share one budget.
// Memory is fixed: W3P_LIMIT_SLOTS subjects in sets of W3P_LIMIT_WAYS, placed by a keyed hash. A subject without debt
// is as good as forgotten. In a full set a newcomer takes the place with the least debt AND that debt: changing
// addresses never makes it smaller, and whoever lost the place starts anew. R requests a second keep R/per_s places in
// debt on average, so that filling all of them takes W3P_LIMIT_SLOTS * per_s requests a second: more than a server
// answers. Threads: any, without a lock.  Must not: read a clock, or know what a subject is.  Source: ITU-T I.371,
// annex A (GCRA).
#ifndef W3P_HTTP_LIMIT_H
#define W3P_HTTP_LIMIT_H

#include "base/bytes.h"

#define W3P_LIMIT_SLOTS 32768 // 16 bytes each; pages that nobody came to are not used
#define W3P_LIMIT_WAYS 8
#define W3P_LIMIT_PER_S_MAX 100000
#define W3P_LIMIT_BURST_MAX 1000000

struct w3p_limit_rate {
    uint64_t per_s; // 1..W3P_LIMIT_PER_S_MAX; 0: no limit, a limiter must not be created
    uint64_t burst; // 1..W3P_LIMIT_BURST_MAX
};

struct w3p_limiter;
struct w3p_limiter *w3p_limiter_create(const struct w3p_limit_rate *rate); // never NULL
void w3p_limiter_destroy(struct w3p_limiter *limiter);                     // NULL is fine

// The subject of these bytes; never 0.
uint64_t w3p_limiter_subject(const struct w3p_limiter *limiter, const void *bytes, size_t len);

struct w3p_limit_state {
    uint64_t limit, remaining; // requests: the burst, and what is left of it
    uint64_t retry_ns;         // until one request is in the budget; 0: now
    uint64_t full_ns;          // until the whole burst is there again
};
// Takes one request out of the subject's budget at now_ns (monotonic). False: there is none; nothing was taken.
bool w3p_limiter_take(struct w3p_limiter *limiter, struct w3p_limit_state *out, uint64_t subject, uint64_t now_ns);
// What w3p_limiter_take would say. Takes nothing, and gives nobody a place.
bool w3p_limiter_has(const struct w3p_limiter *limiter, struct w3p_limit_state *out, uint64_t subject, uint64_t now_ns);

#endif
