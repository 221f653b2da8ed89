// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: writing PinStatus and PinResults; see psa_json.h. One number among the strings of `info`, or one more key
// beside the ones of the specification, and real clients drop the whole page: every value here is a JSON string.
#include "http/psa_json.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

static void number_field(struct w3p_json *j, const char *key, uint64_t value)
{
    char text[40];
    w3p_u128_format(text, value);
    w3p_json_str_field(j, key, text);
}

static void known_number(struct w3p_json *j, const char *key, uint64_t value)
{
    if (value != 0)
        number_field(j, key, value);
}

static void time_field(struct w3p_json *j, const char *key, int64_t wall_ms)
{
    char text[W3P_RFC3339_LEN + 1];
    w3p_rfc3339_format(text, wall_ms);
    w3p_json_str_field(j, key, text);
}

// What holds a queued pin up: its own content's reason, else what holds everything up.
static void write_details(struct w3p_json *j, const struct w3p_pin *pin, const char *waiting)
{
    char text[512];
    if (pin->error != NULL && pin->error[0] != '\0')
        waiting = pin->error;
    bool held = pin->status == W3P_PIN_QUEUED && waiting != NULL && waiting[0] != '\0';
    const char *details = pin->details != NULL ? pin->details : "";
    if (held) {
        (void)snprintf(text, sizeof text, "%.300s%s%s", details, details[0] != '\0' ? ": " : "", waiting);
        details = text;
    }
    if (details[0] != '\0')
        w3p_json_str_field(j, "status_details", details);
}

static void write_info(struct w3p_json *j, const struct w3p_pin *pin, const struct w3p_psa_render *render)
{
    w3p_json_key(j, "info");
    w3p_json_begin_object(j);
    write_details(j, pin, render->waiting);
    if (pin->has_replicas)
        number_field(j, "replicas", pin->replicas);
    known_number(j, "replicas_wanted", render->replicas_wanted != 0 ? render->replicas_wanted : pin->replicas_wanted);
    if (pin->has_order_tx) {
        w3p_json_key(j, "order_tx");
        w3p_json_hex0x(j, pin->order_tx, sizeof pin->order_tx);
    }
    known_number(j, "order_block", pin->order_block);
    known_number(j, "order_size", pin->order_size);
    known_number(j, "price_paid", pin->price_paid);
    known_number(j, "expires_at_block", pin->expires_at_block);
    if (pin->checked_at_ms > 0)
        time_field(j, "checked_at", pin->checked_at_ms);
    if (pin->error != NULL && pin->error[0] != '\0')
        w3p_json_str_field(j, "error", pin->error);
    w3p_json_end_object(j);
}

static void raw_field(struct w3p_json *j, const char *key, const char *json)
{
    if (json == NULL || json[0] == '\0')
        return;
    w3p_json_key(j, key);
    w3p_json_raw(j, json, strlen(json));
}

void w3p_psa_write_pin(struct w3p_json *j, const struct w3p_pin *pin, const struct w3p_psa_render *render)
{
    w3p_json_begin_object(j);
    w3p_json_str_field(j, "requestid", pin->requestid);
    w3p_json_str_field(j, "status", w3p_pin_status_name(pin->status));
    time_field(j, "created", pin->created_ms);
    w3p_json_key(j, "pin");
    w3p_json_begin_object(j);
    w3p_json_str_field(j, "cid", pin->cid);
    if (pin->name != NULL)
        w3p_json_str_field(j, "name", pin->name);
    raw_field(j, "origins", pin->origins);
    raw_field(j, "meta", pin->meta);
    w3p_json_end_object(j);
    raw_field(j, "delegates", render->delegates_json);
    write_info(j, pin, render);
    w3p_json_end_object(j);
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
