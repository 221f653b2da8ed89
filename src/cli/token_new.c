// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `w3pin token new`: the W3Auth token of a key, a self-issued token for one gateway, or one that the gateway
// mints for a sign-in.
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/keyfile.h"
#include "cli/token.h"
#include "cli/token_web.h"
#include "crypto/secret.h"
#include "hosts.h"
#include "selfissued.h"

#define TTL_DEFAULT_S (30 * 86400)

struct new_options {
    const struct w3p_scheme *scheme;
    struct w3p_key_source key;
    struct w3p_token_limits limits;
    const char *for_url, *login_url; // at most one; both NULL: a W3Auth token
    const char *audience, *domain, *label;
    char domain_host[W3P_HOST_MAX]; // domain in its one spelling
};

static int parse_chain(const struct w3p_scheme **out, struct w3p_errmsg *msg, const char *name)
{
    *out = w3p_scheme_find(name, strlen(name));
    if (*out != NULL)
        return W3P_OK;
    const char *refused = w3p_scheme_refused(name, strlen(name));
    if (refused != NULL)
        return w3p_fail(msg, W3P_E_INVALID, "%s", refused);
    struct w3p_buf known;
    w3p_buf_init(&known, 128);
    for (const struct w3p_scheme *const *scheme = w3p_schemes(); *scheme != NULL; scheme++)
        w3p_buf_printf(&known, "%s%s", known.len > 0 ? ", " : "", (*scheme)->name);
    int err = w3p_fail(msg, W3P_E_INVALID, "unknown chain '%.40s'; known are %s", name, w3p_buf_str(&known));
    w3p_buf_deinit(&known);
    return err;
}

// Substrate accounts have three kinds of key, the other chains one.
static int settle_scheme(struct new_options *o, struct w3p_errmsg *msg)
{
    static const int only[] = {[W3P_KEY_SR25519] = W3P_KEY_WISH_AUTO,
                               [W3P_KEY_ED25519] = W3P_KEY_WISH_ED25519,
                               [W3P_KEY_ECDSA] = W3P_KEY_WISH_ECDSA};
    int wish = only[o->scheme->key_type];
    if (wish == W3P_KEY_WISH_AUTO)
        return W3P_OK;
    if (o->key.wish != W3P_KEY_WISH_AUTO && o->key.wish != wish)
        return w3p_fail(msg, W3P_E_INVALID, "keys of %s are %s; leave --scheme out", o->scheme->name,
                        w3p_key_type_name(o->scheme->key_type));
    o->key.wish = wish;
    return W3P_OK;
}

static int take_flag(struct new_options *o, struct w3p_errmsg *msg, const struct w3p_flag *flag)
{
    const struct {
        const char *name, **value;
    } texts[] = {{"uri", &o->key.uri},   {"key", &o->key.path},    {"password-file", &o->key.password_path},
                 {"for", &o->for_url},   {"login", &o->login_url}, {"audience", &o->audience},
                 {"domain", &o->domain}, {"label", &o->label}};
    bool taken = false;
    int err = w3p_token_limits_flag(&o->limits, &taken, msg, flag);
    if (taken || err != W3P_OK)
        return err;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (strcmp(flag->name, texts[i].name) == 0) {
            *texts[i].value = flag->value;
            return W3P_OK;
        }
    }
    if (strcmp(flag->name, "chain") == 0)
        return parse_chain(&o->scheme, msg, flag->value);
    if (strcmp(flag->name, "scheme") == 0)
        return w3p_key_wish_parse(&o->key.wish, msg, flag->value);
    return w3p_flag_unknown(msg, flag);
}

// Where the token is good, and what needs such a place.
static int check_place(struct new_options *o, struct w3p_errmsg *msg)
{
    bool limited = o->limits.has_scopes || o->limits.ttl_s != 0 || o->domain != NULL || o->label != NULL;
    if (o->for_url != NULL && o->login_url != NULL)
        return w3p_fail(msg, W3P_E_INVALID, "--for makes a token by itself, --login asks the gateway for one: which?");
    if (limited && o->for_url == NULL && o->login_url == NULL)
        return w3p_fail(msg, W3P_E_INVALID,
                        "a W3Auth token has no scopes, no end, no page and no label: say --for URL or --login URL");
    if (o->audience != NULL && o->login_url == NULL)
        return w3p_fail(msg, W3P_E_INVALID, "--audience goes with --login; see --help");
    if (o->domain != NULL && w3p_host_parse(o->domain_host, w3p_span_str(o->domain)) != W3P_OK)
        return w3p_fail(msg, W3P_E_INVALID, "'%.80s' is no host of a page; write dapp.example", o->domain);
    if (o->domain != NULL)
        o->domain = o->domain_host;
    return W3P_OK;
}

static int parse_new(struct new_options *o, struct w3p_errmsg *msg, int argc, char **argv)
{
    struct w3p_flag flag;
    for (int i = 2; i < argc;) {
        int err = w3p_flag_next(&flag, &i, msg, argc, argv);
        if (err == W3P_OK)
            err = take_flag(o, msg, &flag);
        if (err != W3P_OK)
            return err;
    }
    if (o->scheme == NULL)
        return w3p_fail(msg, W3P_E_INVALID, "which --chain? see --help");
    if ((o->key.uri == NULL) == (o->key.path == NULL))
        return w3p_fail(msg, W3P_E_INVALID, "give exactly one of --uri and --key; see --help");
    int err = check_place(o, msg);
    return err == W3P_OK ? settle_scheme(o, msg) : err;
}

static int make(struct w3p_buf *token, struct w3p_errmsg *msg, const struct new_options *o,
                const struct w3p_keypair *key)
{
    if (o->for_url == NULL && o->login_url == NULL) {
        int err = w3p_token_make(token, o->scheme, key);
        return err == W3P_OK ? W3P_OK : w3p_fail(msg, err, "cannot make a token: %s", w3p_strerror(err));
    }
    w3p_scopes scopes = o->limits.has_scopes ? o->limits.scopes : W3P_SCOPES_PINS;
    if (o->login_url != NULL) {
        struct w3p_token_login login = {.url = o->login_url,
                                        .audience = o->audience,
                                        .domain = o->domain,
                                        .label = o->label,
                                        .scopes = scopes,
                                        .ttl_s = o->limits.ttl_s};
        return w3p_token_ask_login(token, msg, o->scheme, key, &login);
    }
    struct w3p_selfissued_wish wish = {.audience = o->for_url,
                                       .domain = o->domain,
                                       .label = o->label,
                                       .scopes = scopes,
                                       .ttl_s = o->limits.ttl_s != 0 ? o->limits.ttl_s : TTL_DEFAULT_S,
                                       .now_ms = w3p_clock_wall_ms()};
    return w3p_selfissued_make(token, msg, o->scheme, key, &wish);
}

int w3p_token_run_new(int argc, char **argv)
{
    struct new_options o = {.scheme = NULL};
    struct w3p_errmsg msg;
    if (parse_new(&o, &msg, argc, argv) != W3P_OK)
        return w3p_token_usage_error(msg.text);

    struct w3p_keypair *key = w3p_secret_alloc(sizeof(*key));
    struct w3p_buf token;
    w3p_buf_init(&token, W3P_AUTH_HEADER_MAX);
    int err = w3p_key_load(key, NULL, &msg, &o.key);
    if (err == W3P_OK)
        err = make(&token, &msg, &o, key);
    int code = err == W3P_OK ? W3P_EXIT_OK : w3p_token_failed(&msg);
    if (err == W3P_OK)
        puts(w3p_buf_str(&token)); // src/main.c looks at stdout once, at the end
    w3p_buf_deinit(&token);
    w3p_secret_free(key);
    return code;
}
