// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the request handlers of the gateway work with; filled by src/cli/serve.c.
// Threads: read-only after start, but for the atomics inside the modules.  Ownership: borrows everything.
#ifndef W3P_HTTP_APP_H
#define W3P_HTTP_APP_H

#include "access.h"
#include "authn.h"
#include "engine.h"
#include "http/http.h"
#include "http/openapi.h"
#include "pins.h"

// Configuration rows: psa.delegates, psa.strict_default_status
struct w3p_psa_settings {
    char *delegates;            // comma-separated multiaddrs ending /p2p/<peer id>; empty: a warning and a loopback one
    bool strict_default_status; // true: a list without `status` is always pinned only (PSA to the letter)
};
extern const struct w3p_conf_key w3p_psa_conf_keys[];

// Nodes of the chain: how many are configured, answer as they should, contradicted another one lately, and tell of
// new heads by themselves.
struct w3p_endpoint_counts {
    size_t all, healthy, contradicting, subscribed;
    size_t voices; // different nodes behind them, by their own word
};

struct w3p_app {
    struct w3p_store *store;
    struct w3p_pins *pins;
    struct w3p_engine *engine;
    struct w3p_authn *authn;
    const struct w3p_access *access;
    const struct w3p_psa_settings *psa;
    char *delegates_json; // by w3p_delegates_json
    uint32_t min_replicas;
    const struct w3p_engine_settings *limits;
    const struct w3p_money_settings *money;
    uint64_t pins_per_day;                                         // of one account; 0: no limit
    uint64_t planck_per_day;                                       // likewise
    void (*endpoints)(void *arg, struct w3p_endpoint_counts *out); // any thread; NULL: not told
    void *arg;
    struct w3p_openapi openapi; // of the routes above
    struct w3p_server *server;
    _Atomic int draining; // /readyz says 503
};

// Per loop thread: store reader and what it remembers of credentials; for struct w3p_server_conf.
void *w3p_app_thread_init(void *app);
void w3p_app_thread_deinit(void *app, void *thread_data);
void w3p_app_thread_tidy(void *app, void *thread_data);

// Route table of the gateway, made from gateway_routes.h: ends with a NULL method. Beside it what each row is described
// by.
extern const struct w3p_route w3p_gateway_routes[];
extern const struct w3p_doc *const w3p_gateway_docs[];
// What the operator's command line asks for. Never in a server that listens on an address: nobody signs in there.
extern const struct w3p_route w3p_admin_routes[];

// JSON array of the configured delegates: 1 to 20 different multiaddrs that end /p2p/<peer id>. *doubt gets a sentence
// when the operator should look at what is good enough to start: none is set, or clients elsewhere cannot reach them.
int w3p_delegates_json(char **out, struct w3p_errmsg *doubt, struct w3p_errmsg *msg,
                       const char *configured) W3P_NODISCARD;

// The devnet's server: JSON-RPC by POST / and WebSocket upgrade on one port, blocks on a timer. Runs until stopped.
struct w3p_devnet;
struct w3p_devnet_server;
struct w3p_devnet_server_conf {
    const char *listen;        // "127.0.0.1:9944"
    const char *second_listen; // of the node that lags; NULL: none
    struct w3p_devnet *net;    // borrowed; only the server's thread touches it from now on
    unsigned block_ms;         // 0: only on dev_newBlock
};
int w3p_devnet_server_start(struct w3p_devnet_server **out, struct w3p_errmsg *msg,
                            const struct w3p_devnet_server_conf *conf) W3P_NODISCARD;
uint16_t w3p_devnet_server_port(const struct w3p_devnet_server *server);
uint16_t w3p_devnet_server_second_port(const struct w3p_devnet_server *server); // 0: none
void w3p_devnet_server_stop(struct w3p_devnet_server *server);

#endif
