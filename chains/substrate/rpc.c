// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the JSON-RPC client: ids, matching, error objects with and without a code, and hex values.
#include "substrate/rpc.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/encoding.h"

struct w3p_rpc {
    struct w3p_net *net;
    uint64_t next_id;
    size_t reply_max_bytes;
    unsigned reply_timeout_ms;
};

#define REQUEST_MAX (1u << 20)

int w3p_rpc_create(struct w3p_rpc **out, struct w3p_errmsg *msg, const struct w3p_net_conf *conf)
{
    struct w3p_net *net = NULL;
    int err = w3p_net_create(&net, msg, conf);
    if (err != W3P_OK)
        return err;
    struct w3p_rpc *rpc = w3p_calloc(1, sizeof(*rpc));
    rpc->net = net;
    rpc->next_id = 1;
    rpc->reply_max_bytes = conf->reply_max_bytes;
    rpc->reply_timeout_ms = conf->reply_timeout_ms;
    *out = rpc;
    return W3P_OK;
}

void w3p_rpc_destroy(struct w3p_rpc *rpc)
{
    if (rpc == NULL)
        return;
    w3p_net_destroy(rpc->net);
    free(rpc);
}

void w3p_rpc_reset(struct w3p_rpc *rpc)
{
    w3p_net_reset(rpc->net);
}

void w3p_rpc_interrupt(struct w3p_rpc *rpc)
{
    w3p_net_interrupt(rpc->net);
}

const char *w3p_rpc_host(const struct w3p_rpc *rpc)
{
    return w3p_net_host(rpc->net);
}

static void put_value(char *out, size_t room, const json_t *value)
{
    if (value == NULL || json_is_null(value))
        return;
    if (out[0] != '\0')
        w3p_text_add_plain(out, room, ": ");
    if (json_is_string(value)) {
        w3p_text_add_plain(out, room, json_string_value(value));
        return;
    }
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    if (text != NULL)
        w3p_text_add_plain(out, room, text);
    free(text);
}

static void take_error(struct w3p_rpc_error *out, const json_t *error)
{
    memset(out, 0, sizeof(*out));
    if (!json_is_object(error)) { // seen from proxies: the error is a bare string
        put_value(out->text, sizeof(out->text), error);
        return;
    }
    const json_t *code = json_object_get(error, "code");
    out->has_code = json_is_integer(code);
    out->code = out->has_code ? json_integer_value(code) : 0;
    put_value(out->text, sizeof(out->text), json_object_get(error, "message"));
    put_value(out->text, sizeof(out->text), json_object_get(error, "data"));
}

int w3p_rpc_parse(json_t **result, struct w3p_rpc_error *error, struct w3p_errmsg *msg, uint64_t id, const char *text,
                  size_t len)
{
    struct w3p_errmsg why = {{0}};
    json_t *reply = w3p_json_parse(&why, text, len);
    if (reply == NULL)
        return w3p_fail(msg, W3P_E_PROTOCOL, "answer is no JSON: %.200s", why.text);
    int err = W3P_E_NOTFOUND;
    if (!json_is_object(reply)) {
        err = w3p_fail(msg, W3P_E_PROTOCOL, "answer is no JSON-RPC object");
        goto out;
    }
    const json_t *reply_id = json_object_get(reply, "id"), *failure = json_object_get(reply, "error");
    json_t *value = json_object_get(reply, "result");
    bool ours = json_is_integer(reply_id) && (uint64_t)json_integer_value(reply_id) == id;
    // a node that could not read the request answers with the id null
    bool nobodys = json_is_null(reply_id) && failure != NULL && !json_is_null(failure);
    if (!ours && !nobodys)
        goto out;
    if (failure != NULL && !json_is_null(failure)) {
        take_error(error, failure);
        err = w3p_fail(msg, W3P_E_REMOTE, "node says: %s", error->text[0] != '\0' ? error->text : "error");
    } else if (value != NULL) {
        *result = json_incref(value);
        err = W3P_OK;
    } else {
        err = w3p_fail(msg, W3P_E_PROTOCOL, "answer has neither result nor error");
    }
out:
    json_decref(reply);
    return err;
}

static int put_request(struct w3p_buf *out, uint64_t id, const char *method, const json_t *params)
{
    char *text = params != NULL ? json_dumps(params, JSON_COMPACT) : NULL;
    w3p_buf_printf(out, "{\"jsonrpc\":\"2.0\",\"id\":%llu,\"method\":\"%s\",\"params\":%s}", (unsigned long long)id,
                   method, text != NULL ? text : "[]");
    free(text);
    return w3p_buf_status(out);
}

static int recv_answer(struct w3p_rpc *rpc, struct w3p_errmsg *msg, json_t **result, struct w3p_rpc_error *error,
                       uint64_t id)
{
    struct w3p_buf reply;
    int64_t deadline = w3p_clock_mono_ms() + rpc->reply_timeout_ms;
    int err = W3P_E_PROTOCOL;

    w3p_buf_init(&reply, rpc->reply_max_bytes);
    for (int skipped = 0; skipped <= W3P_RPC_SKIP_MAX; skipped++) {
        int64_t rest = deadline - w3p_clock_mono_ms();
        w3p_buf_reset(&reply);
        err = w3p_net_recv(rpc->net, msg, &reply, rest > 1 ? (unsigned)rest : 1);
        if (err == W3P_E_STATE) // HTTP has one answer, and that was not ours
            err = w3p_fail(msg, W3P_E_PROTOCOL, "answer has the id of another request");
        if (err != W3P_OK)
            break;
        err = w3p_rpc_parse(result, error, msg, id, w3p_buf_str(&reply), reply.len);
        if (err != W3P_E_NOTFOUND)
            break;
        err = w3p_fail(msg, W3P_E_PROTOCOL, "too many messages that nobody asked for");
    }
    w3p_buf_deinit(&reply);
    return err;
}

int w3p_rpc_call(struct w3p_rpc *rpc, struct w3p_errmsg *msg, json_t **result, struct w3p_rpc_error *error,
                 const char *method, json_t *params)
{
    struct w3p_rpc_error unused;
    struct w3p_errmsg why = {{0}};
    struct w3p_buf request;
    uint64_t id = rpc->next_id++;
    json_t *value = NULL;

    error = error != NULL ? error : &unused;
    memset(error, 0, sizeof(*error));
    w3p_buf_init(&request, REQUEST_MAX);
    int err = put_request(&request, id, method, params);
    json_decref(params);
    if (err == W3P_OK)
        err = w3p_net_send(rpc->net, &why, w3p_buf_str(&request), request.len);
    if (err == W3P_OK)
        err = recv_answer(rpc, &why, &value, error, id);
    w3p_buf_deinit(&request);
    if (err == W3P_OK) {
        *result = value;
        return W3P_OK;
    }
    if (err != W3P_E_REMOTE)
        w3p_net_reset(rpc->net);
    w3p_net_redact(rpc->net, why.text); // a provider may quote the key that it does not like
    w3p_net_redact(rpc->net, error->text);
    return w3p_fail(msg, err, "%s: %.260s", method, why.text[0] != '\0' ? why.text : w3p_strerror(err));
}

int w3p_rpc_notice_parse(json_t **params, struct w3p_errmsg *msg, const char *method, const char *text, size_t len)
{
    struct w3p_errmsg why = {{0}};
    json_t *message = w3p_json_parse(&why, text, len);
    const char *name = json_string_value(json_object_get(message, "method"));
    json_t *value = json_object_get(message, "params");
    int err = W3P_OK;

    if (message == NULL)
        err = w3p_fail(msg, W3P_E_PROTOCOL, "message is no JSON: %.200s", why.text);
    else if (name == NULL || strcmp(name, method) != 0 || value == NULL)
        err = W3P_E_NOTFOUND;
    else
        *params = json_incref(value);
    json_decref(message);
    return err;
}

int w3p_rpc_notice(struct w3p_rpc *rpc, struct w3p_errmsg *msg, json_t **params, const char *method,
                   unsigned timeout_ms)
{
    struct w3p_buf text;

    w3p_buf_init(&text, rpc->reply_max_bytes);
    int err = w3p_net_recv(rpc->net, msg, &text, timeout_ms);
    if (err == W3P_OK)
        err = w3p_rpc_notice_parse(params, msg, method, w3p_buf_str(&text), text.len);
    w3p_buf_deinit(&text);
    if (err != W3P_OK && err != W3P_E_NOTFOUND)
        w3p_net_reset(rpc->net);
    return err;
}

bool w3p_rpc_no_method(const struct w3p_rpc_error *error)
{
    return (error->has_code && error->code == -32601) || strcasestr(error->text, "method not found") != NULL ||
           strcasestr(error->text, "unsafe to be called") != NULL || strcasestr(error->text, "call is unsafe") != NULL;
}

bool w3p_rpc_no_state(const struct w3p_rpc_error *error)
{
    static const char *const texts[] = {"discarded", "unknownblock", "unknown block", "not found", "cannot find"};
    if (w3p_rpc_no_method(error))
        return false;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (strcasestr(error->text, texts[i]) != NULL)
            return true;
    return false;
}

int w3p_rpc_bytes(struct w3p_buf *out, const json_t *value)
{
    size_t digits = json_string_length(value);
    const char *text = json_string_value(value);
    if (text == NULL || digits < 2 || text[0] != '0' || text[1] != 'x' || digits % 2 != 0)
        return W3P_E_PROTOCOL;
    size_t len = digits / 2 - 1;
    if (len > out->max || out->len > out->max - len)
        return W3P_E_LIMIT;
    uint8_t *bytes = w3p_calloc(len + 1, 1);
    int err = w3p_hex_decode(bytes, &len, text + 2, digits - 2) == W3P_OK ? W3P_OK : W3P_E_PROTOCOL;
    if (err == W3P_OK) {
        w3p_buf_put(out, bytes, len);
        err = w3p_buf_status(out);
    }
    free(bytes);
    return err;
}

int w3p_rpc_hash(uint8_t hash32[32], const json_t *value)
{
    uint8_t bytes[32];
    size_t len = sizeof(bytes);
    const char *text = json_string_value(value);
    if (text == NULL || json_string_length(value) != 66 || text[0] != '0' || text[1] != 'x' ||
        w3p_hex_decode(bytes, &len, text + 2, 64) != W3P_OK || len != 32)
        return W3P_E_PROTOCOL;
    memcpy(hash32, bytes, 32);
    return W3P_OK;
}

int w3p_rpc_hex_number(uint64_t *out, const json_t *value)
{
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        *out = (uint64_t)json_integer_value(value);
        return W3P_OK;
    }
    const char *text = json_string_value(value);
    if (text == NULL || text[0] != '0' || text[1] != 'x' || text[2] == '\0')
        return W3P_E_PROTOCOL;
    uint64_t n = 0;
    for (text += 2; *text != '\0'; text++) {
        int digit = *text >= '0' && *text <= '9'   ? *text - '0'
                    : *text >= 'a' && *text <= 'f' ? *text - 'a' + 10
                    : *text >= 'A' && *text <= 'F' ? *text - 'A' + 10
                                                   : -1;
        if (digit < 0 || n >> 60 != 0)
            return W3P_E_PROTOCOL;
        n = n << 4 | (uint64_t)digit;
    }
    *out = n;
    return W3P_OK;
}

json_t *w3p_rpc_hex(const uint8_t *bytes, size_t len)
{
    char *text = w3p_calloc(2 * len + 3, 1);
    text[0] = '0';
    text[1] = 'x';
    w3p_hex_encode(text + 2, bytes, len);
    json_t *value = json_string(text);
    free(text);
    return value;
}
