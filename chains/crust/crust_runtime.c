// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: finds in a runtime's metadata what the backend uses, refuses every shape that is not known, and keeps the
// runtime of the connected chain fresh.
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "crust/crust_internal.h"

#define SS58_PREFIX_MAX 16383u

void w3p_crust_runtime_free(struct w3p_crust_runtime *rt)
{
    if (rt == NULL)
        return;
    w3p_metadata_destroy(rt->md);
    free(rt);
}

// The forms that a file's entry has had. Metadata before V14 only names them, later metadata spells them out.
static const struct {
    const char *entry, *name, *shape;
    enum w3p_crust_layout layout;
} layouts[] = {
    {"FilesV2", "FileInfoV2",
     "(u64,u64,u32,u32,Compact<u128>,Compact<u128>,u32,u32,Vec<([u8;32],([u8;32],u32,Vec<u8>,bool,Option<u32>))>)",
     W3P_CRUST_FILES_V2},
    {"Files", "FileInfo",
     "(u64,u64,u32,u32,Compact<u128>,Compact<u128>,u32,Vec<([u8;32],u32,Vec<u8>,bool,Option<u32>)>)",
     W3P_CRUST_FILES_SPEC3},
    {"Files", "(FileInfo,UsedInfo)",
     "((u64,u32,u32,u128,u128,u32,Vec<([u8;32],u32,Vec<u8>,bool)>),(u64,u32,Vec<(Vec<u8>,bool)>))",
     W3P_CRUST_FILES_GENESIS},
};

static bool type_is(const struct w3p_crust_runtime *rt, uint32_t type, const char *wanted)
{
    return w3p_type_is(&rt->md->types, type, wanted);
}

static int find_files(struct w3p_crust_runtime *rt, struct w3p_errmsg *msg)
{
    rt->files = w3p_md_entry(rt->market, "FilesV2");
    if (rt->files == NULL)
        rt->files = w3p_md_entry(rt->market, "Files");
    if (rt->files == NULL)
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "runtime has neither Market.FilesV2 nor Market.Files");
    bool known = false;
    for (size_t i = 0; !known && i < sizeof layouts / sizeof layouts[0]; i++) {
        known =
            strcmp(rt->files->name, layouts[i].entry) == 0 && (type_is(rt, rt->files->value_type, layouts[i].name) ||
                                                               type_is(rt, rt->files->value_type, layouts[i].shape));
        rt->layout = layouts[i].layout;
    }
    if (!known) {
        struct w3p_buf text;
        w3p_buf_init(&text, W3P_TYPE_DESCRIPTION_MAX);
        w3p_type_describe(&text, &rt->md->types, rt->files->value_type, 8);
        int err = w3p_fail(msg, W3P_E_UNSUPPORTED, "Market.%s has values of type %.120s, which is not known",
                           rt->files->name, w3p_buf_str(&text));
        w3p_buf_deinit(&text);
        return err;
    }
    if (rt->files->key_count != 1 || !type_is(rt, rt->files->key_types[0], "Vec<u8>"))
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "Market.%s is not a map by CID", rt->files->name);
    return W3P_OK;
}

static bool arg_is(const struct w3p_crust_runtime *rt, const struct w3p_type_field *arg, const char *name,
                   const char *type)
{
    const char *n = arg->name;
    while (*n == '_')
        n++;
    return strcmp(n, name) == 0 && type_is(rt, arg->type, type);
}

// Exactly the form of the first runtime, or the one with a memo; a guess would cost money.
static int find_call(struct w3p_crust_runtime *rt, struct w3p_errmsg *msg)
{
    const struct w3p_type_variant *call = w3p_md_call(rt->market, "place_storage_order");
    if (call == NULL)
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "runtime has no call Market.place_storage_order");
    bool ok = call->field_count == 3 || call->field_count == 4;
    ok = ok && arg_is(rt, &call->fields[0], "cid", "Vec<u8>");
    ok = ok && arg_is(rt, &call->fields[1], "reported_file_size", "u64");
    ok = ok && arg_is(rt, &call->fields[2], "tips", "Compact<u128>");
    ok = ok && (call->field_count == 3 || arg_is(rt, &call->fields[3], "memo", "Vec<u8>"));
    if (!ok)
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "call Market.place_storage_order has %u arguments of a form not known",
                        call->field_count);
    rt->call_index = call->index;
    rt->call_has_memo = call->field_count == 4;
    return W3P_OK;
}

// Several orders in one extrinsic: only where Utility.batch takes a list of calls and nothing else.
static void find_batch(struct w3p_crust_runtime *rt)
{
    static const char *const lists[] = {"Vec<Call>", "Vec<enum Call>", "Vec<enum RuntimeCall>"};
    const struct w3p_md_pallet *utility = w3p_md_pallet(rt->md, "Utility");
    const struct w3p_type_variant *batch = utility != NULL ? w3p_md_call(utility, "batch") : NULL;
    for (size_t i = 0; batch != NULL && batch->field_count == 1 && i < sizeof lists / sizeof lists[0]; i++)
        rt->has_batch = rt->has_batch || arg_is(rt, &batch->fields[0], "calls", lists[i]);
    if (rt->has_batch) {
        rt->utility_index = utility->index;
        rt->batch_index = batch->index;
    }
}

static const struct w3p_md_entry *plain(const struct w3p_crust_runtime *rt, const char *name, const char *older,
                                        const char *type)
{
    const struct w3p_md_entry *e = w3p_md_entry(rt->market, name);
    if (e == NULL && older != NULL)
        e = w3p_md_entry(rt->market, older);
    return e != NULL && e->key_count == 0 && type_is(rt, e->value_type, type) ? e : NULL;
}

static int find_items(struct w3p_crust_runtime *rt, struct w3p_errmsg *msg)
{
    rt->market_open = plain(rt, "EnableMarket", "MarketSwitch", "bool");
    rt->byte_fee = plain(rt, "FileByteFee", "FilePrice", "u128");
    rt->keys_fee = plain(rt, "FileKeysCountFee", "FilesCountPrice", "u128");
    rt->base_fee = plain(rt, "FileBaseFee", NULL, "u128");
    if (rt->market_open == NULL || rt->byte_fee == NULL || rt->keys_fee == NULL ||
        (rt->base_fee == NULL && w3p_md_entry(rt->market, "FileBaseFee") != NULL))
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "runtime lacks the market's switch or fees in a known form");
    rt->account = w3p_md_entry(rt->system, "Account");
    const struct w3p_md_entry *events = w3p_md_entry(rt->system, "Events");
    if (rt->account == NULL || rt->account->key_count != 1 || !type_is(rt, rt->account->key_types[0], "[u8;32]") ||
        events == NULL || events->key_count != 0)
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "runtime has no System.Account or System.Events in a known form");
    const struct w3p_md_pallet *timestamp = w3p_md_pallet(rt->md, "Timestamp");
    rt->has_timestamp =
        timestamp != NULL && w3p_md_entry(timestamp, "Now") != NULL && timestamp->storage_prefix != NULL;
    return W3P_OK;
}

static bool const_number(w3p_u128 *out, const struct w3p_md_pallet *pallet, const char *name, size_t bytes)
{
    const struct w3p_md_const *c = pallet != NULL ? w3p_md_const(pallet, name) : NULL;
    if (c == NULL || c->value.len != bytes)
        return false;
    *out = 0;
    for (size_t i = bytes; i-- > 0;)
        *out = *out << 8 | c->value.ptr[i];
    return true;
}

static int find_consts(struct w3p_crust_runtime *rt, struct w3p_errmsg *msg)
{
    w3p_u128 n = 0;
    if (!const_number(&n, rt->market, "MaximumFileSize", 8))
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "runtime has no constant Market.MaximumFileSize");
    rt->size_max = (uint64_t)n;
    if (!const_number(&rt->existential_deposit, w3p_md_pallet(rt->md, "Balances"), "ExistentialDeposit", 16))
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "runtime has no constant Balances.ExistentialDeposit");
    rt->has_ss58_prefix =
        const_number(&n, rt->system, "SS58Prefix", 1) || const_number(&n, rt->system, "SS58Prefix", 2);
    if (rt->has_ss58_prefix && n > SS58_PREFIX_MAX)
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "constant System.SS58Prefix is no address prefix");
    rt->ss58_prefix = rt->has_ss58_prefix ? (uint16_t)n : 42;
    return W3P_OK;
}

static int find_pallets(struct w3p_crust_runtime *rt, struct w3p_errmsg *msg)
{
    rt->system = w3p_md_pallet(rt->md, "System");
    rt->market = w3p_md_pallet(rt->md, "Market");
    if (rt->system == NULL || rt->market == NULL || rt->system->storage_prefix == NULL ||
        rt->market->storage_prefix == NULL)
        return w3p_fail(msg, W3P_E_UNSUPPORTED,
                        "runtime %s has no pallet Market: this is no Crust storage chain; set crust.endpoints to one",
                        rt->spec_name);
    return W3P_OK;
}

// Metadata before V14 does not tell it; Crust's own chain has bare account ids.
static int find_address_form(struct w3p_crust_runtime *rt, struct w3p_errmsg *msg)
{
    int err = w3p_xt_address_form(&rt->address_form, msg, rt->md);
    if (err != W3P_E_NOTFOUND)
        return err;
    rt->address_form = strcmp(rt->spec_name, "crust") == 0 ? W3P_ADDRESS_RAW : W3P_ADDRESS_MULTI;
    return W3P_OK;
}

int w3p_crust_runtime_parse(struct w3p_crust_runtime **out, struct w3p_errmsg *msg, const char *spec_name,
                            const uint8_t *bytes, size_t len)
{
    struct w3p_crust_runtime *rt = w3p_calloc(1, sizeof(*rt));
    strncpy(rt->spec_name, spec_name, sizeof(rt->spec_name) - 1);
    int err = w3p_metadata_parse(&rt->md, msg, bytes, len);
    if (err == W3P_OK)
        err = find_pallets(rt, msg);
    if (err == W3P_OK)
        err = w3p_xt_check_extensions(rt->md, msg);
    if (err == W3P_OK)
        err = find_address_form(rt, msg);
    if (err == W3P_OK)
        err = find_files(rt, msg);
    if (err == W3P_OK)
        err = find_call(rt, msg);
    if (err == W3P_OK)
        err = find_items(rt, msg);
    if (err == W3P_OK)
        err = find_consts(rt, msg);
    if (err != W3P_OK) {
        w3p_crust_runtime_free(rt);
        return err;
    }
    find_batch(rt);
    *out = rt;
    return W3P_OK;
}

static json_t *at_params(const uint8_t at_hash32[32])
{
    json_t *params = json_array();
    if (at_hash32 != NULL)
        json_array_append_new(params, w3p_rpc_hex(at_hash32, 32));
    return params;
}

// It is shown on terminals and in logs.
static bool is_plain(const char *name)
{
    for (; *name != '\0'; name++)
        if (*name <= ' ' || *name > '~')
            return false;
    return true;
}

int w3p_crust_version_at(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_crust_runtime *out,
                         const uint8_t at_hash32[32])
{
    json_t *result = NULL;
    int err = w3p_crust_rpc(c, msg, &result, NULL, "state_getRuntimeVersion", at_params(at_hash32), false);
    if (err != W3P_OK)
        return err;
    const char *name = json_string_value(json_object_get(result, "specName"));
    uint64_t spec = 0, tx = 0;
    if (name == NULL || w3p_rpc_hex_number(&spec, json_object_get(result, "specVersion")) != W3P_OK ||
        w3p_rpc_hex_number(&tx, json_object_get(result, "transactionVersion")) != W3P_OK || spec > UINT32_MAX ||
        tx > UINT32_MAX || strlen(name) >= sizeof(out->spec_name) || !is_plain(name)) {
        err = w3p_fail(msg, W3P_E_PROTOCOL, "runtime version has another form than expected");
    } else {
        memset(out->spec_name, 0, sizeof(out->spec_name));
        memcpy(out->spec_name, name, strlen(name));
        out->spec_version = (uint32_t)spec;
        out->tx_version = (uint32_t)tx;
    }
    json_decref(result);
    return err;
}

// Bytes that a node answers with, in hex.
static int fetch_bytes(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_buf *bytes, const char *method,
                       json_t *params, bool keep_errors)
{
    json_t *result = NULL;
    int err = w3p_crust_rpc(c, msg, &result, NULL, method, params, keep_errors);
    if (err != W3P_OK)
        return err;
    err = w3p_rpc_bytes(bytes, result);
    json_decref(result);
    return err == W3P_OK ? W3P_OK : w3p_fail(msg, err, "metadata is no hex text of at most %zu bytes", bytes->max);
}

// Nodes answer state_getMetadata with V14 at most, or with whatever their runtime has newest; V15 is asked for by name.
// W3P_E_NOTFOUND when there is none.
static int fetch_v15(struct w3p_crust *c, struct w3p_buf *answer, struct w3p_span *metadata,
                     const uint8_t at_hash32[32])
{
    static const uint8_t version[4] = {W3P_METADATA_NEWEST, 0, 0, 0};
    json_t *params = at_params(at_hash32);
    json_array_insert_new(params, 0, w3p_rpc_hex(version, sizeof version));
    json_array_insert_new(params, 0, json_string("Metadata_metadata_at_version"));
    int err = fetch_bytes(c, NULL, answer, "state_call", params, true);
    return err == W3P_OK ? w3p_metadata_of_answer(metadata, w3p_buf_span(answer)) : W3P_E_NOTFOUND;
}

static int load_metadata(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_crust_runtime **out,
                         const struct w3p_crust_runtime *version, const uint8_t at_hash32[32])
{
    struct w3p_buf bytes, answer;
    struct w3p_span v15;
    w3p_buf_init(&bytes, W3P_METADATA_MAX);
    w3p_buf_init(&answer, W3P_METADATA_MAX);
    int err = fetch_bytes(c, msg, &bytes, "state_getMetadata", at_params(at_hash32), false);
    if (err != W3P_OK)
        goto out;
    err = w3p_crust_runtime_parse(out, msg, version->spec_name, bytes.ptr, bytes.len);
    bool newer = err == W3P_E_UNSUPPORTED && w3p_metadata_version(bytes.ptr, bytes.len) > W3P_METADATA_NEWEST;
    if (newer && fetch_v15(c, &answer, &v15, at_hash32) == W3P_OK)
        err = w3p_crust_runtime_parse(out, msg, version->spec_name, v15.ptr, v15.len);
    if (err == W3P_E_INVALID)
        err = W3P_E_PROTOCOL; // broken by the endpoint, not unknown to us
    if (err == W3P_OK) {
        (*out)->spec_version = version->spec_version;
        (*out)->tx_version = version->tx_version;
        if (c->settings->address_format != 0)
            (*out)->address_form = c->settings->address_format == 1 ? W3P_ADDRESS_RAW : W3P_ADDRESS_MULTI;
    }
out:
    w3p_buf_deinit(&bytes);
    w3p_buf_deinit(&answer);
    return err;
}

int w3p_crust_runtime_load(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_crust_runtime **out,
                           const uint8_t at_hash32[32])
{
    struct w3p_crust_runtime version = {0};
    int err = w3p_crust_version_at(c, msg, &version, at_hash32);
    return err == W3P_OK ? load_metadata(c, msg, out, &version, at_hash32) : err;
}

static const json_t *first_of(const json_t *value)
{
    return json_is_array(value) ? json_array_get(value, 0) : value;
}

// Token and address prefix, for people only.
static void load_properties(struct w3p_crust *c)
{
    json_t *result = NULL;
    memset(c->token_symbol, 0, sizeof(c->token_symbol));
    memcpy(c->token_symbol, "CRU", 3);
    c->token_decimals = 12;
    c->ss58_property = -1;
    if (w3p_crust_rpc(c, NULL, &result, NULL, "system_properties", NULL, true) != W3P_OK)
        return;
    const char *symbol = json_string_value(first_of(json_object_get(result, "tokenSymbol")));
    const json_t *decimals = first_of(json_object_get(result, "tokenDecimals"));
    const json_t *prefix = json_object_get(result, "ss58Format");
    if (symbol != NULL && symbol[0] != '\0' &&
        strspn(symbol, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == strlen(symbol) &&
        strlen(symbol) < sizeof(c->token_symbol)) {
        memset(c->token_symbol, 0, sizeof(c->token_symbol));
        memcpy(c->token_symbol, symbol, strlen(symbol));
    }
    if (json_is_integer(decimals) && json_integer_value(decimals) >= 0 && json_integer_value(decimals) <= 36)
        c->token_decimals = (unsigned)json_integer_value(decimals);
    if (json_is_integer(prefix) && json_integer_value(prefix) >= 0 && json_integer_value(prefix) <= SS58_PREFIX_MAX)
        c->ss58_property = (int)json_integer_value(prefix);
    json_decref(result);
}

static int refresh(struct w3p_crust *c, struct w3p_errmsg *msg)
{
    struct w3p_crust_runtime version = {0}, *fresh = NULL;
    uint8_t best32[32];
    json_t *result = NULL;

    // version and metadata must be of one block, even while the chain upgrades
    int err = w3p_crust_rpc(c, msg, &result, NULL, "chain_getBlockHash", NULL, false);
    if (err != W3P_OK)
        return err;
    err = w3p_rpc_hash(best32, result);
    json_decref(result);
    if (err != W3P_OK)
        return w3p_fail(msg, err, "node has no best block");
    err = w3p_crust_version_at(c, msg, &version, best32);
    if (err != W3P_OK)
        return err;
    struct w3p_crust_runtime *rt = c->runtime;
    if (rt != NULL && rt->spec_version == version.spec_version && strcmp(rt->spec_name, version.spec_name) == 0) {
        rt->tx_version = version.tx_version;
        return W3P_OK;
    }
    struct w3p_crust_endpoint *ep = &c->endpoints[c->current];
    if (ep->refused.text[0] != '\0' && ep->refused_spec == version.spec_version)
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "%s", ep->refused.text);
    err = load_metadata(c, msg, &fresh, &version, best32);
    if (err == W3P_E_UNSUPPORTED && msg != NULL && ep == &c->endpoints[c->current]) {
        ep->refused_spec = version.spec_version;
        ep->refused = *msg;
    }
    if (err != W3P_OK)
        return err;
    ep->refused.text[0] = '\0';
    w3p_crust_runtime_free(c->runtime);
    c->runtime = fresh;
    c->tx_fee_at_ms = 0;
    load_properties(c);
    w3p_logf(W3P_LOG_INFO, "chain.runtime", "%s %u, transactions %u", fresh->spec_name, fresh->spec_version,
             fresh->tx_version);
    return W3P_OK;
}

int w3p_crust_ready(struct w3p_crust *c, struct w3p_errmsg *msg)
{
    int64_t now = w3p_clock_mono_ms();
    if (atomic_load(&c->interrupted))
        return w3p_fail(msg, W3P_E_CLOSED, "interrupted");
    if (c->runtime != NULL && c->runtime_checked_at_ms != 0 && now - c->runtime_checked_at_ms < W3P_CRUST_REFRESH_MS)
        return W3P_OK;
    int err = refresh(c, msg);
    if (err == W3P_OK)
        c->runtime_checked_at_ms = now;
    return err;
}
