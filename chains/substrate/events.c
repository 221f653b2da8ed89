// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: event records, and the widths of their argument types. V12 and V13 metadata give types as text only, so the
// widths stand in a table here (read from the pallets of Crust's runtimes, and measured on them).
#include "substrate/events.h"

#include <stdio.h>
#include <string.h>

#include "substrate/scale.h"

#define TYPE_TEXT_MAX 256
#define TYPE_DEPTH_MAX 8

// Normalised spellings; `like` is another type text, for composites.
static const struct {
    const char *name;
    uint8_t width;
    const char *like;
} types[] = {
    {"AccountId", 32, NULL},
    {"Hash", 32, NULL},
    {"H256", 32, NULL},
    {"CallHash", 32, NULL},
    {"ResourceId", 32, NULL},
    {"U256", 32, NULL},
    {"u256", 32, NULL},
    {"EthereumTxHash", 32, NULL},
    {"AuthorityId", 32, NULL},
    {"EthereumAddress", 20, NULL},
    {"Balance", 16, NULL},
    {"BalanceOf", 16, NULL},
    {"u128", 16, NULL},
    {"Kind", 16, NULL},
    {"u64", 8, NULL},
    {"Timepoint", 8, NULL},
    {"TaskAddress", 8, NULL},
    {"u32", 4, NULL},
    {"BlockNumber", 4, NULL},
    {"EraIndex", 4, NULL},
    {"SessionIndex", 4, NULL},
    {"AccountIndex", 4, NULL},
    {"ProposalIndex", 4, NULL},
    {"PropIndex", 4, NULL},
    {"ReferendumIndex", 4, NULL},
    {"MemberCount", 4, NULL},
    {"RegistrarIndex", 4, NULL},
    {"u16", 2, NULL},
    {"bool", 1, NULL},
    {"u8", 1, NULL},
    {"FundsType", 1, NULL},
    {"Status", 1, NULL},
    {"VoteThreshold", 1, NULL},
    {"PhantomData", 0, NULL},
    {"DispatchInfo", 10, NULL},
    {"MerkleRoot", 0, "Vec<u8>"},
    {"SworkerPubKey", 0, "Vec<u8>"},
    {"SworkerAnchor", 0, "Vec<u8>"},
    {"SworkerCode", 0, "Vec<u8>"},
    {"OpaqueTimeSlot", 0, "Vec<u8>"},
    {"ValidatorPrefs", 0, "Compact<u128>"},
    {"AuthorityList", 0, "Vec<(AccountId,u64)>"},
    {"IdentificationTuple", 0, "(AccountId,Compact<u128>,Compact<u128>,Vec<(AccountId,Compact<u128>)>)"},
};

static void skip_type(struct w3p_reader *r, const char *type, size_t len, unsigned depth);

// The part of a tuple or of generic arguments up to the comma that belongs to it.
static size_t part_len(const char *text, size_t len)
{
    size_t nesting = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '<' || text[i] == '(' || text[i] == '[')
            nesting++;
        else if ((text[i] == '>' || text[i] == ')' || text[i] == ']') && nesting > 0)
            nesting--;
        else if (text[i] == ',' && nesting == 0)
            return i;
    }
    return len;
}

static void skip_tuple(struct w3p_reader *r, const char *parts, size_t len, unsigned depth)
{
    while (len > 0 && r->err == W3P_OK) {
        size_t n = part_len(parts, len);
        skip_type(r, parts, n, depth);
        parts += n < len ? n + 1 : n;
        len -= n < len ? n + 1 : n;
    }
}

static void skip_vec(struct w3p_reader *r, const char *item, size_t len, unsigned depth)
{
    size_t count = w3p_scale_length(r, w3p_reader_left(r));
    if (len == 2 && memcmp(item, "u8", 2) == 0) {
        w3p_reader_skip(r, count);
        return;
    }
    for (size_t i = 0; i < count && r->err == W3P_OK; i++) {
        size_t before = r->pos;
        skip_type(r, item, len, depth);
        if (r->pos == before) // no bytes each: nothing to count through
            break;
    }
}

static void skip_dispatch_result(struct w3p_reader *r)
{
    uint8_t failed = w3p_reader_u8(r);
    if (failed == 1)
        (void)w3p_dispatch_error_decode(r);
    else if (failed != 0)
        w3p_reader_fail(r, W3P_E_INVALID);
}

static bool is(const char *type, size_t len, const char *name)
{
    return strlen(name) == len && memcmp(type, name, len) == 0;
}

// Types with arguments that matter. True when it was one.
static bool skip_generic(struct w3p_reader *r, const char *name, size_t name_len, const char *args, size_t args_len,
                         unsigned depth)
{
    if (is(name, name_len, "Vec")) {
        skip_vec(r, args, args_len, depth);
    } else if (is(name, name_len, "Box")) {
        skip_type(r, args, args_len, depth);
    } else if (is(name, name_len, "Compact")) {
        (void)w3p_scale_compact_u128(r);
    } else if (is(name, name_len, "Option")) {
        uint8_t some = w3p_reader_u8(r);
        if (some == 1)
            skip_type(r, args, args_len, depth);
        else if (some != 0)
            w3p_reader_fail(r, W3P_E_INVALID);
    } else {
        return false;
    }
    return true;
}

// "T::AccountId", "<T as Trait>::AccountId" and "module::Kind" are their last part.
static void last_segment(const char **type, size_t *len)
{
    size_t nesting = 0, cut = 0;
    for (size_t i = 0; i + 1 < *len; i++) {
        char c = (*type)[i];
        if (c == '<' || c == '(')
            nesting++;
        else if ((c == '>' || c == ')') && nesting > 0)
            nesting--;
        else if (nesting == 0 && c == ':' && (*type)[i + 1] == ':')
            cut = i + 2;
    }
    *type += cut;
    *len -= cut;
}

static void skip_named(struct w3p_reader *r, const char *name, size_t len, unsigned depth)
{
    if (is(name, len, "DispatchError")) {
        (void)w3p_dispatch_error_decode(r);
        return;
    }
    if (is(name, len, "DispatchResult")) {
        skip_dispatch_result(r);
        return;
    }
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (!is(name, len, types[i].name))
            continue;
        if (types[i].like != NULL)
            skip_type(r, types[i].like, strlen(types[i].like), depth);
        else
            w3p_reader_skip(r, types[i].width);
        return;
    }
    w3p_reader_fail(r, W3P_E_UNSUPPORTED);
}

static void skip_type(struct w3p_reader *r, const char *type, size_t len, unsigned depth)
{
    if (depth == 0 || len == 0) {
        w3p_reader_fail(r, W3P_E_UNSUPPORTED);
        return;
    }
    if (type[0] == '(' && type[len - 1] == ')') {
        skip_tuple(r, type + 1, len - 2, depth - 1);
        return;
    }
    last_segment(&type, &len);
    const char *open = memchr(type, '<', len);
    size_t name_len = open != NULL ? (size_t)(open - type) : len;
    if (open != NULL) {
        if (type[len - 1] != '>') {
            w3p_reader_fail(r, W3P_E_UNSUPPORTED);
            return;
        }
        if (skip_generic(r, type, name_len, open + 1, len - name_len - 2, depth - 1))
            return;
    }
    skip_named(r, type, name_len, depth - 1);
}

void w3p_type_skip(struct w3p_reader *r, const char *type)
{
    char text[TYPE_TEXT_MAX];
    size_t n = 0;
    // "<T as Trait>::X" keeps its meaning without spaces: only the last part counts
    for (; *type != '\0' && n < sizeof(text); type++)
        if (*type != ' ' && *type != '\n' && *type != '\t')
            text[n++] = *type;
    if (n == sizeof(text))
        w3p_reader_fail(r, W3P_E_UNSUPPORTED);
    else
        skip_type(r, text, n, TYPE_DEPTH_MAX);
}

void w3p_events_init(struct w3p_events *events, const struct w3p_metadata *md, const uint8_t *bytes, size_t len)
{
    w3p_reader_init(&events->reader, bytes, len);
    events->md = md;
    events->left = w3p_scale_length(&events->reader, W3P_EVENTS_MAX);
}

bool w3p_events_next(struct w3p_events *events, struct w3p_event *out)
{
    struct w3p_reader *r = &events->reader;
    if (r->err != W3P_OK)
        return false;
    if (events->left == 0) {
        if (w3p_reader_left(r) != 0)
            w3p_reader_fail(r, W3P_E_INVALID);
        return false;
    }
    events->left--;
    memset(out, 0, sizeof(*out));
    uint8_t phase = w3p_reader_u8(r);
    if (phase > W3P_PHASE_INITIALIZATION) {
        w3p_reader_fail(r, W3P_E_INVALID);
        return false;
    }
    out->phase = (enum w3p_event_phase)phase;
    out->extrinsic = phase == W3P_PHASE_EXTRINSIC ? w3p_reader_le32(r) : 0;
    uint8_t pallet = w3p_reader_u8(r), index = w3p_reader_u8(r);
    if (r->err != W3P_OK)
        return false;
    out->pallet = w3p_md_pallet_at(events->md, pallet);
    out->event = out->pallet != NULL ? w3p_md_event_at(out->pallet, index) : NULL;
    if (out->event == NULL) {
        w3p_reader_fail(r, W3P_E_UNSUPPORTED);
        return false;
    }
    size_t start = r->pos;
    for (size_t i = 0; i < out->event->type_count && r->err == W3P_OK; i++)
        w3p_type_skip(r, out->event->types[i]);
    out->args = W3P_SPAN(r->ptr + start, r->pos - start);
    size_t topics = w3p_scale_length(r, w3p_reader_left(r) / 32);
    w3p_reader_skip(r, topics * 32);
    return r->err == W3P_OK;
}

bool w3p_event_is(const struct w3p_event *event, const char *pallet, const char *name)
{
    return strcmp(event->pallet->name, pallet) == 0 && strcmp(event->event->name, name) == 0;
}

struct w3p_dispatch_error w3p_dispatch_error_decode(struct w3p_reader *r)
{
    struct w3p_dispatch_error e = {.kind = w3p_reader_u8(r)};
    if (e.kind == W3P_DISPATCH_MODULE) {
        e.pallet = w3p_reader_u8(r);
        e.error = w3p_reader_u8(r);
    } else if (e.kind == 6 || e.kind == 7) { // Token, Arithmetic
        e.error = w3p_reader_u8(r);
    } else if (e.kind > 7) {
        w3p_reader_fail(r, W3P_E_UNSUPPORTED);
    }
    return e;
}

void w3p_dispatch_error_format(char *out, size_t room, const struct w3p_dispatch_error *error,
                               const struct w3p_metadata *md)
{
    static const char *const kinds[] = {"Other",       "CannotLookup", "BadOrigin",       "Module", "ConsumerRemaining",
                                        "NoProviders", "Token error",  "Arithmetic error"};
    if (error->kind != W3P_DISPATCH_MODULE) {
        snprintf(out, room, "%s", error->kind < 8 ? kinds[error->kind] : "unknown dispatch error");
        return;
    }
    const struct w3p_md_pallet *pallet = w3p_md_pallet_at(md, error->pallet);
    const struct w3p_md_error *e = pallet != NULL ? w3p_md_error_at(pallet, error->error) : NULL;
    if (e == NULL)
        snprintf(out, room, "error %u of pallet %u", error->error, error->pallet);
    else if (e->doc != NULL && e->doc[0] != '\0')
        snprintf(out, room, "%s.%s: %s", pallet->name, e->name, e->doc);
    else
        snprintf(out, room, "%s.%s", pallet->name, e->name);
}
