// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see client.h.
#include "client.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

// h2o keeps a few buffers a thread for reuse and forgets them when the thread ends; the runner itself loses a few
// bytes.
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:h2o_mem_alloc_recycle\nleak:libcriterion\n";
}
__attribute__((visibility("default"))) const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}

struct client *client_open(uint16_t port)
{
    struct client *client = calloc(1, sizeof *client);
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons(port)};
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client->fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert(connect(client->fd, (struct sockaddr *)&addr, sizeof addr) == 0);
    return client;
}

void client_close(struct client *client)
{
    close(client->fd);
    free(client);
}

void client_send(struct client *client, const char *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t sent = send(client->fd, bytes + at, len - at, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        at += (size_t)sent;
    }
}

void client_send_str(struct client *client, const char *text)
{
    client_send(client, text, strlen(text));
}

// More bytes; 0 at the end, -1 after the time.
static int fill(struct client *client, int timeout_ms)
{
    struct pollfd p = {.fd = client->fd, .events = POLLIN};
    if (poll(&p, 1, timeout_ms) <= 0)
        return -1;
    ssize_t got = recv(client->fd, client->buf + client->len, sizeof client->buf - 1 - client->len, 0);
    if (got <= 0)
        return 0;
    client->len += (size_t)got;
    client->buf[client->len] = '\0';
    return 1;
}

const char *client_header(const struct response *response, const char *name)
{
    static _Thread_local char value[1024]; // tests race their requests
    size_t len = strlen(name);
    value[0] = '\0';
    for (const char *line = strchr(response->head, '\n'); line != NULL; line = strchr(line + 1, '\n')) {
        if (strncasecmp(line + 1, name, len) == 0 && line[1 + len] == ':') {
            const char *text = line + 2 + len + strspn(line + 2 + len, " ");
            snprintf(value, sizeof value, "%.*s", (int)strcspn(text, "\r\n"), text);
            return value;
        }
    }
    return value;
}

unsigned client_header_count(const struct response *response, const char *name)
{
    unsigned count = 0;
    size_t len = strlen(name);
    for (const char *line = strchr(response->head, '\n'); line != NULL; line = strchr(line + 1, '\n'))
        count += strncasecmp(line + 1, name, len) == 0 && line[1 + len] == ':';
    return count;
}

void client_read(struct client *client, struct response *out, bool has_body, int timeout_ms)
{
    int got = 1;
    char *end = NULL;
    memset(out, 0, sizeof *out);
    while ((end = client->len > 0 ? strstr(client->buf, "\r\n\r\n") : NULL) == NULL) {
        got = fill(client, timeout_ms);
        if (got <= 0) {
            out->status = got;
            return;
        }
    }
    size_t head = (size_t)(end - client->buf) + 4;
    cr_assert(head < sizeof out->head);
    memcpy(out->head, client->buf, head);
    size_t body = has_body ? strtoul(client_header(out, "content-length"), NULL, 10) : 0;
    while (client->len < head + body && (got = fill(client, timeout_ms)) > 0)
        ;
    if (client->len < head + body) {
        out->status = got;
        return;
    }
    out->body = strndup(client->buf + head, body);
    out->body_len = body;
    client->len -= head + body;
    memmove(client->buf, client->buf + head + body, client->len + 1);
    out->status = (int)strtol(out->head + strcspn(out->head, " "), NULL, 10);
}

void client_free_response(struct response *response)
{
    free(response->body);
    response->body = NULL;
}

void client_exchange(struct response *out, uint16_t port, const char *request)
{
    struct client *client = client_open(port);
    client_send_str(client, request);
    client_read(client, out, strncmp(request, "HEAD", 4) != 0, 5000);
    client_close(client);
}

bool client_closed(struct client *client, int timeout_ms)
{
    int got;
    client->len = 0;
    while ((got = fill(client, timeout_ms)) > 0)
        client->len = 0;
    return got == 0;
}
