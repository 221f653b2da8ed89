// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a chain of a few counters behind the devnet's server, so that every byte that comes back is the server's
// doing. Its functions take the place of those of chains/devnet: one test file may include this.
#ifndef W3P_TESTS_UNIT_HTTP_DEVNET_STUB_H
#define W3P_TESTS_UNIT_HTTP_DEVNET_STUB_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devnet/devnet.h"
#include "devnet/faults.h"

struct w3p_devnet {
    uint64_t best, final, forks;
    uint32_t spec;
};
#define FORK_HEIGHT 6

void w3p_devnet_new_block(struct w3p_devnet *net, uint64_t now_ms)
{
    (void)now_ms;
    net->best++;
    net->final = net->best > 2 ? net->best - 2 : 0;
}

void w3p_devnet_set_clock(struct w3p_devnet *net, uint64_t now_ms)
{
    (void)net;
    (void)now_ms;
}

uint64_t w3p_devnet_best(const struct w3p_devnet *net)
{
    return net->best;
}

uint64_t w3p_devnet_final(const struct w3p_devnet *net)
{
    return net->final;
}

void w3p_devnet_select(struct w3p_devnet *net, unsigned node)
{
    (void)net;
    (void)node;
}

uint64_t w3p_devnet_forks(const struct w3p_devnet *net, uint64_t *height)
{
    *height = FORK_HEIGHT;
    return net->forks;
}

uint32_t w3p_devnet_spec_version(const struct w3p_devnet *net)
{
    return net->spec;
}

static void W3P_PRINTF(2, 3) put_result(struct w3p_buf *reply, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    w3p_buf_put_str(reply, "{\"jsonrpc\":\"2.0\",\"result\":");
    w3p_buf_vprintf(reply, fmt, args);
    w3p_buf_put_str(reply, ",\"id\":1}");
    va_end(args);
}

static void put_hash(const struct w3p_devnet *net, struct w3p_buf *reply, unsigned long long number)
{
    put_result(reply, "\"0x%c%llu\"", net->forks > 0 && number > FORK_HEIGHT ? 'c' : 'b', number);
}

// "dev_newBlock" makes one, as does "dev_fork", which changes those above block 6 too, and "dev_upgrade"; "echo" gives
// the text back; a value in storage changes with every second block; the extrinsic 0x11 lands in block 7, or 8 after a
// fork, and 0x22 is refused; all else gives a small result.
void w3p_devnet_handle(struct w3p_devnet *net, struct w3p_buf *reply, const char *text, size_t len)
{
    bool forks = memmem(text, len, "dev_fork", 8) != NULL, upgrades = memmem(text, len, "dev_upgrade", 11) != NULL;
    const char *held = net->forks > 0 ? "0xc8" : "0xb7";
    net->forks += forks ? 1 : 0;
    net->spec += upgrades ? 1 : 0;
    if (forks || upgrades || memmem(text, len, "dev_newBlock", 12) != NULL)
        w3p_devnet_new_block(net, 0);
    if (memmem(text, len, "echo", 4) != NULL)
        w3p_buf_put(reply, text, len);
    else if (memmem(text, len, "rpc_methods", 11) != NULL)
        w3p_buf_put_str(reply, "{\"result\":{\"version\":1,\"methods\":[\"chain_getBlock\"]}}");
    else if (memmem(text, len, "state_queryStorageAt", 20) != NULL)
        put_result(reply, "[{\"block\":\"0x1\",\"changes\":[[\"0xaa\",\"0x%llx\"]]}]",
                   (unsigned long long)net->best / 2);
    else if (memmem(text, len, "author_submitExtrinsic", 22) != NULL && memmem(text, len, "0x22", 4) != NULL)
        w3p_buf_put_str(reply, "{\"error\":{\"code\":1010,\"message\":\"Invalid Transaction\"}}");
    else if (memmem(text, len, "chain_getBlockHash", 18) != NULL)
        put_hash(net, reply, strtoull((const char *)memmem(text, len, "params", 6) + 9, NULL, 10));
    else if (memmem(text, len, "chain_getBlock", 14) != NULL && memmem(text, len, held, 4) != NULL)
        put_result(reply, "{\"block\":{\"extrinsics\":[\"0x00\",\"0x%d\"]}}", 11);
    else
        w3p_buf_put_str(reply, "{\"jsonrpc\":\"2.0\",\"result\":{\"specVersion\":25},\"id\":1}");
}

static struct w3p_devnet_effect effect_next; // of the next answer

void w3p_devnet_answer(struct w3p_devnet *net, struct w3p_buf *reply, struct w3p_devnet_effect *effect,
                       const char *text, size_t len)
{
    w3p_devnet_handle(net, reply, text, len);
    *effect = effect_next;
    effect_next = (struct w3p_devnet_effect){0};
}

json_t *w3p_devnet_header(struct w3p_devnet *net, uint64_t number)
{
    (void)net;
    char text[32];
    snprintf(text, sizeof text, "0x%llx", (unsigned long long)number);
    return json_pack("{s:s}", "number", text);
}

#endif
