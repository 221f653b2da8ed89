// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: authn.h: one thread's way from a header to an entry. What is remembered is looked up by one hash; what the
// credential says is verified once; what the database says is asked again whenever something was revoked since.
#include <stdlib.h>
#include <string.h>

#include "authn_internal.h"
#include "base/clock.h"
#include "cache.h"

#define MS_PER_S 1000

struct w3p_authn_thread {
    struct w3p_authn *authn;
    struct w3p_db *db;
    struct w3p_auth_cache *cache;
    struct w3p_auth_refusals *refusals;
    struct w3p_token token; // too large for a loop's stack
};

struct w3p_authn_thread *w3p_authn_thread_create(struct w3p_authn *authn, struct w3p_db *db)
{
    struct w3p_authn_thread *thread = w3p_calloc(1, sizeof *thread);
    thread->authn = authn;
    thread->db = db;
    thread->cache = w3p_auth_cache_create(authn->cache_entries, authn->cache_ttl_ms);
    thread->refusals = w3p_auth_refusals_create();
    return thread;
}

void w3p_authn_thread_destroy(struct w3p_authn_thread *thread)
{
    if (thread == NULL)
        return;
    w3p_auth_cache_destroy(thread->cache);
    w3p_auth_refusals_destroy(thread->refusals);
    free(thread);
}

static bool is_over(const struct w3p_auth_entry *entry)
{
    return entry->expires_s != 0 && w3p_clock_wall_ms() >= entry->expires_s * MS_PER_S;
}

// W3Auth tokens where only accounts that have pinned may use them.
static enum w3p_auth_reason look_for_account(struct w3p_authn_thread *thread, struct w3p_auth_entry *entry)
{
    if (w3p_reader_fresh(thread->db) != W3P_OK)
        return W3P_AUTH_STORE;
    int64_t found = thread->authn->account_find(thread->db, entry->identity.text);
    if (found < 0)
        return W3P_AUTH_STORE;
    entry->account_id = found;
    return found > 0 ? W3P_AUTH_OK : W3P_AUTH_LEGACY_OFF;
}

static enum w3p_auth_reason verify_w3auth(struct w3p_auth_entry *out, struct w3p_authn_thread *thread)
{
    const struct w3p_authn *authn = thread->authn;
    const struct w3p_token *token = &thread->token;
    if (authn->legacy == W3P_LEGACY_OFF)
        return W3P_AUTH_LEGACY_OFF;
    if (token->scheme->off_by_default && !authn->ton)
        return W3P_AUTH_DISABLED;
    enum w3p_auth_reason reason = w3p_token_verify_any(&out->identity, token);
    if (reason != W3P_AUTH_OK)
        return reason;
    out->kind = W3P_AUTH_KIND_W3AUTH;
    out->scopes = authn->legacy_scopes;
    return authn->legacy == W3P_LEGACY_KNOWN_ACCOUNTS ? look_for_account(thread, out) : W3P_AUTH_OK;
}

// What the credential itself says: fills out.
static enum w3p_auth_reason verify(struct w3p_auth_entry *out, struct w3p_authn_thread *thread, const char *header,
                                   size_t len)
{
    struct w3p_span text;
    enum w3p_auth_reason reason = w3p_auth_header(&text, header, len);
    if (reason == W3P_AUTH_OK)
        reason = w3p_token_decode(&thread->token, (const char *)text.ptr, text.len);
    if (reason != W3P_AUTH_OK)
        return reason;
    return verify_w3auth(out, thread);
}

enum w3p_auth_reason w3p_authn_find(struct w3p_auth_entry **out, struct w3p_authn_thread *thread, const char *header,
                                    size_t len)
{
    uint8_t digest32[32];
    *out = NULL;
    if (header == NULL || len == 0)
        return W3P_AUTH_MISSING;
    if (len > W3P_AUTH_HEADER_MAX)
        return W3P_AUTH_TOO_LONG;
    w3p_auth_cache_digest(digest32, thread->cache, header, len);
    struct w3p_auth_entry *entry = w3p_auth_cache_find(thread->cache, digest32);
    if (entry == NULL)
        return w3p_auth_refusals_find(thread->refusals, digest32);
    if (is_over(entry))
        return W3P_AUTH_EXPIRED;
    *out = entry;
    return W3P_AUTH_OK;
}

enum w3p_auth_reason w3p_authn_verify(struct w3p_auth_entry **out, struct w3p_authn_thread *thread, const char *header,
                                      size_t len)
{
    uint8_t digest32[32];
    struct w3p_auth_entry found = {0};
    *out = NULL;
    if (header == NULL || len == 0)
        return W3P_AUTH_MISSING;
    if (len > W3P_AUTH_HEADER_MAX)
        return W3P_AUTH_TOO_LONG;
    enum w3p_auth_reason reason = verify(&found, thread, header, len);
    w3p_auth_cache_digest(digest32, thread->cache, header, len);
    if (reason == W3P_AUTH_OK) {
        *out = w3p_auth_cache_put(thread->cache, digest32);
        **out = found;
    } else if (w3p_auth_refusal_lasts(reason)) {
        w3p_auth_refusals_put(thread->refusals, digest32, reason);
    }
    return reason;
}
