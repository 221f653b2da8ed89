// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the tests of the chain modules share: bytes from hex, and the metadata of a real runtime.
// Must not: hold state.
#ifndef W3P_TESTS_UNIT_CHAINS_CHAIN_TEST_H
#define W3P_TESTS_UNIT_CHAINS_CHAIN_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/encoding.h"
#include "base/reader.h"
#include "substrate/metadata.h"
#include "substrate/scale.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

struct test_bytes {
    uint8_t *ptr;
    size_t len;
};

// The caller frees ptr. White space between digits is skipped, so that vectors can be laid out readably.
static inline struct test_bytes test_hex(const char *text)
{
    size_t digits = 0;
    char *packed = w3p_calloc(strlen(text) + 1, 1);
    for (const char *c = text; *c != '\0'; c++)
        if (*c != ' ')
            packed[digits++] = *c;
    struct test_bytes out = {w3p_calloc(digits / 2 + 1, 1), digits / 2 + 1};
    int err = w3p_hex_decode(out.ptr, &out.len, packed, digits);
    free(packed);
    cr_assert(err == W3P_OK, "bad hex in a test: %s", text);
    return out;
}

// Whether bytes equal this hex.
static inline bool test_is_hex(const void *bytes, size_t len, const char *hex)
{
    struct test_bytes want = test_hex(hex);
    bool same = want.len == len && (len == 0 || memcmp(want.ptr, bytes, len) == 0);
    if (!same) {
        fprintf(stderr, "want %s\ngot  ", hex);
        for (size_t i = 0; i < len; i++)
            fprintf(stderr, "%02x", ((const uint8_t *)bytes)[i]);
        fputc('\n', stderr);
    }
    free(want.ptr);
    return same;
}

// A whole file; the caller frees ptr.
static inline struct test_bytes test_file(const char *path)
{
    struct test_bytes out = {NULL, 0};
    FILE *file = fopen(path, "rb");
    cr_assert(file != NULL, "cannot open %s", path);
    out.ptr = w3p_calloc(W3P_METADATA_MAX, 1);
    out.len = fread(out.ptr, 1, W3P_METADATA_MAX, file);
    fclose(file);
    return out;
}

// Metadata of the Rocky runtime, spec version 4 (Market 20, Utility 17).
static inline struct test_bytes test_rocky_bytes(void)
{
    return test_file(W3P_TEST_SOURCE_DIR "/../chains/devnet/data/rocky-4-v12.scale");
}

static inline struct w3p_metadata *test_rocky(void)
{
    struct w3p_metadata *md = NULL;
    struct w3p_errmsg msg = {""};
    struct test_bytes bytes = test_rocky_bytes();
    int err = w3p_metadata_parse(&md, &msg, bytes.ptr, bytes.len);
    free(bytes.ptr);
    cr_assert(err == W3P_OK, "%s", msg.text);
    return md;
}

// A runtime of metadata V12 with one pallet whose one event has one argument of this type. The caller destroys it.
static inline struct w3p_metadata *test_one_type(const char *type)
{
    struct w3p_metadata *md = NULL;
    struct w3p_buf b;
    w3p_buf_init(&b, 8192);
    w3p_buf_put(&b,
                "meta\x0c\x04\x04P\0\0\x01\x04\x04"
                "E\x04",
                15);
    w3p_scale_put_bytes(&b, type, strlen(type));
    w3p_buf_put(&b, "\0\0\0\0\x04\0", 6);
    int err = w3p_metadata_parse(&md, NULL, b.ptr, b.len);
    w3p_buf_deinit(&b);
    cr_assert(err == W3P_OK, "%s", type);
    return md;
}

#endif
