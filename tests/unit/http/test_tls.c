// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: TLS listeners with a certificate made on the spot: HTTP/1.1 and h2 by ALPN, old versions refused, bad files
// named, and a new certificate while connections are open.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
                                            .max_connections = 10,
                                            .http2 = true};

static void on_hello(struct w3p_call *call, const struct w3p_request *req)
{
    (void)req;
    w3p_reply_json(call, 200, "{}", 2);
}

static const struct w3p_route routes[] = {{"GET", "/", on_hello, 0, 0, W3P_ROUTE_PUBLIC}, {0}};

static void write_key(EVP_PKEY *key, mode_t mode)
{
    FILE *file = fopen(key_path, "w");
    fchmod(fileno(file), mode);
    cr_assert(eq(int, PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1));
    fclose(file);
}

// A certificate and its key in place of those that are there. until: seconds from now.
static void write_pair(EVP_PKEY *key, long serial, long until)
{
    X509 *cert = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(cert), serial);
    X509_set_pubkey(cert, key);
    X509_gmtime_adj(X509_getm_notBefore(cert), until - 3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), until);
    cr_assert(X509_sign(cert, key, EVP_sha256()) > 0);
    FILE *file = fopen(cert_path, "w");
    fchmod(fileno(file), 0600);
    cr_assert(eq(int, PEM_write_X509(file, cert), 1));
    fclose(file);
    X509_free(cert);
    write_key(key, 0600);
    EVP_PKEY_free(key);
}

static void make_files(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(dir, sizeof dir, "%s/w3pin-tls-XXXXXX", base != NULL ? base : "/tmp");
    cr_assert(mkdtemp(dir) != NULL);
    snprintf(cert_path, sizeof cert_path, "%s/cert.pem", dir);
    snprintf(key_path, sizeof key_path, "%s/key.pem", dir);
    write_pair(EVP_EC_gen("P-256"), 1, 3600);
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

struct talk {
    int max_version;     // 0: TLS 1.3
    const char *offers;  // ALPN, each with its length before it; NULL: none
    const char *request; // NULL: none
    bool done;           // the handshake
    char alpn[16];
    long serial;
    char answer[2048];
};

// Handshake on a connection that is open, and a request in it.
static void talk_on(struct talk *talk, struct client *client)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(ctx, 0);
    SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(ctx, talk->max_version != 0 ? talk->max_version : TLS1_3_VERSION);
    if (talk->offers != NULL)
        SSL_CTX_set_alpn_protos(ctx, (const unsigned char *)talk->offers, (unsigned)strlen(talk->offers));
    SSL *ssl = SSL_new(ctx);
    SSL_set_fd(ssl, client->fd);
    talk->done = SSL_connect(ssl) == 1;
    talk->serial = -1;
    if (talk->done) {
        const unsigned char *chosen = NULL;
        unsigned len = 0;
        SSL_get0_alpn_selected(ssl, &chosen, &len);
        snprintf(talk->alpn, sizeof talk->alpn, "%.*s", (int)len, (const char *)chosen);
        X509 *cert = SSL_get1_peer_certificate(ssl);
        talk->serial = ASN1_INTEGER_get(X509_get0_serialNumber(cert));
        X509_free(cert);
    }
    if (talk->done && talk->request != NULL) {
        SSL_write(ssl, talk->request, (int)strlen(talk->request));
        int got = SSL_read(ssl, talk->answer, (int)sizeof talk->answer - 1);
        talk->answer[got > 0 ? got : 0] = '\0';
    }
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static void talk_to(struct talk *talk)
{
    struct client *client = client_open(w3p_server_tls_port(server));
    talk_on(talk, client);
    client_close(client);
}

#define BOTH "\2h2\10http/1.1"
#define GET "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

// What a client offers, what comes of it with http.http2 on and off; NULL: no handshake.
static const struct {
    const char *offers, *with_h2, *without_h2;
} protocols[] = {{BOTH, "h2", "http/1.1"},
                 {"\10http/1.1\2h2", "h2", "http/1.1"},
                 {"\10http/1.1", "http/1.1", "http/1.1"},
                 {"\2h2", "h2", NULL},
                 {"\5h2-14", NULL, NULL},
                 {"\4spdy\2h3", NULL, NULL},
                 {NULL, "", ""}};

Test(tls, protocols)
{
    for (int http2 = 0; http2 < 2; http2++) {
        struct w3p_errmsg msg = {0};
        settings.http2 = http2 == 1;
        cr_assert(eq(int, start_server(&msg), W3P_OK), "%s", msg.text);
        for (size_t i = 0; i < 2 * sizeof protocols / sizeof protocols[0]; i++) {
            const char *want = http2 == 1 ? protocols[i / 2].with_h2 : protocols[i / 2].without_h2;
            struct talk talk = {.offers = protocols[i / 2].offers,
                                .max_version = i % 2 == 0 ? TLS1_3_VERSION : TLS1_2_VERSION};
            talk_to(&talk);
            cr_expect(eq(int, talk.done, want != NULL), "%d %zu", http2, i);
            cr_expect(eq(str, talk.alpn, (char *)(want != NULL ? want : "")), "%d %zu", http2, i);
        }
        w3p_server_stop(server);
    }
}

Test(tls, versions)
{
    struct w3p_errmsg msg = {0};
    cr_assert(eq(int, start_server(&msg), W3P_OK), "%s", msg.text);
    for (int version = TLS1_VERSION; version <= TLS1_3_VERSION; version++) {
        struct talk talk = {.max_version = version, .request = GET};
        talk_to(&talk);
        cr_expect(eq(int, talk.done, version >= TLS1_2_VERSION), "%x", (unsigned)version);
        cr_expect(eq(int, strncmp(talk.answer, "HTTP/1.1 200 OK", 15) == 0, talk.done), "%s", talk.answer);
    }
    struct response got;
    client_exchange(&got, w3p_server_port(server), GET);
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
    cr_expect(eq(int, start_server(&msg), W3P_E_INVALID), "%s", msg.text);
    cr_expect(strstr(msg.text, "private key of http.tls_cert") != NULL, "%s", msg.text);
    settings.tls_key = key_path;
    for (int rsa = 0; rsa <= 1; rsa++) { // of the same kind as the certificate's, and of another
        EVP_PKEY *other = rsa != 0 ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
        write_key(other, 0600);
        EVP_PKEY_free(other);
        cr_expect(eq(int, start_server(&msg), W3P_E_INVALID));
        cr_expect(strstr(msg.text, rsa != 0 ? "key type mismatch" : "key values mismatch") != NULL, "%s", msg.text);
    }
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
    fchmod(fileno(file), 0600);
    cr_assert(eq(int, PEM_write_PKCS8PrivateKey(file, key, EVP_aes_128_cbc(), "secret", 6, NULL, NULL), 1));
    fclose(file);
    EVP_PKEY_free(key);
    cr_expect(eq(int, start_server(&msg), W3P_E_INVALID));
    cr_expect(strstr(msg.text, "without a passphrase") != NULL, "%s", msg.text);
}

Test(tls, alone)
{
    struct w3p_errmsg msg = {0};
    struct talk talk = {.offers = BOTH};
    settings.listen = (char *)"";
    cr_assert(eq(int, start_server(&msg), W3P_OK), "%s", msg.text);
    cr_expect(eq(int, w3p_server_port(server), 0));
    talk_to(&talk);
    cr_expect(eq(str, talk.alpn, "h2"));
    w3p_server_stop(server);
    settings.tls_listen = NULL;
    cr_expect(lt(int, start_server(&msg), 0));
}

static const struct {
    mode_t mode;
    bool fine;
} modes[] = {{0600, true}, {0400, true}, {0640, true}, {0604, false}, {0602, false}, {0660, false}, {0666, false}};

Test(tls, a_key_for_others_is_refused)
{
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct w3p_errmsg msg = {0};
        chmod(key_path, modes[i].mode);
        int err = start_server(&msg);
        cr_expect(eq(int, err, modes[i].fine ? W3P_OK : W3P_E_FORBIDDEN), "%o", (unsigned)modes[i].mode);
        if (err == W3P_OK)
            w3p_server_stop(server);
        else
            cr_expect(strstr(msg.text, "chmod 600") != NULL && strstr(msg.text, key_path) != NULL, "%s", msg.text);
    }
}

Test(tls, rsa_works_and_a_small_one_is_refused)
{
    struct w3p_errmsg msg = {0};
    struct talk talk = {.max_version = TLS1_2_VERSION, .offers = BOTH, .request = NULL};
    write_pair(EVP_RSA_gen(1024), 2, 3600);
    cr_expect(eq(int, start_server(&msg), W3P_E_INVALID));
    cr_expect(strstr(msg.text, "too small") != NULL, "%s", msg.text);
    write_pair(EVP_RSA_gen(2048), 3, 3600);
    cr_assert(eq(int, start_server(&msg), W3P_OK), "%s", msg.text);
    talk_to(&talk);
    cr_expect(eq(str, talk.alpn, "h2"));
    w3p_server_stop(server);
}

static void append(const char *path, const char *text)
{
    FILE *file = fopen(path, "a");
    fputs(text, file);
    fclose(file);
}

static void make_long(const char *path)
{
    FILE *file = fopen(path, "a");
    for (int i = 0; i < 300 * 1024; i++)
        fputc('\n', file);
    fclose(file);
}

// Each way to break the pair: the old one stays, and the message names the file.
static void break_files(int how)
{
    EVP_PKEY *other = EVP_EC_gen("P-256");
    switch (how) {
    case 0:
        unlink(cert_path);
        break;
    case 1:
        unlink(key_path);
        break;
    case 2:
        write_key(other, 0600); // of another certificate
        break;
    case 3:
        chmod(key_path, 0644);
        break;
    case 4:
        append(cert_path, "-----BEGIN CERTIFICATE-----\nMIIB\n"); // half a chain
        break;
    case 5:
        make_long(key_path); // what it holds is good
        break;
    default:
        cr_assert(truncate(cert_path, 0) == 0);
    }
    EVP_PKEY_free(other);
}

Test(tls, a_broken_reload_keeps_the_old)
{
    struct w3p_errmsg msg = {0};
    cr_assert(eq(int, start_server(&msg), W3P_OK), "%s", msg.text);
    for (int how = 0; how < 7; how++) {
        struct talk talk = {.request = GET};
        write_pair(EVP_EC_gen("P-256"), 100 + how, 3600);
        break_files(how);
        msg.text[0] = '\0';
        cr_expect(lt(int, w3p_server_reload(server, &msg), 0), "%d", how);
        cr_expect(strstr(msg.text, cert_path) != NULL || strstr(msg.text, key_path) != NULL, "%d: %s", how, msg.text);
        talk_to(&talk);
        cr_expect(eq(long, talk.serial, 1), "%d", how);
        cr_expect(strncmp(talk.answer, "HTTP/1.1 200 OK", 15) == 0, "%s", talk.answer);
    }
    w3p_server_stop(server);
}

Test(tls, a_reload_is_for_new_connections)
{
    struct w3p_errmsg msg = {0};
    settings.threads = 3;
    settings.request_timeout_ms = 20000; // the silent one must not be cut off on a busy machine
    cr_assert(eq(int, start_server(&msg), W3P_OK), "%s", msg.text);
    struct client *early = client_open(w3p_server_tls_port(server)); // accepted, and silent over two reloads
    usleep(50000);
    for (long serial = 2; serial <= 3; serial++) {
        write_pair(serial == 2 ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"), serial, 3600);
        cr_assert(eq(int, w3p_server_reload(server, &msg), W3P_OK), "%s", msg.text);
        for (int i = 0; i < 12; i++) { // whichever thread takes it
            struct talk talk = {.request = GET};
            talk_to(&talk);
            cr_expect(eq(long, talk.serial, serial));
            cr_expect(strncmp(talk.answer, "HTTP/1.1 200 OK", 15) == 0, "%s", talk.answer);
        }
    }
    struct talk talk = {.request = GET};
    talk_on(&talk, early);
    cr_expect(eq(long, talk.serial, 1));
    cr_expect(strncmp(talk.answer, "HTTP/1.1 200 OK", 15) == 0, "%s", talk.answer);
    client_close(early);
    w3p_server_stop(server);
}

// Not refused: who has no other certificate is better off with a warning.
Test(tls, an_expired_certificate_is_taken)
{
    struct w3p_errmsg msg = {0};
    struct talk talk = {.request = GET};
    write_pair(EVP_EC_gen("P-256"), 4, -60);
    cr_assert(eq(int, start_server(&msg), W3P_OK), "%s", msg.text);
    talk_to(&talk);
    cr_expect(eq(long, talk.serial, 4));
    w3p_server_stop(server);
}

Test(tls, nothing_to_reload_without_tls)
{
    struct w3p_errmsg msg = {0};
    settings.tls_listen = NULL;
    cr_assert(eq(int, start_server(&msg), W3P_OK), "%s", msg.text);
    cr_expect(eq(int, w3p_server_reload(server, &msg), W3P_E_NOTFOUND));
    cr_expect(strstr(msg.text, "http.tls_listen") != NULL, "%s", msg.text);
    w3p_server_stop(server);
}
