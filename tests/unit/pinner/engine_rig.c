// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: engine_rig.h.
#include "engine_rig.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "pins.h"
#include "store/db.h"

static void open_store(struct rig *rig)
{
    static const struct w3p_migration *tables[2];
    struct w3p_store_conf conf = {.path = rig->path,
                                  .migrations = tables,
                                  .migration_table_count = 2,
                                  .queue_max = 1024,
                                  .busy_timeout_ms = 1000};
    struct w3p_errmsg msg = {""};

    tables[0] = w3p_contents_migrations;
    tables[1] = w3p_pins_migrations;
    cr_assert(w3p_store_open(&rig->store, &msg, &conf) == W3P_OK, "%s", msg.text);
}

static void open_engine(struct rig *rig)
{
    struct w3p_engine_conf conf = {.store = rig->store,
                                   .chain = &rig->fake.base,
                                   .settings = &rig->settings,
                                   .bind = rig->bind,
                                   .bind_arg = rig->bind_arg};
    struct w3p_errmsg msg = {""};

    cr_assert(w3p_engine_create(&rig->engine, &msg, &conf) == W3P_OK, "%s", msg.text);
}

void rig_open(struct rig *rig)
{
    const char *base = getenv("TMPDIR");

    memset(rig, 0, sizeof(*rig));
    w3p_log_set_level(getenv("RIG_LOG") != NULL ? W3P_LOG_DEBUG : W3P_LOG_OFF);
    rig->now_ms = 1800000000000;
    w3p_clock_fake(&rig->now_ms);
    (void)snprintf(rig->dir, sizeof(rig->dir), "%s/w3pin-engine-XXXXXX", base != NULL ? base : "/tmp");
    cr_assert(mkdtemp(rig->dir) != NULL);
    (void)snprintf(rig->path, sizeof(rig->path), "%s/e.db", rig->dir);
    rig->settings = (struct w3p_engine_settings){.min_replicas = 3,
                                                 .default_size = RIG_MIB,
                                                 .max_in_flight = 8,
                                                 .batch_max = 1, // test_engine_batch.c raises it
                                                 .max_order_planck = 1000000,
                                                 .planck_per_day = 0,
                                                 .poll_ms = 50,
                                                 .max_attempts = 3,
                                                 .retry_wait_s = 60,
                                                 .renew_before_blocks = 432000,
                                                 .recheck_blocks = 20,
                                                 .head_age_max_s = 120};
    fake_init(&rig->fake, &rig->now_ms);
    rig->fake.renew_ok_blocks = 432000;
    open_store(rig);
    open_engine(rig);
}

void rig_close(struct rig *rig)
{
    static const char *const names[] = {"e.db", "e.db-wal", "e.db-shm", "e.db.lock"};

    // What every test holds, whatever it is about.
    cr_assert(eq(int, (int)rig->fake.double_orders, 0));
    w3p_engine_destroy(rig->engine);
    w3p_store_close(rig->store);
    fake_deinit(&rig->fake);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[200];

        (void)snprintf(path, sizeof(path), "%s/%s", rig->dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(rig->dir);
}

void rig_apply_settings(struct rig *rig)
{
    w3p_engine_destroy(rig->engine);
    open_engine(rig);
}

void rig_reopen(struct rig *rig)
{
    open_store(rig);
    open_engine(rig);
}

void rig_restart(struct rig *rig)
{
    w3p_engine_destroy(rig->engine);
    w3p_store_close(rig->store);
    rig_reopen(rig);
}

static void make_cid(struct w3p_cid *cid, unsigned n)
{
    memset(cid, 0, sizeof(*cid));
    cid->codec = W3P_CODEC_DAG_PB;
    cid->hash = W3P_HASH_SHA2_256;
    cid->digest_len = 32;
    w3p_sha256(cid->digest, &n, sizeof(n));
}

const char *rig_cid(unsigned n)
{
    static char text[8][W3P_CID_ORDER_MAX];
    struct w3p_cid cid;

    make_cid(&cid, n);
    w3p_cid_format_order(text[n % 8], &cid);
    return text[n % 8];
}

const char *rig_alternate(unsigned n)
{
    static char text[8][W3P_CID_ORDER_MAX];
    struct w3p_cid cid;

    make_cid(&cid, n);
    cr_assert(w3p_cid_format_alternate(text[n % 8], &cid));
    return text[n % 8];
}

struct pin_job {
    struct w3p_write write;
    struct w3p_cid cid;
    uint64_t size;
    int64_t now_ms, content_id;
};

static int run_pin(struct w3p_write *self, struct w3p_db *db)
{
    struct pin_job *job = (struct pin_job *)self;
    enum w3p_content_state state;
    enum w3p_demand demand;

    return w3p_content_acquire(db, &job->content_id, &state, &demand, &job->cid, job->size, true, job->now_ms);
}

int64_t rig_pin(struct rig *rig, unsigned n, uint64_t size)
{
    struct pin_job job = {.write = {.run = run_pin}, .size = size, .now_ms = rig->now_ms};

    make_cid(&job.cid, n);
    cr_assert(eq(int, w3p_store_write_wait(rig->store, &job.write), W3P_OK));
    return job.content_id;
}

static int run_unpin(struct w3p_write *self, struct w3p_db *db)
{
    return w3p_content_release(db, ((struct pin_job *)self)->content_id);
}

void rig_unpin(struct rig *rig, int64_t content_id)
{
    struct pin_job job = {.write = {.run = run_unpin}, .content_id = content_id};

    cr_assert(eq(int, w3p_store_write_wait(rig->store, &job.write), W3P_OK));
}

void rig_step(struct rig *rig)
{
    int err = w3p_engine_step(rig->engine);

    cr_assert(err == W3P_OK, "%s: %s", w3p_strerror(err), rig_waiting(rig));
}

void rig_run(struct rig *rig, unsigned blocks)
{
    while (blocks-- > 0) {
        fake_mine(&rig->fake, 1);
        rig_step(rig);
    }
}

void rig_wait_ms(struct rig *rig, int64_t ms)
{
    rig->now_ms += ms;
}

int64_t rig_number(struct rig *rig, const char *sql)
{
    struct w3p_errmsg msg;
    struct w3p_db *db;
    sqlite3_stmt *stmt;
    int64_t value;

    cr_assert(eq(int, w3p_store_reader(&db, &msg, rig->store), W3P_OK));
    stmt = w3p_db_prepare_text(db, sql);
    cr_assert(stmt != NULL, "%s", sql);
    cr_assert(w3p_db_step(stmt) == 1, "no row: %s", sql);
    value = sqlite3_column_int64(stmt, 0);
    sqlite3_reset(stmt);
    w3p_store_reader_close(db);
    return value;
}

void rig_text(struct rig *rig, char *out, size_t size, const char *sql)
{
    struct w3p_errmsg msg;
    struct w3p_db *db;
    sqlite3_stmt *stmt;

    cr_assert(eq(int, w3p_store_reader(&db, &msg, rig->store), W3P_OK));
    stmt = w3p_db_prepare_text(db, sql);
    cr_assert(stmt != NULL && w3p_db_step(stmt) == 1, "%s", sql);
    (void)snprintf(out, size, "%s",
                   sqlite3_column_text(stmt, 0) != NULL ? (const char *)sqlite3_column_text(stmt, 0) : "");
    sqlite3_reset(stmt);
    w3p_store_reader_close(db);
}

void rig_plan(struct rig *rig, char *out, size_t size, const char *sql)
{
    struct w3p_errmsg msg;
    struct w3p_db *db;
    sqlite3_stmt *stmt;
    size_t len = 0;

    cr_assert(eq(int, w3p_store_reader(&db, &msg, rig->store), W3P_OK));
    stmt = w3p_db_prepare_text(db, sql);
    cr_assert(stmt != NULL, "%s", sql);
    out[0] = '\0';
    while (w3p_db_step(stmt) == 1 && len < size)
        len += (size_t)snprintf(out + len, size - len, "%s; ", (const char *)sqlite3_column_text(stmt, 3));
    sqlite3_reset(stmt);
    w3p_store_reader_close(db);
}

enum w3p_content_state rig_state(struct rig *rig, int64_t content_id)
{
    char sql[80];

    (void)snprintf(sql, sizeof(sql), "SELECT state FROM contents WHERE id = %lld", (long long)content_id);
    return (enum w3p_content_state)rig_number(rig, sql);
}

int64_t rig_orders(struct rig *rig)
{
    return rig_number(rig, "SELECT count(*) FROM orders");
}

void rig_store_replicas(struct rig *rig, const char *cid, uint32_t replicas)
{
    struct w3p_chain_file *entry = fake_file(&rig->fake, cid);

    entry->replicas = replicas;
    if (entry->expires_at_block == 0)
        entry->expires_at_block = rig->fake.best + rig->fake.duration;
}

struct w3p_engine_snapshot rig_snapshot(struct rig *rig)
{
    struct w3p_engine_snapshot snapshot;

    w3p_engine_snapshot(rig->engine, &snapshot);
    return snapshot;
}

const char *rig_reason(struct rig *rig)
{
    static char error[256];

    rig_text(rig, error, sizeof(error), "SELECT coalesce(error, '') FROM contents WHERE state = 1 ORDER BY id");
    return error;
}

const char *rig_waiting(struct rig *rig)
{
    static struct w3p_engine_snapshot snapshot;

    w3p_engine_snapshot(rig->engine, &snapshot);
    return snapshot.waiting;
}
