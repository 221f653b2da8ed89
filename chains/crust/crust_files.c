// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a file's entry in the market, in the three layouts that Crust has had. Every byte must be accounted for: an
// entry that does not end where it should is refused, never half believed.
#include <stdlib.h>
#include <string.h>

#include "crust/crust_internal.h"
#include "substrate/scale.h"

#define REPLICAS_MAX 4096 // the runtime keeps 200
#define ANCHOR_MAX 1024
#define GROUPS_MAX 65536

// who, valid_at, anchor, is_reported, and since spec 3 created_at.
static void skip_replica(struct w3p_reader *r, bool created_at)
{
    w3p_reader_skip(r, 32 + 4);
    (void)w3p_scale_bytes(r, ANCHOR_MAX);
    (void)w3p_scale_bool(r);
    if (created_at && w3p_scale_bool(r))
        w3p_reader_skip(r, 4);
}

static void skip_replicas(struct w3p_reader *r, enum w3p_crust_layout layout)
{
    size_t n = w3p_scale_length(r, REPLICAS_MAX);
    for (size_t i = 0; i < n && r->err == W3P_OK; i++) {
        if (layout == W3P_CRUST_FILES_V2)
            w3p_reader_skip(r, 32); // the map's key: owner of the group
        skip_replica(r, layout != W3P_CRUST_FILES_GENESIS);
    }
}

static void skip_used_info(struct w3p_reader *r)
{
    w3p_reader_skip(r, 8 + 4);
    size_t n = w3p_scale_length(r, GROUPS_MAX);
    for (size_t i = 0; i < n && r->err == W3P_OK; i++) {
        (void)w3p_scale_bytes(r, ANCHOR_MAX);
        (void)w3p_scale_bool(r);
    }
}

int w3p_crust_file_decode(struct w3p_chain_file *out, enum w3p_crust_layout layout, const uint8_t *bytes, size_t len)
{
    struct w3p_reader r;
    struct w3p_chain_file file = {.exists = true};

    w3p_reader_init(&r, bytes, len);
    file.size = w3p_reader_le64(&r);
    if (layout != W3P_CRUST_FILES_GENESIS)
        w3p_reader_skip(&r, 8); // spower
    file.expires_at_block = w3p_reader_le32(&r);
    w3p_reader_skip(&r, 4); // calculated_at
    if (layout == W3P_CRUST_FILES_GENESIS) {
        w3p_reader_skip(&r, 16 + 16); // amount, prepaid
    } else {
        (void)w3p_scale_compact_u128(&r);
        (void)w3p_scale_compact_u128(&r);
    }
    file.replicas = w3p_reader_le32(&r);
    if (layout == W3P_CRUST_FILES_V2)
        w3p_reader_skip(&r, 4); // remaining_paid_count
    skip_replicas(&r, layout);
    if (layout == W3P_CRUST_FILES_GENESIS)
        skip_used_info(&r);
    int err = w3p_reader_end(&r);
    if (err == W3P_OK)
        *out = file;
    return err;
}

void w3p_crust_file_key(struct w3p_buf *out, const struct w3p_crust_runtime *rt, const char *cid)
{
    struct w3p_buf key;

    w3p_buf_init(&key, W3P_CRUST_CID_MAX + 8);
    w3p_scale_put_bytes(&key, cid, strlen(cid));
    out->failed = w3p_buf_status(&key) != W3P_OK;
    w3p_storage_map_key(out, rt->market->storage_prefix, rt->files, w3p_buf_span(&key));
    w3p_buf_deinit(&key);
}

static int files_chunk(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_chain_file *out, const char *const *cids,
                       size_t n, const uint8_t at_hash32[32])
{
    const struct w3p_crust_runtime *rt = c->runtime;
    struct w3p_crust_item *items = w3p_calloc(n, sizeof(*items));

    for (size_t i = 0; i < n; i++) {
        w3p_crust_item_init(&items[i]);
        w3p_crust_file_key(&items[i].key, rt, cids[i]);
    }
    int err = w3p_crust_read(c, msg, items, n, at_hash32);
    for (size_t i = 0; i < n && err == W3P_OK; i++) {
        memset(&out[i], 0, sizeof(out[i]));
        if (!items[i].present)
            continue;
        err = w3p_crust_file_decode(&out[i], rt->layout, items[i].value.ptr, items[i].value.len);
        if (err != W3P_OK) {
            err = w3p_fail(msg, W3P_E_PROTOCOL, "entry of %.100s on chain has another form than expected", cids[i]);
            w3p_crust_doubt(c);
        }
    }
    for (size_t i = 0; i < n; i++)
        w3p_crust_item_deinit(&items[i]);
    free(items);
    return err;
}

int w3p_crust_files(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_file *out,
                    const char *const *cids, size_t n, const uint8_t at_hash32[32])
{
    struct w3p_crust *c = w3p_crust_of(chain);
    int err = w3p_crust_ready(c, msg);
    for (size_t done = 0; err == W3P_OK && done < n;) {
        size_t part = n - done < W3P_CHAIN_FILES_MAX ? n - done : W3P_CHAIN_FILES_MAX;
        err = files_chunk(c, msg, out + done, cids + done, part, at_hash32);
        done += part;
    }
    if (err != W3P_OK && n > 0)
        memset(out, 0, n * sizeof(*out));
    return w3p_crust_end(c, msg, err);
}
