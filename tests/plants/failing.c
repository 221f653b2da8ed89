// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a test that fails, beside one that passes. `tests/run selfcheck` runs it as a unit program and expects red.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

Test(plant, passes)
{
    cr_expect(eq(int, 1, 1));
}

Test(plant, fails)
{
    cr_expect(eq(int, 1, 2));
}
