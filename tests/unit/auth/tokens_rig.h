// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the tests of tokens_store.h share: a store in a folder of its own, and one job for each of its
// functions.
#ifndef W3P_TESTS_AUTH_TOKENS_RIG_H
#define W3P_TESTS_AUTH_TOKENS_RIG_H

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <semaphore.h>

#include "store/db.h"
#include "tokens_store.h"

#define ALICE "evm:0x1a642f0e3c3af545e7acbd38b07251b3990914f1"
#define BOB "sub:d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"
#define NOW_MS INT64_C(1800000000123)
#define NOW_S (NOW_MS / 1000)

extern char path[300]; // of the database
extern struct w3p_store *store;
extern struct w3p_db *reader;
void rig_setup(void);
void rig_teardown(void);
void rig_open(const struct w3p_migration *first); // NULL: this module's alone
void rig_shut(void);

// One call inside a job, by what its name says.
struct job {
    struct w3p_write write;
    enum { ADD, NOTE, REVOKE, REVOKE_ANY, LOGOUT, LEGACY, PRUNE, NONCE, ENSURE, ROTATE, DROP, MANY } what;
    const char *who;
    struct w3p_token_row row; // MANY: the first of `number` with counting ids
    const uint8_t *id;
    size_t id_len;
    int64_t now_ms, expires_ms;
    unsigned number;
    uint8_t kid;
    sem_t *ended;
    int result;
};

int rig_run(struct w3p_write *self, struct w3p_db *db); // what a job's own run may be
int act(struct job job);                                // now_ms 0: NOW_MS

struct w3p_token_row row_of(uint8_t first, size_t id_len, int64_t issued_s, int64_t expires_s);
struct w3p_token_state state_of(const char *who, const struct w3p_token_row *row);
enum w3p_auth_reason verdict(const char *who, const struct w3p_token_row *row); // as a request would get it
int64_t number_of(const char *sql);

#endif
