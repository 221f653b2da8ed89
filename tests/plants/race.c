// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: two threads that add to one number without a lock. `tests/run selfcheck` runs it as a stress program and
// expects red.
#include <pthread.h>
#include <stdio.h>

static long shared;

static void *add(void *arg)
{
    (void)arg;
    for (int i = 0; i < 1000; ++i)
        ++shared;
    return NULL;
}

int main(void)
{
    pthread_t other;
    if (pthread_create(&other, NULL, add, NULL) != 0)
        return 1;
    (void)add(NULL);
    (void)pthread_join(other, NULL);
    printf("%ld additions\n", shared);
    return 0;
}
