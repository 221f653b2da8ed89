// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: schnorrkel's signatures and key derivation: ristretto255 of libsodium under a Merlin transcript.
// Verification pays one base multiplication, one multiplication and one subtraction, and nothing else of weight.
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/internal.h"
#include "crypto/merlin.h"
#include "crypto/secret.h"

#define MARKER 0x80 // in the last byte: "this is schnorrkel, not ed25519"

static void public_from_scalar(struct w3p_keypair *key)
{
    key->type = W3P_KEY_SR25519;
    key->pub_len = 32;
    key->pub33[32] = 0;
    // only for the scalar zero, which no derivation can hit
    if (crypto_scalarmult_ristretto255_base(key->pub33, key->secret64) != 0)
        abort();
}

int w3p_sr25519_from_expanded(struct w3p_keypair *out, const uint8_t expanded64[64])
{
    uint8_t scalar[32], wide[64] = {0}, reduced[32];
    bool fits = (expanded64[0] & 7) == 0;
    for (size_t i = 0; i < 31; i++)
        scalar[i] = (uint8_t)(expanded64[i] >> 3 | expanded64[i + 1] << 5);
    scalar[31] = expanded64[31] >> 3;
    memcpy(wide, scalar, sizeof scalar);
    crypto_core_ristretto255_scalar_reduce(reduced, wide); // changes nothing below the order; in constant time
    fits = fits && w3p_equal_ct(scalar, reduced, sizeof scalar) && !sodium_is_zero(scalar, sizeof scalar);
    if (fits) {
        memcpy(out->secret64, scalar, sizeof scalar);
        memcpy(out->secret64 + 32, expanded64 + 32, 32);
        public_from_scalar(out);
    }
    w3p_wipe(scalar, sizeof scalar);
    w3p_wipe(wide, sizeof wide);
    w3p_wipe(reduced, sizeof reduced);
    return fits ? W3P_OK : W3P_E_INVALID;
}

void w3p_sr25519_to_expanded(uint8_t expanded64[64], const struct w3p_keypair *key)
{
    const uint8_t *scalar = key->secret64; // below 2^253
    for (size_t i = 31; i > 0; i--)
        expanded64[i] = (uint8_t)(scalar[i] << 3 | scalar[i - 1] >> 5);
    expanded64[0] = (uint8_t)(scalar[0] << 3);
    memcpy(expanded64 + 32, scalar + 32, 32);
}

void w3p_sr25519_from_seed(struct w3p_keypair *out, const uint8_t seed32[32])
{
    uint8_t h[64];
    crypto_hash_sha512(h, seed32, 32);
    h[0] &= 248;
    h[31] &= 63;
    h[31] |= 64;
    // clamped: a multiple of 8 whose eighth is below the group's order
    if (w3p_sr25519_from_expanded(out, h) != W3P_OK)
        abort();
    w3p_wipe(h, sizeof h);
}

static void derivation_init(struct w3p_merlin *t, const uint8_t chain_code32[32])
{
    w3p_merlin_init(t, "SchnorrRistrettoHDKD");
    w3p_merlin_append(t, "sign-bytes", "", 0);
    w3p_merlin_append(t, "chain-code", chain_code32, 32);
}

void w3p_sr25519_derive_hard(struct w3p_keypair *key, const uint8_t chain_code32[32])
{
    struct w3p_merlin t;
    uint8_t mini[32];
    derivation_init(&t, chain_code32);
    w3p_merlin_append(&t, "secret-key", key->secret64, 32);
    w3p_merlin_challenge(&t, mini, sizeof mini, "HDKD-hard");
    w3p_sr25519_from_seed(key, mini);
    w3p_wipe(&t, sizeof t);
    w3p_wipe(mini, sizeof mini);
}

void w3p_sr25519_derive_soft(struct w3p_keypair *key, const uint8_t chain_code32[32])
{
    // schnorrkel draws the child's nonce seed at random; ours follows from the parent's, so that a URI is one key
    static const uint8_t fixed32[32] = {0};
    struct w3p_merlin t;
    uint8_t wide[64], tweak[32], nonce[64];
    derivation_init(&t, chain_code32);
    w3p_merlin_append(&t, "public-key", key->pub33, 32);
    w3p_merlin_witness(&t, nonce, "HDKD-nonce", key->secret64 + 32, fixed32);
    w3p_merlin_challenge(&t, wide, sizeof wide, "HDKD-scalar");
    crypto_core_ristretto255_scalar_reduce(tweak, wide);
    crypto_core_ristretto255_scalar_add(key->secret64, key->secret64, tweak);
    memcpy(key->secret64 + 32, nonce, 32);
    public_from_scalar(key);
    w3p_wipe(&t, sizeof t);
    w3p_wipe(wide, sizeof wide);
    w3p_wipe(tweak, sizeof tweak);
    w3p_wipe(nonce, sizeof nonce);
}

static void signing_transcript(struct w3p_merlin *t, const uint8_t pub32[32], const void *msg, size_t len)
{
    w3p_merlin_init(t, "SigningContext");
    w3p_merlin_append(t, "", "substrate", 9);
    w3p_merlin_append(t, "sign-bytes", msg, len);
    w3p_merlin_append(t, "proto-name", "Schnorr-sig", 11);
    w3p_merlin_append(t, "sign:pk", pub32, 32);
}

static void challenge_scalar(struct w3p_merlin *t, uint8_t out32[32], const uint8_t r32[32])
{
    uint8_t wide[64];
    w3p_merlin_append(t, "sign:R", r32, 32);
    w3p_merlin_challenge(t, wide, sizeof wide, "sign:c");
    crypto_core_ristretto255_scalar_reduce(out32, wide);
}

void w3p_sr25519_sign(uint8_t sig64[64], const struct w3p_keypair *key, const void *msg, size_t len,
                      const uint8_t *random32)
{
    struct w3p_merlin t;
    uint8_t drawn[32], wide[64], r[32], k[32];
    if (key->type != W3P_KEY_SR25519)
        abort();
    if (random32 == NULL) {
        randombytes_buf(drawn, sizeof drawn);
        random32 = drawn;
    }
    signing_transcript(&t, key->pub33, msg, len);
    w3p_merlin_witness(&t, wide, "signing", key->secret64 + 32, random32);
    crypto_core_ristretto255_scalar_reduce(r, wide);
    if (crypto_scalarmult_ristretto255_base(sig64, r) != 0)
        abort(); // a zero witness: never, short of a broken permutation
    challenge_scalar(&t, k, sig64);
    crypto_core_ristretto255_scalar_mul(k, k, key->secret64);
    crypto_core_ristretto255_scalar_add(sig64 + 32, k, r);
    sig64[63] |= MARKER;
    w3p_wipe(drawn, sizeof drawn);
    w3p_wipe(wide, sizeof wide);
    w3p_wipe(r, sizeof r);
    w3p_wipe(k, sizeof k);
}

enum w3p_verdict w3p_sr25519_verify(const uint8_t sig64[64], const uint8_t pub32[32], const void *msg, size_t len)
{
    uint8_t s[32], k[32], sb[32], ka[32], r[32];
    memcpy(s, sig64 + 32, sizeof s);
    if ((s[31] & MARKER) == 0)
        return W3P_SIG_MALFORMED;
    s[31] &= (uint8_t)~MARKER;
    // with the identity as key every message would have a signature that needs no secret
    if (!w3p_scalar25519_is_canonical(s) || sodium_is_zero(pub32, 32))
        return W3P_SIG_MALFORMED;

    struct w3p_merlin t;
    signing_transcript(&t, pub32, msg, len);
    challenge_scalar(&t, k, sig64);
    if (crypto_scalarmult_ristretto255(ka, k, pub32) != 0)
        return W3P_SIG_MALFORMED; // not the encoding of a point
    if (crypto_scalarmult_ristretto255_base(sb, s) != 0)
        return W3P_SIG_INVALID; // s = 0
    if (crypto_core_ristretto255_sub(r, sb, ka) == 0 && memcmp(r, sig64, 32) == 0)
        return W3P_SIG_VALID;
    // R was compared as bytes; whether it is a point at all matters only now
    return crypto_core_ristretto255_is_valid_point(sig64) == 1 ? W3P_SIG_INVALID : W3P_SIG_MALFORMED;
}
