// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the access log: one JSON line a request, with what an operator needs and without what nobody may see.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "client.h"
#include "http/http.h"

static void on_hello(struct w3p_call *call, const struct w3p_request *req)
{
    (void)req;
    w3p_call_note_identity(call, "evm:0xabc");
    w3p_call_note_reason(call, "signature");
    w3p_reply_error(call, 401, NULL, "no");
}

static const struct w3p_route routes[] = {{"GET", "/hello/{x}", on_hello, 0, 0, W3P_ROUTE_PUBLIC}, {0}};

// Runs the requests with stderr in a file and gives what was written (the caller frees).
static char *logged(bool on, const char *const *requests)
{
    struct w3p_http_settings settings = {.listen = (char *)"127.0.0.1:0",
                                         .threads = 1,
                                         .request_timeout_ms = 1000,
                                         .idle_timeout_ms = 1000,
                                         .drain_timeout_ms = 500,
                                         .max_connections = 10,
                                         .access_log = on};
    struct w3p_server_conf conf = {.settings = &settings, .routes = routes};
    struct w3p_server *server = NULL;
    struct w3p_errmsg msg = {0};
    char *text = calloc(1, 65536);
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);
    w3p_log_set_level(W3P_LOG_INFO);
    cr_assert(eq(int, w3p_server_start(&server, &msg, &conf), W3P_OK), "%s", msg.text);
    dup2(fileno(file), STDERR_FILENO);
    for (; *requests != NULL; requests++) {
        struct response got;
        client_exchange(&got, w3p_server_port(server), *requests);
        client_free_response(&got);
    }
    w3p_server_stop(server);
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    cr_assert(fread(text, 1, 65535, file) < 65535);
    fclose(file);
    return text;
}

static const char *const requests[] = {
    "GET /hello/a%22b?token=s3cret HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t0psecret\r\n\r\n",
    "GET /nothing HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t0psecret\r\n\r\n", NULL};

Test(access_log, lines, .timeout = 20)
{
    char *text = logged(true, requests);
    cr_expect(strstr(text, "s3cret") == NULL && strstr(text, "t0psecret") == NULL, "%s", text);
    json_t *first = json_loads(text, JSON_DISABLE_EOF_CHECK, NULL);
    cr_assert(first != NULL, "%s", text);
    cr_expect(eq(str, (char *)json_string_value(json_object_get(first, "event")), "http.access"));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(first, "method")), "GET"));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(first, "path")), "/hello/a\"b"));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(first, "identity")), "evm:0xabc"));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(first, "reason")), "signature"));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(first, "peer")), "127.0.0.1"));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(first, "protocol")), "http/1.1"));
    cr_expect(eq(i64, json_integer_value(json_object_get(first, "status")), 401));
    cr_expect(lt(i64, 20, json_integer_value(json_object_get(first, "bytes"))));
    cr_expect(eq(sz, strlen(json_string_value(json_object_get(first, "id"))), 16));
    json_decref(first);
    const char *second = strchr(text, '\n') + 1;
    cr_expect(strstr(second, "\"status\":404") != NULL, "%s", second);
    cr_expect(strchr(second, '\n') != NULL && strchr(second, '\n')[1] == '\0', "two lines");
    free(text);
}

Test(access_log, what_h2o_refuses_is_there, .timeout = 20)
{
    static const char *const refused[] = {
        "POST /hello/x?token=s3cret HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", NULL};
    char *text = logged(true, refused);
    cr_expect(strstr(text, "\"status\":413") != NULL && strstr(text, "\"path\":\"/hello/x\"") != NULL, "%s", text);
    cr_expect(strstr(text, "s3cret") == NULL, "%s", text);
    free(text);
}

// Where an id belongs somebody pastes the token itself: its first characters are enough to find out who.
Test(access_log, a_token_in_the_path_is_cut, .timeout = 20)
{
    char request[2000], longest[901] = "", want[80];
    const char *const all[] = {request, NULL};
    memset(longest, 'x', 900);
    for (size_t len = 60; len <= 900; len += len < 70 ? 1 : 83) {
        snprintf(request, sizeof request, "GET /hello/%.*s/%.*s/end HTTP/1.1\r\nHost: x\r\n\r\n", (int)len, longest,
                 (int)len, longest);
        char *text = logged(true, all);
        if (len > 64) {
            snprintf(want, sizeof want, "\"path\":\"/hello/%.8s.../%.8s.../end\"", longest, longest);
            cr_expect(strstr(text, want) != NULL && strstr(text, "xxxxxxxxx") == NULL, "%zu: %s", len, text);
        } else {
            cr_expect(strstr(text, request + 4) == NULL && strstr(text, "/end\"") != NULL, "%zu: %s", len, text);
        }
        free(text);
    }
    memset(longest, '/', 900); // many short ones
    snprintf(request, sizeof request, "GET /%s HTTP/1.1\r\nHost: x\r\n\r\n", longest);
    char *text = logged(true, all);
    const char *path = strstr(text, "\"path\":\"/");
    cr_assert(path != NULL);
    cr_expect(le(sz, strcspn(path + 8, "\""), 512), "%s", text);
    free(text);
}

Test(access_log, off, .timeout = 20)
{
    char *text = logged(false, requests);
    cr_expect(eq(str, text, ""));
    free(text);
}
