// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see bip39.h. A phrase is a row of 11-bit numbers: the entropy, then one bit of its SHA-256 for each 32 bits.
#include "crypto/bip39.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/internal.h"
#include "crypto/secret.h"

#define LIST_WORDS 2048
#define WORD_BITS 11
#define PHRASE_WORDS_MAX 24
#define PACKED_MAX 33 // 32 bytes of entropy and one of checksum
#define ROUNDS 2048
#define SALT_HEAD "mnemonic"

// Entropy bytes of a phrase of so many words; 0: there is no such phrase.
static size_t entropy_len(unsigned words)
{
    bool fits = words >= 12 && words <= PHRASE_WORDS_MAX && words % 3 == 0;
    return fits ? words / 3 * 4 : 0;
}

// The word's place in the list; LIST_WORDS: it is not there.
static unsigned word_index(const char *word, size_t len)
{
    const char *line = w3p_bip39_english;
    for (unsigned i = 0; i < LIST_WORDS; i++) {
        size_t line_len = strcspn(line, "\n");
        if (line_len == len && memcmp(line, word, len) == 0)
            return i;
        line += line_len + 1;
    }
    return LIST_WORDS;
}

static const char *word_at(unsigned index, size_t *len)
{
    const char *line = w3p_bip39_english;
    while (index-- > 0)
        line += strcspn(line, "\n") + 1;
    *len = strcspn(line, "\n");
    return line;
}

// Bits count from the highest one of the first byte.
static void put_index(uint8_t packed[PACKED_MAX], unsigned position, unsigned index)
{
    for (unsigned bit = 0; bit < WORD_BITS; bit++) {
        unsigned at = position * WORD_BITS + bit;
        if ((index >> (WORD_BITS - 1 - bit) & 1u) != 0)
            packed[at / 8] |= (uint8_t)(0x80u >> at % 8);
    }
}

static unsigned get_index(const uint8_t packed[PACKED_MAX], unsigned position)
{
    unsigned index = 0;
    for (unsigned bit = 0; bit < WORD_BITS; bit++) {
        unsigned at = position * WORD_BITS + bit;
        index = index << 1 | ((unsigned)packed[at / 8] >> (7 - at % 8) & 1u);
    }
    return index;
}

// The byte behind the entropy: its checksum, left-aligned, and zeros.
static uint8_t checksum(const uint8_t *entropy, size_t len)
{
    uint8_t digest[32];
    w3p_sha256(digest, entropy, len);
    uint8_t sum = (uint8_t)(digest[0] & ~(0xffu >> len / 4));
    w3p_wipe(digest, sizeof digest);
    return sum;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Takes the words of the text in turn; *words counts all of them, also those that find no room.
static int read_words(uint8_t packed[PACKED_MAX], unsigned *words, struct w3p_errmsg *msg, const char *text, size_t len)
{
    unsigned unknown = 0;
    *words = 0;
    for (size_t i = 0; i < len;) {
        size_t end = i;
        while (end < len && !is_blank(text[end]))
            end++;
        if (end > i) {
            unsigned index = *words < PHRASE_WORDS_MAX ? word_index(text + i, end - i) : 0;
            if (index == LIST_WORDS)
                unknown = unknown == 0 ? *words + 1 : unknown;
            else if (*words < PHRASE_WORDS_MAX)
                put_index(packed, *words, index);
            ++*words;
        }
        i = end + 1;
    }
    if (entropy_len(*words) == 0)
        return w3p_fail(msg, W3P_E_INVALID, "the phrase has %u words, not 12, 15, 18, 21 or 24", *words);
    if (unknown != 0)
        return w3p_fail(msg, W3P_E_INVALID, "word %u of the phrase is not in BIP39's English list (all lower case)",
                        unknown);
    return W3P_OK;
}

int w3p_bip39_parse(struct w3p_entropy *out, struct w3p_errmsg *msg, const char *text, size_t len)
{
    uint8_t packed[PACKED_MAX] = {0};
    unsigned words = 0;
    int err = read_words(packed, &words, msg, text, len);
    if (err == W3P_OK) {
        size_t bytes = entropy_len(words);
        if (packed[bytes] == checksum(packed, bytes)) {
            memset(out, 0, sizeof *out);
            memcpy(out->bytes, packed, bytes);
            out->len = bytes;
        } else {
            err = w3p_fail(msg, W3P_E_INVALID, "the phrase's checksum is wrong: a word is mistaken or out of place");
        }
    }
    w3p_wipe(packed, sizeof packed);
    return err;
}

int w3p_bip39_format(char out[W3P_BIP39_TEXT_MAX], const struct w3p_entropy *entropy)
{
    unsigned words = entropy->len <= 32 && entropy->len % 4 == 0 ? (unsigned)entropy->len / 4 * 3 : 0;
    uint8_t packed[PACKED_MAX] = {0};
    char *end = out;
    if (entropy_len(words) == 0)
        return W3P_E_INVALID;
    memcpy(packed, entropy->bytes, entropy->len);
    packed[entropy->len] = checksum(packed, entropy->len);
    for (unsigned i = 0; i < words; i++) {
        size_t len = 0;
        const char *word = word_at(get_index(packed, i), &len);
        memcpy(end, word, len);
        end[len] = ' ';
        end += len + 1;
    }
    end[-1] = '\0';
    w3p_wipe(packed, sizeof packed);
    return W3P_OK;
}

int w3p_bip39_generate(struct w3p_entropy *out, unsigned words)
{
    size_t len = entropy_len(words);
    if (len == 0)
        return W3P_E_INVALID;
    memset(out, 0, sizeof *out);
    w3p_random(out->bytes, len);
    out->len = len;
    return W3P_OK;
}

int w3p_bip39_seed(uint8_t seed32[32], const struct w3p_entropy *entropy, const char *password, size_t len)
{
    uint8_t salt[sizeof SALT_HEAD - 1 + W3P_BIP39_PASSWORD_MAX];
    size_t head = sizeof SALT_HEAD - 1;
    if (len > W3P_BIP39_PASSWORD_MAX)
        return W3P_E_LIMIT;
    memcpy(salt, SALT_HEAD, head);
    if (len > 0)
        memcpy(salt + head, password, len);
    // the first half of the 64 bytes, which is a block of its own; fails only when OpenSSL has no memory
    if (PKCS5_PBKDF2_HMAC((const char *)entropy->bytes, (int)entropy->len, salt, (int)(head + len), ROUNDS,
                          EVP_sha512(), 32, seed32) != 1)
        abort();
    w3p_wipe(salt, sizeof salt);
    return W3P_OK;
}
