// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the bodies of the sign-in endpoints. What is refused has a reason and a sentence; what is taken is within
// its bounds, and the restrictions of a token are such as a token can have.
#include <stdlib.h>
#include <string.h>

#include "http/auth_json.h"

static const struct w3p_auth_times times = {.login_ttl_s = 3600, .ttl_max_s = 86400};

static void must(bool good)
{
    if (!good)
        abort();
}

static void must_say(const struct w3p_psa_error *error)
{
    must(error->reason != NULL && error->details[0] != '\0');
}

static void check_wallet(const struct w3p_auth_wallet *wallet)
{
    must(wallet->scheme->siwx_name != NULL && wallet->identity.text[0] != '\0' && wallet->address.len > 0);
}

static void challenge(const char *text, size_t len)
{
    struct w3p_auth_challenge_body body;
    struct w3p_psa_error error = {0};
    if (w3p_auth_challenge_parse(&body, &error, &times, text, len) != W3P_OK) {
        must_say(&error);
        return;
    }
    check_wallet(&body.wallet);
    must(body.scopes != 0 && (body.scopes & ~W3P_SCOPES_ALL) == 0 && body.ttl_s >= 1 && body.ttl_s <= times.ttl_max_s);
    must(body.label.len <= W3P_SIWX_LABEL_MAX && body.chain_id.len <= W3P_AUTH_CHAIN_ID_MAX);
    w3p_auth_challenge_deinit(&body);
}

static void login(const char *text, size_t len)
{
    struct w3p_auth_login_body body;
    struct w3p_psa_error error = {0};
    if (w3p_auth_login_parse(&body, &error, text, len) != W3P_OK) {
        must_say(&error);
        return;
    }
    check_wallet(&body.wallet);
    must(body.message.len > 0 && body.signature.len > 0 &&
         (body.callback_url.len > 0) == (body.callback_url.ptr != NULL));
    w3p_auth_login_deinit(&body);
}

static void mint(const char *text, size_t len)
{
    struct w3p_auth_mint_body body;
    struct w3p_psa_error error = {0};
    struct w3p_restrictions r;
    if (w3p_auth_mint_parse(&body, &error, &times, text, len) != W3P_OK) {
        must_say(&error);
        return;
    }
    must(body.scopes != 0 && (body.scopes & ~W3P_SCOPES_ALL) == 0 && body.ttl_s >= 1 && body.ttl_s <= times.ttl_max_s);
    must(body.caveat_count <= W3P_AUTH_MINT_CAVEATS_MAX && strlen(body.label) <= W3P_SIWX_LABEL_MAX);
    w3p_restrictions_init(&r, 1);
    for (size_t i = 0; i < body.caveat_count; i++)
        must(w3p_restrictions_add(&r, body.caveats[i].type, body.caveats[i].value, body.caveats[i].len));
    must(w3p_restrictions_any(&r) == (body.caveat_count > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct w3p_psa_error error = {0};
    uint8_t id[W3P_AUTH_ID_BYTES_MAX];
    size_t id_len = 0;
    bool off;
    challenge(text, size);
    login(text, size);
    mint(text, size);
    if (w3p_auth_legacy_parse(&off, &error, text, size) != W3P_OK)
        must_say(&error);
    if (w3p_auth_id_parse(id, &id_len, W3P_SPAN(text, size)) == W3P_OK)
        must(id_len * 2 == size);
    return 0;
}
