// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the operator's subcommands used wrongly, and without a gateway: one line, the right exit code, no file made.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "call.h"
#include "crypto/hash.h"
#include "net/net.h"

static void setup(void)
{
    w3p_crypto_init();
    w3p_net_global_init();
}

TestSuite(cli_operate, .init = setup, .timeout = 30);

#define CID "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
#define STORE "--store.path=/nonexistent/w3pin.db"
#define NOWHERE "--crust.endpoints=http://127.0.0.1:9"

static const struct {
    const struct w3p_command *command;
    const char *words[7];
    int code;
    const char *says;
} cases[] = {
    {&w3p_cmd_orders, {"orders", "--failed", "--stuck"}, 2, "not both"},
    {&w3p_cmd_orders, {"orders", CID, "--failed"}, 2, "a CID, or --failed"},
    {&w3p_cmd_orders, {"orders", "nonsense"}, 2, "not a CID"},
    {&w3p_cmd_orders, {"orders", CID, CID}, 2, "one word too many"},
    {&w3p_cmd_orders, {"orders", "--limit", "0"}, 2, "--limit"},
    {&w3p_cmd_orders, {"orders", "--limit=1001"}, 2, "--limit"},
    {&w3p_cmd_orders, {"orders", "--before=-1"}, 2, "--before"},
    {&w3p_cmd_orders, {"orders", "--limit"}, 2, "needs a value"},
    {&w3p_cmd_orders, {"orders", "--json=yes"}, 2, "takes no value"},
    {&w3p_cmd_orders, {"orders", "--no.such=1"}, 2, "no.such"},
    {&w3p_cmd_orders, {"orders", STORE}, 1, "no gateway is running at /nonexistent/w3pin.db.sock"},
    {&w3p_cmd_orders, {"orders", "--admin.socket=off"}, 1, "admin.socket is off"},
    {&w3p_cmd_orders, {"orders", "--admin.socket=/dev/null"}, 1, "no UNIX socket"},
    {&w3p_cmd_pause, {"pause", "now"}, 2, "one word too many"},
    {&w3p_cmd_pause, {"pause", STORE}, 1, "no gateway is running"},
    {&w3p_cmd_resume, {"resume", STORE}, 1, "no gateway is running"},
    {&w3p_cmd_retry, {"retry"}, 2, "a CID, or --failed"},
    {&w3p_cmd_retry, {"retry", CID, "--failed"}, 2, "a CID, or --failed"},
    {&w3p_cmd_retry, {"retry", "nonsense"}, 2, "not a CID"},
    {&w3p_cmd_retry, {"retry", "--failed", STORE}, 1, "no gateway is running"},
    {&w3p_cmd_order, {"order"}, 2, "which CID"},
    {&w3p_cmd_order, {"order", "nonsense"}, 2, "not a CID"},
    {&w3p_cmd_order, {"order", CID, "--size=0"}, 2, "--size"},
    {&w3p_cmd_order, {"order", CID, "--size=9223372036854775808"}, 2, "--size"},
    {&w3p_cmd_order, {"order", CID, "--remove", "--size=1"}, 2, "--remove takes neither"},
    {&w3p_cmd_order, {"order", CID, STORE}, 1, "no gateway is running"},
    {&w3p_cmd_quote, {"quote"}, 2, "which size"},
    {&w3p_cmd_quote, {"quote", "0"}, 2, "--size takes"},
    {&w3p_cmd_quote, {"quote", "ten"}, 2, "neither a size in bytes nor a CID"},
    {&w3p_cmd_quote, {"quote", "10", "--size=5"}, 2, "goes with a CID"},
    {&w3p_cmd_quote, {"quote", CID, "--size=x"}, 2, "--size"},
    {&w3p_cmd_quote, {"quote", "10", NOWHERE}, 1, "127.0.0.1:9"},
    {&w3p_cmd_doctor, {"doctor", "me"}, 2, "one word too many"},
    {&w3p_cmd_doctor, {"doctor", "https://rpc.example/secret-key"}, 2, "'https://' is one word too many"},
    {&w3p_cmd_quote, {"quote", "wss://rpc.example/secret"}, 2, "'wss://' is neither"},
    {&w3p_cmd_orders, {"orders", "wss://rpc.example/secret"}, 2, "'wss://' is not a CID"},
    {&w3p_cmd_orders, {"orders", CID, "wss://me:secret@rpc.example/"}, 2, "'wss://' is one word too many"},
};

Test(cli_operate, wrong_use_and_no_gateway_are_one_line)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome o;
        call(&o, cases[i].command, "", cases[i].words);
        cr_expect(eq(int, o.code, cases[i].code), "%zu: %s", i, o.err);
        cr_expect(eq(str, o.out, ""), "%zu", i);
        cr_expect(strncmp(o.err, "w3pin ", 6) == 0 && strchr(o.err, '\n') == o.err + strlen(o.err) - 1, "%zu: %s", i,
                  o.err);
        cr_expect(strstr(o.err, cases[i].says) != NULL, "%zu: %s", i, o.err);
    }
}

// What an address holds beside its host may be a password or a key.
Test(cli_operate, doctor_shows_hosts_only)
{
    struct outcome o;
    CALL(&o, w3p_cmd_doctor, "", "doctor", STORE,
         "--crust.endpoints=http://me:secret@127.0.0.1:9/, http://127.0.0.1:9/secret,,http://127.0.0.1:9?k=secret,"
         "http://127.0.0.1:9#secret,me:secret@127.0.0.1:9,http://[::1]:9/@secret,");
    cr_expect(eq(int, o.code, 2));
    cr_expect(strstr(o.out, "secret") == NULL && strstr(o.err, "secret") == NULL, "%s %s", o.out, o.err);
    static const char *const lines[] = {
        "FAIL  endpoint  http://127.0.0.1:9: endpoint URL of 127.0.0.1 must not hold a",
        "WARN  endpoint  http://127.0.0.1:9: ", "FAIL  endpoint  127.0.0.1:9: ", "WARN  endpoint  http://[::1]:9: "};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        cr_expect(strstr(o.out, lines[i]) != NULL, "%s: %s", lines[i], o.out);
    CALL(&o, w3p_cmd_doctor, "", "doctor", STORE, "--crust.endpoints= ,");
    cr_expect(strstr(o.out, "FAIL  endpoint  none is named") != NULL, "%s", o.out);
}

// Where no gateway is, each check stands in a line of its own, and nothing is made.
Test(cli_operate, doctor_on_an_empty_machine)
{
    struct outcome o;
    CALL(&o, w3p_cmd_doctor, "", "doctor", STORE, NOWHERE);
    cr_expect(eq(int, o.code, 2));
    static const char *const lines[] = {"FAIL  key ", "FAIL  disk ", "WARN  gateway ", "WARN  endpoint ",
                                        "WARN  accounts "};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        cr_expect(strstr(o.out, lines[i]) != NULL, "%s: %s", lines[i], o.out);
    CALL(&o, w3p_cmd_doctor, "", "doctor", "--no.such=1");
    cr_expect(o.code == 2 && strncmp(o.out, "FAIL  config", 12) == 0, "%s", o.out);
}
