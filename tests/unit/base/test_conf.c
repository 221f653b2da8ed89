// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: settings that are wrong fail with their place and leave the rest alone; nothing that the INI reader would
// cut, join or ignore goes unseen; the printed file reads back to the same settings.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"

struct server {
    char *listen;
    uint64_t threads;
    bool tls;
};
struct chain {
    char *key_file;
    int mode;
    uint64_t price, size;
};
struct settings {
    int unrelated;
    struct server server;
    struct chain chain;
};

static const struct w3p_conf_key server_keys[] = {
    {.name = "http.listen",
     .type = W3P_CONF_STRING,
     .offset = offsetof(struct server, listen),
     .fallback = "127.0.0.1:3000",
     .help = "Address and port."},
    {.name = "http.threads",
     .type = W3P_CONF_U64,
     .offset = offsetof(struct server, threads),
     .fallback = "2",
     .min = 1,
     .max = 64,
     .unit = "threads",
     .help = "Threads that serve requests. More than there are cores does not help, and each of them holds its own "
             "caches, so that many threads cost memory."},
    {.name = "http.tls",
     .type = W3P_CONF_BOOL,
     .offset = offsetof(struct server, tls),
     .fallback = "no",
     .help = "Whether a|b."},
    {0},
};
static const struct w3p_conf_key chain_keys[] = {
    {.name = "crust.key_file",
     .type = W3P_CONF_STRING,
     .offset = offsetof(struct chain, key_file),
     .unit = "path",
     .help = "Key."},
    {.name = "crust.mode",
     .type = W3P_CONF_ENUM,
     .offset = offsetof(struct chain, mode),
     .fallback = "open",
     .choices = "allowlist|open|off",
     .help = "Who may."},
    {.name = "crust.price",
     .type = W3P_CONF_U64,
     .offset = offsetof(struct chain, price),
     .fallback = "18446744073709551615",
     .unit = "planck",
     .help = "Most."},
    {.name = "http.size",
     .type = W3P_CONF_U64,
     .offset = offsetof(struct chain, size),
     .fallback = "10",
     .min = 5,
     .help = "A row of another module in the same section."},
    {0},
};
static const struct w3p_conf_table tables[] = {
    {server_keys, offsetof(struct settings, server)},
    {chain_keys, offsetof(struct settings, chain)},
};
static const struct w3p_conf_schema schema = {tables, 2};

static char file_path[] = "/tmp/w3pin-conf-XXXXXX";
static struct settings settings;
static struct w3p_errmsg msg;

static void set_up(void)
{
    int fd = mkstemp(file_path);
    cr_assert(fd >= 0);
    close(fd);
    w3p_conf_defaults(&settings, &schema);
}

static void tear_down(void)
{
    unlink(file_path);
    w3p_conf_free(&settings, &schema);
}

TestSuite(conf, .init = set_up, .fini = tear_down);

static int load(const char *text, size_t len)
{
    FILE *file = fopen(file_path, "wb");
    cr_assert(file != NULL && fwrite(text, 1, len, file) == len);
    fclose(file);
    msg.text[0] = '\0';
    return w3p_conf_load_file(&settings, &msg, &schema, file_path);
}

static const struct {
    const char *text;
    int err;
    const char *place, *word;
} bad_files[] = {
    {"[http]\nlisten = a\nlisen = b\n", W3P_E_NOTFOUND, ":3)", "http.lisen"},
    {"[http]\n\n[htttp]\n", W3P_E_NOTFOUND, ":3)", "[htttp]"},
    {"[htttp]\nlisten = a\n", W3P_E_NOTFOUND, ":1)", "[htttp]"},
    {"[htt]\n", W3P_E_NOTFOUND, ":1)", "[htt]"},
    {"[]\n", W3P_E_NOTFOUND, ":1)", "[]"},
    {"[HTTP]\nlisten = a\n", W3P_E_NOTFOUND, ":1)", "HTTP"},
    {"[http] listen = a\n", W3P_E_INVALID, ":1)", "follow"},
    {"[http\nlisten = a\n", W3P_E_INVALID, ":1)", "bracket"},
    {"listen = a\n", W3P_E_INVALID, ":1)", "before the first"},
    {"http.listen = a\n", W3P_E_INVALID, ":1)", "before the first"},
    {"[http]\nlisten\n", W3P_E_INVALID, ":2)", "key = value"},
    {"[http]\n= a\n", W3P_E_NOTFOUND, ":2)", "http."},
    {"[http]\nlisten = a\nthreads = 2 ; two\n", W3P_E_INVALID, ":3)", "comments"},
    {"[http]\nlisten = a # b\n", W3P_E_INVALID, ":2)", "comments"},
    {"[http]\nlisten = # b\n", W3P_E_INVALID, ":2)", "comments"},
    {"[http]\nlisten = a\nlisten = b\n", W3P_E_EXISTS, ":3)", "second"},
    {"[http]\nlisten = a\n[crust]\n[http]\nlisten = b\n", W3P_E_EXISTS, ":5)", "second"},
    {"[http]\nthreads = 0\n", W3P_E_RANGE, ":2)", "1 to 64 threads"},
    {"[http]\nthreads = 65\n", W3P_E_RANGE, ":2)", "\"65\""},
    {"[http]\nthreads = two\n", W3P_E_INVALID, ":2)", "whole number"},
    {"[http]\nthreads = -1\n", W3P_E_INVALID, ":2)", "whole number"},
    {"[http]\nthreads =\n", W3P_E_INVALID, ":2)", "whole number"},
    {"[http]\nthreads = 18446744073709551616\n", W3P_E_RANGE, ":2)", "outside"},
    {"[http]\nsize = 4\n", W3P_E_RANGE, ":2)", "5 to"},
    {"[http]\ntls = maybe\n", W3P_E_INVALID, ":2)", "true nor false"},
    {"[crust]\nmode = ope\n", W3P_E_INVALID, ":2)", "allowlist|open|off"},
    {"[crust]\nmode = open|off\n", W3P_E_INVALID, ":2)", "none of"},
    {"[crust]\nmode =\n", W3P_E_INVALID, ":2)", "none of"},
    {"[crust]\nkey_file = a\x01z\n", W3P_E_INVALID, ":2)", "control"},
    {"[http]\nlisten = a\n b\n", W3P_E_INVALID, ":3)", "key = value"}, // no continuation lines
};

Test(conf, bad_files_fail_with_their_line)
{
    for (size_t i = 0; i < sizeof(bad_files) / sizeof(bad_files[0]); i++) {
        int err = load(bad_files[i].text, strlen(bad_files[i].text));
        cr_expect(err == bad_files[i].err, "case %zu: %d %s", i, err, msg.text);
        cr_expect(strstr(msg.text, bad_files[i].place) != NULL, "case %zu says: %s", i, msg.text);
        cr_expect(strstr(msg.text, bad_files[i].word) != NULL, "case %zu says: %s", i, msg.text);
    }
}

Test(conf, text_values_are_not_quoted)
{
    static const char text[] = "[crust]\nkey_file = s3cret\x01\n";
    cr_assert(load(text, strlen(text)) != W3P_OK);
    cr_assert(strstr(msg.text, "s3cret") == NULL, "%s", msg.text);
}

Test(conf, long_lines_are_taken_whole_or_refused)
{
    struct w3p_buf text;
    w3p_buf_init(&text, 100000);
    static const size_t fine[] = {0, 49, 180, 199, 200, 201, 5000, W3P_CONF_VALUE_MAX};
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        w3p_buf_reset(&text);
        w3p_buf_put_str(&text, "[crust]\nkey_file = ");
        for (size_t n = 0; n < fine[i]; n++)
            w3p_buf_put_u8(&text, 'x');
        w3p_buf_put_str(&text, i % 2 == 0 ? "\r\nmode = off\r\n" : "\nmode = off");
        cr_expect(load(w3p_buf_str(&text), text.len) == W3P_OK, "%zu: %s", fine[i], msg.text);
        cr_expect(strlen(settings.chain.key_file) == fine[i], "%zu became %zu", fine[i],
                  strlen(settings.chain.key_file));
        cr_expect(settings.chain.mode == 2);
    }
    static const size_t wrong[] = {W3P_CONF_VALUE_MAX + 1, W3P_CONF_VALUE_MAX + 200, 99000};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        w3p_buf_reset(&text);
        w3p_buf_put_str(&text, "[crust]\nkey_file = ");
        for (size_t n = 0; n < wrong[i]; n++)
            w3p_buf_put_u8(&text, 'x');
        cr_expect(load(w3p_buf_str(&text), text.len) == W3P_E_LIMIT, "%zu", wrong[i]);
        cr_expect(strstr(msg.text, ":2)") != NULL, "%s", msg.text);
    }
    w3p_buf_deinit(&text);
}

Test(conf, files_that_are_no_settings)
{
    cr_expect(load("[http]\nlis\0ten = a\n", 19) == W3P_E_INVALID);
    cr_expect(strstr(msg.text, "NUL") != NULL && strstr(msg.text, ":2)") != NULL, "%s", msg.text);
    struct w3p_buf text;
    w3p_buf_init(&text, 100000);
    for (int i = 0; i < 10001; i++)
        w3p_buf_put_str(&text, "#\n");
    cr_expect(load(w3p_buf_str(&text), text.len) == W3P_E_LIMIT, "%s", msg.text);
    w3p_buf_deinit(&text);
    cr_expect(w3p_conf_load_file(&settings, &msg, &schema, "/nonexistent/w3pin.ini") == W3P_E_NOTFOUND);
    cr_expect(strstr(msg.text, "/nonexistent/w3pin.ini") != NULL, "%s", msg.text);
    cr_expect(w3p_conf_load_file(&settings, &msg, &schema, "/tmp") == W3P_E_IO, "%s", msg.text);
}

Test(conf, defaults_are_set)
{
    cr_expect(eq(str, settings.server.listen, "127.0.0.1:3000"));
    cr_expect(settings.server.threads == 2 && settings.server.tls == false);
    cr_expect(eq(str, settings.chain.key_file, ""));
    cr_expect(settings.chain.mode == 1 && settings.chain.price == UINT64_MAX && settings.chain.size == 10);
    cr_expect(settings.unrelated == 0);
}

Test(conf, a_file_sets_what_it_names)
{
    static const char text[] =
        "\xef\xbb\xbf# comment\n; comment\n\n[http]\n  listen=0.0.0.0:80\t\nTHREADS_are = none\n";
    cr_expect(load(text, strlen(text)) == W3P_E_NOTFOUND, "%s", msg.text);
    static const char good[] = "\xef\xbb\xbf# comment\n  ; comment\n\n[http]\n  listen=0.0.0.0:80\t\nthreads : 8\n"
                               "[crust]\nmode = off\nkey_file = a;b#c = d\n[http]\ntls = ON\n";
    cr_expect(load(good, strlen(good)) == W3P_E_INVALID, "ON is not on");
    static const char fine[] = "\xef\xbb\xbf# comment\n  ; comment\n\n[http]\n  listen=0.0.0.0:80\t\nthreads : 8\n"
                               "[crust]\nmode = off\nkey_file = a;b#c = d\n[http]\ntls = on\n";
    cr_expect(load(fine, strlen(fine)) == W3P_OK, "%s", msg.text);
    cr_expect(eq(str, settings.server.listen, "0.0.0.0:80"));
    cr_expect(settings.server.threads == 8 && settings.server.tls == true);
    cr_expect(eq(str, settings.chain.key_file, "a;b#c = d"));
    cr_expect(settings.chain.mode == 2 && settings.chain.size == 10);
    cr_expect(load("", 0) == W3P_OK);
}

Test(conf, single_values_name_their_origin)
{
    cr_expect(w3p_conf_set(&settings, &msg, &schema, "http.thread", "1", "command line") == W3P_E_NOTFOUND);
    cr_expect(strstr(msg.text, "http.thread") != NULL && strstr(msg.text, "command line") != NULL, "%s", msg.text);
    cr_expect(w3p_conf_set(&settings, &msg, &schema, "", "1", "command line") == W3P_E_NOTFOUND);
    cr_expect(w3p_conf_set(&settings, &msg, &schema, "http.threads", "1x", "command line") == W3P_E_INVALID);
    cr_expect(settings.server.threads == 2);
    cr_expect(w3p_conf_set(&settings, NULL, &schema, "http.threads", "64", "command line") == W3P_OK);
    cr_expect(settings.server.threads == 64);
    static const char *const yes[] = {"true", "yes", "on", "1"}, *const no[] = {"false", "no", "off", "0"};
    for (size_t i = 0; i < 4; i++) {
        cr_expect(w3p_conf_set(&settings, &msg, &schema, "http.tls", yes[i], "x") == W3P_OK && settings.server.tls);
        cr_expect(w3p_conf_set(&settings, &msg, &schema, "http.tls", no[i], "x") == W3P_OK);
        cr_expect(settings.server.tls == false);
    }
}

Test(conf, environment)
{
    char *good[] = {"PATH=/bin",      "W3PIN_HTTP_LISTEN=[::]:1", "W3PIN_CRUST_KEY_FILE=/a=b", "W3PIN_TEST_DATA=x",
                    "W3PIN_CONFIG=y", "W3PIN_NOT_A_DEFINITION",   "w3pin_http_threads=9",      NULL};
    cr_expect(w3p_conf_load_env(&settings, &msg, &schema, good) == W3P_OK, "%s", msg.text);
    cr_expect(eq(str, settings.server.listen, "[::]:1"));
    cr_expect(eq(str, settings.chain.key_file, "/a=b"));
    cr_expect(settings.server.threads == 2);
    char *unknown[] = {"W3PIN_HTTP_LISTENS=1", NULL}, *shorter[] = {"W3PIN_=1", NULL};
    char *lower[] = {"W3PIN_http_listen=1", NULL}, *bad[] = {"W3PIN_HTTP_THREADS=many", NULL};
    cr_expect(w3p_conf_load_env(&settings, &msg, &schema, unknown) == W3P_E_NOTFOUND);
    cr_expect(strstr(msg.text, "W3PIN_HTTP_LISTENS") != NULL && strstr(msg.text, "=") == NULL, "%s", msg.text);
    cr_expect(w3p_conf_load_env(&settings, &msg, &schema, shorter) == W3P_E_NOTFOUND);
    cr_expect(w3p_conf_load_env(&settings, &msg, &schema, lower) == W3P_E_NOTFOUND);
    cr_expect(w3p_conf_load_env(&settings, &msg, &schema, bad) == W3P_E_INVALID);
    cr_expect(strstr(msg.text, "environment") != NULL, "%s", msg.text);
}

Test(conf, rows_are_found_by_name)
{
    size_t row = 99;
    cr_expect(w3p_conf_find(&schema, "http.listen", &row) == &server_keys[0] && row == 0);
    cr_expect(w3p_conf_find(&schema, "http.size", &row) == &chain_keys[3] && row == 6);
    cr_expect(w3p_conf_find(&schema, "http", NULL) == NULL);
}

Test(conf, the_printed_file_reads_back)
{
    struct w3p_buf out;
    w3p_buf_init(&out, 1 << 16);
    w3p_conf_print_ini(&out, &schema);
    cr_assert(w3p_buf_status(&out) == W3P_OK);
    settings.server.threads = 9;
    cr_expect(load(w3p_buf_str(&out), out.len) == W3P_OK, "%s", msg.text);
    cr_expect(settings.server.threads == 2 && settings.chain.mode == 1 && settings.chain.price == UINT64_MAX);
    const char *text = w3p_buf_str(&out), *section = strstr(text, "\n[http]\n");
    cr_expect(section != NULL && strstr(section + 1, "\n[http]\n") == NULL, "one section, once");
    cr_expect(strstr(text, "# (1 to 64 threads)\nthreads = 2\n") != NULL, "%s", text);
    cr_expect(strstr(text, "# (allowlist, open, off)\nmode = open\n") != NULL, "%s", text);
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
        cr_expect(strcspn(line, "\n") <= 100, "%.120s", line);
    w3p_buf_deinit(&out);
}

Test(conf, the_markdown_table_has_a_row_a_key)
{
    struct w3p_buf out;
    w3p_buf_init(&out, 1 << 16);
    w3p_conf_print_markdown(&out, &schema);
    cr_assert(w3p_buf_status(&out) == W3P_OK);
    size_t rows = 0;
    for (const char *c = w3p_buf_str(&out); *c != '\0'; c++)
        rows += *c == '\n';
    cr_expect(rows == 2 + 7);
    const char *text = w3p_buf_str(&out);
    cr_expect(strstr(text, "| `http.threads` | `2` | 1 to 64 threads | Threads") != NULL, "%s", text);
    cr_expect(strstr(text, "| `crust.key_file` |  | path | Key. |\n") != NULL, "%s", text);
    cr_expect(strstr(text, "Whether a\\|b.") != NULL, "%s", text);
    w3p_buf_deinit(&out);
}
