// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: SCALE on the common reader and buffer.
// Threads: any, one object at a time.  Source: the SCALE codec.
#ifndef W3P_CHAINS_SUBSTRATE_SCALE_H
#define W3P_CHAINS_SUBSTRATE_SCALE_H

#include "base/reader.h"

// Compact integers, minimal encoding only (a longer form than needed fails the reader with W3P_E_INVALID).
w3p_u128 w3p_scale_compact_u128(struct w3p_reader *r);
uint64_t w3p_scale_compact(struct w3p_reader *r); // fails above UINT64_MAX
// A length: compact, at most `max` and at most what is left of the reader (each element is at least one byte).
size_t w3p_scale_length(struct w3p_reader *r, size_t max);
struct w3p_span w3p_scale_bytes(struct w3p_reader *r, size_t max); // length-prefixed
bool w3p_scale_bool(struct w3p_reader *r);                         // 0 or 1 only

void w3p_scale_put_compact(struct w3p_buf *out, w3p_u128 value);
void w3p_scale_put_bytes(struct w3p_buf *out, const void *bytes, size_t len); // length-prefixed

#endif
