// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: fuzz compact integers, lengths and eras: whatever is read encodes to the same bytes again.
#include <stdlib.h>
#include <string.h>

#include "substrate/extrinsic.h"
#include "substrate/scale.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_same(const struct w3p_buf *out, const uint8_t *data, const struct w3p_reader *r)
{
    if (r->err == W3P_OK && (out->len != r->pos || memcmp(out->ptr, data, out->len) != 0))
        abort();
}

// An era made for a block is alive at that block, dies one period after its birth, and survives its two bytes.
static void check_era(const uint8_t *data, size_t size)
{
    struct w3p_reader r;
    struct w3p_buf out;
    w3p_reader_init(&r, data, size);
    uint64_t period = w3p_reader_le16(&r), current = w3p_reader_le32(&r);
    if (r.err != W3P_OK)
        return;
    struct w3p_era era = w3p_era_at(period, current), again;
    uint64_t birth = w3p_era_birth(era, current), death = w3p_era_death(era, current);
    if (!era.mortal || era.phase >= era.period || birth > current || death != birth + era.period)
        abort();
    if (era.period <= 4096 && death <= current) // longer ones round their phase
        abort();
    w3p_buf_init(&out, 8);
    w3p_era_encode(&out, era);
    w3p_reader_init(&r, out.ptr, out.len);
    again = w3p_era_decode(&r);
    if (w3p_reader_end(&r) != W3P_OK || again.period != era.period || again.phase != era.phase)
        abort();
    w3p_buf_deinit(&out);
    era.mortal = false;
    if (w3p_era_birth(era, current) != 0 || w3p_era_death(era, current) != UINT64_MAX)
        abort();
}

// A length is believed as far as bytes are behind it, and as far as the limit goes.
static void check_length(const uint8_t *data, size_t size)
{
    struct w3p_reader r, small;
    w3p_reader_init(&r, data, size);
    w3p_reader_init(&small, data, size);
    size_t len = w3p_scale_length(&r, SIZE_MAX), short_len = w3p_scale_length(&small, 3);
    if (len > w3p_reader_left(&r) || short_len > 3)
        abort();
    if (r.err == W3P_OK && (small.err == W3P_OK) != (len <= 3))
        abort();
    w3p_reader_init(&r, data, size);
    bool truth = w3p_scale_bool(&r);
    if ((r.err == W3P_OK) != (size > 0 && data[0] < 2) || (r.err == W3P_OK && truth != (data[0] == 1)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct w3p_reader r;
    struct w3p_buf out;

    w3p_buf_init(&out, size + 32);
    w3p_reader_init(&r, data, size);
    w3p_scale_put_compact(&out, w3p_scale_compact_u128(&r));
    expect_same(&out, data, &r);

    w3p_buf_reset(&out);
    w3p_reader_init(&r, data, size);
    struct w3p_span bytes = w3p_scale_bytes(&r, 4096);
    w3p_scale_put_bytes(&out, bytes.ptr, bytes.len);
    expect_same(&out, data, &r);

    w3p_buf_reset(&out);
    w3p_reader_init(&r, data, size);
    w3p_era_encode(&out, w3p_era_decode(&r));
    expect_same(&out, data, &r);
    w3p_buf_deinit(&out);
    check_era(data, size);
    check_length(data, size);
    return 0;
}
