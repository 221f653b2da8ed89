// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what a store refuses to open and how it says so; lock, modes, migrations, meta.
#include "support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

static void quiet(void)
{
    w3p_log_set_level(W3P_LOG_OFF);
}

TestSuite(store_open, .init = quiet, .fini = tmp_remove, .timeout = 30);

static int try_open(struct w3p_errmsg *msg, const char *path, const struct w3p_migration *const *tables, size_t count)
{
    struct w3p_store_conf conf = {
        .path = path, .migrations = tables, .migration_table_count = count, .queue_max = 10, .busy_timeout_ms = 100};
    struct w3p_store *store = NULL;

    *msg = (struct w3p_errmsg){""};
    int err = w3p_store_open(&store, msg, &conf);
    if (err == W3P_OK)
        w3p_store_close(store);
    else
        cr_expect(store == NULL);
    return err;
}

static void expect_refused(const char *path, int err, const char *word)
{
    struct w3p_errmsg msg;

    cr_expect(eq(int, try_open(&msg, path, NULL, 0), err));
    cr_expect(strstr(msg.text, word) != NULL, "\"%s\" does not say \"%s\"", msg.text, word);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    cr_assert(file != NULL);
    fputs(text, file);
    fclose(file);
}

static void sqlite_run(const char *path, const char *sql)
{
    sqlite3 *handle;
    cr_assert(eq(int, sqlite3_open(path, &handle), SQLITE_OK));
    cr_assert(eq(int, sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK));
    sqlite3_close(handle);
}

Test(store_open, bad_paths)
{
    char deep[5000];

    expect_refused("", W3P_E_INVALID, "names no file");
    expect_refused(tmp_path("none/x.db"), W3P_E_IO, "create it or change store.path");
    expect_refused(tmp_path(""), W3P_E_INVALID, "names no file");
    memset(deep, 'x', sizeof deep - 1);
    deep[sizeof deep - 1] = 0;
    expect_refused(deep, W3P_E_LIMIT, "too long");
    deep[250] = 0; // a file of that name could be, its lock beside it not
    expect_refused(tmp_path(deep), W3P_E_LIMIT, "too long");
    cr_assert(eq(int, symlink(tmp_path("elsewhere"), tmp_path("linked.db.lock")), 0));
    expect_refused(tmp_path("linked.db"), W3P_E_IO, "linked.db.lock");
    cr_assert(eq(int, mkdir(tmp_path("folder"), 0700), 0));
    expect_refused(tmp_path("folder"), W3P_E_IO, "directory");
    rmdir(tmp_path("folder"));
    cr_assert(eq(int, mkfifo(tmp_path("pipe"), 0600), 0));
    expect_refused(tmp_path("pipe"), W3P_E_INVALID, "not a regular file");
}

Test(store_open, unwritable_directory)
{
    cr_assert(eq(int, chmod(tmp_dir(), 0555), 0));
    if (geteuid() == 0)
        cr_assert(eq(int, seteuid(65534), 0));
    expect_refused(tmp_path("x.db"), W3P_E_IO, "Permission denied");
    if (getuid() == 0)
        cr_assert(eq(int, seteuid(0), 0));
    chmod(tmp_dir(), 0700);
}

Test(store_open, foreign_files)
{
    struct stat before, after;

    write_file(tmp_path("text.db"), "This is a letter to my aunt, and by no means a database of pins. It is long.\n");
    expect_refused(tmp_path("text.db"), W3P_E_INVALID, "not a database");
    sqlite_run(tmp_path("other.db"), "CREATE TABLE bookmarks(url)");
    cr_assert(eq(int, stat(tmp_path("other.db"), &before), 0));
    expect_refused(tmp_path("other.db"), W3P_E_INVALID, "another program");
    cr_assert(eq(int, stat(tmp_path("other.db"), &after), 0));
    cr_expect(eq(long, before.st_size, after.st_size));
}

Test(store_open, newer_database)
{
    static const struct w3p_migration newer[] = {
        {"numbers.1", "CREATE TABLE numbers(n)"}, {"numbers.2", "ALTER TABLE numbers ADD COLUMN m"}, {NULL, NULL}};
    static const struct w3p_migration *const newer_tables[] = {newer}, *const older_tables[] = {numbers_migrations};
    struct w3p_errmsg msg;

    cr_assert(eq(int, try_open(&msg, tmp_path("n.db"), newer_tables, 1), W3P_OK));
    cr_expect(eq(int, try_open(&msg, tmp_path("n.db"), older_tables, 1), W3P_E_UNSUPPORTED));
    cr_expect(strstr(msg.text, "newer w3pin") && strstr(msg.text, "numbers.2"), "%s", msg.text);
    cr_expect(eq(int, try_open(&msg, tmp_path("n.db"), newer_tables, 1), W3P_OK)); // and it was not harmed
}

// Each step is applied once; one that fails leaves nothing of itself and the earlier ones in place.
Test(store_open, migrations)
{
    static const struct w3p_migration broken[] = {{"a.1", "CREATE TABLE a(x); INSERT INTO a VALUES(1)"},
                                                  {"a.2", "INSERT INTO a VALUES(2); INSERT INTO nowhere VALUES(1)"},
                                                  {NULL, NULL}};
    static const struct w3p_migration whole[] = {
        {"a.1", "not even SQL: applied long ago"}, {"a.2", "INSERT INTO a VALUES(3)"}, {NULL, NULL}};
    static const struct w3p_migration twice[] = {{"a.1", ""}, {"a.1", ""}, {NULL, NULL}};
    static const struct w3p_migration *const tables[] = {broken, whole, twice};
    struct w3p_errmsg msg;

    cr_expect(eq(int, try_open(&msg, tmp_path("m.db"), &tables[2], 1), W3P_E_INTERNAL));
    cr_expect(eq(int, try_open(&msg, tmp_path("m.db"), &tables[0], 1), W3P_E_IO));
    cr_expect(strstr(msg.text, "a.2") && strstr(msg.text, "nowhere"), "%s", msg.text);
    cr_expect(eq(int, try_open(&msg, tmp_path("m.db"), &tables[1], 1), W3P_OK), "%s", msg.text);

    struct w3p_store_conf conf = {.path = tmp_path("m.db"),
                                  .migrations = &tables[1],
                                  .migration_table_count = 1,
                                  .queue_max = 1,
                                  .busy_timeout_ms = 100};
    struct w3p_store *store;
    cr_assert(eq(int, w3p_store_open(&store, &msg, &conf), W3P_OK));
    cr_expect(eq(i64, read_one(store, "SELECT sum(x) FROM a"), 4));
    cr_expect(eq(i64, read_one(store, "SELECT count(*) FROM migrations"), 3));
    w3p_store_close(store);
}

Test(store_open, lock)
{
    struct w3p_store *store = open_numbers();
    char pid[40];

    snprintf(pid, sizeof pid, "process %d", (int)getpid());
    expect_refused(tmp_path("n.db"), W3P_E_STATE, pid);
    expect_refused(tmp_path("n.db"), W3P_E_STATE, tmp_path("n.db"));
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct w3p_errmsg msg;
        _exit(try_open(&msg, tmp_path("n.db"), NULL, 0) == W3P_E_STATE ? 0 : 1);
    }
    int status;
    cr_assert(eq(int, waitpid(child, &status, 0), child));
    cr_expect(eq(int, status, 0));
    cr_expect(eq(int, insert_now(store, 1), W3P_OK)); // the failed openers did no harm
    w3p_store_close(store);
    store = open_numbers();
    w3p_store_close(store);
}

// However the file is reached, it is one database with one lock.
Test(store_open, links_lead_to_one_lock)
{
    struct w3p_store *store = open_numbers();
    char target[200];

    snprintf(target, sizeof target, "%s", tmp_path("n.db"));
    cr_assert(eq(int, symlink(target, tmp_path("link.db")), 0));
    expect_refused(tmp_path("link.db"), W3P_E_STATE, target);
    w3p_store_close(store);
    store = open_store(tmp_path("link.db"), 10);
    cr_expect(eq(int, insert_now(store, 1), W3P_OK));
    expect_refused(target, W3P_E_STATE, target);
    w3p_store_close(store);
    cr_assert(eq(int, symlink(tmp_path("nothing.db"), tmp_path("dangling.db")), 0));
    expect_refused(tmp_path("dangling.db"), W3P_E_IO, "dangling.db");
}

Test(store_open, modes_are_private)
{
    static const char *const names[] = {"n.db", "n.db-wal", "n.db-shm", "n.db.lock"};

    umask(0);
    write_file(tmp_path("n.db"), "");
    cr_assert(eq(int, chmod(tmp_path("n.db"), 0666), 0));
    struct w3p_store *store = open_numbers();
    cr_assert(eq(int, insert_now(store, 1), W3P_OK));
    for (size_t i = 0; i < 4; i++) {
        struct stat st;
        cr_assert(eq(int, stat(tmp_path(names[i]), &st), 0));
        cr_expect(eq(uint, st.st_mode & 0777, 0600u), "%s", names[i]);
    }
    w3p_store_close(store);
}

// A relative path means the directory of the start; names that SQLite would take for something else are files.
Test(store_open, relative_and_odd_names)
{
    static const char *const names[] = {"n.db", ":memory:", "file:n?mode=memory"};

    cr_assert(eq(int, chdir(tmp_dir()), 0));
    for (size_t i = 0; i < 3; i++) {
        struct w3p_store *store = open_store(names[i], 10);
        cr_assert(eq(int, chdir("/"), 0));
        cr_assert(eq(int, insert_now(store, 7), W3P_OK));
        cr_expect(eq(i64, read_one(store, "SELECT sum(n) FROM numbers"), 7));
        w3p_store_close(store);
        cr_expect(eq(int, access(tmp_path(names[i]), F_OK), 0));
        cr_assert(eq(int, chdir(tmp_dir()), 0));
    }
}

Test(store_open, settings)
{
    struct w3p_store *store = open_numbers();
    struct w3p_errmsg msg;
    struct w3p_db *db;

    cr_assert(eq(int, w3p_store_reader(&db, &msg, store), W3P_OK));
    cr_expect(eq(i64, query_one(db, "PRAGMA synchronous"), 2));
    cr_expect(eq(i64, query_one(db, "PRAGMA foreign_keys"), 1));
    cr_expect(eq(i64, query_one(db, "PRAGMA query_only"), 1));
    sqlite3_stmt *stmt = w3p_db_prepare(db, "INSERT INTO numbers(n) VALUES(1)");
    cr_assert(stmt != NULL);
    cr_expect(eq(int, w3p_db_exec(stmt), W3P_E_IO)); // a reader does not write
    w3p_store_reader_close(db);
    cr_expect(eq(i64, read_one(store, "SELECT count(*) FROM numbers"), 0));
    w3p_store_close(store);
}

struct meta_job {
    struct w3p_write write;
    const char *value;
};

static int meta_run(struct w3p_write *self, struct w3p_db *db)
{
    return w3p_meta_put(db, "genesis", ((struct meta_job *)self)->value);
}

Test(store_open, meta)
{
    struct w3p_store *store = open_numbers();
    struct w3p_errmsg msg;
    struct w3p_db *db;
    char text[8] = "kept";

    cr_assert(eq(int, w3p_store_reader(&db, &msg, store), W3P_OK));
    cr_expect(eq(int, w3p_meta_get(db, text, sizeof text, "genesis"), W3P_E_NOTFOUND));
    struct meta_job job = {.write = {.run = meta_run}, .value = "1234567"};
    cr_assert(eq(int, w3p_store_write_wait(store, &job.write), W3P_OK));
    cr_expect(eq(int, w3p_meta_get(db, text, 7, "genesis"), W3P_E_LIMIT));
    cr_expect(eq(str, text, "kept"));
    cr_expect(eq(int, w3p_meta_get(db, text, 8, "genesis"), W3P_OK));
    cr_expect(eq(str, text, "1234567"));
    job.value = "";
    cr_assert(eq(int, w3p_store_write_wait(store, &job.write), W3P_OK));
    cr_expect(eq(int, w3p_meta_get(db, text, 8, "genesis"), W3P_OK));
    cr_expect(eq(str, text, ""));
    w3p_store_reader_close(db);
    w3p_store_close(store);
}
