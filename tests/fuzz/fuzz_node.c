// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a node that answers anything, under the whole Crust backend: an order from its terms to its outcome and
// replicas. The target stands in for src/net and lets the simulated chain answer; the input spoils single answers.
// Input: a byte (1 and 2: the runtime; 4: an hour later once more), then patches, each `number of the answer, kind,
// length, bytes`. Kinds: 0 the bytes are the answer; 1 they are its result; 2 they are its error; 3 they come in front
// of it as a message; 4 byte pairs (place/256, new byte) are written over it; 5 it is cut to bytes[0]/256 of its
// length; 6 the connection fails with error bytes[0]; 7 the bytes are put over the first hex digits of its result; 8
// they are `old=new` of one length, and old becomes new wherever it stands in hex.
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/log.h"
#include "crust/crust_internal.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "devnet/devnet.h"

#define CID "QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM"
#define CID_OTHER "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
#define START_MS 1700000000000
#define ANSWER_MAX (1u << 20)
#define PEER_ID_NUMBER 255

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

// ---- in the place of src/net ----

struct w3p_net {
    struct w3p_buf messages[2]; // one unasked message and the answer
    size_t first, count;
};

static struct {
    struct w3p_devnet *chain;
    const uint8_t *patches;
    size_t len;
    unsigned answers; // given so far
    int64_t now_ms;
} node;

void w3p_net_global_init(void)
{
}

int w3p_net_create(struct w3p_net **out, struct w3p_errmsg *msg, const struct w3p_net_conf *conf)
{
    (void)msg;
    require(conf->url != NULL);
    *out = w3p_calloc(1, sizeof(**out));
    return W3P_OK;
}

void w3p_net_reset(struct w3p_net *net)
{
    for (; net->first < net->count; net->first++)
        w3p_buf_deinit(&net->messages[net->first]);
    net->first = net->count = 0;
}

void w3p_net_destroy(struct w3p_net *net)
{
    if (net != NULL)
        w3p_net_reset(net);
    free(net);
}

void w3p_net_interrupt(struct w3p_net *net)
{
    (void)net;
}

void w3p_net_redact(const struct w3p_net *net, char *text)
{
    (void)net;
    (void)text;
}

const char *w3p_net_host(const struct w3p_net *net)
{
    (void)net;
    return "node";
}

struct patch {
    uint8_t kind;
    const uint8_t *bytes;
    size_t len;
};

static void put_wrapped(struct w3p_buf *out, const char *member, const struct patch *patch, const char *request)
{
    const char *id = strstr(request, "\"id\":"), *end = id != NULL ? strchr(id, ',') : NULL;
    require(end != NULL);
    w3p_buf_reset(out);
    w3p_buf_put_str(out, "{");
    w3p_buf_put(out, id, (size_t)(end - id));
    w3p_buf_printf(out, ",\"%s\":", member);
    w3p_buf_put(out, patch->bytes, patch->len);
    w3p_buf_put_str(out, "}");
}

static void write_over(struct w3p_buf *answer, const struct patch *patch)
{
    static const char start[] = "\"result\":\"0x";
    uint8_t *hex = memmem(answer->ptr, answer->len, start, sizeof(start) - 1);
    for (size_t i = 0; patch->kind == 4 && i + 1 < patch->len; i += 2)
        answer->ptr[answer->len * patch->bytes[i] / 256] = patch->bytes[i + 1];
    for (size_t i = 0; patch->kind == 7 && hex != NULL && i < patch->len; i++) {
        uint8_t *at = hex + sizeof(start) - 1 + 2 * i;
        if (at + 2 > answer->ptr + answer->len || at[0] == '"')
            break;
        char two[3];
        w3p_hex_encode(two, patch->bytes + i, 1);
        memcpy(at, two, 2);
    }
}

static void rename_in_hex(struct w3p_buf *answer, const struct patch *patch)
{
    char old[2 * 128 + 1], new[2 * 128 + 1];
    size_t len = patch->len / 2;
    if (patch->len % 2 == 0 || len == 0 || len > 127)
        return;
    w3p_hex_encode(old, patch->bytes, len);
    w3p_hex_encode(new, patch->bytes + len + 1, len);
    uint8_t *at = answer->ptr, *end = answer->ptr + answer->len;
    while ((at = memmem(at, (size_t)(end - at), old, 2 * len)) != NULL) {
        memcpy(at, new, 2 * len);
        at += 2 * len;
    }
}

// An error, or W3P_OK with the answer spoilt.
static int spoil(struct w3p_net *net, struct w3p_buf *answer, const struct patch *patch, const char *request)
{
    switch (patch->kind) {
    case 0:
        w3p_buf_reset(answer);
        w3p_buf_put(answer, patch->bytes, patch->len);
        break;
    case 1:
    case 2:
        put_wrapped(answer, patch->kind == 1 ? "result" : "error", patch, request);
        break;
    case 3:
        if (net->count == 0) {
            w3p_buf_init(&net->messages[0], ANSWER_MAX);
            w3p_buf_put(&net->messages[net->count++], patch->bytes, patch->len);
        }
        break;
    case 5:
        if (patch->len > 0)
            answer->len = answer->len * patch->bytes[0] / 256;
        break;
    case 6:
        return patch->len > 0 && patch->bytes[0] % 2 == 1 ? W3P_E_UNREACHABLE : W3P_E_CLOSED;
    case 8:
        if (answer->len > 0)
            rename_in_hex(answer, patch);
        break;
    default:
        if (answer->len > 0)
            write_over(answer, patch);
        break;
    }
    return W3P_OK;
}

int w3p_net_send(struct w3p_net *net, struct w3p_errmsg *msg, const char *text, size_t len)
{
    struct w3p_buf answer;
    int err = W3P_OK;
    w3p_net_reset(net);
    w3p_buf_init(&answer, ANSWER_MAX);
    w3p_devnet_handle(node.chain, &answer, text, len);
    // which node it is, is asked whenever a connection is new: it does not move the others' numbers
    bool counts = memmem(text, len, "system_localPeerId", 18) == NULL;
    unsigned number = counts ? node.answers : PEER_ID_NUMBER;
    for (size_t at = 0; at + 3 <= node.len && err == W3P_OK;) {
        const uint8_t *p = node.patches + at;
        size_t left = node.len - at - 3, bytes = p[2] < left ? p[2] : left;
        struct patch patch = {.kind = p[1] % 9, .bytes = p + 3, .len = bytes};
        if (p[0] == number)
            err = spoil(net, &answer, &patch, text);
        at += 3 + bytes;
    }
    node.answers += counts && node.answers < PEER_ID_NUMBER - 1 ? 1 : 0;
    if (err != W3P_OK) {
        w3p_buf_deinit(&answer);
        w3p_net_reset(net);
        return w3p_fail(msg, err, "node: fails");
    }
    net->messages[net->count++] = answer;
    return W3P_OK;
}

int w3p_net_recv(struct w3p_net *net, struct w3p_errmsg *msg, struct w3p_buf *out, unsigned timeout_ms)
{
    (void)timeout_ms;
    if (net->first == net->count)
        return w3p_fail(msg, W3P_E_STATE, "node: nothing was sent");
    struct w3p_buf *message = &net->messages[net->first++];
    w3p_buf_put(out, message->ptr, message->len);
    w3p_buf_deinit(message);
    return w3p_buf_status(out);
}

// ---- the story of one order ----

static void new_blocks(unsigned count)
{
    for (; count > 0; count--) {
        node.now_ms += 6000;
        w3p_clock_fake(&node.now_ms);
        w3p_devnet_new_block(node.chain, (uint64_t)node.now_ms);
    }
}

static void check_error(int err, struct w3p_errmsg *msg)
{
    require(err == W3P_OK || msg->text[0] != '\0');
    for (const char *c = msg->text; *c != '\0'; c++)
        require((uint8_t)*c >= ' ' && *c != 0x7f); // one line, whatever the node said
    msg->text[0] = '\0';
}

static void check_terms(struct w3p_chain *chain, const struct w3p_chain_head *head)
{
    static const struct w3p_chain_terms none;
    struct w3p_errmsg msg = {""};
    struct w3p_chain_terms terms = {0};
    int err = chain->ops->terms(chain, &msg, &terms, head->final_hash32);
    check_error(err, &msg);
    if (err != W3P_OK)
        require(memcmp(&terms, &none, sizeof(terms)) == 0);
    else
        (void)w3p_chain_price(&terms, 1u << 20);
}

// A transaction that comes out is whole, and dies after it is born.
static bool check_sign(struct w3p_chain *chain, struct w3p_chain_tx *tx)
{
    struct w3p_chain_order order = {.cid = CID, .size = 1000, .tip = 3};
    struct w3p_errmsg msg = {""};
    uint8_t hash32[32];
    memset(tx, 0, sizeof(*tx));
    int err = chain->ops->sign(chain, &msg, tx, &order, 1, 0);
    check_error(err, &msg);
    if (err != W3P_OK)
        return false;
    require(tx->len > 0 && tx->len <= W3P_CHAIN_TX_MAX && tx->death_block > tx->birth_block);
    w3p_blake2b_256(hash32, tx->bytes, tx->len);
    require(memcmp(hash32, tx->hash32, 32) == 0);
    return true;
}

static void check_outcome(struct w3p_chain *chain, const struct w3p_chain_tx *tx, const struct w3p_chain_head *head)
{
    struct w3p_errmsg msg = {""};
    static const char *const cids[] = {CID};
    struct w3p_chain_outcome out;
    int32_t index[2] = {-2, -2};
    uint8_t hashes[2][32] = {{0}};
    memcpy(hashes[1], tx->hash32, 32);
    int err = chain->ops->find(chain, &msg, index, (const uint8_t(*)[32])hashes, 2, head->best_hash32);
    check_error(err, &msg);
    if (err == W3P_OK)
        require(index[0] >= -1 && index[1] >= -1);
    uint32_t at = err == W3P_OK && index[1] >= 0 ? (uint32_t)index[1] : 1;
    err = chain->ops->outcome(chain, &msg, &out, cids, 1, at, head->best_hash32);
    if (err == W3P_OK)
        msg.text[0] = '\0'; // "not known" may say why
    check_error(err, &msg);
    const struct w3p_chain_item *item = &out.items[0];
    require(out.known || (item->end == W3P_ITEM_NOT_TRIED && item->price == 0 && item->error[0] == '\0'));
    require(memchr(item->error, 0, sizeof(item->error)) != NULL);
}

// A transaction of two orders: one of a new content, and one that the chain refuses, since the content that is there
// is larger. The endpoints that are not in use are told, too, and the one in use is outvoted at last.
static void tell_batch(struct w3p_chain *chain)
{
    static const char *const cids[] = {CID_OTHER, CID};
    struct w3p_chain_order orders[] = {{.cid = CID_OTHER, .size = 1000}, {.cid = CID, .size = 1}};
    struct w3p_crust *crust = w3p_crust_of(chain);
    struct w3p_errmsg msg = {""}, why = {"outvoted"};
    struct w3p_chain_outcome out;
    struct w3p_chain_head head = {0};
    struct w3p_chain_tx tx = {.len = 0};
    w3p_u128 fee = 0;
    int32_t index = -1;
    int err = chain->ops->head(chain, &msg, &head);
    check_error(err, &msg);
    err = w3p_crust_order_fee(chain, &msg, &fee, &orders[0], 1, head.final_hash32);
    check_error(err, &msg);
    err = chain->ops->sign(chain, &msg, &tx, orders, 2, 1);
    check_error(err, &msg);
    if (err == W3P_OK) {
        require(chain->ops->submit(chain, &msg, tx.bytes, tx.len) <= W3P_SUBMIT_UNCLEAR);
        w3p_crust_tell_others(crust, tx.bytes, tx.len);
        msg.text[0] = '\0';
    }
    new_blocks(1);
    err = chain->ops->head(chain, &msg, &head);
    check_error(err, &msg);
    err = chain->ops->find(chain, &msg, &index, (const uint8_t(*)[32])tx.hash32, 1, head.best_hash32);
    check_error(err, &msg);
    err = chain->ops->outcome(chain, &msg, &out, cids, 2, index >= 0 ? (uint32_t)index : 1, head.best_hash32);
    if (err == W3P_OK)
        msg.text[0] = '\0'; // "not known" may say why
    check_error(err, &msg);
    for (size_t i = 0; i < 2; i++) {
        require(out.known || out.items[i].end == W3P_ITEM_NOT_TRIED);
        require(memchr(out.items[i].error, 0, sizeof(out.items[i].error)) != NULL);
    }
    w3p_crust_outvote(crust, &why);
    check_error(chain->ops->head(chain, &msg, &head), &msg);
    chain->ops->distrust(chain, &why);
    check_error(chain->ops->head(chain, &msg, &head), &msg);
}

static void check_files(struct w3p_chain *chain, const struct w3p_chain_head *head)
{
    static const struct w3p_chain_file none[2];
    const char *const cids[] = {CID, "QmNotThere"};
    struct w3p_errmsg msg = {""};
    struct w3p_chain_file files[2];
    int err = chain->ops->files(chain, &msg, files, cids, 2, head->best_hash32);
    check_error(err, &msg);
    for (size_t i = 0; i < 2; i++) {
        struct w3p_chain_file zeros = none[i];
        if (!files[i].exists)
            require(files[i].size == zeros.size && files[i].replicas == 0 && files[i].expires_at_block == 0);
    }
    require(err == W3P_OK || (!files[0].exists && !files[1].exists));
}

static void tell(struct w3p_chain *chain)
{
    struct w3p_errmsg msg = {""};
    struct w3p_chain_info info;
    struct w3p_chain_head head = {0};
    struct w3p_chain_tx tx;
    int err = chain->ops->info(chain, &msg, &info);
    check_error(err, &msg);
    err = chain->ops->head(chain, &msg, &head);
    check_error(err, &msg);
    check_terms(chain, &head);
    if (check_sign(chain, &tx)) {
        enum w3p_submit verdict = chain->ops->submit(chain, &msg, tx.bytes, tx.len);
        require(verdict <= W3P_SUBMIT_UNCLEAR);
        msg.text[0] = '\0';
    }
    new_blocks(1);
    err = chain->ops->head(chain, &msg, &head);
    check_error(err, &msg);
    err = chain->ops->block_hash(chain, &msg, head.final_hash32, 1);
    check_error(err, &msg);
    check_outcome(chain, &tx, &head);
    check_files(chain, &head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const runtimes[] = {"rocky-4", "crust-25", "crust-1"};
    static const char *const fund[] = {"//Alice"};
    static char endpoints[] = "http://a, http://b";
    static const struct w3p_crust_settings settings = {.endpoints = endpoints,
                                                       .era_blocks = 64,
                                                       .connect_timeout_ms = 1000,
                                                       .reply_timeout_ms = 60000,
                                                       .reply_max_bytes = ANSWER_MAX};
    struct w3p_errmsg msg = {""};
    struct w3p_chain *chain = NULL;
    if (size == 0)
        return 0;
    w3p_crypto_init();
    w3p_log_set_level(W3P_LOG_OFF);
    node.patches = data + 1;
    node.len = size - 1;
    node.answers = 0;
    node.now_ms = START_MS;
    struct w3p_devnet_conf conf = {.runtime = runtimes[(data[0] & 3) % 3],
                                   .fund = fund,
                                   .fund_count = 1,
                                   .replicas_after = 1,
                                   .storage_nodes = 2,
                                   .finality_lag = 1,
                                   .start_ms = START_MS};
    require(w3p_devnet_create(&node.chain, &msg, &conf) == W3P_OK);
    new_blocks(3);
    struct w3p_keypair *key = w3p_secret_alloc(sizeof(*key));
    require(w3p_keypair_from_uri(key, NULL, W3P_KEY_SR25519, "//Alice") == W3P_OK);
    require(w3p_crust_create(&chain, &msg, &(struct w3p_crust_conf){&settings, key}) == W3P_OK);
    tell(chain);
    new_blocks(4);
    tell(chain);
    if ((data[0] & 4) != 0) {
        node.now_ms += 3600000; // long enough for everything to be looked at again
        tell(chain);
    }
    tell_batch(chain);
    chain->ops->destroy(chain);
    w3p_devnet_destroy(node.chain);
    return 0;
}
