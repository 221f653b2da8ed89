// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see keyfile.h. All checks but the symlink's owner are made on the opened file, so that what was looked at
// is what is read.
#include "cli/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.h"
#include "crypto/secret.h"

// "0x", 64 digits, "\r\n", and one byte more to see that a file is too long.
#define CONTENT_MAX (2 + 64 + 2)
#define PHRASE_WORDS_MIN 12

static bool is_trusted_owner(uid_t owner)
{
    return owner == geteuid() || owner == 0;
}

static int check_file(struct w3p_errmsg *msg, int fd, const char *path)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return w3p_fail(msg, W3P_E_IO, "key file %s: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return w3p_fail(msg, W3P_E_INVALID, "key file %s: not a regular file", path);
    if (!is_trusted_owner(info.st_uid))
        return w3p_fail(msg, W3P_E_FORBIDDEN, "key file %s: belongs to another user", path);
    if ((info.st_mode & 077) != 0)
        return w3p_fail(msg, W3P_E_FORBIDDEN, "key file %s: group or others may use it (mode %03o); chmod 600 %s", path,
                        (unsigned)(info.st_mode & 0777), path);
    return W3P_OK;
}

// A seed or a phrase where a path belongs must not end in a log as "no such file".
static bool is_key_itself(const char *path)
{
    size_t digits = strspn(path, "0123456789abcdefABCDEFx"), words = 1;
    for (const char *c = path; *c != '\0'; c++)
        words += *c == ' ' ? 1 : 0;
    return strchr(path, '/') == NULL && (words >= PHRASE_WORDS_MIN || (path[digits] == '\0' && digits >= 64));
}

static int open_checked(int *fd, struct w3p_errmsg *msg, const char *path)
{
    struct stat link_info;
    if (is_key_itself(path))
        return w3p_fail(msg, W3P_E_INVALID,
                        "key file: this looks like the key itself; give the path of a file with it");
    if (lstat(path, &link_info) == 0 && S_ISLNK(link_info.st_mode) && !is_trusted_owner(link_info.st_uid))
        return w3p_fail(msg, W3P_E_FORBIDDEN, "key file %s: a symbolic link of another user", path);
    // not blocking: a FIFO in that place must not hang the start
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (*fd < 0)
        return w3p_fail(msg, W3P_E_IO, "key file %s: %s", path, strerror(errno));
    return check_file(msg, *fd, path);
}

static int read_all(uint8_t *out, size_t *out_len, size_t room, int fd)
{
    *out_len = 0;
    while (*out_len < room) {
        ssize_t n = read(fd, out + *out_len, room - *out_len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return W3P_E_IO;
        if (n == 0)
            break;
        *out_len += (size_t)n;
    }
    return W3P_OK;
}

// The seed of the text, without its line end.
static int parse_seed(uint8_t seed32[32], const char *text, size_t len)
{
    size_t seed_len = 32;
    if (len > CONTENT_MAX)
        return W3P_E_INVALID;
    if (len > 0 && text[len - 1] == '\n')
        len--;
    if (len > 0 && text[len - 1] == '\r')
        len--;
    if (w3p_hex0x_decode(seed32, &seed_len, text, len) != W3P_OK || seed_len != 32)
        return W3P_E_INVALID;
    return W3P_OK;
}

int w3p_keyfile_load(struct w3p_keypair *out, struct w3p_errmsg *msg, enum w3p_key_type type, const char *path)
{
    struct {
        uint8_t content[CONTENT_MAX + 1], seed32[32];
    } *secret = w3p_secret_alloc(sizeof(*secret));
    size_t len = 0;
    int fd = -1;

    int err = open_checked(&fd, msg, path);
    if (err != W3P_OK)
        goto out;
    err = read_all(secret->content, &len, sizeof(secret->content), fd);
    if (err != W3P_OK) {
        w3p_fail(msg, err, "key file %s: %s", path, strerror(errno));
        goto out;
    }
    err = parse_seed(secret->seed32, (const char *)secret->content, len);
    if (err != W3P_OK) {
        w3p_fail(msg, err, "key file %s: not a 32-byte seed of 64 hex digits", path);
        goto out;
    }
    err = w3p_keypair_from_seed(out, type, secret->seed32);
    if (err != W3P_OK)
        w3p_fail(msg, err, "key file %s: the seed is no valid key of that type", path);
out:
    if (fd >= 0)
        close(fd);
    w3p_secret_free(secret);
    return err;
}

int w3p_keyfile_lock(int *fd, struct w3p_errmsg *msg, const char *path)
{
    int file = -1, err = open_checked(&file, msg, path);
    if (err == W3P_OK && flock(file, LOCK_EX | LOCK_NB) != 0)
        err = errno == EWOULDBLOCK
                  ? w3p_fail(msg, W3P_E_STATE,
                             "key file %s: another w3pin orders with it; one gateway per key, stop that one", path)
                  : w3p_fail(msg, W3P_E_IO, "key file %s: cannot be locked: %s", path, strerror(errno));
    if (err != W3P_OK && file >= 0) {
        close(file);
        file = -1;
    }
    *fd = file;
    return err;
}

int w3p_key_choose(struct w3p_keypair *out, struct w3p_errmsg *msg, enum w3p_key_type type, const char *uri,
                   const char *path)
{
    if ((uri == NULL) == (path == NULL))
        return w3p_fail(msg, W3P_E_INVALID, "give exactly one of --uri and --key");
    if (path != NULL)
        return w3p_keyfile_load(out, msg, type, path);
    return w3p_keypair_from_uri(out, msg, type, uri);
}
