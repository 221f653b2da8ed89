// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the load of our benchmarks over HTTP/1.1 or HTTP/2 without TLS: closed loop, one thread, every request made
// before the clock starts, so that the generator costs little and the same for every server. wrk has no HTTP/2 and
// h2load one token for all requests; here each request carries its own.
// Usage: bench_load --port N --targets FILE [--h2] [--connections N] [--streams N] [--ms N]
// A line of FILE is METHOD TAB PATH TAB TOKEN TAB BODY. GETs are drawn at random, POSTs sent once each, in order.
// Prints "result REQUESTS MICROSECONDS ERRORS P50_US P99_US"; an error is every status but 200 and 202.
// Must not: link anything of src/.  Source: RFC 9112, RFC 9113, RFC 7541 (literals without indexing).
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 256,
    STREAMS_MAX = 32,
    TARGETS_MAX = 1 << 20,
    LINE_MAX_BYTES = 8192,
    INPUT_MAX = 1 << 17,
    LATENCY_MAX_US = 1 << 20,
    FRAME_HEAD = 9,
};

struct message {
    unsigned char *bytes;    // h2: HEADERS and DATA frames with the stream id left open
    size_t len, headers_len; // headers_len: h2, where the DATA frame begins; 0: none
};
struct stream {
    uint32_t id; // 0: free
    uint64_t sent_us;
};
struct conn {
    int fd;
    uint32_t next_id;
    struct stream streams[STREAMS_MAX]; // HTTP/1: the first only
    size_t body_left;                   // HTTP/1
    size_t have;
    unsigned char input[INPUT_MAX];
};

static struct message *messages;
static size_t message_count, message_next;
static bool is_h2, in_order;
static unsigned stream_count = 1;
static uint64_t done_count, error_count, end_us;
static uint32_t *latency;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "bench_load: %s\n", what);
    exit(1);
}

static uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

// ---- making the requests ----

static void put(unsigned char *out, size_t *at, const void *bytes, size_t len)
{
    memcpy(out + *at, bytes, len);
    *at += len;
}

// A string of RFC 7541 without Huffman code.
static void put_hpack(unsigned char *out, size_t *at, const char *text)
{
    size_t len = strlen(text);
    if (len < 127) {
        out[(*at)++] = (unsigned char)len;
    } else {
        out[(*at)++] = 127;
        size_t rest = len - 127;
        for (; rest >= 128; rest >>= 7)
            out[(*at)++] = (unsigned char)(rest | 128);
        out[(*at)++] = (unsigned char)rest;
    }
    put(out, at, text, len);
}

static void put_frame_head(unsigned char *out, size_t len, int type, int flags)
{
    const unsigned char head[FRAME_HEAD] = {(unsigned char)(len >> 16), (unsigned char)(len >> 8), (unsigned char)len,
                                            (unsigned char)type, (unsigned char)flags};
    memcpy(out, head, FRAME_HEAD);
}

static size_t make_h2(unsigned char *out, size_t *headers_len, bool post, const char *path, const char *bearer,
                      const char *body)
{
    size_t at = FRAME_HEAD, body_len = strlen(body);
    out[at++] = post ? 0x83 : 0x82; // :method
    out[at++] = 0x86;               // :scheme http
    out[at++] = 0x04;               // :path
    put_hpack(out, &at, path);
    out[at++] = 0x01; // :authority
    put_hpack(out, &at, "127.0.0.1");
    put(out, &at, "\x1f\x08", 2); // authorization, never indexed
    put_hpack(out, &at, bearer);
    if (body_len > 0) {
        put(out, &at, "\x0f\x10", 2); // content-type
        put_hpack(out, &at, "application/json");
    }
    put_frame_head(out, at - FRAME_HEAD, 1, body_len > 0 ? 4 : 5);
    if (body_len > 0) {
        *headers_len = at;
        put_frame_head(out + at, body_len, 0, 1);
        at += FRAME_HEAD;
        put(out, &at, body, body_len);
    }
    return at;
}

static void add_target(char *line)
{
    unsigned char out[2 * LINE_MAX_BYTES];
    char bearer[LINE_MAX_BYTES + 16];
    struct message message = {NULL, 0, 0};
    line[strcspn(line, "\n")] = '\0';
    const char *method = strsep(&line, "\t"), *path = strsep(&line, "\t"), *token = strsep(&line, "\t");
    const char *body = line != NULL ? line : "";
    if (token == NULL || message_count == TARGETS_MAX)
        die("a target that is no target, or too many");
    bool post = strcmp(method, "POST") == 0;
    snprintf(bearer, sizeof bearer, "Bearer %s", token);
    if (is_h2)
        message.len = make_h2(out, &message.headers_len, post, path, bearer, body);
    else if (post)
        message.len = (size_t)snprintf((char *)out, sizeof out,
                                       "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: %s\r\n"
                                       "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                                       path, bearer, strlen(body), body);
    else
        message.len = (size_t)snprintf((char *)out, sizeof out,
                                       "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: %s\r\n\r\n", path, bearer);
    message.bytes = malloc(message.len);
    if (message.bytes == NULL)
        die("out of memory");
    memcpy(message.bytes, out, message.len);
    messages[message_count++] = message;
    in_order = post;
}

static void read_targets(const char *path)
{
    char line[LINE_MAX_BYTES];
    FILE *file = fopen(path, "r");
    messages = calloc(TARGETS_MAX, sizeof *messages);
    if (file == NULL || messages == NULL)
        die("cannot read the targets");
    while (fgets(line, sizeof line, file) != NULL)
        add_target(line);
    fclose(file);
    if (message_count == 0)
        die("no targets");
}

// ---- sending ----

static struct message *next_message(void)
{
    static uint64_t seed = 0x9e3779b97f4a7c15u;
    if (in_order)
        return message_next < message_count ? &messages[message_next++] : NULL;
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return &messages[seed % message_count];
}

static void send_all(const struct conn *conn, const unsigned char *bytes, size_t len)
{
    // The socket's buffer is far larger than what one connection has under way.
    if (send(conn->fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
        die("a connection ended, or took only part of a request");
}

static void put_id(unsigned char *frame, uint32_t id)
{
    uint32_t wire = htonl(id);
    memcpy(frame + 5, &wire, 4);
}

static void send_next(struct conn *conn, struct stream *stream, uint64_t at_us)
{
    struct message *message = at_us < end_us ? next_message() : NULL;
    stream->id = 0;
    if (message == NULL)
        return;
    stream->id = conn->next_id;
    stream->sent_us = at_us;
    conn->next_id += 2;
    if (is_h2) {
        put_id(message->bytes, stream->id);
        if (message->headers_len > 0)
            put_id(message->bytes + message->headers_len, stream->id);
    }
    send_all(conn, message->bytes, message->len);
}

static void answered(struct conn *conn, uint32_t id, uint64_t at_us)
{
    for (unsigned i = 0; i < stream_count; i++) {
        struct stream *stream = &conn->streams[i];
        if (stream->id == 0 || (is_h2 && stream->id != id))
            continue;
        uint64_t took = at_us - stream->sent_us;
        latency[took < LATENCY_MAX_US ? took : LATENCY_MAX_US - 1]++;
        done_count++;
        send_next(conn, stream, at_us);
        return;
    }
    die("an answer that nobody asked for");
}

// ---- reading: what was taken of the input; 0: not whole yet ----

// The value of a header field, whatever the case of its name is; NULL: none.
static const char *length_of(const unsigned char *in, const unsigned char *end)
{
    static const char field[] = "\r\ncontent-length: ";
    for (; in + sizeof field < end; in++)
        if (*in == '\r' && strncasecmp((const char *)in, field, sizeof field - 1) == 0)
            return (const char *)in + sizeof field - 1;
    return NULL;
}

static size_t take_h1(struct conn *conn, const unsigned char *in, size_t len, uint64_t at_us)
{
    if (conn->body_left == 0) {
        const unsigned char *end = memmem(in, len, "\r\n\r\n", 4);
        if (end == NULL)
            return 0;
        const char *value = length_of(in, end);
        error_count += memcmp(in, "HTTP/1.1 20", 11) != 0;
        conn->body_left = value != NULL ? strtoul(value, NULL, 10) : 0;
        if (conn->body_left == 0)
            die("an answer without a length, or without a body");
        return (size_t)(end + 4 - in);
    }
    size_t taken = len < conn->body_left ? len : conn->body_left;
    conn->body_left -= taken;
    if (conn->body_left == 0)
        answered(conn, 0, at_us);
    return taken;
}

static size_t take_h2(struct conn *conn, const unsigned char *in, size_t len, uint64_t at_us)
{
    static const unsigned char settings_ack[FRAME_HEAD] = {0, 0, 0, 4, 1};
    if (len < FRAME_HEAD)
        return 0;
    size_t payload = (size_t)in[0] << 16 | (size_t)in[1] << 8 | in[2];
    uint32_t id;
    memcpy(&id, in + 5, 4);
    if (len < FRAME_HEAD + payload)
        return 0;
    switch (in[3]) {
    case 0: // DATA
    case 1: // HEADERS: 200 is in the static table, 202 is the literal of a name that is
        if (in[3] == 1)
            error_count += in[FRAME_HEAD] != 0x88 && memmem(in + FRAME_HEAD, payload, "202", 3) == NULL;
        if (in[4] & 1)
            answered(conn, ntohl(id), at_us);
        break;
    case 3: // RST_STREAM
    case 7: // GOAWAY
        die("the server gave a stream or the connection up");
    case 4:
        if ((in[4] & 1) == 0)
            send_all(conn, settings_ack, sizeof settings_ack);
        break;
    default:
        break;
    }
    return FRAME_HEAD + payload;
}

static void on_input(struct conn *conn)
{
    ssize_t got = recv(conn->fd, conn->input + conn->have, INPUT_MAX - conn->have, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0)
        die("the server closed a connection");
    conn->have += (size_t)got;
    size_t at = 0, taken = 1;
    uint64_t at_us = now_us();
    while (at < conn->have && taken > 0) {
        taken = is_h2 ? take_h2(conn, conn->input + at, conn->have - at, at_us)
                      : take_h1(conn, conn->input + at, conn->have - at, at_us);
        at += taken;
    }
    conn->have -= at;
    memmove(conn->input, conn->input + at, conn->have);
    if (conn->have == INPUT_MAX)
        die("an answer longer than the buffer");
}

static void open_conn(struct conn *conn, uint16_t port, int epoll)
{
    // Preface, a stream window of 1 MiB, a connection window of 2 GiB: more than a run sends, so no updates.
    static const char hello[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
                                "\0\0\x06\x04\0\0\0\0\0\0\x04\0\x10\0\0"
                                "\0\0\x04\x08\0\0\0\0\0\x7f\xfe\0\0";
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = conn};
    int on = 1;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    conn->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    conn->next_id = 1;
    if (conn->fd < 0 || connect(conn->fd, (struct sockaddr *)&addr, sizeof addr) != 0 ||
        setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, conn->fd, &event) != 0)
        die("cannot connect");
    if (is_h2)
        send_all(conn, (const unsigned char *)hello, sizeof hello - 1);
}

static uint64_t percentile(unsigned percent)
{
    uint64_t seen = 0;
    for (uint64_t us = 0; us < LATENCY_MAX_US; us++) {
        seen += latency[us];
        if (seen * 100 >= done_count * percent)
            return us;
    }
    return LATENCY_MAX_US;
}

static void run(uint16_t port, unsigned connections, unsigned ms)
{
    struct conn *conns = calloc(connections, sizeof *conns);
    struct epoll_event events[64];
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    latency = calloc(LATENCY_MAX_US, sizeof *latency);
    if (conns == NULL || latency == NULL || epoll < 0)
        die("out of memory");
    for (unsigned i = 0; i < connections; i++)
        open_conn(&conns[i], port, epoll);
    uint64_t begin_us = now_us(), at_us = begin_us;
    end_us = begin_us + (uint64_t)ms * 1000;
    for (unsigned i = 0; i < connections; i++)
        for (unsigned k = 0; k < stream_count; k++)
            send_next(&conns[i], &conns[i].streams[k], begin_us);
    while (at_us < end_us && !(in_order && message_next == message_count)) {
        int count = epoll_wait(epoll, events, 64, 100);
        for (int i = 0; i < count; i++)
            on_input(events[i].data.ptr);
        at_us = now_us();
    }
    printf("result %llu %llu %llu %llu %llu\n", (unsigned long long)done_count, (unsigned long long)(at_us - begin_us),
           (unsigned long long)error_count, (unsigned long long)percentile(50), (unsigned long long)percentile(99));
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"port", required_argument, NULL, 'p'},
                                            {"targets", required_argument, NULL, 't'},
                                            {"h2", no_argument, NULL, '2'},
                                            {"connections", required_argument, NULL, 'c'},
                                            {"streams", required_argument, NULL, 's'},
                                            {"ms", required_argument, NULL, 'm'},
                                            {0}};
    unsigned long port = 0, connections = 64, ms = 1000, streams = 1;
    const char *targets = NULL;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 't')
            targets = optarg;
        else if (option == '2')
            is_h2 = true;
        else if (option == '?')
            return 2;
        else
            *(option == 'p'   ? &port
              : option == 'c' ? &connections
              : option == 's' ? &streams
                              : &ms) = strtoul(optarg, NULL, 10);
    }
    if (targets == NULL || port < 1 || port > UINT16_MAX || connections < 1 || connections > CONNECTIONS_MAX ||
        streams < 1 || streams > (is_h2 ? STREAMS_MAX : 1) || ms < 1 || ms > 60000)
        die("usage: --port N --targets FILE [--h2] [--connections 1..256] [--streams 1..32] [--ms 1..60000]");
    stream_count = (unsigned)streams;
    read_targets(targets);
    run((uint16_t)port, (unsigned)connections, (unsigned)ms);
    return 0;
}
