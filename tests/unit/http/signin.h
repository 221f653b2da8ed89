// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: wallets for the tests of the sign-in endpoints: they ask for a challenge, sign it, and send the answer.
#ifndef W3P_TEST_HTTP_SIGNIN_H
#define W3P_TEST_HTTP_SIGNIN_H

#include "gateway.h"
#include "macaroon.h"
#include "nep413.h"
#include "tokens_store.h"

struct wallet {
    const struct w3p_scheme *scheme;
    struct w3p_keypair key;
    char address[128], signature[1024]; // signature: of the last text that was signed
};

void wallet_open(struct wallet *wallet, const char *chain, const char *uri);
void wallet_sign(struct wallet *wallet, const char *text);
// The challenge for a page (NULL: none); more: members of the body, such as "\"ttl\":60".
json_t *wallet_challenge(const struct wallet *wallet, const char *page, const char *more);
// The body of a login.
void wallet_answer(char *out, size_t size, const struct wallet *wallet, const char *message, const char *signature);
// All of it without a page: what /auth/login answered.
json_t *wallet_sign_in(struct wallet *wallet, const char *more);

void post_from(struct response *out, const char *page, const char *path, const char *token, const char *body);
const char *signin_text(const json_t *object, const char *key); // "(missing)" without it

#endif
