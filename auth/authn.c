// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: authn.h: what the threads of a gateway share. Read-only after create, but for the epoch and the keys.
#include "authn_internal.h"

#include <stdlib.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

static int take_legacy_scopes(struct w3p_authn *authn, struct w3p_errmsg *msg, const char *list)
{
    static const char key[] = "auth.legacy_scopes";
    struct w3p_errmsg why;
    if (w3p_scopes_parse(&authn->legacy_scopes, &why, list) != W3P_OK)
        return w3p_fail(msg, W3P_E_INVALID, "%s: %s", key, why.text);
    if ((authn->legacy_scopes & W3P_AUTHN_NEVER_LEGACY) != 0)
        return w3p_fail(msg, W3P_E_INVALID,
                        "%s: token.mint and account.admin are not for W3Auth tokens, which nobody can revoke; "
                        "a login gives them",
                        key);
    return W3P_OK;
}

static int take_audiences(struct w3p_authn *authn, struct w3p_errmsg *msg, const char *named, const char *fallback)
{
    static const char key[] = "auth.audience";
    bool is_named = named != NULL && named[0] != '\0';
    int err = w3p_hosts_create(&authn->audiences, msg, key, is_named ? named : fallback, false);
    if (err == W3P_OK && is_named && w3p_hosts_count(authn->audiences) > W3P_AUTHN_AUDIENCES_MAX)
        err = w3p_fail(msg, W3P_E_INVALID, "%s: more than %d hosts; name those that clients use", key,
                       W3P_AUTHN_AUDIENCES_MAX);
    return err;
}

int w3p_authn_create(struct w3p_authn **out, struct w3p_errmsg *msg, const struct w3p_authn_conf *conf)
{
    const struct w3p_authn_settings *settings = conf->settings;
    struct w3p_authn *authn = w3p_calloc(1, sizeof *authn);
    authn->keyring = w3p_secret_alloc(sizeof *authn->keyring);
    pthread_mutex_init(&authn->keys_mutex, NULL);
    pthread_mutex_init(&authn->change_mutex, NULL);
    authn->account_find = conf->account_find;
    authn->legacy = (enum w3p_legacy_mode)settings->legacy;
    authn->ton = settings->ton;
    authn->cache_entries = (size_t)settings->cache_entries;
    authn->cache_ttl_ms = (unsigned)settings->cache_ttl_ms;
    authn->token_ttl_max_s = (int64_t)settings->token_ttl_max_s;
    authn->login_ttl_s = (int64_t)settings->login_ttl_s;
    if (authn->login_ttl_s > authn->token_ttl_max_s)
        authn->login_ttl_s = authn->token_ttl_max_s;
    int err = take_audiences(authn, msg, settings->audience, conf->audience);
    if (err == W3P_OK)
        err = w3p_hosts_create(&authn->domains, msg, "auth.domains", settings->domains, true);
    if (err == W3P_OK)
        err = take_legacy_scopes(authn, msg, settings->legacy_scopes);
    if (err == W3P_OK)
        *out = authn;
    else
        w3p_authn_destroy(authn);
    return err;
}

void w3p_authn_destroy(struct w3p_authn *authn)
{
    if (authn == NULL)
        return;
    w3p_hosts_destroy(authn->audiences);
    w3p_hosts_destroy(authn->domains);
    w3p_secret_free(authn->keyring);
    pthread_mutex_destroy(&authn->keys_mutex);
    pthread_mutex_destroy(&authn->change_mutex);
    free(authn);
}

void w3p_authn_revoked(struct w3p_authn *authn)
{
    atomic_fetch_add(&authn->epoch, 1);
}

const struct w3p_hosts *w3p_authn_audiences(const struct w3p_authn *authn)
{
    return authn->audiences;
}

const struct w3p_hosts *w3p_authn_domains(const struct w3p_authn *authn)
{
    return authn->domains;
}

int64_t w3p_authn_login_ttl_s(const struct w3p_authn *authn)
{
    return authn->login_ttl_s;
}

int64_t w3p_authn_token_ttl_max_s(const struct w3p_authn *authn)
{
    return authn->token_ttl_max_s;
}

const char *w3p_auth_kind_name(enum w3p_auth_kind kind)
{
    static const char *const names[] = {[W3P_AUTH_KIND_W3AUTH] = "w3auth",
                                        [W3P_AUTH_KIND_SELF_ISSUED] = "self-issued",
                                        [W3P_AUTH_KIND_MINTED] = "minted"};
    return names[kind];
}

void w3p_auth_trace(char out9[W3P_AUTH_TRACE_LEN + 1], const char *header, size_t len)
{
    uint8_t hash32[32];
    struct w3p_span token;
    if (w3p_auth_header(&token, header, len) != W3P_AUTH_OK)
        token = W3P_SPAN(header, len);
    w3p_sha256(hash32, token.ptr, token.len);
    w3p_hex_encode(out9, hash32, W3P_AUTH_TRACE_LEN / 2);
}
