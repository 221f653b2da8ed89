// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `w3pin orders`: what the running gateway ordered, its receipts, and what does not move.
#include <stdio.h>
#include <string.h>

#include "cli/admin.h"
#include "cli/cli.h"

// Where an explorer finds it, once it is in a block; what it took, once that is known.
static void print_place(const json_t *order)
{
    const char *state = w3p_admin_text(order, "state"), *event = w3p_admin_text(order, "event");
    if (json_object_get(order, "block") == NULL)
        return;
    printf(": extrinsic %s", w3p_admin_text(order, "extrinsic"));
    if (event[0] != '\0')
        printf(", event %s", event);
    if (strcmp(state, "final") == 0 || strcmp(state, "failed") == 0)
        printf(", price %s, fee %s planck", w3p_admin_text(order, "price"), w3p_admin_text(order, "fee"));
    if (json_object_get(order, "items") != NULL)
        printf(" (order %lld of %lld in it)", w3p_admin_number(order, "item") + 1, w3p_admin_number(order, "items"));
}

static void print_order(const json_t *order)
{
    const char *block = w3p_admin_text(order, "block_hash"), *signer = w3p_admin_text(order, "signer");
    const char *error = w3p_admin_text(order, "error");
    printf("  order %lld %s", w3p_admin_number(order, "id"), w3p_admin_text(order, "state"));
    print_place(order);
    printf("\n    tx %s, %s bytes, nonce %lld\n    ", w3p_admin_text(order, "tx"), w3p_admin_text(order, "size"),
           w3p_admin_number(order, "nonce"));
    if (block[0] != '\0')
        printf("block %s\n    ", block);
    printf("signed %s%s%s\n", w3p_admin_text(order, "signed_at"), signer[0] != '\0' ? " by " : "", signer);
    if (error[0] != '\0')
        printf("    %s\n", error);
}

static void print_row(const json_t *row)
{
    const char *error = w3p_admin_text(row, "error");
    printf("%-9s %s  %s bytes", w3p_admin_text(row, "state"), w3p_admin_text(row, "cid"), w3p_admin_text(row, "size"));
    if (json_object_get(row, "replicas") != NULL)
        printf(", %lld replicas", w3p_admin_number(row, "replicas"));
    if (json_object_get(row, "expires_at_block") != NULL)
        printf(", until block %lld", w3p_admin_number(row, "expires_at_block"));
    putchar('\n');
    if (error[0] != '\0')
        printf("  %s\n", error);
}

static void print_more(const json_t *answer, const json_t *of)
{
    size_t count = json_array_size(of);
    if (json_is_true(json_object_get(answer, "more")) && count > 0)
        printf("older ones: --before=%lld\n", w3p_admin_number(json_array_get(of, count - 1), "id"));
}

// Contents, each with its newest order.
static void print_contents(const json_t *answer)
{
    const json_t *rows = json_object_get(answer, "orders");
    for (size_t i = 0; i < json_array_size(rows); ++i) {
        const json_t *row = json_array_get(rows, i), *order = json_object_get(row, "order");
        print_row(row);
        if (order != NULL)
            print_order(order);
    }
    if (json_array_size(rows) == 0)
        puts("none");
    print_more(answer, rows);
}

// One content with all of its orders.
static void print_receipts(const json_t *answer)
{
    const json_t *receipts = json_object_get(answer, "receipts"), *paid = json_object_get(answer, "paid");
    print_row(json_array_get(json_object_get(answer, "orders"), 0));
    for (size_t i = 0; i < json_array_size(receipts); ++i)
        print_order(json_array_get(receipts, i));
    printf("paid for all %lld: price %s, fees %s planck\n", w3p_admin_number(paid, "orders"),
           w3p_admin_text(paid, "price"), w3p_admin_text(paid, "fee"));
    print_more(answer, receipts);
}

struct wishes {
    bool json, failed, stuck;
    const char *limit, *before, *cid;
};

static int make_target(char *out, size_t size, struct w3p_errmsg *msg, const struct wishes *w)
{
    uint64_t limit = 50, before = 0;
    struct w3p_flag flag = {.name = "limit", .value = w->limit};
    int err = W3P_OK;
    if (w->failed && w->stuck)
        return w3p_fail(msg, W3P_E_INVALID, "--failed or --stuck, not both");
    if (w->cid != NULL && (w->failed || w->stuck))
        return w3p_fail(msg, W3P_E_INVALID, "a CID, or --failed or --stuck, not both");
    if (w->limit != NULL)
        err = w3p_flag_u64(&limit, msg, &flag, 1, 1000);
    flag = (struct w3p_flag){.name = "before", .value = w->before};
    if (err == W3P_OK && w->before != NULL)
        err = w3p_flag_u64(&before, msg, &flag, 1, INT64_MAX);
    if (err != W3P_OK)
        return err;
    const char *filter = w->failed ? "failed" : w->stuck ? "stuck" : "all";
    int len = w->cid != NULL ? snprintf(out, size, "/order/%s?limit=%llu", w->cid, (unsigned long long)limit)
                             : snprintf(out, size, "/orders?filter=%s&limit=%llu", filter, (unsigned long long)limit);
    if (w->before != NULL)
        (void)snprintf(out + len, size - (size_t)len, "&before=%llu", (unsigned long long)before);
    return W3P_OK;
}

static int run(int argc, char **argv)
{
    struct wishes w = {0};
    const struct w3p_option options[] = {{"--json", &w.json, NULL},     {"--failed", &w.failed, NULL},
                                         {"--stuck", &w.stuck, NULL},   {"--limit", NULL, &w.limit},
                                         {"--before", NULL, &w.before}, {0}};
    struct w3p_settings settings;
    struct w3p_errmsg msg;
    char target[512], cid[W3P_CID_ORDER_MAX];
    size_t count;
    json_t *answer = NULL;
    int code = w3p_admin_begin(&settings, &w.cid, &count, 1, options, &argc, argv);
    if (code != W3P_EXIT_OK)
        return code;
    int err = w.cid != NULL ? w3p_admin_cid(cid, &msg, w.cid) : W3P_OK;
    w.cid = w.cid != NULL ? cid : NULL;
    if (err == W3P_OK)
        err = make_target(target, sizeof target, &msg, &w);
    if (err != W3P_OK) {
        w3p_settings_free(&settings);
        (void)w3p_admin_failed("orders", &msg);
        return W3P_EXIT_USAGE;
    }
    if (w3p_admin_call(&answer, &msg, &settings, "GET", target, NULL) != W3P_OK)
        code = w3p_admin_failed("orders", &msg);
    else if (w.json)
        w3p_admin_print_json(answer);
    else
        (w.cid != NULL ? print_receipts : print_contents)(answer);
    json_decref(answer);
    w3p_settings_free(&settings);
    return code;
}

const struct w3p_command w3p_cmd_orders = {
    .name = "orders",
    .summary = "show the orders of the running gateway",
    .usage =
        "usage: w3pin orders [CID | --failed | --stuck] [--limit N] [--before ID] [--json]\n"
        "                    [--config FILE] [--section.key=value]...\n\n"
        "Asks the running gateway over admin.socket for contents and their newest orders, newest contents first,\n"
        "50 at a time (--limit, 1000 at most): state, size, and why not; of the order the extrinsic and the event as\n"
        "block explorers call them (block-index), hashes, signer, nonce, size, and what it took in planck: its price,\n"
        "and apart from it its part of the transaction's fee.\n"
        "  CID       all orders of this content, newest first, and what they took together: renewals, and those that\n"
        "            came to nothing, with the reason\n"
        "  --failed  refused for good: their pins are failed (see w3pin retry)\n"
        "  --stuck   put off with a reason; due or sent for over ten minutes; without replicas for over six hours\n"
        "Exit code 1 when no gateway answers.\n",
    .run = run,
};
