// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: names of scopes, both ways.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "scope.h"

TestSuite(auth_scope, .timeout = 10);

Test(auth_scope, names_that_are_none)
{
    static const char *const bad[] = {"",         ",",    " , ",       "pin.reads",         "pin.rea",
                                      "PIN.READ", "pin",  "pin.read;", "pin.read pin.rite", "pin.read,x,pin.write",
                                      "all",      "token"};
    struct w3p_errmsg msg;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        w3p_scopes scopes = 0x5a5a;
        msg.text[0] = '\0';
        cr_expect(eq(int, w3p_scopes_parse(&scopes, &msg, bad[i]), W3P_E_INVALID), "%s", bad[i]);
        cr_expect(eq(u16, scopes, 0x5a5a), "%s", bad[i]);
        cr_expect(strstr(msg.text, "account.admin") != NULL, "%s", msg.text);
    }
    cr_expect(eq(int, w3p_scopes_parse(&(w3p_scopes){0}, &msg, "pin.read,pin.rite"), W3P_E_INVALID));
    cr_expect(eq(str, msg.text,
                 "\"pin.rite\" is no scope; there are pin.read, pin.write, pin.replace, pin.delete, ipfs.add, gw.read,"
                 " token.mint, account.admin"));
    w3p_scopes one;
    cr_expect(eq(int, w3p_scope_parse(&one, "pin.read", 7), W3P_E_INVALID));
    cr_expect(eq(int, w3p_scope_parse(&one, "", 0), W3P_E_INVALID));
}

// The numbers stand in tokens that are out there.
Test(auth_scope, every_name_and_its_bit)
{
    static const struct {
        const char *name;
        w3p_scopes bit;
    } all[] = {{"pin.read", 0x01}, {"pin.write", 0x02}, {"pin.replace", 0x04}, {"pin.delete", 0x08},
               {"ipfs.add", 0x10}, {"gw.read", 0x20},   {"token.mint", 0x40},  {"account.admin", 0x80}};
    w3p_scopes one;
    for (unsigned i = 0; i < W3P_SCOPE_COUNT; i++) {
        cr_expect(eq(str, (char *)w3p_scope_name(i), (char *)all[i].name));
        cr_assert(eq(int, w3p_scope_parse(&one, all[i].name, strlen(all[i].name)), W3P_OK));
        cr_expect(eq(u16, one, all[i].bit));
    }
    cr_expect(w3p_scope_name(W3P_SCOPE_COUNT) == NULL);
}

// Each of the 256 sets is read as it is written.
Test(auth_scope, round_trip)
{
    for (unsigned set = 1; set <= W3P_SCOPES_ALL; set++) {
        struct w3p_buf text;
        struct w3p_errmsg msg;
        w3p_scopes again = 0;
        w3p_buf_init(&text, W3P_SCOPES_TEXT_MAX);
        w3p_scopes_format(&text, (w3p_scopes)(set | 0xf00), set % 2 ? "," : ", ");
        cr_assert(eq(int, w3p_buf_status(&text), W3P_OK));
        cr_assert(eq(int, w3p_scopes_parse(&again, &msg, w3p_buf_str(&text)), W3P_OK));
        cr_assert(eq(u16, again, (w3p_scopes)set));
        w3p_buf_deinit(&text);
    }
    w3p_scopes twice = 0;
    cr_assert(eq(int, w3p_scopes_parse(&twice, NULL, "pin.read pin.write,pin.read"), W3P_OK));
    cr_assert(eq(u16, twice, 3));
}
