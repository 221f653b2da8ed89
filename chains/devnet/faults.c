// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see faults.h: the table, the parts of a setting, chances and counts.
#include "devnet/faults.h"

#include <string.h>

#include "devnet/core.h"

#define MILLION 1000000u
#define SUBMIT "author_submitExtrinsic"
#define ON_CALLS (W3P_DEVNET_FAULT_CHANCE | W3P_DEVNET_FAULT_METHODS)
#define ON_SUBMIT (W3P_DEVNET_FAULT_CHANCE | W3P_DEVNET_FAULT_TAKEN)

#define CALLS(id, label, who, text)                                                                                    \
    [W3P_DEVNET_FAULT_##id] = {.name = label, .method = who, .help = text, .takes = ON_CALLS}
#define VALUED(id, label, what, start, most, text)                                                                     \
    [W3P_DEVNET_FAULT_##id] = {.name = label,                                                                          \
                               .unit = what,                                                                           \
                               .method = "*",                                                                          \
                               .help = text,                                                                           \
                               .value = start,                                                                         \
                               .value_max = most,                                                                      \
                               .takes = ON_CALLS}
#define REFUSES(id, label, text)                                                                                       \
    [W3P_DEVNET_FAULT_##id] = {.name = label, .method = SUBMIT, .help = text, .takes = ON_SUBMIT}
#define STATE(id, label, text, handler) [W3P_DEVNET_FAULT_##id] = {.name = label, .help = text, .changed = handler}
#define BLOCKS(id, label, start, most, text, handler)                                                                  \
    [W3P_DEVNET_FAULT_##                                                                                               \
        id] = {.name = label, .unit = "blocks", .help = text, .value = start, .value_max = most, .changed = handler}

const struct w3p_devnet_fault_row w3p_devnet_fault_rows[W3P_DEVNET_FAULT_COUNT] = {
    CALLS(REPLY_LOST, "reply-lost", SUBMIT, "the request is done, and the connection ends without an answer"),
    CALLS(REQUEST_LOST, "request-lost", SUBMIT, "the connection ends, and the request was never seen"),
    VALUED(DELAY, "delay", "ms", 1000, 3600000, "the answer comes this much later"),
    CALLS(DUPLICATE, "duplicate", "*", "the answer comes twice (HTTP: twice in one body)"),
    CALLS(MALFORMED, "malformed", "*", "the answer is JSON with its end missing"),
    VALUED(OVERSIZED, "oversized", "bytes", 33554432, 62914560, "the answer is correct and this long"),
    VALUED(ENDLESS, "endless", "ms", 20, 60000, "the answer never ends; a piece comes every so often"),
    VALUED(DEEP, "deep", "levels", 100000, 1000000, "the result lies this deep in arrays"),
    CALLS(WRONG_ID, "wrong-id", "*", "the answer has the id of another request"),
    CALLS(RESET, "reset", "*", "the request is done, and the connection is reset"),
    CALLS(CLOSE, "close", "*", "the request is done, and a close frame comes instead of the answer"),
    CALLS(CUT, "cut", "*", "the connection ends in the middle of the answer or its frame"),
    REFUSES(STALE, "1010-stale", "refused: the nonce is below the account's"),
    REFUSES(FUTURE, "1010-future", "refused: the nonce is above the account's"),
    REFUSES(BAD_PROOF, "1010-bad-signature", "refused: the signature does not fit"),
    REFUSES(ANCIENT, "1010-ancient", "refused: the birth block is too old"),
    REFUSES(PAYMENT, "1010-payment", "refused: the account cannot pay the fee"),
    REFUSES(EXHAUSTS, "1010-exhausts", "refused: no room in a block"),
    REFUSES(CALL, "1010-call", "refused: the call is not expected"),
    REFUSES(MANDATORY, "1010-mandatory", "refused: nobody may sign such a call"),
    REFUSES(BAD_MANDATORY, "1010-bad-mandatory", "refused: a call that must not fail has failed"),
    REFUSES(CUSTOM, "1010-custom", "refused: an error of the chain's own"),
    REFUSES(UNKNOWN, "1011-unknown", "refused: the validity cannot be told"),
    REFUSES(BANNED, "1012-banned", "refused: the same bytes were invalid or in a block a moment ago"),
    REFUSES(KNOWN, "1013-known", "refused: the pool has it already"),
    REFUSES(PRIORITY, "1014-priority", "refused: another one has its nonce in the pool"),
    REFUSES(POOL_FULL, "1016-pool-full", "refused: the pool is full"),
    BLOCKS(FORK, "fork", 2, 64, "once, over an extrinsic this deep: it comes back into the pool later", NULL),
    BLOCKS(FORK_MOVED, "fork-moved", 2, 64, "the same, but it is in another block of the new branch at once", NULL),
    BLOCKS(FORK_DROPPED, "fork-dropped", 2, 64, "the same, but it is gone, and banned for 30 minutes", NULL),
    STATE(FINALITY_HALTED, "finality-halted", "the finalized block stays where it is", NULL),
    BLOCKS(FINALITY_LAG, "finality-lag", 20, 1000, "the finalized block is this far behind", NULL),
    BLOCKS(LAG, "lag", 10, 1000, "the second node is this far behind, and passes on what it takes so much later",
           w3p_devnet_lag_changed),
    STATE(NO_GOSSIP, "no-gossip", "what the second node takes never reaches the first", NULL),
    STATE(SAME_PEER, "same-peer", "the second node has the first one's peer id", NULL),
    BLOCKS(PRUNED, "pruned", 256, 1000, "the first node has states of this many blocks below its head only",
           w3p_devnet_pruned_changed),
    BLOCKS(UPGRADE, "upgrade", 1, 1000,
           "once, so many blocks later: a runtime whose calls and events have other indices",
           w3p_devnet_upgrade_changed),
    STATE(MARKET_OFF, "market-off", "the storage market is switched off", w3p_devnet_market_off_changed),
    [W3P_DEVNET_FAULT_BALANCE_GONE] = {.name = "balance-gone",
                                       .unit = "planck",
                                       .value_max = INT64_MAX,
                                       .help = "accounts of --fund have this left, until it ends",
                                       .changed = w3p_devnet_balance_gone_changed},
};

// Randomness ---------------------------------------------------------------------------------------------------------

void w3p_devnet_fault_seed(struct w3p_devnet *net, uint64_t seed)
{
    net->faults.seed = seed;
}

// Uniform below a million, near enough: a mixed counter.
static uint32_t draw_ppm(struct w3p_devnet_faults *faults)
{
    uint64_t z = faults->seed += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) % MILLION);
}

// Settings -----------------------------------------------------------------------------------------------------------

void w3p_devnet_fault_names(struct w3p_buf *out)
{
    for (size_t i = 0; i < W3P_DEVNET_FAULT_COUNT; i++)
        w3p_buf_printf(out, "%s%s", i > 0 ? " " : "", w3p_devnet_fault_rows[i].name);
}

// "1", "0", "0.25" as parts of a million; false when the text is none of these.
static bool parse_chance(uint32_t *ppm, struct w3p_span text)
{
    uint32_t value = 0, scale = MILLION;
    if (text.len == 0 || text.len > 8 || (text.ptr[0] != '0' && text.ptr[0] != '1'))
        return false;
    value = text.ptr[0] == '1' ? MILLION : 0;
    if (text.len > 1 && (text.ptr[1] != '.' || text.len == 2))
        return false;
    for (size_t i = 2; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        scale /= 10;
        value += (uint32_t)(text.ptr[i] - '0') * scale;
    }
    *ppm = value;
    return value <= MILLION;
}

// A whole number with this suffix ("" for none).
static bool parse_number(uint64_t *out, struct w3p_span text, const char *suffix)
{
    size_t tail = strlen(suffix);
    return text.len > tail && memcmp(text.ptr + text.len - tail, suffix, tail) == 0 &&
           w3p_u64_parse(out, (const char *)text.ptr, text.len - tail) == W3P_OK;
}

static int bad_part(struct w3p_errmsg *msg, const struct w3p_devnet_fault_row *row, struct w3p_span part)
{
    bool chance = (row->takes & W3P_DEVNET_FAULT_CHANCE) != 0;
    return w3p_fail(msg, W3P_E_INVALID, "fault %s takes %s%s%s%s%s, not '%.*s'", row->name,
                    chance ? "a chance (0 to 1), a count (3x), node1, node2" : "0 or 1",
                    (row->takes & W3P_DEVNET_FAULT_METHODS) != 0 ? ", @METHOD" : "",
                    (row->takes & W3P_DEVNET_FAULT_TAKEN) != 0 ? ", taken" : "",
                    row->unit != NULL ? ", or a value in " : "", row->unit != NULL ? row->unit : "",
                    (int)(part.len < 40 ? part.len : 40), (const char *)part.ptr);
}

static int set_value(struct w3p_devnet_fault_state *state, struct w3p_errmsg *msg,
                     const struct w3p_devnet_fault_row *row, uint64_t value)
{
    if (value > row->value_max)
        return w3p_fail(msg, W3P_E_RANGE, "fault %s takes at most %llu%s", row->name,
                        (unsigned long long)row->value_max, row->unit);
    state->value = value;
    return W3P_OK;
}

static int set_part(struct w3p_devnet_fault_state *state, struct w3p_errmsg *msg,
                    const struct w3p_devnet_fault_row *row, struct w3p_span part)
{
    bool chance = (row->takes & W3P_DEVNET_FAULT_CHANCE) != 0;
    uint64_t number = 0;
    if (row->unit != NULL && (parse_number(&number, part, row->unit) || (!chance && parse_number(&number, part, ""))))
        return set_value(state, msg, row, number);
    if (chance && parse_number(&number, part, "x")) {
        state->left = number;
        return W3P_OK;
    }
    uint32_t ppm = 0;
    if ((chance || row->unit == NULL) && parse_chance(&ppm, part) && (chance || ppm == 0 || ppm == MILLION)) {
        state->chance_ppm = ppm;
        return W3P_OK;
    }
    if (chance && (w3p_span_eq_str(part, "node1") || w3p_span_eq_str(part, "node2"))) {
        state->node = part.ptr[4] == '1' ? 1 : 2;
        return W3P_OK;
    }
    if ((row->takes & W3P_DEVNET_FAULT_TAKEN) != 0 && w3p_span_eq_str(part, "taken")) {
        state->taken = true;
        return W3P_OK;
    }
    if ((row->takes & W3P_DEVNET_FAULT_METHODS) != 0 && part.len > 1 && part.ptr[0] == '@' &&
        part.len - 1 < sizeof state->method) {
        memcpy(state->method, part.ptr + 1, part.len - 1);
        state->method[part.len - 1] = '\0';
        return W3P_OK;
    }
    return bad_part(msg, row, part);
}

// Takes the text up to the next comma off the front.
static struct w3p_span next_part(struct w3p_span *rest)
{
    const uint8_t *comma = rest->len > 0 ? memchr(rest->ptr, ',', rest->len) : NULL;
    size_t len = comma != NULL ? (size_t)(comma - rest->ptr) : rest->len, skip = comma != NULL ? len + 1 : len;
    struct w3p_span part = W3P_SPAN(rest->ptr, len);
    *rest = W3P_SPAN(rest->ptr + skip, rest->len - skip);
    return part;
}

static void change(struct w3p_devnet *net, enum w3p_devnet_fault fault, const struct w3p_devnet_fault_state *state)
{
    net->faults.states[fault] = *state;
    if (w3p_devnet_fault_rows[fault].changed != NULL)
        w3p_devnet_fault_rows[fault].changed(net, state->on, state->value);
}

int w3p_devnet_fault_set(struct w3p_devnet *net, struct w3p_errmsg *msg, const char *text)
{
    const char *equals = strchr(text, '=');
    struct w3p_span name = equals != NULL ? W3P_SPAN(text, (size_t)(equals - text)) : w3p_span_str(text);
    struct w3p_span rest = w3p_span_str(equals != NULL ? equals + 1 : NULL);
    size_t fault = 0;
    while (fault < W3P_DEVNET_FAULT_COUNT && !w3p_span_eq_str(name, w3p_devnet_fault_rows[fault].name))
        fault++;
    if (fault == W3P_DEVNET_FAULT_COUNT)
        return w3p_fail(msg, W3P_E_NOTFOUND, "there is no fault '%.*s'; see --help or dev_faults",
                        (int)(name.len < 40 ? name.len : 40), text);
    const struct w3p_devnet_fault_row *row = &w3p_devnet_fault_rows[fault];
    struct w3p_devnet_fault_state state = {.on = true,
                                           .chance_ppm = MILLION,
                                           .left = UINT64_MAX,
                                           .value = row->value,
                                           .fired = net->faults.states[fault].fired};
    if (row->method != NULL)
        memcpy(state.method, row->method, strlen(row->method) + 1);
    bool open = equals != NULL && (rest.len == 0 || rest.ptr[rest.len - 1] == ','); // a part is missing
    int err = open ? bad_part(msg, row, rest) : W3P_OK;
    while (rest.len > 0 && err == W3P_OK)
        err = set_part(&state, msg, row, next_part(&rest));
    if (err != W3P_OK)
        return err;
    state.on = state.chance_ppm > 0 && state.left > 0;
    change(net, (enum w3p_devnet_fault)fault, &state);
    return W3P_OK;
}

void w3p_devnet_fault_clear(struct w3p_devnet *net, enum w3p_devnet_fault fault)
{
    struct w3p_devnet_fault_state state = {.fired = net->faults.states[fault].fired};
    change(net, fault, &state);
}

// Occurrences --------------------------------------------------------------------------------------------------------

static bool strikes(const struct w3p_devnet_fault_state *state, const char *method)
{
    if (method == NULL || state->method[0] == '\0')
        return true;
    if (strncmp(method, "dev_", 4) == 0) // so that every fault can be cleared
        return false;
    return strcmp(state->method, "*") == 0 || strcmp(state->method, method) == 0;
}

bool w3p_devnet_fault_fires(struct w3p_devnet *net, enum w3p_devnet_fault fault, const char *method)
{
    struct w3p_devnet_fault_state *state = &net->faults.states[fault];
    unsigned node = net->node == net->nodes[0] ? 1 : 2;
    if (!state->on || (state->node != 0 && state->node != node) || !strikes(state, method))
        return false;
    if (state->chance_ppm < MILLION && draw_ppm(&net->faults) >= state->chance_ppm)
        return false;
    state->fired++;
    if (state->left != UINT64_MAX && --state->left == 0)
        state->on = false; // value and flags stay readable for this occurrence
    return true;
}

bool w3p_devnet_fault_on(const struct w3p_devnet *net, enum w3p_devnet_fault fault)
{
    return net->faults.states[fault].on;
}

void w3p_devnet_fault_note(struct w3p_devnet *net, enum w3p_devnet_fault fault)
{
    net->faults.states[fault].fired++;
}

const struct w3p_devnet_fault_state *w3p_devnet_fault_state(const struct w3p_devnet *net, enum w3p_devnet_fault fault)
{
    return &net->faults.states[fault];
}

void w3p_devnet_fault_usage(struct w3p_buf *out)
{
    for (size_t i = 0; i < W3P_DEVNET_FAULT_COUNT; i++) {
        const struct w3p_devnet_fault_row *row = &w3p_devnet_fault_rows[i];
        char value[40] = "";
        if (row->unit != NULL)
            (void)snprintf(value, sizeof value, " (%llu%s)", (unsigned long long)row->value, row->unit);
        w3p_buf_printf(out, "  %-20s %s%s\n", row->name, row->help, value);
    }
}
