// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: how `w3pin serve` makes the authentication service of its settings.
// Threads: at start only.
#ifndef W3P_CLI_SERVE_AUTH_H
#define W3P_CLI_SERVE_AUTH_H

#include "cli/settings.h"

// From the settings alone. Its audiences may be empty: then the caller says so.
#define W3P_SERVE_NO_AUDIENCE                                                                                          \
    "auth.audience is not set, and http.listen does not say by which host clients reach this gateway: nobody can log " \
    "in, and only W3Auth tokens are accepted"
int w3p_serve_authn(struct w3p_authn **out, struct w3p_errmsg *msg, const struct w3p_settings *settings) W3P_NODISCARD;

#endif
