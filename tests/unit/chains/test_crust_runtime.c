// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the backend accepts in a runtime's metadata: the real one, and the same bytes with one name or type
// changed, each of which must be refused with a sentence.
#include "unit/chains/chain_test.h"

#include <criterion/parameterized.h>

#include "crust/crust_internal.h"

TestSuite(crust_runtime, .timeout = 20);

// Replaces the first occurrence behind `after` by text of the same length.
static void replace(struct test_bytes *b, const char *after, const char *from, const char *to)
{
    cr_assert(eq(sz, strlen(from), strlen(to)));
    uint8_t *start = memmem(b->ptr, b->len, after, strlen(after));
    cr_assert(start != NULL, "%s", after);
    uint8_t *at = memmem(start, b->len - (size_t)(start - b->ptr), from, strlen(from));
    cr_assert(at != NULL, "%s", from);
    memcpy(at, to, strlen(to));
}

Test(crust_runtime, the_real_one)
{
    struct test_bytes b = test_rocky_bytes();
    struct w3p_crust_runtime *rt = NULL;
    struct w3p_errmsg msg = {{0}};
    cr_assert(eq(int, w3p_crust_runtime_parse(&rt, &msg, "crust", b.ptr, b.len), W3P_OK), "%s", msg.text);
    cr_expect(eq(int, (int)rt->layout, (int)W3P_CRUST_FILES_SPEC3));
    cr_expect(eq(int, rt->market->index, 20));
    cr_expect(zero(int, rt->call_index));
    cr_expect(rt->call_has_memo);
    cr_expect(eq(u64, rt->size_max, UINT64_C(0x800000000)));
    cr_expect(eq(uint, (unsigned)rt->existential_deposit, 100000000));
    cr_expect(eq(int, rt->ss58_prefix, 66));
    cr_expect(eq(int, (int)rt->address_form, (int)W3P_ADDRESS_RAW));
    w3p_crust_runtime_free(rt);
    cr_assert(eq(int, w3p_crust_runtime_parse(&rt, &msg, "shadow", b.ptr, b.len), W3P_OK));
    cr_expect(eq(int, (int)rt->address_form, (int)W3P_ADDRESS_MULTI));
    w3p_crust_runtime_free(rt);
    free(b.ptr);
}

static const struct {
    const char *after, *from, *to, *says;
} changes[] = {
    {"Sudo", "CheckNonce", "CheckNonze", "CheckNonze"},
    {"FileKeysCountFee", "FileInfo<", "FileInfa<", "FileInfa"},
    {"OrdersCount",
     "\x14"
     "Files",
     "\x14"
     "Filez",
     "Market.Files"},
    {"FileKeysCountFee", "MerkleRoot", "MerkleRuut", "Market.Files"},
    {"HasNewOrder", "place_storage_order", "place_storage_ordre", "place_storage_order"},
    {"place_storage_order", "reported_file_size", "reported_file_sise", "place_storage_order"},
    {"reported_file_size", "u64", "u32", "place_storage_order"},
    {"place_storage_order", "tips", "tipz", "place_storage_order"},
    {"place_storage_order", "Compact<BalanceOf<T>>", "Compact<BalanzeOf<T>>", "place_storage_order"},
    {"place_storage_order", "_memo", "_mema", "place_storage_order"},
    {"OrdersCount", "EnableMarket", "EnableMarked", "switch"},
    {"OrdersCount", "FileByteFee", "FileBiteFee", "fees"},
    {"OrdersCount",
     "\x40"
     "FileKeysCountFee",
     "\x40"
     "FileKeysCountFea",
     "fees"},
    {"FileBaseFee", "BalanceOf<T>", "BalanzeOf<T>", "fees"},
    {"OrdersCount", "MaximumFileSize", "MaximumFileSice", "MaximumFileSize"},
    {"System", "Events", "Evenzz", "System.Events"},
};

ParameterizedTestParameters(crust_runtime, refused)
{
    static int index[sizeof(changes) / sizeof(changes[0])];
    for (int i = 0; i < (int)(sizeof(changes) / sizeof(changes[0])); i++)
        index[i] = i;
    return cr_make_param_array(int, index, sizeof(changes) / sizeof(changes[0]));
}

ParameterizedTest(int *i, crust_runtime, refused)
{
    struct test_bytes b = test_rocky_bytes();
    struct w3p_crust_runtime *rt = NULL;
    struct w3p_errmsg msg = {{0}};
    replace(&b, changes[*i].after, changes[*i].from, changes[*i].to);
    cr_expect(eq(int, w3p_crust_runtime_parse(&rt, &msg, "crust", b.ptr, b.len), W3P_E_UNSUPPORTED), "%s: %s",
              changes[*i].to, msg.text);
    cr_expect(strstr(msg.text, changes[*i].says) != NULL, "%s: %s", changes[*i].to, msg.text);
    free(b.ptr);
}

// The formatter of addresses takes no prefix above 14 bits.
Test(crust_runtime, an_address_prefix_that_is_none)
{
    static const char one[] = "SS58Prefix\x08u8\x04", two[] = "SS58Prefix\x0cu16\x08\xff";
    struct test_bytes b = test_rocky_bytes();
    struct w3p_crust_runtime *rt = NULL;
    struct w3p_errmsg msg = {{0}};
    uint8_t *at = memmem(b.ptr, b.len, one, sizeof(one) - 1);
    cr_assert(at != NULL);
    size_t head = (size_t)(at - b.ptr), grown = sizeof(two) - sizeof(one);
    uint8_t *wide = w3p_calloc(b.len + grown, 1);
    memcpy(wide, b.ptr, head);
    memcpy(wide + head, two, sizeof(two) - 1);
    memcpy(wide + head + sizeof(two) - 1, at + sizeof(one) - 1, b.len - head - sizeof(one) + 1);
    for (unsigned high = 0; high < 256; high += 85) { // …ff with 00, 55, aa, ff above
        wide[head + sizeof(two) - 1] = (uint8_t)high;
        int err = w3p_crust_runtime_parse(&rt, &msg, "crust", wide, b.len + grown);
        cr_expect(eq(int, err, high == 0 ? W3P_OK : W3P_E_UNSUPPORTED), "%u: %s", high, msg.text);
        w3p_crust_runtime_free(rt);
        rt = NULL;
    }
    free(wide);
    free(b.ptr);
}

Test(crust_runtime, broken_metadata)
{
    struct test_bytes b = test_rocky_bytes();
    struct w3p_crust_runtime *rt = NULL;
    struct w3p_errmsg msg = {{0}};
    cr_expect(eq(int, w3p_crust_runtime_parse(&rt, &msg, "crust", b.ptr, b.len - 1), W3P_E_INVALID));
    cr_expect(eq(int, w3p_crust_runtime_parse(&rt, &msg, "crust", b.ptr, 0), W3P_E_INVALID));
    cr_expect(rt == NULL);
    free(b.ptr);
}
