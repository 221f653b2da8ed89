// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: fuzz the taking apart of extrinsics: what is accepted covers all bytes, and its signature can be checked.
#include <stdlib.h>

#include "crypto/hash.h"
#include "substrate/extrinsic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
#define LISTED(n)                                                                                                      \
    {                                                                                                                  \
        n, W3P_TYPE_NONE, W3P_TYPE_NONE                                                                                \
    }
    static const struct w3p_md_extension extensions[] = {
        LISTED("CheckSpecVersion"),        LISTED("CheckTxVersion"), LISTED("CheckGenesis"),
        LISTED("CheckMortality"),          LISTED("CheckNonce"),     LISTED("CheckWeight"),
        LISTED("ChargeTransactionPayment")};
    static const struct w3p_metadata md = {.version = 12,
                                           .extrinsic_version = 4,
                                           .extensions = extensions,
                                           .extension_count = sizeof extensions / sizeof extensions[0]};
    static const enum w3p_address_form forms[] = {W3P_ADDRESS_RAW, W3P_ADDRESS_MULTI};
    w3p_crypto_init();
    for (size_t i = 0; i < 2; i++) {
        struct w3p_xt xt;
        if (w3p_xt_decode(&xt, &md, forms[i], data, size) != W3P_OK)
            continue;
        if (xt.call.ptr + xt.call.len != data + size)
            abort();
        (void)w3p_xt_verify(&xt, W3P_SPAN_LIT("additional"));
    }
    return 0;
}
