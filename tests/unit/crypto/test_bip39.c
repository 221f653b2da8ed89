// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: recovery phrases: refusals first (no sentence repeats a word), the list's digest, the official vectors.
#include "unit/crypto/util.h"

#include <string.h>

#include "crypto/bip39.h"
#include "crypto/hash.h"
#include "crypto/internal.h"
#include "vectors/bip39.h"

TestSuite(bip39, .init = w3p_crypto_init, .timeout = 20);

#define VECTOR_COUNT (sizeof bip39_vectors / sizeof *bip39_vectors)
#define ABANDON11 "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon"

Test(bip39, the_list_is_the_official_one)
{
    uint8_t digest[32];
    w3p_sha256(digest, w3p_bip39_english, (size_t)(w3p_bip39_english_end - w3p_bip39_english));
    CHECK_HEX(digest, 32, "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
}

static const struct {
    const char *phrase, *says;
} bad_phrases[] = {
    {"", "0 words"},
    {"   \n", "0 words"},
    {"abandon", "1 words"},
    {"abandon abandon abandon abandon abandon abandon abandon abandon abandon", "9 words"},
    {ABANDON11, "11 words"},
    {ABANDON11 " about abandon", "13 words"},
    {ABANDON11 " " ABANDON11 " abandon abandon abandon", "25 words"},
    {ABANDON11 " " ABANDON11 " " ABANDON11, "33 words"},
    {ABANDON11 " abandon", "checksum"},
    {ABANDON11 " ABOUT", "word 12"},
    {ABANDON11 " abou", "word 12"},
    {ABANDON11 " aboute", "word 12"},
    {"\xc3\xa1" ABANDON11, "11 words"},
    {"\xc3\xa1 " ABANDON11, "word 1 "},
    {"abandon-" ABANDON11 " about", "word 1 "},
    {"about " ABANDON11, "checksum"}, // right words, wrong order
    {"zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo", "checksum"},
};

Test(bip39, bad_phrases_are_told_apart_and_not_quoted)
{
    for (size_t i = 0; i < sizeof bad_phrases / sizeof *bad_phrases; i++) {
        const char *text = bad_phrases[i].phrase;
        struct w3p_entropy entropy = {.len = 77};
        struct w3p_errmsg msg = {""};
        cr_expect(w3p_bip39_parse(&entropy, &msg, text, strlen(text)) == W3P_E_INVALID, "%zu", i);
        cr_expect(strstr(msg.text, bad_phrases[i].says) != NULL, "%zu: %s", i, msg.text);
        cr_expect(strstr(msg.text, "aban") == NULL && strstr(msg.text, "abou") == NULL &&
                      strstr(msg.text, "ABOUT") == NULL && strstr(msg.text, "zoo") == NULL,
                  "%s", msg.text);
        cr_expect(entropy.len == 77, "%zu", i);
    }
}

Test(bip39, official_vectors_both_ways)
{
    cr_assert(eq(sz, VECTOR_COUNT, 24));
    for (size_t i = 0; i < VECTOR_COUNT; i++) {
        struct w3p_entropy entropy;
        uint8_t seed[32];
        char text[W3P_BIP39_TEXT_MAX];
        const char *phrase = bip39_vectors[i].phrase;
        cr_assert(w3p_bip39_parse(&entropy, NULL, phrase, strlen(phrase)) == W3P_OK, "%s", phrase);
        CHECK_HEX(entropy.bytes, entropy.len, bip39_vectors[i].entropy);
        cr_assert(w3p_bip39_format(text, &entropy) == W3P_OK);
        CHECK_TEXT(text, phrase);
        cr_assert(w3p_bip39_seed(seed, &entropy, "Substrate", 9) == W3P_OK);
        CHECK_HEX(seed, 32, bip39_vectors[i].mini32);
    }
}

Test(bip39, blanks_between_words_do_not_matter)
{
    static const char text[] = "\n abandon\tabandon  abandon abandon\r\nabandon abandon abandon abandon abandon\n\n"
                               "abandon abandon about\r\n ";
    struct w3p_entropy entropy;
    cr_assert(w3p_bip39_parse(&entropy, NULL, text, sizeof text - 1) == W3P_OK);
    CHECK_HEX(entropy.bytes, entropy.len, "00000000000000000000000000000000");
}

Test(bip39, every_one_of_the_words_is_read_back)
{
    // each index of the list passes through the packing at least once: 16-byte entropies full of one number
    for (unsigned index = 0; index < 2048; index++) {
        struct w3p_entropy entropy = {.len = 16}, again;
        char text[W3P_BIP39_TEXT_MAX];
        entropy.bytes[0] = (uint8_t)(index >> 3);
        entropy.bytes[1] = (uint8_t)(index << 5);
        cr_assert(w3p_bip39_format(text, &entropy) == W3P_OK);
        cr_assert(w3p_bip39_parse(&again, NULL, text, strlen(text)) == W3P_OK, "%s", text);
        cr_assert(again.len == 16 && memcmp(again.bytes, entropy.bytes, 16) == 0, "%s", text);
    }
}

Test(bip39, generation)
{
    struct w3p_entropy entropy, other;
    char text[W3P_BIP39_TEXT_MAX];
    for (unsigned words = 0; words <= 40; words++) {
        bool fine = words == 12 || words == 15 || words == 18 || words == 21 || words == 24;
        cr_assert(w3p_bip39_generate(&entropy, words) == (fine ? W3P_OK : W3P_E_INVALID), "%u", words);
        if (!fine)
            continue;
        unsigned counted = 1;
        cr_assert(w3p_bip39_format(text, &entropy) == W3P_OK);
        for (const char *c = text; *c != '\0'; c++)
            counted += *c == ' ' ? 1 : 0;
        cr_assert(counted == words, "%u", counted);
        cr_assert(w3p_bip39_generate(&other, words) == W3P_OK);
        cr_assert(memcmp(&other, &entropy, sizeof other) != 0);
    }
    for (size_t len = 0; len < 40; len++) {
        entropy.len = len;
        bool fine = len >= 16 && len <= 32 && len % 4 == 0;
        cr_assert(w3p_bip39_format(text, &entropy) == (fine ? W3P_OK : W3P_E_INVALID), "%zu", len);
    }
}

Test(bip39, password_bound)
{
    static char password[W3P_BIP39_PASSWORD_MAX + 1];
    struct w3p_entropy entropy = {.len = 16};
    uint8_t seed[32];
    memset(password, 'x', sizeof password);
    cr_assert(w3p_bip39_seed(seed, &entropy, password, W3P_BIP39_PASSWORD_MAX) == W3P_OK);
    cr_assert(w3p_bip39_seed(seed, &entropy, password, W3P_BIP39_PASSWORD_MAX + 1) == W3P_E_LIMIT);
}
