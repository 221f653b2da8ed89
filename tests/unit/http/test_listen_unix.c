// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the UNIX socket of a server, and the client of src/net that speaks to it: what may stand in the way, who may
// connect, what is left behind, and that its routes are nowhere else.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "http/http.h"
#include "http/listen_unix.h"
#include "net/net.h"

static char dir[64], path[96], other[96];

static void setup(void)
{
    w3p_net_global_init();
    w3p_log_set_level(W3P_LOG_OFF);
    snprintf(dir, sizeof dir, "%s/w3pin-unix-XXXXXX", P_tmpdir);
    cr_assert(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/a.sock", dir);
    snprintf(other, sizeof other, "%s/other", dir);
}

static void teardown(void)
{
    unlink(path);
    unlink(other);
    rmdir(dir);
}

TestSuite(http_listen_unix, .init = setup, .fini = teardown, .timeout = 20);

static int try_bind(struct w3p_errmsg *msg, const char *where)
{
    struct w3p_unix_file file = {0};
    int fd = -1;
    int err = w3p_listen_unix(&fd, &file, msg, where);
    if (err == W3P_OK) {
        close(fd);
        w3p_listen_unix_remove(&file);
    }
    return err;
}

static void make_file(const char *where)
{
    FILE *f = fopen(where, "w");
    cr_assert(f != NULL);
    fputs("mine", f);
    fclose(f);
}

static mode_t mode_of(const char *where)
{
    struct stat st;
    return lstat(where, &st) == 0 ? st.st_mode : 0;
}

static bool is(mode_t type)
{
    return (mode_of(path) & S_IFMT) == type;
}

Test(http_listen_unix, paths_that_cannot_be_are_refused_in_words)
{
    struct w3p_errmsg msg = {0};
    char longest[108], too_long[109];
    cr_expect(eq(int, try_bind(&msg, ""), W3P_E_LIMIT));
    memset(too_long, 'x', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    memcpy(too_long, "/nonexistent/", 13);
    cr_expect(eq(int, try_bind(&msg, too_long), W3P_E_LIMIT));
    cr_expect(strstr(msg.text, "107") != NULL && strstr(msg.text, "admin.socket") != NULL, "%s", msg.text);
    memcpy(longest, too_long, 107);
    longest[107] = '\0';
    cr_expect(eq(int, try_bind(&msg, longest), W3P_E_IO)); // that one only has no folder
    cr_expect(strstr(msg.text, "No such file") != NULL, "%s", msg.text);
}

Test(http_listen_unix, nothing_but_a_dead_socket_is_ever_replaced)
{
    struct w3p_errmsg msg = {0};
    make_file(path);
    cr_expect(eq(int, try_bind(&msg, path), W3P_E_INVALID));
    cr_expect(strstr(msg.text, "no socket") != NULL, "%s", msg.text);
    cr_expect(is(S_IFREG), "the file is gone");
    unlink(path);
    // a link, to a file, to nothing, and to a dead socket: never followed
    make_file(other);
    cr_assert(eq(int, symlink(other, path), 0));
    cr_expect(eq(int, try_bind(&msg, path), W3P_E_INVALID));
    unlink(other);
    cr_expect(eq(int, try_bind(&msg, path), W3P_E_INVALID));
    cr_expect(eq(int, access(other, F_OK), -1), "the link was followed");
    cr_expect(is(S_IFLNK), "the link is gone");
}

Test(http_listen_unix, the_rest_of_a_killed_process_is_replaced_and_a_living_one_is_not)
{
    struct w3p_unix_file file = {0}, second = {0};
    struct w3p_errmsg msg = {0};
    int fd = -1, fd2 = -1;
    cr_assert(eq(int, w3p_listen_unix(&fd, &file, &msg, path), W3P_OK), "%s", msg.text);
    cr_expect(mode_of(path) == (S_IFSOCK | 0600), "%o", mode_of(path));
    cr_assert(eq(int, listen(fd, 4), 0));
    cr_expect(eq(int, w3p_listen_unix(&fd2, &second, &msg, path), W3P_E_STATE));
    cr_expect(strstr(msg.text, "another process") != NULL, "%s", msg.text);
    close(fd); // as by a kill: the file stays
    cr_assert(eq(int, w3p_listen_unix(&fd2, &second, &msg, path), W3P_OK), "%s", msg.text);
    w3p_listen_unix_remove(&file); // no longer its own
    cr_expect(is(S_IFSOCK), "somebody else's socket was removed");
    w3p_listen_unix_remove(&second);
    cr_expect(mode_of(path) == 0);
    close(fd2);
}

Test(http_listen_unix, a_permissive_umask_opens_nothing)
{
    struct w3p_unix_file file = {0};
    struct w3p_errmsg msg = {0};
    int fd = -1;
    mode_t old = umask(0);
    cr_assert(eq(int, w3p_listen_unix(&fd, &file, &msg, path), W3P_OK), "%s", msg.text);
    umask(old);
    cr_expect(mode_of(path) == (S_IFSOCK | 0600), "%o", mode_of(path));
    w3p_listen_unix_remove(&file);
    close(fd);
}

// ---- the client ----

static int ask(struct w3p_errmsg *msg, int *status, struct w3p_buf *reply, const char *where, const char *target)
{
    return w3p_net_local_call(
        msg, status, reply,
        &(struct w3p_net_local){.socket_path = where, .method = "GET", .target = target, .timeout_ms = 1000});
}

Test(http_listen_unix, the_client_says_why_it_cannot)
{
    struct w3p_errmsg msg = {0};
    struct w3p_buf reply;
    char too_long[W3P_NET_LOCAL_TARGET_MAX + 2];
    int status = 0, fd = -1;
    struct w3p_unix_file file = {0};
    w3p_buf_init(&reply, 1000);
    cr_expect(eq(int, ask(&msg, &status, &reply, path, "/x"), W3P_E_NOTFOUND));
    make_file(path);
    cr_expect(eq(int, ask(&msg, &status, &reply, path, "/x"), W3P_E_INVALID));
    unlink(path);
    memset(too_long, 'x', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    cr_expect(eq(int, ask(&msg, &status, &reply, path, too_long), W3P_E_LIMIT));
    cr_assert(eq(int, w3p_listen_unix(&fd, &file, &msg, path), W3P_OK));
    cr_expect(eq(int, ask(&msg, &status, &reply, path, "/x"), W3P_E_UNREACHABLE)); // bound, nobody listens
    cr_assert(eq(int, symlink(path, other), 0));
    cr_expect(eq(int, ask(&msg, &status, &reply, other, "/x"), W3P_E_INVALID), "a link was followed");
    cr_assert(eq(int, listen(fd, 4), 0));
    cr_expect(eq(int, ask(&msg, &status, &reply, path, "/x"), W3P_E_TIMEOUT)); // takes it and says nothing
    cr_expect(eq(int, status, 0));
    close(fd);
    w3p_listen_unix_remove(&file);
    w3p_buf_deinit(&reply);
}

static void echo(struct w3p_call *call, const struct w3p_request *req)
{
    char body[2000];
    int len = snprintf(body, sizeof body, "{\"got\":\"%.*s\"}", (int)req->body.len, (const char *)req->body.ptr);
    w3p_reply_json(call, 200, body, (size_t)len);
}

static const struct w3p_route routes[] = {{"POST", "/echo", echo, 1000, 0, W3P_ROUTE_PUBLIC}, {0}};
static const struct w3p_http_settings settings = {
    .request_timeout_ms = 2000, .idle_timeout_ms = 2000, .drain_timeout_ms = 500, .max_connections = 8, .threads = 4};

Test(http_listen_unix, a_request_there_and_back_and_no_port)
{
    struct w3p_server_conf conf = {.settings = &settings, .routes = routes, .unix_path = path};
    struct w3p_net_local post = {
        .socket_path = path, .method = "POST", .target = "/echo", .body = "hello", .timeout_ms = 2000};
    struct w3p_server *server = NULL;
    struct w3p_errmsg msg = {0};
    struct w3p_buf reply;
    int status = 0;
    w3p_buf_init(&reply, 100);
    cr_assert(eq(int, w3p_server_start(&server, &msg, &conf), W3P_OK), "%s", msg.text);
    cr_expect(eq(int, w3p_server_port(server), 0));
    cr_assert(eq(int, w3p_net_local_call(&msg, &status, &reply, &post), W3P_OK), "%s", msg.text);
    cr_expect(eq(int, status, 200));
    cr_expect(eq(str, (char *)w3p_buf_str(&reply), "{\"got\":\"hello\"}"));
    w3p_buf_reset(&reply);
    cr_assert(eq(int, ask(&msg, &status, &reply, path, "/nothing"), W3P_OK), "%s", msg.text);
    cr_expect(eq(int, status, 404));
    w3p_buf_deinit(&reply);
    w3p_buf_init(&reply, 10); // an answer beyond the bound
    cr_expect(eq(int, w3p_net_local_call(&msg, &status, &reply, &post), W3P_E_LIMIT));
    w3p_buf_deinit(&reply);
    w3p_server_stop(server);
    cr_expect(mode_of(path) == 0, "the socket's file is still there");
}
