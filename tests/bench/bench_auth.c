// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what a credential costs: each scheme cold, beside the bare primitive that it cannot beat; each kind from the
// cache, with all that is asked of it at every request; and what a refused one costs. One thread; both take turns, the
// best batch of each counts.
// usage: bench_auth [milliseconds a measurement, 500 by default]
#include <secp256k1_recovery.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authn.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "macaroon.h"
#include "selfissued.h"
#include "tokens_store.h"

enum { BATCH = 16 };
#define RATIO_MAX "1.3" // of a check to its primitive

static unsigned budget_ms = 500;

static double batch(void (*one)(void *), void *arg)
{
    uint64_t begin = w3p_clock_mono_ns();
    for (int i = 0; i < BATCH; i++)
        one(arg);
    return (double)(w3p_clock_mono_ns() - begin) / 1000.0 / BATCH;
}

// Best microseconds a call of both. They take turns, so that a noisy machine shifts both alike; other may be NULL.
static double measure(double *other_us, void (*one)(void *), void (*other)(void *), void *arg)
{
    double best = 1e9;
    uint64_t end = w3p_clock_mono_ns() + (uint64_t)budget_ms * 1000000;
    *other_us = 1e9;
    do {
        double us = batch(one, arg), second = other != NULL ? batch(other, arg) : 0;
        best = us < best ? us : best;
        *other_us = second < *other_us ? second : *other_us;
    } while (w3p_clock_mono_ns() < end);
    return best;
}

struct job {
    struct w3p_buf header;
    enum w3p_auth_reason wanted;
    struct w3p_authn_thread *authn;
    // for the bare primitive
    struct w3p_keypair key;
    uint8_t sig[65], msg[64];
};

static void must(bool truth)
{
    if (truth)
        return;
    fputs("bench_auth: a credential was judged wrongly\n", stderr);
    exit(1);
}

// As w3p_auth_verify, with the schemes that are off by default.
static void cold(void *arg)
{
    struct job *job = arg;
    struct w3p_identity identity;
    struct w3p_token token;
    struct w3p_span text;
    must(w3p_auth_header(&text, w3p_buf_str(&job->header), job->header.len) == W3P_AUTH_OK);
    must(w3p_token_decode(&token, (const char *)text.ptr, text.len) == W3P_AUTH_OK);
    must(w3p_token_verify_any(&identity, &token) == job->wanted);
}

static struct w3p_hosts *audiences; // of self-issued tokens

// The same of a self-issued token; what was revoked is the service's to look at.
static void cold_selfissued(void *arg)
{
    struct job *job = arg;
    const struct w3p_selfissued_rules rules = {.audiences = audiences, .now_ms = w3p_clock_wall_ms()};
    struct w3p_selfissued selfissued;
    struct w3p_token token;
    struct w3p_span text;
    must(w3p_auth_header(&text, w3p_buf_str(&job->header), job->header.len) == W3P_AUTH_OK);
    must(w3p_token_decode(&token, (const char *)text.ptr, text.len) == W3P_AUTH_OK);
    must(w3p_selfissued_check(&selfissued, &token, &rules) == job->wanted);
}

static void cached(void *arg)
{
    struct job *job = arg;
    struct w3p_auth_entry *entry;
    must(w3p_authn_find(&entry, job->authn, w3p_buf_str(&job->header), job->header.len) == job->wanted);
}

static void verified(void *arg)
{
    struct job *job = arg;
    struct w3p_auth_entry *entry;
    must(w3p_authn_verify(&entry, job->authn, w3p_buf_str(&job->header), job->header.len) == job->wanted);
}

// One service with a database of its own, for all rows.
static struct w3p_authn *authn;
static struct w3p_authn_thread *authn_thread;
static struct w3p_store *store;
static struct w3p_db *db;
static char dir[] = "/tmp/w3pin-bench-XXXXXX";

static int64_t no_account(struct w3p_db *reader, const char *identity)
{
    (void)reader;
    (void)identity;
    return 0;
}

static void open_service(void)
{
    static const struct w3p_authn_settings settings = {.legacy_scopes = (char *)"pin.read",
                                                       .ton = true,
                                                       .login_ttl_s = 43200,
                                                       .token_ttl_max_s = 31622400,
                                                       .cache_entries = 4096,
                                                       .cache_ttl_ms = 3600000};
    static const struct w3p_authn_conf conf = {
        .settings = &settings, .audience = "gw.example", .account_find = no_account};
    static const struct w3p_migration *const tables[] = {w3p_tokens_migrations};
    char path[sizeof dir + 8];
    struct w3p_errmsg msg;
    must(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/b.db", dir);
    struct w3p_store_conf store_conf = {
        .path = path, .migrations = tables, .migration_table_count = 1, .queue_max = 16, .busy_timeout_ms = 1000};
    must(w3p_store_open(&store, &msg, &store_conf) == W3P_OK && w3p_store_reader(&db, &msg, store) == W3P_OK);
    must(w3p_authn_create(&authn, &msg, &conf) == W3P_OK && w3p_authn_open(authn, &msg, store) == W3P_OK);
    authn_thread = w3p_authn_thread_create(authn, db);
}

static void close_service(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    char path[sizeof dir + 16];
    w3p_authn_thread_destroy(authn_thread);
    w3p_store_reader_close(db);
    w3p_store_close(store);
    w3p_authn_destroy(authn);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        snprintf(path, sizeof path, "%s/b.db%s", dir, suffixes[i]);
        unlink(path);
    }
    rmdir(dir);
}

// What no verification can do without, straight from the library. For sr25519 that is its ristretto work.
static void primitive(void *arg)
{
    struct job *job = arg;
    secp256k1_ecdsa_recoverable_signature sig;
    secp256k1_pubkey point;
    uint8_t a[32], b[32], c[32];
    switch (job->key.type) {
    case W3P_KEY_SR25519:
        must(crypto_scalarmult_ristretto255_base(a, job->msg) == 0 &&
             crypto_scalarmult_ristretto255(b, job->msg, job->key.pub33) == 0 &&
             crypto_core_ristretto255_sub(c, a, b) == 0);
        break;
    case W3P_KEY_ED25519:
        must(crypto_sign_verify_detached(job->sig, job->msg, sizeof(job->msg), job->key.pub33) == 0);
        break;
    case W3P_KEY_ECDSA:
        must(secp256k1_ecdsa_recoverable_signature_parse_compact(secp256k1_context_static, &sig, job->sig,
                                                                 job->sig[64]) == 1 &&
             secp256k1_ecdsa_recover(secp256k1_context_static, &point, &sig, job->msg) == 1);
        break;
    }
}

static void sign_primitive(struct job *job)
{
    w3p_random(job->msg, sizeof(job->msg));
    job->msg[31] &= 0x0f; // below the order of the group
    switch (job->key.type) {
    case W3P_KEY_SR25519:
        w3p_sr25519_sign(job->sig, &job->key, job->msg, sizeof(job->msg), NULL);
        break;
    case W3P_KEY_ED25519:
        w3p_ed25519_sign(job->sig, &job->key, job->msg, sizeof(job->msg));
        break;
    case W3P_KEY_ECDSA:
        w3p_ecdsa_sign(job->sig, &job->key, job->msg);
        break;
    }
}

// How many messages a well-formed signature is tried on at most; one, where a scheme is not listed.
static const struct {
    const char *name;
    unsigned forms;
} forms_of[] = {{"substrate", 2}, {"ethereum", 2}, {"aptos", 4}};

// The token of one key with the signature of another: every form is tried before it is refused.
static void forge(struct w3p_buf *header, const struct w3p_scheme *scheme, const struct job *job)
{
    struct w3p_token token;
    struct w3p_keypair other;
    struct w3p_errmsg msg;
    struct w3p_buf plain, sig_text, extra;
    must(w3p_token_decode(&token, w3p_buf_str(&job->header) + 7, job->header.len - 7) == W3P_AUTH_OK);
    must(w3p_keypair_from_uri(&other, &msg, scheme->key_type, "//Bob") == W3P_OK);
    w3p_buf_init(&plain, W3P_AUTH_HEADER_MAX);
    w3p_buf_init(&sig_text, W3P_AUTH_HEADER_MAX);
    w3p_buf_init(&extra, W3P_AUTH_HEADER_MAX);
    struct w3p_span address = W3P_SPAN(token.address.text, token.address.text_len);
    int err = scheme->sign != NULL ? scheme->sign(&sig_text, &extra, &other, address)
                                   : scheme->sign_text(&sig_text, &other, token.address.text, token.address.text_len);
    must(err == W3P_OK);
    w3p_buf_printf(&plain, "%s-%s%s%s:%s", scheme->name, token.address.text, token.extra_len > 0 ? "-" : "",
                   token.extra, w3p_buf_str(&sig_text));
    w3p_buf_put_str(header, "Bearer ");
    w3p_base64_encode(header, plain.ptr, plain.len, W3P_BASE64_STD, W3P_BASE64_PADDED);
    w3p_buf_deinit(&plain);
    w3p_buf_deinit(&sig_text);
    w3p_buf_deinit(&extra);
}

static void bench_forged(const struct w3p_scheme *scheme, const struct job *job)
{
    struct job forged = *job;
    double bare_us;
    unsigned forms = 1;
    for (size_t i = 0; i < sizeof(forms_of) / sizeof(forms_of[0]); i++)
        forms = strcmp(forms_of[i].name, scheme->name) == 0 ? forms_of[i].forms : forms;
    w3p_buf_init(&forged.header, W3P_AUTH_HEADER_MAX);
    forge(&forged.header, scheme, job);
    forged.wanted = W3P_AUTH_SIGNATURE;
    double us = measure(&bare_us, cold, primitive, &forged);
    printf("%-10s with another's signature %7.2f us, %u forms\n", scheme->name, us, forms);
    printf("figure\t%s, another's signature, a form tried\t%.2f\t" RATIO_MAX "\n", scheme->name, us / forms / bare_us);
    w3p_buf_deinit(&forged.header);
}

// A line "figure" for tests/bench/run: name, ratio, the most that it may be.
static void bench_scheme(const struct w3p_scheme *scheme)
{
    static const char *const primitives[] = {[W3P_KEY_SR25519] = "two ristretto multiplications",
                                             [W3P_KEY_ED25519] = "libsodium's ed25519",
                                             [W3P_KEY_ECDSA] = "libsecp256k1's recovery"};
    struct job job = {.wanted = W3P_AUTH_OK};
    struct w3p_errmsg msg;
    double bare_us, unused;
    w3p_buf_init(&job.header, W3P_AUTH_HEADER_MAX);
    w3p_buf_put_str(&job.header, "Bearer ");
    must(w3p_keypair_from_uri(&job.key, &msg, scheme->key_type, "//Alice") == W3P_OK);
    must(w3p_token_make(&job.header, scheme, &job.key) == W3P_OK);
    sign_primitive(&job);
    job.authn = authn_thread;

    double cold_us = measure(&bare_us, cold, primitive, &job);
    verified(&job);
    double cached_us = measure(&unused, cached, NULL, &job);
    printf("%-10s cold %7.2f us   %-30s %7.2f us   cached %6.3f us\n", scheme->name, cold_us,
           primitives[scheme->key_type], bare_us, cached_us);
    printf("figure\t%s, cold, beside %s\t%.2f\t" RATIO_MAX "\n", scheme->name, primitives[scheme->key_type],
           cold_us / bare_us);
    bench_forged(scheme, &job);
    w3p_buf_deinit(&job.header);
}

static void bench_selfissued(const char *name)
{
    const struct w3p_scheme *scheme = w3p_scheme_find(name, strlen(name));
    const struct w3p_selfissued_wish wish = {.audience = "https://gw.example/",
                                             .label = "kubo",
                                             .scopes = W3P_SCOPES_PINS,
                                             .ttl_s = 86400,
                                             .now_ms = w3p_clock_wall_ms()};
    struct job job = {.wanted = W3P_AUTH_OK};
    struct w3p_errmsg msg;
    double bare_us;
    w3p_buf_init(&job.header, W3P_AUTH_HEADER_MAX);
    w3p_buf_put_str(&job.header, "Bearer ");
    must(w3p_keypair_from_uri(&job.key, &msg, scheme->key_type, "//Alice") == W3P_OK);
    must(w3p_selfissued_make(&job.header, &msg, scheme, &job.key, &wish) == W3P_OK);
    sign_primitive(&job);
    double cold_us = measure(&bare_us, cold_selfissued, primitive, &job);
    printf("%-10s self-issued, cold %7.2f us   its primitive %7.2f us\n", name, cold_us, bare_us);
    printf("figure\t%s, self-issued, cold, beside its primitive\t%.2f\t" RATIO_MAX "\n", name, cold_us / bare_us);
    w3p_buf_deinit(&job.header);
}

struct row_job {
    struct w3p_write write;
    struct w3p_token_row row;
};

static int add_row(struct w3p_write *self, struct w3p_db *writer)
{
    return w3p_tokens_add(writer, "evm:0x1a642f0e3c3af545e7acbd38b07251b3990914f1", &((struct row_job *)self)->row,
                          w3p_clock_wall_ms());
}

// With two caveats: scopes, and the page that it is for.
static void mint(struct w3p_buf *out)
{
    struct w3p_errmsg msg;
    struct w3p_caveat caveats[2];
    struct w3p_buf text;
    uint8_t key32[32];
    struct w3p_macaroon_head head = {.issued_s = w3p_clock_wall_ms() / 1000};
    head.expires_s = head.issued_s + 86400;
    w3p_random(head.tid16, sizeof head.tid16);
    w3p_buf_init(&text, W3P_AUTH_HEADER_MAX);
    w3p_caveat_scopes(&caveats[0], W3P_SCOPE_PIN_READ);
    must(w3p_caveat_origin(&caveats[1], &msg, "https://app.example") == W3P_OK);
    must(w3p_authn_minting_key(authn, &head.kid, key32));
    must(w3p_macaroon_mint(&text, key32, "gw.example", &head) == W3P_OK);
    must(w3p_macaroon_narrow(out, &msg, w3p_buf_str(&text), text.len, caveats, 2) == W3P_OK);
    struct row_job job = {.write = {.run = add_row},
                          .row = {.id_len = 16,
                                  .kid = head.kid,
                                  .scopes = W3P_SCOPES_PINS,
                                  .issued_s = head.issued_s,
                                  .expires_s = head.expires_s}};
    memcpy(job.row.id, head.tid16, sizeof head.tid16);
    must(w3p_store_write_wait(store, &job.write) == W3P_OK);
    w3p_buf_deinit(&text);
}

static void self_issue(struct w3p_buf *out)
{
    struct w3p_keypair key;
    struct w3p_errmsg msg;
    const struct w3p_selfissued_wish wish = {.audience = "https://gw.example",
                                             .label = "kubo-at-home",
                                             .scopes = W3P_SCOPES_PINS,
                                             .ttl_s = 86400,
                                             .now_ms = w3p_clock_wall_ms()};
    must(w3p_keypair_from_uri(&key, &msg, W3P_KEY_ECDSA, "//Alice") == W3P_OK);
    must(w3p_selfissued_make(out, &msg, w3p_scheme_find("eth", 3), &key, &wish) == W3P_OK);
}

static void issue_w3auth(struct w3p_buf *out)
{
    struct w3p_keypair key;
    struct w3p_errmsg msg;
    must(w3p_keypair_from_uri(&key, &msg, W3P_KEY_ECDSA, "//Alice") == W3P_OK);
    must(w3p_token_make(out, w3p_scheme_find("eth", 3), &key) == W3P_OK);
}

// What a request with a credential that is known asks of it.
static void used(void *arg)
{
    struct job *job = arg;
    struct w3p_auth_entry *entry;
    must(w3p_authn_find(&entry, job->authn, w3p_buf_str(&job->header), job->header.len) == W3P_AUTH_OK);
    must((entry->scopes & W3P_SCOPE_PIN_READ) != 0);
    must(entry->restrictions == NULL || w3p_restrictions_permit_origin(entry->restrictions, "https://app.example", 19));
}

static void bench_kind(const char *what, void (*make)(struct w3p_buf *out), const char *limit_us)
{
    double unused;
    struct job job = {.wanted = W3P_AUTH_OK, .authn = authn_thread};
    w3p_buf_init(&job.header, W3P_AUTH_HEADER_MAX);
    w3p_buf_put_str(&job.header, "Bearer ");
    make(&job.header);
    verified(&job);
    double first_us = measure(&unused, verified, NULL, &job), us = measure(&unused, used, NULL, &job);
    printf("%-32s %5zu bytes   cold %7.2f us   cached %6.3f us\n", what, job.header.len, first_us, us);
    printf("figure\t%s, cached\t%.2f\t%s\tus\n", what, us, limit_us);
    w3p_buf_deinit(&job.header);
}

static void bench_refusal(const char *what, const char *header, enum w3p_auth_reason wanted)
{
    double unused;
    struct job job = {.wanted = wanted, .authn = authn_thread};
    w3p_buf_init(&job.header, W3P_AUTH_HEADER_MAX + 16);
    w3p_buf_put_str(&job.header, header);
    double first_us = measure(&unused, verified, NULL, &job);
    printf("refused, %-32s %7.2f us   again %6.3f us\n", what, first_us, measure(&unused, cached, NULL, &job));
    w3p_buf_deinit(&job.header);
}

static void bench_plain(const char *what, const char *plain, enum w3p_auth_reason wanted)
{
    struct w3p_buf header;
    w3p_buf_init(&header, W3P_AUTH_HEADER_MAX);
    w3p_buf_put_str(&header, "Bearer ");
    w3p_base64_encode(&header, (const uint8_t *)plain, strlen(plain), W3P_BASE64_STD, W3P_BASE64_PADDED);
    bench_refusal(what, w3p_buf_str(&header), wanted);
    w3p_buf_deinit(&header);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        long given = strtol(argv[1], NULL, 10);
        budget_ms = given >= 10 && given <= 60000 ? (unsigned)given : budget_ms;
    }
    w3p_crypto_init();
    w3p_log_set_level(W3P_LOG_ERROR);
    open_service();
    for (const struct w3p_scheme *const *scheme = w3p_schemes(); *scheme != NULL; scheme++)
        bench_scheme(*scheme);
    must(w3p_hosts_create(&audiences, NULL, "audience", "gw.example", false) == W3P_OK);
    bench_selfissued("substrate");
    bench_selfissued("ethereum");
    bench_selfissued("solana");

    bench_kind("W3Auth token", issue_w3auth, "1.0");
    bench_kind("self-issued token", self_issue, "2.5");
    bench_kind("minted token with two caveats", mint, "5.0");

    bench_refusal("no such scheme", "Digest abc", W3P_AUTH_SCHEME);
    bench_plain("user:pass", "user:pass", W3P_AUTH_ADDRESS);
    bench_plain("signature too short", "eth-0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1:0x00", W3P_AUTH_SIGNATURE_FORM);
    struct w3p_buf zeros;
    w3p_buf_init(&zeros, 1024);
    w3p_buf_printf(&zeros, "eth-0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1:0x%0128d1b", 1);
    bench_plain("eth, r = 0", w3p_buf_str(&zeros), W3P_AUTH_SIGNATURE_FORM);
    w3p_buf_reset(&zeros);
    w3p_buf_printf(&zeros, "sub-5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY:0x%0128d", 0);
    zeros.ptr[zeros.len - 2] = '8'; // the marker; R is the identity, s is 0: two full checks at most
    bench_plain("sr25519, s = 0", w3p_buf_str(&zeros), W3P_AUTH_SIGNATURE);
    w3p_buf_deinit(&zeros);
    close_service();
    return 0;
}
