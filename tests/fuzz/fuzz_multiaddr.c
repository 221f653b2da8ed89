// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: any bytes as a delegate. What is refused has a sentence; what is accepted is printable, bounded and names a
// peer, because it goes into replies as it is.
#include <stdlib.h>
#include <string.h>

#include "base/multiaddr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *why = NULL;
    if (w3p_multiaddr_check_delegate((const char *)data, size, &why) != W3P_OK) {
        if (why == NULL)
            abort();
        return 0;
    }
    if (size > W3P_MULTIADDR_MAX || memmem(data, size, "/p2p/", 5) == NULL)
        abort();
    for (size_t i = 0; i < size; i++)
        if (data[i] <= 0x20 || data[i] >= 0x7f)
            abort();
    return 0;
}
