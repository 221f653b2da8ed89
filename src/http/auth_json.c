// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: reading the bodies of the sign-in endpoints; see auth_json.h.
#include "http/auth_json.h"

#include <string.h>

#include "base/encoding.h"

enum { SHOWN_MAX = 48, SCOPES_LISTED_MAX = 64 };

static json_t *read_object(struct w3p_psa_error *error, const char *body, size_t len)
{
    struct w3p_errmsg msg = {0};
    json_t *root = w3p_json_parse(&msg, body, len);
    if (root == NULL) {
        (void)w3p_psa_fail(error, "INVALID_JSON", "the body is not JSON: %.200s", msg.text);
    } else if (!json_is_object(root)) {
        (void)w3p_psa_fail(error, "INVALID_JSON", "the body must be a JSON object");
        json_decref(root);
        root = NULL;
    }
    return root;
}

// A field that may be left out; null is as good as left out.
static const json_t *field_of(const json_t *root, const char *name)
{
    const json_t *value = json_object_get(root, name);
    return json_is_null(value) ? NULL : value;
}

static struct w3p_span text_of(const json_t *value)
{
    return W3P_SPAN(json_string_value(value), json_string_length(value));
}

// A text of at least one byte. Without it: *out is empty, and an error if it is needed.
static int take_text(struct w3p_span *out, struct w3p_psa_error *error, const json_t *root, const char *name,
                     const char *reason, bool needed)
{
    const json_t *value = field_of(root, name);
    *out = (struct w3p_span){0};
    if (value == NULL)
        return needed ? w3p_psa_fail(error, reason, "%s is missing", name) : W3P_OK;
    if (!json_is_string(value) || json_string_length(value) == 0)
        return w3p_psa_fail(error, reason, "%s must be a text", name);
    *out = text_of(value);
    return W3P_OK;
}

static int take_scheme(const struct w3p_scheme **out, struct w3p_psa_error *error, struct w3p_span name)
{
    const char *text = (const char *)name.ptr;
    const char *refused = w3p_scheme_refused(text, name.len);
    *out = w3p_scheme_find(text, name.len);
    if (refused != NULL)
        return w3p_psa_fail(error, "INVALID_CHAIN", "%.200s", refused);
    if (*out == NULL)
        return w3p_psa_fail(error, "INVALID_CHAIN", "chain must name a kind of wallet: eth, sub, sol, near …");
    if ((*out)->siwx_name == NULL)
        return w3p_psa_fail(error, "INVALID_CHAIN", "wallets of %s sign no texts that this gateway can verify",
                            (*out)->name);
    return W3P_OK;
}

static int take_wallet(struct w3p_auth_wallet *out, struct w3p_psa_error *error, const json_t *root)
{
    struct w3p_span chain;
    struct w3p_buf text;
    if (take_text(&chain, error, root, "chain", "INVALID_CHAIN", true) != W3P_OK ||
        take_scheme(&out->scheme, error, chain) != W3P_OK ||
        take_text(&out->address, error, root, "address", "INVALID_ADDRESS", true) != W3P_OK)
        return W3P_E_INVALID;
    w3p_buf_init(&text, W3P_AUTH_HEADER_MAX);
    w3p_buf_printf(&text, "%s-", out->scheme->aliases[0]);
    w3p_buf_put_span(&text, out->address);
    bool good = w3p_buf_status(&text) == W3P_OK &&
                w3p_auth_address(&out->identity, w3p_buf_str(&text), text.len) == W3P_AUTH_OK;
    w3p_buf_deinit(&text);
    return good ? W3P_OK : w3p_psa_fail(error, "INVALID_ADDRESS", "address is not one of %s", out->scheme->name);
}

// *out stays what it is without the field.
static int take_scopes(w3p_scopes *out, bool *given, struct w3p_psa_error *error, const json_t *root)
{
    const json_t *list = field_of(root, "scopes"), *value;
    w3p_scopes all = 0, one;
    size_t index;
    *given = list != NULL;
    if (list == NULL)
        return W3P_OK;
    if (!json_is_array(list) || json_array_size(list) == 0 || json_array_size(list) > SCOPES_LISTED_MAX)
        return w3p_psa_fail(error, "INVALID_SCOPES", "scopes must be an array of at least one name");
    json_array_foreach(list, index, value)
    {
        if (!json_is_string(value) ||
            w3p_scope_parse(&one, json_string_value(value), json_string_length(value)) != W3P_OK)
            return w3p_psa_fail(error, "INVALID_SCOPES", "scopes[%zu] is none of the scopes that there are", index);
        all |= one;
    }
    *out = all;
    return W3P_OK;
}

// Without the field: what is usual.
static int take_ttl(int64_t *out, struct w3p_psa_error *error, const json_t *root, const struct w3p_auth_times *times,
                    bool scopes_given)
{
    const json_t *value = field_of(root, "ttl");
    *out = times->login_ttl_s;
    if (value == NULL)
        return W3P_OK;
    *out = json_integer_value(value);
    if (!json_is_integer(value) || *out < 1 || *out > times->ttl_max_s)
        return w3p_psa_fail(error, "INVALID_TTL", "ttl must be a whole number of seconds, 1 to %lld",
                            (long long)times->ttl_max_s);
    if (*out > times->login_ttl_s && !scopes_given)
        return w3p_psa_fail(error, "INVALID_TTL", "a ttl beyond %lld seconds needs scopes that name what it is for",
                            (long long)times->login_ttl_s);
    return W3P_OK;
}

static int take_label(struct w3p_span *out, struct w3p_psa_error *error, const json_t *root)
{
    int err = take_text(out, error, root, "label", "INVALID_LABEL", false);
    if (err == W3P_OK && out->len > 0 && !w3p_siwx_is_label(*out))
        err = w3p_psa_fail(error, "INVALID_LABEL", "label must be 1 to %d letters, digits and -._~!$&'()*+,;=:@",
                           W3P_SIWX_LABEL_MAX);
    return err;
}

// Chains name their networks by a few letters and digits.
static int take_chain_id(struct w3p_span *out, struct w3p_psa_error *error, const json_t *root)
{
    int err = take_text(out, error, root, "chain_id", "INVALID_CHAIN_ID", false);
    bool good = out->len <= W3P_AUTH_CHAIN_ID_MAX;
    for (size_t i = 0; i < out->len && good; i++) {
        uint8_t c = out->ptr[i];
        good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
               c == ':';
    }
    return err != W3P_OK || good
               ? err
               : w3p_psa_fail(error, "INVALID_CHAIN_ID",
                              "chain_id must be 1 to %d letters, digits and -_:", W3P_AUTH_CHAIN_ID_MAX);
}

// What only POST /auth/token gives: passing it over would make a token that permits more than somebody asked for.
static int refuse_restrictions(struct w3p_psa_error *error, const json_t *root)
{
    static const char *const names[] = {"cids", "origin", "max_bytes"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (field_of(root, names[i]) != NULL)
            return w3p_psa_fail(error, "UNKNOWN_FIELD",
                                "%s is not for sign-ins; sign in with token.mint and ask POST /auth/token for a token "
                                "that is restricted so",
                                names[i]);
    }
    return W3P_OK;
}

int w3p_auth_challenge_parse(struct w3p_auth_challenge_body *out, struct w3p_psa_error *error,
                             const struct w3p_auth_times *times, const char *body, size_t len)
{
    bool scopes_given = false;
    *out = (struct w3p_auth_challenge_body){.root = read_object(error, body, len), .scopes = W3P_SCOPES_PINS};
    if (out->root != NULL && refuse_restrictions(error, out->root) == W3P_OK &&
        take_wallet(&out->wallet, error, out->root) == W3P_OK &&
        take_scopes(&out->scopes, &scopes_given, error, out->root) == W3P_OK &&
        take_ttl(&out->ttl_s, error, out->root, times, scopes_given) == W3P_OK &&
        take_label(&out->label, error, out->root) == W3P_OK &&
        take_chain_id(&out->chain_id, error, out->root) == W3P_OK)
        return W3P_OK;
    w3p_auth_challenge_deinit(out);
    return W3P_E_INVALID;
}

void w3p_auth_challenge_deinit(struct w3p_auth_challenge_body *body)
{
    json_decref(body->root);
    *body = (struct w3p_auth_challenge_body){0};
}

int w3p_auth_login_parse(struct w3p_auth_login_body *out, struct w3p_psa_error *error, const char *body, size_t len)
{
    *out = (struct w3p_auth_login_body){.root = read_object(error, body, len)};
    if (out->root != NULL && take_wallet(&out->wallet, error, out->root) == W3P_OK &&
        take_text(&out->message, error, out->root, "message", "INVALID_MESSAGE", true) == W3P_OK &&
        take_text(&out->signature, error, out->root, "signature", "INVALID_SIGNATURE", true) == W3P_OK &&
        take_text(&out->callback_url, error, out->root, "callbackUrl", "INVALID_CALLBACK", false) == W3P_OK)
        return W3P_OK;
    w3p_auth_login_deinit(out);
    return W3P_E_INVALID;
}

void w3p_auth_login_deinit(struct w3p_auth_login_body *body)
{
    json_decref(body->root);
    *body = (struct w3p_auth_login_body){0};
}

// ---- POST /auth/token ----

static int refuse_unknown(struct w3p_psa_error *error, json_t *root)
{
    static const char *const known[] = {"scopes", "ttl", "label", "cids", "origin", "max_bytes"};
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value)
    {
        bool found = false;
        for (size_t i = 0; i < sizeof known / sizeof known[0] && !found; i++)
            found = strcmp(key, known[i]) == 0;
        if (!found)
            return w3p_psa_fail(error, "UNKNOWN_FIELD",
                                "there is no field '%.*s'; a token has scopes, ttl, label, cids, "
                                "origin and max_bytes",
                                SHOWN_MAX, key);
    }
    return W3P_OK;
}

static int take_cids(struct w3p_auth_mint_body *out, struct w3p_psa_error *error, const json_t *root)
{
    const json_t *list = field_of(root, "cids"), *value;
    struct w3p_caveat caveat = {0};
    struct w3p_errmsg msg = {0};
    size_t index;
    if (list == NULL)
        return W3P_OK;
    if (!json_is_array(list) || json_array_size(list) == 0 || json_array_size(list) > W3P_CAVEAT_CIDS_MAX)
        return w3p_psa_fail(error, "INVALID_CIDS", "cids must be an array of 1 to %d CIDs", W3P_CAVEAT_CIDS_MAX);
    json_array_foreach(list, index, value)
    {
        if (!json_is_string(value) ||
            w3p_caveat_add_cid(&caveat, &msg, json_string_value(value), json_string_length(value)) != W3P_OK)
            return w3p_psa_fail(error, "INVALID_CIDS", "cids[%zu] is no CID", index);
    }
    out->caveats[out->caveat_count++] = caveat;
    return W3P_OK;
}

static int take_origin(struct w3p_auth_mint_body *out, struct w3p_psa_error *error, const json_t *root)
{
    const json_t *value = field_of(root, "origin");
    struct w3p_errmsg msg = {0};
    if (value == NULL)
        return W3P_OK;
    if (!json_is_string(value) ||
        w3p_caveat_origin(&out->caveats[out->caveat_count], &msg, json_string_value(value)) != W3P_OK)
        return w3p_psa_fail(error, "INVALID_ORIGIN", "origin must be that of a page, such as https://app.example");
    out->caveat_count++;
    return W3P_OK;
}

static int take_max_bytes(struct w3p_auth_mint_body *out, struct w3p_psa_error *error, const json_t *root)
{
    const json_t *value = field_of(root, "max_bytes");
    json_int_t bytes = json_integer_value(value);
    if (value == NULL)
        return W3P_OK;
    if (!json_is_integer(value) || bytes < 1 ||
        w3p_caveat_max_bytes(&out->caveats[out->caveat_count], (uint64_t)bytes) != W3P_OK)
        return w3p_psa_fail(error, "INVALID_MAX_BYTES", "max_bytes must be a whole number, 1 to %lld",
                            (long long)W3P_CAVEAT_U40_MAX);
    out->caveat_count++;
    return W3P_OK;
}

int w3p_auth_mint_parse(struct w3p_auth_mint_body *out, struct w3p_psa_error *error, const struct w3p_auth_times *times,
                        const char *body, size_t len)
{
    struct w3p_span label;
    bool scopes_given = false;
    int err = W3P_E_INVALID;
    *out = (struct w3p_auth_mint_body){0};
    json_t *root = read_object(error, body, len);
    if (root == NULL || refuse_unknown(error, root) != W3P_OK ||
        take_scopes(&out->scopes, &scopes_given, error, root) != W3P_OK)
        goto out;
    if (!scopes_given) {
        (void)w3p_psa_fail(error, "INVALID_SCOPES", "scopes is missing");
        goto out;
    }
    if (take_ttl(&out->ttl_s, error, root, times, true) == W3P_OK && take_label(&label, error, root) == W3P_OK &&
        take_cids(out, error, root) == W3P_OK && take_origin(out, error, root) == W3P_OK &&
        take_max_bytes(out, error, root) == W3P_OK) {
        if (label.len > 0)
            memcpy(out->label, label.ptr, label.len);
        err = W3P_OK;
    }
out:
    json_decref(root);
    if (err != W3P_OK)
        *out = (struct w3p_auth_mint_body){0};
    return err;
}

int w3p_auth_legacy_parse(bool *off, struct w3p_psa_error *error, const char *body, size_t len)
{
    json_t *root = read_object(error, body, len);
    const json_t *value = json_object_get(root, "off");
    int err = root != NULL ? W3P_OK : W3P_E_INVALID;
    if (root != NULL && !json_is_boolean(value))
        err = w3p_psa_fail(error, "INVALID_OFF", "off must be true or false");
    *off = json_is_true(value);
    json_decref(root);
    return err;
}

int w3p_auth_id_parse(uint8_t id[W3P_AUTH_ID_BYTES_MAX], size_t *id_len, struct w3p_span text)
{
    *id_len = W3P_AUTH_ID_BYTES_MAX;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] >= 'A' && text.ptr[i] <= 'F')
            return W3P_E_INVALID;
    }
    if ((text.len != 32 && text.len != 64) || w3p_hex_decode(id, id_len, (const char *)text.ptr, text.len) != W3P_OK)
        return W3P_E_INVALID;
    return W3P_OK;
}
