// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: any bytes as a configuration file, and each of its lines as a variable of the environment and as a flag.
// Whatever happens, every setting keeps a value that its row permits; what two ways take, they take alike.
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct settings {
    char *listen, *endpoints;
    uint64_t threads;
    int mode;
    bool tls;
};

static const struct w3p_conf_key keys[] = {
    {.name = "http.listen", .type = W3P_CONF_STRING, .offset = offsetof(struct settings, listen), .help = "Address."},
    {.name = "http.threads",
     .type = W3P_CONF_U64,
     .offset = offsetof(struct settings, threads),
     .fallback = "2",
     .min = 1,
     .max = 64,
     .help = "Threads."},
    {.name = "http.tls",
     .type = W3P_CONF_BOOL,
     .offset = offsetof(struct settings, tls),
     .fallback = "no",
     .help = "TLS."},
    {.name = "crust.endpoints",
     .type = W3P_CONF_STRING,
     .offset = offsetof(struct settings, endpoints),
     .help = "Endpoints."},
    {.name = "accounts.mode",
     .type = W3P_CONF_ENUM,
     .offset = offsetof(struct settings, mode),
     .fallback = "open",
     .choices = "open|allowlist",
     .help = "Who."},
    {0},
};
static const struct w3p_conf_table table = {keys, 0};
static const struct w3p_conf_schema schema = {&table, 1};

static void check_permitted(const struct settings *settings)
{
    if (settings->threads < 1 || settings->threads > 64 || settings->mode < 0 || settings->mode > 1)
        abort();
    if (strlen(settings->listen) > W3P_CONF_VALUE_MAX || strlen(settings->endpoints) > W3P_CONF_VALUE_MAX)
        abort();
}

static bool same(const struct settings *a, const struct settings *b)
{
    return a->threads == b->threads && a->mode == b->mode && a->tls == b->tls && strcmp(a->listen, b->listen) == 0 &&
           strcmp(a->endpoints, b->endpoints) == 0;
}

// "a.b=value" by its name, and as W3PIN_A_B=value.
static void check_line(const char *line)
{
    struct settings by_flag = {0}, by_env = {0};
    struct w3p_errmsg msg = {""}, env_msg = {""};
    struct w3p_buf entry;
    const char *equals = strchr(line, '=');
    char *bare[] = {(char *)(uintptr_t)line, NULL};
    w3p_conf_defaults(&by_env, &schema);
    int err_env = w3p_conf_load_env(&by_env, &env_msg, &schema, bare);
    if ((err_env == W3P_OK) != (env_msg.text[0] == '\0'))
        abort();
    check_permitted(&by_env);
    w3p_conf_free(&by_env, &schema);
    if (equals == NULL)
        return;
    w3p_conf_defaults(&by_flag, &schema);
    w3p_conf_defaults(&by_env, &schema);
    char *name = w3p_strndup(line, (size_t)(equals - line));
    int err = w3p_conf_set(&by_flag, &msg, &schema, name, equals + 1, "command line");
    check_permitted(&by_flag);
    w3p_buf_init(&entry, strlen(line) + 16);
    w3p_buf_put_str(&entry, "W3PIN_");
    for (const char *c = line; *c != '\0'; c++)
        w3p_buf_put_u8(&entry, (uint8_t)(c >= equals              ? *c
                                         : *c == '.'              ? '_'
                                         : *c >= 'a' && *c <= 'z' ? *c - 'a' + 'A'
                                                                  : *c));
    char *env[] = {(char *)(uintptr_t)w3p_buf_str(&entry), NULL};
    err_env = w3p_conf_load_env(&by_env, &env_msg, &schema, env);
    if (w3p_conf_find(&schema, name, NULL) != NULL && (err != err_env || !same(&by_flag, &by_env)))
        abort();
    w3p_conf_free(&by_flag, &schema);
    w3p_conf_free(&by_env, &schema);
    w3p_buf_deinit(&entry);
    free(name);
}

static void check_lines(const uint8_t *data, size_t size)
{
    char *text = w3p_memdup(data, size), *rest = text, *line;
    for (unsigned n = 0; n < 64 && (line = strsep(&rest, "\n")) != NULL; n++)
        check_line(line);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings settings = {0};
    struct w3p_errmsg msg = {""};
    char path[64];
    int fd = memfd_create("ini", 0);
    if (fd < 0 || (size > 0 && write(fd, data, size) != (ssize_t)size))
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    w3p_conf_defaults(&settings, &schema);
    int err = w3p_conf_load_file(&settings, &msg, &schema, path);
    if ((err == W3P_OK) != (msg.text[0] == '\0'))
        abort();
    check_permitted(&settings);
    w3p_conf_free(&settings, &schema);
    close(fd);
    check_lines(data, size);
    return 0;
}
