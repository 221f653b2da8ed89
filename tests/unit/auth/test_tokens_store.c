// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: tokens and accounts in a real store: what is revoked stays revoked, bounds, whole changes, an older
// database.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tokens_rig.h"

TestSuite(tokens_store, .init = rig_setup, .fini = rig_teardown, .timeout = 60);

Test(tokens_store, nothing_is_known)
{
    struct w3p_token_row minted = row_of(1, 16, NOW_S, NOW_S + 60), own = row_of(1, 32, NOW_S, NOW_S + 60);
    cr_expect(verdict(NULL, &minted) == W3P_AUTH_REVOKED); // a key of ours made it, and there is no row: it was deleted
    cr_expect(verdict(ALICE, &own) == W3P_AUTH_OK);
    struct w3p_token_state state = state_of(ALICE, &own);
    cr_expect(eq(int, state.known, false));
    cr_expect(eq(str, state.identity.text, ALICE));
    struct w3p_token_row nobody = {0};
    state = state_of(ALICE, &nobody);
    cr_expect(eq(int, state.known, false));
    cr_expect(eq(int, state.legacy, W3P_ACCOUNT_LEGACY_DEFAULT));
    cr_expect(w3p_token_state_judge(&state, 0, 0) == W3P_AUTH_OK);
    struct w3p_token_row rows[1];
    size_t count = 9;
    cr_assert(eq(int, w3p_tokens_page(reader, rows, 1, &count, ALICE, NULL, NOW_MS), W3P_OK));
    cr_expect(eq(sz, count, 0));
}

Test(tokens_store, add_and_read_back)
{
    struct w3p_token_row row = row_of(5, 16, NOW_S, NOW_S + 60), own = row_of(5, 32, NOW_S, NOW_S + 60);
    memset(row.label, 'x', W3P_TOKEN_LABEL_MAX);
    row.label[W3P_TOKEN_LABEL_MAX] = '\0';
    cr_assert(eq(int, act((struct job){.what = ADD, .who = ALICE, .row = own}), W3P_E_INVALID));
    cr_assert(eq(int, act((struct job){.what = NOTE, .who = ALICE, .row = row}), W3P_E_INVALID));
    cr_assert(eq(int, act((struct job){.what = ADD, .who = ALICE, .row = row}), W3P_OK));
    cr_expect(eq(int, act((struct job){.what = ADD, .who = ALICE, .row = row}), W3P_E_EXISTS));
    cr_expect(eq(int, act((struct job){.what = ADD, .who = BOB, .row = row}), W3P_E_EXISTS));
    struct w3p_token_state state = state_of(NULL, &row);
    cr_assert(state.known);
    cr_expect(eq(str, state.identity.text, ALICE));
    cr_expect(eq(int, memcmp(state.row.id, row.id, 16), 0));
    cr_expect(eq(int, state.row.id_len, 16));
    cr_expect(eq(int, state.row.kid, 1));
    cr_expect(eq(u16, state.row.scopes, W3P_SCOPES_PINS));
    cr_expect(eq(i64, state.row.issued_s, NOW_S));
    cr_expect(eq(i64, state.row.expires_s, NOW_S + 60));
    cr_expect(eq(i64, state.row.revoked_ms, 0));
    cr_expect(eq(str, state.row.label, row.label));
    cr_expect(verdict(NULL, &row) == W3P_AUTH_OK);
    cr_expect(eq(int, state_of(BOB, &row).known, false)); // another account's view of it
}

Test(tokens_store, revoking)
{
    struct w3p_token_row row = row_of(5, 16, NOW_S, NOW_S + 60), own = row_of(6, 32, NOW_S, NOW_S + 60);
    cr_assert(eq(int, act((struct job){.what = ADD, .who = ALICE, .row = row}), W3P_OK));
    cr_assert(eq(int, act((struct job){.what = NOTE, .who = ALICE, .row = own}), W3P_OK));
    cr_assert(eq(int, act((struct job){.what = NOTE, .who = ALICE, .row = own}), W3P_OK));
    // what is not there, not his, or no id
    uint8_t other[33] = {9};
    static const size_t lengths[] = {0, 1, 15, 16, 17, 31, 33};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct job job = {.what = REVOKE, .who = ALICE, .id = other, .id_len = lengths[i]};
        cr_expect(eq(int, act(job), W3P_E_NOTFOUND), "%zu", lengths[i]);
        job.what = REVOKE_ANY;
        cr_expect(eq(int, act(job), W3P_E_NOTFOUND), "%zu", lengths[i]);
    }
    cr_expect(eq(int, act((struct job){.what = REVOKE, .who = BOB, .id = row.id, .id_len = 16}), W3P_E_NOTFOUND));
    cr_expect(verdict(NULL, &row) == W3P_AUTH_OK);
    // Bob may name the id of Alice's message, but that is a row of his own
    cr_expect(eq(int, act((struct job){.what = REVOKE, .who = BOB, .id = own.id, .id_len = 32}), W3P_OK));
    cr_expect(verdict(ALICE, &own) == W3P_AUTH_OK);
    cr_expect(verdict(BOB, &own) == W3P_AUTH_REVOKED);

    cr_expect(eq(int, act((struct job){.what = REVOKE, .who = ALICE, .id = row.id, .id_len = 16}), W3P_OK));
    cr_expect(eq(int, act((struct job){.what = REVOKE, .who = ALICE, .id = own.id, .id_len = 32}), W3P_OK));
    cr_expect(verdict(NULL, &row) == W3P_AUTH_REVOKED);
    cr_expect(verdict(ALICE, &own) == W3P_AUTH_REVOKED);
    // again: fine, and the first time stays
    struct job again = {.what = REVOKE, .who = ALICE, .id = row.id, .id_len = 16, .now_ms = NOW_MS + 5};
    cr_expect(eq(int, act(again), W3P_OK));
    cr_expect(eq(i64, state_of(NULL, &row).row.revoked_ms, NOW_MS));
    // using it once more does not make it good
    cr_expect(eq(int, act((struct job){.what = NOTE, .who = ALICE, .row = own}), W3P_OK));
    cr_expect(verdict(ALICE, &own) == W3P_AUTH_REVOKED);
}

Test(tokens_store, operator_revokes_whosever_it_is)
{
    struct w3p_token_row row = row_of(5, 16, NOW_S, NOW_S + 60);
    cr_assert(eq(int, act((struct job){.what = ADD, .who = ALICE, .row = row}), W3P_OK));
    cr_expect(eq(int, act((struct job){.what = REVOKE_ANY, .id = row.id, .id_len = 16}), W3P_OK));
    cr_expect(verdict(NULL, &row) == W3P_AUTH_REVOKED);
}

// Its token could have been made at that moment with the longest life there is.
Test(tokens_store, message_that_was_never_seen)
{
    struct w3p_token_row own = row_of(6, 32, NOW_S, NOW_S + 366 * 86400);
    cr_assert(eq(int, act((struct job){.what = REVOKE, .who = ALICE, .id = own.id, .id_len = 32}), W3P_OK));
    cr_expect(verdict(ALICE, &own) == W3P_AUTH_REVOKED);
    cr_expect(verdict(BOB, &own) == W3P_AUTH_OK);
    struct job prune = {.what = PRUNE, .number = 10, .now_ms = NOW_MS + INT64_C(367) * 86400 * 1000 - 1000};
    cr_assert(eq(int, act(prune), W3P_OK));
    cr_expect(verdict(ALICE, &own) == W3P_AUTH_REVOKED);
    prune.now_ms += 1000;
    cr_assert(eq(int, act(prune), W3P_OK));
    cr_expect(eq(i64, number_of("SELECT count(*) FROM auth_tokens"), 0));
}

// A clock that runs ahead for less than a day, and then does not: what was revoked stays revoked, however, and what was
// used (for an hour) used. And a token that was revoked unseen may have been issued a minute from then.
Test(tokens_store, attack_24_a_clock_set_back_brings_nothing_back)
{
    const int64_t day_ms = INT64_C(86400000);
    struct w3p_token_row own = row_of(7, 32, NOW_S, NOW_S + 3600), late = row_of(8, 32, NOW_S, NOW_S + 3600),
                         ahead = row_of(9, 32, NOW_S + 60, NOW_S + 60 + 366 * 86400);
    uint8_t nonce[32] = {7};
    struct job use = {.what = NONCE, .id = nonce, .expires_ms = NOW_MS + 300000};
    cr_assert(eq(int, act(use), W3P_OK));
    cr_assert(eq(int, act((struct job){.what = PRUNE, .number = 10, .now_ms = NOW_MS + 3800000}), W3P_OK));
    cr_expect(eq(int, act(use), W3P_E_EXISTS));
    cr_assert(eq(int, act((struct job){.what = NOTE, .who = ALICE, .row = own}), W3P_OK));
    cr_assert(eq(int, act((struct job){.what = NOTE, .who = ALICE, .row = late}), W3P_OK));
    for (int i = 0; i < 3; i++) // also where it is revoked again and again
        cr_assert(eq(int, act((struct job){.what = REVOKE, .who = ALICE, .id = own.id, .id_len = 32}), W3P_OK));
    cr_assert(eq(int, act((struct job){.what = REVOKE, .who = ALICE, .id = ahead.id, .id_len = 32}), W3P_OK));
    cr_assert(eq(int, act((struct job){.what = REVOKE_ANY, .id = late.id, .id_len = 32}), W3P_OK));
    cr_expect(eq(i64, state_of(ALICE, &own).row.expires_s, own.expires_s)); // nobody is told of it
    cr_assert(eq(int, act((struct job){.what = PRUNE, .number = 10, .now_ms = NOW_MS + day_ms}), W3P_OK));
    cr_expect(verdict(ALICE, &own) == W3P_AUTH_REVOKED);
    cr_expect(verdict(ALICE, &late) == W3P_AUTH_REVOKED);
    cr_assert(eq(int, act((struct job){.what = PRUNE, .number = 10, .now_ms = NOW_MS + day_ms + 3600000}), W3P_OK));
    cr_expect(eq(i64, number_of("SELECT count(*) FROM auth_tokens"), 1));
    cr_assert(eq(int, act((struct job){.what = PRUNE, .number = 10, .now_ms = NOW_MS + 366 * day_ms + 60000}), W3P_OK));
    cr_expect(verdict(ALICE, &ahead) == W3P_AUTH_REVOKED);
}

Test(tokens_store, logout_all)
{
    struct w3p_token_row minted = row_of(1, 16, NOW_S, NOW_S + 60), old = row_of(2, 32, NOW_S - 10, NOW_S + 60),
                         same = row_of(3, 32, NOW_S, NOW_S + 60), ahead = row_of(4, 32, NOW_S + 50, NOW_S + 160),
                         unseen = row_of(5, 32, NOW_S, NOW_S + 60), bobs = row_of(6, 16, NOW_S, NOW_S + 60),
                         later = row_of(7, 32, NOW_S + 1, NOW_S + 60);
    cr_assert(eq(int, act((struct job){.what = ADD, .who = ALICE, .row = minted}), W3P_OK));
    cr_assert(eq(int, act((struct job){.what = ADD, .who = BOB, .row = bobs}), W3P_OK));
    cr_assert(eq(int, act((struct job){.what = NOTE, .who = ALICE, .row = old}), W3P_OK));
    cr_assert(eq(int, act((struct job){.what = NOTE, .who = ALICE, .row = ahead}), W3P_OK));
    cr_assert(eq(int, act((struct job){.what = REVOKE, .who = ALICE, .id = unseen.id, .id_len = 32}), W3P_OK));
    cr_assert(eq(int, act((struct job){.what = LOGOUT, .who = ALICE}), W3P_OK));
    cr_expect(verdict(NULL, &minted) == W3P_AUTH_REVOKED);
    cr_expect(verdict(ALICE, &old) == W3P_AUTH_REVOKED);
    cr_expect(verdict(ALICE, &same) == W3P_AUTH_REVOKED);
    cr_expect(verdict(ALICE, &ahead) == W3P_AUTH_REVOKED);
    unseen.issued_s = NOW_S + 59; // revoked by its id, whenever it says that it was made
    cr_expect(verdict(ALICE, &unseen) == W3P_AUTH_REVOKED);
    cr_expect(verdict(NULL, &bobs) == W3P_AUTH_OK);
    cr_expect(verdict(BOB, &old) == W3P_AUTH_OK);
    cr_expect(verdict(ALICE, &later) == W3P_AUTH_OK);
    // a clock that was set back
    cr_assert(eq(int, act((struct job){.what = LOGOUT, .who = ALICE, .now_ms = NOW_MS - 100000}), W3P_OK));
    cr_expect(verdict(ALICE, &same) == W3P_AUTH_REVOKED);
    // a new login in the same second is good
    minted.id[1] = 1;
    cr_assert(eq(int, act((struct job){.what = ADD, .who = ALICE, .row = minted}), W3P_OK));
    cr_expect(verdict(NULL, &minted) == W3P_AUTH_OK);
}

Test(tokens_store, legacy)
{
    struct w3p_token_row nobody = {0};
    static const enum w3p_account_legacy all[] = {W3P_ACCOUNT_LEGACY_OFF, W3P_ACCOUNT_LEGACY_ON,
                                                  W3P_ACCOUNT_LEGACY_DEFAULT};
    for (size_t i = 0; i < 3; i++) {
        cr_assert(eq(int, act((struct job){.what = LEGACY, .who = ALICE, .number = all[i]}), W3P_OK));
        cr_expect(eq(int, state_of(ALICE, &nobody).legacy, all[i]));
        cr_expect(eq(int, state_of(BOB, &nobody).legacy, W3P_ACCOUNT_LEGACY_DEFAULT));
        cr_assert(eq(int, act((struct job){.what = LOGOUT, .who = ALICE}), W3P_OK)); // neither touches the other
        cr_expect(eq(int, state_of(ALICE, &nobody).legacy, all[i]));
        cr_expect(eq(i64, state_of(ALICE, &nobody).min_issued_s, NOW_S + 1));
    }
}

Test(tokens_store, bound_of_an_account)
{
    struct w3p_token_row row = row_of(0, 16, NOW_S, NOW_S + 60), one = row_of(9, 32, NOW_S, NOW_S + 60);
    struct job many = {.what = MANY, .who = ALICE, .row = row, .number = W3P_TOKENS_PER_ACCOUNT};
    cr_assert(eq(int, act(many), W3P_OK));
    row.id[8] = 1;
    cr_expect(eq(int, act((struct job){.what = ADD, .who = ALICE, .row = row}), W3P_E_LIMIT));
    cr_expect(eq(int, act((struct job){.what = NOTE, .who = ALICE, .row = one}), W3P_E_LIMIT));
    cr_expect(verdict(ALICE, &one) == W3P_AUTH_OK); // it is good without a row
    cr_expect(eq(int, act((struct job){.what = ADD, .who = BOB, .row = row}), W3P_OK));
    // one that was revoked makes room, and so do those that expired
    row.id[8] = 0;
    row.id[0] = 7;
    cr_assert(eq(int, act((struct job){.what = REVOKE, .who = ALICE, .id = row.id, .id_len = 16}), W3P_OK));
    cr_expect(eq(int, act((struct job){.what = NOTE, .who = ALICE, .row = one}), W3P_OK));
    row.id[8] = 2;
    cr_expect(eq(int, act((struct job){.what = ADD, .who = ALICE, .row = row}), W3P_E_LIMIT));
    row.expires_s += 60;
    cr_expect(eq(int, act((struct job){.what = ADD, .who = ALICE, .row = row, .now_ms = NOW_MS + 60000}), W3P_OK));
    cr_expect(eq(i64, number_of("SELECT count(*) FROM auth_tokens"), 999)); // 1003 of which four went
}

Test(tokens_store, bound_of_revoked_ones)
{
    struct w3p_token_row row = row_of(0, 16, NOW_S, NOW_S + 60);
    for (unsigned i = 0; i < W3P_REVOKED_PER_ACCOUNT; i++) {
        uint8_t id[32] = {[31] = 1};
        memcpy(id, &i, sizeof(i));
        struct job revoke = {.what = REVOKE, .who = ALICE, .id = id, .id_len = 32};
        cr_assert(eq(int, act(revoke), W3P_OK));
    }
    uint8_t more[32] = {[31] = 2};
    struct job revoke = {.what = REVOKE, .who = ALICE, .id = more, .id_len = 32};
    cr_expect(eq(int, act(revoke), W3P_E_LIMIT));
    cr_expect(eq(i64, number_of("SELECT count(*) FROM auth_tokens"), W3P_REVOKED_PER_ACCOUNT));
    // a minted one can always be revoked: without its row it is refused
    cr_assert(eq(int, act((struct job){.what = ADD, .who = ALICE, .row = row}), W3P_OK));
    cr_expect(eq(int, act((struct job){.what = REVOKE, .who = ALICE, .id = row.id, .id_len = 16}), W3P_OK));
    cr_expect(verdict(NULL, &row) == W3P_AUTH_REVOKED);
    cr_expect(eq(i64, number_of("SELECT count(*) FROM auth_tokens"), W3P_REVOKED_PER_ACCOUNT));
    revoke.who = BOB;
    cr_expect(eq(int, act(revoke), W3P_OK));
}

Test(tokens_store, pages)
{
    struct w3p_token_row rows[200], row = row_of(0, 16, NOW_S, NOW_S + 60);
    size_t count, seen = 0, pages = 0;
    int64_t before = INT64_MAX;
    struct job many = {.what = MANY, .who = ALICE, .row = row, .number = 150};
    cr_assert(eq(int, act(many), W3P_OK));
    for (uint8_t i = 0; i < 150; i++) { // of different ages, and some of the same
        row = row_of(i, 32, NOW_S - 1 - i / 3, NOW_S + 60);
        cr_assert(eq(int, act((struct job){.what = NOTE, .who = ALICE, .row = row}), W3P_OK));
    }
    row = row_of(200, 16, NOW_S - 100, NOW_S - 1); // expired
    cr_assert(eq(int, act((struct job){.what = ADD, .who = ALICE, .row = row, .now_ms = NOW_MS - 5000}), W3P_OK));
    row = row_of(201, 16, NOW_S, NOW_S + 60);
    cr_assert(eq(int, act((struct job){.what = ADD, .who = BOB, .row = row}), W3P_OK));

    struct w3p_token_row last, *after = NULL;
    do {
        cr_assert(eq(int, w3p_tokens_page(reader, rows, 70, &count, ALICE, after, NOW_MS), W3P_OK));
        for (size_t i = 0; i < count; i++) {
            cr_assert(before >= rows[i].issued_s);
            before = rows[i].issued_s;
        }
        seen += count;
        last = rows[count > 0 ? count - 1 : 0];
        after = &last;
    } while (count == 70 && pages++ < 10);
    cr_expect(eq(sz, seen, 300));
    cr_assert(eq(int, w3p_tokens_page(reader, rows, 200, &count, ALICE, NULL, NOW_MS), W3P_OK));
    cr_expect(eq(sz, count, W3P_TOKENS_PAGE_MAX));
    cr_expect(eq(str, rows[0].label, "laptop 0"));
}

// What a negative result of the job leaves behind is nothing: neither the token nor the used nonce.
static int login_run(struct w3p_write *self, struct w3p_db *db)
{
    struct job *job = (struct job *)self;
    int err = w3p_nonce_use(db, job->id, job->expires_ms, job->now_ms);
    if (err == W3P_OK)
        err = w3p_tokens_add(db, job->who, &job->row, job->now_ms);
    return err == W3P_OK ? job->result : err;
}

Test(tokens_store, one_change_or_none)
{
    uint8_t nonce[32] = {3};
    struct job job = {.write.run = login_run,
                      .who = ALICE,
                      .row = row_of(1, 16, NOW_S, NOW_S + 60),
                      .id = nonce,
                      .now_ms = NOW_MS,
                      .expires_ms = NOW_MS + 1000,
                      .result = W3P_E_LIMIT};
    cr_expect(eq(int, w3p_store_write_wait(store, &job.write), W3P_E_LIMIT));
    cr_assert(eq(int, w3p_reader_fresh(reader), W3P_OK));
    cr_expect(eq(int, w3p_nonce_unused(reader, nonce), W3P_OK));
    job.result = W3P_OK;
    cr_expect(eq(int, w3p_store_write_wait(store, &job.write), W3P_OK));
    cr_assert(eq(int, w3p_reader_fresh(reader), W3P_OK));
    cr_expect(eq(int, w3p_nonce_unused(reader, nonce), W3P_E_EXISTS));
    job.row.id[1] = 1;
    cr_expect(eq(int, w3p_store_write_wait(store, &job.write), W3P_E_EXISTS));
    cr_assert(eq(int, w3p_reader_fresh(reader), W3P_OK));
    cr_expect(eq(i64, number_of("SELECT count(*) FROM auth_tokens"), 1));
}

// A database of a version that knew no tokens keeps what it has.
Test(tokens_store, an_older_database)
{
    static const struct w3p_migration old[] = {{"numbers.1", "CREATE TABLE numbers(n INTEGER PRIMARY KEY) STRICT;"
                                                             "INSERT INTO numbers VALUES(7);"},
                                               {NULL, NULL}};
    const struct w3p_migration *const tables[] = {old};
    struct w3p_errmsg msg;
    char *kept = strdup(path);
    rig_shut();
    snprintf(path, sizeof(path), "%s.old", kept);
    cr_assert(w3p_store_open(&store, &msg,
                             &(struct w3p_store_conf){.path = path,
                                                      .migrations = tables,
                                                      .migration_table_count = 1,
                                                      .queue_max = 16,
                                                      .busy_timeout_ms = 1000}) == W3P_OK);
    w3p_store_close(store);
    rig_open(old);
    cr_expect(eq(i64, number_of("SELECT n FROM numbers"), 7));
    cr_expect(eq(int, act((struct job){.what = ENSURE}), W3P_OK));
    struct w3p_token_row row = row_of(1, 16, NOW_S, NOW_S + 60);
    cr_expect(eq(int, act((struct job){.what = ADD, .who = ALICE, .row = row}), W3P_OK));
    rig_shut();
    rig_open(old); // and the second start finds it migrated
    cr_expect(verdict(NULL, &row) == W3P_AUTH_OK);
    snprintf(path, sizeof(path), "%s", kept);
    free(kept);
    char command[320];
    static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
    for (size_t i = 0; i < 4; i++) {
        snprintf(command, sizeof(command), "%s.old%s", path, ends[i]);
        unlink(command);
    }
}

static int steps_of(struct w3p_db *db, int kind)
{
    int steps = 0;
    for (sqlite3_stmt *stmt = NULL; (stmt = sqlite3_next_stmt(w3p_db_handle(db), stmt)) != NULL;)
        if (strstr(sqlite3_sql(stmt), "auth_keys") == NULL)
            steps += sqlite3_stmt_status(stmt, kind, 0);
    return steps;
}

static int scans_of(struct w3p_db *db)
{
    return steps_of(db, SQLITE_STMTSTATUS_FULLSCAN_STEP);
}

// A page costs what it shows, and not what the account has: else one account's lists keep everybody waiting.
Test(tokens_store, a_page_reads_no_more_than_it_shows)
{
    struct w3p_token_row rows[10], after = row_of(0, 16, NOW_S, NOW_S + 60);
    struct job many = {.what = MANY, .who = ALICE, .row = after, .number = 1000};
    size_t count;
    cr_assert(eq(int, act(many), W3P_OK));
    cr_assert(eq(int, w3p_reader_fresh(reader), W3P_OK));
    cr_assert(eq(int, w3p_tokens_page(reader, rows, 10, &count, ALICE, NULL, NOW_MS), W3P_OK));
    cr_expect(eq(sz, count, 10));
    after = rows[9];
    cr_assert(eq(int, w3p_tokens_page(reader, rows, 10, &count, ALICE, &after, NOW_MS), W3P_OK));
    cr_expect(eq(sz, count, 10));
    cr_expect(eq(int, steps_of(reader, SQLITE_STMTSTATUS_SORT), 0));
    cr_expect(lt(int, steps_of(reader, SQLITE_STMTSTATUS_VM_STEP), 1000));
}

// Everything that a stranger can ask for, among the tokens of somebody else.
static int strangers_run(struct w3p_write *self, struct w3p_db *db)
{
    struct job *job = (struct job *)self;
    struct w3p_token_row minted = row_of(1, 16, NOW_S, NOW_S + 60), own = row_of(1, 32, NOW_S, NOW_S + 60);
    minted.id[8] = 1;
    int err = w3p_tokens_add(db, BOB, &minted, NOW_MS);
    if (err == W3P_OK)
        err = w3p_tokens_note(db, BOB, &own, NOW_MS);
    if (err == W3P_OK)
        err = w3p_tokens_revoke(db, BOB, minted.id, 16, NOW_MS);
    if (err == W3P_OK)
        err = w3p_nonce_use(db, own.id, NOW_MS + 1, NOW_MS);
    if (err == W3P_OK)
        err = w3p_tokens_set_legacy(db, BOB, W3P_ACCOUNT_LEGACY_OFF);
    if (err == W3P_OK)
        err = w3p_tokens_logout_all(db, BOB, NOW_MS);
    job->number = (unsigned)scans_of(db);
    return err;
}

Test(tokens_store, no_table_is_read_through)
{
    struct w3p_token_row row = row_of(0, 16, NOW_S, NOW_S + 60), own = row_of(0, 32, NOW_S, NOW_S + 60), rows[10];
    struct job many = {.what = MANY, .who = ALICE, .row = row, .number = 500}, job = {.write.run = strangers_run};
    size_t count;
    cr_assert(eq(int, act(many), W3P_OK));
    many.row = own;
    cr_assert(eq(int, act(many), W3P_OK));
    cr_assert(eq(int, w3p_store_write_wait(store, &job.write), W3P_OK));
    cr_expect(eq(uint, job.number, 0u));
    cr_assert(eq(int, w3p_reader_fresh(reader), W3P_OK));
    (void)state_of(NULL, &row);
    (void)state_of(BOB, &own);
    cr_assert(eq(int, w3p_tokens_page(reader, rows, 10, &count, BOB, NULL, NOW_MS), W3P_OK));
    cr_expect(eq(int, scans_of(reader), 0));
    cr_expect(eq(i64, number_of("SELECT count(*) FROM auth_tokens WHERE kid = 1"), 500));
    cr_expect(lt(int, 400, scans_of(reader))); // that one does, and is seen
}
