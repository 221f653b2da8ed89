// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: settings from rows: defaults, single values, the environment. Writes only the fields that rows name; the
// file reader is conf_file.c, the documents are made in conf_print.c.
#include "base/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENV_PREFIX "W3PIN_"

const struct w3p_conf_key *w3p_conf_find(const struct w3p_conf_schema *schema, const char *name, size_t *index)
{
    size_t row = 0;
    for (size_t t = 0; t < schema->table_count; t++)
        for (const struct w3p_conf_key *key = schema->tables[t].keys; key->name != NULL; key++, row++)
            if (strcmp(key->name, name) == 0) {
                if (index != NULL)
                    *index = row;
                return key;
            }
    return NULL;
}

// The table that owns the row: it knows where the module's settings begin.
static void *field_of(void *settings, const struct w3p_conf_schema *schema, const struct w3p_conf_key *wanted)
{
    for (size_t t = 0; t < schema->table_count; t++)
        for (const struct w3p_conf_key *key = schema->tables[t].keys; key->name != NULL; key++)
            if (key == wanted)
                return (char *)settings + schema->tables[t].base + key->offset;
    return NULL;
}

static bool is_one_of(const char *value, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(value, *words) == 0)
            return true;
    return false;
}

static int set_bool(bool *field, const char *value)
{
    static const char *const yes[] = {"true", "yes", "on", "1", NULL}, *const no[] = {"false", "no", "off", "0", NULL};
    bool on = is_one_of(value, yes);
    if (!on && !is_one_of(value, no))
        return W3P_E_INVALID;
    *field = on;
    return W3P_OK;
}

static int set_enum(int *field, const char *choices, const char *value)
{
    size_t len = strlen(value);
    for (int index = 0;; index++) {
        size_t choice_len = strcspn(choices, "|");
        if (choice_len == len && len > 0 && memcmp(choices, value, len) == 0) {
            *field = index;
            return W3P_OK;
        }
        if (choices[choice_len] == '\0')
            return W3P_E_INVALID;
        choices += choice_len + 1;
    }
}

static int set_string(char **field, const char *value)
{
    for (const char *c = value; *c != '\0'; c++)
        if ((uint8_t)*c < 0x20 || (uint8_t)*c == 0x7f)
            return W3P_E_INVALID;
    free(*field);
    *field = w3p_strdup(value);
    return W3P_OK;
}

static int set_number(uint64_t *field, const struct w3p_conf_key *key, const char *value)
{
    uint64_t number;
    int err = w3p_u64_parse(&number, value, strlen(value));
    if (err != W3P_OK)
        return err;
    if (number < key->min || (key->max != 0 && number > key->max))
        return W3P_E_RANGE;
    *field = number;
    return W3P_OK;
}

// Text values are never quoted: they may be secrets in the wrong place.
static int refuse(struct w3p_errmsg *msg, int err, const struct w3p_conf_key *key, const char *value,
                  const char *origin)
{
    unsigned long long min = key->min, max = key->max != 0 ? key->max : UINT64_MAX;
    const char *unit = key->unit == NULL ? "" : key->unit, *space = *unit == '\0' ? "" : " ";
    switch (key->type) {
    case W3P_CONF_U64:
        if (err == W3P_E_RANGE)
            return w3p_fail(msg, err, "%s: \"%.40s\" is outside %llu to %llu%s%s (%s)", key->name, value, min, max,
                            space, unit, origin);
        return w3p_fail(msg, err, "%s: \"%.40s\" is not a whole number (%s)", key->name, value, origin);
    case W3P_CONF_BOOL:
        return w3p_fail(msg, err, "%s: \"%.40s\" is neither true nor false (%s)", key->name, value, origin);
    case W3P_CONF_ENUM:
        return w3p_fail(msg, err, "%s: \"%.40s\" is none of %s (%s)", key->name, value, key->choices, origin);
    case W3P_CONF_STRING:
        break;
    }
    return w3p_fail(msg, err, "%s: the value holds a control character (%s)", key->name, origin);
}

int w3p_conf_set(void *settings, struct w3p_errmsg *msg, const struct w3p_conf_schema *schema, const char *name,
                 const char *value, const char *origin)
{
    const struct w3p_conf_key *key = w3p_conf_find(schema, name, NULL);
    if (key == NULL)
        return w3p_fail(msg, W3P_E_NOTFOUND, "there is no setting \"%.60s\" (%s)", name, origin);
    if (strlen(value) > W3P_CONF_VALUE_MAX)
        return w3p_fail(msg, W3P_E_LIMIT, "%s: the value is longer than %d bytes (%s)", key->name, W3P_CONF_VALUE_MAX,
                        origin);
    void *field = field_of(settings, schema, key);
    int err = W3P_E_INTERNAL;
    switch (key->type) {
    case W3P_CONF_STRING:
        err = set_string(field, value);
        break;
    case W3P_CONF_U64:
        err = set_number(field, key, value);
        break;
    case W3P_CONF_BOOL:
        err = set_bool(field, value);
        break;
    case W3P_CONF_ENUM:
        err = set_enum(field, key->choices, value);
        break;
    }
    return err == W3P_OK ? W3P_OK : refuse(msg, err, key, value, origin);
}

void w3p_conf_defaults(void *settings, const struct w3p_conf_schema *schema)
{
    for (size_t t = 0; t < schema->table_count; t++)
        for (const struct w3p_conf_key *key = schema->tables[t].keys; key->name != NULL; key++) {
            struct w3p_errmsg msg;
            const char *value = key->fallback == NULL ? "" : key->fallback;
            if (w3p_conf_set(settings, &msg, schema, key->name, value, "default") != W3P_OK) {
                fprintf(stderr, "w3pin: %s\n", msg.text);
                abort();
            }
        }
}

// ---- environment ----

// "crust.key_file" is W3PIN_CRUST_KEY_FILE; suffix is what follows W3PIN_.
static bool env_name_is(const char *suffix, size_t len, const char *key_name)
{
    if (strlen(key_name) != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = key_name[i];
        char expected = c == '.' ? '_' : c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        if (suffix[i] != expected)
            return false;
    }
    return true;
}

static const struct w3p_conf_key *find_by_env(const struct w3p_conf_schema *schema, const char *suffix, size_t len)
{
    for (size_t t = 0; t < schema->table_count; t++)
        for (const struct w3p_conf_key *key = schema->tables[t].keys; key->name != NULL; key++)
            if (env_name_is(suffix, len, key->name))
                return key;
    return NULL;
}

int w3p_conf_load_env(void *settings, struct w3p_errmsg *msg, const struct w3p_conf_schema *schema, char *const *envp)
{
    const size_t prefix_len = sizeof(ENV_PREFIX) - 1;
    for (; *envp != NULL; envp++) {
        struct w3p_span entry = w3p_span_str(*envp);
        size_t name_len = strcspn(*envp, "=");
        if (!w3p_span_has_prefix(entry, ENV_PREFIX) || name_len == entry.len)
            continue;
        struct w3p_span name = W3P_SPAN(entry.ptr, name_len);
        if (w3p_span_has_prefix(name, ENV_PREFIX "TEST_") || w3p_span_eq_str(name, ENV_PREFIX "CONFIG"))
            continue;
        const struct w3p_conf_key *key = find_by_env(schema, *envp + prefix_len, name_len - prefix_len);
        if (key == NULL)
            return w3p_fail(msg, W3P_E_NOTFOUND, "there is no setting for the environment variable %.*s",
                            (int)(name_len < 60 ? name_len : 60), *envp);
        int err = w3p_conf_set(settings, msg, schema, key->name, *envp + name_len + 1, "environment");
        if (err != W3P_OK)
            return err;
    }
    return W3P_OK;
}

void w3p_conf_free(void *settings, const struct w3p_conf_schema *schema)
{
    for (size_t t = 0; t < schema->table_count; t++)
        for (const struct w3p_conf_key *key = schema->tables[t].keys; key->name != NULL; key++)
            if (key->type == W3P_CONF_STRING) {
                char **field = field_of(settings, schema, key);
                free(*field);
                *field = NULL;
            }
}
