// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the faults that the development chain can have on purpose: one table of all of them, what is set, and how
// often each happened. Where a fault happens asks w3p_devnet_fault_fires (or _on); nothing else is known here.
// Threads: one at a time, as the chain.  Must not: open sockets, read clocks or draw randomness but from its seed.
//
// One syntax for --fault, dev_setFault and tests: NAME, or NAME=PART,PART… with these parts in any order:
//   0.25     chance of each occurrence, 0 to 1 with at most six decimals (1); 0 alone clears the fault
//   3x       the next 3 occurrences only, then the fault clears itself
//   @METHOD  calls of this method only; @* is every method but those that begin with dev_
//   node2    at this node only: node1 is on the first port, node2 on the second
//   250ms    the fault's value: a whole number and the unit that the table names
//   taken    answers that refuse an extrinsic: it enters the pool all the same
// A fault that takes no chance lasts until it is cleared; a bare number is its value, if it has one.
#ifndef W3P_CHAINS_DEVNET_FAULTS_H
#define W3P_CHAINS_DEVNET_FAULTS_H

#include "devnet/devnet.h"

#define W3P_DEVNET_FAULT_METHOD_MAX 64 // bytes with the NUL

enum w3p_devnet_fault {
    // what happens to a request and its answer (fault_reply.c, src/http/devnet_faults.c)
    W3P_DEVNET_FAULT_REPLY_LOST,
    W3P_DEVNET_FAULT_REQUEST_LOST,
    W3P_DEVNET_FAULT_DELAY,
    W3P_DEVNET_FAULT_DUPLICATE,
    W3P_DEVNET_FAULT_MALFORMED,
    W3P_DEVNET_FAULT_OVERSIZED,
    W3P_DEVNET_FAULT_ENDLESS,
    W3P_DEVNET_FAULT_DEEP,
    W3P_DEVNET_FAULT_WRONG_ID,
    W3P_DEVNET_FAULT_RESET,
    W3P_DEVNET_FAULT_CLOSE,
    W3P_DEVNET_FAULT_CUT,
    // what author_submitExtrinsic says (rpc_author.c)
    W3P_DEVNET_FAULT_STALE,
    W3P_DEVNET_FAULT_FUTURE,
    W3P_DEVNET_FAULT_BAD_PROOF,
    W3P_DEVNET_FAULT_ANCIENT,
    W3P_DEVNET_FAULT_PAYMENT,
    W3P_DEVNET_FAULT_EXHAUSTS,
    W3P_DEVNET_FAULT_CALL,
    W3P_DEVNET_FAULT_MANDATORY,
    W3P_DEVNET_FAULT_BAD_MANDATORY,
    W3P_DEVNET_FAULT_CUSTOM,
    W3P_DEVNET_FAULT_UNKNOWN,
    W3P_DEVNET_FAULT_BANNED,
    W3P_DEVNET_FAULT_KNOWN,
    W3P_DEVNET_FAULT_PRIORITY,
    W3P_DEVNET_FAULT_POOL_FULL,
    // what becomes of the chain (fork.c, core.c, nodes.c, upgrade.c)
    W3P_DEVNET_FAULT_FORK,
    W3P_DEVNET_FAULT_FORK_MOVED,
    W3P_DEVNET_FAULT_FORK_DROPPED,
    W3P_DEVNET_FAULT_FINALITY_HALTED,
    W3P_DEVNET_FAULT_FINALITY_LAG,
    W3P_DEVNET_FAULT_LAG,
    W3P_DEVNET_FAULT_NO_GOSSIP,
    W3P_DEVNET_FAULT_SAME_PEER,
    W3P_DEVNET_FAULT_PRUNED,
    W3P_DEVNET_FAULT_UPGRADE,
    W3P_DEVNET_FAULT_MARKET_OFF,
    W3P_DEVNET_FAULT_BALANCE_GONE,
    W3P_DEVNET_FAULT_COUNT
};

// What parts a fault takes.
enum {
    W3P_DEVNET_FAULT_CHANCE = 1, // a chance and a count; without it the fault is a state that is set and cleared
    W3P_DEVNET_FAULT_METHODS = 2,
    W3P_DEVNET_FAULT_TAKEN = 4
};

struct w3p_devnet_fault_row {
    const char *name;
    const char *unit;   // of its value: "ms", "blocks" …; NULL: it has none
    const char *method; // that it strikes without @METHOD; "*": every one
    const char *help;   // one line
    uint64_t value, value_max;
    unsigned takes;
    // Called behind each setting and clearing; may be NULL.
    void (*changed)(struct w3p_devnet *net, bool on, uint64_t value);
};
extern const struct w3p_devnet_fault_row w3p_devnet_fault_rows[W3P_DEVNET_FAULT_COUNT];

struct w3p_devnet_fault_state {
    bool on, taken;
    unsigned node;       // 1 or 2; 0: any
    uint32_t chance_ppm; // parts of a million
    uint64_t left;       // occurrences to come, UINT64_MAX: without end
    uint64_t value;
    uint64_t fired; // since the start
    char method[W3P_DEVNET_FAULT_METHOD_MAX];
};
struct w3p_devnet_faults {
    struct w3p_devnet_fault_state states[W3P_DEVNET_FAULT_COUNT];
    uint64_t seed;
};

// The same seed gives the same fates to the same requests.
void w3p_devnet_fault_seed(struct w3p_devnet *net, uint64_t seed);
// "NAME" or "NAME=PARTS". W3P_E_NOTFOUND: no such name. W3P_E_INVALID and W3P_E_RANGE say which part is wrong;
// nothing is changed then.
int w3p_devnet_fault_set(struct w3p_devnet *net, struct w3p_errmsg *msg, const char *text) W3P_NODISCARD;
void w3p_devnet_fault_clear(struct w3p_devnet *net, enum w3p_devnet_fault fault);
// An occurrence: whether the fault strikes this call. method NULL: it is no call.
bool w3p_devnet_fault_fires(struct w3p_devnet *net, enum w3p_devnet_fault fault, const char *method);
// For faults that are states: whether it is set. Counts nothing.
bool w3p_devnet_fault_on(const struct w3p_devnet *net, enum w3p_devnet_fault fault);
// What a fault that is a state did just now, for dev_faults.
void w3p_devnet_fault_note(struct w3p_devnet *net, enum w3p_devnet_fault fault);
const struct w3p_devnet_fault_state *w3p_devnet_fault_state(const struct w3p_devnet *net, enum w3p_devnet_fault fault);
// The names with spaces between them; the table as lines of a help text.
void w3p_devnet_fault_names(struct w3p_buf *out);
void w3p_devnet_fault_usage(struct w3p_buf *out);

// What a request meets on its way back. The text of the answer is changed already; this is what the server does.
enum w3p_devnet_fate {
    W3P_DEVNET_SEND,
    W3P_DEVNET_LOSE,   // ends the connection without an answer
    W3P_DEVNET_RESET,  // the same, by a TCP reset
    W3P_DEVNET_CLOSE,  // the same, politely: a close frame where there are frames
    W3P_DEVNET_CUT,    // half of the answer, then the end
    W3P_DEVNET_ENDLESS // an answer that begins and never ends
};
struct w3p_devnet_effect {
    enum w3p_devnet_fate fate;
    unsigned delay_ms, piece_ms;
    bool twice;
};
// w3p_devnet_handle under the faults that are set.
void w3p_devnet_answer(struct w3p_devnet *net, struct w3p_buf *reply, struct w3p_devnet_effect *effect,
                       const char *text, size_t len);

#endif
