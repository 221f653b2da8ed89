// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: budgets of requests in front of handlers: who pays, the headers that tell what is left, and 429. A cached
// token costs one look-up here and never the peer's address; that is asked for only when the peer is the one who pays.
#include "http/http_h2o.h"

#include <string.h>

#include "base/clock.h"

#define NS_PER_S UINT64_C(1000000000)

int w3p_budgets_nets(struct w3p_peer_nets *trusted, struct w3p_peer_nets *uncounted, struct w3p_errmsg *msg,
                     const struct w3p_http_settings *settings)
{
    int err = w3p_peer_nets_parse(trusted, msg, "http.trusted_proxies", settings->trusted_proxies);
    if (err == W3P_OK)
        err = w3p_peer_nets_parse(uncounted, msg, "http.connections_exempt", settings->connections_exempt);
    return err;
}

int w3p_budgets_open(struct w3p_server *server, struct w3p_errmsg *msg)
{
    const struct w3p_http_settings *settings = server->conf.settings;
    const struct w3p_limit_settings *limits = server->conf.limits;
    int err = w3p_budgets_nets(&server->trusted, &server->uncounted, msg, settings);
    if (err != W3P_OK)
        return err;
    if (settings->connections_per_peer > 0)
        server->peer_counts = w3p_peer_counts_create(server->conn_max, (size_t)settings->connections_per_peer);
    for (unsigned i = W3P_BUDGET_NONE + 1; limits != NULL && i < W3P_BUDGET_COUNT; i++) {
        if (limits->budgets[i].per_s > 0)
            server->limiters[i] = w3p_limiter_create(&limits->budgets[i]);
    }
    return W3P_OK;
}

void w3p_budgets_close(struct w3p_server *server)
{
    for (unsigned i = 0; i < W3P_BUDGET_COUNT; i++)
        w3p_limiter_destroy(server->limiters[i]);
    w3p_peer_counts_destroy(server->peer_counts);
}

// The operator should know when all clients of a proxy share one budget, without a line for each of them.
static void tell_proxy(struct w3p_server *server, const struct w3p_peer *peer)
{
    char text[W3P_PEER_TEXT_MAX];
    if (atomic_exchange(&server->proxy_told, true))
        return;
    w3p_peer_format(text, peer);
    w3p_logf(W3P_LOG_WARN, "http.proxy_unknown",
             "%s sends X-Forwarded-For and is not in http.trusted_proxies: its clients count as one", text);
}

// The connection's own peer, or the client that a trusted proxy names. False: a UNIX socket.
static bool client_of(struct w3p_peer *out, const struct w3p_call *call)
{
    const h2o_req_t *req = call->req;
    const struct w3p_conn *conn = w3p_conn_of(req);
    const struct w3p_peer_nets *trusted = &call->loop->server->trusted;
    unsigned hops = 0;
    *out = conn->peer;
    if (!conn->has_peer)
        return false;
    if (!conn->trusted) {
        if (w3p_peer_nets_have(&call->loop->server->uncounted, out) &&
            h2o_find_header(&req->headers, H2O_TOKEN_X_FORWARDED_FOR, -1) != -1)
            tell_proxy(call->loop->server, out);
        return true;
    }
    for (size_t i = req->headers.size; i-- > 0;) {
        const h2o_header_t *header = &req->headers.entries[i];
        if (header->name == &H2O_TOKEN_X_FORWARDED_FOR->buf &&
            !w3p_peer_forwarded(out, &hops, trusted, W3P_SPAN(header->value.base, header->value.len)))
            break;
    }
    return true;
}

bool w3p_call_client(char out[W3P_PEER_TEXT_MAX], const struct w3p_call *call)
{
    struct w3p_peer client;
    const struct w3p_conn *conn = w3p_conn_of(call->req);
    if (!conn->trusted || !client_of(&client, call) || memcmp(&client, &conn->peer, sizeof client) == 0)
        return false;
    w3p_peer_format(out, &client);
    return true;
}

bool w3p_call_client_addr(uint8_t addr16[16], const struct w3p_call *call)
{
    struct w3p_peer client;
    if (!client_of(&client, call))
        return false;
    memcpy(addr16, client.addr16, sizeof client.addr16);
    return true;
}

static void put_header(h2o_req_t *req, const char *name, size_t name_len, char *room20, uint64_t value)
{
    size_t len = w3p_u64_digits(room20, value); // three times a request: printf costs as much as all the rest here
    h2o_add_header_by_str(&req->pool, &req->res.headers, name, name_len, 0, NULL, room20, len);
}

// What is left of the budget that this request was counted in.
static void put_state(struct w3p_call *call, const struct w3p_limit_state *state)
{
    uint64_t full_at_ns = (uint64_t)w3p_clock_wall_ms() * 1000000 + state->full_ns;
    char *room = h2o_mem_alloc_pool(&call->req->pool, 3 * W3P_U64_DIGITS_MAX);
    put_header(call->req, H2O_STRLIT("x-ratelimit-limit"), room, state->limit);
    put_header(call->req, H2O_STRLIT("x-ratelimit-remaining"), room + W3P_U64_DIGITS_MAX, state->remaining);
    put_header(call->req, H2O_STRLIT("x-ratelimit-reset"), room + 2 * W3P_U64_DIGITS_MAX,
               (full_at_ns + NS_PER_S - 1) / NS_PER_S);
}

static void refuse(struct w3p_call *call, enum w3p_budget budget, const struct w3p_limit_state *state)
{
    static const char *const what[W3P_BUDGET_COUNT] = {
        [W3P_BUDGET_POLL] = "this account asks for single pins too often",
        [W3P_BUDGET_LIST] = "this account asks for lists too often",
        [W3P_BUDGET_WRITE] = "this account makes changes too often",
        [W3P_BUDGET_PUBLIC] = "this address asks too often",
        [W3P_BUDGET_FAILED] = "too many requests of this address had no valid access token",
        [W3P_BUDGET_VERIFY] = "too many access tokens are being verified for the first time",
    };
    uint64_t wait_s = (state->retry_ns + NS_PER_S - 1) / NS_PER_S;
    wait_s = wait_s > 0 ? wait_s : 1;
    char *room20 = h2o_mem_alloc_pool(&call->req->pool, W3P_U64_DIGITS_MAX);
    put_state(call, state);
    h2o_add_header(&call->req->pool, &call->req->res.headers, H2O_TOKEN_RETRY_AFTER, NULL, room20,
                   w3p_u64_digits(room20, wait_s));
    w3p_call_note_reason(call, "rate-limited");
    w3p_reply_error(call, 429, NULL, "%s; try again in %llu s", what[budget], (unsigned long long)wait_s);
}

// The limiter of a budget, and the subject in it that is meant by the peer; NULL: nobody is counted.
static struct w3p_limiter *peer_limiter(uint64_t *subject, const struct w3p_call *call, enum w3p_budget budget)
{
    struct w3p_limiter *limiter = call->loop->server->limiters[budget];
    struct w3p_peer client;
    if (limiter == NULL || !client_of(&client, call))
        return NULL;
    client = w3p_peer_subject(&client);
    *subject = w3p_limiter_subject(limiter, client.addr16, sizeof client.addr16);
    return limiter;
}

static bool settle(struct w3p_call *call, enum w3p_budget budget, struct w3p_limiter *limiter, uint64_t subject)
{
    struct w3p_limit_state state;
    bool fits = w3p_limiter_take(limiter, &state, subject, call->start_ns);
    if (fits)
        put_state(call, &state);
    else
        refuse(call, budget, &state);
    return fits;
}

bool w3p_call_charge_account(struct w3p_call *call, const char *account)
{
    struct w3p_limiter *limiter = call->loop->server->limiters[call->budget];
    if (limiter == NULL)
        return true;
    return settle(call, call->budget, limiter, w3p_limiter_subject(limiter, account, strlen(account)));
}

bool w3p_call_charge_peer(struct w3p_call *call)
{
    uint64_t subject;
    struct w3p_limiter *limiter = peer_limiter(&subject, call, call->budget);
    return limiter == NULL || settle(call, call->budget, limiter, subject);
}

bool w3p_call_may_fail(struct w3p_call *call)
{
    uint64_t subject;
    struct w3p_limit_state state;
    struct w3p_limiter *limiter = peer_limiter(&subject, call, W3P_BUDGET_FAILED);
    if (limiter == NULL || w3p_limiter_has(limiter, &state, subject, call->start_ns))
        return true;
    refuse(call, W3P_BUDGET_FAILED, &state);
    return false;
}

bool w3p_call_charge_failure(struct w3p_call *call)
{
    uint64_t subject;
    struct w3p_limiter *limiter = peer_limiter(&subject, call, W3P_BUDGET_FAILED);
    return limiter == NULL || settle(call, W3P_BUDGET_FAILED, limiter, subject);
}

// Who asks for a signature when there are none left pays for it as for a failure: else many peers that ask without end
// would keep newcomers out for as long as they like, and none of them would ever spend its own budget.
bool w3p_call_charge_verify(struct w3p_call *call)
{
    static const char everybody[] = "all";
    struct w3p_limit_state state, of_peer;
    uint64_t subject;
    struct w3p_limiter *limiter = call->loop->server->limiters[W3P_BUDGET_VERIFY];
    if (limiter == NULL ||
        w3p_limiter_take(limiter, &state, w3p_limiter_subject(limiter, everybody, sizeof everybody - 1),
                         call->start_ns))
        return true;
    struct w3p_limiter *failures = peer_limiter(&subject, call, W3P_BUDGET_FAILED);
    if (failures != NULL)
        (void)w3p_limiter_take(failures, &of_peer, subject, call->start_ns);
    refuse(call, W3P_BUDGET_VERIFY, &state);
    return false;
}
