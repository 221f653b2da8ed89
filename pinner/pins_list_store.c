// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: lists of pins. One composed condition serves the page and its count; what a client sent is always bound,
// never part of the text. Page and count come from one snapshot, or clients (kubo) page for ever.
// Threads: the connection's.
#include "pins_store.h"

#include <stdlib.h>
#include <string.h>

#include "store/db.h"

#define STATUS_ALL 15u
#define CIDS_MAX 10
#define META_MAX 64
#define SQL_MAX 16384
#define SQL_USUAL_LEN 1023
#define SCAN_SHARE 4 // the rows are walked when at least one in so many has a wanted status
#define BINDS_MAX (CIDS_MAX + 2 * META_MAX + 8)

struct bind {
    const void *bytes; // NULL: number
    int len;
    bool text;
    int64_t number;
};

// What a pin must be, but for its status. Parameters are numbered: the text may stand in a statement several times.
struct filter {
    struct w3p_buf sql; // " AND …", each with its values in binds
    struct bind binds[BINDS_MAX];
    size_t bind_count;
    uint8_t keys[CIDS_MAX][W3P_CID_KEY_MAX];
    unsigned mask;
    bool by_content; // few rows: those of some contents
    bool plain;      // nothing but account and status
    bool reads_rows; // what the indexes do not hold
    bool merges;     // short enough to stand in a statement once for each status
};

static void put_parameter(struct w3p_buf *sql, size_t number)
{
    char digits[40];

    w3p_u128_format(digits, number);
    w3p_buf_put_u8(sql, '?');
    w3p_buf_put_str(sql, digits);
}

static void add_bind(struct filter *f, const char *sql, struct bind bind)
{
    f->binds[f->bind_count++] = bind;
    w3p_buf_put_str(&f->sql, sql);
    put_parameter(&f->sql, f->bind_count);
}

static void add_number(struct filter *f, const char *sql, int64_t number)
{
    add_bind(f, sql, (struct bind){.number = number});
}

static void add_text(struct filter *f, const char *sql, const char *text)
{
    add_bind(f, sql, (struct bind){.bytes = text, .len = (int)strlen(text), .text = true});
}

static void add_cids(struct filter *f, const struct w3p_cid *cids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = w3p_cid_key(f->keys[i], &cids[i]);
        add_bind(f, i ? "," : " AND p.content IN (SELECT id FROM contents WHERE key IN (",
                 (struct bind){.bytes = f->keys[i], .len = (int)len});
    }
    w3p_buf_put_str(&f->sql, "))");
}

// instr and = take the client's text literally; no pattern language is involved.
static void add_name(struct filter *f, const char *name, enum w3p_match match)
{
    static const char *const conditions[][2] = {
        [W3P_MATCH_EXACT] = {" AND p.name = ", ""},
        [W3P_MATCH_IEXACT] = {" AND fold(p.name) = fold(", ")"},
        [W3P_MATCH_PARTIAL] = {" AND instr(p.name, ", ") > 0"},
        [W3P_MATCH_IPARTIAL] = {" AND instr(fold(p.name), fold(", ")) > 0"},
    };

    add_text(f, conditions[match][0], name);
    w3p_buf_put_str(&f->sql, conditions[match][1]);
}

static void compose(struct filter *f, int64_t account_id, const struct w3p_pin_query *query)
{
    f->mask = query->status_mask & STATUS_ALL;
    f->by_content = query->cid_count > 0;
    f->reads_rows = query->name || query->meta_count > 0;
    f->plain = !f->by_content && !query->has_before && !query->has_after && !f->reads_rows;
    f->merges = !f->by_content && f->mask != STATUS_ALL && query->meta_count == 0;
    add_number(f, " AND p.account = ", account_id); // ?1
    if (query->cid_count)
        add_cids(f, query->cids, query->cid_count);
    if (query->has_before)
        add_number(f, " AND p.created_ms < ", query->before_ms);
    if (query->has_after)
        add_number(f, " AND p.created_ms > ", query->after_ms);
    if (query->name)
        add_name(f, query->name, query->match);
    for (size_t i = 0; i < query->meta_count; i++) {
        add_text(f, " AND EXISTS (SELECT 1 FROM json_each(p.meta) m WHERE m.key = ", query->meta_keys[i]);
        add_text(f, " AND m.type = 'text' AND m.value = ", query->meta_values[i]);
        w3p_buf_put_str(&f->sql, ")");
    }
}

static void put_statuses(struct w3p_buf *sql, const char *head, unsigned mask)
{
    const char *before = "(";

    w3p_buf_put_str(sql, head);
    for (unsigned status = 0; status <= W3P_PIN_FAILED; status++)
        if (mask & (1u << status)) {
            w3p_buf_put_str(sql, before);
            w3p_buf_put_u8(sql, (uint8_t)('0' + status));
            before = ",";
        }
    w3p_buf_put_str(sql, ")");
}

// head FROM pins … WHERE …: the pins of these statuses that pass the filter, by an index. It is named because the
// choice is known here: without statistics SQLite would have to guess it.
static void put_select(struct w3p_buf *sql, const struct filter *f, const char *head, unsigned mask)
{
    w3p_buf_put_str(sql, head);
    w3p_buf_put_str(sql, " FROM pins p INDEXED BY ");
    w3p_buf_put_str(sql, f->by_content ? "pins_content" : "pins_status");
    put_statuses(sql, " WHERE p.status IN ", mask);
    w3p_buf_put_span(sql, w3p_buf_span(&f->sql));
}

// The table itself, which is in the order of account and time. The plus keeps SQLite from the index of statuses.
static void put_scan(struct w3p_buf *sql, const struct filter *f, const char *head)
{
    w3p_buf_put_str(sql, head);
    if (f->mask == STATUS_ALL)
        w3p_buf_put_str(sql, " WHERE 1");
    else
        put_statuses(sql, " WHERE +p.status IN ", f->mask);
    w3p_buf_put_span(sql, w3p_buf_span(&f->sql));
}

// The newest of what passes. By an index first the keys are picked, then their rows read; the index gives each status
// in the order of time, and several of them are merged, not sorted.
static void put_page(struct w3p_buf *sql, const struct filter *f, bool scan)
{
    const char *keys = "SELECT p.created_ms AS t";

    if (scan) {
        put_scan(sql, f, W3P_PINS_VIEW);
        w3p_buf_put_str(sql, " ORDER BY p.created_ms DESC LIMIT ");
        put_parameter(sql, f->bind_count + 1);
        return;
    }
    w3p_buf_put_str(sql, W3P_PINS_VIEW " JOIN (");
    if (!f->merges)
        put_select(sql, f, keys, f->mask);
    for (unsigned rest = f->merges ? f->mask : 0; rest != 0; rest &= rest - 1) { // the lowest status of the rest
        put_select(sql, f, keys, rest & (0u - rest));
        w3p_buf_put_str(sql, rest & (rest - 1) ? " UNION ALL " : "");
    }
    w3p_buf_put_str(sql, " ORDER BY t DESC LIMIT ");
    put_parameter(sql, f->bind_count + 1);
    w3p_buf_put_str(sql, ") AS page ON p.account = ?1 AND p.created_ms = page.t");
}

// The composed statement with its values bound. The next free parameter is bind_count + 1.
static sqlite3_stmt *prepare(struct w3p_db *db, const struct filter *f, const struct w3p_buf *sql)
{
    sqlite3_stmt *stmt = NULL;

    if (w3p_buf_status(&f->sql) == W3P_OK && w3p_buf_status(sql) == W3P_OK)
        stmt = w3p_db_prepare_text(db, w3p_buf_str(sql));
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

static int newest_first(const void *a, const void *b)
{
    int64_t x = ((const struct w3p_pin *)a)->created_ms, y = ((const struct w3p_pin *)b)->created_ms;

    return (x < y) - (x > y);
}

// The rows come in the order of the page, but SQL does not promise that of a join.
static void sort_page(struct w3p_pin_page *page)
{
    for (size_t i = 1; i < page->len; i++)
        if (page->pins[i - 1].created_ms < page->pins[i].created_ms) {
            qsort(page->pins, page->len, sizeof *page->pins, newest_first);
            return;
        }
}

static int read_page(struct w3p_db *db, struct w3p_pin_page *page, const struct filter *f, unsigned limit, bool scan)
{
    struct w3p_buf sql;
    int got = W3P_E_IO;

    w3p_buf_init(&sql, SQL_MAX);
    w3p_buf_reserve(&sql, SQL_USUAL_LEN);
    put_page(&sql, f, scan);
    sqlite3_stmt *stmt = prepare(db, f, &sql);
    w3p_buf_deinit(&sql);
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, (int)f->bind_count + 1, limit);
    while (page->len < limit && (got = w3p_db_step(stmt)) == 1)
        w3p_pins_row_read(&page->pins[page->len++], stmt);
    sqlite3_reset(stmt);
    sort_page(page);
    return got < 0 ? W3P_E_IO : W3P_OK;
}

// How many pins the account has: all of them, and those of these statuses.
static int read_kept(struct w3p_db *db, uint64_t *all, uint64_t *of_mask, int64_t account_id, unsigned mask)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT queued, pinning, pinned, failed FROM accounts WHERE id = ?1");

    *all = *of_mask = 0;
    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, account_id);
    int got = w3p_db_step(stmt);
    for (unsigned status = 0; got == 1 && status <= W3P_PIN_FAILED; status++) {
        uint64_t n = (uint64_t)sqlite3_column_int64(stmt, (int)status);
        *all += n;
        *of_mask += mask & (1u << status) ? n : 0;
    }
    sqlite3_reset(stmt);
    return got < 0 ? W3P_E_IO : W3P_OK;
}

// The count of each status by itself: for several in one SQLite would first make a table of them.
static void put_sum(struct w3p_buf *sql, const struct filter *f)
{
    const char *head = "SELECT (SELECT count(*)";

    for (unsigned rest = f->mask; rest != 0; rest &= rest - 1) { // the lowest status of the rest
        put_select(sql, f, head, rest & (0u - rest));
        head = ") + (SELECT count(*)";
    }
    w3p_buf_put_str(sql, ")");
}

static int count_walked(struct w3p_db *db, uint64_t *count, const struct filter *f)
{
    struct w3p_buf sql;

    w3p_buf_init(&sql, SQL_MAX);
    w3p_buf_reserve(&sql, SQL_USUAL_LEN);
    if (f->by_content)
        put_select(&sql, f, "SELECT count(*)", f->mask);
    else if (f->reads_rows)
        put_scan(&sql, f, "SELECT count(*) FROM pins p");
    else
        put_sum(&sql, f);
    sqlite3_stmt *stmt = prepare(db, f, &sql);
    w3p_buf_deinit(&sql);
    int got = stmt ? w3p_db_step(stmt) : W3P_E_IO;
    if (got == 1)
        *count = (uint64_t)sqlite3_column_int64(stmt, 0);
    sqlite3_reset(stmt);
    return got == 1 ? W3P_OK : W3P_E_IO;
}

static int read_list(struct w3p_db *db, struct w3p_pin_page *page, const struct filter *f, int64_t account_id,
                     unsigned limit)
{
    uint64_t all, of_mask;

    int err = read_kept(db, &all, &of_mask, account_id, f->mask);
    if (err == W3P_OK)
        err = read_page(db, page, f, limit, !f->by_content && of_mask >= all / SCAN_SHARE);
    page->count = f->plain ? of_mask : page->len;
    // A page that is not full is all there is.
    return err == W3P_OK && !f->plain && page->len == limit ? count_walked(db, &page->count, f) : err;
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
    w3p_buf_reserve(&f.sql, SQL_USUAL_LEN / 4);
    compose(&f, account_id, query);
    page.pins = w3p_alloc(query->limit, sizeof *page.pins);    // page.len says how many are written
    bool own = sqlite3_get_autocommit(w3p_db_handle(db)) != 0; // else the connection reads one state already
    err = own ? w3p_db_exec(w3p_db_prepare(db, "BEGIN")) : W3P_OK;
    if (err == W3P_OK) {
        err = read_list(db, &page, &f, account_id, query->limit);
        int end = own ? w3p_db_exec(w3p_db_prepare(db, "COMMIT")) : W3P_OK;
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
