// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a test that would pass and shifts further than the type is wide. `tests/run selfcheck` runs it as a unit
// program and expects red.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

Test(plant, undefined)
{
    volatile int bits = 40;
    volatile int shifted = 1 << bits;
    cr_expect(eq(int, shifted, shifted));
}
