// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: eras and extrinsics: refusals, the worked example byte by byte, all three kinds of signature.
#include "chain_test.h"
#include "crypto/hash.h"
#include "substrate/extrinsic.h"
#include "substrate/scale.h"

#define SEED "abf8e5bdbe30c65656c0a3cbd181ff8a56294a69dfedd27982aace4a76909115"
#define PUB "88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee"
#define GENESIS "8b404e7ed8789d813982b9cb4c8b664c05b3fbf433309f603af014ec9ce56a8c"
#define CALL                                                                                                           \
    "1a00b8516d5971436863526e34566635794e5254587252725159466b456b58545844586e703474485663526b4c3267664d"               \
    "0000100000000000 00 00"
#define SIG                                                                                                            \
    "1af4afd03d3d69494c4a00c2965ae85591751901a7d46f3f1375c9d7b346f5c5"                                                 \
    "3f172fd077c8f3bcd7e4f1f545475a728f33047ae18604c517b16972a98a6f05"

struct world {
    struct w3p_metadata *md;
    struct test_bytes call;
    struct w3p_xt_params params;
    struct w3p_keypair key;
    struct w3p_buf xt;
};

static void world_init(struct world *w, enum w3p_key_type type)
{
    struct test_bytes seed = test_hex(SEED), genesis = test_hex(GENESIS);
    memset(w, 0, sizeof *w);
    w3p_crypto_init();
    w->md = test_rocky();
    w->call = test_hex(CALL);
    w->params = (struct w3p_xt_params){
        .spec_version = 25, .tx_version = 1, .era = w3p_era_at(64, 1000), .nonce = 7, .address_form = W3P_ADDRESS_RAW};
    memcpy(w->params.genesis32, genesis.ptr, 32);
    memset(w->params.birth_hash32, 0x11, 32);
    cr_assert(w3p_keypair_from_seed(&w->key, type, seed.ptr) == W3P_OK);
    w3p_buf_init(&w->xt, 4096);
    free(seed.ptr);
    free(genesis.ptr);
}

static void world_deinit(struct world *w)
{
    w3p_metadata_destroy(w->md);
    free(w->call.ptr);
    w3p_buf_deinit(&w->xt);
}

static void sign(struct world *w)
{
    struct w3p_errmsg msg = {""};
    int err = w3p_xt_sign(&w->xt, &msg, w->md, &w->params, &w->key, W3P_SPAN(w->call.ptr, w->call.len));
    cr_assert(err == W3P_OK, "%s", msg.text);
}

static const char *const bad_eras[] = {"", "01", "1000", "f0ff", "41ff", "05f1"};

Test(era, refuses_what_substrate_refuses)
{
    for (size_t i = 0; i < sizeof bad_eras / sizeof bad_eras[0]; i++) {
        struct test_bytes bytes = test_hex(bad_eras[i]);
        struct w3p_reader r;
        w3p_reader_init(&r, bytes.ptr, bytes.len);
        (void)w3p_era_decode(&r);
        cr_assert(r.err == W3P_E_INVALID, "%s was read", bad_eras[i]);
        free(bytes.ptr);
    }
}

Test(era, every_encoding_is_canonical, .timeout = 30)
{
    for (unsigned value = 1; value <= 0xffff; value++) {
        uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};
        struct w3p_reader r;
        w3p_reader_init(&r, bytes, 2);
        struct w3p_era era = w3p_era_decode(&r);
        if (r.err != W3P_OK || bytes[0] == 0)
            continue;
        struct w3p_buf out;
        w3p_buf_init(&out, 2);
        w3p_era_encode(&out, era);
        cr_assert(out.len == 2 && memcmp(out.ptr, bytes, 2) == 0, "%04x", value);
        w3p_buf_deinit(&out);
    }
}

Test(era, birth_and_death)
{
    struct w3p_era era = w3p_era_at(64, 1000);
    cr_assert(era.period == 64 && era.phase == 40);
    cr_assert(w3p_era_birth(era, 1000) == 1000 && w3p_era_death(era, 1000) == 1064);
    cr_assert(w3p_era_birth(era, 1063) == 1000 && w3p_era_birth(era, 1064) == 1064);
    cr_assert(w3p_era_birth(era, 3) == 40);
    era = w3p_era_at(32768, 20000);
    cr_assert(era.period == 32768 && era.phase == 20000);
    era = w3p_era_at(65536, 20001);
    cr_assert(era.phase == 20000, "long periods have coarse phases");
    cr_assert(w3p_era_at(1, 9).period == 4 && w3p_era_at(65, 9).period == 128);
    cr_assert(w3p_era_at(UINT64_MAX, 9).period == 65536);
    era = (struct w3p_era){.mortal = false};
    cr_assert(w3p_era_birth(era, 7) == 0 && w3p_era_death(era, 7) == UINT64_MAX);
}

Test(extrinsic, worked_example)
{
    struct world w;
    struct w3p_buf extra, additional;
    uint8_t hash32[32];
    world_init(&w, W3P_KEY_ED25519);
    cr_assert(test_is_hex(w.key.pub33, 32, PUB));
    w3p_buf_init(&extra, 64);
    w3p_buf_init(&additional, 128);
    cr_assert(w3p_xt_extra(&extra, &additional, w.md, &w.params) == W3P_OK);
    cr_assert(test_is_hex(extra.ptr, extra.len, "8502 1c 00"));
    cr_assert(test_is_hex(additional.ptr, additional.len,
                          "19000000 01000000" GENESIS
                          "1111111111111111111111111111111111111111111111111111111111111111"));
    sign(&w);
    cr_assert(test_is_hex(w.xt.ptr, w.xt.len, "8502 84" PUB "00" SIG "8502 1c 00" CALL));
    w3p_xt_hash(hash32, w.xt.ptr, w.xt.len);
    cr_assert(test_is_hex(hash32, 32, "92d7935ac4c1ac8b03da0d1821983e5ebed0875630b3324d383dcb8a912125cc"));
    w3p_buf_deinit(&extra);
    w3p_buf_deinit(&additional);
    world_deinit(&w);
}

Test(extrinsic, immortal_variant)
{
    struct world w;
    uint8_t hash32[32];
    world_init(&w, W3P_KEY_ED25519);
    w.params.era = (struct w3p_era){.mortal = false};
    memcpy(w.params.birth_hash32, w.params.genesis32, 32);
    sign(&w);
    cr_assert(test_is_hex(w.xt.ptr + 36, 64,
                          "5be0bcb7f18a81373f9ec93ab76132688cfb04a998128b5b74e039b7fe595079"
                          "b423310f1ffaafb3f0de807c5fe80ed5f72d07abe05eb850ee97133295df5809"));
    w3p_xt_hash(hash32, w.xt.ptr, w.xt.len);
    cr_assert(test_is_hex(hash32, 32, "1e11653f4d4dca1bf8fd119cd885cb50e1e68a7f293a018ed0ca4c293c9e9440"));
    world_deinit(&w);
}

static void check_round_trip(enum w3p_key_type type, enum w3p_address_form form)
{
    struct world w;
    struct w3p_xt xt;
    struct w3p_buf extra, additional;
    uint8_t account32[32];
    world_init(&w, type);
    w.params.address_form = form;
    w.params.tip = ((w3p_u128)5 << 64) + 3;
    w.params.nonce = UINT32_MAX;
    sign(&w);
    cr_assert(w3p_xt_decode(&xt, w.md, form, w.xt.ptr, w.xt.len) == W3P_OK);
    w3p_keypair_account(account32, &w.key);
    cr_assert(memcmp(xt.signer32, account32, 32) == 0);
    cr_assert(xt.nonce == UINT32_MAX && xt.tip == w.params.tip && xt.era.phase == 40);
    cr_assert(w3p_span_eq(xt.call, W3P_SPAN(w.call.ptr, w.call.len)));
    w3p_buf_init(&extra, 64);
    w3p_buf_init(&additional, 128);
    cr_assert(w3p_xt_extra(&extra, &additional, w.md, &w.params) == W3P_OK);
    cr_assert(w3p_span_eq(xt.extra, w3p_buf_span(&extra)));
    cr_assert(w3p_xt_verify(&xt, w3p_buf_span(&additional)) == W3P_SIG_VALID);
    additional.ptr[0] ^= 1;
    cr_assert(w3p_xt_verify(&xt, w3p_buf_span(&additional)) != W3P_SIG_VALID);
    additional.ptr[0] ^= 1;
    xt.signer32[5] ^= 1;
    cr_assert(w3p_xt_verify(&xt, w3p_buf_span(&additional)) != W3P_SIG_VALID);
    w3p_buf_deinit(&extra);
    w3p_buf_deinit(&additional);
    world_deinit(&w);
}

Test(extrinsic, all_kinds_go_both_ways)
{
    static const enum w3p_key_type types[] = {W3P_KEY_ED25519, W3P_KEY_SR25519, W3P_KEY_ECDSA};
    for (size_t i = 0; i < 3; i++) {
        check_round_trip(types[i], W3P_ADDRESS_RAW);
        check_round_trip(types[i], W3P_ADDRESS_MULTI);
    }
}

Test(extrinsic, long_payloads_are_signed_as_their_hash)
{
    struct world w;
    struct w3p_xt xt;
    struct w3p_buf extra, additional;
    world_init(&w, W3P_KEY_ED25519);
    free(w.call.ptr);
    w.call = (struct test_bytes){w3p_calloc(300, 1), 300};
    sign(&w);
    cr_assert(w3p_xt_decode(&xt, w.md, W3P_ADDRESS_RAW, w.xt.ptr, w.xt.len) == W3P_OK);
    w3p_buf_init(&extra, 64);
    w3p_buf_init(&additional, 128);
    cr_assert(w3p_xt_extra(&extra, &additional, w.md, &w.params) == W3P_OK);
    struct w3p_buf payload;
    uint8_t hash32[32];
    w3p_buf_init(&payload, 1024);
    w3p_buf_put_span(&payload, xt.call);
    w3p_buf_put_span(&payload, w3p_buf_span(&extra));
    w3p_buf_put_span(&payload, w3p_buf_span(&additional));
    w3p_blake2b_256(hash32, payload.ptr, payload.len);
    cr_assert(w3p_ed25519_verify(xt.sig.ptr, xt.signer32, hash32, 32) == W3P_SIG_VALID);
    cr_assert(w3p_xt_verify(&xt, w3p_buf_span(&additional)) == W3P_SIG_VALID);
    w3p_buf_deinit(&payload);
    w3p_buf_deinit(&extra);
    w3p_buf_deinit(&additional);
    world_deinit(&w);
}

Test(extrinsic, refuses_broken_bytes)
{
    struct world w;
    struct w3p_xt xt;
    world_init(&w, W3P_KEY_ED25519);
    sign(&w);
    for (size_t len = 0; len < w.xt.len; len++)
        cr_assert(w3p_xt_decode(&xt, w.md, W3P_ADDRESS_RAW, w.xt.ptr, len) == W3P_E_INVALID);
    static const struct {
        size_t at;
        uint8_t value;
    } wrong[] = {{0, 0x81}, {2, 0x04}, {2, 0x85}, {35, 3}, {100, 0x10}, {102, 0x01}, {103, 0x37}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint8_t kept = w.xt.ptr[wrong[i].at];
        w.xt.ptr[wrong[i].at] = wrong[i].value;
        cr_assert(w3p_xt_decode(&xt, w.md, W3P_ADDRESS_RAW, w.xt.ptr, w.xt.len) == W3P_E_INVALID, "change %zu", i);
        w.xt.ptr[wrong[i].at] = kept;
    }
    cr_assert(w3p_xt_decode(&xt, w.md, W3P_ADDRESS_RAW, w.xt.ptr, w.xt.len) == W3P_OK);
    world_deinit(&w);
}

Test(extrinsic, refuses_what_stands_for_no_account_and_no_nonce)
{
    struct world w;
    struct w3p_xt xt;
    struct w3p_buf wide;
    world_init(&w, W3P_KEY_ED25519);
    sign(&w);
    cr_assert(eq(u8, w.xt.ptr[102], 7 << 2)); // the nonce; 2^32 in its place
    w3p_buf_init(&wide, 4096);
    w3p_scale_put_compact(&wide, w.xt.len - 2 + 5);
    w3p_buf_put(&wide, w.xt.ptr + 2, 100);
    w3p_buf_put(&wide, "\7\0\0\0\0\1", 6);
    w3p_buf_put(&wide, w.xt.ptr + 103, w.xt.len - 103);
    cr_expect(w3p_xt_decode(&xt, w.md, W3P_ADDRESS_RAW, wide.ptr, wide.len) == W3P_E_INVALID);
    w3p_buf_deinit(&wide);
    w3p_buf_reset(&w.xt);
    w.params.address_form = W3P_ADDRESS_MULTI;
    sign(&w);
    cr_assert(w3p_xt_decode(&xt, w.md, W3P_ADDRESS_MULTI, w.xt.ptr, w.xt.len) == W3P_OK);
    for (unsigned form = 1; form < 5; form++) { // an index, raw bytes, addresses of 32 and of 20 bytes
        w.xt.ptr[3] = (uint8_t)form;
        cr_expect(w3p_xt_decode(&xt, w.md, W3P_ADDRESS_MULTI, w.xt.ptr, w.xt.len) == W3P_E_INVALID, "%u", form);
    }
    world_deinit(&w);
}

Test(extrinsic, never_guesses_extensions)
{
    struct world w;
    struct w3p_errmsg msg = {""};
    struct w3p_metadata changed;
    struct w3p_md_extension listed[9];
    world_init(&w, W3P_KEY_ED25519);
    changed = *w.md;
    cr_assert(w3p_xt_check_extensions(w.md, &msg) == W3P_OK);
    memcpy(listed, w.md->extensions, 7 * sizeof listed[0]);
    changed.extensions = listed;

    listed[5].name = "ChargeAssetTxPayment";
    cr_assert(w3p_xt_check_extensions(&changed, &msg) == W3P_E_UNSUPPORTED);
    cr_assert(strstr(msg.text, "ChargeAssetTxPayment") != NULL);
    cr_assert(w3p_xt_sign(&w.xt, &msg, &changed, &w.params, &w.key, W3P_SPAN_LIT("x")) == W3P_E_UNSUPPORTED);
    cr_assert(w.xt.len == 0);

    listed[5].name = "PrevalidateAttests"; // adds no byte where there are types to show it, but here are none
    cr_assert(w3p_xt_check_extensions(&changed, &msg) == W3P_E_UNSUPPORTED);
    listed[5].name = "CheckNonce";
    cr_assert(w3p_xt_check_extensions(&changed, &msg) == W3P_E_UNSUPPORTED, "listed twice");
    listed[5].name = "CheckWeight";
    changed.extension_count = 6;
    cr_assert(w3p_xt_check_extensions(&changed, &msg) == W3P_E_UNSUPPORTED, "no tip");
    changed.extension_count = 7;
    listed[3].name = "CheckEra";
    cr_assert(w3p_xt_check_extensions(&changed, &msg) == W3P_OK, "the old name");
    changed.extrinsic_version = 5;
    cr_assert(w3p_xt_check_extensions(&changed, &msg) == W3P_E_UNSUPPORTED);
    world_deinit(&w);
}

Test(extrinsic, reports_an_output_that_is_too_small)
{
    struct world w;
    struct w3p_errmsg msg = {""};
    struct w3p_buf small;
    world_init(&w, W3P_KEY_ED25519);
    w3p_buf_init(&small, 100);
    cr_assert(w3p_xt_sign(&small, &msg, w.md, &w.params, &w.key, W3P_SPAN(w.call.ptr, w.call.len)) == W3P_E_LIMIT);
    w3p_buf_deinit(&small);
    world_deinit(&w);
}
