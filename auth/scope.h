// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what a credential is good for: a set of scopes, their names in texts, requests and settings.
// Threads: pure.  Must not: know routes; which scope a route needs stands in the table of routes.
#ifndef W3P_AUTH_SCOPE_H
#define W3P_AUTH_SCOPE_H

#include "base/bytes.h"

// A bit for each scope; these numbers stand in minted tokens and in the database, so none is ever given again.
typedef uint16_t w3p_scopes;
enum {
    W3P_SCOPE_PIN_READ = 0x01,
    W3P_SCOPE_PIN_WRITE = 0x02,
    W3P_SCOPE_PIN_REPLACE = 0x04,
    W3P_SCOPE_PIN_DELETE = 0x08,
    W3P_SCOPE_IPFS_ADD = 0x10,
    W3P_SCOPE_GW_READ = 0x20,
    W3P_SCOPE_TOKEN_MINT = 0x40,
    W3P_SCOPE_ACCOUNT_ADMIN = 0x80,
    W3P_SCOPES_PINS = 0x0f,
    W3P_SCOPES_ALL = 0xff
};
#define W3P_SCOPE_COUNT 8
#define W3P_SCOPES_TEXT_MAX 128 // all names with separators of up to two bytes

const char *w3p_scope_name(unsigned index); // of the bit 1 << index; NULL from W3P_SCOPE_COUNT on
// One name, exactly as written here. W3P_E_INVALID for another.
int w3p_scope_parse(w3p_scopes *out, const char *name, size_t len) W3P_NODISCARD;
// Names with commas or blanks between them, at least one; a name may stand there twice. W3P_E_INVALID, and the sentence
// names what is no scope and what there is.
int w3p_scopes_parse(w3p_scopes *out, struct w3p_errmsg *msg, const char *list) W3P_NODISCARD;
// The names in the order of their bits; bits that are no scope are left out.
void w3p_scopes_format(struct w3p_buf *out, w3p_scopes scopes, const char *separator);

#endif
