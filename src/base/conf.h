// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: configuration from one table: default ← INI file ← environment ← flags. Each module brings its own rows
// (struct w3p_conf_key) bound to fields of its own settings struct by offset; this file knows no key by name.
// Threads: at start only.  Ownership: string fields are owned by the settings struct; free with w3p_conf_free.
#ifndef W3P_BASE_CONF_H
#define W3P_BASE_CONF_H

#include "base/bytes.h"

enum w3p_conf_type {
    W3P_CONF_STRING, // char *
    W3P_CONF_U64,    // uint64_t with min..max
    W3P_CONF_BOOL,   // bool: true/false, yes/no, on/off, 1/0
    W3P_CONF_ENUM    // int: index into choices, "a|b|c"
};

struct w3p_conf_key {
    const char *name; // "http.listen"
    enum w3p_conf_type type;
    size_t offset;        // offsetof in the module's settings struct
    const char *fallback; // default value as text
    uint64_t min, max;    // W3P_CONF_U64; max 0 means no upper bound
    const char *choices;  // W3P_CONF_ENUM
    const char *unit;     // "ms", "bytes", "planck", "" …
    const char *help;     // one sentence
};

// A module's rows (ending with a NULL name), and where its settings struct sits inside the program's.
struct w3p_conf_table {
    const struct w3p_conf_key *keys;
    size_t base; // offsetof(struct w3p_settings, http) …
};
struct w3p_conf_schema {
    const struct w3p_conf_table *tables;
    size_t table_count;
};

#define W3P_CONF_VALUE_MAX 8192 // longest value, in bytes

// The row of a name, or NULL. *index (may be NULL) counts rows through all tables.
const struct w3p_conf_key *w3p_conf_find(const struct w3p_conf_schema *schema, const char *name, size_t *index);

// Sets every field to its default. settings must be zeroed. A default that its own row refuses is a bug: it aborts.
void w3p_conf_defaults(void *settings, const struct w3p_conf_schema *schema);
// One value; origin ("command line", "environment", "file:12") goes into the sentence. Unknown key or bad value fails.
int w3p_conf_set(void *settings, struct w3p_errmsg *msg, const struct w3p_conf_schema *schema, const char *name,
                 const char *value, const char *origin) W3P_NODISCARD;
// INI file: [http] listen = … ; unknown sections and keys, keys given twice and over-long lines fail with their line
// number. Comments (# or ;) stand on lines of their own.
int w3p_conf_load_file(void *settings, struct w3p_errmsg *msg, const struct w3p_conf_schema *schema,
                       const char *path) W3P_NODISCARD;
// W3PIN_HTTP_LISTEN and so on. Unknown W3PIN_ names fail, but W3PIN_TEST_* and W3PIN_CONFIG.
int w3p_conf_load_env(void *settings, struct w3p_errmsg *msg, const struct w3p_conf_schema *schema,
                      char *const *envp) W3P_NODISCARD;
// The commented INI file of all defaults (`w3pin config --print-default`) and the Markdown table of the README.
void w3p_conf_print_ini(struct w3p_buf *out, const struct w3p_conf_schema *schema);
void w3p_conf_print_markdown(struct w3p_buf *out, const struct w3p_conf_schema *schema);
void w3p_conf_free(void *settings, const struct w3p_conf_schema *schema);

#endif
