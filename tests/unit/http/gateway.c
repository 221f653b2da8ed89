// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see gateway.h.
#include "gateway.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "contents.h"
#include "crypto/hash.h"
#include "macaroon.h"
#include "tokens_store.h"

struct w3p_app gateway_app;
uint16_t gateway_port;
uint64_t gateway_pins_per_day, gateway_planck_per_day, gateway_price, gateway_account_planck;
_Atomic uint64_t gateway_byte_price, gateway_available = UINT64_MAX;
const struct w3p_limit_settings *gateway_limits;
struct w3p_access_settings gateway_access = {.mode = W3P_ACCESS_OPEN};
struct w3p_authn_settings gateway_authn = {.legacy_scopes = (char *)"pin.read,pin.write,pin.replace,pin.delete",
                                           .login_ttl_s = 43200,
                                           .token_ttl_max_s = 31622400,
                                           .cache_entries = 64,
                                           .cache_ttl_ms = 60000};

static char dir[256], path[300];
static struct w3p_access *access_list;
static struct w3p_chain_ops no_ops;
static struct w3p_chain no_chain = {.ops = &no_ops};
static struct w3p_engine_settings engine_settings = {.min_replicas = 3, .default_size = 2048, .poll_ms = 1000};
static struct w3p_money_settings money_settings = {.usd_micros = 5000};
static struct w3p_psa_settings psa_settings;
struct w3p_http_settings gateway_http = {.listen = (char *)"127.0.0.1:0",
                                         .threads = 2,
                                         .request_timeout_ms = 5000,
                                         .idle_timeout_ms = 5000,
                                         .drain_timeout_ms = 2000,
                                         .max_connections = 100};

static uint64_t estimate(void *arg, uint64_t size)
{
    (void)arg;
    return gateway_price + size * gateway_byte_price;
}

static uint64_t available(void *arg)
{
    (void)arg;
    return gateway_available;
}

static void wake(void *arg)
{
    (void)arg;
}

void gateway_start(void)
{
    static const struct w3p_migration *const tables[] = {w3p_contents_migrations, w3p_pins_migrations,
                                                         w3p_tokens_migrations};
    const char *base = getenv("TMPDIR");
    struct w3p_errmsg msg = {0}, doubt;
    w3p_log_set_level(W3P_LOG_ERROR);
    snprintf(dir, sizeof dir, "%s/w3pin-http-XXXXXX", base ? base : "/tmp");
    cr_assert(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/g.db", dir);
    struct w3p_store_conf store_conf = {
        .path = path, .migrations = tables, .migration_table_count = 3, .queue_max = 1000, .busy_timeout_ms = 1000};
    cr_assert(eq(int, w3p_store_open(&gateway_app.store, &msg, &store_conf), W3P_OK), "%s", msg.text);
    cr_assert(eq(int, w3p_access_create(&access_list, &msg, &gateway_access, true), W3P_OK), "%s", msg.text);
    struct w3p_engine_conf engine_conf = {.store = gateway_app.store, .chain = &no_chain, .settings = &engine_settings};
    cr_assert(eq(int, w3p_engine_create(&gateway_app.engine, &msg, &engine_conf), W3P_OK), "%s", msg.text);
    struct w3p_pins_conf pins_conf = {.store = gateway_app.store,
                                      .pins_per_day = gateway_pins_per_day,
                                      .planck_per_day = gateway_planck_per_day,
                                      .account_planck_per_day = gateway_account_planck,
                                      .default_size = 2048,
                                      .estimate = estimate,
                                      .available = available,
                                      .wake = wake};
    gateway_app.pins = w3p_pins_create(&pins_conf);
    struct w3p_authn_conf authn_conf = {
        .settings = &gateway_authn, .audience = GATEWAY_HOST, .account_find = w3p_account_find};
    cr_assert(eq(int, w3p_authn_create(&gateway_app.authn, &msg, &authn_conf), W3P_OK), "%s", msg.text);
    cr_assert(eq(int, w3p_authn_open(gateway_app.authn, &msg, gateway_app.store), W3P_OK), "%s", msg.text);
    gateway_app.access = access_list;
    gateway_app.psa = &psa_settings;
    gateway_app.min_replicas = 3;
    gateway_app.limits = &engine_settings;
    gateway_app.money = &money_settings;
    gateway_app.pins_per_day = gateway_pins_per_day;
    gateway_app.planck_per_day = gateway_account_planck;
    cr_assert(eq(int, w3p_delegates_json(&gateway_app.delegates_json, &doubt, &msg, ""), W3P_OK));
    cr_assert(eq(int, w3p_openapi_build(&gateway_app.openapi, &msg, w3p_gateway_routes, w3p_gateway_docs), W3P_OK),
              "%s", msg.text);
    struct w3p_server_conf conf = {.settings = &gateway_http,
                                   .limits = gateway_limits,
                                   .routes = w3p_gateway_routes,
                                   .app = &gateway_app,
                                   .thread_init = w3p_app_thread_init,
                                   .thread_deinit = w3p_app_thread_deinit};
    cr_assert(eq(int, w3p_server_start(&gateway_app.server, &msg, &conf), W3P_OK), "%s", msg.text);
    gateway_port = w3p_server_port(gateway_app.server);
}

void gateway_stop(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    char file[320];
    w3p_server_stop(gateway_app.server);
    w3p_store_close(gateway_app.store);
    w3p_pins_destroy(gateway_app.pins);
    w3p_engine_destroy(gateway_app.engine);
    w3p_access_destroy(access_list);
    w3p_authn_destroy(gateway_app.authn);
    free(gateway_app.delegates_json);
    w3p_openapi_deinit(&gateway_app.openapi);
    for (size_t i = 0; i < 4; i++) {
        snprintf(file, sizeof file, "%s%s", path, suffixes[i]);
        unlink(file);
    }
    rmdir(dir);
}

const char *gateway_token(const char *name)
{
    static char tokens[4][1024];
    static unsigned next;
    char uri[64];
    struct w3p_keypair key;
    struct w3p_errmsg msg = {0};
    struct w3p_buf token;
    snprintf(uri, sizeof uri, "//%s", name);
    cr_assert(eq(int, w3p_keypair_from_uri(&key, &msg, W3P_KEY_ECDSA, uri), W3P_OK), "%s", msg.text);
    w3p_buf_init(&token, 1000);
    cr_assert(eq(int, w3p_token_make(&token, w3p_scheme_find("eth", 3), &key), W3P_OK));
    char *out = tokens[next++ % 4];
    snprintf(out, sizeof tokens[0], "%s", w3p_buf_str(&token));
    w3p_buf_deinit(&token);
    return out;
}

static void identity_of(struct w3p_identity *out, const char *name)
{
    struct w3p_span token;
    char header[1100];
    snprintf(header, sizeof header, "Bearer %s", gateway_token(name));
    cr_assert(eq(int, w3p_auth_header(&token, header, strlen(header)), W3P_AUTH_OK));
    cr_assert(eq(int, w3p_auth_verify(out, header, strlen(header)), W3P_AUTH_OK));
}

struct token_job {
    struct w3p_write write;
    struct w3p_identity identity;
    struct w3p_token_row row;
};

static int run_add(struct w3p_write *self, struct w3p_db *db)
{
    struct token_job *job = (struct token_job *)self;
    return w3p_tokens_add(db, job->identity.text, &job->row, w3p_clock_wall_ms());
}

const char *gateway_minted(uint8_t id16[16], const char *name, w3p_scopes scopes, const struct w3p_caveat *caveats,
                           size_t count)
{
    static char tokens[4][W3P_MACAROON_TEXT_MAX + 1];
    static unsigned next;
    uint8_t key32[32];
    struct w3p_errmsg msg = {0};
    struct w3p_buf text, narrow;
    struct token_job job = {.write = {.run = run_add}, .row = {.id_len = 16, .scopes = scopes}};
    struct w3p_macaroon_head head = {.issued_s = w3p_clock_wall_ms() / 1000};
    head.expires_s = head.issued_s + 3600;
    identity_of(&job.identity, name);
    cr_assert(w3p_authn_minting_key(gateway_app.authn, &head.kid, key32));
    w3p_random(head.tid16, sizeof head.tid16);
    memcpy(job.row.id, head.tid16, sizeof head.tid16);
    job.row.kid = head.kid;
    job.row.issued_s = head.issued_s;
    job.row.expires_s = head.expires_s;
    w3p_buf_init(&text, W3P_MACAROON_TEXT_MAX);
    w3p_buf_init(&narrow, W3P_MACAROON_TEXT_MAX);
    cr_assert(eq(int, w3p_macaroon_mint(&text, key32, GATEWAY_HOST, &head), W3P_OK));
    cr_assert(eq(int, w3p_macaroon_narrow(&narrow, &msg, w3p_buf_str(&text), text.len, caveats, count), W3P_OK), "%s",
              msg.text);
    cr_assert(eq(int, w3p_store_write_wait(gateway_app.store, &job.write), W3P_OK));
    if (id16 != NULL)
        memcpy(id16, head.tid16, sizeof head.tid16);
    char *out = tokens[next++ % 4];
    snprintf(out, sizeof tokens[0], "%s", w3p_buf_str(&narrow));
    w3p_buf_deinit(&text);
    w3p_buf_deinit(&narrow);
    return out;
}

static int run_revoke(struct w3p_write *self, struct w3p_db *db)
{
    const struct token_job *job = (struct token_job *)self;
    return w3p_tokens_revoke_any(db, job->row.id, job->row.id_len, w3p_clock_wall_ms());
}

void gateway_revoke(const uint8_t id16[16])
{
    struct token_job job = {.write = {.run = run_revoke}, .row = {.id_len = 16}};
    memcpy(job.row.id, id16, 16);
    cr_assert(eq(int, w3p_store_write_wait(gateway_app.store, &job.write), W3P_OK));
    w3p_authn_revoked(gateway_app.authn);
}

void gateway_request(struct response *out, const char *method, const char *target, const char *token, const char *body)
{
    char request[16384];
    size_t at = (size_t)snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n",
                                 method, target);
    if (token != NULL)
        at += (size_t)snprintf(request + at, sizeof request - at, "Authorization: Bearer %s\r\n", token);
    if (body != NULL)
        at += (size_t)snprintf(request + at, sizeof request - at,
                               "Content-Type: application/json\r\nContent-Length: %zu\r\n", strlen(body));
    snprintf(request + at, sizeof request - at, "\r\n%s", body != NULL ? body : "");
    client_exchange(out, gateway_port, request);
}

json_t *gateway_json(int *status, const char *method, const char *target, const char *token, const char *body)
{
    struct response got;
    gateway_request(&got, method, target, token, body);
    *status = got.status;
    json_t *root = got.body != NULL ? json_loads(got.body, JSON_REJECT_DUPLICATES, NULL) : NULL;
    client_free_response(&got);
    return root;
}

const char *gateway_cid(unsigned n)
{
    static char text[W3P_CID_ORDER_MAX];
    struct w3p_cid cid = {.version = 1, .codec = W3P_CODEC_RAW, .hash = W3P_HASH_SHA2_256, .digest_len = 32};
    memcpy(cid.digest, &n, sizeof n);
    w3p_cid_format_order(text, &cid);
    return text;
}
