// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: time. Wall clock and monotonic clock, RFC 3339 text, days; replaceable in tests.
// Threads: any; w3p_clock_fake only before threads start.
#ifndef W3P_BASE_CLOCK_H
#define W3P_BASE_CLOCK_H

#include "base/bytes.h"

int64_t w3p_clock_wall_ms(void); // Unix time
int64_t w3p_clock_mono_ms(void);
uint64_t w3p_clock_mono_ns(void);
// Tests: from now on both clocks give *now_ms. NULL switches back to the real ones.
void w3p_clock_fake(const int64_t *now_ms);

#define W3P_RFC3339_LEN 24 // "2026-11-21T01:02:03.004Z"
// Always UTC, always three decimals (JavaScript clients cut there, and page by `created`). Years 1970..9999.
void w3p_rfc3339_format(char out25[W3P_RFC3339_LEN + 1], int64_t wall_ms);
// RFC 3339 date-time with any offset and 0..9 decimals (cut to milliseconds); W3P_E_INVALID otherwise, also for
// dates that do not exist. A space sent for '+' by a form decoder is not repaired.
int w3p_rfc3339_parse(int64_t *out_ms, const char *text, size_t len) W3P_NODISCARD;
// Days since 1970-01-01 UTC: the day of budgets.
int64_t w3p_clock_day(int64_t wall_ms);

// UUID version 7 (RFC 9562): time-ordered, 74 random bits. out37 gets 36 characters and a NUL.
void w3p_uuid7(char out37[37]);
// Gives one another time (below 2^48 ms), and reads it: -1 when the text has none in front, whatever it is.
void w3p_uuid7_set_time(char uuid36[36], int64_t wall_ms);
int64_t w3p_uuid7_time(const char *text);
// 36 characters of a UUID of any version in lower case; W3P_E_INVALID otherwise.
int w3p_uuid_check(const char *text, size_t len) W3P_NODISCARD;

#endif
