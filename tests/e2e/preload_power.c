// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: lets a test take away what a process had written but not synced, as a power failure does. Preloaded, it
// notes what each write to the file W3PIN_TEST_POWER (a database) or its -wal covers up, in FILE.undo, and forgets the
// notes when the file was synced. After a kill the test puts the old bytes back (tests/stress/kill_lib.py).
// For tests only.
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <fcntl.h>

#define PATH_ROOM 4096
#define PIECE_MAX (1u << 20)

ssize_t pwrite64(int fd, const void *buf, size_t len, off64_t at);
int ftruncate64(int fd, off64_t len);
int fsync(int fd);
int fdatasync(int fd);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

// The .undo file of this descriptor's file; false for files that are not watched.
static int is_watched(char *undo, int fd)
{
    const char *db = getenv("W3PIN_TEST_POWER");
    char link[40], path[PATH_ROOM];
    ssize_t len;

    if (db == NULL)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    len = readlink(link, path, sizeof path - 1);
    if (len <= 0)
        return 0;
    path[len] = '\0';
    if (strncmp(path, db, strlen(db)) != 0 || (path[strlen(db)] != '\0' && strcmp(path + strlen(db), "-wal") != 0))
        return 0;
    snprintf(undo, PATH_ROOM + 8, "%s.undo", path);
    return 1;
}

// One note: offset, length of the old bytes, size of the file before; then the old bytes.
static void note(const char *undo, int fd, off64_t at, size_t len)
{
    struct stat st;
    static char old[PIECE_MAX];
    uint64_t head[3];
    int out = open(undo, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    if (out < 0 || fstat(fd, &st) != 0 || len > sizeof old)
        abort(); // a test that cannot note proves nothing
    ssize_t got = pread(fd, old, len, at);
    head[0] = (uint64_t)at;
    head[1] = got > 0 ? (uint64_t)got : 0;
    head[2] = (uint64_t)st.st_size;
    struct iovec parts[2] = {{head, sizeof head}, {old, head[1]}};
    if (writev(out, parts, 2) != (ssize_t)(sizeof head + head[1]))
        abort();
    close(out);
}

ssize_t pwrite64(int fd, const void *buf, size_t len, off64_t at)
{
    ssize_t (*real)(int, const void *, size_t, off64_t);
    char undo[PATH_ROOM + 8];

    *(void **)&real = dlsym(RTLD_NEXT, "pwrite64");
    if (!is_watched(undo, fd))
        return real(fd, buf, len, at);
    pthread_mutex_lock(&lock);
    note(undo, fd, at, len);
    ssize_t result = real(fd, buf, len, at);
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate64(int fd, off64_t len)
{
    int (*real)(int, off64_t);
    char undo[PATH_ROOM + 8];
    struct stat st;

    *(void **)&real = dlsym(RTLD_NEXT, "ftruncate64");
    if (!is_watched(undo, fd))
        return real(fd, len);
    pthread_mutex_lock(&lock);
    for (off64_t at = len; fstat(fd, &st) == 0 && at < st.st_size; at += PIECE_MAX)
        note(undo, fd, at, (size_t)(st.st_size - at < PIECE_MAX ? st.st_size - at : PIECE_MAX));
    int result = real(fd, len);
    pthread_mutex_unlock(&lock);
    return result;
}

static int synced(const char *name, int fd)
{
    int (*real)(int);
    char undo[PATH_ROOM + 8];

    *(void **)&real = dlsym(RTLD_NEXT, name);
    if (!is_watched(undo, fd))
        return real(fd);
    pthread_mutex_lock(&lock);
    int result = real(fd);
    if (result == 0)
        (void)!truncate(undo, 0);
    pthread_mutex_unlock(&lock);
    return result;
}

int fsync(int fd)
{
    return synced("fsync", fd);
}

int fdatasync(int fd)
{
    return synced("fdatasync", fd);
}
