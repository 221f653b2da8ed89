// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: recoverable ECDSA on secp256k1, with the one spelling of a signature that we accept (low s).
// The library aborts the process on arguments that it calls illegal, so everything is looked at here before.
#include <pthread.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/internal.h"
#include "crypto/secret.h"

static secp256k1_context *signer; // blinded once, then read only: any thread may use it
static pthread_once_t signer_once = PTHREAD_ONCE_INIT;

static void signer_create(void)
{
    uint8_t blind[32];
    signer = secp256k1_context_create(SECP256K1_CONTEXT_SIGN);
    randombytes_buf(blind, sizeof blind);
    if (signer == NULL || secp256k1_context_randomize(signer, blind) != 1)
        abort();
    w3p_wipe(blind, sizeof blind);
}

static void compress(uint8_t pub33[33], const secp256k1_pubkey *point)
{
    size_t len = 33;
    secp256k1_ec_pubkey_serialize(secp256k1_context_static, pub33, &len, point, SECP256K1_EC_COMPRESSED);
}

int w3p_ecdsa_from_seed(struct w3p_keypair *out, const uint8_t seed32[32])
{
    secp256k1_pubkey point;
    pthread_once(&signer_once, signer_create);
    if (secp256k1_ec_pubkey_create(signer, &point, seed32) != 1)
        return W3P_E_INVALID; // zero, or not below the group's order
    memmove(out->secret64, seed32, 32);
    memset(out->secret64 + 32, 0, 32);
    out->type = W3P_KEY_ECDSA;
    out->pub_len = 33;
    compress(out->pub33, &point);
    return W3P_OK;
}

void w3p_ecdsa_sign(uint8_t sig65[65], const struct w3p_keypair *key, const uint8_t digest32[32])
{
    secp256k1_ecdsa_recoverable_signature sig;
    int recid = 0;
    pthread_once(&signer_once, signer_create);
    if (key->type != W3P_KEY_ECDSA ||
        secp256k1_ecdsa_sign_recoverable(signer, &sig, digest32, key->secret64, NULL, NULL) != 1)
        abort();
    secp256k1_ecdsa_recoverable_signature_serialize_compact(signer, sig65, &recid, &sig);
    sig65[64] = (uint8_t)recid;
}

static enum w3p_verdict recover_point(secp256k1_pubkey *point, const uint8_t rs64[64], unsigned recid,
                                      const uint8_t digest32[32])
{
    const secp256k1_context *ctx = secp256k1_context_static;
    secp256k1_ecdsa_recoverable_signature sig;
    secp256k1_ecdsa_signature plain;
    if (recid > 3 || sodium_is_zero(rs64, 32) || sodium_is_zero(rs64 + 32, 32))
        return W3P_SIG_MALFORMED;
    if (secp256k1_ecdsa_recoverable_signature_parse_compact(ctx, &sig, rs64, (int)recid) != 1)
        return W3P_SIG_MALFORMED;
    secp256k1_ecdsa_recoverable_signature_convert(ctx, &plain, &sig);
    if (secp256k1_ecdsa_signature_normalize(ctx, NULL, &plain) == 1)
        return W3P_SIG_MALFORMED;
    return secp256k1_ecdsa_recover(ctx, point, &sig, digest32) == 1 ? W3P_SIG_VALID : W3P_SIG_INVALID;
}

enum w3p_verdict w3p_ecdsa_recover(uint8_t pub33[33], const uint8_t rs64[64], unsigned recid,
                                   const uint8_t digest32[32])
{
    secp256k1_pubkey point;
    enum w3p_verdict verdict = recover_point(&point, rs64, recid, digest32);
    if (verdict == W3P_SIG_VALID)
        compress(pub33, &point);
    return verdict;
}

enum w3p_verdict w3p_ecdsa_recover_eth(uint8_t address20[20], const uint8_t rs64[64], unsigned recid,
                                       const uint8_t digest32[32])
{
    secp256k1_pubkey point;
    enum w3p_verdict verdict = recover_point(&point, rs64, recid, digest32);
    if (verdict == W3P_SIG_VALID)
        w3p_eth_address_from_point(address20, &point);
    return verdict;
}
