// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: any bytes as a configuration file. Whatever happens, every setting keeps a value that its row permits.
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
    if (settings.threads < 1 || settings.threads > 64 || settings.mode < 0 || settings.mode > 1)
        abort();
    if (strlen(settings.listen) > W3P_CONF_VALUE_MAX || strlen(settings.endpoints) > W3P_CONF_VALUE_MAX)
        abort();
    w3p_conf_free(&settings, &schema);
    close(fd);
    return 0;
}
