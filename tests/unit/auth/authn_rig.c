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
    static const struct w3p_migration none[] = {{NULL, NULL}};
    static const struct w3p_migration *const tables[] = {none};
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

const char *rig_w3auth(const char *chain, unsigned n)
{
    static char headers[8][W3P_AUTH_HEADER_MAX];
    static unsigned next;
    char uri[64];
    struct w3p_keypair key;
    struct w3p_errmsg msg = {0};
    struct w3p_buf token;
    const struct w3p_scheme *scheme = w3p_scheme_find(chain, strlen(chain));
    cr_assert(scheme != NULL);
    snprintf(uri, sizeof uri, "//wallet-%u", n);
    cr_assert(eq(int, w3p_keypair_from_uri(&key, &msg, scheme->key_type, uri), W3P_OK), "%s", msg.text);
    w3p_buf_init(&token, W3P_AUTH_HEADER_MAX);
    cr_assert(eq(int, w3p_token_make(&token, scheme, &key), W3P_OK));
    char *out = headers[next++ % 8];
    snprintf(out, sizeof headers[0], "Bearer %s", w3p_buf_str(&token));
    w3p_buf_deinit(&token);
    return out;
}

enum w3p_auth_reason rig_ask(struct w3p_auth_entry **out, struct w3p_authn_thread *thread, const char *header)
{
    enum w3p_auth_reason reason = w3p_authn_find(out, thread, header, strlen(header));
    cr_expect(eq(int, *out != NULL, reason == W3P_AUTH_OK));
    if (reason == W3P_AUTH_UNKNOWN)
        reason = w3p_authn_verify(out, thread, header, strlen(header));
    cr_expect(eq(int, *out != NULL, reason == W3P_AUTH_OK));
    cr_expect(reason != W3P_AUTH_UNKNOWN);
    return reason;
}
