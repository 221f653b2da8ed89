// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: load that does not wait for answers: requests leave when they are due, whatever became of those before, and
// how long one took counts from when it was due. HTTP/1.1 on kept connections, pipelined where an answer is late, from
// several addresses of the loopback network; one thread.
// Usage: bench_flood --port N (--targets FILE | --bad FILE) --rate PER_S --ms N [--peers N] [--connections N]
//                    [--group N] [--first N]
// --targets: lines of METHOD TAB PATH TAB TOKEN TAB (GET only), drawn at random. --bad: lines of FORM TAB HEAD TAB
// DIGITS TAB TAIL, in turn: a token never sent before, HEAD, that many digits made from a counter, TAIL; FORM hex:
// digits of base 16, and all of it in base64; raw: of base64url, and as it is. --group: so many leave together, on one
// connection. --first: where the counter begins.
// Prints "result DUE SENT GOOD REFUSED LIMITED LOST MICROSECONDS P50_US P99_US": answers by status (2xx, 401, 429);
// LOST: of a closed connection, unanswered a second behind the end, or with another status. What found no room in a
// connection's buffer was due and not sent.
// Must not: link anything of src/.  Source: RFC 9112.
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
    CONNECTIONS_MAX = 1024,
    SOURCES_MAX = 1 << 16,
    LINE_MAX_BYTES = 8192,
    BUFFER_BYTES = 1 << 16,
    UNDER_WAY_MAX = 1024, // of one connection; a power of two
    LATENCY_MAX_US = 1 << 21,
    GRACE_US = 1000000,
    LATE_MAX = 2,   // a machine that needs as many times the time as was said ends it
    BAD_FROM = 256, // 127.0.1.1 and so on
};

// A request, or what a token is made of.
struct source {
    char *text, *tail; // --targets: the request, and nothing
    unsigned digits;
    bool is_raw;
};
struct conn {
    int fd;
    struct sockaddr_in from;
    uint64_t due_us[UNDER_WAY_MAX];
    unsigned first, count; // under way, oldest first
    size_t body_left, have, waiting;
    int status;
    bool wants_room;
    char in[BUFFER_BYTES], out[BUFFER_BYTES];
};

static struct source *sources;
static size_t source_count;
static struct conn *conns;
static unsigned long port, rate, ms, peers = 1, connections = 64, group = 1, first_number;
static bool is_bad;
static uint64_t counter, due_count, sent_count, good_count, refused_count, limited_count, lost_count;
static uint32_t *latency;
static int epoll;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "bench_flood: %s\n", what);
    exit(1);
}

static uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static uint64_t mix(uint64_t z) // a bijection: distinct for distinct numbers
{
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

// ---- what is sent ----

static void add_source(char *line)
{
    char request[LINE_MAX_BYTES + 256];
    struct source *source = &sources[source_count];
    line[strcspn(line, "\n")] = '\0';
    const char *one = strsep(&line, "\t"), *two = strsep(&line, "\t"), *three = strsep(&line, "\t");
    if (line == NULL || source_count == SOURCES_MAX)
        die("a line without its four parts, or too many lines");
    if (is_bad) {
        *source = (struct source){.text = strdup(two),
                                  .tail = strdup(line),
                                  .digits = (unsigned)strtoul(three, NULL, 10),
                                  .is_raw = strcmp(one, "raw") == 0};
        if (strlen(two) + source->digits + strlen(line) > LINE_MAX_BYTES / 2 || source->digits < 16)
            die("a token that is too long, or has less than 16 digits of its own");
    } else {
        snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n\r\n", one,
                 two, three);
        *source = (struct source){.text = strdup(request)};
    }
    source_count++;
}

static void read_sources(const char *path)
{
    char line[LINE_MAX_BYTES];
    FILE *file = fopen(path, "r");
    sources = calloc(SOURCES_MAX, sizeof *sources);
    if (file == NULL || sources == NULL)
        die("cannot read what to send");
    while (fgets(line, sizeof line, file) != NULL)
        add_source(line);
    fclose(file);
    if (source_count == 0)
        die("nothing to send");
}

static size_t put_base64(char *out, const char *in, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t at = 0;
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t bits = (uint32_t)(uint8_t)in[i] << 16 | (left > 1 ? (uint32_t)(uint8_t)in[i + 1] << 8 : 0) |
                        (left > 2 ? (uint8_t)in[i + 2] : 0);
        out[at++] = digits[bits >> 18];
        out[at++] = digits[bits >> 12 & 63];
        out[at++] = left > 1 ? digits[bits >> 6 & 63] : '=';
        out[at++] = left > 2 ? digits[bits & 63] : '=';
    }
    return at;
}

static size_t put_token(char *out, const struct source *source, uint64_t number)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    char text[LINE_MAX_BYTES];
    unsigned bits_each = source->is_raw ? 6 : 4, left = 0;
    size_t len = strlen(source->text), tail_len = strlen(source->tail);
    uint64_t bits = 0;
    memcpy(text, source->text, len);
    for (unsigned i = 0; i < source->digits; i++, bits >>= bits_each, left -= bits_each) {
        if (left < bits_each) { // what stands first tells the numbers apart
            bits = mix(i == 0 ? number : mix(number) + i);
            left = 64;
        }
        text[len++] = digits[bits & ((1u << bits_each) - 1)];
    }
    memcpy(text + len, source->tail, tail_len);
    len += tail_len;
    if (!source->is_raw)
        return put_base64(out, text, len);
    memcpy(out, text, len);
    return len;
}

static size_t make_request(char *out)
{
    static const char head[] = "GET /psa/pins HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ";
    uint64_t number = counter++;
    if (!is_bad) {
        const struct source *source = &sources[mix(number) % source_count];
        size_t len = strlen(source->text);
        memcpy(out, source->text, len);
        return len;
    }
    memcpy(out, head, sizeof head - 1);
    size_t len = sizeof head - 1;
    len += put_token(out + len, &sources[number % source_count], number);
    memcpy(out + len, "\r\n\r\n", 4);
    return len + 4;
}

// ---- connections ----

static void watch(struct conn *conn, int what, bool wants_room)
{
    struct epoll_event event = {.events = EPOLLIN | (wants_room ? EPOLLOUT : 0), .data.ptr = conn};
    conn->wants_room = wants_room;
    if (epoll_ctl(epoll, what, conn->fd, &event) != 0)
        die("epoll_ctl");
}

static void open_conn(struct conn *conn)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int on = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    conn->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (conn->fd < 0 || bind(conn->fd, (struct sockaddr *)&conn->from, sizeof conn->from) != 0 ||
        connect(conn->fd, (struct sockaddr *)&to, sizeof to) != 0 ||
        setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        die("cannot connect");
    conn->first = conn->count = 0;
    conn->body_left = conn->have = conn->waiting = 0;
    watch(conn, EPOLL_CTL_ADD, false);
}

static void reopen(struct conn *conn)
{
    lost_count += conn->count;
    close(conn->fd);
    open_conn(conn);
}

static void flush(struct conn *conn)
{
    ssize_t sent = conn->waiting > 0 ? send(conn->fd, conn->out, conn->waiting, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        reopen(conn);
        return;
    }
    if (sent > 0) {
        conn->waiting -= (size_t)sent;
        memmove(conn->out, conn->out + sent, conn->waiting);
    }
    if (conn->wants_room != (conn->waiting > 0))
        watch(conn, EPOLL_CTL_MOD, conn->waiting > 0);
}

static void send_due(struct conn *conn, uint64_t due_us, unsigned long count)
{
    for (unsigned long i = 0; i < count; i++) {
        due_count++;
        if (conn->count == UNDER_WAY_MAX || conn->waiting + 2 * LINE_MAX_BYTES > BUFFER_BYTES)
            continue;
        conn->waiting += make_request(conn->out + conn->waiting);
        conn->due_us[(conn->first + conn->count++) % UNDER_WAY_MAX] = due_us;
        sent_count++;
    }
    flush(conn);
}

// ---- answers ----

static void answered(struct conn *conn, uint64_t at_us)
{
    uint64_t took = at_us - conn->due_us[conn->first];
    latency[took < LATENCY_MAX_US ? took : LATENCY_MAX_US - 1]++;
    conn->first = (conn->first + 1) % UNDER_WAY_MAX;
    conn->count--;
    *(conn->status / 100 == 2 ? &good_count
      : conn->status == 401   ? &refused_count
      : conn->status == 429   ? &limited_count
                              : &lost_count) += 1;
}

// The length that a head states, whatever the case of the field's name is; 0: none.
static size_t length_of(const char *in, const char *end)
{
    static const char field[] = "\r\ncontent-length: ";
    while ((in = memmem(in, (size_t)(end - in), "\r\n", 2)) != NULL && in + sizeof field < end) {
        if (strncasecmp(in, field, sizeof field - 1) == 0)
            return strtoul(in + sizeof field - 1, NULL, 10);
        in += 2;
    }
    return 0;
}

// What was taken of the input; 0: the next piece is not whole yet.
static size_t take(struct conn *conn, const char *in, size_t len, uint64_t at_us)
{
    size_t taken = len < conn->body_left ? len : conn->body_left;
    if (conn->body_left == 0) {
        const char *end = memmem(in, len, "\r\n\r\n", 4);
        if (end == NULL)
            return 0;
        if (conn->count == 0 || strncmp(in, "HTTP/1.1 ", 9) != 0)
            die("an answer that nobody asked for");
        conn->status = (int)strtoul(in + 9, NULL, 10);
        conn->body_left = length_of(in, end);
        if (conn->body_left == 0)
            die("an answer without a body");
        return (size_t)(end + 4 - in);
    }
    conn->body_left -= taken;
    if (conn->body_left == 0)
        answered(conn, at_us);
    return taken;
}

static void on_input(struct conn *conn)
{
    ssize_t got = recv(conn->fd, conn->in + conn->have, BUFFER_BYTES - 1 - conn->have, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        reopen(conn);
        return;
    }
    conn->have += (size_t)got;
    conn->in[conn->have] = '\0';
    uint64_t at_us = now_us();
    size_t at = 0;
    for (size_t taken = 1; at < conn->have && taken > 0; at += taken)
        taken = take(conn, conn->in + at, conn->have - at, at_us);
    conn->have -= at;
    memmove(conn->in, conn->in + at, conn->have);
}

static void read_until(uint64_t until_us)
{
    struct epoll_event events[64];
    uint64_t at_us = now_us();
    do {
        uint64_t wait_us = until_us > at_us ? until_us - at_us : 0;
        struct timespec wait = {(time_t)(wait_us / 1000000), (long)(wait_us % 1000000) * 1000};
        int count = epoll_pwait2(epoll, events, 64, &wait, NULL);
        for (int i = 0; i < count; i++) {
            struct conn *conn = events[i].data.ptr;
            if (events[i].events & EPOLLOUT)
                flush(conn);
            if (events[i].events & ~(uint32_t)EPOLLOUT)
                on_input(conn);
        }
        at_us = now_us();
    } while (at_us < until_us);
}

static unsigned long under_way(void)
{
    unsigned long all = 0;
    for (unsigned long i = 0; i < connections; i++)
        all += conns[i].count;
    return all;
}

static uint64_t percentile(unsigned percent)
{
    uint64_t seen = 0, all = good_count + refused_count + limited_count;
    for (uint64_t us = 0; us < LATENCY_MAX_US; us++) {
        seen += latency[us];
        if (seen * 100 >= all * percent)
            return us;
    }
    return LATENCY_MAX_US;
}

static void run(void)
{
    conns = calloc(connections, sizeof *conns);
    latency = calloc(LATENCY_MAX_US, sizeof *latency);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (conns == NULL || latency == NULL || epoll < 0)
        die("out of memory");
    for (unsigned long i = 0; i < connections; i++) {
        conns[i].from = (struct sockaddr_in){.sin_family = AF_INET};
        conns[i].from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (is_bad ? BAD_FROM : 0) + (uint32_t)(i % peers));
        open_conn(&conns[i]);
    }
    uint64_t begin_us = now_us(), total = rate * ms / 1000, at_us = begin_us;
    counter = first_number;
    for (unsigned long turn = 0; due_count < total && at_us < begin_us + LATE_MAX * ms * 1000; turn++) {
        uint64_t due_us = begin_us + due_count * 1000000 / rate;
        read_until(due_us);
        send_due(&conns[turn % connections], due_us, total - due_count < group ? total - due_count : group);
        at_us = now_us();
    }
    for (uint64_t end_us = now_us() + GRACE_US; under_way() > 0 && now_us() < end_us;)
        read_until(now_us() + 1000);
    lost_count += under_way();
    printf("result %llu %llu %llu %llu %llu %llu %llu %llu %llu\n", (unsigned long long)due_count,
           (unsigned long long)sent_count, (unsigned long long)good_count, (unsigned long long)refused_count,
           (unsigned long long)limited_count, (unsigned long long)lost_count, (unsigned long long)(at_us - begin_us),
           (unsigned long long)percentile(50), (unsigned long long)percentile(99));
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        unsigned long *value, least, most;
    } numbers[] = {{"port", &port, 1, UINT16_MAX},
                   {"rate", &rate, 1, 1000000},
                   {"ms", &ms, 1, 120000},
                   {"peers", &peers, 1, 250},
                   {"connections", &connections, 1, CONNECTIONS_MAX},
                   {"group", &group, 1, 64},
                   {"first", &first_number, 0, UINT32_MAX}};
    enum { NUMBERS = sizeof numbers / sizeof numbers[0] };
    struct option options[NUMBERS + 3] = {{"targets", required_argument, NULL, 't'},
                                          {"bad", required_argument, NULL, 'b'}};
    const char *path = NULL;
    int option;
    for (int i = 0; i < NUMBERS; i++)
        options[i + 2] = (struct option){numbers[i].name, required_argument, NULL, 256 + i};
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == '?')
            return 2;
        is_bad |= option == 'b';
        if (option < 256)
            path = optarg;
        else
            *numbers[option - 256].value = strtoul(optarg, NULL, 10);
    }
    for (int i = 0; i < NUMBERS; i++)
        if (*numbers[i].value < numbers[i].least || *numbers[i].value > numbers[i].most)
            die("usage: --port N (--targets FILE | --bad FILE) --rate N --ms N [--peers N] [--connections N] "
                "[--group N] [--first N]");
    if (path == NULL)
        die("--targets or --bad is missing");
    read_sources(path);
    run();
    return 0;
}
