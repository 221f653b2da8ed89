// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a whole gateway on loopback for the tests: real store, pins, tokens; an engine that is never started, so
// every pin stays queued.
#ifndef W3P_TEST_HTTP_GATEWAY_H
#define W3P_TEST_HTTP_GATEWAY_H

#include <jansson.h>

#include "client.h"
#include "http/app.h"

#define GATEWAY_HOST "gw.example" // its audience, unless gateway_authn names another

extern struct w3p_app gateway_app;
extern uint16_t gateway_port;
// Before gateway_start: what w3p_pins_create and the access list get.
extern uint64_t gateway_pins_per_day, gateway_planck_per_day, gateway_price, gateway_account_planck;
// At any time: what an order costs for each byte beside gateway_price, and what may still be promised.
extern _Atomic uint64_t gateway_byte_price, gateway_available;
extern struct w3p_access_settings gateway_access;
extern struct w3p_authn_settings gateway_authn;
extern struct w3p_http_settings gateway_http;
extern const struct w3p_limit_settings *gateway_limits;

void gateway_start(void);
void gateway_stop(void);
// Bearer token of the development key //NAME, an Ethereum-style account. Static storage, four at a time.
const char *gateway_token(const char *name);
// A minted token of that account, good for an hour, with its row in the store; id16: NULL, or what gets its id. Static
// storage, four at a time.
const char *gateway_minted(uint8_t id16[16], const char *name, w3p_scopes scopes, const struct w3p_caveat *caveats,
                           size_t count);
// Revokes it, as a handler would: on the disk, then told to the threads.
void gateway_revoke(const uint8_t id16[16]);
// One request; body NULL: none; token NULL: no Authorization.
void gateway_request(struct response *out, const char *method, const char *path, const char *token, const char *body);
// The same, with the answer's JSON (the caller decrefs) and its status.
json_t *gateway_json(int *status, const char *method, const char *path, const char *token, const char *body);
// A valid CID, one for each n.
const char *gateway_cid(unsigned n);

#endif
