// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: keys from seeds, for all three curves; account ids.
#include <string.h>

#include "crypto/hash.h"
#include "crypto/internal.h"

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
