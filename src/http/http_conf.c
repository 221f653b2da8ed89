// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the configuration rows of the server and of the pinning API.
#include <stddef.h>

#include "http/app.h"

#define HTTP(field) offsetof(struct w3p_http_settings, field)
#define LIMIT(budget, field) offsetof(struct w3p_limit_settings, budgets[budget].field)
#define PSA(field) offsetof(struct w3p_psa_settings, field)

const struct w3p_conf_key w3p_http_conf_keys[] = {
    {"http.listen", W3P_CONF_STRING, HTTP(listen), "127.0.0.1:3000", 0, 0, NULL, "",
     "Addresses to listen on, comma-separated: 127.0.0.1:3000, [::1]:3000, localhost:3000; port 0 lets the system "
     "choose. [::] is IPv6 alone: 0.0.0.0:3000,[::]:3000 is everything."},
    {"http.tls_listen", W3P_CONF_STRING, HTTP(tls_listen), "", 0, 0, NULL, "",
     "Addresses to listen on with TLS, written like http.listen; empty: none."},
    {"http.tls_cert", W3P_CONF_STRING, HTTP(tls_cert), "", 0, 0, NULL, "",
     "PEM file of the certificate chain for TLS. SIGHUP reads it and the key again."},
    {"http.tls_key", W3P_CONF_STRING, HTTP(tls_key), "", 0, 0, NULL, "",
     "PEM file of the private key for TLS, not to be read by others (chmod 600)."},
    {"http.http2", W3P_CONF_BOOL, HTTP(http2), "on", 0, 0, NULL, "",
     "HTTP/2 beside HTTP/1.1, by ALPN and without TLS; off: HTTP/1.1 only."},
    {"http.threads", W3P_CONF_U64, HTTP(threads), "0", 0, 64, NULL, "threads", "Server threads; 0: one per core."},
    {"http.request_timeout_ms", W3P_CONF_U64, HTTP(request_timeout_ms), "10000", 100, 3600000, NULL, "ms",
     "For the whole of a request to arrive, and for a kept HTTP/1 connection to ask again."},
    {"http.idle_timeout_ms", W3P_CONF_U64, HTTP(idle_timeout_ms), "60000", 100, 3600000, NULL, "ms",
     "For an HTTP/2 connection without frames, and for a client that does not read its answer."},
    {"http.drain_timeout_ms", W3P_CONF_U64, HTTP(drain_timeout_ms), "10000", 0, 600000, NULL, "ms",
     "How long a stopping server waits for the requests in work."},
    {"http.max_connections", W3P_CONF_U64, HTTP(max_connections), "10000", 1, 1000000, NULL, "connections",
     "Open connections of all threads together; further ones are closed at once."},
    {"http.connections_per_peer", W3P_CONF_U64, HTTP(connections_per_peer), "256", 0, 1000000, NULL, "connections",
     "Open connections of one peer (an IPv4 address or an IPv6 /64); further ones are closed at once. 0: no limit. The "
     "peers of http.connections_exempt and http.trusted_proxies are not counted."},
    {"http.connections_exempt", W3P_CONF_STRING, HTTP(connections_exempt), "127.0.0.0/8,::1", 0, 0, NULL, "networks",
     "Peers that may have any number of connections, comma-separated: 10.0.0.0/8, 2001:db8::/32, 127.0.0.1."},
    {"http.trusted_proxies", W3P_CONF_STRING, HTTP(trusted_proxies), "", 0, 0, NULL, "networks",
     "Reverse proxies whose X-Forwarded-For names the client: its rightmost address that is not in this list pays for "
     "the request. Of everybody else the header is ignored."},
    {"http.access_log", W3P_CONF_BOOL, HTTP(access_log), "on", 0, 0, NULL, "", "One log line for each request."},
    {0}};

#define PER_S(name, budget, fallback, help)                                                                            \
    {                                                                                                                  \
        name, W3P_CONF_U64, LIMIT(budget, per_s), fallback, 0, W3P_LIMIT_PER_S_MAX, NULL, "requests/s", help           \
    }
#define BURST(name, budget, fallback, help)                                                                            \
    {                                                                                                                  \
        name, W3P_CONF_U64, LIMIT(budget, burst), fallback, 1, W3P_LIMIT_BURST_MAX, NULL, "requests", help             \
    }

const struct w3p_conf_key w3p_limit_conf_keys[] = {
    PER_S(
        "limits.poll_per_s", W3P_BUDGET_POLL, "200",
        "GET /psa/pins/{requestid} of one account in the long run; 0: no limit. kubo asks twice a second for each pin "
        "that it waits for."),
    BURST("limits.poll_burst", W3P_BUDGET_POLL, "2000", "How many of these may come at once after a rest."),
    PER_S("limits.list_per_s", W3P_BUDGET_LIST, "50", "GET /psa/pins and /account of one account; 0: no limit."),
    BURST("limits.list_burst", W3P_BUDGET_LIST, "3000",
          "How many of these may come at once: Helia needs one for each pin that it lists, kubo one for ten."),
    PER_S("limits.write_per_s", W3P_BUDGET_WRITE, "50",
          "Added, replaced and removed pins of one account; 0: no limit."),
    BURST("limits.write_burst", W3P_BUDGET_WRITE, "3000", "How many of these may come at once."),
    PER_S("limits.public_per_s", W3P_BUDGET_PUBLIC, "50", "What one peer may ask without signing in; 0: no limit."),
    BURST("limits.public_burst", W3P_BUDGET_PUBLIC, "1000", "How many of these may come at once."),
    PER_S("limits.failed_per_s", W3P_BUDGET_FAILED, "5",
          "Answers 401, and 403 for accounts that are not allowed, to one peer; beyond it 429, and no signature is "
          "looked at. 0: no limit."),
    BURST("limits.failed_burst", W3P_BUDGET_FAILED, "500", "How many of these may come at once."),
    PER_S("limits.verify_per_s", W3P_BUDGET_VERIFY, "2000",
          "Signatures that are looked at, of all peers together; beyond it 429 for access tokens that are not "
          "remembered, which counts as limits.failed_per_s does. 0: no limit. One takes 0.04 to 0.17 ms of a core."),
    BURST("limits.verify_burst", W3P_BUDGET_VERIFY, "10000", "How many of these may come at once."),
    {0}};

const struct w3p_conf_key w3p_psa_conf_keys[] = {
    {"psa.delegates", W3P_CONF_STRING, PSA(delegates), "", 0, 0, NULL, "",
     "Multiaddrs ending in /p2p/<peer id> that clients connect to for handing over content, comma-separated."},
    {"psa.strict_default_status", W3P_CONF_BOOL, PSA(strict_default_status), "false", 0, 0, NULL, "",
     "Lists without a status show pinned pins only, also when a name or match is given."},
    {0}};
