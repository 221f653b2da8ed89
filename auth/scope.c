// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the names of scopes; see scope.h.
#include "scope.h"

#include <string.h>

#define SEPARATORS ", "
#define SHOWN_MAX 40 // of a word that is no scope

static const char *const names[W3P_SCOPE_COUNT] = {"pin.read", "pin.write", "pin.replace", "pin.delete",
                                                   "ipfs.add", "gw.read",   "token.mint",  "account.admin"};

const char *w3p_scope_name(unsigned index)
{
    return index < W3P_SCOPE_COUNT ? names[index] : NULL;
}

int w3p_scope_parse(w3p_scopes *out, const char *name, size_t len)
{
    for (unsigned i = 0; i < W3P_SCOPE_COUNT; i++) {
        if (w3p_span_eq_str(W3P_SPAN(name, len), names[i])) {
            *out = (w3p_scopes)(1u << i);
            return W3P_OK;
        }
    }
    return W3P_E_INVALID;
}

static int refuse(struct w3p_errmsg *msg, const char *word, size_t len)
{
    struct w3p_buf all;
    w3p_buf_init(&all, W3P_SCOPES_TEXT_MAX);
    w3p_scopes_format(&all, W3P_SCOPES_ALL, SEPARATORS);
    int err = len == 0 ? w3p_fail(msg, W3P_E_INVALID, "no scope is named; there are %s", w3p_buf_str(&all))
                       : w3p_fail(msg, W3P_E_INVALID, "\"%.*s\" is no scope; there are %s",
                                  (int)(len < SHOWN_MAX ? len : SHOWN_MAX), word, w3p_buf_str(&all));
    w3p_buf_deinit(&all);
    return err;
}

int w3p_scopes_parse(w3p_scopes *out, struct w3p_errmsg *msg, const char *list)
{
    w3p_scopes all = 0, one;
    for (const char *at = list; *at != '\0';) {
        size_t len = strcspn(at, SEPARATORS);
        if (len > 0) {
            if (w3p_scope_parse(&one, at, len) != W3P_OK)
                return refuse(msg, at, len);
            all |= one;
        }
        at += len;
        at += strspn(at, SEPARATORS);
    }
    if (all == 0)
        return refuse(msg, "", 0);
    *out = all;
    return W3P_OK;
}

void w3p_scopes_format(struct w3p_buf *out, w3p_scopes scopes, const char *separator)
{
    bool first = true;
    for (unsigned i = 0; i < W3P_SCOPE_COUNT; i++) {
        if ((scopes & (1u << i)) == 0)
            continue;
        if (!first)
            w3p_buf_put_str(out, separator);
        w3p_buf_put_str(out, names[i]);
        first = false;
    }
}
