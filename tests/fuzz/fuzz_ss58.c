// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: fuzz the SS58 parser. What it accepts has one spelling only, and what it refuses leaves no trace.
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t untouched[32] = {0x77};
    uint8_t account[32] = {0x77};
    uint16_t prefix = 0x7777;
    char text[W3P_SS58_TEXT_MAX];
    w3p_crypto_init();
    if (w3p_ss58_parse(account, &prefix, (const char *)data, size) != W3P_OK) {
        if (prefix != 0x7777 || memcmp(account, untouched, sizeof account) != 0)
            abort();
        return 0;
    }
    w3p_ss58_format(text, prefix, account);
    if (strlen(text) != size || memcmp(text, data, size) != 0)
        abort();
    return 0;
}
