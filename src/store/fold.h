// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: case folding of UTF-8 text for case-insensitive comparison, one character to one character: every script
// that has case, the final sigma, the Kelvin sign. The four letters i of Turkish fold to one; ß does not fold to ss.
// SQL sees it as the deterministic function fold(text).
// Threads: any.  Must not: depend on the process's locale.
#ifndef W3P_STORE_FOLD_H
#define W3P_STORE_FOLD_H

#include <sqlite3.h>

#include "base/bytes.h"

// Appends the folded text. Bytes that are not UTF-8 pass through unchanged.
void w3p_store_fold(struct w3p_buf *out, const char *text, size_t len);
// Registers fold() on a connection. An SQLite result code.
int w3p_store_fold_register(sqlite3 *handle);

#endif
