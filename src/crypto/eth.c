// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: Ethereum addresses: H160 of a secp256k1 point, and its EIP-55 spelling.
#include <secp256k1.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/internal.h"

void w3p_eth_address_from_point(uint8_t out20[20], const secp256k1_pubkey *point)
{
    uint8_t raw[65], digest[32];
    size_t len = sizeof raw;
    secp256k1_ec_pubkey_serialize(secp256k1_context_static, raw, &len, point, SECP256K1_EC_UNCOMPRESSED);
    w3p_keccak256(digest, raw + 1, 64); // without the leading 04
    memcpy(out20, digest + 12, 20);
}

int w3p_eth_address_from_pub(uint8_t out20[20], const uint8_t pub33[33])
{
    secp256k1_pubkey point;
    if (secp256k1_ec_pubkey_parse(secp256k1_context_static, &point, pub33, 33) != 1)
        return W3P_E_INVALID;
    w3p_eth_address_from_point(out20, &point);
    return W3P_OK;
}

void w3p_keypair_eth_address(uint8_t out20[20], const struct w3p_keypair *key)
{
    if (key->type != W3P_KEY_ECDSA || w3p_eth_address_from_pub(out20, key->pub33) != W3P_OK)
        abort();
}

void w3p_eth_address_format(char out43[43], const uint8_t address20[20])
{
    char *digits = out43 + 2;
    uint8_t digest[32];
    memcpy(out43, "0x", 2);
    w3p_hex_encode(digits, address20, 20);
    w3p_keccak256(digest, digits, 40);
    for (size_t i = 0; i < 40; i++) {
        unsigned nibble = (i % 2 == 0) ? digest[i / 2] >> 4 : digest[i / 2] & 15u;
        if (nibble >= 8 && digits[i] >= 'a')
            digits[i] = (char)(digits[i] - 'a' + 'A');
    }
}
