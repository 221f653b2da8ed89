// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `w3pin serve`: wires the modules into the gateway, in the order in which they need each other, and takes
// them apart in the opposite order.
// Must not: hold policy of its own beyond what a start needs to check.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crash.h"
#include "base/encoding.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/keyfile.h"
#include "cli/serve_auth.h"
#include "cli/settings.h"
#include "cli/signals.h"
#include "contents.h"
#include "crypto/secret.h"
#include "tokens_store.h"

struct gateway {
    struct w3p_settings settings;
    struct w3p_access *access;
    struct w3p_authn *authn;
    struct w3p_store *store;
    struct w3p_chain *chain;
    struct w3p_engine *engine;
    struct w3p_pins *pins;
    struct w3p_app app;
    struct w3p_server *admin; // NULL: none
    char *socket;             // its path
    uint8_t account32[32];
    int key_fd; // the lock on crust.key_file; -1: none
};

static bool is_set(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static int load_key(struct w3p_keypair *key, struct w3p_errmsg *msg, const struct w3p_crust_settings *s)
{
    if (is_set(s->key_file) == is_set(s->key_uri))
        return w3p_fail(
            msg, W3P_E_INVALID,
            "set exactly one of crust.key_file (the operator's hex seed, phrase or JSON keystore, mode 0600) "
            "and crust.key_uri (development only, such as //Alice)");
    return w3p_key_load(
        key, NULL, msg,
        &(struct w3p_key_source){
            .uri = s->key_uri, .path = s->key_file, .password_path = s->key_password_file, .wish = s->key_scheme});
}

static int refuse_binding(struct w3p_errmsg *msg, const char *key, const char *found, const char *ours)
{
    return w3p_fail(msg, W3P_E_STATE, "this database belongs to another %s (%s, not %s); use another store.path",
                    strcmp(key, W3P_META_ACCOUNT) == 0 ? "account" : "genesis", found, ours);
}

// Records a value in the database when it has none, and refuses another one than it has.
struct bind_job {
    struct w3p_write write;
    const char *key, *value;
    char found[96];
};

static int bind_run(struct w3p_write *self, struct w3p_db *db)
{
    struct bind_job *job = (struct bind_job *)self;
    int err = w3p_meta_get(db, job->found, sizeof job->found, job->key);
    if (err == W3P_E_NOTFOUND) {
        err = w3p_meta_put(db, job->key, job->value);
        W3P_CRASH_POINT(BINDING_WRITTEN);
        return err;
    }
    if (err != W3P_OK)
        return err;
    return strcmp(job->found, job->value) == 0 ? W3P_OK : W3P_E_STATE;
}

static int bind_value(struct w3p_errmsg *msg, struct w3p_store *store, const char *key, const uint8_t value32[32])
{
    char hex[65];
    w3p_hex_encode(hex, value32, 32);
    struct bind_job job = {.write.run = bind_run, .key = key, .value = hex};
    int err = w3p_store_write_wait(store, &job.write);
    W3P_CRASH_POINT(BINDING_STORED);
    if (err == W3P_E_STATE)
        return refuse_binding(msg, key, job.found, hex);
    return err == W3P_OK ? W3P_OK : w3p_fail(msg, err, "cannot write to the database");
}

// Called by the engine whenever it (re)connects, before it signs anything.
static int bind_chain(void *arg, struct w3p_errmsg *msg, const struct w3p_chain_info *info)
{
    struct gateway *g = arg;
    return bind_value(msg, g->store, W3P_META_GENESIS, info->genesis32);
}

// W3P_E_NOTFOUND when the database is not bound yet.
static int read_binding(char hex[65], uint8_t value32[32], struct w3p_errmsg *msg, struct w3p_db *db, const char *key)
{
    size_t len = 32;
    int err = w3p_meta_get(db, hex, 65, key);
    if (err == W3P_OK && (w3p_hex_decode(value32, &len, hex, strlen(hex)) != W3P_OK || len != 32))
        err = W3P_E_INVALID;
    if (err == W3P_OK || err == W3P_E_NOTFOUND)
        return err;
    return w3p_fail(msg, W3P_E_IO, "the database's record of %s is not readable", key);
}

// Another operator's database is refused; the chain of ours becomes the only one that the backend accepts. Writes
// nothing: a start that fails later must not have claimed a new database.
static int check_bindings(struct gateway *g, struct w3p_errmsg *msg)
{
    struct w3p_db *db = NULL;
    char found[65], ours[65];
    uint8_t value32[32];
    int err = w3p_store_reader(&db, msg, g->store);
    if (err != W3P_OK)
        return err;
    err = read_binding(found, value32, msg, db, W3P_META_ACCOUNT);
    if (err == W3P_OK && memcmp(value32, g->account32, 32) != 0) {
        w3p_hex_encode(ours, g->account32, 32);
        err = refuse_binding(msg, W3P_META_ACCOUNT, found, ours);
    }
    if (err == W3P_OK || err == W3P_E_NOTFOUND)
        err = read_binding(found, value32, msg, db, W3P_META_GENESIS);
    if (err == W3P_OK)
        err = w3p_crust_pin_genesis(g->chain, msg, value32);
    w3p_store_reader_close(db);
    return err == W3P_E_NOTFOUND ? W3P_OK : err;
}

static int open_store(struct gateway *g, struct w3p_errmsg *msg)
{
    const struct w3p_migration *const migrations[] = {w3p_contents_migrations, w3p_pins_migrations,
                                                      w3p_tokens_migrations};
    return w3p_store_open(&g->store, msg,
                          &(struct w3p_store_conf){.path = g->settings.store.path,
                                                   .migrations = migrations,
                                                   .migration_table_count = 3,
                                                   .queue_max = g->settings.store.queue_max,
                                                   .busy_timeout_ms = 5000});
}

static int open_chain(struct gateway *g, struct w3p_errmsg *msg)
{
    struct w3p_keypair *key = w3p_secret_alloc(sizeof *key);
    int err = load_key(key, msg, &g->settings.crust);
    if (err == W3P_OK && is_set(g->settings.crust.key_file))
        err = w3p_keyfile_lock(&g->key_fd, msg, g->settings.crust.key_file);
    if (err != W3P_OK) {
        w3p_secret_free(key);
        return err;
    }
    w3p_keypair_account(g->account32, key);
    return w3p_crust_create(&g->chain, msg, &(struct w3p_crust_conf){.settings = &g->settings.crust, .key = key});
}

// A chain that cannot be reached does not keep the gateway from serving; a wrong one does.
static int greet_chain(struct gateway *g, struct w3p_errmsg *msg)
{
    struct w3p_chain_info info;
    // Nodes may take their time and nothing is promised yet: SIGTERM and Ctrl-C end the process at once.
    w3p_signals_unblock();
    int err = g->chain->ops->info(g->chain, msg, &info);
    w3p_signals_block();
    if (err == W3P_E_STATE || err == W3P_E_UNSUPPORTED)
        return err;
    if (err != W3P_OK) {
        w3p_logf(W3P_LOG_WARN, "chain.unreachable", "%s; pins are accepted and wait", msg->text);
        return W3P_OK;
    }
    struct w3p_log_line line;
    w3p_log_begin(&line, W3P_LOG_INFO, "chain.connected");
    w3p_log_str(&line, "spec", info.spec_name);
    w3p_log_int(&line, "spec_version", info.spec_version);
    w3p_log_hex(&line, "genesis", info.genesis32, 32);
    w3p_log_str(&line, "account", info.address);
    w3p_log_end(&line);
    return bind_value(msg, g->store, W3P_META_GENESIS, info.genesis32);
}

static uint64_t estimate(void *arg, uint64_t size)
{
    return w3p_engine_estimate(((struct gateway *)arg)->engine, size);
}

static bool orderable(void *arg, uint64_t size)
{
    return w3p_engine_orderable(((struct gateway *)arg)->engine, size);
}

static uint64_t available(void *arg)
{
    return w3p_engine_available(((struct gateway *)arg)->engine);
}

static void wake(void *arg)
{
    w3p_engine_wake(((struct gateway *)arg)->engine);
}

static void told(void *arg)
{
    w3p_engine_told(((struct gateway *)arg)->engine);
}

static int start_pinner(struct gateway *g, struct w3p_errmsg *msg)
{
    const struct w3p_settings *s = &g->settings;
    int err = w3p_engine_create(&g->engine, msg,
                                &(struct w3p_engine_conf){.store = g->store,
                                                          .chain = g->chain,
                                                          .settings = &s->engine,
                                                          .bind = bind_chain,
                                                          .bind_arg = g,
                                                          .money = &s->money});
    if (err != W3P_OK)
        return err;
    g->pins = w3p_pins_create(&(struct w3p_pins_conf){.store = g->store,
                                                      .pins_per_day = s->access.pins_per_day,
                                                      .repin_wait_s = s->access.repin_wait_s,
                                                      .planck_per_day = s->engine.planck_per_day,
                                                      .account_planck_per_day = s->access.planck_per_day,
                                                      .default_size = s->engine.default_size,
                                                      .estimate = estimate,
                                                      .orderable = orderable,
                                                      .available = available,
                                                      .wake = wake,
                                                      .arg = g});
    return w3p_crust_watch_start(g->chain, msg, told, g);
}

static int create_access(struct gateway *g, struct w3p_errmsg *msg)
{
    int err = w3p_access_create(&g->access, msg, &g->settings.access, is_set(g->settings.crust.key_uri));
    if (err == W3P_OK && w3p_access_effective(g->access) == W3P_ACCESS_ALLOWLIST && w3p_access_count(g->access) == 0)
        w3p_logf(W3P_LOG_WARN, "accounts.nobody",
                 "the allow list is empty, so every wallet is refused; set accounts.allow, accounts.allow_file or "
                 "accounts.mode=open");
    return err;
}

static const struct w3p_http_settings admin_http = {.request_timeout_ms = 10000,
                                                    .idle_timeout_ms = 60000,
                                                    .drain_timeout_ms = 2000,
                                                    .max_connections = 16,
                                                    .access_log = true};

// One that was named must be there; without the usual one beside the database a gateway can do its work.
static int start_admin(struct gateway *g, struct w3p_errmsg *msg)
{
    g->socket = w3p_settings_socket(&g->settings);
    if (g->socket == NULL)
        return W3P_OK;
    int err = w3p_server_start(&g->admin, msg,
                               &(struct w3p_server_conf){.settings = &admin_http,
                                                         .unix_path = g->socket,
                                                         .routes = w3p_admin_routes,
                                                         .app = &g->app,
                                                         .thread_init = w3p_app_thread_init,
                                                         .thread_deinit = w3p_app_thread_deinit,
                                                         .thread_tidy = w3p_app_thread_tidy});
    if (err == W3P_OK || is_set(g->settings.admin.socket))
        return err;
    w3p_logf(W3P_LOG_WARN, "admin.unavailable", "%s; w3pin orders, retry, pause … cannot reach this gateway",
             msg->text);
    return W3P_OK;
}

static void count_endpoints(void *arg, struct w3p_endpoint_counts *out)
{
    struct w3p_crust_endpoint_status all[W3P_CRUST_STATUS_MAX];
    struct w3p_endpoint_counts counts = {0};
    counts.all = w3p_crust_status(((struct gateway *)arg)->chain, all, W3P_CRUST_STATUS_MAX);
    for (size_t i = 0; i < counts.all && i < W3P_CRUST_STATUS_MAX; i++) {
        counts.healthy += all[i].healthy ? 1 : 0;
        counts.voices += all[i].own_voice ? 1 : 0;
        counts.contradicting += all[i].contradicts ? 1 : 0;
        counts.subscribed += all[i].subscribed ? 1 : 0;
    }
    *out = counts;
}

static int start_server(struct gateway *g, struct w3p_errmsg *msg)
{
    g->app.store = g->store;
    g->app.pins = g->pins;
    g->app.engine = g->engine;
    g->app.access = g->access;
    g->app.authn = g->authn;
    g->app.psa = &g->settings.psa;
    g->app.min_replicas = (uint32_t)g->settings.engine.min_replicas;
    g->app.endpoints = count_endpoints;
    g->app.arg = g;
    g->app.limits = &g->settings.engine;
    g->app.money = &g->settings.money;
    g->app.pins_per_day = g->settings.access.pins_per_day;
    g->app.planck_per_day = g->settings.access.planck_per_day;
    int err = w3p_server_start(&g->app.server, msg,
                               &(struct w3p_server_conf){.settings = &g->settings.http,
                                                         .limits = &g->settings.limits,
                                                         .routes = w3p_gateway_routes,
                                                         .app = &g->app,
                                                         .thread_init = w3p_app_thread_init,
                                                         .thread_deinit = w3p_app_thread_deinit,
                                                         .thread_tidy = w3p_app_thread_tidy});
    if (err == W3P_OK)
        err = start_admin(g, msg);
    if (err != W3P_OK)
        return err;
    err = w3p_engine_start(g->engine);
    return err == W3P_OK ? W3P_OK : w3p_fail(msg, err, "cannot start the engine's thread");
}

static int start(struct gateway *g, struct w3p_errmsg *msg)
{
    // what the configuration alone can get wrong, then the database, then the network
    struct w3p_errmsg doubt = {0};
    int err = create_access(g, msg);
    if (err == W3P_OK)
        err = w3p_serve_authn(&g->authn, msg, &g->settings);
    if (err == W3P_OK && w3p_hosts_count(w3p_authn_audiences(g->authn)) == 0)
        w3p_logf(W3P_LOG_WARN, "auth.audience", "%s", W3P_SERVE_NO_AUDIENCE);
    if (err == W3P_OK)
        err = w3p_delegates_json(&g->app.delegates_json, &doubt, msg, g->settings.psa.delegates);
    if (doubt.text[0] != '\0')
        w3p_logf(W3P_LOG_WARN, "psa.delegates", "%s", doubt.text);
    if (err == W3P_OK)
        err = w3p_openapi_build(&g->app.openapi, msg, w3p_gateway_routes, w3p_gateway_docs);
    if (err == W3P_OK)
        err = open_chain(g, msg);
    if (err == W3P_OK)
        err = open_store(g, msg);
    if (err == W3P_OK)
        err = check_bindings(g, msg);
    if (err == W3P_OK)
        err = greet_chain(g, msg);
    if (err == W3P_OK)
        err = bind_value(msg, g->store, W3P_META_ACCOUNT, g->account32);
    if (err == W3P_OK)
        err = w3p_authn_open(g->authn, msg, g->store);
    if (err == W3P_OK)
        err = start_pinner(g, msg);
    if (err == W3P_OK)
        err = start_server(g, msg);
    return err;
}

// Requests end first, then the engine, then the writer: nothing that was promised is lost on the way.
static void stop(struct gateway *g)
{
    g->app.draining = 1;
    if (g->admin != NULL)
        w3p_server_stop(g->admin);
    if (g->app.server != NULL)
        w3p_server_stop(g->app.server);
    if (g->engine != NULL)
        w3p_engine_stop(g->engine);
    if (g->store != NULL)
        w3p_store_close(g->store);
    if (g->chain != NULL)
        w3p_crust_watch_stop(g->chain);
    w3p_pins_destroy(g->pins);
    w3p_engine_destroy(g->engine);
    if (g->chain != NULL)
        g->chain->ops->destroy(g->chain);
    if (g->key_fd >= 0)
        close(g->key_fd);
    w3p_access_destroy(g->access);
    w3p_authn_destroy(g->authn);
    free(g->app.delegates_json);
    w3p_openapi_deinit(&g->app.openapi);
    free(g->socket);
    w3p_settings_free(&g->settings);
}

static void log_ready(struct gateway *g)
{
    char url[W3P_SERVER_URL_MAX];
    struct w3p_buf all;
    w3p_buf_init(&all, W3P_LOG_LINE_MAX);
    for (size_t i = 0; w3p_server_url(url, g->app.server, i); i++)
        w3p_buf_printf(&all, "%s%s/psa", i > 0 ? ", " : "", url);
    uint16_t plain = w3p_server_port(g->app.server);
    w3p_logf(W3P_LOG_INFO, "gateway.ready", "PSA endpoint %s (port %u), accounts %s", w3p_buf_str(&all),
             (unsigned)(plain != 0 ? plain : w3p_server_tls_port(g->app.server)),
             w3p_access_effective(g->access) == W3P_ACCESS_OPEN ? "open" : "by allow list");
    w3p_buf_deinit(&all);
}

static void reload(struct gateway *g)
{
    struct w3p_errmsg msg;
    int err = w3p_server_reload(g->app.server, &msg);
    if (err == W3P_E_NOTFOUND)
        w3p_logf(W3P_LOG_INFO, "gateway.reload", "%s", msg.text);
    else if (err != W3P_OK)
        w3p_logf(W3P_LOG_ERROR, "gateway.reload", "%s; the certificate in use stays", msg.text);
}

static int serve_until_stopped(struct gateway *g)
{
    int number;
    log_ready(g);
    while ((number = w3p_signals_wait()) == SIGHUP)
        reload(g);
    return number;
}

static int run(int argc, char **argv)
{
    struct gateway *g = w3p_calloc(1, sizeof *g);
    struct w3p_errmsg msg;
    int code = 1;
    g->key_fd = -1;
    w3p_signals_block();
    if (w3p_settings_load(&g->settings, &msg, argc - 1, argv + 1) != W3P_OK) {
        fprintf(stderr, "w3pin serve: %s\n", msg.text);
        free(g);
        return 2;
    }
    if (start(g, &msg) == W3P_OK) {
        int number = serve_until_stopped(g);
        w3p_logf(W3P_LOG_INFO, "gateway.stop", "signal %d: answering what is in flight, then stopping", number);
        code = 0;
    } else {
        fprintf(stderr, "w3pin serve: %s\n", msg.text);
    }
    stop(g);
    free(g);
    return code;
}

const struct w3p_command w3p_cmd_serve = {
    .name = "serve",
    .summary = "run the gateway",
    .usage =
        "usage: w3pin serve [--config FILE] [--section.key=value]...\n\n"
        "Speaks the IPFS Pinning Service API under /psa, orders the storage on chain and follows the replicas.\n"
        "Every key of `w3pin config --print-default` is an option here (--http.listen=127.0.0.1:3000), an\n"
        "environment variable (W3PIN_HTTP_LISTEN) and a line of the file; the flag beats the environment, the\n"
        "environment beats the file. Logs are JSON lines on stderr. SIGTERM or Ctrl-C stops gracefully;\n"
        "SIGHUP reads the TLS certificate and its key again.\n\n"
        "For development:  w3pin serve --crust.key_uri=//Alice --crust.endpoints=http://127.0.0.1:9944\n"
        "For real:         --crust.key_file=FILE (seed, phrase or keystore; mode 0600), --accounts.allow=eth-0x...,\n"
        "                  --psa.delegates=/ip4/.../p2p/...\n",
    .run = run,
};
