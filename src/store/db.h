// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what *_store.c files use inside a connection: cached statements, binding, stepping.
// Include only from src/store and the *_store.c files of auth/ and pinner/.
// Threads: the connection's own.  Ownership: statements belong to the connection's cache.
#ifndef W3P_STORE_DB_H
#define W3P_STORE_DB_H

#include <sqlite3.h>

#include "store/store.h"

// The prepared statement of this SQL text, reset and with cleared bindings. sql must be a string literal or live as
// long as the connection: the cache compares pointers first. NULL after a logged error (treat as W3P_E_IO).
sqlite3_stmt *w3p_db_prepare(struct w3p_db *db, const char *sql);
// The same for composed SQL (list filters): cached by content, bounded; the text is copied.
sqlite3_stmt *w3p_db_prepare_text(struct w3p_db *db, const char *sql);
// Reset (sqlite3_reset) a statement that you leave before its last row: on a reader an open one keeps the whole
// connection at its old snapshot, and the log from being folded. After a writer's job the store does it.
// One step. 1: a row, 0: done, negative: W3P_E_EXISTS for a constraint, else W3P_E_IO (logged).
int w3p_db_step(sqlite3_stmt *stmt);
// Steps a statement that returns no rows and resets it. W3P_OK or as above.
int w3p_db_exec(sqlite3_stmt *stmt) W3P_NODISCARD;
// A column of the row that was stepped to; 0 for NULL and below 0.
uint64_t w3p_db_u64(sqlite3_stmt *stmt, int column);
sqlite3 *w3p_db_handle(struct w3p_db *db);

#endif
