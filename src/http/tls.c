// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the TLS context of the server: TLS 1.2 and 1.3, h2 and HTTP/1.1 by ALPN. One context and one kind of
// authentication, so that resumed sessions of one listener are no surprise at another. Never asks for a passphrase.
// Threads: a finished context is only read; each loop and each connection holds a reference to the one it uses.
// Source: RFC 7301 (ALPN), RFC 9325 (versions and suites).
#include "http/http_h2o.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/log.h"

enum { PEM_FILE_MAX = 262144 };

// With TLS 1.2: forward secret and authenticated, in the order of preference. TLS 1.3 has no others.
#define TLS12_SUITES "ECDHE+AESGCM:ECDHE+CHACHA20"

static const char *openssl_words(void)
{
    const char *words = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return words != NULL ? words : "nothing usable in it";
}

// A PEM file. What was looked at is what is parsed, so all of it is read from one descriptor. pem_close wipes it.
struct pem {
    const char *key, *path; // the setting and its value
    char *bytes;            // PEM_FILE_MAX + 1
    BIO *bio;
    mode_t mode;
};

static void pem_close(struct pem *pem)
{
    BIO_free(pem->bio);
    if (pem->bytes != NULL)
        OPENSSL_cleanse(pem->bytes, PEM_FILE_MAX + 1);
    free(pem->bytes);
}

static int pem_read(struct pem *pem, struct w3p_errmsg *msg, int fd)
{
    struct stat st;
    size_t len = 0;
    ssize_t got = 1;
    if (fd < 0 || fstat(fd, &st) != 0)
        return w3p_fail(msg, W3P_E_INVALID, "%s %s: %s", pem->key, pem->path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return w3p_fail(msg, W3P_E_INVALID, "%s %s: not a file", pem->key, pem->path);
    pem->mode = st.st_mode;
    pem->bytes = w3p_calloc(1, PEM_FILE_MAX + 1);
    while (got > 0 && len <= PEM_FILE_MAX) {
        got = read(fd, pem->bytes + len, PEM_FILE_MAX + 1 - len);
        len += got > 0 ? (size_t)got : 0;
    }
    if (got < 0)
        return w3p_fail(msg, W3P_E_INVALID, "%s %s: %s", pem->key, pem->path, strerror(errno));
    if (len > PEM_FILE_MAX)
        return w3p_fail(msg, W3P_E_INVALID, "%s %s: longer than %d bytes", pem->key, pem->path, PEM_FILE_MAX);
    pem->bio = BIO_new_mem_buf(pem->bytes, (int)len);
    return pem->bio != NULL ? W3P_OK : w3p_fail(msg, W3P_E_INTERNAL, "TLS cannot be set up: %s", openssl_words());
}

// pem_close in any case.
static int pem_open(struct pem *pem, struct w3p_errmsg *msg, const char *key, const char *path)
{
    *pem = (struct pem){.key = key, .path = path};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a FIFO in that place must not hang anybody
    int err = pem_read(pem, msg, fd);
    if (fd >= 0)
        close(fd);
    return err;
}

// Called for an encrypted key. Nobody is there to type: a server starts unattended.
static int no_passphrase(char *buf, int size, int writing, void *asked)
{
    (void)buf;
    (void)size;
    (void)writing;
    *(bool *)asked = true;
    return -1;
}

// The certificate first, those between it and the root behind it, then the end of the file.
static bool use_chain(SSL_CTX *ctx, BIO *bio)
{
    bool asked = false;
    X509 *cert = PEM_read_bio_X509(bio, NULL, no_passphrase, &asked);
    bool ok = cert != NULL && SSL_CTX_use_certificate(ctx, cert) == 1;
    X509_free(cert);
    while (ok && (cert = PEM_read_bio_X509(bio, NULL, no_passphrase, &asked)) != NULL) {
        ok = SSL_CTX_add0_chain_cert(ctx, cert) == 1;
        if (!ok)
            X509_free(cert);
    }
    ok = ok && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (ok)
        ERR_clear_error();
    return ok;
}

static int load_cert(SSL_CTX *ctx, struct w3p_errmsg *msg, const char *path)
{
    struct pem pem;
    int err = pem_open(&pem, msg, "http.tls_cert", path);
    if (err == W3P_OK && !use_chain(ctx, pem.bio))
        err = w3p_fail(msg, W3P_E_INVALID,
                       "http.tls_cert %s: %s; it must hold the certificate and those between it and the root, as PEM",
                       path, openssl_words());
    pem_close(&pem);
    return err;
}

static int use_key(SSL_CTX *ctx, struct w3p_errmsg *msg, const struct pem *pem)
{
    bool asked = false;
    // reading for a group is how a certificate client hands a key over (ssl-cert); for all it is a mistake
    if ((pem->mode & (S_IWGRP | S_IRWXO)) != 0)
        return w3p_fail(msg, W3P_E_FORBIDDEN, "http.tls_key %s: others may use it (mode %03o); chmod 600 %s", pem->path,
                        (unsigned)(pem->mode & 0777), pem->path);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(pem->bio, NULL, no_passphrase, &asked);
    // not SSL_CTX_check_private_key: it misses the certificate of a key of another kind
    bool loaded = key != NULL && X509_check_private_key(SSL_CTX_get0_certificate(ctx), key) == 1 &&
                  SSL_CTX_use_PrivateKey(ctx, key) == 1;
    EVP_PKEY_free(key);
    if (asked)
        return w3p_fail(msg, W3P_E_INVALID,
                        "http.tls_key %s: the key is encrypted; write it without a passphrase to a file of mode 0600",
                        pem->path);
    return loaded ? W3P_OK
                  : w3p_fail(msg, W3P_E_INVALID,
                             "http.tls_key %s: %s; it must hold the private key of http.tls_cert, as PEM", pem->path,
                             openssl_words());
}

static int load_key(SSL_CTX *ctx, struct w3p_errmsg *msg, const char *path)
{
    struct pem pem;
    int err = pem_open(&pem, msg, "http.tls_key", path);
    if (err == W3P_OK)
        err = use_key(ctx, msg, &pem);
    ERR_clear_error();
    pem_close(&pem);
    return err;
}

// The client's offers in our order. Without any of ours the handshake fails, as RFC 7301 §3.2 has it: an answer in a
// protocol that nobody asked for helps only those who send one protocol's bytes to another's server.
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *offers,
                           unsigned offers_len, void *ours)
{
    (void)ssl;
    unsigned char *chosen = NULL;
    const char *protocols = ours;
    if (SSL_select_next_proto(&chosen, out_len, (const unsigned char *)protocols, (unsigned)strlen(protocols), offers,
                              offers_len) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static bool set_rules(SSL_CTX *ctx, bool http2)
{
    static const char with_h2[] = "\2h2\10http/1.1", without_h2[] = "\10http/1.1";
    static const unsigned char session_context[] = "w3pin";
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    // Sessions are resumed by tickets, which need no memory here. Their key is the context's, so a reloaded one takes
    // none of the old: nobody goes on with a certificate that has been replaced.
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, (void *)(http2 ? with_h2 : without_h2));
    return SSL_CTX_set_session_id_context(ctx, session_context, sizeof session_context - 1) == 1 &&
           SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) == 1 && SSL_CTX_set_cipher_list(ctx, TLS12_SUITES) == 1;
}

int w3p_tls_context(SSL_CTX **out, struct w3p_errmsg *msg, const struct w3p_http_settings *settings)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    int err = W3P_OK;
    *out = NULL;
    if (ctx == NULL || !set_rules(ctx, settings->http2))
        err = w3p_fail(msg, W3P_E_INTERNAL, "TLS cannot be set up: %s", openssl_words());
    if (err == W3P_OK)
        err = load_cert(ctx, msg, settings->tls_cert);
    if (err == W3P_OK)
        err = load_key(ctx, msg, settings->tls_key);
    if (err != W3P_OK) {
        SSL_CTX_free(ctx);
        return err;
    }
    *out = ctx;
    return W3P_OK;
}

bool w3p_tls_valid_now(const SSL_CTX *ctx)
{
    const X509 *cert = SSL_CTX_get0_certificate(ctx);
    return X509_cmp_current_time(X509_get0_notBefore(cert)) < 0 && X509_cmp_current_time(X509_get0_notAfter(cert)) > 0;
}

void w3p_tls_log(const SSL_CTX *ctx, const char *what)
{
    const X509 *cert = SSL_CTX_get0_certificate(ctx);
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
    char *serial = number != NULL ? BN_bn2hex(number) : NULL;
    struct tm end;
    char end_text[32] = "?";
    if (ASN1_TIME_to_tm(X509_get0_notAfter(cert), &end) == 1)
        (void)strftime(end_text, sizeof end_text, "%Y-%m-%dT%H:%M:%SZ", &end);
    bool valid = w3p_tls_valid_now(ctx);
    w3p_logf(valid ? W3P_LOG_INFO : W3P_LOG_WARN, "http.tls_cert", "%s: serial %s, valid until %s%s", what,
             serial != NULL ? serial : "?", end_text, valid ? "" : "; it is not valid today, clients will refuse it");
    OPENSSL_free(serial);
    BN_free(number);
    ERR_clear_error();
}
