// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: lockfile.h. The lock is one of open file descriptions (F_OFD_SETLK): it ends with the process however that
// dies, and holds against a second opener in the same process too.
#include "store/lockfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX_ROOM 16 // "-wal", ".lock" behind the path

int w3p_store_path_resolve(char **out, struct w3p_errmsg *msg, const char *path)
{
    char real[PATH_MAX];
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;

    if (*base == 0)
        return w3p_fail(msg, W3P_E_INVALID, "store.path \"%s\" names no file", path);
    char *dir = !slash ? w3p_strdup(".") : slash == path ? w3p_strdup("/") : w3p_strndup(path, (size_t)(slash - path));
    if (!realpath(dir, real)) {
        int err = w3p_fail(msg, W3P_E_IO, "the directory %s of store.path cannot be used: %s%s", dir, strerror(errno),
                           errno == ENOENT ? "; create it or change store.path" : "");
        free(dir);
        return err;
    }
    free(dir);
    if (strlen(base) > NAME_MAX)
        return w3p_fail(msg, W3P_E_LIMIT, "store.path is too long");
    struct w3p_buf full;
    w3p_buf_init(&full, 2 * PATH_MAX);
    w3p_buf_printf(&full, "%s/%s", strcmp(real, "/") == 0 ? "" : real, base);
    char *text = w3p_buf_take(&full);
    // A file that a link leads to has its lock beside itself, or two links would make two gateways of one database.
    if (realpath(text, real)) {
        free(text);
        text = w3p_strdup(real);
    }
    if (strlen(text) + SUFFIX_ROOM > PATH_MAX || strlen(strrchr(text, '/')) + SUFFIX_ROOM > NAME_MAX) {
        free(text);
        return w3p_fail(msg, W3P_E_LIMIT, "store.path is too long");
    }
    *out = text;
    return W3P_OK;
}

static int open_failed(struct w3p_errmsg *msg, const char *path)
{
    return w3p_fail(msg, W3P_E_IO, "cannot open %s for writing: %s; the gateway's user needs its directory", path,
                    strerror(errno));
}

// Who holds the lock is only for the sentence; the file may say anything.
static long holder_pid(int fd)
{
    char text[24] = "";
    ssize_t len = pread(fd, text, sizeof text - 1, 0);
    long pid = len > 0 ? strtol(text, NULL, 10) : 0;

    return pid > 0 ? pid : 0;
}

int w3p_store_lock(int *fd, struct w3p_errmsg *msg, const char *path)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char lock_path[PATH_MAX], pid_text[40] = "";

    snprintf(lock_path, sizeof lock_path, "%s.lock", path);
    int lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0)
        return open_failed(msg, lock_path);
    if (fcntl(lock, F_OFD_SETLK, &whole) != 0) {
        int err;
        if (errno == EAGAIN || errno == EACCES) {
            long pid = holder_pid(lock);
            if (pid != 0)
                snprintf(pid_text, sizeof pid_text, " (process %ld)", pid);
            err = w3p_fail(msg, W3P_E_STATE,
                           "%s is in use by another w3pin%s: stop that one, or give this one its own store.path", path,
                           pid_text);
        } else {
            err = w3p_fail(msg, W3P_E_IO, "cannot lock %s: %s", lock_path, strerror(errno));
        }
        close(lock);
        return err;
    }
    int len = snprintf(pid_text, sizeof pid_text, "%ld\n", (long)getpid());
    if (ftruncate(lock, 0) != 0 || pwrite(lock, pid_text, (size_t)len, 0) != len) {
        int err = w3p_fail(msg, W3P_E_IO, "cannot write %s: %s", lock_path, strerror(errno));
        close(lock);
        return err;
    }
    *fd = lock;
    return W3P_OK;
}

// A new file's name is on the disk only once its directory is.
static int sync_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash == path ? w3p_strdup("/") : w3p_strndup(path, (size_t)(slash - path));
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int err = fd < 0 || fsync(fd) != 0 ? W3P_E_IO : W3P_OK;

    if (fd >= 0)
        close(fd);
    free(dir);
    return err;
}

int w3p_store_file_prepare(struct w3p_errmsg *msg, const char *path)
{
    struct stat st;
    int err = W3P_OK;

    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0600);
    if (fd < 0)
        return open_failed(msg, path);
    if (fstat(fd, &st) != 0)
        err = open_failed(msg, path);
    else if (!S_ISREG(st.st_mode))
        err = w3p_fail(msg, W3P_E_INVALID, "%s is not a regular file: change store.path", path);
    else if ((st.st_mode & 077) != 0 && fchmod(fd, 0600) != 0)
        err = w3p_fail(msg, W3P_E_IO, "%s is open to other users, and its mode cannot be changed: %s", path,
                       strerror(errno));
    else if (st.st_size == 0 && sync_directory(path) != W3P_OK)
        err = w3p_fail(msg, W3P_E_IO, "cannot make %s durable: %s", path, strerror(errno));
    close(fd);
    return err;
}
