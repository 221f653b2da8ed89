// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a thread that looks at every endpoint now and then, and listens for finalized heads at the one in use, on
// connections of its own. What it sees is for the operator and for waking the engine: no order depends on it.
// Threads: its own; status from any.  Must not: choose endpoints, hold up the engine.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "crust/crust_internal.h"

#define LOOK_MS 30000
#define LOOK_TIMEOUT_MS 3000     // of one request: the other endpoints and the heads wait for it
#define SILENT_MS 30000          // no head for so long: subscribe again
#define AGAIN_MIN_MS 1000        // after a subscription that ended; doubles …
#define AGAIN_MAX_MS 60000       // … up to this, which also follows a refusal or a flood
#define TURN_MS 500              // how soon another endpoint in use is noticed
#define FLOOD 32                 // messages …
#define FLOOD_MS 1000            // … in so short a time
#define AGAINST_SHOWN_MS 3600000 // how long a contradiction is shown
#define NOTICE_MAX (64u << 10)   // bytes of a head

struct watched {
    struct w3p_rpc *rpc;  // for looks
    struct w3p_rpc *head; // for heads; NULL: no WebSocket
    int64_t against_ms;   // wall clock of its last contradiction
    int64_t distrust_ms;  // monotonic; until then its finalized block does not count
    struct w3p_crust_peer peer;
    bool peer_said; // that it counts for nothing, in the log
    struct w3p_crust_endpoint_status status;
};

struct w3p_crust_watch {
    struct w3p_crust *c;
    void (*told)(void *arg);
    void *arg;
    size_t count;
    struct watched endpoints[W3P_CRUST_ENDPOINTS_MAX];
    pthread_t thread;
    pthread_mutex_t lock; // of every status, stopping, genesis
    pthread_cond_t cond;
    bool stopping;
    int64_t look_at_ms, subscribe_at_ms, again_ms; // the thread's own
    int64_t flood_since_ms;
    unsigned flood;
};

static bool is_stopping(struct w3p_crust_watch *w)
{
    pthread_mutex_lock(&w->lock);
    bool stopping = w->stopping;
    pthread_mutex_unlock(&w->lock);
    return stopping;
}

static int ask(struct w3p_rpc *rpc, struct w3p_errmsg *why, json_t **result, const char *method, json_t *params)
{
    *result = NULL;
    return w3p_rpc_call(rpc, why, result, NULL, method, params);
}

static int look_genesis(struct w3p_crust_watch *w, struct w3p_errmsg *why, struct w3p_rpc *rpc, bool *wrong)
{
    json_t *result = NULL;
    uint8_t genesis32[32];
    int err = ask(rpc, why, &result, "chain_getBlockHash", json_pack("[i]", 0));
    if (err == W3P_OK && w3p_rpc_hash(genesis32, result) != W3P_OK)
        err = w3p_fail(why, W3P_E_PROTOCOL, "no genesis hash");
    json_decref(result);
    // written once before, or by the endpoint that came into use
    *wrong = err == W3P_OK && atomic_load(&w->c->in_use) >= 0 && memcmp(genesis32, w->c->genesis32, 32) != 0;
    return err;
}

static int look_head(struct w3p_errmsg *why, struct w3p_rpc *rpc, struct w3p_crust_endpoint_status *s)
{
    json_t *hash = NULL, *header = NULL, *health = NULL;
    uint8_t hash32[32];
    int err = ask(rpc, why, &health, "system_health", NULL);
    s->syncing = err == W3P_OK && json_is_true(json_object_get(health, "isSyncing"));
    if (err == W3P_OK || err == W3P_E_REMOTE)
        err = ask(rpc, why, &hash, "chain_getFinalizedHead", NULL);
    if (err == W3P_OK && w3p_rpc_hash(hash32, hash) != W3P_OK)
        err = w3p_fail(why, W3P_E_PROTOCOL, "finalized head is no hash");
    if (err == W3P_OK)
        err = ask(rpc, why, &header, "chain_getHeader", json_pack("[O]", hash));
    uint64_t number = 0;
    if (err == W3P_OK && (w3p_rpc_hex_number(&number, json_object_get(header, "number")) != W3P_OK ||
                          number > UINT32_MAX)) // block numbers are u32
        err = w3p_fail(why, W3P_E_PROTOCOL, "header has no number");
    s->final_number = err == W3P_OK ? number : 0;
    json_decref(health);
    json_decref(hash);
    json_decref(header);
    return err;
}

static bool is_distrusted(const struct watched *at)
{
    return w3p_clock_mono_ms() < at->distrust_ms;
}

static void look_at(struct w3p_crust_watch *w, struct watched *at)
{
    struct w3p_crust_endpoint_status s = {0};
    struct w3p_crust_peer peer = at->peer;
    struct w3p_errmsg why = {{0}};
    int err = look_genesis(w, &why, at->rpc, &s.wrong_chain);
    if (err == W3P_OK && s.wrong_chain)
        snprintf(s.error, sizeof(s.error), "it is on another chain");
    else if (err == W3P_OK)
        err = look_head(&why, at->rpc, &s);
    if (err == W3P_OK && w->count > 1 && !s.wrong_chain)
        err = w3p_crust_peer_ask(at->rpc, &why, &peer);
    if (err != W3P_OK)
        snprintf(s.error, sizeof(s.error), "%.190s", why.text);
    else if (s.syncing)
        snprintf(s.error, sizeof(s.error), "it is syncing");
    s.checked_ms = w3p_clock_wall_ms();
    pthread_mutex_lock(&w->lock);
    if (is_distrusted(at)) {
        snprintf(s.error, sizeof(s.error), "%s", at->status.error);
        s.final_number = at->status.final_number = 0;
    }
    s.healthy = s.error[0] == '\0';
    snprintf(s.host, sizeof(s.host), "%s", at->status.host);
    s.subscribed = at->status.subscribed;
    s.final_number = s.final_number > 0 ? s.final_number : at->status.final_number;
    at->status = s;
    at->peer = peer;
    pthread_mutex_unlock(&w->lock);
}

// Several endpoints of one node are one voice: the first of them is it. One line for each of the others.
static void find_voices(struct w3p_crust_watch *w)
{
    struct w3p_crust_voices before = {.count = 0};
    for (size_t pass = 0; pass < 2; pass++) { // one without a name counts only where none has one
        for (size_t i = 0; i < w->count; i++) {
            struct watched *at = &w->endpoints[i];
            size_t heard = w3p_crust_voices_least(&before);
            if (at->peer.kind == W3P_CRUST_UNASKED || (at->peer.kind == W3P_CRUST_NAMED) != (pass == 0))
                continue;
            w3p_crust_voices_add(&before, &at->peer);
            bool own = w3p_crust_voices_least(&before) > heard;
            pthread_mutex_lock(&w->lock);
            at->status.own_voice = own;
            pthread_mutex_unlock(&w->lock);
            if (!own && !at->peer_said)
                w3p_logf(W3P_LOG_WARN, "chain.endpoint_twin", "%s: %s, so what it says confirms nothing",
                         at->status.host,
                         pass == 0 ? "it is a node that another endpoint is, too" : "it does not say which node it is");
            at->peer_said = at->peer_said || !own;
        }
    }
}

// For the choice of an endpoint: one in use that lags is noticed.
static void tell_furthest(struct w3p_crust_watch *w)
{
    uint64_t furthest = 0;
    pthread_mutex_lock(&w->lock);
    for (size_t i = 0; i < w->count; i++) {
        const struct w3p_crust_endpoint_status *s = &w->endpoints[i].status;
        if (s->healthy && s->final_number > furthest)
            furthest = s->final_number;
    }
    atomic_store(&w->c->watch_final, furthest);
    pthread_mutex_unlock(&w->lock);
}

static void set_subscribed(struct w3p_crust_watch *w, size_t i, bool subscribed)
{
    pthread_mutex_lock(&w->lock);
    w->endpoints[i].status.subscribed = subscribed;
    pthread_mutex_unlock(&w->lock);
}

static void back_off(struct w3p_crust_watch *w, int64_t wait_ms)
{
    w->subscribe_at_ms = w3p_clock_mono_ms() + wait_ms;
    w->again_ms = w->again_ms * 2 > AGAIN_MAX_MS ? AGAIN_MAX_MS : w->again_ms * 2;
}

static bool subscribe(struct w3p_crust_watch *w, size_t i)
{
    struct w3p_rpc_error error = {0};
    struct w3p_errmsg why = {{0}};
    json_t *result = NULL;
    int err = w3p_rpc_call(w->endpoints[i].head, &why, &result, &error, "chain_subscribeFinalizedHeads", NULL);
    json_decref(result);
    if (err == W3P_OK) {
        set_subscribed(w, i, true);
        w->flood = 0;
        return true;
    }
    w3p_rpc_reset(w->endpoints[i].head);
    back_off(w, err == W3P_E_REMOTE ? AGAIN_MAX_MS : w->again_ms); // refused: heads are polled there
    return false;
}

static bool is_flood(struct w3p_crust_watch *w)
{
    int64_t now = w3p_clock_mono_ms();
    if (w->flood == 0 || now - w->flood_since_ms >= FLOOD_MS) {
        w->flood = 0;
        w->flood_since_ms = now;
    }
    return ++w->flood > FLOOD;
}

// Heads of endpoint i until it fails, floods, or a look is due. False when the subscription is over.
static bool listen_once(struct w3p_crust_watch *w, size_t i)
{
    struct w3p_errmsg why = {{0}};
    json_t *params = NULL;
    int err = w3p_rpc_notice(w->endpoints[i].head, &why, &params, "chain_finalizedHead", SILENT_MS);
    bool flood = (err == W3P_OK || err == W3P_E_NOTFOUND) && is_flood(w);
    json_decref(params);
    if (err == W3P_OK && !flood) {
        w->again_ms = AGAIN_MIN_MS;
        w->told(w->arg);
    }
    if ((err == W3P_OK || err == W3P_E_NOTFOUND) && !flood)
        return true;
    w3p_rpc_reset(w->endpoints[i].head);
    set_subscribed(w, i, false);
    if (!is_stopping(w))
        w3p_logf(W3P_LOG_INFO, "chain.unsubscribed", "%s: %s", w->endpoints[i].status.host,
                 flood ? "too many messages" : why.text);
    back_off(w, flood ? AGAIN_MAX_MS : w->again_ms);
    return false;
}

static void wait_turn(struct w3p_crust_watch *w)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_nsec += TURN_MS * 1000000L;
    at.tv_sec += at.tv_nsec / 1000000000L;
    at.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&w->lock);
    if (!w->stopping)
        pthread_cond_timedwait(&w->cond, &w->lock, &at);
    pthread_mutex_unlock(&w->lock);
}

static void *watch_main(void *arg)
{
    struct w3p_crust_watch *w = arg;
    int listening = -1;
    while (!is_stopping(w)) {
        int in_use = atomic_load(&w->c->in_use);
        if (listening >= 0 && listening != in_use) {
            w3p_rpc_reset(w->endpoints[listening].head);
            set_subscribed(w, (size_t)listening, false);
            listening = -1;
            w->subscribe_at_ms = 0;
        }
        if (w3p_clock_mono_ms() >= w->look_at_ms) {
            for (size_t i = 0; i < w->count && !is_stopping(w); i++)
                look_at(w, &w->endpoints[i]);
            tell_furthest(w);
            find_voices(w);
            w->look_at_ms = w3p_clock_mono_ms() + LOOK_MS;
        }
        if (listening < 0 && in_use >= 0 && w->endpoints[in_use].head != NULL &&
            w3p_clock_mono_ms() >= w->subscribe_at_ms && subscribe(w, (size_t)in_use))
            listening = in_use;
        if (listening < 0)
            wait_turn(w);
        else if (!listen_once(w, (size_t)listening))
            listening = -1;
    }
    return NULL;
}

static int open_rpc(struct w3p_crust_watch *w, struct w3p_errmsg *msg, struct watched *at, const char *url)
{
    const struct w3p_crust_settings *s = w->c->settings;
    struct w3p_net_conf conf = {
        .url = url,
        .reply_max_bytes = NOTICE_MAX,
        .connect_timeout_ms =
            s->connect_timeout_ms < LOOK_TIMEOUT_MS ? (unsigned)s->connect_timeout_ms : LOOK_TIMEOUT_MS,
        .reply_timeout_ms = s->reply_timeout_ms < LOOK_TIMEOUT_MS ? (unsigned)s->reply_timeout_ms : LOOK_TIMEOUT_MS};
    int err = w3p_rpc_create(&at->rpc, msg, &conf);
    if (err == W3P_OK && strncmp(url, "ws", 2) == 0)
        err = w3p_rpc_create(&at->head, msg, &conf);
    if (err == W3P_OK)
        snprintf(at->status.host, sizeof(at->status.host), "%s", w3p_rpc_host(at->rpc));
    return err;
}

static void free_watch(struct w3p_crust_watch *w)
{
    for (size_t i = 0; i < W3P_CRUST_ENDPOINTS_MAX; i++) {
        w3p_rpc_destroy(w->endpoints[i].rpc);
        w3p_rpc_destroy(w->endpoints[i].head);
    }
    pthread_cond_destroy(&w->cond);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

int w3p_crust_watch_start(struct w3p_chain *chain, struct w3p_errmsg *msg, void (*told)(void *arg), void *arg)
{
    struct w3p_crust *c = w3p_crust_of(chain);
    pthread_condattr_t attr;
    int err = W3P_OK;

    if (c->watch != NULL)
        return w3p_fail(msg, W3P_E_STATE, "the endpoints are watched already");
    struct w3p_crust_watch *w = w3p_calloc(1, sizeof(*w));
    w->c = c;
    w->told = told;
    w->arg = arg;
    w->again_ms = AGAIN_MIN_MS;
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->cond, &attr);
    pthread_condattr_destroy(&attr);
    for (size_t i = 0; i < c->endpoint_count && err == W3P_OK; i++, w->count++)
        err = open_rpc(w, msg, &w->endpoints[i], c->endpoints[i].url);
    if (err == W3P_OK && pthread_create(&w->thread, NULL, watch_main, w) != 0)
        err = w3p_fail(msg, W3P_E_INTERNAL, "cannot start the thread that watches the endpoints");
    if (err != W3P_OK) {
        free_watch(w);
        return err;
    }
    c->watch = w;
    return W3P_OK;
}

void w3p_crust_watch_interrupt(struct w3p_crust *c)
{
    struct w3p_crust_watch *w = c->watch;
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->cond);
    pthread_mutex_unlock(&w->lock);
    for (size_t i = 0; i < w->count; i++) {
        w3p_rpc_interrupt(w->endpoints[i].rpc);
        if (w->endpoints[i].head != NULL)
            w3p_rpc_interrupt(w->endpoints[i].head);
    }
}

void w3p_crust_watch_stop(struct w3p_chain *chain)
{
    struct w3p_crust *c = w3p_crust_of(chain);
    if (c->watch == NULL)
        return;
    w3p_crust_watch_interrupt(c);
    pthread_join(c->watch->thread, NULL);
    free_watch(c->watch);
    c->watch = NULL;
}

void w3p_crust_watch_contradicted(struct w3p_crust *c, size_t i, const char *text)
{
    struct w3p_crust_watch *w = c->watch;
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    w->endpoints[i].against_ms = w3p_clock_wall_ms();
    if (w->endpoints[i].status.error[0] == '\0')
        snprintf(w->endpoints[i].status.error, sizeof(w->endpoints[i].status.error), "%.190s", text);
    pthread_mutex_unlock(&w->lock);
}

void w3p_crust_watch_distrust(struct w3p_crust *c, size_t i, const char *text)
{
    struct w3p_crust_watch *w = c->watch;
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    struct watched *at = &w->endpoints[i];
    at->distrust_ms = w3p_clock_mono_ms() + W3P_CRUST_DISTRUST_MS;
    at->status.healthy = false;
    at->status.final_number = 0;
    snprintf(at->status.error, sizeof(at->status.error), "%.190s", text);
    atomic_store(&c->watch_final, 0); // until the next look
    pthread_mutex_unlock(&w->lock);
}

size_t w3p_crust_status(struct w3p_chain *chain, struct w3p_crust_endpoint_status *out, size_t max)
{
    struct w3p_crust *c = w3p_crust_of(chain);
    struct w3p_crust_watch *w = c->watch;
    uint64_t furthest = 0;
    if (w == NULL)
        return 0;
    int64_t now = w3p_clock_wall_ms();
    int in_use = atomic_load(&c->in_use);
    pthread_mutex_lock(&w->lock);
    for (size_t i = 0; i < w->count; i++)
        if (!w->endpoints[i].status.wrong_chain && w->endpoints[i].status.final_number > furthest)
            furthest = w->endpoints[i].status.final_number;
    for (size_t i = 0; i < w->count && i < max; i++) {
        const struct watched *at = &w->endpoints[i];
        out[i] = at->status;
        out[i].in_use = (int)i == in_use;
        out[i].contradicts = at->against_ms > 0 && now - at->against_ms < AGAINST_SHOWN_MS;
        out[i].lag = at->status.wrong_chain ? 0 : furthest - at->status.final_number;
        if (out[i].lag > W3P_CRUST_LAG_MAX && out[i].healthy) {
            out[i].healthy = false;
            snprintf(out[i].error, sizeof(out[i].error), "its finalized block is %llu behind",
                     (unsigned long long)out[i].lag);
        }
    }
    pthread_mutex_unlock(&w->lock);
    return w->count;
}
