// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: content identifiers. Parses every spelling that clients send, and gives the two canonical forms that the
// rest stands on: the key under which the same content is found, and the string that goes into a storage order.
// Threads: any.  Ownership: plain values.  Source: the multiformats CID specification.
#ifndef W3P_BASE_CID_H
#define W3P_BASE_CID_H

#include "base/bytes.h"

#define W3P_CID_DIGEST_MAX 64 // longest multihash digest that is accepted
#define W3P_CID_TEXT_MAX 192  // longest spelling that is accepted, in characters
#define W3P_CID_KEY_MAX 96    // codec varint, hash varint, length varint, digest
#define W3P_CID_ORDER_MAX 160 // canonical string with its NUL

enum { W3P_CODEC_RAW = 0x55, W3P_CODEC_DAG_PB = 0x70, W3P_HASH_IDENTITY = 0x00, W3P_HASH_SHA2_256 = 0x12 };

struct w3p_cid {
    uint8_t version; // 0 or 1, as spelled
    uint64_t codec;  // dag-pb for version 0
    uint64_t hash;   // multihash code
    uint8_t digest[W3P_CID_DIGEST_MAX];
    uint8_t digest_len;
};

// Accepts v0 (Qm…, 46 characters) and v1 in base16 f/F, base32 b/B, base36 k/K, base58btc z, base64url u and
// base64 m (unpadded). W3P_E_INVALID for what is no CID, W3P_E_UNSUPPORTED for identity multihashes,
// libp2p keys (IPNS names) and digests outside 20..64 bytes. *why (may be NULL) is a static sentence for the client.
int w3p_cid_parse(struct w3p_cid *out, const char **why, const char *text, size_t len) W3P_NODISCARD;

// Key of the content: varint(codec) ‖ multihash. Equal for v0 and v1 spellings of the same content.
size_t w3p_cid_key(uint8_t out[W3P_CID_KEY_MAX], const struct w3p_cid *cid);

// The multihash alone: varint(hash) ‖ varint(length) ‖ digest. Equal for every codec.
size_t w3p_cid_multihash(uint8_t out[W3P_CID_KEY_MAX], const struct w3p_cid *cid);

// The spelling of a storage order: Qm… for dag-pb with sha2-256, else CIDv1 in lower-case base32.
void w3p_cid_format_order(char out[W3P_CID_ORDER_MAX], const struct w3p_cid *cid);
// The other spelling under which somebody may have ordered the content (base32 v1 of a Qm…). False if there is none.
bool w3p_cid_format_alternate(char out[W3P_CID_ORDER_MAX], const struct w3p_cid *cid);

#endif
