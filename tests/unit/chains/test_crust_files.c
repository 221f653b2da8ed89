// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a file's entry in its three layouts: the vectors of the real runtime, every truncation, every change of a
// length; and the price.
#include "unit/chains/chain_test.h"

#include <criterion/parameterized.h>

#include "crust/crust_internal.h"

TestSuite(crust_files, .timeout = 20);

#define X32(b) b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b
#define X64(b) X32(b) X32(b)
// entries as Crust's market pallet encodes them
#define VECTOR_A "000010000000000000000000000000000000000003000000be492100 00 00000000 00"
#define VECTOR_B                                                                                                       \
    "00001000000000000000b0000000000040d87300404b4c00328e0900070010a5d4e8020000000200000008" X32("aa")                 \
        X32("bb") "404b4c00 0101" X64("11") "01 0158474c00" X32("cc") X32("cc") "a44b4c00 0101" X64("22") "01 00"
// one replica without created_at, two groups
#define GENESIS                                                                                                        \
    "0000100000000000 40d87300 404b4c00 8c630200000000000000000000000000 00000000000000000000000000000000 01000000"    \
    "04" X32("bb") "404b4c00 0c616263 01 0050000000000000 02000000 08 0c616161 01 0c626262 00"

static const struct {
    const char *name, *hex;
    enum w3p_crust_layout layout;
    uint64_t size, expires;
    uint32_t replicas;
    size_t len;
} vectors[] = {
    {"A: pending, Rocky", VECTOR_A, W3P_CRUST_FILES_SPEC3, 1048576, 0, 0, 34},
    {"B: two replicas, mainnet", VECTOR_B, W3P_CRUST_FILES_V2, 1048576, 7592000, 2, 319},
    {"C: the first runtime", GENESIS, W3P_CRUST_FILES_GENESIS, 1048576, 7592000, 1, 117},
};

ParameterizedTestParameters(crust_files, vector)
{
    static int index[sizeof(vectors) / sizeof(vectors[0])];
    for (int i = 0; i < (int)(sizeof(vectors) / sizeof(vectors[0])); i++)
        index[i] = i;
    return cr_make_param_array(int, index, sizeof(vectors) / sizeof(vectors[0]));
}

ParameterizedTest(int *i, crust_files, vector)
{
    struct test_bytes b = test_hex(vectors[*i].hex);
    struct w3p_chain_file file = {0}, other = {0};
    cr_expect(eq(sz, b.len, vectors[*i].len));
    cr_assert(eq(int, w3p_crust_file_decode(&file, vectors[*i].layout, b.ptr, b.len), W3P_OK), "%s", vectors[*i].name);
    cr_expect(file.exists);
    cr_expect(eq(u64, file.size, vectors[*i].size));
    cr_expect(eq(u64, file.expires_at_block, vectors[*i].expires));
    cr_expect(eq(u32, file.replicas, vectors[*i].replicas));
    for (size_t cut = 0; cut < b.len; cut++) {
        uint8_t *exact = w3p_memdup(b.ptr, cut);
        cr_expect(ne(int, w3p_crust_file_decode(&other, vectors[*i].layout, exact, cut), W3P_OK), "cut at %zu", cut);
        free(exact);
    }
    cr_expect(not(other.exists), "a failure must not leave half an entry");
    uint8_t *longer = w3p_calloc(b.len + 1, 1);
    memcpy(longer, b.ptr, b.len);
    cr_expect(ne(int, w3p_crust_file_decode(&other, vectors[*i].layout, longer, b.len + 1), W3P_OK));
    free(longer);
    for (int layout = 0; layout < 3; layout++)
        if (layout != (int)vectors[*i].layout)
            cr_expect(ne(int, w3p_crust_file_decode(&other, (enum w3p_crust_layout)layout, b.ptr, b.len), W3P_OK),
                      "%s in layout %d", vectors[*i].name, layout);
    free(b.ptr);
}

// No change of one byte may crash or read outside; booleans and lengths are strict.
Test(crust_files, mutations)
{
    struct test_bytes b = test_hex(VECTOR_B);
    struct w3p_chain_file file;
    unsigned refused = 0;
    for (size_t at = 0; at < b.len; at++) {
        for (unsigned value = 0; value < 256; value++) {
            uint8_t *copy = w3p_memdup(b.ptr, b.len);
            copy[at] = (uint8_t)value;
            refused += w3p_crust_file_decode(&file, W3P_CRUST_FILES_V2, copy, b.len) != W3P_OK;
            free(copy);
        }
    }
    cr_expect(lt(uint, 1000, refused));
    free(b.ptr);
}

Test(crust_files, price)
{
    struct w3p_chain_terms t = {.base_fee = 5, .per_mib_fee = 10000, .keys_fee = 1000000};
    cr_expect(eq(u64, (uint64_t)w3p_chain_price(&t, 0), 1000005));
    cr_expect(eq(u64, (uint64_t)w3p_chain_price(&t, 1), 1010005));
    cr_expect(eq(u64, (uint64_t)w3p_chain_price(&t, 1048576), 1010005));
    cr_expect(eq(u64, (uint64_t)w3p_chain_price(&t, 1048577), 1020005));
    cr_expect(eq(u64, (uint64_t)w3p_chain_price(&t, UINT64_MAX), 1000005 + 10000 * (UINT64_C(1) << 44)));
    t.tip = 7;
    cr_expect(eq(u64, (uint64_t)w3p_chain_price(&t, 1), 1010012));
    t.tip = ~(w3p_u128)0 - 1010005;
    cr_expect(w3p_chain_price(&t, 1) == ~(w3p_u128)0);
    t.tip++;
    cr_expect(w3p_chain_price(&t, 1) == ~(w3p_u128)0);
    t.tip = 0;
    t.per_mib_fee = ~(w3p_u128)0;
    cr_expect(w3p_chain_price(&t, 1048577) == ~(w3p_u128)0);
    cr_expect(w3p_chain_price(&t, 1) == ~(w3p_u128)0);
    t.per_mib_fee = (w3p_u128)1 << 127; // twice that is nothing at all
    cr_expect(w3p_chain_price(&t, 1048577) == ~(w3p_u128)0);
    t.per_mib_fee = ~(w3p_u128)0 - 1000000;
    cr_expect(w3p_chain_price(&t, 1) == ~(w3p_u128)0);
}
