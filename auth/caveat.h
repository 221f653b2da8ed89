// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the restrictions that stand in a minted token: made from what a person writes, read from a token's bytes,
// added up, and asked whether they permit a request. Each one can only take away.
// Threads: pure.  Must not: know requests, keys or tags; those are macaroon.h's.
// A caveat is type u8 | length u8 | value, all numbers big endian. One that is not known here, or not of exactly this
// form, refuses the whole token:
//   01 expiry u40, Unix seconds        02 scopes u16, see scope.h
//   03 contents n x 16 bytes, the first of SHA-256(multihash), n at least 1
//   04 origin, the first 8 bytes of SHA-256(origin)
//   06 most bytes of one content u40   07 network: version (4 or 6) | prefix length | address, no bits behind the
//   prefix
#ifndef W3P_AUTH_CAVEAT_H
#define W3P_AUTH_CAVEAT_H

#include "scope.h"

#define W3P_CAVEAT_VALUE_MAX 255
#define W3P_CAVEAT_CID_BYTES 16
#define W3P_CAVEAT_CIDS_MAX (W3P_CAVEAT_VALUE_MAX / W3P_CAVEAT_CID_BYTES) // 15; lists of several caveats intersect
#define W3P_CAVEAT_U40_MAX ((INT64_C(1) << 40) - 1)

enum w3p_caveat_type {
    W3P_CAVEAT_EXPIRES = 1,
    W3P_CAVEAT_SCOPES = 2,
    W3P_CAVEAT_CIDS = 3,
    W3P_CAVEAT_ORIGIN = 4,
    W3P_CAVEAT_MAX_BYTES = 6,
    W3P_CAVEAT_NET = 7
};
struct w3p_caveat {
    uint8_t type, len;
    uint8_t value[W3P_CAVEAT_VALUE_MAX];
};

void w3p_caveat_put_u40(uint8_t out5[5], uint64_t value); // of the low 40 bits
uint64_t w3p_caveat_u40(const uint8_t be5[5]);

// Makers. On failure *out is untouched; msg (may be NULL) says what is wrong with the text.
int w3p_caveat_expires(struct w3p_caveat *out, int64_t expires_s) W3P_NODISCARD;    // W3P_E_RANGE
int w3p_caveat_max_bytes(struct w3p_caveat *out, uint64_t max_bytes) W3P_NODISCARD; // W3P_E_RANGE
void w3p_caveat_scopes(struct w3p_caveat *out, w3p_scopes scopes);
// Adds one CID to a list that begins as {0}; a content that is there already, in whatever spelling, is not added again.
// W3P_E_INVALID, or W3P_E_LIMIT past W3P_CAVEAT_CIDS_MAX.
int w3p_caveat_add_cid(struct w3p_caveat *list, struct w3p_errmsg *msg, const char *cid, size_t len) W3P_NODISCARD;
// "https://app.example" or "http://localhost:5173": what a browser sends as Origin. Case and a default port do not
// matter.
int w3p_caveat_origin(struct w3p_caveat *out, struct w3p_errmsg *msg, const char *origin) W3P_NODISCARD;
// "192.0.2.7", "10.0.0.0/8", "2001:db8::/32".
int w3p_caveat_net(struct w3p_caveat *out, struct w3p_errmsg *msg, const char *net) W3P_NODISCARD;

// Everything that a token's caveats leave.
struct w3p_restrictions {
    w3p_scopes scopes;
    int64_t expires_s;
    bool has_cids, has_origin, has_max_bytes, has_net;
    bool no_origin, no_net; // caveats that contradict each other: nothing fits
    size_t cid_count;       // may be 0 with has_cids: no content is in all lists
    uint8_t cid16[W3P_CAVEAT_CIDS_MAX][W3P_CAVEAT_CID_BYTES];
    uint8_t origin8[8];
    uint64_t max_bytes;
    uint8_t net16[16]; // IPv4 as ::ffff:a.b.c.d
    unsigned net_bits; // of the 128
};
void w3p_restrictions_init(struct w3p_restrictions *out, int64_t expires_s); // all scopes, nothing else
// Takes one caveat into account. False: not known, or malformed; then *r must not be used any more.
bool w3p_restrictions_add(struct w3p_restrictions *r, uint8_t type, const uint8_t *value, size_t len);
// True when they say more than scopes and an end.
bool w3p_restrictions_any(const struct w3p_restrictions *r);
// The network of has_net, as w3p_caveat_net takes it: "10.0.0.0/8".
#define W3P_RESTRICTIONS_NET_MAX 64
void w3p_restrictions_format_net(char out[W3P_RESTRICTIONS_NET_MAX], const struct w3p_restrictions *r);
// The same again as caveats, but for scopes and the end: for a token that another one mints. How many there are.
#define W3P_RESTRICTIONS_CAVEATS_MAX 6
size_t w3p_restrictions_caveats(struct w3p_caveat out[W3P_RESTRICTIONS_CAVEATS_MAX], const struct w3p_restrictions *r);

bool w3p_restrictions_permit_cid(const struct w3p_restrictions *r, const uint8_t *multihash, size_t len);
bool w3p_restrictions_permit_bytes(const struct w3p_restrictions *r, uint64_t bytes);
// The request's Origin header as it came; NULL or empty: it has none, which fits no restriction.
bool w3p_restrictions_permit_origin(const struct w3p_restrictions *r, const char *origin, size_t len);
bool w3p_restrictions_permit_addr(const struct w3p_restrictions *r, const uint8_t addr16[16]); // of the client

#endif
