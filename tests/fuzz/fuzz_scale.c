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
    return 0;
}
