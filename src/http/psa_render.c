// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: writing PinStatus and PinResults; see psa_json.h. One number among the strings of `info`, or one more key
// beside the ones of the specification, and real clients drop the whole page: every value here is a JSON string.
#include "http/psa_json.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"

// What is written of a pin is mostly the same words around short values, and a page has hundreds of them. They are put
// together here, with one look at the room for each, and copied into the answer in a few large pieces.
struct piece {
    struct w3p_json *j;
    char *at, *end;
    char text[2048];
};

static void begin(struct piece *p, struct w3p_json *j)
{
    p->j = j;
    p->at = p->text;
    p->end = p->text + sizeof p->text;
}

static void flush(struct piece *p)
{
    w3p_buf_put(p->j->out, p->text, (size_t)(p->at - p->text));
    p->at = p->text;
}

// Room for len bytes, at most half of the piece. The caller writes them and moves `at` on.
static inline char *room(struct piece *p, size_t len)
{
    if (len > (size_t)(p->end - p->at))
        flush(p);
    return p->at;
}

static void add(struct piece *p, const char *bytes, size_t len)
{
    if (len > sizeof p->text / 2) {
        flush(p);
        w3p_buf_put(p->j->out, bytes, len);
        return;
    }
    memcpy(room(p, len), bytes, len);
    p->at += len;
}

#define ADD(piece, literal)                                                                                            \
    do {                                                                                                               \
        memcpy(room(piece, sizeof(literal) - 1), "" literal, sizeof(literal) - 1);                                     \
        (piece)->at += sizeof(literal) - 1;                                                                            \
    } while (0)

// Text that may need escaping, with its quotes.
static void add_string(struct piece *p, const char *text)
{
    flush(p);
    p->j->comma = false;
    w3p_json_str(p->j, text);
}

static void add_digits(struct piece *p, uint64_t value)
{
    p->at += w3p_u64_digits(room(p, W3P_U64_DIGITS_MAX), value);
}

static void add_time(struct piece *p, int64_t wall_ms)
{
    w3p_rfc3339_format(room(p, W3P_RFC3339_LEN + 1), wall_ms);
    p->at += W3P_RFC3339_LEN;
}

// ,"KEY":"VALUE" unless it is 0.
#define ADD_NUMBER(piece, key, value)                                                                                  \
    do {                                                                                                               \
        if ((value) != 0) {                                                                                            \
            ADD(piece, ",\"" key "\":\"");                                                                             \
            add_digits(piece, value);                                                                                  \
            ADD(piece, "\"");                                                                                          \
        }                                                                                                              \
    } while (0)

static void add_hash(struct piece *p, const uint8_t hash32[32])
{
    w3p_hex_encode(room(p, 2 * 32 + 1), hash32, 32);
    p->at[2 * 32] = '"';
    p->at += 2 * 32 + 1;
}

// "BLOCK-PLACE": what block explorers call a transaction or an event.
static void add_place(struct piece *p, uint64_t block, uint64_t place)
{
    add_digits(p, block);
    ADD(p, "-");
    add_digits(p, place);
    ADD(p, "\"");
}

#define W3P_HELD_WORDS_MAX 256

static bool has_text(const char *text)
{
    return text != NULL && text[0] != '\0';
}

// Why a replacement is not ordered yet.
static const char *held_words(char out[W3P_HELD_WORDS_MAX], int64_t held_until_ms)
{
    char time[W3P_RFC3339_LEN + 1];
    w3p_rfc3339_format(time, held_until_ms);
    (void)snprintf(
        out, W3P_HELD_WORDS_MAX,
        "not before %s, since this account had a replaced pin ordered a short while ago; replaced again until "
        "then, it is not ordered at all",
        time);
    return out;
}

// What holds a queued pin up: its own content's reason, else what holds everything up.
static void add_details(struct piece *p, const struct w3p_pin *pin, const char *waiting)
{
    char text[400 + W3P_HELD_WORDS_MAX], held[W3P_HELD_WORDS_MAX];
    const char *details = pin->details != NULL ? pin->details : "";
    if (pin->held_until_ms > 0)
        waiting = held_words(held, pin->held_until_ms);
    else if (has_text(pin->error))
        waiting = pin->error;
    if (pin->status == W3P_PIN_QUEUED && has_text(waiting)) {
        (void)snprintf(text, sizeof text, "%.300s%s%s", details, details[0] != '\0' ? ": " : "", waiting);
        ADD(p, "\"status_details\":");
        add_string(p, text);
    } else {
        ADD(p, "\"status_details\":\"");
        add(p, details, strlen(details));
        ADD(p, "\"");
    }
}

// The newest order: where to find it, who paid, and what it took.
static void add_order(struct piece *p, const struct w3p_pin *pin)
{
    ADD(p, ",\"order_tx\":\"0x");
    add_hash(p, pin->order_tx);
    if (pin->order_block > 0) {
        ADD_NUMBER(p, "order_block", pin->order_block);
        if (pin->has_block_hash) {
            ADD(p, ",\"order_block_hash\":\"0x");
            add_hash(p, pin->order_block_hash);
        }
        ADD(p, ",\"order_extrinsic\":\"");
        add_place(p, pin->order_block, pin->order_index);
        if (pin->has_event) {
            ADD(p, ",\"order_event\":\"");
            add_place(p, pin->order_block, pin->order_event);
        }
    }
    if (has_text(pin->order_signer)) { // an address: base58
        ADD(p, ",\"order_signer\":\"");
        add(p, pin->order_signer, strlen(pin->order_signer));
        ADD(p, "\"");
    }
    ADD_NUMBER(p, "price_paid", pin->price_paid);
    ADD_NUMBER(p, "fee_paid", pin->fee_paid);
}

static void add_info(struct piece *p, const struct w3p_pin *pin, const struct w3p_psa_render *render)
{
    add_details(p, pin, render->waiting);
    if (pin->has_replicas) { // none is worth saying, too
        ADD(p, ",\"replicas\":\"");
        add_digits(p, pin->replicas);
        ADD(p, "\"");
    }
    ADD_NUMBER(p, "replicas_wanted", render->replicas_wanted != 0 ? render->replicas_wanted : pin->replicas_wanted);
    if (pin->has_order)
        add_order(p, pin);
    ADD_NUMBER(p, "order_size", pin->order_size);
    ADD_NUMBER(p, "expires_at_block", pin->expires_at_block);
    if (pin->checked_at_ms > 0) {
        ADD(p, ",\"checked_at\":\"");
        add_time(p, pin->checked_at_ms);
        ADD(p, "\"");
    }
    if (has_text(pin->error)) {
        ADD(p, ",\"error\":");
        add_string(p, pin->error);
    }
}

#define ADD_JSON(piece, key, json)                                                                                     \
    do {                                                                                                               \
        if (has_text(json)) {                                                                                          \
            ADD(piece, ",\"" key "\":");                                                                               \
            add(piece, json, strlen(json));                                                                            \
        }                                                                                                              \
    } while (0)

// What is not escaped has no character that JSON escapes: ids and the words about states are ours, a CID was parsed as
// one.
static void add_pin(struct piece *p, const struct w3p_pin *pin, const struct w3p_psa_render *render)
{
    const char *status = w3p_pin_status_name(pin->status);
    ADD(p, "{\"requestid\":\"");
    add(p, pin->requestid, strlen(pin->requestid));
    ADD(p, "\",\"status\":\"");
    add(p, status, strlen(status));
    ADD(p, "\",\"created\":\"");
    add_time(p, pin->created_ms);
    ADD(p, "\",\"pin\":{\"cid\":\"");
    add(p, pin->cid, strlen(pin->cid));
    ADD(p, "\"");
    if (pin->name != NULL) {
        ADD(p, ",\"name\":");
        add_string(p, pin->name);
    }
    ADD_JSON(p, "origins", pin->origins);
    ADD_JSON(p, "meta", pin->meta);
    ADD(p, "}");
    ADD_JSON(p, "delegates", render->delegates_json);
    ADD(p, ",\"info\":{");
    add_info(p, pin, render);
    ADD(p, "}}");
}

void w3p_psa_write_pin(struct w3p_json *j, const struct w3p_pin *pin, const struct w3p_psa_render *render)
{
    struct piece p;
    begin(&p, j);
    if (j->comma)
        ADD(&p, ",");
    add_pin(&p, pin, render);
    flush(&p);
    j->comma = true;
}

void w3p_psa_write_page(struct w3p_json *j, const struct w3p_pin_page *page, const struct w3p_psa_render *render)
{
    w3p_json_begin_object(j);
    w3p_json_int_field(j, "count", page->count < INT32_MAX ? (int64_t)page->count : INT32_MAX);
    w3p_json_key(j, "results");
    w3p_json_begin_array(j);
    for (size_t i = 0; i < page->len && j->out->len < W3P_PSA_PAGE_MAX; i++)
        w3p_psa_write_pin(j, &page->pins[i], render);
    w3p_json_end_array(j);
    w3p_json_end_object(j);
}
