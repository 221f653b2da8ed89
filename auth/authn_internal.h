// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the files authn*.c share.
// Must not: be included outside auth/.
#ifndef W3P_AUTH_AUTHN_INTERNAL_H
#define W3P_AUTH_AUTHN_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "authn.h"
#include "tokens_store.h"

// Never for a W3Auth token: whoever has one keeps it for ever.
#define W3P_AUTHN_NEVER_LEGACY (W3P_SCOPE_TOKEN_MINT | W3P_SCOPE_ACCOUNT_ADMIN)

// First uses of self-issued tokens that wait for the disk; those beyond are noted at their next use.
#define W3P_AUTHN_NOTES_MAX 64

struct w3p_authn_keyring { // in locked memory
    struct w3p_auth_key keys[W3P_AUTH_KEYS_MAX];
    size_t count;
};

struct w3p_authn {
    struct w3p_hosts *audiences, *domains;
    int64_t (*account_find)(struct w3p_db *db, const char *identity);
    enum w3p_legacy_mode legacy;
    w3p_scopes legacy_scopes;
    bool ton;
    int64_t login_ttl_s, token_ttl_max_s;
    size_t cache_entries;
    unsigned cache_ttl_ms;
    _Atomic uint64_t epoch; // of the newest revocation
    struct w3p_store *store;
    pthread_mutex_t keys_mutex; // of keyring
    struct w3p_authn_keyring *keyring;
    pthread_mutex_t change_mutex; // one change of keys at a time
    _Atomic unsigned notes;       // under way
};

// The first use of a self-issued token, for its owner's list of tokens. Never waits. False: too many are under way.
bool w3p_authn_note(struct w3p_authn *authn, const struct w3p_auth_entry *entry);

#endif
