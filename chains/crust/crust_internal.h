// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the files of the Crust backend share: endpoints, the runtime that was found, reading of state.
// Must not: be included outside chains/crust and its tests.
#ifndef W3P_CHAINS_CRUST_CRUST_INTERNAL_H
#define W3P_CHAINS_CRUST_CRUST_INTERNAL_H

#include <stdatomic.h>

#include "crust/crust.h"
#include "substrate/extrinsic.h"
#include "substrate/rpc.h"

#define W3P_CRUST_ENDPOINTS_MAX 16
#define W3P_CRUST_LAG_MAX 10            // finalized blocks that an endpoint may be behind the best one seen
#define W3P_CRUST_REFRESH_MS 60000      // genesis and runtime version are looked at again after this
#define W3P_CRUST_SIGN_FRESH_MS 3000    // … and the version before a signature after this: an upgrade voids it
#define W3P_CRUST_VALUE_MAX (1u << 20)  // bytes of one storage value
#define W3P_CRUST_EVENTS_MAX (4u << 20) // bytes of System.Events
#define W3P_CRUST_CID_MAX 192           // characters in an order
#define W3P_CRUST_MARGIN 10             // blocks more that a lone endpoint must show before an order is paid again
#define W3P_CRUST_SECOND_MS 5000        // an endpoint that failed is asked for its opinion no sooner
#define W3P_CRUST_SLOW_MS 3000          // an answer that takes longer …
#define W3P_CRUST_SLOW_MAX 3            // … so often in a row makes another endpoint worth a look
#define W3P_CRUST_DISTRUST_MS 300000    // how long an endpoint is left alone that says what cannot be
#define W3P_CRUST_LOUD_MS 60000         // contradictions of an endpoint in one minute are one line of the log
#define W3P_CRUST_SENT_MAX 128          // extrinsics that are remembered to have been sent
#define W3P_CRUST_PEER_MAX 128          // bytes of a node's name with the NUL

// How a file's entry is encoded (Crust's market pallet, FileInfo and FileInfoV2).
enum w3p_crust_layout {
    W3P_CRUST_FILES_V2,     // FilesV2, FileInfoV2: spec 17 and later
    W3P_CRUST_FILES_SPEC3,  // Files, FileInfo with spower: mainnet 3..16, Rocky 4
    W3P_CRUST_FILES_GENESIS // Files, (FileInfo, UsedInfo): mainnet 1..2
};

// One spec version: the metadata and everything of it that the backend uses. Pointers go into md.
struct w3p_crust_runtime {
    char spec_name[64];
    uint32_t spec_version, tx_version;
    struct w3p_metadata *md;
    const struct w3p_md_pallet *system, *market;
    const struct w3p_md_entry *account, *files;
    const struct w3p_md_entry *market_open, *base_fee, *byte_fee, *keys_fee; // base_fee may be NULL: none is charged
    enum w3p_crust_layout layout;
    uint8_t call_index;
    bool call_has_memo;
    bool has_batch; // Utility.batch, in a form that is known
    uint8_t utility_index, batch_index;
    uint64_t size_max;
    w3p_u128 existential_deposit;
    bool has_ss58_prefix, has_timestamp;
    uint16_t ss58_prefix;
    enum w3p_address_form address_form;
};

// Which node is behind an endpoint, by its own word (system_localPeerId).
struct w3p_crust_peer {
    enum { W3P_CRUST_UNASKED, W3P_CRUST_NAMED, W3P_CRUST_NAMELESS } kind; // nameless: it answers, and does not say
    char name[W3P_CRUST_PEER_MAX];
};

struct w3p_crust_endpoint {
    struct w3p_rpc *rpc;
    char *url;
    struct w3p_crust_peer peer; // at the last check
    bool wrong_chain;           // dropped: on another genesis
    bool no_query_at;           // has no state_queryStorageAt
    unsigned slow;              // answers in a row that took long
    bool syncing;               // at the last check
    uint64_t final_seen;        // at the last check
    unsigned failures;          // in a row
    struct w3p_errmsg why;      // of the last one
    int64_t retry_at_ms;        // not used before; 0: any time
    int64_t checked_at_ms;      // genesis was right then; 0: check before use
    int64_t against_at_ms;      // it contradicted another endpoint then; 0: never
    uint32_t refused_spec;      // its metadata of this version was refused, with this sentence
    struct w3p_errmsg refused;
};

struct w3p_crust {
    struct w3p_chain chain;
    const struct w3p_crust_settings *settings;
    struct w3p_keypair *key;
    uint8_t account32[32];
    struct w3p_crust_endpoint endpoints[W3P_CRUST_ENDPOINTS_MAX];
    size_t endpoint_count;
    int current; // index of the endpoint in use, -1: none
    bool have_genesis;
    uint8_t genesis32[32];
    uint64_t final_seen; // highest finalized block that any endpoint told
    int64_t rotate_at_ms;
    int64_t vote_at_ms;                  // no vote on the terms before
    uint8_t sent[W3P_CRUST_SENT_MAX][8]; // begins of the hashes of what was sent last, a ring
    size_t sent_next;
    struct w3p_crust_runtime *runtime; // NULL until the first refresh
    int64_t runtime_checked_at_ms;     // 0: check before the next use
    char token_symbol[16];
    unsigned token_decimals;
    int ss58_property;          // -1: none
    struct w3p_chain_head seen; // the last head …
    int64_t seen_at_ms;         // … and when its endpoint was last asked for its health; 0: none
    int seen_endpoint;
    atomic_int in_use; // current, for other threads
    struct w3p_crust_watch *watch;
    _Atomic uint64_t watch_final; // furthest finalized block that it saw
    w3p_u128 tx_fee;
    int64_t tx_fee_at_ms; // 0: unknown
    atomic_bool interrupted;
};

static inline struct w3p_crust *w3p_crust_of(struct w3p_chain *chain)
{
    return (struct w3p_crust *)(void *)chain;
}

// crust_endpoints.c
int w3p_crust_endpoints_open(struct w3p_crust *c, struct w3p_errmsg *msg) W3P_NODISCARD;
void w3p_crust_endpoints_close(struct w3p_crust *c);
// One call at the endpoint in use, after choosing one if there is none; goes on to the next when it fails.
// keep_errors: error objects of every kind are the answer (W3P_E_REMOTE). Otherwise only "no such method" and "no such
// state" are, and anything else counts as a failing endpoint.
int w3p_crust_rpc(struct w3p_crust *c, struct w3p_errmsg *msg, json_t **result, struct w3p_rpc_error *error,
                  const char *method, json_t *params, bool keep_errors) W3P_NODISCARD;
// Every operation ends with it. Gives err back; after an answer that makes no sense, or none where there must be one,
// another endpoint, if there is one, takes over at the next call.
int w3p_crust_end(struct w3p_crust *c, const struct w3p_errmsg *msg, int err);
// Another endpoint takes over when there is one that answers: for what the one in use has not got any more.
bool w3p_crust_other_endpoint(struct w3p_crust *c);
void w3p_crust_back_to(struct w3p_crust *c, int endpoint);
// The same extrinsic to the other endpoints, too; what they say does not matter.
void w3p_crust_tell_others(struct w3p_crust *c, const uint8_t *bytes, size_t len);
// One call at endpoint i, whichever is in use: to hear a second opinion. W3P_E_BUSY while it is left alone after a
// failure. A transport that fails counts as the endpoint's failure.
int w3p_crust_ask(struct w3p_crust *c, struct w3p_errmsg *msg, size_t i, json_t **result, const char *method,
                  json_t *params) W3P_NODISCARD;
// The one in use is contradicted by most others: one of those takes over, and it is left alone for minutes.
void w3p_crust_outvote(struct w3p_crust *c, const struct w3p_errmsg *why);
// The finalized head that the one in use gave cannot be: the same, and what it says of its head does not count.
void w3p_crust_distrust(struct w3p_chain *chain, const struct w3p_errmsg *why);
// Something does not fit (bad signature, unknown block): look at genesis and runtime again before the next use.
void w3p_crust_doubt(struct w3p_crust *c);
// Remembers how far the endpoint in use is. When it syncs, lags or stands still, another one takes over if it is
// better; looked at every 30 s at most.
void w3p_crust_note_head(struct w3p_crust *c, const struct w3p_chain_head *head);

// crust_voices.c
// Asks a node which one it is. Errors are those of the transport.
int w3p_crust_peer_ask(struct w3p_rpc *rpc, struct w3p_errmsg *msg, struct w3p_crust_peer *out) W3P_NODISCARD;
bool w3p_crust_peer_same(const struct w3p_crust_peer *a, const struct w3p_crust_peer *b); // both have one name
// How many nodes speak for a thing: several endpoints of one node are one voice, and those that do not say which node
// they are might be any of the others, or all the same one.
struct w3p_crust_voices {
    const struct w3p_crust_peer *named[W3P_CRUST_ENDPOINTS_MAX];
    size_t count; // of `named`
    bool nameless;
    size_t opinions; // endpoints
};
void w3p_crust_voices_add(struct w3p_crust_voices *voices, const struct w3p_crust_peer *peer);
// How many different nodes they are at least, if none of them lies about its name.
size_t w3p_crust_voices_least(const struct w3p_crust_voices *voices);

// crust_head.c
int w3p_crust_head(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_head *out) W3P_NODISCARD;

// crust_watch.c
void w3p_crust_watch_interrupt(struct w3p_crust *c);
// An endpoint contradicted another one; shown by w3p_crust_status.
void w3p_crust_watch_contradicted(struct w3p_crust *c, size_t i, const char *text);
// Its finalized block does not count for W3P_CRUST_DISTRUST_MS.
void w3p_crust_watch_distrust(struct w3p_crust *c, size_t i, const char *text);

// crust_runtime.c
int w3p_crust_runtime_parse(struct w3p_crust_runtime **out, struct w3p_errmsg *msg, const char *spec_name,
                            const uint8_t *bytes, size_t len) W3P_NODISCARD;
void w3p_crust_runtime_free(struct w3p_crust_runtime *rt);
// Runtime version and metadata at a block (NULL: the best one), parsed.
int w3p_crust_runtime_load(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_crust_runtime **out,
                           const uint8_t at_hash32[32]) W3P_NODISCARD;
// Spec version at a block.
int w3p_crust_version_at(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_crust_runtime *out,
                         const uint8_t at_hash32[32]) W3P_NODISCARD;
// Endpoint and runtime are there and fresh. Every operation begins with it.
int w3p_crust_ready(struct w3p_crust *c, struct w3p_errmsg *msg) W3P_NODISCARD;

// crust_state.c
struct w3p_crust_header {
    uint64_t number;
    uint8_t parent32[32];
};
int w3p_crust_header(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_crust_header *out,
                     const uint8_t hash32[32]) W3P_NODISCARD;
int w3p_crust_final_head(struct w3p_crust *c, struct w3p_errmsg *msg, uint8_t hash32[32],
                         uint64_t *number) W3P_NODISCARD;
// A storage item to read: key in, value out.
struct w3p_crust_item {
    struct w3p_buf key, value;
    bool present;
};
void w3p_crust_item_init(struct w3p_crust_item *item);
void w3p_crust_item_deinit(struct w3p_crust_item *item);
void w3p_crust_item_plain(struct w3p_crust_item *item, const char *prefix, const char *name); // sets the key
// All items at one block in one round trip (one each where the node cannot).
int w3p_crust_read(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_crust_item *items, size_t n,
                   const uint8_t at_hash32[32]) W3P_NODISCARD;

// crust_files.c
int w3p_crust_file_decode(struct w3p_chain_file *out, enum w3p_crust_layout layout, const uint8_t *bytes,
                          size_t len) W3P_NODISCARD;
int w3p_crust_files(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_file *out,
                    const char *const *cids, size_t n, const uint8_t at_hash32[32]) W3P_NODISCARD;

// crust_terms.c
int w3p_crust_terms(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_terms *out,
                    const uint8_t at_hash32[32]) W3P_NODISCARD;
// What the runtime of this block would charge for this extrinsic if it were `len` bytes long, by its metadata.
// W3P_E_REMOTE: it does not say.
int w3p_crust_query_fee(struct w3p_crust *c, struct w3p_errmsg *msg, w3p_u128 *out, const struct w3p_metadata *md,
                        struct w3p_span xt, size_t len, const uint8_t at_hash32[32]) W3P_NODISCARD;
// An extrinsic of n such orders, valid nowhere: what a fee is asked for.
struct w3p_crust_dummy_call {
    struct w3p_chain_order order;
    uint32_t nonce;
    size_t n;
    bool batch;
};
// Of the usual length, with the tip that all orders have.
#define W3P_CRUST_USUAL(c)                                                                                             \
    .order = {.cid = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",                                    \
              .size = UINT32_MAX,                                                                                      \
              .tip = (c)->chain.tip,                                                                                   \
              .is_folder = true},                                                                                      \
    .nonce = 1u << 20
int w3p_crust_dummy(struct w3p_crust *c, struct w3p_buf *out, const struct w3p_crust_runtime *rt,
                    const struct w3p_crust_dummy_call *what) W3P_NODISCARD;

// What the account has at a block, reserved and all. 0 when it does not exist.
int w3p_crust_balance_at(struct w3p_crust *c, struct w3p_errmsg *msg, w3p_u128 *out,
                         const uint8_t at_hash32[32]) W3P_NODISCARD;

// crust_files.c
void w3p_crust_file_key(struct w3p_buf *out, const struct w3p_crust_runtime *rt, const char *cid);

// crust_opinion.c: endpoint i is asked, whichever is in use.
int w3p_crust_ask_hash(struct w3p_crust *c, struct w3p_errmsg *msg, size_t i, uint8_t hash32[32], const char *method,
                       json_t *params) W3P_NODISCARD;
int w3p_crust_ask_final(struct w3p_crust *c, struct w3p_errmsg *msg, size_t i, uint64_t *number) W3P_NODISCARD;
// The value of this key at that block.
int w3p_crust_ask_item(struct w3p_crust *c, struct w3p_errmsg *msg, size_t i, struct w3p_crust_item *out,
                       const struct w3p_buf *key, const uint8_t at_hash32[32]) W3P_NODISCARD;
// Is its value of the item at that block this one?
int w3p_crust_compare_item(struct w3p_crust *c, struct w3p_errmsg *msg, size_t i, bool *same,
                           const struct w3p_crust_item *item, const uint8_t at_hash32[32]) W3P_NODISCARD;
// Into the log and /readyz.
void w3p_crust_contradicted(struct w3p_crust *c, size_t i, const struct w3p_errmsg *why);
// What the endpoint in use says at a finalized block of the market and our account.
struct w3p_crust_terms_view {
    uint64_t number;
    const uint8_t *hash32;
    const struct w3p_crust_item *items;
    size_t count;
};
// Now and then, with three endpoints or more. W3P_E_PROTOCOL: most contradict it, another one is used from now on.
int w3p_crust_vote_terms(struct w3p_crust *c, struct w3p_errmsg *msg,
                         const struct w3p_crust_terms_view *view) W3P_NODISCARD;

// crust_disprove.c
int w3p_crust_disprove(struct w3p_chain *chain, struct w3p_errmsg *msg, const struct w3p_chain_prior *prior,
                       uint32_t new_nonce, const struct w3p_chain_head *head) W3P_NODISCARD;

// crust_order.c
// The call of one order, or a Utility.batch of n.
int w3p_crust_call_put(struct w3p_buf *out, const struct w3p_crust_runtime *rt, const struct w3p_chain_order *orders,
                       size_t n, bool batch) W3P_NODISCARD;
int w3p_crust_sign(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_tx *out,
                   const struct w3p_chain_order *orders, size_t n, uint32_t nonce) W3P_NODISCARD;
enum w3p_submit w3p_crust_submit(struct w3p_chain *chain, struct w3p_errmsg *msg, const uint8_t *bytes, size_t len);
enum w3p_submit w3p_crust_submit_verdict(const struct w3p_rpc_error *error);
int w3p_crust_find(struct w3p_chain *chain, struct w3p_errmsg *msg, int32_t *index, const uint8_t (*hashes32)[32],
                   size_t n, const uint8_t block_hash32[32]) W3P_NODISCARD;

// One extrinsic of a block. W3P_E_NOTFOUND when the node does not have the block, or that many in it.
int w3p_crust_extrinsic(struct w3p_crust *c, struct w3p_errmsg *msg, struct w3p_buf *out, uint32_t index,
                        const uint8_t block_hash32[32]) W3P_NODISCARD;

// crust_outcome.c
// Judges the events of a block. out->known is false when they cannot be walked up to our last record, or contradict
// each other. Gives how many orders the runtime tried.
size_t w3p_crust_judge(struct w3p_chain_outcome *out, const struct w3p_metadata *md, struct w3p_span events,
                       uint32_t index, const uint8_t account32[32], const char *const *cids, size_t n);
int w3p_crust_outcome(struct w3p_chain *chain, struct w3p_errmsg *msg, struct w3p_chain_outcome *out,
                      const char *const *cids, size_t n, uint32_t index, const uint8_t block_hash32[32]) W3P_NODISCARD;

#endif
