// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the one error space of w3pin, and the one-line sentence that goes with an error.
// Threads: any.  Ownership: nothing is allocated here.
//
// Rules that every header of the project follows and none repeats:
// - Functions return 0 (W3P_OK) or a negative enum w3p_err, unless they say otherwise.
// - Argument order: the object worked on, outputs, in/out arguments, inputs. A length follows the array it measures.
// - Fixed sizes and units stand in names: pubkey32, sig64, hash32, timeout_ms, max_bytes.
// - On failure outputs are untouched or zeroed, never half written.
// - *_create/_destroy: heap.  *_init/_deinit: the caller's storage.  *_parse/_format: text.  A span borrows, a buf
// owns.
// - Out of memory aborts with one line; nothing else that comes from outside may abort.
#ifndef W3P_BASE_ERR_H
#define W3P_BASE_ERR_H

#define W3P_NODISCARD __attribute__((warn_unused_result))
#define W3P_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

enum w3p_err {
    W3P_OK = 0,
    W3P_E_INVALID = -1, // malformed input
    W3P_E_RANGE = -2,   // well formed, but outside the permitted range
    W3P_E_LIMIT = -3,   // a bound of ours was reached (bytes, depth, rows)
    W3P_E_NOTFOUND = -4,
    W3P_E_EXISTS = -5,
    W3P_E_AUTH = -6,      // credential refused
    W3P_E_FORBIDDEN = -7, // credential fine, permission missing
    W3P_E_BUSY = -8,      // a bounded queue is full; try again
    W3P_E_IO = -9,        // local file, disk or socket trouble
    W3P_E_TIMEOUT = -10,
    W3P_E_UNREACHABLE = -11, // nobody answers there
    W3P_E_PROTOCOL = -12,    // the peer answered something that its protocol forbids
    W3P_E_REMOTE = -13,      // the peer answered with a well-formed error
    W3P_E_UNSUPPORTED = -14, // understood, and deliberately not done (fail closed)
    W3P_E_STATE = -15,       // not possible in the present state
    W3P_E_FUNDS = -16,       // budget or balance does not cover it
    W3P_E_CLOSED = -17,      // shutting down, or the peer hung up
    W3P_E_INTERNAL = -18
};

// Short English words for a code, static storage; "unknown error" for codes that are none.
const char *w3p_strerror(int err);

// One sentence for a person. Never holds a secret or a credential.
struct w3p_errmsg {
    char text[320];
};

// Writes the sentence (cut at the buffer's end; msg may be NULL) and returns err, so that callers can
// `return w3p_fail(msg, W3P_E_INVALID, "…")`. Sentences quote what strangers sent: control characters, which a terminal
// would obey, become '?'.
int w3p_fail(struct w3p_errmsg *msg, int err, const char *fmt, ...) W3P_PRINTF(3, 4);

#endif
