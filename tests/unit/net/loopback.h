// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a tiny server on 127.0.0.1 inside a test: one thread that takes connections one after the other and does
// with each what the test says, good or bad.
#ifndef W3P_TESTS_UNIT_NET_LOOPBACK_H
#define W3P_TESTS_UNIT_NET_LOOPBACK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loopback {
    int listener;
    uint16_t port;
    char url[64];
    pthread_t thread;
    void (*serve)(struct loopback *lo, int fd); // the connection is closed afterwards
    int connections;                            // that were accepted
    const char *text;                           // for the test's own use
    size_t number;
};

// scheme: "http" or "ws".
void loopback_start(struct loopback *lo, const char *scheme, void (*serve)(struct loopback *lo, int fd));
void loopback_stop(struct loopback *lo);

void loopback_put(int fd, const void *bytes, size_t len);
void loopback_put_text(int fd, const char *text);
// Reads one HTTP request with its body. False when the client went away first.
bool loopback_request(int fd, char *out, size_t room);
void loopback_http(int fd, int status, const char *type, const char *body);

// WebSocket, the server's side.
bool loopback_upgrade(int fd);                        // the whole handshake
bool loopback_upgrade_head(int fd, const char *head); // these lines, and the right Sec-WebSocket-Accept behind them
// With this status line behind "HTTP/1.1 ", and these lines in front of the right Sec-WebSocket-Accept.
bool loopback_upgrade_as(int fd, const char *status, const char *more);
void loopback_frame(int fd, uint8_t first, const void *payload, size_t len); // first: FIN, RSV and opcode
// Reads one masked frame; the opcode, or -1.
int loopback_read_frame(int fd, char *out, size_t room, size_t *len);

#endif
