// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: words for error codes and the one-line sentence. Allocates nothing.
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

const char *w3p_strerror(int err)
{
    switch (err) {
    case W3P_OK:
        return "no error";
    case W3P_E_INVALID:
        return "malformed input";
    case W3P_E_RANGE:
        return "value out of range";
    case W3P_E_LIMIT:
        return "limit reached";
    case W3P_E_NOTFOUND:
        return "not found";
    case W3P_E_EXISTS:
        return "exists already";
    case W3P_E_AUTH:
        return "credential refused";
    case W3P_E_FORBIDDEN:
        return "not permitted";
    case W3P_E_BUSY:
        return "busy, try again";
    case W3P_E_IO:
        return "input/output error";
    case W3P_E_TIMEOUT:
        return "timed out";
    case W3P_E_UNREACHABLE:
        return "unreachable";
    case W3P_E_PROTOCOL:
        return "protocol violation by the peer";
    case W3P_E_REMOTE:
        return "error reported by the peer";
    case W3P_E_UNSUPPORTED:
        return "not supported";
    case W3P_E_STATE:
        return "not possible in this state";
    case W3P_E_FUNDS:
        return "insufficient funds";
    case W3P_E_CLOSED:
        return "closed";
    case W3P_E_INTERNAL:
        return "internal error";
    default:
        return "unknown error";
    }
}

int w3p_fail(struct w3p_errmsg *msg, int err, const char *fmt, ...)
{
    if (msg != NULL) {
        va_list args;
        va_start(args, fmt);
        if (vsnprintf(msg->text, sizeof(msg->text), fmt, args) < 0)
            msg->text[0] = '\0';
        va_end(args);
        for (char *c = msg->text; *c != '\0'; c++)
            if ((unsigned char)*c < ' ' || *c == 0x7f)
                *c = '?';
    }
    return err;
}
