// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: TLS listeners with a certificate made on the spot: HTTP/1.1 and h2 by ALPN, old versions refused, bad files
// named.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "http/http.h"

static char dir[256], cert_path[300], key_path[300];
static struct w3p_server *server;
static struct w3p_http_settings settings = {.listen = (char *)"127.0.0.1:0",
                                            .tls_listen = (char *)"127.0.0.1:0",
                                            .tls_cert = cert_path,
                                            .tls_key = key_path,
                                            .threads = 1,
                                            .request_timeout_ms = 1000,
                                            .idle_timeout_ms = 5000,
                                            .drain_timeout_ms = 500,
                                            .max_connections = 10};

static void on_hello(struct w3p_call *call, const struct w3p_request *req)
{
    (void)req;
    w3p_reply_json(call, 200, "{}", 2);
}

static const struct w3p_route routes[] = {{"GET", "/", on_hello, 0}, {0}};

static void make_files(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(dir, sizeof dir, "%s/w3pin-tls-XXXXXX", base != NULL ? base : "/tmp");
    cr_assert(mkdtemp(dir) != NULL);
    snprintf(cert_path, sizeof cert_path, "%s/cert.pem", dir);
    snprintf(key_path, sizeof key_path, "%s/key.pem", dir);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    X509_set_pubkey(cert, key);
    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    cr_assert(X509_sign(cert, key, EVP_sha256()) > 0);
    FILE *file = fopen(cert_path, "w");
    cr_assert(eq(int, PEM_write_X509(file, cert), 1));
    fclose(file);
    file = fopen(key_path, "w");
    cr_assert(eq(int, PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1));
    fclose(file);
    X509_free(cert);
    EVP_PKEY_free(key);
}

static void drop_files(void)
{
    unlink(cert_path);
    unlink(key_path);
    rmdir(dir);
}

static int start_server(struct w3p_errmsg *msg)
{
    struct w3p_server_conf conf = {.settings = &settings, .routes = routes};
    return w3p_server_start(&server, msg, &conf);
}

TestSuite(tls, .init = make_files, .fini = drop_files, .timeout = 30);

// Handshake with at most this version; the protocol that ALPN chose, "-" when the handshake failed.
static void connect_tls(char alpn[16], int max_version, const char *request, char *answer, size_t room)
{
    static const unsigned char offers[] = "\2h2\10http/1.1";
    struct client *client = client_open(w3p_server_tls_port(server));
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(ctx, 0);
    SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(ctx, max_version);
    SSL_CTX_set_alpn_protos(ctx, request != NULL ? offers + 3 : offers, request != NULL ? 9 : 12);
    SSL *ssl = SSL_new(ctx);
    SSL_set_fd(ssl, client->fd);
    snprintf(alpn, 16, "-");
    if (SSL_connect(ssl) == 1) {
        const unsigned char *chosen = NULL;
        unsigned len = 0;
        SSL_get0_alpn_selected(ssl, &chosen, &len);
        snprintf(alpn, 16, "%.*s", (int)len, (const char *)chosen);
        if (request != NULL) {
            SSL_write(ssl, request, (int)strlen(request));
            int got = SSL_read(ssl, answer, (int)room - 1);
            answer[got > 0 ? got : 0] = '\0';
        }
    }
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    client_close(client);
}

Test(tls, versions_and_protocols)
{
    struct w3p_errmsg msg = {0};
    char alpn[16], answer[2048] = "";
    cr_assert(eq(int, start_server(&msg), W3P_OK), "%s", msg.text);
    connect_tls(alpn, TLS1_1_VERSION, NULL, NULL, 0);
    cr_expect(eq(str, alpn, "-"));
    connect_tls(alpn, TLS1_2_VERSION, NULL, NULL, 0);
    cr_expect(eq(str, alpn, "h2"));
    connect_tls(alpn, TLS1_3_VERSION, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", answer, sizeof answer);
    cr_expect(eq(str, alpn, "http/1.1"));
    cr_expect(strncmp(answer, "HTTP/1.1 200 OK", 15) == 0, "%s", answer);
    struct response got;
    client_exchange(&got, w3p_server_port(server), "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    cr_expect(eq(int, got.status, 200));
    client_free_response(&got);
    w3p_server_stop(server);
}

Test(tls, silent_handshake_is_cut_off)
{
    struct w3p_errmsg msg = {0};
    cr_assert(eq(int, start_server(&msg), W3P_OK), "%s", msg.text);
    struct client *client = client_open(w3p_server_tls_port(server)), *plain = client_open(w3p_server_tls_port(server));
    client_send_str(plain, "GET / HTTP/1.1\r\n\r\n");
    cr_expect(client_closed(plain, 3000));
    cr_expect(client_closed(client, 4000));
    client_close(client);
    client_close(plain);
    w3p_server_stop(server);
}

Test(tls, files_that_do_not_fit_are_named)
{
    struct w3p_errmsg msg = {0};
    settings.tls_cert = key_path;
    cr_expect(eq(int, start_server(&msg), W3P_E_INVALID));
    cr_expect(strstr(msg.text, "http.tls_cert") != NULL && strstr(msg.text, key_path) != NULL, "%s", msg.text);
    settings.tls_cert = cert_path;
    settings.tls_key = (char *)"/nonexistent/key.pem";
    cr_expect(eq(int, start_server(&msg), W3P_E_INVALID));
    cr_expect(strstr(msg.text, "http.tls_key /nonexistent/key.pem") != NULL, "%s", msg.text);
    cr_expect(strstr(msg.text, "No such file") != NULL, "%s", msg.text);
    settings.tls_key = dir;
    cr_expect(eq(int, start_server(&msg), W3P_E_INVALID));
    cr_expect(strstr(msg.text, "not a file") != NULL, "%s", msg.text);
    settings.tls_key = cert_path;
    cr_expect(eq(int, start_server(&msg), W3P_E_INVALID));
    cr_expect(strstr(msg.text, "private key of http.tls_cert") != NULL, "%s", msg.text);
    settings.tls_key = NULL;
    cr_expect(eq(int, start_server(&msg), W3P_E_INVALID));
    cr_expect(strstr(msg.text, "needs") != NULL, "%s", msg.text);
}

// OpenSSL would ask the terminal for the passphrase and wait.
Test(tls, an_encrypted_key_is_refused_without_asking)
{
    struct w3p_errmsg msg = {0};
    EVP_PKEY *key = EVP_EC_gen("P-256");
    FILE *file = fopen(key_path, "w");
    cr_assert(eq(int, PEM_write_PKCS8PrivateKey(file, key, EVP_aes_128_cbc(), "secret", 6, NULL, NULL), 1));
    fclose(file);
    EVP_PKEY_free(key);
    cr_expect(eq(int, start_server(&msg), W3P_E_INVALID));
    cr_expect(strstr(msg.text, "without a passphrase") != NULL, "%s", msg.text);
}

Test(tls, alone)
{
    struct w3p_errmsg msg = {0};
    char alpn[16];
    settings.listen = (char *)"";
    cr_assert(eq(int, start_server(&msg), W3P_OK), "%s", msg.text);
    cr_expect(eq(int, w3p_server_port(server), 0));
    connect_tls(alpn, TLS1_3_VERSION, NULL, NULL, 0);
    cr_expect(eq(str, alpn, "h2"));
    w3p_server_stop(server);
    settings.tls_listen = NULL;
    cr_expect(lt(int, start_server(&msg), 0));
}
