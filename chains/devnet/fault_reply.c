// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what faults do to a request and the text of its answer. What they do to the connection is left to the
// server.
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "devnet/core.h"
#include "devnet/rpc.h"

static bool any_on(const struct w3p_devnet *net)
{
    for (unsigned i = 0; i < W3P_DEVNET_FAULT_COUNT; i++)
        if (net->faults.states[i].on)
            return true;
    return false;
}

static const json_t *first_of(const json_t *root)
{
    return json_is_array(root) ? json_array_get(root, 0) : root;
}

static void cut_end(struct w3p_buf *reply)
{
    reply->ptr[--reply->len] = '\0';
}

// Blanks before the last bracket: still the same answer, and longer.
static void pad(struct w3p_buf *reply, uint64_t len)
{
    static const char blanks[] = "                                                                ";
    char last = (char)reply->ptr[reply->len - 1];
    cut_end(reply);
    while (reply->len < len && !reply->failed)
        w3p_buf_put(reply, blanks, sizeof blanks - 1);
    w3p_buf_put(reply, &last, 1);
}

// An answer with this id whose result is an empty array in `levels` arrays.
static void put_deep(struct w3p_buf *reply, const char *id, uint64_t levels)
{
    w3p_buf_reset(reply);
    w3p_buf_printf(reply, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":", id);
    for (uint64_t i = 0; i < levels; i++)
        w3p_buf_put_u8(reply, '[');
    for (uint64_t i = 0; i < levels; i++)
        w3p_buf_put_u8(reply, ']');
    w3p_buf_put_u8(reply, '}');
}

static void put_wrong_id(struct w3p_buf *reply, const json_t *id)
{
    struct w3p_errmsg msg;
    json_t *root = w3p_json_parse(&msg, w3p_buf_str(reply), reply->len);
    json_t *first = json_is_array(root) ? json_array_get(root, 0) : root;
    if (json_object_set_new(first, "id", json_integer(json_integer_value(id) + 1)) == 0) {
        char *text = json_dumps(root, JSON_COMPACT);
        w3p_buf_reset(reply);
        w3p_buf_put_str(reply, text);
        free(text);
    }
    json_decref(root);
}

static void spoil_text(struct w3p_devnet *net, struct w3p_buf *reply, const json_t *request, const char *method)
{
    const json_t *id = json_object_get(request, "id");
    if (w3p_devnet_fault_fires(net, W3P_DEVNET_FAULT_WRONG_ID, method))
        put_wrong_id(reply, id);
    if (w3p_devnet_fault_fires(net, W3P_DEVNET_FAULT_DEEP, method)) {
        char *text = id != NULL ? json_dumps(id, JSON_ENCODE_ANY) : NULL;
        put_deep(reply, text != NULL ? text : "null", w3p_devnet_fault_state(net, W3P_DEVNET_FAULT_DEEP)->value);
        free(text);
    }
    if (w3p_devnet_fault_fires(net, W3P_DEVNET_FAULT_OVERSIZED, method))
        pad(reply, w3p_devnet_fault_state(net, W3P_DEVNET_FAULT_OVERSIZED)->value);
    if (w3p_devnet_fault_fires(net, W3P_DEVNET_FAULT_MALFORMED, method))
        cut_end(reply);
}

static void choose_fate(struct w3p_devnet *net, struct w3p_devnet_effect *effect, const char *method)
{
    static const struct {
        enum w3p_devnet_fault fault;
        enum w3p_devnet_fate fate;
    } fates[] = {{W3P_DEVNET_FAULT_REPLY_LOST, W3P_DEVNET_LOSE},
                 {W3P_DEVNET_FAULT_RESET, W3P_DEVNET_RESET},
                 {W3P_DEVNET_FAULT_CLOSE, W3P_DEVNET_CLOSE},
                 {W3P_DEVNET_FAULT_CUT, W3P_DEVNET_CUT},
                 {W3P_DEVNET_FAULT_ENDLESS, W3P_DEVNET_ENDLESS}};
    for (size_t i = 0; i < sizeof fates / sizeof fates[0] && effect->fate == W3P_DEVNET_SEND; i++)
        if (w3p_devnet_fault_fires(net, fates[i].fault, method))
            effect->fate = fates[i].fate;
    effect->piece_ms = (unsigned)w3p_devnet_fault_state(net, W3P_DEVNET_FAULT_ENDLESS)->value;
    if (w3p_devnet_fault_fires(net, W3P_DEVNET_FAULT_DELAY, method))
        effect->delay_ms = (unsigned)w3p_devnet_fault_state(net, W3P_DEVNET_FAULT_DELAY)->value;
    effect->twice = w3p_devnet_fault_fires(net, W3P_DEVNET_FAULT_DUPLICATE, method);
}

void w3p_devnet_answer(struct w3p_devnet *net, struct w3p_buf *reply, struct w3p_devnet_effect *effect,
                       const char *text, size_t len)
{
    struct w3p_errmsg msg;
    *effect = (struct w3p_devnet_effect){0};
    json_t *root = any_on(net) && len <= DEVNET_REQUEST_MAX ? w3p_json_parse(&msg, text, len) : NULL;
    const json_t *request = first_of(root);
    const char *method = json_string_value(json_object_get(request, "method"));
    if (method != NULL && w3p_devnet_fault_fires(net, W3P_DEVNET_FAULT_REQUEST_LOST, method)) {
        effect->fate = W3P_DEVNET_LOSE;
    } else {
        w3p_devnet_handle(net, reply, text, len);
        if (method != NULL && reply->len > 0) {
            spoil_text(net, reply, request, method);
            choose_fate(net, effect, method);
        }
    }
    json_decref(root);
}
