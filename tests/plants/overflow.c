// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a test that would pass and reads one byte behind a heap block. `tests/run selfcheck` runs it as a unit
// program and expects red.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

Test(plant, overflow)
{
    volatile size_t len = 16; // so that no compiler sees it
    volatile unsigned char *block = calloc(len, 1);
    unsigned char behind = block[len];
    cr_expect(ge(int, behind, 0));
    free((void *)block);
}
