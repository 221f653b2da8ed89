// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: digests against values of @polkadot/util-crypto 14 and of the standards; block borders of our Keccak sponge.
#include "unit/crypto/util.h"

#include "crypto/hash.h"

TestSuite(hash, .init = w3p_crypto_init, .timeout = 10);

struct keccak_case {
    size_t len; // of the bytes 0, 1, 2, …
    const char *digest;
};
static const struct keccak_case keccak_cases[] = {
    {0, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"},
    {1, "bc36789e7a1e281436464229828f817d6612f7b477d66591ff96a9e064bcc98a"},
    {135, "cbdfd9dee5faad3818d6b06f95a219fd290b0e1706f6a82e5a595b9ce9faca62"},
    {136, "7ce759f1ab7f9ce437719970c26b0a66ff11fe3e38e17df89cf5d29c7d7f807e"},
    {137, "ac73d4fae68b8453f764007c1a20ce95994187861f0c3227a3a8e99a73a3b1db"},
    {271, "7c974895b2a88303ff2dc6b58f438ceb0b298cac91099ac0539cc0f477506191"},
    {272, "fdf2ec49e749960d3c8521a0219af8d03e30e2b3bf19bd16150ee0eaf133d66e"},
    {273, "4f707289a9c3ccd0c4a51f2f17339f5dd171d371c04ff7783b735b5b22682eaf"},
    {1000, "aca79e4146e30eb1c733f6d6060d72471c36ea4e01ebf45d7f4916249c2bbd82"},
};

static void count_up(uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)i;
}

Test(hash, keccak_at_block_borders)
{
    for (size_t i = 0; i < sizeof keccak_cases / sizeof *keccak_cases; i++) {
        uint8_t out[32], *bytes = w3p_calloc(keccak_cases[i].len + 1, 1); // exact, for the address sanitizer
        count_up(bytes, keccak_cases[i].len);
        w3p_keccak256(out, bytes, keccak_cases[i].len);
        CHECK_HEX(out, 32, keccak_cases[i].digest);
        free(bytes);
    }
}

Test(hash, keccak_of_nothing_may_be_null)
{
    uint8_t out[32];
    w3p_keccak256(out, NULL, 0);
    CHECK_HEX(out, 32, keccak_cases[0].digest);
}

Test(hash, sha256_and_blake2b)
{
    uint8_t bytes[200], key[32], out[64];
    count_up(bytes, sizeof bytes);
    memset(key, 7, sizeof key);
    w3p_sha256(out, "abc", 3); // FIPS 180
    CHECK_HEX(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    w3p_sha256(out, bytes, sizeof bytes);
    CHECK_HEX(out, 32, "1901da1c9f699b48f6b2636e65cbf73abf99d0441ef67f5c540a42f7051dec6f");
    w3p_blake2b(out, 16, bytes, sizeof bytes);
    CHECK_HEX(out, 16, "61479efa6267fea757b3f881e2979bbc");
    w3p_blake2b_256(out, bytes, sizeof bytes);
    CHECK_HEX(out, 32, "63c3d97a9f8894d5e043a707b0fee7f7ec4c049a23bbf1079df20b4165f9e22d");
    w3p_blake2b(out, 64, bytes, sizeof bytes);
    CHECK_HEX(out, 64,
              "fb3c1f0f56a56f8e316fdf5d853c8c872c39635d083634c3904fc3ac07d1b578"
              "e85ff0e480e92d44ade33b62e893ee32343e79ddf6ef292e89b582d312502314");
    w3p_blake2b_keyed_256(out, key, bytes, sizeof bytes);
    CHECK_HEX(out, 32, "8ab0e1413a67ac7bee7c8a80abd2475fa62b9558d037533a333f144afe43ec69");
}

// FIPS 180-4's examples: it is no half of SHA-512.
Test(hash, sha512_256)
{
    static const char two_blocks[] = "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                                     "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";
    uint8_t out[32];
    w3p_sha512_256(out, "", 0);
    CHECK_HEX(out, 32, "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a");
    w3p_sha512_256(out, "abc", 3);
    CHECK_HEX(out, 32, "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23");
    w3p_sha512_256(out, two_blocks, sizeof two_blocks - 1);
    CHECK_HEX(out, 32, "3928e184fb8690f840da3988121d31be65cb9d3ef83ee6146feac861e19b563a");
}

// The examples of its authors.
Test(hash, ripemd160)
{
    uint8_t out[20];
    char digits[81] = "";
    for (int i = 0; i < 80; i++)
        digits[i] = (char)('0' + (i + 1) % 10);
    w3p_ripemd160(out, "", 0);
    CHECK_HEX(out, 20, "9c1185a5c5e9fc54612808977ee8f548b2258d31");
    w3p_ripemd160(out, "abc", 3);
    CHECK_HEX(out, 20, "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
    w3p_ripemd160(out, digits, 80);
    CHECK_HEX(out, 20, "9b752e45573d4b39f4dbd3323cab82bf63326bfb");
}

// RFC 4231, cases 1, 2 and 4: their keys are shorter than 32 bytes, and HMAC fills a key up with zeros.
Test(hash, hmac_sha256)
{
    uint8_t key[32] = {0}, out[32];
    memset(key, 0x0b, 20);
    w3p_hmac_sha256(out, key, "Hi There", 8);
    CHECK_HEX(out, 32, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    memset(key, 0, sizeof key);
    memcpy(key, "Jefe", 4);
    w3p_hmac_sha256(out, key, "what do ya want for nothing?", 28);
    CHECK_HEX(out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    uint8_t text[50];
    memset(text, 0xcd, sizeof text);
    for (uint8_t i = 0; i < 32; i++)
        key[i] = i < 25 ? (uint8_t)(i + 1) : 0;
    w3p_hmac_sha256(key, key, text, sizeof text); // into the key itself, as chains of tags do
    CHECK_HEX(key, 32, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
}

// The vector of the SipHash paper, appendix A.
Test(hash, siphash)
{
    uint8_t key[16], bytes[15];
    for (uint8_t i = 0; i < 16; i++)
        key[i] = i;
    for (uint8_t i = 0; i < 15; i++)
        bytes[i] = i;
    cr_expect(eq(u64, w3p_siphash(key, bytes, sizeof bytes), 0xa129ca6149be45e5u));
    key[0] = 1;
    cr_expect(ne(u64, w3p_siphash(key, bytes, sizeof bytes), 0xa129ca6149be45e5u));
}

struct twox_case {
    const char *text, *digest;
};
static const struct twox_case twox_cases[] = {
    {"", "99e9d85137db46ef4bbea33613baafd5"},        {"System", "26aa394eea5630e07c48ae0c9558cef7"},
    {"Account", "b99d880ec681799c0cf30e8886371da9"}, {"Market", "5ebf094108ead4fefa73f7a3b13cb4a7"},
    {"FilesV2", "6ed21091d079415ef4a35264c626448d"}, {"Events", "80d41e5e16056765bc8461851072c9d7"},
};

Test(hash, twox_of_storage_names)
{
    for (size_t i = 0; i < sizeof twox_cases / sizeof *twox_cases; i++) {
        uint8_t out[16], half[8];
        const char *text = twox_cases[i].text;
        w3p_twox128(out, text, strlen(text));
        CHECK_HEX(out, 16, twox_cases[i].digest);
        w3p_twox64(half, text, strlen(text));
        cr_assert(memcmp(half, out, 8) == 0);
    }
}

Test(hash, twox64_of_an_encoded_map_key)
{
    uint8_t out[8];
    static const char key[] = "\xb8"
                              "QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM";
    w3p_twox64(out, key, sizeof key - 1);
    CHECK_HEX(out, 8, "57f1d9eefda9b955");
}

Test(hash, randomness_differs_and_fills)
{
    uint8_t a[64] = {0}, b[64] = {0};
    w3p_random(a, sizeof a);
    w3p_random(b, sizeof b);
    cr_assert(w3p_equal_ct(a, b, sizeof a) == false);
    cr_assert(w3p_equal_ct(a + 56, (uint8_t[8]){0}, 8) == false);
}

Test(hash, equality)
{
    cr_assert(w3p_equal_ct("abc", "abc", 3));
    cr_assert(w3p_equal_ct("abc", "abd", 3) == false);
    cr_assert(w3p_equal_ct("bbc", "abc", 3) == false);
    cr_assert(w3p_equal_ct("x", "y", 0));
}
