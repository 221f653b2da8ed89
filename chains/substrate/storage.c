// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: storage keys. twox128 of the pallet's prefix and of the item, then the hashed key of a map's element.
// Must not: know any pallet.
#include <string.h>

#include "crypto/hash.h"
#include "substrate/metadata.h"

void w3p_storage_prefix(uint8_t out32[32], const char *prefix, const char *item)
{
    w3p_twox128(out32, prefix, strlen(prefix));
    w3p_twox128(out32 + 16, item, strlen(item));
}

static void put_blake2(struct w3p_buf *out, size_t digest_len, struct w3p_span key)
{
    uint8_t digest[32];
    w3p_blake2b(digest, digest_len, key.ptr, key.len);
    w3p_buf_put(out, digest, digest_len);
}

static void put_hashed(struct w3p_buf *out, enum w3p_hasher hasher, struct w3p_span key)
{
    uint8_t digest[16];
    switch (hasher) {
    case W3P_BLAKE2_128:
        put_blake2(out, 16, key);
        return;
    case W3P_BLAKE2_256:
        put_blake2(out, 32, key);
        return;
    case W3P_BLAKE2_128_CONCAT:
        put_blake2(out, 16, key);
        break;
    case W3P_TWOX128:
        w3p_twox128(digest, key.ptr, key.len);
        w3p_buf_put(out, digest, 16);
        return;
    case W3P_TWOX64_CONCAT:
        w3p_twox64(digest, key.ptr, key.len);
        w3p_buf_put(out, digest, 8);
        break;
    case W3P_IDENTITY:
        break;
    case W3P_TWOX256: // no pallet of ours hashes so
    default:
        out->failed = true;
        return;
    }
    w3p_buf_put_span(out, key);
}

void w3p_storage_map_key(struct w3p_buf *out, const char *prefix, const struct w3p_md_entry *entry, struct w3p_span key)
{
    uint8_t head32[32];
    if (entry->key_count != 1) {
        out->failed = true;
        return;
    }
    w3p_storage_prefix(head32, prefix, entry->name);
    w3p_buf_put(out, head32, sizeof head32);
    put_hashed(out, (enum w3p_hasher)entry->hashers[0], key);
}
