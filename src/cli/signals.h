// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: waiting for SIGTERM or SIGINT in the main thread while other threads work.
#ifndef W3P_CLI_SIGNALS_H
#define W3P_CLI_SIGNALS_H

// Blocks the stop signals and ignores SIGPIPE and SIGHUP; before any thread starts.
void w3p_signals_block(void);
// For the calling thread alone: a stop signal ends the process at once, until they are blocked again.
void w3p_signals_unblock(void);
// Waits; gives the signal's number.
int w3p_signals_wait(void);

#endif
