// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: fuzz the metadata decoders of all versions, and every look-up on what they accept.
#include <stdlib.h>
#include <string.h>

#include "substrate/account.h"
#include "substrate/dispatch.h"
#include "substrate/extrinsic.h"
#include "substrate/metadata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t touch_type(const struct w3p_metadata *md, uint32_t type)
{
    static const uint8_t zeros[256];
    struct w3p_buf text;
    struct w3p_reader r;
    size_t steps = 10000;
    if (w3p_type_at(&md->types, type) == NULL)
        abort();
    w3p_buf_init(&text, W3P_TYPE_DESCRIPTION_MAX);
    w3p_type_describe(&text, &md->types, type, 16);
    size_t sum = text.len;
    w3p_buf_deinit(&text);
    w3p_reader_init(&r, zeros, sizeof zeros);
    w3p_type_skip(&r, &md->types, type, &steps);
    return sum + r.pos;
}

static size_t touch_variants(const struct w3p_metadata *md, const struct w3p_type_variant *list, size_t count)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += strlen(list[i].name) + strlen(list[i].doc);
        for (size_t k = 0; k < list[i].field_count; k++)
            sum += strlen(list[i].fields[k].name) + touch_type(md, list[i].fields[k].type);
    }
    return sum;
}

static size_t touch(const struct w3p_metadata *md, const struct w3p_md_pallet *pallet)
{
    size_t sum = strlen(pallet->name);
    sum += touch_variants(md, pallet->calls, pallet->call_count);
    sum += touch_variants(md, pallet->events, pallet->event_count);
    sum += touch_variants(md, pallet->errors, pallet->error_count);
    for (size_t i = 0; i < pallet->const_count; i++)
        sum += touch_type(md, pallet->consts[i].type) + pallet->consts[i].value.len;
    for (size_t i = 0; i < pallet->entry_count; i++) {
        const struct w3p_md_entry *entry = &pallet->entries[i];
        struct w3p_buf key;
        w3p_buf_init(&key, 8192);
        w3p_storage_map_key(&key, pallet->storage_prefix, entry, W3P_SPAN_LIT("key"));
        sum += key.len + touch_type(md, entry->value_type);
        for (size_t k = 0; k < entry->key_count; k++)
            sum += touch_type(md, entry->key_types[k]);
        w3p_buf_deinit(&key);
    }
    return sum;
}

// What the client asks of a runtime before it signs for it, and how it reads the end of a call.
static void ask(const struct w3p_metadata *md)
{
    static const uint8_t zeros[96];
    struct w3p_errmsg msg;
    struct w3p_reader r;
    struct w3p_account account;
    enum w3p_address_form form;
    const struct w3p_type_variant *failed = w3p_md_event(w3p_md_pallet(md, "System"), "ExtrinsicFailed");
    int err = w3p_xt_check_extensions(md, &msg);
    if (err != W3P_OK && err != W3P_E_UNSUPPORTED)
        abort();
    (void)!w3p_xt_address_form(&form, &msg, md);
    (void)!w3p_account_decode(&account, md, W3P_SPAN(zeros, 80));
    w3p_reader_init(&r, zeros, sizeof zeros);
    if (failed != NULL && failed->field_count == 2) {
        struct w3p_dispatch_error e = w3p_dispatch_error_read(&r, md, failed->fields[0].type);
        w3p_dispatch_error_format(msg.text, sizeof msg.text, &e);
        (void)w3p_dispatch_info_read(&r, md, failed->fields[1].type);
    }
    (void)w3p_weight_type(md);
}

// The Option of bytes that a node answers with: what is in it, none, or refused, and each to its last byte.
static void check_answer(const uint8_t *data, size_t size)
{
    struct w3p_span out = W3P_SPAN(data, 77);
    int err = w3p_metadata_of_answer(&out, W3P_SPAN(data, size));
    bool none = size == 1 && data[0] == 0;
    if ((err == W3P_E_NOTFOUND) != none || (err != W3P_OK && out.len != 77))
        abort();
    if (err == W3P_OK && (data[0] != 1 || out.len >= size || out.ptr + out.len != data + size))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct w3p_metadata *md = NULL;
    struct w3p_errmsg msg;
    check_answer(data, size);
    if (w3p_metadata_parse(&md, &msg, data, size) != W3P_OK) {
        if (md != NULL)
            abort();
        return 0;
    }
    for (size_t i = 0; i < md->pallet_count; i++) {
        (void)touch(md, &md->pallets[i]);
        if (w3p_md_pallet_at(md, md->pallets[i].index) != &md->pallets[i])
            abort();
    }
    if (md->memory > W3P_METADATA_MEMORY_MAX + 4096)
        abort();
    ask(md);
    w3p_metadata_destroy(md);
    return 0;
}
