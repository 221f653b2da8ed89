// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what a token of any kind says, and whether it holds, without asking anybody; see token_finding.h. What it
// claims is worth showing also when it would be refused.
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "cli/admin.h"
#include "cli/token.h"
#include "cli/token_finding.h"
#include "crypto/hash.h"
#include "grant.h"
#include "selfissued.h"

#define MS_PER_S 1000

static void fill(char *out, size_t room, struct w3p_span text)
{
    size_t len = text.len < room ? text.len : room - 1;
    if (len > 0)
        memcpy(out, text.ptr, len);
    out[len] = '\0';
}

// ---- self-issued ----

// The fields of a text that has the right form, whatever they say.
static void read_claims(struct w3p_token_finding *f, const struct w3p_siwx *siwx, const char *text, size_t len)
{
    uint8_t id32[32];
    w3p_scopes one;
    f->has_body = true;
    w3p_sha256(id32, text, len);
    w3p_hex_encode(f->id, id32, sizeof(id32));
    w3p_grant_label(f->label, siwx->request_id);
    fill(f->domain, sizeof(f->domain), siwx->domain);
    if (w3p_host_of_uri(f->audience, siwx->uri) != W3P_OK)
        f->audience[0] = '\0';
    f->issued_s = siwx->has_issued ? siwx->issued_ms / 1000 : 0;
    f->expires_s = siwx->has_expires ? siwx->expires_ms / 1000 : 0;
    for (size_t i = 0; i < siwx->resource_count; i++)
        if (w3p_grant_scope(&one, siwx->resources[i], W3P_SELFISSUED_SCOPE) == W3P_OK)
            f->scopes |= one;
}

// Nobody said for which gateway: for the one that it names, from whatever page.
static enum w3p_auth_reason check_at_home(const struct w3p_token_finding *f, const struct w3p_token *token,
                                          struct w3p_selfissued_rules *rules)
{
    struct w3p_hosts *home = NULL, *any = NULL;
    struct w3p_selfissued seen;
    struct w3p_errmsg msg;
    enum w3p_auth_reason reason = W3P_AUTH_AUDIENCE;
    if (w3p_hosts_create(&home, &msg, "URI", f->audience, false) == W3P_OK &&
        w3p_hosts_create(&any, &msg, "domains", "*", true) == W3P_OK) {
        rules->audiences = home;
        rules->domains = any;
        reason = w3p_selfissued_check(&seen, token, rules);
    }
    w3p_hosts_destroy(home);
    w3p_hosts_destroy(any);
    return reason;
}

static void examine_self_issued(struct w3p_token_finding *f, const struct w3p_token *token,
                                const struct w3p_token_place *place)
{
    char text[W3P_SIWX_MAX];
    size_t len = 0;
    struct w3p_siwx siwx;
    struct w3p_selfissued seen;
    struct w3p_selfissued_rules rules = {
        .audiences = place->audiences, .domains = place->domains, .now_ms = place->now_ms};
    f->kind = W3P_AUTH_KIND_SELF_ISSUED;
    f->reason = W3P_AUTH_MESSAGE;
    if (w3p_selfissued_text(text, &len, token) != W3P_OK || w3p_siwx_parse(&siwx, &f->more, text, len) != W3P_OK)
        return;
    read_claims(f, &siwx, text, len);
    f->reason = place->audiences != NULL ? w3p_selfissued_check(&seen, token, &rules) : check_at_home(f, token, &rules);
}

// ---- minted ----

static void examine_minted(struct w3p_token_finding *f, struct w3p_span token, const struct w3p_token_place *place)
{
    struct w3p_macaroon macaroon;
    f->has_kind = true;
    f->kind = W3P_AUTH_KIND_MINTED;
    f->reason = w3p_macaroon_decode(&macaroon, (const char *)token.ptr, token.len);
    if (f->reason == W3P_AUTH_OK)
        f->reason = w3p_macaroon_restrictions(&f->restrictions, &macaroon);
    if (f->reason != W3P_AUTH_OK)
        return;
    f->has_body = true;
    f->kid = macaroon.kid;
    w3p_hex_encode(f->id, macaroon.tid16, sizeof(macaroon.tid16));
    f->issued_s = macaroon.issued_s;
    f->expires_s = f->restrictions.expires_s;
    f->scopes = f->restrictions.scopes;
    f->reason = place->now_ms / 1000 < f->expires_s ? W3P_AUTH_UNKNOWN : W3P_AUTH_EXPIRED;
    if (f->reason == W3P_AUTH_UNKNOWN) {
        f->valid = W3P_VALIDITY_UNKNOWN;
        f->more = "only the gateway that minted it can tell";
    }
}

// ---- any ----

static void examine_signed(struct w3p_token_finding *f, struct w3p_span text, const struct w3p_token_place *place)
{
    struct w3p_token token;
    f->reason = w3p_token_decode(&token, (const char *)text.ptr, text.len);
    if (f->reason == W3P_AUTH_CHAIN)
        f->more = w3p_token_refused((const char *)text.ptr, text.len);
    if (f->reason != W3P_AUTH_OK)
        return;
    f->has_kind = true;
    f->kind = W3P_AUTH_KIND_W3AUTH;
    f->chain = token.scheme->name;
    fill(f->address, sizeof(f->address), W3P_SPAN(token.address.text, token.address.text_len));
    token.scheme->identity(&f->identity, &token.address);
    if (w3p_selfissued_is(&token)) {
        examine_self_issued(f, &token, place);
        return;
    }
    struct w3p_identity proven;
    f->reason = w3p_token_verify(&proven, &token);
    if (f->reason == W3P_AUTH_CHAIN && w3p_token_verify_any(&proven, &token) == W3P_AUTH_OK)
        f->more = "the signature is right, but gateways refuse tokens of TON unless auth.ton is on: any transaction "
                  "that this wallet has sent would be one";
}

void w3p_token_examine(struct w3p_token_finding *out, struct w3p_span text, const struct w3p_token_place *place)
{
    struct w3p_span token;
    char inner[W3P_TOKEN_INNER_MAX];
    memset(out, 0, sizeof(*out));
    if (text.len > 0)
        w3p_auth_trace(out->trace, (const char *)text.ptr, text.len);
    out->reason = w3p_token_word(&token, inner, text);
    if (out->reason != W3P_AUTH_OK)
        return;
    if (w3p_macaroon_is((const char *)token.ptr, token.len))
        examine_minted(out, token, place);
    else
        examine_signed(out, token, place);
    if (out->reason == W3P_AUTH_OK)
        out->valid = W3P_VALIDITY_YES;
}

void w3p_token_examine_answer(struct w3p_token_finding *f, const json_t *answer, const char *why)
{
    const json_t *scopes = json_object_get(answer, "scopes");
    const char *account = w3p_admin_text(answer, "account"), *end = w3p_admin_text(answer, "expires_at"),
               *label = w3p_admin_text(answer, "label");
    int64_t end_ms = 0;
    w3p_scopes one;
    f->asked = true;
    if (answer == NULL) {
        f->valid = W3P_VALIDITY_NO;
        f->more = why;
        return;
    }
    f->valid = W3P_VALIDITY_YES;
    f->reason = W3P_AUTH_OK;
    f->more = NULL;
    f->scopes = 0;
    for (size_t i = 0; i < json_array_size(scopes); i++) {
        const json_t *name = json_array_get(scopes, i);
        if (json_is_string(name) && w3p_scope_parse(&one, json_string_value(name), json_string_length(name)) == W3P_OK)
            f->scopes |= one;
    }
    if (w3p_identity_parse(&f->identity, account, strlen(account)) != W3P_OK)
        f->identity.text[0] = '\0';
    if (w3p_rfc3339_parse(&end_ms, end, strlen(end)) == W3P_OK)
        f->expires_s = end_ms / MS_PER_S;
    if (w3p_siwx_is_label(w3p_span_str(label)) && label[0] != '\0') // a stranger's may hold lines of its own
        fill(f->label, sizeof(f->label), w3p_span_str(label));
}
