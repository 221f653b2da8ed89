// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the English word list of BIP39 inside the program: 2048 lines in alphabetical order. The build names the
// file in W3P_BIP39_ENGLISH_FILE.
// Origin: the list of the BIP itself, byte for byte as the PyPI package `mnemonic` 0.21 and Debian's python3-mnemonic
// ship it (MIT). SHA-256 2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda; a test checks that.
// Must not: hold code.
#include "crypto/internal.h"

__asm__(".pushsection .rodata, \"a\", @progbits\n"
        ".hidden w3p_bip39_english, w3p_bip39_english_end\n"
        ".global w3p_bip39_english, w3p_bip39_english_end\n"
        "w3p_bip39_english:\n"
        ".incbin \"" W3P_BIP39_ENGLISH_FILE "\"\n"
        "w3p_bip39_english_end:\n"
        ".byte 0\n"
        ".popsection\n");
