// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: one HTTP/1.1 request to a process of this machine over its UNIX socket; net.h. The file is opened without
// following a link, looked at, and connected to by that descriptor: what was looked at is what is spoken to.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/net_internal.h"

static int open_socket_file(int *fd, struct w3p_errmsg *msg, const char *path)
{
    struct stat st;
    int err = W3P_OK;
    int file = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0)
        return w3p_fail(msg, errno == ENOENT ? W3P_E_NOTFOUND : W3P_E_IO, "%.200s: %s", path, strerror(errno));
    if (fstat(file, &st) != 0 || !S_ISSOCK(st.st_mode))
        err = w3p_fail(msg, W3P_E_INVALID, "%.200s is no UNIX socket", path);
    else if (st.st_uid != geteuid() && st.st_uid != 0 && geteuid() != 0)
        err = w3p_fail(msg, W3P_E_FORBIDDEN, "%.200s belongs to another user", path);
    if (err == W3P_OK)
        *fd = file;
    else
        close(file);
    return err;
}

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
    struct w3p_buf *reply = user;
    w3p_buf_put(reply, data, size * count);
    return w3p_buf_status(reply) == W3P_OK ? size * count : 0;
}

static bool set_up(CURL *e, struct curl_slist *headers, struct w3p_buf *reply, const struct w3p_net_local *ask,
                   const char *socket_path)
{
    char url[W3P_NET_LOCAL_TARGET_MAX + 32];
    (void)snprintf(url, sizeof url, "http://localhost%s", ask->target);
    bool ok = curl_easy_setopt(e, CURLOPT_URL, url) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH, socket_path) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_PROXY, "") == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http") == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)ask->timeout_ms) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_WRITEDATA, reply) == CURLE_OK;
    if (ask->body != NULL)
        ok = ok && curl_easy_setopt(e, CURLOPT_POSTFIELDS, ask->body) == CURLE_OK;
    return ok && curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, ask->method) == CURLE_OK;
}

static int verdict(struct w3p_errmsg *msg, const struct w3p_net_local *ask, const struct w3p_buf *reply, CURLcode code)
{
    if (w3p_buf_status(reply) != W3P_OK)
        return w3p_fail(msg, W3P_E_LIMIT, "the answer is longer than %zu bytes", reply->max);
    switch (code) {
    case CURLE_OK:
        return W3P_OK;
    case CURLE_COULDNT_CONNECT:
        return w3p_fail(msg, W3P_E_UNREACHABLE, "%.200s: nobody listens there", ask->socket_path);
    case CURLE_OPERATION_TIMEDOUT:
        return w3p_fail(msg, W3P_E_TIMEOUT, "%.200s: no answer within %u ms", ask->socket_path, ask->timeout_ms);
    default:
        return w3p_fail(msg, W3P_E_PROTOCOL, "%.200s: %s", ask->socket_path, curl_easy_strerror(code));
    }
}

int w3p_net_local_call(struct w3p_errmsg *msg, int *status, struct w3p_buf *reply, const struct w3p_net_local *ask)
{
    char by_fd[40];
    long answered = 0;
    int fd = -1;
    if (strlen(ask->target) > W3P_NET_LOCAL_TARGET_MAX)
        return w3p_fail(msg, W3P_E_LIMIT, "the request is too long");
    int err = open_socket_file(&fd, msg, ask->socket_path);
    if (err != W3P_OK)
        return err;
    (void)snprintf(by_fd, sizeof by_fd, "/proc/self/fd/%d", fd);
    CURL *e = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Expect:");
    if (e == NULL || !set_up(e, headers, reply, ask, by_fd)) {
        err = w3p_fail(msg, W3P_E_INTERNAL, "libcurl refuses an option");
        goto out;
    }
    err = verdict(msg, ask, reply, curl_easy_perform(e));
    curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &answered);
    if (err == W3P_OK)
        *status = (int)answered;
out:
    curl_slist_free_all(headers);
    curl_easy_cleanup(e);
    close(fd);
    return err;
}
