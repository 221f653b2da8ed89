// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what a thread remembers of credentials: those that were good with what they say, and, in a table of its own,
// those that can only be bad. Both by a keyed hash of the whole header value, in fixed memory.
// Threads: each belongs to one thread.  Ownership: an entry belongs to its cache.
// Must not: verify, store a header, or know the database. Revocation and expiry are authn.h's.
#ifndef W3P_AUTH_CACHE_H
#define W3P_AUTH_CACHE_H

#include "authn.h"

// Entries live for ttl_ms from the verification, not from the last use. entries_max 0 or ttl_ms 0: nothing is found
// again. Any number of bad credentials moves none of them.
struct w3p_auth_cache;
struct w3p_auth_cache *w3p_auth_cache_create(size_t entries_max, unsigned ttl_ms); // never NULL
void w3p_auth_cache_destroy(struct w3p_auth_cache *cache);                         // NULL is fine

// By what both tables know a header value: BLAKE2b-256 with a random key of this cache.
void w3p_auth_cache_digest(uint8_t digest32[32], const struct w3p_auth_cache *cache, const char *header, size_t len);
// The entry of a header that was put here within its time to live, or NULL.
struct w3p_auth_entry *w3p_auth_cache_find(struct w3p_auth_cache *cache, const uint8_t digest32[32]);
// An entry to be filled, but for its restrictions, of which it keeps a copy (NULL: none): in the place of one over its
// time, or of the least recently used of its set. It stays valid until the next put.
struct w3p_auth_entry *w3p_auth_cache_put(struct w3p_auth_cache *cache, const uint8_t digest32[32],
                                          const struct w3p_restrictions *restrictions);

// The entry, which stays where it is, is the first of its set to give way until it is found again.
void w3p_auth_cache_demote(struct w3p_auth_cache *cache, struct w3p_auth_entry *entry);

// Credentials that were refused and cannot become good within the life of an entry (W3P_AUTH_REFUSAL_MS): what they say
// is wrong in itself. Two places a credential; which one it gets is not to be foreseen.
#define W3P_AUTH_REFUSALS 8192 // entries of a thread, 32 bytes each
#define W3P_AUTH_REFUSAL_MS 20000
struct w3p_auth_refusals;
struct w3p_auth_refusals *w3p_auth_refusals_create(void); // never NULL
void w3p_auth_refusals_destroy(struct w3p_auth_refusals *refusals);
bool w3p_auth_refusal_lasts(enum w3p_auth_reason reason); // may it be put here?
void w3p_auth_refusals_put(struct w3p_auth_refusals *refusals, const uint8_t digest32[32], enum w3p_auth_reason reason);
// Why it was refused, or W3P_AUTH_UNKNOWN.
enum w3p_auth_reason w3p_auth_refusals_find(const struct w3p_auth_refusals *refusals, const uint8_t digest32[32]);

#endif
