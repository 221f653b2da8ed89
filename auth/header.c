// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the Authorization header, from its value to an identity. Cheap checks come before any signature.
// Must not: look at more than one header; who counts them is the front end.  Source: RFC 9110 §11.4, RFC 6750.
#include <string.h>

#include "base/encoding.h"
#include "scheme.h"

static bool is_token68(const char *text, size_t len)
{
    while (len > 0 && text[len - 1] == '=')
        len--;
    if (len == 0)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        bool fine = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                    c == '.' || c == '_' || c == '~' || c == '+' || c == '/';
        if (!fine)
            return false;
    }
    return true;
}

enum w3p_auth_reason w3p_auth_header(struct w3p_span *token, const char *header, size_t len)
{
    if (header == NULL || len == 0)
        return W3P_AUTH_MISSING;
    if (len > W3P_AUTH_HEADER_MAX)
        return W3P_AUTH_TOO_LONG;
    const char *space = memchr(header, ' ', len);
    if (space == NULL)
        return W3P_AUTH_SCHEME;
    size_t word_len = (size_t)(space - header), at = word_len;
    if (!w3p_auth_word_is("bearer", header, word_len) && !w3p_auth_word_is("basic", header, word_len))
        return W3P_AUTH_SCHEME;
    while (at < len && header[at] == ' ') // RFC 9110: 1*SP
        at++;
    if (!is_token68(header + at, len - at))
        return W3P_AUTH_SCHEME;
    *token = W3P_SPAN(header + at, len - at);
    return W3P_AUTH_OK;
}

size_t w3p_auth_unwrap(char *out, size_t room, struct w3p_span text)
{
    static const char user_base64[] = "dzNzO"; // as far as it does not depend on what follows
    const size_t user_len = sizeof(W3P_AUTH_BASIC_USER) - 1;
    size_t len = room;
    if (!w3p_span_has_prefix(text, user_base64) ||
        w3p_base64_decode((uint8_t *)out, &len, (const char *)text.ptr, text.len, W3P_BASE64_STD,
                          text.len % 4 == 0 ? W3P_BASE64_PADDED : W3P_BASE64_UNPADDED) != W3P_OK ||
        len <= user_len || memcmp(out, W3P_AUTH_BASIC_USER, user_len) != 0)
        return 0;
    memmove(out, out + user_len, len - user_len);
    return len - user_len;
}

enum w3p_auth_reason w3p_auth_verify(struct w3p_identity *out, const char *header, size_t len)
{
    struct w3p_span text;
    enum w3p_auth_reason reason = w3p_auth_header(&text, header, len);
    if (reason != W3P_AUTH_OK)
        return reason;
    struct w3p_token token;
    reason = w3p_token_decode(&token, (const char *)text.ptr, text.len);
    if (reason != W3P_AUTH_OK)
        return reason;
    return w3p_token_verify(out, &token);
}
