// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the files of `w3pin key` share: its options and the public side of a key.
// Must not: be included outside src/cli/key*.c.
#ifndef W3P_CLI_KEY_H
#define W3P_CLI_KEY_H

#include <stdio.h>

#include "cli/keyfile.h"

struct w3p_key_options {
    const char *uri, *file; // inspect; import: file is --in, NULL is stdin
    const char *out, *password_file;
    uint64_t words;
    int wish;
    bool json, print;
};

// Public key, account and addresses, as lines or as one JSON object.
void w3p_key_print(FILE *to, const struct w3p_keypair *key, enum w3p_key_kind kind, bool json);

// `key new` and `key import`: an exit code, a sentence in msg unless it is 0.
int w3p_key_new(struct w3p_errmsg *msg, const struct w3p_key_options *o);
int w3p_key_import(struct w3p_errmsg *msg, const struct w3p_key_options *o);

#endif
