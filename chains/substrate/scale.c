// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: SCALE on the common reader and buffer. The same strictness as the codec of Substrate: one value has exactly
// one accepted form, and a length is believed only as far as there are bytes behind it.
// Must not: allocate.
#include "substrate/scale.h"

// The low two bits of the first byte say how wide a compact integer is.
enum { MODE_ONE_BYTE = 0, MODE_TWO_BYTES = 1, MODE_FOUR_BYTES = 2 };

#define ONE_BYTE_MAX 0x3fu
#define TWO_BYTES_MAX 0x3fffu
#define FOUR_BYTES_MAX 0x3fffffffu

static w3p_u128 compact_big(struct w3p_reader *r, uint8_t first)
{
    size_t width = (size_t)(first >> 2) + 4;
    if (width > sizeof(w3p_u128)) {
        w3p_reader_fail(r, W3P_E_INVALID);
        return 0;
    }
    struct w3p_span bytes = w3p_reader_take(r, width);
    w3p_u128 value = 0;
    for (size_t i = bytes.len; i > 0; i--)
        value = value << 8 | bytes.ptr[i - 1];
    bool minimal = value > FOUR_BYTES_MAX && value >> (8 * (width - 1)) != 0;
    if (r->err == W3P_OK && !minimal)
        w3p_reader_fail(r, W3P_E_INVALID);
    return r->err == W3P_OK ? value : 0;
}

w3p_u128 w3p_scale_compact_u128(struct w3p_reader *r)
{
    uint8_t first = w3p_reader_u8(r);
    uint32_t value, floor;
    switch (first & 3) {
    case MODE_ONE_BYTE:
        return first >> 2;
    case MODE_TWO_BYTES:
        value = ((uint32_t)first | (uint32_t)w3p_reader_u8(r) << 8) >> 2;
        floor = ONE_BYTE_MAX;
        break;
    case MODE_FOUR_BYTES:
        value = (uint32_t)first | (uint32_t)w3p_reader_u8(r) << 8;
        value = (value | (uint32_t)w3p_reader_le16(r) << 16) >> 2;
        floor = TWO_BYTES_MAX;
        break;
    default:
        return compact_big(r, first);
    }
    if (value <= floor)
        w3p_reader_fail(r, W3P_E_INVALID);
    return r->err == W3P_OK ? value : 0;
}

uint64_t w3p_scale_compact(struct w3p_reader *r)
{
    w3p_u128 value = w3p_scale_compact_u128(r);
    if (value > UINT64_MAX) {
        w3p_reader_fail(r, W3P_E_INVALID);
        return 0;
    }
    return (uint64_t)value;
}

size_t w3p_scale_length(struct w3p_reader *r, size_t max)
{
    uint64_t value = w3p_scale_compact(r);
    if (r->err != W3P_OK)
        return 0;
    if (value > w3p_reader_left(r)) {
        w3p_reader_fail(r, W3P_E_INVALID);
        return 0;
    }
    if (value > max) {
        w3p_reader_fail(r, W3P_E_LIMIT);
        return 0;
    }
    return (size_t)value;
}

struct w3p_span w3p_scale_bytes(struct w3p_reader *r, size_t max)
{
    size_t len = w3p_scale_length(r, max);
    return w3p_reader_take(r, len);
}

bool w3p_scale_bool(struct w3p_reader *r)
{
    uint8_t value = w3p_reader_u8(r);
    if (value > 1) {
        w3p_reader_fail(r, W3P_E_INVALID);
        return false;
    }
    return value == 1;
}

void w3p_scale_put_compact(struct w3p_buf *out, w3p_u128 value)
{
    if (value <= ONE_BYTE_MAX) {
        w3p_buf_put_u8(out, (uint8_t)(value << 2));
    } else if (value <= TWO_BYTES_MAX) {
        w3p_buf_put_le16(out, (uint16_t)(value << 2 | MODE_TWO_BYTES));
    } else if (value <= FOUR_BYTES_MAX) {
        w3p_buf_put_le32(out, (uint32_t)(value << 2 | MODE_FOUR_BYTES));
    } else {
        uint8_t bytes[1 + sizeof value];
        size_t width = 0;
        for (w3p_u128 rest = value; rest != 0; rest >>= 8)
            bytes[1 + width++] = (uint8_t)(rest & 0xff);
        bytes[0] = (uint8_t)((width - 4) << 2 | 3);
        w3p_buf_put(out, bytes, 1 + width);
    }
}

void w3p_scale_put_bytes(struct w3p_buf *out, const void *bytes, size_t len)
{
    w3p_scale_put_compact(out, len);
    w3p_buf_put(out, bytes, len);
}
