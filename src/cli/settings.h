// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: all configuration of the gateway in one struct, put together from the rows that each module brings.
// Threads: at start only; read-only afterwards.  Ownership: w3p_settings_free.
#ifndef W3P_CLI_SETTINGS_H
#define W3P_CLI_SETTINGS_H

#include "access.h"
#include "crust/crust.h"
#include "engine.h"
#include "http/app.h"

struct w3p_store_settings {
    char *path;
    uint64_t queue_max;
};

struct w3p_admin_settings {
    char *socket; // "": store.path and ".sock"; "off": none
};

struct w3p_log_settings {
    int level; // enum w3p_log_level
};

struct w3p_settings {
    struct w3p_http_settings http;
    struct w3p_limit_settings limits;
    struct w3p_psa_settings psa;
    struct w3p_authn_settings authn;
    struct w3p_access_settings access;
    struct w3p_crust_settings crust;
    struct w3p_engine_settings engine;
    struct w3p_money_settings money;
    struct w3p_store_settings store;
    struct w3p_admin_settings admin;
    struct w3p_log_settings log;
};

extern const struct w3p_conf_schema w3p_settings_schema;

// Defaults ← file ← environment ← flags. argv holds flags only ("--config FILE", "--section.key=value",
// "--section.key value"); W3PIN_CONFIG names the file when no flag does. A sentence in msg on failure.
int w3p_settings_load(struct w3p_settings *out, struct w3p_errmsg *msg, int argc, char **argv) W3P_NODISCARD;
// Path of the admin socket as configured; the caller frees. NULL: it is switched off.
char *w3p_settings_socket(const struct w3p_settings *settings);
void w3p_settings_free(struct w3p_settings *settings);

#endif
