// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: fuzz the Bech32 reader. The first byte says which prefix is asked for, and whether the rest is a text or
// bytes to be written. What is accepted has one spelling beside the case, what is refused leaves the room as it was.
#include <stdlib.h>
#include <string.h>

#include "crypto/bech32.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void check_text(const char *hrp, const char *text, size_t len)
{
    uint8_t out[W3P_BECH32_TEXT_MAX];
    size_t out_len = sizeof(out);
    struct w3p_buf again;
    int err = w3p_bech32_decode(out, &out_len, hrp, text, len);
    if (err != W3P_OK) {
        require(err == W3P_E_INVALID && out_len == sizeof(out));
        return;
    }
    w3p_buf_init(&again, W3P_BECH32_TEXT_MAX);
    require(w3p_bech32_encode(&again, hrp, out, out_len) == W3P_OK && again.len == len);
    for (size_t i = 0; i < len; i++)
        require(again.ptr[i] == (uint8_t)text[i] || again.ptr[i] == (uint8_t)(text[i] + 32));
    w3p_buf_deinit(&again);
    if (out_len > 0) {
        out_len--;
        require(w3p_bech32_decode(out, &out_len, hrp, text, len) == W3P_E_LIMIT);
    }
}

static void check_bytes(const char *hrp, const uint8_t *bytes, size_t len)
{
    uint8_t out[W3P_BECH32_TEXT_MAX];
    size_t out_len = sizeof(out);
    struct w3p_buf text;
    w3p_buf_init(&text, W3P_BECH32_TEXT_MAX);
    if (w3p_bech32_encode(&text, hrp, bytes, len) == W3P_OK) {
        require(w3p_bech32_decode(out, &out_len, hrp, w3p_buf_str(&text), text.len) == W3P_OK);
        require(out_len == len && (len == 0 || memcmp(out, bytes, len) == 0));
    } else {
        require(len > 45 && text.len == 0);
    }
    w3p_buf_deinit(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const prefixes[] = {"avax", "erd", "a", "abcdef", "split", "1", "?", ""};
    if (size == 0)
        return 0;
    const char *hrp = prefixes[data[0] & 7];
    uint8_t *rest = w3p_alloc(1, size > 1 ? size - 1 : 1); // no spare byte, so that a read past the end is seen
    memcpy(rest, data + 1, size - 1);
    if ((data[0] & 8) == 0)
        check_text(hrp, (const char *)rest, size - 1);
    else if (hrp[0] != '\0')
        check_bytes(hrp, rest, size - 1);
    free(rest);
    return 0;
}
