// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: hex constants in the tests of src/crypto. A constant that is no hex of the stated length fails the test.
#ifndef W3P_TESTS_UNIT_CRYPTO_UTIL_H
#define W3P_TESTS_UNIT_CRYPTO_UTIL_H

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "base/encoding.h"

static inline void unhex(uint8_t *out, size_t len, const char *text)
{
    size_t room = len;
    cr_assert(w3p_hex_decode(out, &room, text, strlen(text)) == W3P_OK && room == len, "bad constant %s", text);
}

#define CHECK_TEXT(have, want) cr_assert(strcmp((have), (want)) == 0, "%s is not %s", (have), (want))

#define CHECK_HEX(bytes, len, expected)                                                                                \
    do {                                                                                                               \
        char have_[2 * 128 + 1];                                                                                       \
        cr_assert(sizeof have_ > 2 * (len));                                                                           \
        w3p_hex_encode(have_, (bytes), (len));                                                                         \
        CHECK_TEXT(have_, expected);                                                                                   \
    } while (0)

#endif
