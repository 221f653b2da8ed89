// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: one message by HTTP POST, and single requests of other kinds. The body of the answer is collected up to its
// limit; redirects are not followed. For messages pages that are no JSON are refused, and the connection is kept for
// the next one.
#include <string.h>
#include <strings.h>

#include "net/net_internal.h"

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
    struct w3p_net *net = user;
    w3p_buf_put(&net->reply, data, size * count);
    if (w3p_buf_status(&net->reply) == W3P_OK)
        return size * count;
    net->too_long = true;
    return 0;
}

// libcurl bounds one header line, not their number.
static size_t on_header(char *data, size_t size, size_t count, void *user)
{
    struct w3p_net *net = user;
    (void)data;
    net->head_bytes += size * count;
    if (net->head_bytes <= W3P_NET_HEAD_MAX)
        return size * count;
    net->too_long = true;
    return 0;
}

static int http_open(struct w3p_net *net, struct w3p_errmsg *msg)
{
    int err = w3p_net_easy_setup(net, msg);
    if (err != W3P_OK)
        return err;
    static const char *const lines[] = {"Content-Type: application/json", "Accept: application/json", "Expect:"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        net->headers = curl_slist_append(net->headers, lines[i]);
    CURL *e = net->easy;
    bool ok = curl_easy_setopt(e, CURLOPT_POST, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_HTTPHEADER, net->headers) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_WRITEDATA, net) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_HEADERDATA, net) == CURLE_OK;
    return ok ? W3P_OK : w3p_fail(msg, W3P_E_INTERNAL, "libcurl refuses an option");
}

// A JSON-RPC server may put an error object behind any status; everything else must be 200.
static int check_status(struct w3p_net *net, struct w3p_errmsg *msg)
{
    long status = 0;
    char *type = NULL;
    curl_easy_getinfo(net->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(net->easy, CURLINFO_CONTENT_TYPE, &type);
    bool json = type != NULL && strncasecmp(type, "application/json", 16) == 0;
    if (status >= 300 && status < 400)
        return w3p_fail(msg, W3P_E_PROTOCOL, "%s: answers with a redirect (HTTP %ld), which is not followed", net->host,
                        status);
    if (status != 200 && (!json || status == 429 || net->reply.len == 0))
        return w3p_fail(msg, W3P_E_PROTOCOL, "%s: HTTP status %ld", net->host, status);
    return W3P_OK;
}

// Runs the request that is set up; its answer is in net->reply.
static int transfer(struct w3p_net *net, struct w3p_errmsg *msg)
{
    CURLcode code = CURLE_OK;
    w3p_buf_reset(&net->reply);
    net->have_reply = false;
    net->too_long = false;
    net->head_bytes = 0;
    int err = w3p_net_run(net, msg, &code);
    if (err != W3P_OK)
        return err;
    if (net->too_long)
        return w3p_fail(msg, W3P_E_LIMIT, "%s: answer is longer than %zu bytes", net->host, net->conf.reply_max_bytes);
    return code == CURLE_OK ? W3P_OK : w3p_net_curl_fail(net, msg, code);
}

int w3p_net_http_send(struct w3p_net *net, struct w3p_errmsg *msg, const char *text, size_t len)
{
    int err = net->easy == NULL ? http_open(net, msg) : W3P_OK;
    if (err != W3P_OK)
        goto out;
    if (curl_easy_setopt(net->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len) != CURLE_OK ||
        curl_easy_setopt(net->easy, CURLOPT_POSTFIELDS, text) != CURLE_OK) {
        err = w3p_fail(msg, W3P_E_INTERNAL, "libcurl refuses an option");
        goto out;
    }
    err = transfer(net, msg);
    if (err == W3P_OK)
        err = check_status(net, msg);
    net->have_reply = err == W3P_OK;
out:
    if (err != W3P_OK)
        w3p_net_reset(net);
    return err;
}

// ---- single requests ----

static int add_header(struct w3p_net *net, struct w3p_errmsg *msg, const char *name, const char *value)
{
    struct w3p_buf line;
    if (value == NULL)
        return W3P_OK;
    if (strpbrk(value, "\r\n") != NULL)
        return w3p_fail(msg, W3P_E_INVALID, "the %s header would hold a line end", name);
    w3p_buf_init(&line, W3P_NET_HEAD_MAX);
    w3p_buf_printf(&line, "%s: %s", name, value);
    int err = w3p_buf_status(&line);
    if (err == W3P_OK)
        net->headers = curl_slist_append(net->headers, w3p_buf_str(&line));
    w3p_buf_deinit(&line);
    return err == W3P_OK ? W3P_OK : w3p_fail(msg, err, "the %s header would be too long", name);
}

static int web_open(struct w3p_net *net, struct w3p_errmsg *msg, const struct w3p_net_web *ask)
{
    if (net->ws)
        return w3p_fail(msg, W3P_E_INVALID, "the URL must begin with http:// or https://");
    int err = http_open(net, msg);
    if (err == W3P_OK)
        err = add_header(net, msg, "Authorization", ask->authorization);
    if (err == W3P_OK)
        err = add_header(net, msg, "Origin", ask->origin);
    if (err != W3P_OK)
        return err;
    CURL *e = net->easy;
    bool ok = ask->body != NULL ? curl_easy_setopt(e, CURLOPT_POSTFIELDS, ask->body) == CURLE_OK
                                : curl_easy_setopt(e, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_HTTPHEADER, net->headers) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, ask->method) == CURLE_OK;
    return ok ? W3P_OK : w3p_fail(msg, W3P_E_INTERNAL, "libcurl refuses an option");
}

int w3p_net_web_call(struct w3p_errmsg *msg, int *status, struct w3p_buf *reply, const struct w3p_net_web *ask)
{
    struct w3p_net *net = NULL;
    long answered = 0;
    int err = w3p_net_create(&net, msg,
                             &(struct w3p_net_conf){.url = ask->url,
                                                    .reply_max_bytes = ask->reply_max_bytes,
                                                    .connect_timeout_ms = ask->connect_timeout_ms,
                                                    .reply_timeout_ms = ask->reply_timeout_ms});
    if (err != W3P_OK)
        return err;
    err = web_open(net, msg, ask);
    if (err == W3P_OK)
        err = transfer(net, msg);
    if (err == W3P_OK) {
        curl_easy_getinfo(net->easy, CURLINFO_RESPONSE_CODE, &answered);
        *status = (int)answered;
        w3p_buf_put(reply, net->reply.ptr, net->reply.len);
        err = w3p_buf_status(reply);
        if (err != W3P_OK)
            (void)w3p_fail(msg, err, "%s: answer is longer than %zu bytes", net->host, reply->max);
    }
    w3p_net_destroy(net);
    return err;
}

int w3p_net_http_recv(struct w3p_net *net, struct w3p_errmsg *msg, struct w3p_buf *out)
{
    if (!net->have_reply)
        return w3p_fail(msg, W3P_E_STATE, "%s: nothing was sent", net->host);
    net->have_reply = false;
    w3p_buf_put(out, net->reply.ptr, net->reply.len);
    w3p_buf_deinit(&net->reply); // long ones are rare: each endpoint would keep the room for one
    w3p_buf_init(&net->reply, net->conf.reply_max_bytes);
    if (w3p_buf_status(out) != W3P_OK)
        return w3p_fail(msg, W3P_E_LIMIT, "%s: answer is longer than %zu bytes", net->host, out->max);
    return W3P_OK;
}
