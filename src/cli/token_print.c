// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what was found out about a token, for people and as JSON; see token_finding.h.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/token_finding.h"
#include "http/auth_json.h"

#define MS_PER_S 1000
#define DETAILS_MAX 1024

// Nothing was wrong with it here; what is known comes from the gateway, or from nobody.
static bool has_no_verdict(const struct w3p_token_finding *f)
{
    return f->reason == W3P_AUTH_OK || f->reason == W3P_AUTH_UNKNOWN;
}

// The gateway has told whose the token is and what it permits.
static bool is_told(const struct w3p_token_finding *f)
{
    return f->asked && f->valid == W3P_VALIDITY_YES;
}

// The reason's sentence, and behind it what is more exact.
static void put_details(struct w3p_buf *out, const struct w3p_token_finding *f)
{
    const char *sentence = w3p_auth_reason_sentence(f->reason), *more = f->more != NULL ? f->more : "";
    if (is_told(f))
        sentence = "the gateway accepts it";
    else if (has_no_verdict(f) && f->more != NULL)
        sentence = "";
    w3p_buf_printf(out, "%s%s%s", sentence, sentence[0] != '\0' && more[0] != '\0' ? ": " : "", more);
}

// ---- for people ----

static void print_validity(const struct w3p_token_finding *f)
{
    struct w3p_buf details;
    w3p_buf_init(&details, DETAILS_MAX);
    put_details(&details, f);
    if (f->valid != W3P_VALIDITY_YES)
        printf("valid:     %s: %s\n", f->valid == W3P_VALIDITY_NO ? "no" : "unknown", w3p_buf_str(&details));
    else
        printf("valid:     yes%s\n", f->asked                               ? ", by the gateway's word"
                                     : f->kind == W3P_AUTH_KIND_SELF_ISSUED ? ", unless it was revoked there"
                                                                            : "");
    w3p_buf_deinit(&details);
}

static void print_time(const char *label, int64_t unix_s)
{
    char text[W3P_RFC3339_LEN + 1];
    if (unix_s == 0)
        return;
    w3p_rfc3339_format(text, unix_s * MS_PER_S);
    printf("%-10s %s\n", label, text);
}

static void print_scopes(const struct w3p_token_finding *f)
{
    struct w3p_buf names;
    w3p_buf_init(&names, W3P_SCOPES_TEXT_MAX);
    w3p_scopes_format(&names, f->scopes, ", ");
    if (f->kind != W3P_AUTH_KIND_MINTED || is_told(f))
        printf("permits:   %s\n", names.len > 0 ? w3p_buf_str(&names) : "nothing");
    else if (f->scopes == W3P_SCOPES_ALL)
        puts("permits:   what the gateway gave it");
    else
        printf("permits:   of what the gateway gave it, %s\n", names.len > 0 ? w3p_buf_str(&names) : "nothing");
    w3p_buf_deinit(&names);
}

static void print_restrictions(const struct w3p_restrictions *r)
{
    char net[W3P_RESTRICTIONS_NET_MAX];
    if (r->has_cids)
        printf("only for:  %zu content%s, which it does not name\n", r->cid_count, r->cid_count == 1 ? "" : "s");
    if (r->has_max_bytes)
        printf("only for:  contents of up to %" PRIu64 " bytes\n", r->max_bytes);
    if (r->has_origin)
        printf("only for:  %s\n", r->no_origin ? "no page at all" : "one page, which it does not name");
    if (r->has_net) {
        w3p_restrictions_format_net(net, r);
        printf("only for:  clients of %s\n", r->no_net ? "no network at all" : net);
    }
}

static void print_body(const struct w3p_token_finding *f)
{
    if (f->kind == W3P_AUTH_KIND_SELF_ISSUED) {
        printf("only at:   %s\n", f->audience);
        printf("page:      %s%s\n", f->domain,
               strcmp(f->domain, f->audience) == 0 ? "" : ", which the gateway must list in auth.domains");
    }
    if (f->kind == W3P_AUTH_KIND_MINTED)
        print_restrictions(&f->restrictions);
    print_time("issued:", f->issued_s);
    print_time("expires:", f->expires_s);
    if (f->label[0] != '\0')
        printf("label:     %s\n", f->label);
    printf("id:        %s\n", f->id);
    if (f->kind == W3P_AUTH_KIND_MINTED)
        printf("key:       %u\n", f->kid);
}

void w3p_token_print_text(const struct w3p_token_finding *f)
{
    print_validity(f);
    if (f->has_kind)
        printf("kind:      %s\n", w3p_auth_kind_name(f->kind));
    if (f->identity.text[0] != '\0')
        printf("%s  %s\n", f->valid == W3P_VALIDITY_YES ? "identity:" : "claims:  ", f->identity.text);
    if (f->chain != NULL) {
        printf("chain:     %s\n", f->chain);
        printf("address:   %s\n", f->address);
    }
    if (f->has_body || is_told(f))
        print_scopes(f);
    if (f->has_body)
        print_body(f);
    if (f->has_kind && f->kind == W3P_AUTH_KIND_W3AUTH)
        puts("expires:   never; a W3Auth token carries no expiry, so whoever holds it is this account");
    if (f->trace[0] != '\0')
        printf("in logs:   %s\n", f->trace);
}

// ---- JSON ----

static void write_body(struct w3p_json *j, const struct w3p_token_finding *f)
{
    w3p_json_str_field(j, "id", f->id);
    w3p_auth_write_time(j, "issued", f->issued_s);
    if (f->kind == W3P_AUTH_KIND_MINTED) {
        w3p_json_int_field(j, "kid", f->kid);
        w3p_auth_write_restrictions(j, &f->restrictions);
        return;
    }
    w3p_json_str_field(j, "audience", f->audience);
    w3p_json_str_field(j, "domain", f->domain);
    w3p_json_str_field(j, "label", f->label);
}

void w3p_token_print_json(const struct w3p_token_finding *f)
{
    struct w3p_buf out, details;
    struct w3p_json j;
    w3p_buf_init(&out, 8192);
    w3p_buf_init(&details, DETAILS_MAX);
    put_details(&details, f);
    w3p_json_init(&j, &out);
    w3p_json_begin_object(&j);
    w3p_json_key(&j, "valid");
    if (f->valid == W3P_VALIDITY_UNKNOWN)
        w3p_json_null(&j);
    else
        w3p_json_bool(&j, f->valid == W3P_VALIDITY_YES);
    w3p_json_str_field(&j, "reason",
                       f->asked && f->valid == W3P_VALIDITY_NO && has_no_verdict(f) ? "refused"
                                                                                    : w3p_auth_reason_name(f->reason));
    w3p_json_str_field(&j, "details", w3p_buf_str(&details));
    w3p_json_str_field(&j, "trace", f->trace);
    if (f->has_kind)
        w3p_json_str_field(&j, "kind", w3p_auth_kind_name(f->kind));
    if (f->identity.text[0] != '\0')
        w3p_json_str_field(&j, f->valid == W3P_VALIDITY_YES ? "identity" : "claims", f->identity.text);
    if (f->chain != NULL) {
        w3p_json_str_field(&j, "chain", f->chain);
        w3p_json_str_field(&j, "address", f->address);
    }
    if (f->has_kind)
        w3p_auth_write_time(&j, "expires", f->expires_s);
    if (f->has_body || is_told(f))
        w3p_auth_write_scopes(&j, f->scopes);
    if (f->has_body)
        write_body(&j, f);
    w3p_json_end_object(&j);
    puts(w3p_buf_str(&out));
    w3p_buf_deinit(&details);
    w3p_buf_deinit(&out);
}
