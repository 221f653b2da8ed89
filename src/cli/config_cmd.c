// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `w3pin config`: the defaults, and a check of a configuration before it is used.
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/settings.h"

enum { OUTPUT_MAX = 64 * 1024 };

static int print_table(void (*print)(struct w3p_buf *, const struct w3p_conf_schema *))
{
    struct w3p_buf out;
    w3p_buf_init(&out, OUTPUT_MAX);
    print(&out, &w3p_settings_schema);
    int err = w3p_buf_status(&out);
    if (err == W3P_OK)
        fputs(w3p_buf_str(&out), stdout);
    w3p_buf_deinit(&out);
    return err == W3P_OK ? 0 : 1;
}

static int check(int argc, char **argv)
{
    struct w3p_settings settings;
    struct w3p_errmsg msg;
    if (w3p_settings_load(&settings, &msg, argc, argv) != W3P_OK) {
        fprintf(stderr, "w3pin config: %s\n", msg.text);
        return 1;
    }
    w3p_settings_free(&settings);
    puts("every key is known and every value in its range");
    return 0;
}

static int run(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "--print-default") == 0 && argc == 2)
        return print_table(w3p_conf_print_ini);
    if (strcmp(what, "--markdown") == 0 && argc == 2)
        return print_table(w3p_conf_print_markdown);
    if (strcmp(what, "--check") == 0)
        return check(argc - 2, argv + 2);
    fputs("w3pin config: say --print-default, --markdown or --check; see --help\n", stderr);
    return 2;
}

const struct w3p_command w3p_cmd_config = {
    .name = "config",
    .summary = "print the default configuration, or check one",
    .usage = "usage: w3pin config --print-default | --markdown | --check [--config FILE] [--section.key=value]...\n\n"
             "  --print-default   a commented INI file of all keys with their defaults\n"
             "  --markdown        the same as a table\n"
             "  --check           load a configuration as `serve` would and say what is wrong with it\n\n"
             "A flag beats the environment (W3PIN_HTTP_LISTEN for http.listen), the environment beats the file\n"
             "(--config FILE or W3PIN_CONFIG), the file beats the default.\n",
    .run = run,
};
