// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see authn_rig.h.
#include "authn_rig.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "macaroon.h"
#include "selfissued.h"

int64_t rig_now_ms;
struct w3p_authn_settings rig_settings = {.audience = (char *)RIG_HOST,
                                          .domains = (char *)"app.example",
                                          .legacy_scopes = (char *)"pin.read,pin.write",
                                          .login_ttl_s = 3600,
                                          .token_ttl_max_s = 31622400,
                                          .cache_entries = 64,
                                          .cache_ttl_ms = 300000};
struct w3p_store *rig_store;
struct w3p_authn *rig_authn;
_Atomic int64_t rig_account;

static char dir[256], path[300];

static int64_t account_find(struct w3p_db *db, const char *identity)
{
    (void)db;
    cr_assert(identity[0] != '\0');
    return rig_account;
}

void rig_start(void)
{
    static const struct w3p_migration *const tables[] = {w3p_tokens_migrations};
    const char *base = getenv("TMPDIR");
    struct w3p_errmsg msg = {0};
    w3p_crypto_init();
    w3p_log_set_level(W3P_LOG_ERROR);
    rig_now_ms = 1800000000000;
    w3p_clock_fake(&rig_now_ms);
    snprintf(dir, sizeof dir, "%s/w3pin-authn-XXXXXX", base ? base : "/tmp");
    cr_assert(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/a.db", dir);
    struct w3p_store_conf store = {
        .path = path, .migrations = tables, .migration_table_count = 1, .queue_max = 1000, .busy_timeout_ms = 1000};
    cr_assert(eq(int, w3p_store_open(&rig_store, &msg, &store), W3P_OK), "%s", msg.text);
    struct w3p_authn_conf conf = {.settings = &rig_settings, .account_find = account_find};
    cr_assert(eq(int, w3p_authn_create(&rig_authn, &msg, &conf), W3P_OK), "%s", msg.text);
    cr_assert(eq(int, w3p_authn_open(rig_authn, &msg, rig_store), W3P_OK), "%s", msg.text);
}

void rig_stop(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    char file[320];
    w3p_store_close(rig_store);
    w3p_authn_destroy(rig_authn);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        snprintf(file, sizeof file, "%s%s", path, suffixes[i]);
        unlink(file);
    }
    rmdir(dir);
}

struct w3p_authn_thread *rig_thread(struct w3p_db **db)
{
    struct w3p_errmsg msg = {0};
    cr_assert(eq(int, w3p_store_reader(db, &msg, rig_store), W3P_OK), "%s", msg.text);
    return w3p_authn_thread_create(rig_authn, *db);
}

void rig_thread_end(struct w3p_authn_thread *thread, struct w3p_db *db)
{
    w3p_authn_thread_destroy(thread);
    w3p_store_reader_close(db);
}

// Takes the token over.
static const char *header_of(struct w3p_buf *token)
{
    static char headers[8][W3P_AUTH_HEADER_MAX];
    static unsigned next;
    char *out = headers[next++ % 8];
    snprintf(out, sizeof headers[0], "Bearer %s", w3p_buf_str(token));
    w3p_buf_deinit(token);
    return out;
}

static const struct w3p_scheme *wallet(struct w3p_keypair *key, const char *chain, unsigned n)
{
    char uri[64];
    struct w3p_errmsg msg = {0};
    const struct w3p_scheme *scheme = w3p_scheme_find(chain, strlen(chain));
    cr_assert(scheme != NULL);
    snprintf(uri, sizeof uri, "//wallet-%u", n);
    cr_assert(eq(int, w3p_keypair_from_uri(key, &msg, scheme->key_type, uri), W3P_OK), "%s", msg.text);
    return scheme;
}

const char *rig_w3auth(const char *chain, unsigned n)
{
    struct w3p_keypair key;
    struct w3p_buf token;
    const struct w3p_scheme *scheme = wallet(&key, chain, n);
    w3p_buf_init(&token, W3P_AUTH_HEADER_MAX);
    cr_assert(eq(int, w3p_token_make(&token, scheme, &key), W3P_OK));
    return header_of(&token);
}

const char *rig_self_issued(unsigned n, w3p_scopes scopes, int64_t ttl_s, const char *label)
{
    struct w3p_keypair key;
    struct w3p_buf token;
    struct w3p_errmsg msg = {0};
    const struct w3p_scheme *scheme = wallet(&key, "eth", n);
    struct w3p_selfissued_wish wish = {
        .audience = "https://" RIG_HOST, .label = label, .scopes = scopes, .ttl_s = ttl_s, .now_ms = rig_now_ms};
    w3p_buf_init(&token, W3P_AUTH_HEADER_MAX);
    cr_assert(eq(int, w3p_selfissued_make(&token, &msg, scheme, &key, &wish), W3P_OK), "%s", msg.text);
    return header_of(&token);
}

struct job {
    struct w3p_write write;
    int (*run)(struct w3p_db *db, void *arg);
    void *arg;
};

static int run_job(struct w3p_write *self, struct w3p_db *db)
{
    struct job *job = (struct job *)self;
    return job->run(db, job->arg);
}

int rig_do(int (*run)(struct w3p_db *db, void *arg), void *arg)
{
    struct job job = {.write = {.run = run_job}, .run = run, .arg = arg};
    return w3p_store_write_wait(rig_store, &job.write);
}

struct token {
    const char *identity;
    struct w3p_token_row row;
};

static int add(struct w3p_db *db, void *arg)
{
    const struct token *token = arg;
    return w3p_tokens_add(db, token->identity, &token->row, rig_now_ms);
}

const char *rig_minted(uint8_t id16[16], const char *identity, w3p_scopes scopes, int64_t ttl_s,
                       const struct w3p_caveat *caveats, size_t count)
{
    uint8_t key32[32];
    struct w3p_errmsg msg = {0};
    struct w3p_buf text, narrow;
    struct w3p_macaroon_head head = {.issued_s = rig_now_ms / 1000, .expires_s = rig_now_ms / 1000 + ttl_s};
    struct token token = {.identity = identity, .row = {.id_len = 16, .scopes = scopes, .label = "minted"}};
    cr_assert(w3p_authn_minting_key(rig_authn, &head.kid, key32));
    w3p_random(head.tid16, sizeof head.tid16);
    memcpy(token.row.id, head.tid16, sizeof head.tid16);
    token.row.kid = head.kid;
    token.row.issued_s = head.issued_s;
    token.row.expires_s = head.expires_s;
    w3p_buf_init(&text, W3P_AUTH_HEADER_MAX);
    w3p_buf_init(&narrow, W3P_AUTH_HEADER_MAX);
    cr_assert(eq(int, w3p_macaroon_mint(&text, key32, RIG_HOST, &head), W3P_OK));
    cr_assert(eq(int, w3p_macaroon_narrow(&narrow, &msg, w3p_buf_str(&text), text.len, caveats, count), W3P_OK), "%s",
              msg.text);
    cr_assert(eq(int, rig_do(add, &token), W3P_OK));
    if (id16 != NULL)
        memcpy(id16, head.tid16, sizeof head.tid16);
    w3p_buf_deinit(&text);
    return header_of(&narrow);
}

static int revoke_one(struct w3p_db *db, void *arg)
{
    const struct token *token = arg;
    return w3p_tokens_revoke(db, token->identity, token->row.id, token->row.id_len, rig_now_ms);
}

int rig_revoke(const char *identity, const uint8_t *id, size_t id_len)
{
    struct token token = {.identity = identity, .row = {.id_len = (uint8_t)id_len}};
    memcpy(token.row.id, id, id_len);
    return rig_do(revoke_one, &token);
}

size_t rig_rows(struct w3p_db *db, struct w3p_token_row rows[W3P_TOKENS_PAGE_MAX], const char *identity)
{
    size_t count = 0;
    cr_assert(eq(int, w3p_reader_fresh(db), W3P_OK));
    cr_assert(eq(int, w3p_tokens_page(db, rows, W3P_TOKENS_PAGE_MAX, &count, identity, NULL, rig_now_ms), W3P_OK));
    return count;
}

enum w3p_auth_reason rig_ask(struct w3p_auth_entry **out, struct w3p_authn_thread *thread, const char *header)
{
    enum w3p_auth_reason reason = w3p_authn_find(out, thread, header, strlen(header));
    cr_expect(eq(int, *out != NULL, reason == W3P_AUTH_OK));
    if (reason == W3P_AUTH_UNKNOWN)
        reason = w3p_authn_verify(out, thread, header, strlen(header));
    cr_expect(eq(int, *out != NULL, reason == W3P_AUTH_OK));
    cr_expect(reason != W3P_AUTH_UNKNOWN);
    if (reason == W3P_AUTH_OK)
        w3p_authn_admitted(thread, *out);
    return reason;
}
