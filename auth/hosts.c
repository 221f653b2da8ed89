// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: one spelling for a host, so that comparing two is comparing bytes. What has no such spelling (user info,
// escapes, letters beyond ASCII) is refused instead of repaired: a gateway that guesses can be talked into a guess.
#include "hosts.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 253
#define LABEL_MAX_BYTES 63

struct w3p_hosts {
    bool any;
    size_t count;
    char at[W3P_HOSTS_MAX][W3P_HOST_MAX];
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// Labels of letters, digits, '-' and '_' (which container networks use), a '-' never first or last.
static bool put_name(char *out, const char *text, size_t len)
{
    size_t label = 0;
    if (len == 0 || len > NAME_MAX_BYTES)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = lower(text[i]);
        out[i] = c;
        bool last = i + 1 == len || text[i + 1] == '.';
        if (c == '.') {
            if (label == 0 || i + 1 == len)
                return false;
            label = 0;
            continue;
        }
        if (!is_alnum(c) && c != '_' && (c != '-' || label == 0 || last))
            return false;
        if (++label > LABEL_MAX_BYTES)
            return false;
    }
    out[len] = '\0';
    return true;
}

// "[…]" with an IPv6 address without a zone.
static bool put_ipv6(char *out, const char *text, size_t len)
{
    char inner[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (len < 4 || len - 2 >= sizeof(inner) || text[len - 1] != ']' || memchr(text, '\0', len) != NULL)
        return false;
    memcpy(inner, text + 1, len - 2);
    inner[len - 2] = '\0';
    if (inet_pton(AF_INET6, inner, &address) != 1 || inet_ntop(AF_INET6, &address, out + 1, INET6_ADDRSTRLEN) == NULL)
        return false;
    out[0] = '[';
    size_t end = strlen(out);
    out[end] = ']';
    out[end + 1] = '\0';
    return true;
}

// Where the host ends and ":port" begins; len when there is no port.
static size_t host_length(const char *text, size_t len)
{
    const char *from = text;
    if (len > 0 && text[0] == '[') {
        from = memchr(text, ']', len);
        if (from == NULL)
            return len;
    }
    const char *colon = memchr(from, ':', len - (size_t)(from - text));
    return colon != NULL ? (size_t)(colon - text) : len;
}

int w3p_host_parse(char out[W3P_HOST_MAX], struct w3p_span text)
{
    char made[W3P_HOST_MAX];
    const char *from = (const char *)text.ptr;
    uint64_t port = 0;
    size_t host_len = host_length(from, text.len);
    bool good = host_len > 0 && from[0] == '[' ? put_ipv6(made, from, host_len) : put_name(made, from, host_len);
    if (!good)
        return W3P_E_INVALID;
    if (host_len < text.len) {
        size_t digits = text.len - host_len - 1, end = strlen(made);
        if (w3p_u64_parse(&port, from + host_len + 1, digits) != W3P_OK || port == 0 || port > 65535)
            return W3P_E_INVALID;
        memcpy(made + end, from + host_len, digits + 1);
        made[end + digits + 1] = '\0';
    }
    memcpy(out, made, strlen(made) + 1);
    return W3P_OK;
}

static void drop_port(char *host, const char *port)
{
    size_t host_len = strlen(host), port_len = strlen(port);
    if (host_len > port_len && memcmp(host + host_len - port_len, port, port_len) == 0)
        host[host_len - port_len] = '\0';
}

static bool has_scheme(struct w3p_span uri, const char *scheme)
{
    size_t len = strlen(scheme);
    if (uri.len < len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (lower((char)uri.ptr[i]) != scheme[i])
            return false;
    return true;
}

int w3p_host_of_uri(char out[W3P_HOST_MAX], struct w3p_span uri)
{
    bool tls = has_scheme(uri, "https://");
    if (!tls && !has_scheme(uri, "http://"))
        return W3P_E_INVALID;
    size_t from = tls ? strlen("https://") : strlen("http://"), to = from;
    while (to < uri.len && uri.ptr[to] != '/' && uri.ptr[to] != '?' && uri.ptr[to] != '#')
        to++;
    int err = w3p_host_parse(out, W3P_SPAN(uri.ptr + from, to - from));
    if (err == W3P_OK)
        drop_port(out, tls ? ":443" : ":80");
    return err;
}

static int add_entry(struct w3p_hosts *hosts, struct w3p_errmsg *msg, const char *key, const char *text, size_t len)
{
    if (hosts->count == W3P_HOSTS_MAX)
        return w3p_fail(msg, W3P_E_LIMIT, "%s: more than %d hosts", key, W3P_HOSTS_MAX);
    char *host = hosts->at[hosts->count];
    if (w3p_host_parse(host, W3P_SPAN(text, len)) != W3P_OK)
        return w3p_fail(msg, W3P_E_INVALID,
                        "%s: \"%.*s\" is no host; write gw.example or gw.example:3000 (no https://)", key,
                        (int)(len < 80 ? len : 80), text);
    drop_port(host, ":443");
    drop_port(host, ":80");
    hosts->count++;
    return W3P_OK;
}

int w3p_hosts_create(struct w3p_hosts **out, struct w3p_errmsg *msg, const char *key, const char *list, bool star)
{
    struct w3p_hosts *hosts = w3p_calloc(1, sizeof(*hosts));
    int err = W3P_OK;
    for (const char *part = list; err == W3P_OK && part != NULL && *part != '\0';) {
        size_t len = strcspn(part, ","), from = strspn(part, " \t"), to = len;
        while (to > from && (part[to - 1] == ' ' || part[to - 1] == '\t'))
            to--;
        if (star && to == from + 1 && part[from] == '*')
            hosts->any = true;
        else if (to > from) // "a,,b" and a comma at the end are harmless
            err = add_entry(hosts, msg, key, part + from, to - from);
        part += len;
        part += *part == ',' ? 1 : 0;
    }
    if (err == W3P_OK && hosts->any && hosts->count > 0)
        err = w3p_fail(msg, W3P_E_INVALID, "%s: \"*\" stands for every host; write it alone", key);
    if (err == W3P_OK)
        *out = hosts;
    else
        free(hosts);
    return err;
}

void w3p_hosts_destroy(struct w3p_hosts *hosts)
{
    free(hosts);
}

size_t w3p_hosts_count(const struct w3p_hosts *hosts)
{
    return hosts != NULL ? hosts->count : 0;
}

const char *w3p_hosts_at(const struct w3p_hosts *hosts, size_t i)
{
    return hosts->at[i];
}

bool w3p_hosts_any(const struct w3p_hosts *hosts)
{
    return hosts != NULL && hosts->any;
}

bool w3p_hosts_have(const struct w3p_hosts *hosts, struct w3p_span host)
{
    if (w3p_hosts_any(hosts))
        return true;
    for (size_t i = 0; i < w3p_hosts_count(hosts); i++)
        if (w3p_span_eq_str(host, hosts->at[i]))
            return true;
    return false;
}
