// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: SCALE: only minimal compact integers, lengths bounded by what is there, round trips.
#include "chain_test.h"
#include "substrate/scale.h"

// Non-minimal, cut off, or wider than 128 bits.
static const char *const bad_compacts[] = {
    "",
    "01",                                     // two-byte mode, one byte
    "0100",                                   // 0 in two bytes
    "fd00",                                   // 63 in two bytes
    "02000000",                               // 0 in four bytes
    "feff0000",                               // 16383 in four bytes
    "020000",                                 // cut off
    "0300000000",                             // 0 in big mode
    "03ffffff3f",                             // 2^30-1 in big mode
    "070000008000",                           // leading zero byte
    "0f0000000000ff",                         // cut off
    "130000000000000000",                     // 8 bytes, top zero
    "33ffffffffffffffffffffffffffffff00",     // 16 bytes, top zero
    "37ffffffffffffffffffffffffffffffffff01", // 17 bytes
};

Test(scale, refuses_bad_compacts)
{
    for (size_t i = 0; i < sizeof bad_compacts / sizeof bad_compacts[0]; i++) {
        struct test_bytes bytes = test_hex(bad_compacts[i]);
        struct w3p_reader r;
        w3p_reader_init(&r, bytes.ptr, bytes.len);
        w3p_u128 value = w3p_scale_compact_u128(&r);
        cr_assert(r.err == W3P_E_INVALID, "%s was read", bad_compacts[i]);
        cr_assert(value == 0);
        free(bytes.ptr);
    }
}

static const struct {
    uint64_t high, low;
    const char *hex;
} compacts[] = {
    {0, 0, "00"},
    {0, 1, "04"},
    {0, 42, "a8"},
    {0, 63, "fc"},
    {0, 64, "0101"},
    {0, 69, "1501"},
    {0, 16383, "fdff"},
    {0, 16384, "02000100"},
    {0, 65535, "feff0300"},
    {0, 0x3fffffff, "feffffff"},
    {0, 0x40000000, "0300000040"},
    {0, 0xffffffff, "03ffffffff"},
    {0, 0x100000000, "070000000001"},
    {0, 100000000000000, "0b00407a10f35a"},
    {0, 0x00ffffffffffffff, "0fffffffffffffff"},
    {0, UINT64_MAX, "13ffffffffffffffff"},
    {1, 0, "17000000000000000001"},
    {UINT64_MAX, UINT64_MAX, "33ffffffffffffffffffffffffffffffff"},
};

Test(scale, compacts_go_both_ways)
{
    for (size_t i = 0; i < sizeof compacts / sizeof compacts[0]; i++) {
        w3p_u128 value = (w3p_u128)compacts[i].high << 64 | compacts[i].low;
        struct w3p_buf out;
        w3p_buf_init(&out, 32);
        w3p_scale_put_compact(&out, value);
        cr_assert(test_is_hex(out.ptr, out.len, compacts[i].hex));
        struct w3p_reader r;
        w3p_reader_init(&r, out.ptr, out.len);
        cr_assert(w3p_scale_compact_u128(&r) == value);
        cr_assert(w3p_reader_end(&r) == W3P_OK);
        w3p_reader_init(&r, out.ptr, out.len);
        uint64_t low = w3p_scale_compact(&r);
        cr_assert(eq(int, r.err == W3P_OK, compacts[i].high == 0));
        cr_assert(low == (compacts[i].high == 0 ? compacts[i].low : 0));
        w3p_buf_deinit(&out);
    }
}

Test(scale, lengths_are_believed_only_with_bytes_behind)
{
    static const uint8_t three[] = {0x0c, 'a', 'b', 'c'};
    struct w3p_reader r;
    w3p_reader_init(&r, three, sizeof three);
    struct w3p_span got = w3p_scale_bytes(&r, 3);
    cr_assert(w3p_span_eq_str(got, "abc"));
    cr_assert(w3p_reader_end(&r) == W3P_OK);

    w3p_reader_init(&r, three, sizeof three);
    cr_assert(w3p_scale_bytes(&r, 2).len == 0);
    cr_assert(eq(int, r.err, W3P_E_LIMIT));

    w3p_reader_init(&r, three, sizeof three - 1);
    cr_assert(w3p_scale_length(&r, 100) == 0);
    cr_assert(eq(int, r.err, W3P_E_INVALID));

    static const uint8_t huge[] = {0x13, 255, 255, 255, 255, 255, 255, 255, 255};
    w3p_reader_init(&r, huge, sizeof huge);
    cr_assert(w3p_scale_bytes(&r, SIZE_MAX).len == 0);
    cr_assert(eq(int, r.err, W3P_E_INVALID));
}

Test(scale, a_bool_is_one_of_two_bytes)
{
    static const uint8_t bytes[] = {0, 1, 2};
    struct w3p_reader r;
    w3p_reader_init(&r, bytes, sizeof bytes);
    cr_assert(w3p_scale_bool(&r) == false);
    cr_assert(w3p_scale_bool(&r));
    cr_assert(w3p_scale_bool(&r) == false);
    cr_assert(eq(int, r.err, W3P_E_INVALID));
}
