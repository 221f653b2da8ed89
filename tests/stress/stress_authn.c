// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the authentication service under threads: loops that ask for good and bad credentials all the time while
// tokens are minted, revoked and their keys replaced. What was revoked before a question is never answered with yes,
// and what was not is never answered with no. For the thread sanitizer. usage: stress_authn FOLDER [milliseconds, 3000
// by default]
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authn.h"
#include "base/clock.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "macaroon.h"
#include "selfissued.h"
#include "tokens_store.h"

#define OWNER "evm:0x1a642f0e3c3af545e7acbd38b07251b3990914f1"
#define HOST "gw.example"
enum { LOOPS = 4, TOKENS = 16, HEADER_MAX = 2048 };

static struct w3p_store *store;
static struct w3p_authn *authn;
static _Atomic bool over;
static _Atomic uint64_t asked, refused;

// One minted token at a time in each place. A reader takes its state before and after the question: what did not change
// in between is what the answer must fit.
static struct place {
    pthread_mutex_t mutex;
    char header[HEADER_MAX];
    uint8_t id16[16];
    _Atomic uint64_t stamp; // even: good; odd: revoked; only ever counted up
} places[TOKENS];
static char own[HEADER_MAX]; // a self-issued token that nobody revokes

static void must(bool truth, const char *what)
{
    if (truth)
        return;
    fprintf(stderr, "stress_authn: %s\n", what);
    abort();
}

struct job {
    struct w3p_write write;
    struct w3p_token_row row;
    bool add;
};

static int run(struct w3p_write *self, struct w3p_db *db)
{
    const struct job *job = (const struct job *)self;
    int64_t now_ms = w3p_clock_wall_ms();
    return job->add ? w3p_tokens_add(db, OWNER, &job->row, now_ms)
                    : w3p_tokens_revoke(db, OWNER, job->row.id, job->row.id_len, now_ms);
}

static void mint(struct place *place)
{
    struct w3p_buf text;
    uint8_t key32[32];
    struct w3p_macaroon_head head = {.issued_s = w3p_clock_wall_ms() / 1000};
    head.expires_s = head.issued_s + 3600;
    w3p_random(head.tid16, sizeof head.tid16);
    must(w3p_authn_minting_key(authn, &head.kid, key32), "no key");
    struct job job = {.write = {.run = run},
                      .add = true,
                      .row = {.id_len = 16,
                              .kid = head.kid,
                              .scopes = W3P_SCOPES_PINS,
                              .issued_s = head.issued_s,
                              .expires_s = head.expires_s}};
    memcpy(job.row.id, head.tid16, sizeof head.tid16);
    must(w3p_store_write_wait(store, &job.write) == W3P_OK, "a token is not stored");
    w3p_buf_init(&text, W3P_MACAROON_TEXT_MAX);
    must(w3p_macaroon_mint(&text, key32, HOST, &head) == W3P_OK, "a token is not minted");
    pthread_mutex_lock(&place->mutex);
    memcpy(place->id16, head.tid16, sizeof place->id16);
    snprintf(place->header, sizeof place->header, "Bearer %s", w3p_buf_str(&text));
    atomic_fetch_add(&place->stamp, 1);
    pthread_mutex_unlock(&place->mutex);
    w3p_buf_deinit(&text);
}

static void revoke(struct place *place)
{
    struct job job = {.write = {.run = run}, .row = {.id_len = 16}};
    memcpy(job.row.id, place->id16, sizeof place->id16);
    must(w3p_store_write_wait(store, &job.write) == W3P_OK, "a token is not revoked");
    w3p_authn_revoked(authn);
    atomic_fetch_add(&place->stamp, 1); // as its owner is told
}

static void *change(void *arg)
{
    uint8_t kid, before = 1;
    (void)arg;
    for (unsigned i = 0; !over; i++) {
        struct place *place = &places[i % TOKENS];
        revoke(place);
        mint(place);
        if (i % 64 != 63)
            continue;
        must(w3p_authn_key_rotate(authn, &kid) == W3P_OK, "no new key");
        for (unsigned k = 0; k < TOKENS; k++) { // those of the old key go with it
            revoke(&places[k]);
            mint(&places[k]);
        }
        must(w3p_authn_key_drop(authn, before) == W3P_OK, "a key stays");
        before = kid;
    }
    return NULL;
}

static enum w3p_auth_reason ask(struct w3p_authn_thread *thread, const char *header)
{
    struct w3p_auth_entry *entry;
    enum w3p_auth_reason reason = w3p_authn_find(&entry, thread, header, strlen(header));
    if (reason == W3P_AUTH_UNKNOWN)
        reason = w3p_authn_verify(&entry, thread, header, strlen(header));
    must((reason == W3P_AUTH_OK) == (entry != NULL), "an entry without a verdict");
    atomic_fetch_add(&asked, 1);
    return reason;
}

static void ask_place(struct w3p_authn_thread *thread, struct place *place)
{
    char header[HEADER_MAX];
    pthread_mutex_lock(&place->mutex);
    uint64_t stamp = atomic_load(&place->stamp);
    memcpy(header, place->header, sizeof header);
    pthread_mutex_unlock(&place->mutex);
    enum w3p_auth_reason reason = ask(thread, header);
    if (reason != W3P_AUTH_OK)
        atomic_fetch_add(&refused, 1);
    must(reason != W3P_AUTH_OK || stamp % 2 == 0, "a revoked token was accepted");
    must(reason == W3P_AUTH_OK || reason == W3P_AUTH_REVOKED || reason == W3P_AUTH_KEY, "an odd reason");
}

static void *loop(void *arg)
{
    struct w3p_db *db;
    struct w3p_errmsg msg;
    must(w3p_store_reader(&db, &msg, store) == W3P_OK, "no reader");
    struct w3p_authn_thread *thread = w3p_authn_thread_create(authn, db);
    for (unsigned i = *(unsigned *)arg; !over; i++) {
        char bad[64];
        ask_place(thread, &places[i % TOKENS]);
        must(ask(thread, own) == W3P_AUTH_OK, "a good token was refused");
        snprintf(bad, sizeof bad, "Bearer ZXRoLTB4%08u", i);
        must(ask(thread, bad) != W3P_AUTH_OK, "a bad token was accepted");
        w3p_reader_rest(db);
    }
    w3p_authn_thread_destroy(thread);
    w3p_store_reader_close(db);
    return NULL;
}

static int64_t no_account(struct w3p_db *db, const char *identity)
{
    (void)db;
    (void)identity;
    return 0;
}

static void start(const char *folder)
{
    static const struct w3p_migration *const tables[] = {w3p_tokens_migrations};
    static const struct w3p_authn_settings settings = {.legacy_scopes = (char *)"pin.read",
                                                       .login_ttl_s = 3600,
                                                       .token_ttl_max_s = 3600,
                                                       .cache_entries = 64,
                                                       .cache_ttl_ms = 300000};
    struct w3p_authn_conf conf = {.settings = &settings, .audience = HOST, .account_find = no_account};
    struct w3p_selfissued_wish wish = {
        .audience = "https://" HOST, .scopes = W3P_SCOPES_PINS, .ttl_s = 3600, .now_ms = w3p_clock_wall_ms()};
    char path[512];
    struct w3p_errmsg msg;
    struct w3p_keypair key;
    struct w3p_buf token;
    snprintf(path, sizeof path, "%s/authn.db", folder);
    struct w3p_store_conf store_conf = {
        .path = path, .migrations = tables, .migration_table_count = 1, .queue_max = 1000, .busy_timeout_ms = 1000};
    must(w3p_store_open(&store, &msg, &store_conf) == W3P_OK, msg.text);
    must(w3p_authn_create(&authn, &msg, &conf) == W3P_OK && w3p_authn_open(authn, &msg, store) == W3P_OK, msg.text);
    w3p_buf_init(&token, HEADER_MAX);
    must(w3p_keypair_from_uri(&key, &msg, W3P_KEY_ECDSA, "//Alice") == W3P_OK, msg.text);
    must(w3p_selfissued_make(&token, &msg, w3p_scheme_find("eth", 3), &key, &wish) == W3P_OK, msg.text);
    snprintf(own, sizeof own, "Bearer %s", w3p_buf_str(&token));
    w3p_buf_deinit(&token);
    for (size_t i = 0; i < TOKENS; i++) {
        pthread_mutex_init(&places[i].mutex, NULL);
        places[i].stamp = 1;
        mint(&places[i]);
    }
}

int main(int argc, char **argv)
{
    pthread_t threads[LOOPS + 1];
    unsigned firsts[LOOPS];
    must(argc >= 2, "usage: stress_authn FOLDER [milliseconds]");
    long ms = argc > 2 ? strtol(argv[2], NULL, 10) : 3000;
    w3p_crypto_init();
    w3p_log_set_level(W3P_LOG_ERROR);
    start(argv[1]);
    for (unsigned i = 0; i < LOOPS; i++) {
        firsts[i] = i * 1000000;
        must(pthread_create(&threads[i], NULL, loop, &firsts[i]) == 0, "no thread");
    }
    must(pthread_create(&threads[LOOPS], NULL, change, NULL) == 0, "no thread");
    int64_t end_ms = w3p_clock_mono_ms() + (ms > 0 && ms < 600000 ? ms : 3000);
    while (w3p_clock_mono_ms() < end_ms)
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    over = true;
    for (unsigned i = 0; i <= LOOPS; i++)
        pthread_join(threads[i], NULL);
    w3p_store_close(store);
    w3p_authn_destroy(authn);
    printf("%llu questions, %llu refused for a revocation meanwhile\n", (unsigned long long)asked,
           (unsigned long long)refused);
    must(refused > 0, "nothing was ever revoked between two looks");
    return 0;
}
