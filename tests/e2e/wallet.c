// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a wallet for the end-to-end tests: the address of a development key, and its signature under a text.
//   wallet CHAIN URI                          prints the address
//   wallet CHAIN URI sign < TEXT              … and the signature, as tokens of that chain have it
//   wallet near URI nep413 RECIPIENT NONCE    … as NEP-413 has it; NONCE is base64
#include <stdio.h>
#include <string.h>

#include "auth.h"
#include "base/encoding.h"
#include "crypto/hash.h"
#include "nep413.h"

static int sign_nep413(struct w3p_buf *out, const struct w3p_keypair *key, const char *text, size_t len, char **argv)
{
    struct w3p_nep413 payload = {.message = W3P_SPAN(text, len), .recipient = w3p_span_str(argv[4])};
    uint8_t digest32[32], sig64[64], nonce[64];
    size_t nonce_len = sizeof nonce;
    int err = w3p_base64_decode(nonce, &nonce_len, argv[5], strlen(argv[5]), W3P_BASE64_STD, W3P_BASE64_PADDED);
    if (err != W3P_OK || nonce_len != sizeof payload.nonce32)
        return W3P_E_INVALID;
    memcpy(payload.nonce32, nonce, sizeof payload.nonce32);
    err = w3p_nep413_digest(digest32, &payload);
    if (err != W3P_OK)
        return err;
    w3p_ed25519_sign(sig64, key, digest32, sizeof digest32);
    w3p_base64_encode(out, sig64, sizeof sig64, W3P_BASE64_STD, W3P_BASE64_PADDED);
    return W3P_OK;
}

static int answer(struct w3p_buf *out, const struct w3p_scheme *scheme, const struct w3p_keypair *key, int argc,
                  char **argv)
{
    static char text[W3P_AUTH_TEXT_MAX];
    int err = scheme->address_of(out, key);
    if (argc == 3 || err != W3P_OK)
        return err;
    w3p_buf_put_str(out, "\n");
    size_t len = fread(text, 1, sizeof text, stdin);
    if (argc == 4 && strcmp(argv[3], "sign") == 0)
        return scheme->sign_text(out, key, text, len);
    if (argc == 6 && strcmp(argv[3], "nep413") == 0)
        return sign_nep413(out, key, text, len, argv);
    return W3P_E_INVALID;
}

int main(int argc, char **argv)
{
    struct w3p_keypair key;
    struct w3p_errmsg msg = {{0}};
    struct w3p_buf out;
    const struct w3p_scheme *scheme = argc > 2 ? w3p_scheme_find(argv[1], strlen(argv[1])) : NULL;
    w3p_crypto_init();
    w3p_buf_init(&out, 8192);
    int err = scheme != NULL ? w3p_keypair_from_uri(&key, &msg, scheme->key_type, argv[2]) : W3P_E_INVALID;
    if (err == W3P_OK)
        err = answer(&out, scheme, &key, argc, argv);
    if (err == W3P_OK)
        puts(w3p_buf_str(&out));
    else
        fprintf(stderr, "wallet: %s\n", msg.text[0] != '\0' ? msg.text : w3p_strerror(err));
    w3p_buf_deinit(&out);
    return err == W3P_OK ? 0 : 1;
}
