// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see keyfile.h; writing. A hard link gives the finished file its name: unlike a rename it replaces nothing.
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/keyfile.h"

static int write_all(int fd, const void *bytes, size_t len)
{
    const char *p = bytes;
    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

// The name is on the disk, too.
static int sync_folder(const char *path)
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof(copy), "%s", path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int result = fsync(fd);
    close(fd);
    return result;
}

int w3p_keyfile_write(struct w3p_errmsg *msg, const char *path, const void *bytes, size_t len)
{
    char draft[PATH_MAX];
    int n = snprintf(draft, sizeof(draft), "%s.XXXXXX", path);
    if (n < 0 || (size_t)n >= sizeof(draft))
        return w3p_fail(msg, W3P_E_LIMIT, "--out: the path is too long");
    int fd = mkstemp(draft); // mode 0600
    if (fd < 0)
        return w3p_fail(msg, W3P_E_IO, "--out %s: %s", path, strerror(errno));
    bool written = write_all(fd, bytes, len) == 0 && fsync(fd) == 0;
    int err = W3P_OK;
    if (!written || close(fd) != 0)
        err = w3p_fail(msg, W3P_E_IO, "--out %s: %s", path, strerror(errno));
    else if (link(draft, path) != 0)
        err = errno == EEXIST
                  ? w3p_fail(msg, W3P_E_EXISTS, "--out %s: there is a file already, and no key is ever replaced", path)
                  : w3p_fail(msg, W3P_E_IO, "--out %s: %s", path, strerror(errno));
    if (!written)
        close(fd);
    unlink(draft);
    if (err == W3P_OK && sync_folder(path) != 0)
        err = w3p_fail(msg, W3P_E_IO, "--out %s: written, but not certainly on the disk: %s", path, strerror(errno));
    return err;
}
