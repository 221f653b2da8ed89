// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the statement caches of a connection and what steps report; case folding.
#include "support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/conn.h"
#include "store/fold.h"

static struct w3p_store *store;
static struct w3p_db *db;

static void setup(void)
{
    struct w3p_errmsg msg;

    w3p_log_set_level(W3P_LOG_OFF);
    store = open_numbers();
    cr_assert(eq(int, w3p_store_reader(&db, &msg, store), W3P_OK));
}

static void teardown(void)
{
    w3p_store_reader_close(db);
    w3p_store_close(store);
    tmp_remove();
}

TestSuite(store_db, .init = setup, .fini = teardown, .timeout = 20);

Test(store_db, bad_sql)
{
    char *huge = calloc(1, W3P_DB_TEXT_MAX + 10);

    cr_expect(w3p_db_prepare(db, "SELEC 1") == NULL);
    cr_expect(w3p_db_prepare(db, "") == NULL);
    cr_expect(w3p_db_prepare_text(db, "SELECT * FROM nowhere") == NULL);
    cr_expect(eq(int, w3p_db_exec(NULL), W3P_E_IO));
    memset(huge, ' ', W3P_DB_TEXT_MAX + 1);
    memcpy(huge, "SELECT 1", 8);
    cr_expect(w3p_db_prepare_text(db, huge) == NULL);
    free(huge);
}

Test(store_db, literals_are_cached_by_address_and_bounded)
{
    static const char sql[] = "SELECT ?1";
    static char many[W3P_DB_LITERALS_MAX + 1][12];

    sqlite3_stmt *stmt = w3p_db_prepare(db, sql);
    cr_assert(stmt != NULL);
    sqlite3_bind_int(stmt, 1, 7);
    cr_expect(eq(int, w3p_db_step(stmt), 1));
    cr_expect(w3p_db_prepare(db, sql) == stmt);
    cr_expect(eq(int, sqlite3_stmt_busy(stmt), 0));
    cr_expect(eq(int, w3p_db_step(stmt), 1));
    cr_expect(eq(int, sqlite3_column_type(stmt, 0), SQLITE_NULL)); // bindings are cleared
    cr_expect(eq(int, w3p_db_step(stmt), 0));
    size_t made = 0;
    for (size_t i = 0; i <= W3P_DB_LITERALS_MAX; i++) {
        snprintf(many[i], sizeof many[i], "SELECT %zu", i);
        made += w3p_db_prepare(db, many[i]) != NULL;
    }
    cr_expect(lt(sz, made, (size_t)W3P_DB_LITERALS_MAX + 1));
    cr_expect(w3p_db_prepare(db, many[0]) != NULL); // what is in the cache still works
    stmt = w3p_db_prepare(db, many[200]);
    cr_assert(eq(int, w3p_db_step(stmt), 1));
    cr_expect(eq(int, sqlite3_column_int(stmt, 0), 200));
}

Test(store_db, texts_are_cached_by_content_and_the_oldest_goes)
{
    char sql[40] = "SELECT 1000";
    sqlite3_stmt *first = w3p_db_prepare_text(db, sql);
    char copy[40] = "SELECT 1000";

    cr_assert(first != NULL);
    cr_expect(w3p_db_prepare_text(db, copy) == first);
    for (int i = 0; i < 500; i++) {
        snprintf(sql, sizeof sql, "SELECT %d", i);
        sqlite3_stmt *stmt = w3p_db_prepare_text(db, sql);
        cr_assert(stmt != NULL);
        cr_assert(eq(int, w3p_db_step(stmt), 1));
        cr_expect(eq(int, sqlite3_column_int(stmt, 0), i));
        cr_assert(eq(int, w3p_db_step(w3p_db_prepare_text(db, copy)), 1));
    }
    cr_expect(w3p_db_prepare_text(db, copy) == first); // used all the time: stays
    cr_expect(eq(int, sqlite3_stmt_status(first, SQLITE_STMTSTATUS_RUN, 0), 500));
    int statements = 0;
    for (sqlite3_stmt *s = sqlite3_next_stmt(w3p_db_handle(db), NULL); s; s = sqlite3_next_stmt(w3p_db_handle(db), s))
        statements++;
    cr_expect(le(int, statements, W3P_DB_TEXTS + 1));
}

static const struct {
    const char *text, *folded;
} folds[] = {
    {"", ""},
    {"ABC xyz 09_%[`{@", "abc xyz 09_%[`{@"},
    {"ÄÖÜ ÉÀ Ø Ñ", "äöü éà ø ñ"},
    {"straße STRASSE \xe1\xba\x9e", "straße strasse ß"}, // no ß = ss; capital ẞ is ß
    {"КИРИЛЛИЦА Ёё Ґ", "кириллица ёё ґ"},
    {"ΟΔΥΣΣΕΥΣ Σίσυφος", "οδυσσευσ σίσυφοσ"},
    {"İstanbul ISPARTA ısparta", "istanbul isparta isparta"},
    {"Dž DŽ dž", "dž dž dž"},
    {"\xe2\x84\xaa", "k"}, // the Kelvin sign
    {"ԱՐԵՒ ᲗᲑᲘᲚᲘ", "արեւ თბილი"},
    {"漢字 かな 🦀", "漢字 かな 🦀"},
    {"\xf0\x90\x90\x80", "\xf0\x90\x90\xa8"},         // Deseret, four bytes
    {"\xff\xc3(A\xc3", "\xff\xc3(a\xc3"},             // no UTF-8: as it is
    {"\xc1\x81\xed\xa0\x80", "\xc1\x81\xed\xa0\x80"}, // overlong, surrogate
};

Test(store_db, folding)
{
    for (size_t i = 0; i < sizeof folds / sizeof *folds; i++) {
        struct w3p_buf out;
        w3p_buf_init(&out, 1000);
        w3p_store_fold(&out, folds[i].text, strlen(folds[i].text));
        cr_expect(eq(str, (char *)w3p_buf_str(&out), (char *)folds[i].folded));
        w3p_buf_deinit(&out);
        sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT fold(?1)");
        cr_assert(stmt != NULL);
        sqlite3_bind_text(stmt, 1, folds[i].text, -1, SQLITE_STATIC);
        cr_assert(eq(int, w3p_db_step(stmt), 1));
        cr_expect(eq(str, (char *)sqlite3_column_text(stmt, 0), (char *)folds[i].folded));
    }
    cr_expect(eq(i64, query_one(db, "SELECT fold(NULL) IS NULL"), 1));
}
