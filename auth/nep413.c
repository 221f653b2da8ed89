// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see nep413.h.
#include "nep413.h"

#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"

// 2^31 + 413: no transaction begins with it, so a message is never one.
#define TAG UINT32_C(2147484061)

static void put_string(struct w3p_buf *out, struct w3p_span text)
{
    w3p_buf_put_le32(out, (uint32_t)text.len);
    w3p_buf_put_span(out, text);
}

int w3p_nep413_digest(uint8_t digest32[32], const struct w3p_nep413 *payload)
{
    struct w3p_buf bytes;
    w3p_buf_init(&bytes, W3P_NEP413_MAX);
    w3p_buf_put_le32(&bytes, TAG);
    put_string(&bytes, payload->message);
    w3p_buf_put(&bytes, payload->nonce32, sizeof(payload->nonce32));
    put_string(&bytes, payload->recipient);
    w3p_buf_put_u8(&bytes, payload->callback_url.ptr != NULL);
    if (payload->callback_url.ptr != NULL)
        put_string(&bytes, payload->callback_url);
    int err = w3p_buf_status(&bytes);
    if (err == W3P_OK)
        w3p_sha256(digest32, bytes.ptr, bytes.len);
    w3p_buf_deinit(&bytes);
    return err;
}

static bool decode_signature(uint8_t sig64[64], struct w3p_span sig_text)
{
    static const char prefix[] = "ed25519:";
    const char *text = (const char *)sig_text.ptr;
    size_t len = 64, head = sizeof(prefix) - 1;
    int err;
    if (w3p_span_has_prefix(sig_text, prefix))
        err = w3p_base58_decode(sig64, &len, text + head, sig_text.len - head);
    else if (sig_text.len == 88)
        err = w3p_base64_decode(sig64, &len, text, sig_text.len, W3P_BASE64_STD, W3P_BASE64_PADDED);
    else
        err = w3p_hex_decode(sig64, &len, text, sig_text.len);
    return err == W3P_OK && len == 64;
}

enum w3p_verdict w3p_nep413_verify(const struct w3p_nep413 *payload, const uint8_t pub32[32], struct w3p_span sig_text)
{
    uint8_t sig64[64], digest32[32];
    if (!decode_signature(sig64, sig_text) || w3p_nep413_digest(digest32, payload) != W3P_OK)
        return W3P_SIG_MALFORMED;
    return w3p_ed25519_verify(sig64, pub32, digest32, sizeof(digest32));
}
