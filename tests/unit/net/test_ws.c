// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the WebSocket client against servers that shake hands wrongly, break frames, flood, or close.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "crypto/hash.h"
#include "crypto/sha1.h"
#include "net/net.h"
#include "unit/net/loopback.h"

#define FIN 0x80
#define TEXT 0x1
#define CLOSE 0x8
#define PING 0x9
#define PONG 0xa
#define REPLY_MAX 100000

static void start(void)
{
    w3p_crypto_init();
    w3p_net_global_init();
}

TestSuite(net_ws, .init = start, .timeout = 20);

Test(net_ws, sha1_vector)
{
    // RFC 6455 §1.3
    static const char text[] = "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    static const uint8_t want[20] = {0xb3, 0x7a, 0x4f, 0x2c, 0xc0, 0x62, 0x4f, 0x16, 0x90, 0xf6,
                                     0x46, 0x06, 0xcf, 0x38, 0x59, 0x45, 0xb2, 0xbe, 0xc4, 0xea};
    uint8_t got[20];
    w3p_sha1(got, text, sizeof(text) - 1);
    cr_expect(zero(int, memcmp(got, want, 20)));
}

static int ask(struct loopback *lo, struct w3p_net **net, struct w3p_errmsg *msg, struct w3p_buf *reply)
{
    if (*net == NULL) {
        struct w3p_net_conf conf = {
            .url = lo->url, .reply_max_bytes = REPLY_MAX, .connect_timeout_ms = 1000, .reply_timeout_ms = 500};
        cr_assert(eq(int, w3p_net_create(net, msg, &conf), W3P_OK));
    }
    int err = w3p_net_send(*net, msg, "hello", 5);
    return err == W3P_OK ? w3p_net_recv(*net, msg, reply, 0) : err;
}

// After the handshake and the client's message.
static bool greeted(int fd)
{
    char text[128];
    size_t len = 0;
    return loopback_upgrade(fd) && loopback_read_frame(fd, text, sizeof(text), &len) == TEXT &&
           strcmp(text, "hello") == 0;
}

static void answer_head(int fd, const char *head)
{
    char request[2048];
    if (loopback_request(fd, request, sizeof(request)))
        loopback_put_text(fd, head);
}

static void serve_no_upgrade(struct loopback *lo, int fd)
{
    (void)lo;
    answer_head(fd, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
}

static void serve_wrong_accept(struct loopback *lo, int fd)
{
    (void)lo;
    answer_head(fd, "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
}

static void serve_long_status(struct loopback *lo, int fd)
{
    (void)lo;
    (void)loopback_upgrade_as(fd, "1010 X", "");
}

static void serve_two_accepts(struct loopback *lo, int fd)
{
    (void)lo;
    (void)loopback_upgrade_as(fd, "101 X", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
}

static void serve_control_character(struct loopback *lo, int fd)
{
    (void)lo;
    (void)loopback_upgrade_as(fd, "101 X", "X-A: b\1\r\n");
}

static void serve_status_runs_on(struct loopback *lo, int fd)
{
    (void)lo;
    (void)loopback_upgrade_as(fd, "101OK", "");
}

static void serve_lone_newline(struct loopback *lo, int fd)
{
    (void)lo;
    (void)loopback_upgrade_as(fd, "101 X\nX: y", "");
}

static void serve_no_accept(struct loopback *lo, int fd)
{
    (void)lo;
    answer_head(fd, "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
}

static void serve_head_too_long(struct loopback *lo, int fd)
{
    (void)lo;
    answer_head(fd, "HTTP/1.1 101 X\r\n");
    for (int i = 0; i < 2000; i++)
        loopback_put_text(fd, "X-More: more and more and more\r\n");
}

static void serve_noise(struct loopback *lo, int fd)
{
    (void)lo;
    answer_head(fd, "220 mail.example.org ESMTP\r\n\r\n");
}

static void serve_hangup(struct loopback *lo, int fd)
{
    (void)lo;
    answer_head(fd, "HTTP/1.1 101 X\r\n");
}

static void serve_oversized(struct loopback *lo, int fd)
{
    (void)lo;
    if (!greeted(fd))
        return;
    char *big = calloc(1, REPLY_MAX + 1);
    memset(big, 'x', REPLY_MAX + 1);
    loopback_frame(fd, FIN | TEXT, big, REPLY_MAX + 1);
    free(big);
    usleep(300000);
}

static void serve_oversized_claim(struct loopback *lo, int fd)
{
    static const uint8_t head[] = {FIN | TEXT, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 'x'};
    (void)lo;
    if (!greeted(fd))
        return;
    loopback_put(fd, head, sizeof(head));
    usleep(300000);
}

static void serve_oversized_fragments(struct loopback *lo, int fd)
{
    static char part[REPLY_MAX / 4 + 1];
    (void)lo;
    if (!greeted(fd))
        return;
    memset(part, 'x', sizeof(part));
    for (int i = 0; i < 4; i++)
        loopback_frame(fd, i == 0 ? TEXT : 0, part, sizeof(part));
    usleep(300000);
}

static void serve_half_frame(struct loopback *lo, int fd)
{
    static const uint8_t bytes[] = {FIN | TEXT, 20, 'h', 'a', 'l', 'f'};
    (void)lo;
    if (greeted(fd))
        loopback_put(fd, bytes, sizeof(bytes));
}

static void serve_reserved_bits(struct loopback *lo, int fd)
{
    (void)lo;
    if (greeted(fd))
        loopback_frame(fd, FIN | 0x40 | TEXT, "zip", 3);
    usleep(300000);
}

static void serve_masked(struct loopback *lo, int fd)
{
    static const uint8_t bytes[] = {FIN | TEXT, 0x80 | 2, 1, 2, 3, 4, 'a', 'b'};
    (void)lo;
    if (greeted(fd))
        loopback_put(fd, bytes, sizeof(bytes));
    usleep(300000);
}

static void serve_close(struct loopback *lo, int fd)
{
    char text[128];
    size_t len = 0;
    (void)lo;
    if (!greeted(fd))
        return;
    loopback_frame(fd, FIN | CLOSE, "\x03\xe8", 2);
    (void)loopback_read_frame(fd, text, sizeof(text), &len);
}

// One frame for ever, faster than anybody reads.
static void serve_flood(struct loopback *lo, int fd)
{
    static const size_t block_len = 60000;
    char *block = w3p_calloc(block_len, 1);
    if (!greeted(fd))
        goto out;
    loopback_frame(fd, TEXT, "", 0); // a message that is never whole
    for (size_t i = 0; i + lo->number <= block_len; i += lo->number)
        memcpy(block + i, lo->text, lo->number);
    size_t len = block_len / lo->number * lo->number;
    while (send(fd, block, len, MSG_NOSIGNAL) == (ssize_t)len)
        ;
out:
    free(block);
}

// In one piece, so that they are met before any of them can be answered.
static void serve_pings_before_the_answer(struct loopback *lo, int fd)
{
    char burst[2 * 600 + 3];
    (void)lo;
    for (size_t i = 0; i < 1200; i += 2)
        memcpy(burst + i, "\x89\0", 2);
    memcpy(burst + 1200, "\x81\1x", 3);
    if (greeted(fd))
        loopback_put(fd, burst, sizeof(burst));
    usleep(300000);
}

// One short message after the other, for ever.
static void serve_chatter(struct loopback *lo, int fd)
{
    char block[3000];
    (void)lo;
    for (size_t i = 0; i < sizeof(block); i += 3)
        memcpy(block + i, "\x81\1x", 3);
    if (!greeted(fd))
        return;
    while (send(fd, block, sizeof(block), MSG_NOSIGNAL) == (ssize_t)sizeof(block))
        ;
}

static void serve_silent(struct loopback *lo, int fd)
{
    (void)lo;
    if (greeted(fd))
        usleep(900000);
}

static void serve_mute_handshake(struct loopback *lo, int fd)
{
    (void)lo;
    (void)fd;
    usleep(900000);
}

static const struct {
    const char *name;
    void (*serve)(struct loopback *lo, int fd);
    int err;
} bad[] = {
    {"no upgrade", serve_no_upgrade, W3P_E_PROTOCOL},
    {"wrong accept", serve_wrong_accept, W3P_E_PROTOCOL},
    {"no accept", serve_no_accept, W3P_E_PROTOCOL},
    {"status of four digits", serve_long_status, W3P_E_PROTOCOL},
    {"accept given twice", serve_two_accepts, W3P_E_PROTOCOL},
    {"status runs on", serve_status_runs_on, W3P_E_PROTOCOL},
    {"lone newline in the status line", serve_lone_newline, W3P_E_PROTOCOL},
    {"control character in a field", serve_control_character, W3P_E_PROTOCOL},
    {"head too long", serve_head_too_long, W3P_E_LIMIT},
    {"not HTTP", serve_noise, W3P_E_PROTOCOL},
    {"hangs up in the handshake", serve_hangup, W3P_E_UNREACHABLE},
    {"says nothing in the handshake", serve_mute_handshake, W3P_E_UNREACHABLE},
    {"oversized frame", serve_oversized, W3P_E_LIMIT},
    {"oversized claim", serve_oversized_claim, W3P_E_LIMIT},
    {"oversized in fragments", serve_oversized_fragments, W3P_E_LIMIT},
    {"closes in a frame", serve_half_frame, W3P_E_CLOSED},
    {"reserved bits", serve_reserved_bits, W3P_E_PROTOCOL},
    {"masked by the server", serve_masked, W3P_E_PROTOCOL},
    {"pings before the answer", serve_pings_before_the_answer, W3P_E_LIMIT},
    {"close frame", serve_close, W3P_E_CLOSED},
    {"says nothing", serve_silent, W3P_E_TIMEOUT},
};

ParameterizedTestParameters(net_ws, bad_server)
{
    static int index[sizeof(bad) / sizeof(bad[0])];
    for (int i = 0; i < (int)(sizeof(bad) / sizeof(bad[0])); i++)
        index[i] = i;
    return cr_make_param_array(int, index, sizeof(bad) / sizeof(bad[0]));
}

ParameterizedTest(int *i, net_ws, bad_server)
{
    struct loopback lo = {0};
    struct w3p_net *net = NULL;
    struct w3p_errmsg msg = {{0}};
    struct w3p_buf reply;
    w3p_buf_init(&reply, REPLY_MAX);
    loopback_start(&lo, "ws", bad[*i].serve);
    int64_t before = w3p_clock_mono_ms();
    cr_expect(eq(int, ask(&lo, &net, &msg, &reply), bad[*i].err), "%s: %s", bad[*i].name, msg.text);
    cr_expect(lt(long, (long)(w3p_clock_mono_ms() - before), 3000));
    w3p_net_destroy(net);
    loopback_stop(&lo);
    w3p_buf_deinit(&reply);
}

// The lines in front of the right Sec-WebSocket-Accept.
static const struct {
    const char *head;
    int err;
} handshakes[] = {
    {"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n", W3P_OK},
    {"HTTP/1.1 200 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n", W3P_E_PROTOCOL},
    {"HTTP/1.0 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n", W3P_E_PROTOCOL},
    {"HTTP/1.1 101 X\r\nConnection: Upgrade\r\n", W3P_E_PROTOCOL},
    {"HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n", W3P_E_PROTOCOL},
    {"HTTP/1.1 101 X\r\nUpgrade: websocket\r\n", W3P_E_PROTOCOL},
    {"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: keep-alive\r\n", W3P_E_PROTOCOL},
    {"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nno colon\r\n", W3P_E_PROTOCOL},
    {"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: chat\r\n", W3P_E_PROTOCOL},
    {"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
     "Sec-WebSocket-Extensions: permessage-deflate\r\n",
     W3P_E_PROTOCOL},
};

static void serve_handshake(struct loopback *lo, int fd)
{
    char text[128];
    size_t len = 0;
    if (loopback_upgrade_head(fd, lo->text) && loopback_read_frame(fd, text, sizeof(text), &len) == TEXT)
        loopback_frame(fd, FIN | TEXT, text, len);
}

ParameterizedTestParameters(net_ws, handshake)
{
    static int index[sizeof(handshakes) / sizeof(handshakes[0])];
    for (int i = 0; i < (int)(sizeof(handshakes) / sizeof(handshakes[0])); i++)
        index[i] = i;
    return cr_make_param_array(int, index, sizeof(handshakes) / sizeof(handshakes[0]));
}

ParameterizedTest(int *i, net_ws, handshake)
{
    struct loopback lo = {.text = handshakes[*i].head};
    struct w3p_net *net = NULL;
    struct w3p_errmsg msg = {{0}};
    struct w3p_buf reply;
    w3p_buf_init(&reply, REPLY_MAX);
    loopback_start(&lo, "ws", serve_handshake);
    cr_expect(eq(int, ask(&lo, &net, &msg, &reply), handshakes[*i].err), "%s: %s", handshakes[*i].head, msg.text);
    w3p_net_destroy(net);
    loopback_stop(&lo);
    w3p_buf_deinit(&reply);
}

static const struct {
    const char *name, *frame;
    size_t len;
} floods[] = {
    {"pings", "\x89\0", 2},
    {"pongs nobody asked for", "\x8a\0", 2},
    {"empty fragments", "\0\0", 2},
    {"fragments of one byte", "\0\1x", 3},
};

ParameterizedTestParameters(net_ws, flood_ends)
{
    static int index[sizeof(floods) / sizeof(floods[0])];
    for (int i = 0; i < (int)(sizeof(floods) / sizeof(floods[0])); i++)
        index[i] = i;
    return cr_make_param_array(int, index, sizeof(floods) / sizeof(floods[0]));
}

ParameterizedTest(int *i, net_ws, flood_ends)
{
    struct loopback lo = {.text = floods[*i].frame, .number = floods[*i].len};
    struct w3p_net *net = NULL;
    struct w3p_errmsg msg = {{0}};
    struct w3p_buf reply;
    w3p_buf_init(&reply, REPLY_MAX);
    loopback_start(&lo, "ws", serve_flood);
    int64_t before = w3p_clock_mono_ms();
    int err = ask(&lo, &net, &msg, &reply);
    cr_expect(eq(int, err, W3P_E_LIMIT), "%s: %s", floods[*i].name, msg.text);
    cr_expect(lt(long, (long)(w3p_clock_mono_ms() - before), 3000));
    w3p_net_destroy(net);
    loopback_stop(&lo);
    w3p_buf_deinit(&reply);
}

// Whole messages for ever: the first is the answer, the rest waits in the socket.
Test(net_ws, an_answer_does_not_wait_for_what_follows_it)
{
    struct loopback lo = {0};
    struct w3p_net *net = NULL;
    struct w3p_errmsg msg = {{0}};
    struct w3p_buf reply;
    w3p_buf_init(&reply, REPLY_MAX);
    loopback_start(&lo, "ws", serve_chatter);
    struct w3p_net_conf conf = {
        .url = lo.url, .reply_max_bytes = REPLY_MAX, .connect_timeout_ms = 3000, .reply_timeout_ms = 3000};
    cr_assert(eq(int, w3p_net_create(&net, &msg, &conf), W3P_OK));
    int64_t before = w3p_clock_mono_ms();
    cr_expect(eq(int, ask(&lo, &net, &msg, &reply), W3P_OK), "%s", msg.text);
    cr_expect(lt(long, (long)(w3p_clock_mono_ms() - before), 2000));
    w3p_net_destroy(net);
    loopback_stop(&lo);
    w3p_buf_deinit(&reply);
}

static void *interrupt_soon(void *arg)
{
    usleep(20000);
    w3p_net_interrupt(arg);
    return NULL;
}

Test(net_ws, interrupt_ends_a_wait)
{
    struct loopback lo = {0};
    struct w3p_net *net = NULL;
    struct w3p_buf reply;
    pthread_t thread;
    w3p_buf_init(&reply, REPLY_MAX);
    loopback_start(&lo, "ws", serve_silent);
    struct w3p_net_conf conf = {
        .url = lo.url, .reply_max_bytes = REPLY_MAX, .connect_timeout_ms = 1000, .reply_timeout_ms = 15000};
    cr_assert(eq(int, w3p_net_create(&net, NULL, &conf), W3P_OK));
    cr_assert(eq(int, w3p_net_send(net, NULL, "hello", 5), W3P_OK));
    cr_assert(eq(int, pthread_create(&thread, NULL, interrupt_soon, net), 0));
    int64_t before = w3p_clock_mono_ms();
    cr_expect(eq(int, w3p_net_recv(net, NULL, &reply, 0), W3P_E_CLOSED));
    cr_expect(lt(long, (long)(w3p_clock_mono_ms() - before), 500));
    cr_expect(eq(int, w3p_net_send(net, NULL, "hello", 5), W3P_E_CLOSED));
    pthread_join(thread, NULL);
    w3p_net_destroy(net);
    loopback_stop(&lo);
    w3p_buf_deinit(&reply);
}

static void serve_talk(struct loopback *lo, int fd)
{
    char text[128];
    size_t len = 0;
    (void)lo;
    if (!greeted(fd))
        return;
    loopback_frame(fd, FIN | TEXT, "notification", 12);
    loopback_frame(fd, TEXT, "in ", 3);
    loopback_frame(fd, FIN | PING, "are you there", 13);
    loopback_frame(fd, 0, "three ", 6);
    loopback_frame(fd, FIN, "parts", 5);
    if (loopback_read_frame(fd, text, sizeof(text), &len) == PONG && strcmp(text, "are you there") == 0)
        loopback_frame(fd, FIN | TEXT, "ponged", 6);
    usleep(200000);
}

Test(net_ws, messages_fragments_and_pings)
{
    struct loopback lo = {0};
    struct w3p_net *net = NULL;
    struct w3p_errmsg msg = {{0}};
    static const char *const want[] = {"notification", "in three parts", "ponged"};
    struct w3p_buf reply;
    w3p_buf_init(&reply, REPLY_MAX);
    loopback_start(&lo, "ws", serve_talk);
    for (int i = 0; i < 3; i++) {
        w3p_buf_reset(&reply);
        int err = i == 0 ? ask(&lo, &net, &msg, &reply) : w3p_net_recv(net, &msg, &reply, 0);
        cr_assert(eq(int, err, W3P_OK), "%s", msg.text);
        cr_expect(eq(str, (char *)w3p_buf_str(&reply), (char *)want[i]));
    }
    cr_expect(eq(int, w3p_net_recv(net, &msg, &reply, 0), W3P_E_CLOSED));
    cr_expect(eq(int, w3p_net_recv(net, &msg, &reply, 0), W3P_E_STATE));
    w3p_net_destroy(net);
    loopback_stop(&lo);
    w3p_buf_deinit(&reply);
}

static void serve_once(struct loopback *lo, int fd)
{
    (void)lo;
    if (greeted(fd))
        loopback_frame(fd, FIN | TEXT, "bye", 3);
}

Test(net_ws, connects_again_after_an_idle_close)
{
    struct loopback lo = {0};
    struct w3p_net *net = NULL;
    struct w3p_errmsg msg = {{0}};
    struct w3p_buf reply;
    w3p_buf_init(&reply, REPLY_MAX);
    loopback_start(&lo, "ws", serve_once);
    for (int i = 0; i < 3; i++) {
        w3p_buf_reset(&reply);
        cr_assert(eq(int, ask(&lo, &net, &msg, &reply), W3P_OK), "%s", msg.text);
        cr_expect(eq(str, (char *)w3p_buf_str(&reply), "bye"));
        usleep(50000); // the server's close arrives
    }
    cr_expect(eq(int, lo.connections, 3));
    w3p_net_destroy(net);
    loopback_stop(&lo);
    w3p_buf_deinit(&reply);
}

static void serve_big(struct loopback *lo, int fd)
{
    (void)lo;
    if (!greeted(fd))
        return;
    char *big = calloc(1, REPLY_MAX);
    memset(big, 'x', REPLY_MAX);
    loopback_frame(fd, FIN | TEXT, big, REPLY_MAX);
    free(big);
    usleep(200000);
}

Test(net_ws, the_longest_message_fits)
{
    struct loopback lo = {0};
    struct w3p_net *net = NULL;
    struct w3p_errmsg msg = {{0}};
    struct w3p_buf reply;
    w3p_buf_init(&reply, REPLY_MAX);
    loopback_start(&lo, "ws", serve_big);
    cr_expect(eq(int, ask(&lo, &net, &msg, &reply), W3P_OK), "%s", msg.text);
    cr_expect(eq(sz, reply.len, REPLY_MAX));
    w3p_net_destroy(net);
    loopback_stop(&lo);
    w3p_buf_deinit(&reply);
}
