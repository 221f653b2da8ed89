// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the registry of wallet schemes (one line each) and what they share.
// Chain types of the field that are refused on purpose stand here with the sentence that says why.
#include <string.h>

#include "base/encoding.h"
#include "scheme.h"

static const struct w3p_scheme *const registry[] = {
    &w3p_scheme_substrate,  &w3p_scheme_ethereum, &w3p_scheme_solana,   &w3p_scheme_near, &w3p_scheme_avalanche,
    &w3p_scheme_multiversx, &w3p_scheme_aptos,    &w3p_scheme_algorand, &w3p_scheme_ton,  NULL,
};

const struct w3p_scheme *const *w3p_schemes(void)
{
    return registry;
}

bool w3p_auth_word_is(const char *word, const char *text, size_t len)
{
    if (strlen(word) != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c != word[i])
            return false;
    }
    return true;
}

const struct w3p_scheme *w3p_scheme_find(const char *name, size_t len)
{
    for (const struct w3p_scheme *const *scheme = registry; *scheme != NULL; scheme++)
        for (const char *const *alias = (*scheme)->aliases; *alias != NULL; alias++)
            if (w3p_auth_word_is(*alias, name, len))
                return *scheme;
    return NULL;
}

static const struct {
    const char *names[3];
    const char *sentence;
} refused[] = {
    {{"flow", "flo", NULL},
     "Flow accounts have their keys on the chain, so their signatures cannot be checked without asking it"},
    {{"xx", NULL}, "tokens of the xx network rest on one certificate that the scheme has built in, and never expire"},
    {{"huochain", NULL}, "tokens of HuoChain carry the wallet's private key: make a new wallet and move what it holds"},
    {{"mimir", NULL},
     "Mimir's multisigs sign a transaction that names no account, so what is published on chain would be a login"},
};

const char *w3p_scheme_refused(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        for (const char *const *word = refused[i].names; *word != NULL; word++)
            if (w3p_auth_word_is(*word, name, len))
                return refused[i].sentence;
    return NULL;
}

bool w3p_address_begin(struct w3p_address *out, const struct w3p_scheme *scheme, const char *text, size_t len)
{
    if (len >= sizeof(out->text))
        return false;
    out->scheme = scheme;
    memcpy(out->text, text, len);
    out->text[len] = '\0';
    out->text_len = len;
    out->key_len = 0;
    return true;
}

int w3p_auth_base64(uint8_t *out, size_t *out_len, const char *text, size_t len)
{
    bool url = memchr(text, '-', len) != NULL || memchr(text, '_', len) != NULL;
    // Without padding a multiple of four looks the same in both forms.
    enum w3p_base64_padding padding = len % 4 == 0 ? W3P_BASE64_PADDED : W3P_BASE64_UNPADDED;
    return w3p_base64_decode(out, out_len, text, len, url ? W3P_BASE64_URL : W3P_BASE64_STD, padding);
}

size_t w3p_auth_wrap(uint8_t *out, const void *text, size_t text_len)
{
    static const char open[] = "<Bytes>", close[] = "</Bytes>";
    memcpy(out, open, sizeof(open) - 1);
    memcpy(out + sizeof(open) - 1, text, text_len);
    memcpy(out + sizeof(open) - 1 + text_len, close, sizeof(close) - 1);
    return text_len + W3P_AUTH_WRAP_BYTES;
}
