// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: mortal eras: in which blocks an extrinsic is valid, and their two-byte form.
// Must not: know blocks beyond their numbers.
#include "substrate/extrinsic.h"

#define PERIOD_MIN 4u
#define PERIOD_MAX 65536u

// Long periods keep their phase in coarser steps, so that period and phase fit 16 bits.
static uint64_t quantize_factor(uint64_t period)
{
    uint64_t factor = period >> 12;
    return factor > 1 ? factor : 1;
}

struct w3p_era w3p_era_at(uint64_t period, uint64_t current)
{
    uint64_t power = PERIOD_MIN;
    while (power < period && power < PERIOD_MAX)
        power <<= 1;
    uint64_t factor = quantize_factor(power);
    return (struct w3p_era){.mortal = true, .period = power, .phase = current % power / factor * factor};
}

void w3p_era_encode(struct w3p_buf *out, struct w3p_era era)
{
    if (!era.mortal) {
        w3p_buf_put_u8(out, 0);
        return;
    }
    unsigned low = (unsigned)__builtin_ctzll(era.period) - 1;
    low = low < 1 ? 1 : low > 15 ? 15 : low;
    w3p_buf_put_le16(out, (uint16_t)(low | era.phase / quantize_factor(era.period) << 4));
}

struct w3p_era w3p_era_decode(struct w3p_reader *r)
{
    uint8_t first = w3p_reader_u8(r);
    if (first == 0)
        return (struct w3p_era){.mortal = false};
    uint64_t encoded = (uint64_t)first | (uint64_t)w3p_reader_u8(r) << 8;
    uint64_t period = (uint64_t)2 << (encoded & 15);
    uint64_t phase = (encoded >> 4) * quantize_factor(period);
    if (period < PERIOD_MIN || phase >= period)
        w3p_reader_fail(r, W3P_E_INVALID);
    if (r->err != W3P_OK)
        return (struct w3p_era){.mortal = false};
    return (struct w3p_era){.mortal = true, .period = period, .phase = phase};
}

uint64_t w3p_era_birth(struct w3p_era era, uint64_t current)
{
    if (!era.mortal)
        return 0;
    uint64_t from = current > era.phase ? current : era.phase;
    return (from - era.phase) / era.period * era.period + era.phase;
}

uint64_t w3p_era_death(struct w3p_era era, uint64_t current)
{
    return era.mortal ? w3p_era_birth(era, current) + era.period : UINT64_MAX;
}
