// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the allow list: what is an entry, what fails and with which sentence, and who passes.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access.h"
#include "crypto/hash.h"

TestSuite(auth_access, .init = w3p_crypto_init, .timeout = 30);

#define ALICE "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
#define ALICE_IDENTITY "sub:d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"
#define ETH "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
#define ETH_IDENTITY "evm:0x1a642f0e3c3af545e7acbd38b07251b3990914f1"

static struct w3p_access *create(int mode, const char *allow, const char *file, bool development)
{
    struct w3p_access_settings settings = {.mode = mode, .allow = (char *)allow, .allow_file = (char *)file};
    struct w3p_access *access = NULL;
    struct w3p_errmsg msg = {.text = ""};
    cr_assert(w3p_access_create(&access, &msg, &settings, development) == W3P_OK, "%s", msg.text);
    return access;
}

static bool permits(const struct w3p_access *access, const char *text)
{
    struct w3p_identity identity;
    cr_assert(w3p_identity_parse(&identity, text, strlen(text)) == W3P_OK);
    return w3p_access_permits(access, &identity);
}

static void write_temp(char path[64], const void *bytes, size_t len)
{
    strncpy(path, P_tmpdir "/w3pin-allow-XXXXXX", 64);
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
    close(fd);
}

Test(auth_access, what_is_no_account_fails_with_its_text)
{
    static const char *const bad[] = {"alice",        ALICE "x", "eth-" ALICE, "sub-" ALICE ", eth-0x00",
                                      "ton-00",       "//Alice", "evm:0x00",   "*",
                                      ALICE ";" ALICE};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct w3p_access_settings settings = {.mode = W3P_ACCESS_ALLOWLIST, .allow = (char *)bad[i]};
        struct w3p_access *access = NULL;
        struct w3p_errmsg msg = {.text = ""};
        cr_expect(w3p_access_create(&access, &msg, &settings, false) == W3P_E_INVALID, "%s", bad[i]);
        cr_expect(access == NULL);
        cr_expect(strstr(msg.text, "accounts.allow: \"") != NULL, "%s", msg.text);
    }
}

Test(auth_access, modes)
{
    static const struct {
        int mode;
        bool development;
        enum w3p_access_mode wanted;
    } cases[] = {
        {W3P_ACCESS_AUTO, false, W3P_ACCESS_ALLOWLIST},
        {W3P_ACCESS_AUTO, true, W3P_ACCESS_OPEN},
        {W3P_ACCESS_OPEN, false, W3P_ACCESS_OPEN},
        {W3P_ACCESS_OPEN, true, W3P_ACCESS_OPEN},
        {W3P_ACCESS_ALLOWLIST, false, W3P_ACCESS_ALLOWLIST},
        {W3P_ACCESS_ALLOWLIST, true, W3P_ACCESS_ALLOWLIST},
        {77, false, W3P_ACCESS_ALLOWLIST}, // not a mode: the safe one
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct w3p_access *access = create(cases[i].mode, NULL, NULL, cases[i].development);
        cr_expect(w3p_access_effective(access) == cases[i].wanted, "case %zu", i);
        cr_expect(w3p_access_count(access) == 0);
        cr_expect(permits(access, ALICE_IDENTITY) == (cases[i].wanted == W3P_ACCESS_OPEN), "case %zu", i);
        w3p_access_destroy(access);
    }
    w3p_access_destroy(NULL);
}

Test(auth_access, spellings_are_one_account)
{
    struct w3p_access *access = create(W3P_ACCESS_ALLOWLIST,
                                       " pol-" ETH ",eth-0x1a642f0e3c3af545e7acbd38b07251b3990914f1,," ETH_IDENTITY
                                       " , HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F," ALICE ",",
                                       NULL, false);
    cr_expect(w3p_access_count(access) == 2);
    cr_expect(permits(access, ETH_IDENTITY));
    cr_expect(permits(access, ALICE_IDENTITY));
    cr_expect(not(permits(access, "evm:0x1a642f0e3c3af545e7acbd38b07251b3990914f2")));
    // the same 32 bytes on another chain are another account
    cr_expect(not(permits(access, "sol:d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d")));
    w3p_access_destroy(access);
}

Test(auth_access, file)
{
    static const char text[] = "# who may pin\n\n  eth-" ETH "   # the office\r\n" ALICE "\n\t\n" ALICE_IDENTITY;
    char path[64];
    write_temp(path, text, sizeof(text) - 1);
    struct w3p_access *access = create(W3P_ACCESS_ALLOWLIST, "", path, false);
    cr_expect(w3p_access_count(access) == 2);
    cr_expect(permits(access, ETH_IDENTITY));
    cr_expect(permits(access, ALICE_IDENTITY));
    w3p_access_destroy(access);
    unlink(path);
}

Test(auth_access, file_with_errors_says_the_line)
{
    static char wide[3000];
    memset(wide, 'a', sizeof(wide));
    static const char second[] = ALICE "\nbob\n", nul[] = ALICE "\0\n" ALICE "\n";
    const struct {
        const void *bytes;
        size_t len;
        const char *says;
    } cases[] = {{second, sizeof(second) - 1, ":2: \"bob\" is no account"},
                 {nul, sizeof(nul) - 1, ":1: "},
                 {wide, sizeof(wide), ":1: the line is too long"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char path[64];
        write_temp(path, cases[i].bytes, cases[i].len);
        struct w3p_access_settings settings = {.allow_file = path};
        struct w3p_access *access = NULL;
        struct w3p_errmsg msg = {.text = ""};
        cr_expect(w3p_access_create(&access, &msg, &settings, false) == W3P_E_INVALID);
        cr_expect(strstr(msg.text, cases[i].says) != NULL, "%s", msg.text);
        unlink(path);
    }
    struct w3p_access_settings settings = {.allow_file = (char *)"/nonexistent/allow"};
    struct w3p_access *access = NULL;
    struct w3p_errmsg msg;
    cr_expect(w3p_access_create(&access, &msg, &settings, false) == W3P_E_IO);
    settings.allow_file = (char *)"/";
    cr_expect(w3p_access_create(&access, &msg, &settings, false) == W3P_E_IO);
}

Test(auth_access, many)
{
    // more than the first allocation, out of order, then each is found and its neighbour is not
    struct w3p_buf list;
    w3p_buf_init(&list, 1 << 20);
    for (unsigned i = 0; i < 1000; i++)
        w3p_buf_printf(&list, "evm:0x%040x,", (i * 7919u) % 1000u * 2u);
    struct w3p_access *access = create(W3P_ACCESS_ALLOWLIST, w3p_buf_str(&list), NULL, false);
    cr_expect(w3p_access_count(access) == 1000);
    for (unsigned i = 0; i < 1000; i++) {
        char text[W3P_IDENTITY_MAX];
        snprintf(text, sizeof(text), "evm:0x%040x", i * 2);
        cr_expect(permits(access, text));
        snprintf(text, sizeof(text), "evm:0x%040x", i * 2 + 1);
        cr_expect(not(permits(access, text)));
    }
    w3p_access_destroy(access);
    w3p_buf_deinit(&list);
}

Test(auth_access, list_bound)
{
    struct w3p_buf list;
    w3p_buf_init(&list, 8u << 20);
    for (unsigned i = 0; i < 100001; i++)
        w3p_buf_printf(&list, "evm:0x%040x,", i);
    cr_assert(w3p_buf_status(&list) == W3P_OK);
    struct w3p_access_settings settings = {.allow = (char *)w3p_buf_str(&list)};
    struct w3p_access *access = NULL;
    struct w3p_errmsg msg;
    cr_expect(w3p_access_create(&access, &msg, &settings, false) == W3P_E_LIMIT);
    w3p_buf_deinit(&list);
}

Test(auth_access, configuration_rows)
{
    struct w3p_access_settings settings = {0};
    const struct w3p_conf_table table = {.keys = w3p_access_conf_keys};
    const struct w3p_conf_schema schema = {.tables = &table, .table_count = 1};
    struct w3p_errmsg msg;
    w3p_conf_defaults(&settings, &schema);
    cr_expect(settings.mode == W3P_ACCESS_AUTO);
    cr_expect(settings.pins_per_day == 1000);
    cr_expect(w3p_conf_set(&settings, &msg, &schema, "accounts.mode", "allowlist", "test") == W3P_OK);
    cr_expect(settings.mode == W3P_ACCESS_ALLOWLIST);
    cr_expect(w3p_conf_set(&settings, &msg, &schema, "accounts.mode", "closed", "test") != W3P_OK);
    cr_expect(w3p_conf_set(&settings, &msg, &schema, "accounts.pins_per_day", "0", "test") == W3P_OK);
    cr_expect(w3p_conf_set(&settings, &msg, &schema, "accounts.pins_per_day", "-1", "test") != W3P_OK);
    w3p_conf_free(&settings, &schema);
}
