// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a raw HTTP/1.1 client for the tests: sends bytes as they are, reads one response at a time.
// Must not: be clever; a test says every byte that goes out.
#ifndef W3P_TEST_HTTP_CLIENT_H
#define W3P_TEST_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client {
    int fd;
    char buf[1 << 20];
    size_t len; // bytes read and not yet consumed
};
struct response {
    int status; // 0: the peer closed, -1: nothing came within the time
    char head[8192];
    char *body; // NUL-terminated; client_free_response
    size_t body_len;
};

struct client *client_open(uint16_t port);
void client_close(struct client *client);
void client_send(struct client *client, const char *bytes, size_t len);
void client_send_str(struct client *client, const char *text);
// has_body: false for HEAD.
void client_read(struct client *client, struct response *out, bool has_body, int timeout_ms);
// Value of a header of the response, "" when it is missing. Static storage.
const char *client_header(const struct response *response, const char *name);
unsigned client_header_count(const struct response *response, const char *name);
void client_free_response(struct response *response);
// One request on a connection of its own.
void client_exchange(struct response *out, uint16_t port, const char *request);
bool client_closed(struct client *client, int timeout_ms);

#endif
