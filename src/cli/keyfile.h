// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a signing key from a seed file that only its owner can read, or from a development URI.
// Ownership: the key pair goes into the caller's storage, best w3p_secret_alloc memory; copies here are wiped.
#ifndef W3P_CLI_KEYFILE_H
#define W3P_CLI_KEYFILE_H

#include "crypto/keys.h"

// The file holds 64 hex digits, with or without 0x and one newline. It must be a regular file of this user or of root
// with no permission for group and others; a symlink must belong to them too. The sentence never quotes the content,
// nor a "path" that is a seed or a phrase.
int w3p_keyfile_load(struct w3p_keypair *out, struct w3p_errmsg *msg, enum w3p_key_type type,
                     const char *path) W3P_NODISCARD;
// Holds the file for this process until *fd is closed: two gateways that sign with one key would fight over its nonces.
// W3P_E_STATE when another one holds it. A copy of the file is another file: foreign use of a key is found on chain
// only.
int w3p_keyfile_lock(int *fd, struct w3p_errmsg *msg, const char *path) W3P_NODISCARD;
// Exactly one of uri and path is set; W3P_E_INVALID otherwise.
int w3p_key_choose(struct w3p_keypair *out, struct w3p_errmsg *msg, enum w3p_key_type type, const char *uri,
                   const char *path) W3P_NODISCARD;

#endif
