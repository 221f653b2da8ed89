// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `w3pin devnet`: a development chain on loopback, so that everything can be tried without any money.
// Must not: do anything that a dApp could mistake for the real chain: each start is a genesis of its own.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/flags.h"
#include "cli/signals.h"
#include "crypto/hash.h"
#include "devnet/devnet.h"
#include "devnet/faults.h"
#include "http/app.h"

enum { FUND_MAX = 64, FAULTS_MAX = 64 };

struct options {
    const char *listen, *second_listen, *runtime, *fund;
    uint64_t block_ms, replicas_after, replicas_spread, storage_nodes, finality_lag, fault_seed;
    const char *faults[FAULTS_MAX];
    size_t fault_count;
};

static int parse_option(struct options *o, struct w3p_errmsg *msg, const struct w3p_flag *flag)
{
    const struct {
        const char *name;
        const char **text; // one of text and number
        uint64_t *number, min, max;
    } known[] = {
        {"listen", &o->listen, NULL, 0, 0},
        {"second-listen", &o->second_listen, NULL, 0, 0},
        {"runtime", &o->runtime, NULL, 0, 0},
        {"fund", &o->fund, NULL, 0, 0},
        {"block-ms", NULL, &o->block_ms, 0, 3600000},
        {"replicas-after", NULL, &o->replicas_after, 1, 1000000},
        {"replicas-spread", NULL, &o->replicas_spread, 0, 1000000},
        {"storage-nodes", NULL, &o->storage_nodes, 0, 200},
        {"finality-lag", NULL, &o->finality_lag, 0, 1000},
        {"fault-seed", NULL, &o->fault_seed, 0, UINT64_MAX},
    };
    if (strcmp(flag->name, "fault") == 0) {
        if (o->fault_count == FAULTS_MAX)
            return w3p_fail(msg, W3P_E_LIMIT, "at most %d faults at a time", FAULTS_MAX);
        o->faults[o->fault_count++] = flag->value;
        return W3P_OK;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; ++i) {
        if (strcmp(flag->name, known[i].name) != 0)
            continue;
        if (known[i].number != NULL)
            return w3p_flag_u64(known[i].number, msg, flag, known[i].min, known[i].max);
        *known[i].text = flag->value;
        return W3P_OK;
    }
    return w3p_flag_unknown(msg, flag);
}

static int parse_options(struct options *o, struct w3p_errmsg *msg, int argc, char **argv)
{
    struct w3p_flag flag;
    int err = W3P_OK;
    for (int i = 1; i < argc && err == W3P_OK;) {
        err = w3p_flag_next(&flag, &i, msg, argc, argv);
        if (err == W3P_OK)
            err = parse_option(o, msg, &flag);
    }
    return err;
}

// Splits "a,b,c" in place; gives the count, or FUND_MAX + 1 when there are too many.
static size_t split(const char *parts[FUND_MAX], char *text)
{
    size_t n = 0;
    for (char *save = NULL, *part = strtok_r(text, ",", &save); part != NULL; part = strtok_r(NULL, ",", &save)) {
        if (n == FUND_MAX)
            return FUND_MAX + 1;
        parts[n++] = part;
    }
    return n;
}

static int create_chain(struct w3p_devnet **out, struct w3p_errmsg *msg, const struct options *o)
{
    const char *fund[FUND_MAX];
    char *list = w3p_strdup(o->fund);
    struct w3p_devnet_conf conf = {
        .runtime = o->runtime,
        .fund = fund,
        .fund_count = split(fund, list),
        .replicas_after = o->replicas_after,
        .replicas_spread = o->replicas_spread,
        .storage_nodes = (unsigned)o->storage_nodes,
        .finality_lag = (unsigned)o->finality_lag,
        .start_ms = (uint64_t)w3p_clock_wall_ms(),
    };
    w3p_random(conf.genesis_salt32, sizeof conf.genesis_salt32);
    int err = conf.fund_count > FUND_MAX ? w3p_fail(msg, W3P_E_LIMIT, "--fund takes at most %d accounts", FUND_MAX)
                                         : w3p_devnet_create(out, msg, &conf);
    free(list);
    if (err == W3P_OK)
        w3p_devnet_fault_seed(*out, o->fault_seed);
    for (size_t i = 0; i < o->fault_count && err == W3P_OK; i++)
        err = w3p_devnet_fault_set(*out, msg, o->faults[i]);
    return err;
}

static int run(int argc, char **argv)
{
    struct options o = {.listen = "127.0.0.1:9944",
                        .runtime = "crust-25",
                        .fund = "//Alice",
                        .block_ms = 6000,
                        .replicas_after = 6,
                        .replicas_spread = 6,
                        .storage_nodes = 4,
                        .finality_lag = 2,
                        .fault_seed = 1};
    struct w3p_errmsg msg;
    struct w3p_devnet *net = NULL;
    struct w3p_devnet_server *server = NULL;
    w3p_signals_block();
    int err = parse_options(&o, &msg, argc, argv);
    int code = err == W3P_OK ? 1 : 2;
    if (err == W3P_OK)
        err = create_chain(&net, &msg, &o);
    if (err == W3P_OK)
        err = w3p_devnet_server_start(
            &server, &msg,
            &(struct w3p_devnet_server_conf){
                .listen = o.listen, .second_listen = o.second_listen, .net = net, .block_ms = (unsigned)o.block_ms});
    if (err == W3P_OK) {
        w3p_logf(W3P_LOG_INFO, "devnet.ready", "JSON-RPC over http:// and ws:// on port %u, runtime %s, %s",
                 (unsigned)w3p_devnet_server_port(server), o.runtime,
                 o.block_ms == 0 ? "blocks only by dev_newBlock" : "blocks on a timer");
        if (o.second_listen != NULL)
            w3p_logf(W3P_LOG_INFO, "devnet.second", "the node that lags is on port %u",
                     (unsigned)w3p_devnet_server_second_port(server));
        while (w3p_signals_wait() == SIGHUP)
            w3p_logf(W3P_LOG_INFO, "devnet.reload", "SIGHUP: there is nothing to read again");
        w3p_logf(W3P_LOG_INFO, "devnet.stop", "stopping; this chain ends here");
        code = 0;
    } else {
        fprintf(stderr, "w3pin devnet: %s\n", msg.text);
    }
    if (server != NULL)
        w3p_devnet_server_stop(server);
    w3p_devnet_destroy(net);
    return code;
}

static void print_faults(void)
{
    struct w3p_buf lines;
    w3p_buf_init(&lines, 65536);
    w3p_devnet_fault_usage(&lines);
    fputs(w3p_buf_str(&lines), stdout);
    w3p_buf_deinit(&lines);
}

const struct w3p_command w3p_cmd_devnet = {
    .name = "devnet",
    .summary = "run a development chain with Crust's storage market on loopback",
    .usage =
        "usage: w3pin devnet [OPTION]...\n\n"
        "A Crust chain for development: real runtime metadata, real checks of signatures, nonces, eras and fees,\n"
        "blocks on a timer, a finality lag, and storage nodes that report replicas. Nothing is kept: each start is\n"
        "a new chain with its own genesis, so a gateway needs a new database with it.\n"
        "Stops on Ctrl-C.\n\n"
        "  --listen ADDR:PORT      JSON-RPC by HTTP POST and WebSocket on one port (127.0.0.1:9944; port 0: any)\n"
        "  --second-listen ADDR:PORT  a second node of the same chain, for the faults lag, no-gossip and same-peer "
        "(none)\n"
        "  --block-ms MS           time between blocks (6000; 0: only when dev_newBlock is called)\n"
        "  --fund WHO,...          URIs, SS58 addresses or 0x keys that get 1,000,000 CRU each (//Alice)\n"
        "  --runtime NAME          crust-25 (memo argument, FilesV2), rocky-4 (the bytes of the Rocky test\n"
        "                          network) or crust-1 (no memo argument, the oldest Files layout)\n"
        "  --replicas-after N      blocks from an order to its first replica (6)\n"
        "  --replicas-spread N     all storage nodes have reported this many blocks later (6)\n"
        "  --storage-nodes N       storage nodes that report a replica of each order (4)\n"
        "  --finality-lag N        blocks between best and finalized head (2)\n\n"
        "  --fault NAME[=PART,..]  a fault from the list below; may be given again\n"
        "  --fault-seed N          for faults with a chance: the same seed, the same faults (1)\n\n"
        "Besides the usual methods: dev_newBlock, dev_fork [{\"depth\": N, \"lost\": \"later|moved|dropped\"}],\n"
        "dev_setStorage [[key, value], ...], dev_setFault [NAME, PARTS]\n"
        "(null, false or 0 clears; the name `all` clears every fault) and dev_faults.\n\n"
        "Parts of a fault: a chance from 0 to 1; 3x for the next 3 times only; @METHOD for calls of one method, @*\n"
        "for every method; node1 or node2; a value with its unit (250ms); `taken` where an extrinsic is refused: the\n"
        "pool takes it all the same. Example: --fault delay=250ms,@chain_getBlock --fault 1014-priority=2x,taken\n\n",
    .run = run,
    .print_more = print_faults,
};
