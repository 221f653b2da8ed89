// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: recovery phrases of BIP39, English words, and the seed that Substrate wallets make of one.
// Threads: any.  Ownership: plain values in the caller's storage, best w3p_secret_alloc memory; the caller wipes.
// Must not: put a word of a phrase into a message; its position is enough.
// Source: BIP39; substrate-bip39 for the seed, which is not BIP39's own.
#ifndef W3P_CRYPTO_BIP39_H
#define W3P_CRYPTO_BIP39_H

#include "base/bytes.h"

#define W3P_BIP39_WORD_MAX 8                               // letters of the longest English word
#define W3P_BIP39_TEXT_MAX (24 * (W3P_BIP39_WORD_MAX + 1)) // 24 words, the blanks between them and the NUL

// What a phrase stands for: 16, 20, 24, 28 or 32 bytes (12, 15, 18, 21 or 24 words).
struct w3p_entropy {
    uint8_t bytes[32];
    size_t len;
};

// Lower-case words with blanks, tabs or line ends between and around them. W3P_E_INVALID with a sentence: another
// number of words, a word that is not in the list, a checksum that does not fit. All words are ASCII, so Unicode's
// normal forms never matter here.
int w3p_bip39_parse(struct w3p_entropy *out, struct w3p_errmsg *msg, const char *text, size_t len) W3P_NODISCARD;
// The words with single blanks. W3P_E_INVALID for a length that no phrase has.
int w3p_bip39_format(char out[W3P_BIP39_TEXT_MAX], const struct w3p_entropy *entropy) W3P_NODISCARD;
// Random; words is 12, 15, 18, 21 or 24, W3P_E_INVALID otherwise.
int w3p_bip39_generate(struct w3p_entropy *out, unsigned words) W3P_NODISCARD;

#define W3P_BIP39_PASSWORD_MAX 1024
// PBKDF2-HMAC-SHA512, 2048 rounds, of the entropy (BIP39's own seed takes the words), salt "mnemonic" and the password
// as it is. W3P_E_LIMIT: the password is longer than the bound.
int w3p_bip39_seed(uint8_t seed32[32], const struct w3p_entropy *entropy, const char *password,
                   size_t len) W3P_NODISCARD;

#endif
