// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what happens to the database's path before SQLite sees it: one absolute path, the lock of the one gateway,
// a file with mode 0600. Every failure is a sentence that names the path and what to do.
// Threads: any.  Must not: know SQLite.
#ifndef W3P_STORE_LOCKFILE_H
#define W3P_STORE_LOCKFILE_H

#include "base/bytes.h"

// Absolute path of the database with all links resolved; the caller frees.
int w3p_store_path_resolve(char **out, struct w3p_errmsg *msg, const char *path) W3P_NODISCARD;
// Takes the lock of PATH.lock. *fd holds it until it is closed. W3P_E_STATE when somebody else has it.
int w3p_store_lock(int *fd, struct w3p_errmsg *msg, const char *path) W3P_NODISCARD;
// Creates the file when there is none; takes other users' rights from one that has them.
int w3p_store_file_prepare(struct w3p_errmsg *msg, const char *path) W3P_NODISCARD;

#endif
