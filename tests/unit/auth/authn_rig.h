// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: an authentication service with a store of its own, and credentials of all kinds, for the tests.
#ifndef W3P_TEST_AUTH_AUTHN_RIG_H
#define W3P_TEST_AUTH_AUTHN_RIG_H

#include "authn.h"
#include "tokens_store.h"

#define RIG_HOST "gw.example"

extern int64_t rig_now_ms; // what the clocks say
extern struct w3p_authn_settings rig_settings;
extern struct w3p_store *rig_store;
extern struct w3p_authn *rig_authn;
extern _Atomic int64_t rig_account; // what every account's number is; 0: none has pinned

void rig_start(void); // with the settings as they are then
void rig_stop(void);
// A thread of the service with a reader of its own.
struct w3p_authn_thread *rig_thread(struct w3p_db **db);
void rig_thread_end(struct w3p_authn_thread *thread, struct w3p_db *db);

// "Bearer " and the W3Auth token of the n-th wallet of a chain. Static storage, eight at a time.
const char *rig_w3auth(const char *chain, unsigned n);
// "Bearer " and a self-issued token of the n-th Ethereum wallet for RIG_HOST, from now on. Static storage, eight at a
// time, as are all of these.
const char *rig_self_issued(unsigned n, w3p_scopes scopes, int64_t ttl_s, const char *label);
// "Bearer " and a minted token of this account, with the newest key and more caveats; its row is in the store. id:
// NULL, or what gets the id.
const char *rig_minted(uint8_t id16[16], const char *identity, w3p_scopes scopes, int64_t ttl_s,
                       const struct w3p_caveat *caveats, size_t count);
// One job of the store, waited for.
int rig_do(int (*run)(struct w3p_db *db, void *arg), void *arg);
int rig_revoke(const char *identity, const uint8_t *id, size_t id_len); // without a word to the service
size_t rig_rows(struct w3p_db *db, struct w3p_token_row rows[W3P_TOKENS_PAGE_MAX], const char *identity);

// find, and verify where find does not know; whoever is good is admitted.
enum w3p_auth_reason rig_ask(struct w3p_auth_entry **out, struct w3p_authn_thread *thread, const char *header);

#endif
