// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see signin.h.
#include "signin.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *signin_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "(missing)";
}

void wallet_open(struct wallet *wallet, const char *chain, const char *uri)
{
    struct w3p_errmsg msg = {0};
    struct w3p_buf address;
    memset(wallet, 0, sizeof *wallet);
    wallet->scheme = w3p_scheme_find(chain, strlen(chain));
    cr_assert(wallet->scheme != NULL, "%s", chain);
    cr_assert(eq(int, w3p_keypair_from_uri(&wallet->key, &msg, wallet->scheme->key_type, uri), W3P_OK), "%s", msg.text);
    w3p_buf_init(&address, sizeof wallet->address - 1);
    cr_assert(eq(int, wallet->scheme->address_of(&address, &wallet->key), W3P_OK), "%s", chain);
    snprintf(wallet->address, sizeof wallet->address, "%s", w3p_buf_str(&address));
    w3p_buf_deinit(&address);
}

void wallet_sign(struct wallet *wallet, const char *text)
{
    struct w3p_buf signature;
    w3p_buf_init(&signature, sizeof wallet->signature - 1);
    cr_assert(eq(int, wallet->scheme->sign_text(&signature, &wallet->key, text, strlen(text)), W3P_OK));
    snprintf(wallet->signature, sizeof wallet->signature, "%s", w3p_buf_str(&signature));
    w3p_buf_deinit(&signature);
}

void post_from(struct response *out, const char *page, const char *path, const char *token, const char *body)
{
    char request[16384], origin[300] = "", authorization[1200] = "";
    if (page != NULL)
        snprintf(origin, sizeof origin, "Origin: %s\r\n", page);
    if (token != NULL)
        snprintf(authorization, sizeof authorization, "Authorization: Bearer %s\r\n", token);
    snprintf(request, sizeof request,
             "POST %s HTTP/1.1\r\nHost: x\r\n%s%sContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", path,
             origin, authorization, strlen(body), body);
    client_exchange(out, gateway_port, request);
}

json_t *wallet_challenge(const struct wallet *wallet, const char *page, const char *more)
{
    char body[1024];
    struct response got;
    snprintf(body, sizeof body, "{\"chain\":\"%s\",\"address\":\"%s\"%s%s}", wallet->scheme->aliases[0],
             wallet->address, more[0] != '\0' ? "," : "", more);
    post_from(&got, page, "/auth/challenge", NULL, body);
    cr_assert(eq(int, got.status, 200), "%s: %s", body, got.body);
    json_t *root = json_loads(got.body, JSON_REJECT_DUPLICATES, NULL);
    cr_assert(root != NULL);
    client_free_response(&got);
    return root;
}

void wallet_answer(char *out, size_t size, const struct wallet *wallet, const char *message, const char *signature)
{
    json_t *root = json_pack("{s:s, s:s, s:s, s:s}", "chain", wallet->scheme->aliases[0], "address", wallet->address,
                             "message", message, "signature", signature);
    char *text = json_dumps(root, JSON_COMPACT);
    cr_assert(text != NULL && strlen(text) < size);
    snprintf(out, size, "%s", text);
    free(text);
    json_decref(root);
}

json_t *wallet_sign_in(struct wallet *wallet, const char *more)
{
    char body[8192];
    struct response got;
    json_t *challenge = wallet_challenge(wallet, NULL, more);
    wallet_sign(wallet, signin_text(challenge, "message"));
    wallet_answer(body, sizeof body, wallet, signin_text(challenge, "message"), wallet->signature);
    post_from(&got, NULL, "/auth/login", NULL, body);
    cr_assert(eq(int, got.status, 200), "%s: %s", body, got.body);
    json_t *root = json_loads(got.body, JSON_REJECT_DUPLICATES, NULL);
    cr_assert(root != NULL);
    client_free_response(&got);
    json_decref(challenge);
    return root;
}
