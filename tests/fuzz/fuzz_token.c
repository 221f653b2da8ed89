// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: foreign bytes as an Authorization header, as a token, as what is inside a token, as an address and as an
// identity. Beside not crashing: the ways to the same answer agree, and what is accepted reads back.
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "base/encoding.h"
#include "crypto/hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

// An identity that we made must be one that we read, and come out the same.
static void check_identity(const struct w3p_identity *identity)
{
    struct w3p_identity again;
    require(w3p_identity_parse(&again, identity->text, strlen(identity->text)) == W3P_OK);
    require(strcmp(again.text, identity->text) == 0);
}

static void check_header(const char *text, size_t size)
{
    static struct w3p_auth_cache *cache;
    static struct w3p_token token;
    struct w3p_identity identity = {.text = ""}, by_token = {.text = ""};
    struct w3p_span part;
    struct w3p_auth_entry *entry = NULL;
    if (cache == NULL)
        cache = w3p_auth_cache_create(16, 60000);

    enum w3p_auth_reason reason = w3p_auth_verify(&identity, text, size);
    require(w3p_auth_cached(&entry, cache, text, size) == reason);
    enum w3p_auth_reason step = w3p_auth_header(&part, text, size);
    if (step == W3P_AUTH_OK)
        step = w3p_token_decode(&token, (const char *)part.ptr, part.len);
    if (step == W3P_AUTH_OK)
        step = w3p_token_verify(&by_token, &token);
    require(step == reason);
    require(strcmp(identity.text, by_token.text) == 0);
    if (reason != W3P_AUTH_OK)
        return;
    check_identity(&identity);
    require(strcmp(entry->identity.text, identity.text) == 0);
}

// base64 hides the grammar from a fuzzer that changes bytes, so the bytes are also put inside one.
static void check_plain(const uint8_t *data, size_t size)
{
    struct w3p_buf header;
    w3p_buf_init(&header, 2 * W3P_AUTH_HEADER_MAX);
    w3p_buf_put_str(&header, "Bearer ");
    w3p_base64_encode(&header, data, size < W3P_AUTH_HEADER_MAX ? size : W3P_AUTH_HEADER_MAX, W3P_BASE64_STD,
                      W3P_BASE64_PADDED);
    check_header(w3p_buf_str(&header), header.len);
    w3p_buf_deinit(&header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct w3p_token token;
    struct w3p_identity identity;
    char *text = w3p_calloc(1, size > 0 ? size : 1); // no spare byte, so that a read past the end is seen
    if (size > 0)
        memcpy(text, data, size);
    w3p_crypto_init();
    check_header(text, size);
    check_plain(data, size);
    if (w3p_token_decode(&token, text, size) == W3P_AUTH_OK)
        require(token.scheme != NULL && token.sig_len > 0 && token.address.key_len >= 20);
    else
        require(token.scheme == NULL || size == 0);
    if (w3p_auth_address(&identity, text, size) == W3P_AUTH_OK)
        check_identity(&identity);
    if (w3p_identity_parse(&identity, text, size) == W3P_OK)
        check_identity(&identity);
    free(text);
    return 0;
}
