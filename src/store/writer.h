// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the one thread that writes: takes what is queued, runs it as one transaction, tells every job once that is
// on the disk. It also folds the write-ahead log back (checkpoints), between groups and when idle.
// Threads: submit from any; start and stop from the owner's.  Ownership: jobs stay their submitters'.
#ifndef W3P_STORE_WRITER_H
#define W3P_STORE_WRITER_H

#include <pthread.h>

#include "store/conn.h"

#define W3P_WRITER_GROUP_MAX 512        // jobs of one transaction
#define W3P_WRITER_WAL_PAGES 4096       // the log is folded back at this size (16 MiB)
#define W3P_WRITER_WAL_PAGES_HARD 32768 // … and at this one even when readers must be waited for
#define W3P_WRITER_WAL_PAGES_IDLE 256   // worth a checkpoint when nothing else is to be done
#define W3P_WRITER_IDLE_MS 250          // no job for so long: idle
#define W3P_WRITER_PROBE_MS 1000        // an unhealthy writer tries the disk again this often

struct w3p_writer {
    struct w3p_db *db; // owned
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct w3p_write *head, **tail; // under the lock, as the next four
    size_t queued, queue_max;
    bool closing, sleeping;
    _Atomic bool healthy;
    struct w3p_commits commits;
    int wal_pages, wal_folded, checkpoint_at; // the thread's own: length of the log, how much is in the database
};

// Takes over db.
void w3p_writer_init(struct w3p_writer *writer, struct w3p_db *db, size_t queue_max);
// On failure the writer is deinitialised.
int w3p_writer_start(struct w3p_writer *writer, struct w3p_errmsg *msg) W3P_NODISCARD;
// Commits what is queued, joins, closes the connection.
void w3p_writer_stop(struct w3p_writer *writer);
int w3p_writer_submit(struct w3p_writer *writer, struct w3p_write *job) W3P_NODISCARD;
int w3p_writer_submit_wait(struct w3p_writer *writer, struct w3p_write *job) W3P_NODISCARD;

#endif
