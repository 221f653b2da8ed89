// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what a subcommand is. One file each; src/main.c finds it by name and prints the list.
// Exit codes of all of them: 0 ok, 1 failure, 2 wrong use. An error is one line on stderr, "w3pin NAME: …".
#ifndef W3P_CLI_CLI_H
#define W3P_CLI_CLI_H

enum { W3P_EXIT_OK = 0, W3P_EXIT_FAILURE = 1, W3P_EXIT_USAGE = 2 };

struct w3p_command {
    const char *name;
    const char *summary;               // a few words for the list
    const char *usage;                 // the whole help text, ends with a newline
    int (*run)(int argc, char **argv); // argv[0] is the name
    void (*print_more)(void);          // behind the usage, what comes from a table; may be NULL
};

extern const struct w3p_command w3p_cmd_serve, w3p_cmd_devnet, w3p_cmd_token, w3p_cmd_key, w3p_cmd_status,
    w3p_cmd_config, w3p_cmd_orders, w3p_cmd_order, w3p_cmd_retry, w3p_cmd_pause, w3p_cmd_resume, w3p_cmd_quote,
    w3p_cmd_doctor;

#endif
