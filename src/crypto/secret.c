// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: memory for keys, over libsodium's guarded pages. They are marked MADV_DONTDUMP before mlock is tried, so a
// small RLIMIT_MEMLOCK costs the lock alone, never the wiping or the exclusion from core dumps.
#include "crypto/secret.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

// libsodium puts the block against the end of a page, so an odd length would give an odd address.
#define ALIGN_BYTES 16

void *w3p_secret_alloc(size_t len)
{
    // sodium_init measures the page size on first use and is cheap afterwards
    void *ptr = NULL;
    if (sodium_init() >= 0 && len <= SIZE_MAX - ALIGN_BYTES) {
        len = (len + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
        ptr = sodium_malloc(len > 0 ? len : ALIGN_BYTES);
    }
    if (ptr == NULL) {
        fputs("w3pin: out of memory for keys\n", stderr);
        abort();
    }
    sodium_memzero(ptr, len);
    return ptr;
}

void w3p_secret_free(void *ptr)
{
    sodium_free(ptr);
}

void w3p_wipe(void *ptr, size_t len)
{
    sodium_memzero(ptr, len);
}
