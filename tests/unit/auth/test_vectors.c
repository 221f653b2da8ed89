// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: W3Auth headers that wallets really make, and the ones that must be refused: a table in the tree, and the
// large outside file when it is there.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "scheme.h"
#include "vectors/w3auth.h"

#define VECTOR_COUNT (sizeof(w3auth_vectors) / sizeof(w3auth_vectors[0]))

TestSuite(auth_vectors, .init = w3p_crypto_init, .timeout = 60);

ParameterizedTestParameters(auth_vectors, in_tree)
{
    static int index[VECTOR_COUNT];
    for (size_t i = 0; i < VECTOR_COUNT; i++)
        index[i] = (int)i;
    return cr_make_param_array(int, index, VECTOR_COUNT);
}

ParameterizedTest(int *index, auth_vectors, in_tree)
{
    const char *header = w3auth_vectors[*index].header, *note = w3auth_vectors[*index].note;
    struct w3p_identity identity = {.text = "untouched"};
    enum w3p_auth_reason reason = w3p_auth_verify(&identity, header, strlen(header));
    cr_assert(reason == w3auth_vectors[*index].reason, "%s: %s", note, w3p_auth_reason_name(reason));
    if (w3auth_vectors[*index].identity != NULL)
        cr_assert(eq(str, identity.text, (char *)w3auth_vectors[*index].identity), "%s", note);
    else
        cr_assert(eq(str, identity.text, "untouched"), "%s", note);
}

// Every single-bit change of the decoded token is refused, or it is another spelling of the same bytes by the same
// account: the case of a hex digit or of the chain name, or an EIP-155 v of the same parity.
ParameterizedTestParameters(auth_vectors, bit_flips)
{
    static int index[VECTOR_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < VECTOR_COUNT; i++)
        if (w3auth_vectors[i].identity != NULL)
            index[count++] = (int)i;
    return cr_make_param_array(int, index, count);
}

static bool is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

ParameterizedTest(int *index, auth_vectors, bit_flips)
{
    const char *header = w3auth_vectors[*index].header, *note = w3auth_vectors[*index].note;
    uint8_t plain[1024];
    size_t len = sizeof(plain);
    struct w3p_span token;
    cr_assert(w3p_auth_header(&token, header, strlen(header)) == W3P_AUTH_OK);
    cr_assert(w3p_base64_decode(plain, &len, (const char *)token.ptr, token.len, W3P_BASE64_STD, W3P_BASE64_PADDED) ==
              W3P_OK);
    size_t refused = 0;
    for (size_t bit = 0; bit < len * 8; bit++) {
        uint8_t before = plain[bit / 8];
        struct w3p_identity identity;
        struct w3p_buf flipped;
        w3p_buf_init(&flipped, 2048);
        plain[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        w3p_buf_put_str(&flipped, "Bearer ");
        w3p_base64_encode(&flipped, plain, len, W3P_BASE64_STD, W3P_BASE64_PADDED);
        if (w3p_auth_verify(&identity, w3p_buf_str(&flipped), flipped.len) == W3P_AUTH_OK) {
            bool only_case = is_letter(before) && bit % 8 == 5;
            bool digit_of_v = bit / 8 >= len - 2 && strncmp(identity.text, "evm:", 4) == 0;
            cr_expect(only_case || digit_of_v, "%s: bit %zu (%c)", note, bit, before);
            cr_expect(eq(str, identity.text, (char *)w3auth_vectors[*index].identity), "%s: bit %zu", note, bit);
        } else {
            refused++;
        }
        plain[bit / 8] = before;
        w3p_buf_deinit(&flipped);
    }
    cr_expect(refused > len * 7, "%s: only %zu of %zu refused", note, refused, len * 8);
}

static json_t *load_outside(void)
{
    char path[1024];
    const char *folder = getenv("W3PIN_TEST_DATA");
    json_error_t error;
    if (folder != NULL)
        snprintf(path, sizeof(path), "%s/w3auth_vectors.json", folder);
    else
        snprintf(path, sizeof(path), "%s/../../shared/data/w3auth_vectors.json", W3P_TEST_SOURCE_DIR);
    json_t *all = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (all == NULL) {
        fprintf(stderr, "SKIPPED: auth_vectors/outside: %s: %s\n", path, error.text);
        cr_skip_test("outside wallet vectors are missing");
    }
    return all;
}

static const char *text_of(const json_t *vector, const char *key)
{
    return json_string_value(json_object_get(vector, key));
}

// The header value of a vector, from whichever of three fields it has.
static void header_of(struct w3p_buf *out, const json_t *vector)
{
    const char *hex = text_of(vector, "header_hex"), *header = text_of(vector, "header");
    if (hex != NULL) {
        uint8_t raw[16384];
        size_t len = sizeof(raw);
        cr_assert(w3p_hex0x_decode(raw, &len, hex, strlen(hex)) == W3P_OK);
        w3p_buf_put(out, raw, len);
    } else if (header != NULL) {
        w3p_buf_put_str(out, header);
    } else {
        w3p_buf_put_str(out, "Bearer ");
        w3p_buf_put_str(out, text_of(vector, "token"));
    }
}

Test(auth_vectors, outside)
{
    json_t *all = load_outside(), *vector;
    size_t i, tried = 0, accepted = 0;
    json_array_foreach(all, i, vector)
    {
        const char *class = text_of(vector, "class"), *chain = text_of(vector, "chain"),
                   *note = text_of(vector, "note");
        if (strcmp(class, "w3auth") != 0 && strcmp(class, "encoding") != 0)
            continue;
        struct w3p_buf header;
        struct w3p_identity identity;
        w3p_buf_init(&header, 65536);
        header_of(&header, vector);
        enum w3p_auth_reason reason = w3p_auth_verify(&identity, w3p_buf_str(&header), header.len);
        tried++;
        if (w3p_scheme_find(chain, strlen(chain)) == NULL) {
            cr_expect(reason == W3P_AUTH_CHAIN, "%zu %s: %s: %s", i, chain, note, w3p_auth_reason_name(reason));
        } else if (json_is_true(json_object_get(vector, "valid"))) {
            const char *wanted = text_of(vector, "identity");
            cr_expect(reason == W3P_AUTH_OK, "%zu %s: %s: %s", i, chain, note, w3p_auth_reason_name(reason));
            if (reason == W3P_AUTH_OK && wanted != NULL)
                cr_expect(eq(str, identity.text, (char *)wanted), "%zu %s: %s", i, chain, note);
            accepted++;
        } else {
            cr_expect(reason != W3P_AUTH_OK, "%zu %s: accepted, but: %s", i, chain, note);
        }
        w3p_buf_deinit(&header);
    }
    cr_expect(tried >= 100 && accepted >= 30, "only %zu vectors, %zu valid", tried, accepted);
    json_decref(all);
}
