// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: runs a subcommand inside a test and keeps what it wrote. Tests of src/cli only.
#ifndef W3P_TESTS_CLI_CALL_H
#define W3P_TESTS_CLI_CALL_H

#include "cli/cli.h"

struct outcome {
    int code;
    char out[16384], err[4096];
};

// words end with a NULL; input is what the command finds on stdin.
void call(struct outcome *o, const struct w3p_command *command, const char *input, const char *const *words);
#define CALL(o, command, input, ...) call(o, &(command), input, (const char *const[]){__VA_ARGS__, NULL})

#endif
