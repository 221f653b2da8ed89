// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: JSON lines on stderr. A line is complete and valid whatever goes into it, and leaves in one write(2), so
// that lines of several threads never mix. Touches file descriptor 2 only.
#include "base/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static const char line_end[] = "}\n", line_end_cut[] = ",\"cut\":true}\n";
#define FIELDS_MAX (W3P_LOG_LINE_MAX - (sizeof(line_end_cut) - 1)) // room for the fields: the end always fits

enum { USUAL_LEN = 511, LEVEL_WORD_MAX = 5 };

static atomic_int level_now = W3P_LOG_INFO;

void w3p_log_set_level(enum w3p_log_level level)
{
    atomic_store_explicit(&level_now, (int)level, memory_order_relaxed);
}

enum w3p_log_level w3p_log_level(void)
{
    return (enum w3p_log_level)atomic_load_explicit(&level_now, memory_order_relaxed);
}

static const char *level_word(enum w3p_log_level level)
{
    static const char *const words[] = {"debug", "info", "warn", "error"};
    return words[level < W3P_LOG_ERROR ? level : W3P_LOG_ERROR];
}

// Takes a field back that did not fit whole.
static void roll_back(struct w3p_log_line *line, size_t len)
{
    line->buf.len = len;
    line->buf.failed = false;
    line->buf.ptr[len] = '\0';
    line->json.comma = true;
    line->cut = true;
}

// {"ts":"…","level":"…": always fits.
static void put_head(struct w3p_buf *buf, enum w3p_log_level level)
{
    static const char open[] = "{\"ts\":\"", middle[] = "\",\"level\":\"";
    char head[sizeof open + sizeof middle + W3P_RFC3339_LEN + LEVEL_WORD_MAX + 1];
    const char *word = level_word(level);
    size_t at = sizeof open - 1, word_len = strlen(word);
    memcpy(head, open, at);
    w3p_rfc3339_format(head + at, w3p_clock_wall_ms());
    at += W3P_RFC3339_LEN;
    memcpy(head + at, middle, sizeof middle - 1);
    at += sizeof middle - 1;
    memcpy(head + at, word, word_len);
    at += word_len;
    head[at++] = '"';
    w3p_buf_put(buf, head, at);
}

void w3p_log_begin(struct w3p_log_line *line, enum w3p_log_level level, const char *event)
{
    *line = (struct w3p_log_line){.on = level >= w3p_log_level() && level < W3P_LOG_OFF};
    if (!line->on)
        return;
    w3p_buf_init(&line->buf, FIELDS_MAX);
    w3p_buf_reserve(&line->buf, USUAL_LEN);
    w3p_json_init(&line->json, &line->buf);
    put_head(&line->buf, level);
    line->json.comma = true;
    w3p_log_str(line, "event", event);
}

static void put_text(struct w3p_log_line *line, const char *key, const char *text, size_t len)
{
    size_t before = line->buf.len;
    // Escapes make the written length unknown: halve until it fits.
    for (size_t room = len;; room /= 2) {
        while (room > 0 && room < len && ((uint8_t)text[room] & 0xc0) == 0x80)
            room--; // not in the middle of a character
        w3p_json_key(&line->json, key);
        w3p_json_str_n(&line->json, text, room);
        if (w3p_buf_status(&line->buf) == W3P_OK)
            return;
        roll_back(line, before);
        if (room == 0)
            return;
        if (room > FIELDS_MAX)
            room = 2 * FIELDS_MAX;
    }
}

void w3p_log_str(struct w3p_log_line *line, const char *key, const char *text)
{
    if (line->on)
        put_text(line, key, text == NULL ? "" : text, text == NULL ? 0 : strlen(text));
}

void w3p_log_int(struct w3p_log_line *line, const char *key, int64_t value)
{
    if (!line->on)
        return;
    size_t before = line->buf.len;
    w3p_json_int_field(&line->json, key, value);
    if (w3p_buf_status(&line->buf) != W3P_OK)
        roll_back(line, before);
}

void w3p_log_hex(struct w3p_log_line *line, const char *key, const uint8_t *bytes, size_t len)
{
    if (!line->on)
        return;
    size_t before = line->buf.len;
    w3p_json_key(&line->json, key);
    w3p_json_hex0x(&line->json, bytes, len);
    if (w3p_buf_status(&line->buf) != W3P_OK)
        roll_back(line, before);
}

static void put_out(const uint8_t *bytes, size_t len)
{
    ssize_t written;
    do {
        written = write(STDERR_FILENO, bytes, len);
    } while (written < 0 && errno == EINTR);
}

static void finish_text(struct w3p_log_line *line)
{
    line->buf.max = W3P_LOG_LINE_MAX;
    w3p_buf_put_str(&line->buf, line->cut ? line_end_cut : line_end);
}

static void end_line(struct w3p_log_line *line)
{
    w3p_buf_deinit(&line->buf);
    line->on = false;
}

void w3p_log_end(struct w3p_log_line *line)
{
    if (!line->on)
        return;
    finish_text(line);
    put_out(line->buf.ptr, line->buf.len);
    end_line(line);
}

void w3p_log_end_later(struct w3p_log_line *line, struct w3p_log_batch *batch)
{
    if (!line->on)
        return;
    finish_text(line);
    if (line->buf.len > sizeof(batch->bytes) - batch->len)
        w3p_log_flush(batch);
    memcpy(batch->bytes + batch->len, line->buf.ptr, line->buf.len);
    batch->len += line->buf.len;
    end_line(line);
}

void w3p_log_flush(struct w3p_log_batch *batch)
{
    if (batch->len > 0)
        put_out(batch->bytes, batch->len);
    batch->len = 0;
}

void w3p_logf(enum w3p_log_level level, const char *event, const char *fmt, ...)
{
    struct w3p_log_line line;
    w3p_log_begin(&line, level, event);
    if (!line.on)
        return;
    char text[W3P_LOG_LINE_MAX]; // more than a line takes: what is cut here is cut, and marked, there again
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    w3p_log_str(&line, "msg", len < 0 ? fmt : text);
    w3p_log_end(&line);
}
