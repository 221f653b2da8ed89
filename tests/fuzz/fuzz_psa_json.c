// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the body of POST /pins. What is taken is written into a PinStatus, which must be JSON again, and has the
// fingerprint of what is written. The same bytes as an Idempotency-Key.
#include <stdlib.h>
#include <string.h>

#include "http/psa_json.h"

static void check_written(const struct w3p_psa_pin *parsed)
{
    static const struct w3p_psa_render render = {.delegates_json = "[\"/ip4/127.0.0.1/tcp/1\"]", .waiting = "w"};
    struct w3p_pin pin = {.requestid = "0190163d-8694-739b-aea5-966c26f8ad91",
                          .cid = parsed->cid_text,
                          .name = parsed->name,
                          .meta = parsed->meta,
                          .origins = parsed->origins};
    struct w3p_buf buf;
    struct w3p_json j;
    w3p_buf_init(&buf, W3P_PSA_PAGE_BUF_MAX);
    w3p_json_init(&j, &buf);
    w3p_psa_write_pin(&j, &pin, &render);
    json_t *root = json_loadb(w3p_buf_str(&buf), buf.len, JSON_REJECT_DUPLICATES, NULL);
    if (root == NULL || json_object_size(root) != 6)
        abort();
    json_decref(root);
    w3p_buf_deinit(&buf);
}

static void check_fingerprint(const struct w3p_psa_pin *pin)
{
    struct w3p_psa_pin renamed = *pin;
    uint8_t a32[32], b32[32], c32[32];
    renamed.name = pin->name != NULL ? NULL : (char *)"";
    w3p_psa_pin_fingerprint(a32, pin, NULL);
    w3p_psa_pin_fingerprint(b32, pin, NULL);
    w3p_psa_pin_fingerprint(c32, &renamed, NULL);
    if (memcmp(a32, b32, 32) != 0 || memcmp(a32, c32, 32) == 0)
        abort();
}

static void check_key(const char *text, size_t len)
{
    char out[W3P_PIN_KEY_MAX + 1];
    struct w3p_psa_error err = {0};
    if (w3p_psa_key_parse(out, &err, text, len) != W3P_OK) {
        if (err.reason == NULL || err.details[0] == '\0')
            abort();
        return;
    }
    if (out[0] == '\0' || strlen(out) > W3P_PIN_KEY_MAX || strlen(out) > len)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct w3p_psa_pin pin;
    struct w3p_psa_error err = {0};
    if (w3p_psa_pin_parse(&pin, &err, (const char *)data, size) == W3P_OK) {
        if (pin.cid_text == NULL || (pin.meta != NULL && strlen(pin.meta) > W3P_PIN_JSON_MAX) ||
            (pin.origins != NULL && strlen(pin.origins) > W3P_PIN_JSON_MAX))
            abort();
        check_written(&pin);
        check_fingerprint(&pin);
        w3p_psa_pin_deinit(&pin);
    } else if (err.reason == NULL || err.details[0] == '\0') {
        abort();
    }
    check_key((const char *)data, size);
    return 0;
}
