// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: one or two scripted nodes of one chain, and a backend that speaks to them as //Alice.
#ifndef W3P_TESTS_CRUST_RIG_H
#define W3P_TESTS_CRUST_RIG_H

#include "unit/chains/chain_test.h"

#include "crust/crust_internal.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "unit/chains/fake_node.h"

struct rig {
    struct fake_node node[2];
    struct w3p_crust_settings settings;
    struct w3p_chain *chain;
    struct w3p_errmsg msg;
    char endpoints[200], genesis[67];
};

static inline void start_nodes(struct rig *rig, size_t n)
{
    struct test_bytes metadata = test_rocky_bytes();
    w3p_crypto_init();
    w3p_net_global_init();
    for (size_t i = 0; i < n; i++)
        fake_node_start(&rig->node[i], 0x11, metadata.ptr, metadata.len);
    free(metadata.ptr);
    snprintf(rig->endpoints, sizeof(rig->endpoints), "%s, %s", rig->node[0].lo.url, n > 1 ? rig->node[1].lo.url : "");
    rig->settings = (struct w3p_crust_settings){.endpoints = rig->endpoints,
                                                .genesis = rig->genesis,
                                                .era_blocks = 64,
                                                .connect_timeout_ms = 500,
                                                .reply_timeout_ms = 1000,
                                                .reply_max_bytes = 1u << 20};
}

static inline int open_chain(struct rig *rig)
{
    struct w3p_keypair *key = w3p_secret_alloc(sizeof(*key));
    cr_assert(eq(int, w3p_keypair_from_uri(key, NULL, W3P_KEY_ED25519, "//Alice"), W3P_OK));
    return w3p_crust_create(&rig->chain, &rig->msg, &(struct w3p_crust_conf){.settings = &rig->settings, .key = key});
}

static inline void start_rig(struct rig *rig, size_t n)
{
    memset(rig, 0, sizeof(*rig));
    start_nodes(rig, n);
    cr_assert(eq(int, open_chain(rig), W3P_OK), "%s", rig->msg.text);
}

static inline void stop_rig(struct rig *rig)
{
    rig->chain->ops->destroy(rig->chain);
    for (size_t i = 0; i < 2; i++)
        if (rig->node[i].metadata_hex != NULL)
            fake_node_stop(&rig->node[i]);
}

static inline int info(struct rig *rig)
{
    struct w3p_chain_info out;
    return rig->chain->ops->info(rig->chain, &rig->msg, &out);
}

// As if a minute had gone by.
static inline void age(struct rig *rig)
{
    w3p_crust_doubt(w3p_crust_of(rig->chain));
}

#endif
