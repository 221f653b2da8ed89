// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: fuzz a file's entry on chain in its three layouts. The bytes may be hex text, as the corpus has them.
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crust/crust_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// An entry is its size first, and every byte of it counts: one more and one less are refused.
static void check_whole(const struct w3p_chain_file *file, enum w3p_crust_layout layout, const uint8_t *data,
                        size_t size)
{
    struct w3p_chain_file other;
    uint64_t first = 0;
    for (size_t i = 8; i > 0; i--)
        first = first << 8 | data[i - 1];
    if (first != file->size || w3p_crust_file_decode(&other, layout, data, size - 1) == W3P_OK)
        abort();
    uint8_t *longer = w3p_calloc(size + 1, 1);
    memcpy(longer, data, size);
    if (w3p_crust_file_decode(&other, layout, longer, size + 1) == W3P_OK)
        abort();
    free(longer);
}

static void decode(const uint8_t *data, size_t size)
{
    for (int layout = 0; layout < 3; layout++) {
        struct w3p_chain_file file = {0};
        int err = w3p_crust_file_decode(&file, (enum w3p_crust_layout)layout, data, size);
        if (file.exists != (err == W3P_OK))
            abort();
        if (err != W3P_OK && (file.size != 0 || file.replicas != 0 || file.expires_at_block != 0))
            abort();
        if (err == W3P_OK)
            check_whole(&file, (enum w3p_crust_layout)layout, data, size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decode(data, size);
    size_t len = size / 2 + 1, digits = size;
    uint8_t *bytes = w3p_calloc(len, 1);
    while (digits > 0 && (data[digits - 1] == '\n'))
        digits--;
    if (w3p_hex_decode(bytes, &len, (const char *)data, digits) == W3P_OK)
        decode(bytes, len);
    free(bytes);
    return 0;
}
