// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: hosts as sign-in texts and settings name them: "host" or "host:port" in one spelling (lower case, A-labels,
// IPv6 in brackets and in its short form), and short lists of them.
// Threads: the functions are pure; a list is immutable after create.  Must not: resolve names.
// Source: RFC 3986 3.2, RFC 1123 2.1, RFC 6454 (origins).
#ifndef W3P_AUTH_HOSTS_H
#define W3P_AUTH_HOSTS_H

#include "base/bytes.h"

#define W3P_HOST_MAX 262 // 253 of a name, ":65535", NUL
#define W3P_HOSTS_MAX 256

// "host" or "host:port" → its one spelling. W3P_E_INVALID: user info, bytes beyond ASCII, an empty label, a port that
// is none. No port is dropped, because what is default depends on a URI's scheme.
int w3p_host_parse(char out[W3P_HOST_MAX], struct w3p_span text) W3P_NODISCARD;
// The host of an http or https URI, or of an Origin header, in the same spelling; the scheme's default port is dropped
// ("HTTPS://Gw.example:443/x" → "gw.example"). W3P_E_INVALID: another scheme, or no such host.
int w3p_host_of_uri(char out[W3P_HOST_MAX], struct w3p_span uri) W3P_NODISCARD;

// A list of a setting: comma-separated, blanks around entries are fine, ":443" and ":80" are dropped (they are what a
// URI does not say). star: "*" alone stands for every host. key names the setting in the sentence. W3P_E_INVALID for
// what is no host, W3P_E_LIMIT beyond W3P_HOSTS_MAX entries. NULL or "" is the empty list.
struct w3p_hosts;
int w3p_hosts_create(struct w3p_hosts **out, struct w3p_errmsg *msg, const char *key, const char *list,
                     bool star) W3P_NODISCARD;
void w3p_hosts_destroy(struct w3p_hosts *hosts);
size_t w3p_hosts_count(const struct w3p_hosts *hosts);             // entries; 0 for "*"; NULL: 0
const char *w3p_hosts_at(const struct w3p_hosts *hosts, size_t i); // i < count
bool w3p_hosts_any(const struct w3p_hosts *hosts);                 // the list is "*"
// Byte by byte: a host in another spelling is another host. A list that is NULL has none.
bool w3p_hosts_have(const struct w3p_hosts *hosts, struct w3p_span host);

#endif
