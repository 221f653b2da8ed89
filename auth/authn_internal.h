// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the files authn*.c share.
// Must not: be included outside auth/.
#ifndef W3P_AUTH_AUTHN_INTERNAL_H
#define W3P_AUTH_AUTHN_INTERNAL_H

#include <stdatomic.h>

#include "authn.h"

// Never for a W3Auth token: whoever has one keeps it for ever.
#define W3P_AUTHN_NEVER_LEGACY (W3P_SCOPE_TOKEN_MINT | W3P_SCOPE_ACCOUNT_ADMIN)

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
};

#endif
