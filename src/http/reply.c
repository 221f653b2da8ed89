// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the call object and its one reply, now or later from another thread.
// A request of h2 dies on its loop thread at any moment. So an async call holds a note in the request's memory pool:
// when the pool goes, the note cuts the tie, and what the other thread sends is dropped.
#include "http/http_h2o.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/crash.h"
#include "base/json.h"

enum { ERROR_BODY_MAX = 4096 };

struct w3p_async {
    h2o_multithread_message_t message; // first use: w3p_async_send
    struct w3p_loop *loop;
    struct w3p_call *call; // NULL: the request is gone. Loop thread only
    struct async_note *note;
    const char *reason; // NULL: nothing to note
    char credential[W3P_HTTP_TRACE_MAX];
    int status;
    char *body;
    size_t len;
};
struct async_note { // in the request's pool
    struct w3p_async *async;
};

struct status_words {
    int status;
    const char *phrase, *reason;
};
static const struct status_words status_table[] = {
    {200, "OK", "OK"},
    {202, "Accepted", "OK"},
    {204, "No Content", "OK"},
    {304, "Not Modified", "OK"},
    {400, "Bad Request", "BAD_REQUEST"},
    {401, "Unauthorized", "UNAUTHORIZED"},
    {403, "Forbidden", "FORBIDDEN"},
    {404, "Not Found", "NOT_FOUND"},
    {405, "Method Not Allowed", "METHOD_NOT_ALLOWED"},
    {409, "Conflict", "INSUFFICIENT_FUNDS"},
    {413, "Payload Too Large", "PAYLOAD_TOO_LARGE"},
    {417, "Expectation Failed", "EXPECTATION_FAILED"},
    {422, "Unprocessable Content", "UNPROCESSABLE_CONTENT"},
    {429, "Too Many Requests", "TOO_MANY_REQUESTS"},
    {431, "Request Header Fields Too Large", "TOO_MANY_HEADERS"},
    {500, "Internal Server Error", "INTERNAL_SERVER_ERROR"},
    {503, "Service Unavailable", "BUSY"},
};

static const struct status_words *words_of(int status)
{
    static const struct status_words unknown = {0, "Error", "INTERNAL_SERVER_ERROR"};
    for (size_t i = 0; i < sizeof status_table / sizeof status_table[0]; i++) {
        if (status_table[i].status == status)
            return &status_table[i];
    }
    return &unknown;
}

const struct w3p_request *w3p_call_request(const struct w3p_call *call)
{
    return &call->request;
}

void *w3p_call_alloc(struct w3p_call *call, size_t len)
{
    return h2o_mem_alloc_pool(&call->req->pool, len);
}

void w3p_call_note_identity(struct w3p_call *call, const char *identity)
{
    size_t len = strnlen(identity, sizeof call->identity - 1);
    memcpy(call->identity, identity, len);
    call->identity[len] = '\0';
}

void w3p_call_note_reason(struct w3p_call *call, const char *reason)
{
    call->reason = reason;
}

void w3p_call_note_credential(struct w3p_call *call, const char *trace)
{
    size_t len = strnlen(trace, sizeof call->credential - 1);
    memcpy(call->credential, trace, len);
    call->credential[len] = '\0';
}

void w3p_call_add_header(struct w3p_call *call, const char *name, const char *value)
{
    h2o_req_t *req = call->req;
    h2o_iovec_t name_copy = h2o_strdup(&req->pool, name, SIZE_MAX),
                value_copy = h2o_strdup(&req->pool, value, SIZE_MAX);
    h2o_add_header_by_str(&req->pool, &req->res.headers, name_copy.base, name_copy.len, 1, NULL, value_copy.base,
                          value_copy.len);
}

static bool is_bodiless(int status)
{
    return status == 204 || status == 304;
}

static void add_reply_headers(struct w3p_call *call, int status)
{
    h2o_req_t *req = call->req;
    h2o_headers_t *headers = &req->res.headers;
    if (!is_bodiless(status))
        h2o_add_header(&req->pool, headers, H2O_TOKEN_CONTENT_TYPE, NULL, H2O_STRLIT("application/json"));
    if (h2o_find_header(headers, H2O_TOKEN_CACHE_CONTROL, -1) == -1)
        h2o_add_header(&req->pool, headers, H2O_TOKEN_CACHE_CONTROL, NULL, H2O_STRLIT("no-store"));
    if (status == 401)
        h2o_add_header(&req->pool, headers, H2O_TOKEN_WWW_AUTHENTICATE, NULL, H2O_STRLIT("Bearer"));
    if ((status == 503 || status == 429) && h2o_find_header(headers, H2O_TOKEN_RETRY_AFTER, -1) == -1)
        h2o_add_header(&req->pool, headers, H2O_TOKEN_RETRY_AFTER, NULL, H2O_STRLIT("1"));
    h2o_add_header_by_str(&req->pool, headers, H2O_STRLIT("x-request-id"), 0, NULL, call->id, sizeof call->id - 1);
    w3p_cors_headers(req);
}

static void finish(struct w3p_call *call, int status, const char *body, size_t len)
{
    static h2o_generator_t generator = {NULL, NULL};
    h2o_req_t *req = call->req;
    if (call->state == W3P_CALL_ANSWERED)
        return;
    call->state = W3P_CALL_ANSWERED;
    if (call->loop->draining)
        req->http1_is_persistent = 0;
    req->res.status = status;
    req->res.reason = words_of(status)->phrase;
    if (!is_bodiless(status))
        req->res.content_length = len;
    add_reply_headers(call, status);
    h2o_iovec_t copy = {NULL, 0};
    if (len > 0 && !call->is_head) {
        copy = h2o_iovec_init(h2o_mem_alloc_pool(&req->pool, len), len);
        memcpy(copy.base, body, len);
    }
    h2o_start_response(req, &generator);
    h2o_send(req, &copy, copy.len > 0, H2O_SEND_STATE_FINAL);
}

void w3p_reply_json(struct w3p_call *call, int status, const char *body, size_t len)
{
    finish(call, status, body, len);
}

void w3p_reply_empty(struct w3p_call *call, int status)
{
    finish(call, status, NULL, 0);
}

void w3p_reply_buf(struct w3p_call *call, struct w3p_buf *body)
{
    if (w3p_buf_status(body) == W3P_OK)
        w3p_reply_json(call, 200, w3p_buf_str(body), body->len);
    else
        w3p_reply_error(call, 500, NULL, "the answer is too long");
    w3p_buf_deinit(body);
}

W3P_PRINTF(4, 0)
static void write_error(struct w3p_buf *out, int status, const char *reason, const char *fmt, va_list args)
{
    struct w3p_json j;
    char details[1024];
    (void)vsnprintf(details, sizeof details, fmt, args);
    w3p_buf_init(out, ERROR_BODY_MAX + 6 * sizeof details);
    w3p_json_init(&j, out);
    w3p_json_begin_object(&j);
    w3p_json_key(&j, "error");
    w3p_json_begin_object(&j);
    w3p_json_str_field(&j, "reason", reason != NULL ? reason : words_of(status)->reason);
    w3p_json_str_field(&j, "details", details);
    w3p_json_end_object(&j);
    w3p_json_end_object(&j);
}

void w3p_reply_error(struct w3p_call *call, int status, const char *reason, const char *fmt, ...)
{
    struct w3p_buf body;
    va_list args;
    va_start(args, fmt);
    write_error(&body, status, reason, fmt, args);
    va_end(args);
    finish(call, status, w3p_buf_str(&body), body.len);
    w3p_buf_deinit(&body);
}

char *w3p_error_body(size_t *len, int status, const char *reason, const char *fmt, ...)
{
    struct w3p_buf body;
    va_list args;
    va_start(args, fmt);
    write_error(&body, status, reason, fmt, args);
    va_end(args);
    *len = body.len;
    return w3p_buf_take(&body);
}

static const char *refusal_words(int status)
{
    switch (status) {
    case 413:
        return "the body is longer than anything that is taken here";
    case 417:
        return "only the expectation 100-continue is known here";
    default:
        return "the request breaks the rules of HTTP";
    }
}

h2o_iovec_t w3p_reply_reshape(struct w3p_call *call)
{
    h2o_req_t *req = call->req;
    size_t len = 0;
    char *body = w3p_error_body(&len, req->res.status, NULL, "%s", refusal_words(req->res.status));
    h2o_iovec_t copy = h2o_strdup(&req->pool, body, len);
    free(body);
    call->state = W3P_CALL_ANSWERED;
    req->res.headers = (h2o_headers_t){0};
    req->res.reason = words_of(req->res.status)->phrase;
    req->res.content_length = copy.len;
    add_reply_headers(call, req->res.status);
    return copy;
}

void w3p_loop_send(struct w3p_loop *loop, h2o_multithread_message_t *message)
{
    // h2o writes to the queue's pipe after it has let go of the lock: the message may be answered, and a stopping loop
    // be done, before that.
    atomic_fetch_add(&loop->senders, 1);
    h2o_multithread_send_message(&loop->rx, message);
    atomic_fetch_sub(&loop->senders, 1);
}

static void on_request_gone(void *arg)
{
    struct async_note *note = arg;
    if (note->async != NULL)
        note->async->call = NULL;
}

struct w3p_async *w3p_async_begin(struct w3p_call *call)
{
    struct w3p_loop *loop = call->loop;
    if (loop->async_count >= W3P_HTTP_ASYNC_MAX) {
        w3p_reply_error(call, 503, NULL, "too many requests are waiting; try again in a moment");
        return NULL;
    }
    struct w3p_async *async = w3p_calloc(1, sizeof *async);
    async->loop = loop;
    async->call = call;
    async->note = h2o_mem_alloc_shared(&call->req->pool, sizeof *async->note, on_request_gone);
    async->note->async = async;
    call->state = W3P_CALL_WAITING;
    loop->async_count++;
    return async;
}

void w3p_async_note_refused(struct w3p_async *async, const char *reason, const char *trace)
{
    async->reason = reason;
    (void)snprintf(async->credential, sizeof async->credential, "%s", trace != NULL ? trace : "");
}

void w3p_async_send(struct w3p_async *async, int status, char *body, size_t len)
{
    async->status = status;
    async->body = body;
    async->len = len;
    w3p_loop_send(async->loop, &async->message); // from here on the loop's
}

void w3p_async_deliver(h2o_multithread_receiver_t *rx, h2o_linklist_t *messages)
{
    (void)rx;
    while (!h2o_linklist_is_empty(messages)) {
        h2o_multithread_message_t *message = H2O_STRUCT_FROM_MEMBER(h2o_multithread_message_t, link, messages->next);
        struct w3p_async *async = H2O_STRUCT_FROM_MEMBER(struct w3p_async, message, message);
        h2o_linklist_unlink(&message->link);
        async->loop->async_count--;
        if (async->call != NULL) {
            async->note->async = NULL; // before the reply: it may end the request and its pool
            if (async->reason != NULL) {
                w3p_call_note_reason(async->call, async->reason);
                w3p_call_note_credential(async->call, async->credential);
            }
            W3P_CRASH_POINT(PIN_ANSWER_BEFORE);
            finish(async->call, async->status, async->body, async->len);
            W3P_CRASH_POINT(PIN_ANSWER_AFTER);
        }
        free(async->body);
        free(async);
    }
}
