// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: who may use this gateway at all. A wallet is free, so an open gateway spends the operator's money for
// strangers. Threads: immutable after create, any.  Must not: know HTTP or pins.
#ifndef W3P_AUTH_ACCESS_H
#define W3P_AUTH_ACCESS_H

#include "auth.h"
#include "base/conf.h"

// Configuration rows: accounts.mode, accounts.allow, accounts.allow_file, accounts.pins_per_day,
// accounts.planck_per_day, accounts.repin_wait_s.
enum w3p_access_mode { W3P_ACCESS_AUTO, W3P_ACCESS_OPEN, W3P_ACCESS_ALLOWLIST };
struct w3p_access_settings {
    int mode;                // auto: open with crust.key_uri (development), else allowlist
    char *allow;             // comma-separated: "eth-0x…", "5Grw…", or an identity as in the log
    char *allow_file;        // the same, one a line, '#' comments
    uint64_t pins_per_day;   // per account; 0: no limit
    uint64_t planck_per_day; // likewise
    uint64_t repin_wait_s;   // per account; 0: no wait
};
extern const struct w3p_conf_key w3p_access_conf_keys[];

struct w3p_access;
// Every entry is parsed; one that is no address fails with its text and line. An allowlist of nobody is permitted
// (it refuses everybody) and the caller warns.
int w3p_access_create(struct w3p_access **out, struct w3p_errmsg *msg, const struct w3p_access_settings *settings,
                      bool development) W3P_NODISCARD;
void w3p_access_destroy(struct w3p_access *access);
bool w3p_access_permits(const struct w3p_access *access, const struct w3p_identity *identity);
enum w3p_access_mode w3p_access_effective(const struct w3p_access *access); // never AUTO
size_t w3p_access_count(const struct w3p_access *access);

#endif
