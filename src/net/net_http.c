// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: one message by HTTP POST. The body of the answer is collected up to its limit; redirects and pages that
// are no JSON are refused. The connection is kept for the next message.
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

int w3p_net_http_send(struct w3p_net *net, struct w3p_errmsg *msg, const char *text, size_t len)
{
    int err = net->easy == NULL ? http_open(net, msg) : W3P_OK;
    if (err != W3P_OK)
        goto out;
    w3p_buf_reset(&net->reply);
    net->have_reply = false;
    net->too_long = false;
    net->head_bytes = 0;
    if (curl_easy_setopt(net->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len) != CURLE_OK ||
        curl_easy_setopt(net->easy, CURLOPT_POSTFIELDS, text) != CURLE_OK) {
        err = w3p_fail(msg, W3P_E_INTERNAL, "libcurl refuses an option");
        goto out;
    }
    CURLcode code = CURLE_OK;
    err = w3p_net_run(net, msg, &code);
    if (err != W3P_OK)
        goto out;
    if (net->too_long)
        err = w3p_fail(msg, W3P_E_LIMIT, "%s: answer is longer than %zu bytes", net->host, net->conf.reply_max_bytes);
    else if (code != CURLE_OK)
        err = w3p_net_curl_fail(net, msg, code);
    else
        err = check_status(net, msg);
    net->have_reply = err == W3P_OK;
out:
    if (err != W3P_OK)
        w3p_net_reset(net);
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
