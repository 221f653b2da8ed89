// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what each loop thread of the gateway owns, and the route table.
#include "http/caller.h"

#include <stdlib.h>

#include "base/log.h"

void *w3p_app_thread_init(void *app_arg)
{
    struct w3p_app *app = app_arg;
    struct w3p_errmsg msg = {0};
    struct w3p_app_thread *thread = w3p_calloc(1, sizeof *thread);
    if (w3p_store_reader(&thread->db, &msg, app->store) != W3P_OK) {
        w3p_logf(W3P_LOG_ERROR, "http.thread", "%s", msg.text);
        free(thread);
        return NULL;
    }
    thread->authn = w3p_authn_thread_create(app->authn, thread->db);
    return thread;
}

void w3p_app_thread_deinit(void *app, void *thread_data)
{
    struct w3p_app_thread *thread = thread_data;
    (void)app;
    w3p_authn_thread_destroy(thread->authn);
    w3p_store_reader_close(thread->db);
    free(thread);
}

_Static_assert(W3P_HTTP_TIDY_MS <= W3P_READER_HOLD_MS, "a reader would hold its state for too long");

void w3p_app_thread_tidy(void *app, void *thread_data)
{
    (void)app;
    w3p_reader_rest(((struct w3p_app_thread *)thread_data)->db);
}

#define TABLE_ROW(method, path, handler, body_max, budget, scope)                                                      \
    {method, path, handler, body_max, W3P_BUDGET_##budget, scope},
#define TABLE_DOC(method, path, handler, body_max, budget, scope) &handler##_doc,
const struct w3p_route w3p_gateway_routes[] = {W3P_GATEWAY_ROUTES(TABLE_ROW){0}};
const struct w3p_doc *const w3p_gateway_docs[] = {W3P_GATEWAY_ROUTES(TABLE_DOC) NULL};
