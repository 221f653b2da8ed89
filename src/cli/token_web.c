// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see token_web.h. A gateway may be anybody: what it wants signed is read before it is signed. A text for
// another gateway would let this one sign in there, and one with other resources could be a token by itself.
#include "cli/token_web.h"

#include <inttypes.h>
#include <string.h>

#include "cli/admin.h"
#include "grant.h"
#include "http/auth_json.h"
#include "login.h"
#include "macaroon.h"
#include "net/net.h"

#define REPLY_MAX (64u << 10)
#define URL_MAX 2048
#define BODY_MAX 16384
#define CONNECT_TIMEOUT_MS 10000
#define REPLY_TIMEOUT_MS 20000
#define DETAILS_MAX 200 // of a gateway's sentence
#define PSA_PATH "/psa"

// ---- one call ----

static void put_url(struct w3p_buf *out, const char *url, const char *path)
{
    size_t len = strlen(url), tail = strlen(PSA_PATH);
    while (len > 0 && url[len - 1] == '/')
        len--;
    if (len > tail && memcmp(url + len - tail, PSA_PATH, tail) == 0)
        len -= tail;
    w3p_buf_put(out, url, len);
    w3p_buf_put_str(out, path);
}

// *out: the JSON of an answer with status 200. W3P_E_AUTH for 401 and 403, W3P_E_REMOTE for what else is refused.
static int judge(json_t **out, struct w3p_errmsg *msg, int status, const struct w3p_buf *reply)
{
    struct w3p_errmsg why;
    char plain[DETAILS_MAX + 1] = "";
    if (status >= 300 && status < 400)
        return w3p_fail(msg, W3P_E_PROTOCOL, "the gateway answers with a redirect (HTTP %d), which is not followed",
                        status);
    json_t *root = w3p_json_parse(&why, w3p_buf_str(reply), reply->len);
    const char *details = w3p_admin_text(json_object_get(root, "error"), "details");
    int err = W3P_OK;
    w3p_text_add_plain(plain, sizeof plain, details);
    if (root == NULL)
        err = w3p_fail(msg, W3P_E_PROTOCOL, "no gateway's answer: HTTP %d without JSON", status);
    else if (status != 200 && details[0] == '\0')
        err = w3p_fail(msg, W3P_E_PROTOCOL, "no gateway's answer: HTTP %d without a reason", status);
    else if (status != 200)
        err = w3p_fail(msg, status == 401 || status == 403 ? W3P_E_AUTH : W3P_E_REMOTE,
                       "the gateway refuses (HTTP %d): %s", status, plain);
    if (err == W3P_OK)
        *out = root;
    else
        json_decref(root);
    return err;
}

static int call(json_t **out, struct w3p_errmsg *msg, const char *url, const char *path, const struct w3p_net_web *more)
{
    struct w3p_buf whole, reply;
    struct w3p_net_web ask = *more;
    int status = 0;
    w3p_buf_init(&whole, URL_MAX);
    w3p_buf_init(&reply, REPLY_MAX);
    put_url(&whole, url, path);
    ask.url = w3p_buf_str(&whole);
    ask.reply_max_bytes = REPLY_MAX;
    ask.connect_timeout_ms = CONNECT_TIMEOUT_MS;
    ask.reply_timeout_ms = REPLY_TIMEOUT_MS;
    int err = w3p_buf_status(&whole) == W3P_OK ? w3p_net_web_call(msg, &status, &reply, &ask)
                                               : w3p_fail(msg, W3P_E_LIMIT, "the URL is too long");
    if (err == W3P_OK)
        err = judge(out, msg, status, &reply);
    w3p_buf_deinit(&whole);
    w3p_buf_deinit(&reply);
    return err;
}

// ---- sign-in ----

// Everything that the text may grant.
static int check_grants(struct w3p_errmsg *msg, const struct w3p_siwx *siwx, const struct w3p_token_login *wish)
{
    w3p_scopes scopes = 0, one;
    for (size_t i = 0; i < siwx->resource_count; i++) {
        struct w3p_span resource = siwx->resources[i];
        if (w3p_grant_scope(&one, resource, W3P_LOGIN_SCOPE) == W3P_OK)
            scopes |= one;
        else if (!w3p_span_eq_str(resource, W3P_LOGIN_URN) && !w3p_span_has_prefix(resource, W3P_LOGIN_TTL))
            return w3p_fail(msg, W3P_E_FORBIDDEN, "not signed: the gateway's text grants more than a login: %.*s",
                            (int)(resource.len < 80 ? resource.len : 80), (const char *)resource.ptr);
    }
    if (siwx->resource_count == 0 || !w3p_span_eq_str(siwx->resources[0], W3P_LOGIN_URN))
        return w3p_fail(msg, W3P_E_FORBIDDEN, "not signed: the gateway's text is for no login");
    if (scopes != wish->scopes)
        return w3p_fail(msg, W3P_E_FORBIDDEN, "not signed: the gateway's text names other scopes than were asked for");
    return W3P_OK;
}

int w3p_token_ask_check(struct w3p_errmsg *msg, const struct w3p_scheme *scheme, struct w3p_span address,
                        struct w3p_span text, const struct w3p_token_login *wish)
{
    struct w3p_siwx siwx;
    const char *why = "";
    char ours[W3P_HOST_MAX], theirs[W3P_HOST_MAX];
    int err = wish->audience != NULL ? w3p_host_parse(ours, w3p_span_str(wish->audience))
                                     : w3p_host_of_uri(ours, w3p_span_str(wish->url));
    if (err != W3P_OK)
        return w3p_fail(msg, W3P_E_INVALID, "'%.80s' names no host",
                        wish->audience != NULL ? wish->audience : wish->url);
    if (w3p_siwx_parse(&siwx, &why, (const char *)text.ptr, text.len) != W3P_OK)
        return w3p_fail(msg, W3P_E_FORBIDDEN, "not signed: the gateway's text is no sign-in text: %s", why);
    if (w3p_host_of_uri(theirs, siwx.uri) != W3P_OK || strcmp(ours, theirs) != 0)
        return w3p_fail(msg, W3P_E_FORBIDDEN,
                        "not signed: this gateway signs people in as '%.100s', not as '%.100s'; use that in the URL, "
                        "or, if you trust it, --audience",
                        theirs, ours);
    if (!w3p_span_eq_str(siwx.domain, wish->domain != NULL ? wish->domain : ours))
        return w3p_fail(msg, W3P_E_FORBIDDEN, "not signed: the gateway's text is for the page '%.*s'",
                        (int)(siwx.domain.len < 80 ? siwx.domain.len : 80), (const char *)siwx.domain.ptr);
    if (!w3p_span_eq_str(siwx.chain_name, scheme->siwx_name) || !w3p_span_eq(siwx.address, address))
        return w3p_fail(msg, W3P_E_FORBIDDEN, "not signed: the gateway's text is for another account");
    return check_grants(msg, &siwx, wish);
}

static void put_challenge_body(struct w3p_buf *out, const struct w3p_scheme *scheme, struct w3p_span address,
                               const struct w3p_token_login *wish)
{
    struct w3p_json j;
    w3p_json_init(&j, out);
    w3p_json_begin_object(&j);
    w3p_json_str_field(&j, "chain", scheme->aliases[0]);
    w3p_json_key(&j, "address");
    w3p_json_str_n(&j, (const char *)address.ptr, address.len);
    w3p_auth_write_scopes(&j, wish->scopes);
    if (wish->ttl_s != 0)
        w3p_json_int_field(&j, "ttl", wish->ttl_s);
    if (wish->label != NULL)
        w3p_json_str_field(&j, "label", wish->label);
    w3p_json_end_object(&j);
}

static int put_login_body(struct w3p_buf *out, struct w3p_errmsg *msg, const struct w3p_scheme *scheme,
                          const struct w3p_keypair *key, struct w3p_span address, const json_t *challenge,
                          const struct w3p_token_login *wish)
{
    const json_t *message = json_object_get(challenge, "message");
    struct w3p_span text = W3P_SPAN(json_string_value(message), json_string_length(message));
    struct w3p_buf sig_text;
    struct w3p_json j;
    int err = w3p_token_ask_check(msg, scheme, address, text, wish);
    if (err != W3P_OK)
        return err;
    w3p_buf_init(&sig_text, W3P_AUTH_HEADER_MAX);
    err = scheme->sign_text(&sig_text, key, (const char *)text.ptr, text.len);
    if (err != W3P_OK)
        (void)w3p_fail(msg, err, "%s could not sign the text", scheme->name);
    w3p_json_init(&j, out);
    w3p_json_begin_object(&j);
    w3p_json_str_field(&j, "chain", scheme->aliases[0]);
    w3p_json_key(&j, "address");
    w3p_json_str_n(&j, (const char *)address.ptr, address.len);
    w3p_json_key(&j, "message");
    w3p_json_str_n(&j, (const char *)text.ptr, text.len);
    w3p_json_str_field(&j, "signature", w3p_buf_str(&sig_text));
    w3p_json_end_object(&j);
    w3p_buf_deinit(&sig_text);
    return err;
}

// Two calls: for the text, and with its signature.
static int exchange(json_t **out, struct w3p_errmsg *msg, const struct w3p_scheme *scheme,
                    const struct w3p_keypair *key, struct w3p_span address, const struct w3p_token_login *wish)
{
    struct w3p_buf body, origin;
    json_t *challenge = NULL;
    w3p_buf_init(&body, BODY_MAX);
    w3p_buf_init(&origin, W3P_HOST_MAX + 16);
    if (wish->domain != NULL)
        w3p_buf_printf(&origin, "https://%s", wish->domain);
    put_challenge_body(&body, scheme, address, wish);
    struct w3p_net_web ask = {
        .method = "POST", .body = w3p_buf_str(&body), .origin = origin.len > 0 ? w3p_buf_str(&origin) : NULL};
    int err = w3p_buf_status(&body);
    if (err != W3P_OK || origin.failed)
        err = w3p_fail(msg, W3P_E_LIMIT, "the label or the domain is too long");
    if (err == W3P_OK)
        err = call(&challenge, msg, wish->url, "/auth/challenge", &ask);
    if (err == W3P_OK) {
        w3p_buf_reset(&body);
        err = put_login_body(&body, msg, scheme, key, address, challenge, wish);
    }
    if (err == W3P_OK) {
        ask.body = w3p_buf_str(&body);
        err = w3p_buf_status(&body) == W3P_OK ? call(out, msg, wish->url, W3P_LOGIN_PATH, &ask)
                                              : w3p_fail(msg, W3P_E_LIMIT, "the gateway's text is too long");
    }
    json_decref(challenge);
    w3p_buf_deinit(&body);
    w3p_buf_deinit(&origin);
    return err;
}

int w3p_token_ask_login(struct w3p_buf *token, struct w3p_errmsg *msg, const struct w3p_scheme *scheme,
                        const struct w3p_keypair *key, const struct w3p_token_login *wish)
{
    struct w3p_buf address;
    json_t *answer = NULL;
    if (scheme->siwx_name == NULL)
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "wallets of %s sign no texts", scheme->name);
    w3p_buf_init(&address, W3P_AUTH_HEADER_MAX);
    int err = scheme->address_of(&address, key);
    if (err != W3P_OK)
        (void)w3p_fail(msg, err, "%s needs a key of another type", scheme->name);
    if (err == W3P_OK)
        err = exchange(&answer, msg, scheme, key, w3p_buf_span(&address), wish);
    if (err == W3P_OK) {
        const char *text = w3p_admin_text(answer, "token");
        struct w3p_macaroon macaroon;
        w3p_buf_put_str(token, text);
        if (w3p_macaroon_decode(&macaroon, text, strlen(text)) != W3P_AUTH_OK || w3p_buf_status(token) != W3P_OK)
            err = w3p_fail(msg, W3P_E_PROTOCOL, "the gateway's answer holds no token");
    }
    json_decref(answer);
    w3p_buf_deinit(&address);
    return err;
}

// ---- whoami ----

int w3p_token_ask_whoami(json_t **out, struct w3p_errmsg *msg, const char *url, const char *origin,
                         struct w3p_span token)
{
    struct w3p_buf header;
    struct w3p_span again;
    struct w3p_identity identity;
    w3p_buf_init(&header, W3P_AUTH_HEADER_MAX);
    w3p_buf_put_str(&header, "Bearer ");
    w3p_buf_put_span(&header, token);
    // a text that is no token may hold anything
    int err =
        w3p_buf_status(&header) == W3P_OK && w3p_auth_header(&again, w3p_buf_str(&header), header.len) == W3P_AUTH_OK
            ? W3P_OK
            : w3p_fail(msg, W3P_E_INVALID, "not sent: this is no token");
    if (err == W3P_OK)
        err = call(out, msg, url, "/auth/whoami",
                   &(struct w3p_net_web){.method = "GET", .authorization = w3p_buf_str(&header), .origin = origin});
    const char *account = err == W3P_OK ? w3p_admin_text(*out, "account") : "";
    if (err == W3P_OK && w3p_identity_parse(&identity, account, strlen(account)) != W3P_OK) {
        err = w3p_fail(msg, W3P_E_PROTOCOL, "no gateway's answer: it names no account");
        json_decref(*out);
        *out = NULL;
    }
    w3p_buf_deinit(&header);
    return err;
}
