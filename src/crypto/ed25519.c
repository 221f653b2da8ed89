// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: ed25519 of libsodium, which refuses small-order and non-canonical points by itself.
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/internal.h"

bool w3p_scalar25519_is_canonical(const uint8_t s32[32])
{
    // 2^252 + 27742317777372353535851937790883648493, little endian
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                      0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                      0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
    for (size_t i = 32; i-- > 0;) {
        if (s32[i] != order[i])
            return s32[i] < order[i];
    }
    return false;
}

void w3p_ed25519_from_seed(struct w3p_keypair *out, const uint8_t seed32[32])
{
    out->type = W3P_KEY_ED25519;
    out->pub_len = 32;
    out->pub33[32] = 0;
    crypto_sign_seed_keypair(out->pub33, out->secret64, seed32);
}

void w3p_ed25519_sign(uint8_t sig64[64], const struct w3p_keypair *key, const void *msg, size_t len)
{
    if (key->type != W3P_KEY_ED25519)
        abort();
    crypto_sign_detached(sig64, NULL, msg, len, key->secret64);
}

enum w3p_verdict w3p_ed25519_verify(const uint8_t sig64[64], const uint8_t pub32[32], const void *msg, size_t len)
{
    if (!w3p_scalar25519_is_canonical(sig64 + 32))
        return W3P_SIG_MALFORMED;
    return crypto_sign_verify_detached(sig64, msg, len, pub32) == 0 ? W3P_SIG_VALID : W3P_SIG_INVALID;
}
