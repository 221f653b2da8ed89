// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: brings a database to the schema of this binary, or refuses it with a sentence.
// Threads: before the writer starts.
#ifndef W3P_STORE_SCHEMA_H
#define W3P_STORE_SCHEMA_H

#include "store/conn.h"

// Marks our files in the SQLite header ("w3pn").
#define W3P_STORE_APPLICATION_ID 0x7733706e
#define W3P_STORE_MIGRATIONS_MAX 256

int w3p_schema_apply(struct w3p_db *db, struct w3p_errmsg *msg, const struct w3p_store_conf *conf) W3P_NODISCARD;

#endif
