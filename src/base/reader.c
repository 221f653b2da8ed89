// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the sticky-error cursor. Reads only inside the bytes that it was given; allocates nothing.
#include "base/reader.h"

void w3p_reader_init(struct w3p_reader *r, const void *bytes, size_t len)
{
    *r = (struct w3p_reader){.ptr = bytes, .len = len};
}

size_t w3p_reader_left(const struct w3p_reader *r)
{
    return r->err != W3P_OK ? 0 : r->len - r->pos;
}

void w3p_reader_fail(struct w3p_reader *r, int err)
{
    if (r->err == W3P_OK)
        r->err = err;
}

struct w3p_span w3p_reader_take(struct w3p_reader *r, size_t len)
{
    if (r->err != W3P_OK || len > r->len - r->pos) {
        w3p_reader_fail(r, W3P_E_INVALID);
        return (struct w3p_span){0};
    }
    struct w3p_span span = {.ptr = r->ptr == NULL ? NULL : r->ptr + r->pos, .len = len};
    r->pos += len;
    return span;
}

void w3p_reader_skip(struct w3p_reader *r, size_t len)
{
    (void)w3p_reader_take(r, len);
}

static uint64_t read_le(struct w3p_reader *r, size_t len)
{
    struct w3p_span span = w3p_reader_take(r, len);
    uint64_t value = 0;
    for (size_t i = span.len; i > 0; i--)
        value = value << 8 | span.ptr[i - 1];
    return value;
}

uint8_t w3p_reader_u8(struct w3p_reader *r)
{
    return (uint8_t)read_le(r, 1);
}

uint16_t w3p_reader_le16(struct w3p_reader *r)
{
    return (uint16_t)read_le(r, 2);
}

uint32_t w3p_reader_le32(struct w3p_reader *r)
{
    return (uint32_t)read_le(r, 4);
}

uint64_t w3p_reader_le64(struct w3p_reader *r)
{
    return read_le(r, 8);
}

w3p_u128 w3p_reader_le128(struct w3p_reader *r)
{
    // Both halves or nothing: a failed read moves nothing.
    struct w3p_span span = w3p_reader_take(r, 16);
    w3p_u128 value = 0;
    for (size_t i = span.len; i > 0; i--)
        value = value << 8 | span.ptr[i - 1];
    return value;
}

uint64_t w3p_reader_varint(struct w3p_reader *r)
{
    size_t start = r->pos;
    uint64_t value = 0;
    for (unsigned i = 0; i < 9; i++) {
        uint8_t byte = w3p_reader_u8(r);
        if (r->err != W3P_OK)
            break;
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) == 0) {
            if (byte == 0 && i > 0) // a shorter spelling exists
                break;
            return value;
        }
    }
    r->pos = start;
    w3p_reader_fail(r, W3P_E_INVALID);
    return 0;
}

int w3p_reader_end(struct w3p_reader *r)
{
    if (r->err == W3P_OK && r->pos != r->len)
        r->err = W3P_E_INVALID;
    return r->err;
}
