// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: keys from text as Substrate's tools write them: [phrase | 0x seed] (//hard | /soft)* [///password].
// Must not: put any part of such a text into a message: all of it may be secret.
#include <string.h>

#include "base/encoding.h"
#include "crypto/bip39.h"
#include "crypto/hash.h"
#include "crypto/internal.h"
#include "crypto/secret.h"

#define SEED_TEXT_LEN 66 // 0x and 64 digits

// Mini-secret of the development phrase that every Substrate node knows. It protects nothing.
static const uint8_t dev_seed32[32] = {0xfa, 0xc7, 0x95, 0x9d, 0xbf, 0xe7, 0x2f, 0x05, 0x2e, 0x5a, 0x0c,
                                       0x3c, 0x8d, 0x65, 0x30, 0xf2, 0x02, 0xb0, 0x2f, 0xd8, 0xf9, 0xf5,
                                       0xca, 0x35, 0x80, 0xec, 0x8d, 0xeb, 0x77, 0x97, 0x47, 0x9e};

// Decimal digits to a little-endian number; false when it does not fit.
static bool chain_code_number(uint8_t out32[32], const char *digits, size_t len)
{
    memset(out32, 0, 32);
    for (size_t i = 0; i < len; i++) {
        unsigned carry = (unsigned)(digits[i] - '0');
        for (size_t j = 0; j < 32; j++) {
            carry += out32[j] * 10u;
            out32[j] = (uint8_t)carry;
            carry >>= 8;
        }
        if (carry != 0)
            return false;
    }
    return true;
}

static void chain_code_text(uint8_t out32[32], const char *text, size_t len)
{
    uint8_t scale[2 + W3P_SURI_MAX];
    size_t head = 1;
    if (len < 64) {
        scale[0] = (uint8_t)(len << 2);
    } else {
        scale[0] = (uint8_t)(len << 2 | 1);
        scale[1] = (uint8_t)(len >> 6);
        head = 2;
    }
    memcpy(scale + head, text, len);
    memset(out32, 0, 32);
    if (head + len > 32)
        w3p_blake2b_256(out32, scale, head + len);
    else
        memcpy(out32, scale, head + len);
    w3p_wipe(scale, sizeof scale);
}

static int chain_code(uint8_t out32[32], struct w3p_errmsg *msg, const char *text, size_t len)
{
    size_t digits = 0;
    while (digits < len && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    if (digits == len) {
        if (!chain_code_number(out32, text, len))
            return w3p_fail(msg, W3P_E_INVALID, "a number in the key URI does not fit into 256 bits");
        return W3P_OK;
    }
    // polkadot.js reads these as bytes and subkey as text: two keys for one URI
    if (len >= 2 && text[0] == '0' && text[1] == 'x')
        return w3p_fail(msg, W3P_E_INVALID, "hexadecimal junctions in a key URI are ambiguous between wallets");
    chain_code_text(out32, text, len);
    return W3P_OK;
}

static int derive_hard_by_hash(struct w3p_keypair *key, const uint8_t chain_code32[32])
{
    // SCALE string, then seed and chain code
    static const char ed[] = "\x2c"
                             "Ed25519HDKD",
                      ec[] = "\x34"
                             "Secp256k1HDKD";
    const char *tag = key->type == W3P_KEY_ED25519 ? ed : ec;
    uint8_t text[sizeof ec - 1 + 64], seed[32];
    size_t len = strlen(tag);
    int err;
    memcpy(text, tag, len);
    memcpy(text + len, key->secret64, 32);
    memcpy(text + len + 32, chain_code32, 32);
    w3p_blake2b_256(seed, text, len + 64);
    err = w3p_keypair_from_seed(key, key->type, seed);
    w3p_wipe(text, sizeof text);
    w3p_wipe(seed, sizeof seed);
    return err;
}

static int derive_step(struct w3p_keypair *key, struct w3p_errmsg *msg, bool hard, const uint8_t chain_code32[32])
{
    if (key->type == W3P_KEY_SR25519 && hard)
        w3p_sr25519_derive_hard(key, chain_code32);
    else if (key->type == W3P_KEY_SR25519)
        w3p_sr25519_derive_soft(key, chain_code32);
    else if (!hard)
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "only sr25519 keys have /soft parts; use //hard ones");
    else if (derive_hard_by_hash(key, chain_code32) != W3P_OK)
        return w3p_fail(msg, W3P_E_INVALID, "no secp256k1 key at this path");
    return W3P_OK;
}

// path is empty or begins with a slash, and holds no password.
static int derive(struct w3p_keypair *key, struct w3p_errmsg *msg, struct w3p_span parts)
{
    const char *path = (const char *)parts.ptr, *end = path + parts.len;
    while (path < end) {
        uint8_t code32[32];
        bool hard = end - path > 1 && path[1] == '/';
        path += hard ? 2 : 1;
        const char *slash = path < end ? memchr(path, '/', (size_t)(end - path)) : NULL;
        size_t len = (size_t)((slash != NULL ? slash : end) - path);
        if (len == 0)
            return w3p_fail(msg, W3P_E_INVALID, "a key URI has no empty parts");
        int err = chain_code(code32, msg, path, len);
        if (err == W3P_OK)
            err = derive_step(key, msg, hard, code32);
        w3p_wipe(code32, sizeof code32); // people hide secrets in hard parts
        if (err != W3P_OK)
            return err;
        path += len;
    }
    return W3P_OK;
}

// Where the parts of a key text lie.
struct suri {
    struct w3p_span root, path, password;
    bool has_password;
};

static struct w3p_span sub(const char *text, size_t from, size_t to)
{
    return W3P_SPAN(text + from, to - from);
}

static int split(struct suri *out, struct w3p_errmsg *msg, const char *text, size_t len)
{
    size_t path = 0;
    if (len > W3P_SURI_MAX)
        return w3p_fail(msg, W3P_E_INVALID, "a key URI has at most %d characters", W3P_SURI_MAX);
    while (path < len && text[path] != '/')
        path++;
    size_t password = path;
    while (password < len && (len - password < 3 || memcmp(text + password, "///", 3) != 0))
        password++;
    out->root = sub(text, 0, path);
    out->path = sub(text, path, password);
    out->has_password = password < len;
    out->password = out->has_password ? sub(text, password + 3, len) : sub(text, len, len);
    return W3P_OK;
}

static bool is_printable_ascii(struct w3p_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < ' ' || text.ptr[i] > '~')
            return false;
    }
    return true;
}

static int check_parts(struct w3p_errmsg *msg, const struct suri *s)
{
    for (size_t i = 0; i < s->path.len; i++) {
        if (s->path.ptr[i] < ' ')
            return w3p_fail(msg, W3P_E_INVALID, "a key URI stands on one line and has no control characters");
    }
    if (s->has_password && s->password.len == 0)
        return w3p_fail(msg, W3P_E_INVALID, "the password after /// is empty; leave the slashes out");
    // BIP39 wants NFKD, Substrate's wallets take the bytes as they are or in NFC: one text, three keys
    if (!is_printable_ascii(s->password))
        return w3p_fail(
            msg, W3P_E_UNSUPPORTED,
            "the password after /// has characters beyond ASCII, which wallets read differently; derive the "
            "key in your wallet and export it as JSON keystore");
    return W3P_OK;
}

static int hex_root(uint8_t seed32[32], struct w3p_errmsg *msg, const struct suri *s)
{
    size_t seed_len = 32;
    if (s->root.len != SEED_TEXT_LEN ||
        w3p_hex_decode(seed32, &seed_len, (const char *)s->root.ptr + 2, SEED_TEXT_LEN - 2) != W3P_OK)
        return w3p_fail(msg, W3P_E_INVALID, "a seed is 0x and 64 hex digits");
    if (s->has_password)
        return w3p_fail(msg, W3P_E_INVALID, "a password after /// belongs to a phrase, not to a hex seed");
    return W3P_OK;
}

static int phrase_root(uint8_t seed32[32], struct w3p_errmsg *msg, const struct suri *s)
{
    struct w3p_entropy entropy;
    int err = w3p_bip39_parse(&entropy, msg, (const char *)s->root.ptr, s->root.len);
    if (err == W3P_OK && w3p_bip39_seed(seed32, &entropy, (const char *)s->password.ptr, s->password.len) != W3P_OK)
        err = w3p_fail(msg, W3P_E_LIMIT, "the password after /// is too long");
    w3p_wipe(&entropy, sizeof entropy);
    return err;
}

// With nothing in front of the path the root is the development phrase.
static int dev_root(uint8_t seed32[32], struct w3p_errmsg *msg, const struct suri *s)
{
    if (s->has_password)
        return w3p_fail(msg, W3P_E_INVALID, "a development key has no ///password and no empty parts");
    if (w3p_span_has_prefix(s->root, "0x"))
        return hex_root(seed32, msg, s);
    if (s->root.len > 0 || s->path.len == 0)
        return w3p_fail(msg, W3P_E_INVALID, "a key URI begins with // or with 0x and 64 hex digits (no phrases here)");
    memcpy(seed32, dev_seed32, sizeof dev_seed32);
    return W3P_OK;
}

static int secret_root(uint8_t seed32[32], struct w3p_errmsg *msg, const struct suri *s)
{
    int err = check_parts(msg, s);
    if (err != W3P_OK)
        return err;
    if (s->root.len == 0)
        return w3p_fail(msg, W3P_E_INVALID,
                        "a key URI with a secret begins with a phrase or with 0x and 64 hex digits");
    return w3p_span_has_prefix(s->root, "0x") ? hex_root(seed32, msg, s) : phrase_root(seed32, msg, s);
}

static int build(struct w3p_keypair *out, struct w3p_errmsg *msg, enum w3p_key_type type, struct w3p_span text,
                 int (*read_root)(uint8_t seed32[32], struct w3p_errmsg *msg, const struct suri *s))
{
    struct suri s;
    uint8_t seed32[32];
    int err = split(&s, msg, (const char *)text.ptr, text.len);
    if (err == W3P_OK)
        err = read_root(seed32, msg, &s);
    if (err == W3P_OK) {
        err = w3p_keypair_from_seed(out, type, seed32);
        err = err == W3P_OK ? derive(out, msg, s.path) : w3p_fail(msg, err, "the seed is no valid secp256k1 key");
    }
    if (err != W3P_OK)
        w3p_wipe(out, sizeof *out);
    w3p_wipe(seed32, sizeof seed32);
    return err;
}

int w3p_keypair_from_suri(struct w3p_keypair *out, struct w3p_errmsg *msg, enum w3p_key_type type, const char *text,
                          size_t len)
{
    return build(out, msg, type, W3P_SPAN(text, len), secret_root);
}

int w3p_keypair_from_uri(struct w3p_keypair *out, struct w3p_errmsg *msg, enum w3p_key_type type, const char *uri)
{
    return build(out, msg, type, W3P_SPAN(uri, strnlen(uri, W3P_SURI_MAX + 1)), dev_root);
}
