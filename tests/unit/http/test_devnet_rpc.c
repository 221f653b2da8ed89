// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the devnet's server without the devnet: what stands behind it is devnet_stub.h.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "devnet_stub.h"
#include "http/app.h"

static struct w3p_devnet chain;
static struct w3p_devnet_server *server;

static void start_with(unsigned block_ms)
{
    struct w3p_errmsg msg = {0};
    struct w3p_devnet_server_conf conf = {.listen = "127.0.0.1:0", .net = &chain, .block_ms = block_ms};
    chain = (struct w3p_devnet){.best = 5, .final = 3, .spec = 25};
    cr_assert(eq(int, w3p_devnet_server_start(&server, &msg, &conf), W3P_OK), "%s", msg.text);
}

static void start(void)
{
    start_with(0);
}

static void stop(void)
{
    w3p_devnet_server_stop(server);
}

TestSuite(devnet_rpc, .init = start, .fini = stop, .timeout = 30);

static const char handshake[] = "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

static struct client *ws_open(void)
{
    struct response got;
    struct client *client = client_open(w3p_devnet_server_port(server));
    client_send_str(client, handshake);
    client_read(client, &got, false, 5000);
    cr_assert(eq(int, got.status, 101));
    cr_expect(eq(str, (char *)client_header(&got, "sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    client_free_response(&got);
    cr_assert(eq(sz, client->len, 0));
    return client;
}

static void ws_send_frame(struct client *client, uint8_t first, const char *text, size_t len)
{
    uint8_t head[14] = {first};
    size_t at = 2;
    if (len < 126) {
        head[1] = (uint8_t)(0x80 | len);
    } else if (len < 65536) {
        head[1] = 0x80 | 126;
        head[at++] = (uint8_t)(len >> 8);
        head[at++] = (uint8_t)len;
    } else {
        head[1] = 0x80 | 127;
        for (int shift = 56; shift >= 0; shift -= 8)
            head[at++] = (uint8_t)((uint64_t)len >> shift);
    }
    at += 4; // a mask of zeros
    client_send(client, (const char *)head, at);
    client_send(client, text, len);
}

static void ws_send(struct client *client, const char *text)
{
    ws_send_frame(client, 0x81, text, strlen(text));
}

static bool recv_all(struct client *client, void *out, size_t len, int timeout_ms)
{
    for (size_t at = 0; at < len;) {
        struct pollfd p = {.fd = client->fd, .events = POLLIN};
        ssize_t got = poll(&p, 1, timeout_ms) > 0 ? recv(client->fd, (char *)out + at, len - at, 0) : -1;
        if (got <= 0)
            return false;
        at += (size_t)got;
    }
    return true;
}

// The next message (the caller frees), NULL when none comes.
static char *ws_read(struct client *client, int timeout_ms)
{
    uint8_t head[10];
    if (!recv_all(client, head, 2, timeout_ms))
        return NULL;
    cr_assert(eq(int, head[0], 0x81));
    uint64_t len = head[1];
    unsigned more = len == 127 ? 8 : len == 126 ? 2 : 0;
    cr_assert(recv_all(client, head + 2, more, timeout_ms));
    if (more > 0)
        len = 0;
    for (unsigned i = 0; i < more; i++)
        len = len << 8 | head[2 + i];
    char *text = calloc(1, len + 1);
    cr_assert(recv_all(client, text, len, timeout_ms));
    return text;
}

static void expect_message(struct client *client, const char *part)
{
    char *text = ws_read(client, 5000);
    cr_assert(text != NULL, "waited for %s", part);
    cr_expect(strstr(text, part) != NULL, "%s is not in %.200s", part, text);
    free(text);
}

static void post_method(const char *method)
{
    struct response got;
    char text[200];
    snprintf(text, sizeof text,
             "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n"
             "{\"method\":\"%s\"}",
             strlen(method) + 13, method);
    client_exchange(&got, w3p_devnet_server_port(server), text);
    cr_expect(eq(int, got.status, 200));
    cr_expect(strstr(got.body, "\"result\"") != NULL);
    client_free_response(&got);
}

static void post_block(void)
{
    post_method("dev_newBlock");
}

Test(devnet_rpc, no_handshake)
{
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: short\r\n\r\n"};
    struct response got;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        client_exchange(&got, w3p_devnet_server_port(server), requests[i]);
        cr_expect(eq(int, got.status, 400), "row %zu", i);
        client_free_response(&got);
    }
    client_exchange(&got, w3p_devnet_server_port(server), "GET /other HTTP/1.1\r\nHost: x\r\n\r\n");
    cr_expect(eq(int, got.status, 404));
    client_free_response(&got);
}

Test(devnet_rpc, browsers_may_ask)
{
    struct response got;
    client_exchange(&got, w3p_devnet_server_port(server), "OPTIONS / HTTP/1.1\r\nHost: x\r\nOrigin: http://a\r\n\r\n");
    cr_expect(eq(int, got.status, 204));
    cr_expect(eq(str, (char *)client_header(&got, "access-control-allow-origin"), "*"));
    client_free_response(&got);
}

Test(devnet_rpc, messages_of_all_lengths)
{
    static const size_t lens[] = {10, 125, 126, 65535, 65536, 3000000};
    struct client *client = ws_open();
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        char *text = calloc(1, lens[i] + 1);
        memset(text, ' ', lens[i]);
        memcpy(text, "\"echo\"", 6);
        ws_send(client, text);
        char *got = ws_read(client, 10000);
        cr_assert(got != NULL);
        cr_expect(strcmp(got, text) == 0, "length %zu", lens[i]);
        free(got);
        free(text);
    }
    client_close(client);
}

Test(devnet_rpc, a_message_that_is_too_long_ends_the_connection)
{
    size_t len = 4194304 + 1;
    char *text = calloc(1, len);
    struct client *client = ws_open();
    memset(text, ' ', len);
    ws_send_frame(client, 0x81, text, len);
    cr_expect(client_closed(client, 5000));
    client_close(client);
    free(text);
}

Test(devnet_rpc, fragments_and_pings)
{
    struct client *client = ws_open();
    uint8_t pong[6];
    ws_send_frame(client, 0x89, "ping", 4);
    cr_assert(recv_all(client, pong, 6, 5000));
    cr_expect(eq(int, memcmp(pong, "\x8a\4ping", 6), 0));
    ws_send_frame(client, 0x01, "\"ec", 3);
    ws_send_frame(client, 0x80, "ho\"", 3);
    expect_message(client, "\"echo\"");
    ws_send_frame(client, 0x88, "\x03\xe8", 2);
    cr_expect(client_closed(client, 5000));
    client_close(client);
}

Test(devnet_rpc, heads)
{
    struct client *client = ws_open();
    ws_send(client, "{\"id\":\"a\",\"jsonrpc\":\"2.0\",\"method\":\"chain_subscribeNewHeads\",\"params\":[]}");
    char *reply = ws_read(client, 5000);
    cr_assert(reply != NULL);
    cr_expect(strstr(reply, "\"id\":\"a\"") != NULL);
    char *id = strstr(reply, "\"result\":\"");
    cr_assert(id != NULL);
    id = strndup(id + 10, 16);
    expect_message(client, "\"method\":\"chain_newHead\",\"params\":{\"subscription\":\"");
    ws_send(client, "{\"id\":2,\"jsonrpc\":\"2.0\",\"method\":\"chain_subscribeFinalizedHeads\",\"params\":[]}");
    expect_message(client, "\"id\":2");
    expect_message(client, "{\"number\":\"0x3\"}");
    post_block();
    expect_message(client, "{\"number\":\"0x6\"}");
    expect_message(client, "{\"number\":\"0x4\"}");
    ws_send(client, "{\"id\":3,\"method\":\"dev_newBlock\"}"); // by the client itself: answer first, then the heads
    expect_message(client, "specVersion");
    expect_message(client, "{\"number\":\"0x7\"}");
    expect_message(client, "chain_finalizedHead");
    char text[256];
    snprintf(text, sizeof text, "{\"id\":4,\"method\":\"chain_unsubscribeNewHeads\",\"params\":[\"%s\"]}", id);
    ws_send(client, text);
    expect_message(client, "\"result\":true");
    ws_send(client, text);
    expect_message(client, "\"result\":false");
    post_block();
    expect_message(client, "chain_finalizedHead");
    cr_expect(ws_read(client, 200) == NULL);
    free(reply);
    free(id);
    client_close(client);
    post_block(); // nobody listens any more
}

Test(devnet_rpc, runtime_version)
{
    struct client *client = ws_open();
    ws_send(client, "{\"id\":1,\"method\":\"state_subscribeRuntimeVersion\",\"params\":[]}");
    expect_message(client, "\"id\":1");
    expect_message(client, "\"method\":\"state_runtimeVersion\"");
    cr_expect(ws_read(client, 200) == NULL);
    client_close(client);
}

Test(devnet_rpc, an_upgrade_is_told)
{
    struct client *client = ws_open();
    ws_send(client, "{\"id\":1,\"method\":\"state_subscribeRuntimeVersion\",\"params\":[]}");
    expect_message(client, "\"id\":1");
    expect_message(client, "\"method\":\"state_runtimeVersion\"");
    post_method("dev_upgrade");
    expect_message(client, "\"method\":\"state_runtimeVersion\"");
    post_block();
    cr_expect(ws_read(client, 100) == NULL);
    client_close(client);
}

Test(devnet_rpc, blocks_of_another_branch_are_told_to_those_who_want_all_heads)
{
    struct client *all = ws_open(), *best = ws_open();
    ws_send(all, "{\"id\":1,\"method\":\"chain_subscribeAllHeads\",\"params\":[]}");
    ws_send(best, "{\"id\":1,\"method\":\"chain_subscribeNewHeads\",\"params\":[]}");
    for (unsigned i = 0; i < 2; i++) {
        expect_message(i == 0 ? all : best, "\"id\":1");
        expect_message(i == 0 ? all : best, "\"number\":\"0x5\"");
    }
    for (unsigned n = 6; n <= 8; n++) {
        char number[24];
        snprintf(number, sizeof number, "\"number\":\"0x%u\"", n);
        post_block();
        expect_message(all, number);
        expect_message(best, number);
    }
    post_method("dev_fork");
    expect_message(all, "\"number\":\"0x7\"");
    expect_message(all, "\"number\":\"0x8\"");
    expect_message(all, "\"number\":\"0x9\"");
    expect_message(best, "\"number\":\"0x9\"");
    post_block();
    expect_message(all, "\"number\":\"0xa\"");
    expect_message(best, "\"number\":\"0xa\"");
    client_close(all);
    client_close(best);
}

Test(devnet_rpc, an_extrinsic_of_a_lost_block_is_retracted_and_found_again)
{
    struct client *client = ws_open();
    ws_send(client, "{\"id\":2,\"method\":\"author_submitAndWatchExtrinsic\",\"params\":[\"0x11\"]}");
    expect_message(client, "\"id\":2");
    expect_message(client, "\"result\":\"ready\"");
    post_block();
    post_block();
    expect_message(client, "{\"inBlock\":\"0xb7\"}");
    post_method("dev_fork");
    expect_message(client, "{\"retracted\":\"0xb7\"}");
    expect_message(client, "{\"inBlock\":\"0xc8\"}");
    post_block();
    post_block();
    expect_message(client, "{\"finalized\":\"0xc8\"}");
    client_close(client);
}

Test(devnet_rpc, subscriptions_are_bounded)
{
    struct client *client = ws_open();
    char text[128];
    for (int i = 0; i < 65; i++) {
        snprintf(text, sizeof text, "{\"id\":%d,\"method\":\"chain_subscribeAllHeads\",\"params\":[]}", i);
        ws_send(client, text);
        expect_message(client, i < 64 ? "result" : "Too many subscriptions");
        if (i < 64)
            expect_message(client, "chain_allHead");
    }
    client_close(client);
}

Test(devnet_rpc, methods_name_the_subscriptions)
{
    struct client *client = ws_open();
    ws_send(client, "{\"id\":1,\"method\":\"rpc_methods\",\"params\":[]}");
    char *text = ws_read(client, 5000);
    cr_assert(text != NULL);
    cr_expect(strstr(text, "\"chain_getBlock\"") != NULL, "%s", text);
    cr_expect(strstr(text, "\"chain_subscribeNewHeads\"") != NULL, "%s", text);
    cr_expect(strstr(text, "\"author_unwatchExtrinsic\"") != NULL, "%s", text);
    free(text);
    client_close(client);
}

Test(devnet_rpc, storage_is_told_when_it_changes)
{
    struct client *client = ws_open();
    ws_send(client, "{\"id\":1,\"method\":\"state_subscribeStorage\",\"params\":[5]}");
    expect_message(client, "Invalid params");
    ws_send(client, "{\"id\":2,\"method\":\"state_subscribeStorage\",\"params\":[[\"0xaa\"]]}");
    expect_message(client, "\"id\":2");
    expect_message(client, "[\"0xaa\",\"0x2\"]"); // block 5
    post_block();
    expect_message(client, "[\"0xaa\",\"0x3\"]");
    post_block(); // block 7: the same value
    post_block();
    expect_message(client, "[\"0xaa\",\"0x4\"]");
    cr_expect(ws_read(client, 100) == NULL);
    client_close(client);
}

Test(devnet_rpc, an_extrinsic_is_followed_to_its_end)
{
    struct client *client = ws_open();
    ws_send(client, "{\"id\":1,\"method\":\"author_submitAndWatchExtrinsic\",\"params\":[\"0x22\"]}");
    expect_message(client, "\"code\":1010");
    ws_send(client, "{\"id\":1,\"method\":\"author_submitAndWatchExtrinsic\",\"params\":[]}");
    expect_message(client, "Invalid params");
    ws_send(client, "{\"id\":2,\"method\":\"author_submitAndWatchExtrinsic\",\"params\":[\"0x11\"]}");
    expect_message(client, "\"id\":2");
    expect_message(client, "\"result\":\"ready\"");
    post_block();
    cr_expect(ws_read(client, 100) == NULL);
    post_block();
    expect_message(client, "{\"inBlock\":\"0xb7\"}");
    post_block();
    cr_expect(ws_read(client, 100) == NULL);
    post_block(); // block 9: 7 is final
    expect_message(client, "{\"finalized\":\"0xb7\"}");
    post_block();
    cr_expect(ws_read(client, 100) == NULL);
    client_close(client);
}

Test(devnet_rpc, clients_that_vanish)
{
    for (int i = 0; i < 20; i++) {
        struct client *client = ws_open();
        ws_send(client, "{\"id\":1,\"method\":\"chain_subscribeNewHeads\",\"params\":[]}");
        if (i % 2 == 0)
            expect_message(client, "result");
        client_close(client);
        post_block();
    }
    struct client *client = ws_open();
    ws_send(client, "\"echo\"");
    expect_message(client, "echo");
    client_close(client);
}

Test(devnet_rpc_timer, blocks_come_by_themselves, .timeout = 30)
{
    start_with(50);
    struct client *client = ws_open();
    ws_send(client, "{\"id\":1,\"method\":\"chain_subscribeNewHeads\",\"params\":[]}");
    expect_message(client, "result");
    for (int i = 0; i < 4; i++)
        expect_message(client, "chain_newHead");
    stop(); // with a client connected and subscribed
    cr_expect(client_closed(client, 1000));
    client_close(client);
}

// Faults of the connection ------------------------------------------------------------------------------------------

static const char ask[] = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n"
                          "\"echo77\"";

// Bytes until the peer ends, or nothing comes for so long; gives recv's last result: 0 end, -1 reset or silence.
static ssize_t read_rest(struct client *client, char *out, size_t room, size_t enough, int timeout_ms)
{
    size_t len = 0;
    ssize_t n = 1;
    while (n > 0 && len < enough && len + 1 < room) {
        struct pollfd p = {.fd = client->fd, .events = POLLIN};
        n = poll(&p, 1, timeout_ms) > 0 ? recv(client->fd, out + len, room - 1 - len, 0) : -1;
        len += n > 0 ? (size_t)n : 0;
    }
    out[len] = '\0';
    return n;
}

Test(devnet_rpc, faults_of_a_post)
{
    static const struct {
        struct w3p_devnet_effect effect;
        const char *begins, *ends;
        ssize_t last; // 0: closed, -1: reset, 1: still coming
    } cases[] = {
        {{.fate = W3P_DEVNET_LOSE}, "", "", 0},
        {{.fate = W3P_DEVNET_CLOSE}, "", "", 0},
        {{.fate = W3P_DEVNET_RESET}, "", "", -1},
        {{.fate = W3P_DEVNET_CUT}, "HTTP/1.1 200 OK", "Content-Length: 8\r\n\r\n\"ech", 0},
        {{.fate = W3P_DEVNET_LOSE, .delay_ms = 30}, "", "", 0},
        {{.fate = W3P_DEVNET_ENDLESS}, "HTTP/1.1 200 OK", " \r\n", 1},
    };
    char got[8192];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct client *client = client_open(w3p_devnet_server_port(server));
        effect_next = cases[i].effect;
        client_send_str(client, ask);
        ssize_t last = read_rest(client, got, sizeof got, 1000, 5000);
        size_t len = strlen(got), tail = strlen(cases[i].ends);
        cr_expect(last == cases[i].last || (last > 0 && cases[i].last > 0), "row %zu: %zd", i, last);
        cr_expect(strncmp(got, cases[i].begins, strlen(cases[i].begins)) == 0, "row %zu: %s", i, got);
        cr_expect(len >= tail && strcmp(got + len - tail, cases[i].ends) == 0, "row %zu: %s", i, got);
        client_close(client); // an endless answer ends with its reader
    }
    struct response reply;
    effect_next = (struct w3p_devnet_effect){.twice = true, .delay_ms = 30};
    client_exchange(&reply, w3p_devnet_server_port(server), ask);
    cr_expect(eq(str, reply.body, "\"echo77\"\"echo77\""));
    client_free_response(&reply);
}

Test(devnet_rpc, faults_of_a_message)
{
    static const struct {
        struct w3p_devnet_effect effect;
        const char *bytes;
        size_t len;
        ssize_t last;
    } cases[] = {
        {{.fate = W3P_DEVNET_LOSE}, "", 0, 0},
        {{.fate = W3P_DEVNET_RESET}, "", 0, -1},
        {{.fate = W3P_DEVNET_CLOSE}, "\x88\x02\x03\xe9", 4, 1}, // 1001
        {{.fate = W3P_DEVNET_CLOSE, .delay_ms = 30}, "\x88\x02\x03\xe9", 4, 1},
        {{.fate = W3P_DEVNET_CUT},
         "\x81\x7f\0\0\0\0\0\0\0\x08"
         "\"ech",
         14,
         0},
        {{.fate = W3P_DEVNET_SEND, .twice = true, .delay_ms = 30}, "\x81\x08\"echo77\"\x81\x08\"echo77\"", 20, 1},
        {{.fate = W3P_DEVNET_ENDLESS}, "\x01\x10               {\0\x10                ", 36, 1},
    };
    char got[8192];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct client *client = ws_open();
        effect_next = cases[i].effect;
        ws_send(client, "\"echo77\"");
        ssize_t last =
            read_rest(client, got, sizeof got, cases[i].len > 0 && cases[i].last > 0 ? cases[i].len : 1000, 5000);
        cr_expect(memcmp(got, cases[i].bytes, cases[i].len) == 0, "row %zu: %s", i, got);
        cr_expect(last == cases[i].last || (last > 0 && cases[i].last > 0), "row %zu: %zd", i, last);
        client_close(client);
    }
}

Test(devnet_rpc, what_waits_goes_with_its_reader_and_its_server)
{
    struct client *gone = ws_open(), *post = client_open(w3p_devnet_server_port(server));
    effect_next = (struct w3p_devnet_effect){.delay_ms = 50};
    ws_send(gone, "\"echo77\"");
    effect_next = (struct w3p_devnet_effect){.delay_ms = 3600000};
    client_send_str(post, ask);
    client_close(gone);
    struct client *late = ws_open();
    effect_next = (struct w3p_devnet_effect){.delay_ms = 100};
    ws_send(late, "\"echo78\"");
    expect_message(late, "echo78");
    effect_next = (struct w3p_devnet_effect){.delay_ms = 3600000};
    ws_send(late, "\"echo79\"");
    client_close(late);
    client_close(post);
}
