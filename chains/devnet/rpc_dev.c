// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: setting faults over JSON-RPC, and what is set.
#include <string.h>

#include "devnet/rpc.h"

#define SETTING_MAX 200u // bytes of a name and its parts

static void put_state(struct w3p_json *j, const struct w3p_devnet *net, enum w3p_devnet_fault fault)
{
    const struct w3p_devnet_fault_row *row = &w3p_devnet_fault_rows[fault];
    const struct w3p_devnet_fault_state *state = w3p_devnet_fault_state(net, fault);
    w3p_json_begin_object(j);
    w3p_json_str_field(j, "name", row->name);
    w3p_json_bool_field(j, "on", state->on);
    w3p_json_key(j, "fired");
    w3p_json_uint(j, state->fired);
    w3p_json_bool_field(j, "taken", state->taken);
    w3p_json_bool_field(j, "takesTaken", (row->takes & W3P_DEVNET_FAULT_TAKEN) != 0);
    w3p_json_str_field(j, "unit", row->unit != NULL ? row->unit : "");
    w3p_json_key(j, "value");
    w3p_json_uint(j, state->value);
    w3p_json_str_field(j, "help", row->help);
    w3p_json_end_object(j);
}

void w3p_devnet_rpc_faults(struct devnet_rpc *rpc)
{
    w3p_json_begin_array(&rpc->out);
    for (unsigned i = 0; i < W3P_DEVNET_FAULT_COUNT; i++)
        put_state(&rpc->out, rpc->net, (enum w3p_devnet_fault)i);
    w3p_json_end_array(&rpc->out);
}

// The parameter as the parts of a setting. False: it has no such form.
static bool put_parts(struct w3p_buf *out, const json_t *value)
{
    if (json_is_string(value))
        w3p_buf_printf(out, "=%s", json_string_value(value));
    else if (json_is_integer(value))
        w3p_buf_printf(out, "=%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        w3p_buf_printf(out, "=%.6f", json_real_value(value));
    else if (!json_is_true(value))
        return false;
    return w3p_buf_status(out) == W3P_OK;
}

static bool clear(struct w3p_devnet *net, const char *name)
{
    bool all = strcmp(name, "all") == 0, found = all;
    for (unsigned i = 0; i < W3P_DEVNET_FAULT_COUNT; i++) {
        if (all || strcmp(name, w3p_devnet_fault_rows[i].name) == 0) {
            w3p_devnet_fault_clear(net, (enum w3p_devnet_fault)i);
            found = true;
        }
    }
    return found;
}

static bool clears(const json_t *value)
{
    return value == NULL || json_is_false(value) || (json_is_integer(value) && json_integer_value(value) == 0);
}

// [name, parameter]: null, false and 0 clear ("all" clears every one), true and text set. Answers as dev_faults.
void w3p_devnet_rpc_set_fault(struct devnet_rpc *rpc)
{
    const json_t *value = w3p_devnet_param(rpc, 1);
    const char *name = json_string_value(w3p_devnet_param(rpc, 0));
    struct w3p_buf text, names;
    struct w3p_errmsg msg = {{0}};
    int err = W3P_E_INVALID;
    w3p_buf_init(&text, SETTING_MAX);
    w3p_buf_init(&names, DEVNET_ERROR_DATA_MAX);
    w3p_devnet_fault_names(&names);
    if (name != NULL && strchr(name, '=') == NULL && clears(value)) {
        err = clear(rpc->net, name) ? W3P_OK : w3p_fail(&msg, W3P_E_NOTFOUND, "there is no fault '%.40s'", name);
    } else if (name != NULL && strchr(name, '=') == NULL) {
        w3p_buf_put_str(&text, name);
        if (put_parts(&text, value))
            err = w3p_devnet_fault_set(rpc->net, &msg, w3p_buf_str(&text));
    }
    if (err == W3P_OK)
        w3p_devnet_rpc_faults(rpc);
    else
        w3p_devnet_rpc_fail(rpc, DEVNET_RPC_PARAMS,
                            msg.text[0] != '\0' ? msg.text : "Invalid params: expected [name, parameter].",
                            err == W3P_E_NOTFOUND ? w3p_buf_str(&names) : NULL);
    w3p_buf_deinit(&text);
    w3p_buf_deinit(&names);
}
