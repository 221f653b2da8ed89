// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the one SQLite file: lock, migrations, one writer thread with group commit, a reader connection per thread.
// Knows no table of its own but `meta`; modules register theirs.
// Threads: w3p_store_write* from any thread; a w3p_db only on the thread that it was made for.
// Ownership: the store owns the writer; readers are closed by their owners before the store.
#ifndef W3P_STORE_STORE_H
#define W3P_STORE_STORE_H

#include "base/bytes.h"

struct w3p_store;
struct w3p_db; // a connection with its cache of prepared statements; inside: src/store/db.h (sqlite3)

// One step of a module's schema. Applied in the order of the table, each once, in one transaction with the record
// that it was. A database with a step that this binary does not know was written by a newer one: refused.
struct w3p_migration {
    const char *name; // "pins.1"
    const char *sql;
};

struct w3p_store_conf {
    const char *path;
    const struct w3p_migration *const *migrations; // tables, each ending with a NULL name, in dependency order
    size_t migration_table_count;
    size_t queue_max; // jobs waiting for the writer; beyond: W3P_E_BUSY
    unsigned busy_timeout_ms;
};

// Opens (creating it with mode 0600), takes the lock (one gateway per database: an fcntl lock on PATH.lock; W3P_E_STATE
// when another process holds it), migrates, starts the writer. WAL, synchronous=FULL, foreign_keys on.
int w3p_store_open(struct w3p_store **out, struct w3p_errmsg *msg, const struct w3p_store_conf *conf) W3P_NODISCARD;
// Commits what is queued, stops the writer, checkpoints, unlocks.
void w3p_store_close(struct w3p_store *store);
// False from a commit that failed (disk full, I/O error) until one succeeds; meanwhile the writer tries by itself
// every second. /readyz is 503 then.
bool w3p_store_healthy(const struct w3p_store *store);

// A unit of work for the writer. run() executes inside the group's transaction under a savepoint of its own: a
// negative return undoes this job alone. done() is called on the writer thread after the commit is on the disk, with
// run's result, or W3P_E_IO when the commit failed (then nothing of the group happened). Each submitted job gets
// exactly one done(). Embed this struct in your job and keep it alive until done().
struct w3p_write {
    struct w3p_write *next; // the store's
    int (*run)(struct w3p_write *self, struct w3p_db *db);
    void (*done)(struct w3p_write *self, int result);
    int result; // the store's
};
int w3p_store_write(struct w3p_store *store, struct w3p_write *job) W3P_NODISCARD; // OK, W3P_E_BUSY, W3P_E_CLOSED
// Submits and waits for the commit; gives run's result (done is ignored). W3P_E_STATE on the writer thread. queue_max
// does not refuse it: each thread waits for one, and a flood of others must not stop the order path.
int w3p_store_write_wait(struct w3p_store *store, struct w3p_write *job) W3P_NODISCARD;

// A read-only connection for the calling thread. Each statement reads the newest state, or else the one of
// w3p_reader_fresh.
int w3p_store_reader(struct w3p_db **out, struct w3p_errmsg *msg, struct w3p_store *store) W3P_NODISCARD;
// What the connection reads from here on has every job in it whose done() was called before this. It may be one state
// of the database, kept until the next call: while nothing is committed it costs no lock. W3P_E_IO.
int w3p_reader_fresh(struct w3p_db *db) W3P_NODISCARD;
// Lets go of that state; does nothing without one. A thread that holds one calls this at least every
// W3P_READER_HOLD_MS: an old state keeps the write-ahead log from being folded back and begun anew.
#define W3P_READER_HOLD_MS 100
void w3p_reader_rest(struct w3p_db *db);
void w3p_store_reader_close(struct w3p_db *db);

// Key-value rows of the table `meta` (genesis, operator account …). Get: W3P_E_NOTFOUND, or out NUL-terminated.
int w3p_meta_get(struct w3p_db *db, char *out, size_t out_size, const char *key) W3P_NODISCARD;
int w3p_meta_put(struct w3p_db *db, const char *key, const char *value) W3P_NODISCARD; // writer jobs only

#endif
