// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the arithmetic that every backend's terms share.
#include "chain.h"

#define MIB 1048576u

w3p_u128 w3p_chain_price(const struct w3p_chain_terms *terms, uint64_t size)
{
    const w3p_u128 max = ~(w3p_u128)0;
    w3p_u128 mib = size / MIB + (size % MIB != 0 ? 1 : 0), price = terms->per_mib_fee;
    if (mib != 0 && price > max / mib)
        return max;
    price *= mib;
    if (price > max - terms->keys_fee)
        return max;
    price += terms->keys_fee;
    if (price > max - terms->base_fee)
        return max;
    price += terms->base_fee;
    return price > max - terms->tip ? max : price + terms->tip;
}
