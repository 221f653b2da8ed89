// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the TLS context of the server: TLS 1.2 and 1.3, h2 and HTTP/1.1 by ALPN. One context and one kind of
// authentication, so that resumed sessions of one listener are no surprise at another. Never asks for a passphrase.
#include "http/http_h2o.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <sys/stat.h>

#include "base/log.h"

static const char *openssl_words(void)
{
    const char *words = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return words != NULL ? words : "nothing usable in it";
}

// OpenSSL says "system lib" for a file that is not there. *mode: its permissions.
static int check_file(mode_t *mode, struct w3p_errmsg *msg, const char *key, const char *path)
{
    struct stat st = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return w3p_fail(msg, W3P_E_INVALID, "%s %s: %s", key, path, strerror(errno));
    bool known = fstat(fd, &st) == 0;
    close(fd);
    if (!known || !S_ISREG(st.st_mode))
        return w3p_fail(msg, W3P_E_INVALID, "%s %s: not a file", key, path);
    *mode = st.st_mode;
    return W3P_OK;
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

static int load_cert(SSL_CTX *ctx, struct w3p_errmsg *msg, const char *path)
{
    mode_t mode;
    int err = check_file(&mode, msg, "http.tls_cert", path);
    if (err == W3P_OK && SSL_CTX_use_certificate_chain_file(ctx, path) != 1)
        err = w3p_fail(msg, W3P_E_INVALID,
                       "http.tls_cert %s: %s; it must hold the certificate and those between it and the root, as PEM",
                       path, openssl_words());
    return err;
}

static int load_key(SSL_CTX *ctx, struct w3p_errmsg *msg, const char *path)
{
    bool asked = false;
    mode_t mode;
    int err = check_file(&mode, msg, "http.tls_key", path);
    if (err != W3P_OK)
        return err;
    SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(ctx, &asked);
    bool loaded = SSL_CTX_use_PrivateKey_file(ctx, path, SSL_FILETYPE_PEM) == 1 && SSL_CTX_check_private_key(ctx) == 1;
    SSL_CTX_set_default_passwd_cb_userdata(ctx, NULL);
    if (asked)
        return w3p_fail(msg, W3P_E_INVALID,
                        "http.tls_key %s: the key is encrypted; write it without a passphrase to a file of mode 0600",
                        path);
    if (!loaded)
        return w3p_fail(msg, W3P_E_INVALID,
                        "http.tls_key %s: %s; it must hold the private key of http.tls_cert, as PEM", path,
                        openssl_words());
    if ((mode & S_IROTH) != 0)
        w3p_logf(W3P_LOG_WARN, "http.tls_key", "%s can be read by every user of this machine; chmod 600 it", path);
    return W3P_OK;
}

int w3p_tls_context(SSL_CTX **out, struct w3p_errmsg *msg, const char *cert_path, const char *key_path)
{
    static const unsigned char session_context[] = "w3pin";
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    int err = W3P_OK;
    *out = NULL;
    if (ctx == NULL)
        return w3p_fail(msg, W3P_E_INTERNAL, "TLS cannot be set up: %s", openssl_words());
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_id_context(ctx, session_context, sizeof session_context - 1);
    if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1)
        err = w3p_fail(msg, W3P_E_INTERNAL, "TLS cannot be set up: %s", openssl_words());
    if (err == W3P_OK)
        err = load_cert(ctx, msg, cert_path);
    if (err == W3P_OK)
        err = load_key(ctx, msg, key_path);
    if (err != W3P_OK) {
        SSL_CTX_free(ctx);
        return err;
    }
    h2o_ssl_register_alpn_protocols(ctx, h2o_alpn_protocols);
    *out = ctx;
    return W3P_OK;
}
