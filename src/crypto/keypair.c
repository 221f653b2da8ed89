// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: keys from seeds and from development URIs ("//Alice"), for all three curves; account ids.
// Must not: put any part of a URI into a message: it may hold a seed.
#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/internal.h"
#include "crypto/secret.h"

#define SEED_TEXT_LEN 66   // 0x and 64 digits
#define URI_MAX_BYTES 1024 // bounds the number of junctions, too

// Mini-secret of the development phrase that every Substrate node knows. It protects nothing.
static const uint8_t dev_seed32[32] = {0xfa, 0xc7, 0x95, 0x9d, 0xbf, 0xe7, 0x2f, 0x05, 0x2e, 0x5a, 0x0c,
                                       0x3c, 0x8d, 0x65, 0x30, 0xf2, 0x02, 0xb0, 0x2f, 0xd8, 0xf9, 0xf5,
                                       0xca, 0x35, 0x80, 0xec, 0x8d, 0xeb, 0x77, 0x97, 0x47, 0x9e};

int w3p_keypair_from_seed(struct w3p_keypair *out, enum w3p_key_type type, const uint8_t seed32[32])
{
    switch (type) {
    case W3P_KEY_SR25519:
        w3p_sr25519_from_seed(out, seed32);
        return W3P_OK;
    case W3P_KEY_ED25519:
        w3p_ed25519_from_seed(out, seed32);
        return W3P_OK;
    case W3P_KEY_ECDSA:
        return w3p_ecdsa_from_seed(out, seed32);
    }
    return W3P_E_INVALID;
}

void w3p_keypair_account(uint8_t out32[32], const struct w3p_keypair *key)
{
    if (key->type == W3P_KEY_ECDSA)
        w3p_blake2b_256(out32, key->pub33, 33);
    else
        memcpy(out32, key->pub33, 32);
}

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
    uint8_t scale[2 + URI_MAX_BYTES];
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

static int derive(struct w3p_keypair *key, struct w3p_errmsg *msg, const char *path)
{
    while (*path != '\0') {
        uint8_t code32[32];
        bool hard = path[0] == '/' && path[1] == '/';
        if (*path != '/')
            return w3p_fail(msg, W3P_E_INVALID,
                            "a key URI is an optional 0x seed of 64 digits and //hard or /soft parts");
        path += hard ? 2 : 1;
        size_t len = strcspn(path, "/");
        if (len == 0)
            return w3p_fail(msg, W3P_E_INVALID, "a key URI has no empty parts and no password");
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

int w3p_keypair_from_uri(struct w3p_keypair *out, struct w3p_errmsg *msg, enum w3p_key_type type, const char *uri)
{
    uint8_t seed[32];
    size_t seed_len = sizeof seed;
    int err;
    if (strnlen(uri, URI_MAX_BYTES + 1) > URI_MAX_BYTES)
        return w3p_fail(msg, W3P_E_INVALID, "a key URI has at most %d characters", URI_MAX_BYTES);
    memcpy(seed, dev_seed32, sizeof seed);
    if (*uri != '/') {
        if (strncmp(uri, "0x", 2) != 0 || strcspn(uri, "/") != SEED_TEXT_LEN ||
            w3p_hex_decode(seed, &seed_len, uri + 2, SEED_TEXT_LEN - 2) != W3P_OK) {
            err =
                w3p_fail(msg, W3P_E_INVALID, "a key URI begins with // or with 0x and 64 hex digits (no phrases here)");
            goto out;
        }
        uri += SEED_TEXT_LEN;
    }
    err = w3p_keypair_from_seed(out, type, seed);
    if (err != W3P_OK) {
        w3p_fail(msg, err, "the seed is no valid secp256k1 key");
        goto out;
    }
    err = derive(out, msg, uri);
out:
    w3p_wipe(seed, sizeof seed);
    if (err != W3P_OK)
        w3p_wipe(out, sizeof *out);
    return err;
}
