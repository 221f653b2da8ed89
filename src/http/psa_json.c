// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: reading the body of a pin request; see psa_json.h. Unknown fields are ignored, known ones of a wrong type
// are refused with their name, and nothing that a client may lawfully send (many origins, odd protocols) is an error.
#include "http/psa_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"

enum { ORIGIN_LEN_MAX = 512, KEY_SHOWN_MAX = 48 };

int w3p_psa_fail(struct w3p_psa_error *err, const char *reason, const char *fmt, ...)
{
    va_list args;
    err->reason = reason;
    va_start(args, fmt);
    (void)vsnprintf(err->details, sizeof err->details, fmt, args);
    va_end(args);
    return W3P_E_INVALID;
}

int w3p_psa_name_check(struct w3p_psa_error *err, const char *text, size_t len)
{
    size_t characters = 0;
    for (size_t at = 0; at < len; characters++) {
        size_t step = text[at] == '\0' ? 0 : w3p_utf8_len((const uint8_t *)text + at, len - at);
        if (step == 0)
            return w3p_psa_fail(err, "INVALID_NAME", "name must be valid UTF-8 text without NUL");
        at += step;
    }
    if (characters > W3P_PIN_NAME_MAX)
        return w3p_psa_fail(err, "INVALID_NAME", "name has %zu characters; at most %d are possible", characters,
                            W3P_PIN_NAME_MAX);
    return W3P_OK;
}

static int parse_cid(struct w3p_psa_pin *out, struct w3p_psa_error *err, const json_t *root)
{
    const json_t *value = json_object_get(root, "cid");
    if (value == NULL)
        return w3p_psa_fail(err, "INVALID_CID", "cid is missing");
    if (!json_is_string(value))
        return w3p_psa_fail(err, "INVALID_CID", "cid must be a string");
    const char *why = NULL;
    if (w3p_cid_parse(&out->cid, &why, json_string_value(value), json_string_length(value)) != W3P_OK)
        return w3p_psa_fail(err, "INVALID_CID", "cid: %s", why != NULL ? why : "not a content identifier");
    out->cid_text = w3p_strdup(json_string_value(value));
    return W3P_OK;
}

static int parse_name(struct w3p_psa_pin *out, struct w3p_psa_error *err, const json_t *root)
{
    const json_t *value = json_object_get(root, "name");
    if (value == NULL || json_is_null(value))
        return W3P_OK;
    if (!json_is_string(value))
        return w3p_psa_fail(err, "INVALID_NAME", "name must be a string");
    if (w3p_psa_name_check(err, json_string_value(value), json_string_length(value)) != W3P_OK)
        return W3P_E_INVALID;
    out->name = w3p_strdup(json_string_value(value));
    return W3P_OK;
}

// Kept are texts that look like a multiaddr of any protocol, in plain ASCII; they are only ever echoed.
static bool origin_usable(const char *text, size_t len)
{
    if (len < 2 || len > ORIGIN_LEN_MAX || text[0] != '/')
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] <= ' ' || text[i] > '~' || text[i] == '"' || text[i] == '\\')
            return false;
    }
    return true;
}

static bool holds_text(json_t *array, const char *text)
{
    size_t index;
    json_t *value;
    json_array_foreach(array, index, value)
    {
        if (strcmp(json_string_value(value), text) == 0)
            return true;
    }
    return false;
}

static int parse_origins(struct w3p_psa_pin *out, struct w3p_psa_error *err, const json_t *root)
{
    json_t *list = json_object_get(root, "origins");
    if (list == NULL || json_is_null(list))
        return W3P_OK;
    if (!json_is_array(list))
        return w3p_psa_fail(err, "INVALID_ORIGINS", "origins must be an array of strings");
    json_t *kept = json_array();
    int result = W3P_OK;
    size_t index;
    json_t *value;
    json_array_foreach(list, index, value)
    {
        if (!json_is_string(value)) {
            result = w3p_psa_fail(err, "INVALID_ORIGINS", "origins[%zu] must be a string", index);
            goto out;
        }
        const char *text = json_string_value(value);
        if (json_array_size(kept) < W3P_PSA_ORIGINS_MAX && origin_usable(text, json_string_length(value)) &&
            !holds_text(kept, text))
            json_array_append(kept, value);
    }
    if (json_array_size(kept) > 0)
        out->origins = json_dumps(kept, JSON_COMPACT);
out:
    json_decref(kept);
    return result;
}

static int parse_size(struct w3p_psa_pin *out, struct w3p_psa_error *err, const json_t *meta)
{
    const json_t *value = json_object_get(meta, "size");
    if (value == NULL)
        return W3P_OK;
    if (w3p_u64_parse(&out->size, json_string_value(value), json_string_length(value)) != W3P_OK || out->size == 0)
        return w3p_psa_fail(err, "INVALID_META", "meta.size must be a decimal number of bytes, 1 or more");
    return W3P_OK;
}

static int parse_meta(struct w3p_psa_pin *out, struct w3p_psa_error *err, const json_t *root)
{
    json_t *meta = json_object_get(root, "meta");
    if (meta == NULL || json_is_null(meta))
        return W3P_OK;
    if (!json_is_object(meta))
        return w3p_psa_fail(err, "INVALID_META", "meta must be an object whose values are strings");
    if (json_object_size(meta) > W3P_PSA_META_MAX)
        return w3p_psa_fail(err, "INVALID_META", "meta has more than %d fields", W3P_PSA_META_MAX);
    const char *key;
    json_t *value;
    json_object_foreach(meta, key, value)
    {
        if (!json_is_string(value))
            return w3p_psa_fail(err, "INVALID_META", "meta.%.*s must be a string", KEY_SHOWN_MAX, key);
    }
    if (json_object_size(meta) == 0)
        return W3P_OK;
    out->meta = json_dumps(meta, JSON_COMPACT);
    if (out->meta == NULL || strlen(out->meta) > W3P_PIN_JSON_MAX)
        return w3p_psa_fail(err, "INVALID_META", "meta is longer than %d bytes", W3P_PIN_JSON_MAX);
    return parse_size(out, err, meta);
}

int w3p_psa_pin_parse(struct w3p_psa_pin *out, struct w3p_psa_error *err, const char *body, size_t len)
{
    struct w3p_errmsg msg = {0};
    int result = W3P_E_INVALID;
    *out = (struct w3p_psa_pin){0};
    json_t *root = w3p_json_parse(&msg, body, len);
    if (root == NULL) {
        (void)w3p_psa_fail(err, "INVALID_JSON", "the body is not JSON: %.200s", msg.text);
        goto out;
    }
    if (!json_is_object(root)) {
        (void)w3p_psa_fail(err, "INVALID_JSON", "the body must be a JSON object");
        goto out;
    }
    if (parse_cid(out, err, root) == W3P_OK && parse_name(out, err, root) == W3P_OK &&
        parse_origins(out, err, root) == W3P_OK && parse_meta(out, err, root) == W3P_OK)
        result = W3P_OK;
out:
    json_decref(root);
    if (result != W3P_OK)
        w3p_psa_pin_deinit(out);
    return result;
}

void w3p_psa_pin_deinit(struct w3p_psa_pin *pin)
{
    free(pin->cid_text);
    free(pin->name);
    free(pin->meta);
    free(pin->origins);
    *pin = (struct w3p_psa_pin){0};
}

static int fail_key(struct w3p_psa_error *err, const char *what)
{
    return w3p_psa_fail(err, "INVALID_IDEMPOTENCY_KEY",
                        "Idempotency-Key %s; it must be one text of 1 to %d printable ASCII characters", what,
                        W3P_PIN_KEY_MAX);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

int w3p_psa_key_parse(char out[W3P_PIN_KEY_MAX + 1], struct w3p_psa_error *err, const char *text, size_t len)
{
    for (; len > 0 && is_blank(text[0]); text++)
        len--;
    while (len > 0 && is_blank(text[len - 1])) // HTTP's, and not part of the value
        len--;
    bool quoted = len > 0 && text[0] == '"';
    size_t n = 0, end = len;
    if (quoted && (len < 2 || text[len - 1] != '"'))
        return fail_key(err, "begins with a quote and does not end with one");
    end -= quoted ? 1 : 0;
    for (size_t i = quoted ? 1 : 0; i < end; i++) {
        if (quoted && text[i] == '"')
            return fail_key(err, "has a quote within its quotes");
        if (quoted && text[i] == '\\' && (++i == end || (text[i] != '"' && text[i] != '\\')))
            return fail_key(err, "has a backslash that escapes nothing");
        if (text[i] < ' ' || text[i] > '~')
            return fail_key(err, "has a character that is not printable ASCII");
        if (n == W3P_PIN_KEY_MAX)
            return fail_key(err, "is too long");
        out[n++] = text[i];
    }
    out[n] = '\0';
    return n > 0 ? W3P_OK : fail_key(err, "is empty");
}

// One part of what a fingerprint is of. A part that is missing is another one than an empty one.
static void put_part(struct w3p_buf *buf, const char *text)
{
    w3p_buf_put_str(buf, text != NULL ? "+" : "-");
    w3p_buf_put_str(buf, text != NULL ? text : "");
    w3p_buf_put(buf, "", 1); // no part has a NUL
}

void w3p_psa_pin_fingerprint(uint8_t out32[32], const struct w3p_psa_pin *pin, const char *requestid)
{
    struct w3p_buf buf;
    json_t *meta = pin->meta != NULL ? json_loads(pin->meta, 0, NULL) : NULL;
    char *sorted = json_dumps(meta, JSON_COMPACT | JSON_SORT_KEYS); // NULL without meta
    w3p_buf_init(&buf, W3P_PSA_BODY_MAX * 4);
    put_part(&buf, requestid);
    put_part(&buf, pin->cid_text);
    put_part(&buf, pin->name);
    put_part(&buf, pin->origins);
    put_part(&buf, sorted);
    w3p_sha256(out32, w3p_buf_str(&buf), buf.len);
    w3p_buf_deinit(&buf);
    free(sorted);
    json_decref(meta);
}
