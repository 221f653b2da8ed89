// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: cache.h's table of bad credentials: fixed memory, apart from the good ones, so that a flood of bad ones
// pushes out nothing but bad ones.
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cache.h"

enum { WAYS = 2, SETS = W3P_AUTH_REFUSALS / WAYS };

_Static_assert((SETS & (SETS - 1)) == 0, "a mask chooses the set");

struct place {
    uint8_t digest16[16]; // of the keyed hash: as good as all of it against somebody who does not know the key
    int64_t refused_ms;
    int32_t reason; // 0 (W3P_AUTH_OK): empty
};

struct w3p_auth_refusals {
    struct place places[SETS * WAYS];
};

struct w3p_auth_refusals *w3p_auth_refusals_create(void)
{
    return w3p_calloc(1, sizeof(struct w3p_auth_refusals));
}

void w3p_auth_refusals_destroy(struct w3p_auth_refusals *refusals)
{
    free(refusals);
}

// Time, the database, the settings and other requests may change every other verdict.
bool w3p_auth_refusal_lasts(enum w3p_auth_reason reason)
{
    switch (reason) {
    case W3P_AUTH_SCHEME:
    case W3P_AUTH_BASE64:
    case W3P_AUTH_GRAMMAR:
    case W3P_AUTH_CHAIN:
    case W3P_AUTH_ADDRESS:
    case W3P_AUTH_SIGNATURE_FORM:
    case W3P_AUTH_SIGNATURE:
    case W3P_AUTH_CONTRACT_WALLET:
    case W3P_AUTH_MESSAGE:
    case W3P_AUTH_MESSAGE_ADDRESS:
    case W3P_AUTH_AUDIENCE:
    case W3P_AUTH_DOMAIN:
    case W3P_AUTH_LIFETIME:
    case W3P_AUTH_SCOPES:
    case W3P_AUTH_MACAROON:
    case W3P_AUTH_MAC:
    case W3P_AUTH_CAVEAT:
        return true;
    default:
        return false;
    }
}

static size_t set_of(const uint8_t digest32[32])
{
    uint64_t index;
    memcpy(&index, digest32 + 16, sizeof index); // bytes that are not compared
    return (index & (SETS - 1)) * WAYS;
}

static bool is_live(const struct place *place, int64_t now_ms)
{
    return place->reason != W3P_AUTH_OK && now_ms >= place->refused_ms &&
           now_ms - place->refused_ms < W3P_AUTH_REFUSAL_MS;
}

void w3p_auth_refusals_put(struct w3p_auth_refusals *refusals, const uint8_t digest32[32], enum w3p_auth_reason reason)
{
    struct place *set = &refusals->places[set_of(digest32)];
    int64_t now_ms = w3p_clock_mono_ms();
    size_t way = digest32[31] % WAYS; // as good as a coin: nobody outside knows the key of the hash
    for (size_t i = 0; i < WAYS; i++)
        if (!is_live(&set[i], now_ms))
            way = i;
    memcpy(set[way].digest16, digest32, sizeof set[way].digest16);
    set[way].refused_ms = now_ms;
    set[way].reason = (int32_t)reason;
}

enum w3p_auth_reason w3p_auth_refusals_find(const struct w3p_auth_refusals *refusals, const uint8_t digest32[32])
{
    const struct place *set = &refusals->places[set_of(digest32)];
    int64_t now_ms = w3p_clock_mono_ms();
    for (size_t i = 0; i < WAYS; i++)
        if (memcmp(set[i].digest16, digest32, sizeof set[i].digest16) == 0 && is_live(&set[i], now_ms))
            return (enum w3p_auth_reason)set[i].reason;
    return W3P_AUTH_UNKNOWN;
}
