// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: counts the disk syncs of a process that it is preloaded into: each fsync and fdatasync that succeeded
// appends one line to the file named by W3PIN_TEST_SYNC_LOG before it returns. For tests only.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int fsync(int fd);
int fdatasync(int fd);

static void note(const char *line)
{
    const char *path = getenv("W3PIN_TEST_SYNC_LOG");
    int fd = path != NULL ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    if (fd < 0)
        return;
    ssize_t written = write(fd, line, 5);
    (void)written;
    close(fd);
}

static int counted(const char *name, int fd)
{
    int (*real)(int);
    *(void **)&real = dlsym(RTLD_NEXT, name);
    int result = real(fd);
    if (result == 0)
        note("sync\n");
    return result;
}

int fsync(int fd)
{
    return counted("fsync", fd);
}

int fdatasync(int fd)
{
    return counted("fdatasync", fd);
}
