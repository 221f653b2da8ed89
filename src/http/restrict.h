// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the restrictions of a minted token mean for pins: the contents that it is for, and how large a pin may
// be. Page and network are looked at in the guard (caller.h). For every other credential each of these says yes.
// Threads: the loop's own.
#ifndef W3P_HTTP_RESTRICT_H
#define W3P_HTTP_RESTRICT_H

#include "http/caller.h"

#define W3P_NO_PIN "this account has no pin with this requestid"

// False: the call is answered, 403 TOKEN_RESTRICTED; or, for a pin that the token is not for, 404 as for an unknown
// one.
bool w3p_restrict_list(struct w3p_call *call, const struct w3p_caller *caller,
                       const struct w3p_pin_query *query) W3P_NODISCARD;
bool w3p_restrict_pin(struct w3p_call *call, const struct w3p_caller *caller, const char *requestid) W3P_NODISCARD;
// A new pin; size 0: none was stated.
bool w3p_restrict_new(struct w3p_call *call, const struct w3p_caller *caller, const struct w3p_cid *cid,
                      uint64_t size) W3P_NODISCARD;
// The same as a question: may the token see this pin?
bool w3p_restrict_sees(const struct w3p_caller *caller, const char *cid_text);

#endif
