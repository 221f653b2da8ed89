// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: sticky-error cursor over foreign bytes. Read all fields, then look at `err` once: after the first failure
// every read gives zero or an empty span and moves nothing.
// Threads: any, one object at a time.  Ownership: borrows the bytes; the spans it gives borrow them too.
#ifndef W3P_BASE_READER_H
#define W3P_BASE_READER_H

#include "base/bytes.h"

struct w3p_reader {
    const uint8_t *ptr;
    size_t len, pos;
    int err; // W3P_OK, or W3P_E_INVALID / W3P_E_LIMIT / W3P_E_UNSUPPORTED by whoever failed it first
};

void w3p_reader_init(struct w3p_reader *r, const void *bytes, size_t len);
size_t w3p_reader_left(const struct w3p_reader *r);
void w3p_reader_fail(struct w3p_reader *r, int err); // keeps the first error
uint8_t w3p_reader_u8(struct w3p_reader *r);
uint16_t w3p_reader_le16(struct w3p_reader *r);
uint32_t w3p_reader_le32(struct w3p_reader *r);
uint64_t w3p_reader_le64(struct w3p_reader *r);
w3p_u128 w3p_reader_le128(struct w3p_reader *r);
struct w3p_span w3p_reader_take(struct w3p_reader *r, size_t len);
void w3p_reader_skip(struct w3p_reader *r, size_t len);
// Unsigned LEB128 of multiformats: at most 9 bytes, minimal encoding only.
uint64_t w3p_reader_varint(struct w3p_reader *r);
// W3P_OK when nothing failed and nothing is left; W3P_E_INVALID for trailing bytes.
int w3p_reader_end(struct w3p_reader *r) W3P_NODISCARD;

#endif
