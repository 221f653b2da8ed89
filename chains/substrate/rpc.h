// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: JSON-RPC 2.0 calls to one Substrate endpoint, and the hex forms that its values have. Everything that comes
// back is foreign: bounded, matched to its request, and cleaned before it is shown to anybody.
// Threads: one at a time; w3p_rpc_interrupt from any.  Ownership: the caller destroys.  Source: Substrate 3 node RPC.
#ifndef W3P_CHAINS_SUBSTRATE_RPC_H
#define W3P_CHAINS_SUBSTRATE_RPC_H

#include "base/json.h"
#include "net/net.h"

#define W3P_RPC_SKIP_MAX 64 // messages with another id that are passed over in one call

struct w3p_rpc;

// What the node says in an error object: the code if it has one, and message and data as one clean line.
struct w3p_rpc_error {
    bool has_code;
    int64_t code;
    char text[256];
};

int w3p_rpc_create(struct w3p_rpc **out, struct w3p_errmsg *msg, const struct w3p_net_conf *conf) W3P_NODISCARD;
void w3p_rpc_destroy(struct w3p_rpc *rpc);
void w3p_rpc_reset(struct w3p_rpc *rpc);
void w3p_rpc_interrupt(struct w3p_rpc *rpc);
const char *w3p_rpc_host(const struct w3p_rpc *rpc); // see w3p_net_host

// Calls a method. params is taken over (NULL: none). *result is a new reference.
// W3P_E_REMOTE: an error object, in *error (may be NULL) and msg. Other failures are the transport's or the protocol's;
// after each of these the connection is dropped, so that a late answer cannot be taken for another one's.
int w3p_rpc_call(struct w3p_rpc *rpc, struct w3p_errmsg *msg, json_t **result, struct w3p_rpc_error *error,
                 const char *method, json_t *params) W3P_NODISCARD;

// One message: W3P_OK with *params (a new reference) when it is a notification of that method, W3P_E_NOTFOUND for any
// other one, W3P_E_PROTOCOL when it is no JSON.
int w3p_rpc_notice_parse(json_t **params, struct w3p_errmsg *msg, const char *method, const char *text,
                         size_t len) W3P_NODISCARD;
// Waits for the next message of a WebSocket and reads it so. After failures other than W3P_E_NOTFOUND, a timeout too,
// the connection is dropped.
int w3p_rpc_notice(struct w3p_rpc *rpc, struct w3p_errmsg *msg, json_t **params, const char *method,
                   unsigned timeout_ms) W3P_NODISCARD;

// Takes one reply text apart. W3P_OK with *result, W3P_E_REMOTE with *error, W3P_E_NOTFOUND for a message that is not
// for `id` (a notification, another request's answer), W3P_E_PROTOCOL for what is no JSON-RPC.
int w3p_rpc_parse(json_t **result, struct w3p_rpc_error *error, struct w3p_errmsg *msg, uint64_t id, const char *text,
                  size_t len) W3P_NODISCARD;

// True when the error means that the node does not know the method, with or without a code.
bool w3p_rpc_no_method(const struct w3p_rpc_error *error);
// True when a read at a block failed since this node does not have that block or its state (any more, or yet).
bool w3p_rpc_no_state(const struct w3p_rpc_error *error);

// Values. All fail with W3P_E_PROTOCOL for another type or form.
int w3p_rpc_bytes(struct w3p_buf *out, const json_t *value) W3P_NODISCARD; // "0x…" hex, up to the buf's maximum
int w3p_rpc_hash(uint8_t hash32[32], const json_t *value) W3P_NODISCARD;   // "0x" and 64 digits
int w3p_rpc_hex_number(uint64_t *out, const json_t *value) W3P_NODISCARD;  // "0x0002a", any width, or a number
json_t *w3p_rpc_hex(const uint8_t *bytes, size_t len);                     // new "0x…" string

#endif
