// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the TLS context of the server: TLS 1.2 and 1.3, h2 and HTTP/1.1 by ALPN. One context and one kind of
// authentication, so that resumed sessions of one listener are no surprise at another.
#include "http/http_h2o.h"

#include <openssl/err.h>

static const char *openssl_words(void)
{
    const char *words = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return words != NULL ? words : "unusable file";
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
    else if (SSL_CTX_use_certificate_chain_file(ctx, cert_path) != 1)
        err = w3p_fail(msg, W3P_E_INVALID, "http.tls_cert %s: %s", cert_path, openssl_words());
    else if (SSL_CTX_use_PrivateKey_file(ctx, key_path, SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(ctx) != 1)
        err = w3p_fail(msg, W3P_E_INVALID, "http.tls_key %s: %s", key_path, openssl_words());
    if (err != W3P_OK) {
        SSL_CTX_free(ctx);
        return err;
    }
    h2o_ssl_register_alpn_protocols(ctx, h2o_alpn_protocols);
    *out = ctx;
    return W3P_OK;
}
