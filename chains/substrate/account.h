// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the value of System.Account in the forms that it has had.
// Threads: any.  Source: frame-system's AccountInfo and pallet-balances' AccountData, 2020 to 2024.
#ifndef W3P_CHAINS_SUBSTRATE_ACCOUNT_H
#define W3P_CHAINS_SUBSTRATE_ACCOUNT_H

#include "substrate/metadata.h"

// planck
struct w3p_account {
    uint32_t nonce;
    w3p_u128 available, reserved, frozen; // available includes what is frozen
};

// W3P_E_UNSUPPORTED when the metadata has another form for it, W3P_E_INVALID for bytes that are none.
int w3p_account_decode(struct w3p_account *out, const struct w3p_metadata *md, struct w3p_span value) W3P_NODISCARD;

#endif
