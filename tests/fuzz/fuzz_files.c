// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: fuzz a file's entry on chain in its three layouts. The bytes may be hex text, as the corpus has them.
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crust/crust_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(const uint8_t *data, size_t size)
{
    for (int layout = 0; layout < 3; layout++) {
        struct w3p_chain_file file = {0};
        int err = w3p_crust_file_decode(&file, (enum w3p_crust_layout)layout, data, size);
        if (file.exists != (err == W3P_OK))
            abort();
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
