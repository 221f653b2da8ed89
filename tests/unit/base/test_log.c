// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: every log line is one write and valid JSON, whatever goes into it and however long it would be.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

// A datagram socket in the place of stderr: one write arrives as one message, or not at all.
static int read_end;
static int real_stderr;

static void open_socket(void)
{
    int ends[2];
    cr_assert(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0);
    real_stderr = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    read_end = ends[0];
    fcntl(read_end, F_SETFL, O_NONBLOCK);
}

static void close_socket(void)
{
    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    close(read_end);
}

TestSuite(log, .init = open_socket, .fini = close_socket);

static ssize_t receive(char *out, size_t room)
{
    ssize_t len = recv(read_end, out, room - 1, 0);
    out[len > 0 ? len : 0] = '\0';
    return len;
}

// Exactly one line is waiting and it is valid JSON. The caller decrefs.
static json_t *receive_line(void)
{
    char text[2 * W3P_LOG_LINE_MAX];
    struct w3p_errmsg msg = {""};
    ssize_t len = receive(text, sizeof(text));
    cr_assert(len > 0 && len <= W3P_LOG_LINE_MAX, "%zd bytes", len);
    cr_assert(text[len - 1] == '\n' && memchr(text, '\n', (size_t)len) == text + len - 1, "%s", text);
    json_t *json = w3p_json_parse(&msg, text, (size_t)len);
    cr_assert(json != NULL, "%s: %s", msg.text, text);
    return json;
}

static const char *text_of(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text == NULL ? "(none)" : text;
}

static bool is_cut(const json_t *json)
{
    return json_is_true(json_object_get(json, "cut"));
}

Test(log, below_the_level_nothing_is_written)
{
    char text[256];
    w3p_logf(W3P_LOG_DEBUG, "quiet", "%s", "by default");
    w3p_log_set_level(W3P_LOG_ERROR);
    cr_assert(w3p_log_level() == W3P_LOG_ERROR);
    w3p_logf(W3P_LOG_WARN, "quiet", "%d", 1);
    w3p_log_set_level(W3P_LOG_OFF);
    w3p_logf(W3P_LOG_ERROR, "quiet", "%d", 1);
    w3p_logf(W3P_LOG_OFF, "quiet", "%d", 1);
    struct w3p_log_line line;
    w3p_log_begin(&line, W3P_LOG_ERROR, "quiet");
    cr_assert(line.on == false && line.buf.ptr == NULL);
    w3p_log_str(&line, "key", "text");
    w3p_log_end(&line);
    cr_assert(receive(text, sizeof(text)) < 0, "%s", text);
    w3p_log_set_level(W3P_LOG_DEBUG);
    w3p_logf(W3P_LOG_DEBUG, "loud", "%d", 1);
    cr_assert(receive(text, sizeof(text)) > 0);
}

Test(log, a_line_has_its_fields)
{
    int64_t now_ms = 1795222923004;
    struct w3p_log_line line;
    char text[512];
    w3p_clock_fake(&now_ms);
    w3p_log_begin(&line, W3P_LOG_WARN, "order.signed");
    w3p_log_str(&line, "cid", "Qm\"\n");
    w3p_log_str(&line, "nothing", NULL);
    w3p_log_int(&line, "nonce", -7);
    w3p_log_hex(&line, "hash", (const uint8_t *)"\x01\xff", 2);
    w3p_log_end(&line);
    receive(text, sizeof(text));
    cr_assert(eq(str, text,
                 "{\"ts\":\"2026-11-21T01:02:03.004Z\",\"level\":\"warn\",\"event\":\"order.signed\","
                 "\"cid\":\"Qm\\\"\\n\",\"nothing\":\"\",\"nonce\":-7,\"hash\":\"0x01ff\"}\n"));
    w3p_logf(W3P_LOG_ERROR, "x", "%s-%d", "a", 5);
    receive(text, sizeof(text));
    cr_assert(
        eq(str, text, "{\"ts\":\"2026-11-21T01:02:03.004Z\",\"level\":\"error\",\"event\":\"x\",\"msg\":\"a-5\"}\n"));
}

Test(log, long_texts_are_cut_between_characters)
{
    static const char *const pieces[] = {"x",  "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                                         "\n", "\x01",     "\xff",         "\x80"};
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
        for (size_t shift = 0; shift < 4; shift++) {
            struct w3p_buf text;
            w3p_buf_init(&text, 100000);
            for (size_t s = 0; s < shift; s++)
                w3p_buf_put_u8(&text, 'a');
            while (text.len < 50000)
                w3p_buf_put_str(&text, pieces[i]);
            struct w3p_log_line line;
            w3p_log_begin(&line, W3P_LOG_ERROR, "long");
            w3p_log_int(&line, "before", 1);
            w3p_log_str(&line, "text", w3p_buf_str(&text));
            w3p_log_int(&line, "after", 2);
            w3p_log_end(&line);
            json_t *json = receive_line();
            cr_expect(is_cut(json), "piece %zu", i);
            cr_expect(json_integer_value(json_object_get(json, "before")) == 1);
            cr_expect(eq(str, (char *)text_of(json, "event"), "long"));
            if ((pieces[i][0] & 0xc0) != 0x80 && pieces[i][0] != '\xff')
                cr_expect(strstr(text_of(json, "text"), "\xef\xbf\xbd") == NULL, "piece %zu is torn", i);
            json_decref(json);
            w3p_buf_deinit(&text);
        }
}

// One byte more each round, through the end of the line: always valid, "cut" exactly when something is missing.
Test(log, lines_end_well_at_every_length)
{
    char text[W3P_LOG_LINE_MAX + 1];
    bool was_cut = false;
    for (size_t len = W3P_LOG_LINE_MAX - 200; len < W3P_LOG_LINE_MAX; len++) {
        memset(text, 'x', len);
        text[len] = '\0';
        struct w3p_log_line line;
        w3p_log_begin(&line, W3P_LOG_ERROR, "edge");
        w3p_log_str(&line, "text", text);
        w3p_log_int(&line, "number", 123456789);
        w3p_log_hex(&line, "hash", (const uint8_t *)text, 32);
        w3p_log_end(&line);
        json_t *json = receive_line();
        bool cut = is_cut(json);
        bool whole = strlen(text_of(json, "text")) == len && json_object_get(json, "number") != NULL &&
                     json_object_get(json, "hash") != NULL;
        cr_expect(cut == !whole, "length %zu", len);
        was_cut = was_cut || cut;
        json_decref(json);
    }
    cr_expect(was_cut);
}

Test(log, very_many_fields_are_cut)
{
    struct w3p_log_line line;
    w3p_log_begin(&line, W3P_LOG_ERROR, "many");
    for (int i = 0; i < 10000; i++) {
        char key[16];
        snprintf(key, sizeof(key), "k%d", i);
        w3p_log_int(&line, key, i);
    }
    w3p_log_end(&line);
    json_t *json = receive_line();
    cr_expect(is_cut(json));
    cr_expect(json_integer_value(json_object_get(json, "k17")) == 17);
    json_decref(json);
}

Test(log, a_long_message_is_cut)
{
    w3p_logf(W3P_LOG_ERROR, "long", "%9000d", 1);
    json_t *json = receive_line();
    cr_expect(is_cut(json));
    json_decref(json);
    w3p_logf(W3P_LOG_ERROR, "x", "%s", "\xff\xfe");
    json = receive_line();
    cr_expect(json_object_get(json, "cut") == NULL);
    json_decref(json);
}

static void *write_lines(void *arg)
{
    for (int i = 0; i < 50; i++)
        w3p_logf(W3P_LOG_ERROR, "thread", "%0*d", 500, *(int *)arg);
    return NULL;
}

static void *read_lines(void *arg)
{
    int *lines = arg;
    fcntl(read_end, F_SETFL, 0);
    for (; *lines < 200; ++*lines)
        json_decref(receive_line());
    return NULL;
}

Test(log, lines_of_threads_do_not_mix)
{
    pthread_t writers[4], reader;
    int numbers[4] = {1, 2, 3, 4}, lines = 0;
    pthread_create(&reader, NULL, read_lines, &lines);
    for (int i = 0; i < 4; i++)
        pthread_create(&writers[i], NULL, write_lines, &numbers[i]);
    for (int i = 0; i < 4; i++)
        pthread_join(writers[i], NULL);
    pthread_join(reader, NULL);
    cr_expect(lines == 200);
}

// Lines that may wait leave in one write, whole, as soon as the next does not fit or when they are flushed.
Test(log, lines_that_wait)
{
    static struct w3p_log_batch batch;
    char text[2 * W3P_LOG_LINE_MAX];
    struct w3p_log_line line;
    size_t lines = 0, messages = 0;

    for (unsigned i = 0; i < 100; i++) {
        w3p_log_begin(&line, W3P_LOG_INFO, "http.access");
        w3p_log_int(&line, "n", i);
        w3p_log_str(&line, "text", "some words that make the line longer than it would be without them");
        w3p_log_end_later(&line, &batch);
        if (i == 0)
            cr_expect(receive(text, sizeof(text)) < 0); // it waits
    }
    w3p_log_flush(&batch);
    w3p_log_flush(&batch); // nothing left
    for (ssize_t len; (len = receive(text, sizeof(text))) > 0; messages++) {
        cr_expect(len <= W3P_LOG_LINE_MAX);
        cr_expect(eq(chr, text[len - 1], '\n'));
        for (char *at = text, *end; (end = strchr(at, '\n')) != NULL; at = end + 1, lines++) {
            struct w3p_errmsg msg;
            json_t *json = w3p_json_parse(&msg, at, (size_t)(end - at));
            cr_assert(json != NULL);
            cr_expect(eq(i64, json_integer_value(json_object_get(json, "n")), (int64_t)lines));
            json_decref(json);
        }
    }
    cr_expect(eq(sz, lines, 100));
    cr_expect(lt(sz, messages, 20));
}
