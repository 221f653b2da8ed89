// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: storage keys against those that real Crust nodes use.
#include "chain_test.h"
#include "substrate/scale.h"

#define CID "QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM"

static const struct {
    const char *prefix, *item, *hex;
} plain[] = {
    {"System", "Events", "26aa394eea5630e07c48ae0c9558cef7 80d41e5e16056765bc8461851072c9d7"},
    {"System", "Number", "26aa394eea5630e07c48ae0c9558cef7 02a5c1b19ab7a04f536c519aca4983ac"},
    {"Market", "EnableMarket", "5ebf094108ead4fefa73f7a3b13cb4a7 f6cb5618504b5719970aa15e9e1c332d"},
    {"Market", "FileBaseFee", "5ebf094108ead4fefa73f7a3b13cb4a7 743463cc3aecb725f091ad4dc5be8363"},
    {"Market", "FileByteFee", "5ebf094108ead4fefa73f7a3b13cb4a7 0d229d55a36155fe3953f58608e53a36"},
    {"Market", "FileKeysCountFee", "5ebf094108ead4fefa73f7a3b13cb4a7 b344c14d7cc6fc6466ae7933a1ab85ab"},
    {"Market", "Files", "5ebf094108ead4fefa73f7a3b13cb4a7 b3b78f30e9b952d60249b22fcdaaa76d"},
};

Test(storage, plain_items)
{
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        uint8_t key32[32];
        w3p_storage_prefix(key32, plain[i].prefix, plain[i].item);
        cr_assert(test_is_hex(key32, sizeof key32, plain[i].hex));
    }
}

static void map_key(struct w3p_buf *out, const char *prefix, const char *item, enum w3p_hasher hasher,
                    struct w3p_span key)
{
    struct w3p_md_entry entry = {.name = item, .key_count = 1, .hashers = {hasher}};
    w3p_buf_init(out, 512);
    w3p_storage_map_key(out, prefix, &entry, key);
}

Test(storage, account_of_alice)
{
    struct test_bytes alice = test_hex("88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee");
    struct w3p_buf out;
    map_key(&out, "System", "Account", W3P_BLAKE2_128_CONCAT, W3P_SPAN(alice.ptr, alice.len));
    cr_assert(test_is_hex(out.ptr, out.len,
                          "26aa394eea5630e07c48ae0c9558cef7 b99d880ec681799c0cf30e8886371da9"
                          "280b197190fc1a763257f65171ea366e"
                          "88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee"));
    w3p_buf_deinit(&out);
    free(alice.ptr);
}

Test(storage, file_of_a_cid)
{
    struct w3p_buf key, out;
    w3p_buf_init(&key, 64);
    w3p_scale_put_bytes(&key, CID, strlen(CID));
    map_key(&out, "Market", "FilesV2", W3P_TWOX64_CONCAT, w3p_buf_span(&key));
    cr_assert(
        test_is_hex(out.ptr, 40, "5ebf094108ead4fefa73f7a3b13cb4a7 6ed21091d079415ef4a35264c626448d 57f1d9eefda9b955"));
    cr_assert(out.len == 40 + 47 && out.ptr[40] == 0xb8 && memcmp(out.ptr + 41, CID, 46) == 0);
    w3p_buf_deinit(&out);
    w3p_buf_deinit(&key);
}

Test(storage, other_hashers_and_refusals)
{
    struct w3p_buf out;
    map_key(&out, "System", "X", W3P_IDENTITY, W3P_SPAN_LIT("ab"));
    cr_assert(out.len == 34 && memcmp(out.ptr + 32, "ab", 2) == 0);
    w3p_buf_deinit(&out);
    map_key(&out, "System", "X", W3P_BLAKE2_256, W3P_SPAN_LIT("ab"));
    cr_assert(out.len == 64);
    w3p_buf_deinit(&out);
    map_key(&out, "System", "X", W3P_TWOX128, W3P_SPAN_LIT("Account"));
    cr_assert(test_is_hex(out.ptr + 32, 16, "b99d880ec681799c0cf30e8886371da9"));
    w3p_buf_deinit(&out);
    map_key(&out, "System", "X", W3P_TWOX256, W3P_SPAN_LIT("ab"));
    cr_assert(out.failed);
    w3p_buf_deinit(&out);

    struct w3p_md_entry entry = {.name = "X", .key_count = 2};
    w3p_buf_init(&out, 512);
    w3p_storage_map_key(&out, "System", &entry, W3P_SPAN_LIT("ab"));
    cr_assert(out.failed);
    w3p_buf_deinit(&out);
}
