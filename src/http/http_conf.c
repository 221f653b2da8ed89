// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the configuration rows of the server and of the pinning API.
#include <stddef.h>

#include "http/app.h"

#define HTTP(field) offsetof(struct w3p_http_settings, field)
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
    {"http.access_log", W3P_CONF_BOOL, HTTP(access_log), "on", 0, 0, NULL, "", "One log line for each request."},
    {0}};

const struct w3p_conf_key w3p_psa_conf_keys[] = {
    {"psa.delegates", W3P_CONF_STRING, PSA(delegates), "", 0, 0, NULL, "",
     "Multiaddrs ending in /p2p/<peer id> that clients connect to for handing over content, comma-separated."},
    {"psa.strict_default_status", W3P_CONF_BOOL, PSA(strict_default_status), "false", 0, 0, NULL, "",
     "Lists without a status show pinned pins only, also when a name or match is given."},
    {"auth.cache_entries", W3P_CONF_U64, PSA(cache_entries), "4096", 1, 1000000, NULL, "tokens",
     "Verified tokens that each server thread remembers."},
    {"auth.cache_ttl_ms", W3P_CONF_U64, PSA(cache_ttl_ms), "300000", 1, 86400000, NULL, "ms",
     "How long a verified token is remembered."},
    {0}};
