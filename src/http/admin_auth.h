// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: handlers of the admin socket for keys, tokens and accounts: rows of w3p_admin_routes.
// Threads: the one loop of the admin server.
#ifndef W3P_HTTP_ADMIN_AUTH_H
#define W3P_HTTP_ADMIN_AUTH_H

#include "http/http.h"

void w3p_admin_keys(struct w3p_call *call, const struct w3p_request *req);       // GET /auth/keys
void w3p_admin_key_rotate(struct w3p_call *call, const struct w3p_request *req); // POST /auth/keys
void w3p_admin_key_drop(struct w3p_call *call, const struct w3p_request *req);   // DELETE /auth/keys/{kid}
void w3p_admin_revoke(struct w3p_call *call, const struct w3p_request *req);     // POST /auth/revoke
void w3p_admin_legacy(struct w3p_call *call, const struct w3p_request *req);     // POST /auth/accounts/legacy

void w3p_admin_store_failed(struct w3p_call *call); // 503, in the operator's words

#endif
