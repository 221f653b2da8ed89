// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: W3Auth headers that wallets really make, and the ones that must be refused: a table in the tree, and the
// large outside file when it is there.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>
#include <glob.h>
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

// ---- outside files

#define FILES_MAX 16

static const char *text_of(const json_t *vector, const char *key)
{
    const char *text = json_string_value(json_object_get(vector, key));
    return text != NULL ? text : "";
}

// The header value of a vector, from whichever of three fields it has. False: from none.
static bool header_of(struct w3p_buf *out, const json_t *vector)
{
    const char *hex = text_of(vector, "header_hex"), *header = text_of(vector, "header"),
               *token = text_of(vector, "token");
    if (hex[0] != '\0') {
        uint8_t raw[16384];
        size_t len = sizeof(raw);
        cr_assert(w3p_hex0x_decode(raw, &len, hex, strlen(hex)) == W3P_OK);
        w3p_buf_put(out, raw, len);
    } else if (header[0] != '\0') {
        w3p_buf_put_str(out, header);
    } else {
        w3p_buf_put_str(out, "Bearer ");
        w3p_buf_put_str(out, token);
    }
    return hex[0] != '\0' || header[0] != '\0' || token[0] != '\0';
}

// The verdict of a gateway whose operator has switched every scheme on.
static enum w3p_auth_reason verify_any(struct w3p_identity *out, const struct w3p_buf *header)
{
    static struct w3p_token token;
    struct w3p_span text;
    enum w3p_auth_reason reason = w3p_auth_header(&text, w3p_buf_str(header), header->len);
    if (reason == W3P_AUTH_OK)
        reason = w3p_token_decode(&token, (const char *)text.ptr, text.len);
    return reason == W3P_AUTH_OK ? w3p_token_verify_any(out, &token) : reason;
}

// What a file calls valid is accepted, also where it says that a gateway need not ("optional"); with two exceptions,
// both on purpose: chains that are refused by name, and chains that are off until the operator switches them on.
static void judge(const char *file, size_t i, const json_t *vector, const struct w3p_buf *header)
{
    const char *chain = text_of(vector, "chain"), *note = text_of(vector, "note"),
               *wanted = text_of(vector, "identity");
    const struct w3p_scheme *scheme = w3p_scheme_find(chain, strlen(chain));
    struct w3p_identity identity = {.text = ""};
    enum w3p_auth_reason reason = w3p_auth_verify(&identity, w3p_buf_str(header), header->len);
    bool valid = json_is_true(json_object_get(vector, "valid"));
    if (scheme == NULL || scheme->off_by_default) {
        cr_expect(reason != W3P_AUTH_OK, "%s %zu %s: accepted, but: %s", file, i, chain, note);
        if (scheme == NULL || !valid)
            return;
        reason = verify_any(&identity, header);
    }
    if (!valid) {
        cr_expect(reason != W3P_AUTH_OK, "%s %zu %s: accepted, but: %s", file, i, chain, note);
        return;
    }
    cr_expect(reason == W3P_AUTH_OK, "%s %zu %s: %s: %s", file, i, chain, note, w3p_auth_reason_name(reason));
    if (reason == W3P_AUTH_OK && wanted[0] != '\0')
        cr_expect(eq(str, identity.text, (char *)wanted), "%s %zu %s: %s", file, i, chain, note);
}

static void judge_file(const char *path)
{
    json_error_t error;
    json_t *all = json_load_file(path, JSON_REJECT_DUPLICATES, &error), *vector;
    size_t i, tried = 0;
    cr_assert(all != NULL, "%s: %s", path, error.text);
    json_array_foreach(all, i, vector)
    {
        const char *class = text_of(vector, "class");
        struct w3p_buf header;
        if (strcmp(class, "w3auth") != 0 && strcmp(class, "encoding") != 0)
            continue;
        w3p_buf_init(&header, 65536);
        if (header_of(&header, vector)) {
            judge(path, i, vector, &header);
            tried++;
        }
        w3p_buf_deinit(&header);
    }
    cr_expect(tried > 0, "%s: no vector in it", path);
    json_decref(all);
}

// Every w3auth_vectors*.json of the folder; all have the same form.
Test(auth_vectors, outside)
{
    char pattern[1024];
    const char *folder = getenv("W3PIN_TEST_DATA");
    glob_t found;
    if (folder != NULL)
        snprintf(pattern, sizeof(pattern), "%s/w3auth_vectors*.json", folder);
    else
        snprintf(pattern, sizeof(pattern), "%s/../../shared/data/w3auth_vectors*.json", W3P_TEST_SOURCE_DIR);
    if (glob(pattern, 0, NULL, &found) != 0) {
        fprintf(stderr, "SKIPPED: auth_vectors/outside: there is no %s\n", pattern);
        cr_skip_test("outside wallet vectors are missing");
    }
    cr_assert(found.gl_pathc <= FILES_MAX);
    for (size_t i = 0; i < found.gl_pathc; i++)
        judge_file(found.gl_pathv[i]);
    globfree(&found);
}
