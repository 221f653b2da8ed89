// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: picks the subcommand. Everything else is in src/cli, one file a subcommand.
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "crypto/hash.h"
#include "net/net.h"

static const struct w3p_command *const commands[] = {
    &w3p_cmd_serve, &w3p_cmd_devnet, &w3p_cmd_token, &w3p_cmd_key,    &w3p_cmd_status, &w3p_cmd_quote,  &w3p_cmd_orders,
    &w3p_cmd_order, &w3p_cmd_retry,  &w3p_cmd_pause, &w3p_cmd_resume, &w3p_cmd_doctor, &w3p_cmd_config,
};
enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static int print_help(FILE *to)
{
    fputs("w3pin: a Web3-authenticated IPFS pinning gateway.\n"
          "Wallet-signed requests of the IPFS Pinning Service API become storage orders on chain.\n\n"
          "usage: w3pin COMMAND [OPTION]...\n\n",
          to);
    for (size_t i = 0; i < COMMAND_COUNT; ++i)
        fprintf(to, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n  w3pin COMMAND --help   the options of a command\n"
          "  w3pin --version        the version\n\n"
          "To try it without any money: w3pin devnet, and beside it\n"
          "w3pin serve --crust.key_uri=//Alice (deploy/quickstart does both).\n",
          to);
    return to == stdout ? 0 : 2;
}

// What stdout did not take (a full disk, a closed pipe) is no success.
static int finish(const char *name, int code)
{
    if (code != W3P_EXIT_OK || (fflush(stdout) == 0 && ferror(stdout) == 0))
        return code;
    fprintf(stderr, "w3pin %s: cannot write the output\n", name);
    return W3P_EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return print_help(stderr);
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0)
        return print_help(stdout);
    if (strcmp(name, "--version") == 0) {
        puts("w3pin " W3P_VERSION);
        return 0;
    }
    for (size_t i = 0; i < COMMAND_COUNT; ++i) {
        if (strcmp(name, commands[i]->name) != 0)
            continue;
        for (int k = 2; k < argc; ++k) {
            if (strcmp(argv[k], "--help") == 0 || strcmp(argv[k], "-h") == 0) {
                fputs(commands[i]->usage, stdout);
                if (commands[i]->print_more != NULL)
                    commands[i]->print_more();
                return 0;
            }
        }
        w3p_crypto_init();
        w3p_net_global_init();
        return finish(name, commands[i]->run(argc - 1, argv + 1));
    }
    fprintf(stderr, "w3pin: unknown command '%.40s'; `w3pin --help` lists them\n", name);
    return 2;
}
