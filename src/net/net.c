// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: one outgoing connection: the check of its URL, the libcurl handle and its options, the interruptible
// transfer loop, and the choice between POST and WebSocket. Knows nothing of what is said over it.
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/net_internal.h"

void w3p_net_global_init(void)
{
    // NOSIGNAL keeps libcurl from touching handlers, so a write to a closed TLS connection must not kill us
    signal(SIGPIPE, SIG_IGN);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
}

static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 || strcmp(host, "[::1]") == 0;
}

static char *url_part(CURLU *u, CURLUPart part)
{
    char *text = NULL;
    return curl_url_get(u, part, &text, 0) == CURLUE_OK ? text : NULL;
}

static char *join(const char *a, const char *sep, const char *b)
{
    size_t la = strlen(a), ls = strlen(sep), lb = strlen(b);
    char *out = w3p_calloc(la + ls + lb + 1, 1);
    memcpy(out, a, la);
    memcpy(out + la, sep, ls);
    memcpy(out + la + ls, b, lb);
    return out;
}

// Fills scheme-dependent fields from a parsed URL whose scheme is one of the four.
static int take_url(struct w3p_net *net, struct w3p_errmsg *msg, CURLU *u)
{
    char *scheme = url_part(u, CURLUPART_SCHEME), *host = url_part(u, CURLUPART_HOST);
    char *port = url_part(u, CURLUPART_PORT), *path = url_part(u, CURLUPART_PATH);
    char *query = url_part(u, CURLUPART_QUERY), *user = url_part(u, CURLUPART_USER);
    char *password = url_part(u, CURLUPART_PASSWORD), *fragment = url_part(u, CURLUPART_FRAGMENT);
    int err = W3P_OK;

    if (scheme == NULL || host == NULL || host[0] == '\0' || path == NULL)
        err = w3p_fail(msg, W3P_E_INVALID, "endpoint URL has no host");
    else if (user != NULL || password != NULL)
        err = w3p_fail(msg, W3P_E_INVALID, "endpoint URL of %.100s must not hold a user name or password", host);
    else if (fragment != NULL)
        err = w3p_fail(msg, W3P_E_INVALID, "endpoint URL of %.100s must not hold a fragment", host);
    if (err != W3P_OK)
        goto out;

    bool tls = strcmp(scheme, "wss") == 0 || strcmp(scheme, "https") == 0;
    net->ws = scheme[0] == 'w';
    net->loopback = is_loopback(host);
    net->host = port != NULL ? join(host, ":", port) : w3p_strdup(host);
    net->path = query != NULL ? join(path, "?", query) : w3p_strdup(path);
    char *authority = join(tls ? "https" : "http", "://", net->host);
    net->url = join(authority, "", net->path);
    free(authority);
out:
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_free(path);
    curl_free(query);
    curl_free(user);
    curl_free(password);
    curl_free(fragment);
    return err;
}

static int parse_url(struct w3p_net *net, struct w3p_errmsg *msg, const char *text)
{
    static const char *const schemes[] = {"http://", "https://", "ws://", "wss://"};
    bool known = false;
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t len = strlen(schemes[i]);
        // libcurl would forgive a third slash
        known = known || (strncmp(text, schemes[i], len) == 0 && text[len] != '/');
    }
    if (!known)
        return w3p_fail(msg, W3P_E_INVALID, "endpoint URL must be http://, https://, ws:// or wss:// and a host");
    CURLU *u = curl_url();
    if (u == NULL)
        abort();
    int err;
    // libcurl is built without WebSocket here and would refuse ws as a scheme
    if (curl_url_set(u, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
        err = w3p_fail(msg, W3P_E_INVALID, "endpoint URL is malformed");
    else
        err = take_url(net, msg, u);
    curl_url_cleanup(u);
    return err;
}

int w3p_net_create(struct w3p_net **out, struct w3p_errmsg *msg, const struct w3p_net_conf *conf)
{
    if (conf->url == NULL || strlen(conf->url) > 2048)
        return w3p_fail(msg, W3P_E_INVALID, "endpoint URL is missing or too long");
    if (conf->reply_max_bytes == 0 || conf->connect_timeout_ms == 0 || conf->reply_timeout_ms == 0)
        return w3p_fail(msg, W3P_E_INVALID, "limits of an endpoint must not be zero");
    struct w3p_net *net = w3p_calloc(1, sizeof(*net));
    net->conf = *conf;
    net->conf.url = NULL;
    w3p_buf_init(&net->reply, conf->reply_max_bytes);
    int err = parse_url(net, msg, conf->url);
    if (err != W3P_OK) {
        w3p_net_destroy(net);
        return err;
    }
    net->multi = curl_multi_init();
    if (net->multi == NULL)
        abort();
    *out = net;
    return W3P_OK;
}

void w3p_net_reset(struct w3p_net *net)
{
    w3p_net_ws_drop(net);
    if (net->easy != NULL) {
        if (net->in_multi)
            curl_multi_remove_handle(net->multi, net->easy);
        curl_easy_cleanup(net->easy);
    }
    net->easy = NULL;
    net->in_multi = false;
    curl_slist_free_all(net->headers);
    net->headers = NULL;
    net->have_reply = false;
    w3p_buf_reset(&net->reply);
    if (net->multi != NULL && curl_multi_cleanup(net->multi) == CURLM_OK) {
        // kept connections live in the multi handle
        net->multi = curl_multi_init();
        if (net->multi == NULL)
            abort();
    }
}

void w3p_net_destroy(struct w3p_net *net)
{
    if (net == NULL)
        return;
    w3p_net_reset(net);
    if (net->multi != NULL)
        curl_multi_cleanup(net->multi);
    w3p_buf_deinit(&net->reply);
    free(net->url);
    free(net->host);
    free(net->path);
    free(net);
}

void w3p_net_interrupt(struct w3p_net *net)
{
    atomic_store(&net->interrupted, true);
}

const char *w3p_net_host(const struct w3p_net *net)
{
    return net->host;
}

void w3p_net_redact(const struct w3p_net *net, char *text)
{
    static const char separators[] = "/?&=";
    for (const char *part = net->path; *part != '\0';) {
        size_t len = strcspn(part, separators);
        char *at = len >= W3P_NET_KEY_MIN ? memmem(text, strlen(text), part, len) : NULL;
        for (; at != NULL; at = memmem(at + len, strlen(at + len), part, len)) // behind it: a key may be all stars
            memset(at, '*', len);
        part += len;
        part += strspn(part, separators);
    }
}

bool w3p_net_interrupted(const struct w3p_net *net)
{
    return atomic_load(&net->interrupted);
}

// From here on the peer may see the request, and the time for its answer runs.
static int on_request(void *user, char *ip, char *local_ip, int port, int local_port)
{
    struct w3p_net *net = user;
    (void)ip;
    (void)local_ip;
    (void)port;
    (void)local_port;
    net->request_at_ms = w3p_clock_mono_ms();
    return CURL_PREREQFUNC_OK;
}

int w3p_net_easy_setup(struct w3p_net *net, struct w3p_errmsg *msg)
{
    CURL *e = curl_easy_init();
    if (e == NULL)
        abort();
    bool ok = curl_easy_setopt(e, CURLOPT_URL, net->url) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_TCP_NODELAY, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L) == CURLE_OK;
    // a resolver that hangs must not hold up shutdown
    ok = ok && curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_request) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_PREREQDATA, net) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_ERRORBUFFER, net->curl_error) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)net->conf.connect_timeout_ms) == CURLE_OK;
    if (net->loopback)
        ok = ok && curl_easy_setopt(e, CURLOPT_PROXY, "") == CURLE_OK;
    if (!ok) {
        curl_easy_cleanup(e);
        return w3p_fail(msg, W3P_E_INTERNAL, "libcurl refuses an option");
    }
    net->easy = e;
    return W3P_OK;
}

int w3p_net_run(struct w3p_net *net, struct w3p_errmsg *msg, CURLcode *code)
{
    int64_t connect_deadline = w3p_clock_mono_ms() + net->conf.connect_timeout_ms;
    net->curl_error[0] = '\0';
    net->request_at_ms = 0;
    if (net->in_multi)
        curl_multi_remove_handle(net->multi, net->easy);
    net->in_multi = curl_multi_add_handle(net->multi, net->easy) == CURLM_OK;
    if (!net->in_multi)
        return w3p_fail(msg, W3P_E_INTERNAL, "libcurl refuses a transfer");
    for (;;) {
        int running = 0, left = 0;
        if (curl_multi_perform(net->multi, &running) != CURLM_OK)
            return w3p_fail(msg, W3P_E_INTERNAL, "libcurl fails");
        CURLMsg *m;
        while ((m = curl_multi_info_read(net->multi, &left)) != NULL) {
            if (m->msg == CURLMSG_DONE && m->easy_handle == net->easy) {
                *code = m->data.result;
                return W3P_OK;
            }
        }
        if (w3p_net_interrupted(net))
            return w3p_fail(msg, W3P_E_CLOSED, "interrupted");
        int64_t deadline = net->request_at_ms != 0 ? net->request_at_ms + net->conf.reply_timeout_ms : connect_deadline;
        int64_t rest = deadline - w3p_clock_mono_ms();
        if (rest <= 0) {
            *code = CURLE_OPERATION_TIMEDOUT;
            return W3P_OK;
        }
        if (curl_multi_poll(net->multi, NULL, 0, rest < W3P_NET_SLICE_MS ? (int)rest : W3P_NET_SLICE_MS, NULL) !=
            CURLM_OK)
            return w3p_fail(msg, W3P_E_INTERNAL, "libcurl fails");
    }
}

int w3p_net_curl_fail(struct w3p_net *net, struct w3p_errmsg *msg, CURLcode code)
{
    const char *why = net->curl_error[0] != '\0' ? net->curl_error : curl_easy_strerror(code);
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return w3p_fail(msg, W3P_E_UNREACHABLE, "%s: %s", net->host, why);
    case CURLE_OPERATION_TIMEDOUT:
        if (net->request_at_ms == 0)
            return w3p_fail(msg, W3P_E_UNREACHABLE, "%s: no connection within %u ms", net->host,
                            net->conf.connect_timeout_ms);
        return w3p_fail(msg, W3P_E_TIMEOUT, "%s: no whole answer within %u ms", net->host, net->conf.reply_timeout_ms);
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
        return w3p_fail(msg, W3P_E_CLOSED, "%s: connection closed: %s", net->host, why);
    default:
        return w3p_fail(msg, W3P_E_PROTOCOL, "%s: %s", net->host, why);
    }
}

int w3p_net_send(struct w3p_net *net, struct w3p_errmsg *msg, const char *text, size_t len)
{
    if (w3p_net_interrupted(net))
        return w3p_fail(msg, W3P_E_CLOSED, "interrupted");
    return net->ws ? w3p_net_ws_send(net, msg, text, len) : w3p_net_http_send(net, msg, text, len);
}

int w3p_net_recv(struct w3p_net *net, struct w3p_errmsg *msg, struct w3p_buf *out, unsigned timeout_ms)
{
    if (w3p_net_interrupted(net))
        return w3p_fail(msg, W3P_E_CLOSED, "interrupted");
    if (!net->ws)
        return w3p_net_http_recv(net, msg, out);
    return w3p_net_ws_recv(net, msg, out, timeout_ms != 0 ? timeout_ms : net->conf.reply_timeout_ms);
}
