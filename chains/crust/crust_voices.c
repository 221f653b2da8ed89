// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: how many nodes are behind the endpoints. Two URLs of one node are no second opinion: the operator may have
// configured the same node twice, by its address and by its name, say. A node tells its name (system_localPeerId, which
// nodes of every age answer and call safe). One that refuses to tell counts for nothing beside another one: it might be
// the same. It can still contradict, which only delays. A name proves nothing against a node that makes one up: this
// is about mistakes, and the two nodes of one liar count as two.
#include <string.h>

#include "crust/crust_internal.h"

int w3p_crust_peer_ask(struct w3p_rpc *rpc, struct w3p_errmsg *msg, struct w3p_crust_peer *out)
{
    json_t *result = NULL;
    int err = w3p_rpc_call(rpc, msg, &result, NULL, "system_localPeerId", NULL);
    size_t len = json_is_string(result) ? json_string_length(result) : 0;
    if (err != W3P_OK && err != W3P_E_REMOTE)
        return err;
    memset(out, 0, sizeof(*out));
    out->kind = W3P_CRUST_NAMELESS;
    if (len > 0 && len < sizeof(out->name)) {
        memcpy(out->name, json_string_value(result), len);
        out->kind = W3P_CRUST_NAMED;
    }
    json_decref(result);
    return W3P_OK;
}

bool w3p_crust_peer_same(const struct w3p_crust_peer *a, const struct w3p_crust_peer *b)
{
    return a->kind == W3P_CRUST_NAMED && b->kind == W3P_CRUST_NAMED && strcmp(a->name, b->name) == 0;
}

void w3p_crust_voices_add(struct w3p_crust_voices *voices, const struct w3p_crust_peer *peer)
{
    bool known = voices->count == W3P_CRUST_ENDPOINTS_MAX;
    voices->opinions++;
    if (peer->kind != W3P_CRUST_NAMED) {
        voices->nameless = true;
        return;
    }
    for (size_t i = 0; i < voices->count; i++)
        known = known || w3p_crust_peer_same(voices->named[i], peer);
    if (!known)
        voices->named[voices->count++] = peer;
}

size_t w3p_crust_voices_least(const struct w3p_crust_voices *voices)
{
    return voices->count > 0 ? voices->count : voices->nameless ? 1 : 0;
}
