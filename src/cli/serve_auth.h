// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: how `w3pin serve` makes the authentication service of its settings.
// Threads: at start only.
#ifndef W3P_CLI_SERVE_AUTH_H
#define W3P_CLI_SERVE_AUTH_H

#include "cli/settings.h"

// From the settings alone; warns when nothing tells clients' credentials which gateway this is.
int w3p_serve_authn(struct w3p_authn **out, struct w3p_errmsg *msg, const struct w3p_settings *settings) W3P_NODISCARD;

#endif
