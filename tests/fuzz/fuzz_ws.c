// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: any bytes from a WebSocket server: its answer to the upgrade, and its frames. The target stands in for
// libcurl's transfer (the functions below are the program's own, so the library's are not called) and decodes the
// frames a second time by RFC 6455: the client must hand out exactly these messages, and send nothing but good frames.
// The first byte: 1 = begins with a right answer to the upgrade, and all bytes are frames; 2 and 4 = how much one read
// gives; 8 = every read waits once; 16 = a write takes three bytes; 32 = the client goes before it has read;
// 64 = there is no connection. In an answer "{accept}" becomes the right key.
#define CURL_DISABLE_TYPECHECK
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/sha1.h"
#include "net/net_internal.h"

#define REPLY_MAX 2048u
#define SENT_MAX (256u << 10)
#define MESSAGES_MAX 4096u
#define PINGS_MAX 200u // more of them in a row, and the client may hang up
#define TEXT "{\"id\":1}"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
    struct w3p_buf in, sent; // what the server says; what the client said
    size_t pos, sent_head;   // read so far; length of the client's request
    unsigned flags;
    bool waited, answered;
    const uint8_t *data;
    size_t size;
    CURL *easy;
    CURLMsg done;
    int fd; // always ready to be read and written
} peer;

static void require(bool truth)
{
    if (!truth)
        abort();
}

// ---- in libcurl's place ----

#undef curl_easy_getinfo
CURLcode curl_easy_getinfo(CURL *easy, CURLINFO info, ...)
{
    va_list args;
    va_start(args, info);
    require(easy == peer.easy && info == CURLINFO_ACTIVESOCKET);
    *va_arg(args, curl_socket_t *) = peer.fd;
    va_end(args);
    return CURLE_OK;
}

CURLMcode curl_multi_add_handle(CURLM *multi, CURL *easy)
{
    (void)multi;
    peer.easy = easy;
    peer.done = (CURLMsg){.msg = CURLMSG_DONE, .easy_handle = easy};
    peer.done.data.result = (peer.flags & 64) != 0 ? CURLE_COULDNT_CONNECT : CURLE_OK;
    return CURLM_OK;
}

CURLMcode curl_multi_remove_handle(CURLM *multi, CURL *easy)
{
    (void)multi;
    (void)easy;
    return CURLM_OK;
}

CURLMcode curl_multi_perform(CURLM *multi, int *running)
{
    (void)multi;
    *running = 0;
    return CURLM_OK;
}

CURLMsg *curl_multi_info_read(CURLM *multi, int *left)
{
    (void)multi;
    *left = 0;
    return &peer.done;
}

CURLcode curl_easy_send(CURL *easy, const void *bytes, size_t len, size_t *n)
{
    require(easy == peer.easy);
    *n = (peer.flags & 16) != 0 && len > 3 ? 3 : len;
    w3p_buf_put(&peer.sent, bytes, *n);
    return peer.sent.failed ? CURLE_SEND_ERROR : CURLE_OK;
}

static void make_answer(void);

CURLcode curl_easy_recv(CURL *easy, void *out, size_t room, size_t *n)
{
    static const size_t chunks[] = {SIZE_MAX, 1, 7, 126};
    require(easy == peer.easy);
    make_answer();
    *n = 0;
    peer.waited = (peer.flags & 8) != 0 && !peer.waited;
    if (peer.waited)
        return CURLE_AGAIN;
    size_t len = peer.in.len - peer.pos, chunk = chunks[peer.flags >> 1 & 3];
    len = len < chunk ? len : chunk;
    *n = len < room ? len : room;
    if (*n > 0)
        memcpy(out, peer.in.ptr + peer.pos, *n);
    peer.pos += *n;
    return CURLE_OK; // with nothing: the server hung up
}

// ---- the server ----

// The key that RFC 6455 wants for the one in the client's request.
static void put_accept(struct w3p_buf *out)
{
    static const char field[] = "\r\nSec-WebSocket-Key: ";
    struct w3p_buf text;
    uint8_t digest20[20];
    const char *key = strstr(w3p_buf_str(&peer.sent), field);
    require(key != NULL);
    w3p_buf_init(&text, 256);
    w3p_buf_put(&text, key + sizeof(field) - 1, 24);
    w3p_buf_put_str(&text, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    w3p_sha1(digest20, text.ptr, text.len);
    w3p_base64_encode(out, digest20, sizeof(digest20), W3P_BASE64_STD, W3P_BASE64_PADDED);
    w3p_buf_deinit(&text);
}

static void make_answer(void)
{
    static const char mark[] = "{accept}";
    if (peer.answered)
        return;
    peer.answered = true;
    peer.sent_head = peer.sent.len;
    if ((peer.flags & 1) != 0) {
        w3p_buf_put_str(&peer.in, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                  "Sec-WebSocket-Accept: ");
        put_accept(&peer.in);
        w3p_buf_put_str(&peer.in, "\r\n\r\n");
    }
    for (size_t i = 0; i < peer.size; i++) {
        bool marked = (peer.flags & 1) == 0 && peer.size - i >= sizeof(mark) - 1 &&
                      memcmp(peer.data + i, mark, sizeof(mark) - 1) == 0;
        if (marked)
            put_accept(&peer.in);
        else
            w3p_buf_put_u8(&peer.in, peer.data[i]);
        i += marked ? sizeof(mark) - 2 : 0;
    }
}

// ---- the second decoder ----

struct frame {
    bool fin;
    unsigned opcode;
    const uint8_t *payload;
    size_t len;
};

// The next whole frame; false at the end of the bytes and at what a server may not send.
static bool next_frame(struct frame *out, const uint8_t **at, const uint8_t *end, bool masked)
{
    const uint8_t *p = *at;
    if (end - p < 2 || (p[0] & 0x70) != 0 || (p[1] >= 0x80) != masked)
        return false;
    uint64_t len = p[1] & 0x7f;
    size_t wide = len == 126 ? 2 : len == 127 ? 8 : 0;
    *out = (struct frame){.fin = p[0] >= 0x80, .opcode = p[0] & 15};
    p += 2;
    if ((size_t)(end - p) < wide)
        return false;
    if (wide > 0) {
        len = 0;
        for (size_t i = 0; i < wide; i++)
            len = len << 8 | p[i];
        if (len <= (wide == 2 ? 125 : 65535))
            return false;
    }
    p += wide + (masked ? 4 : 0);
    if (p > end || (uint64_t)(end - p) < len)
        return false;
    out->payload = p;
    out->len = (size_t)len;
    *at = p + len;
    return out->opcode < 8 || (out->fin && len < 126);
}

static bool is_utf8(const uint8_t *text, size_t len)
{
    for (size_t i = 0, step; i < len; i += step) {
        step = w3p_utf8_len(text + i, len - i);
        if (step == 0)
            return false;
    }
    return true;
}

struct expected {
    struct w3p_buf bytes; // of all messages, one behind the other
    size_t lens[MESSAGES_MAX], count;
    size_t pings, frames_in_a_row;
};

// The messages in front of the first thing that ends a connection.
static void decode(struct expected *out, const uint8_t *at, const uint8_t *end)
{
    struct frame f;
    size_t start = 0;
    unsigned kind = 0; // opcode of the message that is under way
    while (out->count < MESSAGES_MAX && next_frame(&f, &at, end, false)) {
        if (f.opcode == 9 || f.opcode == 10)
            out->pings++;
        if (f.opcode == 9 || f.opcode == 10)
            continue;
        if (f.opcode > 2 || (f.opcode == 0) != (kind != 0))
            break;
        kind = f.opcode != 0 ? f.opcode : kind;
        w3p_buf_put(&out->bytes, f.payload, f.len);
        if (out->bytes.len - start > REPLY_MAX)
            break;
        if (!f.fin)
            continue;
        if (kind == 1 && !is_utf8(out->bytes.ptr + start, out->bytes.len - start))
            break;
        out->lens[out->count++] = out->bytes.len - start;
        start = out->bytes.len;
        kind = 0;
    }
}

// ---- what must hold ----

static void check_received(struct w3p_net *net, const uint8_t *frames, const uint8_t *end)
{
    static struct expected want;
    struct w3p_errmsg msg = {""};
    struct w3p_buf got;
    size_t count = 0, start = 0;
    memset(&want, 0, sizeof(want));
    w3p_buf_init(&want.bytes, 1u << 20);
    w3p_buf_init(&got, REPLY_MAX);
    decode(&want, frames, end);
    int err = W3P_OK;
    while (err == W3P_OK) {
        w3p_buf_reset(&got);
        err = w3p_net_recv(net, &msg, &got, 60000);
        if (err != W3P_OK)
            break;
        require(count < want.count && got.len == want.lens[count]);
        require(got.len == 0 || memcmp(got.ptr, want.bytes.ptr + start, got.len) == 0);
        start += want.lens[count++];
    }
    require(msg.text[0] != '\0');
    require(err == W3P_E_CLOSED || err == W3P_E_PROTOCOL || err == W3P_E_LIMIT);
    require(count == want.count || want.pings > PINGS_MAX);
    w3p_buf_deinit(&want.bytes);
    w3p_buf_deinit(&got);
}

// Behind its request the client sends one text, then only pongs and a close, all masked.
static void check_sent(void)
{
    const uint8_t *at = peer.sent.ptr + peer.sent_head, *end = peer.sent.ptr + peer.sent.len;
    struct frame f;
    bool text = false;
    while (next_frame(&f, &at, end, true)) {
        require(f.fin && (f.opcode == 1 || f.opcode == 8 || f.opcode == 10));
        if (f.opcode != 1)
            continue;
        require(!text && f.len == strlen(TEXT));
        for (size_t i = 0; i < f.len; i++)
            require((f.payload[i] ^ (f.payload - 4)[i % 4]) == (uint8_t)TEXT[i]);
        text = true;
    }
    require(at == end || (peer.flags & 16) != 0); // a write that takes part of a frame may be the last
}

// Read a second time: what a client must see in the answer before it may believe it.
static void check_upgraded(void)
{
    const char *head = w3p_buf_str(&peer.in);
    require(strncmp(head, "HTTP/1.1 101", 12) == 0 && (head[12] == ' ' || head[12] == '\r'));
    size_t len = (size_t)((const char *)memmem(head, peer.in.len, "\r\n\r\n", 4) - head);
    struct w3p_buf accept;
    w3p_buf_init(&accept, 64);
    put_accept(&accept);
    require(memmem(head, len, w3p_buf_str(&accept), accept.len) != NULL);
    require(strcasestr(head, "\r\nupgrade:") != NULL);
    const char *key = strcasestr(head, "\r\nsec-websocket-accept:");
    require(key != NULL && (key = strcasestr(key + 1, "\r\nsec-websocket-accept:"), key == NULL || key > head + len));
    w3p_buf_deinit(&accept);
}

// Frames may end the connection before anything is sent, but not when a whole message came first.
static void check_refused(int err)
{
    static struct expected want;
    if ((peer.flags & 1) == 0)
        return;
    const uint8_t *head_end = memmem(peer.in.ptr, peer.in.len, "\r\n\r\n", 4);
    require(err == W3P_E_CLOSED || err == W3P_E_PROTOCOL || err == W3P_E_LIMIT);
    memset(&want, 0, sizeof(want));
    w3p_buf_init(&want.bytes, 1u << 20);
    decode(&want, head_end + 4, peer.in.ptr + peer.in.len);
    require(want.count == 0 || want.pings > PINGS_MAX);
    w3p_buf_deinit(&want.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct w3p_net_conf conf = {.url = "ws://127.0.0.1:9944/x",
                                             .reply_max_bytes = REPLY_MAX,
                                             .connect_timeout_ms = 60000,
                                             .reply_timeout_ms = 60000};
    static bool begun;
    struct w3p_net *net = NULL;
    struct w3p_errmsg msg = {""};
    if (size == 0)
        return 0;
    if (!begun) {
        w3p_crypto_init();
        w3p_net_global_init();
        peer.fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        begun = true;
    }
    peer.flags = data[0];
    peer.data = data + 1;
    peer.size = size - 1;
    peer.pos = 0;
    peer.waited = peer.answered = false;
    w3p_buf_init(&peer.in, size + (64u << 10) + 32 * (size / 8));
    w3p_buf_init(&peer.sent, SENT_MAX);
    require(w3p_net_create(&net, &msg, &conf) == W3P_OK);
    struct w3p_buf none;
    w3p_buf_init(&none, 0);
    require(w3p_net_recv(net, &msg, &none, 0) == W3P_E_STATE); // nothing was sent
    int err = w3p_net_send(net, &msg, TEXT, strlen(TEXT));
    if ((peer.flags & 64) != 0) {
        require(err == W3P_E_UNREACHABLE && peer.sent.len == 0);
    } else if (err == W3P_OK && (peer.flags & 32) != 0) {
        w3p_net_interrupt(net);
        require(w3p_net_recv(net, &msg, &none, 0) == W3P_E_CLOSED);
    } else if (err == W3P_OK) {
        check_upgraded();
        const uint8_t *head_end = memmem(peer.in.ptr, peer.in.len, "\r\n\r\n", 4);
        check_received(net, head_end + 4, peer.in.ptr + peer.in.len);
    } else {
        require(msg.text[0] != '\0');
        check_refused(err);
    }
    if ((peer.flags & 64) == 0)
        check_sent();
    w3p_net_destroy(net);
    w3p_buf_deinit(&peer.in);
    w3p_buf_deinit(&peer.sent);
    return 0;
}
