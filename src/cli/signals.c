// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see signals.h.
#include "cli/signals.h"

#include <signal.h>
#include <stddef.h>

static void stop_set(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
}

static void waited_set(sigset_t *set)
{
    stop_set(set);
    sigaddset(set, SIGHUP);
}

static void on_hangup(int number)
{
    (void)number;
}

void w3p_signals_block(void)
{
    sigset_t set;
    waited_set(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes: the write fails, as on a full disk
    signal(SIGHUP, on_hangup); // what nohup set to be ignored need not stay pending for sigwait
}

void w3p_signals_unblock(void)
{
    sigset_t set;
    stop_set(&set);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

int w3p_signals_wait(void)
{
    sigset_t set;
    waited_set(&set);
    int number = 0;
    while (sigwait(&set, &number) != 0) {
    }
    return number;
}
