// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: fuzz the metadata decoder and every look-up on what it accepts.
#include <stdlib.h>
#include <string.h>

#include "substrate/extrinsic.h"
#include "substrate/metadata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t touch(const struct w3p_md_pallet *pallet)
{
    size_t sum = strlen(pallet->name);
    for (size_t i = 0; i < pallet->call_count; i++)
        for (size_t k = 0; k < pallet->calls[i].arg_count; k++)
            sum += strlen(pallet->calls[i].args[k].name) + strlen(pallet->calls[i].args[k].type);
    for (size_t i = 0; i < pallet->event_count; i++)
        for (size_t k = 0; k < pallet->events[i].type_count; k++)
            sum += strlen(pallet->events[i].types[k]);
    for (size_t i = 0; i < pallet->error_count; i++)
        sum += strlen(pallet->errors[i].name) + strlen(pallet->errors[i].doc);
    for (size_t i = 0; i < pallet->const_count; i++)
        sum += strlen(pallet->consts[i].type) + pallet->consts[i].value.len;
    for (size_t i = 0; i < pallet->entry_count; i++) {
        struct w3p_buf key;
        w3p_buf_init(&key, 1024);
        w3p_storage_map_key(&key, pallet->storage_prefix, &pallet->entries[i], W3P_SPAN_LIT("key"));
        sum += key.len + strlen(pallet->entries[i].value_type);
        w3p_buf_deinit(&key);
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct w3p_metadata *md = NULL;
    struct w3p_errmsg msg;
    if (w3p_metadata_parse(&md, &msg, data, size) != W3P_OK) {
        if (md != NULL)
            abort();
        return 0;
    }
    for (size_t i = 0; i < md->pallet_count; i++) {
        (void)touch(&md->pallets[i]);
        if (w3p_md_pallet_at(md, md->pallets[i].index) != &md->pallets[i])
            abort();
    }
    int err = w3p_xt_check_extensions(md, &msg);
    if (err != W3P_OK && err != W3P_E_UNSUPPORTED)
        abort();
    w3p_metadata_destroy(md);
    return 0;
}
