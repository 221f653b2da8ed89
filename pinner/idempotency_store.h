// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what each Idempotency-Key of an account made, so that a request that is sent once more gives the same pin.
// A row is written in the transaction of its pin: a request that was refused leaves none.
// Threads: writer jobs.  Must not: know HTTP, or what a request means.
#ifndef W3P_PINNER_IDEMPOTENCY_STORE_H
#define W3P_PINNER_IDEMPOTENCY_STORE_H

#include "store/store.h"

#define W3P_PIN_KEY_LIFE_MS 86400000 // a key is remembered for a day …
#define W3P_PIN_KEYS_MAX 10000       // … as long as its account made no more than this many others since

extern const char w3p_idempotency_1[]; // schema, behind that of accounts

// The pin that this key made, within its life. W3P_E_NOTFOUND: none. W3P_E_EXISTS: another request had the key.
int w3p_idempotency_find(struct w3p_db *db, char requestid37[37], int64_t account_id, const char *key,
                         const uint8_t request32[32], int64_t now_ms) W3P_NODISCARD;
// From now on this key means this pin. Forgets a few keys that are past their life, and the account's oldest one beyond
// W3P_PIN_KEYS_MAX: as many rows go as come, and no call looks at more than a few.
int w3p_idempotency_keep(struct w3p_db *db, int64_t account_id, const char *key, const uint8_t request32[32],
                         const char *requestid, int64_t now_ms) W3P_NODISCARD;

#endif
