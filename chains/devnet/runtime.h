// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: internal to the development chain: which runtime it pretends to be. The metadata bytes of a real runtime,
// spliced where a profile differs, and the constants that the simulation reads out of them.
// Ownership: the runtime owns its bytes until w3p_devnet_runtime_deinit.
#ifndef W3P_CHAINS_DEVNET_RUNTIME_H
#define W3P_CHAINS_DEVNET_RUNTIME_H

#include "substrate/metadata.h"

// Layouts of a file's entry (Crust's market pallet, FileInfo and FileInfoV2).
enum devnet_layout {
    DEVNET_FILE_TUPLE, // (FileInfo, UsedInfo) of spec 1
    DEVNET_FILE_V1,    // FileInfo of spec 4
    DEVNET_FILE_V2     // FileInfoV2 of spec 17 and later
};

enum devnet_class { DEVNET_NORMAL, DEVNET_OPERATIONAL, DEVNET_MANDATORY, DEVNET_CLASSES };

struct devnet_class_limit {
    uint64_t base_extrinsic;           // weight of every extrinsic before its call
    uint64_t max_extrinsic, max_total; // UINT64_MAX: none
    uint32_t max_length;               // bytes of a block
};

struct devnet_runtime {
    const char *name;
    struct w3p_buf metadata; // SCALE, as state_getMetadata gives it
    struct w3p_metadata *md;
    uint32_t spec_version, tx_version;

    enum devnet_layout layout;
    const char *files_item, *byte_fee_item, *keys_fee_item, *enable_item;
    bool has_memo;
    uint64_t place_weight;

    uint64_t base_block, max_block; // weight
    struct devnet_class_limit limits[DEVNET_CLASSES];
    uint32_t block_hash_count, weight_to_fee_perbill, staking_perbill, storage_perbill, file_duration;
    uint32_t renew_perbill; // of the price, to whoever calls for a renewal; 0: the leftover amount instead (FileInfoV2)
    uint64_t file_size_max;
    w3p_u128 existential_deposit, length_fee; // planck, planck a byte
    uint8_t market_id8[8];                    // module id that the market's pots derive from
};

extern const uint8_t w3p_devnet_rocky[]; // data/rocky-4-v12.scale
extern const uint8_t w3p_devnet_rocky_end[];

// W3P_E_NOTFOUND for a name that is none; W3P_E_INTERNAL when a splice does not fit.
int w3p_devnet_runtime_init(struct devnet_runtime *rt, struct w3p_errmsg *msg, const char *name) W3P_NODISCARD;
// The next version of a runtime, which no chain has: another spec and transaction version, the market at another
// index (its old one is another pallet's), and its calls and events one further.
int w3p_devnet_runtime_moved(struct devnet_runtime *rt, struct w3p_errmsg *msg,
                             const struct devnet_runtime *from) W3P_NODISCARD;
void w3p_devnet_runtime_deinit(struct devnet_runtime *rt);

// Parts in a billion of a value, to the nearest, as the runtime's Perbill.
w3p_u128 w3p_devnet_perbill(uint32_t parts, w3p_u128 value);
w3p_u128 w3p_devnet_add(w3p_u128 a, w3p_u128 b); // saturating
w3p_u128 w3p_devnet_mul(w3p_u128 a, w3p_u128 b); // saturating

#endif
