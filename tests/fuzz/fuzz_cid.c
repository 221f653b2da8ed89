// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: any bytes as a CID. What is accepted must have one key, and its order text must parse back to that key.
#include <stdlib.h>
#include <string.h>

#include "base/cid.h"
#include "base/encoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_same_content(const char *text, const uint8_t *key, size_t key_len)
{
    struct w3p_cid cid;
    uint8_t again[W3P_CID_KEY_MAX];
    if (w3p_cid_parse(&cid, NULL, text, strlen(text)) != W3P_OK)
        abort();
    if (w3p_cid_key(again, &cid) != key_len || memcmp(again, key, key_len) != 0)
        abort();
}

// The same bytes behind every multibase letter are the same content.
static void check_spellings(const struct w3p_cid *cid, const uint8_t *key, size_t key_len)
{
    uint8_t bytes[1 + W3P_CID_KEY_MAX] = {1};
    struct w3p_buf text;
    memcpy(bytes + 1, key, key_len);
    w3p_buf_init(&text, 4096);
    for (const char *letter = "fbzum"; *letter != '\0'; letter++) {
        w3p_buf_reset(&text);
        w3p_buf_put_u8(&text, (uint8_t)*letter);
        if (*letter == 'f')
            w3p_buf_put_hex(&text, bytes, 1 + key_len);
        else if (*letter == 'b')
            w3p_base32_encode(&text, bytes, 1 + key_len);
        else if (*letter == 'z' && w3p_base58_encode(&text, bytes, 1 + key_len) != W3P_OK)
            abort();
        else if (*letter == 'u' || *letter == 'm')
            w3p_base64_encode(&text, bytes, 1 + key_len, *letter == 'u' ? W3P_BASE64_URL : W3P_BASE64_STD,
                              W3P_BASE64_UNPADDED);
        if (text.len <= W3P_CID_TEXT_MAX)
            must_be_same_content(w3p_buf_str(&text), key, key_len);
    }
    if (cid->digest_len < 20 || cid->digest_len > W3P_CID_DIGEST_MAX || cid->hash == W3P_HASH_IDENTITY)
        abort();
    w3p_buf_deinit(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct w3p_cid cid;
    const char *why = NULL;
    uint8_t key[W3P_CID_KEY_MAX];
    char text[W3P_CID_ORDER_MAX];
    if (w3p_cid_parse(&cid, &why, (const char *)data, size) != W3P_OK) {
        if (why == NULL)
            abort();
        return 0;
    }
    size_t key_len = w3p_cid_key(key, &cid);
    check_spellings(&cid, key, key_len);
    w3p_cid_format_order(text, &cid);
    must_be_same_content(text, key, key_len);
    if (w3p_cid_format_alternate(text, &cid))
        must_be_same_content(text, key, key_len);
    return 0;
}
