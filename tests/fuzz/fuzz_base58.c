// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: all text encodings. The first byte chooses one, the rest is the text. What a decoder accepts must come back
// from the encoder letter by letter (one byte string, one text); raw input must survive encoding and decoding.
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"

#define ROOM 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum encoding { HEX, HEX0X, STD_PADDED, STD_UNPADDED, URL_PADDED, URL_UNPADDED, BASE32, BASE58, ENCODINGS };

static int decode(enum encoding encoding, uint8_t *out, size_t *out_len, const char *text, size_t len)
{
    switch (encoding) {
    case HEX:
        return w3p_hex_decode(out, out_len, text, len);
    case HEX0X:
        return w3p_hex0x_decode(out, out_len, text, len);
    case STD_PADDED:
        return w3p_base64_decode(out, out_len, text, len, W3P_BASE64_STD, W3P_BASE64_PADDED);
    case STD_UNPADDED:
        return w3p_base64_decode(out, out_len, text, len, W3P_BASE64_STD, W3P_BASE64_UNPADDED);
    case URL_PADDED:
        return w3p_base64_decode(out, out_len, text, len, W3P_BASE64_URL, W3P_BASE64_PADDED);
    case URL_UNPADDED:
        return w3p_base64_decode(out, out_len, text, len, W3P_BASE64_URL, W3P_BASE64_UNPADDED);
    case BASE32:
        return w3p_base32_decode(out, out_len, text, len, false);
    default:
        return w3p_base58_decode(out, out_len, text, len);
    }
}

static int encode(enum encoding encoding, struct w3p_buf *out, const uint8_t *bytes, size_t len)
{
    switch (encoding) {
    case HEX:
    case HEX0X:
        w3p_buf_put_hex(out, bytes, len);
        break;
    case STD_PADDED:
    case STD_UNPADDED:
        w3p_base64_encode(out, bytes, len, W3P_BASE64_STD,
                          encoding == STD_PADDED ? W3P_BASE64_PADDED : W3P_BASE64_UNPADDED);
        break;
    case URL_PADDED:
    case URL_UNPADDED:
        w3p_base64_encode(out, bytes, len, W3P_BASE64_URL,
                          encoding == URL_PADDED ? W3P_BASE64_PADDED : W3P_BASE64_UNPADDED);
        break;
    case BASE32:
        w3p_base32_encode(out, bytes, len);
        break;
    default:
        return w3p_base58_encode(out, bytes, len);
    }
    return w3p_buf_status(out);
}

// Hex may be spelled in two cases and with 0x; everything else has one text.
static bool has_one_text(enum encoding encoding)
{
    return encoding != HEX && encoding != HEX0X;
}

static void check_decoding(enum encoding encoding, const char *text, size_t len)
{
    uint8_t bytes[ROOM];
    size_t bytes_len = sizeof(bytes);
    if (decode(encoding, bytes, &bytes_len, text, len) != W3P_OK || bytes_len > W3P_BASE58_TEXT_MAX)
        return;
    struct w3p_buf again;
    w3p_buf_init(&again, 4 * ROOM);
    if (encode(encoding, &again, bytes, bytes_len) != W3P_OK)
        abort();
    if (has_one_text(encoding) && !w3p_span_eq(w3p_buf_span(&again), W3P_SPAN(text, len)))
        abort();
    w3p_buf_deinit(&again);
    // One byte less of room must be noticed, not overrun.
    uint8_t *tight = w3p_calloc(bytes_len, 1);
    size_t room = bytes_len == 0 ? 0 : bytes_len - 1;
    if (bytes_len > 0 && decode(encoding, tight, &room, text, len) != W3P_E_LIMIT)
        abort();
    free(tight);
}

static void check_encoding(enum encoding encoding, const uint8_t *bytes, size_t len)
{
    struct w3p_buf text;
    uint8_t back[ROOM];
    size_t back_len = sizeof(back);
    w3p_buf_init(&text, 4 * ROOM);
    if (len <= 140 && encode(encoding, &text, bytes, len) == W3P_OK) {
        if (decode(encoding, back, &back_len, w3p_buf_str(&text), text.len) != W3P_OK)
            abort();
        if (!w3p_span_eq(W3P_SPAN(back, back_len), W3P_SPAN(bytes, len)))
            abort();
    }
    w3p_buf_deinit(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t out[ROOM];
    size_t out_len = sizeof(out);
    if (size == 0)
        return 0;
    enum encoding encoding = (enum encoding)(data[0] % ENCODINGS);
    const char *text = (const char *)data + 1;
    size_t len = size - 1;
    check_decoding(encoding, text, len);
    check_encoding(encoding, data + 1, len);
    if (w3p_multibase_decode(out, &out_len, text, len) == W3P_OK && len > ROOM * 2 + 1)
        abort();
    return 0;
}
