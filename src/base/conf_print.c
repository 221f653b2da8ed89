// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the two documents that come from the configuration rows, so that neither can grow stale: the commented INI
// file of all defaults and the table of the README.
#include "base/conf.h"

#include <string.h>

static void put_range(struct w3p_buf *out, const struct w3p_conf_key *key)
{
    const char *unit = key->unit == NULL ? "" : key->unit, *space = *unit == '\0' ? "" : " ";
    unsigned long long min = key->min, max = key->max;
    switch (key->type) {
    case W3P_CONF_U64:
        if (max == 0 || max == UINT64_MAX)
            w3p_buf_printf(out, "%llu%s%s or more", min, space, unit);
        else
            w3p_buf_printf(out, "%llu to %llu%s%s", min, max, space, unit);
        break;
    case W3P_CONF_BOOL:
        w3p_buf_put_str(out, "true or false");
        break;
    case W3P_CONF_ENUM:
        for (const char *c = key->choices; *c != '\0'; c++)
            w3p_buf_put_str(out, *c == '|' ? ", " : (const char[]){*c, '\0'});
        break;
    case W3P_CONF_STRING:
        w3p_buf_put_str(out, *unit == '\0' ? "text" : unit);
        break;
    }
}

// "# " and words, folded before column 100.
static void put_comment(struct w3p_buf *out, const char *text)
{
    size_t column = 0;
    while (*text != '\0') {
        size_t word = strcspn(text, " ");
        if (column > 0 && column + 1 + word > 98) {
            w3p_buf_put_u8(out, '\n');
            column = 0;
        }
        w3p_buf_put_str(out, column == 0 ? "# " : " ");
        w3p_buf_put(out, text, word);
        column += word + (column == 0 ? 2 : 1);
        text += word;
        text += strspn(text, " ");
    }
    w3p_buf_put_u8(out, '\n');
}

static void put_ini_key(struct w3p_buf *out, const struct w3p_conf_key *key, size_t section_len)
{
    const char *value = key->fallback == NULL ? "" : key->fallback;
    put_comment(out, key->help);
    if (key->type != W3P_CONF_STRING || (key->unit != NULL && *key->unit != '\0')) {
        w3p_buf_put_str(out, "# (");
        put_range(out, key);
        w3p_buf_put_str(out, ")\n");
    }
    w3p_buf_printf(out, "%s =%s%s\n\n", key->name + section_len + 1, *value == '\0' ? "" : " ", value);
}

static bool same_section(const struct w3p_conf_key *a, const struct w3p_conf_key *b)
{
    size_t len = strcspn(a->name, ".");
    return strcspn(b->name, ".") == len && memcmp(a->name, b->name, len) == 0;
}

static const struct w3p_conf_key *first_of_section(const struct w3p_conf_schema *schema,
                                                   const struct w3p_conf_key *member)
{
    for (size_t t = 0; t < schema->table_count; t++)
        for (const struct w3p_conf_key *key = schema->tables[t].keys; key->name != NULL; key++)
            if (same_section(key, member))
                return key;
    return member;
}

static void put_ini_section(struct w3p_buf *out, const struct w3p_conf_schema *schema, const struct w3p_conf_key *first)
{
    size_t len = strcspn(first->name, ".");
    w3p_buf_printf(out, "[%.*s]\n", (int)len, first->name);
    for (size_t t = 0; t < schema->table_count; t++)
        for (const struct w3p_conf_key *key = schema->tables[t].keys; key->name != NULL; key++)
            if (same_section(key, first))
                put_ini_key(out, key, len);
}

void w3p_conf_print_ini(struct w3p_buf *out, const struct w3p_conf_schema *schema)
{
    w3p_buf_put_str(out, "# w3pin configuration: every setting, with its default.\n"
                         "#\n"
                         "# A flag (--section.key=value) beats the environment (W3PIN_SECTION_KEY), which beats this\n"
                         "# file. A setting that does not exist is an error, so a slip of the pen does not go unseen.\n"
                         "# Comments stand on lines of their own.\n\n");
    // A section is printed whole at its first row, even if several modules add to it.
    for (size_t t = 0; t < schema->table_count; t++)
        for (const struct w3p_conf_key *key = schema->tables[t].keys; key->name != NULL; key++)
            if (first_of_section(schema, key) == key)
                put_ini_section(out, schema, key);
}

static void put_cell(struct w3p_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|')
            w3p_buf_put_u8(out, '\\');
        w3p_buf_put_u8(out, (uint8_t)*text);
    }
}

void w3p_conf_print_markdown(struct w3p_buf *out, const struct w3p_conf_schema *schema)
{
    w3p_buf_put_str(out, "| Setting | Default | Values | Meaning |\n|---|---|---|---|\n");
    for (size_t t = 0; t < schema->table_count; t++)
        for (const struct w3p_conf_key *key = schema->tables[t].keys; key->name != NULL; key++) {
            const char *value = key->fallback == NULL ? "" : key->fallback, *tick = *value == '\0' ? "" : "`";
            w3p_buf_printf(out, "| `%s` | %s", key->name, tick);
            put_cell(out, value);
            w3p_buf_printf(out, "%s | ", tick);
            put_range(out, key);
            w3p_buf_put_str(out, " | ");
            put_cell(out, key->help);
            w3p_buf_put_str(out, " |\n");
        }
}
