// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: waiting for SIGTERM, SIGINT or SIGHUP in the main thread while other threads work.
#ifndef W3P_CLI_SIGNALS_H
#define W3P_CLI_SIGNALS_H

// Blocks the stop signals and SIGHUP, and ignores SIGPIPE and SIGXFSZ; before any thread starts. SIGHUP ends nothing:
// it asks for a reload, and comes from a closing terminal as well, with nohup or without.
void w3p_signals_block(void);
// For the calling thread alone: a stop signal ends the process at once, until they are blocked again.
void w3p_signals_unblock(void);
// Waits; gives the signal's number: SIGTERM or SIGINT, or SIGHUP, after which the caller waits again.
int w3p_signals_wait(void);

#endif
