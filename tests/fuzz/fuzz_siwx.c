// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: foreign bytes as a sign-in text, as a URI, as a host, as a list of hosts and as an answer to a challenge.
// What parses writes back to the same bytes, a host has one spelling, and nobody but the gateway makes a challenge.
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "login.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void check_text(const char *text, size_t size)
{
    struct w3p_siwx siwx, zero;
    struct w3p_buf again;
    const char *why = NULL;
    memset(&zero, 0, sizeof(zero));
    if (w3p_siwx_parse(&siwx, &why, text, size) != W3P_OK) {
        require(why != NULL && memcmp(&siwx, &zero, sizeof(siwx)) == 0);
        return;
    }
    require(siwx.resource_count <= W3P_SIWX_RESOURCES_MAX && siwx.domain.len > 0 && siwx.address.len > 0);
    w3p_buf_init(&again, W3P_SIWX_MAX);
    require(w3p_siwx_write(&again, &siwx) == W3P_OK);
    require(again.len == size && memcmp(again.ptr, text, size) == 0);
    // Times by their numbers are other bytes, perhaps, but the same times.
    struct w3p_siwx by_number = siwx;
    by_number.issued.ptr = by_number.expires.ptr = by_number.not_before.ptr = NULL;
    w3p_buf_reset(&again);
    if (w3p_siwx_write(&again, &by_number) == W3P_OK) {
        require(w3p_siwx_parse(&by_number, NULL, w3p_buf_str(&again), again.len) == W3P_OK);
        require(by_number.has_expires == siwx.has_expires);
        require(!siwx.has_expires || siwx.expires_ms < 0 || by_number.expires_ms == siwx.expires_ms);
    }
    w3p_buf_deinit(&again);
}

static void check_host(const char *text, size_t size)
{
    char host[W3P_HOST_MAX], again[W3P_HOST_MAX];
    if (w3p_host_of_uri(host, W3P_SPAN(text, size)) == W3P_OK) {
        require(strlen(host) < sizeof(host));
        require(w3p_host_parse(again, w3p_span_str(host)) == W3P_OK && strcmp(again, host) == 0);
    }
    if (w3p_host_parse(host, W3P_SPAN(text, size)) == W3P_OK)
        require(w3p_host_parse(again, w3p_span_str(host)) == W3P_OK && strcmp(again, host) == 0);
    char *list = w3p_strndup(text, size);
    struct w3p_hosts *hosts = NULL;
    if (w3p_hosts_create(&hosts, NULL, "list", list, true) == W3P_OK)
        for (size_t i = 0; i < w3p_hosts_count(hosts); i++)
            require(w3p_hosts_have(hosts, w3p_span_str(w3p_hosts_at(hosts, i))));
    w3p_hosts_destroy(hosts);
    free(list);
}

// Read by every scheme whose texts these could be; the key is none that made a challenge.
static void check_answer(const char *text, size_t size)
{
    static const uint8_t key32[32] = {1};
    struct w3p_siwx siwx;
    if (w3p_siwx_parse(&siwx, NULL, text, size) != W3P_OK)
        return;
    for (const struct w3p_scheme *const *scheme = w3p_schemes(); *scheme != NULL; scheme++) {
        struct w3p_login login = {.label = "untouched"};
        struct w3p_login_answer answer = {
            .scheme = *scheme, .address = siwx.address, .message = W3P_SPAN(text, size), .signature = siwx.address};
        require(w3p_login_check(&login, &answer, key32, NULL, siwx.issued_ms) != W3P_AUTH_OK);
        require(strcmp(login.label, "untouched") == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = w3p_calloc(1, size > 0 ? size : 1); // no spare byte, so that a read past the end is seen
    if (size > 0)
        memcpy(text, data, size);
    w3p_crypto_init();
    check_text(text, size);
    check_host(text, size);
    check_answer(text, size);
    struct w3p_span inner = w3p_siwx_unwrap(W3P_SPAN(text, size));
    if (inner.len < size)
        check_text((const char *)inner.ptr, inner.len);
    free(text);
    return 0;
}
