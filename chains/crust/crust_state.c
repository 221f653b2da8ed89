// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: headers, and storage items at one block. Answers are matched to the keys that were asked for; what was not
// asked for is passed over.
#include <string.h>
#include <strings.h>

#include "crust/crust_internal.h"

int w3p_crust_header(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_crust_header *out,
                     const uint8_t hash32[32])
{
    json_t *result = NULL;
    int err = w3p_crust_rpc(c, msg, &result, NULL, "chain_getHeader", json_pack("[o]", w3p_rpc_hex(hash32, 32)), false);
    if (err != W3P_OK)
        return err;
    struct w3p_crust_header h = {0};
    if (json_is_null(result))
        err = w3p_fail(msg, W3P_E_NOTFOUND, "node does not have that block");
    else if (w3p_rpc_hex_number(&h.number, json_object_get(result, "number")) != W3P_OK || h.number > UINT32_MAX ||
             w3p_rpc_hash(h.parent32, json_object_get(result, "parentHash")) != W3P_OK)
        err = w3p_fail(msg, W3P_E_PROTOCOL, "block header has another form than expected");
    else
        *out = h;
    json_decref(result);
    return err;
}

int w3p_crust_final_head(struct w3p_crust *c, struct w3p_errmsg *msg, uint8_t hash32[32], uint64_t *number)
{
    json_t *result = NULL;
    struct w3p_crust_header header;
    uint8_t hash[32];
    int err = w3p_crust_rpc(c, msg, &result, NULL, "chain_getFinalizedHead", NULL, false);
    if (err != W3P_OK)
        return err;
    err = w3p_rpc_hash(hash, result);
    json_decref(result);
    if (err != W3P_OK)
        return w3p_fail(msg, err, "finalized head is no hash");
    err = w3p_crust_header(c, msg, &header, hash);
    if (err != W3P_OK)
        return err;
    memcpy(hash32, hash, 32);
    *number = header.number;
    return W3P_OK;
}

void w3p_crust_item_init(struct w3p_crust_item *item)
{
    w3p_buf_init(&item->key, 512);
    w3p_buf_init(&item->value, W3P_CRUST_VALUE_MAX);
    item->present = false;
}

void w3p_crust_item_deinit(struct w3p_crust_item *item)
{
    w3p_buf_deinit(&item->key);
    w3p_buf_deinit(&item->value);
}

void w3p_crust_item_plain(struct w3p_crust_item *item, const char *prefix, const char *name)
{
    uint8_t key32[32];
    w3p_storage_prefix(key32, prefix, name);
    w3p_buf_put(&item->key, key32, sizeof(key32));
}

static int take_value(struct w3p_errmsg *msg, struct w3p_crust_item *item, const json_t *value)
{
    w3p_buf_reset(&item->value);
    item->present = false;
    if (value == NULL || json_is_null(value))
        return W3P_OK;
    int err = w3p_rpc_bytes(&item->value, value);
    if (err != W3P_OK)
        return w3p_fail(msg, err, "storage value is no hex text of at most %zu bytes", item->value.max);
    item->present = true;
    return W3P_OK;
}

static int read_one_by_one(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_crust_item *items, size_t n,
                           const uint8_t at_hash32[32])
{
    int err = W3P_OK;
    for (size_t i = 0; i < n && err == W3P_OK; i++) {
        json_t *result = NULL;
        json_t *params =
            json_pack("[o, o]", w3p_rpc_hex(items[i].key.ptr, items[i].key.len), w3p_rpc_hex(at_hash32, 32));
        err = w3p_crust_rpc(c, msg, &result, NULL, "state_getStorage", params, false);
        if (err == W3P_OK)
            err = take_value(msg, &items[i], result);
        json_decref(result);
    }
    return err;
}

static bool key_matches(const struct w3p_buf *key, const char *text)
{
    if (text == NULL || strlen(text) != 2 * key->len + 2)
        return false;
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < key->len; i++) {
        char want[2] = {digits[key->ptr[i] >> 4], digits[key->ptr[i] & 15]};
        if (strncasecmp(text + 2 + 2 * i, want, 2) != 0)
            return false;
    }
    return text[0] == '0' && text[1] == 'x';
}

// [{"block": …, "changes": [[key, value or null], …]}]; keys that are missing have no value.
static int take_changes(struct w3p_errmsg *msg, struct w3p_crust_item *items, size_t n, const json_t *result)
{
    const json_t *changes = json_object_get(json_array_get(result, 0), "changes");
    if (!json_is_array(changes))
        return w3p_fail(msg, W3P_E_PROTOCOL, "answer to state_queryStorageAt has another form than expected");
    for (size_t i = 0; i < n; i++)
        items[i].present = false;
    size_t count = json_array_size(changes);
    for (size_t k = 0; k < count && k < 2 * n; k++) {
        const json_t *pair = json_array_get(changes, k);
        const char *key = json_string_value(json_array_get(pair, 0));
        for (size_t i = 0; i < n; i++) {
            if (!key_matches(&items[i].key, key))
                continue;
            int err = take_value(msg, &items[i], json_array_get(pair, 1));
            if (err != W3P_OK)
                return err;
        }
    }
    return W3P_OK;
}

int w3p_crust_read(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_crust_item *items, size_t n,
                   const uint8_t at_hash32[32])
{
    for (size_t i = 0; i < n; i++)
        if (w3p_buf_status(&items[i].key) != W3P_OK)
            return w3p_fail(msg, W3P_E_LIMIT, "storage key is too long");
    if (n == 0)
        return W3P_OK;
    if (n == 1 || (c->current >= 0 && c->endpoints[c->current].no_query_at))
        return read_one_by_one(c, msg, items, n, at_hash32);
    json_t *keys = json_array(), *result = NULL;
    for (size_t i = 0; i < n; i++)
        json_array_append_new(keys, w3p_rpc_hex(items[i].key.ptr, items[i].key.len));
    struct w3p_rpc_error error;
    int err = w3p_crust_rpc(c, msg, &result, &error, "state_queryStorageAt",
                            json_pack("[o, o]", keys, w3p_rpc_hex(at_hash32, 32)), false);
    if (err == W3P_E_REMOTE && w3p_rpc_no_method(&error)) {
        if (c->current >= 0)
            c->endpoints[c->current].no_query_at = true;
        return read_one_by_one(c, msg, items, n, at_hash32);
    }
    if (err == W3P_OK)
        err = take_changes(msg, items, n, result);
    json_decref(result);
    return err;
}
