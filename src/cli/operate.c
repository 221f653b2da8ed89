// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `w3pin retry`, `pause`, `resume` and `order`: what the operator tells a running gateway.
#include <stdio.h>
#include <string.h>

#include "cli/admin.h"
#include "cli/cli.h"

static int usage_error(const char *name, const char *text)
{
    fprintf(stderr, "w3pin %s: %s; see --help\n", name, text);
    return W3P_EXIT_USAGE;
}

// ---- pause, resume ----

static int run_switch(int argc, char **argv)
{
    const struct w3p_option none[] = {{0}};
    const char *name = argv[0];
    struct w3p_settings settings;
    struct w3p_errmsg msg;
    char target[16];
    size_t count;
    json_t *answer = NULL;
    int code = w3p_admin_begin(&settings, NULL, &count, 0, none, &argc, argv);
    if (code != W3P_EXIT_OK)
        return code;
    (void)snprintf(target, sizeof target, "/%s", name);
    if (w3p_admin_call(&answer, &msg, &settings, "POST", target, "{}") != W3P_OK)
        code = w3p_admin_failed(name, &msg);
    else
        puts(json_is_true(json_object_get(answer, "paused"))
                 ? "no new orders from now on; what is in flight is followed (w3pin resume ends this)"
                 : "new orders are placed");
    json_decref(answer);
    w3p_settings_free(&settings);
    return code;
}

// ---- retry ----

static const char *const count_names[] = {"queued", "due", "live", "stored", "unwanted", "unfunded"};
static const char *const count_words[] = {
    "queued again",        "looked at now",     "left alone: an order is under way",
    "left alone: ordered", "that no pin wants", "not: the money does not cover it"};
enum { COUNTS = sizeof count_names / sizeof count_names[0] };

static void print_counts(const long long counts[COUNTS], bool json)
{
    bool any = false;
    for (size_t i = 0; json && i < COUNTS; ++i)
        printf("%s\"%s\":%lld%s", i == 0 ? "{" : ",", count_names[i], counts[i], i + 1 == COUNTS ? "}\n" : "");
    for (size_t i = 0; !json && i < COUNTS; ++i) {
        if (counts[i] > 0)
            printf("%lld %s\n", counts[i], count_words[i]);
        any = any || counts[i] > 0;
    }
    if (!json && !any)
        puts("nothing to try again");
}

// A thousand at a time, until the gateway says that there are no more.
static int retry_all(long long counts[COUNTS], struct w3p_errmsg *msg, const struct w3p_settings *settings,
                     const char *first_body)
{
    char body[64];
    const char *next = first_body;
    while (next != NULL) {
        json_t *answer = NULL;
        int err = w3p_admin_call(&answer, msg, settings, "POST", "/retry", next);
        if (err != W3P_OK)
            return err;
        for (size_t i = 0; i < COUNTS; ++i)
            counts[i] += w3p_admin_number(answer, count_names[i]);
        long long after = w3p_admin_number(answer, "after");
        (void)snprintf(body, sizeof body, "{\"failed\":true,\"after\":%lld}", after);
        next = after > 0 ? body : NULL;
        json_decref(answer);
    }
    return W3P_OK;
}

static int run_retry(int argc, char **argv)
{
    bool json = false, failed = false;
    const struct w3p_option options[] = {{"--json", &json, NULL}, {"--failed", &failed, NULL}, {0}};
    const char *word = NULL;
    long long counts[COUNTS] = {0};
    struct w3p_settings settings;
    struct w3p_errmsg msg;
    char cid[W3P_CID_ORDER_MAX], body[W3P_CID_ORDER_MAX + 32] = "{\"failed\":true}";
    size_t count;
    int code = w3p_admin_begin(&settings, &word, &count, 1, options, &argc, argv);
    if (code != W3P_EXIT_OK)
        return code;
    if ((count == 1) == failed) {
        code = usage_error("retry", "a CID, or --failed");
    } else if (count == 1 && w3p_admin_cid(cid, &msg, word) != W3P_OK) {
        (void)w3p_admin_failed("retry", &msg);
        code = W3P_EXIT_USAGE;
    } else {
        if (count == 1)
            (void)snprintf(body, sizeof body, "{\"cid\":\"%s\"}", cid);
        if (retry_all(counts, &msg, &settings, body) != W3P_OK)
            code = w3p_admin_failed("retry", &msg);
        else
            print_counts(counts, json);
        if (code == W3P_EXIT_OK && counts[COUNTS - 1] > 0)
            code = W3P_EXIT_FAILURE;
    }
    w3p_settings_free(&settings);
    return code;
}

// ---- order ----

struct order_wish {
    bool json, remove;
    const char *size, *name, *cid;
    char spelling[W3P_CID_ORDER_MAX]; // of cid, for a path
};

static void order_body(struct w3p_buf *out, const struct order_wish *w)
{
    struct w3p_json j;
    w3p_json_init(&j, out);
    w3p_json_begin_object(&j);
    w3p_json_str_field(&j, "cid", w->cid);
    if (w->name != NULL)
        w3p_json_str_field(&j, "name", w->name);
    if (w->size != NULL) {
        w3p_json_key(&j, "meta");
        w3p_json_begin_object(&j);
        w3p_json_str_field(&j, "size", w->size);
        w3p_json_end_object(&j);
    }
    w3p_json_end_object(&j);
}

static int place(json_t **answer, struct w3p_errmsg *msg, const struct w3p_settings *settings,
                 const struct order_wish *w)
{
    struct w3p_buf body;
    char target[W3P_CID_ORDER_MAX + 16];
    if (w->remove) {
        (void)snprintf(target, sizeof target, "/order/%s", w->spelling);
        return w3p_admin_call(answer, msg, settings, "DELETE", target, NULL);
    }
    w3p_buf_init(&body, 16384);
    order_body(&body, w);
    int err = w3p_buf_status(&body) == W3P_OK
                  ? w3p_admin_call(answer, msg, settings, "POST", "/order", w3p_buf_str(&body))
                  : w3p_fail(msg, W3P_E_LIMIT, "the name is too long");
    w3p_buf_deinit(&body);
    return err;
}

static void print_order(const json_t *answer, const struct order_wish *w)
{
    if (w->json)
        w3p_admin_print_json(answer);
    else if (w->remove)
        printf("%lld of the operator's pins removed; what was ordered stays until it ends\n",
               w3p_admin_number(answer, "removed"));
    else
        printf("%s: %s (%s)\n", w3p_admin_text(answer, "requestid"), w3p_admin_text(answer, "status"),
               w3p_admin_text(json_object_get(answer, "info"), "status_details"));
}

static int check_wish(struct w3p_errmsg *msg, struct order_wish *w)
{
    uint64_t size;
    struct w3p_flag flag = {.name = "size", .value = w->size};
    if (w->cid == NULL)
        return w3p_fail(msg, W3P_E_INVALID, "which CID? see --help");
    if (w->remove && (w->size != NULL || w->name != NULL))
        return w3p_fail(msg, W3P_E_INVALID, "--remove takes neither --size nor --name");
    int err = w3p_admin_cid(w->spelling, msg, w->cid);
    return err == W3P_OK && w->size != NULL ? w3p_flag_u64(&size, msg, &flag, 1, INT64_MAX) : err;
}

static int run_order(int argc, char **argv)
{
    struct order_wish w = {0};
    const struct w3p_option options[] = {{"--json", &w.json, NULL},
                                         {"--remove", &w.remove, NULL},
                                         {"--size", NULL, &w.size},
                                         {"--name", NULL, &w.name},
                                         {0}};
    struct w3p_settings settings;
    struct w3p_errmsg msg;
    size_t count;
    json_t *answer = NULL;
    int code = w3p_admin_begin(&settings, &w.cid, &count, 1, options, &argc, argv);
    if (code != W3P_EXIT_OK)
        return code;
    if (check_wish(&msg, &w) != W3P_OK) {
        (void)w3p_admin_failed("order", &msg);
        code = W3P_EXIT_USAGE;
    } else if (place(&answer, &msg, &settings, &w) != W3P_OK) {
        code = w3p_admin_failed("order", &msg);
    } else {
        print_order(answer, &w);
    }
    json_decref(answer);
    w3p_settings_free(&settings);
    return code;
}

#define TAIL                                                                                                           \
    "Speaks to the running gateway over admin.socket. Exit code 1 when none answers.\n"                                \
    "Configuration: --config FILE, --store.path=FILE, --admin.socket=PATH, as for w3pin serve.\n"

const struct w3p_command w3p_cmd_pause = {
    .name = "pause",
    .summary = "let the running gateway place no new orders",
    .usage = "usage: w3pin pause [--config FILE] [--section.key=value]...\n\n"
             "No new orders and no renewals until `w3pin resume`, also after a restart. Orders that are signed are\n"
             "followed to their end, pins are still accepted and wait.\n" TAIL,
    .run = run_switch,
};
const struct w3p_command w3p_cmd_resume = {
    .name = "resume",
    .summary = "end a pause",
    .usage = "usage: w3pin resume [--config FILE] [--section.key=value]...\n\n" TAIL,
    .run = run_switch,
};
const struct w3p_command w3p_cmd_retry = {
    .name = "retry",
    .summary = "give refused contents another try",
    .usage = "usage: w3pin retry CID | --failed [--json] [--config FILE] [--section.key=value]...\n\n"
             "A content whose order was refused for good, and that pins still want, is queued again with all its\n"
             "attempts; --failed does so with all of them. A CID that waits in the queue is looked at at once. Never\n"
             "beside an order that is under way. Exit code 1 also when the money does not cover one of them.\n" TAIL,
    .run = run_retry,
};
const struct w3p_command w3p_cmd_order = {
    .name = "order",
    .summary = "order a CID for the operator's own account",
    .usage = "usage: w3pin order CID [--size BYTES] [--name TEXT] [--json] [--config FILE] [--section.key=value]...\n"
             "       w3pin order CID --remove\n\n"
             "Adds a pin of the account \"operator\": the same way, the same limits and the same renewals as for any\n"
             "other. --remove takes the operator's pins of this CID away again.\n" TAIL,
    .run = run_order,
};
