// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: memory for keys: locked where the system permits, never in a core dump, wiped on release.
// The first allocation also forbids core dumps and tracing of the whole process.
// Threads: any, one object at a time.
#ifndef W3P_CRYPTO_SECRET_H
#define W3P_CRYPTO_SECRET_H

#include "base/bytes.h"

void *w3p_secret_alloc(size_t len);   // zeroed; aborts when memory is gone
void w3p_secret_free(void *ptr);      // wipes; NULL is fine
void w3p_wipe(void *ptr, size_t len); // for stack copies

#endif
