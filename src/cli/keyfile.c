// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see keyfile.h; reading. All checks but the symlink's owner are made on the opened file, so that what was
// looked at is what is read.
#include "cli/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/secret.h"

#define PHRASE_WORDS_MIN 12
#define KEY_FILE "key file"
#define PASSWORD_FILE "password file"

static bool is_set(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static bool is_trusted_owner(uid_t owner)
{
    return owner == geteuid() || owner == 0;
}

static int check_file(struct w3p_errmsg *msg, int fd, const char *what, const char *path)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return w3p_fail(msg, W3P_E_IO, "%s %s: %s", what, path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return w3p_fail(msg, W3P_E_INVALID, "%s %s: not a regular file; give the path of one", what, path);
    if (!is_trusted_owner(info.st_uid))
        return w3p_fail(msg, W3P_E_FORBIDDEN, "%s %s: belongs to another user; chown it, or make a copy of your own",
                        what, path);
    if ((info.st_mode & 077) != 0)
        return w3p_fail(msg, W3P_E_FORBIDDEN, "%s %s: group or others may use it (mode %03o); chmod 600 %s", what, path,
                        (unsigned)(info.st_mode & 0777), path);
    return W3P_OK;
}

// A seed or a phrase where a path belongs must not end in a log as "no such file".
static bool is_key_itself(const char *path)
{
    size_t digits = strspn(path, "0123456789abcdefABCDEFx"), words = 1;
    for (const char *c = path; *c != '\0'; c++)
        words += *c == ' ' ? 1 : 0;
    return words >= PHRASE_WORDS_MIN || (digits >= 64 && (path[digits] == '\0' || path[digits] == '/'));
}

static int open_checked(int *fd, struct w3p_errmsg *msg, const char *what, const char *path)
{
    struct stat link_info;
    bool is_key = strcmp(what, KEY_FILE) == 0;
    if (is_key && is_key_itself(path))
        return w3p_fail(msg, W3P_E_INVALID,
                        "key file: this looks like the key itself; give the path of a file with it");
    if (lstat(path, &link_info) == 0 && S_ISLNK(link_info.st_mode) && !is_trusted_owner(link_info.st_uid))
        return w3p_fail(msg, W3P_E_FORBIDDEN, "%s %s: a symbolic link of another user; name the file itself", what,
                        path);
    // not blocking: a FIFO in that place must not hang the start
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (*fd < 0 && !is_key)
        return w3p_fail(msg, W3P_E_IO, "password file: %s; give the path of a file with the password, never itself",
                        strerror(errno));
    if (*fd < 0)
        return w3p_fail(msg, W3P_E_IO, "key file %s: %s", path, strerror(errno));
    return check_file(msg, *fd, what, path);
}

static int read_all(struct w3p_secret_text *out, int fd)
{
    out->len = 0;
    while (out->len < sizeof(out->bytes)) {
        ssize_t n = read(fd, out->bytes + out->len, sizeof(out->bytes) - out->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return W3P_E_IO;
        if (n == 0)
            break;
        out->len += (size_t)n;
    }
    return W3P_OK;
}

static void strip_line_end(struct w3p_secret_text *text)
{
    if (text->len > 0 && text->bytes[text->len - 1] == '\n')
        text->len--;
    if (text->len > 0 && text->bytes[text->len - 1] == '\r')
        text->len--;
}

static int read_file(struct w3p_secret_text *out, struct w3p_errmsg *msg, const char *what, const char *path)
{
    int fd = -1, err = open_checked(&fd, msg, what, path);
    if (err == W3P_OK && read_all(out, fd) != W3P_OK)
        err = w3p_fail(msg, W3P_E_IO, "%s %s: %s", what, path, strerror(errno));
    if (fd >= 0)
        close(fd);
    strip_line_end(out);
    return err;
}

int w3p_key_read(struct w3p_secret_text *out, struct w3p_errmsg *msg, const char *path)
{
    if (path != NULL)
        return read_file(out, msg, KEY_FILE, path);
    if (read_all(out, STDIN_FILENO) != W3P_OK)
        return w3p_fail(msg, W3P_E_IO, "standard input: %s", strerror(errno));
    strip_line_end(out);
    return W3P_OK;
}

int w3p_password_read(struct w3p_secret_text *out, struct w3p_errmsg *msg, const char *path)
{
    int err = read_file(out, msg, PASSWORD_FILE, path);
    if (err == W3P_OK && out->len == 0)
        err = w3p_fail(msg, W3P_E_INVALID, "password file %s: empty; it holds the password, on one line", path);
    if (err == W3P_OK && out->len > W3P_KEYSTORE_PASSWORD_MAX)
        err = w3p_fail(msg, W3P_E_LIMIT, "password file %s: longer than %d bytes", path, W3P_KEYSTORE_PASSWORD_MAX);
    if (err == W3P_OK && memchr(out->bytes, '\n', out->len) != NULL)
        err = w3p_fail(msg, W3P_E_INVALID, "password file %s: more than one line; it holds the password alone", path);
    return err;
}

static int load_uri(struct w3p_keypair *out, enum w3p_key_kind *kind, struct w3p_errmsg *msg,
                    const struct w3p_key_source *source)
{
    // a command line is no place for a secret: other users see it
    if (source->uri[0] != '/')
        return w3p_fail(msg, W3P_E_INVALID,
                        "a development key begins with // (//Alice); put a real key into a file of mode 0600");
    if (is_set(source->password_path))
        return w3p_fail(msg, W3P_E_INVALID, "a development key has no password file; leave it out");
    if (kind != NULL)
        *kind = W3P_KEY_KIND_URI;
    return w3p_keypair_from_uri(out, msg, w3p_key_wished(source->wish), source->uri);
}

int w3p_key_load(struct w3p_keypair *out, enum w3p_key_kind *kind, struct w3p_errmsg *msg,
                 const struct w3p_key_source *source)
{
    bool by_password = is_set(source->password_path);
    if (is_set(source->uri) == is_set(source->path))
        return w3p_fail(msg, W3P_E_INVALID, "exactly one key is needed: a key file or a development key");
    if (!is_set(source->path))
        return load_uri(out, kind, msg, source);

    struct {
        struct w3p_secret_text text, password;
    } *secret = w3p_secret_alloc(sizeof(*secret));
    struct w3p_errmsg inner;
    int err = w3p_key_read(&secret->text, msg, source->path);
    if (err == W3P_OK && by_password)
        err = w3p_password_read(&secret->password, msg, source->password_path);
    if (err == W3P_OK) {
        err = w3p_key_from_text(out, kind, &inner, source->wish, &secret->text, by_password ? &secret->password : NULL);
        if (err != W3P_OK)
            w3p_fail(msg, err, "key file %s: %s", source->path, inner.text);
    }
    w3p_secret_free(secret);
    return err;
}

int w3p_keyfile_lock(int *fd, struct w3p_errmsg *msg, const char *path)
{
    int file = -1, err = open_checked(&file, msg, KEY_FILE, path);
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
