// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: STROBE-128 with the four operations that Merlin needs (meta-AD, AD, PRF, KEY), and Merlin on top of it.
#include "crypto/merlin.h"

#include <string.h>

#include "crypto/internal.h"
#include "crypto/secret.h"

#define STROBE_RATE 166 // 200 bytes less the 32 of the capacity and two of framing

// Operation flags of the STROBE specification.
enum { FLAG_I = 1, FLAG_A = 2, FLAG_C = 4, FLAG_M = 16 };

static void lane_xor(struct w3p_merlin *t, unsigned index, uint8_t byte)
{
    t->state[index >> 3] ^= (uint64_t)byte << (8 * (index & 7));
}

static uint8_t lane_get(const struct w3p_merlin *t, unsigned index)
{
    return (uint8_t)(t->state[index >> 3] >> (8 * (index & 7)));
}

static void run_f(struct w3p_merlin *t)
{
    lane_xor(t, t->pos, t->pos_begin);
    lane_xor(t, t->pos + 1u, 0x04);
    lane_xor(t, STROBE_RATE + 1, 0x80);
    w3p_keccak_permute(t->state);
    t->pos = t->pos_begin = 0;
}

static void advance(struct w3p_merlin *t)
{
    if (++t->pos == STROBE_RATE)
        run_f(t);
}

static void absorb(struct w3p_merlin *t, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < len; i++) {
        lane_xor(t, t->pos, p[i]);
        advance(t);
    }
}

static void overwrite(struct w3p_merlin *t, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        lane_xor(t, t->pos, lane_get(t, t->pos) ^ bytes[i]);
        advance(t);
    }
}

static void squeeze(struct w3p_merlin *t, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[i] = lane_get(t, t->pos);
        lane_xor(t, t->pos, out[i]); // STROBE leaves zeros behind what it gave away
        advance(t);
    }
}

static void begin_op(struct w3p_merlin *t, uint8_t flags)
{
    uint8_t head[2] = {t->pos_begin, flags};
    t->pos_begin = (uint8_t)(t->pos + 1);
    absorb(t, head, sizeof head);
    if ((flags & FLAG_C) != 0 && t->pos != 0)
        run_f(t);
}

// The frame of every Merlin message: the label, then the length as a continuation of the same operation.
static void meta_label(struct w3p_merlin *t, const char *label, size_t len)
{
    const uint8_t le32[4] = {(uint8_t)len, (uint8_t)(len >> 8), (uint8_t)(len >> 16), (uint8_t)(len >> 24)};
    begin_op(t, FLAG_M | FLAG_A);
    absorb(t, label, strlen(label));
    absorb(t, le32, sizeof le32);
}

static void key_op(struct w3p_merlin *t, const uint8_t *key, size_t len)
{
    begin_op(t, FLAG_A | FLAG_C);
    overwrite(t, key, len);
}

static void prf_op(struct w3p_merlin *t, uint8_t *out, size_t len)
{
    begin_op(t, FLAG_I | FLAG_A | FLAG_C);
    squeeze(t, out, len);
}

void w3p_merlin_init(struct w3p_merlin *t, const char *label)
{
    static const char protocol[] = "Merlin v1.0";
    static const uint8_t head[18] = {
        1, STROBE_RATE + 2, 1, 0, 1, 96, 'S', 'T', 'R', 'O', 'B', 'E', 'v', '1', '.', '0', '.', '2'};
    *t = (struct w3p_merlin){0};
    for (unsigned i = 0; i < sizeof head; i++)
        lane_xor(t, i, head[i]);
    w3p_keccak_permute(t->state);
    begin_op(t, FLAG_M | FLAG_A);
    absorb(t, protocol, sizeof protocol - 1);
    w3p_merlin_append(t, "dom-sep", label, strlen(label));
}

void w3p_merlin_append(struct w3p_merlin *t, const char *label, const void *bytes, size_t len)
{
    meta_label(t, label, len);
    begin_op(t, FLAG_A);
    absorb(t, bytes, len);
}

void w3p_merlin_challenge(struct w3p_merlin *t, uint8_t *out, size_t out_len, const char *label)
{
    meta_label(t, label, out_len);
    prf_op(t, out, out_len);
}

void w3p_merlin_witness(const struct w3p_merlin *t, uint8_t out64[64], const char *label, const uint8_t nonce32[32],
                        const uint8_t random32[32])
{
    struct w3p_merlin rng = *t;
    meta_label(&rng, label, 32);
    key_op(&rng, nonce32, 32);

    begin_op(&rng, FLAG_M | FLAG_A);
    absorb(&rng, "rng", 3);
    key_op(&rng, random32, 32);

    meta_label(&rng, "", 64);
    prf_op(&rng, out64, 64);
    w3p_wipe(&rng, sizeof rng);
}
