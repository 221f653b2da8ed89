// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the peer of our benchmarks: h2o with one handler that sends a fixed answer, and nothing of ours around it.
// Usage: bench_bare_h2o [--port N] [--threads N] [--size BYTES] [--header NAME:VALUE]...
// Prints the port, runs until it is killed.
// Must not: link anything of src/; the difference to the gateway is what our layers cost.
#include <arpa/inet.h>
#include <getopt.h>
#include <h2o.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS_MAX = 64, SIZE_MAX_BYTES = 1 << 20, ACCEPT_BATCH = 16, HEADERS_MAX = 16 };

struct loop {
    h2o_context_t ctx;
    h2o_accept_ctx_t accept_ctx;
    pthread_t thread;
    int fd;
};

static h2o_globalconf_t config;
static struct loop loops[THREADS_MAX];
static char *answer;
static size_t answer_len = 6, header_count;
static struct {
    h2o_iovec_t name, value;
} headers[HEADERS_MAX]; // beside the content's type and what h2o adds

static int on_request(h2o_handler_t *self, h2o_req_t *req)
{
    static h2o_generator_t generator = {NULL, NULL};
    h2o_iovec_t body = h2o_iovec_init(answer, answer_len);
    (void)self;
    req->res.status = 200;
    req->res.reason = "OK";
    req->res.content_length = answer_len;
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, H2O_STRLIT("application/json"));
    for (size_t i = 0; i < header_count; i++)
        h2o_add_header_by_str(&req->pool, &req->res.headers, headers[i].name.base, headers[i].name.len, 1, NULL,
                              headers[i].value.base, headers[i].value.len);
    h2o_start_response(req, &generator);
    h2o_send(req, &body, answer_len > 0, H2O_SEND_STATE_FINAL);
    return 0;
}

static void on_accept(h2o_socket_t *listener, const char *err)
{
    struct loop *loop = listener->data;
    for (int i = 0; i < ACCEPT_BATCH && err == NULL; i++) {
        h2o_socket_t *sock = h2o_evloop_socket_accept(listener);
        if (sock == NULL)
            return;
        h2o_accept(&loop->accept_ctx, sock);
    }
}

static void *run(void *arg)
{
    struct loop *loop = arg;
    h2o_evloop_t *evloop = h2o_evloop_create();
    h2o_context_init(&loop->ctx, evloop, &config);
    loop->accept_ctx = (h2o_accept_ctx_t){.ctx = &loop->ctx, .hosts = config.hosts};
    h2o_socket_t *listener = h2o_evloop_socket_create(evloop, loop->fd, H2O_SOCKET_FLAG_DONT_READ);
    listener->data = loop;
    h2o_socket_read_start(listener, on_accept);
    while (h2o_evloop_run(evloop, INT32_MAX) == 0)
        ;
    return NULL;
}

static int listen_on(uint16_t *port)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons(*port)};
    socklen_t len = sizeof addr;
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&addr, sizeof addr) != 0 || listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, (struct sockaddr *)&addr, &len) != 0) {
        perror("bench_bare_h2o");
        exit(1);
    }
    *port = ntohs(addr.sin_port);
    return fd;
}

static void add_header(const char *text)
{
    const char *colon = text != NULL ? strchr(text, ':') : NULL;
    if (colon == NULL || header_count == HEADERS_MAX) {
        fprintf(stderr, "bench_bare_h2o: --header NAME:VALUE, at most %d times\n", HEADERS_MAX);
        exit(2);
    }
    headers[header_count].name = h2o_iovec_init(text, (size_t)(colon - text));
    headers[header_count++].value = h2o_iovec_init(colon + 1, strlen(colon + 1));
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"port", required_argument, NULL, 'p'},
                                            {"threads", required_argument, NULL, 't'},
                                            {"size", required_argument, NULL, 's'},
                                            {"header", required_argument, NULL, 'h'},
                                            {0}};
    uint16_t port = 0;
    unsigned long threads = 1;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        unsigned long value = optarg != NULL ? strtoul(optarg, NULL, 10) : 0;
        if (option == 'p' && value <= UINT16_MAX) {
            port = (uint16_t)value;
        } else if (option == 't' && value >= 1 && value <= THREADS_MAX) {
            threads = value;
        } else if (option == 's' && value <= SIZE_MAX_BYTES) {
            answer_len = value;
        } else if (option == 'h') {
            add_header(optarg);
        } else {
            fprintf(stderr,
                    "usage: bench_bare_h2o [--port N] [--threads 1..64] [--size 0..1048576] [--header N:V]...\n");
            return 2;
        }
    }
    signal(SIGPIPE, SIG_IGN);
    answer = h2o_mem_alloc(answer_len + 1);
    memset(answer, 'x', answer_len);
    h2o_config_init(&config);
    h2o_hostconf_t *host = h2o_config_register_host(&config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_create_handler(h2o_config_register_path(host, "/", 0), sizeof(h2o_handler_t))->on_req = on_request;
    for (unsigned long i = 0; i < threads; i++)
        loops[i].fd = listen_on(&port);
    printf("%u\n", port);
    fflush(stdout);
    for (unsigned long i = 1; i < threads; i++)
        pthread_create(&loops[i].thread, NULL, run, &loops[i]);
    run(&loops[0]);
    return 0;
}
