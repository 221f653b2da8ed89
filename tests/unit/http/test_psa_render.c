// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the shape of PinStatus and PinResults, checked with another JSON reader than the writer.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include "http/psa_json.h"

static const struct w3p_psa_render render = {
    .delegates_json = "[\"/ip4/127.0.0.1/tcp/1/p2p/x\"]", .replicas_wanted = 3, .waiting = "chain unreachable"};

static struct w3p_pin full_pin(void)
{
    struct w3p_pin pin = {.requestid = "0190163d-8694-739b-aea5-966c26f8ad91",
                          .status = W3P_PIN_PINNED,
                          .created_ms = 1767323045007,
                          .cid = (char *)"QmX",
                          .name = (char *)"n \"q\"",
                          .meta = (char *)"{\"app\":\"x\"}",
                          .origins = (char *)"[\"/ip4/1.2.3.4/tcp/1\"]",
                          .details = (char *)"stored",
                          .error = (char *)"none to speak of",
                          .has_replicas = true,
                          .replicas = 4,
                          .replicas_wanted = 9,
                          .has_order = true,
                          .order_tx = {0xab},
                          .order_block = 12,
                          .order_index = 2,
                          .has_block_hash = true,
                          .order_block_hash = {0xcd},
                          .has_event = true,
                          .order_event = 18446744073709551615u,
                          .order_signer = "cTsigner",
                          .fee_paid = 7,
                          .order_size = 18446744073709551615u,
                          .price_paid = 1000,
                          .expires_at_block = 99,
                          .checked_at_ms = 1767323045999};
    return pin;
}

static json_t *written(const struct w3p_pin *pin)
{
    struct w3p_buf buf;
    struct w3p_json j;
    w3p_buf_init(&buf, W3P_PSA_PAGE_BUF_MAX);
    w3p_json_init(&j, &buf);
    w3p_psa_write_pin(&j, pin, &render);
    json_t *root = json_loadb((const char *)buf.ptr, buf.len, JSON_REJECT_DUPLICATES, NULL);
    cr_assert(root != NULL, "%s", w3p_buf_str(&buf));
    w3p_buf_deinit(&buf);
    return root;
}

static const char *text_at(const json_t *root, const char *outer, const char *key)
{
    const char *text = json_string_value(json_object_get(json_object_get(root, outer), key));
    return text != NULL ? text : "(missing)";
}

Test(psa_rule, r01_created_has_three_decimals_and_z)
{
    struct w3p_pin pin = full_pin();
    json_t *root = written(&pin);
    cr_expect(eq(str, (char *)json_string_value(json_object_get(root, "created")), "2026-01-02T03:04:05.007Z"));
    json_decref(root);
}

Test(psa_rule, r04_info_and_meta_hold_strings_only)
{
    struct w3p_pin pin = full_pin();
    json_t *root = written(&pin);
    const char *key;
    json_t *value;
    size_t count = 0;
    json_object_foreach(json_object_get(root, "info"), key, value)
    {
        bool is_string = json_is_string(value);
        cr_expect(is_string, "%s", key);
        count++;
    }
    cr_expect(eq(sz, count, 15));
    cr_expect(eq(str, (char *)text_at(root, "info", "status_details"), "stored"));
    cr_expect(eq(str, (char *)text_at(root, "info", "replicas"), "4"));
    cr_expect(eq(str, (char *)text_at(root, "info", "replicas_wanted"), "3"));
    cr_expect(eq(str, (char *)text_at(root, "info", "order_size"), "18446744073709551615"));
    cr_expect(eq(str, (char *)text_at(root, "info", "checked_at"), "2026-01-02T03:04:05.999Z"));
    cr_expect(strncmp(text_at(root, "info", "order_tx"), "0xab00", 6) == 0);
    cr_expect(eq(sz, strlen(text_at(root, "info", "order_tx")), 66));
    cr_expect(strncmp(text_at(root, "info", "order_block_hash"), "0xcd00", 6) == 0);
    cr_expect(eq(sz, strlen(text_at(root, "info", "order_block_hash")), 66));
    cr_expect(eq(str, (char *)text_at(root, "info", "order_block"), "12"));
    cr_expect(eq(str, (char *)text_at(root, "info", "order_extrinsic"), "12-2"));
    cr_expect(eq(str, (char *)text_at(root, "info", "order_event"), "12-18446744073709551615"));
    cr_expect(eq(str, (char *)text_at(root, "info", "order_signer"), "cTsigner"));
    cr_expect(eq(str, (char *)text_at(root, "info", "price_paid"), "1000"));
    cr_expect(eq(str, (char *)text_at(root, "info", "fee_paid"), "7"));
    cr_expect(eq(str, (char *)text_at(root, "pin", "name"), "n \"q\""));
    json_decref(root);
}

// A replacement that waits says until when, whatever else there is to say.
Test(psa_render, a_held_pin_says_until_when)
{
    struct w3p_pin pin = full_pin();
    pin.status = W3P_PIN_QUEUED;
    pin.held_until_ms = pin.created_ms + 3600000;
    json_t *root = written(&pin);
    const char *details = text_at(root, "info", "status_details");
    cr_expect(strstr(details, "stored: not before 2026-01-02T04:04:05.007Z, since this account") == details, "%s",
              details);
    json_decref(root);
    pin.status = W3P_PIN_PINNED; // ordered by now
    root = written(&pin);
    cr_expect(eq(str, (char *)text_at(root, "info", "status_details"), "stored"));
    json_decref(root);
}

Test(psa_rule, r05_status_words)
{
    static const char *const words[] = {"queued", "pinning", "pinned", "failed"};
    for (int i = 0; i < 4; i++) {
        struct w3p_pin pin = full_pin();
        pin.status = (enum w3p_pin_status)i;
        json_t *root = written(&pin);
        cr_expect(eq(str, (char *)json_string_value(json_object_get(root, "status")), (char *)words[i]));
        json_decref(root);
    }
}

Test(psa_rule, r07_no_key_beside_those_of_the_specification)
{
    struct w3p_pin pin = full_pin();
    json_t *root = written(&pin);
    cr_expect(eq(sz, json_object_size(root), 6));
    for (const char *const *key =
             (const char *const[]){"requestid", "status", "created", "pin", "delegates", "info", NULL};
         *key != NULL; key++)
        cr_expect(json_object_get(root, *key) != NULL, "%s", *key);
    cr_expect(eq(sz, json_object_size(json_object_get(root, "pin")), 4));
    cr_expect(eq(sz, json_array_size(json_object_get(root, "delegates")), 1));
    json_decref(root);
}

Test(psa_render, what_is_not_known_is_left_out)
{
    struct w3p_pin pin = {
        .requestid = "x", .status = W3P_PIN_QUEUED, .cid = (char *)"QmX", .details = (char *)"waiting"};
    json_t *root = written(&pin);
    cr_expect(eq(sz, json_object_size(json_object_get(root, "pin")), 1));
    cr_expect(eq(sz, json_object_size(json_object_get(root, "info")), 2));
    cr_expect(eq(str, (char *)text_at(root, "info", "status_details"), "waiting: chain unreachable"));
    json_decref(root);
    pin.error = (char *)"a reason of its own";
    root = written(&pin);
    cr_expect(eq(str, (char *)text_at(root, "info", "status_details"), "waiting: a reason of its own"));
    json_decref(root);
    pin.error = NULL;
    pin.status = W3P_PIN_PINNING;
    root = written(&pin);
    cr_expect(eq(str, (char *)text_at(root, "info", "status_details"), "waiting"));
    json_decref(root);
}

// Of an order each thing is shown from when it is known: nothing is made up for one that is on its way, or that was
// made before some of it was noted.
Test(psa_render, an_order_step_by_step)
{
    struct w3p_pin pin = full_pin();
    pin.has_event = false;
    pin.order_signer[0] = '\0';
    pin.fee_paid = 0;
    json_t *root = written(&pin);
    cr_expect(eq(sz, json_object_size(json_object_get(root, "info")), 12));
    cr_expect(eq(str, (char *)text_at(root, "info", "order_event"), "(missing)"));
    json_decref(root);
    pin.order_block = 0; // in none
    pin.order_index = 0;
    pin.price_paid = 0;
    root = written(&pin);
    cr_expect(eq(str, (char *)text_at(root, "info", "order_extrinsic"), "(missing)"));
    cr_expect(eq(str, (char *)text_at(root, "info", "order_block_hash"), "(missing)"));
    cr_expect(eq(sz, json_object_size(json_object_get(root, "info")), 8));
    json_decref(root);
    pin.order_block = 1; // the first transaction and the first event of a block
    pin.has_event = true;
    pin.order_event = 0;
    pin.has_block_hash = false;
    root = written(&pin);
    cr_expect(eq(str, (char *)text_at(root, "info", "order_extrinsic"), "1-0"));
    cr_expect(eq(str, (char *)text_at(root, "info", "order_event"), "1-0"));
    cr_expect(eq(str, (char *)text_at(root, "info", "order_block_hash"), "(missing)"));
    json_decref(root);
    pin.has_order = false;
    root = written(&pin);
    cr_expect(eq(sz, json_object_size(json_object_get(root, "info")), 7));
    json_decref(root);
}

// The text is put together in pieces: wherever one ends, nothing is lost.
Test(psa_render, a_value_of_any_length)
{
    struct w3p_pin pin = full_pin();
    char meta[2100];
    for (size_t len = 1; len < sizeof meta - 20; len += len < 1100 ? 1 : 97) {
        int head = snprintf(meta, sizeof meta, "{\"k\":\"");
        memset(meta + head, 'v', len);
        snprintf(meta + head + len, sizeof meta - (size_t)head - len, "\"}");
        pin.meta = meta;
        json_t *root = written(&pin);
        const char *value =
            json_string_value(json_object_get(json_object_get(json_object_get(root, "pin"), "meta"), "k"));
        cr_assert(value != NULL);
        cr_assert(eq(sz, strspn(value, "v"), len));
        cr_assert(eq(sz, json_object_size(root), 6));
        json_decref(root);
    }
}

Test(psa_render, page)
{
    struct w3p_pin pins[2] = {full_pin(), full_pin()};
    struct w3p_pin_page page = {.pins = pins, .len = 2, .count = 5000000000u};
    struct w3p_buf buf;
    struct w3p_json j;
    w3p_buf_init(&buf, W3P_PSA_PAGE_BUF_MAX);
    w3p_json_init(&j, &buf);
    w3p_psa_write_page(&j, &page, &render);
    json_t *root = json_loadb((const char *)buf.ptr, buf.len, JSON_REJECT_DUPLICATES, NULL);
    cr_assert(root != NULL);
    cr_expect(eq(sz, json_object_size(root), 2));
    cr_expect(eq(i64, json_integer_value(json_object_get(root, "count")), INT32_MAX));
    cr_expect(eq(sz, json_array_size(json_object_get(root, "results")), 2));
    json_decref(root);
    w3p_buf_deinit(&buf);
}

Test(psa_render, a_page_that_grows_too_long_ends_early)
{
    enum { ROWS = 1000 };
    static char meta[W3P_PIN_JSON_MAX];
    struct w3p_pin *pins = w3p_calloc(ROWS, sizeof *pins);
    struct w3p_pin_page page = {.pins = pins, .len = ROWS, .count = ROWS};
    struct w3p_buf buf;
    struct w3p_json j;
    memset(meta, 'x', sizeof meta);
    memcpy(meta, "{\"a\":\"", 6);
    memcpy(meta + sizeof meta - 3, "\"}", 3);
    for (size_t i = 0; i < ROWS; i++) {
        pins[i] = full_pin();
        pins[i].meta = meta;
    }
    w3p_buf_init(&buf, W3P_PSA_PAGE_BUF_MAX);
    w3p_json_init(&j, &buf);
    w3p_psa_write_page(&j, &page, &render);
    cr_assert(eq(int, w3p_buf_status(&buf), W3P_OK));
    json_t *root = json_loadb((const char *)buf.ptr, buf.len, JSON_REJECT_DUPLICATES, NULL);
    cr_assert(root != NULL);
    cr_expect(eq(i64, json_integer_value(json_object_get(root, "count")), ROWS));
    cr_expect(lt(sz, 100, json_array_size(json_object_get(root, "results"))));
    cr_expect(lt(sz, json_array_size(json_object_get(root, "results")), ROWS));
    json_decref(root);
    w3p_buf_deinit(&buf);
    free(pins);
}
