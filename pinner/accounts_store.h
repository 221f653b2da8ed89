// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: accounts: one row per identity, made by its first pin. Keeps the account's clock (no two pins of one
// account share a `created`, since clients page by it), its pins of the day and
// what was promised for them.
// Threads: writer jobs; w3p_account_find (pins.h) on any connection.  Must not: know pins or contents.
#ifndef W3P_PINNER_ACCOUNTS_STORE_H
#define W3P_PINNER_ACCOUNTS_STORE_H

#include "store/store.h"

extern const char w3p_accounts_1[]; // schema
extern const char w3p_accounts_2[]; // planck that were promised; behind operator.1

// One pin more for this identity: its account, and the pin's `created`: now, or one millisecond after the account's
// last. W3P_E_FORBIDDEN when the day's pins are used up (pins_per_day 0: no limit); the job must then be undone.
int w3p_account_take(struct w3p_db *db, int64_t *account_id, int64_t *created_ms, const char *identity, int64_t now_ms,
                     uint64_t pins_per_day) W3P_NODISCARD;

// Counts so much for the account's day. W3P_E_LIMIT when it comes to more than `limit` (0: none); the job must then be
// undone. The promise itself is w3p_content_promise's, which notes whose it is.
int w3p_account_promise(struct w3p_db *db, int64_t account_id, int64_t day, uint64_t planck,
                        uint64_t limit) W3P_NODISCARD;
// What is still promised for this content no longer counts for the account, if it did today.
int w3p_account_unpromise(struct w3p_db *db, int64_t content_id) W3P_NODISCARD;

#endif
