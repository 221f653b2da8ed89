// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the tests of pins share: a gateway's tables in a throw-away directory, a clock that stands still, and
// pins made and waited for in one line.
#ifndef W3P_TESTS_PINS_SUPPORT_H
#define W3P_TESTS_PINS_SUPPORT_H

#include "contents.h"
#include "pins.h"

#define PINS_NOW_MS 1790000000000

// One per test process; pins_setup before, pins_teardown after each test.
extern struct w3p_store *pins_store;
extern struct w3p_db *pins_reader;
extern struct w3p_pins *pins_under_test;
extern struct w3p_store_conf pins_store_conf; // as pins_setup made them; pins_reopen takes changes
extern struct w3p_pins_conf pins_conf;
extern int64_t pins_now_ms; // the fake clock
extern uint64_t pins_price; // what the fake engine estimates
extern _Atomic unsigned pins_wakes;

void pins_setup(void);
void pins_teardown(void);
void pins_reopen(void);

// Content number n, and its order spelling (static storage, a few at a time).
struct w3p_cid pins_cid(unsigned n);
const char *pins_cid_text(unsigned n);

struct pins_result {
    int err;
    bool has_pin;
    char requestid[37];
    enum w3p_pin_status status;
    int64_t created_ms;
};
struct pins_result pins_add_spec(const struct w3p_pin_spec *spec);
struct pins_result pins_add(const char *identity, unsigned content, const char *name, const char *meta);
struct pins_result pins_replace_spec(const char *requestid, const struct w3p_pin_spec *spec);
struct pins_result pins_replace(const char *identity, const char *requestid, unsigned content);
int pins_delete(const char *identity, const char *requestid);

// SQL for the writer (a commit of its own), and one number for a reader.
void pins_sql(const char *sql);
int64_t pins_number(const char *sql);
void pins_set_state(unsigned content, enum w3p_content_state state);
// The operator's switch, stored.
void pins_set_pause(struct w3p_store *store, bool on);

#endif
