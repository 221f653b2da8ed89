// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the subcommands that speak to a running gateway share: the request over admin.socket, and one sentence
// when nobody answers. Must not: open the database.
#ifndef W3P_CLI_ADMIN_H
#define W3P_CLI_ADMIN_H

#include "base/json.h"
#include "cli/flags.h"
#include "cli/settings.h"

// One request to the gateway of these settings. body NULL: none. On success *out is the answer's JSON, a new reference.
// W3P_E_UNREACHABLE: no gateway answers, and the sentence says what to do. W3P_E_REMOTE: it refuses, in its own words.
int w3p_admin_call(json_t **out, struct w3p_errmsg *msg, const struct w3p_settings *settings, const char *method,
                   const char *target, const char *body) W3P_NODISCARD;

// The words, options and settings of such a subcommand. On failure one line is on stderr and the exit code is returned,
// else 0; then w3p_settings_free is the caller's.
int w3p_admin_begin(struct w3p_settings *settings, const char **words, size_t *count, size_t max,
                    const struct w3p_option *options, int *argc, char **argv);
// One line on stderr: "w3pin NAME: msg". Gives the exit code of a failure.
int w3p_admin_failed(const char *name, const struct w3p_errmsg *msg);

// Members of an answer, never NULL.
// The spelling of a CID that the command line passes on: nothing but letters and digits, which suits a path.
int w3p_admin_cid(char out[W3P_CID_ORDER_MAX], struct w3p_errmsg *msg, const char *text) W3P_NODISCARD;

const char *w3p_admin_text(const json_t *object, const char *key);
long long w3p_admin_number(const json_t *object, const char *key);
void w3p_admin_print_json(const json_t *answer); // one line

#endif
