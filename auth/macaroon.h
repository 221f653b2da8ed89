// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: minted tokens: "w3s1_" and base64url of header | caveats | tag. Every caveat is bound into the tag with the
// tag before it as the key, so whoever holds a token can add restrictions offline, and nobody can take one away.
// Threads: pure.  Must not: look at a clock, a request or the database: who the token belongs to, which scopes it was
// given, and whether it was revoked stand in the row of its id; see tokens_store.h.
// Header, 28 bytes, numbers big endian: version 1 | kid u8 | id 16 | issued u40 | expires u40 (Unix seconds).
// First tag: HMAC-SHA256(key, "w3s1" 00 | length u8 | audience | header); each next: HMAC-SHA256(tag, caveat). The
// audience, the gateway's host, is not in the token. Source: Macaroons (Birgisson et al., NDSS 2014).
#ifndef W3P_AUTH_MACAROON_H
#define W3P_AUTH_MACAROON_H

#include "auth.h"
#include "caveat.h"
#include "hosts.h"

#define W3P_MACAROON_PREFIX "w3s1_"
#define W3P_MACAROON_TEXT_MAX 1024 // characters, with the prefix
#define W3P_MACAROON_ID_BYTES 16
#define W3P_MACAROON_HEADER_BYTES 28
#define W3P_MACAROON_TAG_BYTES 32
#define W3P_MACAROON_RAW_MAX 764       // bytes that so many characters hold
#define W3P_MACAROON_CAVEATS_MAX 32    // of one token: each is an HMAC that a forged token costs
#define W3P_MACAROON_AUDIENCE_MAX 255u // characters: the length stands in one byte

struct w3p_macaroon_head {
    uint8_t kid, tid16[W3P_MACAROON_ID_BYTES];
    int64_t issued_s, expires_s;
};

// A token's parts. Nothing of it is proven before w3p_macaroon_verify.
struct w3p_macaroon {
    uint8_t kid, tid16[W3P_MACAROON_ID_BYTES];
    int64_t issued_s, expires_s; // of the header; caveats may say less
    uint8_t raw[W3P_MACAROON_RAW_MAX];
    size_t raw_len, caveats_len; // the caveats stand behind the header; the tag is the last 32 bytes
};

// True when the text begins like a minted token; no other credential does.
bool w3p_macaroon_is(const char *text, size_t len);
// Form only. W3P_AUTH_MISSING, W3P_AUTH_TOO_LONG, W3P_AUTH_MACAROON.
enum w3p_auth_reason w3p_macaroon_decode(struct w3p_macaroon *out, const char *text, size_t len);
// What its caveats say, unproven: for people. W3P_AUTH_CAVEAT for one that is unknown or malformed, or for too many.
enum w3p_auth_reason w3p_macaroon_restrictions(struct w3p_restrictions *out, const struct w3p_macaroon *macaroon);
// The same once the tag is proven to come from this key for one of these audiences. The caller has found the key by
// kid, and looks at the end (out->expires_s, also later on every use) and at the row of the id. W3P_AUTH_CAVEAT,
// W3P_AUTH_MAC; out is zeroed then, which permits nothing.
enum w3p_auth_reason w3p_macaroon_verify(struct w3p_restrictions *out, const struct w3p_macaroon *macaroon,
                                         const uint8_t key32[32], const struct w3p_hosts *audiences);

// Appends a new token without caveats. audience as in a list of hosts. W3P_E_RANGE for times that do not fit or an end
// that is not behind the beginning, W3P_E_INVALID without an audience, W3P_E_LIMIT for one that is too long.
int w3p_macaroon_mint(struct w3p_buf *out, const uint8_t key32[32], const char *audience,
                      const struct w3p_macaroon_head *head) W3P_NODISCARD;
// Appends the token text with more caveats: needs no key, and the id stays the same, so that revoking the first token
// revokes this one. W3P_E_INVALID for a text that is no minted token, W3P_E_LIMIT when the result is too long.
int w3p_macaroon_narrow(struct w3p_buf *out, struct w3p_errmsg *msg, const char *text, size_t len,
                        const struct w3p_caveat *more, size_t count) W3P_NODISCARD;

#endif
