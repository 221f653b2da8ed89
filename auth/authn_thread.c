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
#include "crypto/secret.h"
#include "macaroon.h"
#include "selfissued.h"

#define MS_PER_S 1000
#define EPOCH_NONE UINT64_MAX // of an entry that is looked at again each time

struct w3p_authn_thread {
    struct w3p_authn *authn;
    struct w3p_db *db;
    struct w3p_auth_cache *cache;
    struct w3p_auth_refusals *refusals;
    // too large for a loop's stack, or for being passed around
    struct w3p_token token;
    struct w3p_restrictions restrictions;
    char inner[sizeof W3P_AUTH_BASIC_USER + W3P_MACAROON_TEXT_MAX];
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

// Whether the account may use W3Auth tokens, by its own switch and the gateway's.
static enum w3p_auth_reason judge_legacy(struct w3p_authn_thread *thread, struct w3p_auth_entry *entry,
                                         enum w3p_account_legacy wish)
{
    const struct w3p_authn *authn = thread->authn;
    if (wish == W3P_ACCOUNT_LEGACY_OFF)
        return W3P_AUTH_LEGACY_OFF;
    if (authn->legacy != W3P_LEGACY_KNOWN_ACCOUNTS || wish == W3P_ACCOUNT_LEGACY_ON)
        return W3P_AUTH_OK;
    int64_t found = authn->account_find(thread->db, entry->identity.text);
    if (found < 0)
        return W3P_AUTH_STORE;
    entry->account_id = found;
    return found > 0 ? W3P_AUTH_OK : W3P_AUTH_LEGACY_OFF;
}

// What the database says of the credential now. A revocation between the look at the epoch and that at the database
// makes the entry older than it is, never newer.
static enum w3p_auth_reason look(struct w3p_token_state *state, struct w3p_authn_thread *thread,
                                 struct w3p_auth_entry *entry)
{
    uint64_t epoch = atomic_load(&thread->authn->epoch);
    const char *owner = entry->kind == W3P_AUTH_KIND_MINTED ? NULL : entry->identity.text;
    if (w3p_reader_fresh(thread->db) != W3P_OK ||
        w3p_tokens_state(thread->db, state, owner, entry->id, entry->id_len) != W3P_OK)
        return W3P_AUTH_STORE;
    enum w3p_auth_reason reason = w3p_token_state_judge(state, entry->id_len, entry->issued_s);
    if (reason == W3P_AUTH_OK && entry->kind == W3P_AUTH_KIND_W3AUTH)
        reason = judge_legacy(thread, entry, state->legacy);
    if (reason == W3P_AUTH_STORE)
        return reason;
    entry->verdict = reason;
    // That an account has pinned begins without a change of the epoch.
    bool passing = reason == W3P_AUTH_LEGACY_OFF && state->legacy != W3P_ACCOUNT_LEGACY_OFF;
    entry->epoch = passing ? EPOCH_NONE : epoch;
    return reason;
}

static enum w3p_auth_reason verify_w3auth(struct w3p_auth_entry *out, const struct w3p_authn_thread *thread)
{
    const struct w3p_authn *authn = thread->authn;
    const struct w3p_token *token = &thread->token;
    if (authn->legacy == W3P_LEGACY_OFF)
        return W3P_AUTH_LEGACY_OFF;
    if (token->scheme->off_by_default && !authn->ton)
        return W3P_AUTH_DISABLED;
    out->kind = W3P_AUTH_KIND_W3AUTH;
    out->scopes = authn->legacy_scopes;
    return w3p_token_verify_any(&out->identity, token);
}

static enum w3p_auth_reason verify_selfissued(struct w3p_auth_entry *out, const struct w3p_authn_thread *thread)
{
    struct w3p_selfissued said;
    const struct w3p_selfissued_rules rules = {
        .audiences = thread->authn->audiences, .domains = thread->authn->domains, .now_ms = w3p_clock_wall_ms()};
    enum w3p_auth_reason reason = w3p_selfissued_check(&said, &thread->token, &rules);
    if (reason != W3P_AUTH_OK)
        return reason;
    out->kind = W3P_AUTH_KIND_SELF_ISSUED;
    out->identity = said.identity;
    out->scopes = said.scopes;
    out->issued_s = said.issued_s;
    out->expires_s = said.expires_s;
    out->id_len = sizeof said.msgid32;
    memcpy(out->id, said.msgid32, sizeof said.msgid32);
    memcpy(out->label, said.label, sizeof out->label);
    return W3P_AUTH_OK;
}

// Whose it is, and the scopes that it was given, stand in its row.
static enum w3p_auth_reason verify_minted(struct w3p_auth_entry *out, struct w3p_authn_thread *thread,
                                          struct w3p_span text)
{
    struct w3p_macaroon macaroon;
    uint8_t key32[32];
    enum w3p_auth_reason reason = w3p_macaroon_decode(&macaroon, (const char *)text.ptr, text.len);
    if (reason != W3P_AUTH_OK)
        return reason;
    if (!w3p_authn_key(thread->authn, macaroon.kid, key32))
        return W3P_AUTH_KEY;
    reason = w3p_macaroon_verify(&thread->restrictions, &macaroon, key32, thread->authn->audiences);
    w3p_wipe(key32, sizeof key32);
    if (reason != W3P_AUTH_OK)
        return reason;
    out->kind = W3P_AUTH_KIND_MINTED;
    out->kid = macaroon.kid;
    out->issued_s = macaroon.issued_s;
    out->expires_s = thread->restrictions.expires_s;
    out->id_len = sizeof macaroon.tid16;
    memcpy(out->id, macaroon.tid16, sizeof macaroon.tid16);
    return is_over(out) ? W3P_AUTH_EXPIRED : W3P_AUTH_OK;
}

// What the credential itself says: fills out.
static enum w3p_auth_reason verify(struct w3p_auth_entry *out, struct w3p_authn_thread *thread, const char *header,
                                   size_t len)
{
    struct w3p_span text;
    enum w3p_auth_reason reason = w3p_auth_header(&text, header, len);
    if (reason != W3P_AUTH_OK)
        return reason;
    size_t inner_len = w3p_auth_unwrap(thread->inner, sizeof thread->inner, text);
    if (inner_len > 0)
        text = W3P_SPAN(thread->inner, inner_len);
    if (w3p_macaroon_is((const char *)text.ptr, text.len))
        return verify_minted(out, thread, text);
    reason = w3p_token_decode(&thread->token, (const char *)text.ptr, text.len);
    if (reason != W3P_AUTH_OK)
        return reason;
    return w3p_selfissued_is(&thread->token) ? verify_selfissued(out, thread) : verify_w3auth(out, thread);
}

// A credential that the database refuses costs no look at its signature, but nobody else's place either.
static enum w3p_auth_reason give(struct w3p_auth_entry **out, struct w3p_authn_thread *thread,
                                 struct w3p_auth_entry *entry, enum w3p_auth_reason reason)
{
    if (reason == W3P_AUTH_OK)
        *out = entry;
    else
        w3p_auth_cache_demote(thread->cache, entry);
    return reason;
}

void w3p_authn_admitted(struct w3p_authn_thread *thread, struct w3p_auth_entry *entry)
{
    if (entry->is_first_use)
        entry->is_first_use = !w3p_authn_note(thread->authn, entry);
}

void w3p_authn_turned_away(struct w3p_authn_thread *thread, struct w3p_auth_entry *entry)
{
    w3p_auth_cache_demote(thread->cache, entry);
}

// Remembers a credential that is good in itself, whatever the database says of it.
static enum w3p_auth_reason remember(struct w3p_auth_entry **out, struct w3p_authn_thread *thread,
                                     const uint8_t digest32[32], struct w3p_auth_entry *found)
{
    struct w3p_token_state state;
    enum w3p_auth_reason reason = look(&state, thread, found);
    if (reason == W3P_AUTH_STORE)
        return reason;
    const struct w3p_restrictions *restrictions = NULL;
    if (found->kind == W3P_AUTH_KIND_MINTED) {
        found->identity = state.identity;
        found->scopes = state.row.scopes & thread->restrictions.scopes;
        memcpy(found->label, state.row.label, sizeof found->label);
        if (w3p_restrictions_any(&thread->restrictions))
            restrictions = &thread->restrictions;
    }
    struct w3p_auth_entry *entry = w3p_auth_cache_put(thread->cache, digest32, restrictions);
    found->restrictions = entry->restrictions;
    *entry = *found;
    entry->is_first_use = entry->kind == W3P_AUTH_KIND_SELF_ISSUED && !state.known;
    return give(out, thread, entry, reason);
}

enum w3p_auth_reason w3p_authn_find(struct w3p_auth_entry **out, struct w3p_authn_thread *thread, const char *header,
                                    size_t len)
{
    uint8_t digest32[32];
    struct w3p_token_state state;
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
    enum w3p_auth_reason reason = entry->verdict;
    if (entry->epoch != atomic_load(&thread->authn->epoch))
        reason = look(&state, thread, entry);
    return give(out, thread, entry, reason);
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
    if (reason == W3P_AUTH_OK)
        return remember(out, thread, digest32, &found);
    if (w3p_auth_refusal_lasts(reason))
        w3p_auth_refusals_put(thread->refusals, digest32, reason);
    return reason;
}
