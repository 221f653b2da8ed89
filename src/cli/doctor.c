// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `w3pin doctor`: goes through everything that a gateway needs, with or without a running one.
#include "cli/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/flags.h"
#include "crypto/secret.h"

static const char *const health_names[] = {"OK", "WARN", "FAIL"};

void w3p_doctor_find(struct w3p_doctor *d, enum w3p_health health, const char *name, const char *fmt, ...)
{
    va_list args;
    if (d->count == W3P_FINDINGS_MAX)
        return;
    struct w3p_finding *finding = &d->findings[d->count++];
    finding->health = health;
    (void)snprintf(finding->name, sizeof finding->name, "%s", name);
    va_start(args, fmt);
    (void)vsnprintf(finding->text, sizeof finding->text, fmt, args);
    va_end(args);
}

static enum w3p_health worst(const struct w3p_doctor *d)
{
    enum w3p_health found = W3P_HEALTH_OK;
    for (size_t i = 0; i < d->count; ++i)
        found = d->findings[i].health > found ? d->findings[i].health : found;
    return found;
}

static void print_json(const struct w3p_doctor *d)
{
    struct w3p_buf out;
    struct w3p_json j;
    w3p_buf_init(&out, 65536);
    w3p_json_init(&j, &out);
    w3p_json_begin_object(&j);
    w3p_json_str_field(&j, "health", health_names[worst(d)]);
    w3p_json_key(&j, "checks");
    w3p_json_begin_array(&j);
    for (size_t i = 0; i < d->count; ++i) {
        w3p_json_begin_object(&j);
        w3p_json_str_field(&j, "check", d->findings[i].name);
        w3p_json_str_field(&j, "health", health_names[d->findings[i].health]);
        w3p_json_str_field(&j, "text", d->findings[i].text);
        w3p_json_end_object(&j);
    }
    w3p_json_end_array(&j);
    w3p_json_end_object(&j);
    puts(w3p_buf_str(&out));
    w3p_buf_deinit(&out);
}

static void print_text(const struct w3p_doctor *d)
{
    for (size_t i = 0; i < d->count; ++i)
        printf("%-4s  %-9s %s\n", health_names[d->findings[i].health], d->findings[i].name, d->findings[i].text);
}

static void examine(struct w3p_doctor *d)
{
    w3p_doctor_config(d);
    w3p_doctor_key(d);
    w3p_doctor_disk(d);
    w3p_doctor_gateway(d);
    w3p_doctor_endpoints(d);
    w3p_doctor_balance(d);
}

static int run(int argc, char **argv)
{
    struct w3p_doctor *d = w3p_calloc(1, sizeof *d);
    bool json = false;
    const struct w3p_option options[] = {{"--json", &json, NULL}, {0}};
    struct w3p_errmsg msg;
    size_t count;
    int code = W3P_EXIT_USAGE;
    if (w3p_args_take(NULL, &count, &msg, 0, options, &argc, argv) != W3P_OK) {
        fprintf(stderr, "w3pin doctor: %s\n", msg.text);
        free(d);
        return code;
    }
    if (w3p_settings_load(&d->settings, &msg, argc, argv) == W3P_OK) {
        w3p_log_set_level(W3P_LOG_OFF);
        examine(d);
        w3p_settings_free(&d->settings);
    } else {
        w3p_doctor_find(d, W3P_HEALTH_FAIL, "config", "%s", msg.text);
    }
    (json ? print_json : print_text)(d);
    code = (int)worst(d);
    if (d->key != NULL)
        w3p_secret_free(d->key);
    json_decref(d->status);
    free(d);
    return code;
}

const struct w3p_command w3p_cmd_doctor = {
    .name = "doctor",
    .summary = "look for what a gateway lacks",
    .usage = "usage: w3pin doctor [--json] [--config FILE] [--section.key=value]...\n\n"
             "Checks configuration, key, disk, the running gateway if there is one, every endpoint for itself, the\n"
             "clock against the chain's, and the balance: one line each, OK, WARN or FAIL, with what to do. Changes\n"
             "nothing. Give it the options that w3pin serve gets.\n"
             "Exit code 0 all is well, 1 warnings, 2 something will not work (or wrong use).\n",
    .run = run,
};
