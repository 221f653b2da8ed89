// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: any bytes as foreign JSON, and any bytes as a text that we write. What we write must be valid JSON.
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t depth_of(json_t *json)
{
    size_t deepest = 0, index;
    const char *key;
    json_t *value;
    if (json_is_array(json)) {
        json_array_foreach(json, index, value)
        {
            size_t depth = depth_of(value);
            deepest = depth > deepest ? depth : deepest;
        }
    } else if (json_is_object(json)) {
        json_object_foreach(json, key, value)
        {
            size_t depth = depth_of(value);
            deepest = depth > deepest ? depth : deepest;
        }
    } else {
        return 0;
    }
    return deepest + 1;
}

static void check_reading(const char *text, size_t len)
{
    struct w3p_errmsg msg = {""};
    json_t *json = w3p_json_parse(&msg, text, len);
    if (json == NULL && msg.text[0] == '\0')
        abort();
    if (depth_of(json) > W3P_JSON_DEPTH_MAX)
        abort();
    json_decref(json);
}

static void check_writing(const char *text, size_t len)
{
    struct w3p_buf out;
    struct w3p_json j;
    w3p_buf_init(&out, 6 * len + 64);
    w3p_json_init(&j, &out);
    w3p_json_begin_object(&j);
    w3p_json_key(&j, "text");
    w3p_json_str_n(&j, text, len);
    w3p_json_int_field(&j, "len", (int64_t)len);
    w3p_json_end_object(&j);
    if (w3p_buf_status(&out) != W3P_OK)
        abort();
    // Our reader refuses NUL characters, even escaped ones.
    json_t *json = w3p_json_parse(NULL, w3p_buf_str(&out), out.len);
    if (json == NULL && (len == 0 || memchr(text, '\0', len) == NULL))
        abort();
    json_decref(json);
    w3p_buf_deinit(&out);
}

// Every kind of value that the writer knows, read back by jansson.
static void check_values(const uint8_t *data, size_t size)
{
    uint64_t number = 0;
    struct w3p_buf out;
    struct w3p_json j;
    for (size_t i = 0; i < size && i < 8; i++)
        number = number << 8 | data[i];
    w3p_buf_init(&out, 2 * size + 400);
    w3p_json_init(&j, &out);
    w3p_json_begin_array(&j);
    w3p_json_hex0x(&j, data, size);
    w3p_json_int(&j, (int64_t)number);
    w3p_json_uint(&j, number >> 1);
    w3p_json_bool(&j, number % 2 == 1);
    w3p_json_str(&j, NULL);
    w3p_json_begin_object(&j);
    w3p_json_bool_field(&j, "odd", number % 2 == 1);
    w3p_json_str_field(&j, "text", "\"\\\n\x1f");
    w3p_json_key(&j, "raw");
    w3p_json_raw(&j, "[]", 2);
    w3p_json_end_object(&j);
    w3p_json_end_array(&j);
    json_t *json = w3p_json_parse(NULL, w3p_buf_str(&out), out.len);
    const json_t *object = json_array_get(json, 5), *odd = json_object_get(object, "odd");
    if (json_array_size(json) != 6 || json_string_length(json_array_get(json, 0)) != 2 + 2 * size ||
        json_integer_value(json_array_get(json, 1)) != (int64_t)number ||
        json_integer_value(json_array_get(json, 2)) != (int64_t)(number >> 1) ||
        json_boolean_value(json_array_get(json, 3)) != (number % 2 == 1) || !json_is_null(json_array_get(json, 4)) ||
        json_object_size(object) != 3 || json_boolean_value(odd) != (number % 2 == 1) ||
        strcmp(json_string_value(json_object_get(object, "text")), "\"\\\n\x1f") != 0)
        abort();
    json_decref(json);
    w3p_buf_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_reading((const char *)data, size);
    check_values(data, size);
    check_writing((const char *)data, size);
    return 0;
}
