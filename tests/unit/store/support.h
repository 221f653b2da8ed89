// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the store's tests share: a throw-away directory, a store in it, jobs that insert a number, a gate that
// holds the writer, and an SQLite file layer that counts syncs and can fail.
#ifndef W3P_TESTS_STORE_SUPPORT_H
#define W3P_TESTS_STORE_SUPPORT_H

#include <semaphore.h>

#include "store/db.h"

// A directory of its own under TMPDIR for each test process, removed with what is in it by tmp_remove.
const char *tmp_dir(void);
const char *tmp_path(const char *name);
void tmp_remove(void);

extern const struct w3p_migration numbers_migrations[]; // numbers(n INTEGER PRIMARY KEY)
struct w3p_store *open_store(const char *name, size_t queue_max);
struct w3p_store *open_numbers(void); // "n.db", ample queue
int64_t query_one(struct w3p_db *db, const char *sql);
int64_t read_one(struct w3p_store *store, const char *sql); // with a reader of its own

struct insert_job {
    struct w3p_write write;
    int64_t n;
    int then;   // what run() returns after the insert
    int result; // what done() was told
    int order;  // done() calls so far in the process, 1 for the first
    unsigned done_calls;
    sem_t *ended; // NULL: nobody waits
};
void insert_job_init(struct insert_job *job, int64_t n, sem_t *ended);
int insert_now(struct w3p_store *store, int64_t n);

// Holds the writer inside a job until gate_open.
struct gate {
    struct w3p_write write;
    sem_t entered, open, ended;
};
void gate_shut(struct gate *gate, struct w3p_store *store);
void gate_open(struct gate *gate);

// The file layer. Install before the store is opened.
void shim_install(void);
extern _Atomic unsigned shim_wal_syncs, shim_db_syncs;
extern _Atomic bool shim_fail_sync, shim_fail_write;

#endif
