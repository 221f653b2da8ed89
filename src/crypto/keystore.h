// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the JSON keystore of polkadot.js, version 3: a key sealed with scrypt and xsalsa20-poly1305.
// Threads: any.  Ownership: the caller's storage; keep keys in w3p_secret_alloc memory.
// Must not: put a password or any part of a key into a message. Addresses are public and may stand there.
// Refused with a sentence: versions 0 to 2 (no scrypt), unencrypted stores (type "none"), Ethereum accounts, and scrypt
// costs that polkadot.js does not write.
#ifndef W3P_CRYPTO_KEYSTORE_H
#define W3P_CRYPTO_KEYSTORE_H

#include "crypto/keys.h"

#define W3P_KEYSTORE_TEXT_MAX 16384 // bytes of JSON; a real one has about 600
#define W3P_KEYSTORE_PASSWORD_MAX 1024
#define W3P_KEYSTORE_SEALED_MAX (16 + 16 + 64 + 5 + 32) // tag, header, secret, divider, public key

// A store as it was read, still sealed.
struct w3p_keystore {
    enum w3p_key_type type;
    uint32_t n, p, r; // scrypt; opening takes 128·n·r bytes: 128 MiB with polkadot.js' n = 2^17
    uint8_t salt32[32], nonce24[24];
    uint8_t sealed[W3P_KEYSTORE_SEALED_MAX];
    size_t sealed_len;
    uint8_t account32[32]; // of its address
};

// W3P_E_INVALID: no keystore, or damaged; W3P_E_UNSUPPORTED: one that is refused; W3P_E_LIMIT: too long.
int w3p_keystore_parse(struct w3p_keystore *out, struct w3p_errmsg *msg, const char *text, size_t len) W3P_NODISCARD;

// The password is taken as bytes, as polkadot.js does. W3P_E_AUTH: it does not open the store; W3P_E_INVALID: what is
// inside is no key, or not that of the address; W3P_E_LIMIT: the password is too long, or memory is too short.
int w3p_keystore_open(struct w3p_keypair *out, struct w3p_errmsg *msg, const struct w3p_keystore *store,
                      const char *password, size_t len) W3P_NODISCARD;

struct w3p_keystore_options {
    const char *password;
    size_t password_len;
    const char *name;    // shown by wallets
    uint64_t created_ms; // Unix time
    uint16_t prefix;     // SS58 network of the address (with ecdsa the public key stands there)
};
// The JSON text, on one line without its end; sealed with n = 2^17, p = 1, r = 8, fresh salt and nonce. W3P_E_LIMIT as
// above, W3P_E_INVALID for an empty password.
int w3p_keystore_make(struct w3p_buf *out, struct w3p_errmsg *msg, const struct w3p_keypair *key,
                      const struct w3p_keystore_options *options) W3P_NODISCARD;

#endif
