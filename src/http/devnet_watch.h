// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what a subscription of the devnet follows beside heads: storage keys and one extrinsic. No sockets.
// Threads: the server's loop.  Ownership: a watch owns its texts until w3p_devnet_watch_deinit.
#ifndef W3P_HTTP_DEVNET_WATCH_H
#define W3P_HTTP_DEVNET_WATCH_H

#include "devnet/devnet.h"

#define W3P_DEVNET_WATCH_TEXT_MAX 65536 // bytes of keys or of an extrinsic

struct w3p_devnet_watch {
    char *text;         // JSON array of keys, or the extrinsic as 0x…
    char *last;         // storage: the changes told last
    uint64_t looked_at; // extrinsic: blocks up to here are searched
    uint64_t in_block;  // 0: not found yet
    uint64_t forks;     // that there were when it looked last
    char block_hash[72];
};

// One request, as JSON text of its params; the result (new reference) or NULL, then *error (may be NULL) is the error
// object as JSON text; the caller frees.
json_t *w3p_devnet_call(struct w3p_devnet *net, char **error, const char *method, const char *params);

void w3p_devnet_watch_deinit(struct w3p_devnet_watch *watch);
// What is to be told now (new reference), NULL: nothing new.
json_t *w3p_devnet_watch_storage(struct w3p_devnet_watch *watch, struct w3p_devnet *net);
// The same; to be called until it gives NULL. *ended: it was the last.
json_t *w3p_devnet_watch_extrinsic(struct w3p_devnet_watch *watch, bool *ended, struct w3p_devnet *net);

#endif
