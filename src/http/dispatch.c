// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: from h2o's request to a call and a handler: guards, route, method, size of the body, preflight.
#include "http/http_h2o.h"

#include "base/clock.h"
#include "http/route.h"

#define CALL_ENV H2O_STRLIT("w3pin.call")

// Distinct for 2^64 calls of a loop (the mixing is a bijection) and not guessable into an order.
static void make_id(char out17[17], struct w3p_loop *loop)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t z = loop->id_seed + loop->id_next++ * 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    for (unsigned i = 0; i < 16; i++, z >>= 4)
        out17[i] = digits[z & 15];
    out17[16] = '\0';
}

static struct w3p_span span_of(h2o_iovec_t text)
{
    return W3P_SPAN(text.base, text.len);
}

static void read_headers(struct w3p_request *out, const h2o_req_t *req)
{
    for (size_t i = 0; i < req->headers.size; i++) {
        const h2o_header_t *header = &req->headers.entries[i];
        if (header->name == &H2O_TOKEN_AUTHORIZATION->buf) {
            if (out->authorization_count++ == 0)
                out->authorization = span_of(header->value);
        } else if (header->name == &H2O_TOKEN_CONTENT_TYPE->buf) {
            out->content_type = span_of(header->value);
        } else if (header->name == &H2O_TOKEN_IF_NONE_MATCH->buf) {
            out->if_none_match = span_of(header->value);
        } else if (h2o_memis(header->name->base, header->name->len, H2O_STRLIT("origin"))) {
            out->origin = span_of(header->value);
        } else if (h2o_memis(header->name->base, header->name->len, H2O_STRLIT("idempotency-key"))) {
            if (out->idempotency_key_count++ == 0)
                out->idempotency_key = span_of(header->value);
        }
    }
}

static struct w3p_call *call_create(h2o_req_t *req)
{
    struct w3p_loop *loop = H2O_STRUCT_FROM_MEMBER(struct w3p_loop, ctx, req->conn->ctx);
    struct w3p_call *call = h2o_mem_alloc_pool(&req->pool, sizeof *call);
    *call = (struct w3p_call){.req = req, .loop = loop, .start_ns = w3p_clock_mono_ns()};
    make_id(call->id, loop);
    struct w3p_request *request = &call->request;
    request->method = span_of(req->method);
    request->path = span_of(req->path_normalized);
    if (req->query_at != SIZE_MAX && req->query_at + 1 <= req->path.len)
        request->query = W3P_SPAN(req->path.base + req->query_at + 1, req->path.len - req->query_at - 1);
    request->body = span_of(req->entity);
    request->thread_data = loop->thread_data;
    request->app = loop->server->conf.app;
    read_headers(request, req);
    h2o_iovec_t *slot = h2o_req_getenv(req, CALL_ENV, 1);
    *slot = h2o_iovec_init(call, sizeof *call);
    return call;
}

struct w3p_call *w3p_call_of(h2o_req_t *req)
{
    h2o_iovec_t *slot = h2o_req_getenv(req, CALL_ENV, 0);
    return slot != NULL ? (struct w3p_call *)(void *)slot->base : NULL;
}

static struct w3p_conn *begin_work(h2o_req_t *req)
{
    struct w3p_conn *conn = w3p_conn_of(req);
    conn->in_work++;
    w3p_tidy_soon(conn->loop);
    conn->is_h2 = req->version >= 0x200;
    return conn;
}

struct refusal {
    h2o_ostream_t super;
    h2o_iovec_t body;
};

static void send_refusal(h2o_ostream_t *super, h2o_req_t *req, h2o_iovec_t *bufs, size_t count, h2o_send_state_t state)
{
    (void)bufs;
    h2o_ostream_send_next(super, req, &((struct refusal *)super)->body, count > 0 ? 1 : 0, state); // HEAD has none
}

void w3p_dispatch_refused(h2o_filter_t *filter, h2o_req_t *req, h2o_ostream_t **slot)
{
    (void)filter;
    struct w3p_call *call = call_create(req);
    struct refusal *refusal = (struct refusal *)h2o_add_ostream(req, sizeof *refusal, slot);
    (void)begin_work(req);
    refusal->super.do_send = send_refusal;
    refusal->body = w3p_reply_reshape(call);
    h2o_setup_next_ostream(req, &refusal->super.next);
}

static void answer_options(struct w3p_call *call, unsigned methods)
{
    char allow[W3P_ROUTE_ALLOW_MAX];
    w3p_route_allow(allow, methods);
    w3p_call_add_header(call, "allow", allow);
    w3p_cors_preflight(call->req, allow);
    w3p_reply_empty(call, 204);
}

static void route_call(struct w3p_call *call)
{
    struct w3p_route_match match;
    enum w3p_method method = w3p_method_parse(call->request.method);
    call->is_head = method == W3P_METHOD_HEAD;
    w3p_route_find(&match, call->loop->server->conf.routes, method, call->request.path);
    if (match.methods == 0) {
        w3p_reply_error(call, 404, NULL, "there is nothing at this path");
        return;
    }
    if (method == W3P_METHOD_OPTIONS && match.route == NULL) {
        answer_options(call, match.methods);
        return;
    }
    if (match.route == NULL) {
        char allow[W3P_ROUTE_ALLOW_MAX];
        w3p_route_allow(allow, match.methods);
        w3p_call_add_header(call, "allow", allow);
        w3p_reply_error(call, 405, NULL, "this path takes %s", allow);
        return;
    }
    if (call->request.body.len > match.route->body_max_bytes) {
        w3p_reply_error(call, 413, NULL, "the body has %zu bytes; at most %zu are taken here", call->request.body.len,
                        match.route->body_max_bytes);
        return;
    }
    call->request.param = match.param;
    call->request.scope = match.route->scope;
    call->budget = match.route->budget;
    if (call->budget == W3P_BUDGET_PUBLIC && !w3p_call_charge_peer(call))
        return;
    match.route->handler(call, &call->request);
    if (call->state == W3P_CALL_NEW)
        w3p_reply_error(call, 500, NULL, "the request was not answered");
}

int w3p_dispatch(h2o_handler_t *handler, h2o_req_t *req)
{
    (void)handler;
    const char *reason, *details;
    struct w3p_call *call = call_create(req);
    struct w3p_conn *conn = begin_work(req);
    if (conn->doomed) {
        w3p_reply_error(call, 503, NULL, "this connection has aborted too many requests");
        return 0;
    }
    int status = w3p_guard_request(&reason, &details, req);
    if (status != 0) {
        req->http1_is_persistent = 0;
        w3p_reply_error(call, status, reason, "%s", details);
    } else {
        route_call(call);
    }
    return 0;
}
