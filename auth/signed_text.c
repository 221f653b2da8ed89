// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see signed_text.h.
#include "signed_text.h"

#include <string.h>

#include "scheme.h"

// Wallets of Substrate say Polkadot or Substrate, whichever chain the account is on.
static bool is_chain(const struct w3p_scheme *scheme, struct w3p_span name)
{
    return w3p_span_eq_str(name, scheme->siwx_name) ||
           (scheme == &w3p_scheme_substrate && w3p_span_eq_str(name, "Substrate"));
}

enum w3p_auth_reason w3p_signed_text_read(struct w3p_siwx *out, const char **why, const struct w3p_address *address,
                                          struct w3p_span text)
{
    const struct w3p_scheme *scheme = address->scheme;
    struct w3p_address named;
    struct w3p_identity theirs, ours;
    if (scheme->siwx_name == NULL)
        return W3P_AUTH_CHAIN;
    if (w3p_siwx_parse(out, why, (const char *)text.ptr, text.len) != W3P_OK)
        return W3P_AUTH_MESSAGE;
    if (!is_chain(scheme, out->chain_name))
        return W3P_AUTH_MESSAGE_ADDRESS;
    if (w3p_span_eq(out->address, W3P_SPAN(address->text, address->text_len)))
        return W3P_AUTH_OK;
    const char *spelled = (const char *)out->address.ptr;
    if (!w3p_address_begin(&named, scheme, spelled, out->address.len) ||
        !scheme->parse_address(&named, spelled, out->address.len))
        return W3P_AUTH_MESSAGE_ADDRESS;
    scheme->identity(&theirs, &named);
    scheme->identity(&ours, address);
    return strcmp(theirs.text, ours.text) == 0 ? W3P_AUTH_OK : W3P_AUTH_MESSAGE_ADDRESS;
}

enum w3p_auth_reason w3p_signed_text_place(const struct w3p_siwx *siwx, const struct w3p_hosts *audiences,
                                           const struct w3p_hosts *domains)
{
    char host[W3P_HOST_MAX];
    if (w3p_host_of_uri(host, siwx->uri) != W3P_OK || !w3p_hosts_have(audiences, w3p_span_str(host)))
        return W3P_AUTH_AUDIENCE;
    if (!w3p_hosts_have(audiences, siwx->domain) && !w3p_hosts_have(domains, siwx->domain))
        return W3P_AUTH_DOMAIN;
    return W3P_AUTH_OK;
}

enum w3p_auth_reason w3p_signed_text_times(const struct w3p_siwx *siwx, int64_t now_ms)
{
    int64_t latest_ms = now_ms + W3P_SIGNED_TEXT_CLOCK_MS;
    if (siwx->has_issued && siwx->issued_ms > latest_ms)
        return W3P_AUTH_NOT_YET;
    if (siwx->has_not_before && siwx->not_before_ms > latest_ms)
        return W3P_AUTH_NOT_YET;
    if (siwx->has_expires && siwx->expires_ms <= now_ms)
        return W3P_AUTH_EXPIRED;
    return W3P_AUTH_OK;
}

// The last 32 bytes of a signature that a contract must be asked about, in hex (EIP-6492).
static bool is_of_contract(struct w3p_span sig_text)
{
    static const char unit[] = "6492";
    enum { UNITS = 16 };
    if (sig_text.len <= UNITS * 4)
        return false;
    for (size_t i = 0; i < UNITS; i++)
        if (memcmp(sig_text.ptr + sig_text.len - 4 * (i + 1), unit, 4) != 0)
            return false;
    return true;
}

enum w3p_auth_reason w3p_signed_text_verify(const struct w3p_address *address, struct w3p_span text,
                                            struct w3p_span sig_text)
{
    if (address->scheme == &w3p_scheme_ethereum && is_of_contract(sig_text))
        return W3P_AUTH_CONTRACT_WALLET;
    return w3p_auth_reason_of(address->scheme->verify_text(address, (const char *)text.ptr, text.len,
                                                           (const char *)sig_text.ptr, sig_text.len));
}

void w3p_signed_text_begin(struct w3p_siwx *out, const struct w3p_scheme *scheme, struct w3p_span chain_id)
{
    memset(out, 0, sizeof(*out));
    out->chain_name = w3p_span_str(scheme->siwx_name);
    out->version = w3p_span_str(w3p_siwx_version(out->chain_name));
    if (chain_id.len > 0)
        out->chain_id = chain_id;
    else if (scheme->chain_id != NULL)
        out->chain_id = w3p_span_str(scheme->chain_id);
}
