// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the WebSocket half of the devnet's server: clients, subscriptions, notifications.
// Threads: the server's loop.  Ownership: clients belong to the hub; the chain is borrowed.
#ifndef W3P_HTTP_DEVNET_WS_H
#define W3P_HTTP_DEVNET_WS_H

#include "devnet/devnet.h"
#include "http/devnet_faults.h"
#include "http/http_h2o.h"

#define W3P_DEVNET_MESSAGE_MAX 4194304 // bytes of a request, by POST or WebSocket
#define W3P_DEVNET_REPLY_MAX 67108864
#define W3P_DEVNET_QUEUE_MAX 134217728  // bytes that wait for a slow reader
#define W3P_DEVNET_SUBSCRIPTIONS_MAX 64 // of one client
#define W3P_DEVNET_HEADS_MAX 256        // announced at once; older ones are skipped

struct w3p_devnet_client;
struct w3p_devnet_hub {
    struct w3p_devnet *net;
    unsigned node;                  // of the chain, that its clients speak to
    struct w3p_devnet_fates *fates; // of the server
    struct w3p_devnet_client *clients;
    uint64_t next_subscription;
    uint64_t told_best, told_final, told_forks;
    uint32_t told_spec;
    // Asks for w3p_devnet_hub_announce soon, outside of any callback of a client.
    void (*changed)(struct w3p_devnet_hub *hub);
};

void w3p_devnet_hub_init(struct w3p_devnet_hub *hub, struct w3p_devnet *net, unsigned node);
// Answers the upgrade of this call. False: it is no WebSocket handshake, nothing was answered.
bool w3p_devnet_hub_upgrade(struct w3p_devnet_hub *hub, struct w3p_call *call);
// Tells subscribers about the heads since the last time.
void w3p_devnet_hub_announce(struct w3p_devnet_hub *hub);
// Runs a request under the faults that are set, and asks for an announcement when it moved the chain.
void w3p_devnet_hub_handle(struct w3p_devnet_hub *hub, struct w3p_buf *reply, struct w3p_devnet_effect *effect,
                           const char *text, size_t len);

// For devnet_faults.c. queue and close wait for the end of the client's callback, or for proceed; inside of that the
// client may go.
int w3p_devnet_client_fd(const struct w3p_devnet_client *client);
void w3p_devnet_client_queue(struct w3p_devnet_client *client, const struct w3p_buf *text);
void w3p_devnet_client_close(struct w3p_devnet_client *client);
void w3p_devnet_client_proceed(struct w3p_devnet_client *client);

#endif
