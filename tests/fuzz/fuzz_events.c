// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: fuzz the events of a block, judged for one order, with a small runtime that has every kind of argument; and
// type texts as hostile metadata could bring them. Input: a type text, a NUL, and the bytes.
#include <stdlib.h>
#include <string.h>

#include "crust/crust_internal.h"
#include "substrate/events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const system_success[] = {"DispatchInfo"};
static const char *const system_failed[] = {"DispatchError", "DispatchInfo"};
static const char *const transfer[] = {"AccountId", "AccountId", "Balance"};
static const char *const file_success[] = {"AccountId", "MerkleRoot"};
static const char *const mixed[] = {"Option<Vec<u8>>", "Vec<IdentificationTuple>", "DispatchResult", "ValidatorPrefs",
                                    "Timepoint<BlockNumber>"};
static const struct w3p_md_event system_events[] = {
    {.name = "ExtrinsicSuccess", .index = 0, .types = system_success, .type_count = 1},
    {.name = "ExtrinsicFailed", .index = 1, .types = system_failed, .type_count = 2},
    {.name = "CodeUpdated", .index = 2}};
static const struct w3p_md_event balances_events[] = {
    {.name = "Transfer", .index = 0, .types = transfer, .type_count = 3}};
static const struct w3p_md_event market_events[] = {
    {.name = "FileSuccess", .index = 0, .types = file_success, .type_count = 2},
    {.name = "Mixed", .index = 1, .types = mixed, .type_count = 5}};
static const struct w3p_md_error market_errors[] = {{.name = "FileTooLarge", .doc = "Too large.", .index = 4}};
static const struct w3p_md_pallet pallets[] = {
    {.name = "System", .index = 0, .events = system_events, .event_count = 3},
    {.name = "Balances", .index = 5, .events = balances_events, .event_count = 1},
    {.name = "Market",
     .index = 20,
     .events = market_events,
     .event_count = 2,
     .errors = market_errors,
     .error_count = 1}};
static const struct w3p_metadata metadata = {.version = 12, .pallets = pallets, .pallet_count = 3};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t account32[32];
    struct w3p_chain_outcome out;
    const uint8_t *nul = size > 0 ? memchr(data, 0, size) : NULL;
    if (nul != NULL && nul - data < 200) {
        struct w3p_reader r;
        w3p_reader_init(&r, nul + 1, size - (size_t)(nul - data) - 1);
        w3p_type_skip(&r, (const char *)data);
        if (r.pos > r.len)
            abort();
        data = nul + 1;
        size = r.len;
    }
    for (uint32_t index = 0; index < 2; index++) {
        w3p_crust_judge(&out, &metadata, W3P_SPAN(data, size), index, account32, "QmA");
        if (!out.known && (out.ok || out.price != 0 || out.error[0] != '\0'))
            abort();
    }
    return 0;
}
