// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see keyfile.h; what a secret's text is: a seed, a phrase or a keystore.
#include <string.h>

#include "base/encoding.h"
#include "cli/keyfile.h"
#include "crypto/secret.h"

static const char *const wish_names[] = {"auto", "sr25519", "ed25519", "ecdsa"};

const char *w3p_key_type_name(enum w3p_key_type type)
{
    static const char *const names[] = {
        [W3P_KEY_SR25519] = "sr25519", [W3P_KEY_ED25519] = "ed25519", [W3P_KEY_ECDSA] = "ecdsa"};
    return names[type];
}

const char *w3p_key_kind_name(enum w3p_key_kind kind)
{
    static const char *const names[] = {[W3P_KEY_KIND_SEED] = "seed",
                                        [W3P_KEY_KIND_PHRASE] = "phrase",
                                        [W3P_KEY_KIND_KEYSTORE] = "keystore",
                                        [W3P_KEY_KIND_URI] = "development key"};
    return names[kind];
}

int w3p_key_wish_parse(int *out, struct w3p_errmsg *msg, const char *text)
{
    for (int i = W3P_KEY_WISH_SR25519; i <= W3P_KEY_WISH_ECDSA; i++) {
        if (strcmp(text, wish_names[i]) == 0) {
            *out = i;
            return W3P_OK;
        }
    }
    return w3p_fail(msg, W3P_E_INVALID, "--scheme is one of sr25519, ed25519 and ecdsa, not '%.40s'", text);
}

enum w3p_key_type w3p_key_wished(int wish)
{
    return wish == W3P_KEY_WISH_ED25519 ? W3P_KEY_ED25519
           : wish == W3P_KEY_WISH_ECDSA ? W3P_KEY_ECDSA
                                        : W3P_KEY_SR25519;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// A phrase has blanks between its words, and everything with derivation has slashes.
static bool looks_like_suri(const char *text, size_t len)
{
    while (len > 0 && is_blank(text[len - 1]))
        len--;
    while (len > 0 && is_blank(*text)) {
        text++;
        len--;
    }
    for (size_t i = 0; i < len; i++) {
        if (is_blank(text[i]) || text[i] == '/')
            return true;
    }
    return false;
}

static bool looks_like_json(const char *text, size_t len)
{
    while (len > 0 && is_blank(*text)) {
        text++;
        len--;
    }
    return len > 0 && *text == '{';
}

static int open_keystore(struct w3p_keypair *out, struct w3p_errmsg *msg, int wish, const struct w3p_secret_text *text,
                         const struct w3p_secret_text *password)
{
    struct w3p_keystore store;
    int err = w3p_keystore_parse(&store, msg, text->bytes, text->len);
    if (err != W3P_OK)
        return err;
    if (wish != W3P_KEY_WISH_AUTO && w3p_key_wished(wish) != store.type)
        return w3p_fail(msg, W3P_E_INVALID,
                        "a keystore with a key of kind %s, and %s is wanted; use another file or ask for %s",
                        w3p_key_type_name(store.type), wish_names[wish], w3p_key_type_name(store.type));
    if (password == NULL)
        return w3p_fail(msg, W3P_E_INVALID,
                        "an encrypted keystore; put its password into a file of mode 0600 and name that "
                        "(--password-file, or crust.key_password_file of the gateway)");
    return w3p_keystore_open(out, msg, &store, password->bytes, password->len);
}

static int read_seed(struct w3p_keypair *out, struct w3p_errmsg *msg, int wish, const uint8_t seed32[32])
{
    int err = w3p_keypair_from_seed(out, w3p_key_wished(wish), seed32);
    return err == W3P_OK ? W3P_OK : w3p_fail(msg, err, "the seed is no valid key of kind %s", wish_names[wish]);
}

// What is no keystore.
static int read_plain(struct w3p_keypair *out, enum w3p_key_kind *kind, struct w3p_errmsg *msg, int wish,
                      const struct w3p_secret_text *text)
{
    uint8_t seed32[32];
    size_t seed_len = sizeof(seed32);
    int err = W3P_OK;
    if (text->len == 0)
        err = w3p_fail(msg, W3P_E_INVALID, "empty");
    else if (w3p_hex0x_decode(seed32, &seed_len, text->bytes, text->len) == W3P_OK && seed_len == sizeof(seed32))
        err = read_seed(out, msg, wish, seed32);
    else if (text->bytes[0] == '/')
        err = w3p_fail(msg, W3P_E_INVALID,
                       "a development key, which everybody has; it belongs into --uri or crust.key_uri");
    else if (looks_like_suri(text->bytes, text->len))
        *kind = W3P_KEY_KIND_PHRASE;
    else
        err = w3p_fail(
            msg, W3P_E_INVALID,
            "neither a seed of 64 hex digits nor a phrase nor a JSON keystore of polkadot.js; is it cut short?");
    if (err == W3P_OK && *kind == W3P_KEY_KIND_PHRASE)
        err = w3p_keypair_from_suri(out, msg, w3p_key_wished(wish), text->bytes, text->len);
    w3p_wipe(seed32, sizeof(seed32));
    return err;
}

int w3p_key_from_text(struct w3p_keypair *out, enum w3p_key_kind *kind, struct w3p_errmsg *msg, int wish,
                      const struct w3p_secret_text *text, const struct w3p_secret_text *password)
{
    enum w3p_key_kind found = W3P_KEY_KIND_SEED;
    int err = W3P_OK;
    if (text->len > W3P_KEYSTORE_TEXT_MAX)
        err = w3p_fail(msg, W3P_E_LIMIT, "longer than any key (%d bytes)", W3P_KEYSTORE_TEXT_MAX);
    else if (looks_like_json(text->bytes, text->len)) {
        found = W3P_KEY_KIND_KEYSTORE;
        err = open_keystore(out, msg, wish, text, password);
    } else {
        err = read_plain(out, &found, msg, wish, text);
        if (err == W3P_OK && password != NULL)
            err = w3p_fail(msg, W3P_E_INVALID, "a %s, which has no password; leave the password file out",
                           w3p_key_kind_name(found));
    }
    if (kind != NULL)
        *kind = found;
    if (err != W3P_OK)
        w3p_wipe(out, sizeof(*out));
    return err;
}
