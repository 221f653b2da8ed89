// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: puts the modules' configuration tables together and loads them in their order of precedence.
// Must not: know what a key means.
#include "cli/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/flags.h"

extern char **environ;

static const struct w3p_conf_key store_keys[] = {
    {.name = "store.path",
     .type = W3P_CONF_STRING,
     .offset = offsetof(struct w3p_store_settings, path),
     .fallback = "w3pin.db",
     .unit = "path",
     .help = "The SQLite file. It is bound to one chain and one operator account; one gateway at a time opens it."},
    {.name = "store.queue_max",
     .type = W3P_CONF_U64,
     .offset = offsetof(struct w3p_store_settings, queue_max),
     .fallback = "4096",
     .min = 16,
     .max = 1000000,
     .unit = "jobs",
     .help = "Changes that may wait for the disk; beyond it clients get 503."},
    {.name = NULL},
};

static const struct w3p_conf_key admin_keys[] = {
    {.name = "admin.socket",
     .type = W3P_CONF_STRING,
     .offset = offsetof(struct w3p_admin_settings, socket),
     .fallback = "",
     .unit = "path",
     .help = "UNIX socket by which the command line speaks to the running gateway, for its own user alone; empty: "
             "store.path with .sock behind it; off: none."},
    {.name = NULL},
};

static const struct w3p_conf_key log_keys[] = {
    {.name = "log.level",
     .type = W3P_CONF_ENUM,
     .offset = offsetof(struct w3p_log_settings, level),
     .fallback = "info",
     .choices = "debug|info|warn|error|off", // order of enum w3p_log_level
     .unit = "",
     .help = "What is worth a line on stderr."},
    {.name = NULL},
};

static const struct w3p_conf_table tables[] = {
    {w3p_http_conf_keys, offsetof(struct w3p_settings, http)},
    {w3p_limit_conf_keys, offsetof(struct w3p_settings, limits)},
    {w3p_psa_conf_keys, offsetof(struct w3p_settings, psa)},
    {w3p_authn_conf_keys, offsetof(struct w3p_settings, authn)},
    {w3p_access_conf_keys, offsetof(struct w3p_settings, access)},
    {w3p_crust_conf_keys, offsetof(struct w3p_settings, crust)},
    {w3p_engine_conf_keys, offsetof(struct w3p_settings, engine)},
    {w3p_money_conf_keys, offsetof(struct w3p_settings, money)},
    {store_keys, offsetof(struct w3p_settings, store)},
    {admin_keys, offsetof(struct w3p_settings, admin)},
    {log_keys, offsetof(struct w3p_settings, log)},
};

const struct w3p_conf_schema w3p_settings_schema = {.tables = tables, .table_count = sizeof tables / sizeof tables[0]};

// Two passes over the flags: the file must be known before the flags that beat it.
static int each_flag(struct w3p_settings *out, const char **file, struct w3p_errmsg *msg, int argc, char **argv)
{
    struct w3p_flag flag;
    int err = W3P_OK;
    for (int i = 0; i < argc && err == W3P_OK;) {
        err = w3p_flag_next(&flag, &i, msg, argc, argv);
        if (err != W3P_OK)
            break;
        if (strcmp(flag.name, "config") == 0) {
            if (file != NULL)
                *file = flag.value;
        } else if (out != NULL) {
            err = w3p_conf_set(out, msg, &w3p_settings_schema, flag.name, flag.value, "command line");
        }
    }
    return err;
}

int w3p_settings_load(struct w3p_settings *out, struct w3p_errmsg *msg, int argc, char **argv)
{
    memset(out, 0, sizeof *out);
    w3p_conf_defaults(out, &w3p_settings_schema);
    const char *file = getenv("W3PIN_CONFIG");
    int err = each_flag(NULL, &file, msg, argc, argv);
    if (err == W3P_OK && file != NULL && file[0] != '\0')
        err = w3p_conf_load_file(out, msg, &w3p_settings_schema, file);
    if (err == W3P_OK)
        err = w3p_conf_load_env(out, msg, &w3p_settings_schema, environ);
    if (err == W3P_OK)
        err = each_flag(out, NULL, msg, argc, argv);
    if (err == W3P_OK)
        w3p_log_set_level((enum w3p_log_level)out->log.level);
    else
        w3p_settings_free(out);
    return err;
}

char *w3p_settings_socket(const struct w3p_settings *settings)
{
    static const char suffix[] = ".sock";
    const char *named = settings->admin.socket;
    if (strcmp(named, "off") == 0)
        return NULL;
    if (named[0] != '\0')
        return w3p_strdup(named);
    size_t len = strlen(settings->store.path);
    char *path = w3p_calloc(len + sizeof suffix, 1);
    memcpy(path, settings->store.path, len);
    memcpy(path + len, suffix, sizeof suffix);
    return path;
}

void w3p_settings_free(struct w3p_settings *settings)
{
    w3p_conf_free(settings, &w3p_settings_schema);
}
