// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the list of endpoints. One is used until it fails; each is checked to be on the pinned chain before use and
// every minute; those on another chain are dropped. Failing ones wait a little longer each time.
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/log.h"
#include "crust/crust_internal.h"

#define BACKOFF_MIN_MS 250
#define BACKOFF_MAX_MS 5000
#define ROTATE_MS 30000
#define STALE_MS 60000          // a finalized head older than this makes another endpoint worth a look
#define TELL_AGAIN_MS 60000     // an endpoint that failed is told of an extrinsic no sooner
#define RECHECK_WRONG_MS 300000 // a dropped endpoint may come back to the right chain

static int add_endpoint(struct w3p_crust *c, struct w3p_errmsg *msg, const char *text, size_t len)
{
    while (len > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        len--;
    }
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    if (len == 0)
        return W3P_OK;
    if (c->endpoint_count == W3P_CRUST_ENDPOINTS_MAX)
        return w3p_fail(msg, W3P_E_LIMIT, "crust.endpoints: more than %d", W3P_CRUST_ENDPOINTS_MAX);
    char *url = w3p_strndup(text, len);
    struct w3p_net_conf conf = {.url = url,
                                .reply_max_bytes = c->settings->reply_max_bytes,
                                .connect_timeout_ms = (unsigned)c->settings->connect_timeout_ms,
                                .reply_timeout_ms = (unsigned)c->settings->reply_timeout_ms};
    int err = w3p_rpc_create(&c->endpoints[c->endpoint_count].rpc, msg, &conf);
    if (err == W3P_OK)
        c->endpoints[c->endpoint_count++].url = url;
    else
        free(url);
    return err;
}

int w3p_crust_endpoints_open(struct w3p_crust *c, struct w3p_errmsg *msg)
{
    const char *at = c->settings->endpoints != NULL ? c->settings->endpoints : "";
    for (;;) {
        size_t len = strcspn(at, ",");
        int err = add_endpoint(c, msg, at, len);
        if (err != W3P_OK)
            return err;
        if (at[len] == '\0')
            break;
        at += len + 1;
    }
    c->current = -1;
    if (c->endpoint_count == 0)
        return w3p_fail(msg, W3P_E_INVALID, "crust.endpoints is empty");
    return W3P_OK;
}

void w3p_crust_endpoints_close(struct w3p_crust *c)
{
    for (size_t i = 0; i < c->endpoint_count; i++) {
        w3p_rpc_destroy(c->endpoints[i].rpc);
        free(c->endpoints[i].url);
    }
}

static bool interrupted(const struct w3p_crust *c)
{
    return atomic_load(&c->interrupted);
}

static void mark_failed(struct w3p_crust_endpoint *ep, int err, const struct w3p_errmsg *why)
{
    int64_t wait = BACKOFF_MIN_MS << (ep->failures < 5 ? ep->failures : 5);
    if (ep->failures == 0 && err == W3P_E_CLOSED)
        wait = 0; // an idle connection that went away is worth a new one at once
    if (ep->failures++ == 0)
        w3p_logf(W3P_LOG_WARN, "chain.endpoint_failed", "%s: %.200s", w3p_rpc_host(ep->rpc), why->text);
    ep->why = *why;
    ep->retry_at_ms = wait > 0 ? w3p_clock_mono_ms() + (wait < BACKOFF_MAX_MS ? wait : BACKOFF_MAX_MS) : 0;
    ep->checked_at_ms = 0;
}

// What the endpoints are backed off from: the last thing that one of them did wrong.
static const char *last_failure(const struct w3p_crust *c)
{
    const char *text = "trying again in a moment";
    for (size_t i = c->endpoint_count; i > 0; i--)
        if (c->endpoints[i - 1].failures > 0 && c->endpoints[i - 1].why.text[0] != '\0')
            text = c->endpoints[i - 1].why.text;
    return text;
}

static bool is_mainnet(const uint8_t genesis32[32])
{
    uint8_t mainnet[32];
    size_t len = sizeof(mainnet);
    return w3p_hex0x_decode(mainnet, &len, W3P_CRUST_MAINNET_GENESIS, strlen(W3P_CRUST_MAINNET_GENESIS)) == W3P_OK &&
           memcmp(mainnet, genesis32, 32) == 0;
}

static int refuse_chain(struct w3p_crust_endpoint *ep, struct w3p_errmsg *msg, const char *why, const uint8_t *genesis)
{
    char hex[65];
    w3p_hex_encode(hex, genesis, 32);
    int err = w3p_fail(msg, W3P_E_STATE, "%s: genesis 0x%.8s… %s", w3p_rpc_host(ep->rpc), hex, why);
    if (!ep->wrong_chain)
        w3p_logf(W3P_LOG_ERROR, "chain.endpoint_dropped", "%s: genesis 0x%s %s", w3p_rpc_host(ep->rpc), hex, why);
    ep->wrong_chain = true;
    ep->retry_at_ms = w3p_clock_mono_ms() + RECHECK_WRONG_MS;
    ep->checked_at_ms = 0;
    w3p_rpc_reset(ep->rpc);
    return err;
}

static int check_genesis(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_crust_endpoint *ep)
{
    json_t *result = NULL;
    uint8_t genesis[32];
    int err = w3p_rpc_call(ep->rpc, msg, &result, NULL, "chain_getBlockHash", json_pack("[i]", 0));
    if (err != W3P_OK)
        return err;
    err = w3p_rpc_hash(genesis, result);
    json_decref(result);
    if (err != W3P_OK)
        return w3p_fail(msg, err, "%s: no genesis hash", w3p_rpc_host(ep->rpc));
    if (c->settings->key_uri != NULL && c->settings->key_uri[0] != '\0' && is_mainnet(genesis))
        return refuse_chain(ep, msg, "is Crust mainnet: crust.key_uri is for development only", genesis);
    if (!c->have_genesis) {
        memcpy(c->genesis32, genesis, 32);
        c->have_genesis = true;
    }
    if (memcmp(genesis, c->genesis32, 32) != 0)
        return refuse_chain(ep, msg, "is not the chain that this gateway is bound to", genesis);
    ep->wrong_chain = false;
    if (c->endpoint_count > 1)
        err = w3p_crust_peer_ask(ep->rpc, msg, &ep->peer);
    if (err == W3P_OK)
        ep->checked_at_ms = w3p_clock_mono_ms();
    return err;
}

// Is it syncing, and how far is it? A node that does not say is taken at its block number alone.
static int check_health(struct w3p_errmsg *msg, struct w3p_crust_endpoint *ep)
{
    uint8_t hash32[32];
    json_t *result = NULL;
    int err = w3p_rpc_call(ep->rpc, msg, &result, NULL, "system_health", NULL);
    if (err != W3P_OK && err != W3P_E_REMOTE)
        return err;
    ep->syncing = err == W3P_OK && json_is_true(json_object_get(result, "isSyncing"));
    json_decref(result);
    result = NULL;
    err = w3p_rpc_call(ep->rpc, msg, &result, NULL, "chain_getFinalizedHead", NULL);
    if (err == W3P_OK && w3p_rpc_hash(hash32, result) != W3P_OK) // it becomes part of the next request
        err = w3p_fail(msg, W3P_E_PROTOCOL, "%s: finalized head is no hash", w3p_rpc_host(ep->rpc));
    json_t *header = NULL;
    if (err == W3P_OK)
        err = w3p_rpc_call(ep->rpc, msg, &header, NULL, "chain_getHeader", json_pack("[O]", result));
    json_decref(result);
    if (err != W3P_OK)
        return err;
    uint64_t number = 0;
    err = w3p_rpc_hex_number(&number, json_object_get(header, "number"));
    json_decref(header);
    if (err == W3P_OK && number > UINT32_MAX) // block numbers of these chains are u32
        err = W3P_E_PROTOCOL;
    if (err == W3P_OK)
        ep->final_seen = number;
    return err == W3P_OK ? W3P_OK : w3p_fail(msg, err, "%s: header has no number", w3p_rpc_host(ep->rpc));
}

static void use_endpoint(struct w3p_crust *c, size_t i)
{
    if (c->current != (int)i)
        w3p_logf(W3P_LOG_INFO, "chain.endpoint", "using %s", w3p_rpc_host(c->endpoints[i].rpc));
    c->current = (int)i;
    atomic_store(&c->in_use, (int)i);
    c->endpoints[i].retry_at_ms = 0;
    c->runtime_checked_at_ms = 0;
    if (c->endpoints[i].final_seen > c->final_seen)
        c->final_seen = c->endpoints[i].final_seen;
}

// W3P_E_STATE only when every endpoint has been seen on a wrong chain.
static int no_endpoint(const struct w3p_crust *c, struct w3p_errmsg *msg, const struct w3p_errmsg *why)
{
    size_t wrong = 0;
    for (size_t i = 0; i < c->endpoint_count; i++)
        wrong += c->endpoints[i].wrong_chain ? 1 : 0;
    if (interrupted(c))
        return w3p_fail(msg, W3P_E_CLOSED, "interrupted");
    if (wrong == c->endpoint_count)
        return w3p_fail(msg, W3P_E_STATE, "every endpoint is on another chain: %.220s",
                        why->text[0] != '\0' ? why->text : "asking again within minutes");
    return w3p_fail(msg, W3P_E_UNREACHABLE, "no endpoint answers: %.250s",
                    why->text[0] != '\0' ? why->text : last_failure(c));
}

// Chooses the first endpoint after the current one that is on our chain, synced and not behind `floor`; else, unless
// `strict`, the one furthest on.
static int choose(struct w3p_crust *c, struct w3p_errmsg *msg, uint64_t floor, bool strict, int skip)
{
    struct w3p_errmsg why = {{0}};
    int poor = -1;
    for (size_t k = 0; k < c->endpoint_count && !interrupted(c); k++) {
        size_t i = ((size_t)(c->current + 1) + k) % c->endpoint_count;
        struct w3p_crust_endpoint *ep = &c->endpoints[i];
        if ((int)i == skip || w3p_clock_mono_ms() < ep->retry_at_ms)
            continue;
        int err = check_genesis(c, &why, ep);
        if (err == W3P_OK)
            err = check_health(&why, ep);
        if (err != W3P_OK) {
            if (err != W3P_E_STATE && !interrupted(c))
                mark_failed(ep, err, &why);
            continue;
        }
        if (!ep->syncing && ep->final_seen + W3P_CRUST_LAG_MAX >= floor) {
            use_endpoint(c, i);
            return W3P_OK;
        }
        if (poor < 0 || ep->final_seen > c->endpoints[poor].final_seen)
            poor = (int)i;
    }
    if (poor < 0 || strict)
        return no_endpoint(c, msg, &why);
    use_endpoint(c, (size_t)poor);
    return W3P_OK;
}

// The endpoint in use, freshly checked.
static int endpoint(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_crust_endpoint **out)
{
    if (interrupted(c))
        return w3p_fail(msg, W3P_E_CLOSED, "interrupted");
    if (c->current >= 0) {
        struct w3p_crust_endpoint *ep = &c->endpoints[c->current];
        struct w3p_errmsg why = {{0}};
        int64_t now = w3p_clock_mono_ms();
        int err = W3P_OK;
        // it failed: however long ago that is, it is the others' turn
        if (now < ep->retry_at_ms || (ep->retry_at_ms != 0 && c->endpoint_count > 1))
            err = W3P_E_BUSY;
        else if (ep->checked_at_ms == 0 || now - ep->checked_at_ms >= W3P_CRUST_REFRESH_MS)
            err = check_genesis(c, &why, ep);
        if (err == W3P_OK) {
            *out = ep;
            return W3P_OK;
        }
        if (interrupted(c))
            return w3p_fail(msg, W3P_E_CLOSED, "interrupted");
        if (err != W3P_E_STATE && err != W3P_E_BUSY)
            mark_failed(ep, err, &why);
    }
    int err = choose(c, msg, c->final_seen, false, -1);
    if (err != W3P_OK)
        return err;
    *out = &c->endpoints[c->current];
    return W3P_OK;
}

int w3p_crust_ask(struct w3p_crust *c, struct w3p_errmsg *msg, size_t i, json_t **result, const char *method,
                  json_t *params)
{
    struct w3p_crust_endpoint *ep = &c->endpoints[i];
    struct w3p_errmsg why = {{0}};
    int64_t now = w3p_clock_mono_ms();
    int err = W3P_OK;

    if (interrupted(c))
        err = w3p_fail(&why, W3P_E_CLOSED, "interrupted");
    else if (now < ep->retry_at_ms + (ep->failures > 0 ? W3P_CRUST_SECOND_MS : 0))
        err = w3p_fail(&why, W3P_E_BUSY, "%s: %.200s", w3p_rpc_host(ep->rpc), ep->why.text);
    else if (ep->checked_at_ms == 0 || now - ep->checked_at_ms >= W3P_CRUST_REFRESH_MS)
        err = check_genesis(c, &why, ep);
    if (err == W3P_OK)
        err = w3p_rpc_call(ep->rpc, &why, result, NULL, method, json_incref(params));
    json_decref(params);
    if (err == W3P_OK) {
        ep->failures = 0;
        return W3P_OK;
    }
    if (err != W3P_E_REMOTE && err != W3P_E_STATE && err != W3P_E_BUSY && !interrupted(c))
        mark_failed(ep, err, &why);
    return w3p_fail(msg, err, "%s", why.text);
}

// What was asked is about one block: a node that keeps more states may answer, and the one in use stays in use.
static bool ask_any_other(struct w3p_crust *c, json_t **result, const char *method, json_t *params)
{
    int current = c->current;
    for (size_t i = 0; i < c->endpoint_count; i++)
        if ((int)i != current && w3p_crust_ask(c, NULL, i, result, method, json_incref(params)) == W3P_OK)
            return true;
    return false;
}

// A node that just about answers holds up everything. Another one takes over, if there is one that does better.
static void leave_slow(struct w3p_crust *c, struct w3p_crust_endpoint *ep, int64_t began_ms)
{
    int64_t now = w3p_clock_mono_ms();
    ep->slow = now - began_ms > W3P_CRUST_SLOW_MS ? ep->slow + 1 : 0;
    if (ep->slow < W3P_CRUST_SLOW_MAX || c->endpoint_count < 2 || now < c->rotate_at_ms)
        return;
    ep->slow = 0;
    c->rotate_at_ms = now + ROTATE_MS;
    w3p_logf(W3P_LOG_WARN, "chain.endpoint_slow", "%s takes more than %d s for an answer", w3p_rpc_host(ep->rpc),
             W3P_CRUST_SLOW_MS / 1000);
    (void)choose(c, NULL, ep->final_seen, true, c->current); // none is better: stay
}

int w3p_crust_rpc(struct w3p_crust *c, struct w3p_errmsg *msg, json_t **result, struct w3p_rpc_error *error,
                  const char *method, json_t *params, bool keep_errors)
{
    struct w3p_rpc_error unused;
    struct w3p_errmsg why = {{0}};
    int err = W3P_E_UNREACHABLE;

    error = error != NULL ? error : &unused;
    for (size_t tries = 0; tries <= c->endpoint_count; tries++) {
        struct w3p_crust_endpoint *ep = NULL;
        err = endpoint(c, tries == 0 ? &why : NULL, &ep);
        if (err != W3P_OK)
            break;
        int64_t began_ms = w3p_clock_mono_ms();
        err = w3p_rpc_call(ep->rpc, &why, result, error, method, json_incref(params));
        if (err == W3P_OK) {
            ep->failures = 0;
            leave_slow(c, ep, began_ms);
            break;
        }
        if (err == W3P_E_REMOTE && (keep_errors || w3p_rpc_no_method(error)))
            break;
        if (err == W3P_E_REMOTE && w3p_rpc_no_state(error)) {
            ep->checked_at_ms = 0; // may be a node that began again with another chain
            err = ask_any_other(c, result, method, params) ? W3P_OK : err;
            break;
        }
        if (interrupted(c)) {
            err = w3p_fail(&why, W3P_E_CLOSED, "interrupted");
            break;
        }
        mark_failed(ep, err, &why);
    }
    json_decref(params);
    return err == W3P_OK ? W3P_OK : w3p_fail(msg, err, "%s", why.text);
}

void w3p_crust_doubt(struct w3p_crust *c)
{
    c->runtime_checked_at_ms = 0;
    c->seen_at_ms = 0;
    if (c->current >= 0)
        c->endpoints[c->current].checked_at_ms = 0;
}

int w3p_crust_end(struct w3p_crust *c, const struct w3p_errmsg *msg, int err)
{
    static const struct w3p_errmsg senseless = {"its answer makes no sense"};
    struct w3p_crust_endpoint *ep = c->current >= 0 ? &c->endpoints[c->current] : NULL;
    bool blamed = ep == NULL || w3p_clock_mono_ms() < ep->retry_at_ms;
    // a method or a state that it lacks, and a runtime that is not known here, another one may have
    bool unfit = err == W3P_E_PROTOCOL || err == W3P_E_LIMIT || err == W3P_E_REMOTE || err == W3P_E_UNSUPPORTED;
    if (unfit && !blamed && c->endpoint_count > 1 && !interrupted(c))
        mark_failed(ep, err, msg != NULL ? msg : &senseless);
    return err;
}

bool w3p_crust_other_endpoint(struct w3p_crust *c)
{
    return c->endpoint_count > 1 && choose(c, NULL, 0, true, c->current) == W3P_OK;
}

void w3p_crust_back_to(struct w3p_crust *c, int endpoint)
{
    if (endpoint >= 0 && endpoint != c->current)
        use_endpoint(c, (size_t)endpoint);
}

void w3p_crust_outvote(struct w3p_crust *c, const struct w3p_errmsg *why)
{
    if (c->current < 0)
        return;
    struct w3p_crust_endpoint *ep = &c->endpoints[c->current];
    mark_failed(ep, W3P_E_PROTOCOL, why);
    ep->retry_at_ms = w3p_clock_mono_ms() + W3P_CRUST_DISTRUST_MS;
}

void w3p_crust_distrust(struct w3p_chain *chain, const struct w3p_errmsg *why)
{
    struct w3p_crust *c = w3p_crust_of(chain);
    if (c->current < 0)
        return;
    c->final_seen = c->endpoints[c->current].final_seen = 0;
    w3p_crust_watch_distrust(c, (size_t)c->current, why->text);
    if (c->endpoint_count > 1)
        w3p_crust_outvote(c, why);
}

void w3p_crust_tell_others(struct w3p_crust *c, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < c->endpoint_count && !interrupted(c); i++) {
        struct w3p_crust_endpoint *ep = &c->endpoints[i];
        struct w3p_errmsg why = {{0}};
        json_t *result = NULL;
        int64_t wait_ms = ep->failures > 0 ? TELL_AGAIN_MS : 0;
        if ((int)i == c->current || w3p_clock_mono_ms() < ep->retry_at_ms + wait_ms)
            continue;
        int err = check_genesis(c, &why, ep);
        if (err == W3P_OK)
            err = w3p_rpc_call(ep->rpc, &why, &result, NULL, "author_submitExtrinsic",
                               json_pack("[o]", w3p_rpc_hex(bytes, len)));
        json_decref(result);
        if (err == W3P_OK)
            ep->failures = 0;
        else if (err != W3P_E_REMOTE && err != W3P_E_STATE && !interrupted(c))
            mark_failed(ep, err, &why);
    }
}

// When another endpoint is worth a look again: as soon as one that is left alone after a failure may be asked.
static int64_t next_rotation(const struct w3p_crust *c)
{
    int64_t now = w3p_clock_mono_ms(), at = now + ROTATE_MS;
    for (size_t i = 0; i < c->endpoint_count; i++) {
        const struct w3p_crust_endpoint *ep = &c->endpoints[i];
        if ((int)i != c->current && ep->failures > 0 && ep->retry_at_ms > now && ep->retry_at_ms < at)
            at = ep->retry_at_ms;
    }
    return at;
}

// Another endpoint that is really ahead of the one in use takes over.
static void rotate(struct w3p_crust *c)
{
    if (c->endpoint_count < 2 || w3p_clock_mono_ms() < c->rotate_at_ms)
        return;
    uint64_t floor = c->endpoints[c->current].final_seen + W3P_CRUST_LAG_MAX + 1;
    if (floor < c->final_seen)
        floor = c->final_seen;
    (void)choose(c, NULL, floor, true, c->current); // none is better: stay
    c->rotate_at_ms = next_rotation(c);
}

void w3p_crust_note_head(struct w3p_crust *c, const struct w3p_chain_head *head)
{
    uint64_t furthest = atomic_load(&c->watch_final);
    if (c->current < 0)
        return;
    if (furthest > c->final_seen)
        c->final_seen = furthest;
    struct w3p_crust_endpoint *ep = &c->endpoints[c->current];
    bool lags = head->final_number + W3P_CRUST_LAG_MAX < c->final_seen;
    int64_t newest_stale_ms = w3p_clock_wall_ms() - STALE_MS;
    bool stale = head->final_time_ms != 0 && newest_stale_ms > 0 && head->final_time_ms < (uint64_t)newest_stale_ms;
    ep->final_seen = head->final_number;
    if (head->final_number > c->final_seen)
        c->final_seen = head->final_number;
    if (lags)
        ep->checked_at_ms = 0; // may have begun again with another chain
    if (lags || stale || head->syncing)
        rotate(c);
}
