// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the files of `w3pin doctor` share: one finding a check, each with what to do about it.
// Must not: open the database, sign, or change anything.
#ifndef W3P_CLI_DOCTOR_H
#define W3P_CLI_DOCTOR_H

#include "base/json.h"
#include "cli/settings.h"

enum w3p_health { W3P_HEALTH_OK, W3P_HEALTH_WARN, W3P_HEALTH_FAIL }; // the exit codes, too

#define W3P_FINDINGS_MAX 48 // 16 endpoints and what else there is
struct w3p_finding {
    enum w3p_health health;
    char name[16];
    char text[400]; // with what to do
};
struct w3p_doctor {
    struct w3p_settings settings;
    struct w3p_finding findings[W3P_FINDINGS_MAX];
    size_t count;
    // What one check leaves for others:
    struct w3p_keypair *key; // NULL: none that can be read
    json_t *status;          // of the running gateway; NULL: none
};

void w3p_doctor_find(struct w3p_doctor *d, enum w3p_health health, const char *name, const char *fmt, ...)
    W3P_PRINTF(4, 5);

// doctor_local.c: what this machine shows
void w3p_doctor_config(struct w3p_doctor *d);
void w3p_doctor_key(struct w3p_doctor *d);
void w3p_doctor_disk(struct w3p_doctor *d);
void w3p_doctor_gateway(struct w3p_doctor *d);

// doctor_chain.c: what the nodes say, each asked for itself
void w3p_doctor_endpoints(struct w3p_doctor *d);
void w3p_doctor_balance(struct w3p_doctor *d);

#endif
