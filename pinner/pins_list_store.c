// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: lists of pins. One composed condition serves the page and its count; what a client sent is always bound,
// never part of the text. Page and count come from one snapshot, or clients (kubo) page for ever.
// Threads: the connection's.
#include "pins_store.h"

#include <stdlib.h>

#include "store/db.h"

#define STATUS_ALL 15u
#define CIDS_MAX 10
#define META_MAX 64
#define SQL_MAX 8192
#define BINDS_MAX (CIDS_MAX + 2 * META_MAX + 8)

struct bind {
    const void *bytes; // NULL: number
    int len;
    bool text;
    int64_t number;
};

struct filter {
    struct w3p_buf sql; // FROM … WHERE …
    struct bind binds[BINDS_MAX];
    size_t bind_count;
    uint8_t keys[CIDS_MAX][W3P_CID_KEY_MAX];
};

static void add_number(struct filter *f, const char *sql, int64_t number)
{
    w3p_buf_put_str(&f->sql, sql);
    f->binds[f->bind_count++] = (struct bind){.number = number};
}

static void add_text(struct filter *f, const char *sql, const char *text)
{
    struct w3p_span span = w3p_span_str(text);

    w3p_buf_put_str(&f->sql, sql);
    f->binds[f->bind_count++] = (struct bind){.bytes = text, .len = (int)span.len, .text = true};
}

static void add_status(struct filter *f, unsigned mask)
{
    const char *comma = "";

    w3p_buf_put_str(&f->sql, " AND p.status IN (");
    for (unsigned status = 0; status <= W3P_PIN_FAILED; status++)
        if (mask & (1u << status)) {
            w3p_buf_printf(&f->sql, "%s%u", comma, status);
            comma = ",";
        }
    w3p_buf_put_str(&f->sql, ")");
}

static void add_cids(struct filter *f, const struct w3p_cid *cids, size_t count)
{
    w3p_buf_put_str(&f->sql, " AND p.content IN (SELECT id FROM contents WHERE key IN (");
    for (size_t i = 0; i < count; i++) {
        size_t len = w3p_cid_key(f->keys[i], &cids[i]);
        w3p_buf_put_str(&f->sql, i ? ",?" : "?");
        f->binds[f->bind_count++] = (struct bind){.bytes = f->keys[i], .len = (int)len};
    }
    w3p_buf_put_str(&f->sql, "))");
}

// instr and = take the client's text literally; no pattern language is involved.
static void add_name(struct filter *f, const char *name, enum w3p_match match)
{
    static const char *const conditions[] = {
        [W3P_MATCH_EXACT] = " AND p.name = ?",
        [W3P_MATCH_IEXACT] = " AND fold(p.name) = fold(?)",
        [W3P_MATCH_PARTIAL] = " AND instr(p.name, ?) > 0",
        [W3P_MATCH_IPARTIAL] = " AND instr(fold(p.name), fold(?)) > 0",
    };

    add_text(f, conditions[match], name);
}

// The index is named because the choice is known here: without statistics SQLite would have to guess it.
static void compose(struct filter *f, int64_t account_id, const struct w3p_pin_query *query)
{
    unsigned mask = query->status_mask & STATUS_ALL;
    const char *index = query->cid_count ? "pins_content" : mask == STATUS_ALL ? "pins_created" : "pins_status";

    w3p_buf_printf(&f->sql, " FROM pins p INDEXED BY %s WHERE", index);
    add_number(f, " p.account = ?", account_id);
    if (mask != STATUS_ALL)
        add_status(f, mask);
    if (query->cid_count)
        add_cids(f, query->cids, query->cid_count);
    if (query->has_before)
        add_number(f, " AND p.created_ms < ?", query->before_ms);
    if (query->has_after)
        add_number(f, " AND p.created_ms > ?", query->after_ms);
    if (query->name)
        add_name(f, query->name, query->match);
    for (size_t i = 0; i < query->meta_count; i++) {
        add_text(f, " AND EXISTS (SELECT 1 FROM json_each(p.meta) m WHERE m.key = ?", query->meta_keys[i]);
        add_text(f, " AND m.type = 'text' AND m.value = ?)", query->meta_values[i]);
    }
}

// head ‖ the condition ‖ tail, with its values bound. The next free parameter is bind_count + 1.
static sqlite3_stmt *prepare(struct w3p_db *db, const struct filter *f, const char *head, const char *tail)
{
    struct w3p_buf sql;
    sqlite3_stmt *stmt = NULL;

    w3p_buf_init(&sql, SQL_MAX);
    w3p_buf_put_str(&sql, head);
    w3p_buf_put_span(&sql, w3p_buf_span(&f->sql));
    w3p_buf_put_str(&sql, tail);
    if (w3p_buf_status(&f->sql) == W3P_OK && w3p_buf_status(&sql) == W3P_OK)
        stmt = w3p_db_prepare_text(db, w3p_buf_str(&sql));
    w3p_buf_deinit(&sql);
    for (size_t i = 0; stmt && i < f->bind_count; i++) {
        const struct bind *bind = &f->binds[i];
        if (!bind->bytes)
            sqlite3_bind_int64(stmt, (int)i + 1, bind->number);
        else if (bind->text)
            sqlite3_bind_text(stmt, (int)i + 1, bind->bytes, bind->len, SQLITE_STATIC);
        else
            sqlite3_bind_blob(stmt, (int)i + 1, bind->bytes, bind->len, SQLITE_STATIC);
    }
    return stmt;
}

static int read_pin(struct w3p_db *db, struct w3p_pin *out, int64_t id)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, W3P_PINS_VIEW " WHERE p.id=?1");

    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, id);
    int got = w3p_db_step(stmt);
    if (got == 1)
        w3p_pins_row_read(out, stmt);
    sqlite3_reset(stmt);
    return got == 1 ? W3P_OK : W3P_E_IO;
}

// Picks by the index alone where the condition permits, and reads the rows of the page only.
static int read_page(struct w3p_db *db, struct w3p_pin_page *page, const struct filter *f, unsigned limit)
{
    sqlite3_stmt *stmt = prepare(db, f, "SELECT p.id", " ORDER BY p.created_ms DESC LIMIT ?");
    int got = W3P_E_IO, err = W3P_OK;

    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, (int)f->bind_count + 1, limit);
    while (err == W3P_OK && page->len < limit && (got = w3p_db_step(stmt)) == 1) {
        err = read_pin(db, &page->pins[page->len], sqlite3_column_int64(stmt, 0));
        page->len += err == W3P_OK;
    }
    sqlite3_reset(stmt);
    return err != W3P_OK ? err : got < 0 ? W3P_E_IO : W3P_OK;
}

static int read_count(struct w3p_db *db, struct w3p_pin_page *page, const struct filter *f, unsigned limit)
{
    page->count = page->len;
    if (page->len < limit)
        return W3P_OK; // the page is all there is
    sqlite3_stmt *stmt = prepare(db, f, "SELECT count(*)", "");
    int got = stmt ? w3p_db_step(stmt) : W3P_E_IO;
    if (got == 1)
        page->count = (uint64_t)sqlite3_column_int64(stmt, 0);
    sqlite3_reset(stmt);
    return got == 1 ? W3P_OK : W3P_E_IO;
}

static int check(const struct w3p_pin_query *query)
{
    if ((query->status_mask & STATUS_ALL) == 0 || (unsigned)query->match > W3P_MATCH_IPARTIAL)
        return W3P_E_INVALID;
    if (query->limit < 1 || query->limit > W3P_LIST_LIMIT_MAX)
        return W3P_E_RANGE;
    if (query->cid_count > CIDS_MAX || query->meta_count > META_MAX)
        return W3P_E_LIMIT;
    return W3P_OK;
}

int w3p_pins_list(struct w3p_db *db, struct w3p_pin_page *out, int64_t account_id, const struct w3p_pin_query *query)
{
    struct w3p_pin_page page = {.pins = NULL};
    struct filter f;

    int err = check(query);
    if (err != W3P_OK)
        return err;
    f.bind_count = 0;
    w3p_buf_init(&f.sql, SQL_MAX);
    compose(&f, account_id, query);
    page.pins = w3p_calloc(query->limit, sizeof *page.pins);
    err = w3p_db_exec(w3p_db_prepare(db, "BEGIN"));
    if (err == W3P_OK) {
        err = read_page(db, &page, &f, query->limit);
        if (err == W3P_OK)
            err = read_count(db, &page, &f, query->limit);
        int end = w3p_db_exec(w3p_db_prepare(db, "COMMIT"));
        err = err != W3P_OK ? err : end;
    }
    w3p_buf_deinit(&f.sql);
    if (err != W3P_OK)
        w3p_pin_page_deinit(&page);
    else
        *out = page;
    return err;
}

void w3p_pin_page_deinit(struct w3p_pin_page *page)
{
    for (size_t i = 0; i < page->len; i++)
        w3p_pin_deinit(&page->pins[i]);
    free(page->pins);
    *page = (struct w3p_pin_page){.pins = NULL};
}
