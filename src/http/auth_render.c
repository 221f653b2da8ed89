// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: writing the answers of the sign-in endpoints; see auth_json.h.
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "http/auth_json.h"

static void span_field(struct w3p_json *j, const char *key, struct w3p_span value)
{
    if (value.ptr == NULL)
        return;
    w3p_json_key(j, key);
    w3p_json_str_n(j, (const char *)value.ptr, value.len);
}

static void hex_field(struct w3p_json *j, const char *key, const uint8_t *bytes, size_t len)
{
    char text[2 * W3P_TOKEN_ID_MAX + 1];
    w3p_hex_encode(text, bytes, len <= W3P_TOKEN_ID_MAX ? len : W3P_TOKEN_ID_MAX);
    w3p_json_str_field(j, key, text);
}

static void time_ms_field(struct w3p_json *j, const char *key, int64_t wall_ms)
{
    char text[W3P_RFC3339_LEN + 1];
    w3p_rfc3339_format(text, wall_ms);
    w3p_json_str_field(j, key, text);
}

void w3p_auth_write_time(struct w3p_json *j, const char *key, int64_t unix_s)
{
    if (unix_s > 0) {
        time_ms_field(j, key, unix_s * 1000);
        return;
    }
    w3p_json_key(j, key);
    w3p_json_null(j);
}

void w3p_auth_write_scopes(struct w3p_json *j, w3p_scopes scopes)
{
    w3p_json_key(j, "scopes");
    w3p_json_begin_array(j);
    for (unsigned i = 0; i < W3P_SCOPE_COUNT; i++) {
        if ((scopes >> i & 1) != 0)
            w3p_json_str(j, w3p_scope_name(i));
    }
    w3p_json_end_array(j);
}

void w3p_auth_write_id(struct w3p_json *j, const uint8_t *id, size_t id_len)
{
    if (id_len > 0) {
        hex_field(j, "id", id, id_len);
        return;
    }
    w3p_json_key(j, "id");
    w3p_json_null(j);
}

void w3p_auth_write_label(struct w3p_json *j, const char *label)
{
    w3p_json_key(j, "label");
    if (label[0] != '\0')
        w3p_json_str(j, label);
    else
        w3p_json_null(j);
}

// SolanaSignInInput: the wallet makes the text by itself, of exactly these fields.
static void write_solana(struct w3p_json *j, const struct w3p_siwx *siwx)
{
    w3p_json_key(j, "sign_in");
    w3p_json_begin_object(j);
    span_field(j, "domain", siwx->domain);
    span_field(j, "address", siwx->address);
    span_field(j, "statement", siwx->statement);
    span_field(j, "uri", siwx->uri);
    span_field(j, "version", siwx->version);
    span_field(j, "chainId", siwx->chain_id);
    span_field(j, "nonce", siwx->nonce);
    span_field(j, "issuedAt", siwx->issued);
    span_field(j, "expirationTime", siwx->expires);
    span_field(j, "requestId", siwx->request_id);
    w3p_json_key(j, "resources");
    w3p_json_begin_array(j);
    for (size_t i = 0; i < siwx->resource_count; i++)
        w3p_json_str_n(j, (const char *)siwx->resources[i].ptr, siwx->resources[i].len);
    w3p_json_end_array(j);
    w3p_json_end_object(j);
}

// What signMessage of NEAR's wallets takes.
static void write_near(struct w3p_json *j, const struct w3p_auth_challenge_answer *answer)
{
    struct w3p_buf nonce;
    w3p_buf_init(&nonce, 64);
    w3p_base64_encode(&nonce, answer->nonce32, 32, W3P_BASE64_STD, W3P_BASE64_PADDED);
    w3p_json_key(j, "nep413");
    w3p_json_begin_object(j);
    span_field(j, "message", answer->text);
    w3p_json_str_field(j, "nonce", w3p_buf_str(&nonce));
    w3p_json_str_field(j, "recipient", answer->audience);
    w3p_json_end_object(j);
    w3p_buf_deinit(&nonce);
}

static const char *format_of(const struct w3p_scheme *scheme)
{
    static const char *const formats[][2] = {{"Ethereum", "eip4361"}, {"Solana", "siws"}, {"NEAR", "nep413"}};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(scheme->siwx_name, formats[i][0]) == 0)
            return formats[i][1];
    }
    return "caip122";
}

void w3p_auth_write_challenge(struct w3p_json *j, const struct w3p_auth_challenge_answer *answer)
{
    struct w3p_siwx siwx;
    const char *format = format_of(answer->scheme);
    w3p_json_begin_object(j);
    w3p_json_str_field(j, "format", format);
    span_field(j, "message", answer->text);
    hex_field(j, "nonce", answer->nonce32, 32);
    time_ms_field(j, "expires_at", answer->expires_ms);
    if (strcmp(format, "siws") == 0 &&
        w3p_siwx_parse(&siwx, NULL, (const char *)answer->text.ptr, answer->text.len) == W3P_OK)
        write_solana(j, &siwx);
    if (strcmp(format, "nep413") == 0)
        write_near(j, answer);
    w3p_json_end_object(j);
}

void w3p_auth_write_minted(struct w3p_json *j, const struct w3p_auth_minted *minted)
{
    w3p_json_begin_object(j);
    w3p_json_str_field(j, "token", minted->token);
    w3p_auth_write_id(j, minted->id16, W3P_TOKEN_MINTED_ID_BYTES);
    w3p_json_str_field(j, "account", minted->identity);
    w3p_auth_write_scopes(j, minted->scopes);
    w3p_auth_write_time(j, "expires_at", minted->expires_s);
    w3p_json_end_object(j);
}

void w3p_auth_write_row(struct w3p_json *j, const struct w3p_token_row *row, bool current)
{
    w3p_json_begin_object(j);
    w3p_auth_write_id(j, row->id, row->id_len);
    w3p_json_str_field(j, "kind", row->id_len == W3P_TOKEN_MINTED_ID_BYTES ? "minted" : "self-issued");
    w3p_auth_write_label(j, row->label);
    w3p_auth_write_scopes(j, row->scopes);
    w3p_auth_write_time(j, "created", row->issued_s);
    w3p_auth_write_time(j, "expires_at", row->expires_s);
    w3p_auth_write_time(j, "revoked", row->revoked_ms / 1000);
    w3p_json_bool_field(j, "current", current);
    w3p_json_end_object(j);
}

void w3p_auth_write_restrictions(struct w3p_json *j, const struct w3p_restrictions *r)
{
    char net[W3P_RESTRICTIONS_NET_MAX];
    w3p_json_key(j, "restrictions");
    if (r == NULL || !w3p_restrictions_any(r)) {
        w3p_json_null(j);
        return;
    }
    w3p_json_begin_object(j);
    if (r->has_cids)
        w3p_json_int_field(j, "cids", (int64_t)r->cid_count);
    if (r->has_origin)
        w3p_json_bool_field(j, "origin", true);
    if (r->has_max_bytes)
        w3p_json_int_field(j, "max_bytes", (int64_t)r->max_bytes);
    if (r->has_net) {
        w3p_restrictions_format_net(net, r);
        w3p_json_str_field(j, "net", net);
    }
    w3p_json_end_object(j);
}
