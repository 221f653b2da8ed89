// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the files of `w3pin token` share: reading a token, what a new one shall permit, and errors.
// Must not: be included outside src/cli/token*.c.
#ifndef W3P_CLI_TOKEN_H
#define W3P_CLI_TOKEN_H

#include "auth.h"
#include "cli/flags.h"
#include "macaroon.h"

// One line on stderr; gives the exit code of wrong use or of a failure.
int w3p_token_usage_error(const char *sentence);
int w3p_token_failed(const struct w3p_errmsg *msg);

// The text of a token without the line end: the word, or stdin for NULL and "-". At most one byte more than
// W3P_AUTH_HEADER_MAX, so that too long is seen as too long. *out is an empty buf that holds so much.
#define W3P_TOKEN_TEXT_ROOM (2 * W3P_AUTH_HEADER_MAX)
void w3p_token_read(struct w3p_buf *out, const char *word);
// The token itself: without "Bearer " or "Basic " if that stands in front, and out of what tools that know only Basic
// make of a minted one. *out borrows text or inner.
#define W3P_TOKEN_INNER_MAX (W3P_MACAROON_TEXT_MAX + sizeof(W3P_AUTH_BASIC_USER))
enum w3p_auth_reason w3p_token_word(struct w3p_span *out, char inner[W3P_TOKEN_INNER_MAX], struct w3p_span text);

// --scopes, --days and --ttl: for every action that makes a token.
struct w3p_token_limits {
    w3p_scopes scopes;
    int64_t ttl_s; // 0: not given
    bool has_scopes;
};
// *taken: the flag is one of them. --days and --ttl give the same, and once only; the longest is 366 days.
int w3p_token_limits_flag(struct w3p_token_limits *limits, bool *taken, struct w3p_errmsg *msg,
                          const struct w3p_flag *flag) W3P_NODISCARD;

// The actions, as w3p_command.run: argv[1] is the action's name.
int w3p_token_run_new(int argc, char **argv);
int w3p_token_run_narrow(int argc, char **argv);
int w3p_token_run_inspect(int argc, char **argv);
int w3p_token_run_keys(int argc, char **argv);
int w3p_token_run_revoke(int argc, char **argv);
int w3p_token_run_legacy(int argc, char **argv);

#endif
