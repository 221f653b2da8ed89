// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: pins_support.h.
#include "pins_support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "operator_store.h"
#include "store/db.h"

struct w3p_store *pins_store;
struct w3p_db *pins_reader;
struct w3p_pins *pins_under_test;
struct w3p_store_conf pins_store_conf;
struct w3p_pins_conf pins_conf;
int64_t pins_now_ms = PINS_NOW_MS;
uint64_t pins_price = 0;
_Atomic unsigned pins_wakes;
static char dir[256], path[300];

static uint64_t estimate(void *arg, uint64_t size)
{
    (void)arg;
    (void)size;
    return pins_price;
}

static void wake(void *arg)
{
    (void)arg;
    pins_wakes++;
}

static void open_all(void)
{
    struct w3p_errmsg msg = {""};

    int err = w3p_store_open(&pins_store, &msg, &pins_store_conf);
    cr_assert(err == W3P_OK, "%s", msg.text);
    cr_assert(eq(int, w3p_store_reader(&pins_reader, &msg, pins_store), W3P_OK));
    pins_conf.store = pins_store;
    pins_under_test = w3p_pins_create(&pins_conf);
}

static void close_all(void)
{
    w3p_store_reader_close(pins_reader);
    w3p_store_close(pins_store);
    w3p_pins_destroy(pins_under_test);
}

void pins_setup(void)
{
    static const struct w3p_migration *const tables[] = {w3p_contents_migrations, w3p_pins_migrations};
    const char *base = getenv("TMPDIR");

    snprintf(dir, sizeof dir, "%s/w3pin-pins-XXXXXX", base ? base : "/tmp");
    cr_assert(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/p.db", dir);
    w3p_clock_fake(&pins_now_ms);
    pins_store_conf = (struct w3p_store_conf){
        .path = path, .migrations = tables, .migration_table_count = 2, .queue_max = 10000, .busy_timeout_ms = 1000};
    pins_conf = (struct w3p_pins_conf){.default_size = 2048, .estimate = estimate, .wake = wake};
    open_all();
}

void pins_reopen(void)
{
    close_all();
    open_all();
}

void pins_teardown(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    char file[320];

    close_all();
    for (size_t i = 0; i < 4; i++) {
        snprintf(file, sizeof file, "%s%s", path, suffixes[i]);
        unlink(file);
    }
    rmdir(dir);
}

struct w3p_cid pins_cid(unsigned n)
{
    struct w3p_cid cid = {.version = 1, .codec = W3P_CODEC_RAW, .hash = W3P_HASH_SHA2_256, .digest_len = 32};

    memcpy(cid.digest, &n, sizeof n);
    return cid;
}

const char *pins_cid_text(unsigned n)
{
    static char texts[8][W3P_CID_ORDER_MAX];
    static unsigned next;
    struct w3p_cid cid = pins_cid(n);
    char *text = texts[next++ % 8];

    w3p_cid_format_order(text, &cid);
    return text;
}

struct waiting {
    sem_t ended;
    struct pins_result result;
};

static void on_done(void *arg, int err, const struct w3p_pin *pin)
{
    struct waiting *waiting = arg;

    waiting->result.err = err;
    if (pin) {
        waiting->result.has_pin = true;
        waiting->result.status = pin->status;
        waiting->result.created_ms = pin->created_ms;
        memcpy(waiting->result.requestid, pin->requestid, sizeof pin->requestid);
    }
    sem_post(&waiting->ended);
}

static struct pins_result wait_for(struct waiting *waiting, int submitted)
{
    cr_assert(eq(int, submitted, W3P_OK));
    sem_wait(&waiting->ended);
    sem_destroy(&waiting->ended);
    return waiting->result;
}

struct pins_result pins_add_spec(const struct w3p_pin_spec *spec)
{
    struct waiting waiting = {.result = {.err = 1}};

    sem_init(&waiting.ended, 0, 0);
    return wait_for(&waiting, w3p_pins_add(pins_under_test, spec, on_done, &waiting));
}

struct pins_result pins_add(const char *identity, unsigned content, const char *name, const char *meta)
{
    struct w3p_cid cid = pins_cid(content);
    struct w3p_pin_spec spec = {
        .identity = identity, .cid_text = pins_cid_text(content), .cid = &cid, .name = name, .meta = meta};

    return pins_add_spec(&spec);
}

struct pins_result pins_replace_spec(const char *requestid, const struct w3p_pin_spec *spec)
{
    struct waiting waiting = {.result = {.err = 1}};

    sem_init(&waiting.ended, 0, 0);
    return wait_for(&waiting, w3p_pins_replace(pins_under_test, requestid, spec, on_done, &waiting));
}

struct pins_result pins_replace(const char *identity, const char *requestid, unsigned content)
{
    struct w3p_cid cid = pins_cid(content);
    struct w3p_pin_spec spec = {.identity = identity, .cid_text = pins_cid_text(content), .cid = &cid};

    return pins_replace_spec(requestid, &spec);
}

int pins_delete(const char *identity, const char *requestid)
{
    struct waiting waiting = {.result = {.err = 1}};

    sem_init(&waiting.ended, 0, 0);
    struct pins_result result =
        wait_for(&waiting, w3p_pins_delete(pins_under_test, identity, requestid, on_done, &waiting));
    cr_expect(not(result.has_pin));
    return result.err;
}

struct sql_job {
    struct w3p_write write;
    const char *sql;
};

static int sql_run(struct w3p_write *self, struct w3p_db *db)
{
    const char *sql = ((struct sql_job *)self)->sql;

    return sqlite3_exec(w3p_db_handle(db), sql, NULL, NULL, NULL) == SQLITE_OK ? W3P_OK : W3P_E_INTERNAL;
}

void pins_sql(const char *sql)
{
    struct sql_job job = {.write = {.run = sql_run}, .sql = sql};

    cr_assert(eq(int, w3p_store_write_wait(pins_store, &job.write), W3P_OK));
}

int64_t pins_number(const char *sql)
{
    sqlite3_stmt *stmt = w3p_db_prepare_text(pins_reader, sql);

    cr_assert(stmt != NULL);
    cr_assert(eq(int, w3p_db_step(stmt), 1));
    int64_t number = sqlite3_column_int64(stmt, 0);
    sqlite3_reset(stmt);
    return number;
}

struct state_job {
    struct w3p_write write;
    int64_t content_id;
    enum w3p_content_state state;
};

static int state_run(struct w3p_write *self, struct w3p_db *db)
{
    struct state_job *job = (struct state_job *)self;

    return w3p_content_set_state(db, job->content_id, job->state);
}

void pins_set_state(unsigned content, enum w3p_content_state state)
{
    char sql[W3P_CID_ORDER_MAX + 60];

    snprintf(sql, sizeof sql, "SELECT id FROM contents WHERE cid='%s'", pins_cid_text(content));
    struct state_job job = {.write = {.run = state_run}, .content_id = pins_number(sql), .state = state};
    cr_assert(eq(int, w3p_store_write_wait(pins_store, &job.write), W3P_OK));
}

struct pause_job {
    struct w3p_write write;
    bool on;
};

static int run_pause(struct w3p_write *self, struct w3p_db *db)
{
    return w3p_pause_set(db, ((struct pause_job *)self)->on);
}

void pins_set_pause(struct w3p_store *store, bool on)
{
    struct pause_job job = {.write = {.run = run_pause}, .on = on};
    cr_assert(eq(int, w3p_store_write_wait(store, &job.write), W3P_OK));
}
