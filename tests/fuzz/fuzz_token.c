// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: foreign bytes as an Authorization header, as a token, as what is inside a token, as an address and as an
// identity. Beside not crashing: the ways to the same answer agree, and what is accepted reads back. Bytes that begin
// with K are a key (32 bytes), a place and a value: a token of that key is valid, and not with that byte changed; what
// is behind is a text that this key signs. Bytes that begin with V are a scheme, a length, so much of a signature, and
// a text.
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "scheme.h"

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

// What is unwrapped was wrapped just so, and never outgrows its room.
static void check_unwrap(struct w3p_span token)
{
    char inner[W3P_AUTH_HEADER_MAX], small[16];
    struct w3p_buf plain, again;
    size_t len = w3p_auth_unwrap(inner, sizeof inner, token), small_len = w3p_auth_unwrap(small, sizeof small, token);
    size_t user_len = sizeof(W3P_AUTH_BASIC_USER) - 1;
    require(small_len == (len + user_len <= sizeof small ? len : 0));
    if (len == 0)
        return;
    w3p_buf_init(&plain, 2 * W3P_AUTH_HEADER_MAX);
    w3p_buf_init(&again, 2 * W3P_AUTH_HEADER_MAX);
    w3p_buf_put_str(&plain, W3P_AUTH_BASIC_USER);
    w3p_buf_put_span(&plain, W3P_SPAN(inner, len));
    w3p_base64_encode(&again, plain.ptr, plain.len, W3P_BASE64_STD,
                      token.len % 4 == 0 ? W3P_BASE64_PADDED : W3P_BASE64_UNPADDED);
    require(again.len == token.len && memcmp(again.ptr, token.ptr, token.len) == 0);
    w3p_buf_deinit(&plain);
    w3p_buf_deinit(&again);
}

static void check_header(const char *text, size_t size)
{
    static struct w3p_token token;
    struct w3p_identity identity = {.text = ""}, by_token = {.text = ""};
    struct w3p_span part;

    enum w3p_auth_reason reason = w3p_auth_verify(&identity, text, size);
    enum w3p_auth_reason step = w3p_auth_header(&part, text, size);
    if (step == W3P_AUTH_OK)
        check_unwrap(part);
    if (step == W3P_AUTH_OK)
        step = w3p_token_decode(&token, (const char *)part.ptr, part.len);
    if (step == W3P_AUTH_OK)
        step = w3p_token_verify(&by_token, &token);
    require(step == reason);
    require(strcmp(identity.text, by_token.text) == 0);
    if (reason == W3P_AUTH_OK)
        check_identity(&identity);
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

// The verdict with every scheme switched on; the other one differs only for those that are off by default.
static enum w3p_auth_reason verdict_of(struct w3p_identity *identity, const struct w3p_buf *token_text)
{
    static struct w3p_token token;
    struct w3p_identity plainly;
    struct w3p_buf header;
    w3p_buf_init(&header, W3P_AUTH_HEADER_MAX);
    w3p_buf_put_str(&header, "bearer ");
    w3p_buf_put_span(&header, w3p_buf_span(token_text));
    enum w3p_auth_reason strict = w3p_auth_verify(&plainly, w3p_buf_str(&header), header.len);
    enum w3p_auth_reason reason = w3p_token_decode(&token, w3p_buf_str(token_text), token_text->len);
    bool off = reason == W3P_AUTH_OK && token.scheme->off_by_default;
    if (reason == W3P_AUTH_OK)
        reason = w3p_token_verify_any(identity, &token);
    // a byte that no header may hold is refused there, before the token is looked at
    require(off ? strict != W3P_AUTH_OK : strict == reason || strict == W3P_AUTH_SCHEME);
    require(w3p_auth_reason_name(reason)[0] != '\0' && w3p_auth_reason_sentence(reason)[0] != '\0');
    w3p_buf_deinit(&header);
    return reason;
}

static void parse_own_address(struct w3p_address *out, const struct w3p_scheme *scheme, const struct w3p_keypair *key)
{
    struct w3p_buf text;
    w3p_buf_init(&text, sizeof(out->text));
    require(scheme->address_of(&text, key) == W3P_OK);
    require(w3p_address_begin(out, scheme, w3p_buf_str(&text), text.len));
    require(scheme->parse_address(out, out->text, out->text_len));
    w3p_buf_deinit(&text);
}

// What this key signs is valid for this text, and for no other.
static void check_text(const struct w3p_scheme *scheme, const struct w3p_keypair *key, const uint8_t *data, size_t size)
{
    static struct w3p_address address;
    struct w3p_buf sig;
    char *text = w3p_memdup(data, size);
    if (scheme->siwx_name == NULL)
        goto out;
    parse_own_address(&address, scheme, key);
    w3p_buf_init(&sig, W3P_AUTH_HEADER_MAX);
    int err = scheme->sign_text(&sig, key, text, size);
    require(err == (size > W3P_AUTH_TEXT_MAX ? W3P_E_LIMIT : W3P_OK));
    if (err == W3P_OK) {
        require(scheme->verify_text(&address, text, size, w3p_buf_str(&sig), sig.len) == W3P_SIG_VALID);
        require(size == 0 ||
                scheme->verify_text(&address, text, size - 1, w3p_buf_str(&sig), sig.len) == W3P_SIG_INVALID);
    }
    w3p_buf_deinit(&sig);
out:
    free(text);
}

// A foreign signature of a foreign text; nobody's.
static void check_foreign(const uint8_t *data, size_t size)
{
    static struct w3p_address address;
    static const uint8_t seed32[32] = {42};
    struct w3p_keypair key;
    size_t count = 0;
    if (size < 3 || data[0] != 'V')
        return;
    while (w3p_schemes()[count] != NULL)
        count++;
    const struct w3p_scheme *scheme = w3p_schemes()[data[1] % count];
    size_t sig_len = data[2] < size - 3 ? data[2] : size - 3, text_len = size - 3 - sig_len;
    if (scheme->siwx_name == NULL)
        return;
    require(w3p_keypair_from_seed(&key, scheme->key_type, seed32) == W3P_OK);
    parse_own_address(&address, scheme, &key);
    char *sig = w3p_memdup(data + 3, sig_len), *text = w3p_memdup(data + 3 + sig_len, text_len);
    require(scheme->verify_text(&address, text, text_len, sig, sig_len) != W3P_SIG_VALID);
    free(sig);
    free(text);
}

static void check_made_of(const struct w3p_scheme *scheme, const struct w3p_keypair *key, size_t place, uint8_t value)
{
    static struct w3p_token token;
    struct w3p_identity identity, by_address;
    struct w3p_buf text;
    w3p_buf_init(&text, W3P_AUTH_HEADER_MAX);
    require(w3p_token_make(&text, scheme, key) == W3P_OK);
    require(verdict_of(&identity, &text) == W3P_AUTH_OK);
    check_identity(&identity);
    require(w3p_token_decode(&token, w3p_buf_str(&text), text.len) == W3P_AUTH_OK && token.scheme == scheme);
    struct w3p_buf head;
    w3p_buf_init(&head, W3P_AUTH_HEADER_MAX);
    w3p_buf_printf(&head, "%s-%s", scheme->name, token.address.text);
    require(w3p_auth_address(&by_address, w3p_buf_str(&head), head.len) == W3P_AUTH_OK);
    require(strcmp(by_address.text, identity.text) == 0);
    // Another spelling of the signature is possible (hex of the other case), another account is not.
    text.ptr[place % text.len] = value;
    struct w3p_identity changed;
    require(verdict_of(&changed, &text) != W3P_AUTH_OK || strcmp(changed.text, identity.text) == 0);
    w3p_buf_deinit(&head);
    w3p_buf_deinit(&text);
}

static void check_made(const uint8_t *data, size_t size)
{
    struct w3p_keypair key;
    if (size < 36 || data[0] != 'K')
        return;
    for (const struct w3p_scheme *const *scheme = w3p_schemes(); *scheme != NULL; scheme++) {
        struct w3p_buf text;
        w3p_buf_init(&text, W3P_AUTH_HEADER_MAX);
        enum w3p_key_type wrong = (*scheme)->key_type == W3P_KEY_ED25519 ? W3P_KEY_ECDSA : W3P_KEY_ED25519;
        if ((*scheme)->key_type != W3P_KEY_SR25519 && w3p_keypair_from_seed(&key, wrong, data + 1) == W3P_OK)
            require(w3p_token_make(&text, *scheme, &key) != W3P_OK && text.len == 0);
        w3p_buf_deinit(&text);
        if (w3p_keypair_from_seed(&key, (*scheme)->key_type, data + 1) == W3P_OK) {
            check_made_of(*scheme, &key, (size_t)data[33] << 8 | data[34], data[35]);
            check_text(*scheme, &key, data + 36, size - 36);
        }
    }
    static const enum w3p_key_type others[] = {W3P_KEY_ED25519, W3P_KEY_ECDSA}; // of Substrate, beside its own
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (w3p_keypair_from_seed(&key, others[i], data + 1) == W3P_OK) {
            check_made_of(w3p_scheme_find("substrate", 9), &key, (size_t)data[33] << 8 | data[34], data[35]);
            check_text(w3p_scheme_find("substrate", 9), &key, data + 36, size - 36);
        }
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
    check_made(data, size);
    check_foreign(data, size);
    require(w3p_scheme_refused(text, size) == NULL || w3p_scheme_find(text, size) == NULL);
    enum w3p_auth_reason reason = w3p_token_decode(&token, text, size);
    require(w3p_token_refused(text, size) == NULL || reason == W3P_AUTH_CHAIN);
    if (reason == W3P_AUTH_OK)
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
