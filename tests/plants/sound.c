// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: no defect at all: what finds the others must leave this one green, else it is red for another reason.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

Test(plant, sound)
{
    cr_expect(eq(int, 1, 1));
}
