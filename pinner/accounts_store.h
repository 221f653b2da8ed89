// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: accounts: one row per identity, made by its first pin. Keeps the account's clock (no two pins of one
// account share a `created`, since clients page by it) and its pins of the day.
// Threads: writer jobs; w3p_account_find (pins.h) on any connection.  Must not: know pins or contents.
#ifndef W3P_PINNER_ACCOUNTS_STORE_H
#define W3P_PINNER_ACCOUNTS_STORE_H

#include "store/store.h"

extern const char w3p_accounts_1[]; // schema

// One pin more for this identity: its account, and the pin's `created`: now, or one millisecond after the account's
// last. W3P_E_FORBIDDEN when the day's pins are used up (pins_per_day 0: no limit); the job must then be undone.
int w3p_account_take(struct w3p_db *db, int64_t *account_id, int64_t *created_ms, const char *identity, int64_t now_ms,
                     uint64_t pins_per_day) W3P_NODISCARD;

#endif
