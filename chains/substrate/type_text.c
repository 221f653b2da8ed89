// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: V12 and V13 metadata give types as the text of the runtime's source. This turns the texts into a registry:
// tuples, arrays, Vec, Option, Box, Compact, Result, and a table of names (read from the pallets of Crust's runtimes,
// and measured on them). A name that is not in the table stays a name.
#include <stdlib.h>
#include <string.h>

#include "substrate/metadata_arena.h"

#define TEXT_TYPE_MAX 1024 // characters; longer ones are never looked into
#define DEPTH_MAX 16u
#define TEXTS_MAX 4096u // remembered; the real runtimes have below 1000
#define SLOTS (2 * TEXTS_MAX)
#define FREE_SLOT W3P_TYPE_NONE

// Names without path and arguments, and what they are.
static const struct {
    const char *name, *like;
} names[] = {
    {"AccountId", "[u8;32]"},
    {"Hash", "[u8;32]"},
    {"H256", "[u8;32]"},
    {"CallHash", "[u8;32]"},
    {"ResourceId", "[u8;32]"},
    {"U256", "u256"},
    {"EthereumTxHash", "[u8;32]"},
    {"AuthorityId", "[u8;32]"},
    {"EthereumAddress", "[u8;20]"},
    {"Balance", "u128"},
    {"BalanceOf", "u128"},
    {"Kind", "[u8;16]"},
    {"Timepoint", "(u32,u32)"},
    {"TaskAddress", "(u32,u32)"},
    {"BlockNumber", "u32"},
    {"EraIndex", "u32"},
    {"SessionIndex", "u32"},
    {"AccountIndex", "u32"},
    {"ProposalIndex", "u32"},
    {"PropIndex", "u32"},
    {"ReferendumIndex", "u32"},
    {"MemberCount", "u32"},
    {"RegistrarIndex", "u32"},
    {"FundsType", "u8"},
    {"Status", "u8"},
    {"VoteThreshold", "u8"},
    {"PhantomData", "()"},
    {"DispatchInfo", "(u64,u8,u8)"}, // weight, class, whether it pays
    {"DispatchResult", "Result<(),DispatchError>"},
    {"MerkleRoot", "Vec<u8>"},
    {"SworkerPubKey", "Vec<u8>"},
    {"SworkerAnchor", "Vec<u8>"},
    {"SworkerCode", "Vec<u8>"},
    {"OpaqueTimeSlot", "Vec<u8>"},
    {"ValidatorPrefs", "Compact<u128>"},
    {"AuthorityList", "Vec<(AccountId,u64)>"},
    {"IdentificationTuple", "(AccountId,Compact<u128>,Compact<u128>,Vec<(AccountId,Compact<u128>)>)"},
};

struct slot {
    const char *text;
    size_t len;
    uint32_t id; // FREE_SLOT: none
};

struct w3p_type_texts {
    struct w3p_md_in *in;
    struct w3p_type *list; // grows on the heap, and goes into the arena at the end
    size_t count, cap;
    struct slot slots[SLOTS];
    size_t texts;
};

static uint32_t type_of(struct w3p_type_texts *t, struct w3p_span text, unsigned depth);

struct w3p_type_texts *w3p_type_texts_create(struct w3p_md_in *in)
{
    struct w3p_type_texts *t = w3p_calloc(1, sizeof *t);
    t->in = in;
    for (size_t i = 0; i < SLOTS; i++)
        t->slots[i].id = FREE_SLOT;
    return t;
}

void w3p_type_texts_destroy(struct w3p_type_texts *t)
{
    free(t->list);
    free(t);
}

// The slot of this text, or the free one where it belongs. There is always a free one.
static struct slot *slot_of(struct w3p_type_texts *t, struct w3p_span text)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ text.ptr[i]) * 16777619u;
    size_t at = hash % SLOTS;
    while (t->slots[at].id != FREE_SLOT && !w3p_span_eq(W3P_SPAN(t->slots[at].text, t->slots[at].len), text))
        at = (at + 1) % SLOTS;
    return &t->slots[at];
}

static uint32_t add(struct w3p_type_texts *t, struct w3p_type type)
{
    if (t->count >= W3P_TYPES_MAX || t->in->r->err != W3P_OK) {
        w3p_reader_fail(t->in->r, W3P_E_LIMIT);
        return 0;
    }
    if (t->count == t->cap) {
        size_t cap = t->cap == 0 ? 256 : 2 * t->cap;
        struct w3p_type *list = w3p_calloc(cap, sizeof *list);
        if (t->count > 0)
            memcpy(list, t->list, t->count * sizeof *list);
        free(t->list);
        t->list = list;
        t->cap = cap;
    }
    if (type.name == NULL)
        type.name = "";
    t->list[t->count] = type;
    return (uint32_t)t->count++;
}

static uint32_t add_unknown(struct w3p_type_texts *t, struct w3p_span name)
{
    return add(t, (struct w3p_type){.kind = W3P_TYPE_UNKNOWN, .name = w3p_md_text(t->in, name)});
}

static uint32_t add_fields(struct w3p_type_texts *t, const struct w3p_type_field *fields, size_t count)
{
    struct w3p_type_field *kept = w3p_md_alloc(t->in, count, sizeof *kept);
    if (kept != NULL)
        memcpy(kept, fields, count * sizeof *kept);
    return add(t, (struct w3p_type){
                      .kind = W3P_TYPE_COMPOSITE, .count = kept != NULL ? (uint32_t)count : 0, .of.fields = kept});
}

struct alternative {
    const char *name;
    uint32_t type; // W3P_TYPE_NONE: no field
};

static uint32_t add_enum(struct w3p_type_texts *t, const char *name, const struct alternative *list, size_t count)
{
    struct w3p_type_variant *variants = w3p_md_alloc(t->in, count, sizeof *variants);
    for (size_t i = 0; variants != NULL && i < count; i++) {
        struct w3p_type_field *field = list[i].type != W3P_TYPE_NONE ? w3p_md_alloc(t->in, 1, sizeof *field) : NULL;
        if (field != NULL)
            *field = (struct w3p_type_field){"", list[i].type};
        variants[i] = (struct w3p_type_variant){
            .name = list[i].name, .doc = "", .index = (uint8_t)i, .fields = field, .field_count = field != NULL};
    }
    return add(t, (struct w3p_type){.kind = W3P_TYPE_VARIANT,
                                    .name = name,
                                    .count = variants != NULL ? (uint32_t)count : 0,
                                    .of.variants = variants});
}

static uint32_t from_text(struct w3p_type_texts *t, const char *text, unsigned depth)
{
    return type_of(t, w3p_span_str(text), depth);
}

// A DispatchError of Substrate 3 and of 2021: a module error is two bytes.
static uint32_t add_dispatch_error(struct w3p_type_texts *t, unsigned depth)
{
    static const struct alternative token[] = {{"NoFunds", W3P_TYPE_NONE},      {"WouldDie", W3P_TYPE_NONE},
                                               {"BelowMinimum", W3P_TYPE_NONE}, {"CannotCreate", W3P_TYPE_NONE},
                                               {"UnknownAsset", W3P_TYPE_NONE}, {"Frozen", W3P_TYPE_NONE},
                                               {"Unsupported", W3P_TYPE_NONE}};
    static const struct alternative arithmetic[] = {
        {"Underflow", W3P_TYPE_NONE}, {"Overflow", W3P_TYPE_NONE}, {"DivisionByZero", W3P_TYPE_NONE}};
    const struct alternative kinds[] = {{"Other", W3P_TYPE_NONE},
                                        {"CannotLookup", W3P_TYPE_NONE},
                                        {"BadOrigin", W3P_TYPE_NONE},
                                        {"Module", from_text(t, "(u8,u8)", depth)},
                                        {"ConsumerRemaining", W3P_TYPE_NONE},
                                        {"NoProviders", W3P_TYPE_NONE},
                                        {"Token", add_enum(t, "TokenError", token, 7)},
                                        {"Arithmetic", add_enum(t, "ArithmeticError", arithmetic, 3)}};
    return add_enum(t, "DispatchError", kinds, sizeof kinds / sizeof kinds[0]);
}

// The part of a tuple or of generic arguments up to the comma that belongs to it.
static struct w3p_span take_part(struct w3p_span *rest)
{
    size_t nesting = 0, len = 0;
    for (; len < rest->len; len++) {
        uint8_t c = rest->ptr[len];
        if (c == '<' || c == '(' || c == '[')
            nesting++;
        else if ((c == '>' || c == ')' || c == ']') && nesting > 0)
            nesting--;
        else if (c == ',' && nesting == 0)
            break;
    }
    struct w3p_span part = W3P_SPAN(rest->ptr, len);
    size_t used = len < rest->len ? len + 1 : len;
    *rest = W3P_SPAN(rest->ptr + used, rest->len - used);
    return part;
}

static uint32_t tuple(struct w3p_type_texts *t, struct w3p_span parts, unsigned depth)
{
    struct w3p_type_field fields[32];
    size_t count = 0;
    struct w3p_span rest = parts;
    while (rest.len > 0 && count < sizeof fields / sizeof fields[0])
        fields[count++] = (struct w3p_type_field){"", type_of(t, take_part(&rest), depth)};
    return rest.len > 0 ? add_unknown(t, parts) : add_fields(t, fields, count);
}

// "[u8;32]", without the brackets.
static uint32_t array(struct w3p_type_texts *t, struct w3p_span text, unsigned depth)
{
    const uint8_t *semicolon = memrchr(text.ptr, ';', text.len);
    size_t item_len = semicolon != NULL ? (size_t)(semicolon - text.ptr) : text.len;
    uint64_t count = 0;
    if (semicolon == NULL || w3p_u64_parse(&count, (const char *)semicolon + 1, text.len - item_len - 1) != W3P_OK ||
        count > UINT32_MAX)
        return add_unknown(t, text);
    uint32_t item = type_of(t, W3P_SPAN(text.ptr, item_len), depth);
    return add(t, (struct w3p_type){.kind = W3P_TYPE_ARRAY, .item = item, .count = (uint32_t)count});
}

static uint32_t add_of(struct w3p_type_texts *t, enum w3p_type_kind kind, uint32_t item)
{
    return add(t, (struct w3p_type){.kind = (uint8_t)kind, .item = item});
}

// Types with arguments that matter; W3P_TYPE_NONE for all others.
static uint32_t generic(struct w3p_type_texts *t, struct w3p_span name, struct w3p_span args, unsigned depth)
{
    struct w3p_span rest = args;
    if (w3p_span_eq_str(name, "Vec"))
        return add_of(t, W3P_TYPE_SEQUENCE, type_of(t, args, depth));
    if (w3p_span_eq_str(name, "Compact"))
        return add_of(t, W3P_TYPE_COMPACT, type_of(t, args, depth));
    if (w3p_span_eq_str(name, "Box"))
        return type_of(t, args, depth);
    if (w3p_span_eq_str(name, "Option")) {
        const struct alternative list[] = {{"None", W3P_TYPE_NONE}, {"Some", type_of(t, args, depth)}};
        return add_enum(t, "Option", list, 2);
    }
    if (w3p_span_eq_str(name, "Result")) {
        uint32_t ok = type_of(t, take_part(&rest), depth);
        const struct alternative list[] = {{"Ok", ok}, {"Err", type_of(t, rest, depth)}};
        return add_enum(t, "Result", list, 2);
    }
    return W3P_TYPE_NONE;
}

static uint32_t named(struct w3p_type_texts *t, struct w3p_span name, unsigned depth)
{
    for (unsigned i = 0; i < W3P_PRIMITIVES; i++)
        if (w3p_span_eq_str(name, w3p_primitive_name((enum w3p_primitive)i)))
            return add(t, (struct w3p_type){.kind = W3P_TYPE_PRIMITIVE, .count = i});
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (w3p_span_eq_str(name, names[i].name))
            return from_text(t, names[i].like, depth);
    if (w3p_span_eq_str(name, "DispatchError"))
        return add_dispatch_error(t, depth);
    return add_unknown(t, name);
}

// "T::AccountId", "<T as Trait>::AccountId" and "module::Kind" are their last part.
static struct w3p_span last_segment(struct w3p_span text)
{
    size_t nesting = 0, cut = 0;
    for (size_t i = 0; i + 1 < text.len; i++) {
        uint8_t c = text.ptr[i];
        if (c == '<' || c == '(')
            nesting++;
        else if ((c == '>' || c == ')') && nesting > 0)
            nesting--;
        else if (nesting == 0 && c == ':' && text.ptr[i + 1] == ':')
            cut = i + 2;
    }
    return W3P_SPAN(text.ptr + cut, text.len - cut);
}

static uint32_t parse(struct w3p_type_texts *t, struct w3p_span text, unsigned depth)
{
    if (text.len == 0)
        return add_unknown(t, text);
    uint8_t first = text.ptr[0], last = text.ptr[text.len - 1];
    struct w3p_span inner = W3P_SPAN(text.ptr + 1, text.len >= 2 ? text.len - 2 : 0);
    if (text.len >= 2 && first == '(' && last == ')')
        return tuple(t, inner, depth - 1);
    if (text.len >= 2 && first == '[' && last == ']')
        return array(t, inner, depth - 1);
    struct w3p_span segment = last_segment(text);
    const uint8_t *open = memchr(segment.ptr, '<', segment.len);
    if (open == NULL)
        return named(t, segment, depth - 1);
    if (last != '>')
        return add_unknown(t, text);
    size_t name_len = (size_t)(open - segment.ptr);
    struct w3p_span name = W3P_SPAN(segment.ptr, name_len);
    uint32_t id = generic(t, name, W3P_SPAN(open + 1, segment.len - name_len - 2), depth - 1);
    return id != W3P_TYPE_NONE ? id : named(t, name, depth - 1);
}

static uint32_t type_of(struct w3p_type_texts *t, struct w3p_span text, unsigned depth)
{
    if (t->in->r->err != W3P_OK)
        return 0;
    if (depth == 0)
        return add_unknown(t, text);
    uint32_t known = slot_of(t, text)->id;
    if (known != FREE_SLOT)
        return known;
    uint32_t id = parse(t, text, depth);
    if (t->in->r->err != W3P_OK) // out of memory: a slot may hold less than its length says
        return 0;
    struct slot *slot = slot_of(t, text); // its parts have taken slots
    if (slot->id == FREE_SLOT && t->texts < TEXTS_MAX) {
        *slot = (struct slot){w3p_md_text(t->in, text), text.len, id};
        t->texts++;
    }
    return id;
}

uint32_t w3p_type_text(struct w3p_type_texts *t, const char *text)
{
    char squeezed[TEXT_TYPE_MAX];
    size_t len = 0;
    // "<T as Trait>::X" keeps its meaning without spaces: only the last part counts
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == ' ' || *c == '\n' || *c == '\t')
            continue;
        if (len == sizeof squeezed)
            return add_unknown(t, W3P_SPAN(squeezed, len));
        squeezed[len++] = *c;
    }
    return type_of(t, W3P_SPAN(squeezed, len), DEPTH_MAX);
}

void w3p_type_texts_finish(struct w3p_type_texts *t, struct w3p_types *out)
{
    struct w3p_type *list = w3p_md_alloc(t->in, t->count, sizeof *list);
    if (list == NULL)
        return;
    memcpy(list, t->list, t->count * sizeof *list);
    w3p_type_widths(list, t->count);
    *out = (struct w3p_types){list, t->count};
}
