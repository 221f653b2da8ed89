// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: listen_unix.h. bind(2) does not follow a link at the end of the path and never replaces a file, so what is
// in the way is looked at, and taken away only when it is a socket at which nobody listens.
#include "http/listen_unix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int fail_path(struct w3p_errmsg *msg, const char *path, int number)
{
    return w3p_fail(msg, W3P_E_IO, "cannot listen on the UNIX socket %.120s: %s", path, strerror(number));
}

// Does a process listen there? Asked without waiting: a full queue of connections is a yes, too.
static bool answers(const struct sockaddr_un *addr)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool yes = fd < 0 || connect(fd, (const struct sockaddr *)addr, sizeof *addr) == 0 || errno != ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    return yes;
}

static int clear_stale(struct w3p_errmsg *msg, const struct sockaddr_un *addr)
{
    struct stat st;
    if (lstat(addr->sun_path, &st) != 0)
        return errno == ENOENT ? W3P_OK : fail_path(msg, addr->sun_path, errno);
    if (!S_ISSOCK(st.st_mode))
        return w3p_fail(msg, W3P_E_INVALID, "%.120s is in the way of the admin socket and is no socket: move it away",
                        addr->sun_path);
    if (answers(addr))
        return w3p_fail(msg, W3P_E_STATE,
                        "another process listens on the UNIX socket %.120s; stop it or change "
                        "admin.socket",
                        addr->sun_path);
    return unlink(addr->sun_path) == 0 || errno == ENOENT ? W3P_OK : fail_path(msg, addr->sun_path, errno);
}

int w3p_listen_unix(int *fd, struct w3p_unix_file *file, struct w3p_errmsg *msg, const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    int err = W3P_OK;
    *fd = -1;
    if (len == 0 || len >= sizeof addr.sun_path)
        return w3p_fail(msg, W3P_E_LIMIT,
                        "the path of the admin socket has %zu bytes, and a UNIX socket's takes 1 to "
                        "%zu: set a shorter admin.socket",
                        len, sizeof addr.sun_path - 1);
    memcpy(addr.sun_path, path, len);
    int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (sock < 0)
        return fail_path(msg, path, errno);
    // The file gets the mode that the socket has: there is no moment at which others could connect.
    if (fchmod(sock, 0600) != 0)
        err = fail_path(msg, path, errno);
    int bound = err == W3P_OK ? bind(sock, (struct sockaddr *)&addr, sizeof addr) : -1;
    if (err == W3P_OK && bound != 0 && errno == EADDRINUSE) {
        err = clear_stale(msg, &addr);
        bound = err == W3P_OK ? bind(sock, (struct sockaddr *)&addr, sizeof addr) : -1;
    }
    int held = err == W3P_OK && bound == 0 ? open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC) : -1;
    if (err == W3P_OK && held < 0)
        err = fail_path(msg, path, errno);
    if (err != W3P_OK) {
        close(sock);
        return err;
    }
    *file = (struct w3p_unix_file){.path = w3p_strdup(path), .held = held};
    *fd = sock;
    return W3P_OK;
}

void w3p_listen_unix_remove(struct w3p_unix_file *file)
{
    struct stat ours, there;
    if (file->path == NULL)
        return;
    if (fstat(file->held, &ours) == 0 && lstat(file->path, &there) == 0 && ours.st_dev == there.st_dev &&
        ours.st_ino == there.st_ino)
        (void)unlink(file->path);
    close(file->held);
    free(file->path);
    file->path = NULL;
}
