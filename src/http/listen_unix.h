// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a listening UNIX socket that only its owner can connect to: the file has mode 0600 from its first moment,
// the rest of a killed process is replaced, and nothing else ever is: no other file, no link, no socket that answers.
// No h2o. Threads: any.  Ownership: the caller closes the descriptor, then gives the file to w3p_listen_unix_remove.
#ifndef W3P_HTTP_LISTEN_UNIX_H
#define W3P_HTTP_LISTEN_UNIX_H

#include "base/bytes.h"

struct w3p_unix_file {
    char *path; // NULL: there is none
    int held;   // keeps the inode, so that no other file can get its number
};

// A bound, non-blocking socket; listen(2) is left to the caller. W3P_E_LIMIT for a path that is too long, W3P_E_STATE
// when a process answers there, W3P_E_INVALID when something stands there that is no socket, W3P_E_IO.
int w3p_listen_unix(int *fd, struct w3p_unix_file *file, struct w3p_errmsg *msg, const char *path) W3P_NODISCARD;
// Removes the file if it is still the one that was made.
void w3p_listen_unix_remove(struct w3p_unix_file *file);

#endif
