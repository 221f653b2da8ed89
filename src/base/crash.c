// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: crash.h.
#include "base/crash.h"

#ifdef W3P_TEST_HOOKS
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_OF(name) #name,
static const char *const names[W3P_CRASH_COUNT] = {W3P_CRASH_POINTS(NAME_OF)};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static enum w3p_crash_point wanted = W3P_CRASH_COUNT;
static atomic_long left;

// A name that there is not would be a test that cannot fail: the process ends at once.
static void read_wish(void)
{
    const char *wish = getenv("W3PIN_TEST_CRASH");
    const char *colon = wish != NULL ? strchr(wish, ':') : NULL;

    if (wish == NULL)
        return;
    for (size_t i = 0; colon != NULL && i < W3P_CRASH_COUNT; i++)
        if (strlen(names[i]) == (size_t)(colon - wish) && strncmp(names[i], wish, (size_t)(colon - wish)) == 0)
            wanted = (enum w3p_crash_point)i;
    atomic_store(&left, colon != NULL ? strtol(colon + 1, NULL, 10) : 0);
    if (wanted == W3P_CRASH_COUNT || atomic_load(&left) <= 0) {
        dprintf(STDERR_FILENO, "W3PIN_TEST_CRASH: no crash point is written %s\n", wish);
        _exit(3);
    }
}

void w3p_crash_pass(enum w3p_crash_point point)
{
    pthread_once(&once, read_wish);
    if (point == wanted && atomic_fetch_sub(&left, 1) == 1) {
        (void)kill(getpid(), SIGKILL);
        for (;;) // the signal ends every thread; this one does nothing more until it does
            pause();
    }
}
#else
typedef int w3p_crash_none; // a translation unit needs a declaration
#endif
