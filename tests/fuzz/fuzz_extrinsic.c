// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: fuzz the taking apart of extrinsics: what is accepted covers all bytes, and its signature can be checked.
// The same bytes are also a call: signed with every kind of key it comes apart into what it was made of, and is valid.
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "substrate/extrinsic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void check_made_with(const struct w3p_metadata *md, const struct w3p_xt_params *params,
                            const struct w3p_keypair *key, struct w3p_span call)
{
    struct w3p_buf bytes, extra, additional;
    uint8_t account32[32];
    struct w3p_xt xt;
    w3p_buf_init(&bytes, 1u << 20);
    w3p_buf_init(&extra, 256);
    w3p_buf_init(&additional, 256);
    w3p_keypair_account(account32, key);
    require(w3p_xt_sign(&bytes, NULL, md, params, key, call) == W3P_OK);
    require(w3p_xt_extra(&extra, &additional, md, params) == W3P_OK);
    require(w3p_xt_decode(&xt, md, params->address_form, bytes.ptr, bytes.len) == W3P_OK);
    require(w3p_span_eq(xt.call, call) && w3p_span_eq(xt.extra, w3p_buf_span(&extra)));
    require(memcmp(xt.signer32, account32, 32) == 0 && xt.nonce == params->nonce && xt.tip == params->tip);
    require(xt.era.mortal == params->era.mortal && xt.era.period == params->era.period);
    require(w3p_xt_verify(&xt, w3p_buf_span(&additional)) == W3P_SIG_VALID);
    additional.ptr[0] ^= 1;
    require(w3p_xt_verify(&xt, w3p_buf_span(&additional)) != W3P_SIG_VALID);
    uint8_t hash32[32], again32[32];
    w3p_xt_hash(hash32, bytes.ptr, bytes.len);
    w3p_blake2b_256(again32, bytes.ptr, bytes.len);
    require(memcmp(hash32, again32, 32) == 0);
    w3p_buf_deinit(&bytes);
    w3p_buf_init(&bytes, 16); // no room
    require(w3p_xt_sign(&bytes, NULL, md, params, key, call) == W3P_E_LIMIT);
    w3p_buf_deinit(&bytes);
    w3p_buf_deinit(&extra);
    w3p_buf_deinit(&additional);
}

static void check_made(const struct w3p_metadata *md, enum w3p_address_form form, const uint8_t *data, size_t size)
{
    static const uint8_t seed32[32] = {1, 2, 3};
    struct w3p_xt_params params = {.spec_version = 7, .tx_version = 1, .address_form = form};
    struct w3p_keypair key;
    if (size < 4 || size > 4096)
        return;
    params.nonce = (uint32_t)data[0] << (data[1] % 24);
    params.tip = (w3p_u128)data[2] << (data[3] % 120);
    if (data[1] % 2 == 1)
        params.era = w3p_era_at(64, data[0]);
    for (int type = W3P_KEY_SR25519; type <= W3P_KEY_ECDSA; type++) {
        require(w3p_keypair_from_seed(&key, (enum w3p_key_type)type, seed32) == W3P_OK);
        check_made_with(md, &params, &key, W3P_SPAN(data, size));
    }
}

// Types, as V14 describes them, of the two extensions that bring a byte of their own.
enum { T_U8, T_U128, T_COMPACT, T_HASH, T_OPTION, T_TIP, T_MODE, T_NOTHING };
static const struct w3p_type_field some[] = {{"", T_HASH}}, tip[] = {{"", T_COMPACT}, {"", T_OPTION}};
static const struct w3p_type_variant option[] = {
    {.name = "None", .doc = ""}, {.name = "Some", .doc = "", .fields = some, .field_count = 1, .index = 1}};
static const struct w3p_type_variant mode[] = {{.name = "Disabled", .doc = ""},
                                               {.name = "Enabled", .doc = "", .index = 1}};
static const struct w3p_type types[] = {
    [T_U8] = {.kind = W3P_TYPE_PRIMITIVE, .width = 1, .count = W3P_PRIMITIVE_U8, .name = ""},
    [T_U128] = {.kind = W3P_TYPE_PRIMITIVE, .width = 16, .count = W3P_PRIMITIVE_U128, .name = ""},
    [T_COMPACT] = {.kind = W3P_TYPE_COMPACT, .width = W3P_TYPE_VARIABLE, .item = T_U128, .name = ""},
    [T_HASH] = {.kind = W3P_TYPE_ARRAY, .width = 32, .item = T_U8, .count = 32, .name = ""},
    [T_OPTION] =
        {.kind = W3P_TYPE_VARIANT, .width = W3P_TYPE_VARIABLE, .count = 2, .name = "Option", .of.variants = option},
    [T_TIP] = {.kind = W3P_TYPE_COMPOSITE, .width = W3P_TYPE_VARIABLE, .count = 2, .name = "", .of.fields = tip},
    [T_MODE] = {.kind = W3P_TYPE_VARIANT, .width = 1, .count = 2, .name = "Mode", .of.variants = mode},
    [T_NOTHING] = {.kind = W3P_TYPE_COMPOSITE, .name = ""},
};

#define LISTED(n)                                                                                                      \
    {                                                                                                                  \
        n, W3P_TYPE_NONE, W3P_TYPE_NONE                                                                                \
    }
#define COMMON                                                                                                         \
    LISTED("CheckSpecVersion"), LISTED("CheckTxVersion"), LISTED("CheckGenesis"), LISTED("CheckMortality"),            \
        LISTED("CheckNonce"), LISTED("CheckWeight")
static const struct w3p_md_extension older[] = {COMMON, LISTED("ChargeTransactionPayment")};
static const struct w3p_md_extension newer[] = {COMMON,
                                                {"ChargeAssetTxPayment", T_TIP, T_NOTHING},
                                                {"CheckMetadataHash", T_MODE, T_OPTION},
                                                {"SomethingWithoutBytes", T_NOTHING, T_NOTHING}};
static const struct w3p_metadata runtimes[] = {
    {.version = 12, .extrinsic_version = 4, .extensions = older, .extension_count = sizeof older / sizeof older[0]},
    {.version = 14,
     .extrinsic_version = 4,
     .types = {types, sizeof types / sizeof types[0]},
     .extensions = newer,
     .extension_count = sizeof newer / sizeof newer[0]}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum w3p_address_form forms[] = {W3P_ADDRESS_RAW, W3P_ADDRESS_MULTI};
    w3p_crypto_init();
    for (size_t i = 0; i < 4; i++) {
        const struct w3p_metadata *md = &runtimes[i / 2];
        struct w3p_xt xt;
        check_made(md, forms[i % 2], data, size);
        if (w3p_xt_decode(&xt, md, forms[i % 2], data, size) != W3P_OK)
            continue;
        require(xt.call.ptr + xt.call.len == data + size);
        (void)w3p_xt_verify(&xt, W3P_SPAN_LIT("additional"));
    }
    return 0;
}
