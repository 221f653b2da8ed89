// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the inside of a connection, shared by the files of src/store only.
// Threads: the connection's own.  Ownership: w3p_db_close frees the connection with every statement of its caches.
#ifndef W3P_STORE_CONN_H
#define W3P_STORE_CONN_H

#include "store/db.h"

#define W3P_DB_LITERALS 512     // slots of the pointer table, a power of two
#define W3P_DB_LITERALS_MAX 384 // statements in it; a program has fewer
#define W3P_DB_TEXTS 48         // composed statements kept, least recently used goes
#define W3P_DB_TEXT_MAX 16384   // bytes of one composed statement

struct w3p_db_literal {
    const char *sql; // compared by address; NULL: free
    sqlite3_stmt *stmt;
};

struct w3p_db_text {
    char *sql; // owned; NULL: free
    size_t len;
    sqlite3_stmt *stmt;
    uint64_t used; // tick of the last use
};

// What readers must know of the writer.
struct w3p_commits {
    _Atomic uint64_t count;   // groups that ended; raised before anybody is told
    _Atomic bool log_is_long; // it can only be begun anew while no reader holds a state in it
};

struct w3p_db {
    sqlite3 *handle;
    const struct w3p_commits *commits; // readers: the writer's
    uint64_t commits_seen;             // when the state was taken that is held
    size_t literal_count;
    uint64_t tick;
    struct w3p_db_literal literals[W3P_DB_LITERALS];
    struct w3p_db_text texts[W3P_DB_TEXTS];
};

enum w3p_db_mode { W3P_DB_WRITER, W3P_DB_READER };

// Opens an existing file. path is absolute (never taken for a URI).
int w3p_db_open(struct w3p_db **out, struct w3p_errmsg *msg, const char *path, unsigned busy_timeout_ms,
                enum w3p_db_mode mode) W3P_NODISCARD;
void w3p_db_close(struct w3p_db *db);
// Resets every statement that was left in the middle: none may outlive the job that stepped it.
void w3p_db_settle(struct w3p_db *db);
// Prepares, steps and resets a statement without parameters.
int w3p_db_run(struct w3p_db *db, const char *sql) W3P_NODISCARD;

#endif
