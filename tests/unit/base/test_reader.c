// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the cursor at the end of its bytes, its sticky error, and varints that are not minimal.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/reader.h"

Test(reader, the_first_failure_sticks_and_moves_nothing)
{
    struct w3p_reader r;
    w3p_reader_init(&r, "\x01\x02\x03", 3);
    cr_assert(w3p_reader_le32(&r) == 0);
    cr_assert(r.err == W3P_E_INVALID && r.pos == 0);
    cr_assert(w3p_reader_u8(&r) == 0 && r.pos == 0);
    cr_assert(w3p_reader_take(&r, 0).ptr == NULL);
    cr_assert(w3p_reader_left(&r) == 0);
    w3p_reader_fail(&r, W3P_E_LIMIT);
    cr_assert(w3p_reader_end(&r) == W3P_E_INVALID);
}

Test(reader, lengths_from_foreign_bytes_do_not_wrap)
{
    struct w3p_reader r;
    w3p_reader_init(&r, "\x01\x02\x03", 3);
    w3p_reader_skip(&r, 1);
    w3p_reader_skip(&r, SIZE_MAX);
    cr_assert(r.err == W3P_E_INVALID && r.pos == 1);
    w3p_reader_init(&r, NULL, 0);
    cr_assert(w3p_reader_end(&r) == W3P_OK);
    w3p_reader_skip(&r, 1);
    cr_assert(r.err == W3P_E_INVALID);
}

Test(reader, trailing_bytes_are_an_error)
{
    struct w3p_reader r;
    w3p_reader_init(&r, "\x01\x02", 2);
    cr_assert(w3p_reader_u8(&r) == 1);
    cr_assert(w3p_reader_end(&r) == W3P_E_INVALID);
}

Test(reader, reads_little_endian)
{
    static const uint8_t bytes[] = {1, 2, 1, 6, 5, 4, 3, 14, 13, 12, 11, 10, 9, 8, 7,   5,
                                    0, 0, 0, 0, 0, 0, 0, 0,  0,  0,  0,  0,  0, 0, 0x80};
    struct w3p_reader r;
    w3p_reader_init(&r, bytes, sizeof(bytes) - 1);
    cr_expect(w3p_reader_u8(&r) == 1);
    cr_expect(w3p_reader_le16(&r) == 0x0102);
    cr_expect(w3p_reader_le32(&r) == 0x03040506);
    cr_expect(w3p_reader_le64(&r) == 0x0708090a0b0c0d0eULL);
    struct w3p_reader shorter = r;
    cr_expect(w3p_reader_le128(&shorter) == 0 && shorter.err == W3P_E_INVALID && shorter.pos == r.pos);
    r.len++;
    cr_expect(w3p_reader_le128(&r) == ((w3p_u128)1 << 127 | 5));
    cr_expect(w3p_reader_end(&r) == W3P_OK);
}

static const struct {
    const char *bytes;
    size_t len;
    int err;
    uint64_t value;
} varints[] = {
    {"", 0, W3P_E_INVALID, 0},
    {"\x80", 1, W3P_E_INVALID, 0},         // cut
    {"\x80\x00", 2, W3P_E_INVALID, 0},     // 0 in two bytes
    {"\x81\x80\x00", 3, W3P_E_INVALID, 0}, // 1 in three bytes
    {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, W3P_E_INVALID, 0},
    {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 10, W3P_E_INVALID, 0},
    {"\x00", 1, W3P_OK, 0},
    {"\x7f", 1, W3P_OK, 127},
    {"\x80\x01", 2, W3P_OK, 128},
    {"\xff\x01", 2, W3P_OK, 255},
    {"\xac\x02", 2, W3P_OK, 300},
    {"\x80\x80\x01", 3, W3P_OK, 16384},
    {"\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 9, W3P_OK, INT64_MAX},
};

Test(reader, varints_are_minimal_and_at_most_nine_bytes)
{
    for (size_t i = 0; i < sizeof(varints) / sizeof(varints[0]); i++) {
        struct w3p_reader r;
        w3p_reader_init(&r, varints[i].bytes, varints[i].len);
        uint64_t value = w3p_reader_varint(&r);
        cr_expect(r.err == varints[i].err, "case %zu: err %d", i, r.err);
        cr_expect(value == varints[i].value, "case %zu: value %llu", i, (unsigned long long)value);
        cr_expect(r.pos == (r.err == W3P_OK ? varints[i].len : 0), "case %zu: pos %zu", i, r.pos);
    }
}
