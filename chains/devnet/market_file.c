// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a file's entry on chain in the three layouts that Crust has had. Decoding is strict; what does not decode
// counts as absent, as in the runtime.
// Must not: know what orders cost.
#include <string.h>

#include "devnet/core.h"
#include "substrate/scale.h"

#define ENTRY_MAX (256u << 10)
#define ANCHOR_MAX 4096u

static void file_key(struct w3p_buf *out, const struct w3p_devnet *net, struct w3p_span cid)
{
    struct w3p_buf encoded;
    const struct w3p_md_entry entry = {.name = net->rt.files_item, .key_count = 1, .hashers = {W3P_TWOX64_CONCAT}};
    w3p_buf_init(&encoded, cid.len + 8);
    w3p_scale_put_bytes(&encoded, cid.ptr, cid.len);
    w3p_buf_init(out, cid.len + 64);
    w3p_storage_map_key(out, "Market", &entry, w3p_buf_span(&encoded));
    w3p_buf_deinit(&encoded);
}

static void read_replica(struct devnet_replica *out, struct w3p_reader *r, enum devnet_layout layout)
{
    struct w3p_span owner = {0}, who;
    if (layout == DEVNET_FILE_V2)
        owner = w3p_reader_take(r, 32);
    who = w3p_reader_take(r, 32);
    out->valid_at = w3p_reader_le32(r);
    out->anchor = w3p_scale_bytes(r, ANCHOR_MAX);
    out->is_reported = w3p_scale_bool(r);
    if (layout != DEVNET_FILE_TUPLE && w3p_scale_bool(r)) {
        out->has_created_at = true;
        out->created_at = w3p_reader_le32(r);
    }
    if (r->err != W3P_OK)
        return;
    memcpy(out->who32, who.ptr, 32);
    memcpy(out->owner32, owner.len == 32 ? owner.ptr : who.ptr, 32);
}

static void put_replica(struct w3p_buf *out, const struct devnet_replica *replica, enum devnet_layout layout)
{
    if (layout == DEVNET_FILE_V2)
        w3p_buf_put(out, replica->owner32, 32);
    w3p_buf_put(out, replica->who32, 32);
    w3p_buf_put_le32(out, replica->valid_at);
    w3p_scale_put_bytes(out, replica->anchor.ptr, replica->anchor.len);
    w3p_buf_put_u8(out, replica->is_reported ? 1 : 0);
    if (layout == DEVNET_FILE_TUPLE)
        return;
    w3p_buf_put_u8(out, replica->has_created_at ? 1 : 0);
    if (replica->has_created_at)
        w3p_buf_put_le32(out, replica->created_at);
}

static void read_used_info(struct devnet_file *out, struct w3p_reader *r)
{
    out->used_size = w3p_reader_le64(r);
    out->reported_groups = w3p_reader_le32(r);
    size_t from = r->pos, count = w3p_scale_length(r, ENTRY_MAX);
    for (size_t i = 0; i < count && r->err == W3P_OK; i++) {
        (void)w3p_scale_bytes(r, ANCHOR_MAX);
        (void)w3p_scale_bool(r);
    }
    out->used_groups = W3P_SPAN(r->ptr + from, r->pos - from);
}

static void read_file(struct devnet_file *out, struct w3p_reader *r, enum devnet_layout layout)
{
    bool tuple = layout == DEVNET_FILE_TUPLE;
    out->size = w3p_reader_le64(r);
    out->spower = tuple ? 0 : w3p_reader_le64(r);
    out->expired_at = w3p_reader_le32(r);
    out->calculated_at = w3p_reader_le32(r);
    out->amount = tuple ? w3p_reader_le128(r) : w3p_scale_compact_u128(r);
    out->prepaid = tuple ? w3p_reader_le128(r) : w3p_scale_compact_u128(r);
    out->reported = w3p_reader_le32(r);
    if (layout == DEVNET_FILE_V2)
        out->remaining_paid = w3p_reader_le32(r);
    out->replica_count = w3p_scale_length(r, DEVNET_REPLICAS_MAX);
    for (size_t i = 0; i < out->replica_count && r->err == W3P_OK; i++)
        read_replica(&out->replicas[i], r, layout);
    if (tuple)
        read_used_info(out, r);
}

bool w3p_devnet_file_get(const struct w3p_devnet *net, struct devnet_file *out, struct w3p_span cid)
{
    struct w3p_buf key;
    struct w3p_span value;
    struct w3p_reader r;
    memset(out, 0, sizeof *out);
    file_key(&key, net, cid);
    bool found = w3p_devnet_get(&net->state, &value, w3p_buf_span(&key));
    w3p_buf_deinit(&key);
    if (!found)
        return false;
    w3p_reader_init(&r, value.ptr, value.len);
    read_file(out, &r, net->rt.layout);
    return w3p_reader_end(&r) == W3P_OK;
}

void w3p_devnet_file_put(struct w3p_devnet *net, struct w3p_span cid, const struct devnet_file *file)
{
    struct w3p_buf key, value;
    bool tuple = net->rt.layout == DEVNET_FILE_TUPLE;
    file_key(&key, net, cid);
    w3p_buf_init(&value, (size_t)ENTRY_MAX * 4);
    w3p_buf_put_le64(&value, file->size);
    if (!tuple)
        w3p_buf_put_le64(&value, file->spower);
    w3p_buf_put_le32(&value, file->expired_at);
    w3p_buf_put_le32(&value, file->calculated_at);
    if (tuple) {
        w3p_buf_put_le128(&value, file->amount);
        w3p_buf_put_le128(&value, file->prepaid);
    } else {
        w3p_scale_put_compact(&value, file->amount);
        w3p_scale_put_compact(&value, file->prepaid);
    }
    w3p_buf_put_le32(&value, file->reported);
    if (net->rt.layout == DEVNET_FILE_V2)
        w3p_buf_put_le32(&value, file->remaining_paid);
    w3p_scale_put_compact(&value, file->replica_count);
    for (size_t i = 0; i < file->replica_count; i++)
        put_replica(&value, &file->replicas[i], net->rt.layout);
    if (tuple) {
        w3p_buf_put_le64(&value, file->used_size);
        w3p_buf_put_le32(&value, file->reported_groups);
        if (file->used_groups.len > 0)
            w3p_buf_put_span(&value, file->used_groups);
        else
            w3p_scale_put_compact(&value, 0);
    }
    w3p_devnet_put(&net->state, w3p_buf_span(&key), w3p_buf_span(&value));
    w3p_buf_deinit(&key);
    w3p_buf_deinit(&value);
}

void w3p_devnet_file_delete(struct w3p_devnet *net, struct w3p_span cid)
{
    struct w3p_buf key;
    file_key(&key, net, cid);
    w3p_devnet_delete(&net->state, w3p_buf_span(&key));
    w3p_buf_deinit(&key);
}
