// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: any bytes as a CID. What is accepted must have one key, and its order text must parse back to that key.
#include <stdlib.h>
#include <string.h>

#include "base/cid.h"

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
    w3p_cid_format_order(text, &cid);
    must_be_same_content(text, key, key_len);
    if (w3p_cid_format_alternate(text, &cid))
        must_be_same_content(text, key, key_len);
    return 0;
}
