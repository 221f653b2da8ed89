// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see loopback.h.
#include "unit/net/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/encoding.h"
#include "crypto/sha1.h"

static void *run(void *arg)
{
    struct loopback *lo = arg;
    for (;;) {
        int fd = accept(lo->listener, NULL, NULL);
        if (fd < 0)
            return NULL;
        lo->connections++;
        lo->serve(lo, fd);
        close(fd);
    }
}

void loopback_start(struct loopback *lo, const char *scheme, void (*serve)(struct loopback *lo, int fd))
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(addr);
    lo->serve = serve;
    lo->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (lo->listener < 0 || bind(lo->listener, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
        listen(lo->listener, 16) != 0 || getsockname(lo->listener, (struct sockaddr *)&addr, &len) != 0)
        abort();
    lo->port = ntohs(addr.sin_port);
    snprintf(lo->url, sizeof(lo->url), "%s://127.0.0.1:%u/rpc", scheme, lo->port);
    if (pthread_create(&lo->thread, NULL, run, lo) != 0)
        abort();
}

void loopback_stop(struct loopback *lo)
{
    shutdown(lo->listener, SHUT_RDWR);
    pthread_join(lo->thread, NULL);
    close(lo->listener);
}

void loopback_put(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        at += n;
        len -= (size_t)n;
    }
}

void loopback_put_text(int fd, const char *text)
{
    loopback_put(fd, text, strlen(text));
}

bool loopback_request(int fd, char *out, size_t room)
{
    size_t n = 0, want = 0;
    while (want == 0 || n < want) {
        if (n + 1 >= room)
            return false;
        ssize_t got = recv(fd, out + n, room - 1 - n, 0);
        if (got <= 0)
            return false;
        n += (size_t)got;
        out[n] = '\0';
        char *end = strstr(out, "\r\n\r\n");
        if (want == 0 && end != NULL) {
            char *length = strcasestr(out, "\r\nContent-Length:");
            want = (size_t)(end - out) + 4 + (length != NULL ? strtoul(length + 17, NULL, 10) : 0);
        }
    }
    return true;
}

void loopback_http(int fd, int status, const char *type, const char *body)
{
    char *reply = NULL; // in one piece: two small ones would wait for each other's acknowledgement
    if (asprintf(&reply, "HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s", status, type,
                 strlen(body), body) < 0)
        abort();
    loopback_put_text(fd, reply);
    free(reply);
}

bool loopback_upgrade_head(int fd, const char *head)
{
    char request[2048], digest[64], answer[512];
    uint8_t digest20[20];
    struct w3p_buf accept;
    if (!loopback_request(fd, request, sizeof(request)))
        return false;
    char *key = strcasestr(request, "\r\nSec-WebSocket-Key: ");
    if (key == NULL)
        return false;
    key += 21;
    key[strcspn(key, "\r")] = '\0';
    snprintf(digest, sizeof(digest), "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    w3p_sha1(digest20, digest, strlen(digest));
    w3p_buf_init(&accept, 64);
    w3p_base64_encode(&accept, digest20, 20, W3P_BASE64_STD, W3P_BASE64_PADDED);
    snprintf(answer, sizeof(answer), "%sSec-WebSocket-Accept: %s\r\n\r\n", head, w3p_buf_str(&accept));
    w3p_buf_deinit(&accept);
    loopback_put_text(fd, answer);
    return true;
}

bool loopback_upgrade_as(int fd, const char *status, const char *more)
{
    char head[384];
    snprintf(head, sizeof(head), "HTTP/1.1 %s\r\nupgrade: WebSocket\r\nconnection: keep-alive, Upgrade\r\n%s", status,
             more);
    return loopback_upgrade_head(fd, head);
}

bool loopback_upgrade(int fd)
{
    return loopback_upgrade_as(fd, "101 Switching Protocols", "");
}

void loopback_frame(int fd, uint8_t first, const void *payload, size_t len)
{
    uint8_t head[10] = {first};
    size_t n = 2;
    if (len < 126) {
        head[1] = (uint8_t)len;
    } else if (len < 65536) {
        head[1] = 126;
        head[2] = (uint8_t)(len >> 8);
        head[3] = (uint8_t)len;
        n = 4;
    } else {
        head[1] = 127;
        for (size_t i = 0; i < 8; i++)
            head[2 + i] = (uint8_t)((uint64_t)len >> (56 - 8 * i));
        n = 10;
    }
    loopback_put(fd, head, n);
    loopback_put(fd, payload, len);
}

static bool read_all(int fd, void *out, size_t len)
{
    char *at = out;
    while (len > 0) {
        ssize_t n = recv(fd, at, len, 0);
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

int loopback_read_frame(int fd, char *out, size_t room, size_t *len)
{
    uint8_t head[2], mask[4], more[2];
    if (!read_all(fd, head, 2))
        return -1;
    size_t n = head[1] & 127;
    if (n == 126) {
        if (!read_all(fd, more, 2))
            return -1;
        n = (size_t)more[0] << 8 | more[1];
    }
    if ((head[1] & 128) == 0 || n >= room || !read_all(fd, mask, 4) || !read_all(fd, out, n))
        return -1;
    for (size_t i = 0; i < n; i++)
        out[i] = (char)((uint8_t)out[i] ^ mask[i % 4]);
    out[n] = '\0';
    *len = n;
    return head[0] & 15;
}
