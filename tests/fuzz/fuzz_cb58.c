// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: fuzz the CB58 reader with texts, and both ways with bytes (behind a first byte of 1). One byte string has
// one text, and what is refused leaves the room as it was.
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/cb58.h"
#include "crypto/hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void check_text(const char *text, size_t len)
{
    uint8_t out[W3P_BASE58_TEXT_MAX];
    size_t out_len = sizeof(out);
    struct w3p_buf again;
    int err = w3p_cb58_decode(out, &out_len, text, len);
    if (err != W3P_OK) {
        require(err == W3P_E_INVALID && out_len == sizeof(out));
        return;
    }
    w3p_buf_init(&again, W3P_BASE58_TEXT_MAX);
    require(w3p_cb58_encode(&again, out, out_len) == W3P_OK && again.len == len);
    require(memcmp(again.ptr, text, len) == 0);
    w3p_buf_deinit(&again);
    if (out_len > 0) {
        out_len--;
        require(w3p_cb58_decode(out, &out_len, text, len) == W3P_E_LIMIT);
    }
}

static void check_bytes(const uint8_t *bytes, size_t len)
{
    uint8_t out[W3P_BASE58_TEXT_MAX];
    size_t out_len = sizeof(out);
    struct w3p_buf text;
    w3p_buf_init(&text, W3P_BASE58_TEXT_MAX);
    if (w3p_cb58_encode(&text, bytes, len) == W3P_OK) {
        require(w3p_cb58_decode(out, &out_len, w3p_buf_str(&text), text.len) == W3P_OK);
        require(out_len == len && (len == 0 || memcmp(out, bytes, len) == 0));
    } else {
        require(len > 100 && text.len == 0);
    }
    w3p_buf_deinit(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    w3p_crypto_init();
    uint8_t *exact = w3p_alloc(1, size > 0 ? size : 1); // no spare byte, so that a read past the end is seen
    if (size > 0)
        memcpy(exact, data, size);
    check_text((const char *)exact, size);
    if (size > 0 && exact[0] == 1)
        check_bytes(exact + 1, size - 1);
    free(exact);
    return 0;
}
