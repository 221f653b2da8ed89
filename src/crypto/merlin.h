// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: Merlin transcripts over STROBE-128, as far as schnorrkel needs them.
// Threads: any, one object at a time.  Source: merlin.cool, strobe.sourceforge.io.
#ifndef W3P_CRYPTO_MERLIN_H
#define W3P_CRYPTO_MERLIN_H

#include "base/bytes.h"

struct w3p_merlin {
    uint64_t state[25];
    uint8_t pos, pos_begin;
};

void w3p_merlin_init(struct w3p_merlin *t, const char *label);
void w3p_merlin_append(struct w3p_merlin *t, const char *label, const void *bytes, size_t len);
void w3p_merlin_challenge(struct w3p_merlin *t, uint8_t *out, size_t out_len, const char *label);
// The witness generator of schnorrkel's signer: rekeyed with nonce32 and random32, labels "signing" and "rng".
void w3p_merlin_witness(const struct w3p_merlin *t, uint8_t out64[64], const char *label, const uint8_t nonce32[32],
                        const uint8_t random32[32]);

#endif
