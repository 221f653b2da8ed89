// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: extrinsics, version 4: eras, the payload that is signed, building, and taking apart.
// Threads: any.  Ownership: the caller's buffers.  Source: extrinsic v4, Substrate 3 to today.
#ifndef W3P_CHAINS_SUBSTRATE_EXTRINSIC_H
#define W3P_CHAINS_SUBSTRATE_EXTRINSIC_H

#include "base/reader.h"
#include "crypto/keys.h"
#include "substrate/metadata.h"

struct w3p_era {
    bool mortal;
    uint64_t period; // power of two, 4..65536
    uint64_t phase;
};
// The era of `period` blocks that is alive at block `current`.
struct w3p_era w3p_era_at(uint64_t period, uint64_t current);
void w3p_era_encode(struct w3p_buf *out, struct w3p_era era);
struct w3p_era w3p_era_decode(struct w3p_reader *r);          // invalid eras fail the reader, as Substrate does
uint64_t w3p_era_birth(struct w3p_era era, uint64_t current); // 0 when immortal
uint64_t w3p_era_death(struct w3p_era era, uint64_t current); // UINT64_MAX when immortal

enum w3p_address_form { W3P_ADDRESS_RAW, W3P_ADDRESS_MULTI }; // 32 bytes, or 00 ‖ 32 bytes

// What the signed extensions of the metadata put beside the call.
struct w3p_xt_params {
    uint32_t spec_version, tx_version;
    uint8_t genesis32[32], birth_hash32[32]; // birth hash = genesis when immortal
    struct w3p_era era;
    uint32_t nonce;
    w3p_u128 tip;
    enum w3p_address_form address_form;
};

// W3P_E_UNSUPPORTED, naming the extension, when the metadata lists one that is not known and adds bytes, or a known one
// with other types: never guess.
int w3p_xt_check_extensions(const struct w3p_metadata *md, struct w3p_errmsg *msg) W3P_NODISCARD;
// How this runtime writes addresses. W3P_E_NOTFOUND when its metadata does not tell (V12 and V13), W3P_E_UNSUPPORTED
// for addresses or signatures of a form that is not known.
int w3p_xt_address_form(enum w3p_address_form *form, struct w3p_errmsg *msg,
                        const struct w3p_metadata *md) W3P_NODISCARD;
// extra and additional parts for these extensions, in their order.
int w3p_xt_extra(struct w3p_buf *extra, struct w3p_buf *additional, const struct w3p_metadata *md,
                 const struct w3p_xt_params *params) W3P_NODISCARD;
// The whole extrinsic with its length prefix. key signs call ‖ extra ‖ additional (its blake2b-256 above 256 bytes).
int w3p_xt_sign(struct w3p_buf *out, struct w3p_errmsg *msg, const struct w3p_metadata *md,
                const struct w3p_xt_params *params, const struct w3p_keypair *key, struct w3p_span call) W3P_NODISCARD;
// blake2b-256 of all bytes with the length prefix.
void w3p_xt_hash(uint8_t hash32[32], const uint8_t *bytes, size_t len);

// A signed extrinsic taken apart (devnet, `inspect`). Spans borrow.
struct w3p_xt {
    uint8_t signer32[32];
    uint8_t sig_type;    // 0 ed25519, 1 sr25519, 2 ecdsa
    struct w3p_span sig; // 64 or 65 bytes
    struct w3p_era era;
    uint32_t nonce;
    w3p_u128 tip;
    struct w3p_span extra; // as encoded
    struct w3p_span call;  // to the end
};
// With the extensions of Substrate 3 in the order of the metadata. W3P_E_INVALID for anything else than a signed v4.
int w3p_xt_decode(struct w3p_xt *out, const struct w3p_metadata *md, enum w3p_address_form form, const uint8_t *bytes,
                  size_t len) W3P_NODISCARD;
// Verifies the signature over call ‖ extra ‖ additional.
enum w3p_verdict w3p_xt_verify(const struct w3p_xt *xt, struct w3p_span additional);

#endif
