// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the decision table of engine_decide.c, row by row and at its edges.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>

#include "engine_internal.h"

#define FINAL 1000000
#define RENEW 432000
#define OURS 1000
#define NONE                                                                                                           \
    {                                                                                                                  \
        false, 0, 0, 0                                                                                                 \
    }

static const struct {
    const char *name;
    struct w3p_chain_file files[2];
    uint64_t last_order_block;
    bool renewal;
    unsigned spelling; // of a renewal
    struct w3p_choice want;
} rows[] = {
    {"nothing there", {NONE, NONE}, 0, false, 0, {W3P_DECIDE_ORDER, 0, OURS}},
    {"live", {{true, 5, FINAL + RENEW + 1, 1}, NONE}, 0, false, 0, {W3P_DECIDE_ADOPT, 0, OURS}},
    {"live, one block too short", {{true, 5, FINAL + RENEW, 1}, NONE}, 0, false, 0, {W3P_DECIDE_ORDER, 0, 5}},
    {"short, but ours is young", {{true, 5, FINAL + 101, 1}, NONE}, FINAL - 100, false, 0, {W3P_DECIDE_ADOPT, 0, OURS}},
    {"short, half of ours is over", {{true, 5, FINAL + 100, 1}, NONE}, FINAL - 100, false, 0, {W3P_DECIDE_ORDER, 0, 5}},
    {"expires now", {{true, 5, FINAL, 1}, NONE}, 0, false, 0, {W3P_DECIDE_ORDER, 0, 5}},
    {"expired long ago", {{true, 5, 1, 0}, NONE}, 0, false, 0, {W3P_DECIDE_ORDER, 0, 5}},
    {"had replicas, has life", {{true, 5, FINAL + RENEW + 1, 0}, NONE}, 0, false, 0, {W3P_DECIDE_ADOPT, 0, OURS}},
    {"pending, our size", {{true, OURS, 0, 0}, NONE}, 0, false, 0, {W3P_DECIDE_ADOPT, 0, OURS}},
    {"pending, a byte less", {{true, OURS - 1, 0, 0}, NONE}, 0, false, 0, {W3P_DECIDE_WAIT, 0, OURS}},
    {"pending, size 0", {{true, 0, 0, 0}, NONE}, 0, false, 0, {W3P_DECIDE_WAIT, 0, OURS}},
    {"replica before expiry is set", {{true, 5, 0, 1}, NONE}, 0, false, 0, {W3P_DECIDE_ADOPT, 0, OURS}},
    {"alternate live", {NONE, {true, 5, FINAL + RENEW + 1, 1}}, 0, false, 0, {W3P_DECIDE_ADOPT, 1, OURS}},
    {"alternate pending", {NONE, {true, OURS, 0, 0}}, 0, false, 0, {W3P_DECIDE_ADOPT, 1, OURS}},
    {"alternate short", {NONE, {true, 5, FINAL + 9, 1}}, 0, false, 0, {W3P_DECIDE_ORDER, 1, 5}},
    {"alternate trapped", {NONE, {true, 1, 0, 0}}, 0, false, 0, {W3P_DECIDE_ORDER, 0, OURS}},
    {"alternate expired", {NONE, {true, 5, 1, 1}}, 0, false, 0, {W3P_DECIDE_ORDER, 0, OURS}},
    {"trapped, alternate live",
     {{true, 1, 0, 0}, {true, 5, FINAL + RENEW + 1, 1}},
     0,
     false,
     0,
     {W3P_DECIDE_ADOPT, 1, OURS}},
    {"both live: the order spelling",
     {{true, 5, FINAL + RENEW + 1, 1}, {true, 5, FINAL + RENEW + 9, 9}},
     0,
     false,
     0,
     {W3P_DECIDE_ADOPT, 0, OURS}},
    {"both trapped", {{true, 1, 0, 0}, {true, 1, 0, 0}}, 0, false, 0, {W3P_DECIDE_WAIT, 0, OURS}},
    {"renewal due", {{true, 5, FINAL + 9, 3}, NONE}, 0, true, 0, {W3P_DECIDE_ORDER, 0, 5}},
    {"renewal done by others", {{true, 5, FINAL + RENEW + 1, 3}, NONE}, 0, true, 0, {W3P_DECIDE_ADOPT, 0, OURS}},
    {"renewal under the alternate", {NONE, {true, 5, FINAL + 9, 3}}, 0, true, 1, {W3P_DECIDE_ORDER, 1, 5}},
    {"renewal of what is gone", {NONE, NONE}, 0, true, 0, {W3P_DECIDE_WAIT, 0, OURS}},
    {"renewal looks at its own entry only",
     {NONE, {true, 5, FINAL + RENEW + 1, 3}},
     0,
     true,
     0,
     {W3P_DECIDE_WAIT, 0, OURS}},
};

ParameterizedTestParameters(engine_decide, table)
{
    static int index[sizeof(rows) / sizeof(rows[0])];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        index[i] = (int)i;
    return cr_make_param_array(int, index, sizeof(rows) / sizeof(rows[0]));
}

ParameterizedTest(int *i, engine_decide, table)
{
    struct w3p_candidate candidate = {.content_id = 1,
                                      .renewal = rows[*i].renewal,
                                      .cids = {"Qm", "b"},
                                      .spelling = rows[*i].spelling,
                                      .size = OURS,
                                      .last_order_block = rows[*i].last_order_block};
    struct w3p_choice choice = w3p_engine_decide(&candidate, rows[*i].files, FINAL, RENEW);

    cr_assert(choice.what == rows[*i].want.what, "%s: decision %d", rows[*i].name, (int)choice.what);
    cr_assert(choice.spelling == rows[*i].want.spelling, "%s: spelling", rows[*i].name);
    cr_assert(choice.size == rows[*i].want.size, "%s: size", rows[*i].name);
}

Test(engine_decide, without_an_alternate_spelling_its_entry_is_not_looked_at)
{
    struct w3p_candidate candidate = {.cids = {"bafk", ""}, .size = OURS};
    struct w3p_chain_file files[2] = {NONE, {true, 5, FINAL + RENEW + 1, 3}};
    struct w3p_choice choice = w3p_engine_decide(&candidate, files, FINAL, RENEW);

    cr_assert(eq(int, (int)choice.what, W3P_DECIDE_ORDER));
    cr_assert(eq(u32, choice.spelling, 0));
}
