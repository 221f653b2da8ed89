// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a test that passes and leaks. `tests/run selfcheck` runs it as a unit program and expects red.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

Test(plant, leak)
{
    volatile char *lost = malloc(77);
    lost[0] = 1;
    cr_expect(eq(int, lost[0], 1));
}
