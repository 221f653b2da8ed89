// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the text that a wallet shows and signs when somebody signs in: read strictly, and written as a wallet of
// that chain would write it. What parses writes back to the same bytes, so no text has two readings.
// Threads: any; pure functions.  Must not: know keys, signatures, clocks or what a gateway permits.
// Source: EIP-4361, CAIP-122, Solana's wallet standard (sign-in), Sign-In with Substrate.
#ifndef W3P_AUTH_SIWX_H
#define W3P_AUTH_SIWX_H

#include "base/bytes.h"

#define W3P_SIWX_MAX 2048 // bytes of a text
#define W3P_SIWX_RESOURCES_MAX 32
#define W3P_SIWX_LABEL_MAX 64 // bytes of a label: what this gateway writes as Request ID

// All spans borrow the text. A field that is not there has ptr NULL; one that is there may be empty only if it is the
// Request ID.
struct w3p_siwx {
    struct w3p_span uri_scheme; // "https" or "http" before the domain
    struct w3p_span domain, chain_name, address, statement;
    struct w3p_span uri, version, chain_id, nonce, request_id;
    struct w3p_span issued, expires, not_before; // as written
    struct w3p_span resources[W3P_SIWX_RESOURCES_MAX];
    size_t resource_count;
    int64_t issued_ms, expires_ms, not_before_ms;
    bool has_statement, has_issued, has_expires, has_not_before;
    bool has_resources; // the line "Resources:" is there; the list may be empty
    bool chain_id_last; // Chain ID stands before the resources (CAIP-122), not before the nonce (EIP-4361, Solana)
    bool two_gaps;      // two empty lines where a statement would stand; always so for Ethereum
};

// The fixed line grammar: bytes 0x20..0x7e and LF, known labels only, each at most once and in the order of its chain.
// Required: for Ethereum URI, Version 1, Chain ID, Nonce (8 or more letters and digits), Issued At and an address in
// its EIP-55 spelling; for Substrate URI, Version, Nonce and Issued At; for Solana nothing; else URI and Version.
// W3P_E_INVALID with a sentence of static storage in *why (may be NULL); *out is zeroed then.
int w3p_siwx_parse(struct w3p_siwx *out, const char **why, const char *text, size_t len) W3P_NODISCARD;

// The text a wallet of that chain_name would show, after what is in out. Times come from their span, or from the
// number where has_… is set and the span is NULL. W3P_E_INVALID, and out as before, when it would not parse;
// W3P_E_LIMIT when out is full.
int w3p_siwx_write(struct w3p_buf *out, const struct w3p_siwx *fields) W3P_NODISCARD;

// The version that texts of this chain have: "1", or "1.0.0" for Substrate.
const char *w3p_siwx_version(struct w3p_span chain_name);

// Without the "<Bytes>" and "</Bytes>" that wallets of Substrate put around what they sign.
struct w3p_span w3p_siwx_unwrap(struct w3p_span text);

// Could stand as a Request ID and is at most W3P_SIWX_LABEL_MAX bytes: letters, digits and -._~!$&'()*+,;=:@ (or
// %XX). May be empty.
bool w3p_siwx_is_label(struct w3p_span label);

#endif
