// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: fuzz what an endpoint may answer: JSON-RPC replies, their error objects and their hex values.
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "crust/crust_internal.h"
#include "substrate/rpc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void values(const json_t *result)
{
    struct w3p_buf bytes;
    uint8_t hash32[32];
    uint64_t number = 0;
    w3p_buf_init(&bytes, 4096);
    if (w3p_rpc_bytes(&bytes, result) == W3P_OK && bytes.len > 4096)
        abort();
    if (bytes.len > 0 && bytes.len <= 4096) { // written again it is the same value
        json_t *hex = w3p_rpc_hex(bytes.ptr, bytes.len);
        if (strcasecmp(json_string_value(hex), json_string_value(result)) != 0)
            abort();
        json_decref(hex);
    }
    if (w3p_rpc_hash(hash32, result) == W3P_OK && json_string_length(result) != 66)
        abort();
    if (w3p_rpc_hex_number(&number, result) != W3P_OK && number != 0)
        abort();
    w3p_buf_deinit(&bytes);
}

// The same bytes as a message that nobody asked for.
static void notice(const uint8_t *data, size_t size)
{
    struct w3p_errmsg msg = {{0}};
    json_t *params = NULL;
    int err = w3p_rpc_notice_parse(&params, &msg, "chain_finalizedHead", (const char *)data, size);
    if ((err == W3P_OK) != (params != NULL) || (err == W3P_E_PROTOCOL && msg.text[0] == '\0'))
        abort();
    json_decref(params);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct w3p_rpc_error error = {0};
    struct w3p_errmsg msg = {{0}};
    json_t *result = NULL;
    int err = w3p_rpc_parse(&result, &error, &msg, 7, (const char *)data, size);
    if ((err == W3P_OK) != (result != NULL))
        abort();
    if (err == W3P_OK)
        values(result);
    if (err == W3P_E_REMOTE) {
        for (size_t i = 0; i < strlen(error.text); i++)
            if (error.text[i] < ' ' || error.text[i] > '~')
                abort();
        (void)w3p_crust_submit_verdict(&error);
        if (w3p_rpc_no_method(&error) && w3p_rpc_no_state(&error))
            abort();
    }
    json_decref(result);
    notice(data, size);
    return 0;
}
