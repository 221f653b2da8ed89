// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the backend for Crust's market pallet.
// Threads and ownership: see chains/chain.h.  Source: Crust's market pallet, spec 25.
#ifndef W3P_CHAINS_CRUST_CRUST_H
#define W3P_CHAINS_CRUST_CRUST_H

#include "base/conf.h"
#include "chain.h"
#include "crypto/keys.h"

// Configuration rows that this module brings ([crust] endpoints, genesis, era_blocks, timeouts …).
struct w3p_crust_settings {
    char *endpoints;          // comma-separated URLs
    char *genesis;            // "0x" + 64 hex, or empty: pin the first seen
    char *key_file, *key_uri; // exactly one
    char *key_password_file;  // of a JSON keystore
    int key_scheme;           // auto | sr25519 | ed25519 | ecdsa
    uint64_t era_blocks;      // power of two, 4..1024
    uint64_t connect_timeout_ms, reply_timeout_ms;
    uint64_t reply_max_bytes;
    uint64_t tip_planck; // of each order, for the storage nodes
    int address_format;  // auto | raw | multiaddress
};

extern const struct w3p_conf_key w3p_crust_conf_keys[];

struct w3p_crust_conf {
    const struct w3p_crust_settings *settings; // borrowed for the backend's life
    struct w3p_keypair *key; // taken over: secret memory, wiped in destroy and when create fails; NULL: reads only
};

// info() and everything else give W3P_E_STATE when every endpoint has been seen on a wrong genesis (a development key,
// key_uri, makes Crust mainnet one); W3P_E_UNREACHABLE when none of the others answers; W3P_E_UNSUPPORTED when the
// runtime's calls, extensions or layouts are not known.
int w3p_crust_create(struct w3p_chain **out, struct w3p_errmsg *msg, const struct w3p_crust_conf *conf) W3P_NODISCARD;

// From now on only this genesis is accepted (the one that the database recorded). W3P_E_STATE when settings->genesis
// says another one. Before the first call of an operation.
int w3p_crust_pin_genesis(struct w3p_chain *chain, struct w3p_errmsg *msg, const uint8_t genesis32[32]) W3P_NODISCARD;

// What the transaction of this one order would cost at a block, to the planck: an extrinsic of the same length, signed
// by a key that is thrown away, is shown to the node. W3P_E_REMOTE: the node does not say.
int w3p_crust_order_fee(struct w3p_chain *chain, struct w3p_errmsg *msg, w3p_u128 *fee,
                        const struct w3p_chain_order *order, uint32_t nonce, const uint8_t at_hash32[32]) W3P_NODISCARD;

// Health of the endpoints, as a thread of its own sees it; it never stands in the way of an order.
#define W3P_CRUST_STATUS_MAX 16
struct w3p_crust_endpoint_status {
    char host[128]; // no path: that may hold a key
    bool in_use;
    bool healthy;     // at the last look it answered, on our chain, not syncing, not far behind
    bool wrong_chain; // another genesis than crust.genesis or the database's
    bool syncing, subscribed;
    bool own_voice;        // its node is none that an endpoint before it is; see crust_voices.c
    bool contradicts;      // lately said another thing about a finalized block than the one in use
    uint64_t final_number; // 0: not known
    uint64_t lag;          // blocks behind the furthest one
    int64_t checked_ms;    // wall clock of the last look, 0: none yet
    char error[200];       // why it is not healthy
};
// Begins to look at every endpoint (each 30 s), and to listen for finalized heads where the endpoint in use is a
// WebSocket that offers them: told(arg) at each of them, on that thread. W3P_E_STATE when it runs.
int w3p_crust_watch_start(struct w3p_chain *chain, struct w3p_errmsg *msg, void (*told)(void *arg),
                          void *arg) W3P_NODISCARD;
void w3p_crust_watch_stop(struct w3p_chain *chain); // joins: `told` is not called any more
// Any thread. How many there are; the first `max` of them go to out.
size_t w3p_crust_status(struct w3p_chain *chain, struct w3p_crust_endpoint_status *out, size_t max);

#define W3P_CRUST_MAINNET_GENESIS "0x8b404e7ed8789d813982b9cb4c8b664c05b3fbf433309f603af014ec9ce56a8c"

#endif
