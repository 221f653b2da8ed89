// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the INI file, through inih but stricter: whatever inih would cut, join or ignore in silence (long lines,
// text behind a section, inline comments, empty sections, a key given twice) fails here with its line number.
#include "base/conf.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES (W3P_CONF_VALUE_MAX + 128) // value, key and blanks
#define LINES_MAX 10000

struct file_scan {
    FILE *file;
    const char *path;
    void *settings;
    struct w3p_errmsg *msg;
    const struct w3p_conf_schema *schema;
    bool *seen; // one per row of the schema
    unsigned line;
    int err;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void stop(struct file_scan *scan, int err, const char *what)
{
    if (scan->err == W3P_OK)
        scan->err = w3p_fail(scan->msg, err, "%s (%s:%u)", what, scan->path, scan->line);
}

static bool is_section(const struct w3p_conf_schema *schema, const char *name, size_t len)
{
    for (size_t t = 0; t < schema->table_count; t++)
        for (const struct w3p_conf_key *key = schema->tables[t].keys; key->name != NULL; key++)
            if (strcspn(key->name, ".") == len && memcmp(key->name, name, len) == 0)
                return true;
    return false;
}

static void check_section_line(struct file_scan *scan, const char *line)
{
    const char *name = line;
    while (is_blank(*name))
        name++;
    if (*name != '[')
        return;
    size_t len = strcspn(++name, "]");
    if (name[len] != ']') {
        stop(scan, W3P_E_INVALID, "a section needs its closing bracket: [name]");
        return;
    }
    for (const char *rest = name + len + 1; *rest != '\0'; rest++)
        if (!is_blank(*rest)) {
            stop(scan, W3P_E_INVALID, "nothing may follow a [section] on its line");
            return;
        }
    if (!is_section(scan->schema, name, len)) {
        struct w3p_buf what;
        w3p_buf_init(&what, 128);
        w3p_buf_printf(&what, "there is no section [%.*s]", (int)(len < 60 ? len : 60), name);
        stop(scan, W3P_E_NOTFOUND, w3p_buf_str(&what));
        w3p_buf_deinit(&what);
    }
}

// fgets for inih, which never sees a line that is not whole.
static char *read_line(char *out, int room, void *arg)
{
    struct file_scan *scan = arg;
    size_t len = 0, max = room > 1 ? (size_t)room - 1 : 0;
    int c;
    if (scan->err != W3P_OK)
        return NULL;
    scan->line++;
    while ((c = getc(scan->file)) != EOF) {
        if (c == '\0' || len >= max || scan->line > LINES_MAX) {
            stop(scan, c == '\0' ? W3P_E_INVALID : W3P_E_LIMIT,
                 c == '\0'    ? "the file holds a NUL byte: it is no text"
                 : len >= max ? "the line is too long"
                              : "the file has too many lines");
            return NULL;
        }
        out[len++] = (char)c;
        if (c == '\n')
            break;
    }
    if (ferror(scan->file)) {
        stop(scan, W3P_E_IO, strerror(errno));
        return NULL;
    }
    if (len == 0)
        return NULL;
    out[len] = '\0';
    check_section_line(scan, out);
    return scan->err == W3P_OK ? out : NULL;
}

static bool holds_comment(const char *value)
{
    for (const char *c = value; *c != '\0'; c++)
        if ((*c == ';' || *c == '#') && (c == value || is_blank(c[-1])))
            return true;
    return false;
}

// inih: non-zero means success.
static int take_value(void *arg, const char *section, const char *name, const char *value)
{
    struct file_scan *scan = arg;
    size_t row = 0;
    if (scan->err != W3P_OK)
        return 0;
    if (*section == '\0') {
        stop(scan, W3P_E_INVALID, "a setting stands before the first [section]");
        return 0;
    }
    if (holds_comment(value)) {
        stop(scan, W3P_E_INVALID, "comments stand on lines of their own, not behind a value");
        return 0;
    }
    struct w3p_buf full, origin;
    w3p_buf_init(&full, LINE_MAX_BYTES);
    w3p_buf_init(&origin, LINE_MAX_BYTES);
    w3p_buf_printf(&full, "%s.%s", section, name);
    w3p_buf_printf(&origin, "%.120s:%u", scan->path, scan->line);
    if (w3p_conf_find(scan->schema, w3p_buf_str(&full), &row) != NULL && scan->seen[row])
        stop(scan, W3P_E_EXISTS, "this setting occurs a second time");
    if (scan->err == W3P_OK)
        scan->err =
            w3p_conf_set(scan->settings, scan->msg, scan->schema, w3p_buf_str(&full), value, w3p_buf_str(&origin));
    if (scan->err == W3P_OK)
        scan->seen[row] = true;
    w3p_buf_deinit(&full);
    w3p_buf_deinit(&origin);
    return scan->err == W3P_OK;
}

static size_t count_rows(const struct w3p_conf_schema *schema)
{
    size_t rows = 0;
    for (size_t t = 0; t < schema->table_count; t++)
        for (const struct w3p_conf_key *key = schema->tables[t].keys; key->name != NULL; key++)
            rows++;
    return rows;
}

// inih's switches are global variables; settings are read once, at start.
static void switch_inih_to_strict(void)
{
    ini_allow_multiline = false; // indentation means nothing
    ini_allow_inline_comments = false;
    ini_allow_no_value = false;
    ini_stop_on_first_error = true;
    ini_use_stack = false;
    ini_allow_realloc = false;
    ini_max_line = LINE_MAX_BYTES;
    ini_initial_alloc = LINE_MAX_BYTES;
}

int w3p_conf_load_file(void *settings, struct w3p_errmsg *msg, const struct w3p_conf_schema *schema, const char *path)
{
    struct file_scan scan = {.path = path, .settings = settings, .msg = msg, .schema = schema};
    scan.file = fopen(path, "re");
    if (scan.file == NULL)
        return w3p_fail(msg, errno == ENOENT ? W3P_E_NOTFOUND : W3P_E_IO, "cannot read the configuration %.160s: %s",
                        path, strerror(errno));
    scan.seen = w3p_calloc(count_rows(schema), sizeof(*scan.seen));
    switch_inih_to_strict();
    int line = ini_parse_stream(read_line, &scan, take_value, &scan);
    if (scan.err == W3P_OK && line != 0) {
        scan.line = line > 0 ? (unsigned)line : scan.line;
        stop(&scan, W3P_E_INVALID, "neither a [section] nor key = value");
    }
    fclose(scan.file);
    free(scan.seen);
    return scan.err;
}
