// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the delegates of every PinStatus, checked once at start. One address without a peer id would make
// `ipfs pin remote add` fail after the order was accepted.  Source: kubo, `ipfs pin remote`.
#include "http/app.h"

#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/multiaddr.h"

enum { DELEGATES_MAX = 20 };

// The PSA wants one at least. Port 1 of the client's own machine refuses at once, so nobody waits for a dial timeout;
// the peer id holds the ed25519 public key whose seed is 32 zero bytes.
#define LOOPBACK "/ip4/127.0.0.1/tcp/1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"

static bool seen_before(const char *const *items, const size_t *lens, size_t count, const char *text, size_t len)
{
    for (size_t i = 0; i < count; i++) {
        if (lens[i] == len && memcmp(items[i], text, len) == 0)
            return true;
    }
    return false;
}

int w3p_delegates_json(char **out, struct w3p_errmsg *msg, const char *configured)
{
    const char *items[DELEGATES_MAX];
    size_t lens[DELEGATES_MAX], count = 0;
    struct w3p_buf buf;
    struct w3p_json j;
    int err = W3P_OK;
    if (configured == NULL || configured[strspn(configured, " ")] == '\0') {
        w3p_logf(W3P_LOG_WARN, "psa.delegates", "psa.delegates is not set: clients are given an address that refuses");
        configured = LOOPBACK;
    }
    w3p_buf_init(&buf, DELEGATES_MAX * (W3P_MULTIADDR_MAX + 8));
    w3p_json_init(&j, &buf);
    w3p_json_begin_array(&j);
    for (const char *at = configured; at != NULL && err == W3P_OK;) {
        const char *why = "not a multiaddr", *comma = strchr(at, ','), *item = at + strspn(at, " ");
        size_t len = comma != NULL ? (size_t)(comma - at) : strlen(at);
        len -= len < (size_t)(item - at) ? len : (size_t)(item - at);
        at = comma != NULL ? comma + 1 : NULL;
        while (len > 0 && item[len - 1] == ' ')
            len--;
        if (w3p_multiaddr_check_delegate(item, len, &why) != W3P_OK) {
            err = w3p_fail(msg, W3P_E_INVALID, "psa.delegates: \"%.*s\": %s", (int)(len < 120 ? len : 120), item, why);
        } else if (!seen_before(items, lens, count, item, len)) {
            if (count == DELEGATES_MAX) {
                err = w3p_fail(msg, W3P_E_LIMIT, "psa.delegates: more than %d addresses", DELEGATES_MAX);
                break;
            }
            items[count] = item;
            lens[count++] = len;
            w3p_json_str_n(&j, item, len);
        }
    }
    w3p_json_end_array(&j);
    if (err == W3P_OK && w3p_buf_status(&buf) != W3P_OK)
        err = w3p_fail(msg, W3P_E_LIMIT, "psa.delegates is too long");
    if (err == W3P_OK)
        *out = w3p_buf_take(&buf);
    w3p_buf_deinit(&buf);
    return err;
}
