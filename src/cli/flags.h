// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: "--name value" and "--name=value", for every subcommand alike.
#ifndef W3P_CLI_FLAGS_H
#define W3P_CLI_FLAGS_H

#include "base/bytes.h"

#define W3P_FLAG_NAME_MAX 64

struct w3p_flag {
    char name[W3P_FLAG_NAME_MAX]; // without "--"
    const char *value;            // borrowed from argv
};

// Takes the flag at argv[*i] and moves *i behind it. A word that is no option, or one without its value, fails.
int w3p_flag_next(struct w3p_flag *out, int *i, struct w3p_errmsg *msg, int argc, char **argv) W3P_NODISCARD;
// The value as a whole number within min..max.
int w3p_flag_u64(uint64_t *out, struct w3p_errmsg *msg, const struct w3p_flag *flag, uint64_t min,
                 uint64_t max) W3P_NODISCARD;
// What a subcommand takes beside the configuration: a switch, or an option with a value.
struct w3p_option {
    const char *name;   // "--json"; NULL ends the table
    bool *on;           // switch
    const char **value; // option; NULL until it is given
};
// Takes up to `max` words and these options out of argv[1..], wherever they stand; what is left, from argv[0] on and
// *argc of it, are flags of the configuration. A word too many fails.
int w3p_args_take(const char **words, size_t *count, struct w3p_errmsg *msg, size_t max,
                  const struct w3p_option *options, int *argc, char **argv) W3P_NODISCARD;
// How much of a word of the command line may be quoted ("%.*s"): the address of an endpoint may hold a key, and a blank
// too many makes a word of it.
int w3p_word_shown(const char *word);

// "unknown option '--x'; see --help"
int w3p_flag_unknown(struct w3p_errmsg *msg, const struct w3p_flag *flag) W3P_NODISCARD;

#endif
