// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: memory for keys, over libsodium's guarded pages. They are marked MADV_DONTDUMP before mlock is tried, so a
// small RLIMIT_MEMLOCK costs the lock alone, never the wiping or the exclusion from core dumps.
#include "crypto/secret.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static pthread_once_t dumps_once = PTHREAD_ONCE_INIT;

// Keys pass over the stack, too, and scrypt works in plain pages: from the first key on this process leaves no core,
// and no other process of the same user reads its memory. The limit alone does not stop a core_pattern that is a pipe.
static void forbid_dumps(void)
{
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

// libsodium puts the block against the end of a page, so an odd length would give an odd address.
#define ALIGN_BYTES 16

void *w3p_secret_alloc(size_t len)
{
    pthread_once(&dumps_once, forbid_dumps);
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
