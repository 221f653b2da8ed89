// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: runtime profiles. "rocky-4" is the real thing; the others are its bytes with splices. Metadata V12 carries
// no total lengths, so a pattern that occurs exactly once can be replaced by a longer or shorter one.
// Must not: simulate anything.
#include <string.h>

#include "devnet/runtime.h"
#include "substrate/scale.h"

#define PERBILL 1000000000u

struct splice {
    struct w3p_span from, to;
};
#define SPLICE(from, to)                                                                                               \
    {                                                                                                                  \
        {(const uint8_t *)("" from), sizeof(from) - 1},                                                                \
        {                                                                                                              \
            (const uint8_t *)("" to), sizeof(to) - 1                                                                   \
        }                                                                                                              \
    }

#define VERSION_HEAD                                                                                                   \
    "\x14"                                                                                                             \
    "crust"                                                                                                            \
    "\x34"                                                                                                             \
    "crustio-crust"                                                                                                    \
    "\x01\0\0\0"
#define FILE_INFO "FileInfo<T::AccountId, BalanceOf<T>>"

// Spec 25 of the main network: Market has index 26, FilesV2, 8 GiB, a weight coefficient of 0.3.
static const struct splice crust_25[] = {
    SPLICE(" The file does not exist. Please check the cid again.\x14",
           " The file does not exist. Please check the cid again.\x1a"),
    SPLICE("\x14"
           "Files",
           "\x1c"
           "FilesV2"),
    SPLICE("\x90" FILE_INFO, "\x98"
                             "FileInfoV2<T::AccountId, BalanceOf<T>>"),
    SPLICE("\x3c"
           "MaximumFileSize"
           "\x0cu64\x20\0\0\0\0\x08\0\0\0",
           "\x3c"
           "MaximumFileSize"
           "\x0cu64\x20\0\0\0\0\x02\0\0\0"),
    SPLICE("\x5c\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x00\xe1\xf5\x05\x00\x01",
           "\x5c\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x00\xa3\xe1\x11\x00\x01"),
    SPLICE(VERSION_HEAD "\x04\0\0\0", VERSION_HEAD "\x19\0\0\0"),
};

// Spec 1: no memo, the older names, the tuple layout.
static const struct splice crust_1[] = {
    SPLICE("\x10\x0c"
           "cid"
           "\x28"
           "MerkleRoot"
           "\x48"
           "reported_file_size",
           "\x0c\x0c"
           "cid"
           "\x28"
           "MerkleRoot"
           "\x48"
           "reported_file_size"),
    SPLICE("\x10tips\x54"
           "Compact<BalanceOf<T>>"
           "\x14_memo\x1cVec<u8>",
           "\x10tips\x54"
           "Compact<BalanceOf<T>>"),
    SPLICE("\x2c"
           "FileByteFee",
           "\x24"
           "FilePrice"),
    SPLICE("\x40"
           "FileKeysCountFee",
           "\x3c"
           "FilesCountPrice"),
    SPLICE("\x30"
           "EnableMarket",
           "\x30"
           "MarketSwitch"),
    SPLICE("\x90" FILE_INFO, "\xc0(" FILE_INFO ", UsedInfo)"),
    SPLICE(VERSION_HEAD "\x04\0\0\0", VERSION_HEAD "\x01\0\0\0"),
};

// What the next version moves, whichever the profile is: a call and an event that do nothing come first.
static const struct splice moved[] = {
    SPLICE("\x01\x18\x4c"
           "place_storage_order",
           "\x01\x1c\x18"
           "legacy\0\0\x4c"
           "place_storage_order"),
    SPLICE("\x01\x20\x2c"
           "FileSuccess",
           "\x01\x24\x18"
           "Legacy\0\0\x2c"
           "FileSuccess"),
    SPLICE("\x37\xc8\xbb\x13\x50\xa9\xa2\xa8\x01\0\0\0\x01\0\0\0", // the last API's, and the transaction version
           "\x37\xc8\xbb\x13\x50\xa9\xa2\xa8\x01\0\0\0\x02\0\0\0"),
};
#define MOVED_MARKET_INDEX 27
static const char market_end[] = " The file does not exist. Please check the cid again."; // its index follows
static const char multisig_end[] = "The data to be stored is already stored.";

struct profile {
    const char *name;
    const struct splice *splices;
    size_t splice_count;
    enum devnet_layout layout;
    const char *files_item, *byte_fee_item, *keys_fee_item, *enable_item;
    bool has_memo;
    uint64_t place_weight;
};
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const struct profile profiles[] = {
    {"crust-25", crust_25, COUNT(crust_25), DEVNET_FILE_V2, "FilesV2", "FileByteFee", "FileKeysCountFee",
     "EnableMarket", true, 2019000000u},
    {"rocky-4", NULL, 0, DEVNET_FILE_V1, "Files", "FileByteFee", "FileKeysCountFee", "EnableMarket", true, 3019000000u},
    {"crust-1", crust_1, COUNT(crust_1), DEVNET_FILE_TUPLE, "Files", "FilePrice", "FilesCountPrice", "MarketSwitch",
     false, 3019000000u},
};

w3p_u128 w3p_devnet_add(w3p_u128 a, w3p_u128 b)
{
    w3p_u128 sum = a + b;
    return sum < a ? ~(w3p_u128)0 : sum;
}

w3p_u128 w3p_devnet_mul(w3p_u128 a, w3p_u128 b)
{
    w3p_u128 product;
    return __builtin_mul_overflow(a, b, &product) ? ~(w3p_u128)0 : product;
}

w3p_u128 w3p_devnet_perbill(uint32_t parts, w3p_u128 value)
{
    w3p_u128 rest = value % PERBILL * parts;
    w3p_u128 up = rest % PERBILL > PERBILL / 2 ? 1 : 0;
    return value / PERBILL * parts + rest / PERBILL + up;
}

// Replaces the only occurrence of a pattern. False when there is none, or more than one.
static bool apply_splice(struct w3p_buf *bytes, const struct splice *splice)
{
    const uint8_t *at = memmem(bytes->ptr, bytes->len, splice->from.ptr, splice->from.len);
    if (at == NULL)
        return false;
    size_t head = (size_t)(at - bytes->ptr), tail_at = head + splice->from.len;
    if (memmem(at + 1, bytes->len - head - 1, splice->from.ptr, splice->from.len) != NULL)
        return false;
    struct w3p_buf out;
    w3p_buf_init(&out, W3P_METADATA_MAX);
    w3p_buf_put(&out, bytes->ptr, head);
    w3p_buf_put_span(&out, splice->to);
    w3p_buf_put(&out, bytes->ptr + tail_at, bytes->len - tail_at);
    w3p_buf_deinit(bytes);
    *bytes = out;
    return !bytes->failed;
}

// Constants. A missing one fails the reader that is given back.
static struct w3p_reader constant(const struct devnet_runtime *rt, const char *pallet, const char *name)
{
    struct w3p_reader r;
    const struct w3p_md_pallet *found = w3p_md_pallet(rt->md, pallet);
    const struct w3p_md_const *value = w3p_md_const(found, name);
    w3p_reader_init(&r, value != NULL ? value->value.ptr : NULL, value != NULL ? value->value.len : 0);
    return r;
}

static uint64_t optional_weight(struct w3p_reader *r)
{
    return w3p_scale_bool(r) ? w3p_reader_le64(r) : UINT64_MAX;
}

static int read_limits(struct devnet_runtime *rt)
{
    struct w3p_reader r = constant(rt, "System", "BlockWeights");
    rt->base_block = w3p_reader_le64(&r);
    rt->max_block = w3p_reader_le64(&r);
    for (size_t i = 0; i < DEVNET_CLASSES; i++) {
        rt->limits[i].base_extrinsic = w3p_reader_le64(&r);
        rt->limits[i].max_extrinsic = optional_weight(&r);
        rt->limits[i].max_total = optional_weight(&r);
        (void)optional_weight(&r); // reserved
    }
    int err = w3p_reader_end(&r);
    r = constant(rt, "System", "BlockLength");
    for (size_t i = 0; i < DEVNET_CLASSES; i++)
        rt->limits[i].max_length = w3p_reader_le32(&r);
    return err != W3P_OK ? err : w3p_reader_end(&r);
}

static int read_version(struct devnet_runtime *rt)
{
    struct w3p_reader r = constant(rt, "System", "Version");
    (void)w3p_scale_bytes(&r, 64);
    (void)w3p_scale_bytes(&r, 64);
    (void)w3p_reader_le32(&r);
    rt->spec_version = w3p_reader_le32(&r);
    (void)w3p_reader_le32(&r);
    size_t apis = w3p_scale_length(&r, 64);
    w3p_reader_skip(&r, apis * 12);
    rt->tx_version = w3p_reader_le32(&r);
    return w3p_reader_end(&r);
}

static int read_fees(struct devnet_runtime *rt)
{
    struct w3p_reader r = constant(rt, "TransactionPayment", "TransactionByteFee");
    rt->length_fee = w3p_reader_le128(&r);
    int err = w3p_reader_end(&r);
    r = constant(rt, "TransactionPayment", "WeightToFee");
    size_t terms = w3p_scale_length(&r, 1);
    w3p_u128 integer = w3p_reader_le128(&r);
    rt->weight_to_fee_perbill = w3p_reader_le32(&r);
    bool negative = w3p_scale_bool(&r);
    uint8_t degree = w3p_reader_u8(&r);
    if (err == W3P_OK)
        err = w3p_reader_end(&r);
    bool linear = terms == 1 && integer == 0 && !negative && degree == 1;
    return err == W3P_OK && !linear ? W3P_E_INVALID : err;
}

static int read_u32(const struct devnet_runtime *rt, uint32_t *out, const char *pallet, const char *name)
{
    struct w3p_reader r = constant(rt, pallet, name);
    *out = w3p_reader_le32(&r);
    return w3p_reader_end(&r);
}

static int read_constants(struct devnet_runtime *rt)
{
    int bad = 0;
    bad |= read_limits(rt) | read_version(rt) | read_fees(rt);
    bad |= read_u32(rt, &rt->block_hash_count, "System", "BlockHashCount");
    bad |= read_u32(rt, &rt->staking_perbill, "Market", "StakingRatio");
    bad |= read_u32(rt, &rt->storage_perbill, "Market", "StorageRatio");
    bad |= read_u32(rt, &rt->file_duration, "Market", "FileDuration");
    if (rt->layout != DEVNET_FILE_V2)
        bad |= read_u32(rt, &rt->renew_perbill, "Market", "RenewRewardRatio");
    struct w3p_reader r = constant(rt, "Market", "MaximumFileSize");
    rt->file_size_max = w3p_reader_le64(&r);
    bad |= w3p_reader_end(&r);
    r = constant(rt, "Balances", "ExistentialDeposit");
    rt->existential_deposit = w3p_reader_le128(&r);
    bad |= w3p_reader_end(&r);
    r = constant(rt, "Market", "ModuleId");
    struct w3p_span id = w3p_reader_take(&r, sizeof rt->market_id8);
    if (id.len == sizeof rt->market_id8)
        memcpy(rt->market_id8, id.ptr, id.len);
    bad |= w3p_reader_end(&r);
    return bad != 0 ? W3P_E_INTERNAL : W3P_OK;
}

static const struct profile *find_profile(const char *name)
{
    for (size_t i = 0; i < COUNT(profiles); i++)
        if (name == NULL || strcmp(profiles[i].name, name) == 0)
            return &profiles[i];
    return NULL;
}

static int read_all(struct devnet_runtime *rt, struct w3p_errmsg *msg)
{
    int err = w3p_metadata_parse(&rt->md, msg, rt->metadata.ptr, rt->metadata.len);
    if (err == W3P_OK && read_constants(rt) != W3P_OK)
        err = w3p_fail(msg, W3P_E_INTERNAL, "runtime %s lacks a constant that the simulation needs", rt->name);
    if (err != W3P_OK)
        w3p_devnet_runtime_deinit(rt);
    return err;
}

int w3p_devnet_runtime_init(struct devnet_runtime *rt, struct w3p_errmsg *msg, const char *name)
{
    const struct profile *profile = find_profile(name);
    memset(rt, 0, sizeof *rt);
    if (profile == NULL)
        return w3p_fail(msg, W3P_E_NOTFOUND, "no runtime %.40s; there are crust-25, rocky-4 and crust-1", name);
    w3p_buf_init(&rt->metadata, W3P_METADATA_MAX);
    w3p_buf_put(&rt->metadata, w3p_devnet_rocky, (size_t)(w3p_devnet_rocky_end - w3p_devnet_rocky));
    for (size_t i = 0; i < profile->splice_count; i++)
        if (!apply_splice(&rt->metadata, &profile->splices[i])) {
            w3p_devnet_runtime_deinit(rt);
            return w3p_fail(msg, W3P_E_INTERNAL, "splice %zu of runtime %s does not fit exactly once", i,
                            profile->name);
        }
    rt->name = profile->name;
    rt->layout = profile->layout;
    rt->files_item = profile->files_item;
    rt->byte_fee_item = profile->byte_fee_item;
    rt->keys_fee_item = profile->keys_fee_item;
    rt->enable_item = profile->enable_item;
    rt->has_memo = profile->has_memo;
    rt->place_weight = profile->place_weight;
    return read_all(rt, msg);
}

// The byte behind the only occurrence of a text, NULL when there is not exactly one.
static uint8_t *byte_behind(struct w3p_buf *bytes, const char *text, size_t len)
{
    uint8_t *at = memmem(bytes->ptr, bytes->len, text, len);
    size_t head = at != NULL ? (size_t)(at - bytes->ptr) : 0;
    if (at == NULL || head + len == bytes->len || memmem(at + 1, bytes->len - head - 1, text, len) != NULL)
        return NULL;
    return at + len;
}

int w3p_devnet_runtime_moved(struct devnet_runtime *rt, struct w3p_errmsg *msg, const struct devnet_runtime *from)
{
    *rt = *from;
    rt->md = NULL;
    w3p_buf_init(&rt->metadata, W3P_METADATA_MAX);
    w3p_buf_put(&rt->metadata, from->metadata.ptr, from->metadata.len);
    bool ok = true;
    for (size_t i = 0; i < COUNT(moved); i++)
        ok = ok && apply_splice(&rt->metadata, &moved[i]);
    uint8_t *market = byte_behind(&rt->metadata, market_end, sizeof market_end - 1);
    uint8_t *multisig = byte_behind(&rt->metadata, multisig_end, sizeof multisig_end - 1);
    uint8_t *spec = byte_behind(&rt->metadata, VERSION_HEAD, sizeof VERSION_HEAD - 1);
    if (!ok || market == NULL || multisig == NULL || spec == NULL || *market == MOVED_MARKET_INDEX) {
        w3p_devnet_runtime_deinit(rt);
        return w3p_fail(msg, W3P_E_INTERNAL, "runtime %s cannot be moved on", from->name);
    }
    *multisig = *market;
    *market = MOVED_MARKET_INDEX;
    *spec += 1;
    return read_all(rt, msg);
}

void w3p_devnet_runtime_deinit(struct devnet_runtime *rt)
{
    w3p_buf_deinit(&rt->metadata);
    w3p_metadata_destroy(rt->md);
    rt->md = NULL;
}
