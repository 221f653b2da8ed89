// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what a loop puts off for a moment, so that many requests share its cost: access lines that are not written
// yet, and whatever the application's thread_tidy lets go of. The first request after a rest sets the timer. Threads:
// the loop's own.
#include "http/http_h2o.h"

void w3p_tidy_now(struct w3p_loop *loop)
{
    struct w3p_server_conf *conf = &loop->server->conf;
    w3p_log_flush(&loop->access_lines);
    if (conf->thread_tidy != NULL && loop->thread_data != NULL)
        conf->thread_tidy(conf->app, loop->thread_data);
}

static void on_tidy(h2o_timeout_entry_t *entry)
{
    w3p_tidy_now(H2O_STRUCT_FROM_MEMBER(struct w3p_loop, tidy_entry, entry));
}

void w3p_tidy_init(struct w3p_loop *loop)
{
    h2o_timeout_init(loop->evloop, &loop->tidy_timeout, W3P_HTTP_TIDY_MS);
    loop->tidy_entry.cb = on_tidy;
}

void w3p_tidy_soon(struct w3p_loop *loop)
{
    if (!h2o_timeout_is_linked(&loop->tidy_entry))
        h2o_timeout_link(loop->evloop, &loop->tidy_timeout, &loop->tidy_entry);
}

void w3p_tidy_dispose(struct w3p_loop *loop)
{
    w3p_tidy_now(loop);
    h2o_timeout_unlink(&loop->tidy_entry);
    h2o_timeout_dispose(loop->evloop, &loop->tidy_timeout);
}
