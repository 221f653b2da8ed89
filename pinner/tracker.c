// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: one pass of the replica tracker: load what is due, ask the chain in groups, judge, write all of it in one
// job. Threads and rules: tracker.h.  Source: Crust's market pallet, spec 25 (lifetime, illegal files).
#include "tracker.h"

#include "base/clock.h"
#include "base/crash.h"
#include "base/log.h"

#include <stdlib.h>

// The real file was larger than what was ordered: the chain removed the entry and kept the money. Declare more.
static uint64_t larger_size(const struct w3p_tracked *t, const struct w3p_tracker_conf *conf)
{
    uint64_t size = t->size > UINT64_MAX / 2 ? UINT64_MAX : t->size * 2;

    if (size < conf->default_size)
        size = conf->default_size;
    if (conf->size_max > 0 && size >= conf->size_max)
        size = conf->size_max - 1;
    return size > INT64_MAX ? INT64_MAX : size;
}

void w3p_tracker_judge(struct w3p_tracked *t, const struct w3p_tracker_conf *conf, uint64_t final_number)
{
    const struct w3p_chain_file *file = &t->file;

    t->verdict = W3P_TRACK_SAME;
    t->size_min = 0;
    t->error = NULL;
    if (!t->looked)
        return;
    if (!file->exists) {
        t->verdict = W3P_TRACK_GONE;
        if (t->expires_at_block == 0) {
            t->size_min = larger_size(t, conf);
            t->error = "the chain removed the file before it had a replica: the declared size was too small";
        } else if (t->expires_at_block <= final_number) {
            t->error = "the storage order expired and was closed";
        } else {
            t->error = "the chain removed the file before its expiry";
        }
        return;
    }
    if (file->expires_at_block > 0 && file->expires_at_block <= final_number) {
        t->verdict = W3P_TRACK_GONE;
        t->error = "the storage order expired";
        return;
    }
    if (t->state == W3P_CONTENT_FINAL && file->replicas >= conf->min_replicas)
        t->verdict = W3P_TRACK_STORED;
    else if (file->size != t->chain_size || file->replicas != t->replicas ||
             file->expires_at_block != t->expires_at_block)
        t->verdict = W3P_TRACK_CHANGED;
}

static bool is_outage(int err)
{
    return err == W3P_E_UNREACHABLE || err == W3P_E_TIMEOUT || err == W3P_E_CLOSED;
}

// Asks for one group. One that cannot be read for a reason of its own is halved until the bad entry is alone: that must
// not keep its neighbours from being looked at for good. Trouble with the connection ends the pass.
static int look_up(struct w3p_errmsg *msg, const struct w3p_tracker_conf *conf, struct w3p_tracked *group, size_t n,
                   const struct w3p_chain_head *head, unsigned *splits)
{
    struct w3p_chain_file files[W3P_CHAIN_FILES_MAX] = {0};
    const char *cids[W3P_CHAIN_FILES_MAX];
    int err;

    for (size_t i = 0; i < n; i++)
        cids[i] = group[i].cid;
    err = conf->chain->ops->files(conf->chain, msg, files, cids, n, head->final_hash32);
    if (is_outage(err))
        return err;
    if (err != W3P_OK && n > 1 && *splits > 0) {
        (*splits)--;
        err = look_up(msg, conf, group, n / 2, head, splits);
        return err == W3P_OK ? look_up(msg, conf, group + n / 2, n - n / 2, head, splits) : err;
    }
    if (err != W3P_OK)
        w3p_logf(W3P_LOG_WARN, "tracker.skipped", "%zu contents from %s on could not be looked up: %s", n, cids[0],
                 msg->text);
    for (size_t i = 0; i < n; i++) {
        group[i].looked = err == W3P_OK;
        group[i].file = files[i];
        w3p_tracker_judge(&group[i], conf, head->final_number);
    }
    return W3P_OK;
}

struct pass {
    struct w3p_write write;
    const struct w3p_tracker_conf *conf;
    const struct w3p_tracked *rows;
    size_t count;
    uint64_t at_block;
    int64_t now_ms;
};

static int write_pass(struct w3p_write *self, struct w3p_db *db)
{
    struct pass *pass = (struct pass *)self;
    int err = W3P_OK;

    for (size_t i = 0; i < pass->count && err == W3P_OK; i++) {
        W3P_CRASH_POINT_IF(i > 0, TRACKER_HALF);
        err = w3p_tracked_apply(db, &pass->rows[i], pass->at_block, pass->now_ms, pass->conf->retry_wait_ms,
                                pass->conf->max_attempts);
        W3P_CRASH_POINT_IF(pass->rows[i].verdict == W3P_TRACK_STORED, TRACKER_REPLICAS_WRITTEN);
        W3P_CRASH_POINT_IF(pass->rows[i].verdict == W3P_TRACK_GONE, TRACKER_GONE_WRITTEN);
    }
    W3P_CRASH_POINT(TRACKER_WRITTEN);
    return err;
}

static void log_pass(const struct pass *pass)
{
    for (size_t i = 0; i < pass->count; i++) {
        const struct w3p_tracked *t = &pass->rows[i];
        struct w3p_log_line line;

        if (t->verdict != W3P_TRACK_STORED && t->verdict != W3P_TRACK_GONE)
            continue;
        w3p_log_begin(&line, t->verdict == W3P_TRACK_STORED ? W3P_LOG_INFO : W3P_LOG_WARN,
                      t->verdict == W3P_TRACK_STORED ? "content.stored" : "content.gone");
        w3p_log_str(&line, "cid", t->cid);
        w3p_log_int(&line, "block", (int64_t)pass->at_block);
        w3p_log_int(&line, "replicas", t->file.replicas);
        if (t->error != NULL)
            w3p_log_str(&line, "msg", t->error);
        w3p_log_end(&line);
    }
}

int w3p_tracker_run(struct w3p_errmsg *msg, const struct w3p_tracker_conf *conf, const struct w3p_chain_head *head)
{
    struct w3p_tracked *rows = w3p_calloc(W3P_TRACK_FINAL_MAX + W3P_TRACK_STORED_MAX, sizeof(*rows));
    struct pass pass = {.write = {.run = write_pass}, .conf = conf, .rows = rows, .at_block = head->final_number};
    uint64_t stale = head->final_number > conf->recheck_blocks ? head->final_number - conf->recheck_blocks : 0;
    size_t finals = 0, stored = 0, looked = 0;
    unsigned splits = W3P_TRACK_SPLITS_MAX;
    int err = w3p_tracked_load(conf->db, rows, &finals, W3P_TRACK_FINAL_MAX, W3P_CONTENT_FINAL, head->final_number);
    int chain_err = W3P_OK;

    if (err == W3P_OK)
        err = w3p_tracked_load(conf->db, rows + finals, &stored, W3P_TRACK_STORED_MAX, W3P_CONTENT_STORED, stale);
    if (err != W3P_OK) {
        (void)w3p_fail(msg, err, "the contents to look up could not be read: %s", w3p_strerror(err));
        goto out;
    }
    while (looked < finals + stored && chain_err == W3P_OK) {
        size_t n = finals + stored - looked;

        n = n > W3P_CHAIN_FILES_MAX ? W3P_CHAIN_FILES_MAX : n;
        chain_err = look_up(msg, conf, rows + looked, n, head, &splits);
        if (chain_err == W3P_OK)
            looked += n;
    }
    // What was seen before the connection broke is kept.
    if (looked > 0) {
        pass.count = looked;
        pass.now_ms = w3p_clock_wall_ms();
        err = w3p_store_write_wait(conf->store, &pass.write);
        W3P_CRASH_POINT(TRACKER_STORED);
        if (err == W3P_OK)
            log_pass(&pass);
        else
            (void)w3p_fail(msg, err, "what was seen on chain could not be stored: %s", w3p_strerror(err));
    }
    if (err == W3P_OK)
        err = chain_err;
out:
    free(rows);
    return err;
}
