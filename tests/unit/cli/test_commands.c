// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `token` and `key` as a user meets them: what goes to stdout, what to stderr, and the exit code.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "auth.h"
#include "call.h"
#include "crypto/hash.h"
#include "vectors/w3auth.h"

#define ONES "0101010101010101010101010101010101010101010101010101010101010101"

TestSuite(cli_commands, .init = w3p_crypto_init, .timeout = 20);

static size_t count_lines(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

static const struct {
    const char *words[10];
    int code;
} wrong_use[] = {
    {{"token"}, 2},
    {{"token", "make"}, 2},
    {{"token", "new"}, 2},
    {{"token", "new", "--chain", "eth"}, 2},
    {{"token", "new", "--uri", "//Alice"}, 2},
    {{"token", "new", "--chain"}, 2},
    {{"token", "new", "--chain", "flow", "--uri", "//Alice"}, 2},
    {{"token", "new", "--chain", "eth", "--uri", "//Alice", "--key", "k"}, 2},
    {{"token", "new", "--chain", "eth", "--uri", "//Alice", "--shout", "1"}, 2},
    {{"token", "new", "--chain", "eth", "--uri", "Alice"}, 1},
    {{"token", "new", "--chain", "eth", "--uri", "/Alice"}, 1}, // soft derivation is for sr25519
    {{"token", "new", "--chain", "eth", "--key", "/nonexistent/key"}, 1},
    {{"token", "new", "--" ONES ONES, "1"}, 2}, // longer than any option
    {{"token", "new", "--", "1"}, 2},
    {{"token", "inspect", "--yaml"}, 2},
    {{"token", "inspect", "a", "b"}, 2},
    {{"key"}, 2},
    {{"key", "show"}, 2},
    {{"key", "inspect"}, 2},
    {{"key", "inspect", "--uri", "//Alice", "--key", "k"}, 2},
    {{"key", "inspect", "--uri", "//Alice", "--scheme", "rsa"}, 2},
    {{"key", "inspect", "--uri", "Alice"}, 1},
    {{"key", "inspect", "--uri", "0x" ONES}, 1},
    {{"key", "inspect", "a", "b"}, 2},
    {{"key", "inspect", "/nonexistent/key"}, 1},
    {{"key", "inspect", "--print", "k"}, 2},
    {{"key", "new"}, 2},
    {{"key", "new", "legal"}, 2},
    {{"key", "new", "--password-file", "/nonexistent/p", "--print"}, 2},
    {{"key", "new", "--print", "--words", "13"}, 1},
    {{"key", "new", "--print", "--words", "11"}, 2},
    {{"key", "new", "--print", "--uri", "//Alice"}, 2},
    {{"key", "new", "--out", "/nonexistent/k"}, 1},
    {{"key", "new", "--out", "/dev/null/k", "--password-file", "hunter2"}, 1},
    {{"key", "import"}, 2},
    {{"key", "import", "legal", "winner"}, 2},
    {{"key", "import", "--out", "/nonexistent/k"}, 1}, // nothing on stdin
    {{"key", "import", "--out", "/nonexistent/k", "--in", "/nonexistent/i"}, 1},
    {{"token", "new", "--chain", "eth", "--uri", "//Alice", "--scheme", "sr25519"}, 2},
    {{"token", "new", "--chain", "sol", "--uri", "//Alice", "--scheme", "ecdsa"}, 2},
    {{"token", "new", "--chain", "sub", "--uri", "//Alice", "--scheme", "rsa"}, 2},
    {{"token", "new", "--chain", "sub", "--uri", "//Alice", "--password-file", "p"}, 1},
};

Test(cli_commands, wrong_use_is_one_line)
{
    for (size_t i = 0; i < sizeof(wrong_use) / sizeof(wrong_use[0]); i++) {
        struct outcome o;
        bool token = strcmp(wrong_use[i].words[0], "token") == 0;
        call(&o, token ? &w3p_cmd_token : &w3p_cmd_key, "", wrong_use[i].words);
        cr_expect(o.code == wrong_use[i].code, "%zu: %d %s", i, o.code, o.err);
        cr_expect(eq(str, o.out, ""), "%zu", i);
        cr_expect(count_lines(o.err) == 1, "%zu: %s", i, o.err);
        cr_expect(strncmp(o.err, token ? "w3pin token: " : "w3pin key: ", token ? 13 : 11) == 0, "%s", o.err);
    }
}

static const struct {
    const char *chain, *identity;
} new_tokens[] = {
    {"substrate", "sub:d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"},
    {"crust", "sub:d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"},
    {"eth", "evm:0xe04cc55ebee1cbce552f250e85c57b70b2e2625b"},
    {"ethereum", "evm:0xe04cc55ebee1cbce552f250e85c57b70b2e2625b"},
    {"Polygon", "evm:0xe04cc55ebee1cbce552f250e85c57b70b2e2625b"},
    {"solana", "sol:88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee"},
    {"near", "near:88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee"},
};

Test(cli_commands, token_new_then_inspect)
{
    for (size_t i = 0; i < sizeof(new_tokens) / sizeof(new_tokens[0]); i++) {
        struct outcome made, seen;
        CALL(&made, w3p_cmd_token, "", "token", "new", "--chain", new_tokens[i].chain, "--uri=//Alice");
        cr_assert(made.code == 0, "%s", made.err);
        cr_expect(eq(str, made.err, ""));
        cr_expect(count_lines(made.out) == 1 && strchr(made.out, ' ') == NULL, "%s", made.out);

        // with its newline by stdin, without it as a word, and as a header value
        CALL(&seen, w3p_cmd_token, made.out, "token", "inspect");
        cr_expect(seen.code == 0 && strstr(seen.out, new_tokens[i].identity) != NULL, "%s", seen.out);
        cr_expect(strstr(seen.out, "never") != NULL);
        CALL(&seen, w3p_cmd_token, made.out, "token", "inspect", "-");
        cr_expect(seen.code == 0);
        made.out[strlen(made.out) - 1] = '\0';
        CALL(&seen, w3p_cmd_token, "", "token", "inspect", made.out);
        cr_expect(seen.code == 0);
        char header[sizeof(made.out) + 8];
        snprintf(header, sizeof(header), "Bearer %s", made.out);
        CALL(&seen, w3p_cmd_token, "", "token", "inspect", "--json", header);
        cr_expect(seen.code == 0);
        json_t *json = json_loads(seen.out, JSON_REJECT_DUPLICATES, NULL);
        cr_assert(json != NULL, "%s", seen.out);
        cr_expect(eq(int, json_typeof(json_object_get(json, "valid")), JSON_TRUE));
        cr_expect(eq(int, json_typeof(json_object_get(json, "expires")), JSON_NULL));
        cr_expect(
            eq(str, (char *)json_string_value(json_object_get(json, "identity")), (char *)new_tokens[i].identity));
        json_decref(json);
    }
}

Test(cli_commands, inspect_says_why_not)
{
    for (size_t i = 0; i < sizeof(w3auth_vectors) / sizeof(w3auth_vectors[0]); i++) {
        struct outcome o;
        CALL(&o, w3p_cmd_token, w3auth_vectors[i].header, "token", "inspect", "--json");
        bool valid = w3auth_vectors[i].identity != NULL;
        cr_expect(o.code == (valid ? 0 : 1), "%s", w3auth_vectors[i].note);
        json_t *json = json_loads(o.out, JSON_REJECT_DUPLICATES, NULL);
        cr_assert(json != NULL, "%s", o.out);
        cr_expect(eq(str, (char *)json_string_value(json_object_get(json, "reason")),
                     (char *)w3p_auth_reason_name(w3auth_vectors[i].reason)),
                  "%s", w3auth_vectors[i].note);
        // a claim is not an identity
        cr_expect(valid == (json_object_get(json, "identity") != NULL));
        json_decref(json);
        CALL(&o, w3p_cmd_token, w3auth_vectors[i].header, "token", "inspect");
        cr_expect(strstr(o.out, w3p_auth_reason_sentence(w3auth_vectors[i].reason)) != NULL || valid, "%s", o.out);
    }
    struct outcome o;
    CALL(&o, w3p_cmd_token, "", "token", "inspect");
    cr_expect(o.code == 1 && strstr(o.out, "no credential") != NULL, "%s", o.out);
    static char wide[100001];
    memset(wide, 'A', sizeof(wide) - 1);
    CALL(&o, w3p_cmd_token, wide, "token", "inspect");
    cr_expect(o.code == 1 && strstr(o.out, "4096") != NULL, "%s", o.out);
    CALL(&o, w3p_cmd_token, "", "token", "inspect", wide);
    cr_expect(o.code == 1 && strstr(o.out, "4096") != NULL, "%s", o.out);
}

Test(cli_commands, key_inspect_shows_only_the_public_side)
{
    struct outcome o;
    CALL(&o, w3p_cmd_key, "", "key", "inspect", "--uri", "//Alice");
    cr_assert(o.code == 0, "%s", o.err);
    cr_expect(strstr(o.out, "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d") != NULL);
    cr_expect(strstr(o.out, "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY") != NULL);
    cr_expect(strstr(o.out, "cTM8suyN19VZb7JEPRNvtezyfpEAJyYxHkk1n5J4XEr6XroRa") != NULL, "%s", o.out);
    cr_expect(strstr(o.out, "ethereum") == NULL);
    CALL(&o, w3p_cmd_key, "", "key", "inspect", "--scheme=ecdsa", "--uri=//Alice", "--json");
    cr_assert(o.code == 0, "%s", o.err);
    cr_expect(eq(str, o.out,
                 "{\"kind\":\"development key\",\"scheme\":\"ecdsa\",\"public_key\":"
                 "\"0x020a1091341fe5664bfa1782d5e04779689068c916b04cb365ec3153755684d9a1\",\"account_id\":"
                 "\"0x01e552298e47454041ea31273b4b630c64c104e4514aa3643490b8aaca9cf8ed\",\"ss58_generic\":"
                 "\"5C7C2Z5sWbytvHpuLTvzKunnnRwQxft1jiqrLD5rhucQ5S9X\",\"ss58_crust\":"
                 "\"cTGP81xDda71u1VoJbzFUAhG2XYtqhoYV7pA7D7Y19USc2JD8\",\"ethereum\":"
                 "\"0xE04CC55ebEE1cBCE552f250e85c57B70B2E2625b\"}\n"));
    CALL(&o, w3p_cmd_key, "", "key", "inspect", "--uri=//Alice", "--scheme=ed25519");
    cr_expect(strstr(o.out, "0x88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee") != NULL);
}

Test(cli_commands, help_texts)
{
    const struct w3p_command *const commands[] = {&w3p_cmd_token, &w3p_cmd_key};
    for (size_t i = 0; i < 2; i++) {
        cr_expect(strncmp(commands[i]->usage, "usage: w3pin ", 13) == 0);
        cr_expect(commands[i]->usage[strlen(commands[i]->usage) - 1] == '\n');
        cr_expect(strlen(commands[i]->summary) > 10);
    }
}
