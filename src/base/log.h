// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: JSON lines on stderr, one write(2) a line. {"ts":"…Z","level":"info","event":"order.signed", fields…}
// Never log a credential, a key or a phrase: callers pass identities and hashes.
// Threads: any.  Ownership: a line lives on the caller's stack.
#ifndef W3P_BASE_LOG_H
#define W3P_BASE_LOG_H

#include "base/json.h"

enum w3p_log_level { W3P_LOG_DEBUG, W3P_LOG_INFO, W3P_LOG_WARN, W3P_LOG_ERROR, W3P_LOG_OFF };

void w3p_log_set_level(enum w3p_log_level level);
enum w3p_log_level w3p_log_level(void);

// A line is dropped (and costs nothing) when its level is below the set one.
struct w3p_log_line {
    struct w3p_buf buf; // at most W3P_LOG_LINE_MAX bytes; longer lines end with "cut":true
    struct w3p_json json;
    bool on, cut;
};
#define W3P_LOG_LINE_MAX 4096
void w3p_log_begin(struct w3p_log_line *line, enum w3p_log_level level, const char *event);
void w3p_log_str(struct w3p_log_line *line, const char *key, const char *text);
void w3p_log_int(struct w3p_log_line *line, const char *key, int64_t value);
void w3p_log_hex(struct w3p_log_line *line, const char *key, const uint8_t *bytes, size_t len);
void w3p_log_end(struct w3p_log_line *line); // writes and frees

// Lines of one thread that may wait a little, and are lost when the process is killed: what merely counts what
// happened. One write(2) for as many as fit; the owner flushes what is left in time.
struct w3p_log_batch {
    size_t len;
    uint8_t bytes[W3P_LOG_LINE_MAX]; // as much as a pipe takes whole
};
void w3p_log_end_later(struct w3p_log_line *line, struct w3p_log_batch *batch); // instead of w3p_log_end
void w3p_log_flush(struct w3p_log_batch *batch);

// Event with one sentence: {"…","event":event,"msg":"…"}
void w3p_logf(enum w3p_log_level level, const char *event, const char *fmt, ...) W3P_PRINTF(3, 4);

#endif
