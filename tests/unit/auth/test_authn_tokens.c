// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the authentication service with self-issued and minted tokens: what they permit and until when, revocations
// that count at once on every thread, switches of accounts, keys.
#include "authn_rig.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#include "authn_internal.h"
#include "base/encoding.h"
#include "macaroon.h"

TestSuite(authn_tokens, .fini = rig_stop, .timeout = 120);

#define ALICE "evm:0x1a642f0e3c3af545e7acbd38b07251b3990914f1"
enum { READ = W3P_SCOPE_PIN_READ, WRITE = W3P_SCOPE_PIN_WRITE };

static int nothing(struct w3p_db *db, void *arg)
{
    (void)db;
    (void)arg;
    return W3P_OK;
}

// What was handed to the writer before is done.
static void settle(void)
{
    cr_assert(eq(int, rig_do(nothing, NULL), W3P_OK));
}

// Verifies every time: nothing may be remembered from before.
static enum w3p_auth_reason verify(struct w3p_authn_thread *thread, const char *header)
{
    struct w3p_auth_entry *entry;
    return w3p_authn_verify(&entry, thread, header, strlen(header));
}

static enum w3p_auth_reason find(struct w3p_authn_thread *thread, const char *header)
{
    struct w3p_auth_entry *entry;
    return w3p_authn_find(&entry, thread, header, strlen(header));
}

Test(authn_tokens, a_self_issued_one, .init = rig_start)
{
    struct w3p_db *db, *other_db;
    struct w3p_authn_thread *thread = rig_thread(&db), *other = rig_thread(&other_db);
    struct w3p_auth_entry *entry;
    struct w3p_token_row rows[W3P_TOKENS_PAGE_MAX];
    const char *good = rig_self_issued(1, READ | W3P_SCOPE_ACCOUNT_ADMIN, 3600, "kubo-at-home");
    cr_assert(eq(int, rig_ask(&entry, thread, good), W3P_AUTH_OK));
    cr_expect(eq(int, entry->kind, W3P_AUTH_KIND_SELF_ISSUED));
    cr_expect(eq(uint, entry->scopes, READ | W3P_SCOPE_ACCOUNT_ADMIN));
    cr_expect(eq(i64, entry->expires_s, rig_now_ms / 1000 + 3600));
    cr_expect(eq(str, entry->label, "kubo-at-home"));
    cr_expect(eq(uint, entry->id_len, 32));
    cr_expect(entry->restrictions == NULL);
    struct w3p_identity identity = entry->identity;
    settle(); // its first use was written down, once
    cr_expect(eq(int, rig_ask(&entry, other, good), W3P_AUTH_OK));
    settle();
    cr_assert(eq(sz, rig_rows(db, rows, identity.text), 1));
    cr_expect(eq(int, memcmp(rows[0].id, entry->id, 32), 0));
    cr_expect(eq(str, rows[0].label, "kubo-at-home"));
    cr_expect(eq(uint, rows[0].scopes, READ | W3P_SCOPE_ACCOUNT_ADMIN));
    cr_expect(eq(i64, rows[0].expires_s, entry->expires_s));
    rig_thread_end(thread, db);
    rig_thread_end(other, other_db);
}

static void of_known_accounts(void)
{
    rig_settings.legacy = W3P_LEGACY_KNOWN_ACCOUNTS;
    rig_start();
}

Test(authn_tokens, strangers_write_nothing, .init = of_known_accounts)
{
    struct w3p_db *db;
    struct w3p_authn_thread *thread = rig_thread(&db);
    struct w3p_auth_entry *entry;
    struct w3p_token_row rows[W3P_TOKENS_PAGE_MAX];
    struct w3p_token_state state;
    const char *good = rig_self_issued(1, READ, 3600, NULL);
    cr_assert(eq(int, w3p_authn_verify(&entry, thread, good, strlen(good)), W3P_AUTH_OK));
    struct w3p_identity identity = entry->identity;
    w3p_authn_turned_away(thread, entry);
    settle();
    cr_expect(eq(sz, rig_rows(db, rows, identity.text), 0));
    cr_assert(eq(int, w3p_tokens_state(db, &state, identity.text, NULL, 0), W3P_OK));
    cr_expect(eq(int, state.legacy, W3P_ACCOUNT_LEGACY_DEFAULT));
    for (int i = 0; i < 2; i++) { // admitted later, it is as ever, and written down once
        cr_assert(eq(int, w3p_authn_find(&entry, thread, good, strlen(good)), W3P_AUTH_OK));
        cr_expect(eq(int, entry->is_first_use, i == 0));
        w3p_authn_admitted(thread, entry);
        settle();
        cr_expect(eq(sz, rig_rows(db, rows, identity.text), 1));
    }
    cr_assert(eq(int, w3p_tokens_state(db, &state, identity.text, NULL, 0), W3P_OK));
    cr_expect(eq(int, state.legacy, W3P_ACCOUNT_LEGACY_OFF));
    rig_thread_end(thread, db);
}

static void in_few_places(void)
{
    rig_settings.cache_entries = 4; // one set
    rig_start();
}

// How many of three good ones are still remembered after a hundred others, which ask once each.
static unsigned kept_beside(struct w3p_authn_thread *thread, bool turned_away)
{
    struct w3p_auth_entry *entry;
    static char good[3][W3P_AUTH_HEADER_MAX];
    unsigned kept = 0;
    for (unsigned i = 0; i < 3; i++) {
        snprintf(good[i], sizeof good[i], "%s", rig_self_issued(i, READ, 3600, NULL));
        cr_assert(eq(int, rig_ask(&entry, thread, good[i]), W3P_AUTH_OK));
    }
    for (unsigned i = 0; i < 100; i++) {
        const char *other = rig_w3auth("sol", 1000 + i);
        enum w3p_auth_reason reason = w3p_authn_verify(&entry, thread, other, strlen(other));
        if (reason == W3P_AUTH_OK && turned_away)
            w3p_authn_turned_away(thread, entry);
        reason = w3p_authn_find(&entry, thread, other, strlen(other)); // again, remembered
        if (reason == W3P_AUTH_OK && turned_away)
            w3p_authn_turned_away(thread, entry);
    }
    for (unsigned i = 0; i < 3; i++)
        kept += find(thread, good[i]) == W3P_AUTH_OK;
    return kept;
}

Test(authn_tokens, strangers_push_nobody_out, .init = in_few_places)
{
    struct w3p_db *db;
    struct w3p_authn_thread *thread = rig_thread(&db);
    cr_expect(eq(uint, kept_beside(thread, true), 3));
    cr_expect(eq(uint, kept_beside(thread, false), 0), "or this tests nothing");
    rig_thread_end(thread, db);
    rig_stop();
    rig_settings.legacy = W3P_LEGACY_KNOWN_ACCOUNTS; // what the database refuses
    rig_start();
    thread = rig_thread(&db);
    cr_expect(eq(uint, kept_beside(thread, false), 3));
    rig_thread_end(thread, db);
}

// Each clock at which a token is looked at again, both remembered and not.
static void check_end(const char *header, int64_t end_s)
{
    struct w3p_db *db, *other_db;
    struct w3p_authn_thread *thread = rig_thread(&db), *other = rig_thread(&other_db);
    struct w3p_auth_entry *entry;
    int64_t before = rig_now_ms;
    cr_assert(eq(int, rig_ask(&entry, thread, header), W3P_AUTH_OK));
    rig_now_ms = end_s * 1000 - 1000;
    cr_expect(eq(int, find(thread, header), W3P_AUTH_OK));
    cr_expect(eq(int, verify(other, header), W3P_AUTH_OK));
    rig_now_ms = end_s * 1000 - 1;
    cr_expect(eq(int, find(thread, header), W3P_AUTH_OK));
    rig_now_ms = end_s * 1000;
    cr_expect(eq(int, find(thread, header), W3P_AUTH_EXPIRED));
    cr_expect(eq(int, verify(other, header), W3P_AUTH_EXPIRED));
    rig_now_ms = end_s * 1000 + 1000;
    cr_expect(eq(int, rig_ask(&entry, thread, header), W3P_AUTH_EXPIRED));
    rig_now_ms = before;
    rig_thread_end(thread, db);
    rig_thread_end(other, other_db);
}

Test(authn_tokens, ends_are_looked_at_on_every_use, .init = rig_start)
{
    struct w3p_caveat caveat;
    int64_t now_s = rig_now_ms / 1000;
    check_end(rig_self_issued(1, READ, 60, NULL), now_s + 60);
    check_end(rig_minted(NULL, ALICE, READ, 60, NULL, 0), now_s + 60);
    cr_assert(eq(int, w3p_caveat_expires(&caveat, now_s + 10), W3P_OK));
    check_end(rig_minted(NULL, ALICE, READ, 60, &caveat, 1), now_s + 10);
}

Test(authn_tokens, a_minted_one, .init = rig_start)
{
    struct w3p_db *db;
    struct w3p_authn_thread *thread = rig_thread(&db);
    struct w3p_auth_entry *entry;
    struct w3p_errmsg msg;
    uint8_t id16[16];
    struct w3p_caveat caveats[2];
    w3p_caveat_scopes(&caveats[0], READ | W3P_SCOPE_PIN_DELETE);
    const char *plain = rig_minted(id16, ALICE, READ | WRITE, 60, NULL, 0);
    cr_assert(eq(int, rig_ask(&entry, thread, plain), W3P_AUTH_OK));
    cr_expect(eq(int, entry->kind, W3P_AUTH_KIND_MINTED));
    cr_expect(eq(str, entry->identity.text, ALICE));
    cr_expect(eq(uint, entry->scopes, READ | WRITE));
    cr_expect(eq(str, entry->label, "minted"));
    cr_expect(eq(uint, entry->id_len, 16));
    cr_expect(eq(int, memcmp(entry->id, id16, 16), 0));
    cr_expect(eq(int, entry->kid, 1));
    cr_expect(entry->restrictions == NULL);

    const char *narrow = rig_minted(NULL, ALICE, READ | WRITE, 60, caveats, 1);
    cr_assert(eq(int, rig_ask(&entry, thread, narrow), W3P_AUTH_OK));
    cr_expect(eq(uint, entry->scopes, READ)); // of both
    cr_expect(entry->restrictions == NULL);

    cr_assert(eq(int, w3p_caveat_origin(&caveats[1], &msg, "https://app.example"), W3P_OK));
    const char *bound = rig_minted(NULL, ALICE, READ | WRITE, 60, caveats, 2);
    for (int i = 0; i < 2; i++) { // also when it is remembered
        cr_assert(eq(int, rig_ask(&entry, thread, bound), W3P_AUTH_OK));
        cr_assert(entry->restrictions != NULL);
        cr_expect(w3p_restrictions_permit_origin(entry->restrictions, "https://app.example", 19));
        cr_expect(not(w3p_restrictions_permit_origin(entry->restrictions, "https://else.example", 20)));
        cr_assert(eq(int, rig_ask(&entry, thread, plain), W3P_AUTH_OK));
        cr_expect(entry->restrictions == NULL);
    }
    rig_thread_end(thread, db);
}

Test(authn_tokens, every_reason_of_minted_ones, .init = rig_start)
{
    struct w3p_db *db;
    struct w3p_authn_thread *thread = rig_thread(&db);
    char bad[W3P_AUTH_HEADER_MAX];
    uint8_t key32[32], kid;
    struct w3p_buf text;
    const char *good = rig_minted(NULL, ALICE, READ, 60, NULL, 0);
    snprintf(bad, sizeof bad, "%s", good);
    char *in_tag = &bad[strlen(bad) - 10];
    *in_tag = *in_tag == 'A' ? 'B' : 'A';
    cr_expect(eq(int, verify(thread, bad), W3P_AUTH_MAC));
    cr_expect(eq(int, find(thread, bad), W3P_AUTH_MAC)); // and remembered
    bad[20] = '!';
    cr_expect(eq(int, verify(thread, bad), W3P_AUTH_SCHEME)); // no token68
    cr_expect(eq(int, verify(thread, "Bearer w3s1_AAAA"), W3P_AUTH_MACAROON));
    cr_assert(w3p_authn_minting_key(rig_authn, &kid, key32));
    struct w3p_macaroon_head head = {.kid = kid, .issued_s = 1, .expires_s = rig_now_ms / 1000 + 60};
    w3p_buf_init(&text, W3P_AUTH_HEADER_MAX);
    w3p_buf_put_str(&text, "Bearer ");
    cr_assert(eq(int, w3p_macaroon_mint(&text, key32, "else.example", &head), W3P_OK));
    cr_expect(eq(int, verify(thread, w3p_buf_str(&text)), W3P_AUTH_MAC)); // another gateway's
    w3p_buf_reset(&text);
    w3p_buf_put_str(&text, "Bearer ");
    cr_assert(eq(int, w3p_macaroon_mint(&text, key32, RIG_HOST, &head), W3P_OK));
    cr_expect(eq(int, verify(thread, w3p_buf_str(&text)), W3P_AUTH_REVOKED)); // by our key, and not given to anybody
    cr_expect(eq(int, find(thread, w3p_buf_str(&text)), W3P_AUTH_REVOKED));
    head.kid = 9;
    w3p_buf_reset(&text);
    w3p_buf_put_str(&text, "Bearer ");
    cr_assert(eq(int, w3p_macaroon_mint(&text, key32, RIG_HOST, &head), W3P_OK));
    cr_expect(eq(int, verify(thread, w3p_buf_str(&text)), W3P_AUTH_KEY));
    cr_expect(eq(int, find(thread, w3p_buf_str(&text)), W3P_AUTH_UNKNOWN)); // the key may come
    w3p_buf_deinit(&text);
    rig_thread_end(thread, db);
}

Test(authn_tokens, basic_for_tools_that_know_nothing_else, .init = rig_start)
{
    static const char *const users[] = {"w3s:", "w3s", "W3S:", "w3t:", "w3s:w3s:", ":", "w3s;", "w3s9"};
    struct w3p_db *db;
    struct w3p_authn_thread *thread = rig_thread(&db);
    struct w3p_auth_entry *entry;
    const char *good = rig_minted(NULL, ALICE, READ, 60, NULL, 0) + strlen("Bearer ");
    for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
        struct w3p_buf plain, header;
        w3p_buf_init(&plain, W3P_AUTH_HEADER_MAX);
        w3p_buf_init(&header, W3P_AUTH_HEADER_MAX);
        w3p_buf_printf(&plain, "%s%s", users[i], good);
        w3p_buf_put_str(&header, "Basic ");
        w3p_base64_encode(&header, plain.ptr, plain.len, W3P_BASE64_STD, W3P_BASE64_PADDED);
        enum w3p_auth_reason reason = rig_ask(&entry, thread, w3p_buf_str(&header));
        cr_expect(eq(int, reason == W3P_AUTH_OK, i == 0), "%s: %s", users[i], w3p_auth_reason_name(reason));
        w3p_buf_deinit(&plain);
        w3p_buf_deinit(&header);
    }
    char room[8];
    struct w3p_span bomb = w3p_span_str("dzNzOjEyMzQ1Njc4OTAxMjM0NTY3ODkw"); // "w3s:" and more than there is room for
    cr_expect(eq(sz, w3p_auth_unwrap(room, sizeof room, bomb), 0));
    rig_thread_end(thread, db);
}

Test(authn_tokens, a_revocation_counts_at_once_and_on_every_thread, .init = rig_start)
{
    enum { THREADS = 4 };
    struct w3p_db *dbs[THREADS];
    struct w3p_authn_thread *threads[THREADS];
    struct w3p_auth_entry *entry;
    uint8_t id16[16], id32[32];
    const char *minted = rig_minted(id16, ALICE, READ, 3600, NULL, 0);
    const char *own = rig_self_issued(1, READ, 3600, NULL), *neighbour = rig_self_issued(2, READ, 3600, NULL);
    struct w3p_identity identity;
    for (int i = 0; i < THREADS; i++) {
        threads[i] = rig_thread(&dbs[i]);
        cr_assert(eq(int, rig_ask(&entry, threads[i], minted), W3P_AUTH_OK));
        cr_assert(eq(int, rig_ask(&entry, threads[i], neighbour), W3P_AUTH_OK));
        entry->account_id = 1000 + i;
        cr_assert(eq(int, rig_ask(&entry, threads[i], own), W3P_AUTH_OK));
        identity = entry->identity;
        memcpy(id32, entry->id, 32);
    }
    cr_assert(eq(int, rig_revoke(identity.text, id32, 32), W3P_OK));
    w3p_authn_revoked(rig_authn);
    for (int i = 0; i < THREADS; i++) {
        cr_expect(eq(int, find(threads[i], own), W3P_AUTH_REVOKED), "thread %d", i);
        cr_expect(eq(int, find(threads[i], own), W3P_AUTH_REVOKED), "again");
        cr_expect(eq(int, verify(threads[i], own), W3P_AUTH_REVOKED), "not from memory either");
        cr_expect(eq(int, find(threads[i], minted), W3P_AUTH_OK));
        cr_expect(eq(int, rig_ask(&entry, threads[i], neighbour), W3P_AUTH_OK));
        cr_expect(eq(i64, entry->account_id, 1000 + i)); // looked at again, and not verified again
    }
    cr_assert(eq(int, rig_revoke(ALICE, id16, 16), W3P_OK));
    w3p_authn_revoked(rig_authn);
    for (int i = 0; i < THREADS; i++) {
        cr_expect(eq(int, find(threads[i], minted), W3P_AUTH_REVOKED), "thread %d", i);
        cr_expect(eq(int, find(threads[i], neighbour), W3P_AUTH_OK));
        rig_thread_end(threads[i], dbs[i]);
    }
}

static int log_out(struct w3p_db *db, void *arg)
{
    return w3p_tokens_logout_all(db, arg, rig_now_ms);
}

Test(authn_tokens, logging_out_ends_all_that_is_older, .init = rig_start)
{
    struct w3p_db *db;
    struct w3p_authn_thread *thread = rig_thread(&db);
    struct w3p_auth_entry *entry;
    const char *own = rig_self_issued(1, READ, 3600, NULL);
    cr_assert(eq(int, rig_ask(&entry, thread, own), W3P_AUTH_OK));
    struct w3p_identity identity = entry->identity;
    const char *minted = rig_minted(NULL, identity.text, READ, 3600, NULL, 0);
    cr_assert(eq(int, rig_ask(&entry, thread, minted), W3P_AUTH_OK));
    settle();
    cr_assert(eq(int, rig_do(log_out, identity.text), W3P_OK));
    w3p_authn_revoked(rig_authn);
    cr_expect(eq(int, find(thread, own), W3P_AUTH_REVOKED));
    cr_expect(eq(int, find(thread, minted), W3P_AUTH_REVOKED));
    rig_now_ms += 1000;
    cr_expect(eq(int, rig_ask(&entry, thread, rig_self_issued(1, READ, 3600, NULL)), W3P_AUTH_OK)); // a new one
    rig_thread_end(thread, db);
}

struct wish {
    const char *identity;
    enum w3p_account_legacy legacy;
};

static int set_legacy(struct w3p_db *db, void *arg)
{
    const struct wish *wish = arg;
    return w3p_tokens_set_legacy(db, wish->identity, wish->legacy);
}

static void wish(const char *identity, enum w3p_account_legacy legacy)
{
    cr_assert(eq(int, rig_do(set_legacy, &(struct wish){identity, legacy}), W3P_OK));
    w3p_authn_revoked(rig_authn);
}

Test(authn_tokens, accounts_switch_w3auth_tokens_off, .init = rig_start)
{
    struct w3p_db *db;
    struct w3p_authn_thread *thread = rig_thread(&db);
    struct w3p_auth_entry *entry;
    const char *old = rig_w3auth("eth", 1), *neighbour = rig_w3auth("eth", 2),
               *own = rig_self_issued(1, READ, 60, NULL);
    cr_assert(eq(int, rig_ask(&entry, thread, old), W3P_AUTH_OK));
    struct w3p_identity identity = entry->identity;
    cr_assert(eq(int, rig_ask(&entry, thread, neighbour), W3P_AUTH_OK));
    wish(identity.text, W3P_ACCOUNT_LEGACY_OFF);
    cr_expect(eq(int, find(thread, old), W3P_AUTH_LEGACY_OFF));
    cr_expect(eq(int, verify(thread, old), W3P_AUTH_LEGACY_OFF));
    cr_expect(eq(int, find(thread, neighbour), W3P_AUTH_OK));
    cr_expect(eq(int, rig_ask(&entry, thread, own), W3P_AUTH_OK));
    wish(identity.text, W3P_ACCOUNT_LEGACY_ON);
    cr_expect(eq(int, find(thread, old), W3P_AUTH_OK));
    rig_thread_end(thread, db);
}

static int newcomer(struct w3p_db *db, void *arg)
{
    return w3p_authn_newcomer(rig_authn, db, arg);
}

Test(authn_tokens, who_comes_with_a_better_kind_never_needs_the_old_one, .init = of_known_accounts)
{
    struct w3p_db *db;
    struct w3p_authn_thread *thread = rig_thread(&db);
    struct w3p_auth_entry *entry;
    const char *old = rig_w3auth("eth", 1), *other = rig_w3auth("eth", 2);
    cr_expect(eq(int, rig_ask(&entry, thread, old), W3P_AUTH_LEGACY_OFF)); // has never pinned
    cr_assert(eq(int, rig_ask(&entry, thread, rig_self_issued(1, READ, 60, NULL)), W3P_AUTH_OK));
    struct w3p_identity identity = entry->identity;
    settle();
    rig_account = 3; // both have pinned by now
    cr_expect(eq(int, rig_ask(&entry, thread, old), W3P_AUTH_LEGACY_OFF));
    cr_expect(eq(int, rig_ask(&entry, thread, other), W3P_AUTH_OK));
    wish(identity.text, W3P_ACCOUNT_LEGACY_ON); // unless he wants to
    cr_expect(eq(int, rig_ask(&entry, thread, old), W3P_AUTH_OK));
    cr_assert(eq(int, rig_ask(&entry, thread, other), W3P_AUTH_OK));
    identity = entry->identity; // who has pinned before keeps what he has
    cr_assert(eq(int, rig_do(newcomer, identity.text), W3P_OK));
    w3p_authn_revoked(rig_authn);
    cr_expect(eq(int, rig_ask(&entry, thread, other), W3P_AUTH_OK));
    rig_account = W3P_E_IO;
    cr_expect(eq(int, rig_do(newcomer, (void *)"evm:0x00"), W3P_E_IO));
    rig_thread_end(thread, db);
}

// Holds the writer.
static sem_t held, go_on;

static int hold(struct w3p_db *db, void *arg)
{
    (void)db;
    (void)arg;
    sem_post(&held);
    sem_wait(&go_on);
    return W3P_OK;
}

static int hold_run(struct w3p_write *self, struct w3p_db *db)
{
    return hold(db, self);
}

static void hold_done(struct w3p_write *self, int result)
{
    (void)self;
    (void)result;
}

Test(authn_tokens, first_uses_that_wait_are_bounded_and_hold_nobody_up, .init = rig_start)
{
    struct w3p_db *db;
    struct w3p_authn_thread *thread = rig_thread(&db);
    struct w3p_auth_entry *entry;
    struct w3p_token_row rows[W3P_TOKENS_PAGE_MAX];
    struct w3p_write gate = {.run = hold_run, .done = hold_done};
    sem_init(&held, 0, 0);
    sem_init(&go_on, 0, 0);
    cr_assert(eq(int, w3p_store_write(rig_store, &gate), W3P_OK));
    sem_wait(&held);
    struct w3p_identity identity = {""};
    for (int64_t i = 0; i < W3P_AUTHN_NOTES_MAX + 10; i++) {
        cr_assert(eq(int, rig_ask(&entry, thread, rig_self_issued(1, READ, 600 + i, NULL)), W3P_AUTH_OK));
        identity = entry->identity;
    }
    sem_post(&go_on);
    settle();
    cr_expect(eq(sz, rig_rows(db, rows, identity.text), W3P_AUTHN_NOTES_MAX));
    cr_expect(eq(int, rig_ask(&entry, thread, rig_self_issued(1, READ, 5000, NULL)), W3P_AUTH_OK));
    settle(); // there is room again
    cr_expect(eq(sz, rig_rows(db, rows, identity.text), W3P_AUTHN_NOTES_MAX + 1));
    rig_thread_end(thread, db);
}

Test(authn_tokens, keys, .init = rig_start)
{
    struct w3p_db *db;
    struct w3p_authn_thread *thread = rig_thread(&db);
    struct w3p_auth_entry *entry;
    struct w3p_authn_key_info info[4];
    uint8_t kid = 0, challenge[32], again[32];
    const char *old = rig_minted(NULL, ALICE, READ, 3600, NULL, 0);
    cr_assert(eq(int, rig_ask(&entry, thread, old), W3P_AUTH_OK));
    cr_assert(w3p_authn_challenge_key(rig_authn, challenge));
    cr_expect(eq(int, w3p_authn_key_drop(rig_authn, 1), W3P_E_STATE));
    cr_expect(eq(int, w3p_authn_key_drop(rig_authn, 7), W3P_E_NOTFOUND));
    rig_now_ms += 10;
    cr_assert(eq(int, w3p_authn_key_rotate(rig_authn, &kid), W3P_OK));
    cr_expect(eq(int, kid, 2));
    cr_assert(eq(sz, w3p_authn_keys(rig_authn, info, 1), 2)); // more than there is room for
    cr_assert(eq(sz, w3p_authn_keys(rig_authn, info, 4), 2));
    cr_expect(info[1].current && info[1].kid == 2 && info[1].made_ms == rig_now_ms);
    cr_expect(not(info[0].current));
    cr_assert(w3p_authn_challenge_key(rig_authn, again));
    cr_expect(eq(int, memcmp(challenge, again, 32), 0));
    const char *fresh = rig_minted(NULL, ALICE, READ, 3600, NULL, 0);
    cr_assert(eq(int, rig_ask(&entry, thread, fresh), W3P_AUTH_OK));
    cr_expect(eq(int, entry->kid, 2));
    cr_expect(eq(int, find(thread, old), W3P_AUTH_OK));
    cr_assert(eq(int, w3p_authn_key_drop(rig_authn, 1), W3P_OK));
    cr_expect(eq(int, find(thread, old), W3P_AUTH_REVOKED)); // at once
    cr_expect(eq(int, verify(thread, old), W3P_AUTH_KEY));
    cr_expect(eq(int, find(thread, fresh), W3P_AUTH_OK));
    cr_assert(w3p_authn_challenge_key(rig_authn, again));
    cr_expect(ne(int, memcmp(challenge, again, 32), 0));
    cr_expect(not(w3p_authn_key(rig_authn, 1, again)));

    // a second service of the same store has the same keys, and makes no other
    struct w3p_authn *second = NULL;
    struct w3p_errmsg msg;
    struct w3p_authn_conf conf = {.settings = &rig_settings};
    cr_assert(eq(int, w3p_authn_create(&second, &msg, &conf), W3P_OK));
    cr_expect(not(w3p_authn_minting_key(second, &kid, again)), "not opened yet");
    cr_expect(not(w3p_authn_challenge_key(second, again)));
    cr_assert(eq(int, w3p_authn_open(second, &msg, rig_store), W3P_OK), "%s", msg.text);
    cr_assert(w3p_authn_minting_key(second, &kid, again));
    cr_expect(eq(int, kid, 2));
    cr_expect(eq(sz, w3p_authn_keys(second, info, 4), 1));
    w3p_authn_destroy(second);
    rig_thread_end(thread, db);
}
