// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see limit.h. Races between threads are harmless by construction: the debt of a place is only ever changed by
// compare-and-swap from a value that was judged; a place that changes hands meanwhile costs its new owner one request.
#include "http/limit.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "crypto/hash.h"

#define NS_PER_S UINT64_C(1000000000)
enum { SETS = W3P_LIMIT_SLOTS / W3P_LIMIT_WAYS, LOST_RACES_MAX = 64 };

_Static_assert((SETS & (SETS - 1)) == 0, "a mask chooses the set");

struct slot {
    _Atomic uint64_t subject; // 0: nobody's yet
    _Atomic uint64_t paid_ns; // when the debt is paid
};

struct w3p_limiter {
    uint8_t key16[16];
    uint64_t burst;
    uint64_t each_ns, burst_ns; // debt of a request; the most debt that is admitted
    struct slot slots[W3P_LIMIT_SLOTS];
};

struct w3p_limiter *w3p_limiter_create(const struct w3p_limit_rate *rate)
{
    struct w3p_limiter *limiter = w3p_calloc(1, sizeof *limiter);
    w3p_random(limiter->key16, sizeof limiter->key16);
    limiter->burst = rate->burst;
    limiter->each_ns = NS_PER_S / rate->per_s;
    limiter->burst_ns = limiter->each_ns * rate->burst;
    return limiter;
}

void w3p_limiter_destroy(struct w3p_limiter *limiter)
{
    free(limiter);
}

uint64_t w3p_limiter_subject(const struct w3p_limiter *limiter, const void *bytes, size_t len)
{
    uint64_t subject = w3p_siphash(limiter->key16, bytes, len);
    return subject != 0 ? subject : 1;
}

static uint64_t paid_at(const struct slot *slot)
{
    return atomic_load_explicit(&slot->paid_ns, memory_order_relaxed);
}

// The subject's place, or the one with the least debt in its set, which a newcomer would get.
static const struct slot *find(bool *known, const struct w3p_limiter *limiter, uint64_t subject)
{
    const struct slot *set = &limiter->slots[(subject & (SETS - 1)) * W3P_LIMIT_WAYS], *least = set;
    *known = true;
    for (size_t i = 0; i < W3P_LIMIT_WAYS; i++) {
        if (atomic_load_explicit(&set[i].subject, memory_order_relaxed) == subject)
            return &set[i];
        if (paid_at(&set[i]) < paid_at(least))
            least = &set[i];
    }
    *known = false;
    return least;
}

// A place that is the subject's, with the debt that it had before.
static struct slot *settle(struct w3p_limiter *limiter, uint64_t subject)
{
    bool known;
    struct slot *slot = (struct slot *)find(&known, limiter, subject);
    if (!known)
        atomic_store_explicit(&slot->subject, subject, memory_order_relaxed);
    return slot;
}

// Would a request fit beside the debt that ends at paid_ns? *next gets when the debt would end with it.
static bool judge(uint64_t *next, struct w3p_limit_state *out, const struct w3p_limiter *limiter, uint64_t paid_ns,
                  uint64_t now_ns)
{
    uint64_t debt_ns = paid_ns > now_ns ? paid_ns - now_ns : 0, more_ns = debt_ns + limiter->each_ns;
    bool fits = more_ns <= limiter->burst_ns;
    *next = now_ns + more_ns;
    out->limit = limiter->burst;
    out->retry_ns = fits ? 0 : more_ns - limiter->burst_ns;
    out->full_ns = fits ? more_ns : debt_ns;
    out->remaining = fits ? (limiter->burst_ns - more_ns) / limiter->each_ns : 0;
    return fits;
}

bool w3p_limiter_take(struct w3p_limiter *limiter, struct w3p_limit_state *out, uint64_t subject, uint64_t now_ns)
{
    struct slot *slot = settle(limiter, subject);
    uint64_t paid_ns = paid_at(slot), next;
    for (unsigned lost = 0; lost < LOST_RACES_MAX; lost++) {
        if (!judge(&next, out, limiter, paid_ns, now_ns))
            return false;
        if (atomic_compare_exchange_strong_explicit(&slot->paid_ns, &paid_ns, next, memory_order_relaxed,
                                                    memory_order_relaxed))
            return true;
    }
    out->remaining = 0; // as many threads as that at one subject: it is asking too often, whatever the count says
    out->retry_ns = limiter->each_ns;
    return false;
}

bool w3p_limiter_has(const struct w3p_limiter *limiter, struct w3p_limit_state *out, uint64_t subject, uint64_t now_ns)
{
    bool known;
    uint64_t next;
    return judge(&next, out, limiter, paid_at(find(&known, limiter, subject)), now_ns);
}
