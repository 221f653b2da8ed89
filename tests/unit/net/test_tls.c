// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: an endpoint with TLS whose certificate nobody signed gets no request.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>

#include "crypto/hash.h"
#include "net/net.h"
#include "unit/net/loopback.h"

static void start(void)
{
    w3p_crypto_init();
    w3p_net_global_init();
}

TestSuite(net_tls, .init = start, .timeout = 20);

static SSL_CTX *self_signed(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC, (const unsigned char *)"127.0.0.1", -1,
                               -1, 0);
    X509_set_issuer_name(cert, X509_get_subject_name(cert));
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_set_pubkey(cert, key);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_sign(cert, key, EVP_sha256());
    SSL_CTX_use_certificate(ctx, cert);
    SSL_CTX_use_PrivateKey(ctx, key);
    X509_free(cert);
    EVP_PKEY_free(key);
    return ctx;
}

// lo->number: bytes of a request that came through.
static void serve_tls(struct loopback *lo, int fd)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    char request[2048];
    SSL_CTX *ctx = self_signed();
    SSL *ssl = SSL_new(ctx);
    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1) {
        int got = SSL_read(ssl, request, sizeof(request));
        lo->number += got > 0 ? (size_t)got : 0;
        if (got > 0)
            (void)SSL_write(ssl, answer, sizeof(answer) - 1);
    }
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static const char *const schemes[] = {"https", "wss"};

ParameterizedTestParameters(net_tls, a_certificate_that_nobody_signed_is_refused)
{
    static int index[] = {0, 1};
    return cr_make_param_array(int, index, 2);
}

ParameterizedTest(int *i, net_tls, a_certificate_that_nobody_signed_is_refused)
{
    struct loopback lo = {0};
    struct w3p_net *net = NULL;
    struct w3p_errmsg msg = {{0}};
    char url[64];
    loopback_start(&lo, "http", serve_tls);
    snprintf(url, sizeof(url), "%s://127.0.0.1:%u", schemes[*i], (unsigned)lo.port);
    struct w3p_net_conf conf = {
        .url = url, .reply_max_bytes = 1000, .connect_timeout_ms = 5000, .reply_timeout_ms = 5000};
    cr_assert(eq(int, w3p_net_create(&net, &msg, &conf), W3P_OK), "%s", msg.text);
    cr_expect(eq(int, w3p_net_send(net, &msg, "{}", 2), W3P_E_UNREACHABLE), "%s", msg.text);
    w3p_net_destroy(net);
    loopback_stop(&lo);
    cr_expect(eq(int, lo.connections, 1));
    cr_expect(eq(sz, lo.number, 0));
}
