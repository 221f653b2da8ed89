// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the devnet's faults do to answers and connections: late, twice, cut, reset, endless, or never.
// Threads: the server's loop.  Ownership: a fate that waits owns its text; it goes with its request or client.
// Must not: be reached by the gateway's server.
#ifndef W3P_HTTP_DEVNET_FAULTS_H
#define W3P_HTTP_DEVNET_FAULTS_H

#include "devnet/faults.h"
#include "http/http_h2o.h"

#define W3P_DEVNET_TICK_MS 5                     // how exact delays are
#define W3P_DEVNET_ENDLESS_MAX ((size_t)1 << 28) // bytes after which an endless answer ends with its connection

struct w3p_devnet_client;
struct w3p_devnet_fate_wait;

struct w3p_devnet_fates {
    struct w3p_loop *loop;
    struct w3p_devnet_fate_wait *first;
    h2o_timeout_t timeout;
    h2o_timeout_entry_t entry;
};

void w3p_devnet_fates_init(struct w3p_devnet_fates *fates, struct w3p_loop *loop);
void w3p_devnet_fates_stop(struct w3p_devnet_fates *fates); // nothing comes late any more
void w3p_devnet_fates_deinit(struct w3p_devnet_fates *fates);

// Answers the call, or the client's message, as the effect says; the text is taken over.
void w3p_devnet_fate_post(struct w3p_devnet_fates *fates, struct w3p_call *call, const struct w3p_devnet_effect *effect,
                          struct w3p_buf *text);
void w3p_devnet_fate_ws(struct w3p_devnet_fates *fates, struct w3p_devnet_client *client,
                        const struct w3p_devnet_effect *effect, struct w3p_buf *text);
// The client goes: so does what waits for it.
void w3p_devnet_fate_forget(struct w3p_devnet_fates *fates, const struct w3p_devnet_client *client);

#endif
