// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: how a call ended: DispatchError and DispatchInfo, in the forms that runtimes have had.
// Threads: any.  Ownership: borrows from the metadata.  Source: sp-runtime and frame-support, 2021 to 2024.
#ifndef W3P_CHAINS_SUBSTRATE_DISPATCH_H
#define W3P_CHAINS_SUBSTRATE_DISPATCH_H

#include "base/reader.h"
#include "substrate/metadata.h"

// kind is the variant's name ("BadOrigin", "Module", "Token"); detail that of the enum inside it, "" for none.
struct w3p_dispatch_error {
    const char *kind, *detail;
    const struct w3p_md_pallet *pallet;   // of a module error; NULL: no module error, or none with this index
    const struct w3p_type_variant *error; // NULL: not a module error, or one without a name
    bool is_module;
    uint8_t pallet_index, error_index;
};

// Reads a value of this type, an enum with the variant Module of two bytes, or of one and four. Failures stay in the
// reader: W3P_E_UNSUPPORTED for another form.
struct w3p_dispatch_error w3p_dispatch_error_read(struct w3p_reader *r, const struct w3p_metadata *md, uint32_t type);
// "Market.FileTooLarge: The file is too large", "Token: FundsUnavailable", "BadOrigin". Cut at the end of out.
void w3p_dispatch_error_format(char *out, size_t room, const struct w3p_dispatch_error *error);

struct w3p_weight {
    uint64_t ref_time, proof_size; // picoseconds, bytes; proof_size is 0 where weights are one number
};
struct w3p_dispatch_info {
    struct w3p_weight weight;
    uint8_t class; // 0 normal, 1 operational, 2 mandatory
    bool pays_fee;
};
// A Weight: a number, or a struct of two compact ones.
struct w3p_weight w3p_weight_read(struct w3p_reader *r, const struct w3p_metadata *md, uint32_t type);
// The type of weights in this runtime; W3P_TYPE_NONE when System.ExtrinsicSuccess does not tell.
uint32_t w3p_weight_type(const struct w3p_metadata *md);
struct w3p_dispatch_info w3p_dispatch_info_read(struct w3p_reader *r, const struct w3p_metadata *md, uint32_t type);

#endif
