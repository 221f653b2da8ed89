// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what self-issued tokens and logins have in common: a sign-in text of one wallet, the places and times that
// it names, and the wallet's signature under it. One function for each, so that the cheap ones come first.
// Threads: any; pure functions.  Must not: know tokens, scopes or what was revoked.
#ifndef W3P_AUTH_SIGNED_TEXT_H
#define W3P_AUTH_SIGNED_TEXT_H

#include "auth.h"
#include "hosts.h"
#include "siwx.h"

#define W3P_SIGNED_TEXT_CLOCK_MS 60000 // how far ahead a wallet's clock may be

// Reads the text and compares its chain and its address with the credential's; another spelling of the same account is
// fine where the grammar permits one. CHAIN: wallets of this scheme sign no texts. *why as in w3p_siwx_parse, and only
// set with MESSAGE; may be NULL.
enum w3p_auth_reason w3p_signed_text_read(struct w3p_siwx *out, const char **why, const struct w3p_address *address,
                                          struct w3p_span text);
// The URI is at one of the audiences, and the domain is one of them or of the domains: pages beside the gateway's own
// hosts that may ask for a signature.
enum w3p_auth_reason w3p_signed_text_place(const struct w3p_siwx *siwx, const struct w3p_hosts *audiences,
                                           const struct w3p_hosts *domains);
// Issued At and Not Before are not in the future, Expiration Time is; each only if it is there.
enum w3p_auth_reason w3p_signed_text_times(const struct w3p_siwx *siwx, int64_t now_ms);
// The signature over the text. CONTRACT_WALLET for signatures in the wrapping of EIP-6492.
enum w3p_auth_reason w3p_signed_text_verify(const struct w3p_address *address, struct w3p_span text,
                                            struct w3p_span sig_text);

// Chain name, version and Chain ID of a text for this scheme; chain_id.len 0: the scheme's own. The rest is zeroed.
void w3p_signed_text_begin(struct w3p_siwx *out, const struct w3p_scheme *scheme, struct w3p_span chain_id);

#endif
