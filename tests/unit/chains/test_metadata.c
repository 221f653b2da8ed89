// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: metadata V12: hostile bytes, and the metadata of a real Crust runtime to the last byte.
#include "chain_test.h"

static int parse(const uint8_t *bytes, size_t len)
{
    struct w3p_metadata *md = NULL;
    int err = w3p_metadata_parse(&md, NULL, bytes, len);
    cr_assert(eq(int, md != NULL, err == W3P_OK));
    w3p_metadata_destroy(md);
    return err;
}

Test(metadata, refuses_what_is_none)
{
    cr_assert(eq(int, parse((const uint8_t *)"", 0), W3P_E_INVALID));
    cr_assert(eq(int, parse((const uint8_t *)"meta", 4), W3P_E_INVALID));
    cr_assert(eq(int, parse((const uint8_t *)"mate\x0c\x00\x04\x00", 8), W3P_E_INVALID));
    cr_assert(eq(int, parse((const uint8_t *)"meta\x0b\x00\x04\x00", 8), W3P_E_UNSUPPORTED));
    cr_assert(eq(int, parse((const uint8_t *)"meta\x10\x00\x04\x00", 8), W3P_E_UNSUPPORTED));
    cr_assert(eq(int, parse((const uint8_t *)"meta\xff\x00\x04\x00", 8), W3P_E_UNSUPPORTED));
    cr_assert(eq(int, parse((const uint8_t *)"meta\x0c\x00\x04\x00", 8), W3P_OK));
    cr_assert(eq(int, parse((const uint8_t *)"meta\x0c\x00\x04\x00\x00", 9), W3P_E_INVALID));
    cr_assert(eq(int, parse((const uint8_t *)"meta\x0c\xfe\xff\xff\xff\x00\x00\x00\x00", 13), W3P_E_INVALID));
    cr_assert(eq(int, parse((const uint8_t *)"meta\x0c\x00\x04\x00", W3P_METADATA_MAX + 1), W3P_E_LIMIT));
}

// One pallet "A" without anything, index i.
#define EMPTY_PALLET(name, index) "\x04" name "\x00\x00\x00\x00\x00" index

Test(metadata, refuses_twins_and_nul_bytes)
{
    static const char one[] = "meta\x0c\x04" EMPTY_PALLET("A", "\x07") "\x04\x00";
    static const char index_twins[] = "meta\x0c\x08" EMPTY_PALLET("A", "\x07") EMPTY_PALLET("B", "\x07") "\x04\x00";
    static const char name_twins[] = "meta\x0c\x08" EMPTY_PALLET("A", "\x07") EMPTY_PALLET("A", "\x08") "\x04\x00";
    static const char nul_name[] = "meta\x0c\x04" EMPTY_PALLET("\0", "\x07") "\x04\x00";
    cr_assert(eq(int, parse((const uint8_t *)one, sizeof one - 1), W3P_OK));
    cr_assert(eq(int, parse((const uint8_t *)index_twins, sizeof index_twins - 1), W3P_E_INVALID));
    cr_assert(eq(int, parse((const uint8_t *)name_twins, sizeof name_twins - 1), W3P_E_INVALID));
    cr_assert(eq(int, parse((const uint8_t *)nul_name, sizeof nul_name - 1), W3P_E_INVALID));
}

// Names and sentences are shown on terminals.
Test(metadata, names_hold_no_control_characters)
{
    static const char escape[] = "meta\x0c\x04\x24"
                                 "A\x1b[2J\xc2\x9b\x7f\n"
                                 "\x00\x00\x00\x00\x00\x07"
                                 "\x04\x00";
    struct w3p_metadata *md = NULL;
    cr_assert(eq(int, w3p_metadata_parse(&md, NULL, (const uint8_t *)escape, sizeof escape - 1), W3P_OK));
    cr_expect(eq(str, (char *)w3p_md_pallet_at(md, 7)->name, "A [2J    "));
    w3p_metadata_destroy(md);
}

Test(metadata, bounds_the_counts)
{
    // 257 pallets cannot be named by one byte.
    struct w3p_buf many;
    w3p_buf_init(&many, 1 << 16);
    w3p_buf_put(&many, "meta\x0c\x05\x04", 7);
    for (unsigned i = 0; i < 257; i++) {
        w3p_buf_put(&many, "\x10", 1);
        w3p_buf_printf(&many, "%04u", i);
        w3p_buf_put(&many, "\0\0\0\0\0", 5);
        w3p_buf_put_u8(&many, (uint8_t)i);
    }
    w3p_buf_put(&many, "\x04\x00", 2);
    cr_assert(eq(int, parse(many.ptr, many.len), W3P_E_INVALID));
    w3p_buf_deinit(&many);
}

Test(metadata, refuses_every_truncation, .timeout = 60)
{
    struct test_bytes rocky = test_rocky_bytes();
    for (size_t len = 0; len < rocky.len; len += len < 3000 ? 1 : 97)
        cr_assert(parse(rocky.ptr, len) == W3P_E_INVALID, "accepted after %zu bytes", len);
    cr_assert(eq(int, parse(rocky.ptr, rocky.len), W3P_OK));
    free(rocky.ptr);
}

Test(metadata, survives_flipped_bytes, .timeout = 60)
{
    struct test_bytes rocky = test_rocky_bytes();
    for (size_t at = 5; at < rocky.len; at += 61) {
        rocky.ptr[at] ^= 0xfc;
        (void)parse(rocky.ptr, rocky.len);
        rocky.ptr[at] ^= 0xfc;
    }
    free(rocky.ptr);
}

Test(metadata, reads_calls_of_a_real_runtime)
{
    struct w3p_metadata *md = test_rocky();
    cr_assert(md->version == 12);
    cr_assert(md->extrinsic_version == 4);
    cr_assert(md->pallet_count == 26);
    cr_assert(md->extension_count == 7);
    cr_assert(eq(str, (char *)md->extensions[3].name, "CheckMortality"));
    const struct w3p_md_pallet *market = w3p_md_pallet(md, "Market");
    cr_assert(market != NULL && market->index == 20);
    cr_assert(w3p_md_pallet_at(md, 20) == market);
    cr_assert(w3p_md_pallet_at(md, 26) == NULL);
    cr_assert(w3p_md_pallet(md, "market") == NULL);
    const struct w3p_type_variant *place = w3p_md_call(market, "place_storage_order");
    cr_assert(place != NULL && place->index == 0 && place->field_count == 4);
    cr_assert(eq(str, (char *)place->fields[2].name, "tips"));
    cr_assert(w3p_type_is(&md->types, place->fields[2].type, "Compact<u128>"));
    cr_assert(w3p_md_call(market, "reward_merchant")->index == 3);
    cr_assert(w3p_md_call(market, "nothing") == NULL);
    cr_assert(w3p_md_call(w3p_md_pallet(md, "Historical"), "x") == NULL);
    cr_assert(w3p_md_call(NULL, "x") == NULL);
    const struct w3p_md_pallet *utility = w3p_md_pallet(md, "Utility");
    cr_assert(utility->index == 17 && w3p_md_call(utility, "batch_all")->index == 2);
    cr_assert(utility->storage_prefix == NULL && utility->entry_count == 0);
    w3p_metadata_destroy(md);
}

Test(metadata, reads_storage_events_constants_errors)
{
    struct w3p_metadata *md = test_rocky();
    const struct w3p_md_pallet *market = w3p_md_pallet(md, "Market"), *system = w3p_md_pallet(md, "System");
    const struct w3p_md_entry *files = w3p_md_entry(market, "Files");
    cr_assert(files != NULL && files->key_count == 1 && !files->is_default);
    cr_assert(files->hashers[0] == W3P_TWOX64_CONCAT);
    cr_assert(w3p_type_is(&md->types, files->value_type, "FileInfo"));
    cr_assert(w3p_md_entry(system, "Account")->hashers[0] == W3P_BLAKE2_128_CONCAT);
    const struct w3p_md_entry *fee = w3p_md_entry(market, "FileByteFee");
    cr_assert(fee->is_default && test_is_hex(fee->fallback.ptr, fee->fallback.len, "10270000000000000000000000000000"));
    const struct w3p_md_const *duration = w3p_md_const(market, "FileDuration");
    cr_assert(duration != NULL && test_is_hex(duration->value.ptr, duration->value.len, "008d2700"));
    const struct w3p_type_variant *failed = w3p_md_event_at(system, 1);
    cr_assert(failed != NULL && failed->field_count == 2);
    cr_assert(eq(str, (char *)failed->name, "ExtrinsicFailed"));
    cr_assert(w3p_type_is(&md->types, failed->fields[0].type, "enum DispatchError"));
    cr_assert(w3p_md_event(market, "FileSuccess")->index == 0);
    cr_assert(w3p_md_event_at(market, 99) == NULL);
    const struct w3p_type_variant *too_large = w3p_md_error_at(market, 4);
    cr_assert(eq(str, (char *)too_large->name, "FileTooLarge"));
    cr_assert(eq(str, (char *)too_large->doc, "The file is too large. Please check the MaximumFileSize value."));
    cr_assert(eq(str, (char *)w3p_md_error_at(market, 0)->doc,
                 "Don't have enough currency(CRU) to finish the extrinsic(transaction). "
                 "Please transfer some CRU into this account."));
    w3p_metadata_destroy(md);
}
